"""curl, mpop and Python's poplib against our POP3 server."""

import poplib
import ssl
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server
from mailproto.stores import MemoryMailbox, MemoryStore

from ..libraries import Library
from .messages import SAMPLES
from .peers import ACCOUNTS, ANN, HOST, Account, Certificates, program
from .programs import run

# What only a store can hold: POP3 carries it all the same (RFC 1939 3).
ODD = {
    "a line of 10,000 octets": b"Subject: long\r\n\r\n" + b"x" * 10_000 + b"\r\n",
    "no final newline": b"Subject: open\r\n\r\nend",
    "8 bit": b"Subject: raw\r\n\r\n\xe9\xff\x80\r\n",
    "bare CR": b"Subject: cr\r\n\r\na\rb\r\r\n",
    "bare LF": b"Subject: lf\r\n\r\na\nb\n\r\nc\r\n",
}
MESSAGES = [sample.data for sample in SAMPLES] + list(ODD.values())


def ended(message: bytes) -> bytes:
    """The message as POP3 carries it: with a CRLF at its end."""
    return message if message.endswith(b"\r\n") else message + b"\r\n"


def serve(
    library: Library, store: MemoryStore, certificates: Certificates, **options: Any
) -> AbstractAsyncContextManager[Server]:
    authenticator = PasswordAuthenticator(
        {account.name: account.password for account in ACCOUNTS},
        mechanisms=("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"),
    )
    server: AbstractAsyncContextManager[Server] = library.binding.serve_pop3(
        store,
        authenticator,
        HOST,
        tls_context=certificates.server_context(),
        auth_failure_delay=0.0,
        **options,
    )
    return server


async def inbox_of(store: MemoryStore, account: Account, *messages: bytes) -> MemoryMailbox:
    inbox = (await store.account(account.name)).inbox
    for message in messages:
        inbox.add(message)
    return inbox


def curl(
    port: int, certificates: Certificates, *words: str, path: str, implicit: bool = False
) -> list[str]:
    scheme = "pop3s" if implicit else "pop3"
    return [
        *(program("curl", "curl"), "--silent", "--show-error", "--ssl-reqd"),
        *("--cacert", str(certificates.authority_file), "--user", f"{ANN.name}:{ANN.password}"),
        *(*words, f"{scheme}://{HOST}:{port}/{path}"),
    ]


@pytest.mark.parametrize("implicit", [False, True], ids=["STLS", "implicit TLS"])
async def test_curl_gets_every_octet(
    library: Library, certificates: Certificates, tmp_path: Path, implicit: bool
) -> None:
    store = MemoryStore()
    await inbox_of(store, ANN, *MESSAGES)
    async with serve(library, store, certificates, implicit_tls=implicit) as server:
        for number, message in enumerate(MESSAGES, 1):
            file = tmp_path / str(number)
            arguments = curl(
                server.port,
                certificates,
                *("--output", str(file)),
                path=str(number),
                implicit=implicit,
            )
            result = await library.runtime.in_thread(lambda words=arguments: run(words))  # type: ignore[misc]
            assert result.returncode == 0, result.stdout
            assert file.read_bytes() == ended(message)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "+APOP", "*"])
async def test_curl_logs_in(library: Library, certificates: Certificates, mechanism: str) -> None:
    store = MemoryStore()
    await inbox_of(store, ANN, b"Subject: x\r\n\r\n")
    async with serve(library, store, certificates, apop=True) as server:
        for password, success in ((ANN.password, True), ("wrong", False)):
            arguments = curl(server.port, certificates, path="")
            at = arguments.index("--user") + 1
            arguments[at] = f"{ANN.name}:{password}"
            arguments[at + 1 : at + 1] = ["--login-options", f"AUTH={mechanism}"]
            result = await library.runtime.in_thread(lambda words=arguments: run(words))  # type: ignore[misc]
            assert (result.returncode == 0) is success, result.stdout
            assert ("1 14" in result.stdout) is success


async def test_curl_deletes(library: Library, certificates: Certificates) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, b"1\r\n", b"2\r\n")
    async with serve(library, store, certificates) as server:
        words = curl(server.port, certificates, "--request", "DELE", "--list-only", path="1")
        result = await library.runtime.in_thread(lambda: run(words))
        assert result.returncode == 0, result.stdout
    assert [info.uid for info in await inbox.messages()] == [2]


def by_poplib(port: int, context: ssl.SSLContext, *, implicit: bool, account: Account) -> Any:
    """Read everything, delete the first, and say what was seen."""
    client: poplib.POP3
    if implicit:
        client = poplib.POP3_SSL(HOST, port, context=context, timeout=30)
    else:
        client = poplib.POP3(HOST, port, timeout=30)
        client.stls(context)
    client.user(account.name)
    client.pass_(account.password)
    count = client.stat()[0]
    uids = [line.split()[1] for line in client.uidl()[1]]
    messages = [client.retr(number)[1] for number in range(1, count + 1)]
    tops = [client.top(number, 0)[1] for number in range(1, count + 1)]
    client.dele(1)
    client.quit()
    return uids, messages, tops


@pytest.mark.parametrize("implicit", [False, True], ids=["STLS", "implicit TLS"])
async def test_poplib(library: Library, certificates: Certificates, implicit: bool) -> None:
    store = MemoryStore()
    # poplib gives lines, ended by LF or CRLF it does not say which; longer than 2,048 it refuses.
    messages = [message for message in MESSAGES if max(map(len, message.split(b"\n"))) < 2000]
    inbox = await inbox_of(store, ANN, *messages)
    context = certificates.client_context()
    async with serve(library, store, certificates, implicit_tls=implicit) as server:
        uids, got, tops = await library.runtime.in_thread(
            lambda: by_poplib(server.port, context, implicit=implicit, account=ANN)
        )
    assert len(set(uids)) == len(messages) == len(got)
    for message, lines, top in zip(messages, got, tops, strict=True):
        whole = [line.removesuffix(b"\r") for line in ended(message).split(b"\n")][:-1]
        assert lines == whole
        assert top == (whole[: whole.index(b"") + 1] if b"" in whole else whole)
    assert len(await inbox.messages()) == len(messages) - 1


def unix(message: bytes) -> bytes:
    """The message as mpop stores it: with LF line ends, and one at its end."""
    return ended(message).replace(b"\r\n", b"\n")


# It takes a bare CR or LF for a line end of some kind.
PLAIN_MESSAGES = [m for m in MESSAGES if m not in (ODD["bare CR"], ODD["bare LF"])]


@pytest.mark.parametrize("implicit", [False, True], ids=["STLS", "implicit TLS"])
@pytest.mark.parametrize("method", ["user", "apop", "plain", "login", "cram-md5", "scram-sha-256"])
async def test_mpop(
    library: Library, certificates: Certificates, tmp_path: Path, method: str, implicit: bool
) -> None:
    store = MemoryStore()
    inbox = await inbox_of(store, ANN, *PLAIN_MESSAGES)
    maildir = tmp_path / "Maildir"
    for folder in ("new", "cur", "tmp"):
        (maildir / folder).mkdir(parents=True)
    options = {"implicit_tls": implicit, "apop": method == "apop"}
    async with serve(library, store, certificates, **options) as server:
        words = [
            *(program("mpop", "mpop"), f"--host={HOST}", f"--port={server.port}", "--tls=on"),
            *(f"--tls-starttls={'off' if implicit else 'on'}", f"--auth={method}"),
            f"--tls-trust-file={certificates.authority_file}",
            *(f"--user={ANN.name}", f"--passwordeval=echo {ANN.password}", "--keep=off"),
            *(f"--delivery=maildir,{maildir}", f"--uidls-file={tmp_path / 'uidls'}"),
            "--received-header=off",
        ]
        result = await library.runtime.in_thread(lambda: run(words))
    assert result.returncode == 0, result.stdout
    got = sorted(file.read_bytes() for file in (maildir / "new").iterdir())
    assert got == sorted(map(unix, PLAIN_MESSAGES))
    assert await inbox.messages() == []
