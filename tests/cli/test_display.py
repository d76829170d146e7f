"""What is shown of what others wrote."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from mailproto.cli.conversation import Conversation, Narrator
from mailproto.cli.display import printable, subject
from mailproto.cli.imap_narrator import ImapNarrator
from mailproto.cli.pop3_narrator import Pop3Narrator
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


def show(
    *lines: str, width: int = 60, narrator: Callable[[set[str]], Narrator] = SmtpNarrator
) -> list[str]:
    out = io.StringIO()
    conversation = Conversation(Console(file=out, width=width), narrator(set()))
    for line in lines:
        sender, _, text = line.partition(": ")
        assert sender in ("C", "S")
        conversation(TraceLine("C" if sender == "C" else "S", text))
    return out.getvalue().splitlines()


def remarks(shown: list[str]) -> list[str]:
    return [line[3:].split("  ", 1)[1].strip() if "  " in line[3:] else "" for line in shown]


def test_replies_belong_to_their_commands() -> None:
    shown = show(
        *("S: 220 hi", "C: EHLO me", "S: 250-you", "S: 250-PIPELINING", "S: 250 SIZE"),
        *("C: MAIL FROM:<>", "C: RCPT TO:<a@b>", "C: DATA"),
        *("S: 250 OK", "S: 550 no", "S: 354 go", "C: [5 octets of the message]", "S: 250 OK"),
        *("C: NOOP", "S: 250 OK", "C: QUIT", "S: 221 bye"),
        width=200,
    )
    assert remarks(shown) == [
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


def test_answers_belong_to_their_tags() -> None:
    shown = show(
        *("S: * OK [CAPABILITY IMAP4rev1 IDLE MOVE SORT] hi", "C: A1 STARTTLS", "S: A1 OK go"),
        *(
            "C: A2 AUTHENTICATE PLAIN [redacted]",
            "S: + [challenge]",
            "C: [redacted]",
            "S: A2 OK in",
        ),
        *("C: A3 UID FETCH 1 (BODY.PEEK[])", "C: A4 NOOP", "S: * 1 FETCH (BODY[] {5})"),
        *("S: * OK [UIDNEXT 2] x", "S: A4 NO", "S: A3 OK", "C: A5 IDLE", "S: + idling"),
        *("S: * 2 EXISTS", "C: DONE", "S: A5 OK", "C: A6 LOGOUT", "S: A6 OK"),
        width=200,
        narrator=ImapNarrator,
    )
    assert shown[0].startswith("S: * OK [CAPABILITY IMAP4rev1 IDLE ...] hi ")
    assert remarks(shown) == [
        "ready; my extensions (not all are shown)",
        "let us encrypt from here on",
        "yes",
        "",  # the handshake
        "log in: SCRAM proves that I know the password, never sends it",
        "a question, different each time",
        "the proof; secrets are not shown",
        "you are in, and others may be too",
        "let me have this one (PEEK: it stays unseen)",
        "",
        "here it comes: so many octets, as they are",
        "the UID of the next message",
        "no",
        "",
        "I listen: tell me what happens",
        "I shall",
        "so many messages are here",
        "I have heard enough",
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


@pytest.mark.parametrize("narrator", [SmtpNarrator, Pop3Narrator, ImapNarrator])
def test_unexpected_conversations(narrator: Callable[[set[str]], Narrator]) -> None:
    """Whatever comes in whatever order is shown."""
    lines = ["S: 250 x", "S: 354 x", "C: [1 octets of the message]", "S: 9", "S: ", "C: ", "C: x"]
    lines += ["S: * ", "S: * 1", "S: +", "S: + ", "S: A1 OK", "C: A1", "C: A1 UID", "C: A1 FETCH"]
    assert len(show(*lines, *reversed(lines), width=200, narrator=narrator)) == 2 * len(lines)
