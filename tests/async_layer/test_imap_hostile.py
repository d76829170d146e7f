"""serve_imap against hostile clients and stores that fail: nothing is lost, others are served."""

import ssl
import zlib
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from mailproto.errors import ConnectionLost
from mailproto.limits import ImapLimits
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Admission, Server
from mailproto.stores import MemoryAccount, MemoryMailbox, MemoryStore, StoreError

from ..libraries import Library
from .concurrency import checkpoint, tasks
from .imap_peer import HOST, USERS, ImapPeer, connected, logged_in, serve
from .peers import fill

SMALL = b"Subject: small\r\n\r\nbody\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"0123456789abcd\r\n" * 1_000_000  # more than all buffers hold
STREAMED = b"Subject: two\r\n\r\n" + b"0123456789abcd\r\n" * 20_000  # too large to be held
MESSAGES = (SMALL, STREAMED, b"Subject: 3\r\n\r\n\r\n")


class Service:
    """A running server with the mail of ann, who is trouble, and of bob.

    ``patient`` serves the same mail, without the limits of time that ``server`` may have.
    """

    def __init__(
        self, library: Library, server: Server, patient: Server, account: MemoryAccount
    ) -> None:
        self._library = library
        self.server = server
        self.patient = patient
        self.account = account
        self.inbox = account.inbox

    def raw(self) -> Any:
        """A connection by hand, greeted."""
        return connected(self._library, self.server)

    def ann(self, *commands: str) -> Any:
        """The same, where she has logged in."""
        return logged_in(self._library, self.server, *commands)

    async def all_is_well(self, *messages: bytes) -> None:
        """Bob is served, nothing is left of the others, and ann's INBOX holds this."""
        async with logged_in(self._library, self.patient, "SELECT INBOX", user="bob") as bob:
            assert await bob.ok("FETCH 1 BODY.PEEK[]") == [b"1 FETCH (BODY[] {5}\r\nhello)"]
        while self.server.connections:
            await checkpoint(self._library)
        kept = [info.uid for info in await self.inbox.messages()]
        found = [b"".join([piece async for piece in self.inbox.read(uid)]) for uid in kept]
        assert found == list(messages)


@asynccontextmanager
async def serving(
    library: Library, *messages: bytes, store: MemoryStore | None = None, **options: Any
) -> AsyncIterator[Service]:
    store = store or MemoryStore()
    account = await store.account("ann")
    for message in messages or MESSAGES:
        account.inbox.add(message)
    (await store.account("bob")).inbox.add(b"hello")
    users = PasswordAuthenticator(USERS, iterations=4096)
    async with (
        serve(library, store, authenticator=users, **options) as server,
        serve(library, store, authenticator=users) as patient,
    ):
        yield Service(library, server, patient, account)


async def rest(peer: ImapPeer) -> bytes:
    """All that comes until the server closes."""
    return await peer.raw.rest()


# --- what a client may say before the login ---

JUNK: dict[str, bytes] = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00",
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "SMTP": b"EHLO x\r\n" * 30,
    "NUL": b"\0\r\n" * 30,
    "8-bit": b"\xff\xfe\xfd\r\n" * 30,
    "empty lines": b"\r\n" * 30,
    "tags alone": b"a\r\n" * 30,
    "a line without end": b"a" * 100_000,
    "a literal without end": b"a LOGIN {4000000000+}\r\n" + b"x" * 100_000,
    "a literal of many digits": b"a LOGIN {99999999999999999999999+}\r\n",
    "literals without end": b"a LOGIN " + b"{1+}\r\nx " * 20_000,
    "parentheses": (b"a SEARCH " + b"(" * 5000 + b"\r\n") * 30,
    "unknown commands": b"".join(b"%d FROBNICATE\r\n" % n for n in range(200)),
    "known commands": b"".join(b"%d NOOP\r\n" % n for n in range(200)),
    "commands for later": b"".join(b"%d SELECT INBOX\r\n" % n for n in range(200)),
    "DONE": b"DONE\r\n" * 30,
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
async def test_junk_before_the_login(library: Library, junk: bytes) -> None:
    """It ends, and soon."""
    async with serving(library) as service:
        async with service.raw() as peer:
            with suppress(ConnectionLost):
                await peer.raw.stream.send_all(junk)
            answer = await rest(peer)
            assert len(answer) < 20_000
        await service.all_is_well(*MESSAGES)


GUESSES: dict[str, tuple[bytes, ...]] = {
    "LOGIN": (b"LOGIN ann wrong",),
    "LOGIN, nobody": (b"LOGIN {5+}\r\nnobod {3+}\r\nxyz",),
    "PLAIN": (b"AUTHENTICATE PLAIN " + b64encode(b"\0ann\0wrong"),),
    "PLAIN, no base64": (b"AUTHENTICATE PLAIN ====",),
    "PLAIN, given up": (b"AUTHENTICATE PLAIN", b"*"),
    "PLAIN, no base64 later": (b"AUTHENTICATE PLAIN", b"\xff\0"),
    "SCRAM, junk": (b"AUTHENTICATE SCRAM-SHA-256", b64encode(b"n,,n=\xff")),
    "unknown": (b"AUTHENTICATE FROBNICATE",),
}


async def guess_on(peer: ImapPeer, guess: Sequence[bytes]) -> None:
    """Guess until the server hangs up."""
    while True:
        tag = await peer.begin(guess[0])
        for line in guess[1:]:
            if not (await peer.response()).startswith(b"+"):
                break
            await peer.raw.say(line)
        assert (await peer.answer(tag))[-1][:3] in (b"NO ", b"BAD")


@pytest.mark.parametrize("guess", GUESSES.values(), ids=GUESSES)
async def test_guessing_ends(library: Library, guess: Sequence[bytes]) -> None:
    limits = ImapLimits(auth_failures=2, errors=5, commands_before_auth=10)
    async with serving(library, limits=limits) as service:
        async with service.raw() as peer:
            with pytest.raises((EOFError, ConnectionLost)):
                await guess_on(peer, guess)
        await service.all_is_well(*MESSAGES)


async def test_a_login_without_end(library: Library) -> None:
    async with serving(library) as service:
        async with service.raw() as peer:
            await peer.begin("AUTHENTICATE PLAIN")
            assert (await peer.response()).startswith(b"+")
            with suppress(ConnectionLost):
                for _ in range(10):
                    await peer.raw.stream.send_all(b"QUJD" * 10_000)
            assert (await rest(peer)).startswith(b"* BYE [TOOBIG]")
        await service.all_is_well(*MESSAGES)


@pytest.mark.parametrize(
    "injected", [b"\r\n", b"b LOGIN ann secret\r\nc SELECT INBOX\r\n", b"\x16\x03\x01", b"\0"]
)
async def test_what_is_pipelined_past_starttls_is_not_served(
    library: Library, server_context: ssl.SSLContext, injected: bytes
) -> None:
    """CVE-2011-0411: not even over TLS."""
    async with serving(library, tls_context=server_context) as service:
        async with service.raw() as peer:
            await peer.raw.stream.send_all(b"a STARTTLS\r\n" + injected)
            assert (await rest(peer)).count(b"OK") <= 1
        await service.all_is_well(*MESSAGES)


async def test_no_handshake_behind_starttls(
    library: Library, server_context: ssl.SSLContext
) -> None:
    async with serving(library, tls_context=server_context, timeout=0.5) as service:
        async with service.raw() as silent, service.raw() as peer:
            await silent.ok("STARTTLS")
            await peer.ok("STARTTLS")
            await peer.raw.say(b"b LOGIN ann secret")
            assert b"OK" not in await rest(peer)
            assert await rest(silent) == b""
        await service.all_is_well(*MESSAGES)


# --- silence ---

HALVES: dict[str, bytes] = {
    "nothing": b"",
    "a tag": b"a",
    "a command": b"a NOOP",
    "CR": b"a NOOP\r",
    "a literal": b"a APPEND INBOX {10}\r\n",
    "half of a literal": b"a APPEND INBOX {10+}\r\n12345",
    "a literal, but no end": b"a APPEND INBOX {10+}\r\n1234567890",
    "a literal of an argument": b"a SELECT {5+}\r\nINB",
    "IDLE": b"a IDLE\r\n",
    "half of DONE": b"a IDLE\r\nDON",
    "NOTIFY": b"a NOTIFY SET (PERSONAL (MessageNew MessageExpunge))\r\n",
}


AUTOLOGOUT = b"* BYE Autologout; idle for too long\r\n"


async def test_silence(library: Library) -> None:
    """There is a farewell, and nothing is stored."""
    told: dict[str, bytes] = {}

    async def fall_silent(service: Service, name: str) -> None:
        async with service.ann() as peer:
            await peer.raw.stream.send_all(HALVES[name])
            told[name] = await rest(peer)

    async with serving(library, timeout=0.5) as service:
        async with tasks(library) as group:
            for name in HALVES:
                group.start(fall_silent, service, name)
        assert {name: said[-len(AUTOLOGOUT) :] for name, said in told.items()} == dict.fromkeys(
            HALVES, AUTOLOGOUT
        )
        await service.all_is_well(*MESSAGES)


async def test_octets_that_drip(library: Library) -> None:
    """Time is for commands: octets that make none win nothing."""

    async def drip(peer: ImapPeer) -> None:
        with suppress(ConnectionLost):
            while True:
                await peer.raw.stream.send_all(b"x")
                await library.runtime.sleep(0.02)

    async with serving(library, timeout=0.5) as service:
        async with (
            service.raw() as stranger,
            service.ann() as ann,
            tasks(library) as group,
        ):
            for peer in (stranger, ann):
                group.start(drip, peer)
            for peer in (stranger, ann):
                assert (await rest(peer)).endswith(AUTOLOGOUT)
        await service.all_is_well(*MESSAGES)


async def keep_busy(peer: ImapPeer) -> None:
    while True:
        await peer.ok("NOOP")


async def test_total_time(library: Library) -> None:
    """However busy it keeps itself."""
    async with serving(library, admission=Admission(total_time=0.5)) as service:
        async with service.ann() as peer:
            with pytest.raises((EOFError, ConnectionLost)):
                await keep_busy(peer)
        await service.all_is_well(*MESSAGES)


# --- sessions that break off ---

SESSION = (
    b"a LOGIN ann secret\r\nb SELECT INBOX\r\nc STORE 1 +FLAGS.SILENT (x)\r\n"
    b"d APPEND INBOX {5+}\r\n12345\r\ne FETCH 1:* (FLAGS BODY.PEEK[])\r\nf IDLE\r\nDONE\r\n"
    b"g UID SEARCH CHARSET UTF-8 TEXT {3+}\r\nabc\r\nh COMPRESS DEFLATE\r\n"
)


@pytest.mark.parametrize("politely", [True, False], ids=["close", "reset"])
async def test_a_session_that_breaks_off_at_every_point(library: Library, politely: bool) -> None:
    """What was complete is done, and nothing else; in the end the server has no connection."""
    appended = SESSION.index(b"12345") + 7
    async with serving(library, SMALL, LARGE) as service:
        for at in range(0, len(SESSION), 1 if politely else 7):
            async with service.raw() as peer:
                await peer.raw.stream.send_all(SESSION[:at])
                if not politely:
                    await peer.raw.reset()
        while service.server.connections:
            await checkpoint(library)
        infos = await service.inbox.messages()
        if politely:
            assert len(infos) == 2 + len(range(appended, len(SESSION)))
        assert {info.size for info in infos} <= {len(SMALL), len(LARGE), 5}


async def test_a_reader_that_is_slow(library: Library) -> None:
    """Others do not wait for it; it gets every octet."""
    async with serving(library, LARGE) as service, service.ann("SELECT INBOX") as peer:
        await peer.begin("FETCH 1 BODY.PEEK[]")
        async with service.ann("SELECT INBOX") as other:
            assert await other.ok("FETCH 1 RFC822.SIZE") == [
                b"1 FETCH (RFC822.SIZE %d)" % len(LARGE)
            ]
        assert await peer.raw.line() == b"* 1 FETCH (BODY[] {%d}" % len(LARGE)
        assert await peer.raw.take_octets(len(LARGE)) == LARGE
        assert await peer.raw.line() == b")"


FLOODS: dict[str, bytes] = {
    "FETCH": b"a FETCH 1 BODY.PEEK[]\r\n",
    "FETCH, sections": b"a FETCH 1 (BODY.PEEK[] BODY.PEEK[TEXT] BINARY.PEEK[] RFC822.TEXT)\r\n",
    "NOOP": b"a NOOP\r\n" * 1000,
    "CAPABILITY": b"a CAPABILITY\r\n" * 1000,
    "junk": b"a FROBNICATE " + b"x" * 5000 + b"\r\n",
    "LIST": b'a LIST "" *\r\n' * 1000,
    "IDLE": b"a IDLE\r\nDONE\r\n" * 1000,
    "SEARCH": b"a SEARCH ALL\r\n" * 1000,
    "ID": b"a ID NIL\r\n" * 1000,
}


async def test_readers_that_never_read(library: Library) -> None:
    """They can not fill the memory, are cut off, and hold up nobody."""
    taken: list[int] = []

    async def flood(service: Service, octets: bytes) -> None:
        async with service.ann("SELECT INBOX") as peer:
            with suppress(ConnectionLost):
                taken.append(await fill(library, peer.raw, octets, 20_000_000))
            while service.server.connections:
                await checkpoint(library)

    async with serving(library, LARGE, timeout=0.5) as service:
        async with tasks(library) as group:
            for octets in FLOODS.values():
                group.start(flood, service, octets)
        assert all(octets < 20_000_000 for octets in taken)
        await service.all_is_well(LARGE)


async def test_a_flood_of_commands_is_served_in_turn(library: Library) -> None:
    """Each gets its answer, and others get theirs in between."""
    count = 5000
    async with serving(library) as service, service.ann("SELECT INBOX") as peer:

        async def send() -> None:
            for start in range(0, count, 1000):
                lines = [b"%d NOOP" % n for n in range(start, start + 1000)]
                await peer.raw.say(*lines)

        async with tasks(library) as group:
            group.start(send)
            async with service.ann() as other:
                await other.ok("NOOP")
            for number in range(count):
                assert await peer.response() == b"%d OK NOOP completed" % number


async def test_many_connections(library: Library) -> None:
    """Those who are too many are told, and others can come when they have gone."""
    admission = Admission(connections=10)
    async with serving(library, admission=admission) as service:
        streams = [await library.runtime.connect_tcp(HOST, service.server.port) for _ in range(30)]
        greetings = [await ImapPeer(stream).response() for stream in streams]
        assert sorted(greeting[:6] for greeting in greetings) == [b"* BYE "] * 20 + [b"* OK ["] * 10
        for stream in streams:
            await stream.aclose()
        while service.server.connections:
            await checkpoint(library)
        await service.all_is_well(*MESSAGES)


# --- APPEND ---


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"APPEND INBOX {2001}\r\n", b"NO [TOOBIG]"),
        (b"APPEND INBOX {2001+}\r\n" + b"x" * 2001 + b"\r\n", b"NO [TOOBIG]"),
        (b"APPEND INBOX {5+}\r\n12345 {2001+}\r\n" + b"x" * 2001 + b"\r\n", b"NO [TOOBIG]"),
        (b"APPEND nowhere {5+}\r\n12345\r\n", b"NO [TRYCREATE]"),
        (b"APPEND INBOX {0+}\r\n\r\n", b"NO"),
        (b"APPEND INBOX (\\Seen {5+}\r\n12345\r\n", b"BAD"),
        (b"APPEND INBOX (x" + b" x" * 20_000 + b") {5+}\r\n12345\r\n", b""),
        (b'APPEND INBOX "01-Foo-2020 00:00:00 +0000" {5+}\r\n12345\r\n', b"BAD"),
        (b"APPEND INBOX {5+}\r\n12345 junk\r\n", b"BAD"),
        (b"APPEND {100000+}\r\n" + b"x" * 100_000 + b" {5+}\r\n12345\r\n", b"NO"),
        (b"APPEND INBOX ~{5+}\r\n1\x0034 \r\n", b""),
        (b"APPEND INBOX {5+}\r\n1\x0034 \r\n", b""),
        (b'APPEND INBOX CATENATE (TEXT {5+}\r\n12345 URL "/nowhere")\r\n', b"NO [BADURL"),
        (b"APPEND INBOX CATENATE (" + b"TEXT {1+}\r\nx " * 3000 + b"TEXT {1+}\r\nx)\r\n", b""),
        (b"REPLACE 1 INBOX {5+}\r\n12345\r\n", b"BAD"),
    ],
)
async def test_an_upload_that_is_refused(library: Library, command: bytes, answer: bytes) -> None:
    """What comes of it anyway is not taken for commands."""
    async with serving(library, limits=ImapLimits(message_size=2000)) as service:
        async with service.ann() as peer:
            await peer.raw.stream.send_all(b"a " + command)
            tagged = (await peer.answer(b"a"))[-1]
            assert tagged.startswith(answer)
            await peer.ok("NOOP")
        if answer:
            await service.all_is_well(*MESSAGES)


@pytest.mark.parametrize("announced", [b"{9999999999+}", b"{4001+}", b"{99999999999999999999+}"])
async def test_a_literal_that_is_much_too_long_ends_the_session(
    library: Library, announced: bytes
) -> None:
    async with serving(library, limits=ImapLimits(message_size=2000)) as service:
        async with service.ann() as peer:
            await peer.begin(b"APPEND INBOX " + announced)
            assert (await rest(peer)).startswith(b"* BYE [TOOBIG]")
        await service.all_is_well(*MESSAGES)


async def test_the_room_of_a_store(library: Library) -> None:
    """A full store refuses, and takes again what fits."""
    store = MemoryStore(capacity=600_000)
    async with serving(library, store=store) as service:
        async with service.ann() as peer:
            for size in (290_000, 280_000):
                tag = await peer.begin(b"APPEND INBOX {%d+}\r\n" % size + b"x" * size)
                assert (await peer.answer(tag))[-1].startswith(b"NO [OVERQUOTA]")
            await peer.begin(b"APPEND INBOX {200000+}\r\n" + b"x" * 199_999)
        await service.all_is_well(*MESSAGES)
        async with service.ann("SELECT INBOX") as peer:
            tag = await peer.begin(b"APPEND INBOX {150000+}\r\n" + b"x" * 150_000)
            assert (await peer.answer(tag))[-1].startswith(b"OK")


# --- IDLE, NOTIFY, COMPRESS ---


@pytest.mark.parametrize(
    "said", [b"garbage", b"DONE x", b"\0", b"\xff" * 1000, b"x NOOP", b"", b" DONE", b"done"]
)
async def test_what_is_said_within_idle(library: Library, said: bytes) -> None:
    """IDLE ends, whatever it is; DONE is understood in any case."""
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            tag = await peer.begin("IDLE")
            assert (await peer.response()).startswith(b"+")
            await peer.raw.say(said)
            assert (await peer.answer(tag))[-1][:3] in (b"OK ", b"BAD")
            if said == b"x NOOP":
                assert await peer.answer(b"x") == [b"OK NOOP completed"]
            await peer.ok("NOOP")
        await service.all_is_well(*MESSAGES)


async def test_a_line_without_end_within_idle(library: Library) -> None:
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            await peer.begin("IDLE")
            with suppress(ConnectionLost):
                await peer.raw.stream.send_all(b"x" * 200_000)
            assert (await rest(peer)).endswith(b"* BYE [TOOBIG] Too long, closing\r\n")
        await service.all_is_well(*MESSAGES)


async def test_done_without_idle(library: Library) -> None:
    async with serving(library) as service, service.ann() as peer:
        await peer.raw.say(b"DONE")
        assert (await peer.response()).startswith(b"DONE BAD")
        await peer.ok("NOOP")


async def test_an_idler_that_never_reads(library: Library) -> None:
    """It is cut off, and holds up nobody who changes the mailbox."""
    async with serving(library, SMALL, timeout=0.5) as service:
        async with service.ann("SELECT INBOX") as peer:
            await peer.begin("IDLE")
            commands = [f"STORE 1 {sign}FLAGS.SILENT ({'x' * 30_000})" for sign in "+-"] * 300
            async with service.ann("SELECT INBOX") as other:
                for command in commands:
                    await other.ok(command)
        await service.all_is_well(SMALL)


NOTIFICATIONS = (
    "NOTIFY SET " + "(PERSONAL (MessageNew MessageExpunge)) " * 200 + "(SELECTED NONE)",
    "NOTIFY SET (MAILBOXES (" + " ".join(f"m{n}" for n in range(3000)) + ") (MailboxName))",
    "NOTIFY SET (SELECTED (MessageNew (" + " ".join(["BODY.PEEK[1]"] * 2000) + ") MessageExpunge))",
    "NOTIFY SET (SUBTREE (" + " ".join(["a"] * 3000) + ") (MailboxName))",
    "NOTIFY SET (FROBNICATE (MessageNew MessageExpunge))",
    "NOTIFY SET (PERSONAL (Frobnicate))",
)


@pytest.mark.parametrize("command", NOTIFICATIONS, ids=lambda it: it[:30])
async def test_too_much_to_be_told_of(library: Library, command: str) -> None:
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            assert (await peer.ask(command))[-1][:3] in (b"NO ", b"BAD", b"OK ")
            await peer.ok("NOOP")
        await service.all_is_well(*MESSAGES)


def watchers(watched: MemoryAccount | MemoryMailbox) -> int:
    return len(watched._watchers._functions)


async def test_notify_again_and_again(library: Library) -> None:
    """One watch is left, not a thousand."""
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            for _ in range(300):
                await peer.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
            assert watchers(service.account) == 1
            for _ in range(300):
                tag = await peer.begin("IDLE")
                await peer.response()
                await peer.raw.say(b"DONE")
                await peer.answer(tag)
            assert watchers(service.inbox) == 0
            await peer.ok("UNAUTHENTICATE")
            assert watchers(service.account) == 0
        await service.all_is_well(*MESSAGES)


def deflated(data: bytes, level: int = 9) -> bytes:
    stream = zlib.compressobj(level, wbits=-15)
    return stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)


BOMBS: dict[str, bytes] = {
    "a line": deflated(b"a " + b"x" * 50_000_000),
    "a literal": deflated(b"a APPEND INBOX {4000000000+}\r\n" + b"x" * 50_000_000),
    "commands": deflated(b"a FROBNICATE\r\n" * 200_000),
    "no deflate": b"\xff" * 1000,
    "an end": zlib.compressobj(wbits=-15).flush() + b"more",
    "plain text": b"a NOOP\r\nb NOOP\r\n",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
async def test_compressed_bombs(library: Library, bomb: bytes) -> None:
    async with serving(library) as service:
        async with service.ann("COMPRESS DEFLATE") as peer:
            with suppress(ConnectionLost):
                await peer.raw.stream.send_all(bomb)
            assert len(await rest(peer)) < 10_000
        await service.all_is_well(*MESSAGES)


# --- commands that ask for much ---

SETS = ",".join(f"{n}:*" for n in range(1, 3000))
GREEDY: dict[str, str] = {
    "all numbers": "FETCH 1:4294967295 FLAGS",
    "all UIDs": "UID FETCH 1:4294967295 FLAGS",
    "overlapping sets": f"UID FETCH {SETS} FLAGS",
    "overlapping sections": "FETCH 1:* (BODY.PEEK[] BODY.PEEK[TEXT] BODY.PEEK[]<0.5> BODY.PEEK[1])",
    "a section again and again": "FETCH 1 (" + " ".join(["BODY.PEEK[]"] * 4000) + ")",
    "many sections": "FETCH 1 (" + " ".join(f"BODY.PEEK[{n}]" for n in range(1, 3000)) + ")",
    "many partials": "FETCH 1 (" + " ".join(f"BODY.PEEK[]<{n}.9>" for n in range(2000)) + ")",
    "many fields": "FETCH 1 BODY.PEEK[HEADER.FIELDS (" + " ".join(["x"] * 20_000) + ")]",
    "a deep section": "FETCH 1 BODY.PEEK[" + ".".join(["1"] * 5000) + ".MIME]",
    "a deep search": "SEARCH " + "(" * 90 + "ALL" + ")" * 90,
    "too deep a search": "SEARCH " + "(" * 3000 + "ALL" + ")" * 3000,
    "NOT of NOT": "SEARCH " + "NOT " * 5000 + "ALL",
    "OR of OR": "SEARCH " + "OR ALL " * 5000 + "ALL",
    "OR of both": "SEARCH " + "OR OR " * 40 + "ALL " * 81,
    "many keys": "SEARCH " + "ALL " * 9000 + "ALL",
    "many texts": "SEARCH " + " ".join(f"TEXT x{n}" for n in range(3000)),
    "huge sets": "SEARCH " + " ".join([SETS[:4000].rpartition(",")[0]] * 15),
    "huge UID sets": "SEARCH UID " + SETS,
    "beyond the mailbox": "SEARCH 4294967295",
    "sorting": "SORT (" + "SUBJECT " * 5000 + "DATE) UTF-8 ALL",
    "a long pattern": 'LIST "" "' + "*%a" * 10_000 + '"',
    "many patterns": 'LIST "" (' + "* " * 20_000 + "*)",
    "many items of STATUS": "STATUS INBOX (" + "MESSAGES " * 5000 + "UNSEEN)",
    "LIST with many items": 'LIST "" * RETURN (STATUS (' + "UNSEEN " * 5000 + "SIZE))",
    "many entries": 'GETMETADATA "" (' + " ".join(f"/private/{n}" for n in range(3000)) + ")",
    "many capabilities": "ENABLE " + "x " * 20_000 + "x",
    "ID": "ID (" + " ".join(f'"k{n}" "v"' for n in range(4000)) + ")",
    "a huge tag list of QRESYNC": "SELECT INBOX (QRESYNC (1 1 1:4294967295))",
    "COPY to itself": "COPY 1:* INBOX",
    "a partial result": "SEARCH RETURN (PARTIAL 4294967294:4294967295) ALL",
    "CONTEXT": "SEARCH RETURN (UPDATE CONTEXT) ALL",
    "many CANCELUPDATE": "CANCELUPDATE " + " ".join(f'"A{n}"' for n in range(5000)),
    "CONVERT": 'CONVERT 1:* ("text/plain") BODY[1]',
    "many returns": "SEARCH RETURN (" + "COUNT " * 9000 + "MIN) ALL",
    "RENAME below itself": "RENAME INBOX INBOX/x/y",
    "URLs": "APPEND INBOX CATENATE (" + 'URL "/INBOX/;UID=1" ' * 2000 + 'URL "/INBOX/;UID=1")',
}


@pytest.mark.parametrize("command", GREEDY.values(), ids=GREEDY)
async def test_commands_that_ask_for_much(library: Library, command: str) -> None:
    """Each ends in an answer, while others are served."""
    async with (
        serving(library) as service,
        service.ann("SELECT INBOX") as peer,
        service.ann() as other,
    ):
        tag = await peer.begin(command)
        await other.ok("NOOP")
        assert (await peer.answer(tag))[-1].split(b" ")[0] in (b"OK", b"NO", b"BAD")
        await peer.ok("NOOP")


# --- what one client may leave behind ---


async def until_refused(peer: ImapPeer, commands: Sequence[str]) -> int:
    """Say commands until one is refused with LIMIT; return how many succeeded."""
    for number, command in enumerate(commands):
        tagged = (await peer.ask(command))[-1]
        if not tagged.startswith(b"OK"):
            assert tagged.startswith(b"NO [LIMIT]"), tagged
            return number
    return len(commands)


@pytest.mark.parametrize("verb", ["CREATE", "SUBSCRIBE"])
async def test_many_mailboxes(library: Library, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr("mailproto.stores.rules._MAX_MAILBOXES", 50)
    async with serving(library) as service:
        async with service.ann() as peer:
            assert await until_refused(peer, [f"{verb} box{n}" for n in range(100)]) in (49, 50)
            assert len(await peer.ok('LIST "" *')) <= 50
            assert len(await peer.ok('LSUB "" *')) <= 50
            for command in ("DELETE", "UNSUBSCRIBE"):
                await peer.ask(f"{command} box1")
            await peer.ok(f"{verb} again")
        await service.all_is_well(*MESSAGES)


@pytest.mark.parametrize("verb", ["CREATE", "SUBSCRIBE", "RENAME INBOX"])
@pytest.mark.parametrize("name", ["x" * 30_000, "a/" * 15_000 + "b", "a/" * 200 + "b"])
async def test_long_names(library: Library, verb: str, name: str) -> None:
    async with serving(library) as service:
        async with service.ann() as peer:
            assert (await peer.ask(f"{verb} {name}"))[-1].startswith(b"NO [LIMIT]")
            assert len(await peer.ok('LIST "" *')) == 1
        await service.all_is_well(*MESSAGES)


async def test_many_keywords(library: Library) -> None:
    """A mailbox has so many and no more; what is refused changes nothing."""
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            lists = [" ".join(f"k{n}" for n in range(at, at + 30)) for at in range(0, 3000, 30)]
            stores = [f"STORE 1:2 +FLAGS.SILENT ({flags})" for flags in lists]
            assert 1 < await until_refused(peer, stores) < 50
            first, second = await peer.ok("FETCH 1:2 FLAGS")
            assert first[1:] == second[1:]
            for command in (f"STORE 3 FLAGS ({lists[-1]})", f"STORE 2:3 +FLAGS ({lists[-1]} y)"):
                assert (await peer.ask(command))[-1].startswith(b"NO [LIMIT]")
            assert await peer.ok("FETCH 2:3 FLAGS") == [second, rb"3 FETCH (FLAGS (\Recent))"]
            tag = await peer.begin(f"APPEND INBOX ({lists[-1]}) {{5+}}\r\n12345")
            assert (await peer.answer(tag))[-1].startswith(b"NO [LIMIT]")
        await service.all_is_well(*MESSAGES)


async def test_much_metadata(library: Library) -> None:
    async with serving(library) as service:
        async with service.ann() as peer:
            for name in ('""', "INBOX"):
                entries = [
                    f'SETMETADATA {name} (/private/vendor/{n} "{"x" * 5000}")' for n in range(100)
                ]
                assert 5 < await until_refused(peer, entries) < 20
                assert len(await peer.ok(f"GETMETADATA (DEPTH infinity) {name} /private")) == 1
        await service.all_is_well(*MESSAGES)


# --- stores that fail ---

FAILURES: tuple[Exception, ...] = (
    StoreError("UNAVAILABLE", "the disk is gone"),
    StoreError("CORRUPTION", "kaputt: ü\r\n* BYE forged"),
    OSError("the disk is gone"),
    TimeoutError("the store takes its time"),
    ConnectionLost("the database hung up"),
    KeyError("a bug"),
)
failures = pytest.mark.parametrize("error", FAILURES, ids=lambda it: type(it).__name__)


def failing(error: Exception) -> Callable[..., Awaitable[Any]]:
    async def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


METHODS: dict[str, tuple[type, str]] = {
    "state": (MemoryMailbox, "SELECT INBOX"),
    "messages": (MemoryMailbox, "SELECT INBOX"),
    "keywords": (MemoryMailbox, "SELECT INBOX"),
    "find": (MemoryMailbox, "FETCH 1 FLAGS"),
    "change_flags": (MemoryMailbox, "STORE 1 +FLAGS (x)"),
    "copy": (MemoryMailbox, "COPY 1 INBOX"),
    "move": (MemoryMailbox, "MOVE 1 INBOX"),
    "mailboxes": (MemoryAccount, 'LIST "" *'),
    "mailbox": (MemoryAccount, "STATUS INBOX (MESSAGES)"),
    "create": (MemoryAccount, "CREATE y"),
    "delete": (MemoryAccount, "DELETE x"),
    "rename": (MemoryAccount, "RENAME x y"),
    "subscribe": (MemoryAccount, "SUBSCRIBE x"),
    "subscriptions": (MemoryAccount, 'LSUB "" *'),
    "quota": (MemoryAccount, 'GETQUOTA ""'),
    "metadata": (MemoryAccount, "GETMETADATA INBOX /private/x"),
    "set_metadata": (MemoryAccount, 'SETMETADATA INBOX (/private/x "y")'),
}


@pytest.mark.parametrize("method", METHODS)
async def test_store_fails(library: Library, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """The command is refused, and the session goes on."""
    owner, command = METHODS[method]
    async with serving(library) as service:
        async with service.ann("SELECT INBOX", "CREATE x") as peer:
            for error in FAILURES:
                with monkeypatch.context() as patch:
                    patch.setattr(owner, method, failing(error))
                    *untagged, tagged = await peer.ask(command)
                code = error.code if isinstance(error, StoreError) else "SERVERBUG"
                assert tagged.startswith(b"NO [%b]" % code.encode())
                assert not any(line.startswith(b"BYE") for line in untagged)
                await peer.ok("SELECT INBOX")
                assert (await peer.ok("FETCH 1 FLAGS"))[0].startswith(b"1 FETCH")
        await service.all_is_well(*MESSAGES)


def reading(*pieces: bytes, error: Exception | None = None) -> Callable[..., Any]:
    """What reads these pieces of any message, and then fails."""

    async def read(*_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        for piece in pieces:
            yield piece
        if error is not None:
            raise error

    return read


@failures
async def test_store_fails_before_a_message(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            for item in ("ENVELOPE", "BODYSTRUCTURE", "BODY.PEEK[]", "BODY.PEEK[HEADER]"):
                with monkeypatch.context() as patch:
                    patch.setattr(service.inbox, "read", reading(error=error))
                    tagged = (await peer.ask(f"FETCH 1 {item}"))[-1]
                assert tagged.startswith(b"NO [")
                assert (await peer.ok(f"FETCH 1 {item}"))[0].startswith(b"1 FETCH (")
            with monkeypatch.context() as patch:
                patch.setattr(service.inbox, "read", reading(error=error))
                assert (await peer.ask("SEARCH TEXT x"))[-1].startswith(b"NO [")
        await service.all_is_well(*MESSAGES)


def breaking_off(message: bytes, at: int, error: Exception) -> Callable[..., Any]:
    """What reads a message up to an offset, and then fails."""

    async def read(
        uid: int, start: int = 0, length: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        end = len(message) if length is None else start + length
        yield message[start : min(end, at)]
        if end > at:
            raise error

    return read


@failures
async def test_store_fails_amid_a_message(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The client must not take what it has for the whole: the session ends within the literal."""
    at = len(STREAMED) // 2
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            with monkeypatch.context() as patch:
                patch.setattr(service.inbox, "read", breaking_off(STREAMED, at, error))
                await peer.raw.say(b"a FETCH 2 BODY.PEEK[]", b"b NOOP")
                assert (await rest(peer)).endswith(b"}\r\n" + STREAMED[:at])
        await service.all_is_well(*MESSAGES)


@pytest.mark.parametrize("number", [1, 2], ids=["small", "large"])
async def test_empty_pieces_do_not_end_a_message(
    library: Library, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    message = MESSAGES[number - 1]
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            with monkeypatch.context() as patch:
                pieces = (b"", message[:7], b"", b"", message[7:], b"")
                patch.setattr(service.inbox, "read", reading(*pieces))
                assert await peer.ok(f"FETCH {number} BODY.PEEK[]") == [
                    b"%d FETCH (BODY[] {%d}\r\n%b)" % (number, len(message), message)
                ]
        await service.all_is_well(*MESSAGES)


def from_start_on(content: bytes) -> Callable[..., Any]:
    """What reads all that there is."""

    async def read(uid: int, start: int = 0, *_: Any) -> AsyncGenerator[bytes, None]:
        yield content[start:]

    return read


@pytest.mark.parametrize("number", [1, 2], ids=["small", "large"])
@pytest.mark.parametrize("change", [-10, -1, 1, 100_000])
async def test_store_does_not_keep_its_word(
    library: Library, monkeypatch: pytest.MonkeyPatch, number: int, change: int
) -> None:
    """Fewer or more octets than were announced: no client takes them for something else."""
    message = MESSAGES[number - 1]
    wrong = (message + b"a OK forged\r\n" * 10_000)[: len(message) + change]
    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer:
            with monkeypatch.context() as patch:
                patch.setattr(service.inbox, "read", from_start_on(wrong))
                await peer.raw.say(b"a FETCH %d BODY.PEEK[]" % number, b"b LOGOUT")
                said = await rest(peer)
            announced = int(said.partition(b"}")[0].rpartition(b"{")[2])
            sent, _, behind = said.partition(b"}\r\n")[2].partition(b"a OK FETCH")
            if behind:
                assert sent == wrong[:announced] + b")\r\n"
            else:
                assert len(sent) < announced
        await service.all_is_well(*MESSAGES)


async def test_store_hangs(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client waits; others do not."""
    reached, go_on = library.runtime.event(), library.runtime.event()

    async def wait(*_: Any, **__: Any) -> None:
        reached.set()
        await go_on.wait()
        raise StoreError("UNAVAILABLE", "in the end")

    async with serving(library) as service:
        async with service.ann("SELECT INBOX") as peer, service.ann("SELECT INBOX") as other:
            with monkeypatch.context() as patch:
                patch.setattr(service.inbox, "change_flags", wait)
                tag = await peer.begin("STORE 1 +FLAGS (x)")
                await reached.wait()
                await other.ok("FETCH 1 BODY.PEEK[]")
                go_on.set()
                assert (await peer.answer(tag))[-1].startswith(b"NO [UNAVAILABLE]")
        await service.all_is_well(*MESSAGES)


# --- the end of the server ---


async def test_the_end_waits_for_nobody_who_does_not_read(library: Library) -> None:
    async with serving(library, LARGE, admission=Admission(grace=0.05)) as service:
        context = service.ann("SELECT INBOX")
        peer = await context.__aenter__()
        await peer.begin("FETCH 1 BODY.PEEK[]")
        await peer.raw.line()
    await context.__aexit__(None, None, None)


async def test_draining_lets_a_message_arrive(library: Library) -> None:
    async with (
        serving(library, LARGE) as service,
        tasks(library) as group,
        service.ann("SELECT INBOX") as peer,
    ):
        await peer.begin("FETCH 1 BODY.PEEK[]")
        await peer.raw.line()
        group.start(service.server.drain)
        await service.server.wait_closed()
        assert await peer.raw.take_octets(len(LARGE)) == LARGE
        assert b" OK FETCH completed\r\n* BYE [UNAVAILABLE]" in await rest(peer)
