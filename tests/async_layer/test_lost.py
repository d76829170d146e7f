"""A server that closes, resets or stalls: at every point, the client says so and is over."""

from typing import Any

import pytest

from mailproto.errors import (
    CommandFailed,
    ConnectionLost,
    LocalProtocolError,
    MailProtocolError,
    RemoteProtocolError,
)
from mailproto.smtp import Reply
from mailproto.tls import TlsMode

from ..libraries import Library
from .concurrency import checkpoint
from .peers import Peer, Stop, clear, conversation, listening, scripted

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"
SHORT = 0.05
POINTS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "end", "NOOP")
NO_PIPELINING = b"250-mx.example\r\n250 SIZE"


async def use(library: Library, port: int, **options: Any) -> None:
    async with clear(library, port, **options) as client:
        try:
            await client.send(MESSAGE, "a@example.org", ["b@example.org", "c@example.org"])
            await client.noop()
        except (MailProtocolError, TimeoutError):
            assert not client.usable
            with pytest.raises(
                ConnectionLost, match=r"can not be used any more|hung up, saying 421"
            ):
                await client.noop()
            raise


@pytest.mark.parametrize("ehlo", [None, NO_PIPELINING], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("stop", [Stop.CLOSE, Stop.RESET])
async def test_server_goes_away(
    library: Library, point: str, stop: Stop, ehlo: bytes | None
) -> None:
    answers: dict[str, Any] = {"EHLO": ehlo} if ehlo else {}
    async with scripted(library, **(answers | {point: stop})) as server:
        with pytest.raises(ConnectionLost) as caught:
            await use(library, server.port)
    assert caught.value.reply is None


@pytest.mark.parametrize("point", POINTS[2:])
@pytest.mark.parametrize("ehlo", [None, NO_PIPELINING], ids=["pipelining", "one by one"])
async def test_last_word_is_kept(library: Library, point: str, ehlo: bytes | None) -> None:
    """quirks 2.50: the text of a 421 reaches the caller although the connection is lost."""
    answers: dict[str, Any] = {"EHLO": ehlo} if ehlo else {}
    word = b"421 4.4.2 I am tired"
    async with scripted(library, **(answers | {point: (word, Stop.CLOSE)})) as server:
        if point == "NOOP":
            async with clear(library, server.port) as client:
                assert (await client.noop()).code == 421
                assert not client.usable
                with pytest.raises(ConnectionLost) as lost:
                    await client.noop()
                reply = lost.value.reply
        else:
            with pytest.raises((ConnectionLost, CommandFailed)) as caught:
                await use(library, server.port)
            reply = getattr(caught.value, "reply", None)
            assert "I am tired" in str(caught.value)
    assert isinstance(reply, Reply)
    assert reply.code == 421


@pytest.mark.parametrize("point", POINTS[:2])
async def test_refused_from_the_start(library: Library, point: str) -> None:
    answers: dict[str, Any] = {point: (b"421 4.3.2 come back later", Stop.CLOSE)}
    async with scripted(library, **answers) as server:
        with pytest.raises(CommandFailed, match="come back later") as caught:
            await use(library, server.port)
    assert caught.value.reply.code == 421


@pytest.mark.parametrize("ehlo", [None, NO_PIPELINING], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("point", POINTS)
async def test_server_stalls(library: Library, point: str, ehlo: bytes | None) -> None:
    answers: dict[str, Any] = {"EHLO": ehlo} if ehlo else {}
    async with scripted(library, **(answers | {point: Stop.STALL})) as server:
        with pytest.raises(TimeoutError, match=r"no reply from the server within 0\.05 seconds"):
            await use(library, server.port, timeout=SHORT)


async def test_server_takes_no_data(library: Library) -> None:
    """The body fills all buffers between us; the peer never reads it."""

    async def stall(peer: Peer) -> None:
        await peer.say(b"220 hi")
        await peer.line()
        await peer.say(b"250 hi")
        for reply in (b"250 ok", b"250 ok", b"354 go"):
            await peer.line()
            await peer.say(reply)
        await done.wait()

    done = library.runtime.event()
    async with listening(library, stall) as port:
        async with clear(library, port, timeout=SHORT) as client:
            with pytest.raises(TimeoutError, match="takes no data"):
                await client.send(bytes(64 * 1024 * 1024), "a@example.org", "b@example.org")
            assert not client.usable
        done.set()


@pytest.mark.parametrize("stop", [Stop.CLOSE, Stop.RESET])
async def test_last_word_within_a_body(library: Library, stop: Stop) -> None:
    """The server says 421 and hangs up while the client is busy sending."""

    async def serve(peer: Peer) -> None:
        await peer.say(b"220 hi")
        await peer.line()
        await peer.say(b"250 hi")
        for reply in (b"250 ok", b"250 ok", b"354 go"):
            await peer.line()
            await peer.say(reply)
        await peer.take_octets(100_000)
        await peer.say(b"421 4.3.1 The disk is full")

    async with listening(library, serve) as port, clear(library, port) as client:
        with pytest.raises(ConnectionLost, match="The disk is full") as caught:
            await client.send(b"0123456789\r\n" * 1_000_000, "a@example.org", "b@example.org")
        assert caught.value.reply.code == 421
        assert not client.usable


async def test_peer_goes_silently_within_a_body(library: Library) -> None:
    """No last word comes after a failed write: that is ConnectionLost, not TimeoutError."""
    written = library.runtime.event()

    class Broken:
        def __init__(self, stream: Any) -> None:
            self._stream = stream
            self.broken = False

        def __getattr__(self, name: str) -> Any:
            return getattr(self._stream, name)

        async def send_all(self, data: bytes) -> None:
            if len(data) > 1000:
                written.set()
                raise ConnectionLost("the peer closed the connection")
            await self._stream.send_all(data)

    async with scripted(library) as server:
        stream = Broken(await library.runtime.connect_tcp("127.0.0.1", server.port))
        async with library.binding.connect_smtp(
            stream=stream, tls=TlsMode.NONE, timeout=SHORT
        ) as client:
            with pytest.raises(ConnectionLost, match="the peer closed the connection"):
                await client.send(bytes(10_000), "a@example.org", "b@example.org")


@pytest.mark.parametrize("stop", Stop)
async def test_quit_never_raises(library: Library, stop: Stop) -> None:
    async with (
        scripted(library, QUIT=stop) as server,
        clear(library, server.port, timeout=SHORT) as client,
    ):
        await client.noop()
    assert not client.usable


async def test_client_is_closed_when_its_block_fails(library: Library) -> None:
    async with scripted(library) as server:
        with pytest.raises(KeyError):
            async with clear(library, server.port):
                raise KeyError
        await server.over.wait()
    assert server.verbs == ["EHLO"]


async def test_no_answer_to_the_connection_attempt(library: Library) -> None:
    async with listening(library, lambda peer: checkpoint(library)) as port:
        pass
    with pytest.raises(OSError, match=r"(?i)refused|connect"):
        await use(library, port)


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example", "\ud800"])
async def test_host_that_can_not_be(library: Library, host: str) -> None:
    with pytest.raises((LocalProtocolError, OSError)):
        async with library.binding.connect_smtp(host, 25):
            pass


@pytest.mark.parametrize(
    "nonsense",
    [b"HTTP/1.1 400 Bad Request", b"* OK IMAP4rev1", b"+OK POP3", b"x" * 10_000, b"\0"],
)
async def test_no_smtp_server(library: Library, nonsense: bytes) -> None:
    async with scripted(library, greeting=(nonsense, Stop.CLOSE)) as server:
        with pytest.raises(RemoteProtocolError):
            await use(library, server.port)


async def test_goodbye_behind_a_reply(library: Library) -> None:
    """quirks 2.50: it is the last word, not the reply to what we say next."""
    replies = b"250 ok\r\n421 4.3.2 going down"
    async with conversation(library, NOOP=replies) as (server, client):
        assert (await client.noop()).code == 250
        with pytest.raises(ConnectionLost, match="going down") as caught:
            await client.vrfy("ann")
        assert caught.value.reply.code == 421
        assert not client.usable
    assert server.verbs == ["EHLO", "NOOP"]


async def test_helo_where_ehlo_is_unknown(library: Library) -> None:
    """RFC 5321 3.2; quirks 2.48."""
    async with conversation(library, EHLO=b"502 what?", HELO=b"250 mx\nPIPELINING") as (
        server,
        client,
    ):
        assert list(client.extensions.lines) == []
        await client.send(MESSAGE, "a@example.org", "b@example.org")
    assert server.verbs[:3] == ["EHLO", "HELO", "MAIL"]
    assert server.messages == [MESSAGE]


async def test_reply_that_nothing_asked_for(library: Library) -> None:
    """quirks 3.2, 3.10: it must not be taken for the reply to the next command."""
    async with conversation(library, NOOP=b"250 first\r\n250 second") as (server, client):
        assert (await client.noop()).text == "first"
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            await client.vrfy("ann")
        assert not client.usable
    assert server.verbs == ["EHLO", "NOOP"]
