"""Commands that look for messages (RFC 9051 6.4.4, RFC 5256, RFC 7377)."""

from typing import ClassVar

from mailproto._value import field, value
from mailproto.imap.commands.base import Command, Options
from mailproto.imap.search import Query

__all__ = ["ESearch", "MailboxFilter", "SearchCommand", "Sort", "SortKey", "ThreadCommand"]


@value
class SearchCommand(Command):
    """SEARCH (RFC 9051 6.4.4).

    ``returns`` are ALL, COUNT, MAX, MIN, SAVE, CONTEXT, UPDATE (alone or with a tuple of FETCH
    items, RFC 5267 4, RFC 5465 7), PARTIAL with a pair (RFC 9394 3.1), RELEVANCY (RFC 6203 4)
    and whatever is unknown; None stands for no RETURN. ``charset`` None lets the encoder
    choose one, since text tells whether one is needed; it takes no part in comparison.
    """

    name: ClassVar[str] = "SEARCH"
    query: Query
    returns: Options | None = field(default=None, kw_only=True)
    charset: str | None = field(default=None, eq=False, kw_only=True)
    uid: bool = field(default=False, kw_only=True)


@value
class SortKey:
    """A criterion of SORT: ARRIVAL, CC, DATE, FROM, SIZE, SUBJECT, TO (RFC 5256 3) and others.

    ``annotation`` is an entry and its attribute, with ANNOTATION (RFC 5257 4.9).
    """

    name: str
    reverse: bool = False
    annotation: tuple[str, str] | None = None


@value
class Sort(Command):
    """SORT (RFC 5256 3); ``returns`` and ``charset`` as with SEARCH (RFC 5267 3)."""

    name: ClassVar[str] = "SORT"
    criteria: tuple[SortKey, ...]
    query: Query
    returns: Options | None = field(default=None, kw_only=True)
    charset: str | None = field(default=None, eq=False, kw_only=True)
    uid: bool = field(default=False, kw_only=True)


@value
class ThreadCommand(Command):
    """THREAD by an algorithm, such as REFERENCES (RFC 5256 3); ``charset`` as with SEARCH."""

    name: ClassVar[str] = "THREAD"
    algorithm: str
    query: Query
    charset: str | None = field(default=None, eq=False, kw_only=True)
    uid: bool = field(default=False, kw_only=True)


@value
class MailboxFilter:
    """Mailboxes of NOTIFY and ESEARCH (RFC 5465 6, RFC 7377 2.2).

    ``kind`` is SELECTED, SELECTED-DELAYED, INBOXES, PERSONAL or SUBSCRIBED; or MAILBOXES,
    SUBTREE or SUBTREE-ONE with the names of ``mailboxes``.
    """

    kind: str
    mailboxes: tuple[str, ...] = ()


@value
class ESearch(Command):
    """ESEARCH in several mailboxes, None for the selected one (RFC 7377 2.1).

    ``scope`` are options that nobody has defined yet; the others are as with SEARCH.
    """

    name: ClassVar[str] = "ESEARCH"
    query: Query
    sources: tuple[MailboxFilter, ...] | None = field(default=None, kw_only=True)
    scope: Options = field(default=(), kw_only=True)
    returns: Options | None = field(default=None, kw_only=True)
    charset: str | None = field(default=None, eq=False, kw_only=True)
    uid: bool = field(default=False, kw_only=True)
