"""Finds the entities of a message, octet by octet as it comes (RFC 2045, RFC 2046).

Nothing of the bodies is kept, and nothing is looked at twice, however the message is cut. Any bytes
are a message: what is malformed is a part less, or a part longer than its author meant.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from mailproto._value import evolve
from mailproto.imap.envelope import Envelope
from mailproto.imap.write import octets
from mailproto.limits import MessageLimits
from mailproto.message.content import content_fields
from mailproto.message.entity import Entity, Span
from mailproto.message.envelope import envelope_of_fields
from mailproto.message.header import fields

__all__ = ["StructureBuilder", "parse_structure"]

_BLOCK = 65536
_MESSAGE_TYPES = {("message", "rfc822"), ("message", "global")}
_PLAIN_TEXT = content_fields(())
_END_OF_HEADER = re.compile(rb"\A\r?\n|\n\r?\n")
# The end of a line that another kind of line may follow: a boundary, or an empty line.
_NO_TEXT = re.compile(rb"\n(?=--)")
_NO_FIELD = re.compile(rb"\n(?=--|\r?\n)")


def parse_structure(data: bytes, limits: MessageLimits | None = None) -> Entity:
    """Find the entities of a message in memory; see :class:`StructureBuilder`."""
    limits = limits or MessageLimits()
    if (plain := _without_parts(data, limits)) is not None:
        return plain
    builder = StructureBuilder(limits)
    with memoryview(data) as view:
        for start in range(0, len(data), _BLOCK):
            builder.feed(view[start : start + _BLOCK])
    return builder.close()


def _without_parts(data: bytes, limits: MessageLimits) -> Entity | None:
    """The only entity of a message that has no parts, as most have none; None for any other."""
    found = _END_OF_HEADER.search(data)
    if found is None or found.end() > limits.header:
        return None
    end = found.end()
    given = tuple(fields(data[:end]))
    content = content_fields(given)
    if content.is_multipart or content.media_type in _MESSAGE_TYPES:
        return None
    header, body = Span(0, end), Span(end, len(data))
    lines = data.count(b"\n", 0, end)
    envelope = envelope_of_fields(given)
    return Entity(header, body, lines, data.count(b"\n", end), content, envelope)


class _Mark(NamedTuple):
    """A place in the message: how many octets and line ends are before it.

    The larger of two marks is the later one.
    """

    octets: int
    lines: int


class _Open:
    """An entity that has not ended yet."""

    __slots__ = (
        *("start", "is_message", "in_digest", "header", "body", "content", "envelope"),
        *("delimiter", "children"),
    )

    def __init__(self, start: _Mark, *, is_message: bool, in_digest: bool = False) -> None:
        self.start = start
        self.is_message = is_message
        self.in_digest = in_digest
        self.header = bytearray()
        self.body: _Mark | None = None
        """Where the body begins, None within the header."""
        self.content = _PLAIN_TEXT
        self.envelope: Envelope | None = None
        self.delimiter = b""
        """What a line begins with that begins another part of this multipart, or ends it."""
        self.children: list[Entity] = []


class StructureBuilder:
    """Takes the octets of a message, in any pieces, and gives its tree of entities.

    A line belongs to the boundary that it begins with, the longest if there are several, the
    innermost if they are equal (RFC 2046 5.1.1); parts that it leaves open end before it. It counts
    within headers too, and no longer when it has closed its multipart. A multipart in which no
    boundary is found has one part, which is all of it as plain text.
    """

    def __init__(self, limits: MessageLimits | None = None) -> None:
        self._limits = limits or MessageLimits()
        self._buffer = bytearray()  # what is not decided yet
        self._here = _Mark(0, 0)  # where the buffer begins
        self._last = b""  # the two octets before it
        self._header_budget = self._limits.header
        self._parts = 1
        self._stack = [_Open(self._here, is_message=True)]
        self._delimiters: tuple[bytes, ...] = ()
        self._longest = 0  # octets of the longest of them
        self._part_follows = False  # behind the line of the boundary
        self._step: Callable[[bool], bool] = self._begin_line

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next octets; linear in their number, best in pieces of some ten thousand."""
        self._buffer += data
        self._run(final=False)

    def close(self) -> Entity:
        """End the message and return its root; nothing may be fed after this."""
        self._run(final=True)
        root = self._end_entities(0, self._here)
        assert root is not None
        return root

    def _run(self, *, final: bool) -> None:
        while self._buffer and self._step(final):
            pass

    def _take(self, count: int) -> bytearray:
        """Take octets off the buffer, and count them."""
        taken = self._buffer[:count]
        del self._buffer[:count]
        self._last = (self._last + taken[-2:])[-2:]
        self._here = _Mark(self._here.octets + count, self._here.lines + taken.count(b"\n"))
        return taken

    # --- steps: each takes something off the buffer, or needs more and returns False ---

    def _begin_line(self, final: bool) -> bool:
        """Decide what the line is that the buffer begins with."""
        buffer = self._buffer
        top = self._stack[-1]
        if self._delimiters and b"--".startswith(buffer[:2]):
            needed = self._longest + 2
            head = bytes(buffer[:needed])
            if len(head) < needed and b"\n" not in head and not final:
                return False
            if head.startswith(self._delimiters):
                self._find_boundary(head)
                return True
        if top.body is None:
            if buffer == b"\r" and not final:
                return False
            if buffer.startswith((b"\n", b"\r\n")):
                self._take(2 if buffer.startswith(b"\r") else 1)
                self._end_header(top)
                return True
        self._step = self._in_header if top.body is None else self._in_body
        return True

    def _in_header(self, final: bool) -> bool:
        """Take up to the next line that can end the header; this one does not."""
        taken = self._take_lines(_NO_FIELD)
        self._stack[-1].header += taken[: self._header_budget]
        self._header_budget -= min(len(taken), self._header_budget)
        return True

    def _in_body(self, final: bool) -> bool:
        """Take up to the next line that can be a boundary; this one is none."""
        self._take_lines(_NO_TEXT if self._delimiters else None)
        return True

    def _take_lines(self, stop: re.Pattern[bytes] | None) -> bytearray:
        """Take what is left of this line, and all lines before the one that ``stop`` finds.

        What is at the end of the buffer and may be such a line stays there.
        """
        buffer = self._buffer
        found = stop and stop.search(buffer)
        end = found.end() if found else buffer.rfind(b"\n") + 1 or len(buffer)
        taken = self._take(end)
        if taken.endswith(b"\n"):
            self._step = self._begin_line
        return taken

    def _in_boundary_line(self, final: bool) -> bool:
        """Take the rest of the line, behind which the next part begins."""
        end = self._buffer.find(b"\n") + 1
        self._take(end or len(self._buffer))
        if end:
            self._step = self._begin_line
            if self._part_follows:
                in_digest = self._stack[-1].content.media_type == ("multipart", "digest")
                self._begin_entity(is_message=False, in_digest=in_digest)
        return True

    # --- entities ---

    def _find_boundary(self, head: bytes) -> None:
        """End what is open within the multipart whose boundary the line begins with."""
        _, depth = max(
            (len(entity.delimiter), depth)
            for depth, entity in enumerate(self._stack, start=1)
            if entity.delimiter and head.startswith(entity.delimiter)
        )
        line_end = 2 if self._last == b"\r\n" else len(self._last[-1:])
        self._end_entities(depth, _Mark(self._here.octets - line_end, self._here.lines - 1))
        multipart = self._stack[-1]
        closed = head.startswith(b"--", len(multipart.delimiter))
        self._part_follows = not closed
        if closed:
            multipart.delimiter = b""
            self._set_delimiters()
        self._step = self._in_boundary_line

    def _begin_entity(self, *, is_message: bool, in_digest: bool = False) -> None:
        self._stack.append(_Open(self._here, is_message=is_message, in_digest=in_digest))
        self._parts += 1
        self._set_delimiters()

    def _end_header(self, top: _Open) -> None:
        """Learn what the entity is whose header is complete; a message within begins at once."""
        top.body = self._here
        given = tuple(fields(bytes(top.header)))
        top.header.clear()
        content = content_fields(given, in_digest=top.in_digest)
        if top.is_message:
            top.envelope = envelope_of_fields(given)
        has_message = content.media_type in _MESSAGE_TYPES
        if has_message or content.is_multipart:
            if len(self._stack) > self._limits.nesting or self._parts >= self._limits.parts:
                content = evolve(content, type="application", subtype="octet-stream", parameters=())
            elif has_message:
                self._begin_entity(is_message=True)
            elif content.boundary:
                top.delimiter = b"--" + octets(content.boundary)
                self._set_delimiters()
        top.content = content

    def _end_entities(self, depth: int, end: _Mark) -> Entity | None:
        """End all but the outermost ``depth`` entities; return the last one, None for none."""
        ended = None
        while len(self._stack) > depth:
            top = self._stack[-1]
            if top.body is None:
                self._end_header(top)
                continue
            self._stack.pop()
            ended = _entity(top, top.body, end)
            if self._stack:
                self._stack[-1].children.append(ended)
        self._set_delimiters()
        return ended

    def _set_delimiters(self) -> None:
        """Note which boundaries count; none does when there may be no more parts."""
        full = self._parts >= self._limits.parts
        self._delimiters = (
            () if full else tuple(entity.delimiter for entity in self._stack if entity.delimiter)
        )
        self._longest = max(map(len, self._delimiters), default=0)


def _entity(given: _Open, body: _Mark, end: _Mark) -> Entity:
    """Make the entity that ends at ``end``, before which its header may have to end as well."""
    start, body = min(given.start, end), min(body, end)
    lines = end.lines - body.lines
    children = tuple(given.children)
    if given.content.is_multipart and not children:
        none, all_ = Span(body.octets, body.octets), Span(body.octets, end.octets)
        children = (Entity(none, all_, 0, lines, _PLAIN_TEXT),)
    return Entity(
        Span(start.octets, body.octets),
        Span(body.octets, end.octets),
        body.lines - start.lines,
        lines,
        given.content,
        given.envelope,
        children,
    )
