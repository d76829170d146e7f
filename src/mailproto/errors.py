"""The exceptions of mailproto, and the record of what was tolerated.

The cores raise nothing but :class:`LocalProtocolError` (you broke the rules; nothing was
sent and no state changed) and :class:`RemoteProtocolError` (the peer did, beyond repair).
The async layer adds the others.
"""

from typing import Any

from mailproto._value import field, value

__all__ = [
    "AuthenticationFailed",
    "CommandFailed",
    "ConnectionLost",
    "Defect",
    "LimitExceeded",
    "LocalProtocolError",
    "MailProtocolError",
    "RemoteProtocolError",
    "TLSRequired",
]


class MailProtocolError(Exception):
    """Base class of every exception that mailproto raises on purpose."""


class LocalProtocolError(MailProtocolError):
    """The caller asked for something that the protocol does not allow.

    Raised before anything is sent; the connection's state is untouched and it stays usable.
    """


class RemoteProtocolError(MailProtocolError):
    """The peer broke framing or security rules; the connection cannot go on.

    A server core has then already queued its farewell: write ``data_to_send()``, then close.
    """


class LimitExceeded(RemoteProtocolError):
    """The peer went over one of our limits.

    ``name`` is the name of the field in the limits object, ``limit`` its value.
    """

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"the peer exceeded the limit {name}={limit}")
        self.name = name
        self.limit = limit


class CommandFailed(MailProtocolError):
    """The server refused a command; ``reply`` is the value that it answered with.

    ``reply`` is a :class:`mailproto.smtp.Reply` or the like of the other protocols.
    """

    def __init__(self, message: str, reply: Any) -> None:
        super().__init__(message)
        self.reply = reply


class AuthenticationFailed(CommandFailed):
    """The server refused the credentials or the mechanism; ``reply`` says why."""


class ConnectionLost(MailProtocolError):
    """The connection ended while something was still owed.

    ``reply`` is the server's last word (a 421 or a BYE) if it said one, else None.
    """

    def __init__(self, message: str, reply: Any = None) -> None:
        super().__init__(message)
        self.reply = reply


class TLSRequired(MailProtocolError):
    """TLS was demanded, but the server does not offer it or refused to start it."""


@value
class Defect:
    """One deviation from the standard that was tolerated.

    ``what`` says in words what was wrong, ``where`` holds the offending bytes (shortened),
    ``section`` names the rule, such as ``"RFC 5321 4.1.1.2"``.
    """

    what: str
    where: bytes = b""
    section: str = field(default="", kw_only=True)
