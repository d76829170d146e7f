"""Reads and writes options: names, some with an argument (RFC 9051 9 ``tagged-ext``)."""

import re
from collections.abc import Mapping
from typing import Any

from mailproto.errors import LocalProtocolError
from mailproto.imap.commands import Option
from mailproto.imap.scanner import Scanner
from mailproto.imap.shapes import GENERIC, KEYWORD, Shape
from mailproto.imap.write import Writer

__all__ = ["option"]

_ARGUMENT = re.compile(rb" (?=[(0-9*$-])")
_SIMPLE = re.compile(r"[0-9*$-][0-9*$:,-]*")


def _write_unknown(writer: Writer, argument: Any) -> None:
    """An argument that can be told from the name of another option."""
    simple = isinstance(argument, str) and _SIMPLE.fullmatch(argument) is not None
    if not (simple or isinstance(argument, int | tuple)):
        raise LocalProtocolError("the argument of an unknown option is a number or a tuple")
    GENERIC.write(writer, argument)


_UNKNOWN: Shape[Any] = Shape(Scanner.generic, _write_unknown)


def option(
    known: Mapping[str, Shape[Any] | None], names: Shape[str] = KEYWORD
) -> Shape[str | Option]:
    """One option. ``known`` has the shape of its argument by name, None if there is none.

    The argument may be left out if its shape is that of ``optional``. Unknown options have
    numbers or lists as arguments.
    """

    def read(scanner: Scanner) -> str | Option:
        name = names.read(scanner)
        shape = known.get(name, _UNKNOWN)
        if shape is None:
            return name
        if shape.spaced:
            argument = shape.read(scanner)
            return name if argument is None else Option(name, argument)
        if shape is not _UNKNOWN:
            scanner.space()
        elif _ARGUMENT.match(scanner.data, scanner.pos):
            scanner.pos += 1
        else:
            return name
        return Option(name, shape.read(scanner))

    def write(writer: Writer, item: str | Option) -> None:
        name = item.name if isinstance(item, Option) else item
        shape = known.get(name, _UNKNOWN)
        names.write(writer, name)
        if isinstance(item, Option):
            if shape is None or item.argument is None:
                raise LocalProtocolError(f"{name} takes no argument")
            if not shape.spaced:
                writer.space()
            shape.write(writer, item.argument)
        elif not (shape is None or shape is _UNKNOWN or shape.spaced):
            raise LocalProtocolError(f"{name} needs an argument")

    return Shape(read, write)
