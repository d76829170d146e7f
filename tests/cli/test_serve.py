"""``mailproto serve``, with ``mailproto send`` as its client."""

import imaplib
import poplib
import signal
import smtplib
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from .command import COMMAND, PATIENCE, SAMPLES, Serving, environment, run

ENVELOPE = ("--from", "ann@example.org", "--to", "ben@example.com", "--to", "zoe@example.com")


def stored(directory: Path) -> list[bytes]:
    """The messages in a Maildir, which has nothing half-written; line ends are LF there."""
    assert list((directory / "tmp").iterdir()) == []
    return sorted(with_crlf(path) for path in (directory / "new").iterdir())


def with_crlf(path: Path) -> bytes:
    return path.read_bytes().replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("kind", "options"),
    [("smtp", ()), ("smtp", ("--chunking",)), ("smtps", ("--tls", "implicit"))],
    ids=["STARTTLS", "BDAT", "implicit"],
)
def test_maildir(serving: Serving, tmp_path: Path, kind: str, options: tuple[str, ...]) -> None:
    password = tmp_path / "password"
    password.write_text("open sesame\n")
    ran = run(
        *("send", *map(str, SAMPLES), *serving.trusted(kind), *options, *ENVELOPE),
        *("--user", "ann", "--password-file", str(password)),
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{len(SAMPLES)} messages; recipients: {2 * len(SAMPLES)} accepted." in ran.stdout
    events = [serving.event("message") for _ in SAMPLES]
    assert stored(tmp_path / "Maildir") == sorted(path.read_bytes() for path in SAMPLES)
    for event, path in zip(events, SAMPLES, strict=True):
        assert with_crlf(Path(event["file"])) == path.read_bytes()
        assert event["size"] == path.stat().st_size
        assert event["sender"] == "ann@example.org"
        assert event["recipients"] == ["ben@example.com", "zoe@example.com"]
        assert (event["user"], event["peer"]) == ("ann", "127.0.0.1")
    assert [event["subject"] for event in events][2:4] == [
        "Grüße, γειά σου, привет, 你好 📬",
        "Café au lait",
    ]
    assert serving.stop() == 0


def test_made_up_log_in(letter: Path) -> None:
    with Serving("--require-auth") as server:
        ran = run("send", letter, *server.trusted())
        assert ran.returncode == 1
        assert "refused   ben@example.com  530" in ran.stdout
        password = server.ready["password"]
        ran = run(
            *("send", letter, *server.trusted(), "--user", server.ready["user"]),
            MAILPROTO_PASSWORD=password,
        )
        assert ran.returncode == 0
        assert server.event("message")["file"] is None
        ca = Path(server.ready["ca"])
        assert ca.exists()
        assert server.stop(signal.SIGINT) == 0
        assert not ca.exists()


@pytest.mark.parametrize("maildir", [False, True], ids=["memory", "maildir"])
@pytest.mark.parametrize("kind", ["pop3", "pop3s"])
def test_messages_are_read_back_by_pop3(kind: str, maildir: bool, tmp_path: Path) -> None:
    users = ("--user", "ben:one", "--user", "zoe:two")
    options = ("--maildir", str(tmp_path)) if maildir else ()
    with Serving(*users, *options) as server:
        ran = run("send", *map(str, SAMPLES), *server.trusted(), "--tls", "starttls", *ENVELOPE)
        assert ran.returncode == 0, ran.stdout
        for _ in SAMPLES:
            server.event("message")
        context = ssl.create_default_context(cafile=server.ready["ca"])
        place = server.ready[kind]["host"], server.ready[kind]["port"]
        for name, password in (("ben", "one"), ("zoe", "two")):
            maildrop: poplib.POP3
            if kind == "pop3":
                maildrop = poplib.POP3(*place, timeout=PATIENCE)
                maildrop.stls(context)
            else:
                maildrop = poplib.POP3_SSL(*place, timeout=PATIENCE, context=context)
            maildrop.user(name)
            maildrop.pass_(password)
            got = [b"\r\n".join(maildrop.retr(n + 1)[1]) + b"\r\n" for n in range(len(SAMPLES))]
            assert got == [path.read_bytes() for path in SAMPLES]
            maildrop.quit()
        assert server.stop() == 0
    for user in ("ben", "zoe") if maildir else ():
        assert stored(tmp_path / user) == sorted(path.read_bytes() for path in SAMPLES)


@pytest.mark.parametrize("delivery", ["smtp", "lmtp"])
@pytest.mark.parametrize("kind", ["imap", "imaps"])
def test_messages_are_read_back_by_imap(kind: str, delivery: str, tmp_path: Path) -> None:
    """What one protocol does to the mail, the other ones see."""
    options = ["--maildir", str(tmp_path)] if kind == "imap" else []
    options += ["--lmtp"] if delivery == "lmtp" else []
    with Serving("--user", "ben:one", "--user", "zoe:two", *options) as server:
        to = (*server.address("lmtp"), "--lmtp") if delivery == "lmtp" else server.trusted()
        assert run("send", *map(str, SAMPLES), *to, *ENVELOPE).returncode == 0
        for _ in SAMPLES:
            server.event("message")
        context = ssl.create_default_context(cafile=server.ready["ca"])
        place = server.ready[kind]["host"], server.ready[kind]["port"]
        box: imaplib.IMAP4
        if kind == "imap":
            box = imaplib.IMAP4(*place, timeout=PATIENCE)
            box.starttls(context)
        else:
            box = imaplib.IMAP4_SSL(*place, timeout=PATIENCE, ssl_context=context)
        box.login("zoe", "two")
        assert box.select() == ("OK", [b"%d" % len(SAMPLES)])
        for number, path in enumerate(SAMPLES, 1):
            assert box.fetch(str(number), "BODY[]")[1][0][1] == path.read_bytes()  # type: ignore[index]
        box.store("1", "+FLAGS", "\\Deleted")
        box.expunge()
        box.logout()
        place = server.ready["pop3s"]["host"], server.ready["pop3s"]["port"]
        for name, password, count in (("ben", "one", 0), ("zoe", "two", 1)):
            maildrop = poplib.POP3_SSL(*place, timeout=PATIENCE, context=context)
            maildrop.user(name)
            maildrop.pass_(password)
            assert maildrop.stat()[0] == len(SAMPLES) - count
            maildrop.quit()
        assert server.stop() == 0


def test_message_that_is_appended_may_not_be_longer_either() -> None:
    with Serving("--user", "ann:one", "--max-size", "20") as server:
        context = ssl.create_default_context(cafile=server.ready["ca"])
        place = server.ready["imaps"]["host"], server.ready["imaps"]["port"]
        with imaplib.IMAP4_SSL(*place, timeout=PATIENCE, ssl_context=context) as box:
            box.login("ann", "one")
            assert box.append("INBOX", "", "", b"Subject: longer\r\n\r\n.\r\n")[0] == "NO"
            assert box.append("INBOX", "", "", b"Subject: hi\r\n\r\n")[0] == "OK"
        assert server.stop() == 0


def test_mail_is_still_there_after_a_restart(letter: Path, tmp_path: Path) -> None:
    options = ("--maildir", str(tmp_path / "Maildir"), "--user", "ann:one")
    with Serving(*options) as server:
        assert run("send", letter, *server.trusted()).returncode == 0
        assert Path(server.event("message")["file"]).exists()
        assert server.stop() == 0
    with Serving(*options) as server:
        context = ssl.create_default_context(cafile=server.ready["ca"])
        place = server.ready["pop3s"]["host"], server.ready["pop3s"]["port"]
        maildrop = poplib.POP3_SSL(*place, timeout=PATIENCE, context=context)
        maildrop.user("ann")
        maildrop.pass_("one")
        assert b"\r\n".join(maildrop.retr(1)[1]) + b"\r\n" == letter.read_bytes()
        maildrop.dele(1)
        maildrop.quit()
        assert stored(tmp_path / "Maildir") == []
        assert server.stop() == 0


def test_lmtp(letter: Path) -> None:
    with Serving("--lmtp") as server:
        ran = run("send", letter, *server.address("lmtp"), "--lmtp", *ENVELOPE)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.count("accepted") == 3
        assert server.event("message")["recipients"] == ["ben@example.com", "zoe@example.com"]
        assert "smtp" not in server.ready
        assert server.ready["user"] == "demo"
        assert server.stop() == 0


def test_max_size(letter: Path) -> None:
    with Serving("--max-size", "20") as server:
        ran = run("send", letter, *server.trusted())
        assert ran.returncode == 1
        assert "the server takes 20 at the most" in ran.stdout
        assert server.stop() == 0


@pytest.mark.parametrize("maildir", [False, True], ids=["memory", "maildir"])
def test_capacity(letter: Path, maildir: bool, tmp_path: Path) -> None:
    """What does not fit is refused for now, whoever brings it."""
    options = ("--maildir", str(tmp_path)) if maildir else ()
    with Serving("--user", "ann:one", "--capacity", "2k", *options) as server:
        assert run("send", letter, *server.trusted()).returncode == 0
        server.event("message")
        letter.write_bytes(letter.read_bytes() + b"x" * 2000)
        ran = run("send", letter, *server.trusted())
        assert ran.returncode == 1
        assert "452 4.2.2 The mailbox is full" in ran.stdout
        context = ssl.create_default_context(cafile=server.ready["ca"])
        place = server.ready["imaps"]["host"], server.ready["imaps"]["port"]
        with imaplib.IMAP4_SSL(*place, timeout=PATIENCE, ssl_context=context) as box:
            box.login("ann", "one")
            status, (answer,) = box.append("INBOX", "", "", letter.read_bytes())
            assert (status, answer[:11]) == ("NO", b"[OVERQUOTA]")
            assert box.getquota('""')[1] == [b'"" (STORAGE 1 2)']
        assert server.stop() == 0


def test_certificate_of_ones_own(letter: Path, tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    for name, blob in (
        ("ca.pem", authority.cert_pem),
        ("cert.pem", leaf.cert_chain_pems[0]),
        ("key.pem", leaf.private_key_pem),
    ):
        blob.write_to_path(str(tmp_path / name))
    pair = ("--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem"))
    with Serving(*pair) as server:
        assert server.ready["ca"] is None
        ran = run("send", letter, *server.address(), "--ca", tmp_path / "ca.pem")
        assert ran.returncode == 0, ran.stderr
        server.event("message")
        assert server.stop() == 0


def test_what_is_under_way_is_finished(serving: Serving) -> None:
    """On one port, while idle clients of the other one are told to go."""
    context = ssl.create_default_context(cafile=serving.ready["ca"])
    busy_at, idle_at = serving.ready["smtps"], serving.ready["smtp"]
    with (
        smtplib.SMTP_SSL(
            busy_at["host"], busy_at["port"], context=context, timeout=PATIENCE
        ) as busy,
        smtplib.SMTP(idle_at["host"], idle_at["port"], timeout=PATIENCE) as idle,
    ):
        busy.ehlo()
        busy.mail("ann@example.org")
        busy.rcpt("ben@example.com")
        assert busy.docmd("DATA")[0] == 354
        serving.tell_to_stop()
        assert serving.event("stopping")["connections"] == 2
        assert idle.getreply()[0] == 421
        busy.send(b"Hi\r\n.\r\n")
        assert busy.getreply()[0] == 250
        serving.event("message")
        assert busy.getreply()[0] == 421
    assert serving.end() == 0


def test_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("serve", "--port", str(port))
    assert ran.returncode == 2
    assert f"Port {port} on 127.0.0.1 can not be used: Address already in use." in ran.stderr


def test_what_people_see(letter: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        shown = ""
        while not shown.endswith("pem\n\n"):
            line = process.stdout.readline()
            assert line
            shown += line
        password = shown.partition(", password ")[2].split()[0]
        copy = tmp_path / "copy"
        places = {"letter.eml": str(letter), "copy": str(copy)}
        for command in shown.replace("\\\n", " ").split("\n  mailproto ")[1:]:
            words = [places.get(word, word) for word in command.split()]
            ran = run(*words, MAILPROTO_PASSWORD=password)
            assert ran.returncode == 0, ran.stderr
        (fetched,) = (copy / "new").iterdir()
        assert with_crlf(fetched).endswith(with_crlf(letter))
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert errors == ""
    assert "Hi  68 bytes" in rest
    assert "from ann@example.org (127.0.0.1, logged in as demo)" in rest
    assert "to   ben@example.com" in rest
    assert rest.endswith("Stopped; 1 message came.\n")
