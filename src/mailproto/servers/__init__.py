"""Servers as plain async code: a protocol core driven against what the embedder supplies.

Start them with :mod:`mailproto.asyncio` or :mod:`mailproto.trio`.
"""

from mailproto.servers.imap import ImapSession
from mailproto.servers.listener import Admission, Server
from mailproto.servers.pop3 import Pop3Session
from mailproto.servers.serve_imap import serve_imap
from mailproto.servers.serve_pop3 import serve_pop3
from mailproto.servers.serve_smtp import serve_lmtp, serve_smtp
from mailproto.servers.smtp import SmtpSession
from mailproto.servers.smtp_handler import (
    MessageAborted,
    MessageBody,
    MessageReplies,
    SmtpEnvelope,
    SmtpHandler,
)
from mailproto.servers.store_inbox import StoreInbox

__all__ = [
    "Admission",
    "ImapSession",
    "MessageAborted",
    "MessageBody",
    "MessageReplies",
    "Pop3Session",
    "Server",
    "SmtpEnvelope",
    "SmtpHandler",
    "SmtpSession",
    "StoreInbox",
    "serve_imap",
    "serve_lmtp",
    "serve_pop3",
    "serve_smtp",
]
