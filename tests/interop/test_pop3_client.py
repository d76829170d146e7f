"""Our POP3 client against Dovecot."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from mailproto.clients import Pop3Client
from mailproto.errors import AuthenticationFailed, CommandFailed
from mailproto.pop3 import Quit
from mailproto.tls import TlsMode

from ..libraries import Library
from .dovecot import Dovecot, bearer_token
from .messages import SAMPLES
from .ours import lmtp
from .peers import ACCOUNTS, ANN, BOB, HOST, Account, Certificates

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")


def pop3(
    library: Library, dovecot: Dovecot, certificates: Certificates, account: Account, **options: Any
) -> AbstractAsyncContextManager[Pop3Client]:
    """Connect to Dovecot and log in, with STLS unless told otherwise."""
    mode = options.setdefault("tls", TlsMode.STARTTLS)
    port = dovecot.pop3s_port if mode is TlsMode.IMPLICIT else dovecot.pop3_port
    settings: dict[str, Any] = {
        "user": account.name,
        "password": account.password,
        "tls_context": certificates.client_context(),
        **options,
    }
    client: AbstractAsyncContextManager[Pop3Client]
    client = library.binding.connect_pop3(HOST, port, **settings)
    return client


async def deliver(library: Library, dovecot: Dovecot, *messages: bytes) -> None:
    """Put messages into Bob's maildrop."""
    async with lmtp(library, host=HOST, port=dovecot.lmtp_port) as client:
        for message in messages:
            await client.send(message, ANN.address, BOB.address, smtputf8=False)


@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT, TlsMode.NONE])
async def test_every_sample_is_retrieved_unchanged(
    library: Library, dovecot: Dovecot, certificates: Certificates, mode: TlsMode
) -> None:
    await deliver(library, dovecot, *(sample.data for sample in SAMPLES))
    async with pop3(library, dovecot, certificates, BOB, tls=mode) as client:
        entries = await client.list_messages()
        assert len(entries) == len(SAMPLES) == (await client.stat()).count
        assert len({entry.unique_id for entry in entries}) == len(SAMPLES)
        for entry, sample in zip(entries, SAMPLES, strict=True):
            message = await client.retrieve(entry.number)
            assert message.endswith(sample.delivered), sample.name
            assert len(message) == entry.size
            head = message.partition(b"\r\n\r\n")[0]
            assert (await client.top(entry.number)).startswith(head)
        first = await client.retrieve(1)
        async with client.stream(1) as pieces:
            assert b"".join([piece async for piece in pieces]) == first


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.name)
@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_mechanisms(
    library: Library,
    dovecot: Dovecot,
    certificates: Certificates,
    mechanism: str,
    account: Account,
) -> None:
    said: list[str] = []
    async with pop3(
        library,
        dovecot,
        certificates,
        account,
        mechanisms=(mechanism,),
        trace=lambda line: said.append(line.text),
    ) as client:
        assert await client.list_messages() == ()
    assert any(text.startswith(f"AUTH {mechanism}") for text in said)
    assert not any(account.password in text for text in said)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
async def test_oauth(
    library: Library, dovecot: Dovecot, certificates: Certificates, mechanism: str
) -> None:
    options: dict[str, Any] = {"password": None, "mechanisms": (mechanism,)}
    token = bearer_token(BOB)
    async with pop3(library, dovecot, certificates, BOB, token=token, **options) as client:
        await client.noop()
    expired = bearer_token(BOB, valid_seconds=-1)
    with pytest.raises(AuthenticationFailed):
        async with pop3(library, dovecot, certificates, BOB, token=expired, **options):
            pass


async def test_the_best_mechanism_is_chosen(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    said: list[str] = []
    async with pop3(library, dovecot, certificates, BOB, trace=lambda line: said.append(line.text)):
        pass
    assert any(text.startswith("AUTH SCRAM-SHA-256") for text in said)


async def test_user_and_pass(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    said: list[str] = []
    async with pop3(
        library,
        dovecot,
        certificates,
        ANN,
        mechanisms=(),
        tls=TlsMode.IMPLICIT,
        trace=lambda line: said.append(line.text),
    ) as client:
        await client.noop()
    assert any(text.startswith(("USER", "APOP")) for text in said)


async def test_apop_shows_no_password(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    said: list[str] = []
    async with pop3(
        library,
        dovecot,
        certificates,
        ANN,
        mechanisms=(),
        tls=TlsMode.NONE,
        trace=lambda line: said.append(line.text),
    ) as client:
        await client.noop()
    assert any(text.startswith(f"APOP {ANN.name}") for text in said)


@pytest.mark.parametrize("mechanisms", [(), ("PLAIN",), ("SCRAM-SHA-256",)])
async def test_wrong_password(
    library: Library, dovecot: Dovecot, certificates: Certificates, mechanisms: tuple[str, ...]
) -> None:
    with pytest.raises(AuthenticationFailed):
        async with pop3(
            library, dovecot, certificates, ANN, password="wrong", mechanisms=mechanisms
        ):
            pass


async def test_download_and_delete(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    messages = [b"Subject: %d\r\n\r\nmessage %d\r\n" % (n, n) for n in range(25)]
    await deliver(library, dovecot, *messages)
    async with pop3(library, dovecot, certificates, BOB) as client:
        assert client.capabilities is not None
        assert "PIPELINING" in client.capabilities
        seen = {entry.unique_id or "" for entry in (await client.list_messages())[:5]}
        numbers = []
        async for entry, message in client.download_new(seen):
            assert message.endswith(messages[entry.number - 1])
            numbers.append(entry.number)
        assert numbers == list(range(6, 26))
        await client.delete(*range(1, 21))
        with pytest.raises(CommandFailed):
            await client.retrieve(3)
        await client.reset()
        await client.delete(*range(6, 26))
    async with pop3(library, dovecot, certificates, BOB) as client:
        left = await client.list_messages()
        assert {entry.unique_id for entry in left} == seen


async def test_nothing_is_deleted_without_quit(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    await deliver(library, dovecot, b"Subject: stays\r\n\r\n")
    with pytest.raises(ZeroDivisionError):
        await delete_and_fail(library, dovecot, certificates)
    async with pop3(library, dovecot, certificates, BOB) as client:
        assert len(await client.list_messages()) == 1


async def delete_and_fail(library: Library, dovecot: Dovecot, certificates: Certificates) -> None:
    async with pop3(library, dovecot, certificates, BOB) as client:
        await client.delete(1)
        raise ZeroDivisionError


async def test_the_server_hangs_up_after_quit(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    async with pop3(library, dovecot, certificates, BOB) as client:
        assert (await client.command(Quit())).response.ok
        assert not client.usable
