"""Mailbox names as ``str``: modified UTF-7 or UTF-8 on the wire (RFC 3501 5.1.3, RFC 9755 3).

Names that are neither survive a round trip: each of their octets that can not stand for itself
becomes the lone surrogate U+DC00 + octet, as in PEP 383 but for ``&`` and controls as well.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from functools import lru_cache

__all__ = ["decode_mailbox", "encode_mailbox"]

_SHIFTED = re.compile("[^\x20-\x7e\udc01-\udcff]+|[\udc01-\udcff]|&")
_LONE_CR_LF = re.compile("[\udc0a\udc0d]")
_ESCAPED = re.compile("[\ud800-\udfff]")
_LONGEST_REMEMBERED = 128
_ESCAPE = {octet: 0xDC00 + octet for octet in range(256) if not 0x20 <= octet < 0x7F}


def decode_mailbox(raw: bytes, *, utf8: bool = False) -> str:
    """Return the name that ``raw`` stands for; any case of INBOX gives ``"INBOX"``.

    ``utf8`` says that names are sent in UTF-8 (IMAP4rev2, UTF8=ACCEPT).
    """
    if len(raw) == 5 and raw.upper() == b"INBOX":
        return "INBOX"
    if utf8:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return _escape(raw, b"")
    if b"&" not in raw and raw.isascii() and (plain := raw.decode("ascii")).isprintable():
        return plain
    try:
        return _decode_utf7(raw)
    except ValueError:
        return _escape(raw, b"&")


def encode_mailbox(name: str, *, utf8: bool = False) -> bytes:
    """Return the octets of a name.

    Raises :class:`ValueError` if it holds NUL, or surrogates that ``decode_mailbox`` never
    makes or that stand for CR or LF.
    """
    if name.isascii() and name.isprintable() and (utf8 or "&" not in name):
        return name.encode("ascii")
    if "\0" in name or _LONE_CR_LF.search(name):
        raise ValueError("a mailbox name can not hold NUL, CR or LF")
    try:
        if utf8:
            return b"".join(_utf8(part) for part in re.split(_ESCAPED_GROUP, name))
        return _SHIFTED.sub(_shift, name).encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError("not the name of a mailbox: it holds surrogates") from None


_ESCAPED_GROUP = re.compile("([\udc01-\udcff])")


def _utf8(part: str) -> bytes:
    return bytes([ord(part) - 0xDC00]) if _ESCAPED_GROUP.fullmatch(part) else part.encode()


def _shift(found: re.Match[str]) -> str:
    """Modified UTF-7 of what is no printable ASCII; an escaped octet as it was."""
    text = found[0]
    if text == "&":
        return "&-"
    if "\udc01" <= text[0] <= "\udcff":
        return chr(ord(text) - 0xDC00)
    encoded = b2a_base64(text.encode("utf-16-be"), newline=False)
    return f"&{encoded.rstrip(b'=').replace(b'/', b',').decode()}-"


def _decode_utf7(raw: bytes) -> str:
    """Raises :class:`ValueError` for what ``encode_mailbox`` would write in another way."""
    first, *shifted = raw.decode("ascii").split("&")
    parts = [first]
    for part in shifted:
        encoded, dash, plain = part.partition("-")
        if not dash:
            raise ValueError("& without -")
        if encoded and not parts[-1] and len(parts) > 1 and parts[-2] != "&":
            raise ValueError("two shifted parts in place of one")
        decode = _remembered if len(encoded) < _LONGEST_REMEMBERED else _decode_shifted
        parts.append(decode(encoded))
        parts.append(plain)
    if not "".join(parts[::2]).isprintable():
        raise ValueError("a control character that is not shifted")
    return "".join(parts)


def _decode_shifted(encoded: str) -> str:
    """What stands between ``&`` and ``-``."""
    padded = encoded.replace(",", "/") + "=" * (-len(encoded) % 4)
    try:
        text = a2b_base64(padded).decode("utf-16-be") if encoded else "&"
    except Base64Error as error:
        raise ValueError(str(error)) from None
    if encode_mailbox(text) != f"&{encoded}-".encode():
        raise ValueError("not as it is written")
    return text


_remembered = lru_cache(maxsize=1024)(_decode_shifted)


def _escape(raw: bytes, also: bytes) -> str:
    table = _ESCAPE | {octet: 0xDC00 + octet for octet in also}
    return raw.decode("latin-1").translate(table)
