"""How messages and mailboxes become files and directories: Maildirs, or ``.eml`` files.

What a name of a mailbox may not hold there is percent-encoded, so that two mailboxes never have
one directory and nobody's names lead elsewhere.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePath

from mailproto._value import value
from mailproto.imap.mailbox_name import encode_mailbox

__all__ = ["EML", "MAILDIR", "OWN", "Layout", "NoPlace"]

OWN = ".mailproto-fetch"
"""How our own files in a directory begin."""

_TOP = ["INBOX"]
_MAX_NAME = 200  # octets, so that other programs have room for their temporary names
_UNSAFE_IN_MAILDIR = re.compile(r"[%./]")
_UNSAFE_IN_DIRECTORY = re.compile(r'[%/\\<>:"|?*]|^\.|[. ]$|\.(?=eml$)', re.IGNORECASE)


class NoPlace(Exception):
    """A mailbox can not have a directory; says why."""


@value
class Layout:
    """The directories of a folder: where messages are written, and where they are kept.

    New ones come into the first of ``kept``; into the others, readers may move them. ``suffix``
    ends the names of files. ``flagged`` is where messages with flags in their names are kept;
    None: flags are not kept. ``marker`` is a file by which readers know a folder below the top.
    ``place`` makes of the levels of a mailbox's name the directory below the top, which itself
    is INBOX; it may raise :class:`NoPlace`.
    """

    written: str
    kept: tuple[str, ...]
    place: Callable[[Sequence[str]], PurePath]
    suffix: str = ""
    flagged: str | None = None
    marker: str | None = None


def _maildir_folder(levels: Sequence[str]) -> PurePath:
    """One directory for all levels, as ``.Work.2026``, in modified UTF-7 (Maildir++)."""
    if levels == _TOP:
        return PurePath()
    encoded = [encode_mailbox(_safe(level, _UNSAFE_IN_MAILDIR)).decode() for level in levels]
    return PurePath(_checked("." + ".".join(encoded)))


def _directory(levels: Sequence[str]) -> PurePath:
    """A directory for each level, as ``Work/2026``."""
    if levels == _TOP:
        return PurePath()
    return PurePath(_checked("/".join(_safe(level, _UNSAFE_IN_DIRECTORY) for level in levels)))


def _safe(level: str, unsafe: re.Pattern[str]) -> str:
    if not level:
        raise NoPlace("a level of its name is empty")
    return "".join(
        c if c.isprintable() else _percent(c)
        for c in unsafe.sub(lambda found: _percent(found[0]), level)
    )


def _percent(text: str) -> str:
    return "".join(f"%{octet:02X}" for octet in text.encode("utf-8", "surrogatepass"))


def _checked(name: str) -> str:
    if len(name.encode()) > _MAX_NAME:
        raise NoPlace("its name is too long")
    if name.lower().startswith(OWN):
        raise NoPlace("its name is that of a file of mailproto")
    return name


MAILDIR = Layout("tmp", ("new", "cur"), _maildir_folder, flagged="cur", marker="maildirfolder")
EML = Layout(".", (".",), _directory, suffix=".eml")
