"""The POP3 client: what applications use."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from mailproto.clients.pop3.downloads import DownloadCommands
from mailproto.clients.pop3.login import LoginCommands
from mailproto.clients.pop3.session import MaildropEntry, checked
from mailproto.errors import ConnectionLost
from mailproto.pop3 import (
    Dele,
    Lang,
    Languages,
    MaildropStatus,
    Noop,
    Quit,
    Retr,
    Rset,
    Stat,
    Top,
    Utf8,
)

__all__ = ["Pop3Client"]

_QUIT_TIMEOUT = 30.0  # the server deletes meanwhile


class Pop3Client(DownloadCommands, LoginCommands):
    """A connected POP3 client; get one from ``connect_pop3``.

    Several tasks may use it. If a call is cancelled or times out half way, the client can not
    be used any more. All methods may raise :class:`ConnectionLost`,
    :class:`RemoteProtocolError`, ``TimeoutError``, :class:`CommandFailed` (``-ERR``), and for
    what the protocol forbids :class:`LocalProtocolError`.
    """

    async def stat(self) -> MaildropStatus:
        """Return how many messages there are and their octets."""
        event = checked(await self.command(Stat()))
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
                checked(event)

    async def reset(self) -> None:
        """Take all deletions of this session back (RSET)."""
        checked(await self.command(Rset()))

    async def noop(self) -> None:
        """Keep the session alive."""
        checked(await self.command(Noop()))

    async def languages(self) -> tuple[Languages, ...]:
        """Return the languages that the server can speak (RFC 6856 3)."""
        async with self.exchange():
            checked(await self._command(Lang()))
            return tuple(await self._batches(Languages))

    async def enable_utf8(self) -> None:
        """Switch to UTF-8 mode; before login only (RFC 6856 2)."""
        checked(await self.command(Utf8()))

    async def quit(self) -> None:
        """Say QUIT, at which the server deletes what is marked, and close.

        Raises :class:`CommandFailed` if the server says that it did not delete all, and
        :class:`ConnectionLost` or ``TimeoutError`` if it does not say that it did; also if
        QUIT can not be said any more, unless there was nothing to delete.
        """
        try:
            if self.usable:
                async with self._runtime.deadline(_QUIT_TIMEOUT):
                    checked(await self.command(Quit()))
            elif self._deleting:
                why = self._unusable or "the server ended the session"
                raise ConnectionLost(f"nothing was deleted: {why}")
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Close at once, without QUIT: what is marked as deleted stays."""
        self._deleting = False
        await super().aclose()
