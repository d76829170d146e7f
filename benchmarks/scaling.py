"""The "all" rows: how the cost grows with the work, and what bytes that come one by one cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import log

from benchmarks import imap_client, imap_server, imap_workloads
from benchmarks.harness import Job, Row, Scale, Side, Target, cpu_seconds
from benchmarks.imap_client_sides import SIDES, Question
from benchmarks.pop3_client import CLIENTS, Ask
from benchmarks.pop3_server import COMMANDS
from benchmarks.smtp_client import REPLIES
from benchmarks.smtp_server import DATA, TRANSACTIONS, mailproto_server
from benchmarks.workloads import (
    CHUNK,
    Stream,
    bdat_message,
    data_message,
    long_reply,
    pop3_commands,
    replies,
    retrieved_message,
    scan_listing,
    transactions,
)

_Feed = Callable[[Stream, int], Job]


@dataclass(frozen=True)
class _Case:
    what: str
    make: Callable[[int], Stream]
    """Makes a stream of about so many bytes."""
    feeds: dict[str, _Feed]
    share: float = 1
    """How much of the usual work: less, if a side would take too long."""


def _feed_replies(side: str, stream: Stream, chunk: int) -> Job:
    return REPLIES[side](stream.chunks(chunk), stream.units)


_CLIENTS: dict[str, _Feed] = {
    side: partial(_feed_replies, side) for side in ("smtpproto", "mailproto")
}


def _reply_stream(octets: int) -> Stream:
    made = replies(octets // 100)
    return Stream(b"".join(made), len(made))


def _pop3_client(ask: Ask) -> dict[str, _Feed]:
    return {side: partial(client, ask) for side, client in CLIENTS.items()}


def _imap_client(question: Question, *sides: str) -> dict[str, _Feed]:
    def feed(side: str, stream: Stream, chunk: int) -> Job:
        return SIDES[side](question, stream, chunk)()

    return {side: partial(feed, side) for side in (*sides, "mailproto")}


def _imap_server(*sides: str) -> dict[str, _Feed]:
    def feed(side: str, stream: Stream, chunk: int) -> Job:
        return imap_server.SIDES[side](stream, chunk)()

    return {side: partial(feed, side) for side in (*sides, "mailproto")}


_CASES = (
    _Case(
        "FETCH",
        lambda octets: imap_workloads.metadata(octets // 1200),
        _imap_client(imap_client.METADATA, "aioimaplib", "twisted", "imap-codec"),
        share=0.1,
    ),
    _Case(
        "FETCH flags",
        lambda octets: imap_workloads.flags(octets // 50),
        _imap_client(imap_client.FLAGS, "twisted", "imap-codec"),
    ),
    _Case(
        "SEARCH",
        lambda octets: imap_workloads.search(octets // 7),
        _imap_client(imap_client.SEARCH),
    ),
    _Case(
        "BODY[]",
        lambda octets: imap_workloads.bodies(1, octets),
        _imap_client(imap_client.BODY, "twisted"),
        share=2,  # all of them above what is kept in memory
    ),
    _Case(
        "IMAP commands",
        lambda octets: imap_workloads.commands(octets // 62, ""),
        _imap_server("pymap", "twisted", "imap-codec"),
    ),
    _Case("APPEND", imap_workloads.append, _imap_server("pymap", "twisted")),
    _Case("transactions", lambda octets: transactions(max(octets // 4500, 1)), TRANSACTIONS),
    _Case("DATA", data_message, DATA),
    _Case("BDAT", bdat_message, {"mailproto": mailproto_server}),
    _Case("replies", _reply_stream, _CLIENTS),
    _Case("one long reply", lambda octets: long_reply(octets // 47), _CLIENTS),
    _Case("LIST", lambda octets: scan_listing(octets // 12), _pop3_client("LIST")),
    _Case("RETR", retrieved_message, _pop3_client("RETR")),
    _Case("POP3 commands", lambda octets: pop3_commands(octets // 8, 100), COMMANDS),
)
_OCTETS = {CHUNK: 2_000_000, 1400: 1_000_000, 1: 50_000}
"""For each size of a chunk, the smaller amount of work: enough to be timed, here and 8-fold."""


def _exponent(case: _Case, feed: _Feed, chunk: int, scale: Scale) -> float:
    octets = max(int(scale.size(_OCTETS[chunk]) * case.share), 5000)
    streams = case.make(octets), case.make(8 * octets)
    once, eightfold = (_seconds(feed, stream, chunk, scale) for stream in streams)
    growth = len(streams[1].data) / len(streams[0].data)
    return log(eightfold / once) / log(growth)


def _per_octet(case: _Case, feed: _Feed, scale: Scale) -> float:
    stream = case.make(max(int(scale.size(4 * _OCTETS[1]) * case.share), 5000))
    return _seconds(feed, stream, 1, scale) / len(stream.data) * 1e6


def _seconds(feed: _Feed, stream: Stream, chunk: int, scale: Scale) -> float:
    return cpu_seconds(lambda: feed(stream, chunk), scale)


def _exponent_row(case: _Case, chunk: int) -> Row:
    sides: dict[str, Side] = {
        name: partial(_exponent, case, feed, chunk) for name, feed in case.feeds.items()
    }
    what = f"exponent of time(8N)/time(N), chunks of {chunk}"
    return Row(f"exponent {chunk} {case.what}", what, "", sides, (Target(None, 1.3, 1.15),))


def _octet_row(case: _Case) -> Row:
    sides: dict[str, Side] = {
        name: partial(_per_octet, case, feed) for name, feed in case.feeds.items()
    }
    return Row(
        f"1-byte {case.what}",
        "cost of feeding byte by byte",
        "us/byte",
        sides,
        (Target(None, 4, 2),),
    )


ROWS: Sequence[Row] = (
    *(_exponent_row(case, chunk) for case in _CASES for chunk in _OCTETS),
    *(_octet_row(case) for case in _CASES),
)
