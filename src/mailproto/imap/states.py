"""The states of a session and what each command does to them, as tables (RFC 9051 3, 5.5)."""

import enum
from collections.abc import Collection, Iterable
from typing import Any

from mailproto.imap import commands as c
from mailproto.imap.commands import Command
from mailproto.imap.responses import Bye, Condition, Ok, Preauth
from mailproto.imap.search import SearchKey

__all__ = [
    "ALONE",
    "ENABLES",
    "GREETINGS",
    "IDLE_TIMEOUT",
    "LOGIN_TIMEOUT",
    "ONE_OF_KIND",
    "REFUSALS",
    "SERVER_TIMEOUT",
    "TIMEOUT",
    "TRANSITIONS",
    "State",
    "closes",
    "may_expunge",
    "may_overlap",
    "uses_numbers",
]


class State(enum.Enum):
    """The state of a session; the same names in both roles."""

    GREETING = "the server has to greet"
    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "a mailbox is selected"
    TLS = "waits for the TLS handshake"
    LOGOUT = "over"
    ERROR = "broken; see the exception"

    __hash__ = object.__hash__  # members are singletons; Enum's own is Python code


# Greeting -> state behind it, RFC 9051 7.1.
GREETINGS: dict[type[Condition], State] = {
    Ok: State.NOT_AUTHENTICATED,
    Preauth: State.AUTHENTICATED,
    Bye: State.LOGOUT,
}

_ANY = (State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED)
_LOGGED_IN = (State.AUTHENTICATED, State.SELECTED)


def _stays(states: tuple[State, ...], *kinds: type[Command]) -> dict[type, dict[State, State]]:
    return {kind: {state: state for state in states} for kind in kinds}


# Command -> {state in which it is allowed: state after OK}; RFC 9051 6.1 to 6.4 and, for
# extensions, whether their grammar adds to command-any, -auth or -select.
TRANSITIONS: dict[type, dict[State, State]] = {
    **_stays(_ANY, c.Capability, c.Noop, c.Id, c.Language, c.UnknownCommand),
    c.Logout: dict.fromkeys(_ANY, State.LOGOUT),
    c.StartTls: {State.NOT_AUTHENTICATED: State.TLS},
    c.Authenticate: {State.NOT_AUTHENTICATED: State.AUTHENTICATED},
    c.Login: {State.NOT_AUTHENTICATED: State.AUTHENTICATED},
    c.Unauthenticate: dict.fromkeys(_LOGGED_IN, State.NOT_AUTHENTICATED),
    c.Select: dict.fromkeys(_LOGGED_IN, State.SELECTED),
    c.Examine: dict.fromkeys(_LOGGED_IN, State.SELECTED),
    c.Close: {State.SELECTED: State.AUTHENTICATED},
    c.Unselect: {State.SELECTED: State.AUTHENTICATED},
    **_stays(_LOGGED_IN, c.Compress, c.Enable, c.Create, c.Delete, c.Rename, c.Subscribe),
    **_stays(_LOGGED_IN, c.Unsubscribe, c.List, c.Lsub, c.Xlist, c.Rlist, c.Rlsub),
    **_stays(_LOGGED_IN, c.NamespaceCommand, c.Status, c.Append, c.Idle, c.GetJmapAccess),
    **_stays(_LOGGED_IN, c.ESearch, c.GetQuota, c.GetQuotaRoot, c.SetQuota, c.SetAcl),
    **_stays(_LOGGED_IN, c.DeleteAcl, c.GetAcl, c.ListRights, c.MyRights, c.GetMetadata),
    **_stays(_LOGGED_IN, c.SetMetadata, c.Comparator, c.Notify, c.Conversions),
    **_stays(_LOGGED_IN, c.GenUrlAuth, c.ResetKey, c.UrlFetch),
    **_stays((State.SELECTED,), c.Check, c.Expunge, c.UidExpunge, c.SearchCommand, c.Sort),
    **_stays((State.SELECTED,), c.ThreadCommand, c.Fetch, c.Store, c.Copy, c.Move, c.Replace),
    **_stays((State.SELECTED,), c.UidBatches, c.CancelUpdate, c.Convert),
}

# The state after NO, where that is another one: no mailbox is selected then, RFC 9051 6.3.2.
REFUSALS: dict[type, State] = {c.Select: State.AUTHENTICATED, c.Examine: State.AUTHENTICATED}

_SELECTS = (c.Select, c.Examine)


def closes(condition: Condition, in_flight: Iterable[Command]) -> bool:
    """Whether an untagged condition says that no mailbox is selected any longer.

    CLOSED does, unless it comes with SELECT: then another one is (RFC 9051 3.4, 7.1).
    """
    code = condition.code
    closed = code is not None and code.name == "CLOSED"
    return closed and not any(isinstance(command, _SELECTS) for command in in_flight)


# What ENABLE switches on, and what it brings with it; RFC 5161 3.1, RFC 7162 3.2.3.
ENABLES: dict[str, frozenset[str]] = {
    "CONDSTORE": frozenset({"CONDSTORE"}),
    "QRESYNC": frozenset({"QRESYNC", "CONDSTORE"}),
    "UTF8=ACCEPT": frozenset({"UTF8=ACCEPT"}),
    "IMAP4REV2": frozenset({"IMAP4REV2"}),
    "UIDONLY": frozenset({"UIDONLY"}),
    "METADATA": frozenset({"METADATA"}),
    "METADATA-SERVER": frozenset({"METADATA-SERVER"}),
}

# Commands that change what the answers to others mean: none may be in flight beside them,
# RFC 9051 5.5, 6.2.1, 6.2.2, RFC 2177 3, RFC 4978 3, RFC 5161 3.1.
ALONE: frozenset[type] = frozenset(
    {
        c.StartTls,
        c.Authenticate,
        c.Login,
        c.Unauthenticate,
        c.Enable,
        c.Compress,
        c.Idle,
        c.Select,
        c.Examine,
        c.Close,
        c.Unselect,
        c.Logout,
    }
)

# Commands whose untagged data do not tell which of them they answer: one of each at a time;
# but with RETURN the data of a search hold the tag, RFC 9051 7.3.4.
ONE_OF_KIND: frozenset[type] = frozenset(
    {c.SearchCommand, c.Sort, c.ThreadCommand, c.List, c.Lsub, c.Xlist, c.Rlist, c.Rlsub}
)

_TELLS_TAG = frozenset({c.SearchCommand, c.Sort})
_BY_NUMBER = frozenset(
    {c.SearchCommand, c.Sort, c.ThreadCommand, c.Fetch, c.Store, c.Copy, c.Move, c.Convert}
    | {c.Replace}
)
_SEARCHES = frozenset({c.SearchCommand, c.Sort, c.ThreadCommand})
_KEEPS_NUMBERS = frozenset({c.Fetch, c.Store, c.SearchCommand})


def uses_numbers(command: Command) -> bool:
    """Whether a command is about sequence numbers, if only in search keys (RFC 9051 5.5)."""
    kind: type[Any] = type(command)
    if kind not in _BY_NUMBER:
        return False
    return not getattr(command, "uid", False) or (kind in _SEARCHES and _has_numbers(command))


def _has_numbers(search: Any) -> bool:
    return any(
        isinstance(key, SearchKey) and key.name == "SEQUENCE-SET" and not key.arguments[0].saved
        for key in search.query.walk()
    )


def may_expunge(command: Command) -> bool:
    """Whether EXPUNGE may come while a command is in flight (RFC 9051 5.5, 7.5.1).

    Until it is completed, nobody can tell what a sequence number means.
    """
    return type(command) not in _KEEPS_NUMBERS or getattr(command, "uid", False)


def _both_tell(command: Any, other: Any) -> bool:
    """Whether the data of both searches hold their tags."""
    return type(command) in _TELLS_TAG and command.returns is not None is not other.returns


def may_overlap(command: Command, others: Collection[Command]) -> bool:
    """Whether ``command`` may be in flight beside ``others`` (RFC 9051 5.5)."""
    kind = type(command)
    if kind in ALONE and others:
        return False
    return not any(
        type(other) in ALONE
        or (kind in ONE_OF_KIND and type(other) is kind and not _both_tell(command, other))
        or (uses_numbers(command) and may_expunge(other))
        for other in others
    )


# Seconds that a client waits for a response (no RFC says how long), and within IDLE, which it
# ends before the server's 30 minutes are over, RFC 2177 3.
TIMEOUT = 300
IDLE_TIMEOUT = 29 * 60

# Seconds that a server waits for a command, and before the login, RFC 9051 5.4.
SERVER_TIMEOUT = 30 * 60
LOGIN_TIMEOUT = 60
