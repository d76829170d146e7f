"""Views, patterns and trees, without a session."""

import time
from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mailproto.imap import AppendUid, Copy, CopyUid, Create, No, Ok, SequenceSet
from mailproto.message import parse_structure
from mailproto.servers.imap.content import Structures
from mailproto.servers.imap.own_changes import NO_CHANGES, OwnChanges, own_changes
from mailproto.servers.imap.pattern import Pattern, parents
from mailproto.servers.imap.tree import Tree
from mailproto.servers.imap.view import NoSuchMessage, View, ordered_set, window
from mailproto.stores import MailboxInfo, MailboxState, MessageInfo

DAY = datetime(2020, 1, 1, tzinfo=UTC)


def info(uid: int, modseq: int, *flags: str) -> MessageInfo:
    return MessageInfo(uid, 1, DAY, frozenset(flags), modseq, f"M{uid}")


# --- View ---


def resolve(view: View, text: str, *, uid: bool) -> list[int]:
    return list(view.resolve(SequenceSet.parse(text), uid=uid))


@pytest.mark.parametrize(
    ("text", "by_number", "by_uid"),
    [
        ("1", [2], []),
        ("2:3", [4, 8], [2]),
        ("*", [8], [8]),
        ("3:1,2", [2, 4, 8], [2]),
        ("3:*", [8], [4, 8]),
        ("9:*", None, [8]),
        ("4", None, [4]),
        ("1:4294967295", None, [2, 4, 8]),
    ],
)
def test_sets_name_messages(text: str, by_number: list[int] | None, by_uid: list[int]) -> None:
    view = View([2, 4, 8], 1)
    assert resolve(view, text, uid=True) == by_uid
    if by_number is None:
        with pytest.raises(NoSuchMessage):
            resolve(view, text, uid=False)
    else:
        assert resolve(view, text, uid=False) == by_number


def test_sets_in_an_empty_mailbox() -> None:
    view = View([], 1)
    assert resolve(view, "1:*", uid=False) == []
    assert resolve(view, "1:*", uid=True) == []
    with pytest.raises(NoSuchMessage):
        resolve(view, "1", uid=False)


def test_what_is_gone_keeps_its_number_until_it_is_told() -> None:
    view = View([1, 2, 3, 4], 1)
    view.learn([], [2, 3, 9], 2)
    assert view.number(4) == 4
    assert resolve(view, "2:3", uid=False) == [2, 3]
    assert view.take_gone() == ([3, 2], [3, 2])
    assert view.number(4) == 2
    assert view.take_gone() == ([], [])


def test_what_came_and_went_between_is_not_told() -> None:
    view = View([1, 2], 1)
    view.learn([info(3, 2), info(4, 3)], [], 3)
    view.learn([], [1, 3], 4)
    assert view.take_gone() == ([1], [1])
    assert view.take_count() == 2
    assert view.take_count() is None
    assert list(view.uids) == [2, 4]


def test_changes_are_told_once_and_not_those_of_the_client_itself() -> None:
    view = View([1, 2, 3], 5)
    view.tell(info(1, 6, "x"))
    view.learn([info(1, 6, "x"), info(2, 7, "y")], [3], 7)
    assert [number for number, _ in view.take_changed()] == [2]
    view.learn([info(1, 8)], [], 8)
    assert view.awaits_news(1)
    view.tell(info(1, 8))
    assert view.take_changed() == []


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ((1, 2), [1, 2]),
        ((4, 9), [4, 5]),
        ((6, 9), []),
        ((-1, -2), [4, 5]),
        ((-2, -1), [4, 5]),
        ((-5, -9), [1]),
        ((-6, -9), []),
    ],
)
def test_windows(part: tuple[int, int], found: list[int]) -> None:
    assert list(window([1, 2, 3, 4, 5], part)) == found


def test_ordered_sets_keep_the_order() -> None:
    assert str(ordered_set([3, 4, 5, 1, 2, 9])) == "3:5,1:2,9"


# --- Pattern ---


def slowly(pattern: str, name: str) -> bool:
    """The definition, tried out (RFC 9051 6.3.9)."""
    if not pattern:
        return not name
    if pattern[0] in "*%":
        within = name if pattern[0] == "*" else name.partition("/")[0]
        return any(slowly(pattern[1:], name[at:]) for at in range(len(within) + 1))
    return name[:1] == pattern[0] and slowly(pattern[1:], name[1:])


@given(st.text("ab/*%", max_size=7), st.text("ab/", max_size=8))
def test_patterns_match_as_they_are_defined(pattern: str, name: str) -> None:
    assert Pattern(pattern, "/").matches(name) == slowly(pattern, name)


def test_inbox_matches_in_any_case() -> None:
    assert Pattern("inbox", "/").matches("INBOX")
    assert Pattern("Inbox/%", "/").matches("INBOX/a")
    assert not Pattern("inb", "/").matches("INBOX")


def test_patterns_of_an_attacker_are_matched_quickly() -> None:
    pattern = Pattern("a*" * 2000 + "b", "/")
    started = time.process_time()
    assert not pattern.matches("a" * 2000)
    assert time.process_time() - started < 5  # trying all would take ages of the universe


def test_parents() -> None:
    assert list(parents("a/b/c", "/")) == ["a/b", "a"]
    assert list(parents("/a", "/")) == []


# --- Tree: RFC 5258 5, example 9 ---

_NAMES = (
    *("INBOX", "foo2", "foo2/bar1", "foo2/bar2", "baz2", "baz2/bar2", "baz2/bar22"),
    *("baz2/bar222", "eps2", "eps2/mamba", "qux2/bar2"),
)
_SUBSCRIBED = (
    *("foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222"),
    *("eps2", "eps2/mamba", "qux2/bar2"),
)


def test_recursive_match() -> None:
    tree = Tree(map(MailboxInfo, _NAMES), _SUBSCRIBED, "/")
    found = {
        entry.name: (r"\Subscribed" in entry.attributes, entry.child_info)
        for entry in tree.listed(["*2"], {"RECURSIVEMATCH", "SUBSCRIBED"})
    }
    assert found == {
        "foo2": (False, ("SUBSCRIBED",)),
        "foo2/bar2": (True, None),
        "baz2/bar2": (True, None),
        "baz2/bar22": (True, None),
        "baz2/bar222": (True, None),
        "eps2": (True, ("SUBSCRIBED",)),
        "qux2/bar2": (True, None),
    }


def test_names_that_are_not_there() -> None:
    tree = Tree([MailboxInfo("a/b/c")], ["x/y"], "/")
    assert [(e.name, e.attributes) for e in tree.listed(["%"])] == [
        ("a", (r"\NonExistent", r"\Noselect", r"\HasChildren"))
    ]
    assert [e.name for e in tree.lsub("%")] == ["x"]
    assert [e.name for e in tree.lsub("*")] == ["x/y"]


# --- Structures ---


def test_structures_are_forgotten_by_their_weight() -> None:
    small = parse_structure(b"Subject: x\r\n\r\n")
    large = parse_structure(
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 50
    )
    structures = Structures(20_000)
    for name in "abc":
        structures.put(("ann", name), small)
    assert structures.get(("ann", "a")) is small
    assert structures.get(("bob", "a")) is None
    structures.put(("ann", "d"), large)  # more than all that may be remembered
    assert all(structures.get(("ann", name)) is None for name in "abcd")
    for number in range(100):
        structures.put(("ann", str(number)), small)
        structures.put(("ann", "99"), small)
    assert structures.get(("ann", "98")) is small
    assert structures.get(("ann", "0")) is None


# --- what the client itself has changed ---


def test_messages_that_others_put_in_first_are_news() -> None:
    copied = CopyUid(1, SequenceSet.parse("1:2"), SequenceSet.parse("5:6"))
    own = own_changes(Copy(SequenceSet.parse("1:2"), "a"), Ok("", copied), "/")
    assert own == OwnChanges(mailbox="a", uids=SequenceSet.parse("5:6"))
    before = MailboxState(1, 5, 9, messages=3)
    assert own.upon("b", before) == before
    behind = own.upon("a", before)
    assert (behind.uid_next, behind.messages, behind.highest_modseq) == (7, 5, 9)
    others = MailboxState(1, 4, 8, messages=2)
    assert own.upon("a", others) == others


def test_what_fails_changes_nothing() -> None:
    assert own_changes(Create("a"), No("", AppendUid(1, SequenceSet.parse("1"))), "/") is NO_CHANGES
    assert own_changes(Create("inbox/a/"), Ok(""), "/") == OwnChanges(frozenset({"INBOX/a"}))
