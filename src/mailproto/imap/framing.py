"""Bytes to complete units: lines and the literals between them (RFC 9051 4.3, RFC 7888).

A unit is one command or one response. Its end is found without any grammar, so that it is known
even where the content is malformed, and limits apply before anything is parsed. A unit is
contiguous bytes, its literals in place, but for those that were streamed.

Cost is linear in the bytes fed, whatever the chunks: a partial line is never scanned twice.
"""

import re

from mailproto._value import field, value
from mailproto.errors import LimitExceeded, LocalProtocolError
from mailproto.limits import ImapLimits

__all__ = ["Frame", "Framer", "LiteralData", "LiteralStart", "Unit", "command_framer"]
__all__ += ["response_framer"]

_LITERAL = re.compile(rb"(~?)\{([0-9]+)(\+?)\}\r?\n")
_IN_FETCH = re.compile(rb"\* [0-9]+ (?:UID)?FETCH \(", re.IGNORECASE)
_STATUS_TEXT = re.compile(
    rb"(?:\+|[^ \r\n]+ (?:OK|NO|BAD|BYE|PREAUTH)(?= ))(?! \[[^\]]*\Z)", re.IGNORECASE
)
"""The start of a line that ends in text, in which ``{5}`` means nothing; but not if it breaks
off within its response code."""

_UNLIMITED = 10**20
"""Stands for the size of a literal with more digits than 64 bits have."""

_OPENING = 64
_CR, _CLOSE = b"\r}"


@value
class LiteralStart:
    """A literal is announced that is taken only if asked for: ``accept`` or ``refuse`` it.

    ``line`` is the text of the unit since its last literal, the announcement included;
    ``first`` says that this is the first line of the unit, ``opening`` holds the first octets
    of that (64 at most). ``sync`` says that the peer waits for a continuation before it sends
    the ``size`` octets, ``binary`` that this is a literal8.
    """

    line: bytes
    size: int
    sync: bool
    binary: bool
    first: bool
    opening: bytes = field(default=b"", eq=False)


@value
class LiteralData:
    """Octets of a literal that is streamed; ``last`` says that it is complete."""

    data: bytes
    last: bool


@value
class Unit:
    """A complete unit without the octets of the literals that were streamed.

    ``streamed`` are the offsets in ``data`` at which they are missing.
    """

    data: bytes
    streamed: frozenset[int]


Frame = bytes | re.Match[bytes] | Unit | LiteralStart | LiteralData
"""What ``next_frame`` returns. A match is a unit that the pattern ``whole`` was given for."""


class Framer:
    """The receive buffer of a core.

    ``line`` and ``total`` are limits in octets, with their names: of one line, and of a unit
    as far as it is held in memory. Literals up to ``inline`` octets become part of their unit;
    for a longer one there is a :class:`LiteralStart`. ``bare_lf`` lets LF alone end a line.
    ``responses`` says that the peer is a server. ``whole`` matches common units with their
    CRLF, which have no literals: they are found and taken apart in one step.
    """

    __slots__ = (
        "_asked",
        "_bare_lf",
        "_data",
        "_discarding",
        "_head",
        "_inline",
        "_left",
        "_limits",
        "_line",
        "_max_line",
        "_max_total",
        "_max_whole",
        "_responses",
        "_scan",
        "_start",
        "_streamed",
        "_streaming",
        "_whole",
    )

    def __init__(
        self,
        *,
        line: tuple[str, int],
        total: tuple[str, int],
        inline: int,
        bare_lf: bool,
        responses: bool,
        whole: re.Pattern[bytes] | None = None,
    ) -> None:
        self.limit(line=line, total=total)
        self._inline = inline
        self._bare_lf = bare_lf
        self._responses = responses
        self._whole = whole
        self._data: bytes | bytearray = b""
        self._start = 0  # of the unit, or of what is held of it in _data
        self._line = 0  # where the line begins: _start, or behind a literal
        self._scan = 0  # no line end before this offset
        self._head = b""  # the unit up to its last streamed literal
        self._streamed: list[int] = []
        self._streaming = False
        self._left = 0  # octets of the streamed literal still to come
        self._discarding = False
        self._asked: LiteralStart | None = None

    def __len__(self) -> int:
        """Octets received and not yet handed out."""
        return len(self._data) - self._start

    def limit(self, *, line: tuple[str, int], total: tuple[str, int]) -> None:
        """Set the limits for the units to come, and for the one that has begun."""
        self._limits = line[0], total[0]
        self._max_line, self._max_total = line[1], total[1]
        self._max_whole = min(line[1], total[1])

    def receive(self, data: bytes) -> None:
        """Add bytes from the peer."""
        have = len(self._data) - self._start
        if not have:
            self._data = data
        elif have <= len(data):  # copies no more than what came
            self._data = bytes(self._data[self._start :]) + data
        else:
            if not isinstance(self._data, bytearray):
                self._data = bytearray(self._data)
            del self._data[: self._start]
            self._data += data
        self._line -= self._start
        self._scan -= self._start
        self._start = 0

    def next_frame(self) -> Frame | None:
        """Return the next frame, None if more bytes are needed.

        Raises :class:`LimitExceeded`, :class:`LocalProtocolError` if a literal still waits for
        ``accept`` or ``refuse``.
        """
        if self._asked:
            raise LocalProtocolError("accept or refuse the literal first")
        if self._streaming and ((frame := self._next_data()) or self._streaming):
            return frame
        data, start = self._data, self._start
        if self._whole is not None and self._line == start and type(data) is bytes:
            # A match outlives the buffer, so it is for immutable bytes only; they are what there
            # is unless chunks are much smaller than units.
            found = self._whole.match(data, start, start + self._max_whole)
            if found is not None and not (self._head or self._discarding):
                self._consume(found.end())
                return found
        while end := self._find_line():
            data, line = self._data, self._line
            closed = end > 3 and (data[end - 3] == _CLOSE or data[end - 2] == _CLOSE)
            literal = self._literal(end) if closed else None
            if len(self._head) + end - self._start > self._max_total:
                raise LimitExceeded(self._limits[1], self._max_total)
            if literal is not None:
                size = int(literal[2]) if len(literal[2]) <= 20 else _UNLIMITED
                if self._discarding:
                    if literal[3]:
                        self._stream(end, size)
                        self._next_data()
                        if self._streaming:
                            return None
                        continue
                elif size <= self._inline:
                    self._take(end, size)
                    continue
                else:
                    return self._ask(literal, size)
            elif self._responses and self._is_empty(line, end) and self._inside_fetch():
                self._line = self._scan = end  # a line end too many behind a literal (Domino)
                continue
            unit = bytes(data[self._start : end])
            self._consume(end)
            if self._discarding:
                self._discarding = False
                continue
            if not self._head:
                return unit
            whole = Unit(self._head + unit, frozenset(self._streamed))
            self._head, self._streamed = b"", []
            return whole
        return None

    def next_line(self) -> bytes | None:
        """Return the next line, in which nothing is a literal, None if it is not complete.

        For the lines of a SASL exchange and for DONE. Raises :class:`LimitExceeded`.
        """
        line = self.peek_line()
        if line is not None:
            self._consume(self._start + len(line))
        return line

    def peek_line(self) -> bytes | None:
        """As ``next_line``, but the line stays."""
        end = self._find_line()
        return bytes(self._data[self._start : end]) if end else None

    def peek(self, count: int) -> bytes:
        """Return up to ``count`` unread octets, which stay."""
        return bytes(self._data[self._start : self._start + count])

    @property
    def is_within_unit(self) -> bool:
        """Whether a unit has begun of which something has to come."""
        return bool(len(self) or self._head or self._discarding)

    @property
    def begun(self) -> bytes:
        """The unit up to the end of the line of the announced literal.

        The octets of literals that were streamed are missing.
        """
        return self._head + bytes(self._data[self._start : self._scan])

    @property
    def room(self) -> int:
        """How many octets the announced literal may have to become part of its unit."""
        return self._max_total - len(self._head) - (self._scan - self._start)

    def accept(self, *, stream: bool) -> None:
        """Take the announced literal: as frames of its own, or into its unit.

        Raises :class:`LimitExceeded` if the unit gets too large.
        """
        literal = self._answer()
        if not stream:
            self._take(self._scan, literal.size)
            return
        head = self._head + bytes(self._data[self._start : self._scan])
        self._stream(self._scan, literal.size)
        self._head = head
        self._streamed.append(len(head))

    def refuse(self) -> None:
        """Forget the unit: with what the peer sends of it anyway, if it does not wait."""
        literal = self._answer()
        self._head, self._streamed = b"", []
        if literal.sync:
            self._consume(self._scan)
        else:
            self._discarding = True
            self._stream(self._scan, literal.size)

    def take_rest(self) -> bytes:
        """Return all that was not handed out, and forget it."""
        rest = bytes(self._data[self._start :])
        self._consume(len(self._data))
        return rest

    # --- inner parts ---

    def _find_line(self) -> int:
        """Return the offset behind the line's end, 0 if it has not come."""
        data, line = self._data, self._line
        while end := data.find(b"\n", self._scan, line + self._max_line) + 1:
            if self._bare_lf or (end - line > 1 and data[end - 2] == _CR):
                return end
            self._scan = end
        if len(data) - line >= self._max_line:
            raise LimitExceeded(self._limits[0], self._max_line)
        self._scan = max(len(data), line)
        return 0

    def _literal(self, end: int) -> re.Match[bytes] | None:
        """The announcement of a literal before ``end``, where there may be one: ``}`` is."""
        data, line = self._data, self._line
        if end - line < 4:  # the shortest announcement is {0} and its line end
            return None
        at = data.rfind(b"{", line, end)
        if at > line and data[at - 1 : at] == b"~":
            at -= 1
        found = _LITERAL.match(data, at, end) if at >= line else None
        if found is None or found.end() != end:
            return None
        if self._responses and self._is_first and _STATUS_TEXT.match(data, line, at):
            return None
        return found

    @property
    def _is_first(self) -> bool:
        """Whether the line is the first one of its unit."""
        return self._line == self._start and not self._head

    def _ask(self, found: re.Match[bytes], size: int) -> LiteralStart:
        data, end = self._data, found.end()
        self._scan = end
        self._asked = LiteralStart(
            bytes(data[self._line : end]),
            size,
            sync=not found[3],
            binary=bool(found[1]),
            first=self._is_first,
            opening=(self._head or bytes(data[self._start : self._start + _OPENING]))[:_OPENING],
        )
        return self._asked

    def _is_empty(self, line: int, end: int) -> bool:
        return end - line <= 2 and self._data[line:end] in (b"\r\n", b"\n")

    def _inside_fetch(self) -> bool:
        """Whether the line is behind a literal of a FETCH response, so within its list."""
        if self._is_first:
            return False
        if self._head:
            return _IN_FETCH.match(self._head) is not None
        return _IN_FETCH.match(self._data, self._start) is not None

    def _take(self, end: int, size: int) -> None:
        """Let the next ``size`` octets be part of the unit."""
        if len(self._head) + end - self._start + size > self._max_total:
            raise LimitExceeded(self._limits[1], self._max_total)
        self._line = self._scan = end + size

    def _stream(self, end: int, size: int) -> None:
        self._consume(end)
        self._left = size
        self._streaming = True

    def _next_data(self) -> LiteralData | None:
        """Take what is there of the streamed literal; None also while discarding."""
        have, left = len(self._data) - self._start, self._left
        if not have and left:
            return None
        count = have if have < left else left
        self._left = left - count
        self._streaming = left > count
        if self._discarding:
            self._consume(self._start + count)
            return None
        data = bytes(self._data[self._start : self._start + count])
        self._consume(self._start + count)
        return LiteralData(data, left == count)

    def _consume(self, end: int) -> None:
        if end == len(self._data):
            self._data = b""
            end = 0
        self._start = self._line = self._scan = end

    def _answer(self) -> LiteralStart:
        literal = self._asked
        if literal is None:
            raise LocalProtocolError("no literal waits for an answer")
        self._asked = None
        return literal


def response_framer(
    limits: ImapLimits, *, strict: bool = False, whole: re.Pattern[bytes] | None = None
) -> Framer:
    """The framer of a client: it asks about literals above ``limits.inline_literal``."""
    return Framer(
        line=("response_line", limits.response_line),
        total=("response", limits.response),
        inline=limits.inline_literal,
        bare_lf=not strict,
        responses=True,
        whole=whole,
    )


def command_framer(limits: ImapLimits, *, whole: re.Pattern[bytes] | None = None) -> Framer:
    """The framer of a server: it asks about every literal (RFC 9051 7.6, RFC 7888 4)."""
    return Framer(
        line=("command_line", limits.command_line),
        total=("command", limits.command),
        inline=-1,
        bare_lf=False,
        responses=False,
        whole=whole,
    )
