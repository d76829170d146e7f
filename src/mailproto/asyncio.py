"""mailproto on asyncio: connect to servers, be one. :mod:`mailproto.trio` has the same names."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import copy_context
from math import inf
from typing import Any, Literal, TypeVar
from weakref import WeakKeyDictionary

from mailproto import clients, servers
from mailproto.errors import ConnectionLost, RemoteProtocolError
from mailproto.stream import Event, Listener, Lock, PeerStream, Runtime, Stream, bind
from mailproto.tls import TlsInfo, describe_tls

__all__ = [
    "RUNTIME",
    "AsyncioRuntime",
    "AsyncioStream",
    "connect_imap",
    "connect_lmtp",
    "connect_pop3",
    "connect_smtp",
    "send",
    "serve_imap",
    "serve_lmtp",
    "serve_pop3",
    "serve_smtp",
]

T = TypeVar("T")

_HIGH_WATER = 256 * 1024  # bytes received and not taken at which reading pauses
_CLOSE_TIMEOUT = 2.0  # seconds for a polite end
_TASK = "mailproto"  # names each task that serves: a name of its own would take 57 bytes
_PRECISION = 0.01  # seconds by which a deadline may come too early


class AsyncioStream(asyncio.Protocol):
    """A stream over an asyncio transport, with a buffer of its own.

    ``asyncio.StreamReader`` is not used: after ``StreamWriter.start_tls`` it would hand out
    plain bytes that were injected before the handshake as if they had come over TLS.
    """

    __slots__ = ("_closed", "_drainers", "_ended", "_paused", "_received", "_transport", "_waiter")

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiter: asyncio.Future[None] | None = None
        self._drainers: deque[asyncio.Future[None]] | None = None
        self._paused = False
        self._ended = False
        self._closed = False

    # --- what the transport calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep the bytes; pause the peer if they pile up."""
        self._received = self._received + data if self._received else bytes(data)
        if len(self._received) >= _HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Note the end; the transport stays open for what we still say (not under TLS)."""
        self._ended = True
        self._wake()
        return self._transport is not None and not _is_tls(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of everything."""
        self._ended = self._closed = True
        self._wake()
        self.resume_writing()

    def pause_writing(self) -> None:
        """Let senders wait."""
        self._paused = True

    def resume_writing(self) -> None:
        """Let senders go on."""
        self._paused = False
        while self._drainers:
            drainer = self._drainers.popleft()
            if not drainer.done():
                drainer.set_result(None)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # --- what we call ---

    @property
    def peer(self) -> str:
        """The peer's IP address, "" for a Unix socket."""
        assert self._transport is not None
        address = self._transport.get_extra_info("peername")
        return str(address[0]) if isinstance(address, tuple) else ""

    async def receive_some(self) -> bytes:
        """See :class:`~mailproto.stream.Stream`."""
        while not self._received:
            if self._ended:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data, self._received = self._received, b""
        if len(data) >= _HIGH_WATER and self._transport is not None and not self._closed:
            self._transport.resume_reading()
        return data

    async def send_all(self, data: bytes) -> None:
        """See :class:`~mailproto.stream.Stream`."""
        if self._closed or self._transport is None or self._transport.is_closing():
            raise ConnectionLost("the peer closed the connection")
        self._transport.write(data)
        if self._paused:
            await self._wait_for_transport()
            if self._closed:
                raise ConnectionLost("the peer closed the connection")

    async def _wait_for_transport(self) -> None:
        """Wait until it takes more data, or is closed."""
        drainer = asyncio.get_running_loop().create_future()
        self._drainers = self._drainers or deque()
        self._drainers.append(drainer)
        await drainer

    async def start_tls(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        server_hostname: str | None = None,
        server_certificate: bytes | None = None,
    ) -> TlsInfo:
        """See :class:`~mailproto.stream.Stream`."""
        if self._received:
            raise RemoteProtocolError("plain bytes came before the TLS handshake")
        if self._closed or self._transport is None:
            raise ConnectionLost("the peer closed the connection before the TLS handshake")
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self._transport,
                self,
                context,
                server_side=server_side,
                server_hostname=None if server_side else server_hostname or "",
            )
        except BaseException as error:
            self._transport.abort()
            self.connection_lost(None)  # nobody else tells us any more
            if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
                raise ConnectionLost("the connection ended in the TLS handshake") from error
            raise
        if transport is None:
            raise ConnectionLost("the connection ended in the TLS handshake")
        self._transport = transport
        return describe_tls(
            transport.get_extra_info("ssl_object"),
            server_side=server_side,
            server_certificate=server_certificate,
            verified=context.verify_mode is not ssl.CERT_NONE,
        )

    async def aclose(self) -> None:
        """See :class:`~mailproto.stream.Stream`."""
        if self._transport is None or self._closed:
            return
        self._ended = True
        self._wake()
        self._transport.close()
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                while not self._closed:
                    await self._wait_for_transport()
        except TimeoutError:
            pass
        finally:
            if not self._closed:
                self._transport.abort()


def _is_tls(transport: asyncio.BaseTransport) -> bool:
    return transport.get_extra_info("ssl_object") is not None


class _AsyncioListener:
    """The sockets of one ``listen`` and the tasks of their connections."""

    def __init__(self, serve: Callable[[PeerStream], Coroutine[Any, Any, None]]) -> None:
        self._serve = serve
        self._tasks: set[asyncio.Task[None]] = set()
        # One for all: a method and a context of its own would cost each connection 136 bytes.
        self._forget = self._tasks.discard
        self._context = copy_context()
        self.server: asyncio.Server | None = None

    def accept(self) -> "_AcceptedStream":
        return _AcceptedStream(self)

    def start(self, stream: AsyncioStream) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(stream), name=_TASK)
        self._tasks.add(task)
        task.add_done_callback(self._forget, context=self._context)

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        assert self.server is not None
        return tuple(socket.getsockname()[:2] for socket in self.server.sockets)

    async def stop_accepting(self) -> None:
        assert self.server is not None
        self.server.close()

    async def cancel(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _AcceptedStream(AsyncioStream):
    """A stream that starts to be served once it is connected."""

    __slots__ = ("_listener",)

    def __init__(self, listener: _AsyncioListener) -> None:
        super().__init__()
        self._listener = listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._listener.start(self)


class _Lock(asyncio.Lock):
    """A lock that tells a task that holds it already, as that of trio does."""

    _owner: asyncio.Task[Any] | None = None

    async def acquire(self) -> Literal[True]:
        task = asyncio.current_task()
        if self.locked() and self._owner is task:
            raise RuntimeError("the task holds the lock already")
        await super().acquire()
        self._owner = task
        return True


class _Deadline:
    """What ``asyncio.timeout`` is, but all deadlines of a loop share the timer of a clock.

    Of the timers of many idle connections each would take a KiB, and starting one for each
    wait a good part of the time that a command takes.
    """

    __slots__ = ("_cancelling", "_clock", "_expired", "_task", "when")

    def __init__(self, clock: "_Clock", when: float) -> None:
        self._clock = clock
        self._expired = False
        self._cancelling = 0
        self._task: asyncio.Task[Any] | None = None
        self.when = when  # by the loop's time

    async def __aenter__(self) -> "_Deadline":
        self._task = task = asyncio.current_task()
        assert task is not None
        self._cancelling = task.cancelling()
        self._clock.add(self)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> None:
        self._clock.discard(self)
        task, self._task = self._task, None
        if not self._expired or task is None:
            return
        # A cancellation by somebody else, or another error, passes through.
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Be over now."""
        if self._task is not None and not self._expired:
            self._expired = True
            self._task.cancel()


class _Clock:
    """Watches the deadlines of one event loop with a timer that strikes when the next is due.

    It is not stopped for a deadline that was met, only looks then which one is next.
    """

    def __init__(self) -> None:
        self._deadlines: set[_Deadline] = set()
        self._next = inf  # when it strikes

    def add(self, deadline: _Deadline) -> None:
        self._deadlines.add(deadline)
        if deadline.when < self._next:
            self._strike_at(deadline.when)

    def discard(self, deadline: _Deadline) -> None:
        self._deadlines.discard(deadline)

    def _strike_at(self, when: float) -> None:
        self._next = when
        asyncio.get_running_loop().call_at(when, self._strike)

    def _strike(self) -> None:
        soon = asyncio.get_running_loop().time() + _PRECISION
        self._next = inf
        later = inf
        for deadline in tuple(self._deadlines):
            if deadline.when <= soon:
                self._deadlines.discard(deadline)
                deadline.expire()
            else:
                later = min(later, deadline.when)
        if later < inf:
            self._strike_at(later)


class AsyncioRuntime(Runtime):
    """The primitives of asyncio."""

    def __init__(self) -> None:
        self._clocks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clock] = WeakKeyDictionary()

    def deadline(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        """See :class:`~mailproto.stream.Runtime`."""
        loop = asyncio.get_running_loop()
        clock = self._clocks.get(loop)
        if clock is None:
            clock = self._clocks[loop] = _Clock()
        return _Deadline(clock, inf if seconds is None else loop.time() + seconds)

    def expire(self, deadline: _Deadline) -> None:
        """See :class:`~mailproto.stream.Runtime`."""
        asyncio.get_running_loop().call_soon(deadline.expire)  # after what has just come

    def event(self) -> Event:
        """See :class:`~mailproto.stream.Runtime`."""
        return asyncio.Event()

    def lock(self) -> Lock:
        """See :class:`~mailproto.stream.Runtime`."""
        return _Lock()

    def current_task(self) -> object:
        """See :class:`~mailproto.stream.Runtime`."""
        return asyncio.current_task()

    async def sleep(self, seconds: float) -> None:
        """See :class:`~mailproto.stream.Runtime`."""
        await asyncio.sleep(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        """See :class:`~mailproto.stream.Runtime`."""
        return await asyncio.to_thread(function)

    async def connect_tcp(self, host: str, port: int) -> Stream:
        """See :class:`~mailproto.stream.Runtime`."""
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(
            AsyncioStream, host, port, happy_eyeballs_delay=0.25
        )
        return stream

    async def connect_unix(self, path: str) -> Stream:
        """See :class:`~mailproto.stream.Runtime`."""
        _, stream = await asyncio.get_running_loop().create_unix_connection(AsyncioStream, path)
        return stream

    @asynccontextmanager
    async def listen(
        self, serve: Callable[[PeerStream], Coroutine[Any, Any, None]], host: str | None, port: int
    ) -> AsyncIterator[Listener]:
        """See :class:`~mailproto.stream.Runtime`."""
        listener = _AsyncioListener(serve)
        loop = asyncio.get_running_loop()
        listener.server = await loop.create_server(listener.accept, host, port, backlog=512)
        try:
            yield listener
        finally:
            await listener.stop_accepting()
            await listener.cancel()


RUNTIME = AsyncioRuntime()

connect_imap = bind(clients.connect_imap, RUNTIME)
connect_pop3 = bind(clients.connect_pop3, RUNTIME)
connect_smtp = bind(clients.connect_smtp, RUNTIME)
connect_lmtp = bind(clients.connect_lmtp, RUNTIME)
send = bind(clients.send, RUNTIME)
serve_smtp = bind(servers.serve_smtp, RUNTIME)
serve_lmtp = bind(servers.serve_lmtp, RUNTIME)
serve_pop3 = bind(servers.serve_pop3, RUNTIME)
serve_imap = bind(servers.serve_imap, RUNTIME)
