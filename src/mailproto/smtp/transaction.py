"""What a server knows of the transaction under way, and of its body."""

from mailproto._dots import DotUnstuffer
from mailproto.smtp.commands import Bdat
from mailproto.smtp.events import InvalidCommand
from mailproto.smtp.replies import EnhancedCode, Reply
from mailproto.smtp.states import State

__all__ = ["TOO_LONG", "Chunk", "IncomingBody", "Transaction"]

BARE_LINE_END = Reply(
    550,
    "The message has a bare CR or LF; lines end in CRLF (RFC 5321 2.3.8)",
    EnhancedCode(5, 6, 0),
)
TOO_LONG = Reply(552, "The message is too long", EnhancedCode(5, 3, 4))
_SLACK = 1024  # lets short messages be refused politely where the limit is tiny


class Transaction:
    """From an accepted MAIL to the end of its message."""

    __slots__ = ("binary", "body", "recipients", "smtputf8")

    def __init__(self, *, smtputf8: bool, binary: bool) -> None:
        self.smtputf8 = smtputf8
        self.binary = binary
        self.recipients = 0
        """How many RCPT were accepted."""
        self.body: IncomingBody | None = None


class Chunk:
    """A BDAT whose octets are coming: how many are left, and where the session goes then.

    ``invalid`` is the event to follow if the octets are only dropped.
    """

    __slots__ = ("bdat", "invalid", "remaining", "resume")

    def __init__(self, bdat: Bdat, resume: State, invalid: InvalidCommand | None) -> None:
        self.bdat = bdat
        self.remaining = bdat.size
        self.resume = resume
        self.invalid = invalid


class IncomingBody:
    """Counts and checks the octets of one message.

    ``refusal`` is set as soon as the message may not be accepted; from then on nothing is
    handed out, but the end is still looked for, so that no octet is taken for a command.
    """

    __slots__ = ("_dots", "_limit", "_received", "_size", "overflow", "refusal")

    def __init__(self, limit: int | None, *, strict_lines: bool) -> None:
        self._dots = DotUnstuffer(strict=strict_lines)
        self._limit = limit
        self._size = 0
        self._received = 0
        self.refusal: Reply | None = None
        self.overflow = False
        """Whether a refused message goes on for more than twice the limit."""

    def data(self, received: bytes) -> tuple[bytes, bytes]:
        """Take octets of DATA; return the text and, once ``finished``, what follows its end."""
        text, rest = self._dots.feed(received)
        text = self.octets(text, len(received) - len(rest))
        if self._dots.bare and self.refusal is None:
            self.refusal = BARE_LINE_END
        return text, rest

    @property
    def finished(self) -> bool:
        """Whether the terminating line of DATA has come."""
        return self._dots.finished

    def octets(self, text: bytes, received: int) -> bytes:
        """Take octets of BDAT (or of DATA, unstuffed); return those to hand out.

        ``received`` is how many they were on the wire.
        """
        limit = self._limit
        if self.refusal is None:
            if limit is None:
                return text
            room = limit - self._size
            self._size += len(text)
            self._received += received
            if len(text) <= room:
                return text
            self.refusal = TOO_LONG
            text = text[:room]
        else:
            self._received += received
            text = b""
        self.overflow = limit is not None and self._received > 2 * limit + _SLACK
        return text
