"""Cutting bytes into chunks, and undoing what the cuts do to events.

A core has to give the same events however its bytes were cut; only the borders between pieces
of a body may move. :func:`~mailproto.testing.strategies.chunkings` draws arbitrary cuts.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from mailproto.smtp import MessageData

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
    """Return ``events`` with adjacent pieces of a body joined to one."""
    result: list[object] = []
    pieces: list[bytes] = []
    for event in events:
        if isinstance(event, MessageData):
            pieces.append(event.data)
            continue
        if pieces:
            result.append(MessageData(b"".join(pieces)))
            pieces = []
        result.append(event)
    if pieces:
        result.append(MessageData(b"".join(pieces)))
    return result
