"""A mailbox of 100,000 messages: ``python -m benchmarks.large_mailbox`` compares its servers.

Each server is asked the same by the same client, which does no more than wait for the end of
each answer. Times are those of the clock, as the client sees them. With several numbers of messages
the last table tells how the times grow with them.
"""

import argparse
import os
import pwd
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from socket import create_connection
from statistics import median
from tempfile import TemporaryDirectory

import pytest
from tests.interop.dovecot import Dovecot
from tests.interop.peers import ANN, HOST, Certificates, free_port

from benchmarks.harness import NotInstalled, peer, require
from benchmarks.loopback import ServerProcess
from benchmarks.workloads import text

_TIMES = 3
_ENOUGH = 60.0  # seconds after which nothing is asked once more
_PASSWORD = "secret"
_CHANGED = 1000
_MESSAGE = """\
Date: Tue, 12 Mar 2024 12:00:{second:02} +0200
From: Ann Carol <ann@example.org>
To: Bob Dave <bob{number}@example.org>
Subject: minutes of meeting {number}
Message-ID: <{number}.id@mx.example.org>

{text}
code{number}end
"""


# --- the client ----------------------------------------------------------------------------------


class _Session:
    """One connection, logged in; the same for all servers."""

    def __init__(self, where: "Served") -> None:
        self.count = where.count
        self._socket = create_connection((HOST, where.port), timeout=600)
        self._socket.recv(65536)
        self.ask(f"LOGIN {where.user} {where.password}")

    def ask(self, command: str, *, octets: bytes = b"") -> bytes:
        """Return the whole answer to a command."""
        self._socket.sendall(b"t " + command.encode() + b"\r\n" + octets)
        read = bytearray()
        while not (read.endswith(b"\r\n") and _completion(read)):
            data = self._socket.recv(1 << 20)
            if not data:
                raise ConnectionError(bytes(read[-200:]).decode())
            read += data
        if not read.startswith(b"t OK", read.rfind(b"\n", 0, -1) + 1):
            raise _Refused(bytes(read[-200:]).decode(errors="replace"))
        return bytes(read)

    def close(self) -> None:
        self._socket.close()


class _Refused(Exception):
    """A server does not do what was asked."""


def _completion(read: bytearray) -> bool:
    return read.startswith(b"t ", read.rfind(b"\n", 0, -1) + 1)


class Served:
    """A server to be asked: where it is, and how many messages are in the inbox."""

    def __init__(self, port: int, count: int, user: str = ANN.name, password: str = "") -> None:
        self.port = port
        self.count = count
        self.user = user
        self.password = password or ANN.password


# --- what is asked -------------------------------------------------------------------------------


def _select(session: _Session) -> None:
    require(_number(rb"\* (\d+) EXISTS", session.ask("SELECT INBOX")), session.count)


def _number(pattern: bytes, answer: bytes) -> int:
    found = re.search(pattern, answer)
    if found is None:
        raise _Refused(f"no {pattern!r} in the answer")
    return int(found[1])


def _search(keys: str, found: Callable[[int], int], session: _Session) -> None:
    answer = session.ask(f"UID SEARCH {keys}")
    line = re.search(rb"\* SEARCH([ 0-9]*)\r\n", answer)
    require(0 if line is None else len(line[1].split()), found(session.count))


def _changes(session: _Session) -> int:
    """Change the flags of some messages; return the mod-sequence of before, and how many."""
    modseq = _number(rb"HIGHESTMODSEQ (\d+)", session.ask("SELECT INBOX (CONDSTORE)"))
    uids = _some_uids(session)
    for sign in "+-":
        session.ask(rf"UID STORE {uids} {sign}FLAGS.SILENT (\Answered)")
    return modseq


def _some_uids(session: _Session) -> str:
    step = max(session.count // _CHANGED, 1)
    first = _number(rb"UID (\d+)", session.ask("FETCH 1 (UID)"))
    return ",".join(str(first + at) for at in range(0, session.count, step))


def _changed_since(session: _Session, modseq: int) -> str:
    return f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {modseq})"


def _qresync(session: _Session, modseq: int) -> str:
    session.ask("UNSELECT")
    session.ask("ENABLE QRESYNC")
    validity = _number(rb"UIDVALIDITY (\d+)", session.ask("EXAMINE INBOX"))
    session.ask("UNSELECT")
    return f"SELECT INBOX (QRESYNC ({validity} {modseq}))"


def _fetch(item: str, session: _Session) -> None:
    require(session.ask(f"FETCH 1:* {item}").count(b" FETCH ("), session.count)


def _ordered(command: str, answer: bytes, session: _Session) -> None:
    found = re.search(rb"\* %b ([^\r]*)\r\n" % answer, session.ask(command))
    require(0 if found is None else len(re.findall(rb"[0-9]+", found[1])), session.count)


_QUERIES: dict[str, Callable[[_Session], None]] = {
    "FETCH 1:* (UID FLAGS)": partial(_fetch, "(UID FLAGS)"),
    "SEARCH UNSEEN": partial(_search, "UNSEEN", lambda count: count // 2),
    "SEARCH SUBJECT": partial(_search, 'SUBJECT "meeting 77"', lambda count: _sevens(count)),
    "SEARCH BODY": partial(_search, "BODY code77end", lambda count: 1),
    "SORT (DATE)": partial(_ordered, "SORT (DATE) UTF-8 ALL", b"SORT"),
    "THREAD REFERENCES": partial(_ordered, "THREAD REFERENCES UTF-8 ALL", b"THREAD"),
    "FETCH 1:* ENVELOPE": partial(_fetch, "ENVELOPE"),
    "FETCH 1:* BODYSTRUCTURE": partial(_fetch, "BODYSTRUCTURE"),
}
_RESYNCS: dict[str, Callable[[_Session, int], str]] = {
    f"FETCH CHANGEDSINCE ({_CHANGED} changed)": _changed_since,
    f"SELECT QRESYNC ({_CHANGED} changed)": _qresync,
}
"""What makes the command that is timed, after the changes since a mod-sequence."""


def _sevens(count: int) -> int:
    return sum(str(number).startswith("77") for number in range(1, count + 1))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


Tell = Callable[[str, float | str], None]
"""Takes what was asked with the seconds of it, or with why there are none."""


def _ask(where: Served, tell: Tell) -> None:
    """Ask everything of a server, and tell each figure as soon as it is there."""
    session = _Session(where)
    tell("first SELECT", _seconds(lambda: _select(session)))

    def measure(name: str, once: Callable[[], float]) -> None:
        try:
            tell(name, _repeated(once))
        except _Refused:
            tell(name, "refused")

    def select_anew() -> float:
        other = _Session(where)
        try:
            return _seconds(lambda: _select(other))
        finally:
            other.close()

    measure("SELECT again, in a new session", select_anew)
    for name, query in _QUERIES.items():
        asked = partial(_seconds, partial(query, session))
        try:
            first = asked()
        except _Refused:
            tell(name, "refused")
            continue
        tell(f"{name}, first", first)
        if first < _ENOUGH:
            measure(name, asked)
    for name, resync in _RESYNCS.items():

        def once(resync: Callable[[_Session, int], str] = resync) -> float:
            command = resync(session, _changes(session))
            return _seconds(lambda: session.ask(command))

        measure(name, once)
    session.close()


def _repeated(once: Callable[[], float]) -> float:
    """The median of some runs, of fewer if they take very long."""
    runs = [once()]
    while len(runs) < _TIMES and sum(runs) < _ENOUGH:
        runs.append(once())
    return median(runs)


# --- the servers ---------------------------------------------------------------------------------


def _prepare(folder: Path, count: int) -> None:
    """Write the messages once; every Maildir gets links to them."""
    owner = pwd.getpwnam("nobody")
    folder.mkdir()
    for number in range(1, count + 1):
        message = _MESSAGE.format(
            number=number, second=number % 60, text=text(500, b"\n", seed=number % 20).decode()
        )
        file = folder / f"{1_700_000_000 + number}.M{number}.host:2,{'S' * (number % 2)}"
        file.write_text(message)
        if os.geteuid() == 0:
            os.chown(file, owner.pw_uid, owner.pw_gid)


def _link(messages: Path, maildir: Path) -> None:
    """Make a Maildir that has the messages, for the owner of these."""
    owner = next(messages.iterdir()).stat()
    for name in ("", "cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
        os.chown(maildir / name, owner.st_uid, owner.st_gid)
    for file in messages.iterdir():
        os.link(file, maildir / "cur" / file.name)


@contextmanager
def _dovecot(messages: Path, folder: Path, count: int) -> Iterator[Served]:
    try:
        server = Dovecot(Certificates(folder))
    except pytest.skip.Exception as reason:
        raise NotInstalled(str(reason)) from None
    _link(messages, server.maildir(ANN).path)
    with server:
        yield Served(server.imap_port, count)


@contextmanager
def _pymap(messages: Path, folder: Path, count: int) -> Iterator[Served]:
    """Its mailboxes are in memory, as ours; the messages are appended."""
    peer("pymap")
    port = free_port()
    services = [f"--no-service={name}" for name in ("admin", "managesieve")]
    command = [str(Path(sys.executable).with_name("pymap")), "--host", HOST, "--port", str(port)]
    command += [*services, "--no-tls", "dict", "--demo-user", "ann", "--demo-password", _PASSWORD]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        where = Served(port, count, "ann", _PASSWORD)
        session = _when_up(where)
        for file in sorted(messages.iterdir()):
            data = file.read_bytes().replace(b"\n", b"\r\n")
            flags = r"\Seen" if file.name.endswith("S") else ""
            session.ask(f"APPEND INBOX ({flags}) {{{len(data)}+}}", octets=data + b"\r\n")
        session.close()
        yield where
    finally:
        process.terminate()
        process.wait()


def _when_up(where: Served) -> _Session:
    for _ in range(100):
        try:
            return _Session(where)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise TimeoutError("the server does not come up")


@contextmanager
def _mailproto(
    library: str, kind: str, messages: Path, folder: Path, count: int
) -> Iterator[Served]:
    maildir = folder / "Maildir"
    _link(messages, maildir)
    with ServerProcess(f"mailproto IMAP {library}", kind, str(maildir)) as server:
        yield Served(server.port, count, "ann", _PASSWORD)


_SERVERS: dict[str, Callable[[Path, Path, int], AbstractContextManager[Served]]] = {
    "Dovecot": _dovecot,
    "mailproto Maildir": partial(_mailproto, "asyncio", "maildir"),
    "mailproto memory": partial(_mailproto, "asyncio", "memory"),
    "pymap": _pymap,
    "mailproto trio memory": partial(_mailproto, "trio", "memory"),
}


# --- the tables ---

Column = dict[str, float | str]
"""Seconds by what was asked, or why there are none, of one server with one number of messages."""


def _column(name: str, messages: Path, folder: Path, count: int) -> Column:
    column: Column = {}

    def tell(asked: str, figure: float | str) -> None:
        column[asked] = figure
        print(f"{name}, {count} messages, {asked}: {_shown(figure)}", flush=True)

    folder.mkdir()
    try:
        with _SERVERS[name](messages, folder, count) as where:
            _ask(where, tell)
    except NotInstalled as reason:
        print(f"{name}: not installed: {reason}", flush=True)
    return column


def _shown(figure: float | str) -> str:
    return figure if isinstance(figure, str) else f"{figure * 1000:,.1f}"


def _grown(before: float | str, after: float | str) -> str:
    if isinstance(before, str) or isinstance(after, str):
        return ""
    return f"{after / before:.1f}"


def _print_table(title: str, cells: dict[str, dict[str, str]]) -> None:
    """Print columns of texts by their rows."""
    rows = list(dict.fromkeys(row for column in cells.values() for row in column))
    width = max(map(len, (title, *rows)))
    print("\n" + title.ljust(width), *(f"{name:>22}" for name in cells))
    for row in rows:
        print(row.ljust(width), *(f"{column.get(row, ''):>22}" for column in cells.values()))


def main() -> None:
    """Measure and print, in milliseconds; with several numbers of messages, what they do to it."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.large_mailbox")
    options.add_argument("--messages", default="100000", help="how many, or several such numbers")
    options.add_argument("--only", help="names of servers begin so, separated by commas")
    chosen = options.parse_args()
    prefixes = tuple(chosen.only.split(",")) if chosen.only else ("",)
    names = [name for name in _SERVERS if name.startswith(prefixes)]
    counts = sorted(map(int, chosen.messages.split(",")))
    found: dict[int, dict[str, Column]] = {}
    with TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        for count in counts:
            messages = folder / f"messages{count}"
            _prepare(messages, count)
            found[count] = {
                name: _column(name, messages, folder / f"{count}.{at}", count)
                for at, name in enumerate(names)
            }
    for count, columns in found.items():
        cells = {
            name: {row: _shown(figure) for row, figure in column.items()}
            for name, column in columns.items()
            if column
        }
        _print_table(f"{count} messages, ms", cells)
    least, most = counts[0], counts[-1]
    if least < most:
        grown = {
            name: {
                row: _grown(figure, found[most][name].get(row, ""))
                for row, figure in column.items()
            }
            for name, column in found[least].items()
            if column
        }
        _print_table(f"times longer with {most / least:g} times as many", grown)


if __name__ == "__main__":
    main()
