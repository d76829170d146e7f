"""The client core of IMAP (RFC 3501, RFC 9051)."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.imap import commands as c
from mailproto.imap import responses as r
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.codes import CapabilityCode
from mailproto.imap.commands import Command
from mailproto.imap.events import (
    CommandCompleted,
    ConnectionClosed,
    ContentDue,
    ContentStart,
    EndOfContent,
    Greeting,
    IdleStarted,
    InvalidResponse,
    MessageOctets,
    UnsolicitedResponse,
    UpgradeToTls,
)
from mailproto.imap.fetch_shape import content_item
from mailproto.imap.framing import Frame, LiteralData, LiteralStart, response_framer
from mailproto.imap.parse_command import command_fragments, encode_line
from mailproto.imap.parse_response import COMMON, ResponseSyntaxError, parse_frame
from mailproto.imap.responses import Condition, Continuation, Response
from mailproto.imap.sender import Sender
from mailproto.imap.states import (
    ALONE,
    IDLE_TIMEOUT,
    OFFERED_AS,
    ONE_OF_KIND,
    REFUSALS,
    TIMEOUT,
    TRANSITIONS,
    State,
    may_expunge,
    uses_numbers,
)
from mailproto.limits import ImapLimits
from mailproto.sasl import ChannelBinding, ClientExchange, ClientMechanism

__all__ = ["ClientConnection", "ClientEvent"]

ClientEvent: TypeAlias = (
    Greeting
    | CommandCompleted
    | Response
    | IdleStarted
    | ContentDue
    | ContentStart
    | MessageOctets
    | EndOfContent
    | UnsolicitedResponse
    | InvalidResponse
    | UpgradeToTls
    | ConnectionClosed
)


class ClientConnection:
    """One IMAP session as the client sees it.

    Send commands with :meth:`send`, which returns their tags; write ``data_to_send()``, feed
    what comes back. Several commands may be in flight; each gets exactly one
    :class:`CommandCompleted`, or is named by :class:`ConnectionClosed`. Untagged responses are
    events as they are. A literal that waits holds back what is sent behind it until ``+``.

    ``tls`` says that the stream is TLS already, ``require_tls`` refuses a PREAUTH greeting
    without it, ``allow_plaintext`` lets passwords go out readable. ``strict`` refuses what is
    otherwise tolerated and noted in ``defects``.
    """

    __slots__ = (
        "_announced",
        "_bye",
        "_early",
        "_eof",
        "_error",
        "_events",
        "_exchange",
        "_framer",
        "_idle",
        "_invalid",
        "_limits",
        "_pending",
        "_sender",
        "_strict",
        "_tags",
        "_told",
        "allow_plaintext",
        "capabilities",
        "channel_bindings",
        "enabled",
        "idling",
        "require_tls",
        "state",
        "tls",
    )

    def __init__(
        self,
        *,
        limits: ImapLimits | None = None,
        strict: bool = False,
        tls: bool = False,
        require_tls: bool = False,
        allow_plaintext: bool = False,
    ) -> None:
        self.state = State.GREETING
        self.capabilities: Capabilities | None = None
        """What the server said that it can do; None while that is unknown, as it is again
        after TLS, and after a login that did not tell."""
        self.enabled: frozenset[str] = frozenset()
        """What ENABLE switched on, in upper case."""
        self.idling = False
        """Whether the server consented to IDLE and ``Done`` was not sent."""
        self.tls = tls
        self.require_tls = require_tls
        self.allow_plaintext = allow_plaintext
        self.channel_bindings: Sequence[ChannelBinding] = ()
        """What ``tls_established`` was given."""
        self._limits = limits or ImapLimits()
        self._strict = strict
        self._framer = response_framer(self._limits, strict=strict, whole=COMMON)
        self._sender = Sender()
        self._pending: dict[str, Command] = {}
        self._tags = 0
        self._exchange: ClientExchange | None = None
        self._events: deque[ClientEvent] = deque()
        self._announced: tuple[str, int] | None = None  # the content that was asked for
        self._told = False  # capabilities came since the last login was sent
        self._early: str | None = None  # the command sent behind the beginning of a response
        self._idle: str | None = None  # the IDLE that the server did not consent to yet
        self._invalid = 0
        self._bye: r.Bye | None = None
        self._eof = False
        self._error: RemoteProtocolError | None = None

    # --- bytes in and out ---

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the peer, cut anywhere."""
        if self.state not in _OVER and data:
            self._framer.receive(data)

    def receive_eof(self) -> None:
        """Note that the peer will send nothing more."""
        self._eof = True

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, ``b""`` if none; they are forgotten here."""
        return self._sender.take()

    # --- what the caller may ask ---

    @property
    def in_flight(self) -> dict[str, Command]:
        """The commands that are not completed, by their tags, oldest first."""
        return dict(self._pending)

    @property
    def utf8(self) -> bool:
        """Whether UTF-8 was agreed on (RFC 9051 5.1, RFC 9755 3)."""
        return not self.enabled.isdisjoint(("IMAP4REV2", "UTF8=ACCEPT"))

    @property
    def timeout(self) -> int:
        """Seconds to wait for the peer now; within IDLE, after which to send ``Done``."""
        return IDLE_TIMEOUT if self.idling else TIMEOUT

    def may_pipeline(self, command: Command) -> bool:
        """Whether ``command`` may be sent beside those in flight (RFC 9051 5.5)."""
        kind = type(command)
        others = self._pending.values()
        if kind in ALONE and others:
            return False
        return not any(
            type(other) in ALONE
            or (kind in ONE_OF_KIND and type(other) is kind)
            or (uses_numbers(command) and may_expunge(other))
            for other in others
        )

    # --- sending ---

    def send(self, item: Command | MessageOctets) -> str:
        """Send a command and return its tag; or ``Done``, or octets that are due.

        Of these the tag is that of the command that they belong to. Raises
        :class:`LocalProtocolError`, with nothing changed, if that is not allowed now, if the
        server does not offer it, or if it can not be put on the wire.
        """
        if isinstance(item, MessageOctets):
            return self._send_content(item)
        self._check_usable()
        if isinstance(item, c.Done):
            return self._send_done(item)
        if isinstance(item, c.Authenticate):
            raise LocalProtocolError("authenticate() sends AUTHENTICATE with its mechanism")
        return self._launch(item)

    def authenticate(self, mechanism: ClientMechanism) -> str:
        """Send AUTHENTICATE, let ``mechanism`` answer the challenges, and return the tag.

        Raises :class:`LocalProtocolError` as :meth:`send` does, and if a password would go out
        readable without TLS, unless ``allow_plaintext``. Source: RFC 9051 6.2.2, RFC 4959.
        """
        if mechanism.plaintext:
            self._check_plaintext(mechanism.name)
        self._check_usable()
        offered = self.capabilities
        if offered is not None and mechanism.name.upper() not in offered.auth:
            raise LocalProtocolError(f"the server does not offer AUTH={mechanism.name}")
        exchange = ClientExchange(mechanism)
        if offered is None or "SASL-IR" not in offered:
            exchange.withhold()
        tag = self._launch(c.Authenticate(mechanism.name, exchange.initial_response))
        self._exchange = exchange
        return tag

    def _check_usable(self) -> None:
        self._read_early()
        if self.state is State.GREETING:
            raise LocalProtocolError("wait for the server's greeting before sending anything")
        if self.state in _SILENT:
            raise LocalProtocolError(f"the session can not be used: {self.state.value}")

    def _check_plaintext(self, name: str) -> None:
        if not (self.tls or self.allow_plaintext):
            raise LocalProtocolError(
                f"{name} would show the password to every listener: start TLS first, or pass "
                "allow_plaintext=True"
            )

    def _check_permitted(self, command: Command) -> None:
        kind = type(command)
        if self.state not in TRANSITIONS.get(kind, ()):
            raise LocalProtocolError(f"{_name(command)} is out of order: {self.state.value}")
        if len(self._pending) >= self._limits.pipelined_commands:
            raise LocalProtocolError("too many commands in flight: wait for their completion")
        if not self.may_pipeline(command):
            raise LocalProtocolError(
                f"{_name(command)} has to wait for the commands in flight (RFC 9051 5.5)"
            )
        offered = self.capabilities
        if offered is not None and kind in OFFERED_AS:
            names = OFFERED_AS[kind]
            if not any(name in offered for name in names):
                raise LocalProtocolError(f"the server does not offer {' or '.join(names)}")
        if kind is c.Login:
            self._check_plaintext("LOGIN")
            if offered is not None and "LOGINDISABLED" in offered:
                raise LocalProtocolError("the server forbids LOGIN (LOGINDISABLED)")
        if kind is c.StartTls and self.tls:
            raise LocalProtocolError("the session runs over TLS already")
        if kind is c.Compress:
            raise LocalProtocolError("COMPRESS is not spoken here")

    def _launch(self, command: Command) -> str:
        self._check_permitted(command)
        tag = f"A{self._tags + 1}"
        fragments = command_fragments(tag, command, utf8=self.utf8)
        self._tags += 1
        if len(self._framer):
            self._early = tag
        if type(command) in _LOGINS:
            self._told = False
        if type(command) is c.Idle:
            self._idle = tag
        self._pending[tag] = command
        self._sender.push(tag, fragments, self.capabilities or Capabilities())
        self._announce_content()
        return tag

    def _send_done(self, done: c.Done) -> str:
        if not self.idling:
            raise LocalProtocolError("there is no IDLE to end")
        self.idling = False
        self._sender.write(encode_line(done))
        return next(iter(self._pending))

    def _send_content(self, octets: MessageOctets) -> str:
        due = self._sender.due
        if self.state in _SILENT or due is None:
            raise LocalProtocolError("no content is due")
        self._sender.content(octets.data)
        if self._sender.due is None:
            self._announced = None
        self._announce_content()
        return due[0]

    def _announce_content(self) -> None:
        due = self._sender.due
        if due is not None and self._announced is None:
            self._announced = due
            self._events.append(ContentDue(*due))

    # --- TLS ---

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None:
        """Go on over TLS; all that the server said before is forgotten (RFC 9051 6.2.1).

        ``channel_bindings`` are what this TLS connection has for SCRAM-...-PLUS. Raises
        :class:`LocalProtocolError` if no handshake was due, and :class:`RemoteProtocolError`
        if plain bytes came behind the server's consent.
        """
        if self.state is not State.TLS:
            raise LocalProtocolError("no TLS handshake was due")
        if len(self._framer):
            self._break(_injected())
            raise _injected()
        self._events.clear()
        self.tls = True
        self.channel_bindings = channel_bindings
        self.capabilities = None
        self.state = State.NOT_AUTHENTICATED

    # --- events ---

    def next_event(self) -> ClientEvent | None:
        """Return the next event, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` when the session can not go on; from then on the
        same error comes again.
        """
        while not self._events:
            if self._error is not None:
                raise self._error
            if self.state is State.LOGOUT:
                return self._closed()
            try:
                if not self._read():
                    if not self._eof:
                        return None
                    self.state = State.LOGOUT
            except RemoteProtocolError as error:
                self._break(error)
        return self._events.popleft()

    def _closed(self) -> ConnectionClosed:
        clean = not len(self._framer)
        clean = clean and all(type(command) is c.Logout for command in self._pending.values())
        return ConnectionClosed(clean, tuple(self._pending.items()), self._bye)

    def _read_early(self) -> None:
        """Take note of what came before the next command: it can not be the answer to that."""
        try:
            while self.state not in _OVER and self._read():
                pass
        except RemoteProtocolError as error:
            self._break(error)  # next_event raises it

    def _close(self) -> None:
        self.state = State.LOGOUT
        self.idling = False
        self._framer.take_rest()

    def _break(self, error: RemoteProtocolError) -> None:
        self._error = error
        self.state = State.ERROR
        self.idling = False

    def _read(self) -> bool:
        """Take one frame; False if none has come."""
        if self.state is State.TLS:
            if len(self._framer):
                raise _injected()
            return False
        frame = self._framer.next_frame()
        if frame is None:
            return False
        self._take_frame(frame)
        return True

    def _take_frame(self, frame: Frame) -> None:
        if isinstance(frame, LiteralData):
            if frame.data:
                self._events.append(MessageOctets(frame.data))
            if frame.last:
                self._events.append(EndOfContent())
        elif isinstance(frame, LiteralStart):
            self._take_literal(frame)
        else:
            try:
                response = parse_frame(
                    frame, strict=self._strict, utf8=self.utf8, nesting=self._limits.nesting
                )
            except ResponseSyntaxError as error:
                self._take_invalid(error)
            else:
                self._take(response)

    def _take_literal(self, literal: LiteralStart) -> None:
        content = content_item(literal.opening, literal.line)
        name = "literal" if content is None else "body"
        most: int | None = getattr(self._limits, name)
        if most is not None and literal.size > most:
            raise LimitExceeded(name, most)
        self._framer.accept(stream=content is not None)
        if content is not None:
            self._events.append(ContentStart(*content, literal.size))

    def _take_invalid(self, error: ResponseSyntaxError) -> None:
        if self._strict or self.state is State.GREETING or error.tag in self._pending:
            raise error  # nobody can tell what became of the command
        self._early = None
        self._events.append(InvalidResponse(error.data[:_SHOWN]))
        self._count_invalid()

    def _count_invalid(self) -> None:
        self._invalid += 1
        if self._invalid > self._limits.errors:
            raise LimitExceeded("errors", self._limits.errors)

    def _take(self, response: Response) -> None:
        early, self._early = self._early, None
        if self.state is State.GREETING:
            self._begin_session(response)
        elif isinstance(response, Continuation):
            self._go_on(response)
        elif isinstance(response, Condition) and response.tag is not None:
            self._complete(response, response.tag, early)
        else:
            if type(response) in _ON_UNTAGGED:
                _ON_UNTAGGED[type(response)](self, response)
            if isinstance(response, Condition):
                self._learn(response)
            self._events.append(response)

    def _begin_session(self, greeting: Response) -> None:
        state = _GREETINGS.get(type(greeting))
        if state is None or not isinstance(greeting, Condition) or greeting.tag is not None:
            raise RemoteProtocolError("the server does not greet as IMAP does")
        if state is State.AUTHENTICATED and self.require_tls and not self.tls:
            raise RemoteProtocolError("PREAUTH without TLS, which is required (RFC 9051 11.1)")
        self.state = state
        if isinstance(greeting, r.Bye):
            self._bye = greeting
            self._close()
        self._learn(greeting)
        self._events.append(Greeting(greeting))

    def _learn(self, response: Condition) -> None:
        if isinstance(response.code, CapabilityCode):
            self.capabilities = response.code.capabilities
            self._told = True

    def _take_capabilities(self, response: Any) -> None:
        self.capabilities = response.capabilities
        self._told = True

    def _take_enabled(self, response: Any) -> None:
        if any(type(command) is c.Enable for command in self._pending.values()):
            self.enabled |= {name.upper() for name in response.capabilities}

    def _take_bye(self, bye: Any) -> None:
        self._bye = bye
        if not any(type(command) is c.Logout for command in self._pending.values()):
            self._close()

    # --- continuations and completions ---

    def _go_on(self, response: Continuation) -> None:
        if self._sender.waiting is not None:
            self._sender.go_ahead()
            self._announce_content()
        elif self._exchange is not None:
            self._sender.write(self._exchange.respond(response.text))
        elif self._idle is not None:
            self.idling = True
            self._events.append(IdleStarted(self._idle))
            self._idle = None
        else:
            self._events.append(UnsolicitedResponse(response))
            self._count_invalid()

    def _complete(self, response: Condition, tag: str, early: str | None) -> None:
        command = self._pending.get(tag)
        if command is None or tag == early or not self._sender.has_begun(tag):
            self._take_unknown(response)
            return
        kind = type(command)
        error = None
        if (exchange := self._exchange) is not None:
            if isinstance(response, r.Ok):
                exchange.succeed()
            self._exchange = None
            error = exchange.error
        if kind is c.StartTls and isinstance(response, r.Ok) and len(self._framer):
            raise _injected()
        del self._pending[tag]
        self._sender.complete(tag)
        self._learn(response)
        self._events.append(CommandCompleted(tag, command, response, error))
        if isinstance(response, r.Ok):
            self.state = TRANSITIONS[kind][self.state]
            if kind in _ON_SUCCESS:
                _ON_SUCCESS[kind](self)
        elif isinstance(response, r.No):
            self.state = REFUSALS.get(kind, self.state)
        if kind is c.Idle:
            self.idling = False
            self._idle = None
        self._announce_content()

    def _take_unknown(self, response: Condition) -> None:
        """A completion of nothing: fatal where it may be meant to forge the answer to a login."""
        if self.state is State.NOT_AUTHENTICATED or response.tag in self._pending:
            raise RemoteProtocolError(f"a completion that answers nothing: {response.tag}")
        self._events.append(UnsolicitedResponse(response))
        self._count_invalid()

    def _begin_tls(self) -> None:
        self._events.append(UpgradeToTls())

    def _change_user(self) -> None:
        if not self._told:
            self.capabilities = None

    def _forget_user(self) -> None:
        self.enabled = frozenset()
        self._change_user()


def _injected() -> RemoteProtocolError:
    return RemoteProtocolError("plain bytes before the TLS handshake (CVE-2021-38371)")


def _name(command: Command) -> str:
    return command.keyword if isinstance(command, c.UnknownCommand) else command.name


# --- tables ---

_SHOWN = 1000
_OVER = (State.LOGOUT, State.ERROR)
_SILENT = (*_OVER, State.TLS)
_LOGINS = frozenset((c.Login, c.Authenticate, c.Unauthenticate))
_GREETINGS: dict[type, State] = {
    r.Ok: State.NOT_AUTHENTICATED,
    r.Preauth: State.AUTHENTICATED,
    r.Bye: State.LOGOUT,
}
_ON_UNTAGGED: dict[type, Callable[[ClientConnection, Any], None]] = {
    r.CapabilityResponse: ClientConnection._take_capabilities,
    r.EnabledResponse: ClientConnection._take_enabled,
    r.Bye: ClientConnection._take_bye,
}
_ON_SUCCESS: dict[type, Callable[[ClientConnection], None]] = {
    c.StartTls: ClientConnection._begin_tls,
    c.Login: ClientConnection._change_user,
    c.Authenticate: ClientConnection._change_user,
    c.Unauthenticate: ClientConnection._forget_user,
    c.Logout: ClientConnection._close,
}
