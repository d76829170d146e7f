"""STORE, EXPUNGE, COPY and MOVE (RFC 9051 6.4.3, 6.4.6 to 6.4.9)."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from mailproto.imap import (
    DELETED,
    RECENT,
    Bad,
    Condition,
    CopyUid,
    Expunge,
    HighestModSeq,
    Modified,
    Move,
    No,
    Ok,
    Option,
    ResponseCode,
    SequenceSet,
    Store,
    UidExpunge,
)
from mailproto.imap import Copy as CopyCommand
from mailproto.servers.imap.criteria import UnknownKey
from mailproto.servers.imap.selected import Selected
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.imap.view import ordered_set
from mailproto.stores import FlagChange, Mailbox, MessageInfo, StoreError
from mailproto.stores.rules import SYSTEM_FLAGS, check_keyword

__all__ = ["HANDLERS", "settable", "target", "uid_validity_of"]

_CHANGES = {change.value: change for change in FlagChange}
_GONE = No("Some of the messages are gone", ResponseCode("EXPUNGEISSUED"))


# --- STORE ---


def settable(flags: Iterable[object]) -> list[str]:
    r"""Return flags that a client wants to change.

    Raises :class:`Refused` and :class:`StoreError` CANNOT for those that can not be.
    ``\\Recent`` is not in the grammar of ``flag`` (RFC 3501 9), as only the server sets it; other
    flags with a backslash are not made up, whatever the store is (RFC 9051 9 ``flag-extension``).
    """
    wanted = list(map(str, flags))
    for flag in wanted:
        if flag == RECENT:
            raise Refused(Bad(f"{RECENT} can not be set"))
        if flag not in SYSTEM_FLAGS:
            check_keyword(flag)
    return wanted


async def serve_store(session: ImapSession, tag: str, command: Store) -> Condition:
    """STORE and UID STORE (RFC 9051 6.4.6, RFC 7162 3.1.3)."""
    selected = session.writable()
    unchanged_since = None
    for modifier in command.modifiers:
        if not isinstance(modifier, Option) or modifier.name != "UNCHANGEDSINCE":
            raise UnknownKey("that modifier of STORE")
        unchanged_since = modifier.argument
        session.enable_condstore()
    flags = settable(command.values)
    uids = selected.view.resolve(command.numbers, uid=command.uid)
    await session.learn(selected)
    before = selected.view.modseq
    infos = await selected.mailbox.find(uids)
    left = await selected.mailbox.change_flags(
        [info.uid for info in infos], _CHANGES[command.item], flags, unchanged_since
    )
    changed = {info.uid: info for info in await selected.mailbox.messages(before)}
    await _tell_flags(session, selected, command, infos, changed, frozenset(left))
    if left:
        numbers = sorted(left) if command.uid else selected.view.numbers(sorted(left))
        return Ok("Some messages have changed", Modified(SequenceSet.from_numbers(numbers)))
    if len(infos) < len(uids) and not command.uid and not command.silent:
        return _GONE
    return Ok("STORE completed")


async def _tell_flags(
    session: ImapSession,
    selected: Selected,
    command: Store,
    before: Sequence[MessageInfo],
    changed: Mapping[int, MessageInfo],
    left: Collection[int],
) -> None:
    """Send the new flags; with SILENT, only what the client can not know."""
    style = session.style
    change = _CHANGES[command.item]
    flags = frozenset(map(str, command.values))
    selected.meet(changed.values())
    for response in selected.new_keywords():
        await session.send(response)
    for old in before:
        uid = old.uid
        number = selected.view.number(uid)
        if number is None or uid in left:
            continue  # what others changed is told behind this command
        info = changed.get(uid, old)
        if not command.silent:
            await session.send(selected.fetched(number, info, style, uid=command.uid))
        elif selected.view.awaits_news(uid) or info.flags != _apply(change, old.flags, flags):
            continue
        elif style.modseq and info.modseq > old.modseq:
            response = selected.fetched(number, info, style, uid=command.uid, flags=False)
            await session.send(response)
        else:
            selected.view.tell(info)


def _apply(change: FlagChange, old: frozenset[str], flags: frozenset[str]) -> frozenset[str]:
    if change is FlagChange.REPLACE:
        return flags
    return old | flags if change is FlagChange.ADD else old - flags


# --- EXPUNGE ---


async def _expunge(session: ImapSession, numbers: SequenceSet | None) -> Condition:
    selected = session.writable()
    infos: Collection[MessageInfo] = await selected.mailbox.messages()
    session.writable("e")  # as it is now
    uids = [info.uid for info in infos if DELETED in info.flags]
    if numbers is not None:
        named = set(selected.view.resolve(numbers, uid=True))
        uids = [uid for uid in uids if uid in named]
    if uids:
        await selected.mailbox.expunge(uids)
    await session.tell_news(expunged=True)
    return _expunged(session, selected, f"{len(uids)} messages are gone", uids)


def _expunged(
    session: ImapSession, selected: Selected, text: str, uids: Sequence[int]
) -> Condition:
    """The completion, from which a client with QRESYNC knows where it stands (RFC 7162 3.2.7)."""
    if uids and session.style.vanished:
        return Ok(text, HighestModSeq(selected.view.settled))
    return Ok(text)


async def serve_expunge(session: ImapSession, tag: str, command: Expunge) -> Condition:
    """EXPUNGE (RFC 9051 6.4.3)."""
    return await _expunge(session, None)


async def serve_uid_expunge(session: ImapSession, tag: str, command: UidExpunge) -> Condition:
    """UID EXPUNGE (RFC 4315 2.1)."""
    return await _expunge(session, command.uids)


# --- COPY and MOVE ---


async def target(session: ImapSession, name: str) -> Mailbox:
    """Return the mailbox that messages go to. Raises :class:`Refused` with TRYCREATE."""
    try:
        return await session.account.mailbox(name)
    except StoreError as error:
        if error.code != "NONEXISTENT":
            raise
        raise Refused(No("There is no such mailbox", ResponseCode("TRYCREATE"))) from error


async def uid_validity_of(mailbox: Mailbox) -> int | None:
    """Return what makes UIDs mean something; None if the client may not know (RFC 4315 3)."""
    return (await mailbox.state()).uid_validity if "r" in mailbox.rights else None


async def _copied(mailbox: Mailbox, pairs: Sequence[tuple[int, int]]) -> CopyUid | None:
    uid_validity = await uid_validity_of(mailbox)
    if not pairs or uid_validity is None:
        return None
    source, copies = zip(*sorted(pairs), strict=True)
    return CopyUid(uid_validity, SequenceSet.from_numbers(source), ordered_set(copies))


async def _sources(session: ImapSession, selected: Selected, command: CopyCommand) -> list[int]:
    """Return the UIDs to copy; none is copied if a number is of a message that is gone."""
    uids = selected.view.resolve(command.numbers, uid=command.uid)
    there = [info.uid for info in await selected.mailbox.find(uids)]
    if len(there) < len(uids) and not command.uid:
        raise Refused(_GONE)
    return there


async def serve_copy(session: ImapSession, tag: str, command: CopyCommand) -> Condition:
    """COPY and UID COPY (RFC 9051 6.4.7)."""
    selected = session.chosen()
    uids = await _sources(session, selected, command)
    mailbox = await target(session, command.mailbox)
    pairs = await selected.mailbox.copy(uids, mailbox) if uids else ()
    code = await _copied(mailbox, pairs)
    return Ok("COPY completed", code)


async def serve_move(session: ImapSession, tag: str, command: Move) -> Condition:
    """MOVE and UID MOVE: the copies are told of before the originals go (RFC 6851 3)."""
    selected = session.writable()
    uids = await _sources(session, selected, command)
    mailbox = await target(session, command.mailbox)
    pairs = await selected.mailbox.move(uids, mailbox) if uids else ()
    code = await _copied(mailbox, pairs)
    if code is not None:
        await session.send(Ok("Moved", code))
    await session.tell_news(expunged=True)
    return _expunged(session, selected, "MOVE completed", [uid for uid, _ in pairs])


HANDLERS: Mapping[type, Handler] = {
    Store: serve_store,
    Expunge: serve_expunge,
    UidExpunge: serve_uid_expunge,
    CopyCommand: serve_copy,
    Move: serve_move,
}
