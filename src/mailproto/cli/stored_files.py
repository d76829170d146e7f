"""The files of messages in a folder, found again to follow what happens on the server."""

import hashlib
import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from mailproto._durable import sync_directory
from mailproto.cli.flag_letters import FlagLetters
from mailproto.cli.layout import Layout
from mailproto.stores.maildir.names import join, split

__all__ = ["StoredFiles", "stored_names"]

_OURS = re.compile(r"[0-9a-f]{64}(?![0-9a-f])")  # readers of Maildirs add flags behind


def stored_names(directory: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each message in a directory with that of its file.

    Raises ``OSError``.
    """
    with os.scandir(directory) as entries:
        for entry in entries:
            found = _OURS.match(entry.name)
            if found and entry.is_file(follow_symlinks=False):
                yield found[0], entry.name


class StoredFiles:
    """The files by the names of their messages, as they were when this was made.

    A reader may move or remove them meanwhile: what is not where it was is passed over, and the
    methods say so. What they did lasts after :meth:`sync`. All raise ``OSError``.
    """

    def __init__(self, directory: Path, layout: Layout, flags: FlagLetters | None) -> None:
        self._places = {
            name: directory / kept / file
            for kept in layout.kept
            for name, file in stored_names(directory / kept)
        }
        self._flagged = directory / layout.flagged if layout.flagged is not None else None
        self._flags = flags
        self._touched: set[Path] = set()

    def mark(self, name: str, flags: Collection[str]) -> bool:
        """Give a message these flags; whether that changed any."""
        place = self._places.get(name)
        if place is None or self._flagged is None or self._flags is None:
            return False
        base, before = split(place.name)
        letters = self._flags.letters(flags, before)
        if set(letters) == set(before):
            return False
        return self._move(name, self._flagged / join(base, letters))

    def rename(self, old: str, new: str) -> bool:
        """Give a message another name."""
        place = self._places.get(old)
        if place is None or not self._move(old, place.with_name(place.name.replace(old, new, 1))):
            return False
        self._places[new] = self._places.pop(old)
        return True

    def _move(self, name: str, target: Path) -> bool:
        try:
            self._places[name].rename(target)
        except FileNotFoundError:
            return False
        self._touched |= {self._places[name].parent, target.parent}
        self._places[name] = target
        return True

    def remove(self, name: str) -> bool:
        """Remove a message."""
        place = self._places.pop(name, None)
        if place is None:
            return False
        try:
            place.unlink()
        except FileNotFoundError:
            return False
        self._touched.add(place.parent)
        return True

    def digests(self, names: Collection[str]) -> dict[str, list[str]]:
        """Return which of these messages have which content, by its SHA-256."""
        found: dict[str, list[str]] = {}
        for name in names:
            if name in self._places:
                with suppress(FileNotFoundError), self._places[name].open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    found.setdefault(digest, []).append(name)
        return found

    def sync(self) -> None:
        """Make what was done last."""
        while self._touched:
            sync_directory(self._touched.pop())
