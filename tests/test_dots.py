"""Dot-stuffing against the simplest model of it, cut anywhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto import _dots
from mailproto._buffer import ReceiveBuffer
from mailproto._dots import BLOCK, CrlfNormalizer, DotStuffer, DotUnstuffer
from mailproto.testing import bytewise
from mailproto.testing.strategies import chunkings

# Text made of what matters: line ends and their halves, dots, other octets.
texts = st.lists(st.sampled_from((b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"\0\xff"))).map(
    b"".join
)
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def normalised(text: bytes) -> bytes:
    return re.sub(rb"\r\n|\r|\n", b"\r\n", text)


def stuffed(text: bytes) -> bytes:
    """The wire form of ``text``, whose lines all end in CRLF (the last one perhaps not)."""
    lines = text.split(b"\r\n")
    doubled = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return doubled + (b"" if text.endswith(b"\r\n") or not text else b"\r\n") + b".\r\n"


def sent(stuffer: DotStuffer, chunks: list[bytes]) -> bytes:
    return b"".join([stuffer.feed(chunk) for chunk in chunks]) + stuffer.finish()


def received(unstuffer: DotUnstuffer, chunks: list[bytes]) -> tuple[bytes, bytes]:
    """The text, and what follows its end."""
    buffer, text = ReceiveBuffer(), b""
    for chunk in chunks:
        buffer += chunk
        while piece := unstuffer.take(buffer):
            text += piece
    return text, buffer.take_all()


class TestNormalizer:
    @given(texts, st.data())
    def test_like_the_model(self, text: bytes, data: st.DataObject) -> None:
        for chunks in ([text], list(bytewise(text)), data.draw(chunkings(text))):
            normalizer = CrlfNormalizer()
            assert b"".join([normalizer.feed(chunk) for chunk in chunks]) == normalised(text)


class TestStuffer:
    @given(texts, st.data())
    def test_like_the_model(self, text: bytes, data: st.DataObject) -> None:
        expected = stuffed(normalised(text))
        for chunks in ([text], list(bytewise(text)), data.draw(chunkings(text))):
            assert sent(DotStuffer(), chunks) == expected

    @given(texts, st.data())
    def test_nothing_ends_the_text_early_for_anybody(
        self, text: bytes, data: st.DataObject
    ) -> None:
        """Neither a receiver that goes by CRLF nor one that takes LF or CR for a line end."""
        chunks = data.draw(chunkings(text))
        wire = sent(DotStuffer(), chunks)
        for end in (rb"\r\n\.\r\n", rb"\n\.\n", rb"\r\.\r", rb"\n\.\r\n", rb"\r\n\.\n"):
            assert not re.search(end, b"\r\n" + wire[:-3])
        kept = sent(DotStuffer(normalize=False), chunks)
        for end in (rb"\r\n\.\r\n", rb"\n\.\n", rb"\n\.\r\n", rb"\r\n\.\n"):
            assert not re.search(end, b"\r\n" + kept[:-3])

    @given(texts)
    def test_line_ends_can_be_kept(self, text: bytes) -> None:
        wire = sent(DotStuffer(normalize=False), list(bytewise(text)))
        assert wire == sent(DotStuffer(normalize=False), [text])
        assert (b"\n" + wire).replace(b"\n..", b"\n.")[1:].startswith(text)

    def test_more_than_a_block(self) -> None:
        text = b".line\r\n" * (BLOCK // 3)
        assert sent(DotStuffer(), [text]) == b"..line\r\n" * (BLOCK // 3) + b".\r\n"


class TestUnstuffer:
    @given(texts, st.booleans(), st.data())
    def test_takes_back_what_the_stuffer_did(
        self, text: bytes, strict: bool, data: st.DataObject
    ) -> None:
        after = b"MAIL FROM:<a@b.example>\r\n"
        wire = sent(DotStuffer(), [text]) + after
        expected = normalised(text)
        if expected and not expected.endswith(b"\r\n"):
            expected += b"\r\n"
        for chunks in ([wire], list(bytewise(wire)), data.draw(chunkings(wire))):
            unstuffer = DotUnstuffer(strict=strict)
            assert received(unstuffer, chunks) == (expected, after)
            assert unstuffer.finished
            assert not unstuffer.bare

    @given(texts, st.booleans(), st.data())
    def test_any_octets(self, text: bytes, strict: bool, data: st.DataObject) -> None:
        wire = text + b"\r\n.\r\nrest"
        end = (b"\r\n" + wire).index(b"\r\n.\r\n")
        body, after = wire[:end], wire[end + 3 :]
        bare = BARE.search(body) if strict else None
        if bare:
            body = body[: bare.start()]
        expected = (b"\r\n" + body).replace(b"\r\n.", b"\r\n")[2:]
        for chunks in ([wire], list(bytewise(wire)), data.draw(chunkings(wire))):
            unstuffer = DotUnstuffer(strict=strict)
            assert received(unstuffer, chunks) == (expected, after)
            assert bool(unstuffer.bare) is bool(bare)

    @pytest.mark.parametrize(
        "smuggled",
        [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n\n.\r\r\n"],
    )
    def test_only_crlf_dot_crlf_ends(self, smuggled: bytes) -> None:
        """CVE-2023-51764, -51765, -51766: other ends must not be taken for one."""
        wire = b"text" + smuggled + b"MAIL FROM:<evil@b.example>\r\n"
        for chunks in ([wire], list(bytewise(wire))):
            strict, lenient = DotUnstuffer(strict=True), DotUnstuffer(strict=False)
            text, _ = received(strict, chunks)
            received(lenient, chunks)
            assert not strict.finished
            assert not lenient.finished
            assert strict.bare
            assert b"evil" not in text

    @pytest.mark.parametrize("start", [b"\n.\r\n", b"\r.\r\n", b".\n", b".\r.\r\n", b".\n.\r\n"])
    def test_the_text_begins_like_its_end(self, start: bytes) -> None:
        for chunks in ([start], list(bytewise(start))):
            unstuffer = DotUnstuffer(strict=True)
            received(unstuffer, chunks)
            assert not unstuffer.finished

    @given(texts, st.data())
    def test_from_a_buffer(self, text: bytes, data: st.DataObject) -> None:
        """``take`` leaves alone what stands behind the end."""
        wire = stuffed(normalised(text)) + b"rest"
        unstuffer, buffer, got = DotUnstuffer(strict=True), ReceiveBuffer(), b""
        for chunk in data.draw(chunkings(wire)):
            buffer += chunk
            while piece := unstuffer.take(buffer):
                got += piece
        assert unstuffer.finished
        assert buffer.take_all() == b"rest"
        assert stuffed(got) == stuffed(normalised(text))

    @pytest.mark.parametrize("block", [8, 9, 10, 11, 12])
    @given(texts)
    def test_a_border_of_blocks_anywhere(self, block: int, text: bytes) -> None:
        text = normalised(text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_dots, "BLOCK", block)
            unstuffer = DotUnstuffer(strict=True)
            got, rest = received(unstuffer, [stuffed(text) + b"rest"])
        assert (stuffed(got), rest) == (stuffed(text), b"rest")
        assert unstuffer.finished

    @given(st.lists(st.sampled_from((b"\n", b".", b"..", b"a"))).map(b"".join), st.data())
    def test_another_line_end(self, text: bytes, data: st.DataObject) -> None:
        """A peer that sends LF throughout."""
        text += b"\n"
        doubled = (b"\n" + text).replace(b"\n.", b"\n..")[1:]
        unstuffer = DotUnstuffer(strict=False, line_end=b"\n")
        chunks = data.draw(chunkings(doubled + b".\nrest"))
        assert received(unstuffer, chunks) == (text, b"rest")
