"""How much mail an account may have, and how much it has."""

import time
from collections.abc import Callable
from math import inf

from mailproto.stores.interface import StoreError
from mailproto.stores.maildir.index import Index

__all__ = ["Quota", "Share"]

_LOOK = 5.0  # seconds after which it is looked again what others have delivered


class Share:
    """What an upload takes of a quota before it is a message that counts by itself."""

    __slots__ = ("_octets", "_quota")

    def __init__(self, quota: "Quota") -> None:
        self._quota = quota
        self._octets = 0

    def take(self, octets: int) -> bool:
        """Take so much more; False, with nothing taken, if there was not so much left."""
        if not self._quota.seemed_free(octets):
            return False
        self._quota.promised += octets
        self._octets += octets
        return True

    def give_back(self) -> None:
        """Give back all that was taken."""
        self._quota.promised -= self._octets
        self._octets = 0


class Quota:
    """The octets that the messages of an account may have together: ``capacity``, None for any.

    ``look`` lets the index learn what other programs have done; it blocks, as what calls it does.
    """

    def __init__(self, capacity: int | None, index: Index, look: Callable[[], None]) -> None:
        self.capacity = capacity
        self.promised = 0
        """What uploads have taken that are in no mailbox yet."""
        self._limit = inf if capacity is None else capacity
        self._index = index
        self._look = look
        self._again = 0.0
        self._used = 0

    def seemed_free(self, octets: int) -> bool:
        """Whether so much more would have fitted when it was counted last."""
        return self._used + self.promised + octets <= self._limit

    def count(self) -> int:
        """Return the octets of all messages, whoever delivered them. Blocks."""
        self._look()
        self._again = time.monotonic() + _LOOK
        self._used = self._index.octets()
        return self._used

    def ensure(self, octets: int) -> None:
        """Raise :class:`StoreError` OVERQUOTA unless messages of so many octets fit. Blocks.

        What other programs do is noticed in time, and before anything is refused.
        """
        if self.capacity is None:
            return
        if time.monotonic() <= self._again:
            self._used = self._index.octets()
            if self._used + octets <= self._limit:
                return
        if self.count() + octets > self._limit:
            raise full()

    def admit(self, octets: int) -> None:
        """The same once more, by the index alone, for who holds its write lock."""
        if self.capacity is not None and self._index.octets() + octets > self._limit:
            raise full()


def full() -> StoreError:
    """Return what to raise if there is no room."""
    return StoreError("OVERQUOTA", "the mailboxes are full")
