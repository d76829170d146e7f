"""Sections of FETCH, by their octets."""

import pytest

from mailproto.imap.section import Section
from mailproto.message import UnknownEncoding, locate, parse_structure, read_section

from .test_structure import SAMPLE

INNER_HEADER = b"From: ann@x\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n"
INNER_BODY = (
    b"--inner\r\n\r\n3.1\r\n\r\n--inner\r\nContent-Type: text/html\r\nContent-Language: de, en\r\n"
    b"Content-Location: here\r\n\r\n3.2\r\n--inner--"
)
SINGLE = b"Subject: x\r\nTo: a@b\r\n\r\nbody\r\n"
ENCODED = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nw6k=\r\n"
    b"--b\r\nContent-Transfer-Encoding: x-unknown\r\n\r\n???\r\n--b--\r\n"
)


def read(data: bytes, section: str) -> bytes | None:
    return read_section(data, parse_structure(data), Section.parse(section))


@pytest.mark.parametrize(
    ("section", "octets"),
    [
        ("BODY[]", SAMPLE),
        ("BODY[HEADER]", SAMPLE[: SAMPLE.index(b"preamble")]),
        ("BODY[TEXT]", SAMPLE[SAMPLE.index(b"preamble") :]),
        ("BODY[HEADER.FIELDS (SUBJECT X)]", b"Subject: sample\r\n\r\n"),
        (
            "BODY[HEADER.FIELDS.NOT (SUBJECT X)]",
            b"Content-Type: multipart/mixed; boundary=outer\r\n\r\n",
        ),
        ("BODY[1]", b"one\r\ntwo"),
        (
            "BODY[1.MIME]",
            b"Content-Type: text/plain; charset=utf-8\r\n"
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        ),
        ("BODY[2]", b"\0\1"),
        ("BODY[3]", INNER_HEADER + INNER_BODY),
        ("BODY[3.MIME]", b"Content-Type: message/rfc822\r\n\r\n"),
        ("BODY[3.HEADER]", INNER_HEADER),
        ("BODY[3.HEADER.FIELDS (FROM)]", b"From: ann@x\r\n\r\n"),
        ("BODY[3.TEXT]", INNER_BODY),
        ("BODY[3.1]", b"3.1\r\n"),
        ("BODY[3.1.MIME]", b"\r\n"),
        ("BODY[3.2]", b"3.2"),
        ("BINARY[1]", b"one\r\ntwo"),
        ("BINARY.SIZE[2]", b"\0\1"),
        ("BINARY[]", SAMPLE),
        ("BODY[4]", None),
        ("BODY[3.3]", None),
        ("BODY[1.1]", None),
        ("BODY[1.HEADER]", None),
        ("BODY[1.TEXT]", None),
        ("BINARY[5]", None),
    ],
)
def test_sample(section: str, octets: bytes | None) -> None:
    assert read(SAMPLE, section) == octets


@pytest.mark.parametrize(
    ("section", "octets"),
    [
        ("BODY[1]", b"body\r\n"),
        ("BODY[1.MIME]", b"Subject: x\r\nTo: a@b\r\n\r\n"),
        ("BODY[HEADER]", b"Subject: x\r\nTo: a@b\r\n\r\n"),
        ("BODY[TEXT]", b"body\r\n"),
        ("BODY[2]", None),
        ("BODY[1.1]", None),
    ],
)
def test_single_part(section: str, octets: bytes | None) -> None:
    """RFC 9051 6.4.5.1: every message has at least one part number."""
    assert read(SINGLE, section) == octets


@pytest.mark.parametrize(
    ("section", "octets"),
    [
        ("BODY[1]", SINGLE),
        ("BODY[1.HEADER]", b"Subject: x\r\nTo: a@b\r\n\r\n"),
        ("BODY[1.TEXT]", b"body\r\n"),
        ("BODY[1.MIME]", b"Content-Type: message/rfc822\r\n\r\n"),
        ("BODY[1.1]", b"body\r\n"),
        ("BODY[1.1.MIME]", b"Subject: x\r\nTo: a@b\r\n\r\n"),
        ("BODY[1.1.1]", None),
        ("BODY[1.2]", None),
    ],
)
def test_message_at_the_root(section: str, octets: bytes | None) -> None:
    assert read(b"Content-Type: message/rfc822\r\n\r\n" + SINGLE, section) == octets


def test_binary() -> None:
    assert read(ENCODED, "BINARY[1]") == "é".encode()
    assert read(ENCODED, "BODY[1]") == b"w6k="
    assert read(ENCODED, "BODY[2]") == b"???"
    with pytest.raises(UnknownEncoding, match="x-unknown"):
        read(ENCODED, "BINARY[2]")


def test_origin_is_left_to_the_caller() -> None:
    root = parse_structure(SINGLE)
    span = locate(root, Section.parse("BODY[TEXT]<2.1>"))
    assert span == root.body
    fields = locate(root, Section.parse("BODY[HEADER.FIELDS (TO)]"))
    assert fields == root.header
