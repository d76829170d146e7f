"""Clients as plain async code over a stream; get them from a binding.

:mod:`mailproto.asyncio` and :mod:`mailproto.trio` have ``connect_smtp`` and the like.
"""

from mailproto.clients.connect_imap import connect_imap
from mailproto.clients.connect_pop3 import connect_pop3
from mailproto.clients.connect_smtp import connect_lmtp, connect_smtp, send
from mailproto.clients.content import MessageSource
from mailproto.clients.imap import (
    Answer,
    Changes,
    Fetched,
    ImapClient,
    ListedMailbox,
    MoveResult,
    NewMessage,
    SearchResult,
    SelectedMailbox,
    StoreResult,
    SyncState,
    Updates,
)
from mailproto.clients.pop3 import MaildropEntry, Pop3Client
from mailproto.clients.smtp import DeliveryFailed, RecipientResult, SendResult, SmtpClient

__all__ = [
    "Answer",
    "Changes",
    "DeliveryFailed",
    "Fetched",
    "ImapClient",
    "ListedMailbox",
    "MaildropEntry",
    "MessageSource",
    "MoveResult",
    "NewMessage",
    "Pop3Client",
    "RecipientResult",
    "SearchResult",
    "SelectedMailbox",
    "SendResult",
    "SmtpClient",
    "StoreResult",
    "SyncState",
    "Updates",
    "connect_imap",
    "connect_lmtp",
    "connect_pop3",
    "connect_smtp",
    "send",
]
