"""Conversations (RFC 5256 3)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.imap import Thread
from mailproto.imap.parse_response import encode_response
from mailproto.imap.responses import ThreadResponse
from mailproto.message import ThreadMessage, base_subject, thread_by_references, thread_by_subject

START = datetime(2024, 1, 1, tzinfo=UTC)


def mail(
    number: int,
    subject: str = "",
    own: str | None = None,
    refers: str = "",
    day: int | None = None,
) -> ThreadMessage:
    sent = START + timedelta(days=number if day is None else day)
    return ThreadMessage(number, sent, base_subject(subject), own, tuple(refers.split()))


def written(threads: tuple[Thread, ...]) -> str:
    return encode_response(ThreadResponse(threads)).decode()[len("* THREAD ") :].strip()


@pytest.mark.parametrize(
    ("messages", "threads"),
    [
        ([], ""),
        ([mail(1, "a"), mail(2, "b")], "(1)(2)"),
        ([mail(1, "a"), mail(2, "RE: A")], "(1 2)"),
        ([mail(1, "a"), mail(2, "re: a"), mail(3, "A")], "(1 (2)(3))"),
        ([mail(1, "a", day=9), mail(2, "a", day=5), mail(3, "b", day=7)], "(2 1)(3)"),
        ([mail(1, "b", day=1), mail(2, "a", day=1)], "(1)(2)"),
    ],
)
def test_by_subject(messages: list[ThreadMessage], threads: str) -> None:
    assert written(thread_by_subject(messages)) == threads


@pytest.mark.parametrize(
    ("messages", "threads"),
    [
        ([], ""),
        ([mail(1, own="a"), mail(2, own="b")], "(1)(2)"),
        ([mail(2, own="b", refers="a"), mail(1, own="a")], "(1 2)"),
        ([mail(1, own="a"), mail(2, own="b", refers="a"), mail(3, refers="a b")], "(1 2 3)"),
        ([mail(1, own="a"), mail(2, refers="a"), mail(3, refers="a")], "(1 (2)(3))"),
        ([mail(1, own="a"), mail(2, refers="a", day=9), mail(3, refers="a")], "(1 (3)(2))"),
        # 1.A: what is in between is not there; a parent that is known stays
        ([mail(1, own="a"), mail(2, refers="a x y")], "(1 2)"),
        ([mail(1, own="a"), mail(2, own="b", refers="a"), mail(3, refers="x b")], "(1 2 3)"),
        # 1.A: no ID, or one that was there before
        ([mail(1), mail(2), mail(3, own="a"), mail(4, own="a", refers="a")], "(1)(2)(3 4)"),
        # 1.A, 1.B: loops
        ([mail(1, own="a", refers="a")], "(1)"),
        ([mail(1, own="a", refers="b"), mail(2, own="b", refers="a")], "(2 1)"),
        ([mail(1, refers="a b a")], "(1)"),
        # 1.B: the last reference counts, whatever others said before
        ([mail(1, own="c"), mail(2, refers="b c x"), mail(3, own="b"), mail(4, own="x")],
         "(3 1)(4 2)"),
        # 3: dummies
        ([mail(1, refers="a"), mail(2, refers="a")], "((1)(2))"),
        ([mail(1, refers="a b"), mail(2, refers="a c"), mail(3, refers="a b")], "((1)(2)(3))"),
        ([mail(1, own="x", refers="a"), mail(2, refers="x b"), mail(3, refers="x b")],
         "(1 (2)(3))"),
        # 4: dummies stand where their first child does
        ([mail(5, refers="a", day=2), mail(6, refers="a", day=9), mail(3), mail(7)],
         "((5)(6))(3)(7)"),
        # 5: the same subject
        ([mail(1, "s"), mail(2, "re: S")], "(1 2)"),
        ([mail(1, "re: s"), mail(2, "s")], "(2 1)"),
        ([mail(1, "s"), mail(2, "s")], "((1)(2))"),
        ([mail(1, "s"), mail(2, "s"), mail(3, "re: s"), mail(4, "s")], "((1)(2)(3)(4))"),
        ([mail(1, "re: s"), mail(2, "re: s")], "((1)(2))"),
        ([mail(1, "s"), mail(2, "re: s"), mail(3, "re: s")], "(1 (2)(3))"),
        ([mail(1, "re: "), mail(2, "re: ")], "(1)(2)"),
        ([mail(1, "s", refers="a"), mail(2, "s", refers="a"), mail(3, "s")],
         "((1)(2)(3))"),
        ([mail(3, "s"), mail(4, "s", refers="a"), mail(5, "s", refers="a")],
         "((3)(4)(5))"),
        ([mail(1, "s", refers="a"), mail(2, "x", refers="a"),
          mail(3, "re: s", refers="b"), mail(4, "y", refers="b")], "((1)(2)(3)(4))"),
        # 6: by sent date, then by number
        ([mail(2, own="a", day=1), mail(1, own="b", day=1)], "(1)(2)"),
    ],
)  # fmt: skip
def test_by_references(messages: list[ThreadMessage], threads: str) -> None:
    assert written(thread_by_references(messages)) == threads
    assert written(thread_by_references(reversed(messages))) == threads


MESSAGES = st.lists(
    st.builds(
        mail,
        st.integers(1, 1000),
        st.sampled_from(["", "s", "re: s", "t", "re: t"]),
        st.none() | st.sampled_from("abcdef"),
        st.lists(st.sampled_from("abcdef")).map(" ".join),
        st.integers(0, 5),
    ),
    unique_by=lambda it: it.number,
)


@given(MESSAGES)
def test_all_messages_once(messages: list[ThreadMessage]) -> None:
    numbers = sorted(it.number for it in messages)
    for threads in (thread_by_references(messages), thread_by_subject(messages)):
        assert sorted(number for thread in threads for number, _ in thread.walk()) == numbers
        assert all(thread.members or len(thread.branches) > 1 for thread in threads)


DEEP = 20_000


def test_long_thread() -> None:
    chain = [mail(n, "s", f"{n}", f"{n - 1}") for n in range(1, DEEP)]
    expected = (Thread(tuple(range(1, DEEP))),)
    assert thread_by_references(chain) == expected


def test_many_references() -> None:
    names = " ".join(map(str, range(DEEP)))
    assert written(thread_by_references([mail(1, refers=names)])) == "(1)"
    backwards = " ".join(map(str, reversed(range(DEEP))))
    messages = [mail(1, refers=names), mail(2, refers=backwards)]
    assert written(thread_by_references(messages)) == "((1)(2))"


def test_many_branches() -> None:
    messages = [mail(n, "s", f"{n}", f"{n // 2}") for n in range(1, DEEP)]
    (thread,) = thread_by_references(messages)
    assert sum(1 for _ in thread.walk()) == DEEP - 1


def test_no_end_of_looking_for_loops() -> None:
    chain = [mail(n, "", f"{n}", f"{n - 1}") for n in range(1, 2000)]
    pairs = [mail(5000 + n, "", f"p{n}") for n in range(100)]
    below = [mail(6000 + n, "", None, f"p{n}") for n in range(100)]
    above = [mail(7000 + n, "", None, f"1999 p{n}") for n in range(100)]
    threads = thread_by_references([*chain, *pairs, *below, *above])
    assert len(threads) == 101
