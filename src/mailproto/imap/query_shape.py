"""Reads and writes search keys, the arguments of SEARCH and its relatives (RFC 9051 9).

A key is a row: its name and the shapes of its arguments. Neither direction is recursive;
``nesting`` limits what is read. A key that nobody knows is an error, since what belongs to it
can not be told from the next key.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Any

from mailproto._value import field, value
from mailproto.errors import LocalProtocolError
from mailproto.imap.charset import decode_text, encode_text
from mailproto.imap.cursor import GrammarError
from mailproto.imap.dates import format_date, parse_date
from mailproto.imap.fetch_shape import LABEL, NUMBER_U64
from mailproto.imap.quoting import text_of
from mailproto.imap.scanner import Scanner
from mailproto.imap.search import (
    Query,
    Search,
    SearchAnd,
    SearchFuzzy,
    SearchKey,
    SearchNot,
    SearchOr,
)
from mailproto.imap.shapes import ATEXT, ATOM, NUMBER64, NZ_NUMBER, Shape
from mailproto.imap.write import Writer

__all__ = ["NUMBERS", "PATTERN", "needs_charset", "read_query", "write_query"]

_PLAIN = re.compile(rb"[ !-z|}~]{1,200}+(?=\r\n\Z)")
"""Search keys without literals and in ASCII."""

_KEY = re.compile(rb"([A-Za-z][A-Za-z0-9.-]*)(?![^ )\r\n])|(?=[0-9*$])")
_DATE = re.compile(rb'(?:"([^"\r\n]{8,11})"|([0-9A-Za-z-]{8,11}))(?![^ )\r\n])')
_KIND = re.compile(rb"(priv|shared|all) ", re.IGNORECASE)
_KINDS = ("priv", "shared", "all")
_ATTRIBUTE = re.compile(rb"value(?:\.priv|\.shared)?(?= )", re.IGNORECASE)
_ATTRIBUTES = ("value", "value.priv", "value.shared")


# --- arguments ---


def _read_date(scanner: Scanner) -> date:
    start = scanner.pos
    quoted, plain = scanner.match(_DATE, "a date").groups()
    try:
        return parse_date(plain if quoted is None else quoted)
    except ValueError:
        scanner.pos = start
        scanner.fail("a date")


def _read_attribute(scanner: Scanner) -> str:
    return scanner.match(_ATTRIBUTE, "value, value.priv or value.shared")[0].decode().lower()


def _write_attribute(writer: Writer, attribute: str) -> None:
    if attribute not in _ATTRIBUTES:
        raise LocalProtocolError(f"{attribute!r} can not be searched")
    writer.raw(attribute.encode())


NUMBERS = Shape(
    Scanner.sequence_set, lambda writer, numbers: writer.sequence_set(numbers.ascending())
)
"""Numbers of messages, which are sent in ascending order: some servers stumble over others."""

PATTERN = Shape(lambda scanner: text_of(scanner.list_mailbox()), Writer.atext)
"""The name of an annotation, in which ``*`` and ``%`` mean something (RFC 5257 5)."""

_DATE_SHAPE = Shape(_read_date, lambda writer, day: writer.raw(format_date(day)))
_WORDS: Shape[Any] = Shape(Scanner.words, Writer.astring)
_NWORDS: Shape[Any] = Shape(
    lambda scanner: None if scanner.nil() else scanner.words(), Writer.nstring
)
"""Text is octets in the charset of the search as far as shapes know."""


@value
class _Row(Shape[tuple[Any, ...]]):
    """The arguments of a key, each behind a space; ``texts`` are the places of text."""

    texts: tuple[int, ...] = field(default=(), kw_only=True)


def _row(*shapes: Shape[Any]) -> _Row:
    def read(scanner: Scanner) -> tuple[Any, ...]:
        found = []
        for shape in shapes:
            scanner.space()
            found.append(shape.read(scanner))
        return tuple(found)

    def write(writer: Writer, arguments: tuple[Any, ...]) -> None:
        if len(arguments) != len(shapes):
            raise LocalProtocolError(f"the key takes {len(shapes)} arguments")
        for shape, argument in zip(shapes, arguments, strict=True):
            writer.space()
            shape.write(writer, argument)

    texts = tuple(at for at, shape in enumerate(shapes) if shape in (_WORDS, _NWORDS))
    return _Row(read, write, texts=texts)


def _read_modseq(scanner: Scanner) -> tuple[Any, ...]:
    scanner.space()
    if not scanner.at(b'"'):
        return scanner.number64(), None, None
    entry = scanner.text()
    scanner.space()
    kind = scanner.match(_KIND, "priv, shared or all")[1].decode().lower()
    return scanner.number64(), entry, kind


def _write_modseq(writer: Writer, arguments: tuple[Any, ...]) -> None:
    least, entry, kind = arguments
    if (entry is None) != (kind is None) or (kind is not None and kind not in _KINDS):
        raise LocalProtocolError("MODSEQ has an entry and a kind, or none of both")
    if entry is not None:
        if not entry.isascii() or "\r" in entry or "\n" in entry or len(entry) > 1024:
            raise LocalProtocolError("the entry of MODSEQ is sent as a quoted string")
        writer.raw(b" ")
        writer.text(entry)
        writer.raw(f" {kind}".encode())
    writer.space()
    writer.number64(least)


_NO_ARGUMENTS = _row()
_TEXT = _row(_WORDS)
_DAY = _row(_DATE_SHAPE)
_ATOM = _row(ATOM)
_NZ_NUMBER = _row(NZ_NUMBER)
_NUMBER64 = _row(NUMBER64)
_SET = _row(NUMBERS)

_ROWS: dict[str, _Row] = {
    # RFC 9051 6.4.4, RFC 3501 6.4.4
    "ALL": _NO_ARGUMENTS,
    "ANSWERED": _NO_ARGUMENTS,
    "BCC": _TEXT,
    "BEFORE": _DAY,
    "BODY": _TEXT,
    "CC": _TEXT,
    "DELETED": _NO_ARGUMENTS,
    "DRAFT": _NO_ARGUMENTS,
    "FLAGGED": _NO_ARGUMENTS,
    "FROM": _TEXT,
    "HEADER": _row(ATEXT, _WORDS),
    "KEYWORD": _ATOM,
    "LARGER": _NUMBER64,
    "NEW": _NO_ARGUMENTS,
    "OLD": _NO_ARGUMENTS,
    "ON": _DAY,
    "RECENT": _NO_ARGUMENTS,
    "SEEN": _NO_ARGUMENTS,
    "SENTBEFORE": _DAY,
    "SENTON": _DAY,
    "SENTSINCE": _DAY,
    "SINCE": _DAY,
    "SMALLER": _NUMBER64,
    "SUBJECT": _TEXT,
    "TEXT": _TEXT,
    "TO": _TEXT,
    "UID": _SET,
    "UNANSWERED": _NO_ARGUMENTS,
    "UNDELETED": _NO_ARGUMENTS,
    "UNDRAFT": _NO_ARGUMENTS,
    "UNFLAGGED": _NO_ARGUMENTS,
    "UNKEYWORD": _ATOM,
    "UNSEEN": _NO_ARGUMENTS,
    # RFC 5032 3
    "OLDER": _NZ_NUMBER,
    "YOUNGER": _NZ_NUMBER,
    # RFC 5257 4.8
    "ANNOTATION": _row(PATTERN, Shape(_read_attribute, _write_attribute), _NWORDS),
    # RFC 5466 3.1
    "FILTER": _ATOM,
    # RFC 7162 3.1.5
    "MODSEQ": _Row(_read_modseq, _write_modseq),
    # RFC 8474 6
    "EMAILID": _ATOM,
    "THREADID": _ATOM,
    # RFC 8514 4.3
    "SAVEDBEFORE": _DAY,
    "SAVEDON": _DAY,
    "SAVEDSINCE": _DAY,
    "SAVEDATESUPPORTED": _NO_ARGUMENTS,
    # RFC 9738 3.2
    "UIDAFTER": _NZ_NUMBER,
    "UIDBEFORE": _NZ_NUMBER,
    # Gmail's X-GM-EXT-1
    "X-GM-RAW": _TEXT,
    "X-GM-LABELS": _row(LABEL),
    "X-GM-MSGID": _row(NUMBER_U64),
    "X-GM-THRID": _row(NUMBER_U64),
}
_BY_NAME = {name.encode(): (name, row) for name, row in _ROWS.items()}
_ALONE = {name.encode(): SearchKey(name) for name, row in _ROWS.items() if row is _NO_ARGUMENTS}
_SEQUENCE_SET = "SEQUENCE-SET"

# --- reading ---


class _Open:
    """A combination whose parts are being read; ``needed`` is 0 for a list in parentheses."""

    __slots__ = ("combine", "needed", "parts")

    def __init__(self, combine: Any, needed: int) -> None:
        self.combine = combine
        self.needed = needed
        self.parts: list[Query] = []


_PREFIXES: dict[bytes, tuple[Any, int]] = {
    b"NOT": (SearchNot, 1),
    b"FUZZY": (SearchFuzzy, 1),  # RFC 6203 3
    b"OR": (Search.any_of, 2),
}


def read_query(scanner: Scanner, charset: str | None) -> Query:
    """Read search keys up to the end of the line, whose text is in ``charset``.

    The short ones are remembered, for clients that poll repeat them.
    """
    found = _PLAIN.match(scanner.data, scanner.pos)
    if found is not None:
        try:
            query = _remembered(found[0], charset, scanner.nesting)
        except GrammarError:
            pass  # said below, with the place in the command
        else:
            scanner.pos = found.end()
            return query
    return _read_keys(scanner, charset)


@lru_cache(maxsize=512)
def _remembered(raw: bytes, charset: str | None, nesting: int) -> Query:
    """Search keys that are exactly as they should be. Raises :class:`GrammarError`."""
    scanner = Scanner(raw + b"\r\n", strict=True, nesting=nesting)
    query = _read_keys(scanner, charset)
    scanner.end()
    return query


def _read_keys(scanner: Scanner, charset: str | None) -> Query:
    stack = [_Open(Search.all_of, 0)]
    while True:
        if scanner.at(b"("):
            if not scanner.open():
                scanner.fail("a search key")
            _push(scanner, stack, Search.all_of, 0)
            continue
        found = scanner.match(_KEY, "a search key")
        if found[1] is None:
            query: Query = SearchKey(_SEQUENCE_SET, (scanner.sequence_set(),))
        else:
            name = found[1].upper()
            prefix = _PREFIXES.get(name)
            if prefix is not None:
                scanner.space()
                combine, needed = prefix
                if needed == 2 and stack[-1].needed >= 2:
                    stack[-1].needed += 1  # an OR as a part of an OR makes a longer OR
                else:
                    _push(scanner, stack, combine, needed)
                continue
            row = _BY_NAME.get(name)
            if row is None:
                scanner.pos = found.start()
                scanner.fail("a search key")
            query = _ALONE.get(name) or _read_key(scanner, *row, charset)
        while not _is_awaited(scanner, stack[-1], query):
            done = stack.pop()
            query = done.combine(*done.parts)
            if not stack:
                return query
            if not done.needed:
                scanner.close()


def _push(scanner: Scanner, stack: list[_Open], combine: Any, needed: int) -> None:
    if len(stack) > scanner.nesting:
        scanner.fail(f"at most {scanner.nesting} search keys within one another")
    stack.append(_Open(combine, needed))


def _is_awaited(scanner: Scanner, within: _Open, query: Query) -> bool:
    """Add a part; return whether another one follows, and take the space before it."""
    within.parts.append(query)
    if not within.needed:
        return scanner.more()
    if len(within.parts) < within.needed:
        scanner.space()
        return True
    return False


def _read_key(scanner: Scanner, name: str, row: _Row, charset: str | None) -> SearchKey:
    start = scanner.pos
    arguments = row.read(scanner)
    for at in row.texts:
        if arguments[at] is not None:
            try:
                text = decode_text(arguments[at], charset)
            except ValueError:
                scanner.pos = start
                scanner.fail(f"text in {charset}")
            arguments = (*arguments[:at], text, *arguments[at + 1 :])
    return SearchKey(name, arguments)


# --- writing ---


def needs_charset(query: Query) -> bool:
    """Whether some text in the query is not ASCII."""
    return any(
        isinstance(argument, str) and not argument.isascii()
        for key in query.walk()
        if isinstance(key, SearchKey) and (row := _ROWS.get(key.name)) is not None
        for argument in (key.arguments[at] for at in row.texts if at < len(key.arguments))
    )


def write_query(writer: Writer, query: Query, charset: str | None) -> None:
    """Write search keys, their text in ``charset``. Raises :class:`LocalProtocolError`."""
    stack: list[Query | bytes] = [query]
    if isinstance(query, SearchAnd):
        stack = _spaced(query.queries)
    while stack:
        item = stack.pop()
        if isinstance(item, bytes):
            writer.raw(item)
        elif isinstance(item, SearchKey):
            _write_key(writer, item, charset)
        elif isinstance(item, SearchNot):
            writer.raw(b"NOT ")
            stack.append(item.query)
        elif isinstance(item, SearchFuzzy):
            writer.raw(b"FUZZY ")
            stack.append(item.query)
        elif isinstance(item, SearchAnd):
            writer.raw(b"(")
            stack.append(b")")
            stack += _spaced(item.queries)
        elif isinstance(item, SearchOr):
            writer.raw(b"OR ")
            stack += _spaced(_halves(item.queries))
        else:
            raise LocalProtocolError(f"not a query: {item!r}")


def _spaced(queries: tuple[Query, ...]) -> list[Query | bytes]:
    """The queries with spaces between them, last first."""
    if len(queries) < 2:
        raise LocalProtocolError("a combination has at least two queries")
    parts: list[Query | bytes] = [b" "] * (2 * len(queries) - 1)
    parts[::2] = reversed(queries)
    return parts


def _halves(queries: tuple[Query, ...]) -> tuple[Query, ...]:
    """Two queries of many: a balanced tree, since servers limit how deep an OR may be."""
    if len(queries) < 3:
        return queries
    middle = (len(queries) + 1) // 2
    left, right = queries[:middle], queries[middle:]
    return SearchOr(left), right[0] if len(right) == 1 else SearchOr(right)


def _write_key(writer: Writer, key: SearchKey, charset: str | None) -> None:
    if key.name == _SEQUENCE_SET:
        (numbers,) = key.arguments
        NUMBERS.write(writer, numbers)
        return
    row = _ROWS.get(key.name)
    if row is None:
        raise LocalProtocolError(f"{key.name!r} is not a search key")
    arguments = key.arguments
    if row.texts:
        arguments = tuple(
            encode_text(argument, charset) if at in row.texts and argument is not None else argument
            for at, argument in enumerate(arguments)
        )
    writer.raw(key.name.encode())
    row.write(writer, arguments)
