"""How much a store in memory may hold, and messages that have come into it."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from mailproto.stores.interface import StoreError, Upload

__all__ = ["OVERHEAD", "MemoryUpload", "Room"]

OVERHEAD = 1024
"""The octets that a message counts beside its content."""


class Room:
    """How much a store may hold, in octets; a message costs ``OVERHEAD`` more than it has."""

    __slots__ = ("_free", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._free = capacity

    def take(self, octets: int) -> None:
        """Reserve room. Raises :class:`StoreError` OVERQUOTA, with nothing changed."""
        if octets > self._free:
            raise StoreError("OVERQUOTA", "the store is full")
        self._free -= octets

    def give_back(self, octets: int) -> None:
        """Free room."""
        self._free += octets


class MemoryUpload(Upload):
    """A message whose room is taken, in no mailbox yet."""

    def __init__(
        self,
        data: bytes,
        flags: Collection[str],
        internal_date: datetime | None,
        discard: Callable[[], None],
    ) -> None:
        self.data = data
        self.flags = frozenset(flags)
        self.internal_date = internal_date or datetime.now(UTC)
        self._discard: Callable[[], None] | None = discard

    @property
    def size(self) -> int:
        """See :class:`~mailproto.stores.interface.Upload`."""
        return len(self.data)

    def keep(self) -> None:
        """It is in a mailbox now."""
        self._discard = None

    def discard(self) -> None:
        """See :class:`~mailproto.stores.interface.Upload`."""
        discard, self._discard = self._discard, None
        if discard is not None:
            discard()
