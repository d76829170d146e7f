"""What a positive reply changes in the session as the client sees it (RFC 5321 4.1.4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto.smtp import commands as c
from mailproto.smtp.extensions import Extensions
from mailproto.smtp.replies import Reply
from mailproto.smtp.states import State

if TYPE_CHECKING:
    from mailproto.smtp.client import ClientConnection

__all__ = ["ON_SUCCESS"]


def _begin_session(client: "ClientConnection", hello: Any, reply: Reply) -> None:
    client.extensions = Extensions(() if isinstance(hello, c.Helo) else reply.lines[1:])


def _add_recipient(client: "ClientConnection", rcpt: Any, reply: Reply) -> None:
    client.envelope.accepted.append(rcpt.forward_path)


def _begin_body(client: "ClientConnection", data: Any, reply: Reply) -> None:
    client.body.begin_data()
    client.state = State.DATA  # also if no recipient was accepted (RFC 2920 3.1)


def _authenticated(client: "ClientConnection", auth: Any, reply: Reply) -> None:
    client.authenticated = reply.is_positive
    if reply.is_intermediate:
        client.state = State.AUTHENTICATING


def _end_chunk(client: "ClientConnection", chunk: Any, reply: Reply) -> None:
    if chunk.last and client.state is State.CHUNKING:
        client.state = State.READY


def _restart(client: "ClientConnection", xclient: Any, reply: Reply) -> None:
    client.extensions = Extensions()  # as if connected anew
    client.authenticated = False


ON_SUCCESS: dict[type[Any], Callable[["ClientConnection", Any, Reply], None]] = {
    **dict.fromkeys((c.Ehlo, c.Helo, c.Lhlo), _begin_session),
    c.Rcpt: _add_recipient,
    c.Data: _begin_body,
    **dict.fromkeys((c.Auth, c.AuthResponse), _authenticated),
    **dict.fromkeys((c.Bdat, c.Burl), _end_chunk),
    c.Xclient: _restart,
}
"""What is done besides the transition: by the command, with the command and its reply."""
