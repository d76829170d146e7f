"""Fields of a header: cut, unfolded, selected."""

import pytest

from mailproto.message import fields, select_fields

HEADER = (
    b"From: Ann <ann@example.org>\r\n"
    b"Subject: one\r\n"
    b"\ttwo \r\n"
    b"Received : by x\r\n"
    b"no field here\r\n"
    b"SUBJECT: three\n"
    b"Empty:\r\n"
    b"\r\n"
)


def test_fields() -> None:
    found = list(fields(HEADER))
    assert [(it.name, it.text) for it in found if it.name] == [
        ("from", "Ann <ann@example.org>"),
        ("subject", "one\ttwo"),
        ("received", "by x"),
        ("subject", "three"),
        ("empty", ""),
    ]
    assert b"".join(it.raw for it in found) == HEADER
    assert [it.raw for it in found if not it.name] == [b"no field here\r\n", b"\r\n"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"X: a\r\n", "a"),
        (b"X: a", "a"),
        (b"X:a\r\n b\r\n  c\r\n", "a b  c"),
        (b"X: a\rb\0c\n", "a b c"),
        (b"X: J\xc3\xb6rg\r\n", "Jörg"),
        (b"X: J\xf6rg\r\n", "J\udcf6rg"),
        (b"X: =?utf-8?q?a?=\r\n", "=?utf-8?q?a?="),
        (b"X: a:b\r\n", "a:b"),
    ],
)
def test_text(raw: bytes, text: str) -> None:
    (found,) = fields(raw)
    assert (found.name, found.text) == ("x", text)


@pytest.mark.parametrize(
    "raw",
    [b" X: a\r\n", b"X y: a\r\n", b"From ann@x Mon 10:00\n", b":a\r\n", b"\xf6: a\r\n", b"\r"],
)
def test_no_field(raw: bytes) -> None:
    (found,) = fields(raw)
    assert (found.name, found.raw) == ("", raw)


def test_selected() -> None:
    assert select_fields(HEADER, ["subject", "FROM"]) == (
        b"From: Ann <ann@example.org>\r\nSubject: one\r\n\ttwo \r\nSUBJECT: three\n\r\n"
    )
    assert select_fields(HEADER, ["Subject", "from"], inverse=True) == (
        b"Received : by x\r\nno field here\r\nEmpty:\r\n\r\n"
    )
    assert select_fields(HEADER, ["received"]) == b"Received : by x\r\n\r\n"
    assert select_fields(HEADER, ["none"]) == b"\r\n"
    assert select_fields(b"A: 1\r\n", ["none"]) == b""
    assert select_fields(b"A: 1\r\n\n", ["none"]) == b"\n"
