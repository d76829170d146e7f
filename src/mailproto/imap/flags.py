"""Flags of messages and attributes of mailboxes (RFC 9051 2.3.2, 7.3.1).

They are ``str``. Case does not matter in those that begin with a backslash; the known ones are
given as their RFC writes them.
"""

import re
from functools import lru_cache

__all__ = ["canonical_flag", "flags_of"]

_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){"\\%*\]]+')
_LONGEST_REMEMBERED = 128

_CANONICAL = {
    name.lower(): name
    for name in (
        # flags, RFC 9051 2.3.2
        *(r"\Answered", r"\Flagged", r"\Deleted", r"\Seen", r"\Draft", r"\Recent"),
        # attributes of LIST, RFC 9051 7.3.1, RFC 6154, RFC 8457
        *(r"\NonExistent", r"\Noinferiors", r"\Noselect", r"\Marked", r"\Unmarked"),
        *(r"\HasChildren", r"\HasNoChildren", r"\Subscribed", r"\Remote"),
        *(r"\All", r"\Archive", r"\Drafts", r"\Junk", r"\Sent", r"\Trash", r"\Important"),
    )
}


def canonical_flag(flag: str) -> str:
    """A flag or mailbox attribute with the case that its RFC gives it, if it is known."""
    return _CANONICAL.get(flag.lower(), flag) if flag[:1] == "\\" else flag


def flags_of(raw: bytes) -> tuple[str, ...]:
    """The flags within parentheses, one space between them. Raises :class:`ValueError`.

    The short lists, which repeat, are remembered.
    """
    return _remembered(raw) if len(raw) < _LONGEST_REMEMBERED else _split(raw)


def _split(raw: bytes) -> tuple[str, ...]:
    if not raw:
        return ()
    flags = []
    for flag in raw.split(b" "):
        if not _FLAG.fullmatch(flag):
            raise ValueError(f"not a flag: {flag[:40]!r}")
        flags.append(canonical_flag(flag.decode("ascii")))
    return tuple(flags)


_remembered = lru_cache(maxsize=1024)(_split)
