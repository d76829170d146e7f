"""A client core and a server core, wired together without I/O."""

from collections.abc import Callable
from typing import TypeAlias

from mailproto.errors import LocalProtocolError
from mailproto.smtp import (
    Bdat,
    ClientConnection,
    ClientEvent,
    Command,
    ConnectionClosed,
    EndOfMessage,
    MessageData,
    Reply,
    ServerConnection,
    ServerEvent,
    UpgradeToTls,
)
from mailproto.testing.chunking import Cut, whole

__all__ = ["Pair", "Serve", "default_serve"]

Serve: TypeAlias = Callable[[ServerConnection, ServerEvent], Reply | None]
"""How a server event is answered.

The reply is sent, and for a message over LMTP asked for again until none is owed. None means
that the function did by itself what was due, such as calling ``server.authenticate``, or that
:meth:`Pair.reply` is going to be called later.
"""

_GREETING = Reply(220, "ready")


def default_serve(server: ServerConnection, event: ServerEvent) -> Reply:
    """Answer with ``server.default_reply(event)``."""
    return server.default_reply(event)


class Pair:
    """Moves bytes between a client core and a server core and collects what both sides see.

    ``serve`` answers the server's events, by default with ``default_reply``. ``cut`` says how
    bytes are cut on their way. ``greeting`` is said at once; with None the server's user does
    it. A TLS handshake is taken for done as soon as a core asks for it, and where one side is
    over the other one gets its end of file.

    >>> pair = Pair()
    >>> pair.send(Ehlo("client.example"))[0].reply.code
    250

    What the cores raise is let through: both are supposed to behave.
    """

    def __init__(
        self,
        client: ClientConnection | None = None,
        server: ServerConnection | None = None,
        *,
        serve: Serve = default_serve,
        cut: Cut = whole,
        greeting: Reply | None = _GREETING,
    ) -> None:
        self.client = client or ClientConnection()
        self.server = server or ServerConnection()
        self.client_events: list[ClientEvent] = []
        """What the client core yielded."""
        self.server_events: list[ServerEvent] = []
        """What the server core yielded."""
        self.client_bytes = bytearray()
        """All that the client put on the wire."""
        self.server_bytes = bytearray()
        """All that the server put on the wire."""
        self.replies: list[Reply] = []
        """What the server was told to send, in order, the greeting included."""
        self._serve = serve
        self._cut = cut
        self._client_closed = False
        self._server_closed = False
        if greeting is not None:
            self.reply(greeting)
            self.run()

    def send(self, *items: Command | MessageData | EndOfMessage) -> list[ClientEvent]:
        """Let the client send ``items``, each as soon as it may, and run.

        Returns the events that the client got since. Raises what ``client.send`` raises.
        """
        before = len(self.client_events)
        for item in items:
            if not self.client.may_pipeline():
                self.run()
            self.client.send(item)
        self.run()
        return self.client_events[before:]

    def reply(self, reply: Reply) -> None:
        """Let the server send ``reply``."""
        self.server.send(reply)
        self.replies.append(reply)

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
                return  # a reply is owed: ``serve`` left it for later
            if event is None:
                return
            self.server_events.append(event)
            if isinstance(event, ConnectionClosed):
                self._server_closed = True
            elif isinstance(event, UpgradeToTls):
                self.server.tls_established()
            elif not isinstance(event, (MessageData, Bdat)):
                self._answer(event)

    def _answer(self, event: ServerEvent) -> None:
        while (reply := self._serve(self.server, event)) is not None:
            self.reply(reply)
            if not self.server.reply_owed:
                return

    def _read_client(self) -> None:
        while not self._client_closed and (event := self.client.next_event()) is not None:
            self.client_events.append(event)
            if isinstance(event, ConnectionClosed):
                self._client_closed = True
            elif isinstance(event, UpgradeToTls):
                self.client.tls_established()
