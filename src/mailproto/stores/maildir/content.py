"""The octets of messages in files: LF on the disk, CRLF outside. All of it blocks.

Files have LF line ends, as other programs expect; a message that has others (a bare LF, CR CR LF)
is kept as it was sent. Memory is constant, whatever the size.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mailproto._value import value
from mailproto.stores.interface import StoreError

__all__ = ["ContentReader", "ContentWriter", "Position", "open_message", "size_of"]

_BLOCK = 128 * 1024


class _Work:
    """Work on a file in a thread, which may still be at it when nobody waits any more."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._abandoned = False

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._busy:
            try:
                yield
            finally:
                if self._abandoned:
                    self._release()

    def discard(self) -> None:
        """Let go of the file, now or when the thread has done its part; never blocks."""
        self._abandoned = True
        if self._busy.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._busy.release()

    def _release(self) -> None:
        raise NotImplementedError


class ContentWriter(_Work):
    """Writes one message into a new file; ``finish`` makes it last, ``discard`` removes it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.size = 0
        """Octets as they were sent."""
        self.octets = 0
        """Octets of the file."""
        self.verbatim = False
        """Whether the file has them as they were sent."""
        self._after_cr = False  # what is written ends with CR
        self._held = b""  # a CR that may have an LF behind it
        self._file: BinaryIO | None = None

    def write(self, data: bytes) -> None:
        """Add octets. Raises ``OSError``."""
        with self._working():
            self._write(data)

    def _write(self, data: bytes) -> None:
        self.size += len(data)
        if self.verbatim:
            self._put(data)
            return
        data = self._held + data
        self._held = data[-1:] if data.endswith(b"\r") else b""
        data = data[: len(data) - len(self._held)]
        if self._odd(data):
            self._start_again()
            self._put(data + self._held)
            self._held = b""
        else:
            self._put(data.replace(b"\r\n", b"\n"))

    def _odd(self, data: bytes) -> bool:
        """Whether LF and CRLF could not be told apart afterwards."""
        return (
            data.count(b"\n") != data.count(b"\r\n")
            or b"\r\r\n" in data
            or (self._after_cr and data.startswith(b"\r\n"))
        )

    def _put(self, data: bytes) -> None:
        if self._file is None:
            self._file = self.path.open("xb", buffering=0)
        if data:
            self._after_cr = data.endswith(b"\r")
        self.octets += len(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def _start_again(self) -> None:
        """Write what is there once more, as it was sent."""
        self.verbatim = True
        self.octets = 0
        before, self._file = self._file, None
        if before is None:
            return
        before.close()
        old = self.path.with_name(f"{self.path.name}.lf")
        os.rename(self.path, old)
        with old.open("rb") as file:
            while block := file.read(_BLOCK):
                self._put(block.replace(b"\n", b"\r\n"))
        os.unlink(old)

    def finish(self, internal_date: float) -> None:
        """Write the rest and make the file last, with a date (seconds). Raises ``OSError``."""
        with self._working():
            self._put(self._held)
            assert self._file is not None
            os.utime(self._file.fileno(), (internal_date, internal_date))
            os.fsync(self._file.fileno())
            self._file.close()

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()
            with suppress(OSError):
                os.unlink(self.path)


@value
class Position:
    """A place in a file and in the message that it holds; ``after_cr``: a CR is before it."""

    size: int = 0
    octets: int = 0
    after_cr: bool = False


def open_message(path: Path) -> BinaryIO:
    """Open a regular file, no link to one. Raises ``OSError``, :class:`StoreError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    return open(descriptor, "rb", buffering=0)


class ContentReader(_Work):
    """Reads a part of a message; closes its file at the end, or by ``discard``.

    ``block`` is how many octets of the file are read at once, at most.
    """

    def __init__(self, block: int = _BLOCK) -> None:
        super().__init__()
        self._block = block
        self._file: BinaryIO | None = None
        self._start = self._left = 0
        self._verbatim = False
        self.at = Position()
        """Where the next block begins."""
        self.before = self.at
        """Where the last block began."""

    def begin(
        self,
        file: BinaryIO,
        start: int,
        length: int,
        *,
        verbatim: bool = False,
        at: Position | None = None,
    ) -> None:
        """Read from ``file``; ``at`` is a place at or before ``start`` where that can begin."""
        with self._working():
            self._file = file
            self._start, self._left = start, length
            self._verbatim = verbatim
            self.at = self.before = Position(start, start) if verbatim else at or Position()
            file.seek(self.at.octets)

    def read(self) -> bytes:
        """Return the next octets, ``b""`` at the end.

        Raises ``OSError``; :class:`StoreError` UNAVAILABLE if the file is shorter than expected.
        """
        with self._working():
            while self._left:
                if piece := self._next():
                    self._left -= len(piece)
                    return piece
            self._release()
            return b""

    def _next(self) -> bytes:
        assert self._file is not None
        skip = self._start - self.at.size
        block = self._file.read(min(self._block, skip + self._left))  # no octet becomes none
        if not block:
            raise StoreError("UNAVAILABLE", "the message is shorter than it should be")
        data = block if self._verbatim else _with_crlf(block, self.at.after_cr)
        self.before = self.at
        self.at = Position(
            self.at.size + len(data), self.at.octets + len(block), block.endswith(b"\r")
        )
        self._start = max(self._start, self.at.size)
        return data[max(skip, 0) :][: self._left]

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()


def _with_crlf(block: bytes, after_cr: bool) -> bytes:
    if after_cr and block.startswith(b"\n"):
        return block[:1] + _with_crlf(block[1:], False)
    return block.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def size_of(path: Path) -> int:
    """Return the octets of a message with CRLF line ends; reads it. Raises ``OSError``."""
    size = 0
    after_cr = False
    with open_message(path) as file:
        while block := file.read(_BLOCK):
            size += len(block) + block.count(b"\n") - block.count(b"\r\n")
            size -= after_cr and block.startswith(b"\n")
            after_cr = block.endswith(b"\r")
    return size
