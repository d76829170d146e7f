"""One SMTP or LMTP connection, served against a handler."""

import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, get_args

from mailproto._value import value
from mailproto.errors import (
    ConnectionLost,
    LocalProtocolError,
    MailProtocolError,
    RemoteProtocolError,
)
from mailproto.limits import SmtpLimits
from mailproto.proxy import ProxyHeader
from mailproto.sasl import (
    Authenticated,
    Authenticator,
    LookupPassword,
    LookupScramKeys,
    Query,
    Rejected,
    advertised,
    server_mechanism,
)
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
    Trace,
    UnknownCommand,
    UpgradeToTls,
    Vrfy,
    Xclient,
    Xforward,
)
from mailproto.stream import PeerStream, Runtime
from mailproto.tls import TlsInfo

__all__ = ["SmtpService", "SmtpSession"]

_log = logging.getLogger("mailproto.servers")

_FAILED = Reply(451, "Internal error, try again later", EnhancedCode(4, 3, 0))
_GOODBYE = Reply(421, "Closing, try again later", EnhancedCode(4, 3, 2))
_TIMEOUT = Reply(421, "Timeout", EnhancedCode(4, 4, 2))
_NEEDS_AUTH = Reply(530, "Authentication required", EnhancedCode(5, 7, 0))  # RFC 4954 6
_NEEDS_TLS = Reply(530, "Say STARTTLS first", EnhancedCode(5, 7, 0))  # RFC 3207 4
_AUTH_UNAVAILABLE = Reply(454, "Authentication is out of order", EnhancedCode(4, 7, 0))


@value
class SmtpService:
    """What all sessions of one server share; ``serve_smtp`` explains each field."""

    runtime: Runtime
    handler: SmtpHandler
    hostname: str
    limits: SmtpLimits
    offers: dict[tuple[str, ...] | None, Extensions]
    """What EHLO offers, by the types of channel binding there are (None: in clear text)."""
    lmtp: bool = False
    tls_context: ssl.SSLContext | None = None
    tls_certificate: bytes | None = None
    implicit_tls: bool = False
    authenticator: Authenticator | None = None
    require_tls: bool = False
    require_auth: bool = False
    allow_plaintext: bool = False
    proxy_protocol: bool = False
    strict: bool = False
    timeout: float | None = None
    auth_failure_delay: float = 1.0
    trace: Trace | None = None

    def extensions(self, tls: TlsInfo | None) -> Extensions:
        """What EHLO offers, in clear text (None) or over this TLS connection."""
        key = None if tls is None else tuple(b.type for b in tls.channel_bindings)
        if key not in self.offers:
            self.offers[key] = self._extensions(tls)
        return self.offers[key]

    def _extensions(self, tls: TlsInfo | None) -> Extensions:
        lines = [f"SIZE {self.limits.message_size or 0}"]
        if self.tls_context is not None and tls is None:
            lines.append("STARTTLS")
        if self.authenticator is not None and (tls is not None or not self.require_tls):
            names = advertised(
                self.authenticator.mechanisms,
                channel_bindings=tls.channel_bindings if tls else (),
                secure=tls is not None,
                allow_plaintext=self.allow_plaintext,
            )
            if names:
                lines.append(f"AUTH {' '.join(names)}")
        return DEFAULT_EXTENSIONS.with_lines(*lines, *self.handler.extensions)


class SmtpSession:
    """One connection: what handlers may ask about it, and the loop that serves it."""

    __slots__ = (
        "_closing",
        "_connection",
        "_service",
        "_stream",
        "_temporary_failure",
        "_waiting",
        "hello",
        "mail",
        "peer",
        "proxy",
        "rcpts",
        "tls",
    )

    def __init__(self, stream: PeerStream, service: SmtpService) -> None:
        self.peer = stream.peer
        """The client's IP address (as the PROXY header names it, if there is one)."""
        self.proxy: ProxyHeader | None = None
        self.tls: TlsInfo | None = None
        """The TLS connection, None in clear text."""
        self.hello: str | None = None
        """The domain that the client gave in EHLO, HELO or LHLO."""
        self.mail: Mail | None = None
        """The MAIL of the transaction under way."""
        self.rcpts: tuple[Rcpt, ...] = ()
        """Its accepted RCPTs."""
        self._stream = stream
        self._service = service
        self._waiting = False
        self._closing = False
        self._temporary_failure = False
        self._connection = ServerConnection(
            service.hostname,
            limits=service.limits,
            lmtp=service.lmtp,
            strict=service.strict,
            tls=service.implicit_tls,
            proxy_protocol=service.proxy_protocol,
            trace=service.trace,
        )

    @property
    def user(self) -> str | None:
        """Who has authenticated, None for nobody."""
        return self._connection.user

    @property
    def extensions(self) -> Extensions:
        """What EHLO offers now."""
        return self._connection.offered

    # --- the loop ---

    async def run(self) -> None:
        """Serve the connection to its end; raises nothing but cancellation."""
        try:
            if self._service.implicit_tls:
                await self._upgrade()
            self._connection.extensions = self._service.extensions(self.tls)
            if not self._service.proxy_protocol:
                await self._greet()
            await self._serve()
        except (MailProtocolError, OSError) as error:  # also SSLError and TimeoutError
            _log.info("%s: the session ended: %s", self.peer, str(error) or type(error).__name__)
        finally:
            await self._stream.aclose()

    async def _serve(self) -> None:
        try:
            while not isinstance(event := await self.next_event(), ConnectionClosed):
                await self.serve_event(event)
        except TimeoutError:
            if not self._connection.reply_owed:
                self._connection.send(_TIMEOUT)
            raise
        finally:
            try:
                await self._service.handler.disconnect(self)
            finally:
                await self._flush()

    async def next_event(self) -> ServerEvent:
        """Wait for the next event, with all replies sent before.

        Raises ``TimeoutError``, :class:`RemoteProtocolError`, :class:`ConnectionLost`.
        """
        connection = self._connection
        while (event := connection.next_event()) is None:
            await self._flush()
            if self._closing and connection.transaction is None:
                connection.send(_GOODBYE)
                continue
            seconds = connection.timeout if self._service.timeout is None else self._service.timeout
            self._waiting = True
            try:
                async with self._service.runtime.deadline(seconds):
                    data = await self._stream.receive_some()
            finally:
                self._waiting = False
            if data:
                connection.receive_data(data)
            else:
                connection.receive_eof()
        return event

    async def serve_event(self, event: ServerEvent) -> None:
        """Serve one event and answer it."""
        await _SERVE[type(event)](self, event)

    async def _flush(self) -> None:
        if data := self._connection.data_to_send():
            await self._stream.send_all(data)

    async def shut_down(self) -> None:
        """Say 421 and close: now if nothing is under way, else after the transaction."""
        self._closing = True
        if self._waiting and self._connection.transaction is None:
            self._connection.send(_GOODBYE)
            with suppress(ConnectionLost):
                await self._flush()
            await self._stream.aclose()

    # --- answers ---

    def _answer(self, event: ServerEvent, reply: Reply | None) -> Reply:
        """Send ``reply``, or the ordinary one, or 451 if the handler's can not be sent."""
        connection = self._connection
        reply = reply or connection.default_reply(event)
        try:
            connection.send(reply)
        except LocalProtocolError:
            _log.exception("%s: the handler's reply %s can not be sent", self.peer, reply)
            reply = getattr(event, "refusal", None) or _FAILED
            connection.send(reply)
        return reply

    async def _ask(self, hook: Callable[..., Awaitable[Reply | None]], *args: Any) -> Reply | None:
        try:
            return await hook(*args)
        except Exception:
            _log.exception("%s: the handler failed", self.peer)
            return _FAILED

    async def _greet(self) -> None:
        reply = await self._ask(self._service.handler.connect, self)
        if reply is _FAILED:
            reply = _GOODBYE
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
        if self._service.require_tls and self.tls is None:
            reply: Reply | None = _NEEDS_TLS
        elif self._service.require_auth and self.user is None:
            reply = _NEEDS_AUTH
        else:
            reply = await self._ask(self._service.handler.mail, self, command)
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
        hook = getattr(self._service.handler, _HOOKS[type(command)])
        self._answer(command, await self._ask(hook, self, command))

    def _forget_transaction(self) -> None:
        self.mail = None
        self.rcpts = ()

    # --- TLS and authentication ---

    async def _serve_upgrade(self, event: UpgradeToTls) -> None:
        await self._flush()
        await self._upgrade()
        assert self.tls is not None
        self._connection.tls_established(self.tls.channel_bindings)
        self._connection.extensions = self._service.extensions(self.tls)
        self.hello = None

    async def _upgrade(self) -> None:
        context = self._service.tls_context
        assert context is not None
        async with self._service.runtime.deadline(_HANDSHAKE_TIMEOUT):
            self.tls = await self._stream.start_tls(
                context, server_side=True, server_certificate=self._service.tls_certificate
            )

    async def _serve_auth(self, command: Auth) -> None:
        self._temporary_failure = False
        mechanism = server_mechanism(
            command.mechanism,
            channel_bindings=self.tls.channel_bindings if self.tls else (),
            plus_offered=any(name.endswith("-PLUS") for name in self.extensions.auth),
        )
        if mechanism is None:
            self._answer(command, None)
        else:
            self._connection.authenticate(mechanism)

    async def _serve_query(self, query: Query) -> None:
        authenticator = self._service.authenticator
        assert authenticator is not None
        certificate = self.tls.peer_certificate if self.tls else None
        try:
            answer = await authenticator.answer(query, certificate=certificate)
        except Exception:
            _log.exception("%s: the authenticator failed", self.peer)
            self._temporary_failure = True
            answer = None if isinstance(query, (LookupPassword, LookupScramKeys)) else False
        self._connection.answer(answer)

    async def _serve_authenticated(self, event: Authenticated) -> None:
        self._answer(event, None)

    async def _serve_rejected(self, event: Rejected) -> None:
        _log.info("%s: authentication rejected: %s", self.peer, event.reason)
        await self._service.runtime.sleep(self._service.auth_failure_delay)
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
        replies: MessageReplies = None
        try:
            replies = await self._service.handler.message(envelope, body)
        except MessageAborted:
            replies = _FAILED
        except Exception:
            _log.exception("%s: the handler failed", self.peer)
            replies = _FAILED
        self._forget_transaction()
        end = await body.finish()
        if not isinstance(end, EndOfMessage):
            await self.serve_event(end)  # RSET and the like took the message back
            return
        for reply in self._message_replies(envelope, replies):
            self._answer(end, end.refusal or reply)

    def _message_replies(
        self, envelope: SmtpEnvelope, given: MessageReplies
    ) -> Sequence[Reply | None]:
        """Spread what the handler gave over the replies that are owed."""
        recipients = envelope.recipients
        if isinstance(given, Reply) or given is None:
            replies: list[Reply | None] = [given] * len(recipients)
        elif isinstance(given, Mapping):
            replies = [given.get(recipient) for recipient in recipients]
        else:
            replies = list(given)
            if len(replies) != len(recipients):
                _log.error("%s: the handler gave %d replies", self.peer, len(replies))
                replies = [_FAILED] * len(recipients)
        if self._service.lmtp:
            return replies
        refusals = (reply for reply in replies if reply is not None and not reply.is_positive)
        return [next(refusals, replies[0])]


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

_HANDSHAKE_TIMEOUT = 60
_TAKES_BACK = (Rset, Quit, Ehlo, Helo, Lhlo, ConnectionClosed)

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
        (Noop, Quit, StartTls, InvalidCommand, EndOfChunk, AuthResponse),
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
    Authenticated: SmtpSession._serve_authenticated,
    Rejected: SmtpSession._serve_rejected,
}
