"""ENVELOPE: the header of a message, parsed by the server (RFC 9051 7.5.2)."""

from collections.abc import Iterable
from datetime import datetime

from mailproto._value import value
from mailproto.imap.dates import parse_plain_sent

__all__ = ["Address", "Envelope", "Group", "group_addresses"]


@value
class Address:
    """One address as four strings, each of which can be NIL.

    A NIL ``host`` marks a group of RFC 5322: its start if ``mailbox`` is its name, its end if
    that is NIL as well (see :func:`group_addresses`). Encoded words are left as they are.
    """

    name: str | None = None
    route: str | None = None
    """Source route, obsolete (``addr-adl``)."""
    mailbox: str | None = None
    """Local part."""
    host: str | None = None

    def __str__(self) -> str:
        return f"{self.mailbox or ''}@{self.host}" if self.host is not None else self.mailbox or ""


@value
class Group:
    """A group of RFC 5322 with its name and members."""

    name: str
    members: tuple[Address, ...] = ()


def group_addresses(addresses: Iterable[Address]) -> tuple[Address | Group, ...]:
    """Gather the members of groups; a group that never ends goes on to the last address."""
    gathered: list[Address | Group] = []
    members: list[Address] | None = None
    name = ""
    for address in addresses:
        if address.host is not None:
            (gathered if members is None else members).append(address)
            continue
        if members is not None:
            gathered.append(Group(name, tuple(members)))
            members = None
        if address.mailbox is not None:
            name, members = address.mailbox, []
    if members is not None:
        gathered.append(Group(name, tuple(members)))
    return tuple(gathered)


@value
class Envelope:
    """The fields of the header; None and empty are different things (NIL and ``""``).

    Address lists that are NIL are empty tuples: a list on the wire has one address or more.
    """

    date: str | None = None
    """The Date field as it is, see :attr:`sent`."""
    subject: str | None = None
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    message_id: str | None = None

    @property
    def sent(self) -> datetime | None:
        """The Date field parsed, None if it is absent or no date (RFC 5322 3.3).

        It has no time zone where the field says ``-0000``.
        """
        if not self.date:
            return None
        try:
            return parse_plain_sent(self.date) or _parse_sent(self.date)
        except (ValueError, IndexError, OverflowError):
            return None


def _parse_sent(text: str) -> datetime:
    from email.utils import parsedate_to_datetime  # which loads sockets

    return parsedate_to_datetime(text)
