"""What all commands are made of."""

from typing import Any, ClassVar, TypeAlias

from mailproto._value import field, value
from mailproto.errors import Defect
from mailproto.imap.section import Section
from mailproto.imap.values import GenericValue

__all__ = ["Command", "FetchItem", "Option", "Options", "UnknownCommand"]


@value
class Command:
    """Base class of the commands; ``name`` is the word that tells them apart."""

    name: ClassVar[str] = ""
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)


@value
class Option:
    """An option with its argument, whose type depends on the name; unknown ones are generic."""

    name: str
    argument: Any


Options: TypeAlias = tuple[str | Option, ...]
FetchItem: TypeAlias = str | Section | Option


@value
class UnknownCommand(Command):
    """A command that nobody knows, with its arguments as generic values."""

    keyword: str
    arguments: tuple[GenericValue, ...] = ()
    uid: bool = field(default=False, kw_only=True)
