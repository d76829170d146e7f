"""Stores: where POP3 and IMAP servers find mail, and SMTP servers put it."""

from mailproto.stores.interface import (
    Account,
    FlagChange,
    Mailbox,
    MailboxInfo,
    MailboxState,
    MailStore,
    MessageInfo,
    QuotaResource,
    StoreError,
    Upload,
)
from mailproto.stores.memory import MemoryAccount, MemoryMailbox, MemoryStore

__all__ = [
    "Account",
    "FlagChange",
    "MailStore",
    "Mailbox",
    "MailboxInfo",
    "MailboxState",
    "MemoryAccount",
    "MemoryMailbox",
    "MemoryStore",
    "MessageInfo",
    "QuotaResource",
    "StoreError",
    "Upload",
]
