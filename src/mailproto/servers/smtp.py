"""One SMTP or LMTP connection, served against a handler."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, get_args

from mailproto._value import field, value
from mailproto.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from mailproto.limits import SmtpLimits
from mailproto.proxy import ProxyHeader
from mailproto.sasl import Authenticated, LookupPassword, LookupScramKeys, Query, Rejected
from mailproto.servers.session import ServerSession, Service, log
from mailproto.servers.smtp_handler import (
    MessageAborted,
    MessageReplies,
    SmtpEnvelope,
    SmtpHandler,
)
from mailproto.smtp import (
    DEFAULT_EXTENSIONS,
    Auth,
    AuthResponse,
    Bdat,
    Burl,
    ConnectionClosed,
    Data,
    Ehlo,
    EndOfChunk,
    EndOfMessage,
    EnhancedCode,
    Etrn,
    Expn,
    Extensions,
    Helo,
    Help,
    InvalidCommand,
    Lhlo,
    Mail,
    MessageData,
    Noop,
    Quit,
    Rcpt,
    Reply,
    Rset,
    ServerConnection,
    ServerEvent,
    StartTls,
    UnknownCommand,
    UpgradeToTls,
    Vrfy,
    Xclient,
    Xforward,
)
from mailproto.stream import PeerStream
from mailproto.tls import TlsInfo

__all__ = ["SmtpService", "SmtpSession"]

_FAILED = Reply(451, "Internal error, try again later", EnhancedCode(4, 3, 0))
_NEEDS_AUTH = Reply(530, "Authentication required", EnhancedCode(5, 7, 0))  # RFC 4954 6
_NEEDS_TLS = Reply(530, "Say STARTTLS first", EnhancedCode(5, 7, 0))  # RFC 3207 4
_AUTH_UNAVAILABLE = Reply(454, "Authentication is out of order", EnhancedCode(4, 7, 0))


@value
class SmtpService(Service[Extensions]):
    """What all sessions of one server share; ``serve_smtp`` explains each field."""

    handler: SmtpHandler
    hostname: str
    limits: SmtpLimits
    lmtp: bool = field(default=False, kw_only=True)
    require_tls: bool = field(default=False, kw_only=True)
    require_auth: bool = field(default=False, kw_only=True)
    proxy_protocol: bool = field(default=False, kw_only=True)

    def _offer(self, tls: TlsInfo | None) -> Extensions:
        lines = [f"SIZE {self.limits.message_size or 0}"]
        if self.tls_context is not None and tls is None:
            lines.append("STARTTLS")
        early = self.require_tls and tls is None
        if not early and (names := self.mechanisms(tls)):
            lines.append(f"AUTH {' '.join(names)}")
        return DEFAULT_EXTENSIONS.with_lines(*lines, *self.handler.extensions)


class SmtpSession(ServerSession[SmtpService, ServerConnection]):
    """One connection: what handlers may ask about it, and the loop that serves it."""

    __slots__ = ("_temporary_failure", "hello", "mail", "proxy", "rcpts")

    closed = ConnectionClosed
    goodbye: ClassVar[Reply] = Reply(421, "Closing, try again later", EnhancedCode(4, 3, 2))
    timed_out: ClassVar[Reply] = Reply(421, "Timeout", EnhancedCode(4, 4, 2))
    failed: ClassVar[Reply] = Reply(421, "This failed, try again later", EnhancedCode(4, 3, 0))

    def __init__(self, stream: PeerStream, service: SmtpService) -> None:
        connection = ServerConnection(
            service.hostname,
            limits=service.limits,
            lmtp=service.lmtp,
            strict=service.strict,
            tls=service.implicit_tls,
            proxy_protocol=service.proxy_protocol,
            trace=service.trace,
        )
        super().__init__(stream, service, connection)
        self.proxy: ProxyHeader | None = None
        self.hello: str | None = None
        """The domain that the client gave in EHLO, HELO or LHLO."""
        self.mail: Mail | None = None
        """The MAIL of the transaction under way."""
        self.rcpts: tuple[Rcpt, ...] = ()
        """Its accepted RCPTs."""
        self._temporary_failure = False

    @property
    def interruptible(self) -> bool:
        """See :class:`ServerSession`."""
        return self._connection.transaction is None

    @property
    def extensions(self) -> Extensions:
        """What EHLO offers now."""
        return self._connection.offered

    # --- the loop ---

    async def begin(self) -> None:
        """See :class:`ServerSession`."""
        self._connection.extensions = self._service.offered(self.tls)
        if not self._service.proxy_protocol:
            await self._greet()

    async def end(self) -> None:
        """See :class:`ServerSession`."""
        await self._ask(self._service.handler.disconnect, self)

    async def serve_event(self, event: ServerEvent) -> None:
        """Serve one event and answer it."""
        await _SERVE[type(event)](self, event)

    # --- answers ---

    def _answer(self, event: ServerEvent, reply: Reply | None) -> Reply:
        """Send ``reply``, or the ordinary one, or 451 if the handler's can not be sent."""
        connection = self._connection
        reply = reply or connection.default_reply(event)
        try:
            connection.send(reply)
        except LocalProtocolError:
            log.exception("%s: the handler's reply %s can not be sent", self.peer, reply)
            reply = getattr(event, "refusal", None) or _FAILED
            connection.send(reply)
        return reply

    async def _ask(self, hook: Callable[..., Awaitable[Reply | None]], *args: Any) -> Reply | None:
        try:
            return _checked(await hook(*args))
        except Exception:
            log.exception("%s: the handler failed", self.peer)
            return _FAILED

    async def _greet(self) -> None:
        reply = await self._ask(self._service.handler.connect, self)
        if reply is _FAILED:
            reply = self.goodbye
        protocol = "LMTP" if self._service.lmtp else "ESMTP"
        self._connection.send(reply or Reply(220, f"{self._service.hostname} {protocol}"))

    async def _serve_default(self, event: Any) -> None:
        self._answer(event, None)

    async def _serve_proxy(self, header: ProxyHeader) -> None:
        self.proxy = header
        if header.source is not None:
            self.peer = header.source[0]
        await self._greet()

    async def _serve_hello(self, command: Any) -> None:
        reply = self._answer(command, await self._ask(self._service.handler.hello, self, command))
        if reply.is_positive:
            self.hello = command.domain
            self._forget_transaction()

    async def _serve_mail(self, command: Mail) -> None:
        reply = self._barrier() or await self._ask(self._service.handler.mail, self, command)
        if self._answer(command, reply).is_positive:
            self.mail = command
            self.rcpts = ()

    async def _serve_rcpt(self, command: Rcpt) -> None:
        reply = await self._ask(self._service.handler.rcpt, self, command)
        if self._answer(command, reply).is_positive:
            self.rcpts += (command,)

    async def _serve_reset(self, command: Rset) -> None:
        self._answer(command, None)
        self._forget_transaction()

    async def _serve_hook(self, command: Any) -> None:
        reply = self._barrier() if type(command) in _PROTECTED else None
        hook = getattr(self._service.handler, _HOOKS[type(command)])
        self._answer(command, reply or await self._ask(hook, self, command))

    def _barrier(self) -> Reply | None:
        """Return the refusal if TLS or a login is demanded first (RFC 3207 4, RFC 4954 6)."""
        if self._service.require_tls and self.tls is None:
            return _NEEDS_TLS
        return _NEEDS_AUTH if self._service.require_auth and self.user is None else None

    def _forget_transaction(self) -> None:
        self.mail = None
        self.rcpts = ()

    # --- TLS and authentication ---

    async def _serve_upgrade(self, event: UpgradeToTls) -> None:
        await self.start_tls()
        self._connection.extensions = self._service.offered(self.tls)
        self.hello = None

    async def _serve_auth(self, command: Auth) -> None:
        self._temporary_failure = False
        mechanism = self.mechanism(command.mechanism)
        if mechanism is None:
            self._answer(command, None)
        else:
            self._connection.authenticate(mechanism)

    async def _serve_query(self, query: Query) -> None:
        try:
            answer = await self.ask_authenticator(query)
        except Exception:
            log.exception("%s: the authenticator failed", self.peer)
            self._temporary_failure = True
            answer = None if isinstance(query, (LookupPassword, LookupScramKeys)) else False
        self._connection.answer(answer)

    async def _refuse_login(self, event: Rejected) -> None:
        self._answer(event, _AUTH_UNAVAILABLE if self._temporary_failure else None)

    # --- messages ---

    async def _serve_data(self, command: Data) -> None:
        self._answer(command, None)
        await self._serve_message()

    async def _serve_chunk(self, command: Bdat) -> None:
        await self._serve_message()

    async def _serve_message(self) -> None:
        assert self.mail is not None
        envelope = SmtpEnvelope(self, self.mail, self.rcpts)
        body = _Body(self)
        replies: list[Reply | None]
        try:
            replies = _spread(await self._service.handler.message(envelope, body), envelope)
        except Exception as error:
            if not isinstance(error, MessageAborted):
                log.exception("%s: the handler failed", self.peer)
            replies = [_FAILED] * len(envelope.rcpts)
        self._forget_transaction()
        end = await body.finish()
        if isinstance(end, EndOfMessage):
            for reply in replies if self._service.lmtp else [_one_for_all(replies)]:
                if self._connection.reply_owed:  # no more after a 421
                    self._answer(end, end.refusal or reply)
        elif not isinstance(end, ConnectionClosed):
            await self.serve_event(end)  # RSET and the like took the message back


def _checked(reply: Any) -> Reply | None:
    if reply is not None and not isinstance(reply, Reply):
        raise TypeError(f"a handler has to return a Reply or None, not {reply!r:.100}")
    return reply


def _spread(given: MessageReplies, envelope: SmtpEnvelope) -> list[Reply | None]:
    """Spread what the handler gave over the recipients."""
    recipients = envelope.recipients
    if isinstance(given, Mapping):
        return [_checked(given.get(recipient)) for recipient in recipients]
    if isinstance(given, Sequence):
        if len(given) != len(recipients):
            raise ValueError(f"{len(given)} replies for {len(recipients)} recipients")
        return [_checked(reply) for reply in given]
    return [_checked(given)] * len(recipients)


def _one_for_all(replies: Sequence[Reply | None]) -> Reply | None:
    """Return the first refusal, as a message has one reply in SMTP."""
    refusals = (reply for reply in replies if reply is not None and not reply.is_positive)
    return next(refusals, replies[0])


class _Body:
    """The body as the handler iterates over it; drives the session meanwhile."""

    __slots__ = ("_aborted", "_end", "_failure", "_session")

    def __init__(self, session: SmtpSession) -> None:
        self._session = session
        self._end: ServerEvent | None = None
        self._aborted = ""
        self._failure: Exception | None = None

    def __aiter__(self) -> "_Body":
        return self

    async def __anext__(self) -> bytes:
        while self._end is None and self._failure is None:
            try:
                event = await self._session.next_event()
            except (RemoteProtocolError, ConnectionLost, TimeoutError) as error:
                self._failure = error
                self._aborted = str(error) or "the client fell silent"
                break
            if isinstance(event, MessageData):
                return event.data
            if isinstance(event, EndOfMessage):
                self._end = event
                self._aborted = event.refusal.text if event.refusal else ""
            elif isinstance(event, _TAKES_BACK):
                self._end = event
                self._aborted = "the client took the message back"
            elif not isinstance(event, Bdat):
                await self._session.serve_event(event)
        if self._aborted:
            raise MessageAborted(self._aborted)
        raise StopAsyncIteration

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self])

    async def finish(self) -> ServerEvent:
        """Drop what is left and return the event that ended the body; raises what ended it."""
        try:
            async for _ in self:
                pass
        except MessageAborted:
            pass
        if self._failure is not None:
            raise self._failure
        assert self._end is not None
        return self._end


# --- tables ---

_TAKES_BACK = (Rset, Quit, Ehlo, Helo, Lhlo, ConnectionClosed)

# What tells strangers about users, or makes us work for them.
_PROTECTED = frozenset((Vrfy, Expn, Etrn))

# Commands that are the handler's alone, and the method that answers them.
_HOOKS: dict[type[Any], str] = {
    Vrfy: "vrfy",
    Expn: "expn",
    Help: "help",
    Etrn: "etrn",
    Burl: "burl",
    Xclient: "xclient",
    Xforward: "xforward",
    UnknownCommand: "unknown",
}

_SERVE: dict[type[Any], Callable[[SmtpSession, Any], Awaitable[None]]] = {
    **dict.fromkeys(_HOOKS, SmtpSession._serve_hook),
    **dict.fromkeys((Ehlo, Helo, Lhlo), SmtpSession._serve_hello),
    **dict.fromkeys(
        (Noop, Quit, StartTls, InvalidCommand, EndOfChunk, AuthResponse, Authenticated),
        SmtpSession._serve_default,
    ),
    **dict.fromkeys(get_args(Query), SmtpSession._serve_query),
    ProxyHeader: SmtpSession._serve_proxy,
    Mail: SmtpSession._serve_mail,
    Rcpt: SmtpSession._serve_rcpt,
    Rset: SmtpSession._serve_reset,
    Data: SmtpSession._serve_data,
    Bdat: SmtpSession._serve_chunk,
    UpgradeToTls: SmtpSession._serve_upgrade,
    Auth: SmtpSession._serve_auth,
    Rejected: SmtpSession._serve_rejected,
}
