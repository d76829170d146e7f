"""Reads and writes what follows the name of a command: one row for each.

The RFC of a row stands at the class that it makes. Searches have a module of their own.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.imap import commands as c
from mailproto.imap.append_shape import MESSAGE
from mailproto.imap.fetch_shape import ANNOTATIONS, LABEL
from mailproto.imap.filter_shape import EVENT_GROUP
from mailproto.imap.flags import flags_of
from mailproto.imap.item_shape import ITEM, ITEMS, PLAIN_ITEMS, recall_items
from mailproto.imap.mailbox_name import decode_mailbox
from mailproto.imap.numbers import MAX_NUMBER, SMALL_RANGE, small_range
from mailproto.imap.option_shape import option
from mailproto.imap.query_shape import NUMBERS
from mailproto.imap.response_shapes import ENTRY_VALUES, FACTS
from mailproto.imap.scanner import Scanner
from mailproto.imap.search_command_shapes import ESEARCH, SEARCH, SORT, THREAD
from mailproto.imap.search_shapes import PARTIAL_RANGE
from mailproto.imap.sequence_set import STAR
from mailproto.imap.shapes import (
    ATEXT,
    ATOM,
    FLAGS,
    KEYWORD,
    KEYWORDS,
    MAILBOX,
    NUMBER,
    NUMBER64,
    NZ_NUMBER,
    Shape,
    fields,
    listed,
    many,
    nil_or,
    one_or_more,
    optional,
    pair,
    parenthesised,
    record,
)
from mailproto.imap.write import Writer, octets

__all__ = ["ROWS"]

_BASE64 = re.compile(rb"=(?=[ \r\n])|[A-Za-z0-9+/]+={0,2}(?=[ \r\n])")
_STORE_ITEM = re.compile(rb"([+-]?(?:FLAGS|X-GM-LABELS))(\.SILENT)? |(ANNOTATION) ", re.IGNORECASE)
_BATCHES = re.compile(rb"([1-9][0-9]{0,9}):([1-9][0-9]{0,9})(?=[ \r\n])")
_DEPTH = re.compile(rb"(?:0|1|infinity)(?=[ )])", re.IGNORECASE)
_NAME_OF_OPTION = re.compile(rb"\([A-Za-z]")


def _trailing(several: Shape[tuple[Any, ...]]) -> Shape[tuple[Any, ...]]:
    """A list behind all else; without it the tuple is empty."""

    def read(scanner: Scanner) -> tuple[Any, ...]:
        return several.read(scanner) if scanner.more() else ()

    def write(writer: Writer, items: tuple[Any, ...]) -> None:
        if items:
            writer.space()
            several.write(writer, items)

    return Shape(read, write, spaced=True)


def _options(known: Mapping[str, Shape[Any] | None]) -> Shape[c.Options]:
    return listed(option(known), least=1)


def _expect_word(scanner: Scanner, word: bytes) -> None:
    if not scanner.skip_word(word):
        scanner.fail(word.decode())


def _write_quoted(writer: Writer, text: str) -> None:
    if "\r" in text or "\n" in text:
        raise LocalProtocolError("an argument can not hold CR or LF")
    writer.text(text)


_QUOTED = Shape(Scanner.text, _write_quoted)


def _word(pattern: re.Pattern[bytes], expected: str) -> Shape[str]:
    """A word that ``pattern`` matches, in lower case."""

    def read(scanner: Scanner) -> str:
        return scanner.match(pattern, expected)[0].decode("ascii").lower()

    def write(writer: Writer, text: str) -> None:
        if not pattern.match(octets(text) + b" "):
            raise LocalProtocolError(f"{text!r} is not {expected}")
        writer.atom(text)

    return Shape(read, write)


# --- AUTHENTICATE ---


def _read_base64(scanner: Scanner) -> bytes:
    raw = scanner.match(_BASE64, "base64")[0]
    if raw == b"=":
        return b""
    try:
        return b64decode(raw, validate=True)
    except Base64Error:
        scanner.fail("base64")


_INITIAL_RESPONSE: Shape[bytes] = Shape(
    _read_base64, lambda writer, data: writer.raw(b64encode(data) or b"=")
)

# --- SELECT, CREATE, LIST ---

_SEQUENCE_MATCH = parenthesised(pair(NUMBERS, NUMBERS))


def _read_qresync(scanner: Scanner) -> c.QResync:
    """The known UIDs and the sequence match data may each be there alone."""
    validity = scanner.nz_number()
    scanner.space()
    modseq = scanner.number64()
    uids = match = None
    if scanner.more() and not scanner.at(b"("):
        uids = scanner.sequence_set()
        scanner.more()
    if scanner.at(b"("):
        match = _SEQUENCE_MATCH.read(scanner)
    return c.QResync(validity, modseq, uids, match)


def _write_qresync(writer: Writer, known: c.QResync) -> None:
    writer.nz_number(known.uid_validity)
    writer.space()
    writer.number64(known.modseq)
    if known.known_uids is not None:
        writer.space()
        NUMBERS.write(writer, known.known_uids)
    if known.sequence_match is not None:
        writer.space()
        _SEQUENCE_MATCH.write(writer, known.sequence_match)


_SELECT_PARAMETERS = _trailing(
    _options(
        {
            "CONDSTORE": None,  # RFC 7162 3.1.8
            "ANNOTATE": None,  # RFC 5257 4.2
            "QRESYNC": parenthesised(Shape(_read_qresync, _write_qresync)),  # RFC 7162 3.2.5
        }
    )
)
_CREATE_PARAMETERS = _trailing(_options({"USE": FLAGS}))  # RFC 6154 3
_RENAME_PARAMETERS = _trailing(_options({}))

_MAILBOX_PATTERN: Shape[str] = Shape(
    lambda scanner: decode_mailbox(scanner.list_mailbox(), utf8=scanner.utf8),
    Writer.list_mailbox,
)
_PATTERNS = one_or_more(_MAILBOX_PATTERN)
_SELECTION = listed(
    option(dict.fromkeys(("SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE")))
)
_RETURNS = listed(
    option(
        {
            **dict.fromkeys(("SUBSCRIBED", "CHILDREN")),  # RFC 9051 6.3.9.2
            "SPECIAL-USE": None,  # RFC 6154 2
            "MYRIGHTS": None,  # RFC 8440 3
            "STATUS": KEYWORDS,  # RFC 5819 2
            "METADATA": listed(ATEXT, least=1),  # RFC 9590 3
        }
    )
)


def _read_list(scanner: Scanner) -> c.List:
    scanner.space()
    selection = returns = None
    if scanner.at(b"("):
        selection = _SELECTION.read(scanner)
        scanner.space()
    reference = scanner.mailbox()
    scanner.space()
    patterns = _PATTERNS.read(scanner)
    if scanner.more():
        _expect_word(scanner, b"RETURN")
        scanner.space()
        returns = _RETURNS.read(scanner)
    return c.List(reference, patterns, selection=selection, returns=returns)


def _write_list(writer: Writer, command: c.List) -> None:
    writer.space()
    if command.selection is not None:
        _SELECTION.write(writer, command.selection)
        writer.space()
    writer.mailbox(command.reference)
    writer.space()
    _PATTERNS.write(writer, command.patterns)
    if command.returns is not None:
        writer.raw(b" RETURN ")
        _RETURNS.write(writer, command.returns)


# --- FETCH, STORE, REPLACE, UIDBATCHES ---

_FETCH_MODIFIERS = _options(
    {
        "CHANGEDSINCE": NUMBER64,  # RFC 7162 3.1.4.1
        "VANISHED": None,  # RFC 7162 3.2.6
        "PARTIAL": PARTIAL_RANGE,  # RFC 9394 3.3
    }
)
_FETCH = fields(c.Fetch, NUMBERS, ITEMS, _trailing(_FETCH_MODIFIERS))
_PLAIN_FETCH = re.compile(rb" " + SMALL_RANGE + rb" (" + PLAIN_ITEMS + rb")(?=\r\n\Z)")


def _read_fetch(scanner: Scanner) -> c.Fetch:
    found = _PLAIN_FETCH.match(scanner.data, scanner.pos)
    items = None if found is None else recall_items(found[3])
    if found is None or items is None:
        return _FETCH.read(scanner)
    scanner.pos = found.end()
    return c.Fetch(small_range(found[1], found[2]), items)


def _read_flags(scanner: Scanner) -> tuple[str, ...]:
    """Flags in parentheses, or without."""
    if scanner.at(b"("):
        return scanner.flags()
    flags = [scanner.flag()]
    while scanner.more():
        flags.append(scanner.flag())
    return tuple(flags)


_PLAIN_STORE = re.compile(
    rb" " + SMALL_RANGE + rb' ([+-]?FLAGS)(\.SILENT)? \(([^()"{\r\n]*+)\)(?=\r\n\Z)', re.IGNORECASE
)
_FLAG_VALUES = Shape(_read_flags, Writer.flags)
_STORE_ITEMS: dict[str, Shape[Any]] = {
    **dict.fromkeys(("FLAGS", "+FLAGS", "-FLAGS"), _FLAG_VALUES),
    **dict.fromkeys(("X-GM-LABELS", "+X-GM-LABELS", "-X-GM-LABELS"), listed(LABEL)),
    "ANNOTATION": ANNOTATIONS,
}
_STORE_MODIFIERS = _options({"UNCHANGEDSINCE": NUMBER64})  # RFC 7162 3.1.3


def _read_store(scanner: Scanner) -> c.Store:
    found = _PLAIN_STORE.match(scanner.data, scanner.pos)
    if found is None:
        return _read_any_store(scanner)
    first, last, item, silent, flags = found.groups()
    try:
        values = flags_of(flags)
    except ValueError:
        return _read_any_store(scanner)
    scanner.pos = found.end()
    name = item.decode("ascii").upper()
    return c.Store(small_range(first, last), name, values, silent=silent is not None)


def _read_any_store(scanner: Scanner) -> c.Store:
    scanner.space()
    numbers = scanner.sequence_set()
    scanner.space()
    modifiers: c.Options = ()
    if scanner.at(b"("):
        modifiers = _STORE_MODIFIERS.read(scanner)
        scanner.space()
    item, silent, other = scanner.match(_STORE_ITEM, "FLAGS").groups()
    name = (item or other).decode("ascii").upper()
    values = _STORE_ITEMS[name].read(scanner)
    return c.Store(numbers, name, values, silent=silent is not None, modifiers=modifiers)


def _write_store(writer: Writer, command: c.Store) -> None:
    shape = _STORE_ITEMS.get(command.item)
    if shape is None or (command.silent and shape is ANNOTATIONS):
        raise LocalProtocolError(f"{command.item!r} can not be stored so")
    writer.space()
    NUMBERS.write(writer, command.numbers)
    writer.space()
    if command.modifiers:
        _STORE_MODIFIERS.write(writer, command.modifiers)
        writer.space()
    writer.raw(f"{command.item}{'.SILENT' if command.silent else ''} ".encode())
    shape.write(writer, command.values)


def _read_sequence_number(scanner: Scanner) -> int:
    return STAR if scanner.skip(b"*") else scanner.nz_number()


def _write_sequence_number(writer: Writer, number: int) -> None:
    if number == STAR:
        writer.raw(b"*")
    else:
        writer.nz_number(number)


_SEQUENCE_NUMBER = Shape(_read_sequence_number, _write_sequence_number)


def _read_batches(scanner: Scanner) -> tuple[int, int]:
    start = scanner.pos
    found = scanner.match(_BATCHES, "a range of batches")
    first, last = int(found[1]), int(found[2])
    if max(first, last) > MAX_NUMBER:
        scanner.pos = start
        scanner.fail(f"numbers up to {MAX_NUMBER}")
    return first, last


def _write_batches(writer: Writer, batches: tuple[int, int]) -> None:
    first, last = batches
    writer.nz_number(first)
    writer.raw(b":")
    writer.nz_number(last)


# --- metadata, URLs, NOTIFY, CONVERT ---

_ENTRIES = one_or_more(ATEXT)
_MORE_ENTRIES = many(ATEXT)
_METADATA_OPTIONS = _options({"MAXSIZE": NUMBER, "DEPTH": _word(_DEPTH, "0, 1 or infinity")})


def _read_get_metadata(scanner: Scanner) -> c.GetMetadata:
    """The examples of RFC 5464 differ from its grammar, and clients from both."""
    scanner.space()
    options: c.Options = ()
    if scanner.at(b"("):
        options = _METADATA_OPTIONS.read(scanner)
        scanner.space()
    mailbox = scanner.mailbox()
    scanner.space()
    if not options and _NAME_OF_OPTION.match(scanner.data, scanner.pos):
        scanner.tolerate("options behind the mailbox", "RFC 5464 5")
        options = _METADATA_OPTIONS.read(scanner)
        scanner.space()
    entries = _ENTRIES.read(scanner)
    if not scanner.at_end:
        scanner.tolerate("entries without parentheses", "RFC 5464 5")
        entries += _MORE_ENTRIES.read(scanner)
    return c.GetMetadata(mailbox, entries, options)


def _write_get_metadata(writer: Writer, command: c.GetMetadata) -> None:
    writer.space()
    if command.options:
        _METADATA_OPTIONS.write(writer, command.options)
        writer.space()
    writer.mailbox(command.mailbox)
    writer.space()
    _ENTRIES.write(writer, command.entries)


_PARTS = many(KEYWORD)


def _read_url(scanner: Scanner) -> c.UrlRequest:
    if not scanner.at(b"("):
        return c.UrlRequest(scanner.atext())
    scanner.open()
    url = scanner.atext()
    parts = _PARTS.read(scanner)
    scanner.close()
    return c.UrlRequest(url, parts)


def _write_url(writer: Writer, request: c.UrlRequest) -> None:
    if request.parts is None:
        writer.atext(request.url)
        return
    writer.raw(b"(")
    writer.atext(request.url)
    _PARTS.write(writer, request.parts)
    writer.raw(b")")


_RESET_KEY = fields(c.ResetKey, optional(MAILBOX), many(KEYWORD))


def _write_reset_key(writer: Writer, command: c.ResetKey) -> None:
    if command.mailbox is None and command.mechanisms:
        raise LocalProtocolError("mechanisms need a mailbox")
    _RESET_KEY.write(writer, command)


_GROUPS = many(EVENT_GROUP, least=1)


def _read_notify(scanner: Scanner) -> c.Notify:
    scanner.space()
    if scanner.skip_word(b"NONE"):
        return c.Notify(None)
    _expect_word(scanner, b"SET")
    status = scanner.skip_word(b" STATUS")
    return c.Notify(_GROUPS.read(scanner), status)


def _write_notify(writer: Writer, command: c.Notify) -> None:
    if command.groups is None:
        if command.status:
            raise LocalProtocolError("NOTIFY NONE has no STATUS")
        writer.raw(b" NONE")
        return
    writer.raw(b" SET STATUS" if command.status else b" SET")
    _GROUPS.write(writer, command.groups)


_CONVERSION = parenthesised(
    record(c.Conversion, nil_or(_QUOTED), _trailing(listed(pair(ATEXT, ATEXT), least=1)))
)
# --- the rows ---

_TWO_NAMES = (MAILBOX, _MAILBOX_PATTERN)

ROWS: dict[type[c.Command], Shape[Any]] = {
    c.Capability: fields(c.Capability),
    c.Noop: fields(c.Noop),
    c.Logout: fields(c.Logout),
    c.Id: fields(c.Id, nil_or(FACTS)),
    c.Compress: fields(c.Compress, KEYWORD),
    c.Language: fields(c.Language, many(ATEXT)),
    c.StartTls: fields(c.StartTls),
    c.Authenticate: fields(c.Authenticate, KEYWORD, optional(_INITIAL_RESPONSE)),
    c.Login: fields(c.Login, ATEXT, ATEXT),
    c.Enable: fields(c.Enable, many(ATOM, least=1)),
    c.Unauthenticate: fields(c.Unauthenticate),
    c.Select: fields(c.Select, MAILBOX, _SELECT_PARAMETERS),
    c.Examine: fields(c.Examine, MAILBOX, _SELECT_PARAMETERS),
    c.Create: fields(c.Create, MAILBOX, _CREATE_PARAMETERS),
    c.Delete: fields(c.Delete, MAILBOX),
    c.Rename: fields(c.Rename, MAILBOX, MAILBOX, _RENAME_PARAMETERS),
    c.Subscribe: fields(c.Subscribe, MAILBOX),
    c.Unsubscribe: fields(c.Unsubscribe, MAILBOX),
    c.List: Shape(_read_list, _write_list),
    c.Lsub: fields(c.Lsub, *_TWO_NAMES),
    c.Xlist: fields(c.Xlist, *_TWO_NAMES),
    c.Rlist: fields(c.Rlist, *_TWO_NAMES),
    c.Rlsub: fields(c.Rlsub, *_TWO_NAMES),
    c.NamespaceCommand: fields(c.NamespaceCommand),
    c.Status: fields(c.Status, MAILBOX, KEYWORDS),
    c.Append: fields(c.Append, MAILBOX, many(MESSAGE, least=1)),
    c.Idle: fields(c.Idle),
    c.GetJmapAccess: fields(c.GetJmapAccess),
    c.Check: fields(c.Check),
    c.Close: fields(c.Close),
    c.Unselect: fields(c.Unselect),
    c.Expunge: fields(c.Expunge),
    c.UidExpunge: fields(c.UidExpunge, NUMBERS),
    c.SearchCommand: SEARCH,
    c.Sort: SORT,
    c.ThreadCommand: THREAD,
    c.ESearch: ESEARCH,
    c.Fetch: Shape(_read_fetch, _FETCH.write),
    c.Store: Shape(_read_store, _write_store),
    c.Copy: fields(c.Copy, NUMBERS, MAILBOX),
    c.Move: fields(c.Move, NUMBERS, MAILBOX),
    c.Replace: fields(c.Replace, _SEQUENCE_NUMBER, MAILBOX, MESSAGE),
    c.UidBatches: fields(c.UidBatches, NZ_NUMBER, optional(Shape(_read_batches, _write_batches))),
    c.CancelUpdate: fields(c.CancelUpdate, many(_QUOTED, least=1)),
    c.GetQuota: fields(c.GetQuota, ATEXT),
    c.GetQuotaRoot: fields(c.GetQuotaRoot, MAILBOX),
    c.SetQuota: fields(c.SetQuota, ATEXT, listed(pair(KEYWORD, NUMBER64))),
    c.SetAcl: fields(c.SetAcl, MAILBOX, ATEXT, ATEXT),
    c.DeleteAcl: fields(c.DeleteAcl, MAILBOX, ATEXT),
    c.GetAcl: fields(c.GetAcl, MAILBOX),
    c.ListRights: fields(c.ListRights, MAILBOX, ATEXT),
    c.MyRights: fields(c.MyRights, MAILBOX),
    c.GetMetadata: Shape(_read_get_metadata, _write_get_metadata),
    c.SetMetadata: fields(c.SetMetadata, MAILBOX, ENTRY_VALUES),
    c.Comparator: fields(c.Comparator, many(ATEXT)),
    c.Notify: Shape(_read_notify, _write_notify),
    c.Convert: fields(c.Convert, NUMBERS, _CONVERSION, one_or_more(ITEM)),
    c.Conversions: fields(c.Conversions, _QUOTED, _QUOTED),
    c.GenUrlAuth: fields(c.GenUrlAuth, many(pair(ATEXT, KEYWORD), least=1)),
    c.ResetKey: Shape(_RESET_KEY.read, _write_reset_key),
    c.UrlFetch: fields(c.UrlFetch, many(Shape(_read_url, _write_url), least=1)),
}
"""The arguments of commands by class; the name of each stands in the class."""
