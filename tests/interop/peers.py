"""What all real peers share: accounts, a certificate, ports, a folder, a process, mailboxes."""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import pytest
import trustme

HOST = "127.0.0.1"
DOMAIN = "example.test"

T = TypeVar("T")


@dataclass(frozen=True)
class Account:
    """A user that every peer knows, as name and as name@example.test."""

    name: str
    password: str

    @property
    def address(self) -> str:
        return f"{self.name}@{DOMAIN}"


ANN = Account("ann", "tanstaaftanstaaf")
BOB = Account("bob", 'a "quoted" \\ password')
JOERG = Account("jörg", "grün und spaßig")
ACCOUNTS = (ANN, BOB, JOERG)


def program(name: str, package: str) -> str:
    """Return the path of a program; skip the test, naming the Debian package, if it is missing.

    With MAILPROTO_REQUIRE_INTEROP in the environment, as in CI, the test fails instead.
    """
    path = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if path is None:
        reason = f"{name} is not installed (Debian package {package})"
        (pytest.fail if os.environ.get("MAILPROTO_REQUIRE_INTEROP") else pytest.skip)(reason)
    return path


def require_root(peer: str) -> None:
    """Skip the test unless it runs as root, as a server that switches users must."""
    if os.geteuid() != 0:
        pytest.skip(f"{peer} can only be started by root")


def wait_until(probe: Callable[[], T | None], what: str, *, timeout: float = 60.0) -> T:
    """Call probe until it returns something and return that.

    For what another process does to files and ports, which nothing announces. Raises TimeoutError,
    naming what did not come, after timeout seconds.
    """
    deadline = time.monotonic() + timeout
    while (found := probe()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} within {timeout} seconds")
        time.sleep(0.01)
    return found


# In any order, each once, and none that the system gives to outgoing connections.
_PORTS = iter(random.sample(range(10000, 32000), k=22000))


def free_port() -> int:
    """Return a loopback port that nothing uses and that was not returned before."""
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise RuntimeError("no free port")


class Certificates:
    """A throw-away authority and the certificate with which each server proves to be HOST.

    The files are PEM: authority, chain and key of the server, and chain and key of a client whose
    certificate names ANN (for SASL EXTERNAL).
    """

    def __init__(self, folder: Path) -> None:
        self.authority_file = folder / "authority.pem"
        self.chain_file = folder / "chain.pem"
        self.key_file = folder / "key.pem"
        self.client_file = folder / "client.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.authority_file))
        server = authority.issue_cert("localhost", HOST, "::1", common_name="localhost")
        server.private_key_pem.write_to_path(str(self.key_file))
        for pem in server.cert_chain_pems:
            pem.write_to_path(str(self.chain_file), append=True)
        client = authority.issue_cert(ANN.address, common_name=ANN.name)
        client.private_key_and_cert_chain_pem.write_to_path(str(self.client_file))

    def client_context(self, *, as_ann: bool = False) -> ssl.SSLContext:
        """Return a context that trusts the authority, and shows ANN's certificate if asked to."""
        context = ssl.create_default_context(cafile=self.authority_file)
        if as_ann:
            context.load_cert_chain(self.client_file)
        return context

    def server_context(self) -> ssl.SSLContext:
        """Return a context for a server of ours that real clients connect to."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain_file, self.key_file)
        return context


_TRACE = re.compile(
    rb"(?:(?:Return-Path|X-Original-To|Delivered-To|Received|X-[A-Z][a-z]+-(?:Addr|Proto|Args))"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*)*"
)


@dataclass(frozen=True)
class Delivery:
    """A delivered message, CRLF line ends: the fields that the peer put on top, and the rest."""

    trace: bytes
    message: bytes

    @classmethod
    def from_file(cls, stored: bytes) -> Self:
        """Take apart a message as it is stored, with LF line ends."""
        found = _TRACE.match(stored)
        split = found.end() if found else 0
        trace, message = (part.replace(b"\n", b"\r\n") for part in (stored[:split], stored[split:]))
        return cls(trace, message)


def read_deliveries(files: Iterable[Path], *, end: bytes = b"") -> list[Delivery]:
    """Read stored messages, the oldest first, without the end that was put after each."""
    by_age = sorted(files, key=lambda file: file.stat().st_mtime_ns)
    return [Delivery.from_file(file.read_bytes().removesuffix(end)) for file in by_age]


class Maildir:
    """The Maildir into which a peer delivers the mail of one account; empty when a test begins."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def clear(self) -> None:
        """Delete the messages and all that the peer has noted about them."""
        if self.path.exists():
            old = self.path.rename(self.path.with_suffix(".old"))
            shutil.rmtree(old)

    def wait(self, count: int = 1) -> list[Delivery]:
        """Wait until at least count messages are there and return them all, the oldest first.

        Blocks (use a thread beside an event loop); TimeoutError if they do not come.
        """

        def find() -> list[Path] | None:
            files = [*self.path.glob("new/*"), *self.path.glob("cur/*")]
            return files if len(files) >= count else None

        files = wait_until(find, f"{count} messages in {self.path}")
        return read_deliveries(files)


# A test run that is killed must not leave servers behind: setpriv has the shell told when we end.
# The shell is there because a server that changes users would lose that setting.
_GUARD = (
    *("setpriv", "--pdeathsig", "TERM"),
    *("sh", "-c", """trap 'kill $!; wait $!' TERM; "$@" & wait $!""", "sh"),
)


class Peer:
    """A server process in a folder of its own; a context manager, to be entered in the main thread.

    A subclass writes the configuration into `folder` and sets `command`, which must run in the
    foreground, and `greeting_port`, which greets once the server is ready.
    """

    command: Sequence[str]
    greeting_port: int

    def __init__(self, name: str) -> None:
        self.name = name
        # Not pytest's folder: users other than root must be able to reach this one.
        self._temporary = tempfile.TemporaryDirectory(
            prefix=f"mailproto-{name}-", ignore_cleanup_errors=True
        )
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)
        self.log_file = self.folder / "log"
        self.output_file = self.folder / "output"

    def log(self) -> str:
        """Return what the server has logged and printed so far."""
        files = (file for file in (self.log_file, self.output_file) if file.exists())
        return "".join(file.read_text(errors="replace") for file in files)

    def wait_for_log(self, text: str, *, after: int = 0) -> None:
        """Wait until the log contains this text at or after an offset (of characters)."""
        wait_until(
            lambda: text in self.log()[after:] or None, f"{text!r} in the log of {self.name}"
        )

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder and return its path."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def make_folder(self, name: str, *, owner: str | None = None) -> Path:
        """Make a folder inside the folder and return its path."""
        folder = self.folder / name
        folder.mkdir()
        if owner is not None:
            shutil.chown(folder, owner)
        return folder

    def __enter__(self) -> Self:
        with self.output_file.open("wb") as output:
            self._process = subprocess.Popen(
                [*_GUARD, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            wait_until(self._greeting, f"greeting from {self.name}")
        except BaseException as error:
            error.add_note(self.log())
            self.__exit__()
            raise
        return self

    def _greeting(self) -> bytes | None:
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with status {self._process.returncode}")
        with (
            contextlib.suppress(OSError),
            socket.create_connection((HOST, self.greeting_port), timeout=5) as connection,
        ):
            return connection.recv(1) or None
        return None

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._temporary.cleanup()
