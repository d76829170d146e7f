"""Cancellation at every wait of ImapClient: it stays usable, or says that it is not."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from mailproto.clients import ImapClient
from mailproto.errors import ConnectionLost, LocalProtocolError
from mailproto.imap import Search
from mailproto.stores import MemoryStore
from mailproto.tls import TlsInfo, TlsMode

from ..libraries import Library
from .concurrency import Tasks, cancellable, checkpoint, tasks
from .imap_calls import CALLS, Call
from .imap_peer import HOST, serve
from .imap_script import connect, scripted
from .peers import Peer, listening
from .test_cancel import Cancelling

CALL = CALLS["id"]  # which tells whether its own answer came


class Keeping(Cancelling):
    """As all streams do, it keeps what has come when the wait for it is cancelled."""

    _kept = b""

    async def receive_some(self) -> bytes:
        if self._kept:
            kept, self._kept = self._kept, b""
            return kept
        if not self._after:
            return await super().receive_some()
        data = await self._stream.receive_some()
        try:
            await self._stop()
        except BaseException:
            self._kept = data
            raise
        return data

    async def start_tls(self, *args: Any, **options: Any) -> TlsInfo:
        if not self._after:
            await self._stop()
        tls = await self._stream.start_tls(*args, **options)
        if self._after:
            await self._stop()
        return tls


class Bystander(Keeping):
    """Before it cancels a task, another one begins to use the client."""

    def __init__(self, library: Library, stream: Any, at: int, group: Tasks, *, after: bool):
        super().__init__(library, stream, at, after=after)
        self._group = group
        self.client: ImapClient | None = None
        self.outcome: object = None

    async def _use(self) -> None:
        assert self.client is not None
        try:
            self.outcome = await CALL.call(self.client)
        except ConnectionLost as error:
            self.outcome = error

    async def _stop(self) -> None:
        if self.cancel is not None and self._left == 1:
            cancel, self.cancel = self.cancel, None
            self._group.start(self._use)
            for _ in range(3):
                await checkpoint(self._library)
            self.cancel = cancel
        await super()._stop()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_cancelled_at_every_wait(library: Library, call: Call, after: bool) -> None:
    """Each later answer is the right one, also that of another task."""
    answers = {**CALL.answers, **call.script}
    answers["caps"] += b" ID"
    at = 0
    reached = True
    async with scripted(library, answers) as script:
        while reached:
            at += 1
            raw = await library.runtime.connect_tcp(HOST, script.port)
            async with tasks(library) as group:
                stream = Bystander(library, raw, at, group, after=after)
                async with connect(library, 0, stream=stream) as client:
                    if call.selects:
                        await client.select()
                    stream.client = client

                    async def use(
                        cancel: Callable[[], object],
                        stream: Bystander = stream,
                        client: ImapClient = client,
                    ) -> None:
                        stream.cancel = cancel
                        await call.call(client)

                    cancelled = await cancellable(library, use)
                    stream.cancel = None
                    reached = stream.reached
                    assert cancelled == reached
                    while cancelled and stream.outcome is None:
                        await checkpoint(library)
                    if client.usable:
                        assert await CALL.call(client) == CALL.result
                        assert stream.outcome == (CALL.result if cancelled else None)
                    else:
                        assert isinstance(stream.outcome, ConnectionLost)
                        with pytest.raises(ConnectionLost):
                            await CALL.call(client)
            await script.over.wait()
    assert at > 2


BEGINNING = {
    "greeting": b"* OK [CAPABILITY CAPS] hello\r\n",
    "caps": b"IMAP4rev1 AUTH=PLAIN STARTTLS",
    "AUTHENTICATE": b"+ \r\n",
    "==": b"TAG OK done\r\n",
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("secure", [False, True], ids=["clear", "STARTTLS"])
async def test_cancelled_while_connecting_or_leaving(
    library: Library,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    secure: bool,
    after: bool,
) -> None:
    """Whatever wait it is, the stream is closed."""
    options: dict[str, Any] = {"user": "ann", "password": "secret"}
    if secure:
        options |= {"tls": TlsMode.STARTTLS, "tls_context": client_context}
        options["server_hostname"] = "localhost"
    at = 0
    reached = True
    async with scripted(library, BEGINNING) as script:
        script.tls_context = server_context
        while reached:
            at += 1
            raw = await library.runtime.connect_tcp(HOST, script.port)
            stream = Keeping(library, raw, at, after=after)

            async def use(cancel: Callable[[], object], stream: Keeping = stream) -> None:
                stream.cancel = cancel
                async with connect(library, 0, stream=stream, **options) as client:
                    await client.noop()

            assert await cancellable(library, use) == stream.reached
            reached = stream.reached
            await script.over.wait()
    assert at > 8


class Telling(Keeping):
    """It calls ``told`` when a continuation has come, before that is read."""

    told: Callable[[], object] | None = None

    async def receive_some(self) -> bytes:
        data = await super().receive_some()
        if self.told is not None and data.startswith(b"+"):
            self.told()
        return data


async def test_an_upload_cancelled_when_it_is_due(library: Library) -> None:
    """Another task reads that the server waits for the content: nobody waits for it in vain."""
    call = CALLS["append large, asking"]
    answers = {**call.script, "NOOP": b""}
    async with scripted(library, answers) as script:
        raw = await library.runtime.connect_tcp(HOST, script.port)
        stream = Telling(library, raw, 0, after=False)
        async with connect(library, 0, stream=stream) as client, tasks(library) as group:

            async def wait() -> None:
                with pytest.raises(ConnectionLost, match="given up before its content"):
                    await client.noop()

            async def upload(cancel: Callable[[], object]) -> None:
                stream.told = cancel
                await call.call(client)

            group.start(wait)
            while not client.core.in_flight:
                await checkpoint(library)
            assert await cancellable(library, upload)
            assert not client.usable


class Halving(Bystander):
    """It cancels its user when half of what is to be sent has been sent."""

    async def send_all(self, data: bytes) -> None:
        if self.cancel is None:
            await self._stream.send_all(data)
        else:
            await self._stream.send_all(data[: len(data) // 2])
            await self._stop()


async def test_nothing_is_sent_behind_half_a_command(library: Library) -> None:
    """It would be taken for the rest of that."""
    received = b""
    over = library.runtime.event()

    async def serve_one(peer: Peer) -> None:
        nonlocal received
        await peer.say(b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ ID] hello")
        received = await peer.rest()
        over.set()

    async with listening(library, serve_one) as port:
        raw = await library.runtime.connect_tcp(HOST, port)
        async with tasks(library) as group:
            stream = Halving(library, raw, 1, group, after=False)
            async with connect(library, 0, stream=stream) as client:
                stream.client = client

                async def use(cancel: Callable[[], object]) -> None:
                    stream.cancel = cancel
                    await client.append("a", b"x" * 1000)

                assert await cancellable(library, use)
                assert not client.usable
        assert isinstance(stream.outcome, ConnectionLost)
        await over.wait()
    assert received.startswith(b"A1 APPEND a {1000+}")
    assert b"ID" not in received


# --- at random ---

UIDS = range(1, 21)
TASKS = 6
STEPS = 8  # of each task


def message(uid: int) -> bytes:
    """Every third one is streamed."""
    return b"Subject: %d\r\n\r\n" % uid + b"%05d\r\n" % uid * (20_000 if uid % 3 == 0 else 1)


class User:
    """Makes calls at random, and looks at what they return."""

    def __init__(self, library: Library, client: ImapClient, random: Random) -> None:
        self._library = library
        self._client = client
        self._random = random

    async def do_something(self) -> None:
        await self._random.choice(self._acts)(self, self._random.choice(UIDS))

    async def _fetch(self, uid: int) -> None:
        (found,) = await self._client.fetch(uid, ["BODY.PEEK[]"]).all()
        assert (found.uid, found.content()) == (uid, message(uid))

    async def _stream(self, uid: int) -> None:
        async with self._client.stream(uid) as pieces:
            assert b"".join([piece async for piece in pieces]) == message(uid)

    async def _leave_a_stream(self, uid: int) -> None:
        async with self._client.stream(uid) as pieces:
            assert message(uid).startswith(await anext(pieces))

    async def _leave_a_fetch(self, uid: int) -> None:
        async for found in self._client.fetch("1:*", ["FLAGS"]):
            if found.uid == uid:
                break

    async def _search(self, uid: int) -> None:
        found = await self._client.search(Search.subject(str(uid)) & Search.uid(str(uid)))
        assert list(found.numbers) == [uid]

    async def _status(self, uid: int) -> None:
        assert (await self._client.status("other", ["MESSAGES"]))["MESSAGES"] >= 0

    async def _store(self, uid: int) -> None:
        told = (await self._client.store(uid, "+FLAGS", [f"k{uid}"], silent=False)).messages
        assert {message.uid for message in told} == {uid}
        assert f"k{uid}" in (told[-1].flags or ())

    async def _idle(self, uid: int) -> None:
        with suppress(TimeoutError, LocalProtocolError):  # nothing new, or another one idles
            async with self._library.runtime.deadline(0.01), self._client.idle() as updates:
                await anext(updates)

    async def _append(self, uid: int) -> None:
        assert await self._client.append("other", message(uid)[:100]) is not None

    _acts = (
        _fetch,
        _stream,
        _leave_a_stream,
        _leave_a_fetch,
        _search,
        _status,
        _store,
        _idle,
        _append,
    )


@pytest.mark.parametrize(
    "seed", [*range(2), *(pytest.param(n, marks=pytest.mark.thorough) for n in range(2, 30))]
)
async def test_tasks_cancelled_at_random(library: Library, seed: int) -> None:
    """Each answer reaches who asked, and if the connection breaks all tasks hear of it."""
    random = Random(seed)
    store = MemoryStore()
    account = await store.account("ann")
    await account.create("other")
    for uid in UIDS:
        account.inbox.add(message(uid))
    lost = 0

    async def act(user: User) -> None:
        if random.random() < 0.7:
            await user.do_something()
            return
        turns = random.randrange(30)

        async def use(cancel: Callable[[], object]) -> None:
            async def later() -> None:
                for _ in range(turns):
                    await checkpoint(library)
                cancel()

            async with tasks(library) as inner:
                inner.start(later)
                await user.do_something()

        await cancellable(library, use)

    async def work(client: ImapClient) -> None:
        nonlocal lost
        try:
            for _ in range(STEPS):
                await act(User(library, client, random))
        except* ConnectionLost:
            lost += 1

    options = {"user": "ann", "password": "secret", "timeout": 20.0}
    async with (
        serve(library, store) as server,
        connect(library, server.port, **options) as client,
    ):
        await client.select()
        if seed % 2:
            await client.compress()
        async with tasks(library) as group:
            for _ in range(TASKS):
                group.start(work, client)
        assert lost == 0 or not client.usable
