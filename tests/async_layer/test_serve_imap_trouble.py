"""serve_imap when something goes wrong, or happens beside a session: on both libraries."""

import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.limits import ImapLimits
from mailproto.sasl import Query
from mailproto.servers import Admission
from mailproto.stores import MemoryMailbox, MemoryStore, StoreError
from mailproto.tls import TlsMode

from ..libraries import Library
from .concurrency import tasks
from .imap_peer import HOST, ImapPeer, connected, logged_in, serve

MESSAGE = b"Subject: hi\r\n\r\n" + b"0123456789abcde\r\n" * 10_000


async def filled(store: MemoryStore, *messages: bytes) -> MemoryMailbox:
    inbox = (await store.account("ann")).inbox
    for message in messages:
        inbox.add(message)
    return inbox


# --- the store ---


def breaks(error: Exception, after: int) -> Any:
    """A ``read`` that fails where so many octets of the message are read."""

    async def read(
        self: Any, uid: int, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        end = len(MESSAGE) if length is None else start + length
        if piece := MESSAGE[start : min(end, after)]:
            yield piece
        if end > after:
            raise error

    return read


async def test_a_message_that_can_not_be_read(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    await filled(store, MESSAGE)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        for error, code in (
            (StoreError("UNAVAILABLE", "the disk\r\nis \xe9 off"), b"NO [UNAVAILABLE]"),
            (RuntimeError("a bug"), b"NO [SERVERBUG]"),
        ):
            monkeypatch.setattr(MemoryMailbox, "read", breaks(error, 0))
            assert (await peer.ask("FETCH 1 ENVELOPE"))[-1].startswith(code)
            monkeypatch.undo()
            assert len(await peer.ok("FETCH 1 ENVELOPE")) == 1


async def test_a_message_that_breaks_off_ends_the_session(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    await filled(store, MESSAGE)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        monkeypatch.setattr(MemoryMailbox, "read", breaks(StoreError("UNAVAILABLE", "off"), 70_000))
        with pytest.raises(EOFError):
            await peer.ask("FETCH 1 BODY.PEEK[]")


@pytest.mark.parametrize("octets", [0, 100_000])
async def test_a_message_that_can_not_be_stored(
    library: Library, monkeypatch: pytest.MonkeyPatch, octets: int
) -> None:
    store = MemoryStore()
    inbox = await filled(store)
    size = len(MESSAGE)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        for error, code in (
            (StoreError("OVERQUOTA", "full"), b"NO [OVERQUOTA]"),
            (RuntimeError("a bug"), b"NO [SERVERBUG]"),
            (OSError("the disk"), b"NO [SERVERBUG]"),
        ):

            async def upload(
                self: Any, content: AsyncIterable[bytes], *_: Any, error: Exception = error
            ) -> Any:
                seen = 0
                async for piece in content:
                    seen += len(piece)
                    if seen >= octets:
                        raise error

            monkeypatch.setattr(MemoryMailbox, "upload", upload)
            told = await peer.ask(b"APPEND INBOX {%d}" % size, MESSAGE + b"\r\n")
            assert told[-1].startswith(code)
        monkeypatch.undo()
        assert await peer.ok("NOOP") == []
    assert await inbox.messages() == []


async def test_a_message_that_is_gone_is_passed_over(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, b"1", b"2", b"3")
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        await inbox.expunge([2])
        *untagged, tagged = await peer.ask("FETCH 1:3 UID")
        assert untagged == [b"1 FETCH (UID 1)", b"3 FETCH (UID 3)"]
        assert tagged.startswith(b"OK [EXPUNGEISSUED]")
        assert (await peer.ask("COPY 1:3 INBOX"))[-2:] == [
            b"2 EXPUNGE",
            b"NO [EXPUNGEISSUED] Some of the messages are gone",
        ]


async def test_a_mailbox_deleted_under_a_session(library: Library) -> None:
    store = MemoryStore()
    async with (
        serve(library, store) as server,
        logged_in(library, server, "CREATE Other", "SELECT Other") as peer,
        logged_in(library, server, "SELECT Other") as deleter,
    ):
        await deleter.ok("DELETE Other")
        with pytest.raises(EOFError):
            await peer.ask("NOOP")
        assert (await deleter.ask("FETCH 1:* FLAGS"))[-1].startswith(b"BAD")


async def test_a_client_that_deletes_the_mailbox_it_has_selected(library: Library) -> None:
    async with (
        serve(library, MemoryStore()) as server,
        library.binding.connect_imap(
            HOST, server.port, tls=TlsMode.NONE, user="ann", password="secret", allow_plaintext=True
        ) as client,
    ):
        await client.create("Other")
        await client.select("Other")
        await client.delete("Other")
        assert client.mailbox is None
        with pytest.raises(LocalProtocolError):
            await client.search("ALL")
        assert (await client.select("INBOX")).exists == 0


async def test_a_user_without_mail(library: Library) -> None:
    async with (
        serve(library, MemoryStore(["bob"])) as server,
        connected(library, server) as peer,
    ):
        assert (await peer.ask("LOGIN ann secret"))[-1].startswith(b"NO [UNAVAILABLE]")
        assert (await peer.ask("LOGIN bob hidden"))[-1].startswith(b"OK")


class Failing:
    """An authenticator that is out of order."""

    mechanisms = ("PLAIN",)

    async def answer(self, query: Query, *, certificate: bytes | None = None) -> object:
        raise RuntimeError("out of order")


async def test_an_authenticator_that_fails(library: Library) -> None:
    async with (
        serve(library, MemoryStore(), authenticator=Failing()) as server,
        connected(library, server) as peer,
    ):
        assert (await peer.ask("LOGIN ann secret"))[-1].startswith(b"NO [UNAVAILABLE]")
        assert (await peer.ask("LOGIN ann secret"))[-1].startswith(b"NO")


# --- other sessions ---


async def test_idle_tells_what_others_do(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, b"1", b"2")
    async with (
        serve(library, store) as server,
        logged_in(library, server, "SELECT INBOX") as peer,
        logged_in(library, server, "SELECT INBOX") as other,
    ):
        tag = await peer.begin("IDLE")
        assert (await peer.response()).startswith(b"+ ")
        for _ in range(3):
            await other.ok(r"STORE 1 +FLAGS.SILENT (\Seen)")
            assert await peer.response() == rb"* 1 FETCH (FLAGS (\Seen \Recent))"
            await other.ok(r"STORE 1 -FLAGS.SILENT (\Seen)")
            assert await peer.response() == rb"* 1 FETCH (FLAGS (\Recent))"
        await inbox.expunge([1])
        assert await peer.response() == b"* 1 EXPUNGE"
        inbox.add(b"3")
        assert await peer.response() == b"* 2 EXISTS"
        assert await peer.response() == b"* 2 RECENT"
        await peer.raw.say(b"DONE")
        assert await peer.answer(tag) == [b"OK IDLE completed"]
        inbox.add(b"4")
        assert await peer.ok("FETCH 2 UID") == [b"2 FETCH (UID 3)", b"3 EXISTS", b"3 RECENT"]


async def test_idle_without_a_mailbox(library: Library) -> None:
    async with serve(library, MemoryStore()) as server, logged_in(library, server) as peer:
        tag = await peer.begin("IDLE")
        await peer.response()
        await peer.raw.say(b"DONE")
        assert await peer.answer(tag) == [b"OK IDLE completed"]


# --- clients ---


async def test_a_client_that_hangs_up_within_a_message(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store)
    async with serve(library, store) as server:
        async with logged_in(library, server) as peer:
            await peer.begin(b"APPEND INBOX {1000+}\r\n" + b"x" * 999)
        async with logged_in(library, server) as peer:
            await peer.begin(b"IDLE")
        async with logged_in(library, server) as peer:
            await peer.begin(b"APPEND INBOX {5+}\r\n12345 {5+}\r\n123")
        async with logged_in(library, server) as peer:
            assert await peer.ok("STATUS INBOX (MESSAGES)") == [b"STATUS INBOX (MESSAGES 0)"]
    assert await inbox.messages() == []


async def test_commands_that_come_all_at_once(library: Library) -> None:
    store = MemoryStore()
    await filled(store, b"Subject: x\r\n\r\ny\r\n")
    async with serve(library, store) as server, connected(library, server) as peer:
        await peer.raw.say(
            b"1 LOGIN ann secret",
            b"2 SELECT INBOX",
            rb"3 STORE 1 +FLAGS.SILENT (\Deleted)",
            b"4 UID FETCH 1 (FLAGS)",
            b"5 EXPUNGE",
            b"6 APPEND INBOX {3+}",
            b"abc",
            b"7 NOOP",
            b"8 LOGOUT",
        )
        read = b""
        while data := await peer.raw.stream.receive_some():
            read += data
        lines = read.split(b"\r\n")
        assert [line[:4] for line in lines if line[:1].isdigit()] == [
            b"%d OK" % number for number in range(1, 9)
        ]
        assert rb"* 1 FETCH (UID 1 FLAGS (\Deleted \Recent))" in lines


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 30,
        b"A" * 100_000,
        b"a LOGIN {99999999999}\r\n",
        b"a LOGIN {5000000+}\r\n" + b"x" * 100_000,
        b"\0\r\n" * 50,
        b"a SEARCH " + b"(" * 5000 + b"\r\n",
    ],
    ids=lambda hostile: repr(hostile[:20]),
)
async def test_hostile_clients_before_login(library: Library, hostile: bytes) -> None:
    async with serve(library, MemoryStore()) as server:
        async with connected(library, server) as peer:
            await peer.raw.stream.send_all(hostile)
        async with logged_in(library, server) as peer:
            assert await peer.ok("NOOP") == []


@pytest.mark.parametrize(
    "command",
    [
        "FETCH 1:4294967295 FLAGS",
        "UID FETCH 1:4294967295 FLAGS",
        "UID FETCH " + ",".join(f"{n}:*" for n in range(1, 2000)) + " FLAGS",
        "UID SEARCH " + "NOT " * 90 + "ALL",
        "UID SEARCH UID " + ",".join(["1:*"] * 5000),
        "UID FETCH 1 (" + " ".join(["FLAGS"] * 5000) + ")",
        'LIST "" "' + "*a" * 1000 + '"',
        "UID FETCH 1 BODY.PEEK[" + ".".join(["1"] * 1000) + "]",
        "UID FETCH 1 BODY.PEEK[]<9999999999999.9999999999>",
        "SELECT INBOX (QRESYNC (1 1 1:4294967295 (1:4294967295 1:4294967295)))",
        "CREATE " + "a/" * 10_000 + "b",
        "STATUS INBOX (FROBNICATE)",
        "UID MOVE 1:* INBOX",
        "UID SORT (FROBNICATE) UTF-8 ALL",
        "UID THREAD FROBNICATE UTF-8 ALL",
    ],
    ids=lambda command: command[:30],
)
async def test_odd_commands_end_in_an_answer(library: Library, command: str) -> None:
    store = MemoryStore()
    await filled(store, b"Subject: x\r\n\r\ny\r\n")
    enable = "ENABLE QRESYNC"
    async with (
        serve(library, store) as server,
        logged_in(library, server, enable, "SELECT INBOX") as peer,
    ):
        assert (await peer.ask(command))[-1].split(b" ")[0] in (b"OK", b"NO", b"BAD")
        await peer.ok("NOOP")


async def test_a_message_above_the_limit(library: Library) -> None:
    store = MemoryStore()
    limits = ImapLimits(message_size=1000)
    async with serve(library, store, limits=limits) as server, logged_in(library, server) as peer:
        assert b"APPENDLIMIT=1000" in (await peer.ok("CAPABILITY"))[0]
        assert (await peer.ask("APPEND INBOX {1001}", b""))[-1].startswith(b"NO [TOOBIG]")
        url = "/INBOX/;UID=1"
        await peer.ok("APPEND INBOX {1000}", b"x" * 1000 + b"\r\n")
        twice = await peer.ask(f'APPEND INBOX CATENATE (URL "{url}" URL "{url}")')
        assert twice[-1].startswith(b"NO [TOOBIG]")


async def test_a_silent_client_is_told_to_go(library: Library) -> None:
    async with (
        serve(library, MemoryStore(), timeout=0.1) as server,
        connected(library, server) as peer,
    ):
        assert (await peer.response()).startswith(b"* BYE ")
        with pytest.raises(EOFError):
            await peer.response()


async def test_draining(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store)
    async with (
        serve(library, store, admission=Admission(grace=20)) as server,
        tasks(library) as group,
        logged_in(library, server) as quiet,
        logged_in(library, server, "SELECT INBOX") as idling,
        logged_in(library, server) as busy,
    ):
        await idling.begin("IDLE")
        await idling.response()
        tag = await busy.begin(b"APPEND INBOX {6}")
        await busy.response()
        group.start(server.drain)
        assert (await quiet.response()).startswith(b"* BYE [UNAVAILABLE]")
        assert (await idling.response()).startswith(b"* BYE [UNAVAILABLE]")
        await busy.raw.stream.send_all(b"abcdef\r\n")
        assert (await busy.answer(tag))[-1].startswith(b"OK [APPENDUID")
        assert (await busy.response()).startswith(b"* BYE [UNAVAILABLE]")
    assert len(await inbox.messages()) == 1


async def test_too_many_connections(library: Library) -> None:
    admission = Admission(connections=1)
    async with (
        serve(library, MemoryStore(), admission=admission) as server,
        connected(library, server),
    ):
        peer = ImapPeer(await library.runtime.connect_tcp(HOST, server.port))
        assert (await peer.response()).startswith(b"* BYE [UNAVAILABLE]")
        await peer.raw.stream.aclose()


# --- TLS and COMPRESS ---


async def test_starttls(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async with (
        serve(library, MemoryStore(), tls_context=server_context, allow_plaintext=False) as server,
        connected(library, server) as peer,
    ):
        (before,) = await peer.ok("CAPABILITY")
        assert b" STARTTLS" in before
        assert b" LOGINDISABLED" in before
        assert (await peer.ask("LOGIN ann secret"))[-1].startswith(b"NO [PRIVACYREQUIRED]")
        await peer.ok("STARTTLS")
        await peer.raw.stream.start_tls(
            client_context, server_side=False, server_hostname="localhost"
        )
        (after,) = await peer.ok("CAPABILITY")
        assert b"STARTTLS" not in after
        assert b"LOGINDISABLED" not in after
        await peer.ok("LOGIN ann secret")
        await peer.ok("SELECT INBOX")


async def test_implicit_tls(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    store = MemoryStore()
    async with serve(library, store, tls_context=server_context, implicit_tls=True) as server:
        stream = await library.runtime.connect_tcp(HOST, server.port)
        await stream.start_tls(client_context, server_side=False, server_hostname="localhost")
        peer = ImapPeer(stream)
        assert (await peer.response()).startswith(b"* OK [CAPABILITY ")
        await peer.ok("LOGIN ann secret")
        await stream.aclose()


async def test_compress(library: Library) -> None:
    store = MemoryStore()
    await filled(store, MESSAGE)
    async with serve(library, store) as server, logged_in(library, server) as peer:
        await peer.ok("COMPRESS DEFLATE")
        deflate, inflate = zlib.compressobj(wbits=-15), zlib.decompressobj(wbits=-15)
        commands = b"A SELECT INBOX\r\nB FETCH 1 BODY.PEEK[]\r\n"
        await peer.raw.stream.send_all(
            deflate.compress(commands) + deflate.flush(zlib.Z_SYNC_FLUSH)
        )
        read = b""
        received = 0
        while b"\r\nB OK" not in read:
            data = await peer.raw.stream.receive_some()
            received += len(data)
            read += inflate.decompress(data)
        assert MESSAGE in read
        assert received < len(MESSAGE) // 10
