"""Commands that wait for their answers."""

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from mailproto.clients.imap.answers import answers, brings
from mailproto.imap import (
    Command,
    CommandCompleted,
    ContentDue,
    ContentStart,
    EndOfContent,
    FetchResponse,
    IdleStarted,
    Literal,
    MessageOctets,
    Response,
    Section,
)
from mailproto.stream import Event

__all__ = ["Call", "Gate", "Item", "Waiter"]

Item: TypeAlias = Response | IdleStarted | ContentDue | ContentStart | MessageOctets | EndOfContent
"""What may come for a command before it is completed."""


class Waiter:
    """Somebody who waits for what has not come yet."""

    __slots__ = ("wake",)

    def __init__(self) -> None:
        self.wake: Event | None = None
        """Set to let the task look again."""

    @property
    def ready(self) -> bool:
        """Whether the wait is over."""
        raise NotImplementedError

    def rouse(self) -> None:
        """Let the task look again, if it sleeps."""
        if self.wake is not None:
            self.wake.set()


class Gate(Waiter):
    """Waits until a condition holds that the completion of commands may bring about."""

    __slots__ = ("_condition",)

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__()
        self._condition = condition

    @property
    def ready(self) -> bool:
        """Whether the condition holds."""
        return self._condition()


class Call(Waiter):
    """One command, and what came for it and was not taken yet.

    With ``in_pieces`` large content is handed on as it comes, else it is put into its response.
    """

    __slots__ = (
        "_contents",
        "_in_pieces",
        "_items",
        "_pieces",
        "abandoned",
        "command",
        "completed",
        "held",
        "octets",
        "room",
        "tag",
        "task",
        "unread",
    )

    def __init__(self, command: Command, task: object, *, in_pieces: bool = False) -> None:
        super().__init__()
        self.command = command
        self.tag = ""
        self.task = task
        """Who reads it."""
        self.completed: CommandCompleted | None = None
        self.abandoned = False
        """Whether nobody waits for it any more; the server does not know that."""
        self.octets = 0
        """About how many octets have come for it."""
        self.unread = 0
        """About how many of them wait to be taken."""
        self.held = 0
        """How many octets of content wait for the response that they belong to."""
        self.room: Event | None = None
        """Set when there is room again for more of them."""
        self._in_pieces = in_pieces
        self._items: deque[Item] = deque()
        self._pieces: list[bytes] = []
        self._contents: dict[str | Section, bytes] = {}

    @property
    def ready(self) -> bool:
        """Whether there is something to take, or nothing will come."""
        return bool(self._items) or self.completed is not None

    def is_answered_by(self, response: Response) -> bool:
        """Whether a response may be meant for it."""
        return answers(response, self.tag, self.command)

    def brings(self, start: ContentStart) -> bool:
        """Whether content that begins may be what it asked for."""
        return brings(self.command, start.item)

    def put(self, item: Item, octets: int) -> None:
        """Note what came for it; it takes about so many octets."""
        if self.abandoned:
            return
        if self._contents and isinstance(item, FetchResponse):
            self._put_together(item)
            self.held = 0
        self._count(octets)
        self._items.append(item)
        self.rouse()

    def _count(self, octets: int) -> None:
        self.octets += octets
        self.unread += octets

    def put_content(
        self, item: ContentStart | MessageOctets | EndOfContent, key: Section | str, octets: int
    ) -> None:
        """Note content that comes in pieces."""
        if self._in_pieces:
            self.put(item, octets)
        elif self.abandoned:
            return
        elif isinstance(item, ContentStart):
            self.held += item.size
        elif isinstance(item, MessageOctets):
            self._pieces.append(item.data)
            self._count(octets)
        else:
            self._contents[key] = b"".join(self._pieces)
            self._pieces.clear()

    def _put_together(self, response: FetchResponse) -> None:
        for key, found in response.items.items():
            if isinstance(found, Literal) and key in self._contents:
                response.items[key] = self._contents[key]
        self._contents.clear()

    def take(self) -> Item | None:
        """Return what came first, None if nothing is left."""
        item = self._items.popleft() if self._items else None
        if not self._items:
            self.make_room()
        return item

    def abandon(self) -> None:
        """Forget what came, and whatever comes."""
        self.abandoned = True
        self._items.clear()
        self._pieces.clear()
        self._contents.clear()
        self.make_room()

    def make_room(self) -> None:
        """Let the task that waits for room go on."""
        self.unread = 0
        if self.room is not None:
            self.room.set()
            self.room = None
