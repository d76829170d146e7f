"""BODY and BODYSTRUCTURE: the tree of parts of a message (RFC 9051 7.5.2, RFC 2045)."""

from collections.abc import Iterator
from typing import TypeAlias

from mailproto._value import field, value
from mailproto.imap.envelope import Envelope
from mailproto.imap.values import GenericValue

__all__ = ["BodyPart", "BodyStructure", "Disposition", "MessagePart", "Multipart", "Parameters"]

Parameters: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in order; names are case-insensitive."""


@value
class Disposition:
    """Content-Disposition: its type and parameters (RFC 2183)."""

    type: str
    parameters: Parameters = ()

    @property
    def filename(self) -> str | None:
        """The parameter ``filename``, None if there is none."""
        return _lookup(self.parameters, "filename")


@value
class BodyStructure:
    """What all parts tell.

    The fields from ``disposition`` on are told by BODYSTRUCTURE only, and a server may leave
    off the last of them: absent and NIL are the same there. ``extension`` are fields that no
    RFC defines yet.
    """

    subtype: str
    parameters: Parameters = ()
    disposition: Disposition | None = field(default=None, kw_only=True)
    languages: tuple[str, ...] = field(default=(), kw_only=True)
    location: str | None = field(default=None, kw_only=True)
    extension: tuple[GenericValue, ...] = field(default=(), kw_only=True)

    @property
    def content_type(self) -> str:
        """Type and subtype in lower case."""
        return f"{self._type}/{self.subtype}".lower()

    @property
    def _type(self) -> str:
        raise NotImplementedError

    def parameter(self, name: str) -> str | None:
        """The value of a parameter of the Content-Type, None if there is none."""
        return _lookup(self.parameters, name)

    def walk(self) -> Iterator[tuple[tuple[int, ...], "BodyStructure"]]:
        """Yield part numbers and parts, depth first, in the order of the message.

        The numbers are those of BODY sections (RFC 9051 6.4.5.1). The multipart at the root
        has the number ``()``; a multipart within a message has that of the message.
        """
        stack: list[tuple[tuple[int, ...], BodyStructure]]
        stack = [(() if isinstance(self, Multipart) else (1,), self)]
        while stack:
            number, part = stack.pop()
            yield number, part
            if isinstance(part, Multipart):
                children = part.parts
            elif isinstance(part, MessagePart):
                if isinstance(part.body, Multipart):
                    stack.append((number, part.body))
                    continue
                children = (part.body,)
            else:
                continue
            stack.extend(
                ((*number, place), child)
                for place, child in reversed(list(enumerate(children, start=1)))
            )

    def part(self, number: str | tuple[int, ...]) -> "BodyStructure | None":
        """Return the part with a number such as ``"1.2"`` or ``(1, 2)``, None if it is absent.

        Raises :class:`ValueError` if ``number`` is no part number.
        """
        wanted = tuple(map(int, number.split("."))) if isinstance(number, str) else number
        part: BodyStructure = self
        rest = wanted
        if not isinstance(self, Multipart):
            if wanted[:1] != (1,):
                return None
            rest = wanted[1:]
        for place in rest:
            if isinstance(part, MessagePart):
                part = part.body
                if not isinstance(part, Multipart):
                    if place != 1:
                        return None
                    continue
            if not isinstance(part, Multipart) or not 1 <= place <= len(part.parts):
                return None
            part = part.parts[place - 1]
        return part


@value
class BodyPart(BodyStructure):
    """A part that is no multipart; ``type`` is its media type, ``size`` in octets as encoded.

    ``lines`` is set for text only.
    """

    type: str = field(default="application", kw_only=True)
    id: str | None = field(default=None, kw_only=True)
    description: str | None = field(default=None, kw_only=True)
    encoding: str = field(default="7BIT", kw_only=True)
    size: int = field(default=0, kw_only=True)
    lines: int | None = field(default=None, kw_only=True)
    md5: str | None = field(default=None, kw_only=True)

    @property
    def _type(self) -> str:
        return self.type


@value
class MessagePart(BodyPart):
    """A message within a message: message/rfc822 or message/global, with its own structure."""

    type: str = field(default="message", kw_only=True)
    envelope: Envelope = field(kw_only=True)
    body: BodyStructure = field(kw_only=True)


@value
class Multipart(BodyStructure):
    """Parts one after the other."""

    parts: tuple[BodyStructure, ...] = field(default=(), kw_only=True)

    @property
    def _type(self) -> str:
        return "multipart"


def _lookup(parameters: Parameters, name: str) -> str | None:
    wanted = name.lower()
    return next((text for given, text in parameters if given.lower() == wanted), None)
