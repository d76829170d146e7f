"""The receive buffer against the simplest model of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto._buffer import LineTooLong, ReceiveBuffer
from mailproto.testing import bytewise
from mailproto.testing.strategies import chunkings

LIMIT = 10


def filled(*chunks: bytes) -> ReceiveBuffer:
    buffer = ReceiveBuffer()
    for chunk in chunks:
        buffer += chunk
    return buffer


class TestLines:
    def test_whole_lines_only(self) -> None:
        buffer = filled(b"a\r\nb\nc")
        assert buffer.take_line(LIMIT) == b"a\r\n"
        assert buffer.take_line(LIMIT) == b"b\n"
        assert buffer.take_line(LIMIT) is None
        assert len(buffer) == 1
        buffer += b"\n"
        assert buffer.take_line(LIMIT) == b"c\n"
        assert buffer.take_line(LIMIT) is None
        assert not len(buffer)

    @pytest.mark.parametrize("chunks", [lambda d: [d], bytewise], ids=["whole", "bytewise"])
    @pytest.mark.parametrize(
        ("line", "fits"),
        [(b"123456789\n", True), (b"12345678\r\n", True), (b"1234567890\n", False)],
    )
    def test_limit(self, chunks: object, line: bytes, fits: bool) -> None:
        assert callable(chunks)
        buffer = ReceiveBuffer()
        for chunk in chunks(line)[:-1]:
            buffer += chunk
            try:
                assert buffer.take_line(LIMIT) is None
            except LineTooLong:
                assert not fits
                assert len(buffer) == LIMIT
        buffer += chunks(line)[-1]
        if fits:
            assert buffer.take_line(LIMIT) == line
        else:
            with pytest.raises(LineTooLong):
                buffer.take_line(LIMIT)
            assert len(buffer) == len(line)

    def test_discarding(self) -> None:
        buffer = filled(b"0123456789abc")
        with pytest.raises(LineTooLong):
            buffer.take_line(LIMIT)
        assert not buffer.discard_line()
        assert not len(buffer)
        buffer += b"more of it"
        assert not buffer.discard_line()
        buffer += b"end\r\nnext\r\n"
        assert buffer.discard_line()
        assert buffer.take_line(LIMIT) == b"next\r\n"

    @given(st.data(), st.lists(st.sampled_from((b"\r", b"\n", b"x", b"123456789")), max_size=30))
    def test_like_the_model(self, data: st.DataObject, parts: list[bytes]) -> None:
        text = b"".join(parts)

        def run(chunks: list[bytes]) -> list[bytes]:
            buffer, lines, dropping = ReceiveBuffer(), list[bytes](), False
            for chunk in chunks:
                buffer += chunk
                while True:
                    if dropping:
                        dropping = not buffer.discard_line()
                        if dropping:
                            break
                        lines.append(b"")
                    try:
                        line = buffer.take_line(LIMIT)
                    except LineTooLong:
                        dropping = True
                        continue
                    if line is None:
                        break
                    lines.append(line)
            return lines

        expected = [
            line if len(line) <= LIMIT else b""
            for line in text.replace(b"\n", b"\n|").split(b"|")
            if line.endswith(b"\n")
        ]
        assert run([text]) == expected
        assert run(list(bytewise(text))) == expected
        assert run(data.draw(chunkings(text))) == expected


class TestCountedBytes:
    def test_take(self) -> None:
        buffer = filled(b"abc\ndef")
        assert buffer.take(0) == b""
        assert buffer.take(2) == b"ab"
        assert buffer.take_line(LIMIT) == b"c\n"
        assert buffer.take(99) == b"def"
        assert buffer.take(1) == b""

    def test_peek_keeps(self) -> None:
        buffer = filled(b"abc")
        assert buffer.peek(2) == b"ab"
        assert buffer.peek(9) == b"abc"
        assert len(buffer) == 3

    def test_lines_after_counted_bytes(self) -> None:
        """What was scanned for a line end is scanned anew once the front has moved."""
        buffer = filled(b"12345")
        assert buffer.take_line(LIMIT) is None
        assert buffer.take(3) == b"123"
        buffer += b"\nx\n"
        assert buffer.take_line(LIMIT) == b"45\n"
        assert buffer.take_line(LIMIT) == b"x\n"

    def test_clear(self) -> None:
        buffer = filled(b"abc")
        assert buffer.take_line(LIMIT) is None
        buffer.clear()
        buffer += b"d\n"
        assert buffer.take_line(LIMIT) == b"d\n"
