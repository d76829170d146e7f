"""What the clients share whose commands are answered in order: those of SMTP and of POP3."""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from mailproto.clients.session import ClientSession
from mailproto.errors import ConnectionLost, LocalProtocolError
from mailproto.sasl import ChannelBinding
from mailproto.stream import Runtime, Stream

__all__ = ["InOrderSession"]


class _Core(Protocol):
    """What such a session needs of its core."""

    channel_bindings: Sequence[ChannelBinding]
    state: Any

    @property
    def timeout(self) -> int: ...

    @property
    def in_flight(self) -> Sequence[Any]: ...

    @property
    def said_goodbye(self) -> bool: ...

    def may_pipeline(self) -> bool: ...

    def send(self, item: Any) -> None: ...

    def receive_data(self, data: bytes) -> None: ...

    def receive_eof(self) -> None: ...

    def next_event(self) -> Any: ...

    def data_to_send(self) -> bytes: ...


CoreT = TypeVar("CoreT", bound=_Core)
AnswerT = TypeVar("AnswerT")


class InOrderSession(ClientSession, Generic[CoreT, AnswerT]):
    """A client over ``CoreT`` whose commands get one ``AnswerT`` each, in order."""

    _over: ClassVar[Sequence[Any]]
    """The states of the core in which no command can be sent any more."""
    _most_in_flight: ClassVar[int]
    """Commands sent before their answers are read: both ends' buffers are finite."""

    def __init__(
        self, stream: Stream, runtime: Runtime, connection: CoreT, *, timeout: float | None
    ) -> None:
        super().__init__(stream, runtime, timeout=timeout)
        self._connection = connection

    @property
    def core(self) -> CoreT:
        """The core; look, but do not send."""
        return self._connection

    @property
    def usable(self) -> bool:
        """Whether another command can be sent; False too once the server said goodbye."""
        return (
            not self._unusable
            and not self._connection.said_goodbye
            and self._connection.state not in self._over
        )

    # --- what a subclass supplies ---

    async def _next_answer(self) -> AnswerT:
        """Wait for the answer to the oldest command in flight."""
        raise NotImplementedError

    def _end_in(self, event: Any) -> ConnectionLost | None:
        """Return what to raise if ``event`` is the end of the connection, None if it is not."""
        raise NotImplementedError

    # --- commands and answers ---

    async def _command(self, command: Any) -> AnswerT:
        self._send(command)
        return await self._next_answer()

    async def _batch(self, commands: Sequence[Any]) -> list[AnswerT]:
        """Send commands, as many at once as the server allows, and return their answers."""
        connection = self._connection
        answers: list[AnswerT] = []
        for command in commands:
            while (
                not connection.may_pipeline() or len(connection.in_flight) >= self._most_in_flight
            ):
                answers.append(await self._next_answer())
            try:
                self._send(command)
            except LocalProtocolError:
                await self._collect()
                raise
        return answers + await self._collect()

    def _send(self, command: Any) -> None:
        self._hear_unasked()
        self._connection.send(command)

    async def _collect(self) -> list[AnswerT]:
        """Return the answers that are outstanding."""
        answers = []
        while self._connection.in_flight:
            answers.append(await self._next_answer())
        return answers

    def _hear_unasked(self) -> None:
        """Raise what the server said unasked, lest it is taken for the answer to what we say."""
        connection = self._connection
        while not connection.in_flight and (event := connection.next_event()) is not None:
            if (error := self.refusal_in(event) or self._end_in(event)) is not None:
                raise error

    async def _next(self) -> Any:
        """Wait for the next event; raises :class:`ConnectionLost` at the end."""
        event = await self.next_event()
        if (error := self._end_in(event)) is not None:
            raise error
        return event
