"""ImapClient against servers played by hand: several tasks, cancellation, IDLE, the odd and bad."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import pytest

from mailproto.clients import ImapClient, SyncState
from mailproto.errors import (
    CommandFailed,
    ConnectionLost,
    LocalProtocolError,
    RemoteProtocolError,
)
from mailproto.imap import (
    Append,
    AppendMessage,
    ExistsResponse,
    Literal,
    Noop,
    Search,
    SequenceSet,
    Status,
    StatusResponse,
)
from mailproto.tls import TlsMode

from ..libraries import Library
from .concurrency import AsyncFunction, Tasks, cancellable, checkpoint, tasks
from .peers import Peer, listening

REV1 = b"IMAP4rev1 IDLE UIDPLUS LITERAL+ UNSELECT"


class Server(Peer):
    """A server played by hand: commands come as (tag, the rest)."""

    async def greet(self, capabilities: bytes = REV1, word: bytes = b"PREAUTH") -> None:
        await self.say(b"* " + word + b" [CAPABILITY " + capabilities + b"] hello")

    async def begin(self, capabilities: bytes = REV1) -> None:
        """Greet, and let a mailbox of three messages be selected."""
        await self.greet(capabilities)
        (tag,) = await self.expect(b"SELECT")
        await self.say(b"* 3 EXISTS", b"* OK [UIDVALIDITY 7] ok", tag + b" OK [READ-WRITE] done")

    async def command(self) -> tuple[bytes, bytes]:
        tag, _, rest = (await self.line()).partition(b" ")
        return tag, rest

    async def expect(self, *starts: bytes) -> list[bytes]:
        """Take commands that begin so; return their tags."""
        tags = []
        for start in starts:
            tag, rest = await self.command()
            assert rest.startswith(start), rest
            tags.append(tag)
        return tags

    async def ok(self, *starts: bytes) -> None:
        """Take commands that begin so, and complete them."""
        for start in starts:
            (tag,) = await self.expect(start)
            await self.say(tag + b" OK done")


@asynccontextmanager
async def connected(
    library: Library, play: Callable[[Server], Awaitable[None]], **options: Any
) -> AsyncIterator[ImapClient]:
    """A client of a server that plays so; it logs out in the end, whatever the server does."""

    async def serve(peer: Peer) -> None:
        server = Server(peer.stream)
        try:
            await play(server)
            await server.ok(b"LOGOUT")
        except (EOFError, ConnectionLost):
            pass

    async with (
        listening(library, serve) as port,
        library.binding.connect_imap("127.0.0.1", port, tls=TlsMode.NONE, **options) as client,
    ):
        yield client


async def read(opened: AbstractAsyncContextManager[AsyncIterator[Any]]) -> None:
    """Take all that comes."""
    async with opened as items:
        async for _ in items:
            pass


async def in_turn(library: Library, side_by_side: Tasks, *calls: AsyncFunction) -> None:
    """Start tasks in this order, which trio would not keep."""
    for call in calls:
        side_by_side.start(call)
        await checkpoint(library)


# --- several tasks ---


async def test_answers_find_those_who_asked(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet()
        first, second, third = await server.expect(b"STATUS a", b"STATUS b", b"NOOP")
        await server.say(
            b"* STATUS b (MESSAGES 2)",
            third + b" OK done",
            b"* STATUS a (MESSAGES 1)",
            second + b" NO no such mailbox",
            first + b" OK done",
        )

    got: dict[str, Any] = {}
    async with connected(library, play) as client:

        async def status(name: str) -> None:
            try:
                got[name] = await client.status(name, ["MESSAGES"])
            except CommandFailed as error:
                got[name] = error.reply.text

        async with tasks(library) as side_by_side:
            await in_turn(library, side_by_side, partial(status, "a"), partial(status, "b"))
            side_by_side.start(client.noop)
    assert got == {"a": {"MESSAGES": 1}, "b": "no such mailbox"}


@pytest.mark.parametrize("victim", [0, 1, 2])
async def test_cancelling_one_harms_no_other(library: Library, victim: int) -> None:
    """The first of them leads, the others follow: whoever is cancelled, the rest go on."""
    cancelled = library.runtime.event()

    async def play(server: Server) -> None:
        await server.greet()
        tags = await server.expect(b"NOOP", b"NOOP", b"NOOP")
        started.set()
        await cancelled.wait()
        for tag in tags:
            await server.say(tag + b" OK done")
        await server.ok(b"NOOP")

    done: list[int] = []
    started = library.runtime.event()
    async with connected(library, play) as client:

        async def run(number: int) -> None:
            await client.noop()
            done.append(number)

        async def run_victim(number: int) -> None:
            async def until_cancelled(cancel: Callable[[], object]) -> None:
                async def later() -> None:
                    await started.wait()
                    for _ in range(5):
                        await checkpoint(library)
                    cancel()
                    cancelled.set()

                side_by_side.start(later)
                await run(number)

            assert await cancellable(library, until_cancelled)

        async with tasks(library) as side_by_side:
            for number in range(3):
                side_by_side.start(run_victim if number == victim else run, number)
                await checkpoint(library)
        await client.noop()
    assert sorted(done) == [number for number in range(3) if number != victim]


async def test_what_comes_for_nobody_is_dropped(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        (fetch,) = await server.expect(b"UID FETCH 1:3 (FLAGS)")
        await server.say(*(b"* %d FETCH (UID %d FLAGS ())" % (n, n) for n in (1, 2, 3)))
        await server.say(fetch + b" OK done")
        await server.ok(b"NOOP")

    async with connected(library, play) as client:
        await client.select()
        async for message in client.fetch("1:3", ["FLAGS"]):
            assert message.uid == 1
            break
        await client.noop()


async def test_everybody_hears_the_last_word_once(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet()
        await server.expect(b"NOOP", b"STATUS a", b"STATUS b")
        await server.say(b"* BYE too busy")
        await server.stream.aclose()

    lost: list[str] = []
    async with connected(library, play) as client:

        async def fail(call: Callable[[], Awaitable[Any]]) -> None:
            with pytest.raises(ConnectionLost, match="too busy") as caught:
                await call()
            lost.append(caught.value.reply.text)

        async with tasks(library) as side_by_side:
            calls = (client.noop, partial(client.status, "a"), partial(client.status, "b"))
            await in_turn(library, side_by_side, *(partial(fail, call) for call in calls))
        assert lost == ["too busy"] * 3
        assert not client.usable
        with pytest.raises(ConnectionLost):
            await client.noop()


async def test_garbage_ends_everybody(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet()
        await server.expect(b"NOOP", b"NOOP")
        await server.say(b"* 1 FETCH (BODY[] {99999999999999999999}", b"")

    ended = 0
    async with connected(library, play) as client:

        async def fail() -> None:
            nonlocal ended
            with pytest.raises((RemoteProtocolError, ConnectionLost)):
                await client.noop()
            ended += 1

        async with tasks(library) as side_by_side:
            side_by_side.start(fail)
            side_by_side.start(fail)
    assert ended == 2


async def test_a_silent_server_is_told_of(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet()
        await server.expect(b"NOOP")
        await server.rest()

    async with connected(library, play, timeout=0.1) as client:
        with pytest.raises(TimeoutError, match="no response from the server"):
            await client.noop()
        await client.aclose()


async def test_commands_that_exclude_each_other_wait(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        (tag,) = await server.expect(b"UID SEARCH")
        await checkpoint(library)
        await server.say(b"* SEARCH 1", tag + b" OK done")
        (tag,) = await server.expect(b"UID SEARCH")
        await server.say(b"* SEARCH 2", tag + b" OK done")

    async with connected(library, play) as client:
        await client.select()
        found: list[int] = []

        async def search() -> None:
            found.extend((await client.search(Search.seen)).numbers)

        async with tasks(library) as side_by_side:
            side_by_side.start(search)
            side_by_side.start(search)
        assert found == [1, 2]


# --- content ---


def _fetched(uid: int, body: bytes) -> bytes:
    return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)" % (uid, uid, len(body), body)


BODY = b"x" * 300_000


async def test_large_content_is_put_into_its_response(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        (tag,) = await server.expect(b"UID FETCH 1:2 (BODY.PEEK[])")
        await server.say(_fetched(1, BODY), _fetched(2, b"small"), tag + b" OK done")

    async with connected(library, play) as client:
        await client.select()
        fetched = await client.fetch("1:2", ["BODY.PEEK[]"]).all()
        assert [message.content() for message in fetched] == [BODY, b"small"]


async def test_streams_in_pieces_and_may_be_left(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        for _ in range(2):
            (tag,) = await server.expect(b"UID FETCH 1 (BODY.PEEK[])")
            await server.say(_fetched(1, BODY), tag + b" OK done")
        (tag,) = await server.expect(b"UID FETCH 9 (BODY.PEEK[])")
        await server.say(tag + b" OK nothing")

    async with connected(library, play) as client:
        await client.select()
        async with client.stream(1) as pieces:
            got = [piece async for piece in pieces]
        assert len(got) > 1
        assert b"".join(got) == BODY
        async with client.stream(1) as pieces:
            async for _ in pieces:
                break
        with pytest.raises(CommandFailed, match=r"no BODY.PEEK\[\] of message 9"):
            await read(client.stream(9))


async def test_what_nobody_reads_is_not_piled_up(library: Library) -> None:
    """10 MB of bodies behind the back of a task that sends another command meanwhile."""

    async def play(server: Server) -> None:
        await server.begin()
        await server.expect(b"UID FETCH 1:200")
        await server.expect(b"NOOP")
        for uid in range(1, 201):
            await server.say(_fetched(uid, b"y" * 50_000))
        await server.rest()

    async with connected(library, play) as client:
        await client.select()
        messages = client.fetch("1:200", ["BODY.PEEK[]"])
        read = library.runtime.event()

        async def reader() -> None:
            call = messages.__anext__
            read.set()
            await call()
            with pytest.raises(LocalProtocolError, match="behind this task's back"):
                await client.noop()
            await client.aclose()

        async with tasks(library) as side_by_side:
            side_by_side.start(reader)
            await read.wait()
            with pytest.raises((ConnectionLost, LocalProtocolError)):
                await client.run(Noop())


# --- APPEND ---


@pytest.mark.parametrize("capabilities", [REV1, b"IMAP4rev1"])
async def test_append_from_an_iterator(library: Library, capabilities: bytes) -> None:
    received = b""

    async def play(server: Server) -> None:
        nonlocal received
        await server.greet(capabilities)
        tag, rest = await server.command()
        assert rest.startswith(b"APPEND INBOX (\\Seen) {300001")
        if not rest.endswith(b"+}"):
            await server.say(b"+ go ahead")
        received = await server.take_octets(300_001)
        assert await server.line() == b""
        await server.say(tag + b" OK [APPENDUID 7 4] done")

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(BODY), 70_000):
            yield BODY[at : at + 70_000]
        yield b"."

    async with connected(library, play) as client:
        code = await client.append("INBOX", pieces(), [r"\Seen"])
    assert code is not None
    assert list(code.uids) == [4]
    assert received == BODY + b"."


async def test_append_refused_before_it_is_sent(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet(b"IMAP4rev1")
        tag, _ = await server.command()
        await server.say(tag + b" NO [OVERQUOTA] full")
        await server.ok(b"NOOP")

    async with connected(library, play) as client:
        with pytest.raises(CommandFailed, match="full"):
            await client.append("INBOX", BODY)
        await client.noop()


async def test_append_cancelled_half_way_ends_the_connection(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet()
        await server.command()
        await server.rest()

    async with connected(library, play) as client:

        async def until_cancelled(cancel: Callable[[], object]) -> None:
            async def pieces(self: Any) -> AsyncIterator[bytes]:
                yield b"x" * 1000
                cancel()
                await library.runtime.event().wait()

            await client._send_content(_Content(pieces))  # type: ignore[arg-type]

        class _Content:
            def __init__(self, make: Any) -> None:
                self.chunks = lambda: make(self)

        client.core.send(Append("INBOX", (AppendMessage(Literal(2000)),)))
        assert await cancellable(library, until_cancelled)
        with pytest.raises(ConnectionLost, match="APPEND was broken off"):
            await client.noop()


async def test_append_limit(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet(b"IMAP4rev1 APPENDLIMIT=100")

    async with connected(library, play) as client:
        with pytest.raises(LocalProtocolError, match="messages of 100 octets, not 300000"):
            await client.append("INBOX", BODY)


# --- the selected mailbox ---


async def test_the_mailbox_follows_what_is_told(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        (tag,) = await server.expect(b"NOOP")
        await server.say(
            b"* 2 EXPUNGE", b"* 5 EXISTS", b"* 1 RECENT", b"* VANISHED 4294967295:*", tag + b" OK"
        )
        (tag,) = await server.expect(b"EXAMINE other")
        await server.say(
            b"* 9 EXISTS", b"* OK [CLOSED] old one", b"* 2 EXISTS", tag + b" OK [READ-ONLY] ok"
        )
        (tag,) = await server.expect(b"SELECT gone")
        await server.say(tag + b" NO no such mailbox")

    async with connected(library, play) as client:
        mailbox = await client.select()
        assert (mailbox.exists, mailbox.uid_validity, mailbox.read_only) == (3, 7, False)
        await client.noop()
        assert (mailbox.exists, mailbox.recent) == (5, 1)
        other = await client.select("other", read_only=True)
        assert (other.exists, other.uid_validity, other.read_only) == (2, None, True)
        with pytest.raises(CommandFailed):
            await client.select("gone")
        assert client.mailbox is None


async def test_for_no_messages_nothing_is_sent(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()

    async with connected(library, play) as client:
        await client.select()
        assert await client.fetch([], ["FLAGS"]).all() == []
        assert not (await client.add_flags([], "x")).left_alone
        assert await client.copy([], "other") is None
        assert (await client.move([], "other")).used == ()
        await client.expunge([])


# --- IDLE ---


async def _idle(server: Server, *news: bytes) -> bytes:
    (tag,) = await server.expect(b"IDLE")
    await server.say(b"+ idling", *news)
    return tag


async def test_idle_is_interrupted_and_renewed(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        tag = await _idle(server, b"* 4 EXISTS")
        assert await server.line() == b"DONE"
        await server.say(tag + b" OK done")
        (status,) = await server.expect(b"STATUS")
        await server.say(b"* STATUS a (MESSAGES 1)", status + b" OK done")
        tag = await _idle(server)
        assert await server.line() == b"DONE"  # renewed, for nothing happens
        await server.say(tag + b" OK done")
        tag = await _idle(server, b"* 5 EXISTS")
        assert await server.line() == b"DONE"
        await server.say(tag + b" OK done")

    heard: list[int] = []
    first = library.runtime.event()
    async with connected(library, play) as client:
        await client.select()

        async def listen() -> None:
            async with client.idle(renew=0.05) as updates:
                async for news in updates:
                    assert isinstance(news, ExistsResponse)
                    heard.append(news.count)
                    first.set()
                    if len(heard) == 2:
                        break

        async def ask() -> None:
            await first.wait()
            answer = await client.run(Status("a", ("MESSAGES",)))
            assert [r.items for r in answer.of(StatusResponse)] == [{"MESSAGES": 1}]

        async with tasks(library) as side_by_side:
            side_by_side.start(listen)
            side_by_side.start(ask)
    assert heard == [4, 5]


async def test_idle_that_was_left_is_ended_by_the_next_command(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        for _ in range(2):
            tag = await _idle(server, b"* 4 EXISTS")
            assert await server.line() == b"DONE"
            await server.say(tag + b" OK done")
            await server.ok(b"NOOP")

    async with connected(library, play) as client:
        await client.select()

        async def fail() -> None:
            async with client.idle() as updates:
                await anext(updates)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        await client.noop()

        async def listen(cancel: Callable[[], object]) -> None:
            async with client.idle() as updates:
                async for _ in updates:
                    cancel()

        assert await cancellable(library, listen)
        await client.noop()


@pytest.mark.parametrize("word", [b"* BYE going down", b""])
async def test_idle_ends_with_the_connection(library: Library, word: bytes) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        await _idle(server, *([word] if word else []))
        await server.stream.aclose()

    async with connected(library, play) as client:
        await client.select()
        with pytest.raises(ConnectionLost, match="going down" if word else "hung up"):
            await read(client.idle())


async def test_idle_refused(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        (tag,) = await server.expect(b"IDLE")
        await server.say(tag + b" NO not now")
        await server.ok(b"NOOP")

    async with connected(library, play) as client:
        await client.select()
        with pytest.raises(CommandFailed, match="not now"):
            async with client.idle() as updates:
                await anext(updates)
        await client.noop()


async def test_without_idle_the_server_is_asked(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin(b"IMAP4rev1")
        await server.ok(b"NOOP")
        (tag,) = await server.expect(b"NOOP")
        await server.say(b"* 4 EXISTS", tag + b" OK done")

    async with connected(library, play) as client:
        await client.select()
        async with client.idle(poll=0.01) as updates:
            assert updates.polling
            assert await anext(updates) == ExistsResponse(4)
            with pytest.raises(LocalProtocolError, match="waits for news already"):
                async with client.idle():
                    pass


async def test_a_server_that_does_not_end_idle(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailproto.clients.imap.idle._DONE_TIMEOUT", 0.05)

    async def play(server: Server) -> None:
        await server.begin()
        await _idle(server, b"* 4 EXISTS")
        await server.rest()

    async with connected(library, play) as client:
        await client.select()
        with pytest.raises(TimeoutError):
            async with client.idle() as updates:
                await anext(updates)
        with pytest.raises(ConnectionLost, match="does not end IDLE"):
            await client.noop()


# --- what errors say ---


async def test_errors_tell_the_code(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet()
        (tag,) = await server.expect(b"STATUS")
        await server.say(tag + b" NO [NONEXISTENT] no such mailbox")
        await server.expect(b"NOOP")
        await server.say(b"* BYE [UNAVAILABLE] over")
        await server.stream.aclose()

    async with connected(library, play) as client:
        with pytest.raises(CommandFailed, match=r"refused: NO \[NONEXISTENT\] no such mailbox$"):
            await client.status("x")
        with pytest.raises(LocalProtocolError, match="select a mailbox first"):
            await client.search()
        with pytest.raises(ConnectionLost, match=r"saying BYE \[UNAVAILABLE\] over"):
            await client.noop()


# --- answers in another form ---


async def test_a_message_in_two_responses(library: Library) -> None:
    envelope = b'ENVELOPE ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL)'

    async def play(server: Server) -> None:
        await server.begin()
        (tag,) = await server.expect(b"UID FETCH 3,7 ")
        await server.say(
            b"* 1 FETCH (UID 3 FLAGS (x))",
            b"* 1 FETCH (UID 3 " + envelope + b")",
            b"* 1 FETCH (UID 3 FLAGS (y))",  # news of another message
            b"* 2 FETCH (UID 7 " + envelope + b")",
            tag + b" OK done",
        )

    async with connected(library, play) as client:
        await client.select()
        first, second = await client.fetch([3, 7], ["FLAGS", "ENVELOPE"]).all()
    assert first.flags == ("x",)
    assert first.envelope is not None
    assert second.flags is None


async def test_sort_answered_as_a_search(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin(REV1 + b" SORT")
        for found in (b"3:2,9", b"1:4294967295"):
            (tag,) = await server.expect(b"UID SORT (DATE) ")
            await server.say(b'* ESEARCH (TAG "' + tag + b'") UID ALL ' + found, tag + b" OK done")

    async with connected(library, play) as client:
        await client.select()
        assert await client.sort(["DATE"]) == (3, 2, 9)
        with pytest.raises(RemoteProtocolError, match="more than there are"):
            await client.sort(["DATE"])


# --- a move where the server has none ---


@pytest.mark.parametrize(
    ("numbers", "asked"), [("1:*", b"UID 1:*"), ("5:900", b"UID 5:900"), ("$", b"$")]
)
async def test_a_move_by_copy_deletes_what_was_copied_only(
    library: Library, numbers: str, asked: bytes
) -> None:
    async def play(server: Server) -> None:
        await server.begin(REV1 + b" SEARCHRES")
        (tag,) = await server.expect(b"UID SEARCH " + asked)
        await server.say(b"* SEARCH 5 7 8", tag + b" OK done")  # 9 arrives behind it
        await server.ok(b"UID COPY 5,7:8 ", b"UID STORE 5,7:8 ", b"UID EXPUNGE 5,7:8")
        (tag,) = await server.expect(b"UID SEARCH " + asked)
        await server.say(b"* SEARCH", tag + b" OK done")

    async with connected(library, play) as client:
        await client.select()
        moved = await client.move(numbers, "there")
        assert moved.used == ("SEARCH", "COPY", "STORE", "UID EXPUNGE")
        assert (await client.move(numbers, "there")).used == ("SEARCH",)


# --- sets that are too long for a line (RFC 7162 4) ---


async def test_long_sets_go_in_several_commands(library: Library) -> None:
    uids = SequenceSet(tuple((uid, uid) for uid in range(100_001, 104_001, 2)))
    sent: list[str] = []

    async def play(server: Server) -> None:
        await server.begin(REV1 + b" MOVE")
        while True:
            tag, rest = await server.command()
            if rest == b"LOGOUT":
                break
            assert len(rest) < 8192
            name, numbers = re.match(rb"UID ([A-Z]+) ([0-9:,]+)", rest).groups()  # type: ignore[union-attr]
            sent.append(numbers.decode())
            code = b"[COPYUID 5 %b %b] " % (numbers, numbers) if name in (b"COPY", b"MOVE") else b""
            news = (
                b"* 1 FETCH (UID %b FLAGS ())" % numbers[:6] if name == b"FETCH" else b"* 3 EXISTS"
            )
            await server.say(news, tag + b" OK " + code + b"done")
        await server.say(tag + b" OK bye")

    def all_sent() -> SequenceSet:
        assert len(sent) == 2
        text = ",".join(sent)
        sent.clear()
        return SequenceSet.parse(text)

    async with connected(library, play) as client:
        await client.select()
        found = await client.fetch(uids, ["FLAGS"]).all()
        assert [m.uid for m in found] == [100_001, int(sent[1][:6])]
        assert all_sent() == uids
        await client.add_flags(uids, "x")
        assert all_sent() == uids
        copied = await client.copy(uids, "there")
        assert copied is not None
        assert copied.source == copied.destination == all_sent() == uids
        assert (await client.move(uids, "there")).copied == copied
        assert all_sent() == uids
        await client.expunge(uids)
        assert all_sent() == uids


# --- catching up ---

_KNOWN = SyncState("INBOX", 7, SequenceSet.parse("3,7"), modseq=10)


async def _tell_flags(server: Server) -> None:
    (tag,) = await server.expect(b"UID FETCH 1:* (UID FLAGS)")
    await server.say(
        b"* 1 FETCH (UID 3 FLAGS ())",
        b"* 2 FETCH (UID 7 FLAGS (x))",
        b"* 3 FETCH (UID 8 FLAGS ())",
        tag + b" OK done",
    )


async def test_sync_where_mod_sequences_are_gone(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.begin()
        await _tell_flags(server)

    async with connected(library, play) as client:
        changes = await client.sync(_KNOWN)
    assert [m.uid for m in changes.new] == [8]
    assert [m.uid for m in changes.changed] == [3, 7]  # what they were is not known
    assert set(changes.state.flags) == {
        ((), SequenceSet.of(3, 8)),
        (("x",), SequenceSet.of(7)),
    }


async def test_sync_where_qresync_is_not_switched_on(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet(REV1 + b" ENABLE CONDSTORE QRESYNC")
        await server.ok(b"ENABLE QRESYNC")
        (tag,) = await server.expect(b"SELECT INBOX (CONDSTORE)")
        await server.say(
            b"* 2 EXISTS",
            b"* OK [UIDVALIDITY 7] ok",
            b"* OK [HIGHESTMODSEQ 12] ok",
            tag + b" OK [READ-WRITE] done",
        )
        (tag,) = await server.expect(b"UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 10)")
        await server.say(b"* 1 FETCH (UID 3 FLAGS (x) MODSEQ (12))", tag + b" OK done")
        (tag,) = await server.expect(b"UID SEARCH ALL")
        await server.say(b"* SEARCH 3 8", tag + b" OK done")

    async with connected(library, play) as client:
        changes = await client.sync(_KNOWN)
    assert changes.used == "CONDSTORE"
    assert [m.uid for m in changes.changed] == [3]
    assert changes.vanished == SequenceSet.of(7)


async def test_sync_of_many_known_messages_fits_into_a_line(library: Library) -> None:
    uids = SequenceSet(tuple((uid, uid) for uid in range(1, 40_000, 2)))

    async def play(server: Server) -> None:
        await server.greet(REV1 + b" ENABLE CONDSTORE QRESYNC")
        (tag,) = await server.expect(b"ENABLE QRESYNC")
        await server.say(b"* ENABLED QRESYNC", tag + b" OK done")
        (tag,) = await server.expect(b"SELECT INBOX (QRESYNC (7 10 1:39999))")
        await server.say(
            b"* 19999 EXISTS",
            b"* OK [UIDVALIDITY 7] ok",
            b"* OK [UIDNEXT 40000] ok",
            b"* OK [HIGHESTMODSEQ 12] ok",
            b"* VANISHED (EARLIER) 2,4,5",
            tag + b" OK [READ-WRITE] done",
        )

    async with connected(library, play) as client:
        changes = await client.sync(SyncState("INBOX", 7, uids, modseq=10))
    assert changes.used == "QRESYNC"
    assert changes.vanished == SequenceSet.of(5)
    assert changes.state.uids == uids - SequenceSet.of(5)


# --- what was used ---


async def test_what_list_used(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet(b"IMAP4rev1 XLIST LITERAL-")
        (tag,) = await server.expect(b"XLIST")
        await server.say(b'* XLIST (\\AllMail) "/" All', tag + b" OK done")
        (tag,) = await server.expect(b"LSUB")
        await server.say(b'* LSUB () "/" INBOX', tag + b" OK done")
        (tag,) = await server.expect(b"STATUS INBOX (MESSAGES)")
        await server.say(b"* STATUS INBOX (MESSAGES 2)", tag + b" OK done")

    async with connected(library, play) as client:
        assert client.literals == "LITERAL-"
        assert await client.special_use(r"\All") == "All"
        (inbox,) = await client.list(subscribed=True, status=["MESSAGES"])
    assert inbox.status == {"MESSAGES": 2}
    assert inbox.used == ("LSUB", "STATUS")


async def test_options_of_metadata_and_create(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet(b"IMAP4rev1 METADATA CREATE-SPECIAL-USE")
        (tag,) = await server.expect(b'GETMETADATA (MAXSIZE 9 DEPTH infinity) "" /shared')
        await server.say(b'* METADATA "" (/shared/a "x" /shared/b NIL)', tag + b" OK done")
        await server.ok(
            b"CREATE a (USE (\\Sent \\Drafts))", b"CREATE b (USE (\\Trash))", b"CREATE c"
        )

    async with connected(library, play) as client:
        known = await client.get_metadata("", "/shared", depth="infinity", max_size=9)
        assert known == {"/shared/a": b"x", "/shared/b": None}
        await client.create("a", use=[r"\Sent", r"\Drafts"])
        await client.create("b", use=r"\Trash")
        await client.create("c")


async def test_an_extended_list_that_is_refused(library: Library) -> None:
    async def play(server: Server) -> None:
        await server.greet(b"IMAP4rev1 LIST-EXTENDED LIST-STATUS")
        (tag,) = await server.expect(b'LIST "" * RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES))')
        await server.say(tag + b" BAD what?")
        (tag,) = await server.expect(b'LIST "" *')
        await server.say(b'* LIST () "/" INBOX', tag + b" OK done")
        (tag,) = await server.expect(b"STATUS INBOX (MESSAGES)")
        await server.say(b"* STATUS INBOX (MESSAGES 2)", tag + b" OK done")

    async with connected(library, play) as client:
        (inbox,) = await client.list(status=["MESSAGES"])
    assert inbox.status == {"MESSAGES": 2}
    assert inbox.used == ("LIST", "STATUS")


# --- the beginning ---


async def test_no_preauth_where_tls_is_required(library: Library) -> None:
    async def serve(peer: Peer) -> None:
        await Server(peer.stream).greet(REV1 + b" STARTTLS")

    async with listening(library, serve) as port:
        with pytest.raises(RemoteProtocolError, match="PREAUTH"):
            async with library.binding.connect_imap("127.0.0.1", port, tls=TlsMode.STARTTLS):
                pass


@pytest.mark.parametrize("greeting", [b"* BYE no room", b"220 smtp.example ESMTP", b""])
async def test_no_server_of_ours(library: Library, greeting: bytes) -> None:
    async def serve(peer: Peer) -> None:
        if greeting:
            await peer.say(greeting)

    async with listening(library, serve) as port:
        with pytest.raises((CommandFailed, RemoteProtocolError, ConnectionLost)):
            async with library.binding.connect_imap("127.0.0.1", port, tls=TlsMode.NONE):
                pass
