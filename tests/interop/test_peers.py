"""The real peers work, shown without mailproto: where these pass, a failure elsewhere is ours."""

import imaplib
import poplib
import smtplib
from collections.abc import Callable
from contextlib import closing
from typing import Literal

import pytest

from . import programs
from .dovecot import Dovecot, bearer_token
from .messages import SAMPLES, Sample
from .peers import ACCOUNTS, ANN, BOB, HOST, JOERG, Account, Certificates
from .postfix import Postfix
from .programs import SmtpSink, Submission

HELLO = b"Subject: hello\r\n\r\n.\r\nhello\r\n"


def mail_options(sample: Sample) -> list[str]:
    options = ["BODY=8BITMIME"] if sample.eight_bit else []
    return [*options, "SMTPUTF8"] if sample.smtputf8 else options


def smtp_auth(client: smtplib.SMTP, account: Account, mechanism: str) -> None:
    client.user, client.password = account.name, account.password
    client.auth(mechanism, getattr(client, f"auth_{mechanism.lower().replace('-', '_')}"))


# Postfix


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_postfix_delivers(postfix: Postfix, sample: Sample) -> None:
    with smtplib.SMTP(HOST, postfix.smtp_port) as client:
        client.sendmail(ANN.address, [BOB.address], sample.data, mail_options(sample))
    (delivery,) = postfix.maildir(BOB).wait()
    assert delivery.message == sample.delivered


def test_postfix_offers_every_extension(postfix: Postfix) -> None:
    with smtplib.SMTP(HOST, postfix.smtp_port) as client:
        client.ehlo()
        offered = client.esmtp_features
    assert set(offered) >= {
        *("8bitmime", "auth", "chunking", "dsn", "enhancedstatuscodes", "etrn", "pipelining"),
        *("size", "smtputf8", "starttls", "vrfy", "xclient", "xforward"),
    }
    assert set(offered["auth"].split()) >= {
        *("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"),
    }


def test_postfix_delivers_to_a_utf8_address(postfix: Postfix) -> None:
    with smtplib.SMTP(HOST, postfix.smtp_port) as client:
        client.sendmail(JOERG.address, [JOERG.address], HELLO, ["SMTPUTF8"])
    (delivery,) = postfix.maildir(JOERG).wait()
    assert f"Return-Path: <{JOERG.address}>\r\n".encode() in delivery.trace


def test_postfix_refuses_an_unknown_user_alone(postfix: Postfix) -> None:
    with smtplib.SMTP(HOST, postfix.smtp_port) as client:
        refused = client.sendmail(ANN.address, ["who@example.test", BOB.address], HELLO)
    assert {address: reply[0] for address, reply in refused.items()} == {"who@example.test": 550}
    (delivery,) = postfix.maildir(BOB).wait()
    assert delivery.message == HELLO


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("account", [ANN, BOB], ids=["ann", "bob"])
def test_postfix_authenticates(
    postfix: Postfix, certificates: Certificates, account: Account, mechanism: str
) -> None:
    with smtplib.SMTP(HOST, postfix.submission_port) as client:
        client.starttls(context=certificates.client_context())
        client.ehlo()
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(account.address, [ANN.address], HELLO)
        smtp_auth(client, account, mechanism)
        client.sendmail(account.address, [ANN.address], HELLO)
    (delivery,) = postfix.maildir(ANN).wait()
    assert delivery.message == HELLO


def test_postfix_refuses_a_wrong_password(postfix: Postfix, certificates: Certificates) -> None:
    with smtplib.SMTP_SSL(
        HOST, postfix.smtps_port, context=certificates.client_context()
    ) as client:
        client.ehlo()
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            smtp_auth(client, Account(ANN.name, BOB.password), "CRAM-MD5")
        assert refused.value.smtp_code == 535


@pytest.mark.parametrize("protocol", ["SMTP", "LMTP"])
def test_postfix_relays(postfix: Postfix, protocol: str) -> None:
    options, port = {
        "SMTP": ([], postfix.relay_port),
        "LMTP": (["-L"], postfix.lmtp_relay_port),
    }[protocol]
    before = len(postfix.log())
    with SmtpSink(*options, port=port) as sink, smtplib.SMTP(HOST, postfix.smtp_port) as client:
        client.sendmail(ANN.address, [f"a@{protocol}.relay.test"], HELLO)
        postfix.wait_for_log("status=sent (250", after=before)
        (delivery,) = sink.deliveries()
    assert protocol.encode() in delivery.trace.partition(b"X-Helo-Args")[0]
    assert delivery.message == HELLO


def test_postfix_retries(postfix: Postfix) -> None:
    before = len(postfix.log())
    with smtplib.SMTP(HOST, postfix.smtp_port) as client:
        client.sendmail(ANN.address, ["b@smtp.relay.test"], HELLO)
    postfix.wait_for_log("status=deferred", after=before)
    with SmtpSink(port=postfix.relay_port) as sink:
        postfix.wait_for_log("status=sent (250", after=before)
        assert len(sink.deliveries()) == 1


def test_postfix_bounces(postfix: Postfix) -> None:
    with (
        SmtpSink("-f", "RCPT", port=postfix.relay_port),
        smtplib.SMTP(HOST, postfix.smtp_port) as client,
    ):
        client.sendmail(ANN.address, ["c@smtp.relay.test"], HELLO)
        (bounce,) = postfix.maildir(ANN).wait()
    assert b"\r\nAction: failed\r\n" in bounce.message


# Client programs, with Postfix at the other end


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
@pytest.mark.parametrize("client", [programs.curl, programs.swaks, programs.msmtp])
def test_clients_submit(
    postfix: Postfix,
    certificates: Certificates,
    client: Callable[[Submission], list[str]],
    tls: Literal["none", "starttls", "implicit"],
) -> None:
    job = Submission(
        postfix.smtps_port if tls == "implicit" else postfix.smtp_port,
        recipients=(ANN.address, BOB.address),
        tls=tls,
        authority_file=certificates.authority_file,
        account=BOB,
    )
    result = programs.run(client(job), HELLO)
    assert result.returncode == 0, result.stdout
    for account in (ANN, BOB):
        (delivery,) = postfix.maildir(account).wait()
    assert delivery.message.rstrip() == HELLO.rstrip()


@pytest.mark.parametrize("account", ACCOUNTS, ids=["ann", "bob", "joerg"])
@pytest.mark.parametrize(
    ("client", "mechanism"),
    [
        *((programs.curl, name) for name in ("PLAIN", "LOGIN", "CRAM-MD5")),
        *((programs.swaks, name) for name in ("PLAIN", "LOGIN", "CRAM-MD5")),
        *(
            (programs.msmtp, name)
            for name in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
        ),
    ],
)
def test_clients_authenticate(
    postfix: Postfix,
    certificates: Certificates,
    client: Callable[[Submission], list[str]],
    mechanism: str,
    account: Account,
) -> None:
    job = Submission(
        postfix.submission_port,
        tls="starttls",
        authority_file=certificates.authority_file,
        account=account,
        mechanism=mechanism,
    )
    before = len(postfix.log())
    result = programs.run(client(job), HELLO)
    assert result.returncode == 0, result.stdout
    postfix.maildir(BOB).wait()
    postfix.wait_for_log(f"sasl_method={mechanism}, sasl_username=", after=before)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
@pytest.mark.parametrize("client", [programs.curl, programs.msmtp])
def test_clients_send_unchanged(
    postfix: Postfix, client: Callable[[Submission], list[str]], sample: Sample
) -> None:
    result = programs.run(client(Submission(postfix.smtp_port)), sample.data)
    assert result.returncode == 0, result.stdout
    (delivery,) = postfix.maildir(BOB).wait()
    assert delivery.message == sample.delivered


@pytest.mark.parametrize("client", [programs.swaks, programs.msmtp])
def test_clients_speak_lmtp(dovecot: Dovecot, client: Callable[[Submission], list[str]]) -> None:
    result = programs.run(client(Submission(dovecot.lmtp_port, lmtp=True)), HELLO)
    assert result.returncode == 0, result.stdout
    (delivery,) = dovecot.maildir(BOB).wait()
    assert delivery.message.rstrip() == HELLO.rstrip()


def test_smtp_source_sends(postfix: Postfix) -> None:
    job = Submission(postfix.smtp_port)
    result = programs.run(programs.smtp_source(job, messages=5, sessions=2, length=100))
    assert result.returncode == 0, result.stdout
    assert len(postfix.maildir(BOB).wait(5)) == 5


# Dovecot


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_dovecot_delivers(dovecot: Dovecot, sample: Sample) -> None:
    with smtplib.LMTP(dovecot.lmtp_socket) as client:
        client.sendmail(ANN.address, [BOB.address], sample.data)
    (delivery,) = dovecot.maildir(BOB).wait()
    assert delivery.message == sample.delivered


def test_dovecot_refuses_an_unknown_user_alone(dovecot: Dovecot) -> None:
    with smtplib.LMTP(HOST, dovecot.lmtp_port) as client:
        refused = client.sendmail(ANN.address, ["who@example.test", BOB.address], HELLO)
    assert {address: reply[0] for address, reply in refused.items()} == {"who@example.test": 550}
    (delivery,) = dovecot.maildir(BOB).wait()
    assert delivery.message == HELLO


@pytest.mark.parametrize("account", [BOB, JOERG], ids=["bob", "joerg"])
@pytest.mark.parametrize(
    "mechanism",
    ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2"],
)
def test_dovecot_relays_submissions(
    dovecot: Dovecot, certificates: Certificates, mechanism: str, account: Account
) -> None:
    secret = bearer_token(account) if "OAUTH" in mechanism else account.password
    job = Submission(
        dovecot.submission_port,
        tls="starttls",
        authority_file=certificates.authority_file,
        account=Account(account.name, secret),
        mechanism=mechanism,
    )
    with SmtpSink(port=dovecot.relay_port) as sink:
        result = programs.run(programs.msmtp(job), HELLO)
        assert result.returncode == 0, result.stdout
        (delivery,) = sink.deliveries()
    assert delivery.message.endswith(HELLO)


def test_dovecot_shows_mail_by_imap(dovecot: Dovecot, certificates: Certificates) -> None:
    with smtplib.LMTP(dovecot.lmtp_socket) as lmtp:
        lmtp.sendmail(ANN.address, [BOB.address], HELLO)
    with imaplib.IMAP4(HOST, dovecot.imap_port) as client:
        client.starttls(certificates.client_context())
        client.login_cram_md5(BOB.name, BOB.password)
        assert client.select() == ("OK", [b"1"])
        _, data = client.fetch("1", "(BODY.PEEK[])")
        assert isinstance(data[0], tuple)
        assert data[0][1].endswith(HELLO)


@pytest.mark.parametrize("account", ACCOUNTS, ids=["ann", "bob", "joerg"])
def test_dovecot_authenticates_with_oauth(dovecot: Dovecot, account: Account) -> None:
    token = bearer_token(account)
    with imaplib.IMAP4(HOST, dovecot.imap_port) as client:
        response = f"user={account.name}\x01auth=Bearer {token}\x01\x01".encode()
        client.authenticate("XOAUTH2", lambda _: response)
    with imaplib.IMAP4(HOST, dovecot.imap_port) as client:
        response = f"n,a={account.name},\x01auth=Bearer {token}\x01\x01".encode()
        client.authenticate("OAUTHBEARER", lambda _: response)


def test_dovecot_refuses_an_expired_token(dovecot: Dovecot) -> None:
    token = bearer_token(ANN, valid_seconds=-60)
    response = f"user={ANN.name}\x01auth=Bearer {token}\x01\x01".encode()
    with imaplib.IMAP4(HOST, dovecot.imap_port) as client, pytest.raises(imaplib.IMAP4.error):
        client.authenticate("XOAUTH2", lambda challenge: b"" if challenge else response)


def test_dovecot_authenticates_by_certificate(dovecot: Dovecot, certificates: Certificates) -> None:
    context = certificates.client_context(as_ann=True)
    with imaplib.IMAP4_SSL(HOST, dovecot.imaps_port, ssl_context=context) as client:
        client.authenticate("EXTERNAL", lambda _: b"")
    with (
        imaplib.IMAP4_SSL(
            HOST, dovecot.imaps_port, ssl_context=certificates.client_context()
        ) as client,
        pytest.raises(imaplib.IMAP4.error),
    ):
        client.authenticate("EXTERNAL", lambda _: b"")


def test_dovecot_lets_guests_in(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(HOST, dovecot.imap_port) as client:
        client.authenticate("ANONYMOUS", lambda _: b"guest")


def retrieve_all(client: poplib.POP3) -> list[bytes]:
    numbers = range(1, client.stat()[0] + 1)
    return [b"".join(line + b"\r\n" for line in client.retr(number)[1]) for number in numbers]


def test_dovecot_shows_mail_by_pop3(dovecot: Dovecot, certificates: Certificates) -> None:
    with smtplib.LMTP(dovecot.lmtp_socket) as lmtp:
        lmtp.sendmail(ANN.address, [BOB.address], HELLO)
    with closing(poplib.POP3(HOST, dovecot.pop3_port)) as client:
        client.stls(certificates.client_context())
        client.user(BOB.name)
        client.pass_(BOB.password)
        (message,) = retrieve_all(client)
    assert message.endswith(HELLO)
    context = certificates.client_context()
    with closing(poplib.POP3_SSL(HOST, dovecot.pop3s_port, context=context)) as client:
        client.apop(BOB.name, BOB.password)
        assert retrieve_all(client) == [message]
