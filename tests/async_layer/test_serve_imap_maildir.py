"""serve_imap over a Maildir that other programs use at the same time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mailproto.stores.maildir import MaildirStore

from ..libraries import Library
from .imap_peer import ImapPeer, logged_in, serve

MESSAGE = b"Subject: hi\n\nHello\n"


@asynccontextmanager
async def session(library: Library, path: Path, *commands: str) -> AsyncIterator[ImapPeer]:
    """A session of ann, whose Maildir is ``path / "ann"``, and which looks often."""
    store = MaildirStore(path, library.runtime, users=["ann"])
    store.poll_interval = 0.01
    async with serve(library, store) as server, logged_in(library, server, *commands) as peer:
        yield peer


def deliver(path: Path, name: str) -> None:
    (path / "ann" / "tmp" / name).write_bytes(MESSAGE)
    (path / "ann" / "tmp" / name).rename(path / "ann" / "new" / name)


async def test_deliveries_and_flags_by_others(library: Library, tmp_path: Path) -> None:
    async with session(library, tmp_path, "SELECT INBOX") as peer:
        tag = await peer.begin("IDLE")
        await peer.response()
        deliver(tmp_path, "1.a.host")
        assert await peer.response() == b"* 1 EXISTS"
        assert await peer.response() == b"* 1 RECENT"
        (found,) = (tmp_path / "ann" / "new").iterdir()
        found.rename(tmp_path / "ann" / "cur" / f"{found.name.partition(':')[0]}:2,S")
        assert await peer.response() == rb"* 1 FETCH (FLAGS (\Seen \Recent))"
        (found,) = (tmp_path / "ann" / "cur").iterdir()
        found.unlink()
        assert await peer.response() == b"* 1 EXPUNGE"
        await peer.raw.say(b"DONE")
        assert await peer.answer(tag) == [b"OK IDLE completed"]


async def test_notify_polls_too(library: Library, tmp_path: Path) -> None:
    notify = "NOTIFY SET (PERSONAL (MessageNew MessageExpunge))"
    async with session(library, tmp_path, "CREATE Other", "SELECT Other", notify) as peer:
        deliver(tmp_path, "1.a.host")
        assert await peer.response() == b"* STATUS INBOX (MESSAGES 1 UIDNEXT 2)"


@pytest.mark.parametrize("gone", ["between", "within"])
async def test_a_file_that_is_gone(library: Library, tmp_path: Path, gone: str) -> None:
    async with session(library, tmp_path, "SELECT INBOX") as peer:
        deliver(tmp_path, "1.a.host")
        deliver(tmp_path, "2.b.host")
        await peer.ok("NOOP")
        if gone == "within":
            tag = await peer.begin("IDLE")
            await peer.response()
        next(f for f in (tmp_path / "ann").glob("[cn]*/1.a*")).unlink()
        if gone == "within":
            assert await peer.response() == b"* 1 EXPUNGE"
            await peer.raw.say(b"DONE")
            await peer.answer(tag)
        told = await peer.ask("UID FETCH 1:2 (UID RFC822.SIZE BODY.PEEK[TEXT])")
        size = len(MESSAGE.replace(b"\n", b"\r\n"))
        number = b"1" if gone == "within" else b"2"
        assert told[0] == (
            number + b" FETCH (UID 2 RFC822.SIZE %d BODY[TEXT] {7}\r\nHello\r\n)" % size
        )
        assert told[-1].startswith(b"OK")
