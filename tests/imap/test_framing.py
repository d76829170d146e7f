"""The framer: where units end, what it asks about, limits, cost."""

import re
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.errors import LimitExceeded, LocalProtocolError
from mailproto.imap.framing import (
    Frame,
    Framer,
    LiteralData,
    LiteralStart,
    Unit,
    command_framer,
    response_framer,
)
from mailproto.imap.parse_response import COMMON
from mailproto.limits import ImapLimits
from mailproto.testing.chunking import bytewise, whole
from mailproto.testing.strategies import chunkings

SMALL = ImapLimits(inline_literal=8, response_line=64, response=128, command_line=64, command=128)
Decide = Callable[[LiteralStart], str]


def frames(framer: Framer, chunks: Iterable[bytes], decide: Decide) -> list[Frame]:
    """All frames, data joined; literals are answered as ``decide`` says."""
    found: list[Frame] = []
    for chunk in chunks:
        framer.receive(chunk)
        while (frame := framer.next_frame()) is not None:
            last = found[-1] if found else None
            if isinstance(frame, LiteralData) and isinstance(last, LiteralData) and not last.last:
                found[-1] = LiteralData(last.data + frame.data, frame.last)
                continue
            found.append(frame)
            if isinstance(frame, LiteralStart):
                answer = decide(frame)
                if answer == "refuse":
                    framer.refuse()
                else:
                    framer.accept(stream=answer == "stream")
    return found


def stream(_: LiteralStart) -> str:
    return "stream"


def take(_: LiteralStart) -> str:
    return "take"


def refuse(_: LiteralStart) -> str:
    return "refuse"


RESPONSES: list[tuple[bytes, list[Frame]]] = [
    (b"* OK hi\r\n* BYE\r\n", [b"* OK hi\r\n", b"* BYE\r\n"]),
    (b"* OK hi\n+\n", [b"* OK hi\n", b"+\n"]),
    (
        b"* LIST () NIL {3}\r\na\nb\r\n* 1 EXISTS\r\n",
        [b"* LIST () NIL {3}\r\na\nb\r\n", b"* 1 EXISTS\r\n"],
    ),
    (b"* LIST () NIL {0}\r\n\r\n* X\r\n", [b"* LIST () NIL {0}\r\n\r\n", b"* X\r\n"]),
    (b"* LIST () NIL {2}\nab\n", [b"* LIST () NIL {2}\nab\n"]),
    (b"* X ~{4}\r\n\0\r\n\0 {1}\r\nb\r\n", [b"* X ~{4}\r\n\0\r\n\0 {1}\r\nb\r\n"]),
    # text is text
    (b"* OK done {5}\r\n* OK more\r\n", [b"* OK done {5}\r\n", b"* OK more\r\n"]),
    (b"a1 NO {5}\r\n+ {5}\r\n+ x\r\n", [b"a1 NO {5}\r\n", b"+ {5}\r\n", b"+ x\r\n"]),
    (
        b"* NO [BADCHARSET ({2}\r\nxy)] t\r\n+\r\n",
        [b"* NO [BADCHARSET ({2}\r\nxy)] t\r\n", b"+\r\n"],
    ),
    # no literals at all
    (b"* X {-1}\r\n* X {}\r\n* X {1 }\r\n", [b"* X {-1}\r\n", b"* X {}\r\n", b"* X {1 }\r\n"]),
    (b"}\r\n{\r\n5}\r\n", [b"}\r\n", b"{\r\n", b"5}\r\n"]),
    # a line end too many behind a literal, within a FETCH only
    (b"* 1 FETCH (A {2}\r\nab\r\n)\r\n", [b"* 1 FETCH (A {2}\r\nab\r\n)\r\n"]),
    # streamed
    (
        b"* 1 FETCH (A {9}\r\n123456789 B {1}\r\nx)\r\n* X\r\n",
        [
            LiteralStart(b"* 1 FETCH (A {9}\r\n", 9, True, False, True),
            LiteralData(b"123456789", True),
            Unit(b"* 1 FETCH (A {9}\r\n B {1}\r\nx)\r\n", frozenset({18})),
            b"* X\r\n",
        ],
    ),
    (
        b"* 1 FETCH (A {1}\r\nx B ~{9}\r\n12345\000789\r\n)\r\n",
        [
            LiteralStart(b" B ~{9}\r\n", 9, True, True, False),
            LiteralData(b"12345\000789", True),
            Unit(b"* 1 FETCH (A {1}\r\nx B ~{9}\r\n\r\n)\r\n", frozenset({28})),
        ],
    ),
]


@pytest.mark.parametrize(("wire", "expected"), RESPONSES)
@pytest.mark.parametrize("cut", [whole, bytewise])
def test_responses(
    wire: bytes, expected: list[Frame], cut: Callable[[bytes], Iterable[bytes]]
) -> None:
    assert frames(response_framer(SMALL), cut(wire), stream) == expected


COMMANDS: list[tuple[bytes, Decide, list[Frame]]] = [
    (b"a NOOP\r\n", refuse, [b"a NOOP\r\n"]),
    (b"a X\nY\r\n", refuse, [b"a X\nY\r\n"]),
    (
        b"a LOGIN {1}\r\nu {1+}\r\np\r\nb X\r\n",
        take,
        [
            LiteralStart(b"a LOGIN {1}\r\n", 1, True, False, True),
            LiteralStart(b" {1+}\r\n", 1, False, False, False),
            b"a LOGIN {1}\r\nu {1+}\r\np\r\n",
            b"b X\r\n",
        ],
    ),
    (
        b"a APPEND x ~{2+}\r\n\0\r\r\n",
        stream,
        [
            LiteralStart(b"a APPEND x ~{2+}\r\n", 2, False, True, True),
            LiteralData(b"\0\r", True),
            Unit(b"a APPEND x ~{2+}\r\n\r\n", frozenset({18})),
        ],
    ),
    (
        b"a APPEND x {0+}\r\n {1+}\r\nz\r\n",
        stream,
        [
            LiteralStart(b"a APPEND x {0+}\r\n", 0, False, False, True),
            LiteralData(b"", True),
            LiteralStart(b" {1+}\r\n", 1, False, False, False),
            LiteralData(b"z", True),
            Unit(b"a APPEND x {0+}\r\n {1+}\r\n\r\n", frozenset({17, 24})),
        ],
    ),
    # refused: the peer waits, or sends it all the same
    (
        b"a APPEND x {5}\r\nb NOOP\r\n",
        refuse,
        [LiteralStart(b"a APPEND x {5}\r\n", 5, True, False, True), b"b NOOP\r\n"],
    ),
    (
        b"a APPEND x {5+}\r\nb X\r\n {2+}\r\n\r\n y\r\nb NOOP\r\n",
        refuse,
        [LiteralStart(b"a APPEND x {5+}\r\n", 5, False, False, True), b"b NOOP\r\n"],
    ),
    (
        b"a APPEND x {2+}\r\nxx {2}\r\nb NOOP\r\n",
        refuse,
        [LiteralStart(b"a APPEND x {2+}\r\n", 2, False, False, True), b"b NOOP\r\n"],
    ),
    (
        b"a X {99999999999999999999999999}\r\nb X\r\n",
        refuse,
        [
            LiteralStart(b"a X {99999999999999999999999999}\r\n", 10**20, True, False, True),
            b"b X\r\n",
        ],
    ),
]


@pytest.mark.parametrize(("wire", "decide", "expected"), COMMANDS)
@pytest.mark.parametrize("cut", [whole, bytewise])
def test_commands(
    wire: bytes,
    decide: Decide,
    expected: list[Frame],
    cut: Callable[[bytes], Iterable[bytes]],
) -> None:
    assert frames(command_framer(SMALL), cut(wire), decide) == expected


LIMITS: list[tuple[bytes, str]] = [
    (b"a" * 63 + b"\n", ""),
    (b"a" * 64 + b"\n", "response_line"),
    (b"a" * 64, "response_line"),
    (b"x {8}\r\n12345678" * 9, "response"),
    (b"x {8}\r\n12345678" * 8 + b"1234567\n", ""),
    (b"x {8}\r\n12345678" * 8 + b"12345678\n", "response"),
]


@pytest.mark.parametrize(("wire", "limit"), LIMITS)
@pytest.mark.parametrize("cut", [whole, bytewise])
def test_limits(wire: bytes, limit: str, cut: Callable[[bytes], Iterable[bytes]]) -> None:
    framer = response_framer(SMALL)
    if not limit:
        assert frames(framer, cut(b"* A\r\n" + wire), take) == [b"* A\r\n", wire]
        return
    with pytest.raises(LimitExceeded) as caught:
        frames(framer, cut(b"* A\r\n" + wire), take)
    assert caught.value.name == limit


def test_taking_a_literal_that_is_too_large() -> None:
    framer = command_framer(SMALL)
    framer.receive(b"a X {200}\r\n")
    framer.next_frame()
    with pytest.raises(LimitExceeded) as caught:
        framer.accept(stream=False)
    assert caught.value.name == "command"


def test_streaming_holds_nothing() -> None:
    framer = command_framer(SMALL)
    framer.receive(b"a APPEND x {100000000}\r\n")
    assert isinstance(framer.next_frame(), LiteralStart)
    framer.accept(stream=True)
    chunk = b"x" * 65536
    for _ in range(100):
        framer.receive(chunk)
        assert framer.next_frame() == LiteralData(chunk, False)
        assert len(framer) == 0


def test_next_line_knows_no_literals() -> None:
    framer = command_framer(SMALL)
    framer.receive(b"abc{5}\r\nDONE\r")
    assert framer.next_line() == b"abc{5}\r\n"
    assert framer.next_line() is None
    framer.receive(b"\nrest")
    assert framer.next_line() == b"DONE\r\n"
    assert framer.take_rest() == b"rest"
    assert framer.take_rest() == b""


def test_answers_out_of_place() -> None:
    framer = command_framer(SMALL)
    with pytest.raises(LocalProtocolError):
        framer.refuse()
    framer.receive(b"a X {1}\r\n")
    framer.next_frame()
    with pytest.raises(LocalProtocolError):
        framer.next_frame()


def framer_of_client(limits: ImapLimits) -> Framer:
    return response_framer(limits, whole=COMMON)


_PIECES = st.sampled_from(
    (
        *(b"{3}\r\n", b"{3+}\r\n", b"~{0}\r\n", b"{12}\r\n", b"{", b"}"),
        *(b"\r\n", b"\n", b"\r", b"abc", b" (", b"[x", b"]", b"\0", b"\xff"),
        *(b"* 1 FETCH (", b"* OK ", b"+ ", b"* 1 FETCH (FLAGS (a))\r\n", b"* LIST () NIL x\r\n"),
    )
)


@given(
    st.lists(_PIECES, max_size=30)
    .map(b"".join)
    .flatmap(lambda d: st.tuples(st.just(d), chunkings(d)))
)
@pytest.mark.parametrize("decide", [take, stream, refuse])
@pytest.mark.parametrize("make", [response_framer, framer_of_client, command_framer])
def test_chunks_never_matter(
    make: Callable[[ImapLimits], Framer], decide: Decide, case: tuple[bytes, list[bytes]]
) -> None:
    def verdict(chunks: Iterable[bytes]) -> list[Frame | str]:
        framer, found = make(SMALL), list[Frame | str]()
        try:
            for frame in _each(framer, chunks, decide):
                last = found[-1] if found else None
                joins = isinstance(last, LiteralData) and not last.last
                if isinstance(frame, LiteralData) and joins:
                    assert isinstance(last, LiteralData)
                    found[-1] = LiteralData(last.data + frame.data, frame.last)
                else:
                    found.append(frame[0] if isinstance(frame, re.Match) else frame)
        except LimitExceeded as error:
            found.append(error.name)
        return found

    wire, chunks = case
    assert verdict(chunks) == verdict(whole(wire)) == verdict(bytewise(wire))


def _each(framer: Framer, chunks: Iterable[bytes], decide: Decide) -> Iterable[Frame]:
    for chunk in chunks:
        framer.receive(chunk)
        while (frame := framer.next_frame()) is not None:
            yield frame
            if isinstance(frame, LiteralStart):
                answer = decide(frame)
                if answer == "refuse":
                    framer.refuse()
                else:
                    framer.accept(stream=answer == "stream")
