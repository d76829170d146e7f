"""Many connections: admission, total time, graceful end; the same for every protocol."""

import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

from mailproto._value import value
from mailproto.errors import ConnectionLost
from mailproto.stream import Listener, PeerStream, Runtime

__all__ = ["Admission", "Server", "Session", "own_name", "serve"]

_log = logging.getLogger("mailproto.servers")


class Session(Protocol):
    """One connection being served."""

    def run(
        self, total_time: float | None, over: Callable[[Any], None]
    ) -> Coroutine[Any, Any, None]:
        """Serve it to its end, at most for so many seconds, and close it; then call ``over``."""

    def shut_down(self) -> None:
        """Let it say goodbye and close: at once, or when what is under way is over."""


@value
class Admission:
    """How many connections a server takes, and for how long.

    ``per_peer`` counts by IPv4 address or IPv6 /64 network. ``total_time`` is the longest life
    of a connection, in seconds, None for no limit; it ends when the client is waited for.
    ``grace`` is how many seconds sessions get at the end to finish what is under way.
    """

    connections: int = 1000
    per_peer: int = 100
    total_time: float | None = 3600.0
    grace: float = 30.0


class Server:
    """A running server; leave its ``async with`` block to end it."""

    def __init__(
        self,
        runtime: Runtime,
        make_session: Callable[[PeerStream], Session],
        admission: Admission,
        refusal: bytes,
    ) -> None:
        self._runtime = runtime
        self._make_session = make_session
        self._admission = admission
        self._refusal = refusal
        self._sessions: dict[Session, str] = {}  # and whose they are
        self._peers: Counter[str] = Counter()
        self._listener: Listener | None = None
        self._addresses: tuple[tuple[str, int], ...] = ()
        self._draining = False
        self._note_end = self._over  # one for all: a method of its own would cost each 64 bytes
        self._closed = runtime.event()
        self._empty = runtime.event()

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """(host, port) of each listening socket."""
        return self._addresses

    @property
    def port(self) -> int:
        """The port that the first socket listens on."""
        return self._addresses[0][1]

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._sessions)

    async def wait_closed(self) -> None:
        """Wait until somebody calls :meth:`drain`; without that: for ever."""
        await self._closed.wait()

    async def drain(self) -> None:
        """Accept nothing more, tell idle clients to go, wait for busy ones for the grace time.

        Leaving the ``async with`` block does this, and cancels what is then still there.
        """
        assert self._listener is not None
        self._draining = True
        self._closed.set()
        await self._listener.stop_accepting()
        for session in tuple(self._sessions):
            session.shut_down()
        if self._sessions:
            with suppress(TimeoutError):
                async with self._runtime.deadline(self._admission.grace):
                    await self._empty.wait()

    def start(self, listener: Listener) -> None:
        """Note the sockets."""
        self._listener = listener
        self._addresses = listener.addresses

    def handle(self, stream: PeerStream) -> Coroutine[Any, Any, None]:
        """Return what serves one connection, or refuses it."""
        peer = _network(stream.peer)
        most = self._admission
        if (
            self._draining
            or len(self._sessions) >= most.connections
            or self._peers[peer] >= most.per_peer
        ):
            return self._refuse(stream)
        session = self._make_session(stream)
        self._sessions[session] = peer
        self._peers[peer] += 1
        return session.run(most.total_time, self._note_end)

    def _over(self, session: Session) -> None:
        peer = self._sessions.pop(session)
        self._peers[peer] -= 1
        if not self._peers[peer]:
            del self._peers[peer]
        if self._draining and not self._sessions:
            self._empty.set()

    async def _refuse(self, stream: PeerStream) -> None:
        try:
            async with self._runtime.deadline(_REFUSAL_TIMEOUT):
                await stream.send_all(self._refusal)
        except (ConnectionLost, TimeoutError):
            pass
        finally:
            await stream.aclose()


_REFUSAL_TIMEOUT = 5.0


def _network(address: str) -> str:
    """Return what counts as one peer: an IPv4 address, an IPv6 /64."""
    if ":" not in address:
        return address
    try:
        network = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    assert isinstance(network, IPv6Address)
    if network.ipv4_mapped is not None:
        return str(network.ipv4_mapped)
    return str(IPv6Address(int(network) >> 64 << 64))


@asynccontextmanager
async def serve(
    runtime: Runtime,
    make_session: Callable[[PeerStream], Session],
    host: str | None,
    port: int,
    admission: Admission,
    refusal: bytes,
) -> AsyncIterator[Server]:
    """Listen and serve until the block is left; ``refusal`` goes to those who are too many."""
    server = Server(runtime, make_session, admission, refusal)
    async with runtime.listen(server.handle, host, port) as listener:
        server.start(listener)
        yield server
        await server.drain()


def own_name() -> str:
    """Return how a server calls itself unless it is told: the machine's name."""
    return socket.gethostname() or "localhost"
