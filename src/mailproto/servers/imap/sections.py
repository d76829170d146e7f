"""The octets of sections: BODY[...] and BINARY[...] (RFC 9051 6.4.5, RFC 3516)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from mailproto.imap import Literal, No, ResponseCode, Section
from mailproto.message import (
    Entity,
    Span,
    UnknownEncoding,
    locate,
    select_fields,
    transfer_decoder,
)
from mailproto.servers.imap.criteria import UnknownKey
from mailproto.servers.imap.item import Item, Message, reading
from mailproto.servers.imap.service import Refused

__all__ = ["section_item"]

_INLINE = 64 * 1024  # octets of content that are sent in one piece
_MOST_INLINE = 1024 * 1024  # of all items of one message together; what is beyond is streamed
_HEADER = 1024 * 1024  # of a header that fields are chosen from
_MOST_FIELDS = 16 * 1024 * 1024  # octets of chosen header fields of one message together


async def _located(message: Message, section: Section) -> tuple[Entity | None, Span | None]:
    """Return the octets of a section, None if it is not there, and its entity if it has one.

    A section of the whole message needs no more than the header.
    """
    if section.part:
        structure = await message.content.structure()
        return structure.find(section.part), locate(structure, section)
    size = message.info.size
    if section.text is None:
        return None, Span(0, size)
    header = await message.content.header_size()
    return None, Span(header, size) if section.text == "TEXT" else Span(0, header)


def _partial(section: Section, size: int) -> tuple[int, int]:
    """Return the first octet that is wanted and how many are."""
    start = min(section.origin or 0, size)
    length = size - start
    return start, length if section.length is None else min(section.length, length)


def _chosen_fields(message: Message, section: Section, header: bytes) -> bytes:
    found = select_fields(header, section.fields, inverse=section.text == "HEADER.FIELDS.NOT")
    start, length = _partial(section, len(found))
    if not message.hold(length, _MOST_FIELDS):
        raise Refused(No("Too many header fields at once", ResponseCode("LIMIT")))
    return _plain(found[start : start + length])


def _plain(octets: bytes) -> bytes:
    """Octets for a literal, in which NUL must not be (RFC 9051 4.3.1): it becomes 0x80.

    So sizes and offsets stay; BINARY has the octets as they are.
    """
    return octets.replace(b"\0", b"\x80")


async def _plainly(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        async for piece in pieces:
            yield _plain(piece)


async def _octets(message: Message, section: Section) -> bytes | Literal | None:
    """The octets of BODY[...]: in one piece, or a literal that is streamed."""
    _, span = await _located(message, section)
    if span is None:
        return None
    if section.fields:
        header = Span(span.start, min(span.end, span.start + _HEADER))
        return _chosen_fields(message, section, await message.content.read(header))
    start, length = _partial(section, span.size)
    wanted = Span(span.start + start, span.start + start + length)
    if length <= _INLINE and message.hold(length, _MOST_INLINE):
        return _plain(await message.content.read(wanted))
    message.octets.append(_plainly(message.content.stream(wanted)))
    return Literal(length)


async def _decoded(
    message: Message, section: Section
) -> tuple[AsyncGenerator[bytes, None] | None, int]:
    """The decoded octets of BINARY[...] and how many they are; None if there is no such part.

    They are decoded twice, since their number is to be told first. Raises :class:`Refused` if
    the encoding is not known.
    """
    entity, span = await _located(message, section)
    if span is None:
        return None, 0
    encoding = "7BIT"
    if entity is not None and not entity.children:  # multiparts and messages are never encoded
        encoding = entity.content.encoding

    async def decoded() -> AsyncGenerator[bytes, None]:
        step = transfer_decoder(encoding)
        async with aclosing(message.content.stream(span)) as pieces:
            async for piece in pieces:
                yield step.feed(piece)
        yield step.finish()

    size = 0
    try:
        async with aclosing(decoded()) as pieces:
            async for piece in pieces:
                size += len(piece)
    except UnknownEncoding as error:
        raise Refused(No("The encoding is not known", ResponseCode("UNKNOWN-CTE"))) from error
    return decoded(), size


async def _cut(
    pieces: AsyncGenerator[bytes, None], start: int, length: int
) -> AsyncGenerator[bytes, None]:
    """Yield ``length`` octets from ``start`` on."""
    async with aclosing(pieces):
        async for piece in pieces:
            part = piece[start : start + length]
            start = max(start - len(piece), 0)
            length -= len(part)
            if part:
                yield part
            if not length:
                return


async def _binary(message: Message, section: Section) -> Literal | None:
    """The octets of BINARY[...] (RFC 3516 4.2): a literal8, since there may be NUL in them."""
    pieces, size = await _decoded(message, section)
    if pieces is None:
        return None
    start, length = _partial(section, size)
    wanted = _cut(pieces, start, length)
    if length <= _INLINE and message.hold(length, _MOST_INLINE):
        async with aclosing(wanted):
            return Literal(length, b"".join([piece async for piece in wanted]), binary=True)
    message.octets.append(wanted)
    return Literal(length, binary=True)


async def _binary_size(message: Message, section: Section) -> int:
    pieces, size = await _decoded(message, section)
    if pieces is not None:
        await pieces.aclose()
    return size


_SECTIONS: Mapping[str, Callable[[Message, Section], Awaitable[Any]]] = {
    "BODY": _octets,
    "BINARY": _binary,
    "BINARY.SIZE": _binary_size,
}


def section_item(section: Section) -> Item:
    """Return how a section is gathered. Raises :class:`UnknownKey`."""
    read = _SECTIONS.get(section.item)
    if read is None:
        raise UnknownKey(section.item)
    if section.text == "HEADER.FIELDS" and not section.part:
        fields = frozenset(map(str.lower, section.fields))
        return Item(lambda message: _chosen_fields(message, section, message.header), fields)
    return reading(lambda message: read(message, section))
