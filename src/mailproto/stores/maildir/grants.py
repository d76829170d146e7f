"""Who has granted something to whom, so that nobody's Maildir need be looked at in vain. It blocks.

The ACLs say what has been granted; here is an empty file for each user and each of those who have
granted the user something. It is there before the ACL says so, and taken away after that, so that
after a crash there may be one too many.
"""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from mailproto._durable import make_directory, sync_directory
from mailproto.stores.acl import ANYONE, NEGATIVE, Acl

__all__ = ["Grants", "grantees"]


def grantees(*acls: Acl) -> frozenset[str]:
    """Return the identifiers to which any of the ACLs grants something."""
    return frozenset(
        who
        for acl in acls
        for who, rights in acl.items()
        if rights and not who.startswith(NEGATIVE)
    )


class Grants:
    """The files in one directory. All methods may raise ``OSError``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def _of(self, identifier: str) -> Path:
        return self._directory / hashlib.sha256(identifier.encode()).hexdigest()[:40]

    def note(self, owner: str, identifiers: Iterable[str]) -> None:
        """Note that an owner grants something to each of these, durably."""
        for identifier in identifiers:
            file = self._of(identifier) / _file(owner)
            while not file.exists():
                make_directory(file.parent)
                with suppress(FileNotFoundError):  # somebody else has just removed the directory
                    file.touch()
                    sync_directory(file.parent)

    def forget(self, owner: str, identifiers: Iterable[str]) -> None:
        """Note that an owner grants nothing to these any more."""
        for identifier in identifiers:
            folder = self._of(identifier)
            (folder / _file(owner)).unlink(missing_ok=True)
            with suppress(OSError):  # of others there are some left
                folder.rmdir()

    def owners(self, user: str) -> frozenset[str]:
        """Return who grants something to a user, without the user."""
        files: list[str] = []
        for identifier in (user, ANYONE):
            try:
                files += os.listdir(self._of(identifier))
            except FileNotFoundError:
                continue
        return frozenset(map(unquote, files)) - {user}


def _file(owner: str) -> str:
    return quote(owner, safe="@+").replace(".", "%2E")
