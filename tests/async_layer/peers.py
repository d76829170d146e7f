"""The other end, played by hand over real sockets: it says what a test wants and remembers."""

import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import Enum
from typing import Any, ClassVar

from mailproto.clients import SmtpClient
from mailproto.errors import ConnectionLost
from mailproto.stream import Stream
from mailproto.tls import TlsMode

from ..libraries import Library

__all__ = [
    "EHLO",
    "Part",
    "Peer",
    "Scripted",
    "Stop",
    "clear",
    "connect",
    "conversation",
    "fill",
    "listening",
    "scripted",
]

EHLO = b"250-mx.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 1000000"


class Peer:
    """A raw stream, read line by line."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._read = b""

    async def say(self, *lines: bytes) -> None:
        """Send lines, in one piece."""
        await self.stream.send_all(b"".join(line + b"\r\n" for line in lines))

    async def take(self, end: bytes) -> bytes:
        """Return what comes up to ``end``, without it; raises EOFError."""
        while end not in self._read:
            data = await self.stream.receive_some()
            if not data:
                raise EOFError(self._read)
            self._read += data
        found, _, self._read = self._read.partition(end)
        return found

    async def take_octets(self, count: int) -> bytes:
        """Return so many octets."""
        while len(self._read) < count:
            data = await self.stream.receive_some()
            if not data:
                raise EOFError(self._read)
            self._read += data
        found, self._read = self._read[:count], self._read[count:]
        return found

    async def line(self) -> bytes:
        """Return a line, without its CRLF."""
        return await self.take(b"\r\n")

    async def reply(self) -> bytes:
        """Return the last line of a reply."""
        while (line := await self.line())[3:4] == b"-":
            pass
        return line

    async def ask(self, *lines: bytes) -> bytes:
        """Send lines and return the last line of the one reply."""
        await self.say(*lines)
        return await self.reply()

    async def body(self) -> bytes:
        """Return a message up to the terminating line, dots unstuffed."""
        self._read = b"\r\n" + self._read
        body = await self.take(b"\r\n.\r\n")
        return (body + b"\r\n")[2:].replace(b"\r\n..", b"\r\n.")

    async def rest(self) -> bytes:
        """Return all that comes until the other end closes."""
        found, self._read = self._read, b""
        while data := await self.stream.receive_some():
            found += data
        return found

    async def flood(self, data: bytes) -> None:
        """Send ``data`` again and again, until that raises."""
        while True:
            await self.stream.send_all(data)

    async def reset(self) -> None:
        """Close with a TCP reset."""
        stream: Any = self.stream
        if hasattr(stream, "_transport"):
            raw = stream._transport.get_extra_info("socket")
        else:
            raw = stream._stream.socket
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await stream.aclose()


@asynccontextmanager
async def connect(library: Library, port: int) -> AsyncIterator[Peer]:
    """Be a client, by hand."""
    peer = Peer(await library.runtime.connect_tcp("127.0.0.1", port))
    try:
        yield peer
    finally:
        await peer.stream.aclose()


async def fill(library: Library, peer: Peer, data: bytes, most: int) -> int:
    """Send ``data`` until the other end takes no more, or ``most`` octets; return how many."""
    sent = 0
    try:
        while sent < most:
            async with library.runtime.deadline(0.3):
                await peer.stream.send_all(data)
            sent += len(data)
    except TimeoutError:
        pass
    return sent


@asynccontextmanager
async def listening(
    library: Library, serve: Callable[[Peer], Awaitable[None]]
) -> AsyncIterator[int]:
    """Be a server, by hand: yields the port. What ``serve`` raises comes out at the end."""
    errors: list[Exception] = []

    async def accept(stream: Stream) -> None:
        try:
            await serve(Peer(stream))
        except Exception as error:
            errors.append(error)
        finally:
            await stream.aclose()

    async with library.runtime.listen(accept, "127.0.0.1", 0) as listener:
        yield listener.addresses[0][1]
    if errors:
        raise errors[0]


class Stop(Enum):
    """How a server ends a connection, perhaps after a reply."""

    STALL = "say nothing more, but stay"
    CLOSE = "close"
    RESET = "reset"


Part = bytes | Stop | tuple[bytes, Stop]
Answer = Part | list[Part]
_OK: Mapping[str, Answer] = {
    "greeting": b"220 mx.example ESMTP",
    "EHLO": EHLO,
    "LHLO": EHLO,
    "DATA": b"354 go ahead",
    "QUIT": b"221 bye",
}


class Scripted:
    """An SMTP server that answers by a table: verb -> reply, or how to end.

    ``greeting`` and ``.`` (the end of a message) are verbs too; a list is answers in turn, the
    last of which repeats. Everything else is answered with 250.
    """

    usual: ClassVar[Mapping[str, Answer]] = _OK
    otherwise: ClassVar[Part] = b"250 ok"

    def __init__(self, library: Library, answers: Mapping[str, Answer]) -> None:
        self._library = library
        self._answers = {**self.usual, **answers}
        self._served: dict[str, int] = {}
        self.port = 0
        self.commands: list[bytes] = []
        self.messages: list[bytes] = []
        self.over = library.runtime.event()
        """The (first) connection has ended."""

    @property
    def verbs(self) -> list[str]:
        """The verbs of the commands that came."""
        return [command.split(b" ")[0].decode() for command in self.commands]

    async def _answer(self, peer: Peer, verb: str) -> bytes | Stop:
        answer = self._answers.get(verb, self.otherwise)
        if isinstance(answer, list):
            number = self._served[verb] = self._served.get(verb, -1) + 1
            answer = answer[min(number, len(answer) - 1)]
        stop = None
        if isinstance(answer, tuple):
            answer, stop = answer
        if isinstance(answer, bytes):
            await peer.say(*answer.split(b"\n") if b"\r" not in answer else (answer,))
        result = stop or answer
        if result is Stop.STALL:
            await peer.rest()
        elif result is Stop.RESET:
            await peer.reset()
        return result

    async def serve(self, peer: Peer) -> None:
        """Serve one connection."""
        try:
            await self._serve(peer)
        except (EOFError, ConnectionLost):
            pass  # the client has gone
        finally:
            self.over.set()

    async def _serve(self, peer: Peer) -> None:
        verb = "greeting"
        chunks = b""
        while isinstance(answer := await self._answer(peer, verb), bytes) and verb != "QUIT":
            if verb == "DATA" and answer.startswith(b"354"):
                self.messages.append(await peer.body())
                verb = "."
                continue
            line = await peer.line()
            self.commands.append(line)
            verb, *words = line.decode().upper().split(" ")
            if verb == "BDAT":
                chunks += await peer.take_octets(int(words[0]))
                if words[1:]:
                    self.messages.append(chunks)


@asynccontextmanager
async def scripted(library: Library, **answers: Answer) -> AsyncIterator[Scripted]:
    """Run a :class:`Scripted` server; ``end`` stands for the end of a message."""
    if "end" in answers:
        answers["."] = answers.pop("end")
    server = Scripted(library, answers)
    async with listening(library, server.serve) as server.port:
        yield server


def clear(library: Library, port: int, **options: Any) -> AbstractAsyncContextManager[SmtpClient]:
    """Connect our client in clear text."""
    options = {"tls": TlsMode.NONE, **options}
    client: AbstractAsyncContextManager[SmtpClient]
    client = library.binding.connect_smtp("127.0.0.1", port, **options)
    return client


@asynccontextmanager
async def conversation(
    library: Library, **answers: Any
) -> AsyncIterator[tuple[Scripted, SmtpClient]]:
    """Connect our client to a :class:`Scripted` server."""
    async with scripted(library, **answers) as server, clear(library, server.port) as client:
        yield server, client
