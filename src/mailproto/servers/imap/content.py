"""The octets of one stored message, read as far as something needs them."""

from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing

from mailproto.message import (
    Entity,
    HeaderReader,
    Passage,
    Span,
    StructureBuilder,
    TextSearch,
    header_contains,
    parse_structure,
    passages,
)
from mailproto.servers.imap.criteria import Needle
from mailproto.stores import Mailbox, MessageInfo

__all__ = ["BEGINNING", "Content", "Structures"]

BEGINNING = 64 * 1024
"""How many octets of each are read at first where many messages are."""

_OVERHEAD = 1024  # octets of memory that an entity takes beside what its header says, roughly


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
    """One message; everything raises :class:`StoreError` if it can not be read.

    ``beginning`` are its first octets, if they were read already.
    """

    __slots__ = ("_beginning", "_header", "_key", "_mailbox", "_structures", "info")

    def __init__(
        self,
        user: str,
        mailbox: Mailbox,
        info: MessageInfo,
        structures: Structures,
        beginning: bytes = b"",
    ) -> None:
        self.info = info
        self._key = user, info.email_id
        self._mailbox = mailbox
        self._structures = structures
        self._beginning = beginning
        self._header: HeaderReader | None = None

    async def structure(self) -> Entity:
        """Return where its parts are; the first time this reads the whole message."""
        found = self._structures.get(self._key)
        if found is None:
            found = await self._find_structure()
            self._structures.put(self._key, found)
        return found

    async def _find_structure(self) -> Entity:
        if len(self._beginning) == self.info.size:
            return parse_structure(self._beginning)
        builder = StructureBuilder()
        async with aclosing(self._whole()) as pieces:
            async for piece in pieces:
                builder.feed(piece)
        return builder.close()

    async def header(self) -> bytes:
        """Return the header with its empty line, at most the first MiB of it."""
        return (await self._read_header()).header

    async def header_size(self) -> int:
        """Return how many octets the header has, with its empty line."""
        return (await self._read_header()).size

    async def _read_header(self) -> HeaderReader:
        """Read the header, and no more of the message."""
        if self._header is None:
            reader = HeaderReader()
            async with aclosing(self._whole()) as pieces:
                async for piece in pieces:
                    if reader.feed(piece):
                        break
            self._header = reader
        return self._header

    def _whole(self) -> AsyncGenerator[bytes, None]:
        return self.stream(Span(0, self.info.size))

    async def read(self, span: Span) -> bytes:
        """Return a part of it."""
        return b"".join([piece async for piece in self.stream(span)])

    async def stream(self, span: Span) -> AsyncGenerator[bytes, None]:
        """Yield a part of it in pieces; close it if it is not read to its end."""
        start = span.start
        if piece := self._beginning[start : span.end]:
            yield piece
            start += len(piece)
            if start == span.end:
                return
        async with aclosing(self._mailbox.read(self.info.uid, start, span.end - start)) as pieces:
            async for piece in pieces:
                yield piece

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
