"""E3, E4: what an idle connection costs a server in memory."""

import resource
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from socket import create_connection
from typing import BinaryIO

from benchmarks.harness import Row, Scale, Target
from benchmarks.loopback import ServerProcess


def _greeted(say: Callable[[bytes], None], replies: BinaryIO) -> None:
    """SMTP: the greeting and the answer to EHLO have been read."""
    replies.readline()
    say(b"EHLO client.example.org\r\n")
    while replies.readline()[3:4] == b"-":
        pass


def _asked(say: Callable[[bytes], None], replies: BinaryIO, commands: Sequence[bytes]) -> None:
    """IMAP: the greeting and the answers to some commands have been read."""
    replies.readline()
    for tag, command in enumerate(commands):
        say(b"%d %b\r\n" % (tag, command))
        while not replies.readline().startswith((b"+", b"%d OK" % tag)):
            pass


_Opening = Callable[[Callable[[bytes], None], BinaryIO], None]
"""What is said on a new connection before it is left alone."""


def _open(port: int, opening: _Opening, stack: ExitStack) -> None:
    """Open a connection, say what is said at first, and leave it open."""
    connection = stack.enter_context(create_connection(("127.0.0.1", port), timeout=30))
    opening(connection.sendall, stack.enter_context(connection.makefile("rb")))


def _allow_files(count: int) -> None:
    """Raise the limit of open files, which the server's process inherits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _per_connection(name: str, opening: _Opening, scale: Scale) -> float:
    """KiB that Python has allocated for each idle connection, by tracemalloc."""
    count = max(scale.size(1000), 50)
    _allow_files(count + 200)
    with ServerProcess(name) as server, ExitStack() as connections:
        for _ in range(20):  # whatever is allocated once is there before the count begins
            _open(server.port, opening, connections)
        server.ask("trace")
        start = server.ask("memory")
        for _ in range(count):
            _open(server.port, opening, connections)
        return (server.ask("memory") - start) / count / 1024


_NAMES = (
    "aiosmtpd",
    "twisted",
    "asyncio Protocol",
    "trio stream",
    "mailproto asyncio",
    "mailproto trio",
)
_IMAP_NAMES = ("mailproto IMAP asyncio", "mailproto IMAP trio")
_CONNECTED = partial(_asked, commands=(b"CAPABILITY",))
_IDLING = partial(_asked, commands=(b"LOGIN ann secret", b"SELECT INBOX", b"IDLE"))

ROWS: Sequence[Row] = (
    Row(
        "E3",
        "memory of an idle server connection (1,000 of them)",
        "KiB",
        {name: partial(_per_connection, name, _greeted) for name in _NAMES},
        (Target(None, 4, 2.5),),
    ),
    Row(
        "E4",
        "memory of an idle IMAP server connection, greeted",
        "KiB",
        {name: partial(_per_connection, name, _CONNECTED) for name in _IMAP_NAMES},
    ),
    Row(
        "E4 IDLE",
        "the same, logged in and idling in INBOX",
        "KiB",
        {name: partial(_per_connection, name, _IDLING) for name in _IMAP_NAMES},
    ),
)
