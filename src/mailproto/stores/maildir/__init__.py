"""Mail in Maildirs (Maildir++), which other programs may use at the same time."""

from mailproto.stores.maildir.store import MaildirAccount, MaildirMailbox, MaildirStore

__all__ = ["MaildirAccount", "MaildirMailbox", "MaildirStore"]
