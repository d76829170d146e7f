"""The seam between protocol and I/O: what a binding supplies, and nothing more.

``clients`` and ``servers`` are plain ``async def`` code over these protocols; they run on any
library that implements them. :mod:`mailproto.asyncio` and :mod:`mailproto.trio` do.
"""

import ssl
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from mailproto.tls import TlsInfo

__all__ = ["Event", "Listener", "Lock", "Runtime", "Stream", "bind"]

P = ParamSpec("P")
T = TypeVar("T")


class Stream(Protocol):
    """A connected byte stream.

    Every method may be cancelled. ``receive_some`` and ``send_all`` may run at the same time,
    two calls of the same one may not.
    """

    async def receive_some(self) -> bytes:
        """Return what has come, at least one byte; ``b""`` at the end, also after a reset."""

    async def send_all(self, data: bytes) -> None:
        """Send all of ``data``.

        Raises :class:`~mailproto.errors.ConnectionLost` if the peer is gone.
        """

    async def start_tls(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        server_hostname: str | None = None,
        server_certificate: bytes | None = None,
    ) -> TlsInfo:
        """Do the TLS handshake and go on over TLS.

        ``server_certificate`` (DER) is the server's own, for channel binding. Raises
        ``ssl.SSLError`` if the handshake fails, ``RemoteProtocolError`` if plain bytes lie
        before it, ``ConnectionLost``.
        """

    async def aclose(self) -> None:
        """Close the connection, politely if that is quick; never raises."""


class PeerStream(Stream, Protocol):
    """A stream whose peer has an address."""

    @property
    def peer(self) -> str:
        """The peer's IP address, or "" if it has none (a Unix socket)."""


class Event(Protocol):
    """Something that happens once."""

    def set(self) -> Any:
        """Make it happen."""

    async def wait(self) -> Any:
        """Wait until it has happened."""


class Lock(Protocol):
    """A mutual exclusion, used as ``async with lock``.

    Raises ``RuntimeError`` if the task holds it already.
    """

    async def __aenter__(self) -> Any: ...

    async def __aexit__(self, *exc: Any) -> Any: ...


class Listener(Protocol):
    """Listening sockets whose connections are served each in a task of its own."""

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """(host, port) of each socket, with the ports that were chosen."""

    async def stop_accepting(self) -> None:
        """Close the listening sockets; connections go on."""


class Runtime(Protocol):
    """The primitives in which asyncio and trio differ."""

    def deadline(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        """Limit what is done inside; raises ``TimeoutError`` then. None: no limit."""

    def expire(self, deadline: Any) -> None:
        """Let a deadline, as ``deadline`` gave it to ``async with ... as``, be over now."""

    def event(self) -> Event:
        """Return a new event."""

    def lock(self) -> Lock:
        """Return a new lock."""

    def current_task(self) -> object:
        """Return what stands for the running task."""

    async def sleep(self, seconds: float) -> None:
        """Sleep."""

    async def in_thread(self, function: Callable[[], T]) -> T:
        """Call a blocking function in a thread."""

    async def connect_tcp(self, host: str, port: int) -> Stream:
        """Connect; raises ``OSError``."""

    async def connect_unix(self, path: str) -> Stream:
        """Connect to a Unix socket; raises ``OSError``."""

    def listen(
        self, serve: Callable[[PeerStream], Coroutine[Any, Any, None]], host: str | None, port: int
    ) -> AbstractAsyncContextManager[Listener]:
        """Listen on ``host`` (None: all addresses) and ``port`` (0: a free one).

        ``serve`` runs for each connection and owns its stream. Leaving cancels all.
        """


def bind(function: Callable[Concatenate[Runtime, P], T], runtime: Runtime) -> Callable[P, T]:
    """Give ``function`` its first argument, and keep its name, documentation and types."""

    @wraps(function)
    def bound(*args: P.args, **kwargs: P.kwargs) -> T:
        return function(runtime, *args, **kwargs)

    return bound
