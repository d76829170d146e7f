"""Dot-stuffing (RFC 5321 4.5.2, RFC 1939 3), block by block.

``bytes.find``, ``split`` and ``replace`` over blocks are the fastest that Python can do; no
line is ever looked at by itself, and at most four bytes are looked at twice.
"""

import re
from io import IncrementalNewlineDecoder

from mailproto._buffer import ReceiveBuffer

__all__ = ["BLOCK", "CrlfNormalizer", "DotStuffer", "DotUnstuffer"]

BLOCK = 65536
"""Bytes handled at once: small enough to stay in the processor's cache."""

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
# What may be the beginning of a terminating line, by line end.
_TAILS = {b"\r\n": (b"\r\n.\r", b"\r\n.", b"\r\n", b"\r"), b"\n": (b"\n.", b"\n")}


def _replace(data: bytes, old: bytes, new: bytes) -> bytes:
    """``data.replace``, twice as fast where ``old`` is rare: that searches everything twice."""
    return new.join(data.split(old))


def _has_bare(data: bytes) -> bool:
    """Whether ``data`` has a bare CR or LF.

    The decoder behind text files notes the kinds of line ends in one pass; counting CR, LF and
    CRLF takes five times as long.
    """
    decoder = IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(data.decode("latin-1"), final=True)
    return decoder.newlines not in (None, "\r\n")


class CrlfNormalizer:
    """Makes every line end CRLF: bare CR and bare LF too, across any block border."""

    __slots__ = ("_after_cr",)

    def __init__(self) -> None:
        self._after_cr = False

    def feed(self, data: bytes) -> bytes:
        """Return ``data`` (at best up to :data:`BLOCK` bytes) with CRLF at each line's end."""
        if self._after_cr and data:
            self._after_cr = False
            if data.startswith(b"\n"):  # its CR has already been sent as CRLF
                data = data[1:]
        if b"\r" not in data:
            return data.replace(b"\n", b"\r\n")
        if not _has_bare(data):
            return data
        self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


class DotStuffer:
    """The sender's side: makes line ends CRLF, *then* doubles leading dots.

    In this order, because a dot after a bare LF would otherwise start a line only at a receiver
    that believes in bare LF, which is how SMTP smuggling works (CVE-2023-51764).

    With ``normalize=False`` line ends stay as they are, bare CR and LF too. A dot after a bare
    LF is doubled nevertheless, so that no receiver can see the terminating line too early: one
    that splits at LF gets the very text, one that goes by CRLF a dot too many in such a line.
    """

    __slots__ = ("_at_line_start", "_last", "_normalize")

    def __init__(self, *, normalize: bool = True) -> None:
        self._at_line_start = True
        self._last = b"\r\n"  # the octets that what follows stands behind
        self._normalize = CrlfNormalizer().feed if normalize else None

    def feed(self, data: bytes) -> bytes:
        """Return ``data`` (at best up to :data:`BLOCK` bytes) as it goes over the wire."""
        if self._normalize is not None:
            data = self._normalize(data)
        if not data:
            return b""
        stuffed = _replace(data, b"\n.", b"\n..")
        if self._at_line_start and data.startswith(b"."):
            stuffed = b"." + stuffed
        self._at_line_start = data.endswith(b"\n")
        self._last = (self._last + data)[-2:] if len(data) < 2 else data[-2:]
        return stuffed

    def finish(self) -> bytes:
        """Return the terminating line, with the CRLF that the text lacks if it lacks one."""
        return b".\r\n" if self._last == b"\r\n" else b"\r\n.\r\n"


class DotUnstuffer:
    """The receiver's side: takes the doubled dots away and finds the terminating line.

    Only CRLF.CRLF ends the text; ``line_end`` is for a peer that has another one throughout.
    With ``strict`` a bare CR or LF sets ``bare`` and ends what is handed out, but never the text
    itself: its true end is still looked for.
    """

    __slots__ = ("_at_start", "_dot", "_end", "_line_end", "_strict", "bare", "finished")

    def __init__(self, *, strict: bool, line_end: bytes = b"\r\n") -> None:
        self._at_start = True
        self._line_end = line_end
        self._dot = line_end + b"."  # a line with a dot: doubled, or the terminating one
        self._end = self._dot + line_end
        self._strict = strict
        self.bare = b""
        """The line with the first bare CR or LF (shortened), if one was found."""
        self.finished = False

    def take(self, buffer: ReceiveBuffer) -> bytes:
        """Take text off ``buffer``, no further than to its end.

        ``b""`` is returned if it needs more bytes, and perhaps with ``finished``. What may be
        the beginning of the terminating line stays in ``buffer``.
        """
        while not self.finished:
            at_start = self._at_start
            if at_start and buffer.startswith(b".") and self._may_be_over(buffer):
                return b""
            dot = buffer.find(self._dot, 0, BLOCK)
            end = -1 if dot < 0 else buffer.find(self._end, dot, BLOCK)
            data = self._take_lines(buffer, end)
            if not data:
                return b""
            self._at_start = False
            if self.bare:
                continue
            text = self._up_to_bare(data)
            if dot != end:  # there is another one, so a doubled one
                text = _replace(text, self._dot, self._line_end)
            if at_start:
                text = text.removeprefix(b".")
            if text:
                return text
        return b""

    def _may_be_over(self, buffer: ReceiveBuffer) -> bool:
        """Whether there is no text at all, or that can not be told yet."""
        last = self._end[len(self._line_end) :]
        first = buffer.peek(len(last))
        if first == last:
            self.finished = True
            buffer.drop(len(last))
        return last.startswith(first)

    def _take_lines(self, buffer: ReceiveBuffer, end: int) -> bytes:
        """Take up to a block as it was sent; ``end`` is where the text ends, -1 if not in it."""
        if end >= 0:
            self.finished = True
            data = buffer.take(end + len(self._line_end))
            buffer.drop(len(self._dot))
            return data
        data = buffer.peek(BLOCK)
        if data.endswith((b"\r", b"\n", b".")):
            tail = next(filter(data.endswith, _TAILS[self._line_end]), b"")
            data = data[: len(data) - len(tail)]
        buffer.drop(len(data))
        return data

    def _up_to_bare(self, data: bytes) -> bytes:
        """Return ``data``, or what stands before the first bare CR or LF if that is refused."""
        if not self._strict or not (b"\n" in data or b"\r" in data) or not _has_bare(data):
            return data
        found = _BARE.search(data)
        assert found is not None
        at = found.start()
        self.bare = data[max(data.rfind(b"\n", 0, at) + 1, at - 40) : at + 40]
        return data[:at]
