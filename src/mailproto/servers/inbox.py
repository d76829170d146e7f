"""SMTP handlers that keep what comes: in memory, or as files in a Maildir.

Both take mail from everybody for everybody, and store it octet for octet as it was sent, with
CRLF line ends: they add neither Return-Path nor Received (RFC 5321 4.4). That is what tests
and captures want; a final delivery adds its own fields.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from mailproto._durable import make_directory, settle
from mailproto._value import field, value
from mailproto.servers.smtp_handler import MessageBody, MessageReplies, SmtpEnvelope, SmtpHandler
from mailproto.smtp import EnhancedCode, Reply
from mailproto.stores.disk import unique_name
from mailproto.stream import Runtime

__all__ = ["MaildirInbox", "MemoryInbox", "ReceivedMessage"]

_log = logging.getLogger("mailproto.servers")

_HEAD = 16 * 1024
_OVERHEAD = 1024  # octets of memory that a message costs besides its own, roughly
_WRITE_BLOCK = 1024 * 1024  # octets collected before a thread is troubled
_FULL = Reply(452, "The inbox is full", EnhancedCode(4, 3, 1))


@value
class ReceivedMessage:
    """A message that an inbox has accepted.

    ``head`` are its first octets, up to 64 KiB: the header, unless that is longer. ``content``
    are all octets, or the path of the file that holds them; :meth:`read` returns them in both
    cases. ``peer`` is the client's IP address, ``user`` who it logged in as (None: nobody).
    """

    sender: str
    recipients: tuple[str, ...]
    size: int
    head: bytes = field(repr=False)
    content: bytes | Path = field(repr=False)
    peer: str = ""
    user: str | None = None

    def read(self) -> bytes:
        """Return the whole message; a file is read, which blocks and may raise ``OSError``."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


class _Storage(Protocol):
    """Where one message goes while it comes in."""

    async def write(self, chunk: bytes) -> None:
        """Add octets; raises ``_InboxFull`` or ``OSError``."""

    async def finish(self) -> bytes | Path:
        """Make the message last; raises as :meth:`write`."""

    def discard(self) -> None:
        """Forget it."""


class _InboxFull(Exception):
    """There is no room for the message."""


class _Inbox(SmtpHandler):
    """Takes every message; subclasses say where it goes."""

    def __init__(self, on_message: Callable[[ReceivedMessage], object] | None) -> None:
        self._on_message = on_message

    def _storage(self) -> _Storage:
        raise NotImplementedError

    def _keep(self, message: ReceivedMessage) -> None:
        """Note a message that is stored."""

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        """Store the message; refused with 452 if there is no room."""
        storage = self._storage()
        size = 0
        head = b""
        try:
            async for chunk in body:
                size += len(chunk)
                if len(head) < _HEAD:
                    head += chunk[: _HEAD - len(head)]
                await storage.write(chunk)
            content = await storage.finish()
        except _InboxFull:
            storage.discard()
            return _FULL
        except BaseException:
            storage.discard()
            raise
        session = envelope.session
        message = ReceivedMessage(
            envelope.sender, envelope.recipients, size, head, content, session.peer, session.user
        )
        self._keep(message)
        if self._on_message is not None:
            try:
                self._on_message(message)
            except Exception:  # the message is stored: a refusal now would have it sent twice
                _log.exception("%s: on_message failed", session.peer)
        return None


class MemoryInbox(_Inbox):
    """Keeps messages in memory.

    ``capacity`` is roughly how many octets of memory all of them may take, None for no limit;
    what goes beyond is refused with 452. ``on_message`` is called with each message once it is
    stored; its exceptions are logged.
    """

    def __init__(
        self,
        *,
        capacity: int | None = 256 * 1024 * 1024,
        on_message: Callable[[ReceivedMessage], object] | None = None,
    ) -> None:
        super().__init__(on_message)
        self._capacity = capacity
        self._messages: list[ReceivedMessage] = []
        self._used = 0

    @property
    def messages(self) -> tuple[ReceivedMessage, ...]:
        """What has been accepted so far, oldest first."""
        return tuple(self._messages)

    def take(self) -> list[ReceivedMessage]:
        """Return all messages and forget them, which makes room."""
        taken, self._messages = self._messages, []
        self.release(sum(map(_cost, taken)))
        return taken

    def reserve(self, octets: int) -> None:
        """Take room for a message that is coming in. For the inbox itself."""
        if self._capacity is not None and self._used + octets > self._capacity:
            raise _InboxFull
        self._used += octets

    def release(self, octets: int) -> None:
        """Give room back. For the inbox itself."""
        self._used -= octets

    def _storage(self) -> "_MemoryStorage":
        return _MemoryStorage(self)

    def _keep(self, message: ReceivedMessage) -> None:
        self._messages.append(message)
        self._used += _cost(message)


def _cost(message: ReceivedMessage) -> int:
    envelope = len(message.sender) + sum(map(len, message.recipients))
    return message.size + len(message.head) + envelope + _OVERHEAD


class _MemoryStorage:
    def __init__(self, inbox: MemoryInbox) -> None:
        self._inbox = inbox
        self._data = bytearray()

    async def write(self, chunk: bytes) -> None:
        self._inbox.reserve(len(chunk))
        self._data += chunk

    async def finish(self) -> bytes:
        self._inbox.reserve(_OVERHEAD)  # so that empty messages can not come for ever
        self._inbox.release(len(self._data) + _OVERHEAD)
        return bytes(self._data)

    def discard(self) -> None:
        self._inbox.release(len(self._data))


class MaildirInbox(_Inbox):
    """Writes each message as one file into a Maildir, which is made if it does not exist.

    A message is written to ``tmp`` and synced to the disk, then renamed into ``new``: readers
    see it whole or not at all, and one that was accepted survives a crash. The disk is used in
    threads of ``runtime`` (``mailproto.asyncio.RUNTIME`` or ``mailproto.trio.RUNTIME``).
    ``on_message`` is as for :class:`MemoryInbox`. Raises ``OSError`` if the directories can
    not be made; a message that can not be written is answered with 451.
    """

    def __init__(
        self,
        directory: str | Path,
        runtime: Runtime,
        *,
        on_message: Callable[[ReceivedMessage], object] | None = None,
    ) -> None:
        super().__init__(on_message)
        self.directory = Path(directory)
        self._runtime = runtime
        for name in ("tmp", "new", "cur"):
            make_directory(self.directory / name)

    def _storage(self) -> "_MaildirStorage":
        return _MaildirStorage(self.directory, self._runtime)


class _MaildirStorage:
    def __init__(self, directory: Path, runtime: Runtime) -> None:
        name = unique_name()
        self._temporary = directory / "tmp" / name
        self._final = directory / "new" / name
        self._runtime = runtime
        self._file: BinaryIO | None = None
        self._chunks: list[bytes] = []
        self._waiting = 0

    async def write(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        if self._waiting >= _WRITE_BLOCK:
            await self._runtime.in_thread(self._write_out)

    async def finish(self) -> Path:
        await self._runtime.in_thread(self._deliver)
        return self._final

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()
            with suppress(OSError):
                self._temporary.unlink()

    def _write_out(self) -> None:
        if self._file is None:
            self._file = self._temporary.open("xb", buffering=0)
        data = memoryview(b"".join(self._chunks))
        self._chunks = []
        self._waiting = 0
        while data:
            data = data[self._file.write(data) :]

    def _deliver(self) -> None:
        self._write_out()
        assert self._file is not None
        settle(self._file, self._temporary, self._final)
