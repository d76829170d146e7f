"""Subjects, addresses and message IDs, as SORT and THREAD see them."""

import pytest

from mailproto.imap import Address
from mailproto.message import (
    Subject,
    base_subject,
    display_key,
    mailbox_key,
    message_ids,
    references,
)


@pytest.mark.parametrize(
    ("text", "base", "is_reply"),
    [
        (None, "", False),
        ("", "", False),
        ("Hello  \t world", "Hello world", False),
        ("folded\r\n\ttext ", "folded text", False),
        # trailers
        ("x (fwd)", "x", True),
        ("x (FWD) (fwd) ", "x", True),
        ("(fwd)", "", True),
        ("x(fwd)", "x", True),
        ("x (fwd) y", "x (fwd) y", False),
        # leaders
        ("Re: x", "x", True),
        ("RE : Fw: FWD: x", "x", True),
        ("re[2]: x", "x", True),
        ("re [2] : x", "x", True),
        ("[a] re: x", "x", True),
        ("[a] [b]re[c]:[d] x", "x", True),
        ("reply: x", "reply: x", False),
        ("re x", "re x", False),
        ("re [a] x", "re [a] x", False),
        ("re:", "", True),
        ("fwdx: x", "fwdx: x", False),
        # blobs
        ("[a] x", "x", False),
        ("[a][b]x", "x", False),
        ("[a]", "[a]", False),
        ("[a] [b]", "[b]", False),
        ("re: [a] [b] (fwd)", "[b]", True),
        ("[a [b] x", "[a [b] x", False),
        ("[a]]x", "]x", False),
        ("x [a]", "x [a]", False),
        # the whole of it
        ("[fwd: x]", "x", True),
        ("[FWD: re: x (fwd)] (fwd)", "x", True),
        ("[fwd: [fwd: x]]", "x", True),
        ("[a] [fwd: x]", "x", True),
        ("[fwd: x] y", "y", False),
        ("[fwd: x", "[fwd: x", False),
        ("[fwd:]", "", True),
        ("[fwd: [a]]", "[a]", True),
        # encoded words
        ("=?utf-8?q?Re=3A_caf=C3=A9?=", "café", True),
        ("Re: =?utf-8?q?=5Ba=5D_x?=", "x", True),
    ],
)
def test_base_subject(text: str | None, base: str, is_reply: bool) -> None:
    """RFC 5256 2.1."""
    assert base_subject(text) == Subject(base, is_reply)


ANN = Address("=?utf-8?q?=C3=84nn?=", None, "Ann", "example.org")


def test_address_keys() -> None:
    """RFC 5256 3, RFC 5957 3."""
    assert mailbox_key((ANN, Address(mailbox="bob", host="x"))) == "ANN"
    assert mailbox_key(()) == mailbox_key((Address(),)) == ""
    assert display_key((ANN,)) == "A\u0308NN"
    assert display_key((Address(None, None, "bob", "x.org"),)) == "BOB@X.ORG"
    assert display_key((Address("", None, "bob", "x.org"),)) == "BOB@X.ORG"
    assert display_key((Address(mailbox="group"), Address())) == "GROUP"
    assert display_key(()) == display_key((Address(),)) == ""


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ()),
        ("<a@b>", ("a@b",)),
        ("<a@b> <c@d>\t<e@f>", ("a@b", "c@d", "e@f")),
        ("<a@b><c@d>,<e@f>", ("a@b", "c@d", "e@f")),
        # RFC 5256 3: these are the same
        ('<"01KF8JCEOCBS0045PS"@xxx.yyy.com>', ("01KF8JCEOCBS0045PS@xxx.yyy.com",)),
        ("<01KF8JCEOCBS0045PS@xxx.yyy.com>", ("01KF8JCEOCBS0045PS@xxx.yyy.com",)),
        ('<"a \\"b"@c>', ('a "b@c',)),
        # no IDs
        ("a@b", ()),
        ("<a@b", ()),
        ("<>", ()),
        ('<"a>', ()),
        ("<a<b@c>", ("b@c",)),
        ("Your message of yesterday <a@b>", ("a@b",)),
    ],
)
def test_message_ids(text: str, ids: tuple[str, ...]) -> None:
    assert message_ids(text) == ids


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        (b"References: <a@b>\r\n <c@d>\r\nIn-Reply-To: <e@f>\r\n\r\n", ("a@b", "c@d")),
        (b"In-Reply-To: <e@f> <g@h>\r\n\r\n", ("e@f",)),
        (b"References: none\r\nIn-Reply-To: you <e@f>\r\n\r\n", ("e@f",)),
        (b"References: <1@x>\r\nReferences: <2@x>\r\n\r\n", ("1@x",)),
        (b"Subject: x\r\n\r\n", ()),
    ],
)
def test_references(header: bytes, ids: tuple[str, ...]) -> None:
    assert references(header) == ids
