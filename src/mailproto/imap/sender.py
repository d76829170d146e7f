"""What a client has to write, in order: waits where a literal waits (RFC 9051 4.3, 7.6)."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from mailproto._trace import Tracer
from mailproto.errors import LocalProtocolError
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.parse_command import waits_not
from mailproto.imap.wire import Wire
from mailproto.imap.write import Fragment

__all__ = ["Sender"]

_Piece: TypeAlias = Fragment | None
"""A literal that waits has its announcement, None and its octets as pieces of their own."""


class _Outgoing:
    """A command that is not written to its end."""

    __slots__ = ("pieces", "secret", "tag", "void")

    def __init__(self, tag: str, pieces: Iterable[_Piece], *, secret: bool) -> None:
        self.tag = tag
        self.pieces = deque(pieces)
        self.secret = secret  # from its second piece on
        self.void = False  # completed already: what the server does not count on is dropped


class Sender:
    """The queue between commands and the wire.

    Commands behind one whose literal waits are held back.
    """

    __slots__ = ("_announced", "_held", "_out", "_queue", "_trace", "due", "waiting")

    def __init__(self, wire: Wire, trace: Tracer | None = None) -> None:
        self._trace = trace
        self._out = wire.out
        self._queue: deque[_Outgoing] = deque()
        self._held: set[str] = set()  # tags of which nothing is written
        self._announced = True
        self.waiting: str | None = None
        """The tag of the command whose literal waits for ``+``."""
        self.due: tuple[str, int] | None = None
        """The tag and the octets left of a streamed literal, which :meth:`content` brings."""

    def write(self, line: bytes, *, secret: bool = False) -> None:
        """Write a line outside of commands."""
        self._out.append(line)
        if self._trace:
            self._trace.sent(line, secret=secret)

    def push(
        self, tag: str, fragments: Iterable[Fragment], offered: Capabilities, *, secret: bool
    ) -> None:
        """Queue a command; ``offered`` says which literals need not wait.

        ``secret`` says that its arguments are not for the trace.
        """
        self._queue.append(_Outgoing(tag, _pieces(fragments, offered), secret=secret))
        self._held.add(tag)
        self._pump()

    def has_begun(self, tag: str) -> bool:
        """Whether the first piece of a command was written, so that it can be answered."""
        return tag not in self._held

    def go_ahead(self) -> None:
        """Note the ``+`` that was waited for."""
        self.waiting = None
        self._pump()

    def complete(self, tag: str) -> None:
        """Note the completion of a command that has begun: it ends the wait for ``+``.

        Octets that the server was promised are still sent, as it counts on them.
        """
        if self._queue and self._queue[0].tag == tag:
            self._queue[0].void = True
            if self.waiting:
                self._queue.popleft()
                self.waiting = None
                self._pump()

    def content(self, data: bytes) -> str:
        """Write octets of the literal that is due; return the tag of its command.

        Raises :class:`LocalProtocolError`.
        """
        if self.due is None:
            raise LocalProtocolError("no content is due")
        tag, left = self.due
        if len(data) > left:
            raise LocalProtocolError(f"{len(data)} octets, but only {left} are due")
        self._out.append(data)
        if self._trace:
            self._trace.body_sent(len(data))
        self.due = (tag, left - len(data)) if left > len(data) else None
        self._pump()
        return tag

    def newly_due(self) -> tuple[str, int] | None:
        """Return what :attr:`due` has become since it was asked for; None if nothing."""
        if self._announced:
            return None
        self._announced = True
        return self.due

    def _pump(self) -> None:
        while self._queue and self.waiting is None and self.due is None:
            outgoing = self._queue[0]
            if not outgoing.pieces:
                self._queue.popleft()
                continue
            piece = outgoing.pieces.popleft()
            if piece is None:
                if outgoing.void:
                    outgoing.pieces.clear()
                else:
                    self.waiting = outgoing.tag
            elif isinstance(piece, bytes):
                self._write_text(piece, outgoing)
            elif piece.data is not None:
                self._out.append(piece.data)
            elif piece.size:
                self.due = (outgoing.tag, piece.size)
                self._announced = False

    def _write_text(self, text: bytes, outgoing: _Outgoing) -> None:
        begins = outgoing.tag in self._held
        self._held.discard(outgoing.tag)
        self._out.append(text)
        if self._trace and text != b"\r\n":
            self._trace.unit_sent(text, secret=outgoing.secret and not begins)


def _pieces(fragments: Iterable[Fragment], offered: Capabilities) -> Iterator[_Piece]:
    """Join what can be written at once; set apart what waits and what is streamed."""
    text: list[bytes] = []
    for fragment in fragments:
        if isinstance(fragment, bytes):
            text.append(fragment)
            continue
        at_once = waits_not(fragment, offered)
        text.append(fragment.head(plus=at_once))
        if at_once and fragment.data is not None:
            text.append(fragment.data)
            continue
        yield b"".join(text)
        text.clear()
        if not at_once:
            yield None
        yield fragment
    yield b"".join(text)
