"""IDLE: to hear what happens in the mailbox when it happens (RFC 2177, RFC 9051 6.3.13)."""

import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mailproto.clients.imap.calls import Call, Gate
from mailproto.clients.imap.session import ImapSession
from mailproto.errors import ConnectionLost, LocalProtocolError
from mailproto.imap import Command, Done, Idle, Noop, Response

__all__ = ["IdleCommands", "Updates"]

RENEW = 29 * 60.0  # seconds: RFC 2177 3 lets a server end a session after 30 minutes
_DONE_TIMEOUT = 30.0  # seconds that the server may take to end IDLE
_UNREAD = 128 * 1024 * 1024  # octets that may wait for somebody who does not take them


class IdleCommands(ImapSession):
    """The part of :class:`ImapClient` that waits for news."""

    _updates: "Updates | None" = None

    @asynccontextmanager
    async def idle(self, *, renew: float = RENEW, poll: float = 60.0) -> AsyncIterator["Updates"]:
        """Wait for news: ``async with client.idle() as updates: async for news in updates: ...``.

        News are untagged responses, such as :class:`ExistsResponse`, :class:`ExpungeResponse`
        and :class:`FetchResponse`. IDLE is begun anew after ``renew`` seconds, and interrupted
        while another command is sent. A server without IDLE is asked by NOOP every ``poll``
        seconds. The iteration ends by :class:`ConnectionLost` when the server hangs up.
        """
        if self._updates is not None:
            raise LocalProtocolError("another task waits for news already")
        updates = self._updates = Updates(self, renew, poll)
        self._listeners[updates.hear] = None
        try:
            yield updates
            await updates.pause()
        finally:
            del self._listeners[updates.hear]
            self._updates = None

    async def before(self, command: Command) -> None:
        """Interrupt IDLE for a command, also one that somebody left by an exception."""
        for call in tuple(self._calls.values()):
            if isinstance(call.command, Idle):
                await self.end_idle(call)

    async def end_idle(self, call: Call) -> None:
        """End an IDLE, if it runs. Raises ``TimeoutError``, with the client unusable."""
        if call.completed is not None:
            return
        core = self.core
        try:
            async with self._runtime.deadline(_DONE_TIMEOUT):
                await self._wait(Gate(lambda: core.idling or call.completed is not None))
                if core.idling:
                    core.send(Done())
                    await self.flush()
                await self._wait(Gate(lambda: call.completed is not None))
        except TimeoutError:
            self._fail(ConnectionLost("the server does not end IDLE"))
            raise


class Updates:
    """The asynchronous iterator of :meth:`ImapClient.idle`."""

    def __init__(self, session: IdleCommands, renew: float, poll: float) -> None:
        self._session = session
        self._renew = renew
        self._poll = poll
        self._heard: deque[tuple[Response, int]] = deque()
        self._unread = 0  # about how many octets they take
        self._call: Call | None = None  # the IDLE in flight
        self._news = Gate(lambda: bool(self._heard) or self._over)
        self.polling = not session.offers("IDLE", "IMAP4rev2")
        """Whether NOOP is used, as the server has no IDLE."""

    @property
    def _over(self) -> bool:
        return self._call is None or self._call.completed is not None

    def hear(self, response: Response, octets: int) -> None:
        """Take note of a response that answers no command; it takes about so many octets."""
        self._heard.append((response, octets))
        self._unread += octets
        if self._unread > _UNREAD:
            self._session._fail(ConnectionLost(f"{len(self._heard)} updates were not read"))
        self._news.rouse()

    def __aiter__(self) -> "Updates":
        return self

    async def __anext__(self) -> Response:
        while not self._heard:
            await (self._ask() if self.polling else self._wait())
        response, octets = self._heard.popleft()
        self._unread -= octets
        return response

    async def _ask(self) -> None:
        await self._session._runtime.sleep(self._poll)
        await self._session.run(Noop())

    async def _wait(self) -> None:
        session = self._session
        if self._call is None:
            self._call = await session.launch(Idle())
            self._until = time.monotonic() + self._renew
        try:
            async with session._runtime.deadline(max(self._until - time.monotonic(), 0)):
                await session._wait(self._news)
        except TimeoutError:
            await self.pause()
        if self._over:
            call, self._call = self._call, None
            session.completion(call)

    async def pause(self) -> None:
        """End IDLE, if it runs. Raises ``TimeoutError``, with the client unusable."""
        if self._call is not None:
            await self._session.end_idle(self._call)
