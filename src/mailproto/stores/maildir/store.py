"""A store of Maildirs: the blocking work is done in threads, one piece of it at a time."""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary, finalize

from mailproto.stores.acl import Acl
from mailproto.stores.changes import Watchers
from mailproto.stores.interface import (
    Account,
    MailboxInfo,
    MailStore,
    QuotaResource,
    StoreError,
)
from mailproto.stores.maildir.errors import as_store_error, is_broken
from mailproto.stores.maildir.folder import Folder
from mailproto.stores.maildir.grants import Grants
from mailproto.stores.maildir.index import FolderRow
from mailproto.stores.maildir.mailbox import MaildirMailbox
from mailproto.stores.maildir.names import DELIMITER
from mailproto.stores.maildir.quota import Quota, Share, full
from mailproto.stores.maildir.records import read_subscriptions, subscribe
from mailproto.stores.maildir.tree import Tree
from mailproto.stores.rules import canonical_name
from mailproto.stream import Runtime

__all__ = ["MaildirAccount", "MaildirMailbox", "MaildirStore"]

_GRANTS = ".mailproto-grants"
_POLL = 5.0  # seconds

T = TypeVar("T")


class MaildirAccount(Account):
    """One Maildir with its folders; :class:`MaildirStore` makes them."""

    delimiter = DELIMITER

    def __init__(self, tree: Tree, runtime: Runtime, capacity: int | None) -> None:
        self._tree = tree
        self._mutex = threading.Lock()  # a thread may outlive the task that waited for it
        self._watchers: Watchers[[str]] = Watchers()
        self._mailboxes: WeakValueDictionary[tuple[int, int], MaildirMailbox]
        self._mailboxes = WeakValueDictionary()
        self.limit = Quota(capacity, tree.index, self._look)
        """How much it may hold."""
        self.runtime = runtime
        self.turn = runtime.lock()
        """Who does something to the account, until it knows what came of it."""
        self.tell = self._watchers.tell
        """Tell those who watch that a mailbox has changed."""

    async def blocking(self, work: Callable[[], T]) -> T:
        """Do blocking work on the account in a thread; the caller has its turn.

        A broken index is begun anew, once, and the work done again. Raises :class:`StoreError`.
        """
        return await self.runtime.in_thread(lambda: self._guarded(work))

    def _guarded(self, work: Callable[[], T]) -> T:
        with self._mutex:
            try:
                try:
                    return work()
                except sqlite3.Error as error:
                    if not is_broken(error):
                        raise
                self._tree.index.start_again()
                return work()
            except (OSError, sqlite3.Error) as error:
                raise as_store_error(error) from error

    def change_acl(self, folder: Path, change: Callable[[Acl], Acl]) -> None:
        """Have a function make a new ACL of that of a folder; this blocks."""
        self._tree.change_acl(folder, change)

    async def _do(self, work: Callable[[], T]) -> T:
        async with self.turn:
            return await self.blocking(work)

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """See :class:`~mailproto.stores.Account`."""
        return await self._do(self._tree.list)

    async def mailbox(self, name: str) -> MaildirMailbox:
        """See :class:`~mailproto.stores.Account`."""
        return await self._open(lambda: self._tree.find(name))

    async def _open(self, find: Callable[[], FolderRow]) -> MaildirMailbox:
        tree = self._tree

        def work() -> tuple[FolderRow, Folder]:
            row = find()
            return row, Folder(tree.root, tree.index, row)

        async with self.turn:
            row, folder = await self.blocking(work)
            key = row.id, row.uid_validity
            mailbox = self._mailboxes.get(key)
            if mailbox is None:
                mailbox = self._mailboxes[key] = MaildirMailbox(self, folder, row)
            return mailbox

    def _look(self) -> None:
        """Let the index learn what other programs have done in any folder; this blocks."""
        tree = self._tree
        for name in tree.present().values():
            row = tree.index.folder_named(name)
            mailbox = self._mailboxes.get((row.id, row.uid_validity))
            with suppress(StoreError, OSError):  # it is gone, or nobody can read it
                folder = Folder(tree.root, tree.index, row) if mailbox is None else mailbox.folder
                folder.sync()

    async def create(self, name: str, attributes: Collection[str] = ()) -> MaildirMailbox:
        """See :class:`~mailproto.stores.Account`."""
        mailbox = await self._open(lambda: self._tree.create(name, attributes))
        self.tell(mailbox.name)
        return mailbox

    async def delete(self, name: str) -> None:
        """See :class:`~mailproto.stores.Account`."""
        deleted = await self._do(lambda: self._tree.delete(name))
        for mailbox in tuple(self._mailboxes.values()):
            if mailbox.name == deleted:
                mailbox.tell()
        self.tell(deleted)

    async def rename(self, name: str, new_name: str) -> None:
        """See :class:`~mailproto.stores.Account`."""
        if canonical_name(name) == "INBOX":
            inbox = await self.mailbox(name)
            target = await self.create(new_name)
            await inbox.move([info.uid for info in await inbox.messages()], target)
            return
        moves = await self._do(lambda: self._tree.rename(name, new_name))
        for mailbox in tuple(self._mailboxes.values()):
            if mailbox.name in moves:
                await mailbox.state()
        for old, new in moves.items():
            self.tell(old)
            self.tell(new)

    async def subscribe(self, name: str, subscribed: bool) -> None:
        """See :class:`~mailproto.stores.Account`."""
        name = canonical_name(name, self.delimiter)
        await self._do(lambda: subscribe(self._tree.root, name, subscribed))
        self.tell(name)

    async def subscriptions(self) -> Collection[str]:
        """See :class:`~mailproto.stores.Account`."""
        return await self._do(lambda: read_subscriptions(self._tree.root))

    async def quota(self) -> Sequence[QuotaResource]:
        """See :class:`~mailproto.stores.Account`; nothing if the file system is the only limit."""
        capacity = self.limit.capacity
        if capacity is None:
            return ()
        used = await self._do(self.limit.count)
        return [QuotaResource("STORAGE", -(-used // 1024), capacity // 1024)]

    async def reserve(self, share: Share, octets: int) -> None:
        """Let an upload take more of the quota. Raises :class:`StoreError` OVERQUOTA."""
        if not share.take(octets):
            await self._do(self.limit.count)  # something may be gone meanwhile
            if not share.take(octets):
                raise full()

    async def acls(self) -> Mapping[str, Acl]:
        """See :class:`~mailproto.stores.Account`."""
        return await self._do(self._tree.acls)

    async def metadata(self, name: str = "") -> Mapping[str, bytes]:
        """See :class:`~mailproto.stores.Account`."""
        return await self._do(lambda: self._tree.annotations(name))

    async def set_metadata(self, entries: Mapping[str, bytes | None], name: str = "") -> None:
        """See :class:`~mailproto.stores.Account`."""
        await self._do(lambda: self._tree.annotate(name, entries))
        self.tell(canonical_name(name, self.delimiter))

    def watch(self, notify: Callable[[str], None]) -> Callable[[], None]:
        """See :class:`~mailproto.stores.Account`."""
        return self._watchers.add(notify)


class MaildirStore(MailStore):
    """A Maildir for each user, shared with other programs.

    ``directory`` has one for each user, by name, or is a function from user to directory. A
    Maildir is made when it is asked for and not there; with ``users`` only those have one. The
    disk is used in threads of ``runtime`` (``mailproto.asyncio.RUNTIME`` or
    ``mailproto.trio.RUNTIME``). Users can share mailboxes; who shares with whom is noted in the
    directory ``grants``, by default one in ``directory``; if that is a function and ``grants`` is
    not given, nothing is shared. ``capacity`` is how many octets all messages of one user may have
    (None: what the disk takes); beyond it OVERQUOTA is raised. Other programs may deliver more, and
    what they deliver counts. What cannot be done is a :class:`~mailproto.stores.StoreError`,
    whatever is found in the directories.
    """

    poll_interval = _POLL

    def __init__(
        self,
        directory: str | Path | Callable[[str], Path],
        runtime: Runtime,
        *,
        users: Iterable[str] | None = None,
        grants: str | Path | None = None,
        capacity: int | None = None,
    ) -> None:
        if not callable(directory):
            grants = grants or Path(directory) / _GRANTS
        self._root_of = directory if callable(directory) else _below(Path(directory))
        self._grants = None if grants is None else Grants(Path(grants))
        self.shares = self._grants is not None
        self._runtime = runtime
        self._capacity = capacity
        self._users = None if users is None else frozenset(users)
        self._accounts: WeakValueDictionary[Path, MaildirAccount] = WeakValueDictionary()
        self._opening = runtime.lock()

    async def sharing(self, user: str) -> Collection[str]:
        """See :class:`~mailproto.stores.MailStore`."""
        grants = self._grants
        if grants is None:
            return ()
        try:
            return await self._runtime.in_thread(lambda: grants.owners(user))
        except OSError as error:
            raise as_store_error(error) from error

    async def account(self, user: str) -> MaildirAccount:
        """See :class:`~mailproto.stores.MailStore`."""
        if self._users is not None and user not in self._users:
            raise StoreError("NONEXISTENT", f"there is no account of {user}")
        root = self._root_of(user)
        async with self._opening:
            account = self._accounts.get(root)
            if account is None:
                try:
                    tree = await self._runtime.in_thread(lambda: Tree(root, user, self._grants))
                except (OSError, sqlite3.Error) as error:
                    raise as_store_error(error) from error
                account = self._accounts[root] = MaildirAccount(tree, self._runtime, self._capacity)
                finalize(account, tree.index.close)
            return account


def _below(directory: Path) -> Callable[[str], Path]:
    def root_of(user: str) -> Path:
        """Refuse what would be another directory."""
        if not user or user.startswith(".") or not user.isprintable() or "/" in user:
            raise StoreError("NONEXISTENT", f"there is no account of {user}")
        return directory / user

    return root_of
