"""Cutting bytes into chunks, and undoing what the cuts do to events.

A core has to give the same events however its bytes were cut; only the borders between pieces
of a body may move. :func:`~mailproto.testing.strategies.chunkings` draws arbitrary cuts.
"""

from collections.abc import Callable, Iterable
from itertools import chain, groupby
from typing import Any, TypeAlias

from mailproto import imap, pop3, smtp

__all__ = ["Cut", "bytewise", "merged", "whole"]

Cut: TypeAlias = Callable[[bytes], Iterable[bytes]]
"""Bytes to the chunks that they are fed in."""


def whole(data: bytes) -> tuple[bytes, ...]:
    """Leave ``data`` in one piece; no piece if it is empty."""
    return (data,) if data else ()


def bytewise(data: bytes) -> tuple[bytes, ...]:
    """Cut ``data`` into single octets."""
    return tuple(data[at : at + 1] for at in range(len(data)))


def merged(events: Iterable[object]) -> list[object]:
    """Return ``events`` with adjacent pieces of a body or a listing joined to one."""
    result: list[object] = []
    for kind, group in groupby(events, type):
        pieces = list(group)
        result += [_JOIN[kind](pieces)] if kind in _JOIN and len(pieces) > 1 else pieces
    return result


def _joined(pieces: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(pieces))


_JOIN: dict[type[Any], Callable[[list[Any]], object]] = {
    imap.MessageOctets: lambda them: imap.MessageOctets(b"".join(it.data for it in them)),
    smtp.MessageData: lambda them: smtp.MessageData(b"".join(it.data for it in them)),
    pop3.MessageData: lambda them: pop3.MessageData(b"".join(it.data for it in them)),
    pop3.ScanListings: lambda them: pop3.ScanListings(
        _joined(it.numbers for it in them), _joined(it.sizes for it in them)
    ),
    pop3.UniqueIds: lambda them: pop3.UniqueIds(
        _joined(it.numbers for it in them), _joined(it.unique_ids for it in them)
    ),
    pop3.Languages: lambda them: pop3.Languages(_joined(it.entries for it in them)),
}
