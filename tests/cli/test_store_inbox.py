"""SMTP delivers into the store that POP3 serves, on both libraries."""

import pytest

from mailproto.clients import DeliveryFailed
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers.store_inbox import StoreInbox
from mailproto.stores import MemoryStore, StoreError
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
