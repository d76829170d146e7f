"""The receive buffer of a core that gets nothing but lines: cut at once, taken one by one.

Cost is linear in the bytes fed, whatever the chunks: nothing is scanned twice.
"""

from collections import deque

__all__ = ["LineBuffer", "OverlongLine"]


_SHOWN = 80


class OverlongLine(Exception):
    """A line was longer than the limit; ``beginning`` is all that is left of it."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__(beginning)
        self.beginning = beginning


class LineBuffer:
    """Bytes received and not yet consumed."""

    __slots__ = ("_lines", "_overlong", "_partial")

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()  # complete, without their LF
        self._partial = bytearray()
        self._overlong = b""  # the beginning of a partial line that is dropped as it comes

    def __bool__(self) -> bool:
        """Whether there is anything, part of a dropped line included."""
        return bool(self._lines or self._partial or self._overlong)

    def __iadd__(self, data: bytes) -> "LineBuffer":
        if b"\n" in data:
            lines = (bytes(self._partial) + data).split(b"\n")
            self._partial = bytearray(lines.pop())
            self._lines += lines
        else:
            self._partial += data
        return self

    def take(self, limit: int) -> bytes | None:
        """Return the next line without its LF, or None if it is not complete.

        ``limit`` is its greatest length in bytes, LF included. Raises :class:`OverlongLine` for
        a longer one when it is complete.
        """
        if self._lines:
            line = self._lines.popleft()
            if len(line) < limit and not self._overlong:
                return line
            beginning = self._overlong or line[: min(limit, _SHOWN)]
            self._overlong = b""
            raise OverlongLine(beginning)
        if len(self._partial) >= limit or self._overlong:
            self._overlong = self._overlong or bytes(self._partial[: min(limit, _SHOWN)])
            self._partial.clear()
        return None

    def peek(self, count: int) -> bytes:
        """Return up to ``count`` bytes from the front of the first line and keep them."""
        return bytes((self._lines[0] if self._lines else self._partial)[:count])

    def clear(self) -> None:
        """Forget everything."""
        self._lines.clear()
        self._partial.clear()
        self._overlong = b""
