"""What every store does: messages, changes, mailboxes."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mailproto.stores import Account, FlagChange, Mailbox, MemoryStore, StoreError

from ..libraries import Library
from .kinds import MakeStore, ann, broken, content, pieces

MESSAGE = b"Subject: hello\r\n\r\nline\r\n.\r\n"
ADD, REMOVE, REPLACE = FlagChange.ADD, FlagChange.REMOVE, FlagChange.REPLACE


async def fill(mailbox: Mailbox, count: int) -> None:
    for number in range(count):
        await mailbox.append(pieces(b"Subject: %d\r\n\r\n" % number))


async def flags(mailbox: Mailbox) -> dict[int, set[str]]:
    return {info.uid: set(info.flags) for info in await mailbox.messages()}


async def refused(code: str, act: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(StoreError) as caught:
        await act()
    assert caught.value.code == code


@pytest.mark.parametrize(
    "octets",
    [
        MESSAGE,
        b"",
        b"\r",
        b"\n",
        b"no end",
        b"bare\nLF\r\n",
        b"a\r\r\nb\r\n",
        b"a\r\n" * 50_000,
        b"a\r\n" * 50_000 + b"\n" + b"b\r\n" * 50_000,
        bytes(range(256)) * 1000,
        b"\r" * 300_000,
    ],
    ids=lambda octets: repr(octets[:10]),
)
@pytest.mark.parametrize("size", [1, 1000, 131_073])
async def test_octets_come_back(
    library: Library, make_store: MakeStore, octets: bytes, size: int
) -> None:
    if size == 1 and len(octets) > 1000:
        octets = octets[:100] + octets[-100:]
    _, inbox = await ann(make_store)
    cut = [octets[at : at + size] for at in range(0, len(octets), size)]
    info = await inbox.append(pieces(*cut))
    assert (info.uid, info.size) == (1, len(octets))
    assert await content(inbox, 1) == octets
    for start, length in ((0, 0), (1, 1), (7, 60_000), (100_000, 150_000), (120_000, None)):
        end = None if length is None else start + length
        assert await content(inbox, 1, start, length) == octets[start:end]
    assert await content(inbox, 1, 10**9) == b""


async def test_a_message_that_is_not_there(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    await refused("NONEXISTENT", lambda: content(inbox, 2))


async def test_what_is_told_of_a_message(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    date = datetime(2001, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=1)))
    info = await inbox.append(pieces(MESSAGE), ["\\Seen", "$Junk"], date)
    assert info.flags == {"\\Seen", "$Junk"}
    assert info.internal_date == date
    assert info.save_date is not None
    assert abs(info.save_date - datetime.now(UTC)) < timedelta(minutes=1)
    assert await inbox.messages() == [info]
    assert set(await inbox.keywords()) == {"$Junk"}


async def test_a_message_that_breaks_off_is_not_there(
    library: Library, make_store: MakeStore
) -> None:
    _, inbox = await ann(make_store)
    for octets in (b"", b"x" * 3_000_000):
        with pytest.raises(OSError, match="gone"):
            await inbox.append(broken(octets))
    assert await inbox.messages() == []


async def test_several_are_committed_at_once(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    told: list[int] = []
    inbox.watch(lambda: told.append(1))
    uploads = [await inbox.upload(pieces(bytes([65 + n]))) for n in range(3)]
    unwanted = await inbox.upload(pieces(b"unwanted"), ["\\Seen"])
    assert [upload.size for upload in (*uploads, unwanted)] == [1, 1, 1, 8]
    unwanted.discard()
    assert await inbox.messages() == []
    assert [info.uid for info in await inbox.commit(uploads)] == [1, 2, 3]
    assert len(told) == 1
    assert [await content(inbox, uid) for uid in (1, 2, 3)] == [b"A", b"B", b"C"]
    uploads[0].discard()  # too late
    assert await content(inbox, 1) == b"A"


async def test_changes_are_counted(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    told: list[int] = []
    stop = inbox.watch(lambda: told.append(1))
    await fill(inbox, 5)
    before = await inbox.state()
    assert (before.uid_next, before.messages, len(told)) == (6, 5, 5)
    assert await inbox.change_flags([2, 4, 9], ADD, ["\\Seen"]) == []
    changed = await inbox.messages(before.highest_modseq)
    assert [info.uid for info in changed] == [2, 4]
    assert await inbox.change_flags([2, 3], REPLACE, ["a"], before.highest_modseq) == [2]
    await inbox.change_flags([4], REMOVE, ["\\Seen", "never"])
    between = (await inbox.state()).highest_modseq
    assert await inbox.change_flags([4], REMOVE, ["\\Seen"]) == []  # changes nothing
    assert (await inbox.state()).highest_modseq == between
    await inbox.expunge([1, 3, 99])
    assert await inbox.expunged(before.highest_modseq) == [1, 3]
    assert await inbox.expunged((await inbox.state()).highest_modseq) == []
    assert await flags(inbox) == {2: {"\\Seen"}, 4: set(), 5: set()}
    count = len(told)
    stop()
    assert (await inbox.append(pieces(b"x"))).uid == 6
    assert len(told) == count


async def test_what_can_be_a_flag(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    await inbox.append(pieces(MESSAGE), ["One"])
    for odd in ("\\Nonsense", "\\Recent", "a b", "", "ä"):
        await refused("CANNOT", lambda odd=odd: inbox.change_flags([1], ADD, ["x", odd]))  # type: ignore[misc]
        await refused("CANNOT", lambda odd=odd: inbox.append(pieces(MESSAGE), [odd]))  # type: ignore[misc]
        await inbox.change_flags([1], REMOVE, [odd])
    many = [f"k{number}" for number in range(1001)]
    await refused("LIMIT", lambda: inbox.change_flags([1], REPLACE, many))
    assert await flags(inbox) == {1: {"One"}}
    await inbox.change_flags([1], ADD, ["ONE", "\\seen", "two", "TWO"])
    found = {flag.lower() for flag in (await flags(inbox))[1] - {"One", "\\Seen"}}
    assert found == {"two"}
    await inbox.change_flags([1], REMOVE, ["oNE", "\\SEEN", "Two"])
    assert await flags(inbox) == {1: set()}


async def test_the_last_uid_is_not_given_again(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    await fill(inbox, 2)
    await inbox.expunge([2])
    assert (await inbox.append(pieces(b"x"))).uid == 3


async def test_messages_are_found_by_uid(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    await fill(inbox, 4)
    await inbox.expunge([2])
    await inbox.change_flags([3], ADD, ["x"])
    assert [(i.uid, set(i.flags)) for i in await inbox.find([1, 2, 3, 9])] == [
        (1, set()),
        (3, {"x"}),
    ]
    assert await inbox.find([]) == []


async def test_changed_messages_come_by_uid(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    await fill(inbox, 3)
    await inbox.change_flags([3], ADD, ["\\Seen"])
    await inbox.change_flags([1], ADD, ["\\Seen"])
    assert [info.uid for info in await inbox.messages()] == [1, 2, 3]
    assert [info.uid for info in await inbox.messages(1)] == [1, 2, 3]
    fresh = await (await make_store().account("ann")).mailbox("INBOX")
    listed = [info.uid for info in await fresh.messages()]
    assert listed in ([1, 2, 3], [])  # memory has nothing to read again


async def test_copy_and_move(library: Library, make_store: MakeStore) -> None:
    account, inbox = await ann(make_store)
    target = await account.create("Target")
    await fill(inbox, 3)
    await target.append(pieces(b"first"))
    await inbox.change_flags([2], ADD, ["\\Flagged", "$Work", "$Forwarded"])
    assert await inbox.copy([3, 2, 7], target) == [(3, 2), (2, 3)]
    assert await inbox.move([2, 9], target) == [(2, 4)]
    assert [info.uid for info in await inbox.messages()] == [1, 3]
    here = {info.uid: info for info in await target.messages()}
    assert here[3].flags == here[4].flags == {"\\Flagged", "$Work", "$Forwarded"}
    assert here[3].email_id == here[4].email_id != here[2].email_id
    assert here[3].internal_date == here[4].internal_date
    assert await content(target, 4) == await content(target, 3) == b"Subject: 1\r\n\r\n"
    assert await inbox.copy([77], target) == []
    assert await inbox.move([77], target) == []
    assert await target.copy([2], target) == [(2, 5)]
    assert await target.move([2], target) == [(2, 6)]
    assert await content(target, 6) == b"Subject: 2\r\n\r\n"


async def test_between_accounts(library: Library, make_store: MakeStore) -> None:
    store = make_store()
    inbox = await (await store.account("ann")).mailbox("INBOX")
    other = await (await store.account("ben")).mailbox("INBOX")
    await inbox.append(pieces(MESSAGE), ["\\Seen"])
    assert await inbox.copy([1], other) == [(1, 1)]
    assert await inbox.move([1], other) == [(1, 2)]
    assert await inbox.messages() == []
    assert await flags(other) == {1: {"\\Seen"}, 2: {"\\Seen"}}


async def test_between_stores(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)
    foreign = await (await MemoryStore().account("ann")).mailbox("INBOX")
    for mailbox in (inbox, foreign):
        await mailbox.append(pieces(MESSAGE), ["\\Seen", "Word"])
    assert await inbox.copy([1, 7], foreign) == [(1, 2)]
    assert await foreign.move([2], inbox) == [(2, 2)]
    assert await content(inbox, 2) == MESSAGE
    assert await flags(inbox) == {1: {"\\Seen", "Word"}, 2: {"\\Seen", "Word"}}
    assert await flags(foreign) == {1: {"\\Seen", "Word"}}
    assert await inbox.copy([7], foreign) == []


async def test_maildrop_lock(library: Library, make_store: MakeStore) -> None:
    _, inbox = await ann(make_store)

    async def lock() -> None:
        async with inbox.lock_maildrop():
            await inbox.append(pieces(b"x"))

    for _ in range(2):
        async with inbox.lock_maildrop():
            await refused("INUSE", lock)
    await lock()


async def names(account: Account) -> list[str]:
    return [info.name for info in await account.mailboxes()]


async def test_mailboxes(library: Library, make_store: MakeStore) -> None:
    account, inbox = await ann(make_store)
    await account.create("Work", ["\\Archive"])
    await account.create("Work/Äpfel & Birnen/")
    await refused("ALREADYEXISTS", lambda: account.create("Inbox"))
    await refused("ALREADYEXISTS", lambda: account.create("Work/"))
    for name in ("a//b", "", "/", "/a", "a//"):
        await refused("CANNOT", lambda name=name: account.create(name))  # type: ignore[misc]
    listed = {info.name: info.attributes for info in await account.mailboxes()}
    assert listed == {"INBOX": set(), "Work": {"\\Archive"}, "Work/Äpfel & Birnen": set()}
    below = await account.mailbox("Work/Äpfel & Birnen")
    number = below.mailbox_id
    assert len({inbox.mailbox_id, number, (await account.mailbox("Work")).mailbox_id}) == 3
    await below.append(pieces(b"x"))
    await account.rename("Work", "Done")
    assert (below.name, below.mailbox_id) == ("Done/Äpfel & Birnen", number)
    assert await content(below, 1) == b"x"
    assert await names(account) == ["Done", "Done/Äpfel & Birnen", "INBOX"]
    assert {info.name: info.attributes for info in await account.mailboxes()}["Done"]
    await account.create("Other")
    await refused("ALREADYEXISTS", lambda: account.rename("Done", "Other"))
    await refused("CANNOT", lambda: account.rename("Done", "Done/x"))
    await refused("NONEXISTENT", lambda: account.rename("Nothing", "x"))
    await account.delete("Done")
    assert await names(account) == ["Done/Äpfel & Birnen", "INBOX", "Other"]
    await refused("NONEXISTENT", lambda: account.mailbox("Done"))
    await refused("NONEXISTENT", lambda: account.delete("Done"))
    await refused("CANNOT", lambda: account.delete("inbox"))


async def test_a_mailbox_that_is_deleted(library: Library, make_store: MakeStore) -> None:
    account, _ = await ann(make_store)
    mailbox = await account.create("Old")
    await mailbox.append(pieces(b"x"))
    told: list[int] = []
    mailbox.watch(lambda: told.append(1))
    upload = await mailbox.upload(pieces(b"y"))
    await account.delete("Old")
    assert told
    new = await account.create("Old")
    assert new is not mailbox
    await new.append(pieces(b"z"))
    for act in (
        mailbox.state,
        mailbox.messages,
        mailbox.keywords,
        lambda: mailbox.expunged(1),
        lambda: mailbox.append(pieces(b"x")),
        lambda: mailbox.commit([upload]),
        lambda: mailbox.change_flags([1], ADD, ["\\Seen"]),
        lambda: mailbox.expunge([1]),
        lambda: content(mailbox, 1),
        lambda: mailbox.copy([1], new),
        lambda: new.copy([1], mailbox),
    ):
        await refused("NONEXISTENT", act)
    assert len(await new.messages()) == 1


async def test_rename_of_inbox(library: Library, make_store: MakeStore) -> None:
    account, inbox = await ann(make_store)
    await fill(inbox, 2)
    await account.rename("inbox", "Old")
    assert await inbox.messages() == []
    assert len(await (await account.mailbox("Old")).messages()) == 2


async def test_subscriptions(library: Library, make_store: MakeStore) -> None:
    account, _ = await ann(make_store)
    assert set(await account.subscriptions()) == set()
    for name in ("inbox", "Nowhere/ä&b", "Work"):
        await account.subscribe(name, True)
    await account.subscribe("Work", False)
    await account.subscribe("Never", False)
    assert set(await account.subscriptions()) == {"INBOX", "Nowhere/ä&b"}


@pytest.mark.parametrize(
    "name",
    ["a\nb", "a\rb", "a\0b", "a\x7f", "x/\x9b", "a\udc0ab", "e\u0301", "\udcc3\udca9", "x\udc26"],
    ids=ascii,
)
async def test_names_that_are_no_net_unicode(
    library: Library, make_store: MakeStore, name: str
) -> None:
    """RFC 9051 5.1, 6.3.4: whatever a client sends, all clients can be told of what is made."""
    account, _ = await ann(make_store)
    await account.create("x")
    await refused("CANNOT", lambda: account.create(name))
    await refused("CANNOT", lambda: account.rename("x", name))
    await refused("CANNOT", lambda: account.rename("INBOX", f"{name}/y"))
    assert {info.name for info in await account.mailboxes()} == {"INBOX", "x"}


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\0b", "a\x7f", "x/\x9b", "\u2028"], ids=ascii)
async def test_no_controls_are_subscribed_to(
    library: Library, make_store: MakeStore, name: str
) -> None:
    account, _ = await ann(make_store)
    await refused("CANNOT", lambda: account.subscribe(name, True))
    assert not await account.subscriptions()


async def test_inbox_in_any_case_above_others(library: Library, make_store: MakeStore) -> None:
    account, inbox = await ann(make_store)
    await inbox.append(pieces(b"x"))
    await account.create("inbox/a")
    await account.rename("inBox/a", "inbox/b")
    await account.subscribe("inbox/c", True)
    await account.set_metadata({"/private/x": b"y"}, "inboX/b")
    assert {info.name for info in await account.mailboxes()} == {"INBOX", "INBOX/b"}
    assert set(await account.subscriptions()) == {"INBOX/c"}
    assert (await account.mailbox("Inbox/b")).name == "INBOX/b"
    assert dict(await account.metadata("INBOX/b")) == {"/private/x": b"y"}
    await account.delete("inbox/b")
    await account.create("Inboxes/a")
    assert {info.name for info in await account.mailboxes()} == {"INBOX", "Inboxes/a"}


async def test_metadata(library: Library, make_store: MakeStore) -> None:
    account, _ = await ann(make_store)
    await account.create("Work")
    assert dict(await account.metadata()) == dict(await account.metadata("Work")) == {}
    await account.set_metadata({"/private/comment": b"\0\xff", "/shared/x": b""})
    await account.set_metadata({"/private/comment": b"of a mailbox"}, "Work")
    await account.set_metadata({"/private/comment": b"of INBOX"}, "inbox")
    await account.set_metadata({"/shared/x": None, "/shared/none": None})
    assert dict(await account.metadata()) == {"/private/comment": b"\0\xff"}
    assert dict(await account.metadata("INBOX")) == {"/private/comment": b"of INBOX"}
    await account.rename("Work", "Done")
    assert dict(await account.metadata("Done")) == {"/private/comment": b"of a mailbox"}
    await refused("LIMIT", lambda: account.set_metadata({"/private/a": b"x" * 100_000}))
    await refused("NONEXISTENT", lambda: account.metadata("Nothing"))
    await refused("NONEXISTENT", lambda: account.set_metadata({}, "Nothing"))
    await account.set_metadata({"/private/specialuse": b"\\Sent"}, "Done")
    assert {info.name: info.attributes for info in await account.mailboxes()}["Done"] == {"\\Sent"}
    await account.set_metadata({"/private/specialuse": b"\\junk \\Bogus ) ( \xff"}, "Done")
    assert {info.name: info.attributes for info in await account.mailboxes()}["Done"] == {"\\Junk"}
    await account.delete("Done")
    await account.create("Done")
    assert dict(await account.metadata("Done")) == {}


async def test_watching_an_account(library: Library, make_store: MakeStore) -> None:
    account, inbox = await ann(make_store)
    told: list[str] = []
    stop = account.watch(told.append)
    await inbox.append(pieces(b"x"))
    work = await account.create("Work")
    await inbox.copy([1], work)
    await account.rename("Work", "Done")
    await account.subscribe("Done", True)
    await account.set_metadata({"/private/comment": b"x"})
    await account.delete("Done")
    once = [name for at, name in enumerate(told) if told[at - 1 : at] != [name]]
    assert once == ["INBOX", "Work", "Done", "", "Done"]
    stop()
    await inbox.append(pieces(b"x"))
    assert told[-1] == "Done"


async def test_cancelled_at_any_point(library: Library, make_store: MakeStore) -> None:
    """What was cancelled is there whole or not at all, and nothing waits for it."""
    account, inbox = await ann(make_store)
    other = await account.create("Other")
    await fill(inbox, 3)
    acknowledged = cancelled = 0
    for number in range(60):
        try:
            async with library.runtime.deadline(number % 20 / 5000):
                await inbox.append(pieces(MESSAGE, b"x" * 70_000), ["\\Seen", f"key{number % 7}"])
                acknowledged += 1
                await inbox.change_flags([1, 2], ADD, ["\\Flagged"])
                async with inbox.lock_maildrop():
                    assert await content(inbox, 1) == b"Subject: 0\r\n\r\n"
                await inbox.copy([1], other)
                await inbox.move([(await inbox.messages())[-1].uid], other)
        except TimeoutError:
            cancelled += 1
    assert cancelled or acknowledged == 60  # memory does not wait for anything
    async with inbox.lock_maildrop():
        there = await inbox.messages()
    assert [info.uid for info in there[:3]] == [1, 2, 3]
    moved = [info for info in await other.messages() if info.size > 1000]
    assert acknowledged <= len(there) - 3 + len(moved) <= 60
    for info in there:
        assert len(await content(inbox, info.uid)) == info.size


ODD_MESSAGES = (
    MESSAGE,
    b"",
    b"\r\n",
    b"\r\nno header",
    b"Subject: no body",
    b"Subject: no line end\r\n\r\n",
    b"SUBJECT : folded\r\n  on\r\n two\r\nnot a field\r\nDate: today\r\nsubject:again\r\n\r\nbody",
    b"Subject: a bare\nLF\r\n\r\nand\n\nmore",
    b"Subject: " + b"long " * 10_000 + b"\r\nDate: now\r\n\r\n" + b"line\r\n" * 50_000,
)
"""What a header can be; the last one is too long to be remembered, or read in one piece."""


@pytest.mark.parametrize(
    "names", [{"subject"}, {"date", "x-unknown"}, set()], ids=["known", "unknown", "none"]
)
async def test_many_headers_at_once(
    library: Library, make_store: MakeStore, names: set[str]
) -> None:
    _, inbox = await ann(make_store)
    uids = [(await inbox.append(pieces(data))).uid for data in ODD_MESSAGES]
    plain = [found async for found in Mailbox.headers(inbox, uids, names)]
    assert [uid for uid, _ in plain] == uids
    for _ in range(2):  # read, and remembered
        assert [found async for found in inbox.headers([*uids, 1000], names)] == plain
    await inbox.change_flags(uids, ADD, ["\\Seen"])  # other names of the files
    await inbox.expunge(uids[:1])
    assert [found async for found in inbox.headers(uids, names)] == plain[1:]


@pytest.mark.parametrize("length", [0, 1, 20, 150_000, 10_000_000])
async def test_many_beginnings_at_once(
    library: Library, make_store: MakeStore, length: int
) -> None:
    _, inbox = await ann(make_store)
    uids = [(await inbox.append(pieces(data))).uid for data in ODD_MESSAGES]
    whole = [(uid, data[:length]) for uid, data in zip(uids, ODD_MESSAGES, strict=True)]
    assert [found async for found in inbox.beginnings([*uids, 1000], length)] == whole
    await inbox.expunge(uids[3:4])
    assert [found async for found in inbox.beginnings(uids, length)] == whole[:3] + whole[4:]


async def test_mailboxes_and_subscriptions_have_a_limit(
    library: Library, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailproto.stores.rules._MAX_MAILBOXES", 3)
    account, _ = await ann(make_store)
    for name in ("a", "b"):
        await account.create(name)
        await account.subscribe(name, True)
    await refused("LIMIT", lambda: account.create("c"))
    await refused("LIMIT", lambda: account.rename("INBOX", "c"))
    await account.subscribe("c", True)
    await account.subscribe("c", True)
    await refused("LIMIT", lambda: account.subscribe("d", True))
    await account.subscribe("c", False)
    await account.subscribe("d", True)
    assert set(await account.subscriptions()) == {"a", "b", "d"}
    await account.delete("a")
    await account.create("c")


async def test_names_have_a_limit(library: Library, make_store: MakeStore) -> None:
    account, _ = await ann(make_store)
    await account.create("a")
    await account.create("a/b")
    await refused("LIMIT", lambda: account.create("/".join("a" * 31)))
    await refused("LIMIT", lambda: account.rename("a", "/".join("c" * 30)))
    await refused("LIMIT", lambda: account.create("x" * 1001))
    await account.create("/".join("a" * 30))
