"""``mailproto probe``: what it learns, and what it finds wrong."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from .command import Scripted, Serving, run

GREETINGS = {"smtp": "220 ", "pop3": "+OK ", "imap": "* OK "}


@pytest.fixture(scope="module")
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
        assert facts["greeting"].startswith(GREETINGS[protocol])
        assert facts["offers"]["clear"]["capabilities"]
        assert facts["offers"]["clear"]["starttls"]
        assert not facts["offers"]["clear"]["passwords"]
        assert "PLAIN" in facts["offers"]["tls"]["mechanisms"]
        assert facts["offers"]["tls"]["passwords"]
        assert "127.0.0.1" in facts["certificate"]["names"]


def test_untrusted_is_reported_all_the_same(serving: Serving) -> None:
    status, facts = probe(serving.ready["imap"]["port"], "imap")
    assert status == 0
    assert "is not trusted" in facts["problem"]
    assert facts["tls"]["trusted"] is False
    assert "--ca FILE" in " ".join(facts["advice"])
    assert "127.0.0.1" in facts["certificate"]["names"]
    assert "PLAIN" in facts["offers"]["tls"]["mechanisms"]


@pytest.mark.parametrize("protocol", GREETINGS)
def test_implicit_tls(serving: Serving, protocol: str) -> None:
    port = serving.ready[f"{protocol}s"]["port"]
    status, facts = probe(port, protocol, "--tls", "implicit", "--ca", serving.ready["ca"])
    assert (status, facts["problem"], facts["advice"]) == (0, "", [])
    assert facts["greeting"].startswith(GREETINGS[protocol])
    assert set(facts["offers"]) == {"tls"}
    assert facts["tls"]["trusted"]


def test_no_tls(serving: Serving) -> None:
    status, facts = probe(serving.ready["pop3"]["port"], "pop3", "--tls", "none")
    assert (status, facts["problem"], facts["advice"]) == (0, "", [])
    assert set(facts["offers"]) == {"clear"}
    assert facts["tls"] is facts["certificate"] is None


def test_for_people(serving: Serving) -> None:
    port = serving.ready["imap"]["port"]
    ran = run("probe", "127.0.0.1", "--port", str(port), "--protocol", "imap")
    assert (ran.returncode, ran.stderr) == (0, "")
    head, *rows = ran.stdout.splitlines()
    assert head == f"IMAP port {port} (starttls)"
    shown = {row[2:24].strip(): row[24:] for row in rows}
    assert shown["greeting"].startswith("* OK ")
    assert "STARTTLS" in shown["capabilities (clear)"].split()
    assert "PLAIN" not in shown["mechanisms (clear)"].split()
    assert "PLAIN" in shown["mechanisms (tls)"].split()
    assert shown["TLS"].endswith("certificate NOT TRUSTED")
    assert "127.0.0.1" in shown["names"].split(", ")
    assert shown["problem"].startswith("The certificate of 127.0.0.1")
    assert shown["advice"].endswith("--ca FILE.")


def test_what_a_server_says_does_not_steer_the_terminal() -> None:
    greeting = b"220-\x1b[2J\x9b1m\x07 \xe2\x80\xae\r\n220 \xff" + b"x" * 5000 + b"\r\n"
    ehlo = b"250-me\r\n250-\x1b]0;title\x07\r\n250 AUTH \x1b[31m\r\n"
    with Scripted(greeting, ehlo, b"221 bye\r\n") as server:
        ran = run("probe", "127.0.0.1", "--port", str(server.port), "--protocol", "smtp")
    assert ran.returncode == 0
    assert all(line.isprintable() for line in ran.stdout.splitlines())
    assert r"220-\x1b[2J" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) < 2100


def test_a_refusal_is_an_answer() -> None:
    with Scripted(b"* BYE go away\r\n") as server:
        status, facts = probe(server.port, "imap")
    assert (status, facts["spoke"]) == (0, True)
    assert facts["greeting"] == "* BYE go away"
    assert "refused" in facts["problem"]


def test_the_usual_ports() -> None:
    ran = run("probe", "127.0.0.1", "--json", "--timeout", "5")
    ports = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(facts["port"], facts["protocol"], facts["tls_mode"]) for facts in ports] == [
        (25, "smtp", "starttls"),
        (465, "smtp", "implicit"),
        (587, "smtp", "starttls"),
        (110, "pop3", "starttls"),
        (995, "pop3", "implicit"),
        (143, "imap", "starttls"),
        (993, "imap", "implicit"),
    ]
    assert ran.returncode == (0 if any(facts["spoke"] for facts in ports) else 1)


def test_silence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        status, facts = probe(server.getsockname()[1], "smtp", "--timeout", "0.5")
    assert (status, facts["spoke"]) == (1, False)
    assert "too long" in facts["problem"]


def test_port_without_protocol() -> None:
    assert run("probe", "127.0.0.1", "--port", "1").returncode == 2
