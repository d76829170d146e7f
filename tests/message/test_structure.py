"""Entities of well and badly formed messages."""

import pytest

from mailproto._value import evolve
from mailproto.imap import (
    Address,
    BodyPart,
    BodyStructure,
    Disposition,
    Envelope,
    MessagePart,
    Multipart,
)
from mailproto.imap.fetch import FetchResponse
from mailproto.imap.parse_response import encode_response, parse_response
from mailproto.limits import MessageLimits
from mailproto.message import Entity, Span, body_structure, parse_structure

ASCII = (("charset", "us-ascii"),)
MIXED = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


def outline(data: bytes, entity: Entity) -> object:
    """Types and bodies: what a person sees of a message."""
    children = [outline(data, child) for child in entity.children]
    kind = "/".join(entity.content.media_type)
    return (kind, *children) if children else (kind, entity.body.of(data))


def seen(data: bytes) -> object:
    return outline(data, parse_structure(data))


def plain(body: bytes) -> tuple[str, bytes]:
    return ("text/plain", body)


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b"--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", [plain(b"one"), plain(b"two")]),
        (b"--b\n\none\n--b\n\ntwo\n--b--\n", [plain(b"one"), plain(b"two")]),
        (b"preamble\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n", [plain(b"one")]),
        (b"--b \t\r\n\r\none\r\n--b-- \r\n", [plain(b"one")]),
        (b"--b\r\n\r\none\r\n\r\n--b--", [plain(b"one\r\n")]),
        (b"--b\r\n\r\n--b\r\n\r\n\r\n--b--", [plain(b""), plain(b"")]),
        (b"--b\r\n\r\n- -b\r\n-\r\n--\r\n--a\r\n x--b\r\n --b\r\n--b--", [
            plain(b"- -b\r\n-\r\n--\r\n--a\r\n x--b\r\n --b")
        ]),
        (b"--b\r\nContent-Type: a/b\r\n--b\r\n\r\ntwo\r\n--b--", [("a/b", b""), plain(b"two")]),
        # a boundary where the author did not mean one
        (b"text\r\n--b x\r\n--b\r\n\r\none\r\n--b--", [plain(b""), plain(b"one")]),
        (b"--b\r\n\r\none\r\n--bar\r\n\r\ntwo\r\n--b--", [plain(b"one"), plain(b"two")]),
        # one that is missing
        (b"--b\r\n\r\none\r\n", [plain(b"one\r\n")]),
        (b"--b\r\n\r\none", [plain(b"one")]),
        (b"--b\r\n\r\none\r\n--b", [plain(b"one")]),
        (b"--b\r\n\r\none\r\n--b\r\n", [plain(b"one"), plain(b"")]),
        (b"--b\r\n\r\none\r\n--b--", [plain(b"one")]),
        (b"--b\r\n\r\none\r\n--", [plain(b"one\r\n--")]),
        (b"--b\r\n\r\none\r\n-", [plain(b"one\r\n-")]),
        (b"--b\r\n\r\none\r", [plain(b"one\r")]),
        (b"--b", [plain(b"--b")]),
        (b"nothing\r\n", [plain(b"nothing\r\n")]),
        (b"", [plain(b"")]),
        # after the last one
        (b"--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--", [plain(b"one")]),
        (b"--b--\r\n--b\r\n\r\none", [plain(b"--b--\r\n--b\r\n\r\none")]),
        # line ends: a bare CR is none
        (b"--b\r\n\r\none\r--b\rtwo\r\n--b--", [plain(b"one\r--b\rtwo")]),
        (b"--b\r\n\r\none\n--b--", [plain(b"one")]),
        (b"--b\r\n\n\r\r\n--b--", [plain(b"\r")]),
        (b"--b\r\n\r\n\0\r\n\0--b\r\n--b--", [plain(b"\0\r\n\0--b")]),
    ],
)  # fmt: skip
def test_parts(body: bytes, parts: list[object]) -> None:
    assert seen(MIXED + body) == ("multipart/mixed", *parts)


@pytest.mark.parametrize(
    ("inner", "body", "expected"),
    [
        # the same boundary: the inner one takes it until it is closed
        (
            b"b",
            b"--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--\r\n--b\r\n\r\n3\r\n--b--",
            [("multipart/alternative", plain(b"1"), plain(b"2")), plain(b"3")],
        ),
        # one is the beginning of the other
        (
            b"bc",
            b"--bc\r\n\r\n1\r\n--bc\r\n\r\n2\r\n--bc--\r\n--b\r\n\r\n3\r\n--b--",
            [("multipart/alternative", plain(b"1"), plain(b"2")), plain(b"3")],
        ),
        (b"bc", b"--bc\r\n\r\n1\r\n--bc--\r\n--bc\r\n\r\n2", [
            ("multipart/alternative", plain(b"1")), plain(b"2")
        ]),
        # the inner one is never closed, or never opened
        (
            b"c",
            b"--c\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--\r\n--c\r\n\r\n3",
            [("multipart/alternative", plain(b"1")), plain(b"2")],
        ),
        (b"c", b"1\r\n--b\r\n\r\n2\r\n--b--", [
            ("multipart/alternative", plain(b"1")), plain(b"2")
        ]),
        # within the header of a part
        (b"c", b"--c\r\nX: y\r\n--b\r\n\r\n2\r\n--b--", [
            ("multipart/alternative", plain(b"")), plain(b"2")
        ]),
    ],
)  # fmt: skip
def test_multiparts_within(inner: bytes, body: bytes, expected: list[object]) -> None:
    header = b"--b\r\nContent-Type: multipart/alternative; boundary=" + inner + b"\r\n\r\n"
    assert seen(MIXED + header + body) == ("multipart/mixed", *expected)


def test_the_longest_boundary_counts_not_the_innermost() -> None:
    outer = MIXED.replace(b"=b", b"=bc")
    inner = b"--bc\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n1\r\n"
    assert seen(outer + inner + b"--bc\r\n\r\n2\r\n--bc--\r\n") == (
        "multipart/mixed",
        ("multipart/mixed", plain(b"1")),
        plain(b"2"),
    )


@pytest.mark.parametrize(
    "header",
    [b"Content-Type: multipart/mixed\r\n\r\n", b'Content-Type: multipart/x; boundary=""\r\n\r\n'],
)
def test_no_boundary(header: bytes) -> None:
    data = header + b"--b\r\n\r\none\r\n--b--\r\n--\r\n"
    root = parse_structure(data)
    assert root.is_multipart
    assert [child.body for child in root.children] == [root.body]


@pytest.mark.parametrize(
    ("data", "header", "body", "lines"),
    [
        (b"", b"", b"", (0, 0)),
        (b"\r\n", b"\r\n", b"", (1, 0)),
        (b"\n", b"\n", b"", (1, 0)),
        (b"\r", b"\r", b"", (0, 0)),
        (b"A: b", b"A: b", b"", (0, 0)),
        (b"A: b\r\n", b"A: b\r\n", b"", (1, 0)),
        (b"A: b\r\n\r\n", b"A: b\r\n\r\n", b"", (2, 0)),
        (b"A: b\r\n\r\nx", b"A: b\r\n\r\n", b"x", (2, 0)),
        (b"A: b\r\n\r\nx\r\ny\n\r\r\n", b"A: b\r\n\r\n", b"x\r\ny\n\r\r\n", (2, 3)),
        (b"A: b\n\nx\n", b"A: b\n\n", b"x\n", (2, 1)),
        (b"A: b\r\n \r\nx\r\n\r\ny", b"A: b\r\n \r\nx\r\n\r\n", b"y", (4, 0)),
        (b"no header\r\n\r\nx", b"no header\r\n\r\n", b"x", (2, 0)),
        (b"\r\rA: b\r\n\r\nx", b"\r\rA: b\r\n\r\n", b"x", (2, 0)),
        (b"--b\r\n\r\n--b", b"--b\r\n\r\n", b"--b", (2, 0)),
    ],
)
def test_header_and_body(data: bytes, header: bytes, body: bytes, lines: tuple[int, int]) -> None:
    root = parse_structure(data)
    assert (root.header.of(data), root.body.of(data)) == (header, body)
    assert (root.header_lines, root.body_lines) == lines
    assert root.span == Span(0, len(data))
    assert root.span.size == len(data)


RFC822 = b"Content-Type: message/rfc822\r\n\r\n"


def test_message_within() -> None:
    data = RFC822 + b"Subject: x\r\n\r\nbody\r\n"
    structure = body_structure(parse_structure(data))
    assert structure == MessagePart(
        "rfc822",
        type="message",
        size=20,
        lines=3,
        envelope=Envelope(subject="x"),
        body=BodyPart("plain", ASCII, type="text", size=6, lines=1),
    )


@pytest.mark.parametrize(
    ("body", "lines", "inner"),
    [
        (b"", 0, Envelope()),
        (b"Subject: y\r\n", 0, Envelope(subject="y")),
        (b"\r\n\r\n", 1, Envelope()),
    ],
)
def test_message_within_that_is_cut_short(body: bytes, lines: int, inner: Envelope) -> None:
    data = MIXED + b"--b\r\n" + RFC822 + body + b"--b--\r\n"
    (part,) = parse_structure(data).children
    assert part.body.of(data) == body[:-2]
    assert part.body_lines == lines
    assert part.message is not None
    assert part.message.envelope == inner
    assert part.message.span == part.body


def test_header_of_message_within_is_missing() -> None:
    data = MIXED + b"--b\r\nContent-Type: message/rfc822\r\n--b--\r\n"
    (part,) = parse_structure(data).children
    assert part.header.of(data) == b"Content-Type: message/rfc822"
    assert part.message is not None
    assert part.message.span == part.body == Span(part.header.end, part.header.end)
    data = b"Content-Type: message/rfc822"
    root = parse_structure(data)
    assert root.message is not None
    assert root.message.span == Span(len(data), len(data))


def test_digest() -> None:
    """RFC 2046 5.1.5."""
    data = MIXED.replace(b"mixed", b"digest") + (
        b"--b\r\n\r\nSubject: x\r\n\r\n1\r\n--b\r\nContent-Type: text/plain\r\n\r\n2\r\n--b--\r\n"
    )
    first, second = parse_structure(data).children
    assert first.content.media_type == ("message", "rfc822")
    assert first.message is not None
    assert first.message.envelope == Envelope(subject="x")
    assert second.message is None
    assert second.content.media_type == ("text", "plain")


def test_types_of_messages() -> None:
    def is_message(kind: bytes) -> bool:
        data = b"Content-Type: message/" + kind + b"\r\n\r\nSubject: x\r\n\r\n"
        return isinstance(body_structure(parse_structure(data)), MessagePart)

    assert is_message(b"RFC822")
    assert is_message(b"global")
    assert not is_message(b"delivery-status")
    assert not is_message(b"partial")


def test_messages_for_old_clients() -> None:
    """RFC 3501 9 ``media-message`` knows rfc822 only."""
    root = parse_structure(b"Content-Type: message/global\r\n\r\nSubject: x\r\n\r\nbody\r\n")
    new = body_structure(root)
    assert isinstance(new, MessagePart)
    assert new.content_type == "message/global"
    assert body_structure(root, rev1=True) == evolve(new, subtype="rfc822")
    assert on_the_wire(new) == new


# RFC 9051 6.4.5.1 shows the part numbers of such a message.
SAMPLE = b"\r\n".join(
    [
        b"Content-Type: multipart/mixed; boundary=outer",
        b"Subject: sample",
        b"",
        b"preamble",
        b"--outer",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        b"one",
        b"two",
        b"--outer",
        b"Content-Type: application/octet-stream",
        b'Content-Disposition: attachment; filename="x"',
        b"Content-MD5: q==",
        b"",
        b"\0\1",
        b"--outer",
        b"Content-Type: message/rfc822",
        b"",
        b"From: ann@x",
        b"Content-Type: multipart/alternative; boundary=inner",
        b"",
        b"--inner",
        b"",
        b"3.1",
        b"",
        b"--inner",
        b"Content-Type: text/html",
        b"Content-Language: de, en",
        b"Content-Location: here",
        b"",
        b"3.2",
        b"--inner--",
        b"--outer--",
        b"",
    ]
)


def test_body_structure() -> None:
    ann = (Address(None, None, "ann", "x"),)
    expected = Multipart(
        "mixed",
        (("boundary", "outer"),),
        parts=(
            BodyPart(
                "plain",
                (("charset", "utf-8"),),
                type="text",
                encoding="quoted-printable",
                size=8,
                lines=1,
            ),
            BodyPart(
                "octet-stream",
                type="application",
                size=2,
                md5="q==",
                disposition=Disposition("attachment", (("filename", "x"),)),
            ),
            MessagePart(
                "rfc822",
                size=len(SAMPLE) - SAMPLE.index(b"From: ann") - len(b"\r\n--outer--\r\n"),
                lines=13,
                envelope=Envelope(from_=ann, sender=ann, reply_to=ann),
                body=Multipart(
                    "alternative",
                    (("boundary", "inner"),),
                    parts=(
                        BodyPart("plain", ASCII, type="text", size=5, lines=1),
                        BodyPart(
                            "html",
                            ASCII,
                            type="text",
                            size=3,
                            lines=0,
                            languages=("de", "en"),
                            location="here",
                        ),
                    ),
                ),
            ),
        ),
    )
    structure = body_structure(parse_structure(SAMPLE))
    assert structure == expected
    assert on_the_wire(structure) == expected


def on_the_wire(structure: BodyStructure) -> object:
    """What our own client makes of it, where it tolerates nothing."""
    wire = encode_response(FetchResponse(1, {"BODYSTRUCTURE": structure}))
    response = parse_response(wire, strict=True)
    assert isinstance(response, FetchResponse)
    return response.body_structure


def test_part_numbers() -> None:
    root = parse_structure(SAMPLE)
    structure = body_structure(root)
    numbers = [number for number, _ in structure.walk()]
    assert numbers == [(), (1,), (2,), (3,), (3,), (3, 1), (3, 2)]
    for number, part in structure.walk():
        entity = root.find(number)
        assert entity is not None
        if isinstance(part, BodyPart):
            assert (entity.content.type, entity.body.size) == (part.type, part.size)
    for absent in [(4,), (1, 1), (3, 3), (3, 1, 1), (0,), (2, 1, 1)]:
        assert root.find(absent) is None
        assert structure.part(absent) is None or absent == (0,)


# --- limits ---


def nested(depth: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%03d\r\n\r\n--b%03d\r\n" % (at, at)
        for at in range(depth)
    )


@pytest.mark.parametrize("piece", [nested(300), RFC822 * 300], ids=["multipart", "message"])
def test_nesting_limit(piece: bytes) -> None:
    limits = MessageLimits(nesting=10)
    entities = list(parse_structure(piece, limits).walk())
    assert len(entities) == 11
    assert entities[-1].content.media_type == ("application", "octet-stream")
    assert not entities[-1].children
    assert entities[-1].span.end == len(piece)


def test_default_nesting_is_what_our_client_takes() -> None:
    structure = body_structure(parse_structure(nested(500)))
    assert len(list(structure.walk())) == 101
    assert on_the_wire(structure) == structure


def test_parts_limit() -> None:
    data = MIXED + b"--b\r\n\r\nx\r\n" * 100 + b"--b--\r\n"
    root = parse_structure(data, MessageLimits(parts=10))
    assert len(root.children) == 9
    assert root.children[-1].body.end == len(data)
    assert all(child.body.of(data) == b"x" for child in root.children[:-1])


@pytest.mark.parametrize("header", [MIXED, RFC822])
def test_parts_limit_for_what_has_parts(header: bytes) -> None:
    root = parse_structure(header + b"--b\r\n\r\nx\r\n", MessageLimits(parts=1))
    assert root.content.media_type == ("application", "octet-stream")
    assert not root.children


def test_header_limit() -> None:
    first, second = b"Subject: first\r\n", b"X: second\r\nContent-Type: a/b\r\n"
    data = first + second + b"\r\nbody"
    root = parse_structure(data, MessageLimits(header=len(first) + 5))
    assert root.envelope == Envelope(subject="first")
    assert root.content.media_type == ("text", "plain")
    assert root.body.of(data) == b"body"


def test_header_limit_counts_all_parts() -> None:
    part = b"--b\r\nContent-Type: a/b\r\n\r\nx\r\n"
    limits = MessageLimits(header=len(MIXED) + 2 * 19)
    root = parse_structure(MIXED + part * 3, limits)
    assert [child.content.type for child in root.children] == ["a", "a", "text"]
