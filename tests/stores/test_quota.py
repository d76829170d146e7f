"""How much mail a store may hold, and what it says of that."""

import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from mailproto.stores import Account, FlagChange, Mailbox, MailStore, MemoryStore, StoreError
from mailproto.stores.maildir import MaildirAccount, MaildirStore
from mailproto.stores.maildir import quota as quota_module
from mailproto.stores.maildir.tree import INDEX, Tree

from ..async_layer.concurrency import tasks
from ..libraries import Library
from .kinds import broken, pieces

MakeLimited = Callable[[int], MailStore]


@pytest.fixture(params=["memory", "maildir"])
def limited(request: pytest.FixtureRequest, library: Library, tmp_path: Path) -> MakeLimited:
    """A function that makes a store of a capacity in octets; a Maildir is always the same one."""
    if request.param == "memory":
        return lambda capacity: MemoryStore(capacity=capacity)
    return lambda capacity: MaildirStore(tmp_path, library.runtime, capacity=capacity)


async def ann(store: MailStore) -> tuple[Account, Mailbox]:
    account = await store.account("ann")
    return account, await account.mailbox("INBOX")


async def used(account: Account) -> int:
    """The octets of all messages of an account."""
    mailboxes = [await account.mailbox(info.name) for info in await account.mailboxes()]
    return sum([info.size for mailbox in mailboxes for info in await mailbox.messages()])


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65536


async def test_capacity(limited: MakeLimited, library: Library) -> None:
    """A memory store counts a little more for each message than it has."""
    account, inbox = await ann(limited(21_000))
    other = await account.create("Other")
    await inbox.append(pieces(b"x" * 5500))
    await inbox.copy([1], other)
    await other.copy([1], inbox)
    for attempt in (
        lambda: other.append(pieces(b"x" * 5500)),
        lambda: other.append(endless()),
        lambda: inbox.copy([1], other),
        lambda: inbox.copy([1, 2], other),
    ):
        with pytest.raises(StoreError, match="full") as caught:
            await attempt()
        assert caught.value.code == "OVERQUOTA"
    assert (len(await inbox.messages()), len(await other.messages())) == (2, 1)
    assert await used(account) == 16_500
    await inbox.change_flags([1], FlagChange.ADD, ["\\Seen"])
    await other.append(pieces(b"x" * 400))
    await inbox.expunge([1])
    await other.append(pieces(b"x" * 5000))
    await account.delete("Other")
    await inbox.append(pieces(b"x" * 5000))
    await inbox.append(pieces(b"x" * 5000))
    assert await used(account) == 15_500


async def test_quota(limited: MakeLimited, library: Library) -> None:
    account, inbox = await ann(limited(1024 * 100))
    other = await account.create("Other")
    await inbox.append(pieces(b"x" * 1025))
    (storage,) = await account.quota()
    assert (storage.resource, storage.used, storage.limit) == ("STORAGE", 2, 100)
    await inbox.copy([1], other)
    assert [resource.used for resource in await account.quota()] == [3]
    await inbox.expunge([1])
    await account.delete("Other")
    assert [resource.used for resource in await account.quota()] == [0]


async def test_an_upload_takes_room_until_it_is_over(
    limited: MakeLimited, library: Library
) -> None:
    _, inbox = await ann(limited(10_000))
    upload = await inbox.upload(pieces(b"x" * 8000))
    with pytest.raises(StoreError, match="full"):
        await inbox.append(pieces(b"x" * 8000))
    upload.discard()
    upload.discard()
    with pytest.raises(OSError, match="gone"):
        await inbox.append(broken(b"x" * 8000))
    first = await inbox.upload(pieces(b"x" * 4000))
    second = await inbox.upload(pieces(b"x" * 3000))
    await inbox.commit([first, second])
    assert [info.size for info in await inbox.messages()] == [4000, 3000]


async def test_many_at_once(limited: MakeLimited, library: Library) -> None:
    account, inbox = await ann(limited(50_000))

    async def add(size: int) -> None:
        with suppress(StoreError):
            await inbox.append(pieces(*[b"x" * 500] * (size // 500)))

    async with tasks(library) as group:
        for number in range(20):
            group.start(add, 1000 * (number % 7 + 3))
    assert 30_000 < await used(account) <= 50_000
    (storage,) = await account.quota()
    assert storage.used == -(-(await used(account)) // 1024)


# --- a Maildir, into which other programs deliver ---


async def maildir(
    library: Library, path: Path, capacity: int | None = 10_000
) -> tuple[MaildirAccount, Mailbox]:
    account = await MaildirStore(path, library.runtime, capacity=capacity).account("ann")
    return account, await account.mailbox("INBOX")


def deliver(folder: Path, name: str, octets: int) -> Path:
    """Do what a delivery agent does; what it delivers has no line ends."""
    (folder / "tmp" / name).write_bytes(b"x" * octets)
    return (folder / "tmp" / name).rename(folder / "new" / name)


async def test_no_limit(library: Library, tmp_path: Path) -> None:
    account, inbox = await maildir(library, tmp_path, None)
    await inbox.append(pieces(b"x" * 5_000_000))
    assert await account.quota() == ()


async def test_what_others_deliver_counts(library: Library, tmp_path: Path) -> None:
    account, inbox = await maildir(library, tmp_path)
    await account.create("Other")
    files = [
        deliver(tmp_path / "ann" / folder, name, 6000)
        for folder, name in (("", "1.a.host"), (".Other", "2.b.host"))
    ]
    (storage,) = await account.quota()
    assert (storage.used, storage.limit) == (12, 9)
    for attempt in (
        lambda: inbox.append(pieces(b"x")),
        lambda: inbox.append(endless()),
        lambda: inbox.copy([1], inbox),
    ):
        with pytest.raises(StoreError, match="full"):
            await attempt()
    assert list((tmp_path / "ann" / "tmp").iterdir()) == []
    # What they remove counts no more, at once.
    files[0].unlink()
    await inbox.append(pieces(b"x" * 4000))
    with pytest.raises(StoreError, match="full"):
        await inbox.append(pieces(b"x"))
    shutil.rmtree(tmp_path / "ann" / ".Other")
    await inbox.append(pieces(b"x" * 6000))
    assert [resource.used for resource in await account.quota()] == [10]


async def test_a_full_account_moves_messages(library: Library, tmp_path: Path) -> None:
    account, inbox = await maildir(library, tmp_path)
    await inbox.append(pieces(b"x" * 10_000))
    other = await account.create("Other")
    await inbox.move([1], other)
    await account.rename("Other", "Another")
    await account.rename("INBOX", "Old")
    assert await used(account) == 10_000


async def test_nobody_looks_for_each_message(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    present = Tree.present

    def look(tree: Tree) -> dict[str, str]:
        looks.append(tree)
        return present(tree)

    monkeypatch.setattr(quota_module, "_LOOK", 1e9)
    monkeypatch.setattr(Tree, "present", look)
    _, inbox = await maildir(library, tmp_path)
    for _ in range(10):
        await inbox.append(pieces(b"x" * 100))
        await inbox.copy([1], inbox)
    assert len(looks) == 1


@pytest.mark.parametrize("late", [False, True], ids=["before", "within"])
async def test_another_process_fills_it(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """That is noticed before anything is added, or at the last moment."""
    _, inbox = await maildir(library, tmp_path)
    _, same = await maildir(library, tmp_path)
    mine, theirs = [await box.upload(pieces(b"x" * 6000)) for box in (inbox, same)]
    await same.commit([theirs])
    if late:
        monkeypatch.setattr(quota_module.Quota, "ensure", lambda quota, octets: None)
    with pytest.raises(StoreError, match="full"):
        await inbox.commit([mine])
    assert [info.size for info in await inbox.messages()] == [6000]
    assert list((tmp_path / "ann" / "tmp").iterdir()) == []
    await inbox.append(pieces(b"x" * 4000))


async def test_it_is_counted_anew(library: Library, tmp_path: Path) -> None:
    """After a restart, by a version that did not count, and with an index that is broken."""
    account, inbox = await maildir(library, tmp_path)
    await inbox.append(pieces(b"x" * 3000))
    await inbox.append(pieces(b"x" * 3000))
    before = await account.quota()
    index = tmp_path / "ann" / INDEX

    def forget_the_total() -> None:
        with sqlite3.connect(index) as database:
            database.executescript(
                "DROP TABLE total; DROP TRIGGER message_added; DROP TRIGGER message_removed;"
                "PRAGMA user_version = 2"
            )
        database.close()

    for spoil in (lambda: None, forget_the_total, lambda: index.write_bytes(b"junk" * 1000)):
        del account, inbox
        spoil()
        account, inbox = await maildir(library, tmp_path)
        assert await account.quota() == before
        with pytest.raises(StoreError, match="full"):
            await inbox.append(pieces(b"x" * 5000))


async def test_at_random(library: Library, tmp_path: Path) -> None:
    """Whatever is done by us and others, each message counts once."""
    chance = random.Random(3)
    account, inbox = await maildir(library, tmp_path, 1_000_000)
    boxes = [inbox, await account.create("A"), await account.create("B")]
    folders = [tmp_path / "ann", tmp_path / "ann" / ".A", tmp_path / "ann" / ".B"]
    for number in range(40):
        box, target = chance.sample(boxes, 2)
        uids = [info.uid for info in await box.messages()]
        some = chance.sample(uids, min(len(uids), 3))
        match chance.randrange(6):
            case 0:
                await box.append(pieces(b"line\n" * chance.randrange(500)))
            case 1:
                deliver(chance.choice(folders), f"{number}.x.host", chance.randrange(2000))
            case 2:
                await box.copy(some, target)
            case 3:
                await box.move(some, target)
            case 4:
                await box.expunge(some[:1])
            case _:
                found = sorted(chance.choice(folders).glob("[cn]*/*"))
                if found:
                    chance.choice(found).unlink()
        (storage,) = await account.quota()
        assert storage.used == -(-(await used(account)) // 1024)
