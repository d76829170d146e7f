"""Commands as values (RFC 9051 6 and the RFCs named at each class).

A client core sends them, a server core yields them. Those that may be preceded by UID have a
field ``uid``, which says that numbers are UIDs. ``defects`` tells what was tolerated when a
command was parsed; it takes no part in comparison.

Where a command takes options by name, such as the items of LIST's RETURN, an option is a
``str``, or an :class:`Option` if it has an argument. Names are in upper case.
"""

from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from mailproto._value import field, value
from mailproto.errors import Defect
from mailproto.imap.fetch import AnnotationEntry
from mailproto.imap.search import Query
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.values import GenericValue, Literal

__all__ = [
    "Append",
    "AppendMessage",
    "AuthResponse",
    "Authenticate",
    "CancelUpdate",
    "Capability",
    "CatenateText",
    "CatenateUrl",
    "Check",
    "Close",
    "Command",
    "Comparator",
    "Compress",
    "Conversion",
    "Conversions",
    "Convert",
    "Copy",
    "Create",
    "Delete",
    "DeleteAcl",
    "Done",
    "ESearch",
    "Enable",
    "EventGroup",
    "Examine",
    "Expunge",
    "Fetch",
    "FetchItem",
    "GenUrlAuth",
    "GetAcl",
    "GetJmapAccess",
    "GetMetadata",
    "GetQuota",
    "GetQuotaRoot",
    "Id",
    "Idle",
    "Language",
    "List",
    "ListRights",
    "Login",
    "Logout",
    "Lsub",
    "MailboxFilter",
    "Move",
    "MyRights",
    "NamespaceCommand",
    "Noop",
    "Notify",
    "Option",
    "Options",
    "QResync",
    "Rename",
    "Replace",
    "ResetKey",
    "Rlist",
    "Rlsub",
    "SearchCommand",
    "Select",
    "SetAcl",
    "SetMetadata",
    "SetQuota",
    "Sort",
    "SortKey",
    "StartTls",
    "Status",
    "Store",
    "Subscribe",
    "ThreadCommand",
    "UidBatches",
    "UidExpunge",
    "Unauthenticate",
    "UnknownCommand",
    "Unselect",
    "Unsubscribe",
    "UrlFetch",
    "UrlRequest",
    "Xlist",
]


@value
class Command:
    """Base class of the commands; ``name`` is the word that tells them apart."""

    name: ClassVar[str] = ""
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)


@value
class Option:
    """An option with its argument, whose type depends on the name; unknown ones are generic."""

    name: str
    argument: Any


Options: TypeAlias = tuple[str | Option, ...]
FetchItem: TypeAlias = str | Section | Option


# --- any state, RFC 9051 6.1 ---


@value
class Capability(Command):
    """CAPABILITY (RFC 9051 6.1.1)."""

    name: ClassVar[str] = "CAPABILITY"


@value
class Noop(Command):
    """NOOP: does nothing, and lets the server tell what is new (RFC 9051 6.1.2)."""

    name: ClassVar[str] = "NOOP"


@value
class Logout(Command):
    """LOGOUT (RFC 9051 6.1.3)."""

    name: ClassVar[str] = "LOGOUT"


@value
class Id(Command):
    """ID: facts about the client by name, None to tell nothing (RFC 2971 3.1)."""

    name: ClassVar[str] = "ID"
    parameters: dict[str, str | None] | None = None


@value
class Compress(Command):
    """COMPRESS: both sides compress from here on (RFC 4978 3)."""

    name: ClassVar[str] = "COMPRESS"
    algorithm: str = "DEFLATE"


@value
class Language(Command):
    """LANGUAGE: ranges of languages in order of preference; none lists them (RFC 5255 3.2)."""

    name: ClassVar[str] = "LANGUAGE"
    ranges: tuple[str, ...] = ()


# --- not authenticated, RFC 9051 6.2 ---


@value
class StartTls(Command):
    """STARTTLS (RFC 9051 6.2.1)."""

    name: ClassVar[str] = "STARTTLS"


@value
class Authenticate(Command):
    """AUTHENTICATE with a SASL mechanism (RFC 9051 6.2.2, RFC 4959 3).

    ``initial_response`` is not yet base64; None is none, ``b""`` an empty one.
    """

    name: ClassVar[str] = "AUTHENTICATE"
    mechanism: str
    initial_response: bytes | None = field(default=None, repr=False)


@value
class AuthResponse(Command):
    """A line within an AUTHENTICATE exchange: the decoded response, None if it was ``*``."""

    name: ClassVar[str] = "*"
    data: bytes | None = field(repr=False)


@value
class Login(Command):
    """LOGIN with user name and password (RFC 9051 6.2.3)."""

    name: ClassVar[str] = "LOGIN"
    user: str
    password: str = field(repr=False)


# --- authenticated, RFC 9051 6.3 ---


@value
class Enable(Command):
    """ENABLE: capabilities to switch on (RFC 5161 3.1)."""

    name: ClassVar[str] = "ENABLE"
    capabilities: tuple[str, ...]


@value
class Unauthenticate(Command):
    """UNAUTHENTICATE: back to the state before login (RFC 8437 2)."""

    name: ClassVar[str] = "UNAUTHENTICATE"


@value
class QResync:
    """QRESYNC: what the client knows of a mailbox (RFC 7162 3.2.5).

    ``known_uids`` None stands for all of them; ``sequence_match`` are message numbers and the
    UIDs that they had.
    """

    uid_validity: int
    modseq: int
    known_uids: SequenceSet | None = None
    sequence_match: tuple[SequenceSet, SequenceSet] | None = None


@value
class Select(Command):
    """SELECT (RFC 9051 6.3.2).

    ``parameters`` are CONDSTORE (RFC 7162 3.1.8), QRESYNC with a :class:`QResync`, ANNOTATE
    (RFC 5257 4.2) and whatever is unknown.
    """

    name: ClassVar[str] = "SELECT"
    mailbox: str
    parameters: Options = ()


@value
class Examine(Select):
    """EXAMINE: SELECT, but nothing can be changed (RFC 9051 6.3.3)."""

    name: ClassVar[str] = "EXAMINE"


@value
class Create(Command):
    """CREATE; the parameter USE has a tuple of attributes (RFC 9051 6.3.4, RFC 6154 3)."""

    name: ClassVar[str] = "CREATE"
    mailbox: str
    parameters: Options = ()


@value
class Delete(Command):
    """DELETE (RFC 9051 6.3.5)."""

    name: ClassVar[str] = "DELETE"
    mailbox: str


@value
class Rename(Command):
    """RENAME; nothing is known of parameters, but they may come (RFC 9051 6.3.6, RFC 4466 2.3)."""

    name: ClassVar[str] = "RENAME"
    mailbox: str
    new_name: str
    parameters: Options = ()


@value
class Subscribe(Command):
    """SUBSCRIBE (RFC 9051 6.3.7)."""

    name: ClassVar[str] = "SUBSCRIBE"
    mailbox: str


@value
class Unsubscribe(Command):
    """UNSUBSCRIBE (RFC 9051 6.3.8)."""

    name: ClassVar[str] = "UNSUBSCRIBE"
    mailbox: str


@value
class List(Command):
    """LIST (RFC 9051 6.3.9, RFC 5258 3).

    In ``patterns`` ``*`` and ``%`` mean something. ``selection`` are options such as
    SUBSCRIBED, REMOTE, RECURSIVEMATCH and SPECIAL-USE, ``returns`` such as CHILDREN,
    SUBSCRIBED, SPECIAL-USE (RFC 6154), MYRIGHTS (RFC 8440), STATUS with a tuple of items
    (RFC 5819), METADATA with a tuple of entries (RFC 9590). None: the options are not given.
    """

    name: ClassVar[str] = "LIST"
    reference: str
    patterns: tuple[str, ...]
    selection: Options | None = field(default=None, kw_only=True)
    returns: Options | None = field(default=None, kw_only=True)


@value
class Lsub(Command):
    """LSUB: subscribed mailboxes (RFC 3501 6.3.9)."""

    name: ClassVar[str] = "LSUB"
    reference: str
    pattern: str


@value
class Xlist(Lsub):
    """XLIST: mailboxes and their uses, Gmail's forerunner of SPECIAL-USE."""

    name: ClassVar[str] = "XLIST"


@value
class Rlist(Lsub):
    """RLIST: mailboxes, on other servers too (RFC 2193 5)."""

    name: ClassVar[str] = "RLIST"


@value
class Rlsub(Lsub):
    """RLSUB: subscribed mailboxes, on other servers too (RFC 2193 5)."""

    name: ClassVar[str] = "RLSUB"


@value
class NamespaceCommand(Command):
    """NAMESPACE (RFC 9051 6.3.10)."""

    name: ClassVar[str] = "NAMESPACE"


@value
class Status(Command):
    """STATUS: names of items (RFC 9051 6.3.11)."""

    name: ClassVar[str] = "STATUS"
    mailbox: str
    items: tuple[str, ...]


@value
class CatenateUrl:
    """A part of a message that the server has: an IMAP URL (RFC 4469 5)."""

    url: str


@value
class CatenateText:
    """A part of a message that the client sends; ``utf8`` as in :class:`AppendMessage`."""

    content: bytes | Literal
    utf8: bool = False


@value
class AppendMessage:
    """A message to append, with its flags and INTERNALDATE.

    ``content`` is ``bytes``, a literal (with ``binary`` for octets that may be NUL, RFC 3516;
    without data if it is streamed) or parts to put together (CATENATE, RFC 4469). ``utf8``
    says that header fields may hold UTF-8 (RFC 9755 4). ``extensions`` are ANNOTATION with
    a tuple of :class:`AnnotationEntry` (RFC 5257 4.7) and whatever is unknown.
    """

    content: bytes | Literal | tuple[CatenateUrl | CatenateText, ...]
    flags: tuple[str, ...] | None = None
    date: datetime | None = None
    utf8: bool = field(default=False, kw_only=True)
    extensions: tuple[Option, ...] = field(default=(), kw_only=True)


@value
class Append(Command):
    """APPEND one message, or several (RFC 9051 6.3.12, RFC 3502)."""

    name: ClassVar[str] = "APPEND"
    mailbox: str
    messages: tuple[AppendMessage, ...]


@value
class Idle(Command):
    """IDLE: wait for news until DONE (RFC 9051 6.3.13)."""

    name: ClassVar[str] = "IDLE"


@value
class Done(Command):
    """DONE: ends IDLE; it has no tag (RFC 9051 6.3.13)."""

    name: ClassVar[str] = "DONE"


@value
class GetJmapAccess(Command):
    """GETJMAPACCESS: where the JMAP session is (RFC 9698 4)."""

    name: ClassVar[str] = "GETJMAPACCESS"


# --- selected, RFC 9051 6.4 ---


@value
class Check(Command):
    """CHECK (RFC 3501 6.4.1)."""

    name: ClassVar[str] = "CHECK"


@value
class Close(Command):
    """CLOSE: expunges and leaves the mailbox (RFC 9051 6.4.1)."""

    name: ClassVar[str] = "CLOSE"


@value
class Unselect(Command):
    """UNSELECT: leaves the mailbox and expunges nothing (RFC 9051 6.4.2)."""

    name: ClassVar[str] = "UNSELECT"


@value
class Expunge(Command):
    r"""EXPUNGE: removes what has ``\Deleted`` (RFC 9051 6.4.3)."""

    name: ClassVar[str] = "EXPUNGE"


@value
class UidExpunge(Command):
    r"""UID EXPUNGE: removes what has ``\Deleted`` among these UIDs (RFC 9051 6.4.9)."""

    name: ClassVar[str] = "UID EXPUNGE"
    uids: SequenceSet


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


@value
class Fetch(Command):
    """FETCH (RFC 9051 6.4.5).

    ``items`` are names (or one of the macros ALL, FAST and FULL), sections, and options:
    PREVIEW with a tuple of modifiers (RFC 8970 3.1), ANNOTATION with a pair of entries and
    attributes, both tuples (RFC 5257 4.3). ``modifiers`` are CHANGEDSINCE with a number,
    VANISHED (RFC 7162 3.1.4.1, 3.2.6), PARTIAL with a pair (RFC 9394 3.3) and unknown ones.
    """

    name: ClassVar[str] = "FETCH"
    numbers: SequenceSet
    items: tuple[FetchItem, ...]
    modifiers: Options = ()
    uid: bool = field(default=False, kw_only=True)


@value
class Store(Command):
    """STORE (RFC 9051 6.4.6).

    ``item`` is ``FLAGS``, ``+FLAGS`` or ``-FLAGS`` with flags as ``values``; the same of
    ``X-GM-LABELS`` with labels; or ``ANNOTATION`` with entries (RFC 5257 4.5). ``silent`` asks
    for no FETCH responses. ``modifiers`` are UNCHANGEDSINCE with a number (RFC 7162 3.1.3) and
    unknown ones.
    """

    name: ClassVar[str] = "STORE"
    numbers: SequenceSet
    item: str
    values: tuple[str, ...] | tuple[AnnotationEntry, ...]
    silent: bool = field(default=False, kw_only=True)
    modifiers: Options = field(default=(), kw_only=True)
    uid: bool = field(default=False, kw_only=True)


@value
class Copy(Command):
    """COPY (RFC 9051 6.4.7)."""

    name: ClassVar[str] = "COPY"
    numbers: SequenceSet
    mailbox: str
    uid: bool = field(default=False, kw_only=True)


@value
class Move(Copy):
    """MOVE (RFC 9051 6.4.8)."""

    name: ClassVar[str] = "MOVE"


@value
class Replace(Command):
    """REPLACE a message, whose number may be ``STAR`` (RFC 8508 3)."""

    name: ClassVar[str] = "REPLACE"
    number: int
    mailbox: str
    message: AppendMessage
    uid: bool = field(default=False, kw_only=True)


@value
class UidBatches(Command):
    """UIDBATCHES: UIDs in batches of ``size``, of these batches only (RFC 10022 3.1)."""

    name: ClassVar[str] = "UIDBATCHES"
    size: int
    batches: tuple[int, int] | None = None


@value
class CancelUpdate(Command):
    """CANCELUPDATE: tags of searches whose updates are to end (RFC 5267 4.3.5)."""

    name: ClassVar[str] = "CANCELUPDATE"
    tags: tuple[str, ...]


# --- extensions ---


@value
class GetQuota(Command):
    """GETQUOTA of a quota root (RFC 9208 4.1.1)."""

    name: ClassVar[str] = "GETQUOTA"
    root: str


@value
class GetQuotaRoot(Command):
    """GETQUOTAROOT: the quota roots of a mailbox (RFC 9208 4.1.2)."""

    name: ClassVar[str] = "GETQUOTAROOT"
    mailbox: str


@value
class SetQuota(Command):
    """SETQUOTA: pairs of resource and limit (RFC 9208 4.1.3)."""

    name: ClassVar[str] = "SETQUOTA"
    root: str
    limits: tuple[tuple[str, int], ...]


@value
class SetAcl(Command):
    """SETACL; ``rights`` may begin with ``+`` or ``-`` (RFC 4314 3.1)."""

    name: ClassVar[str] = "SETACL"
    mailbox: str
    identifier: str
    rights: str


@value
class DeleteAcl(Command):
    """DELETEACL (RFC 4314 3.2)."""

    name: ClassVar[str] = "DELETEACL"
    mailbox: str
    identifier: str


@value
class GetAcl(Command):
    """GETACL (RFC 4314 3.3)."""

    name: ClassVar[str] = "GETACL"
    mailbox: str


@value
class ListRights(Command):
    """LISTRIGHTS (RFC 4314 3.4)."""

    name: ClassVar[str] = "LISTRIGHTS"
    mailbox: str
    identifier: str


@value
class MyRights(Command):
    """MYRIGHTS (RFC 4314 3.5)."""

    name: ClassVar[str] = "MYRIGHTS"
    mailbox: str


@value
class GetMetadata(Command):
    """GETMETADATA of a mailbox, or of the server if it is ``""`` (RFC 5464 4.2).

    ``options`` are MAXSIZE with a number, DEPTH with ``"0"``, ``"1"`` or ``"infinity"`` and
    unknown ones.
    """

    name: ClassVar[str] = "GETMETADATA"
    mailbox: str
    entries: tuple[str, ...]
    options: Options = ()


@value
class SetMetadata(Command):
    """SETMETADATA: values by the name of the entry; None removes it (RFC 5464 4.3)."""

    name: ClassVar[str] = "SETMETADATA"
    mailbox: str
    values: dict[str, bytes | None]


@value
class Comparator(Command):
    """COMPARATOR: collations in order of preference; none asks for it (RFC 5255 4.7)."""

    name: ClassVar[str] = "COMPARATOR"
    collations: tuple[str, ...] = ()


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


@value
class Conversion:
    """What to convert to: a media type, None for the server's choice, and its parameters."""

    target: str | None
    parameters: tuple[tuple[str, str], ...] = ()


@value
class Convert(Command):
    """CONVERT parts of messages, named as in FETCH (RFC 5259 6)."""

    name: ClassVar[str] = "CONVERT"
    numbers: SequenceSet
    conversion: Conversion
    items: tuple[FetchItem, ...]
    uid: bool = field(default=False, kw_only=True)


@value
class Conversions(Command):
    """CONVERSIONS: what can be made of a media type; ``*`` is any (RFC 5259 5)."""

    name: ClassVar[str] = "CONVERSIONS"
    source: str
    target: str


@value
class GenUrlAuth(Command):
    """GENURLAUTH: pairs of URL and mechanism (RFC 4467 7)."""

    name: ClassVar[str] = "GENURLAUTH"
    urls: tuple[tuple[str, str], ...]


@value
class ResetKey(Command):
    """RESETKEY of a mailbox, None for all of them (RFC 4467 7)."""

    name: ClassVar[str] = "RESETKEY"
    mailbox: str | None = None
    mechanisms: tuple[str, ...] = ()


@value
class UrlRequest:
    """A URL, and what is wanted of it: BODY, BINARY, BODYPARTSTRUCTURE (RFC 5524 3.1).

    ``parts`` None is the plain form, which asks for the content alone (RFC 4467 7).
    """

    url: str
    parts: tuple[str, ...] | None = None


@value
class UrlFetch(Command):
    """URLFETCH (RFC 4467 7, RFC 5524 3.1)."""

    name: ClassVar[str] = "URLFETCH"
    urls: tuple[UrlRequest, ...]


@value
class UnknownCommand(Command):
    """A command that nobody knows, with its arguments as generic values."""

    keyword: str
    arguments: tuple[GenericValue, ...] = ()
    uid: bool = field(default=False, kw_only=True)
