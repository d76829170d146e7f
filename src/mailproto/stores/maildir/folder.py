"""One folder of a Maildir: what is done to its files and to the index. All of it blocks.

Everything that changes something happens in a transaction of the index: files first, then the
directories are synced, then the index is committed. After a crash in between, the next scan finds
the files as they are: what was acknowledged is in them.
"""

import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from mailproto._durable import sync_directory
from mailproto._value import evolve, value
from mailproto.message.header import select_fields
from mailproto.stores.disk import copy_file, unique_name
from mailproto.stores.interface import FlagChange, MessageInfo, StoreError
from mailproto.stores.maildir.bulk import (
    REMEMBERED,
    Octets,
    beginning_of,
    gather,
    header_of,
    to_remember,
)
from mailproto.stores.maildir.content import open_message, size_of
from mailproto.stores.maildir.index import Entry, FolderRow, Index
from mailproto.stores.maildir.keywords import Keywords
from mailproto.stores.maildir.names import email_id_of, fields_of, join, new_base, split
from mailproto.stores.maildir.scan import PLACES, clean_tmp, list_folder, stamp
from mailproto.stores.rules import changed_flags

__all__ = ["Folder", "News", "Staged"]

_RESCAN = 1.0  # seconds after which a folder that has just changed is scanned again, at least
_SHARE = 10  # times what a scan takes
_SETTLED = 2.0  # seconds after which a change of a directory must show in its time stamp
_ATTEMPTS = 4
_TIME = re.compile(rb"([0-9]{1,12})\.(?:M([0-9]{1,6})P)?")  # seconds and microseconds

T = TypeVar("T")


@value
class Staged:
    """A message in ``tmp``; ``base`` is the name that it will have, the date is in seconds."""

    path: Path
    base: str
    size: int
    flags: frozenset[str]
    internal_date: float


@value
class News:
    """What has happened to a folder after a modseq, and where it stands.

    If it is ``whole``, it is all that is known: what was before is not worth anything.
    """

    row: FolderRow
    changed: Sequence[MessageInfo]
    expunged: Sequence[tuple[int, int]]
    whole: bool = False


class Folder:
    """A folder; ``number`` and ``uid_validity`` say which one the index means."""

    def __init__(self, root: Path, index: Index, row: FolderRow) -> None:
        self._root = root
        self._index = index
        self._number = row.id
        self._uid_validity = row.uid_validity
        self._path = root / row.name
        self._keywords = Keywords(self._path)
        self._seen: tuple[str, str] | None = row.listed, row.keywords
        """Stamps of the directories and of the keywords that the index agrees with."""
        self._settled = True
        """Whether a change after that must show in them."""
        self._again = 0.0  # when to look again unless it is settled
        clean_tmp(self._path)

    # Where it stands

    @property
    def path(self) -> Path:
        """Its directory."""
        return self._path

    @property
    def keywords(self) -> Collection[str]:
        """The keywords that have a letter."""
        return self._keywords.names

    def row(self) -> FolderRow:
        """Return its row in the index. Raises :class:`StoreError` NONEXISTENT."""
        row = self._index.folder(self._number)
        if row is None or row.uid_validity != self._uid_validity:
            raise StoreError("NONEXISTENT", "the mailbox is not there any more")
        if self._root / row.name != self._path:
            self._path = self._root / row.name
            self._keywords = Keywords(self._path)
            self._seen = None
        return row

    def news(self, since: int | None) -> News:
        """Return what has happened after a modseq; None: nobody wants to know it."""
        row = self.row()
        if since is None or row.modseq <= since:
            return News(row, (), ())
        whole = since <= row.forgotten
        after = 0 if whole else since
        return News(
            row,
            self._index.changed(self._number, after),
            self._index.expunged(self._number, after),
            whole,
        )

    def sync(self) -> None:
        """Notice what other programs have done, if anything has changed.

        Raises :class:`StoreError` NONEXISTENT if the directory is gone.
        """
        self.row()
        if self._stamps() == self._seen and (self._settled or time.monotonic() < self._again):
            return
        with self._changing():
            self._scan()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the write lock; if that ends badly, what the index knows is looked at again."""
        try:
            with self._index.writing():
                yield
        except BaseException:
            self._seen = None
            raise

    def _stamps(self) -> tuple[str, str]:
        try:
            return stamp(self._path), self._keywords.load()
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError("NONEXISTENT", "the mailbox is not there any more") from None

    def _own_change(self) -> None:
        """Take note of our own change, so that the folder need not be scanned for it at once."""
        if self._seen is not None:
            self._seen = stamp(self._path), self._seen[1]
        if self._settled:
            self._settled = False
            self._again = time.monotonic() + _RESCAN

    def _scan(self) -> None:
        begun = time.monotonic()
        listed, keywords = self._stamps()
        self._settled = self._is_old()
        listing = list_folder(self._path)
        known = self._index.places(self._number)
        found = [self._found(base, listing.places[base]) for base in _new(listing.places, known)]
        new = [entry for entry in found if entry is not None]
        moved = {
            uid: listing.places[base]
            for base, (uid, place) in known.items()
            if base in listing.places and listing.places[base] != place
        }
        gone = [uid for base, (uid, _) in known.items() if base not in listing.places]
        self._index.move_file(self._number, moved)
        if self.row().keywords == keywords:
            reread = self._index.entries(self._number, moved)
        else:
            reread = self._index.all_entries(self._number)
        self._record(new, self._reflagged(reread), gone if listing.complete else [])
        self._seen = listed, keywords
        self._settled = self._settled and listing.complete and len(new) == len(found)
        took = time.monotonic() - begun
        self._again = begun + took + max(_RESCAN, _SHARE * took)
        agreed = (listed if self._settled else "", keywords)
        row = self.row()
        if (row.listed, row.keywords) != agreed:
            self._index.agree(self._number, *agreed)

    def _is_old(self) -> bool:
        """Whether the last change is so long ago that another one has another time stamp."""
        newest = max(os.lstat(self._path / place).st_mtime for place in ("new", "cur"))
        return time.time() - newest > _SETTLED

    def _found(self, raw_base: bytes, raw_place: bytes) -> Entry | None:
        """Return the entry of a file that has come; None if it can not be read."""
        base, place = os.fsdecode(raw_base), os.fsdecode(raw_place)
        fields = fields_of(base)
        path = self._path / place
        try:
            status = os.lstat(path)
            if fields.verbatim:
                size = status.st_size
            elif fields.octets == status.st_size and fields.size is not None:
                size = fields.size
            else:
                size = size_of(path)
        except OSError:
            return None
        flags = self._keywords.flags(split(place)[1])
        dates = (status.st_mtime, status.st_ctime)
        return Entry(0, base, place, flags, size, *dates, email_id_of(base), 0)

    def _reflagged(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return those whose files say other flags, with them."""
        read = (
            evolve(entry, flags=self._keywords.flags(split(entry.place)[1])) for entry in entries
        )
        return [new for new, entry in zip(read, entries, strict=True) if new.flags != entry.flags]

    def _record(self, new: list[Entry], changed: list[Entry], gone: list[int]) -> None:
        """Write into the index what a scan has found."""
        if not (new or changed or gone):
            return
        modseq = self._index.next_modseq(self._number)
        self._index.update(self._number, [evolve(entry, modseq=modseq) for entry in changed])
        self._index.add(self._number, [evolve(entry, modseq=modseq) for entry in new])
        if gone:
            self._index.expunge(self._number, gone, modseq)

    # Messages

    def commit(self, staged: Sequence[Staged], check: Callable[[], None]) -> list[Entry]:
        """Put messages from ``tmp`` where they belong, all or none.

        ``check`` may raise; nobody else adds anything between that and the end.
        """
        with self._changing():
            self.row()
            check()
            self._stamps()
            self._keywords.assign({flag for message in staged for flag in message.flags})
            modseq = self._index.next_modseq(self._number)
            placed: list[Path] = []
            try:
                entries = [self._place(message, modseq, placed) for message in staged]
                self._sync_places(*(entry.place.partition("/")[0] for entry in entries))
                added = self._index.add(self._number, entries)
            except BaseException:
                for path in placed:
                    with suppress(OSError):
                        os.unlink(path)
                raise
            self._own_change()
        return added

    def _place(self, message: Staged, modseq: int, placed: list[Path]) -> Entry:
        flags = self._keywords.known(message.flags)
        name = f"new/{message.base}"
        if flags:
            name = f"cur/{join(message.base, self._keywords.letters(flags))}"
        os.rename(message.path, self._path / name)
        placed.append(self._path / name)
        return Entry(
            uid=0,
            base=message.base,
            place=name,
            flags=flags,
            size=message.size,
            internal_date=message.internal_date,
            save_date=time.time(),
            email_id=email_id_of(message.base),
            modseq=modseq,
        )

    def change_flags(
        self,
        uids: Collection[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None,
    ) -> list[int]:
        """Change flags; return the uids left alone because they changed after a modseq."""
        with self._changing():
            self.sync()
            entries = self._index.entries(self._number, uids)
            if unchanged_since is None:
                left_alone = []
            else:
                left_alone = [e.uid for e in entries if e.modseq > unchanged_since]
                entries = [e for e in entries if e.modseq <= unchanged_since]
            if entries and change is not FlagChange.REMOVE:
                self._keywords.assign(flags)
            wanted = self._keywords.known(flags)
            changed = []
            for entry in entries:
                done = self._with_file(entry.uid, lambda e: self._reflag(e, change, wanted))
                if done is not None:
                    changed.append(done)
            if changed:
                self._sync_places("cur", "new")
                modseq = self._index.next_modseq(self._number)
                self._index.update(self._number, [evolve(e, modseq=modseq) for e in changed])
                self._own_change()
        return left_alone

    def _reflag(self, entry: Entry, change: FlagChange, flags: frozenset[str]) -> Entry | None:
        new = changed_flags(entry.flags, change, flags)
        if new == entry.flags:
            return None
        base, before = split(entry.place.partition("/")[2])
        place = f"cur/{join(base, self._keywords.letters(new, before))}"
        os.rename(self._path / entry.place, self._path / place)
        return evolve(entry, place=place, flags=new)

    def expunge(self, uids: Iterable[int]) -> None:
        """Remove messages."""
        with self._changing():
            self.sync()
            gone = []
            for uid in uids:
                if self._with_file(uid, self._unlink):
                    gone.append(uid)
            self._forget(gone)

    def _unlink(self, entry: Entry) -> bool:
        os.unlink(self._path / entry.place)
        return True

    def _forget(self, gone: list[int]) -> None:
        if gone:
            self._sync_places("cur", "new")
            self._index.expunge(self._number, gone, self._index.next_modseq(self._number))
            self._own_change()

    def stage_copies(self, uids: Sequence[int], target: Path) -> list[tuple[int, Staged]]:
        """Link messages into the ``tmp`` of another folder, all or none."""
        self.sync()
        staged: list[tuple[int, Staged]] = []
        try:
            for uid in uids:
                copy = self._with_file(uid, lambda entry: self._stage(entry, target))
                if copy is not None:
                    staged.append((uid, copy))
        except BaseException:
            for _, message in staged:
                with suppress(OSError):
                    os.unlink(message.path)
            raise
        return staged

    def _stage(self, entry: Entry, target: Path) -> Staged:
        path = target / "tmp" / unique_name()
        copy_file(self._path / entry.place, path)
        return Staged(path, _copied(entry), entry.size, entry.flags, entry.internal_date)

    def move(self, uids: Sequence[int], target: "Folder") -> list[tuple[int, int]]:
        """Move messages to another folder of the account; each is in one of them at any time."""
        with self._changing(), target._changing():
            self.sync()
            target.sync()
            entries = self._index.entries(self._number, uids)
            target._keywords.assign({flag for entry in entries for flag in entry.flags})
            modseq = self._index.next_modseq(target._number)
            moved = []
            for entry in entries:
                done = self._with_file(entry.uid, lambda e: self._move(e, target, modseq))
                if done is not None:
                    moved.append((entry.uid, done))
            if not moved:
                return []
            target._sync_places("cur")
            added = self._index.add(target._number, [entry for _, entry in moved])
            target._own_change()
            self._forget([uid for uid, _ in moved])
        return [(uid, entry.uid) for (uid, _), entry in zip(moved, added, strict=True)]

    def _move(self, entry: Entry, target: "Folder", modseq: int) -> Entry:
        flags = target._keywords.known(entry.flags)
        base = _copied(entry)
        place = f"cur/{join(base, target._keywords.letters(flags))}"
        os.rename(self._path / entry.place, target._path / place)
        return evolve(
            entry, base=base, place=place, flags=flags, save_date=time.time(), modseq=modseq
        )

    def open(self, uid: int) -> tuple[Entry, BinaryIO]:
        """Open a message. Raises :class:`StoreError` NONEXISTENT, UNAVAILABLE."""
        self.row()
        opened = self._with_file(uid, lambda e: (e, open_message(self._path / e.place)))
        if opened is None:
            raise StoreError("NONEXISTENT", f"there is no message with uid {uid}")
        return opened

    def beginnings(self, uids: Sequence[int], length: int) -> Octets:
        """Return the first octets of each of these messages, as far as :func:`gather` does it."""

        def read(entry: Entry) -> bytes:
            file = open_message(self._path / entry.place)
            verbatim = fields_of(entry.base).verbatim
            return beginning_of(file, min(length, entry.size), verbatim=verbatim)

        self.row()
        return gather(uids, lambda uid: self._with_file(uid, read))

    def headers(self, uids: Sequence[int], names: Collection[str]) -> Octets:
        """Return the header fields with these names, as far as :func:`gather` does it."""

        def read(entry: Entry) -> bytes:
            file = open_message(self._path / entry.place)
            return header_of(file, entry.size, verbatim=fields_of(entry.base).verbatim)

        def fields(uid: int) -> bytes | None:
            header = known.get(uid)
            if header is None:
                header = self._with_file(uid, read)
                if header is None:
                    return None
                if suits and (fields := to_remember(header)) is not None:
                    new.append((uid, fields))
            return select_fields(header, names)

        self.row()
        suits = REMEMBERED.issuperset(names)
        known = self._index.headers(self._number, uids) if suits else {}
        new: list[tuple[int, bytes]] = []
        found = gather(uids, fields)
        if new:
            self._index.remember_headers(self._number, new)
        return found

    def file(self, uid: int) -> Path:
        """Return the file of a message. Raises :class:`StoreError` NONEXISTENT."""
        entry, file = self.open(uid)
        file.close()
        return self._path / entry.place

    def _with_file(self, uid: int, act: Callable[[Entry], T]) -> T | None:
        """Do something with the file of a message, which others may rename; None if it is gone."""
        for _ in range(_ATTEMPTS):
            (entry,) = self._index.entries(self._number, [uid]) or (None,)
            if entry is None:
                return None
            try:
                return act(entry)
            except FileNotFoundError:
                with self._changing():
                    self._scan()
        raise StoreError("UNAVAILABLE", "another program renames the message all the time")

    def _sync_places(self, *places: str) -> None:
        """Make names last: first where they came, then where they went, so that none is lost."""
        for place in PLACES:
            if place in places:
                sync_directory(self._path / place)


def _copied(entry: Entry) -> str:
    """Return the base name of a copy, which has the email id of the original."""
    return new_base(evolve(fields_of(entry.base), email_id=entry.email_id))


def _new(places: dict[bytes, bytes], known: dict[bytes, tuple[int, bytes]]) -> list[bytes]:
    """Return the base names that are new, in the order of arrival that they tell."""

    def arrival(base: bytes) -> tuple[int, int, bytes]:
        time = _TIME.match(base)
        return (int(time[1]), int(time[2] or 0), base) if time else (0, 0, base)

    return sorted(places.keys() - known.keys(), key=arrival)
