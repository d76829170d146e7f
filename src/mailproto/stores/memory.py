"""A store in memory: for tests, demonstrations and embedding; gone when the process ends."""

import hashlib
import itertools
import time
from bisect import bisect_right
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from mailproto._value import evolve
from mailproto.stores.interface import (
    Account,
    FlagChange,
    Mailbox,
    MailboxInfo,
    MailboxState,
    MailStore,
    MessageInfo,
    StoreError,
)

__all__ = ["MemoryAccount", "MemoryMailbox", "MemoryStore"]

_BLOCK = 65536
_MAX_EXPUNGED = 10_000
_OVERHEAD = 1024  # octets that a message counts beside its content

# No two mailboxes of a process get the same UIDVALIDITY, and a later process gets greater ones.
_uid_validities = itertools.count(int(time.time()))


class _Room:
    """How much a store may hold, in octets; each message costs a little more than it has."""

    __slots__ = ("_free",)

    def __init__(self, capacity: int) -> None:
        self._free = capacity

    def take(self, octets: int) -> None:
        """Reserve room. Raises :class:`StoreError` OVERQUOTA, with nothing changed."""
        if octets > self._free:
            raise StoreError("OVERQUOTA", "the store is full")
        self._free -= octets

    def give_back(self, octets: int) -> None:
        """Free room."""
        self._free += octets


class MemoryMailbox(Mailbox):
    """A mailbox in memory; :class:`MemoryStore` makes them."""

    def __init__(self, name: str, room: _Room) -> None:
        self._name = name
        self._room = room
        self._uid_validity = next(_uid_validities)
        self._uid_next = 1
        self._modseq = 1
        self._messages: dict[int, MessageInfo] = {}  # by ascending uid
        self._contents: dict[int, bytes] = {}
        self._expunged: list[tuple[int, int]] = []  # (modseq, uid), ascending
        self._forgotten = 0  # expunges up to this modseq are no longer known
        self._watchers: dict[object, Callable[[], None]] = {}
        self._locked = False
        self.gone = False
        """Whether it was deleted."""

    @property
    def name(self) -> str:
        """See :class:`~mailproto.stores.Mailbox`."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    async def state(self) -> MailboxState:
        """See :class:`~mailproto.stores.Mailbox`."""
        return MailboxState(
            self._uid_validity, self._uid_next, self._modseq, messages=len(self._messages)
        )

    async def messages(self, changed_since: int = 0) -> Sequence[MessageInfo]:
        """See :class:`~mailproto.stores.Mailbox`."""
        return [info for info in self._messages.values() if info.modseq > changed_since]

    async def expunged(self, since: int) -> Sequence[int] | None:
        """See :class:`~mailproto.stores.Mailbox`."""
        if since < self._forgotten:
            return None
        start = bisect_right(self._expunged, since, key=lambda entry: entry[0])
        return sorted(uid for _, uid in self._expunged[start:])

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

    async def append(
        self,
        content: AsyncIterable[bytes],
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> MessageInfo:
        """See :class:`~mailproto.stores.Mailbox`."""
        pieces: list[bytes] = []
        octets = 0
        try:
            async for piece in content:
                self._room.take(len(piece))
                octets += len(piece)
                pieces.append(piece)
        finally:
            self._room.give_back(octets)  # ``add``, right behind, takes it again
            if isinstance(content, AsyncGenerator):
                await content.aclose()
        return self.add(b"".join(pieces), flags, internal_date)

    def add(
        self,
        data: bytes,
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> MessageInfo:
        """Add a message at once."""
        if self.gone:
            raise StoreError("NONEXISTENT", f"{self.name} was deleted")
        info = self._place(data, flags, internal_date or datetime.now(UTC))
        self._tell()
        return info

    def _place(self, data: bytes, flags: Iterable[str], internal_date: datetime) -> MessageInfo:
        self._room.take(len(data) + _OVERHEAD)
        self._modseq += 1
        info = MessageInfo(
            uid=self._uid_next,
            size=len(data),
            internal_date=internal_date,
            flags=frozenset(flags),
            modseq=self._modseq,
            email_id=f"M{hashlib.sha256(data).hexdigest()[:32]}",
            save_date=datetime.now(UTC),
        )
        self._uid_next += 1
        self._messages[info.uid] = info
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
        left_alone = []
        changed = False
        for uid in uids:
            info = self._messages.get(uid)
            if info is None:
                continue
            if unchanged_since is not None and info.modseq > unchanged_since:
                left_alone.append(uid)
                continue
            new = _CHANGES[change](info.flags, frozenset(flags))
            if new != info.flags:
                self._modseq += 1
                self._messages[uid] = evolve(info, flags=new, modseq=self._modseq)
                changed = True
        if changed:
            self._tell()
        return left_alone

    async def expunge(self, uids: Collection[int]) -> None:
        """See :class:`~mailproto.stores.Mailbox`."""
        there = [uid for uid in uids if uid in self._messages]
        if not there:
            return
        self._modseq += 1
        for uid in sorted(there):
            del self._messages[uid]
            self._room.give_back(len(self._contents.pop(uid)) + _OVERHEAD)
            self._expunged.append((self._modseq, uid))
        if len(self._expunged) > _MAX_EXPUNGED:
            self._forgotten = self._expunged[-_MAX_EXPUNGED // 2][0]
            keep = bisect_right(self._expunged, self._forgotten, key=lambda entry: entry[0])
            del self._expunged[:keep]
        self._tell()

    async def copy(self, uids: Sequence[int], target: Mailbox) -> Sequence[tuple[int, int]]:
        """See :class:`~mailproto.stores.Mailbox`."""
        if not isinstance(target, MemoryMailbox) or target.gone:
            raise StoreError("NONEXISTENT", f"{target.name} is no mailbox of this store")
        infos = [info for uid in uids if (info := self._messages.get(uid)) is not None]
        needed = sum(info.size + _OVERHEAD for info in infos)
        target._room.take(needed)  # all or none
        target._room.give_back(needed)
        pairs = []
        for info in infos:
            new = target._place(self._contents[info.uid], info.flags, info.internal_date)
            pairs.append((info.uid, new.uid))
        if pairs:
            target._tell()
        return pairs

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """See :class:`~mailproto.stores.Mailbox`."""
        key = object()
        self._watchers[key] = notify

        def stop() -> None:
            self._watchers.pop(key, None)

        return stop

    def _tell(self) -> None:
        for notify in tuple(self._watchers.values()):
            notify()

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


_CHANGES: dict[FlagChange, Callable[[frozenset[str], frozenset[str]], frozenset[str]]] = {
    FlagChange.REPLACE: lambda old, flags: flags,
    FlagChange.ADD: lambda old, flags: old | flags,
    FlagChange.REMOVE: lambda old, flags: old - flags,
}


class MemoryAccount(Account):
    """The mailboxes of one user."""

    def __init__(self, room: _Room) -> None:
        self._room = room
        self._mailboxes: dict[str, MemoryMailbox] = {"INBOX": MemoryMailbox("INBOX", room)}
        self._attributes: dict[str, frozenset[str]] = {}
        self._subscribed: set[str] = set()

    @property
    def inbox(self) -> MemoryMailbox:
        """Where mail is delivered."""
        return self._mailboxes["INBOX"]

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """See :class:`~mailproto.stores.Account`."""
        return [
            MailboxInfo(name, self._attributes.get(name, frozenset()), name in self._subscribed)
            for name in sorted(self._mailboxes)
        ]

    async def mailbox(self, name: str) -> Mailbox:
        """See :class:`~mailproto.stores.Account`."""
        return self._find(name)

    def _find(self, name: str) -> MemoryMailbox:
        found = self._mailboxes.get(_canonical(name))
        if found is None:
            raise StoreError("NONEXISTENT", f"there is no mailbox {name}")
        return found

    def _new_name(self, name: str) -> str:
        name = _canonical(name.rstrip(self.delimiter))
        if not name or "" in name.split(self.delimiter):
            raise StoreError("CANNOT", f"{name!r} can not be the name of a mailbox")
        return name

    async def create(self, name: str, attributes: Collection[str] = ()) -> Mailbox:
        """See :class:`~mailproto.stores.Account`."""
        name = self._new_name(name)
        if name in self._mailboxes:
            raise StoreError("ALREADYEXISTS", f"there is a mailbox {name} already")
        created = self._mailboxes[name] = MemoryMailbox(name, self._room)
        if attributes:
            self._attributes[name] = frozenset(attributes)
        return created

    async def delete(self, name: str) -> None:
        """See :class:`~mailproto.stores.Account`."""
        found = self._find(name)
        if found is self.inbox:
            raise StoreError("CANNOT", "INBOX can not be deleted")
        del self._mailboxes[found.name]
        self._attributes.pop(found.name, None)
        found.gone = True
        await found.expunge([info.uid for info in await found.messages()])

    async def rename(self, name: str, new_name: str) -> None:
        """See :class:`~mailproto.stores.Account`."""
        found = self._find(name)
        if found is self.inbox:
            target = await self.create(new_name)
            uids = [info.uid for info in await found.messages()]
            await found.copy(uids, target)
            await found.expunge(uids)
            return
        new_name = self._new_name(new_name)
        below = found.name + self.delimiter
        if (new_name + self.delimiter).startswith(below):
            raise StoreError("CANNOT", f"{new_name} would be below itself")
        moves = {
            old: new_name + old[len(found.name) :]
            for old in self._mailboxes
            if old == found.name or old.startswith(below)
        }
        for new in moves.values():
            if new in self._mailboxes:
                raise StoreError("ALREADYEXISTS", f"there is a mailbox {new} already")
        for old, new in moves.items():
            mailbox = self._mailboxes[new] = self._mailboxes.pop(old)
            mailbox.name = new
            if old in self._attributes:
                self._attributes[new] = self._attributes.pop(old)

    async def subscribe(self, name: str, subscribed: bool) -> None:
        """See :class:`~mailproto.stores.Account`."""
        name = _canonical(name)
        if subscribed:
            self._subscribed.add(name)
        else:
            self._subscribed.discard(name)


def _canonical(name: str) -> str:
    """INBOX is the same in any case (RFC 3501 5.1)."""
    return "INBOX" if name.upper() == "INBOX" else name


class MemoryStore(MailStore):
    """All accounts in memory; an account begins to exist when it is asked for.

    With ``users`` only those have one. ``capacity`` is how many octets all messages together
    may have; beyond it OVERQUOTA is raised.
    """

    def __init__(
        self, users: Iterable[str] | None = None, *, capacity: int = 256 * 1024 * 1024
    ) -> None:
        self._users = None if users is None else frozenset(users)
        self._room = _Room(capacity)
        self._accounts: dict[str, MemoryAccount] = {}

    async def account(self, user: str) -> MemoryAccount:
        """See :class:`~mailproto.stores.MailStore`."""
        if self._users is not None and user not in self._users:
            raise StoreError("NONEXISTENT", f"{user} has no account")
        return self._accounts.setdefault(user, MemoryAccount(self._room))
