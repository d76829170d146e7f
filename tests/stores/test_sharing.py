"""Mailboxes of other users: who may do what, in every store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailproto.stores import Account, FlagChange, Mailbox, MailStore, StoreError, Upload
from mailproto.stores.acl import ALL_RIGHTS, NO_RIGHTS, Acl
from mailproto.stores.maildir import MaildirStore, tree
from mailproto.stores.rules import acl_with
from mailproto.stores.sharing import SharedMailbox, SharingStore

from ..libraries import Library
from .kinds import MakeStore, content, pieces

ADD, REMOVE, REPLACE = FlagChange.ADD, FlagChange.REMOVE, FlagChange.REPLACE
BOX = "user/ann/Work"


async def grant(account: Account, name: str, **rights: str | None) -> None:
    """Set rights by identifier; ``not_`` stands for the dash, None removes an entry."""
    mailbox = await account.mailbox(name)
    for who, letters in rights.items():
        who = who.replace("not_", "-")
        given = None if letters is None else frozenset(letters)
        await mailbox.change_acl(partial(acl_with, identifier=who, rights=given))


async def shared(store: MailStore, rights: str) -> tuple[Account, Account]:
    """Return the accounts of ann and bob, who has rights to a mailbox with three messages."""
    sharing = SharingStore(store)
    ann = await sharing.account("ann")
    work = await ann.create("Work")
    for number in range(3):
        await work.append(pieces(b"%d\r\n" % number), ["\\Flagged"])
    await grant(ann, "Work", bob=rights)
    return ann, await sharing.account("bob")


async def refused(code: str, act: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(StoreError) as caught:
        await act()
    assert caught.value.code == code, caught.value


async def seen(account: Account) -> list[str]:
    return [info.name for info in await account.mailboxes()]


def opened(account: Account, name: str = BOX) -> Callable[[], Awaitable[Mailbox]]:
    return lambda: account.mailbox(name)


async def flags(mailbox: Mailbox) -> list[set[str]]:
    return [set(info.flags) for info in await mailbox.messages()]


# --- what there is ---


async def test_nothing_is_shared_at_first(library: Library, make_store: MakeStore) -> None:
    store = SharingStore(make_store())
    ann, bob = await store.account("ann"), await store.account("bob")
    await ann.create("Work")
    assert not await store.sharing("bob")
    assert await seen(bob) == ["INBOX"]
    inbox = await bob.mailbox("inbox")
    assert inbox.rights == ALL_RIGHTS
    assert inbox.owner is None
    assert not await inbox.acl()
    for name in (BOX, "user/ann/INBOX", "user/ann", "user/", "user/nobody/INBOX", "user/bob/INBOX"):
        await refused("NONEXISTENT", opened(bob, name))


async def test_nobodys_account_is_made_by_asking(library: Library, make_store: MakeStore) -> None:
    store = make_store()
    _, bob = await shared(store, "lr")
    await refused("NONEXISTENT", opened(bob, "user/nobody/INBOX"))
    await refused("NOPERM", lambda: bob.create("user/nobody/x"))
    root = getattr(store, "_root_of", None)
    if root is not None:
        assert not root("nobody").exists()


async def test_what_is_shared_is_listed(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lr")
    await ann.create("Home", [r"\Drafts"])
    await grant(ann, "Home", anyone="lr")
    await grant(ann, "INBOX", bob="r")
    assert await seen(bob) == ["INBOX", "user/ann/Home", BOX]
    assert not any(info.attributes for info in await bob.mailboxes())
    assert await seen(ann) == ["Home", "INBOX", "Work"]
    await grant(ann, "Home", not_bob="l")
    await grant(ann, "Work", bob=None)
    assert await seen(bob) == ["INBOX"]
    await refused("NONEXISTENT", opened(bob))


async def test_a_new_process_knows_what_is_shared(library: Library, make_store: MakeStore) -> None:
    store = make_store()
    await shared(store, "lr")
    again = store if store.poll_interval is None else make_store()
    bob = await SharingStore(again).account("bob")
    assert await seen(bob) == ["INBOX", BOX]
    work = await bob.mailbox(BOX)
    assert await content(work, 2) == b"1\r\n"
    assert (work.name, work.owner) == (BOX, "ann")
    assert work.rights == {*"lr"}


async def test_mailboxes_differ(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lr")
    ids = [(await account.mailbox("INBOX")).mailbox_id for account in (ann, bob)]
    ids += [(await bob.mailbox(BOX)).mailbox_id]
    assert len({*ids}) == 3
    assert (await ann.mailbox("Work")).mailbox_id == ids[2]


# --- rights ---


async def uids(mailbox: Mailbox) -> list[int]:
    return [info.uid for info in await mailbox.messages()]


async def read(mailbox: Mailbox, how: Callable[[Mailbox], AsyncIterator[object]]) -> None:
    """Read what there is to read; the rights are those that were looked up last."""
    assert isinstance(mailbox, SharedMailbox)
    await mailbox.look_up()
    assert [piece async for piece in how(mailbox)]


ACTS: dict[str, tuple[str, Callable[[Mailbox], Awaitable[object]]]] = {
    "state": ("r", lambda box: box.state()),
    "messages": ("r", lambda box: box.messages()),
    "find": ("r", lambda box: box.find([1])),
    "keywords": ("r", lambda box: box.keywords()),
    "expunged": ("r", lambda box: box.expunged(0)),
    "read": ("r", lambda box: read(box, lambda box: box.read(1))),
    "beginnings": ("r", lambda box: read(box, lambda box: box.beginnings([1], 10))),
    "headers": ("r", lambda box: read(box, lambda box: box.headers([1], ["subject"]))),
    "append": ("i", lambda box: box.append(pieces(b"x"))),
    "seen": ("rs", lambda box: box.change_flags([1], ADD, ["\\Seen"])),
    "unseen": ("rs", lambda box: box.change_flags([1], REMOVE, ["\\Seen"])),
    "deleted": ("rt", lambda box: box.change_flags([1], ADD, ["\\Deleted"])),
    "keyword": ("rw", lambda box: box.change_flags([1], ADD, ["Keyword"])),
    "expunge": ("e", lambda box: box.expunge([1])),
    "acl": ("a", lambda box: box.acl()),
    "change_acl": ("a", lambda box: box.change_acl(lambda acl: acl)),
}


async def test_every_act_needs_its_right(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "l")
    mailbox = await bob.mailbox(BOX)
    for needed, do in ACTS.values():
        for missing in needed:
            await grant(ann, "Work", bob="".join(ALL_RIGHTS - {missing}))
            await refused("NOPERM", partial(do, mailbox))
            await grant(ann, "Work", bob="".join(ALL_RIGHTS - {missing, "l"}))
            await refused("NONEXISTENT", partial(do, mailbox))
        await grant(ann, "Work", bob=needed + "l")
        await do(mailbox)
    await grant(ann, "Work", bob="")
    await refused("NONEXISTENT", mailbox.state)
    assert mailbox.rights == NO_RIGHTS


@pytest.mark.parametrize("rights", ["", "swtep"])
async def test_what_may_not_be_seen_does_not_exist(
    library: Library, make_store: MakeStore, rights: str
) -> None:
    _, bob = await shared(make_store(), rights)
    texts = set()
    for name in (BOX, "user/ann/work", "user/ann/Nothing", "user/carol/Work"):
        for act in (
            opened(bob, name),
            partial(bob.delete, name),
            partial(bob.rename, name, f"{name}2"),
            partial(bob.metadata, name),
            partial(bob.set_metadata, {"/shared/comment": b"x"}, name),
        ):
            with pytest.raises(StoreError) as caught:
                await act()
            texts.add((caught.value.code, str(caught.value)))
    assert len(texts) == 1
    assert await seen(bob) == ["INBOX"]


async def test_flags_that_may_not_be_set_are_dropped(
    library: Library, make_store: MakeStore
) -> None:
    ann, bob = await shared(make_store(), "")
    every = ["\\Seen", "\\Deleted", "\\Draft", "Key"]
    inbox = await bob.mailbox("INBOX")
    for rights, kept in (
        ("lri", set()),
        ("lris", {"\\Seen"}),
        ("lrit", {"\\Deleted"}),
        ("lriw", {"\\Draft", "Key"}),
        ("lriswt", {*every}),
    ):
        await grant(ann, "Work", bob=rights)
        work = await bob.mailbox(BOX)
        assert (await work.append(pieces(b"x"), every)).flags == kept
        own = await inbox.append(pieces(b"own"), every)
        ((_, uid),) = await inbox.copy([own.uid], work)
        ((_, moved),) = await inbox.move([own.uid], work)
        assert [set(i.flags) for i in await work.find([uid, moved])] == [kept, kept]
        assert await content(work, moved) == b"own"
        assert not await inbox.messages()


async def test_flags_are_replaced_as_far_as_rights_go(
    library: Library, make_store: MakeStore
) -> None:
    ann, bob = await shared(make_store(), "lr")
    own, work = await ann.mailbox("Work"), await bob.mailbox(BOX)
    before = {"\\Seen", "\\Deleted", "\\Flagged", "Old"}
    for rights, named, after in (
        ("s", ["\\Seen", "New"], before),
        ("s", ["\\Flagged"], before - {"\\Seen"}),
        ("t", [], before - {"\\Deleted"}),
        ("w", ["New"], {"\\Seen", "\\Deleted", "New"}),
        ("wt", [], {"\\Seen"}),
        ("swt", ["New"], {"New"}),
    ):
        await grant(ann, "Work", bob="lr" + rights)
        await own.change_flags([1, 2], REPLACE, [])
        await own.change_flags([1], REPLACE, before)
        modseq = (await own.state()).highest_modseq
        await own.change_flags([2], REPLACE, before)
        assert {*await work.change_flags([1, 2], REPLACE, named, unchanged_since=modseq)} == {2}
        assert (await flags(work))[:2] == [after, before]


async def test_no_flag_may_be_changed(library: Library, make_store: MakeStore) -> None:
    _, bob = await shared(make_store(), "lripkxea")
    work = await bob.mailbox(BOX)
    for change in (ADD, REMOVE, REPLACE):
        for named in (["\\Seen"], ["\\Flagged", "\\Deleted"]):
            await refused("NOPERM", partial(work.change_flags, [1], change, named))
    await refused("NOPERM", lambda: work.change_flags([1], REPLACE, []))


async def test_messages_leave_only_with_the_rights_for_it(
    library: Library, make_store: MakeStore
) -> None:
    ann, bob = await shared(make_store(), "lr")
    work, inbox = await bob.mailbox(BOX), await bob.mailbox("INBOX")
    assert [uid for uid, _ in await work.copy([1, 2], inbox)] == [1, 2]
    for rights in ("lr", "lrt", "lre"):
        await grant(ann, "Work", bob=rights)
        await refused("NOPERM", lambda: work.move([1, 2], inbox))
    assert len(await inbox.messages()) == 2
    await grant(ann, "Work", bob="lte")
    await refused("NOPERM", lambda: work.copy([1], inbox))
    await grant(ann, "Work", bob="lrte")
    assert [uid for uid, _ in await work.move([1, 2], inbox)] == [1, 2]
    assert await uids(work) == [3]
    await refused("NOPERM", lambda: inbox.copy([1], work))
    await refused("NOPERM", lambda: inbox.move([1], work))
    assert len(await inbox.messages()) == 4


async def test_uploads_are_gone_if_the_right_is(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lri")
    work = await bob.mailbox(BOX)
    upload = await work.upload(pieces(b"x"))
    await grant(ann, "Work", bob="lr")
    await refused("NOPERM", lambda: work.commit([upload]))
    await refused("NOPERM", lambda: work.upload(pieces(b"x")))
    await grant(ann, "Work", bob="lri")
    assert len(await work.messages()) == 3


async def test_who_loses_the_right_can_not_take_it_back(
    library: Library, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner may change the ACL between the look at the right and the user's change."""
    ann, bob = await shared(make_store(), "la")
    work = await bob.mailbox(BOX)
    original = await ann.mailbox("Work")
    change_acl = original.change_acl

    async def outrun(change: Callable[[Acl], Acl]) -> None:
        monkeypatch.undo()
        await grant(ann, "Work", bob=None)
        await change_acl(change)

    monkeypatch.setattr(original, "change_acl", outrun)
    change = partial(acl_with, identifier="bob", rights=ALL_RIGHTS)
    await refused("NONEXISTENT", lambda: work.change_acl(change))
    assert not await original.acl()


async def test_nothing_is_left_of_copies_that_fail(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bob = await shared(MaildirStore(tmp_path, library.runtime), "lri")
    work, inbox = await bob.mailbox(BOX), await bob.mailbox("INBOX")
    for _ in range(2):
        await inbox.append(pieces(b"x"))
    upload = work.upload
    staged: list[Path] = []

    async def once(*arguments: Any) -> Upload:
        if staged:
            raise StoreError("OVERQUOTA", "full")
        made = await upload(*arguments)
        staged.extend((tmp_path / "ann" / ".Work" / "tmp").iterdir())
        return made

    monkeypatch.setattr(work, "upload", once)
    await refused("OVERQUOTA", lambda: inbox.copy([1, 2], work))
    assert len(staged) == 1
    assert not staged[0].exists()


# --- mailboxes ---


async def test_a_new_mailbox_has_the_acl_of_the_one_above(
    library: Library, make_store: MakeStore
) -> None:
    ann, bob = await shared(make_store(), "lrk")
    made = await bob.create(f"{BOX}/2026/May/")
    assert made.name == f"{BOX}/2026/May"
    assert made.rights == {*"lrk"}
    assert await seen(ann) == ["INBOX", "Work", "Work/2026/May"]
    acl = await (await ann.mailbox("Work/2026/May")).acl()
    assert acl == {"bob": {*"lrk"}}
    await grant(ann, "Work", bob="lk")
    assert (await bob.mailbox(made.name)).rights == {*"lrk"}
    await refused("ALREADYEXISTS", lambda: bob.create(f"{BOX}/2026/May"))


async def test_making_takes_a_right_above(library: Library, make_store: MakeStore) -> None:
    _, bob = await shared(make_store(), "".join(ALL_RIGHTS - {"k"}))
    for name in (f"{BOX}/x", "user/ann/x", "user/ann", "user/ann/", "user/", "user/carol/x"):
        await refused("NOPERM", partial(bob.create, name))


async def test_mailboxes_are_deleted_and_renamed(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lrk")
    await ann.create("Other")
    await refused("NOPERM", lambda: bob.delete(BOX))
    await refused("NOPERM", lambda: bob.rename(BOX, f"{BOX}2"))
    await grant(ann, "Work", bob="lrx")
    await refused("NOPERM", lambda: bob.rename(BOX, "user/ann/Other/Work"))
    await grant(ann, "Other", bob="k")
    await bob.rename(BOX, "user/ann/Other/Work")
    assert await seen(ann) == ["INBOX", "Other", "Other/Work"]
    assert (await bob.mailbox("user/ann/Other/Work")).rights == {*"lrx"}
    for old, new in (("user/ann/Other/Work", "Mine"), ("INBOX", f"{BOX}/x"), (BOX, "user/carol/x")):
        await refused("CANNOT", partial(bob.rename, old, new))
    await bob.delete("user/ann/Other/Work")
    assert await seen(ann) == ["INBOX", "Other"]
    await ann.create("Work")
    assert not await (await ann.mailbox("Work")).acl()


async def test_names_that_are_taken_say_nothing_of_others(
    library: Library, make_store: MakeStore
) -> None:
    ann, bob = await shared(make_store(), "lrkx")
    for name in ("Work/a", "Work/a/hidden", "Work/b/hidden"):
        await ann.create(name)
        await grant(ann, name, bob="x" if name == "Work/a" else None)
    for act in (partial(bob.create, f"{BOX}/a"), partial(bob.rename, f"{BOX}/a", f"{BOX}/b")):
        with pytest.raises(StoreError, match="that name") as caught:
            await act()
        assert caught.value.code == "ALREADYEXISTS"


async def test_the_inbox_of_another_stays(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lrkx")
    await grant(ann, "INBOX", bob="lrx")
    await refused("CANNOT", lambda: bob.rename("user/ann/inbox", f"{BOX}/x"))
    await refused("CANNOT", lambda: bob.delete("user/ann/inbox"))


async def test_a_renamed_mailbox_keeps_its_acl(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lr")
    work = await bob.mailbox(BOX)
    await ann.rename("Work", "Play")
    assert await seen(bob) == ["INBOX", "user/ann/Play"]
    assert (await work.state()).messages == 3
    assert work.name == "user/ann/Play"


async def test_subscriptions_are_the_users(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lr")
    for name in (BOX, "user/ann@x.example/Work", "user/nobody/x"):
        await bob.subscribe(name, True)
    assert BOX in await bob.subscriptions()
    assert "user/ann@x.example/Work" in await bob.subscriptions()
    await bob.subscribe(BOX, False)
    assert BOX not in await bob.subscriptions()
    await bob.subscribe("user/ann/inbox", True)
    assert "user/ann/INBOX" in await bob.subscriptions()
    assert not await ann.subscriptions()


async def test_annotations(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lr")
    await ann.set_metadata({"/shared/comment": b"all", "/private/comment": b"mine"}, "Work")
    assert await bob.metadata(BOX) == {"/shared/comment": b"all"}
    change = {"/shared/comment": b"new"}
    await refused("NOPERM", lambda: bob.set_metadata(change, BOX))
    await grant(ann, "Work", bob="lw")
    await bob.set_metadata(change, BOX)
    await refused("NOPERM", lambda: bob.set_metadata({"/private/comment": b"x"}, BOX))
    assert (await ann.metadata("Work"))["/shared/comment"] == b"new"
    for rights in ("la", "r", "w"):
        await grant(ann, "Work", bob=rights)
        with pytest.raises(StoreError):
            await bob.metadata(BOX)
    await bob.set_metadata({"/private/comment": b"own"}, "INBOX")
    assert await bob.metadata("INBOX") == {"/private/comment": b"own"}


# --- watching ---


async def test_changes_are_told(library: Library, make_store: MakeStore) -> None:
    ann, bob = await shared(make_store(), "lr")
    told: list[str] = []
    stop = bob.watch(told.append)
    work = await bob.mailbox(BOX)
    woken: list[None] = []
    work.watch(lambda: woken.append(None))
    own = await ann.mailbox("Work")
    await own.change_flags([1], ADD, ["\\Seen"])
    assert BOX in told
    assert woken
    told.clear()
    woken.clear()
    await grant(ann, "Work", bob="l")
    assert BOX in told
    assert woken
    await (await bob.mailbox("INBOX")).append(pieces(b"x"))
    assert "INBOX" in told
    told.clear()
    await ann.set_metadata({"/shared/comment": b"of the account"})
    assert not told
    stop()
    await own.change_flags([1], ADD, ["\\Deleted"])
    assert not told


# --- who shares with whom, beside Maildirs ---


async def test_grants_are_noted_as_long_as_there_are_some(library: Library, tmp_path: Path) -> None:
    store = MaildirStore(tmp_path / "mail", library.runtime)
    ann = await store.account("ann")
    for name in ("A", "B"):
        await ann.create(name)
        await grant(ann, name, bob="lr", anyone="", not_carol="l")
    assert await store.sharing("bob") == {"ann"}
    assert not await store.sharing("carol")
    assert not await store.sharing("ann")
    await grant(ann, "A", bob=None)
    assert await store.sharing("bob") == {"ann"}
    await grant(ann, "B", bob="")
    assert not await store.sharing("bob")
    await grant(ann, "B", anyone="l")
    assert await store.sharing("carol") == {"ann"}
    await grant(ann, "B", anyone="")
    (tmp_path / "mail" / "ann" / ".A" / "dovecot-acl").write_text("user=dave lr\n")
    await grant(ann, "B", bob="lr")  # what other programs wrote is noted now, too
    assert await store.sharing("dave") == {"ann"}
    assert not await store.sharing("carol")


async def test_nothing_is_left_of_grants(library: Library, tmp_path: Path) -> None:
    store = MaildirStore(tmp_path / "mail", library.runtime)
    ann, eve = await store.account("ann"), await store.account("eve")
    for number in range(5):
        for account in (ann, eve):
            await grant(account, "INBOX", **{f"user{number}": "lr"})
        await grant(ann, "INBOX", **{f"user{number}": None})
        assert await store.sharing(f"user{number}") == {"eve"}
        await grant(eve, "INBOX", **{f"user{number}": None})
    assert not [*(tmp_path / "mail" / ".mailproto-grants").iterdir()]


async def test_a_grant_is_noted_before_it_counts(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash in between, others look in vain; they do not overlook anything."""
    store = MaildirStore(tmp_path / "mail", library.runtime)
    ann = await store.account("ann")

    def crash(folder: Path, acl: Acl) -> None:
        raise OSError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(tree, "write_acl", crash)
        with pytest.raises(StoreError, match="power"):
            await grant(ann, "INBOX", bob="lr")
    bob = await SharingStore(store).account("bob")
    assert await store.sharing("bob") == {"ann"}
    assert await seen(bob) == ["INBOX"]
    await refused("NONEXISTENT", opened(bob, "user/ann/INBOX"))


async def test_another_process_takes_rights_away(library: Library, tmp_path: Path) -> None:
    store = MaildirStore(tmp_path / "mail", library.runtime)
    _, bob = await shared(store, "lrs")
    work = await bob.mailbox(BOX)
    await work.change_flags([1], ADD, ["\\Seen"])
    ann = await MaildirStore(tmp_path / "mail", library.runtime).account("ann")
    await grant(ann, "Work", bob="lr")
    await refused("NOPERM", lambda: work.change_flags([2], ADD, ["\\Seen"]))
    await ann.rename("Work", "Play")
    await grant(ann, "Play", bob="l")
    await refused("NOPERM", work.state)
    assert await seen(bob) == ["INBOX", "user/ann/Play"]
    await ann.delete("Play")
    await refused("NONEXISTENT", work.state)


async def test_odd_owners(library: Library, tmp_path: Path) -> None:
    """Whoever it is that shares, and whatever is found among the notes."""
    store = MaildirStore(tmp_path / "mail", library.runtime)
    owners = ("ann@x.example", "a b", "jörg", "100%25", "-ann", "x" * 80)
    for owner in owners:
        await grant(await store.account(owner), "INBOX", anyone="lr")
    bob = await SharingStore(store).account("bob")
    names = [f"user/{owner}/INBOX" for owner in owners]
    assert await seen(bob) == sorted(["INBOX", *names])
    for name in names:
        assert (await bob.mailbox(name)).rights == {*"lr"}
    (notes,) = (tmp_path / "mail" / ".mailproto-grants").iterdir()
    for junk in (".junk", "no%2Fslash", "nobody", "%00", "%E0"):
        (notes / junk).touch()
    assert await seen(bob) == sorted(["INBOX", *names])


async def test_where_grants_are_not_kept_nothing_is_shared(
    library: Library, tmp_path: Path
) -> None:
    store = MaildirStore(lambda user: tmp_path / user, library.runtime)
    assert not store.shares
    assert not await store.sharing("bob")
    ann = await store.account("ann")
    await refused("NOPERM", lambda: grant(ann, "INBOX", bob="lr"))
    assert not (tmp_path / "ann" / "dovecot-acl").exists()
    kept = MaildirStore(lambda user: tmp_path / user, library.runtime, grants=tmp_path / "grants")
    await grant(await kept.account("ann"), "INBOX", bob="lr")
    assert await kept.sharing("bob") == {"ann"}


async def test_an_acl_that_is_not_understood_stays(library: Library, tmp_path: Path) -> None:
    store = MaildirStore(tmp_path / "mail", library.runtime)
    ann = await store.account("ann")
    await grant(ann, "INBOX", bob="lr")
    file = tmp_path / "mail" / "ann" / "dovecot-acl"
    bob = await SharingStore(store).account("bob")
    inbox = await bob.mailbox("user/ann/INBOX")
    text = file.read_text() + "group=team lr\n"
    file.write_text(text)
    await refused("NONEXISTENT", inbox.state)
    assert await seen(bob) == ["INBOX"]
    await refused("CANNOT", lambda: grant(ann, "INBOX", bob="lrs"))
    assert file.read_text() == text
    file.unlink()
    file.mkdir()
    await refused("UNAVAILABLE", inbox.state)
    assert await seen(bob) == ["INBOX"]


async def test_errors_name_no_mailbox_and_no_directory(library: Library, tmp_path: Path) -> None:
    """What is wrong with one mailbox would tell of it to whoever may use another one."""
    store = MaildirStore(tmp_path / "mail", library.runtime)
    ann, bob = await shared(store, "lrka")
    await ann.create("Secret")
    (tmp_path / "mail" / "ann" / ".Secret" / "dovecot-acl").symlink_to("elsewhere")
    work = await bob.mailbox(BOX)
    for act in (
        partial(bob.create, f"{BOX}/x"),
        partial(work.change_acl, partial(acl_with, identifier="carol", rights=NO_RIGHTS)),
    ):
        with pytest.raises(StoreError) as caught:
            await act()
        assert caught.value.code == "UNAVAILABLE"
        assert "Secret" not in str(caught.value)
        assert "mail/" not in str(caught.value)
