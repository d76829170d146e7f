"""Grammar as data: a shape reads a value and writes it, and larger shapes are made of small ones.

The rows of commands, responses and response codes are shapes, so that both roles and both
directions come from one table. What an RFC writes as ``SP a SP b [SP c]`` is
``fields(Class, a, b, optional(c))``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, cast

import attrs

from mailproto._value import field, value
from mailproto.errors import LocalProtocolError
from mailproto.imap.scanner import Scanner
from mailproto.imap.values import GenericValue
from mailproto.imap.write import Writer

__all__ = [
    "ATEXT",
    "ATOM",
    "COUNT",
    "COUNT64",
    "FLAGS",
    "GENERIC",
    "KEYWORD",
    "KEYWORDS",
    "MAILBOX",
    "NSTRING",
    "NTEXT",
    "NUMBER",
    "NUMBER64",
    "NZ_NUMBER",
    "POSITIVE",
    "SEQUENCE_SET",
    "TEXT",
    "Shape",
    "fields",
    "keyed",
    "listed",
    "many",
    "mapping",
    "nil_or",
    "one_of",
    "one_or_more",
    "optional",
    "pair",
    "parenthesised",
    "present",
    "record",
]

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")


@value
class Shape(Generic[T]):
    """``read`` takes a value from a scanner, ``write`` gives it to a writer.

    ``spaced`` says that the shape takes and makes the space in front of itself, because it may
    be empty.
    """

    read: Callable[[Scanner], T]
    write: Callable[[Writer, T], None]
    spaced: bool = field(default=False, kw_only=True)


ATOM = Shape(Scanner.atom, Writer.atom)
KEYWORD = Shape(Scanner.keyword, Writer.atom)
ATEXT = Shape(Scanner.atext, Writer.atext)
TEXT = Shape(Scanner.text, Writer.text)
NSTRING: Shape[bytes | None] = Shape(Scanner.nstring, Writer.nstring)
NTEXT = Shape(Scanner.ntext, Writer.ntext)
MAILBOX = Shape(Scanner.mailbox, Writer.mailbox)
FLAGS: Shape[tuple[str, ...]] = Shape(Scanner.flags, Writer.flags)
SEQUENCE_SET = Shape(Scanner.sequence_set, Writer.sequence_set)
NUMBER: Shape[int] = Shape(Scanner.number, Writer.number)
NZ_NUMBER: Shape[int] = Shape(Scanner.nz_number, Writer.nz_number)
NUMBER64: Shape[int] = Shape(Scanner.number64, Writer.number64)
COUNT: Shape[int] = Shape(Scanner.lenient_number, Writer.number)
COUNT64: Shape[int] = Shape(Scanner.lenient_number64, Writer.number64)
POSITIVE: Shape[int] = Shape(Scanner.lenient_nz_number, Writer.nz_number)
"""These three are numbers in responses, where servers send what is none."""
GENERIC: Shape[GenericValue] = Shape(Scanner.generic, Writer.generic)


def fields(cls: Callable[..., T], *shapes: Shape[Any]) -> Shape[T]:
    """The fields of a value class in order, each behind a space; keyword-only ones are no part."""
    return _fields(cls, shapes, first=True)


def record(cls: Callable[..., T], *shapes: Shape[Any]) -> Shape[T]:
    """As ``fields``, but without the space in front of the first."""
    return _fields(cls, shapes, first=False)


def _fields(cls: Callable[..., T], shapes: tuple[Shape[Any], ...], *, first: bool) -> Shape[T]:
    names = [a.name for a in attrs.fields(cast(Any, cls)) if not a.kw_only]
    spaces = [not shape.spaced and (first or at > 0) for at, shape in enumerate(shapes)]
    rows = list(zip(names, shapes, spaces, strict=True))
    readers = [(space, shape.read) for shape, space in zip(shapes, spaces, strict=True)]

    def read(scanner: Scanner) -> T:
        values = []
        for space, read_one in readers:
            if space:
                scanner.space()
            values.append(read_one(scanner))
        return cls(*values)

    def write(writer: Writer, item: T) -> None:
        for name, shape, space in rows:
            if space:
                writer.space()
            shape.write(writer, getattr(item, name))

    return Shape(read, write, spaced=first)


def listed(shape: Shape[T], *, least: int = 0) -> Shape[tuple[T, ...]]:
    """Items in parentheses; fewer than ``least`` are neither read nor written."""

    def read(scanner: Scanner) -> tuple[T, ...]:
        items = scanner.listed(lambda: shape.read(scanner))
        if len(items) < least:
            scanner.fail("a list with items")
        return items

    def write(writer: Writer, items: Iterable[T]) -> None:
        items = tuple(items)
        _at_least(items, least)
        writer.listed(items, lambda item: shape.write(writer, item))

    return Shape(read, write)


def _read_keywords(scanner: Scanner) -> tuple[str, ...]:
    found = _PLAIN_KEYWORDS.match(scanner.data, scanner.pos)
    if found is None:
        return _KEYWORDS.read(scanner)
    scanner.pos = found.end()
    return tuple(found[1].decode("ascii").upper().split(" "))


_KEYWORDS = listed(KEYWORD, least=1)
_PLAIN_KEYWORDS = re.compile(rb"\(([A-Za-z0-9.-]+(?: [A-Za-z0-9.-]+)*+)\)")
KEYWORDS = Shape(_read_keywords, _KEYWORDS.write)
"""One or more in parentheses."""


def one_or_more(shape: Shape[T]) -> Shape[tuple[T, ...]]:
    """One item as it is, or several in parentheses."""
    several = listed(shape, least=1)

    def read(scanner: Scanner) -> tuple[T, ...]:
        return several.read(scanner) if scanner.at(b"(") else (shape.read(scanner),)

    def write(writer: Writer, items: tuple[T, ...]) -> None:
        if len(items) == 1:
            shape.write(writer, items[0])
        else:
            several.write(writer, items)

    return Shape(read, write)


def parenthesised(shape: Shape[T]) -> Shape[T]:
    """One item in parentheses."""

    def read(scanner: Scanner) -> T:
        if not scanner.open():
            scanner.fail("an item in parentheses")
        item = shape.read(scanner)
        scanner.close()
        return item

    def write(writer: Writer, item: T) -> None:
        writer.raw(b"(")
        shape.write(writer, item)
        writer.raw(b")")

    return Shape(read, write)


def pair(first: Shape[T], second: Shape[U]) -> Shape[tuple[T, U]]:
    """Two items with a space between them."""

    def read(scanner: Scanner) -> tuple[T, U]:
        one = first.read(scanner)
        scanner.space()
        return one, second.read(scanner)

    def write(writer: Writer, item: tuple[T, U]) -> None:
        first.write(writer, item[0])
        writer.space()
        second.write(writer, item[1])

    return Shape(read, write)


def many(shape: Shape[T], *, least: int = 0) -> Shape[tuple[T, ...]]:
    """Items up to the end, each behind a space."""

    def read(scanner: Scanner) -> tuple[T, ...]:
        items = []
        while scanner.more():
            items.append(shape.read(scanner))
        if len(items) < least:
            scanner.fail("another item")
        return tuple(items)

    def write(writer: Writer, items: Iterable[T]) -> None:
        items = tuple(items)
        _at_least(items, least)
        for item in items:
            writer.space()
            shape.write(writer, item)

    return Shape(read, write, spaced=True)


def optional(shape: Shape[T], mark: bytes = b"") -> Shape[T | None]:
    """An item or None; it is there if ``mark`` (or anything) follows the space."""

    def read(scanner: Scanner) -> T | None:
        if (mark and not scanner.at(b" " + mark)) or not scanner.more():
            return None
        return shape.read(scanner)

    def write(writer: Writer, item: T | None) -> None:
        if item is not None:
            writer.space()
            shape.write(writer, item)

    return Shape(read, write, spaced=True)


def present(word: bytes) -> Shape[bool]:
    """Whether ``word`` follows a space."""

    def read(scanner: Scanner) -> bool:
        return scanner.skip_word(b" " + word)

    def write(writer: Writer, item: bool) -> None:
        if item:
            writer.raw(b" " + word)

    return Shape(read, write, spaced=True)


def nil_or(shape: Shape[T]) -> Shape[T | None]:
    """NIL, which is None, or an item."""

    def read(scanner: Scanner) -> T | None:
        return None if scanner.nil() else shape.read(scanner)

    def write(writer: Writer, item: T | None) -> None:
        if item is None:
            writer.raw(b"NIL")
        else:
            shape.write(writer, item)

    return Shape(read, write)


def keyed(
    table: Mapping[str, Shape[Any]],
    unknown: Shape[Any] = GENERIC,
    *,
    names: Shape[str] = KEYWORD,
) -> Shape[tuple[str, Any]]:
    """A name, a space and the value that the name asks for; names are read in upper case."""

    def read(scanner: Scanner) -> tuple[str, Any]:
        name = names.read(scanner).upper()
        shape = table.get(name, unknown)
        if not shape.spaced:
            scanner.space()
        return name, shape.read(scanner)

    def write(writer: Writer, item: tuple[str, Any]) -> None:
        name, content = item
        names.write(writer, name)
        shape = table.get(name, unknown)
        if not shape.spaced:
            writer.space()
        shape.write(writer, content)

    return Shape(read, write)


def mapping(pairs: Shape[tuple[tuple[K, U], ...]]) -> Shape[dict[K, U]]:
    """Pairs as a dict; of pairs with the same name the last one counts."""
    return Shape(
        lambda scanner: dict(pairs.read(scanner)),
        lambda writer, items: pairs.write(writer, tuple(items.items())),
        spaced=pairs.spaced,
    )


def one_of(
    *choices: tuple[type[Any], Callable[[Scanner], bool], Shape[Any]],
) -> Shape[Any]:
    """The first shape whose test says yes; written is the first one of the item's class."""

    def read(scanner: Scanner) -> Any:
        for _, fits, shape in choices:
            if fits(scanner):
                return shape.read(scanner)
        return scanner.fail("one of several things")

    def write(writer: Writer, item: Any) -> None:
        for cls, _, shape in choices:
            if isinstance(item, cls):
                shape.write(writer, item)
                return
        raise LocalProtocolError(f"{item!r} can not be sent here")

    return Shape(read, write, spaced=choices[0][2].spaced)


def _at_least(items: tuple[object, ...], least: int) -> None:
    if len(items) < least:
        raise LocalProtocolError(f"at least {least} items are needed")
