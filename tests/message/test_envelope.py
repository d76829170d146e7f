"""Addresses and envelopes."""

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.imap import Address, Envelope
from mailproto.message import envelope, parse_addresses, sent_date

END = Address()


def group(name: str) -> Address:
    return Address(mailbox=name)


def at(address: str, name: str | None = None, route: str | None = None) -> Address:
    mailbox, _, host = address.rpartition("@")
    return Address(name, route, mailbox, host)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", ()),
        ("ann@x.org", (at("ann@x.org"),)),
        ("Ann <ann@x.org>", (at("ann@x.org", "Ann"),)),
        ("Ann<ann@x.org>", (at("ann@x.org", "Ann"),)),
        ('"Ann \\"B\\" C" <ann@x.org>', (at("ann@x.org", 'Ann "B" C'),)),
        ('Ann "B"  C <ann@x.org>', (at("ann@x.org", "Ann B C"),)),
        ("a@b,Ann <c@d> , e@f", (at("a@b"), at("c@d", "Ann"), at("e@f"))),
        ('"a b"@x.org', (at("a b@x.org"),)),
        ('"a@b" <c@d>', (at("c@d", "a@b"),)),
        ("a@[1.2.3.4]", (at("a@[1.2.3.4]"),)),
        ("=?utf-8?q?x=2C?= y <a@b>", (at("a@b", "=?utf-8?q?x=2C?= y"),)),
        ("Jörg <j@x>", (at("j@x", "Jörg"),)),
        ("J\udcf6 <j\udcf6@x>", (at("j\udcf6@x", "J\udcf6"),)),
        # comments, RFC 5322 3.2.2
        ("ann@x.org (Ann B)", (at("ann@x.org", "Ann B"),)),
        ("ann@x.org (a (b) \\) c)", (at("ann@x.org", "a (b) ) c"),)),
        ("Ann (c) B <ann@x.org> (d)", (at("ann@x.org", "Ann B"),)),
        ("(c)ann(d)@(e)x.org", (at("ann@x.org", "e"),)),
        # obsolete forms, RFC 5322 4.4
        ("Ann . B <a . b @ x . org>", (at("a.b@x.org", "Ann . B"),)),
        ("a . b@x .org", (at("a.b@x.org"),)),
        ("<@r1,@r2:u@x>", (at("u@x", route="@r1,@r2"),)),
        ("a@b,,c@d,", (at("a@b"), at("c@d"))),
        # groups
        ("g: a@b, C <c@d>;", (group("g"), at("a@b"), at("c@d", "C"), END)),
        ("undisclosed-recipients:;", (group("undisclosed-recipients"), END)),
        ("A B: a@b", (group("A B"), at("a@b"), END)),
        (
            "g: a@b;, h: c@d;, e@f",
            (group("g"), at("a@b"), END, group("h"), at("c@d"), END, at("e@f")),
        ),
        ("g: h: a@b;", (group("g"), at("a@b", "h"), END)),
        # malformed
        ("user", (at("@"),)),
        ("Ann B", (Address("Ann B", None, "", ""),)),
        ("Ann <>", (Address("Ann", None, "", ""),)),
        ("<>", ()),
        ("@", ()),
        (";", ()),
        (":", (group(""), END)),
        ("a@", (at("a@"),)),
        ("@b", (at("@b"),)),
        ("<a@b", (at("a@b"),)),
        ("<<a@b>>", (at("a@b"),)),
        ("a@b>", (at("a@b"),)),
        ("Ann a@b", (at("a@b", "Ann"),)),
        ("a@b c@d", (at("a@b"),)),
        ("a@b@c", (at("a@b"),)),
        ("<a@b@c>", (at("a@b"),)),
        ("a@b <c@d>", (at("a@b"),)),
        ("A <a@b> B <c@d>", (at("a@b", "A"),)),
        ("a@b; c@d", (at("a@b"), at("c@d"))),
        ("<:a@b>", (at("a@b"),)),
        ("<@r>", (Address(None, "@r", "", ""),)),
        ('"open <a@b>', (Address("open <a@b>", None, "", ""),)),
        ("a@b (open", (at("a@b", "open"),)),
        ("a@[open", (at("a@[open"),)),
        ("a\\@b)", (at("a\\@b)"),)),
        ('a@b "', (at("a@b"),)),
        ("a@b (", (at("a@b"),)),
        ("\\", (Address(None, None, "\\", ""),)),
    ],
)
def test_addresses(text: str, addresses: tuple[Address, ...]) -> None:
    if text == "user":
        addresses = (Address(None, None, "user", ""),)
    assert parse_addresses(text) == addresses


PIECES = ("Ann", "é", " ", "\t", ".", "@", ",", ", ", "ann@x.org", "<ann@x.org>", '"A, B"', '""')


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_an_empty_member_changes_nothing(pieces: list[str]) -> None:
    """Also not how the rest is read: a list with a comment in it goes the long way."""
    text = "".join(pieces)
    assert parse_addresses(text) == parse_addresses(f"{text},()")


def test_envelope_of_the_rfc() -> None:
    """RFC 9051 8 (sample connection)."""
    header = (
        b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
        b"From: Terry Gray <gray@cac.washington.edu>\r\n"
        b"Subject: IMAP4rev2 WG mtg summary and minutes\r\n"
        b"To: imap@cac.washington.edu\r\n"
        b"cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
        b"Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n"
    )
    gray = (at("gray@cac.washington.edu", "Terry Gray"),)
    assert envelope(header) == Envelope(
        "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
        "IMAP4rev2 WG mtg summary and minutes",
        gray,
        gray,
        gray,
        (at("imap@cac.washington.edu"),),
        (at("minutes@CNRI.Reston.VA.US"), at("KLENSIN@MIT.EDU", "John Klensin")),
        (),
        None,
        "<B27397-0100000@cac.washington.edu>",
    )


def test_absent_and_empty() -> None:
    assert envelope(b"\r\n") == Envelope()
    assert envelope(b"Subject:\r\nDate: \r\nTo:\r\nMessage-ID:\r\nIn-Reply-To:\r\n") == Envelope(
        date="", subject="", message_id="", in_reply_to=""
    )


def test_sender_and_reply_to() -> None:
    header = b"From: a@b\r\nSender: \r\nReply-To: ,\r\n"
    assert envelope(header) == Envelope(
        from_=(at("a@b"),), sender=(at("a@b"),), reply_to=(at("a@b"),)
    )
    header = b"From: a@b\r\nSender: c@d\r\nReply-To: e@f\r\n"
    found = envelope(header)
    assert (found.sender, found.reply_to) == ((at("c@d"),), (at("e@f"),))


def test_fields_that_come_twice() -> None:
    found = envelope(b"Subject: 1\r\nTo: a@b\r\nSubject: 2\r\nTo: c@d\r\nBcc: e@f\r\n")
    assert (found.subject, found.to, found.bcc) == ("1", (at("a@b"), at("c@d")), (at("e@f"),))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 31 Dec 2000 16:01:33 -0800", datetime(2001, 1, 1, 0, 1, 33, tzinfo=UTC)),
        ("31 Dec 2000 16:01:33 -0000", datetime(2000, 12, 31, 16, 1, 33, tzinfo=UTC)),
        ("31 Dec 2000 16:01 nonsense", datetime(2000, 12, 31, 16, 1, tzinfo=UTC)),
        ("31 Dec 2000", datetime(2000, 12, 31, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("31 Dec 2000 16:01:33 +9999999999", datetime(2000, 12, 31, tzinfo=UTC)),
        ("9" * 10_000, None),
        ("31 Dec 2000 noon", datetime(2000, 12, 31, tzinfo=UTC)),
        ("Sunday 31 December 2000 25:61:00 +0100", datetime(2000, 12, 31, tzinfo=UTC)),
        ("31 Foo 2000 noon", None),
        ("31 Feb 2000", None),
    ],
)
def test_sent_date(text: str, moment: datetime | None) -> None:
    """RFC 5256 2.2."""
    found = sent_date(Envelope(text))
    assert found == moment
    assert found is None or found.tzinfo is not None


def test_sent_date_in_its_own_zone() -> None:
    """SENTON disregards the time zone (RFC 9051 6.4.4)."""
    found = sent_date(Envelope("Sun, 31 Dec 2000 23:30:00 -0800"))
    assert found is not None
    assert found.date() == date(2000, 12, 31)
    assert found.astimezone(UTC).date() == date(2001, 1, 1)


@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)), st.integers(-1439, 1439), st.data()
)
def test_dates_are_those_of_email(moment: datetime, minutes: int, drawn: st.DataObject) -> None:
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    text = format_datetime(moment)
    assert Envelope(date=text).sent == moment
    at = drawn.draw(st.integers(0, len(text)))
    odd = (
        text[:at] + drawn.draw(st.sampled_from(("", "0", "6", "-", " ", ":", "x"))) + text[at + 1 :]
    )
    try:
        expected = parsedate_to_datetime(odd)
    except (ValueError, IndexError, OverflowError):
        assert Envelope(date=odd).sent is None
    else:
        found = Envelope(date=odd).sent
        assert found == expected
        assert found.utcoffset() == expected.utcoffset()
