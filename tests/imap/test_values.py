"""What the values of responses tell beyond their fields."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mailproto.imap import (
    Address,
    BodyPart,
    Capabilities,
    Continuation,
    CopyUid,
    Disposition,
    Envelope,
    ESearchResponse,
    FetchResponse,
    Group,
    Literal,
    MessagePart,
    Multipart,
    PartialResult,
    Section,
    SequenceSet,
    Thread,
    UidFetchResponse,
    group_addresses,
)
from mailproto.imap.dates import format_date, format_date_time, parse_date, parse_date_time

# The message of RFC 9051 6.4.5.1, as far as its numbers go.
_TEXT = BodyPart("plain", type="text", lines=1)
_IMAGE = BodyPart("gif", type="image")
_INNER = Multipart("mixed", parts=(_TEXT, BodyPart("octet-stream")))
_MESSAGE = MessagePart("rfc822", envelope=Envelope(), body=_INNER, lines=1)
_DEEPER = Multipart("mixed", parts=(_IMAGE, MessagePart("rfc822", envelope=Envelope(), body=_TEXT)))
_ROOT = Multipart("mixed", parts=(_TEXT, BodyPart("octet-stream"), _MESSAGE, _DEEPER))


def test_walk() -> None:
    numbers = [number for number, _ in _ROOT.walk()]
    assert numbers == [(), (1,), (2,), (3,), (3,), (3, 1), (3, 2), (4,), (4, 1), (4, 2), (4, 2, 1)]
    assert [number for number, _ in _TEXT.walk()] == [(1,)]
    assert [number for number, _ in _MESSAGE.walk()] == [(1,), (1,), (1, 1), (1, 2)]


@pytest.mark.parametrize(
    ("number", "part"),
    [
        ("1", _TEXT),
        ("3", _MESSAGE),
        ("3.1", _TEXT),
        ("4", _DEEPER),
        ("4.1", _IMAGE),
        ("4.2.1", _TEXT),
        ((4, 1), _IMAGE),
        ("5", None),
        ("1.1", None),
        ("3.3", None),
        ("4.2.2", None),
        ("0", None),
    ],
)
def test_part(number: str | tuple[int, ...], part: object) -> None:
    assert _ROOT.part(number) is part


def test_part_of_what_is_no_multipart() -> None:
    assert _TEXT.part("1") is _TEXT
    assert _TEXT.part("2") is None
    assert _MESSAGE.part("1.2") is _INNER.parts[1]
    for number, part in _ROOT.walk():
        if number and part is not _INNER:
            assert _ROOT.part(number) is part
    with pytest.raises(ValueError, match="invalid literal"):
        _ROOT.part("1.x")


def test_parameters() -> None:
    part = BodyPart("Plain", (("Charset", "UTF-8"),), type="TEXT")
    assert part.parameter("CHARSET") == "UTF-8"
    assert part.parameter("name") is None
    assert part.content_type == "text/plain"
    assert _ROOT.content_type == "multipart/mixed"
    assert Disposition("attachment", (("FileName", "x"),)).filename == "x"
    assert Disposition("attachment").filename is None


_ANN = Address("Ann", None, "ann", "example.org")
_START, _END = Address(mailbox="friends"), Address()


@pytest.mark.parametrize(
    ("addresses", "grouped"),
    [
        ((_ANN,), (_ANN,)),
        ((_START, _ANN, _END, _ANN), (Group("friends", (_ANN,)), _ANN)),
        ((_START, _END), (Group("friends"),)),
        ((_START, _ANN), (Group("friends", (_ANN,)),)),
        ((_START, _ANN, _START, _END), (Group("friends", (_ANN,)), Group("friends"))),
        ((_END, _ANN), (_ANN,)),
    ],
)
def test_groups(addresses: tuple[Address, ...], grouped: tuple[object, ...]) -> None:
    assert group_addresses(addresses) == grouped


def test_address_as_text() -> None:
    assert str(_ANN) == "ann@example.org"
    assert str(_START) == "friends"
    assert str(Address(host="example.org")) == "@example.org"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Wed, 17 Jul 1996 02:23:25 -0700", datetime(1996, 7, 17, 9, 23, 25, tzinfo=UTC)),
        ("yesterday", None),
        ("99 Foo 99999 99:99:99", None),
        ("", None),
        (None, None),
    ],
)
def test_sent(text: str | None, sent: datetime | None) -> None:
    assert Envelope(text).sent == sent


def test_thread_walk() -> None:
    # RFC 5256 4
    thread = Thread((3, 6), (Thread((4, 23)), Thread((44, 7, 96))))
    assert list(thread.walk()) == [(3, None), (6, 3), (4, 6), (23, 4), (44, 6), (7, 44), (96, 7)]
    siblings = Thread((), (Thread((3,)), Thread((5,))))
    assert list(siblings.walk()) == [(3, None), (5, None)]


def test_capabilities() -> None:
    found = Capabilities(
        [
            "IMAP4rev1",
            "AUTH=PLAIN",
            "auth=Scram-SHA-256",
            "APPENDLIMIT=1000",
            "RIGHTS=texk",
            "THREAD=REFERENCES",
            "I18NLEVEL=1",
            "MESSAGELIMIT=many",
            "APPENDLIMIT",
            "SAVELIMIT=5",
        ]
    )
    assert "imap4REV1" in found
    assert "IDLE" not in found
    assert 5 not in found
    assert found.auth == ("PLAIN", "SCRAM-SHA-256")
    assert found.append_limit == 1000
    assert found.rights == "texk"
    assert found.thread == ("REFERENCES",)
    assert found.i18n_level == 1
    assert found.message_limit is None
    assert found.save_limit == 5
    assert len(found) == len(list(found)) == 10
    assert Capabilities(["A", "b"]) == Capabilities(["B", "a"])
    assert hash(Capabilities(["A"])) == hash(Capabilities(["a"]))
    assert Capabilities() != ()
    assert repr(Capabilities(["A"])) == "Capabilities(['A'])"


def test_fetch() -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    response = FetchResponse(
        1,
        {
            "UID": 5,
            "FLAGS": (),
            "INTERNALDATE": moment,
            "RFC822.SIZE": 7,
            "ENVELOPE": Envelope(),
            "BODY": _TEXT,
            "MODSEQ": 9,
            "EMAILID": "e",
            "THREADID": None,
            "SAVEDATE": moment,
            "PREVIEW": "p",
            Section(): b"body",
            Section((1,), "HEADER.FIELDS", ("FROM",), origin=0): Literal(5),
        },
    )
    assert (response.uid, response.flags, response.size, response.modseq) == (5, (), 7, 9)
    assert response.internal_date == response.save_date == moment
    assert response.envelope == Envelope()
    assert response.body_structure is _TEXT
    assert (response.email_id, response.thread_id, response.preview) == ("e", None, "p")
    assert response.content() == b"body"
    assert response.content("BODY.PEEK[]") == b"body"
    assert response.content("BODY.PEEK[1.HEADER.FIELDS (From)]<0.100>") == Literal(5)
    assert response.content(Section((2,))) is None
    assert FetchResponse(1, {}).flags is None
    assert UidFetchResponse(5, {}).uid == 5


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("BODY[]", Section()),
        ("body.peek[text]", Section(text="TEXT", peek=True)),
        ("BODY[1.2.MIME]", Section((1, 2), "MIME")),
        (
            "BODY.PEEK[HEADER.FIELDS.NOT (TO CC)]<5.100>",
            Section((), "HEADER.FIELDS.NOT", ("TO", "CC"), peek=True, origin=5, length=100),
        ),
        ("BINARY.SIZE[3]", Section((3,), item="BINARY.SIZE")),
        ("BINARY[3]<0>", Section((3,), item="BINARY", origin=0)),
    ],
)
def test_section(text: str, section: Section) -> None:
    assert Section.parse(text) == section
    assert Section.parse(str(section)) == section


@pytest.mark.parametrize(
    "text",
    [
        "BODY",
        "BODY[0]",
        "BODY[1.]",
        "BODY[.1]",
        "BODY[1 TEXT]",
        "BODY[HEADER.FIELDS]",
        "X[]",
        "BODY[TEXT (FROM)]",
        "BODY[]<>",
        "BODY[]<-1>",
        "BODY[]x",
        "BODY[1.X]",
        "BODY[1]\n",
    ],
)
def test_no_section(text: str) -> None:
    with pytest.raises(ValueError, match="not a section"):
        Section.parse(text)


def test_copy_uid() -> None:
    # RFC 4315 3
    code = CopyUid(38505, SequenceSet.parse("304,319:320"), SequenceSet.parse("3956:3958"))
    assert list(code.pairs()) == [(304, 3956), (319, 3957), (320, 3958)]
    code = CopyUid(1, SequenceSet.parse("1:4294967295"), SequenceSet.parse("1"))
    pairs = code.pairs()
    assert next(pairs) == (1, 1)
    with pytest.raises(ValueError, match="shorter"):
        next(pairs)


def test_challenge() -> None:
    assert Continuation.of_challenge(b"").challenge == b""
    assert Continuation.of_challenge(b"\0abc").challenge == b"\0abc"
    assert Continuation("go on").challenge is None
    assert Continuation("é").challenge is None


def test_esearch() -> None:
    numbers = SequenceSet.of(5)
    found = ESearchResponse(
        "a",
        True,
        (
            *(("MIN", 1), ("MAX", 2), ("COUNT", 3), ("MODSEQ", 4), ("ALL", numbers)),
            ("PARTIAL", PartialResult((1, 5), numbers)),
        ),
    )
    assert (found.min, found.max, found.count, found.modseq) == (1, 2, 3, 4)
    assert found.all == numbers
    assert found.partial == PartialResult((1, 5), numbers)
    assert found.get("RELEVANCY") is None


def test_date_time() -> None:
    # RFC 9051 9, 6.3.12
    moment = datetime(1994, 2, 7, 21, 52, 25, tzinfo=timezone(timedelta(hours=-8)))
    assert format_date_time(moment) == b" 7-Feb-1994 21:52:25 -0800"
    assert parse_date_time(b" 7-Feb-1994 21:52:25 -0800") == moment
    assert parse_date_time(b"07-feb-1994 21:52:60 +0530").second == 59
    india = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert format_date_time(india) == b" 1-Jan-0001 00:00:00 +0530"


@pytest.mark.parametrize(
    "raw",
    [
        b"7-Feb-1994 21:52:25 -0800",
        b" 7-Feb-1994 24:52:25 -0800",
        b" 7-Fxx-1994 21:52:25 -0800",
        b"30-Feb-1994 21:52:25 -0800",
        b" 7-Feb-1994 21:52:25 -0860",
        b" 7-Feb-1994 21:52:25",
        b" 7-Feb-1994 21:52:25 +2400",
    ],
)
def test_no_date_time(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # also those of datetime
        parse_date_time(raw)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2024, 1, 1),
        datetime(2024, 1, 1, microsecond=1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(seconds=1))),
    ],
)
def test_no_date_time_to_write(moment: datetime) -> None:
    with pytest.raises(ValueError, match="date-time"):
        format_date_time(moment)


def test_date() -> None:
    assert parse_date(b"1-Feb-1994") == parse_date(b"01-FEB-1994") == date(1994, 2, 1)
    assert format_date(date(1994, 2, 1)) == b"1-Feb-1994"
    for raw in (b"1-Feb-94", b"1 Feb 1994", b"30-Feb-1994", b"1-Feb-1994 "):
        with pytest.raises(ValueError):  # noqa: PT011  # also those of date
            parse_date(raw)
