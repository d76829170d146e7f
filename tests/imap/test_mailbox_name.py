"""Names of mailboxes: modified UTF-7, UTF-8, and what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.imap.mailbox_name import decode_mailbox, encode_mailbox

NAMES = [
    (b"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),  # RFC 3501 5.1.3
    (b"&-", "&"),
    (b"a&-b&AOk-", "a&bé"),
    (b"&Jjo-!", "☺!"),
    (b"&2D3eAA-", "\U0001f600"),
    (b"", ""),
    (b"Sent Items", "Sent Items"),
    (b"&AAk-", "\t"),
]


@pytest.mark.parametrize(("raw", "name"), NAMES)
def test_utf7(raw: bytes, name: str) -> None:
    assert decode_mailbox(raw) == name
    assert encode_mailbox(name) == raw


@pytest.mark.parametrize("name", [name for _, name in NAMES])
def test_utf8(name: str) -> None:
    assert encode_mailbox(name, utf8=True) == name.encode()
    assert decode_mailbox(name.encode(), utf8=True) == name


@pytest.mark.parametrize("raw", [b"INBOX", b"inbox", b"iNbOx"])
def test_inbox(raw: bytes) -> None:
    assert decode_mailbox(raw) == decode_mailbox(raw, utf8=True) == "INBOX"
    assert decode_mailbox(raw + b"/" + raw) == (raw + b"/" + raw).decode()


@pytest.mark.parametrize(
    "raw",
    [
        *(b"a&b", b"&", b"&AOk", b"&AGE-", b"&AOk-&AOk-", b"&3AA-", b"&AO-", b"&A-", b"&/-"),
        *(b"&AOkA-", b"F\xc3\xa5", b"\xff", b"My\tDir", b"&\xc3-", b"\x80&-"),
    ],
)
def test_what_is_no_utf7_survives(raw: bytes) -> None:
    name = decode_mailbox(raw)
    assert encode_mailbox(name) == raw
    assert encode_mailbox(name, utf8=True) == raw


@pytest.mark.parametrize("octet", [0, 0xDC00, 0xDC0A, 0xDC0D, 0xD800, 0xDFFF])
@pytest.mark.parametrize("utf8", [False, True])
def test_refused(octet: int, utf8: bool) -> None:
    with pytest.raises(ValueError, match="mailbox"):
        encode_mailbox(f"a{chr(octet)}", utf8=utf8)


_LINE = st.binary().map(lambda raw: raw.translate(None, b"\0\r\n"))


@given(_LINE, st.booleans())
def test_octets_survive(raw: bytes, utf8: bool) -> None:
    if raw.upper() != b"INBOX":
        assert encode_mailbox(decode_mailbox(raw, utf8=utf8), utf8=utf8) == raw


_NAME = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"))


@given(_NAME, st.booleans())
def test_names_survive(name: str, utf8: bool) -> None:
    if name.upper() != "INBOX":
        assert decode_mailbox(encode_mailbox(name, utf8=utf8), utf8=utf8) == name
    assert encode_mailbox(name).isascii()
