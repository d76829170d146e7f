"""What a folder was given, and how far that went; one process at a time."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

__all__ = ["Record"]


class Record:
    """Names of messages, in an SQLite file that this process alone uses until :meth:`close`.

    Names are remembered after the messages left the folder. Of each mailbox that is mirrored it
    has the state in which it was last, and the names of messages that vanished from there while
    they may still be here; of those that were deleted there on purpose, as they are safe here, it
    knows that, too. What was added is remembered after any crash. All methods may raise
    ``sqlite3.Error``; its ``sqlite_errorcode`` is ``SQLITE_BUSY`` here if another process has
    the file.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            for statement in (
                "PRAGMA locking_mode = EXCLUSIVE",  # kept beyond each transaction
                "PRAGMA journal_mode = WAL",  # one write to the disk for each transaction
                "PRAGMA synchronous = FULL",
                "BEGIN EXCLUSIVE",
                "CREATE TABLE IF NOT EXISTS fetched (name TEXT PRIMARY KEY) WITHOUT ROWID",
                "CREATE TABLE IF NOT EXISTS states (mailbox TEXT PRIMARY KEY, state TEXT)"
                " WITHOUT ROWID",
                "CREATE TABLE IF NOT EXISTS vanished (mailbox TEXT, name TEXT,"
                " PRIMARY KEY (mailbox, name)) WITHOUT ROWID",
                "CREATE TABLE IF NOT EXISTS moved (name TEXT PRIMARY KEY) WITHOUT ROWID",
                "COMMIT",
            ):
                self._database.execute(statement)
        except BaseException:
            self._database.close()
            raise

    def add(self, names: Iterable[str]) -> None:
        """Remember names, all or none; known ones are passed over."""
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany(
                "INSERT OR IGNORE INTO fetched (name) VALUES (?)", ((name,) for name in names)
            )

    def rename(self, old: str, new: str) -> None:
        """Remember a message by a new name only."""
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute("DELETE FROM fetched WHERE name = ?", (old,))
            self._database.execute("INSERT OR IGNORE INTO fetched (name) VALUES (?)", (new,))

    def __contains__(self, name: str) -> bool:
        found = self._database.execute("SELECT 1 FROM fetched WHERE name = ?", (name,))
        return found.fetchone() is not None

    def state(self, mailbox: str) -> str | None:
        """Return what was last given to :meth:`settle` as the state, None if that never was."""
        query = "SELECT state FROM states WHERE mailbox = ?"
        found = self._database.execute(query, (mailbox,)).fetchone()
        return found[0] if found is not None else None

    def vanished(self, mailbox: str) -> list[str]:
        """Return the names of messages that vanished from there and were not removed here."""
        query = "SELECT name FROM vanished WHERE mailbox = ?"
        return [name for (name,) in self._database.execute(query, (mailbox,))]

    def forget_vanished(self, mailbox: str) -> None:
        """Forget what vanished from there: it was removed here, too."""
        self._database.execute("DELETE FROM vanished WHERE mailbox = ?", (mailbox,))

    def settle(self, mailbox: str, state: str, vanished: Iterable[str]) -> None:
        """Remember a state of a mailbox, with what vanished from there until then."""
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute(
                "INSERT OR REPLACE INTO states (mailbox, state) VALUES (?, ?)", (mailbox, state)
            )
            self._database.executemany(
                "INSERT OR IGNORE INTO vanished (mailbox, name) VALUES (?, ?)",
                ((mailbox, name) for name in vanished),
            )

    def move(self, names: Iterable[str]) -> None:
        """Remember that messages are going to be deleted from the server: this is the only copy."""
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany(
                "INSERT OR IGNORE INTO moved (name) VALUES (?)", ((name,) for name in names)
            )

    def is_moved(self, name: str) -> bool:
        """Whether :meth:`move` was told of a message."""
        found = self._database.execute("SELECT 1 FROM moved WHERE name = ?", (name,))
        return found.fetchone() is not None

    def close(self) -> None:
        """Let others have it."""
        self._database.close()
