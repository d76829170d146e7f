"""The comparator i;unicode-casemap (RFC 5051), by which IMAP searches and sorts."""

import unicodedata

__all__ = ["casemap"]

_REMEMBERED = 65536


class _Table(dict[int, str]):
    """Characters as the comparator sees them, each worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        title = character.title()
        mapped = unicodedata.normalize("NFKD", title if len(title) == 1 else character)
        if len(self) < _REMEMBERED:
            self[code] = mapped
        return mapped


_TABLE = _Table()


def casemap(text: str) -> str:
    """Return ``text`` so that what the comparator holds equal is equal (RFC 5051 2).

    Character by character: what is joined may be mapped piece by piece.
    """
    return text.upper() if text.isascii() else text.translate(_TABLE)
