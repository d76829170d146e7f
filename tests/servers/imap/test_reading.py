"""How much SEARCH, SORT, THREAD and FETCH read, and that they find what is far into a message."""

from collections.abc import AsyncGenerator, Collection, Sequence
from itertools import count
from typing import Any

import pytest

from mailproto.servers.imap import matching
from mailproto.stores import MemoryMailbox

from .test_extensions import Session, selected, subject

LONG = b"Subject: long\r\n\r\n" + b"line\r\n" * 30_000 + b"needle\r\n"
MESSAGES = (subject("one"), subject("two", more="X-One: 1\r\n"), LONG, subject("needle"))

Asked = list[tuple[Sequence[int], object]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The UIDs of the messages that the store is asked for, with names of fields or a length."""
    found: Asked = []
    for name in ("headers", "beginnings"):
        plain = getattr(MemoryMailbox, name)

        def noted(self: Any, uids: Sequence[int], what: Any, plain: Any = plain) -> Any:
            found.append((list(uids), what if isinstance(what, int) else set(what)))
            return plain(self, uids, what)

        monkeypatch.setattr(MemoryMailbox, name, noted)
    return found


LENGTH = 65536


@pytest.mark.parametrize(
    ("command", "answer", "reads"),
    [
        ("SEARCH SEEN", "SEARCH 1 2", []),
        ("SEARCH SEEN SUBJECT two", "SEARCH 2", [([1, 2], {"subject"})]),
        ("SEARCH NOT SEEN NOT SUBJECT long", "SEARCH 4", [([3, 4], {"subject"})]),
        ('SEARCH HEADER X-ONE ""', "SEARCH 2", [([1, 2, 3, 4], {"x-one"})]),
        ("SEARCH BODY needle", "SEARCH 3", [([1, 2, 3, 4], LENGTH)]),
        ("SEARCH UNSEEN TEXT needle", "SEARCH 3 4", [([3, 4], LENGTH)]),
        ("SEARCH NOT BODY body", "SEARCH 3", [([1, 2, 3, 4], LENGTH)]),
        (
            "SEARCH OR SUBJECT one BODY needle",
            "SEARCH 1 3",
            [([1, 2, 3, 4], {"subject"}), ([2, 3, 4], LENGTH)],
        ),
        (
            "SEARCH SUBJECT long BODY needle FROM x",
            "SEARCH",
            [([1, 2, 3, 4], {"subject", "from"})],
        ),
        ("SORT (REVERSE SIZE) UTF-8 ALL", "SORT 3 2 4 1", []),
        ("SORT (SUBJECT) UTF-8 UNSEEN", "SORT 3 4", [([3, 4], {"subject"})]),
        (
            "SORT (SUBJECT) UTF-8 OR SEEN BODY needle",
            "SORT 3 1 2",
            [([1, 2], {"subject"}), ([3, 4], LENGTH)],
        ),
        (
            "THREAD ORDEREDSUBJECT UTF-8 SEEN",
            "THREAD (1)(2)",
            [([1, 2], {"subject", "date", "references", "in-reply-to", "message-id"})],
        ),
    ],
)
def test_searches(
    asked: Asked, command: str, answer: str, reads: list[tuple[list[int], object]]
) -> None:
    session = selected(*MESSAGES)
    session.ok(r"STORE 1:2 +FLAGS.SILENT (\Seen)")
    assert session.ok(command) == [answer]
    assert asked == reads


@pytest.mark.parametrize(
    ("items", "reads"),
    [
        ("(UID FLAGS MODSEQ INTERNALDATE RFC822.SIZE EMAILID SAVEDATE)", []),
        ("BODY.PEEK[HEADER.FIELDS (X-One)]", [([1, 2, 4], {"x-one"})]),
        ("(BODY.PEEK[HEADER.FIELDS (X-One)] THREADID)", "x-one message-id references in-reply-to"),
        ("(FLAGS BODYSTRUCTURE)", [([1, 2, 4], LENGTH)]),
        ("(BODY.PEEK[HEADER.FIELDS (X-One)] BODYSTRUCTURE)", [([1, 2, 4], LENGTH)]),
        ("BODY.PEEK[HEADER.FIELDS.NOT (X-One)]", [([1, 2, 4], LENGTH)]),
    ],
)
def test_fetches(asked: Asked, items: str, reads: Any) -> None:
    session = selected(*MESSAGES)
    told = session.ok(f"FETCH 1:2,4 {items}")
    assert [line.split()[0] for line in told if "FETCH (" in line] == ["1", "2", "4"]
    assert asked == ([([1, 2, 4], set(reads.split()))] if isinstance(reads, str) else reads)


def fetched(session: Session, item: str) -> list[str]:
    return [line.partition("\r\n")[2] for line in session.ok(f"FETCH 1:* {item}")]


def test_the_same_octets_however_they_are_read() -> None:
    session = selected(*MESSAGES)
    alone = fetched(session, "BODY.PEEK[HEADER.FIELDS (Subject X-One)]")
    assert alone[1] == "Subject: two\r\nX-One: 1\r\n\r\n)"
    asked = session.ok("FETCH 1:* (BODY.PEEK[HEADER.FIELDS (Subject X-One)] BODY.PEEK[2.MIME])")
    assert [line.partition("\r\n")[2].replace(" BODY[2.MIME] NIL", "") for line in asked] == alone
    assert fetched(session, "BODY.PEEK[]") == [f"{data.decode()})" for data in MESSAGES]
    body = LONG.partition(b"\r\n\r\n")[2].decode()
    assert fetched(session, "BODY.PEEK[TEXT]<65510.40>")[2] == f"{body[65510:65550]})"
    assert fetched(session, "BODY.PEEK[]<65530.40>")[2] == f"{LONG[65530:65570].decode()})"


@pytest.mark.parametrize("item", ["ENVELOPE", "BODYSTRUCTURE"])
def test_a_message_that_goes_while_they_are_read(
    monkeypatch: pytest.MonkeyPatch, item: str
) -> None:
    session = selected(*MESSAGES)

    async def headers(
        self: MemoryMailbox, uids: Sequence[int], names: Collection[str]
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        for uid in uids:
            if uid == 2:
                await self.expunge([2])
            else:
                yield uid, b"Subject: x\r\n\r\n"

    monkeypatch.setattr(MemoryMailbox, "headers", headers)
    monkeypatch.setattr(MemoryMailbox, "beginnings", headers)
    told = session.ok(f"FETCH 1:* {item}")
    assert [line.split()[0] for line in told] == ["1", "3", "4"]
    assert session.ok("NOOP") == ["2 EXPUNGE"]


def test_fields_of_a_message_within() -> None:
    inner = b"Subject: inner\r\n\r\nx"
    session = selected(b"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\n" + inner)
    assert fetched(session, "BODY.PEEK[1.HEADER.FIELDS (Subject)]") == [
        f"{inner.removesuffix(b'x').decode()})"
    ]


@pytest.mark.parametrize(
    ("query", "tries"),
    [("SEEN", 4), ("SUBJECT two", 8), ("BODY needle", 8), ("OR SUBJECT one BODY needle", 11)],
)
def test_others_have_their_turn_and_the_client_is_told(
    monkeypatch: pytest.MonkeyPatch, query: str, tries: int
) -> None:
    session = selected(*MESSAGES)
    clock = count(step=4)
    monkeypatch.setattr(matching, "monotonic", lambda: next(clock))
    rests = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(session.service.runtime, "sleep", sleep)
    *told, _ = session.ok(f"SEARCH {query}")
    assert len(rests) == tries
    done = [int(line.split()[3]) for line in told]
    assert told == [
        f'OK [INPROGRESS ("A2" {each} {len(MESSAGES)})] Still searching' for each in done
    ]
    assert done == sorted(done)
    assert 0 < done[-1] <= len(MESSAGES)
