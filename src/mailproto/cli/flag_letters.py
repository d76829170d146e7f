"""The flags of IMAP as letters in the names of a Maildir's files."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mailproto.stores.interface import StoreError
from mailproto.stores.maildir.keywords import Keywords
from mailproto.stores.maildir.names import FLAG_OF

__all__ = ["FlagLetters"]

_TRASHED = "T"
_DELETED = FLAG_OF[_TRASHED].lower()
_STANDARD = {flag.lower() for flag in FLAG_OF.values()}
_SYSTEM = "\\"  # how flags begin that are no keywords


class FlagLetters:
    r"""The letters of flags in one Maildir.

    Keywords have those that Dovecot would give them, as long as there are letters left; others
    are not kept. ``\Deleted`` is not carried over: readers remove what has it, and whether a
    message is removed here is not for the server to say. What a reader marked so, stays so.
    Methods may raise ``OSError``.
    """

    def __init__(self, directory: Path) -> None:
        self._keywords = Keywords(directory)
        self._keywords.load()
        self._tried: set[str] = set()

    def letters(self, flags: Iterable[str], before: str = "") -> str:
        """Return the letters of flags, and of ``before`` those that flags have no say in."""
        carried = [flag for flag in flags if flag.lower() != _DELETED]
        for flag in carried:
            if not flag.startswith(_SYSTEM) and flag.lower() not in _STANDARD | self._tried:
                self._tried.add(flag.lower())
                with suppress(StoreError):  # no letter is left, or it is no keyword
                    self._keywords.assign([flag])
        if _TRASHED in before:
            carried.append(FLAG_OF[_TRASHED])
        return "".join(sorted(self._keywords.letters(carried, before)))
