"""Reads and writes what a command wants to know of messages (RFC 9051 9 ``fetch-att``)."""

import re
from functools import lru_cache

from mailproto.errors import LocalProtocolError
from mailproto.imap.commands import FetchItem, Option
from mailproto.imap.option_shape import option
from mailproto.imap.query_shape import PATTERN
from mailproto.imap.scanner import GrammarError, Scanner
from mailproto.imap.section import Section
from mailproto.imap.section_shape import SECTION
from mailproto.imap.shapes import (
    ATEXT,
    KEYWORD,
    Shape,
    listed,
    one_or_more,
    optional,
    pair,
    parenthesised,
)
from mailproto.imap.write import Writer

__all__ = ["ITEM", "ITEMS", "ITEM_LIST"]

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
_LIST = re.compile(rb'\((?:[^()"{\\\r\n]++|\([^()"{\\\r\n]*+\))*+\)')
_MACROS = ("ALL", "FAST", "FULL")
_LONGEST_REMEMBERED = 256


_MODIFIERS = listed(KEYWORD, least=1)
_ANNOTATION = parenthesised(pair(one_or_more(PATTERN), one_or_more(ATEXT)))
_OPTION = option(
    {
        "PREVIEW": optional(_MODIFIERS, b"("),  # RFC 8970 3.1
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
            raise LocalProtocolError(f"{item!r} is not the name of an item")
        writer.raw(item.encode("ascii"))
    else:
        _OPTION.write(writer, item)


ITEM = Shape(_read_item, _write_item)
"""One item; what is in parentheses behind it belongs to it."""


@lru_cache(maxsize=1024)
def _remembered(raw: bytes) -> tuple[FetchItem, ...]:
    """The items of a list that is exactly as it should be. Raises :class:`GrammarError`."""
    scanner = Scanner(raw + b"\r\n", strict=True)
    items = listed(ITEM, least=1).read(scanner)
    scanner.end()
    return items


def _read_list(scanner: Scanner) -> tuple[FetchItem, ...]:
    found = _LIST.match(scanner.data, scanner.pos)
    if found is not None and found.end() - found.start() <= _LONGEST_REMEMBERED:
        try:
            items = _remembered(found[0])
        except GrammarError:
            pass
        else:
            scanner.pos = found.end()
            return items
    return _PLAIN_LIST.read(scanner)


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
        return (Option(name, _MODIFIERS.read(scanner)),)
    return (name,)


def _write_items(writer: Writer, items: tuple[FetchItem, ...]) -> None:
    if len(items) == 1 and isinstance(items[0], str) and items[0] in _MACROS:
        writer.raw(items[0].encode())
    else:
        ITEM_LIST.write(writer, items)


ITEMS = Shape(_read_items, _write_items)
"""The items of FETCH: in parentheses, or a macro without."""
