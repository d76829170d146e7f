"""The stores that all tests of the interface run on."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from mailproto.stores import Account, Mailbox, MailStore, MemoryStore
from mailproto.stores.maildir import MaildirStore

from ..libraries import Library

MakeStore = Callable[[], MailStore]


@pytest.fixture(params=["memory", "maildir"])
def make_store(request: pytest.FixtureRequest, library: Library, tmp_path: Path) -> MakeStore:
    """A function that makes a store; a Maildir is always the same one."""
    if request.param == "memory":
        return MemoryStore
    return lambda: MaildirStore(tmp_path / "mail", library.runtime)


async def ann(make_store: MakeStore) -> tuple[Account, Mailbox]:
    """Return the account of ann and its INBOX."""
    account = await make_store().account("ann")
    return account, await account.mailbox("INBOX")


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def broken(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece
    raise OSError("the sender is gone")


async def content(mailbox: Mailbox, uid: int, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([piece async for piece in mailbox.read(uid, start, length)])
