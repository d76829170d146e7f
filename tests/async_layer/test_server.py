"""Our server against clients played by hand: what handlers see, and what comes of it."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mailproto.clients import DeliveryFailed
from mailproto.errors import LocalProtocolError
from mailproto.limits import SmtpLimits
from mailproto.servers import (
    MessageAborted,
    MessageBody,
    MessageReplies,
    SmtpEnvelope,
    SmtpHandler,
    SmtpSession,
)
from mailproto.smtp import EnhancedCode, Mail, Rcpt, Reply

from ..libraries import Library
from .concurrency import tasks
from .peers import Peer, clear, connect

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"
ANN, BEN, CY = "ann@a.example", "ben@b.example", "cy@c.example"


class Recorder(SmtpHandler):
    """Keeps what was accepted, and how the others ended."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, tuple[str, ...], bytes]] = []
        self.aborted: list[str] = []
        self.seen: list[str] = []

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        try:
            data = await body.read()
        except MessageAborted as error:
            self.aborted.append(str(error))
            raise
        self.messages.append((envelope.sender, envelope.recipients, data))
        return None

    async def disconnect(self, session: SmtpSession) -> None:
        self.seen.append("disconnect")


@asynccontextmanager
async def serving(
    library: Library, handler: SmtpHandler, *, lmtp: bool = False, **options: Any
) -> AsyncIterator[Peer]:
    """Serve ``handler`` and be its client by hand, greeted."""
    serve = library.binding.serve_lmtp if lmtp else library.binding.serve_smtp
    async with (
        serve(handler, hostname="mx.example", **options) as server,
        connect(library, server.port) as peer,
    ):
        assert (await peer.reply()).startswith(b"220 mx.example")
        yield peer


async def begin(peer: Peer, *recipients: str, hello: bytes = b"EHLO me.example") -> None:
    """Go as far as an accepted RCPT."""
    assert (await peer.ask(hello)).startswith(b"250")
    assert (await peer.ask(b"MAIL FROM:<%b>" % ANN.encode())).startswith(b"250")
    for recipient in recipients or (BEN,):
        assert (await peer.ask(b"RCPT TO:<%b>" % recipient.encode())).startswith(b"250")


async def still_works(peer: Peer) -> None:
    """The session goes on: a whole message gets through."""
    assert (await peer.ask(b"RSET")).startswith(b"250")
    await begin(peer)
    assert (await peer.ask(b"DATA")).startswith(b"354")
    assert (await peer.ask(b"still here", b".")).startswith(b"250")
    assert (await peer.ask(b"QUIT")).startswith(b"221")
    assert await peer.rest() == b""


# --- the hooks ---


class Answering(Recorder):
    """Answers with what it was told to."""

    def __init__(self, **answers: Any) -> None:
        super().__init__()
        self.answers = answers

    def __getattribute__(self, name: str) -> Any:
        answers = object.__getattribute__(self, "__dict__").get("answers", {})
        if name not in answers:
            return object.__getattribute__(self, name)

        async def hook(*args: Any) -> Any:
            self.seen.append(name)
            answer = answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return hook


NO = Reply(550, "I would rather not", EnhancedCode(5, 7, 1))
HOOKS: dict[str, list[bytes]] = {
    "hello": [b"EHLO me.example"],
    "mail": [b"EHLO me.example", b"MAIL FROM:<a@b>"],
    "rcpt": [b"EHLO me.example", b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>"],
    "vrfy": [b"VRFY ann"],
    "expn": [b"EXPN list"],
    "help": [b"HELP"],
    "unknown": [b"TURN"],
    "message": [b"EHLO me.example", b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA", b"."],
}


@pytest.mark.parametrize("hook", HOOKS)
async def test_hook_refuses(library: Library, hook: str) -> None:
    handler = Answering(**{hook: NO})
    async with serving(library, handler) as peer:
        if hook in ("vrfy", "expn", "help", "unknown"):
            await peer.ask(b"EHLO me.example")
        for command in HOOKS[hook]:
            reply = await peer.ask(command)
        assert b"I would rather not" in reply
        assert reply.startswith(b"550")
        del handler.answers[hook]
        await still_works(peer)
    assert handler.messages == [(ANN, (BEN,), b"still here\r\n")]


@pytest.mark.parametrize("error", [ValueError("secret"), TimeoutError(), KeyError("x")])
@pytest.mark.parametrize("hook", HOOKS)
async def test_hook_fails(
    library: Library, hook: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Answering(**{hook: error})
    async with serving(library, handler) as peer:
        if hook in ("vrfy", "expn", "help", "unknown"):
            await peer.ask(b"EHLO me.example")
        for command in HOOKS[hook]:
            reply = await peer.ask(command)
        assert reply.startswith(b"451")
        assert b"secret" not in reply
        del handler.answers[hook]
        await still_works(peer)
    assert len(handler.messages) == 1
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "reply", [Reply(354, "go on"), Reply(250, "caf\u00e9"), Reply(250, "a\rb"), Reply(334, "x")]
)
@pytest.mark.parametrize("hook", ["mail", "rcpt", "message", "vrfy"])
async def test_reply_that_can_not_be_sent(library: Library, hook: str, reply: Reply) -> None:
    handler = Answering(**{hook: reply})
    async with serving(library, handler) as peer:
        await peer.ask(b"EHLO me.example")
        for command in HOOKS[hook]:
            got = await peer.ask(command)
        assert got.startswith(b"451")
        del handler.answers[hook]
        await still_works(peer)


@pytest.mark.parametrize("answer", ["250 OK", 250, [250], ["250 OK"], {BEN: "250 OK"}])
@pytest.mark.parametrize("hook", ["mail", "vrfy", "message", "hello"])
async def test_answer_that_is_no_reply(library: Library, hook: str, answer: Any) -> None:
    """As aiosmtpd's handlers give: 451 instead of a session that breaks off."""
    handler = Answering(**{hook: answer})
    async with serving(library, handler) as peer:
        await peer.ask(b"EHLO me.example")
        for command in HOOKS[hook]:
            got = await peer.ask(command.replace(b"c@d", BEN.encode()))
        assert got.startswith(b"451")
        del handler.answers[hook]
        await still_works(peer)


@pytest.mark.parametrize(
    ("answer", "greeting"),
    [
        (Reply(554, "Go away"), b"554 Go away"),
        (Reply(421, "Not now"), b"421 Not now"),
        (ValueError(), b"421 Closing, try again later"),
    ],
)
async def test_greeting_refused(library: Library, answer: Any, greeting: bytes) -> None:
    handler = Answering(connect=answer)
    async with (
        library.binding.serve_smtp(handler) as server,
        connect(library, server.port) as peer,
    ):
        assert await peer.line() == greeting
        if greeting.startswith(b"554"):
            assert (await peer.ask(b"EHLO me.example")).startswith(b"503")
            assert (await peer.ask(b"QUIT")).startswith(b"221")
        assert await peer.rest() == b""


async def test_disconnect_is_told_in_any_case(library: Library) -> None:
    handler = Recorder()
    async with library.binding.serve_smtp(handler) as server:
        for farewell in (b"QUIT", b"", b"RSET"):
            async with connect(library, server.port) as peer:
                await peer.reply()
                await peer.say(farewell)
        await server.drain()
        assert handler.seen == ["disconnect"] * 3
        assert server.connections == 0


async def test_disconnect_that_fails_is_logged(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(library, Answering(disconnect=ValueError("oops"))) as peer:
        assert (await peer.ask(b"QUIT")).startswith(b"221")
        assert await peer.rest() == b""
    assert "oops" in caplog.text


async def test_session_is_known_to_the_handler(library: Library) -> None:
    class Curious(Recorder):
        async def rcpt(self, session: SmtpSession, command: Rcpt) -> Reply | None:
            assert session.mail is not None
            self.seen += [session.peer, session.hello or "", session.mail.reverse_path]
            assert (session.user, session.tls, session.proxy) == (None, None, None)
            return None

        async def mail(self, session: SmtpSession, command: Mail) -> Reply | None:
            assert (session.mail, session.rcpts) == (None, ())
            return None

    handler = Curious()
    async with serving(library, handler) as peer:
        await begin(peer)
        assert handler.seen == ["127.0.0.1", "me.example", ANN]
        await still_works(peer)


# --- messages ---


async def test_handler_that_does_not_read(library: Library) -> None:
    handler = Answering(message=None)
    async with serving(library, handler) as peer:
        await begin(peer)
        await peer.ask(b"DATA")
        assert (await peer.ask(b"x" * 900 + b"\r\n", b".")).startswith(b"250")
        del handler.answers["message"]
        await still_works(peer)


async def test_handler_that_stops_reading(library: Library) -> None:
    class Hasty(Recorder):
        async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
            async for _ in body:
                return NO
            return None

    async with serving(library, Hasty()) as peer:
        await begin(peer)
        await peer.ask(b"DATA")
        assert (await peer.ask(b"x" * 300_000 + b"\r\n", b".")).startswith(b"550")
        assert (await peer.ask(b"NOOP")).startswith(b"250")


class Swallower(Recorder):
    """Says that all is well, whatever happened to the body."""

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        try:
            await body.read()
        except MessageAborted as error:
            self.aborted.append(str(error))
        return Reply(250, "all is well")


@pytest.mark.parametrize("kind", [Recorder, Swallower, SmtpHandler])
@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        (b"bare\nline", b"550", "bare CR or LF"),
        (b"smuggled\n.\r\nMAIL FROM:<x@y>", b"550", "bare CR or LF"),  # CVE-2023-51764
        (b"smuggled\r.\r\nMAIL FROM:<x@y>", b"550", "bare CR or LF"),
        (b"x" * 998 + b"\r\n" + b"y" * 998 + b"\r\n" + b"z" * 998, b"552", "long"),
    ],
)
async def test_refused_message_is_never_accepted(
    library: Library, kind: Callable[[], SmtpHandler], body: bytes, code: bytes, why: str
) -> None:
    handler = kind()
    limits = SmtpLimits(message_size=2000)
    async with serving(library, handler, limits=limits) as peer:
        await begin(peer)
        await peer.ask(b"DATA")
        assert (await peer.ask(body, b".")).startswith(code)
        if isinstance(handler, Recorder):
            assert handler.messages == []
            assert len(handler.aborted) == 1
            assert why in handler.aborted[0]
        assert (await peer.ask(b"NOOP")).startswith(b"250")


@pytest.mark.parametrize("kind", [Recorder, Swallower])
@pytest.mark.parametrize(
    "command", [b"RSET", b"QUIT", b"EHLO again.example", b"HELO again.example"]
)
async def test_message_taken_back_between_chunks(
    library: Library, kind: Callable[[], Recorder], command: bytes
) -> None:
    """RFC 3030 2: RSET and the like end a message that BDAT has begun."""
    handler = kind()
    async with serving(library, handler) as peer:
        await begin(peer)
        assert (await peer.ask(b"BDAT 7\r\nhello")).startswith(b"250")
        assert (await peer.ask(b"NOOP")).startswith(b"250")
        assert (await peer.ask(b"VRFY ann")).startswith(b"252")
        assert (await peer.ask(b"MAIL FROM:<x@y>")).startswith(b"503")
        assert (await peer.ask(command))[:1] == b"2"
        assert handler.messages == []
        assert len(handler.aborted) == 1
        if command == b"QUIT":
            assert await peer.rest() == b""
        elif kind is Recorder:
            await still_works(peer)


@pytest.mark.parametrize("body", [b"DATA\r\nhalf a mess", b"BDAT 100\r\nhalf", b"BDAT 4\r\nhalf"])
@pytest.mark.parametrize("kind", [Recorder, Swallower])
async def test_client_goes_within_a_message(
    library: Library,
    kind: Callable[[], Recorder],
    body: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler = kind()
    async with library.binding.serve_smtp(handler) as server:
        async with connect(library, server.port) as peer:
            await peer.reply()
            await begin(peer)
            await peer.stream.send_all(body)
        await server.drain()
        assert handler.messages == []
        assert len(handler.aborted) == 1
        assert handler.seen == ["disconnect"]
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


async def test_body_stays_ended(library: Library) -> None:
    class Again(Recorder):
        async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
            first = await body.read()
            assert await body.read() == b""
            self.messages.append(("", (), first))
            return None

    handler = Again()
    async with serving(library, handler) as peer:
        await still_works(peer)
    assert len(handler.messages) == 1


async def test_binary_chunks(library: Library) -> None:
    handler = Recorder()
    data = bytes(range(256)) * 3
    async with serving(library, handler) as peer:
        await peer.ask(b"EHLO me.example")
        await peer.say(b"MAIL FROM:<a@b> BODY=BINARYMIME", b"RCPT TO:<c@d>")
        await peer.reply()
        await peer.reply()
        await peer.stream.send_all(b"BDAT 700\r\n" + data[:700])
        await peer.reply()
        await peer.stream.send_all(b"BDAT 68 LAST\r\n" + data[700:])
        assert (await peer.reply()).startswith(b"250")
    assert handler.messages[0][2] == data


# --- LMTP ---


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        (None, [b"250", b"250", b"250"]),
        (NO, [b"550", b"550", b"550"]),
        ([NO, Reply(250, "ok"), Reply(452, "full")], [b"550", b"250", b"452"]),
        ({BEN: NO}, [b"550", b"250", b"250"]),
        ({}, [b"250", b"250", b"250"]),
        ([NO], [b"451", b"451", b"451"]),
    ],
)
async def test_lmtp(library: Library, given: Any, codes: list[bytes]) -> None:
    """RFC 2033 4.2."""
    async with serving(library, Answering(message=given), lmtp=True) as peer:
        await begin(peer, BEN, CY, ANN, hello=b"LHLO me.example")
        await peer.ask(b"DATA")
        await peer.say(b".")
        assert [(await peer.reply())[:3] for _ in codes] == codes
        assert (await peer.ask(b"NOOP")).startswith(b"250")


async def test_lmtp_goodbye_instead_of_a_reply(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """421 for one recipient ends the session; the others get no reply."""
    given = [Reply(250, "ok"), Reply(421, "enough"), Reply(250, "ok")]
    async with serving(library, Answering(message=given), lmtp=True) as peer:
        await begin(peer, BEN, CY, ANN, hello=b"LHLO me.example")
        await peer.ask(b"DATA")
        await peer.say(b".")
        assert await peer.rest() == b"250 2.0.0 ok\r\n421 4.3.2 enough\r\n"
    assert not caplog.records


@pytest.mark.parametrize(
    ("given", "code"),
    [([Reply(250, "ok"), NO], b"550"), ({CY: Reply(452, "full")}, b"452"), ({}, b"250")],
)
async def test_one_reply_for_all_in_smtp(library: Library, given: Any, code: bytes) -> None:
    async with serving(library, Answering(message=given)) as peer:
        await begin(peer, BEN, CY)
        await peer.ask(b"DATA")
        assert (await peer.ask(b".")).startswith(code)
        assert (await peer.ask(b"NOOP")).startswith(b"250")


async def test_lmtp_with_our_client(library: Library) -> None:
    handler = Answering(message={CY: NO})
    async with (
        library.binding.serve_lmtp(handler) as server,
        library.binding.connect_lmtp("127.0.0.1", server.port) as client,
    ):
        result = await client.send(MESSAGE, ANN, [BEN, CY, BEN])
        assert [r.accepted for r in result.recipients] == [True, False, True]
        handler.answers["message"] = NO
        with pytest.raises(DeliveryFailed):
            await client.send(MESSAGE, ANN, [BEN, CY])
        assert client.usable


# --- order and concurrency ---


async def test_pipelined_replies_come_in_order(library: Library) -> None:
    """RFC 2920 3.2; everything in one packet, with a refusal in the middle."""
    handler = Recorder()
    async with serving(library, handler) as peer:
        await peer.ask(b"EHLO me.example")
        await peer.say(
            b"MAIL FROM:<a@b>",
            b"RCPT TO:<c@d>",
            b"RCPT TO:<broken",
            b"RCPT TO:<e@f>",
            b"DATA",
        )
        codes = [(await peer.reply())[:3] for _ in range(5)]
        assert codes == [b"250", b"250", b"501", b"250", b"354"]
        await peer.say(b"hi", b".", b"QUIT")
        assert [(await peer.reply())[:3] for _ in range(2)] == [b"250", b"221"]
    assert handler.messages == [("a@b", ("c@d", "e@f"), b"hi\r\n")]


async def test_many_at_once(library: Library) -> None:
    """Several tasks share each client; every message arrives, whole, once."""
    handler = Recorder()

    async def send(client: Any, number: int) -> None:
        await client.send(b"Subject: %d\r\n\r\n%d\r\n" % (number, number), ANN, [BEN, CY])

    async with (
        library.binding.serve_smtp(handler) as server,
        clear(library, server.port) as one,
        clear(library, server.port) as two,
        tasks(library) as group,
    ):
        for number in range(40):
            group.start(send, (one, two)[number % 2], number)
    bodies = {data for _, _, data in handler.messages}
    assert len(handler.messages) == 40
    assert bodies == {b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(40)}


@pytest.mark.parametrize("error", [RuntimeError("a bug"), LocalProtocolError("it does not fit")])
async def test_a_session_that_fails_says_so(
    library: Library,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def serve_event(*args: object) -> None:
        raise error

    monkeypatch.setattr(SmtpSession, "serve_event", serve_event)
    async with serving(library, Recorder()) as peer:
        assert await peer.ask(b"EHLO x") == b"421 This failed, try again later"
        assert await peer.rest() == b""
    assert any(record.exc_info for record in caplog.records)
