"""Real clients deliver to our SMTP and LMTP server."""

import smtplib
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import pytest

from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import SmtpSession
from mailproto.smtp import Reply, Xclient

from ..libraries import Library
from . import programs
from .messages import SAMPLES, Sample
from .ours import HELLO, LATER, NOBODY, UNKNOWN, Inbox, Mail, serve
from .peers import ACCOUNTS, ANN, BOB, HOST, JOERG, Account, Certificates, program
from .programs import CLIENT_NAME, Submission

# The clients


@dataclass(frozen=True)
class Client:
    """A client program: how it delivers a message (raises if that fails), and what it can."""

    name: str
    deliver: Callable[[Submission, bytes], None]
    mechanisms: tuple[str, ...]
    utf8_names: bool = True
    exact: bool = True
    """Whether it sends every message unchanged."""

    def __str__(self) -> str:
        return self.name


def program_client(
    command: Callable[[Submission], list[str]],
    *mechanisms: str,
    exact: bool = True,
) -> Client:
    def deliver(job: Submission, message: bytes) -> None:
        programs.succeed(command(job), message)

    return Client(command.__name__, deliver, mechanisms, exact=exact)


def smtplib_deliver(job: Submission, message: bytes) -> None:
    context = ssl.create_default_context(cafile=job.authority_file)
    if job.lmtp:
        client: smtplib.SMTP = smtplib.LMTP(HOST, job.port, CLIENT_NAME)
    elif job.tls == "implicit":
        client = smtplib.SMTP_SSL(HOST, job.port, CLIENT_NAME, context=context)
    else:
        client = smtplib.SMTP(HOST, job.port, CLIENT_NAME)
    with client:
        if job.tls == "starttls":
            client.starttls(context=context)
        if job.account is not None:
            client.user, client.password = job.account.name, job.account.password
            client.ehlo()
            method = f"auth_{job.mechanism.lower().replace('-', '_')}"
            client.auth(job.mechanism, getattr(client, method))
        options = [] if message.isascii() else ["BODY=8BITMIME", "SMTPUTF8"]
        refused = client.sendmail(job.sender, job.recipients, message, options)
    assert not refused


CURL = program_client(
    programs.curl, "PLAIN", "LOGIN", "CRAM-MD5", "EXTERNAL", "OAUTHBEARER", "XOAUTH2"
)
SWAKS = program_client(programs.swaks, "PLAIN", "LOGIN", "CRAM-MD5", exact=False)
MSMTP = program_client(
    programs.msmtp,
    *("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"),
    *("EXTERNAL", "OAUTHBEARER", "XOAUTH2"),
)
SMTPLIB = Client("smtplib", smtplib_deliver, ("PLAIN", "LOGIN", "CRAM-MD5"), utf8_names=False)
CLIENTS = (CURL, SWAKS, MSMTP, SMTPLIB)

every_client = pytest.mark.parametrize("client", CLIENTS, ids=str)


async def deliver(library: Library, client: Client, job: Submission, message: bytes) -> None:
    """Let a client deliver while our server runs."""
    await library.runtime.in_thread(partial(client.deliver, job, message))


def content(client: Client, mail: Mail) -> bytes:
    """Return the message without the line that a client may have appended."""
    return mail.data if client.exact else mail.data.removesuffix(b"\r\n")


# Messages


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
@pytest.mark.parametrize("client", [client for client in CLIENTS if client.exact], ids=str)
async def test_messages_arrive_unchanged(library: Library, client: Client, sample: Sample) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox) as server:
        await deliver(library, client, Submission(server.port), sample.data)
    (mail,) = inbox.mails
    assert (mail.sender, mail.recipients) == (ANN.address, (BOB.address,))
    assert mail.data == sample.delivered


UTF8_MESSAGE = "Comments: žluťoučký kůň\r\n".encode() + HELLO


@pytest.mark.parametrize("client", [CURL, SMTPLIB], ids=str)
async def test_utf8_addresses(library: Library, client: Client) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox) as server:
        job = Submission(server.port, sender=JOERG.address, recipients=(JOERG.address,))
        await deliver(library, client, job, UTF8_MESSAGE)
    (mail,) = inbox.mails
    assert (mail.sender, mail.recipients) == (JOERG.address, (JOERG.address,))
    assert mail.data == UTF8_MESSAGE


@pytest.mark.parametrize("client", [SWAKS, MSMTP], ids=str)
async def test_utf8_addresses_without_smtputf8_are_refused(
    library: Library, client: Client
) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox) as server:
        job = Submission(server.port, sender=JOERG.address)
        with pytest.raises(AssertionError, match=r"553 5\.6\.7"):
            await deliver(library, client, job, HELLO)
    assert inbox.mails == []


async def test_swaks_pipelines(library: Library) -> None:
    inbox = Inbox(library.runtime, rcpt_replies={NOBODY: [UNKNOWN]})
    async with serve(library, inbox) as server:
        job = Submission(server.port, recipients=(ANN.address, NOBODY, BOB.address))
        command = [*programs.swaks(job), "--pipeline"]
        output = await library.runtime.in_thread(partial(programs.succeed, command, HELLO))
    assert "<** 550 5.1.1 No such user here" in output
    (mail,) = inbox.mails
    assert mail.recipients == (ANN.address, BOB.address)
    assert content(SWAKS, mail) == HELLO


# TLS


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@every_client
async def test_tls(
    library: Library,
    certificates: Certificates,
    client: Client,
    tls: Literal["starttls", "implicit"],
) -> None:
    inbox = Inbox(library.runtime)
    async with serve(
        library,
        inbox,
        tls_context=certificates.server_context(),
        implicit_tls=tls == "implicit",
        require_tls=True,
    ) as server:
        job = Submission(server.port, tls=tls, authority_file=certificates.authority_file)
        await deliver(library, client, job, HELLO)
    (mail,) = inbox.mails
    assert mail.tls == "TLSv1.3"
    assert content(client, mail) == HELLO


@every_client
async def test_mail_in_clear_text_is_refused_if_tls_is_required(
    library: Library, certificates: Certificates, client: Client
) -> None:
    inbox = Inbox(library.runtime)
    async with serve(
        library, inbox, tls_context=certificates.server_context(), require_tls=True
    ) as server:
        with pytest.raises((AssertionError, smtplib.SMTPSenderRefused), match="530"):
            await deliver(library, client, Submission(server.port), HELLO)
    assert inbox.mails == []


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_openssl_starttls(library: Library, certificates: Certificates, version: str) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox, tls_context=certificates.server_context()) as server:
        command = [program("openssl", "openssl"), "s_client", "-quiet", "-starttls", "smtp"]
        command += ["-connect", f"{HOST}:{server.port}", version, "-verify_return_error"]
        command += ["-CAfile", str(certificates.authority_file), "-verify_ip", HOST]
        replies = await library.runtime.in_thread(partial(converse, command))
    assert [reply[:3] for reply in replies] == ["250", "250", "250", "354", "250", "221"]
    (mail,) = inbox.mails
    assert mail.tls == {"-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}[version]
    assert mail.data == b"Subject: typed\r\n\r\n.\r\n"


def converse(command: Sequence[str]) -> list[str]:
    """Type SMTP into a program that connects to a server; return the last line of each reply."""
    steps = (
        f"EHLO {CLIENT_NAME}\r\n",
        f"MAIL FROM:<{ANN.address}>\r\n",
        f"RCPT TO:<{BOB.address}>\r\n",
        "DATA\r\n",
        "Subject: typed\r\n\r\n..\r\n.\r\n",
        "QUIT\r\n",
    )
    replies = []
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        for step in steps:
            process.stdin.write(step)
            process.stdin.flush()
            replies.append(next(line for line in lines if line[3] == " "))
    return replies


# AUTH


class CertificateAuthenticator(PasswordAuthenticator):
    """Lets ANN in who shows a certificate of our authority."""

    async def check_external(self, authzid: str, certificate: bytes | None) -> bool | str:
        return ANN.name if certificate is not None and authzid in ("", ANN.name) else False


PASSWORDS = {account.name: account.password for account in ACCOUNTS}
TOKENS = {account.name: f"token{number}==" for number, account in enumerate(ACCOUNTS)}


def authenticator(mechanism: str) -> PasswordAuthenticator:
    """Know the accounts, and offer one mechanism."""
    return CertificateAuthenticator(PASSWORDS, tokens=TOKENS, mechanisms=[mechanism])


def secret(user: str, mechanism: str) -> str:
    """Return what a user proves itself with."""
    if mechanism == "EXTERNAL":
        return ""
    return (TOKENS if "OAUTH" in mechanism else PASSWORDS)[user]


def logins() -> Iterator[tuple[Client, str, str]]:
    """Name every client, mechanism and user that go together."""
    for client in CLIENTS:
        for mechanism in client.mechanisms:
            for account in (ANN,) if mechanism == "EXTERNAL" else ACCOUNTS:
                if client.utf8_names or account.name.isascii():
                    yield client, mechanism, account.name


@pytest.mark.parametrize(("client", "mechanism", "user"), [*logins()], ids=str)
async def test_clients_authenticate(
    library: Library,
    certificates: Certificates,
    client: Client,
    mechanism: str,
    user: str,
) -> None:
    context = certificates.server_context()
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(certificates.authority_file)
    inbox = Inbox(library.runtime)
    async with serve(
        library,
        inbox,
        tls_context=context,
        authenticator=authenticator(mechanism),
        require_auth=True,
    ) as server:
        job = Submission(
            server.port,
            tls="starttls",
            authority_file=certificates.authority_file,
            account=Account(user, secret(user, mechanism)),
            mechanism=mechanism,
            client_file=certificates.client_file if mechanism == "EXTERNAL" else None,
        )
        await deliver(library, client, job, HELLO)
    (mail,) = inbox.mails
    assert mail.user == user
    assert content(client, mail) == HELLO


@pytest.mark.parametrize("mechanism", ["PLAIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2"])
async def test_a_wrong_password_is_refused(
    library: Library, certificates: Certificates, mechanism: str
) -> None:
    inbox = Inbox(library.runtime)
    async with serve(
        library,
        inbox,
        tls_context=certificates.server_context(),
        authenticator=authenticator(mechanism),
        auth_failure_delay=0,
    ) as server:
        job = Submission(
            server.port,
            tls="starttls",
            authority_file=certificates.authority_file,
            account=Account(ANN.name, secret(BOB.name, mechanism)),
            mechanism=mechanism,
        )
        with pytest.raises(AssertionError, match=r"535 5\.7\.8"):
            await deliver(library, MSMTP, job, HELLO)
    assert inbox.mails == []


@every_client
async def test_mail_without_auth_is_refused_if_it_is_required(
    library: Library, client: Client
) -> None:
    inbox = Inbox(library.runtime)
    async with serve(
        library,
        inbox,
        authenticator=authenticator("PLAIN"),
        allow_plaintext=True,
        require_auth=True,
    ) as server:
        with pytest.raises((AssertionError, smtplib.SMTPSenderRefused), match="530"):
            await deliver(library, client, Submission(server.port), HELLO)
        await deliver(library, client, Submission(server.port, account=BOB), HELLO)
    (mail,) = inbox.mails
    assert mail.user == BOB.name


# LMTP


@pytest.mark.parametrize("client", [SWAKS, MSMTP, SMTPLIB], ids=str)
async def test_lmtp(library: Library, client: Client) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox, lmtp=True) as server:
        await deliver(library, client, Submission(server.port, lmtp=True), HELLO)
    (mail,) = inbox.mails
    assert mail.recipients == (BOB.address,)
    assert content(client, mail) == HELLO


async def test_lmtp_replies_for_each_recipient(library: Library) -> None:
    inbox = Inbox(library.runtime, message_replies={ANN.address: [LATER]})
    async with serve(library, inbox, lmtp=True) as server:
        job = Submission(server.port, recipients=(ANN.address, BOB.address), lmtp=True)
        result = await library.runtime.in_thread(
            partial(programs.run, [*programs.swaks(job), "--pipeline"], HELLO)
        )
    assert "<** 451 4.3.0 Try again" in result.stdout
    (mail,) = inbox.mails
    assert mail.recipients == (BOB.address,)


# Clients that go


@pytest.mark.parametrize(
    "last_words",
    [
        b"DATA\r\n",
        b"DATA\r\nSubject: half\r\n\r\nhalf",
        b"DATA\r\nSubject: half\r\n\r\n.",
        b"DATA\r\nSubject: half\r\n\r\n.\n",
        b"DATA\r\nSubject: half\r\n\r\n.\r",
        b"BDAT 100 LAST\r\nSubject: half\r\n\r\n",
        b"BDAT 17\r\nSubject: half\r\n\r\n",
        b"BDAT 17\r\nSubject: half\r\n\r\nBDAT 1 LAST\r\n",
    ],
)
async def test_a_client_that_closes_in_a_message_leaves_nothing(
    library: Library, last_words: bytes
) -> None:
    inbox = Inbox(library.runtime)

    def leave(port: int) -> None:
        with (
            socket.create_connection((HOST, port), timeout=20) as connection,
            connection.makefile("rb") as replies,
        ):
            command, _, rest = last_words.partition(b"\r\n")
            words = (
                b"EHLO client.example.test\r\n",
                b"MAIL FROM:<ann@example.test>\r\n",
                b"RCPT TO:<bob@example.test>\r\n",
            )
            next(replies)
            for line in words:
                connection.sendall(line)
                while next(replies)[3:4] == b"-":
                    pass
            connection.sendall(command + b"\r\n")
            if command == b"DATA":
                assert next(replies).startswith(b"354")
            connection.sendall(rest)

    async with serve(library, inbox) as server:
        await library.runtime.in_thread(partial(leave, server.port))
        await inbox.closed.wait()
        assert inbox.mails == []
        assert inbox.aborted == 1
        await deliver(library, CURL, Submission(server.port), HELLO)
    assert [mail.data for mail in inbox.mails] == [HELLO]


@pytest.mark.parametrize("place", ["MAIL", "RCPT", "DATA"])
async def test_swaks_drops_the_connection(library: Library, place: str) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox) as server:
        command = [*programs.swaks(Submission(server.port)), "--drop-after-send", place]
        await library.runtime.in_thread(partial(programs.run, command, HELLO))
        await inbox.closed.wait()
    assert inbox.mails == []


# Proxies


class TrustingInbox(Inbox):
    """Believes what XCLIENT says."""

    extensions = ("XCLIENT NAME ADDR",)
    attributes: tuple[tuple[str, str], ...] = ()

    async def xclient(self, session: SmtpSession, command: Xclient) -> Reply | None:
        self.attributes = command.attributes
        return Reply(220, "mx.example.test ESMTP")


async def test_swaks_sends_xclient(library: Library) -> None:
    inbox = TrustingInbox(library.runtime)
    async with serve(library, inbox) as server:
        command = programs.swaks(Submission(server.port))
        command += ["--xclient-name", "there.example", "--xclient-addr", "192.0.2.7"]
        await library.runtime.in_thread(partial(programs.succeed, command, HELLO))
    assert inbox.attributes == (("NAME", "there.example"), ("ADDR", "192.0.2.7"))
    assert len(inbox.mails) == 1


@pytest.mark.parametrize("version", ["1", "2"])
async def test_swaks_sends_a_proxy_header(library: Library, version: str) -> None:
    inbox = Inbox(library.runtime)
    family = {"1": "TCP4", "2": "AF_INET"}[version]
    async with serve(library, inbox, proxy_protocol=True) as server:
        command = programs.swaks(Submission(server.port))
        command += ["--proxy-version", version, "--proxy-family", family]
        command += ["--proxy-source", "192.0.2.7", "--proxy-source-port", "4321"]
        command += ["--proxy-dest", "192.0.2.1", "--proxy-dest-port", "25"]
        await library.runtime.in_thread(partial(programs.succeed, command, HELLO))
    (mail,) = inbox.mails
    assert mail.peer == "192.0.2.7"


async def test_curl_sends_a_proxy_header(library: Library) -> None:
    inbox = Inbox(library.runtime)
    async with serve(library, inbox, proxy_protocol=True) as server:
        command = [*programs.curl(Submission(server.port)), "--haproxy-protocol"]
        await library.runtime.in_thread(partial(programs.succeed, command, HELLO))
    (mail,) = inbox.mails
    assert mail.peer == HOST
    assert mail.data == HELLO
