"""What a search looks for, as a query made of keys (RFC 9051 6.4.4 and the RFCs named below).

``Search.unseen & (Search.from_("ann") | Search.since(day)) & ~Search.deleted`` is a query.
Strings are ``str``; the encoder chooses the charset.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, Literal, TypeAlias

from mailproto._value import value
from mailproto.imap.sequence_set import SequenceSet

__all__ = [
    "Query",
    "Search",
    "SearchAnd",
    "SearchFuzzy",
    "SearchKey",
    "SearchNot",
    "SearchOr",
]

_Numbers: TypeAlias = "SequenceSet | str"


@value
class Query:
    """Base class of the queries: ``&``, ``|`` and ``~`` combine them."""

    def __and__(self, other: "Query") -> "Query":
        return Search.all_of(self, other)

    def __or__(self, other: "Query") -> "Query":
        return Search.any_of(self, other)

    def __invert__(self) -> "Query":
        return SearchNot(self)

    def walk(self) -> Iterator["Query"]:
        """Yield this query and all within it, each before its parts."""
        stack: list[Query] = [self]
        while stack:
            query = stack.pop()
            yield query
            if isinstance(query, (SearchAnd, SearchOr)):
                stack += reversed(query.queries)
            elif isinstance(query, (SearchNot, SearchFuzzy)):
                stack.append(query.query)


@value
class SearchKey(Query):
    """One key with its arguments, such as ``SINCE`` and a date.

    ``name`` is in upper case. ``SEQUENCE-SET`` stands for the message numbers that have no
    name on the wire. Arguments are ``str``, ``int``, ``date``, :class:`SequenceSet` or None.
    """

    name: str
    arguments: tuple[Any, ...] = ()


@value
class SearchAnd(Query):
    """What matches each of two or more queries; ``Search.all_of`` makes it."""

    queries: tuple[Query, ...]


@value
class SearchOr(Query):
    """What matches at least one of two or more queries; ``Search.any_of`` makes it."""

    queries: tuple[Query, ...]


@value
class SearchNot(Query):
    """What does not match a query."""

    query: Query


@value
class SearchFuzzy(Query):
    """What matches a query nearly (RFC 6203 3)."""

    query: Query


class Search:
    """Makes queries. Keys without arguments are attributes, the others methods.

    Nothing is checked before a query is encoded, which raises :class:`LocalProtocolError`.
    """

    all: ClassVar[Query] = SearchKey("ALL")
    answered: ClassVar[Query] = SearchKey("ANSWERED")
    deleted: ClassVar[Query] = SearchKey("DELETED")
    draft: ClassVar[Query] = SearchKey("DRAFT")
    flagged: ClassVar[Query] = SearchKey("FLAGGED")
    new: ClassVar[Query] = SearchKey("NEW")
    """IMAP4rev1 only, as ``old`` and ``recent`` are (RFC 3501 6.4.4)."""
    old: ClassVar[Query] = SearchKey("OLD")
    recent: ClassVar[Query] = SearchKey("RECENT")
    seen: ClassVar[Query] = SearchKey("SEEN")
    unanswered: ClassVar[Query] = SearchKey("UNANSWERED")
    undeleted: ClassVar[Query] = SearchKey("UNDELETED")
    undraft: ClassVar[Query] = SearchKey("UNDRAFT")
    unflagged: ClassVar[Query] = SearchKey("UNFLAGGED")
    unseen: ClassVar[Query] = SearchKey("UNSEEN")
    save_date_supported: ClassVar[Query] = SearchKey("SAVEDATESUPPORTED")
    """All messages if the mailbox knows when they were saved, else none (RFC 8514 4.3)."""
    saved_result: ClassVar[Query] = SearchKey("SEQUENCE-SET", (SequenceSet(saved=True),))
    """``$``: what the last search with SAVE found (RFC 5182 2)."""

    # --- combinations ---

    @staticmethod
    def all_of(*queries: Query) -> Query:
        """What matches each of the queries; of none, all messages."""
        parts: list[Query] = []
        for query in queries:
            parts += query.queries if isinstance(query, SearchAnd) else (query,)
        if not parts:
            return Search.all
        return parts[0] if len(parts) == 1 else SearchAnd(tuple(parts))

    @staticmethod
    def any_of(*queries: Query) -> Query:
        """What matches at least one of the queries; of none, no message."""
        parts: list[Query] = []
        for query in queries:
            parts += query.queries if isinstance(query, SearchOr) else (query,)
        if not parts:
            return SearchNot(Search.all)
        return parts[0] if len(parts) == 1 else SearchOr(tuple(parts))

    @staticmethod
    def fuzzy(query: Query) -> Query:
        """What matches a query nearly (RFC 6203 3)."""
        return SearchFuzzy(query)

    # --- which messages ---

    @staticmethod
    def numbers(numbers: _Numbers) -> Query:
        """Messages with these sequence numbers; a ``str`` is in wire form, such as ``"1:9"``."""
        return SearchKey("SEQUENCE-SET", (_sequence_set(numbers),))

    @staticmethod
    def uid(uids: _Numbers) -> Query:
        """Messages with these UIDs; a ``str`` is in wire form."""
        return SearchKey("UID", (_sequence_set(uids),))

    @staticmethod
    def uid_after(uid: int) -> Query:
        """Messages with a larger UID (RFC 9738 3.2)."""
        return SearchKey("UIDAFTER", (uid,))

    @staticmethod
    def uid_before(uid: int) -> Query:
        """Messages with a smaller UID (RFC 9738 3.2)."""
        return SearchKey("UIDBEFORE", (uid,))

    @staticmethod
    def email_id(identifier: str) -> Query:
        """The messages with this EMAILID (RFC 8474 6)."""
        return SearchKey("EMAILID", (identifier,))

    @staticmethod
    def thread_id(identifier: str) -> Query:
        """The messages of this thread (RFC 8474 6)."""
        return SearchKey("THREADID", (identifier,))

    # --- what they say ---

    @staticmethod
    def bcc(text: str) -> Query:
        """Text in the Bcc field."""
        return SearchKey("BCC", (text,))

    @staticmethod
    def body(text: str) -> Query:
        """Text in the body."""
        return SearchKey("BODY", (text,))

    @staticmethod
    def cc(text: str) -> Query:
        """Text in the Cc field."""
        return SearchKey("CC", (text,))

    @staticmethod
    def from_(text: str) -> Query:
        """Text in the From field."""
        return SearchKey("FROM", (text,))

    @staticmethod
    def header(name: str, text: str = "") -> Query:
        """Text in a field of the header; ``""`` asks whether the field is there."""
        return SearchKey("HEADER", (name, text))

    @staticmethod
    def subject(text: str) -> Query:
        """Text in the Subject field."""
        return SearchKey("SUBJECT", (text,))

    @staticmethod
    def text(text: str) -> Query:
        """Text in header or body."""
        return SearchKey("TEXT", (text,))

    @staticmethod
    def to(text: str) -> Query:
        """Text in the To field."""
        return SearchKey("TO", (text,))

    # --- flags and sizes ---

    @staticmethod
    def keyword(flag: str) -> Query:
        """Messages with a flag that is a keyword, such as ``$Junk``."""
        return SearchKey("KEYWORD", (flag,))

    @staticmethod
    def unkeyword(flag: str) -> Query:
        """Messages without a flag that is a keyword."""
        return SearchKey("UNKEYWORD", (flag,))

    @staticmethod
    def larger(size: int) -> Query:
        """Messages of more octets."""
        return SearchKey("LARGER", (size,))

    @staticmethod
    def smaller(size: int) -> Query:
        """Messages of fewer octets."""
        return SearchKey("SMALLER", (size,))

    # --- dates: without time and zone, of the server's clock or of the Date field ---

    @staticmethod
    def before(day: date) -> Query:
        """INTERNALDATE before that day."""
        return SearchKey("BEFORE", (day,))

    @staticmethod
    def on(day: date) -> Query:
        """INTERNALDATE on that day."""
        return SearchKey("ON", (day,))

    @staticmethod
    def since(day: date) -> Query:
        """INTERNALDATE on that day or later."""
        return SearchKey("SINCE", (day,))

    @staticmethod
    def sent_before(day: date) -> Query:
        """Date field before that day."""
        return SearchKey("SENTBEFORE", (day,))

    @staticmethod
    def sent_on(day: date) -> Query:
        """Date field on that day."""
        return SearchKey("SENTON", (day,))

    @staticmethod
    def sent_since(day: date) -> Query:
        """Date field on that day or later."""
        return SearchKey("SENTSINCE", (day,))

    @staticmethod
    def saved_before(day: date) -> Query:
        """Saved in this mailbox before that day (RFC 8514 4.3)."""
        return SearchKey("SAVEDBEFORE", (day,))

    @staticmethod
    def saved_on(day: date) -> Query:
        """Saved in this mailbox on that day (RFC 8514 4.3)."""
        return SearchKey("SAVEDON", (day,))

    @staticmethod
    def saved_since(day: date) -> Query:
        """Saved in this mailbox on that day or later (RFC 8514 4.3)."""
        return SearchKey("SAVEDSINCE", (day,))

    @staticmethod
    def older(seconds: int) -> Query:
        """INTERNALDATE at least so many seconds ago (RFC 5032 2)."""
        return SearchKey("OLDER", (seconds,))

    @staticmethod
    def younger(seconds: int) -> Query:
        """INTERNALDATE less than so many seconds ago (RFC 5032 2)."""
        return SearchKey("YOUNGER", (seconds,))

    # --- extensions ---

    @staticmethod
    def modseq(
        least: int,
        entry: str | None = None,
        kind: Literal["priv", "shared", "all"] = "all",
    ) -> Query:
        r"""Mod-sequence at least this; of an entry, such as ``/flags/\seen`` (RFC 7162 3.1.5)."""
        return SearchKey("MODSEQ", (least, entry, None if entry is None else kind))

    @staticmethod
    def annotation(
        entry: str,
        attribute: Literal["value", "value.priv", "value.shared"],
        text: str | None,
    ) -> Query:
        """Text in an annotation; the entry may hold ``*`` and ``%`` (RFC 5257 4.8)."""
        return SearchKey("ANNOTATION", (entry, attribute, text))

    @staticmethod
    def filter(name: str) -> Query:
        """What a stored filter matches (RFC 5466 3.1)."""
        return SearchKey("FILTER", (name,))

    @staticmethod
    def gm_raw(text: str) -> Query:
        """What Gmail's own search syntax finds (X-GM-EXT-1)."""
        return SearchKey("X-GM-RAW", (text,))

    @staticmethod
    def gm_labels(label: str) -> Query:
        """Messages with one of Gmail's labels (X-GM-EXT-1)."""
        return SearchKey("X-GM-LABELS", (label,))

    @staticmethod
    def gm_msgid(identifier: int) -> Query:
        """Gmail's number of a message (X-GM-EXT-1)."""
        return SearchKey("X-GM-MSGID", (identifier,))

    @staticmethod
    def gm_thrid(identifier: int) -> Query:
        """Gmail's number of a thread (X-GM-EXT-1)."""
        return SearchKey("X-GM-THRID", (identifier,))


def _sequence_set(numbers: _Numbers) -> SequenceSet:
    """Raises :class:`ValueError` for a ``str`` that is no sequence set."""
    return SequenceSet.parse(numbers) if isinstance(numbers, str) else numbers
