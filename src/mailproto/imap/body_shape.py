"""Reads and writes BODY and BODYSTRUCTURE (RFC 9051 9 ``body``), never recursive.

A part without literals and without anything odd is taken by one regular expression, and so is
the end of a multipart. The general reader behind them knows what real servers send.
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
from mailproto.imap.scanner import (
    PLAIN_QUOTED,
    UTF8_QUOTED,
    Scanner,
    quoted_text,
    quoted_word,
    text_of,
    unescape,
)
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
_MULTIPART = frozenset(
    ("mixed", "alternative", "related", "digest", "parallel", "report", "signed", "encrypted")
)
_TEXT = frozenset(("plain", "html", "enriched", "calendar", "csv", "xml"))


@value
class _Open:
    """A multipart whose children are being read, or a message with what came before its body."""

    children: list[BodyStructure]
    message: dict[str, Any] | None = None


def _read(scanner: Scanner) -> BodyStructure:
    patterns = _PATTERNS[scanner.utf8]
    stack: list[_Open] = []
    while True:
        if scanner.at(b"(("):
            _push(scanner, stack, _Open([]))
            scanner.pos += 1
            continue
        part = _read_part(scanner, patterns, stack)
        if part is None:
            continue  # a message: its body comes next
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


def _read_part(scanner: Scanner, patterns: _Patterns, stack: list[_Open]) -> BodyStructure | None:
    """Read a part that is no multipart; None if it is a message that is now on the stack."""
    found = patterns.part.match(scanner.data, scanner.pos)
    if found is None:
        return _read_message(scanner, patterns, stack)
    groups = found.groups()
    kind, subtype, parameters, id_, description, encoding, size, lines = groups[:8]
    md5, disposition, of_disposition, languages, location = groups[8:]
    type_ = quoted_word(kind)
    if _HAS_LINES.get(type_.lower(), False) is not (lines is not None):
        return _read_any_part(scanner, stack)
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


def _read_message(
    scanner: Scanner, patterns: _Patterns, stack: list[_Open]
) -> BodyStructure | None:
    found = patterns.message.match(scanner.data, scanner.pos)
    if found is None:
        return _read_any_part(scanner, stack)
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
    return _begin_message(scanner, stack, fields)


def _begin_message(
    scanner: Scanner, stack: list[_Open], fields: dict[str, Any]
) -> BodyStructure | None:
    """Read the envelope of a message, whose body comes next."""
    fields["envelope"] = ENVELOPE.read(scanner)
    scanner.space()
    _push(scanner, stack, _Open([], fields))
    return None


def _end_message(scanner: Scanner, fields: dict[str, Any], body: BodyStructure) -> MessagePart:
    if scanner.more():
        fields["lines"] = scanner.lenient_number64()
    else:
        scanner.tolerate("no lines of a message", _SECTION)
    part = MessagePart(**fields, body=body, **_read_tail(scanner, md5=True))
    scanner.close()
    return part


def _end_multipart(
    scanner: Scanner, pattern: re.Pattern[bytes], parts: tuple[BodyStructure, ...]
) -> Multipart:
    found = pattern.match(scanner.data, scanner.pos)
    if found is None:
        scanner.space()
        return _rest_of_multipart(scanner, scanner.ntext(), parts)
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


# --- the general readers ---


def _read_any_part(scanner: Scanner, stack: list[_Open]) -> BodyStructure | None:
    if not scanner.open():
        scanner.tolerate("a multipart without parts", _SECTION)
        return Multipart("mixed")
    first = scanner.ntext()
    if not scanner.more():
        scanner.tolerate("a multipart without parts", _SECTION)
        scanner.close()
        return Multipart(_given(first, "mixed"))
    if scanner.at(b"(") or (first is not None and _at_nil(scanner)):
        name = _given(first, "").lower()
        if name in _MULTIPART:
            scanner.tolerate("a multipart without parts", _SECTION)
            return _multipart_from_parameters(scanner, first, ())
        scanner.tolerate("a media type of one word", _SECTION)
        return _rest_of_part(scanner, stack, "text" if name in _TEXT else "application", first)
    second = scanner.ntext()
    if first is None and _given(second, "").lower() in _MULTIPART:
        scanner.tolerate("a multipart without parts", _SECTION)
        return _rest_of_multipart(scanner, second, ())
    if first is None or second is None:
        scanner.tolerate("NIL in place of a media type", _SECTION)
    if scanner.more():
        return _rest_of_part(
            scanner, stack, _given(first, "application"), _given(second, "octet-stream")
        )
    scanner.tolerate("a part without fields", _SECTION)
    scanner.close()
    return BodyPart(_given(second, "octet-stream"), type=_given(first, "application"))


def _given(text: str | None, otherwise: str) -> str:
    return otherwise if text is None else text


def _at_nil(scanner: Scanner) -> bool:
    start = scanner.pos
    found = scanner.nil()
    scanner.pos = start
    return found


def _rest_of_part(
    scanner: Scanner, stack: list[_Open], type_: str, subtype: str | None
) -> BodyStructure | None:
    """Read a part from its parameters on."""
    fields: dict[str, Any] = {"type": type_, "subtype": _given(subtype, "octet-stream")}
    fields["parameters"] = _read_parameters(scanner)
    for name, read in _FIELDS:
        if not scanner.more():
            scanner.tolerate("fields of a part are missing", _SECTION)
            break
        fields[name] = read(scanner)
    if type_.lower() == "message" and scanner.at(b" ("):
        scanner.space()
        return _begin_message(scanner, stack, fields)
    lines = _read_lines(scanner, is_text=type_.lower() == "text")
    if lines is not None:
        fields["lines"] = lines
    if _is_message(type_, fields["subtype"]):
        scanner.tolerate("a message without its structure", _SECTION)
    part = BodyPart(**fields, **_read_tail(scanner, md5=True))
    scanner.close()
    return part


def _read_lines(scanner: Scanner, *, is_text: bool) -> int | None:
    """Read the number of lines, which may be missing, NIL, or where it does not belong."""
    start, noted = scanner.pos, len(scanner.defects)
    rest = []
    while scanner.more():
        rest.append(scanner.generic())
    there = bool(rest) and (isinstance(rest[0], int) or (rest[0] is None and len(rest) > 4))
    odd = bool(rest) and isinstance(rest[0], str)  # -1 and its like
    scanner.pos = start
    del scanner.defects[noted:]
    if not (there or odd):
        if is_text:
            scanner.tolerate("no lines of a text", _SECTION)
        return None
    if not is_text and not isinstance(rest[0], int):
        return None
    scanner.space()
    lines = scanner.lenient_number64()
    if is_text:
        return lines
    scanner.tolerate("lines of what is no text", _SECTION)
    return None


def _rest_of_multipart(
    scanner: Scanner, subtype: str | None, parts: tuple[BodyStructure, ...]
) -> Multipart:
    """Read a multipart from behind its subtype on."""
    if subtype is None:
        scanner.tolerate("NIL in place of a media type", _SECTION)
    if scanner.more():
        return _multipart_from_parameters(scanner, subtype, parts)
    scanner.close()
    return Multipart(_given(subtype, "mixed"), parts=parts)


def _multipart_from_parameters(
    scanner: Scanner, subtype: str | None, parts: tuple[BodyStructure, ...]
) -> Multipart:
    parameters = _read_parameters(scanner)
    tail = _read_tail(scanner, md5=False)
    scanner.close()
    return Multipart(_given(subtype, "mixed"), parameters, parts=parts, **tail)


def _read_parameters(scanner: Scanner) -> Parameters:
    if scanner.nil():
        return ()
    if not scanner.open():
        scanner.tolerate("empty list of parameters", _SECTION)
        return ()
    pairs = []
    while True:
        name = scanner.text()
        content = scanner.ntext() if scanner.more() else None
        if content is None:
            scanner.tolerate("a parameter without a value", _SECTION)
        pairs.append((name, content or ""))
        if not scanner.more():
            break
    scanner.close()
    return tuple(pairs)


def _read_encoding(scanner: Scanner) -> str:
    encoding = scanner.ntext()
    if encoding is None:
        scanner.tolerate("NIL in place of an encoding", _SECTION)
    return _given(encoding, "7BIT")


_FIELDS = (
    ("id", Scanner.ntext),
    ("description", Scanner.ntext),
    ("encoding", _read_encoding),
    ("size", Scanner.lenient_number64),
)


def _read_tail(scanner: Scanner, *, md5: bool) -> dict[str, Any]:
    """Read the fields of BODYSTRUCTURE, as many as there are."""
    fields: dict[str, Any] = {}
    for name, read in _TAIL if md5 else _TAIL[1:]:
        if not scanner.more():
            return fields
        fields[name] = read(scanner)
    extension = []
    while scanner.more():
        extension.append(scanner.generic())
    if extension:
        fields["extension"] = tuple(extension)
    return fields


def _read_disposition(scanner: Scanner) -> Disposition | None:
    if not scanner.at(b"("):
        name = scanner.ntext()
        if name is None:
            return None
        scanner.tolerate("a disposition without parentheses", _SECTION)
        return Disposition(name)
    if not scanner.open():
        scanner.tolerate("an empty disposition", _SECTION)
        return None
    name = scanner.ntext()
    parameters = _read_parameters(scanner) if scanner.more() else ()
    scanner.close()
    if name is None:
        scanner.tolerate("an empty disposition", _SECTION)
        return None
    return Disposition(name, parameters)


def _read_languages(scanner: Scanner) -> tuple[str, ...]:
    if not scanner.at(b"("):
        one = scanner.ntext()
        return () if one is None else (one,)
    tags = scanner.listed(scanner.ntext)
    if None in tags or not tags:
        scanner.tolerate("no language in a list of languages", _SECTION)
    return tuple(tag for tag in tags if tag is not None)


def _read_location(scanner: Scanner) -> str | None:
    if scanner.skip(b"()"):
        scanner.tolerate("an empty list in place of a location", _SECTION)
        return None
    return scanner.ntext()


_TAIL = (
    ("md5", Scanner.ntext),
    ("disposition", _read_disposition),
    ("languages", _read_languages),
    ("location", _read_location),
)


def _is_message(type_: str, subtype: str) -> bool:
    return type_.lower() == "message" and subtype.lower() in ("rfc822", "global")


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
    if isinstance(part, MessagePart) != _is_message(part.type, part.subtype):
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
