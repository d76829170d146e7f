"""Commands about quota, rights and metadata (RFC 9208, RFC 4314, RFC 5464)."""

from typing import ClassVar

from mailproto._value import value
from mailproto.imap.commands.base import Command, Options

__all__ = [
    "DeleteAcl",
    "GetAcl",
    "GetMetadata",
    "GetQuota",
    "GetQuotaRoot",
    "ListRights",
    "MyRights",
    "SetAcl",
    "SetMetadata",
    "SetQuota",
]


@value
class GetQuota(Command):
    """GETQUOTA of a quota root (RFC 9208 4.1.1)."""

    name: ClassVar[str] = "GETQUOTA"
    root: str


@value
class GetQuotaRoot(Command):
    """GETQUOTAROOT: the quota roots of a mailbox (RFC 9208 4.1.2)."""

    name: ClassVar[str] = "GETQUOTAROOT"
    mailbox: str


@value
class SetQuota(Command):
    """SETQUOTA: pairs of resource and limit (RFC 9208 4.1.3)."""

    name: ClassVar[str] = "SETQUOTA"
    root: str
    limits: tuple[tuple[str, int], ...]


@value
class SetAcl(Command):
    """SETACL; ``rights`` may begin with ``+`` or ``-`` (RFC 4314 3.1)."""

    name: ClassVar[str] = "SETACL"
    mailbox: str
    identifier: str
    rights: str


@value
class DeleteAcl(Command):
    """DELETEACL (RFC 4314 3.2)."""

    name: ClassVar[str] = "DELETEACL"
    mailbox: str
    identifier: str


@value
class GetAcl(Command):
    """GETACL (RFC 4314 3.3)."""

    name: ClassVar[str] = "GETACL"
    mailbox: str


@value
class ListRights(Command):
    """LISTRIGHTS (RFC 4314 3.4)."""

    name: ClassVar[str] = "LISTRIGHTS"
    mailbox: str
    identifier: str


@value
class MyRights(Command):
    """MYRIGHTS (RFC 4314 3.5)."""

    name: ClassVar[str] = "MYRIGHTS"
    mailbox: str


@value
class GetMetadata(Command):
    """GETMETADATA of a mailbox, or of the server if it is ``""`` (RFC 5464 4.2).

    ``options`` are MAXSIZE with a number, DEPTH with ``"0"``, ``"1"`` or ``"infinity"`` and
    unknown ones.
    """

    name: ClassVar[str] = "GETMETADATA"
    mailbox: str
    entries: tuple[str, ...]
    options: Options = ()


@value
class SetMetadata(Command):
    """SETMETADATA: values by the name of the entry; None removes it (RFC 5464 4.3)."""

    name: ClassVar[str] = "SETMETADATA"
    mailbox: str
    values: dict[str, bytes | None]
