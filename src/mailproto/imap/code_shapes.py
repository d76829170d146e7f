"""Reads and writes response codes: one row each (RFC 9051 7.1, RFC 5530 and later)."""

import re
from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.imap import codes as c
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.codes import Code, ResponseCode
from mailproto.imap.cursor import GrammarError
from mailproto.imap.quoting import text_of
from mailproto.imap.scanner import Scanner
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.shapes import (
    ATEXT,
    ATOM,
    KEYWORD,
    NZ_NUMBER,
    SEQUENCE_SET,
    TEXT,
    Shape,
    fields,
    listed,
    many,
    nil_or,
    optional,
    parenthesised,
    present,
    record,
)
from mailproto.imap.write import Writer, octets

__all__ = ["CAPABILITIES", "PLAIN_CODES", "read_code", "write_code"]

_SECTION = "RFC 9051 7.1"
_TEXT = re.compile(rb" ([^\]\r\n\x00]+)(?=\])")
_ARGUMENT = re.compile(r"[^\x00\r\n\]]+")
_URL = re.compile(rb"[^\x00-\x20\x7f\]]+")
_BRACKET = re.compile(rb"[\[\]\r\n]")


# --- shapes that only codes have ---


def _read_capabilities(scanner: Scanner) -> Capabilities:
    names: list[str] = []
    while scanner.more():
        name = scanner.atom()
        if name == "+" and names and not names[-1].endswith("+"):
            scanner.tolerate("a capability in two words", "RFC 7888 5")
            names[-1] += name
        else:
            names.append(name)
    return Capabilities(names)


def _write_capabilities(writer: Writer, capabilities: Capabilities) -> None:
    for name in capabilities:
        writer.space()
        writer.atom(name)


CAPABILITIES: Shape[Capabilities] = Shape(_read_capabilities, _write_capabilities, spaced=True)
"""Names up to the end, each behind a space."""


def _read_uid_set(scanner: Scanner) -> SequenceSet:
    """A set of UIDs; it may be missing, and then the space before it is what is left."""
    if scanner.at(b" ") or scanner.at(b"]"):
        scanner.tolerate("an empty set of UIDs", "RFC 4315 3")
        return SequenceSet()
    numbers = scanner.sequence_set()
    if numbers.saved or numbers.has_star:
        scanner.fail("a set of UIDs")
    return numbers


def _read_copy_uid(scanner: Scanner) -> c.CopyUid:
    scanner.expect(b" ")
    uid_validity = scanner.lenient_nz_number()
    sets = []
    for _ in range(2):
        if not scanner.skip(b" "):
            scanner.tolerate("an empty set of UIDs", "RFC 4315 3")
            sets.append(SequenceSet())
        else:
            sets.append(_read_uid_set(scanner))
    return c.CopyUid(uid_validity, *sets)


def _write_copy_uid(writer: Writer, code: c.CopyUid) -> None:
    writer.space()
    writer.nz_number(code.uid_validity)
    for numbers in (code.source, code.destination):
        writer.space()
        _write_uid_set(writer, numbers)


def _write_uid_set(writer: Writer, numbers: SequenceSet) -> None:
    if numbers.saved or numbers.has_star:
        raise LocalProtocolError("a set of UIDs has no * and no $")
    writer.sequence_set(numbers)


def _read_url(scanner: Scanner) -> str:
    return text_of(scanner.match(_URL, "a URL")[0])


def _write_url(writer: Writer, url: str) -> None:
    raw = octets(url)
    if _URL.fullmatch(raw) is None:
        raise LocalProtocolError(f"not a URL: {url[:40]!r}")
    writer.raw(raw)


def _read_annotations(scanner: Scanner) -> int | str:
    if scanner.data[scanner.pos : scanner.pos + 1].isdigit():
        return scanner.nz_number()
    word = scanner.keyword()
    if word not in ("NONE", "READ-ONLY"):
        scanner.fail("a size, NONE or READ-ONLY")
    return word


def _write_annotations(writer: Writer, size: int | str) -> None:
    if isinstance(size, int):
        writer.nz_number(size)
    elif size in ("NONE", "READ-ONLY"):
        writer.raw(size.encode())
    else:
        raise LocalProtocolError(f"{size!r} is not a size, NONE or READ-ONLY")


def _read_in_progress(scanner: Scanner) -> c.InProgress:
    return _PROGRESS.read(scanner) if scanner.more() else c.InProgress()


def _write_in_progress(writer: Writer, code: c.InProgress) -> None:
    if code != c.InProgress():
        if code.goal is not None and (code.done is None or code.goal < 1):
            raise LocalProtocolError("a goal is above 0 and comes with what is done")
        writer.space()
        _PROGRESS.write(writer, code)


_NUMBER_OR_NIL: Shape[int | None] = nil_or(Shape(Scanner.number64, Writer.number64))
_PROGRESS = parenthesised(record(c.InProgress, nil_or(TEXT), _NUMBER_OR_NIL, _NUMBER_OR_NIL))
_UID_SET = Shape(_read_uid_set, _write_uid_set)
_COUNT: Shape[int] = Shape(Scanner.lenient_nz_number, Writer.nz_number)
_UIDVALIDITY = _COUNT
_SIZE = Shape(Scanner.number64, Writer.number64)
_MODSEQ = Shape(Scanner.lenient_number64, Writer.number64)
_BARE_CHARSETS = many(ATOM)
_CHARSETS: Shape[tuple[str, ...] | None] = optional(listed(ATEXT, least=1))


def _read_bad_charset(scanner: Scanner) -> c.BadCharset:
    if scanner.at(b" ") and not scanner.at(b" ("):
        scanner.tolerate("charsets without parentheses", _SECTION)
        return c.BadCharset(_BARE_CHARSETS.read(scanner))
    return c.BadCharset(_CHARSETS.read(scanner) or ())


def _write_bad_charset(writer: Writer, code: c.BadCharset) -> None:
    _CHARSETS.write(writer, code.charsets or None)


# --- the rows ---

_CODES: dict[type[Code], Shape[Any]] = {
    # RFC 9051 7.1, RFC 3501 7.1
    c.BadCharset: Shape(_read_bad_charset, _write_bad_charset, spaced=True),
    c.CapabilityCode: fields(c.CapabilityCode, CAPABILITIES),
    c.PermanentFlags: fields(
        c.PermanentFlags, Shape(Scanner.permanent_flags, Writer.permanent_flags)
    ),
    c.UidNext: fields(c.UidNext, _COUNT),
    c.UidValidity: fields(c.UidValidity, _UIDVALIDITY),
    c.Unseen: fields(c.Unseen, _COUNT),
    # RFC 4315 3
    c.AppendUid: fields(c.AppendUid, _UIDVALIDITY, _UID_SET),
    c.CopyUid: Shape(_read_copy_uid, _write_copy_uid, spaced=True),
    # RFC 4469 4
    c.BadUrl: fields(c.BadUrl, Shape(_read_url, _write_url)),
    # RFC 7162 7
    c.HighestModSeq: fields(c.HighestModSeq, _MODSEQ),
    c.Modified: fields(c.Modified, SEQUENCE_SET),
    # RFC 4467 9
    c.UrlMech: fields(c.UrlMech, many(ATOM, least=1)),
    # RFC 5257 5
    c.AnnotateCode: fields(c.AnnotateCode, KEYWORD),
    c.Annotations: fields(
        c.Annotations, Shape(_read_annotations, _write_annotations), present(b"NOPRIVATE")
    ),
    # RFC 5259 10
    c.MaxConvertMessages: fields(c.MaxConvertMessages, NZ_NUMBER),
    c.MaxConvertParts: fields(c.MaxConvertParts, NZ_NUMBER),
    # RFC 5267 5
    c.NoUpdate: fields(c.NoUpdate, TEXT),
    # RFC 5464 5
    c.MetadataCode: fields(c.MetadataCode, KEYWORD, optional(_SIZE)),
    # RFC 5465 8
    c.BadEvent: fields(c.BadEvent, listed(ATOM, least=1)),
    # RFC 5466 4
    c.UndefinedFilter: fields(c.UndefinedFilter, ATOM),
    # RFC 8474 7
    c.MailboxId: fields(c.MailboxId, parenthesised(ATOM)),
    # RFC 9585 5
    c.InProgress: Shape(_read_in_progress, _write_in_progress, spaced=True),
    # RFC 9738 5
    c.MessageLimit: fields(c.MessageLimit, NZ_NUMBER, optional(NZ_NUMBER)),
    # RFC 2221 5, RFC 2193 6
    c.Referral: fields(c.Referral, many(Shape(_read_url, _write_url), least=1)),
}

PLAIN_CODES = frozenset(
    (
        # RFC 9051 7.1, RFC 3501 7.1
        *("ALERT", "PARSE", "READ-ONLY", "READ-WRITE", "TRYCREATE", "HASCHILDREN"),
        # RFC 5530 3
        *("UNAVAILABLE", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"),
        *("PRIVACYREQUIRED", "CONTACTADMIN", "NOPERM", "INUSE", "EXPUNGEISSUED", "CORRUPTION"),
        *("SERVERBUG", "CLIENTBUG", "CANNOT", "LIMIT", "OVERQUOTA", "ALREADYEXISTS"),
        "NONEXISTENT",
        *("UIDNOTSTICKY",),  # RFC 4315 3
        *("UNKNOWN-CTE",),  # RFC 3516 4.3
        *("TOOBIG",),  # RFC 4469 4.2
        *("COMPRESSIONACTIVE",),  # RFC 4978 3
        *("NOTSAVED",),  # RFC 5182 2.1
        *("BADCOMPARATOR",),  # RFC 5255 4.9
        *("TEMPFAIL",),  # RFC 5259 9
        *("NOTIFICATIONOVERFLOW",),  # RFC 5465 5.8
        *("USEATTR",),  # RFC 6154 3
        *("NOMODSEQ", "CLOSED"),  # RFC 7162 3.1.2.2, 3.2.11
        *("UIDREQUIRED",),  # RFC 9586 3.1
        *("TOOFEW", "TOOMANY"),  # RFC 10022 3.1.5
        *("NOT-UTF-8", "UTF-8-ONLY"),  # RFC 5738 10
    )
)
"""The codes that have no argument; a :class:`ResponseCode` each."""

_BY_NAME: dict[str, Shape[Any]] = {str(cls.name): shape for cls, shape in _CODES.items()}


def read_code(scanner: Scanner) -> Code:
    """Read a code from ``[`` to ``]``; one that can not be parsed is kept as its text."""
    scanner.expect(b"[")
    start, noted, closers = scanner.pos, len(scanner.defects), scanner.closers
    scanner.closers = b"]" + closers
    try:
        return _read_well_formed(scanner)
    except GrammarError:
        if scanner.strict:
            raise
    finally:
        scanner.closers = closers
    scanner.pos = start
    del scanner.defects[noted:]
    scanner.tolerate("a response code that is malformed", _SECTION)
    return _read_odd(scanner)


def _read_well_formed(scanner: Scanner) -> Code:
    name = scanner.keyword()
    shape = _BY_NAME.get(name)
    code: Code = shape.read(scanner) if shape is not None else _read_plain(scanner, name)
    while scanner.skip(b" "):
        scanner.tolerate("a space too many", _SECTION)
    scanner.expect(b"]")
    return code


def _read_plain(scanner: Scanner, name: str) -> ResponseCode:
    found = _TEXT.match(scanner.data, scanner.pos)
    if found is None:
        return ResponseCode(name)
    if name in PLAIN_CODES:
        scanner.tolerate("an argument where none belongs", _SECTION)
    scanner.pos = found.end()
    return ResponseCode(name, text_of(found[1]))


def _read_odd(scanner: Scanner) -> ResponseCode:
    """Take everything up to the ``]`` that closes the code, or to the first one."""
    start, depth = scanner.pos, 1
    first = end = -1
    for found in _BRACKET.finditer(scanner.data, start):
        mark = found[0]
        if mark == b"[":
            depth += 1
        elif mark == b"]":
            depth -= 1
            first = found.start() if first < 0 else first
            if not depth:
                end = found.start()
                break
        else:
            break
    end = first if end < 0 else end
    if end < 0:
        scanner.fail("a response code")
    name, space, argument = scanner.data[start:end].partition(b" ")
    scanner.pos = end + 1
    return ResponseCode(text_of(name), text_of(argument) if space else None)


def write_code(writer: Writer, code: Code) -> None:
    """Write a code with its brackets. Raises :class:`LocalProtocolError`."""
    writer.raw(b"[")
    if isinstance(code, ResponseCode):
        _write_plain(writer, code)
    else:
        writer.raw(code.name.encode())
        _CODES[type(code)].write(writer, code)
    writer.raw(b"]")


def _write_plain(writer: Writer, code: ResponseCode) -> None:
    name = code.name.upper()
    if name in _BY_NAME:
        raise LocalProtocolError(f"{name} has a class of its own")
    writer.atom(code.name)
    if code.argument is None:
        return
    if name in PLAIN_CODES or not _ARGUMENT.fullmatch(code.argument):
        raise LocalProtocolError(f"{code.argument[:40]!r} can not be an argument of {name}")
    writer.space()
    writer.line(code.argument)
