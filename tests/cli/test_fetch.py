"""``mailproto fetch``: what is kept, what is deleted, and what is left after every accident."""

import mailbox
import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mailproto.cli import fetch_pop3, main
from mailproto.cli import folder as folders
from mailproto.cli.folder import Folder, NotStored, message_name, open_folder
from mailproto.cli.layout import EML
from mailproto.cli.mail_url import MailUrl, parse_mail_url
from mailproto.cli.record import Record
from mailproto.clients import Pop3Client
from mailproto.tls import TlsMode

from .command import COMMAND, PATIENCE, SAMPLES, Serving, environment, on_terminal, run
from .pop3_servers import PASSWORD, USER, Liar, Maildrop, Wire

MESSAGES = [
    b"Subject: 1\r\n\r\n.\r\n..dots\r\n",
    b"Subject: 2\r\n\r\n" + b"x" * 10_000 + b"\r\n",
    b"Subject: 3\r\n\r\nbare \n and \r in it, caf\xe9\r\n",
]
A, B = b"Subject: a\r\n\r\na\r\n", b"Subject: b\r\n\r\nb\r\n"
RECORD = ".mailproto-fetch.sqlite"
PART = ".mailproto-fetch.part"

Fetch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fetch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Fetch:
    """Run the command in this process, into ``tmp_path / "mail"``."""
    monkeypatch.setenv("MAILPROTO_PASSWORD", PASSWORD)
    monkeypatch.setenv("COLUMNS", "80")

    def run_here(
        port: int, *options: str | Path, into: str = "--eml", login: str = USER
    ) -> tuple[int, str, str]:
        url = f"pop3://{login}@127.0.0.1:{port}"
        arguments = ("fetch", url, "--tls", "none", "--allow-plaintext", into, tmp_path / "mail")
        status = main([str(argument) for argument in (*arguments, *options)])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run_here


@pytest.fixture
def maildrop() -> Iterator[Maildrop]:
    with Maildrop(*MESSAGES) as served:
        yield served


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    return tmp_path / "mail"


def stored_count(mail: Path) -> int:
    return len(list(mail.glob("*.eml")))


def stored(mail: Path) -> list[bytes]:
    """The .eml files, beside which nothing half is."""
    assert not list(mail.rglob(PART))
    return sorted(path.read_bytes() for path in mail.glob("*.eml"))


# --- the way it should be ---


def test_maildir_for_others(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    assert fetch(maildrop.port, into="--maildir")[:2] == (
        0,
        "3 messages fetched (10.1 kB), 0 here already.\n",
    )
    assert not list((mail / "tmp").iterdir())
    read = mailbox.Maildir(mail, create=False)
    assert sorted(read.get_bytes(key) for key in read.iterkeys()) == sorted(MESSAGES)
    assert {path.stat().st_mode & 0o777 for path in (mail / "new").iterdir()} == {0o600}


def test_names_of_files(fetch: Fetch, mail: Path) -> None:
    """By server, port, user and unique-id, and nothing of them can be read or do harm."""
    unique_ids = ["../../up", "/etc/passwd", "..", ".", "a\\b:c", "-rf", "%2e%2e", "x" * 70]
    contents = [b"Subject: %d\r\n\r\n" % number for number, _ in enumerate(unique_ids)]
    with Liar([(uid, 14) for uid in unique_ids], contents) as liar:
        assert fetch(liar.port)[0] == 0
    expected = {
        f"{message_name('127.0.0.1', liar.port, USER, uid)}.eml": content
        for uid, content in zip(unique_ids, contents, strict=True)
    }
    assert {path.name: path.read_bytes() for path in mail.glob("*.eml")} == expected
    assert {path.name for path in mail.iterdir()} == {*expected, RECORD}
    assert [path.name for path in mail.parent.iterdir()] == ["mail"]


def test_only_what_is_new(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    """Not what the reader took away either."""
    assert fetch(maildrop.port)[0] == 0
    for path in mail.glob("*.eml"):
        path.unlink()
    maildrop.add(A)
    assert fetch(maildrop.port)[1] == "1 message fetched (17 bytes), 3 here already.\n"
    assert stored(mail) == [A]
    assert len(maildrop.messages) == 4  # none was deleted


def test_without_the_record_names_tell(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    """In a Maildir also those that a reader has seen."""
    assert fetch(maildrop.port, into="--maildir")[0] == 0
    (mail / RECORD).unlink()
    new = list((mail / "new").iterdir())
    new[0].rename(mail / "cur" / f"{new[0].name}:2,S")
    new[1].rename(mail / "cur" / f"{new[1].name},S=7:2,")
    assert "0 messages fetched, 3 here already." in fetch(maildrop.port, into="--maildir")[1]


def test_accounts_are_kept_apart(fetch: Fetch, mail: Path) -> None:
    """The same unique-id of other users and other servers is another message."""
    with Liar([("1", 9)], [A]) as one, Liar([("1", 9)], [B]) as other:
        for port, login in ((one.port, "ann"), (one.port, "ben"), (other.port, "ann")):
            assert fetch(port, login=login)[1].startswith("1 message fetched")
    assert stored(mail) == [A, A, B]


def test_big(fetch: Fetch, mail: Path) -> None:
    big = b"Subject: big\r\n\r\n" + b"0123456789\r\n" * 500_000
    with Maildrop(big) as maildrop:
        assert fetch(maildrop.port)[0] == 0
    assert stored(mail) == [big]


@pytest.mark.parametrize("login", ["ann;AUTH=+apop", "ann;auth=SCRAM-SHA-256", "ann;AUTH=*"])
def test_mechanism_in_the_url(fetch: Fetch, maildrop: Maildrop, login: str) -> None:
    status, out, err = fetch(maildrop.port, "--trace", login=login)
    assert (status, out[:10]) == (0, "3 messages")
    demanded = login.partition("=")[2].lstrip("+").upper()
    assert ("C: APOP" in err) == (demanded == "APOP")
    assert "SCRAM-SHA-256 " in err or demanded != "SCRAM-SHA-256"
    assert PASSWORD not in err


def test_mechanism_that_is_not_offered(fetch: Fetch, maildrop: Maildrop) -> None:
    status, _, err = fetch(maildrop.port, "--trace", login="ann;AUTH=XOAUTH2")
    assert status == 1
    assert "C: AUTH" not in err
    assert "C: USER" not in err
    assert "did not let you in" in err


def test_token(fetch: Fetch, tmp_path: Path, mail: Path) -> None:
    """As Gmail wants it; the password is not asked for."""
    file = tmp_path / "token"
    file.write_text("a-token\n")
    capa = b"+OK\r\nSASL PLAIN XOAUTH2\r\nUIDL\r\n.\r\n"
    with Liar([("1", 9)], [A], CAPA=capa) as liar:
        status, *_ = fetch(liar.port, "--token-file", file, login="ann@gmail.com")
    assert status == 0
    assert stored(mail) == [A]
    assert any(heard.startswith("AUTH XOAUTH2 ") for heard in liar.heard)


def test_utf8_mode_where_it_is(fetch: Fetch, mail: Path) -> None:
    """Before the login; else some servers send what they have only with losses (RFC 6856 2)."""
    for answer in (b"+OK\r\n", b"-ERR no\r\n"):
        with Liar([("1", 9)], [A], CAPA=b"+OK\r\nUTF8\r\nUSER\r\n.\r\n", UTF8=answer) as liar:
            assert fetch(liar.port)[0] == 0
        assert liar.heard.index("UTF8") < liar.heard.index(f"USER {USER}")
    assert stored(mail) == [A, A]


def test_progress_on_a_terminal(tmp_path: Path) -> None:
    with Maildrop(b"Subject: big\r\n\r\n" + b"0123456789\r\n" * 200_000) as maildrop:
        shown = on_terminal(
            *("fetch", f"pop3://{USER}@127.0.0.1:{maildrop.port}"),
            *("--tls", "none", "--eml", tmp_path),
            MAILPROTO_PASSWORD=PASSWORD,
        )
    assert b"Fetching" in shown
    assert b"2.4/2.4" in shown
    assert b"1 message fetched (2.4 MB)" in shown


# --- deleting ---


def test_delete(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    _, out, _ = fetch(maildrop.port, "--delete")
    assert out == "3 messages fetched (10.1 kB), 0 here already; 3 deleted from the server.\n"
    assert maildrop.messages == []
    assert stored(mail) == sorted(MESSAGES)


def test_delete_what_an_earlier_run_fetched(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    assert fetch(maildrop.port)[0] == 0
    assert len(maildrop.messages) == 3
    assert "0 messages fetched, 3 here already; 3 deleted" in fetch(maildrop.port, "--delete")[1]
    assert maildrop.messages == []
    assert stored(mail) == sorted(MESSAGES)


def test_what_was_refused_stays(fetch: Fetch, mail: Path) -> None:
    with Liar([("1", 9), ("2", 9), ("3", 9)], [A, None, B]) as liar:
        status, out, err = fetch(liar.port, "--delete")
    assert status == 1
    assert [heard for heard in liar.heard if heard[:4] in ("DELE", "QUIT")] == [
        "DELE 1",
        "DELE 3",
        "QUIT",
    ]
    assert "2 messages fetched (34 bytes), 0 here already, 1 refused; 2 deleted" in out
    assert "Message 2: " in err
    assert "no such message" in err
    assert stored(mail) == [A, B]


@pytest.mark.parametrize("quits", [b"-ERR some deleted messages not removed\r\n", None])
def test_deletion_that_fails_at_quit(fetch: Fetch, mail: Path, quits: bytes | None) -> None:
    with Liar([("1", 9)], [A], QUIT=quits) as liar:
        status, out, err = fetch(liar.port, "--delete")
        assert (status, out) == (1, "")
        assert "the same command goes on" in err
        assert stored(mail) == [A]
        assert fetch(liar.port)[0] == 0  # without deletions, how it ends is all the same


def test_refused_deletion(fetch: Fetch, mail: Path) -> None:
    """Then nothing is: no QUIT."""
    with Liar([("1", 9), ("2", 9)], [A, B], DELE=b"-ERR no\r\n") as liar:
        status, _, err = fetch(liar.port, "--delete")
    assert status == 1
    assert "refused" in err
    assert "QUIT" not in liar.heard
    assert stored(mail) == [A, B]


def test_safe_before_it_is_deleted(
    fetch: Fetch, maildrop: Maildrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, name and record are on the disk, in this order, before DELE."""
    steps: list[str] = []

    def noting(owner: Any, name: str, step: Callable[..., str]) -> None:
        real = getattr(owner, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            steps.append(step(*arguments))
            return real(*arguments, **options)

        monkeypatch.setattr(owner, name, noted)

    noting(os, "fsync", lambda fd: "directory" if os.path.isdir(f"/dev/fd/{fd}") else "file")
    noting(Path, "replace", lambda *_: "rename")
    noting(Record, "add", lambda *_: "record")
    noting(Pop3Client, "delete", lambda *_: "delete")
    noting(Pop3Client, "quit", lambda *_: "quit")
    assert fetch(maildrop.port, "--delete")[0] == 0
    assert " ".join(steps).endswith(
        " ".join(["file rename directory record"] * 3) + " delete quit quit"
    )


def test_adopted_only_once_its_name_is_safe(
    fetch: Fetch, maildrop: Maildrop, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a run that was killed counts after its directory is synced."""
    assert fetch(maildrop.port)[0] == 0
    (mail / RECORD).unlink()

    def failing(directory: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(folders, "sync_directory", failing)
    assert fetch(maildrop.port, "--delete")[0] == 2
    assert len(maildrop.messages) == 3


# --- servers that do what they should not ---


def test_one_unique_id_for_two_messages(fetch: Fetch, mail: Path) -> None:
    """Both are kept, once, and deletion waits for both."""
    with Liar([("1", 9), ("same", 9), ("same", 9)], [A, A, B]) as liar:
        status, out, err = fetch(liar.port)
        assert (status, out) == (0, "3 messages fetched (51 bytes), 0 here already.\n")
        assert "no unique-id for 2 messages, or the same for several" in " ".join(err.split())
        assert stored(mail) == [A, A, B]
        assert "0 messages fetched, 3 here already; 3 deleted" in fetch(liar.port, "--delete")[1]
    assert stored(mail) == [A, A, B]
    assert liar.heard[-6:] == ["RETR 2", "RETR 3", "DELE 1", "DELE 2", "DELE 3", "QUIT"]


def test_no_unique_ids(fetch: Fetch, mail: Path) -> None:
    """All is downloaded again and known by its content; what was taken away stays away."""
    with Liar([("", 9), ("", 9)], [A, B], UIDL=b"-ERR unknown\r\n") as liar:
        status, _, err = fetch(liar.port)
        assert status == 0
        assert "no unique-id for any message" in err
        assert stored(mail) == [A, B]
        next(mail.glob("*.eml")).unlink()
        assert "0 messages fetched, 2 here already" in fetch(liar.port)[1]
    assert len(stored(mail)) == 1
    assert liar.heard.count("RETR 1") == 2


@pytest.mark.parametrize("size", [0, 1, len(MESSAGES[1]), 10**9])
def test_wrong_size(fetch: Fetch, mail: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is what came; progress never goes back nor beyond the end."""
    shown = [0]

    @contextmanager
    def noting(*_: object) -> Iterator[Callable[[int], None]]:
        yield shown.append

    monkeypatch.setattr(fetch_pop3, "progress_bar", noting)
    with Liar([("1", size), ("2", 20)], [MESSAGES[1], A]) as liar:
        assert fetch(liar.port)[0] == 0
    assert stored(mail) == [MESSAGES[1], A]
    assert shown == sorted(shown)
    assert shown[-1] == size + 20
    assert min(size, len(MESSAGES[1])) in shown
    assert size + len(A) in shown


def test_words_that_play_with_the_terminal(fetch: Fetch) -> None:
    with Liar([("1", 9)], [A], RETR=b"-ERR \x1b[31mno\xff\r\n") as liar:
        _, _, err = fetch(liar.port)
    assert "\x1b" not in err
    assert "\\x1b[31mno" in err


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (b"-ERR [IN-USE] locked\r\n", "Another program reads this maildrop"),
        (b"-ERR [LOGIN-DELAY] too soon\r\n", "in some minutes"),
        (b"-ERR [SYS/TEMP] disk\r\n", "Try again later."),
        (b"-ERR [AUTH] wrong\r\n", "Check the user in the URL"),
    ],
)
def test_refused_login(fetch: Fetch, said: bytes, advice: str) -> None:
    with Liar([], [], PASS=said) as liar:
        status, _, err = fetch(liar.port)
    assert status == 1
    assert advice in err


# --- accidents ---


def test_connection_cut_in_a_message(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    """What came whole is kept, nothing half, nothing is deleted; then it goes on."""
    big = b"Subject: big\r\n\r\n" + b"0123456789\r\n" * 100_000
    maildrop.add(big)
    with Wire(maildrop.port, 600_000, None) as wire:
        status, out, err = fetch(wire.port, "--delete")
        assert (status, out) == (1, "")
        assert "lost" in err
        assert "the same command goes on" in err
        assert stored(mail) == sorted(MESSAGES)
        assert len(maildrop.messages) == 4
        assert fetch(wire.port, "--delete")[1].startswith("1 message fetched")
    assert stored(mail) == sorted([*MESSAGES, big])
    assert maildrop.messages == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted(fetch: Fetch, mail: Path, number: signal.Signals) -> None:
    contents = [A, b"Subject: b\r\n\r\n" + b"b" * 100_000 + b"\r\n"]
    with Liar([("1", 9), ("2", 9)], contents, stalls_at=2) as liar:
        command = [*COMMAND, "fetch", f"pop3://{USER}@127.0.0.1:{liar.port}", "--delete"]
        with subprocess.Popen(
            [*command, "--tls", "none", "--allow-plaintext", "--eml", str(mail)],
            env=environment(MAILPROTO_PASSWORD=PASSWORD),
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            assert liar.stalls.wait(PATIENCE)
            assert (mail / PART).exists()
            process.send_signal(number)
            _, err = process.communicate(timeout=PATIENCE)
        assert b"Traceback" not in err
        if number == signal.SIGINT:
            assert (process.returncode, err) == (130, b"Interrupted.\n")
            assert stored(mail) == [A]
        assert "DELE 1" not in liar.heard
        liar.finish()
        assert fetch(liar.port)[1].startswith("1 message fetched")
    assert stored(mail) == sorted(contents)


def test_disk_full(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    resource = pytest.importorskip("resource")
    maildrop.add(b"Subject: big\r\n\r\n" + b"0123456789\r\n" * 100_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limits[1]))
    try:
        status, out, err = fetch(maildrop.port, "--delete")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (status, out) == (1, "")
    assert "Make room there" in err
    assert stored(mail) == sorted(MESSAGES)
    assert len(maildrop.messages) == 4
    assert "1 message fetched" in fetch(maildrop.port, "--delete")[1]
    assert maildrop.messages == []


def test_disk_full_while_octets_wait_in_memory(mail: Path) -> None:
    """What they come to when the file is closed does not hide why it was not stored."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(folder: Folder) -> None:
        with folder.incoming() as message:
            for _ in range(100):
                message.write(b"x" * 1000)

    with open_folder(mail, EML) as folder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
        try:
            with pytest.raises(NotStored, match="large"):
                fill(folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert stored(mail) == []


def test_no_room_for_the_record(
    fetch: Fetch, maildrop: Maildrop, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message lies there all the same: nothing is deleted, and the next run sees it."""
    real = Record.add

    def failing(record: Record, names: Iterable[str]) -> None:
        if isinstance(names, list) and stored_count(mail) == 2:
            raise sqlite3.OperationalError("database or disk is full")
        real(record, names)

    with monkeypatch.context() as patch:
        patch.setattr(Record, "add", failing)
        status, _, err = fetch(maildrop.port, "--delete")
    assert status == 1
    assert "disk is full" in err
    assert len(maildrop.messages) == 3
    assert "1 message fetched" in fetch(maildrop.port, "--delete")[1]
    assert stored(mail) == sorted(MESSAGES)
    assert maildrop.messages == []


def test_one_at_a_time(maildrop: Maildrop, mail: Path) -> None:
    with open_folder(mail, EML):
        ran = run(
            *("fetch", f"pop3://{USER}@127.0.0.1:{maildrop.port}", "--tls", "none"),
            *("--eml", mail),
            MAILPROTO_PASSWORD=PASSWORD,
        )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Another mailproto fetch" in ran.stderr
    assert stored(mail) == []


@pytest.mark.parametrize("damage", ["text", "directory", "table", "page"])
def test_unusable_record(fetch: Fetch, maildrop: Maildrop, mail: Path, damage: str) -> None:
    """Nothing is tried then; without the record it goes on."""
    assert fetch(maildrop.port)[0] == 0
    path = mail / RECORD
    content = path.read_bytes()
    path.unlink()
    if damage == "text":
        path.write_text("no database " * 100)
    elif damage == "directory":
        path.mkdir()
    elif damage == "table":
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE fetched (other TEXT)")
    else:
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    status, out, err = fetch(maildrop.port, "--delete")
    assert (status, out) == (2, "")
    assert f"{RECORD} can not be used" in "".join(err.split("\n"))
    assert "move the file away" in " ".join(err.split())
    assert len(maildrop.messages) == 3
    path.rename(mail / "away")
    assert fetch(maildrop.port)[1] == "0 messages fetched, 3 here already.\n"


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("pop3://ann:secret@host", "--password-file"),
        ("http://ann@host", "pop3s://USER@HOST"),
        ("pop3://host", "Whose mail?"),
        ("pop3://ann@host/inbox", "pop3s://USER@HOST"),
        ("pop3://ann@host:0", "1 to 65535"),
        ("pop3://ann@host:99999", "1 to 65535"),
        ("pop3://a%FF@host", "UTF-8"),
        ("pop3s://ann@host", "Write pop3://"),
        ("pop3://ann;AUTH=NONE@host", "+APOP"),
    ],
)
def test_useless_url(
    url: str,
    advice: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("MAILPROTO_PASSWORD", "x")
    status = main(["fetch", url, "--eml", str(tmp_path / "mail"), "--tls", "none"])
    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    assert advice in " ".join(shown.err.split())
    assert "secret" not in shown.err


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("pop3s://ann@POP.example.org", ("pop.example.org", 995, TlsMode.IMPLICIT, "ann", None)),
        ("pop://ann@h/", ("h", 110, TlsMode.STARTTLS, "ann", None)),
        ("POP3://a@b.c;AUTH=*@h:1", ("h", 1, TlsMode.STARTTLS, "a@b.c", None)),
        ("pop3://a%3Ab;auth=+apop@[::1]", ("::1", 110, TlsMode.STARTTLS, "a:b", "+APOP")),
    ],
)
def test_useful_url(url: str, expected: tuple[object, ...]) -> None:
    assert parse_mail_url(url) == MailUrl("pop3", *expected)  # type: ignore[arg-type]


def test_unwritable_place(fetch: Fetch, maildrop: Maildrop, mail: Path) -> None:
    mail.write_text("a file")
    status, _, err = fetch(maildrop.port)
    assert status == 2
    assert "Check the name and the permissions." in err


# --- as a process, with TLS ---


@pytest.mark.parametrize(("kind", "scheme"), [("pop3", "pop3"), ("pop3s", "pop3s")])
def test_over_tls(mail: Path, kind: str, scheme: str) -> None:
    with Serving("--user", f"{USER}:{PASSWORD}") as server:
        assert run("send", *SAMPLES, *server.trusted()).returncode == 0
        url = f"{scheme}://{USER}@127.0.0.1:{server.ready[kind]['port']}"
        refused = run("fetch", url, "--eml", mail, MAILPROTO_PASSWORD=PASSWORD)
        assert refused.returncode == 1
        assert "is not trusted" in refused.stderr
        ran = run(
            *("fetch", url, "--maildir", mail, "--ca", server.ready["ca"]),
            MAILPROTO_PASSWORD=PASSWORD,
        )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{len(SAMPLES)} messages fetched" in ran.stdout
    assert sorted(path.read_bytes() for path in (mail / "new").iterdir()) == sorted(
        path.read_bytes() for path in SAMPLES
    )


def test_ca_before_the_password(mail: Path) -> None:
    """Who has to type the password hears first of what can not work."""
    ran = run("fetch", "pop3://ann@localhost", "--eml", mail, "--ca", mail / "missing.pem")
    assert ran.returncode == 2
    assert "missing.pem" in ran.stderr
    ran = run("fetch", "pop3://ann@localhost", "--eml", mail)
    assert ran.returncode == 2
    assert "MAILPROTO_PASSWORD" in ran.stderr


def test_wrong_password(mail: Path) -> None:
    with Maildrop() as maildrop:
        url = f"pop3://{USER}@127.0.0.1:{maildrop.port}"
        ran = run("fetch", url, "--eml", mail, "--tls", "none", MAILPROTO_PASSWORD="wrong-word")
    assert ran.returncode == 1
    assert "Check the user in the URL and the password" in ran.stderr
    assert "wrong-word" not in ran.stdout + ran.stderr


def test_nobody_listens(fetch: Fetch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        status, _, err = fetch(taken.getsockname()[1])
    assert status == 1
    assert "995 (pop3s://)" in " ".join(err.split())
