"""The index of a Maildir: UIDs, modseqs and what was expunged, in SQLite. All of it blocks.

The files are the truth; the index remembers what they do not say, and header fields. Without it
(or with a broken one) the folders are numbered anew, under new UIDVALIDITYs. Whoever writes holds
the write lock of the database from before it looks at the files until after it has changed them, so
that several processes do not take one another's files for news.
"""

import os
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from mailproto._value import evolve, value
from mailproto.stores.interface import MessageInfo
from mailproto.stores.rules import uid_validity

__all__ = ["BROKEN", "Entry", "FolderRow", "Index"]

BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""The error codes of a database that is none any more."""

_VERSION = 3
_BUSY = 30.0  # seconds to wait for other processes
_MAX_EXPUNGED = 10_000
_FLAGS_REMEMBERED = 1024  # sets of flags that messages share
_LAST_SECOND = datetime.max.replace(tzinfo=UTC).timestamp() - 1
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS folder (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    mailbox_id TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL DEFAULT 1,
    modseq INTEGER NOT NULL DEFAULT 1,
    forgotten INTEGER NOT NULL DEFAULT 0,
    listed TEXT NOT NULL DEFAULT '',
    keywords TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS message (
    folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    base BLOB NOT NULL,
    place BLOB NOT NULL,
    flags TEXT NOT NULL,
    size INTEGER NOT NULL,
    internal_date REAL NOT NULL,
    save_date REAL NOT NULL,
    email_id TEXT NOT NULL,
    modseq INTEGER NOT NULL,
    PRIMARY KEY (folder, uid),
    UNIQUE (folder, base)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_changed ON message (folder, modseq);
CREATE TABLE IF NOT EXISTS expunged (
    folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    modseq INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    PRIMARY KEY (folder, modseq, uid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS header (
    folder INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    fields BLOB NOT NULL,
    PRIMARY KEY (folder, uid),
    FOREIGN KEY (folder, uid) REFERENCES message ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS total (octets INTEGER NOT NULL);
CREATE TRIGGER IF NOT EXISTS message_added AFTER INSERT ON message BEGIN
    UPDATE total SET octets = octets + new.size;
END;
CREATE TRIGGER IF NOT EXISTS message_removed AFTER DELETE ON message BEGIN
    UPDATE total SET octets = octets - old.size;
END;
DELETE FROM total;
INSERT INTO total SELECT coalesce(sum(size), 0) FROM message;
PRAGMA user_version = {_VERSION};
COMMIT;
"""


@value
class FolderRow:
    """A folder; ``modseq`` is the highest, expunges up to ``forgotten`` are not known.

    ``listed`` and ``keywords`` are the stamps of what the index agrees with.
    """

    id: int
    name: str
    mailbox_id: str
    uid_validity: int
    uid_next: int
    modseq: int
    forgotten: int
    listed: str
    keywords: str


@value
class Entry:
    """A message. ``place`` is its file, as in ``cur/BASE:2,S``; dates are seconds since 1970."""

    uid: int
    base: str
    place: str
    flags: frozenset[str]
    size: int
    internal_date: float
    save_date: float
    email_id: str
    modseq: int

    def info(self) -> MessageInfo:
        """Return what is told of it."""
        return MessageInfo(
            uid=self.uid,
            size=self.size,
            internal_date=_date(self.internal_date),
            flags=self.flags,
            modseq=self.modseq,
            email_id=self.email_id,
            save_date=_date(self.save_date),
        )


def _date(seconds: float) -> datetime:
    if not 0.0 <= seconds <= _LAST_SECOND:
        seconds = min(max(seconds, 0.0), _LAST_SECOND)
    return datetime.fromtimestamp(seconds, UTC)


def _text(flags: Iterable[str]) -> str:
    return " ".join(sorted(flags))


@lru_cache(_FLAGS_REMEMBERED)
def _flags_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FOLDER = "id, name, mailbox_id, uid_validity, uid_next, modseq, forgotten, listed, keywords"
_ENTRY = "uid, base, place, flags, size, internal_date, save_date, email_id, modseq"
_INFO = "uid, size, internal_date, flags, modseq, email_id, save_date"


def _folder(row: Any) -> FolderRow:
    number, name, *rest = row
    return FolderRow(number, os.fsdecode(name), *rest)


class Index:
    """The database beside the mail of one account; used by one thread at a time.

    All methods may raise ``sqlite3.Error``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in BROKEN:
                raise
        self._put_aside()
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            self._path, timeout=_BUSY, isolation_level=None, check_same_thread=False
        )
        try:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                database.close()
                self._put_aside()
                return self._connect()
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("PRAGMA recursive_triggers = ON")  # what REPLACE removes counts
            if version < _VERSION:  # what is new is added
                database.executescript(_SCHEMA)
        except BaseException:
            database.close()
            raise
        return database

    def _put_aside(self) -> None:
        """Keep what is broken for whoever wants to look at it."""
        os.replace(self._path, self._path.with_name(f"{self._path.name}.broken"))
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(f"{self._path}{suffix}")

    def start_again(self) -> None:
        """Put a broken index aside and begin an empty one."""
        self.close()
        self._put_aside()
        self._database = self._connect()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock; what is written lasts when this ends, or is undone if it raises."""
        if self._database.in_transaction:  # a part of a greater work
            yield
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # Folders

    def folders(self) -> list[FolderRow]:
        """Return all folders that are known."""
        return [_folder(row) for row in self._database.execute(f"SELECT {_FOLDER} FROM folder")]

    def folder(self, number: int) -> FolderRow | None:
        """Return a folder by its number."""
        query = f"SELECT {_FOLDER} FROM folder WHERE id = ?"
        row = self._database.execute(query, (number,)).fetchone()
        return None if row is None else _folder(row)

    def folder_named(self, name: str) -> FolderRow:
        """Return a folder by its directory; one that is new gets a UIDVALIDITY."""
        query = f"SELECT {_FOLDER} FROM folder WHERE name = ?"
        key = (os.fsencode(name),)
        row = self._database.execute(query, key).fetchone()
        if row is None:
            with self.writing():
                last = self._database.execute("SELECT max(uid_validity) FROM folder").fetchone()[0]
                self._database.execute(
                    "INSERT OR IGNORE INTO folder (name, mailbox_id, uid_validity)"
                    " VALUES (?, ?, ?)",
                    (*key, f"F{secrets.token_hex(12)}", uid_validity(last or 0)),
                )
                row = self._database.execute(query, key).fetchone()
        return _folder(row)

    def rename_folder(self, old: str, new: str) -> None:
        """Give a folder another directory; one that was remembered there is forgotten."""
        self.forget_folder(new)
        self._database.execute(
            "UPDATE folder SET name = ? WHERE name = ?", (os.fsencode(new), os.fsencode(old))
        )

    def forget_folder(self, name: str) -> None:
        """Forget a folder with its messages."""
        self._database.execute("DELETE FROM folder WHERE name = ?", (os.fsencode(name),))

    def agree(self, folder: int, listed: str, keywords: str) -> None:
        """Note the stamps of what the index agrees with; ``""`` if that is not sure."""
        self._database.execute(
            "UPDATE folder SET listed = ?, keywords = ? WHERE id = ?", (listed, keywords, folder)
        )

    # Messages

    def places(self, folder: int) -> dict[bytes, tuple[int, bytes]]:
        """Return uid and file of all messages, by their base names; octets, being many."""
        rows = self._database.execute(
            "SELECT base, uid, place FROM message WHERE folder = ?", (folder,)
        )
        return {base: (uid, place) for base, uid, place in rows}

    def entries(self, folder: int, uids: Iterable[int]) -> list[Entry]:
        """Return messages; uids that do not exist are passed over."""
        query = f"SELECT {_ENTRY} FROM message WHERE folder = ? AND uid = ?"
        rows = (self._database.execute(query, (folder, uid)).fetchone() for uid in uids)
        return [self._entry(row) for row in rows if row is not None]

    def all_entries(self, folder: int) -> list[Entry]:
        """Return all messages."""
        query = f"SELECT {_ENTRY} FROM message WHERE folder = ?"
        return [self._entry(row) for row in self._database.execute(query, (folder,))]

    def changed(self, folder: int, since: int) -> list[MessageInfo]:
        """Return the messages that changed after a modseq, by that."""
        query = f"SELECT {_INFO} FROM message WHERE folder = ?"
        if since:
            rows = self._database.execute(f"{query} AND modseq > ?", (folder, since))
        else:
            rows = self._database.execute(query, (folder,))
        found = [
            MessageInfo(uid, size, _date(internal), _flags_of(flags), modseq, email, _date(saved))
            for uid, size, internal, flags, modseq, email, saved in rows
        ]
        found.sort(key=attrgetter("modseq"))
        return found

    def expunged(self, folder: int, since: int) -> list[tuple[int, int]]:
        """Return (modseq, uid) of what was expunged after a modseq."""
        query = "SELECT modseq, uid FROM expunged WHERE folder = ? AND modseq > ? ORDER BY 1, 2"
        return self._database.execute(query, (folder, since)).fetchall()

    def _entry(self, row: Any) -> Entry:
        uid, base, place, text, *rest = row
        return Entry(uid, os.fsdecode(base), os.fsdecode(place), _flags_of(text), *rest)

    def next_modseq(self, folder: int) -> int:
        """Return the modseq of the changes that are being written."""
        self._database.execute("UPDATE folder SET modseq = modseq + 1 WHERE id = ?", (folder,))
        query = "SELECT modseq FROM folder WHERE id = ?"
        return int(self._database.execute(query, (folder,)).fetchone()[0])

    def add(self, folder: int, entries: Iterable[Entry]) -> list[Entry]:
        """Add messages, which get their uids in this order."""
        row = self._database.execute("SELECT uid_next FROM folder WHERE id = ?", (folder,))
        (uid_next,) = row.fetchone()
        added = [evolve(entry, uid=uid_next + at) for at, entry in enumerate(entries)]
        self._database.executemany(
            f"REPLACE INTO message (folder, {_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    folder,
                    entry.uid,
                    os.fsencode(entry.base),
                    os.fsencode(entry.place),
                    _text(entry.flags),
                    entry.size,
                    entry.internal_date,
                    entry.save_date,
                    entry.email_id,
                    entry.modseq,
                )
                for entry in added
            ),
        )
        self._database.execute(
            "UPDATE folder SET uid_next = ? WHERE id = ?", (uid_next + len(added), folder)
        )
        return added

    def update(self, folder: int, entries: Iterable[Entry]) -> None:
        """Write what has changed of messages: place, flags and modseq."""
        self._database.executemany(
            "UPDATE message SET place = ?, flags = ?, modseq = ? WHERE folder = ? AND uid = ?",
            (
                (os.fsencode(entry.place), _text(entry.flags), entry.modseq, folder, entry.uid)
                for entry in entries
            ),
        )

    def move_file(self, folder: int, places: Mapping[int, bytes]) -> None:
        """Note files that have other names, which is no change of their messages."""
        self._database.executemany(
            "UPDATE message SET place = ? WHERE folder = ? AND uid = ?",
            ((place, folder, uid) for uid, place in places.items()),
        )

    def expunge(self, folder: int, uids: Collection[int], modseq: int) -> None:
        """Forget messages; that they were expunged is remembered, for the last ten thousand."""
        rows = [(folder, modseq, uid) for uid in uids]
        self._database.executemany("INSERT INTO expunged VALUES (?, ?, ?)", rows)
        self._database.executemany(
            "DELETE FROM message WHERE folder = ? AND uid = ?", ((folder, uid) for uid in uids)
        )
        query = "SELECT count(*) FROM expunged WHERE folder = ?"
        (count,) = self._database.execute(query, (folder,)).fetchone()
        if count > _MAX_EXPUNGED:
            query = "SELECT modseq FROM expunged WHERE folder = ? ORDER BY 1 LIMIT 1 OFFSET ?"
            row = self._database.execute(query, (folder, count - _MAX_EXPUNGED // 2))
            (forgotten,) = row.fetchone()
            self._database.execute(
                "DELETE FROM expunged WHERE folder = ? AND modseq <= ?", (folder, forgotten)
            )
            self._database.execute(
                "UPDATE folder SET forgotten = ? WHERE id = ?", (forgotten, folder)
            )

    def octets(self) -> int:
        """Return the octets of all messages in all folders."""
        return int(self._database.execute("SELECT total(octets) FROM total").fetchone()[0])

    # Headers

    def headers(self, folder: int, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the header fields of messages that are remembered; at most 500 uids."""
        marks = ",".join("?" * len(uids))
        query = f"SELECT uid, fields FROM header WHERE folder = ? AND uid IN ({marks})"
        return dict(self._database.execute(query, (folder, *uids)))

    def remember_headers(self, folder: int, found: Iterable[tuple[int, bytes]]) -> None:
        """Remember header fields of those messages that are there still, if that can be done.

        It is not waited until they last, nor for who else writes: they can be read again.
        """
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("PRAGMA busy_timeout = 0")
        try:
            with suppress(sqlite3.OperationalError), self.writing():  # full, or locked
                self._database.executemany(
                    "INSERT OR IGNORE INTO header SELECT folder, uid, ? FROM message"
                    " WHERE folder = ? AND uid = ?",
                    ((fields, folder, uid) for uid, fields in found),
                )
        finally:
            self._database.execute(f"PRAGMA busy_timeout = {_BUSY * 1000:.0f}")
            self._database.execute("PRAGMA synchronous = FULL")
