"""B: an IMAP server takes commands and completes each with OK, in memory.

Every side parses the command with all its arguments and is checked for what it wrote. What a
server would do for the command is left out: handlers and mailboxes are cut off.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from benchmarks.harness import Job, Prepare, Row, Scale, Target, cpu_seconds, peer, require
from benchmarks.imap_workloads import commands
from benchmarks.workloads import CHUNK, Stream

Take = Callable[[Stream, int], Prepare]
"""Makes the job of serving the commands of a stream that comes in chunks of so many bytes."""

_DONE = b" OK done\r\n"


# --- mailproto -----------------------------------------------------------------------------------


def mailproto_server(stream: Stream, chunk: int = CHUNK) -> Prepare:
    from mailproto import imap

    chunks = stream.chunks(chunk)

    def prepare() -> Job:
        conn = imap.ServerConnection(tls=True)
        conn.send(imap.Preauth("ready"))
        conn.receive_data(b"a SELECT INBOX\r\n")
        conn.next_event()
        conn.send(imap.Ok("open", tag="a"))
        conn.data_to_send()

        def job() -> None:
            done = 0
            for data in chunks:
                conn.receive_data(data)
                while (event := conn.next_event()) is not None:
                    if isinstance(event, imap.TaggedCommand):
                        conn.send(imap.Ok("done", tag=event.tag))
                    elif isinstance(event, imap.LiteralOffered):
                        conn.accept_literal()
                done += conn.data_to_send().count(_DONE)
            require(done, stream.units)

        return job

    return prepare


# --- pymap ---------------------------------------------------------------------------------------


def pymap_server(stream: Stream, chunk: int = CHUNK) -> Prepare:
    """Its connection class over a real stream reader; the state behind it says OK at once."""
    IMAPConnection = peer("pymap.imap").IMAPConnection
    Commands = peer("pymap.parsing.commands").Commands
    Params = peer("pymap.parsing").Params
    ResponseOk = peer("pymap.parsing.response").ResponseOk
    Subsystem = peer("pymap.concurrent").Subsystem
    context = peer("pymap.context")

    chunks = stream.chunks(chunk)
    config = SimpleNamespace(parsing_params=Params(), bad_command_limit=None)

    class State:
        async def do_greeting(self) -> Any:
            return ResponseOk(b"*", b"ready")

        async def do_command(self, command: Any) -> Any:
            return ResponseOk(command.tag, b"done")

        async def do_cleanup(self) -> None: ...

    class Writer:
        done = 0

        def write(self, data: bytes) -> None:
            self.done += bytes(data).count(_DONE)

        def writelines(self, pieces: Sequence[bytes]) -> None:
            self.write(b"".join(pieces))

        async def drain(self) -> None: ...

    async def work() -> None:
        reader, writer = asyncio.StreamReader(), Writer()
        context.subsystem.set(Subsystem.for_asyncio())
        sock = SimpleNamespace(unique_id=b"")
        connection = IMAPConnection(Commands(), config, reader, writer, sock)
        session = asyncio.ensure_future(connection.run(State()))
        for data in chunks:
            reader.feed_data(data)
            await asyncio.sleep(0)
        reader.feed_eof()
        await session
        require(writer.done, stream.units)

    return lambda: partial(asyncio.run, work())


# --- twisted -------------------------------------------------------------------------------------

_FILING = ("LIST", "STATUS", "CREATE", "SUBSCRIBE", "APPEND")
_READING = ("NOOP", "FETCH", "STORE", "SEARCH", "COPY")


def _complete(self: Any, tag: bytes, *arguments: object, uid: int = 0) -> None:
    """The handler of all commands."""
    self.sendPositiveResponse(tag, b"done")


def twisted_server(stream: Stream, chunk: int = CHUNK) -> Prepare:
    """Its protocol class over its own StringTransport; it knows no LITERAL+."""
    StringTransport = peer("twisted.internet.testing").StringTransport
    IMAP4Server = peer("twisted.mail.imap4").IMAP4Server

    chunks = stream.chunks(chunk)
    readers = {
        f"select_{name}": getattr(IMAP4Server, f"select_{name}")[1:] for name in _FILING + _READING
    }
    handlers = {name: (_complete, *arguments) for name, arguments in readers.items()}
    server_class = type("Server", (IMAP4Server,), handlers)

    def prepare() -> Job:
        server, transport = server_class(), StringTransport()
        server.makeConnection(transport)
        server.setTimeout(None)
        server.state = "select"

        def job() -> None:
            done = 0
            for data in chunks:
                server.dataReceived(data)
                done += transport.value().count(_DONE)
                transport.clear()
            require(done, stream.units)

        return job

    return prepare


# --- imap-codec ----------------------------------------------------------------------------------


def imap_codec_server(stream: Stream, chunk: int = CHUNK) -> Prepare:
    """Decoded from the bytes at hand; what is incomplete is decoded anew with the next chunk."""
    imap_codec = peer("imap_codec")
    decode = imap_codec.CommandCodec.decode

    chunks = stream.chunks(chunk)

    def job() -> None:
        rest, done = b"", 0
        for data in chunks:
            rest += data
            out = []
            while rest:
                try:
                    rest, command = decode(rest)
                except (imap_codec.DecodeIncomplete, imap_codec.DecodeLiteralFound):
                    break
                out.append(command.as_dict()["tag"].encode() + _DONE)
            done += b"".join(out).count(_DONE)
        require(done, stream.units)

    return lambda: job


# --- the rows ------------------------------------------------------------------------------------

SIDES: Mapping[str, Take] = {
    "pymap": pymap_server,
    "twisted": twisted_server,
    "imap-codec": imap_codec_server,
    "mailproto": mailproto_server,
}
_PLUS_SIDES = {name: take for name, take in SIDES.items() if name != "twisted"}


def _per_command(take: Take, plus: str, scale: Scale) -> float:
    stream = commands(scale.size(50_000), plus)
    return cpu_seconds(take(stream, CHUNK), scale) / stream.units * 1e6


ROWS: Sequence[Row] = (
    Row(
        "B",
        "IMAP server, 50,000 mixed commands, literals that wait",
        "us/command",
        {name: partial(_per_command, take, "") for name, take in SIDES.items()},
        (Target("pymap", 0.3, 0.2), Target("twisted", 0.45, 0.3)),
    ),
    Row(
        "B LITERAL+",
        "the same, literals that do not wait",
        "us/command",
        {name: partial(_per_command, take, "+") for name, take in _PLUS_SIDES.items()},
        (Target("pymap", 0.3, 0.2),),
    ),
)
