"""Commands as values (RFC 1939 and the extensions named at each class).

A client core sends them, a server core yields them. ``defects`` tells what was tolerated when
a command was parsed; it takes no part in comparison. A ``number`` is a message-number, 1 or
more.
"""

from typing import ClassVar

from mailproto._value import field, value
from mailproto.errors import Defect

__all__ = [
    "Apop",
    "Auth",
    "AuthResponse",
    "Capa",
    "Command",
    "Dele",
    "Lang",
    "List",
    "Noop",
    "Pass",
    "Quit",
    "Retr",
    "Rset",
    "Stat",
    "Stls",
    "Top",
    "Uidl",
    "UnknownCommand",
    "User",
    "Utf8",
]


@value
class Command:
    """Base class of the commands."""

    verb: ClassVar[str] = ""
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)


@value
class User(Command):
    """USER: the name of a mailbox; PASS has to follow (RFC 1939 7)."""

    verb: ClassVar[str] = "USER"
    name: str


@value
class Pass(Command):
    """PASS: the password that belongs to USER; it may hold spaces (RFC 1939 7)."""

    verb: ClassVar[str] = "PASS"
    password: str = field(repr=False)


@value
class Apop(Command):
    """APOP: name and MD5 digest in hexadecimal, see ``apop_digest`` (RFC 1939 7)."""

    verb: ClassVar[str] = "APOP"
    name: str
    digest: str = field(repr=False)


@value
class Auth(Command):
    """AUTH: mechanism and decoded initial response, ``b""`` if it was ``=`` (RFC 5034 4)."""

    verb: ClassVar[str] = "AUTH"
    mechanism: str
    initial_response: bytes | None = field(default=None, repr=False)


@value
class AuthResponse(Command):
    """A line within an AUTH exchange: the decoded response, None if it was ``*`` (RFC 5034 4)."""

    data: bytes | None = field(repr=False)


@value
class Capa(Command):
    """CAPA: asks for the capabilities (RFC 2449 5)."""

    verb: ClassVar[str] = "CAPA"


@value
class Stls(Command):
    """STLS: starts TLS (RFC 2595 4)."""

    verb: ClassVar[str] = "STLS"


@value
class Utf8(Command):
    """UTF8: switches to UTF-8 mode (RFC 6856 2.1)."""

    verb: ClassVar[str] = "UTF8"


@value
class Lang(Command):
    """LANG: chooses a language by its tag or ``*``; None lists them (RFC 6856 3)."""

    verb: ClassVar[str] = "LANG"
    tag: str | None = None


@value
class Stat(Command):
    """STAT: asks for the number and size of the messages (RFC 1939 5)."""

    verb: ClassVar[str] = "STAT"


@value
class List(Command):
    """LIST: asks for the size of one message, None: of all (RFC 1939 5)."""

    verb: ClassVar[str] = "LIST"
    number: int | None = None


@value
class Uidl(Command):
    """UIDL: asks for the unique-id of one message, None: of all (RFC 1939 7)."""

    verb: ClassVar[str] = "UIDL"
    number: int | None = None


@value
class Retr(Command):
    """RETR: asks for a message (RFC 1939 5)."""

    verb: ClassVar[str] = "RETR"
    number: int


@value
class Top(Command):
    """TOP: asks for the header and so many lines of the body of a message (RFC 1939 7)."""

    verb: ClassVar[str] = "TOP"
    number: int
    lines: int


@value
class Dele(Command):
    """DELE: marks a message as deleted (RFC 1939 5)."""

    verb: ClassVar[str] = "DELE"
    number: int


@value
class Noop(Command):
    """NOOP (RFC 1939 5)."""

    verb: ClassVar[str] = "NOOP"


@value
class Rset(Command):
    """RSET: takes all deletion marks away (RFC 1939 5)."""

    verb: ClassVar[str] = "RSET"


@value
class Quit(Command):
    """QUIT: ends the session; after a login, deletions happen now (RFC 1939 4 and 6)."""

    verb: ClassVar[str] = "QUIT"


@value
class UnknownCommand(Command):
    """A command that mailproto does not know: verb in upper case and raw argument.

    ``multi_line`` is for the client: whether more lines follow a positive response.
    """

    name: str
    argument: str = ""
    multi_line: bool = field(default=False, eq=False, kw_only=True)
