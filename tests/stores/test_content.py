"""Octets of messages in files, for any octets in any pieces."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.stores import StoreError
from mailproto.stores.maildir.content import ContentReader, ContentWriter, open_message, size_of

LINES = st.lists(
    st.sampled_from([b"\r\n", b"\n", b"\r", b"x", b"y" * 70_000, b"\r\n" * 3000]), max_size=40
).map(b"".join)


def written(path: Path, octets: bytes, cuts: list[int]) -> ContentWriter:
    writer = ContentWriter(path)
    ends = sorted({0, *(cut % (len(octets) + 1) for cut in cuts), len(octets)})
    for start, end in pairwise(ends):
        writer.write(octets[start:end])
    writer.finish(1.0)
    return writer


def read(writer: ContentWriter, path: Path, start: int, length: int) -> bytes:
    reader = ContentReader()
    reader.begin(open_message(path), start, length, verbatim=writer.verbatim)
    found = b""
    while piece := reader.read():
        found += piece
    return found


@given(LINES, st.lists(st.integers(min_value=0), max_size=8), st.integers(0, 200_000))
def test_any_octets_in_any_pieces(octets: bytes, cuts: list[int], start: int) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory, "message")
        writer = written(path, octets, cuts)
        assert (writer.size, writer.octets) == (len(octets), path.stat().st_size)
        assert [each.name for each in path.parent.iterdir()] == ["message"]
        start = min(start, len(octets))
        assert read(writer, path, start, len(octets) - start) == octets[start:]
        if not writer.verbatim:
            assert b"\r\n" not in path.read_bytes()
            assert size_of(path) == len(octets)


@given(LINES)
def test_files_of_others(octets: bytes) -> None:
    """LF is read as CRLF, CRLF stays; the size says so beforehand."""
    expected = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    with TemporaryDirectory() as directory:
        path = Path(directory, "message")
        path.write_bytes(octets)
        size = size_of(path)
        assert size == len(expected)
        reader = ContentReader()
        reader.begin(open_message(path), 0, size)
        assert b"".join(iter(reader.read, b"")) == expected


def test_a_file_that_is_too_short(tmp_path: Path) -> None:
    (tmp_path / "message").write_bytes(b"x\n")
    reader = ContentReader()
    reader.begin(open_message(tmp_path / "message"), 0, 4)
    assert reader.read() == b"x\r\n"
    with pytest.raises(StoreError):
        reader.read()
    reader.discard()


def test_work_that_nobody_waits_for(tmp_path: Path) -> None:
    """What is discarded while a thread is at it goes when the thread is done."""
    writer = ContentWriter(tmp_path / "message")
    writer.write(b"x")
    with writer._working():
        writer.discard()
        assert (tmp_path / "message").exists()
    assert not (tmp_path / "message").exists()
    (tmp_path / "message").write_bytes(b"x")
    reader = ContentReader()
    reader.discard()
    file = open_message(tmp_path / "message")
    reader.begin(file, 0, 1)
    assert file.closed
