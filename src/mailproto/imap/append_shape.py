"""Reads and writes messages to append, of APPEND and REPLACE (RFC 4466 6 ``append-message``)."""

import re
from datetime import datetime
from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.imap.commands import AppendMessage, CatenateText, CatenateUrl, Option
from mailproto.imap.dates import parse_date_time
from mailproto.imap.fetch_shape import ANNOTATIONS
from mailproto.imap.scanner import Scanner
from mailproto.imap.shapes import GENERIC, Shape, listed
from mailproto.imap.values import Literal
from mailproto.imap.write import Writer

__all__ = ["MESSAGE", "is_message"]

_DATE_TIME = re.compile(rb'"([ 0-9][0-9]-[A-Za-z]{3}-[0-9]{4} [0-9:]{8} [+-][0-9]{4})"')
_LITERAL = re.compile(rb"(~?)\{")
_EXTENSIONS: dict[str, Shape[Any]] = {"ANNOTATION": ANNOTATIONS}
_OWN_NAMES = ("CATENATE", "UTF8")
_COMMAND = re.compile(rb"[^ \r\n]+ +(?:APPEND|(?:UID +)?REPLACE +[0-9*]+) +", re.IGNORECASE)
_TO_MAILBOX = re.compile(
    _COMMAND.pattern + rb'(?:"(?:[^"\\\r\n]++|\\.)*+"|[^\x00-\x20"(){}\\]+) +', re.IGNORECASE
)
_MESSAGE = re.compile(
    rb'(?:^ *|\) +|[+-][0-9]{4}" +|(?:^|[ (])(?:TEXT +|UTF8 +\())~?\{[0-9]+\+?\}\r\n\Z',
    re.IGNORECASE,
)
"""What stands before the literal: mailbox or literal, flags, date, CATENATE's or UTF8's word."""

Content = bytes | Literal


# --- literals ---


def _read_literal(scanner: Scanner) -> Content:
    """A literal, with its octets unless they were streamed; a literal8 stays one."""
    found = _LITERAL.match(scanner.data, scanner.pos)
    if found is None:
        scanner.fail("a literal")
    content = scanner.content()
    assert content is not None  # which only NIL is
    if isinstance(content, bytes) and found[1]:
        return Literal(len(content), content, binary=True)
    return content


def _write_literal(writer: Writer, content: Any) -> None:
    if not isinstance(content, Content):
        raise LocalProtocolError(f"not the content of a message: {type(content).__name__}")
    writer.content(content)


def _read_utf8(scanner: Scanner) -> Content:
    """A literal8 in parentheses (RFC 9755 4); as plain octets, which say nothing of it."""
    if not scanner.open():
        scanner.fail("a literal8")
    content = _read_literal(scanner)
    if not (isinstance(content, Literal) and content.binary):
        scanner.tolerate("no literal8", "RFC 9755 4")
    scanner.close()
    if isinstance(content, Literal) and content.data is not None:
        return content.data
    return content


def _write_utf8(writer: Writer, content: Content) -> None:
    writer.raw(b"UTF8 (")
    data = content.data if isinstance(content, Literal) else content
    size = content.size if isinstance(content, Literal) else len(content)
    writer.literal(Literal(size, data, binary=True))
    writer.raw(b")")


# --- CATENATE ---


def _read_part(scanner: Scanner) -> CatenateUrl | CatenateText:
    kind = scanner.keyword()
    scanner.space()
    if kind == "URL":
        return CatenateUrl(scanner.atext())
    if kind == "TEXT":
        return CatenateText(_read_literal(scanner))
    if kind == "UTF8":
        return CatenateText(_read_utf8(scanner), utf8=True)
    return scanner.fail("URL, TEXT or UTF8")


def _write_part(writer: Writer, part: CatenateUrl | CatenateText) -> None:
    if isinstance(part, CatenateUrl):
        writer.raw(b"URL ")
        writer.atext(part.url)
    elif part.utf8:
        _write_utf8(writer, part.content)
    else:
        writer.raw(b"TEXT ")
        _write_literal(writer, part.content)


_PARTS = listed(Shape(_read_part, _write_part), least=1)


# --- a message ---


def _read_date(scanner: Scanner) -> datetime:
    start = scanner.pos
    raw = scanner.match(_DATE_TIME, "a date-time")[1]
    try:
        return parse_date_time(raw)
    except ValueError:
        scanner.pos = start
        scanner.fail("a date-time")


def _read(scanner: Scanner) -> AppendMessage:
    flags = date = None
    if scanner.at(b"("):
        flags = scanner.flags()
        scanner.space()
    if scanner.at(b'"'):
        date = _read_date(scanner)
        scanner.space()
    extensions: list[Option] = []
    while not _LITERAL.match(scanner.data, scanner.pos):
        name = scanner.keyword()
        scanner.space()
        if name == "CATENATE":
            return AppendMessage(_PARTS.read(scanner), flags, date, extensions=tuple(extensions))
        if name == "UTF8":
            content = _read_utf8(scanner)
            return AppendMessage(content, flags, date, utf8=True, extensions=tuple(extensions))
        extensions.append(Option(name, _EXTENSIONS.get(name, GENERIC).read(scanner)))
        scanner.space()
    return AppendMessage(_read_literal(scanner), flags, date, extensions=tuple(extensions))


def _write(writer: Writer, message: AppendMessage) -> None:
    if message.flags is not None:
        writer.flags(message.flags)
        writer.space()
    if message.date is not None:
        writer.date_time(message.date)
        writer.space()
    for extension in message.extensions:
        if extension.name in _OWN_NAMES:
            raise LocalProtocolError(f"{extension.name} is no extension of a message")
        writer.atom(extension.name)
        writer.space()
        _EXTENSIONS.get(extension.name, GENERIC).write(writer, extension.argument)
        writer.space()
    if isinstance(message.content, tuple):
        if message.utf8:
            raise LocalProtocolError("each part of CATENATE says itself whether it is UTF8")
        writer.raw(b"CATENATE ")
        _PARTS.write(writer, message.content)
    elif message.utf8:
        _write_utf8(writer, message.content)
    else:
        _write_literal(writer, message.content)


MESSAGE = Shape(_read, _write)
"""A message with its flags, its date and what extensions add."""


def is_message(opening: bytes, line: bytes, *, first: bool) -> bool:
    """Whether a literal is a message to append, or a part of it, and so can be streamed.

    The arguments are those of the :class:`~mailproto.imap.framing.LiteralStart`. Names and URLs
    may be literals too, and are not meant.
    """
    if not first:
        return _COMMAND.match(opening) is not None and _MESSAGE.search(line) is not None
    head = _TO_MAILBOX.match(line)
    return head is not None and _MESSAGE.search(line[head.end() :]) is not None
