"""The sections of a message that FETCH names: where they are (RFC 9051 6.4.5.1)."""

from collections.abc import Callable

from mailproto.imap.section import Section
from mailproto.message.entity import Entity, Span
from mailproto.message.header import select_fields
from mailproto.message.transfer import decode_transfer

__all__ = ["locate", "read_section"]


def _header(entity: Entity) -> Span:
    return entity.header


def _body(entity: Entity) -> Span:
    return entity.body


_OF_MESSAGE: dict[str | None, Callable[[Entity], Span]] = {
    "HEADER": _header,
    "HEADER.FIELDS": _header,
    "HEADER.FIELDS.NOT": _header,
    "TEXT": _body,
}
_OF_PART: dict[str | None, Callable[[Entity], Span]] = {None: _body, "MIME": _header}


def locate(root: Entity, section: Section) -> Span | None:
    """Return where the octets of a section are, None if the message has no such part.

    Of HEADER.FIELDS and HEADER.FIELDS.NOT this is the whole header, from which ``select_fields``
    takes them. ``origin`` and ``length`` are left to the caller.
    """
    entity = root.find(section.part)
    if entity is None:
        return None
    if not section.part:
        of_root = _OF_MESSAGE.get(section.text)
        return of_root(entity) if of_root else entity.span
    if section.text in _OF_PART:
        return _OF_PART[section.text](entity)
    return None if entity.message is None else _OF_MESSAGE[section.text](entity.message)


def read_section(data: bytes, root: Entity, section: Section) -> bytes | None:
    """Return the octets of a section, decoded for BINARY, None if there is no such part.

    Raises :class:`UnknownEncoding` for BINARY.
    """
    span = locate(root, section)
    if span is None:
        return None
    octets = span.of(data)
    if section.text in ("HEADER.FIELDS", "HEADER.FIELDS.NOT"):
        return select_fields(octets, section.fields, inverse=section.text == "HEADER.FIELDS.NOT")
    if section.item != "BODY":
        entity = root.find(section.part)
        assert entity is not None
        return decode_transfer(octets, entity.content.encoding if section.part else "BINARY")
    return octets
