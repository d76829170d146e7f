"""NOTIFY: what a client wants to be told of (RFC 5465)."""

from typing import ClassVar

from mailproto._value import value
from mailproto.imap.commands.base import Command, Options
from mailproto.imap.commands.searching import MailboxFilter

__all__ = ["EventGroup", "Notify"]


@value
class EventGroup:
    """Mailboxes and events that NOTIFY is about, None for NONE (RFC 5465 8 ``event-group``).

    Events are names, as ``FlagChange``; ``MessageNew`` may have a tuple of FETCH items.
    """

    mailboxes: MailboxFilter
    events: Options | None


@value
class Notify(Command):
    """NOTIFY SET, or NOTIFY NONE if ``groups`` is None (RFC 5465 3).

    ``status`` asks for the STATUS of each mailbox first.
    """

    name: ClassVar[str] = "NOTIFY"
    groups: tuple[EventGroup, ...] | None
    status: bool = False
