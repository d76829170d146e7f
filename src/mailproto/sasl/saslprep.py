"""Preparation of names and passwords: stringprep profiles (RFC 3454).

SASLprep (RFC 4013) makes equal what users believe to be equal; the "trace" profile (RFC 4505,
section 3) checks what an anonymous client says about itself.
"""

import stringprep
import unicodedata
from collections.abc import Callable

from mailproto.sasl._interface import SaslError

__all__ = ["check_trace", "saslprep"]

_Table = Callable[[str], bool]

_TRACE_PROHIBITED: tuple[_Table, ...] = (
    stringprep.in_table_c21_c22,  # control characters
    stringprep.in_table_c3,  # private use
    stringprep.in_table_c4,  # non-characters
    stringprep.in_table_c5,  # surrogates
    stringprep.in_table_c6,  # inappropriate for plain text
    stringprep.in_table_c8,  # changing display, deprecated
    stringprep.in_table_c9,  # tagging
)
_SASLPREP_PROHIBITED: tuple[_Table, ...] = (
    *_TRACE_PROHIBITED,
    stringprep.in_table_c12,  # non-ASCII spaces
    stringprep.in_table_c7,  # inappropriate for canonical representation
)


def saslprep(text: str, *, allow_unassigned: bool = False) -> str:
    """Prepare a name or password (RFC 4013).

    By default ``text`` is a *stored string*; ``allow_unassigned=True`` makes it a *query
    string*, in which code points that Unicode 3.2 does not know are allowed (RFC 3454,
    section 7). The result may be empty. Raises SaslError if ``text`` is not permitted; the
    message does not quote it.
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in text
        if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    _check(prepared, _SASLPREP_PROHIBITED)
    if not allow_unassigned and any(map(stringprep.in_table_a1, prepared)):
        raise SaslError("a character is not assigned in Unicode 3.2 (RFC 4013 2.5)")
    return prepared


def check_trace(text: str) -> None:
    """Check trace information of ANONYMOUS (RFC 4505 3). Raises SaslError."""
    _check(text, _TRACE_PROHIBITED)


def _check(text: str, prohibited: tuple[_Table, ...]) -> None:
    """Refuse prohibited characters and mixed directions (RFC 3454 5 and 6)."""
    if any(table(char) for char in text for table in prohibited):
        raise SaslError("a character is prohibited (RFC 3454 5)")
    right_to_left = [stringprep.in_table_d1(char) for char in text]
    if not any(right_to_left):
        return
    if any(map(stringprep.in_table_d2, text)):
        raise SaslError("characters of both writing directions are mixed (RFC 3454 6)")
    if not (right_to_left[0] and right_to_left[-1]):
        raise SaslError("right-to-left text begins or ends with another character (RFC 3454 6)")
