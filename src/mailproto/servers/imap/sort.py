"""SORT: messages by what they say (RFC 5256 3, RFC 5957)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from mailproto.imap import SortKey
from mailproto.message import base_subject, casemap, display_key, mailbox_key, sent_date
from mailproto.servers.imap.criteria import Facts, UnknownKey

__all__ = ["CRITERIA", "Column", "columns", "in_order", "sent"]


class Column:
    """A sort criterion: what it sorts by, and the header fields that it looks at."""

    __slots__ = ("fields", "value")

    def __init__(self, value: Callable[[Facts], Any], *fields: str) -> None:
        self.value = value
        self.fields = fields


def sent(facts: Facts) -> datetime:
    """When a message was sent, in UTC; when it came, if it does not tell (RFC 5256 2.2)."""
    found = sent_date(facts.envelope) or facts.info.internal_date
    try:
        return found.astimezone(UTC)
    except OverflowError:  # the first or the last day that there is
        return found.replace(tzinfo=UTC)


CRITERIA: Mapping[str, Column] = {
    "ARRIVAL": Column(lambda facts: facts.info.internal_date),
    "SIZE": Column(lambda facts: facts.info.size),
    "CC": Column(lambda facts: mailbox_key(facts.envelope.cc), "cc"),
    "DATE": Column(sent, "date"),
    "FROM": Column(lambda facts: mailbox_key(facts.envelope.from_), "from"),
    "SUBJECT": Column(lambda facts: casemap(base_subject(facts.envelope.subject).base), "subject"),
    "TO": Column(lambda facts: mailbox_key(facts.envelope.to), "to"),
    "DISPLAYFROM": Column(lambda facts: display_key(facts.envelope.from_), "from"),
    "DISPLAYTO": Column(lambda facts: display_key(facts.envelope.to), "to"),
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
