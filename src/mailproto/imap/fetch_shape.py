"""Reads and writes the items of FETCH responses (RFC 9051 9 ``msg-att``).

An item is a row: its name and the shape of its value. Items that nobody knows are kept as
generic values.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.imap.body_shape import BODY, BODYSTRUCTURE
from mailproto.imap.cursor import GrammarError
from mailproto.imap.dates import parse_date_time
from mailproto.imap.envelope_shape import ENVELOPE
from mailproto.imap.fetch import AnnotationEntry, ConversionError, FetchItems
from mailproto.imap.mailbox_name import decode_mailbox
from mailproto.imap.scanner import Scanner
from mailproto.imap.section import Section, SectionItem
from mailproto.imap.section_shape import SECTION, read_section
from mailproto.imap.shapes import (
    ATEXT,
    ATOM,
    FLAGS,
    GENERIC,
    NSTRING,
    NTEXT,
    TEXT,
    Shape,
    listed,
    nil_or,
    pair,
    parenthesised,
)
from mailproto.imap.values import Literal
from mailproto.imap.write import Writer

__all__ = [
    "ANNOTATIONS",
    "CONVERTED_ITEMS",
    "FETCH_ITEMS",
    "LABEL",
    "NUMBER_U64",
    "SECTION_CONTENT",
    "content_item",
]

_ITEM = re.compile(rb"([A-Za-z][A-Za-z0-9._-]*)([ \[])")
_NEXT = re.compile(rb" ([A-Za-z][A-Za-z0-9._-]*)([ \[])")
_SIMPLE_SECTION = re.compile(rb"\[[0-9A-Z.]{0,32}\](?:<[0-9]{1,10}>)?(?=[ )])")
_BRACKETED = re.compile(rb"\[[ !#-\[^-~]*\](?:<[0-9]+>)?")
_KEY = re.compile(r"[A-Z][A-Z0-9._-]*(?:\[[ !#-\[^-~]*\](?:<[0-9]+>)?)?")
_DATE_TIME = re.compile(rb'"([ 0-9][0-9]-[A-Za-z]{3}-[0-9]{4} [0-9:]{8} [+-][0-9]{4})"')
_NO_DATE = re.compile(rb'"[ -!#-\[\]-~]{0,64}"')


# --- the shapes of items ---


def _read_date_time(scanner: Scanner) -> datetime | None:
    found = _DATE_TIME.match(scanner.data, scanner.pos)
    if found is not None:
        try:
            moment = parse_date_time(found[1])
        except ValueError:
            pass
        else:
            scanner.pos = found.end()
            return moment
    elif scanner.nil():
        return None
    found = _NO_DATE.match(scanner.data, scanner.pos)
    if found is None:
        scanner.fail("a date-time")
    scanner.tolerate("a date-time that is none", "RFC 9051 9")
    scanner.pos = found.end()
    return None


def _write_date_time(writer: Writer, moment: datetime | None) -> None:
    if moment is None:
        raise LocalProtocolError("a message has an INTERNALDATE")
    writer.date_time(moment)


def _read_internal_date(scanner: Scanner) -> datetime | None:
    start = scanner.pos
    moment = _read_date_time(scanner)
    if moment is None and scanner.data[start : start + 1] != b'"':
        scanner.tolerate("NIL in place of a date-time", "RFC 9051 9")
    return moment


def _read_labels(scanner: Scanner) -> tuple[str, ...]:
    return tuple(label for label in scanner.listed(lambda: _read_label(scanner)) if label)


def _read_label(scanner: Scanner) -> str:
    """One of Gmail's labels: system labels are like flags, others like names of mailboxes."""
    if scanner.nil():
        scanner.tolerate("NIL in a list of labels", "X-GM-EXT-1")
        return ""
    if scanner.at(b"\\"):
        return scanner.flag()
    if scanner.at(b'""'):
        scanner.tolerate("an empty label", "X-GM-EXT-1")
    return decode_mailbox(scanner.astring(), utf8=scanner.utf8)


def _write_label(writer: Writer, label: str) -> None:
    if not label:
        raise LocalProtocolError("a label is not empty")
    if label.startswith("\\"):
        writer.flag(label)
    else:
        writer.mailbox(label)


def _read_annotation(scanner: Scanner) -> AnnotationEntry:
    name = scanner.atext()
    if not scanner.skip(b" "):
        return AnnotationEntry(name)
    if scanner.at(b"("):
        return AnnotationEntry(name, _ATTRIBUTES.read(scanner))
    scanner.pos -= 1
    return AnnotationEntry(name)


def _write_annotation(writer: Writer, entry: AnnotationEntry) -> None:
    writer.atext(entry.entry)
    if entry.attributes:
        writer.space()
        _ATTRIBUTES.write(writer, entry.attributes)


_ATTRIBUTES = listed(pair(ATEXT, NSTRING), least=1)


def _read_content(scanner: Scanner) -> bytes | Literal | None:
    if scanner.at(b")"):
        scanner.tolerate("a section without its content", "RFC 9051 7.5.2")
        return None
    return scanner.content()


def _converted(shape: Shape[Any]) -> Shape[Any]:
    """A value, or why there is none (RFC 5259 10 ``converterror-phrase``)."""

    def read(scanner: Scanner) -> Any:
        if not scanner.skip(b"(ERROR "):
            return shape.read(scanner)
        text = scanner.text()
        scanner.space()
        reason, arguments = scanner.keyword(), []
        while scanner.more():
            arguments.append(scanner.generic())
        scanner.close()
        return ConversionError(text, reason, tuple(arguments))

    def write(writer: Writer, item: Any) -> None:
        if not isinstance(item, ConversionError):
            shape.write(writer, item)
            return
        writer.raw(b"(ERROR ")
        writer.text(item.text)
        writer.space()
        writer.atom(item.reason)
        for argument in item.arguments:
            writer.space()
            writer.generic(argument)
        writer.raw(b")")

    return Shape(read, write)


_DATE_TIME_ITEM = Shape(_read_internal_date, _write_date_time)
_NSTRING_CONTENT: Shape[bytes | Literal | None] = Shape(
    _read_content, lambda writer, data: writer.content(data)
)
_BINARY_CONTENT: Shape[bytes | Literal | None] = Shape(
    _read_content, lambda writer, data: writer.content(data, binary=True)
)
_SIZE = Shape(Scanner.lenient_number64, Writer.number64)
_LARGEST_U64 = 2**64 - 1
NUMBER_U64: Shape[int] = Shape(
    lambda scanner: scanner.number(_LARGEST_U64),
    lambda writer, number: writer.number(number, _LARGEST_U64),
)
"""A number of 64 bits: Gmail's identifiers of messages and threads (X-GM-EXT-1)."""

_OBJECT_ID = parenthesised(ATOM)

LABEL = Shape(_read_label, _write_label)
"""One of Gmail's labels (X-GM-EXT-1)."""

ANNOTATIONS = listed(Shape(_read_annotation, _write_annotation), least=1)
"""Annotations of a message (RFC 5257 5 ``entry-att``)."""

_ITEMS: dict[str, Shape[Any]] = {
    # RFC 9051 7.5.2, RFC 3501 7.4.2
    "UID": Shape(Scanner.lenient_nz_number, Writer.nz_number),
    "FLAGS": FLAGS,
    "INTERNALDATE": _DATE_TIME_ITEM,
    "RFC822.SIZE": _SIZE,
    "ENVELOPE": ENVELOPE,
    "BODY": BODY,
    "BODYSTRUCTURE": BODYSTRUCTURE,
    "RFC822": _NSTRING_CONTENT,
    "RFC822.HEADER": _NSTRING_CONTENT,
    "RFC822.TEXT": _NSTRING_CONTENT,
    # RFC 7162 3.1.4
    "MODSEQ": parenthesised(_SIZE),
    # RFC 8474 5
    "EMAILID": _OBJECT_ID,
    "THREADID": nil_or(_OBJECT_ID),
    # RFC 8514 4
    "SAVEDATE": nil_or(_DATE_TIME_ITEM),
    # RFC 8970 3
    "PREVIEW": NTEXT,
    # RFC 5257 4.3
    "ANNOTATION": ANNOTATIONS,
    # Gmail's X-GM-EXT-1
    "X-GM-MSGID": NUMBER_U64,
    "X-GM-THRID": NUMBER_U64,
    "X-GM-LABELS": Shape(_read_labels, listed(LABEL).write),
}

_SECTIONS: dict[SectionItem, Shape[Any]] = {
    # RFC 9051 7.5.2, RFC 3516 4.2
    "BODY": _NSTRING_CONTENT,
    "BINARY": _BINARY_CONTENT,
    "BINARY.SIZE": _SIZE,
}

_CONVERTED_SECTIONS: dict[SectionItem, Shape[Any]] = {
    # RFC 5259 10
    "BODY": _NSTRING_CONTENT,
    "BINARY": _converted(_BINARY_CONTENT),
    "BINARY.SIZE": _converted(_SIZE),
    "BODYPARTSTRUCTURE": _converted(BODY),
    "AVAILABLECONVERSIONS": _converted(parenthesised(listed(TEXT))),
}


# --- all items of one message ---


_OPENING = re.compile(rb"\* ([0-9]{1,10}) (?:UID)?FETCH \(", re.IGNORECASE)
_CONTENT = re.compile(
    rb"[ (](?:((?:BODY|BINARY)\[[^\[\]]*\](?:<[0-9]+>)?)|(RFC822(?:\.HEADER|\.TEXT)?)) "
    rb"~?\{[0-9]+\}\r?\n\Z",
    re.IGNORECASE,
)


def content_item(opening: bytes, line: bytes) -> tuple[int, str | Section] | None:
    """What a literal is the content of: the number of the message and the item.

    ``opening`` is how the response begins, ``line`` its text up to the literal. None if it is
    not FETCH or UIDFETCH, or if the item is no content of a message.
    """
    message, found = _OPENING.match(opening), _CONTENT.search(line)
    if message is None or found is None:
        return None
    number = int(message[1])
    if found[1] is None:
        return number, found[2].decode().upper()
    try:
        return number, SECTION.read(Scanner(found[1] + b"\r\n"))
    except GrammarError:
        return None


@lru_cache(maxsize=256)
def _section(raw: bytes) -> Section:
    """A section without names of fields; there are few, so they are remembered."""
    return SECTION.read(Scanner(raw + b"\n"))


class _Items:
    """Items in parentheses, of the rows that are known and of any others."""

    def __init__(
        self, rows: dict[str, Shape[Any]], sections: dict[SectionItem, Shape[Any]]
    ) -> None:
        self._rows = rows
        self._sections = sections
        self._readers = {name.encode(): (name, shape.read) for name, shape in rows.items()}
        self._section_names = {name.encode(): name for name in sections}
        self._writers: dict[str | Section, tuple[bytes, Callable[[Writer, Any], None]]] = {
            name: (name.encode() + b" ", shape.write) for name, shape in rows.items()
        }

    def read(self, scanner: Scanner) -> FetchItems:
        items: FetchItems = {}
        if not scanner.open():
            return items
        wrapped = scanner.at(b"(")
        if wrapped:
            scanner.tolerate("parentheses around the items", "RFC 9051 7.5.2")
            scanner.pos += 1
        readers = self._readers
        found = scanner.match(_ITEM, "the name of an item")
        while True:
            name, mark = found.groups()
            scanner.pos = found.end()
            if mark != b" ":
                self._read_section(scanner, name.upper(), items)
            elif (row := readers.get(name) or readers.get(name.upper())) is not None:
                items[row[0]] = row[1](scanner)
            else:
                items[name.decode().upper()] = scanner.generic()
            following = _NEXT.match(scanner.data, scanner.pos)
            if following is not None:
                found = following
            elif scanner.more():
                found = scanner.match(_ITEM, "the name of an item")
            else:
                break
        scanner.close()
        if wrapped:
            scanner.close()
        return items

    def _read_section(self, scanner: Scanner, name: bytes, items: FetchItems) -> None:
        """Read a section, from its bracket on, and its content."""
        scanner.pos -= 1
        item = self._section_names.get(name)
        if item is None:
            key = name.decode() + scanner.match(_BRACKETED, "a section")[0].decode()
            scanner.space()
            items[key] = scanner.generic()
            return
        found = _SIMPLE_SECTION.match(scanner.data, scanner.pos)
        if found is not None:
            section = _section(name + found[0])
            scanner.pos = found.end()
        else:
            section = read_section(scanner, item)
        if not scanner.at(b")"):
            scanner.space()
        items[section] = self._sections[item].read(scanner)

    def write(self, writer: Writer, items: FetchItems) -> None:
        mark = b"("
        for key, content in items.items():
            if (known := self._writers.get(key)) is not None:
                writer.raw(mark + known[0])
                known[1](writer, content)
            else:
                writer.raw(mark)
                self._write_other(writer, key, content)
            mark = b" "
        writer.raw(b"()" if mark == b"(" else b")")

    def _write_other(self, writer: Writer, key: str | Section, content: Any) -> None:
        """Write a section, or an item that nobody knows."""
        shape = GENERIC
        if isinstance(key, Section):
            if key.key != key or key.item not in self._sections:
                raise LocalProtocolError(f"{key} is no item of this response")
            SECTION.write(writer, key)
            shape = self._sections[key.item]
        else:
            name, bracket, _ = key.partition("[")
            if not _KEY.fullmatch(key) or (bracket and name in self._sections):
                raise LocalProtocolError(f"{key!r} is not the name of an item")
            writer.raw(key.encode())
        writer.space()
        shape.write(writer, content)

    def shape(self) -> Shape[FetchItems]:
        return Shape(self.read, self.write)


FETCH_ITEMS = _Items(_ITEMS, _SECTIONS).shape()
"""The items of FETCH and UIDFETCH, in parentheses."""

CONVERTED_ITEMS = _Items({"UID": _ITEMS["UID"]}, _CONVERTED_SECTIONS).shape()
"""The items of CONVERTED, in parentheses (RFC 5259 10)."""

SECTION_CONTENT = _BINARY_CONTENT
"""The content of a message, which may be a literal8."""
