"""A message as a tree of entities (RFC 2045 2.4): where each is, and what its header says."""

from collections.abc import Iterator

from mailproto._value import field, value
from mailproto.imap.envelope import Envelope
from mailproto.message.content import ContentFields

__all__ = ["Entity", "Span"]


@value
class Span:
    """Octets of a message, from ``start`` up to ``end``."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many octets they are."""
        return self.end - self.start

    def of(self, data: bytes) -> bytes:
        """Cut them from the message."""
        return data[self.start : self.end]


@value
class Entity:
    """The message itself, a part of a multipart, or a message within a message.

    ``header`` holds the empty line that ends it. Lines are counted by their LF, so that an end
    without one is no line. The line end before a boundary belongs to the boundary. ``children``
    are the parts of a multipart, of which there is at least one, or the one message within a
    message/rfc822, which alone has an ``envelope``, as the root has.
    """

    header: Span
    body: Span
    header_lines: int
    body_lines: int
    content: ContentFields
    envelope: Envelope | None = None
    children: tuple["Entity", ...] = field(default=(), repr=False)

    @property
    def span(self) -> Span:
        """Header and body."""
        return Span(self.header.start, self.body.end)

    @property
    def is_multipart(self) -> bool:
        """Whether the children are the parts of a multipart."""
        return bool(self.children) and self.children[0].envelope is None

    @property
    def message(self) -> "Entity | None":
        """The message within, if this is a message/rfc822."""
        inner = self.children[0] if self.children else None
        return inner if inner is not None and inner.envelope is not None else None

    def find(self, number: tuple[int, ...]) -> "Entity | None":
        """Return the part with this number, None if it is absent (RFC 9051 6.4.5.1).

        The root itself has the number ``()``, and, if it is no multipart, ``(1,)`` as well. This
        must be the root, or a message within.
        """
        found: Entity | None = self
        holder: Entity | None = self  # whose parts the next place counts
        for place in number:
            if holder is None:
                return None
            parts = holder.children if holder.is_multipart else (holder,)
            if not 1 <= place <= len(parts):
                return None
            found = parts[place - 1]
            holder = found if found.is_multipart else found.message
        return found

    def walk(self) -> Iterator["Entity"]:
        """Yield this entity and all within it, in the order of the message."""
        stack = [self]
        while stack:
            entity = stack.pop()
            yield entity
            stack += reversed(entity.children)
