"""Sets of message numbers: ranges, never expanded (RFC 9051 9 ``sequence-set``, RFC 5182)."""

import re
from collections.abc import Iterable, Iterator

from mailproto._value import field, value

__all__ = ["STAR", "SequenceSet"]

STAR = 2**32
"""``*`` in a range: the largest number in use. It lies just above all numbers."""

_LARGEST = STAR - 1
_NUMBER = r"(?:[1-9][0-9]{0,9}|\*)"
_RANGE = rf"{_NUMBER}(?::{_NUMBER})?"
_SMALL_NUMBERS = re.compile(r"[1-9][0-9]{0,8}(?:,[1-9][0-9]{0,8})*+")
_SET = re.compile(rf"{_RANGE}(?:,{_RANGE})*+")


@value
class SequenceSet:
    """Message sequence numbers or UIDs as ranges, in the order in which they were given.

    ``ranges`` are pairs of the first and the last number, in the order that the peer wrote
    them, since it means something in the results of COPY, SORT and UIDBATCHES; each number is
    1 to 4,294,967,295 or :data:`STAR`. ``saved`` is ``$``, the result of the last search
    (RFC 5182), and then there are no ranges.

    ``uid in uids``, ``len(uids)`` and ``for uid in uids`` do what one expects.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    saved: bool = field(default=False, kw_only=True)

    @classmethod
    def parse(cls, text: str) -> "SequenceSet":
        """Make a set of its wire form, such as ``"1:3,7,10:*"`` or ``"$"``.

        Raises :class:`ValueError`, also for numbers out of range.
        """
        if text == "$":
            return cls(saved=True)
        if _SMALL_NUMBERS.fullmatch(text) is not None:  # nothing is left to check
            numbers = list(map(int, text.split(",")))
            return cls(tuple(zip(numbers, numbers, strict=True)))
        if _SET.fullmatch(text) is None:
            raise ValueError(f"not a sequence set: {text[:40]!r}")
        ranges = []
        for part in text.replace("*", "0").split(","):
            first, _, last = part.partition(":")
            low = int(first)
            high = int(last) if last else low
            if low > _LARGEST or high > _LARGEST:
                raise ValueError(f"a number of {text[:40]!r} is above {_LARGEST}")
            ranges.append((low or STAR, high or STAR))
        return cls(tuple(ranges))

    @classmethod
    def of(cls, *numbers: "int | tuple[int, int] | SequenceSet") -> "SequenceSet":
        """Make the ascending set of single numbers, pairs (both ends included) and sets."""
        ranges: list[tuple[int, int]] = []
        for item in numbers:
            if isinstance(item, SequenceSet):
                ranges.extend(item._known())
            else:
                ranges.append((item, item) if isinstance(item, int) else item)
        for pair in ranges:
            if not all(1 <= number <= STAR for number in pair):
                raise ValueError(f"{pair} is not within 1 and {_LARGEST}")
        return cls(tuple(_merge(ranges)))

    @classmethod
    def from_numbers(cls, numbers: Iterable[int]) -> "SequenceSet":
        """Make the ascending set of many numbers."""
        return cls.of(*numbers)

    def __str__(self) -> str:
        if self.saved:
            return "$"
        return ",".join(
            _text(first) if first == last else f"{_text(first)}:{_text(last)}"
            for first, last in self.ranges
        )

    def __bool__(self) -> bool:
        return bool(self.ranges) or self.saved

    @property
    def has_star(self) -> bool:
        """Whether ``*`` occurs, so that the set says nothing before ``resolve``."""
        return any(STAR in pair for pair in self.ranges)

    def ascending(self) -> "SequenceSet":
        """Return the same numbers in ascending, merged ranges; ``$`` stays."""
        return self if self.saved else SequenceSet(tuple(_merge(self.ranges)))

    def resolve(self, maximum: int) -> "SequenceSet":
        """Return the ascending set with ``maximum`` in place of ``*``; 0 is an empty mailbox.

        ``559:*`` holds the maximum even if it is less than 559 (RFC 9051 9).
        Raises :class:`ValueError` for ``$``.
        """
        known = self._known()
        if not maximum:
            return SequenceSet(tuple(_merge(pair for pair in known if STAR not in pair)))
        return SequenceSet(
            tuple(
                _merge(
                    (
                        maximum if first == STAR else first,
                        maximum if last == STAR else last,
                    )
                    for first, last in known
                )
            )
        )

    def __contains__(self, number: int) -> bool:
        """Whether it holds a number. Raises :class:`ValueError` for ``$`` and ``*``."""
        return self.contains(number)

    def __len__(self) -> int:
        """How many numbers it holds, each once. Raises :class:`ValueError` for ``$`` and ``*``."""
        return sum(last - first + 1 for first, last in _merge(self._fixed()))

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers in the order of the ranges, which may be very many.

        A set of a peer may claim four billion: look at ``len`` first.
        Raises :class:`ValueError` for ``$`` and ``*``.
        """
        for first, last in self._fixed():
            step = 1 if first <= last else -1
            yield from range(first, last + step, step)

    def contains(self, number: int, maximum: int | None = None) -> bool:
        """Whether ``number`` is in the set; ``maximum`` stands for ``*`` if that occurs.

        Raises :class:`ValueError` for ``$``, and for ``*`` without a maximum.
        """
        known = self._fixed() if maximum is None else self.resolve(maximum).ranges
        return any(min(pair) <= number <= max(pair) for pair in known)

    def __or__(self, other: "SequenceSet") -> "SequenceSet":
        return SequenceSet(tuple(_merge([*self._known(), *other._known()])))

    def __and__(self, other: "SequenceSet") -> "SequenceSet":
        """What is in both. Raises :class:`ValueError` for ``$`` and ``*``: resolve them."""
        common = []
        mine, theirs = _merge(self._fixed()), _merge(other._fixed())
        at = 0
        for first, last in mine:
            while at < len(theirs) and theirs[at][1] < first:
                at += 1
            index = at
            while index < len(theirs) and theirs[index][0] <= last:
                common.append((max(first, theirs[index][0]), min(last, theirs[index][1])))
                index += 1
            at = max(at, index - 1)
        return SequenceSet(tuple(common))

    def __sub__(self, other: "SequenceSet") -> "SequenceSet":
        """What is in the first only. Raises :class:`ValueError` for ``$`` and ``*``."""
        return self & _complement(_merge(other._fixed()))

    def _known(self) -> tuple[tuple[int, int], ...]:
        if self.saved:
            raise ValueError("$ is known to the server only")
        return self.ranges

    def _fixed(self) -> tuple[tuple[int, int], ...]:
        if self.has_star:
            raise ValueError("* is not known: resolve it first")
        return self._known()


def _merge(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort ranges, each turned upwards, and join those that touch."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pair if pair[0] <= pair[1] else pair[::-1] for pair in ranges):
        if merged and first <= merged[-1][1] + 1 and (first != STAR or merged[-1][1] == STAR):
            if last > merged[-1][1]:
                merged[-1] = merged[-1][0], last
        else:
            merged.append((first, last))
    return merged


def _complement(ranges: list[tuple[int, int]]) -> SequenceSet:
    gaps, start = [], 1
    for first, last in ranges:
        if start < first:
            gaps.append((start, first - 1))
        start = last + 1
    if start <= _LARGEST:
        gaps.append((start, _LARGEST))
    return SequenceSet(tuple(gaps))


def _text(number: int) -> str:
    return "*" if number == STAR else str(number)
