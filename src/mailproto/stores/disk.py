"""What keeps files safe: names that are unique, writes that last, locks. All of it blocks."""

import errno
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from mailproto._durable import settle
from mailproto.stores.interface import StoreError

__all__ = ["copy_file", "dot_lock", "read_small", "replace_file", "unique_name"]

_LOCK_WAIT = 10.0  # seconds
_LOCK_POLL = 0.02
_LOCK_STALE = 120.0  # seconds after which a lock of who knows whom is broken, as Dovecot does
_MAX_SMALL = 256 * 1024

# Links between file systems, on one that has none, or too many of them.
_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK)

_names = count()


def unique_name() -> str:
    """Return a file name that no other delivery has: time, process, counter, chance and host."""
    now = time.time_ns()
    host = socket.gethostname().replace("/", r"\057").replace(":", r"\072").replace(",", r"\054")
    unique = f"M{now // 1000 % 1_000_000}P{os.getpid()}Q{next(_names)}R{secrets.token_hex(4)}"
    return f"{now // 1_000_000_000}.{unique}.{host}"


def replace_file(path: Path, data: bytes) -> None:
    """Write a small file so that it is there whole, old or new, whatever happens.

    Raises :class:`StoreError` LIMIT if it would be longer than :func:`read_small` reads.
    """
    if len(data) > _MAX_SMALL:
        raise StoreError("LIMIT", f"there is no room for more in {path.name}")
    temporary = path.with_name(f"{path.name}.{unique_name()}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            settle(file, temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def copy_file(source: Path, target: Path) -> None:
    """Give a file a second name, or where that can not be a durable copy, with its date."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copy2(source, target, follow_symlinks=False)
        with target.open("rb") as file:
            os.fsync(file.fileno())


def read_small(path: Path) -> bytes:
    """Return the content of a small file, nothing if there is none, no more than it may have."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    with open(descriptor, "rb") as file:
        return file.read(_MAX_SMALL)


@contextmanager
def dot_lock(path: Path) -> Iterator[None]:
    """Hold a lock file that other programs respect, too.

    It names process and host, so that the lock of a process that is gone is broken at once.
    Raises :class:`StoreError` INUSE if somebody holds it for too long.
    """
    content = f"{os.getpid()}:{socket.gethostname()}".encode()
    give_up = time.monotonic() + _LOCK_WAIT
    while True:
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            break
        except FileExistsError:
            if _stale(path):
                with suppress(FileNotFoundError):
                    os.unlink(path)
            elif time.monotonic() > give_up:
                raise StoreError("INUSE", f"the file {path.name} is locked") from None
            else:
                time.sleep(_LOCK_POLL)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


def _stale(path: Path) -> bool:
    try:
        held = read_small(path)
        age = time.time() - os.lstat(path).st_mtime
    except FileNotFoundError:
        return False
    process, _, host = held.decode("latin-1").partition(":")
    if host == socket.gethostname() and process.isdecimal() and len(process) < 10:
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    return age > _LOCK_STALE
