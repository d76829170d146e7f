"""D4, D5, D6: a POP3 server sends a message and a listing, and serves commands, in memory.

Every side starts from the sizes and unique-ids of a maildrop, or from the file of a message,
and is checked for what it wrote.
"""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

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
    maildrop,
    pop3_commands,
    retrieved_message,
    scan_listing,
    text,
)

_BATCH = 1000
_MESSAGES = 100


# --- mailproto -----------------------------------------------------------------------------------


def _mailproto_session() -> Any:
    from mailproto import pop3

    conn = pop3.ServerConnection(tls=True)
    conn.send(pop3.Response(True, "ready"))
    conn.receive_data(b"USER user\r\nPASS password\r\n")
    for _ in range(2):
        conn.next_event()
        conn.send(pop3.Response(True))
    conn.data_to_send()
    return conn


def mailproto_retr(size: int) -> Job:
    from mailproto import pop3

    conn, file, expected = _mailproto_session(), BytesIO(text(size)), _message_octets(size)
    conn.receive_data(b"RETR 1\r\n")
    conn.next_event()
    conn.send(pop3.Response(True, "message follows"))
    conn.data_to_send()

    def job() -> None:
        octets = 0
        while data := file.read(CHUNK):
            conn.send(pop3.MessageData(data))
            octets += len(conn.data_to_send())
        conn.send(pop3.EndOfMessage())
        require(octets + len(conn.data_to_send()), expected)

    return job


def mailproto_list(count: int) -> Job:
    from mailproto import pop3

    conn, sizes = _mailproto_session(), [size for size, _ in maildrop(count)]
    expected = len(scan_listing(count).data)

    def job() -> None:
        conn.receive_data(b"LIST\r\n")
        conn.next_event()
        conn.send(pop3.Response(True, f"{count} messages"))
        for at in range(0, count, _BATCH):
            batch = sizes[at : at + _BATCH]
            conn.send(pop3.ScanListings(range(at + 1, at + len(batch) + 1), batch))
        conn.send(pop3.EndOfListing())
        require(len(conn.data_to_send()), expected)

    return job


def mailproto_commands(stream: Stream, chunk: int = CHUNK) -> Job:
    from mailproto import pop3

    conn, chunks = _mailproto_session(), stream.chunks(chunk)
    sizes, uids = zip(*maildrop(_MESSAGES), strict=True)
    marked = pop3.Response(True, "Marked")
    answers: dict[type[Any], Callable[[Any], pop3.Response]] = {
        pop3.Stat: lambda it: pop3.Response(True, f"{len(sizes)} {sum(sizes)}"),
        pop3.List: lambda it: pop3.Response(True, f"{it.number} {sizes[it.number - 1]}"),
        pop3.Uidl: lambda it: pop3.Response(True, f"{it.number} {uids[it.number - 1]}"),
        pop3.Dele: lambda it: marked,
        pop3.Noop: conn.default_reply,
    }

    def job() -> None:
        lines = 0
        for data in chunks:
            conn.receive_data(data)
            while (event := conn.next_event()) is not None:
                conn.send(answers[type(event)](event))
            lines += conn.data_to_send().count(b"\n")
        require(lines, stream.units)

    return job


# --- twisted -------------------------------------------------------------------------------------


class _Mailbox:
    """An IMailbox over the sizes, unique-ids or the file that it is given."""

    def __init__(self, drop: Any = (), message: bytes = b"") -> None:
        self._drop = drop
        self._sizes = [size for size, _ in drop] or [len(message)]
        self._message = message

    def listMessages(self, index: int | None = None) -> object:
        return self._sizes if index is None else self._sizes[index]

    def getMessage(self, index: int) -> BytesIO:
        return BytesIO(self._message)

    def getUidl(self, index: int) -> bytes:
        return self._drop[index][1].encode()  # type: ignore[no-any-return]

    def deleteMessage(self, index: int) -> None: ...


def _twisted_session(mailbox: _Mailbox) -> tuple[Any, Any]:
    """The protocol over twisted's own in-memory transport; iterators run at once."""
    StringTransport = peer("twisted.internet.testing").StringTransport
    POP3 = peer("twisted.mail.pop3").POP3
    succeed = peer("twisted.internet.defer").succeed

    def run(iterator: Any) -> Any:
        for _ in iterator:
            pass
        return succeed(None)

    server, transport = POP3(), StringTransport()
    server.noisy = False
    server.schedule = run
    server.makeConnection(transport)
    server.setTimeout(None)
    server.mbox = mailbox
    transport.clear()
    return server, transport


def twisted_retr(size: int) -> Job:
    """Its messages have bare LF. What it writes is not checked to the byte: it stuffs wrongly at
    the borders of blocks."""
    server, transport = _twisted_session(_Mailbox(message=text(size, b"\n")))
    expected = _message_octets(size)

    def job() -> None:
        server.dataReceived(b"RETR 1\r\n")
        transport.clear()
        octets = 0
        while transport.producer is not None:
            transport.producer.resumeProducing()
            octets += len(transport.value())
            transport.clear()
        require(abs(octets - expected) < expected / 1000, True)

    return job


def twisted_list(count: int) -> Job:
    server, transport = _twisted_session(_Mailbox(maildrop(count)))
    expected = scan_listing(count).data.count(b"\n")

    def job() -> None:
        server.dataReceived(b"LIST\r\n")
        require(transport.value().count(b"\n"), expected)

    return job


def twisted_commands(stream: Stream, chunk: int = CHUNK) -> Job:
    server, transport = _twisted_session(_Mailbox(maildrop(_MESSAGES)))
    chunks = stream.chunks(chunk)

    def job() -> None:
        lines = 0
        for data in chunks:
            server.dataReceived(data)
            lines += transport.value().count(b"\n")
            transport.clear()
        require(lines, stream.units)

    return job


# --- the rows ------------------------------------------------------------------------------------


def _message_octets(size: int) -> int:
    """Octets of a message on the wire, its terminator included."""
    wire = retrieved_message(size).data
    return len(wire) - wire.index(b"\n") - 1


_COUNT = 100_000
_SIZE = 200 * MB
COMMANDS: dict[str, Callable[[Stream, int], Job]] = {
    "twisted": twisted_commands,
    "mailproto": mailproto_commands,
}


def _throughput(retr: Callable[[int], Job], scale: Scale) -> float:
    size = scale.size(_SIZE)
    return len(text(size)) / MB / cpu_seconds(lambda: retr(size), scale)


def _memory(retr: Callable[[int], Job], scale: Scale) -> float:
    size = scale.size(_SIZE)
    return peak_memory(lambda: retr(size)) / MB


def _per_entry(make: Callable[[int], Job], scale: Scale) -> float:
    count = scale.size(_COUNT)
    return cpu_seconds(lambda: make(count), scale) / count * 1e6


def _per_command(make: Callable[[Stream, int], Job], scale: Scale) -> float:
    stream = pop3_commands(scale.size(_COUNT), _MESSAGES)
    return cpu_seconds(lambda: make(stream, CHUNK), scale) / stream.units * 1e6


_RETR = {"twisted": twisted_retr, "mailproto": mailproto_retr}


def _sides(measure: Callable[..., float], makers: dict[str, Any]) -> dict[str, Side]:
    return {name: partial(measure, maker) for name, maker in makers.items()}


ROWS = (
    Row(
        "D4",
        "POP3 server, RETR of 200 MB",
        "MB/s",
        _sides(_throughput, _RETR),
        (Target("twisted", 0.5, 0.6),),
        better="more",
    ),
    Row("D4 memory", "the same", "MB", _sides(_memory, _RETR), (Target(None, 1),)),
    Row(
        "D5",
        "POP3 server, LIST of 100,000",
        "us/entry",
        _sides(_per_entry, {"twisted": twisted_list, "mailproto": mailproto_list}),
        (Target("twisted", 0.8, 0.5),),
    ),
    Row(
        "D6",
        "POP3 server, 100,000 commands",
        "us/command",
        _sides(_per_command, COMMANDS),
        (Target("twisted", 0.4, 0.2),),
    ),
)
