"""What FETCH gathers of one message, and how (RFC 9051 6.4.5)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from typing import Any

from mailproto._value import value
from mailproto.servers.imap.content import Content
from mailproto.servers.imap.selected import Style
from mailproto.servers.imap.session import ImapSession
from mailproto.stores import MessageInfo

__all__ = ["Item", "Message", "reading"]


class Message:
    """One message while its items are gathered.

    ``header`` has at least the header fields that any of the items asks for.
    """

    __slots__ = ("_content", "header", "held", "info", "octets", "session", "style")

    def __init__(
        self,
        session: ImapSession,
        info: MessageInfo,
        style: Style,
        header: bytes = b"",
        content: Content | None = None,
    ) -> None:
        self.session = session
        self.info = info
        self.style = style
        self.header = header
        self._content = content
        self.octets: list[AsyncGenerator[bytes, None]] = []
        """What has to be sent behind the response, for literals without data, in their order."""
        self.held = 0
        """How many octets of content are held in memory."""

    @property
    def content(self) -> Content:
        """Its octets, for an item that reads them."""
        assert self._content is not None
        return self._content

    def hold(self, octets: int, most: int) -> bool:
        """Count octets that are held in memory; False if that would be too many."""
        if self.held + octets > most:
            return False
        self.held += octets
        return True


@value
class Item:
    """How the value of one item of a message is gathered.

    ``gather`` returns it; if it ``waits``, that is to be awaited. ``fields`` are the header fields
    that it looks at, by their names in lower case; if it ``reads``, it looks at the content.
    """

    gather: Callable[[Message], Any]
    fields: Collection[str] = ()
    waits: bool = False
    reads: bool = False


def reading(gather: Callable[[Message], Awaitable[Any]]) -> Item:
    """Return an item that looks at the content of a message."""
    return Item(gather, waits=True, reads=True)
