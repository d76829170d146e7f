"""What a server knows of the transaction under way, and how it reads the body."""

from mailproto._buffer import ReceiveBuffer
from mailproto._dots import BLOCK, DotUnstuffer
from mailproto.errors import LimitExceeded
from mailproto.smtp.commands import Bdat, EndOfMessage, Mail
from mailproto.smtp.events import EndOfChunk, InvalidCommand
from mailproto.smtp.refusals import TOO_LONG
from mailproto.smtp.replies import EnhancedCode, Reply
from mailproto.smtp.states import State

__all__ = ["Chunk", "IncomingBody", "Transaction", "check_patience"]

BARE_LINE_END = Reply(
    550,
    "The message has a bare CR or LF; lines end in CRLF (RFC 5321 2.3.8)",
    EnhancedCode(5, 6, 0),
)
_SLACK = 1024  # lets short messages be refused politely where the limit is tiny


class Transaction:
    """From an accepted MAIL to the end of its message."""

    __slots__ = ("binary", "body", "recipients", "smtputf8")

    def __init__(self, mail: Mail, *, limit: int | None, strict_lines: bool) -> None:
        self.smtputf8 = mail.smtputf8
        self.binary = mail.body == "BINARYMIME"
        self.recipients = 0
        """How many RCPT were accepted."""
        self.body = IncomingBody(limit, strict_lines=strict_lines)


class IncomingBody:
    """Takes the octets of one message off the buffer, counts and checks them.

    ``refusal`` is set as soon as the message may not be accepted; from then on nothing is
    handed out, but the end is still looked for, so that no octet is taken for a command.
    """

    __slots__ = ("_dots", "_limit", "_received", "_size", "refusal")

    def __init__(self, limit: int | None, *, strict_lines: bool) -> None:
        self._dots = DotUnstuffer(strict=strict_lines)
        self._limit = limit
        self._size = 0
        self._received = 0
        self.refusal: Reply | None = None

    @property
    def finished(self) -> bool:
        """Whether the terminating line of DATA has come."""
        return self._dots.finished

    def read_lines(self, buffer: ReceiveBuffer) -> bytes:
        """Take text of DATA; ``b""`` if it is over or needs more bytes.

        Raises :class:`LimitExceeded` if a refused message does not end.
        """
        dots = self._dots
        before = len(buffer)
        while before and not dots.finished:
            text = dots.take(buffer)
            left = len(buffer)
            if left == before:
                break
            text = self.count(text, before - left)
            before = left
            if dots.bare and self.refusal is None:
                self.refusal = BARE_LINE_END
            if text:
                return text
        if self.refusal is not None:
            check_patience(self._received, self._limit)
        return b""

    def count(self, text: bytes, received: int) -> bytes:
        """Count octets of the message, ``received`` on the wire; return those to hand out."""
        self._received += received
        if self.refusal is not None:
            return b""
        self._size += len(text)
        excess = 0 if self._limit is None else self._size - self._limit
        if excess <= 0:
            return text
        self.refusal = TOO_LONG
        return text[:-excess]


class Chunk:
    """A BDAT whose octets are coming, and where the session goes then.

    ``body`` is None for a refused BDAT, whose octets are dropped (RFC 3030 2); ``invalid`` is
    the event that says so in the end.
    """

    __slots__ = ("_body", "_invalid", "bdat", "remaining", "resume")

    def __init__(
        self,
        bdat: Bdat,
        resume: State,
        body: IncomingBody | None = None,
        invalid: InvalidCommand | None = None,
    ) -> None:
        self.bdat = bdat
        self._body = body
        self._invalid = invalid
        self.remaining = bdat.size
        self.resume = resume

    def read(self, buffer: ReceiveBuffer) -> bytes:
        """Take octets; ``b""`` if all have come or it needs more bytes."""
        while self.remaining and len(buffer):
            octets = buffer.take(min(self.remaining, BLOCK))
            self.remaining -= len(octets)
            if self._body is not None and (text := self._body.count(octets, len(octets))):
                return text
        return b""

    def end(self) -> InvalidCommand | EndOfChunk | EndOfMessage:
        """Return the event for the end of the octets."""
        if self._body is None:
            assert self._invalid is not None
            return self._invalid
        return (EndOfMessage if self.bdat.last else EndOfChunk)(self._body.refusal)


def check_patience(octets: int, limit: int | None) -> None:
    """Raise :class:`LimitExceeded` if so many octets over the limit are not worth reading."""
    if limit is not None and octets > 2 * limit + _SLACK:
        raise LimitExceeded("message_size", limit)
