"""Where fetched messages are kept: each whole and for good, or not at all, and once."""

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mailproto._durable import make_directory, settle, sync_directory
from mailproto._value import value
from mailproto.cli.failures import Failure, Unusable, reading
from mailproto.cli.record import Record

__all__ = [
    "EML",
    "MAILDIR",
    "Folder",
    "Incoming",
    "Layout",
    "NotStored",
    "message_name",
    "open_folder",
]

_RECORD = ".mailproto-fetch.sqlite"
_PART = ".mailproto-fetch.part"  # there is one at a time
_OURS = re.compile(r"[0-9a-f]{64}(?![0-9a-f])")  # readers of Maildirs add flags behind


@value
class Layout:
    """The directories of a folder: where messages are written, and where they are kept.

    New ones come into the first of ``kept``; into the others, readers may move them. ``suffix``
    ends the names of files.
    """

    written: str
    kept: tuple[str, ...]
    suffix: str = ""


MAILDIR = Layout("tmp", ("new", "cur"))
EML = Layout(".", (".",), ".eml")


class NotStored(Exception):
    """Something could not be written down; says why."""


def message_name(*identity: str | int) -> str:
    """Return the name of a message, 64 hexadecimal digits: whose it is and which one, hashed."""
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


class Incoming:
    """A message that is being written."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = 0
        """Its octets so far."""
        self._digest = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Add octets. Raises :class:`NotStored`."""
        with _writing():
            self.file.write(piece)
        self.size += len(piece)
        self._digest.update(piece)

    @property
    def digest(self) -> str:
        """The SHA-256 of its octets so far."""
        return self._digest.hexdigest()


class Folder:
    """Messages by their names; get one from :func:`open_folder`.

    The disk is used at once, not in threads: this process has nothing else to do, and no
    Ctrl-C comes in between.
    """

    def __init__(self, directory: Path, layout: Layout, record: Record) -> None:
        self._final = directory / layout.kept[0]
        self._suffix = layout.suffix
        self._part = directory / layout.written / _PART
        self._record = record
        self._part.unlink(missing_ok=True)  # somebody was killed
        for kept in layout.kept:
            self._adopt(directory / kept)

    def _adopt(self, directory: Path) -> None:
        """Record what is there already: a crash may have come before that."""
        sync_directory(directory)
        with os.scandir(directory) as entries:
            names = (_OURS.match(entry.name) for entry in entries)
            self._record.add(found[0] for found in names if found)

    def holds(self, name: str) -> bool:
        """Whether the message was stored for good, now or ever, wherever it is by now.

        Raises :class:`NotStored` if that can not be told.
        """
        with _writing():
            return name in self._record

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """Write a message, which goes away unless it is kept. Raises :class:`NotStored`."""
        with _writing():
            self._part.touch(mode=0o600, exist_ok=False)
            file = self._part.open("wb")
        try:
            yield Incoming(file)
        finally:
            with suppress(OSError):  # it may say again that the disk is full
                file.close()
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def keep(self, message: Incoming, name: str) -> None:
        """Store the message that is being written for good. Raises :class:`NotStored`."""
        with _writing():
            settle(message.file, self._part, self._final / f"{name}{self._suffix}")
            self._record.add([name])


@contextmanager
def open_folder(directory: Path, layout: Layout) -> Iterator[Folder]:
    """Open a folder, which is made if it does not exist, for this process alone.

    Raises :class:`Unusable`.
    """
    path = directory / _RECORD
    with ExitStack() as stack:
        with reading(directory):
            for name in (layout.written, *layout.kept):
                make_directory(directory / name)
            try:
                record = stack.enter_context(closing(Record(path)))
                folder = Folder(directory, layout, record)
            except sqlite3.Error as error:
                raise Unusable(_no_record(path, error)) from None
        yield folder


def _no_record(path: Path, error: sqlite3.Error) -> Failure:
    if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return Failure(
            f"Another mailproto fetch is writing into {path.parent}.",
            "Wait until it is done, or take another directory.",
        )
    return Failure(
        f"{path} can not be used: {error}.",
        "It remembers what was fetched. Without it, what still lies here is recognised by its "
        "name, and only what was moved elsewhere is fetched again: move the file away.",
    )


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotStored(error.strerror or str(error)) from None
    except sqlite3.Error as error:
        raise NotStored(str(error)) from None
