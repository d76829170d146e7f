"""Reads and writes what follows the name of untagged data: one row for each kind.

The RFC of a row stands at the class that it makes.
"""

import re
from collections.abc import Callable
from typing import Any

from mailproto._value import value
from mailproto.errors import LocalProtocolError
from mailproto.imap import fetch as f
from mailproto.imap import responses as r
from mailproto.imap.body_shape import BODY
from mailproto.imap.code_shapes import CAPABILITIES
from mailproto.imap.fetch_shape import CONVERTED_ITEMS, FETCH_ITEMS, SECTION_CONTENT
from mailproto.imap.mailbox_name import decode_mailbox
from mailproto.imap.quoting import text_of
from mailproto.imap.scanner import Scanner
from mailproto.imap.search_shapes import CORRELATORS, ESEARCH, SEARCH, SORT, THREAD
from mailproto.imap.shapes import (
    ATEXT,
    ATOM,
    COUNT,
    COUNT64,
    FLAGS,
    MAILBOX,
    POSITIVE,
    SEQUENCE_SET,
    TEXT,
    Shape,
    fields,
    keyed,
    listed,
    many,
    mapping,
    nil_or,
    optional,
    pair,
    parenthesised,
    record,
)
from mailproto.imap.write import Writer

__all__ = [
    "ENTRY_VALUES",
    "FACTS",
    "NUMBERED_ROWS",
    "ROWS",
    "NumberedRow",
    "write_list",
]

_REST = re.compile(rb"[^\x00\r\n]*[^\x00\r\n ]")
_ATOM_AT_END = re.compile(rb'[^\x00-\x20\x7f(){"\\%*]+(?= \(| *\r?\n\Z)')
_QUOTED_CHAR = re.compile(rb'"(?:([^"\\\r\n\x00])|\\(["\\]))"')


# --- LIST and its relatives ---


def _read_delimiter(scanner: Scanner) -> str | None:
    if scanner.nil():
        return None
    found = _QUOTED_CHAR.match(scanner.data, scanner.pos)
    if found is not None and (found[1] or found[2]).isascii():
        scanner.pos = found.end()
        return (found[1] or found[2]).decode("ascii")
    delimiter = scanner.text()
    scanner.tolerate("a delimiter that is not one character", "RFC 9051 7.3.1")
    return delimiter or None


def _write_delimiter(writer: Writer, delimiter: str | None) -> None:
    if delimiter is None:
        writer.raw(b"NIL")
    elif len(delimiter) != 1 or not (delimiter.isascii() and delimiter.isprintable()):
        raise LocalProtocolError(f"{delimiter!r} can not be a delimiter")
    else:
        writer.text(delimiter)


def _read_listed_mailbox(scanner: Scanner) -> str:
    """A mailbox; all that is left of the line where an atom is none."""
    data, start = scanner.data, scanner.pos
    if data[start : start + 1] in (b'"', b"{") or _ATOM_AT_END.match(data, start):
        return scanner.mailbox()
    found = _REST.match(data, start)
    if found is None:
        scanner.fail("the name of a mailbox")
    scanner.tolerate("a name that is neither an atom nor quoted", "RFC 9051 9")
    scanner.pos = found.end()
    return decode_mailbox(found[0], utf8=scanner.utf8)


_EXTENDED = listed(
    keyed({"CHILDINFO": listed(TEXT), "OLDNAME": parenthesised(MAILBOX)}, names=ATEXT)
)


def _list_row(cls: type[r.ListResponse]) -> Shape[r.ListResponse]:
    def read(scanner: Scanner) -> r.ListResponse:
        scanner.space()
        attributes = scanner.flags()
        scanner.space()
        delimiter = _read_delimiter(scanner)
        scanner.space()
        mailbox = _read_listed_mailbox(scanner)
        items = _EXTENDED.read(scanner) if scanner.more() else ()
        known = dict(items)
        return cls(
            attributes,
            delimiter,
            mailbox,
            child_info=known.get("CHILDINFO"),
            old_name=known.get("OLDNAME"),
            extended=tuple(item for item in items if item[0] not in ("CHILDINFO", "OLDNAME")),
        )

    return Shape(read, write_list)


def write_list(writer: Writer, response: r.ListResponse) -> None:
    """Write what follows LIST, LSUB or XLIST."""
    writer.space()
    writer.flags(response.attributes)
    writer.space()
    _write_delimiter(writer, response.delimiter)
    writer.space()
    writer.mailbox(response.mailbox)
    items: list[tuple[str, Any]] = []
    if response.child_info is not None:
        items.append(("CHILDINFO", response.child_info))
    if response.old_name is not None:
        items.append(("OLDNAME", response.old_name))
    items += response.extended
    if items:
        writer.space()
        _EXTENDED.write(writer, tuple(items))


_DELIMITER = Shape(_read_delimiter, _write_delimiter)
_NAMESPACES = nil_or(
    Shape(
        lambda scanner: _read_namespaces(scanner),
        lambda writer, items: _write_namespaces(writer, items),
    )
)
_PREFIX = Shape(Scanner.mailbox, Writer.mailbox_string)
_NAMESPACE = parenthesised(
    record(r.Namespace, _PREFIX, _DELIMITER, many(pair(TEXT, listed(TEXT, least=1))))
)


def _read_namespaces(scanner: Scanner) -> tuple[r.Namespace, ...]:
    """Namespaces, which need no space between them."""
    if not scanner.open():
        scanner.tolerate("an empty list of namespaces", "RFC 2342 6")
        return ()
    items = [_NAMESPACE.read(scanner)]
    while scanner.at(b"(") or scanner.more():
        items.append(_NAMESPACE.read(scanner))
    scanner.close()
    return tuple(items)


def _write_namespaces(writer: Writer, items: tuple[r.Namespace, ...]) -> None:
    if not items:
        raise LocalProtocolError("no namespace of a kind is None")
    writer.raw(b"(")
    for item in items:
        _NAMESPACE.write(writer, item)
    writer.raw(b")")


# --- STATUS ---

_STATUS_ITEMS: dict[str, Shape[Any]] = {
    # RFC 9051 7.3.3, RFC 3501 7.2.4
    "MESSAGES": COUNT,
    "RECENT": COUNT,
    "UIDNEXT": POSITIVE,
    "UIDVALIDITY": POSITIVE,
    "UNSEEN": COUNT,
    "DELETED": COUNT,
    "SIZE": COUNT64,
    "DELETED-STORAGE": COUNT64,  # RFC 9208 4.1.4
    "HIGHESTMODSEQ": COUNT64,  # RFC 7162 3.1.2.1
    "APPENDLIMIT": nil_or(COUNT64),  # RFC 7889 4
    "MAILBOXID": parenthesised(ATOM),  # RFC 8474 4.3
}


def _read_vanished(scanner: Scanner) -> r.VanishedResponse:
    scanner.space()
    earlier = scanner.skip_word(b"(EARLIER)")
    if earlier:
        scanner.space()
    return r.VanishedResponse(earlier, scanner.sequence_set())


def _write_vanished(writer: Writer, response: r.VanishedResponse) -> None:
    writer.raw(b" (EARLIER) " if response.earlier else b" ")
    SEQUENCE_SET.write(writer, response.uids)


# --- extensions ---


def _read_fact(scanner: Scanner) -> str | None:
    """A string or NIL of an ID response, which some do not quote."""
    if scanner.nil():
        return None
    if not (scanner.at(b'"') or scanner.at(b"{")):
        scanner.tolerate("a string that is not quoted", "RFC 2971 4")
    return text_of(scanner.words())


FACTS: Shape[dict[Any, str | None]] = mapping(
    listed(pair(Shape(_read_fact, Writer.ntext), Shape(_read_fact, Writer.ntext)))
)
"""What ID tells, by name (RFC 2971 4)."""


def _write_entry_value(writer: Writer, data: bytes | None) -> None:
    if data is not None and b"\0" in data:
        writer.content(data, binary=True)
    else:
        writer.nstring(data)


ENTRY_VALUES: Shape[dict[str, bytes | None]] = mapping(
    listed(pair(ATEXT, Shape(Scanner.nstring, _write_entry_value)), least=1)
)
"""Entries of METADATA with their values (RFC 5464 5 ``entry-values``)."""

_ENTRY_NAMES = many(ATEXT, least=1)


def _read_metadata(scanner: Scanner) -> r.MetadataResponse:
    scanner.space()
    mailbox = scanner.mailbox()
    if scanner.at(b" ("):
        scanner.space()
        return r.MetadataResponse(mailbox, ENTRY_VALUES.read(scanner))
    return r.MetadataResponse(mailbox, None, _ENTRY_NAMES.read(scanner))


def _write_metadata(writer: Writer, response: r.MetadataResponse) -> None:
    writer.space()
    writer.mailbox(response.mailbox)
    if (response.values is None) != bool(response.names):
        raise LocalProtocolError("METADATA has values or names of entries")
    if response.values is None:
        _ENTRY_NAMES.write(writer, response.names)
    else:
        writer.space()
        ENTRY_VALUES.write(writer, response.values)


_URL_PARTS = keyed({"BODY": SECTION_CONTENT, "BINARY": SECTION_CONTENT, "BODYPARTSTRUCTURE": BODY})
_URL_PART = parenthesised(_URL_PARTS)


def _read_url(scanner: Scanner) -> r.UrlData:
    url = scanner.atext()
    if not scanner.at(b" ("):
        scanner.space()
        return r.UrlData(url, scanner.content())
    parts = []
    while scanner.skip(b" ") and scanner.at(b"("):
        parts.append(_URL_PART.read(scanner))
        if not scanner.at(b" ("):
            break
    return r.UrlData(url, None, tuple(parts))


def _write_url(writer: Writer, item: r.UrlData) -> None:
    writer.atext(item.url)
    if item.parts:
        if item.data is not None:
            raise LocalProtocolError("a URL has data or parts")
        many(_URL_PART).write(writer, item.parts)
    else:
        writer.space()
        SECTION_CONTENT.write(writer, item.data)


_TAG: Shape[str] = Shape(
    lambda scanner: _read_tag(scanner), lambda writer, tag: _write_tag(writer, tag)
)


def _read_tag(scanner: Scanner) -> str:
    known = dict(CORRELATORS.read(scanner))
    if not isinstance(tag := known.get("TAG"), str):
        scanner.fail("the tag of a command")
    return tag


def _write_tag(writer: Writer, tag: str) -> None:
    CORRELATORS.write(writer, (("TAG", tag),))


# --- the rows ---

_LISTRIGHTS = fields(r.ListRightsResponse, MAILBOX, ATEXT, ATEXT, many(ATEXT))

ROWS: dict[type[r.Response], Shape[Any]] = {
    r.CapabilityResponse: fields(r.CapabilityResponse, CAPABILITIES),
    r.EnabledResponse: fields(r.EnabledResponse, many(ATOM)),
    r.ListResponse: _list_row(r.ListResponse),
    r.LsubResponse: _list_row(r.LsubResponse),
    r.XlistResponse: _list_row(r.XlistResponse),
    r.NamespaceResponse: fields(r.NamespaceResponse, _NAMESPACES, _NAMESPACES, _NAMESPACES),
    r.StatusResponse: fields(r.StatusResponse, MAILBOX, mapping(listed(keyed(_STATUS_ITEMS)))),
    r.FlagsResponse: fields(r.FlagsResponse, FLAGS),
    r.SearchResponse: SEARCH,
    r.SortResponse: SORT,
    r.ThreadResponse: THREAD,
    r.ESearchResponse: ESEARCH,
    r.VanishedResponse: Shape(_read_vanished, _write_vanished),
    r.UidBatchesResponse: fields(r.UidBatchesResponse, _TAG, optional(SEQUENCE_SET)),
    r.IdResponse: fields(r.IdResponse, nil_or(FACTS)),
    r.QuotaResponse: fields(
        r.QuotaResponse,
        ATEXT,
        listed(record(r.QuotaResource, ATOM, COUNT64, COUNT64)),
    ),
    r.QuotaRootResponse: fields(r.QuotaRootResponse, MAILBOX, many(ATEXT)),
    r.AclResponse: fields(r.AclResponse, MAILBOX, many(pair(ATEXT, ATEXT))),
    r.ListRightsResponse: _LISTRIGHTS,
    r.MyRightsResponse: fields(r.MyRightsResponse, MAILBOX, ATEXT),
    r.MetadataResponse: Shape(_read_metadata, _write_metadata),
    r.LanguageResponse: fields(r.LanguageResponse, listed(ATEXT, least=1)),
    r.ComparatorResponse: fields(r.ComparatorResponse, ATEXT, optional(listed(ATEXT, least=1))),
    r.ConversionResponse: fields(
        r.ConversionResponse, TEXT, TEXT, optional(listed(ATEXT, least=1))
    ),
    r.GenUrlAuthResponse: fields(r.GenUrlAuthResponse, many(ATEXT, least=1)),
    r.UrlFetchResponse: fields(r.UrlFetchResponse, many(Shape(_read_url, _write_url), least=1)),
    r.JmapAccessResponse: fields(r.JmapAccessResponse, TEXT),
}
"""Untagged data by class; the name of each stands in the class."""


@value
class NumberedRow:
    """Untagged data with a number in front of its name, which is the field ``number``."""

    number: str
    read: Callable[[Scanner, int], r.Response]
    write: Callable[[Writer, Any], None]


def _count_row(cls: type[Any], number: str) -> NumberedRow:
    return NumberedRow(number, lambda scanner, count: cls(count), lambda writer, response: None)


def _message_row(cls: type[Any], items: Shape[f.FetchItems]) -> NumberedRow:
    def read(scanner: Scanner, number: int) -> r.Response:
        scanner.space()
        response: r.Response = cls(number, items.read(scanner))
        return response

    def write(writer: Writer, response: Any) -> None:
        writer.space()
        items.write(writer, response.items)

    return NumberedRow("number", read, write)


def _read_converted(scanner: Scanner, number: int) -> f.ConvertedResponse:
    scanner.space()
    tag = _TAG.read(scanner)
    scanner.space()
    return f.ConvertedResponse(number, CONVERTED_ITEMS.read(scanner), tag=tag)


def _write_converted(writer: Writer, response: f.ConvertedResponse) -> None:
    writer.space()
    _TAG.write(writer, response.tag)
    writer.space()
    CONVERTED_ITEMS.write(writer, response.items)


NUMBERED_ROWS: dict[type[r.Response], NumberedRow] = {
    r.ExistsResponse: _count_row(r.ExistsResponse, "count"),
    r.RecentResponse: _count_row(r.RecentResponse, "count"),
    r.ExpungeResponse: _count_row(r.ExpungeResponse, "number"),
    f.FetchResponse: _message_row(f.FetchResponse, FETCH_ITEMS),
    f.UidFetchResponse: _message_row(f.UidFetchResponse, FETCH_ITEMS),
    f.ConvertedResponse: NumberedRow("number", _read_converted, _write_converted),
}
"""Untagged data that begins with a number."""
