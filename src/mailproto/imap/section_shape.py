"""Reads and writes sections: ``BODY[1.HEADER.FIELDS (FROM)]<0.100>`` (RFC 9051 9 ``section``)."""

import re
from typing import get_args

from mailproto.errors import LocalProtocolError
from mailproto.imap.numbers import MAX_NUMBER, MAX_NUMBER64
from mailproto.imap.scanner import Scanner
from mailproto.imap.section import Section, SectionItem, SectionText
from mailproto.imap.shapes import ATEXT, Shape, listed
from mailproto.imap.write import Writer

__all__ = ["SECTION", "read_section"]

_NAME = re.compile(
    rb"(BODY|BINARY(?:\.SIZE)?|BODYPARTSTRUCTURE|AVAILABLECONVERSIONS)(\.PEEK)?(?=\[)",
    re.IGNORECASE,
)
_SPEC = re.compile(
    rb"\[([1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9})*)?"
    rb"(?:(?(1)\.)(HEADER(?:\.FIELDS(?:\.NOT)?)?|TEXT|MIME))?",
    re.IGNORECASE,
)
_PARTIAL = re.compile(rb"<([0-9]{1,19})(?:\.([1-9][0-9]{0,18}))?>")
_PEEKING = ("BODY", "BINARY")
_ITEMS = get_args(SectionItem)
_TEXTS = (None, *get_args(SectionText))
_FIELDS = listed(ATEXT, least=1)
_WITH_FIELDS = ("HEADER.FIELDS", "HEADER.FIELDS.NOT")


def read_section(scanner: Scanner, item: SectionItem, *, peek: bool = False) -> Section:
    """Read what follows the name of the item, from ``[`` on."""
    found = scanner.match(_SPEC, "a section")
    part, text = found.groups()
    kind = text.decode().upper() if text else None
    names: tuple[str, ...] = ()
    if kind in _WITH_FIELDS:
        scanner.space()
        names = tuple(name.upper() for name in _FIELDS.read(scanner))
    scanner.expect(b"]")
    origin = length = None
    if scanner.at(b"<"):
        origin, length = (
            int(digits) if digits else None for digits in scanner.match(_PARTIAL, "<n>").groups()
        )
    section = Section(
        tuple(map(int, part.split(b"."))) if part else (),
        kind,  # type: ignore[arg-type]  # the pattern allows nothing else
        names,
        item=item,
        origin=origin,
        length=length,
        peek=peek,
    )
    if (error := _error(section)) is not None:
        scanner.fail(error)
    return section


def _read(scanner: Scanner) -> Section:
    item, peek = scanner.match(_NAME, "the name of a section").groups()
    name: SectionItem = item.decode().upper()  # type: ignore[assignment]  # of the pattern
    return read_section(scanner, name, peek=peek is not None)


def _write(writer: Writer, section: Section) -> None:
    if (error := _error(section)) is not None:
        raise LocalProtocolError(f"{error}: {section!r}")
    text = str(section)
    if not section.fields:
        writer.raw(text.encode())
        return
    head, tail = text.split(" ", 1)[0], text.rpartition("]")[2]
    writer.raw(f"{head} ".encode())
    _FIELDS.write(writer, section.fields)
    writer.raw(f"]{tail}".encode())


def _error(section: Section) -> str | None:
    """What makes the section none, if anything does."""
    if section.item not in _ITEMS or section.text not in _TEXTS:
        return "no item of FETCH"
    if section.item not in _PEEKING and (section.peek or section.origin is not None):
        return f"no .PEEK and no partial with {section.item}"
    if section.item != "BODY" and section.text is not None and "BINARY" in section.item:
        return f"{section.item} has part numbers only"
    if section.text == "MIME" and not section.part:
        return "MIME needs a part number"
    if bool(section.fields) != (section.text in _WITH_FIELDS):
        return "names of fields with HEADER.FIELDS only"
    if not all(0 < number <= MAX_NUMBER for number in section.part):
        return "a part number is out of range"
    numbers = [n for n in (section.origin, section.length) if n is not None]
    if not all(0 <= number <= MAX_NUMBER64 for number in numbers):
        return "a partial is out of range"
    return None


SECTION: Shape[Section] = Shape(_read, _write)
