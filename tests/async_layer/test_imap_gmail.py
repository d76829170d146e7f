"""A client's way with Gmail: OAuth, labels, numbers, raw search, special uses, and POP3."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from mailproto.clients import ImapClient, Pop3Client
from mailproto.errors import AuthenticationFailed, CommandFailed
from mailproto.imap import Search
from mailproto.sasl import Authenticator, Credentials
from mailproto.stores import MemoryAccount, MemoryStore
from mailproto.tls import TlsMode

from ..libraries import Library
from .imap_peer import HOST

USER = "ann@gmail.example"
FIRST = b"From: bob@x.org\r\nSubject: one\r\nMessage-ID: <1@x>\r\n\r\nHello Ann\r\n"
REPLY = (
    b"From: ann@x.org\r\nSubject: Re: one\r\nReferences: <1@x>\r\nMessage-ID: <2@x>\r\n\r\nHi\r\n"
)
OTHER = b"From: eve@x.org\r\nSubject: other\r\nMessage-ID: <3@x>\r\n\r\nHi\r\n"
MECHANISMS = ("XOAUTH2", "OAUTHBEARER")


class Tokens(Authenticator):
    """Knows one token that is good."""

    mechanisms = MECHANISMS

    def __init__(self) -> None:
        self.good = "ya29.good"

    async def check_token(self, user: str, token: str) -> bool:
        return (user, token) == (USER, self.good)


@dataclass
class Gmail:
    """One account, served by IMAP and by POP3."""

    library: Library
    context: ssl.SSLContext
    account: MemoryAccount
    tokens: Tokens
    imap_port: int
    pop3_port: int

    def _options(self, options: Any) -> dict[str, Any]:
        return {
            "tls": TlsMode.IMPLICIT,
            "tls_context": self.context,
            "server_hostname": "localhost",
            "user": USER,
            "token": self.tokens.good,
            **options,
        }

    def imap(self, **options: Any) -> AbstractAsyncContextManager[ImapClient]:
        client: AbstractAsyncContextManager[ImapClient] = self.library.binding.connect_imap(
            HOST, self.imap_port, **self._options(options)
        )
        return client

    def pop3(self, **options: Any) -> AbstractAsyncContextManager[Pop3Client]:
        client: AbstractAsyncContextManager[Pop3Client] = self.library.binding.connect_pop3(
            HOST, self.pop3_port, **self._options(options)
        )
        return client


@asynccontextmanager
async def gmail(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> AsyncIterator[Gmail]:
    """Serve an account as Gmail lays it out; three messages have come, the last one is in Trash."""
    store = MemoryStore()
    account = await store.account(USER)
    for name, use in (("All Mail", r"\All"), ("Sent Mail", r"\Sent"), ("Bin", r"\Trash")):
        await account.create(f"[Gmail]/{name}", [use])
    for message in (FIRST, REPLY):
        account.inbox.add(message)
        account._find("[Gmail]/All Mail").add(message)
    account._find("[Gmail]/Bin").add(OTHER)
    tokens = Tokens()
    options: dict[str, Any] = {
        "tls_context": server_context,
        "implicit_tls": True,
        "auth_failure_delay": 0,
    }
    async with (
        library.binding.serve_imap(store, tokens, gmail=True, **options) as imap,
        library.binding.serve_pop3(store, tokens, **options) as pop3,
    ):
        yield Gmail(library, client_context, account, tokens, imap.port, pop3.port)


async def enter(client: AbstractAsyncContextManager[Any]) -> None:
    async with client:
        pass


# --- login ---


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_login(
    library: Library,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    mechanism: str,
) -> None:
    async with gmail(library, server_context, client_context) as served:
        async with served.imap(mechanisms=[mechanism]) as box:
            assert (await box.select()).exists == 2
        async with served.pop3(mechanisms=[mechanism]) as maildrop:
            assert (await maildrop.stat()).count == 2


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_token_that_has_expired(
    library: Library,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    mechanism: str,
    protocol: str,
) -> None:
    """The server's error is told; with a new token all is well, and no password is tried."""
    async with gmail(library, server_context, client_context) as served:
        connect = getattr(served, protocol)
        options = {"token": "ya29.old", "mechanisms": [mechanism]}
        with pytest.raises(AuthenticationFailed) as caught:
            await enter(connect(**options))
        error = json.loads(str(caught.value).split("'")[1])
        assert error["schemes"] == "bearer"
        assert error["status"] in ("401", "invalid_token")
        await enter(connect(mechanisms=[mechanism]))


async def test_a_token_is_refreshed_on_the_same_connection(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async with (
        gmail(library, server_context, client_context) as served,
        served.imap(user=None, token=None) as box,
    ):
        with pytest.raises(AuthenticationFailed):
            await box.login(Credentials(USER, token="ya29.old"))
        await box.login(Credentials(USER, token=served.tokens.good))
        assert (await box.select()).exists == 2


async def test_no_token_in_clear_text(library: Library) -> None:
    """Neither side would have it."""
    store = MemoryStore(users=(USER,))
    async with library.binding.serve_imap(store, Tokens(), gmail=True) as server:
        connect = library.binding.connect_imap
        with pytest.raises(AuthenticationFailed):
            await enter(connect(HOST, server.port, tls=TlsMode.NONE, user=USER, token="ya29.good"))


# --- mailboxes and labels ---


async def test_special_uses(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """They have other names in other languages."""
    async with (
        gmail(library, server_context, client_context) as served,
        served.imap() as box,
    ):
        assert box.offers("X-GM-EXT-1")
        assert await box.special_use(r"\All") == "[Gmail]/All Mail"
        assert await box.special_use(r"\Trash") == "[Gmail]/Bin"
        assert await box.special_use(r"\trash") == "[Gmail]/Bin"
        assert await box.special_use(r"\Junk") is None


async def test_labels(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def labels(box: ImapClient) -> list[set[str]]:
        found = await box.fetch("1:*", ["X-GM-LABELS"]).all()
        return [set(message.items["X-GM-LABELS"]) for message in found]

    async with (
        gmail(library, server_context, client_context) as served,
        served.imap() as box,
        served.imap() as other,
    ):
        await box.select(await box.special_use(r"\All") or "")
        assert await labels(box) == [{r"\Inbox"}] * 2
        await box.add_labels("1", "Reise/Köln", r"\Starred", 'quo"ted')
        await box.add_labels("1:2", "work")
        await box.add_labels("1:2", "work")
        assert await labels(box) == [
            {r"\Inbox", "Reise/Köln", r"\Starred", 'quo"ted', "work"},
            {r"\Inbox", "work"},
        ]
        assert (await other.select("Reise/Köln")).exists == 1
        assert (await other.select("work")).exists == 2
        await box.remove_labels("1", "work", r"\Starred", r"\Inbox")
        await box.remove_labels("1", "never")
        assert await labels(box) == [{"Reise/Köln", 'quo"ted'}, {r"\Inbox", "work"}]
        assert (await other.select()).exists == 1
        with pytest.raises(CommandFailed):
            await box.add_labels("1", r"\Frobnicate")
        assert (await box.fetch("1", ["FLAGS"]).all())[0].flags in ((), (r"\Recent",))


async def test_numbers_and_threads(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """They are the same in each mailbox: so copies are known."""
    items = ["X-GM-MSGID", "X-GM-THRID"]
    async with (
        gmail(library, server_context, client_context) as served,
        served.imap() as box,
    ):
        await box.select()
        found = [message.items for message in await box.fetch("1:*", items).all()]
        first, second = found
        assert first["X-GM-MSGID"] != second["X-GM-MSGID"]
        assert first["X-GM-THRID"] == second["X-GM-THRID"]
        await box.select("[Gmail]/All Mail")
        for message, there in zip(await box.fetch("1:*", items).all(), found, strict=True):
            assert {name: message.items[name] for name in items} == {
                name: there[name] for name in items
            }
        number, thread = first["X-GM-MSGID"], first["X-GM-THRID"]
        assert isinstance(number, int)
        assert isinstance(thread, int)
        assert list((await box.search(Search.gm_msgid(number))).numbers) == [1]
        assert list((await box.search(Search.gm_thrid(thread))).numbers) == [1, 2]


@pytest.mark.parametrize(
    ("text", "uids"),
    [
        ("from:bob", [1]),
        ('subject:"one" -from:bob', [2]),
        ("hello OR hi", [1, 2]),
        ("in:inbox label:work", [1]),
        ("larger:1M", []),
        ("rfc822msgid:2@x", [2]),
        ("is:starred", [2]),
        ('"Grüße', []),
        ("", [1, 2]),
    ],
)
async def test_raw_search(
    library: Library,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    text: str,
    uids: list[int],
) -> None:
    async with (
        gmail(library, server_context, client_context) as served,
        served.imap() as box,
    ):
        await box.select("[Gmail]/All Mail")
        await box.add_labels("1", "work")
        await box.add_flags("2", r"\Flagged")
        found = await box.search(Search.gm_raw(text))
        assert list(found.numbers) == uids


# --- the same mail by POP3 ---


async def test_pop3_and_imap_share_the_mail(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """What POP3 deletes is gone from INBOX, and stays in All Mail."""
    async with gmail(library, server_context, client_context) as served, served.imap() as box:
        inbox = await box.select()
        async with served.pop3() as maildrop:
            entries = await maildrop.list_messages()
            assert [await maildrop.retrieve(entry.number) for entry in entries] == [FIRST, REPLY]
            await maildrop.delete(entries[0].number)
            await box.noop()
            assert inbox.exists == 2  # until QUIT
        await box.noop()
        assert inbox.exists == 1
        assert await box.status("[Gmail]/All Mail", ["MESSAGES"]) == {"MESSAGES": 2}
        (left,) = await box.fetch("1:*", ["BODY.PEEK[]"]).all()
        assert left.content() == REPLY
        await box.add_flags(left.uid or 0, r"\Seen")
        await box.move([left.uid or 0], "[Gmail]/Bin")
        async with served.pop3() as maildrop:
            assert (await maildrop.stat()).count == 0
