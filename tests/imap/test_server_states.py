"""Every command in every state, as the table says, and what completions do to the state."""

import pytest

from mailproto import imap
from mailproto._value import evolve
from mailproto.errors import LocalProtocolError
from mailproto.imap import Bad, Command, InvalidCommand, No, Ok, ServerConnection, State
from mailproto.imap.offers import missing
from mailproto.imap.parse_command import encode_command
from mailproto.imap.states import ALONE, REFUSALS, TRANSITIONS
from tests.imap.server_scenes import EVERYTHING, ask, connected, logged_in, said, selected, state
from tests.imap.vectors_commands import COMMANDS

MAKE = {
    State.NOT_AUTHENTICATED: connected,
    State.AUTHENTICATED: logged_in,
    State.SELECTED: selected,
}


def examples() -> dict[type[Command], Command]:
    """One command of each kind that the server offers all of, without content to stream."""
    found: dict[type[Command], Command] = {}
    for vector in COMMANDS:
        command = vector.command
        offered = [*EVERYTHING]
        message = isinstance(command, imap.Append | imap.Replace)
        if not missing(command, imap.Capabilities(offered)) and not message:
            found.setdefault(type(command), command)
    text = imap.AppendMessage(b"hello")
    found[imap.Append] = imap.Append("x", (text,))
    found[imap.Replace] = imap.Replace(1, "x", text)
    found[imap.StartTls] = imap.StartTls()
    found[imap.Authenticate] = imap.Authenticate("PLAIN")
    return found


EXAMPLES = examples()
cells = [(kind, where) for kind in TRANSITIONS for where in MAKE]


def test_there_is_an_example_of_every_command() -> None:
    assert EXAMPLES.keys() == TRANSITIONS.keys()


def in_state(where: State, kind: type[Command]) -> ServerConnection:
    return MAKE[where](tls=kind is not imap.StartTls, allow_plaintext=True)


def offer(conn: ServerConnection, kind: type[Command]) -> imap.ServerEvent | None:
    """Give an example of a command to a server and take its literals."""
    pieces = encode_command("a", EXAMPLES[kind], capabilities=EVERYTHING)
    event: imap.ServerEvent | None = ask(conn, b"".join(pieces))
    if isinstance(event, imap.LiteralOffered):
        conn.accept_literal()
        while isinstance(event, imap.LiteralOffered | imap.MessageOctets | imap.EndOfContent):
            event = conn.next_event()
    return event


@pytest.mark.parametrize(("kind", "where"), cells)
def test_where_it_is_allowed(kind: type[Command], where: State) -> None:
    conn = in_state(where, kind)
    event = offer(conn, kind)
    if where in TRANSITIONS[kind]:
        assert isinstance(event, imap.TaggedCommand)
        assert type(event.command) is kind
    else:
        assert isinstance(event, InvalidCommand)
        assert isinstance(event.response, Bad)
        assert event.response.tag == "a"
        assert said(conn, event.response).startswith(b"a BAD ")
        assert isinstance(ask(conn, b"b NOOP\r\n"), imap.TaggedCommand)
    assert state(conn) is where


@pytest.mark.parametrize(
    ("where", "kind", "text"),
    [
        (State.NOT_AUTHENTICATED, imap.Fetch, "Log in first"),
        (State.NOT_AUTHENTICATED, imap.Status, "Log in first"),
        (State.AUTHENTICATED, imap.Fetch, "Select a mailbox first"),
        (State.AUTHENTICATED, imap.Login, "Not when logged in"),
        (State.SELECTED, imap.Login, "Not when logged in"),
    ],
)
def test_why_it_is_not_allowed(where: State, kind: type[Command], text: str) -> None:
    event = offer(in_state(where, kind), kind)
    assert isinstance(event, InvalidCommand)
    assert event.response == Bad(text, tag="a")


@pytest.mark.parametrize("answer", [Ok("yes"), No("no"), Bad("what?")])
@pytest.mark.parametrize(
    ("kind", "where"), [(kind, where) for kind, where in cells if where in TRANSITIONS[kind]]
)
def test_what_its_completion_does(
    kind: type[Command], where: State, answer: imap.Condition
) -> None:
    conn = in_state(where, kind)
    offer(conn, kind)
    if kind is imap.Idle:
        conn.send(imap.Continuation())
        with pytest.raises(LocalProtocolError):
            conn.send(evolve(answer, tag="a"))
        ask(conn, b"DONE\r\n")
    if kind is imap.Unauthenticate and isinstance(answer, No):
        with pytest.raises(LocalProtocolError):
            conn.send(evolve(answer, tag="a"))
        return
    written = said(conn, evolve(answer, tag="a"))
    match answer:
        case Ok():
            after = TRANSITIONS[kind][where]
        case No():
            after = REFUSALS.get(kind, where)
        case _:
            after = where
    assert state(conn) is after
    assert b"a %b " % answer.name.encode() in written
    assert not conn.in_flight
    with pytest.raises(LocalProtocolError):
        conn.send(evolve(answer, tag="a"))


def test_what_changes_the_state_is_alone() -> None:
    """So that no command is read in a state that is about to change."""
    changing = {
        kind
        for kind, states in TRANSITIONS.items()
        if any(before is not after for before, after in states.items())
    }
    assert changing <= ALONE
    assert REFUSALS.keys() <= ALONE


@pytest.mark.parametrize("kind", [kind for kind in TRANSITIONS if kind in ALONE])
def test_nothing_is_read_beside_what_is_alone(kind: type[Command]) -> None:
    where = next(iter(TRANSITIONS[kind]))
    conn = in_state(where, kind)
    offer(conn, kind)
    conn.receive_data(b"b NOOP\r\n")
    assert conn.next_event() is None
    said(conn, Bad("no", tag="a"))
    assert isinstance(conn.next_event(), imap.TaggedCommand)


CLOSED = Ok("It is gone", imap.ResponseCode("CLOSED"))


def test_closed_lets_go_of_the_mailbox() -> None:
    conn = selected()
    ask(conn, b"a DELETE x\r\n")
    said(conn, CLOSED)
    assert state(conn) is State.AUTHENTICATED  # RFC 9051 3.4 (6)
    said(conn, Ok("deleted", tag="a"))
    assert isinstance(ask(conn, b"b FETCH 1 FLAGS\r\n"), InvalidCommand)


def test_closed_of_another_select_is_a_boundary() -> None:
    conn = selected()
    ask(conn, b"a SELECT x\r\n")
    said(conn, CLOSED, imap.ExistsResponse(3))
    said(conn, Ok("selected", tag="a"))
    assert state(conn) is State.SELECTED


def test_closed_while_idling() -> None:
    conn = selected()
    ask(conn, b"a IDLE\r\n")
    said(conn, imap.Continuation(), CLOSED)
    assert isinstance(ask(conn, b"DONE\r\n"), imap.Done)
    said(conn, Ok("done", tag="a"))
    assert state(conn) is State.AUTHENTICATED
