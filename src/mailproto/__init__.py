"""mailproto: SMTP, POP3 and IMAP as sans-IO state machines, for clients and servers.

The protocol cores live in :mod:`mailproto.smtp`; real I/O in :mod:`mailproto.asyncio` and
:mod:`mailproto.trio`, which have the same names.
"""

from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    Defect,
    LimitExceeded,
    LocalProtocolError,
    MailProtocolError,
    RemoteProtocolError,
    TLSRequired,
)

__all__ = [
    "AuthenticationFailed",
    "CommandFailed",
    "ConnectionLost",
    "Defect",
    "LimitExceeded",
    "LocalProtocolError",
    "MailProtocolError",
    "RemoteProtocolError",
    "TLSRequired",
    "__version__",
]

__version__ = "0.1.0"
