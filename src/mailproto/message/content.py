"""What the header of an entity says of its content (RFC 2045, RFC 2183, RFC 3282, RFC 2557)."""

import re
from collections.abc import Iterable

from mailproto._value import value
from mailproto.imap.body import Disposition, Parameters
from mailproto.message.header import Field
from mailproto.message.lexer import unquoted, without_comments

__all__ = ["ContentFields", "content_fields"]

_TOKEN = r"[^\x00-\x20\x7f-\U0010ffff()<>@,;:\\\"/\[\]?=]++"
_TYPE = re.compile(rf"\s*+({_TOKEN})\s*+/\s*+({_TOKEN})")
_FIRST_TOKEN = re.compile(rf"\s*+({_TOKEN})")
_TOKENS = re.compile(_TOKEN)
# A value without quotes may have what a token may not: senders forget the quotes.
_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"?|[^\s;]*+)')
_CHARSET = "us-ascii"
_LONGEST_BOUNDARY = 200  # RFC 2046 5.1.1 allows 70


@value
class ContentFields:
    """The content of an entity; what its header does not say, or says wrongly, has its default.

    Parameters are as on the wire: RFC 2231's continuations and charsets stay as they are.
    """

    type: str
    subtype: str
    parameters: Parameters = ()
    encoding: str = "7BIT"
    """Content-Transfer-Encoding, its first word."""
    id: str | None = None
    description: str | None = None
    md5: str | None = None
    disposition: Disposition | None = None
    languages: tuple[str, ...] = ()
    location: str | None = None

    @property
    def media_type(self) -> tuple[str, str]:
        """Type and subtype in lower case."""
        return self.type.lower(), self.subtype.lower()

    @property
    def is_multipart(self) -> bool:
        """Whether the type is multipart."""
        return self.type.lower() == "multipart"

    @property
    def charset(self) -> str:
        """The parameter ``charset``, empty if there is none."""
        return self._parameter("charset")

    @property
    def boundary(self) -> str:
        """The boundary of a multipart, empty if it has none (RFC 2046 5.1.1)."""
        boundary = self._parameter("boundary").rstrip(" ")
        return boundary if len(boundary) <= _LONGEST_BOUNDARY else ""

    def _parameter(self, name: str) -> str:
        return next((text for given, text in self.parameters if given.lower() == name), "")


def content_fields(given: Iterable[Field], *, in_digest: bool = False) -> ContentFields:
    """Read the fields of an entity's header; of each the first counts.

    The default type is text/plain, or message/rfc822 within multipart/digest (RFC 2046 5.1.5). Text
    without a charset is in US-ASCII (RFC 2046 4.1.2).
    """
    texts: dict[str, str] = {}
    for found in given:
        if found.name.startswith("content-"):
            texts.setdefault(found.name, found.text)
    type_, subtype, parameters = _content_type(texts.get("content-type"), in_digest)
    encoding = _FIRST_TOKEN.match(without_comments(texts.get("content-transfer-encoding", "")))
    return ContentFields(
        type_,
        subtype,
        parameters,
        encoding[1] if encoding else "7BIT",
        texts.get("content-id"),
        texts.get("content-description"),
        texts.get("content-md5"),
        _disposition(texts.get("content-disposition", "")),
        tuple(_TOKENS.findall(without_comments(texts.get("content-language", "")))),
        texts.get("content-location"),
    )


def _content_type(text: str | None, in_digest: bool) -> tuple[str, str, Parameters]:
    if text is None and in_digest:
        return "message", "rfc822", ()
    text = without_comments(text or "")
    found = _TYPE.match(text)
    type_, subtype = found.groups() if found else ("text", "plain")
    parameters = _parameters(text)
    if type_.lower() == "text" and not any(name.lower() == "charset" for name, _ in parameters):
        parameters += (("charset", _CHARSET),)
    return type_, subtype, parameters


def _disposition(text: str) -> Disposition | None:
    text = without_comments(text)
    found = _FIRST_TOKEN.match(text)
    return Disposition(found[1], _parameters(text)) if found else None


def _parameters(text: str) -> Parameters:
    return tuple(
        (name, unquoted(raw) if raw.startswith('"') else raw)
        for name, raw in _PARAMETER.findall(text)
    )
