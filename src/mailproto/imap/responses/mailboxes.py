"""Responses about mailboxes: their names and their state (RFC 9051 7.3, 7.4)."""

from typing import Any, ClassVar

from mailproto._value import field, value
from mailproto.imap.responses.base import Response
from mailproto.imap.values import GenericValue

__all__ = [
    "ExistsResponse",
    "FlagsResponse",
    "ListResponse",
    "LsubResponse",
    "Namespace",
    "NamespaceResponse",
    "RecentResponse",
    "StatusResponse",
    "XlistResponse",
]


@value
class ListResponse(Response):
    """LIST: one mailbox (RFC 9051 7.3.1).

    ``delimiter`` is None if names have no hierarchy. ``child_info`` (RFC 5258 4) and
    ``old_name`` (RFC 9051 6.3.9.7) are extended data, ``extended`` holds all that is unknown.
    """

    name: ClassVar[str] = "LIST"
    attributes: tuple[str, ...]
    delimiter: str | None
    mailbox: str
    child_info: tuple[str, ...] | None = field(default=None, kw_only=True)
    old_name: str | None = field(default=None, kw_only=True)
    extended: tuple[tuple[str, GenericValue], ...] = field(default=(), kw_only=True)


@value
class LsubResponse(ListResponse):
    """LSUB: one subscribed mailbox (RFC 3501 7.2.3)."""

    name: ClassVar[str] = "LSUB"


@value
class XlistResponse(ListResponse):
    """XLIST: one mailbox with its use, Gmail's forerunner of SPECIAL-USE."""

    name: ClassVar[str] = "XLIST"


@value
class Namespace:
    """One namespace: the prefix of its names and its delimiter (RFC 2342 5).

    ``extensions`` are names with their values.
    """

    prefix: str
    delimiter: str | None
    extensions: tuple[tuple[str, tuple[str, ...]], ...] = ()


@value
class NamespaceResponse(Response):
    """NAMESPACE; None stands for NIL, no namespace of that kind (RFC 2342 5, RFC 9051 7.3.2)."""

    name: ClassVar[str] = "NAMESPACE"
    personal: tuple[Namespace, ...] | None = None
    other_users: tuple[Namespace, ...] | None = None
    shared: tuple[Namespace, ...] | None = None


@value
class StatusResponse(Response):
    """STATUS: items of one mailbox by name (RFC 9051 7.3.3).

    Values are numbers; that of MAILBOXID is a ``str`` (RFC 8474 4.3), that of APPENDLIMIT may
    be None (RFC 7889 4).
    """

    name: ClassVar[str] = "STATUS"
    mailbox: str
    items: dict[str, Any]


@value
class FlagsResponse(Response):
    """FLAGS of the selected mailbox (RFC 9051 7.3.5)."""

    name: ClassVar[str] = "FLAGS"
    flags: tuple[str, ...] = ()


@value
class ExistsResponse(Response):
    """EXISTS: how many messages the selected mailbox has (RFC 9051 7.4.1)."""

    name: ClassVar[str] = "EXISTS"
    count: int


@value
class RecentResponse(Response):
    r"""RECENT: how many messages have ``\Recent`` (RFC 3501 7.3.2)."""

    name: ClassVar[str] = "RECENT"
    count: int
