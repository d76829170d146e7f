"""Names in a Maildir: of messages, with their flags, and of folders.

A message is ``cur/BASE:2,FLAGS`` or ``new/BASE``; BASE stays as long as it is in the folder.
Behind its first comma are fields: ``S=`` octets of the file, ``W=`` octets with CRLF line ends
(both as Dovecot and Courier have them), and of our own ``E=`` the email id where that is an older
message's, ``V`` if the file holds the octets as they were sent.
"""

import hashlib
import re

from mailproto._value import value
from mailproto.imap.mailbox_name import decode_mailbox, encode_mailbox
from mailproto.stores.disk import unique_name
from mailproto.stores.interface import StoreError
from mailproto.stores.rules import check_name

__all__ = [
    "DELIMITER",
    "FLAG_OF",
    "Fields",
    "fields_of",
    "folder_name",
    "join",
    "mailbox_name",
    "new_base",
    "split",
]

FLAG_OF = {
    "D": "\\Draft",
    "F": "\\Flagged",
    "P": "$Forwarded",
    "R": "\\Answered",
    "S": "\\Seen",
    "T": "\\Deleted",
}
"""Flags by their letters."""

DELIMITER = "/"
_INFO = ":2,"
_NUMBER = re.compile("[0-9]{1,18}")
_EMAIL_ID = re.compile("[A-Za-z0-9_-]{1,64}")
_MAX_FOLDER = 200  # octets, so that other programs have room for their temporary names


@value
class Fields:
    """The fields of a base name that mean something to us; None: not there."""

    octets: int | None = None
    size: int | None = None
    email_id: str | None = None
    verbatim: bool = False


def split(name: str) -> tuple[str, str]:
    """Return the base and the letters of the flags of a file's name."""
    base, _, info = name.partition(":")
    return base, info[2:].partition(",")[0] if info.startswith("2,") else ""


def join(base: str, letters: str) -> str:
    """Return the name of a file in ``cur``."""
    return f"{base}{_INFO}{''.join(sorted(set(letters)))}"


def fields_of(base: str) -> Fields:
    """Return the fields of a base name; what makes no sense is not there."""
    found = dict(field.partition("=")[::2] for field in base.split(",")[1:])
    return Fields(
        octets=_number(found.get("S", "")),
        size=_number(found.get("W", "")),
        email_id=_email_id(found.get("E", "")),
        verbatim="V" in found,
    )


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _email_id(text: str) -> str | None:
    return text if _EMAIL_ID.fullmatch(text) else None


def email_id_of(base: str) -> str:
    """Return the email id of a message: its own field, or made from its name."""
    own = base.partition(",")[0].encode("utf-8", "surrogateescape")
    return fields_of(base).email_id or f"M{hashlib.sha256(own).hexdigest()[:32]}"


def new_base(fields: Fields) -> str:
    """Return a base name that nobody had."""
    parts = [unique_name()]
    parts += [f"S={fields.octets}"] if fields.octets is not None else []
    parts += [f"W={fields.size}"] if fields.size is not None else []
    parts += [f"E={fields.email_id}"] if fields.email_id is not None else []
    parts += ["V"] if fields.verbatim else []
    return ",".join(parts)


def folder_name(mailbox: str) -> str:
    """Return the directory of a mailbox: "" for INBOX, else as in ``.Work.2026``.

    Raises :class:`StoreError` CANNOT if there is no such directory: levels must not be empty
    nor have a dot.
    """
    if mailbox == "INBOX":
        return ""
    if "" in mailbox.split(DELIMITER) or "." in mailbox:
        raise StoreError("CANNOT", f"{mailbox!r} can not be a folder of a Maildir")
    try:
        folder = _encode(mailbox)
    except ValueError as error:
        raise StoreError("CANNOT", str(error)) from None
    if len(folder.encode("utf-8", "surrogateescape")) > _MAX_FOLDER:
        raise StoreError("CANNOT", "the name is too long")
    if mailbox_name(folder) != mailbox:  # such as one that is INBOX in other case
        raise StoreError("CANNOT", f"{mailbox!r} can not be a folder of a Maildir")
    return folder


def mailbox_name(folder: str) -> str | None:
    """Return the mailbox that a directory is, None if its name does not say so."""
    if not folder:
        return "INBOX"
    raw = folder.encode("utf-8", "surrogateescape")
    levels = raw[1:].split(b".")
    if not raw.startswith(b".") or b"" in levels:
        return None
    name = DELIMITER.join(map(decode_mailbox, levels))
    try:
        check_name(name)
        return name if name != "INBOX" and _encode(name) == folder else None
    except (StoreError, ValueError):
        return None


def _encode(mailbox: str) -> str:
    encoded = b".".join(map(encode_mailbox, mailbox.split(DELIMITER)))
    return "." + encoded.decode("utf-8", "surrogateescape")
