"""What a server answers, as facts that can be compared with what another one answers.

A fact is a line: a response as our writer writes it, without its text, with lists that have no
order sorted and with the numbers that are a server's own replaced by ``n``. A FETCH gives one fact
for each item, LIST one for each attribute, and a message has the number that it had when the
session first heard of it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from typing import Any

from mailproto._value import evolve
from mailproto.imap import (
    RECENT,
    Code,
    Condition,
    Continuation,
    EnabledResponse,
    ESearchResponse,
    ExistsResponse,
    ExpungeResponse,
    FlagsResponse,
    HighestModSeq,
    ListResponse,
    MetadataResponse,
    Ok,
    PermanentFlags,
    QuotaResponse,
    RecentResponse,
    Response,
    SearchResponse,
    StatusResponse,
    UidValidity,
    VanishedResponse,
    encode_response,
)
from mailproto.imap.fetch import FetchResponse

__all__ = ["Facts"]

_FREE = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in {
        r"^\* (CAPABILITY|ID)\b.*": r"* \1",
        r"\[(CAPABILITY|BADCHARSET)\b.*?\]": r"[\1]",
        r"\b(UIDVALIDITY|HIGHESTMODSEQ|APPENDUID|COPYUID) \d+": r"\1 n",
        r"\bMODSEQ (\(?)\d+": r"MODSEQ \1n",
        r"\bMAILBOXID \([^)]*\)": "MAILBOXID (n)",
        r'"7BIT"': '"7bit"',
        r'\b(INTERNALDATE|SAVEDATE) "(?!..-...-2020 )[^"]*"': r"\1 now",  # scripts write 2020
    }.items()
)
_TEXT = "text"
_UNREADABLE = re.compile(rb"[^ -~]")


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values))


_ORDERED: Mapping[type, Callable[[Any], Response]] = {
    ESearchResponse: lambda it: evolve(it, results=tuple(sorted(it.results, key=itemgetter(0)))),
    FlagsResponse: lambda it: evolve(it, flags=_sorted(it.flags)),
    MetadataResponse: lambda it: evolve(
        it, values=it.values and dict(sorted(it.values.items())), names=_sorted(it.names)
    ),
    QuotaResponse: lambda it: evolve(
        it, resources=tuple(sorted(it.resources, key=attrgetter("name")))
    ),
    SearchResponse: lambda it: evolve(it, numbers=_sorted(it.numbers)),
    StatusResponse: lambda it: evolve(it, items=dict(sorted(it.items.items()))),
}  # fmt: skip


def _line(response: Response) -> str:
    order = _ORDERED.get(type(response))
    data = encode_response(response if order is None else order(response))
    data = data.removesuffix(b"\r\n").replace(b"\r\n", rb"\r\n")
    line = _UNREADABLE.sub(lambda found: b"\\x%02x" % found[0][0], data).decode("ascii")
    for pattern, instead in _FREE:
        line = pattern.sub(instead, line)
    return line


def _code(code: Code) -> str:
    if isinstance(code, PermanentFlags):
        code = PermanentFlags(_sorted(code.flags))
    line = _line(Ok(_TEXT, code))
    return line.removeprefix("* OK ").removesuffix(f" {_TEXT}")


class Facts:
    """What one session is told; ``marks`` takes what scripts refer to.

    Unless it is ``alone``, what is recent is left out: any session may have it (RFC 3501 2.3.2).
    """

    def __init__(self, marks: dict[str, int], *, alone: bool) -> None:
        self._marks = marks
        self._alone = alone
        self._by_uid = False
        self.highest = 0
        """The highest mod-sequence so far."""
        self.deselect()

    def deselect(self) -> None:
        """Forget the messages of the mailbox: another one is selected."""
        self._messages: list[int] = []
        self._seen = 0

    def of(self, responses: Iterable[Response]) -> Counter[str]:
        """Return the facts of the answer to one command."""
        latest: dict[object, str] = {}  # of what is told twice, the second
        for count, response in enumerate(responses):
            told = [f"defect: {defect.what}" for defect in response.defects]
            told += self._told(response)
            for line in told:
                latest[self._subject(line) or (count, line)] = line
        return Counter(latest.values())

    def _subject(self, line: str) -> str | None:
        found = re.match(r"\* (?:\S+ FETCH \(\S+|FLAGS|\S+ EXISTS|\S+ RECENT)", line)
        return found and re.sub(r"\S+(?= EXISTS| RECENT)", "", found[0])

    def _told(self, response: Response) -> Iterator[str]:
        match response:
            case Condition():
                yield from self._condition(response)
            case Continuation():
                yield "continue"
            case RecentResponse() if not self._alone:
                pass
            case FetchResponse():
                yield from self._fetched(response)
            case ListResponse():
                yield _line(evolve(response, attributes=()))
                for attribute in response.attributes:
                    yield _line(type(response)((attribute,), None, response.mailbox))
            case ExpungeResponse():
                yield _line(ExpungeResponse(self._messages.pop(response.number - 1)))
            case _:
                self._learn(response)
                yield _line(response)

    def _learn(self, response: Response) -> None:
        match response:
            case EnabledResponse() if "QRESYNC" in response.capabilities:
                self._by_uid = True
            case VanishedResponse() if not response.earlier:
                del self._messages[: len(response.uids)]  # whichever: UIDs are told from now on
            case ExistsResponse():
                new = response.count - len(self._messages)
                assert new >= 0, "EXISTS takes messages away"
                self._messages += range(self._seen + 1, self._seen + new + 1)
                self._seen += new

    def _condition(self, response: Condition) -> Iterator[str]:
        star = "" if response.tag else "* "
        if response.tag or response.name != "OK":
            yield star + response.name
        match response.code:
            case UidValidity():
                self._marks["validity"] = response.code.uid_validity
            case HighestModSeq():
                self.highest = max(self.highest, response.code.modseq)
        if response.code is not None:
            yield star + _code(response.code)

    def _fetched(self, response: FetchResponse) -> Iterator[str]:
        number = self._messages[response.number - 1]
        if self._by_uid and response.uid is not None:
            number = response.uid
        for name, item in response.items.items():
            if isinstance(item, datetime):
                item = item.astimezone(UTC)
            elif name == "FLAGS":
                item = _sorted(flag for flag in item if self._alone or flag != RECENT)
            elif name == "MODSEQ":
                self.highest = max(self.highest, item)
            yield _line(FetchResponse(number, {name: item}))
