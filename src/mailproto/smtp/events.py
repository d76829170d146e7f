"""Events that are not commands (RFC 5321; the values in ``commands`` are events too)."""

from mailproto._value import field, value
from mailproto.sasl import SaslError
from mailproto.smtp.commands import Command, EndOfMessage
from mailproto.smtp.replies import Reply

__all__ = [
    "ConnectionClosed",
    "EndOfChunk",
    "Greeting",
    "InvalidCommand",
    "InvalidReply",
    "ReplyReceived",
    "UnsolicitedReply",
    "UpgradeToTls",
]


@value
class InvalidCommand:
    """Server: a command that can not be served; send ``reply`` and go on.

    It was malformed, out of order, not offered or beyond a limit. ``line`` is the line as
    received, shortened.
    """

    line: bytes
    reply: Reply


@value
class EndOfChunk:
    """Server: the octets of a BDAT that is not the last one are complete (RFC 3030 2).

    ``refusal`` is as in :class:`~mailproto.smtp.EndOfMessage`.
    """

    refusal: Reply | None = None


@value
class Greeting:
    """Client: the server's first reply, usually 220 (RFC 5321 4.2)."""

    reply: Reply


@value
class ReplyReceived:
    """Client: the reply to ``command``.

    ``recipient`` is set for the replies of LMTP that follow a message, one per accepted
    forward-path (RFC 2033 4.2). ``error`` says why an AUTH exchange was cancelled, if we
    cancelled it.
    """

    command: Command | EndOfMessage
    reply: Reply
    recipient: str | None = None
    error: SaslError | None = field(default=None, eq=False)


@value
class UnsolicitedReply:
    """Client: a 4yz or 5yz that answers nothing, such as a 421 before the end."""

    reply: Reply


@value
class InvalidReply:
    """Client: a line that is no reply; nothing is answered by it."""

    line: bytes


@value
class UpgradeToTls:
    """Both: do the TLS handshake now, then call ``tls_established`` (RFC 3207 4)."""


@value
class ConnectionClosed:
    """Both: nothing more will come.

    ``unanswered`` are the client's commands that no reply came for, ``reply`` the 421 that
    the server said before, if it did. ``clean`` says that nothing was cut off.
    """

    clean: bool = True
    unanswered: tuple[Command | EndOfMessage, ...] = ()
    reply: Reply | None = None
