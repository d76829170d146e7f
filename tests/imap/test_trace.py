"""The trace of IMAP: one line for each unit, and nothing shows a secret."""

import pytest

from mailproto._trace import TraceLine, Tracer, redact_imap


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
