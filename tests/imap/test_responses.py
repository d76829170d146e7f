"""The codec of responses: the vector table in both directions, what is tolerated, what is not."""

from collections.abc import Callable, Iterable
from contextlib import suppress

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.imap.framing import response_framer
from mailproto.imap.parse_response import (
    ResponseSyntaxError,
    encode_response,
    parse_response,
)
from mailproto.limits import ImapLimits
from mailproto.testing.chunking import bytewise, whole
from tests.imap.vectors_quirks import HARMLESS, QUIRKS, Quirk
from tests.imap.vectors_responses import RESPONSES, ResponseVector

each_response = pytest.mark.parametrize(
    "vector", RESPONSES, ids=[f"{at}-{vector.source}" for at, vector in enumerate(RESPONSES)]
)


@each_response
def test_reading(vector: ResponseVector) -> None:
    response = parse_response(vector.wire, strict=True, utf8=vector.utf8)
    assert response == vector.response
    assert response.defects == ()


@each_response
def test_writing(vector: ResponseVector) -> None:
    wire = encode_response(vector.response, utf8=vector.utf8)
    assert (wire == vector.wire) == vector.canonical
    assert parse_response(wire, strict=True, utf8=vector.utf8) == vector.response


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_all_in_one_stream(cut: Callable[[bytes], Iterable[bytes]]) -> None:
    """Each response is followed by the next one, and the framer finds where it ends."""
    framer = response_framer(ImapLimits())
    found = []
    for chunk in cut(b"".join(vector.wire for vector in RESPONSES)):
        framer.receive(chunk)
        while (frame := framer.next_frame()) is not None:
            assert isinstance(frame, bytes)
            found.append(frame)
    assert found == [vector.wire for vector in RESPONSES]


@each_response
def test_cut_off(vector: ResponseVector) -> None:
    """A response that ends too early is an error, or a shorter one, but nothing else."""
    for end in range(0, len(vector.wire) - 2, 3):
        with suppress(ResponseSyntaxError):
            parse_response(vector.wire[:end] + b"\r\n", utf8=vector.utf8)


each_quirk = pytest.mark.parametrize(
    "quirk", [*QUIRKS, *HARMLESS], ids=[f"{q.row}-{q.wire[:50]!r}" for q in [*QUIRKS, *HARMLESS]]
)


@each_quirk
def test_quirks_are_tolerated_and_recorded(quirk: Quirk) -> None:
    response = parse_response(quirk.wire)
    assert response == quirk.response
    assert [defect.what for defect in response.defects if not defect.section] == []
    assert len(response.defects) == quirk.defects


@each_quirk
def test_quirks_are_refused_if_strict(quirk: Quirk) -> None:
    if not quirk.defects:
        assert parse_response(quirk.wire, strict=True) == quirk.response
        return
    with pytest.raises(ResponseSyntaxError) as caught:
        parse_response(quirk.wire, strict=True)
    assert caught.value.data == quirk.wire


@each_quirk
def test_no_quirk_is_written(quirk: Quirk) -> None:
    """What can be written at all is well-formed."""
    try:
        wire = encode_response(quirk.response)
    except LocalProtocolError:
        return
    assert parse_response(wire, strict=True) is not None


@each_quirk
@pytest.mark.parametrize("cut", [whole, bytewise])
def test_quirks_do_not_move_the_end(quirk: Quirk, cut: Callable[[bytes], Iterable[bytes]]) -> None:
    framer = response_framer(ImapLimits())
    found = []
    for chunk in cut(quirk.wire + b"* 1 EXISTS\r\n"):
        framer.receive(chunk)
        while (frame := framer.next_frame()) is not None:
            found.append(frame)
    assert found == [quirk.wire, b"* 1 EXISTS\r\n"]
