"""Running one core of SMTP against bytes."""

from collections.abc import Iterable
from typing import Any

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

from ..drive import Outcome, drive

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


def serve(chunks: Iterable[bytes], server: ServerConnection, *, eof: bool = True) -> Outcome:
    """Feed ``chunks`` to a server core that gives the ordinary answer to everything."""

    def answer(event: Any) -> None:
        if isinstance(event, UpgradeToTls):
            server.tls_established()
        elif not isinstance(event, (MessageData, Bdat)):
            while server.reply_owed:
                server.send(server.default_reply(event))

    if server.reply_owed:  # behind a proxy its header comes first
        server.send(Reply(220, "ready"))
    return drive(server, chunks, ConnectionClosed, answer, eof=eof)


def listen(chunks: Iterable[bytes], client: ClientConnection, *, eof: bool = True) -> Outcome:
    """Feed ``chunks`` to a client core, which sends nothing."""
    return drive(client, chunks, ConnectionClosed, eof=eof)
