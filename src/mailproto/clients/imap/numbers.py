"""What callers may write for message numbers and for items of FETCH."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from mailproto.errors import LocalProtocolError
from mailproto.imap import FetchItem, Section, SequenceSet

__all__ = ["Numbers", "fetch_items", "in_lines", "one_line", "sequence_set"]

_LONGEST = 8000  # octets of a set: RFC 7162 4 recommends lines of up to 8,192 octets

Numbers: TypeAlias = SequenceSet | str | int | Iterable[int]
"""UIDs or sequence numbers: a set, its wire form such as ``"1:9,12"``, one number, or many."""


def sequence_set(numbers: Numbers) -> SequenceSet:
    """Make a set in ascending order. Raises :class:`LocalProtocolError` if it is none."""
    try:
        if isinstance(numbers, str):
            numbers = SequenceSet.parse(numbers)
        elif isinstance(numbers, int):
            numbers = SequenceSet.of(numbers)
        elif not isinstance(numbers, SequenceSet):
            numbers = SequenceSet.from_numbers(numbers)
    except ValueError as error:
        raise LocalProtocolError(str(error)) from None
    return numbers.ascending()


def in_lines(numbers: SequenceSet) -> list[SequenceSet]:
    """Cut a set into sets that fit into command lines; without numbers there are none."""
    if numbers.saved:
        return [numbers]
    sets: list[SequenceSet] = []
    begun, length = 0, 0
    for at, pair in enumerate(numbers.ranges):
        size = len(str(SequenceSet((pair,)))) + 1
        if length + size > _LONGEST:
            sets.append(SequenceSet(numbers.ranges[begun:at]))
            begun, length = at, 0
        length += size
    return [*sets, SequenceSet(numbers.ranges[begun:])] if numbers else sets


def one_line(numbers: SequenceSet) -> SequenceSet:
    """Return an ascending set, or one range with all of it if it does not fit into a line."""
    if len(in_lines(numbers)) < 2:
        return numbers
    return SequenceSet(((numbers.ranges[0][0], numbers.ranges[-1][1]),))


def fetch_items(items: Sequence[FetchItem]) -> tuple[FetchItem, ...]:
    """Make sections of strings such as ``"BODY.PEEK[HEADER]"``; other names in upper case.

    Raises :class:`LocalProtocolError`.
    """
    try:
        return tuple([_item(item) for item in ([items] if isinstance(items, str) else items)])
    except ValueError as error:
        raise LocalProtocolError(str(error)) from None


def _item(item: FetchItem) -> FetchItem:
    if not isinstance(item, str):
        return item
    return Section.parse(item) if "[" in item else item.upper()
