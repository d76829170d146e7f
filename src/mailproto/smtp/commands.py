"""Commands as values (RFC 5321 4.1.1 and the extensions named at each class).

A client core sends them, a server core yields them. ``defects`` tells what was tolerated when
a command was parsed; it takes no part in comparison.
"""

from datetime import datetime
from typing import ClassVar, Literal

from mailproto._value import field, value
from mailproto.errors import Defect
from mailproto.smtp.replies import Reply

__all__ = [
    "Auth",
    "AuthResponse",
    "Bdat",
    "Body",
    "Burl",
    "Command",
    "Data",
    "DeliverBy",
    "Ehlo",
    "EndOfMessage",
    "Etrn",
    "Expn",
    "Helo",
    "Help",
    "Lhlo",
    "Mail",
    "MessageData",
    "Mtrk",
    "Noop",
    "OriginalRecipient",
    "Parameter",
    "Quit",
    "Rcpt",
    "Rrvs",
    "Rset",
    "StartTls",
    "UnknownCommand",
    "Vrfy",
    "Xclient",
    "Xforward",
]

Body = Literal["7BIT", "8BITMIME", "BINARYMIME"]


@value
class Command:
    """Base class of the commands."""

    verb: ClassVar[str] = ""
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)


@value
class Ehlo(Command):
    """EHLO with the client's domain or address literal (RFC 5321 4.1.1.1)."""

    verb: ClassVar[str] = "EHLO"
    domain: str


@value
class Helo(Command):
    """HELO, for servers without extensions (RFC 5321 4.1.1.1)."""

    verb: ClassVar[str] = "HELO"
    domain: str


@value
class Lhlo(Command):
    """LHLO, the EHLO of LMTP (RFC 2033 4.1)."""

    verb: ClassVar[str] = "LHLO"
    domain: str


@value
class Parameter:
    """A parameter of MAIL or RCPT that mailproto has no field for: keyword and raw value."""

    keyword: str
    value: str | None = None


@value
class DeliverBy:
    """BY: deliver within ``seconds``, else return ("R") or notify ("N") (RFC 2852 4)."""

    seconds: int
    mode: Literal["N", "R"]
    trace: bool = False


@value
class Mtrk:
    """MTRK: certifier (base64) and timeout in seconds of message tracking (RFC 3885 3.1)."""

    certifier: str
    timeout: int | None = None


@value
class Mail(Command):
    """MAIL: starts a transaction (RFC 5321 4.1.1.2).

    ``reverse_path`` is the mailbox without angle brackets, ``""`` the null path. Each other
    field is a parameter, absent if None or False; ``extra`` holds those without a field.
    """

    verb: ClassVar[str] = "MAIL"
    reverse_path: str
    size: int | None = field(default=None, kw_only=True)
    """SIZE: octets of the message, CRLF at each line's end (RFC 1870)."""
    body: Body | None = field(default=None, kw_only=True)
    """BODY (RFC 6152; BINARYMIME RFC 3030)."""
    smtputf8: bool = field(default=False, kw_only=True)
    """SMTPUTF8: addresses or headers hold UTF-8 (RFC 6531)."""
    auth: str | None = field(default=None, kw_only=True)
    """AUTH: who submitted the message, ``"<>"`` if unknown (RFC 4954 5)."""
    ret: Literal["FULL", "HDRS"] | None = field(default=None, kw_only=True)
    """RET: how much of the message a bounce returns (RFC 3461 4.3)."""
    envid: str | None = field(default=None, kw_only=True)
    """ENVID: the sender's name for this envelope, decoded (RFC 3461 4.4)."""
    requiretls: bool = field(default=False, kw_only=True)
    """REQUIRETLS (RFC 8689)."""
    by: DeliverBy | None = field(default=None, kw_only=True)
    """BY (RFC 2852)."""
    mt_priority: int | None = field(default=None, kw_only=True)
    """MT-PRIORITY, -9 to 9 (RFC 6710)."""
    holdfor: int | None = field(default=None, kw_only=True)
    """HOLDFOR: seconds (RFC 4865)."""
    holduntil: datetime | None = field(default=None, kw_only=True)
    """HOLDUNTIL, with a time zone (RFC 4865)."""
    solicit: tuple[str, ...] | None = field(default=None, kw_only=True)
    """SOLICIT: solicitation class keywords (RFC 3865)."""
    mtrk: Mtrk | None = field(default=None, kw_only=True)
    """MTRK (RFC 3885)."""
    conperm: bool = field(default=False, kw_only=True)
    """CONPERM: conversion of the content is permitted (RFC 4141)."""
    extra: tuple[Parameter, ...] = field(default=(), kw_only=True)
    source_route: str = field(default="", kw_only=True)
    """An obsolete source route, kept but to be ignored (RFC 5321 appendix C)."""


@value
class OriginalRecipient:
    """ORCPT: address type (``rfc822``, ``utf-8``) and decoded address (RFC 3461 4.2)."""

    address_type: str
    address: str


@value
class Rrvs:
    """RRVS: the mailbox must have had its owner since then; action C or R (RFC 7293 3.1)."""

    since: datetime
    action: Literal["C", "R"] | None = None


@value
class Rcpt(Command):
    """RCPT: names one recipient (RFC 5321 4.1.1.3).

    ``forward_path`` is the mailbox without angle brackets. See :class:`Mail` for the rest.
    """

    verb: ClassVar[str] = "RCPT"
    forward_path: str
    notify: tuple[str, ...] | None = field(default=None, kw_only=True)
    """NOTIFY: NEVER, or some of SUCCESS, FAILURE, DELAY (RFC 3461 4.1)."""
    orcpt: OriginalRecipient | None = field(default=None, kw_only=True)
    """ORCPT (RFC 3461 4.2)."""
    rrvs: Rrvs | None = field(default=None, kw_only=True)
    """RRVS (RFC 7293)."""
    conneg: bool = field(default=False, kw_only=True)
    """CONNEG: asks for the recipient's content capabilities (RFC 4141)."""
    extra: tuple[Parameter, ...] = field(default=(), kw_only=True)
    source_route: str = field(default="", kw_only=True)


@value
class Data(Command):
    """DATA: the body follows after a 354 (RFC 5321 4.1.1.4)."""

    verb: ClassVar[str] = "DATA"


@value
class Bdat(Command):
    """BDAT: ``size`` octets of the body follow at once (RFC 3030 2)."""

    verb: ClassVar[str] = "BDAT"
    size: int
    last: bool = False


@value
class Burl(Command):
    """BURL: the server fetches (a part of) the body from an IMAP URL (RFC 4468 3)."""

    verb: ClassVar[str] = "BURL"
    url: str
    last: bool = False


@value
class Rset(Command):
    """RSET: drops the transaction (RFC 5321 4.1.1.5)."""

    verb: ClassVar[str] = "RSET"


@value
class Vrfy(Command):
    """VRFY: verifies a user or mailbox (RFC 5321 4.1.1.6; SMTPUTF8 in RFC 6531 3.7.4.2)."""

    verb: ClassVar[str] = "VRFY"
    argument: str
    smtputf8: bool = False


@value
class Expn(Command):
    """EXPN: expands a mailing list (RFC 5321 4.1.1.7)."""

    verb: ClassVar[str] = "EXPN"
    argument: str
    smtputf8: bool = False


@value
class Help(Command):
    """HELP (RFC 5321 4.1.1.8)."""

    verb: ClassVar[str] = "HELP"
    topic: str | None = None


@value
class Noop(Command):
    """NOOP (RFC 5321 4.1.1.9)."""

    verb: ClassVar[str] = "NOOP"
    argument: str | None = None


@value
class Quit(Command):
    """QUIT (RFC 5321 4.1.1.10)."""

    verb: ClassVar[str] = "QUIT"


@value
class StartTls(Command):
    """STARTTLS (RFC 3207 4)."""

    verb: ClassVar[str] = "STARTTLS"


@value
class Auth(Command):
    """AUTH: mechanism and decoded initial response, ``b""`` if it was ``=`` (RFC 4954 4)."""

    verb: ClassVar[str] = "AUTH"
    mechanism: str
    initial_response: bytes | None = field(default=None, repr=False)


@value
class Etrn(Command):
    """ETRN: start the queue of a node, ``@domain`` or ``#queue`` (RFC 1985 5)."""

    verb: ClassVar[str] = "ETRN"
    node: str


@value
class Xclient(Command):
    """XCLIENT: a trusted proxy overrides what is known of the client (Postfix).

    ``attributes`` are decoded name and value pairs, such as ``("ADDR", "192.0.2.1")``.
    """

    verb: ClassVar[str] = "XCLIENT"
    attributes: tuple[tuple[str, str], ...]


@value
class Xforward(Command):
    """XFORWARD: what a trusted proxy knows of the client, for logs (Postfix)."""

    verb: ClassVar[str] = "XFORWARD"
    attributes: tuple[tuple[str, str], ...]


@value
class UnknownCommand(Command):
    """A command that mailproto does not know: verb in upper case and raw argument."""

    name: str
    argument: str = ""


@value
class AuthResponse(Command):
    """A line within an AUTH exchange: the decoded response, None if it was ``*`` (RFC 4954 4)."""

    data: bytes | None = field(repr=False)


@value
class MessageData:
    """A piece of the body, without dot-stuffing; its borders mean nothing."""

    data: bytes


@value
class EndOfMessage:
    """The body is complete.

    A server core sets ``refusal`` if the message may not be accepted (a bare CR or LF, too
    long): then only a negative reply can be sent, and this is the one to send.
    """

    refusal: Reply | None = None
