"""Text that SEARCH finds in headers and bodies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.message import (
    ContentFields,
    TextSearch,
    body_contains,
    casemap,
    header_contains,
    parse_structure,
    passages,
    text_contains,
)
from mailproto.testing.strategies import chunkings

HEADER = (
    b"From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\r\n"
    b"Subject: folded\r\n over two lines\r\n"
    b"X-Empty:\r\n"
    b"no field\r\n"
    b"\r\n"
)


@pytest.mark.parametrize(
    ("name", "needle", "found"),
    [
        ("From", "jörg", True),
        ("FROM", "JÖRG <J", True),
        ("from", "=?utf-8", False),
        ("subject", "folded over", True),
        ("subject", "jörg", False),
        ("x-empty", "", True),
        ("x-empty", "x", False),
        ("x-none", "", False),
        (None, "jörg", True),
        (None, "subject: FOLDED", True),
        (None, "no FIELD", True),
        (None, "nowhere", False),
    ],
)
def test_header(name: str | None, needle: str, found: bool) -> None:
    assert header_contains(HEADER, needle, name) is found


MESSAGE = (
    b"Subject: =?utf-8?q?=C3=A4u=C3=9Fere?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"preamble\r\n"
    b"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"caf=E9 and so=\r\nft\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"PGI+w6TDtjwvYj4=\r\n"  # <b>äö</b>
    b"--b\r\nContent-Type: application/pdf\r\n\r\nhidden\r\n"
    b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-none\r\n\r\nas it is\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: =?utf-8?b?aW5uZXI=?=\r\n\r\ndeep\r\n"
    b"--b--\r\nepilogue\r\n"
)


@pytest.mark.parametrize(
    ("needle", "in_text", "in_body"),
    [
        ("CAFÉ", True, True),
        ("and soft", True, True),
        ("äö", True, True),
        ("<B>ÄÖ</b>", True, True),
        ("as it is", True, True),
        ("subject: inner", True, True),
        ("deep", True, True),
        ("äu\u00dfere", True, False),
        ("boundary", True, False),
        ("hidden", False, False),
        ("preamble", False, False),
        ("epilogue", False, False),
        ("PGI+", False, False),
        ("x-none", False, False),
        ("", True, True),
    ],
)
def test_message(needle: str, in_text: bool, in_body: bool) -> None:
    root = parse_structure(MESSAGE)
    assert text_contains(MESSAGE, root, needle) is in_text
    assert body_contains(MESSAGE, root, needle) is in_body


def test_passages() -> None:
    texts = [passage.span.of(MESSAGE) for passage in passages(parse_structure(MESSAGE))]
    assert texts == [
        b"caf=E9 and so=\r\nft",
        b"PGI+w6TDtjwvYj4=",
        b"as it is",
        b"Subject: =?utf-8?b?aW5uZXI=?=\r\n\r\n",
        b"deep",
    ]


UTF8 = ContentFields("text", "plain", (("charset", "utf-8"),))


@given(
    st.text("aäb", min_size=1, max_size=6),
    st.text("aÄB\n", max_size=30).map(str.encode).flatmap(
        lambda data: st.tuples(st.just(data), chunkings(data))
    ),
)  # fmt: skip
def test_any_pieces(needle: str, given: tuple[bytes, list[bytes]]) -> None:
    data, chunks = given
    search = TextSearch(UTF8, needle)
    reported = [search.feed(chunk) for chunk in chunks]
    expected = casemap(needle) in casemap(data.decode())
    assert search.finish() is search.found is expected
    assert reported == sorted(reported)


def test_found_before_the_end() -> None:
    search = TextSearch(UTF8, "ab")
    assert not search.feed(b"xa")
    assert search.feed(b"bx")
    assert search.feed(b"more")


def test_little_is_kept() -> None:
    search = TextSearch(UTF8, "a" * 1000)
    for _ in range(1000):
        assert not search.feed(b"a" * 999 + b"b")
        assert sum(map(len, search._held)) < 3000
