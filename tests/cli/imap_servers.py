"""IMAP servers in threads of the tests: ``serve_imap``, and a bare one that does as it is told."""

import contextlib
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from mailproto.asyncio import serve_imap
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server
from mailproto.stores import MemoryStore
from mailproto.stores.interface import Account, FlagChange
from mailproto.stores.memory import MemoryMailbox

from .command import PATIENCE
from .pop3_servers import PASSWORD, USER
from .threaded import Threaded

T = TypeVar("T")


class Mailboxes(Protocol):
    """What both servers let tests do; messages have UIDs from 1."""

    port: int

    def create(self, name: str) -> None: ...

    def add(self, name: str, *contents: bytes, flags: Sequence[str] = ()) -> None: ...

    def flag(self, name: str, uid: int, *flags: str) -> None:
        """Let a message have these flags only."""

    def remove(self, name: str, *uids: int) -> None: ...

    def renumber(self, name: str) -> None:
        """Give a mailbox (not INBOX) a new UIDVALIDITY, and its messages new UIDs."""

    def messages(self, name: str) -> list[bytes]: ...


class Ours(Threaded):
    """``serve_imap`` over a store in memory: every extension that there is."""

    def __init__(self) -> None:
        super().__init__()
        self._store = MemoryStore()

    async def _served(self) -> AbstractAsyncContextManager[Server]:
        self._account: Account = await self._store.account(USER)
        authenticator = PasswordAuthenticator({USER: PASSWORD})
        return serve_imap(
            self._store, authenticator, port=0, allow_plaintext=True, auth_failure_delay=0
        )

    def _do(self, work: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work()

        return self._wait_for(run())

    async def _mailbox(self, name: str) -> MemoryMailbox:
        mailbox = await self._account.mailbox(name)
        assert isinstance(mailbox, MemoryMailbox)
        return mailbox

    def create(self, name: str) -> None:
        self._do(lambda: self._account.create(name))

    def add(
        self,
        name: str,
        *contents: bytes,
        flags: Sequence[str] = (),
        date: datetime | None = None,
    ) -> None:
        async def add() -> None:
            mailbox = await self._mailbox(name)
            for content in contents:
                mailbox.add(content, flags, date)

        self._do(add)

    def flag(self, name: str, uid: int, *flags: str) -> None:
        async def flag() -> None:
            await (await self._mailbox(name)).change_flags([uid], FlagChange.REPLACE, flags)

        self._do(flag)

    def remove(self, name: str, *uids: int) -> None:
        async def remove() -> None:
            await (await self._mailbox(name)).expunge(uids)

        self._do(remove)

    def renumber(self, name: str) -> None:
        async def renumber() -> None:
            mailbox = await self._mailbox(name)
            kept = [
                (b"".join([piece async for piece in mailbox.read(info.uid)]), info.flags)
                for info in await mailbox.messages()
            ]
            await self._account.delete(name)
            await self._account.create(name)
            for content, flags in kept:
                (await self._mailbox(name)).add(content, flags)

        self._do(renumber)

    def messages(self, name: str) -> list[bytes]:
        async def read() -> list[bytes]:
            mailbox = await self._mailbox(name)
            return [
                b"".join([piece async for piece in mailbox.read(info.uid)])
                for info in await mailbox.messages()
            ]

        return self._do(read)


@dataclass
class Message:
    """One of the bare server's: without ``content`` FETCH is refused; ``size`` is what it says."""

    content: bytes | None
    flags: tuple[str, ...] = ()
    size: int | None = None


@dataclass
class Box:
    """A mailbox of the bare server; without ``validity`` it tells none."""

    validity: int | None = 1
    messages: dict[int, Message] = field(default_factory=dict)
    uid_next: int = 1


_ARGUMENT = re.compile(rb' *(?:"((?:[^"\\]|\\.)*)"|\{([0-9]+)\}\r\n|(\([^)]*\)|[^ "]+))')
_LITERAL = re.compile(rb"\{([0-9]+)\+?\}\r\n\Z")


class Bare:
    """A server with IMAP4rev1 and nothing else but ``capabilities``; for one client at a time.

    ``boxes`` are mailboxes by their names on the wire, which may be anything; ``refusals`` are
    tagged responses by commands, such as ``{"LOGIN": "NO [UNAVAILABLE] later"}``. While
    ``stalls_at`` is a UID, that message does not come to its end. ``strays`` are responses that
    come before and those that come behind each one with content, ``date`` is that of all
    messages. ``heard`` is what clients said.
    """

    def __init__(self, capabilities: str = "", delimiter: str = "/") -> None:
        self.capabilities = capabilities
        self.delimiter = delimiter
        self.boxes: dict[bytes, Box] = {b"INBOX": Box()}
        self.refusals: dict[str, str] = {}
        self.stalls_at = 0
        self.strays = (b"", b"")
        self.date = b'"26-Oct-1985 01:21:00 +0000"'
        self.heard: list[str] = []
        self._selected = Box()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Bare":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(PATIENCE)

    # --- what tests do ---

    def create(self, name: str) -> None:
        self.boxes[name.encode()] = Box()

    def add(self, name: str, *contents: bytes | None, flags: Sequence[str] = ()) -> None:
        box = self.boxes[name.encode()]
        for content in contents:
            box.messages[box.uid_next] = Message(content, tuple(flags))
            box.uid_next += 1

    def flag(self, name: str, uid: int, *flags: str) -> None:
        self.boxes[name.encode()].messages[uid].flags = flags

    def remove(self, name: str, *uids: int) -> None:
        for uid in uids:
            del self.boxes[name.encode()].messages[uid]

    def renumber(self, name: str) -> None:
        box = self.boxes[name.encode()]
        assert box.validity is not None
        box.validity += 1
        box.messages = {uid + 1000: message for uid, message in box.messages.items()}
        box.uid_next += 1000

    def messages(self, name: str) -> list[bytes]:
        return [message.content or b"" for message in self.boxes[name.encode()].messages.values()]

    # --- what clients see ---

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._socket.accept()
                with contextlib.suppress(OSError):  # the client left
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with connection, connection.makefile("rwb") as stream:

            def say(data: bytes) -> None:
                stream.write(data)
                stream.flush()

            say(b"* OK hello\r\n")
            while line := stream.readline():
                while found := _LITERAL.search(line):
                    say(b"+ go on\r\n")
                    line += stream.read(int(found[1])) + stream.readline()
                tag, _, command = line.rstrip(b"\r\n").partition(b" ")
                self.heard.append(command.decode("latin-1"))
                answer = b"".join(self._answer(command))
                status = self._status.encode()
                say(answer + (tag + b" " + status + b"\r\n" if status else b""))

    def _answer(self, command: bytes) -> Iterable[bytes]:
        words = list(_words(command))
        name = words[0].decode().upper()
        name = f"UID {words.pop(1).decode().upper()}" if name == "UID" else name
        self._status = self.refusals.get(name, "OK done")
        if not self._status.startswith("OK"):
            return []
        answer = _ANSWERS.get(name)
        return answer(self, *words[1:]) if answer is not None else []

    def _capability(self) -> list[bytes]:
        return [f"* CAPABILITY IMAP4rev1 {self.capabilities}".rstrip().encode() + b"\r\n"]

    def _list(self, _: bytes, pattern: bytes) -> list[bytes]:
        wanted = re.escape(pattern).replace(rb"\*", b".*").replace(b"%", b"[^/]*")
        wanted = wanted.replace(rb"\%", b"[^/]*")
        return [
            b'* LIST () "%s" {%d}\r\n%s\r\n' % (self.delimiter.encode(), len(name), name)
            for name in self.boxes
            if re.fullmatch(wanted, name, re.DOTALL)
        ]

    def _select(self, name: bytes) -> Iterable[bytes]:
        box = self.boxes.get(name)
        if box is None:
            self._status = "NO there is no such mailbox"
            return
        self._selected = box
        yield b"* %d EXISTS\r\n" % len(box.messages)
        if box.validity is not None:
            yield b"* OK [UIDVALIDITY %d] fine\r\n" % box.validity

    def _within(self, numbers: bytes) -> list[tuple[int, int, Message]]:
        """The messages of a set, with sequence number and UID."""
        ranges = [part.partition(b":") for part in numbers.split(b",")]
        pairs = [
            (int(first), 2**32 if (last or first) == b"*" else int(last or first))
            for first, _, last in ranges
        ]
        return [
            (number, uid, message)
            for number, (uid, message) in enumerate(self._selected.messages.items(), 1)
            if any(first <= uid <= last for first, last in pairs)
        ]

    def _fetch(self, numbers: bytes, items: bytes) -> Iterable[bytes]:
        for number, uid, message in self._within(numbers):
            told = [b"UID %d FLAGS (%s)" % (uid, " ".join(message.flags).encode())]
            content = message.content
            if b"RFC822.SIZE" in items:
                size = len(content or b"") if message.size is None else message.size
                told.append(b"RFC822.SIZE %d" % size)
            if b"INTERNALDATE" in items:
                told.append(b"INTERNALDATE " + self.date)
            if b"BODY" in items:
                if content is None:
                    self._status = "NO it is damaged"
                    return
                told.append(b"BODY[] {%d}\r\n%s" % (len(content), content))
            response = b"* %d FETCH (%s)\r\n" % (number, b" ".join(told))
            if uid == self.stalls_at and b"BODY" in items:
                yield response[:-10]
                self._status = ""
                return
            before, behind = self.strays if b"BODY" in items else (b"", b"")
            yield before + response + behind

    def _store(self, numbers: bytes, _: bytes, flags: bytes) -> Iterable[bytes]:
        for _number, _uid, message in self._within(numbers):
            message.flags = (*message.flags, *flags.strip(b"()").decode().split())
        return []

    def _expunge(self, numbers: bytes) -> Iterable[bytes]:
        for number, uid, message in reversed(self._within(numbers)):
            if "\\Deleted" in message.flags:
                del self._selected.messages[uid]
                yield b"* %d EXPUNGE\r\n" % number


_ANSWERS: dict[str, Callable[..., Iterable[bytes]]] = {
    "CAPABILITY": Bare._capability,
    "LIST": Bare._list,
    "SELECT": Bare._select,
    "EXAMINE": Bare._select,
    "UID FETCH": Bare._fetch,
    "UID STORE": Bare._store,
    "UID EXPUNGE": Bare._expunge,
}


def _words(command: bytes) -> Iterator[bytes]:
    at = 0
    while found := _ARGUMENT.match(command, at):
        quoted, octets, atom = found.groups()
        at = found.end()
        if octets is not None:
            at += int(octets)
            yield command[found.end() : at]
        else:
            yield atom if quoted is None else re.sub(rb"\\(.)", rb"\1", quoted)
