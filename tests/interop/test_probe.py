"""``mailproto probe`` looks at Dovecot and Postfix."""

import json
from pathlib import Path
from typing import Any

from ..cli.command import run
from .dovecot import Dovecot
from .peers import HOST, Certificates
from .postfix import Postfix

CLEAR_TEXT = "It takes passwords in clear text: offer them only with TLS."


def probe(port: int, protocol: str, tls: str, authority: Path) -> dict[str, Any]:
    arguments = ("--port", str(port), "--protocol", protocol, "--tls", tls, "--ca", authority)
    ran = run("probe", HOST, "--json", *arguments)
    facts: dict[str, Any] = json.loads(ran.stdout)
    assert (ran.returncode, facts["spoke"], facts["problem"]) == (0, True, "")
    assert facts["tls"]["trusted"]
    assert HOST in facts["certificate"]["names"]
    return facts


def test_dovecot(dovecot: Dovecot, certificates: Certificates) -> None:
    """Its configuration allows passwords in clear text, which is noticed."""
    authority = certificates.authority_file
    for port, protocol, greeting in (
        (dovecot.imap_port, "imap", "* OK [CAPABILITY "),
        (dovecot.pop3_port, "pop3", "+OK Dovecot"),
        (dovecot.submission_port, "smtp", "220 dovecot."),
    ):
        clear = probe(port, protocol, "starttls", authority)
        assert clear["advice"] == [CLEAR_TEXT]
        assert clear["greeting"].startswith(greeting)
        assert {"PLAIN", "SCRAM-SHA-256"} <= {*clear["offers"]["tls"]["mechanisms"]}
    assert probe(dovecot.imaps_port, "imap", "implicit", authority)["advice"] == []


def test_postfix(postfix: Postfix, certificates: Certificates) -> None:
    authority = certificates.authority_file
    relay = probe(postfix.smtp_port, "smtp", "starttls", authority)
    submission = probe(postfix.submission_port, "smtp", "starttls", authority)
    assert relay["advice"] == [CLEAR_TEXT]
    assert submission["advice"] == []
    assert submission["offers"]["clear"]["mechanisms"] == []
    assert "PLAIN" in submission["offers"]["tls"]["mechanisms"]
    assert "PIPELINING" in relay["offers"]["clear"]["capabilities"]
