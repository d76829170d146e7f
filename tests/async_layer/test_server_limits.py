"""What a server grants whom: logins, admission, time, memory; and how it ends."""

from base64 import b64encode
from typing import Any

import pytest

from mailproto.errors import ConnectionLost
from mailproto.limits import SmtpLimits
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Admission, MessageBody, MessageReplies, SmtpEnvelope, SmtpSession
from mailproto.servers.listener import _network
from mailproto.smtp import Help, Mail, Reply

from ..libraries import Library
from .concurrency import cancellable, checkpoint, tasks
from .peers import Peer, clear, connect, fill
from .test_server import ANN, BEN, MESSAGE, Recorder, begin, serving, still_works

PLAIN = b"AUTH PLAIN " + b64encode(b"\0ann\0secret")
WRONG = b"AUTH PLAIN " + b64encode(b"\0ann\0wrong")


def passwords() -> PasswordAuthenticator:
    return PasswordAuthenticator({"ann": "secret"}, iterations=4096)


# --- who may send ---


async def test_require_auth(library: Library) -> None:
    options: dict[str, Any] = {
        "authenticator": passwords(),
        "allow_plaintext": True,
        "require_auth": True,
    }
    async with serving(library, Recorder(), **options) as peer:
        await peer.ask(b"EHLO me.example")
        assert (await peer.ask(b"MAIL FROM:<a@b>")).startswith(b"530 5.7.0")
        assert (await peer.ask(b"VRFY ann")).startswith(b"530")
        assert (await peer.ask(PLAIN)).startswith(b"235")
        assert (await peer.ask(b"VRFY ann")).startswith(b"252")
        assert (await peer.ask(b"MAIL FROM:<a@b>")).startswith(b"250")


async def test_require_tls(library: Library, server_context: Any) -> None:
    """RFC 3207 4: 530 to MAIL; no AUTH is offered, and none taken, before TLS."""
    options: dict[str, Any] = {
        "authenticator": passwords(),
        "allow_plaintext": True,
        "require_tls": True,
        "tls_context": server_context,
    }
    async with serving(library, Recorder(), **options) as peer:
        await peer.say(b"EHLO me.example")
        lines = []
        while (line := await peer.line())[3:4] == b"-":
            lines.append(line)
        assert not any(line[4:].startswith(b"AUTH") for line in (*lines, line))
        assert any(line[4:] == b"STARTTLS" for line in (*lines, line))
        assert (await peer.ask(b"MAIL FROM:<a@b>")).startswith(b"530 5.7.0")
        for command in (b"VRFY ann", b"EXPN staff"):
            assert (await peer.ask(command)).startswith(b"530 5.7.0")
        assert (await peer.ask(b"HELP")).startswith(b"214")
        assert (await peer.ask(PLAIN))[:3] in (b"502", b"504", b"530", b"538")
        assert (await peer.ask(b"MAIL FROM:<a@b>")).startswith(b"530 5.7.0")


async def test_plaintext_is_not_taken_in_the_clear(library: Library) -> None:
    """RFC 4954 4: what is not offered can not be used either."""
    async with serving(library, Recorder(), authenticator=passwords(), require_auth=True) as peer:
        await peer.ask(b"EHLO me.example")
        assert (await peer.ask(PLAIN)).startswith(b"504")
        assert (await peer.ask(b"AUTH LOGIN")).startswith(b"504")
        assert (await peer.ask(b"MAIL FROM:<a@b>")).startswith(b"530")


async def test_auth_failures_are_delayed_and_counted(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(library.runtime, "sleep", sleep)
    options: dict[str, Any] = {
        "authenticator": passwords(),
        "allow_plaintext": True,
        "auth_failure_delay": 7.0,
        "limits": SmtpLimits(auth_failures=3),
    }
    async with serving(library, Recorder(), **options) as peer:
        await peer.ask(b"EHLO me.example")
        for _ in range(3):
            assert (await peer.ask(WRONG)).startswith(b"535 5.7.8")
        assert slept == [7.0] * 3
        assert (await peer.ask(PLAIN)).startswith(b"421")
        assert await peer.rest() == b""


class OutOfOrder(PasswordAuthenticator):
    def __init__(self) -> None:
        super().__init__({"ann": "secret"}, mechanisms=["PLAIN", "CRAM-MD5", "SCRAM-SHA-256"])

    async def check_password(self, user: str, password: str, authzid: str) -> bool:
        raise OSError("the database is gone")

    async def get_password(self, user: str) -> str:
        raise OSError("the database is gone")

    async def scram_keys(self, user: str, hash_name: str) -> Any:
        raise OSError("the database is gone")


@pytest.mark.parametrize(
    "exchange",
    [
        [PLAIN],
        [b"AUTH CRAM-MD5", b64encode(b"ann " + b"0" * 32)],
        [b"AUTH SCRAM-SHA-256 " + b64encode(b"n,,n=ann,r=abcdefgh")],
    ],
)
async def test_authenticator_out_of_order(
    library: Library, exchange: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 4954 6: 454 is for a temporary failure; 535 would tell that the password is wrong."""
    options: dict[str, Any] = {
        "authenticator": OutOfOrder(),
        "allow_plaintext": True,
        "auth_failure_delay": 0.0,
    }
    async with serving(library, Recorder(), **options) as peer:
        await peer.ask(b"EHLO me.example")
        for line in exchange:
            reply = await peer.ask(line)
        while reply.startswith(b"334"):  # SCRAM goes on with fake keys
            reply = await peer.ask(b64encode(b"c=biws,r=abcdefgh,p=AAAA"))
        assert reply.startswith(b"454 4.7.0")
        await still_works(peer)
    assert "the database is gone" in caplog.text


# --- how many, how long ---


async def test_total_connections(library: Library) -> None:
    async with library.binding.serve_smtp(Recorder(), admission=Admission(connections=1)) as server:
        async with connect(library, server.port) as first:
            assert (await first.reply()).startswith(b"220")
            async with connect(library, server.port) as second:
                assert (await second.reply()).startswith(b"421 4.3.2")
                assert await second.rest() == b""
            await still_works(first)
        while server.connections:
            await checkpoint(library)
        async with connect(library, server.port) as third:
            assert (await third.reply()).startswith(b"220")


async def test_connections_per_peer(library: Library) -> None:
    async with (
        library.binding.serve_smtp(Recorder(), admission=Admission(per_peer=2)) as server,
        connect(library, server.port) as one,
        connect(library, server.port) as two,
    ):
        await one.reply()
        await two.reply()
        async with connect(library, server.port) as three:
            assert (await three.reply()).startswith(b"421")
        await still_works(one)
        await still_works(two)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        ("", ""),
        (":nonsense", ":nonsense"),
    ],
)
def test_what_counts_as_one_peer(address: str, network: str) -> None:
    assert _network(address) == network


@pytest.mark.parametrize(
    "start", [[], [b"EHLO me.example"], [b"EHLO x.example", b"MAIL FROM:<a@b>"]]
)
async def test_idle_client(library: Library, start: list[bytes]) -> None:
    """RFC 5321 4.5.3.2.7."""
    async with serving(library, Recorder(), timeout=0.05) as peer:
        for line in start:
            await peer.ask(line)
        assert (await peer.rest()).startswith(b"421 ")


@pytest.mark.parametrize("body", [b"DATA\r\nhalf a mess", b"BDAT 9\r\nhalf"])
async def test_client_stalls_within_a_message(library: Library, body: bytes) -> None:
    handler = Recorder()
    async with serving(library, handler, timeout=0.05) as peer:
        await begin(peer)
        await peer.stream.send_all(body)
        assert b"421 4.4.2 Timeout" in await peer.rest()
    assert handler.messages == []
    assert handler.aborted == ["the client fell silent"]


async def keep_busy(peer: Peer) -> bytes:
    while (reply := await peer.ask(b"RSET")).startswith(b"250"):
        pass
    return reply


async def test_total_time(library: Library) -> None:
    """However busy it keeps itself, the connection ends."""
    options: dict[str, Any] = {
        "admission": Admission(total_time=0.1),
        "limits": SmtpLimits(commands_before_auth=10**9),
    }
    handler = Recorder()
    async with serving(library, handler, **options) as peer:
        assert await keep_busy(peer) == b"421 Timeout"  # there was no EHLO
        assert await peer.rest() == b""


class Talkative(Recorder):
    """A short question, a long answer: soon the client's buffers are full."""

    async def help(self, session: SmtpSession, command: Help) -> Reply | None:
        return Reply(214, "\n".join(["x" * 400] * 100))


async def test_client_that_never_reads(library: Library) -> None:
    """It is cut off; meanwhile and afterwards, others are served."""
    limits = SmtpLimits(commands_before_auth=10**9)
    handler = Talkative()
    cut_off = library.runtime.event()

    async def flood(port: int) -> None:
        async with connect(library, port) as peer:
            with pytest.raises(ConnectionLost):
                await peer.flood(b"HELP\r\n" * 1000)
        cut_off.set()

    async with (
        library.binding.serve_smtp(handler, limits=limits, timeout=0.2) as server,
        tasks(library) as group,
    ):
        group.start(flood, server.port)
        for _ in range(20):
            async with clear(library, server.port) as client:
                await client.send(MESSAGE, ANN, BEN)
        await cut_off.wait()
        async with clear(library, server.port) as client:
            await client.send(MESSAGE, ANN, BEN)
    assert len(handler.messages) == 21


async def test_handler_that_does_not_read_stops_the_client(library: Library) -> None:
    """Back-pressure: what nobody takes is not read, so it can not fill our memory."""
    read_on = library.runtime.event()
    piece = b"0123456789abcd\r\n" * 4096
    most = 32 * 1024 * 1024  # far more than the system's buffers on both sides

    class Slow(Recorder):
        async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
            await anext(aiter(body))
            await read_on.wait()
            return await super().message(envelope, body)

    handler = Slow()
    limits = SmtpLimits(message_size=2 * most)
    async with serving(library, handler, limits=limits) as peer:
        await begin(peer)
        await peer.ask(b"DATA")
        sent = await fill(library, peer, piece, most)
        read_on.set()
        # A part of the last piece may have gone out, so that the rest is none of our lines.
        await peer.stream.aclose()
    assert sent < most


# --- the end ---


async def test_port_is_free_and_told(library: Library) -> None:
    async with (
        library.binding.serve_smtp(Recorder()) as one,
        library.binding.serve_smtp(Recorder()) as two,
    ):
        assert one.port != two.port
        assert one.addresses == (("127.0.0.1", one.port),)
        with pytest.raises(OSError, match="in use"):
            async with library.binding.serve_smtp(Recorder(), port=one.port):
                pass


async def test_idle_clients_are_told(library: Library) -> None:
    async with (
        library.binding.serve_smtp(Recorder()) as server,
        connect(library, server.port) as fresh,
        connect(library, server.port) as used,
    ):
        await fresh.reply()
        await used.reply()
        await used.ask(b"EHLO me.example")
        await server.drain()
        assert await fresh.line() == b"421 Closing, try again later"
        assert await used.line() == b"421 4.3.2 Closing, try again later"
        assert await fresh.rest() == await used.rest() == b""
        assert server.connections == 0
        with pytest.raises(OSError, match=r"(?i)refused|connect"):
            await library.runtime.connect_tcp("127.0.0.1", server.port)
        await server.drain()  # again: nothing happens


async def test_busy_clients_finish(library: Library) -> None:
    handler = Recorder()
    async with (
        library.binding.serve_smtp(handler) as server,
        tasks(library) as group,
        connect(library, server.port) as peer,
    ):
        await peer.reply()
        await begin(peer)
        group.start(server.drain)
        await server.wait_closed()
        assert (await peer.ask(b"RCPT TO:<c@d>")).startswith(b"250")
        assert (await peer.ask(b"DATA")).startswith(b"354")
        assert (await peer.ask(b"hi", b".")).startswith(b"250")
        assert await peer.rest() == b"421 4.3.2 Closing, try again later\r\n"
    assert handler.messages == [(ANN, (BEN, "c@d"), b"hi\r\n")]


async def test_too_busy_clients_are_cut_off(library: Library) -> None:
    handler = Recorder()
    async with library.binding.serve_smtp(handler, admission=Admission(grace=0.05)) as server:
        peer_context = connect(library, server.port)
        peer = await peer_context.__aenter__()
        await peer.reply()
        await begin(peer)
        await peer.ask(b"DATA")
    assert await peer.rest() == b""
    assert handler.messages == []
    await peer_context.__aexit__(None, None, None)


async def test_handler_that_hangs_is_cancelled(library: Library) -> None:
    ended: list[str] = []

    class Hanging(Recorder):
        async def mail(self, session: SmtpSession, command: Mail) -> Reply | None:
            try:
                await library.runtime.event().wait()
            finally:
                ended.append("hanging")
            return None

    async with (
        library.binding.serve_smtp(Hanging(), admission=Admission(grace=0.05)) as server,
        connect(library, server.port) as peer,
    ):
        await peer.reply()
        await peer.ask(b"EHLO me.example")
        await peer.say(b"MAIL FROM:<a@b>")
    assert ended == ["hanging"]


async def test_client_that_does_not_hear_the_farewell(library: Library) -> None:
    """One client that takes no data does not keep the server from ending."""
    admission = Admission(grace=0.2)
    limits = SmtpLimits(commands_before_auth=10**9)
    async with (
        library.binding.serve_smtp(Talkative(), limits=limits, admission=admission) as server,
        connect(library, server.port) as deaf,
        connect(library, server.port) as other,
    ):
        await fill(library, deaf, b"HELP\r\n" * 1000, 10**9)
        await other.reply()
        await server.drain()
        assert (await other.rest()).startswith(b"421")


class Special(Exception):
    """Nothing that anybody else raises."""


async def fail_after_greeting(peer: Peer) -> None:
    await peer.reply()
    raise Special


async def test_exception_comes_out_as_it_is(library: Library) -> None:
    with pytest.raises(Special):
        async with (
            library.binding.serve_smtp(Recorder()) as server,
            connect(library, server.port) as peer,
        ):
            await fail_after_greeting(peer)


async def test_cancelled_while_serving(library: Library) -> None:
    async def serve(cancel: Any) -> None:
        async with (
            library.binding.serve_smtp(Recorder()) as server,
            connect(library, server.port) as peer,
        ):
            await peer.reply()
            cancel()
            await server.wait_closed()

    assert await cancellable(library, serve)


# --- behind a proxy ---


async def test_proxy_header(library: Library) -> None:
    seen: list[Any] = []

    class Looking(Recorder):
        async def connect(self, session: SmtpSession) -> Reply | None:
            seen.append((session.peer, session.proxy and session.proxy.destination))
            return None

    # All connections come from the proxy, which is no reason to count them as one peer's.
    options: dict[str, Any] = {"proxy_protocol": True, "admission": Admission(per_peer=1)}
    async with (
        library.binding.serve_smtp(Looking(), **options) as server,
        connect(library, server.port) as one,
        connect(library, server.port) as two,
        connect(library, server.port) as three,
    ):
        greeting = await one.ask(b"PROXY TCP4 192.0.2.7 198.51.100.1 5555 25")
        assert greeting.startswith(b"220")
        assert (await two.ask(b"PROXY UNKNOWN")).startswith(b"220")
        await three.say(b"EHLO me.example")
        assert await three.rest() == b""
        await still_works(one)
    assert seen == [("192.0.2.7", ("198.51.100.1", 25)), ("127.0.0.1", None)]
