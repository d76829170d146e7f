"""Events that are neither commands nor responses (the values of both are events too)."""

from mailproto._value import field, value
from mailproto.imap.commands import Command
from mailproto.imap.responses import Bye, Condition, Continuation
from mailproto.imap.section import Section
from mailproto.sasl import SaslError

__all__ = [
    "CommandCompleted",
    "ConnectionClosed",
    "ContentDue",
    "ContentStart",
    "EndOfContent",
    "Greeting",
    "IdleStarted",
    "InvalidCommand",
    "InvalidResponse",
    "LiteralOffered",
    "MessageOctets",
    "TaggedCommand",
    "UnsolicitedResponse",
    "UpgradeToTls",
]


@value
class TaggedCommand:
    """Server: a command; it is owed one OK, NO or BAD with its ``tag``."""

    tag: str
    command: Command


@value
class InvalidCommand:
    """Server: a command that can not be served; send ``response`` and go on.

    It was malformed, out of order, not offered or beyond a limit. ``data`` are its bytes,
    shortened and without secrets; ``command`` is what they mean, None where that is not known.
    If literals of it were accepted, they are void.
    """

    data: bytes
    response: Condition
    command: Command | None = None


@value
class LiteralOffered:
    """Server: the client wants to send ``size`` octets of a message to append.

    ``command`` is what is known of the command: the mailbox and the one message that the literal
    is of, with flags, date and a literal without data; of a message that is put together
    (CATENATE), what there was at its first literal. Call ``accept_literal``, or refuse it by
    completing the command with NO or BAD. ``synchronizing`` says that the client sends nothing
    before it is answered.
    """

    tag: str
    command: Command
    size: int
    synchronizing: bool


@value
class Greeting:
    """Client: the server's first response: OK, PREAUTH or BYE (RFC 9051 7.1)."""

    response: Condition


@value
class CommandCompleted:
    """Client: the tagged response to ``command``.

    It is a BAD with a defect if the response can not be parsed: nobody knows whether the
    command was done. ``error`` says why we cancelled an AUTHENTICATE exchange, if we did.
    """

    tag: str
    command: Command
    response: Condition
    error: SaslError | None = field(default=None, eq=False)


@value
class IdleStarted:
    """Client: the server consented to IDLE; updates come until ``Done`` is sent."""

    tag: str


@value
class ContentDue:
    """Client: send ``size`` octets as :class:`MessageOctets`, those of a literal of ``tag``."""

    tag: str
    size: int


@value
class ContentStart:
    """Client: a large ``item`` of message ``number`` follows: ``size`` octets, in pieces.

    Behind its :class:`EndOfContent` comes the response, with a literal without data for it.
    """

    number: int
    item: str | Section
    size: int


@value
class MessageOctets:
    """A piece of the content of a message, received or to be sent."""

    data: bytes


@value
class EndOfContent:
    """Both: all octets of the content have come."""


@value
class UnsolicitedResponse:
    """Client: a continuation that nobody asked for, or a completion of no command of ours."""

    response: Continuation | Condition


@value
class InvalidResponse:
    """Client: a response that can not be parsed; ``data`` are its bytes, shortened."""

    data: bytes


@value
class UpgradeToTls:
    """Both: do the TLS handshake now, then call ``tls_established`` (RFC 9051 6.2.1)."""


@value
class ConnectionClosed:
    """Both: nothing more will come.

    ``unanswered`` are the commands that were not completed, by their tags; ``response`` is the
    BYE, if one came to a client. ``clean`` says that nothing was cut off.
    """

    clean: bool
    unanswered: tuple[tuple[str, Command], ...] = ()
    response: Bye | None = None
