"""A client core and a server core of IMAP, wired together without I/O, with mailboxes behind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from mailproto import sasl
from mailproto._value import evolve
from mailproto.imap import (
    DEFAULT_CAPABILITIES,
    Append,
    Authenticate,
    Bad,
    Capabilities,
    ClientConnection,
    Close,
    Command,
    Condition,
    ConnectionClosed,
    EndOfContent,
    Examine,
    ExistsResponse,
    Expunge,
    ExpungeResponse,
    Fetch,
    FetchItems,
    FetchResponse,
    FlagsResponse,
    InvalidCommand,
    List,
    ListResponse,
    Literal,
    LiteralOffered,
    Login,
    MessageOctets,
    No,
    Ok,
    ResponseCode,
    SearchCommand,
    SearchResponse,
    Section,
    Select,
    SequenceSet,
    ServerConnection,
    ServerEvent,
    Status,
    StatusResponse,
    Store,
    TaggedCommand,
    UidValidity,
    Unauthenticate,
    Unselect,
    UpgradeToTls,
)
from mailproto.testing.chunking import Cut, whole
from mailproto.testing.core_pair import CorePair

__all__ = ["ImapPair", "Mailboxes", "StoredMessage"]

_OFFERED = Capabilities(
    [
        *DEFAULT_CAPABILITIES,
        *("AUTH=PLAIN", "AUTH=CRAM-MD5", "STARTTLS", "MULTIAPPEND", "UNAUTHENTICATE"),
    ]
)
_NO_MAILBOX = No("No such mailbox", ResponseCode("NONEXISTENT"))
_TRY_CREATE = No("No such mailbox", ResponseCode("TRYCREATE"))


@attrs.define
class StoredMessage:
    """A message in a mailbox: its UID, its octets and its flags."""

    uid: int
    content: bytes
    flags: set[str]


class Mailboxes:
    """Mailboxes, and whose they are: answers the events of a server core.

    ``messages`` are those of INBOX; ``boxes`` holds all mailboxes by their names,
    ``passwords`` the users. There is one session at a time.
    """

    def __init__(
        self, messages: Sequence[bytes] = (), *, passwords: Mapping[str, str] | None = None
    ) -> None:
        self.boxes: dict[str, list[StoredMessage]] = {
            "INBOX": [StoredMessage(uid, it, set()) for uid, it in enumerate(messages, 1)]
        }
        self.passwords = passwords or {"ann": "secret"}
        self.selected: str | None = None
        self._received: list[bytes] = []  # complete literals of the APPEND that comes
        self._coming = bytearray()

    def serve(self, server: ServerConnection, event: ServerEvent) -> None:
        """Answer ``event``; what is no matter of mailboxes gets the ordinary answer."""
        if not isinstance(event, TaggedCommand):
            serve = _SERVE_EVENT.get(type(event), Mailboxes._ordinary)
            serve(self, server, event)
            return
        answer = _ANSWER.get(type(event.command))
        if answer is None:
            self._ordinary(server, event)
            return
        completion = answer(self, server, event.command)
        if completion is not None:
            server.send(evolve(completion, tag=event.tag))

    def _ordinary(self, server: ServerConnection, event: ServerEvent) -> None:
        server.send(server.default_response(event))

    # --- logins ---

    def _log_in(self, server: ServerConnection, command: Login) -> None:
        server.authenticate()

    def _authenticate(self, server: ServerConnection, command: Authenticate) -> Condition | None:
        mechanism = sasl.server_mechanism(command.mechanism)
        if mechanism is None:
            return No("No such mechanism")
        server.authenticate(mechanism)
        return None

    def _check(self, server: ServerConnection, query: sasl.CheckPassword) -> None:
        server.answer(self.passwords.get(query.user) == query.password)

    def _look_up(self, server: ServerConnection, query: sasl.LookupPassword) -> None:
        server.answer(self.passwords.get(query.user))

    # --- content that comes ---

    def _weigh(self, server: ServerConnection, offer: LiteralOffered) -> None:
        if getattr(offer.command, "mailbox", None) in self.boxes:
            server.accept_literal()
        else:
            server.send(evolve(_TRY_CREATE, tag=offer.tag))

    def _forget(self, server: ServerConnection, event: InvalidCommand) -> None:
        self._received.clear()
        self._ordinary(server, event)

    def _take(self, server: ServerConnection, octets: MessageOctets) -> None:
        self._coming += octets.data

    def _end_content(self, server: ServerConnection, event: EndOfContent) -> None:
        self._received.append(bytes(self._coming))
        self._coming.clear()

    def _append(self, server: ServerConnection, command: Append) -> Condition:
        received, self._received = self._received, []
        box = self.boxes[command.mailbox]
        for message, content in zip(command.messages, received, strict=True):
            uid = box[-1].uid + 1 if box else 1
            box.append(StoredMessage(uid, content, set(message.flags or ())))
        if command.mailbox == self.selected:
            server.send(ExistsResponse(len(box)))
        return Ok("appended")

    # --- mailboxes ---

    def _select(self, server: ServerConnection, command: Select) -> Condition:
        self.selected = command.mailbox if command.mailbox in self.boxes else None
        if self.selected is None:
            return _NO_MAILBOX
        server.send(FlagsResponse((r"\Deleted", r"\Seen")))
        server.send(ExistsResponse(len(self.boxes[self.selected])))
        server.send(Ok("valid", UidValidity(1)))
        read_only = isinstance(command, Examine)
        return Ok("selected", ResponseCode("READ-ONLY" if read_only else "READ-WRITE"))

    def _leave(self, server: ServerConnection, command: Command) -> Condition:
        if isinstance(command, Close) and self.selected is not None:
            box = self.boxes[self.selected]
            box[:] = [message for message in box if r"\Deleted" not in message.flags]
        self.selected = None
        return Ok("left")

    def _list(self, server: ServerConnection, command: List) -> Condition:
        for name in self.boxes:
            server.send(ListResponse((), "/", name))
        return Ok("listed")

    def _status(self, server: ServerConnection, command: Status) -> Condition:
        if command.mailbox not in self.boxes:
            return _NO_MAILBOX
        count = len(self.boxes[command.mailbox])
        server.send(StatusResponse(command.mailbox, {"MESSAGES": count}))
        return Ok("told")

    # --- messages ---

    def _named(self, numbers: SequenceSet, *, uid: bool) -> list[tuple[int, StoredMessage]]:
        """The messages with these numbers or UIDs, with their numbers."""
        box = self.boxes[self.selected or "INBOX"]
        last = (box[-1].uid if uid else len(box)) if box else 0
        return [
            (number, message)
            for number, message in enumerate(box, 1)
            if numbers.contains(message.uid if uid else number, last)
        ]

    def _fetch(self, server: ServerConnection, command: Fetch) -> Condition:
        for number, message in self._named(command.numbers, uid=command.uid):
            items: FetchItems = {"UID": message.uid} if command.uid else {}
            sections = [item.key for item in command.items if isinstance(item, Section)]
            if len(sections) < len(command.items):
                items["FLAGS"] = tuple(sorted(message.flags))
            items.update((key, Literal(len(message.content))) for key in sections)
            server.send(FetchResponse(number, items))
            for _ in sections if message.content else ():
                server.send(MessageOctets(message.content))
        return Ok("fetched")

    def _store(self, server: ServerConnection, command: Store) -> Condition:
        change = _CHANGES.get(command.item)
        if change is None:
            return Bad("Only flags can be stored")
        flags = {flag for flag in command.values if isinstance(flag, str)}
        for number, message in self._named(command.numbers, uid=command.uid):
            message.flags = change(message.flags, flags)
            if not command.silent:
                server.send(FetchResponse(number, {"FLAGS": tuple(sorted(message.flags))}))
        return Ok("stored")

    def _search(self, server: ServerConnection, command: SearchCommand) -> Condition:
        """Find all messages, whatever the query."""
        box = self.boxes[self.selected or "INBOX"]
        found = enumerate(box, 1)
        server.send(SearchResponse(tuple(it.uid if command.uid else n for n, it in found)))
        return Ok("found")

    def _expunge(self, server: ServerConnection, command: Expunge) -> Condition:
        box = self.boxes[self.selected or "INBOX"]
        for number in range(len(box), 0, -1):
            if r"\Deleted" in box[number - 1].flags:
                del box[number - 1]
                server.send(ExpungeResponse(number))
        return Ok("expunged")


_CHANGES: dict[str, Callable[[set[str], set[str]], set[str]]] = {
    "FLAGS": lambda old, new: new,
    "+FLAGS": lambda old, new: old | new,
    "-FLAGS": lambda old, new: old - new,
}

_Answer: TypeAlias = Callable[[Mailboxes, ServerConnection, Any], Condition | None]
_ANSWER: dict[type[Any], _Answer] = {
    Login: Mailboxes._log_in,
    Authenticate: Mailboxes._authenticate,
    Append: Mailboxes._append,
    Select: Mailboxes._select,
    Examine: Mailboxes._select,
    Close: Mailboxes._leave,
    Unselect: Mailboxes._leave,
    Unauthenticate: Mailboxes._leave,
    List: Mailboxes._list,
    Status: Mailboxes._status,
    Fetch: Mailboxes._fetch,
    Store: Mailboxes._store,
    SearchCommand: Mailboxes._search,
    Expunge: Mailboxes._expunge,
}
_SERVE_EVENT: dict[type[Any], Callable[[Mailboxes, ServerConnection, Any], None]] = {
    sasl.CheckPassword: Mailboxes._check,
    sasl.LookupPassword: Mailboxes._look_up,
    LiteralOffered: Mailboxes._weigh,
    MessageOctets: Mailboxes._take,
    EndOfContent: Mailboxes._end_content,
    InvalidCommand: Mailboxes._forget,
}


class ImapPair(CorePair[ClientConnection, ServerConnection]):
    """A client and a server of IMAP, the latter over ``mailboxes``.

    ``cut`` says how bytes are cut on their way. The server greets at once, with what it
    offers; without ``greeting`` its user does it. See :class:`CorePair` for the rest.

    >>> pair = ImapPair()
    >>> pair.send(Noop())[-1].response
    Ok(text='NOOP completed', tag='A1')
    """

    closed = ConnectionClosed
    upgrade = UpgradeToTls

    def __init__(
        self,
        client: ClientConnection | None = None,
        server: ServerConnection | None = None,
        *,
        mailboxes: Mailboxes | None = None,
        cut: Cut = whole,
        greeting: bool = True,
    ) -> None:
        super().__init__(
            client or ClientConnection(), server or ServerConnection(_OFFERED), cut=cut
        )
        self.mailboxes = mailboxes or Mailboxes()
        if greeting:
            self.server.send(self.server.default_response(None))
            self.run()

    def _may_pipeline(self, item: Any) -> bool:
        return not isinstance(item, Command) or self.client.may_pipeline(item)

    def _answer(self, event: ServerEvent) -> None:
        self.mailboxes.serve(self.server, event)
