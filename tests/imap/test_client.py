"""The client core against wire bytes (RFC 3501, RFC 9051)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto import imap
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.imap import commands as c
from mailproto.imap import events as e
from mailproto.imap.client import ClientConnection
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.states import TRANSITIONS, State
from mailproto.limits import ImapLimits
from mailproto.sasl import Plain

GREETING = b"* OK [CAPABILITY IMAP4rev1 IDLE STARTTLS AUTH=PLAIN ENABLE] hi\r\n"
PREAUTH = b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE ENABLE MOVE] hi\r\n"


def events_of(conn: ClientConnection, data: bytes = b"") -> list[object]:
    conn.receive_data(data)
    events: list[object] = []
    while (event := conn.next_event()) is not None:
        events.append(event)
        if isinstance(event, e.ConnectionClosed):
            break
    return events


def connected(greeting: bytes = PREAUTH, **options: object) -> ClientConnection:
    conn = ClientConnection(**options)  # type: ignore[arg-type]
    assert isinstance(events_of(conn, greeting)[0], e.Greeting)
    return conn


def selected() -> ClientConnection:
    conn = connected()
    conn.send(c.Select("INBOX"))
    events_of(conn, b"A1 OK done\r\n")
    conn.data_to_send()
    assert conn.state is State.SELECTED
    return conn


def test_every_command_has_a_row() -> None:
    kinds = {k for k in vars(c).values() if isinstance(k, type) and issubclass(k, c.Command)}
    assert kinds - {c.Command, c.Done, c.AuthResponse} == set(TRANSITIONS)


def test_login_and_logout() -> None:
    conn = connected(GREETING, allow_plaintext=True)
    assert conn.send(c.Login("ann", "secret")) == "A1"
    assert conn.data_to_send() == b"A1 LOGIN ann secret\r\n"
    (done,) = events_of(conn, b"A1 OK [CAPABILITY IMAP4rev2] in\r\n")
    assert isinstance(done, e.CommandCompleted)
    assert done.command == c.Login("ann", "secret")
    assert conn.state is State.AUTHENTICATED
    assert conn.capabilities == imap.Capabilities(["IMAP4rev2"])
    conn.send(c.Logout())
    bye, done, closed = events_of(conn, b"* BYE see you\r\nA2 OK bye\r\n")
    assert isinstance(bye, imap.Bye)
    assert isinstance(done, e.CommandCompleted)
    assert closed == e.ConnectionClosed(True, (), imap.Bye("see you"))


def test_literal_waits_for_plus_and_holds_back_the_rest() -> None:
    conn = selected()
    conn.send(c.Append("a", (c.AppendMessage(b"hello"),)))
    conn.send(c.Noop())
    assert conn.data_to_send() == b"A2 APPEND a {5}\r\n"
    assert events_of(conn, b"+ go\r\n") == []
    assert conn.data_to_send() == b"hello\r\nA3 NOOP\r\n"


@pytest.mark.parametrize("word", ["OK", "NO", "BAD"])
def test_any_completion_releases_the_sender(word: str) -> None:
    conn = selected()
    conn.send(c.Append("a", (c.AppendMessage(imap.Literal(5)),)))
    conn.send(c.Noop())
    conn.data_to_send()
    events_of(conn, f"A2 {word} x\r\n".encode())
    assert conn.data_to_send() == b"A3 NOOP\r\n"


def test_content_is_streamed_out() -> None:
    conn = selected()
    conn.send(c.Append("a", (c.AppendMessage(imap.Literal(5)),)))
    assert events_of(conn, b"+ go\r\n") == [e.ContentDue("A2", 5)]
    conn.data_to_send()
    with pytest.raises(LocalProtocolError):
        conn.send(e.MessageOctets(b"too long"))
    conn.send(e.MessageOctets(b"he"))
    conn.send(e.MessageOctets(b"llo"))
    assert conn.data_to_send() == b"hello\r\n"


def test_content_is_streamed_in() -> None:
    conn = connected(limits=ImapLimits(inline_literal=3))
    start, *pieces, end, response = events_of(conn, b"* 7 FETCH (BODY[] {5}\r\nhello)\r\n")
    assert isinstance(start, e.ContentStart)
    assert (start.number, start.size) == (7, 5)
    assert pieces == [e.MessageOctets(b"hello")]
    assert end == e.EndOfContent()
    assert isinstance(response, imap.FetchResponse)


def test_idle() -> None:
    conn = connected()
    conn.send(c.Idle())
    with pytest.raises(LocalProtocolError):
        conn.send(c.Done())
    started, exists = events_of(conn, b"+ idling\r\n* 4 EXISTS\r\n")
    assert started == e.IdleStarted("A1")
    assert isinstance(exists, imap.ExistsResponse)
    with pytest.raises(LocalProtocolError):
        conn.send(c.Noop())
    assert conn.send(c.Done()) == "A1"
    assert conn.data_to_send() == b"A1 IDLE\r\nDONE\r\n"
    assert len(events_of(conn, b"A1 OK done\r\n")) == 1
    assert not conn.in_flight


def test_authenticate() -> None:
    conn = connected(GREETING, tls=True)
    conn.authenticate(Plain("u", "p"))
    assert conn.data_to_send() == b"A1 AUTHENTICATE PLAIN\r\n"
    events_of(conn, b"+ \r\n")
    assert conn.data_to_send() == b"AHUAcA==\r\n"
    events_of(conn, b"A1 OK in\r\n")
    assert conn.state is State.AUTHENTICATED
    assert conn.capabilities is None


def test_starttls_forgets_and_refuses_what_is_injected() -> None:
    conn = connected(GREETING)
    conn.send(c.StartTls())
    assert events_of(conn, b"A1 OK go\r\n")[-1] == e.UpgradeToTls()
    conn.tls_established()
    assert conn.capabilities is None
    assert conn.state is State.NOT_AUTHENTICATED
    conn = connected(GREETING)
    conn.send(c.StartTls())
    with pytest.raises(RemoteProtocolError, match="plain bytes"):
        events_of(conn, b"A1 OK go\r\n* CAPABILITY IMAP4rev1\r\n")
    conn = connected(GREETING)
    conn.send(c.StartTls())
    events_of(conn, b"A1 OK go\r\n")
    with pytest.raises(RemoteProtocolError, match="plain bytes"):
        events_of(conn, b"x")


def test_preauth_under_required_tls() -> None:
    conn = ClientConnection(require_tls=True)
    with pytest.raises(RemoteProtocolError, match="PREAUTH"):
        events_of(conn, PREAUTH)


@pytest.mark.parametrize("cut", [0, 1, 5, 9])
def test_a_completion_before_its_command_is_fatal(cut: int) -> None:
    forged = b"A1 OK in\r\n"
    conn = connected(GREETING, allow_plaintext=True)
    conn.receive_data(forged[: len(forged) - cut])
    if cut:
        conn.send(c.Login("a", "b"))
        conn.receive_data(forged[len(forged) - cut :])
    with pytest.raises(RemoteProtocolError):
        events_of(conn)


def test_eof_and_bye_name_what_is_pending_once() -> None:
    conn = connected()
    conn.send(c.Noop())
    _, closed = events_of(conn, b"* BYE down\r\nA1 OK\r\n")
    assert closed == e.ConnectionClosed(False, (("A1", c.Noop()),), imap.Bye("down"))
    conn = connected()
    conn.send(c.Noop())
    conn.receive_eof()
    assert events_of(conn) == [e.ConnectionClosed(False, (("A1", c.Noop()),), None)]


def test_unparsable_and_unasked_are_events_up_to_a_limit() -> None:
    conn = connected(limits=ImapLimits(errors=2))
    invalid, unasked, exists = events_of(conn, b"* 1 FETCH (((\r\n+ eh\r\n* 2 EXISTS\r\n")
    assert invalid == e.InvalidResponse(b"* 1 FETCH (((\r\n")
    assert isinstance(unasked, e.UnsolicitedResponse)
    assert isinstance(exists, imap.ExistsResponse)
    with pytest.raises(LimitExceeded):
        events_of(conn, b"Z9 OK what\r\n")


def test_numbers_wait_for_what_may_expunge() -> None:
    conn = selected()
    by_number = c.Fetch(SequenceSet.parse("1"), ("FLAGS",))
    conn.send(by_number)
    conn.send(by_number)
    conn.send(c.Noop())
    with pytest.raises(LocalProtocolError, match=r"5\.5"):
        conn.send(by_number)


SESSION = (
    PREAUTH + b"* 4 EXISTS\r\n* 7 FETCH (BODY[] {5}\r\nhello UID 3)\r\n* ODD (((\r\n"
    b'+ eh\r\nZ1 NO what\r\n* LIST () "/" {3}\r\nabc\r\n* BYE down\r\n'
)


def outcome(chunks: list[bytes]) -> list[object]:
    conn = ClientConnection(limits=ImapLimits(inline_literal=4))
    events: list[object] = []
    try:
        for chunk in chunks:
            events += [x for x in events_of(conn, chunk) if not isinstance(x, e.ConnectionClosed)]
        conn.receive_eof()
        events += events_of(conn)
    except RemoteProtocolError as error:
        events.append(str(error))
    octets = b"".join(x.data for x in events if isinstance(x, e.MessageOctets))
    return [octets, *(x for x in events if not isinstance(x, e.MessageOctets))]


@given(st.sets(st.integers(1, len(SESSION) - 1)))
def test_chunking_never_matters(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(SESSION)]
    assert outcome([SESSION[a:b] for a, b in pairwise(edges)]) == outcome([SESSION])


@given(st.binary(), st.integers(0, len(SESSION)))
def test_only_documented_exceptions(junk: bytes, at: int) -> None:
    outcome([SESSION[:at], junk, SESSION[at:]])
