"""A client core and a server core of SMTP, wired together without I/O."""

from collections.abc import Callable
from typing import TypeAlias

from mailproto.smtp import (
    Bdat,
    ClientConnection,
    ConnectionClosed,
    MessageData,
    Reply,
    ServerConnection,
    ServerEvent,
    UpgradeToTls,
)
from mailproto.testing.chunking import Cut, whole
from mailproto.testing.core_pair import CorePair

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


class Pair(CorePair[ClientConnection, ServerConnection]):
    """A client and a server of SMTP or LMTP.

    ``serve`` answers the server's events, by default with ``default_reply``. ``cut`` says how
    bytes are cut on their way. ``greeting`` is said at once; with None the server's user does
    it. See :class:`CorePair` for the rest.

    >>> pair = Pair()
    >>> pair.send(Ehlo("client.example"))[0].reply.code
    250
    """

    closed = ConnectionClosed
    upgrade = UpgradeToTls

    def __init__(
        self,
        client: ClientConnection | None = None,
        server: ServerConnection | None = None,
        *,
        serve: Serve = default_serve,
        cut: Cut = whole,
        greeting: Reply | None = _GREETING,
    ) -> None:
        super().__init__(client or ClientConnection(), server or ServerConnection(), cut=cut)
        self.replies: list[Reply] = []
        """What the server was told to send, in order, the greeting included."""
        self._serve = serve
        if greeting is not None:
            self.reply(greeting)
            self.run()

    def reply(self, reply: Reply) -> None:
        """Let the server send ``reply``."""
        self.server.send(reply)
        self.replies.append(reply)

    def _answer(self, event: ServerEvent) -> None:
        if isinstance(event, (MessageData, Bdat)):
            return
        while (reply := self._serve(self.server, event)) is not None:
            self.reply(reply)
            if not self.server.reply_owed:
                return
