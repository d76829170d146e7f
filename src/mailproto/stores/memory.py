"""A store in memory: for tests, demonstrations and embedding; gone when the process ends."""

import hashlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count

from mailproto._value import evolve
from mailproto.stores.acl import Acl
from mailproto.stores.changes import MessageLog, Watchers
from mailproto.stores.interface import (
    Account,
    FlagChange,
    Mailbox,
    MailboxInfo,
    MailboxState,
    MailStore,
    MessageInfo,
    QuotaResource,
    StoreError,
    Upload,
)
from mailproto.stores.room import OVERHEAD, MemoryUpload, Room
from mailproto.stores.rules import (
    SPECIAL_USE,
    SYSTEM_FLAGS,
    annotated,
    attributes_of,
    canonical_name,
    changed_flags,
    check_keyword,
    check_length,
    check_name,
    check_room,
    new_name,
    new_names,
    parent_of,
    uid_validity,
)

__all__ = ["MemoryAccount", "MemoryMailbox", "MemoryStore"]

_BLOCK = 65536
_MAX_FLAGS = 1000  # that the messages of a mailbox have ever had


class MemoryMailbox(Mailbox):
    """A mailbox in memory; :class:`MemoryStore` makes them."""

    def __init__(
        self,
        name: str,
        mailbox_id: str,
        room: Room,
        changed: Callable[[str], None],
        shared: Callable[[], None],
    ) -> None:
        self._name = name
        self._mailbox_id = mailbox_id
        self._room = room
        self._changed = changed
        self._shared = shared
        self._uid_validity = uid_validity()
        self._uid_next = 1
        self._log = MessageLog(modseq=1)
        self._contents: dict[int, bytes] = {}
        self._spelling = {flag.lower(): flag for flag in SYSTEM_FLAGS}
        self._watchers: Watchers[[]] = Watchers()
        self._locked = False
        self._gone = False
        self.annotations: Mapping[str, bytes] = {}
        """Values by entry name."""
        self.entries: Acl = {}
        """Its ACL."""

    @property
    def name(self) -> str:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    @property
    def mailbox_id(self) -> str:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._mailbox_id

    def _there(self) -> MessageLog:
        if self._gone:
            raise StoreError("NONEXISTENT", f"the mailbox {self.name} was deleted")
        return self._log

    async def state(self) -> MailboxState:
        """See :class:`~mailproto.stores.Mailbox`."""
        log = self._there()
        return MailboxState(self._uid_validity, self._uid_next, log.modseq, messages=len(log))

    async def messages(self, changed_since: int = 0) -> Sequence[MessageInfo]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._there().changed(changed_since)

    async def find(self, uids: Sequence[int]) -> Sequence[MessageInfo]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._there().find(uids)

    async def keywords(self) -> Collection[str]:
        """See :class:`~mailproto.stores.Mailbox`."""
        self._there()
        return {flag for flag in self._spelling.values() if flag not in SYSTEM_FLAGS}

    async def expunged(self, since: int) -> Sequence[int] | None:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._there().expunged(since)

    async def read(
        self, uid: int, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See :class:`~mailproto.stores.Mailbox`."""
        content = self._contents.get(uid)
        if content is None:
            raise StoreError("NONEXISTENT", f"there is no message with uid {uid}")
        end = len(content) if length is None else min(start + length, len(content))
        for at in range(start, end, _BLOCK):
            yield content[at : min(at + _BLOCK, end)]

    async def upload(
        self,
        content: AsyncIterable[bytes],
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> Upload:
        """See :class:`~mailproto.stores.Mailbox`."""
        pieces: list[bytes] = []
        taken = 0

        def give_back() -> None:
            self._room.give_back(taken)

        try:
            self._learn_keywords(flags)
            self._room.take(OVERHEAD)
            taken = OVERHEAD
            async for piece in content:
                self._room.take(len(piece))
                taken += len(piece)
                pieces.append(piece)
        except BaseException:
            give_back()
            raise
        finally:
            if isinstance(content, AsyncGenerator):
                await content.aclose()
        return MemoryUpload(b"".join(pieces), flags, internal_date, give_back)

    async def commit(self, uploads: Sequence[Upload]) -> Sequence[MessageInfo]:
        """See :class:`~mailproto.stores.Mailbox`."""
        if self._gone:
            for upload in uploads:
                upload.discard()
            self._there()
        infos = []
        for upload in uploads:
            assert isinstance(upload, MemoryUpload)
            upload.keep()
            infos.append(self._place(upload.data, upload.flags, upload.internal_date))
        self._tell()
        return infos

    def add(
        self,
        data: bytes,
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> MessageInfo:
        """Add a message at once."""
        self._there()
        self._learn_keywords(flags)
        self._room.take(len(data) + OVERHEAD)
        info = self._place(data, flags, internal_date or datetime.now(UTC))
        self._tell()
        return info

    def _place(self, data: bytes, flags: Iterable[str], internal_date: datetime) -> MessageInfo:
        info = MessageInfo(
            uid=self._uid_next,
            size=len(data),
            internal_date=internal_date,
            flags=self._spelled(flags),
            modseq=self._log.modseq + 1,
            email_id=f"M{hashlib.sha256(data).hexdigest()[:32]}",
            save_date=datetime.now(UTC),
        )
        self._uid_next += 1
        self._log.put(info)
        self._contents[info.uid] = data
        return info

    async def change_flags(
        self,
        uids: Collection[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Collection[int]:
        """See :class:`~mailproto.stores.Mailbox`."""
        log = self._there()
        found = [info for uid in uids if (info := log.get(uid)) is not None]
        if unchanged_since is None:
            left_alone = []
        else:
            left_alone = [info.uid for info in found if info.modseq > unchanged_since]
            found = [info for info in found if info.modseq <= unchanged_since]
        if found and change is not FlagChange.REMOVE:
            self._learn_keywords(flags)
        flags = self._spelled(flags)
        changed = False
        for info in found:
            new = changed_flags(info.flags, change, flags)
            if new != info.flags:
                log.put(evolve(info, flags=new, modseq=log.modseq + 1))
                changed = True
        if changed:
            self._tell()
        return left_alone

    async def expunge(self, uids: Collection[int]) -> None:
        """See :class:`~mailproto.stores.Mailbox`."""
        log = self._there()
        there = {uid for uid in uids if log.get(uid) is not None}
        if not there:
            return
        for uid in there:
            self._room.give_back(len(self._contents.pop(uid)) + OVERHEAD)
        log.remove(there, log.modseq + 1)
        self._tell()

    async def copy(self, uids: Sequence[int], target: Mailbox) -> Sequence[tuple[int, int]]:
        """See :class:`~mailproto.stores.Mailbox`."""
        log = self._there()
        if not isinstance(target, MemoryMailbox):
            return await super().copy(uids, target)
        target._there()
        infos = [info for uid in uids if (info := log.get(uid)) is not None]
        target._learn_keywords(flag for info in infos for flag in info.flags)
        target._room.take(sum(info.size + OVERHEAD for info in infos))  # all or none
        pairs = []
        for info in infos:
            new = target._place(self._contents[info.uid], info.flags, info.internal_date)
            pairs.append((info.uid, new.uid))
        if pairs:
            target._tell()
        return pairs

    async def acl(self) -> Acl:
        """See :class:`~mailproto.stores.Mailbox`."""
        self._there()
        return self.entries

    async def change_acl(self, change: Callable[[Acl], Acl]) -> None:
        """See :class:`~mailproto.stores.Mailbox`."""
        self._there()
        self.entries = change(self.entries)
        self._shared()
        self._tell()

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._watchers.add(notify)

    def vanish(self) -> None:
        """Let the mailbox be deleted. For its account."""
        self._room.give_back(sum(len(data) + OVERHEAD for data in self._contents.values()))
        self._contents.clear()
        self._gone = True
        self._tell()

    def _learn_keywords(self, flags: Iterable[str]) -> None:
        """Keep to the case in which a keyword came first (RFC 9051 2.3.2).

        Raises :class:`StoreError` LIMIT if there are too many, CANNOT for what is no keyword.
        """
        new = {flag.lower(): flag for flag in flags if flag.lower() not in self._spelling}
        for flag in new.values():
            check_keyword(flag)
        if len(self._spelling) + len(new) > _MAX_FLAGS:
            raise StoreError("LIMIT", f"a mailbox has at most {_MAX_FLAGS} flags")
        self._spelling |= new

    def _spelled(self, flags: Iterable[str]) -> frozenset[str]:
        return frozenset(self._spelling.get(flag.lower(), flag) for flag in flags)

    def _tell(self) -> None:
        self._watchers.tell()
        self._changed(self._name)

    @asynccontextmanager
    async def lock_maildrop(self) -> AsyncIterator[None]:
        """See :class:`~mailproto.stores.Mailbox`."""
        if self._locked:
            raise StoreError("INUSE", "another session has the maildrop")
        self._locked = True
        try:
            yield
        finally:
            self._locked = False


class MemoryAccount(Account):
    """The mailboxes of one user."""

    def __init__(self, room: Room, ids: Iterator[int], shared: Callable[[], None]) -> None:
        self._room = room
        self._ids = ids
        self._shared = shared
        self._watchers: Watchers[[str]] = Watchers()
        self._annotations: Mapping[str, bytes] = {}
        self._subscribed: set[str] = set()
        self._mailboxes: dict[str, MemoryMailbox] = {}
        self._make("INBOX")

    def _make(self, name: str) -> MemoryMailbox:
        parent = parent_of(name, self._mailboxes, self.delimiter)
        made = MemoryMailbox(
            name, f"F{next(self._ids)}", self._room, self._watchers.tell, self._shared
        )
        if parent is not None:
            made.entries = self._mailboxes[parent].entries
        self._mailboxes[name] = made
        return made

    @property
    def inbox(self) -> MemoryMailbox:
        """Where mail is delivered."""
        return self._mailboxes["INBOX"]

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """See :class:`~mailproto.stores.Account`."""
        found = sorted(self._mailboxes.items())
        return [MailboxInfo(name, attributes_of(mailbox.annotations)) for name, mailbox in found]

    async def mailbox(self, name: str) -> Mailbox:
        """See :class:`~mailproto.stores.Account`."""
        return self._find(name)

    def _find(self, name: str) -> MemoryMailbox:
        found = self._mailboxes.get(canonical_name(name, self.delimiter))
        if found is None:
            raise StoreError("NONEXISTENT", f"there is no mailbox {name}")
        return found

    async def create(self, name: str, attributes: Collection[str] = ()) -> Mailbox:
        """See :class:`~mailproto.stores.Account`."""
        name = new_name(name, self.delimiter)
        if name in self._mailboxes:
            raise StoreError("ALREADYEXISTS", f"there is a mailbox {name} already")
        check_room(self._mailboxes)
        created = self._make(name)
        if attributes:
            created.annotations = {SPECIAL_USE: " ".join(attributes).encode()}
        self._watchers.tell(name)
        return created

    async def delete(self, name: str) -> None:
        """See :class:`~mailproto.stores.Account`."""
        found = self._find(name)
        if found is self.inbox:
            raise StoreError("CANNOT", "INBOX can not be deleted")
        del self._mailboxes[found.name]
        found.vanish()

    async def rename(self, name: str, new_name: str) -> None:
        """See :class:`~mailproto.stores.Account`."""
        found = self._find(name)
        if found is self.inbox:
            target = await self.create(new_name)
            await found.move([info.uid for info in await found.messages()], target)
            return
        for old, new in new_names(self._mailboxes, found.name, new_name, self.delimiter).items():
            mailbox = self._mailboxes[new] = self._mailboxes.pop(old)
            mailbox.name = new
            self._watchers.tell(old)
            self._watchers.tell(new)

    async def subscribe(self, name: str, subscribed: bool) -> None:
        """See :class:`~mailproto.stores.Account`."""
        name = canonical_name(name, self.delimiter)
        if subscribed:
            check_name(name)
            check_length(name, self.delimiter)
            check_room(self._subscribed - {name})
            self._subscribed.add(name)
        else:
            self._subscribed.discard(name)
        self._watchers.tell(name)

    async def subscriptions(self) -> Collection[str]:
        """See :class:`~mailproto.stores.Account`."""
        return frozenset(self._subscribed)

    async def quota(self) -> Sequence[QuotaResource]:
        """See :class:`~mailproto.stores.Account`; the limit is that of the whole store."""
        listings = [await mailbox.messages() for mailbox in self._mailboxes.values()]
        used = sum(info.size for listing in listings for info in listing)
        return [QuotaResource("STORAGE", -(-used // 1024), self._room.capacity // 1024)]

    async def acls(self) -> Mapping[str, Acl]:
        """See :class:`~mailproto.stores.Account`."""
        found = self._mailboxes.items()
        return {name: mailbox.entries for name, mailbox in found if mailbox.entries}

    async def metadata(self, name: str = "") -> Mapping[str, bytes]:
        """See :class:`~mailproto.stores.Account`."""
        return self._find(name).annotations if name else self._annotations

    async def set_metadata(self, entries: Mapping[str, bytes | None], name: str = "") -> None:
        """See :class:`~mailproto.stores.Account`."""
        changed = annotated(await self.metadata(name), entries)
        if name:
            mailbox = self._find(name)
            mailbox.annotations = changed
            name = mailbox.name
        else:
            self._annotations = changed
        self._watchers.tell(name)

    def watch(self, notify: Callable[[str], None]) -> Callable[[], None]:
        """See :class:`~mailproto.stores.Account`."""
        return self._watchers.add(notify)


class MemoryStore(MailStore):
    """All accounts in memory; an account begins to exist when it is asked for.

    With ``users`` only those have one. ``capacity`` is how many octets all messages together
    may have; beyond it OVERQUOTA is raised.
    """

    shares = True

    def __init__(
        self, users: Iterable[str] | None = None, *, capacity: int = 256 * 1024 * 1024
    ) -> None:
        self._users = None if users is None else frozenset(users)
        self._room = Room(capacity)
        self._accounts: dict[str, MemoryAccount] = {}
        self._ids = count(1)
        self._sharing: set[str] = set()  # who has ever changed an ACL

    async def sharing(self, user: str) -> Collection[str]:
        """See :class:`~mailproto.stores.MailStore`."""
        return self._sharing - {user}

    async def account(self, user: str) -> MemoryAccount:
        """See :class:`~mailproto.stores.MailStore`."""
        if self._users is not None and user not in self._users:
            raise StoreError("NONEXISTENT", f"there is no account of {user}")
        account = self._accounts.get(user)
        if account is None:
            account = MemoryAccount(self._room, self._ids, lambda: self._sharing.add(user))
            self._accounts[user] = account
        return account
