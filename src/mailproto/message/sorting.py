"""What SORT and THREAD compare, beside dates and subjects (RFC 5256, RFC 5957)."""

import re
from collections.abc import Iterable, Sequence

from mailproto.imap.envelope import Address
from mailproto.message.casemap import casemap
from mailproto.message.encoded_words import decode_words
from mailproto.message.header import Field, fields

__all__ = [
    "THREAD_FIELDS",
    "display_key",
    "mailbox_key",
    "message_ids",
    "references",
    "references_of_fields",
]

THREAD_FIELDS = frozenset(("message-id", "references", "in-reply-to"))
"""The names of the fields by which messages refer to one another."""
_ID = re.compile(r'<((?:"(?:[^"\\<>]|\\[^<>])*+"|[^"<>])++)>')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_QUOTED_PAIR = re.compile(r"\\(.)")


def mailbox_key(addresses: Sequence[Address]) -> str:
    """What SORT by FROM, TO and CC compares: the mailbox of the first address, casemapped."""
    return casemap(addresses[0].mailbox or "") if addresses else ""


def display_key(addresses: Sequence[Address]) -> str:
    """What SORT by DISPLAYFROM and DISPLAYTO compares: name or address (RFC 5957 3), casemapped."""
    if not addresses:
        return ""
    first = addresses[0]
    return casemap(decode_words(first.name or "") or str(first))


def message_ids(text: str) -> tuple[str, ...]:
    """Return the message IDs in a field, without angle brackets and quoting (RFC 5256 3)."""
    return tuple(_QUOTED.sub(_unquote, raw).strip() for raw in _ID.findall(text))


def _unquote(found: re.Match[str]) -> str:
    return _QUOTED_PAIR.sub(r"\1", found[1])


def references(header: bytes) -> tuple[str, ...]:
    """Return the message IDs that a message refers to; see :func:`references_of_fields`."""
    return references_of_fields(fields(header))


def references_of_fields(given: Iterable[Field]) -> tuple[str, ...]:
    """Return the message IDs that a message refers to, its parent last (RFC 5256 3).

    These are those of References, or else the first one of In-Reply-To.
    """
    texts: dict[str, str] = {}
    for found in given:
        if found.name in ("references", "in-reply-to"):
            texts.setdefault(found.name, found.text)
    return message_ids(texts.get("references", "")) or message_ids(texts.get("in-reply-to", ""))[:1]
