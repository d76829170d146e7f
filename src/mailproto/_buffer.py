"""The receive buffer of every core: lines with a resumable scan, and counted bytes.

Cost is linear in the bytes fed, whatever the chunks: a partial line is never scanned twice.
"""

import re
from typing import Any

__all__ = ["LineTooLong", "ReceiveBuffer"]


class LineTooLong(Exception):
    """A line is longer than the limit; the buffer is as it was (see ``discard_line``)."""


class ReceiveBuffer:
    """Bytes received and not yet consumed."""

    __slots__ = ("_data", "_scanned")

    def __init__(self) -> None:
        self._data = bytearray()
        self._scanned = 0  # no LF before this offset

    def __len__(self) -> int:
        return len(self._data)

    def __iadd__(self, data: bytes) -> "ReceiveBuffer":
        self._data += data
        return self

    def take_line(self, limit: int) -> bytes | None:
        """Return the next line with its LF or CRLF, or None if it is not complete.

        ``limit`` is its greatest length in bytes, line end included.
        Raises :class:`LineTooLong`, as soon as ``limit`` bytes hold no line end.
        """
        data = self._data
        end = data.find(b"\n", self._scanned, limit) + 1
        if not end:
            if len(data) >= limit:
                raise LineTooLong
            self._scanned = len(data)
            return None
        line = bytes(data[:end])
        del data[:end]
        self._scanned = 0
        return line

    def take_match(self, pattern: re.Pattern[bytes], limit: int) -> tuple[Any, ...] | None:
        """Take what ``pattern`` matches at the front, in ``limit`` bytes; return its groups.

        None if it does not match, or if :meth:`take_line` has seen what stands there before.
        """
        if self._scanned:
            return None
        found = pattern.match(self._data, 0, limit)
        if found is None:
            return None
        groups = found.groups()  # they are cut from the buffer only now
        del self._data[: found.end()]
        return groups

    def discard_line(self) -> bool:
        """Drop bytes up to the next line end; False if it has not come yet (all is dropped)."""
        data = self._data
        end = data.find(b"\n", self._scanned) + 1
        self._scanned = 0
        if not end:
            data.clear()
            return False
        del data[:end]
        return True

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes, or fewer if there are fewer."""
        data = self._data
        if count >= len(data):
            taken = bytes(data)
            data.clear()
        else:
            taken = bytes(data[:count])
            del data[:count]
        self._scanned = 0
        return taken

    def peek(self, count: int) -> bytes:
        """Return up to ``count`` bytes from the front and keep them."""
        if count >= len(self._data):
            return bytes(self._data)
        with memoryview(self._data) as view:
            return bytes(view[:count])

    def take_all(self) -> bytes:
        """Return everything."""
        return self.take(len(self._data))

    def find(self, mark: bytes, limit: int, start: int = 0) -> int:
        """Return where ``mark`` begins, from ``start`` on and all in the first ``limit`` bytes.

        -1 if it is not there.
        """
        return self._data.find(mark, start, limit)

    def startswith(self, beginning: bytes) -> bool:
        """Whether ``beginning`` has come and stands at the front."""
        return self._data.startswith(beginning)

    def drop(self, count: int) -> None:
        """Forget the next ``count`` bytes."""
        del self._data[:count]
        self._scanned = 0

    def clear(self) -> None:
        """Forget everything."""
        self._data.clear()
        self._scanned = 0
