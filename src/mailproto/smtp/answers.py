"""What a server answers: which reply fits which event, and which one is the ordinary one.

Source: RFC 5321 4.2.3 and 4.3.2, RFC 2034 4 and RFC 3463 for enhanced codes.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mailproto.errors import LocalProtocolError
from mailproto.proxy import ProxyHeader
from mailproto.sasl import QUERIES, Authenticated, Rejected
from mailproto.smtp import commands as c
from mailproto.smtp.codec import encode_reply
from mailproto.smtp.events import EndOfChunk, InvalidCommand
from mailproto.smtp.extensions import Extensions
from mailproto.smtp.replies import EnhancedCode, Reply
from mailproto.smtp.states import command_name

if TYPE_CHECKING:
    from mailproto.smtp.server import ServerConnection

__all__ = [
    "DEFAULT_REPLIES",
    "MAY_BE_REFUSED",
    "ORDINARY",
    "check_fits",
    "default_reply",
    "encode_answer",
    "event_name",
]

# What a server ordinarily answers.
DEFAULT_REPLIES: dict[type[Any], Reply] = {
    c.Mail: Reply(250, "OK", EnhancedCode(2, 1, 0)),
    c.Rcpt: Reply(250, "OK", EnhancedCode(2, 1, 5)),
    c.Data: Reply(354, "Go ahead, end with a line of one dot"),
    EndOfChunk: Reply(250, "OK", EnhancedCode(2, 0, 0)),
    c.Burl: Reply(502, "Not implemented", EnhancedCode(5, 5, 1)),
    c.EndOfMessage: Reply(250, "OK", EnhancedCode(2, 0, 0)),
    c.Rset: Reply(250, "OK", EnhancedCode(2, 0, 0)),
    c.Vrfy: Reply(252, "Send some mail, it will be tried", EnhancedCode(2, 5, 0)),
    c.Expn: Reply(502, "Not implemented", EnhancedCode(5, 5, 1)),
    c.Help: Reply(214, "See RFC 5321", EnhancedCode(2, 0, 0)),
    c.Noop: Reply(250, "OK", EnhancedCode(2, 0, 0)),
    c.Quit: Reply(221, "Bye", EnhancedCode(2, 0, 0)),
    c.StartTls: Reply(220, "Go ahead", EnhancedCode(2, 0, 0)),
    c.Auth: Reply(504, "Mechanism not supported", EnhancedCode(5, 5, 4)),
    c.AuthResponse: Reply(501, "Authentication cancelled", EnhancedCode(5, 7, 0)),
    **dict.fromkeys(QUERIES, Reply(454, "Try to authenticate later", EnhancedCode(4, 7, 0))),
    Authenticated: Reply(235, "Authenticated", EnhancedCode(2, 7, 0)),
    Rejected: Reply(535, "Authentication failed", EnhancedCode(5, 7, 8)),
    c.Etrn: Reply(502, "Not implemented", EnhancedCode(5, 5, 1)),
    c.Xclient: Reply(550, "Not allowed", EnhancedCode(5, 7, 0)),
    c.Xforward: Reply(550, "Not allowed", EnhancedCode(5, 7, 0)),
    c.UnknownCommand: Reply(500, "Command not recognized", EnhancedCode(5, 5, 2)),
}

# The replies that ask for more; any other 3yz asks for nothing that the protocol knows.
_INTERMEDIATE: dict[type[Any], int] = {c.Data: 354, c.Auth: 334, c.AuthResponse: 334}
# What no 2yz can answer.
_NEVER_COMPLETED = frozenset((c.Data, InvalidCommand, Rejected, *QUERIES))
MAY_BE_REFUSED = frozenset((c.EndOfMessage, EndOfChunk))
"""The events whose ``refusal`` says that the message may not be accepted."""
_LISTS_EXTENSIONS = frozenset((c.Ehlo, c.Lhlo))
# RFC 2034 4: no answer to a hello has an enhanced code (its lines are keywords).
_HELLOS = frozenset((c.Ehlo, c.Helo, c.Lhlo))

# The enhanced code for a reply that has none, if not category.0.0; RFC 3463, RFC 5248.
_GENERIC_ENHANCED: dict[int, EnhancedCode] = {
    421: EnhancedCode(4, 3, 2),
    450: EnhancedCode(4, 2, 0),
    451: EnhancedCode(4, 3, 0),
    452: EnhancedCode(4, 3, 1),
    454: EnhancedCode(4, 7, 0),
    500: EnhancedCode(5, 5, 2),
    501: EnhancedCode(5, 5, 4),
    502: EnhancedCode(5, 5, 1),
    503: EnhancedCode(5, 5, 1),
    504: EnhancedCode(5, 5, 4),
    521: EnhancedCode(5, 3, 2),
    530: EnhancedCode(5, 7, 0),
    535: EnhancedCode(5, 7, 8),
    552: EnhancedCode(5, 3, 4),
    553: EnhancedCode(5, 1, 3),
    555: EnhancedCode(5, 5, 4),
    556: EnhancedCode(5, 1, 10),
}


def default_reply(server: "ServerConnection", event: Any) -> Reply:
    """Return the ordinary answer to ``event``.

    Raises :class:`LocalProtocolError` if nothing is owed to it.
    """
    kind = type(event)
    own = _OWN_REPLIES.get(kind)
    reply = DEFAULT_REPLIES.get(kind) if own is None else own(server, event)
    if reply is None:
        raise LocalProtocolError(f"there is no ordinary reply to {command_name(event)}")
    return reply


def _welcome(server: "ServerConnection", header: ProxyHeader) -> Reply:
    return Reply(220, f"{server.hostname} {'LMTP' if server.lmtp else 'ESMTP'}")


def _hello(server: "ServerConnection", helo: c.Helo) -> Reply:
    return Reply(250, server.hostname)


def _list_extensions(server: "ServerConnection", hello: c.Ehlo | c.Lhlo) -> Reply:
    return Reply(250, "\n".join((server.hostname, *server.offered.lines)))


def _refusal(server: "ServerConnection", event: InvalidCommand) -> Reply:
    return event.reply


def _verdict(server: "ServerConnection", event: c.EndOfMessage | EndOfChunk) -> Reply:
    return event.refusal or DEFAULT_REPLIES[type(event)]


_OWN_REPLIES: dict[type[Any], Callable[["ServerConnection", Any], Reply]] = {
    ProxyHeader: _welcome,
    c.Helo: _hello,
    c.Ehlo: _list_extensions,
    c.Lhlo: _list_extensions,
    InvalidCommand: _refusal,
    **dict.fromkeys(MAY_BE_REFUSED, _verdict),
}


def check_fits(reply: Reply, event: Any) -> None:
    """Check that ``reply`` may answer ``event`` (None: the greeting).

    A negative one always may. Raises :class:`LocalProtocolError`.
    """
    kind = type(event)
    code = reply.code
    if code >= 400 or code == _INTERMEDIATE.get(kind):
        return
    if kind in MAY_BE_REFUSED and event.refusal is not None:
        raise LocalProtocolError(f"the message has to be refused: {code} does not")
    if not 200 <= code < 300 or kind in _NEVER_COMPLETED:
        raise LocalProtocolError(f"{code} is no answer to {event_name(event)}")
    if kind in _LISTS_EXTENSIONS:
        try:
            Extensions.check(reply.lines[1:])
        except ValueError as error:
            raise LocalProtocolError(str(error)) from None


def _with_enhanced_code(reply: Reply, kind: type[Any], *, offered: bool) -> Reply:
    """Return ``reply`` to an event of this class with an enhanced code where one belongs."""
    if not offered or reply.is_intermediate or kind in _HELLOS:
        return Reply(reply.code, reply.text) if reply.enhanced else reply
    if reply.enhanced:
        return reply
    generic = _GENERIC_ENHANCED.get(reply.code) or EnhancedCode(reply.code // 100, 0, 0)
    return Reply(reply.code, reply.text, generic)


@lru_cache(maxsize=256)  # most replies are the same few
def encode_answer(reply: Reply, kind: type[Any], offered: bool, smtputf8: bool) -> bytes:
    """Encode ``reply`` to an event of this class.

    ``offered`` says whether the client was told of ENHANCEDSTATUSCODES, ``smtputf8`` whether
    it takes UTF-8. Raises :class:`LocalProtocolError` if the reply can not be sent.
    """
    return encode_reply(_with_enhanced_code(reply, kind, offered=offered), smtputf8=smtputf8)


def event_name(event: Any) -> str:
    """Name what a reply answers, None for the connection, as people do, for messages."""
    return "the greeting" if event is None else command_name(event)


ORDINARY: dict[type[Any], bytes] = {
    kind: encode_reply(_with_enhanced_code(reply, kind, offered=True))
    for kind, reply in DEFAULT_REPLIES.items()
}
"""The ordinary replies, as a client that was told of ENHANCEDSTATUSCODES gets them."""
