"""serve_pop3 against hostile clients and stores that fail: nothing is lost, others are served."""

import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mailproto.clients import Pop3Client
from mailproto.errors import CommandFailed, ConnectionLost
from mailproto.limits import Pop3Limits
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Admission, Server
from mailproto.stores import MemoryMailbox, MemoryStore, StoreError

from ..libraries import Library
from .concurrency import checkpoint, tasks
from .peers import Peer, fill
from .peers import connect as connect_peer
from .test_pop3 import connect, serve

MESSAGES = (b"Subject: 1\r\n\r\n.one\r\n", b"Subject: 2\r\n\r\ntwo\r\n", b"Subject: 3\r\n\r\n\r\n")
LARGE = b"Subject: large\r\n\r\n" + b"0123456789abcd\r\n" * 2_000_000  # more than all buffers hold
PLAIN = b"AUTH PLAIN " + b64encode(b"\0ann\0secret")
WRONG = b"AUTH PLAIN " + b64encode(b"\0ann\0wrong")


class ExclusiveLock:
    """A lock that stays where it is left, and takes its time to be released.

    That of a generator would end with its last reference.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._held = False

    def __call__(self) -> "ExclusiveLock":
        return self

    async def __aenter__(self) -> None:
        if self._held:
            raise StoreError("INUSE", "another session has it")
        self._held = True

    async def __aexit__(self, *_: object) -> None:
        try:
            for _turn in range(20):
                await checkpoint(self._library)
        finally:
            self._held = False


class Service:
    """A running server with the maildrops of ann, who is trouble, and of ben.

    ``patient`` serves the same maildrops, without the limits of time that ``server`` may have.
    """

    def __init__(
        self, library: Library, server: Server, patient: Server, inbox: MemoryMailbox
    ) -> None:
        self._library = library
        self.server = server
        self.patient = patient
        self.inbox = inbox

    @asynccontextmanager
    async def raw(self) -> AsyncIterator[Peer]:
        """A connection by hand, greeted."""
        async with connect_peer(self._library, self.server.port) as peer:
            assert (await peer.line()).startswith(b"+OK")
            yield peer

    @asynccontextmanager
    async def ann(self) -> AsyncIterator[Peer]:
        """The same, with ann's maildrop open."""
        async with self.raw() as peer:
            assert (await ask(peer, PLAIN)).startswith(b"+OK")
            yield peer

    async def all_is_well(self, *messages: bytes, by: Server | None = None) -> None:
        """Ben is served; ann's maildrop is free once her session is over, and holds this."""
        server = by or self.server
        async with connect(self._library, server, user="ben") as client:
            assert await client.retrieve(1) == b"Subject: ben\r\n\r\n"
        while self.server.connections:
            await checkpoint(self._library)
        async with connect(self._library, server) as client:
            numbers = [entry.number for entry in await client.list_messages()]
            assert [await client.retrieve(number) for number in numbers] == list(messages)


@asynccontextmanager
async def serving(
    library: Library, *messages: bytes, store: MemoryStore | None = None, **options: Any
) -> AsyncIterator[Service]:
    store = store or MemoryStore()
    inbox = (await store.account("ann")).inbox
    vars(inbox)["lock_maildrop"] = ExclusiveLock(library)
    for message in messages or MESSAGES:
        inbox.add(message)
    (await store.account("ben")).inbox.add(b"Subject: ben\r\n\r\n")
    users = PasswordAuthenticator({"ann": "secret", "ben": "secret"}, iterations=4096)
    async with (
        serve(library, store, authenticator=users, **options) as server,
        serve(library, store, authenticator=users) as patient,
    ):
        yield Service(library, server, patient, inbox)


async def ask(peer: Peer, *lines: bytes) -> bytes:
    """Send lines and return the first line of the one answer."""
    await peer.say(*lines)
    return await peer.line()


# --- what a client may say ---

NO_NUMBERS = (b"0", b"-1", b"+1", b"4", b"4294967297", b"9" * 20, b"9" * 4000, b"1.5", b"\xd9\xa1")
NUMBERED = (b"RETR %b", b"DELE %b", b"LIST %b", b"UIDL %b", b"TOP %b 1")


@pytest.mark.parametrize("command", NUMBERED)
async def test_numbers_that_are_none(library: Library, command: bytes) -> None:
    limits = Pop3Limits(errors=100)
    async with serving(library, limits=limits) as service:
        async with service.ann() as peer:
            for number in NO_NUMBERS:
                assert (await ask(peer, command % number)).startswith(b"-ERR")
            assert await ask(peer, b"NOOP") == b"+OK Still here"
            assert await ask(peer, b"DELE 2") == b"+OK Deleted at QUIT"
            assert (await ask(peer, command % b"2")).startswith(b"-ERR")
            assert await ask(peer, b"STAT") == b"+OK 2 %d" % sum(map(len, MESSAGES[::2]))
            assert (await ask(peer, b"RSET")).startswith(b"+OK")
            assert (await ask(peer, command % b"2")).startswith(b"+OK")
            await peer.say(b"RSET", b"QUIT")
            await peer.rest()
        await service.all_is_well(*MESSAGES)


async def test_lines_of_top(library: Library) -> None:
    async with serving(library) as service, service.ann() as peer:
        for lines in (b"-1", b"x", b"", b"9" * 4000):
            assert (await ask(peer, b"TOP 1 " + lines)).startswith(b"-ERR")
        await peer.say(b"TOP 1 " + b"9" * 20)
        assert await peer.take(b"\r\n.\r\n") == b"+OK 20 octets\r\nSubject: 1\r\n\r\n..one"


async def test_what_is_pipelined_past_quit_is_not_served(library: Library) -> None:
    async with serving(library) as service:
        async with service.ann() as peer:
            await peer.say(b"DELE 1", b"QUIT", b"DELE 2", b"RETR 3", b"QUIT")
            assert await peer.rest() == b"+OK Deleted at QUIT\r\n+OK Bye\r\n"
        await service.all_is_well(*MESSAGES[1:])


@pytest.mark.parametrize("rest", [b"\r\n", PLAIN + b"\r\nDELE 1\r\nQUIT\r\n", b"\x16\x03\x01"])
async def test_what_is_pipelined_past_stls_is_not_served(
    library: Library, server_context: ssl.SSLContext, rest: bytes
) -> None:
    """CVE-2011-0411: not even over TLS."""
    async with serving(library, tls_context=server_context) as service:
        async with service.raw() as peer:
            await peer.stream.send_all(b"STLS\r\n" + rest)
            assert await peer.rest() in (b"+OK Begin TLS negotiation\r\n", b"")
        await service.all_is_well(*MESSAGES)


async def test_nonsense_is_answered_and_ends(library: Library) -> None:
    async with serving(library, limits=Pop3Limits(errors=3)) as service:
        async with service.ann() as peer:
            for line in (b"\0", b"\xff" * 100, b"x" * 20_000):
                assert (await ask(peer, line)).startswith(b"-ERR")
            assert (await ask(peer, b"DELE 1")).startswith(b"-ERR")
            assert await peer.rest() == b""
        await service.all_is_well(*MESSAGES)


async def test_a_line_without_end(library: Library) -> None:
    """It is refused once, not kept, and what ends it is no command."""
    async with serving(library) as service:
        async with service.ann() as peer:
            for _ in range(50):
                await peer.stream.send_all(b"x" * 65536)
            assert (await ask(peer, b" RETR 1")).startswith(b"-ERR Line too long")
            assert (await ask(peer, b"NOOP")).startswith(b"+OK")
        await service.all_is_well(*MESSAGES)


# --- guessing passwords ---


@pytest.mark.parametrize(
    "guess",
    [(WRONG,), (b"USER ann", b"PASS wrong"), (b"APOP ann " + b"0" * 32,), (b"AUTH PLAIN", b"*")],
    ids=["PLAIN", "USER", "APOP", "PLAIN, given up"],
)
async def test_guessing_is_slow_and_ends(
    library: Library, monkeypatch: pytest.MonkeyPatch, guess: Sequence[bytes]
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds:
            slept.append(seconds)

    monkeypatch.setattr(library.runtime, "sleep", sleep)
    options: dict[str, Any] = {
        "auth_failure_delay": 7.0,
        "apop": True,
        "limits": Pop3Limits(auth_failures=2),
    }
    async with serving(library, **options) as service:
        async with service.raw() as peer:
            for _ in range(2):
                for line in guess:
                    answer = await ask(peer, line)
                assert answer.startswith(b"-ERR")
            assert slept == ([] if guess[-1] == b"*" else [7.0] * 2)
            assert await ask(peer, PLAIN) == b"-ERR Too many errors or commands, closing"
            assert await peer.rest() == b""
        monkeypatch.undo()
        await service.all_is_well(*MESSAGES)


async def test_commands_before_the_login_are_counted(library: Library) -> None:
    async with serving(library, limits=Pop3Limits(commands_before_auth=3)) as service:
        async with service.raw() as peer:
            await peer.say(*[b"CAPA"] * 3, PLAIN)
            assert (await peer.rest()).endswith(b"-ERR Too many errors or commands, closing\r\n")
        await service.all_is_well(*MESSAGES)


# --- sessions that break off ---


@pytest.mark.parametrize(
    "said",
    [(), (b"DELE 1", b"DELE 2"), (b"DELE 1", b"RETR 2"), (b"RETR 4",), (b"DELE 1", b"UID")],
    ids=lambda said: ", ".join(line.decode() for line in said) or "nothing",
)
@pytest.mark.parametrize("politely", [True, False], ids=["close", "reset"])
async def test_a_session_that_breaks_off(
    library: Library, said: tuple[bytes, ...], politely: bool
) -> None:
    """It deletes nothing, and the maildrop is free again."""
    async with serving(library, *MESSAGES, LARGE) as service:
        async with service.ann() as peer:
            for line in said[:-1]:
                assert (await ask(peer, line)).startswith(b"+OK")
            await peer.stream.send_all(b"\r\n".join(said[-1:]) + b"\r\n" * (said != ()))
            if said[-1:] == (b"RETR 4",):
                await peer.take(b"0123456789")  # amid the message
            await (peer.stream.aclose() if politely else peer.reset())
        await service.all_is_well(*MESSAGES, LARGE)


async def test_auto_logout(library: Library) -> None:
    """RFC 1939 3: no UPDATE, and no response either."""
    async with serving(library, timeout=0.5) as service:
        async with service.ann() as peer:
            assert (await ask(peer, b"DELE 1")).startswith(b"+OK")
            assert await peer.rest() == b""
        await service.all_is_well(*MESSAGES, by=service.patient)


async def keep_busy(peer: Peer) -> None:
    while (await ask(peer, b"NOOP")).startswith(b"+OK"):
        pass


async def test_total_time(library: Library) -> None:
    """However busy it keeps itself."""
    async with serving(library, admission=Admission(total_time=0.5)) as service:
        async with service.ann() as peer:
            assert (await ask(peer, b"DELE 1")).startswith(b"+OK")
            with pytest.raises((EOFError, ConnectionLost)):
                await keep_busy(peer)
        await service.all_is_well(*MESSAGES, by=service.patient)


async def test_a_reader_that_is_slow(library: Library) -> None:
    """Others do not wait for it; it gets every octet."""
    async with serving(library, LARGE) as service, service.ann() as peer:
        await peer.say(b"RETR 1")
        async with connect(library, service.server, user="ben") as client:
            assert await client.retrieve(1) == b"Subject: ben\r\n\r\n"
        assert await peer.line() == b"+OK %d octets" % len(LARGE)
        assert await peer.take_octets(len(LARGE)) == LARGE
        assert await peer.line() == b"."


async def test_a_reader_that_never_reads(library: Library) -> None:
    """It is cut off, and holds up nobody: neither others nor its own maildrop."""
    async with serving(library, LARGE, timeout=0.5) as service, service.ann() as peer:
        await fill(library, peer, b"RETR 1\r\n", 1000)
        await service.all_is_well(LARGE, by=service.patient)


async def test_two_sessions_on_one_maildrop(library: Library) -> None:
    async with serving(library) as service:
        async with service.ann() as first, service.raw() as second:
            assert (await ask(second, PLAIN)).startswith(b"-ERR [IN-USE]")
            assert (await ask(second, b"STAT")).startswith(b"-ERR")
            assert (await ask(first, b"DELE 1")).startswith(b"+OK")
            assert await ask(first, b"QUIT") == b"+OK Bye"
            assert await ask(second, PLAIN) == b"+OK 2 messages"
            assert await ask(second, b"QUIT") == b"+OK Bye"
        await service.all_is_well(*MESSAGES[1:])


async def test_many_try_to_open_one_maildrop(library: Library) -> None:
    """One of them has it, whatever the order."""
    answers: list[bytes] = []
    all_answered = library.runtime.event()

    async def open_it(service: Service) -> None:
        async with service.raw() as peer:
            answers.append(await ask(peer, PLAIN))
            if len(answers) == 8:
                all_answered.set()
            await all_answered.wait()

    async with serving(library) as service:
        async with tasks(library) as group:
            for _ in range(8):
                group.start(open_it, service)
        assert sorted(answer[:13] for answer in answers) == [
            b"+OK 3 message",
            *[b"-ERR [IN-USE]"] * 7,
        ]
        await service.all_is_well(*MESSAGES)


# --- the end of the server ---


async def test_draining_ends_a_transaction_without_update(library: Library) -> None:
    async with serving(library) as service:
        async with service.ann() as peer:
            assert (await ask(peer, b"DELE 1")).startswith(b"+OK")
            await service.server.drain()
            assert await peer.rest() == b"-ERR [SYS/TEMP] Closing, come back later\r\n"
        assert len(await service.inbox.messages()) == 3


async def delete_and_drain(library: Library, service: Service) -> None:
    async with connect(library, service.server) as client:
        await client.delete(1, 2)
        await service.server.drain()


async def test_draining_is_told_to_who_deletes(library: Library) -> None:
    async with serving(library) as service:
        with pytest.raises((CommandFailed, ConnectionLost)):
            await delete_and_drain(library, service)
        assert len(await service.inbox.messages()) == 3


async def test_draining_lets_a_message_arrive(library: Library) -> None:
    async with serving(library, LARGE) as service, service.ann() as peer, tasks(library) as group:
        await peer.say(b"RETR 1")
        await peer.line()
        group.start(service.server.drain)
        await service.server.wait_closed()
        assert await peer.take_octets(len(LARGE)) == LARGE
        assert await peer.rest() == b".\r\n-ERR [SYS/TEMP] Closing, come back later\r\n"


async def test_a_reader_that_never_reads_does_not_stop_the_end(library: Library) -> None:
    async with serving(library, LARGE, admission=Admission(grace=0.05)) as service:
        context = service.ann()
        peer = await context.__aenter__()
        await peer.say(b"DELE 1", b"RETR 1")
        await peer.line()
    await context.__aexit__(None, None, None)
    assert len(await service.inbox.messages()) == 1


# --- stores that fail ---

FAILURES = (
    (StoreError("UNAVAILABLE", "the disk is gone"), b"-ERR [SYS/TEMP] the disk is gone"),
    (StoreError("CORRUPTION", "kaputt: ü\r\n+OK"), b"-ERR [SYS/PERM] "),
    (OSError("the disk is gone"), b"-ERR [SYS/TEMP] "),
    (TimeoutError(), b"-ERR [SYS/TEMP] "),
)
failures = pytest.mark.parametrize(("error", "answer"), FAILURES, ids=lambda it: type(it).__name__)


def failing(error: Exception) -> Callable[..., Awaitable[Any]]:
    async def fail(*_: Any) -> Any:
        raise error

    return fail


def reading(*pieces: bytes, error: Exception | None = None) -> Callable[..., Any]:
    """What reads these pieces of any message, and then fails."""

    async def read(*_: Any) -> AsyncGenerator[bytes, None]:
        for piece in pieces:
            yield piece
        if error is not None:
            raise error

    return read


@failures
@pytest.mark.parametrize("method", ["state", "messages", "lock_maildrop"])
async def test_store_fails_at_the_login(
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    error: Exception,
    answer: bytes,
) -> None:
    """The login can be tried again, in the same session too."""

    def fail_at_once() -> Any:
        raise error

    async with serving(library) as service:
        broken = fail_at_once if method == "lock_maildrop" else failing(error)
        async with service.raw() as peer:
            with monkeypatch.context() as patch:
                patch.setattr(service.inbox, method, broken)
                assert (await ask(peer, PLAIN)).startswith(answer)
            assert await ask(peer, PLAIN) == b"+OK 3 messages"
        await service.all_is_well(*MESSAGES)


@failures
async def test_store_fails_before_a_message(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception, answer: bytes
) -> None:
    async with serving(library) as service:
        async with service.ann() as peer:
            for command in (b"RETR 1", b"TOP 1 0"):
                with monkeypatch.context() as patch:
                    patch.setattr(service.inbox, "read", reading(error=error))
                    assert (await ask(peer, command)).startswith(answer)
                await peer.say(command)
                assert (await peer.take(b"\r\n.\r\n")).startswith(
                    b"+OK 20 octets\r\nSubject: 1\r\n"
                )
        await service.all_is_well(*MESSAGES)


@failures
async def test_store_fails_amid_a_message(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception, answer: bytes
) -> None:
    """The client must not take what it has for the whole: no line of a dot comes."""
    async with serving(library) as service:
        async with service.ann() as peer:
            assert (await ask(peer, b"DELE 2")).startswith(b"+OK")
            with monkeypatch.context() as patch:
                patch.setattr(service.inbox, "read", reading(b"half", b" a line\r\n", error=error))
                await peer.say(b"RETR 1", b"QUIT")
                assert await peer.rest() == b"+OK 20 octets\r\nhalf a line\r\n"
        await service.all_is_well(*MESSAGES)


async def move(library: Library, server: Server) -> None:
    async with connect(library, server) as client:
        assert isinstance(client, Pop3Client)
        async for entry, _ in client.download_new():
            await client.delete(entry.number)


@failures
async def test_store_fails_amid_a_download(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception, answer: bytes
) -> None:
    async with serving(library) as service:
        with monkeypatch.context() as patch:
            patch.setattr(service.inbox, "read", reading(b"half", error=error))
            with pytest.raises(ConnectionLost):
                await move(library, service.server)
        await service.all_is_well(*MESSAGES)


async def test_empty_pieces_do_not_end_a_message(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(library) as service, connect(library, service.server) as client:
        with monkeypatch.context() as patch:
            patch.setattr(service.inbox, "read", reading(b"", b"one\r\n", b"", b"", b"two\r\n"))
            assert await client.retrieve(1) == b"one\r\ntwo\r\n"
            patch.setattr(service.inbox, "read", reading(b"", b""))
            assert await client.retrieve(1) == b""


@failures
async def test_store_fails_at_the_update(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception, answer: bytes
) -> None:
    async with serving(library) as service:
        with monkeypatch.context() as patch:
            patch.setattr(service.inbox, "expunge", failing(error))
            with pytest.raises(CommandFailed, match="Some messages were not deleted"):
                await move(library, service.server)
        await service.all_is_well(*MESSAGES)


async def test_store_hangs_at_the_update(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client gives up; what the store does in the end is not believed before."""
    reached = library.runtime.event()
    go_on = library.runtime.event()

    async def wait(uids: Collection[int]) -> None:
        reached.set()
        await go_on.wait()

    async with serving(library) as service:
        with monkeypatch.context() as patch:
            patch.setattr(service.inbox, "expunge", wait)
            async with service.ann() as peer:
                await peer.say(b"DELE 1", b"QUIT")
                await reached.wait()
                await peer.reset()
            go_on.set()
            while service.server.connections:
                await checkpoint(library)
        await service.all_is_well(*MESSAGES)


async def test_a_message_that_has_gone(library: Library) -> None:
    """Somebody else expunges it: -ERR for it alone, numbers stay, QUIT passes it over."""
    async with serving(library) as service:
        async with service.ann() as peer:
            await service.inbox.expunge([2])
            assert (await ask(peer, b"RETR 2")).startswith(b"-ERR")
            assert (await ask(peer, b"LIST 3")).startswith(b"+OK 3")
            for line in (b"DELE 2", b"DELE 3", b"QUIT"):
                assert (await ask(peer, line)).startswith(b"+OK")
        await service.all_is_well(MESSAGES[0])


async def test_an_account_whose_name_can_not_be_sent(library: Library) -> None:
    """The refusal comes all the same."""
    users = PasswordAuthenticator({"jörg": "secret"}, iterations=4096)
    store = MemoryStore(users=("ann",))
    async with (
        serve(library, store, authenticator=users) as server,
        connect_peer(library, server.port) as peer,
    ):
        await peer.line()
        login = b64encode("\0jörg\0secret".encode())
        assert (await ask(peer, b"AUTH PLAIN " + login)).startswith(b"-ERR [SYS/PERM]")
        assert (await ask(peer, b"CAPA")).startswith(b"+OK")
