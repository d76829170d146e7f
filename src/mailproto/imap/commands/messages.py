"""Commands about messages of the selected mailbox (RFC 9051 6.4)."""

from typing import ClassVar

from mailproto._value import field, value
from mailproto.imap.commands.base import Command, FetchItem, Options
from mailproto.imap.fetch import AnnotationEntry
from mailproto.imap.sequence_set import SequenceSet

__all__ = ["CancelUpdate", "Copy", "Expunge", "Fetch", "Move", "Store", "UidBatches", "UidExpunge"]


@value
class Expunge(Command):
    r"""EXPUNGE: removes what has ``\Deleted`` (RFC 9051 6.4.3)."""

    name: ClassVar[str] = "EXPUNGE"


@value
class UidExpunge(Command):
    r"""UID EXPUNGE: removes what has ``\Deleted`` among these UIDs (RFC 9051 6.4.9)."""

    name: ClassVar[str] = "UID EXPUNGE"
    uids: SequenceSet


@value
class Fetch(Command):
    """FETCH (RFC 9051 6.4.5).

    ``items`` are names (or one of the macros ALL, FAST and FULL), sections, and options:
    PREVIEW with a tuple of modifiers (RFC 8970 3.1), ANNOTATION with a pair of entries and
    attributes, both tuples (RFC 5257 4.3). ``modifiers`` are CHANGEDSINCE with a number,
    VANISHED (RFC 7162 3.1.4.1, 3.2.6), PARTIAL with a pair (RFC 9394 3.3) and unknown ones.
    """

    name: ClassVar[str] = "FETCH"
    numbers: SequenceSet
    items: tuple[FetchItem, ...]
    modifiers: Options = ()
    uid: bool = field(default=False, kw_only=True)


@value
class Store(Command):
    """STORE (RFC 9051 6.4.6).

    ``item`` is ``FLAGS``, ``+FLAGS`` or ``-FLAGS`` with flags as ``values``; the same of
    ``X-GM-LABELS`` with labels; or ``ANNOTATION`` with entries (RFC 5257 4.5). ``silent`` asks
    for no FETCH responses. ``modifiers`` are UNCHANGEDSINCE with a number (RFC 7162 3.1.3) and
    unknown ones.
    """

    name: ClassVar[str] = "STORE"
    numbers: SequenceSet
    item: str
    values: tuple[str, ...] | tuple[AnnotationEntry, ...]
    silent: bool = field(default=False, kw_only=True)
    modifiers: Options = field(default=(), kw_only=True)
    uid: bool = field(default=False, kw_only=True)


@value
class Copy(Command):
    """COPY (RFC 9051 6.4.7)."""

    name: ClassVar[str] = "COPY"
    numbers: SequenceSet
    mailbox: str
    uid: bool = field(default=False, kw_only=True)


@value
class Move(Copy):
    """MOVE (RFC 9051 6.4.8)."""

    name: ClassVar[str] = "MOVE"


@value
class UidBatches(Command):
    """UIDBATCHES: UIDs in batches of ``size``, of these batches only (RFC 10022 3.1)."""

    name: ClassVar[str] = "UIDBATCHES"
    size: int
    batches: tuple[int, int] | None = None


@value
class CancelUpdate(Command):
    """CANCELUPDATE: tags of searches whose updates are to end (RFC 5267 4.3.5)."""

    name: ClassVar[str] = "CANCELUPDATE"
    tags: tuple[str, ...]
