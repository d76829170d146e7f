"""One POP3 connection, served over a store."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any, ClassVar, get_args

from mailproto._value import field, value
from mailproto.limits import Pop3Limits
from mailproto.pop3 import (
    Apop,
    Auth,
    AuthResponse,
    Capa,
    Capabilities,
    ConnectionClosed,
    Dele,
    EndOfListing,
    EndOfMessage,
    InvalidCommand,
    Lang,
    List,
    MaildropStatus,
    MessageData,
    Noop,
    Pass,
    Quit,
    Response,
    ResponseCode,
    Retr,
    Rset,
    ScanListing,
    ScanListings,
    ServerConnection,
    ServerEvent,
    Stat,
    Stls,
    Top,
    Uidl,
    UniqueId,
    UniqueIds,
    UnknownCommand,
    UpgradeToTls,
    User,
    Utf8,
    apop_timestamp,
)
from mailproto.sasl import Authenticated, Query, Rejected
from mailproto.servers.session import ServerSession, Service, log
from mailproto.stores import Mailbox, MailStore, StoreError
from mailproto.stream import PeerStream
from mailproto.tls import TlsInfo

__all__ = ["Pop3Service", "Pop3Session"]

_BATCH = 1000  # entries of a listing that are written at once
_NO_SUCH_MESSAGE = Response(False, "No such message")
_DELETED = Response(False, "That message is deleted")
_UNAVAILABLE = Response(False, "The maildrop is out of order", ResponseCode.SYS_TEMP)


@value
class Pop3Service(Service[Capabilities]):
    """What all sessions of one POP3 server share; ``serve_pop3`` explains each field."""

    store: MailStore
    hostname: str
    limits: Pop3Limits
    apop: bool = field(default=False, kw_only=True)

    def _offer(self, tls: TlsInfo | None) -> Capabilities:
        lines = [*_CAPABILITIES]
        if self.tls_context is not None:
            lines.append("STLS")
        if names := self.mechanisms(tls):
            lines.append(f"SASL {' '.join(names)}")
        if tls is not None or self.allow_plaintext:
            lines.append("USER")
        return Capabilities(lines)


_CAPABILITIES = (
    "TOP",
    "UIDL",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "PIPELINING",
    "UTF8",
    "EXPIRE NEVER",
    "IMPLEMENTATION mailproto",
)


class _Message:
    """One message of the maildrop as it was when the session began (RFC 1939 3)."""

    __slots__ = ("deleted", "size", "uid", "unique_id")

    def __init__(self, uid: int, size: int, unique_id: str) -> None:
        self.uid = uid
        self.size = size
        self.unique_id = unique_id
        self.deleted = False


class Pop3Session(ServerSession[Pop3Service, ServerConnection]):
    """One connection: its maildrop, and the loop that serves it."""

    __slots__ = ("_mailbox", "_messages", "_stack")

    closed = ConnectionClosed
    goodbye: ClassVar[Response] = Response(False, "Closing, come back later", ResponseCode.SYS_TEMP)
    timed_out = None  # RFC 1939 3: no response then

    def __init__(self, stream: PeerStream, service: Pop3Service) -> None:
        connection = ServerConnection(
            limits=service.limits,
            strict=service.strict,
            tls=service.implicit_tls,
            allow_plaintext=service.allow_plaintext,
            trace=service.trace,
        )
        super().__init__(stream, service, connection)
        self._stack: AsyncExitStack | None = None  # holds the lock of the maildrop
        self._mailbox: Mailbox | None = None
        self._messages: list[_Message] = []

    @property
    def interruptible(self) -> bool:
        """See :class:`ServerSession`."""
        return True  # what is marked as deleted stays, as after any end without QUIT

    async def begin(self) -> None:
        """See :class:`ServerSession`."""
        connection = self._connection
        connection.capabilities = self._service.offered(self.tls)
        greeting = f"{self._service.hostname} POP3"
        if self._service.apop:
            greeting += f" {apop_timestamp(self._service.hostname)}"
        connection.send(Response(True, greeting))

    async def serve_event(self, event: ServerEvent) -> None:
        """Serve one event and answer it."""
        await _SERVE[type(event)](self, event)

    async def end(self) -> None:
        """Let go of the maildrop."""
        stack, self._stack = self._stack, None
        if stack is not None:
            await stack.aclose()

    async def _serve_default(self, event: Any) -> None:
        self._connection.send(self._connection.default_reply(event))

    # --- AUTHORIZATION ---

    async def _serve_upgrade(self, event: UpgradeToTls) -> None:
        await self.start_tls()
        self._connection.capabilities = self._service.offered(self.tls)

    async def _serve_login(self, command: Pass | Apop) -> None:
        if self._service.authenticator is None:
            self._connection.send(self._connection.default_reply(command))
        else:
            self._connection.authenticate()

    async def _serve_auth(self, command: Auth) -> None:
        mechanism = self.mechanism(command.mechanism)
        if mechanism is None:
            self._connection.send(self._connection.default_reply(command))
        else:
            self._connection.authenticate(mechanism)

    async def _serve_authenticated(self, event: Authenticated) -> None:
        self._connection.send(await self._open(event.authzid or event.user))

    async def _open(self, user: str) -> Response:
        """Lock the maildrop and list it; the response to the login."""
        stack = AsyncExitStack()
        try:
            account = await self._service.store.account(user)
            mailbox = await account.mailbox("INBOX")
            await stack.enter_async_context(mailbox.lock_maildrop())
            state = await mailbox.state()
            self._messages = [
                _Message(info.uid, info.size, f"{state.uid_validity}.{info.uid}")
                for info in await mailbox.messages()
            ]
        except StoreError as error:
            await stack.aclose()
            return _refusal(error)
        except Exception:
            log.exception("%s: the store failed", self.peer)
            await stack.aclose()
            return _UNAVAILABLE
        self._stack = stack
        self._mailbox = mailbox
        return Response(True, f"{len(self._messages)} messages")

    # --- TRANSACTION ---

    def _find(self, number: int) -> _Message | Response:
        """Return a message, or the refusal."""
        if not 1 <= number <= len(self._messages):
            return _NO_SUCH_MESSAGE
        message = self._messages[number - 1]
        return _DELETED if message.deleted else message

    def _present(self) -> list[tuple[int, _Message]]:
        return [(n, m) for n, m in enumerate(self._messages, 1) if not m.deleted]

    async def _serve_stat(self, command: Stat) -> None:
        present = self._present()
        status = MaildropStatus(len(present), sum(message.size for _, message in present))
        self._connection.send(Response(True, str(status)))

    async def _serve_list(self, command: List) -> None:
        await self._serve_listing(command.number, ScanListing, ScanListings, "size")

    async def _serve_uidl(self, command: Uidl) -> None:
        await self._serve_listing(command.number, UniqueId, UniqueIds, "unique_id")

    async def _serve_listing(
        self, number: int | None, entry: type[Any], batch: type[Any], attribute: str
    ) -> None:
        connection = self._connection
        if number is not None:
            message = self._find(number)
            if isinstance(message, _Message):
                message = Response(True, str(entry(number, getattr(message, attribute))))
            connection.send(message)
            return
        present = self._present()
        connection.send(Response(True, f"{len(present)} messages"))
        for at in range(0, len(present), _BATCH):
            some = present[at : at + _BATCH]
            column = [getattr(message, attribute) for _, message in some]
            connection.send(batch([number for number, _ in some], column))
            await self.flush()
        connection.send(EndOfListing())

    async def _serve_retr(self, command: Retr) -> None:
        await self._serve_message(command.number, None)

    async def _serve_top(self, command: Top) -> None:
        await self._serve_message(command.number, command.lines)

    async def _serve_message(self, number: int, lines: int | None) -> None:
        """Send a message, or its header and some lines. It is looked for before the +OK."""
        connection = self._connection
        message = self._find(number)
        if isinstance(message, Response):
            connection.send(message)
            return
        assert self._mailbox is not None
        async with aclosing(self._mailbox.read(message.uid)) as pieces:
            try:
                piece = await anext(pieces, None)
            except StoreError as error:
                connection.send(_refusal(error))
                return
            except Exception:
                log.exception("%s: the store failed", self.peer)
                connection.send(_UNAVAILABLE)
                return
            connection.send(Response(True, f"{message.size} octets"))
            top = _Top(lines)
            while piece is not None and not top.done:
                connection.send(MessageData(top.take(piece)))
                await self.flush()
                piece = await anext(pieces, None)
        connection.send(EndOfMessage())

    async def _serve_dele(self, command: Dele) -> None:
        message = self._find(command.number)
        if isinstance(message, Response):
            self._connection.send(message)
            return
        message.deleted = True
        self._connection.send(Response(True, "Deleted at QUIT"))

    async def _serve_rset(self, command: Rset) -> None:
        for message in self._messages:
            message.deleted = False
        self._connection.send(Response(True, f"{len(self._messages)} messages"))

    # --- UPDATE ---

    async def _serve_quit(self, command: Quit) -> None:
        deleted = [message.uid for message in self._messages if message.deleted]
        if self._mailbox is not None and deleted:
            try:
                await self._mailbox.expunge(deleted)
            except Exception:
                log.exception("%s: the store failed", self.peer)
                self._connection.send(
                    Response(False, "Some messages were not deleted", ResponseCode.SYS_TEMP)
                )
                return
        await self.end()
        self._connection.send(self._connection.default_reply(command))


def _refusal(error: StoreError) -> Response:
    """Say what the store said, in characters that can be sent."""
    text = str(error).encode("unicode_escape").decode()
    return Response(False, text, _CODES.get(error.code, ResponseCode.SYS_TEMP))


class _Top:
    """Lets pass the header, the empty line and ``lines`` lines; all if None (RFC 1939 7)."""

    __slots__ = ("_begun", "_in_body", "_lines", "done")

    def __init__(self, lines: int | None) -> None:
        self._lines = lines
        self._in_body = False
        self._begun = False  # whether the line under way has an octet already
        self.done = False

    def take(self, piece: bytes) -> bytes:
        """Return what may pass of ``piece``; sets ``done`` behind the last line."""
        if self._lines is None:
            return piece
        start = 0
        while end := piece.find(b"\n", start) + 1:
            if self._in_body:
                self._lines -= 1
            elif not self._begun and piece[start:end] in (b"\n", b"\r\n"):
                self._in_body = True
            if self._in_body and self._lines <= 0:
                self.done = True
                return piece[:end]
            self._begun = False
            start = end
        self._begun = self._begun or piece[start:] not in (b"", b"\r")
        return piece


# --- tables ---

# The response codes of POP3 for those of the store (RFC 5530).
_CODES: dict[str, ResponseCode] = {
    "INUSE": ResponseCode.IN_USE,
    "UNAVAILABLE": ResponseCode.SYS_TEMP,
    "SERVERBUG": ResponseCode.SYS_PERM,
    "CORRUPTION": ResponseCode.SYS_PERM,
    "NONEXISTENT": ResponseCode.SYS_PERM,
}

_SERVE: dict[type[Any], Callable[[Pop3Session, Any], Awaitable[None]]] = {
    **dict.fromkeys(
        (InvalidCommand, UnknownCommand, AuthResponse, Capa, Stls, Utf8, Lang, Noop, User),
        Pop3Session._serve_default,
    ),
    **dict.fromkeys(get_args(Query), Pop3Session._serve_query),
    UpgradeToTls: Pop3Session._serve_upgrade,
    Pass: Pop3Session._serve_login,
    Apop: Pop3Session._serve_login,
    Auth: Pop3Session._serve_auth,
    Authenticated: Pop3Session._serve_authenticated,
    Rejected: Pop3Session._serve_rejected,
    Stat: Pop3Session._serve_stat,
    List: Pop3Session._serve_list,
    Uidl: Pop3Session._serve_uidl,
    Retr: Pop3Session._serve_retr,
    Top: Pop3Session._serve_top,
    Dele: Pop3Session._serve_dele,
    Rset: Pop3Session._serve_rset,
    Quit: Pop3Session._serve_quit,
}
