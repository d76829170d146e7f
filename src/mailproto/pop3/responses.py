"""Responses, their codes, and what follows them (RFC 1939 3, RFC 2449 8, RFC 6856)."""

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from mailproto._value import field, value
from mailproto.errors import Defect

__all__ = [
    "EndOfListing",
    "EndOfMessage",
    "Entries",
    "Language",
    "Languages",
    "MaildropStatus",
    "MessageData",
    "Response",
    "ResponseCode",
    "ScanListing",
    "ScanListings",
    "UniqueId",
    "UniqueIds",
]


@value
class ResponseCode:
    """An extended response code such as ``[SYS/TEMP]``, level by level (RFC 2449 8).

    Levels are in upper case. Unknown ones are kept; compare with ``within``, which ignores
    unknown detail as RFC 2449 asks for.
    """

    levels: tuple[str, ...]

    IN_USE: ClassVar["ResponseCode"]
    """The maildrop is open elsewhere (RFC 2449 8.1.2)."""
    LOGIN_DELAY: ClassVar["ResponseCode"]
    """The user has logged in too recently (RFC 2449 8.1.1)."""
    AUTH: ClassVar["ResponseCode"]
    """The credentials are the problem (RFC 3206 5)."""
    SYS_TEMP: ClassVar["ResponseCode"]
    """A failure of the system that should pass (RFC 3206 4)."""
    SYS_PERM: ClassVar["ResponseCode"]
    """A failure of the system that somebody has to mend (RFC 3206 4)."""
    UTF8: ClassVar["ResponseCode"]
    """The message can only be had in UTF-8 mode (RFC 6856 5)."""

    def within(self, other: "ResponseCode") -> bool:
        """Whether this is ``other``, or ``other`` with more detail."""
        return self.levels[: len(other.levels)] == other.levels

    def __str__(self) -> str:
        return "/".join(self.levels)


ResponseCode.IN_USE = ResponseCode(("IN-USE",))
ResponseCode.LOGIN_DELAY = ResponseCode(("LOGIN-DELAY",))
ResponseCode.AUTH = ResponseCode(("AUTH",))
ResponseCode.SYS_TEMP = ResponseCode(("SYS", "TEMP"))
ResponseCode.SYS_PERM = ResponseCode(("SYS", "PERM"))
ResponseCode.UTF8 = ResponseCode(("UTF8",))


@value
class Response:
    """A response: ``+OK`` or ``-ERR``, text, and the response code in front of the text.

    Text that is not UTF-8 holds surrogate escapes (PEP 383), so that its bytes are not lost.
    """

    ok: bool
    text: str = ""
    code: ResponseCode | None = None
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)

    def __str__(self) -> str:
        code = f"[{self.code}] " if self.code else ""
        return f"{'+OK' if self.ok else '-ERR'} {code}{self.text}".rstrip()


@value
class MaildropStatus:
    """How many messages there are, and their size in octets: the drop listing of STAT.

    ``str`` makes it the text of a response.
    """

    count: int
    size: int

    def __str__(self) -> str:
        return f"{self.count} {self.size}"


@value
class ScanListing:
    """The size in octets of one message (RFC 1939 5, LIST); ``str`` as in MaildropStatus."""

    number: int
    size: int

    def __str__(self) -> str:
        return f"{self.number} {self.size}"


@value
class UniqueId:
    """The unique-id of one message, 1 to 70 characters of ``!`` to ``~`` (RFC 1939 7, UIDL)."""

    number: int
    unique_id: str

    def __str__(self) -> str:
        return f"{self.number} {self.unique_id}"


@value
class Language:
    """A language tag and what the language calls itself, or text in it (RFC 6856 3.2)."""

    tag: str
    description: str = ""

    def __str__(self) -> str:
        return f"{self.tag}{' ' if self.description else ''}{self.description}"


@value
class ScanListings:
    """A piece of the answer to LIST, as columns of equal length; its borders mean nothing.

    Columns, because there may be 100,000 entries; ``entries`` makes values of them.
    """

    numbers: Sequence[int]
    sizes: Sequence[int]
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)

    @property
    def entries(self) -> tuple[ScanListing, ...]:
        """The entries one by one."""
        return tuple(map(ScanListing, self.numbers, self.sizes))


@value
class UniqueIds:
    """A piece of the answer to UIDL, as columns of equal length; its borders mean nothing."""

    numbers: Sequence[int]
    unique_ids: Sequence[str]
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)

    @property
    def entries(self) -> tuple[UniqueId, ...]:
        """The entries one by one."""
        return tuple(map(UniqueId, self.numbers, self.unique_ids))


@value
class Languages:
    """A piece of the answer to LANG; its borders mean nothing."""

    entries: tuple[Language, ...]
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)


@value
class CapabilityLines:
    """A piece of the answer to CAPA; the cores make :class:`Capabilities` of it."""

    lines: tuple[str, ...]


Entries: TypeAlias = ScanListings | UniqueIds | Languages


@value
class EndOfListing:
    """The answer to LIST, UIDL, LANG or CAPA is complete."""


@value
class MessageData:
    """A piece of a message, without dot-stuffing; its borders mean nothing (RETR, TOP)."""

    data: bytes


@value
class EndOfMessage:
    """The message of RETR or TOP is complete."""
