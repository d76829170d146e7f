"""fetchmail and getmail, which move whole mailboxes, and what they do to messages."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .peers import ANN, HOST, Certificates, program
from .programs import run


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

# How it is told to start TLS, in either protocol.
STARTTLS = "sslproto TLS1.2+"
# What it puts into a line after 8,191 octets: a NUL, an octet of its memory, CRLF.
BREAK = re.compile(rb"\0.\r\n", re.DOTALL)


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


# --- getmail ---


def by_getmail(message: bytes) -> bytes:
    """The message as getmail stores it: through the parser of Python's email package.

    With LF for each line end, a bare CR among them, and without blanks at the end of a line of the
    header.
    """
    text = re.sub(rb"\r\n|\r", b"\n", message)
    head, end, body = with_header_end(text, b"\n").partition(b"\n\n")
    return re.sub(rb"[ \t]+$", b"", head, flags=re.MULTILINE) + end + body


def getmail(
    home: Path, port: int, retriever: str, *, delete: bool = True, **settings: bool
) -> list[str]:
    """Return getmail's arguments, and write its configuration. It knows no STARTTLS or STLS.

    ``retriever`` is its name for a protocol, as in "SimplePOP3SSL"; ``settings`` are those of it.

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
    lines = [f"{name} = {setting}" for name, setting in settings.items()]
    if retriever.endswith("SSL"):
        lines.append(f"ca_certs = {home / 'authority.pem'}")
    own = "\n".join(lines)
    (home / "getmailrc").write_text(
        f"""
[retriever]
type = {retriever}Retriever
server = {HOST}
port = {port}
username = {ANN.name}
password = {ANN.password}
{own}

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
