"""CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE (RFC 9051 6.3.4 to 6.3.8)."""

from collections.abc import Iterable, Mapping

from mailproto.imap import (
    Condition,
    Create,
    Delete,
    MailboxId,
    No,
    Ok,
    Option,
    Rename,
    ResponseCode,
    Subscribe,
    Unsubscribe,
)
from mailproto.servers.imap.criteria import UnknownKey
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.stores.rules import SPECIAL_USES

__all__ = ["HANDLERS", "check_uses"]


def check_uses(uses: Iterable[str]) -> None:
    """Raise :class:`Refused` unless mailboxes may be for all of these uses (RFC 6154 3, 4)."""
    if not SPECIAL_USES.issuperset(uses):
        raise Refused(No("Mailboxes have no such use here", ResponseCode("USEATTR")))


async def serve_create(session: ImapSession, tag: str, command: Create) -> Condition:
    """CREATE, also for a special use (RFC 6154 3)."""
    uses: tuple[str, ...] = ()
    for parameter in command.parameters:
        if not isinstance(parameter, Option) or parameter.name != "USE":
            raise UnknownKey("that parameter of CREATE")
        uses = tuple(parameter.argument)
    check_uses(uses)
    mailbox = await session.account.create(command.mailbox, uses)
    return Ok("CREATE completed", MailboxId(mailbox.mailbox_id))


async def serve_delete(session: ImapSession, tag: str, command: Delete) -> Condition:
    """DELETE; if the mailbox is selected here, it is no longer (RFC 9051 3.4).

    Other sessions that have it selected end when they look next (RFC 2180 3.3).
    """
    mailbox = await session.account.mailbox(command.mailbox)
    await session.account.delete(command.mailbox)
    selected = session.selected
    if selected is not None and selected.mailbox.mailbox_id == mailbox.mailbox_id:
        session.deselect()
        await session.send(Ok("The selected mailbox was deleted", ResponseCode("CLOSED")))
    return Ok("DELETE completed")


async def serve_rename(session: ImapSession, tag: str, command: Rename) -> Condition:
    """RENAME."""
    if command.parameters:
        raise UnknownKey("that parameter of RENAME")
    await session.account.rename(command.mailbox, command.new_name)
    return Ok("RENAME completed")


async def serve_subscribe(
    session: ImapSession, tag: str, command: Subscribe | Unsubscribe
) -> Condition:
    """SUBSCRIBE and UNSUBSCRIBE."""
    await session.account.subscribe(command.mailbox, isinstance(command, Subscribe))
    return Ok(f"{command.name} completed")


HANDLERS: Mapping[type, Handler] = {
    Create: serve_create,
    Delete: serve_delete,
    Rename: serve_rename,
    Subscribe: serve_subscribe,
    Unsubscribe: serve_subscribe,
}
