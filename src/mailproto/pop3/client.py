"""The client core of POP3 (RFC 1939)."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from mailproto._buffer import LineTooLong, ReceiveBuffer
from mailproto._foreign import TLS_RECORDS
from mailproto._trace import Trace, Tracer
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.limits import Pop3Limits
from mailproto.pop3 import commands as c
from mailproto.pop3.apop import find_timestamp
from mailproto.pop3.capabilities import Capabilities
from mailproto.pop3.codec import (
    LONGEST_COMMAND,
    ResponseSyntaxError,
    encode_command,
    parse_response,
)
from mailproto.pop3.commands import Command
from mailproto.pop3.content import IncomingContent
from mailproto.pop3.events import (
    ConnectionClosed,
    Greeting,
    InvalidResponse,
    ResponseReceived,
    UnsolicitedResponse,
    UpgradeToTls,
)
from mailproto.pop3.exchange import Exchange
from mailproto.pop3.listings import read_value
from mailproto.pop3.permission import check_permitted, check_plaintext
from mailproto.pop3.responses import (
    EndOfListing,
    EndOfMessage,
    Entries,
    MessageData,
    Response,
)
from mailproto.pop3.states import (
    ENDS_GROUP,
    TIMEOUT,
    TRANSITIONS,
    State,
    command_name,
    content_of,
)
from mailproto.sasl import Challenge, ChannelBinding, ClientMechanism

__all__ = ["ClientConnection", "ClientEvent"]

ClientEvent: TypeAlias = (
    Greeting
    | ResponseReceived
    | MessageData
    | EndOfMessage
    | Entries
    | EndOfListing
    | Challenge
    | UnsolicitedResponse
    | InvalidResponse
    | UpgradeToTls
    | ConnectionClosed
)


class ClientConnection:
    """One POP3 session as the client sees it.

    Send commands with :meth:`send`, write ``data_to_send()``, feed what comes back. Each
    command gets exactly one :class:`ResponseReceived`, in order; with PIPELINING several may
    be in flight. Behind a positive one come, for RETR and TOP, :class:`MessageData` and
    :class:`EndOfMessage`; for LIST, UIDL and LANG without argument batches of entries and
    :class:`EndOfListing`; for CAPA ``capabilities`` are known at :class:`EndOfListing`.

    ``tls`` says that the stream is TLS already. ``allow_plaintext`` lets passwords go out
    readable without it. ``strict`` refuses what is otherwise tolerated and noted in
    ``defects``. ``trace`` gets every line but those of listings, secrets redacted.
    """

    __slots__ = (
        "_ahead",
        "_buffer",
        "_content",
        "_eof",
        "_error",
        "_events",
        "_exchange",
        "_in_flight",
        "_invalid_lines",
        "_last_word",
        "_line_end",
        "_out",
        "_strict",
        "_trace",
        "_unasked",
        "allow_plaintext",
        "authenticated",
        "capabilities",
        "channel_bindings",
        "limits",
        "state",
        "timestamp",
        "tls",
        "user_sent",
        "utf8",
    )

    def __init__(
        self,
        *,
        limits: Pop3Limits | None = None,
        strict: bool = False,
        tls: bool = False,
        allow_plaintext: bool = False,
        trace: Trace | None = None,
    ) -> None:
        self.state = State.GREETING
        self.capabilities: Capabilities | None = None
        """What the server's answer to CAPA offers; None while that is unknown, as it is again
        after STLS and after a login."""
        self.timestamp: str | None = None
        """What ``apop_digest`` needs, from the greeting; None if there is no APOP."""
        self.tls = tls
        """Whether the session runs over TLS."""
        self.allow_plaintext = allow_plaintext
        self.authenticated = False
        self.user_sent = False
        """Whether USER was sent, so that PASS may follow."""
        self.utf8 = False
        """Whether the session is in UTF-8 mode (RFC 6856 2.1)."""
        self.channel_bindings: Sequence[ChannelBinding] = ()
        """What ``tls_established`` was given."""
        self.limits = limits or Pop3Limits()
        self._strict = strict
        self._trace = Tracer(trace, "C", "S") if trace else None
        self._buffer = ReceiveBuffer()
        self._out: list[bytes] = []
        self._in_flight: deque[Command] = deque()
        self._ahead = State.GREETING  # the state if all in flight succeeds
        self._line_end = b"\r\n"
        self._content: IncomingContent | None = None  # of the response under way
        self._exchange: Exchange | None = None
        self._events: deque[ClientEvent] = deque()
        self._invalid_lines = 0
        self._unasked = False  # the line that has come in part came before the command
        self._last_word: Response | None = None
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
        data = b"".join(self._out)
        self._out.clear()
        return data

    # --- what the caller may ask ---

    @property
    def in_flight(self) -> tuple[Command, ...]:
        """The commands whose answer is not complete, oldest first."""
        return tuple(self._in_flight)

    @property
    def said_goodbye(self) -> bool:
        """Whether the server announced the end with an ``-ERR`` that answered nothing."""
        return self._last_word is not None

    @property
    def timeout(self) -> int:
        """Seconds to wait for the peer now; no RFC says how long."""
        return TIMEOUT

    def may_pipeline(self) -> bool:
        """Whether a command may be sent now, responses outstanding or not (RFC 2449 6.6)."""
        if not self._in_flight:
            return True
        offered = self.capabilities is not None and "PIPELINING" in self.capabilities
        return offered and type(self._in_flight[-1]) not in ENDS_GROUP

    # --- sending ---

    def send(self, command: Command) -> None:
        """Send a command.

        Raises :class:`LocalProtocolError`, with nothing changed, if that is not allowed now,
        if the server does not offer it, or if it can not be put on the wire.
        """
        self._check_free()
        if isinstance(command, c.AuthResponse):
            if self.state is not State.AUTHENTICATING:
                raise LocalProtocolError("there is no challenge to answer")
        elif self._ahead not in TRANSITIONS[type(command)]:
            raise LocalProtocolError(
                f"{command_name(command)} is out of order: {self._ahead.value}"
            )
        check_permitted(self, command)
        line = encode_command(command)
        self._write(line, secret=isinstance(command, c.AuthResponse))
        self._in_flight.append(command)
        self._ahead = TRANSITIONS[type(command)][self._ahead]
        self.user_sent = isinstance(command, c.User)

    def authenticate(self, mechanism: ClientMechanism) -> None:
        """Send AUTH and let ``mechanism`` answer the challenges (RFC 5034 4).

        One :class:`ResponseReceived` to the AUTH comes in the end. Raises
        :class:`LocalProtocolError` as :meth:`send` does, and if a password would go out
        readable without TLS, unless ``allow_plaintext``.
        """
        if mechanism.plaintext:
            check_plaintext(self, mechanism.name)
        exchange = Exchange(mechanism, strict=self._strict)
        if not self._takes_initial_response(mechanism, exchange.initial_response):
            exchange.withhold()
        self.send(c.Auth(mechanism.name, exchange.initial_response))
        self._exchange = exchange

    def _takes_initial_response(self, mechanism: ClientMechanism, response: bytes | None) -> bool:
        if self.capabilities is None or "SASL" not in self.capabilities or response is None:
            return False  # RFC 5034 3
        encoded = 4 * -(-len(response) // 3)
        return len(f"AUTH {mechanism.name} \r\n") + encoded <= LONGEST_COMMAND

    def _check_free(self) -> None:
        self._read_unasked()
        if self.state is State.GREETING:
            raise LocalProtocolError("wait for the server's greeting before sending anything")
        if self.state in _SILENT:
            raise LocalProtocolError(f"the session can not be used: {self.state.value}")
        if not self.may_pipeline():
            raise LocalProtocolError(
                f"wait for the response to {command_name(self._in_flight[-1])} first"
            )
        if len(self._in_flight) >= self.limits.pipelined_commands:
            raise LocalProtocolError("too many commands in flight: read their responses first")

    def _write(self, line: bytes, *, secret: bool = False) -> None:
        self._out.append(line)
        if self._trace:
            self._trace.sent(line, secret=secret)

    # --- TLS ---

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None:
        """Go on over TLS; all that the server said before is forgotten (RFC 2595 4).

        ``channel_bindings`` are what this TLS connection has for SCRAM-...-PLUS. Raises
        :class:`LocalProtocolError` if no handshake was due, and :class:`RemoteProtocolError`
        if plain bytes came behind the server's consent.
        """
        if self.state is not State.TLS:
            raise LocalProtocolError("no TLS handshake was due")
        self._read()  # it is an error if anything came
        if self._error is not None:
            raise self._error
        self.tls = True
        self.channel_bindings = channel_bindings
        self.capabilities = None
        self.timestamp = None
        self.state = self._ahead = State.AUTHORIZATION

    # --- events ---

    def next_event(self) -> ClientEvent | None:
        """Return the next event, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` when the session can not go on; from then on the
        same error comes again.
        """
        while not self._events:
            if self._error is not None:
                raise self._error
            if self.state is State.CLOSED:
                return self._closed()
            if not self._read():
                if not self._eof:
                    return None
                self.state = State.CLOSED
        return self._events.popleft()

    def _read(self) -> bool:
        """Take one line, or some of what follows it; False if that has not come.

        What ends the session is noted, to be raised behind the events that came before it.
        """
        try:
            if self._content is not None:
                return self._read_content(self._content)
            return self._read_line()
        except RemoteProtocolError as error:
            self._error = error
            self.state = State.ERROR
            self._buffer.clear()
            return True

    def _read_unasked(self) -> None:
        """Take note of what came before the next command: it can not be the answer to that."""
        if self._in_flight:
            return
        while self.state not in _OVER and self._read():
            pass
        self._unasked = bool(len(self._buffer))

    def _closed(self) -> ConnectionClosed:
        unanswered = tuple(self._in_flight)
        clean = not len(self._buffer) and all(type(command) is c.Quit for command in unanswered)
        return ConnectionClosed(clean, unanswered, self._last_word)

    def _close(self) -> None:
        self.state = State.CLOSED
        self._buffer.clear()

    def _read_line(self) -> bool:
        if self.state in _BEFORE_READING:
            _BEFORE_READING[self.state](self)
        exchange = self._answered_exchange
        name = "response_line" if exchange is None else "auth_line"
        limit: int = getattr(self.limits, name)
        try:
            line = self._buffer.take_line(limit)
        except LineTooLong:
            raise LimitExceeded(name, limit) from None
        if line is None:
            return False
        if self._trace:
            self._trace.received(line)
        if exchange is not None and exchange.is_challenge_line(line):
            self._respond(exchange, exchange.respond_to_line(line))
        else:
            self._take_response(line)
        return True

    def _check_no_tls(self) -> None:
        if self._buffer.peek(2) in TLS_RECORDS:
            raise RemoteProtocolError(
                "the server speaks TLS on this port: connect with implicit TLS"
            )

    def _check_nothing_injected(self) -> None:
        if len(self._buffer):
            raise RemoteProtocolError("plain bytes before the TLS handshake (CVE-2021-38371)")

    @property
    def _answered_exchange(self) -> Exchange | None:
        """The exchange under way if the next line is for it, not for a command before AUTH."""
        if self._unasked or not self._in_flight:
            return None
        return self._exchange if type(self._in_flight[0]) is c.Auth else None

    def _take_response(self, line: bytes) -> None:
        unasked, self._unasked = self._unasked or not self._in_flight, False
        try:
            response = parse_response(line, strict=self._strict)
        except ResponseSyntaxError:
            if self._strict:
                raise
            self._take_invalid(InvalidResponse(line.rstrip(b"\r\n")[:80]))
            return
        if self.state is State.GREETING and isinstance(response, Response):
            self._begin_session(line, response)
        elif unasked:
            if isinstance(response, Challenge) or response.ok:
                raise RemoteProtocolError(f"a response that nothing asked for: {line[:80]!r}")
            self._last_word = response
            self._events.append(UnsolicitedResponse(response))
        elif isinstance(response, Challenge):
            self._take_challenge(self._in_flight[0], response)
        else:
            self._answer(self._in_flight[0], response)

    def _take_invalid(self, event: InvalidResponse) -> None:
        self._events.append(event)
        self._invalid_lines += 1
        if self._invalid_lines > self.limits.errors:
            raise LimitExceeded("errors", self.limits.errors)

    def _begin_session(self, line: bytes, greeting: Response) -> None:
        if not line.endswith(b"\r\n"):
            self._line_end = b"\n"  # decided once: else ".LF" in a message could end it
        if greeting.ok:
            self.timestamp = find_timestamp(greeting.text)
            self.state = self._ahead = State.AUTHORIZATION
        else:
            self._close()
        self._events.append(Greeting(greeting))

    def _answer(self, command: Command, response: Response) -> None:
        error = None
        exchange = self._answered_exchange
        if exchange is not None:
            if exchange.is_challenge(response):
                self._respond(exchange, exchange.respond(response.text))
                return
            exchange.end(response)
            self._exchange, error = None, exchange.error
        kind = type(command)
        value = read_value(command, response, strict=self._strict)
        self._events.append(ResponseReceived(command, response, value, error))
        if response.ok and (content := content_of(command)) is not None:
            self._content = IncomingContent(
                content, self.limits, strict=self._strict, line_end=self._line_end
            )
            return
        self._in_flight.popleft()
        if kind is c.Quit:
            self._close()
        elif not response.ok:
            if kind is c.AuthResponse:
                self.state = State.AUTHORIZATION
        else:
            self.state = TRANSITIONS[kind].get(self.state, self.state)
            if kind in _ON_SUCCESS:
                _ON_SUCCESS[kind](self)
        self._settle()

    def _settle(self) -> None:
        if not self._in_flight:
            self._ahead = self.state

    def _begin_tls(self) -> None:
        self._check_nothing_injected()
        self._events.append(UpgradeToTls())

    def _authenticated(self) -> None:
        self.authenticated = True
        self.capabilities = None

    def _begin_utf8(self) -> None:
        self.utf8 = True

    # --- multi-line responses ---

    def _read_content(self, content: IncomingContent) -> bool:
        text = content.take(self._buffer)
        if text:
            for event in content.read(text):
                self._take_content(event)
        elif content.finished:
            self._end_content(content)
        return bool(text) or content.finished

    def _take_content(self, event: Any) -> None:
        if isinstance(event, InvalidResponse):
            self._take_invalid(event)
            return
        self._events.append(event)
        if self._trace and isinstance(event, MessageData):
            self._trace.body_received(len(event.data))

    def _end_content(self, content: IncomingContent) -> None:
        command = self._in_flight.popleft()
        if isinstance(command, c.Capa):
            self.capabilities = Capabilities(content.offered)
        self._events.append(content.end())
        self._content = None
        self._settle()

    # --- AUTH ---

    def _take_challenge(self, command: Command, challenge: Challenge) -> None:
        """Hand out a challenge that the caller answers by itself."""
        if not isinstance(command, (c.Auth, c.AuthResponse)):
            raise RemoteProtocolError(f"a challenge to {command_name(command)}")
        self._in_flight.popleft()
        self.state = self._ahead = State.AUTHENTICATING
        self._events.append(challenge)

    def _respond(self, exchange: Exchange, line: bytes) -> None:
        self._write(line, secret=exchange.error is None)


# --- tables ---

_OVER = (State.CLOSED, State.ERROR)
_SILENT = (*_OVER, State.TLS)

_BEFORE_READING: dict[State, Callable[[ClientConnection], None]] = {
    State.GREETING: ClientConnection._check_no_tls,
    State.TLS: ClientConnection._check_nothing_injected,
}
_ON_SUCCESS: dict[type[Any], Callable[[ClientConnection], None]] = {
    c.Stls: ClientConnection._begin_tls,
    c.Utf8: ClientConnection._begin_utf8,
    **dict.fromkeys((c.Pass, c.Apop, c.Auth, c.AuthResponse), ClientConnection._authenticated),
}
