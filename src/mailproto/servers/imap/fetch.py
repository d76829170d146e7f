"""FETCH: what is asked of messages, item by item (RFC 9051 6.4.5)."""

from collections.abc import (
    AsyncGenerator,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, aclosing
from datetime import datetime
from operator import attrgetter
from typing import Any

from mailproto.imap import (
    SEEN,
    Bad,
    Condition,
    Fetch,
    FetchItem,
    FetchItems,
    FetchResponse,
    No,
    Ok,
    Option,
    Response,
    ResponseCode,
    Section,
    UidFetchResponse,
    VanishedResponse,
)
from mailproto.message import (
    ENVELOPE_FIELDS,
    PREVIEW_OCTETS,
    THREAD_FIELDS,
    Span,
    body_structure,
    envelope,
    preview,
    preview_part,
)
from mailproto.servers.imap.content import BEGINNING, Content
from mailproto.servers.imap.criteria import UnknownKey
from mailproto.servers.imap.item import Item, Message, reading
from mailproto.servers.imap.resync import vanished
from mailproto.servers.imap.sections import section_item
from mailproto.servers.imap.selected import Selected
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.imap.thread_id import thread_id
from mailproto.servers.imap.view import window
from mailproto.stores import FlagChange, MessageInfo, StoreError

__all__ = ["HANDLERS", "ITEMS", "plan", "tell_messages"]

_MOST_ITEMS = 1000  # of one FETCH


# --- what the store knows ---


def _flags(message: Message) -> tuple[str, ...]:
    return message.session.chosen().flags_of(message.info, message.style)


def _save_date(message: Message) -> datetime | None:
    date = message.info.save_date
    return date and date.replace(microsecond=0)


# --- what the message says ---


async def _structure(message: Message) -> Any:
    structure = await message.content.structure()
    return body_structure(structure, rev1=not message.session.rev2)


async def _preview(message: Message) -> str:
    part = preview_part(await message.content.structure())
    if part is None:
        return ""
    size = min(part.body.size, PREVIEW_OCTETS)
    span = Span(part.body.start, part.body.start + size)
    return preview(part.content, await message.content.read(span))


ITEMS: Mapping[str, Item] = {
    "FLAGS": Item(_flags),
    "UID": Item(attrgetter("info.uid")),
    "INTERNALDATE": Item(lambda message: message.info.internal_date.replace(microsecond=0)),
    "RFC822.SIZE": Item(attrgetter("info.size")),
    "MODSEQ": Item(attrgetter("info.modseq")),
    "EMAILID": Item(attrgetter("info.email_id")),
    "THREADID": Item(lambda message: thread_id(message.info, message.header), THREAD_FIELDS),
    "SAVEDATE": Item(_save_date),
    "ENVELOPE": Item(lambda message: envelope(message.header), ENVELOPE_FIELDS),
    "BODY": reading(_structure),
    "BODYSTRUCTURE": reading(_structure),
    "PREVIEW": reading(_preview),
    "RFC822": section_item(Section()),
    "RFC822.HEADER": section_item(Section(text="HEADER")),
    "RFC822.TEXT": section_item(Section(text="TEXT")),
}

_FAST = ("FLAGS", "INTERNALDATE", "RFC822.SIZE")
_MACROS: Mapping[str, tuple[str, ...]] = {
    "FAST": _FAST,
    "ALL": (*_FAST, "ENVELOPE"),
    "FULL": (*_FAST, "ENVELOPE", "BODY"),
}
_MODIFIERS = frozenset({"CHANGEDSINCE", "VANISHED", "PARTIAL"})
_MARKS_SEEN = frozenset({"RFC822", "RFC822.TEXT"})


def plan(items: Iterable[FetchItem], table: Mapping[str, Item]) -> dict[str | Section, Item]:
    """Return what gathers each item. Raises :class:`UnknownKey`, :class:`Refused`."""
    gathering: dict[str | Section, Item] = {}
    for item in items:
        if isinstance(item, Section):
            gathering[item.key] = section_item(item)
            continue
        name = item.name if isinstance(item, Option) else item
        for single in _MACROS.get(name, (name,)):
            if single not in table:
                raise UnknownKey(single)
            gathering[single] = table[single]
    if len(gathering) > _MOST_ITEMS:
        raise Refused(No("Too many items", ResponseCode("LIMIT")))
    return gathering


def _marks_seen(items: Iterable[FetchItem]) -> bool:
    r"""Whether fetching sets ``\Seen``."""
    return any(
        (not item.peek and item.item != "BINARY.SIZE")
        if isinstance(item, Section)
        else item in _MARKS_SEEN
        for item in items
    )


async def tell_messages(
    session: ImapSession, infos: Iterable[MessageInfo], items: Sequence[FetchItem]
) -> None:
    """Send what ``items`` ask of messages that the client knows. Raises :class:`UnknownKey`."""
    selected = session.chosen()
    wanted = plan(items, session.service.fetch_items)
    if "MODSEQ" in wanted:
        session.enable_condstore()
    mark = _marks_seen(items) and selected.keeps(SEEN)
    async with aclosing(_messages(session, infos, wanted.values())) as messages:
        async for number, message in messages:
            try:
                await _tell_message(number, message, wanted, mark=mark)
            except StoreError as error:
                if error.code != "NONEXISTENT":
                    raise
                selected.view.lost(message.info.uid)


async def _messages(
    session: ImapSession, infos: Iterable[MessageInfo], items: Collection[Item]
) -> AsyncGenerator[tuple[int, Message], None]:
    """Yield the messages that the client knows, with their numbers and what the items look at."""
    selected, style = session.chosen(), session.style
    view = selected.view
    if not any(item.reads or item.fields for item in items):
        for info in infos:
            if number := view.number(info.uid):
                yield number, Message(session, info, style)
        return
    known = {info.uid: info for info in infos if view.number(info.uid)}
    async with aclosing(_looked_at(session, known, items)) as found:
        async for uid, header, content in found:
            if number := view.number(uid):
                yield number, Message(session, known.pop(uid), style, header, content)
    for uid in known:
        view.lost(uid)


async def _looked_at(
    session: ImapSession, known: Mapping[int, MessageInfo], items: Collection[Item]
) -> AsyncGenerator[tuple[int, bytes, Content | None], None]:
    """Yield UIDs, header fields and contents of messages, as far as the items look at them."""
    mailbox = session.chosen().mailbox
    uids = [*known]
    fields = frozenset(name for item in items for name in item.fields)
    if any(item.reads for item in items):
        async with aclosing(mailbox.beginnings(uids, BEGINNING)) as beginnings:
            async for uid, beginning in beginnings:
                content = session.content(known[uid], beginning=beginning)
                yield uid, await content.header() if fields else b"", content
    else:
        async with aclosing(mailbox.headers(uids, fields)) as headers:
            async for uid, header in headers:
                yield uid, header, None


async def _tell_message(
    number: int, message: Message, wanted: Mapping[str | Section, Item], *, mark: bool
) -> None:
    session, style = message.session, message.style
    selected = session.chosen()
    items: FetchItems = {}
    for name, item in wanted.items():
        gathered = item.gather(message)
        items[name] = await gathered if item.waits else gathered
    if mark and SEEN not in message.info.flags:
        message.info = await _mark_seen(selected, message.info)
        items["FLAGS"] = _flags(message)
        if style.modseq:
            items["MODSEQ"] = message.info.modseq
    if "FLAGS" in items and (not style.modseq or "MODSEQ" in items):
        selected.view.tell(message.info)
    response: Response = FetchResponse(number, items)
    if style.uid_only:
        items.pop("UID", None)
        response = UidFetchResponse(message.info.uid, items)
    await session.send(response, message.held)
    if message.octets:
        async with AsyncExitStack() as stack:
            for octets in message.octets:
                await stack.enter_async_context(aclosing(octets))
            for octets in message.octets:
                await _stream(session, octets)


async def _stream(session: ImapSession, pieces: AsyncGenerator[bytes, None]) -> None:
    """Send the octets of a literal that is announced; if they can not be read, hang up."""
    try:
        async for piece in pieces:
            if piece:
                await session.send_octets(piece)
    except StoreError as error:
        raise session.give_up(f"a message could not be read to its end: {error}") from error


async def _mark_seen(selected: Selected, info: MessageInfo) -> MessageInfo:
    await selected.mailbox.change_flags((info.uid,), FlagChange.ADD, (SEEN,))
    found = await selected.mailbox.find((info.uid,))
    return found[0] if found else info


def _modifiers(command: Fetch) -> dict[str, Any]:
    """Return the modifiers with their arguments. Raises :class:`UnknownKey` (RFC 4466 2.4)."""
    found = {m.name: m.argument for m in command.modifiers if isinstance(m, Option)}
    found |= {m: True for m in command.modifiers if isinstance(m, str)}
    if unknown := found.keys() - _MODIFIERS:
        raise UnknownKey(min(unknown))
    return found


async def serve_fetch(session: ImapSession, tag: str, command: Fetch) -> Condition:
    """FETCH and UID FETCH (RFC 9051 6.4.5, RFC 7162 3.1.4, 3.2.6, RFC 9394 3.3)."""
    modifiers = _modifiers(command)
    selected = session.chosen()
    view = selected.view
    items = command.items
    if command.uid and "UID" not in items:
        items = ("UID", *items)
    since: Any = modifiers.get("CHANGEDSINCE")
    earlier = "VANISHED" in modifiers
    if since is not None:
        session.enable_condstore()
        if "MODSEQ" not in items:
            items = (*items, "MODSEQ")
    if earlier and (since is None or not command.uid or not session.style.vanished):
        raise Refused(Bad("VANISHED needs UID FETCH with CHANGEDSINCE and QRESYNC"))
    uids = view.resolve(command.numbers, uid=command.uid)
    partial = modifiers.get("PARTIAL")
    if partial is not None:
        uids = window(uids, partial)
    if earlier:
        gone = await vanished(selected, command.numbers, since)
        if gone:
            await session.send(VanishedResponse(True, gone))
    infos = await selected.mailbox.find(uids)
    missing = len(uids) - len(infos)
    if since is not None:
        infos = [info for info in infos if info.modseq > since]
    await tell_messages(session, infos, items)
    if missing and not command.uid:
        return Ok("Some messages are gone", ResponseCode("EXPUNGEISSUED"))
    return Ok("FETCH completed")


HANDLERS: Mapping[type, Handler] = {Fetch: serve_fetch}
