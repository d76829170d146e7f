"""C4, C5, C6: an SMTP client encodes a message and parses replies, in memory.

C4 gets text with bare LF as line ends, C5 the same with CRLF; both have to leave as CRLF, with
dots stuffed. Every side is checked for the bytes that it wrote, or the replies that it parsed.
"""

import asyncio
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from functools import partial
from io import BytesIO
from smtplib import SMTP
from typing import Any, cast

from benchmarks.harness import (
    Job,
    Prepare,
    Row,
    Scale,
    Side,
    Target,
    cpu_seconds,
    peak_memory,
    peer,
    require,
)
from benchmarks.workloads import MB, Stream, data_message, replies, text

LF, CRLF = b"\n", b"\r\n"
_GO_AHEAD, _ACCEPTED = b"354 go ahead\r\n", b"250 OK\r\n"


def _wire_octets(size: int) -> int:
    """Bytes of the text of :func:`text` on the wire, its terminator included."""
    wire = data_message(size).data
    return len(wire) - wire.index(b"DATA\r\n") - len(b"DATA\r\n")


# --- encoding a message --------------------------------------------------------------------------


def mailproto_encode(size: int, line_end: bytes) -> Prepare:
    from mailproto import smtp

    chunks = Stream(text(size, line_end)).chunks()
    expected = _wire_octets(size)

    def prepare() -> Job:
        conn = smtp.ClientConnection()
        for received, sent in (
            (b"220 mx.example.com ESMTP\r\n", smtp.Ehlo("client.example.org")),
            (b"250 mx.example.com\r\n", smtp.Mail("sender@example.org")),
            (b"250 OK\r\n", smtp.Rcpt("recipient@example.com")),
            (b"250 OK\r\n", smtp.Data()),
            (_GO_AHEAD, None),
        ):
            conn.receive_data(received)
            while conn.next_event() is not None:
                pass
            if sent is not None:
                conn.send(sent)
                conn.data_to_send()

        def job() -> None:
            octets = 0
            for data in chunks:
                conn.send(smtp.MessageData(data))
                octets += len(conn.data_to_send())
            conn.send(smtp.EndOfMessage())
            octets += len(conn.data_to_send())
            require(octets, expected)

        return job

    return prepare


class _AnsweringTransport(asyncio.Transport):
    """Answers DATA with 354 and the message with 250, as soon as they are written."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self._protocol = protocol
        self.octets = 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return False

    def write(self, data: Any) -> None:
        starting = data == b"DATA\r\n"
        if not starting:
            self.octets += len(data)
        self._protocol.data_received(_GO_AHEAD if starting else _ACCEPTED)


def aiosmtplib_encode(size: int, line_end: bytes) -> Prepare:
    SMTPProtocol = peer("aiosmtplib.protocol").SMTPProtocol

    message, expected = text(size, line_end), _wire_octets(size)

    async def send() -> None:
        protocol = SMTPProtocol()
        transport = _AnsweringTransport(protocol)
        protocol.connection_made(transport)
        await protocol.execute_data_command(message)
        require(transport.octets, expected)

    return lambda: lambda: asyncio.run(send())


class _AnsweringSocket:
    """As much of a socket as smtplib needs to send one message."""

    def __init__(self) -> None:
        self.octets = 0

    def sendall(self, data: bytes) -> None:
        self.octets += len(data)

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(_GO_AHEAD + _ACCEPTED)


def smtplib_encode(size: int, line_end: bytes) -> Prepare:
    """Only a str has its line ends mended by smtplib, so the LF text is given as a str."""
    message = text(size, line_end)
    given = message.decode("ascii") if line_end == LF else message
    expected = _wire_octets(size)

    def job() -> None:
        client, sock = SMTP(local_hostname="client.example.org"), _AnsweringSocket()
        client.sock = cast(Any, sock)
        client.data(given)
        require(sock.octets - len(b"data\r\n"), expected)

    return lambda: job


def smtpproto_encode(size: int, line_end: bytes) -> Prepare:
    """It takes nothing but an EmailMessage, made beforehand; so it writes headers as well."""
    SMTPClientProtocol = peer("smtpproto.protocol").SMTPClientProtocol

    message = EmailMessage()
    message.set_content("")
    # past set_content, which would pick a transfer encoding for 200 MB of text
    message.set_payload(text(size, line_end).decode("ascii"))
    expected = _wire_octets(size)

    def prepare() -> Job:
        client = SMTPClientProtocol()
        client.feed_bytes(b"220 mx.example.com ESMTP\r\n")
        client.send_greeting("client.example.org")
        client.feed_bytes(b"250-mx.example.com\r\n250 8BITMIME\r\n")
        client.mail("sender@example.org")
        client.feed_bytes(b"250 OK\r\n")
        client.recipient("recipient@example.com")
        client.feed_bytes(b"250 OK\r\n")
        client.start_data()
        client.feed_bytes(_GO_AHEAD)
        client.get_outgoing_data()

        def job() -> None:
            client.data(message)
            wire = client.get_outgoing_data()
            require(len(wire) - wire.index(b"\r\n\r\n") - 4, expected)

        return job

    return prepare


# --- parsing replies -----------------------------------------------------------------------------


def mailproto_replies(chunks: Sequence[bytes], count: int) -> Job:
    """The commands that are answered went out before, unmeasured, as one pipelined group."""
    from mailproto import smtp
    from mailproto.limits import SmtpLimits

    limits = SmtpLimits(pipelined_commands=count, reply_lines=10**9)
    conn = smtp.ClientConnection(limits=limits)
    conn.receive_data(b"220 mx.example.com ESMTP\r\n")
    conn.next_event()
    conn.send(smtp.Ehlo("client.example.org"))
    conn.receive_data(b"250-mx.example.com\r\n250 PIPELINING\r\n")
    conn.next_event()
    for _ in range(count):
        conn.send(smtp.Rset())
    conn.data_to_send()

    def job() -> None:
        found = 0
        for data in chunks:
            conn.receive_data(data)
            while (event := conn.next_event()) is not None:
                found += isinstance(event, smtp.ReplyReceived)
        require(found, count)

    return job


def smtpproto_replies(chunks: Sequence[bytes], count: int) -> Job:
    """It wants a command in flight for each reply and knows no pipelining. That one is in flight
    is said by the attribute that its ``reset`` would set, so that no sending is measured."""
    SMTPClientProtocol = peer("smtpproto.protocol").SMTPClientProtocol

    client = SMTPClientProtocol()
    client.feed_bytes(b"220 mx.example.com ESMTP\r\n")
    client.send_greeting("client.example.org")
    client.feed_bytes(b"250 mx.example.com\r\n")

    def job() -> None:
        found = 0
        client._command_sent = "RSET"
        for data in chunks:
            more = data
            while client.feed_bytes(more) is not None:
                found += 1
                client._command_sent = "RSET"
                more = b""
        require(found, count)

    return job


def smtplib_replies(chunks: Sequence[bytes], count: int) -> Job:
    """It reads from a file, which has no chunks."""
    client = SMTP(local_hostname="client.example.org")
    client.file = BytesIO(b"".join(chunks))

    def job() -> None:
        codes = [client.getreply()[0] for _ in range(count)]
        require(codes.count(250), count)

    return job


# --- the rows ------------------------------------------------------------------------------------

_Encode = Callable[[int, bytes], Prepare]
_Replies = Callable[[Sequence[bytes], int], Job]
_ENCODERS: dict[str, _Encode] = {
    "aiosmtplib": aiosmtplib_encode,
    "smtplib": smtplib_encode,
    "smtpproto": smtpproto_encode,
    "mailproto": mailproto_encode,
}
REPLIES: dict[str, _Replies] = {
    "smtpproto": smtpproto_replies,
    "smtplib": smtplib_replies,
    "mailproto": mailproto_replies,
}
_SIZE = 200 * MB


def _throughput(encode: _Encode, line_end: bytes, scale: Scale) -> float:
    size = scale.size(_SIZE)
    return len(text(size, line_end)) / MB / cpu_seconds(encode(size, line_end), scale)


def _memory(encode: _Encode, line_end: bytes, scale: Scale) -> float:
    return peak_memory(encode(scale.size(_SIZE), line_end)) / MB


def _sides(measure: Callable[..., float], line_end: bytes) -> dict[str, Side]:
    return {name: partial(measure, encode, line_end) for name, encode in _ENCODERS.items()}


def _per_reply(
    prepare: _Replies, cut: Callable[[Sequence[bytes]], Sequence[bytes]], scale: Scale
) -> float:
    chunks = cut(replies(scale.size(100_000)))
    count = len(replies(scale.size(100_000)))
    return cpu_seconds(lambda: prepare(chunks, count), scale) / count * 1e6


def _reply_sides(cut: Callable[[Sequence[bytes]], Sequence[bytes]]) -> dict[str, Side]:
    return {name: partial(_per_reply, prepare, cut) for name, prepare in REPLIES.items()}


ROWS: Sequence[Row] = (
    Row(
        "C4",
        "SMTP client, encode 200 MB of LF text",
        "MB/s",
        _sides(_throughput, LF),
        (Target("aiosmtplib", 5, 7),),
        better="more",
    ),
    Row("C4 memory", "the same", "MB", _sides(_memory, LF), (Target(None, 1),)),
    Row(
        "C5",
        "SMTP client, encode 200 MB of CRLF text",
        "MB/s",
        _sides(_throughput, CRLF),
        (Target("aiosmtplib", 4, 5.5),),
        better="more",
    ),
    Row("C5 memory", "the same", "MB", _sides(_memory, CRLF), (Target(None, 1),)),
    Row(
        "C6",
        "SMTP client, 100,000 replies, 20 % multi-line",
        "us/reply",
        _reply_sides(lambda made: Stream(b"".join(made)).chunks()),
        (Target("smtpproto", 0.9, 0.6),),
    ),
    Row(
        "C6 single",
        "the same, one reply in each chunk",
        "us/reply",
        _reply_sides(lambda made: made),
        (Target("smtpproto", 0.9, 0.6),),
    ),
)
