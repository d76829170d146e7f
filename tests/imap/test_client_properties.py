"""What holds for the client core however bytes are cut, and for any bytes."""

import tracemalloc
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto import imap
from mailproto._deflate import Deflater
from mailproto.errors import LocalProtocolError, MailProtocolError, RemoteProtocolError
from mailproto.imap import ClientConnection, Command, ConnectionClosed, MessageOctets, State
from mailproto.imap.states import TRANSITIONS
from mailproto.limits import ImapLimits
from mailproto.sasl import Plain
from mailproto.testing import bytewise, merged
from mailproto.testing.strategies import chunkings, mutated

from .client_scenes import PREAUTH, connected
from .command_strategies import commands
from .vectors_quirks import QUIRKS
from .vectors_responses import RESPONSES

LIMITS = ImapLimits(inline_literal=4, response_line=300, errors=5)
GIB = 1024**3
BLOCK = bytes(range(256)) * 1024

# What the server says, in turns: the client reacts to all of one before the next one comes.
SECURE = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] x\r\n"
PLAIN = b"* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n"
UPLOADED = (b"+\r\n", b"A1 OK\r\nA2 OK\r\n")
SESSIONS: list[tuple[bytes, ...]] = [
    (
        PREAUTH,
        b"* 4 EXISTS\r\n* 7 FETCH (BODY[] {5}\r\nhello UID 3)\r\n* ODD (((\r\nZ1 NO what\r\n"
        b'* LIST () "/" {3}\r\nabc\r\n+ go\r\n+ eh\r\n',
        b"A1 OK [APPENDUID 1 2] done\r\nA2 WHAT\r\n"
        b"* 1 FETCH (BODY[HEADER] {2}\r\nhi BODY[TEXT] {9}\r\n{3}\r\nA2 O FLAGS ())\r\n"
        b"* BYE down\r\n* 3 EXISTS\r\n",
    ),
    (PREAUTH, b"A1 NO [TOOBIG] no\r\nA2 OK\r\n* 1 FETCH (RFC822 {6}\n)\r\n* 2)\n* 9 EXISTS\n"),
    (PREAUTH, b"+ go\r\nA2 OK early\r\n"),
    (PREAUTH, b"* 1 FETCH (BODY[] {500}\r\n" + b"x" * 300),
    (PREAUTH, b"* OK " + b"x" * 300 + b"\r\n"),
    (PREAUTH, b"+ go\r\n" * 3, b"+ go\r\n" * 9),
    (
        PREAUTH,
        *UPLOADED,
        b"A3 OK go\r\n" + Deflater().deflate(b"* 1 FETCH (BODY[] {7}\r\nhello\r\n)\r\n* 3 EXI"),
    ),
    (PREAUTH, *UPLOADED, b"A3 OK go\r\n\xff\xff"),
    (PREAUTH, *UPLOADED, b"A3 NO\r\n", b"A4 OK\r\n", b"+ idling\r\n* 3 EXISTS\r\n", b"A5 OK\r\n"),
    (PLAIN, b"A1 OK go\r\n"),
    (PLAIN, b"A1 OK go\r\n* CAPABILITY X\r\n"),
    (PLAIN, b"A1 NO\r\nA1 OK\r\n"),
    (SECURE, b"+ \r\n", b"A1 OK in\r\nA2 OK\r\n"),
    (SECURE, b"+ \r\n+ !!\r\n", b"A1 NO\r\n"),
    (b"* BYE full\r\nA1 OK\r\n",),
    (b"\x15\x03\x01\0\x02\r\n",),
]
LITERAL = imap.AppendMessage(imap.Literal(5))
LOGGED_IN: tuple[Command, ...] = (imap.Append("a", (LITERAL,)), imap.Noop())
LATER: tuple[Command, ...] = (imap.Compress(), imap.Noop(), imap.Idle())


def react(client: ClientConnection, event: object) -> None:
    """What a caller does."""
    if isinstance(event, imap.Greeting) and client.state is State.AUTHENTICATED:
        for command in LOGGED_IN:
            client.send(command)
    elif isinstance(event, imap.Greeting) and client.state is State.NOT_AUTHENTICATED:
        if "STARTTLS" in (client.capabilities or ()):
            client.send(imap.StartTls())
        else:
            client.authenticate(Plain("u", "p"))
    elif isinstance(event, imap.ContentDue):
        client.send(MessageOctets(b"x" * event.size))
    elif isinstance(event, imap.UpgradeToTls):
        client.tls_established()
    elif isinstance(event, imap.CommandCompleted) and not client.in_flight:
        sent = int(event.tag[1:]) - len(LOGGED_IN)
        if client.state is State.AUTHENTICATED and 0 <= sent < len(LATER):
            client.send(LATER[sent])
    elif isinstance(event, imap.IdleStarted):
        client.send(imap.Done())


def taken(client: ClientConnection) -> list[Any]:
    """The events that there are, and the error that comes behind them."""
    events: list[Any] = []
    try:
        while (event := client.next_event()) is not None:
            events.append(event)
            if isinstance(event, ConnectionClosed):
                break
    except RemoteProtocolError as error:
        events.append((type(error), str(error)))
    return events


def outcome(turns: Iterable[Iterable[bytes]], *, strict: bool = False) -> list[object]:
    """All that is told of a session, and what is sent in it."""
    client = ClientConnection(limits=LIMITS, allow_plaintext=True, strict=strict)
    told: list[object] = []
    for chunks in turns:
        events: list[object] = []
        for chunk in chunks:
            client.receive_data(chunk)
            if not events or not isinstance(events[-1], tuple | ConnectionClosed):
                events += taken(client)
        for event in events:
            with suppress(MailProtocolError):
                react(client, event)
        told += merged(events)
        told.append((client.state, client.capabilities, tuple(client.in_flight)))
        told.append(client.data_to_send())
    client.receive_eof()
    return [*told, *taken(client)]


def whole(turns: Iterable[bytes]) -> list[list[bytes]]:
    return [[turn] if turn else [] for turn in turns]


def cut(data: st.DataObject, turns: Iterable[bytes]) -> list[list[bytes]]:
    return [list(data.draw(chunkings(turn))) for turn in turns]


sessions = pytest.mark.parametrize("session", SESSIONS, ids=range(len(SESSIONS)))


@sessions
@pytest.mark.parametrize("strict", [False, True])
def test_octet_by_octet(session: tuple[bytes, ...], strict: bool) -> None:
    assert outcome(map(bytewise, session), strict=strict) == outcome(whole(session), strict=strict)


@sessions
@given(data=st.data(), strict=st.booleans())
def test_chunking_never_matters(
    session: tuple[bytes, ...], data: st.DataObject, strict: bool
) -> None:
    expected = outcome(whole(session), strict=strict)
    assert outcome(cut(data, session), strict=strict) == expected


WIRES = [*(vector.wire for vector in RESPONSES), *(quirk.wire for quirk in QUIRKS)]


@given(st.lists(st.sampled_from(WIRES), max_size=6).map(b"".join), st.data())
def test_chunking_of_any_responses(answer: bytes, data: st.DataObject) -> None:
    assert outcome(cut(data, (PREAUTH, answer))) == outcome(whole((PREAUTH, answer)))


@given(st.sampled_from(SESSIONS), st.booleans(), st.data())
def test_broken_bytes(session: tuple[bytes, ...], strict: bool, data: st.DataObject) -> None:
    """Nothing but the documented exceptions, and the same however they are cut."""
    at = data.draw(st.integers(0, len(session) - 1))
    broken = data.draw(mutated(st.just(session[at])))
    session = (*session[:at], broken, *session[at + 1 :])
    expected = outcome(whole(session), strict=strict)
    assert outcome(cut(data, session), strict=strict) == expected


@given(st.binary(max_size=200), st.integers(0, len(SESSIONS[0][1])))
def test_junk_in_the_middle(junk: bytes, at: int) -> None:
    greeting, answer, *_ = SESSIONS[0]
    outcome(whole((greeting, answer[:at] + junk + answer[at:])))


@given(st.lists(commands, min_size=1, max_size=4), st.sampled_from([b"", b"LITERAL+", b"LITERAL-"]))
def test_what_is_refused_changes_nothing(sent: list[Command], literals: bytes) -> None:
    client = connected(b"* PREAUTH hi\r\n", allow_plaintext=True)
    client.capabilities = None if not literals else imap.Capabilities([literals.decode()])
    for command in sent:
        before = (client.in_flight, client.state, client.content_due)
        client.state = next(iter(TRANSITIONS[type(command)]))
        state = client.state
        try:
            tag = client.send(command)
        except LocalProtocolError:
            assert (client.in_flight, client.content_due) == (before[0], before[2])
            assert client.state is state
        else:
            assert client.in_flight == before[0] | {tag: command}


# --- 1 GiB ---


def peak_of(run: Any) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("size", [len(BLOCK), 16384])
def test_fetch_of_1_gib(size: int) -> None:
    client = connected()
    chunk, total = BLOCK[:size], GIB // size * size

    def run() -> None:
        received = 0
        client.receive_data(b"* 1 FETCH (BODY[] {%d}\r\n" % total)
        assert isinstance(client.next_event(), imap.ContentStart)
        for _ in range(total // size):
            client.receive_data(chunk)
            while isinstance(event := client.next_event(), MessageOctets):
                received += len(event.data)
        assert received == total
        assert isinstance(event, imap.EndOfContent)
        client.receive_data(b" UID 7)\r\n")
        assert isinstance(client.next_event(), imap.FetchResponse)

    assert peak_of(run) < 2 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("wait", [True, False])
def test_append_of_1_gib(wait: bool) -> None:
    client = connected(PREAUTH if wait else PREAUTH.replace(b"IDLE", b"LITERAL+"))

    def run() -> None:
        client.send(imap.Append("a", (imap.AppendMessage(imap.Literal(GIB)),)))
        if wait:
            client.receive_data(b"+ go\r\n")
        assert client.next_event() == imap.ContentDue("A1", GIB)
        head = client.data_to_send()
        assert head.startswith(b"A1 APPEND a {%d" % GIB)
        sent = 0
        while client.content_due:
            client.send(MessageOctets(BLOCK))
            sent += len(client.data_to_send())
        assert sent == GIB + len(b"\r\n")
        client.receive_data(b"A1 OK done\r\n")
        assert isinstance(client.next_event(), imap.CommandCompleted)

    assert peak_of(run) < 2 * 1024 * 1024


@pytest.mark.slow
def test_1_gib_through_deflate() -> None:
    client = connected()
    client.send(imap.Compress())
    client.data_to_send()
    client.receive_data(b"A1 OK go\r\n")
    assert isinstance(client.next_event(), imap.CommandCompleted)
    server = Deflater()

    def run() -> None:
        received = 0
        client.receive_data(server.deflate(b"* 1 FETCH (BODY[] {%d}\r\n" % GIB))
        assert isinstance(client.next_event(), imap.ContentStart)
        for _ in range(GIB // len(BLOCK)):
            client.receive_data(server.deflate(BLOCK))
            while isinstance(event := client.next_event(), MessageOctets):
                received += len(event.data)
        assert received == GIB

    assert peak_of(run) < 2 * 1024 * 1024


def test_nothing_is_lost_when_an_error_ends_it() -> None:
    """What came before the error is told first."""
    client = connected()
    client.receive_data(b"* 3 EXISTS\r\n* 1 FETCH (BODY[] {99999999999999999999}\r\n")
    assert client.next_event() == imap.ExistsResponse(3)
    with pytest.raises(RemoteProtocolError):
        client.next_event()
