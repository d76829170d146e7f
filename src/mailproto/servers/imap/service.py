"""What sessions share, and what they stand on: handlers by command, uploads, notifications.

A handler serves one kind of command: it sends untagged responses and returns the tagged one,
without its tag. Handlers are in the modules beside this one, and joined in ``handlers``.
"""

import abc
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from mailproto._value import field, value
from mailproto.imap import Capabilities, Command, Condition, LiteralOffered, Query
from mailproto.limits import ImapLimits
from mailproto.servers.imap.content import Structures
from mailproto.servers.imap.criteria import Key
from mailproto.servers.imap.own_changes import NO_CHANGES, OwnChanges
from mailproto.servers.imap.selected import Interest
from mailproto.servers.session import Service
from mailproto.stores import MailStore
from mailproto.tls import TlsInfo

if TYPE_CHECKING:
    from mailproto.servers.imap.item import Item
    from mailproto.servers.imap.session import ImapSession

__all__ = ["Handler", "ImapService", "Notifying", "Refused", "Uploading"]

Handler: TypeAlias = Callable[["ImapSession", str, Any], Awaitable["Condition | None"]]
"""Serves a command with a tag: returns its completion, None if that comes later."""

LabelMembers: TypeAlias = Callable[["ImapSession", Query], Awaitable[Mapping[str, Collection[str]]]]
"""Finds out which messages have which of Gmail's labels, if a query asks for that."""


class Refused(Exception):
    """A handler's way to say NO or BAD from anywhere."""

    def __init__(self, response: Condition) -> None:
        super().__init__(response.text)
        self.response = response


class Uploading(abc.ABC):
    """What takes in the content of an APPEND or its like; made when its first literal comes."""

    @abc.abstractmethod
    async def literal(self, session: "ImapSession", offer: LiteralOffered) -> None:
        """Take one literal in, or refuse it. Raises :class:`StoreError`, :class:`Refused`."""

    @abc.abstractmethod
    async def finish(self, session: "ImapSession", tag: str, command: Any) -> Condition:
        """Do the command, all of which has come now."""

    @abc.abstractmethod
    def discard(self) -> None:
        """Forget what came."""


class Notifying(abc.ABC):
    """What a client has chosen to be told of (RFC 5465); until it chooses, there is none.

    ``own`` is what the command under way has changed, which the client knows.
    """

    own: OwnChanges = NO_CHANGES

    @property
    @abc.abstractmethod
    def interest(self) -> Interest:
        """What is told of the selected mailbox."""

    @abc.abstractmethod
    async def tell(self, session: "ImapSession") -> None:
        """Tell what has happened to other mailboxes."""

    @abc.abstractmethod
    async def arrived(self, session: "ImapSession", uids: Sequence[int]) -> None:
        """Tell what is asked for of messages that have arrived in the selected mailbox."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Watch no longer."""


@value
class ImapService(Service[Capabilities]):
    """What all sessions of one IMAP server share; ``serve_imap`` explains each field."""

    store: MailStore
    hostname: str
    limits: ImapLimits
    handlers: Mapping[type[Command], Handler]
    uploads: Mapping[type[Command], Callable[[str], Uploading]]
    extensions: tuple[str, ...]
    search_keys: Mapping[str, Key]
    fetch_items: "Mapping[str, Item]"
    label_members: LabelMembers | None = field(default=None, kw_only=True)
    identity: dict[str, str | None] | None = field(kw_only=True)
    structures: Structures = field(kw_only=True)
    recent: dict[tuple[str | None, str, int], int] = field(kw_only=True)
    """The UIDs from which on messages are recent, by user, mailbox id and UIDVALIDITY."""

    def _offer(self, tls: TlsInfo | None) -> Capabilities:
        offered = [*self.extensions]
        if self.tls_context is not None:
            offered.append("STARTTLS")
        offered += (f"AUTH={name}" for name in self.mechanisms(tls))
        return Capabilities(offered)
