r"""What real servers send that the RFCs do not allow, and what is made of it.

Numbers are those of the rows in the project's catalogue of quirks; ``defects`` is how many
deviations are recorded, each of which ``strict`` refuses.
"""

from typing import NamedTuple

from mailproto.imap.body import BodyPart, BodyStructure, Disposition, MessagePart, Multipart
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.codes import (
    BadCharset,
    Code,
    CopyUid,
    HighestModSeq,
    PermanentFlags,
    ResponseCode,
    UidNext,
    UidValidity,
    Unseen,
)
from mailproto.imap.envelope import Address, Envelope
from mailproto.imap.fetch import FetchResponse
from mailproto.imap.responses import (
    CapabilityResponse,
    Continuation,
    ESearchResponse,
    FlagsResponse,
    IdResponse,
    ListResponse,
    NamespaceResponse,
    No,
    Ok,
    QuotaResource,
    QuotaResponse,
    Response,
    SearchResponse,
    StatusResponse,
    ThreadResponse,
    UnknownResponse,
)
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.threads import Thread
from mailproto.imap.values import Literal


class Quirk(NamedTuple):
    row: str
    wire: bytes
    response: Response
    defects: int = 1


def fetch(text: bytes) -> bytes:
    return b"* 1 FETCH (" + text + b")\r\n"


def body(row: str, text: bytes, part: BodyStructure, defects: int = 1) -> Quirk:
    return Quirk(
        row, fetch(b"BODYSTRUCTURE " + text), FetchResponse(1, {"BODYSTRUCTURE": part}), defects
    )


def envelope(row: str, text: bytes, value: Envelope, defects: int = 1) -> Quirk:
    return Quirk(row, fetch(b"ENVELOPE " + text), FetchResponse(1, {"ENVELOPE": value}), defects)


def code(row: str, text: bytes, value: Code, defects: int = 1) -> Quirk:
    return Quirk(row, b"* OK [" + text + b"] x\r\n", Ok("x", value), defects)


_NILS = b" NIL NIL NIL NIL NIL NIL NIL NIL NIL"
_ANN = Address("Ann", None, "ann", "example.org")
_ANN_WIRE = b'("Ann" NIL "ann" "example.org")'
Q = Quirk

QUIRKS = [
    Q("1", b"* OK [HIGHESTMODSEQ 13632]\r\n", Ok(code=HighestModSeq(13632))),
    Q("1", b"* OK [CLOSED]\r\n", Ok(code=ResponseCode("CLOSED"))),
    Q("1", b"a1 OK\r\n", Ok(tag="a1")),
    Q("2", b"* STATUS INBOX (MESSAGES 0) \r\n", StatusResponse("INBOX", {"MESSAGES": 0})),
    Q(
        "2",
        b"* CAPABILITY IMAP4rev1 \r\n",
        CapabilityResponse(Capabilities(["IMAP4rev1"])),
    ),
    Q("2", b"* SEARCH 1 2 \r\n", SearchResponse((1, 2))),
    Q("2", b"* SEARCH \r\n", SearchResponse()),
    Q("2", b'* ID ("name" "x") \r\n', IdResponse({"name": "x"})),
    Q("3", fetch(b"UID 19436 "), FetchResponse(1, {"UID": 19436})),
    Q("3", b"* FLAGS ($Forwarded )\r\n", FlagsResponse(("$Forwarded",))),
    envelope(
        "3",
        b'("d" NIL (' + _ANN_WIRE + b" ) NIL NIL NIL NIL NIL NIL NIL )",
        Envelope("d", None, (_ANN,)),
        2,
    ),
    body(
        "4",
        b'(("text" "plain" NIL NIL NIL "7bit" 1 1 NIL NIL NIL NIL)  '
        b'("text" "html" NIL NIL NIL "7bit" 1 1 NIL NIL NIL NIL)  "mixed")',
        Multipart(
            "mixed",
            parts=tuple(
                BodyPart(kind, type="text", encoding="7bit", size=1, lines=1)
                for kind in ("plain", "html")
            ),
        ),
        2,
    ),
    envelope(
        "4",
        b"(NIL NIL (" + _ANN_WIRE + b" " + _ANN_WIRE + b") NIL NIL NIL NIL NIL NIL NIL)",
        Envelope(None, None, (_ANN, _ANN)),
    ),
    Q(
        "4",
        b'* QUOTA "" (STORAGE 10  512  )\r\n',
        QuotaResponse("", (QuotaResource("STORAGE", 10, 512),)),
        2,
    ),
    Q("4", b"* LIST ()  NIL  x\r\n", ListResponse((), None, "x"), 2),
    Q("5", b'* ID ( "name" "x")\r\n', IdResponse({"name": "x"})),
    body(
        "5",
        b'( "text" "plain" NIL NIL NIL "7bit" 1 1)',
        BodyPart("plain", type="text", encoding="7bit", size=1, lines=1),
    ),
    Q(
        "6",
        b"[COPYUID 124 10 233] done\r\n",
        Ok("done", CopyUid(124, SequenceSet.of(10), SequenceSet.of(233))),
    ),
    Q("6", b"* [ALERT] x\r\n", Ok("x", ResponseCode("ALERT"))),
    code("7", b"COPYUID 7  ", CopyUid(7, SequenceSet(), SequenceSet()), 2),
    code(
        "8",
        b'Error="...Wrong..." Proxy=X:1993:SSL Service=Imap4',
        ResponseCode('Error="...Wrong..."', "Proxy=X:1993:SSL Service=Imap4"),
    ),
    code("8", b"UIDNEXT many", ResponseCode("UIDNEXT", "many")),
    code("8", b"READ-ONLY really", ResponseCode("READ-ONLY", "really")),
    code("8", b"BADCHARSET UTF-8", BadCharset(("UTF-8",))),
    code("9", b"PERMANENTFLAGS ([css3-page] \\*)", PermanentFlags(("[css3-page]", "\\*"))),
    code("9", b"UIDNEXT [a] b", ResponseCode("UIDNEXT", "[a] b")),
    Q("9", b"a NO [x (y\r\n", No("[x (y", tag="a")),
    Q("12", b"\0\0* OK x\r\n", Ok("x")),
    Q("13", b"* OK x\n", Ok("x")),
    Q("13", b"* LIST () NIL {1}\nx\n", ListResponse((), None, "x"), 2),
    Q("14", b"+\r\n", Continuation()),
    Q("14", b"+idling\r\n", Continuation("idling")),
    Q("19", b"* ID (name ProtonMail)\r\n", IdResponse({"name": "ProtonMail"}), 2),
    Q(
        "20",
        b"* CAPABILITY LITERAL + IDLE\r\n",
        CapabilityResponse(Capabilities(["LITERAL+", "IDLE"])),
    ),
    body(
        "21",
        b'("text" "plain" ("boundary" NIL) NIL NIL NIL NIL NIL NIL NIL NIL NIL)',
        BodyPart("plain", (("boundary", ""),), type="text", encoding="7BIT", size=0, lines=0),
        4,
    ),
    body(
        "22",
        b'("text" "plain" NIL NIL NIL "7bit" 5 -1)',
        BodyPart("plain", type="text", encoding="7bit", size=5, lines=0),
    ),
    Q("22", fetch(b"MODSEQ (-1)"), FetchResponse(1, {"MODSEQ": 0})),
    Q("22", fetch(b"RFC822.SIZE 9.3736e+06"), FetchResponse(1, {"RFC822.SIZE": 0})),
    Q(
        "22",
        b"* STATUS x (UIDNEXT 0 UIDVALIDITY 0 MESSAGES 4294967296)\r\n",
        StatusResponse("x", {"UIDNEXT": 0, "UIDVALIDITY": 0, "MESSAGES": 4294967296}),
        3,
    ),
    code("22", b"UIDNEXT 0", UidNext(0)),
    code("22", b"UIDVALIDITY 0", UidValidity(0)),
    code("22", b"UNSEEN 0", Unseen(0)),
    body(
        "23",
        b'(NIL "alternative" ("boundary" "x") NIL NIL NIL)',
        Multipart("alternative", (("boundary", "x"),)),
    ),
    body(
        "23",
        b'("ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)',
        Multipart("ALTERNATIVE", (("BOUNDARY", "x"),)),
    ),
    body("23", b'("ALTERNATIVE")', Multipart("ALTERNATIVE")),
    body("23", b"()", Multipart("mixed")),
    body(
        "24",
        b'(NIL NIL NIL NIL NIL "7BIT" 0 NIL NIL NIL NIL)',
        BodyPart("octet-stream", type="application"),
    ),
    body(
        "25",
        b'("X-ZIP" NIL NIL NIL "BASE64" 5 NIL NIL NIL NIL)',
        BodyPart("X-ZIP", encoding="BASE64", size=5),
    ),
    body(
        "25",
        b'("PLAIN" ("charset" "x") NIL NIL "7BIT" 5 1)',
        BodyPart("PLAIN", (("charset", "x"),), type="text", size=5, lines=1),
    ),
    body(
        "26",
        b'("a" "b" NIL NIL NIL "7BIT" 5 NIL "inline" (NIL) ())',
        BodyPart("b", type="a", size=5, disposition=Disposition("inline")),
        3,
    ),
    body("26", b'("a" "b" NIL NIL NIL "7BIT" 5 NIL (NIL NIL))', BodyPart("b", type="a", size=5)),
    body(
        "26",
        b'(("a" "b" NIL NIL NIL "7BIT" 5) "mixed" NIL "some words")',
        Multipart(
            "mixed",
            parts=(BodyPart("b", type="a", size=5),),
            disposition=Disposition("some words"),
        ),
    ),
    body(
        "27",
        b'("message" "rfc822" NIL NIL NIL "base64" 5 NIL NIL NIL NIL)',
        BodyPart("rfc822", type="message", encoding="base64", size=5),
    ),
    body(
        "27",
        b'("text" "plain" NIL NIL NIL "7bit" 5 NIL NIL NIL NIL)',
        BodyPart("plain", type="text", encoding="7bit", size=5),
    ),
    body(
        "27",
        b'("a" "b" NIL NIL NIL "7bit" 5 7 NIL NIL NIL NIL)',
        BodyPart("b", type="a", encoding="7bit", size=5),
    ),
    body(
        "27",
        b'("message" "rfc822" NIL NIL NIL "7bit" 5 (NIL'
        + _NILS
        + b') ("a" "b" NIL NIL NIL "7bit" 1))',
        MessagePart(
            "rfc822",
            encoding="7bit",
            size=5,
            type="message",
            envelope=Envelope(),
            body=BodyPart("b", type="a", encoding="7bit", size=1),
        ),
    ),
    body("27", b'("a" "b")', BodyPart("b", type="a")),
    body("27", b'("a" "b" NIL "id")', BodyPart("b", type="a", id="id")),
    body("21", b'("a" "b" () NIL NIL "7BIT" 1)', BodyPart("b", type="a", size=1)),
    body("24", b'(NIL "b" NIL NIL NIL "7BIT" 1)', BodyPart("b", type="application", size=1)),
    body(
        "24",
        b'(("a" "b" NIL NIL NIL "7BIT" 1) NIL)',
        Multipart("mixed", parts=(BodyPart("b", type="a", size=1),)),
    ),
    body("26", b'("a" "b" NIL NIL NIL "7BIT" 5 NIL ())', BodyPart("b", type="a", size=5)),
    body(
        "27",
        b'("message" "rfc822" NIL NIL NIL "7bit" nil (NIL'
        + _NILS
        + b') ("a" "b" NIL NIL NIL "7bit" 1) 3)',
        MessagePart(
            "rfc822",
            encoding="7bit",
            size=0,
            lines=3,
            type="message",
            envelope=Envelope(),
            body=BodyPart("b", type="a", encoding="7bit", size=1),
        ),
    ),
    body(
        "28",
        b'("a" "b" NIL NIL """" "base64" 5)',
        BodyPart("b", type="a", description='""', encoding="base64", size=5),
    ),
    envelope("28", b'("d" "a"b\\c" NIL NIL NIL NIL NIL NIL NIL NIL)', Envelope("d", 'a"bc')),
    envelope(
        "29", b'("d" "F\xc3\xa5 Et" NIL NIL NIL NIL NIL NIL NIL NIL)', Envelope("d", "F\u00e5 Et")
    ),
    envelope("29", b'("d" "F\xe5" NIL NIL NIL NIL NIL NIL NIL NIL)', Envelope("d", "F\udce5")),
    Q("29", b"* LIST () NIL F\xc3\xa5\r\n", ListResponse((), None, "F\udcc3\udca5")),
    Q("29", b"* NO caf\xc3\xa9\r\n", No("caf\u00e9")),
    envelope("30", b'("d" "s")', Envelope("d", "s")),
    envelope("30", b"()", Envelope()),
    envelope("30", b"(NIL NIL (NIL " + _ANN_WIRE + b"))", Envelope(None, None, (_ANN,)), 3),
    envelope("30", b'(("d" "s"))', Envelope("d", "s"), 2),
    envelope("30", b"(NIL" + _NILS + b' "x")', Envelope()),
    envelope(
        "30",
        b'(NIL NIL ((NIL NIL "a"))' + 7 * b" NIL" + b")",
        Envelope(from_=(Address(mailbox="a"),)),
    ),
    envelope("30", b"(NIL NIL ()" + 7 * b" NIL" + b")", Envelope()),
    Q("30", b"* 1 FETCH ((UID 5))\r\n", FetchResponse(1, {"UID": 5})),
    Q("32", b'* LIST () "/" My\tDir\r\n', ListResponse((), "/", "My\udc09Dir")),
    Q("32", b'* LIST () "/" My Dir\r\n', ListResponse((), "/", "My Dir")),
    Q("32", b'* LIST () "" x\r\n', ListResponse((), None, "x")),
    Q("33", b'* FLAGS ("\\\\Seen")\r\n', FlagsResponse(("\\Seen",))),
    Q("33", fetch(b"FLAGS NIL"), FetchResponse(1, {"FLAGS": ()})),
    Q("33", b"* FLAGS (\\Seen \\*)\r\n", FlagsResponse(("\\Seen", "\\*"))),
    Q(
        "33",
        fetch(b'X-GM-LABELS ("")'),
        FetchResponse(1, {"X-GM-LABELS": ()}),
    ),
    Q(
        "33",
        fetch(b"X-GM-LABELS (+IMNews NIL)"),
        FetchResponse(1, {"X-GM-LABELS": ("+IMNews",)}),
    ),
    Q("34", b"* 0 FETCH (FLAGS ())\r\n", FetchResponse(0, {"FLAGS": ()})),
    Q("35", fetch(b"UID 5 BODY[1]"), FetchResponse(1, {"UID": 5, Section((1,)): None})),
    Q("36", fetch(b"BODY[] {2}\r\nab\r\n"), FetchResponse(1, {Section(): b"ab"})),
    Q(
        "36",
        fetch(b"BODY[] {2}\r\nab\r\n UID 5"),
        FetchResponse(1, {Section(): b"ab", "UID": 5}),
    ),
    Q("39", fetch(b"INTERNALDATE NIL"), FetchResponse(1, {"INTERNALDATE": None})),
    *(
        Q("39", fetch(b'INTERNALDATE "%b"' % date), FetchResponse(1, {"INTERNALDATE": None}))
        for date in (
            b"00-Jan-0000 00:00:00 +0000",
            b"31-Feb-2024 00:00:00 +0000",
            b"01-Jan-2024 00:00:00 +9999",
            b"yesterday",
        )
    ),
    code("7", b"COPYUID 7 1 2  ", CopyUid(7, SequenceSet.of(1), SequenceSet.of(2)), 2),
    Q("22", b"* SEARCH 0 1\r\n", SearchResponse((0, 1))),
    Q(
        "36",
        b"* X (~{1}\r\n\0 {1}\r\n\0)\r\n",
        UnknownResponse("X", ((Literal(1, b"\0", True), b"\0"),)),
    ),
    Q("36", fetch(b"BODY[] {1}\r\n\0"), FetchResponse(1, {Section(): b"\0"})),
    Q("36", fetch(b"UID 4294967296 FLAGS ()"), FetchResponse(1, {"UID": 4294967296, "FLAGS": ()})),
    Q("51", b"* THREAD (1 (2))\r\n", ThreadResponse((Thread((1,), (Thread((2,)),)),))),
    Q("51", b"* NAMESPACE () NIL NIL\r\n", NamespaceResponse(())),
    Q(
        "RFC 5465 7",
        b'* ESEARCH (TAG "a00") (COUNT 17)\r\n',
        ESearchResponse("a00", False, (("COUNT", 17),)),
    ),
]
"""Each is tolerated, with so many defects, and refused by ``strict``."""

HARMLESS = [
    Q(
        "10",
        b"* OK Coremail System IMap Server (163com[8db7]) \r\n",
        Ok("Coremail System IMap Server (163com[8db7]) "),
        0,
    ),
    Q(
        "11",
        b"* Goodbye : idle timeout expired\r\n",
        UnknownResponse("GOODBYE", (":", "idle", "timeout", "expired")),
        0,
    ),
    Q("15", b"* OK Still here\r\n", Ok("Still here"), 0),
    Q("17", b"a NO [OVERQUOTA] x\r\n", No("x", ResponseCode("OVERQUOTA"), "a"), 0),
    Q("17", b"a NO [THROTTLED] x\r\n", No("x", ResponseCode("THROTTLED"), "a"), 0),
    Q("19", b"* ID NIL\r\n", IdResponse(None), 0),
    Q(
        "31",
        fetch(b'ENVELOPE (NIL NIL ((NIL NIL "x" ".MISSING-HOST-NAME."))' + 7 * b" NIL" + b")"),
        FetchResponse(
            1, {"ENVELOPE": Envelope(from_=(Address(mailbox="x", host=".MISSING-HOST-NAME."),))}
        ),
        0,
    ),
    Q("32", b"* LIST () NIL NIL\r\n", ListResponse((), None, "NIL"), 0),
    Q("32", b"* LIST () NIL 2024\r\n", ListResponse((), None, "2024"), 0),
    Q("32", b"* LIST () NIL a]b\r\n", ListResponse((), None, "a]b"), 0),
    Q("37", b"* STATUS x ()\r\n", StatusResponse("x", {}), 0),
    Q("54", b"* LIST () NIL {3}\r\na b\r\n", ListResponse((), None, "a b"), 0),
    Q(
        "54",
        b'* X "a\\"b" 99999999999999999999 (a  )\r\n',
        UnknownResponse("X", (b'a"b', "99999999999999999999", ("a",))),
        0,
    ),
    body(
        "54",
        b'("a" "b" NIL NIL NIL "7BIT" 5 NIL NIL ("en" "de"))',
        BodyPart("b", type="a", size=5, languages=("en", "de")),
        0,
    ),
    Q("54", fetch(b"THREADID NIL"), FetchResponse(1, {"THREADID": None}), 0),
]
"""Legal, although libraries stumble over it."""
