"""Numbers as the grammar bounds them (RFC 9051 4.2, 9)."""

from mailproto.imap.sequence_set import SequenceSet

__all__ = ["MAX_NUMBER", "MAX_NUMBER64", "SMALL_RANGE", "number_or_atom", "small_range"]

MAX_NUMBER = 2**32 - 1
MAX_NUMBER64 = 2**63 - 1

SMALL_RANGE = rb"([1-9][0-9]{0,8})(?::([1-9][0-9]{0,8}))?(?=[ )\r\n])"
"""One number or range that is within bounds, for patterns of a whole production."""


def small_range(first: bytes, last: bytes | None) -> SequenceSet:
    """The set of what ``SMALL_RANGE`` found."""
    low = int(first)
    return SequenceSet(((low, low if last is None else int(last)),))


def number_or_atom(digits: bytes) -> int | str:
    """A number of 63 bits without leading zeros, else the digits as an atom."""
    if len(digits) <= 19 and (digits[:1] != b"0" or len(digits) == 1):
        number = int(digits)
        if number <= MAX_NUMBER64:
            return number
    return digits.decode("ascii")
