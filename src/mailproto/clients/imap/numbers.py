"""What callers may write for message numbers and for items of FETCH."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from mailproto.errors import LocalProtocolError
from mailproto.imap import FetchItem, Section, SequenceSet

__all__ = ["Numbers", "fetch_items", "sequence_set"]

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
