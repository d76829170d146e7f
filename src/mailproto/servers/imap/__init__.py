"""IMAP served over a store: sessions, their views of a mailbox, and handlers by command."""

from mailproto.servers.imap.session import ImapSession

__all__ = ["ImapSession"]
