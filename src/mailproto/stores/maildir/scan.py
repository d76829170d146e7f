"""What is in a folder now: its files, without looking into them. It blocks."""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from mailproto._value import value
from mailproto.stores.maildir.names import fields_of, new_base, split

__all__ = ["PLACES", "Listing", "clean_tmp", "list_folder", "stamp"]

_TMP_DELETE = 36 * 3600  # seconds, as Maildir says
_ATTEMPTS = 5
PLACES = ("cur", "new")
"""Where messages are; they go from ``new`` to ``cur``, never back."""


@value
class Listing:
    """The files of a folder by their base names, as in ``cur/BASE:2,S``; octets, being many.

    Unless it is ``complete``, names changed all the while, and what is missing may be there.
    """

    places: dict[bytes, bytes]
    complete: bool


def stamp(folder: Path) -> str:
    """Return what changes when a file comes, goes or is renamed. Raises ``OSError``."""
    return " ".join(str(os.lstat(folder / place).st_mtime_ns) for place in PLACES)


def list_folder(folder: Path) -> Listing:
    """List a folder. Raises ``OSError``.

    Links, directories and other things that are no files are passed over. A file that is renamed
    meanwhile can be seen twice or not at all: so it is done again until nothing changes. Two
    files that have the same base name after that are given different ones, two names of one file
    (a rename that was cut short) become one.
    """
    for _ in range(_ATTEMPTS):
        before = stamp(folder)
        places: dict[bytes, bytes] = {}
        twins = []
        for place in PLACES:
            prefix = place.encode() + b"/"
            with os.scandir(os.fsencode(folder / place)) as files:
                for file in files:
                    if file.name.startswith(b".") or not file.is_file(follow_symlinks=False):
                        continue
                    base = file.name.partition(b":")[0]
                    if base in places:
                        twins.append((places[base], prefix + file.name))
                    else:
                        places[base] = prefix + file.name
        if stamp(folder) != before:
            continue
        if not twins:
            return Listing(places, True)
        for first, second in twins:
            _separate(folder, os.fsdecode(first), os.fsdecode(second))
    return Listing(places, False)


def _separate(folder: Path, first: str, second: str) -> None:
    place, _, name = second.partition("/")
    base, _ = split(name)
    with suppress(FileNotFoundError):
        if os.path.samestat(os.lstat(folder / first), os.lstat(folder / second)):
            os.unlink(folder / second)
        else:
            other = new_base(fields_of(base)) + name[len(base) :]
            os.rename(folder / second, folder / place / other)


def clean_tmp(folder: Path) -> None:
    """Remove what deliveries left behind that were broken off long ago."""
    old = time.time() - _TMP_DELETE
    with suppress(OSError), os.scandir(folder / "tmp") as files:
        for file in files:
            with suppress(OSError):
                status = file.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode) and status.st_ctime < old:
                    os.unlink(file.path)
