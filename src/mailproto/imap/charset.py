"""The charsets of searches (RFC 9051 6.4.4): text to octets and back.

A short list, since Python knows codecs that a peer should not reach.
"""

from mailproto.errors import LocalProtocolError
from mailproto.imap.quoting import text_of
from mailproto.imap.write import octets

__all__ = ["decode_text", "encode_text", "is_known_charset"]

_UTF8 = ("utf-8", "us-ascii")
_CODECS = frozenset(
    (
        *(f"iso-8859-{part}" for part in range(1, 17) if part != 12),
        *(f"windows-{page}" for page in range(1250, 1259)),
        *("koi8-r", "koi8-u", "big5", "gb2312", "gbk", "gb18030", "euc-kr", "euc-jp"),
        *("shift_jis", "iso-2022-jp", "iso-2022-kr"),
    )
)


def is_known_charset(charset: str) -> bool:
    """Whether text in this charset is decoded; if not, a server answers NO [BADCHARSET]."""
    return charset.lower() in _UTF8 or charset.lower() in _CODECS


def decode_text(raw: bytes, charset: str | None) -> str:
    """Decode text of a search; None stands for UTF-8.

    Octets that are not UTF-8 become surrogate escapes, and so does all that is not ASCII or
    UTF-8 if the charset is not known. Raises :class:`ValueError` if the octets are none of
    another charset.
    """
    if charset is None or charset.lower() not in _CODECS:
        return text_of(raw)
    return raw.decode(charset)


def encode_text(text: str, charset: str | None) -> bytes:
    """Encode text of a search, as ``decode_text`` reads it. Raises :class:`LocalProtocolError`."""
    if charset is None or charset.lower() not in _CODECS:
        if charset is not None and charset.lower() == "us-ascii" and not text.isascii():
            raise LocalProtocolError("the text of this search is not US-ASCII")
        return octets(text)
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        raise LocalProtocolError(f"the text of this search can not be in {charset}") from None
