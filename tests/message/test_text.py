"""Charsets, encoded words and the comparator."""

import encodings
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.message import casemap, decode_words
from mailproto.message.casemap import _REMEMBERED, _TABLE
from mailproto.message.charsets import _KNOWN, _MEANT, decode, incremental_decoder


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("é".encode(), "utf-8", "é"),
        ("é".encode(), "UTF8", "é"),
        (b"\xe9", "iso-8859-1", "é"),
        (b"\xe9", "Latin1", "é"),
        (b"\xa4", "ISO-8859-15", "€"),
        (b"\x80", "windows-1252", "€"),
        ("語".encode("cp932"), "Shift_JIS", "語"),
        ("語".encode("iso2022_jp"), "iso-2022-jp", "語"),
        ("한".encode("euc_kr"), "ks_c_5601-1987", "한"),
        ("語".encode("gb18030"), "GB2312", "語"),
        ("ж".encode("koi8_r"), "koi8-r", "ж"),
        # what is declared wrongly
        ("é".encode(), "us-ascii", "é"),
        ("é".encode(), "", "é"),
        ("é".encode(), "no-such-charset", "é"),
        (b"\xe9", "utf-8", "\ufffd"),
        # codecs that are no charset
        (b"x", "zlib", "x"),
        (b"x", "rot13", "x"),
        (b"\\u0041", "unicode-escape", "\\u0041"),
        (b"xn--a", "idna", "xn--a"),
        (b"x", "../x", "x"),
        (b"x", "ütf", "x"),
        # RFC 2231 5
        (b"\xe9", "iso-8859-1*fr", "é"),
    ],
)
def test_charsets(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text
    decoder = incremental_decoder(charset)
    pieces = [decoder.decode(data[at : at + 1]) for at in range(len(data))]
    assert "".join(pieces) + decoder.decode(b"", final=True) == text


@pytest.mark.parametrize("codec", sorted(_KNOWN))
def test_all_codecs_are_there(codec: str) -> None:
    assert decode(b"", codec) == ""
    "x".encode(codec)


def test_meant_codecs_are_known() -> None:
    assert set(_MEANT.values()) <= _KNOWN


def test_unknown_charsets_are_not_remembered() -> None:
    """The codec registry keeps every name that it is asked for."""
    before = len(encodings._cache)
    for number in range(100):
        decode(b"x", f"x-{number}")
    assert len(encodings._cache) == before


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("Jörg", "Jörg"),
        ("J\udcf6rg", "J\ufffdrg"),
        # RFC 2047 8
        ("=?ISO-8859-1?Q?Keith_Moore?= <m@x>", "Keith Moore <m@x>"),
        ("=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard"),
        (
            "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= "
            "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
            "If you can read this you understand the example.",
        ),
        ("(=?ISO-8859-1?Q?a?=)", "(a)"),
        ("=?ISO-8859-1?Q?a?= b", "a b"),
        ("=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a_b?=", "a b"),
        ("x =?utf-8?q?a?= =?utf-8?q?b?= y", "x ab y"),
        (" =?utf-8?q?a?= ", " a "),
        # a character in two words
        ("=?utf-8?q?=C3?= =?UTF-8?q?=A9?=", "é"),
        ("=?utf-8?b?w6k?=", "é"),
        # malformed
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=??q?a?=", "=??q?a?="),
        ("=?x-none?q?a=C3=A9?=", "aé"),
        ("=?utf-8?b?*?=", ""),
        ("=?utf-8?q?é?=", "é"),
        ("=?utf-8*de?q?a?=", "a"),
    ],
)
def test_encoded_words(text: str, decoded: str) -> None:
    assert decode_words(text) == decoded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("abc", "ABC"),
        ("é", "É"),
        ("e\u0301", "é"),
        ("Ä", "ä"),
        ("Ⅳ", "ⅳ"),
        ("ａ", "A"),
        ("ǆ", "Ǆ"),
        ("ж", "Ж"),
        ("ς", "σ"),
        ("한", "\u1112\u1161\u11ab"),
    ],
)
def test_equal(one: str, other: str) -> None:
    assert casemap(one) == casemap(other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("ß", "ss"), ("e", "é"), ("a b", "ab")])
def test_different(one: str, other: str) -> None:
    assert casemap(one) != casemap(other)


@given(st.text(), st.text())
def test_piece_by_piece(one: str, other: str) -> None:
    assert casemap(one) + casemap(other) == casemap(one + other)
    assert casemap(one.upper()) == casemap(one) or not one.isascii()


def test_little_is_remembered() -> None:
    for start in range(0, sys.maxunicode, 4096):
        casemap("".join(map(chr, range(start, start + 4096))))
    assert len(_TABLE) == _REMEMBERED
    assert casemap("é") == casemap("É")
