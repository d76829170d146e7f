"""The ACL of a folder, in the file and format of Dovecot, which respects it, too. All of it blocks.

A line has an identifier and rights, as in ``user=bob lr``, ``anyone lr`` or ``-user=bob w``; an
identifier with spaces is quoted. Groups are not known here, nor are other kinds of identifiers: as
it can not be told then who may do what, nobody but the owner may do anything.
"""

import re
from pathlib import Path

from mailproto.stores.acl import ANYONE, NEGATIVE, Acl, parse_rights
from mailproto.stores.disk import read_small, replace_file
from mailproto.stores.interface import StoreError

__all__ = ["ACL_FILE", "read_acl", "write_acl"]

ACL_FILE = "dovecot-acl"

_MAX_FILE = 128 * 1024  # octets
_USER = "user="
_OWNER = re.compile("-?owner")  # whose rights are not kept here
_LINE = re.compile(r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^" ][^ ]*)) ?(?P<rights>[a-z]*)')
_QUOTED = re.compile(r'[ "\\]')


def read_acl(folder: Path) -> Acl:
    """Return the ACL of a folder, empty if there is none or it can not be understood."""
    try:
        return _parse(folder / ACL_FILE)
    except ValueError:
        return {}


def _parse(file: Path) -> Acl:
    """Raises ``ValueError`` if not all of it is understood."""
    content = read_small(file)
    if len(content) > _MAX_FILE or content[-1:] not in (b"", b"\n"):
        raise ValueError("the end is missing")
    acl = {}
    for line in content.decode().split("\n"):
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError("a line is not understood")
        quoted = found["quoted"]
        who = found["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        if not _OWNER.fullmatch(who):
            acl[_identifier(who)] = parse_rights(found["rights"])
    return acl


def write_acl(folder: Path, acl: Acl) -> None:
    """Write the ACL of a folder, durably.

    Raises :class:`StoreError` CANNOT if the one there is has something that would be lost.
    """
    try:
        _parse(folder / ACL_FILE)
    except ValueError as error:
        raise StoreError("CANNOT", f"the ACL that is there is not understood: {error}") from None
    lines = (f"{_written(who)} {''.join(sorted(rights))}\n" for who, rights in sorted(acl.items()))
    replace_file(folder / ACL_FILE, "".join(lines).encode())


def _identifier(written: str) -> str:
    """Return the identifier that is written like that, and in no other way."""
    negative = NEGATIVE if written.startswith(NEGATIVE) else ""
    identifier = negative + written.removeprefix(NEGATIVE).removeprefix(_USER)
    if _kind_and_name(identifier) != written:  # a group, or a user called anyone
        raise ValueError(f"the identifier {written[:40]!r} is not known here")
    return identifier


def _kind_and_name(identifier: str) -> str:
    negative = NEGATIVE if identifier.startswith(NEGATIVE) else ""
    who = identifier.removeprefix(NEGATIVE)
    return negative + (who if who == ANYONE else _USER + who)


def _written(identifier: str) -> str:
    written = _kind_and_name(identifier)
    if not _QUOTED.search(written):
        return written
    return '"' + re.sub(r'(["\\])', r"\\\1", written) + '"'
