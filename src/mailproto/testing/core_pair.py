"""What the pairs of all protocols share: bytes between two cores, and what both sides see."""

import abc
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from mailproto.errors import LocalProtocolError
from mailproto.testing.chunking import Cut

__all__ = ["Core", "CorePair"]


class Core(Protocol):
    """What cores have in common."""

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the peer."""

    def receive_eof(self) -> None:
        """Note that the peer will send nothing more."""

    def data_to_send(self) -> bytes:
        """Return the bytes to write now."""

    def next_event(self) -> Any:
        """Return the next event, None if it needs more bytes."""

    def tls_established(self) -> None:
        """Go on over TLS."""


class _ClientCore(Core, Protocol):
    def send(self, item: Any) -> object: ...

    def may_pipeline(self, *args: Any, **kwargs: Any) -> bool: ...


ClientT = TypeVar("ClientT", bound=_ClientCore)
ServerT = TypeVar("ServerT", bound=Core)


class CorePair(abc.ABC, Generic[ClientT, ServerT]):
    """Moves bytes between a client core and a server core and collects what both sides see.

    ``cut`` says how bytes are cut on their way. A TLS handshake is taken for done as soon as a
    core asks for it, and where one side is over the other one gets its end of file. What the
    cores raise is let through: both are supposed to behave.
    """

    closed: ClassVar[type[Any]]
    """The event that a core is over with."""
    upgrade: ClassVar[type[Any]]
    """The event that asks for the handshake."""

    def __init__(self, client: ClientT, server: ServerT, *, cut: Cut) -> None:
        self.client = client
        self.server = server
        self.client_events: list[Any] = []
        """What the client core yielded."""
        self.server_events: list[Any] = []
        """What the server core yielded."""
        self.client_bytes = bytearray()
        """All that the client put on the wire."""
        self.server_bytes = bytearray()
        """All that the server put on the wire."""
        self._cut = cut
        self._client_closed = False
        self._server_closed = False

    @abc.abstractmethod
    def _answer(self, event: Any) -> None:
        """Answer an event of the server, or do nothing if none is due."""

    def send(self, *items: Any) -> list[Any]:
        """Let the client send ``items``, each as soon as it may, and run.

        Returns the events that the client got since. Raises what ``client.send`` raises.
        """
        before = len(self.client_events)
        for item in items:
            if not self._may_pipeline(item):
                self.run()
            self.client.send(item)
        self.run()
        return self.client_events[before:]

    def _may_pipeline(self, item: Any) -> bool:
        """Whether the client may send ``item`` before anything is answered."""
        return self.client.may_pipeline()

    def run(self) -> None:
        """Move bytes and serve events until both sides wait for the other."""
        while True:
            self._read_server()
            self._read_client()
            to_server = self.client.data_to_send()
            to_client = self.server.data_to_send()
            if not (to_server or to_client):
                break
            self.client_bytes += to_server
            self.server_bytes += to_client
            for chunk in self._cut(to_server):
                self.server.receive_data(chunk)
                self._read_server()
            for chunk in self._cut(to_client):
                self.client.receive_data(chunk)
                self._read_client()
        if self._server_closed and not self._client_closed:
            self.server_eof()
        elif self._client_closed and not self._server_closed:
            self.client_eof()

    def client_eof(self) -> None:
        """Let the client's end of the stream close: the server gets to know it at once."""
        self.server.receive_eof()
        self._read_server()

    def server_eof(self) -> None:
        """Let the server's end of the stream close: the client gets to know it at once."""
        self.client.receive_eof()
        self._read_client()

    def _read_server(self) -> None:
        while not self._server_closed:
            try:
                event = self.server.next_event()
            except LocalProtocolError:
                return  # a reply is owed: it was left for later
            if event is None:
                return
            self.server_events.append(event)
            if isinstance(event, self.closed):
                self._server_closed = True
            elif isinstance(event, self.upgrade):
                self.server.tls_established()
            else:
                self._answer(event)

    def _read_client(self) -> None:
        while not self._client_closed and (event := self.client.next_event()) is not None:
            self.client_events.append(event)
            if isinstance(event, self.closed):
                self._client_closed = True
            elif isinstance(event, self.upgrade):
                self.client.tls_established()
