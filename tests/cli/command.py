"""Runs ``mailproto`` in processes of its own, and servers that do as they are told."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

import mailproto

PATIENCE = 60.0  # seconds after which something hangs
SAMPLES = sorted((Path(mailproto.__file__).parent / "cli" / "samples").glob("*.eml"))
COMMAND = (sys.executable, "-m", "mailproto.cli")


def environment(**variables: str) -> dict[str, str]:
    """An environment without a terminal's features or a password left over."""
    ours = {"COLUMNS", "NO_COLOR", "FORCE_COLOR", "MAILPROTO_PASSWORD", "TERM"}
    kept = {name: text for name, text in os.environ.items() if name not in ours}
    return {**kept, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **variables}


def run(
    *arguments: str | Path, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run ``mailproto`` to its end, away from any terminal; never shows a traceback."""
    ran = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=PATIENCE,
        env=environment(**variables),
        start_new_session=True,
        check=False,
    )
    out, err = ran.stdout.decode(), ran.stderr.decode()
    assert "Traceback" not in out + err
    return subprocess.CompletedProcess(ran.args, ran.returncode, out, err)


def on_terminal(*arguments: str | Path, **variables: str) -> bytes:
    """Run ``mailproto`` to its good end; return what it shows on a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
        env=environment(TERM="xterm", **variables),
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the other end is closed
            while data := os.read(ours, 65536):
                shown += data
        os.close(ours)
        assert process.wait(PATIENCE) == 0
    return shown


class Serving:
    """A running ``mailproto serve --json``; ends with the block, by SIGTERM."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, "serve", "--json", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment(),
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._errors: list[str] = []
        for target in (self._read_out, self._read_err):
            threading.Thread(target=target, daemon=True).start()

    def _read_out(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _read_err(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)

    def __enter__(self) -> "Serving":
        self.ready = self.event("ready")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def event(self, name: str) -> dict[str, Any]:
        """Wait for the next event, which is this one."""
        line = self._lines.get(timeout=PATIENCE)
        assert line, f"it ended: {''.join(self._errors)}"
        event: dict[str, Any] = json.loads(line)
        assert event["event"] == name, event
        return event

    def tell_to_stop(self, number: int = signal.SIGTERM) -> None:
        """Send the signal."""
        self._process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it and return its exit status; nothing may have come meanwhile."""
        self.tell_to_stop(number)
        self.event("stopping")
        return self.end()

    def end(self) -> int:
        """Wait for its end and return its exit status."""
        self.event("stopped")
        assert self._lines.get(timeout=PATIENCE) == ""
        return self._process.wait(PATIENCE)

    def address(self, kind: str = "smtp") -> tuple[str, ...]:
        """The arguments that lead ``mailproto send`` here."""
        place = self.ready[kind]
        return "--host", place["host"], "--port", str(place["port"])

    def trusted(self, kind: str = "smtp") -> tuple[str, ...]:
        """The same with the CA."""
        return *self.address(kind), "--ca", self.ready["ca"]


class Scripted:
    """A server that says the replies it was given, one for each line that comes; one client."""

    def __init__(self, *replies: bytes) -> None:
        self._replies = replies
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.join(PATIENCE)
        self._socket.close()

    def _serve(self) -> None:
        self._socket.settimeout(PATIENCE)
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(PATIENCE)
            for reply in self._replies:
                connection.sendall(reply)
                if not lines.readline():
                    break

    @property
    def address(self) -> tuple[str, ...]:
        """The arguments that lead ``mailproto send`` here."""
        return "--host", "127.0.0.1", "--port", str(self.port)
