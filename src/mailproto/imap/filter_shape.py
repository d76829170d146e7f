"""Reads and writes which mailboxes and events a client means (RFC 5465 8, RFC 7377 4)."""

from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.imap.commands import EventGroup, MailboxFilter, Option
from mailproto.imap.item_shape import ITEM_LIST
from mailproto.imap.option_shape import option
from mailproto.imap.scanner import Scanner
from mailproto.imap.shapes import MAILBOX, Shape, listed, one_or_more, optional, parenthesised
from mailproto.imap.write import Writer

__all__ = ["EVENT_GROUP", "FILTER"]

_WITH_NAMES = ("MAILBOXES", "SUBTREE", "SUBTREE-ONE")
_NAMES = one_or_more(MAILBOX)
_EVENT_NAMES = {
    name.upper(): name
    for name in (
        *("MessageNew", "MessageExpunge", "FlagChange", "AnnotationChange", "MailboxName"),
        *("SubscriptionChange", "MailboxMetadataChange", "ServerMetadataChange"),
    )
}


def _read_filter(scanner: Scanner) -> MailboxFilter:
    kind = scanner.keyword()
    if kind not in _WITH_NAMES:
        return MailboxFilter(kind)
    scanner.space()
    return MailboxFilter(kind, _NAMES.read(scanner))


def _write_filter(writer: Writer, item: MailboxFilter) -> None:
    writer.atom(item.kind)
    if (item.kind in _WITH_NAMES) != bool(item.mailboxes):
        raise LocalProtocolError(f"{item.kind} with these names of mailboxes can not be sent")
    if item.mailboxes:
        writer.space()
        _NAMES.write(writer, item.mailboxes)


def _read_event_name(scanner: Scanner) -> str:
    name = scanner.keyword()
    return _EVENT_NAMES.get(name, name)


_ITEMS: Shape[Any] = optional(ITEM_LIST, b"(")
_EVENT = option({"MessageNew": _ITEMS}, Shape(_read_event_name, Writer.atom))
_EVENTS = listed(_EVENT, least=1)


def _read_events(scanner: Scanner) -> tuple[str | Option, ...] | None:
    if scanner.skip_word(b"NONE"):
        return None
    if scanner.at(b"("):
        return _EVENTS.read(scanner)
    scanner.tolerate("events without parentheses", "RFC 5465 8")
    events = [_EVENT.read(scanner)]
    while scanner.more():
        events.append(_EVENT.read(scanner))
    return tuple(events)


def _write_events(writer: Writer, events: tuple[str | Option, ...] | None) -> None:
    if events is None:
        writer.raw(b"NONE")
    else:
        _EVENTS.write(writer, events)


def _read_group(scanner: Scanner) -> EventGroup:
    mailboxes = _read_filter(scanner)
    scanner.space()
    return EventGroup(mailboxes, _read_events(scanner))


def _write_group(writer: Writer, group: EventGroup) -> None:
    _write_filter(writer, group.mailboxes)
    writer.space()
    _write_events(writer, group.events)


FILTER = Shape(_read_filter, _write_filter)
"""Which mailboxes (``filter-mailboxes``)."""

EVENT_GROUP = parenthesised(Shape(_read_group, _write_group))
"""Mailboxes and the events that a client wants to hear of (``event-group``)."""
