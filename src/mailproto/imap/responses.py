"""Responses as values (RFC 9051 7 and the extensions named at each class).

A server core sends them, a client core yields them. ``defects`` tells what was tolerated when
a response was parsed; it takes no part in comparison.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import Any, ClassVar, cast

from mailproto._value import field, value
from mailproto.errors import Defect
from mailproto.imap.body import BodyStructure
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.codes import Code
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.threads import Thread
from mailproto.imap.values import GenericValue, Literal

__all__ = [
    "AclResponse",
    "Bad",
    "Bye",
    "CapabilityResponse",
    "ComparatorResponse",
    "Condition",
    "Continuation",
    "ConversionResponse",
    "ESearchResponse",
    "EnabledResponse",
    "ExistsResponse",
    "ExpungeResponse",
    "FlagsResponse",
    "GenUrlAuthResponse",
    "IdResponse",
    "JmapAccessResponse",
    "LanguageResponse",
    "ListResponse",
    "ListRightsResponse",
    "LsubResponse",
    "MetadataResponse",
    "MyRightsResponse",
    "Namespace",
    "NamespaceResponse",
    "No",
    "Ok",
    "PartialResult",
    "Preauth",
    "QuotaResource",
    "QuotaResponse",
    "QuotaRootResponse",
    "RecentResponse",
    "Response",
    "SearchResponse",
    "SortResponse",
    "StatusResponse",
    "ThreadResponse",
    "UidBatchesResponse",
    "UnknownResponse",
    "UrlData",
    "UrlFetchResponse",
    "VanishedResponse",
    "XlistResponse",
]


@value
class Response:
    """Base class of the responses; ``name`` is the word that tells them apart."""

    name: ClassVar[str] = ""
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)


# --- status responses, RFC 9051 7.1 ---


@value
class Condition(Response):
    """A status response: its text is for people, its code for programs.

    One with a ``tag`` completes the command with that tag.
    """

    text: str = ""
    code: Code | None = None
    tag: str | None = None

    def __str__(self) -> str:
        code = "" if self.code is None else f"[{self.code.name}] "
        return f"{self.name} {code}{self.text}".rstrip()


@value
class Ok(Condition):
    """OK: it worked, or information (RFC 9051 7.1.1)."""

    name: ClassVar[str] = "OK"


@value
class No(Condition):
    """NO: it did not work, or a warning (RFC 9051 7.1.2)."""

    name: ClassVar[str] = "NO"


@value
class Bad(Condition):
    """BAD: the client or the server broke the protocol (RFC 9051 7.1.3)."""

    name: ClassVar[str] = "BAD"


@value
class Preauth(Condition):
    """PREAUTH: a greeting to a client that needs no login; never tagged (RFC 9051 7.1.4)."""

    name: ClassVar[str] = "PREAUTH"


@value
class Bye(Condition):
    """BYE: the server is about to close the connection; never tagged (RFC 9051 7.1.5)."""

    name: ClassVar[str] = "BYE"


@value
class Continuation(Response):
    """``+``: the server waits for a literal, a SASL response or DONE (RFC 9051 7.6).

    ``text`` is for people, or a challenge in base64.
    """

    name: ClassVar[str] = "+"
    text: str = ""
    code: Code | None = None

    @classmethod
    def of_challenge(cls, challenge: bytes) -> "Continuation":
        """The continuation with a SASL challenge (RFC 9051 6.2.2)."""
        return cls(b2a_base64(challenge, newline=False).decode())

    @property
    def challenge(self) -> bytes | None:
        """The text as a SASL challenge, None if it is not base64."""
        try:
            return a2b_base64(self.text.encode(), strict_mode=True) if self.text else b""
        except (Base64Error, UnicodeEncodeError):
            return None


# --- server and mailbox, RFC 9051 7.2 and 7.3 ---


@value
class CapabilityResponse(Response):
    """CAPABILITY (RFC 9051 7.2.2)."""

    name: ClassVar[str] = "CAPABILITY"
    capabilities: Capabilities


@value
class EnabledResponse(Response):
    """ENABLED: the extensions that ENABLE switched on (RFC 5161 3.2)."""

    name: ClassVar[str] = "ENABLED"
    capabilities: tuple[str, ...] = ()


@value
class ListResponse(Response):
    """LIST: one mailbox (RFC 9051 7.3.1).

    ``delimiter`` is None if names have no hierarchy. ``child_info`` (RFC 5258 4) and
    ``old_name`` (RFC 9051 6.3.9.7) are extended data, ``extended`` holds all that is unknown.
    """

    name: ClassVar[str] = "LIST"
    attributes: tuple[str, ...]
    delimiter: str | None
    mailbox: str
    child_info: tuple[str, ...] | None = field(default=None, kw_only=True)
    old_name: str | None = field(default=None, kw_only=True)
    extended: tuple[tuple[str, GenericValue], ...] = field(default=(), kw_only=True)


@value
class LsubResponse(ListResponse):
    """LSUB: one subscribed mailbox (RFC 3501 7.2.3)."""

    name: ClassVar[str] = "LSUB"


@value
class XlistResponse(ListResponse):
    """XLIST: one mailbox with its use, Gmail's forerunner of SPECIAL-USE."""

    name: ClassVar[str] = "XLIST"


@value
class Namespace:
    """One namespace: the prefix of its names and its delimiter (RFC 2342 5).

    ``extensions`` are names with their values.
    """

    prefix: str
    delimiter: str | None
    extensions: tuple[tuple[str, tuple[str, ...]], ...] = ()


@value
class NamespaceResponse(Response):
    """NAMESPACE; None stands for NIL, no namespace of that kind (RFC 2342 5, RFC 9051 7.3.2)."""

    name: ClassVar[str] = "NAMESPACE"
    personal: tuple[Namespace, ...] | None = None
    other_users: tuple[Namespace, ...] | None = None
    shared: tuple[Namespace, ...] | None = None


@value
class StatusResponse(Response):
    """STATUS: items of one mailbox by name (RFC 9051 7.3.3).

    Values are numbers; that of MAILBOXID is a ``str`` (RFC 8474 4.3), that of APPENDLIMIT may
    be None (RFC 7889 4).
    """

    name: ClassVar[str] = "STATUS"
    mailbox: str
    items: dict[str, Any]


@value
class FlagsResponse(Response):
    """FLAGS of the selected mailbox (RFC 9051 7.3.5)."""

    name: ClassVar[str] = "FLAGS"
    flags: tuple[str, ...] = ()


@value
class ExistsResponse(Response):
    """EXISTS: how many messages the selected mailbox has (RFC 9051 7.4.1)."""

    name: ClassVar[str] = "EXISTS"
    count: int


@value
class RecentResponse(Response):
    r"""RECENT: how many messages have ``\Recent`` (RFC 3501 7.3.2)."""

    name: ClassVar[str] = "RECENT"
    count: int


# --- messages, RFC 9051 7.3.4 and 7.5 (FETCH: see fetch) ---


@value
class SearchResponse(Response):
    """SEARCH: numbers or UIDs, with the highest mod-sequence (RFC 3501 7.2.5, RFC 7162 3.1.5)."""

    name: ClassVar[str] = "SEARCH"
    numbers: tuple[int, ...] = ()
    modseq: int | None = None


@value
class SortResponse(Response):
    """SORT: numbers or UIDs in order (RFC 5256 4, RFC 7162 3.1.6)."""

    name: ClassVar[str] = "SORT"
    numbers: tuple[int, ...] = ()
    modseq: int | None = None


@value
class ThreadResponse(Response):
    """THREAD (RFC 5256 4)."""

    name: ClassVar[str] = "THREAD"
    threads: tuple[Thread, ...] = ()


@value
class PartialResult:
    """PARTIAL: a range of a search's results (RFC 9394 3.1, RFC 5267 4.4).

    ``range`` counts from 1, or from -1 backwards; ``numbers`` is None if it is empty.
    """

    range: tuple[int, int]
    numbers: SequenceSet | None = None


@value
class ESearchResponse(Response):
    """ESEARCH: what a search was asked to return (RFC 4731 3.1, RFC 9051 7.3.4).

    ``results`` are names and values in order: MIN, MAX, COUNT, MODSEQ (``int``), ALL
    (:class:`SequenceSet`), PARTIAL (:class:`PartialResult`), ADDTO and REMOVEFROM (pairs of a
    position and a set, RFC 5267 4.3), RELEVANCY (a tuple of ``int``, RFC 6203 4) and whatever
    is unknown. ``mailbox`` and ``uid_validity`` come with a search of several mailboxes
    (RFC 7377 2.1).
    """

    name: ClassVar[str] = "ESEARCH"
    tag: str | None
    uid: bool
    results: tuple[tuple[str, Any], ...] = ()
    mailbox: str | None = field(default=None, kw_only=True)
    uid_validity: int | None = field(default=None, kw_only=True)

    def get(self, name: str) -> Any:
        """The first result with a name in upper case, None if there is none."""
        return next((result for given, result in self.results if given == name), None)

    @property
    def all(self) -> SequenceSet | None:
        """ALL: the numbers or UIDs found, in the order of the search."""
        return cast("SequenceSet | None", self.get("ALL"))

    @property
    def count(self) -> int | None:
        """COUNT: how many were found."""
        return cast("int | None", self.get("COUNT"))

    @property
    def min(self) -> int | None:
        """MIN: the lowest that was found."""
        return cast("int | None", self.get("MIN"))

    @property
    def max(self) -> int | None:
        """MAX: the highest that was found."""
        return cast("int | None", self.get("MAX"))

    @property
    def modseq(self) -> int | None:
        """MODSEQ: the highest mod-sequence of what was returned (RFC 7162 3.1.10)."""
        return cast("int | None", self.get("MODSEQ"))

    @property
    def partial(self) -> PartialResult | None:
        """PARTIAL: the range that was asked for."""
        return cast("PartialResult | None", self.get("PARTIAL"))


@value
class ExpungeResponse(Response):
    """EXPUNGE: one message is gone, and those behind it count one less (RFC 9051 7.5.1)."""

    name: ClassVar[str] = "EXPUNGE"
    number: int


@value
class VanishedResponse(Response):
    """VANISHED: UIDs that are gone; ``earlier`` than this session (RFC 7162 3.2.10)."""

    name: ClassVar[str] = "VANISHED"
    earlier: bool
    uids: SequenceSet


@value
class UidBatchesResponse(Response):
    """UIDBATCHES: ranges of UIDs, None if there are none (RFC 10022 3.1.2)."""

    name: ClassVar[str] = "UIDBATCHES"
    tag: str
    ranges: SequenceSet | None = None


# --- extensions ---


@value
class IdResponse(Response):
    """ID: facts about the server, None if it tells nothing (RFC 2971 3.2)."""

    name: ClassVar[str] = "ID"
    parameters: dict[str, str | None] | None = None


@value
class QuotaResource:
    """Usage and limit of one resource: STORAGE in KiB, MESSAGE, MAILBOX ... (RFC 9208 5)."""

    name: str
    usage: int
    limit: int


@value
class QuotaResponse(Response):
    """QUOTA of one quota root (RFC 9208 4.2.1)."""

    name: ClassVar[str] = "QUOTA"
    root: str
    resources: tuple[QuotaResource, ...] = ()


@value
class QuotaRootResponse(Response):
    """QUOTAROOT: the quota roots of a mailbox (RFC 9208 4.2.2)."""

    name: ClassVar[str] = "QUOTAROOT"
    mailbox: str
    roots: tuple[str, ...] = ()


@value
class AclResponse(Response):
    """ACL: who may do what with a mailbox, as pairs of identifier and rights (RFC 4314 3.6)."""

    name: ClassVar[str] = "ACL"
    mailbox: str
    entries: tuple[tuple[str, str], ...] = ()


@value
class ListRightsResponse(Response):
    """LISTRIGHTS: rights that an identifier always has, and groups of others (RFC 4314 3.7)."""

    name: ClassVar[str] = "LISTRIGHTS"
    mailbox: str
    identifier: str
    required: str
    optional: tuple[str, ...] = ()


@value
class MyRightsResponse(Response):
    """MYRIGHTS: what the client may do with a mailbox (RFC 4314 3.8)."""

    name: ClassVar[str] = "MYRIGHTS"
    mailbox: str
    rights: str


@value
class MetadataResponse(Response):
    """METADATA: entries of a mailbox, or of the server if it is ``""`` (RFC 5464 4.4).

    Either ``values`` by name, in which None is NIL, or only the ``names`` of entries that
    changed.
    """

    name: ClassVar[str] = "METADATA"
    mailbox: str
    values: dict[str, bytes | None] | None
    names: tuple[str, ...] = ()


@value
class LanguageResponse(Response):
    """LANGUAGE: the one chosen, or those to choose from (RFC 5255 3.3)."""

    name: ClassVar[str] = "LANGUAGE"
    tags: tuple[str, ...]


@value
class ComparatorResponse(Response):
    """COMPARATOR: the active one, and those that matched (RFC 5255 4.8)."""

    name: ClassVar[str] = "COMPARATOR"
    active: str
    available: tuple[str, ...] | None = None


@value
class ConversionResponse(Response):
    """CONVERSION: a media type can be made of another, with parameters (RFC 5259 10)."""

    name: ClassVar[str] = "CONVERSION"
    source: str
    target: str
    parameters: tuple[str, ...] | None = None


@value
class GenUrlAuthResponse(Response):
    """GENURLAUTH: authorized URLs (RFC 4467 7)."""

    name: ClassVar[str] = "GENURLAUTH"
    urls: tuple[str, ...]


@value
class UrlData:
    """What one URL holds: ``data``, None if it can not be had (RFC 4467 7).

    ``parts`` is what was asked for by name instead (RFC 5524 3.2): BODY, BINARY (content, None
    if it can not be had) and BODYPARTSTRUCTURE (a :class:`BodyStructure`).
    """

    url: str
    data: bytes | Literal | None = None
    parts: tuple[tuple[str, bytes | Literal | BodyStructure | None], ...] = ()


@value
class UrlFetchResponse(Response):
    """URLFETCH (RFC 4467 7, RFC 5524 3.2)."""

    name: ClassVar[str] = "URLFETCH"
    urls: tuple[UrlData, ...]


@value
class JmapAccessResponse(Response):
    """JMAPACCESS: the URL of the JMAP session (RFC 9698 4)."""

    name: ClassVar[str] = "JMAPACCESS"
    url: str


@value
class UnknownResponse(Response):
    """Untagged data that nobody knows the meaning of: ``* [number] keyword values``."""

    keyword: str
    values: tuple[GenericValue, ...] = ()
    number: int | None = field(default=None, kw_only=True)
