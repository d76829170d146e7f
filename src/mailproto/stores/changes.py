"""The change feed of a mailbox: its messages in the order of their changes, and who watches."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from typing import Generic, ParamSpec

from mailproto.stores.interface import MessageInfo

__all__ = ["MessageLog", "Watchers"]

_MAX_EXPUNGED = 10_000

P = ParamSpec("P")


class MessageLog:
    """The messages of a mailbox, its modseq, and which uids were expunged when.

    ``modseq`` is where it begins; expunges up to ``forgotten`` are not known.
    """

    __slots__ = ("_changed", "_expunged", "_forgotten", "_messages", "modseq")

    def __init__(self, modseq: int, forgotten: int = 0) -> None:
        self.modseq = modseq
        self._messages: dict[int, MessageInfo] = {}  # by ascending uid
        self._changed: dict[int, None] = {}  # uids by ascending modseq
        self._expunged: list[tuple[int, int]] = []  # (modseq, uid), ascending
        self._forgotten = forgotten

    def __len__(self) -> int:
        return len(self._messages)

    def get(self, uid: int) -> MessageInfo | None:
        """Return a message that is there."""
        return self._messages.get(uid)

    def find(self, uids: Iterable[int]) -> Sequence[MessageInfo]:
        """Return those of these messages that are there, in the same order."""
        get = self._messages.get
        return [info for uid in uids if (info := get(uid)) is not None]

    def put(self, *infos: MessageInfo) -> None:
        """Note messages that are new or have changed, by ascending modseq.

        Those that are new have greater uids than all from before.
        """
        if not infos:
            return
        in_order = infos if len(infos) == 1 else sorted(infos, key=attrgetter("uid"))
        self._messages.update({info.uid: info for info in in_order})
        uids = dict.fromkeys(info.uid for info in infos)
        for uid in uids if self._changed else ():
            self._changed.pop(uid, None)
        self._changed.update(uids)
        self.modseq = max(self.modseq, infos[-1].modseq)

    def remove(self, uids: Iterable[int], modseq: int) -> None:
        """Note that messages were expunged; uids that never were here count too."""
        for uid in sorted(uids):
            self._messages.pop(uid, None)
            self._changed.pop(uid, None)
            self._expunged.append((modseq, uid))
        self.modseq = max(self.modseq, modseq)
        if len(self._expunged) > _MAX_EXPUNGED:
            self._forgotten = self._expunged[-_MAX_EXPUNGED // 2][0]
            keep = bisect_right(self._expunged, self._forgotten, key=lambda entry: entry[0])
            del self._expunged[:keep]

    def all(self) -> Collection[MessageInfo]:
        """Return what is there now, by ascending uid."""
        return self._messages.values()

    def changed(self, since: int) -> Sequence[MessageInfo]:
        """Return what changed after a modseq, by ascending uid, at the cost of that."""
        if since <= 0:
            return list(self._messages.values())
        found = []
        for uid in reversed(self._changed):
            info = self._messages[uid]
            if info.modseq <= since:
                break
            found.append(info)
        found.sort(key=lambda info: info.uid)
        return found

    def expunged(self, since: int) -> Sequence[int] | None:
        """Return the uids that were expunged after a modseq; None if that is forgotten."""
        if since < self._forgotten:
            return None
        start = bisect_right(self._expunged, since, key=lambda entry: entry[0])
        return sorted(uid for _, uid in self._expunged[start:])


class Watchers(Generic[P]):
    """Functions that are called after each change."""

    __slots__ = ("_functions",)

    def __init__(self) -> None:
        self._functions: dict[object, Callable[P, None]] = {}

    def add(self, notify: Callable[P, None]) -> Callable[[], None]:
        """Add a function; return one that takes it out again."""
        key = object()
        self._functions[key] = notify

        def stop() -> None:
            self._functions.pop(key, None)

        return stop

    def tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call them all."""
        for notify in tuple(self._functions.values()):
            notify(*args, **kwargs)
