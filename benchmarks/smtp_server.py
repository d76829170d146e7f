"""C1, C2, C3: bytes of a client into an SMTP server, in memory, without a socket.

Every side answers each command, lets the message go as soon as it has it, and is checked for
the number of messages that it accepted.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
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
    bdat_message,
    data_message,
    http_request,
    transactions,
)

Feed = Callable[[Stream, int], Job]
"""Makes the job of feeding a stream in chunks of so many bytes to a new connection."""


# --- mailproto -----------------------------------------------------------------------------------


def mailproto_server(stream: Stream, chunk: int = CHUNK) -> Job:
    from mailproto import smtp
    from mailproto.limits import SmtpLimits

    chunks = stream.chunks(chunk)
    limits = SmtpLimits(message_size=None)

    def job() -> None:
        conn = smtp.ServerConnection(limits=limits)
        conn.send(smtp.Reply(220, "mx.example.com ESMTP"))
        messages = octets = 0
        for data in chunks:
            conn.receive_data(data)
            while (event := conn.next_event()) is not None:
                if isinstance(event, smtp.MessageData):
                    octets += len(event.data)
                elif isinstance(event, smtp.EndOfMessage):
                    messages += event.refusal is None
                if conn.reply_owed:
                    conn.send(conn.default_reply(event))
            conn.data_to_send()
        require(messages, stream.units)

    return job


# --- aiosmtpd ------------------------------------------------------------------------------------


class _Transport(asyncio.Transport):
    """The least that aiosmtpd needs: writes go nowhere, reading can be paused."""

    def __init__(self) -> None:
        super().__init__()
        self.readable = asyncio.Event()
        self.readable.set()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 25) if name == "peername" else default

    def write(self, data: object) -> None: ...
    def close(self) -> None: ...

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.readable.clear()

    def resume_reading(self) -> None:
        self.readable.set()


class _CountingHandler:
    def __init__(self) -> None:
        self.messages = 0

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.messages += 1
        return "250 OK"


def aiosmtpd_server(stream: Stream, chunk: int = CHUNK) -> Job:
    """The real protocol class on a real loop; one turn of the loop for each chunk, as a socket
    gives it, and no chunk while the protocol has reading paused."""
    SMTP = peer("aiosmtpd.smtp").SMTP

    chunks = stream.chunks(chunk)

    async def feed() -> None:
        handler, transport = _CountingHandler(), _Transport()
        server = SMTP(
            handler,
            hostname="mx.example.com",
            data_size_limit=None,
            loop=asyncio.get_running_loop(),
        )
        server.connection_made(transport)
        await asyncio.sleep(0)
        for data in chunks:
            await transport.readable.wait()
            server.data_received(data)
            await asyncio.sleep(0)
        for _ in range(10):  # what is in the buffer by now takes a turn or two
            await asyncio.sleep(0)
        require(handler.messages, stream.units)
        server.connection_lost(None)
        await asyncio.sleep(0)

    return lambda: asyncio.run(feed())


# --- twisted -------------------------------------------------------------------------------------


class CountingDelivery:
    """An IMessageDelivery for any address, whose messages drop their lines in C."""

    def __init__(self) -> None:
        self.messages = 0
        self.done = peer("twisted.internet.defer").succeed(None)

    def receivedHeader(self, helo: object, origin: object, recipients: object) -> bytes:
        return b""

    def validateFrom(self, helo: object, origin: object) -> object:
        return origin

    def validateTo(self, user: object) -> "Callable[[], _DroppingMessage]":
        return partial(_DroppingMessage, self)


class _DroppingMessage:
    def __init__(self, delivery: CountingDelivery) -> None:
        self._delivery = delivery
        self.lineReceived = deque[bytes](maxlen=0).append

    def eomReceived(self) -> object:
        self._delivery.messages += 1
        return self._delivery.done

    def connectionLost(self) -> None: ...


def twisted_server(stream: Stream, chunk: int = CHUNK, recipients: int = 1) -> Job:
    """ESMTP over twisted's own in-memory transport, logging off, timers as in a server."""
    StringTransport = peer("twisted.internet.testing").StringTransport
    ESMTP = peer("twisted.mail.smtp").ESMTP

    chunks = stream.chunks(chunk)

    def job() -> None:
        delivery, transport = CountingDelivery(), StringTransport()
        server = ESMTP()
        server.noisy = False
        server.delivery = delivery
        server.makeConnection(transport)
        for data in chunks:
            server.dataReceived(data)
            transport.clear()
        server.setTimeout(None)
        require(delivery.messages, stream.units * recipients)

    return job


# --- h11 -----------------------------------------------------------------------------------------


def h11_server(stream: Stream, chunk: int = CHUNK) -> Job:
    """A request body of known length: no SMTP, but the nearest thing to BDAT."""
    h11 = peer("h11")

    chunks = stream.chunks(chunk)

    def job() -> None:
        conn = h11.Connection(h11.SERVER)
        messages = octets = 0
        for data in chunks:
            conn.receive_data(data)
            while (event := conn.next_event()) is not h11.NEED_DATA and event is not h11.PAUSED:
                if isinstance(event, h11.Data):
                    octets += len(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    messages += 1
        require(messages, stream.units)

    return job


# --- the rows ------------------------------------------------------------------------------------

TRANSACTIONS: dict[str, Feed] = {
    "aiosmtpd": aiosmtpd_server,
    "twisted": partial(twisted_server, recipients=3),
    "mailproto": mailproto_server,
}
DATA: dict[str, Feed] = TRANSACTIONS | {"twisted": twisted_server}
SIZE = 200 * MB


def _per_transaction(feed: Feed, scale: Scale) -> float:
    stream = transactions(scale.size(20_000))
    return cpu_seconds(lambda: feed(stream, CHUNK), scale) / stream.units * 1e6


def _throughput(feed: Feed, make: Callable[[int], Stream], scale: Scale) -> float:
    stream = make(scale.size(SIZE))
    return len(stream.data) / MB / cpu_seconds(lambda: feed(stream, CHUNK), scale)


def _memory(feed: Feed, make: Callable[[int], Stream], scale: Scale) -> float:
    stream = make(scale.size(SIZE))
    return peak_memory(lambda: feed(stream, CHUNK)) / MB


def _sides(measure: Callable[..., float], feeds: dict[str, Feed], *more: object) -> dict[str, Side]:
    return {name: partial(measure, feed, *more) for name, feed in feeds.items()}


ROWS: Sequence[Row] = (
    Row(
        "C1",
        "SMTP server, 20,000 pipelined transactions",
        "us/transaction",
        _sides(_per_transaction, TRANSACTIONS),
        (Target("aiosmtpd", 0.08, 0.05), Target("twisted", 0.3, 0.2)),
    ),
    Row(
        "C2",
        "SMTP server, DATA of 200 MB",
        "MB/s",
        _sides(_throughput, DATA, data_message),
        (Target("aiosmtpd", 7, 12),),
        better="more",
    ),
    Row(
        "C2 memory",
        "the same",
        "MB",
        _sides(_memory, DATA, data_message),
        (Target(None, 1),),
    ),
    Row(
        "C3",
        "SMTP server, BDAT of 200 MB (h11: request body)",
        "MB/s",
        {
            "h11": partial(_throughput, h11_server, http_request),
            "mailproto": partial(_throughput, mailproto_server, bdat_message),
        },
        (Target("h11", 1),),
        better="more",
    ),
    Row(
        "C3 memory",
        "the same",
        "MB",
        {
            "h11": partial(_memory, h11_server, http_request),
            "mailproto": partial(_memory, mailproto_server, bdat_message),
        },
    ),
)
