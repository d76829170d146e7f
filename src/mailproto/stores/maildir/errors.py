"""What the system says, as errors of a store (RFC 5530)."""

import errno
import sqlite3

from mailproto.stores.interface import StoreError
from mailproto.stores.maildir.index import BROKEN

__all__ = ["as_store_error", "is_broken"]

_OF_SYSTEM = {
    errno.ENOSPC: "OVERQUOTA",
    errno.EDQUOT: "OVERQUOTA",
    errno.EACCES: "NOPERM",
    errno.EPERM: "NOPERM",
    errno.EROFS: "NOPERM",
    errno.ENAMETOOLONG: "CANNOT",
    errno.ENOTEMPTY: "ALREADYEXISTS",
    errno.EEXIST: "ALREADYEXISTS",
}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: "OVERQUOTA",
    sqlite3.SQLITE_READONLY: "NOPERM",
    sqlite3.SQLITE_BUSY: "INUSE",
}
_PRIMARY = 0xFF  # the part of an error code that tells its kind


def as_store_error(error: OSError | sqlite3.Error) -> StoreError:
    """Return the error of a store that says the same, but no path: users are told of it."""
    if isinstance(error, OSError):
        text = error.strerror or str(error)
        return StoreError(_OF_SYSTEM.get(error.errno or 0, "UNAVAILABLE"), text)
    return StoreError(_OF_SQLITE.get(_kind(error), "UNAVAILABLE"), f"the index: {error}")


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the index has to be made anew."""
    return _kind(error) in BROKEN


def _kind(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY
