"""LIST, LSUB, NAMESPACE and STATUS (RFC 9051 6.3.9 to 6.3.11, RFC 5258, RFC 5819)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mailproto.imap import (
    DELETED,
    SEEN,
    Bad,
    Condition,
    List,
    ListResponse,
    Lsub,
    LsubResponse,
    MyRightsResponse,
    Namespace,
    NamespaceCommand,
    NamespaceResponse,
    No,
    Ok,
    Option,
    Options,
    ResponseCode,
    Status,
    StatusResponse,
)
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.imap.tree import Tree
from mailproto.stores import Mailbox, MailboxState, MessageInfo, StoreError
from mailproto.stores.acl import ALL_RIGHTS, write_rights

__all__ = ["HANDLERS", "list_response", "status_of", "tree"]

_MOST_PATTERNS = 100  # in one command
_SELECTIONS = frozenset({"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"})
_RETURNS = frozenset({"SUBSCRIBED", "CHILDREN", "MYRIGHTS", "SPECIAL-USE", "STATUS"})


async def tree(session: ImapSession) -> Tree:
    """Return the names of the account."""
    account = session.account
    return Tree(await account.mailboxes(), await account.subscriptions(), account.delimiter)


async def list_response(
    session: ImapSession, name: str, *, old_name: str | None = None, subscribed: bool = False
) -> ListResponse:
    """Return what LIST tells of one name, whether it exists or not."""
    attributes = (await tree(session)).attributes(name, subscribed=subscribed)
    return ListResponse(attributes, session.account.delimiter, name, old_name=old_name)


# --- STATUS ---


class _Counted:
    """What the items of STATUS are computed from; the messages are listed only if needed."""

    __slots__ = ("mailbox", "messages", "recent", "state")

    def __init__(
        self,
        mailbox: Mailbox,
        state: MailboxState,
        messages: Sequence[MessageInfo],
        recent: int,
    ) -> None:
        self.mailbox = mailbox
        self.state = state
        self.messages = messages
        self.recent = recent


_BY_STATE: Mapping[str, Callable[[_Counted], Any]] = {
    "MESSAGES": lambda counted: counted.state.messages,
    "UIDNEXT": lambda counted: counted.state.uid_next,
    "UIDVALIDITY": lambda counted: counted.state.uid_validity,
    "HIGHESTMODSEQ": lambda counted: counted.state.highest_modseq,
    "MAILBOXID": lambda counted: counted.mailbox.mailbox_id,
}
_BY_MESSAGES: Mapping[str, Callable[[_Counted], Any]] = {
    "RECENT": lambda counted: sum(i.uid >= counted.recent for i in counted.messages),
    "UNSEEN": lambda counted: sum(SEEN not in i.flags for i in counted.messages),
    "DELETED": lambda counted: sum(DELETED in i.flags for i in counted.messages),
    "SIZE": lambda counted: sum(i.size for i in counted.messages),
    "DELETED-STORAGE": lambda counted: sum(i.size for i in counted.messages if DELETED in i.flags),
}


async def status_of(session: ImapSession, mailbox: Mailbox, items: Sequence[str]) -> StatusResponse:
    """Return the STATUS of a mailbox. Raises :class:`Refused` for an unknown item."""
    known: dict[str, Callable[[_Counted], Any]] = {**_BY_STATE, **_BY_MESSAGES}
    known["APPENDLIMIT"] = lambda counted: session.append_limit
    for item in items:
        if item not in known:
            raise Refused(Bad(f"STATUS knows no {item}"))
    state = await mailbox.state()
    needed = any(item in _BY_MESSAGES for item in items)
    messages = await mailbox.messages() if needed else ()
    recent = session.first_recent(mailbox.mailbox_id, state.uid_validity)
    counted = _Counted(mailbox, state, messages, recent)
    if "HIGHESTMODSEQ" in items:
        session.enable_condstore()
    return StatusResponse(mailbox.name, {item: known[item](counted) for item in items})


async def serve_status(session: ImapSession, tag: str, command: Status) -> Condition:
    """STATUS (RFC 9051 6.3.11)."""
    mailbox = await session.account.mailbox(command.mailbox)
    await session.send(await status_of(session, mailbox, command.items))
    return Ok("STATUS completed")


# --- LIST ---


def _names(options: Options | None, known: frozenset[str]) -> set[str]:
    """Return the names of options. Raises :class:`Refused` for one that nobody knows."""
    names = {option.name if isinstance(option, Option) else option for option in options or ()}
    unknown = names - known
    if unknown:
        raise Refused(Bad(f"LIST knows no {min(unknown)}"))
    return names


async def serve_list(session: ImapSession, tag: str, command: List) -> Condition:
    """LIST, extended or not."""
    delimiter = session.account.delimiter
    selection = _names(command.selection, _SELECTIONS)
    returns = _names(command.returns, _RETURNS)
    if "RECURSIVEMATCH" in selection and not selection & {"SUBSCRIBED", "SPECIAL-USE"}:
        raise Refused(Bad("RECURSIVEMATCH needs another option beside it"))
    plain = command.selection is None and command.returns is None
    if plain and command.patterns == ("",):
        root = command.reference.partition(delimiter)[0] if command.reference else ""
        await session.send(ListResponse((r"\Noselect",), delimiter, root and root + delimiter))
        return Ok("LIST completed")
    if len(command.patterns) > _MOST_PATTERNS:
        raise Refused(No("Too many patterns", ResponseCode("LIMIT")))
    names = await tree(session)
    patterns = [command.reference + pattern if pattern else "" for pattern in command.patterns]
    status = next((o.argument for o in command.returns or () if isinstance(o, Option)), None)
    for entry in names.listed(patterns, selection, subscribed="SUBSCRIBED" in returns):
        await session.send(
            ListResponse(entry.attributes, delimiter, entry.name, child_info=entry.child_info)
        )
        if status is not None and names.exists(entry.name):
            await _send_status(session, entry.name, status)
        if "MYRIGHTS" in returns and names.exists(entry.name):
            await _send_rights(session, entry.name)
    return Ok("LIST completed")


async def _send_status(session: ImapSession, name: str, items: Sequence[str]) -> None:
    """STATUS for LIST-STATUS; a mailbox that has gone in between is passed over."""
    try:
        mailbox = await session.account.mailbox(name)
        response = await status_of(session, mailbox, items)
    except StoreError:
        return
    await session.send(response)


async def _send_rights(session: ImapSession, name: str) -> None:
    """MYRIGHTS for LIST-MYRIGHTS (RFC 8440); a mailbox that has gone is passed over."""
    account, rights = session.account, ALL_RIGHTS
    if not account.is_own(name):
        try:
            rights = (await account.mailbox(name)).rights
        except StoreError:
            return
    await session.send(MyRightsResponse(name, write_rights(rights)))


async def serve_lsub(session: ImapSession, tag: str, command: Lsub) -> Condition:
    """LSUB (RFC 3501 6.3.9)."""
    names = await tree(session)
    for entry in names.lsub(command.reference + command.pattern):
        await session.send(LsubResponse(entry.attributes, session.account.delimiter, entry.name))
    return Ok("LSUB completed")


async def serve_namespace(session: ImapSession, tag: str, command: NamespaceCommand) -> Condition:
    """NAMESPACE: one for personal mailboxes, perhaps one for those of others (RFC 2342)."""
    account = session.account
    others = account.other_users
    await session.send(
        NamespaceResponse(
            (Namespace("", account.delimiter),),
            (Namespace(others, account.delimiter),) if others else None,
        )
    )
    return Ok("NAMESPACE completed")


HANDLERS: Mapping[type, Handler] = {
    Status: serve_status,
    List: serve_list,
    Lsub: serve_lsub,
    NamespaceCommand: serve_namespace,
}
