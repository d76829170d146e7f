"""SORT: messages by what they say (RFC 5256 3, RFC 5957)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from mailproto.imap import SortKey
from mailproto.message import base_subject, casemap, display_key, mailbox_key, sent_date
from mailproto.servers.imap.criteria import Depth, Facts, UnknownKey

__all__ = ["CRITERIA", "Column", "columns", "in_order", "sent"]


class Column:
    """A sort criterion: what it sorts by, and how much of the message that takes."""

    __slots__ = ("depth", "value")

    def __init__(self, depth: Depth, value: Callable[[Facts], Any]) -> None:
        self.depth = depth
        self.value = value


def sent(facts: Facts) -> datetime:
    """When a message was sent, in UTC; when it came, if it does not tell (RFC 5256 2.2)."""
    found = sent_date(facts.envelope) or facts.info.internal_date
    try:
        return found.astimezone(UTC)
    except OverflowError:  # the first or the last day that there is
        return found.replace(tzinfo=UTC)


CRITERIA: Mapping[str, Column] = {
    "ARRIVAL": Column(Depth.INFO, lambda facts: facts.info.internal_date),
    "SIZE": Column(Depth.INFO, lambda facts: facts.info.size),
    "CC": Column(Depth.HEADER, lambda facts: mailbox_key(facts.envelope.cc)),
    "DATE": Column(Depth.HEADER, sent),
    "FROM": Column(Depth.HEADER, lambda facts: mailbox_key(facts.envelope.from_)),
    "SUBJECT": Column(
        Depth.HEADER, lambda facts: casemap(base_subject(facts.envelope.subject).base)
    ),
    "TO": Column(Depth.HEADER, lambda facts: mailbox_key(facts.envelope.to)),
    "DISPLAYFROM": Column(Depth.HEADER, lambda facts: display_key(facts.envelope.from_)),
    "DISPLAYTO": Column(Depth.HEADER, lambda facts: display_key(facts.envelope.to)),
}


def columns(criteria: Iterable[SortKey]) -> list[Column]:
    """Return what to sort by. Raises :class:`UnknownKey`."""
    found = []
    for criterion in criteria:
        if criterion.name not in CRITERIA:
            raise UnknownKey(criterion.name)
        found.append(CRITERIA[criterion.name])
    return found


def in_order(rows: Iterable[tuple[int, tuple[Any, ...]]], criteria: Sequence[SortKey]) -> list[int]:
    """Sort UIDs, given with the value of each column; equal ones stay in their order."""
    ordered = sorted(rows, key=itemgetter(0))
    for place, criterion in reversed(list(enumerate(criteria))):

        def value(row: tuple[int, tuple[Any, ...]], place: int = place) -> Any:
            return row[1][place]

        ordered.sort(key=value, reverse=criterion.reverse)
    return list(map(itemgetter(0), ordered))
