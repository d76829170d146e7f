"""Ways to connect that the other tests do not take."""

import socket
from pathlib import Path

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.smtp import TraceLine

from ..libraries import Library
from .concurrency import tasks
from .peers import scripted


async def test_lmtp_over_a_unix_socket(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    received: list[bytes] = []

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            for reply in (b"220 hi", b"250 mx.example", b"221 bye"):
                connection.sendall(reply + b"\r\n")
                if reply != b"221 bye":
                    received.append(connection.recv(1000))

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    async with tasks(library) as group:
        group.start(library.runtime.in_thread, serve)
        async with library.binding.connect_lmtp(path=str(path)) as client:
            assert client.core.lmtp
    assert received[0].startswith(b"LHLO ")
    assert received[1] == b"QUIT\r\n"
    with pytest.raises(OSError):  # noqa: PT011 the library's own, of any kind
        async with library.binding.connect_lmtp(path=str(tmp_path / "missing")):
            pass


@pytest.mark.parametrize("function", ["connect_smtp", "connect_lmtp"])
async def test_nothing_to_connect_to(library: Library, function: str) -> None:
    with pytest.raises(LocalProtocolError, match="give a host"):
        async with getattr(library.binding, function)():
            pass


async def test_name_and_trace(library: Library) -> None:
    lines: list[TraceLine] = []
    async with (
        scripted(library) as server,
        library.binding.connect_lmtp(
            "127.0.0.1", server.port, local_hostname="me.example", trace=lines.append
        ),
    ):
        pass
    assert server.commands[0] == b"LHLO me.example"
    assert [line.text for line in lines if line.sender == "C"] == ["LHLO me.example", "QUIT"]


def test_own_hostname(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5321 4.1.4: an address literal if the machine has no full name."""
    from mailproto.clients.connect_smtp import own_hostname

    for name, expected in {
        "mx.example": "mx.example",
        "localhost": "[127.0.0.1]",
        "bad_name.example": "[127.0.0.1]",
        "": "[127.0.0.1]",
    }.items():
        monkeypatch.setattr(socket, "gethostname", lambda name=name: name)
        assert own_hostname() == expected
