"""One complete response, bytes to value and back (RFC 9051 7, 9 ``response``).

The commonest forms are taken whole by regular expressions: FETCH of UID and FLAGS, and LIST;
a completion without a code is written whole. Everything else, and everything odd, goes through
the rows.
"""

import re
from collections.abc import Mapping

from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.imap import responses as r
from mailproto.imap.code_shapes import read_code, write_code
from mailproto.imap.codes import Code
from mailproto.imap.cursor import GrammarError
from mailproto.imap.fetch import FetchResponse
from mailproto.imap.flags import flags_of
from mailproto.imap.framing import Unit
from mailproto.imap.mailbox_name import decode_mailbox
from mailproto.imap.numbers import MAX_NUMBER
from mailproto.imap.quoting import text_of
from mailproto.imap.response_shapes import NUMBERED_ROWS, ROWS
from mailproto.imap.responses import Condition, Continuation, Response, UnknownResponse
from mailproto.imap.scanner import Scanner
from mailproto.imap.section import Section
from mailproto.imap.values import GenericValue
from mailproto.imap.write import Fragment, Writer, join_fragments
from mailproto.limits import ImapLimits

__all__ = [
    "COMMON",
    "ResponseSyntaxError",
    "common_response",
    "encode_response",
    "parse_frame",
    "parse_response",
    "plain_completion",
    "response_fragments",
]


class ResponseSyntaxError(RemoteProtocolError):
    """A response is malformed; ``data`` are its bytes.

    ``tag`` is that of the command that it seems to complete, else None.
    """

    def __init__(self, message: str, data: bytes, tag: str | None) -> None:
        super().__init__(message)
        self.data = data
        self.tag = tag


COMMON = re.compile(
    rb"\* (?:"
    rb"([1-9][0-9]{0,8}) FETCH \((?:UID ([1-9][0-9]{0,8}) )?FLAGS \(([^()\"{\r\n]*)\)"
    rb"(?(2)|(?: UID ([1-9][0-9]{0,8}))?)(?: MODSEQ \(([0-9]{1,18})\))?\)"
    rb'|(LIST|LSUB|XLIST) \(([^()"{\r\n]*)\) (?:NIL|"([^"\\\r\n\x00\x80-\xff])") '
    rb'(?:"([^"\\\r\n\x00\x80-\xff]*)"|([^\x00-\x20\x7f-\xff(){"\\%*]+))'
    rb")\r\n"
)
"""The commonest responses whole: FETCH of UID, FLAGS and MODSEQ; LIST."""

_NAME = re.compile(rb"(?:([0-9]{1,19}) +)?([A-Za-z][A-Za-z0-9-]*)(?=[ \r\n])")
_KEYWORD = re.compile(rb"[A-Z][A-Z0-9-]*")
_NULS = re.compile(rb"\x00+")
_TAG = re.compile(rb'([^\x00-\x20\x7f-\xff(){"\\%*+]+) ')
_COMPLETION = re.compile(rb"[^ \r\n]+ (?:OK|NO|BAD)[ \r\n]", re.IGNORECASE)
_TEXT = re.compile(rb"[^\x00\r\n]*")
_ASCII_TAG = re.compile(r'[^\x00-\x20\x7f-\U0010ffff(){"\\%*+]+')
_ASCII_TEXT = re.compile(r"(?!\[)[^\x00\r\n\x80-\U0010ffff]*")

_NESTING = ImapLimits().nesting
_LISTS: Mapping[bytes, type[r.ListResponse]] = {
    cls.name.encode(): cls for cls in (r.ListResponse, r.LsubResponse, r.XlistResponse)
}
_CONDITIONS = {cls.name.encode(): cls for cls in (r.Ok, r.No, r.Bad, r.Bye, r.Preauth)}
_TAGGED = frozenset((r.Ok, r.No, r.Bad))
_BY_NAME = {cls.name.encode(): shape for cls, shape in ROWS.items()}
_NUMBERED = {cls.name.encode(): row for cls, row in NUMBERED_ROWS.items()}
_MAY_BE_ZERO = (r.ExistsResponse.name.encode(), r.RecentResponse.name.encode())
_BEGINNINGS = {
    cls: (f"* %d {cls.name}".encode(), 0 if cls.name.encode() in _MAY_BE_ZERO else 1)
    for cls in NUMBERED_ROWS
}
"""How untagged data with a number begins, and the least that this may be."""


def parse_response(unit: bytes, *, strict: bool = False, utf8: bool = False) -> Response:
    """Parse one complete response with its literals and its CRLF.

    ``utf8`` says that UTF-8 was agreed on (IMAP4rev2 or UTF8=ACCEPT). What was tolerated is in
    the response's ``defects``; ``strict`` tolerates nothing. What nobody knows is kept as
    generic values. Raises :class:`ResponseSyntaxError`. Source: RFC 9051 7.
    """
    common = COMMON.fullmatch(unit)
    return parse_frame(common or unit, strict=strict, utf8=utf8)


def parse_frame(
    frame: bytes | re.Match[bytes] | Unit,
    *,
    strict: bool = False,
    utf8: bool = False,
    nesting: int = _NESTING,
) -> Response:
    """As ``parse_response``, for a complete unit of a framer that was given ``COMMON``.

    Literals that were streamed are :class:`~mailproto.imap.values.Literal` without data.
    """
    streamed: frozenset[int] = frozenset()
    if isinstance(frame, re.Match):
        if (response := common_response(frame, utf8=utf8)) is not None:
            return response
        data = frame[0]
    elif isinstance(frame, bytes):
        data = frame
    else:
        data, streamed = frame.data, frame.streamed
    try:
        scanner = Scanner(data, strict=strict, utf8=utf8, nesting=nesting, streamed=streamed)
        response = _read(scanner)
        scanner.end()
    except GrammarError as error:
        tag = _TAG.match(data)
        raise ResponseSyntaxError(
            str(error), data, None if tag is None else tag[1].decode()
        ) from None
    if scanner.defects:
        response.defects = tuple(scanner.defects)  # type: ignore[misc]  # not yet handed out
    return response


# --- the common forms ---


def common_response(found: re.Match[bytes], *, utf8: bool) -> Response | None:
    """The response that ``COMMON`` found; None if a part of it is odd."""
    try:
        return _flags(found) if found[6] is None else _list(found, utf8=utf8)
    except ValueError:
        return None


def _flags(found: re.Match[bytes]) -> FetchResponse:
    number, uid, raw, uid_behind, modseq = found.group(1, 2, 3, 4, 5)
    items: dict[str | Section, object]
    if uid:
        items = {"UID": int(uid), "FLAGS": flags_of(raw)}
    elif uid_behind:
        items = {"FLAGS": flags_of(raw), "UID": int(uid_behind)}
    else:
        items = {"FLAGS": flags_of(raw)}
    if modseq:
        items["MODSEQ"] = int(modseq)
    return FetchResponse(int(number), items)


def _list(found: re.Match[bytes], *, utf8: bool) -> r.ListResponse:
    name, attributes, delimiter, quoted, atom = found.group(6, 7, 8, 9, 10)
    return _LISTS[name](
        flags_of(attributes),
        None if delimiter is None else chr(delimiter[0]),
        decode_mailbox(atom if quoted is None else quoted, utf8=utf8),
    )


# --- reading anything ---


def _read(scanner: Scanner) -> Response:
    if not scanner.skip(b"* "):
        return _read_other(scanner)
    if scanner.at(b"["):
        return _read_bare_code(scanner)
    found = scanner.match(_NAME, "the name of a response")
    digits, name = found[1], found[2].upper()
    if digits is None:
        if name in _CONDITIONS:
            return _read_condition(scanner, _CONDITIONS[name], None)
        shape = _BY_NAME.get(name)
        if shape is not None:
            response: Response = shape.read(scanner)
            return response
        return UnknownResponse(name.decode(), _read_values(scanner))
    number = int(digits)
    if number > MAX_NUMBER:
        scanner.fail(f"a number up to {MAX_NUMBER}")
    row = _NUMBERED.get(name)
    if row is None:
        return UnknownResponse(name.decode(), _read_values(scanner), number=number)
    if not number and name not in _MAY_BE_ZERO:
        scanner.tolerate("the number of a message is 0", "RFC 9051 7.5")
    return row.read(scanner, number)


def _read_other(scanner: Scanner) -> Response:
    """A response that is tagged or a continuation, or has something odd in front."""
    nuls = _NULS.match(scanner.data)
    if nuls is not None:
        scanner.tolerate(f"{nuls.end()} NUL before a response", "RFC 9051 2.2")
        scanner.pos = nuls.end()
        if scanner.at(b"* "):
            return _read(scanner)
    if scanner.skip(b"+"):
        return _read_continuation(scanner)
    if scanner.at(b"[") and _COMPLETION.match(scanner.data, scanner.pos) is None:
        return _read_bare_code(scanner)
    return _read_tagged(scanner)


def _read_values(scanner: Scanner) -> tuple[GenericValue, ...]:
    values = []
    while scanner.more():
        values.append(scanner.generic())
    return tuple(values)


def _read_tagged(scanner: Scanner) -> Condition:
    tag = scanner.tag()
    scanner.space()
    cls = _CONDITIONS.get(scanner.match(_NAME, "OK, NO or BAD")[0].upper())
    if cls not in _TAGGED:
        scanner.fail("OK, NO or BAD in front of this")
    return _read_condition(scanner, cls, tag)


def _read_condition(scanner: Scanner, cls: type[Condition], tag: str | None) -> Condition:
    if not scanner.skip(b" "):
        scanner.tolerate("no text", "RFC 9051 7.1")
        return cls(tag=tag)
    code = _read_code(scanner)
    return cls(_read_text(scanner), code, tag)


def _read_continuation(scanner: Scanner) -> Continuation:
    if not scanner.skip(b" "):
        scanner.tolerate("no space behind +", "RFC 9051 7.6")
        return Continuation(_read_text(scanner))
    code = _read_code(scanner)
    return Continuation(_read_text(scanner), code)


def _read_bare_code(scanner: Scanner) -> Condition:
    """A response code without a status before it, which is taken for an untagged OK."""
    scanner.tolerate("no status in front of the code", "RFC 9051 7.1")
    code = _read_code(scanner)
    return r.Ok(_read_text(scanner), code)


def _read_code(scanner: Scanner) -> Code | None:
    """Read a response code, if there is one, and the space behind it."""
    if not scanner.at(b"["):
        return None
    start, noted = scanner.pos, len(scanner.defects)
    try:
        code = read_code(scanner)
    except GrammarError:
        if scanner.strict:
            raise
        scanner.pos = start
        del scanner.defects[noted:]
        scanner.tolerate("[ that begins no response code", "RFC 9051 7.1")
        return None
    if not scanner.skip(b" "):
        scanner.tolerate("no space behind the code", "RFC 9051 9")
    return code


def _read_text(scanner: Scanner) -> str:
    raw = scanner.match(_TEXT, "text")[0]
    if not (scanner.utf8 or raw.isascii()):
        scanner.tolerate("text that is not ASCII", "RFC 9051 9")
    return text_of(raw)


# --- writing ---


def encode_response(response: Response, *, utf8: bool = False) -> bytes:
    """Encode a response. ``utf8`` says that UTF-8 was agreed on.

    Raises :class:`LocalProtocolError` if a part can not be sent.
    """
    return join_fragments(response_fragments(response, utf8=utf8))


def response_fragments(response: Response, *, utf8: bool = False) -> list[Fragment]:
    """Encode a response as fragments, its literals apart; they may lack their octets.

    Raises :class:`LocalProtocolError`.
    """
    writer = Writer(utf8=utf8)
    if isinstance(response, Condition):
        _write_condition(writer, response)
    elif isinstance(response, Continuation):
        writer.raw(b"+ ")
        _write_text(writer, response.text, response.code)
    elif isinstance(response, UnknownResponse):
        _write_unknown(writer, response)
    else:
        _write_data(writer, response)
    writer.end()
    return writer.fragments()


def _write_data(writer: Writer, response: Response) -> None:
    cls = type(response)
    if (row := NUMBERED_ROWS.get(cls)) is not None:
        begin, least = _BEGINNINGS[cls]
        number = getattr(response, row.number)
        if not least <= number <= MAX_NUMBER:
            raise LocalProtocolError(f"{number} can not be the number of {cls.name}")
        writer.raw(begin % number)
        row.write(writer, response)
    elif (shape := ROWS.get(cls)) is not None:
        writer.raw(f"* {cls.name}".encode())
        shape.write(writer, response)
    else:
        raise LocalProtocolError(f"{cls.__name__} can not be sent")


def plain_completion(response: Condition) -> bytes | None:
    """Return the line of a tagged condition that has ASCII text alone; None for any other.

    It is what :func:`response_fragments` gives, sooner.
    """
    tag, text = response.tag, response.text
    if (
        tag is None
        or response.code is not None
        or type(response) not in _TAGGED
        or not ((tag.isascii() and tag.isalnum()) or _ASCII_TAG.fullmatch(tag))
        or _ASCII_TEXT.fullmatch(text) is None
    ):
        return None
    return f"{tag} {response.name} {text}\r\n".encode()


def _write_condition(writer: Writer, response: Condition) -> None:
    if response.tag is None:
        writer.raw(b"*")
    elif type(response) in _TAGGED:
        writer.tag(response.tag)
    else:
        raise LocalProtocolError(f"{response.name} is never tagged")
    writer.raw(f" {response.name} ".encode())
    _write_text(writer, response.text, response.code)


def _write_text(writer: Writer, text: str, code: Code | None) -> None:
    if code is not None:
        write_code(writer, code)
        writer.space()
    elif text.startswith("["):
        raise LocalProtocolError("text can not begin with [, which begins a response code")
    writer.line(text)


def _write_unknown(writer: Writer, response: UnknownResponse) -> None:
    name = response.keyword.upper().encode("ascii", "replace")
    writer.raw(b"* ")
    if response.number is not None:
        writer.number(response.number)
        writer.space()
    known = {**_BY_NAME, **_CONDITIONS} if response.number is None else _NUMBERED
    if name in known or not _KEYWORD.fullmatch(name):
        raise LocalProtocolError(f"{response.keyword!r} can not be an unknown response")
    writer.raw(name)
    for item in response.values:
        writer.space()
        writer.generic(item)
