"""Reads and writes what a command wants to know of messages (RFC 9051 9 ``fetch-att``)."""

import re
from functools import lru_cache

from mailproto.errors import LocalProtocolError
from mailproto.imap.commands import FetchItem, Option
from mailproto.imap.cursor import GrammarError
from mailproto.imap.option_shape import option
from mailproto.imap.query_shape import PATTERN
from mailproto.imap.scanner import Scanner
from mailproto.imap.section import Section
from mailproto.imap.section_shape import SECTION
from mailproto.imap.shapes import (
    ATEXT,
    KEYWORDS,
    Shape,
    listed,
    one_or_more,
    optional,
    pair,
    parenthesised,
)
from mailproto.imap.write import Writer

__all__ = ["ITEM", "ITEMS", "ITEM_LIST", "PLAIN_ITEMS", "recall_items"]

_SECTION = re.compile(
    rb"(?:(?:BODY|BINARY)(?:\.PEEK)?|BINARY\.SIZE|BODYPARTSTRUCTURE|AVAILABLECONVERSIONS)\[",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    rb'([A-Za-z][A-Za-z0-9._-]*)(\[[^\]\r\n"{\x00-\x1f\x7f-\xff]*\](?:<[0-9.]+>)?)'
)
_WITHIN = r'[^\]()"{\x00-\x1f\x7f-\U0010ffff]'
_UNKNOWN = re.compile(rf"[A-Z][A-Z0-9._-]*\[(?:{_WITHIN}|\({_WITHIN}*\))*\](?:<[0-9.]+>)?")
_ALONE = re.compile(rb"([A-Za-z][A-Za-z0-9._-]*)(?=[ \r\n])")
_LAZY = re.compile(rb" \(LAZY\)", re.IGNORECASE)
_PARENTHESES = (
    rb'\((?:[^()\[\]"{\\\r\n]++|\[[^\]"{\\\r\n]*+\]|\([^()\[\]"{\\\r\n]*+\))*+\)(?=[ )\r\n])'
)
_LIST = re.compile(_PARENTHESES)
PLAIN_ITEMS = _PARENTHESES + rb'|[^\x00-\x20()"{\\]++'
"""A list of items, or an item that has no list: what can be remembered."""

_MACROS = ("ALL", "FAST", "FULL")
_LONGEST_REMEMBERED = 256


_ANNOTATION = parenthesised(pair(one_or_more(PATTERN), one_or_more(ATEXT)))
_OPTION = option(
    {
        "PREVIEW": optional(KEYWORDS, b"("),  # RFC 8970 3.1
        "ANNOTATION": _ANNOTATION,  # RFC 5257 4.3
    }
)


def _read_item(scanner: Scanner) -> FetchItem:
    data, pos = scanner.data, scanner.pos
    if _SECTION.match(data, pos):
        return SECTION.read(scanner)
    found = _BRACKETED.match(data, pos)
    if found is None:
        return _OPTION.read(scanner)
    scanner.pos = found.end()
    return (found[1].upper() + found[2]).decode("ascii")


def _write_item(writer: Writer, item: FetchItem) -> None:
    if isinstance(item, Section):
        SECTION.write(writer, item)
    elif isinstance(item, str) and "[" in item:
        if not _UNKNOWN.fullmatch(item) or _SECTION.match(item.encode()):
            raise LocalProtocolError(
                f"{item!r} is not the name of an item: sections are Section.parse({item!r})"
            )
        writer.raw(item.encode("ascii"))
    else:
        _OPTION.write(writer, item)


ITEM = Shape(_read_item, _write_item)
"""One item; what is in parentheses behind it belongs to it."""


@lru_cache(maxsize=1024)
def _remembered(raw: bytes) -> tuple[FetchItem, ...]:
    """A list, or an item, that is exactly as it should be. Raises :class:`GrammarError`."""
    scanner = Scanner(raw + b"\r\n", strict=True)
    items = _PLAIN_LIST.read(scanner) if raw[:1] == b"(" else _read_items(scanner)
    scanner.end()
    return items


def recall_items(raw: bytes) -> tuple[FetchItem, ...] | None:
    """Return the items of what ``PLAIN_ITEMS`` found; None if they have to be read."""
    if len(raw) > _LONGEST_REMEMBERED:
        return None
    try:
        return _remembered(raw)
    except GrammarError:
        return None


def _read_list(scanner: Scanner) -> tuple[FetchItem, ...]:
    found = _LIST.match(scanner.data, scanner.pos)
    items = None if found is None else recall_items(found[0])
    if found is None or items is None:
        return _PLAIN_LIST.read(scanner)
    scanner.pos = found.end()
    return items


_PLAIN_LIST = listed(ITEM, least=1)

ITEM_LIST = Shape(_read_list, _PLAIN_LIST.write)
"""Items in parentheses, one at least."""


def _read_items(scanner: Scanner) -> tuple[FetchItem, ...]:
    """Items in parentheses, or one without, or a macro; modifiers may follow in parentheses."""
    if scanner.at(b"("):
        return ITEM_LIST.read(scanner)
    found = _ALONE.match(scanner.data, scanner.pos)
    if found is None:
        return (_read_item(scanner),)
    scanner.pos = found.end()
    name = found[1].decode("ascii").upper()
    if name == "ANNOTATION":
        scanner.space()
        return (Option(name, _ANNOTATION.read(scanner)),)
    if name == "PREVIEW" and _LAZY.match(scanner.data, scanner.pos):
        scanner.space()
        return (Option(name, KEYWORDS.read(scanner)),)
    return (name,)


def _write_items(writer: Writer, items: tuple[FetchItem, ...]) -> None:
    if len(items) == 1 and isinstance(items[0], str) and items[0] in _MACROS:
        writer.raw(items[0].encode())
    else:
        ITEM_LIST.write(writer, items)


ITEMS = Shape(_read_items, _write_items)
"""The items of FETCH: in parentheses, or a macro without."""
