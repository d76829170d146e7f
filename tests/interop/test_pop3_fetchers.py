"""fetchmail and getmail, which move whole maildrops, against our POP3 server."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mailproto.stores import MemoryStore

from ..libraries import Library
from .peers import ANN, HOST, Certificates, program
from .programs import run
from .test_pop3_server import MESSAGES, ended, inbox_of, serve, unix


@pytest.fixture
def home(certificates: Certificates) -> Iterator[Path]:
    """A folder for a program that does not want to be root: it owns all that is in there."""
    with tempfile.TemporaryDirectory(prefix="mailproto-fetch-") as name:
        folder = Path(name)
        shutil.copy(certificates.authority_file, folder / "authority.pem")
        (folder / "mail").mkdir()
        yield folder


def run_in(home: Path, words: Sequence[str]) -> tuple[int, str]:
    """Run a program that may write into ``home`` only, and return its status and output."""
    if os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")
        words = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *words]
    result = run(["env", f"HOME={home}", *words])
    return result.returncode, result.stdout


def stored(home: Path) -> list[bytes]:
    """What the program has delivered."""
    return sorted(file.read_bytes() for file in (home / "mail").iterdir())


def with_header_end(message: bytes, newline: bytes) -> bytes:
    """The message with the empty line that both programs put behind a header without body."""
    return message if newline * 2 in message else message + newline


# --- fetchmail ---


def fetchmail(
    home: Path, port: int, *options: str, password: str = ANN.password, keep: bool = False
) -> list[str]:
    """Return fetchmail's arguments, and write its configuration.

    It finds no common name in the certificate of the tests (and looks for no other name), so that
    it can not be made to check it.
    """
    file = home / "fetchmailrc"
    file.write_text(
        f"""
        set invisible
        set no syslog
        poll localhost via {HOST} service {port} {options[0]} timeout 20
            bad-header accept
            user "{ANN.name}" password "{password}" {" ".join(options[1:])} no sslcertck
            no rewrite no stripcr {"keep no fetchall" if keep else "no keep fetchall"}
            mda "cat >$(mktemp {home}/mail/XXXXXXXXXX)"
        """
    )
    file.chmod(0o600)
    words = [program("fetchmail", "fetchmail"), "--verbose", "--fetchmailrc", str(file)]
    return [*words, "--pidfile", str(home / "pid"), "--idfile", str(home / "uidls")]


STLS = "sslproto TLS1.2+"
# What it puts into a line after 8,191 octets: a NUL, an octet of its memory, CRLF.
BREAK = re.compile(rb"\0.\r\n", re.DOTALL)


USER = ("protocol pop3 auth password", "USER ann")
CRAM_MD5 = ("protocol pop3 auth cram-md5", "AUTH CRAM-MD5")
APOP = ("protocol apop", "APOP ann")  # before which it does not start TLS


@pytest.mark.parametrize(
    ("login", "tls"),
    [(USER, STLS), (USER, "ssl"), (CRAM_MD5, STLS), (CRAM_MD5, "ssl"), (APOP, ""), (APOP, "ssl")],
    ids=lambda it: it[1] if isinstance(it, tuple) else it or "clear text",
)
async def test_fetchmail_moves_everything(
    library: Library, certificates: Certificates, home: Path, login: tuple[str, str], tls: str
) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, *MESSAGES)
    options = {"implicit_tls": tls == "ssl", "apop": login is APOP}
    async with serve(library, store, certificates, **options) as server:
        words = fetchmail(home, server.port, login[0], tls)
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 0, output
    assert f"POP3> {login[1]}" in output
    assert ("POP3> STLS" in output) is (tls == STLS)
    got = sorted(re.sub(BREAK, b"", message) for message in stored(home))
    assert got == sorted(with_header_end(ended(message), b"\r\n") for message in MESSAGES)
    assert await inbox.messages() == []


async def test_fetchmail_keeps(library: Library, certificates: Certificates, home: Path) -> None:
    """What it has seen, by unique-id, it does not fetch again."""
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, b"1: x\r\n\r\n", b"2: x\r\n\r\n")
    async with serve(library, store, certificates) as server:
        words = fetchmail(home, server.port, "protocol pop3 uidl", STLS, keep=True)
        for messages, expected in ((2, 0), (2, 1), (3, 0)):
            status, output = await library.runtime.in_thread(lambda: run_in(home, words))
            assert status == expected, output  # 1: there was no new mail
            assert len(stored(home)) == messages
            if expected:
                inbox.add(b"3: x\r\n\r\n")
    assert len(await inbox.messages()) == 3


async def test_fetchmail_with_a_wrong_password(
    library: Library, certificates: Certificates, home: Path
) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, b"1: x\r\n\r\n")
    async with serve(library, store, certificates) as server:
        words = fetchmail(home, server.port, "protocol pop3", STLS, password="wrong")
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 3, output  # PS_AUTHFAIL
    assert stored(home) == []
    assert len(await inbox.messages()) == 1


# --- getmail ---

# It has poplib inside, which takes no longer lines.
SHORT = [message for message in MESSAGES if max(map(len, message.split(b"\n"))) < 2000]


def by_getmail(message: bytes) -> bytes:
    """The message as getmail stores it: through the parser of Python's email package.

    With LF for each line end, a bare CR among them, and without blanks at the end of a line of the
    header.
    """
    text = re.sub(rb"\r\n|\r", b"\n", unix(message))
    head, end, body = with_header_end(text, b"\n").partition(b"\n\n")
    return re.sub(rb"[ \t]+$", b"", head, flags=re.MULTILINE) + end + body


def getmail(
    home: Path, port: int, *, implicit: bool = False, apop: bool = False, delete: bool = True
) -> list[str]:
    """Return getmail's arguments, and write its configuration. It knows no STLS.

    It waits a minute for a delivery that has ended before it begins to wait: so each waits until
    getmail sleeps.
    """
    deliver = home / "deliver"
    deliver.write_text(
        f"""#!/bin/sh
until grep -q "^State:.S" /proc/$PPID/status; do :; done
exec cat >"$(mktemp {home}/mail/XXXXXXXXXX)"
"""
    )
    deliver.chmod(0o755)
    tls = f"ca_certs = {home / 'authority.pem'}" if implicit else ""
    (home / "getmailrc").write_text(
        f"""
[retriever]
type = {"SimplePOP3SSLRetriever" if implicit else "SimplePOP3Retriever"}
server = {HOST}
port = {port}
username = {ANN.name}
password = {ANN.password}
use_apop = {apop}
{tls}

[destination]
type = MDA_external
path = {deliver}

[options]
delete = {delete}
read_all = false
delivered_to = false
received = false
"""
    )
    return [program("getmail", "getmail6"), f"--getmaildir={home}"]


@pytest.mark.parametrize("implicit", [False, True], ids=["clear text", "implicit TLS"])
@pytest.mark.parametrize("apop", [False, True], ids=["USER", "APOP"])
async def test_getmail_moves_everything(
    library: Library, certificates: Certificates, home: Path, apop: bool, implicit: bool
) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, *SHORT)
    options = {"implicit_tls": implicit, "apop": apop, "allow_plaintext": not apop}
    async with serve(library, store, certificates, **options) as server:
        words = getmail(home, server.port, implicit=implicit, apop=apop)
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 0, output
    got = [message.partition(b"\n") for message in stored(home)]
    assert {field for field, _, _ in got} == {b"Return-Path: <unknown>"}
    assert sorted(message for _, _, message in got) == sorted(map(by_getmail, SHORT))
    assert await inbox.messages() == []


async def test_getmail_keeps(library: Library, certificates: Certificates, home: Path) -> None:
    """What it has seen, by unique-id, it does not fetch again."""
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, b"1: x\r\n\r\n", b"2: x\r\n\r\n")
    async with serve(library, store, certificates, implicit_tls=True) as server:
        words = getmail(home, server.port, implicit=True, delete=False)
        for messages in (2, 2, 3):
            status, output = await library.runtime.in_thread(lambda: run_in(home, words))
            assert status == 0, output
            assert len(stored(home)) == messages
            if len(await inbox.messages()) == 2 and "2 skipped" in output:
                inbox.add(b"3: x\r\n\r\n")
    assert len(await inbox.messages()) == 3
