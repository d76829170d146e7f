"""The exclusive lock of a maildrop, across processes; gone when its process is."""

import os
from collections.abc import Callable
from pathlib import Path

from mailproto.stores.interface import StoreError

__all__ = ["exclusive_lock"]

_FILE = "mailproto-maildrop.lock"


def exclusive_lock(folder: Path) -> Callable[[], None]:
    """Take the lock of a folder; return what gives it back.

    Raises ``OSError``; :class:`StoreError` INUSE at once if somebody has it.
    """
    import fcntl  # Windows, which has no Maildirs, does not have it

    descriptor = os.open(folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StoreError("INUSE", "another session has the maildrop") from None
    except BaseException:
        os.close(descriptor)
        raise
    return lambda: os.close(descriptor)
