"""The server core of SMTP and LMTP (RFC 5321, RFC 2033)."""

from base64 import b64encode
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from mailproto._buffer import LineTooLong, ReceiveBuffer
from mailproto._dots import BLOCK
from mailproto._trace import Trace, Tracer
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.limits import SmtpLimits
from mailproto.proxy import ProxyHeader, parse_proxy_header
from mailproto.sasl import (
    Authenticated,
    Challenge,
    ChannelBinding,
    Query,
    Rejected,
    ServerMechanism,
    ServerStep,
)
from mailproto.smtp import commands as c
from mailproto.smtp import refusals
from mailproto.smtp.codec import (
    CommandSyntaxError,
    encode_reply,
    parse_auth_response,
    parse_command,
)
from mailproto.smtp.commands import Command
from mailproto.smtp.events import ConnectionClosed, EndOfChunk, InvalidCommand, UpgradeToTls
from mailproto.smtp.extensions import DEFAULT_EXTENSIONS, Extensions
from mailproto.smtp.refusals import objection
from mailproto.smtp.replies import EnhancedCode, Reply
from mailproto.smtp.states import (
    BODY_TIMEOUTS,
    DEFAULT_REPLIES,
    GENERIC_ENHANCED,
    SERVER_TIMEOUT,
    TRANSITIONS,
    State,
    command_name,
)
from mailproto.smtp.transaction import TOO_LONG, Chunk, IncomingBody, Transaction

__all__ = ["ServerConnection", "ServerEvent"]

ServerEvent = (
    Command
    | c.MessageData
    | c.EndOfMessage
    | EndOfChunk
    | InvalidCommand
    | UpgradeToTls
    | ConnectionClosed
    | ProxyHeader
    | Query
    | Authenticated
    | Rejected
)

_Pending = Command | c.EndOfMessage | EndOfChunk | InvalidCommand | None

_HELLOS = (c.Ehlo, c.Helo, c.Lhlo)
# Commands that a client may send without end in a transaction that makes progress.
_PROGRESS = frozenset((c.Mail, c.Rcpt, c.Data, c.Bdat, c.Burl))
_SHOWN = 80


class ServerConnection:
    """One SMTP or LMTP session as the server sees it.

    Send the greeting (``Reply(220, ...)``), then feed bytes and serve events: after each
    command, each :class:`EndOfChunk`, :class:`EndOfMessage` and outcome of AUTH exactly one
    reply is owed (after a message in LMTP: one per accepted recipient). ``default_reply``
    gives the ordinary one. Between DATA or BDAT and its end no reply is owed but
    :class:`MessageData` comes.

    ``hostname`` is what EHLO and HELO are answered with. ``extensions`` is what EHLO offers;
    it may be changed at any time (STARTTLS is left out under TLS by itself). ``lmtp`` speaks
    LMTP. ``strict`` refuses what is otherwise tolerated and noted in ``defects``.
    ``proxy_protocol`` awaits a PROXY header before the greeting. ``keep_bare_line_ends`` lets
    bare CR and LF in DATA pass; only set it if nothing is relayed from here.
    ``trace`` gets every line in both directions, secrets redacted.
    """

    __slots__ = (
        "_auth_failures",
        "_buffer",
        "_chunk",
        "_commands",
        "_eof",
        "_error",
        "_errors",
        "_events",
        "_keep_bare_line_ends",
        "_line_dropped",
        "_mechanism",
        "_out",
        "_owed",
        "_pending",
        "_strict",
        "_trace",
        "channel_bindings",
        "esmtp",
        "extensions",
        "hostname",
        "limits",
        "lmtp",
        "state",
        "tls",
        "transaction",
        "user",
    )

    def __init__(
        self,
        hostname: str = "localhost",
        extensions: Extensions = DEFAULT_EXTENSIONS,
        *,
        limits: SmtpLimits | None = None,
        lmtp: bool = False,
        strict: bool = False,
        tls: bool = False,
        proxy_protocol: bool = False,
        keep_bare_line_ends: bool = False,
        trace: Trace | None = None,
    ) -> None:
        self.hostname = hostname
        self.extensions = extensions
        self.state = State.PROXY if proxy_protocol else State.GREETING
        self.user: str | None = None
        """Who has authenticated (who is acted for, if that is another); None for nobody."""
        self.channel_bindings: Sequence[ChannelBinding] = ()
        """What ``tls_established`` was given."""
        self.limits = limits or _DEFAULT_LIMITS
        self.lmtp = lmtp
        self.tls = tls
        """Whether the session runs over TLS."""
        self.esmtp = False
        """Whether the client said EHLO or LHLO."""
        self.transaction: Transaction | None = None
        """The transaction under way, from an accepted MAIL on."""
        self._strict = strict
        self._keep_bare_line_ends = keep_bare_line_ends
        self._trace = Tracer(trace, "S", "C") if trace else None
        self._buffer = ReceiveBuffer()
        self._out = b""
        self._events: deque[ServerEvent] | None = None
        self._pending: _Pending = None
        self._owed = 0 if proxy_protocol else 1
        self._chunk: Chunk | None = None
        self._mechanism: ServerMechanism | None = None
        self._line_dropped = False
        self._errors = self._commands = self._auth_failures = 0
        self._eof = False
        self._error: RemoteProtocolError | None = None

    # --- bytes in and out ---

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the peer, cut anywhere."""
        self._buffer += data

    def receive_eof(self) -> None:
        """Note that the peer will send nothing more."""
        self._eof = True

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, ``b""`` if none; they are forgotten here."""
        data, self._out = self._out, b""
        return data

    # --- what the embedder may ask ---

    @property
    def reply_owed(self) -> bool:
        """Whether a reply is owed before the next event."""
        return self._owed > 0

    @property
    def timeout(self) -> int:
        """Seconds to wait for the peer's next bytes (RFC 5321 4.5.3.2.7)."""
        return BODY_TIMEOUTS.get(self.state, SERVER_TIMEOUT)

    def default_reply(self, event: ServerEvent) -> Reply:
        """Return the ordinary answer to ``event``: what to send if you have no other wish."""
        if isinstance(event, InvalidCommand):
            return event.reply
        if isinstance(event, (c.EndOfMessage, EndOfChunk)) and event.refusal is not None:
            return event.refusal
        if isinstance(event, c.Helo):
            return Reply(250, self.hostname)
        if isinstance(event, (c.Ehlo, c.Lhlo)):
            return Reply(250, "\n".join((self.hostname, *self.offered.lines)))
        return DEFAULT_REPLIES[type(event)]

    @property
    def offered(self) -> Extensions:
        """What EHLO offers now."""
        return self.extensions.without("STARTTLS") if self.tls else self.extensions

    # --- replies ---

    def send(self, reply: Reply) -> None:
        """Answer the oldest unanswered event, or say the greeting; 421 may come at any time.

        Raises :class:`LocalProtocolError`, with nothing changed, if no reply is owed, if the
        reply can not be sent or is none to that event, or if it is positive although the
        message has to be refused.
        """
        if not self._owed:
            if reply.code != 421 or self.state in _OVER:
                raise LocalProtocolError("no reply is owed")
            self._write(reply)
            self._close()
            return
        pending = self._pending
        kind = type(pending)
        if reply.code < 400 and reply.code // 100 not in _POSITIVE.get(kind, _COMPLETED):
            raise LocalProtocolError(f"{reply.code} is no answer to {_name(pending)}")
        if reply.code < 400 and getattr(pending, "refusal", None) is not None:
            raise LocalProtocolError(f"the message has to be refused: {reply.code} does not")
        self._write(reply)
        self._owed -= 1
        if reply.code == 421:
            self._close()
            return
        if reply.is_permanent:
            self._errors += 1
        elif kind is c.EndOfMessage and reply.is_positive:
            self._errors = self._commands = 0
        if self._owed:
            return  # LMTP: the next recipient's
        self._pending = None
        if reply.code >= 400:
            if kind in _ON_REFUSAL:
                _ON_REFUSAL[kind](self)
        elif reply.is_intermediate and kind is not c.Data:
            self.state = State.AUTHENTICATING
        else:
            state = TRANSITIONS[kind][self.state] if kind in TRANSITIONS else self.state
            if kind in _ON_SUCCESS:
                _ON_SUCCESS[kind](self, pending)
            self.state = state

    def _write(self, reply: Reply) -> None:
        pending = self._pending
        if not self.esmtp or "ENHANCEDSTATUSCODES" not in self.extensions:
            if reply.enhanced is not None:
                reply = Reply(reply.code, reply.text)
        elif not (reply.enhanced or reply.is_intermediate or type(pending) in _WITHOUT_ENHANCED):
            generic = GENERIC_ENHANCED.get(reply.code) or EnhancedCode(reply.code // 100, 0, 0)
            reply = Reply(reply.code, reply.text, generic)
        if reply.code == 250 and isinstance(pending, (c.Ehlo, c.Lhlo)):
            try:
                Extensions.check(reply.lines[1:])
            except ValueError as error:
                raise LocalProtocolError(str(error)) from None
        transaction = self.transaction
        smtputf8 = transaction.smtputf8 if transaction else getattr(pending, "smtputf8", False)
        data = encode_reply(reply, smtputf8=smtputf8)
        if self._trace:
            self._trace.sent(data)
        self._out += data

    def _close(self) -> None:
        self.state = State.CLOSED
        self._owed = 0
        self._pending = None
        self.transaction = None
        self._buffer.clear()

    def _begin_session(self, hello: Any) -> None:
        self.transaction = None
        self.esmtp = not isinstance(hello, c.Helo)

    def _begin_transaction(self, mail: Any) -> None:
        self.transaction = Transaction(smtputf8=mail.smtputf8, binary=mail.body == "BINARYMIME")

    def _add_recipient(self, rcpt: Any) -> None:
        assert self.transaction is not None
        self.transaction.recipients += 1

    def _begin_body(self, data: Any) -> None:
        assert self.transaction is not None
        self.transaction.body = self._new_body()

    def _end_transaction(self, command: Any = None) -> None:
        self.transaction = None

    def _refuse_transaction(self) -> None:
        self.transaction = None
        self.state = State.READY

    def _begin_tls(self, starttls: Any) -> None:
        self._push(UpgradeToTls())

    def _restart(self, xclient: Any) -> None:
        self.transaction = None
        self.esmtp = False
        self.user = None

    def _authenticated(self, auth: Any) -> None:
        self._mechanism = None
        self._commands = 0
        if self.user is None:
            self.user = ""  # the embedder ran the exchange by itself and knows who it is

    def _new_body(self) -> IncomingBody:
        return IncomingBody(self.limits.message_size, strict_lines=not self._keep_bare_line_ends)

    def _end_auth(self) -> None:
        self._mechanism = None
        self.user = None
        self._auth_failures += 1
        self.state = State.READY

    # --- authentication ---

    def authenticate(self, mechanism: ServerMechanism) -> None:
        """Let ``mechanism`` run the exchange that the last event, an :class:`Auth`, began.

        Its queries come as events, to be answered with :meth:`answer`, and in the end
        :class:`~mailproto.sasl.Authenticated` or :class:`~mailproto.sasl.Rejected`, which are
        owed a reply. Raises :class:`LocalProtocolError` if the last event was no Auth.
        """
        if not isinstance(self._pending, c.Auth):
            raise LocalProtocolError("there is no AUTH to run a mechanism for")
        self._mechanism = mechanism
        self._advance(mechanism.step(self._pending.initial_response))

    def answer(self, result: Any) -> None:
        """Answer the query that was the last event; ``result`` is as the query's class says."""
        if self._mechanism is None:
            raise LocalProtocolError("no mechanism asked anything")
        self._advance(self._mechanism.answer(result))

    def _advance(self, step: ServerStep) -> None:
        self._owed = 0
        if isinstance(step, Challenge):
            self._owed = 1
            self.send(Reply(334, b64encode(step.data).decode()))
            return
        self._push(step)
        if isinstance(step, (Authenticated, Rejected)):
            self._owed = 1
            self.user = (step.authzid or step.user) if isinstance(step, Authenticated) else None

    # --- TLS ---

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None:
        """Go on over TLS; all that the client said before is forgotten (RFC 3207 4.2).

        Raises :class:`LocalProtocolError` if no handshake was due, and
        :class:`RemoteProtocolError` if plain bytes came after STARTTLS.
        """
        if self.state is not State.TLS:
            raise LocalProtocolError("no TLS handshake was due")
        self._check_nothing_injected()
        self.tls = True
        self.channel_bindings = channel_bindings
        self.esmtp = False
        self.user = None
        self.state = State.INITIAL

    def _check_nothing_injected(self) -> None:
        if len(self._buffer):
            what = "bytes between STARTTLS and the TLS handshake (CVE-2011-0411)"
            self._fail(RemoteProtocolError(what), refusals.INJECTED)

    # --- events ---

    def next_event(self) -> ServerEvent | None:
        """Return the next event, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` when the session can not go on (a farewell is then
        in ``data_to_send``; from then on the same error comes again), and
        :class:`LocalProtocolError` while a reply is owed.
        """
        if self._events:
            return self._events.popleft()
        if self._error is not None:
            raise self._error
        if self._owed:
            raise LocalProtocolError(f"a reply is owed first, to {_name(self._pending)}")
        event = _READERS[self.state](self)
        if event is None and self._eof and self.state is not State.ERROR:
            clean = not len(self._buffer) and self.state not in _CUT_OFF
            self.state = State.CLOSED
            self._buffer.clear()
            return ConnectionClosed(clean)
        return event

    def _push(self, event: ServerEvent) -> None:
        if self._events is None:
            self._events = deque()
        self._events.append(event)

    def _fail(self, error: RemoteProtocolError, farewell: Reply | None) -> NoReturn:
        self._pending = InvalidCommand(b"", refusals.ENOUGH)
        self._error = error
        if farewell is not None:
            self._write(farewell)
        self._close()
        self.state = State.ERROR
        raise error

    def _read_closed(self) -> ServerEvent | None:
        self._buffer.clear()
        return ConnectionClosed()

    def _read_proxy(self) -> ServerEvent | None:
        try:
            header = parse_proxy_header(self._buffer)
        except RemoteProtocolError as error:
            self._fail(error, None)
        if header is not None:
            self.state = State.GREETING
            self._owed = 1
        return header

    def _read_tls(self) -> ServerEvent | None:
        self._check_nothing_injected()
        return None

    def _take_line(self, limit: int) -> bytes | None:
        """Take a line; a too long one is dropped as it comes and is empty in the end."""
        if not self._line_dropped:
            try:
                return self._buffer.take_line(limit)
            except LineTooLong:
                self._line_dropped = True
        if not self._buffer.discard_line():
            return None
        self._line_dropped = False
        return b""

    def _read_command(self) -> ServerEvent | None:
        line = self._take_line(self.limits.command_line)
        if line is None:
            if self._buffer.peek(2) == b"\x16\x03":
                self._fail(RemoteProtocolError("a TLS handshake on a clear-text port"), None)
            return None
        self._count(self._errors, "errors")
        if self._trace:
            self._trace.received(line)
        self._owed = 1
        if not line:
            return self._invalid(line, refusals.LINE_TOO_LONG)
        try:
            command = parse_command(line, strict=self._strict)
        except CommandSyntaxError as error:
            if error.framing_lost:
                self._fail(error, error.reply)
            return self._invalid(line, error.reply)
        kind = type(command)
        if kind not in _PROGRESS and self.user is None:
            self._count(self._commands, "commands_before_auth")
            self._commands += 1
        if kind in _BEFORE:
            _BEFORE[kind](self, command)
        reply = objection(self, command, line)
        if isinstance(command, c.Bdat):
            return self._begin_chunk(command, reply, line)
        if reply is not None:
            return self._invalid(line, reply)
        self._pending = command
        return command

    def _count(self, count: int, limit: str) -> None:
        most: int = getattr(self.limits, limit)
        if count >= most:
            self._fail(LimitExceeded(limit, most), refusals.ENOUGH)

    def _before_auth(self, auth: Any) -> None:
        self._count(self._auth_failures, "auth_failures")

    def _before_starttls(self, starttls: Any) -> None:
        self._check_nothing_injected()

    def _before_unknown(self, command: Any) -> None:
        if command.name in _HTTP_VERBS:
            self._fail(RemoteProtocolError("HTTP on a mail port"), refusals.NO_HTTP)

    def _invalid(self, line: bytes, reply: Reply) -> InvalidCommand:
        event = InvalidCommand(line[:_SHOWN], reply)
        self._pending = event
        return event

    # --- AUTH, DATA and BDAT ---

    def _read_auth(self) -> ServerEvent | None:
        while (line := self._take_line(self.limits.auth_line)) is not None:
            if self._trace:
                self._trace.received(line, secret=line not in (b"*\r\n", b"*\n"))
            self._owed = 1
            try:
                response = parse_auth_response(line)
            except CommandSyntaxError as error:
                self._end_auth()
                return self._invalid(b"", error.reply)
            if not line:
                self._end_auth()
                return self._invalid(line, refusals.LINE_TOO_LONG)
            self._pending = response
            if self._mechanism is None:
                return response
            if response.data is None:
                self._end_auth()
                return self._invalid(line, refusals.CANCELLED)
            self._advance(self._mechanism.step(response.data))
            if self._events:
                return self._events.popleft()
        return None

    def _read_data(self) -> ServerEvent | None:
        assert self.transaction is not None
        body = self.transaction.body
        assert body is not None
        while not body.finished and len(self._buffer):
            self._check_overflow(body)
            text, rest = body.data(self._buffer.take(BLOCK))
            if rest:
                self._buffer.give_back(rest)
            if text:
                if self._trace:
                    self._trace.body_received(len(text))
                return c.MessageData(text)
        self._check_overflow(body)
        return self._end_message(body) if body.finished else None

    def _check_overflow(self, body: IncomingBody) -> None:
        if body.overflow:
            self._fail(LimitExceeded("message_size", self.limits.message_size or 0), TOO_LONG)

    def _end_message(self, body: IncomingBody) -> c.EndOfMessage:
        assert self.transaction is not None
        event = c.EndOfMessage(body.refusal)
        self._owed = self.transaction.recipients if self.lmtp else 1
        self._pending = event
        return event

    def _begin_chunk(self, bdat: c.Bdat, reply: Reply | None, line: bytes) -> ServerEvent | None:
        """Take the octets of a BDAT; those of a refused one have to be dropped (RFC 3030 2)."""
        most = self.limits.message_size
        if most is not None and bdat.size > 2 * most:
            self._fail(LimitExceeded("message_size", most), TOO_LONG)
        self._owed = 0
        transaction = self.transaction
        if reply is not None:
            self._chunk = Chunk(bdat, self.state, InvalidCommand(line[:_SHOWN], reply))
        else:
            assert transaction is not None
            transaction.body = transaction.body or self._new_body()
            self._chunk = Chunk(bdat, State.CHUNKING, None)
        self.state = State.CHUNK
        return bdat if reply is None else self._read_chunk()

    def _read_chunk(self) -> ServerEvent | None:
        chunk = self._chunk
        assert chunk is not None
        body = None if chunk.invalid or not self.transaction else self.transaction.body
        while chunk.remaining:
            octets = self._buffer.take(min(chunk.remaining, BLOCK))
            if not octets:
                return None
            chunk.remaining -= len(octets)
            text = body.octets(octets, len(octets)) if body else b""
            if text:
                if self._trace:
                    self._trace.body_received(len(text))
                return c.MessageData(text)
        self._chunk = None
        self._owed = 1
        self.state = chunk.resume
        if body is None:
            assert chunk.invalid is not None
            self._pending = chunk.invalid
            return chunk.invalid
        self._check_overflow(body)
        if chunk.bdat.last:
            return self._end_message(body)
        self._pending = EndOfChunk(body.refusal)
        return self._pending


def _name(pending: Any) -> str:
    return "the greeting" if pending is None else command_name(pending)


# --- tables ---

_DEFAULT_LIMITS = SmtpLimits()
_OVER = (State.CLOSED, State.ERROR)
_CUT_OFF = (State.DATA, State.CHUNK, State.CHUNKING, State.AUTHENTICATING, State.TLS)

# First digits of the replies below 400 that an event can be answered with; ordinarily 2.
_COMPLETED = frozenset((2,))
_POSITIVE: dict[type[Any], frozenset[int]] = {
    c.Data: frozenset((3,)),
    c.Auth: frozenset((2, 3)),
    c.AuthResponse: frozenset((2, 3)),
    InvalidCommand: frozenset(),
}
# RFC 2034 4: neither the greeting nor the answer to a hello has an enhanced code.
_WITHOUT_ENHANCED = frozenset((type(None), *_HELLOS))

_READERS: dict[State, Callable[[ServerConnection], ServerEvent | None]] = {
    State.PROXY: ServerConnection._read_proxy,
    **dict.fromkeys(TRANSITIONS[c.Noop], ServerConnection._read_command),
    State.DATA: ServerConnection._read_data,
    State.CHUNK: ServerConnection._read_chunk,
    State.AUTHENTICATING: ServerConnection._read_auth,
    State.TLS: ServerConnection._read_tls,
    State.CLOSED: ServerConnection._read_closed,
}

# A browser or a proxy made to speak to us (cross-protocol attack).
_HTTP_VERBS = frozenset(
    ("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI")
)

# What ends the session at once, looked for before a command is served.
_BEFORE: dict[type[Any], Callable[[ServerConnection, Any], None]] = {
    c.Auth: ServerConnection._before_auth,
    c.StartTls: ServerConnection._before_starttls,
    c.UnknownCommand: ServerConnection._before_unknown,
}

# What else an accepted command changes, and what a refused one does.
_ON_SUCCESS: dict[type[Any], Callable[[ServerConnection, Any], None]] = {
    **dict.fromkeys(_HELLOS, ServerConnection._begin_session),
    c.Mail: ServerConnection._begin_transaction,
    c.Rcpt: ServerConnection._add_recipient,
    c.Data: ServerConnection._begin_body,
    c.EndOfMessage: ServerConnection._end_transaction,
    c.Rset: ServerConnection._end_transaction,
    c.Auth: ServerConnection._authenticated,
    c.AuthResponse: ServerConnection._authenticated,
    c.StartTls: ServerConnection._begin_tls,
    c.Xclient: ServerConnection._restart,
}
_ON_REFUSAL: dict[type[Any], Callable[[ServerConnection], None]] = {
    type(None): ServerConnection._close,
    c.EndOfMessage: ServerConnection._refuse_transaction,
    EndOfChunk: ServerConnection._refuse_transaction,
    c.Burl: ServerConnection._refuse_transaction,
    c.Auth: ServerConnection._end_auth,
    c.AuthResponse: ServerConnection._end_auth,
}
