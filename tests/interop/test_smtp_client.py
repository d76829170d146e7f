"""Our SMTP and LMTP client against Postfix and Dovecot."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from mailproto.clients import DeliveryFailed, SendResult, SmtpClient
from mailproto.errors import AuthenticationFailed, LocalProtocolError, TLSRequired
from mailproto.sasl import External
from mailproto.smtp import EnhancedCode, Etrn, Mail, OriginalRecipient, Rcpt, Xclient, Xforward
from mailproto.tls import TlsMode

from ..libraries import Library
from .dovecot import Dovecot, bearer_token
from .messages import SAMPLES, Sample
from .ours import HELLO, NOBODY, lmtp, smtp
from .peers import ACCOUNTS, ANN, BOB, HOST, JOERG, Account, Certificates
from .postfix import Postfix
from .programs import SmtpSink


def secret_of(account: Account, mechanism: str) -> dict[str, str]:
    """Return the arguments of connect_smtp that let an account log in by a mechanism."""
    if mechanism in ("OAUTHBEARER", "XOAUTH2"):
        return {"user": account.name, "token": bearer_token(account)}
    return {"user": account.name, "password": account.password}


# How one message can be sent


async def by_data(client: SmtpClient, sample: Sample) -> None:
    """Let MAIL, RCPT and DATA go out as one group."""
    assert "PIPELINING" in client.extensions
    result = await client.send(sample.data, ANN.address, BOB.address)
    assert result.accepted == (BOB.address,)


async def by_bdat(client: SmtpClient, sample: Sample) -> None:
    """Send in chunks of known length."""
    result = await client.send(sample.data, ANN.address, BOB.address, chunking=True)
    assert result.accepted == (BOB.address,)


async def by_hand(client: SmtpClient, sample: Sample) -> None:
    """Wait for the reply to each command before the next."""
    mail = Mail(
        ANN.address, body="8BITMIME" if sample.eight_bit else "7BIT", smtputf8=sample.smtputf8
    )
    assert (await client.mail(mail)).is_positive
    assert (await client.rcpt(BOB.address)).is_positive
    (reply,) = await client.data(sample.data)
    assert reply.code == 250


Way = Callable[[SmtpClient, Sample], Awaitable[None]]
every_way = pytest.mark.parametrize("way", [by_data, by_bdat, by_hand])
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


# Postfix


@every_way
@every_sample
async def test_messages_arrive_unchanged(
    library: Library, postfix: Postfix, sample: Sample, way: Way
) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        await way(client, sample)
    (delivery,) = postfix.maildir(BOB).wait()
    assert delivery.message == sample.delivered


async def test_one_session_carries_many_messages(library: Library, postfix: Postfix) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        for sample in SAMPLES:
            await by_data(client, sample)
            await by_bdat(client, sample)
    deliveries = postfix.maildir(BOB).wait(2 * len(SAMPLES))
    expected = [sample.delivered for sample in SAMPLES] * 2
    assert sorted(delivery.message for delivery in deliveries) == sorted(expected)


async def test_a_body_can_come_piece_by_piece(library: Library, postfix: Postfix) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for line in HELLO.splitlines(keepends=True):
            yield line

    async with smtp(library, postfix.smtp_port) as client:
        await client.send(lines(), ANN.address, BOB.address)
        await client.send(lines(), ANN.address, BOB.address, chunking=True)
    assert [delivery.message for delivery in postfix.maildir(BOB).wait(2)] == [HELLO, HELLO]


@pytest.mark.parametrize(
    ("port", "tls", "protocol"),
    [
        ("smtp_port", TlsMode.NONE, b"ESMTP"),
        ("smtp_port", TlsMode.STARTTLS, b"ESMTPS"),
        ("smtp_port", TlsMode.OPPORTUNISTIC, b"ESMTPS"),
        ("submission_port", None, b"ESMTPSA"),
        ("smtps_port", TlsMode.IMPLICIT, b"ESMTPSA"),
    ],
)
async def test_tls_modes(
    library: Library,
    postfix: Postfix,
    certificates: Certificates,
    port: str,
    tls: TlsMode | None,
    protocol: bytes,
) -> None:
    login = secret_of(ANN, "PLAIN") if protocol.endswith(b"A") else {}
    async with smtp(
        library,
        getattr(postfix, port),
        tls=tls,
        tls_context=certificates.client_context(),
        **login,
    ) as client:
        assert (client.tls is not None) == (tls is not TlsMode.NONE)
        await client.send(HELLO, ANN.address, BOB.address)
    (delivery,) = postfix.maildir(BOB).wait()
    assert b" with %b " % protocol in delivery.trace
    assert delivery.message == HELLO


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
async def test_tls_versions(
    library: Library, postfix: Postfix, certificates: Certificates, version: ssl.TLSVersion
) -> None:
    context = certificates.client_context()
    context.minimum_version = context.maximum_version = version
    async with smtp(
        library, postfix.smtp_port, tls=TlsMode.STARTTLS, tls_context=context
    ) as client:
        assert client.tls is not None
        assert client.tls.version == version.name.replace("_", ".")


@pytest.mark.parametrize("tls", [TlsMode.STARTTLS, TlsMode.OPPORTUNISTIC, TlsMode.IMPLICIT])
async def test_a_stranger_s_certificate_is_refused(
    library: Library, postfix: Postfix, tls: TlsMode
) -> None:
    port = postfix.smtps_port if tls is TlsMode.IMPLICIT else postfix.smtp_port
    with pytest.raises(ssl.SSLCertVerificationError):
        async with smtp(library, port, tls=tls):
            pytest.fail("connected to a stranger")


async def test_a_certificate_for_another_name_is_refused(
    library: Library, postfix: Postfix, certificates: Certificates
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        async with smtp(
            library,
            postfix.smtp_port,
            tls=TlsMode.STARTTLS,
            tls_context=certificates.client_context(),
            server_hostname="mail.example.test",
        ):
            pytest.fail("connected to someone else")


@pytest.mark.parametrize("account", ACCOUNTS, ids=["ann", "bob", "joerg"])
@pytest.mark.parametrize(
    "mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"]
)
async def test_postfix_lets_us_in(
    library: Library,
    postfix: Postfix,
    certificates: Certificates,
    mechanism: str,
    account: Account,
) -> None:
    async with smtp(
        library,
        postfix.submission_port,
        tls=TlsMode.STARTTLS,
        tls_context=certificates.client_context(),
        mechanisms=[mechanism],
        **secret_of(account, mechanism),
    ) as client:
        before = len(postfix.log())
        result = await client.send(HELLO, account.address, ANN.address)
        assert result.accepted == (ANN.address,)
    postfix.maildir(ANN).wait()
    postfix.wait_for_log(f"sasl_method={mechanism}, sasl_username={account.name}@", after=before)


async def test_the_strongest_mechanism_is_chosen(
    library: Library, postfix: Postfix, certificates: Certificates
) -> None:
    before = len(postfix.log())
    await library.binding.send(
        HELLO,
        ANN.address,
        BOB.address,
        host=HOST,
        port=postfix.submission_port,
        tls_context=certificates.client_context(),
        user=ANN.name,
        password=ANN.password,
    )
    postfix.maildir(BOB).wait()
    postfix.wait_for_log("sasl_method=SCRAM-SHA-512, ", after=before)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
async def test_a_wrong_password_fails(
    library: Library, postfix: Postfix, certificates: Certificates, mechanism: str
) -> None:
    with pytest.raises(AuthenticationFailed) as failed:
        async with smtp(
            library,
            postfix.submission_port,
            tls=TlsMode.STARTTLS,
            tls_context=certificates.client_context(),
            mechanisms=[mechanism],
            user=ANN.name,
            password=BOB.password,
        ):
            pytest.fail("logged in")
    assert failed.value.reply.code == 535


async def test_no_password_goes_out_in_clear_text(library: Library, postfix: Postfix) -> None:
    login = secret_of(ANN, "PLAIN")
    with pytest.raises(AuthenticationFailed, match="TLS"):
        async with smtp(library, postfix.smtp_port, mechanisms=["PLAIN", "LOGIN"], **login):
            pytest.fail("logged in")


async def test_each_recipient_has_its_result(library: Library, postfix: Postfix) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        result = await client.send(HELLO, ANN.address, [ANN.address, NOBODY, BOB.address])
    assert result.accepted == (ANN.address, BOB.address)
    assert result.refused[NOBODY].code == 550
    assert result.refused[NOBODY].enhanced == EnhancedCode(5, 1, 1)
    for account in (ANN, BOB):
        (delivery,) = postfix.maildir(account).wait()
        assert delivery.message == HELLO


@pytest.mark.parametrize("chunking", [False, True], ids=["data", "bdat"])
async def test_the_session_goes_on_when_nobody_takes_a_message(
    library: Library, postfix: Postfix, chunking: bool
) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        with pytest.raises(DeliveryFailed) as failed:
            await client.send(HELLO, ANN.address, [NOBODY, f"x{NOBODY}"], chunking=chunking)
        assert [reply.code for reply in failed.value.result.refused.values()] == [550, 550]
        await client.send(HELLO, ANN.address, BOB.address, chunking=chunking)
    assert len(postfix.maildir(BOB).wait()) == 1


async def test_a_message_beyond_size_stays_here(library: Library, postfix: Postfix) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        size = client.extensions.size
        assert size is not None
        with pytest.raises(LocalProtocolError, match=str(size)):
            await client.send(HELLO.ljust(size + 1, b"x"), ANN.address, BOB.address)
        with pytest.raises(LocalProtocolError, match=str(size)):
            await client.mail(Mail(ANN.address, size=size + 1))
        await client.send(HELLO, ANN.address, BOB.address)
    assert len(postfix.maildir(BOB).wait()) == 1


async def test_utf8_addresses_and_headers(library: Library, postfix: Postfix) -> None:
    message = EmailMessage()
    message["From"] = f"Jörg <{JOERG.address}>"
    message["To"] = f"Jörg <{JOERG.address}>"
    message["Subject"] = "Grüße"
    message.set_content("žluťoučký kůň\n")
    async with smtp(library, postfix.smtp_port) as client:
        result = await client.send(message)
    assert result.accepted == (JOERG.address,)
    (delivery,) = postfix.maildir(JOERG).wait()
    assert f"Return-Path: <{JOERG.address}>\r\n".encode() in delivery.trace
    assert " with UTF8SMTP" in delivery.trace.decode()
    assert "\r\nSubject: Grüße\r\n".encode() in delivery.message


async def test_delivery_status_notifications(library: Library, postfix: Postfix) -> None:
    mail = Mail(ANN.address, ret="HDRS", envid="a+b=c")
    rcpt = Rcpt(
        BOB.address,
        notify=("SUCCESS", "FAILURE"),
        orcpt=OriginalRecipient("rfc822", "robert+x@example.test"),
    )
    async with smtp(library, postfix.smtp_port) as client:
        await client.send(HELLO, mail, rcpt)
    (notification,) = postfix.maildir(ANN).wait()
    for line in (
        b"Original-Envelope-Id: a+b=c",
        b"Original-Recipient: rfc822;robert+x@example.test",
        b"Action: delivered",
    ):
        assert b"\r\n%b\r\n" % line in notification.message
    assert b"Subject: hello" in notification.message


async def test_xclient(library: Library, postfix: Postfix) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        reply = await client.command(
            Xclient((("NAME", "there.example"), ("ADDR", "192.0.2.7"), ("HELO", "there+here")))
        )
        assert reply.code == 220
        await client.ehlo()
        await client.send(HELLO, ANN.address, BOB.address)
    (delivery,) = postfix.maildir(BOB).wait()
    assert b"(there.example [192.0.2.7])" in delivery.trace


async def test_xforward(library: Library, postfix: Postfix) -> None:
    before = len(postfix.log())
    async with smtp(library, postfix.smtp_port) as client:
        reply = await client.command(Xforward((("NAME", "far.example"), ("ADDR", "192.0.2.8"))))
        assert reply.code == 250
        await client.send(HELLO, ANN.address, BOB.address)
    assert len(postfix.maildir(BOB).wait()) == 1
    postfix.wait_for_log("client=far.example[192.0.2.8]", after=before)


async def test_other_commands(library: Library, postfix: Postfix) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        assert (await client.vrfy(BOB.address)).code == 252
        assert (await client.vrfy(NOBODY)).code == 550
        assert (await client.expn("list")).is_permanent
        assert (await client.help()).is_permanent
        assert (await client.noop()).code == 250
        assert (await client.rset()).code == 250
        assert (await client.command(Etrn("smtp.relay.test"))).code == 250
        assert (await client.command(Etrn("no.relay.test.invalid"))).code == 459


async def test_a_refused_data_by_hand(library: Library, postfix: Postfix) -> None:
    async with smtp(library, postfix.smtp_port) as client:
        await client.mail(ANN.address)
        with pytest.raises(LocalProtocolError):
            await client.data(HELLO)
        assert (await client.rcpt(NOBODY)).code == 550
        with pytest.raises(LocalProtocolError):
            await client.data(HELLO)
        await client.rset()
        await client.send(HELLO, ANN.address, BOB.address)
    assert len(postfix.maildir(BOB).wait()) == 1


# Dovecot's LMTP


@every_way
@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if not sample.smtputf8], ids=str)
async def test_dovecot_takes_messages_unchanged(
    library: Library, dovecot: Dovecot, sample: Sample, way: Way
) -> None:
    async with lmtp(library, path=dovecot.lmtp_socket) as client:
        await way(client, sample)
    (delivery,) = dovecot.maildir(BOB).wait()
    assert delivery.message == (sample.data if way is by_bdat else sample.delivered)


async def test_utf8_headers_need_smtputf8(library: Library, dovecot: Dovecot) -> None:
    (sample,) = (sample for sample in SAMPLES if sample.smtputf8)
    async with lmtp(library, path=dovecot.lmtp_socket) as client:
        assert "SMTPUTF8" not in client.extensions
        with pytest.raises(LocalProtocolError, match="SMTPUTF8"):
            await client.send(sample.data, ANN.address, BOB.address)
        await client.send(HELLO, ANN.address, BOB.address)
    assert len(dovecot.maildir(BOB).wait()) == 1


def lmtp_places(dovecot: Dovecot, certificates: Certificates) -> dict[str, dict[str, Any]]:
    """Return the arguments of connect_lmtp for each way to reach Dovecot."""
    tcp = {"host": HOST, "port": dovecot.lmtp_port}
    return {
        "unix": {"path": dovecot.lmtp_socket},
        "tcp": tcp,
        "tls": {
            **tcp,
            "tls": TlsMode.STARTTLS,
            "tls_context": certificates.client_context(),
        },
    }


@pytest.mark.parametrize("chunking", [False, True], ids=["data", "bdat"])
@pytest.mark.parametrize("place", ["unix", "tcp", "tls"])
async def test_lmtp_replies_for_each_recipient(
    library: Library, dovecot: Dovecot, certificates: Certificates, place: str, chunking: bool
) -> None:
    recipients = [ANN.address, NOBODY, BOB.address, BOB.address]
    async with lmtp(library, **lmtp_places(dovecot, certificates)[place]) as client:
        assert (client.tls is not None) == (place == "tls")
        for _ in range(2):
            result = await client.send(HELLO, ANN.address, recipients, chunking=chunking)
            assert [found.recipient for found in result.recipients] == recipients
            assert [found.accepted for found in result.recipients] == [True, False, True, True]
            for found in result.recipients:
                assert found.recipient in found.reply.text
    assert {delivery.message for delivery in dovecot.maildir(ANN).wait(2)} == {HELLO}
    assert {delivery.message for delivery in dovecot.maildir(BOB).wait(2)} == {HELLO}


async def test_lmtp_refuses_everyone(library: Library, dovecot: Dovecot) -> None:
    async with lmtp(library, path=dovecot.lmtp_socket) as client:
        with pytest.raises(DeliveryFailed) as failed:
            await client.send(HELLO, ANN.address, [NOBODY, f"x{NOBODY}"])
        assert len(failed.value.result.refused) == 2
        await client.send(HELLO, "", BOB.address)
    (delivery,) = dovecot.maildir(BOB).wait()
    assert b"Return-Path: <>\r\n" in delivery.trace


# Dovecot's submission service


@pytest.fixture
def relay(dovecot: Dovecot) -> Iterator[SmtpSink]:
    """The server that Dovecot hands submitted mail on to."""
    with SmtpSink(port=dovecot.relay_port) as sink:
        yield sink


@pytest.mark.parametrize("account", [BOB, JOERG], ids=["bob", "joerg"])
@pytest.mark.parametrize(
    "mechanism",
    ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2"],
)
async def test_dovecot_lets_us_in(
    library: Library,
    dovecot: Dovecot,
    certificates: Certificates,
    relay: SmtpSink,
    mechanism: str,
    account: Account,
) -> None:
    async with smtp(
        library,
        dovecot.submission_port,
        tls=TlsMode.STARTTLS,
        tls_context=certificates.client_context(),
        mechanisms=[mechanism],
        **secret_of(account, mechanism),
    ) as client:
        await send_through(client, relay)


async def send_through(client: SmtpClient, relay: SmtpSink) -> None:
    """Send a message and see it arrive behind Dovecot, which puts its own fields on top."""
    result: SendResult = await client.send(HELLO, ANN.address, BOB.address)
    assert result.accepted == (BOB.address,)
    (delivery,) = relay.deliveries()
    assert delivery.message.endswith(HELLO)


async def test_an_expired_token_fails(
    library: Library, dovecot: Dovecot, certificates: Certificates
) -> None:
    for mechanism in ("OAUTHBEARER", "XOAUTH2"):
        with pytest.raises(AuthenticationFailed):
            async with smtp(
                library,
                dovecot.submission_port,
                tls=TlsMode.STARTTLS,
                tls_context=certificates.client_context(),
                mechanisms=[mechanism],
                user=ANN.name,
                token=bearer_token(ANN, valid_seconds=-60),
            ):
                pytest.fail("logged in")


async def test_a_client_certificate_lets_us_in(
    library: Library, dovecot: Dovecot, certificates: Certificates, relay: SmtpSink
) -> None:
    async with smtp(
        library,
        dovecot.submissions_port,
        tls=TlsMode.IMPLICIT,
        tls_context=certificates.client_context(as_ann=True),
    ) as client:
        await client.authenticate(External())
        await send_through(client, relay)
    async with smtp(
        library,
        dovecot.submissions_port,
        tls=TlsMode.IMPLICIT,
        tls_context=certificates.client_context(),
    ) as client:
        with pytest.raises(AuthenticationFailed):
            await client.authenticate(External())


async def test_required_tls_fails_where_there_is_none(
    library: Library, dovecot: Dovecot, relay: SmtpSink
) -> None:
    with pytest.raises(TLSRequired):
        async with smtp(library, relay.port, tls=TlsMode.STARTTLS):
            pytest.fail("connected without TLS")
    async with smtp(library, relay.port, tls=TlsMode.OPPORTUNISTIC) as client:
        assert client.tls is None
        await client.send(HELLO, ANN.address, BOB.address)
