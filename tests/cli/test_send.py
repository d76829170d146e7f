"""``mailproto send`` and what it says if something goes wrong."""

import socket
from pathlib import Path

import pytest

from .command import Scripted, Serving, on_terminal, run

EHLO = b"250-mail.example.com\r\n250 8BITMIME\r\n"


def test_wrong_password(serving: Serving, letter: Path) -> None:
    ran = run("send", letter, *serving.trusted(), "--user", "ann", MAILPROTO_PASSWORD="wrong-word")
    assert ran.returncode == 1
    assert "535" in ran.stderr
    assert "Nothing was sent. Check --user and the password." in ran.stderr
    assert "wrong-word" not in ran.stdout + ran.stderr
    assert serving.stop() == 0  # and no message came


def test_no_password(serving: Serving, letter: Path) -> None:
    """Without a terminal it is not asked for: standard input would show it, or be a message."""
    ran = run("send", letter, *serving.trusted(), "--user", "ann", stdin=b"open sesame\n")
    assert ran.returncode == 2
    assert "MAILPROTO_PASSWORD" in ran.stderr
    assert serving.stop() == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xfa"])
def test_useless_password_file(content: bytes, letter: Path, tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(content)
    ran = run("send", letter, "--user", "ann", "--password-file", path)
    assert ran.returncode == 2
    assert "no password" in ran.stderr


def test_untrusted_certificate(serving: Serving, letter: Path) -> None:
    ran = run("send", letter, *serving.address())
    assert ran.returncode == 1
    assert "is not trusted" in ran.stderr
    assert "--ca FILE" in ran.stderr
    assert serving.stop() == 0


def test_nobody_listens(letter: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        ran = run("send", letter, "--host", "127.0.0.1", "--port", str(port))
    assert ran.returncode == 1
    assert f"Nothing listens on 127.0.0.1:{port}." in ran.stderr
    assert "Is the server running" in ran.stderr


def test_missing_file_stops_everything(serving: Serving, letter: Path, tmp_path: Path) -> None:
    ran = run("send", letter, tmp_path / "missing.eml", *serving.trusted())
    assert ran.returncode == 2
    assert "missing.eml" in ran.stderr
    assert serving.stop() == 0


def test_missing_ca(letter: Path, tmp_path: Path) -> None:
    ran = run("send", letter, "--ca", tmp_path / "missing.pem")
    assert ran.returncode == 2
    assert "missing.pem" in ran.stderr


def test_tls_where_there_is_none(serving: Serving, letter: Path) -> None:
    ran = run("send", letter, *serving.address("smtp"), "--tls", "implicit")
    assert ran.returncode == 1
    assert "--tls starttls" in ran.stderr


def test_silence(serving: Serving, letter: Path) -> None:
    """A port that expects TLS at once waits for the client, which waits for a greeting."""
    ran = run("send", letter, *serving.address("smtps"), "--timeout", "0.5")
    assert ran.returncode == 1
    assert "--tls implicit" in ran.stderr


def test_no_starttls(letter: Path) -> None:
    with Scripted(b"220 hello\r\n", EHLO) as server:
        ran = run("send", letter, *server.address)
    assert ran.returncode == 1
    assert "offers no STARTTLS" in ran.stderr
    assert "--tls none" in ran.stderr


def test_no_plaintext_password(letter: Path) -> None:
    with Scripted(b"220 hello\r\n", b"250-hello\r\n250 AUTH PLAIN\r\n") as server:
        ran = run(
            "send",
            letter,
            *server.address,
            "--tls",
            "none",
            "--user",
            "ann",
            MAILPROTO_PASSWORD="x",
        )
    assert ran.returncode == 1
    assert "--allow-plaintext" in ran.stderr


def test_refused_recipient(letter: Path) -> None:
    """One of two is refused, in words that would play with the terminal."""
    replies = (b"250 OK\r\n", b"250 OK\r\n", b"550 5.1.1 no \x1b[31m\xc2\x9bsuch user\r\n")
    rest = (b"354 go\r\n", *[b""] * 6, b"250 queued\r\n", b"221 bye\r\n")
    with Scripted(b"220 hello\r\n", EHLO, *replies, *rest) as server:
        ran = run(
            *("send", str(letter), *server.address, "--tls", "none"),
            *("--to", "ben@example.com", "--to", "zoe@example.com"),
        )
    assert ran.returncode == 1, ran.stderr
    assert "accepted  ben@example.com  250 queued" in ran.stdout
    assert "refused   zoe@example.com  550 5.1.1 no \\x1b[31m\\x9bsuch user" in ran.stdout
    assert "recipients: 1 accepted, 1 refused." in ran.stdout


def test_connection_lost(letter: Path) -> None:
    """What comes after the loss is listed as not sent."""
    with Scripted(b"220 hello\r\n", EHLO, b"421 closing\r\n") as server:
        ran = run("send", letter, letter, *server.address, "--tls", "none")
    assert ran.returncode == 1
    assert "refused   ben@example.com  421 closing" in ran.stdout
    assert "not sent  The connection ended before it was its turn." in ran.stdout
    assert "1 refused; 1 message not sent." in ran.stdout


def test_connection_lost_at_once(letter: Path) -> None:
    with Scripted(b"220 hello\r\n") as server:
        ran = run("send", letter, *server.address, "--tls", "none")
    assert ran.returncode == 1
    assert f"The connection to 127.0.0.1:{server.port} was lost" in ran.stderr
    assert "send it again" in ran.stderr


def test_no_mail_server(letter: Path) -> None:
    with Scripted(b"HTTP/1.1 400 Bad Request\r\n") as server:
        ran = run("send", letter, *server.address, "--tls", "none")
    assert ran.returncode == 1
    assert "does not follow the protocol" in ran.stderr
    assert "Is it a mail server?" in ran.stderr


def test_standard_input_without_envelope(serving: Serving) -> None:
    ran = run("send", "-", *serving.trusted(), stdin=b"Subject: nobody\n\nHi\n")
    assert ran.returncode == 1
    assert "the message has no From. --from and --to give the envelope" in ran.stdout
    assert serving.stop() == 0


def test_trace(serving: Serving, letter: Path) -> None:
    ran = run(
        *("send", str(letter), *serving.trusted(), "--trace", "--user", "ann"),
        MAILPROTO_PASSWORD="open sesame",
    )
    assert ran.returncode == 0
    assert "C: MAIL FROM:<ann@example.org>" in ran.stderr
    assert "[redacted]" in ran.stderr
    assert "sesame" not in ran.stderr
    assert "S: 334 [challenge]" in ran.stderr
    assert ".dot" not in ran.stderr


def test_progress_on_a_terminal(serving: Serving, tmp_path: Path) -> None:
    big = tmp_path / "big.eml"
    big.write_bytes(b"From: a@example.org\nTo: b@example.org\n\n" + b"x" * 70 + b"\n" * 2_000_000)
    shown = on_terminal("send", big, *serving.trusted())
    assert b"Sending" in shown
    assert b"2.0/2.0" in shown
    assert b"accepted" in shown
