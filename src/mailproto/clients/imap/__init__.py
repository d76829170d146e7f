"""The IMAP client as plain async code over a stream; get one from a binding's ``connect_imap``."""

from mailproto.clients.imap.appending import NewMessage
from mailproto.clients.imap.client import ImapClient
from mailproto.clients.imap.fetched import Fetched
from mailproto.clients.imap.idle import Updates
from mailproto.clients.imap.mailbox import SelectedMailbox
from mailproto.clients.imap.mailboxes import ListedMailbox
from mailproto.clients.imap.messages import MoveResult, SearchResult, StoreResult
from mailproto.clients.imap.session import Answer
from mailproto.clients.imap.sync import Changes, SyncState

__all__ = [
    "Answer",
    "Changes",
    "Fetched",
    "ImapClient",
    "ListedMailbox",
    "MoveResult",
    "NewMessage",
    "SearchResult",
    "SelectedMailbox",
    "StoreResult",
    "SyncState",
    "Updates",
]
