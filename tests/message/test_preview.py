"""Previews (RFC 8970)."""

import pytest

from mailproto.message import PREVIEW_OCTETS, ContentFields, parse_structure, preview, preview_part

PLAIN = ContentFields("text", "plain", (("charset", "utf-8"),))
HTML = ContentFields("text", "html", (("charset", "utf-8"),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello,\r\n\r\n  world\t!\r\n", "Hello, world !"),
        ("Grüße 語 🐎", "Grüße 語 🐎"),
        ("", ""),
        ("\r\n \t\0", ""),
        ("a\u200b\u200b\ufeffb\u202ec", "a b c"),
        ("<b> &amp;", "<b> &amp;"),
        ("x" * 300, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert preview(PLAIN, text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Hello,<br>w&ouml;rld</p>", "Hello, wörld"),
        ("<html><head><title>t</title></head><body>b</body>", "b"),
        ("a<STYLE type=x>p { color: red }</style >b", "a b"),
        ("a<script>if (1<2) x()</SCRIPT>b", "a b"),
        ("a<!-- <b>no</b> -->b", "a b"),
        ("a</style>b", "a b"),
        ("a<header>b", "a b"),
        ("&lt;b&gt;", "<b>"),
        ("&nbsp;a&#8203;", "a"),
        # what does not end
        ("a<b", "a"),
        ("a<!-- b", "a"),
        ("a<style>b", "a"),
        ("a<", "a"),
        ("a<>b", "a b"),
    ],
)
def test_html(text: str, expected: str) -> None:
    assert preview(HTML, text.encode()) == expected


def test_decoded() -> None:
    quoted = ContentFields("text", "plain", (("charset", "latin1"),), "quoted-printable")
    assert preview(quoted, b"caf=E9 so=\r\nft") == "café soft"
    assert preview(ContentFields("text", "plain", (), "x-none"), b"abc") == ""
    assert preview(ContentFields("text", "plain", (("charset", "utf-7"),)), b"+2AA-") == "?"
    assert preview(PLAIN, "é".encode()[:1]) == "\ufffd"


def test_only_the_beginning_is_looked_at() -> None:
    assert preview(PLAIN, b" " * PREVIEW_OCTETS + b"x") == ""


@pytest.mark.parametrize(
    ("parts", "chosen"),
    [
        ([b"text/plain", b"text/html"], 0),
        ([b"text/html", b"text/plain"], 0),
        ([b"image/png", b"text/html"], 1),
        ([b"text/plain\r\nContent-Disposition: ATTACHMENT", b"text/html"], 1),
        ([b"text/plain\r\nContent-Disposition: inline", b"text/html"], 0),
        ([b"text/calendar"], None),
        ([b"image/png"], None),
    ],
)
def test_part(parts: list[bytes], chosen: int | None) -> None:
    body = b"".join(b"--b\r\nContent-Type: " + part + b"\r\n\r\nx\r\n" for part in parts)
    root = parse_structure(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body)
    assert preview_part(root) == (None if chosen is None else root.children[chosen])


def test_part_of_a_single_part() -> None:
    root = parse_structure(b"Subject: x\r\n\r\nbody\r\n")
    assert preview_part(root) == root
