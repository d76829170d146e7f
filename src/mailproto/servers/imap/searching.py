"""SEARCH, SORT and THREAD, and what they return (RFC 9051 6.4.4, RFC 5256, RFC 4731, RFC 9394)."""

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, TypeAlias

from mailproto._value import value
from mailproto.imap import (
    Bad,
    Condition,
    ESearchResponse,
    InProgress,
    Ok,
    Option,
    PartialResult,
    Query,
    SearchCommand,
    SearchResponse,
    Sort,
    SortResponse,
    ThreadCommand,
    ThreadResponse,
)
from mailproto.message import message_ids, references
from mailproto.servers.imap.content import find
from mailproto.servers.imap.criteria import Criteria, Depth, Facts, Situation, UnknownKey
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.imap.sort import columns, in_order, sent
from mailproto.servers.imap.thread import THREADS, ThreadMessage
from mailproto.servers.imap.view import ordered_set, window
from mailproto.stores import StoreError

__all__ = ["HANDLERS"]

_TURN = 500  # messages looked at before other sessions have their turn
_PROGRESS = 10.0  # seconds between words to a client that waits
_RETURNS = frozenset({"MIN", "MAX", "ALL", "COUNT", "SAVE", "PARTIAL"})
_ONE_ONLY = frozenset({"MIN", "MAX"})


@value
class _Found:
    """What a search found: UIDs in the order asked for, and their highest mod-sequence."""

    uids: Sequence[int]
    modseqs: Mapping[int, int]
    tells_modseq: bool


# --- looking ---


async def _matches(
    session: ImapSession, tag: str, query: Query, depth: Depth
) -> tuple[list[Facts], Criteria]:
    """Return what is known of the messages that match, by ascending UID.

    Raises what :class:`Criteria` raises.
    """
    selected = session.chosen()
    service = session.service
    labels = await service.label_members(session, query) if service.label_members else None
    criteria = Criteria(query, Situation(selected.view, labels=labels), service.search_keys)
    if criteria.modseq:
        session.enable_condstore()
    mailbox, within = selected.mailbox, criteria.within
    infos = await (mailbox.messages() if within is None else mailbox.find(within))
    known = frozenset(selected.view.uids)
    found = []
    told = monotonic()
    for done, info in enumerate(infos):
        if done % _TURN == _TURN - 1:
            await service.runtime.sleep(0)
        if monotonic() - told > _PROGRESS:
            told = monotonic()
            await session.send(Ok("Still searching", InProgress(tag, done, len(infos))))
            await session.flush()
        if info.uid not in known:
            continue  # the client was not told of it yet
        try:
            facts = await find(criteria, session.content(info), depth)
        except StoreError as error:
            if error.code != "NONEXISTENT":
                raise
            continue  # it has gone in between
        if facts is not None:
            found.append(facts)
    return found, criteria


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
        yield "MIN", min(numbers)
        shown.append(min(found.uids))
    if "MAX" in options and numbers:
        yield "MAX", max(numbers)
        shown.append(max(found.uids))
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
        ends = {"MIN": uids[0], "MAX": uids[-1]}
        uids = [ends[name] for name in wanted]
    session.chosen().view.saved = sorted(set(uids))


Searching: TypeAlias = SearchCommand | Sort


async def _tell(session: ImapSession, tag: str, command: Searching, found: _Found) -> Condition:
    """Send the results as the client wants them, and complete the command."""
    if command.returns is None and not session.rev2:
        uids = found.uids
        numbers = tuple(uids) if command.uid else tuple(session.chosen().view.numbers(uids))
        modseq = None
        if found.tells_modseq and uids:
            modseq = max(found.modseqs[uid] for uid in uids)
        response = SortResponse if isinstance(command, Sort) else SearchResponse
        await session.send(response(numbers, modseq))
        return Ok(f"{command.name} completed")
    options = _returned(command.returns)
    if "SAVE" in options:
        _save(session, options, found)
    if options.keys() != {"SAVE"}:
        results = tuple(_results(session, options, found, uid=command.uid))
        await session.send(ESearchResponse(tag, command.uid, results))
    return Ok(f"{command.name} completed")


async def _run(session: ImapSession, tag: str, command: Searching) -> Condition:
    session.numbers_allowed(uid=command.uid)
    saves = "SAVE" in _returned(command.returns)
    keys = columns(command.criteria) if isinstance(command, Sort) else ()
    depth = max((column.depth for column in keys), default=Depth.INFO)
    try:
        found, criteria = await _matches(session, tag, command.query, depth)
    except (StoreError, Refused):
        if saves:
            session.chosen().view.saved = ()  # RFC 5182 2.1
        raise
    uids = [facts.info.uid for facts in found]
    if isinstance(command, Sort):
        rows = [(facts.info.uid, tuple(column.value(facts) for column in keys)) for facts in found]
        uids = in_order(rows, command.criteria)
    modseqs = {facts.info.uid: facts.info.modseq for facts in found}
    return await _tell(session, tag, command, _Found(uids, modseqs, criteria.modseq))


async def serve_search(session: ImapSession, tag: str, command: SearchCommand) -> Condition:
    """SEARCH and UID SEARCH."""
    return await _run(session, tag, command)


async def serve_sort(session: ImapSession, tag: str, command: Sort) -> Condition:
    """SORT and UID SORT (RFC 5256 3)."""
    return await _run(session, tag, command)


async def serve_thread(session: ImapSession, tag: str, command: ThreadCommand) -> Condition:
    """THREAD and UID THREAD (RFC 5256 3)."""
    session.numbers_allowed(uid=command.uid)
    thread = THREADS.get(command.algorithm.upper())
    if thread is None:
        raise UnknownKey(command.algorithm)
    found, _ = await _matches(session, tag, command.query, Depth.HEADER)
    view = session.chosen().view
    uids = [facts.info.uid for facts in found]
    numbers = uids if command.uid else view.numbers(uids)
    threads = thread(
        _thread_message(number, facts) for number, facts in zip(numbers, found, strict=True)
    )
    await session.send(ThreadResponse(threads))
    return Ok("THREAD completed")


def _thread_message(number: int, facts: Facts) -> ThreadMessage:
    assert facts.header is not None
    ids = message_ids(facts.envelope.message_id or "")
    return ThreadMessage(
        number,
        sent(facts),
        facts.envelope.subject,
        ids[0] if ids else None,
        references(facts.header),
    )


HANDLERS: Mapping[type, Handler] = {
    SearchCommand: serve_search,
    Sort: serve_sort,
    ThreadCommand: serve_thread,
}
