"""The header of a message or part: its fields, one after the other (RFC 5322 2.2)."""

import re
from collections.abc import Collection, Iterator

from mailproto._value import field, value
from mailproto.imap.quoting import text_of

__all__ = ["MAX_HEADER", "Field", "HeaderReader", "fields", "select_fields"]

MAX_HEADER = 1024 * 1024
"""The octets of a header that are looked at."""

_FIELD = re.compile(rb"(?:([!-9;-~]++)[ \t]*+(:))?+[^\n]*+(?:\n[ \t][^\n]*+)*+\n?")
_EMPTY_LINES = (b"\r\n", b"\n")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
# A value goes into quoted strings and literals, which have no NUL, and is one line.
_NO_CONTROLS = bytes.maketrans(b"\0\r", b"  ")


@value
class Field:
    """One field of a header; ``raw`` is all of it, with its line ends.

    ``name`` is in lower case, and empty if the line is no field. ``start`` is where in ``raw``
    the value begins.
    """

    name: str
    raw: bytes
    start: int = field(default=0, eq=False)

    @property
    def text(self) -> str:
        """The value unfolded, without white space around it (RFC 5322 2.2.3).

        UTF-8; octets that are none become surrogate escapes. NUL and bare CR become spaces.
        Encoded words stay as they are.
        """
        value = self.raw[self.start :].replace(b"\r\n", b"").replace(b"\n", b"")
        if b"\0" in value or b"\r" in value:
            value = value.translate(_NO_CONTROLS)
        return text_of(value).strip(" \t")


def fields(header: bytes) -> Iterator[Field]:
    """Yield the fields of a header in order, and what is no field, the empty line included.

    Joined, their ``raw`` octets are the header. A line that begins with white space continues
    the one before it; only LF and CRLF end a line.
    """
    for found in _FIELD.finditer(header):
        raw, name = found.group(0, 1)
        if name is not None:
            yield Field(name.decode("ascii").lower(), raw, found.end(2) - found.start())
        elif raw:
            yield Field("", raw)


def select_fields(header: bytes, names: Collection[str], *, inverse: bool = False) -> bytes:
    """Return the fields with these names as they are, or with ``inverse`` all others.

    This is HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 9051 6.4.5.1): the empty line that ends the
    header is there if the header has one, whatever the names.
    """
    wanted = {name.lower() for name in names}
    return b"".join(
        found[0]
        for found in _FIELD.finditer(header)
        if found[0] in _EMPTY_LINES
        or ((found[1] or b"").decode("ascii").lower() in wanted) is not inverse
    )


class HeaderReader:
    """Takes a message, in any pieces, up to the empty line that ends its header."""

    __slots__ = ("_kept", "_last", "size")

    def __init__(self) -> None:
        self._kept = bytearray()
        self._last = b"\n"  # as if a line had ended before
        self.size = 0
        """The octets of the header so far, with its empty line."""

    def feed(self, data: bytes) -> bool:
        """Take the next octets; True if the header has ended, and no more are to come."""
        before = len(self._last)
        found = _EMPTY_LINE.search(self._last + data)
        end = len(data) if found is None else found.end() - before
        self._kept += data[: min(end, MAX_HEADER - len(self._kept))]
        self.size += end
        self._last = (self._last + data)[-2:]
        return found is not None

    @property
    def header(self) -> bytes:
        """The header, with its empty line if it has one; at most the first MiB of it."""
        return bytes(self._kept)
