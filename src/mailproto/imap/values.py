r"""What many commands and responses are made of: literals, flags, generic values.

Strings that are text (subjects, names, identifiers) are ``str``; octets in them that are not
UTF-8 are surrogate escapes (PEP 383), so that nothing is lost. Content is ``bytes``.
"""

from typing import TypeAlias

from mailproto._value import value

__all__ = [
    "ANSWERED",
    "DELETED",
    "DRAFT",
    "FLAGGED",
    "RECENT",
    "SEEN",
    "GenericValue",
    "Literal",
]


@value
class Literal:
    """Octets sent as a literal (RFC 9051 4.3), or as a literal8 if ``binary`` (RFC 3516 4.2).

    Without ``data`` it stands for ``size`` octets that are streamed beside the value that the
    literal is part of.
    """

    size: int
    data: bytes | None = None
    binary: bool = False

    def head(self, *, plus: bool = False) -> bytes:
        """The announcement with its CRLF; ``plus`` says that it does not wait (RFC 7888)."""
        mark = "~" if self.binary else ""
        return f"{mark}{{{self.size}{'+' if plus else ''}}}\r\n".encode()


GenericValue: TypeAlias = "str | bytes | int | Literal | tuple[GenericValue, ...] | None"
"""A value that nobody knows the grammar of (RFC 9051 9 ``tagged-ext-val``): ``str`` is an atom,
``bytes`` a string, ``int`` a number, None is NIL, a tuple a list in parentheses."""

ANSWERED = r"\Answered"
FLAGGED = r"\Flagged"
DELETED = r"\Deleted"
SEEN = r"\Seen"
DRAFT = r"\Draft"
RECENT = r"\Recent"
