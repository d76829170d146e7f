"""Sets of numbers: form, algebra against Python's sets, and hostile sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.imap.sequence_set import STAR, SequenceSet


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("1", ((1, 1),)),
        ("2,4:7,9,12:*", ((2, 2), (4, 7), (9, 9), (12, STAR))),  # RFC 9051 9
        ("*:4,5:7", ((STAR, 4), (5, 7))),
        ("*", ((STAR, STAR),)),
        ("*:*", ((STAR, STAR),)),
        ("4294967295", ((4294967295, 4294967295),)),
        ("215295:99696,1", ((215295, 99696), (1, 1))),  # RFC 10022 3.1.1
    ],
)
def test_forms(text: str, ranges: tuple[tuple[int, int], ...]) -> None:
    numbers = SequenceSet.parse(text)
    assert numbers.ranges == ranges
    assert SequenceSet.parse(str(numbers)) == numbers


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "1,", ",1", "1:", ":1", "01", "1:2:3", "1;2", " 1", "1 ", "1\n", "-1", "$,1"),
        *("4294967296", "9999999999", "99999999999", "1:4294967296", "*,4294967296", "a", "٣"),
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a sequence set|is above"):
        SequenceSet.parse(text)


def test_saved() -> None:
    saved = SequenceSet.parse("$")
    assert saved.saved
    assert str(saved) == "$"
    assert saved
    assert saved.ascending() == saved
    with pytest.raises(ValueError, match="known to the server"):
        saved.contains(1, 5)


def test_star() -> None:
    # RFC 9051 9: the last message is in the range even if its number is less
    assert SequenceSet.parse("559:*").resolve(300) == SequenceSet.parse("300:559")
    assert SequenceSet.parse("*:4,5:7").resolve(10) == SequenceSet.parse("4:10")
    assert SequenceSet.parse("1:*").resolve(0) == SequenceSet()
    assert SequenceSet.parse("3:*").contains(10, 10)
    assert not SequenceSet.parse("3:*").contains(2, 10)
    assert str(SequenceSet.parse("9,3:*,1").ascending()) == "1,3:*"
    assert str(SequenceSet.of(4294967295, (STAR, STAR))) == "4294967295,*"
    assert str(SequenceSet.parse("2:*") | SequenceSet.parse("1,7")) == "1:*"
    with pytest.raises(ValueError, match="resolve"):
        len(SequenceSet.parse("1:*"))
    with pytest.raises(ValueError, match="resolve"):
        list(SequenceSet.parse("1:*"))
    with pytest.raises(ValueError, match="resolve"):
        SequenceSet.parse("1:*") & SequenceSet.parse("1")


def test_never_expanded() -> None:
    everything = SequenceSet.parse("1:4294967295")
    assert len(everything) == 4294967295
    assert 4294967295 in everything
    assert str(everything - SequenceSet.of(7)) == "1:6,8:4294967295"
    assert next(iter(everything)) == 1


@pytest.mark.parametrize("bad", [0, -1, STAR + 1, (0, 5)])
def test_numbers_out_of_range(bad: int | tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not within"):
        SequenceSet.of(bad)


_NUMBERS = st.frozensets(st.integers(1, 60))


@given(_NUMBERS, _NUMBERS)
def test_algebra(mine: frozenset[int], theirs: frozenset[int]) -> None:
    a, b = SequenceSet.from_numbers(mine), SequenceSet.from_numbers(theirs)
    for result, expected in (
        (a | b, mine | theirs),
        (a & b, mine & theirs),
        (a - b, mine - theirs),
    ):
        assert list(result) == sorted(expected)
        assert len(result) == len(expected)
        assert result == result.ascending()
        assert all((number in result) == (number in expected) for number in range(1, 62))


_RANGES = st.lists(
    st.tuples(*[st.one_of(st.integers(1, 2**32 - 1), st.just(STAR))] * 2), min_size=1, max_size=9
)


@given(_RANGES, st.integers(1, 2**32 - 1))
def test_round_trip_and_resolve(ranges: list[tuple[int, int]], maximum: int) -> None:
    numbers = SequenceSet(tuple(ranges))
    assert SequenceSet.parse(str(numbers)) == numbers
    assert numbers.ascending().resolve(maximum).contains(1) == numbers.contains(1, maximum)
    resolved = numbers.resolve(maximum)
    assert resolved == resolved.ascending()
    assert not resolved.has_star
