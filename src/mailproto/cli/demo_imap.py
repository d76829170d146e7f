"""The IMAP part of ``mailproto demo``: all messages read, and two clients at one mailbox."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from mailproto.cli.conversation import Conversation
from mailproto.cli.display import printable
from mailproto.cli.transfers import Transfer, digest_of, digest_of_file
from mailproto.clients import ImapClient
from mailproto.imap import ExpungeResponse, Search
from mailproto.smtp import TraceLine

__all__ = ["Listener", "move_one", "read_all"]

_ARCHIVE = "Archive"
_PATIENCE = 30.0  # seconds in which one client hears what the other one does


class Listener:
    """The trace of a client that is going to idle: shows it, and knows when the server agrees."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self.idling = asyncio.Event()

    def __call__(self, line: TraceLine) -> None:
        """Show a line."""
        self._conversation(line)
        if line.text.startswith("+ "):
            self.idling.set()


async def read_all(
    box: ImapClient, conversation: Conversation, paths: Sequence[Path]
) -> list[Transfer]:
    """Read the messages, which are these files, in order."""
    await box.select()
    transfers = []
    messages = await box.fetch("1:*", ["RFC822.SIZE", "FLAGS"]).all()
    for message, path in zip(messages, paths, strict=True):
        conversation.note(f"message {printable(path.name)}")
        assert message.uid is not None
        transfers.append(await _read(box, message.uid, message.size or 0, path, "IMAP"))
    return transfers


async def move_one(box: ImapClient, other: ImapClient, listener: Listener, path: Path) -> Transfer:
    """Mark the last message, which is this file, find it, move it, and read it there.

    ``other``, whose trace ``listener`` is, hears of it. Raises ``TimeoutError`` if not.
    """
    assert box.mailbox is not None
    last = box.mailbox.exists
    await other.select(read_only=True)
    listener.idling.clear()
    async with asyncio.timeout(_PATIENCE), other.idle() as updates:
        news = asyncio.ensure_future(anext(updates))
        await listener.idling.wait()
        await box.add_flags(last, r"\Flagged", uid=False)
        await news
        found = (await box.search(Search.flagged)).numbers
        await box.create(_ARCHIVE)
        await box.move(found, _ARCHIVE)
        async for heard in updates:
            if isinstance(heard, ExpungeResponse):
                break
    await box.select(_ARCHIVE)
    (moved,) = await box.fetch("1:*", ["RFC822.SIZE", "FLAGS"]).all()
    assert moved.uid is not None
    return await _read(box, moved.uid, moved.size or 0, path, f"moved to {_ARCHIVE}, IMAP")


async def _read(box: ImapClient, uid: int, size: int, path: Path, way: str) -> Transfer:
    async with box.stream(uid) as pieces:
        arrived = await digest_of(pieces)
    return Transfer(path.name, way, size, digest_of_file(path, ends_line=True), arrived)
