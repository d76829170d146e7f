"""Content transfer encodings, whole and in any pieces."""

import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.message import UnknownEncoding, decode_transfer, transfer_decoder
from mailproto.testing.chunking import bytewise
from mailproto.testing.strategies import chunkings

BASE64 = [
    (b"", b""),
    (b"YWJj", b"abc"),
    (b"YWI=", b"ab"),
    (b"YQ==", b"a"),
    (b"YW\r\nJj\r\n", b"abc"),
    (b"Y*W-J j", b"abc"),
    # cut short, or padded wrongly
    (b"YWJjZGU", b"abcde"),
    (b"YWJjZA", b"abcd"),
    (b"YWJjZ", b"abc"),
    (b"YQ=", b"a"),
    (b"YQ", b"a"),
    (b"=", b""),
    (b"===YWJj", b""),
    # the first padding is the end, RFC 2045 6.8
    (b"YQ==YQ==", b"a"),
]
QUOTED = [
    (b"", b""),
    (b"plain\r\ntext\r\n", b"plain\r\ntext\r\n"),
    (b"=C3=A9=c3=a9", b"\xc3\xa9\xc3\xa9"),
    (b"a=\r\nb=\nc= \t\r\nd", b"abcd"),
    (b"a \t\r\nb\t\nc ", b"a\r\nb\nc"),
    (b"a b =20\r\n", b"a b  \r\n"),
    (b"=0D=0A", b"\r\n"),
    # what is no encoding stays
    (b"=", b""),
    (b"a=", b"a"),
    (b"=4", b"=4"),
    (b"=\r", b""),
    (b"=G0=4G==41=", b"=G0=4G=A"),
    (b"= x", b"= x"),
    (b"a\rb \rc", b"a\rb \rc"),
    (b"\xff\0", b"\xff\0"),
    # too long a run of white space to be an accident
    (b" " * 998 + b"\r\n", b"\r\n"),
    (b" " * 999 + b"\r\n", b" " * 999 + b"\r\n"),
    (b"=" + b" " * 998 + b"\r\nx", b"x"),
    (b"=" + b" " * 999 + b"\r\nx", b"=" + b" " * 999 + b"\r\nx"),
    (b"\t" * 5000 + b"x \r\n", b"\t" * 5000 + b"x\r\n"),
    (b" " * 5000 + b"\r \n", b" " * 5000 + b"\r\n"),
]
VECTORS = [
    *(("base64", *vector) for vector in BASE64),
    *(("Quoted-Printable", *vector) for vector in QUOTED),
    *((name, b"=41 YQ==", b"=41 YQ==") for name in ("7bit", "8BIT", "binary")),
]


def streamed(encoding: str, chunks: list[bytes]) -> bytes:
    decoder = transfer_decoder(encoding)
    return b"".join([*map(decoder.feed, chunks), decoder.finish()])


@pytest.mark.parametrize(("encoding", "encoded", "decoded"), VECTORS)
def test_vectors(encoding: str, encoded: bytes, decoded: bytes) -> None:
    assert decode_transfer(encoded, encoding) == decoded
    assert streamed(encoding, list(bytewise(encoded))) == decoded


@pytest.mark.parametrize("encoding", ["x-uuencode", "", "base65"])
def test_unknown(encoding: str) -> None:
    with pytest.raises(UnknownEncoding) as caught:
        transfer_decoder(encoding)
    assert caught.value.encoding == encoding


@given(st.binary())
def test_what_others_encode(data: bytes) -> None:
    assert decode_transfer(base64.encodebytes(data), "base64") == data
    quoted = binascii.b2a_qp(data, quotetabs=True, istext=False)
    assert decode_transfer(quoted, "quoted-printable") == data


PIECES = st.sampled_from(
    [b"=", b"4", b"1", b"\r", b"\n", b" ", b"\t", b"x", b"Y", b" " * 500, b"\xff"]
)


@given(
    st.sampled_from(["base64", "quoted-printable"]),
    st.lists(PIECES).map(b"".join).flatmap(lambda data: st.tuples(st.just(data), chunkings(data))),
)
def test_any_pieces(encoding: str, given: tuple[bytes, list[bytes]]) -> None:
    data, chunks = given
    assert streamed(encoding, chunks) == decode_transfer(data, encoding)


def test_nothing_is_held_back_for_long() -> None:
    decoder = transfer_decoder("quoted-printable")
    given = taken = 0
    for _ in range(1000):
        given += 1000
        taken += len(decoder.feed(b" " * 1000))
        assert given - taken <= 2000
