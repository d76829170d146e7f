"""Responses about conversions and URLs (RFC 5259, RFC 4467, RFC 5524)."""

from typing import ClassVar

from mailproto._value import value
from mailproto.imap.body import BodyStructure
from mailproto.imap.responses.base import Response
from mailproto.imap.values import Literal

__all__ = ["ConversionResponse", "GenUrlAuthResponse", "UrlData", "UrlFetchResponse"]


@value
class ConversionResponse(Response):
    """CONVERSION: a media type can be made of another, with parameters (RFC 5259 10)."""

    name: ClassVar[str] = "CONVERSION"
    source: str
    target: str
    parameters: tuple[str, ...] | None = None


@value
class GenUrlAuthResponse(Response):
    """GENURLAUTH: authorized URLs (RFC 4467 7)."""

    name: ClassVar[str] = "GENURLAUTH"
    urls: tuple[str, ...]


@value
class UrlData:
    """What one URL holds: ``data``, None if it can not be had (RFC 4467 7).

    ``parts`` is what was asked for by name instead (RFC 5524 3.2): BODY, BINARY (content, None
    if it can not be had) and BODYPARTSTRUCTURE (a :class:`BodyStructure`).
    """

    url: str
    data: bytes | Literal | None = None
    parts: tuple[tuple[str, bytes | Literal | BodyStructure | None], ...] = ()


@value
class UrlFetchResponse(Response):
    """URLFETCH (RFC 4467 7, RFC 5524 3.2)."""

    name: ClassVar[str] = "URLFETCH"
    urls: tuple[UrlData, ...]
