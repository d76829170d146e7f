"""One IMAP connection, served over a store: the loop, logins, and what handlers stand on."""

from collections.abc import Awaitable, Callable
from math import inf
from typing import Any, ClassVar, get_args

from mailproto._value import evolve
from mailproto.imap import (
    Bad,
    Bye,
    CapabilityCode,
    Condition,
    ConnectionClosed,
    Done,
    InvalidCommand,
    LiteralOffered,
    MessageOctets,
    No,
    Ok,
    Response,
    ResponseCode,
    SearchCommand,
    ServerConnection,
    ServerEvent,
    Sort,
    TaggedCommand,
    UpgradeToTls,
)
from mailproto.sasl import Authenticated, Query, Rejected
from mailproto.servers.imap.content import Content
from mailproto.servers.imap.criteria import UnknownKey
from mailproto.servers.imap.own_changes import NO_CHANGES, own_changes
from mailproto.servers.imap.selected import Interest, Selected, Style
from mailproto.servers.imap.service import ImapService, Notifying, Refused, Uploading
from mailproto.servers.imap.view import NoSuchMessage
from mailproto.servers.session import ServerSession, log
from mailproto.stores import Account, Mailbox, MessageInfo, StoreError
from mailproto.stream import PeerStream

__all__ = ["CONDSTORE", "ImapSession"]

CONDSTORE = frozenset({"CONDSTORE", "QRESYNC"})
"""The extensions with which mod-sequences are told (RFC 7162 3.1, 3.2.3)."""

_ALL_NEWS = Interest()

_LONGEST_TEXT = 400  # characters of what a store says
_MOST_RECENT = 100_000  # mailboxes of which is known what is recent
_BATCH = 100  # responses that are written at once
_MODERATE = 8192  # octets of content that count as one more response
_GONE = {"NONEXISTENT": "was deleted", "NOPERM": "may not be read any more"}


class ImapSession(ServerSession[ImapService, ServerConnection]):
    """One connection: who it is, what it has selected, and the loop that serves it."""

    __slots__ = (
        "_account",
        "_condstore",
        "_notifying",
        "_sent",
        "_uploading",
        "_watches",
        "idling",
        "selected",
    )

    closed = ConnectionClosed
    goodbye: ClassVar[Bye] = Bye("Closing, come back later", ResponseCode("UNAVAILABLE"))
    timed_out: ClassVar[Bye] = Bye("Autologout; idle for too long")
    failed: ClassVar[Bye] = Bye("This failed, closing", ResponseCode("SERVERBUG"))

    def __init__(self, stream: PeerStream, service: ImapService) -> None:
        connection = ServerConnection(
            limits=service.limits,
            strict=service.strict,
            tls=service.implicit_tls,
            allow_plaintext=service.allow_plaintext,
            trace=service.trace,
        )
        super().__init__(stream, service, connection)
        self._account: Account | None = None
        self._uploading: Uploading | None = None
        self._notifying: Notifying | None = None
        self._sent = 0
        self._watches: list[Callable[[], None]] = []
        self.selected: Selected | None = None
        """The selected mailbox."""
        self._condstore = False
        self.idling: str | None = None
        """The tag of the IDLE under way."""

    @property
    def interruptible(self) -> bool:
        """See :class:`ServerSession`."""
        busy = self._connection.in_flight or self._uploading is not None
        return not busy or self.idling is not None

    @property
    def account(self) -> Account:
        """The mail of who has authenticated."""
        assert self._account is not None
        return self._account

    @property
    def rev2(self) -> bool:
        """Whether the client has enabled IMAP4rev2."""
        return "IMAP4REV2" in self._connection.enabled

    @property
    def condstore(self) -> bool:
        """Whether the client wants mod-sequences (RFC 7162 3.1)."""
        return self._condstore or not CONDSTORE.isdisjoint(self._connection.enabled)

    def enable_condstore(self) -> None:
        """Tell mod-sequences from here on, and first where the selected mailbox stands.

        That is due to the first command that asks for them (RFC 7162 3.1).
        """
        if not self.condstore and self.selected is not None:
            self._connection.send(self.selected.highest_modseq)
        self._condstore = True

    @property
    def style(self) -> Style:
        """How the client wants to be told of messages."""
        enabled = self._connection.enabled
        return Style(
            recent=not self.rev2,
            modseq=self.condstore,
            vanished="QRESYNC" in enabled,
            uid_only="UIDONLY" in enabled,
        )

    # --- what handlers use ---

    async def send(self, response: Response, octets: int = 0) -> None:
        """Send an untagged response; ``octets`` is how much content is in it, roughly.

        Now and then, wait until the client has taken them, and let other sessions have a turn.
        """
        self._connection.send(response)
        self._sent += 1 + octets // _MODERATE
        if self._sent >= _BATCH:
            self._sent = 0
            await self.flush()
            await self._service.runtime.sleep(0)

    async def send_octets(self, data: bytes) -> None:
        """Send octets of a literal, and wait until the client has taken them."""
        self._connection.send(MessageOctets(data))
        self._sent = 0
        await self.flush()

    def chosen(self) -> Selected:
        """The selected mailbox; there is one, or the core would not hand out the command."""
        assert self.selected is not None
        return self.selected

    def content(
        self, info: MessageInfo, mailbox: Mailbox | None = None, *, beginning: bytes = b""
    ) -> Content:
        """The content of a message of a mailbox, by default the selected one.

        ``beginning`` are its first octets, if they were read already.
        """
        mailbox = mailbox or self.chosen().mailbox
        return Content(
            mailbox.owner or self.user or "", mailbox, info, self._service.structures, beginning
        )

    def writable(self, rights: str = "") -> Selected:
        """The selected mailbox, if it may be changed, and with these rights.

        Raises :class:`Refused`, :class:`StoreError`.
        """
        selected = self.chosen()
        if selected.read_only:
            raise Refused(No("The mailbox is selected read-only", ResponseCode("READ-ONLY")))
        selected.mailbox.require(rights)
        return selected

    def first_recent(self, mailbox_id: str, uid_validity: int) -> int:
        """The UID from which on no session was told yet of the messages of a mailbox."""
        return self._service.recent.get((self.user, mailbox_id, uid_validity), 1)

    def claim_recent(self, selected: Selected, uid_next: int) -> int:
        """Take the recent messages of a mailbox for this session; return the first UID of them."""
        key = selected.mailbox.mailbox_id, selected.uid_validity
        first = self.first_recent(*key)
        recent = self._service.recent
        recent[self.user, *key] = max(first, uid_next)
        if len(recent) > _MOST_RECENT:  # what is forgotten will be recent once more
            del recent[next(iter(recent))]
        return first

    async def tell_news(self, *, expunged: bool = False) -> None:
        """Tell what is new, as far as the client wants to hear it and may be told now.

        ``expunged`` says that the command itself expunges, so that it is told in any case. Ends
        the session if that fails, for then nobody knows what the client knows.
        """
        try:
            await self._tell_news(expunged=expunged)
        except Exception as error:
            if self.lost:
                raise
            raise RuntimeError("what is new is not known") from error

    async def _tell_news(self, *, expunged: bool) -> None:
        notifying = self._notifying
        if notifying is not None:
            await self._unasked(notifying.tell(self))
        selected = self.selected
        if selected is None:
            return
        await self.learn(selected)
        interest = _ALL_NEWS if notifying is None else notifying.interest
        last = selected.view.last_told
        expunges = (interest.expunges or expunged) and self._connection.may_expunge
        for response in selected.news(self.style, evolve(interest, expunges=expunges)):
            await self.send(response)
        if self.style.vanished and selected.view.gone:  # what was told is newer, RFC 7162 3.2, 6
            await self.send(selected.highest_modseq)
        if notifying is not None and selected.view.last_told > last:
            await self._unasked(notifying.arrived(self, selected.view.told_after(last)))

    async def _unasked(self, telling: Awaitable[None]) -> None:
        """Tell something that no command asks for; if that fails, nobody is concerned."""
        try:
            await telling
        except (StoreError, Refused) as error:
            log.warning("%s: some news could not be told: %s", self.peer, error)

    async def learn(self, selected: Selected) -> None:
        """Look at what has changed in the mailbox. Ends the session if it is gone for the user."""
        last = selected.view.last_uid
        try:
            if not await selected.refresh():
                return
        except StoreError as error:
            if error.code not in _GONE:
                log.warning("%s: what is new is not known: %s", self.peer, error)
                return
            self.deselect()
            self._connection.send(Bye(f"The selected mailbox {_GONE[error.code]}"))
            raise self.give_up(f"the selected mailbox {_GONE[error.code]}") from error
        view = selected.view
        if view.last_uid > last and not selected.read_only:
            first = self.claim_recent(selected, view.last_uid + 1)
            arrived = view.uids[view.count_up_to(last) :]
            view.recent |= frozenset(uid for uid in arrived if uid >= first)

    @property
    def append_limit(self) -> int | None:
        """The size of the largest message that can be appended (RFC 7889)."""
        return self._service.limits.message_size

    def forget_user(self) -> None:
        """Be as before the login (RFC 8437)."""
        self.unwatch()
        self.unnotify()
        self.deselect()
        self._account = None
        self._condstore = False

    def deselect(self) -> None:
        """Let go of the selected mailbox."""
        self.selected = None

    # --- waiting ---

    @property
    def poll_interval(self) -> float:
        """See :class:`ServerSession`."""
        interval = self._service.store.poll_interval
        watches = self._watches or self._notifying is not None
        return interval if watches and interval is not None else inf

    async def refresh(self) -> None:
        """See :class:`ServerSession`."""
        if self.idling is not None or (self._notifying is not None and self.interruptible):
            await self.tell_news()

    def notify(self, notifying: Notifying) -> None:
        """Tell what is chosen from here on, also between commands."""
        self.unnotify()
        self._notifying = notifying

    def unnotify(self) -> None:
        """Tell of the selected mailbox only, and while commands are served."""
        notifying, self._notifying = self._notifying, None
        if notifying is not None:
            notifying.stop()

    def watch(self, stop: Callable[[], None]) -> None:
        """Note what ends a watch over a mailbox that wakes this session."""
        self._watches.append(stop)

    def unwatch(self) -> None:
        """End all watches."""
        while self._watches:
            self._watches.pop()()

    # --- the loop ---

    async def begin(self) -> None:
        """See :class:`ServerSession`."""
        connection = self._connection
        connection.capabilities = self._service.offered(self.tls)
        connection.send(Ok(f"{self._service.hostname} IMAP4", CapabilityCode(connection.offered)))

    async def serve_event(self, event: ServerEvent) -> None:
        """Serve one event and answer it."""
        await _SERVE[type(event)](self, event)

    async def end(self) -> None:
        """Let go of everything."""
        self._drop_upload()
        self.unwatch()
        self.unnotify()
        self.deselect()

    async def _serve_default(self, event: Any) -> None:
        self._connection.send(self._connection.default_response(event))

    async def _serve_invalid(self, event: InvalidCommand) -> None:
        self._drop_upload()
        self._unsave(event.command, event.response)
        self._connection.send(event.response)

    async def _serve_command(self, event: TaggedCommand) -> None:
        handler = self._service.handlers.get(type(event.command))
        uploading, self._uploading = self._uploading, None
        answer: Any
        try:
            if uploading is not None:
                answer = await uploading.finish(self, event.tag, event.command)
            elif handler is not None:
                answer = await handler(self, event.tag, event.command)
            else:
                answer = self._connection.default_response(event)
        except Exception as error:
            answer = self._refusal(error)
        finally:
            if uploading is not None:
                uploading.discard()
        if answer is not None:
            self._unsave(event.command, answer)
            await self._tell_news_behind(event.command, answer)
            self._connection.send(evolve(answer, tag=event.tag))

    async def _tell_news_behind(self, command: object, answer: Condition) -> None:
        """Tell what is new, but for what the command itself has done (RFC 5465 5)."""
        notifying = self._notifying
        if notifying is not None:
            notifying.own = own_changes(command, answer, self.account.delimiter)
            await self.tell_news()
            notifying.own = NO_CHANGES
        elif self.selected is not None:
            await self.tell_news()

    def _unsave(self, command: object, answer: Condition) -> None:
        """Let ``$`` be empty if a search fails with NO that would have set it (RFC 5182 2.1)."""
        if (
            isinstance(answer, No)
            and isinstance(command, SearchCommand | Sort)
            and "SAVE" in (command.returns or ())
            and self.selected is not None
        ):
            self.selected.view.saved = ()

    def _refusal(self, error: Exception) -> Condition:
        """What to answer where a handler failed; raises it again if nothing can be said."""
        if self.lost:
            raise error
        if isinstance(error, Refused):
            return error.response
        if isinstance(error, StoreError):
            return No(_plain(str(error)), ResponseCode(error.code))
        if isinstance(error, NoSuchMessage):
            return Bad(str(error))
        if isinstance(error, UnknownKey):
            return Bad(_plain(f"no support for {error}"))
        log.exception("%s: a command failed", self.peer)
        return No("This failed", ResponseCode("SERVERBUG"))

    async def _serve_literal(self, offer: LiteralOffered) -> None:
        try:
            if self._uploading is None:
                command: Any = offer.command
                self._uploading = self._service.uploads[type(command)](command.mailbox)
            await self._uploading.literal(self, offer)
        except Exception as error:
            self._drop_upload()
            self._connection.send(evolve(self._refusal(error), tag=offer.tag))

    def _drop_upload(self) -> None:
        uploading, self._uploading = self._uploading, None
        if uploading is not None:
            uploading.discard()

    async def _serve_done(self, event: Done) -> None:
        tag, self.idling = self.idling, None
        self.unwatch()
        await self.tell_news()
        self._connection.send(Ok("IDLE completed", tag=tag))

    # --- TLS and logins ---

    async def _serve_upgrade(self, event: UpgradeToTls) -> None:
        await self.start_tls()
        self._connection.capabilities = self._service.offered(self.tls)

    async def _serve_authenticated(self, event: Authenticated) -> None:
        (tag,) = self._connection.in_flight
        try:
            self._account = await self._service.store.account(event.authzid or event.user)
        except StoreError as error:
            self._connection.send(No(_plain(str(error)), ResponseCode("UNAVAILABLE"), tag))
        except Exception:
            log.exception("%s: the store failed", self.peer)
            self._connection.send(No("No mail now", ResponseCode("UNAVAILABLE"), tag))
        else:
            self._connection.send(self._connection.default_response(event))


def _plain(text: str) -> str:
    """What a store says, as a line of ASCII that begins no response code (RFC 9051 9 ``text``)."""
    line = " ".join(text[:_LONGEST_TEXT].split()).lstrip("[")
    shown = "".join(c if " " <= c <= "~" else ascii(c)[1:-1] for c in line)
    return shown[:1].upper() + shown[1:]


_SERVE: dict[type[Any], Callable[[ImapSession, Any], Awaitable[None]]] = {
    **dict.fromkeys(get_args(Query), ImapSession._serve_query),
    InvalidCommand: ImapSession._serve_invalid,
    TaggedCommand: ImapSession._serve_command,
    LiteralOffered: ImapSession._serve_literal,
    Done: ImapSession._serve_done,
    UpgradeToTls: ImapSession._serve_upgrade,
    Authenticated: ImapSession._serve_authenticated,
    Rejected: ImapSession._serve_rejected,
}
