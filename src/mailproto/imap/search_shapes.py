"""Reads and writes the results of searches: SEARCH, SORT, ESEARCH, THREAD."""

import re
from typing import Any

from mailproto._value import value
from mailproto.errors import LocalProtocolError
from mailproto.imap import responses as r
from mailproto.imap.numbers import MAX_NUMBER
from mailproto.imap.scanner import Scanner
from mailproto.imap.shapes import (
    COUNT,
    COUNT64,
    MAILBOX,
    NUMBER,
    NZ_NUMBER,
    SEQUENCE_SET,
    Shape,
    keyed,
    listed,
    many,
    nil_or,
    pair,
    parenthesised,
    record,
)
from mailproto.imap.threads import Thread
from mailproto.imap.write import Writer

__all__ = ["CORRELATORS", "ESEARCH", "PARTIAL_RANGE", "SEARCH", "SORT", "THREAD"]

_SMALL_NUMBERS = re.compile(rb"(?: [1-9][0-9]{0,8})*+(?=\r| \()")
"""All of them in range: nothing is left to check."""

_NUMBERS = re.compile(rb"(?: +[0-9]{1,10})*+")
_THREAD = re.compile(rb" ?(?:(\()|(\))|([1-9][0-9]{0,9}))")
_RANGE = re.compile(rb"([1-9][0-9]{0,9}):([1-9][0-9]{0,9})|(-[1-9][0-9]{0,9}):(-[1-9][0-9]{0,9})")


def _read_numbers(scanner: Scanner) -> tuple[int, ...]:
    raw = scanner.match(_NUMBERS, "numbers")[0]
    if b"  " in raw:
        scanner.tolerate("more than one space", "RFC 9051 4")
    numbers = tuple(map(int, raw.split()))
    if numbers and max(numbers) > MAX_NUMBER:
        scanner.fail(f"numbers up to {MAX_NUMBER}")
    if numbers and not min(numbers):
        scanner.tolerate("a number that is 0", "RFC 9051 9")
    return numbers


def _numbers_row(cls: type[r.SearchResponse] | type[r.SortResponse]) -> Shape[Any]:
    def read(scanner: Scanner) -> r.SearchResponse | r.SortResponse:
        found = _SMALL_NUMBERS.match(scanner.data, scanner.pos)
        if found is not None:
            scanner.pos = found.end()
            numbers = tuple(map(int, found[0].split()))
        else:
            numbers = _read_numbers(scanner)
        modseq = None
        if scanner.skip(b" (MODSEQ "):
            modseq = scanner.lenient_number64()
            scanner.close()
        if scanner.more():
            scanner.fail("a number")
        return cls(numbers, modseq)

    def write(writer: Writer, response: Any) -> None:
        numbers = response.numbers
        if numbers and not (min(numbers) >= 1 and max(numbers) <= MAX_NUMBER):
            raise LocalProtocolError(f"numbers are 1 to {MAX_NUMBER}")
        writer.raw("".join([f" {number}" for number in numbers]).encode())
        if response.modseq is not None:
            writer.raw(b" (MODSEQ ")
            writer.number64(response.modseq)
            writer.raw(b")")

    return Shape(read, write)


def _read_partial(scanner: Scanner) -> tuple[int, int]:
    found = scanner.match(_RANGE, "a range such as 1:100 or -1:-100")
    first, last = (int(number) for number in found.groups() if number is not None)
    if max(abs(first), abs(last)) > MAX_NUMBER:
        scanner.fail(f"numbers up to {MAX_NUMBER}")
    return first, last


def _write_partial(writer: Writer, limits: tuple[int, int]) -> None:
    first, last = limits
    if first * last <= 0 or max(abs(first), abs(last)) > MAX_NUMBER:
        raise LocalProtocolError(f"{first}:{last} is no range of results")
    writer.raw(f"{first}:{last}".encode())


PARTIAL_RANGE: Shape[tuple[int, int]] = Shape(_read_partial, _write_partial)
"""A range of the results of a search: ``1:100`` or ``-1:-100`` (RFC 9394 4)."""

_PARTIAL_ROW: Shape[r.PartialResult] = parenthesised(
    record(r.PartialResult, PARTIAL_RANGE, nil_or(SEQUENCE_SET))
)
_QUOTED_TAG = Shape(Scanner.atext, Writer.text)
_UPDATES = listed(pair(NUMBER, SEQUENCE_SET), least=1)
_SEARCH_RESULTS: dict[str, Shape[Any]] = {
    # RFC 4731 4, RFC 9051 7.3.4
    "MIN": NZ_NUMBER,
    "MAX": NZ_NUMBER,
    "ALL": SEQUENCE_SET,
    "COUNT": COUNT,
    "MODSEQ": COUNT64,
    "ADDTO": _UPDATES,  # RFC 5267 5
    "REMOVEFROM": _UPDATES,
    "PARTIAL": _PARTIAL_ROW,  # RFC 9394 4
    "RELEVANCY": listed(NUMBER),  # RFC 6203 6
}
CORRELATORS = listed(keyed({"TAG": _QUOTED_TAG, "MAILBOX": MAILBOX, "UIDVALIDITY": NZ_NUMBER}))
_RESULT = keyed(_SEARCH_RESULTS)
_RESULTS = many(_RESULT)
_RESULT_LIST = listed(_RESULT)


def _read_esearch(scanner: Scanner) -> r.ESearchResponse:
    known: dict[str, Any] = {}
    if scanner.at(b" ("):
        scanner.space()
        known = dict(CORRELATORS.read(scanner))
    uid = scanner.skip_word(b" UID")
    if scanner.at(b" ("):
        scanner.tolerate("results in parentheses", "RFC 9051 7.3.4")
        scanner.space()
        results = _RESULT_LIST.read(scanner)
    else:
        results = _RESULTS.read(scanner)
    return r.ESearchResponse(
        known.get("TAG"),
        uid,
        results,
        mailbox=known.get("MAILBOX"),
        uid_validity=known.get("UIDVALIDITY"),
    )


def _write_esearch(writer: Writer, response: r.ESearchResponse) -> None:
    correlators = {
        "TAG": response.tag,
        "MAILBOX": response.mailbox,
        "UIDVALIDITY": response.uid_validity,
    }
    known = tuple((name, item) for name, item in correlators.items() if item is not None)
    if known:
        writer.space()
        CORRELATORS.write(writer, known)
    if response.uid:
        writer.raw(b" UID")
    _RESULTS.write(writer, response.results)


@value
class _OpenThread:
    members: list[int]
    branches: list[Thread]


def _read_threads(scanner: Scanner) -> r.ThreadResponse:
    stack = [_OpenThread([], [])]
    while not scanner.at_end:
        found = scanner.match(_THREAD, "a thread")
        if found[1]:
            if len(stack) > scanner.nesting:
                scanner.fail(f"at most {scanner.nesting} threads within one another")
            stack.append(_OpenThread([], []))
        elif found[2]:
            done = stack.pop()
            if not stack or not (done.members or done.branches):
                scanner.fail("a thread")
            if len(done.branches) == 1:
                scanner.tolerate("a thread with one branch", "RFC 5256 5")
            stack[-1].branches.append(Thread(tuple(done.members), tuple(done.branches)))
        else:
            number = int(found[3])
            if len(stack) == 1 or stack[-1].branches or number > MAX_NUMBER:
                scanner.fail("a thread")
            stack[-1].members.append(number)
    if len(stack) != 1:
        scanner.fail("')'")
    return r.ThreadResponse(tuple(stack[0].branches))


def _write_threads(writer: Writer, response: r.ThreadResponse) -> None:
    if response.threads:
        writer.space()
    stack: list[Thread | bytes] = list(reversed(response.threads))
    while stack:
        thread = stack.pop()
        if isinstance(thread, bytes):
            writer.raw(thread)
            continue
        if len(thread.branches) == 1 or not (thread.members or thread.branches):
            raise LocalProtocolError("a thread has members or branches, and not one branch")
        writer.raw(b"(")
        for at, number in enumerate(thread.members):
            if at:
                writer.space()
            writer.nz_number(number)
        if thread.members and thread.branches:
            writer.space()
        stack.append(b")")
        stack += reversed(thread.branches)


SEARCH = _numbers_row(r.SearchResponse)
SORT = _numbers_row(r.SortResponse)
ESEARCH: Shape[r.ESearchResponse] = Shape(_read_esearch, _write_esearch)
THREAD: Shape[r.ThreadResponse] = Shape(_read_threads, _write_threads)
