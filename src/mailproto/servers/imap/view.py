r"""What one session believes of the mailbox it has selected: its own sequence numbers.

A store knows UIDs only. What others do to the mailbox changes nothing here before the client is
told of it, and it is told of expunged messages at certain moments only (RFC 3501 5.5, 7.4.1,
RFC 2180). Until then they keep their numbers. No I/O happens here.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence

from mailproto.imap import SequenceSet
from mailproto.stores import MessageInfo

__all__ = ["NO_UIDS", "NoSuchMessage", "View", "ordered_set", "window"]


NO_UIDS: frozenset[int] = frozenset()
"""One for all, since most sets of most sessions are empty."""


class NoSuchMessage(Exception):
    """A sequence number above the number of messages (RFC 9051 9 ``seq-number``)."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no message {number}")


class View:
    r"""The UIDs that the client knows, in the order of their numbers, and what it is not told yet.

    ``modseq`` is where the mailbox stood when the session looked last, ``settled`` where it stood
    when the client knew all; ``saved`` are the UIDs that ``$`` stands for, ascending (RFC 5182);
    ``recent`` those that have ``\Recent`` here.
    """

    __slots__ = (
        "_changed",
        "_gone",
        "_told",
        "_uids",
        "modseq",
        "recent",
        "saved",
        "settled",
        "told_count",
    )

    def __init__(self, uids: Iterable[int], modseq: int) -> None:
        self._uids = array("I", uids)
        self.modseq = self.settled = modseq
        self.recent = NO_UIDS
        self.saved: Sequence[int] = ()
        self.told_count = len(self._uids)
        """How many messages the client has been told of."""
        self._gone = NO_UIDS  # expunged, not told yet
        self._changed: dict[int, MessageInfo] = {}  # changed flags, not told yet
        self._told: dict[int, int] = {}  # the modseq up to which the client knows the flags

    def __len__(self) -> int:
        """How many messages there are, with those whose end was not told yet."""
        return len(self._uids)

    @property
    def uids(self) -> Sequence[int]:
        """The UIDs, ascending."""
        return self._uids

    @property
    def last_uid(self) -> int:
        """The largest UID, 0 if there is no message."""
        return self._uids[-1] if self._uids else 0

    @property
    def last_told(self) -> int:
        """The largest UID of the messages that the client has been told of, 0 if there is none."""
        return self._uids[self.told_count - 1] if self.told_count else 0

    def told_after(self, uid: int) -> Sequence[int]:
        """Return the larger UIDs of the messages that the client has been told of."""
        return self._uids[self.count_up_to(uid) : self.told_count]

    @property
    def gone(self) -> Collection[int]:
        """UIDs whose end the client was not told yet."""
        return self._gone

    # --- numbers and UIDs ---

    def number(self, uid: int) -> int | None:
        """Return the sequence number of a message, None if the client does not know it."""
        at = bisect_left(self._uids, uid)
        return at + 1 if at < len(self._uids) and self._uids[at] == uid else None

    def count_up_to(self, uid: int) -> int:
        """Return how many messages have a UID that is not larger."""
        return bisect_right(self._uids, uid)

    def resolve(self, numbers: SequenceSet, *, uid: bool) -> Sequence[int]:
        """Return the UIDs that a set names, ascending, each once.

        They are of messages that the client has been told of. UIDs that do not exist are passed
        over. Raises :class:`NoSuchMessage` for a sequence number that does not.
        """
        if numbers.saved:
            return [saved for saved in self.saved if self.number(saved) is not None]
        if uid:
            return self._by_uid(numbers)
        found = array("I")
        for first, last in numbers.resolve(self.told_count).ranges:
            if last > self.told_count:
                raise NoSuchMessage(last)
            found += self._uids[first - 1 : last]
        return found

    def _by_uid(self, numbers: SequenceSet) -> Sequence[int]:
        found = array("I")
        end = self.told_count
        for first, last in numbers.resolve(self.last_told).ranges:
            start = bisect_left(self._uids, first, hi=end)
            found += self._uids[start : bisect_right(self._uids, last, lo=start, hi=end)]
        return found

    def numbers(self, uids: Iterable[int]) -> list[int]:
        """Return the sequence numbers of messages that the client knows, in the same order."""
        return [bisect_left(self._uids, uid) + 1 for uid in uids]

    # --- what the store says ---

    def learn(self, changed: Iterable[MessageInfo], gone: Iterable[int], modseq: int) -> None:
        """Note messages that are new or changed, and UIDs that are gone, up to a modseq.

        The client is told nothing of it before the ``take_`` methods are called.
        """
        last = self.last_uid
        arrived = []
        for info in changed:
            if info.uid > last:
                arrived.append(info.uid)
            elif info.modseq > self._told.get(info.uid, 0) and self.number(info.uid) is not None:
                self._changed[info.uid] = info
        self._uids.extend(sorted(arrived))
        if known := frozenset(uid for uid in gone if self.number(uid) is not None):
            self._gone |= known
        self.modseq = modseq
        self._told = {uid: told for uid, told in self._told.items() if told > modseq}

    def lost(self, uid: int) -> None:
        """Note that a message turned out to be gone."""
        if self.number(uid) is not None:
            self._gone |= {uid}

    def awaits_news(self, uid: int) -> bool:
        """Whether the client is not told yet what others did to the flags of a message."""
        return uid in self._changed

    def tell(self, info: MessageInfo) -> None:
        """Note that the client knows the flags of a message as they are in ``info``."""
        if info.modseq > self.modseq:
            self._told[info.uid] = info.modseq
        waiting = self._changed.get(info.uid)
        if waiting is not None and waiting.modseq <= info.modseq:
            del self._changed[info.uid]

    # --- what the client is told ---

    def take_gone(self) -> tuple[list[int], list[int]]:
        """Forget the messages that are gone; return their UIDs and their numbers, descending.

        In this order each number counts whatever was said before (RFC 9051 7.5.1). Messages
        that the client has never heard of are not among them.
        """
        gone, self._gone = self._gone, NO_UIDS
        if not gone:
            return [], []
        known = self._uids[: self.told_count]
        self._uids = array("I", [uid for uid in self._uids if uid not in gone])
        self.recent = self.recent - gone or NO_UIDS
        self.saved = [uid for uid in self.saved if uid not in gone]
        for uid in gone:
            self._changed.pop(uid, None)
            self._told.pop(uid, None)
        places = [at for at, uid in enumerate(known) if uid in gone][::-1]
        self.told_count -= len(places)
        return [known[at] for at in places], [at + 1 for at in places]

    def take_count(self) -> int | None:
        """Return how many messages there are, None if the client knows that."""
        if self.told_count == len(self._uids):
            return None
        self.told_count = len(self._uids)
        return self.told_count

    def settle(self) -> None:
        """Note how far the client knows all, if nothing is left to be told."""
        if not self._gone and not self._changed and self.told_count == len(self._uids):
            self.settled = self.modseq

    def take_changed(self) -> list[tuple[int, MessageInfo]]:
        """Return numbers and infos of the messages whose flags changed, by ascending number."""
        changed = sorted(self._changed.items())
        self._changed = {}
        return [
            (number, info)
            for uid, info in changed
            if uid not in self._gone and 0 < (number := self.number(uid) or 0) <= self.told_count
        ]


def window(uids: Sequence[int], part: tuple[int, int]) -> Sequence[int]:
    """Return a part of an ordered list, counted from 1, or from -1 backwards (RFC 9394 3.1)."""
    first, last = sorted(map(abs, part))
    if part[0] > 0:
        return uids[first - 1 : last]
    return uids[max(len(uids) - last, 0) : max(len(uids) - first + 1, 0)]


def ordered_set(numbers: Sequence[int]) -> SequenceSet:
    """A set that keeps the order: runs of ascending numbers are ranges."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] + 1 == number:
            ranges[-1] = ranges[-1][0], number
        else:
            ranges.append((number, number))
    return SequenceSet(tuple(ranges))
