"""Which untagged responses answer which command (RFC 9051 6, 7.2 to 7.5)."""

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mailproto.imap import (
    AclResponse,
    Capability,
    CapabilityResponse,
    Command,
    Comparator,
    ComparatorResponse,
    ConversionResponse,
    Conversions,
    Convert,
    ConvertedResponse,
    Enable,
    EnabledResponse,
    ESearch,
    ESearchResponse,
    Examine,
    ExistsResponse,
    Fetch,
    FetchItem,
    FetchResponse,
    FlagsResponse,
    GenUrlAuth,
    GenUrlAuthResponse,
    GetAcl,
    GetJmapAccess,
    GetMetadata,
    GetQuota,
    GetQuotaRoot,
    Id,
    IdResponse,
    JmapAccessResponse,
    Language,
    LanguageResponse,
    List,
    ListResponse,
    ListRights,
    ListRightsResponse,
    Lsub,
    LsubResponse,
    MetadataResponse,
    Move,
    MyRights,
    MyRightsResponse,
    NamespaceCommand,
    NamespaceResponse,
    Notify,
    Ok,
    QuotaResponse,
    QuotaRootResponse,
    RecentResponse,
    Replace,
    Response,
    Rlist,
    Rlsub,
    SearchCommand,
    SearchResponse,
    Section,
    Select,
    SequenceSet,
    SetQuota,
    Sort,
    SortResponse,
    Status,
    StatusResponse,
    Store,
    ThreadCommand,
    ThreadResponse,
    UidBatches,
    UidBatchesResponse,
    UidFetchResponse,
    UnknownCommand,
    UnknownResponse,
    UrlFetch,
    UrlFetchResponse,
    VanishedResponse,
    Xlist,
    XlistResponse,
)

__all__ = ["answers", "brings", "fetches_content"]

_FETCHED = (FetchResponse, UidFetchResponse)
_ON_SELECT = (FlagsResponse, ExistsResponse, RecentResponse, Ok, VanishedResponse, *_FETCHED)

_ANSWERS: dict[type[Command], tuple[type[Response], ...]] = {
    Capability: (CapabilityResponse,),
    Comparator: (ComparatorResponse,),
    Conversions: (ConversionResponse,),
    Convert: (ConvertedResponse,),
    ESearch: (ESearchResponse,),
    Enable: (EnabledResponse,),
    Examine: _ON_SELECT,
    Fetch: (*_FETCHED, VanishedResponse),
    GenUrlAuth: (GenUrlAuthResponse,),
    GetAcl: (AclResponse,),
    GetJmapAccess: (JmapAccessResponse,),
    GetMetadata: (MetadataResponse,),
    GetQuota: (QuotaResponse,),
    GetQuotaRoot: (QuotaRootResponse, QuotaResponse),
    Id: (IdResponse,),
    Language: (LanguageResponse,),
    List: (ListResponse, StatusResponse, MetadataResponse, MyRightsResponse),
    ListRights: (ListRightsResponse,),
    Lsub: (LsubResponse,),
    Move: (Ok,),
    MyRights: (MyRightsResponse,),
    NamespaceCommand: (NamespaceResponse,),
    Notify: (StatusResponse,),
    Replace: (Ok,),
    Rlist: (ListResponse,),
    Rlsub: (LsubResponse,),
    SearchCommand: (SearchResponse, ESearchResponse),
    Select: _ON_SELECT,
    SetQuota: (QuotaResponse,),
    Sort: (SortResponse, ESearchResponse),
    Status: (StatusResponse,),
    Store: _FETCHED,
    ThreadCommand: (ThreadResponse,),
    UidBatches: (UidBatchesResponse,),
    UnknownCommand: (UnknownResponse,),
    UrlFetch: (UrlFetchResponse,),
    Xlist: (XlistResponse,),
}

# What every FETCH response may bring unasked.
_ALWAYS = frozenset(("UID", "FLAGS", "MODSEQ"))
_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_CONTENT = ("RFC822", "RFC822.HEADER", "RFC822.TEXT")


def answers(response: Response, tag: str, command: Command) -> bool:
    """Whether an untagged response (may be meant to) answer the command with that tag."""
    if not isinstance(response, _ANSWERS.get(type(command), ())):
        return False
    check = _CHECKS.get(type(response))
    return check is None or check(response, tag, command)


def brings(command: Command, item: str | Section) -> bool:
    """Whether a command asks for an item of messages."""
    return isinstance(command, Fetch) and item in _asked(command.items)


def fetches_content(command: Command) -> bool:
    """Whether a command asks for what may come in pieces, which do not tell their message."""
    return isinstance(command, Fetch) and any(
        isinstance(item, Section) or item in _CONTENT for item in command.items
    )


@lru_cache(maxsize=64)
def _asked(items: tuple[FetchItem, ...]) -> frozenset[str | Section]:
    asked: set[str | Section] = set()
    for item in items:
        if isinstance(item, Section):
            asked.add(item.key)
        else:
            name = item if isinstance(item, str) else item.name
            asked.update(_MACROS.get(name, (name,)))
    return frozenset(asked)


@lru_cache(maxsize=64)
def _beyond_usual(items: tuple[FetchItem, ...]) -> frozenset[str | Section]:
    return _asked(items) - _ALWAYS


def _fetched(response: FetchResponse, tag: str, command: Command) -> bool:
    if not isinstance(command, Fetch | Store):
        return True
    number = response.uid if command.uid else response.number
    if number is None or not _within(number, command.numbers):
        return False
    if isinstance(command, Store):
        return True
    extra = _beyond_usual(command.items)
    return not extra or not extra.isdisjoint(response.items)


def _within(number: int, numbers: SequenceSet) -> bool:
    """Whether a number may be meant: what ``*`` and ``$`` stand for, the server knows."""
    bounds = _bounds(numbers)
    if bounds is None:
        return True
    firsts, lasts = bounds
    at = bisect_right(firsts, number)
    return at > 0 and number <= lasts[at - 1]


@lru_cache(maxsize=64)
def _bounds(numbers: SequenceSet) -> tuple[list[int], list[int]] | None:
    """Where the ranges begin and end, for many responses ask; None if the server knows that."""
    if numbers.saved or numbers.has_star:
        return None
    ranges = numbers.ascending().ranges
    return [first for first, _ in ranges], [last for _, last in ranges]


_CHECKS: dict[type[Response], Callable[[Any, str, Any], bool]] = {
    FetchResponse: _fetched,
    UidFetchResponse: _fetched,
    VanishedResponse: lambda response, _, __: response.earlier,
    # Before RFC 4466 was clear about it, some servers left the tag out.
    ESearchResponse: lambda response, tag, _: response.tag in (tag, None),
    UidBatchesResponse: lambda response, tag, _: response.tag == tag,
    ConvertedResponse: lambda response, tag, _: response.tag == tag,
    StatusResponse: lambda response, _, command: (
        not isinstance(command, Status) or _same(response.mailbox, command.mailbox)
    ),
}


def _same(name: str, other: str) -> bool:
    return name == other or name.upper() == other.upper() == "INBOX"
