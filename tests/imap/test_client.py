"""The client core against wire bytes (RFC 3501, RFC 9051)."""

from typing import Any

import pytest

from mailproto import imap
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.imap import State, commands
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.states import IDLE_TIMEOUT, TIMEOUT, TRANSITIONS
from mailproto.limits import ImapLimits

from .client_scenes import GREETING, appending, connected, heard, selected


def test_every_command_has_a_row() -> None:
    kinds = {
        k for k in vars(commands).values() if isinstance(k, type) and issubclass(k, imap.Command)
    }
    assert kinds - {imap.Command, imap.Done, imap.AuthResponse} == set(TRANSITIONS)


def test_idle() -> None:
    conn = connected()
    conn.send(imap.Idle())
    with pytest.raises(LocalProtocolError):
        conn.send(imap.Done())
    started, exists = heard(conn, b"+ idling\r\n* 4 EXISTS\r\n")
    assert started == imap.IdleStarted("A1")
    assert isinstance(exists, imap.ExistsResponse)
    with pytest.raises(LocalProtocolError):
        conn.send(imap.Noop())
    assert conn.send(imap.Done()) == "A1"
    assert conn.data_to_send() == b"A1 IDLE\r\nDONE\r\n"
    assert len(heard(conn, b"A1 OK done\r\n")) == 1
    assert not conn.in_flight


def test_eof_and_bye_name_what_is_pending_once() -> None:
    conn = connected()
    conn.send(imap.Noop())
    _, closed = heard(conn, b"* BYE down\r\nA1 OK\r\n")
    assert closed == imap.ConnectionClosed(False, (("A1", imap.Noop()),), imap.Bye("down"))
    conn = connected()
    conn.send(imap.Noop())
    conn.receive_eof()
    assert heard(conn) == [imap.ConnectionClosed(False, (("A1", imap.Noop()),), None)]


def test_unparsable_and_unasked_are_events_up_to_a_limit() -> None:
    conn = connected(limits=ImapLimits(errors=2))
    invalid, unasked, exists = heard(conn, b"* 1 FETCH (((\r\n+ eh\r\n* 2 EXISTS\r\n")
    assert invalid == imap.InvalidResponse(b"* 1 FETCH (((\r\n")
    assert isinstance(unasked, imap.UnsolicitedResponse)
    assert isinstance(exists, imap.ExistsResponse)
    with pytest.raises(LimitExceeded):
        heard(conn, b"Z9 OK what\r\n")


def test_numbers_wait_for_what_may_expunge() -> None:
    conn = selected()
    by_number = imap.Fetch(SequenceSet.parse("1"), ("FLAGS",))
    conn.send(by_number)
    conn.send(by_number)
    conn.send(imap.Noop())
    with pytest.raises(LocalProtocolError, match=r"5\.5"):
        conn.send(by_number)


def test_a_malformed_completion_completes() -> None:
    client = selected()
    client.send(imap.Noop())
    client.send(imap.GetAcl("a"))
    failed, done = heard(client, b"A2 WHAT\r\nA3 OK\r\n")
    assert failed == imap.CommandCompleted("A2", imap.Noop(), imap.Bad("not understood", tag="A2"))
    assert [defect.where for defect in failed.response.defects] == [b"A2 WHAT\r\n"]
    assert isinstance(done.response, imap.Ok)
    assert not client.in_flight


def test_a_malformed_completion_releases_what_waits() -> None:
    client = appending()
    client.send(imap.Noop())
    heard(client, b"A2 WHAT\r\n")
    assert client.data_to_send() == b"A3 NOOP\r\n"


@pytest.mark.parametrize("command", [imap.Login("a", "b"), imap.StartTls()])
def test_a_malformed_completion_of_what_changes_the_session_is_fatal(command: Any) -> None:
    client = connected(GREETING, allow_plaintext=True)
    client.send(command)
    with pytest.raises(RemoteProtocolError):
        heard(client, b"A1 WHAT\r\n")
    assert client.state is State.ERROR
    with pytest.raises(LocalProtocolError, match="can not be used"):
        client.send(imap.Noop())


def test_a_malformed_completion_before_its_command_is_fatal() -> None:
    client = selected()
    client.receive_data(b"A2 WHAT\r\n")
    client.send(imap.Noop())
    with pytest.raises(RemoteProtocolError):
        heard(client)


@pytest.mark.parametrize("strict", [False, True])
def test_tags_of_others(strict: bool) -> None:
    """After the login one is an event: nothing is lost. Before it, it may forge a login."""
    client = selected(strict=strict)
    client.send(imap.Noop())
    if strict:
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            heard(client, b"B2 OK done\r\n")
    else:
        other, again, done = heard(client, b"B2 OK done\r\nA1 OK again\r\nA2 OK done\r\n")
        assert other == imap.UnsolicitedResponse(imap.Ok("done", tag="B2"))
        assert again == imap.UnsolicitedResponse(imap.Ok("again", tag="A1"))
        assert isinstance(done, imap.CommandCompleted)
    with pytest.raises(RemoteProtocolError, match="answers nothing"):
        heard(connected(GREETING), b"B2 OK done\r\n")


def test_searches_with_return_overlap() -> None:
    client = selected()
    plain = imap.SearchCommand(imap.Search.unseen, uid=True)
    extended = imap.SearchCommand(imap.Search.unseen, returns=("ALL",), uid=True)
    client.send(extended)
    client.send(extended)
    assert client.may_pipeline(plain) is False
    client = selected()
    client.send(plain)
    assert not client.may_pipeline(plain)
    assert not client.may_pipeline(extended)
    assert client.may_pipeline(imap.Noop())


@pytest.mark.parametrize(
    ("answer", "state"), [(b"BAD", State.SELECTED), (b"NO", State.AUTHENTICATED)]
)
def test_select_that_is_refused_leaves_no_mailbox(answer: bytes, state: State) -> None:
    client = selected()
    client.send(imap.Select("x"))
    heard(client, b"A2 " + answer + b" nothing\r\n")
    assert client.state is state


def test_closed_unasked_leaves_no_mailbox() -> None:
    conn = selected()
    conn.send(commands.Delete("INBOX"))
    conn.send(imap.Noop())
    heard(conn, b"* OK [CLOSED] gone\r\nA2 OK deleted\r\nA3 OK fine\r\n")  # RFC 9051 3.4 (6)
    assert conn.state is State.AUTHENTICATED
    assert not conn.in_flight
    with pytest.raises(LocalProtocolError):
        conn.send(imap.Close())


def test_closed_while_messages_are_asked_for() -> None:
    conn = selected()
    conn.send(imap.Fetch(SequenceSet.parse("1"), ("FLAGS",)))
    heard(conn, b"* OK [CLOSED] gone\r\nA2 OK none\r\n")
    assert conn.state is State.AUTHENTICATED


def test_closed_for_select_is_a_boundary() -> None:
    conn = selected()
    conn.send(imap.Select("x"))
    heard(conn, b"* OK [CLOSED] gone\r\n* 1 EXISTS\r\nA2 OK selected\r\n")
    assert conn.state is State.SELECTED


def test_too_many_commands() -> None:
    client = connected(limits=ImapLimits(pipelined_commands=2))
    client.send(imap.Noop())
    client.send(imap.Noop())
    assert not client.may_pipeline(imap.Noop())
    with pytest.raises(LocalProtocolError, match="commands in flight"):
        client.send(imap.Noop())


def test_enable() -> None:
    client = connected()
    heard(client, b"* ENABLED UIDONLY\r\n")
    assert not client.enabled  # nobody asked for it
    client.send(imap.Enable(("CONDSTORE", "IMAP4rev2")))
    heard(client, b"* ENABLED imap4rev2\r\nA1 OK\r\n")
    assert client.enabled == {"IMAP4REV2"}
    assert client.utf8
    client.send(imap.Unauthenticate())
    heard(client, b"A2 OK\r\n")
    assert not client.enabled
    assert client.capabilities is None
    assert client.state is State.NOT_AUTHENTICATED


def test_each_dialogue_has_its_lines() -> None:
    client = connected(GREETING)
    client.send(imap.Authenticate("LOGIN"))
    heard(client, b"+ \r\n")
    with pytest.raises(LocalProtocolError, match="no Done"):
        client.send(imap.Done())
    client = connected()
    client.send(imap.Idle())
    with pytest.raises(LocalProtocolError, match="no Done"):
        client.send(imap.Done())
    heard(client, b"+ idling\r\n")
    with pytest.raises(LocalProtocolError, match="no AuthResponse"):
        client.send(imap.AuthResponse(b"x"))
    assert client.data_to_send() == b"A1 IDLE\r\n"


def test_idle_ends_however_the_server_ends_it() -> None:
    client = connected()
    assert client.timeout == TIMEOUT
    client.send(imap.Idle())
    heard(client, b"+ idling\r\n")
    assert client.idling
    assert client.timeout == IDLE_TIMEOUT
    heard(client, b"A1 NO enough\r\n")
    assert not client.idling
    with pytest.raises(LocalProtocolError, match="neither IDLE"):
        client.send(imap.Done())
    client.send(imap.Idle())
    bye, closed = heard(client, b"* BYE timeout\r\n")
    assert isinstance(bye, imap.Bye)
    assert closed == imap.ConnectionClosed(False, (("A2", imap.Idle()),), bye)


def test_a_second_consent_to_idle_is_unasked() -> None:
    client = connected()
    client.send(imap.Idle())
    started, unasked = heard(client, b"+ idling\r\n+ idling\r\n")
    assert isinstance(started, imap.IdleStarted)
    assert isinstance(unasked, imap.UnsolicitedResponse)


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        (b"", True),
        (b"* 3 EXI", False),
        (b"* 7 FETCH (BODY[] {5}\r\n", False),
        (b"* 7 FETCH (BODY[] {5}\r\nhel", False),
        (b"* 7 FETCH (BODY[] {5}\r\nhello", False),
        (b"* 7 FETCH (BODY[] {5}\r\nhello)\r\n", True),
        (b"* 7 FETCH (BODY[] {2}\r\nhi", False),
    ],
)
def test_what_is_cut_off_is_not_clean(data: bytes, clean: bool) -> None:
    client = selected(limits=ImapLimits(inline_literal=3))
    heard(client, data)
    client.receive_eof()
    assert heard(client)[-1] == imap.ConnectionClosed(clean)
    assert client.state is State.LOGOUT


def test_eof_before_the_greeting_and_within_starttls_is_not_clean() -> None:
    client = imap.ClientConnection()
    client.receive_eof()
    assert heard(client) == [imap.ConnectionClosed(False)]
    client = connected(GREETING)
    client.send(imap.StartTls())
    heard(client, b"A1 OK go\r\n")
    client.receive_eof()
    assert heard(client) == [imap.ConnectionClosed(False)]


def test_nothing_is_read_behind_bye() -> None:
    client = selected()
    client.send(imap.Noop())
    bye, closed = heard(client, b"* BYE [UNAVAILABLE] x\r\n* 3 EXISTS\r\n\xff\xff")
    assert closed == imap.ConnectionClosed(False, (("A2", imap.Noop()),), bye)
    client.receive_data(b"A2 OK\r\n")
    assert client.next_event() == closed
    with pytest.raises(LocalProtocolError, match="over"):
        client.send(imap.Noop())


def test_bye_for_logout_and_then_eof_is_clean() -> None:
    client = selected()
    client.send(imap.Logout())
    heard(client, b"* BYE x\r\n")
    client.receive_eof()
    (closed,) = heard(client)
    assert closed.clean
    assert closed.unanswered == (("A2", imap.Logout()),)


def test_a_greeting_that_says_bye() -> None:
    client = imap.ClientConnection()
    greeting, closed = heard(client, b"* BYE [ALERT] full\r\n* 1 EXISTS\r\n")
    assert greeting.response == closed.response
    assert closed.clean


@pytest.mark.parametrize(
    "greeting",
    [b"* 3 EXISTS\r\n", b"A1 OK hi\r\n", b"+ hi\r\n", b"421 Server is busy\r\n", b"* BAD\r\n"],
)
def test_what_is_no_greeting(greeting: bytes) -> None:
    client = imap.ClientConnection()
    with pytest.raises(RemoteProtocolError):
        heard(client, greeting)


def test_before_the_greeting_nothing_is_sent() -> None:
    with pytest.raises(LocalProtocolError, match="greeting"):
        imap.ClientConnection().send(imap.Noop())


@pytest.mark.parametrize(
    ("command", "match"),
    [
        (imap.Noop(), None),
        (imap.Check(), "out of order"),
        (imap.Login("a", "b"), "out of order"),
        (imap.UnknownCommand("XYZ"), None),
        (imap.Idle(), None),
        (imap.NamespaceCommand(), "NAMESPACE or IMAP4rev2"),
    ],
)
def test_order_and_offers(command: Any, match: str | None) -> None:
    client = connected(tls=True)
    if match is None:
        client.send(command)
    else:
        with pytest.raises(LocalProtocolError, match=match):
            client.send(command)
        assert (client.data_to_send(), client.in_flight) == (b"", {})


def test_what_needs_enable() -> None:
    known = imap.Option("QRESYNC", imap.QResync(1, 2))
    vanished = imap.Fetch(
        imap.SequenceSet.parse("1"),
        ("UID",),
        (imap.Option("CHANGEDSINCE", 3), "VANISHED"),
        uid=True,
    )
    client = connected()
    with pytest.raises(LocalProtocolError, match="ENABLE QRESYNC"):
        client.send(imap.Select("a", (known,)))
    client.send(imap.Enable(("QRESYNC", "UIDONLY")))
    heard(client, b"* ENABLED QRESYNC UIDONLY\r\nA1 OK\r\n")
    client.send(imap.Select("a", (known,)))
    heard(client, b"A2 OK\r\n")
    with pytest.raises(LocalProtocolError, match="UIDONLY"):
        client.send(imap.Fetch(imap.SequenceSet.parse("1"), ("UID",)))
    client.send(vanished)
    heard(client, b"A3 OK\r\n")
    with pytest.raises(LocalProtocolError, match="before a mailbox"):
        client.send(imap.Enable(("CONDSTORE",)))
