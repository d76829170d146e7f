"""The contents of many messages by one IMAP command, in constant memory."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from mailproto.cli.folder import Incoming
from mailproto.clients import ImapClient
from mailproto.imap import (
    Condition,
    ContentStart,
    Fetch,
    FetchItem,
    Literal,
    MessageData,
    MessageOctets,
    Section,
    SequenceSet,
)

__all__ = ["receive_contents"]

_ITEMS: tuple[FetchItem, ...] = ("UID", "FLAGS", Section.parse("BODY.PEEK[]"))


async def receive_contents(
    imap: ImapClient,
    uids: Sequence[int],
    incoming: Callable[[], AbstractContextManager[Incoming]],
    show: Callable[[int], object],
    keep: Callable[[Incoming, MessageData], object],
    *,
    dated: bool,
) -> Condition:
    """Fetch messages of the selected mailbox, and return the tagged response.

    Each is written into an ``incoming`` of its own, while ``show`` is told the octets so far; when
    it is whole, ``keep`` gets it, with UID, FLAGS and, if it is to be ``dated``, INTERNALDATE. The
    server may leave some out. Raises as ``ImapClient.run`` does, after what came before was kept.
    """
    wanted = (*_ITEMS, "INTERNALDATE") if dated else _ITEMS
    command = Fetch(SequenceSet.from_numbers(uids), wanted, uid=True)
    call = await imap.launch(command, in_pieces=True)
    items = imap.items(call)
    while True:
        with incoming() as message:
            async for item in items:
                if isinstance(item, ContentStart):
                    message.restart()  # what came before was of no message that was asked for
                elif isinstance(item, MessageOctets):
                    message.write(item.data)
                    show(message.size)
                elif isinstance(item, MessageData) and _complete(item, message):
                    keep(message, item)
                    break
            else:
                return imap.completion(call)


def _complete(data: MessageData, message: Incoming) -> bool:
    """Whether this is the response of content that came whole, as it is now."""
    content = data.content()
    if isinstance(content, bytes):
        message.restart()
        message.write(content)
    return isinstance(content, bytes | Literal)
