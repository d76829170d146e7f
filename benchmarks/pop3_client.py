"""D1, D2, D3: a POP3 client reads listings and a message, in memory.

Every side ends up with numbers and sizes as int and unique-ids as str: what poplib leaves to
its user is done here the way the user would. A listing is kept as a whole, a message is
counted where it can be had in pieces.
"""

from collections.abc import Callable
from functools import partial
from io import BufferedReader, RawIOBase
from poplib import POP3
from typing import Any, Literal, cast

from benchmarks.harness import (
    Job,
    Row,
    Scale,
    Side,
    Target,
    cpu_seconds,
    peak_memory,
    peer,
    require,
)
from benchmarks.workloads import (
    CHUNK,
    MB,
    Stream,
    retrieved_message,
    scan_listing,
    text,
    unique_id_listing,
)

Ask = Literal["LIST", "UIDL", "RETR"]
Feed = Callable[[Stream, int], Job]
"""Makes the job of feeding an answer in chunks of so many bytes to a client that asked for it."""


# --- mailproto -----------------------------------------------------------------------------------


def mailproto_client(ask: Ask, stream: Stream, chunk: int = CHUNK) -> Job:
    from mailproto import pop3

    chunks = stream.chunks(chunk)
    command = {"LIST": pop3.List(), "UIDL": pop3.Uidl(), "RETR": pop3.Retr(1)}[ask]
    conn = pop3.ClientConnection(tls=True)
    for answer, asked in (
        (b"+OK ready\r\n", pop3.User("user")),
        (b"+OK\r\n", pop3.Pass("password")),
        (b"+OK\r\n", command),
    ):
        conn.receive_data(answer)
        conn.next_event()
        conn.send(asked)
    conn.data_to_send()

    def job() -> None:
        entries: list[object] = []
        octets = 0
        for data in chunks:
            conn.receive_data(data)
            while (event := conn.next_event()) is not None:
                if isinstance(event, pop3.MessageData):
                    octets += len(event.data)
                elif isinstance(event, pop3.ScanListings):
                    entries += zip(event.numbers, event.sizes, strict=True)
                elif isinstance(event, pop3.UniqueIds):
                    entries += zip(event.numbers, event.unique_ids, strict=True)
        require(conn.in_flight, ())
        require(octets if ask == "RETR" else len(entries), _expected(ask, stream))

    return job


# --- poplib --------------------------------------------------------------------------------------


class _Socket(RawIOBase):
    """As much of a socket, and of its file, as poplib needs."""

    def __init__(self, stream: Stream, chunk: int) -> None:
        self._left = memoryview(stream.data)
        self._chunk = chunk

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(self._chunk, len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def sendall(self, data: bytes) -> None: ...


def _numbers(lines: list[bytes]) -> list[tuple[int, int]]:
    return [(int(number), int(size)) for number, size in map(bytes.split, lines)]


def _unique_ids(lines: list[bytes]) -> list[tuple[int, str]]:
    return [(int(number), uid.decode()) for number, uid in map(bytes.split, lines)]


def poplib_client(ask: Ask, stream: Stream, chunk: int = CHUNK) -> Job:
    """It has no way to take a message in pieces."""
    client = POP3.__new__(POP3)
    sock = _Socket(stream, chunk)
    client.sock = cast(Any, sock)
    client.file = BufferedReader(sock)
    client._debugging = 0  # type: ignore[attr-defined]

    def job() -> None:
        if ask == "RETR":
            _, lines, _ = client.retr(1)
            require(sum(map(len, lines)) + 2 * len(lines), _expected(ask, stream))
        elif ask == "LIST":
            require(len(_numbers(client.list()[1])), stream.units)
        else:
            require(len(_unique_ids(client.uidl()[1])), stream.units)

    return job


# --- twisted -------------------------------------------------------------------------------------


def twisted_client(ask: Ask, stream: Stream, chunk: int = CHUNK) -> Job:
    StringTransport = peer("twisted.internet.testing").StringTransport
    POP3Client = peer("twisted.mail.pop3client").POP3Client

    chunks = stream.chunks(chunk)
    client = POP3Client()
    client.makeConnection(StringTransport())
    client.dataReceived(b"+OK ready\r\n")
    client.setTimeout(None)

    def job() -> None:
        results: list[Any] = []
        octets = 0

        def count(line: bytes) -> None:
            nonlocal octets
            octets += len(line) + 2

        if ask == "RETR":
            client.retrieve(0, count).addCallback(results.append)
        else:
            asked = client.listSize() if ask == "LIST" else client.listUID()
            asked.addCallback(results.extend)
        for data in chunks:
            client.dataReceived(data)
        require(octets if ask == "RETR" else len(results), _expected(ask, stream))

    return job


# --- the rows ------------------------------------------------------------------------------------


def _expected(ask: Ask, stream: Stream) -> int:
    """Entries, or octets of the message without dot-stuffing."""
    if ask != "RETR":
        return stream.units
    head = stream.data.index(b"\n") + 1
    return len(stream.data) - head - len(b".\r\n") - stream.data.count(b"\r\n..")


CLIENTS: dict[str, Callable[..., Job]] = {
    "poplib": poplib_client,
    "twisted": twisted_client,
    "mailproto": mailproto_client,
}
_COUNT = 100_000
_SIZE = 200 * MB


def _per_entry(client: Callable[..., Job], ask: Ask, scale: Scale) -> float:
    make = scan_listing if ask == "LIST" else unique_id_listing
    stream = make(scale.size(_COUNT))
    return cpu_seconds(lambda: client(ask, stream), scale) / stream.units * 1e6


def _throughput(client: Callable[..., Job], scale: Scale) -> float:
    size = scale.size(_SIZE)
    stream = retrieved_message(size)
    return len(text(size)) / MB / cpu_seconds(lambda: client("RETR", stream), scale)


def _memory(client: Callable[..., Job], scale: Scale) -> float:
    stream = retrieved_message(scale.size(_SIZE))
    return peak_memory(lambda: client("RETR", stream)) / MB


def _sides(measure: Callable[..., float], *more: object) -> dict[str, Side]:
    return {name: partial(measure, client, *more) for name, client in CLIENTS.items()}


ROWS = (
    Row(
        "D1",
        "POP3 client, LIST of 100,000",
        "us/entry",
        _sides(_per_entry, "LIST"),
        (Target("poplib", 0.7, 0.5),),
    ),
    Row(
        "D2",
        "POP3 client, UIDL of 100,000",
        "us/entry",
        _sides(_per_entry, "UIDL"),
        (Target("poplib", 0.6, 0.35),),
    ),
    Row(
        "D3",
        "POP3 client, RETR of 200 MB",
        "MB/s",
        _sides(_throughput),
        (Target("poplib", 5, 8),),
        better="more",
    ),
    Row("D3 memory", "the same", "MB", _sides(_memory), (Target(None, 1),)),
)
