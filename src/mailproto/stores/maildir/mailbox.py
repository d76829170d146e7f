"""One folder of a Maildir as a :class:`~mailproto.stores.Mailbox`.

The mailbox keeps in memory what the index says of its messages, and follows the index by modseq:
whoever wrote there, this process or another.
"""

import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Collection,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from mailproto.stores.acl import Acl
from mailproto.stores.changes import MessageLog, Watchers
from mailproto.stores.disk import unique_name
from mailproto.stores.interface import (
    FlagChange,
    Mailbox,
    MailboxState,
    MessageInfo,
    Upload,
)
from mailproto.stores.maildir.acl_file import read_acl
from mailproto.stores.maildir.bulk import BATCH, Octets
from mailproto.stores.maildir.content import ContentReader, ContentWriter, Position
from mailproto.stores.maildir.errors import as_store_error
from mailproto.stores.maildir.folder import Folder, News, Staged
from mailproto.stores.maildir.index import Entry, FolderRow
from mailproto.stores.maildir.lock import exclusive_lock
from mailproto.stores.maildir.names import Fields, fields_of, mailbox_name, new_base
from mailproto.stores.maildir.quota import Quota, Share
from mailproto.stream import Lock, Runtime

__all__ = ["MaildirMailbox"]

_WRITE_BLOCK = 1024 * 1024  # octets collected before a thread is troubled

T = TypeVar("T")


class _Account(Protocol):
    """What a mailbox needs of its account."""

    limit: Quota
    runtime: Runtime
    turn: Lock
    tell: Callable[[str], None]

    async def blocking(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread; the caller has its turn."""

    def change_acl(self, folder: Path, change: Callable[[Acl], Acl]) -> None:
        """Change the ACL of a folder; this blocks."""

    async def reserve(self, share: Share, octets: int) -> None:
        """Let an upload take more of the quota. Raises :class:`StoreError` OVERQUOTA."""


class _StagedUpload(Upload):
    """A message in ``tmp``, written and synced."""

    def __init__(self, writer: ContentWriter, staged: Staged, share: Share) -> None:
        self._writer = writer
        self.staged = staged
        self.share = share

    @property
    def size(self) -> int:
        return self.staged.size

    def discard(self) -> None:
        self._writer.discard()
        self.share.give_back()


class MaildirMailbox(Mailbox):
    """A mailbox in a directory; :class:`MaildirStore` makes them."""

    def __init__(self, account: _Account, folder: Folder, row: FolderRow) -> None:
        self._account = account
        self._folder = folder
        self._row = row
        self._log: MessageLog | None = None  # until somebody asks for it
        self._watchers: Watchers[[]] = Watchers()
        self._read: tuple[int, Position] | None = None  # where a part of a message was read last

    @property
    def folder(self) -> Folder:
        """What knows its files; all that it does blocks."""
        return self._folder

    @property
    def name(self) -> str:
        """See :class:`~mailproto.stores.Mailbox`."""
        return mailbox_name(self._row.name) or ""

    @property
    def mailbox_id(self) -> str:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._row.mailbox_id

    async def _do(self, work: Callable[[], T]) -> T:
        """Do blocking work, and follow what has happened since the last one."""

        def done() -> tuple[T, News]:
            result = work()
            return result, self._news()

        async with self._account.turn:
            result, news = await self._account.blocking(done)
            self._follow(news)
        return result

    async def _sync(self) -> MessageLog:
        """Notice what others have done; return what is there."""
        if self._log is None:
            self._log = MessageLog(0)
        await self._do(self._folder.sync)
        return self._log

    def _news(self) -> News:
        return self._folder.news(None if self._log is None else self._log.modseq)

    def _follow(self, news: News) -> None:
        before, self._row = self._row, news.row
        if news.whole:
            self._log = MessageLog(0, news.row.forgotten)
        log = self._log
        if log is not None and news.row.modseq > log.modseq:
            log.put(*news.changed)
            for modseq, uid in news.expunged:
                log.remove((uid,), modseq)
            log.modseq = news.row.modseq
        if news.row.modseq > before.modseq:
            self.tell()
            self._account.tell(self.name)

    def tell(self) -> None:
        """Tell those who watch."""
        self._watchers.tell()

    async def state(self) -> MailboxState:
        """See :class:`~mailproto.stores.Mailbox`."""
        log = await self._sync()
        row = self._row
        return MailboxState(row.uid_validity, row.uid_next, row.modseq, messages=len(log))

    async def messages(self, changed_since: int = 0) -> Sequence[MessageInfo]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return (await self._sync()).changed(changed_since)

    async def find(self, uids: Sequence[int]) -> Sequence[MessageInfo]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return (await self._sync()).find(uids)

    async def keywords(self) -> Collection[str]:
        """See :class:`~mailproto.stores.Mailbox`."""
        log = await self._sync()
        flags = frozenset[str]().union(*{info.flags for info in log.all()})
        return {flag for flag in flags if not flag.startswith("\\")} | {*self._folder.keywords}

    async def expunged(self, since: int) -> Sequence[int] | None:
        """See :class:`~mailproto.stores.Mailbox`."""
        return (await self._sync()).expunged(since)

    async def read(
        self, uid: int, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See :class:`~mailproto.stores.Mailbox`.

        Raises :class:`StoreError` UNAVAILABLE, too, if the file is not as long as it was.
        """

        reader = ContentReader()

        def begin() -> bytes:
            entry, file = self._folder.open(uid)
            end = entry.size if length is None else min(start + length, entry.size)
            known = self._read
            reader.begin(
                file,
                start,
                max(end - start, 0),
                verbatim=fields_of(entry.base).verbatim,
                at=known[1] if known and known[0] == uid and known[1].size <= start else None,
            )
            return reader.read()

        try:
            piece = await self._do(begin)
            while piece:
                yield piece
                piece = await self._in_thread(reader.read)
            self._read = (uid, reader.before)
        finally:
            reader.discard()

    def beginnings(
        self, uids: Sequence[int], length: int
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._each(uids, lambda some: self._folder.beginnings(some, length))

    def headers(
        self, uids: Sequence[int], names: Collection[str]
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._each(uids, lambda some: self._folder.headers(some, names))

    async def _each(
        self, uids: Sequence[int], read: Callable[[Sequence[int]], Octets]
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield what ``read`` returns for many messages, some at a time."""
        at = 0
        while at < len(uids):
            found = await self._do(partial(read, uids[at : at + BATCH]))
            at += len(found)
            for uid, octets in found:
                if octets is not None:
                    yield uid, octets

    async def path(self, uid: int) -> Path:
        """Return the file of a message, which other programs may rename at any time.

        Raises :class:`StoreError` NONEXISTENT.
        """
        return await self._do(lambda: self._folder.file(uid))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Work on a file that is nobody else's."""
        try:
            return await self._account.runtime.in_thread(work)
        except OSError as error:
            raise as_store_error(error) from error

    async def upload(
        self,
        content: AsyncIterable[bytes],
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> Upload:
        """See :class:`~mailproto.stores.Mailbox`."""
        writer = ContentWriter(self._folder.path / "tmp" / unique_name())
        date = time.time() if internal_date is None else internal_date.timestamp()
        share = Share(self._account.limit)
        waiting: list[bytes] = []
        octets = 0
        try:
            async for piece in content:
                waiting.append(piece)
                octets += len(piece)
                if octets >= _WRITE_BLOCK:
                    await self._account.reserve(share, octets)
                    data = b"".join(waiting)
                    waiting, octets = [], 0
                    await self._in_thread(lambda data=data: writer.write(data))  # type: ignore[misc]
            await self._account.reserve(share, octets)
            data = b"".join(waiting)

            def finish() -> None:
                writer.write(data)
                writer.finish(date)

            await self._in_thread(finish)
        except BaseException:
            writer.discard()
            share.give_back()
            raise
        finally:
            if isinstance(content, AsyncGenerator):
                await content.aclose()
        fields = Fields(writer.octets, writer.size, verbatim=writer.verbatim)
        staged = Staged(writer.path, new_base(fields), writer.size, frozenset(flags), date)
        return _StagedUpload(writer, staged, share)

    async def commit(self, uploads: Sequence[Upload]) -> Sequence[MessageInfo]:
        """See :class:`~mailproto.stores.Mailbox`."""
        ours = [upload for upload in uploads if isinstance(upload, _StagedUpload)]
        try:
            entries = await self._do(lambda: self._add([upload.staged for upload in ours]))
        except BaseException:
            for upload in uploads:
                upload.discard()
            raise
        for upload in ours:
            upload.share.give_back()
        return [entry.info() for entry in entries]

    def _add(self, staged: Sequence[Staged]) -> Sequence[Entry]:
        """Put messages from ``tmp`` where they belong, if the quota allows it; this blocks."""
        octets = sum(message.size for message in staged)
        self._account.limit.ensure(octets)
        return self._folder.commit(staged, lambda: self._account.limit.admit(octets))

    async def change_flags(
        self,
        uids: Collection[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Collection[int]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return await self._do(
            lambda: self._folder.change_flags(uids, change, flags, unchanged_since)
        )

    async def expunge(self, uids: Collection[int]) -> None:
        """See :class:`~mailproto.stores.Mailbox`."""
        await self._do(lambda: self._folder.expunge(uids))

    async def copy(self, uids: Sequence[int], target: Mailbox) -> Sequence[tuple[int, int]]:
        """See :class:`~mailproto.stores.Mailbox`."""
        if not isinstance(target, MaildirMailbox):
            return await super().copy(uids, target)
        other = target
        copies = await self._do(lambda: self._folder.stage_copies(uids, other._folder.path))
        if not copies:
            return []
        staged = [message for _, message in copies]
        try:
            entries = await other._do(lambda: other._add(staged))
        except BaseException:
            for message in staged:
                with suppress(OSError):
                    message.path.unlink()
            raise
        return [(uid, entry.uid) for (uid, _), entry in zip(copies, entries, strict=True)]

    async def move(self, uids: Sequence[int], target: Mailbox) -> Sequence[tuple[int, int]]:
        """See :class:`~mailproto.stores.Mailbox`."""
        if not isinstance(target, MaildirMailbox) or target._account is not self._account:
            return await super().move(uids, target)
        other = target

        def work() -> tuple[list[tuple[int, int]], News]:
            pairs = self._folder.move(uids, other._folder)
            return pairs, other._news()

        async with self._account.turn:
            (pairs, others), news = await self._account.blocking(lambda: (work(), self._news()))
            other._follow(others)
            self._follow(news)
        return pairs

    async def acl(self) -> Acl:
        """See :class:`~mailproto.stores.Mailbox`."""
        return await self._do(lambda: read_acl(self._there()))

    async def change_acl(self, change: Callable[[Acl], Acl]) -> None:
        """See :class:`~mailproto.stores.Mailbox`."""
        await self._do(lambda: self._account.change_acl(self._there(), change))
        self.tell()
        self._account.tell(self.name)

    def _there(self) -> Path:
        """The directory, where it is now. Raises :class:`StoreError` NONEXISTENT."""
        self._folder.row()
        return self._folder.path

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._watchers.add(notify)

    @asynccontextmanager
    async def lock_maildrop(self) -> AsyncIterator[None]:
        """See :class:`~mailproto.stores.Mailbox`; other processes with such a store respect it."""
        await self._do(self._folder.sync)
        try:
            release = exclusive_lock(self._folder.path)
        except OSError as error:
            raise as_store_error(error) from error
        try:
            yield
        finally:
            release()
