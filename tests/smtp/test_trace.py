"""The trace shows every line of both sides, and nothing shows a secret."""

import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from mailproto import sasl
from mailproto._trace import redact
from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.smtp import (
    DEFAULT_EXTENSIONS,
    Auth,
    AuthResponse,
    Bdat,
    ClientConnection,
    Command,
    Data,
    Ehlo,
    EndOfMessage,
    Mail,
    MessageData,
    Quit,
    Rcpt,
    Reply,
    ServerConnection,
    ServerEvent,
    TraceLine,
)
from mailproto.testing import Cut, Pair, bytewise, whole

from .scenes import EHLO, connected, greeted, heard, talk

SECRET = "correct-horse"
SECRETS = (
    SECRET,
    b64encode(SECRET.encode()).decode(),
    b64encode(b"\0ann\0" + SECRET.encode()).decode(),
)
PLAIN = b64encode(b"\0ann\0" + SECRET.encode())
OFFERS_AUTH = DEFAULT_EXTENSIONS.with_lines("AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 SCRAM-SHA-256")
cuts = pytest.mark.parametrize("cut", [whole, bytewise])


def _assert_silent(*things: object) -> None:
    for thing in things:
        for secret in SECRETS:
            assert secret not in repr(thing)
            assert secret not in str(thing)


def _lines(trace: list[TraceLine]) -> list[str]:
    return [f"{line.sender}: {line.text}" for line in trace]


def test_a_session_as_both_sides_see_it() -> None:
    ours: list[TraceLine] = []
    theirs: list[TraceLine] = []
    pair = Pair(ClientConnection(trace=ours.append), ServerConnection("mx", trace=theirs.append))
    message = (MessageData(b"From: me\r\n"), MessageData(b"hi\r\n"), EndOfMessage())
    chunk = (Bdat(2), MessageData(b"hi"))
    envelope = ((Mail("a@c.example"),), (Rcpt("b@mx.example"),))
    steps = ((Ehlo("c.example"),), *envelope, (Data(),), message)
    for step in (*steps, *envelope, chunk, (Bdat(0, last=True),), (Quit(),)):
        pair.send(*step)
    assert _lines(ours) == _lines(theirs)
    assert _lines(ours) == [
        "S: 220 ready",
        "C: EHLO c.example",
        "S: 250-mx",
        *(f"S: 250-{line}" for line in DEFAULT_EXTENSIONS.lines[:-1]),
        f"S: 250 {DEFAULT_EXTENSIONS.lines[-1]}",
        "C: MAIL FROM:<a@c.example>",
        "S: 250 2.1.0 OK",
        "C: RCPT TO:<b@mx.example>",
        "S: 250 2.1.5 OK",
        "C: DATA",
        "S: 354 Go ahead, end with a line of one dot",
        "C: [14 octets of the message]",
        "S: 250 2.0.0 OK",
        "C: MAIL FROM:<a@c.example>",
        "S: 250 2.1.0 OK",
        "C: RCPT TO:<b@mx.example>",
        "S: 250 2.1.5 OK",
        "C: BDAT 2",
        "C: [2 octets of the message]",
        "S: 250 2.0.0 OK",
        "C: BDAT 0 LAST",
        "S: 250 2.0.0 OK",
        "C: QUIT",
        "S: 221 2.0.0 Bye",
    ]


def test_what_is_no_command_and_no_reply_is_traced_too() -> None:
    trace: list[TraceLine] = []
    talk(greeted(trace=trace.append), b"\x1b[2J\r\nMAIL\x85x\n" + b"x" * 9000 + b"\r\n")
    shown = [line.text for line in trace if line.sender == "C"]
    assert shown == ["\\x1b[2J", "MAIL\\x85x", "x" * 80]
    trace.clear()
    heard(connected(trace=trace.append), "250\u2028 ok\r\nhm\x07\r\n".encode())
    assert _lines(trace)[-2:] == ["S: 250\\x2028 ok", "S: hm\\x07"]


MECHANISMS: list[Callable[[], sasl.ClientMechanism]] = [
    lambda: sasl.Plain("ann", SECRET),
    lambda: sasl.Login("ann", SECRET),
    lambda: sasl.CramMd5("ann", SECRET),
    lambda: sasl.XOAuth2("ann", SECRET),
    lambda: sasl.ScramSha256("ann", SECRET),
]


@cuts
@pytest.mark.parametrize("make", MECHANISMS)
@pytest.mark.parametrize("verdict", [True, False])
def test_authentication(make: Callable[[], sasl.ClientMechanism], verdict: bool, cut: Cut) -> None:
    traces: list[TraceLine] = []
    keys = sasl.ScramKeys.derive(SECRET if verdict else "x", "SHA-256")

    def serve(server: ServerConnection, event: ServerEvent) -> Reply | None:
        if isinstance(event, Auth):
            mechanism = sasl.server_mechanism(event.mechanism)
            assert mechanism is not None
            server.authenticate(mechanism)
        elif isinstance(event, sasl.LookupScramKeys):
            server.answer(keys)
        elif isinstance(event, sasl.LookupPassword):
            server.answer(SECRET if verdict else "x")
        elif isinstance(event, (sasl.CheckPassword, sasl.CheckToken)):
            server.answer(verdict)
        else:
            return server.default_reply(event)
        return None

    pair = Pair(
        ClientConnection(trace=traces.append),
        ServerConnection("mx", OFFERS_AUTH, trace=traces.append),
        serve=serve,
        cut=cut,
    )
    pair.send(Ehlo("c.example"))
    pair.client.authenticate(make(), allow_plaintext=True)
    pair.run()
    assert pair.client.authenticated == verdict
    assert pair.server.user == ("ann" if verdict else None)
    _assert_silent(traces, pair.client_events, pair.server_events, pair.client, pair.server)
    assert any("[redacted]" in line.text for line in traces)
    assert not any(line.text.startswith("C: AUTH") and len(line.text) > 40 for line in traces)


@cuts
@pytest.mark.parametrize(
    "line",
    [
        b"AUTH PLAIN %s\r\n",
        b"auth plain %s\n",
        b"AUTH PLAIN %s \r\n",
        b"AUTH\tPLAIN\t%s\r\n",
        b" AUTH PLAIN %s\r\n",
        b"AUTH PLAIN\0%s\r\n",
        b"AUTH PLAIN\x85%s\r\n",
        b"AUTH PLAIN \xff%s\r\n",
        b"AUTH PLAIN =%s\r\n",
        b"AUTH PLAIN %s====\r\n",
        b"AUTH XYZ %s extra\r\n",
        b"AUTH PLAIN %s" + b"A" * 9000 + b"\r\n",
    ],
)
@pytest.mark.parametrize("offered", [True, False])
def test_refused_auth_shows_nothing(line: bytes, offered: bool, cut: Cut) -> None:
    """What is refused is shown to people, with the line: a line with a password maybe."""
    trace: list[TraceLine] = []
    extensions = OFFERS_AUTH if offered else DEFAULT_EXTENSIONS
    server = greeted(extensions, trace=trace.append, hello=EHLO)
    events, output = talk(server, line % PLAIN, cut)
    assert len(events) == 1
    _assert_silent(trace, events, output, server)


@cuts
@pytest.mark.parametrize(
    "line", [b"%s\r\n", b"%s\n", b"%s=\r\n", b"%s\xff\r\n", b"%s" + b"A" * 17000 + b"\r\n"]
)
def test_responses_show_nothing(line: bytes, cut: Cut) -> None:
    trace: list[TraceLine] = []
    server = greeted(OFFERS_AUTH, trace=trace.append, hello=EHLO)
    server.receive_data(b"AUTH PLAIN\r\n")
    server.next_event()
    server.send(Reply(334))
    events, output = talk(server, line % PLAIN, cut)
    assert len(events) == 1
    _assert_silent(trace, events, output, server)


SECRET_BYTES = SECRET.encode()


@pytest.mark.parametrize(
    "thing",
    [
        Auth("PLAIN", SECRET_BYTES),
        AuthResponse(SECRET_BYTES),
        sasl.CheckPassword("ann", SECRET),
        sasl.CheckToken("ann", SECRET),
        sasl.Challenge(SECRET_BYTES),
        sasl.Credentials("ann", SECRET, SECRET),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_repr(thing: Any) -> None:
    _assert_silent(thing)


@pytest.mark.parametrize(
    "command",
    [Auth("PLA IN", SECRET_BYTES), Auth("PLAIN", SECRET_BYTES), AuthResponse(SECRET_BYTES)],
)
def test_errors_of_the_client_show_nothing(command: Command) -> None:
    trace: list[TraceLine] = []
    client = connected(trace=trace.append)
    with pytest.raises(LocalProtocolError) as caught:
        client.send(command)
    _assert_silent(trace, str(caught.value))


def test_errors_of_the_exchange_show_nothing() -> None:
    trace: list[TraceLine] = []
    client = connected("AUTH PLAIN", trace=trace.append)
    client.authenticate(sasl.Plain("ann", SECRET), allow_plaintext=True)
    heard(client, b"334 more\r\n")
    with pytest.raises(RemoteProtocolError) as caught:
        heard(client, b"334 more\r\n")
    _assert_silent(trace, client, "".join(traceback.format_exception_only(caught.value)))
    assert _lines(trace)[-3:] == ["S: 334 more", "C: *", "S: 334 more"]


def test_responses_by_hand_are_redacted() -> None:
    trace: list[TraceLine] = []
    client = connected("AUTH LOGIN", trace=trace.append)
    client.send(Auth("LOGIN", SECRET_BYTES))
    heard(client, b"334 \r\n")
    client.send(AuthResponse(SECRET_BYTES))
    _assert_silent(trace)
    assert _lines(trace)[-3:] == ["C: AUTH LOGIN [redacted]", "S: 334 ", "C: [redacted]"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("334 cj1hYmNkZWZnaGlqa2xtLHM9c2FsdCxpPTQwOTY=", "334 [challenge]"),
        ("+ cj1hYmNkZWZnaGlqa2xtLHM9c2FsdCxpPTQwOTY=", "+ [challenge]"),
        ("334 VXNlcm5hbWU6", "334 VXNlcm5hbWU6"),
        ("334 ", "334 "),
        ("+OK cj1hYmNkZWZnaGlqa2xtLHM9c2FsdCxpPTQwOTY=",) * 2,
        ("250 cj1hYmNkZWZnaGlqa2xtLHM9c2FsdCxpPTQwOTY=",) * 2,
    ],
)
def test_challenges_of_sasl_are_not_shown(line: str, shown: str) -> None:
    assert redact(line) == shown
