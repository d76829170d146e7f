"""A5: an IMAP client takes one message of 200 MB, in pieces or as a whole."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from benchmarks.harness import (
    Job,
    Prepare,
    Row,
    Scale,
    Side,
    Target,
    cpu_seconds,
    peak_memory,
    require,
)
from benchmarks.imap_client import BODIES
from benchmarks.imap_client_sides import SIDES, asking, completed
from benchmarks.imap_workloads import bodies
from benchmarks.workloads import MB, Stream

_SIZE = 200 * MB
_Take = Callable[[Stream], Prepare]


def _events(conn: Any, chunks: Sequence[bytes]) -> Iterator[Any]:
    for data in chunks:
        conn.receive_data(data)
        while (event := conn.next_event()) is not None:
            yield event


def _in_pieces(stream: Stream) -> Prepare:
    """Pieces are counted and dropped."""
    from mailproto import imap

    def prepare() -> Job:
        conn, tag = asking(BODIES.command())
        chunks = completed(stream, tag).chunks()

        def job() -> None:
            octets = size = 0
            for event in _events(conn, chunks):
                if isinstance(event, imap.MessageOctets):
                    octets += len(event.data)
                elif isinstance(event, imap.ContentStart):
                    size += event.size
            require((octets, conn.in_flight), (size, {}))

        return job

    return prepare


def _collected(stream: Stream) -> Prepare:
    """Pieces are put into a buffer, whose size is known beforehand."""
    from mailproto import imap

    def prepare() -> Job:
        conn, tag = asking(BODIES.command())
        chunks = completed(stream, tag).chunks()

        def job() -> None:
            octets, body = 0, bytearray()
            for event in _events(conn, chunks):
                if isinstance(event, imap.MessageOctets):
                    end = octets + len(event.data)
                    body[octets:end] = event.data
                    octets = end
                elif isinstance(event, imap.ContentStart):
                    body = bytearray(event.size)
            require((octets, conn.in_flight), (len(body), {}))

        return job

    return prepare


# --- the rows ------------------------------------------------------------------------------------

_PEERS: dict[str, _Take] = {
    name: partial(SIDES[name], BODIES)
    for name in ("imaplib", "imapclient", "aioimaplib", "twisted")
}
"""They collect."""
_STREAMED = _PEERS | {"mailproto": _in_pieces}
_COLLECTED = _PEERS | {"mailproto": _collected}


def _throughput(take: _Take, scale: Scale) -> float:
    stream = bodies(1, scale.size(_SIZE))
    return len(stream.data) / MB / cpu_seconds(take(stream), scale)


def _memory(unit: int, take: _Take, scale: Scale) -> float:
    """The peak in ``unit`` bytes, 0 for the size of the body."""
    stream = bodies(1, scale.size(_SIZE))
    return peak_memory(take(stream)) / (unit or len(stream.data))


def _sides(measure: Callable[[_Take, Scale], float], takes: dict[str, _Take]) -> dict[str, Side]:
    return {name: partial(measure, take) for name, take in takes.items()}


ROWS: Sequence[Row] = (
    Row(
        "A5",
        "IMAP client, a body of 200 MB, streamed (peers: collected)",
        "MB/s",
        _sides(_throughput, _STREAMED),
        (Target("imaplib", 10),),
        better="more",
    ),
    Row(
        "A5 memory",
        "the same",
        "MB",
        _sides(partial(_memory, MB), _STREAMED),
        (Target(None, 1),),
    ),
    Row(
        "A5 collected",
        "IMAP client, a body of 200 MB, collected",
        "MB/s",
        _sides(_throughput, _COLLECTED),
        (Target("imaplib", 0.5, 0.8),),
        better="more",
    ),
    Row(
        "A5 collected memory",
        "the same",
        "x the body",
        _sides(partial(_memory, 0), _COLLECTED),
        (Target(None, 1.1),),
    ),
)
