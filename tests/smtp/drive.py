"""Running one core against bytes, and writing down all that it did."""

from collections.abc import Iterable
from typing import NamedTuple

from mailproto.errors import LimitExceeded, RemoteProtocolError
from mailproto.smtp import (
    Bdat,
    ClientConnection,
    ConnectionClosed,
    Extensions,
    MessageData,
    Reply,
    ServerConnection,
    SmtpLimits,
    UpgradeToTls,
)
from mailproto.testing import merged

ALL_EXTENSIONS = Extensions(
    (
        *("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "ENHANCEDSTATUSCODES"),
        *("SIZE", "DSN", "STARTTLS", "REQUIRETLS", "DELIVERBY", "MT-PRIORITY", "RRVS", "MTRK"),
        *("FUTURERELEASE 86400 2030-01-01T00:00:00Z", "NO-SOLICITING", "CONPERM", "CONNEG"),
        *("ETRN", "BURL imap", "AUTH PLAIN EXTERNAL CRAM-MD5", "XCLIENT", "XFORWARD", "XYZ", "XQ"),
    )
)
WITHOUT_TLS = ALL_EXTENSIONS.without("STARTTLS")
NO_LIMITS = SmtpLimits(message_size=None)
SMALL = SmtpLimits(
    command_line=64,
    auth_line=40,
    reply_line=40,
    reply_lines=4,
    recipients=2,
    message_size=40,
    errors=4,
    commands_before_auth=6,
    auth_failures=1,
)
"""Limits that a short session can exceed."""


class Outcome(NamedTuple):
    """All that can be seen of a core from outside."""

    events: list[object]
    """Adjacent pieces of a body joined."""
    output: bytes
    error: tuple[type[Exception], str] | None
    limit: str
    """Name of the limit that was exceeded."""


def serve(chunks: Iterable[bytes], server: ServerConnection, *, eof: bool = True) -> Outcome:
    """Feed ``chunks`` to a server core that gives the ordinary answer to everything."""
    events: list[object] = []
    if server.reply_owed:  # behind a proxy its header comes first
        server.send(Reply(220, "ready"))
    try:
        for chunk in chunks:
            server.receive_data(chunk)
            _answer_all(server, events)
        if eof:
            server.receive_eof()
            _answer_all(server, events)
    except RemoteProtocolError as error:
        return _outcome(events, server.data_to_send(), error)
    return _outcome(events, server.data_to_send(), None)


def _answer_all(server: ServerConnection, events: list[object]) -> None:
    if events and isinstance(events[-1], ConnectionClosed):
        return
    while (event := server.next_event()) is not None:
        events.append(event)
        if isinstance(event, ConnectionClosed):
            return
        if isinstance(event, UpgradeToTls):
            server.tls_established()
        elif not isinstance(event, (MessageData, Bdat)):
            while server.reply_owed:
                server.send(server.default_reply(event))


def listen(chunks: Iterable[bytes], client: ClientConnection, *, eof: bool = True) -> Outcome:
    """Feed ``chunks`` to a client core, which sends nothing."""
    events: list[object] = []
    try:
        for chunk in chunks:
            client.receive_data(chunk)
            _read_all(client, events)
        if eof:
            client.receive_eof()
            _read_all(client, events)
    except RemoteProtocolError as error:
        return _outcome(events, client.data_to_send(), error)
    return _outcome(events, client.data_to_send(), None)


def _read_all(client: ClientConnection, events: list[object]) -> None:
    if events and isinstance(events[-1], ConnectionClosed):
        return
    while (event := client.next_event()) is not None:
        events.append(event)
        if isinstance(event, ConnectionClosed):
            return


def _outcome(events: list[object], output: bytes, error: RemoteProtocolError | None) -> Outcome:
    shown = None if error is None else (type(error), str(error))
    limit = error.name if isinstance(error, LimitExceeded) else ""
    return Outcome(merged(events), output, shown, limit)
