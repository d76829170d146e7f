"""Running one core of POP3 against bytes."""

from collections.abc import Iterable
from typing import Any

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
from mailproto.testing import Drop

from ..drive import Outcome, drive

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


def serve(
    chunks: Iterable[bytes], server: ServerConnection, drop: Drop | None = None, *, eof: bool = True
) -> Outcome:
    """Feed ``chunks`` to a server core over a maildrop."""
    maildrop = drop or Drop(MESSAGES)

    def answer(event: Any) -> None:
        if isinstance(event, UpgradeToTls):
            server.tls_established()
        else:
            maildrop.serve(server, event)

    if server.reply_owed:
        server.send(Response(True, "ready <1@pop.example>"))
    return drive(server, chunks, ConnectionClosed, answer, eof=eof)


def listen(chunks: Iterable[bytes], client: ClientConnection, *, eof: bool = True) -> Outcome:
    """Feed ``chunks`` to a client core, which sends nothing more."""
    return drive(client, chunks, ConnectionClosed, eof=eof)


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
