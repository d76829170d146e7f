"""A client core and a server core of POP3, wired together without I/O, with a maildrop behind."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from mailproto import sasl
from mailproto.pop3 import (
    Apop,
    Auth,
    ClientConnection,
    ConnectionClosed,
    Dele,
    EndOfListing,
    EndOfMessage,
    List,
    MaildropStatus,
    MessageData,
    Pass,
    Quit,
    Response,
    Retr,
    Rset,
    ScanListing,
    ScanListings,
    ServerConnection,
    ServerEvent,
    Stat,
    State,
    Top,
    Uidl,
    UniqueId,
    UniqueIds,
    UpgradeToTls,
)
from mailproto.testing.chunking import Cut, whole
from mailproto.testing.core_pair import CorePair

__all__ = ["Drop", "Pop3Pair"]

_GREETING = Response(True, "ready <1896.697170952@pop.example>")
_NO_SUCH_MESSAGE = Response(False, "No such message")


class Drop:
    """A maildrop, and whose it is: answers the events of a server core.

    ``messages`` are its messages; ``deleted`` are the numbers that are marked. ``removed`` is
    set by UPDATE. ``passwords`` holds the users.
    """

    def __init__(
        self, messages: Sequence[bytes] = (), *, passwords: dict[str, str] | None = None
    ) -> None:
        self.messages = messages
        self.passwords = passwords or {"ann": "secret"}
        self.deleted: set[int] = set()
        self.removed: frozenset[int] | None = None

    def serve(self, server: ServerConnection, event: ServerEvent) -> None:
        """Answer ``event``; what is no matter of a maildrop gets the ordinary answer."""
        serve = _SERVE.get(type(event))
        if serve is None:
            server.send(server.default_reply(event))
        else:
            serve(self, server, event)

    def live(self) -> list[int]:
        """The numbers of the messages that are not marked."""
        numbers = range(1, len(self.messages) + 1)
        return [number for number in numbers if number not in self.deleted]

    def size(self, number: int) -> int:
        """The octets of a message."""
        return len(self.messages[number - 1])

    def unique_id(self, number: int) -> str:
        """The unique-id of a message."""
        return f"uid-{number:06d}"

    def _has(self, server: ServerConnection, number: int) -> bool:
        found = 0 < number <= len(self.messages) and number not in self.deleted
        if not found:
            server.send(_NO_SUCH_MESSAGE)
        return found

    def _log_in(self, server: ServerConnection, event: Pass | Apop) -> None:
        server.authenticate()

    def _authenticate(self, server: ServerConnection, event: Auth) -> None:
        mechanism = sasl.server_mechanism(event.mechanism)
        if mechanism is None:
            server.send(server.default_reply(event))
        else:
            server.authenticate(mechanism)

    def _check(self, server: ServerConnection, query: sasl.CheckPassword) -> None:
        server.answer(self.passwords.get(query.user) == query.password)

    def _look_up(self, server: ServerConnection, query: sasl.LookupPassword) -> None:
        server.answer(self.passwords.get(query.user))

    def _stat(self, server: ServerConnection, event: Stat) -> None:
        live = self.live()
        status = MaildropStatus(len(live), sum(map(self.size, live)))
        server.send(Response(True, str(status)))

    def _list(self, server: ServerConnection, event: List) -> None:
        if event.number is None:
            numbers = self.live()
            batch = ScanListings(numbers, [self.size(number) for number in numbers])
            self._send_listing(server, batch)
        elif self._has(server, event.number):
            listing = ScanListing(event.number, self.size(event.number))
            server.send(Response(True, str(listing)))

    def _uidl(self, server: ServerConnection, event: Uidl) -> None:
        if event.number is None:
            numbers = self.live()
            self._send_listing(server, UniqueIds(numbers, [*map(self.unique_id, numbers)]))
        elif self._has(server, event.number):
            unique_id = UniqueId(event.number, self.unique_id(event.number))
            server.send(Response(True, str(unique_id)))

    def _send_listing(self, server: ServerConnection, batch: ScanListings | UniqueIds) -> None:
        server.send(Response(True, "listing follows"))
        server.send(batch)
        server.send(EndOfListing())

    def _retr(self, server: ServerConnection, event: Retr) -> None:
        if self._has(server, event.number):
            self._send_message(server, self.messages[event.number - 1])

    def _top(self, server: ServerConnection, event: Top) -> None:
        if self._has(server, event.number):
            header, blank, body = self.messages[event.number - 1].partition(b"\r\n\r\n")
            lines = body.split(b"\r\n", event.lines)
            self._send_message(
                server, header + blank + b"".join(line + b"\r\n" for line in lines[: event.lines])
            )

    def _send_message(self, server: ServerConnection, message: bytes) -> None:
        server.send(Response(True, "message follows"))
        server.send(MessageData(message))
        server.send(EndOfMessage())

    def _dele(self, server: ServerConnection, event: Dele) -> None:
        if self._has(server, event.number):
            self.deleted.add(event.number)
            server.send(Response(True, "marked"))

    def _rset(self, server: ServerConnection, event: Rset) -> None:
        self.deleted.clear()
        server.send(server.default_reply(event))

    def _quit(self, server: ServerConnection, event: Quit) -> None:
        if server.state is State.UPDATE:
            self.removed = frozenset(self.deleted)
        server.send(server.default_reply(event))


_Serve: TypeAlias = Callable[[Drop, ServerConnection, Any], None]
_SERVE: dict[type[Any], _Serve] = {
    Pass: Drop._log_in,
    Apop: Drop._log_in,
    Auth: Drop._authenticate,
    sasl.CheckPassword: Drop._check,
    sasl.LookupPassword: Drop._look_up,
    Stat: Drop._stat,
    List: Drop._list,
    Uidl: Drop._uidl,
    Retr: Drop._retr,
    Top: Drop._top,
    Dele: Drop._dele,
    Rset: Drop._rset,
    Quit: Drop._quit,
}


class Pop3Pair(CorePair[ClientConnection, ServerConnection]):
    """A client and a server of POP3, the latter over ``drop``.

    ``cut`` says how bytes are cut on their way. ``greeting`` is said at once; with None the
    server's user does it. See :class:`CorePair` for the rest.

    >>> pair = Pop3Pair()
    >>> pair.send(Capa())[0].response.ok
    True
    """

    closed = ConnectionClosed
    upgrade = UpgradeToTls

    def __init__(
        self,
        client: ClientConnection | None = None,
        server: ServerConnection | None = None,
        *,
        drop: Drop | None = None,
        cut: Cut = whole,
        greeting: Response | None = _GREETING,
    ) -> None:
        super().__init__(client or ClientConnection(), server or ServerConnection(), cut=cut)
        self.drop = drop or Drop()
        if greeting is not None:
            self.server.send(greeting)
            self.run()

    def _answer(self, event: ServerEvent) -> None:
        self.drop.serve(self.server, event)
