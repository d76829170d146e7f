"""MemoryStore: mailboxes, changes, flags, and how much it holds."""

from collections.abc import AsyncIterator

import pytest

from mailproto.stores import FlagChange, MemoryMailbox, MemoryStore, StoreError

from ..libraries import Library


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def broken(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece
    raise OSError("the sender is gone")


async def content(mailbox: MemoryMailbox, uid: int, start: int = 0, length: int = 10**9) -> bytes:
    return b"".join([piece async for piece in mailbox.read(uid, start, length)])


async def test_append_and_read(library: Library) -> None:
    inbox = (await MemoryStore().account("ann")).inbox
    large = bytes(range(256)) * 1000
    info = await inbox.append(pieces(large[:7], large[7:]), ["\\Seen"])
    assert (info.uid, info.size, set(info.flags)) == (1, len(large), {"\\Seen"})
    assert await content(inbox, 1) == large
    assert await content(inbox, 1, 100, 70_000) == large[100:70_100]
    assert await content(inbox, 1, len(large) - 1) == large[-1:]
    with pytest.raises(StoreError, match="uid 2") as caught:
        await content(inbox, 2)
    assert caught.value.code == "NONEXISTENT"


async def test_a_message_that_breaks_off_is_not_there(library: Library) -> None:
    inbox = (await MemoryStore(capacity=4000).account("ann")).inbox
    for _ in range(10):  # and takes no room
        with pytest.raises(OSError, match="gone"):
            await inbox.append(broken(b"x" * 1000))
    assert await inbox.messages() == []
    await inbox.append(pieces(b"x" * 1000))


async def test_changes_are_counted(library: Library) -> None:
    inbox = (await MemoryStore().account("ann")).inbox
    told: list[int] = []
    stop = inbox.watch(lambda: told.append(1))
    for _ in range(5):
        inbox.add(b"x")
    before = await inbox.state()
    assert (before.uid_next, before.messages, len(told)) == (6, 5, 5)
    assert await inbox.change_flags([2, 4, 9], FlagChange.ADD, ["\\Seen"]) == []
    assert [info.uid for info in await inbox.messages(before.highest_modseq)] == [2, 4]
    assert await inbox.change_flags([2, 3], FlagChange.REPLACE, ["a"], before.highest_modseq) == [2]
    await inbox.change_flags([4], FlagChange.REMOVE, ["\\Seen"])
    await inbox.expunge([1, 3, 99])
    assert await inbox.expunged(before.highest_modseq) == [1, 3]
    assert await inbox.expunged((await inbox.state()).highest_modseq) == []
    flags = {info.uid: set(info.flags) for info in await inbox.messages()}
    assert flags == {2: {"\\Seen"}, 4: set(), 5: set()}
    assert inbox.add(b"x").uid == 6
    count = len(told)
    stop()
    inbox.add(b"x")
    assert len(told) == count


async def test_expunges_of_long_ago_are_forgotten(library: Library) -> None:
    inbox = (await MemoryStore().account("ann")).inbox
    start = (await inbox.state()).highest_modseq
    for _ in range(10_001):
        inbox.add(b"")
        await inbox.expunge([(await inbox.state()).uid_next - 1])
    assert await inbox.expunged(start) is None
    recent = await inbox.expunged((await inbox.state()).highest_modseq - 2)
    assert recent == [10_001]


async def test_mailboxes(library: Library) -> None:
    account = await MemoryStore().account("ann")
    await account.create("Work", ["\\Archive"])
    await account.create("Work/2026/")
    for name, code in (
        ("work/", ""),
        ("Inbox", "ALREADYEXISTS"),
        ("a//b", "CANNOT"),
        ("", "CANNOT"),
    ):
        if code:
            with pytest.raises(StoreError) as caught:
                await account.create(name)
            assert caught.value.code == code
    await account.subscribe("Work", True)
    listed = {info.name: info for info in await account.mailboxes()}
    assert sorted(listed) == ["INBOX", "Work", "Work/2026"]
    assert await account.subscriptions() == {"Work"}
    assert listed["Work"].attributes == {"\\Archive"}
    await account.rename("Work", "Done")
    assert sorted(info.name for info in await account.mailboxes()) == ["Done", "Done/2026", "INBOX"]
    with pytest.raises(StoreError, match="below itself"):
        await account.rename("Done", "Done/x")
    account.inbox.add(b"1")
    await account.rename("inbox", "Old")
    assert await account.inbox.messages() == []
    assert len(await (await account.mailbox("Old")).messages()) == 1
    await account.delete("Old")
    with pytest.raises(StoreError):
        await account.mailbox("Old")
    with pytest.raises(StoreError, match="INBOX"):
        await account.delete("INBOX")


async def test_accounts(library: Library) -> None:
    store = MemoryStore(["ann"])
    assert await store.account("ann") is await store.account("ann")
    with pytest.raises(StoreError, match="no account"):
        await store.account("eve")
