"""fetchmail and getmail, which move whole maildrops, against our POP3 server."""

import re
from pathlib import Path

import pytest

from mailproto.stores import MemoryStore

from ..libraries import Library
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
from .peers import ANN, Certificates
from .test_pop3_server import MESSAGES, ended, inbox_of, serve, unix

__all__ = ["home"]

# --- fetchmail ---

USER = ("protocol pop3 auth password", "USER ann")
CRAM_MD5 = ("protocol pop3 auth cram-md5", "AUTH CRAM-MD5")
APOP = ("protocol apop", "APOP ann")  # before which it does not start TLS


@pytest.mark.parametrize(
    ("login", "tls"),
    [
        (USER, STARTTLS),
        (USER, "ssl"),
        (CRAM_MD5, STARTTLS),
        (CRAM_MD5, "ssl"),
        (APOP, ""),
        (APOP, "ssl"),
    ],
    ids=lambda it: it[1] if isinstance(it, tuple) else it or "clear text",
)
async def test_fetchmail_moves_everything(
    library: Library, certificates: Certificates, home: Path, login: tuple[str, str], tls: str
) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, *MESSAGES)
    options = {"implicit_tls": tls == "ssl", "apop": login is APOP}
    async with serve(library, store, certificates, **options) as server:
        words = fetchmail(home, server.port, login[0], tls)
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 0, output
    assert f"POP3> {login[1]}" in output
    assert ("POP3> STLS" in output) is (tls == STARTTLS)
    got = sorted(re.sub(BREAK, b"", message) for message in stored(home))
    assert got == sorted(with_header_end(ended(message), b"\r\n") for message in MESSAGES)
    assert await inbox.messages() == []


async def test_fetchmail_keeps(library: Library, certificates: Certificates, home: Path) -> None:
    """What it has seen, by unique-id, it does not fetch again."""
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, b"1: x\r\n\r\n", b"2: x\r\n\r\n")
    async with serve(library, store, certificates) as server:
        words = fetchmail(home, server.port, "protocol pop3 uidl", STARTTLS, keep=True)
        for messages, expected in ((2, 0), (2, 1), (3, 0)):
            status, output = await library.runtime.in_thread(lambda: run_in(home, words))
            assert status == expected, output  # 1: there was no new mail
            assert len(stored(home)) == messages
            if expected:
                inbox.add(b"3: x\r\n\r\n")
    assert len(await inbox.messages()) == 3


async def test_fetchmail_with_a_wrong_password(
    library: Library, certificates: Certificates, home: Path
) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, b"1: x\r\n\r\n")
    async with serve(library, store, certificates) as server:
        words = fetchmail(home, server.port, "protocol pop3", STARTTLS, password="wrong")
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 3, output  # PS_AUTHFAIL
    assert stored(home) == []
    assert len(await inbox.messages()) == 1


# --- getmail ---

# It has poplib inside, which takes no longer lines.
SHORT = [message for message in MESSAGES if max(map(len, message.split(b"\n"))) < 2000]


@pytest.mark.parametrize("implicit", [False, True], ids=["clear text", "implicit TLS"])
@pytest.mark.parametrize("apop", [False, True], ids=["USER", "APOP"])
async def test_getmail_moves_everything(
    library: Library, certificates: Certificates, home: Path, apop: bool, implicit: bool
) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, *SHORT)
    options = {"implicit_tls": implicit, "apop": apop, "allow_plaintext": not apop}
    async with serve(library, store, certificates, **options) as server:
        retriever = "SimplePOP3SSL" if implicit else "SimplePOP3"
        words = getmail(home, server.port, retriever, use_apop=apop)
        status, output = await library.runtime.in_thread(lambda: run_in(home, words))
    assert status == 0, output
    got = [message.partition(b"\n") for message in stored(home)]
    assert {field for field, _, _ in got} == {b"Return-Path: <unknown>"}
    assert sorted(message for _, _, message in got) == sorted(by_getmail(unix(m)) for m in SHORT)
    assert await inbox.messages() == []


async def test_getmail_keeps(library: Library, certificates: Certificates, home: Path) -> None:
    """What it has seen, by unique-id, it does not fetch again."""
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, b"1: x\r\n\r\n", b"2: x\r\n\r\n")
    async with serve(library, store, certificates, implicit_tls=True) as server:
        words = getmail(home, server.port, "SimplePOP3SSL", delete=False)
        for messages in (2, 2, 3):
            status, output = await library.runtime.in_thread(lambda: run_in(home, words))
            assert status == 0, output
            assert len(stored(home)) == messages
            if len(await inbox.messages()) == 2 and "2 skipped" in output:
                inbox.add(b"3: x\r\n\r\n")
    assert len(await inbox.messages()) == 3
