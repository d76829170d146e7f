"""Reads and writes the arguments of SEARCH, SORT, THREAD and ESEARCH.

RFC 9051 6.4.4, RFC 5256 5, RFC 5267 5, RFC 7377 4.
"""

import re
from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.imap import commands as c
from mailproto.imap.filter_shape import FILTER
from mailproto.imap.item_shape import ITEM_LIST
from mailproto.imap.option_shape import option
from mailproto.imap.query_shape import needs_charset, read_query, write_query
from mailproto.imap.scanner import Scanner
from mailproto.imap.search import Query
from mailproto.imap.search_shapes import PARTIAL_RANGE
from mailproto.imap.shapes import Shape, listed, optional
from mailproto.imap.write import Writer

__all__ = ["ESEARCH", "SEARCH", "SORT", "THREAD"]

_SORT_ATTRIBUTE = re.compile(rb"value\.(?:priv|shared)(?=[ )])", re.IGNORECASE)
_SORT_ATTRIBUTES = ("value.priv", "value.shared")

_RETURNS = listed(
    option(
        {
            **dict.fromkeys(("ALL", "COUNT", "MAX", "MIN", "SAVE")),  # RFC 9051 6.4.4
            "CONTEXT": None,  # RFC 5267 4.2
            "UPDATE": optional(ITEM_LIST, b"("),  # RFC 5267 4.3, RFC 5465 7
            "PARTIAL": PARTIAL_RANGE,  # RFC 9394 3.1
            "RELEVANCY": None,  # RFC 6203 4
        }
    )
)


def _read_returns(scanner: Scanner) -> c.Options | None:
    """Read RETURN, if it is there, with the spaces before it and behind it."""
    scanner.space()
    if not scanner.skip_word(b"RETURN"):
        return None
    scanner.space()
    returns = _RETURNS.read(scanner)
    scanner.space()
    return returns


def _write_returns(writer: Writer, returns: c.Options | None) -> None:
    if returns is not None:
        writer.raw(b" RETURN ")
        _RETURNS.write(writer, returns)
    writer.space()


def _read_program(scanner: Scanner) -> tuple[Query, str | None]:
    charset = None
    if scanner.skip_word(b"CHARSET"):
        scanner.space()
        charset = scanner.atext()
        scanner.space()
    return read_query(scanner, charset), charset


def _write_program(writer: Writer, query: Query, charset: str | None) -> None:
    """Write CHARSET only where it says something: with UTF-8 agreed on it may not be sent."""
    if charset is None and not writer.utf8 and needs_charset(query):
        charset = "UTF-8"
    if charset is not None:
        writer.raw(b"CHARSET ")
        writer.atext(charset)
        writer.space()
    write_query(writer, query, charset)


def _read_criteria(scanner: Scanner) -> tuple[Query, str]:
    """The charset, which SORT and THREAD always have, and search keys."""
    charset = scanner.atext()
    scanner.space()
    return read_query(scanner, charset), charset


def _write_criteria(writer: Writer, query: Query, charset: str | None) -> None:
    if charset is None:
        charset = "UTF-8" if needs_charset(query) else "US-ASCII"
    writer.atext(charset)
    writer.space()
    write_query(writer, query, charset)


# --- SEARCH ---


def _read_search(scanner: Scanner) -> c.SearchCommand:
    returns = _read_returns(scanner)
    query, charset = _read_program(scanner)
    return c.SearchCommand(query, returns=returns, charset=charset)


def _write_search(writer: Writer, command: c.SearchCommand) -> None:
    _write_returns(writer, command.returns)
    _write_program(writer, command.query, command.charset)


# --- SORT and THREAD ---


def _read_sort_key(scanner: Scanner) -> c.SortKey:
    reverse = scanner.skip_word(b"REVERSE")
    if reverse:
        scanner.space()
    name = scanner.keyword()
    if name != "ANNOTATION":
        return c.SortKey(name, reverse)
    scanner.space()
    entry = scanner.atext()
    scanner.space()
    attribute = scanner.match(_SORT_ATTRIBUTE, "value.priv or value.shared")[0].decode().lower()
    return c.SortKey(name, reverse, (entry, attribute))


def _write_sort_key(writer: Writer, key: c.SortKey) -> None:
    if key.reverse:
        writer.raw(b"REVERSE ")
    if key.name == "REVERSE" or (key.name == "ANNOTATION") != (key.annotation is not None):
        raise LocalProtocolError(f"{key!r} can not be sent")
    writer.atom(key.name)
    if key.annotation is not None:
        entry, attribute = key.annotation
        if attribute not in _SORT_ATTRIBUTES:
            raise LocalProtocolError(f"{attribute!r} can not be sorted by")
        writer.space()
        writer.atext(entry)
        writer.raw(f" {attribute}".encode())


_SORT_KEYS = listed(Shape(_read_sort_key, _write_sort_key), least=1)


def _read_sort(scanner: Scanner) -> c.Sort:
    returns = _read_returns(scanner)
    keys = _SORT_KEYS.read(scanner)
    scanner.space()
    query, charset = _read_criteria(scanner)
    return c.Sort(keys, query, returns=returns, charset=charset)


def _write_sort(writer: Writer, command: c.Sort) -> None:
    _write_returns(writer, command.returns)
    _SORT_KEYS.write(writer, command.criteria)
    writer.space()
    _write_criteria(writer, command.query, command.charset)


def _read_thread(scanner: Scanner) -> c.ThreadCommand:
    scanner.space()
    algorithm = scanner.keyword()
    scanner.space()
    query, charset = _read_criteria(scanner)
    return c.ThreadCommand(algorithm, query, charset=charset)


def _write_thread(writer: Writer, command: c.ThreadCommand) -> None:
    writer.space()
    writer.atom(command.algorithm)
    writer.space()
    _write_criteria(writer, command.query, command.charset)


# --- ESEARCH ---

_SCOPE = listed(option({}), least=1)


def _read_sources(scanner: Scanner) -> tuple[tuple[c.MailboxFilter, ...], c.Options]:
    if not scanner.open():
        scanner.fail("mailboxes")
    sources = [FILTER.read(scanner)]
    scope: c.Options = ()
    while scanner.more():
        if scanner.at(b"("):
            scope = _SCOPE.read(scanner)
            break
        sources.append(FILTER.read(scanner))
    scanner.close()
    return tuple(sources), scope


def _write_sources(writer: Writer, sources: tuple[c.MailboxFilter, ...], scope: c.Options) -> None:
    if not sources:
        raise LocalProtocolError("at least one mailbox is needed")
    writer.raw(b"(")
    for at, source in enumerate(sources):
        if at:
            writer.space()
        FILTER.write(writer, source)
    if scope:
        writer.space()
        _SCOPE.write(writer, scope)
    writer.raw(b")")


def _read_esearch(scanner: Scanner) -> c.ESearch:
    sources: tuple[c.MailboxFilter, ...] | None = None
    scope: c.Options = ()
    if scanner.skip_word(b" IN"):
        scanner.space()
        sources, scope = _read_sources(scanner)
    returns = _read_returns(scanner)
    query, charset = _read_program(scanner)
    return c.ESearch(query, sources=sources, scope=scope, returns=returns, charset=charset)


def _write_esearch(writer: Writer, command: c.ESearch) -> None:
    if command.sources is not None:
        writer.raw(b" IN ")
        _write_sources(writer, command.sources, command.scope)
    elif command.scope:
        raise LocalProtocolError("a scope needs mailboxes")
    _write_returns(writer, command.returns)
    _write_program(writer, command.query, command.charset)


SEARCH: Shape[Any] = Shape(_read_search, _write_search)
SORT: Shape[Any] = Shape(_read_sort, _write_sort)
THREAD: Shape[Any] = Shape(_read_thread, _write_thread)
ESEARCH: Shape[Any] = Shape(_read_esearch, _write_esearch)
