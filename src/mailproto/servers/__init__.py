"""Servers as plain async code: a protocol core driven against what the embedder supplies.

Start them with :mod:`mailproto.asyncio` or :mod:`mailproto.trio`.
"""

from mailproto.servers.listener import Admission, Server
from mailproto.servers.serve_smtp import serve_lmtp, serve_smtp
from mailproto.servers.smtp import SmtpSession
from mailproto.servers.smtp_handler import (
    MessageAborted,
    MessageBody,
    MessageReplies,
    SmtpEnvelope,
    SmtpHandler,
)

__all__ = [
    "Admission",
    "MessageAborted",
    "MessageBody",
    "MessageReplies",
    "Server",
    "SmtpEnvelope",
    "SmtpHandler",
    "SmtpSession",
    "serve_lmtp",
    "serve_smtp",
]
