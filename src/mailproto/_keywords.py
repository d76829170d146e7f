"""What a server offers, as lines of a keyword and parameters: SMTP's EHLO and POP3's CAPA."""

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from mailproto.errors import Defect

__all__ = ["KeywordLines", "defect", "number"]

_LINE = re.compile(r"[!-~]+(?: [!-~]+)*")


class KeywordLines:
    """The keywords of a server with their parameters, in order; never changed.

    Made from lines such as ``"SIZE 1000"``. Unknown keywords are kept like any other.
    ``keyword in offered`` and ``offered["SIZE"]`` (a tuple of strings) serve all of them,
    the properties of subclasses the well-known ones.
    """

    __slots__ = ("_parameters", "defects")

    _keyword: ClassVar[re.Pattern[str]]
    _section: ClassVar[str]

    def __init__(self, lines: Iterable[str] = ()) -> None:
        # Sets in order: a word that comes again, maybe in another line, counts once.
        parameters: dict[str, dict[str, None]] = {}
        defects: list[Defect] = []
        for line in lines:
            words = line.split()
            if words:
                defects += self._mend(words, line)
            if not words or not self._keyword.fullmatch(words[0]):
                defects.append(defect("not a keyword", line, self._section))
                continue
            words_of = parameters.setdefault(words[0].upper(), {})
            words_of.update((word, None) for word in words[1:] if word)
        self._parameters = {keyword: tuple(words) for keyword, words in parameters.items()}
        self.defects = tuple(defects)
        """What was odd in the lines."""

    def _mend(self, words: list[str], line: str) -> Iterable[Defect]:
        """Put right, in place, what a subclass tolerates; return what it was."""
        return ()

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._parameters

    def __getitem__(self, keyword: str) -> tuple[str, ...]:
        return self._parameters[keyword]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._parameters == other._parameters

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.lines)!r})"

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, without code or line end."""
        return tuple(" ".join((k, *words)) for k, words in self._parameters.items())

    def with_lines(self, *lines: str) -> Self:
        """Return a copy with more lines; a keyword given again is replaced."""
        new = type(self)(lines)
        return type(self)([*self.without(*new).lines, *new.lines])

    def without(self, *keywords: str) -> Self:
        """Return a copy that lacks ``keywords``."""
        return type(self)(
            " ".join((k, *words)) for k, words in self._parameters.items() if k not in keywords
        )

    @classmethod
    def check(cls, lines: Iterable[str]) -> None:
        """Check that a server may send ``lines``; raises ValueError."""
        for line in lines:
            if not _LINE.fullmatch(line) or not cls._keyword.fullmatch(line.partition(" ")[0]):
                raise ValueError(f"{line!r} can not be offered ({cls._section})")

    def _first(self, keyword: str) -> str | None:
        words = self._parameters.get(keyword)
        return words[0] if words else None


def number(text: str | None) -> int | None:
    """The number that ``text`` is; None if it is none, or absurdly long."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 20 else None


def defect(what: str, line: str, section: str) -> Defect:
    """Note what was odd in a line."""
    return Defect(what, line.encode("utf-8", "surrogateescape")[:80], section=section)
