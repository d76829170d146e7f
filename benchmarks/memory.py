"""E3: what an idle connection costs a server in memory."""

import resource
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from socket import create_connection

from benchmarks.harness import Row, Scale, Target
from benchmarks.loopback import ServerProcess


def _greeted(port: int, stack: ExitStack) -> None:
    """Open a connection, have its greeting and EHLO answered, and leave it open."""
    connection = stack.enter_context(create_connection(("127.0.0.1", port), timeout=30))
    reply = stack.enter_context(connection.makefile("rb"))
    reply.readline()
    connection.sendall(b"EHLO client.example.org\r\n")
    while reply.readline()[3:4] == b"-":
        pass


def _allow_files(count: int) -> None:
    """Raise the limit of open files, which the server's process inherits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _per_connection(name: str, scale: Scale) -> float:
    """KiB that Python has allocated for each idle connection, by tracemalloc."""
    count = max(scale.size(1000), 50)
    _allow_files(count + 200)
    with ServerProcess(name) as server, ExitStack() as connections:
        for _ in range(20):  # whatever is allocated once is there before the count begins
            _greeted(server.port, connections)
        server.ask("trace")
        start = server.ask("memory")
        for _ in range(count):
            _greeted(server.port, connections)
        return (server.ask("memory") - start) / count / 1024


_NAMES = (
    "aiosmtpd",
    "twisted",
    "asyncio Protocol",
    "trio stream",
    "mailproto asyncio",
    "mailproto trio",
)

ROWS: Sequence[Row] = (
    Row(
        "E3",
        "memory of an idle server connection (1,000 of them)",
        "KiB",
        {name: partial(_per_connection, name) for name in _NAMES},
        (Target(None, 4, 2.5),),
    ),
)
