"""Messages on their way to the server: what APPEND sends (RFC 9051 6.3.12, RFC 3502)."""

import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import AsyncExitStack, ExitStack, aclosing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from mailproto._dots import BLOCK, CrlfNormalizer
from mailproto._value import field, value
from mailproto.clients.content import Content, MessageSource, open_content
from mailproto.clients.imap.session import ImapSession
from mailproto.errors import ConnectionLost, LocalProtocolError
from mailproto.imap import Append, AppendMessage, AppendUid, ContentDue, Literal, MessageOctets

__all__ = ["AppendCommands", "NewMessage"]

_INLINE = 65536  # octets up to which a message is held in memory


@value
class NewMessage:
    """A message to append, with its flags, and the INTERNALDATE it is to have (None: now)."""

    message: MessageSource
    flags: Sequence[str] = ()
    date: datetime | None = field(default=None)


class AppendCommands(ImapSession):
    """The part of :class:`ImapClient` that brings messages to the server."""

    @property
    def literals(self) -> str:
        """How literals are sent: LITERAL+ (at once), LITERAL- (the small ones), or "": they wait.

        Source: RFC 7888.
        """
        names = {"LITERAL+": "LITERAL+", "LITERAL-": "LITERAL-", "IMAP4rev2": "LITERAL-"}
        return next((way for name, way in names.items() if self.offers(name)), "")

    async def append(
        self,
        mailbox: str,
        message: MessageSource,
        flags: Sequence[str] = (),
        date: datetime | None = None,
    ) -> AppendUid | None:
        """Put a message into a mailbox, and return its UID if the server tells (UIDPLUS).

        Line ends become CRLF. Files and iterators are sent in constant memory; an iterator
        goes through a temporary file, for the server wants to know the size first. If it is
        cancelled while a message is sent, the connection is lost.

        Raises as :meth:`run` does, and :class:`LocalProtocolError` if the message is larger
        than the server's APPENDLIMIT.
        """
        return (await self.append_many(mailbox, [NewMessage(message, flags, date)]))[0]

    async def append_many(
        self, mailbox: str, messages: Sequence[NewMessage]
    ) -> tuple[AppendUid | None, ...]:
        """Put several messages into a mailbox, by one command where MULTIAPPEND is.

        Then all of them arrive or none, and one :class:`AppendUid` has their UIDs; else there
        is one for each message.
        """
        if not messages:
            return ()
        groups = [messages] if self.offers("MULTIAPPEND") else [[each] for each in messages]
        return tuple([await self._append(mailbox, group) for group in groups])

    async def _append(self, mailbox: str, messages: Sequence[NewMessage]) -> AppendUid | None:
        async with AsyncExitStack() as files:
            contents = [await self._open(new.message, files) for new in messages]
            parts = [
                await self._part(new, content)
                for new, content in zip(messages, contents, strict=True)
            ]
            due = [c for c, part in zip(contents, parts, strict=True) if _is_streamed(part)]
            call = await self.launch(Append(mailbox, tuple(parts)))
            async for item in self.items(call):
                if isinstance(item, ContentDue):
                    await self._send_content(due.pop(0))
        code = self.completion(call).code
        return code if isinstance(code, AppendUid) else None

    async def _open(self, source: MessageSource, files: AsyncExitStack) -> Content:
        if isinstance(source, Path):
            path = source
            source = files.enter_context(await self._runtime.in_thread(lambda: path.open("rb")))
        elif isinstance(source, AsyncIterable):
            source = files.enter_context(await self._spool(source))
        utf8 = "UTF8=ACCEPT" in self._connection.enabled
        return await open_content(source, self._runtime, utf8=utf8, eight_bit=True, keep_bcc=True)

    async def _spool(self, pieces: AsyncIterable[bytes]) -> BinaryIO:
        """Write pieces to a temporary file, which is memory while it is small."""
        with ExitStack() as unless_filled:
            file: Any = unless_filled.enter_context(tempfile.SpooledTemporaryFile(_INLINE))
            async for piece in pieces:
                await self._runtime.in_thread(partial(file.write, piece))
            await self._runtime.in_thread(partial(file.seek, 0))
            unless_filled.pop_all()
        return cast(BinaryIO, file)

    async def _part(self, new: NewMessage, content: Content) -> AppendMessage:
        size = content.size
        assert size is not None
        limit = self.capabilities.append_limit if self.capabilities is not None else None
        if limit is not None and size > limit:
            raise LocalProtocolError(f"the server takes messages of {limit} octets, not {size}")
        data = None
        if size <= _INLINE:
            data = b"".join([piece async for piece in _normalized(content)])
        binary = data is not None and b"\0" in data and self.offers("BINARY")
        utf8 = content.utf8_headers and "UTF8=ACCEPT" in self._connection.enabled
        literal = Literal(size, data, binary or utf8)
        return AppendMessage(literal, tuple(new.flags) or None, new.date, utf8=utf8)

    async def _send_content(self, content: Content) -> None:
        try:
            async with aclosing(_normalized(content)) as pieces:
                async for piece in pieces:
                    if self._hung_up:
                        break
                    self._connection.send(MessageOctets(piece))
                    await self.flush()
        except BaseException as error:
            self._fail(ConnectionLost(f"an APPEND was broken off by {type(error).__name__}"))
            raise


def _is_streamed(part: AppendMessage) -> bool:
    return isinstance(part.content, Literal) and part.content.data is None


async def _normalized(content: Content) -> AsyncGenerator[bytes, None]:
    normalizer = CrlfNormalizer()
    async with aclosing(content.chunks()) as chunks:
        async for chunk in chunks:
            for at in range(0, len(chunk), BLOCK):
                yield normalizer.feed(chunk[at : at + BLOCK])
