"""The reader of body structures as real servers send them (RFC 9051 7.5.2).

What can be understood is, and each deviation is recorded.
"""

from typing import Any, TypeAlias

from mailproto.imap.body import BodyPart, BodyStructure, Disposition, Multipart, Parameters
from mailproto.imap.envelope_shape import ENVELOPE
from mailproto.imap.scanner import Scanner

__all__ = [
    "MessageStart",
    "begin_message",
    "is_message",
    "read_odd_part",
    "read_tail",
    "rest_of_multipart",
]

MessageStart: TypeAlias = dict[str, Any]
"""The fields of a message up to its body, which comes next."""

_SECTION = "RFC 9051 7.5.2"
_MULTIPART = frozenset(
    ("mixed", "alternative", "related", "digest", "parallel", "report", "signed", "encrypted")
)
_TEXT = frozenset(("plain", "html", "enriched", "calendar", "csv", "xml"))


def begin_message(scanner: Scanner, fields: dict[str, Any]) -> MessageStart:
    """Read the envelope of a message and the space behind it."""
    fields["envelope"] = ENVELOPE.read(scanner)
    scanner.space()
    return fields


def is_message(type_: str, subtype: str) -> bool:
    """Whether a part of this type has a structure of its own."""
    return type_.lower() == "message" and subtype.lower() in ("rfc822", "global")


def read_odd_part(scanner: Scanner) -> BodyStructure | MessageStart:
    """Read a part that is no multipart with parts."""
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
        return _rest_of_part(scanner, "text" if name in _TEXT else "application", first)
    second = scanner.ntext()
    if first is None and _given(second, "").lower() in _MULTIPART:
        scanner.tolerate("a multipart without parts", _SECTION)
        return rest_of_multipart(scanner, second, ())
    if first is None or second is None:
        scanner.tolerate("NIL in place of a media type", _SECTION)
    if scanner.more():
        return _rest_of_part(scanner, _given(first, "application"), _given(second, "octet-stream"))
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
    scanner: Scanner, type_: str, subtype: str | None
) -> BodyStructure | MessageStart:
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
        return begin_message(scanner, fields)
    lines = _read_lines(scanner, is_text=type_.lower() == "text")
    if lines is not None:
        fields["lines"] = lines
    if is_message(type_, fields["subtype"]):
        scanner.tolerate("a message without its structure", _SECTION)
    part = BodyPart(**fields, **read_tail(scanner, md5=True))
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


def rest_of_multipart(
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
    tail = read_tail(scanner, md5=False)
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


def read_tail(scanner: Scanner, *, md5: bool) -> dict[str, Any]:
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
