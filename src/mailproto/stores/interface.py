"""Where mail is kept: what POP3 and IMAP servers ask of a store.

A store has accounts, an account has mailboxes, a mailbox has messages. Every mailbox counts its
changes by one modification sequence (RFC 7162): a new message, a changed flag and an expunge each
get the next value. So "what has changed since" is one question, whoever asks it: a second session,
IDLE, CONDSTORE, QRESYNC. Sequence numbers do not exist here; each session keeps its own view.

Methods are ``async def`` and import no I/O library; what a method does between two awaits is atomic
for other tasks.
"""

import abc
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import Enum

from mailproto._value import field, value
from mailproto.errors import MailProtocolError

__all__ = [
    "Account",
    "FlagChange",
    "MailStore",
    "Mailbox",
    "MailboxInfo",
    "MailboxState",
    "MessageInfo",
    "StoreError",
]


class StoreError(MailProtocolError):
    """The store can not do that; ``code`` is the response code of RFC 5530 that fits.

    NONEXISTENT, ALREADYEXISTS, INUSE, OVERQUOTA, CANNOT, NOPERM, LIMIT, UNAVAILABLE, ...
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FlagChange(Enum):
    """What to do with flags (RFC 3501 6.4.6)."""

    REPLACE = "FLAGS"
    ADD = "+FLAGS"
    REMOVE = "-FLAGS"


@value
class MessageInfo:
    """What is known of a message without reading it.

    ``uid`` never changes and is never used again in its mailbox (RFC 3501 2.3.1.1). ``size`` is
    in octets. ``flags`` are as in IMAP: ``\\Seen``, ``$Forwarded``. ``modseq`` is that of the last
    change. ``email_id`` is the same for every copy of the message (RFC 8474 5.1).
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
    """A mailbox in a listing: its name and attributes such as ``\\Sent`` (RFC 6154)."""

    name: str
    attributes: frozenset[str] = frozenset()
    subscribed: bool = False


class Mailbox(abc.ABC):
    """One mailbox of one account."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Its name, levels separated by the account's delimiter; INBOX in capitals."""

    @abc.abstractmethod
    async def state(self) -> MailboxState:
        """Return where it stands now."""

    @abc.abstractmethod
    async def messages(self, changed_since: int = 0) -> Sequence[MessageInfo]:
        """Return its messages by ascending uid, or those changed after a modseq."""

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

    @abc.abstractmethod
    async def append(
        self,
        content: AsyncIterable[bytes],
        flags: Collection[str] = (),
        internal_date: datetime | None = None,
    ) -> MessageInfo:
        """Add a message; it is there, durably, when this returns, and not before.

        If ``content`` raises, nothing is added. Raises :class:`StoreError`.
        """

    @abc.abstractmethod
    async def change_flags(
        self,
        uids: Collection[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Collection[int]:
        """Change flags; return the uids left alone because they changed after a modseq."""

    @abc.abstractmethod
    async def expunge(self, uids: Collection[int]) -> None:
        """Remove messages for good; uids that do not exist are passed over."""

    @abc.abstractmethod
    async def copy(self, uids: Sequence[int], target: "Mailbox") -> Sequence[tuple[int, int]]:
        """Copy messages with flags and dates, all or none; return (uid, new uid) pairs."""

    @abc.abstractmethod
    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call ``notify`` after each change, until the function that is returned is called."""

    @abc.abstractmethod
    def lock_maildrop(self) -> AbstractAsyncContextManager[None]:
        """Hold the exclusive lock of POP3 (RFC 1939 4).

        Raises :class:`StoreError` INUSE at once if another session has it.
        """


class Account(abc.ABC):
    """What one user may see."""

    delimiter: str = "/"

    @abc.abstractmethod
    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """List all mailboxes; INBOX is always there."""

    @abc.abstractmethod
    async def mailbox(self, name: str) -> Mailbox:
        """Return a mailbox. Raises :class:`StoreError` NONEXISTENT."""

    @abc.abstractmethod
    async def create(self, name: str, attributes: Collection[str] = ()) -> Mailbox:
        """Create a mailbox. Raises :class:`StoreError` ALREADYEXISTS, CANNOT."""

    @abc.abstractmethod
    async def delete(self, name: str) -> None:
        """Delete a mailbox and its messages. Raises :class:`StoreError` NONEXISTENT, CANNOT."""

    @abc.abstractmethod
    async def rename(self, name: str, new_name: str) -> None:
        """Rename a mailbox with those below it; INBOX gives its messages away and stays.

        RFC 3501 6.3.5. Raises :class:`StoreError` NONEXISTENT, ALREADYEXISTS, CANNOT.
        """

    @abc.abstractmethod
    async def subscribe(self, name: str, subscribed: bool) -> None:
        """Subscribe or unsubscribe a name, which need not exist (RFC 3501 6.3.6)."""


class MailStore(abc.ABC):
    """All accounts."""

    @abc.abstractmethod
    async def account(self, user: str) -> Account:
        """Return the account of a user who has authenticated.

        Raises :class:`StoreError` NONEXISTENT if there is none.
        """
