"""FETCH responses: what is told of one message, item by item (RFC 9051 7.5.2)."""

from datetime import datetime
from typing import Any, ClassVar, TypeAlias, cast

from mailproto._value import field, value
from mailproto.imap.body import BodyStructure
from mailproto.imap.envelope import Envelope
from mailproto.imap.responses import Response
from mailproto.imap.section import Section
from mailproto.imap.values import GenericValue, Literal

__all__ = [
    "AnnotationEntry",
    "ConversionError",
    "ConvertedResponse",
    "FetchItems",
    "FetchResponse",
    "MessageData",
    "UidFetchResponse",
]

FetchItems: TypeAlias = dict[str | Section, Any]
"""Items by name in upper case, sections by :class:`Section`, in the order of the response."""


@value
class AnnotationEntry:
    """One entry of ANNOTATION with its attributes, or only its name (RFC 5257 4.3)."""

    entry: str
    attributes: tuple[tuple[str, bytes | None], ...] = ()


@value
class ConversionError:
    """Why a part could not be converted (RFC 5259 10 ``converterror-phrase``)."""

    text: str
    reason: str
    arguments: tuple[GenericValue, ...] = ()


@value
class MessageData(Response):
    """What responses about one message share.

    A property is None if the item is absent, and also if it is NIL: ``"SAVEDATE" in items``
    tells these apart. Items that have no property are in ``items`` like all others.
    """

    number: int
    items: FetchItems

    @property
    def uid(self) -> int | None:
        """UID."""
        return cast("int | None", self.items.get("UID"))

    @property
    def flags(self) -> tuple[str, ...] | None:
        """FLAGS; those of RFC 9051 2.3.2 in their usual case."""
        return cast("tuple[str, ...] | None", self.items.get("FLAGS"))

    @property
    def internal_date(self) -> datetime | None:
        """INTERNALDATE, with its time zone."""
        return cast("datetime | None", self.items.get("INTERNALDATE"))

    @property
    def size(self) -> int | None:
        """RFC822.SIZE in octets."""
        return cast("int | None", self.items.get("RFC822.SIZE"))

    @property
    def envelope(self) -> Envelope | None:
        """ENVELOPE."""
        return cast("Envelope | None", self.items.get("ENVELOPE"))

    @property
    def body_structure(self) -> BodyStructure | None:
        """BODYSTRUCTURE, or else BODY."""
        found = self.items.get("BODYSTRUCTURE") or self.items.get("BODY")
        return cast("BodyStructure | None", found)

    @property
    def modseq(self) -> int | None:
        """MODSEQ (RFC 7162 3.1.4)."""
        return cast("int | None", self.items.get("MODSEQ"))

    @property
    def email_id(self) -> str | None:
        """EMAILID (RFC 8474 5.1)."""
        return cast("str | None", self.items.get("EMAILID"))

    @property
    def thread_id(self) -> str | None:
        """THREADID (RFC 8474 5.2)."""
        return cast("str | None", self.items.get("THREADID"))

    @property
    def save_date(self) -> datetime | None:
        """SAVEDATE (RFC 8514 4)."""
        return cast("datetime | None", self.items.get("SAVEDATE"))

    @property
    def preview(self) -> str | None:
        """PREVIEW (RFC 8970 3)."""
        return cast("str | None", self.items.get("PREVIEW"))

    def content(self, section: str | Section = "BODY[]") -> bytes | Literal | None:
        """The octets of a section, None if it is absent or NIL.

        They are a :class:`Literal` without data if they were streamed. Peeking or not, and the
        length of a partial, make no difference. Raises :class:`ValueError` if it is no section.
        """
        key = Section.parse(section) if isinstance(section, str) else section
        return cast("bytes | Literal | None", self.items.get(key.key))


@value
class FetchResponse(MessageData):
    """FETCH: items of the message with a sequence number (RFC 9051 7.5.2)."""

    name: ClassVar[str] = "FETCH"


@value
class UidFetchResponse(MessageData):
    """UIDFETCH: ``number`` is the UID of the message (RFC 9586 3.3)."""

    name: ClassVar[str] = "UIDFETCH"

    @property
    def uid(self) -> int:
        """The UID."""
        return self.number


@value
class ConvertedResponse(MessageData):
    """CONVERTED: items that CONVERT was asked for by the command ``tag`` (RFC 5259 9.1).

    Where a part could not be converted its value is a :class:`ConversionError`.
    """

    name: ClassVar[str] = "CONVERTED"
    tag: str = field(kw_only=True)
