"""Content fields: types, parameters, dispositions, in good and bad headers."""

import pytest

from mailproto.imap import Disposition
from mailproto.message import ContentFields, parse_structure

ASCII = ("charset", "us-ascii")


def content(header: bytes) -> ContentFields:
    return parse_structure(header + b"\r\n\r\n").content


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"text/html; charset=utf-8", ("text", "html", (("charset", "utf-8"),))),
        (b"TEXT/Html;CHARSET=x", ("TEXT", "Html", (("CHARSET", "x"),))),
        (b"image/png", ("image", "png", ())),
        (b"text/plain", ("text", "plain", (ASCII,))),
        (b"(a) image (b) / (c) png (d); (e) a (f) = (g) b (h)", ("image", "png", (("a", "b"),))),
        (
            b'image/png; a="b; c=d\\"e"; f="(g)"',
            ("image", "png", (("a", 'b; c=d"e'), ("f", "(g)"))),
        ),
        (
            b"image/png; a=b c; d = e ;; f;g=; h",
            ("image", "png", (("a", "b"), ("d", "e"), ("g", ""))),
        ),
        (b"image/png; name=a/b(c.png", ("image", "png", (("name", "a/b"),))),
        (b'image/png; a="b', ("image", "png", (("a", "b"),))),
        (b'image/png; a="', ("image", "png", (("a", ""),))),
        (b"image/png a=b", ("image", "png", ())),
        (
            b"image/png; name*0*=utf-8''%e2; name*1=x; t*=utf-8'de'%41",
            ("image", "png", (("name*0*", "utf-8''%e2"), ("name*1", "x"), ("t*", "utf-8'de'%41"))),
        ),
        # no type at all, RFC 2045 5.2
        (b"", ("text", "plain", (ASCII,))),
        (b"text", ("text", "plain", (ASCII,))),
        (b";;;", ("text", "plain", (ASCII,))),
        (b"/plain", ("text", "plain", (ASCII,))),
        (b"im\xe4ge/png", ("text", "plain", (ASCII,))),
        (b"text; charset=x", ("text", "plain", (("charset", "x"),))),
        (b"(((", ("text", "plain", (ASCII,))),
    ],
)
def test_content_type(text: bytes, expected: object) -> None:
    found = content(b"Content-Type: " + text)
    assert (found.type, found.subtype, found.parameters) == expected


def test_all_fields() -> None:
    found = content(
        b"Content-Type: image/png\r\n"
        b"Content-ID:  <a@b>\r\n"
        b"Content-Description: =?utf-8?q?x?=\r\n"
        b" y\r\n"
        b"Content-Transfer-Encoding: (c) Base64 (d)\r\n"
        b"Content-MD5: abc==\r\n"
        b"Content-Disposition: ATTACHMENT; filename=x.png; size=12\r\n"
        b"Content-Language: de, (c) en\r\n"
        b"Content-Location: http://x/"
    )
    assert found == ContentFields(
        "image",
        "png",
        (),
        "Base64",
        "<a@b>",
        "=?utf-8?q?x?= y",
        "abc==",
        Disposition("ATTACHMENT", (("filename", "x.png"), ("size", "12"))),
        ("de", "en"),
        "http://x/",
    )


def test_empty_fields() -> None:
    found = content(
        b"Content-Type:\r\nContent-ID:\r\nContent-Description:\r\nContent-Transfer-Encoding: ;\r\n"
        b"Content-MD5:\r\nContent-Disposition: ;x=y\r\nContent-Language: ,\r\nContent-Location:"
    )
    empty = ContentFields("text", "plain", (ASCII,), id="", description="", md5="", location="")
    assert found == empty


def test_the_first_counts() -> None:
    assert content(b"Content-Type: a/b\r\nContent-Type: c/d").media_type == ("a", "b")


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [(b"b", "b"), (b'"a b "', "a b"), (b'""', ""), (b"x" * 200, "x" * 200), (b"x" * 201, "")],
)
def test_boundary(boundary: bytes, expected: str) -> None:
    assert content(b"Content-Type: multipart/mixed; boundary=" + boundary).boundary == expected
