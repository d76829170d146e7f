"""Events that are not commands (the values in ``commands`` and ``responses`` are events too)."""

from typing import TypeAlias

from mailproto._value import field, value
from mailproto.pop3.commands import Command
from mailproto.pop3.responses import Language, MaildropStatus, Response, ScanListing, UniqueId
from mailproto.sasl import SaslError

__all__ = [
    "ConnectionClosed",
    "Greeting",
    "InvalidCommand",
    "InvalidResponse",
    "ResponseReceived",
    "ResponseValue",
    "UnsolicitedResponse",
    "UpgradeToTls",
]

ResponseValue: TypeAlias = MaildropStatus | ScanListing | UniqueId | Language
"""What the text of a positive response to STAT, LIST n, UIDL n or LANG tag says."""


@value
class InvalidCommand:
    """Server: a command that can not be served; send ``response`` and go on.

    It was malformed, out of order, not offered or beyond a limit. ``line`` is the line
    without its line end, shortened and without secrets.
    """

    line: bytes
    response: Response


@value
class Greeting:
    """Client: the server's first response (RFC 1939 4)."""

    response: Response


@value
class ResponseReceived:
    """Client: the response to ``command``.

    ``value`` is what its text says, for the commands that :data:`ResponseValue` names.
    ``error`` says why an AUTH exchange was cancelled, if we cancelled it. If the response is
    positive and the command's answer has more lines, they follow: :class:`MessageData` up to
    :class:`EndOfMessage`, or entries up to :class:`EndOfListing`.
    """

    command: Command
    response: Response
    value: ResponseValue | None = None
    error: SaslError | None = field(default=None, eq=False)


@value
class UnsolicitedResponse:
    """Client: an ``-ERR`` that answers nothing, such as a farewell before the end."""

    response: Response


@value
class InvalidResponse:
    """Client: a line that is no response, or no line of the listing under way.

    Nothing is answered by it. ``line`` is the line without its line end, shortened.
    """

    line: bytes


@value
class UpgradeToTls:
    """Both: do the TLS handshake now, then call ``tls_established`` (RFC 2595 4)."""


@value
class ConnectionClosed:
    """Both: nothing more will come.

    ``unanswered`` are the client's commands whose answer is missing or cut off, ``response``
    the last ``-ERR`` that answered nothing. ``clean`` says that nothing was cut off.
    """

    clean: bool = True
    unanswered: tuple[Command, ...] = ()
    response: Response | None = None
