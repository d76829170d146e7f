"""What ``mailproto probe`` learns of servers of every kind, hostile ones too, on both libraries."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from mailproto.cli.certificate_facts import CertificateFacts
from mailproto.cli.probe_advice import advise
from mailproto.cli.probing import Offers, Port, Probe, lenient_context
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import StoreInbox
from mailproto.stores import MemoryStore
from mailproto.tls import TlsInfo, client_context

from ..libraries import Library
from .command import PATIENCE

Behaviour = Callable[[socket.socket], None]


@contextmanager
def behaving(behaviour: Behaviour) -> Iterator[int]:
    """Run a server that does so to each client; gives its port."""

    def behave(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client left
            connection.settimeout(PATIENCE)
            behaviour(connection)

    def accept() -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = server.accept()
                threading.Thread(target=behave, args=(connection,), daemon=True).start()

    server = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(PATIENCE)


def says(*replies: bytes, then: Behaviour | None = None) -> Behaviour:
    """Say one of these at first and after each line; in the end do something, or wait."""

    def behaviour(connection: socket.socket) -> None:
        for reply in replies[:-1]:
            connection.sendall(reply)
            while not connection.recv(65536).endswith(b"\n"):
                pass
        connection.sendall(replies[-1])
        (then or wait)(connection)

    return behaviour


def wait(connection: socket.socket) -> None:
    """Say nothing more until the client leaves."""
    while connection.recv(65536):
        pass


def endless(line: bytes) -> Behaviour:
    """Say this for ever."""

    def behaviour(connection: socket.socket) -> None:
        while True:
            connection.sendall(line * 1000)

    return behaviour


async def look(
    library: Library,
    behaviour: Behaviour,
    protocol: str,
    tls: str = "starttls",
    seconds: float = PATIENCE,
) -> Probe:
    with behaving(behaviour) as port:
        probe = Probe("127.0.0.1", Port(port, protocol, tls))
        await probe.run(library.binding, client_context(), seconds)
    return probe


async def look_at_ours(
    library: Library, protocol: str, authority: trustme.CA, certificate: trustme.LeafCert
) -> Probe:
    """Look at a server of ours, with STARTTLS; whoever the authority vouches for is trusted."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    trusting = client_context()
    authority.configure_trust(trusting)
    authenticator = PasswordAuthenticator({"ann": "open sesame"})
    store = MemoryStore()
    behind = StoreInbox(store, lambda recipient: "ann") if protocol == "smtp" else store
    serve = getattr(library.binding, f"serve_{protocol}")
    async with serve(behind, authenticator=authenticator, tls_context=context) as server:
        probe = Probe("127.0.0.1", Port(server.port, protocol, "starttls"))
        await probe.run(library.binding, trusting, PATIENCE)
    return probe


@pytest.mark.parametrize("protocol", ["smtp", "pop3", "imap"])
async def test_our_own_servers(library: Library, protocol: str) -> None:
    authority = trustme.CA()
    probe = await look_at_ours(library, protocol, authority, authority.issue_cert("127.0.0.1"))
    assert (probe.spoke, probe.problem, advise(probe)) == (True, "", [])
    assert probe.offers["clear"].starttls
    assert probe.offers["tls"].passwords
    assert probe.tls is not None
    assert probe.tls.peer_certificate


@pytest.mark.parametrize(
    ("name", "days", "problem", "advice"),
    [
        ("127.0.0.1", -1, "expired", "has expired"),
        ("127.0.0.1", 5, "", "The certificate ends on"),
        ("other.example", 90, "mismatch", "get one for 127.0.0.1"),
    ],
)
async def test_certificates(
    library: Library, name: str, days: int, problem: str, advice: str
) -> None:
    authority = trustme.CA()
    ends = datetime.now(UTC) + timedelta(days=days)
    issued = authority.issue_cert(name, not_before=ends - timedelta(days=99), not_after=ends)
    probe = await look_at_ours(library, "smtp", authority, issued)
    assert probe.spoke
    assert problem in probe.problem
    assert bool(probe.problem) == bool(problem)
    assert "".join(advise(probe)).count(advice) == len(advise(probe)) == 1
    assert probe.certificate is not None
    assert probe.certificate.names == (name,)


async def test_nobody_listens(library: Library) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        probe = Probe("127.0.0.1", Port(taken.getsockname()[1], "smtp", "starttls"))
        await probe.run(library.binding, client_context(), PATIENCE)
    assert not probe.spoke
    assert re.match("Nothing listens|No connection", probe.problem)


@pytest.mark.parametrize("greeting", [b"* OK IMAP here\r\n", b"\xff\x00garbage\r\n"])
async def test_another_protocol(library: Library, greeting: bytes) -> None:
    probe = await look(library, says(greeting), "smtp")
    assert not probe.spoke
    assert "does not follow the protocol" in probe.problem
    assert probe.greeting in ("* OK IMAP here", r"\xff\x00garbage")


@pytest.mark.parametrize(
    ("protocol", "replies", "passwords"),
    [
        ("smtp", (b"220 a\r\n", b"250-a\r\n250 AUTH PLAIN\r\n", b"221 bye\r\n"), True),
        ("smtp", (b"220 a\r\n", b"250-a\r\n250 AUTH SCRAM-SHA-1\r\n", b"221 bye\r\n"), False),
        ("pop3", (b"+OK\r\n", b"+OK\r\nUSER\r\n.\r\n", b"+OK\r\n"), True),
        ("pop3", (b"+OK\r\n", b"+OK\r\nSASL LOGIN\r\n.\r\n", b"+OK\r\n"), True),
        ("pop3", (b"+OK\r\n", b"+OK\r\nTOP\r\nSASL CRAM-MD5\r\n.\r\n", b"+OK\r\n"), False),
        ("pop3", (b"+OK\r\n", b"-ERR what?\r\n", b"+OK\r\n"), True),
        ("imap", (b"* OK [CAPABILITY IMAP4rev1] a\r\n", b"* BYE\r\n"), True),
        ("imap", (b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] a\r\n", b"* BYE\r\n"), False),
        (
            "imap",
            (b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGINDISABLED] a\r\n", b"* BYE\r\n"),
            True,
        ),
        ("imap", (b"* PREAUTH [CAPABILITY IMAP4rev1] a\r\n", b"* BYE\r\n"), False),
    ],
)
async def test_passwords_in_clear_text(
    library: Library, protocol: str, replies: tuple[bytes, ...], passwords: bool
) -> None:
    hang_up: Behaviour = socket.socket.close
    probe = await look(library, says(*replies, then=hang_up), protocol)
    assert (probe.spoke, probe.problem) == (True, "")
    assert probe.offers["clear"].passwords is passwords
    advice = advise(probe)
    assert "It offers no STARTTLS: all goes in clear text." in advice
    assert any("takes passwords in clear text" in text for text in advice) is passwords
    assert any("PREAUTH" in text for text in advice) is replies[0].startswith(b"* PREAUTH")


@pytest.mark.parametrize(
    ("protocol", "greeting", "shown"),
    [
        ("smtp", b"554-no\r\n554 service\r\n", "554-no\n554 service"),
        ("smtp", b"421 too busy\r\n", "421 too busy"),
        ("pop3", b"-ERR [SYS/TEMP] busy\r\n", "-ERR [SYS/TEMP] busy"),
        ("imap", b"* BYE go\x1b[2J away\r\n", r"* BYE go\x1b[2J away"),
    ],
)
async def test_a_refusal_is_an_answer(
    library: Library, protocol: str, greeting: bytes, shown: str
) -> None:
    probe = await look(library, says(greeting), protocol)
    assert (probe.spoke, probe.greeting) == (True, shown)
    assert "refused" in probe.problem
    assert advise(probe) == []


async def test_the_refusal_of_ehlo_is_no_greeting(library: Library) -> None:
    replies = (b"220 hello\r\n", b"550 not you\r\n", b"550 not you\r\n")
    probe = await look(library, says(*replies), "smtp")
    assert (probe.spoke, probe.greeting) == (True, "220 hello")
    assert "550 not you" in probe.problem


async def test_the_refusal_of_starttls(library: Library) -> None:
    replies = (b"220 a\r\n", b"250-a\r\n250 STARTTLS\r\n", b"454 no\r\n")
    probe = await look(library, says(*replies), "smtp")
    assert probe.spoke
    assert "STARTTLS, or refused it" in probe.problem
    assert advise(probe) == []


@pytest.mark.parametrize(
    ("protocol", "line"),
    [
        *(
            (protocol, line)
            for protocol in ("smtp", "pop3", "imap")
            for line in (b"x", b"\xff\x00\x1b\r\n", b"\n", b"\r")
        ),
        ("smtp", b"220-x\r\n"),
        ("smtp", b"* OK x\r\n"),
        ("pop3", b"* OK x\r\n"),
        ("pop3", b"+OK x\r\n"),
        ("imap", b"+OK x\r\n"),
    ],
)
async def test_endless_greetings(library: Library, protocol: str, line: bytes) -> None:
    probe = await look(library, endless(line), protocol)
    assert probe.problem
    assert "too long" not in probe.problem
    assert len(probe.greeting) <= 3 * 8192


@pytest.mark.parametrize(
    ("protocol", "replies", "line"),
    [
        ("smtp", (b"220 a\r\n", b"250-a\r\n"), b"250-KEYWORD\r\n"),
        ("smtp", (b"220 a\r\n", b"250-a\r\n"), b"250-AUTH " + b"PLAIN " * 100),
        ("pop3", (b"+OK\r\n", b"+OK\r\n"), b"KEYWORD\r\n"),
        ("pop3", (b"+OK\r\n", b"+OK\r\n"), b"SASL " + b"PLAIN " * 100),
        ("imap", (b"* OK a\r\n", b"* CAPABILITY IMAP4rev1"), b" KEYWORD"),
    ],
)
async def test_endless_capabilities(
    library: Library, protocol: str, replies: tuple[bytes, ...], line: bytes
) -> None:
    probe = await look(library, says(*replies, then=endless(line)), protocol)
    assert "exceeded the limit" in probe.problem


@pytest.mark.parametrize(
    ("behaviour", "protocol", "tls"),
    [
        (wait, "smtp", "starttls"),
        (wait, "pop3", "starttls"),
        (wait, "imap", "starttls"),
        (wait, "imap", "implicit"),
        (says(b"220 a\r\n", b"250-a\r\n250 STARTTLS\r\n", b"220 go\r\n"), "smtp", "starttls"),
        (says(b"220 a\r\n"), "smtp", "starttls"),
        (endless(b"* OK a\r\n"), "imap", "starttls"),
        (says(b"* OK a\r\n", then=endless(b"* CAPABILITY A\r\n")), "imap", "starttls"),
    ],
    ids=["smtp", "pop3", "imap", "implicit TLS", "STARTTLS", "EHLO", "OK", "CAPABILITY"],
)
async def test_what_never_ends(
    library: Library, behaviour: Behaviour, protocol: str, tls: str
) -> None:
    probe = await look(library, behaviour, protocol, tls, seconds=0.3)
    assert "takes too long" in probe.problem


async def test_no_tls_where_it_should_begin(library: Library) -> None:
    probe = await look(library, says(b"220 hello\r\n"), "smtp", "implicit")
    assert not probe.spoke
    assert probe.problem.startswith("No TLS with 127.0.0.1")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_server_that_knows_old_tls_only() -> None:
    """What it is looked at with goes as far back; mailproto's clients do not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = lenient_context().wrap_bio(to_client, to_server)
    for _ in range(4):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    assert client.version() == "TLSv1.1"


def _ends_in(days: float) -> CertificateFacts:
    ends = datetime.now(UTC) + timedelta(days=days)
    return CertificateFacts("CN=a", ("a",), ends - timedelta(days=90), ends)


_GOOD = Offers((), (), starttls=True, passwords=False, open=False)


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        ({}, ""),
        ({"offers": {"clear": _GOOD}, "tls": TlsInfo("TLSv1.3"), "certificate": _ends_in(15)}, ""),
        ({"offers": {"tls": Offers((), (), False, True, False)}}, ""),
        ({"offers": {"clear": Offers((), (), False, False, False)}}, "no STARTTLS"),
        ({"offers": {"clear": Offers((), (), True, True, False)}}, "passwords in clear text"),
        ({"offers": {"tls": Offers((), (), False, False, True)}}, "PREAUTH"),
        ({"tls": TlsInfo("TLSv1.2")}, ""),
        ({"tls": TlsInfo("TLSv1.1")}, "TLSv1.1 is too old"),
        ({"verify_code": 10}, ""),
        ({"verify_code": 18}, "--ca FILE"),
        ({"verify_code": 20}, "--ca FILE"),
        ({"verify_code": 62}, "get one for mx.example.org"),
        ({"certificate": _ends_in(13)}, "The certificate ends on"),
        ({"certificate": _ends_in(-1)}, "has expired"),
    ],
)
def test_advice(facts: dict[str, object], advice: str) -> None:
    probe = Probe("mx.example.org", Port(143, "imap", "starttls"))
    for name, fact in facts.items():
        assert hasattr(probe, name)
        setattr(probe, name, fact)
    given = advise(probe)
    assert len(given) == bool(advice)
    assert advice in " ".join(given)
