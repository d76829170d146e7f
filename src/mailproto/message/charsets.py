"""The charsets of mail (RFC 2045, RFC 2047): octets to text, never an error.

A short list, since Python knows codecs that a sender should not reach, and remembers every name
that it is asked for.
"""

import codecs
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache

__all__ = ["decode", "incremental_decoder"]

_FALLBACK = "utf_8"
_LONGEST_REMEMBERED = 64
_KNOWN = frozenset(
    (
        *("ascii", "utf_8", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_7", "latin_1"),
        *(f"iso8859_{part}" for part in range(2, 17) if part != 12),
        *(f"cp{page}" for page in (437, 850, 852, 855, 866, 874, 932, 949, 950)),
        *(f"cp{page}" for page in range(1250, 1259)),
        *("koi8_r", "koi8_u", "mac_roman", "mac_cyrillic", "tis_620"),
        *("big5", "big5hkscs", "gb2312", "gbk", "gb18030", "hz", "euc_kr", "johab"),
        *("euc_jp", "shift_jis", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_kr"),
    )
)
# Names that senders use beside those that Python knows, and the superset that they mean.
_MEANT = {
    "ascii": "utf_8",
    "ansi_x3.110_1983": "latin_1",
    "cp_850": "cp850",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso_8859_8_i": "iso8859_8",
    "unicode_1_1_utf_7": "utf_7",
    "x_sjis": "cp932",
    "x_gbk": "gb18030",
    "x_euc_jp": "euc_jp",
}


def _codec(charset: str) -> str:
    """The Python codec for a charset; for what is not known, or wrongly given, UTF-8."""
    name = normalize_encoding(charset.partition("*")[0].lower()) if charset.isascii() else ""
    name = aliases.get(name, name)
    name = _MEANT.get(name, name)
    return name if name in _KNOWN else _FALLBACK


_remembered = lru_cache(maxsize=256)(_codec)


def _codec_of(charset: str) -> str:
    return _remembered(charset) if len(charset) < _LONGEST_REMEMBERED else _codec(charset)


def decode(data: bytes, charset: str) -> str:
    """Decode text; octets that do not fit become U+FFFD, an unknown charset is taken for UTF-8."""
    return data.decode(_codec_of(charset), "replace")


def incremental_decoder(charset: str) -> codecs.IncrementalDecoder:
    """Return a decoder for text that comes in pieces, as ``decode`` does it."""
    return codecs.getincrementaldecoder(_codec_of(charset))("replace")
