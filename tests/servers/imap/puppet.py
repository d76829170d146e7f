"""IMAP sessions without an event loop: each runs until it waits for its client, and no further.

So a test sees everything that a session says, at once and in order, and nothing depends on time.
"""

import re
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

from mailproto.imap import Response, parse_response
from mailproto.limits import ImapLimits
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers.imap.content import Structures
from mailproto.servers.imap.criteria import KEYS
from mailproto.servers.imap.fetch import ITEMS
from mailproto.servers.imap.handlers import HANDLERS, UPLOADS, extensions
from mailproto.servers.imap.service import ImapService
from mailproto.servers.imap.session import ImapSession
from mailproto.stores import MailStore
from mailproto.stream import PeerStream, Runtime

__all__ = ["Puppet", "service", "settle"]

USERS = ("ann", "bob", "carol")

T = TypeVar("T")
_LITERAL = re.compile(rb"\{([0-9]+)\}\r\n\Z")


class _Wait:
    """Waits for input; ``expire`` ends it."""

    def __init__(self) -> None:
        self.expired = False

    def __await__(self) -> Generator[None, None, None]:
        yield


class _Runtime:
    """Deadlines that come only when they are told to."""

    @asynccontextmanager
    async def deadline(self, seconds: float | None) -> AsyncIterator["_Deadline"]:
        with _Deadline() as deadline:
            yield deadline

    def expire(self, deadline: "_Deadline") -> None:
        deadline.expired = True

    async def sleep(self, seconds: float) -> None:
        pass

    async def in_thread(self, function: Callable[[], T]) -> T:
        return function()


class _Deadline:
    current: "_Deadline | None" = None

    def __init__(self) -> None:
        self.expired = False

    def __enter__(self) -> "_Deadline":
        _Deadline.current = self
        return self

    def __exit__(self, *exc: object) -> None:
        _Deadline.current = None


class _Stream:
    peer = "192.0.2.1"

    def __init__(self) -> None:
        self.received = bytearray()
        self.sent = bytearray()
        self.largest = 0
        self.closed = False
        self.waiting: _Deadline | None = None

    async def receive_some(self) -> bytes:
        self.waiting = _Deadline.current
        while not self.received and not self.closed:
            await _Wait()
            assert self.waiting is not None
            if self.waiting.expired:
                raise TimeoutError
        data = bytes(self.received)
        self.received.clear()
        return data

    async def send_all(self, data: bytes) -> None:
        self.sent += data
        self.largest = max(self.largest, len(data))

    async def aclose(self) -> None:
        self.closed = True


def service(store: MailStore, **options: Any) -> ImapService:
    """What sessions over a store share."""
    limits = options.pop("limits", ImapLimits())
    return ImapService(
        cast(Runtime, _Runtime()),
        store,
        "mx",
        limits,
        HANDLERS,
        UPLOADS,
        extensions(limits),
        KEYS,
        ITEMS,
        offers={},
        identity={"name": "mailproto"},
        structures=Structures(),
        recent={},
        authenticator=PasswordAuthenticator(dict.fromkeys(USERS, "secret")),
        allow_plaintext=True,
        auth_failure_delay=0,
        **options,
    )


class Puppet:
    """One session of a user, and its client."""

    def __init__(self, served: ImapService, user: str = "ann") -> None:
        self._stream = _Stream()
        self.session = ImapSession(cast(PeerStream, self._stream), served)
        self._running: Coroutine[Any, Any, None] = self.session.run(None, lambda session: None)
        self._tags = 0
        self._read()
        self.command(f"LOGIN {user} secret")

    def _read(self) -> list[bytes]:
        """Let the session run until it waits; return the responses that it has sent."""
        try:
            while True:
                self._running.send(None)
                if not self._stream.received and not self._stream.closed:
                    waiting = self._stream.waiting
                    if waiting is None or not waiting.expired:
                        break
        except StopIteration:
            pass
        raw = bytes(self._stream.sent)
        self._stream.sent.clear()
        return _split(raw)

    def send(self, data: bytes) -> list[bytes]:
        """Send bytes; return the responses that come, raw."""
        self._stream.received += data
        return self._read()

    def told(self) -> list[bytes]:
        """Return what the session says unasked, raw."""
        return self._read()

    def heard(self) -> list[Response]:
        """Return what the session says unasked."""
        return [parse_response(raw) for raw in self._read()]

    def command(self, text: str) -> list[Response]:
        """Send a command; return the responses, the tagged one last."""
        self._tags += 1
        responses = self.send(f"T{self._tags} {text}\r\n".encode())
        return [parse_response(raw) for raw in responses]

    @property
    def largest(self) -> int:
        """The octets of the largest piece that was written at once."""
        return self._stream.largest

    def close(self) -> None:
        """Hang up."""
        self._stream.closed = True
        self._read()
        self._running.close()


def _split(raw: bytes) -> list[bytes]:
    """Cut responses, which may hold literals."""
    found = []
    start = at = 0
    while at < len(raw):
        line, at = at, raw.index(b"\r\n", at) + 2
        literal = _LITERAL.search(raw[line:at])
        if literal is not None:
            at += int(literal[1])
        else:
            found.append(raw[start:at])
            start = at
    return found


def settle(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits, such as a method of :class:`MemoryStore`."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("it waits")
