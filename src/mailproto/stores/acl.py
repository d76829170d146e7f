r"""Access control lists: who may do what with a mailbox (RFC 4314 2).

An ACL holds rights by identifier. An identifier is the name of a user, or ``anyone``; one that
begins with a dash takes rights away. The owner of a mailbox has all rights, whatever the ACL says.
No I/O happens here.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

__all__ = [
    "ALL_RIGHTS",
    "ANYONE",
    "FLAG_RIGHTS",
    "NEGATIVE",
    "NO_RIGHTS",
    "WRITING_RIGHTS",
    "Acl",
    "Rights",
    "kept_flags",
    "parse_rights",
    "right_to_change",
    "rights_of",
    "write_rights",
]

Rights: TypeAlias = frozenset[str]
"""Letters of RFC 4314 2.1, never the obsolete ``c`` and ``d``."""

Acl: TypeAlias = Mapping[str, Rights]
"""Rights by identifier, without those of the owner."""

ANYONE = "anyone"
"""The identifier of all users."""

NEGATIVE = "-"
"""What identifiers of negative rights begin with."""

_ORDER = "lrswipkxtea"
ALL_RIGHTS: Rights = frozenset(_ORDER)
NO_RIGHTS: Rights = frozenset()
FLAG_RIGHTS: Rights = frozenset("swt")
"""Those to change flags; with all of them, any."""
WRITING_RIGHTS: Rights = FLAG_RIGHTS | frozenset("ie")
"""Those of which any makes a mailbox more than read-only (RFC 4314 5.2)."""

# The obsolete rights, and what they stand for (RFC 4314 2.1.1).
_OBSOLETE: Mapping[str, Rights] = {"c": frozenset("kx"), "d": frozenset("te")}

_FLAG_RIGHTS: Mapping[str, str] = {"\\seen": "s", "\\deleted": "t"}
_OTHER_FLAGS = "w"


def parse_rights(text: str) -> Rights:
    """Return the rights that a client names. Raises ``ValueError`` for a letter that is none."""
    rights: set[str] = set()
    for letter in text:
        meant = _OBSOLETE.get(letter, frozenset(letter))
        if not meant <= ALL_RIGHTS:
            raise ValueError(f"there is no right {letter!r}")
        rights |= meant
    return frozenset(rights)


def write_rights(rights: Rights) -> str:
    """Return rights as they are told, with the obsolete ones that older clients look for."""
    obsolete = "".join(letter for letter, members in _OBSOLETE.items() if members & rights)
    return "".join(letter for letter in _ORDER if letter in rights) + obsolete


def rights_of(acl: Acl, user: str) -> Rights:
    """Return what a user who is not the owner may do.

    Of the entries that grant something the one for the user alone counts, if there is one; what
    negative ones name is taken away.
    """
    granted = acl.get(ANYONE, NO_RIGHTS)
    if not user.startswith(NEGATIVE):  # which would be somebody else's negative rights
        granted = acl.get(user, granted)
    denied = acl.get(NEGATIVE + ANYONE, NO_RIGHTS) | acl.get(NEGATIVE + user, NO_RIGHTS)
    return granted - denied


def right_to_change(flag: str) -> str:
    """Return the right that setting or clearing a flag takes (RFC 4314 4)."""
    return _FLAG_RIGHTS.get(flag.lower(), _OTHER_FLAGS)


def kept_flags(flags: Iterable[str], rights: Rights) -> list[str]:
    """Return those of the flags that somebody with these rights may change."""
    return [flag for flag in flags if right_to_change(flag) in rights]
