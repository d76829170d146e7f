"""The server core of IMAP (RFC 3501, RFC 9051)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from mailproto._trace import Trace, Tracer, redact_imap
from mailproto._value import evolve
from mailproto.errors import Defect, LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.imap import commands as c
from mailproto.imap import responses as r
from mailproto.imap.answers import PREFACES, check_fits, default_response
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.commands import Command
from mailproto.imap.events import (
    ConnectionClosed,
    EndOfContent,
    InvalidCommand,
    LiteralOffered,
    MessageOctets,
    TaggedCommand,
    UpgradeToTls,
)
from mailproto.imap.fetch import FetchResponse
from mailproto.imap.fitting import DEFAULT_CAPABILITIES, check_offer, fitting
from mailproto.imap.intake import Intake, invalid
from mailproto.imap.outcomes import ON_SENT, ON_SUCCESS, end_login, state_after
from mailproto.imap.outgoing import Outgoing
from mailproto.imap.parse_command import CommandSyntaxError, parse_auth_response, parse_done
from mailproto.imap.parse_response import encode_response
from mailproto.imap.refusals import FAREWELLS
from mailproto.imap.responses import Condition, Response
from mailproto.imap.states import (
    ALONE,
    GREETINGS,
    LOGIN_TIMEOUT,
    SERVER_TIMEOUT,
    State,
    closes,
    may_expunge,
    may_overlap,
)
from mailproto.imap.wire import Wire
from mailproto.limits import ImapLimits
from mailproto.sasl import Authenticated, Challenge, ChannelBinding, ServerMechanism
from mailproto.sasl._password import PasswordLogin
from mailproto.sasl._server_login import LoginEvent, ServerLogin

__all__ = ["ServerConnection", "ServerEvent"]

ServerEvent: TypeAlias = (
    TaggedCommand
    | InvalidCommand
    | LiteralOffered
    | MessageOctets
    | EndOfContent
    | c.Done
    | c.AuthResponse
    | LoginEvent
    | UpgradeToTls
    | ConnectionClosed
)

_Reader: TypeAlias = "Callable[[ServerConnection], ServerEvent | None]"

_LOGINS = frozenset((c.Login, c.Authenticate))


class ServerConnection(ServerLogin):
    """One IMAP session as the server sees it.

    Send the greeting (an untagged ``Ok`` or ``Preauth``), then feed bytes and serve events. Each
    :class:`TaggedCommand` is owed one ``Ok``, ``No`` or ``Bad`` with its tag, behind the
    untagged data that it asks for; ``default_response`` gives the ordinary one. Until then
    further commands may come, unless these could be confused (RFC 9051 5.5). An
    :class:`InvalidCommand`, a :class:`LiteralOffered` and what a login asks are to be answered
    before the next event.

    ``capabilities`` is what CAPABILITY tells; it may be changed at any time (what does not fit
    is left out, see ``offered``). By itself the core says, before your ``Ok``, the list of
    CAPABILITY, the ENABLED of ENABLE and the BYE of LOGOUT, unless you said it.
    ``allow_plaintext`` lets passwords come without TLS. ``strict`` refuses what is otherwise
    tolerated and noted in ``defects``. ``trace`` gets every line, secrets redacted.
    """

    __slots__ = (
        "_allow_plaintext",
        "_capabilities",
        "_eof",
        "_error",
        "_event",
        "_held",
        "_offered",
        "_owed",
        "_pending",
        "_reader",
        "_trace",
        "_wire",
        "enabled",
        "idling",
        "intake",
        "limits",
        "outgoing",
        "renumbers",
        "state",
        "strict",
        "tls",
        "told",
        "utf8",
    )

    def __init__(
        self,
        capabilities: Capabilities = DEFAULT_CAPABILITIES,
        *,
        limits: ImapLimits | None = None,
        strict: bool = False,
        tls: bool = False,
        allow_plaintext: bool = False,
        trace: Trace | None = None,
    ) -> None:
        super().__init__()
        self.state = State.GREETING
        self.enabled: frozenset[str] = _NOTHING
        """What ENABLE switched on, in upper case."""
        self.utf8 = False
        """Whether UTF-8 was agreed on (RFC 9051 5.1, RFC 9755 3)."""
        self.idling = False
        """Whether IDLE was consented to and waits for its ``Done``."""
        self.limits = limits or _DEFAULT_LIMITS
        self.strict = strict
        self.tls = tls
        """Whether the session runs over TLS."""
        self.capabilities = capabilities
        self._allow_plaintext = allow_plaintext
        self._trace = Tracer(trace, "S", "C", redact_imap) if trace else None
        self._wire = Wire()
        self.intake = Intake(self._wire, self.limits, strict=strict, trace=self._trace)
        """Used by the core's other modules, as is ``outgoing``."""
        self.outgoing = Outgoing(self._wire, self._trace)
        self._reader: _Reader = _nothing
        self._event: ServerEvent | None = None  # the next one, where it is known
        self._pending: dict[str, Command] = {}
        self._held: TaggedCommand | None = None  # must not overlap with those in flight
        self._owed: ServerEvent | None = None  # what has to be answered before the next event
        self.told: frozenset[type[Command]] = _NOTHING
        """Those in flight of which the core need not say anything any more."""
        self.renumbers = False
        """Whether NOTIFY asked for EXPUNGE at any time."""
        self._eof = False
        self._error: RemoteProtocolError | None = None

    # --- bytes in and out ---

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the peer, cut anywhere."""
        if self.state not in _OVER:
            self.intake.receive(data)

    def receive_eof(self) -> None:
        """Note that the peer will send nothing more."""
        self._eof = True

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, ``b""`` if none; they are forgotten here."""
        return self._wire.take()

    # --- what the embedder may ask ---

    @property
    def in_flight(self) -> Mapping[str, Command]:
        """The commands that were not completed, by their tags, oldest first."""
        return self._pending

    @property
    def logged_in(self) -> bool:
        """Whether the client has authenticated, or need not."""
        return self.user is not None or self.state in _LOGGED_IN

    @property
    def reply_owed(self) -> bool:
        """Whether octets of a literal are owed, so that nothing else can be sent."""
        return self.outgoing.owed > 0

    @property
    def may_expunge(self) -> bool:
        """Whether EXPUNGE or VANISHED may be sent now (RFC 9051 7.5.1, RFC 5465 5.3)."""
        if self.state is not State.SELECTED:
            return False
        in_flight = self._pending.values()
        return self.renumbers or (bool(in_flight) and all(map(may_expunge, in_flight)))

    @property
    def timeout(self) -> int:
        """Seconds to wait for the peer's next bytes; then say BYE (RFC 9051 5.4)."""
        return SERVER_TIMEOUT if self.logged_in else LOGIN_TIMEOUT

    @property
    def capabilities(self) -> Capabilities:
        """What CAPABILITY tells, where it fits.

        Setting it raises :class:`LocalProtocolError` if no server can offer that.
        """
        return self._capabilities

    @capabilities.setter
    def capabilities(self, capabilities: Capabilities) -> None:
        check_offer(capabilities)
        self._capabilities = capabilities
        self._offered: Capabilities | None = None

    @property
    def offered(self) -> Capabilities:
        """What CAPABILITY tells now."""
        if self._offered is None:
            self._offered = fitting(
                self._capabilities,
                logged_in=self.logged_in,
                tls=self.tls,
                may_show_passwords=self.tls or self._allow_plaintext,
                compressed=self._wire.compressed,
            )
        return self._offered

    def default_response(self, event: ServerEvent | None) -> Response:
        """Return the ordinary answer to ``event``: what to send if you have no other wish.

        None stands for the connection, which is answered by the greeting. Raises
        :class:`LocalProtocolError` if nothing is owed to the event.
        """
        return default_response(self, event)

    # --- sending ---

    def send(self, item: Response | MessageOctets) -> None:
        """Send a response, or octets of a literal that the last response promised.

        Raises :class:`LocalProtocolError`, with nothing changed, if it does not fit the
        session, or if it can not be sent.
        """
        if self.outgoing.owed:
            self.outgoing.content(item)
        elif isinstance(item, Condition):
            self._send_condition(item)
        elif self.state not in _OPEN:
            raise LocalProtocolError(f"nothing can be sent: {self.state.value}")
        elif isinstance(item, r.Continuation):
            self._send_continuation(item)
        elif isinstance(item, Response):
            self._send_data(item)
        else:
            raise LocalProtocolError(f"{type(item).__name__} is not due")

    def _send_data(self, response: Response) -> None:
        kind = type(response)
        if kind is not FetchResponse or self.state is not State.SELECTED or self.enabled:
            check_fits(self, response)
        self.outgoing.respond(response, utf8=self.utf8)
        if kind in ON_SENT:
            ON_SENT[kind](self, response)

    def _send_condition(self, condition: Condition) -> None:
        tag = condition.tag
        if tag is None:
            self._send_untagged(condition)
            return
        command = self._pending.get(tag)
        if command is not None:
            self._complete(condition, tag, command)
            return
        owed = self._owed
        if not isinstance(owed, _REFUSABLE) or _tag_of(owed) != tag:
            raise LocalProtocolError(f"no command with the tag {tag} is in flight")
        if isinstance(condition, r.Ok):
            raise LocalProtocolError(f"OK is no answer to {type(owed).__name__}")
        self.outgoing.respond(condition, utf8=self.utf8)
        self._settle(condition)

    def _send_untagged(self, condition: Condition) -> None:
        kind = type(condition)
        if kind not in _UNTAGGED[self.state]:
            raise LocalProtocolError(f"{condition.name} is out of order: {self.state.value}")
        self.outgoing.respond(condition, utf8=self.utf8)
        if kind is r.Bye:
            self.told |= {c.Logout}
            if not self._is_in_flight(c.Logout):
                self._close()
        elif self.state is State.GREETING:
            self._enter(GREETINGS[kind])
            self._know_user()
        elif self.state is State.SELECTED and closes(condition, self._pending.values()):
            self.state = State.AUTHENTICATED
        elif kind is not r.Ok and _is_untagged(self._owed):
            self._settle(condition)

    def _send_continuation(self, continuation: r.Continuation) -> None:
        command = next(iter(self._pending.values()), None)
        reader = _CONTINUED.get(type(command))
        waits = self._reader is _nothing and self.mechanism is None
        if reader is None or not waits or type(self._owed) not in _MAY_GO_ON:
            raise LocalProtocolError("a continuation that nothing waits for")
        self.outgoing.respond(continuation, utf8=self.utf8)
        self._owed = None
        self._reader = reader
        if isinstance(command, c.Idle):
            self.idling = True
        else:
            self.intake.limit_auth_line()

    def _complete(self, response: Condition, tag: str, command: Command) -> None:
        """Send the completion of a command in flight, and let it take effect."""
        kind = type(command)
        accepted = isinstance(response, r.Ok)
        owed = self._owed
        concerned = owed is not None and _tag_of(owed, tag) == tag
        if concerned and accepted and type(owed) not in _MAY_SUCCEED:
            raise LocalProtocolError(f"OK is no answer to {type(owed).__name__}")
        if self._reader in _EXCHANGES and not concerned:
            raise LocalProtocolError(f"the client has to go on with {command.name}")
        if kind is c.Unauthenticate and isinstance(response, r.No):
            raise LocalProtocolError("NO is no answer to UNAUTHENTICATE, but BYE (RFC 8437 3)")
        if kind in PREFACES:
            self._announce(response, kind, command)
        self.outgoing.respond(response, utf8=self.utf8)
        del self._pending[tag]
        if concerned:
            self._owed = None
        if accepted:
            self.intake.errors = 0
        elif isinstance(response, r.Bad):
            self.intake.errors += 1
        if kind in ALONE:
            self._enter(state_after(kind, self.state, response))
            if kind in _LOGINS:
                end_login(self, command, accepted=accepted)
                self._know_user()
            elif self.state is State.LOGOUT:
                self._close()
            elif self.state is State.TLS and not len(self.intake):
                self._event = UpgradeToTls()
        if accepted and kind in ON_SUCCESS:
            ON_SUCCESS[kind](self, command)
            self._know_user()

    def _announce(self, response: Condition, kind: type[Command], command: Command) -> None:
        """Say what has to come before OK, unless it was said."""
        if isinstance(response, r.Ok) and kind not in self.told:
            encode_response(response, utf8=self.utf8)  # raises before anything is written
            self.send(PREFACES[kind](self, command))
        self.told = (self.told - {kind}) or _NOTHING

    def _settle(self, refusal: Condition) -> None:
        """Take what was owed, and is no command in flight, for refused."""
        if isinstance(self._owed, LiteralOffered):
            self.intake.refuse()
        self._owed = None
        self.intake.errors += isinstance(refusal, r.Bad)

    def _is_in_flight(self, kind: type[Command]) -> bool:
        return any(type(command) is kind for command in self._pending.values())

    # --- what responses change ---

    def _enter(self, state: State) -> None:
        self.state = state
        self.idling = False
        self._reader = _READERS[state]

    def _close(self) -> None:
        self._enter(State.LOGOUT)
        self._owed = self.mechanism = self._held = None
        self.intake.clear()

    def _know_user(self) -> None:
        """Let limits and offers be those of who has logged in, or of who has not."""
        self._offered = None
        self.intake.limit(logged_in=self.logged_in)

    # --- authentication ---

    def authenticate(self, mechanism: ServerMechanism | None = None) -> None:
        """Let a mechanism run the login that the last event began.

        ``mechanism`` is needed for AUTHENTICATE; LOGIN has its own. Its queries come as events,
        to be answered with :meth:`answer`, and in the end
        :class:`~mailproto.sasl.Authenticated` or :class:`~mailproto.sasl.Rejected`, which are
        owed the completion. Raises :class:`LocalProtocolError` if there is no such event.
        """
        command = next(iter(self._pending.values()), None)
        begun = self._reader is not _nothing or self.mechanism is not None
        response = None
        if isinstance(command, c.Login):
            mechanism = PasswordLogin(command.user, command.password)
        elif isinstance(command, c.Authenticate):
            response = command.initial_response
        else:
            begun = True
        if begun or self._owed is not None:
            raise LocalProtocolError("there is no login to run a mechanism for")
        if mechanism is None:
            raise LocalProtocolError("AUTHENTICATE needs a mechanism")
        self._begin_login(mechanism, response)

    @property
    def _unanswered(self) -> object:
        return self._owed

    def _challenge(self, challenge: Challenge) -> None:
        self.outgoing.respond(r.Continuation.of_challenge(challenge.data), utf8=False)
        self._owed = None
        self._reader = ServerConnection._read_auth
        self.intake.limit_auth_line()

    def _hand_out(self, event: LoginEvent) -> None:
        self._owed = self._event = event
        if self.mechanism is None:
            self._offered = None  # it depends on who has logged in

    def accept_literal(self) -> None:
        """Let the literal come that was offered by the last event.

        Raises :class:`LocalProtocolError` if none was.
        """
        if not isinstance(self._owed, LiteralOffered):
            raise LocalProtocolError("no literal was offered")
        self.intake.accept(self, self._owed)
        self._owed = None

    # --- TLS ---

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None:
        """Go on over TLS (RFC 9051 6.2.1); ``channel_bindings`` are for SCRAM-...-PLUS.

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
        self._offered = None
        self._enter(State.NOT_AUTHENTICATED)

    # --- events ---

    def next_event(self) -> ServerEvent | None:
        """Return the next event, None if it needs more bytes.

        It is also None while a command in flight has to be completed first. Raises
        :class:`RemoteProtocolError` when the session can not go on (a farewell is then in
        ``data_to_send``; from then on the same error comes again), and
        :class:`LocalProtocolError` while something else is owed.
        """
        if self._event is not None:
            return self._take_event()
        if self._error is not None:
            raise self._error
        if self._owed is not None or self.outgoing.owed or self.state is State.GREETING:
            raise LocalProtocolError(f"{self._debt} is owed first")
        try:
            event = self._reader(self)
        except RemoteProtocolError as error:
            self._break(error)
            raise
        if event is None and self._eof and not self._blocked:
            event = self._end()
        return event

    def _take_event(self) -> ServerEvent | None:
        event, self._event = self._event, None
        return event

    @property
    def _debt(self) -> str:
        if self.state is State.GREETING:
            return "the greeting"
        if self.outgoing.owed:
            return f"content, {self.outgoing.owed} octets of it,"
        return f"an answer to {type(self._owed).__name__}"

    @property
    def _blocked(self) -> bool:
        """Whether nothing is read until a command in flight is completed."""
        return self._reader in _BLOCKED or len(self._pending) >= self.limits.pipelined_commands

    def _end(self) -> ConnectionClosed:
        cut_off = (
            self.intake.within_command
            or self.state is State.TLS
            or self._reader is ServerConnection._read_auth
        )
        self._close()
        return ConnectionClosed(not cut_off, tuple(self._pending.items()))

    def _break(self, error: RemoteProtocolError) -> None:
        """End the session, with a farewell if there is one for ``error``."""
        self._error = error
        self._event = None
        if isinstance(error, CommandSyntaxError):
            self.outgoing.respond(error.response, utf8=False)
        elif isinstance(error, LimitExceeded):
            self.outgoing.respond(FAREWELLS[error.name], utf8=False)
        self._close()
        self.state = State.ERROR

    # --- readers ---

    def _read_nothing(self) -> ServerEvent | None:
        return None

    def _read_closed(self) -> ServerEvent | None:
        return ConnectionClosed(clean=True, unanswered=tuple(self._pending.items()))

    def _read_tls(self) -> ServerEvent | None:
        if len(self.intake):
            raise RemoteProtocolError("bytes between STARTTLS and the handshake (CVE-2011-0411)")
        return None

    def _read_login(self) -> ServerEvent | None:
        self.intake.check_tls()
        return self._read_command()

    def _read_command(self) -> ServerEvent | None:
        if len(self._pending) >= self.limits.pipelined_commands:
            return None
        event = self.intake.read(self)
        if event is None:
            return None
        if type(event) is TaggedCommand:
            return self._take(event)
        if isinstance(event, _REFUSABLE):
            self._owed = event
        return event

    def _take(self, event: TaggedCommand) -> ServerEvent | None:
        command = event.command
        if self._pending and not may_overlap(command, self._pending.values()):
            self._held = event
            self._reader = ServerConnection._read_held
            return None
        kind = type(command)
        if kind in ALONE:
            self._reader = _nothing
            if kind in _LOGINS:
                self.intake.check("auth_failures", self.limits)
        self._pending[event.tag] = command
        return event

    def _read_held(self) -> ServerEvent | None:
        held = self._held
        if held is None or not may_overlap(held.command, self._pending.values()):
            return None
        self._held = None
        self._reader = _READERS[self.state]
        return self._take(held)

    def _read_auth(self) -> ServerEvent | None:
        line = self.intake.read_line()
        if line is None:
            return None
        if self._trace:
            self._trace.received(line, secret=line != b"*\r\n")
        self._reader = _nothing
        self._know_user()
        tag = next(iter(self._pending))
        try:
            response = parse_auth_response(line)
        except CommandSyntaxError:
            return self._owe_refusal(b"", r.Bad("Not base64", tag=tag))
        if self.mechanism is None:
            self._owed = response
            return response
        if response.data is None:
            return self._owe_refusal(line, r.Bad("AUTHENTICATE cancelled", tag=tag))
        self._advance(self.mechanism.step(response.data))
        return self._take_event() or self._read_auth()

    def _read_done(self) -> ServerEvent | None:
        line = self.intake.read_line(keep=True)
        if line is None:
            return None
        self.idling = False
        self._reader = _nothing
        try:
            done = parse_done(line)
        except CommandSyntaxError as error:
            if not self.strict and error.tag is not None and len(line.split(maxsplit=2)) > 1:
                return c.Done(defects=(_NO_DONE,))  # the command stays where it is
            self.intake.read_line()
            idle = next(iter(self._pending))
            return self._owe_refusal(line, evolve(error.response, tag=idle))
        self.intake.read_line()
        if self._trace:
            self._trace.received(line)
        return done

    def _owe_refusal(self, line: bytes, response: Condition) -> InvalidCommand:
        event = invalid(line, response)
        self._owed = event
        return event


def _tag_of(owed: ServerEvent, tag: str | None = None) -> str | None:
    """The tag that answers what is owed; ``tag`` if that is the login under way."""
    if isinstance(owed, InvalidCommand):
        return owed.response.tag
    return owed.tag if isinstance(owed, LiteralOffered) else tag


def _is_untagged(owed: ServerEvent | None) -> bool:
    return isinstance(owed, InvalidCommand) and owed.response.tag is None


# --- tables ---

_DEFAULT_LIMITS = ImapLimits()
_NOTHING: frozenset[Any] = frozenset()  # each other one takes 216 octets
_LOGGED_IN = (State.AUTHENTICATED, State.SELECTED)
_OPEN = frozenset((State.NOT_AUTHENTICATED, *_LOGGED_IN))
_OVER = (State.LOGOUT, State.ERROR)
_NO_DONE = Defect("a command instead of DONE", section="RFC 2177 3")

# The status responses that may come without a tag.
_UNTAGGED: dict[State, frozenset[type[Condition]]] = {
    **dict.fromkeys(State, frozenset()),
    **dict.fromkeys(_OPEN, frozenset((r.Ok, r.No, r.Bad, r.Bye))),
    State.GREETING: frozenset(GREETINGS),
}

# What may be owed when OK is sent, and when a continuation is.
_MAY_SUCCEED = frozenset((Authenticated, c.AuthResponse))
_MAY_GO_ON = frozenset((type(None), c.AuthResponse))
_REFUSABLE = (InvalidCommand, LiteralOffered)

_nothing = ServerConnection._read_nothing
_READERS: dict[State, _Reader] = {
    State.NOT_AUTHENTICATED: ServerConnection._read_login,
    State.AUTHENTICATED: ServerConnection._read_command,
    State.SELECTED: ServerConnection._read_command,
    State.TLS: ServerConnection._read_tls,
    State.LOGOUT: ServerConnection._read_closed,
}
_BLOCKED = (_nothing, ServerConnection._read_held)
# Commands that a continuation goes on with -> what reads the client's answer to it.
_CONTINUED: dict[type[Any], _Reader] = {
    c.Idle: ServerConnection._read_done,
    c.Authenticate: ServerConnection._read_auth,
}
_EXCHANGES = tuple(_CONTINUED.values())
