"""The server core of SMTP and LMTP (RFC 5321, RFC 2033)."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mailproto._buffer import LineTooLong, ReceiveBuffer
from mailproto._foreign import TLS_HANDSHAKE
from mailproto._tally import Tally
from mailproto._trace import Trace, Tracer
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.limits import SmtpLimits
from mailproto.proxy import ProxyHeader, parse_proxy_header
from mailproto.sasl import Challenge, ChannelBinding, ServerMechanism
from mailproto.sasl._server_login import LoginEvent, ServerLogin
from mailproto.smtp import commands as c
from mailproto.smtp.answers import (
    DEFAULT_REPLIES,
    MAY_BE_REFUSED,
    ORDINARY,
    check_fits,
    default_reply,
    encode_answer,
    event_name,
)
from mailproto.smtp.codec import CommandSyntaxError, parse_auth_response
from mailproto.smtp.commands import Command
from mailproto.smtp.events import ConnectionClosed, EndOfChunk, InvalidCommand, UpgradeToTls
from mailproto.smtp.extensions import DEFAULT_EXTENSIONS, Extensions
from mailproto.smtp.outcomes import end_authentication, refuse, succeed
from mailproto.smtp.refusals import FAREWELLS, LINE_TOO_LONG, invalid, objection, parse_or_refuse
from mailproto.smtp.replies import Reply
from mailproto.smtp.states import BODY_TIMEOUTS, SERVER_TIMEOUT, TRANSITIONS, State, ends_message
from mailproto.smtp.transaction import Chunk, Transaction, check_patience
from mailproto.smtp.usual import take_usual_command

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
    | LoginEvent
)

_E = TypeVar("_E", bound=ServerEvent)

# Commands that a client may send without end in a transaction that makes progress.
_PROGRESS = frozenset((c.Mail, c.Rcpt, c.Data, c.Bdat, c.Burl))
_SHOWN = 80


class ServerConnection(ServerLogin):
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
        "_buffer",
        "_chunk",
        "_dropped",
        "_eof",
        "_error",
        "_event",
        "_out",
        "_owed",
        "_pending",
        "_strict",
        "_trace",
        "esmtp",
        "extensions",
        "hostname",
        "keep_bare_line_ends",
        "limits",
        "lmtp",
        "state",
        "tally",
        "tls",
        "transaction",
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
        super().__init__()
        self.hostname = hostname
        self.extensions = extensions
        self.state = State.PROXY if proxy_protocol else State.GREETING
        self.limits = limits or _DEFAULT_LIMITS
        self.lmtp = lmtp
        self.tls = tls
        """Whether the session runs over TLS."""
        self.esmtp = False
        """Whether the client said EHLO or LHLO."""
        self.transaction: Transaction | None = None
        """The transaction under way, from an accepted MAIL on."""
        self._strict = strict
        self.keep_bare_line_ends = keep_bare_line_ends
        self.tally = Tally()
        """What the client has cost so far."""
        self._trace = Tracer(trace, "S", "C") if trace else None
        self._buffer = ReceiveBuffer()
        self._out: bytes | bytearray = b""  # filled in place: replies may be many
        self._event: ServerEvent | None = None  # comes before anything is read
        self._pending: ServerEvent | None = None
        self._owed = 0 if proxy_protocol else 1
        self._chunk: Chunk | None = None
        self._dropped = b""  # the beginning of a too long line
        self._eof = False
        self._error: RemoteProtocolError | None = None

    # --- bytes in and out ---

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the peer, cut anywhere."""
        if self.state not in _OVER:
            self._buffer += data

    def receive_eof(self) -> None:
        """Note that the peer will send nothing more."""
        self._eof = True

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, ``b""`` if none; they are forgotten here."""
        data, self._out = bytes(self._out), b""
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
        """Return the ordinary answer to ``event``: what to send if you have no other wish.

        Raises :class:`LocalProtocolError` if nothing is owed to it.
        """
        return default_reply(self, event)

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
            if reply.code != 421 or self.state in _SILENT:
                raise LocalProtocolError("no reply is owed")
            self._write(self._encode(reply))
            self._close()
            return
        event = self._pending
        kind = type(event)
        code = reply.code
        ordinary = reply is DEFAULT_REPLIES.get(kind)
        if not ordinary or kind in MAY_BE_REFUSED:
            check_fits(reply, event)
        if ordinary and self.esmtp and self.extensions.enhanced_status_codes:
            self._write(ORDINARY[kind])
        else:
            self._write(self._encode(reply))
        if code == 421:
            self._close()
            return
        if kind is c.EndOfMessage and code < 300:
            self.tally.forgive()
        self._owed -= 1
        if self._owed:
            return  # LMTP: the next recipient's
        self._pending = None
        if code >= 400:
            self.tally.errors += reply.is_permanent
            refuse(self, event, reply)
        elif code == 334:
            self.state = State.AUTHENTICATING
        else:
            succeed(self, event)
            if kind is c.StartTls:
                self._event = UpgradeToTls()

    def _encode(self, reply: Reply) -> bytes:
        event = self._pending
        offered = self.esmtp and self.extensions.enhanced_status_codes
        smtputf8 = getattr(self.transaction or event, "smtputf8", False)
        kind: Any = type(event)
        return encode_answer(reply, kind, offered, smtputf8)

    def _write(self, data: bytes) -> None:
        if self._trace:
            self._trace.sent(data)
        if self._out:
            self._out += data
        else:
            self._out = bytearray(data)

    def _close(self) -> None:
        self.state = State.CLOSED
        self._owed = 0
        self._pending = None
        self.transaction = None
        self._buffer.clear()

    # --- authentication ---

    def authenticate(self, mechanism: ServerMechanism) -> None:
        """Let ``mechanism`` run the exchange that the last event, an :class:`Auth`, began.

        Its queries come as events, to be answered with :meth:`answer`, and in the end
        :class:`~mailproto.sasl.Authenticated` or :class:`~mailproto.sasl.Rejected`, which are
        owed a reply. Raises :class:`LocalProtocolError` if the last event was no Auth.
        """
        if not isinstance(self._pending, c.Auth):
            raise LocalProtocolError("there is no AUTH to run a mechanism for")
        self._begin_login(mechanism, self._pending.initial_response)

    @property
    def _unanswered(self) -> object:
        return self._pending

    def _challenge(self, challenge: Challenge) -> None:
        self._write(self._encode(Reply(334, b64encode(challenge.data).decode())))
        self._pending = None
        self._owed = 0
        self.state = State.AUTHENTICATING

    def _hand_out(self, event: LoginEvent) -> None:
        self._event = self._owe(event)
        if self.mechanism is None:
            self.state = State.READY

    # --- TLS ---

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None:
        """Go on over TLS; all that the client said before is forgotten (RFC 3207 4.2).

        Raises :class:`LocalProtocolError` if no handshake was due, and
        :class:`RemoteProtocolError` if plain bytes came after STARTTLS.
        """
        if self.state is not State.TLS:
            raise LocalProtocolError("no TLS handshake was due")
        try:
            self._read_tls()
        except RemoteProtocolError as error:
            self._break(error)
            raise
        self._event = None
        self.tls = True
        self.channel_bindings = channel_bindings
        self.esmtp = False
        self.user = None
        self.state = State.INITIAL

    # --- events ---

    def next_event(self) -> ServerEvent | None:
        """Return the next event, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` when the session can not go on (a farewell is then
        in ``data_to_send``; from then on the same error comes again), and
        :class:`LocalProtocolError` while a reply is owed.
        """
        if self._event is not None:
            return self._take_event()
        if self._error is not None:
            raise self._error
        if self._owed:
            raise LocalProtocolError(f"a reply is owed first, to {event_name(self._pending)}")
        try:
            event = _READERS[self.state](self)
        except RemoteProtocolError as error:
            self._break(error)
            raise
        if event is None and self._eof:
            clean = not (len(self._buffer) or self._dropped or self.state in _CUT_OFF)
            self._close()
            return ConnectionClosed(clean)
        return event

    def _take_event(self) -> ServerEvent | None:
        event, self._event = self._event, None
        return event

    def _break(self, error: RemoteProtocolError) -> None:
        """End the session, with a farewell if there is one."""
        self._error = error
        self._pending = None
        if isinstance(error, CommandSyntaxError):
            self._write(self._encode(error.reply))
        elif isinstance(error, LimitExceeded) and error.name in FAREWELLS:
            self._write(self._encode(FAREWELLS[error.name]))
        self._close()
        self.state = State.ERROR

    def _owe(self, event: _E) -> _E:
        self._pending = event
        self._owed = 1
        if self.lmtp and self.transaction and ends_message(event):
            self._owed = self.transaction.recipients  # RFC 2033 4.2
        return event

    def _read_closed(self) -> ServerEvent | None:
        return ConnectionClosed()

    def _read_proxy(self) -> ServerEvent | None:
        header = parse_proxy_header(self._buffer)
        if header is not None:
            self.state = State.GREETING
            self._owed = 1
        return header

    def _read_tls(self) -> ServerEvent | None:
        if len(self._buffer):
            raise RemoteProtocolError("bytes between STARTTLS and the handshake (CVE-2011-0411)")
        return None

    def _take_line(self, limit: int) -> bytes | None:
        """Take a line; of a too long one only the beginning, which lacks a line end."""
        if not self._dropped:
            try:
                return self._buffer.take_line(limit)
            except LineTooLong:
                self._dropped = self._buffer.peek(min(limit, _SHOWN))
        if not self._buffer.discard_line():
            return None
        beginning, self._dropped = self._dropped, b""
        return beginning

    def _read_first(self) -> ServerEvent | None:
        if self._buffer.peek(2) == TLS_HANDSHAKE:
            raise RemoteProtocolError("a TLS handshake on a clear-text port")
        return self._read_command()

    def _read_command(self) -> ServerEvent | None:
        limits = self.limits
        usual = None if self._dropped else take_usual_command(self._buffer, limits.command_line)
        line, command = usual or (self._take_line(limits.command_line), None)
        if line is None:
            return None
        if self.tally.errors >= limits.errors:
            raise LimitExceeded("errors", limits.errors)
        if self._trace:
            self._trace.received(line)
        if command is None:
            parsed = parse_or_refuse(line, limits, strict=self._strict)
            if isinstance(parsed, Reply):
                return self._invalid(line, parsed)
            command = parsed
        kind = type(command)
        if kind not in _PROGRESS and self.user is None:
            self.tally.check("commands_before_auth", limits)
            self.tally.commands_before_auth += 1
        reply = objection(self, command, line)
        if kind is c.Bdat:
            return self._begin_chunk(command, reply, line)
        return self._owe(command) if reply is None else self._invalid(line, reply)

    def _invalid(self, line: bytes, reply: Reply) -> InvalidCommand:
        return self._owe(invalid(line, reply))

    # --- AUTH, DATA and BDAT ---

    def _read_auth(self) -> ServerEvent | None:
        while (line := self._take_line(self.limits.auth_line)) is not None:
            if self._trace:
                self._trace.received(line, secret=line not in (b"*\r\n", b"*\n"))
            if not line.endswith(b"\n"):
                end_authentication(self)
                return self._invalid(b"", LINE_TOO_LONG)
            try:
                response = parse_auth_response(line)
            except CommandSyntaxError as error:
                end_authentication(self)
                return self._invalid(b"", error.reply)
            self._owe(response)
            if self.mechanism is None:
                return response
            if response.data is None:
                end_authentication(self)
                return self._invalid(line, self.default_reply(response))
            self._advance(self.mechanism.step(response.data))
            if self._event is not None:
                return self._take_event()
        return None

    def _read_data(self) -> ServerEvent | None:
        assert self.transaction is not None
        body = self.transaction.body
        if text := body.read_lines(self._buffer):
            return self._data(text)
        if not body.finished:
            return None
        return self._owe(c.EndOfMessage(body.refusal))

    def _data(self, text: bytes) -> c.MessageData:
        if self._trace:
            self._trace.body_received(len(text))
        return c.MessageData(text)

    def _begin_chunk(self, bdat: Any, reply: Reply | None, line: bytes) -> ServerEvent | None:
        check_patience(bdat.size, self.limits.message_size)
        if reply is not None:
            self._chunk = Chunk(bdat, self.state, invalid=invalid(line, reply))
            self.state = State.CHUNK
            return self._read_chunk()
        assert self.transaction is not None
        self._chunk = Chunk(bdat, State.CHUNKING, self.transaction.body)
        self.state = State.CHUNK
        return self._chunk.bdat

    def _read_chunk(self) -> ServerEvent | None:
        chunk = self._chunk
        assert chunk is not None
        if text := chunk.read(self._buffer):
            return self._data(text)
        if chunk.remaining:
            return None
        self._chunk = None
        self.state = chunk.resume
        return self._owe(chunk.end())


# --- tables ---

_DEFAULT_LIMITS = SmtpLimits()
_OVER = (State.CLOSED, State.ERROR)
_SILENT = (*_OVER, State.TLS)
_CUT_OFF = (State.DATA, State.CHUNK, State.CHUNKING, State.AUTHENTICATING, State.TLS)

_Reader = Callable[[ServerConnection], ServerEvent | None]

_READERS: dict[State, _Reader] = {
    State.PROXY: ServerConnection._read_proxy,
    **dict.fromkeys(TRANSITIONS[c.Quit], ServerConnection._read_command),
    State.INITIAL: ServerConnection._read_first,
    State.DATA: ServerConnection._read_data,
    State.CHUNK: ServerConnection._read_chunk,
    State.AUTHENTICATING: ServerConnection._read_auth,
    State.TLS: ServerConnection._read_tls,
    State.CLOSED: ServerConnection._read_closed,
}
