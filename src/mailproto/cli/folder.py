"""Where fetched messages are kept: each whole and for good, or not at all, and once."""

import errno
import hashlib
import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from mailproto._durable import make_directory, settle, sync_directory
from mailproto.cli.failures import Failure, Unusable, reading
from mailproto.cli.flag_letters import FlagLetters
from mailproto.cli.layout import OWN, Layout, NoPlace
from mailproto.cli.record import Record
from mailproto.cli.stored_files import StoredFiles, stored_names
from mailproto.stores.maildir.names import join

__all__ = [
    "Folder",
    "Incoming",
    "NotStored",
    "message_name",
    "open_folder",
    "writing",
]

_RECORD = f"{OWN}.sqlite"
_PART = f"{OWN}.part"  # there is one at a time

# What the name of a directory may be the reason for.
_BAD_NAME = (
    errno.EEXIST,
    errno.EILSEQ,
    errno.EINVAL,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
)


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
        with writing():
            self.file.write(piece)
        self.size += len(piece)
        self._digest.update(piece)

    def restart(self) -> None:
        """Forget all octets so far. Raises :class:`NotStored`."""
        if self.size:
            with writing():
                self.file.seek(0)
                self.file.truncate()
            self.size = 0
            self._digest = hashlib.sha256()

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
        self.directory = directory
        """Where it is."""
        self.record = record
        """What this folder and those above and below it remember."""
        self._layout = layout
        self._part = directory / layout.written / _PART
        self._part.unlink(missing_ok=True)  # somebody was killed
        for kept in layout.kept:
            self._adopt(directory / kept)

    def _adopt(self, directory: Path) -> None:
        """Record what is there already: a crash may have come before that."""
        sync_directory(directory)
        self.record.add(name for name, _ in stored_names(directory))

    def below(self, levels: Sequence[str]) -> "Folder":
        """Return the folder of a mailbox, by the levels of its name; it is made if need be.

        No link is followed on the way there. Raises :class:`NoPlace`, :class:`NotStored`.
        """
        place = self._layout.place(levels)
        if not place.parts:
            return self
        directory = self.directory
        with writing(), _placing():
            for part in place.parts:
                directory = _real_directory(directory / part)
            for part in (self._layout.written, *self._layout.kept):
                _real_directory(directory / part)
            if self._layout.marker is not None:
                marker = directory / self._layout.marker
                if not marker.is_symlink():
                    marker.touch(mode=0o600)
            return Folder(directory, self._layout, self.record)

    @property
    def identity(self) -> tuple[int, int]:
        """What no other directory has, whatever the system makes of names."""
        with writing():
            status = self.directory.stat()
        return status.st_dev, status.st_ino

    @property
    def keeps_flags(self) -> bool:
        """Whether flags are kept with the messages."""
        return self._layout.flagged is not None

    @cached_property
    def _flags(self) -> FlagLetters | None:
        return FlagLetters(self.directory) if self.keeps_flags else None

    def files(self) -> StoredFiles:
        """Find the files of messages. Raises :class:`NotStored`."""
        with writing():
            return StoredFiles(self.directory, self._layout, self._flags)

    def holds(self, name: str) -> bool:
        """Whether the message was stored for good, now or ever, wherever it is by now.

        Raises :class:`NotStored` if that can not be told.
        """
        with writing():
            return name in self.record

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """Write a message, which goes away unless it is kept. Raises :class:`NotStored`."""
        with writing():
            self._part.touch(mode=0o600, exist_ok=False)
            file = self._part.open("wb")
        try:
            yield Incoming(file)
        finally:
            with suppress(OSError):  # it may say again that the disk is full
                file.close()
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def keep(
        self,
        message: Incoming,
        name: str,
        flags: Collection[str] = (),
        arrived: datetime | None = None,
    ) -> None:
        """Store the message that is being written for good, with flags if the layout has them.

        The file gets the date, as Maildirs have that of arrival. Raises :class:`NotStored`.
        """
        layout = self._layout
        with writing():
            if arrived is not None:
                _date(message.file, arrived)
            letters = self._flags.letters(flags) if self._flags is not None else ""
            final = self.directory / layout.kept[0] / f"{name}{layout.suffix}"
            if letters and layout.flagged is not None:
                final = self.directory / layout.flagged / join(name, letters)
            settle(message.file, self._part, final)
            self.record.add([name])


def _date(file: BinaryIO, arrived: datetime) -> None:
    file.flush()
    with suppress(OSError, OverflowError):  # a date that no file can have
        os.utime(file.fileno(), (arrived.timestamp(),) * 2)


def _real_directory(path: Path) -> Path:
    """Make a directory, which may be there, but not as a link to elsewhere."""
    if path.is_symlink():
        raise NoPlace(f"{path} is a link")
    make_directory(path)
    return path


@contextmanager
def _placing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _BAD_NAME:
            raise
        raise NoPlace(f"{error.filename}: {error.strerror}") from None


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
def writing() -> Iterator[None]:
    """Turn what goes wrong on the disk into :class:`NotStored`."""
    try:
        yield
    except OSError as error:
        raise NotStored(error.strerror or str(error)) from None
    except sqlite3.Error as error:
        raise NotStored(str(error)) from None
