"""mailproto on trio: connect to servers, be one. :mod:`mailproto.asyncio` has the same names."""

import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from math import inf
from typing import Any, TypeVar

import trio

from mailproto import clients, servers
from mailproto.errors import ConnectionLost
from mailproto.stream import Event, Listener, Lock, PeerStream, Runtime, Stream, bind
from mailproto.tls import TlsInfo, describe_tls

__all__ = [
    "RUNTIME",
    "TrioRuntime",
    "TrioStream",
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

_RECEIVE_SIZE = 65536
_CLOSE_TIMEOUT = 2.0  # seconds for a polite end


class TrioStream:
    """A stream over any ``trio.abc.Stream``; trio reads nothing ahead."""

    __slots__ = ("_stream",)

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream

    @property
    def peer(self) -> str:
        """The peer's IP address, "" if it has none."""
        stream = self._stream
        while isinstance(stream, trio.SSLStream):
            stream = stream.transport_stream
        if not isinstance(stream, trio.SocketStream):
            return ""
        try:
            address = stream.socket.getpeername()
        except OSError:
            return ""
        return str(address[0]) if isinstance(address, tuple) else ""

    async def receive_some(self) -> bytes:
        """See :class:`~mailproto.stream.Stream`."""
        try:
            return bytes(await self._stream.receive_some(_RECEIVE_SIZE))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return b""

    async def send_all(self, data: bytes) -> None:
        """See :class:`~mailproto.stream.Stream`."""
        try:
            await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionLost("the peer closed the connection") from error

    async def start_tls(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        server_hostname: str | None = None,
        server_certificate: bytes | None = None,
    ) -> TlsInfo:
        """See :class:`~mailproto.stream.Stream`."""
        tls = trio.SSLStream(
            self._stream,
            context,
            server_hostname=None if server_side else server_hostname,
            server_side=server_side,
        )
        try:
            await tls.do_handshake()
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            if isinstance(error.__cause__, ssl.SSLError) and not isinstance(
                error.__cause__, ssl.SSLEOFError
            ):
                raise error.__cause__ from None
            raise ConnectionLost("the connection ended in the TLS handshake") from error
        self._stream = tls
        return describe_tls(
            tls,
            server_side=server_side,
            server_certificate=server_certificate,
            verified=context.verify_mode is not ssl.CERT_NONE,
        )

    async def aclose(self) -> None:
        """See :class:`~mailproto.stream.Stream`."""
        with trio.move_on_after(_CLOSE_TIMEOUT):
            await self._stream.aclose()


class _TrioListener:
    """The sockets of one ``listen``."""

    def __init__(self, listeners: list[trio.SocketListener], scope: trio.CancelScope) -> None:
        self._scope = scope
        self._listeners = listeners
        self.addresses: tuple[tuple[str, int], ...] = tuple(
            listener.socket.getsockname()[:2] for listener in listeners
        )

    async def stop_accepting(self) -> None:
        self._scope.cancel()
        for listener in self._listeners:
            await listener.aclose()


class _Deadline:
    """A cancel scope that raises ``TimeoutError``; a generator would take three times as long."""

    __slots__ = ("_scope",)

    def __init__(self, seconds: float | None) -> None:
        self._scope = trio.move_on_after(inf if seconds is None else seconds)

    async def __aenter__(self) -> trio.CancelScope:
        return self._scope.__enter__()

    async def __aexit__(self, *exc: Any) -> bool:
        swallowed = self._scope.__exit__(*exc)
        if self._scope.cancelled_caught:
            raise TimeoutError
        return swallowed


class TrioRuntime(Runtime):
    """The primitives of trio."""

    def deadline(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        """See :class:`~mailproto.stream.Runtime`."""
        return _Deadline(seconds)

    def expire(self, deadline: trio.CancelScope) -> None:
        """See :class:`~mailproto.stream.Runtime`."""
        deadline.cancel()

    def event(self) -> Event:
        """See :class:`~mailproto.stream.Runtime`."""
        return trio.Event()

    def lock(self) -> Lock:
        """See :class:`~mailproto.stream.Runtime`."""
        return trio.Lock()

    def current_task(self) -> object:
        """See :class:`~mailproto.stream.Runtime`."""
        return trio.lowlevel.current_task()

    async def sleep(self, seconds: float) -> None:
        """See :class:`~mailproto.stream.Runtime`."""
        await trio.sleep(seconds)

    async def in_thread(self, function: Callable[[], T]) -> T:
        """See :class:`~mailproto.stream.Runtime`."""
        return await trio.to_thread.run_sync(function)

    async def connect_tcp(self, host: str, port: int) -> Stream:
        """See :class:`~mailproto.stream.Runtime`."""
        return TrioStream(await trio.open_tcp_stream(host, port))

    async def connect_unix(self, path: str) -> Stream:
        """See :class:`~mailproto.stream.Runtime`."""
        return TrioStream(await trio.open_unix_socket(path))

    @asynccontextmanager
    async def listen(
        self, serve: Callable[[PeerStream], Coroutine[Any, Any, None]], host: str | None, port: int
    ) -> AsyncIterator[Listener]:
        """See :class:`~mailproto.stream.Runtime`."""
        listeners = await trio.open_tcp_listeners(port, host=host, backlog=512)

        async def handle(stream: trio.SocketStream) -> None:
            await serve(TrioStream(stream))

        async def accept(scope: trio.CancelScope) -> None:
            with scope:
                await trio.serve_listeners(handle, listeners, handler_nursery=nursery)

        failure: BaseException | None = None
        try:
            async with trio.open_nursery() as nursery:
                scope = trio.CancelScope()
                nursery.start_soon(accept, scope)
                try:
                    yield _TrioListener(listeners, scope)
                except BaseException as error:
                    failure = error
                    raise
                finally:
                    nursery.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            if failure is not None and group.exceptions == (failure,):
                raise failure from None  # as it would be without a nursery
            raise


RUNTIME = TrioRuntime()

connect_imap = bind(clients.connect_imap, RUNTIME)
connect_pop3 = bind(clients.connect_pop3, RUNTIME)
connect_smtp = bind(clients.connect_smtp, RUNTIME)
connect_lmtp = bind(clients.connect_lmtp, RUNTIME)
send = bind(clients.send, RUNTIME)
serve_smtp = bind(servers.serve_smtp, RUNTIME)
serve_lmtp = bind(servers.serve_lmtp, RUNTIME)
serve_pop3 = bind(servers.serve_pop3, RUNTIME)
serve_imap = bind(servers.serve_imap, RUNTIME)
