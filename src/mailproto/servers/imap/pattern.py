"""Mailbox patterns of LIST: ``*`` is anything, ``%`` anything within one level (RFC 9051 6.3.9)."""

from collections.abc import Iterator

from mailproto.stores.rules import canonical_name

__all__ = ["Pattern", "parents"]


class Pattern:
    """Matches names against a pattern, in time linear in the name.

    All places of the pattern where a match may be are kept as bits of one number, so nothing is
    ever tried twice, whatever the wildcards are.
    """

    def __init__(self, pattern: str, delimiter: str) -> None:
        marks = canonical_name(_joined(pattern), delimiter)
        self._delimiter = delimiter
        self._end = 1 << len(marks)
        self._anything = 0  # places of wildcards
        self._level = 0  # places of %
        self._places: dict[str, int] = {}  # of each other character
        for at, mark in enumerate(marks):
            if mark == "*":
                self._anything |= 1 << at
            elif mark == "%":
                self._anything |= 1 << at
                self._level |= 1 << at
            else:
                self._places[mark] = self._places.get(mark, 0) | 1 << at

    def matches(self, name: str) -> bool:
        """Whether a name matches as a whole."""
        places = self._skip(1)
        for character in name:
            stay = places & self._anything
            if character == self._delimiter:
                stay &= ~self._level
            places = self._skip((places & self._places.get(character, 0)) << 1 | stay)
            if not places:
                return False
        return bool(places & self._end)

    def _skip(self, places: int) -> int:
        """A wildcard may be nothing; no two of them stand together."""
        return places | (places & self._anything) << 1


def _joined(pattern: str) -> str:
    """Make one wildcard of those that stand together: ``*`` if one of them is."""
    marks: list[str] = []
    for mark in pattern:
        if mark in "*%" and marks and marks[-1] in "*%":
            if mark == "*":
                marks[-1] = "*"
        else:
            marks.append(mark)
    return "".join(marks)


def parents(name: str, delimiter: str) -> Iterator[str]:
    """Yield the names above a name, the nearest first."""
    while (at := name.rfind(delimiter)) > 0:
        name = name[:at]
        yield name
