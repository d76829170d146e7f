"""FETCH: what is asked of messages, item by item (RFC 9051 6.4.5)."""

from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, aclosing
from datetime import datetime
from operator import attrgetter
from typing import Any

from mailproto._value import value
from mailproto.errors import ConnectionLost
from mailproto.imap import (
    SEEN,
    Bad,
    Condition,
    Fetch,
    FetchItem,
    FetchItems,
    FetchResponse,
    Literal,
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
    Entity,
    Span,
    UnknownEncoding,
    body_structure,
    envelope,
    locate,
    preview,
    preview_part,
    select_fields,
    transfer_decoder,
)
from mailproto.servers.imap.content import BEGINNING, Content
from mailproto.servers.imap.criteria import UnknownKey
from mailproto.servers.imap.resync import vanished
from mailproto.servers.imap.selected import Selected, Style
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.imap.thread_id import thread_id
from mailproto.servers.imap.view import window
from mailproto.stores import FlagChange, MessageInfo, StoreError

__all__ = ["HANDLERS", "ITEMS", "Item", "Message", "plan", "tell_messages"]

_MOST_ITEMS = 1000  # of one FETCH
_INLINE = 64 * 1024  # octets of content that are sent in one piece
_MOST_INLINE = 1024 * 1024  # of all items of one message together; what is beyond is streamed
_HEADER = 1024 * 1024  # of a header that fields are chosen from
_MOST_FIELDS = 16 * 1024 * 1024  # octets of chosen header fields of one message together


class Message:
    """One message while its items are gathered.

    ``header`` has at least the header fields that any of the items asks for.
    """

    __slots__ = ("_content", "header", "held", "info", "octets", "session", "style")

    def __init__(
        self,
        session: ImapSession,
        info: MessageInfo,
        style: Style,
        header: bytes = b"",
        content: Content | None = None,
    ) -> None:
        self.session = session
        self.info = info
        self.style = style
        self.header = header
        self._content = content
        self.octets: list[AsyncGenerator[bytes, None]] = []
        """What has to be sent behind the response, for literals without data, in their order."""
        self.held = 0
        """How many octets of content are held in memory."""

    @property
    def content(self) -> Content:
        """Its octets, for an item that reads them."""
        assert self._content is not None
        return self._content

    def hold(self, octets: int, most: int) -> bool:
        """Count octets that are held in memory; False if that would be too many."""
        if self.held + octets > most:
            return False
        self.held += octets
        return True


@value
class Item:
    """How the value of one item of a message is gathered.

    ``gather`` returns it; if it ``waits``, that is to be awaited. ``fields`` are the header fields
    that it looks at, by their names in lower case; if it ``reads``, it looks at the content.
    """

    gather: Callable[[Message], Any]
    fields: Collection[str] = ()
    waits: bool = False
    reads: bool = False


# --- what the store knows ---


def _reading(gather: Callable[[Message], Awaitable[Any]]) -> Item:
    return Item(gather, waits=True, reads=True)


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


# --- sections ---


async def _located(message: Message, section: Section) -> tuple[Entity | None, Span | None]:
    """Return the octets of a section, None if it is not there, and its entity if it has one.

    A section of the whole message needs no more than the header.
    """
    if section.part:
        structure = await message.content.structure()
        return structure.find(section.part), locate(structure, section)
    size = message.info.size
    if section.text is None:
        return None, Span(0, size)
    header = await message.content.header_size()
    return None, Span(header, size) if section.text == "TEXT" else Span(0, header)


def _partial(section: Section, size: int) -> tuple[int, int]:
    """Return the first octet that is wanted and how many are."""
    start = min(section.origin or 0, size)
    length = size - start
    return start, length if section.length is None else min(section.length, length)


def _chosen_fields(message: Message, section: Section, header: bytes) -> bytes:
    found = select_fields(header, section.fields, inverse=section.text == "HEADER.FIELDS.NOT")
    start, length = _partial(section, len(found))
    if not message.hold(length, _MOST_FIELDS):
        raise Refused(No("Too many header fields at once", ResponseCode("LIMIT")))
    return _plain(found[start : start + length])


def _plain(octets: bytes) -> bytes:
    """Octets for a literal, in which NUL must not be (RFC 9051 4.3.1): it becomes 0x80.

    So sizes and offsets stay; BINARY has the octets as they are.
    """
    return octets.replace(b"\0", b"\x80")


async def _plainly(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        async for piece in pieces:
            yield _plain(piece)


async def _octets(message: Message, section: Section) -> bytes | Literal | None:
    """The octets of BODY[...]: in one piece, or a literal that is streamed."""
    _, span = await _located(message, section)
    if span is None:
        return None
    if section.fields:
        header = Span(span.start, min(span.end, span.start + _HEADER))
        return _chosen_fields(message, section, await message.content.read(header))
    start, length = _partial(section, span.size)
    wanted = Span(span.start + start, span.start + start + length)
    if length <= _INLINE and message.hold(length, _MOST_INLINE):
        return _plain(await message.content.read(wanted))
    message.octets.append(_plainly(message.content.stream(wanted)))
    return Literal(length)


async def _decoded(
    message: Message, section: Section
) -> tuple[AsyncGenerator[bytes, None] | None, int]:
    """The decoded octets of BINARY[...] and how many they are; None if there is no such part.

    They are decoded twice, since their number is to be told first. Raises :class:`Refused` if
    the encoding is not known.
    """
    entity, span = await _located(message, section)
    if span is None:
        return None, 0
    encoding = "7BIT"
    if entity is not None and not entity.children:  # multiparts and messages are never encoded
        encoding = entity.content.encoding

    async def decoded() -> AsyncGenerator[bytes, None]:
        step = transfer_decoder(encoding)
        async with aclosing(message.content.stream(span)) as pieces:
            async for piece in pieces:
                yield step.feed(piece)
        yield step.finish()

    size = 0
    try:
        async with aclosing(decoded()) as pieces:
            async for piece in pieces:
                size += len(piece)
    except UnknownEncoding as error:
        raise Refused(No("The encoding is not known", ResponseCode("UNKNOWN-CTE"))) from error
    return decoded(), size


async def _cut(
    pieces: AsyncGenerator[bytes, None], start: int, length: int
) -> AsyncGenerator[bytes, None]:
    """Yield ``length`` octets from ``start`` on."""
    async with aclosing(pieces):
        async for piece in pieces:
            part = piece[start : start + length]
            start = max(start - len(piece), 0)
            length -= len(part)
            if part:
                yield part
            if not length:
                return


async def _binary(message: Message, section: Section) -> Literal | None:
    """The octets of BINARY[...] (RFC 3516 4.2): a literal8, since there may be NUL in them."""
    pieces, size = await _decoded(message, section)
    if pieces is None:
        return None
    start, length = _partial(section, size)
    wanted = _cut(pieces, start, length)
    if length <= _INLINE and message.hold(length, _MOST_INLINE):
        async with aclosing(wanted):
            return Literal(length, b"".join([piece async for piece in wanted]), binary=True)
    message.octets.append(wanted)
    return Literal(length, binary=True)


async def _binary_size(message: Message, section: Section) -> int:
    pieces, size = await _decoded(message, section)
    if pieces is not None:
        await pieces.aclose()
    return size


_SECTIONS: Mapping[str, Callable[[Message, Section], Awaitable[Any]]] = {
    "BODY": _octets,
    "BINARY": _binary,
    "BINARY.SIZE": _binary_size,
}


def _section(section: Section) -> Item:
    if section.text == "HEADER.FIELDS" and not section.part:
        fields = frozenset(map(str.lower, section.fields))
        return Item(lambda message: _chosen_fields(message, section, message.header), fields)
    read = _SECTIONS[section.item]
    return _reading(lambda message: read(message, section))


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
    "BODY": _reading(_structure),
    "BODYSTRUCTURE": _reading(_structure),
    "PREVIEW": _reading(_preview),
    "RFC822": _section(Section()),
    "RFC822.HEADER": _section(Section(text="HEADER")),
    "RFC822.TEXT": _section(Section(text="TEXT")),
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
            if item.item not in _SECTIONS:
                raise UnknownKey(item.item)
            gathering[item.key] = _section(item)
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
        raise ConnectionLost(f"a message could not be read to its end: {error}") from error


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
