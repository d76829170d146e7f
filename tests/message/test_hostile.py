"""Messages that want to cost much, or break something; and any bytes at all."""

import tracemalloc
from collections.abc import Callable
from typing import SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.imap.fetch import FetchResponse
from mailproto.imap.parse_response import encode_response, parse_response
from mailproto.limits import MessageLimits
from mailproto.message import (
    Entity,
    StructureBuilder,
    TextSearch,
    base_subject,
    body_structure,
    casemap,
    decode_transfer,
    decode_words,
    envelope,
    header_contains,
    message_ids,
    parse_addresses,
    parse_structure,
    passages,
    preview,
    preview_part,
    references,
    select_fields,
    sent_date,
)
from mailproto.message.content import content_fields
from mailproto.message.header import Field
from mailproto.testing.chunking import bytewise
from mailproto.testing.strategies import chunkings, mutated

from .test_structure import MIXED, RFC822, SAMPLE, nested

# --- any bytes ---

PIECES = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b"\0", b"--b", b"--bc", b"--", b"-", b" ", b":", b"x", b"\xff"),
        *(b"--b\r\n", b"--b--\r\n", b"--bc\r\n\r\n", b"--bc--\r\n", b"\r\n\r\n", MIXED, RFC822),
        b"Content-Type: multipart/digest; boundary=bc\r\n\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nw6k=\r\n",
        b"From: a@b\r\n",
        b"Subject: =?utf-8?q?a?=\r\n",
    ]
)
MESSAGES = (
    st.lists(PIECES, max_size=30).map(b"".join) | mutated(st.just(SAMPLE)) | st.binary(max_size=200)
)
LIMITS = st.builds(
    MessageLimits,
    header=st.sampled_from([0, 20, 100, 10_000]),
    parts=st.sampled_from([1, 2, 5, 1000]),
    nesting=st.sampled_from([0, 1, 3, 100]),
)


def check(data: bytes, root: Entity) -> None:
    """Check that the counts are exact, and that the parts lie within one another in order."""
    assert (root.header.start, root.body.end) == (0, len(data))
    for entity in root.walk():
        assert entity.header.start <= entity.header.end == entity.body.start <= entity.body.end
        assert entity.header_lines == entity.header.of(data).count(b"\n")
        assert entity.body_lines == entity.body.of(data).count(b"\n")
        end = entity.body.start
        for child in entity.children:
            assert end <= child.header.start
            end = child.body.end
        assert end <= entity.body.end
        if entity.message is not None:
            assert entity.message.span == entity.body
        assert entity.content.is_multipart is entity.is_multipart


@given(MESSAGES, LIMITS)
def test_any_bytes(data: bytes, limits: MessageLimits) -> None:
    root = parse_structure(data, limits)
    check(data, root)
    assert sum(1 for entity in root.walk() if entity.header.size) <= limits.parts
    structure = body_structure(root)
    told = FetchResponse(1, {"ENVELOPE": root.envelope, "BODYSTRUCTURE": structure})
    for utf8 in (False, True):
        assert parse_response(encode_response(told, utf8=utf8), utf8=utf8) == told
    for number, part in structure.walk():
        entity = root.find(number)
        assert entity is not None
        assert getattr(part, "size", entity.body.size) == entity.body.size
    assert root.envelope is not None
    sent_date(root.envelope)
    header = root.header.of(data)
    base_subject(root.envelope.subject)
    references(header)
    assert select_fields(header, []) in (b"", b"\n", b"\r\n")
    assert select_fields(header, [], inverse=True) == header
    header_contains(header, "x")
    part_to_see = preview_part(root)
    if part_to_see is not None:
        text = preview(part_to_see.content, part_to_see.body.of(data))
        assert len(text) <= 200
        text.encode()
    for passage in passages(root):
        if passage.content is not None:
            search = TextSearch(passage.content, "x")
            search.feed(passage.span.of(data))
            search.finish()


@given(st.data(), LIMITS)
def test_any_pieces(drawn: st.DataObject, limits: MessageLimits) -> None:
    data = drawn.draw(MESSAGES)
    expected = parse_structure(data, limits)
    for chunks in (drawn.draw(chunkings(data)), bytewise(data)):
        builder = StructureBuilder(limits)
        for chunk in chunks:
            builder.feed(chunk)
        assert builder.close() == expected


@given(st.text())
def test_any_text(text: str) -> None:
    parse_addresses(text)
    base_subject(text)
    message_ids(text)
    assert decode_words(text).encode() or not text
    raw = text.encode("utf-8", "surrogateescape") if text.isprintable() else b""
    envelope(b"From: " + raw)


# --- cost ---


class CountingBuffer(bytearray):
    """Counts the octets that are looked at."""

    work = 0

    def find(self, *args: object) -> int:
        found = super().find(*args)  # type: ignore[arg-type]
        self.work += len(self) if found < 0 else found
        return found

    def rfind(self, *args: object) -> int:
        found = super().rfind(*args)  # type: ignore[arg-type]
        self.work += len(self) - max(found, 0)
        return found

    def __getitem__(self, key: SupportsIndex | slice) -> bytearray:  # type: ignore[override]
        taken: bytearray = super().__getitem__(key)  # type: ignore[assignment]
        self.work += len(taken)
        return taken


HOSTILE = [
    b"A: b\r\n" * 10_000,
    b"x" * 100_000,
    b"A: " + b"x" * 100_000,
    b"\r" * 100_000,
    b"A: b\r\n" + b" \r\n" * 30_000,
    MIXED + b"--b\r\n\r\nx\r\n" * 5_000,
    MIXED + b"--b\r\n" * 20_000,
    MIXED + b"--\n" * 30_000,
    MIXED + b"\n-" * 50_000,
    MIXED + b"--" * 50_000,
    MIXED + b"--b" * 30_000,
    MIXED.replace(b"=b", b"=" + b"b" * 200) + (b"--" + b"b" * 199 + b"\n") * 500,
    MIXED.replace(b"=b", b"=" + b"b" * 200) + b"\n--".join([b"b" * 150] * 700),
    nested(2000),
    RFC822 * 3000,
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 2000,
]


@pytest.mark.parametrize("size", [1, 1000, 65536])
@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: repr(data[-20:]))
def test_work_is_linear(data: bytes, size: int) -> None:
    builder = StructureBuilder()
    builder._buffer = buffer = CountingBuffer()
    most = 0
    for start in range(0, len(data), size):
        builder.feed(data[start : start + size])
        most = max(most, len(buffer))
    check(data, builder.close())
    # At the beginning of a line a boundary may be looked for with each octet that comes.
    lines = data.count(b"\n--") * min(202, len(data) // size) * 202
    assert buffer.work < 6 * len(data) + 100_000 + (lines if size == 1 else 0)
    assert most <= 202 + size


DEEP = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "(" * DEEP,
        "(" * DEEP + ")" * DEEP,
        "a@b (" * DEEP,
        '"' * DEEP,
        '"\\' * DEEP,
        "<" * DEEP,
        "<@" * DEEP,
        "a:" * DEEP,
        ":;" * DEEP,
        "," * DEEP,
        "a " * DEEP,
        "a . " * DEEP + "@b",
        "a@b " * DEEP,
        "[" * DEEP,
        "[a]" * DEEP + "x",
        "[fwd:" * DEEP + "]" * DEEP,
        "[fwd:(fwd)" * DEEP,
        "re [a" * DEEP,
        "re: " * DEEP,
        "(fwd)" * DEEP,
        "=?" * DEEP,
        "=?a?q?" * DEEP,
        "=?a?q?=" * DEEP,
        "=?a?b?" * DEEP,
        "=?a?q?b?= " * DEEP,
        '<"\\"' * DEEP,
        '<"' * DEEP,
        "<a" * DEEP,
        " " * DEEP,
        "1 " * DEEP,
        "\u0344\u0301" * DEEP,
        "\u0316\u0301" * DEEP,
        ";a" * DEEP,
        ";a=" * DEEP,
        '; a="' * DEEP,
        "; " * DEEP,
        "a/" * DEEP,
    ],
    ids=lambda text: repr(text[:10]),
)
@pytest.mark.parametrize(
    "read",
    [
        parse_addresses,
        base_subject,
        message_ids,
        decode_words,
        casemap,
        lambda text: content_fields([Field("content-type", b"a/b; a=b" + text.encode())]),
        lambda text: envelope(b"Date: " + text.encode()),
        lambda text: select_fields(text.encode(), ["x"]),
    ],
    ids=["addresses", "subject", "ids", "words", "casemap", "content", "envelope", "fields"],
)
def test_text_is_read_in_linear_time(text: str, read: Callable[[str], object]) -> None:
    """What is quadratic takes hours here, what is recursive fails."""
    read(text)


@pytest.mark.parametrize("field", [b"To: a@b\r\n", b"To:\n", b"\n", b"x\n", b"Subject: x\n"])
def test_header_is_read_in_linear_time(field: bytes) -> None:
    header = field * DEEP
    envelope(header)
    references(header)
    select_fields(header, ["x"])
    header_contains(header, "nowhere")


@pytest.mark.parametrize("piece", [b" ", b"=", b"= ", b"=\r", b" \r", b"=4", b"a ", b"\t=\t"])
@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
def test_decoding_is_linear(piece: bytes, encoding: str) -> None:
    decode_transfer(piece * DEEP, encoding)


@pytest.mark.parametrize("piece", [b"<", b"<!--", b"<style>", b"<a", b"&", b"&#", b"</style"])
def test_preview_is_linear(piece: bytes) -> None:
    preview(content_fields([Field("content-type", b"text/html")]), piece * DEEP)


def test_memory() -> None:
    """Of 64 MiB nothing is kept but where the parts are."""
    line = b"x" * 76 + b"\r\n"
    block = line * 1000
    builder = StructureBuilder()
    builder.feed(MIXED + b"--b\r\n\r\n")
    tracemalloc.start()
    size = 0
    while size < 64 * 1024 * 1024:
        builder.feed(block)
        size += len(block)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (part,) = builder.close().children
    assert part.body.size == size
    assert part.body_lines == size // len(line)
    assert peak < 1024 * 1024
