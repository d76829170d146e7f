"""One end of a huge transfer, in a process of its own: ``memory_process.py ROLE LIBRARY ...``.

Prints lines of JSON: the server its port; each, in the end, its memory in KiB when idle and at
its peak, and the octets with their CRC-32.
"""

import importlib
import json
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from mailproto.clients import ImapClient, Pop3Client, SmtpClient
from mailproto.limits import ImapLimits, SmtpLimits
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import MessageBody, MessageReplies, SmtpEnvelope, SmtpHandler
from mailproto.stores import MemoryAccount, MemoryMailbox, MemoryStore, MessageInfo
from mailproto.stores.maildir import MaildirStore
from mailproto.tls import TlsMode

GIB = 1024 * 1024 * 1024
LINE = b"0123456789abcdef" * 3 + b"0123456789abcd\r\n"
BLOCK = b"." + LINE[1:] + LINE * 1023  # 64 KiB, with a dot to stuff


def peak_memory() -> int:
    """Return the most memory (KiB) that this process ever had resident.

    Not ``getrusage``: its ru_maxrss begins with that of the process that started this one.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def tell(**facts: int) -> None:
    print(json.dumps(facts), flush=True)


class Counter(SmtpHandler):
    """Counts and forgets."""

    def __init__(self) -> None:
        self.octets = 0
        self.crc = 0

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        self.octets = self.crc = 0
        async for chunk in body:
            self.octets += len(chunk)
            self.crc = crc32(chunk, self.crc)
        return None


async def serve(binding: ModuleType) -> None:
    handler = Counter()
    limits = SmtpLimits(message_size=2 * GIB)
    async with binding.serve_smtp(handler, limits=limits) as server:
        idle = peak_memory()
        tell(port=server.port)
        await binding.RUNTIME.in_thread(sys.stdin.read)
    tell(idle=idle, peak=peak_memory(), octets=handler.octets, crc=handler.crc)


async def send(binding: ModuleType, port: str, chunking: str) -> None:
    octets = crc = 0

    async def body() -> AsyncGenerator[bytes]:
        nonlocal octets, crc
        for _ in range(GIB // len(BLOCK)):
            octets += len(BLOCK)
            crc = crc32(BLOCK, crc)
            yield BLOCK

    client: SmtpClient
    async with binding.connect_smtp("127.0.0.1", int(port), tls=TlsMode.NONE) as client:
        idle = peak_memory()
        await client.send(body(), "a@example.org", "b@example.org", chunking=chunking == "BDAT")
    tell(idle=idle, peak=peak_memory(), octets=octets, crc=crc)


class HugeMailbox(MemoryMailbox):
    """Holds one message of 1 GiB that is made as it is read."""

    async def messages(self, changed_since: int = 0) -> Sequence[MessageInfo]:
        return [MessageInfo(1, GIB, datetime.now(UTC), frozenset(), 1, "M1")]

    async def read(
        self, uid: int, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        for _ in range(GIB // len(BLOCK)):
            yield BLOCK


class HugeStore(MemoryStore):
    """Everybody has that mailbox."""

    async def account(self, user: str) -> MemoryAccount:
        account = await super().account(user)
        account.inbox.__class__ = HugeMailbox
        return account


PASSWORDS = {"ann": "secret"}


async def serve_pop3(binding: ModuleType) -> None:
    authenticator = PasswordAuthenticator(PASSWORDS)
    async with binding.serve_pop3(HugeStore(), authenticator) as server:
        idle = peak_memory()
        tell(port=server.port)
        await binding.RUNTIME.in_thread(sys.stdin.read)
    tell(idle=idle, peak=peak_memory())


async def retrieve(binding: ModuleType, port: str, *_: str) -> None:
    octets = crc = 0
    client: Pop3Client
    async with binding.connect_pop3(
        "127.0.0.1", int(port), tls=TlsMode.NONE, user="ann", password=PASSWORDS["ann"]
    ) as client:
        idle = peak_memory()
        async with client.stream(1) as pieces:
            async for piece in pieces:
                octets += len(piece)
                crc = crc32(piece, crc)
    tell(idle=idle, peak=peak_memory(), octets=octets, crc=crc)


async def serve_imap(binding: ModuleType, directory: str) -> None:
    store = MaildirStore(Path(directory) / "mail", binding.RUNTIME)
    limits = ImapLimits(message_size=2 * GIB)
    authenticator = PasswordAuthenticator(PASSWORDS)
    async with binding.serve_imap(store, authenticator, limits=limits) as server:
        idle = peak_memory()
        tell(port=server.port)
        await binding.RUNTIME.in_thread(sys.stdin.read)
    tell(idle=idle, peak=peak_memory())


async def append_and_fetch(binding: ModuleType, port: str, directory: str) -> None:
    """Append a file of 1 GiB by IMAP, and fetch the message."""
    path = Path(directory) / "message"
    sent = octets = crc = 0
    with path.open("wb") as file:
        for _ in range(GIB // len(BLOCK)):
            file.write(BLOCK)
            sent = crc32(BLOCK, sent)
    client: ImapClient
    async with binding.connect_imap(
        "127.0.0.1", int(port), tls=TlsMode.NONE, user="ann", password=PASSWORDS["ann"]
    ) as client:
        idle = peak_memory()
        code = await client.append("INBOX", path)
        assert code is not None
        await client.select()
        async with client.stream(next(iter(code.uids))) as pieces:
            async for piece in pieces:
                octets += len(piece)
                crc = crc32(piece, crc)
    tell(idle=idle, peak=peak_memory(), octets=octets, crc=crc, sent=sent)


def main(role: str, library: str, *arguments: str) -> None:
    functions: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
        "serve": serve,
        "send": send,
        "serve_pop3": serve_pop3,
        "retrieve": retrieve,
        "serve_imap": serve_imap,
        "append_and_fetch": append_and_fetch,
    }
    binding = importlib.import_module(f"mailproto.{library}")
    module = importlib.import_module(library)
    if library == "trio":
        module.run(functions[role], binding, *arguments)
    else:
        module.run(functions[role](binding, *arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
