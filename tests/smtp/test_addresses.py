"""Paths, mailboxes and domains (RFC 5321 4.1.2 and 4.1.3, RFC 6531 3.3)."""

import pytest

from mailproto.smtp import InvalidAddress, Path, check_domain, parse_path

MAILBOXES = {
    "": Path("", ""),
    "Postmaster": Path("Postmaster", ""),
    "postmaster": Path("postmaster", ""),
    "Smith@bar.com": Path("Smith", "bar.com"),
    "a.b.c@b.example": Path("a.b.c", "b.example"),
    "!#$%&'*+-/=?^_`{|}~@b.example": Path("!#$%&'*+-/=?^_`{|}~", "b.example"),
    '"a b"@b.example': Path("a b", "b.example"),
    '""@b.example': Path("", "b.example"),
    r'"a\"b\\c\d"@b.example': Path(r'a"b\cd', "b.example"),
    '"a@b"@c.example': Path("a@b", "c.example"),
    '"a..b"@c.example': Path("a..b", "c.example"),
    '"<>,;:"@c.example': Path("<>,;:", "c.example"),
    "a@b": Path("a", "b"),
    "a@1": Path("a", "1"),
    "a@x--y.example": Path("a", "x--y.example"),
    "a@xn--bcher-kva.example": Path("a", "xn--bcher-kva.example"),
    "a@[192.0.2.1]": Path("a", "[192.0.2.1]"),
    "a@[IPv6:2001:db8::1]": Path("a", "[IPv6:2001:db8::1]"),
    "a@[ipv6:::ffff:192.0.2.1]": Path("a", "[ipv6:::ffff:192.0.2.1]"),
    "a@[tag:any<thing>]": Path("a", "[tag:any<thing>]"),
    "@a.example:u@b.example": Path("u", "b.example", "@a.example"),
    "@a.example,@[::]x" + ":u@b.example": None,
    "@a.example,@b.example:u@c.example": Path("u", "c.example", "@a.example,@b.example"),
    "jörg@bücher.example": Path("jörg", "bücher.example"),
    "用户@例子.广告": Path("用户", "例子.广告"),
    '"ü ü"@b.example': Path("ü ü", "b.example"),
}
INVALID = [
    "a",
    "@",
    "@b.example",
    "a@",
    "a@b@c",
    "a b@c.example",
    "a@b c",
    '"a@b.example',
    'a"b"@c.example',
    '"a"b@c.example',
    '"a\\"@c.example',
    "a\\@b@c.example",
    "a,b@c.example",
    "a@[]",
    "a@[192.0.2]",
    "a@[192.0.2.256]",
    "a@[192.0.2.01]",
    "a@[1.2.3.4.5]",
    "a@[2001:db8::1]x",
    "a@[IPv6:]",
    "a@[IPv6:1:2:3:4:5:6:7:8:9]",
    "a@[IPv6:fe80::1%eth0]",
    "a@[tag:]",
    "a@[:x]",
    "a@[tag:a b]",
    "a@[192.0.2.1",
    "@a.example,:u@b.example",
    "@a.example u@b.example",
    "a\n@b.example",
    "a\0@b.example",
    '"a\rb"@c.example',
    "a@b.example\r\n",
    "a@" + "b" * 256,
]
# What RFC 5321 does not allow and real peers send all the same.
TOLERATED = [
    "a..b@c.example",
    ".a@c.example",
    "a.@c.example",
    "a@b_c.example",
    "a@-b.example",
    "a@b.example.",
    "a@b..example",
    "a@.example",
]


@pytest.mark.parametrize("text", [text for text, path in MAILBOXES.items() if path])
def test_valid(text: str) -> None:
    assert parse_path(text) == (MAILBOXES[text], ())
    assert parse_path(text, strict=True) == (MAILBOXES[text], ())


@pytest.mark.parametrize("text", [text for text, path in MAILBOXES.items() if path])
def test_shown_with_as_little_quoting_as_possible(text: str) -> None:
    path = MAILBOXES[text]
    assert path is not None
    again, _ = parse_path(str(path), strict=True)
    assert (again.local_part, again.domain) == (path.local_part, path.domain)
    assert path.source_route not in str(path) or not path.source_route


def test_quoting() -> None:
    assert str(parse_path('"ann"@b.example')[0]) == "ann@b.example"
    assert str(parse_path(r'"a\nn"@b.example')[0]) == "ann@b.example"
    assert str(parse_path(r'"a\ \"n"@b.example')[0]) == r'"a \"n"@b.example'
    assert str(Path("", "b.example")) == '""@b.example'
    assert str(Path("", "")) == ""


@pytest.mark.parametrize("text", [*INVALID, *(t for t, path in MAILBOXES.items() if not path)])
def test_invalid(text: str) -> None:
    with pytest.raises(InvalidAddress):
        parse_path(text, strict=True)
    if text not in TOLERATED:
        with pytest.raises(InvalidAddress) as caught:
            parse_path(text)
        assert len(str(caught.value)) < 400  # quotes no more than the beginning


@pytest.mark.parametrize("text", TOLERATED)
def test_tolerated(text: str) -> None:
    path, (defect,) = parse_path(text)
    assert f"{path.local_part}@{path.domain}" == text
    assert defect.section == "RFC 5321 4.1.2"
    with pytest.raises(InvalidAddress):
        parse_path(text, strict=True)


@pytest.mark.parametrize(
    ("text", "needs"),
    [("a@b.example", False), ("ä@b.example", True), ("a@ä.example", True), ("", False)],
)
def test_needs_smtputf8(text: str, needs: bool) -> None:
    assert parse_path(text)[0].needs_smtputf8 is needs


@pytest.mark.parametrize(
    "text", ["a.example", "localhost", "[192.0.2.1]", "[IPv6:::1]", "1.2.3.4", "a" + 100 * ".b"]
)
def test_domains(text: str) -> None:
    check_domain(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", "-a", "a_b", "a b", "[1.2.3]", "[", "a.example.", "a@b", 256 * "a", "a\n"],
)
def test_what_is_no_domain(text: str) -> None:
    with pytest.raises(InvalidAddress):
        check_domain(text)


@pytest.mark.parametrize("text", ["\ud800@b.example", "a@\udcff", "\udc80..a@b_"])
def test_surrogates_are_no_address(text: str) -> None:
    with pytest.raises(InvalidAddress):
        parse_path(text)
