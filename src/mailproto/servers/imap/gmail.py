r"""X-GM-EXT-1: labels, message and thread numbers, and raw search, as Gmail has them.

A label is a mailbox: a message has the labels of all mailboxes that hold a copy of it, but for
the one that is selected. ``\Starred`` is the flag ``\Flagged``. This is for tests of clients.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from mailproto.imap import (
    FLAGGED,
    Condition,
    FetchItems,
    FetchResponse,
    No,
    Ok,
    Query,
    ResponseCode,
    SearchKey,
    Store,
    UidFetchResponse,
)
from mailproto.message import THREAD_FIELDS
from mailproto.servers.imap.changing import serve_store
from mailproto.servers.imap.criteria import KEYS, Facts, Key, Situation, Test, of_header, of_info
from mailproto.servers.imap.criteria import ready as ready_query
from mailproto.servers.imap.gmail_query import parse_raw
from mailproto.servers.imap.item import Item, Message
from mailproto.servers.imap.service import Handler, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.imap.thread_id import thread_root
from mailproto.stores import FlagChange, Mailbox, MailboxInfo, MessageInfo, StoreError

__all__ = ["EXTENSION", "HANDLERS", "ITEMS", "SEARCH_KEYS", "label_members"]

EXTENSION = "X-GM-EXT-1"

_STARRED = r"\Starred"
_ALL = r"\All"
_SYSTEM_LABELS: Mapping[str, str] = {
    r"\Drafts": r"\Draft",
    r"\Important": r"\Important",
    r"\Junk": r"\Junk",
    r"\Sent": r"\Sent",
    r"\Trash": r"\Trash",
}
_NEEDS_LABELS = frozenset({"X-GM-LABELS", "X-GM-RAW"})


# --- numbers ---


def _number(text: str) -> int:
    """A number of 63 bits that stands for a text."""
    return (
        int.from_bytes(hashlib.sha256(text.encode(errors="surrogateescape")).digest()[:8], "big")
        >> 1
    )


def _message_number(info: MessageInfo) -> int:
    return _number(info.email_id)


def _thread_number(facts: Facts) -> int:
    assert facts.header is not None
    return _number(thread_root(facts.info, facts.header))


# --- labels ---


def _label(info: MailboxInfo) -> str | None:
    """The label that a mailbox stands for; none is the one of all mail."""
    if _ALL in info.attributes:
        return None
    if info.name == "INBOX":
        return r"\Inbox"
    return next((_SYSTEM_LABELS[a] for a in info.attributes if a in _SYSTEM_LABELS), info.name)


async def _mailboxes(session: ImapSession) -> dict[str, Mailbox]:
    """Return the mailboxes by their labels."""
    account = session.account
    found = {}
    for info in await account.mailboxes():
        label = _label(info)
        if label is not None:
            try:
                found[label] = await account.mailbox(info.name)
            except StoreError:
                continue  # it has gone in between
    return found


async def label_members(session: ImapSession, query: Query) -> Mapping[str, Collection[str]]:
    """Return the email ids that each label has; nothing if ``query`` does not ask for labels."""
    if not any(isinstance(k, SearchKey) and k.name in _NEEDS_LABELS for k in query.walk()):
        return {}
    return {
        label.lower(): frozenset(info.email_id for info in await mailbox.messages())
        for label, mailbox in (await _mailboxes(session)).items()
    }


async def _labels_of(session: ImapSession, info: MessageInfo) -> tuple[str, ...]:
    selected = session.chosen().mailbox.name
    found = [
        label
        for label, mailbox in (await _mailboxes(session)).items()
        if mailbox.name != selected
        and any(other.email_id == info.email_id for other in await mailbox.messages())
    ]
    return (*found, _STARRED) if FLAGGED in info.flags else tuple(found)


def _labelled(situation: Situation, label: str) -> Test:
    if label.lower() == _STARRED.lower():
        return lambda facts: FLAGGED in facts.info.flags
    members = situation.labels.get(label.lower(), ())
    return lambda facts: facts.info.email_id in members


def _raw(situation: Situation, text: str) -> Test:
    return ready_query(parse_raw(text), situation, SEARCH_KEYS)


SEARCH_KEYS: Mapping[str, Key] = {
    **KEYS,
    "X-GM-LABELS": _labelled,
    "X-GM-MSGID": of_info(lambda info, number: _message_number(info) == number),
    "X-GM-RAW": _raw,
    "X-GM-THRID": of_header(lambda facts, number: _thread_number(facts) == number, THREAD_FIELDS),
}


async def _fetch_labels(message: Message) -> tuple[str, ...]:
    return await _labels_of(message.session, message.info)


ITEMS: Mapping[str, Item] = {
    "X-GM-MSGID": Item(lambda message: _message_number(message.info)),
    "X-GM-THRID": Item(
        lambda message: _number(thread_root(message.info, message.header)), THREAD_FIELDS
    ),
    "X-GM-LABELS": Item(_fetch_labels, waits=True),
}


# --- STORE of labels ---

_CHANGES = {
    "X-GM-LABELS": FlagChange.REPLACE,
    "+X-GM-LABELS": FlagChange.ADD,
    "-X-GM-LABELS": FlagChange.REMOVE,
}


async def serve_labels(session: ImapSession, tag: str, command: Store) -> Condition:
    """STORE, of labels or of flags."""
    change = _CHANGES.get(command.item)
    if change is None:
        return await serve_store(session, tag, command)
    selected = session.writable()
    uids = selected.view.resolve(command.numbers, uid=command.uid)
    infos = await selected.mailbox.find(uids)
    labels = {str(label) for label in command.values}
    mailboxes = await _mailboxes(session)
    if change is not FlagChange.REMOVE:
        await _add(session, infos, labels, mailboxes)
    if change is not FlagChange.ADD:
        removed = labels
        if change is FlagChange.REPLACE:
            removed = {*mailboxes, _STARRED} - labels
        await _remove(session, infos, removed, mailboxes)
    if not command.silent:
        await _tell(session, await selected.mailbox.find(uids), uid=command.uid)
    return Ok("STORE completed")


async def _add(
    session: ImapSession,
    infos: Sequence[MessageInfo],
    labels: Iterable[str],
    mailboxes: Mapping[str, Mailbox],
) -> None:
    """Copy messages into the mailboxes of labels, which are made if they are not there."""
    source = session.chosen().mailbox
    for label in sorted(labels):
        if label == _STARRED:
            await source.change_flags([i.uid for i in infos], FlagChange.ADD, [FLAGGED])
            continue
        mailbox = mailboxes.get(label)
        if mailbox is None:
            if label.startswith("\\"):
                raise Refused(No("There is no such label", ResponseCode("CANNOT")))
            mailbox = await session.account.create(label)
        if mailbox.name != source.name:
            there = {info.email_id for info in await mailbox.messages()}
            await source.copy([i.uid for i in infos if i.email_id not in there], mailbox)


async def _remove(
    session: ImapSession,
    infos: Sequence[MessageInfo],
    labels: Iterable[str],
    mailboxes: Mapping[str, Mailbox],
) -> None:
    """Take messages out of the mailboxes of labels, but not out of the selected one."""
    source = session.chosen().mailbox
    ids = {info.email_id for info in infos}
    for label in sorted(labels):
        mailbox = mailboxes.get(label)
        if label == _STARRED:
            await source.change_flags([i.uid for i in infos], FlagChange.REMOVE, [FLAGGED])
        elif mailbox is not None and mailbox.name != source.name:
            await mailbox.expunge([i.uid for i in await mailbox.messages() if i.email_id in ids])


async def _tell(session: ImapSession, infos: Iterable[MessageInfo], *, uid: bool) -> None:
    view = session.chosen().view
    for info in infos:
        number = view.number(info.uid)
        labels = await _labels_of(session, info)
        items: FetchItems = {"X-GM-LABELS": labels}
        if session.style.uid_only:
            await session.send(UidFetchResponse(info.uid, items))
        elif number is not None:
            if uid:
                items["UID"] = info.uid
            await session.send(FetchResponse(number, items))


HANDLERS: Mapping[type, Handler] = {Store: serve_labels}
