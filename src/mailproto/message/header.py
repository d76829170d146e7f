"""The header of a message or part: its fields, one after the other (RFC 5322 2.2)."""

import re
from collections.abc import Collection, Iterator

from mailproto._value import field, value
from mailproto.imap.quoting import text_of

__all__ = ["Field", "fields", "select_fields"]

_WHOLE = re.compile(rb"[^\n]*+(?:\n[ \t][^\n]*+)*+\n?")
_NAME = re.compile(rb"([!-9;-~]++)[ \t]*+:")
# A value goes into quoted strings and literals, which have no NUL, and is one line.
_CONTROLS = str.maketrans({"\0": " ", "\r": " "})


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
        return text_of(value).translate(_CONTROLS).strip(" \t")


def fields(header: bytes) -> Iterator[Field]:
    """Yield the fields of a header in order, and what is no field, the empty line included.

    Joined, their ``raw`` octets are the header. A line that begins with white space continues
    the one before it; only LF and CRLF end a line.
    """
    for whole in _WHOLE.finditer(header):
        raw = whole.group()
        if raw:
            name = _NAME.match(raw)
            if name is None:
                yield Field("", raw)
            else:
                yield Field(name[1].decode("ascii").lower(), raw, name.end())


def select_fields(header: bytes, names: Collection[str], *, inverse: bool = False) -> bytes:
    """Return the fields with these names as they are, or with ``inverse`` all others.

    This is HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 9051 6.4.5.1): the empty line that ends the
    header is there if the header has one, whatever the names.
    """
    wanted = {name.lower() for name in names}
    return b"".join(
        found.raw
        for found in fields(header)
        if found.raw in (b"\r\n", b"\n") or (found.name in wanted) is not inverse
    )
