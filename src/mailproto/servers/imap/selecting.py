"""SELECT, EXAMINE, CLOSE and UNSELECT (RFC 9051 6.3.2, 6.3.3, 6.4.1, 6.4.2); ENABLE."""

from collections.abc import Mapping

from mailproto.imap import (
    DELETED,
    SEEN,
    Bad,
    Close,
    Condition,
    Enable,
    Examine,
    ExistsResponse,
    FlagsResponse,
    MailboxId,
    Ok,
    Option,
    PermanentFlags,
    QResync,
    RecentResponse,
    ResponseCode,
    Select,
    UidNext,
    UidValidity,
    Unseen,
    Unselect,
)
from mailproto.servers.imap.listing import list_response
from mailproto.servers.imap.resync import missed
from mailproto.servers.imap.selected import Selected
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import CONDSTORE, ImapSession
from mailproto.servers.imap.view import NO_UIDS, View

__all__ = ["HANDLERS"]


async def serve_select(session: ImapSession, tag: str, command: Select) -> Condition:
    """SELECT and EXAMINE; the mailbox that was selected is let go of in any case."""
    resync = _resync(session, command)
    if session.selected is not None:
        session.deselect()
        await session.send(Ok("The previous mailbox is closed", ResponseCode("CLOSED")))
    if "CONDSTORE" in command.parameters:
        session.enable_condstore()
    mailbox = await session.account.mailbox(command.mailbox)
    state = await mailbox.state()
    infos = await mailbox.messages()
    view = View((info.uid for info in infos), state.highest_modseq)
    uid_next = max(state.uid_next, view.last_uid + 1)
    keywords = await mailbox.keywords()
    examine = isinstance(command, Examine)
    selected = Selected(mailbox, view, state.uid_validity, keywords, read_only=examine)
    first = session.first_recent(mailbox.mailbox_id, state.uid_validity)
    view.recent = frozenset(view.uids[view.count_up_to(first - 1) :]) or NO_UIDS
    if not selected.read_only:
        session.claim_recent(selected, uid_next)
    await session.send(FlagsResponse(selected.flags))
    await session.send(ExistsResponse(len(view)))
    if not session.rev2:
        await session.send(RecentResponse(len(view.recent)))
        unseen = next((info.uid for info in infos if SEEN not in info.flags), None)
        if unseen is not None and not session.style.uid_only:
            number = view.numbers([unseen])[0]
            await session.send(Ok(f"Message {number} is the first unseen one", Unseen(number)))
    await session.send(Ok("Flags that are kept", PermanentFlags(selected.permanent_flags)))
    await session.send(Ok("UIDs are valid", UidValidity(state.uid_validity)))
    await session.send(Ok("The next UID", UidNext(uid_next)))
    await session.send(selected.highest_modseq)
    await session.send(Ok("The mailbox's id", MailboxId(mailbox.mailbox_id)))
    if session.rev2:
        await session.send(await list_response(session, mailbox.name))
    session.selected = selected
    if resync is not None:
        for response in await missed(selected, resync, session.style):
            await session.send(response)
    access = "READ-ONLY" if selected.read_only else "READ-WRITE"
    return Ok(f"{command.name} completed", ResponseCode(access))


def _resync(session: ImapSession, command: Select) -> QResync | None:
    """Return what the client knows of the mailbox. Raises :class:`Refused`."""
    resync = None
    for parameter in command.parameters:
        if isinstance(parameter, Option) and parameter.name == "QRESYNC":
            if not session.style.vanished:
                raise Refused(Bad("QRESYNC has to be enabled first"))
            resync = parameter.argument
            if resync.known_uids is not None and resync.known_uids.has_star:
                raise Refused(Bad("* is no UID that is known"))  # RFC 7162 7 ``known-uids``
        elif parameter != "CONDSTORE":
            raise Refused(Bad(f"{command.name} does not know that parameter"))
    return resync


async def serve_close(session: ImapSession, tag: str, command: Close) -> Condition:
    r"""CLOSE: expunge what has ``\Deleted`` if that is allowed, and let go of the mailbox."""
    selected = session.chosen()
    if not selected.read_only:
        infos = await selected.mailbox.messages()
        deleted = [info.uid for info in infos if DELETED in info.flags]
        if deleted and "e" in selected.mailbox.rights:
            await selected.mailbox.expunge(deleted)
    session.deselect()
    return Ok("CLOSE completed")


async def serve_unselect(session: ImapSession, tag: str, command: Unselect) -> Condition:
    """UNSELECT: let go of the mailbox (RFC 3691)."""
    session.deselect()
    return Ok("UNSELECT completed")


async def serve_enable(session: ImapSession, tag: str, command: Enable) -> Condition:
    """ENABLE (RFC 5161); the core knows the extensions, and tells those that are on now."""
    if not CONDSTORE.isdisjoint(map(str.upper, command.capabilities)):
        session.enable_condstore()
    return Ok("ENABLE completed")


HANDLERS: Mapping[type, Handler] = {
    Enable: serve_enable,
    Select: serve_select,
    Examine: serve_select,
    Close: serve_close,
    Unselect: serve_unselect,
}
