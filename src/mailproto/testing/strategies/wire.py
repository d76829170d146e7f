"""Bytes of any protocol: cut anywhere, and broken in the ways that parsers trip over."""

import re
from collections.abc import Callable
from typing import TypeAlias

from hypothesis import strategies as st

__all__ = ["chunkings", "mutated"]

_Draw: TypeAlias = st.DrawFn

# What is worth inserting: line ends and their halves, ends of bodies, quoting, controls, bytes
# outside ASCII, a TLS record.
_TOKENS = (
    *(b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n", b"\0", b"\x1b", b"\x7f", b"\t", b" ", b"  "),
    *(b".", b"\r\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"..\r\n"),
    *(b"<", b">", b'"', b"\\", b"@", b":", b"=", b"+", b"+0D+0A", b"{5}", b"-", b"*", b"%"),
    *(b"\x80", b"\xff", b"\xc3", b"\xc3\xa9", b"\xc5\xbf", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    b"\x16\x03\x01",
)
_NUMBERS = (b"", b"0", b"1", b"00", b"-1", b"+1", b"65536", b"4294967296", b"9" * 19, b"9" * 40)
_NUMBER = re.compile(rb"[0-9]+")


@st.composite
def chunkings(draw: _Draw, data: bytes) -> list[bytes]:
    """Draw chunks that make up ``data``, cut anywhere; none of them is empty."""
    if len(data) < 2:
        return [data] if data else []
    cuts = sorted(draw(st.sets(st.integers(1, len(data) - 1), max_size=20)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@st.composite
def mutated(draw: _Draw, data: st.SearchStrategy[bytes], *, most: int = 4) -> bytes:
    """Draw from ``data`` and break it in up to ``most`` places.

    Bytes are dropped, doubled, changed or inserted, line ends changed, lines dropped, doubled
    or exchanged, numbers made wrong, the end cut off.
    """
    result = draw(data)
    for change in draw(st.lists(st.sampled_from(_CHANGES), min_size=1, max_size=most)):
        result = change(draw, result)
    return result


def _span(draw: _Draw, data: bytes, longest: int = 8) -> tuple[int, int]:
    start = draw(st.integers(0, len(data)))
    return start, min(len(data), start + draw(st.integers(1, longest)))


def _drop(draw: _Draw, data: bytes) -> bytes:
    start, end = _span(draw, data)
    return data[:start] + data[end:]


def _double(draw: _Draw, data: bytes) -> bytes:
    start, end = _span(draw, data)
    return data[:end] + data[start:]


def _change(draw: _Draw, data: bytes) -> bytes:
    start, end = _span(draw, data, 1)
    return data[:start] + draw(st.binary(min_size=1, max_size=1)) + data[end:]


def _insert(draw: _Draw, data: bytes) -> bytes:
    at, _ = _span(draw, data)
    return data[:at] + draw(st.sampled_from(_TOKENS)) + data[at:]


def _truncate(draw: _Draw, data: bytes) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


def _change_line_end(draw: _Draw, data: bytes) -> bytes:
    ends = [found.start() for found in re.finditer(rb"\r\n", data)]
    if not ends:
        return data
    at = draw(st.sampled_from(ends))
    end = draw(st.sampled_from((b"", b"\r", b"\n", b"\n\r", b"\r\r\n", b"\r\n\r\n", b" \r\n")))
    return data[:at] + end + data[at + 2 :]


def _change_number(draw: _Draw, data: bytes) -> bytes:
    numbers = list(_NUMBER.finditer(data))
    if not numbers:
        return data
    found = draw(st.sampled_from(numbers))
    near = str(int(found[0][:9]) + draw(st.sampled_from((-1, 1)))).encode()
    new = draw(st.sampled_from((*_NUMBERS, near)))
    return data[: found.start()] + new + data[found.end() :]


def _change_lines(draw: _Draw, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    at = draw(st.integers(0, len(lines) - 1))
    line = lines.pop(at)
    copies = draw(st.integers(0, 2))
    to = draw(st.integers(0, len(lines)))
    return b"".join((*lines[:to], *(copies * [line]), *lines[to:]))


_CHANGES: tuple[Callable[[_Draw, bytes], bytes], ...] = (
    _drop,
    _double,
    _change,
    _insert,
    _truncate,
    _change_line_end,
    _change_number,
    _change_lines,
)
