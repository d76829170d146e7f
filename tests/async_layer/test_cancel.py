"""Cancellation at every wait: the client stays usable, or says that it is not; never in between."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mailproto.clients import SmtpClient
from mailproto.errors import ConnectionLost
from mailproto.smtp import Reply
from mailproto.stream import Stream
from mailproto.tls import TlsMode

from ..libraries import Library
from .concurrency import cancellable, tasks
from .peers import Peer, clear, connect, listening, scripted
from .test_server import ANN, BEN, MESSAGE, Recorder

Step = Callable[[SmtpClient], Awaitable[Any]]
CHUNKING = b"250-mx.example\n250-PIPELINING\n250 CHUNKING"
ONE_BY_ONE = b"250 mx.example"


class Cancelling:
    """A stream that cancels its user in the n-th wait, before or after what it waits for."""

    def __init__(self, library: Library, stream: Stream, at: int, *, after: bool) -> None:
        self._library = library
        self._stream = stream
        self._left = at
        self._after = after
        self.cancel: Callable[[], object] | None = None
        self.reached = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def _stop(self) -> None:
        if self.cancel is None:
            return
        self._left -= 1
        if self._left == 0:
            self.reached = True
            self.cancel()
            await self._library.runtime.event().wait()

    async def receive_some(self) -> bytes:
        if not self._after:
            await self._stop()
        data = await self._stream.receive_some()
        if self._after:
            await self._stop()
        return data

    async def send_all(self, data: bytes) -> None:
        if not self._after:
            await self._stop()
        await self._stream.send_all(data)
        if self._after:
            await self._stop()


STEPS: dict[str, Step] = {
    "noop": lambda client: client.noop(),
    "ehlo": lambda client: client.ehlo(),
    "send": lambda client: client.send(MESSAGE * 10_000, ANN, [BEN, ANN]),
    "chunks": lambda client: client.send(MESSAGE * 10_000, ANN, [BEN, ANN], chunking=True),
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("step", "ehlo"),
    [
        ("noop", CHUNKING),
        ("ehlo", CHUNKING),
        ("send", CHUNKING),
        ("send", ONE_BY_ONE),
        ("chunks", CHUNKING),
    ],
    ids=["noop", "ehlo", "send", "send one by one", "chunks"],
)
async def test_cancelled_at_every_wait(
    library: Library, step: str, ehlo: bytes, after: bool
) -> None:
    at = 0
    reached = True
    while reached:
        at += 1
        async with scripted(library, EHLO=ehlo, VRFY=b"252 the reply to VRFY") as server:
            raw = await library.runtime.connect_tcp("127.0.0.1", server.port)
            stream = Cancelling(library, raw, at, after=after)
            async with library.binding.connect_smtp(stream=stream, tls=TlsMode.NONE) as client:

                async def use(
                    cancel: Callable[[], object],
                    stream: Cancelling = stream,
                    client: SmtpClient = client,
                ) -> None:
                    stream.cancel = cancel
                    await STEPS[step](client)

                cancelled = await cancellable(library, use)
                stream.cancel = None
                reached = stream.reached
                assert cancelled == reached
                if client.usable:
                    assert (await client.vrfy("ann")).text == "the reply to VRFY"
                else:
                    with pytest.raises(ConnectionLost, match="can not be used any more"):
                        await client.vrfy("ann")
                assert client.usable is not cancelled
            await server.over.wait()
            if cancelled:
                assert len(server.messages) <= 1
            elif step in ("send", "chunks"):
                assert server.messages == [MESSAGE * 10_000]
    assert at > 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_cancelled_while_connecting(library: Library, after: bool) -> None:
    """Whatever wait it is, the stream is closed."""
    at = 0
    reached = True
    while reached:
        at += 1
        async with scripted(library) as server:
            raw = await library.runtime.connect_tcp("127.0.0.1", server.port)
            stream = Cancelling(library, raw, at, after=after)

            async def use(cancel: Callable[[], object], stream: Cancelling = stream) -> None:
                stream.cancel = cancel
                async with library.binding.connect_smtp(stream=stream, tls=TlsMode.NONE):
                    stream.cancel = None

            assert await cancellable(library, use) == stream.reached
            reached = stream.reached
            await server.over.wait()
    assert at > 2


async def test_waiting_for_another_task_is_no_exchange(library: Library) -> None:
    """Who is cancelled while it waits for its turn has done no harm."""
    answer = library.runtime.event()
    second_waits = library.runtime.event()

    async def serve(peer: Peer) -> None:
        await peer.say(b"220 hi")
        await peer.line()
        await peer.say(b"250 hi")
        while (line := await peer.line()) != b"QUIT":
            await answer.wait()
            await peer.say(b"250 " + line)
        await peer.say(b"221 bye")

    replies: list[Reply] = []

    async def first(client: SmtpClient) -> None:
        replies.append(await client.noop())

    async with listening(library, serve) as port, clear(library, port) as client:
        async with tasks(library) as group:
            group.start(first, client)
            while not client.core.in_flight:
                await library.runtime.sleep(0)

            async def second(cancel: Callable[[], object]) -> None:
                async def wait() -> None:
                    second_waits.set()
                    await client.vrfy("never")

                async with tasks(library) as inner:
                    inner.start(wait)
                    await second_waits.wait()
                    cancel()
                    await library.runtime.event().wait()

            assert await cancellable(library, second)
            answer.set()
        assert [reply.text for reply in replies] == ["NOOP"]
        assert (await client.rset()).text == "RSET"


@pytest.mark.parametrize("command", [b"MAIL FROM:<a@b>", b"DATA"])
async def test_handler_is_cancelled_with_its_server(library: Library, command: bytes) -> None:
    """Nothing is accepted then, and nothing is left behind."""
    entered = library.runtime.event()
    ended: list[str] = []

    class Hanging(Recorder):
        async def _hang(self) -> None:
            entered.set()
            try:
                await library.runtime.event().wait()
            finally:
                ended.append("ended")

        async def mail(self, session: Any, command: Any) -> Reply | None:
            if command.reverse_path == "a@b":
                await self._hang()
            return None

        async def message(self, envelope: Any, body: Any) -> None:
            await self._hang()

    async def serve(cancel: Callable[[], object]) -> None:
        async with (
            library.binding.serve_smtp(Hanging()) as server,
            connect(library, server.port) as peer,
        ):
            await peer.reply()
            await peer.ask(b"EHLO me.example")
            if command == b"DATA":
                await peer.ask(b"MAIL FROM:<x@y>")
                await peer.ask(b"RCPT TO:<c@d>")
            await peer.say(command)
            await entered.wait()
            cancel()
            await library.runtime.event().wait()

    assert await cancellable(library, serve)
    assert ended == ["ended"]
