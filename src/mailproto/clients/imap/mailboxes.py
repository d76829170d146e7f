"""Mailboxes as a whole: list, select, create, rename and the like (RFC 9051 6.3)."""

from collections.abc import Sequence
from typing import Any

from mailproto._value import evolve, field, value
from mailproto.clients.imap.mailbox import SelectedMailbox
from mailproto.clients.imap.session import Answer, ImapSession
from mailproto.errors import CommandFailed, LocalProtocolError
from mailproto.imap import (
    Close,
    Create,
    Delete,
    Examine,
    List,
    ListResponse,
    Lsub,
    LsubResponse,
    Namespace,
    NamespaceCommand,
    NamespaceResponse,
    Option,
    Options,
    Rename,
    Select,
    Status,
    StatusResponse,
    Subscribe,
    Unselect,
    Unsubscribe,
    Xlist,
    XlistResponse,
)

__all__ = ["ListedMailbox", "MailboxCommands"]

# What XLIST said before there was RFC 6154.
_USES = {r"\allmail": r"\All", r"\spam": r"\Junk", r"\starred": r"\Flagged"}
_UNSELECTABLE = frozenset((r"\Noselect", r"\NonExistent"))


@value
class ListedMailbox:
    r"""One mailbox of a list.

    ``attributes`` are such as ``\HasChildren``, ``\Subscribed`` and ``\Sent``; ``delimiter``
    separates the levels of its name, None if there are none. ``status`` holds the items that
    were asked for; it is None if they can not be had. ``used`` are the commands that told it:
    LIST (also with STATUS in it, LIST-STATUS), LSUB or XLIST, and STATUS.
    """

    name: str
    delimiter: str | None
    attributes: tuple[str, ...] = ()
    status: dict[str, Any] | None = field(default=None)
    used: tuple[str, ...] = field(default=("LIST",), eq=False)

    @property
    def selectable(self) -> bool:
        r"""Whether it can be selected (not ``\Noselect`` or ``\NonExistent``)."""
        return _UNSELECTABLE.isdisjoint(self.attributes)


class MailboxCommands(ImapSession):
    """The part of :class:`ImapClient` that is about mailboxes as a whole."""

    async def list(
        self,
        pattern: str = "*",
        *,
        reference: str = "",
        subscribed: bool = False,
        status: Sequence[str] = (),
    ) -> tuple[ListedMailbox, ...]:
        """List mailboxes whose name matches ``pattern``: ``*`` is any text, ``%`` one level.

        ``status`` are STATUS items to get of each; a server without LIST-STATUS, or that refuses
        the extended LIST which it offers, is asked one by one. Special uses are among the
        attributes where the server knows them.
        Source: RFC 9051 6.3.9, RFC 5258, RFC 5819, RFC 6154.
        """
        if subscribed and not self.offers("LIST-EXTENDED", "IMAP4rev2"):
            answer = await self.run(Lsub(reference, pattern))
            found: list[Any] = [*answer.of(LsubResponse)]
            told: dict[str, dict[str, Any]] = {}
            used = "LSUB"
        elif self.offers("XLIST") and not self.offers("SPECIAL-USE", "IMAP4rev2"):
            found = [*(await self.run(Xlist(reference, pattern))).of(XlistResponse)]
            told = {}
            used = "XLIST"
        else:
            answer = await self._list(pattern, reference, subscribed, tuple(status))
            found = [r for r in answer.of(ListResponse) if type(r) is ListResponse]
            told = {r.mailbox: r.items for r in answer.of(StatusResponse)}
            used = "LIST-STATUS" if told else "LIST"
        mailboxes = []
        for response in found:
            listed = ListedMailbox(
                response.mailbox,
                response.delimiter,
                tuple([_USES.get(word.lower(), word) for word in response.attributes]),
                told.get(response.mailbox),
                (used,),
            )
            if status and listed.status is None and listed.selectable:
                listed = await self._with_status(listed, status)
            mailboxes.append(listed)
        return tuple(mailboxes)

    async def _list(
        self, pattern: str, reference: str, subscribed: bool, status: tuple[str, ...]
    ) -> Answer:
        """Ask for as much at once as the server can tell."""
        returns: Options = ()
        if self.offers("LIST-EXTENDED", "IMAP4rev2"):
            returns = ("SUBSCRIBED", "CHILDREN")
            if self.offers("SPECIAL-USE"):
                returns += ("SPECIAL-USE",)
            if status and self.offers("LIST-STATUS", "IMAP4rev2"):
                returns += (Option("STATUS", status),)
        selection = ("SUBSCRIBED",) if subscribed else None
        extended = List(reference, (pattern,), selection=selection, returns=returns or None)
        try:
            return await self.run(extended)
        except CommandFailed:
            if subscribed or not returns:
                raise
            return await self.run(List(reference, (pattern,)))

    async def _with_status(self, listed: ListedMailbox, items: Sequence[str]) -> ListedMailbox:
        try:
            told = await self.status(listed.name, items)
        except CommandFailed:  # gone meanwhile, or not ours to see
            return listed
        return evolve(listed, status=told, used=(*listed.used, "STATUS"))

    async def special_use(self, use: str) -> str | None:
        r"""Return the mailbox with a use such as ``\Sent``, None if there is none (RFC 6154).

        The forerunner XLIST has it too, where a server still needs that.
        """
        wanted = use.lower()
        for listed in await self.list():
            if wanted in (attribute.lower() for attribute in listed.attributes):
                return listed.name
        return None

    async def status(
        self,
        mailbox: str,
        items: Sequence[str] = ("MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN"),
    ) -> dict[str, Any]:
        """Return STATUS items of a mailbox by name; do not ask it of the selected one."""
        answer = await self.run(Status(mailbox, tuple(items)))
        merged: dict[str, Any] = {}
        for response in answer.of(StatusResponse):
            merged.update(response.items)
        return merged

    async def select(
        self, mailbox: str = "INBOX", *, read_only: bool = False, parameters: Options | None = None
    ) -> SelectedMailbox:
        """Select a mailbox, and return what the server tells of it.

        The value follows what the server tells later. ``read_only`` is EXAMINE. CONDSTORE is
        asked for where the server has it, unless ``parameters`` says what to ask for. To catch
        up with an earlier session, use ``sync``. Source: RFC 9051 6.3.2, RFC 7162 3.1.8.
        """
        if parameters is None:
            parameters = ("CONDSTORE",) if self.offers("CONDSTORE", "QRESYNC") else ()
        await self.run((Examine if read_only else Select)(mailbox, parameters))
        assert self.mailbox is not None
        return self.mailbox

    async def close(self) -> None:
        r"""Leave the mailbox, and expunge what has ``\Deleted``."""
        await self.run(Close())

    async def unselect(self) -> None:
        """Leave the mailbox, and expunge nothing.

        Without UNSELECT (RFC 3691) it is selected again read-only and closed.
        """
        if self.offers("UNSELECT", "IMAP4rev2"):
            await self.run(Unselect())
        elif self.mailbox is None:
            raise LocalProtocolError("no mailbox is selected")
        else:
            await self.run(Examine(self.mailbox.name))
            await self.run(Close())

    async def create(self, mailbox: str, *, use: str | Sequence[str] = ()) -> None:
        r"""Create a mailbox, with special uses such as ``\Archive`` if given (RFC 6154 3)."""
        uses = (use,) if isinstance(use, str) else tuple(use)
        await self.run(Create(mailbox, (Option("USE", uses),) if uses else ()))

    async def delete(self, mailbox: str) -> None:
        """Delete a mailbox and its messages."""
        await self.run(Delete(mailbox))

    async def rename(self, mailbox: str, new_name: str) -> None:
        """Rename a mailbox."""
        await self.run(Rename(mailbox, new_name))

    async def subscribe(self, mailbox: str) -> None:
        """Subscribe to a mailbox."""
        await self.run(Subscribe(mailbox))

    async def unsubscribe(self, mailbox: str) -> None:
        """Unsubscribe from a mailbox."""
        await self.run(Unsubscribe(mailbox))

    async def namespace(self) -> NamespaceResponse:
        """Return the prefixes of mailboxes: one's own, other users', shared (RFC 2342).

        A server without NAMESPACE has one, whose prefix is empty.
        """
        if self.offers("NAMESPACE", "IMAP4rev2"):
            for response in (await self.run(NamespaceCommand())).of(NamespaceResponse):
                return response
        answer = await self.run(List("", ("",)))  # asks for the delimiter, RFC 9051 6.3.9
        delimiter = next((r.delimiter for r in answer.of(ListResponse)), None)
        return NamespaceResponse(personal=(Namespace("", delimiter),))
