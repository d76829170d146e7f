"""Which messages a folder was given, remembered after they left it; one process at a time."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

__all__ = ["Record"]


class Record:
    """Names of messages, in an SQLite file that this process alone uses until :meth:`close`.

    What was added is remembered after any crash. All methods may raise ``sqlite3.Error``; its
    ``sqlite_errorcode`` is ``SQLITE_BUSY`` here if another process has the file.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            for statement in (
                "PRAGMA locking_mode = EXCLUSIVE",  # kept beyond each transaction
                "PRAGMA synchronous = FULL",
                "BEGIN EXCLUSIVE",
                "CREATE TABLE IF NOT EXISTS fetched (name TEXT PRIMARY KEY) WITHOUT ROWID",
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

    def __contains__(self, name: str) -> bool:
        found = self._database.execute("SELECT 1 FROM fetched WHERE name = ?", (name,))
        return found.fetchone() is not None

    def close(self) -> None:
        """Let others have it."""
        self._database.close()
