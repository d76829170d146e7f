"""The client core of SMTP and LMTP (RFC 5321, RFC 2033)."""

import re
from collections import deque
from collections.abc import Callable, Sequence

from mailproto._buffer import LineTooLong, ReceiveBuffer
from mailproto._foreign import TLS_RECORDS
from mailproto._trace import Trace, Tracer
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.limits import SmtpLimits
from mailproto.sasl import ChannelBinding, ClientExchange, ClientMechanism, SaslError
from mailproto.smtp import commands as c
from mailproto.smtp.codec import ReplySyntaxError, encode_command, parse_reply
from mailproto.smtp.commands import Command
from mailproto.smtp.effects import ON_SUCCESS
from mailproto.smtp.events import (
    ConnectionClosed,
    Greeting,
    InvalidReply,
    ReplyReceived,
    UnsolicitedReply,
    UpgradeToTls,
)
from mailproto.smtp.extensions import Extensions
from mailproto.smtp.outgoing_body import OutgoingBody
from mailproto.smtp.permission import Envelope, check_permitted
from mailproto.smtp.replies import Reply
from mailproto.smtp.states import (
    BODY_TIMEOUTS,
    ENDS_GROUP,
    GREETING_TIMEOUT,
    REPLY_TIMEOUTS,
    TRANSITIONS,
    State,
    command_name,
    destination,
    ends_message,
)
from mailproto.smtp.usual import longest_usual_reply, take_usual_reply

__all__ = ["ClientConnection", "ClientEvent"]

ClientEvent = (
    Greeting | ReplyReceived | UnsolicitedReply | InvalidReply | UpgradeToTls | ConnectionClosed
)

_Sent = Command | c.EndOfMessage


class ClientConnection:
    """One SMTP or LMTP session as the client sees it.

    Send commands and bodies with :meth:`send`, write ``data_to_send()``, feed what comes back.
    Each command gets exactly one :class:`ReplyReceived` (a message in LMTP one for each
    accepted recipient), in order; with PIPELINING several may be in flight. After a 354 to
    DATA send :class:`MessageData` and :class:`EndOfMessage`; after :class:`Bdat` exactly as
    many octets as it names. Line ends are made CRLF and dots are stuffed here.

    ``lmtp`` speaks LMTP, ``tls`` says that the stream is TLS already. ``strict`` refuses what is
    otherwise tolerated and noted in ``defects``. ``trace`` gets every line, secrets redacted.
    """

    __slots__ = (
        "_ahead",
        "_buffer",
        "_cut_off",
        "_eof",
        "_error",
        "_events",
        "_exchange",
        "_in_flight",
        "_invalid_lines",
        "_last_word",
        "_limits",
        "_lines",
        "_longest_usual",
        "_out",
        "_strict",
        "_trace",
        "_unasked",
        "authenticated",
        "body",
        "channel_bindings",
        "envelope",
        "extensions",
        "lmtp",
        "state",
        "tls",
    )

    def __init__(
        self,
        *,
        limits: SmtpLimits | None = None,
        lmtp: bool = False,
        strict: bool = False,
        tls: bool = False,
        trace: Trace | None = None,
    ) -> None:
        self.state = State.GREETING
        self.extensions = Extensions()
        """What the server's answer to EHLO offers; empty before it."""
        self.lmtp = lmtp
        self.tls = tls
        """Whether the session runs over TLS."""
        self.authenticated = False
        self.envelope = Envelope()
        """The transaction under way: recipients accepted, limits used up."""
        self.body = OutgoingBody()
        """Used by the core's other modules."""
        self.channel_bindings: Sequence[ChannelBinding] = ()
        """What ``tls_established`` was given."""
        self._limits = limits or SmtpLimits()
        self._longest_usual = longest_usual_reply(self._limits)
        self._strict = strict
        self._trace = Tracer(trace, "C", "S") if trace else None
        self._buffer = ReceiveBuffer()
        self._out: list[bytes] = []
        self._lines: list[bytes] = []  # of a reply that is not complete
        self._in_flight: deque[_Sent] = deque()
        self._ahead = State.GREETING  # the state if all in flight succeeds
        self._exchange: ClientExchange | None = None
        self._events: deque[ClientEvent] = deque()
        self._invalid_lines = 0
        self._last_word: Reply | None = None
        self._eof = False
        self._cut_off = False
        self._unasked = False  # the reply that has come in part came before the command
        self._error: RemoteProtocolError | None = None

    # --- bytes in and out ---

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the peer, cut anywhere."""
        if self._error is None:
            self._buffer += data

    def receive_eof(self) -> None:
        """Note that the peer will send nothing more."""
        self._eof = True

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, ``b""`` if none; they are forgotten here."""
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return data

    # --- what the user may ask ---

    @property
    def in_flight(self) -> tuple[Command | c.EndOfMessage, ...]:
        """The commands whose reply has not come, oldest first."""
        return tuple(self._in_flight)

    @property
    def sending_body(self) -> bool:
        """Whether a body has been begun and not ended."""
        return self.body.under_way

    @property
    def said_goodbye(self) -> bool:
        """Whether the server announced the end with a 421: start no transaction on it."""
        return self._last_word is not None

    @property
    def timeout(self) -> int:
        """Seconds to wait for the peer now (RFC 5321 4.5.3.2)."""
        if self._in_flight:
            return REPLY_TIMEOUTS[type(self._in_flight[0])]
        return BODY_TIMEOUTS.get(self.state, GREETING_TIMEOUT)

    def may_pipeline(self) -> bool:
        """Whether a command may be sent now, replies outstanding or not (RFC 2920 3.1)."""
        if not self._in_flight:
            return True
        return "PIPELINING" in self.extensions and type(self._in_flight[-1]) not in ENDS_GROUP

    def check_size(self, octets: int) -> None:
        """Check that the message may have ``octets`` more.

        Raises :class:`LocalProtocolError` if it would be longer than the server's SIZE.
        """
        self.body.check_size(octets, self.extensions.size)

    # --- sending ---

    def send(self, item: Command | c.MessageData | c.EndOfMessage) -> None:
        """Send a command, a piece of a body or the end of a body.

        Raises :class:`LocalProtocolError`, with nothing changed, if that is not allowed now,
        if the server does not offer it, or if it can not be put on the wire.
        """
        if isinstance(item, c.MessageData):
            self._send_data(item.data)
        elif isinstance(item, c.EndOfMessage):
            self._send_end(item)
        else:
            self._check_free()
            if isinstance(item, c.AuthResponse):
                if self.state is not State.AUTHENTICATING or self._exchange is not None:
                    raise LocalProtocolError("there is no challenge to answer")
            else:
                if self._ahead not in TRANSITIONS[type(item)]:
                    raise LocalProtocolError(
                        f"{command_name(item)} is out of order: the session "
                        f"{'waits for EHLO' if self._ahead is State.INITIAL else self._ahead.value}"
                    )
                check_permitted(self, item)
            line = encode_command(item, smtputf8=self.envelope.smtputf8)
            self._write(line, secret=isinstance(item, c.AuthResponse))
            self._launch(item)

    def authenticate(self, mechanism: ClientMechanism, *, allow_plaintext: bool = False) -> None:
        """Send AUTH and let ``mechanism`` answer the challenges (RFC 4954 4).

        One :class:`ReplyReceived` to the AUTH comes in the end. Raises
        :class:`LocalProtocolError` as :meth:`send` does, and if a password would go out
        readable without TLS, unless ``allow_plaintext``.
        """
        if mechanism.plaintext and not (self.tls or allow_plaintext):
            raise LocalProtocolError(
                f"{mechanism.name} would show the password to every listener: start TLS first, "
                "or pass allow_plaintext=True"
            )
        exchange = ClientExchange(mechanism)
        command = c.Auth(mechanism.name, exchange.initial_response)
        if len(encode_command(command)) > _MAX_AUTH_LINE:
            exchange.withhold()
            command = c.Auth(mechanism.name)
        self.send(command)
        self._exchange = exchange

    def _check_free(self) -> None:
        if self.state is State.GREETING:
            raise LocalProtocolError("wait for the server's greeting before sending anything")
        self._read_unasked()
        if self.state in _OVER:
            raise LocalProtocolError(f"the session can not be used: {self.state.value}")
        if self.sending_body:
            raise LocalProtocolError("finish the body before the next command")
        if not self.may_pipeline():
            raise LocalProtocolError(
                f"wait for the reply to {command_name(self._in_flight[-1])} first"
            )
        if len(self._in_flight) >= self._limits.pipelined_commands:
            raise LocalProtocolError("too many commands in flight: read their replies first")

    def _launch(self, item: _Sent) -> None:
        self._in_flight.append(item)
        self._ahead = destination(item, self._ahead)
        if isinstance(item, c.Mail):
            self.envelope.begin(item)
            self.body.begin_message()
        elif isinstance(item, c.Rcpt):
            self.envelope.add(item)
        elif isinstance(item, c.Bdat):
            self.body.begin_chunk(item.size)

    def _send_data(self, data: bytes) -> None:
        self._out += self.body.encode(data, self.extensions.size)
        if self._trace:
            self._trace.body_sent(len(data))

    def _send_end(self, end: c.EndOfMessage) -> None:
        self._out.append(self.body.finish())
        self._read_unasked()
        self._launch(end)

    def _write(self, line: bytes, *, secret: bool = False) -> None:
        self._out.append(line)
        if self._trace:
            self._trace.sent(line, secret=secret)

    # --- TLS ---

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None:
        """Go on over TLS; all that the server said before is forgotten (RFC 3207 4.2).

        ``channel_bindings`` are what this TLS connection has for SCRAM-...-PLUS. Raises
        :class:`LocalProtocolError` if no handshake was due, and :class:`RemoteProtocolError`
        if plain bytes came behind the server's consent.
        """
        if self.state is not State.TLS:
            raise LocalProtocolError("no TLS handshake was due")
        self._read()  # raises if anything came
        self._events.clear()
        self.tls = True
        self.authenticated = False
        self.channel_bindings = channel_bindings
        self.extensions = Extensions()
        self.state = self._ahead = State.INITIAL

    def _check_nothing_injected(self) -> None:
        if len(self._buffer):
            raise RemoteProtocolError("plain bytes before the TLS handshake (CVE-2021-38371)")

    # --- events ---

    def next_event(self) -> ClientEvent | None:
        """Return the next event, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` when the session can not go on; from then on the
        same error comes again.
        """
        if self._events:
            return self._events.popleft()
        if self._error is not None:
            raise self._error
        if self.state is not State.CLOSED:
            event = self._read()
            if event is not None or not self._eof:
                return event
            self._cut_off = bool(self._buffer or self._lines) or self.state in _CUT_OFF
            self.state = State.CLOSED
        return self._closed()

    def _closed(self) -> ConnectionClosed:
        unanswered = tuple(self._in_flight)
        clean = all(type(command) is c.Quit for command in unanswered)
        clean = clean and not (self._cut_off or self.sending_body)
        return ConnectionClosed(clean, unanswered, self._last_word)

    def _read_unasked(self) -> None:
        """Take note of what came before the next command: it can not be the reply to that."""
        if self._in_flight:
            return
        try:
            while self.state not in _OVER and (event := self._read()) is not None:
                self._events.append(event)
        except RemoteProtocolError:
            pass  # next_event raises it again
        self._unasked = bool(self._buffer or self._lines)

    def _break(self, error: RemoteProtocolError) -> None:
        self._error = error
        self.state = State.ERROR
        self._buffer.clear()

    def _check_no_tls(self) -> None:
        if self._buffer.peek(2) in TLS_RECORDS:
            raise RemoteProtocolError(
                "the server speaks TLS on this port: connect with implicit TLS"
            )

    def _read(self) -> ClientEvent | None:
        """Read up to the next event; None if it needs more bytes.

        Raises :class:`RemoteProtocolError` when the session can not go on, and notes that.
        """
        try:
            if self.state in _BEFORE_READING:
                _BEFORE_READING[self.state](self)
            while self._buffer:
                reply: Reply | InvalidReply | None = None
                if not self._lines and self._trace is None:
                    reply = take_usual_reply(self._buffer, self._longest_usual)
                if reply is None:
                    reply = self._read_lines()
                if not isinstance(reply, Reply):
                    return reply
                event = self._take_reply(reply)
                if event is not None:
                    return event
        except RemoteProtocolError as error:
            self._break(error)
            raise
        return None

    def _read_lines(self) -> Reply | InvalidReply | None:
        """Take a reply line by line, None if not all have come."""
        while (line := self._take_line()) is not None:
            if not _CONTINUED.match(line):
                return self._parse_lines(line)
            if len(self._lines) + 1 >= self._limits.reply_lines:
                raise LimitExceeded("reply_lines", self._limits.reply_lines)
            self._lines.append(line)
        return None

    def _take_line(self) -> bytes | None:
        try:
            line = self._buffer.take_line(self._limits.reply_line)
        except LineTooLong:
            raise LimitExceeded("reply_line", self._limits.reply_line) from None
        if self._trace and line is not None:
            self._trace.received(line)
        return line

    def _parse_lines(self, last: bytes) -> Reply | InvalidReply:
        try:
            reply = parse_reply(b"".join((*self._lines, last)), strict=self._strict)
        except ReplySyntaxError:
            self._invalid_lines += 1
            if self._strict:
                raise
            if self._invalid_lines > self._limits.errors:
                raise LimitExceeded("errors", self._limits.errors) from None
            return InvalidReply(last)
        self._lines.clear()
        return reply

    def _take_reply(self, reply: Reply) -> ClientEvent | None:
        if reply.code == 421:
            self._last_word = reply
        if self.state is State.GREETING:
            self.state = self._ahead = State.INITIAL if reply.is_positive else _refused(reply)
            return Greeting(reply)
        if self._in_flight and not self._unasked:
            return self._answer(self._in_flight[0], reply)
        if reply.code < 400:
            raise RemoteProtocolError(f"a reply that nothing asked for: {reply}")
        self._unasked = False
        return UnsolicitedReply(reply)

    def _answer(self, command: _Sent, reply: Reply) -> ReplyReceived | None:
        """Take the reply to ``command``; None if the exchange that it began goes on."""
        kind = type(command)
        code = reply.code
        error = recipient = None
        if self._exchange is not None and kind is c.Auth:
            if code == 334:
                self._answer_challenge(self._exchange, reply)
                return None
            error = self._end_auth(self._exchange, reply)
        if kind is c.Data and code < 300:
            raise RemoteProtocolError(f"neither 354 nor a refusal of DATA: {reply}")
        if kind is c.Mail:
            self.envelope.open()
        moves = TRANSITIONS[kind]
        if self.lmtp and ends_message(command) and self.state in moves:
            recipient = self.envelope.next_answered()
        event = ReplyReceived(command, reply, recipient, error)
        if recipient is not None and self.envelope.unanswered:
            return event  # LMTP: the next recipient's reply follows
        self._in_flight.popleft()
        if code < 300 or (code < 400 and kind in _TAKES_MORE):
            self.state = moves.get(self.state, self.state)
            if kind in ON_SUCCESS:
                ON_SUCCESS[kind](self, command, reply)
            elif kind is c.StartTls:
                self._events.append(UpgradeToTls())
        elif kind in _REFUSED_TO_READY and self.state in moves:
            self.state = State.READY
        if not self._in_flight:
            self._ahead = self.state
        return event

    # --- AUTH ---

    def _answer_challenge(self, exchange: ClientExchange, reply: Reply) -> None:
        line = exchange.respond(reply.text.strip())
        self._write(line, secret=exchange.error is None)

    def _end_auth(self, exchange: ClientExchange, reply: Reply) -> SaslError | None:
        self._exchange = None
        if reply.is_positive:
            exchange.succeed()
        return exchange.error


def _refused(greeting: Reply) -> State:
    """Return the state after a greeting that is no welcome (RFC 5321 3.1, RFC 7504 4)."""
    return State.CLOSED if greeting.code in (421, 521) else State.REFUSED


# --- tables ---

_MAX_AUTH_LINE = 512  # RFC 4954 4: AUTH itself is a command line like any other
_CONTINUED = re.compile(rb"[2-5][0-9][0-9]-")
_OVER = (State.CLOSED, State.ERROR, State.TLS)
_CUT_OFF = (State.GREETING, State.CHUNKING, State.AUTHENTICATING, State.TLS)
_TAKES_MORE = frozenset((c.Data, c.Auth, c.AuthResponse))
_REFUSED_TO_READY = frozenset((c.EndOfMessage, c.Bdat, c.Burl, c.AuthResponse))

_BEFORE_READING: dict[State, Callable[[ClientConnection], None]] = {
    State.GREETING: ClientConnection._check_no_tls,
    State.TLS: ClientConnection._check_nothing_injected,
}
