"""Commands about content in other forms (RFC 5259)."""

from typing import ClassVar

from mailproto._value import field, value
from mailproto.imap.commands.base import Command, FetchItem
from mailproto.imap.sequence_set import SequenceSet

__all__ = ["Conversion", "Conversions", "Convert"]


@value
class Conversion:
    """What to convert to: a media type, None for the server's choice, and its parameters."""

    target: str | None
    parameters: tuple[tuple[str, str], ...] = ()


@value
class Convert(Command):
    """CONVERT parts of messages, named as in FETCH (RFC 5259 6)."""

    name: ClassVar[str] = "CONVERT"
    numbers: SequenceSet
    conversion: Conversion
    items: tuple[FetchItem, ...]
    uid: bool = field(default=False, kw_only=True)


@value
class Conversions(Command):
    """CONVERSIONS: what can be made of a media type; ``*`` is any (RFC 5259 5)."""

    name: ClassVar[str] = "CONVERSIONS"
    source: str
    target: str
