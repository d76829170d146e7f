"""The server core of POP3 (RFC 1939)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from mailproto._foreign import TLS_HANDSHAKE
from mailproto._lines import LineBuffer, OverlongLine
from mailproto._tally import Tally
from mailproto._trace import Trace, Tracer, redact
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.limits import Pop3Limits
from mailproto.pop3 import commands as c
from mailproto.pop3 import refusals
from mailproto.pop3.answers import NEVER_OK, default_response, event_name, with_offered_code
from mailproto.pop3.capabilities import DEFAULT_CAPABILITIES, Capabilities
from mailproto.pop3.codec import (
    CommandSyntaxError,
    encode_response,
    parse_auth_response,
    parse_command_line,
)
from mailproto.pop3.commands import Command
from mailproto.pop3.content import OutgoingContent
from mailproto.pop3.events import ConnectionClosed, InvalidCommand, UpgradeToTls
from mailproto.pop3.login import ApopLogin
from mailproto.pop3.outcomes import ON_RECEIPT, UNEVENTFUL, fail_login, refuse, succeed
from mailproto.pop3.responses import (
    CapabilityLines,
    EndOfListing,
    EndOfMessage,
    Entries,
    MessageData,
    Response,
)
from mailproto.pop3.states import SERVER_TIMEOUT, State, content_of
from mailproto.sasl import Challenge, ChannelBinding, ServerMechanism
from mailproto.sasl._password import PasswordLogin
from mailproto.sasl._server_login import LoginEvent, ServerLogin

__all__ = ["ServerConnection", "ServerEvent"]

ServerEvent: TypeAlias = Command | InvalidCommand | UpgradeToTls | ConnectionClosed | LoginEvent

_Content: TypeAlias = MessageData | EndOfMessage | Entries | EndOfListing
_E = TypeVar("_E", bound=ServerEvent)

_SHOWN = 80


class ServerConnection(ServerLogin):
    """One POP3 session as the server sees it.

    Send the greeting (``Response(True, ...)``; a timestamp of ``apop_timestamp`` in it offers
    APOP), then feed bytes and serve events: each command and each outcome of an
    authentication is owed exactly one :class:`Response`; ``default_reply`` gives the ordinary
    one. A positive one to RETR and TOP is followed by :class:`MessageData` and
    :class:`EndOfMessage`, one to LIST, UIDL and LANG without argument by batches of entries
    and :class:`EndOfListing`, before the next event comes. For PASS, APOP and AUTH call
    :meth:`authenticate`. QUIT in state UPDATE means: delete what is marked, then answer.

    ``capabilities`` is what CAPA offers; it may be changed at any time (STLS is left out where
    it is not allowed, plaintext passwords without TLS, unless ``allow_plaintext``). ``strict``
    refuses what is otherwise tolerated and noted in ``defects``. ``trace`` gets every line but
    those of listings, secrets redacted.
    """

    __slots__ = (
        "_allow_plaintext",
        "_buffer",
        "_capabilities",
        "_content",
        "_eof",
        "_error",
        "_event",
        "_offered",
        "_out",
        "_owed",
        "_pending",
        "_strict",
        "_trace",
        "limits",
        "name",
        "speaks_utf8",
        "state",
        "tally",
        "timestamp",
        "tls",
        "utf8",
    )

    def __init__(
        self,
        capabilities: Capabilities = DEFAULT_CAPABILITIES,
        *,
        limits: Pop3Limits | None = None,
        strict: bool = False,
        tls: bool = False,
        allow_plaintext: bool = False,
        trace: Trace | None = None,
    ) -> None:
        super().__init__()
        self.state = State.GREETING
        self.name: str | None = None
        """What USER said, until PASS was refused."""
        self.timestamp: str | None = None
        """What the greeting offered APOP with."""
        self.utf8 = False
        """Whether the session is in UTF-8 mode (RFC 6856 2.1): only then may a message with
        UTF-8 in its header be sent as it is."""
        self.speaks_utf8 = False
        """Whether the text of a response may have UTF-8 (RFC 6856 3.2)."""
        self.limits = limits or _DEFAULT_LIMITS
        self.tls = tls
        """Whether the session runs over TLS."""
        self.tally = Tally()
        """What the client has cost so far."""
        self.capabilities = capabilities
        self._allow_plaintext = allow_plaintext
        self._strict = strict
        self._trace = Tracer(trace, "S", "C") if trace else None
        self._buffer = LineBuffer()
        self._out: list[bytes] = []
        self._event: ServerEvent | None = None  # the next one, where it is known
        self._pending: ServerEvent | None = None
        self._owed = True
        self._content: OutgoingContent | None = None  # what follows a positive response
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

    # --- what the embedder may ask ---

    @property
    def reply_owed(self) -> bool:
        """Whether a response, or what has to follow it, is owed before the next event."""
        return self._owed

    @property
    def timeout(self) -> int:
        """Seconds to wait for the peer's next bytes; then close without UPDATE (RFC 1939 3)."""
        return SERVER_TIMEOUT

    @property
    def may_show_passwords(self) -> bool:
        """Whether a client may send its password readable."""
        return self.tls or self._allow_plaintext

    @property
    def capabilities(self) -> Capabilities:
        """What CAPA offers, where it fits.

        Setting it raises :class:`LocalProtocolError` if one of them can not be sent.
        """
        return self._capabilities

    @capabilities.setter
    def capabilities(self, capabilities: Capabilities) -> None:
        try:
            Capabilities.check(capabilities.lines)
        except ValueError as error:
            raise LocalProtocolError(str(error)) from None
        if capabilities.defects:
            raise LocalProtocolError(str(capabilities.defects[0]))
        self._capabilities = capabilities
        self._offered: Capabilities | None = None

    @property
    def offered(self) -> Capabilities:
        """What CAPA offers now."""
        if self._offered is None:
            offered = self._capabilities
            if self.tls or self.state is not State.AUTHORIZATION:
                offered = offered.without("STLS")
            self._offered = offered if self.may_show_passwords else offered.without_plaintext()
        return self._offered

    def default_reply(self, event: ServerEvent | None) -> Response:
        """Return the ordinary answer to ``event``: what to send if you have no other wish.

        None stands for the connection, which is answered by the greeting. Raises
        :class:`LocalProtocolError` if nothing is owed to the event.
        """
        return default_response(event)

    # --- responses ---

    def send(self, item: Response | Challenge | _Content) -> None:
        """Answer the last event, or say the greeting; or send what follows a positive answer.

        An ``-ERR`` may be said when none is owed, as a farewell. Raises
        :class:`LocalProtocolError`, with nothing changed, if that is not what is owed, or if
        it can not be sent.
        """
        if self._content is not None:
            self._send_content(item, self._content)
            return
        if not isinstance(item, Response):
            self._send_challenge(item)
            return
        if not self._owed:
            self._say_farewell(item)
            return
        event, kind = self._pending, type(self._pending)
        if item.ok and kind in NEVER_OK:
            raise LocalProtocolError(f"+OK is no answer to {event_name(event)}")
        self._write(item)
        self._owed = False
        self._pending = None
        if not item.ok:
            self.tally.errors += kind in _ERRORS
            refuse(self, event)
        else:
            self.tally.errors = 0
            if kind in UNEVENTFUL:
                return
            before = self.state
            succeed(self, event, item)
            if self.state is not before:
                self._offered = None
            self._begin_content(event)
            if kind is c.Stls and not self._buffer:
                self._event = UpgradeToTls()
        if self.state is State.CLOSED:
            self._buffer.clear()

    def _say_farewell(self, response: Response) -> None:
        if response.ok or self.state in _SILENT:
            raise LocalProtocolError("no response is owed")
        self._write(response)
        self._close()

    def _write(self, item: Response | Challenge) -> None:
        if isinstance(item, Response) and item.code is not None:
            item = with_offered_code(item, item.code, self.offered)
        data = encode_response(item, utf8=self.speaks_utf8)
        if self._trace:
            self._trace.sent(data)
        self._out.append(data)

    def _begin_content(self, event: ServerEvent | None) -> None:
        content = content_of(event)
        if content is CapabilityLines:
            lines = "".join([f"{line}\r\n" for line in self.offered.lines])
            self._out.append(f"{lines}.\r\n".encode())
        elif content is not None:
            self._content = OutgoingContent(content)
            self._owed = True
            self._pending = event

    def _send_content(self, item: Any, content: OutgoingContent) -> None:
        self._out += content.encode(item)
        if self._trace and isinstance(item, MessageData):
            self._trace.body_sent(len(item.data))
        if content.finished:
            self._content = self._pending = None
            self._owed = False

    def _close(self) -> None:
        self.state = State.CLOSED
        self._owed = False
        self._pending = None
        self._buffer.clear()

    # --- authentication ---

    def authenticate(self, mechanism: ServerMechanism | None = None) -> None:
        """Let a mechanism run the login that the last event began.

        ``mechanism`` is needed for an :class:`Auth`; :class:`Pass` and :class:`Apop` have
        their own. Its queries come as events, to be answered with :meth:`answer`, and in the
        end :class:`~mailproto.sasl.Authenticated` or :class:`~mailproto.sasl.Rejected`, which
        are owed a response. Raises :class:`LocalProtocolError` if there is no such event.
        """
        event = self._pending
        response = None
        if isinstance(event, c.Auth):
            response = event.initial_response
        elif isinstance(event, c.Pass):
            mechanism = PasswordLogin(self.name or "", event.password)
        elif isinstance(event, c.Apop):
            mechanism = ApopLogin(event.name, event.digest, self.timestamp or "")
        else:
            raise LocalProtocolError("there is no login to run a mechanism for")
        if mechanism is None:
            raise LocalProtocolError("AUTH needs a mechanism")
        self._begin_login(mechanism, response)

    @property
    def _unanswered(self) -> object:
        return self._pending

    def _hand_out(self, event: LoginEvent) -> None:
        self._event = self._owe(event)
        if self.mechanism is None:
            self.state = State.AUTHORIZATION

    def _send_challenge(self, challenge: Any) -> None:
        event = self._pending
        if not (isinstance(challenge, Challenge) and isinstance(event, (c.Auth, c.AuthResponse))):
            raise LocalProtocolError(
                f"{type(challenge).__name__} does not answer {event_name(event)}"
            )
        self._challenge(challenge)

    def _challenge(self, challenge: Challenge) -> None:
        self._write(challenge)
        self._owed = False
        self._pending = None
        self.state = State.AUTHENTICATING

    # --- TLS ---

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None:
        """Go on over TLS; all that the client said before is forgotten (RFC 2595 4).

        Raises :class:`LocalProtocolError` if no handshake was due, and
        :class:`RemoteProtocolError` if plain bytes came after STLS.
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
        self.name = None
        self.state = State.AUTHORIZATION
        self._offered = None

    # --- events ---

    def next_event(self) -> ServerEvent | None:
        """Return the next event, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` when the session can not go on (a farewell is then
        in ``data_to_send``; from then on the same error comes again), and
        :class:`LocalProtocolError` while a response is owed.
        """
        if self._event is not None:
            return self._take_event()
        if self._error is not None:
            raise self._error
        if self._owed:
            raise LocalProtocolError(f"a response is owed first, to {event_name(self._pending)}")
        try:
            event = _READERS[self.state](self)
        except RemoteProtocolError as error:
            self._break(error)
            raise
        if event is None and self._eof:
            clean = not self._buffer and self.state not in _CUT_OFF
            self._close()
            return ConnectionClosed(clean)
        return event

    def _break(self, error: RemoteProtocolError) -> None:
        """End the session, with a farewell if there is one for ``error``."""
        self._error = error
        self._event = None
        self._pending = None
        if isinstance(error, CommandSyntaxError):
            self._write(error.response)
        elif isinstance(error, LimitExceeded):
            self._write(refusals.ENOUGH)
        self._close()
        self.state = State.ERROR

    def _take_event(self) -> ServerEvent | None:
        event, self._event = self._event, None
        return event

    def _owe(self, event: _E) -> _E:
        self._pending = event
        self._owed = True
        return event

    def _read_closed(self) -> ServerEvent | None:
        return ConnectionClosed()

    def _read_tls(self) -> ServerEvent | None:
        if self._buffer:
            raise RemoteProtocolError("bytes between STLS and the handshake (CVE-2011-0411)")
        return None

    def _read_login(self) -> ServerEvent | None:
        if self._buffer.peek(2) == TLS_HANDSHAKE:
            raise RemoteProtocolError("a TLS handshake on a clear-text port")
        return self._read_command()

    def _read_command(self) -> ServerEvent | None:
        try:
            line = self._buffer.take(self.limits.command_line)
        except OverlongLine as overlong:
            self._count_command(overlong.beginning)
            return self._invalid(overlong.beginning, refusals.LINE_TOO_LONG)
        if line is None:
            return None
        if self.user is None or self.tally.errors or self._trace:
            self._count_command(line)
        try:
            command = parse_command_line(line, strict=self._strict)
        except CommandSyntaxError as error:
            return self._invalid(line, error.response)
        kind = type(command)
        if self.user is None and kind in _LOGINS:
            self.tally.check("auth_failures", self.limits)
        response = refusals.objection(self, command)
        if response is not None:
            return self._invalid(line, response)
        if kind in ON_RECEIPT:
            ON_RECEIPT[kind](self, command)
        return self._owe(command)

    def _count_command(self, line: bytes) -> None:
        self.tally.check("errors", self.limits)
        if self._trace:
            self._trace.received(line)
        if self.user is None:
            self.tally.check("commands_before_auth", self.limits)
            self.tally.commands_before_auth += 1

    def _invalid(self, line: bytes, response: Response) -> InvalidCommand:
        shown = redact(line[:_SHOWN].removesuffix(b"\r").decode("latin-1"))
        return self._owe(InvalidCommand(shown.encode("latin-1"), response))

    def _read_auth(self) -> ServerEvent | None:
        while True:
            try:
                line = self._buffer.take(self.limits.auth_line)
            except OverlongLine:
                fail_login(self)
                return self._invalid(b"", refusals.LINE_TOO_LONG)
            if line is None:
                return None
            if self._trace:
                self._trace.received(line, secret=line.rstrip(b"\r") != b"*")
            try:
                response = parse_auth_response(line)
            except CommandSyntaxError as error:
                fail_login(self)
                return self._invalid(b"", error.response)
            self._owe(response)
            if self.mechanism is None:
                return response
            if response.data is None:
                fail_login(self)
                return self._invalid(line, default_response(response))
            self._advance(self.mechanism.step(response.data))
            if self._event is not None:
                return self._take_event()


# --- tables ---

_DEFAULT_LIMITS = Pop3Limits()
_OVER = (State.CLOSED, State.ERROR)
_SILENT = (*_OVER, State.TLS)
_CUT_OFF = (State.AUTHENTICATING, State.TLS)
_LOGINS = frozenset((c.Pass, c.Apop, c.Auth))
_ERRORS = frozenset((InvalidCommand, c.UnknownCommand))

_READERS: dict[State, Callable[[ServerConnection], ServerEvent | None]] = {
    State.AUTHORIZATION: ServerConnection._read_login,
    State.TRANSACTION: ServerConnection._read_command,
    State.AUTHENTICATING: ServerConnection._read_auth,
    State.TLS: ServerConnection._read_tls,
    State.CLOSED: ServerConnection._read_closed,
}
