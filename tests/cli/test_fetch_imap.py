"""``mailproto fetch imap://``: mailboxes as Maildirs, what is deleted, and every accident."""

import mailbox
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import pytest

from mailproto.cli import fetch_contents, fetch_mailbox, main
from mailproto.cli.folder import Folder, message_name, open_folder
from mailproto.cli.layout import EML, MAILDIR, NoPlace
from mailproto.cli.mail_url import MailUrl, parse_mail_url
from mailproto.cli.record import Record
from mailproto.clients import ImapClient
from mailproto.tls import TlsMode

from ..interop.peers import wait_until
from .command import COMMAND, PATIENCE, SAMPLES, Serving, environment, on_terminal, run
from .imap_servers import Bare, Box, Mailboxes, Message, Ours
from .pop3_servers import PASSWORD, USER, Wire

A, B, C = (b"Subject: %c\r\n\r\n%c\r\n" % (letter, letter) for letter in b"abc")
ODD = b"Subject: odd\r\n\r\n.\r\n..dots\r\nbare \n and \r in it, caf\xe9\r\n"
BIG = b"Subject: big\r\n\r\n" + b"0123456789\r\n" * 100_000
RECORD = ".mailproto-fetch.sqlite"
PART = ".mailproto-fetch.part"

Fetch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mail: Path) -> Fetch:
    """Run the command in this process, into ``mail``; errors come in one line."""
    monkeypatch.setenv("MAILPROTO_PASSWORD", PASSWORD)
    monkeypatch.setenv("COLUMNS", "80")

    def run_here(
        port: int, *options: str | Path, box: str = "", into: str = "--maildir", login: str = USER
    ) -> tuple[int, str, str]:
        url = f"imap://{login}@127.0.0.1:{port}/{box}"
        arguments = ("fetch", url, "--tls", "none", "--allow-plaintext", into, mail)
        status = main([str(argument) for argument in (*arguments, *options)])
        shown = capsys.readouterr()
        return status, shown.out, " ".join(shown.err.split())

    return run_here


@pytest.fixture(params=["ours", "bare"])
def server(request: pytest.FixtureRequest) -> Iterator[Mailboxes]:
    """With every extension, or with UIDPLUS only."""
    serving = Ours() if request.param == "ours" else Bare("UIDPLUS")
    with serving as served:
        yield served


@pytest.fixture
def bare() -> Iterator[Bare]:
    with Bare() as served:
        yield served


@pytest.fixture
def ours() -> Iterator[Ours]:
    with Ours() as served:
        yield served


@pytest.fixture
def fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """For many messages: what a crash would leave is not the question."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    connect = sqlite3.connect

    def relaxed(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return connect(*arguments, **options, factory=_Relaxed)

    monkeypatch.setattr(sqlite3, "connect", relaxed)


class _Relaxed(sqlite3.Connection):
    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        return super().execute(statement.replace("= FULL", "= OFF"), *parameters)


def files(folder: Path) -> list[Path]:
    """The messages of a folder, beside which nothing half is."""
    assert not list(folder.rglob(PART))
    return sorted([*folder.glob("new/*"), *folder.glob("cur/*"), *folder.glob("*.eml")])


def stored(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in files(folder))


def flags(folder: Path) -> dict[bytes, str]:
    """The letters of messages by their content; those in ``new`` have none."""
    return {path.read_bytes(): path.name.partition(":2,")[2] for path in files(folder)}


# --- the way it should be ---


def test_folders_for_others(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    server.create("Work")
    server.create("Work/2026")
    server.add("INBOX", A, ODD)
    server.add("Work", B, b"")
    server.add("Work/2026", BIG)
    status, out, err = fetch(server.port)
    assert (status, err) == (0, "")
    assert out == "5 messages fetched (1.2 MB), 0 here already.\n"
    read = mailbox.Maildir(mail, create=False)
    assert sorted(read.list_folders()) == ["Work", "Work.2026"]
    assert stored(mail) == sorted([A, ODD])
    assert stored(mail / ".Work") == [b"", B]
    assert stored(mail / ".Work.2026") == [BIG]
    assert (mail / ".Work" / "maildirfolder").exists()
    assert not list(mail.rglob("tmp/*"))
    assert {path.stat().st_mode & 0o777 for path in mail.rglob("new/*")} == {0o600}
    assert fetch(server.port)[1] == "0 messages fetched, 5 here already.\n"


def test_eml_files(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    for name in ("Work", "Work/2026"):
        server.create(name)
    server.add("INBOX", A, flags=["\\Seen"])
    server.add("Work/2026", B, ODD)
    assert fetch(server.port, into="--eml")[0] == 0
    assert stored(mail) == [A]
    assert stored(mail / "Work" / "2026") == sorted([B, ODD])
    server.flag("INBOX", 1, "\\Flagged")
    server.remove("Work/2026", 1)
    out = fetch(server.port, "--prune", into="--eml")[1]
    assert out == "0 messages fetched, 2 here already, 1 pruned.\n"
    assert stored(mail / "Work" / "2026") == [ODD]


def test_dates(fetch: Fetch, ours: Ours, mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files have that of arrival, unless there can be no such file."""
    date = datetime(1985, 10, 26, tzinfo=UTC)
    ours.add("INBOX", A, date=date)
    assert fetch(ours.port)[0] == 0
    assert [path.stat().st_mtime for path in files(mail)] == [date.timestamp()]

    def failing(*_: object) -> None:
        raise OSError("no such date")

    monkeypatch.setattr(os, "utime", failing)
    ours.add("INBOX", B, date=datetime(1, 1, 1, tzinfo=UTC))
    assert fetch(ours.port)[0] == 0
    assert stored(mail) == [A, B]


def test_only_what_is_new(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    """Not what the reader took away either."""
    server.add("INBOX", A, B)
    assert fetch(server.port)[0] == 0
    for path in files(mail):
        path.unlink()
    server.add("INBOX", C)
    assert fetch(server.port)[1] == "1 message fetched (17 bytes), 2 here already.\n"
    assert stored(mail) == [C]
    assert server.messages("INBOX") == [A, B, C]


@pytest.mark.parametrize("known", [True, False], ids=["with record", "without"])
def test_where_readers_left_it(fetch: Fetch, server: Mailboxes, mail: Path, known: bool) -> None:
    server.add("INBOX", A, B)
    assert fetch(server.port)[0] == 0
    first, second = files(mail)
    first.rename(mail / "cur" / f"{first.name}:2,")
    second.rename(mail / "cur" / f"{second.name},S=17:2,")
    if not known:
        (mail / RECORD).unlink()
    server.flag("INBOX", 1, "\\Seen")
    server.flag("INBOX", 2, "\\Seen")
    out = fetch(server.port)[1]
    assert out == "0 messages fetched, 2 here already, 2 with new flags.\n"
    assert {path.name for path in (mail / "cur").iterdir()} == {
        f"{first.name}:2,S",
        f"{second.name},S=17:2,S",
    }


def test_one_mailbox(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    for name in ("Work", "Work/2026"):
        server.create(name)
        server.add(name, B)
    server.add("INBOX", A)
    assert fetch(server.port, box="Work/2026")[1].startswith("1 message fetched")
    assert stored(mail / ".Work.2026") == [B]
    assert not (mail / ".Work").exists()
    assert fetch(server.port, box="%69nbox")[1].startswith("1 message fetched")
    assert stored(mail) == [A]


def test_no_such_mailbox(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    server.create("Work")
    server.add("INBOX", A)
    for box in ("work", "Wor", "Work/", "Archive", "*", "%25", "Wor%25", "%00"):
        status, out, err = fetch(server.port, box=box)
        assert (status, out) == (1, "")
        assert "There is no mailbox" in err or "can not hold NUL" in err
    assert stored(mail) == []
    assert [path.name for path in mail.iterdir() if path.name.startswith(".")] == [RECORD]


def test_wildcards_in_a_name(fetch: Fetch, bare: Bare, mail: Path) -> None:
    for name in ("a*", "ab", "%", "c"):
        bare.create(name)
        bare.add(name, name.encode())
    assert fetch(bare.port, box="a*")[1].startswith("1 message fetched")
    assert fetch(bare.port, box="%25")[1].startswith("1 message fetched")
    assert stored(mail / ".a*") == [b"a*"]
    assert stored(mail / ".%25") == [b"%"]


def test_accounts_are_kept_apart(fetch: Fetch, mail: Path) -> None:
    """The same UID of other servers, users and mailboxes is another message."""
    with Bare() as one, Bare() as other:
        for served in (one, other):
            served.add("INBOX", A)
        for served, login in ((one, "ann"), (one, "ben"), (other, "ann")):
            assert fetch(served.port, login=login)[1].startswith("1 message fetched")
        assert fetch(other.port)[1] == "0 messages fetched, 1 here already.\n"
    assert stored(mail) == [A, A, A]


@pytest.mark.parametrize("login", ["ann;AUTH=PLAIN", "ann;auth=SCRAM-SHA-256", "ann;AUTH=*"])
def test_mechanism_in_the_url(fetch: Fetch, ours: Ours, login: str) -> None:
    status, _, err = fetch(ours.port, "--trace", login=login)
    assert status == 0
    demanded = login.partition("=")[2]
    assert f"AUTHENTICATE {demanded}" in err or demanded == "*"
    assert PASSWORD not in err


def test_mechanism_that_is_not_offered(fetch: Fetch, bare: Bare) -> None:
    """Then it is not the command LOGIN either."""
    status, _, err = fetch(bare.port, login="ann;AUTH=PLAIN")
    assert status == 1
    assert "did not let you in" in err
    assert not [heard for heard in bare.heard if heard.startswith(("LOGIN", "AUTH"))]


def test_token(fetch: Fetch, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-token\n")
    with Bare("SASL-IR AUTH=XOAUTH2") as server:
        status, *_ = fetch(server.port, "--token-file", file, login="ann@gmail.com")
    assert status == 0
    assert any(heard.startswith("AUTHENTICATE XOAUTH2 ") for heard in server.heard)


def test_utf8_mode_where_it_is(fetch: Fetch) -> None:
    """Else some servers send what they have only with losses (RFC 6855 4)."""
    for refusals in ({}, {"ENABLE": "NO no"}):
        with Bare("ENABLE UTF8=ACCEPT") as server:
            server.refusals = refusals
            assert fetch(server.port)[0] == 0
        assert "ENABLE UTF8=ACCEPT" in server.heard


def test_progress_on_a_terminal(tmp_path: Path, bare: Bare) -> None:
    """With the name of the mailbox, which can not steer the terminal, nor what shows it."""
    bare.boxes[b"[b]{0}&ABs-[31m"] = Box(messages={1: Message(BIG * 2)})
    shown = on_terminal(
        *("fetch", f"imap://{USER}@127.0.0.1:{bare.port}"),
        *("--tls", "none", "--allow-plaintext", "--eml", tmp_path),
        MAILPROTO_PASSWORD=PASSWORD,
    )
    assert rb"[b]{0}\x1b[31m" in shown
    assert b"2.4/2.4" in shown
    assert b"1 message fetched (2.4 MB)" in shown


# --- flags ---


def test_flags(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    """All but \\Deleted, which would have readers remove the message."""
    server.add("INBOX", A, flags=["\\Seen", "\\Flagged", "\\Answered", "\\Draft", "\\Deleted"])
    server.add("INBOX", B, flags=["$Forwarded", "todo", "later"])
    server.add("INBOX", C)
    assert fetch(server.port)[0] == 0
    assert flags(mail) == {A: "DFRS", B: "Pab", C: ""}
    assert sorted((mail / "dovecot-keywords").read_text().split()) == ["0", "1", "later", "todo"]
    assert len(list((mail / "new").iterdir())) == 1


def test_flags_that_change(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    server.add("INBOX", A, B, C)
    assert fetch(server.port)[0] == 0
    server.flag("INBOX", 1, "\\Seen", "todo")
    server.flag("INBOX", 3, "\\Deleted")
    out = fetch(server.port)[1]
    assert out == "0 messages fetched, 3 here already, 1 with new flags.\n"
    assert flags(mail) == {A: "Sa", B: "", C: ""}
    server.flag("INBOX", 1)
    assert "1 with new flags" in fetch(server.port)[1]
    assert flags(mail) == {A: "", B: "", C: ""}
    assert "flags" not in fetch(server.port)[1]


def test_what_is_marked_here(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    """It stays as long as nothing changes there; what only readers know stays in any case."""
    server.add("INBOX", A, B, flags=["\\Seen"])
    assert fetch(server.port)[0] == 0
    for path in files(mail):
        path.rename(path.with_name(path.name + "TZ"))
    server.flag("INBOX", 2, "\\Flagged")
    assert fetch(server.port)[0] == 0
    assert flags(mail) == {A: "STZ", B: "FTZ"}


def test_more_keywords_than_letters(fetch: Fetch, bare: Bare, mail: Path) -> None:
    """And such as are no keywords: the rest is kept."""
    bare.add(
        "INBOX", A, flags=[*(f"k{number}" for number in range(40)), "\\Seen", "\\Odd", "sch\xf6n"]
    )
    bare.add("INBOX", B, flags=["k39", "k0"])
    assert fetch(bare.port)[0] == 0
    shown = flags(mail)
    assert shown[A] == "S" + "".join(chr(ord("a") + number) for number in range(26))
    assert len(shown[B]) == 1


# --- deleting ---


def test_delete(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    """What is here, by this run or an earlier one; then it is never pruned."""
    server.create("Work")
    server.add("INBOX", A, B)
    assert fetch(server.port)[0] == 0
    server.add("Work", C)
    out = fetch(server.port, "--delete")[1]
    assert out == "1 message fetched (17 bytes), 2 here already; 3 deleted from the server.\n"
    assert server.messages("INBOX") == server.messages("Work") == []
    for options in ((), ("--prune",), ("--prune",)):
        assert fetch(server.port, *options)[1] == "0 messages fetched, 0 here already.\n"
    assert stored(mail) == [A, B]
    assert stored(mail / ".Work") == [C]


def test_delete_leaves_what_others_marked(fetch: Fetch, server: Mailboxes) -> None:
    server.add("INBOX", A)
    server.create("Work")
    server.add("Work", B, flags=["\\Deleted"])
    assert fetch(server.port, "--delete", box="INBOX")[0] == 0
    assert server.messages("Work") == [B]


def test_delete_without_uidplus(fetch: Fetch, bare: Bare, mail: Path) -> None:
    bare.add("INBOX", A)
    status, out, err = fetch(bare.port, "--delete")
    assert (status, out) == (2, "")
    assert "UIDPLUS" in err
    assert "Leave out --delete." in err
    assert stored(mail) == []
    assert not [heard for heard in bare.heard if heard.startswith(("SELECT", "UID"))]


@pytest.mark.parametrize("command", ["UID STORE", "UID EXPUNGE", "SELECT"])
def test_refused_deletion(fetch: Fetch, mail: Path, command: str) -> None:
    """Later it is done, and nothing that is still there is taken for gone."""
    with Bare("UIDPLUS") as server:
        server.add("INBOX", A)
        server.refusals = {command: "NO you may not"}
        status, out, err = fetch(server.port, "--delete")
        assert status == 1
        assert "1 mailbox refused; 0 deleted" in out
        assert "INBOX: " in err
        assert "you may not" in err
        server.refusals = {}
        assert fetch(server.port, "--prune")[0] == 0
        assert stored(mail) == [A]
        assert "1 deleted from the server" in fetch(server.port, "--delete")[1]
        assert server.messages("INBOX") == []


def test_refused_deletion_with_mod_sequences(
    fetch: Fetch, ours: Ours, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They tell of changes only, and so not of what was to be deleted and is still there."""
    ours.add("INBOX", A, B)

    async def failing(*_: object) -> None:
        raise OSError("no")

    with monkeypatch.context() as patch:
        patch.setattr(ImapClient, "add_flags", failing)
        assert fetch(ours.port, "--delete")[0] == 1
    assert fetch(ours.port, "--delete")[1] == (
        "0 messages fetched, 2 here already; 2 deleted from the server.\n"
    )
    assert ours.messages("INBOX") == []
    assert stored(mail) == [A, B]


def test_safe_before_it_is_deleted(
    fetch: Fetch, server: Mailboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, name and record are on the disk, in this order, before it is marked."""
    server.add("INBOX", A, B, flags=["\\Seen"])
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
    noting(Record, "move", lambda *_: "moved")
    noting(Record, "settle", lambda *_: "state")
    noting(ImapClient, "add_flags", lambda *_: "mark")
    noting(ImapClient, "expunge", lambda *_: "expunge")
    assert fetch(server.port, "--delete")[0] == 0
    assert " ".join(steps).endswith(
        "file rename directory record " * 2 + "state moved mark expunge"
    )


# --- pruning ---


def test_prune(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    """What vanished since it was seen first; without it, it stays, until it is asked for."""
    server.create("Work")
    server.add("INBOX", A, B, C)
    server.add("Work", A)
    assert fetch(server.port)[0] == 0
    server.remove("INBOX", 1)
    assert fetch(server.port)[1] == "0 messages fetched, 3 here already.\n"
    assert stored(mail) == [A, B, C]
    server.remove("INBOX", 3)
    own = mail / "cur" / "mine:2,S"
    own.write_bytes(ODD)
    out = fetch(server.port, "--prune")[1]
    assert out == "0 messages fetched, 2 here already, 2 pruned.\n"
    assert stored(mail) == sorted([B, ODD])
    assert stored(mail / ".Work") == [A]
    assert "pruned" not in fetch(server.port, "--prune")[1]


def test_prune_is_for_imap(fetch: Fetch, capsys: pytest.CaptureFixture[str], mail: Path) -> None:
    assert main(["fetch", "pop3s://ann@h", "--eml", str(mail), "--prune"]) == 2
    assert "--prune is for IMAP" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["fetch", "imaps://ann@h", "--eml", str(mail), "--prune", "--delete"])


# --- UIDVALIDITY ---


@pytest.mark.parametrize("into", ["--maildir", "--eml"])
def test_new_uidvalidity(fetch: Fetch, server: Mailboxes, mail: Path, into: str) -> None:
    """Nothing is lost, nothing doubled, and each message is followed under its new UID."""
    folder = mail / (".Work" if into == "--maildir" else "Work")
    server.create("Work")
    server.add("Work", A, A, B, ODD)
    server.add("Work", C, flags=["\\Seen"])
    assert fetch(server.port, into=into)[0] == 0
    server.remove("Work", 3)
    server.renumber("Work")
    server.add("Work", BIG)
    out = fetch(server.port, into=into)[1]
    assert out == "1 message fetched (1.2 MB), 4 here already.\n"
    assert stored(folder) == sorted([A, A, B, BIG, C, ODD])
    assert fetch(server.port, into=into)[1] == "0 messages fetched, 5 here already.\n"
    out = fetch(server.port, "--prune", into=into)[1]
    assert out == "0 messages fetched, 5 here already, 1 pruned.\n"
    assert stored(folder) == sorted([A, A, BIG, C, ODD])


def test_flags_after_a_new_uidvalidity(fetch: Fetch, bare: Bare, mail: Path) -> None:
    bare.add("INBOX", A, B)
    assert fetch(bare.port)[0] == 0
    bare.renumber("INBOX")
    bare.flag("INBOX", 1001, "\\Seen")
    assert fetch(bare.port)[0] == 0
    assert flags(mail) == {A: "S", B: ""}
    bare.flag("INBOX", 1002, "\\Flagged")
    assert fetch(bare.port)[0] == 0
    assert flags(mail) == {A: "S", B: "F"}


def test_new_uidvalidity_and_a_refused_message(fetch: Fetch, bare: Bare, mail: Path) -> None:
    """It is not pruned, and known again once it is handed out."""
    bare.add("INBOX", A, B)
    assert fetch(bare.port)[0] == 0
    bare.renumber("INBOX")
    bare.boxes[b"INBOX"].messages[1002].content = None
    assert fetch(bare.port, "--prune")[0] == 1
    assert stored(mail) == [A, B]
    bare.boxes[b"INBOX"].messages[1002].content = B
    assert fetch(bare.port, "--prune")[:2] == (0, "0 messages fetched, 2 here already.\n")
    assert stored(mail) == [A, B]


def test_uidvalidity_there_and_back(fetch: Fetch, bare: Bare, mail: Path) -> None:
    """As when a server is restored: what is there is not taken for gone."""
    bare.add("INBOX", A, B)
    before = bare.boxes[b"INBOX"]
    assert fetch(bare.port)[0] == 0
    bare.boxes[b"INBOX"] = Box(validity=2, messages={1: Message(A)})
    assert fetch(bare.port)[0] == 0
    bare.boxes[b"INBOX"] = before
    for _ in range(2):
        assert fetch(bare.port, "--prune")[1] == "0 messages fetched, 2 here already.\n"
        assert stored(mail) == [A, B]


def test_restored_with_a_message_that_had_vanished(
    fetch: Fetch, server: Mailboxes, mail: Path
) -> None:
    server.create("Work")
    server.add("Work", A, B)
    assert fetch(server.port)[0] == 0
    server.remove("Work", 1)
    assert fetch(server.port)[0] == 0
    server.renumber("Work")
    server.add("Work", A)
    for _ in range(2):
        assert fetch(server.port, "--prune")[1] == "0 messages fetched, 2 here already.\n"
        assert stored(mail / ".Work") == [A, B]


@pytest.mark.parametrize("options", [(), ("--delete",)])
def test_no_uidvalidity(fetch: Fetch, mail: Path, options: tuple[str, ...]) -> None:
    with Bare("UIDPLUS") as server:
        server.boxes[b"INBOX"] = Box(None, {1: Message(A)})
        server.create("Work")
        server.add("Work", B)
        status, out, err = fetch(server.port, *options)
        assert status == 1
        assert "1 message fetched (17 bytes), 0 here already, 1 mailbox refused" in out
        assert "INBOX can not be mirrored: " in err
        assert "Nothing of it was deleted." in err
        assert server.messages("INBOX") == [A]
    assert stored(mail) == []
    assert stored(mail / ".Work") == [B]


# --- servers that do what they should not ---


def test_one_refused_message(fetch: Fetch, mail: Path) -> None:
    """The others are fetched, and it is asked for again."""
    with Bare("UIDPLUS") as server:
        server.add("INBOX", A, None, C, flags=["\\Seen"])
        server.create("Work")
        server.add("Work", B)
        status, out, err = fetch(server.port, "--delete")
        assert status == 1
        assert "3 messages fetched (51 bytes), 0 here already, 1 refused; 3 deleted" in out
        assert "Message 2 of INBOX: " in err
        assert "it is damaged" in err
        assert server.messages("INBOX") == [b""]
        server.boxes[b"INBOX"].messages[2].content = BIG
        assert fetch(server.port)[1].startswith("1 message fetched")
    assert stored(mail) == sorted([A, BIG, C])
    assert set(flags(mail).values()) == {"S"}


def test_message_that_is_gone_when_it_is_asked_for(
    fetch: Fetch, bare: Bare, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.add("INBOX", A, B)
    real = fetch_contents.receive_contents

    def removing(*arguments: Any, **options: Any) -> Any:
        bare.boxes[b"INBOX"].messages.pop(1, None)
        return real(*arguments, **options)

    monkeypatch.setattr(fetch_mailbox, "receive_contents", removing)
    status, out, _ = fetch(bare.port)
    assert status == 1
    assert out == "1 message fetched (17 bytes), 0 here already, 1 refused.\n"
    assert fetch(bare.port)[:2] == (0, "0 messages fetched, 1 here already.\n")
    assert stored(mail) == [B]


def test_dates_that_are_none(fetch: Fetch, bare: Bare, mail: Path) -> None:
    bare.add("INBOX", A, BIG)
    bare.date = b'"yesterday"'
    status, out, err = fetch(bare.port)
    assert (status, out, err) == (0, "2 messages fetched (1.2 MB), 0 here already.\n", "")
    assert stored(mail) == sorted([A, BIG])


@pytest.mark.parametrize("content", [A, BIG], ids=["small", "big"])
def test_content_that_nobody_asked_for(
    fetch: Fetch, bare: Bare, mail: Path, content: bytes
) -> None:
    """It is no part of what was asked for; nor is what comes twice."""
    bare.add("INBOX", B, BIG + BIG, C)
    response = b"* 9 FETCH (UID 9 FLAGS () BODY[] {%d}\r\n%s)\r\n" % (len(content), content)
    twice = b"* 1 FETCH (UID 1 FLAGS () BODY[] {%d}\r\n%s)\r\n" % (len(content), content)
    nothing = b"* 3 FETCH (UID 3 FLAGS () BODY[] NIL)\r\n"
    bare.strays = (response + nothing, twice + response)
    assert fetch(bare.port)[1].startswith("3 messages fetched")
    assert stored(mail) == sorted([B, BIG + BIG, C])


@pytest.mark.parametrize("size", [0, 1, len(BIG), 10**12])
def test_wrong_size(fetch: Fetch, bare: Bare, mail: Path, size: int, monkeypatch: Any) -> None:
    """The message is what came; progress never goes back nor beyond the end."""
    shown = [0]

    @contextmanager
    def noting(*_: object) -> Iterator[Callable[[int], None]]:
        yield shown.append

    monkeypatch.setattr(fetch_mailbox, "progress_bar", noting)
    bare.boxes[b"INBOX"].messages = {1: Message(BIG, size=size), 2: Message(A, size=20)}
    assert fetch(bare.port)[0] == 0
    assert stored(mail) == sorted([BIG, A])
    assert shown == sorted(shown)
    assert shown[-1] == size + 20


HOSTILE = {
    b"../x": "%2E%2E/x",
    b"..": "%2E%2E",
    b".": "%2E",
    b".ssh": "%2Essh",
    b"a.eml": "a%2Eeml",
    b"C:\\x": "C%3A%5Cx",
    b"con. ": "con.%20",
    b"%2E": "%252E",
    b"a\x1b[31m": "a%ED%B0%9B[31m",
    b"new": "new",
    b"cur": "cur",
    b"tmp": "tmp",
    b"Gr&APw-n": "Grün",
    b"&IC4-x": "%E2%80%AEx",
    b"-rf": "-rf",
    b"~": "~",
}
IN_MAILDIR = {
    b"../x": ".%2E%2E.x",
    b"..": ".%2E%2E",
    b".": ".%2E",
    b".ssh": ".%2Essh",
    b"a.eml": ".a%2Eeml",
    b"C:\\x": ".C:\\x",
    b"con. ": ".con%2E ",
    b"%2E": ".%252E",
    b"a\x1b[31m": ".a%ED%B0%9B[31m",
    b"new": ".new",
    b"cur": ".cur",
    b"tmp": ".tmp",
    b"Gr&APw-n": ".Gr&APw-n",
    b"&IC4-x": ".%E2%80%AEx",
    b"-rf": ".-rf",
    b"~": ".~",
}


@pytest.mark.parametrize(("into", "expected"), [("--eml", HOSTILE), ("--maildir", IN_MAILDIR)])
def test_hostile_names(
    fetch: Fetch, bare: Bare, mail: Path, into: str, expected: dict[bytes, str]
) -> None:
    """All are kept, each in a directory of its own below the one that was named."""
    bare.boxes = {name: Box(messages={1: Message(name)}) for name in expected}
    status, out, err = fetch(bare.port, into=into)
    assert (status, err) == (0, "")
    assert out.startswith(f"{len(expected)} messages fetched")
    for name, directory in expected.items():
        assert stored(mail / directory) == [name], name
    assert len([*mail.rglob("new/*"), *mail.rglob("*.eml")]) >= len(expected)
    assert [path.name for path in mail.parent.iterdir()] == ["mail"]


def test_names_with_the_delimiter_of_others(fetch: Fetch, mail: Path) -> None:
    """What separates levels is for the server to say."""
    with Bare(delimiter=".") as server:
        for name in ("a.b", "a/b"):
            server.create(name)
            server.add(name, name.encode())
        assert fetch(server.port)[0] == 0
    assert stored(mail / ".a.b") == [b"a.b"]
    assert stored(mail / ".a%2Fb") == [b"a/b"]


@pytest.mark.parametrize("into", ["--eml", "--maildir"])
def test_names_that_can_not_be(fetch: Fetch, bare: Bare, mail: Path, into: str) -> None:
    """They are refused, the others go on."""
    names = [b"/abs", b"a//b", b"x" * 300, b"deep" + b"/deep" * 3000]
    if into == "--maildir":
        names += [b"mailproto-fetch/sqlite", b"Mailproto-fetch/sqlite-journal"]
    bare.boxes = {name: Box(messages={1: Message(A)}) for name in names}
    bare.create("Work")
    bare.add("Work", B)
    status, out, err = fetch(bare.port, into=into)
    assert status == 1
    assert f"1 message fetched (17 bytes), 0 here already, {len(names)} mailboxes refused" in out
    assert err.count("can not be kept: ") == len(names)
    assert stored(mail / (".Work" if into == "--maildir" else "Work")) == [B]
    assert [path.name for path in mail.parent.iterdir()] == ["mail"]


def test_control_characters_are_not_shown(fetch: Fetch, bare: Bare) -> None:
    bare.boxes = {b"/\x1b[31m": Box(), b"b\x1b\x07": Box(messages={1: Message(None)})}
    bare.boxes[b"&ABs-[31m"] = Box(None)
    status, _, err = fetch(bare.port)
    assert status == 1
    assert err.count("\\udc1b") == 2
    assert err.count("\\x1b[31m") == 2
    assert "\x1b" not in err
    assert "\x07" not in err


@pytest.mark.parametrize("into", ["--eml", "--maildir"])
@pytest.mark.parametrize("inner", ["", "new"])
def test_links_are_not_followed(
    fetch: Fetch, bare: Bare, mail: Path, into: str, inner: str, tmp_path: Path
) -> None:
    layout = EML if into == "--eml" else MAILDIR
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with open_folder(mail, layout):
        pass
    link = mail / layout.place(["Work"]) / (inner if into == "--maildir" else "")
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    for name in ("Work", "Work/2026"):
        bare.create(name)
        bare.add(name, A)
    status, _, err = fetch(bare.port, into=into)
    assert status == 1
    assert "is a link" in err
    assert list(elsewhere.iterdir()) == []


def test_mailboxes_with_one_directory(
    fetch: Fetch, bare: Bare, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system where case does not matter: the second one is refused."""
    real = Folder.below
    monkeypatch.setattr(Folder, "below", lambda top, levels: real(top, [x.lower() for x in levels]))
    for name in ("Work", "work"):
        bare.create(name)
        bare.add(name, name.encode())
    status, _, err = fetch(bare.port, "--prune")
    assert status == 1
    assert "work can not be kept: another mailbox has the same directory" in err
    assert stored(mail / ".work") == [b"Work"]


def test_a_file_in_the_place_of_a_folder(fetch: Fetch, bare: Bare, mail: Path) -> None:
    mail.mkdir()
    (mail / ".Work").write_text("a file")
    bare.create("Work")
    bare.add("INBOX", A)
    status, _, err = fetch(bare.port)
    assert status == 1
    assert "Work can not be kept: " in err
    assert stored(mail) == [A]


def test_directory_with_the_name_of_a_message(fetch: Fetch, bare: Bare, mail: Path) -> None:
    """It is none."""
    name = message_name("127.0.0.1", bare.port, USER, "INBOX", 1, 1)
    (mail / f"{name}.eml").mkdir(parents=True)
    (mail / f"{name}.eml.d").symlink_to(mail)
    bare.add("INBOX", A)
    status, _, err = fetch(bare.port, into="--eml")
    assert status == 1
    assert "Is a directory" in err


def test_mailbox_that_is_listed_twice(
    fetch: Fetch, bare: Bare, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.add("INBOX", A)
    real = ImapClient.list

    async def twice(client: ImapClient, pattern: str) -> Any:
        return (await real(client, pattern)) * 2

    monkeypatch.setattr(ImapClient, "list", twice)
    assert fetch(bare.port)[:2] == (0, "1 message fetched (17 bytes), 0 here already.\n")


def test_thousands_of_mailboxes(fetch: Fetch, bare: Bare, mail: Path, fast_disk: None) -> None:
    bare.boxes = {b"box %d" % number: Box() for number in range(1000)}
    bare.add("box 999", A)
    assert fetch(bare.port, into="--eml")[1].startswith("1 message fetched")
    assert stored(mail / "box 999") == [A]


def test_many_messages_with_gaps(fetch: Fetch, mail: Path, fast_disk: None) -> None:
    """No command line is longer than servers have to take."""
    with Bare("UIDPLUS") as server:
        messages = {4_000_000_000 + number * 2: Message(b"") for number in range(800)}
        server.boxes[b"INBOX"].messages = messages
        assert fetch(server.port, "--delete")[1].startswith("800 messages fetched")
        assert max(map(len, server.heard)) < 8192
        assert server.messages("INBOX") == []


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        ("NO [UNAVAILABLE] down", "Try again later."),
        ("NO [CONTACTADMIN] blocked", "Ask those who run the server."),
        ("NO [AUTHENTICATIONFAILED] wrong", "Check the user in the URL"),
        ("NO wrong", "Check the user in the URL"),
    ],
)
def test_refused_login(fetch: Fetch, bare: Bare, refusal: str, advice: str) -> None:
    bare.refusals = {"LOGIN": refusal}
    status, _, err = fetch(bare.port)
    assert status == 1
    assert advice in err


def test_refused_mailbox(fetch: Fetch, bare: Bare, mail: Path) -> None:
    bare.add("INBOX", A)
    bare.refusals = {"EXAMINE": "NO [INUSE] \x1b[31mlocked"}
    status, out, err = fetch(bare.port)
    assert status == 1
    assert "1 mailbox refused" in out
    assert "Another program holds it" in err
    assert "\x1b" not in err


# --- accidents ---


def test_connection_cut_in_a_message(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    """What came whole is kept, nothing half, nothing is deleted; then it goes on."""
    server.add("INBOX", A, B, flags=["\\Seen"])
    server.add("INBOX", BIG)
    with Wire(server.port, 600_000, None) as wire:
        status, out, err = fetch(wire.port, "--delete")
        assert (status, out) == (1, "")
        assert "lost" in err
        assert "the same command goes on" in err
        assert stored(mail) == sorted([A, B])
        assert len(server.messages("INBOX")) == 3
        assert fetch(wire.port, "--delete")[1].startswith("1 message fetched")
    assert flags(mail) == {A: "S", B: "S", BIG: ""}
    assert server.messages("INBOX") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted(fetch: Fetch, mail: Path, number: signal.Signals) -> None:
    with Bare("UIDPLUS") as server:
        server.create("Work")
        server.add("Work", A, B + b"b" * 100_000, flags=["\\Seen"])
        server.stalls_at = 2
        command = [*COMMAND, "fetch", f"imap://{USER}@127.0.0.1:{server.port}", "--delete"]
        with subprocess.Popen(
            [*command, "--tls", "none", "--allow-plaintext", "--maildir", str(mail)],
            env=environment(MAILPROTO_PASSWORD=PASSWORD),
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            part = mail / ".Work" / "tmp" / PART
            wait_until(lambda: len(list(mail.rglob("cur/*"))) or None, "first message")
            wait_until(lambda: part.exists() or None, "part of the second one")
            process.send_signal(number)
            _, err = process.communicate(timeout=PATIENCE)
        assert b"Traceback" not in err
        if number == signal.SIGINT:
            assert (process.returncode, err) == (130, b"Interrupted.\n")
            assert stored(mail / ".Work") == [A]
        assert not [heard for heard in server.heard if heard.startswith("UID STORE")]
        server.stalls_at = 0
        server.flag("Work", 1, "\\Flagged")
        assert fetch(server.port)[1] == (
            "1 message fetched (100.0 kB), 1 here already, 1 with new flags.\n"
        )
    assert set(flags(mail / ".Work").values()) == {"F", "S"}


class _Crash(BaseException):
    pass


@contextmanager
def crashing(at: int) -> Iterator[list[int]]:
    """Let the process crash before its step ``at``: one that changes files, record or server."""
    steps = [0]

    def stepping(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            steps[0] += 1
            if steps[0] >= at:
                raise _Crash
            return real(*arguments, **options)

        return step

    owners: dict[Any, Sequence[str]] = {
        os: ("fsync",),
        Path: ("replace", "rename", "unlink"),
        Record: ("add", "rename", "settle", "move"),
        ImapClient: ("add_flags", "expunge"),
    }
    with pytest.MonkeyPatch.context() as patch, suppress(_Crash):
        for owner, names in owners.items():
            for name in names:
                patch.setattr(owner, name, stepping(getattr(owner, name)))
        yield steps


@pytest.mark.parametrize("renumbered", [False, True], ids=["new", "new UIDVALIDITY"])
def test_crash_at_any_step(fetch: Fetch, mail: Path, fast_disk: None, renumbered: bool) -> None:
    """Each message is here or there all the time, and in the end here, once."""
    expected = sorted([A, B, C])
    at = 0
    crashed = True
    while crashed:
        at += 1
        shutil.rmtree(mail, ignore_errors=True)
        with Bare("UIDPLUS") as server:
            server.add("INBOX", A, B, C, flags=["\\Seen"])
            if renumbered:
                assert fetch(server.port)[0] == 0
                server.renumber("INBOX")
            with crashing(at) as steps:
                fetch(server.port, "--delete")
            crashed = steps[0] >= at
            here = [path.read_bytes() for path in mail.rglob("[nc][eu][wr]/*")]
            assert sorted({*here, *server.messages("INBOX")}) == expected
            assert set(here) <= set(expected)
            assert fetch(server.port, "--prune")[0] == 0
            assert fetch(server.port, "--delete")[0] == 0
            assert server.messages("INBOX") == []
            assert "pruned" not in fetch(server.port, "--prune")[1]
            assert flags(mail) == {A: "S", B: "S", C: "S"}
            assert stored(mail) == expected
    assert at > 20


def test_disk_full(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    resource = pytest.importorskip("resource")
    server.add("INBOX", A, BIG)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limits[1]))
    try:
        status, out, err = fetch(server.port, "--delete")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (status, out) == (1, "")
    assert "Make room there" in err
    assert stored(mail) == [A]
    assert server.messages("INBOX") == [A, BIG]
    assert "1 message fetched" in fetch(server.port, "--delete")[1]
    assert server.messages("INBOX") == []


@pytest.mark.parametrize("method", ["add", "settle", "move"])
def test_no_room_for_the_record(
    fetch: Fetch, server: Mailboxes, mail: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Then nothing is deleted; the next run does it."""
    server.add("INBOX", A)
    real = getattr(Record, method)

    def failing(record: Record, names: Iterable[str], *rest: Any, **options: Any) -> None:
        if method != "add" or isinstance(names, list):
            raise sqlite3.OperationalError("database or disk is full")
        real(record, names, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Record, method, failing)
        status, _, err = fetch(server.port, "--delete")
    assert status == 1
    assert "disk is full" in err
    assert server.messages("INBOX") == [A]
    assert "0 messages fetched, 1 here already; 1 deleted" in fetch(server.port, "--delete")[1]
    assert stored(mail) == [A]


def test_state_that_makes_no_sense(fetch: Fetch, server: Mailboxes, mail: Path) -> None:
    server.add("INBOX", A)
    assert fetch(server.port)[0] == 0
    with closing(sqlite3.connect(mail / RECORD)) as database, database:
        database.execute("UPDATE states SET state = '{}'")
    server.flag("INBOX", 1, "\\Seen")
    assert "1 with new flags" in fetch(server.port)[1]


def test_one_at_a_time(bare: Bare, mail: Path) -> None:
    with open_folder(mail, MAILDIR):
        ran = run(
            *("fetch", f"imap://{USER}@127.0.0.1:{bare.port}", "--tls", "none"),
            *("--maildir", mail),
            MAILPROTO_PASSWORD=PASSWORD,
        )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Another mailproto fetch" in ran.stderr
    assert bare.heard == []


# --- names and URLs ---


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("imaps://ann@H", ("h", 993, TlsMode.IMPLICIT, "ann", None, None)),
        ("imap://ann@h/", ("h", 143, TlsMode.STARTTLS, "ann", None, None)),
        ("imap://ann@h/iNbOx", ("h", 143, TlsMode.STARTTLS, "ann", None, "INBOX")),
        (
            "imaps://a@b.c;AUTH=plain@[::1]:1/a/b%2Fc%25/d%3B@:",
            ("::1", 1, TlsMode.IMPLICIT, "a@b.c", "PLAIN", "a/b/c%/d;@:"),
        ),
        ("imap://ann@h//abs", ("h", 143, TlsMode.STARTTLS, "ann", None, "/abs")),
        ("imap://ann@h/Gr%C3%BCn", ("h", 143, TlsMode.STARTTLS, "ann", None, "Grün")),
    ],
)
def test_useful_url(url: str, expected: tuple[Any, ...]) -> None:
    assert parse_mail_url(url) == MailUrl("imap", *expected)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("imap://ann:secret@host/x", "--password-file"),
        ("imap://host/x", "Whose mail?"),
        ("imap://ann@host/x;UIDVALIDITY=1", "%3B"),
        ("imap://ann@host/x/;UID=1", "%3B"),
        ("imap://ann@host/x?TEXT", "imaps://USER@HOST/MAILBOX"),
        ("imap://ann@host/%FF", "UTF-8"),
        ("imap://ann;AUTH=+APOP@host", "SCRAM-SHA-256"),
        ("imaps://ann@host", "Write imap://"),
    ],
)
def test_useless_url(url: str, advice: str, capsys: pytest.CaptureFixture[str], mail: Path) -> None:
    status = main(["fetch", url, "--eml", str(mail), "--tls", "none"])
    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    assert advice in " ".join(shown.err.split())
    assert "secret" not in shown.err


@pytest.mark.parametrize("layout", [EML, MAILDIR], ids=["eml", "maildir"])
def test_no_two_names_have_one_directory(layout: Any) -> None:
    parts = [
        "a",
        "A",
        "a.b",
        "a%2Eb",
        ".",
        "..",
        "%",
        "%25",
        "a ",
        "a%20",
        "&",
        "&-",
        "\udc26",
        "ä",
    ]
    names = [[part] for part in parts] + [[one, other] for one in parts for other in parts]
    places: dict[PurePath, list[str]] = {}
    for name in names:
        place = layout.place(name)
        assert place.parts
        assert not {"", ".", ".."} & set(place.parts)
        assert places.setdefault(place, name) == name
    with pytest.raises(NoPlace):
        layout.place(["a", ""])


# --- as a process, with TLS ---


def test_over_tls(
    mail: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Serving("--user", f"{USER}:{PASSWORD}") as server:
        assert run("send", *SAMPLES, *server.trusted()).returncode == 0
        for kind, password, expected in (("imap", PASSWORD, 0), ("imaps", "wrong-word", 1)):
            monkeypatch.setenv("MAILPROTO_PASSWORD", password)
            url = f"{kind}://{USER}@127.0.0.1:{server.ready[kind]['port']}"
            assert main(["fetch", url, "--eml", str(mail), "--ca", server.ready["ca"]]) == expected
    shown = capsys.readouterr()
    assert f"{len(SAMPLES)} messages fetched" in shown.out
    assert stored(mail) == sorted(path.read_bytes() for path in SAMPLES)
    assert "Check the user in the URL and the password" in shown.err
    assert "wrong-word" not in shown.out + shown.err


def test_nobody_listens(fetch: Fetch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        status, _, err = fetch(taken.getsockname()[1])
    assert status == 1
    assert "993 (imaps://)" in err
