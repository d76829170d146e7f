"""A message of 1 GiB goes through client and server in memory that does not depend on its size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from . import memory_process
from .memory_process import GIB

MOST = 64 * 1024  # KiB above idle
PROCESS = [sys.executable, memory_process.__file__]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc/self/status"),
]


@pytest.mark.parametrize("command", ["DATA", "BDAT"])
@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_constant_memory(name: str, command: str) -> None:
    with subprocess.Popen(
        [*PROCESS, "serve", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = json.loads(server.stdout.readline())["port"]
        client = subprocess.run(
            [*PROCESS, "send", name, str(port), command],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=300,
        )
        output, _ = server.communicate(timeout=60)
    assert client.returncode == server.returncode == 0
    sent, received = json.loads(client.stdout), json.loads(output)
    assert sent["octets"] == received["octets"] == GIB
    assert sent["crc"] == received["crc"]
    for role, facts in (("client", sent), ("server", received)):
        print(f"{name} {command} {role}: {facts['peak'] - facts['idle']} KiB above idle")
        assert facts["peak"] - facts["idle"] < MOST, role
