"""Reads and writes BODY and BODYSTRUCTURE (RFC 9051 9 ``body``), never recursive.

A part without literals and without anything odd is taken by one regular expression, and so is
the end of a multipart. The rest is read by ``odd_body``.
"""

import re
from functools import lru_cache
from typing import Any

from mailproto._value import value
from mailproto.errors import LocalProtocolError
from mailproto.imap.body import (
    BodyPart,
    BodyStructure,
    Disposition,
    MessagePart,
    Multipart,
    Parameters,
)
from mailproto.imap.envelope_shape import ENVELOPE
from mailproto.imap.odd_body import (
    MessageStart,
    begin_message,
    is_message,
    read_odd_part,
    read_tail,
    rest_of_multipart,
)
from mailproto.imap.quoting import (
    PLAIN_QUOTED,
    UTF8_QUOTED,
    quoted_text,
    quoted_word,
    text_of,
    unescape,
)
from mailproto.imap.scanner import Scanner
from mailproto.imap.shapes import Shape
from mailproto.imap.write import Writer

__all__ = ["BODY", "BODYSTRUCTURE"]

_SECTION = "RFC 9051 7.5.2"
_LONGEST_REMEMBERED = 256


@value
class _Patterns:
    """A whole ``part``, the start of a ``message`` up to its envelope, the end of a multipart."""

    part: re.Pattern[bytes]
    message: re.Pattern[bytes]
    end: re.Pattern[bytes]


def _patterns(quoted: bytes) -> _Patterns:
    text = b'"(' + quoted[1:-1] + b')"'
    ntext = b"(?:" + text + b"|NIL)"
    pairs = quoted + b" " + quoted + b"(?: " + quoted + b" " + quoted + b")*+"
    parameters = rb"(?:NIL|\((" + pairs + rb")\))"
    disposition = rb"(?:NIL|\(" + text + b" " + parameters + rb"\))"
    languages = b"(?:NIL|(" + quoted + rb"|\(" + quoted + b"(?: " + quoted + rb")*+\)))"
    tail = b"(?: " + disposition + b"(?: " + languages + b"(?: " + ntext + b")?)?)?"
    fields = b" ".join([text, parameters, ntext, ntext, text, b"([0-9]{1,18})"])
    return _Patterns(
        re.compile(
            rb"\(" + text + b" " + fields + b"(?: ([0-9]{1,18}))?(?: " + ntext + tail + rb")?\)"
        ),
        re.compile(rb'\("(message)" ' + fields + rb" (?=\()", re.IGNORECASE),
        re.compile(b" " + text + b"(?: " + parameters + tail + rb")?\)"),
    )


_PATTERNS = {False: _patterns(PLAIN_QUOTED), True: _patterns(UTF8_QUOTED)}
_PAIR = re.compile('"({0})" "({0})"'.format(UTF8_QUOTED[1:-1].decode()))
_ONE = re.compile(b'"(' + UTF8_QUOTED[1:-1] + b')"')


_GAP = re.compile(rb" +(?=\()")


@value
class _Open:
    """A multipart whose children are being read, or a message with what came before its body."""

    children: list[BodyStructure]
    message: MessageStart | None = None


def _read(scanner: Scanner) -> BodyStructure:
    patterns = _PATTERNS[scanner.utf8]
    stack: list[_Open] = []
    while True:
        if scanner.at(b"(("):
            _push(scanner, stack, _Open([]))
            scanner.pos += 1
            continue
        found = _read_part(scanner, patterns)
        if isinstance(found, dict):
            _push(scanner, stack, _Open([], found))
            continue
        part = found
        while stack:
            top = stack[-1]
            if top.message is not None:
                part = _end_message(scanner, top.message, part)
            else:
                top.children.append(part)
                if _next_child(scanner):
                    break
                part = _end_multipart(scanner, patterns.end, tuple(top.children))
            stack.pop()
        else:
            return part


def _push(scanner: Scanner, stack: list[_Open], item: _Open) -> None:
    if len(stack) >= scanner.nesting:
        scanner.fail(f"at most {scanner.nesting} parts within one another")
    stack.append(item)


def _next_child(scanner: Scanner) -> bool:
    if scanner.at(b"("):
        return True
    gap = _GAP.match(scanner.data, scanner.pos)
    if gap is None:
        return False
    scanner.tolerate("space between parts", _SECTION)
    scanner.pos = gap.end()
    return True


# --- one part ---


def _read_part(scanner: Scanner, patterns: _Patterns) -> BodyStructure | MessageStart:
    """Read a part that is no multipart, or a message up to its body."""
    found = patterns.part.match(scanner.data, scanner.pos)
    if found is None:
        return _read_message(scanner, patterns)
    groups = found.groups()
    kind, subtype, parameters, id_, description, encoding, size, lines = groups[:8]
    md5, disposition, of_disposition, languages, location = groups[8:]
    type_ = quoted_word(kind)
    if _HAS_LINES.get(type_.lower(), False) is not (lines is not None):
        return read_odd_part(scanner)
    scanner.pos = found.end()
    return BodyPart(
        quoted_word(subtype),
        () if parameters is None else _parameters(parameters),
        disposition=_disposition(disposition, of_disposition),
        languages=() if languages is None else _languages(languages),
        location=None if location is None else quoted_text(location),
        type=type_,
        id=None if id_ is None else quoted_text(id_),
        description=None if description is None else quoted_text(description),
        encoding=quoted_word(encoding),
        size=int(size),
        lines=None if lines is None else int(lines),
        md5=None if md5 is None else quoted_text(md5),
    )


_HAS_LINES = {"text": True, "message": None}
"""By type; None sends a message to the reader that knows which kind it is."""


def _read_message(scanner: Scanner, patterns: _Patterns) -> BodyStructure | MessageStart:
    found = patterns.message.match(scanner.data, scanner.pos)
    if found is None:
        return read_odd_part(scanner)
    kind, subtype, parameters, id_, description, encoding, size = found.groups()
    scanner.pos = found.end()
    fields = {
        "type": quoted_word(kind),
        "subtype": quoted_word(subtype),
        "parameters": () if parameters is None else _parameters(parameters),
        "id": None if id_ is None else quoted_text(id_),
        "description": None if description is None else quoted_text(description),
        "encoding": quoted_word(encoding),
        "size": int(size),
    }
    return begin_message(scanner, fields)


def _end_message(scanner: Scanner, fields: dict[str, Any], body: BodyStructure) -> MessagePart:
    if scanner.more():
        fields["lines"] = scanner.lenient_number64()
    else:
        scanner.tolerate("no lines of a message", _SECTION)
    part = MessagePart(**fields, body=body, **read_tail(scanner, md5=True))
    scanner.close()
    return part


def _end_multipart(
    scanner: Scanner, pattern: re.Pattern[bytes], parts: tuple[BodyStructure, ...]
) -> Multipart:
    found = pattern.match(scanner.data, scanner.pos)
    if found is None:
        scanner.space()
        return rest_of_multipart(scanner, scanner.ntext(), parts)
    scanner.pos = found.end()
    subtype, parameters, disposition, of_disposition, languages, location = found.groups()
    return Multipart(
        quoted_word(subtype),
        () if parameters is None else _parameters(parameters),
        disposition=_disposition(disposition, of_disposition),
        languages=() if languages is None else _languages(languages),
        location=None if location is None else quoted_text(location),
        parts=parts,
    )


def _parameters(raw: bytes) -> Parameters:
    return _remembered(raw) if len(raw) < _LONGEST_REMEMBERED else _split(raw)


def _split(raw: bytes) -> Parameters:
    text = text_of(raw)
    pairs = _PAIR.findall(text)
    if "\\" in text:
        pairs = [(unescape(name), unescape(content)) for name, content in pairs]
    return tuple(pairs)


_remembered = lru_cache(maxsize=1024)(_split)


def _disposition(kind: bytes | None, parameters: bytes | None) -> Disposition | None:
    if kind is None:
        return None
    return Disposition(quoted_word(kind), () if parameters is None else _parameters(parameters))


def _languages(raw: bytes) -> tuple[str, ...]:
    return tuple([quoted_word(tag) for tag in _ONE.findall(raw)])


# --- writing ---


@value
class _Tail:
    """What of a part comes behind its children."""

    part: BodyStructure


def _write(writer: Writer, body: BodyStructure, *, extended: bool) -> None:
    stack: list[BodyStructure | _Tail] = [body]
    while stack:
        item = stack.pop()
        if isinstance(item, _Tail):
            _write_tail(writer, item.part, extended=extended)
            continue
        writer.raw(b"(")
        stack.append(_Tail(item))
        if isinstance(item, Multipart):
            if not item.parts:
                raise LocalProtocolError("a multipart has one part or more")
            stack += reversed(item.parts)
        elif isinstance(item, BodyPart):
            _write_fields(writer, item)
            if isinstance(item, MessagePart):
                writer.space()
                ENVELOPE.write(writer, item.envelope)
                writer.space()
                stack.append(item.body)
        else:
            raise LocalProtocolError(f"{item!r} is no part of a message")


def _write_fields(writer: Writer, part: BodyPart) -> None:
    if isinstance(part, MessagePart) != is_message(part.type, part.subtype):
        raise LocalProtocolError("message/rfc822 and message/global are a MessagePart")
    has_lines = isinstance(part, MessagePart) or part.type.lower() == "text"
    if has_lines != (part.lines is not None):
        raise LocalProtocolError("text and messages have lines, other parts have none")
    writer.text(part.type)
    writer.space()
    writer.text(part.subtype)
    writer.space()
    _write_parameters(writer, part.parameters)
    writer.space()
    writer.ntext(part.id)
    writer.space()
    writer.ntext(part.description)
    writer.space()
    writer.text(part.encoding)
    writer.space()
    writer.number64(part.size)


def _write_tail(writer: Writer, part: BodyStructure, *, extended: bool) -> None:
    if isinstance(part, BodyPart):
        if part.lines is not None:
            writer.space()
            writer.number64(part.lines)
        if extended:
            writer.space()
            writer.ntext(part.md5)
    else:
        writer.space()
        writer.text(part.subtype)
        if extended:
            writer.space()
            _write_parameters(writer, part.parameters)
    if extended:
        _write_extension(writer, part)
    writer.raw(b")")


def _write_extension(writer: Writer, part: BodyStructure) -> None:
    writer.space()
    if part.disposition is None:
        writer.raw(b"NIL")
    else:
        writer.raw(b"(")
        writer.text(part.disposition.type)
        writer.space()
        _write_parameters(writer, part.disposition.parameters)
        writer.raw(b")")
    writer.space()
    if part.languages:
        writer.listed(part.languages, writer.text)
    else:
        writer.raw(b"NIL")
    writer.space()
    writer.ntext(part.location)
    for item in part.extension:
        writer.space()
        writer.generic(item)


def _write_parameters(writer: Writer, parameters: Parameters) -> None:
    if parameters:
        writer.listed([text for pair in parameters for text in pair], writer.text)
    else:
        writer.raw(b"NIL")


def _shape(*, extended: bool) -> Shape[BodyStructure]:
    return Shape(_read, lambda writer, body: _write(writer, body, extended=extended))


BODY = _shape(extended=False)
"""Without the fields that BODYSTRUCTURE adds: they are not written."""

BODYSTRUCTURE = _shape(extended=True)
