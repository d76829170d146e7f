"""How a client gets in: greeting, STARTTLS, LOGIN, AUTHENTICATE, and what it knows then."""

import pytest

from mailproto import imap
from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.imap import ClientConnection, State
from mailproto.sasl import CramMd5, Login, Plain, XOAuth2
from mailproto.testing import Cut, bytewise, whole

from .client_scenes import GREETING, PREAUTH, connected, heard


def test_login_and_logout() -> None:
    conn = connected(GREETING, allow_plaintext=True)
    assert conn.send(imap.Login("ann", "secret")) == "A1"
    assert conn.data_to_send() == b"A1 LOGIN ann secret\r\n"
    (done,) = heard(conn, b"A1 OK [CAPABILITY IMAP4rev2] in\r\n")
    assert isinstance(done, imap.CommandCompleted)
    assert done.command == imap.Login("ann", "secret")
    assert conn.state is State.AUTHENTICATED
    assert conn.capabilities == imap.Capabilities(["IMAP4rev2"])
    conn.send(imap.Logout())
    bye, done, closed = heard(conn, b"* BYE see you\r\nA2 OK bye\r\n")
    assert isinstance(bye, imap.Bye)
    assert isinstance(done, imap.CommandCompleted)
    assert closed == imap.ConnectionClosed(True, (), imap.Bye("see you"))


def test_authenticate() -> None:
    conn = connected(GREETING, tls=True)
    conn.authenticate(Plain("u", "p"))
    assert conn.data_to_send() == b"A1 AUTHENTICATE PLAIN\r\n"
    heard(conn, b"+ \r\n")
    assert conn.data_to_send() == b"AHUAcA==\r\n"
    heard(conn, b"A1 OK in\r\n")
    assert conn.state is State.AUTHENTICATED
    assert conn.capabilities is None


def test_starttls_forgets_and_refuses_what_is_injected() -> None:
    conn = connected(GREETING)
    conn.send(imap.StartTls())
    assert heard(conn, b"A1 OK go\r\n")[-1] == imap.UpgradeToTls()
    conn.tls_established()
    assert conn.capabilities is None
    assert conn.state is State.NOT_AUTHENTICATED
    conn = connected(GREETING)
    conn.send(imap.StartTls())
    with pytest.raises(RemoteProtocolError, match="plain bytes"):
        heard(conn, b"A1 OK go\r\n* CAPABILITY IMAP4rev1\r\n")
    conn = connected(GREETING)
    conn.send(imap.StartTls())
    heard(conn, b"A1 OK go\r\n")
    with pytest.raises(RemoteProtocolError, match="plain bytes"):
        heard(conn, b"x")


def test_preauth_under_required_tls() -> None:
    conn = ClientConnection(require_tls=True)
    with pytest.raises(RemoteProtocolError, match="PREAUTH"):
        heard(conn, PREAUTH)


@pytest.mark.parametrize("cut", [0, 1, 5, 9])
def test_a_completion_before_its_command_is_fatal(cut: int) -> None:
    forged = b"A1 OK in\r\n"
    conn = connected(GREETING, allow_plaintext=True)
    conn.receive_data(forged[: len(forged) - cut])
    if cut:
        conn.send(imap.Login("a", "b"))
        conn.receive_data(forged[len(forged) - cut :])
    with pytest.raises(RemoteProtocolError):
        heard(conn)


def test_capabilities_that_came_before_the_login_are_forgotten() -> None:
    client = connected(GREETING, allow_plaintext=True)
    client.receive_data(b"* CAPABILITY IMAP4rev1 X-OLD\r\n")
    client.send(imap.Login("a", "b"))
    heard(client, b"A1 OK in\r\n")
    assert client.capabilities is None


def test_capabilities_between_login_and_its_answer_stay() -> None:
    client = connected(GREETING, allow_plaintext=True)
    client.send(imap.Login("a", "b"))
    heard(client, b"* CAPABILITY IMAP4rev2\r\nA1 OK in\r\n")
    assert client.capabilities == imap.Capabilities(["IMAP4rev2"])


def test_authenticate_by_hand() -> None:
    client = connected(GREETING)
    with pytest.raises(LocalProtocolError, match=r"(?i)auth"):
        client.send(imap.AuthResponse(b"x"))
    client.send(imap.Authenticate("LOGIN"))
    challenge = imap.Continuation.of_challenge(b"User")
    assert heard(client, b"+ VXNlcg==\r\n") == [challenge]
    assert client.send(imap.AuthResponse(b"ann")) == "A1"
    with pytest.raises(LocalProtocolError, match=r"(?i)auth"):
        client.send(imap.AuthResponse(b"ann"))
    heard(client, b"+ UGFzcw==\r\n")
    client.send(imap.AuthResponse(None))
    assert client.data_to_send() == b"A1 AUTHENTICATE LOGIN\r\nYW5u\r\n*\r\n"
    (refused,) = heard(client, b"A1 BAD cancelled\r\n")
    assert refused.error is None
    assert client.state is State.NOT_AUTHENTICATED


def test_spaces_around_a_challenge() -> None:
    client = connected(GREETING, tls=True)
    client.authenticate(Login("ann", "secret"))
    heard(client, b"+  VXNlcg== \r\n+ \r\n")
    assert client.data_to_send() == b"A1 AUTHENTICATE LOGIN\r\nYW5u\r\nc2VjcmV0\r\n"


def test_a_second_challenge_before_the_answer_is_unasked() -> None:
    client = connected(GREETING)
    client.send(imap.Authenticate("LOGIN"))
    first, second = heard(client, b"+ VXNlcg==\r\n+ UGFzcw==\r\n")
    assert isinstance(first, imap.Continuation)
    assert isinstance(second, imap.UnsolicitedResponse)


@pytest.mark.parametrize(
    ("offered", "size", "line"),
    [
        (b"AUTH=PLAIN", 5, b"A1 AUTHENTICATE PLAIN\r\n"),
        (b"AUTH=PLAIN SASL-IR", 5, b"A1 AUTHENTICATE PLAIN AHUAcHBwcHA=\r\n"),
        (b"AUTH=PLAIN IMAP4rev2", 5, b"A1 AUTHENTICATE PLAIN AHUAcHBwcHA=\r\n"),
        (b"SASL-IR", 6200, b"A1 AUTHENTICATE XOAUTH2\r\n"),
    ],
)
def test_initial_response(offered: bytes, size: int, line: bytes) -> None:
    offered += b" AUTH=XOAUTH2"
    client = connected(b"* OK [CAPABILITY IMAP4rev1 " + offered + b"] x\r\n", tls=True)
    client.authenticate(Plain("u", "p" * size) if size < 9 else XOAuth2("u", "t" * size))
    assert client.data_to_send() == line


def test_without_capabilities_there_is_no_initial_response() -> None:
    client = connected(b"* OK hi\r\n", tls=True)
    client.authenticate(Plain("u", "p"))
    assert client.data_to_send() == b"A1 AUTHENTICATE PLAIN\r\n"


def test_passwords_stay_off_the_open_wire() -> None:
    client = connected(GREETING)
    with pytest.raises(LocalProtocolError, match="show the password"):
        client.authenticate(Plain("u", "p"))
    with pytest.raises(LocalProtocolError, match="show the password"):
        client.send(imap.Login("u", "p"))
    client = connected(b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] x\r\n", tls=True)
    with pytest.raises(LocalProtocolError, match="LOGINDISABLED"):
        client.send(imap.Login("u", "p"))
    with pytest.raises(LocalProtocolError, match="AUTH=PLAIN"):
        client.authenticate(Plain("u", "p"))
    assert client.data_to_send() == b""


def test_what_shows_no_password_needs_no_tls() -> None:
    """The example of RFC 2195 2."""
    client = connected(b"* OK [CAPABILITY IMAP4rev1 AUTH=CRAM-MD5] x\r\n")
    client.authenticate(CramMd5("tim", "tanstaaftanstaaf"))
    heard(client, b"+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n")
    answer = b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"
    assert client.data_to_send() == b"A1 AUTHENTICATE CRAM-MD5\r\n" + answer + b"\r\n"
    heard(client, b"A1 OK in\r\n")
    assert client.state is State.AUTHENTICATED


def test_a_cancelled_exchange_tells_why() -> None:
    client = connected(GREETING, tls=True)
    client.authenticate(Plain("u", "p"))
    heard(client, b"+ !!!\r\n")
    assert client.data_to_send() == b"A1 AUTHENTICATE PLAIN\r\n*\r\n"
    (refused,) = heard(client, b"A1 BAD cancelled\r\n")
    assert refused.error is not None


def test_success_without_proof_is_fatal() -> None:
    client = connected(GREETING, tls=True)
    client.authenticate(Plain("u", "p"))
    with pytest.raises(RemoteProtocolError, match="not finished"):
        heard(client, b"A1 OK in\r\n")


@pytest.mark.parametrize("cut", [whole, bytewise])
@pytest.mark.parametrize("record", [b"\x15\x03\x01\0\x02\x02\x46", b"\x16\x03\x03\n\r\n"])
def test_tls_on_the_port(record: bytes, cut: Cut) -> None:
    client = imap.ClientConnection()
    with pytest.raises(RemoteProtocolError, match="speaks TLS"):
        heard(client, record, cut)


def test_tls_established_only_after_starttls() -> None:
    client = connected(GREETING)
    with pytest.raises(LocalProtocolError, match="no TLS"):
        client.tls_established()
    client.send(imap.StartTls())
    client.receive_data(b"A1 OK go\r\n")
    assert isinstance(client.next_event(), imap.CommandCompleted)
    client.tls_established()
    assert client.next_event() is None  # UpgradeToTls is done with
    heard(client, b"* CAPABILITY IMAP4rev1\r\n")
    with pytest.raises(LocalProtocolError, match="STARTTLS"):
        client.send(imap.StartTls())


def test_starttls_over_tls() -> None:
    client = connected(GREETING, tls=True)
    with pytest.raises(LocalProtocolError, match="over TLS"):
        client.send(imap.StartTls())


def test_bytes_before_the_handshake_are_fatal_for_good() -> None:
    client = connected(GREETING)
    client.send(imap.StartTls())
    heard(client, b"A1 OK go\r\n")
    client.receive_data(b"x")
    for _ in range(2):
        with pytest.raises(RemoteProtocolError, match="plain bytes"):
            client.tls_established() if client.state is State.TLS else client.next_event()
    assert not client.tls
