"""One POP3 session of a client: what all parts of :class:`Pop3Client` stand on."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

from mailproto._value import value
from mailproto.clients.in_order import InOrderSession
from mailproto.clients.session import hung_up
from mailproto.errors import CommandFailed, ConnectionLost, LimitExceeded, RemoteProtocolError
from mailproto.pop3 import (
    Capa,
    Capabilities,
    ClientConnection,
    Command,
    ConnectionClosed,
    Dele,
    EndOfListing,
    EndOfMessage,
    Greeting,
    List,
    MessageData,
    Response,
    ResponseReceived,
    Rset,
    ScanListings,
    State,
    Uidl,
    UniqueIds,
    UnsolicitedResponse,
)
from mailproto.stream import Runtime, Stream

__all__ = ["MaildropEntry", "Pop3Session", "checked"]

T = TypeVar("T")

_DELETING = {Dele: True, Rset: False}  # whether there is something for QUIT to delete then


@value
class MaildropEntry:
    """One message in the maildrop: number in this session, octets, unique-id.

    ``unique_id`` is the same in every session (RFC 1939 7); None if the server has none.
    """

    number: int
    size: int
    unique_id: str | None = None


def checked(event: ResponseReceived) -> ResponseReceived:
    """Return ``event``, or raise :class:`CommandFailed` if it is a refusal."""
    if not event.response.ok:
        raise CommandFailed(f"{event.command.verb} was refused: {event.response}", event.response)
    return event


class Pop3Session(InOrderSession[ClientConnection, ResponseReceived]):
    """The beginning of a session, and what follows its commands."""

    _over = (State.CLOSED, State.ERROR)
    _most_in_flight = 10

    def __init__(
        self,
        stream: Stream,
        runtime: Runtime,
        connection: ClientConnection,
        *,
        timeout: float | None = None,
    ) -> None:
        super().__init__(stream, runtime, connection, timeout=timeout)
        self._deleting = False  # whether something is marked that QUIT would delete
        self.greeting: Response | None = None
        """What the server said first."""

    @property
    def capabilities(self) -> Capabilities | None:
        """What the server offers now; None if it does not tell."""
        return self._connection.capabilities

    @property
    def half_done(self) -> bool:
        """See :class:`ClientSession`."""
        return bool(self._connection.in_flight)

    def refusal_in(self, event: Any) -> ConnectionLost | None:
        """See :class:`ClientSession`."""
        if isinstance(event, (ResponseReceived, UnsolicitedResponse)) and not event.response.ok:
            return hung_up((), event.response)
        return None

    def _end_in(self, event: Any) -> ConnectionLost | None:
        if isinstance(event, ConnectionClosed):
            return hung_up([command.verb for command in event.unanswered], event.response)
        return None

    # --- the beginning of a session ---

    @property
    def offers_tls(self) -> bool:
        """Whether the server offers STLS."""
        return self.capabilities is not None and "STLS" in self.capabilities

    async def greet(self) -> None:
        """See :class:`ClientSession`."""
        event = await self._next()
        if not isinstance(event, Greeting):
            raise RemoteProtocolError(f"no POP3 server: it says {event}")
        self.greeting = event.response
        if not event.response.ok:
            raise CommandFailed(f"the server refuses to talk: {event.response}", event.response)
        await self._capa()

    # --- commands and answers ---

    async def command(self, command: Command) -> ResponseReceived:
        """Send a command whose answer has one line, and return it, also if it is ``-ERR``."""
        async with self.exchange():
            return await self._command(command)

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
        list_ = await self._next_answer()
        sizes = await self._batches(ScanListings) if list_.response.ok else []
        if not pipelined:
            self._send(Uidl())
        uidl = await self._next_answer()
        unique_ids = await self._batches(UniqueIds) if uidl.response.ok else []
        checked(list_)
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
        checked(await self._next_answer())
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

    async def _next_answer(self) -> ResponseReceived:
        while not isinstance(event := await self._next(), ResponseReceived):
            pass
        if event.response.ok and type(event.command) in _DELETING:
            self._deleting = _DELETING[type(event.command)]
        return event
