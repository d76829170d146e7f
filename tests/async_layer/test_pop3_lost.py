"""Pop3Client against servers that hang up, say nonsense or never end: nothing is believed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, ClassVar

import pytest

from mailproto.clients import MaildropEntry, Pop3Client
from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    LimitExceeded,
    LocalProtocolError,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.limits import Pop3Limits
from mailproto.tls import TlsMode

from ..libraries import Library
from .concurrency import cancellable, tasks
from .peers import Answer, Part, Peer, Scripted, Stop, listening
from .test_cancel import Cancelling

HOST = "127.0.0.1"
SHORT = 0.05
CAPA = b"+OK\nTOP\nUIDL\nPIPELINING\nUSER\nSASL PLAIN\nRESP-CODES\n."
ONE_BY_ONE = CAPA.replace(b"PIPELINING\n", b"")
MESSAGE = b"Subject: x\r\n\r\nbody\r\n"


class Pop3Script(Scripted):
    """A POP3 server that answers by a table; two messages are in its maildrop."""

    usual: ClassVar[Mapping[str, Answer]] = {
        "greeting": b"+OK pop.example",
        "CAPA": CAPA,
        "LIST": b"+OK\n1 19\n2 19\n.",
        "UIDL": b"+OK\n1 a\n2 b\n.",
        "RETR": b"+OK\nSubject: x\n\nbody\n.",
        "TOP": b"+OK\nSubject: x\n\n.",
    }
    otherwise: ClassVar[Part] = b"+OK"


@asynccontextmanager
async def scripted(library: Library, **answers: Answer) -> AsyncIterator[Pop3Script]:
    server = Pop3Script(library, answers)
    async with listening(library, server.serve) as server.port:
        yield server


def connect(library: Library, port: int, **options: Any) -> AbstractAsyncContextManager[Pop3Client]:
    options = {"tls": TlsMode.NONE, "user": "ann", "password": "secret"} | options
    client: AbstractAsyncContextManager[Pop3Client]
    client = library.binding.connect_pop3(HOST, port, allow_plaintext=True, **options)
    return client


@asynccontextmanager
async def conversation(
    library: Library, *, options: Any = None, **answers: Any
) -> AsyncIterator[tuple[Pop3Script, Pop3Client]]:
    async with (
        scripted(library, **answers) as server,
        connect(library, server.port, **(options or {})) as client,
    ):
        yield server, client


async def use(library: Library, port: int, **options: Any) -> None:
    """A whole session, as of somebody who moves all messages; it ends without an exception."""
    async with connect(library, port, **options) as client:
        await client.reset()
        await client.stat()
        assert len(await client.list_messages()) == 2
        assert await client.retrieve(1) == MESSAGE
        await client.top(1)
        await client.noop()
        await client.delete(1, 2)


# --- hanging up ---

OPEN_STAT: dict[str, Answer] = {"STAT": b"+OK 2 38"}
WORDS = ("greeting", "CAPA", "AUTH", "RSET", "STAT", "LIST", "UIDL", "RETR", "TOP", "NOOP", "DELE")
POINTS: dict[str, dict[str, Answer]] = {
    **{f"at {word}": {word: stop} for word in WORDS for stop in (Stop.CLOSE,)},
    "at CAPA after the login": {"CAPA": [CAPA, Stop.CLOSE]},
    "at QUIT": {"QUIT": Stop.CLOSE},
    "at the second DELE": {"DELE": [b"+OK", Stop.CLOSE]},
    "behind the greeting": {"greeting": (b"+OK pop.example", Stop.CLOSE)},
    "behind RETR": {"RETR": (b"+OK\nSubject: x\n\nbody\n.", Stop.CLOSE)},
    "behind DELE": {"DELE": [b"+OK", (b"+OK", Stop.CLOSE)]},
    "within CAPA": {"CAPA": (b"+OK\nTOP", Stop.CLOSE)},
    "within LIST": {"LIST": (b"+OK\n1 19", Stop.CLOSE)},
    "within UIDL": {"UIDL": (b"+OK\n1 a", Stop.CLOSE)},
    "behind +OK of RETR": {"RETR": (b"+OK", Stop.CLOSE)},
    "within RETR": {"RETR": (b"+OK\nSubject: x", Stop.CLOSE)},
    "within TOP": {"TOP": (b"+OK\nSubject: x", Stop.CLOSE)},
}


def with_stop(answers: Mapping[str, Answer], stop: Stop) -> dict[str, Answer]:
    """The same answers with another way to end."""

    def changed(part: Part) -> Part:
        if isinstance(part, tuple):
            return part[0], stop
        return stop if isinstance(part, Stop) else part

    return {
        verb: list(map(changed, answer)) if isinstance(answer, list) else changed(answer)
        for verb, answer in answers.items()
    }


@pytest.mark.parametrize("capa", [CAPA, ONE_BY_ONE], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("stop", [Stop.CLOSE, Stop.RESET])
@pytest.mark.parametrize("point", POINTS)
async def test_server_hangs_up(library: Library, point: str, stop: Stop, capa: bytes) -> None:
    """ConnectionLost comes out of the block wherever it happens: nobody believes in deletions."""
    answers = {"CAPA": capa, **OPEN_STAT, **with_stop(POINTS[point], stop)}
    async with scripted(library, **answers) as server:
        with pytest.raises(ConnectionLost):
            await use(library, server.port)


@pytest.mark.parametrize("point", POINTS)
async def test_server_stalls(library: Library, point: str) -> None:
    answers = {**OPEN_STAT, **with_stop(POINTS[point], Stop.STALL)}
    async with scripted(library, **answers) as server:
        stream = await library.runtime.connect_tcp(HOST, server.port)
        with pytest.raises(TimeoutError, match="no reply from the server within"):
            await use(library, server.port, stream=stream, timeout=SHORT)


async def test_all_goes_well_otherwise(library: Library) -> None:
    async with scripted(library, **OPEN_STAT) as server:
        await use(library, server.port)
    assert server.verbs[-3:] == ["DELE", "DELE", "QUIT"]


@pytest.mark.parametrize("stop", [Stop.CLOSE, Stop.RESET])
async def test_each_waiting_call_fails_once(library: Library, stop: Stop) -> None:
    failures: list[ConnectionLost] = []

    async def call(client: Pop3Client) -> None:
        with pytest.raises(ConnectionLost) as caught:
            await client.noop()
        failures.append(caught.value)

    async with conversation(library, NOOP=stop) as (server, client):
        async with tasks(library) as group:
            for _ in range(5):
                group.start(call, client)
        assert not client.usable
    assert len(set(map(id, failures))) == 5
    assert server.verbs.count("NOOP") == 1


async def lose(client: Pop3Client) -> None:
    with pytest.raises(ConnectionLost):
        await client.noop()


async def delete_and_lose(library: Library, port: int) -> None:
    async with connect(library, port) as client:
        await client.delete(1)
        await lose(client)


async def test_a_loss_that_was_swallowed_is_told_at_the_end(library: Library) -> None:
    """Else who leaves the block in peace believes that the deletions happened."""
    async with scripted(library, NOOP=Stop.CLOSE) as server:
        with pytest.raises(ConnectionLost, match="nothing was deleted"):
            await delete_and_lose(library, server.port)
    assert "QUIT" not in server.verbs


@pytest.mark.parametrize("taken_back", [True, False])
async def test_without_deletions_the_end_is_silent(library: Library, taken_back: bool) -> None:
    async with (
        scripted(library, NOOP=Stop.CLOSE) as server,
        connect(library, server.port) as client,
    ):
        if taken_back:
            await client.delete(1)
            await client.reset()
        await lose(client)


async def test_a_refused_deletion_is_none(library: Library) -> None:
    async with conversation(library, DELE=b"-ERR", NOOP=Stop.CLOSE) as (_, client):
        with pytest.raises(CommandFailed):
            await client.delete(1)
        await lose(client)


async def test_quit_within_the_block_tells_once(library: Library) -> None:
    async with conversation(library, QUIT=b"-ERR [SYS/TEMP] some are left") as (server, client):
        await client.delete(1)
        with pytest.raises(CommandFailed, match="some are left"):
            await client.quit()
    assert server.verbs.count("QUIT") == 1


# --- multi-line answers that never end ---


def endless(piece: bytes) -> Callable[[Peer], Awaitable[None]]:
    """A server whose answer to LIST, RETR and TOP has no end."""

    async def serve(peer: Peer) -> None:
        await peer.say(b"+OK pop.example")
        while (verb := (await peer.line()).split(b" ")[0]) in (b"CAPA", b"USER", b"PASS"):
            await peer.say(b"-ERR" if verb == b"CAPA" else b"+OK")
        await peer.say(b"+OK")
        with suppress(ConnectionLost):
            await peer.flood(piece * (65536 // len(piece)))

    return serve


LIMITS = Pop3Limits(message_size=1_000_000, held_message=500_000, listing_lines=10_000)
ASK: dict[str, Callable[[Pop3Client], Awaitable[object]]] = {
    "retrieve": lambda client: client.retrieve(1),
    "top": lambda client: client.top(1),
    "list": lambda client: client.list_messages(),
    "download": lambda client: anext(client.download_new()),
}


async def read_stream(client: Pop3Client) -> None:
    async with client.stream(1) as pieces:
        async for _ in pieces:
            pass


@pytest.mark.parametrize(
    ("call", "piece", "limit"),
    [
        ("retrieve", b"x\r\n", "held_message"),
        ("retrieve", b"x", "held_message"),
        ("retrieve", b".\n", "held_message"),
        ("retrieve", b"\n.\n", "held_message"),
        ("top", b"..\r\n", "held_message"),
        ("list", b"1 1\r\n", "listing_lines"),
        ("list", b"1  1\r\n", "listing_lines"),
        ("list", b"1 1", "response_line"),
        ("list", b"garbage\r\n", "errors"),
        ("list", b".\n", "errors"),
    ],
)
async def test_an_answer_without_end(library: Library, call: str, piece: bytes, limit: str) -> None:
    """It ends at a limit; a dot before a bare LF is none of its ends."""
    async with listening(library, endless(piece)) as port:
        with pytest.raises(LimitExceeded) as caught:
            async with connect(library, port, limits=LIMITS, mechanisms=()) as client:
                await ASK[call](client)
    assert caught.value.name == limit
    assert not client.usable


async def test_a_stream_without_end(library: Library) -> None:
    async with listening(library, endless(b"x\r\n")) as port:
        with pytest.raises(LimitExceeded) as caught:
            async with connect(library, port, limits=LIMITS, mechanisms=()) as client:
                await read_stream(client)
    assert caught.value.name == "message_size"


async def test_what_came_before_is_read_up_to_the_limit(library: Library) -> None:
    """The longest message that may be held can be had."""
    limits = Pop3Limits(held_message=len(MESSAGE))
    async with conversation(library, options={"limits": limits}) as (_, client):
        assert await client.retrieve(1) == MESSAGE
        assert [message async for _, message in client.download_new()] == [MESSAGE] * 2


async def test_a_dot_before_a_bare_lf_ends_no_message(library: Library) -> None:
    smuggled = b"+OK\r\nbody\r\n.\n+OK forged\r\n."
    async with conversation(library, RETR=smuggled) as (_, client):
        assert await client.retrieve(1) == b"body\r\n\n+OK forged\r\n"
        await client.noop()


@pytest.mark.parametrize(
    "answers",
    [
        {"greeting": b"+OK " + b"x" * 9000},
        {"CAPA": b"+OK\n" + b"x" * 9000 + b"\n."},
        {"CAPA": b"+OK\n" + b"X\n" * 2000 + b"."},
        {"AUTH": b"+OK " + b"x" * 20_000},
        {"STAT": b"+OK " + b"1" * 9000},
        {"LIST": b"+OK\n1 " + b"1" * 9000 + b"\n."},
        {"UIDL": b"+OK\n1 " + b"x" * 9000 + b"\n."},
        {"NOOP": b"-ERR " + b"x" * 9000},
    ],
    ids=lambda answers: f"{next(iter(answers))} {len(next(iter(answers.values())))}",
)
async def test_more_than_a_limit(library: Library, answers: dict[str, Answer]) -> None:
    async with scripted(library, **OPEN_STAT | answers) as server:
        with pytest.raises(LimitExceeded):
            await use(library, server.port)


# --- -ERR in odd places ---


async def test_refused_from_the_start(library: Library) -> None:
    answer = (b"-ERR [SYS/TEMP] come back later", Stop.CLOSE)
    async with scripted(library, greeting=answer) as server:
        with pytest.raises(CommandFailed, match="come back later"):
            await use(library, server.port)
    assert server.commands == []


REFUSALS = ("AUTH", "RSET", "STAT", "LIST", "RETR", "TOP", "NOOP", "DELE")


@pytest.mark.parametrize("capa", [CAPA, ONE_BY_ONE], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("verb", REFUSALS)
async def test_refused(library: Library, verb: str, capa: bytes) -> None:
    """The client knows all the same what answers what."""
    answers: dict[str, Answer] = {**OPEN_STAT, "CAPA": capa, verb: b"-ERR no"}
    async with scripted(library, **answers) as server:
        with pytest.raises(CommandFailed, match="no") as caught:
            await use(library, server.port)
    assert isinstance(caught.value, AuthenticationFailed) is (verb == "AUTH")


CALLS: dict[str, Callable[[Pop3Client], Awaitable[object]]] = {
    "STAT": lambda client: client.stat(),
    "LIST": lambda client: client.list_messages(),
    "RETR": lambda client: client.retrieve(1),
    "TOP": lambda client: client.top(1),
    "DELE": lambda client: client.delete(1, 2),
    "NOOP": lambda client: client.noop(),
    "RSET": lambda client: client.reset(),
    "LANG": lambda client: client.languages(),
}


@pytest.mark.parametrize("verb", CALLS)
async def test_a_refusal_does_no_harm(library: Library, verb: str) -> None:
    answers: dict[str, Answer] = {"CAPA": CAPA.replace(b"UIDL", b"UIDL\nLANG"), verb: b"-ERR no"}
    async with conversation(library, **answers) as (server, client):
        with pytest.raises(CommandFailed):
            await CALLS[verb](client)
        assert client.usable
        for other, call in CALLS.items():
            if other not in (verb, "STAT", "LANG"):
                await call(client)
    assert server.verbs[-1] == "QUIT"


async def test_a_call_that_the_protocol_forbids_does_no_harm(library: Library) -> None:
    async with conversation(library) as (server, client):
        with pytest.raises(LocalProtocolError):
            await client.delete(1, 0)
        with pytest.raises(LocalProtocolError):
            await client.retrieve(-1)
        assert await client.retrieve(1) == MESSAGE
    assert server.verbs[-3:] == ["DELE", "RETR", "QUIT"]


async def test_a_server_without_unique_ids(library: Library) -> None:
    async with conversation(library, UIDL=b"-ERR what?") as (_, client):
        entries = await client.list_messages()
        assert entries == (MaildropEntry(1, 19), MaildropEntry(2, 19))
        with pytest.raises(LocalProtocolError, match="no unique-ids"):
            await anext(client.download_new())
        await client.noop()


async def test_a_refusal_among_answers_asked_for_ahead(library: Library) -> None:
    """The next message can be had, and nothing is taken for the answer to something else."""
    answers: list[Part] = [b"-ERR gone", b"+OK\nSubject: x\n\nbody\n."]
    async with conversation(library, RETR=answers) as (server, client):
        downloads = client.download_new()
        with pytest.raises(CommandFailed, match="gone"):
            await anext(downloads)
        assert client.core.in_flight  # the second is on its way
        await client.noop()
        entry, message = await anext(downloads)
        assert (entry.number, message) == (2, MESSAGE)
        with pytest.raises(StopAsyncIteration):
            await anext(downloads)
    assert server.verbs[-5:] == ["RETR", "RETR", "NOOP", "RETR", "QUIT"]


async def test_quit_is_refused(library: Library) -> None:
    async with scripted(library, **OPEN_STAT, QUIT=b"-ERR [SYS/TEMP] some are left") as server:
        with pytest.raises(CommandFailed, match="some are left"):
            await use(library, server.port)


@pytest.mark.parametrize("answer", [b"+ go on", b"* OK", b"250 ok", b"\xff", b"+OKAY", b""])
async def test_no_pop3_answer(library: Library, answer: bytes) -> None:
    async with scripted(library, NOOP=(answer, Stop.CLOSE)) as server:
        with pytest.raises((RemoteProtocolError, ConnectionLost)):
            async with connect(library, server.port) as client:
                await client.noop()


async def test_an_answer_that_nothing_asked_for(library: Library) -> None:
    """It is not taken for the answer to the next command, least of all to QUIT."""
    answers: dict[str, Answer] = {**OPEN_STAT, "CAPA": ONE_BY_ONE, "DELE": b"+OK\n+OK bye"}
    async with scripted(library, **answers) as server:
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            await use(library, server.port)
    assert server.verbs[-1] == "DELE"


async def test_the_last_word(library: Library) -> None:
    goodbye = (b"+OK\n-ERR [SYS/TEMP] going down", Stop.CLOSE)
    async with scripted(library, DELE=goodbye) as server:
        with pytest.raises((ConnectionLost, CommandFailed), match="going down"):
            async with connect(library, server.port) as client:
                await client.delete(1)


# --- listings ---


async def test_listings_with_garbage(library: Library) -> None:
    """What can be understood is kept; of two unique-ids for a message the last one counts."""
    answers: dict[str, Answer] = {
        "LIST": b"+OK\n1 19\nhello\n2  19\n\n-1 5\n0x2 1\n3 99999999999999999999999\n.",
        "UIDL": b"+OK\n1 a\n1 b\n2\n9999999999 far\n\xff\xfe\n2 b\n99999999999 x\n.",
    }
    async with conversation(library, **answers) as (_, client):
        entries = await client.list_messages()
        assert entries == (MaildropEntry(1, 19, "b"), MaildropEntry(2, 19, "b"))
        assert len([message async for _, message in client.download_new({"a"})]) == 2
        await client.noop()


async def test_a_unique_id_that_is_much_too_long(library: Library) -> None:
    """Longer than 70 is tolerated (RFC 1939 7), but not what could fill the memory."""
    answers: dict[str, Answer] = {"UIDL": b"+OK\n1 " + b"a" * 255 + b"\n2 " + b"b" * 256 + b"\n."}
    async with conversation(library, **answers) as (_, client):
        first, second = await client.list_messages()
        assert first.unique_id == "a" * 255
        assert second.unique_id is None


# --- capabilities that change ---


async def test_capabilities_after_the_login_count(library: Library) -> None:
    capa: list[Part] = [CAPA, b"+OK\nUIDL\n."]
    async with conversation(library, CAPA=capa) as (server, client):
        assert client.capabilities is not None
        assert "PIPELINING" not in client.capabilities
        await client.delete(1, 2)
    assert server.verbs == ["CAPA", "AUTH", "CAPA", "DELE", "DELE", "QUIT"]


@pytest.mark.parametrize("second", [b"-ERR", b"+OK\n."])
async def test_no_capabilities_after_the_login(library: Library, second: bytes) -> None:
    capa: list[Part] = [CAPA, second]
    async with conversation(library, CAPA=capa) as (_, client):
        assert not client.capabilities or not client.capabilities.lines
        assert len(await client.list_messages()) == 2
        assert await client.retrieve(1) == MESSAGE


async def test_stls_that_disappears(library: Library) -> None:
    async with scripted(library) as server:
        with pytest.raises(TLSRequired):
            await use(library, server.port, tls=TlsMode.STARTTLS)
    assert server.verbs == ["CAPA"]


async def test_answers_injected_before_tls(library: Library, client_context: Any) -> None:
    """CVE-2021-38371."""
    answers: dict[str, Answer] = {
        "CAPA": CAPA.replace(b"TOP", b"STLS"),
        "STLS": b"+OK go\n+OK\nSASL PLAIN\n.",
    }
    async with scripted(library, **answers) as server:
        with pytest.raises(RemoteProtocolError, match="before the TLS handshake"):
            await use(
                library,
                server.port,
                tls=TlsMode.STARTTLS,
                tls_context=client_context,
                server_hostname="localhost",
            )
    assert server.verbs == ["CAPA", "STLS"]


# --- cancellation ---

CANCELLED: dict[str, Callable[[Pop3Client], Awaitable[object]]] = {
    "retrieve": lambda client: client.retrieve(1),
    "stream": read_stream,
    "list": lambda client: client.list_messages(),
    "delete": lambda client: client.delete(1, 2),
    "download": lambda client: anext(client.download_new()),
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("capa", [CAPA, ONE_BY_ONE], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("call", CANCELLED)
async def test_cancelled_at_every_wait(
    library: Library, call: str, capa: bytes, after: bool
) -> None:
    """The client says that it can not be used, so no answer is taken for another's."""
    body = b"+OK\n" + b"line\n" * 50_000 + b"."
    at = 0
    reached = True
    while reached:
        at += 1
        async with scripted(library, CAPA=capa, RETR=body, STAT=b"+OK 7 77") as server:
            raw = await library.runtime.connect_tcp(HOST, server.port)
            stream = Cancelling(library, raw, at, after=after)
            with suppress(ConnectionLost):
                async with connect(library, 0, stream=stream) as client:

                    async def use(
                        cancel: Callable[[], object],
                        stream: Cancelling = stream,
                        client: Pop3Client = client,
                    ) -> None:
                        stream.cancel = cancel
                        await CANCELLED[call](client)

                    cancelled = await cancellable(library, use)
                    stream.cancel = None
                    reached = stream.reached
                    assert cancelled == reached
                    assert client.usable is not cancelled
                    if cancelled:
                        with pytest.raises(ConnectionLost, match="can not be used any more"):
                            await client.stat()
                    else:
                        assert (await client.stat()).count == 7
            await server.over.wait()
            assert ("QUIT" in server.verbs) is not cancelled
    assert at > 2


async def test_a_stream_that_is_left_early(library: Library) -> None:
    body = b"+OK\n" + b"line\n" * 50_000 + b"."
    async with conversation(library, RETR=body) as (server, client):
        async with client.stream(1) as pieces:
            await anext(pieces)
        assert not client.usable
        with pytest.raises(ConnectionLost, match="not read to its end"):
            await client.noop()
    assert "QUIT" not in server.verbs
