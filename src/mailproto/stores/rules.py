"""What every store does the same way: names of mailboxes, flags, annotations, UIDVALIDITY."""

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sized
from unicodedata import is_normalized

from mailproto.imap.flags import canonical_flag
from mailproto.stores.acl import Acl, Rights
from mailproto.stores.interface import FlagChange, StoreError

__all__ = [
    "SPECIAL_USE",
    "SPECIAL_USES",
    "SYSTEM_FLAGS",
    "acl_with",
    "annotated",
    "attributes_of",
    "canonical_name",
    "changed_flags",
    "check_keyword",
    "check_length",
    "check_name",
    "check_room",
    "new_name",
    "new_names",
    "parent_of",
    "uid_validity",
    "uses_of",
]

SPECIAL_USE = "/private/specialuse"
"""The annotation that holds the attributes of a mailbox (RFC 6154 4)."""

SPECIAL_USES = frozenset(
    (r"\All", r"\Archive", r"\Drafts", r"\Flagged", r"\Important", r"\Junk", r"\Sent", r"\Trash")
)
"""What a mailbox may be for (RFC 6154 2, RFC 8457 3)."""

SYSTEM_FLAGS = (r"\Answered", r"\Flagged", r"\Deleted", r"\Seen", r"\Draft")
"""The flags with a backslash that a message can have: others may not be made up (RFC 9051 9)."""

_KEYWORD = re.compile(r'[^\x00-\x20\x7f-\U0010ffff(){"\\%*\]]+')
# RFC 9755 3; as they are, and as ``decode_mailbox`` escapes them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\udc00-\udc1f\udc7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_ACL = 64 * 1024  # octets that the ACL of one mailbox may have
_ACL_ENTRY = 32  # octets that an entry counts beside its identifier
_MAX_NAME = 1000  # octets of the name of a mailbox
_MAX_LEVELS = 30  # of a name
_MAX_MAILBOXES = 10_000  # of one user, and as many subscriptions
_MAX_ANNOTATIONS = 64 * 1024  # octets that the annotations of one mailbox may have, with names

_CHANGES: dict[FlagChange, Callable[[frozenset[str], frozenset[str]], frozenset[str]]] = {
    FlagChange.REPLACE: lambda old, flags: flags,
    FlagChange.ADD: lambda old, flags: old | flags,
    FlagChange.REMOVE: lambda old, flags: old - flags,
}


def changed_flags(
    old: frozenset[str], change: FlagChange, flags: Collection[str]
) -> frozenset[str]:
    """Return what a change makes of flags."""
    return _CHANGES[change](old, frozenset(flags))


def check_keyword(flag: str) -> None:
    """Raise :class:`StoreError` CANNOT unless a flag is a keyword (RFC 9051 9 ``flag-keyword``)."""
    if not _KEYWORD.fullmatch(flag):
        raise StoreError("CANNOT", f"the flag {flag[:40]} can not be kept")


def canonical_name(name: str, delimiter: str = "") -> str:
    """INBOX is the same in any case (RFC 9051 5.1), with ``delimiter`` also above other names."""
    found = name[:5].upper() == "INBOX" and name[5:6] in ("", delimiter)
    return f"INBOX{name[5:]}" if found else name


def check_name(name: str) -> None:
    """Raise :class:`StoreError` CANNOT if a name has controls, which not every client can send."""
    if _CONTROL.search(name):
        raise StoreError("CANNOT", f"{name!r} has control characters")


def check_length(name: str, delimiter: str) -> None:
    """Raise :class:`StoreError` LIMIT if a name is too long: LIST tells of all names above it."""
    if len(name.encode(errors="surrogatepass")) > _MAX_NAME:
        raise StoreError("LIMIT", f"the name of a mailbox has at most {_MAX_NAME} octets")
    if name.count(delimiter) >= _MAX_LEVELS:
        raise StoreError("LIMIT", f"the name of a mailbox has at most {_MAX_LEVELS} levels")


def check_room(names: Sized) -> None:
    """Raise :class:`StoreError` LIMIT if there is none for one more mailbox or subscription."""
    if len(names) >= _MAX_MAILBOXES:
        raise StoreError("LIMIT", f"there are at most {_MAX_MAILBOXES} mailboxes")


def new_name(name: str, delimiter: str) -> str:
    """Return the name that a mailbox will have. Raises :class:`StoreError` CANNOT, LIMIT.

    It has to be Net-Unicode without controls (RFC 9051 5.1, RFC 5198 2).
    """
    name = canonical_name(name.removesuffix(delimiter), delimiter)
    if "" in name.split(delimiter):
        raise StoreError("CANNOT", f"{name!r} can not be the name of a mailbox")
    check_name(name)
    check_length(name, delimiter)
    if _SURROGATE.search(name) or not is_normalized("NFC", name):
        raise StoreError("CANNOT", f"{name!r} is no Unicode in normalization form C")
    return name


def new_names(existing: Iterable[str], old: str, new: str, delimiter: str) -> dict[str, str]:
    """Return the new names of a mailbox and of those below it, by the names from before.

    ``existing`` are the names of all mailboxes. Raises :class:`StoreError` CANNOT, LIMIT,
    ALREADYEXISTS.
    """
    new = new_name(new, delimiter)
    below = old + delimiter
    if new.startswith(below):
        raise StoreError("CANNOT", f"the mailbox {new} would be below itself")
    existing = frozenset(existing)
    moves = {
        name: new + name[len(old) :] for name in existing if name == old or name.startswith(below)
    }
    for name in moves.values():
        check_length(name, delimiter)
        if name in existing:
            raise StoreError("ALREADYEXISTS", f"there is a mailbox {name} already")
    return moves


def parent_of(name: str, existing: Collection[str], delimiter: str) -> str | None:
    """Return the nearest existing mailbox above a name, None if there is none."""
    while (at := name.rfind(delimiter)) > 0:
        name = name[:at]
        if name in existing:
            return name
    return None


def acl_with(acl: Acl, identifier: str, rights: Rights | None) -> Acl:
    """Return an ACL with other rights of an identifier; None: without its entry.

    Raises :class:`StoreError` LIMIT if it would be too long.
    """
    changed = {who: what for who, what in acl.items() if who != identifier}
    if rights is not None:
        changed[identifier] = rights
    if sum(len(who.encode()) + _ACL_ENTRY for who in changed) > _MAX_ACL:
        raise StoreError("LIMIT", f"there is room for {_MAX_ACL} octets of an ACL")
    return changed


def annotated(
    annotations: Mapping[str, bytes], entries: Mapping[str, bytes | None]
) -> dict[str, bytes]:
    """Return annotations with some set and others (None) removed.

    Raises :class:`StoreError` LIMIT if they would be too long.
    """
    merged = {**annotations, **entries}
    kept = {entry: octets for entry, octets in merged.items() if octets is not None}
    if sum(len(entry) + len(octets) for entry, octets in kept.items()) > _MAX_ANNOTATIONS:
        raise StoreError("LIMIT", f"there is room for {_MAX_ANNOTATIONS} octets of annotations")
    return kept


def attributes_of(annotations: Mapping[str, bytes]) -> frozenset[str]:
    """Return the attributes of a mailbox that has these annotations: the uses that are known."""
    return SPECIAL_USES.intersection(uses_of(annotations.get(SPECIAL_USE) or b""))


def uses_of(annotation: bytes) -> tuple[str, ...]:
    """Return the special uses that an annotation names, known or not (RFC 6154 4)."""
    return tuple(map(canonical_flag, annotation.decode("ascii", "replace").split()))


_last_uid_validity = 0


def uid_validity(after: int = 0) -> int:
    """Return a UIDVALIDITY greater than ``after`` and all that this process has had.

    The time is in it, so that a later process begins with a greater one.
    """
    global _last_uid_validity
    _last_uid_validity = max(_last_uid_validity + 1, after + 1, int(time.time()))
    return _last_uid_validity
