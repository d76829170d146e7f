"""ImapClient against servers that hang up, say nonsense or never end: nothing is believed."""

import io
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import cycle
from typing import Any

import pytest

from mailproto.clients import ImapClient
from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    LimitExceeded,
    LocalProtocolError,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.limits import ImapLimits
from mailproto.tls import TlsMode

from ..libraries import Library
from .concurrency import cancellable, checkpoint, tasks
from .imap_calls import CALLS, LARGE, Call, cuts
from .imap_script import CAPABILITIES, Script, connect, scripted
from .peers import Peer, Stop, listening

SHORT = 0.01  # seconds

# --- hanging up ---

by_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@asynccontextmanager
async def before(library: Library, script: Script, call: Call) -> AsyncIterator[ImapClient]:
    """A client that is about to make the call."""
    script.stop_after(None)
    async with connect(library, script.port) as client:
        if call.selects:
            await client.select()
        yield client


async def rehearse(library: Library, script: Script, call: Call) -> bytes:
    """Make the call, and return all that the server says to it."""
    async with before(library, script, call) as client:
        script.stop_after(None)
        result = await call.call(client)
        said = script.said
        await client.noop()
    if call.result is not None:
        assert result == call.result
    assert script.verbs[-2:] == ["NOOP", "LOGOUT"]
    return said


@by_call
async def test_server_hangs_up(library: Library, call: Call) -> None:
    """Wherever in its answers that happens, the call has no result."""
    async with scripted(library, call.script) as script:
        points = cuts(await rehearse(library, script, call))
        for octets, stop in zip(points, cycle((Stop.CLOSE, Stop.RESET)), strict=False):
            async with before(library, script, call) as client:
                script.stop_after(octets, stop)
                with pytest.raises(ConnectionLost):
                    await call.call(client)
                assert not client.usable
                with pytest.raises(ConnectionLost):
                    await client.noop()


@by_call
async def test_server_says_bye(library: Library, call: Call) -> None:
    """Everybody hears why."""
    bye = b"* BYE [UNAVAILABLE] going down\r\n"
    async with scripted(library, call.script) as script:
        said = await rehearse(library, script, call)
        for octets in cuts(said)[::3]:
            if said[octets : octets + 1] not in (b"*", b"+", b"A"):
                continue  # within a response
            async with before(library, script, call) as client:
                script.stop_after(octets, last_word=bye)
                with pytest.raises(ConnectionLost, match="going down") as caught:
                    await call.call(client)
                assert caught.value.reply.code.name == "UNAVAILABLE"
                assert not client.usable


@by_call
async def test_server_stalls(library: Library, call: Call) -> None:
    async with scripted(library, call.script) as script:
        said = await rehearse(library, script, call)
        async with before(library, script, call) as client:
            client._timeout = SHORT
            script.stop_after(len(said) - 1, Stop.STALL)
            with pytest.raises(TimeoutError, match="no response from the server within"):
                await call.call(client)
            await client.aclose()


# --- hanging up at the beginning ---

LOGIN = {
    "greeting": b"* OK [CAPABILITY CAPS] hello\r\n",
    "AUTHENTICATE": b"TAG OK done\r\n",
    "caps": CAPABILITIES + b" AUTH=PLAIN SASL-IR",
}
BEGINNINGS: dict[str, dict[str, Any]] = {
    "PREAUTH": {},
    "without capabilities": {"greeting": b"* PREAUTH hello\r\n"},
    "login": LOGIN,
    "login, asking": {
        **LOGIN,
        "caps": b"IMAP4rev1 AUTH=PLAIN",
        "AUTHENTICATE": b"+ \r\n",
    },
    "LOGIN": {**LOGIN, "caps": b"IMAP4rev1"},
    "LOGIN that tells capabilities": {
        **LOGIN,
        "caps": b"IMAP4rev1",
        "LOGIN": b"TAG OK [CAPABILITY CAPS] done\r\n",
    },
}


async def begin(library: Library, port: int, **options: Any) -> None:
    async with connect(library, port, user="ann", password="secret", **options):
        pass


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
async def test_server_hangs_up_at_the_beginning(
    library: Library, beginning: dict[str, Any]
) -> None:
    async with scripted(library, beginning) as script:
        await begin(library, script.port)
        said = script.said.partition(b"* BYE")[0]
        for octets, stop in zip(cuts(said), cycle((Stop.CLOSE, Stop.RESET)), strict=False):
            script.stop_after(octets, stop)
            with pytest.raises(ConnectionLost):
                await begin(library, script.port)


# --- several tasks ---


@pytest.mark.parametrize("stop", [Stop.CLOSE, Stop.RESET])
async def test_each_waiting_call_fails_once(library: Library, stop: Stop) -> None:
    """Whoever reads, and whoever waits."""
    failures: list[ConnectionLost] = []

    async def ask(call: Callable[[], Awaitable[Any]]) -> None:
        with pytest.raises(ConnectionLost) as caught:
            await call()
        failures.append(caught.value)

    async with scripted(library, {}) as script, connect(library, script.port) as client:
        await client.select()
        script.stop_after(0, stop)
        async with tasks(library) as group:
            for number in range(5):
                group.start(ask, client.noop)
                group.start(ask, partial(client.status, f"box{number}"))
            group.start(ask, client.fetch("1:*").all)
            group.start(ask, partial(client.append, "a", b"x"))
            group.start(ask, partial(client.select, "other"))
        assert not client.usable
    assert len(set(map(id, failures))) == 13


async def test_closing_ends_each_call(library: Library) -> None:
    """That one task closes the client, the others hear at once."""
    closed = 0

    async def ask(client: ImapClient) -> None:
        nonlocal closed
        with pytest.raises(ConnectionLost, match="this client was closed"):
            await client.noop()
        closed += 1

    async with scripted(library, {}) as script, connect(library, script.port) as client:
        script.stop_after(0, Stop.STALL)
        async with tasks(library) as group:
            for _ in range(3):
                group.start(ask, client)
            while len(client.core.in_flight) < 3:
                await checkpoint(library)
            await client.aclose()
    assert closed == 3


# --- servers that lie ---


@asynccontextmanager
async def conversation(
    library: Library, *, options: Any = None, **answers: Any
) -> AsyncIterator[tuple[Script, ImapClient]]:
    """Connect our client to a :class:`Script`, with INBOX selected; ``_`` is a space in verbs."""
    script_answers = {verb.replace("_", " "): answer for verb, answer in answers.items()}
    async with (
        scripted(library, script_answers) as script,
        connect(library, script.port, **(options or {})) as client,
    ):
        await client.select()
        yield script, client


ODD: dict[str, bytes] = {
    "a tag of nobody": b"ZZ OK done\r\n",
    "a continuation": b"+ go on\r\n",
    "what can not be parsed": b"* 1 FETCH (FLAGS (\r\n",
    "an unknown response": b"* FROBNICATE {3}\r\n\x00\xff\r (a\r\n",
    "expunge out of range": b"* 4294967295 EXPUNGE\r\n* 0 EXPUNGE\r\n* 99 EXPUNGE\r\n",
    "more than there is": b"* 4294967295 EXISTS\r\n* 99999999999 EXISTS\r\n",
    "an empty line": b"\r\n",
    "bare LF": b"* OK hello\n",
    "a search": b'* SEARCH 1 2 3\r\n* ESEARCH (TAG "A99") UID ALL 1:*\r\n',
    "NUL and 8-bit": b'* OK \x00\xff\xfe\r\n* LIST () "/" "\xff"\r\n',
    "a deep structure": b"* 1 FETCH (BODY " + b"(" * 5000 + b")\r\n",
    "all of it vanished": b"* VANISHED 1:4294967295\r\n* VANISHED (EARLIER) 1:*\r\n",
    "capabilities": b"* CAPABILITY IMAP4rev1\r\n",
    "an alert": b"* NO [ALERT] the disk is full\r\n* BAD what?\r\n",
}


@pytest.mark.parametrize("said", ODD.values(), ids=ODD)
async def test_what_nobody_asked_for(library: Library, said: bytes) -> None:
    """It does no harm: each call gets its own answer."""
    answers = {
        "NOOP": said + b"TAG OK done\r\n",
        "STATUS": said + b"* STATUS a (MESSAGES 1)\r\n" + said + b"TAG OK done\r\n",
        "UID_FETCH": said + b"* 1 FETCH (UID 1 FLAGS (x))\r\n" + said + b"TAG OK done\r\n",
    }
    async with conversation(library, **answers) as (script, client):
        await client.noop()
        assert await client.status("a") == {"MESSAGES": 1}
        (message,) = await client.fetch("1", ["FLAGS"]).all()
        assert message.flags == ("x",)
        assert client.mailbox is not None
        assert client.mailbox.exists >= 0
    assert script.verbs[-1] == "LOGOUT"


@pytest.mark.parametrize(
    "said", [ODD["a tag of nobody"], ODD["a continuation"], ODD["what can not be parsed"]]
)
async def test_nonsense_without_end(library: Library, said: bytes) -> None:
    async with conversation(library, NOOP=said * 100 + b"TAG OK done\r\n") as (_, client):
        with pytest.raises(LimitExceeded) as caught:
            await client.noop()
        assert caught.value.name == "errors"
        assert not client.usable


async def test_a_completion_of_another_command(library: Library) -> None:
    """A1 was SELECT, A9 is to come: neither is in flight, and neither ends the wait."""
    said = b"A1 OK again\r\nA9 OK early\r\n* STATUS a (MESSAGES 1)\r\nTAG OK done\r\n"
    async with conversation(library, STATUS=said) as (_, client):
        assert await client.status("a") == {"MESSAGES": 1}
        await client.noop()


async def test_a_completion_before_its_command(library: Library) -> None:
    """What came before the command was sent is no answer to it."""
    said = b"TAG OK done\r\nA3 OK forged\r\n"
    async with conversation(library, NOOP=said, DELETE=b"TAG NO no\r\n") as (_, client):
        await client.noop()
        with pytest.raises((CommandFailed, RemoteProtocolError, ConnectionLost)):
            await client.delete("a")


async def test_a_completion_that_is_not_understood(library: Library) -> None:
    """The command has failed, for all that can be known."""
    async with conversation(library, COPY=b"", UID_COPY=b"TAG FINE done\r\n") as (_, client):
        with pytest.raises(CommandFailed):
            await client.copy("1", "a")
        await client.noop()


HUGE = [
    b"* 1 FETCH (UID 1 BODY[] {4294967296}\r\n",
    b"* 1 FETCH (UID 1 BODY[] {99999999999999999999999}\r\n",
    b"* 1 FETCH (UID 1 ENVELOPE ({4294967296}\r\n",
    b'* LIST () "/" {16777217}\r\n',
    b"* OK " + b"x" * 5000,
]


@pytest.mark.parametrize("said", HUGE)
async def test_a_literal_or_line_that_is_too_long(library: Library, said: bytes) -> None:
    """It is refused when it is announced."""
    limits = ImapLimits(response_line=4000, body=1_000_000)
    async with conversation(library, options={"limits": limits}, NOOP=said) as (_, client):
        with pytest.raises(LimitExceeded):
            await client.noop()
        assert not client.usable


# --- results never claim more than the server said ---


def content(number: int, uid: int, body: bytes) -> bytes:
    return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (number, uid, len(body), body)


async def streamed(client: ImapClient, uid: int) -> bytes:
    async with client.stream(uid) as pieces:
        return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("body", [b"small", LARGE], ids=["small", "large"])
async def test_content_of_another_message(library: Library, body: bytes) -> None:
    answers = [content(7, 7, body) + b"TAG OK done\r\n"]
    async with conversation(library, UID_FETCH=answers) as (_, client):
        with pytest.raises(CommandFailed, match="message 1"):
            await streamed(client, 1)
        assert await client.fetch("1", ["BODY.PEEK[]"]).all() == []
        await client.noop()


@pytest.mark.parametrize("body", [b"small", LARGE], ids=["small", "large"])
async def test_content_of_another_message_too(library: Library, body: bytes) -> None:
    answers = [content(7, 7, body) + content(1, 1, body) + b"TAG OK done\r\n"]
    async with conversation(library, UID_FETCH=answers) as (_, client):
        with suppress(CommandFailed):
            assert await streamed(client, 1) == body
        (message,) = await client.fetch("1", ["BODY.PEEK[]"]).all()
        assert message.content() == body
        await client.noop()


async def test_content_within_a_response_that_can_not_be_parsed(library: Library) -> None:
    broken = content(1, 1, LARGE)[:-3] + b" FLAGS (((\r\n"
    answers = [broken + content(2, 2, b"x") + b"TAG OK done\r\n"]
    async with conversation(library, UID_FETCH=answers) as (_, client):
        with pytest.raises((CommandFailed, RemoteProtocolError)):
            await streamed(client, 1)
        (message,) = await client.fetch("1:2", ["BODY.PEEK[]"]).all()
        assert (message.uid, message.content()) == (2, b"x")


async def test_a_refusal_behind_the_content(library: Library) -> None:
    """Dovecot says NO [SERVERBUG] where a message could not be read to its end."""
    answers = content(1, 1, LARGE) + b"TAG NO [SERVERBUG] it was damaged\r\n"
    async with conversation(library, UID_FETCH=answers) as (_, client):
        with pytest.raises(CommandFailed, match="damaged"):
            await streamed(client, 1)
        with pytest.raises(CommandFailed, match="damaged"):
            await client.fetch("1", ["BODY.PEEK[]"]).all()


async def test_a_refused_mark_is_no_mark(library: Library) -> None:
    """NO [MODIFIED] means something only where UNCHANGEDSINCE was said."""
    answers = {"UID_STORE": b"TAG NO [MODIFIED 1] no\r\n", "caps": b"IMAP4rev1 UIDPLUS"}
    answers["UID_SEARCH"] = b"* SEARCH 1\r\nTAG OK done\r\n"
    async with conversation(library, **answers) as (script, client):
        with pytest.raises(CommandFailed):
            await client.add_flags("1", "x")
        with pytest.raises(CommandFailed):
            await client.move("1", "other")
    assert "UID EXPUNGE" not in script.verbs


@pytest.mark.parametrize("verb", ["UID COPY", "UID STORE", "UID EXPUNGE"])
async def test_a_move_by_copy_that_is_refused(library: Library, verb: str) -> None:
    search = b"* SEARCH 1\r\nTAG OK done\r\n"
    answers: dict[str, Any] = {"caps": b"IMAP4rev1 UIDPLUS", verb: b"TAG NO no\r\n"}
    answers["UID_SEARCH"] = search
    async with conversation(library, **answers) as (script, client):
        with pytest.raises(CommandFailed):
            await client.move("1", "other")
    assert script.verbs[-2:] == [verb, "LOGOUT"]


async def test_a_search_without_an_answer(library: Library) -> None:
    """OK alone is not that there is nothing: sync would take all messages for gone."""
    answers = {**CALLS["sync, CONDSTORE"].script, "UID SEARCH": b"TAG OK done\r\n"}
    async with scripted(library, answers) as script, connect(library, script.port) as client:
        with pytest.raises(RemoteProtocolError):
            print(await CALLS["sync, CONDSTORE"].call(client))
        await client.noop()


# --- data without end ---

ENDLESS: dict[str, tuple[str, bytes]] = {
    "list": ("LIST", b'* LIST () "/" x\r\n'),
    "search": ("UID SEARCH", b"* SEARCH 1 2 3 4 5 6 7\r\n"),
    "sync": ("UID FETCH", b"* 1 FETCH (UID 1 FLAGS ())\r\n"),
    "metadata": ("GETMETADATA", b"* METADATA a (/private/x {3}\r\nabc)\r\n"),
    "quota": ("GETQUOTAROOT", b'* QUOTA "" (STORAGE 1 9)\r\n'),
    "examine": ("EXAMINE", b"* OK [UIDNEXT 7] ok\r\n"),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_an_answer_without_end(library: Library, name: str) -> None:
    """It ends at a limit."""
    verb, piece = ENDLESS[name]
    call = CALLS[name]
    answers = {**call.script, verb: piece * 2000}
    options = {"limits": ImapLimits(answer=1_000_000)}
    async with (
        scripted(library, answers) as script,
        connect(library, script.port, **options) as client,
    ):
        if call.selects:
            await client.select()
        with pytest.raises(LimitExceeded) as caught:
            await call.call(client)
        assert caught.value.name == "answer"
        assert not client.usable


async def test_an_answer_up_to_the_limit(library: Library) -> None:
    line = b'* LIST () "/" x\r\n'
    limits = ImapLimits(answer=10 * (1024 + len(line)))
    answers = [line * 10 + b"TAG OK done\r\n", line * 11 + b"TAG OK done\r\n"]
    async with conversation(library, options={"limits": limits}, LIST=answers) as (_, client):
        assert len(await client.list()) == 10
        with pytest.raises(LimitExceeded):
            await client.list()


async def test_content_that_is_too_large_to_be_held(library: Library) -> None:
    """Before it comes; it can be streamed."""
    limits = ImapLimits(held_message=len(LARGE) - 1)
    said = content(1, 1, LARGE) + b"TAG OK done\r\n"
    async with conversation(library, options={"limits": limits}, UID_FETCH=said) as (_, client):
        assert await streamed(client, 1) == LARGE
        with pytest.raises(LimitExceeded) as caught:
            await client.fetch("1", ["BODY.PEEK[]"]).all()
        assert caught.value.name == "held_message"
    limits = ImapLimits(held_message=len(LARGE))
    said = content(1, 1, LARGE) + content(2, 2, LARGE) + b"TAG OK done\r\n"
    async with conversation(library, options={"limits": limits}, UID_FETCH=said) as (_, client):
        fetched = await client.fetch("1:2", ["BODY.PEEK[]"]).all()
        assert [message.content() for message in fetched] == [LARGE] * 2


async def test_updates_that_nobody_reads(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailproto.clients.imap.idle._UNREAD", 1_000_000)
    exists = b"* 9 EXISTS\r\n"
    answers = [exists * 900 + b"TAG OK done\r\n", exists * 1100]
    async with conversation(library, NOOP=answers) as (_, client):

        async def wait() -> None:
            async with client.idle() as updates:
                await client.noop()
                for _ in range(900):
                    await anext(updates)
                await client.noop()

        with pytest.raises(ConnectionLost, match="updates were not read"):
            await wait()
        assert not client.usable


async def test_data_for_nobody_without_end(library: Library) -> None:
    """It is not kept, and the wait can be cancelled."""
    flooded = library.runtime.event()

    async def serve(peer: Peer) -> None:
        await peer.say(b"* PREAUTH [CAPABILITY IMAP4rev1] hello")
        await peer.line()
        with suppress(ConnectionLost):
            for _ in range(20):
                await peer.stream.send_all(b'* LIST () "/" x\r\n* 9 EXISTS\r\n' * 2000)
            flooded.set()
            await peer.rest()

    async with listening(library, serve) as port, connect(library, port) as client:

        async def wait(cancel: Callable[[], object]) -> None:
            async def later() -> None:
                await flooded.wait()
                cancel()

            async with tasks(library) as group:
                group.start(later)
                await client.noop()

        assert await cancellable(library, wait)
        assert client.usable
        await client.aclose()


# --- the end ---

LAST_WORDS = {
    "garbage": b"+ x\r\n" * 100,
    "a huge literal": b"* 1 FETCH (UID 1 ENVELOPE ({4294967296}\r\n",
    "a refusal": b"TAG NO stay\r\n",
    "no BYE": b"TAG OK done\r\n",
    "BYE alone": b"* BYE\r\n",
    "another BYE": b'* BYE\r\n* BYE\r\n* LIST () "/" x\r\nTAG OK done\r\n',
}


@pytest.mark.parametrize("said", LAST_WORDS.values(), ids=LAST_WORDS)
async def test_nothing_depends_on_the_end(library: Library, said: bytes) -> None:
    async with conversation(library, LOGOUT=said) as (_, client):
        pass
    assert not client.usable


async def test_leaving_before_all_is_read(library: Library) -> None:
    """10 MB of bodies that nobody takes any more are no reason to complain."""
    said = b"".join(content(1, 1, b"y" * 50_000) for _ in range(200)) + b"TAG OK done\r\n"
    async with conversation(library, UID_FETCH=said) as (_, client):
        messages = client.fetch("1:*", ["BODY.PEEK[]"])
        await anext(messages)
    assert not client.usable


# --- the beginning ---


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"* BYE [UNAVAILABLE] too busy\r\n", CommandFailed),
        (b"* NO go away\r\n", RemoteProtocolError),
        (b"* BAD go away\r\n", RemoteProtocolError),
        (b"A1 OK hello\r\n", RemoteProtocolError),
        (b"+ hello\r\n", RemoteProtocolError),
        (b"* CAPABILITY IMAP4rev1\r\n", RemoteProtocolError),
        (
            b"* OK hello {5}\r\n* OK hello\r\nA1 OK [CAPABILITY X] in advance\r\n",
            RemoteProtocolError,
        ),
        (b"\r\n", RemoteProtocolError),
        (b"\x15\x03\x01\x00\x02\x02\x46", RemoteProtocolError),
        (b"* OK " + b"x" * 10_000, LimitExceeded),
    ],
)
async def test_no_greeting(library: Library, greeting: bytes, error: type[Exception]) -> None:
    limits = ImapLimits(response_line=8000)
    async with scripted(library, {"greeting": greeting}) as script:
        with pytest.raises(error):
            await begin(library, script.port, limits=limits)


SECURE = {"greeting": b"* OK [CAPABILITY CAPS] hello\r\n", "caps": b"IMAP4rev1 STARTTLS AUTH=PLAIN"}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"greeting": b"* PREAUTH [CAPABILITY CAPS] hello\r\n"}, RemoteProtocolError),
        ({"caps": b"IMAP4rev1 AUTH=PLAIN"}, TLSRequired),
        ({"STARTTLS": b"TAG NO not now\r\n"}, TLSRequired),
        ({"STARTTLS": b"TAG BAD what?\r\n"}, TLSRequired),
        ({"STARTTLS": b"TAG OK go\r\n* CAPABILITY IMAP4rev1\r\n"}, RemoteProtocolError),
        (
            {"STARTTLS": b"TAG OK go\r\nA2 OK [CAPABILITY IMAP4rev1] forged\r\n"},
            RemoteProtocolError,
        ),
        (
            {"STARTTLS": b"TAG OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] no TLS\r\n "},
            RemoteProtocolError,
        ),
        ({"STARTTLS": b"TAG FINE go\r\n"}, RemoteProtocolError),
        ({"STARTTLS": b"* BYE no\r\n"}, ConnectionLost),
        ({"greeting": b"* OK [CAPABILITY CAPS] hello\r\nA1 OK go\r\n"}, RemoteProtocolError),
    ],
)
async def test_no_tls_no_session(
    library: Library, client_context: ssl.SSLContext, answers: Any, error: type[Exception]
) -> None:
    """Nothing is sent in clear text but STARTTLS, and nothing that came before TLS is believed."""
    options = {
        "tls": TlsMode.STARTTLS,
        "tls_context": client_context,
        "server_hostname": "localhost",
    }
    async with scripted(library, {**SECURE, **answers}) as script:
        with pytest.raises(error):
            await begin(library, script.port, **options)
    assert set(script.verbs) <= {"STARTTLS", "CAPABILITY"}


async def test_server_hangs_up_around_tls(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    options = {
        "tls": TlsMode.STARTTLS,
        "tls_context": client_context,
        "server_hostname": "localhost",
    }
    answers = {**SECURE, "AUTHENTICATE": b"+ \r\n", "==": b"TAG OK done\r\n"}
    async with scripted(library, answers) as script:
        script.tls_context = server_context
        await begin(library, script.port, **options)
        assert script.verbs == ["STARTTLS", "CAPABILITY", "AUTHENTICATE", "CAPABILITY", "LOGOUT"]
        said = script.said.partition(b"* BYE")[0]
        for octets in cuts(said):
            script.stop_after(octets)
            with pytest.raises(ConnectionLost):
                await begin(library, script.port, **options)


async def test_capabilities_before_tls_are_forgotten(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """So is what they would have allowed: CVE-2011-0411 and its like."""
    options = {
        "tls": TlsMode.STARTTLS,
        "tls_context": client_context,
        "server_hostname": "localhost",
    }
    answers = {**SECURE, "CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done\r\n"}
    async with scripted(library, answers) as script:
        script.tls_context = server_context
        with pytest.raises(AuthenticationFailed):
            await begin(library, script.port, **options)
    assert script.verbs == ["STARTTLS", "CAPABILITY"]


# --- capabilities that change ---


async def test_capabilities_after_the_login_count(library: Library) -> None:
    answers = {**LOGIN, "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"}
    async with (
        scripted(library, answers) as script,
        connect(library, script.port, user="ann", password="secret") as client,
    ):
        assert not client.offers("MOVE", "LITERAL+")
        await client.append("INBOX", b"x")
        await client.select()
        with pytest.raises(LocalProtocolError, match="UIDPLUS"):
            await client.expunge("1")
    assert script.verbs == ["AUTHENTICATE", "CAPABILITY", "APPEND", "SELECT", "LOGOUT"]


@pytest.mark.parametrize("said", [b"TAG BAD what?\r\n", b"TAG OK but no list\r\n"])
async def test_no_capabilities_after_the_login(library: Library, said: bytes) -> None:
    """They may be asked for in vain; the least is assumed."""
    async with scripted(library, {**LOGIN, "CAPABILITY": said}) as script:
        with suppress(CommandFailed):
            async with connect(library, script.port, user="ann", password="secret") as client:
                assert client.capabilities is None
                await client.select()
                await client.append("INBOX", b"x")


async def test_capabilities_that_go_away_amid_a_session(library: Library) -> None:
    said = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
    search = b"* SEARCH 1\r\nTAG OK done\r\n"
    async with conversation(library, NOOP=said, UID_SEARCH=search) as (script, client):
        assert (await client.move("1", "a")).used == ("MOVE",)
        await client.noop()
        assert (await client.move("1", "a")).used == ("SEARCH", "COPY", "STORE")
    assert script.verbs[-4:] == ["UID SEARCH", "UID COPY", "UID STORE", "LOGOUT"]


# --- BYE in the middle ---


async def test_bye_amid_a_download(library: Library) -> None:
    """What came before it is good."""
    said = content(1, 1, LARGE) + content(2, 2, b"x") + b"* BYE enough\r\n"
    async with conversation(library, UID_FETCH=said) as (_, client):
        messages = client.fetch("1:3", ["BODY.PEEK[]"])
        assert (await anext(messages)).content() == LARGE
        assert (await anext(messages)).content() == b"x"
        with pytest.raises(ConnectionLost, match="enough"):
            await anext(messages)


async def test_bye_amid_an_upload(library: Library) -> None:
    """The client stops to read its file, and tells why."""
    read = 0

    class Source(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal read
            data = super().read(size)
            read += len(data)
            return data

    async def serve(peer: Peer) -> None:
        await peer.say(b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hello")
        await peer.line()
        await peer.say(b"* BYE [OVERQUOTA] full")

    source = Source(b"x" * 50_000_000)
    async with listening(library, serve) as port, connect(library, port) as client:
        with pytest.raises(ConnectionLost):
            await client.append("a", source)
    assert read < 70_000_000  # 50 to know the size


# --- COMPRESS ---


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)


@asynccontextmanager
async def compressing(library: Library, said: bytes, **options: Any) -> AsyncIterator[ImapClient]:
    """A client that compresses; these octets answer its next command, then the server hangs up."""

    async def serve(peer: Peer) -> None:
        await peer.say(b"* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hello")
        tag = (await peer.line()).split(b" ")[0]
        await peer.say(tag + b" OK compress")
        with suppress(ConnectionLost):
            assert await peer.stream.receive_some()
            await peer.stream.send_all(said)

    async with (
        listening(library, serve) as port,
        connect(library, port, **options) as client,
    ):
        await client.compress()
        yield client


async def test_server_hangs_up_within_what_is_compressed(library: Library) -> None:
    said = deflated(b"* STATUS a (MESSAGES 1)\r\nA2 OK done\r\n")
    for octets in range(len(said) - 5):  # the last ones only say that it is flushed
        async with compressing(library, said[:octets]) as client:
            with pytest.raises(ConnectionLost):
                await client.status("a")
            assert not client.usable
    async with compressing(library, said) as client:
        assert await client.status("a") == {"MESSAGES": 1}


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"* STATUS a (MESSAGES 1)\r\nA2 OK done\r\n", RemoteProtocolError),
        (b"\xff" * 100, RemoteProtocolError),
        (zlib.compress(b"A2 OK done\r\n"), RemoteProtocolError),
        (deflated(b"* 1 EXISTS\r\n")[:-4] + b"A2 OK done\r\n", RemoteProtocolError),
        (deflated(b"x" * 5_000_000), LimitExceeded),
        (deflated(b"* STATUS a (MESSAGES 1)\r\n" * 20_000), LimitExceeded),
        (deflated(b"+ x\r\n" * 20_000), LimitExceeded),
    ],
)
async def test_what_is_compressed_by_an_enemy(
    library: Library, said: bytes, error: type[Exception]
) -> None:
    limits = ImapLimits(response_line=1_000_000, answer=1_000_000)
    async with compressing(library, said, limits=limits) as client:
        with pytest.raises(error):
            await client.status("a")
        assert not client.usable
