"""Bytes to the entries of LIST, UIDL, LANG and CAPA, and back (RFC 1939 5 and 7, RFC 6856 3).

Whole blocks of lines in the exact form are read by one regular expression and one ``split``;
line by line goes only what deviates. A new kind of listing is a row in ``_LISTINGS``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mailproto._value import value
from mailproto.errors import Defect, LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.limits import Pop3Limits
from mailproto.pop3.codec import ResponseSyntaxError
from mailproto.pop3.commands import Command
from mailproto.pop3.events import InvalidResponse, ResponseValue
from mailproto.pop3.responses import (
    CapabilityLines,
    Entries,
    Language,
    Languages,
    MaildropStatus,
    Response,
    ScanListing,
    ScanListings,
    UniqueId,
    UniqueIds,
)
from mailproto.pop3.states import value_of

__all__ = ["ListingReader", "encode_entries", "parse_entry", "read_value"]


# --- single entries ---


@value
class _Entry:
    """One kind of entry: its form in the RFC, what is understood as well, the two fields."""

    exact: re.Pattern[str]
    loose: re.Pattern[str]
    make: Callable[[str, str], Any]
    section: str


_NUMBER = "([1-9][0-9]{0,9})"
_LOOSE_NUMBER = r"\s*([0-9]{1,10})"
_SIZE = "([0-9]{1,20})"
_EXTRA = "(?: .+)?"  # RFC 1939 5 makes no requirement on what follows
_UNIQUE_ID = "([!-~]{1,70})"
_TAG = "([A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,20})"

_ENTRIES: dict[type[Any], _Entry] = {
    MaildropStatus: _Entry(
        re.compile(f"{_SIZE} {_SIZE}{_EXTRA}"),
        re.compile(rf"\s*{_SIZE}\s+{_SIZE}(?:\s.*)?"),
        lambda count, size: MaildropStatus(int(count), int(size)),
        "RFC 1939 5",
    ),
    ScanListing: _Entry(
        re.compile(f"{_NUMBER} {_SIZE}{_EXTRA}"),
        re.compile(rf"{_LOOSE_NUMBER}\s+{_SIZE}(?:\s.*)?"),
        lambda number, size: ScanListing(int(number), int(size)),
        "RFC 1939 5",
    ),
    UniqueId: _Entry(
        re.compile(f"{_NUMBER} {_UNIQUE_ID}"),
        re.compile(rf"{_LOOSE_NUMBER}\s+(\S(?:.{{0,253}}\S)?)\s*"),  # many are kept in memory
        lambda number, unique_id: UniqueId(int(number), unique_id),
        "RFC 1939 7",
    ),
    Language: _Entry(
        re.compile(f"{_TAG}(?: (.+))?"),
        re.compile(r"\s*(\S+)(?:\s+(.*))?"),
        lambda tag, description: Language(tag, description or ""),
        "RFC 6856 3.2",
    ),
}


def _parse(kind: type[Any], text: str) -> tuple[Any, Defect | None]:
    entry = _ENTRIES[kind]
    found = entry.exact.fullmatch(text)
    if found is not None:
        return entry.make(found[1], found[2]), None
    found = entry.loose.fullmatch(text)
    if found is None:
        raise ResponseSyntaxError(f"not a {kind.__name__}: {text[:80]!r}")
    defect = Defect("entry in an odd form", _shown(text), section=entry.section)
    return entry.make(found[1], found[2]), defect


def parse_entry(
    kind: type[ResponseValue], text: str, *, strict: bool = False
) -> tuple[ResponseValue, Defect | None]:
    """Parse the text of a response, or a line of a listing, as a ``kind``.

    Returns it with what was tolerated; ``strict`` tolerates nothing.
    Raises :class:`ResponseSyntaxError`.
    """
    entry, defect = _parse(kind, text)
    if defect is not None and strict:
        raise ResponseSyntaxError(f"{defect.what} ({defect.section}): {text[:80]!r}")
    return entry, defect


def read_value(command: Command, response: Response, *, strict: bool) -> ResponseValue | None:
    """Return what the text of the response to ``command`` says, None if nothing.

    What is odd in it is noted on the response; ``strict`` raises :class:`ResponseSyntaxError`.
    """
    kind = value_of(command) if response.ok else None
    if kind is None:
        return None
    found = None
    try:
        found, defect = parse_entry(kind, response.text, strict=strict)
    except ResponseSyntaxError as error:
        if strict:
            raise
        defect = Defect(str(error), section="RFC 1939 5")
    if defect is not None:
        response.defects = (*response.defects, defect)  # type: ignore[misc]  # not handed out
    return found


# --- listings ---


@value
class _Listing:
    """One kind of listing: how one line is parsed, and how a batch is made of entries.

    ``block`` matches any number of exact lines, whose fields ``make_fast`` makes a batch;
    None if there is no such way. ``limit`` names how many lines there may be.
    """

    parse: Callable[[str], tuple[Any, Defect | None]]
    make: Callable[[Sequence[Any], tuple[Defect, ...]], Any]
    block: re.Pattern[str] | None = None
    make_fast: Callable[[list[str]], Any] = list
    limit: str = "listing_lines"


def _of(kind: type[Any]) -> Callable[[str], tuple[Any, Defect | None]]:
    return lambda line: _parse(kind, line)


def _scan_listings(fields: list[str]) -> ScanListings:
    numbers = tuple(map(int, fields))
    return ScanListings(numbers[::2], numbers[1::2])


def _unique_ids(fields: list[str]) -> UniqueIds:
    return UniqueIds(tuple(map(int, fields[::2])), tuple(fields[1::2]))


# Possessive, so that nothing is kept for backtracking.
_SCAN_LISTINGS = re.compile(r"(?:[1-9][0-9]{0,9}+ [0-9]{1,20}+\r\n)*+")
_UNIQUE_IDS = re.compile(r"(?:[1-9][0-9]{0,9}+ [!-~]{1,70}+\r\n)*+")
_LANGUAGES = re.compile(rf"(?:{_TAG}(?: [^\x00-\x1f\x7f]+)?\r\n)*+")

_LISTINGS: dict[type[Any], _Listing] = {
    ScanListings: _Listing(
        _of(ScanListing),
        lambda entries, defects: ScanListings(
            tuple(entry.number for entry in entries),
            tuple(entry.size for entry in entries),
            defects=defects,
        ),
        _SCAN_LISTINGS,
        _scan_listings,
    ),
    UniqueIds: _Listing(
        _of(UniqueId),
        lambda entries, defects: UniqueIds(
            tuple(entry.number for entry in entries),
            tuple(entry.unique_id for entry in entries),
            defects=defects,
        ),
        _UNIQUE_IDS,
        _unique_ids,
    ),
    Languages: _Listing(
        _of(Language), lambda entries, defects: Languages(tuple(entries), defects=defects)
    ),
    CapabilityLines: _Listing(
        lambda line: (line, None),
        lambda lines, defects: CapabilityLines(tuple(lines)),
        limit="capability_lines",
    ),
}
_LONGEST_EXACT = 100  # more than any line that ``block`` matches


class ListingReader:
    """Makes batches of entries of the text of one multi-line response.

    ``kind`` is the class of the batches. Each line is looked at once, whatever the chunks.
    """

    __slots__ = ("_block", "_limits", "_lines", "_listing", "_partial", "_strict")

    def __init__(self, kind: type[Any], limits: Pop3Limits, *, strict: bool) -> None:
        self._listing = _LISTINGS[kind]
        self._block = self._listing.block if limits.response_line >= _LONGEST_EXACT else None
        self._limits = limits
        self._strict = strict
        self._partial = bytearray()
        self._lines = 0

    def feed(self, text: bytes) -> Iterator[Any]:
        """Yield the batches in ``text``, and an InvalidResponse for each line that is none.

        Raises :class:`LimitExceeded` after all that came before, and
        :class:`ResponseSyntaxError` if strict.
        """
        cut = text.rfind(b"\n") + 1
        if not cut:
            self._partial += text
        else:
            block = bytes(self._partial) + text[:cut]
            self._partial = bytearray(text[cut:])
            yield from self._read(block.decode("utf-8", "surrogateescape"))
        if len(self._partial) >= self._limits.response_line:
            raise LimitExceeded("response_line", self._limits.response_line)

    def _read(self, block: str) -> Iterator[Any]:
        most: int = getattr(self._limits, self._listing.limit)
        room = most - self._lines
        count = block.count("\n")
        self._lines += count
        if count <= room and self._block is not None and self._block.fullmatch(block):
            yield self._listing.make_fast(block.split())
            return
        lines = block.split("\n")
        yield from self._read_lines(lines[: min(count, room)])
        if count > room:
            self._check_length(lines[room])  # first, as if it had come by itself
            raise LimitExceeded(self._listing.limit, most)

    def _read_lines(self, lines: Sequence[str]) -> Iterator[Any]:
        entries: list[Any] = []
        defects: dict[str, Defect] = {}  # the first of each kind
        for line in lines:
            try:
                entry, defect = self._read_line(line)
            except RemoteProtocolError as error:
                if entries:
                    yield self._listing.make(entries, tuple(defects.values()))
                if self._strict or isinstance(error, LimitExceeded):
                    raise
                yield InvalidResponse(_shown(line.removesuffix("\r")))
                entries, defects = [], {}
            else:
                entries.append(entry)
                if defect is not None:
                    defects.setdefault(defect.what, defect)
        if entries:
            yield self._listing.make(entries, tuple(defects.values()))

    def _read_line(self, line: str) -> tuple[Any, Defect | None]:
        self._check_length(line)
        entry, defect = self._listing.parse(line.removesuffix("\r"))
        if not line.endswith("\r"):
            defect = Defect("line ends in bare LF", _shown(line), section="RFC 1939 3")
        if defect is not None and self._strict:
            raise ResponseSyntaxError(f"{defect.what} ({defect.section}): {line[:80]!r}")
        return entry, defect

    def _check_length(self, line: str) -> None:
        limit = self._limits.response_line
        if len(line) >= limit or len(line.encode("utf-8", "surrogateescape")) >= limit:
            raise LimitExceeded("response_line", limit)


def _shown(line: str) -> bytes:
    return line.encode("utf-8", "surrogateescape")[:80]


# --- writing ---


def _fill(first: Sequence[Any], second: Sequence[Any]) -> tuple[str, int]:
    """Write the lines of two columns by one format, which is the fastest that Python can do."""
    count = len(first)
    if len(second) != count:
        raise LocalProtocolError("the columns of a listing have different lengths")
    fields: list[Any] = [None] * (2 * count)
    fields[::2], fields[1::2] = first, second
    return "%s %s\r\n" * count % tuple(fields), count


# What makes lines of a batch and counts them, and the form that they must have.
_WRITERS: dict[type[Any], tuple[Callable[[Any], tuple[str, int]], re.Pattern[str]]] = {
    ScanListings: (lambda batch: _fill(batch.numbers, batch.sizes), _SCAN_LISTINGS),
    UniqueIds: (lambda batch: _fill(batch.numbers, batch.unique_ids), _UNIQUE_IDS),
    Languages: (
        lambda batch: ("".join([f"{it}\r\n" for it in batch.entries]), len(batch.entries)),
        _LANGUAGES,
    ),
}


def encode_entries(batch: Entries) -> bytes:
    """Encode a piece of a listing as lines.

    Raises :class:`LocalProtocolError` if an entry can not be sent.
    """
    write, form = _WRITERS[type(batch)]
    text, count = write(batch)
    if not form.fullmatch(text) or text.count("\n") != count:
        raise LocalProtocolError("an entry has a form that can not be sent in a listing")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError("an entry is not Unicode text") from None
