"""What a malicious server sends: a defined outcome, and none that costs much."""

from datetime import datetime

import pytest

from mailproto.errors import LimitExceeded, LocalProtocolError
from mailproto.imap.body import BodyPart, BodyStructure, Multipart
from mailproto.imap.codes import Annotations, AppendUid, BadUrl, InProgress, ResponseCode
from mailproto.imap.envelope import Envelope
from mailproto.imap.fetch import FetchResponse
from mailproto.imap.fetch_shape import content_item
from mailproto.imap.framing import LiteralStart, Unit, response_framer
from mailproto.imap.parse_response import (
    ResponseSyntaxError,
    encode_response,
    parse_frame,
    parse_response,
    response_fragments,
)
from mailproto.imap.responses import (
    Bye,
    ESearchResponse,
    ExistsResponse,
    FlagsResponse,
    IdResponse,
    LanguageResponse,
    ListResponse,
    MetadataResponse,
    NamespaceResponse,
    No,
    Ok,
    PartialResult,
    Response,
    SearchResponse,
    StatusResponse,
    ThreadResponse,
    UnknownResponse,
    UrlData,
    UrlFetchResponse,
    VanishedResponse,
)
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.threads import Thread
from mailproto.imap.values import Literal
from mailproto.limits import ImapLimits

_DEEP = 100_000
_PART = b'("a" "b" NIL NIL NIL "7bit" 1)'
_MESSAGE = b'("message" "rfc822" NIL NIL NIL "7bit" 1 (' + b"NIL " * 9 + b"NIL) "


@pytest.mark.parametrize(
    "wire",
    [
        b"* X " + b"(" * _DEEP + b"\r\n",
        b"* X " + b"(" * _DEEP + b")" * _DEEP + b"\r\n",
        b"* 1 FETCH (X " + b"(" * _DEEP + b")" * _DEEP + b")\r\n",
        b"* 1 FETCH " + b"(" * _DEEP + b"\r\n",
        b"* 1 FETCH (BODY " + b"(" * _DEEP + _PART + b"\r\n",
        b"* 1 FETCH (BODY " + b"(" * _DEEP + b"\r\n",
        b"* 1 FETCH (BODY " + _MESSAGE * _DEEP + _PART + b"\r\n",
        b"* 1 FETCH (ENVELOPE " + b"(" * _DEEP + b")" * _DEEP + b"\r\n",
        b"* THREAD " + b"(1 " * _DEEP + b")" * _DEEP + b"\r\n",
        b"* THREAD " + b"(" * _DEEP + b"\r\n",
        b"* LIST () NIL x (y " + b"(" * _DEEP + b")" * _DEEP + b")\r\n",
        b"* NAMESPACE " + b"(" * _DEEP + b"\r\n",
        b"* ESEARCH X " + b"(" * _DEEP + b"\r\n",
        b"* FLAGS " + b"(" * _DEEP + b"\r\n",
    ],
    ids=lambda wire: repr(wire[:30]),
)
def test_nesting(wire: bytes) -> None:
    """Linear, without recursion, and without values that nobody could compare or print."""
    with pytest.raises(ResponseSyntaxError):
        parse_response(wire)


@pytest.mark.parametrize(
    "wire",
    [
        b"* OK [X " + b"[" * _DEEP + b"\r\n",
        b"* OK [UIDNEXT " + b"[" * _DEEP + b"]" * _DEEP + b"\r\n",
    ],
    ids=lambda wire: repr(wire[:30]),
)
def test_brackets(wire: bytes) -> None:
    assert isinstance(parse_response(wire), Ok)


def _nested(depth: int) -> bytes:
    return b"* 1 FETCH (BODY " + b"(" * depth + _PART + b' "mixed")' * depth + b")\r\n"


def test_nesting_up_to_the_limit() -> None:
    limit = ImapLimits().nesting
    response = parse_response(_nested(limit))
    assert response == parse_response(encode_response(response))
    assert repr(response)
    with pytest.raises(ResponseSyntaxError, match="within one another"):
        parse_response(_nested(limit + 1))


def test_writing_any_depth() -> None:
    part: BodyStructure = BodyPart("b", type="a", size=1)
    for _ in range(5000):
        part = Multipart("mixed", parts=(part,))
    assert encode_response(FetchResponse(1, {"BODY": part})).count(b'"mixed"') == 5000
    assert len(list(part.walk())) == 5001


@pytest.mark.parametrize(
    "wire",
    [
        b"* 1 FETCH (BODY[] {-1}\r\n)\r\n",
        b"* 1 FETCH (BODY[] {}\r\n)\r\n",
        b"* 1 FETCH (BODY[] {5}\r\nab)\r\n",
        b"* 1 FETCH (BODY[] {4294967296}\r\n)\r\n",
        b"* 1 FETCH (BODY[] {99999999999999999999}\r\n)\r\n",
        b"* 1 FETCH (BODY[] {" + b"9" * 5000 + b"}\r\n)\r\n",
        b"* 1 FETCH (UID " + b"9" * 5000 + b")\r\n",
        b"* 1 FETCH (UID 99999999999999999999)\r\n",
        b"* 1 FETCH (RFC822.SIZE 9223372036854775808)\r\n",
        b"* 4294967296 EXISTS\r\n",
        b"* " + b"9" * 5000 + b" EXISTS\r\n",
        b"* SEARCH 4294967296\r\n",
        b"* SEARCH " + b"9" * 5000 + b"\r\n",
        b"* SEARCH -1\r\n",
        b"* SEARCH \xd9\xa3\r\n",
        b"* VANISHED 0\r\n",
        b"* VANISHED 1:4294967296\r\n",
        b"* VANISHED " + b"9" * 5000 + b"\r\n",
        b"* THREAD (4294967296)\r\n",
        b"* THREAD ()\r\n",
        b"* THREAD (1))\r\n",
        b"* THREAD 1\r\n",
        b"* ESEARCH PARTIAL (1:4294967296 NIL)\r\n",
        b"* ESEARCH MIN 0\r\n",
        b"* UIDBATCHES (UIDVALIDITY 5)\r\n",
        b"* LANGUAGE ()\r\n",
        b"* X )\r\n",
        b"* X {9}\r\n\r\n",
        b"* 1 FETCH (BODY[4294967296] NIL)\r\n",
        b'* 1 FETCH (INTERNALDATE "31-Feb-2024\r\n")\r\n',
        b'* 1 FETCH (INTERNALDATE "' + 65 * b"x" + b'")\r\n',
        b"* 1 FETCH (INTERNALDATE yesterday)\r\n",
        b"* 1 FETCH (FLAGS (\\Se\0en))\r\n",
        b'* LIST () NIL "a\0b"\r\n',
        b"* LIST () NIL a\0b\r\n",
        b"* OK a\0b\r\n",
        b"* OK a\rb\r\n",
        b'* LIST () NIL "a\rb"\r\n',
        b'* 1 FETCH (PREVIEW "a\n")\r\n',
        b"",
        b"\r\n",
        b"*\r\n",
        b"* \r\n",
        b"a1\r\n",
        b"a1 BYE x\r\n",
        b"Server Unavailable. 15\r\n",
        b"421 Server is busy\r\n",
        b"* LIST\r\n",
        b"* 5\r\n",
        b"* OK x",
    ],
    ids=lambda wire: repr(wire[:40]),
)
def test_malformed(wire: bytes) -> None:
    with pytest.raises(ResponseSyntaxError) as caught:
        parse_response(wire)
    assert caught.value.data == wire


@pytest.mark.parametrize(
    ("wire", "tag"),
    [
        (b"a1 BYE x\r\n", "a1"),
        (b"421 Server is busy\r\n", "421"),
        (b"a1 OK x\0\r\n", "a1"),
        (b"* OK x\0\r\n", None),
        (b"+ x\0\r\n", None),
    ],
)
def test_the_tag_is_recovered(wire: bytes, tag: str | None) -> None:
    with pytest.raises(ResponseSyntaxError) as caught:
        parse_response(wire)
    assert caught.value.tag == tag


def test_defects_are_bounded() -> None:
    response = parse_response(b"* SEARCH 1\r\n".replace(b" 1", b"  1"))
    assert len(response.defects) == 1
    response = parse_response(b"* FLAGS (" + b"a  " * 1000 + b"b)\r\n")
    assert len(response.defects) == 100


def test_ranges_are_never_expanded() -> None:
    response = parse_response(b"* VANISHED 1:4294967295\r\n")
    assert response == VanishedResponse(False, SequenceSet.of((1, 4294967295)))


@pytest.mark.parametrize(
    ("wire", "response"),
    [
        (b'* X "a\xff"\r\n', UnknownResponse("X", (b"a\xff",))),
        (b"* X a\xff\r\n", UnknownResponse("X", ("a\udcff",))),
        (b"* NO \xff\r\n", No("\udcff")),
        (b'* ID ("\xff" NIL)\r\n', IdResponse({"\udcff": None})),
    ],
)
def test_eight_bit(wire: bytes, response: Response) -> None:
    found = parse_response(wire)
    assert found == response
    assert len(found.defects) == 1


def test_literals_that_are_too_large() -> None:
    framer = response_framer(ImapLimits())
    for size in (b"4294967296", b"99999999999999999999", b"9" * 5000):
        framer.receive(b"* LIST () NIL {" + size + b"}\r\n")
        frame = framer.next_frame()
        assert isinstance(frame, LiteralStart)
        assert frame.size >= 4294967296
        with pytest.raises(LimitExceeded) as caught:
            framer.accept(stream=False)
        assert caught.value.name == "response"
        framer = response_framer(ImapLimits())


# --- streamed literals ---


def test_streamed_content() -> None:
    head = b"* 7 FETCH (UID 5 BODY[1.HEADER.FIELDS (FROM)]<5> {100000}\r\n"
    framer = response_framer(ImapLimits())
    framer.receive(head)
    literal = framer.next_frame()
    assert isinstance(literal, LiteralStart)
    section = Section((1,), "HEADER.FIELDS", ("FROM",), origin=5)
    assert content_item(literal.opening, literal.line) == (7, section)
    unit = head + b" FLAGS ())\r\n"
    response = parse_frame(Unit(unit, frozenset({len(head)})))
    assert response == FetchResponse(7, {"UID": 5, section: Literal(100000), "FLAGS": ()})
    assert response_fragments(response) == [head[:-10], Literal(100000), b" FLAGS ())\r\n"]
    with pytest.raises(LocalProtocolError):
        encode_response(response)
    with pytest.raises(ResponseSyntaxError):
        parse_response(unit)


@pytest.mark.parametrize(
    ("line", "item"),
    [
        (b" RFC822 {9}\r\n", "RFC822"),
        (b"(rfc822.text {9}\r\n", "RFC822.TEXT"),
        (b"(BINARY[1] ~{9}\r\n", Section((1,), item="BINARY")),
        (b"(BODY[] {9}\n", Section()),
        (b"(BODY[X] {9}\r\n", None),
        (b"(XBODY[] {9}\r\n", None),
        (b"(ENVELOPE (NIL {9}\r\n", None),
        (b"(BODY[HEADER.FIELDS ({9}\r\n", None),
        (b"(PREVIEW {9}\r\n", None),
    ],
)
def test_what_is_content(line: bytes, item: object) -> None:
    expected = None if item is None else (3, item)
    assert content_item(b"* 3 FETCH (x", line) == expected
    assert content_item(b"* 3 UIDFETCH (x", line) == expected
    assert content_item(b"* 3 X (x", line) is None


def test_only_content_is_streamed() -> None:
    wire = b"* LIST () NIL {5}\r\n\r\n"
    with pytest.raises(ResponseSyntaxError, match="no message"):
        parse_frame(Unit(wire, frozenset({19})))


# --- what a server can not send ---


@pytest.mark.parametrize(
    "response",
    [
        Ok("a\r\nb"),
        Ok("a\0b"),
        Ok("[x"),
        Ok("é"),
        Ok("x", tag="a b"),
        Ok("x", tag="*"),
        Ok("x", tag=""),
        Ok("x", ResponseCode("UIDNEXT", "5")),
        Ok("x", ResponseCode("ALERT", "5")),
        Ok("x", ResponseCode("X Y")),
        Ok("x", ResponseCode("X", "a]b")),
        Ok("x", ResponseCode("X", "a\r\nb")),
        Bye("x", tag="a"),
        Response(),
        Ok("x", Annotations("MANY")),
        Ok("x", BadUrl("a b")),
        Ok("x", InProgress(None, None, 5)),
        Ok("x", AppendUid(1, SequenceSet.parse("1:*"))),
        MetadataResponse("x", {"/a": None}, ("/b",)),
        MetadataResponse("x", None, ("/b\r\n",)),
        LanguageResponse(()),
        NamespaceResponse(()),
        ThreadResponse((Thread(),)),
        ThreadResponse((Thread((1,), (Thread((2,)),)),)),
        UrlFetchResponse((UrlData("a", b"x", (("BODY", b"x"),)),)),
        ESearchResponse("a", False, (("PARTIAL", PartialResult((1, -5))),)),
        StatusResponse("x", {"X": Literal(-1)}),
        StatusResponse("x", {"X": "\ud800"}),
        StatusResponse("x", {"X": Literal(1, b"\0")}),
        FetchResponse(1, {"BODY": Envelope()}),
        FetchResponse(1, {"INTERNALDATE": datetime(2024, 1, 1)}),
        FetchResponse(1, {Section((0,)): b"x"}),
        FetchResponse(1, {Section((), "MIME"): b"x"}),
        FetchResponse(1, {Section((), "TEXT", ("A",)): b"x"}),
        FetchResponse(1, {Section((), item="BINARY.SIZE", origin=1): 5}),
        FetchResponse(1, {Section((), "TEXT", item="BINARY"): b"x"}),
        FetchResponse(1, {Section(origin=-1): b"x"}),
        ExistsResponse(-1),
        ExistsResponse(2**32),
        FlagsResponse(("a b",)),
        FlagsResponse(("a)\r\n* BYE",)),
        FlagsResponse(("\\*",)),
        ListResponse((), "//", "x"),
        ListResponse((), None, "a\udc00"),
        SearchResponse((0,)),
        SearchResponse((), -1),
        StatusResponse("x", {"MESSAGES": -1}),
        StatusResponse("x", {"A B": 1}),
        ESearchResponse("a", False, (("ALL", SequenceSet()),)),
        VanishedResponse(False, SequenceSet()),
        IdResponse({"a\0": None}),
        FetchResponse(0, {}),
        FetchResponse(1, {"UID": 0}),
        FetchResponse(1, {"BODY[]": b"x"}),
        FetchResponse(1, {"A)": 1}),
        FetchResponse(1, {"uid": 1}),
        FetchResponse(1, {Section(peek=True): b"x"}),
        FetchResponse(1, {Section(text="HEADER", fields=("a",)): b"x"}),
        FetchResponse(1, {Section(): b"a\0b"}),
        FetchResponse(1, {Section(): Literal(5, b"abc")}),
        FetchResponse(1, {"BODY": Multipart("mixed")}),
        FetchResponse(1, {"BODY": BodyPart("plain", type="text")}),
        FetchResponse(1, {"BODY": BodyPart("rfc822", type="message", lines=1)}),
        FetchResponse(1, {"EMAILID": "a b"}),
        FetchResponse(1, {"INTERNALDATE": None}),
        UnknownResponse("OK"),
        UnknownResponse("FETCH", number=1),
        UnknownResponse("A B"),
        UnknownResponse("X", ("NIL",)),
        UnknownResponse("X", ("5",)),
        UnknownResponse("X", ("a b",)),
        UnknownResponse("X", (b"\0",)),
        UnknownResponse("X", (-1,)),
    ],
    ids=repr,
)
def test_refused_to_send(response: Response) -> None:
    with pytest.raises(LocalProtocolError):
        encode_response(response)
