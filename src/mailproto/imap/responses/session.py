"""Responses about the session: what is offered and switched on."""

from typing import ClassVar

from mailproto._value import value
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.responses.base import Response

__all__ = [
    "CapabilityResponse",
    "ComparatorResponse",
    "EnabledResponse",
    "IdResponse",
    "JmapAccessResponse",
    "LanguageResponse",
]


@value
class CapabilityResponse(Response):
    """CAPABILITY (RFC 9051 7.2.2)."""

    name: ClassVar[str] = "CAPABILITY"
    capabilities: Capabilities


@value
class EnabledResponse(Response):
    """ENABLED: the extensions that ENABLE switched on (RFC 5161 3.2)."""

    name: ClassVar[str] = "ENABLED"
    capabilities: tuple[str, ...] = ()


@value
class IdResponse(Response):
    """ID: facts about the server, None if it tells nothing (RFC 2971 3.2)."""

    name: ClassVar[str] = "ID"
    parameters: dict[str, str | None] | None = None


@value
class LanguageResponse(Response):
    """LANGUAGE: the one chosen, or those to choose from (RFC 5255 3.3)."""

    name: ClassVar[str] = "LANGUAGE"
    tags: tuple[str, ...]


@value
class ComparatorResponse(Response):
    """COMPARATOR: the active one, and those that matched (RFC 5255 4.8)."""

    name: ClassVar[str] = "COMPARATOR"
    active: str
    available: tuple[str, ...] | None = None


@value
class JmapAccessResponse(Response):
    """JMAPACCESS: the URL of the JMAP session (RFC 9698 4)."""

    name: ClassVar[str] = "JMAPACCESS"
    url: str
