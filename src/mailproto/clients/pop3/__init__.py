"""The POP3 client as plain async code over a stream; get one from a binding's ``connect_pop3``."""

from mailproto.clients.pop3.client import Pop3Client
from mailproto.clients.pop3.session import MaildropEntry

__all__ = ["MaildropEntry", "Pop3Client"]
