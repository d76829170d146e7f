"""Commands about the session: what is offered, who logs in, waiting for news."""

from typing import ClassVar

from mailproto._value import field, value
from mailproto.imap.commands.base import Command

__all__ = [
    "AuthResponse",
    "Authenticate",
    "Capability",
    "Comparator",
    "Compress",
    "Done",
    "Enable",
    "GetJmapAccess",
    "Id",
    "Idle",
    "Language",
    "Login",
    "Logout",
    "Noop",
    "StartTls",
    "Unauthenticate",
]


@value
class Capability(Command):
    """CAPABILITY (RFC 9051 6.1.1)."""

    name: ClassVar[str] = "CAPABILITY"


@value
class Noop(Command):
    """NOOP: does nothing, and lets the server tell what is new (RFC 9051 6.1.2)."""

    name: ClassVar[str] = "NOOP"


@value
class Logout(Command):
    """LOGOUT (RFC 9051 6.1.3)."""

    name: ClassVar[str] = "LOGOUT"


@value
class Id(Command):
    """ID: facts about the client by name, None to tell nothing (RFC 2971 3.1)."""

    name: ClassVar[str] = "ID"
    parameters: dict[str, str | None] | None = None


@value
class Compress(Command):
    """COMPRESS: both sides compress from here on (RFC 4978 3)."""

    name: ClassVar[str] = "COMPRESS"
    algorithm: str = "DEFLATE"


@value
class Language(Command):
    """LANGUAGE: ranges of languages in order of preference; none lists them (RFC 5255 3.2)."""

    name: ClassVar[str] = "LANGUAGE"
    ranges: tuple[str, ...] = ()


@value
class Comparator(Command):
    """COMPARATOR: collations in order of preference; none asks for it (RFC 5255 4.7)."""

    name: ClassVar[str] = "COMPARATOR"
    collations: tuple[str, ...] = ()


@value
class StartTls(Command):
    """STARTTLS (RFC 9051 6.2.1)."""

    name: ClassVar[str] = "STARTTLS"


@value
class Authenticate(Command):
    """AUTHENTICATE with a SASL mechanism (RFC 9051 6.2.2, RFC 4959 3).

    ``initial_response`` is not yet base64; None is none, ``b""`` an empty one.
    """

    name: ClassVar[str] = "AUTHENTICATE"
    mechanism: str
    initial_response: bytes | None = field(default=None, repr=False)


@value
class AuthResponse(Command):
    """A line within an AUTHENTICATE exchange: the decoded response, None if it was ``*``."""

    name: ClassVar[str] = "*"
    data: bytes | None = field(repr=False)


@value
class Login(Command):
    """LOGIN with user name and password (RFC 9051 6.2.3)."""

    name: ClassVar[str] = "LOGIN"
    user: str
    password: str = field(repr=False)


@value
class Enable(Command):
    """ENABLE: capabilities to switch on (RFC 5161 3.1)."""

    name: ClassVar[str] = "ENABLE"
    capabilities: tuple[str, ...]


@value
class Unauthenticate(Command):
    """UNAUTHENTICATE: back to the state before login (RFC 8437 2)."""

    name: ClassVar[str] = "UNAUTHENTICATE"


@value
class Idle(Command):
    """IDLE: wait for news until DONE (RFC 9051 6.3.13)."""

    name: ClassVar[str] = "IDLE"


@value
class Done(Command):
    """DONE: ends IDLE; it has no tag (RFC 9051 6.3.13)."""

    name: ClassVar[str] = "DONE"


@value
class GetJmapAccess(Command):
    """GETJMAPACCESS: where the JMAP session is (RFC 9698 4)."""

    name: ClassVar[str] = "GETJMAPACCESS"
