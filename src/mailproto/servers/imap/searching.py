"""SEARCH, SORT and THREAD, and what they return (RFC 9051 6.4.4, RFC 5256, RFC 4731, RFC 9394)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, TypeAlias

from mailproto._value import value
from mailproto.imap import (
    Bad,
    Condition,
    ESearchResponse,
    No,
    Ok,
    Option,
    PartialResult,
    Query,
    ResponseCode,
    SearchCommand,
    SearchResponse,
    Sort,
    SortResponse,
    ThreadCommand,
    ThreadResponse,
)
from mailproto.message import (
    THREAD_FIELDS,
    ThreadMessage,
    base_subject,
    message_ids,
    references_of_fields,
    thread_by_references,
    thread_by_subject,
)
from mailproto.servers.imap.criteria import Criteria, Facts, Situation, UnknownKey
from mailproto.servers.imap.matching import matches
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.imap.sort import columns, in_order, sent
from mailproto.servers.imap.view import ordered_set, window

__all__ = ["HANDLERS"]

_DIGITS = 8  # octets of a number in a response, roughly
_MOST_CRITERIA = 20  # of one SORT; there are nine
_MOST_KEYS = 10_000  # in one query
_MOST_NEEDLES = 100  # texts that are looked for in bodies
_RETURNS = frozenset({"MIN", "MAX", "ALL", "COUNT", "SAVE", "PARTIAL"})
_ONE_ONLY = frozenset({"MIN", "MAX"})


@value
class _Found:
    """What a search found: UIDs in the order asked for, and their mod-sequences."""

    uids: Sequence[int]
    modseqs: Mapping[int, int]
    tells_modseq: bool


# --- looking ---


async def _criteria(session: ImapSession, query: Query) -> Criteria:
    """Make a query ready. Raises what :class:`Criteria` raises, :class:`Refused`."""
    if sum(1 for _ in query.walk()) > _MOST_KEYS:
        raise Refused(No("The query is too long", ResponseCode("LIMIT")))
    service = session.service
    labels = await service.label_members(session, query) if service.label_members else None
    situation = Situation(session.chosen().view, labels=labels)
    criteria = Criteria(query, situation, service.search_keys)
    if len(criteria.needles) > _MOST_NEEDLES:
        raise Refused(No("Too many texts to look for", ResponseCode("LIMIT")))
    if criteria.modseq:
        session.enable_condstore()
    return criteria


# --- telling ---


def _returned(returns: Sequence[str | Option] | None) -> dict[str, Any]:
    """Return the options of RETURN with their arguments; raises :class:`Refused`."""
    options: dict[str, Any] = {}
    for option in returns or ():
        name, argument = (
            (option.name, option.argument) if isinstance(option, Option) else (option, None)
        )
        if name not in _RETURNS:
            raise UnknownKey(name)
        options[name] = argument
    if "ALL" in options and "PARTIAL" in options:
        raise Refused(Bad("ALL and PARTIAL exclude one another"))
    return options or {"ALL": None}


def _results(
    session: ImapSession, options: Mapping[str, Any], found: _Found, *, uid: bool
) -> Iterator[tuple[str, Any]]:
    """Yield what ESEARCH tells."""
    view = session.chosen().view
    numbers = list(found.uids) if uid else view.numbers(found.uids)
    shown: list[int] = []
    if "MIN" in options and numbers:
        yield "MIN", numbers[0]  # the first in the order of SORT, RFC 5267 3.1
        shown.append(found.uids[0])
    if "MAX" in options and numbers:
        yield "MAX", numbers[-1]
        shown.append(found.uids[-1])
    if "ALL" in options and numbers:
        yield "ALL", ordered_set(numbers)
    if "COUNT" in options:
        yield "COUNT", len(numbers)
    if "PARTIAL" in options:
        part = window(numbers, options["PARTIAL"])
        yield "PARTIAL", PartialResult(options["PARTIAL"], ordered_set(part) if part else None)
    if found.tells_modseq and numbers:
        counted = shown if options.keys() <= {*_ONE_ONLY, "SAVE"} else found.uids
        yield "MODSEQ", max(found.modseqs[each] for each in counted or found.uids)


def _save(session: ImapSession, options: Mapping[str, Any], found: _Found) -> None:
    """Remember what ``$`` stands for from now on (RFC 5182 2.1, RFC 9394 3.2)."""
    uids = sorted(found.uids)
    wanted = options.keys() - {"SAVE"}
    if wanted == {"PARTIAL"}:
        uids = sorted(window(found.uids, options["PARTIAL"]))
    elif wanted and wanted <= _ONE_ONLY and uids:
        ends = {"MIN": found.uids[0], "MAX": found.uids[-1]}
        uids = [ends[name] for name in wanted]
    session.chosen().view.saved = sorted(set(uids))


Searching: TypeAlias = SearchCommand | Sort


async def _tell(session: ImapSession, tag: str, command: Searching, found: _Found) -> Condition:
    """Send the results as the client wants them, and complete the command."""
    if command.returns is None and not (isinstance(command, SearchCommand) and session.rev2):
        uids = found.uids
        numbers = tuple(uids) if command.uid else tuple(session.chosen().view.numbers(uids))
        modseq = None
        if found.tells_modseq and uids:
            modseq = max(found.modseqs[uid] for uid in uids)
        kind = SortResponse if isinstance(command, Sort) else SearchResponse
        await session.send(kind(numbers, modseq), len(numbers) * _DIGITS)
        return Ok(f"{command.name} completed")
    options = _returned(command.returns)
    if "SAVE" in options:
        _save(session, options, found)
    if options.keys() != {"SAVE"}:
        results = tuple(_results(session, options, found, uid=command.uid))
        response = ESearchResponse(tag, command.uid, results)
        await session.send(response, len(found.uids) * _DIGITS)
    return Ok(f"{command.name} completed")


async def _run(session: ImapSession, tag: str, command: Searching) -> Condition:
    _returned(command.returns)  # raises before anything is looked at
    return await _tell(session, tag, command, await _found(session, tag, command))


async def _found(session: ImapSession, tag: str, command: Searching) -> _Found:
    """Look for what matches; of the messages nothing is kept but what they are sorted by."""
    if isinstance(command, Sort) and len(command.criteria) > _MOST_CRITERIA:
        raise Refused(No("Too many criteria", ResponseCode("LIMIT")))
    keys = columns(command.criteria) if isinstance(command, Sort) else ()
    fields = {name for column in keys for name in column.fields}
    criteria = await _criteria(session, command.query)
    modseqs: dict[int, int] = {}
    rows: list[tuple[int, tuple[Any, ...]]] = []
    async with aclosing(matches(session, tag, criteria, fields)) as found:
        async for facts in found:
            modseqs[facts.info.uid] = facts.info.modseq
            if keys:
                rows.append((facts.info.uid, tuple(column.value(facts) for column in keys)))
    uids = in_order(rows, command.criteria) if isinstance(command, Sort) else sorted(modseqs)
    return _Found(uids, modseqs, criteria.modseq)


async def serve_search(session: ImapSession, tag: str, command: SearchCommand) -> Condition:
    """SEARCH and UID SEARCH."""
    return await _run(session, tag, command)


async def serve_sort(session: ImapSession, tag: str, command: Sort) -> Condition:
    """SORT and UID SORT (RFC 5256 3)."""
    return await _run(session, tag, command)


async def serve_thread(session: ImapSession, tag: str, command: ThreadCommand) -> Condition:
    """THREAD and UID THREAD (RFC 5256 3)."""
    thread = _ALGORITHMS.get(command.algorithm.upper())
    if thread is None:
        raise UnknownKey(command.algorithm)
    criteria = await _criteria(session, command.query)
    view = session.chosen().view
    messages = []
    async with aclosing(matches(session, tag, criteria, _THREAD_FIELDS)) as found:
        async for facts in found:
            number = facts.info.uid if command.uid else view.numbers([facts.info.uid])[0]
            messages.append(_thread_message(number, facts))
    messages.sort(key=lambda message: message.number)
    threads = await session.service.runtime.in_thread(partial(thread, messages))
    await session.send(ThreadResponse(threads), len(messages) * _DIGITS)
    return Ok("THREAD completed")


_THREAD_FIELDS = THREAD_FIELDS | {"date", "subject"}
_ALGORITHMS = {"ORDEREDSUBJECT": thread_by_subject, "REFERENCES": thread_by_references}


def _thread_message(number: int, facts: Facts) -> ThreadMessage:
    ids = message_ids(facts.envelope.message_id or "")
    return ThreadMessage(
        number,
        sent(facts),
        base_subject(facts.envelope.subject),
        ids[0] if ids else None,
        references_of_fields(facts.fields),
    )


HANDLERS: Mapping[type, Handler] = {
    SearchCommand: serve_search,
    Sort: serve_sort,
    ThreadCommand: serve_thread,
}
