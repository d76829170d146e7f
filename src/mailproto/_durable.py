"""Making files last: what was done here survives a crash of the machine.

A file survives once it is synced, its name once the directory is.
"""

import os
from pathlib import Path
from typing import IO, Any

__all__ = ["make_directory", "settle", "sync_directory"]


def settle(file: IO[Any], temporary: Path, final: Path) -> None:
    """Close ``file``, which was written as ``temporary``, and make it last as ``final``.

    Others see all of it there, or nothing. Raises ``OSError``.
    """
    file.flush()
    os.fsync(file.fileno())
    file.close()
    temporary.replace(final)
    sync_directory(final.parent)


def make_directory(directory: Path) -> None:
    """Make a directory that lasts, with those above it, for this user only; it may be there.

    Raises ``OSError``.
    """
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(mode=0o700, exist_ok=True)
    sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory last. Raises ``OSError``.

    Where directories can not be opened (Windows), the system sees to it.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
