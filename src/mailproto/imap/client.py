"""The client core of IMAP (RFC 3501, RFC 9051)."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from mailproto._foreign import TLS_RECORDS
from mailproto._trace import Trace, Tracer, redact_imap
from mailproto.errors import Defect, LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.imap import commands as c
from mailproto.imap import responses as r
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.codes import CapabilityCode
from mailproto.imap.commands import Command
from mailproto.imap.dialogue import DIALOGUES, Dialogue
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
from mailproto.imap.framing import Frame, LiteralData, LiteralStart, Unit, response_framer
from mailproto.imap.incoming import Incoming
from mailproto.imap.parse_command import command_fragments
from mailproto.imap.parse_response import (
    COMMON,
    ResponseSyntaxError,
    common_response,
    parse_frame,
)
from mailproto.imap.permission import check_permitted, check_plaintext, takes_initial_response
from mailproto.imap.responses import Condition, Continuation, Response
from mailproto.imap.sender import Sender
from mailproto.imap.states import (
    ALONE,
    GREETINGS,
    IDLE_TIMEOUT,
    REFUSALS,
    TIMEOUT,
    TRANSITIONS,
    State,
    closes,
    may_overlap,
)
from mailproto.imap.wire import Wire
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


class _Sent(NamedTuple):
    """A command in flight. What began before ``position`` in the input is no answer to it."""

    command: Command
    position: int


class ClientConnection:
    """One IMAP session as the client sees it.

    Send commands with :meth:`send`, which returns their tags; write ``data_to_send()``, feed
    what comes back. Several commands may be in flight; each gets exactly one
    :class:`CommandCompleted`, or is named by :class:`ConnectionClosed`. Untagged responses are
    events as they are. A literal that waits holds back what is sent behind it until ``+``.

    ``tls`` says that the stream is TLS already, ``require_tls`` refuses a PREAUTH greeting
    without it, ``allow_plaintext`` lets passwords go out readable. ``strict`` refuses what is
    otherwise tolerated and noted in ``defects``. ``trace`` gets every command and response,
    without literals and with secrets redacted.
    """

    __slots__ = (
        "_began",
        "_cut_off",
        "_dialogue",
        "_eof",
        "_error",
        "_events",
        "_in_flight",
        "_incoming",
        "_invalid",
        "_last_word",
        "_sender",
        "_strict",
        "_tags",
        "_told",
        "_trace",
        "_wire",
        "allow_plaintext",
        "capabilities",
        "channel_bindings",
        "enabled",
        "limits",
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
        trace: Trace | None = None,
    ) -> None:
        self.state = State.GREETING
        self.capabilities: Capabilities | None = None
        """What the server said that it can do; None while that is unknown, as it is again
        after TLS, and after a login that did not tell."""
        self.enabled: frozenset[str] = frozenset()
        """What the server said that ENABLE switched on, in upper case."""
        self.tls = tls
        """Whether the session runs over TLS."""
        self.require_tls = require_tls
        self.allow_plaintext = allow_plaintext
        self.channel_bindings: Sequence[ChannelBinding] = ()
        """What ``tls_established`` was given."""
        self.limits = limits or ImapLimits()
        self._strict = strict
        self._trace = Tracer(trace, "C", "S", redact_imap) if trace else None
        self._wire = Wire()
        framer = response_framer(self.limits, strict=strict, whole=COMMON)
        self._incoming = Incoming(framer, self._wire)
        self._sender = Sender(self._wire, self._trace)
        self._in_flight: dict[str, _Sent] = {}
        self._tags = 0
        self._dialogue: Dialogue | None = None
        self._events: deque[ClientEvent] = deque()
        self._began = 0  # where in the input the last unit began, if it may be an answer
        self._told = -1  # where in the input capabilities were told
        self._invalid = 0
        self._last_word: r.Bye | None = None
        self._eof = False
        self._cut_off = False
        self._error: RemoteProtocolError | None = None

    # --- bytes in and out ---

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the peer, cut anywhere."""
        if self.state not in _OVER:
            self._incoming.receive(data)

    def receive_eof(self) -> None:
        """Note that the peer will send nothing more."""
        self._eof = True

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, ``b""`` if none; they are forgotten here."""
        return self._wire.take()

    # --- what the caller may ask ---

    @property
    def in_flight(self) -> dict[str, Command]:
        """The commands that are not completed, by their tags, oldest first."""
        return {tag: sent.command for tag, sent in self._in_flight.items()}

    @property
    def consumed(self) -> int:
        """How many octets of the input the events until now were made of (inflated)."""
        return self._incoming.position - len(self._incoming.framer)

    @property
    def compressed(self) -> bool:
        """Whether COMPRESS is on."""
        return self._wire.compressed

    @property
    def content_due(self) -> int:
        """How many octets of a literal have to be sent as :class:`MessageOctets` now."""
        due = self._sender.due
        return 0 if due is None else due[1]

    @property
    def utf8(self) -> bool:
        """Whether UTF-8 was agreed on (RFC 9051 5.1, RFC 9755 3)."""
        return bool(self.enabled) and not self.enabled.isdisjoint(("IMAP4REV2", "UTF8=ACCEPT"))

    @property
    def idling(self) -> bool:
        """Whether the server consented to IDLE and ``Done`` was not sent."""
        return self._dialogue is not None and self._dialogue.idling

    @property
    def timeout(self) -> int:
        """Seconds to wait for the peer now; within IDLE, after which to send ``Done``."""
        return IDLE_TIMEOUT if self.idling else TIMEOUT

    def may_pipeline(self, command: Command) -> bool:
        """Whether ``command`` may be sent beside those in flight (RFC 9051 5.5)."""
        others = [sent.command for sent in self._in_flight.values()]
        return len(others) < self.limits.pipelined_commands and may_overlap(command, others)

    # --- sending ---

    def send(self, item: Command | MessageOctets) -> str:
        """Send a command and return its tag.

        What has no tag of its own returns that of its command: ``Done``, an ``AuthResponse``
        (if AUTHENTICATE was sent here, its challenges come as :class:`Continuation`), and
        octets that are due. Raises :class:`LocalProtocolError`, with nothing changed, if it is
        not allowed now, if the server does not offer it, or if it can not be put on the wire.
        """
        self._check_usable()
        if isinstance(item, MessageOctets):
            return self._send_content(item)
        if isinstance(item, c.Done | c.AuthResponse):
            return self._say(item)
        check_permitted(self, item)
        return self._launch(item)

    def authenticate(self, mechanism: ClientMechanism) -> str:
        """Send AUTHENTICATE, let ``mechanism`` answer the challenges, and return the tag.

        Raises :class:`LocalProtocolError` as :meth:`send` does, and if a password would go out
        readable without TLS, unless ``allow_plaintext``. Source: RFC 9051 6.2.2, RFC 4959.
        """
        if mechanism.plaintext:
            check_plaintext(self, mechanism.name)
        self._check_usable()
        exchange = ClientExchange(mechanism)
        response = exchange.initial_response
        if not takes_initial_response(self.capabilities, mechanism.name, response):
            exchange.withhold()
        command = c.Authenticate(mechanism.name, exchange.initial_response)
        check_permitted(self, command)
        return self._launch(command, exchange)

    def _check_usable(self) -> None:
        if self.state is State.GREETING:
            raise LocalProtocolError("wait for the server's greeting before sending anything")
        if self.state in _SILENT:
            raise LocalProtocolError(f"the session can not be used: {self.state.value}")

    def _launch(self, command: Command, exchange: ClientExchange | None = None) -> str:
        tag = f"A{self._tags + 1}"
        fragments = command_fragments(tag, command, utf8=self.utf8)
        kind = type(command)
        self._tags += 1
        self._in_flight[tag] = _Sent(command, self._incoming.position)
        if kind in DIALOGUES:
            self._dialogue = Dialogue(tag, command, self._sender, exchange)
        offered = self.capabilities or Capabilities()
        self._sender.push(tag, fragments, offered, secret=kind in _SECRET)
        self._announce_content()
        return tag

    def _say(self, line: c.Done | c.AuthResponse) -> str:
        if self._dialogue is None:
            raise LocalProtocolError("neither IDLE nor AUTHENTICATE is under way")
        return self._dialogue.say(line)

    def _send_content(self, octets: MessageOctets) -> str:
        tag = self._sender.content(octets.data)
        self._announce_content()
        return tag

    def _announce_content(self) -> None:
        due = self._sender.newly_due()
        if due is not None:
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
        if len(self._incoming.framer):
            self._break(_injected())
            raise _injected()
        self._events.clear()  # nothing but UpgradeToTls
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
            if self.state in _OVER:
                return self._end()
            try:
                if self.state in _BEFORE_READING:
                    _BEFORE_READING[self.state](self)
                frame = self._incoming.next_frame()
                if type(frame) is re.Match and self._takes_common:
                    response = common_response(frame, utf8=self.utf8)
                    if response is not None:
                        return response
                if frame is not None:
                    self._take(frame)
                elif self._eof:
                    self._cut_off = self._incoming.framer.is_within_unit or self.state in _CUT_OFF
                    self._close()
                else:
                    return None
            except RemoteProtocolError as error:
                self._break(error)
        return self._events.popleft()

    @property
    def _takes_common(self) -> bool:
        """Whether common responses are events at once: nothing depends on them but a greeting."""
        return self._trace is None and self.state is not State.GREETING

    def _end(self) -> ConnectionClosed:
        if self._error is not None:
            raise self._error
        return self._closed()

    def _closed(self) -> ConnectionClosed:
        unanswered = tuple(self.in_flight.items())
        clean = all(type(command) is c.Logout for _, command in unanswered)
        return ConnectionClosed(clean and not self._cut_off, unanswered, self._last_word)

    def _close(self) -> None:
        self.state = State.LOGOUT
        self._dialogue = None
        self._incoming.framer.take_rest()

    def _break(self, error: RemoteProtocolError) -> None:
        self._error = error
        self.state = State.ERROR
        self._dialogue = None
        self._incoming.framer.take_rest()

    def _take(self, frame: Frame) -> None:
        if isinstance(frame, LiteralData):
            self._events.append(MessageOctets(frame.data))
            if frame.last:
                self._events.append(EndOfContent())
        elif isinstance(frame, LiteralStart):
            self._take_literal(frame)
        else:
            self._take_unit(frame)

    def _check_no_tls(self) -> None:
        if self._incoming.framer.peek(2) in TLS_RECORDS:
            raise RemoteProtocolError(
                "the server speaks TLS on this port: connect with implicit TLS"
            )

    def _check_nothing_injected(self) -> None:
        if len(self._incoming.framer):
            raise _injected()

    def _take_literal(self, literal: LiteralStart) -> None:
        content = content_item(literal.opening, literal.line)
        name = "literal" if content is None else "body"
        most: int | None = getattr(self.limits, name)
        if most is not None and literal.size > most:
            raise LimitExceeded(name, most)
        self._incoming.framer.accept(stream=content is not None)
        if content is not None:
            self._events.append(ContentStart(*content, literal.size))

    def _take_unit(self, unit: bytes | re.Match[bytes] | Unit) -> None:
        if self._trace:
            self._trace.unit_received(*_octets_of(unit))
        try:
            response = parse_frame(
                unit, strict=self._strict, utf8=self.utf8, nesting=self.limits.nesting
            )
        except ResponseSyntaxError as error:
            self._began = self._incoming.began(len(error.data))
            self._take_invalid(error)
            return
        take = _ON_RESPONSE.get(type(response))
        if self.state is State.GREETING:
            self._begin_session(response)
        elif take is None:
            self._events.append(response)
        else:
            self._began = self._incoming.began(len(_octets_of(unit)[0]))
            take(self, response)

    def _take_invalid(self, error: ResponseSyntaxError) -> None:
        """Go on behind what can not be parsed, unless that may change what the session is.

        A completion of that kind means that the command has failed, for all that can be known.
        """
        sent = self._in_flight.get(error.tag or "")
        fatal = sent is not None and type(sent.command) in ALONE
        if self._strict or self.state is State.GREETING or fatal:
            raise error
        if error.tag is None or sent is None:
            self._events.append(InvalidResponse(error.data[:_SHOWN]))
        else:
            defect = Defect(str(error), error.data[:_SHOWN], section="RFC 9051 7.1")
            self._complete(r.Bad("not understood", tag=error.tag, defects=(defect,)), error.tag)
        self._count_invalid()

    def _take_unasked(self, response: Continuation | Condition) -> None:
        if self._strict:
            raise RemoteProtocolError(f"a response that nothing asked for: {response}")
        self._events.append(UnsolicitedResponse(response))
        self._count_invalid()

    def _count_invalid(self) -> None:
        self._invalid += 1
        if self._invalid > self.limits.errors:
            self._break(LimitExceeded("errors", self.limits.errors))  # behind the event

    # --- untagged responses ---

    def _begin_session(self, greeting: Any) -> None:
        if type(greeting) not in GREETINGS or greeting.tag is not None:
            raise RemoteProtocolError(f"the server does not greet as IMAP does: {greeting}")
        state = GREETINGS[type(greeting)]
        if state is State.AUTHENTICATED and self.require_tls and not self.tls:
            raise RemoteProtocolError("PREAUTH without TLS, which is required (RFC 9051 11.1)")
        self.state = state
        self._learn(greeting)
        self._events.append(Greeting(greeting))
        if isinstance(greeting, r.Bye):
            self._last_word = greeting
            self._close()

    def _take_condition(self, response: Condition) -> None:
        if response.tag is not None:
            self._complete(response, response.tag)
            return
        self._learn(response)
        self._events.append(response)
        in_flight = (sent.command for sent in self._in_flight.values())
        if self.state is State.SELECTED and closes(response, in_flight):
            self.state = State.AUTHENTICATED

    def _learn(self, response: Condition) -> None:
        if isinstance(response.code, CapabilityCode):
            self._learn_capabilities(response.code.capabilities)

    def _learn_capabilities(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self._told = self._began

    def _take_capabilities(self, response: r.CapabilityResponse) -> None:
        self._learn_capabilities(response.capabilities)
        self._events.append(response)

    def _take_enabled(self, response: r.EnabledResponse) -> None:
        if self._is_in_flight(c.Enable):
            self.enabled |= {name.upper() for name in response.capabilities}
        self._events.append(response)

    def _take_bye(self, bye: r.Bye) -> None:
        self._last_word = bye
        self._learn(bye)
        self._events.append(bye)
        if not self._is_in_flight(c.Logout):
            self._close()

    def _is_in_flight(self, kind: type[Command]) -> bool:
        return any(type(sent.command) is kind for sent in self._in_flight.values())

    # --- continuations ---

    def _go_on(self, response: Continuation) -> None:
        tag, dialogue = self._sender.waiting, None
        if tag is None and self._dialogue is not None and self._dialogue.awaited:
            dialogue = self._dialogue
            tag = dialogue.tag
        if tag is None or not self._answers(tag, self._in_flight[tag]):
            self._take_unasked(response)
        elif dialogue is None:
            self._sender.go_ahead()
            self._announce_content()
        elif (event := dialogue.go_on(response)) is not None:
            self._events.append(event)

    # --- completions ---

    def _answers(self, tag: str, sent: _Sent) -> bool:
        """Whether what has just come may be an answer to a command, as it came behind it."""
        return self._began >= sent.position and self._sender.has_begun(tag)

    def _complete(self, response: Condition, tag: str) -> None:
        sent = self._in_flight.get(tag)
        if sent is None and self.state is not State.NOT_AUTHENTICATED:
            self._take_unasked(response)
            return
        if sent is None or not self._answers(tag, sent):  # who forges it means a login or STARTTLS
            raise RemoteProtocolError(f"a completion that answers nothing: {tag}")
        command, kind = sent.command, type(sent.command)
        succeeded = isinstance(response, r.Ok)
        error = None if self._dialogue is None else self._dialogue.end(succeeded=succeeded)
        self._finish(tag)
        self._learn(response)
        self._events.append(CommandCompleted(tag, command, response, error))
        if succeeded:
            self.state = TRANSITIONS[kind].get(self.state, self.state)
            if kind in _ON_SUCCESS:
                _ON_SUCCESS[kind](self, sent)
        elif isinstance(response, r.No):
            self.state = REFUSALS.get(kind, self.state)
        self._announce_content()

    def _finish(self, tag: str) -> None:
        del self._in_flight[tag]
        self._sender.complete(tag)
        self._dialogue = None  # its command is the only one in flight

    def _begin_tls(self, sent: _Sent) -> None:
        self._events.append(UpgradeToTls())

    def _change_user(self, sent: _Sent) -> None:
        if self._told < sent.position:
            self.capabilities = None

    def _forget_user(self, sent: _Sent) -> None:
        self.enabled = frozenset()
        self._incoming.decompress()
        self._change_user(sent)

    def _compress(self, sent: _Sent) -> None:
        self._incoming.compress()

    def _leave(self, sent: _Sent) -> None:
        self._close()


def _injected() -> RemoteProtocolError:
    return RemoteProtocolError("plain bytes before the TLS handshake (CVE-2021-38371)")


def _octets_of(unit: bytes | re.Match[bytes] | Unit) -> tuple[bytes, frozenset[int]]:
    if isinstance(unit, Unit):
        return unit.data, unit.streamed
    return (unit if isinstance(unit, bytes) else unit[0]), frozenset()


# --- tables ---

_SHOWN = 1000
_OVER = frozenset((State.LOGOUT, State.ERROR))
_SILENT = (*_OVER, State.TLS)
_CUT_OFF = (State.GREETING, State.TLS)
_SECRET = frozenset((c.Authenticate, c.Login))
_BEFORE_READING: dict[State, Callable[[ClientConnection], None]] = {
    State.GREETING: ClientConnection._check_no_tls,
    State.TLS: ClientConnection._check_nothing_injected,
}
_ON_RESPONSE: dict[type, Callable[[ClientConnection, Any], None]] = {
    r.Continuation: ClientConnection._go_on,
    **dict.fromkeys((r.Ok, r.No, r.Bad), ClientConnection._take_condition),
    r.CapabilityResponse: ClientConnection._take_capabilities,
    r.EnabledResponse: ClientConnection._take_enabled,
    r.Bye: ClientConnection._take_bye,
}
_ON_SUCCESS: dict[type, Callable[[ClientConnection, _Sent], None]] = {
    c.StartTls: ClientConnection._begin_tls,
    c.Login: ClientConnection._change_user,
    c.Authenticate: ClientConnection._change_user,
    c.Unauthenticate: ClientConnection._forget_user,
    c.Compress: ClientConnection._compress,
    c.Logout: ClientConnection._leave,
}
