"""What a server has to offer before a command may be sent, and before it is served, as tables.

Each row names the capabilities of which one is enough. A name that ends in ``=`` stands for a
capability with any value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from mailproto.imap import commands as c
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.commands import Command
from mailproto.imap.search import SearchFuzzy, SearchKey
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.values import Literal

__all__ = ["missing"]

_Names: TypeAlias = tuple[str, ...]


def missing(command: Command, offered: Capabilities) -> tuple[str, ...]:
    """The capabilities of which a command needs one that is not there; empty if it has all."""
    kind = type(command)
    own = _COMMANDS.get(kind)
    if own is not None and not _has_one(own, offered):
        return own
    for find in _PARTS.get(kind, ()):
        for names in find(command):
            if not _has_one(names, offered):
                return names
    return ()


def _has_one(names: _Names, offered: Capabilities) -> bool:
    return any(
        offered.values(name[:-1]) if name.endswith("=") else name in offered for name in names
    )


# --- rows ---

_REV2 = "IMAP4rev2"
_ANNOTATE = ("ANNOTATE-EXPERIMENT-1",)  # RFC 5257
_BINARY = ("BINARY", _REV2)
_CONDSTORE = ("CONDSTORE", "QRESYNC")  # RFC 7162
_FUZZY = ("SEARCH=FUZZY",)  # RFC 6203
_GMAIL = ("X-GM-EXT-1",)
_OBJECT_ID = ("OBJECTID",)  # RFC 8474
_PARTIAL = "PARTIAL"  # RFC 9394
_SAVED = ("SEARCHRES", _REV2)
_SPECIAL_USE = ("SPECIAL-USE",)  # RFC 6154

_COMMANDS: dict[type[Command], _Names] = {
    c.CancelUpdate: ("CONTEXT=SEARCH", "CONTEXT=SORT"),
    c.Comparator: ("I18NLEVEL=2",),
    c.Conversions: ("CONVERT",),
    c.Convert: ("CONVERT",),
    **dict.fromkeys((c.SetAcl, c.DeleteAcl, c.GetAcl, c.ListRights, c.MyRights), ("ACL",)),
    c.ESearch: ("MULTISEARCH",),
    c.Enable: ("ENABLE", _REV2),
    c.GenUrlAuth: ("URLAUTH",),
    c.GetJmapAccess: ("JMAPACCESS",),
    c.GetQuota: ("QUOTA",),
    c.GetQuotaRoot: ("QUOTA",),
    c.Id: ("ID",),
    c.Idle: ("IDLE", _REV2),
    c.Language: ("LANGUAGE",),
    c.Move: ("MOVE", _REV2),
    c.NamespaceCommand: ("NAMESPACE", _REV2),
    c.Notify: ("NOTIFY",),
    c.Replace: ("REPLACE",),
    c.ResetKey: ("URLAUTH",),
    c.Rlist: ("MAILBOX-REFERRALS",),
    c.Rlsub: ("MAILBOX-REFERRALS",),
    c.SetQuota: ("QUOTASET", "QUOTA"),  # RFC 9208 3.1.2, RFC 2087
    c.Sort: ("SORT",),
    c.StartTls: ("STARTTLS",),
    c.UidBatches: ("UIDBATCHES",),
    c.UidExpunge: ("UIDPLUS", _REV2),
    c.Unauthenticate: ("UNAUTHENTICATE",),
    c.Unselect: ("UNSELECT", _REV2),
    c.UrlFetch: ("URLAUTH",),
    c.Xlist: ("XLIST",),
}

_SELECT_PARAMETERS = {"CONDSTORE": _CONDSTORE, "QRESYNC": ("QRESYNC",), "ANNOTATE": _ANNOTATE}
_LIST_RETURNS = {
    "SPECIAL-USE": _SPECIAL_USE,
    "MYRIGHTS": ("LIST-MYRIGHTS",),  # RFC 8440
    "STATUS": ("LIST-STATUS", _REV2),
    "METADATA": ("LIST-METADATA",),  # RFC 9590
}
_STATUS_ITEMS = {
    "APPENDLIMIT": ("APPENDLIMIT", "APPENDLIMIT="),  # RFC 7889
    "DELETED": ("QUOTA=RES-MESSAGE", _REV2),  # RFC 9208 5.2
    "DELETED-STORAGE": ("QUOTA=RES-STORAGE",),
    "HIGHESTMODSEQ": _CONDSTORE,
    "MAILBOXID": _OBJECT_ID,
    "SIZE": ("STATUS=SIZE", _REV2),
}
_SEARCH_RETURNS = {
    "CONTEXT": ("CONTEXT=SEARCH",),  # RFC 5267
    "PARTIAL": (_PARTIAL, "CONTEXT=SEARCH"),
    "RELEVANCY": _FUZZY,
    "SAVE": _SAVED,
    "UPDATE": ("CONTEXT=SEARCH",),
}
_SORT_RETURNS = {
    **_SEARCH_RETURNS,
    "CONTEXT": ("CONTEXT=SORT",),
    "PARTIAL": (_PARTIAL, "CONTEXT=SORT"),
    "UPDATE": ("CONTEXT=SORT",),
}
_SEARCH_KEYS = {
    **dict.fromkeys(("OLDER", "YOUNGER"), ("WITHIN",)),  # RFC 5032
    "ANNOTATION": _ANNOTATE,
    "FILTER": ("FILTERS",),  # RFC 5466
    "MODSEQ": _CONDSTORE,
    **dict.fromkeys(("EMAILID", "THREADID"), _OBJECT_ID),
    **dict.fromkeys(("SAVEDBEFORE", "SAVEDON", "SAVEDSINCE", "SAVEDATESUPPORTED"), ("SAVEDATE",)),
    **dict.fromkeys(("UIDAFTER", "UIDBEFORE"), ("MESSAGELIMIT=",)),  # RFC 9738
    **dict.fromkeys(("X-GM-RAW", "X-GM-LABELS", "X-GM-MSGID", "X-GM-THRID"), _GMAIL),
}
_SORT_KEYS = {
    **dict.fromkeys(("DISPLAYFROM", "DISPLAYTO"), ("SORT=DISPLAY",)),  # RFC 5957
    "RELEVANCY": _FUZZY,
    "ANNOTATION": _ANNOTATE,
}
_FETCH_ITEMS = {
    **dict.fromkeys(("BINARY", "BINARY.SIZE"), _BINARY),  # of sections
    "ANNOTATION": _ANNOTATE,
    "MODSEQ": _CONDSTORE,
    **dict.fromkeys(("EMAILID", "THREADID"), _OBJECT_ID),
    "PREVIEW": ("PREVIEW",),  # RFC 8970
    "SAVEDATE": ("SAVEDATE",),  # RFC 8514
    **dict.fromkeys(("X-GM-LABELS", "X-GM-MSGID", "X-GM-THRID"), _GMAIL),
}
_FETCH_MODIFIERS = {
    "CHANGEDSINCE": _CONDSTORE,
    "VANISHED": ("QRESYNC",),
    "PARTIAL": (_PARTIAL,),
}
_STORE_ITEMS = {
    "ANNOTATION": _ANNOTATE,
    **dict.fromkeys(("X-GM-LABELS", "+X-GM-LABELS", "-X-GM-LABELS"), _GMAIL),
}

# --- where to look for them ---

_Find: TypeAlias = Callable[[Any], Iterable[_Names]]


def _named(attribute: str, rows: Mapping[str, _Names]) -> _Find:
    """What the names or options in an attribute need."""

    def find(command: Any) -> Iterable[_Names]:
        items = getattr(command, attribute)
        if not items:
            return ()
        return [
            rows[name]
            for it in items
            if (name := it if type(it) is str else getattr(it, "name", "")) in rows
        ]

    return find


def _given(attribute: str, *names: str) -> _Find:
    """What an attribute needs that is not None."""
    return lambda command: () if getattr(command, attribute) is None else (names,)


def _saved(attribute: str) -> _Find:
    """What ``$`` needs in place of numbers."""
    return lambda command: (_SAVED,) if getattr(command, attribute).saved else ()


def _in_query(command: Any) -> Iterable[_Names]:
    needs = []
    for key in command.query.walk():
        if isinstance(key, SearchKey):
            if key.name in _SEARCH_KEYS:
                needs.append(_SEARCH_KEYS[key.name])
            for argument in key.arguments:
                if isinstance(argument, SequenceSet) and argument.saved:
                    needs.append(_SAVED)
        elif isinstance(key, SearchFuzzy):
            needs.append(_FUZZY)
    return needs


def _in_items(command: Any) -> Iterable[_Names]:
    return [
        _FETCH_ITEMS[name]
        for it in command.items
        if (name := it if type(it) is str else it.item if isinstance(it, Section) else it.name)
        in _FETCH_ITEMS
    ]


def _in_messages(*messages: c.AppendMessage) -> Iterator[_Names]:
    if len(messages) > 1:
        yield ("MULTIAPPEND",)  # RFC 3502
    for message in messages:
        content = message.content
        if isinstance(content, tuple):
            yield ("CATENATE",)  # RFC 4469
        elif isinstance(content, Literal) and content.binary:
            yield ("BINARY",)  # RFC 3516 4.4
        if message.utf8:
            yield ("UTF8=ACCEPT", "UTF8=ONLY")  # RFC 9755 4
        if any(extension.name == "ANNOTATION" for extension in message.extensions):
            yield _ANNOTATE


def _in_list(command: Any) -> Iterator[_Names]:
    if len(command.patterns) > 1 or command.selection is not None or command.returns is not None:
        yield ("LIST-EXTENDED", _REV2)


def _in_metadata(command: Any) -> Iterator[_Names]:
    yield ("METADATA",) if command.mailbox else ("METADATA", "METADATA-SERVER")  # RFC 5464 1


def _in_urls(command: Any) -> Iterator[_Names]:
    if any(request.parts is not None for request in command.urls):
        yield ("URLAUTH=BINARY",)  # RFC 5524


_SELECT = (_named("parameters", _SELECT_PARAMETERS),)
_SEARCH = (_given("returns", "ESEARCH", _REV2), _named("returns", _SEARCH_RETURNS), _in_query)
_NUMBERS = (_saved("numbers"),)

_PARTS: dict[type[Command], tuple[_Find, ...]] = {
    c.Append: (lambda command: _in_messages(*command.messages),),
    c.Authenticate: (
        lambda command: ((f"AUTH={command.mechanism}",),),
        _given("initial_response", "SASL-IR", _REV2),
    ),
    c.Compress: (lambda command: ((f"COMPRESS={command.algorithm}",),),),
    c.Convert: _NUMBERS,
    c.Copy: _NUMBERS,
    c.Create: (_named("parameters", {"USE": ("CREATE-SPECIAL-USE",)}),),
    c.ESearch: _SEARCH,
    c.Examine: _SELECT,
    c.Fetch: (
        *_NUMBERS,
        _in_items,
        _named("modifiers", _FETCH_MODIFIERS),
    ),
    c.GetMetadata: (_in_metadata,),
    c.List: (
        _in_list,
        _named("selection", {"SPECIAL-USE": _SPECIAL_USE}),
        _named("returns", _LIST_RETURNS),
    ),
    c.Move: _NUMBERS,
    c.Replace: (lambda command: _in_messages(command.message),),
    c.SearchCommand: _SEARCH,
    c.Select: _SELECT,
    c.SetMetadata: (_in_metadata,),
    c.Sort: (
        _given("returns", "ESORT", "CONTEXT=SORT"),  # RFC 5267 3
        _named("returns", _SORT_RETURNS),
        _named("criteria", _SORT_KEYS),
        _in_query,
    ),
    c.Status: (_named("items", _STATUS_ITEMS),),
    c.Store: (
        *_NUMBERS,
        lambda command: (_STORE_ITEMS[command.item],) if command.item in _STORE_ITEMS else (),
        _named("modifiers", {"UNCHANGEDSINCE": _CONDSTORE}),
    ),
    c.ThreadCommand: (lambda command: ((f"THREAD={command.algorithm}",),), _in_query),
    c.UidExpunge: (_saved("uids"),),
    c.UrlFetch: (_in_urls,),
}
