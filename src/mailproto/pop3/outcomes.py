"""What a server's response to an event changes in the session (RFC 1939 3 to 7)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto.pop3 import commands as c
from mailproto.pop3.apop import find_timestamp
from mailproto.pop3.responses import Response
from mailproto.pop3.states import CONTENT, TRANSITIONS, State
from mailproto.sasl import QUERIES, Authenticated, Rejected

if TYPE_CHECKING:
    from mailproto.pop3.server import ServerConnection

__all__ = ["ON_RECEIPT", "UNEVENTFUL", "fail_login", "refuse", "succeed"]


def succeed(server: "ServerConnection", event: Any, response: Response) -> None:
    """Note that ``event`` (None: the client's connection) was answered with ``+OK``."""
    kind = type(event)
    server.state = TRANSITIONS[kind].get(server.state, server.state)
    if kind in _ON_SUCCESS:
        _ON_SUCCESS[kind](server, response)


def refuse(server: "ServerConnection", event: Any) -> None:
    """Note that ``event`` was answered with ``-ERR``."""
    kind = type(event)
    if kind in _ON_REFUSAL:
        _ON_REFUSAL[kind](server)


def fail_login(server: "ServerConnection") -> None:
    """Note that the client did not prove who it is."""
    server.tally.auth_failures += 1
    _give_up_login(server)


def _give_up_login(server: "ServerConnection") -> None:
    server.mechanism = None
    server.name = None
    server.user = None
    server.state = State.AUTHORIZATION


def _take_name(server: "ServerConnection", user: Any) -> None:
    server.name = user.name


def _speak_utf8(server: "ServerConnection", lang: Any) -> None:
    server.speaks_utf8 = True  # RFC 6856 3.2


def _begin_update(server: "ServerConnection", quit_: Any) -> None:
    server.state = TRANSITIONS[c.Quit][server.state]


def _offer_apop(server: "ServerConnection", greeting: Response) -> None:
    server.timestamp = find_timestamp(greeting.text)


def _begin_utf8(server: "ServerConnection", response: Response) -> None:
    server.utf8 = server.speaks_utf8 = True


def _log_in(server: "ServerConnection", response: Response) -> None:
    if server.user is None:
        server.user = server.name or ""  # the embedder checked it and knows who it is


def _end_session(server: "ServerConnection", response: Response | None = None) -> None:
    server.state = State.CLOSED


def _forget_name(server: "ServerConnection") -> None:
    server.name = None


_LOGINS = (c.Pass, c.Apop, c.Auth, c.AuthResponse)

ON_RECEIPT: dict[type[Any], Callable[["ServerConnection", Any], None]] = {
    c.User: _take_name,
    c.Lang: _speak_utf8,
    c.Quit: _begin_update,
}
"""What changes before a command is answered."""

_ON_SUCCESS: dict[type[Any], Callable[["ServerConnection", Response], None]] = {
    type(None): _offer_apop,
    c.Utf8: _begin_utf8,
    **dict.fromkeys((*_LOGINS, Authenticated), _log_in),
    c.Quit: _end_session,
}
_ON_REFUSAL: dict[type[Any], Callable[["ServerConnection"], None]] = {
    type(None): _end_session,
    c.User: _forget_name,
    **dict.fromkeys((*_LOGINS, Rejected), fail_login),
    **dict.fromkeys((*QUERIES, Authenticated), _give_up_login),
    c.Quit: _end_session,
}

UNEVENTFUL: frozenset[type[Any]] = frozenset(
    kind
    for kind, states in TRANSITIONS.items()
    if kind not in _ON_SUCCESS
    and kind not in CONTENT
    and all(before is after for before, after in states.items())
)
"""The events that ``+OK`` changes nothing for, and that nothing follows."""
