"""Commands that bring messages (RFC 9051 6.3.12 and its extensions)."""

from datetime import datetime
from typing import ClassVar

from mailproto._value import field, value
from mailproto.imap.commands.base import Command, Option
from mailproto.imap.values import Literal

__all__ = ["Append", "AppendMessage", "CatenateText", "CatenateUrl", "Replace"]


@value
class CatenateUrl:
    """A part of a message that the server has: an IMAP URL (RFC 4469 5)."""

    url: str


@value
class CatenateText:
    """A part of a message that the client sends; ``utf8`` as in :class:`AppendMessage`."""

    content: bytes | Literal
    utf8: bool = False


@value
class AppendMessage:
    """A message to append, with its flags and INTERNALDATE.

    ``content`` is ``bytes``, a literal (with ``binary`` for octets that may be NUL, RFC 3516;
    without data if it is streamed) or parts to put together (CATENATE, RFC 4469). ``utf8``
    says that header fields may hold UTF-8 (RFC 9755 4). ``extensions`` are ANNOTATION with
    a tuple of :class:`AnnotationEntry` (RFC 5257 4.7) and whatever is unknown.
    """

    content: bytes | Literal | tuple[CatenateUrl | CatenateText, ...]
    flags: tuple[str, ...] | None = None
    date: datetime | None = None
    utf8: bool = field(default=False, kw_only=True)
    extensions: tuple[Option, ...] = field(default=(), kw_only=True)


@value
class Append(Command):
    """APPEND one message, or several (RFC 9051 6.3.12, RFC 3502)."""

    name: ClassVar[str] = "APPEND"
    mailbox: str
    messages: tuple[AppendMessage, ...]


@value
class Replace(Command):
    """REPLACE a message, whose number may be ``STAR`` (RFC 8508 3)."""

    name: ClassVar[str] = "REPLACE"
    number: int
    mailbox: str
    message: AppendMessage
    uid: bool = field(default=False, kw_only=True)
