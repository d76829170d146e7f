"""Quoted strings and text (RFC 9051 4.3): patterns, escapes, decoding."""

import re
from functools import lru_cache

__all__ = [
    "PLAIN_QUOTED",
    "UTF8_QUOTED",
    "quoted_text",
    "quoted_word",
    "text_of",
    "unescape",
    "unquote",
]

_TEXT_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_LONGEST_REMEMBERED = 32

PLAIN_QUOTED = rb'"(?:[^"\\\r\n\x00\x80-\xff]++|\\["\\])*+"'
"""A quoted string in ASCII, for patterns that take a whole production at once."""

UTF8_QUOTED = rb'"(?:[^"\\\r\n\x00]++|\\["\\])*+"'
"""The same where UTF-8 is allowed."""


def unquote(raw: bytes) -> bytes:
    """Undo the escapes of a quoted string, its quotes being taken off."""
    return _ESCAPE.sub(rb"\1", raw) if b"\\" in raw else raw


def unescape(text: str) -> str:
    """As ``unquote``, for what is decoded already."""
    return _TEXT_ESCAPE.sub(r"\1", text)


def text_of(raw: bytes) -> str:
    """Decode UTF-8; octets that are none become surrogate escapes (PEP 383)."""
    return raw.decode("utf-8", "surrogateescape")


def quoted_text(raw: bytes) -> str:
    """The text of a quoted string, its quotes being taken off."""
    return (unquote(raw) if b"\\" in raw else raw).decode("utf-8", "surrogateescape")


_short_word = lru_cache(maxsize=512)(quoted_text)


def quoted_word(raw: bytes) -> str:
    """As ``quoted_text``, for words that come again and again: the short ones are remembered."""
    return _short_word(raw) if len(raw) < _LONGEST_REMEMBERED else quoted_text(raw)
