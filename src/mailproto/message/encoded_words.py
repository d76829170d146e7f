"""Encoded words of headers (RFC 2047), decoded for search, sort and preview."""

import re
from itertools import groupby

from mailproto.message.charsets import decode
from mailproto.message.transfer import decode_transfer

__all__ = ["decode_words"]

# The charset may name a language behind an asterisk (RFC 2231 5).
_WORD = re.compile(r"=\?([^?\s]++)\?([bBqQ])\?([^?]*+)\?=")
_ENCODINGS = {"b": "base64", "q": "quoted-printable"}


def decode_words(text: str) -> str:
    """Decode the encoded words in an unfolded field, and raw octets that are not UTF-8.

    White space between encoded words is no text; a character may be cut by the border of two that
    have the same charset. What can not be decoded becomes U+FFFD. Never raises; linear.
    """
    if "=?" not in text:
        return _plain(text)
    pieces: list[tuple[str, bytes]] = []  # charset and octets; text in between has none
    at = 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        if between.strip(" \t") or not pieces or not pieces[-1][0]:
            pieces.append(("", between.encode("utf-8", "surrogateescape")))
        charset, encoding, word = found.groups()
        pieces.append((charset.lower(), _octets(encoding.lower(), word)))
        at = found.end()
    pieces.append(("", text[at:].encode("utf-8", "surrogateescape")))
    return "".join(
        decode(b"".join(data for _, data in same), charset)
        for charset, same in groupby(pieces, key=lambda piece: piece[0])
    )


def _plain(text: str) -> str:
    return text if text.isascii() else decode(text.encode("utf-8", "surrogateescape"), "utf-8")


def _octets(encoding: str, word: str) -> bytes:
    raw = word.encode("utf-8", "surrogateescape")
    return decode_transfer(
        raw.replace(b"_", b" ") if encoding == "q" else raw, _ENCODINGS[encoding]
    )
