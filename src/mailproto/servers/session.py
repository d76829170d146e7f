"""What sessions of all protocols share: one connection, its stream, its TLS, its logins."""

import logging
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from mailproto._trace import Trace
from mailproto._value import field, value
from mailproto.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from mailproto.sasl import (
    Authenticator,
    ChannelBinding,
    Query,
    Rejected,
    ServerMechanism,
    advertised,
    server_mechanism,
)
from mailproto.stream import PeerStream, Runtime
from mailproto.tls import TlsInfo

__all__ = ["ServerSession", "Service"]

log = logging.getLogger("mailproto.servers")

_HANDSHAKE_TIMEOUT = 60.0
_OF_CLIENT = (RemoteProtocolError, ConnectionLost, OSError)  # also SSLError and TimeoutError
_TURN = 100  # events served before the other sessions have their turn, if no wait comes before


class _ServerCore(Protocol):
    """What a session needs of a server core, whatever it speaks."""

    user: str | None

    @property
    def timeout(self) -> int: ...

    @property
    def reply_owed(self) -> bool: ...

    def receive_data(self, data: bytes) -> None: ...

    def receive_eof(self) -> None: ...

    def next_event(self) -> Any: ...

    def data_to_send(self) -> bytes: ...

    def send(self, item: Any) -> None: ...

    def answer(self, result: Any) -> None: ...

    def tls_established(self, channel_bindings: Sequence[ChannelBinding] = ()) -> None: ...


OfferT = TypeVar("OfferT")


@value
class Service(Generic[OfferT]):
    """What all sessions of one server share; ``serve_smtp`` and its like explain each field."""

    runtime: Runtime
    tls_context: ssl.SSLContext | None = field(default=None, kw_only=True)
    tls_certificate: bytes | None = field(default=None, kw_only=True)
    implicit_tls: bool = field(default=False, kw_only=True)
    authenticator: Authenticator | None = field(default=None, kw_only=True)
    allow_plaintext: bool = field(default=False, kw_only=True)
    strict: bool = field(default=False, kw_only=True)
    timeout: float | None = field(default=None, kw_only=True)
    auth_failure_delay: float = field(default=1.0, kw_only=True)
    trace: Trace | None = field(default=None, kw_only=True)
    offers: dict[tuple[str, ...] | None, OfferT] = field(kw_only=True)
    """What is offered, by the types of channel binding there are (None: in clear text)."""

    def offered(self, tls: TlsInfo | None) -> OfferT:
        """What is offered, in clear text (None) or over this TLS connection."""
        key = None if tls is None else tuple(b.type for b in tls.channel_bindings)
        if key not in self.offers:
            self.offers[key] = self._offer(tls)
        return self.offers[key]

    def _offer(self, tls: TlsInfo | None) -> OfferT:
        """Make up what is offered."""
        raise NotImplementedError

    def mechanisms(self, tls: TlsInfo | None) -> list[str]:
        """The SASL mechanisms to offer, in clear text (None) or over this TLS connection."""
        if self.authenticator is None:
            return []
        return list(
            advertised(
                self.authenticator.mechanisms,
                channel_bindings=tls.channel_bindings if tls else (),
                secure=tls is not None,
                allow_plaintext=self.allow_plaintext,
            )
        )


ServiceT = TypeVar("ServiceT", bound=Service[Any])
CoreT = TypeVar("CoreT", bound=_ServerCore)


class ServerSession(Generic[ServiceT, CoreT]):
    """One connection. A subclass says what it speaks: the core, the events, the farewells.

    An idle one holds a frame of each coroutine down to the wait: ``run`` and ``next_event`` are
    long, because each part of its own would cost 200 bytes for each connection.
    """

    __slots__ = (
        "_closing",
        "_connection",
        "_ends",
        "_served",
        "_service",
        "_stream",
        "_wait",
        "_woken",
        "lost",
        "peer",
        "tls",
    )

    closed: ClassVar[type[Any]]
    """The event after which nothing comes."""

    goodbye: ClassVar[Any]
    """What is sent when the server shuts down."""
    timed_out: ClassVar[Any]
    """What is sent when the client fell silent; None for nothing."""
    failed: ClassVar[Any] = None
    """What is sent when something fails that should not, if anything can be; None for nothing."""

    def __init__(self, stream: PeerStream, service: ServiceT, connection: CoreT) -> None:
        self.peer = stream.peer
        """The client's IP address (as the PROXY header names it, if there is one)."""
        self.tls: TlsInfo | None = None
        """The TLS connection, None in clear text."""
        self._stream = stream
        self._service = service
        self._connection = connection
        self._wait: Any = None  # the deadline of the wait for the client
        self.lost = False
        """Whether the client is gone or the session is over: then no error is the store's."""
        self._closing = False
        self._woken = False
        self._ends = inf  # when the client is waited for no longer
        self._served = 0  # events since the last wait

    # --- what a subclass supplies ---

    @property
    def interruptible(self) -> bool:
        """Whether nothing is under way that deserves to be finished."""
        raise NotImplementedError

    async def begin(self) -> None:
        """Greet, unless something has to come first."""
        raise NotImplementedError

    async def serve_event(self, event: Any) -> None:
        """Serve one event and answer it."""
        raise NotImplementedError

    async def _serve_default(self, event: Any) -> None:
        """Give the ordinary answer to an event."""
        raise NotImplementedError

    async def end(self) -> None:
        """Let go of what the session holds."""
        raise NotImplementedError

    @property
    def poll_interval(self) -> float:
        """After how many seconds of waiting for the client to call ``refresh``."""
        return inf

    async def refresh(self) -> None:
        """Tell the client what is new while it is waited for."""

    # --- what they share ---

    @property
    def service(self) -> ServiceT:
        """What all sessions share."""
        return self._service

    @property
    def core(self) -> CoreT:
        """The protocol core."""
        return self._connection

    @property
    def user(self) -> str | None:
        """Who has authenticated, None for nobody."""
        return self._connection.user

    async def run(self, total_time: float | None, over: Callable[[Any], None]) -> None:
        """Serve the connection to its end, at most for ``total_time`` seconds, and close it.

        ``over`` is called with the session in the end. Raises nothing but cancellation.
        """
        if total_time is not None:
            self._ends = monotonic() + total_time
        try:
            if self.service.implicit_tls:
                await self._upgrade()
            try:
                try:
                    await self.begin()
                    while not isinstance(event := await self.next_event(), self.closed):
                        await self.serve_event(event)
                        del event  # an idle session does not keep it
                finally:
                    await self.end()
            except TimeoutError:
                if self.timed_out is not None and not self.core.reply_owed:
                    self.core.send(self.timed_out)
                raise
            except _OF_CLIENT:
                raise
            except Exception:
                if self.failed is not None:
                    with suppress(LocalProtocolError):
                        self.core.send(self.failed)
                raise
            finally:
                await self.flush()
        except _OF_CLIENT as error:
            log.info("%s: the session ended: %s", self.peer, str(error) or type(error).__name__)
        except Exception:
            log.exception("%s: the session failed", self.peer)
        finally:
            over(self)
            await self._stream.aclose()

    async def next_event(self) -> Any:
        """Wait for the next event, with all replies sent before.

        Raises ``TimeoutError``, :class:`RemoteProtocolError`, :class:`ConnectionLost`.
        """
        core = self.core
        until = 0.0  # when the client is waited for no longer
        while (event := core.next_event()) is None:
            await self.flush()
            if self._closing and self.interruptible:
                core.send(self.goodbye)
                continue
            if self._woken:
                self._woken = False
                await self.refresh()
                continue
            self._served = 0
            until = until or min(monotonic() + self._patience, self._ends)
            try:
                async with self.service.runtime.deadline(self._nap(until)) as self._wait:
                    data = await self._stream.receive_some()
            except TimeoutError:
                if monotonic() < until:  # it was woken, or its nap is over
                    self._woken = True
                elif not (self._closing and self.interruptible):  # else shut_down cut it short
                    self.lost = True
                    raise
            else:
                if data:
                    core.receive_data(data)
                else:
                    core.receive_eof()
            finally:
                self._wait = None
        self._served += 1
        if self._served == _TURN:
            self._served = 0
            await self.flush()
            await self.service.runtime.sleep(0)
        return event

    @property
    def _patience(self) -> float:
        """How many seconds to wait for the client."""
        limit = self.service.timeout
        return self.core.timeout if limit is None else limit

    def _nap(self, until: float) -> float:
        """How many seconds to wait before ``refresh`` is due, or the wait is over."""
        return max(min(until - monotonic(), self.poll_interval), 0.0)

    async def flush(self) -> None:
        """Send what the core has to send. Raises :class:`ConnectionLost`."""
        if data := self.core.data_to_send():
            try:
                async with self.service.runtime.deadline(self._patience):
                    await self._stream.send_all(data)
            except TimeoutError:
                raise self.give_up("the client takes no data") from None
            except ConnectionLost:
                self.lost = True
                raise

    def give_up(self, reason: str) -> ConnectionLost:
        """Note that the session can not go on, and return what to raise."""
        self.lost = True
        return ConnectionLost(reason)

    def wake(self) -> None:
        """Let ``refresh`` be called now if the client is waited for, or else before that."""
        self._woken = True
        if self._wait is not None:
            self.service.runtime.expire(self._wait)

    def shut_down(self) -> None:
        """Let the session say goodbye and close: at once, or when what is under way is over."""
        self._closing = True
        if self._wait is not None and self.interruptible:
            self.service.runtime.expire(self._wait)

    async def start_tls(self) -> None:
        """Consent to STARTTLS or STLS, do the handshake and go on over TLS."""
        self.core.next_event()  # raises if plain bytes lie before the handshake
        await self.flush()
        tls = await self._upgrade()
        self.core.tls_established(tls.channel_bindings)

    async def _upgrade(self) -> TlsInfo:
        context = self.service.tls_context
        assert context is not None
        limit = self.service.timeout or _HANDSHAKE_TIMEOUT
        async with self.service.runtime.deadline(limit):
            self.tls = await self._stream.start_tls(
                context, server_side=True, server_certificate=self.service.tls_certificate
            )
        return self.tls

    def mechanism(self, name: str) -> ServerMechanism | None:
        """Return a new mechanism for one exchange, None if the name is not known."""
        return server_mechanism(
            name,
            channel_bindings=self.tls.channel_bindings if self.tls else (),
            plus_offered=any(m.endswith("-PLUS") for m in self.service.mechanisms(self.tls)),
        )

    async def _serve_query(self, query: Query) -> None:
        try:
            answer = await self.ask_authenticator(query)
        except Exception:
            log.exception("%s: the authenticator failed", self.peer)
            await self._serve_default(query)
        else:
            self._connection.answer(answer)

    async def _serve_rejected(self, event: Rejected) -> None:
        log.info("%s: authentication rejected: %s", self.peer, event.reason)
        await self._service.runtime.sleep(self._service.auth_failure_delay)
        await self._refuse_login(event)

    async def _refuse_login(self, event: Rejected) -> None:
        await self._serve_default(event)

    async def ask_authenticator(self, query: Query) -> Any:
        """Ask the authenticator; raises whatever it raises, as ``LookupError`` and the like."""
        authenticator = self.service.authenticator
        assert authenticator is not None
        certificate = self.tls.peer_certificate if self.tls else None
        return await authenticator.answer(query, certificate=certificate)
