"""One SMTP or LMTP session of a client: what all parts of :class:`SmtpClient` stand on."""

from typing import Any

from mailproto.clients.in_order import InOrderSession
from mailproto.clients.session import hung_up
from mailproto.errors import CommandFailed, ConnectionLost, RemoteProtocolError
from mailproto.smtp import (
    ClientConnection,
    ConnectionClosed,
    Ehlo,
    Extensions,
    Greeting,
    Helo,
    Lhlo,
    Reply,
    ReplyReceived,
    State,
    UnsolicitedReply,
)
from mailproto.smtp.states import command_name
from mailproto.stream import Runtime, Stream

__all__ = ["SmtpSession"]


class SmtpSession(InOrderSession[ClientConnection, Reply]):
    """The beginning of a session, and the replies to its commands."""

    _over = (State.CLOSED, State.ERROR)
    _most_in_flight = 100

    def __init__(
        self,
        stream: Stream,
        runtime: Runtime,
        connection: ClientConnection,
        *,
        local_hostname: str,
        timeout: float | None = None,
    ) -> None:
        super().__init__(stream, runtime, connection, timeout=timeout)
        self._local_hostname = local_hostname
        self.greeting: Reply | None = None
        """What the server said first."""

    @property
    def extensions(self) -> Extensions:
        """What the server offers now."""
        return self._connection.extensions

    @property
    def half_done(self) -> bool:
        """See :class:`ClientSession`."""
        return bool(self._connection.in_flight) or self._connection.sending_body

    def refusal_in(self, event: Any) -> ConnectionLost | None:
        """See :class:`ClientSession`."""
        if isinstance(event, (ReplyReceived, UnsolicitedReply)) and event.reply.code >= 400:
            return hung_up((), event.reply)
        return None

    def _end_in(self, event: Any) -> ConnectionLost | None:
        if isinstance(event, ConnectionClosed):
            return hung_up([command_name(command) for command in event.unanswered], event.reply)
        return None

    async def _next_answer(self) -> Reply:
        return (await self._next_reply()).reply

    async def _next_reply(self) -> ReplyReceived:
        while not isinstance(event := await self._next(), ReplyReceived):
            pass
        return event

    # --- the beginning of a session ---

    @property
    def offers_tls(self) -> bool:
        """Whether the server offers STARTTLS."""
        return "STARTTLS" in self.extensions

    async def greet(self) -> None:
        """See :class:`ClientSession`."""
        event = await self._next()
        if not isinstance(event, Greeting):
            raise RemoteProtocolError(f"no SMTP server: it says {event}")
        self.greeting = event.reply
        if not event.reply.is_positive:
            raise CommandFailed(f"the server refuses to talk: {event.reply}", event.reply)
        await self._hello()

    async def _hello(self) -> Reply:
        hello = Lhlo if self._connection.lmtp else Ehlo
        reply = await self._command(hello(self._local_hostname))
        if reply.is_permanent and hello is Ehlo:
            reply = await self._command(Helo(self._local_hostname))
        if not reply.is_positive:
            raise CommandFailed(f"the server refuses to talk: {reply}", reply)
        return reply
