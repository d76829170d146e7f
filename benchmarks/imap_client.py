"""A1 to A4, A6: an IMAP client takes the answers to a command, in memory.

Every side is checked for how much it found.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks import imap_workloads as workloads
from benchmarks.harness import Row, Scale, Side, Target, cpu_seconds, peer
from benchmarks.imap_client_sides import SIDES, Give, Question, Take
from benchmarks.imap_workloads import FIRST_UID
from benchmarks.workloads import CHUNK

# --- what is asked, and how each side's user asks it ---------------------------------------------


def _imaplib_fetch(client: Any, count: int) -> int:
    _, data = client.fetch("1:*", "(ALL)")
    return sum(b" (UID " in (it if isinstance(it, bytes) else it[0]) for it in data)


def _imapclient_fetch(client: Any, count: int) -> int:
    return len(client.fetch(range(FIRST_UID, FIRST_UID + count), ["ALL"]))


async def _aioimaplib_fetch(client: Any, count: int) -> int:
    answer = await client.fetch("1:*", "ALL")
    return sum(b" FETCH (" in line for line in answer.lines)


async def _aioimaplib_search(client: Any, count: int) -> int:
    return len((await client.search("ALL")).lines[0].split())


async def _aioimaplib_list(client: Any, count: int) -> int:
    return len((await client.simple_command("LIST", '""', "*")).lines) - 1


def _twisted_search(client: Any, count: int) -> Any:
    return client.search(peer("twisted.mail.imap4").Query(all=True))


def fetch(*items: str) -> Any:
    from mailproto import imap

    asked = tuple(imap.Section.parse(item) if "[" in item else item for item in items)
    return imap.Fetch(imap.SequenceSet.parse("1:*"), asked)


def _search_all() -> Any:
    from mailproto import imap

    return imap.SearchCommand(imap.Search.all)


def _list_all() -> Any:
    from mailproto import imap

    return imap.List("", ("*",))


def _numbers(event: Any) -> int:
    from mailproto import imap

    return len(event.numbers) if isinstance(event, imap.SearchResponse) else 0


def _ranges(event: Any) -> int:
    from mailproto import imap

    found = event.all if isinstance(event, imap.ESearchResponse) else None
    return 0 if found is None else len(found.ranges)


def _fetching(**twisted: Give) -> dict[str, Give]:
    return {
        "imaplib": _imaplib_fetch,
        "imapclient": _imapclient_fetch,
        "aioimaplib": _aioimaplib_fetch,
        **twisted,
    }


METADATA = Question(
    workloads.metadata,
    partial(fetch, "UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE"),
    _fetching(twisted=lambda client, count: client.fetchFull("1:*", uid=1)),
)
FLAGS = Question(
    workloads.flags,
    partial(fetch, "UID", "FLAGS"),
    _fetching(twisted=lambda client, count: client.fetchFlags("1:*", uid=1)),
)
SEARCH = Question(
    workloads.search,
    _search_all,
    {
        "imaplib": lambda client, count: len(client.search(None, "ALL")[1][0].split()),
        "imapclient": lambda client, count: len(client.search()),
        "aioimaplib": _aioimaplib_search,
        "twisted": _twisted_search,
    },
    weigh=_numbers,
)
ESEARCH = Question(workloads.esearch, _search_all, {}, weigh=_ranges)
LIST = Question(
    workloads.mailboxes,
    _list_all,
    {
        "imaplib": lambda client, count: len(client.list()[1]),
        "imapclient": lambda client, count: len(client.list_folders()),
        "aioimaplib": _aioimaplib_list,
        "twisted": lambda client, count: client.list("", "*"),
    },
)
BODIES = Question(
    lambda count: workloads.bodies(count, 2048),
    partial(fetch, "UID", "BODY[]"),
    _fetching(twisted=lambda client, count: client.fetchSpecific("1:*", uid=1)),
)


def _received(event: Any) -> int:
    from mailproto import imap

    return isinstance(event, imap.FetchResponse)


BODY = replace(BODIES, weigh=_received)
"""One that is streamed, which makes several events."""

# --- the rows ------------------------------------------------------------------------------------

_QUADRATIC = ("aioimaplib",)
"""Sides that would take many minutes for many FETCH responses; see the exponents."""


def _per_unit(take: Take, question: Question, full: int, chunk: int, scale: Scale) -> float:
    stream = question.answers(scale.size(full))
    return cpu_seconds(take(question, stream, chunk), scale) / stream.units * 1e6


def _sides(question: Question, full: int, names: Sequence[str]) -> dict[str, Side]:
    sides: dict[str, Side] = {
        name: partial(_per_unit, SIDES[name], question, full, CHUNK) for name in names
    }
    small = partial(_per_unit, SIDES["mailproto"], question, full, 1400)
    return sides | {"mailproto in chunks of 1,400": small}


def _without(*names: str) -> list[str]:
    return [name for name in SIDES if name not in names]


ROWS: Sequence[Row] = (
    Row(
        "A1",
        "IMAP client, 10,000 FETCH of metadata, 1.2 KB each",
        "us/message",
        _sides(METADATA, 10_000, _without(*_QUADRATIC)),
        (Target("imapclient", 0.35, 0.20),),
    ),
    Row(
        "A2",
        "IMAP client, 100,000 FETCH (UID FLAGS)",
        "us/message",
        _sides(FLAGS, 100_000, _without(*_QUADRATIC)),
        (Target("imapclient", 0.20, 0.06),),
    ),
    Row(
        "A3",
        "IMAP client, one SEARCH of 200,000 numbers",
        "us/number",
        _sides(SEARCH, 200_000, _without()),
        (Target("imapclient", 0.55, 0.4),),
    ),
    Row(
        "A3 ranges",
        "the same as ranges of ESEARCH",
        "us/number",
        _sides(ESEARCH, 200_000, ["mailproto"])
        | {"SEARCH": partial(_per_unit, SIDES["mailproto"], SEARCH, 200_000, CHUNK)},
        (Target("SEARCH", 2.5),),
    ),
    Row(
        "A4",
        "IMAP client, LIST of 20,000 mailboxes",
        "us/mailbox",
        _sides(LIST, 20_000, _without()),
        (Target("imapclient", 0.25, 0.15),),
    ),
    Row(
        "A6",
        "IMAP client, 20,000 bodies of 2 KB",
        "us/message",
        _sides(BODIES, 20_000, _without(*_QUADRATIC)),
        (Target("imapclient", 0.45, 0.3),),
    ),
)
