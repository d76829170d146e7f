"""Small files beside the mail: which mailboxes are subscribed, and annotations. It blocks.

Subscriptions are shared with Dovecot, in its format; annotations are our own.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from mailproto.stores.disk import dot_lock, read_small, replace_file
from mailproto.stores.maildir.names import folder_name, mailbox_name

__all__ = ["read_annotations", "read_subscriptions", "subscribe", "write_annotations"]

_SUBSCRIPTIONS = "subscriptions"
_VERSION_2 = "V\t2\n\n"


def read_subscriptions(root: Path) -> set[str]:
    """Return the mailboxes that are subscribed; lines that make no sense are passed over."""
    text = read_small(root / _SUBSCRIPTIONS).decode("utf-8", "surrogateescape")
    separators = "\t" if text.startswith(_VERSION_2) else "./"
    names = set()
    for line in text.removeprefix(_VERSION_2).split("\n"):
        for separator in separators:
            line = line.replace(separator, ".")
        name = "INBOX" if line.upper() == "INBOX" else mailbox_name(f".{line}")
        if name is not None:
            names.add(name)
    return names


def subscribe(root: Path, name: str, subscribed: bool) -> None:
    """Add or remove a subscription. Raises :class:`StoreError` CANNOT, INUSE."""
    folder_name(name)
    with dot_lock(root / f"{_SUBSCRIPTIONS}.lock"):
        names = read_subscriptions(root)
        names = names | {name} if subscribed else names - {name}
        lines = (f"{_line(each)}\n" for each in sorted(names))
        text = _VERSION_2 + "".join(lines)
        replace_file(root / _SUBSCRIPTIONS, text.encode("utf-8", "surrogateescape"))


def _line(name: str) -> str:
    return folder_name(name)[1:].replace(".", "\t") or name


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
