"""Commands about URLs that let others fetch content (RFC 4467, RFC 5524)."""

from typing import ClassVar

from mailproto._value import value
from mailproto.imap.commands.base import Command

__all__ = ["GenUrlAuth", "ResetKey", "UrlFetch", "UrlRequest"]


@value
class GenUrlAuth(Command):
    """GENURLAUTH: pairs of URL and mechanism (RFC 4467 7)."""

    name: ClassVar[str] = "GENURLAUTH"
    urls: tuple[tuple[str, str], ...]


@value
class ResetKey(Command):
    """RESETKEY of a mailbox, None for all of them (RFC 4467 7)."""

    name: ClassVar[str] = "RESETKEY"
    mailbox: str | None = None
    mechanisms: tuple[str, ...] = ()


@value
class UrlRequest:
    """A URL, and what is wanted of it: BODY, BINARY, BODYPARTSTRUCTURE (RFC 5524 3.1).

    ``parts`` None is the plain form, which asks for the content alone (RFC 4467 7).
    """

    url: str
    parts: tuple[str, ...] | None = None


@value
class UrlFetch(Command):
    """URLFETCH (RFC 4467 7, RFC 5524 3.1)."""

    name: ClassVar[str] = "URLFETCH"
    urls: tuple[UrlRequest, ...]
