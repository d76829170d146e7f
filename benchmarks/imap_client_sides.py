"""Who takes the answers to an IMAP command, and how: mailproto's core and the peers."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from imaplib import IMAP4
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from benchmarks.harness import Job, Prepare, peer, require
from benchmarks.workloads import CHUNK, Stream

Give = Callable[[Any, int], Any]
"""Gives a client its command, of which so much is expected. Returns how much it found."""


@dataclass(frozen=True)
class Question:
    """A command, and the generated answers to it.

    ``gives`` has an entry for each side but mailproto and imap-codec. The completion is not
    in the stream of ``answers``, as every client has tags of its own.
    """

    answers: Callable[[int], Stream]
    command: Callable[[], Any]
    """As mailproto sends it."""
    gives: Mapping[str, Give]
    weigh: Callable[[Any], int] | None = None
    """How much one event of mailproto counts, if not 1."""


Take = Callable[[Question, Stream, int], Prepare]
"""Makes the job of taking a stream, in chunks of so many bytes."""


def completed(stream: Stream, tag: bytes) -> Stream:
    """The answers with their completion."""
    return Stream(stream.data + tag + b" OK done\r\n", stream.units)


# --- mailproto -----------------------------------------------------------------------------------


def asking(command: Any) -> tuple[Any, bytes]:
    """A client core that has sent a command in an open mailbox, and the tag of that."""
    from mailproto import imap

    conn = imap.ClientConnection()
    conn.receive_data(b"* PREAUTH [CAPABILITY IMAP4rev1 ESEARCH] ready\r\n")
    conn.next_event()
    conn.receive_data(conn.send(imap.Select("INBOX")).encode() + b" OK open\r\n")
    conn.next_event()
    tag = conn.send(command)
    conn.data_to_send()
    return conn, tag.encode()


def mailproto_client(question: Question, stream: Stream, chunk: int = CHUNK) -> Prepare:
    weigh = question.weigh

    def prepare() -> Job:
        conn, tag = asking(question.command())
        chunks = completed(stream, tag).chunks(chunk)

        def job() -> None:
            found = 0
            for data in chunks:
                conn.receive_data(data)
                while (event := conn.next_event()) is not None:
                    found += 1 if weigh is None else weigh(event)
            require(conn.in_flight, {})
            require(found, stream.units + (weigh is None))

        return job

    return prepare


# --- imaplib and IMAPClient ----------------------------------------------------------------------


class _Answers(IMAP4):
    """imaplib over a file: every command is answered with the same responses.

    It reads lines of any length: by itself imaplib refuses those of more than 1,000,000 bytes.
    """

    def __init__(self, stream: Stream) -> None:
        self._responses = stream.data
        self._sent = b""
        super().__init__()
        self.state = "SELECTED"
        self.sock: Any = SimpleNamespace(settimeout=lambda timeout: None)

    def open(self, *_: Any, **__: Any) -> None:
        self._source = BytesIO(b"* OK ready\r\n")
        self._completion = BytesIO()

    def send(self, data: Any) -> None:
        self._sent += bytes(data)
        if not self._sent.endswith(b"\r\n"):
            return
        tag, name = self._sent.split()[:2]
        self._sent = b""
        responses = b"* CAPABILITY IMAP4rev1\r\n" if name == b"CAPABILITY" else self._responses
        self._source = BytesIO(responses)
        self._completion = BytesIO(tag + b" OK done\r\n")

    def read(self, size: int) -> bytes:
        return self._source.read(size)

    def readline(self) -> bytes:
        return self._source.readline() or self._completion.readline()

    def shutdown(self) -> None:
        pass


def imaplib_client(question: Question, stream: Stream, chunk: int = CHUNK) -> Prepare:
    """It reads from a file, whatever the size of chunks, and parses nothing."""
    give = question.gives["imaplib"]

    def prepare() -> Job:
        client = _Answers(stream)
        return lambda: require(give(client, stream.units), stream.units)

    return prepare


def imapclient_client(question: Question, stream: Stream, chunk: int = CHUNK) -> Prepare:
    """On top of imaplib, so the same."""
    imapclient = peer("imapclient")
    client_class = type(
        "Client", (imapclient.IMAPClient,), {"_create_IMAP4": lambda self: _Answers(stream)}
    )
    give = question.gives["imapclient"]

    def prepare() -> Job:
        client = client_class("mail.example.org", ssl=False)
        return lambda: require(give(client, stream.units), stream.units)

    return prepare


# --- aioimaplib ----------------------------------------------------------------------------------

_AIOIMAPLIB_CHUNK = 1400
"""It recurses once for each line of a chunk: larger ones raise RecursionError."""


def aioimaplib_client(question: Question, stream: Stream, chunk: int = CHUNK) -> Prepare:
    """Its protocol class over a transport that drops what is written; it parses nothing."""
    aioimaplib = peer("aioimaplib.aioimaplib")
    logging.disable()
    give = question.gives["aioimaplib"]

    def prepare() -> Job:
        loop = asyncio.new_event_loop()
        client = aioimaplib.IMAP4ClientProtocol(loop)
        client.transport = SimpleNamespace(write=lambda data: None)
        client.state = aioimaplib.SELECTED
        client.tagpre = "A"
        chunks = completed(stream, b"A0").chunks(min(chunk, _AIOIMAPLIB_CHUNK))

        async def work() -> None:
            answer = asyncio.ensure_future(give(client, stream.units))
            await asyncio.sleep(0)  # until it is sent
            for data in chunks:
                client.data_received(data)
            require(await answer, stream.units)

        return lambda: loop.run_until_complete(work())

    return prepare


# --- twisted -------------------------------------------------------------------------------------


def twisted_client(question: Question, stream: Stream, chunk: int = CHUNK) -> Prepare:
    StringTransport = peer("twisted.internet.testing").StringTransport
    IMAP4Client = peer("twisted.mail.imap4").IMAP4Client
    give = question.gives["twisted"]

    def prepare() -> Job:
        client = IMAP4Client()
        client.MAX_LENGTH = len(stream.data)  # of a line; by itself it takes 16,384 bytes
        client.makeConnection(StringTransport())
        client.dataReceived(b"* PREAUTH ready\r\n")
        chunks = completed(stream, b"0001").chunks(chunk)

        def job() -> None:
            found: list[int] = []
            give(client, stream.units).addCallback(lambda result: found.append(len(result)))
            for data in chunks:
                client.dataReceived(data)
            require(found, [stream.units])

        return job

    return prepare


# --- imap-codec ----------------------------------------------------------------------------------


def imap_codec_client(question: Question, stream: Stream, chunk: int = CHUNK) -> Prepare:
    """Decoded from the bytes at hand; what is incomplete is decoded anew with the next chunk."""
    imap_codec = peer("imap_codec")
    decode = imap_codec.ResponseCodec.decode

    def prepare() -> Job:
        chunks = completed(stream, b"A1").chunks(chunk)

        def job() -> None:
            rest, found = b"", 0
            for data in chunks:
                rest += data
                while rest:
                    try:
                        rest, response = decode(rest)
                    except (imap_codec.DecodeIncomplete, imap_codec.DecodeLiteralFound):
                        break
                    found += _weight(response.as_dict())
            require(found, stream.units)

        return job

    return prepare


def _weight(response: dict[str, Any]) -> int:
    data = response.get("Data")
    if data is None:
        return 0
    return len(data["Search"]) if "Search" in data else 1


SIDES: Mapping[str, Take] = {
    "imaplib": imaplib_client,
    "imapclient": imapclient_client,
    "aioimaplib": aioimaplib_client,
    "twisted": twisted_client,
    "imap-codec": imap_codec_client,
    "mailproto": mailproto_client,
}
