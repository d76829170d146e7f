"""Gmail's own search syntax, as far as it has a meaning here (X-GM-RAW of X-GM-EXT-1)."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from mailproto.imap import Query, Search
from mailproto.servers.session import log

__all__ = ["parse_raw"]

_TERM = re.compile(
    r"(?P<no>-)?(?:(?P<operator>[A-Za-z0-9_]+):)?(?:\"(?P<quoted>[^\"]*)\"|(?P<word>[^\s\"]+))"
)
_DAY = re.compile(r"([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})")
_AGE = re.compile(r"([0-9]{1,4})([dmy])")
_SIZE = re.compile(r"([0-9]{1,12})([kmKM]?)[bB]?")
_SECONDS = {"d": 86400, "m": 30 * 86400, "y": 365 * 86400}
_FACTORS = {"": 1, "k": 1024, "m": 1024 * 1024}

_PLACES: Mapping[str, Query] = {
    "anywhere": Search.all,
    "inbox": Search.gm_labels(r"\Inbox"),
    "sent": Search.gm_labels(r"\Sent"),
    "drafts": Search.gm_labels(r"\Draft"),
    "trash": Search.gm_labels(r"\Trash"),
    "spam": Search.gm_labels(r"\Junk"),
    "starred": Search.flagged,
}
_KINDS: Mapping[str, Query] = {
    "unread": Search.unseen,
    "read": Search.seen,
    "starred": Search.flagged,
    "important": Search.gm_labels(r"\Important"),
}


def _day(text: str) -> date:
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError
    return date(int(found[1]), int(found[2]), int(found[3]))


def _age(text: str) -> int:
    found = _AGE.fullmatch(text.lower())
    if found is None or not int(found[1]):
        raise ValueError
    return int(found[1]) * _SECONDS[found[2]]


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError
    return int(found[1]) * _FACTORS[found[2].lower()]


def _has(text: str) -> Query:
    if text.lower() != "attachment":
        raise ValueError
    return Search.header("Content-Type", "multipart/mixed")


# Each makes a query of its text, or raises ValueError or KeyError: then it is no operator.
_OPERATORS: Mapping[str, Callable[[str], Query]] = {
    "from": Search.from_,
    "to": Search.to,
    "cc": Search.cc,
    "bcc": Search.bcc,
    "subject": Search.subject,
    "list": lambda text: Search.header("List-Id", text),
    "deliveredto": lambda text: Search.header("Delivered-To", text),
    "rfc822msgid": lambda text: Search.header("Message-ID", text),
    "label": Search.gm_labels,
    "in": lambda text: _PLACES.get(text.lower()) or Search.gm_labels(text),
    "is": lambda text: _KINDS[text.lower()],
    "has": _has,
    "after": lambda text: Search.since(_day(text)),
    "newer": lambda text: Search.since(_day(text)),
    "before": lambda text: Search.before(_day(text)),
    "older": lambda text: Search.before(_day(text)),
    "older_than": lambda text: Search.older(_age(text)),
    "newer_than": lambda text: Search.younger(_age(text)),
    "larger": lambda text: Search.larger(_size(text)),
    "size": lambda text: Search.larger(_size(text)),
    "smaller": lambda text: Search.smaller(_size(text)),
}


def parse_raw(text: str) -> Query:
    """Return what a search in Gmail's syntax looks for: terms, ``-``, ``OR`` and operators.

    What is not understood is looked for as text.
    """
    required: list[Query] = []
    either = False
    for found in _TERM.finditer(text):
        if found["word"] == "OR" and required and not (found["no"] or found["operator"]):
            either = True
            continue
        query = _term(found)
        if either:
            query = required.pop() | query
            either = False
        required.append(query)
    return Search.all_of(*required)


def _term(found: re.Match[str]) -> Query:
    text = found["word"] if found["quoted"] is None else found["quoted"]
    query: Query
    try:
        query = _OPERATORS[(found["operator"] or "").lower()](text)
    except (KeyError, ValueError):
        operator = found["operator"]
        query = Search.text(text if operator is None else f"{operator}:{text}")
        if operator is not None:
            log.warning("%r means nothing in X-GM-RAW here; it is taken for text", found[0][:40])
    return ~query if found["no"] else query
