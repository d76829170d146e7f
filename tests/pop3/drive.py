"""Running one core against bytes, and writing down all that it did."""

from collections.abc import Iterable
from typing import NamedTuple

from mailproto.errors import LimitExceeded, RemoteProtocolError
from mailproto.pop3 import (
    DEFAULT_CAPABILITIES,
    Capa,
    ClientConnection,
    Command,
    ConnectionClosed,
    Pass,
    Pop3Limits,
    Response,
    ServerConnection,
    UpgradeToTls,
    User,
)
from mailproto.testing import Drop, merged

EVERYTHING = DEFAULT_CAPABILITIES.with_lines(
    "SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", "STLS", "LANG", "IMPLEMENTATION test"
)
MESSAGES = (
    b"Subject: one\r\n\r\n.dot\r\n..\r\n.\r\nend\r\n",
    b"Subject: two\r\n\r\n8-bit \xff\0, no final line end",
    b"",
    b"bare\nLF and\rCR\r\n" + b"x" * 10_000 + b"\r\n",
)
SMALL = Pop3Limits(
    command_line=40,
    auth_line=30,
    response_line=30,
    capability_lines=3,
    listing_lines=3,
    message_size=20,
    errors=3,
    commands_before_auth=6,
    auth_failures=1,
    pipelined_commands=3,
)
"""Limits that a short session can exceed."""


class Outcome(NamedTuple):
    """All that can be seen of a core from outside."""

    events: list[object]
    """Adjacent pieces of a message or listing joined."""
    output: bytes
    error: tuple[type[Exception], str] | None
    limit: str
    """Name of the limit that was exceeded."""


def serve(
    chunks: Iterable[bytes], server: ServerConnection, drop: Drop | None = None, *, eof: bool = True
) -> Outcome:
    """Feed ``chunks`` to a server core over a maildrop."""
    drop = drop or Drop(MESSAGES)
    events: list[object] = []
    if server.reply_owed:
        server.send(Response(True, "ready <1@pop.example>"))
    try:
        for chunk in chunks:
            server.receive_data(chunk)
            _answer_all(server, drop, events)
        if eof:
            server.receive_eof()
            _answer_all(server, drop, events)
    except RemoteProtocolError as error:
        return _outcome(events, server.data_to_send(), error)
    return _outcome(events, server.data_to_send(), None)


def _answer_all(server: ServerConnection, drop: Drop, events: list[object]) -> None:
    if events and isinstance(events[-1], ConnectionClosed):
        return
    while (event := server.next_event()) is not None:
        events.append(event)
        if isinstance(event, ConnectionClosed):
            return
        if isinstance(event, UpgradeToTls):
            server.tls_established()
        else:
            drop.serve(server, event)


def listen(chunks: Iterable[bytes], client: ClientConnection, *, eof: bool = True) -> Outcome:
    """Feed ``chunks`` to a client core, which sends nothing more."""
    events: list[object] = []
    try:
        for chunk in chunks:
            client.receive_data(chunk)
            _read_all(client, events)
        if eof:
            client.receive_eof()
            _read_all(client, events)
    except RemoteProtocolError as error:
        _read_rest(client, events)
        return _outcome(events, client.data_to_send(), error)
    return _outcome(events, client.data_to_send(), None)


def _read_all(client: ClientConnection, events: list[object]) -> None:
    if events and isinstance(events[-1], ConnectionClosed):
        return
    while (event := client.next_event()) is not None:
        events.append(event)
        if isinstance(event, ConnectionClosed):
            return


def _read_rest(client: ClientConnection, events: list[object]) -> None:
    """An error is the last that a core says, and it says it again."""
    for _ in range(2):
        try:
            event = client.next_event()
        except RemoteProtocolError:
            continue
        raise AssertionError(f"an event after the error: {event}")


def _outcome(events: list[object], output: bytes, error: RemoteProtocolError | None) -> Outcome:
    shown = None if error is None else (type(error), str(error))
    limit = error.name if isinstance(error, LimitExceeded) else ""
    return Outcome(merged(events), output, shown, limit)


def connected(
    greeting: bytes = b"+OK ready\r\n",
    *,
    capabilities: str = "",
    limits: Pop3Limits | None = None,
    strict: bool = False,
) -> ClientConnection:
    """A client that has heard the greeting, and the capabilities if there are any, over TLS."""
    client = ClientConnection(tls=True, limits=limits, strict=strict)
    client.receive_data(greeting)
    client.next_event()
    if capabilities:
        client.send(Capa())
        lines = "".join(f"{line}\r\n" for line in capabilities.split(","))
        client.receive_data(f"+OK\r\n{lines}.\r\n".encode())
        while client.next_event() is not None:
            pass
        client.data_to_send()
    return client


def logged_in(
    *commands: Command, limits: Pop3Limits | None = None, strict: bool = False
) -> ClientConnection:
    """A client in state TRANSACTION that has sent ``commands``."""
    client = connected(limits=limits, strict=strict)
    for command in (User("ann"), Pass("secret")):
        client.send(command)
        client.receive_data(b"+OK\r\n")
        client.next_event()
    for sent in commands:
        client.send(sent)
    client.data_to_send()
    return client
