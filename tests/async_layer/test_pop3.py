"""Pop3Client and serve_pop3 over MemoryStore, on both libraries."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from mailproto.clients import Pop3Client
from mailproto.errors import AuthenticationFailed, CommandFailed, LocalProtocolError
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server
from mailproto.stores import MemoryMailbox, MemoryStore
from mailproto.tls import TlsMode

from ..libraries import Library

HOST = "127.0.0.1"
USERS = {"ann": "secret"}
MESSAGES = (
    b"Subject: dots\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n",
    b"Subject: no end",
    b"",
    b"Subject: bare\n\nlf\nand\rcr\r\n",
    b"Subject: long\r\n\r\n" + b"x" * 10_000 + b"\r\n",
    b"Subject: 8 bit\r\n\r\n\xe9\xff\r\n",
    b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 50_000,
)


async def filled(store: MemoryStore, *messages: bytes) -> MemoryMailbox:
    inbox = (await store.account("ann")).inbox
    for message in messages:
        inbox.add(message)
    return inbox


def serve(
    library: Library, store: MemoryStore, **options: Any
) -> AbstractAsyncContextManager[Server]:
    options = {"allow_plaintext": True, "auth_failure_delay": 0} | options
    served: AbstractAsyncContextManager[Server] = library.binding.serve_pop3(
        store, options.pop("authenticator", PasswordAuthenticator(USERS)), **options
    )
    return served


def connect(
    library: Library, server: Server, **options: Any
) -> AbstractAsyncContextManager[Pop3Client]:
    options = {"tls": TlsMode.NONE, "user": "ann", "password": "secret"} | options
    connected: AbstractAsyncContextManager[Pop3Client] = library.binding.connect_pop3(
        HOST, server.port, **options
    )
    return connected


def ended(message: bytes) -> bytes:
    """A message as POP3 can deliver it: with a CRLF at its end (RFC 1939 3)."""
    return message if not message or message.endswith(b"\r\n") else message + b"\r\n"


async def test_messages_arrive_as_they_are_stored(library: Library) -> None:
    store = MemoryStore()
    await filled(store, *MESSAGES)
    async with serve(library, store) as server, connect(library, server) as client:
        entries = await client.list_messages()
        assert [entry.size for entry in entries] == [len(message) for message in MESSAGES]
        assert len({entry.unique_id for entry in entries}) == len(MESSAGES)
        status = await client.stat()
        assert (status.count, status.size) == (len(MESSAGES), sum(map(len, MESSAGES)))
        for number, message in enumerate(MESSAGES, 1):
            assert await client.retrieve(number) == ended(message)
        async with client.stream(7) as pieces:
            assert b"".join([piece async for piece in pieces]) == MESSAGES[6]


async def test_a_command_within_a_stream_is_refused(library: Library) -> None:
    store = MemoryStore()
    await filled(store, *MESSAGES)
    async with serve(library, store) as server, connect(library, server) as client:
        async with client.stream(7) as pieces:
            with pytest.raises(LocalProtocolError, match="in the middle of an exchange"):
                await client.noop()
            assert b"".join([piece async for piece in pieces]) == MESSAGES[6]
        await client.noop()


@pytest.mark.parametrize("lines", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
async def test_top(library: Library, lines: int, end: bytes) -> None:
    head, body = b"Subject: x" + end + b"To: y" + end + end, [b"1" + end, b".2" + end, b"3" + end]
    store = MemoryStore()
    await filled(store, head + b"".join(body))
    async with serve(library, store) as server, connect(library, server) as client:
        # RFC 1939 3 wants a final CRLF; a dot behind a bare LF is stuffed for LF-minded clients.
        expected = (head + b"".join(body[:lines])).replace(
            b"\n.", b"\n." if end != b"\n" else b"\n.."
        )
        assert await client.top(1, lines) == ended(expected)


async def delete_and_fail(library: Library, server: Server) -> None:
    async with connect(library, server) as client:
        await client.delete(1, 2)
        raise RuntimeError("left by an exception")


async def test_deletions_happen_at_quit_only(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, b"1\r\n", b"2\r\n", b"3\r\n")
    async with serve(library, store) as server:
        with pytest.raises(RuntimeError, match="left"):
            await delete_and_fail(library, server)
        assert len(await inbox.messages()) == 3
        async with connect(library, server) as client:
            await client.delete(1, 2)
            await client.reset()
            await client.delete(3)
            with pytest.raises(CommandFailed):
                await client.delete(3)
            with pytest.raises(CommandFailed):
                await client.retrieve(3)
            assert [entry.number for entry in await client.list_messages()] == [1, 2]
            assert len(await inbox.messages()) == 3
        assert [info.uid for info in await inbox.messages()] == [1, 2]


async def test_the_maildrop_is_exclusive(library: Library) -> None:
    store = MemoryStore()
    await filled(store, b"1\r\n")
    async with serve(library, store) as server, connect(library, server):
        with pytest.raises(AuthenticationFailed, match="IN-USE"):
            async with connect(library, server):
                pass
    async with serve(library, store) as server:
        for _ in range(2):
            async with connect(library, server) as client:
                await client.noop()


async def test_unique_ids_are_the_same_in_the_next_session(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, b"1\r\n", b"2\r\n")
    async with serve(library, store) as server:
        async with connect(library, server) as client:
            first = await client.list_messages()
            await client.delete(1)
        inbox.add(b"3\r\n")
        async with connect(library, server) as client:
            second = await client.list_messages()
        assert second[0].unique_id == first[1].unique_id
        assert second[1].unique_id not in {entry.unique_id for entry in first}


async def test_download_new(library: Library) -> None:
    store = MemoryStore()
    messages = [b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(40)]
    await filled(store, *messages)
    async with serve(library, store) as server, connect(library, server) as client:
        seen = {entry.unique_id or "" for entry in (await client.list_messages())[:30]}
        got = [(entry.number, message) async for entry, message in client.download_new(seen)]
        assert got == [(n + 1, messages[n]) for n in range(30, 40)]


@pytest.mark.parametrize("taken", [1, 2, 39])
async def test_download_may_be_left_and_taken_up_again(library: Library, taken: int) -> None:
    store = MemoryStore()
    messages = [b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(40)]
    await filled(store, *messages)
    async with serve(library, store) as server, connect(library, server) as client:
        downloads = client.download_new()
        for number in range(taken):
            assert (await anext(downloads))[1] == messages[number]
        await client.noop()  # what was asked for ahead must not be taken for its answer
        assert (await client.stat()).count == 40
        rest = [message async for _, message in downloads]
        assert rest == messages[taken:]
        await client.noop()


@pytest.mark.parametrize(
    "options",
    [{"mechanisms": ()}, {"mechanisms": ("PLAIN",)}, {"mechanisms": ("SCRAM-SHA-256",)}, {}],
    ids=["USER", "PLAIN", "SCRAM-SHA-256", "best"],
)
@pytest.mark.parametrize("password", ["secret", "wrong"])
async def test_login(library: Library, options: dict[str, Any], password: str) -> None:
    options = options | {"password": password, "allow_plaintext": True}
    async with serve(library, MemoryStore()) as server:
        if password == "wrong":
            with pytest.raises(AuthenticationFailed, match="AUTH"):
                async with connect(library, server, **options):
                    pass
        else:
            async with connect(library, server, **options) as client:
                assert await client.list_messages() == ()


async def test_apop(library: Library) -> None:
    class Clear(PasswordAuthenticator):
        async def get_password(self, user: str) -> str | None:
            return USERS.get(user)

    options = {"apop": True, "authenticator": Clear(USERS)}
    said: list[str] = []
    async with serve(library, MemoryStore(), **options) as server:
        async with connect(
            library, server, mechanisms=(), trace=lambda line: said.append(line.text)
        ) as client:
            await client.noop()
        with pytest.raises(AuthenticationFailed):
            async with connect(library, server, mechanisms=(), password="wrong"):
                pass
    assert any(text.startswith("APOP ann") for text in said)
    assert not any("secret" in text for text in said)


async def test_clear_text_login_is_refused_unless_allowed(library: Library) -> None:
    async with serve(library, MemoryStore(), allow_plaintext=False) as server:
        with pytest.raises(AuthenticationFailed):
            async with connect(library, server, mechanisms=(), allow_plaintext=True):
                pass


async def test_store_and_authenticator_that_fail(library: Library) -> None:
    class Broken(PasswordAuthenticator):
        async def check_password(self, user: str, password: str, authzid: str) -> bool:
            raise OSError("database gone")

    options = {"mechanisms": (), "allow_plaintext": True}
    async with serve(library, MemoryStore(), authenticator=Broken(USERS)) as server:
        with pytest.raises(AuthenticationFailed, match="SYS/TEMP"):
            async with connect(library, server, **options):
                pass
    async with serve(library, MemoryStore(users=())) as server:
        with pytest.raises(AuthenticationFailed, match="SYS/PERM"):
            async with connect(library, server, **options):
                pass
