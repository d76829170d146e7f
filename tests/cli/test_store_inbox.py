"""SMTP delivers into the store that POP3 serves, on both libraries."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproto.clients import DeliveryFailed
from mailproto.errors import ConnectionLost
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import SmtpEnvelope, StoreInbox
from mailproto.stores import Mailbox, MailStore, MemoryStore, MessageInfo, StoreError
from mailproto.stores.maildir import MaildirStore
from mailproto.stores.memory import MemoryMailbox
from mailproto.tls import TlsMode

from ..libraries import Library

MESSAGE = b"Subject: Hi\r\n\r\n.\r\n..\r\n"
ADDRESSES = {"ann@example.org": "ann", "a@example.org": "ann", "ben@example.org": "ben"}
FROM = "zoe@example.com"


async def deliver(library: Library, inbox: StoreInbox, *recipients: str) -> tuple[str, ...]:
    """Send MESSAGE; returns the recipients who were refused."""
    async with library.binding.serve_smtp(inbox) as server:
        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        async with connect as client:
            result = await client.send(MESSAGE, FROM, recipients)
    return tuple(f"{r.recipient} {r.reply.code}" for r in result.recipients if not r.accepted)


async def test_what_smtp_delivers_pop3_serves(library: Library) -> None:
    store = MemoryStore(["ann", "ben"])
    refused = await deliver(library, StoreInbox(store, ADDRESSES), *ADDRESSES, "nobody@example.org")
    assert refused == ("nobody@example.org 550",)
    users = PasswordAuthenticator({"ann": "secret", "ben": "secret"})
    serve = library.binding.serve_pop3(store, users, allow_plaintext=True)
    async with serve as server:
        for user in ("ann", "ben"):
            async with library.binding.connect_pop3(
                "127.0.0.1", server.port, tls=TlsMode.NONE, user=user, password="secret"
            ) as client:
                assert len(await client.list_messages()) == 1
                assert await client.retrieve(1) == MESSAGE


async def test_all_or_none(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*arguments: object) -> None:
        raise StoreError("OVERQUOTA", "full")

    store = MemoryStore()
    monkeypatch.setattr(MemoryMailbox, "copy", full)
    with pytest.raises(DeliveryFailed, match=r"452 4\.2\.2"):
        await deliver(library, StoreInbox(store, lambda address: address), "a@x.org", "b@x.org")
    for user in ("a@x.org", "b@x.org"):
        assert list(await (await store.account(user)).inbox.messages()) == []


def half_written(directory: Path) -> list[Path]:
    return list(directory.glob("*/tmp/*"))


@pytest.fixture(params=["memory", "maildir"])
def store(request: pytest.FixtureRequest, library: Library, tmp_path: Path) -> MailStore:
    """An empty one of each kind; the one in memory holds little."""
    if request.param == "memory":
        return MemoryStore(capacity=5_000_000)
    return MaildirStore(tmp_path, library.runtime)


async def test_full(library: Library) -> None:
    """452, and also for empty messages at last."""
    inbox = StoreInbox(MemoryStore(capacity=4_000), ADDRESSES)

    async def deliver_many() -> None:
        for _ in range(100):
            await deliver(library, inbox, "ann@example.org")

    with pytest.raises(DeliveryFailed, match=r"452 4\.2\.2"):
        await deliver_many()


async def test_broken_off(library: Library, store: MailStore, tmp_path: Path) -> None:
    """Nothing stays of a message that never became complete."""

    async def half() -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        raise ConnectionLost("cable cut")

    async with library.binding.serve_smtp(StoreInbox(store, ADDRESSES)) as server:
        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        with pytest.raises(ConnectionLost, match="cable cut"):
            async with connect as client:
                await client.send(half(), FROM, list(ADDRESSES))
    for user in ("ann", "ben"):
        assert not await (await (await store.account(user)).mailbox("INBOX")).messages()
    assert not half_written(tmp_path)


async def test_unwritable_maildir(library: Library, tmp_path: Path) -> None:
    store = MaildirStore(tmp_path, library.runtime)
    await store.account("ann")
    (tmp_path / "ann" / "tmp").rmdir()
    (tmp_path / "ann" / "tmp").touch()
    with pytest.raises(DeliveryFailed, match="451"):
        await deliver(library, StoreInbox(store, ADDRESSES), "ann@example.org")


async def test_on_message_may_fail(
    library: Library, store: MailStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The message is stored: a refusal would have it sent twice."""

    async def fail(envelope: SmtpEnvelope, mailbox: Mailbox, info: MessageInfo) -> None:
        raise RuntimeError("no display")

    await deliver(library, StoreInbox(store, ADDRESSES, on_message=fail), "ann@example.org")
    inbox = await (await store.account("ann")).mailbox("INBOX")
    assert [info.size for info in await inbox.messages()] == [len(MESSAGE)]
    assert "on_message failed" in caplog.text
