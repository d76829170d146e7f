"""E1: messages over real sockets, and the CPU time that the server's process spent on them."""

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from smtplib import SMTP
from statistics import median
from types import TracebackType
from typing import Self

from benchmarks.harness import NotInstalled, Row, Scale, Target
from benchmarks.workloads import text


class ServerProcess:
    """One of ``benchmarks.servers``, running; a context manager."""

    def __init__(self, name: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.servers", name, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        port = self._line()
        if port.isalpha():
            raise NotInstalled(port)
        self.port = int(port)

    def ask(self, question: str) -> float:
        """Ask for ``cpu`` or ``memory``, or for the start of a ``trace``."""
        assert self._process.stdin is not None
        print(question, file=self._process.stdin, flush=True)
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()  # ends its input, and so the process


def _cpu_per_message(name: str, scale: Scale) -> float:
    """CPU time of the server for each message, in us; the client is another process."""
    message = text(4096)
    count = scale.size(2000)
    runs = []
    with ServerProcess(name) as server, SMTP("127.0.0.1", server.port, "client.example") as client:
        client.sendmail("sender@example.org", ["recipient@example.com"], message)
        for _ in range(scale.runs):
            start = server.ask("cpu")
            for _ in range(count):
                client.sendmail("sender@example.org", ["recipient@example.com"], message)
            runs.append(server.ask("cpu") - start)
    return median(runs) / count * 1e6


_NAMES = ("aiosmtpd", "twisted", "mailproto asyncio", "mailproto trio")

ROWS: Sequence[Row] = (
    Row(
        "E1",
        "SMTP over loopback, server's CPU, 4 KB messages of smtplib",
        "us/message",
        {name: partial(_cpu_per_message, name) for name in _NAMES},
        (Target("aiosmtpd", 0.5, 0.35),),
    ),
)
