"""``mailproto probe``: what it learns, and what it finds wrong."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from mailproto.cli.probe import _lenient

from .command import Scripted, Serving, run


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving() as server:
        yield server


def probe(
    port: int, protocol: str = "smtp", *more: str, host: str = "127.0.0.1"
) -> tuple[int, dict[str, Any]]:
    ran = run("probe", host, "--port", str(port), "--protocol", protocol, "--json", *more)
    facts: dict[str, Any] = json.loads(ran.stdout)
    return ran.returncode, facts


def test_all_protocols_trusted(serving: Serving) -> None:
    for protocol in ("smtp", "pop3", "imap"):
        port = serving.ready[protocol]["port"]
        status, facts = probe(port, protocol, "--ca", serving.ready["ca"])
        assert (status, facts["problem"], facts["advice"]) == (0, "", [])
        assert facts["tls"]["trusted"]
        assert facts["tls"]["cipher"]
        assert protocol.upper() in facts["greeting"].upper()
        assert "(" not in facts["greeting"]
        assert facts["offers"]["clear"]["capabilities"]
        assert "PLAIN" in facts["offers"]["tls"]["mechanisms"]
        assert "127.0.0.1" in facts["certificate"]["names"]


def test_untrusted_is_reported_all_the_same(serving: Serving) -> None:
    status, facts = probe(serving.ready["imap"]["port"], "imap")
    assert status == 0
    assert "is not trusted" in facts["problem"]
    assert facts["tls"]["trusted"] is False
    assert "127.0.0.1" in facts["certificate"]["names"]
    assert "PLAIN" in facts["offers"]["tls"]["mechanisms"]


@pytest.mark.parametrize(
    ("name", "days", "problem", "advice"),
    [
        ("127.0.0.1", -1, "expired", "has expired"),
        ("127.0.0.1", 5, "", "expires in"),
        ("other.example", 90, "mismatch", ""),
    ],
)
def test_certificates(name: str, days: int, problem: str, advice: str, tmp_path: Path) -> None:
    ca = trustme.CA()
    ends = datetime.now(UTC) + timedelta(days=days)
    issued = ca.issue_cert(name, not_before=ends - timedelta(days=99), not_after=ends)
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    with Serving("--cert", str(tmp_path / "server.pem")) as server:
        port = server.ready["smtp"]["port"]
        status, facts = probe(port, "smtp", "--ca", str(tmp_path / "ca.pem"))
    assert status == 0
    assert problem in facts["problem"]
    assert bool(facts["problem"]) == bool(problem)
    assert advice in " ".join(facts["advice"])
    assert facts["certificate"]["names"] == [name]


def test_no_starttls_and_passwords_in_clear_text() -> None:
    with Scripted(b"220 hello\r\n", b"250-me\r\n250 AUTH PLAIN\r\n", b"221 bye\r\n") as server:
        status, facts = probe(server.port)
    assert status == 0
    assert "no STARTTLS" in " ".join(facts["advice"])
    assert "clear text: offer" in " ".join(facts["advice"])


@pytest.mark.parametrize("greeting", [b"* OK IMAP here\r\n", b"\xff\x00garbage\r\n"])
def test_another_protocol(greeting: bytes) -> None:
    with Scripted(greeting) as server:
        status, facts = probe(server.port)
    assert (status, facts["spoke"]) == (1, False)
    assert facts["problem"]


def test_nobody_listens_and_silence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        status, facts = probe(port)
        assert status == 1
        assert "Nothing listens" in facts["problem"]
        taken.listen()
        status, facts = probe(port, "smtp", "--timeout", "0.5")
    assert status == 1
    assert "too long" in facts["problem"]


def test_port_without_protocol() -> None:
    assert run("probe", "127.0.0.1", "--port", "1").returncode == 2


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_server_that_knows_old_tls_only() -> None:
    """What it is looked at with goes as far back; mailproto's clients do not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = _lenient().wrap_bio(to_client, to_server)
    for _ in range(4):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    assert client.version() == "TLSv1.1"
