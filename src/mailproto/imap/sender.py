"""What a client has to write, in order: waits where a literal waits (RFC 9051 4.3, 7.6)."""

from collections import deque
from collections.abc import Iterable

from mailproto.errors import LocalProtocolError
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.parse_command import waits_not
from mailproto.imap.values import Literal
from mailproto.imap.write import Fragment

__all__ = ["Sender"]


class Sender:
    """The queue between commands and the wire.

    Commands behind one whose literal waits are held back. ``due`` is the tag and the octets
    left of a literal that is streamed, which the caller has to bring by :meth:`content`.
    """

    __slots__ = ("_out", "_over", "_queue", "due", "waiting")

    def __init__(self) -> None:
        self._out: list[bytes] = []
        self._queue: deque[tuple[str, Fragment | None]] = deque()  # None: wait for +
        self._over: set[str] = set()  # completed, but pieces of it are queued
        self.waiting: str | None = None
        """The tag of the command whose literal waits for ``+``."""
        self.due: tuple[str, int] | None = None

    def take(self) -> bytes:
        """Return the bytes to write now, and forget them."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def write(self, line: bytes) -> None:
        """Write a line outside of commands."""
        self._out.append(line)

    def push(self, tag: str, fragments: Iterable[Fragment], offered: Capabilities) -> None:
        """Queue a command; ``offered`` says which literals need not wait."""
        for fragment in fragments:
            if isinstance(fragment, Literal):
                plus = waits_not(fragment, offered)
                self._queue.append((tag, fragment.head(plus=plus)))
                if not plus:
                    self._queue.append((tag, None))
                self._queue.append((tag, fragment if fragment.data is None else fragment.data))
            else:
                self._queue.append((tag, fragment))
        self._pump()

    def has_begun(self, tag: str) -> bool:
        """Whether the first piece of a command was written, so that it can be answered."""
        return self.waiting == tag or self._in_content(tag) or not self._is_queued(tag)

    def go_ahead(self) -> None:
        """Note the ``+`` that was waited for."""
        self.waiting = None
        self._pump()

    def complete(self, tag: str) -> None:
        """Note a tagged completion, which also ends the wait for ``+``.

        Octets that the server was promised are still sent, as it counts on them.
        """
        if self.waiting == tag:
            self.waiting = None
            self._drop(tag)
        elif self._is_queued(tag):
            self._over.add(tag)
        self._pump()

    def content(self, data: bytes) -> None:
        """Write octets of the literal that is due. Raises :class:`LocalProtocolError`."""
        if self.due is None:
            raise LocalProtocolError("no content is due")
        tag, left = self.due
        if len(data) > left:
            raise LocalProtocolError(f"{len(data)} octets, but only {left} are due")
        self._out.append(data)
        self.due = (tag, left - len(data)) if left > len(data) else None
        self._pump()

    def _in_content(self, tag: str) -> bool:
        return self.due is not None and self.due[0] == tag

    def _is_queued(self, tag: str) -> bool:
        return any(queued == tag for queued, _ in self._queue)

    def _drop(self, tag: str) -> None:
        while self._queue and self._queue[0][0] == tag:
            self._queue.popleft()
        self._over.discard(tag)

    def _pump(self) -> None:
        while self._queue and self.waiting is None and self.due is None:
            tag, piece = self._queue.popleft()
            if isinstance(piece, bytes):
                self._out.append(piece)
            elif piece is None:
                if tag in self._over:
                    self._drop(tag)
                else:
                    self.waiting = tag
            elif piece.size:
                self.due = (tag, piece.size)
            if not (self._queue and self._queue[0][0] == tag):
                self._over.discard(tag)
