"""What an embedder supplies to an SMTP or LMTP server: a handler."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from mailproto._value import value
from mailproto.errors import MailProtocolError
from mailproto.smtp import (
    Burl,
    Command,
    Ehlo,
    Etrn,
    Expn,
    Helo,
    Help,
    Lhlo,
    Mail,
    Rcpt,
    Reply,
    UnknownCommand,
    Vrfy,
    Xclient,
    Xforward,
)

if TYPE_CHECKING:
    from mailproto.servers.smtp import SmtpSession

__all__ = ["MessageAborted", "MessageBody", "MessageReplies", "SmtpEnvelope", "SmtpHandler"]

MessageReplies = Reply | Sequence[Reply] | Mapping[str, Reply] | None
"""The outcome of a message: None accepts it, one reply is for all recipients. In LMTP several
may be given: one per recipient in their order, or by forward-path (others are accepted). In
SMTP, where a message has one reply, the first refusal among several is given."""


class MessageAborted(MailProtocolError):
    """The message will never be complete, or has to be refused; the text says why."""


@value
class SmtpEnvelope:
    """The envelope of one message: MAIL and the accepted RCPTs as they came."""

    session: "SmtpSession"
    mail: Mail
    rcpts: tuple[Rcpt, ...]

    @property
    def sender(self) -> str:
        """The reverse-path, "" for the null path."""
        return self.mail.reverse_path

    @property
    def recipients(self) -> tuple[str, ...]:
        """The forward-paths."""
        return tuple(rcpt.forward_path for rcpt in self.rcpts)


class MessageBody(Protocol):
    """The body of a message as it comes: iterate over it, or :meth:`read` it whole.

    Octets as sent: lines end in CRLF, dots are unstuffed. The peer is read no faster than you
    iterate. A normal end of the iteration means that the message is complete; otherwise it
    raises :class:`MessageAborted`.
    """

    def __aiter__(self) -> "MessageBody": ...

    async def __anext__(self) -> bytes: ...

    async def read(self) -> bytes:
        """Return all that is left; the server's ``message_size`` limit bounds it."""


class SmtpHandler:
    """Decides about mail; subclass it and override what you care for.

    Each method may return a :class:`~mailproto.smtp.Reply`, or None for the ordinary answer.
    Several sessions run at the same time. An exception answers the command with 451 and is
    logged; the session goes on.
    """

    extensions: Sequence[str] = ()
    """EHLO lines that the handler adds to the server's, such as ``"DSN"``."""

    async def connect(self, session: "SmtpSession") -> Reply | None:
        """Greet, or refuse with 554 or 421."""
        return None

    async def hello(self, session: "SmtpSession", command: Ehlo | Helo | Lhlo) -> Reply | None:
        """Answer EHLO, HELO or LHLO. A positive reply of your own replaces the EHLO lines."""
        return None

    async def mail(self, session: "SmtpSession", command: Mail) -> Reply | None:
        """Accept or refuse a sender; accepted unless refused."""
        return None

    async def rcpt(self, session: "SmtpSession", command: Rcpt) -> Reply | None:
        """Accept or refuse a recipient; accepted unless refused. ``session.mail`` is known."""
        return None

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        """Take a message. It is accepted only if this returns and does not refuse.

        What is left of ``body`` is read and dropped.
        """
        raise NotImplementedError

    async def vrfy(self, session: "SmtpSession", command: Vrfy) -> Reply | None:
        """Answer VRFY; ordinarily 252 without looking."""
        return None

    async def expn(self, session: "SmtpSession", command: Expn) -> Reply | None:
        """Answer EXPN; ordinarily 502."""
        return None

    async def help(self, session: "SmtpSession", command: Help) -> Reply | None:
        """Answer HELP."""
        return None

    async def etrn(self, session: "SmtpSession", command: Etrn) -> Reply | None:
        """Answer ETRN, if ``"ETRN"`` is among the extensions."""
        return None

    async def burl(self, session: "SmtpSession", command: Burl) -> Reply | None:
        """Answer BURL, if ``"BURL imap"`` is among the extensions."""
        return None

    async def xclient(self, session: "SmtpSession", command: Xclient) -> Reply | None:
        """Answer XCLIENT, if it is among the extensions: 220 restarts the session."""
        return None

    async def xforward(self, session: "SmtpSession", command: Xforward) -> Reply | None:
        """Answer XFORWARD, if it is among the extensions."""
        return None

    async def unknown(self, session: "SmtpSession", command: UnknownCommand) -> Reply | None:
        """Answer a command that mailproto does not know; ordinarily 500."""
        return None

    async def reset(self, session: "SmtpSession", command: Command) -> Reply | None:
        """Note that RSET dropped the transaction."""
        return None

    async def disconnect(self, session: "SmtpSession") -> None:
        """Note that the session is over."""
