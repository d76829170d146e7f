"""ENVELOPE, from the header of a message (RFC 9051 7.5.2)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from mailproto.imap.envelope import Address, Envelope
from mailproto.message.addresses import parse_addresses
from mailproto.message.header import Field, fields

__all__ = ["envelope", "envelope_of_fields", "sent_date"]

_TEXTS = frozenset(("date", "subject", "in-reply-to", "message-id"))
_LISTS = frozenset(("from", "sender", "reply-to", "to", "cc", "bcc"))


def envelope(header: bytes) -> Envelope:
    """Make the envelope of the octets of a header; see :func:`envelope_of_fields`."""
    return envelope_of_fields(fields(header))


def envelope_of_fields(given: Iterable[Field]) -> Envelope:
    """Make the envelope of the fields of a header.

    Sender and Reply-To are those of From if they are absent or name no one. Of a field that may be
    there only once the first counts; the addresses of all are in the list.
    """
    texts: dict[str, str] = {}
    lists: dict[str, tuple[Address, ...]] = dict.fromkeys(_LISTS, ())
    for found in given:
        if found.name in _TEXTS:
            texts.setdefault(found.name, found.text)
        elif found.name in _LISTS:
            lists[found.name] += parse_addresses(found.text)
    from_ = lists["from"]
    return Envelope(
        texts.get("date"),
        texts.get("subject"),
        from_,
        lists["sender"] or from_,
        lists["reply-to"] or from_,
        lists["to"],
        lists["cc"],
        lists["bcc"],
        texts.get("in-reply-to"),
        texts.get("message-id"),
    )


def sent_date(of: Envelope) -> datetime | None:
    """Return the sent date with its time zone, UTC if it names none (RFC 5256 2.2).

    None if there is no valid one: the internal date stands for it then. SEARCH disregards the time
    zone (``.date()``), SORT does not.
    """
    sent = of.sent
    return sent if sent is None or sent.tzinfo is not None else sent.replace(tzinfo=UTC)
