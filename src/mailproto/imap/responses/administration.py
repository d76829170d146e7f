"""Responses about quota, rights and metadata (RFC 9208, RFC 4314, RFC 5464)."""

from typing import ClassVar

from mailproto._value import value
from mailproto.imap.responses.base import Response

__all__ = [
    "AclResponse",
    "ListRightsResponse",
    "MetadataResponse",
    "MyRightsResponse",
    "QuotaResource",
    "QuotaResponse",
    "QuotaRootResponse",
]


@value
class QuotaResource:
    """Usage and limit of one resource: STORAGE in KiB, MESSAGE, MAILBOX ... (RFC 9208 5)."""

    name: str
    usage: int
    limit: int


@value
class QuotaResponse(Response):
    """QUOTA of one quota root (RFC 9208 4.2.1)."""

    name: ClassVar[str] = "QUOTA"
    root: str
    resources: tuple[QuotaResource, ...] = ()


@value
class QuotaRootResponse(Response):
    """QUOTAROOT: the quota roots of a mailbox (RFC 9208 4.2.2)."""

    name: ClassVar[str] = "QUOTAROOT"
    mailbox: str
    roots: tuple[str, ...] = ()


@value
class AclResponse(Response):
    """ACL: who may do what with a mailbox, as pairs of identifier and rights (RFC 4314 3.6)."""

    name: ClassVar[str] = "ACL"
    mailbox: str
    entries: tuple[tuple[str, str], ...] = ()


@value
class ListRightsResponse(Response):
    """LISTRIGHTS: rights that an identifier always has, and groups of others (RFC 4314 3.7)."""

    name: ClassVar[str] = "LISTRIGHTS"
    mailbox: str
    identifier: str
    required: str
    optional: tuple[str, ...] = ()


@value
class MyRightsResponse(Response):
    """MYRIGHTS: what the client may do with a mailbox (RFC 4314 3.8)."""

    name: ClassVar[str] = "MYRIGHTS"
    mailbox: str
    rights: str


@value
class MetadataResponse(Response):
    """METADATA: entries of a mailbox, or of the server if it is ``""`` (RFC 5464 4.4).

    Either ``values`` by name, in which None is NIL, or only the ``names`` of entries that
    changed.
    """

    name: ClassVar[str] = "METADATA"
    mailbox: str
    values: dict[str, bytes | None] | None
    names: tuple[str, ...] = ()
