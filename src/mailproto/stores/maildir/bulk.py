"""Many messages read at once, and what is remembered of their headers. All of it blocks.

A thread is asked for more than one message, but not for so much that others wait for long, or that
it needs much memory.
"""

import time
from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeAlias

from mailproto.message.envelope import ENVELOPE_FIELDS
from mailproto.message.header import MAX_HEADER, HeaderReader, select_fields
from mailproto.message.sorting import THREAD_FIELDS
from mailproto.stores.interface import StoreError
from mailproto.stores.maildir.content import ContentReader

__all__ = ["BATCH", "REMEMBERED", "Octets", "beginning_of", "gather", "header_of", "to_remember"]

BATCH = 500
"""How many messages are asked for at once."""
REMEMBERED = (
    ENVELOPE_FIELDS
    | THREAD_FIELDS
    | {"content-type", "importance", "list-id", "newsgroups", "priority", "x-priority"}
)
"""The names of the header fields that the index remembers: those that clients list and sort by."""
_MOST_REMEMBERED = 16 * 1024  # octets of fields of one message
_HEAD = 8192  # octets that most headers fit in
_TURN = 0.02  # seconds
_MOST = 1024 * 1024  # octets

Octets: TypeAlias = "list[tuple[int, bytes | None]]"
"""Uids, and octets that were asked for; None if the message is gone."""


def gather(uids: Sequence[int], read: Callable[[int], bytes | None]) -> Octets:
    """Read the first of many messages, at least one of them.

    Raises ``OSError``, :class:`StoreError` if the very first can not be read.
    """
    found: Octets = []
    left = _MOST
    end = time.monotonic() + _TURN
    for uid in uids:
        try:
            octets = read(uid)
        except (OSError, StoreError):
            if not found:
                raise
            break  # it is told when its turn comes
        found.append((uid, octets))
        left -= len(octets or b"")
        if left <= 0 or time.monotonic() > end:
            break
    return found


def beginning_of(file: BinaryIO, length: int, *, verbatim: bool) -> bytes:
    """Return the first octets of a message; closes the file."""
    reader = ContentReader()
    try:
        reader.begin(file, 0, length, verbatim=verbatim)
        return b"".join(iter(reader.read, b""))
    finally:
        reader.discard()


def header_of(file: BinaryIO, size: int, *, verbatim: bool) -> bytes:
    """Return the header of a message, at most the first MiB of it; closes the file."""
    reader = ContentReader(_HEAD)
    header = HeaderReader()
    try:
        reader.begin(file, 0, min(size, MAX_HEADER), verbatim=verbatim)
        for piece in iter(reader.read, b""):
            if header.feed(piece):
                break
    finally:
        reader.discard()
    return header.header


def to_remember(header: bytes) -> bytes | None:
    """Return the fields of a header that are remembered, None if they are too long for that."""
    fields = select_fields(header, REMEMBERED)
    return fields if len(fields) <= _MOST_REMEMBERED else None
