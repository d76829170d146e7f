"""Keywords as letters in file names, by the file ``dovecot-keywords`` that Dovecot made up.

Each folder has its own: lines of a number and a keyword, 0 for the letter ``a``. Dovecot writes it
while it holds the lock of its list of UIDs, and so do we.
"""

import os
import re
import string
from collections.abc import Collection, Iterable
from pathlib import Path

from mailproto.stores.disk import dot_lock, read_small, replace_file
from mailproto.stores.interface import StoreError
from mailproto.stores.maildir.names import FLAG_OF
from mailproto.stores.rules import check_keyword

__all__ = ["Keywords"]

_FILE = "dovecot-keywords"
_LOCK = "dovecot-uidlist.lock"
_LINE = re.compile(rb'([0-9]{1,4}) ([^\x00-\x20\x7f-\xff(){"\\%*\]]+)')
_LETTERS = string.ascii_lowercase
_PASSED = "P"


class Keywords:
    """The letters of a folder's flags."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp: str | None = None
        self._keywords: dict[int, str] = {}
        self._flag_of = FLAG_OF
        self._read: dict[str, frozenset[str]] = {}

    @property
    def names(self) -> Collection[str]:
        """All keywords that have a letter."""
        return [name for number, name in self._keywords.items() if number < len(_LETTERS)]

    def load(self) -> str:
        """Read the file if it has changed; return what tells one state of it from another."""
        try:
            status = os.lstat(self._folder / _FILE)
            stamp = f"{status.st_mtime_ns} {status.st_ino} {status.st_size}"
        except FileNotFoundError:
            stamp = ""
        if stamp != self._stamp:
            self._parse(read_small(self._folder / _FILE))
            self._stamp = stamp
        return stamp

    def _parse(self, data: bytes) -> None:
        """Take what makes sense; a keyword that has two letters keeps the first."""
        self._keywords = {}
        known = set()
        for line in data.split(b"\n"):
            found = _LINE.fullmatch(line)
            if found is None:
                continue
            number, name = int(found[1]), found[2].decode("ascii")
            if number not in self._keywords and name.lower() not in known:
                self._keywords[number] = name
                known.add(name.lower())
        self._flag_of = FLAG_OF | {
            _LETTERS[number]: name
            for number, name in self._keywords.items()
            if number < len(_LETTERS)
        }
        self._read = {}

    def flags(self, letters: str) -> frozenset[str]:
        """Return the flags that letters stand for; those that stand for nothing are passed over."""
        flags = self._read.get(letters)
        if flags is None:
            flags = frozenset(self._flag_of[each] for each in letters if each in self._flag_of)
            self._read[letters] = flags
        return flags

    def letters(self, flags: Iterable[str], before: str = "") -> str:
        """Return the letters of flags, each of which has one.

        Letters in ``before`` that stand for nothing are kept. ``$Forwarded`` is written as
        Dovecot does, as any other keyword, so that both see when it is removed; the P of other
        programs is read, and kept where there is no such keyword.
        """
        of = {FLAG_OF[_PASSED].lower(): _PASSED} | self._lettered()
        kept = [letter for letter in before if letter not in self._flag_of]
        wanted = [of[flag.lower()] for flag in flags if flag.lower() in of]
        return "".join((*kept, *wanted))

    def known(self, flags: Iterable[str]) -> frozenset[str]:
        """Return flags in the case in which the folder has them."""
        known = {flag.lower(): flag for flag in self._flag_of.values()}
        return frozenset(known.get(flag.lower(), flag) for flag in flags)

    def assign(self, flags: Iterable[str]) -> None:
        """See to it that every keyword has a letter.

        Raises :class:`StoreError` LIMIT if there are too many, CANNOT for what is no keyword.
        """
        if not self._missing(flags):
            return
        with dot_lock(self._folder / _LOCK):
            self.load()
            keywords = dict(self._keywords)
            for name in self._missing(flags):
                check_keyword(name)
                free = set(range(len(_LETTERS))) - set(keywords)
                if not free:
                    raise StoreError("LIMIT", f"a mailbox has at most {len(_LETTERS)} keywords")
                keywords[min(free)] = name
            lines = [f"{number} {name}\n" for number, name in sorted(keywords.items())]
            replace_file(self._folder / _FILE, "".join(lines).encode("ascii"))
            self.load()

    def _missing(self, flags: Iterable[str]) -> list[str]:
        lettered = self._lettered()
        missing = {flag.lower(): flag for flag in flags if flag.lower() not in lettered}
        return sorted(missing.values())

    def _lettered(self) -> dict[str, str]:
        return {flag.lower(): letter for letter, flag in self._flag_of.items() if letter != _PASSED}
