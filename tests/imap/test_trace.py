"""The trace of IMAP: one line for each unit, and nothing shows a secret."""

import pytest

from mailproto import imap
from mailproto._trace import TraceLine, Tracer, redact_imap
from mailproto.limits import ImapLimits
from mailproto.sasl import Plain

from .client_scenes import GREETING, connected, heard


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("A1 LOGIN ann secret", "A1 LOGIN [redacted]"),
        ("A1  login  ann", "A1  login [redacted]"),
        ("LOGIN ann secret", "LOGIN [redacted]"),
        ("A1 LOGIN\0ann", "A1 LOGIN [redacted]"),
        ("A1 LOGIN ann\nsecret", "A1 LOGIN [redacted]"),
        ("A1 LOGIN", "A1 LOGIN"),
        ("A1 AUTHENTICATE PLAIN", "A1 AUTHENTICATE PLAIN"),
        ("A1 authenticate PLAIN c2VjcmV0", "A1 authenticate PLAIN [redacted]"),
        ('A1 AUTHENTICATE "PLAIN" c2VjcmV0', "A1 AUTHENTICATE [redacted]"),
        ("A1 AUTHENTICATE PLAIN\0c2VjcmV0", "A1 AUTHENTICATE [redacted]"),
        ("A1 AUTHENTICATE c2VjcmV0cw==", "A1 AUTHENTICATE [redacted]"),
        ("+ cj1hYmNkZWZnaGlqa2xtLHM9c2FsdCxpPTQwOTY=", "+ [challenge]"),
        ("A1 OK LOGIN completed", "A1 OK LOGIN completed"),
        ("A1 LOGINS x", "A1 LOGINS x"),
    ],
)
def test_what_is_redacted(line: str, shown: str) -> None:
    assert redact_imap(line) == shown


@pytest.mark.parametrize(
    ("unit", "streamed", "shown"),
    [
        (b"A1 LOGIN {3}\r\nann {6+}\r\nsecret\r\n", (), "A1 LOGIN [redacted]"),
        (b"A1 LOGIN ann\nsecret\r\n", (), "A1 LOGIN [redacted]"),
        (b"* 1 FETCH (BODY[] {5}\r\nhello UID 3)\r\n", (), "* 1 FETCH (BODY[] {5} UID 3)"),
        (b"* 1 FETCH (BODY[] {5}\r\n UID 3)\r\n", (23,), "* 1 FETCH (BODY[] {5} UID 3)"),
        (b"* 1 FETCH (X {3}\r\na\nb)\n", (), "* 1 FETCH (X {3})"),
        (b"A1 NOOP\nA2 NOOP\x1b\r\n", (), "A1 NOOP\\x0aA2 NOOP\\x1b"),
        (b"* OK {99999999999999999999}\r\n", (), "* OK {99999999999999999999}"),
    ],
)
def test_a_unit_is_one_line_without_its_literals(
    unit: bytes, streamed: tuple[int, ...], shown: str
) -> None:
    lines: list[TraceLine] = []
    Tracer(lines.append, "C", "S", redact_imap).unit_received(unit, streamed)
    assert lines == [TraceLine("S", shown)]


def test_a_session_in_the_trace() -> None:
    lines: list[imap.TraceLine] = []
    client = connected(
        GREETING, allow_plaintext=True, trace=lines.append, limits=ImapLimits(inline_literal=3)
    )
    client.send(imap.Login('a"n\xe9', "secret\x80"))
    heard(client, b"+ go\r\n+ go\r\nA1 OK in\r\n")
    client.send(imap.Append("a", (imap.AppendMessage(b"hello"),)))
    heard(client, b"+ go\r\nA2 OK\r\n")
    client.send(imap.Append("a", (imap.AppendMessage(imap.Literal(5)),)))
    heard(client, b"+ go\r\n")
    client.send(imap.MessageOctets(b"hello"))
    heard(
        client, b"A3 OK\r\n* 7 FETCH (BODY[] {5}\r\nhello UID 3)\r\n* 1 FETCH (UID 2 FLAGS ())\r\n"
    )
    assert [f"{line.sender}: {line.text}" for line in lines[1:]] == [
        "C: A1 LOGIN [redacted]",
        "S: + go",
        "C: [redacted]",
        "S: + go",
        "S: A1 OK in",
        "C: A2 APPEND a {5}",
        "S: + go",
        "S: A2 OK",
        "C: A3 APPEND a {5}",
        "S: + go",
        "C: [5 octets of the message]",
        "S: A3 OK",
        "S: * 7 FETCH (BODY[] {5} UID 3)",
        "S: * 1 FETCH (UID 2 FLAGS ())",
    ]


@pytest.mark.parametrize("by_hand", [False, True])
def test_nothing_of_a_login_is_traced(by_hand: bool) -> None:
    lines: list[imap.TraceLine] = []
    client = connected(GREETING, tls=True, trace=lines.append)
    if by_hand:
        client.send(imap.Authenticate("PLAIN"))
        heard(client, b"+ \r\n")
        client.send(imap.AuthResponse(b"\0ann\0secret"))
    else:
        client.authenticate(Plain("ann", "secret"))
        heard(client, b"+ \r\n")
    assert [line.text for line in lines[1:]] == ["A1 AUTHENTICATE PLAIN", "+ ", "[redacted]"]
