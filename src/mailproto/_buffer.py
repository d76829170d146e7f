"""The receive buffer of every core: lines with a resumable scan, and counted bytes.

Cost is linear in the bytes fed, whatever the chunks: a partial line is never scanned twice.
"""

import re
from typing import Any

__all__ = ["LineTooLong", "ReceiveBuffer"]


class LineTooLong(Exception):
    """A line is longer than the limit; the buffer is as it was (see ``discard_line``)."""


class ReceiveBuffer(bytearray):
    """Bytes received and not yet consumed; take them by these methods only.

    A bytearray itself, not an object that has one: ``+=``, ``len`` and ``find`` are C then.
    """

    __slots__ = ("_scanned",)

    def __init__(self) -> None:
        super().__init__()
        self._scanned = 0  # no LF before this offset

    def take_line(self, limit: int) -> bytes | None:
        """Return the next line with its LF or CRLF, or None if it is not complete.

        ``limit`` is its greatest length in bytes, line end included.
        Raises :class:`LineTooLong`, as soon as ``limit`` bytes hold no line end.
        """
        end = self.find(b"\n", self._scanned, limit) + 1
        if not end:
            if len(self) >= limit:
                raise LineTooLong
            self._scanned = len(self)
            return None
        line = bytes(self[:end])
        del self[:end]
        self._scanned = 0
        return line

    def take_match(self, pattern: re.Pattern[bytes], limit: int) -> tuple[Any, ...] | None:
        """Take what ``pattern`` matches at the front, in ``limit`` bytes; return its groups.

        None if it does not match, or if :meth:`take_line` has seen what stands there before.
        """
        if self._scanned:
            return None
        found = pattern.match(self, 0, limit)
        if found is None:
            return None
        groups = found.groups()  # they are cut from the buffer only now
        del self[: found.end()]
        return groups

    def discard_line(self) -> bool:
        """Drop bytes up to the next line end; False if it has not come yet (all is dropped)."""
        end = self.find(b"\n", self._scanned) + 1
        self.drop(end or len(self))
        return end > 0

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes, or fewer if there are fewer."""
        taken = bytes(self if count >= len(self) else self[:count])
        self.drop(count)
        return taken

    def peek(self, count: int) -> bytes:
        """Return up to ``count`` bytes from the front and keep them."""
        if count >= len(self):
            return bytes(self)
        with memoryview(self) as view:
            return bytes(view[:count])

    def take_all(self) -> bytes:
        """Return everything."""
        return self.take(len(self))

    def drop(self, count: int) -> None:
        """Forget the next ``count`` bytes."""
        del self[:count]
        self._scanned = 0

    def clear(self) -> None:
        """Forget everything."""
        self.drop(len(self))
