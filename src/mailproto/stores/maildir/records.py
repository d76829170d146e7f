"""Small files beside the mail: which mailboxes are subscribed, and annotations. It blocks.

Subscriptions are shared with Dovecot, in its format; annotations are our own.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

from mailproto.imap.mailbox_name import decode_mailbox, encode_mailbox
from mailproto.stores.disk import dot_lock, read_small, replace_file
from mailproto.stores.interface import StoreError
from mailproto.stores.maildir.names import DELIMITER
from mailproto.stores.rules import check_name, check_room

__all__ = ["read_annotations", "read_subscriptions", "subscribe", "write_annotations"]

_SUBSCRIPTIONS = "subscriptions"
_VERSION_2 = "V\t2\n\n"
_LONGEST = 1000  # octets of a line


def read_subscriptions(root: Path) -> set[str]:
    """Return the mailboxes that are subscribed; lines that make no sense are passed over."""
    text = read_small(root / _SUBSCRIPTIONS).decode("utf-8", "surrogateescape")
    separators = re.compile("\t" if text.startswith(_VERSION_2) else "[./]")
    lines = text.removeprefix(_VERSION_2).split("\n")
    return {name for line in lines if (name := _name(separators.split(line))) is not None}


def subscribe(root: Path, name: str, subscribed: bool) -> None:
    """Add or remove a subscription. Raises :class:`StoreError` CANNOT, INUSE, LIMIT."""
    if name != "INBOX" and _name(_line(name).split("\t")) != name:
        raise StoreError("CANNOT", f"{name!r} can not be subscribed")
    with dot_lock(root / f"{_SUBSCRIPTIONS}.lock"):
        names = read_subscriptions(root) - {name}
        if subscribed:
            check_room(names)
            names.add(name)
        lines = (f"{_line(each)}\n" for each in sorted(names))
        text = _VERSION_2 + "".join(lines)
        replace_file(root / _SUBSCRIPTIONS, text.encode("utf-8", "surrogateescape"))


def _line(name: str) -> str:
    """Return the line of a name. Raises :class:`StoreError` CANNOT if it can have none."""
    check_name(name)
    try:
        line = b"\t".join(map(encode_mailbox, name.split(DELIMITER)))
    except ValueError as error:
        raise StoreError("CANNOT", str(error)) from None
    if len(line) > _LONGEST:
        raise StoreError("CANNOT", "the name is too long")
    return line.decode("utf-8", "surrogateescape")


def _name(levels: Sequence[str]) -> str | None:
    """Return the name of a line; None if it makes no sense."""
    if "" in levels:
        return None
    raw = [level.encode("utf-8", "surrogateescape") for level in levels]
    name = DELIMITER.join(map(decode_mailbox, raw))
    if name.upper() == "INBOX":
        return "INBOX"
    try:
        return name if _line(name).split("\t") == [*levels] else None
    except StoreError:
        return None


def read_annotations(file: Path) -> Mapping[str, bytes]:
    """Return the annotations in a file; none if it is not there or makes no sense."""
    try:
        found = json.loads(read_small(file) or b"{}")
        return {entry: b64decode(octets, validate=True) for entry, octets in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def write_annotations(file: Path, annotations: Mapping[str, bytes]) -> None:
    """Write annotations, durably."""
    encoded = {entry: b64encode(octets).decode() for entry, octets in annotations.items()}
    replace_file(file, json.dumps(encoded, indent=1).encode())
