"""serve_imap and the IMAP client of the standard library, over both stores."""

import imaplib
import re
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailproto.stores import MailStore, MemoryStore
from mailproto.stores.maildir import MaildirStore

from ..libraries import Library
from .imap_peer import HOST, serve

MESSAGE = b"Subject: hi\r\nFrom: Bob <bob@x.org>\r\n\r\nHello\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 20_000

MakeStore = Callable[[Library, Path], MailStore]

STORES: dict[str, MakeStore] = {
    "memory": lambda library, path: MemoryStore(),
    "maildir": lambda library, path: MaildirStore(path, library.runtime, users=["ann"]),
}
stores = pytest.mark.parametrize("make", STORES.values(), ids=STORES)


def ok(answer: tuple[str, list[Any]]) -> list[Any]:
    """The data of an answer that has to be OK."""
    status, data = answer
    assert status == "OK", data
    return data


def work(client: imaplib.IMAP4) -> None:
    """What a program does with mail, from the login to the logout."""
    ok(client.login("ann", "secret"))
    ok(client.create("Archive"))
    ok(client.subscribe("Archive"))
    assert {line.split()[-1].strip(b'"') for line in ok(client.list())} == {b"INBOX", b"Archive"}
    assert len(ok(client.lsub())) == 1
    assert ok(client.select("INBOX")) == [b"0"]
    (told,) = ok(client.append("INBOX", r"(\Seen)", time.time(), MESSAGE))
    assert re.match(rb"\[APPENDUID [0-9]+ 1\]", told)
    ok(client.append("INBOX", "", "", LARGE))
    ok(client.noop())
    (first, _) = ok(client.fetch("1", "(UID FLAGS BODY.PEEK[])"))
    assert first[1] == MESSAGE
    assert b"UID 1" in first[0]
    assert rb"\Seen" in first[0]
    (second, _) = ok(client.uid("FETCH", "2", "(RFC822)"))
    assert second[1] == LARGE
    assert ok(client.search(None, "SUBJECT", "large")) == [b"2"]
    assert ok(client.sort("(REVERSE SUBJECT)", "UTF-8", "ALL")) == [b"2 1"]
    assert ok(client.thread("REFERENCES", "UTF-8", "ALL")) == [b"(1)(2)"]
    ok(client.store("1", "+FLAGS", r"(\Flagged $Done)"))
    assert rb"$Done" in ok(client.fetch("1", "(FLAGS)"))[0]
    ok(client.copy("1:2", "Archive"))
    ok(client.store("1", "+FLAGS", r"(\Deleted)"))
    assert ok(client.expunge()) == [b"1"]
    ok(client.uid("MOVE", "2", "Archive"))
    (status,) = ok(client.status("Archive", "(MESSAGES UIDNEXT)"))
    assert b"MESSAGES 3 UIDNEXT 4" in status
    ok(client.rename("Archive", "Old"))
    assert ok(client.select("Old", readonly=True)) == [b"3"]
    assert client.store("1", "+FLAGS", r"(\Seen)")[0] == "NO"
    ok(client.close())
    ok(client.delete("Old"))
    assert client.select("Old")[0] == "NO"
    assert client.logout()[0] == "BYE"


@stores
async def test_a_program_at_work(library: Library, make: MakeStore, tmp_path: Path) -> None:
    async with serve(library, make(library, tmp_path)) as server:

        def run() -> None:
            work(imaplib.IMAP4(HOST, server.port))

        await library.runtime.in_thread(run)


async def test_over_tls(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async with (
        serve(library, MemoryStore(), tls_context=server_context, implicit_tls=True) as implicit,
        serve(library, MemoryStore(), tls_context=server_context) as explicit,
    ):

        def run() -> None:
            work(imaplib.IMAP4_SSL("localhost", implicit.port, ssl_context=client_context))
            client = imaplib.IMAP4("localhost", explicit.port)
            assert client.starttls(client_context)[0] == "OK"
            work(client)

        await library.runtime.in_thread(run)


async def test_authenticate(library: Library) -> None:
    async with serve(library, MemoryStore()) as server:

        def run() -> None:
            client = imaplib.IMAP4(HOST, server.port)
            assert client.authenticate("PLAIN", lambda challenge: b"\0ann\0secret")[0] == "OK"
            client.logout()
            client = imaplib.IMAP4(HOST, server.port)
            with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
                client.login("ann", "wrong")
            client.logout()

        await library.runtime.in_thread(run)
