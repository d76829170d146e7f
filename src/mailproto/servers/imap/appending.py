"""APPEND and REPLACE: messages that come in, streamed into the store.

RFC 9051 6.3.12, RFC 3502 (MULTIAPPEND), RFC 4469 (CATENATE), RFC 8508 (REPLACE).
"""

import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from mailproto.imap import (
    Append,
    AppendMessage,
    AppendUid,
    Bad,
    BadUrl,
    CatenateText,
    CatenateUrl,
    Condition,
    EndOfContent,
    Literal,
    LiteralOffered,
    MessageOctets,
    No,
    Ok,
    Replace,
    ResponseCode,
    SequenceSet,
)
from mailproto.servers.imap.changing import settable, target, uid_validity_of
from mailproto.servers.imap.content_url import BadContentUrl, open_url
from mailproto.servers.imap.service import Handler, Refused, Uploading
from mailproto.servers.imap.session import ImapSession
from mailproto.stores import Mailbox, StoreError, Upload

__all__ = ["HANDLERS", "UPLOADS"]

_LARGEST_PARTS = 4 * 1024 * 1024  # octets of the parts of one CATENATE that the client sends
_TELLABLE = re.compile(r"[!-\\^-~]+")  # what a response code can repeat
_CANCELLED = No("An empty message cancels the command")


class _Octets:
    """The octets of one literal as they come in."""

    def __init__(self, session: ImapSession) -> None:
        self._session = session
        self._ended = False

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        while not self._ended:
            try:
                event = await self._session.next_event()
            except Exception:
                self._session.lost = True
                raise
            if isinstance(event, MessageOctets):
                yield event.data
            elif isinstance(event, EndOfContent):
                self._ended = True
            else:
                raise self._session.give_up("the connection ended within a message")

    async def drop(self) -> None:
        """Let the rest come, and forget it."""
        async for _ in self:
            pass


class _Appending(Uploading):
    """The messages of one command: each is uploaded when it has come, all are committed at the end.

    Parts of CATENATE are collected, and put together at the end, when all of them are known.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._mailbox: Mailbox | None = None
        self._uploads: list[Upload] = []
        self._parts: list[bytes] = []
        self._parts_size = 0
        self._failure: Exception | None = None

    async def literal(self, session: ImapSession, offer: LiteralOffered) -> None:
        """Take in a message, or a part of one."""
        if self._failure is not None:
            raise self._failure
        if not offer.size:
            raise Refused(_CANCELLED)
        if self._mailbox is None:
            await self.check(session, offer.command)
            self._mailbox = await target(session, self._name)
            self._mailbox.require("i")
        message = _messages(offer.command)[-1]
        catenated = isinstance(message.content, tuple)
        if catenated and self._parts_size + offer.size > _LARGEST_PARTS:
            raise Refused(No(f"Parts have {_LARGEST_PARTS} octets at most", ResponseCode("TOOBIG")))
        session.core.accept_literal()
        octets = _Octets(session)
        pieces = aiter(octets)
        if session.service.strict and not _announced(message).binary:
            pieces = _without_nul(pieces)
        try:
            if catenated:
                self._parts.append(b"".join([piece async for piece in pieces]))
                self._parts_size += offer.size
            else:
                self._uploads.append(await _upload(self._mailbox, pieces, message))
        except Exception as error:
            if session.lost:
                raise
            self._failure = error
            await octets.drop()

    async def check(self, session: ImapSession, command: Any) -> None:
        """Refuse the command before anything of it is stored. Raises :class:`Refused`."""

    async def finish(self, session: ImapSession, tag: str, command: Any) -> Condition:
        """Put all messages into the mailbox, at once."""
        if self._failure is not None:
            raise self._failure
        messages = _messages(command)
        if self._mailbox is None:  # there was no literal
            await self.check(session, command)
            self._mailbox = await target(session, self._name)
        streamed, parts = iter(tuple(self._uploads)), iter(self._parts)
        uploads = []
        for message in messages:
            content = _content(session, message, parts)
            if content is None:
                uploads.append(next(streamed))
            else:
                uploads.append(await _upload(self._mailbox, content, message))
                self._uploads.append(uploads[-1])
        infos = await self._mailbox.commit(uploads)
        self._uploads = []
        uid_validity = await uid_validity_of(self._mailbox)
        uids = SequenceSet.from_numbers(info.uid for info in infos)
        code = None if uid_validity is None else AppendUid(uid_validity, uids)
        return await self.done(session, command, code)

    async def done(self, session: ImapSession, command: Any, code: AppendUid | None) -> Condition:
        """Complete the command."""
        return Ok("APPEND completed", code)

    def discard(self) -> None:
        """Forget what was not committed."""
        for upload in self._uploads:
            upload.discard()
        self._uploads = []


class _Replacing(_Appending):
    """REPLACE: a message takes the place of another one (RFC 8508)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._replaced: Sequence[int] = ()

    async def check(self, session: ImapSession, command: Replace) -> None:
        """Look for the message that is to go."""
        selected = session.writable()
        number = SequenceSet(((command.number, command.number),))
        self._replaced = selected.view.resolve(number, uid=command.uid)
        if not await selected.mailbox.find(self._replaced):
            raise Refused(No("There is no such message", ResponseCode("NONEXISTENT")))
        session.writable("te")  # RFC 8508 4.1

    async def done(
        self, session: ImapSession, command: Replace, code: AppendUid | None
    ) -> Condition:
        """Tell of the new message, then of the end of the old one."""
        await session.send(Ok("Stored", code))
        await session.chosen().mailbox.expunge(self._replaced)
        await session.tell_news(expunged=True)
        return Ok("REPLACE completed")


def _messages(command: Any) -> Sequence[AppendMessage]:
    return command.messages if isinstance(command, Append) else (command.message,)


def _announced(message: AppendMessage) -> Literal:
    """The literal that was announced: the message, or the last part of it so far."""
    content: Any = message.content
    literal: Literal = content[-1].content if isinstance(content, tuple) else content
    return literal


async def _without_nul(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Pass the octets of a literal on. Raises :class:`Refused` for NUL (RFC 9051 4.3)."""
    async for piece in pieces:
        if b"\0" in piece:
            raise Refused(Bad("NUL needs a literal8"))
        yield piece


def _content(
    session: ImapSession, message: AppendMessage, parts: Iterator[bytes]
) -> AsyncGenerator[bytes, None] | None:
    """What is left to be uploaded of a message, None if it was streamed."""
    if isinstance(message.content, tuple):
        return _joined(session, message.content, parts)
    data = _octets(message.content)
    return None if data is None else _text(data)


def _octets(content: bytes | Literal) -> bytes | None:
    """The octets of a literal that came within its command, None if it was streamed."""
    return content.data if isinstance(content, Literal) else content


async def _upload(
    mailbox: Mailbox, content: AsyncGenerator[bytes, None], message: AppendMessage
) -> Upload:
    async with aclosing(content):
        return await mailbox.upload(content, settable(message.flags or ()), message.date)


async def _joined(
    session: ImapSession,
    parts: Sequence[CatenateUrl | CatenateText],
    texts: Iterator[bytes],
) -> AsyncGenerator[bytes, None]:
    """Yield a message that is put together of parts. Raises :class:`Refused` with BADURL."""
    size = 0
    most = session.append_limit
    for part in parts:
        if isinstance(part, CatenateText):
            text = _octets(part.content)
            pieces = _text(next(texts) if text is None else text)
        else:
            pieces = _url(session, part.url)
        async with aclosing(pieces):
            async for piece in pieces:
                size += len(piece)
                if most is not None and size > most:
                    raise Refused(No(f"No more than {most} octets", ResponseCode("TOOBIG")))
                yield piece


async def _text(text: bytes) -> AsyncGenerator[bytes, None]:
    yield text


async def _url(session: ImapSession, url: str) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(open_url(session, url)) as pieces:
            async for piece in pieces:
                yield piece
    except (BadContentUrl, StoreError) as error:
        code = BadUrl(url) if _TELLABLE.fullmatch(url) else ResponseCode("CANNOT")
        raise Refused(No("A URL can not be used", code)) from error


async def serve_append(session: ImapSession, tag: str, command: Append | Replace) -> Condition:
    """APPEND or REPLACE without a literal: all parts are URLs."""
    uploading = UPLOADS[type(command)](command.mailbox)
    try:
        return await uploading.finish(session, tag, command)
    finally:
        uploading.discard()


UPLOADS: Mapping[type, Callable[[str], Uploading]] = {Append: _Appending, Replace: _Replacing}
HANDLERS: Mapping[type, Handler] = {Append: serve_append, Replace: serve_append}
