"""Messages as a FETCH brings them, one by one."""

from collections.abc import Iterable

from mailproto.clients.imap.calls import Call
from mailproto.clients.imap.session import ImapSession
from mailproto.imap import Fetch, MessageData, SequenceSet, VanishedResponse

__all__ = ["Fetched"]


class Fetched:
    """The asynchronous iterator of :meth:`ImapClient.fetch`; commands are sent when their turn is.

    Left early, the rest is dropped as it comes. Large content is held in memory, one message
    at a time; ``stream`` hands it out in pieces.
    """

    def __init__(self, session: ImapSession, commands: Iterable[Fetch]) -> None:
        self._session = session
        self._commands = iter(commands)
        self._call: Call | None = None
        self._octets = 0  # about how many came for the calls before
        self.vanished = SequenceSet()
        """UIDs that are gone, where ``changed_since`` asked for them (RFC 7162 3.2.6)."""

    def __aiter__(self) -> "Fetched":
        return self

    async def __anext__(self) -> MessageData:
        session = self._session
        while True:
            if self._call is None:
                if (command := next(self._commands, None)) is None:
                    raise StopAsyncIteration
                self._call = await session.launch(command)
            while (item := await session.next_item(self._call)) is not None:
                if isinstance(item, MessageData):
                    return item
                if isinstance(item, VanishedResponse):
                    self.vanished |= item.uids
            call, self._call = self._call, None
            self._octets += call.octets
            session.completion(call)

    async def all(self) -> list[MessageData]:
        """Return all messages at once. Raises as :meth:`ImapClient.run` does."""
        messages = []
        async for message in self:
            messages.append(message)
            assert self._call is not None
            self._session.check_held(self._octets + self._call.octets)
        return messages

    def __del__(self) -> None:
        if self._call is not None and self._call.completed is None:
            self._session.abandon(self._call)
