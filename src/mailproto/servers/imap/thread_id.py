"""What messages of one thread share and never changes (RFC 8474 5.2)."""

import hashlib

from mailproto.message import envelope, message_ids, references
from mailproto.stores import MessageInfo

__all__ = ["thread_id", "thread_root"]


def thread_root(info: MessageInfo, header: bytes) -> str:
    """The id of the message that a thread began with, as far as this message tells."""
    ids = references(header) or message_ids(envelope(header).message_id or "")
    return ids[0] if ids else info.email_id


def thread_id(info: MessageInfo, header: bytes) -> str:
    """The THREADID of a message."""
    root = thread_root(info, header)
    return f"T{hashlib.sha256(root.encode(errors='surrogateescape')).hexdigest()[:32]}"
