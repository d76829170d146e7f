"""A server in a process of its own: ``python -m benchmarks.servers NAME [ARGUMENT...]``.

Prints its port, or the name of a package that it lacks. Then it answers each line on its
standard input with a number: ``cpu`` with the CPU seconds that the process has spent, ``trace``
starts tracemalloc, ``memory`` gives the bytes that Python has allocated since. End of input
ends it.
"""

import asyncio
import gc
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.harness import NotInstalled, peer
from benchmarks.smtp_server import CountingDelivery

_HOST = "127.0.0.1"


def _announce(port: int) -> None:
    """Print the port and answer questions from now on, beside the server."""
    print(port, flush=True)
    Thread(target=_answer, daemon=True).start()


def _answer() -> None:
    for line in sys.stdin:
        print(_QUESTIONS[line.strip()](), flush=True)
    os._exit(0)  # the main thread is in the server's loop


def _trace() -> int:
    tracemalloc.start()
    return 0


def _memory() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


_QUESTIONS: dict[str, Callable[[], float]] = {
    "cpu": time.process_time,
    "trace": _trace,
    "memory": _memory,
}


# --- mailproto -----------------------------------------------------------------------------------


def _admission() -> Any:
    from mailproto.servers import Admission

    return Admission(connections=10_000, per_peer=10_000)


async def _serve_smtp(serve: Callable[..., Any], sleep_forever: Callable[[], Any]) -> None:
    from mailproto.servers import MessageBody, SmtpEnvelope, SmtpHandler

    class Handler(SmtpHandler):
        async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> None:
            async for _ in body:
                pass

    async with serve(Handler(), _HOST, 0, admission=_admission()) as server:
        _announce(server.port)
        await sleep_forever()


async def _serve_imap(
    binding: Any, sleep_forever: Callable[[], Any], kind: str = "memory", folder: str = ""
) -> None:
    """The INBOX of ann is empty, or has the messages of a Maildir (``folder``).

    It is served from there (``kind`` "maildir"), or from memory.
    """
    from mailproto.sasl import PasswordAuthenticator

    store = await _STORES[kind](binding.RUNTIME, folder)
    users = PasswordAuthenticator({"ann": "secret"}, iterations=4096)
    async with binding.serve_imap(
        store, users, _HOST, 0, admission=_admission(), allow_plaintext=True
    ) as server:
        _announce(server.port)
        await sleep_forever()


async def _memory_store(runtime: object, folder: str) -> Any:
    from mailproto.stores import MemoryStore

    store = MemoryStore()
    inbox = (await store.account("ann")).inbox
    if folder:
        _fill(inbox, Path(folder, "cur"))
    return store


def _fill(inbox: Any, folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        inbox.add(file.read_bytes(), ["\\Seen"] if file.name.endswith("S") else [])


async def _maildir_store(runtime: Any, folder: str) -> Any:
    from mailproto.stores.maildir import MaildirStore

    return MaildirStore(lambda user: Path(folder), runtime)


_STORES: dict[str, Callable[[Any, str], Any]] = {"memory": _memory_store, "maildir": _maildir_store}


def mailproto_asyncio() -> None:
    from mailproto.asyncio import serve_smtp

    asyncio.run(_serve_smtp(serve_smtp, asyncio.Event().wait))


def mailproto_trio() -> None:
    trio = peer("trio")
    from mailproto.trio import serve_smtp

    trio.run(_serve_smtp, serve_smtp, trio.sleep_forever)


def mailproto_imap_asyncio(*where: str) -> None:
    import mailproto.asyncio

    asyncio.run(_serve_imap(mailproto.asyncio, asyncio.Event().wait, *where))


def mailproto_imap_trio(*where: str) -> None:
    trio = peer("trio")
    import mailproto.trio

    trio.run(_serve_imap, mailproto.trio, trio.sleep_forever, *where)


# --- peers ---------------------------------------------------------------------------------------


class _Handler:
    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        return "250 OK"


async def _serve_asyncio(protocol: Callable[[], Any]) -> None:
    server = await asyncio.get_running_loop().create_server(protocol, _HOST, 0)
    _announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def aiosmtpd() -> None:
    SMTP = peer("aiosmtpd.smtp").SMTP

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        await _serve_asyncio(partial(SMTP, _Handler(), hostname="mx.example.com", loop=loop))

    asyncio.run(serve())


def twisted() -> None:
    reactor = peer("twisted.internet.reactor")
    ESMTP = peer("twisted.mail.smtp").ESMTP
    delivery = CountingDelivery()

    def build(address: object) -> Any:
        server = ESMTP()
        server.noisy = False
        server.delivery = delivery
        return server

    factory = peer("twisted.internet.protocol").ServerFactory()
    factory.noisy = False
    factory.buildProtocol = build
    port = reactor.listenTCP(0, factory, interface=_HOST)
    _announce(port.getHost().port)
    reactor.run()


class _BareProtocol(asyncio.Protocol):
    """No SMTP at all: what asyncio itself needs for a connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 bare\r\n")

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"250 bare\r\n")


def bare_asyncio() -> None:
    asyncio.run(_serve_asyncio(_BareProtocol))


def bare_trio() -> None:
    """No SMTP at all: what trio itself needs for a connection."""
    trio = peer("trio")

    async def handle(stream: Any) -> None:
        await stream.send_all(b"220 bare\r\n")
        while await stream.receive_some():
            await stream.send_all(b"250 bare\r\n")

    async def serve() -> None:
        (listener,) = await trio.open_tcp_listeners(0, host=_HOST)
        _announce(listener.socket.getsockname()[1])
        await trio.serve_listeners(handle, [listener])

    trio.run(serve)


SERVERS: dict[str, Callable[..., None]] = {
    "aiosmtpd": aiosmtpd,
    "twisted": twisted,
    "asyncio Protocol": bare_asyncio,
    "trio stream": bare_trio,
    "mailproto asyncio": mailproto_asyncio,
    "mailproto trio": mailproto_trio,
    "mailproto IMAP asyncio": mailproto_imap_asyncio,
    "mailproto IMAP trio": mailproto_imap_trio,
}

if __name__ == "__main__":
    try:
        SERVERS[sys.argv[1]](*sys.argv[2:])
    except NotInstalled as error:
        print(error)
