"""``mailproto demo``."""

import re
from hashlib import sha256
from pathlib import Path

from .command import SAMPLES, run


def test_samples_arrive() -> None:
    ran = run("demo")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith(f"All {3 * (len(SAMPLES) + 1)} transfers kept every byte.\n")
    for sample in SAMPLES:  # they have CRLF, so anybody can compare with sha256sum
        assert sha256(sample.read_bytes()).hexdigest() in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_samples_are_what_they_say() -> None:
    dots, long, utf8, latin1, attachment = (sample.read_bytes() for sample in SAMPLES)
    assert b"\r\n.\r\n..\r\n...\r\n.hidden\r\n" in dots
    assert max(map(len, long.split(b"\r\n"))) == 998
    assert not utf8.partition(b"\r\n\r\n")[0].isascii()
    assert b"\xe9" in latin1
    assert b"Content-Disposition: attachment" in attachment


def test_conversation() -> None:
    shown = run("demo").stdout
    encrypted = shown.partition("TLS handshake")[2]
    assert "C: STARTTLS" in shown.partition("TLS handshake")[0]
    assert encrypted.count("C: AUTH SCRAM-SHA-256-PLUS [redacted]") == 3
    assert encrypted.count(" AUTHENTICATE SCRAM-SHA-256-PLUS [redacted]") == 2
    assert "C: BDAT " in encrypted
    assert "so many octets follow" in encrypted
    assert re.search(r"C: \[\d+ octets of the message\]", encrypted)
    assert re.search(r"S: \[\d+ octets of the message\]", encrypted)
    assert encrypted.count("C: RETR ") == len(SAMPLES) + 1
    assert re.findall(r"C: DELE (\d+)", encrypted) == [f"{len(SAMPLES) + 1}"]
    assert encrypted.count("(BODY.PEEK[])") == len(SAMPLES) + 1
    # No secret and nothing to guess one from; no message.
    for line in shown.partition("S: 220")[2].splitlines():
        assert not re.match(
            r"[Cc]: (?:A\d+ )?+(?!AUTH|EHLO|MAIL|RCPT|DATA|BDAT|STARTTLS|CAPA|STLS|LIST|UIDL|RETR"
            r"|DELE|QUIT|SELECT|EXAMINE|UID|STORE|CREATE|IDLE|DONE|LOGOUT|\[)",
            line,
        )
        assert not re.match(r"[Ss]: (?:334|\+) (?!\[challenge\]|idling)", line)
    assert ".hidden" not in shown


def test_two_clients() -> None:
    """One hears what the other does, when it does it, and not later."""
    shown = run("demo").stdout.partition("5. Flags")[2]
    steps = [
        *(
            "c: A3 IDLE",
            "s: + idling",
            "C: A11 STORE",
            "S: A11 OK",
            "s: * 5 FETCH (FLAGS (\\Flagged",
        ),
        *("C: A12 UID SEARCH", "C: A14 UID MOVE 5 Archive", "s: * 5 EXPUNGE", "c: DONE"),
        *("C: A15 SELECT Archive", "S: * 1 EXISTS", "S: * 1 FETCH (UID 1 BODY[] {"),
    ]
    found = [shown.find(step) for step in steps]
    assert -1 not in found
    assert found == sorted(found)


def test_files_of_ones_own(tmp_path: Path) -> None:
    """LF becomes CRLF; through DATA, the last line gets its end."""
    path = tmp_path / "päth with spaces.eml"
    path.write_bytes(b"no header\n.\n..\nno end")
    empty = tmp_path / "empty.eml"
    empty.touch()
    ran = run("demo", path, empty)
    assert ran.returncode == 0, ran.stderr
    normal = b"no header\r\n.\r\n..\r\nno end"
    assert sha256(normal).hexdigest() in ran.stdout  # BDAT
    assert sha256(normal + b"\r\n").hexdigest() in ran.stdout
    assert sha256(b"").hexdigest() in ran.stdout


def test_damage_is_noticed(letter: Path) -> None:
    ran = run("demo", "--corrupt", letter)
    assert ran.returncode == 1
    assert "4 of 6 transfers did damage." in ran.stdout
    assert "DAMAGED  letter.eml" in ran.stdout
    assert ran.stdout.count(sha256(letter.read_bytes()).hexdigest()) == 6
