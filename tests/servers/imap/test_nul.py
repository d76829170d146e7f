r"""Messages with NUL, which literals can not hold (RFC 9051 4.3, 4.3.1; RFC 3516)."""

import pytest

from .test_extensions import Session, selected

NUL = b"Subject: a\0b\r\n\r\nc\0d\0\r\n"
_SHOWN = "Subject: a\x80b\r\n\r\nc\x80d\x80\r\n"


@pytest.mark.parametrize(
    ("item", "name", "shown"),
    [
        ("BODY.PEEK[]", "BODY[]", _SHOWN),
        ("RFC822", "RFC822", _SHOWN),
        ("RFC822.HEADER", "RFC822.HEADER", _SHOWN[:16]),
        ("RFC822.TEXT", "RFC822.TEXT", _SHOWN[16:]),
        ("BODY[HEADER]", "BODY[HEADER]", _SHOWN[:16]),
        ("BODY[TEXT]", "BODY[TEXT]", _SHOWN[16:]),
        ("BODY[1]", "BODY[1]", _SHOWN[16:]),
        ("BODY[]<9.3>", "BODY[]<9>", "a\x80b"),
        ("BODY[HEADER.FIELDS (SUBJECT)]", "BODY[HEADER.FIELDS (SUBJECT)]", _SHOWN[:16]),
        ("BODY[HEADER.FIELDS.NOT (TO)]", "BODY[HEADER.FIELDS.NOT (TO)]", _SHOWN[:16]),
    ],
)
def test_text_is_shown_without_nul(item: str, name: str, shown: str) -> None:
    session = selected(b"x", NUL, b"y")
    told = session.ok(f"FETCH 1:3 ({item})")
    assert len(told) == 3  # what comes behind the message too
    assert told[1].startswith(f"2 FETCH ({name} {{{len(shown)}}}\r\n{shown}")


def test_sizes_are_those_of_what_is_shown() -> None:
    session = selected(NUL)
    size = len(NUL)
    assert session.ok("FETCH 1 (RFC822.SIZE BINARY.SIZE[])") == [
        f"1 FETCH (RFC822.SIZE {size} BINARY.SIZE[] {size})"
    ]


def test_binary_has_the_octets_as_they_are() -> None:
    session = selected(NUL)
    assert session.ok("FETCH 1 BINARY.PEEK[1]") == ["1 FETCH (BINARY[1] ~{6}\r\nc\0d\0\r\n)"]


def test_what_is_streamed_has_no_nul_either() -> None:
    long = NUL + b"\0\r\n" * 40_000
    session = selected(b"x", long, b"y")
    told = session.ok("FETCH 1:3 BODY.PEEK[]")
    shown = long.replace(b"\0", b"\x80").decode("latin-1")
    assert told[1] == f"2 FETCH (BODY[] {{{len(long)}}}\r\n{shown})"
    assert len(told) == 3


_PLAIN = ["{5+}\r\n%s", "CATENATE (TEXT {5+}\r\n%s)", "CATENATE (TEXT {1+}\r\n\n TEXT {5+}\r\n%s)"]
_BINARY = ["~{5+}\r\n%s", "UTF8 (~{5+}\r\n%s)", "CATENATE (TEXT ~{5+}\r\n%s)"]


@pytest.mark.parametrize("message", [*_PLAIN, *_BINARY])
def test_nul_is_stored_as_it_came(message: str) -> None:
    session = Session()
    session.ok("APPEND INBOX " + message % "\r\na\0b")
    session.ok("SELECT INBOX")
    assert session.ok("FETCH 1 BINARY.PEEK[]")[0].endswith("\r\na\0b)")


@pytest.mark.parametrize("message", _PLAIN)
def test_a_strict_server_takes_nul_in_a_literal8_only(message: str) -> None:
    session = Session(strict=True)
    told = session.ask("APPEND INBOX " + message % "\r\na\0b")
    assert told == ["BAD NUL needs a literal8"]
    session.ok("APPEND INBOX " + message % "\r\nabc")
    assert session.ok("STATUS INBOX (MESSAGES)") == ["STATUS INBOX (MESSAGES 1)"]


@pytest.mark.parametrize("message", _BINARY)
def test_a_strict_server_takes_a_literal8(message: str) -> None:
    session = Session(strict=True)
    session.ok("APPEND INBOX " + message % "\r\na\0b")
