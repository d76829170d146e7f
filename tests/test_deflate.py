"""Deflate both ways: all of it comes through, in bounded pieces."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto._deflate import Deflater, Inflater
from mailproto.errors import RemoteProtocolError

PIECE = 64 * 1024


def inflated(inflater: Inflater, *chunks: bytes) -> bytes:
    pieces = []
    for chunk in chunks:
        inflater.receive(chunk)
        while piece := inflater.take():
            pieces.append(piece)
    return b"".join(pieces)


@given(st.lists(st.binary(max_size=300)), st.integers(1, 50))
def test_each_piece_can_be_read_at_once_however_it_is_cut(sent: list[bytes], size: int) -> None:
    deflater, inflater = Deflater(), Inflater()
    for data in sent:
        wire = deflater.deflate(data)
        cut = [wire[at : at + size] for at in range(0, len(wire), size)]
        assert inflated(inflater, *cut) == data


def test_nothing_stays_nothing() -> None:
    assert Deflater().deflate(b"") == b""


def test_what_came_before_is_the_beginning() -> None:
    wire = Deflater().deflate(b"hello")
    assert inflated(Inflater(wire[:3]), wire[3:]) == b"hello"


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_pieces_are_bounded_and_nothing_is_held_back(size: int) -> None:
    inflater = Inflater(Deflater().deflate(b"x" * size))
    pieces = list(iter(inflater.take, b""))
    assert b"".join(pieces) == b"x" * size
    assert max(map(len, pieces)) <= PIECE


def test_nothing_is_held_back_of_what_was_cut_off() -> None:
    wire = Deflater().deflate(b"x" * (PIECE + 100))
    for cut in range(len(wire)):
        found = sum(map(len, iter(Inflater(wire[:cut]).take, b"")))
        assert found == len(zlib.decompressobj(-15).decompress(wire[:cut]))


def test_a_bomb_is_inflated_only_as_far_as_it_is_asked_for() -> None:
    bomb = zlib.compress(bytes(64 * 1024 * 1024), wbits=-15)
    inflater = Inflater(bomb)
    assert len(inflater.take()) == PIECE
    assert len(inflater.take()) == PIECE


@pytest.mark.parametrize("junk", [b"\xff\xff\xff", b"\x07", b"* OK hello\r\n"])
def test_what_is_not_deflate(junk: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="not deflate"):
        inflated(Inflater(), junk)


@pytest.mark.parametrize("cut", [0, 2])
def test_the_end_of_the_stream(cut: int) -> None:
    wire = zlib.compress(b"A1 OK\r\n", wbits=-15)
    with pytest.raises(RemoteProtocolError, match="behind the end"):
        inflated(Inflater(), wire, b"* OK")
    behind = Inflater(wire + b"* OK"[:cut])
    assert behind.take() == b"A1 OK\r\n"
    behind.receive(b"* OK"[cut:])
    assert behind.rest() == b"* OK"


@given(st.binary(min_size=1, max_size=400), st.integers(0, 399), st.integers(1, 255), st.data())
def test_cuts_do_not_matter_where_it_breaks(
    sent: bytes, at: int, damage: int, data: st.DataObject
) -> None:
    """zlib drops what it inflated before the broken octet, unless that comes alone."""
    wire = bytearray(Deflater().deflate(sent))
    wire[at % len(wire)] ^= damage

    def outcome(*chunks: bytes) -> tuple[bytes, bool]:
        inflater, out = Inflater(), b""
        try:
            for chunk in chunks:
                inflater.receive(chunk)
                while piece := inflater.take():
                    out += piece
        except RemoteProtocolError:
            with pytest.raises(RemoteProtocolError):
                inflater.take()
            return out, True
        return out, False

    cut = data.draw(st.integers(0, len(wire)))
    one_by_one = outcome(*(bytes((octet,)) for octet in wire))
    assert outcome(bytes(wire)) == one_by_one
    assert outcome(bytes(wire[:cut]), bytes(wire[cut:])) == one_by_one
