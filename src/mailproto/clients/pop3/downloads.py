"""Messages one after the other, the next ones asked for before they are wanted."""

from collections.abc import Collection

from mailproto.clients.pop3.session import MaildropEntry, Pop3Session
from mailproto.clients.session import Exchange
from mailproto.errors import LocalProtocolError
from mailproto.pop3 import EndOfMessage, Retr

__all__ = ["DownloadCommands", "Downloads"]

_AHEAD = 10  # messages that are asked for before the first has come
_OCTETS_AHEAD = 1024 * 1024


class DownloadCommands(Pop3Session):
    """A client that may have asked for messages ahead."""

    _downloads: "Downloads | None" = None  # has asked for messages ahead

    @property
    def half_done(self) -> bool:
        """See :class:`ClientSession`; what was asked for ahead can still be told apart."""
        ahead = 0 if self._downloads is None else self._downloads.ahead
        return len(self._connection.in_flight) > ahead

    def exchange(self, owner: object = None) -> Exchange:
        """See :class:`ClientSession`; what was asked for ahead is dropped, but for its owner."""
        return _Exchange(self, owner)

    async def drop_downloads(self, owner: object) -> None:
        """Drop what was asked for ahead, but for its owner; for the exchange itself."""
        downloads = self._downloads
        if downloads is not None and downloads is not owner:
            self._downloads = None
            await downloads.give_up()

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


class _Exchange(Exchange):
    """An exchange before which nothing is left of those who asked ahead."""

    __slots__ = ("_client", "_owner")

    def __init__(self, client: DownloadCommands, owner: object) -> None:
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

    def __init__(self, client: DownloadCommands, seen: Collection[str]) -> None:
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
            if (await client._next_answer()).response.ok:
                await client._skip(EndOfMessage)
