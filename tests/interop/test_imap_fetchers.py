"""fetchmail and getmail, which move whole mailboxes, against our IMAP server."""

import re
from pathlib import Path

import pytest

from mailproto.stores import MemoryStore
from mailproto.stores.maildir import MaildirStore

from ..libraries import Library
from ..stores.kinds import MakeStore, make_store
from .fetchers import (
    BREAK,
    STARTTLS,
    by_getmail,
    fetchmail,
    getmail,
    home,
    run_in,
    stored,
    with_header_end,
)
from .peers import Certificates
from .stored import MESSAGES, account_with, contents, deliver, flags, serve
from .test_pop3_server import ended

__all__ = ["home", "make_store"]

# --- fetchmail ---


@pytest.mark.parametrize(
    ("make_store", "mechanism", "tls"),
    [("memory", "password", STARTTLS), ("maildir", "cram-md5", "ssl")],
    indirect=["make_store"],
    ids=["memory", "maildir"],
)
async def test_fetchmail_moves_everything(
    library: Library,
    certificates: Certificates,
    home: Path,
    make_store: MakeStore,
    mechanism: str,
    tls: str,
) -> None:
    store = make_store()
    account = await account_with(store, *MESSAGES)
    async with serve(library, store, certificates, implicit_tls=tls == "ssl") as server:
        words = fetchmail(home, server.port, f"protocol imap auth {mechanism}", tls)
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 0, output
    assert bool(re.search(r"IMAP> \w+ STARTTLS", output)) is (tls == STARTTLS)
    got = sorted(re.sub(BREAK, b"", message) for message in stored(home))
    assert got == sorted(with_header_end(ended(message), b"\r\n") for message in MESSAGES)
    assert await contents(account) == []


async def test_fetchmail_keeps(library: Library, certificates: Certificates, home: Path) -> None:
    """What it has fetched it marks as seen, and does not fetch again."""
    store = MemoryStore()
    account = await account_with(store, b"1: x\r\n\r\n", b"2: x\r\n\r\n")
    async with serve(library, store, certificates) as server:
        words = fetchmail(home, server.port, "protocol imap", STARTTLS, keep=True)
        for messages, expected in ((2, 0), (2, 1), (3, 0)):
            status, output = await library.runtime.in_thread(lambda: run_in(home, words))
            assert status == expected, output  # 1: there was no new mail
            assert len(stored(home)) == messages
            if expected:
                await deliver(account, b"3: x\r\n\r\n")
    assert list((await flags(account)).values()) == [{r"\Seen"}] * 3


# --- getmail ---


async def test_getmail_moves_everything(
    library: Library, certificates: Certificates, home: Path, tmp_path: Path
) -> None:
    store = MaildirStore(tmp_path, library.runtime)
    account = await account_with(store, *MESSAGES)
    async with serve(library, store, certificates, implicit_tls=True) as server:
        words = getmail(home, server.port, "SimpleIMAPSSL", use_cram_md5=True, record_mailbox=False)
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 0, output
    got = [message.partition(b"\n") for message in stored(home)]
    assert {field for field, _, _ in got} == {b"Return-Path: <unknown>"}
    assert sorted(message for _, _, message in got) == sorted(map(by_getmail, MESSAGES))
    assert await contents(account) == []


async def test_getmail_keeps(library: Library, certificates: Certificates, home: Path) -> None:
    """What it has seen, by UIDVALIDITY and UID, it does not fetch again."""
    store = MemoryStore()
    account = await account_with(store, b"1: x\r\n\r\n", b"2: x\r\n\r\n")
    async with serve(library, store, certificates, implicit_tls=True) as server:
        words = getmail(home, server.port, "SimpleIMAPSSL", delete=False, record_mailbox=False)
        for messages, new in ((2, ()), (2, (b"3: x\r\n\r\n",)), (3, ())):
            status, output = await library.runtime.in_thread(lambda: run_in(home, words))
            assert status == 0, output
            assert len(stored(home)) == messages
            await deliver(account, *new)
    assert len(await contents(account)) == 3
