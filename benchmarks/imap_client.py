"""A1 to A4, A6: an IMAP client parses responses, in memory.

Every side is checked for what it found. mailproto's figure is the framer and the parser;
IMAPClient's is the command that the responses answer, over a file in place of the socket.
"""

from collections.abc import Callable, Sequence
from functools import partial
from imaplib import IMAP4
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

from benchmarks import imap_workloads as workloads
from benchmarks.harness import (
    Job,
    Prepare,
    Row,
    Scale,
    Side,
    Target,
    cpu_seconds,
    peer,
    require,
)
from benchmarks.workloads import CHUNK, Stream

# --- the sides: a stream of responses to one job -------------------------------------------------


def mailproto_responses(stream: Stream, chunk: int = CHUNK) -> Prepare:
    from mailproto.imap.framing import response_framer
    from mailproto.imap.parse_response import COMMON, parse_frame
    from mailproto.limits import ImapLimits

    chunks = stream.chunks(chunk)
    expected = stream.data.count(b"\r\n* ") + 1

    def job() -> None:
        framer = response_framer(ImapLimits(), whole=COMMON)
        found = 0
        for data in chunks:
            framer.receive(data)
            while (unit := framer.next_frame()) is not None:
                parse_frame(cast(bytes, unit))  # nothing is long enough to be streamed
                found += 1
        require(found, expected)

    return lambda: job


class _Answers(IMAP4):
    """imaplib over a file: every command is answered with the same responses.

    It reads lines of any length: by itself imaplib refuses those of more than 1,000,000 bytes.
    """

    def __init__(self, stream: Stream) -> None:
        self._responses = stream.data
        self._sent = b""
        super().__init__()
        self.state = "SELECTED"
        self.sock: Any = SimpleNamespace(settimeout=lambda timeout: None)

    def open(self, *_: Any, **__: Any) -> None:
        self._source = BytesIO(b"* OK ready\r\n")

    def send(self, data: Any) -> None:
        self._sent += bytes(data)
        if not self._sent.endswith(b"\r\n"):
            return
        tag, name = self._sent.split()[:2]
        self._sent = b""
        responses = b"* CAPABILITY IMAP4rev1\r\n" if name == b"CAPABILITY" else self._responses
        self._source = BytesIO(responses + tag + b" OK done\r\n")

    def read(self, size: int) -> bytes:
        return self._source.read(size)

    def readline(self) -> bytes:
        return self._source.readline()

    def shutdown(self) -> None:
        pass


_Ask = Callable[[Any, int], int]
"""Gives a command to a client and returns how much it found."""


def imapclient_responses(ask: _Ask, stream: Stream) -> Prepare:
    imapclient = peer("imapclient")
    client_class = type(
        "Client", (imapclient.IMAPClient,), {"_create_IMAP4": lambda self: _Answers(stream)}
    )

    def prepare() -> Job:
        client = client_class("mail.example.org", ssl=False)
        return lambda: require(ask(client, stream.units), stream.units)

    return prepare


# --- the rows ------------------------------------------------------------------------------------

_Prepare = Callable[[Stream], Prepare]
_Make = Callable[[int], Stream]


def _fetch(uid: Callable[[int], int], item: str) -> _Ask:
    return lambda client, count: len(
        client.fetch([uid(number) for number in range(1, count + 1)], [item])
    )


def _per_unit(prepare: _Prepare, make: _Make, full: int, scale: Scale) -> float:
    stream = make(scale.size(full))
    return cpu_seconds(prepare(stream), scale) / stream.units * 1e6


def _row(
    name: str, what: str, unit: str, ask: _Ask | None, make: _Make, full: int, *targets: Target
) -> Row:
    prepares: dict[str, _Prepare] = {"mailproto": mailproto_responses}
    if ask is not None:
        prepares = {"imapclient": partial(imapclient_responses, ask), **prepares}
    sides: dict[str, Side] = {
        side: partial(_per_unit, prepare, make, full) for side, prepare in prepares.items()
    }
    return Row(name, what, unit, sides, targets)


ROWS: Sequence[Row] = (
    _row(
        "A1",
        "IMAP client, 10,000 FETCH of metadata, 1.2 KB each",
        "us/message",
        _fetch(lambda number: number + 1000, "ALL"),
        workloads.metadata,
        10_000,
        Target("imapclient", 0.35, 0.20),
    ),
    _row(
        "A2",
        "IMAP client, 100,000 FETCH (UID FLAGS)",
        "us/message",
        _fetch(lambda number: number * 3, "FLAGS"),
        workloads.flags,
        100_000,
        Target("imapclient", 0.20, 0.06),
    ),
    _row(
        "A3",
        "IMAP client, one SEARCH of 200,000 numbers",
        "us/number",
        lambda client, count: len(client.search()),
        workloads.search,
        200_000,
        Target("imapclient", 0.55, 0.4),
    ),
    _row(
        "A3 ranges",
        "the same as ranges of ESEARCH",
        "us/number",
        None,
        workloads.esearch,
        200_000,
    ),
    _row(
        "A4",
        "IMAP client, LIST of 20,000 mailboxes",
        "us/mailbox",
        lambda client, count: len(client.list_folders()),
        workloads.mailboxes,
        20_000,
        Target("imapclient", 0.25, 0.15),
    ),
    _row(
        "A6",
        "IMAP client, 20,000 bodies of 2 KB",
        "us/message",
        _fetch(lambda number: number + 1000, "BODY[]"),
        lambda count: workloads.bodies(count, 2048),
        20_000,
        Target("imapclient", 0.45, 0.3),
    ),
)
