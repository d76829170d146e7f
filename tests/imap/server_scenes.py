"""A server core in the states that tests begin with, and bytes run through it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from mailproto import imap, sasl
from mailproto.imap import Capabilities, ServerConnection, ServerEvent, State
from mailproto.limits import ImapLimits

from ..drive import Outcome, drive

_NAMES = (
    "IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR STARTTLS AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=X-HAND "
    "ENABLE ID IDLE NAMESPACE UNSELECT UIDPLUS MOVE MULTIAPPEND BINARY CATENATE REPLACE "
    "COMPRESS=DEFLATE CONDSTORE QRESYNC ESEARCH SEARCHRES SORT THREAD=REFERENCES LIST-EXTENDED "
    "LIST-STATUS NOTIFY UNAUTHENTICATE UTF8=ACCEPT UIDONLY QUOTA ACL METADATA MULTISEARCH "
    "SPECIAL-USE STATUS=SIZE CONTEXT=SEARCH WITHIN PARTIAL URLAUTH CONVERT LANGUAGE UIDBATCHES "
    "I18NLEVEL=2 JMAPACCESS XLIST MAILBOX-REFERRALS QUOTASET"
)
EVERYTHING = Capabilities(_NAMES.split())
SMALL = ImapLimits(
    command_line=200,
    command=300,
    command_before_auth=60,
    auth_line=40,
    message_size=400,
    nesting=5,
    errors=3,
    commands_before_auth=6,
    auth_failures=1,
    pipelined_commands=3,
)
"""Limits that a short session can exceed."""


def connected(capabilities: Capabilities = EVERYTHING, **options: Any) -> ServerConnection:
    """A server that has greeted, over TLS unless ``options`` say something else."""
    conn = ServerConnection(capabilities, **{"tls": True, **options})
    conn.send(imap.Ok("ready"))
    conn.data_to_send()
    return conn


def logged_in(capabilities: Capabilities = EVERYTHING, **options: Any) -> ServerConnection:
    """A server whose client need not log in."""
    conn = ServerConnection(capabilities, **{"tls": True, **options})
    conn.send(imap.Preauth("ready"))
    conn.data_to_send()
    return conn


def selected(capabilities: Capabilities = EVERYTHING, **options: Any) -> ServerConnection:
    """A server whose client has selected a mailbox."""
    conn = logged_in(capabilities, **options)
    ask(conn, b"S SELECT INBOX\r\n")
    said(conn, imap.Ok("selected", tag="S"))
    return conn


def state(conn: ServerConnection) -> State:
    """The state, which a type checker would take for fixed."""
    return conn.state


def ask(conn: ServerConnection, data: bytes) -> Any:
    """Feed ``data`` and return the next event."""
    conn.receive_data(data)
    return conn.next_event()


def said(conn: ServerConnection, *items: Any) -> bytes:
    """Send ``items`` and return what was written."""
    for item in items:
        conn.send(item)
    return conn.data_to_send()


def refusal(conn: ServerConnection, data: bytes) -> imap.Condition:
    """What a command is refused with by the core, which then goes on."""
    event = ask(conn, data)
    assert isinstance(event, imap.InvalidCommand)
    assert conn.default_response(event) is event.response
    assert said(conn, event.response) == imap.encode_response(event.response)
    return event.response


def answer(conn: ServerConnection, event: ServerEvent) -> None:
    """Answer an event as a simple server does, whose users all have the password "secret"."""
    match event:
        case imap.MessageOctets() | imap.EndOfContent() | imap.ConnectionClosed():
            pass
        case imap.UpgradeToTls():
            conn.tls_established()
        case imap.LiteralOffered():
            conn.accept_literal()
        case sasl.CheckPassword():
            conn.answer(event.password == "secret")
        case sasl.LookupScramKeys():
            conn.answer(None)
        case imap.TaggedCommand(_, imap.Login()):
            conn.authenticate()
        case imap.TaggedCommand(_, imap.Authenticate(mechanism)):
            made = sasl.server_mechanism(mechanism)
            if made is None:
                conn.send(imap.Continuation())
            else:
                conn.authenticate(made)
        case imap.TaggedCommand(tag, imap.Select() | imap.Close() | imap.Unselect()):
            conn.send(imap.Ok("done", tag=tag))
        case imap.TaggedCommand(tag, imap.Append() | imap.Fetch() | imap.Notify()):
            conn.send(imap.Ok("done", tag=tag))
        case _:
            conn.send(conn.default_response(event))


def serve(chunks: Iterable[bytes], conn: ServerConnection, *, eof: bool = True) -> Outcome:
    """Feed ``chunks`` to a server core and answer all that it asks."""
    outcome = drive(conn, chunks, imap.ConnectionClosed, partial(answer, conn), eof=eof)
    assert outcome.error is None or conn.state is State.ERROR
    return outcome
