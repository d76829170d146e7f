"""A message of 1 GiB goes through client and server in memory that does not depend on its size."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest

from . import memory_process
from .memory_process import BLOCK, GIB

Facts = dict[str, int]

MOST = 64 * 1024  # KiB above idle
PROCESS = [sys.executable, memory_process.__file__]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc/self/status"),
]


def transfer(
    name: str, server_role: str, client_role: str, *how: str, where: tuple[str, ...] = ()
) -> tuple[Facts, Facts]:
    """Let the two processes do it; what the client and the server say in the end."""
    with subprocess.Popen(
        [*PROCESS, server_role, name, *where],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        port = json.loads(server.stdout.readline())["port"]
        client = subprocess.run(
            [*PROCESS, client_role, name, str(port), *where, *how],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=300,
        )
        output, _ = server.communicate(timeout=60)
    assert client.returncode == server.returncode == 0
    said = json.loads(client.stdout), json.loads(output)
    for role, facts in zip(("client", "server"), said, strict=True):
        print(f"{name} {client_role} {role}: {facts['peak'] - facts['idle']} KiB above idle")
        assert facts["peak"] - facts["idle"] < MOST, role
    return said


@pytest.mark.parametrize("command", ["DATA", "BDAT"])
@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_smtp(name: str, command: str) -> None:
    sent, received = transfer(name, "serve", "send", command)
    assert sent["octets"] == received["octets"] == GIB
    assert sent["crc"] == received["crc"]


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_pop3(name: str) -> None:
    received, _ = transfer(name, "serve_pop3", "retrieve")
    crc = 0
    for _ in range(GIB // len(BLOCK)):
        crc = crc32(BLOCK, crc)
    assert (received["octets"], received["crc"]) == (GIB, crc)


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_imap(name: str, tmp_path: Path) -> None:
    """APPEND into a Maildir, and FETCH from it."""
    fetched, _ = transfer(name, "serve_imap", "append_and_fetch", where=(str(tmp_path),))
    assert (fetched["octets"], fetched["crc"]) == (GIB, fetched["sent"])
    shutil.rmtree(tmp_path)  # 2 GiB
