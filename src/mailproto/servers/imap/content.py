"""The octets of one stored message, read as far as something needs them."""

import re
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing

from mailproto.message import (
    Entity,
    Passage,
    Span,
    StructureBuilder,
    TextSearch,
    header_contains,
    passages,
)
from mailproto.servers.imap.criteria import Criteria, Depth, Facts, Needle
from mailproto.stores import Mailbox, MessageInfo

__all__ = ["Content", "Structures", "find"]

_OVERHEAD = 1024  # octets of memory that an entity takes beside what its header says, roughly
_LONGEST_HEADER = 1024 * 1024  # octets of a header that are looked at
_EMPTY_LINE = re.compile(rb"\n\r?\n")


class Structures:
    """Remembers the structures of the messages that were looked at last.

    They are known by user and email id, which means something within one account only.
    ``capacity`` is roughly how many octets of memory all of them may take.
    """

    def __init__(self, capacity: int = 16 * 1024 * 1024) -> None:
        self._free = capacity
        self._known: OrderedDict[tuple[str, str], tuple[Entity, int]] = OrderedDict()

    def get(self, key: tuple[str, str]) -> Entity | None:
        """Return a structure, None if it is not remembered."""
        found = self._known.get(key)
        if found is None:
            return None
        self._known.move_to_end(key)
        return found[0]

    def put(self, key: tuple[str, str], structure: Entity) -> None:
        """Remember a structure, and forget those that were used longest ago."""
        weight = sum(entity.header.size + _OVERHEAD for entity in structure.walk())
        if key in self._known:
            self._free += self._known.pop(key)[1]
        self._known[key] = structure, weight
        self._free -= weight
        while self._free < 0:
            _, (_, freed) = self._known.popitem(last=False)
            self._free += freed


class Content:
    """One message; everything raises :class:`StoreError` if it can not be read."""

    __slots__ = ("_header", "_header_size", "_key", "_mailbox", "_structures", "info")

    def __init__(
        self, user: str, mailbox: Mailbox, info: MessageInfo, structures: Structures
    ) -> None:
        self.info = info
        self._key = user, info.email_id
        self._mailbox = mailbox
        self._structures = structures
        self._header: bytes | None = None
        self._header_size = 0

    async def structure(self) -> Entity:
        """Return where its parts are; the first time this reads the whole message."""
        found = self._structures.get(self._key)
        if found is None:
            builder = StructureBuilder()
            async with aclosing(self._mailbox.read(self.info.uid)) as pieces:
                async for piece in pieces:
                    builder.feed(piece)
            found = builder.close()
            self._structures.put(self._key, found)
        return found

    async def header(self) -> bytes:
        """Return the header with its empty line, at most the first MiB of it."""
        if self._header is None:
            await self._read_header()
        assert self._header is not None
        return self._header

    async def header_size(self) -> int:
        """Return how many octets the header has, with its empty line."""
        await self.header()
        return self._header_size

    async def _read_header(self) -> None:
        """Read the header, and no more of the message."""
        kept = bytearray()
        size = 0
        last = b"\n"  # as if a line had ended before
        async with aclosing(self._mailbox.read(self.info.uid)) as pieces:
            async for piece in pieces:
                found = _EMPTY_LINE.search(last + piece)
                end = len(piece) if found is None else found.end() - len(last)
                kept += piece[: min(end, _LONGEST_HEADER - len(kept))]
                size += end
                if found is not None:
                    break
                last = (last + piece)[-2:]
        self._header = bytes(kept)
        self._header_size = size

    async def read(self, span: Span) -> bytes:
        """Return a part of it."""
        return b"".join([piece async for piece in self.stream(span)])

    def stream(self, span: Span) -> AsyncGenerator[bytes, None]:
        """Yield a part of it in pieces; close it if it is not read to its end."""
        return self._mailbox.read(self.info.uid, span.start, span.size)

    async def contains(self, needle: Needle) -> bool:
        """Whether text occurs in the message (RFC 9051 6.4.4 BODY and TEXT)."""
        if needle.whole and header_contains(await self.header(), needle.text):
            return True
        for passage in passages(await self.structure()):
            if await self._passage_contains(passage, needle.text):
                return True
        return False

    async def _passage_contains(self, passage: Passage, text: str) -> bool:
        if passage.content is None:
            return header_contains(await self.read(passage.span), text)
        search = TextSearch(passage.content, text)
        async with aclosing(self.stream(passage.span)) as pieces:
            async for piece in pieces:
                if search.feed(piece):
                    return True
        return search.finish()


async def find(criteria: Criteria, content: Content, depth: Depth = Depth.INFO) -> Facts | None:
    """Try a message: return what is known of it, at least to a depth; None if it does not match."""
    facts = Facts(content.info)
    found = criteria.test(facts)
    if found is False:
        return None
    if found is None or depth >= Depth.HEADER:
        facts.header = await content.header()
    if found is None:
        found = criteria.test(facts)
    if found is None:
        facts.found = [needle for needle in criteria.needles if await content.contains(needle)]
        found = criteria.test(facts)
    return facts if found else None
