"""What a client that comes back has missed (RFC 7162 3.2.5, 3.2.6)."""

from mailproto.imap import QResync, Response, SequenceSet, VanishedResponse
from mailproto.servers.imap.selected import Selected, Style
from mailproto.servers.imap.view import View

__all__ = ["missed", "vanished"]

_ALL = SequenceSet.parse("1:*")


async def vanished(
    selected: Selected, known: SequenceSet, since: int, matched: int = 0
) -> SequenceSet:
    """Return the UIDs of ``known`` that were expunged after a modseq.

    If the store does not know that any more, all that are not there; then those up to
    ``matched``, which the client knows of, are left out. Raises :class:`StoreError`.
    """
    if known.saved:
        known = SequenceSet.from_numbers(selected.view.saved)
    last = (await selected.mailbox.state()).uid_next - 1
    known = known.resolve(last)
    gone = await selected.mailbox.expunged(since)
    if gone is not None:
        return SequenceSet.from_numbers(gone) & known
    if matched >= last:
        return SequenceSet()
    possible = known & SequenceSet.of((matched + 1, last))
    return possible - SequenceSet.from_numbers(selected.view.uids)


def last_match(view: View, resync: QResync) -> int:
    """Return the last UID up to which the client's sequence numbers are ours, 0 if none is.

    The sets are compared range by range, however many numbers they hold.
    """
    if resync.sequence_match is None:
        return 0
    numbers, uids = resync.sequence_match
    if numbers.saved or uids.saved or numbers.has_star or uids.has_star:
        return 0
    matched = 0
    for number, uid in zip(numbers, uids, strict=False):
        if view.number(uid) != number:
            break
        matched = uid
    return matched


async def missed(selected: Selected, resync: QResync, style: Style) -> list[Response]:
    """Return what to tell behind the state of a mailbox that is selected with QRESYNC.

    Nothing if UIDVALIDITY has changed. Raises :class:`StoreError`.
    """
    if resync.uid_validity != selected.uid_validity:
        return []
    known = resync.known_uids or _ALL
    gone = await vanished(selected, known, resync.modseq, last_match(selected.view, resync))
    told: list[Response] = [VanishedResponse(True, gone)] if gone else []
    uids = set(selected.view.resolve(known, uid=True))
    for info in await selected.mailbox.messages(resync.modseq):
        number = selected.view.number(info.uid)
        if number is not None and info.uid in uids:
            told.append(selected.fetched(number, info, style, uid=True))
    return told
