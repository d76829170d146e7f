"""What a server answers: which response fits the session, and which one is the ordinary one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto._value import evolve
from mailproto.errors import LocalProtocolError
from mailproto.imap import commands as c
from mailproto.imap import responses as r
from mailproto.imap.codes import CapabilityCode, ResponseCode
from mailproto.imap.events import InvalidCommand, LiteralOffered, TaggedCommand
from mailproto.imap.fetch import ConvertedResponse, FetchResponse, UidFetchResponse
from mailproto.imap.responses import Response
from mailproto.imap.states import ENABLES, State
from mailproto.sasl import QUERIES, Authenticated, Rejected

if TYPE_CHECKING:
    from mailproto.imap.server import ServerConnection

__all__ = ["PREFACES", "check_fits", "default_response"]

"""The events by which a SASL mechanism asks for credentials."""


# --- what fits ---

_ANY_STATE = frozenset((r.CapabilityResponse, r.IdResponse, r.LanguageResponse))

# What is said of the selected mailbox, or of one that is being selected.
_OF_MAILBOX = frozenset(
    (
        *(r.ExistsResponse, r.RecentResponse, r.FlagsResponse, FetchResponse, UidFetchResponse),
        *(r.ExpungeResponse, r.VanishedResponse),
    )
)

# Responses that are never sent unasked -> the commands that they answer, one of which has to
# be in flight.
_ANSWERS: dict[type[Any], tuple[type[Any], ...]] = {
    r.EnabledResponse: (c.Enable,),
    r.IdResponse: (c.Id,),
    r.LsubResponse: (c.Lsub, c.Rlsub),
    r.XlistResponse: (c.Xlist,),
    r.NamespaceResponse: (c.NamespaceCommand,),
    r.SearchResponse: (c.SearchCommand,),
    r.SortResponse: (c.Sort,),
    r.ThreadResponse: (c.ThreadCommand,),
    r.UidBatchesResponse: (c.UidBatches,),
    r.QuotaRootResponse: (c.GetQuotaRoot,),
    r.AclResponse: (c.GetAcl,),
    r.ListRightsResponse: (c.ListRights,),
    r.MyRightsResponse: (c.MyRights, c.List),
    r.ComparatorResponse: (c.Comparator,),
    r.ConversionResponse: (c.Conversions,),
    ConvertedResponse: (c.Convert,),
    r.GenUrlAuthResponse: (c.GenUrlAuth,),
    r.UrlFetchResponse: (c.UrlFetch,),
    r.JmapAccessResponse: (c.GetJmapAccess,),
}


def check_fits(server: "ServerConnection", response: Response) -> None:
    """Raise :class:`LocalProtocolError` if untagged data can not be sent now."""
    kind = type(response)
    if not server.logged_in and kind not in _ANY_STATE:
        raise LocalProtocolError(f"{response.name} is out of order: {server.state.value}")
    in_flight = server.in_flight.values()
    if kind in _OF_MAILBOX and not (
        server.state is State.SELECTED
        or any(isinstance(command, c.Select) for command in in_flight)
    ):
        raise LocalProtocolError(f"{response.name}, but no mailbox is selected")
    if kind in _ANSWERS and not any(type(command) in _ANSWERS[kind] for command in in_flight):
        raise LocalProtocolError(f"{response.name} answers no command in flight")
    if kind in _CHECKS:
        _CHECKS[kind](server, response)


def _check_enabled(server: "ServerConnection", response: Any) -> None:
    command: Any = next(iter(server.in_flight.values()))
    asked = map(str.upper, command.capabilities)
    if not set(map(str.upper, response.capabilities)).issubset(asked):
        raise LocalProtocolError("ENABLED tells only of what was asked for (RFC 5161 3.2)")


def _check_fetch(server: "ServerConnection", response: Any) -> None:
    if "UIDONLY" in server.enabled:
        raise LocalProtocolError("UIDFETCH stands for FETCH with UIDONLY (RFC 9586 3.3)")


def _check_uid_fetch(server: "ServerConnection", response: Any) -> None:
    if "UIDONLY" not in server.enabled:
        raise LocalProtocolError("UIDFETCH needs UIDONLY to be enabled (RFC 9586 3.3)")


def _check_expunge(server: "ServerConnection", response: Any) -> None:
    if not server.enabled.isdisjoint(_VANISHES):
        raise LocalProtocolError("VANISHED stands for EXPUNGE (RFC 7162 3.2.10, RFC 9586 3.4)")
    _check_renumbering(server)


def _check_vanished(server: "ServerConnection", response: Any) -> None:
    if server.enabled.isdisjoint(_VANISHES):
        raise LocalProtocolError("VANISHED needs QRESYNC or UIDONLY to be enabled")
    if not response.earlier:
        _check_renumbering(server)


def _check_renumbering(server: "ServerConnection") -> None:
    if not server.may_expunge:
        raise LocalProtocolError(
            "no EXPUNGE without a command in flight, nor beside FETCH, STORE and SEARCH, "
            "whose numbers it would change (RFC 9051 7.5.1)"
        )


_VANISHES = ("QRESYNC", "UIDONLY")
_CHECKS: dict[type[Any], Callable[["ServerConnection", Any], None]] = {
    r.EnabledResponse: _check_enabled,
    FetchResponse: _check_fetch,
    UidFetchResponse: _check_uid_fetch,
    r.ExpungeResponse: _check_expunge,
    r.VanishedResponse: _check_vanished,
}


# --- what comes before OK ---


def _capabilities(server: "ServerConnection", command: Any) -> Response:
    return r.CapabilityResponse(server.offered)


def _enabled(server: "ServerConnection", command: Any) -> Response:
    asked = ENABLES.keys() & set(map(str.upper, command.capabilities))
    return r.EnabledResponse(tuple(name for name in server.offered if name.upper() in asked))


def _farewell(server: "ServerConnection", command: Any) -> Response:
    return r.Bye("Logging out")


PREFACES: dict[type[Any], Callable[["ServerConnection", Any], Response]] = {
    c.Capability: _capabilities,
    c.Enable: _enabled,
    c.Logout: _farewell,
}
"""What the core says by itself before OK, unless it was said."""


# --- what is ordinary ---

# Commands that nobody but the core need know anything of.
_DONE_BY_CORE = frozenset(
    (c.Capability, c.Noop, c.Logout, c.StartTls, c.Enable, c.Compress, c.Unauthenticate, c.Check)
)
_FAILED = r.No("Authentication failed", ResponseCode("AUTHENTICATIONFAILED"))
_LATER = r.No("Try to log in later", ResponseCode("UNAVAILABLE"))
_REFUSALS: dict[type[Any], r.Condition] = {
    **dict.fromkeys((c.Login, c.Authenticate), _FAILED),
    c.UnknownCommand: r.Bad("Unknown command"),
}
_NOT_HERE = r.No("Not possible here", ResponseCode("CANNOT"))


def default_response(server: "ServerConnection", event: Any) -> Response:
    """Return the ordinary answer to an event; None stands for the connection.

    Raises :class:`LocalProtocolError` if nothing is owed to it.
    """
    if event is None:
        return r.Ok("ready", CapabilityCode(server.offered))
    if isinstance(event, TaggedCommand):
        return _to_command(event)
    if isinstance(event, LiteralOffered):
        return _tagged(_NOT_HERE, event.tag)
    if isinstance(event, InvalidCommand):
        return event.response
    tag = next(iter(server.in_flight), None)
    if isinstance(event, c.Done):
        return r.Ok("IDLE completed", tag=tag)
    if isinstance(event, Authenticated):
        return r.Ok("Logged in", CapabilityCode(server.offered), tag=tag)
    if isinstance(event, (Rejected, c.AuthResponse)):
        return _tagged(_FAILED, tag)
    if isinstance(event, QUERIES):
        return _tagged(_LATER, tag)
    raise LocalProtocolError(f"no response is owed to {type(event).__name__}")


def _to_command(event: TaggedCommand) -> Response:
    command = event.command
    kind = type(command)
    if kind is c.Idle:
        return r.Continuation("idling")
    if kind in _DONE_BY_CORE:
        return r.Ok(f"{command.name} completed", tag=event.tag)
    return _tagged(_REFUSALS.get(kind, _NOT_HERE), event.tag)


def _tagged(condition: r.Condition, tag: str | None) -> r.Condition:
    return evolve(condition, tag=tag)
