"""Mailboxes of other users: an account that shows those that are shared, beside its own.

The rights of RFC 4314 are looked up when they are needed, so that a change of an ACL counts at
once. Own mailboxes are those of the store itself, and nothing is looked up for them. What a user
may not see does not exist: the errors are the same.
"""

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime

from mailproto.stores.acl import (
    FLAG_RIGHTS,
    NO_RIGHTS,
    Acl,
    Rights,
    kept_flags,
    rights_of,
)
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
    refusal,
)
from mailproto.stores.rules import SYSTEM_FLAGS, canonical_name, parent_of

__all__ = ["SharedMailbox", "SharingAccount", "SharingStore"]

_KNOWN_BY = frozenset("lrikxa")  # any of these lets a user ask for the rights (RFC 4314 4)
_ANNOTATED_BY = frozenset("rswip")  # any of these, beside l (RFC 5464 3.3)
_VISIBLE = frozenset("l")
_SHARED = "/shared/"


@contextmanager
def _no_names() -> Iterator[None]:
    """Let errors say nothing of mailboxes that the user may not see."""
    try:
        yield
    except StoreError as error:
        raise StoreError(error.code, "that name can not be used") from None


class SharedMailbox(Mailbox):
    """Another user's mailbox; :class:`SharingAccount` makes them.

    Methods raise :class:`StoreError` NOPERM where a right is missing, NONEXISTENT if the user may
    not see the mailbox (``l``) either.
    """

    def __init__(self, mailbox: Mailbox, owner: str, prefix: str, user: str) -> None:
        self.owner = owner
        self.rights = NO_RIGHTS
        self._mailbox = mailbox
        self._prefix = prefix
        self._user = user

    async def look_up(self) -> Rights:
        """Return what the user may do."""
        self.rights = rights_of(await self._mailbox.acl(), self._user)
        return self.rights

    async def need(self, rights: str) -> None:
        """Look up the rights. Raises :class:`StoreError` unless these are among them."""
        await self.look_up()
        self.require(rights)

    @property
    def name(self) -> str:
        """See :class:`Mailbox`."""
        return self._prefix + self._mailbox.name

    @property
    def mailbox_id(self) -> str:
        """See :class:`Mailbox`."""
        return self._mailbox.mailbox_id

    # --- reading ---

    async def state(self) -> MailboxState:
        """See :class:`Mailbox`."""
        await self.need("r")
        return await self._mailbox.state()

    async def messages(self, changed_since: int = 0) -> Sequence[MessageInfo]:
        """See :class:`Mailbox`."""
        await self.need("r")
        return await self._mailbox.messages(changed_since)

    async def find(self, uids: Sequence[int]) -> Sequence[MessageInfo]:
        """See :class:`Mailbox`."""
        await self.need("r")
        return await self._mailbox.find(uids)

    async def keywords(self) -> Collection[str]:
        """See :class:`Mailbox`."""
        await self.need("r")
        return await self._mailbox.keywords()

    async def expunged(self, since: int) -> Sequence[int] | None:
        """See :class:`Mailbox`."""
        await self.need("r")
        return await self._mailbox.expunged(since)

    def read(
        self, uid: int, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """See :class:`Mailbox`; the rights are those that were looked up last."""
        self.require("r")
        return self._mailbox.read(uid, start, length)

    def beginnings(
        self, uids: Sequence[int], length: int
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """See :class:`Mailbox`; the rights are those that were looked up last."""
        self.require("r")
        return self._mailbox.beginnings(uids, length)

    def headers(
        self, uids: Sequence[int], names: Collection[str]
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """See :class:`Mailbox`; the rights are those that were looked up last."""
        self.require("r")
        return self._mailbox.headers(uids, names)

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """See :class:`Mailbox`."""
        return self._mailbox.watch(notify)

    # --- changing ---

    async def upload(
        self,
        content: AsyncIterable[bytes],
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> Upload:
        """See :class:`Mailbox`; flags that the user may not set are dropped."""
        await self.need("i")
        return await self._mailbox.upload(content, kept_flags(flags, self.rights), internal_date)

    async def commit(self, uploads: Sequence[Upload]) -> Sequence[MessageInfo]:
        """See :class:`Mailbox`."""
        try:
            await self.need("i")
        except BaseException:
            for upload in uploads:
                upload.discard()
            raise
        return await self._mailbox.commit(uploads)

    async def change_flags(
        self,
        uids: Collection[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Collection[int]:
        """See :class:`Mailbox`; flags that the user may not change stay as they are.

        If that is all of them, nothing can be done: NOPERM.
        """
        await self.need("r")
        rights = self.rights
        if rights >= FLAG_RIGHTS:
            return await self._mailbox.change_flags(uids, change, flags, unchanged_since)
        kept = kept_flags(flags, rights)
        if change is not FlagChange.REPLACE:
            if not kept:
                raise refusal(rights)
            return await self._mailbox.change_flags(uids, change, kept, unchanged_since)
        named = {flag.lower() for flag in kept}
        every = (*SYSTEM_FLAGS, *await self._mailbox.keywords())
        others = [flag for flag in kept_flags(every, rights) if flag.lower() not in named]
        if not kept and not others:
            raise refusal(rights)
        # Flags that the user may not change are in neither step, whoever changes them meanwhile.
        add = self._mailbox.change_flags
        left_alone = frozenset(await add(uids, FlagChange.ADD, kept, unchanged_since))
        rest = [uid for uid in uids if uid not in left_alone]
        await self._mailbox.change_flags(rest, FlagChange.REMOVE, others)
        return left_alone

    async def expunge(self, uids: Collection[int]) -> None:
        """See :class:`Mailbox`."""
        await self.need("e")
        await self._mailbox.expunge(uids)

    async def copy(self, uids: Sequence[int], target: Mailbox) -> Sequence[tuple[int, int]]:
        """See :class:`Mailbox`."""
        await self.need("r")
        return await self._mailbox.copy(uids, target)

    async def move(self, uids: Sequence[int], target: Mailbox) -> Sequence[tuple[int, int]]:
        """See :class:`Mailbox` (RFC 6851 4.2)."""
        await self.need("rte")
        return await super().move(uids, target)

    def lock_maildrop(self) -> AbstractAsyncContextManager[None]:
        """Maildrops are not shared."""
        raise refusal(_VISIBLE)

    # --- rights ---

    async def acl(self) -> Acl:
        """See :class:`Mailbox`."""
        await self.need("a")
        return await self._mailbox.acl()

    async def change_acl(self, change: Callable[[Acl], Acl]) -> None:
        """See :class:`Mailbox`."""
        await self.need("a")

        def changed(acl: Acl) -> Acl:
            self.rights = rights_of(acl, self._user)  # which may be others by now
            self.require("a")
            return change(acl)

        await self._mailbox.change_acl(changed)


class _Watch:
    """Whom to tell of changes, and how to stop being told, by the owner of what changes."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self.notify = notify
        self.others: dict[str, tuple[Account, Callable[[], None]]] = {}


class SharingAccount(Account):
    """The mailboxes of a user, and those of others that the user has rights to.

    The names of these are as in ``user/ann/Work``; own mailboxes that have such names can not be
    reached. Subscriptions, quota and private annotations are the user's own.
    """

    def __init__(self, store: MailStore, user: str, own: Account, top: str) -> None:
        self.delimiter = own.delimiter
        self.other_users = top + own.delimiter
        self._store = store
        self._user = user
        self._own = own
        self._watches: dict[object, _Watch] = {}

    # --- finding ---

    def _prefix(self, owner: str) -> str:
        return f"{self.other_users}{owner}{self.delimiter}"

    def _split(self, name: str) -> tuple[str, str]:
        """Return the owner of a mailbox that is not the user's, and the owner's name of it."""
        owner, _, rest = name.removeprefix(self.other_users).partition(self.delimiter)
        return owner, canonical_name(rest, self.delimiter)

    async def _account(self, owner: str) -> Account:
        """Return the account of who may have shared something. Raises :class:`StoreError`."""
        if owner not in await self._store.sharing(self._user):
            raise refusal(NO_RIGHTS)
        account = await self._store.account(owner)
        for watch in self._watches.values():
            self._follow(watch, owner, account)
        return account

    async def _shared(self, name: str) -> SharedMailbox:
        """Return a mailbox that is not the user's. Raises :class:`StoreError`."""
        owner, rest = self._split(name)
        try:
            mailbox = await (await self._account(owner)).mailbox(rest)
            shared = SharedMailbox(mailbox, owner, self._prefix(owner), self._user)
            rights = await shared.look_up()
        except StoreError as error:
            raise (refusal(NO_RIGHTS) if error.code == "NONEXISTENT" else error) from None
        if rights.isdisjoint(_KNOWN_BY):
            raise refusal(NO_RIGHTS)
        return shared

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """See :class:`Account`; of others, those that the user may see."""
        found = [info for info in await self._own.mailboxes() if self.is_own(info.name)]
        for owner in await self._store.sharing(self._user):
            if self.delimiter in owner:
                continue  # no name says whose it would be
            try:
                acls = await (await self._account(owner)).acls()
            except StoreError:
                continue  # what is wrong with others is not told here
            found += [
                MailboxInfo(self._prefix(owner) + name)
                for name, acl in acls.items()
                if "l" in rights_of(acl, self._user)
            ]
        return sorted(found, key=lambda info: info.name)

    async def mailbox(self, name: str) -> Mailbox:
        """See :class:`Account`; one that the user has no rights to does not exist."""
        return await (self._own.mailbox(name) if self.is_own(name) else self._shared(name))

    # --- changing ---

    async def create(self, name: str, attributes: Collection[str] = ()) -> Mailbox:
        """See :class:`Account`; others' mailboxes are made below one with ``k``."""
        if self.is_own(name):
            return await self._own.create(name, attributes)
        if attributes:
            raise StoreError("CANNOT", "what it is for is for its owner to say")
        account, rest = await self._place(name)
        with _no_names():
            await account.create(rest)
        return await self._shared(name.removesuffix(self.delimiter))

    async def _place(self, name: str) -> tuple[Account, str]:
        """Return where a mailbox may be made. Raises :class:`StoreError` NOPERM."""
        owner, rest = self._split(name)
        try:
            account = await self._account(owner)
            names = {info.name for info in await account.mailboxes()}
            parent = parent_of(rest.removesuffix(self.delimiter), names, self.delimiter)
            acl = (await account.acls()).get(parent or "", {})
        except StoreError as error:
            raise (refusal(_VISIBLE) if error.code == "NONEXISTENT" else error) from None
        if "k" not in rights_of(acl, self._user):
            raise refusal(_VISIBLE)
        return account, rest

    async def delete(self, name: str) -> None:
        """See :class:`Account`; this takes ``x``."""
        if self.is_own(name):
            await self._own.delete(name)
            return
        await (await self._shared(name)).need("x")
        owner, rest = self._split(name)
        await (await self._account(owner)).delete(rest)

    async def rename(self, name: str, new_name: str) -> None:
        """See :class:`Account`; this takes ``x``, and ``k`` above the new name.

        Those below it go with it, and keep their ACLs, whatever these say (RFC 4314 4). A mailbox
        stays with its owner, or CANNOT is raised.
        """
        if self.is_own(name) and self.is_own(new_name):
            await self._own.rename(name, new_name)
            return
        owner, rest = self._split(name)
        if self.is_own(name) or self.is_own(new_name) or owner != self._split(new_name)[0]:
            raise StoreError("CANNOT", "a mailbox stays with its owner")
        await (await self._shared(name)).need("x")
        if rest == "INBOX":
            raise StoreError("CANNOT", "INBOX has the name that it has")
        account, new = await self._place(new_name)
        with _no_names():
            await account.rename(rest, new)

    async def subscribe(self, name: str, subscribed: bool) -> None:
        """See :class:`Account`."""
        if not self.is_own(name):
            owner, rest = self._split(name)
            name = self._prefix(owner) + rest
        await self._own.subscribe(name, subscribed)

    async def subscriptions(self) -> Collection[str]:
        """See :class:`Account`."""
        return await self._own.subscriptions()

    async def quota(self) -> Sequence[QuotaResource]:
        """See :class:`Account`."""
        return await self._own.quota()

    # --- annotations ---

    async def metadata(self, name: str = "") -> Mapping[str, bytes]:
        """See :class:`Account`; of others' mailboxes, the shared ones."""
        if self.is_own(name):
            return await self._own.metadata(name)
        account, rest = await self._annotated(name, "l")
        found = await account.metadata(rest)
        return {entry: octets for entry, octets in found.items() if entry.startswith(_SHARED)}

    async def set_metadata(self, entries: Mapping[str, bytes | None], name: str = "") -> None:
        """See :class:`Account`; on others' mailboxes, shared ones with ``l`` and ``w``."""
        if self.is_own(name):
            await self._own.set_metadata(entries, name)
            return
        account, rest = await self._annotated(name, "lw")
        if not all(entry.startswith(_SHARED) for entry in entries):
            raise StoreError("NOPERM", "private annotations are kept of own mailboxes")
        await account.set_metadata(entries, rest)

    async def _annotated(self, name: str, rights: str) -> tuple[Account, str]:
        shared = await self._shared(name)
        await shared.need(rights)
        if shared.rights.isdisjoint(_ANNOTATED_BY):
            raise refusal(shared.rights)
        owner, rest = self._split(name)
        return await self._account(owner), rest

    # --- watching ---

    def watch(self, notify: Callable[[str], None]) -> Callable[[], None]:
        """See :class:`Account`; others' mailboxes are watched from when they are looked for.

        ``notify`` is called for those that the user may not see, too.
        """
        key = object()
        watch = self._watches[key] = _Watch(notify)
        stop_own = self._own.watch(notify)

        def stop() -> None:
            stop_own()
            self._watches.pop(key, None)
            for _, stop_other in watch.others.values():
                stop_other()
            watch.others.clear()

        return stop

    def _follow(self, watch: _Watch, owner: str, account: Account) -> None:
        """Tell of what happens in an account, too, which is held as long as that."""
        if owner in watch.others:
            return
        prefix, notify = self._prefix(owner), watch.notify

        def changed(name: str) -> None:
            if name:
                notify(prefix + name)

        watch.others[owner] = account, account.watch(changed)


class SharingStore(MailStore):
    """A store whose accounts show what others share, below ``top``, as in ``user/ann/Work``.

    ``store`` keeps the mail; it has to share (:attr:`MailStore.shares`).
    """

    shares = True

    def __init__(self, store: MailStore, top: str = "user") -> None:
        self._store = store
        self._top = top
        self.poll_interval = store.poll_interval

    async def sharing(self, user: str) -> Collection[str]:
        """See :class:`MailStore`."""
        return await self._store.sharing(user)

    async def account(self, user: str) -> SharingAccount:
        """See :class:`MailStore`."""
        return SharingAccount(self._store, user, await self._store.account(user), self._top)
