"""What a server's responses change in the session (RFC 9051 3, 6)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto.imap import commands as c
from mailproto.imap import responses as r
from mailproto.imap.commands import Command
from mailproto.imap.responses import Condition, Response
from mailproto.imap.states import ENABLES, REFUSALS, TRANSITIONS, State

if TYPE_CHECKING:
    from mailproto.imap.server import ServerConnection

__all__ = ["ON_SENT", "ON_SUCCESS", "end_login", "state_after"]

_UTF8 = ("IMAP4REV2", "UTF8=ACCEPT")


def state_after(kind: type[Command], state: State, response: Condition) -> State:
    """Return the state after ``response`` completed a command of this class."""
    if isinstance(response, r.Ok):
        return TRANSITIONS[kind][state]
    return REFUSALS.get(kind, state) if isinstance(response, r.No) else state


def end_login(server: "ServerConnection", command: Any, *, accepted: bool) -> None:
    """Note that a login was completed."""
    server.mechanism = None
    if not accepted:
        server.intake.auth_failures += 1
        server.user = None
    elif server.user is None:  # the embedder checked it and knows who it is
        server.user = command.user if isinstance(command, c.Login) else ""


def _forget_user(server: "ServerConnection", command: Any) -> None:
    server.user = None
    server.enabled = frozenset()
    server.utf8 = server.renumbers = False
    server.intake.decompress()


def _compress(server: "ServerConnection", command: Any) -> None:
    server.intake.compress()


def _begin_notify(server: "ServerConnection", notify: Any) -> None:
    server.renumbers = any(
        group.mailboxes.kind == "SELECTED" and "MessageExpunge" in (group.events or ())
        for group in notify.groups or ()
    )


def _note_capabilities(server: "ServerConnection", response: Any) -> None:
    if c.Capability in map(type, server.in_flight.values()):
        server.told |= {c.Capability}


def _take_enabled(server: "ServerConnection", response: Any) -> None:
    server.told |= {c.Enable}
    for name in map(str.upper, response.capabilities):
        server.enabled |= ENABLES.get(name, frozenset((name,)))
    server.utf8 = not server.enabled.isdisjoint(_UTF8)


ON_SUCCESS: dict[type[Command], Callable[["ServerConnection", Any], None]] = {
    c.Compress: _compress,
    c.Unauthenticate: _forget_user,
    c.Notify: _begin_notify,
}
"""What OK changes besides the state, by the command."""

ON_SENT: dict[type[Response], Callable[["ServerConnection", Any], None]] = {
    r.CapabilityResponse: _note_capabilities,
    r.EnabledResponse: _take_enabled,
}
"""What untagged data change."""
