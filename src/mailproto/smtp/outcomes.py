"""What a server's reply to an event changes in the session (RFC 5321 4.1.4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto.sasl import QUERIES, Authenticated, Rejected
from mailproto.smtp import commands as c
from mailproto.smtp.events import EndOfChunk
from mailproto.smtp.replies import Reply
from mailproto.smtp.states import TRANSITIONS, State
from mailproto.smtp.transaction import Transaction

if TYPE_CHECKING:
    from mailproto.smtp.server import ServerConnection

__all__ = ["end_authentication", "refuse", "succeed"]


def succeed(server: "ServerConnection", event: Any) -> None:
    """Note that ``event`` was answered with success: 2yz, or 354 to DATA."""
    kind = type(event)
    moves = TRANSITIONS.get(kind)
    if moves is not None:
        server.state = moves[server.state]
    effect = _ON_SUCCESS.get(kind)
    if effect is not None:
        effect(server, event)


def refuse(server: "ServerConnection", event: Any, reply: Reply) -> None:
    """Note that ``event`` (None: the client's connection) was refused."""
    kind = type(event)
    if kind in _ON_REFUSAL:
        _ON_REFUSAL[kind](server, reply)


def end_authentication(server: "ServerConnection", reply: Reply | None = None) -> None:
    """Note that an AUTH exchange failed."""
    server.user = None
    server.mechanism = None
    server.tally.auth_failures += 1
    server.state = State.READY


def _begin_session(server: "ServerConnection", hello: Any) -> None:
    server.transaction = None
    server.esmtp = not isinstance(hello, c.Helo)


def _begin_transaction(server: "ServerConnection", mail: Any) -> None:
    server.transaction = Transaction(
        mail, limit=server.limits.message_size, strict_lines=not server.keep_bare_line_ends
    )


def _add_recipient(server: "ServerConnection", rcpt: Any) -> None:
    assert server.transaction is not None
    server.transaction.recipients += 1


def _end_transaction(server: "ServerConnection", command: Any) -> None:
    server.transaction = None


def _end_burl(server: "ServerConnection", burl: Any) -> None:
    if burl.last:
        server.transaction = None
        server.state = State.READY


def _authenticated(server: "ServerConnection", auth: Any) -> None:
    if server.user is None:
        server.user = ""  # the embedder ran the exchange by itself and knows who it is


def _restart(server: "ServerConnection", xclient: Any) -> None:
    server.transaction = None
    server.esmtp = False
    server.user = None


def _refuse_session(server: "ServerConnection", reply: Reply) -> None:
    server.state = State.CLOSED if reply.code == 521 else State.REFUSED  # RFC 7504 4


def _refuse_transaction(server: "ServerConnection", reply: Reply) -> None:
    server.transaction = None
    server.state = State.READY


_ON_SUCCESS: dict[type[Any], Callable[["ServerConnection", Any], None]] = {
    **dict.fromkeys((c.Ehlo, c.Helo, c.Lhlo), _begin_session),
    c.Mail: _begin_transaction,
    c.Rcpt: _add_recipient,
    c.Burl: _end_burl,
    c.EndOfMessage: _end_transaction,
    c.Rset: _end_transaction,
    **dict.fromkeys((c.Auth, c.AuthResponse, Authenticated), _authenticated),
    c.Xclient: _restart,
}
_ON_REFUSAL: dict[type[Any], Callable[["ServerConnection", Reply], None]] = {
    type(None): _refuse_session,
    **dict.fromkeys((c.EndOfMessage, EndOfChunk, c.Burl), _refuse_transaction),
    **dict.fromkeys(
        (c.Auth, c.AuthResponse, *QUERIES, Authenticated, Rejected), end_authentication
    ),
}
