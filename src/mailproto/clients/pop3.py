"""The POP3 client: what applications use."""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeVar

from mailproto._value import value
from mailproto.clients.session import ClientSession, Exchange, hung_up
from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    LimitExceeded,
    LocalProtocolError,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.pop3 import (
    Apop,
    Capa,
    Capabilities,
    ClientConnection,
    Command,
    ConnectionClosed,
    Dele,
    EndOfListing,
    EndOfMessage,
    Greeting,
    Lang,
    Languages,
    List,
    MaildropStatus,
    MessageData,
    Noop,
    Pass,
    Quit,
    Response,
    ResponseReceived,
    Retr,
    Rset,
    ScanListings,
    Stat,
    State,
    Stls,
    Top,
    Uidl,
    UniqueIds,
    UnsolicitedResponse,
    UpgradeToTls,
    User,
    Utf8,
    apop_digest,
)
from mailproto.sasl import DEFAULT_ORDER, ClientMechanism, Credentials, SaslError, choose
from mailproto.stream import Runtime, Stream

__all__ = ["MaildropEntry", "Pop3Client"]

T = TypeVar("T")

_DELETING = {Dele: True, Rset: False}  # whether there is something for QUIT to delete then
_AHEAD = 10  # messages that are asked for before the first has come
_OCTETS_AHEAD = 1024 * 1024
_QUIT_TIMEOUT = 30.0  # the server deletes meanwhile


@value
class MaildropEntry:
    """One message in the maildrop: number in this session, octets, unique-id.

    ``unique_id`` is the same in every session (RFC 1939 7); None if the server has none.
    """

    number: int
    size: int
    unique_id: str | None = None


class Pop3Client(ClientSession):
    """A connected POP3 client; get one from ``connect_pop3``.

    Several tasks may use it. If a call is cancelled or times out half way, the client can not
    be used any more. All methods may raise :class:`ConnectionLost`,
    :class:`RemoteProtocolError`, ``TimeoutError``, :class:`CommandFailed` (``-ERR``), and for
    what the protocol forbids :class:`LocalProtocolError`.
    """

    def __init__(
        self,
        stream: Stream,
        runtime: Runtime,
        connection: ClientConnection,
        *,
        timeout: float | None = None,
    ) -> None:
        super().__init__(stream, runtime, timeout=timeout)
        self._connection = connection
        self._downloads: Downloads | None = None  # has asked for messages ahead
        self._deleting = False  # whether something is marked that QUIT would delete
        self.greeting: Response | None = None
        """What the server said first."""

    @property
    def core(self) -> ClientConnection:
        """The core; look, but do not send."""
        return self._connection

    @property
    def half_done(self) -> bool:
        """See :class:`ClientSession`; what was asked for ahead can still be told apart."""
        ahead = 0 if self._downloads is None else self._downloads.ahead
        return len(self._connection.in_flight) > ahead

    def refusal_in(self, event: Any) -> ConnectionLost | None:
        """See :class:`ClientSession`."""
        if isinstance(event, (ResponseReceived, UnsolicitedResponse)) and not event.response.ok:
            return ConnectionLost(f"the server hung up: {event.response}", event.response)
        return None

    @property
    def capabilities(self) -> Capabilities | None:
        """What the server offers now; None if it does not tell."""
        return self._connection.capabilities

    @property
    def usable(self) -> bool:
        """Whether another command can be sent."""
        return (
            not self._unusable
            and not self._connection.said_goodbye
            and self._connection.state not in (State.CLOSED, State.ERROR)
        )

    def exchange(self, owner: object = None) -> Exchange:
        """See :class:`ClientSession`; what was asked for ahead is dropped, but for its owner."""
        return _Exchange(self, owner)

    async def drop_downloads(self, owner: object) -> None:
        """Drop what was asked for ahead, but for its owner; for the exchange itself."""
        downloads = self._downloads
        if downloads is not None and downloads is not owner:
            self._downloads = None
            await downloads.give_up()

    # --- one command at a time ---

    async def command(self, command: Command) -> ResponseReceived:
        """Send a command whose answer has one line, and return it, also if it is ``-ERR``."""
        async with self.exchange():
            return await self._command(command)

    async def capa(self) -> Capabilities | None:
        """Ask what the server offers (RFC 2449 5); None if it does not know CAPA."""
        async with self.exchange():
            return await self._capa()

    async def stat(self) -> MaildropStatus:
        """Return how many messages there are and their octets."""
        event = _checked(await self.command(Stat()))
        assert isinstance(event.value, MaildropStatus)
        return event.value

    async def list_messages(self) -> tuple[MaildropEntry, ...]:
        """Return all messages with sizes and unique-ids, in one round where PIPELINING is."""
        async with self.exchange():
            return await self._list_messages()

    async def retrieve(self, number: int) -> bytes:
        """Return a message, lines ending as the server sends them (CRLF).

        Raises :class:`LimitExceeded` if it is longer than ``Pop3Limits.held_message``.
        """
        async with self.exchange():
            self._send(Retr(number))
            return await self._message()

    async def top(self, number: int, lines: int = 0) -> bytes:
        """Return the header of a message and the first ``lines`` lines of its body.

        Raises :class:`LimitExceeded` as :meth:`retrieve` does.
        """
        async with self.exchange():
            self._send(Top(number, lines))
            return await self._message()

    @asynccontextmanager
    async def stream(self, number: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """Retrieve in constant memory: ``async with client.stream(1) as pieces: ...``.

        Leave the block early and the client can not be used any more.
        """
        async with self.exchange():
            self._send(Retr(number))
            async with aclosing(self._pieces()) as pieces:
                yield pieces
            if self.half_done:
                self._unusable = "a message was not read to its end"

    async def delete(self, *numbers: int) -> None:
        """Mark messages as deleted; they go when the session ends with QUIT."""
        async with self.exchange():
            for event in await self._batch([Dele(number) for number in numbers]):
                _checked(event)

    async def reset(self) -> None:
        """Take all deletions of this session back (RSET)."""
        _checked(await self.command(Rset()))

    async def noop(self) -> None:
        """Keep the session alive."""
        _checked(await self.command(Noop()))

    async def languages(self) -> tuple[Languages, ...]:
        """Return the languages that the server can speak (RFC 6856 3)."""
        async with self.exchange():
            _checked(await self._command(Lang()))
            return tuple(await self._batches(Languages))

    async def enable_utf8(self) -> None:
        """Switch to UTF-8 mode; before login only (RFC 6856 2)."""
        _checked(await self.command(Utf8()))

    def download_new(self, seen: Collection[str] = ()) -> "Downloads":
        """Iterate over the messages whose unique-id is not in ``seen``.

        ``async for entry, message in client.download_new(seen):`` gives each
        :class:`MaildropEntry` with its bytes; the next ones are asked for ahead where the
        server has PIPELINING. Large messages are held in memory one at a time, up to
        ``Pop3Limits.held_message``; for constant memory use :meth:`stream`. Raises
        :class:`LocalProtocolError` if the server has no unique-ids, and
        :class:`CommandFailed` for a message that is refused; go on with the next one then.
        """
        return Downloads(self, seen)

    # --- TLS and login ---

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Say STLS, do the handshake, ask CAPA again (RFC 2595 4).

        Raises :class:`TLSRequired` if the server refuses, ``ssl.SSLError``.
        """
        async with self.exchange():
            try:
                event = await self._command(Stls())
            except LocalProtocolError as error:
                raise TLSRequired(
                    f"{error}: try tls=TlsMode.IMPLICIT (port 995), or tls=TlsMode.NONE if "
                    "clear text will do"
                ) from None
            if not event.response.ok:
                raise TLSRequired(f"the server refused STLS: {event.response}")
            upgrade = await self.next_event()
            assert isinstance(upgrade, UpgradeToTls)
            tls = await self.upgrade(context, server_hostname)
            self._connection.tls_established(tls.channel_bindings)
            await self._capa()

    async def authenticate(self, mechanism: ClientMechanism) -> None:
        """Authenticate with this mechanism. Raises :class:`AuthenticationFailed`."""
        async with self.exchange():
            self._hear_unasked()
            self._connection.authenticate(mechanism)
            event = await self._next_response()
        if event.error is not None:
            raise AuthenticationFailed(f"{mechanism.name}: {event.error}", event.response)
        _checked_login(mechanism.name, event)

    async def login(
        self, credentials: Credentials, *, mechanisms: Sequence[str] = DEFAULT_ORDER
    ) -> None:
        """Authenticate by the best way that fits server and credentials.

        That is the first of ``mechanisms`` that the server offers; else APOP, if its greeting
        allows it; else USER and PASS, over TLS only unless plaintext was allowed. A refusal is
        final. Raises :class:`AuthenticationFailed`.
        """
        connection = self._connection
        offered = connection.capabilities.sasl if connection.capabilities is not None else ()
        allow = connection.allow_plaintext
        try:
            mechanism = choose(
                offered,
                credentials,
                allowed=mechanisms,
                channel_bindings=connection.channel_bindings,
                secure=connection.tls,
                allow_plaintext=allow,
            )
        except SaslError as error:
            await self._login_without_sasl(credentials, error)
        else:
            if mechanism.plaintext and not connection.tls and self._can_apop(credentials):
                await self.apop(credentials)
            else:
                await self.authenticate(mechanism)
        await self.capa()

    async def apop(self, credentials: Credentials) -> None:
        """Prove the password by a digest (RFC 1939 7, APOP). Raises :class:`AuthenticationFailed`.

        That is also raised if the greeting has no timestamp, or there is no password.
        """
        timestamp = self._connection.timestamp
        if timestamp is None or credentials.password is None:
            raise AuthenticationFailed(
                "APOP needs a greeting with a timestamp, and a password", None
            )
        try:
            digest = apop_digest(timestamp, credentials.password)
        except SaslError as error:
            raise AuthenticationFailed(f"APOP: {error}", None) from None
        _checked_login("APOP", await self.command(Apop(credentials.user, digest)))

    def _can_apop(self, credentials: Credentials) -> bool:
        return self._connection.timestamp is not None and credentials.password is not None

    async def _login_without_sasl(self, credentials: Credentials, error: SaslError) -> None:
        if credentials.password is None:
            raise AuthenticationFailed(str(error), None) from None
        if self._can_apop(credentials):
            await self.apop(credentials)
            return
        async with self.exchange():
            try:
                event = await self._command(User(credentials.user))
                if event.response.ok:
                    event = await self._command(Pass(credentials.password))
            except LocalProtocolError as local:
                raise AuthenticationFailed(str(local), None) from None
        _checked_login("USER", event)

    async def quit(self) -> None:
        """Say QUIT, at which the server deletes what is marked, and close.

        Raises :class:`CommandFailed` if the server says that it did not delete all, and
        :class:`ConnectionLost` or ``TimeoutError`` if it does not say that it did; also if
        QUIT can not be said any more, unless there was nothing to delete.
        """
        try:
            if self.usable:
                async with self._runtime.deadline(_QUIT_TIMEOUT):
                    _checked(await self.command(Quit()))
            elif self._deleting:
                why = self._unusable or "the server ended the session"
                raise ConnectionLost(f"nothing was deleted: {why}")
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Close at once, without QUIT: what is marked as deleted stays."""
        self._deleting = False
        await super().aclose()

    # --- the beginning of a session ---

    @property
    def offers_tls(self) -> bool:
        """Whether the server offers STLS."""
        return self.capabilities is not None and "STLS" in self.capabilities

    async def greet(self) -> None:
        """See :class:`ClientSession`."""
        event = await self.next_event()
        if isinstance(event, ConnectionClosed):
            raise _lost(event)
        if not isinstance(event, Greeting):
            raise RemoteProtocolError(f"no POP3 server: it says {event}")
        self.greeting = event.response
        if not event.response.ok:
            raise CommandFailed(f"the server refuses to talk: {event.response}", event.response)
        await self._capa()

    # --- answers ---

    async def _capa(self) -> Capabilities | None:
        event = await self._command(Capa())
        if event.response.ok:
            await self._skip(EndOfListing)
        return self._connection.capabilities

    async def _list_messages(self) -> tuple[MaildropEntry, ...]:
        self._send(List())
        pipelined = self._connection.may_pipeline()
        if pipelined:
            self._send(Uidl())
        list_ = await self._next_response()
        sizes = await self._batches(ScanListings) if list_.response.ok else []
        if not pipelined:
            self._send(Uidl())
        uidl = await self._next_response()
        unique_ids = await self._batches(UniqueIds) if uidl.response.ok else []
        _checked(list_)
        known = {e.number: e.unique_id for batch in unique_ids for e in batch.entries}
        return tuple(
            MaildropEntry(e.number, e.size, known.get(e.number))
            for batch in sizes
            for e in batch.entries
        )

    async def _batches(self, kind: type[T]) -> list[T]:
        """Return the listing that follows a positive response."""
        batches = []
        while not isinstance(event := await self._next(), EndOfListing):
            if isinstance(event, kind):
                batches.append(event)
        return batches

    async def _skip(self, end: type[Any]) -> None:
        while not isinstance(await self._next(), end):
            pass

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the message that was asked for; raises on ``-ERR``."""
        _checked(await self._next_response())
        while not isinstance(event := await self._next(), EndOfMessage):
            if isinstance(event, MessageData):
                yield event.data

    async def _message(self) -> bytes:
        most = self._connection.limits.held_message
        held: list[bytes] = []
        size = 0
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                size += len(piece)
                if most is not None and size > most:
                    raise LimitExceeded("held_message", most)
                held.append(piece)
        return b"".join(held)

    def _send(self, command: Command) -> None:
        self._hear_unasked()
        self._connection.send(command)

    def _hear_unasked(self) -> None:
        """Raise what the server said unasked, lest it is taken for the answer to what we say."""
        connection = self._connection
        while not connection.in_flight and (event := connection.next_event()) is not None:
            if (error := self.refusal_in(event)) is not None:
                raise error
            if isinstance(event, ConnectionClosed):
                raise _lost(event)

    async def _command(self, command: Command) -> ResponseReceived:
        self._send(command)
        return await self._next_response()

    async def _batch(self, commands: Sequence[Command]) -> list[ResponseReceived]:
        """Send commands, as many at once as the server allows, and return the responses."""
        connection = self._connection
        responses = []
        for command in commands:
            while not connection.may_pipeline() or len(connection.in_flight) >= _AHEAD:
                responses.append(await self._next_response())
            try:
                self._send(command)
            except LocalProtocolError:
                await self._collect()
                raise
        return responses + await self._collect()

    async def _collect(self) -> list[ResponseReceived]:
        """Return the responses that are outstanding."""
        responses = []
        while self._connection.in_flight:
            responses.append(await self._next_response())
        return responses

    async def _next_response(self) -> ResponseReceived:
        while not isinstance(event := await self._next(), ResponseReceived):
            pass
        if event.response.ok and type(event.command) in _DELETING:
            self._deleting = _DELETING[type(event.command)]
        return event

    async def _next(self) -> Any:
        event = await self.next_event()
        if isinstance(event, ConnectionClosed):
            raise _lost(event)
        return event


class _Exchange(Exchange):
    """An exchange before which nothing is left of those who asked ahead."""

    __slots__ = ("_client", "_owner")

    def __init__(self, client: Pop3Client, owner: object) -> None:
        super().__init__(client)
        self._client = client
        self._owner = owner

    async def __aenter__(self) -> None:
        await super().__aenter__()
        try:
            await self._client.drop_downloads(self._owner)
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise


class Downloads:
    """The iterator of :meth:`Pop3Client.download_new`."""

    def __init__(self, client: Pop3Client, seen: Collection[str]) -> None:
        self._client = client
        self._seen = seen
        self._wanted: list[MaildropEntry] | None = None
        self._at = 0
        self._asked = 0  # RETR was sent for the messages before this one

    def __aiter__(self) -> "Downloads":
        return self

    async def __anext__(self) -> tuple[MaildropEntry, bytes]:
        client = self._client
        async with client.exchange(self):
            if self._wanted is None:
                self._wanted = await self._list()
            if self._at < len(self._wanted):
                self._ask_ahead(self._wanted)
                client._downloads = self
                entry = self._wanted[self._at]
                self._at += 1
                return entry, await client._message()
            client._downloads = None
        raise StopAsyncIteration

    async def _list(self) -> list[MaildropEntry]:
        entries = await self._client._list_messages()
        if any(entry.unique_id is None for entry in entries):
            raise LocalProtocolError("the server has no unique-ids: use list_messages")
        return [entry for entry in entries if entry.unique_id not in self._seen]

    def _ask_ahead(self, wanted: list[MaildropEntry]) -> None:
        client = self._client
        octets = sum(entry.size for entry in wanted[self._at : self._asked])
        while self._asked < len(wanted) and client.core.may_pipeline():
            octets += wanted[self._asked].size
            if self.ahead and (self.ahead >= _AHEAD or octets > _OCTETS_AHEAD):
                break
            client._send(Retr(wanted[self._asked].number))
            self._asked += 1

    @property
    def ahead(self) -> int:
        """How many messages have been asked for that are not awaited yet."""
        return self._asked - self._at

    async def give_up(self) -> None:
        """Read and drop what was asked for ahead, so that another command can be sent."""
        client = self._client
        while self.ahead:
            self._asked -= 1
            if (await client._next_response()).response.ok:
                await client._skip(EndOfMessage)


def _lost(event: ConnectionClosed) -> ConnectionLost:
    return hung_up([command.verb for command in event.unanswered], event.response)


def _checked(event: ResponseReceived) -> ResponseReceived:
    if not event.response.ok:
        raise CommandFailed(f"{event.command.verb} was refused: {event.response}", event.response)
    return event


def _checked_login(name: str, event: ResponseReceived) -> None:
    if not event.response.ok:
        raise AuthenticationFailed(f"{name} was refused: {event.response}", event.response)
