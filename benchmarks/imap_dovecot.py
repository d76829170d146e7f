"""E2: IMAP clients fetch the metadata of 10,000 messages from Dovecot; their CPU time is taken.

Dovecot is started as the tests against real peers start it; where that can not be done, the row
says so.
"""

import asyncio
import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import pytest
from tests.interop.dovecot import Dovecot
from tests.interop.peers import ANN, HOST, Certificates

from benchmarks.harness import NotInstalled, Row, Scale, Target, peer, require
from benchmarks.workloads import text

_ITEMS = ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE")
_MESSAGE = """\
Date: Tue, 12 Mar 2024 12:00:{second:02} +0200
From: Ann Carol <ann@example.org>
To: {to}
Cc: {cc}
Subject: Re: minutes of meeting {number}, second part
Message-ID: <{number}.id@mx.example.org>
In-Reply-To: <{previous}.thread@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b{number}"

--b{number}
Content-Type: multipart/alternative; boundary="a{number}"

--a{number}
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

{text}
--a{number}
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>{text}</p>
--a{number}--

--b{number}
Content-Type: application/pdf; name="report{number}.pdf"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="report{number}.pdf"

JVBERi0xLjQK
--b{number}--
"""
_Fetch = Callable[[int, int, int], list[float]]
"""Fetches from a port, so many messages, so often; returns the CPU seconds of each time."""


# --- the server ----------------------------------------------------------------------------------


def _addresses(number: int, count: int) -> str:
    return ", ".join(f"Bob Dave <bob{number + at}@mx{at}.example.org>" for at in range(count))


def _fill(folder: Path, count: int) -> None:
    """Put messages into an inbox, as its owner."""
    owner = pwd.getpwnam("nobody")
    for name in ("", "cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    for number in range(1, count + 1):
        file = folder / "cur" / f"{1_700_000_000 + number}.M{number}.host:2,S"
        message = _MESSAGE.format(
            number=number,
            previous=number - 1,
            second=number % 60,
            to=_addresses(number, number % 5 + 1),
            cc=_addresses(number, number % 4 + 1),
            text=text(500, b"\n", seed=number % 20).decode(),
        )
        file.write_text(message)
        os.chown(file, owner.pw_uid, owner.pw_gid)


@contextmanager
def _dovecot(count: int) -> Iterator[int]:
    """The port of a Dovecot with so many messages; raises :class:`NotInstalled`."""
    with TemporaryDirectory() as folder:
        try:
            server = Dovecot(Certificates(Path(folder)))
        except pytest.skip.Exception as reason:
            raise NotInstalled(str(reason)) from None
        _fill(server.maildir(ANN).path, count)
        with server:
            yield server.imap_port


# --- the clients ---------------------------------------------------------------------------------


def _imapclient(port: int, count: int, times: int) -> list[float]:
    client = peer("imapclient").IMAPClient(HOST, port, ssl=False)
    client.login(ANN.name, ANN.password)
    client.select_folder("INBOX", readonly=True)

    def fetch() -> float:
        start = process_time()
        found = client.fetch(range(1, count + 1), _ITEMS)
        require(sum(b"ENVELOPE" in message for message in found.values()), count)
        return process_time() - start

    return [fetch() for _ in range(times)]


async def _mailproto(connect: Callable[..., Any], port: int, count: int, times: int) -> list[float]:
    from mailproto.tls import TlsMode

    taken = []
    async with connect(
        HOST, port, user=ANN.name, password=ANN.password, tls=TlsMode.NONE, allow_plaintext=True
    ) as client:
        await client.select("INBOX", read_only=True)
        for _ in range(times):
            start, found = process_time(), 0
            async for message in client.fetch("1:*", _ITEMS):
                found += message.envelope is not None
            require(found, count)
            taken.append(process_time() - start)
    return taken


def _on_asyncio(*arguments: int) -> list[float]:
    from mailproto.asyncio import connect_imap

    return asyncio.run(_mailproto(connect_imap, *arguments))


def _on_trio(*arguments: int) -> list[float]:
    trio = peer("trio")
    from mailproto.trio import connect_imap

    taken: list[float] = trio.run(_mailproto, connect_imap, *arguments)
    return taken


# --- the row -------------------------------------------------------------------------------------


def _cpu_per_message(fetch: _Fetch, scale: Scale) -> float:
    """In us. The first time is for Dovecot, which reads the messages then."""
    count = scale.size(10_000)
    with _dovecot(count) as port:
        return median(fetch(port, count, scale.runs + 1)[1:]) / count * 1e6


_FETCHES: dict[str, _Fetch] = {
    "imapclient": _imapclient,
    "mailproto asyncio": _on_asyncio,
    "mailproto trio": _on_trio,
}

ROWS: Sequence[Row] = (
    Row(
        "E2",
        "IMAP metadata of 10,000 messages from Dovecot, client's CPU",
        "us/message",
        {name: partial(_cpu_per_message, fetch) for name, fetch in _FETCHES.items()},
        (Target("imapclient", 0.35, 0.25),),
    ),
)
