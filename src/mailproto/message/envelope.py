"""ENVELOPE, from the header of a message (RFC 9051 7.5.2)."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from mailproto.imap.dates import parse_date
from mailproto.imap.envelope import Address, Envelope
from mailproto.message.addresses import parse_addresses
from mailproto.message.header import Field, fields

__all__ = ["ENVELOPE_FIELDS", "envelope", "envelope_of_fields", "sent_date"]

_TEXTS = frozenset(("date", "subject", "in-reply-to", "message-id"))
_DAY = re.compile(r"\b([0-9]{1,2})\s++([A-Za-z]{3})[A-Za-z]*+\s++([0-9]{4})\b", re.ASCII)
_LISTS = frozenset(("from", "sender", "reply-to", "to", "cc", "bcc"))
ENVELOPE_FIELDS = _TEXTS | _LISTS
"""The names of the fields that an envelope is made of."""


def envelope(header: bytes) -> Envelope:
    """Make the envelope of the octets of a header; see :func:`envelope_of_fields`."""
    return envelope_of_fields(fields(header))


def envelope_of_fields(given: Iterable[Field]) -> Envelope:
    """Make the envelope of the fields of a header.

    Sender and Reply-To are those of From if they are absent or name no one. Of a field that may be
    there only once the first counts; the addresses of all are in the list.
    """
    texts: dict[str, str] = {}
    read: dict[str, list[Address]] = {}
    for found in given:
        if found.name in _TEXTS:
            texts.setdefault(found.name, found.text)
        elif found.name in _LISTS:
            read.setdefault(found.name, []).extend(parse_addresses(found.text))
    lists = {name: tuple(addresses) for name, addresses in read.items()}
    from_ = lists.get("from", ())
    return Envelope(
        texts.get("date"),
        texts.get("subject"),
        from_,
        lists.get("sender") or from_,
        lists.get("reply-to") or from_,
        lists.get("to", ()),
        lists.get("cc", ()),
        lists.get("bcc", ()),
        texts.get("in-reply-to"),
        texts.get("message-id"),
    )


def sent_date(of: Envelope) -> datetime | None:
    """Return the sent date with its time zone, UTC if it names none (RFC 5256 2.2).

    None if there is no valid one: the internal date stands for it then. SEARCH disregards the time
    zone (``.date()``), SORT does not.
    """
    sent = of.sent or _day(of.date or "")
    return sent if sent is None or sent.tzinfo is not None else sent.replace(tzinfo=UTC)


def _day(text: str) -> datetime | None:
    """The beginning of the day, where the time is not valid."""
    found = _DAY.search(text)
    if found is None:
        return None
    try:
        day = parse_date("-".join(found.groups()).encode())
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day)
