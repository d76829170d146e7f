"""Where mail is kept: what POP3 and IMAP servers ask of a store.

A store has accounts, an account has mailboxes, a mailbox has messages. Every mailbox counts its
changes by one modification sequence (RFC 7162): a new message, a changed flag and an expunge each
get the next value. So "what has changed since" is one question, whoever asks it: a second session,
IDLE, CONDSTORE, QRESYNC. Sequence numbers do not exist here; each session keeps its own view.

A :class:`Mailbox` that was deleted, or whose store had to number its messages anew, is of no use
any more: its methods raise :class:`StoreError` NONEXISTENT. One that was renamed goes on under its
new name.

Methods are ``async def`` and import no I/O library; what a method does between two awaits is atomic
for other tasks.
"""

import abc
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import datetime
from enum import Enum

from mailproto._value import field, value
from mailproto.errors import MailProtocolError
from mailproto.message.header import MAX_HEADER, HeaderReader, select_fields
from mailproto.stores.acl import ALL_RIGHTS, Acl, Rights

__all__ = [
    "Account",
    "FlagChange",
    "MailStore",
    "Mailbox",
    "MailboxInfo",
    "MailboxState",
    "MessageInfo",
    "QuotaResource",
    "StoreError",
    "Upload",
    "refusal",
]


class StoreError(MailProtocolError):
    """The store can not do that; ``code`` is the response code of RFC 5530 that fits.

    NONEXISTENT, ALREADYEXISTS, INUSE, OVERQUOTA, CANNOT, NOPERM, LIMIT, UNAVAILABLE, ...
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def refusal(rights: Rights) -> StoreError:
    """Return what to raise where one is missing: what a user may not see does not exist."""
    if "l" in rights:
        return StoreError("NOPERM", "you have no right to do that")
    return StoreError("NONEXISTENT", "there is no such mailbox")


class FlagChange(Enum):
    """What to do with flags (RFC 3501 6.4.6)."""

    REPLACE = "FLAGS"
    ADD = "+FLAGS"
    REMOVE = "-FLAGS"


@value
class MessageInfo:
    """What is known of a message without reading it.

    ``uid`` never changes and is never used again in its mailbox (RFC 3501 2.3.1.1). ``size`` is
    in octets. ``flags`` are as in IMAP: ``\\Seen``, ``$Forwarded``, never ``\\Recent``. ``modseq``
    is that of the last change. ``email_id`` is the same for every copy of the message (RFC 8474
    5.1). ``save_date`` is when it came into this mailbox (RFC 8514).
    """

    uid: int
    size: int
    internal_date: datetime
    flags: frozenset[str]
    modseq: int
    email_id: str
    save_date: datetime | None = None


@value
class MailboxState:
    """Where a mailbox stands; small enough to be kept by a client (RFC 7162 3.2.5.1)."""

    uid_validity: int
    uid_next: int
    highest_modseq: int
    messages: int = field(default=0, eq=False)


@value
class MailboxInfo:
    """A mailbox in a listing: its name and attributes such as ``\\Sent`` (RFC 6154).

    Attributes that follow from the names around it (RFC 3348, RFC 5258) are left to the server.
    """

    name: str
    attributes: frozenset[str] = frozenset()


@value
class QuotaResource:
    """How much of a resource an account uses and may use (RFC 9208 5).

    ``resource`` is STORAGE (in units of 1024 octets) or MESSAGE.
    """

    resource: str
    used: int
    limit: int


class Upload(abc.ABC):
    """A message that has arrived whole but is in no mailbox yet; from :meth:`Mailbox.upload`."""

    @property
    @abc.abstractmethod
    def size(self) -> int:
        """Its octets."""

    @abc.abstractmethod
    def discard(self) -> None:
        """Forget it, unless it was committed."""


class Mailbox(abc.ABC):
    """One mailbox of one account."""

    owner: str | None = None
    """Whose it is; None: that of the user whose account it is of."""

    rights: Rights = ALL_RIGHTS
    """What the user of the account may do with it, as it was when that was looked up last."""

    def require(self, rights: str) -> None:
        """Raise :class:`StoreError` NOPERM, NONEXISTENT unless these are among the rights."""
        if not self.rights.issuperset(rights):
            raise refusal(self.rights)

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Its name, levels separated by the account's delimiter; INBOX in capitals."""

    @property
    @abc.abstractmethod
    def mailbox_id(self) -> str:
        """What no other mailbox of the account has, and a new name does not change (RFC 8474 4).

        Nor has any other mailbox of the store, if mailboxes can be shared.
        """

    @abc.abstractmethod
    async def state(self) -> MailboxState:
        """Return where it stands now."""

    @abc.abstractmethod
    async def messages(self, changed_since: int = 0) -> Sequence[MessageInfo]:
        """Return its messages by ascending uid, or those changed after a modseq."""

    async def find(self, uids: Sequence[int]) -> Sequence[MessageInfo]:
        """Return the messages with these uids, which ascend; without those that are not there.

        The cost should be that of what is asked for: a store does better than listing all.
        """
        wanted = frozenset(uids)
        return [info for info in await self.messages() if info.uid in wanted]

    @abc.abstractmethod
    async def keywords(self) -> Collection[str]:
        """Return the keywords that its messages have, perhaps more: once had."""

    @abc.abstractmethod
    async def expunged(self, since: int) -> Sequence[int] | None:
        """Return the uids that were expunged after a modseq, ascending.

        None if that is too long ago to know; then the uids of ``messages`` tell what is left.
        """

    @abc.abstractmethod
    def read(
        self, uid: int, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the octets of a message, or a part of them, in pieces of moderate size.

        Raises :class:`StoreError` NONEXISTENT if the message is gone.
        """

    async def beginnings(
        self, uids: Sequence[int], length: int
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield the first octets of each of many messages: uid and at most ``length`` octets.

        ``uids`` ascend, and so do those that come; messages that are gone do not. Raises
        :class:`StoreError` for one that can not be read. A store whose single reads are slow does
        better than one after the other.
        """
        for uid in uids:
            try:
                data = b"".join([piece async for piece in self.read(uid, 0, length)])
            except StoreError as error:
                if error.code != "NONEXISTENT":
                    raise
            else:
                yield uid, data

    async def headers(
        self, uids: Sequence[int], names: Collection[str]
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield fields of the headers of many messages: uid and octets of those with these names.

        Names are in lower case; the octets are what :func:`mailproto.message.select_fields` makes
        of the header, of which the first MiB counts. Order and errors are those of
        ``beginnings``. A store that remembers fields does better than to read the messages.
        """
        for uid in uids:
            reader = HeaderReader()
            try:
                async with aclosing(self.read(uid, 0, MAX_HEADER)) as pieces:
                    async for piece in pieces:
                        if reader.feed(piece):
                            break
            except StoreError as error:
                if error.code != "NONEXISTENT":
                    raise
            else:
                yield uid, select_fields(reader.header, names)

    @abc.abstractmethod
    async def upload(
        self,
        content: AsyncIterable[bytes],
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> Upload:
        """Take a message in, for :meth:`commit`; nobody sees it yet.

        If ``content`` raises, nothing is left of it. Raises :class:`StoreError`.
        """

    @abc.abstractmethod
    async def commit(self, uploads: Sequence[Upload]) -> Sequence[MessageInfo]:
        """Add messages in this order, all or none; they are there, durably, when this returns.

        If it raises, the uploads are discarded. Raises :class:`StoreError`.
        """

    async def append(
        self,
        content: AsyncIterable[bytes],
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> MessageInfo:
        """Add one message; it is there, durably, when this returns, and not before.

        If ``content`` raises, nothing is added. Raises :class:`StoreError`.
        """
        (info,) = await self.commit([await self.upload(content, flags, internal_date)])
        return info

    @abc.abstractmethod
    async def change_flags(
        self,
        uids: Collection[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Collection[int]:
        """Change flags; return the uids left alone because they changed after a modseq.

        What did change is in ``messages`` after the modseq from before. Raises
        :class:`StoreError` LIMIT, with nothing changed, if there are too many keywords.
        """

    @abc.abstractmethod
    async def expunge(self, uids: Collection[int]) -> None:
        """Remove messages for good; uids that do not exist are passed over."""

    async def copy(self, uids: Sequence[int], target: "Mailbox") -> Sequence[tuple[int, int]]:
        """Copy messages with flags and dates, all or none; return (uid, new uid) pairs.

        ``target`` may be another user's mailbox, which takes flags as it takes those of an upload.
        A store that need not read the messages for it does better. Uids that do not exist are
        passed over. Raises :class:`StoreError`.
        """
        uploads: list[Upload] = []
        infos = await self.find(uids)
        try:
            for info in infos:
                content = self.read(info.uid)
                uploads.append(await target.upload(content, info.flags, info.internal_date))
        except BaseException:
            for upload in uploads:
                upload.discard()
            raise
        copies = await target.commit(uploads) if uploads else ()
        return [(info.uid, copy.uid) for info, copy in zip(infos, copies, strict=True)]

    async def move(self, uids: Sequence[int], target: "Mailbox") -> Sequence[tuple[int, int]]:
        """Move messages: each is in one of both mailboxes at any time, or for a moment in both.

        Returns and raises as :meth:`copy`.
        """
        pairs = await self.copy(uids, target)
        await self.expunge([uid for uid, _ in pairs])
        return pairs

    @abc.abstractmethod
    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call ``notify`` after each change, until the function that is returned is called.

        What other programs do is noticed and told when ``state`` or another method is called;
        see :attr:`MailStore.poll_interval`.
        """

    async def acl(self) -> Acl:
        """Return who may do what with it, but for its owner, who may do everything (RFC 4314).

        A new mailbox has the ACL of the nearest one above it; a new name changes nothing.
        """
        return {}

    async def change_acl(self, change: Callable[[Acl], Acl]) -> None:
        """Have a function make a new ACL of the one there is; nothing comes in between.

        It is told as a change of the mailbox, though the modseq stays. Raises what ``change``
        raises; :class:`StoreError` NOPERM if mailboxes are not shared.
        """
        raise StoreError("NOPERM", "mailboxes are not shared here")

    @abc.abstractmethod
    def lock_maildrop(self) -> AbstractAsyncContextManager[None]:
        """Hold the exclusive lock of POP3 (RFC 1939 4).

        Raises :class:`StoreError` INUSE at once if another session has it.
        """


class Account(abc.ABC):
    """What one user may see."""

    delimiter: str = "/"

    other_users: str = ""
    """What the names of other users' mailboxes begin with, empty if there are none."""

    def is_own(self, name: str) -> bool:
        """Whether a name would be that of a mailbox of the user."""
        return not self.other_users or not name.startswith(self.other_users)

    @abc.abstractmethod
    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """List all mailboxes, sorted; INBOX is always there.

        There may be a mailbox ``a/b`` where there is no ``a`` (RFC 9051 6.3.9).
        """

    @abc.abstractmethod
    async def mailbox(self, name: str) -> Mailbox:
        """Return a mailbox. Raises :class:`StoreError` NONEXISTENT."""

    @abc.abstractmethod
    async def create(self, name: str, attributes: Collection[str] = ()) -> Mailbox:
        """Create a mailbox. Raises :class:`StoreError` ALREADYEXISTS, CANNOT.

        A name has to be Unicode in normalization form C without controls (RFC 9051 5.1), so that
        every client can be told of it.
        """

    @abc.abstractmethod
    async def delete(self, name: str) -> None:
        """Delete a mailbox and its messages; those below it stay.

        Raises :class:`StoreError` NONEXISTENT, CANNOT.
        """

    @abc.abstractmethod
    async def rename(self, name: str, new_name: str) -> None:
        """Rename a mailbox with those below it; INBOX gives its messages away and stays.

        Subscriptions stay as they are (RFC 3501 6.3.5). Raises :class:`StoreError` NONEXISTENT,
        ALREADYEXISTS, CANNOT.
        """

    @abc.abstractmethod
    async def subscribe(self, name: str, subscribed: bool) -> None:
        """Subscribe or unsubscribe a name, which need not exist (RFC 3501 6.3.6).

        No name with controls is subscribed. Raises :class:`StoreError` CANNOT.
        """

    @abc.abstractmethod
    async def subscriptions(self) -> Collection[str]:
        """Return the names that are subscribed, whether they exist or not."""

    @abc.abstractmethod
    async def quota(self) -> Sequence[QuotaResource]:
        """Return what is limited; empty if nothing is. All mailboxes are of one quota root."""

    @abc.abstractmethod
    async def metadata(self, name: str = "") -> Mapping[str, bytes]:
        """Return the annotations of a mailbox, or of the account: values by entry name (RFC 5464).

        Entry names are in lower case, as in ``/private/comment``. Raises :class:`StoreError`
        NONEXISTENT.
        """

    @abc.abstractmethod
    async def set_metadata(self, entries: Mapping[str, bytes | None], name: str = "") -> None:
        """Set annotations, and remove those whose value is None; all or none of them.

        Raises :class:`StoreError` NONEXISTENT, LIMIT if it would be too much.
        """

    async def acls(self) -> Mapping[str, Acl]:
        """Return the ACLs of the mailboxes that have one, by their names."""
        found = {}
        for info in await self.mailboxes():
            acl = await (await self.mailbox(info.name)).acl()
            if acl:
                found[info.name] = acl
        return found

    @abc.abstractmethod
    def watch(self, notify: Callable[[str], None]) -> Callable[[], None]:
        """Call ``notify`` with the name of a mailbox after each change to it.

        Changes are those of its messages and its ACL, that it comes, goes or has another name (then
        both are told), is subscribed or not, and annotations ("" for those of the account). The
        function that is returned ends it.
        """


class MailStore(abc.ABC):
    """All accounts."""

    poll_interval: float | None = None
    """How often, in seconds, a session that waits should call ``Mailbox.state`` to have changes by
    other programs noticed; None: there are none."""

    shares: bool = False
    """Whether users can share mailboxes: :meth:`sharing` and :meth:`Mailbox.change_acl` work."""

    async def sharing(self, user: str) -> Collection[str]:
        """Return who has given a user rights to a mailbox, or may have; without the user."""
        return ()

    @abc.abstractmethod
    async def account(self, user: str) -> Account:
        """Return the account of a user who has authenticated.

        Raises :class:`StoreError` NONEXISTENT if there is none.
        """
