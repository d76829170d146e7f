"""IDLE and NOTIFY: what the client is told of while it waits (RFC 2177, RFC 5465)."""

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic

from mailproto._value import evolve, value
from mailproto.imap import (
    Bad,
    BadEvent,
    Condition,
    Continuation,
    EventGroup,
    FetchItem,
    Idle,
    ListResponse,
    MailboxFilter,
    MetadataResponse,
    No,
    Notify,
    Ok,
    Option,
    ResponseCode,
    StatusResponse,
)
from mailproto.servers.imap.fetch import plan, tell_messages
from mailproto.servers.imap.listing import list_response
from mailproto.servers.imap.selected import Interest
from mailproto.servers.imap.service import Handler, Notifying, Refused
from mailproto.servers.imap.session import ImapSession
from mailproto.stores import Account, MailboxState, StoreError
from mailproto.stores.rules import canonical_name

__all__ = ["HANDLERS"]

_MESSAGE_EVENTS = frozenset({"MessageNew", "MessageExpunge", "FlagChange"})
_EVENTS = (
    *("MessageNew", "MessageExpunge", "FlagChange", "MailboxName", "SubscriptionChange"),
    *("MailboxMetadataChange", "ServerMetadataChange"),
)
_SELECTED = ("SELECTED", "SELECTED-DELAYED")
_MOST = 1000  # mailboxes that one session watches, or names
_MOST_GROUPS = 100
_OVERFLOW = No("Too much is asked for", ResponseCode("NOTIFICATIONOVERFLOW"))


@value
class _Known:
    """What the client knows of a mailbox, or could."""

    mailbox_id: str
    state: MailboxState
    metadata: Mapping[str, bytes]


class _Watching(Notifying):
    """What one session wants to hear of, and what it has heard."""

    def __init__(self, session: ImapSession, groups: Sequence[EventGroup]) -> None:
        delimiter = session.account.delimiter
        self._groups = [
            _canonical(group, delimiter)
            for group in groups
            if group.mailboxes.kind not in _SELECTED
        ]
        chosen = [group for group in groups if group.mailboxes.kind in _SELECTED]
        self._interest = _interest(chosen[0].events or () if chosen else ())
        self._items = _items(chosen[0].events or ()) if chosen else ()
        self._known: dict[str, _Known] = {}
        self._subscribed: frozenset[str] = frozenset()
        self._account_metadata: Mapping[str, bytes] = {}
        self._dirty: set[str] = set()
        self._polled = monotonic()
        self._wake = session.wake
        self._unwatch = session.account.watch(self._changed)

    @property
    def interest(self) -> Interest:
        """See :class:`Notifying`."""
        return self._interest

    def stop(self) -> None:
        """See :class:`Notifying`."""
        self._unwatch()

    def _changed(self, name: str) -> None:
        """Note that something happened to a mailbox, "" for the account."""
        self._dirty.add(name)
        self._wake()

    async def begin(self, session: ImapSession, *, status: bool) -> None:
        """Look at all that is watched; with ``status`` tell where it stands.

        Raises :class:`Refused` if it is too much, :class:`StoreError`.
        """
        account = session.account
        self._subscribed = frozenset(await account.subscriptions())
        self._account_metadata = await account.metadata()
        names = [info.name for info in await account.mailboxes()]
        watched = [name for name in names if self._events(session, name)]
        if len(watched) > _MOST:
            raise Refused(_OVERFLOW)
        for name in watched:
            known = await _look(session, name)
            if known is None:
                continue
            self._known[name] = known
            if status and self._message_events(session, name):
                await session.send(_status(name, known.state, session, validity=True))

    async def tell(self, session: ImapSession) -> None:
        """See :class:`Notifying`."""
        await self._poll(session)
        while self._dirty:
            dirty, self._dirty = sorted(self._dirty), set()
            subscribed = frozenset(await session.account.subscriptions())
            turned = self._subscribed ^ subscribed
            self._subscribed = subscribed
            seen = {name: await _look(session, name) for name in dirty if name}
            # What is new comes first: it may be what has been renamed.
            for name in sorted(seen, key=lambda name: seen[name] is None):
                await self._tell_mailbox(session, name, seen[name], turned=name in turned)
            if "" in dirty:
                await self._tell_account(session)

    async def _poll(self, session: ImapSession) -> None:
        """Let the store notice what other programs did, if that is its way."""
        interval = session.service.store.poll_interval
        if interval is not None and monotonic() - self._polled >= interval:
            self._polled = monotonic()
            for name in tuple(self._known):
                await _look(session, name)

    async def arrived(self, session: ImapSession, uids: Sequence[int]) -> None:
        """See :class:`Notifying`."""
        if self.own.mailbox == session.chosen().mailbox.name and self.own.uids:
            uids = [uid for uid in uids if uid not in self.own.uids]
        if self._items:
            infos = await session.chosen().mailbox.find(uids)
            await tell_messages(session, infos, self._items)

    async def _tell_mailbox(
        self, session: ImapSession, name: str, now: _Known | None, *, turned: bool
    ) -> None:
        events = self._events(session, name)
        before = self._known.pop(name, None)
        if now is not None and events:
            self._known[name] = now
        if not events:
            return
        old = self._old_name(name, now) if before is None and now is not None else None
        if (before is None) != (now is None):
            if "MailboxName" in events and name not in self.own.names:
                await session.send(await self._named(session, name, old))
        elif turned and "SubscriptionChange" in events and name not in self.own.names:
            await session.send(await self._named(session, name, None))
        if old is not None:
            before = self._known.pop(old)
        if now is None:
            return
        await self._tell_state(session, name, before.state if before else None, now.state)
        entries = self._entries(name, before.metadata if before else {}, now.metadata)
        if entries and "MailboxMetadataChange" in events:
            await session.send(MetadataResponse(name, None, entries))

    def _old_name(self, name: str, now: _Known) -> str | None:
        """Return the name from before of a mailbox that was renamed, None if there is none."""
        for other, known in self._known.items():
            if other != name and known.mailbox_id == now.mailbox_id:
                return other
        return None

    async def _named(self, session: ImapSession, name: str, old: str | None) -> ListResponse:
        """LIST of a name; of one that was renamed, with the name from before."""
        return await list_response(session, name, old_name=old, subscribed=name in self._subscribed)

    async def _tell_state(
        self, session: ImapSession, name: str, before: MailboxState | None, now: MailboxState
    ) -> None:
        """STATUS of what has changed; of a mailbox that is new, if it has had messages."""
        new = before is None
        before = self.own.upon(name, before or evolve(now, uid_next=1, messages=0))
        events = self._message_events(session, name)
        renumbered = before.uid_validity != now.uid_validity
        counted = before.uid_next != now.uid_next or before.messages != now.messages
        flagged = "FlagChange" in events and session.condstore and before != now
        if events and (renumbered or counted or flagged):
            validity = new or renumbered or flagged
            await session.send(_status(name, now, session, validity=validity))

    def _entries(
        self, name: str, before: Mapping[str, bytes], now: Mapping[str, bytes]
    ) -> tuple[str, ...]:
        """The annotations that others have changed."""
        return tuple(e for e in _differing(before, now) if not self.own.annotates(name, e))

    async def _tell_account(self, session: ImapSession) -> None:
        before, self._account_metadata = self._account_metadata, await session.account.metadata()
        entries = self._entries("", before, self._account_metadata)
        if entries and any("ServerMetadataChange" in _names(g.events) for g in self._groups):
            await session.send(MetadataResponse("", None, entries))

    def _events(self, session: ImapSession, name: str) -> frozenset[str]:
        """The events that the client wants to hear of a mailbox."""
        account = session.account
        subscribed = name in self._subscribed
        return frozenset(
            event
            for group in self._groups
            if _covers(group.mailboxes, name, account, subscribed=subscribed)
            for event in _names(group.events)
        )

    def _message_events(self, session: ImapSession, name: str) -> frozenset[str]:
        """Those of messages; of the selected mailbox there are none here."""
        selected = session.selected
        if selected is not None and selected.mailbox.name == name:
            return frozenset()
        return self._events(session, name) & _MESSAGE_EVENTS


def _names(events: Iterable[str | Option] | None) -> list[str]:
    return [event.name if isinstance(event, Option) else event for event in events or ()]


def _interest(events: Iterable[str | Option]) -> Interest:
    names = _names(events)
    return Interest(
        arrivals="MessageNew" in names,
        expunges="MessageExpunge" in names,
        flags="FlagChange" in names,
        uids=True,
    )


def _items(events: Iterable[str | Option]) -> Sequence[FetchItem]:
    for event in events:
        if isinstance(event, Option) and event.name == "MessageNew":
            items: Sequence[FetchItem] = event.argument
            return items
    return ()


def _canonical(group: EventGroup, delimiter: str) -> EventGroup:
    """A group with the names of mailboxes as stores have them."""
    names = tuple(canonical_name(name, delimiter) for name in group.mailboxes.mailboxes)
    return evolve(group, mailboxes=evolve(group.mailboxes, mailboxes=names))


def _covers(which: MailboxFilter, name: str, account: Account, *, subscribed: bool) -> bool:
    """Whether a filter is about a mailbox (RFC 5465 6)."""
    if which.kind == "SUBSCRIBED":
        return subscribed
    if which.kind == "MAILBOXES":
        return name in which.mailboxes
    if which.kind == "SUBTREE":
        below = account.delimiter
        return any(name == top or name.startswith(top + below) for top in which.mailboxes)
    return account.is_own(name)  # PERSONAL, or INBOXES: mail may be delivered to all of them


async def _look(session: ImapSession, name: str) -> _Known | None:
    """Return what can be known of a mailbox, None if it is not there."""
    try:
        mailbox = await session.account.mailbox(name)
        return _Known(
            mailbox.mailbox_id, await mailbox.state(), await session.account.metadata(name)
        )
    except StoreError:
        return None


def _status(
    name: str, state: MailboxState, session: ImapSession, *, validity: bool
) -> StatusResponse:
    items = {"MESSAGES": state.messages, "UIDNEXT": state.uid_next}
    if validity:
        items["UIDVALIDITY"] = state.uid_validity
    if session.condstore:
        items["HIGHESTMODSEQ"] = state.highest_modseq
    return StatusResponse(name, items)


def _differing(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> tuple[str, ...]:
    return tuple(sorted(e for e in before.keys() | now.keys() if before.get(e) != now.get(e)))


def _check(session: ImapSession, groups: Sequence[EventGroup]) -> None:
    """Refuse what can not be watched. Raises :class:`Refused`, :class:`UnknownKey`."""
    names_of_mailboxes = sum(len(group.mailboxes.mailboxes) for group in groups)
    if len(groups) > _MOST_GROUPS or names_of_mailboxes > _MOST:
        raise Refused(_OVERFLOW)
    chosen = 0
    for group in groups:
        names = set(_names(group.events))
        if names - {*_EVENTS}:
            raise Refused(No("There are no such events here", BadEvent(_EVENTS)))
        pair = names & {"MessageNew", "MessageExpunge"}
        if len(pair) == 1 or ("FlagChange" in names and not pair):
            raise Refused(Bad("MessageNew and MessageExpunge are asked for together"))
        if group.mailboxes.kind in _SELECTED:
            chosen += 1
            if chosen > 1 or names - _MESSAGE_EVENTS:
                raise Refused(Bad("The selected mailbox is named once, for its messages"))
        plan(_items(group.events or ()), session.service.fetch_items)


async def serve_notify(session: ImapSession, tag: str, command: Notify) -> Condition:
    """NOTIFY: what is told before its completion is as for NOOP (RFC 5465 3.1)."""
    groups = command.groups or ()
    _check(session, groups)
    await session.tell_news()
    watching = _Watching(session, groups)
    try:
        await watching.begin(session, status=command.status)
    except BaseException:
        watching.stop()
        raise
    session.notify(watching)
    return Ok("NOTIFY completed")


async def serve_idle(session: ImapSession, tag: str, command: Idle) -> Condition | None:
    """IDLE: consent, and tell what is new until DONE comes (RFC 2177)."""
    session.core.send(Continuation("idling"))
    session.idling = tag
    if session.selected is not None:
        session.watch(session.selected.mailbox.watch(session.wake))
    await session.tell_news()
    return None


HANDLERS: Mapping[type, Handler] = {Idle: serve_idle, Notify: serve_notify}
