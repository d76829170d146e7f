"""What is shown of what others wrote."""

import io

import pytest
from rich.console import Console

from mailproto.cli.conversation import Conversation
from mailproto.cli.display import printable, subject
from mailproto.cli.smtp_narrator import SmtpNarrator
from mailproto.smtp import TraceLine


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (b"Subject: Hi\r\n\r\nSubject: no\r\n", "Hi"),
        (b"From: a@b\r\nSUBJECT:\r\n folded\r\n  twice\r\n", "folded  twice"),
        (b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n", "Grüße"),
        ("Subject: Grüße".encode(), "Grüße"),
        (b"Subject: caf\xe9", "caf\ufffd"),
        (b"Subject: =?x-none?q?a?=", "=?x-none?q?a?="),
        (b"Subject: =?utf-8?b?a?=", "=?utf-8?b?a?="),
        (b"Subject: \r\nFrom: a@b\r\n", "(no subject)"),
        (b"Subject: =?utf-8?q?=1B[2J?=", r"\x1b[2J"),
        (b"X-Subject: no\r\n\r\n", "(no subject)"),
        (b"", "(no subject)"),
        (b"Subject: " + b"x" * 5000, "x" * 999),
    ],
)
def test_subject(head: bytes, shown: str) -> None:
    assert subject(head) == shown


def test_printable() -> None:
    assert printable("a\x1b[2J\x9b\u202eb\r\n\udcff") == r"a\x1b[2J\x9b\u202eb\r\n\udcff"
    assert printable("Grüße 📬 [bold]") == "Grüße 📬 [bold]"


def show(*lines: str, width: int = 60) -> list[str]:
    out = io.StringIO()
    conversation = Conversation(Console(file=out, width=width), SmtpNarrator(set()))
    for line in lines:
        sender, _, text = line.partition(": ")
        assert sender in ("C", "S")
        conversation(TraceLine("C" if sender == "C" else "S", text))
    return out.getvalue().splitlines()


def test_replies_belong_to_their_commands() -> None:
    shown = show(
        *("S: 220 hi", "C: EHLO me", "S: 250-you", "S: 250-PIPELINING", "S: 250 SIZE"),
        *("C: MAIL FROM:<>", "C: RCPT TO:<a@b>", "C: DATA"),
        *("S: 250 OK", "S: 550 no", "S: 354 go", "C: [5 octets of the message]", "S: 250 OK"),
        *("C: NOOP", "S: 250 OK", "C: QUIT", "S: 221 bye"),
        width=200,
    )
    remarks = [line[3:].split("  ", 1)[1].strip() if "  " in line[3:] else "" for line in shown]
    assert remarks == [
        "ready for mail",
        "who I am; what can you do?",
        "my name; my extensions:",
        "commands may come in batches",
        "the longest message, in octets",
        "a message: its sender, size and kind",
        "for whom; no need to wait for replies (PIPELINING)",
        "may I send it?",
        "the sender is fine",
        "no, and not later either",
        "yes; a lone dot ends it",
        "dots doubled, then a lone dot",
        "stored: it is in my care now",
        "are you there?",
        "",
        "that was all",
        "goodbye",
    ]


def test_long_lines_are_folded_beside_remarks() -> None:
    shown = show("S: 220 " + "x" * 70)
    assert shown[0].startswith("S: 220 ")
    assert shown[0].endswith(" ready for mail")
    assert all(line.startswith("   x") for line in shown[1:])
    assert "".join(shown).count("x") == 70
    assert max(map(len, shown)) <= 60


@pytest.mark.parametrize("width", [1, 5, 20])
def test_narrow_terminals(width: int) -> None:
    assert show("S: 220 hello", "C: QUIT", width=width)


def test_unexpected_conversations() -> None:
    """Whatever comes in whatever order is shown."""
    lines = ["S: 250 x", "S: 354 x", "C: [1 octets of the message]", "S: 9", "S: ", "C: ", "C: x"]
    assert len(show(*lines, *reversed(lines), width=200)) == 2 * len(lines)
