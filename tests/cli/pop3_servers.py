"""POP3 servers in threads of the tests: an honest one, one that lies, and a wire that breaks."""

import contextlib
import socket
import threading
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from mailproto.asyncio import serve_pop3
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server
from mailproto.stores import MemoryStore

from .command import PATIENCE
from .threaded import Threaded

USER = "ann"
PASSWORD = "open sesame"


class _Authenticator(PasswordAuthenticator):
    """Knows the password itself, as APOP wants it."""

    async def get_password(self, user: str) -> str | None:
        return PASSWORD if user == USER else None


class Maildrop(Threaded):
    """``serve_pop3`` over a store in memory; what is in it can be seen and added to."""

    def __init__(self, *messages: bytes) -> None:
        super().__init__()
        self._store = MemoryStore()
        self._first = messages

    async def _served(self) -> AbstractAsyncContextManager[Server]:
        self._inbox = (await self._store.account(USER)).inbox
        self.add(*self._first)
        return serve_pop3(self._store, _Authenticator({USER: PASSWORD}), apop=True)

    def add(self, *messages: bytes) -> None:
        """Deliver."""
        for message in messages:
            self._inbox.add(message)

    @property
    def messages(self) -> list[bytes]:
        """What is there now."""

        async def read() -> list[bytes]:
            infos = await self._inbox.messages()
            return [
                b"".join([piece async for piece in self._inbox.read(info.uid)]) for info in infos
            ]

        return self._wait_for(read())


class Liar:
    """A server that says what the test wants, to one client after the other.

    ``listed`` are unique-ids and the sizes that LIST tells, ``contents`` what RETR gives (None:
    it refuses), of message ``stalls_at`` not the end; ``answers`` replace answers by verb (None:
    it hangs up); ``heard`` is what clients said, ``stalls`` is set when it does.
    """

    def __init__(
        self,
        listed: Sequence[tuple[str, int]],
        contents: Sequence[bytes | None],
        stalls_at: int = 0,
        **answers: bytes | None,
    ) -> None:
        self._contents = contents
        self._stalls_at = stalls_at
        self.stalls = threading.Event()
        lines = {
            "LIST": [f"{number} {size}" for number, (_, size) in enumerate(listed, 1)],
            "UIDL": [f"{number} {uid}" for number, (uid, _) in enumerate(listed, 1)],
        }
        self._answers: dict[str, bytes | None] = {
            "CAPA": b"-ERR what?\r\n",
            **{
                verb: "\r\n".join(["+OK", *listing, ".", ""]).encode()
                for verb, listing in lines.items()
            },
            **answers,
        }
        self.heard: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Liar":
        self._thread.start()
        return self

    def finish(self) -> None:
        """Stall no more."""
        self._stalls_at = 0

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(PATIENCE)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._socket.accept()
                with contextlib.suppress(OSError):  # the client left
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"+OK hello\r\n")
            for line in lines:
                verb, _, argument = line.decode().strip().partition(" ")
                self.heard.append(f"{verb} {argument}".strip())
                answer = self._answers.get(verb, b"+OK\r\n")
                if verb == "RETR" and "RETR" not in self._answers:
                    answer = self._message(int(argument))
                if answer is None:
                    return
                connection.sendall(answer)
                if verb == "QUIT":
                    return

    def _message(self, number: int) -> bytes:
        content = self._contents[number - 1]
        if content is None:
            return b"-ERR no such message\r\n"
        if number == self._stalls_at:
            self.stalls.set()
            return b"+OK\r\n" + content
        return b"+OK\r\n" + content + b".\r\n"


class Wire:
    """A way to a server that takes one connection for each of ``cuts``, and cuts it.

    That is after so many octets from the server; None: when either end closes it.
    """

    def __init__(self, port: int, *cuts: int | None) -> None:
        self._server = port
        self._cuts = cuts
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._carry)

    def __enter__(self) -> "Wire":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(PATIENCE)
        self._socket.close()

    def _carry(self) -> None:
        self._socket.settimeout(PATIENCE)
        for cut in self._cuts:
            client, _ = self._socket.accept()
            server = socket.create_connection(("127.0.0.1", self._server), PATIENCE)
            with client, server:
                client.settimeout(PATIENCE)
                upward = threading.Thread(target=_copy, args=(client, server, None))
                upward.start()
                _copy(server, client, cut)
                upward.join(PATIENCE)


def _copy(source: socket.socket, target: socket.socket, octets: int | None) -> None:
    """Copy so much, or all, then hang up on both."""
    with contextlib.suppress(OSError):
        while octets != 0:
            data = source.recv(min(octets or 65536, 65536))
            if not data:
                break
            target.sendall(data)
            octets = None if octets is None else octets - len(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
