"""``mailproto fetch imaps://`` against Dovecot, which also opens the mirror."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailproto.asyncio import connect_imap
from mailproto.cli import main
from mailproto.clients import ImapClient
from mailproto.imap import MessageData

from .dovecot import Dovecot, bearer_token
from .messages import SAMPLES
from .peers import ANN, BOB, HOST, Account, Certificates

MAILBOXES = ("INBOX", "Entwürfe", "Work", "Work.2026")
FLAGS = ((), ("\\Seen",), ("\\Seen", "\\Flagged", "todo"), ("$Forwarded", "\\Answered"))

DATE = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)

Found = dict[str, list[tuple[bytes, set[str], datetime | None]]]
Mirror = Callable[..., str]


def talk(
    dovecot: Dovecot,
    certificates: Certificates,
    account: Account,
    work: Callable[[ImapClient], Coroutine[Any, Any, None]],
) -> None:
    async def session() -> None:
        async with connect_imap(
            HOST,
            dovecot.imaps_port,
            user=account.name,
            password=account.password,
            tls_context=certificates.client_context(),
        ) as box:
            await work(box)

    asyncio.run(session())


@pytest.fixture
def filled(dovecot: Dovecot, certificates: Certificates) -> None:
    """Let the account of ann have mailboxes with messages and flags."""

    async def fill(box: ImapClient) -> None:
        for number, name in enumerate(MAILBOXES):
            if name != "INBOX":
                await box.create(name)
            for at, sample in enumerate(SAMPLES):
                flags = FLAGS[(number + at) % len(FLAGS)]
                await box.append(name, sample.data, flags, date=DATE + timedelta(days=at))

    talk(dovecot, certificates, ANN, fill)


def content_of(message: MessageData) -> bytes:
    content = message.content()
    assert isinstance(content, bytes)
    return content


def all_of(dovecot: Dovecot, certificates: Certificates, account: Account) -> Found:
    """What Dovecot shows: by mailbox, messages with flags and dates, by content."""
    found: Found = {}

    async def read(box: ImapClient) -> None:
        for listed in await box.list():
            await box.select(listed.name, read_only=True)
            messages = await box.fetch("1:*", ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]).all()
            found[listed.name] = sorted(
                (
                    (content_of(m), set(m.flags or ()) - {"\\Recent"}, m.internal_date)
                    for m in messages
                ),
                key=lambda each: (each[0], sorted(each[1])),
            )

    talk(dovecot, certificates, account, read)
    return found


@pytest.fixture
def mirror(
    dovecot: Dovecot,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Mirror:
    """Run the command; return what it says."""
    monkeypatch.setenv("MAILPROTO_PASSWORD", ANN.password)
    ca = str(certificates.authority_file)

    def run_here(*options: str | Path, login: str = ANN.name) -> str:
        url = f"imaps://{login}@{HOST}:{dovecot.imaps_port}"
        target = ["--maildir", tmp_path / "mail", "--ca", ca]
        assert main([str(each) for each in ["fetch", url, *target, *options]]) == 0
        return capsys.readouterr().out

    return run_here


def sources(folder: Path) -> list[tuple[bytes, str]]:
    """Messages with the letters of their flags, line ends as on the wire."""
    return sorted(
        (
            path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
            "".join(sorted(path.name.partition(":2,")[2])),
        )
        for part in ("new", "cur")
        for path in (folder / part).iterdir()
    )


def test_mirror(
    dovecot: Dovecot, certificates: Certificates, filled: None, mirror: Mirror, tmp_path: Path
) -> None:
    """The same directories, messages and flags; and Dovecot sees the same in both."""
    total = len(MAILBOXES) * len(SAMPLES)
    assert mirror().startswith(f"{total} messages fetched")
    assert mirror() == f"0 messages fetched, {total} here already.\n"
    mail, source = tmp_path / "mail", dovecot.maildir(ANN).path
    folders = {path.parent.name for path in mail.glob(".*/cur")}
    assert folders == {path.parent.name for path in source.glob(".*/cur")}
    assert sorted(folders) == [".Entw&APw-rfe", ".Work", ".Work.2026"]
    for folder in ("", *folders):
        octets = [path.read_bytes() for path in (mail / folder).glob("[nc][eu][wr]/*")]
        assert sorted(octets) == sorted(sample.data for sample in SAMPLES)
        assert [content for content, _ in sources(mail / folder)] == [
            content for content, _ in sources(source / folder)
        ]
    copy = dovecot.maildir(BOB).path
    shutil.copytree(mail, copy)
    for path in (copy, *copy.rglob("*")):
        shutil.chown(path, "nobody", "nogroup")
    shown = all_of(dovecot, certificates, BOB)
    expected = all_of(dovecot, certificates, ANN)
    for messages in (*shown.values(), *expected.values()):
        for _, flags, _ in messages:
            flags.discard("$Forwarded")  # in the mirror it is the letter that mutt and others have
    assert set(shown) == set(MAILBOXES)
    assert shown == expected


def test_changes(
    dovecot: Dovecot, certificates: Certificates, filled: None, mirror: Mirror, tmp_path: Path
) -> None:
    mirror()
    work = tmp_path / "mail" / ".Work"
    before = dict(sources(work))

    async def change(box: ImapClient) -> None:
        await box.select("Work")
        await box.set_flags(1, "\\Seen", "\\Draft", "later")
        await box.add_flags(2, "\\Deleted")
        await box.expunge(2)
        await box.append("Work", b"Subject: late\r\n\r\n")

    talk(dovecot, certificates, ANN, change)
    assert "1 message fetched" in (said := mirror())
    assert "1 with new flags" in said
    after = dict(sources(work))
    assert after.pop(b"Subject: late\r\n\r\n") == ""
    changed = {content for content, letters in after.items() if letters != before[content]}
    assert changed == {SAMPLES[0].data}
    assert set(after[SAMPLES[0].data]) >= {"D", "S"}
    assert set(after) == set(before)
    assert "1 pruned" in mirror("--prune")
    assert set(dict(sources(work))) == {*before, b"Subject: late\r\n\r\n"} - {SAMPLES[1].data}


def test_new_uidvalidity(
    dovecot: Dovecot, certificates: Certificates, filled: None, mirror: Mirror, tmp_path: Path
) -> None:
    """Dovecot gives one when its list of UIDs was lost."""
    mirror()
    work = tmp_path / "mail" / ".Work"
    before, names = sources(work), set(work.glob("[nc][eu][wr]/*"))
    for path in (dovecot.maildir(ANN).path / ".Work").glob("dovecot*"):
        if path.name != "dovecot-keywords":
            path.unlink()
    assert mirror() == f"0 messages fetched, {len(MAILBOXES) * len(SAMPLES)} here already.\n"
    assert sources(work) == before
    assert names.isdisjoint(work.glob("[nc][eu][wr]/*"))  # so it was one


def test_delete(
    dovecot: Dovecot, certificates: Certificates, filled: None, mirror: Mirror, tmp_path: Path
) -> None:
    total = len(MAILBOXES) * len(SAMPLES)
    assert f"; {total} deleted from the server" in mirror("--delete")
    assert not any(all_of(dovecot, certificates, ANN).values())
    assert mirror("--prune") == "0 messages fetched, 0 here already.\n"
    assert len(list((tmp_path / "mail").rglob("[nc][eu][wr]/*"))) == total


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"])
def test_mechanisms(dovecot: Dovecot, mirror: Mirror, mechanism: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(bearer_token(ANN))
    options: Sequence[str | Path] = ("--token-file", token) if "OAUTH" in mechanism else ()
    said = mirror(*options, login=f"{ANN.name};AUTH={mechanism}")
    assert said == "0 messages fetched, 0 here already.\n"
