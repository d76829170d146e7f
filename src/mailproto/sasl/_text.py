"""Text in SASL messages: UTF-8 with bounds, and the saslname escapes of SCRAM and GS2."""

import re
from typing import Final

from mailproto.sasl._interface import MAX_MESSAGE_SIZE, MAX_TEXT_SIZE, SaslError
from mailproto.sasl.saslprep import saslprep

__all__ = [
    "SASLNAME",
    "check_size",
    "decode",
    "encode",
    "escape_saslname",
    "prepare",
    "unescape_saslname",
]

SASLNAME: Final = r"(?:[^,=\0]|=2C|=3D)+"
"""RFC 5802 section 7, as a regular expression over str."""

_ESCAPES: Final = {"=": "=3D", ",": "=2C"}
_UNESCAPES: Final = {escape: char for char, escape in _ESCAPES.items()}


def check_size(message: bytes) -> None:
    """Refuse an overlong message of the peer. Raises SaslError."""
    if len(message) > MAX_MESSAGE_SIZE:
        raise SaslError(f"the message is longer than {MAX_MESSAGE_SIZE} bytes")


def encode(text: str, what: str, *, forbidden: str = "\0") -> bytes:
    """``text`` as UTF-8, to be sent.

    ``what`` names it in the SaslError that is raised if it is empty, too long, not encodable
    or contains one of the characters ``forbidden``.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise SaslError(f"the {what} cannot be encoded in UTF-8") from None
    if not 0 < len(data) <= MAX_TEXT_SIZE:
        raise SaslError(f"the {what} must have 1 to {MAX_TEXT_SIZE} bytes, not {len(data)}")
    if not set(forbidden).isdisjoint(text):
        raise SaslError(f"the {what} contains a character that this mechanism cannot send")
    return data


def decode(data: bytes, what: str) -> str:
    """Received UTF-8 as str. Raises SaslError, naming it ``what``, if it is not that."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise SaslError(f"the {what} is not UTF-8") from None


def prepare(text: str, what: str, *, stored: bool = False) -> str:
    """SASLprep of a name or password that must not become empty.

    A query string, or a stored string if ``stored``. Raises SaslError, naming it ``what``.
    """
    if len(text.encode(errors="replace")) > MAX_TEXT_SIZE:
        raise SaslError(f"the {what} is longer than {MAX_TEXT_SIZE} bytes")
    try:
        prepared = saslprep(text, allow_unassigned=not stored)
    except SaslError as error:
        raise SaslError(f"the {what} is not permitted: {error}") from None
    if not prepared:
        raise SaslError(f"the {what} is empty")
    return prepared


def escape_saslname(text: str) -> str:
    """Write ``,`` and ``=`` as ``=2C`` and ``=3D`` (RFC 5802 5.1)."""
    return re.sub("[=,]", lambda match: _ESCAPES[match[0]], text)


def unescape_saslname(text: str) -> str:
    """Undo :func:`escape_saslname`; ``text`` matches :data:`SASLNAME`."""
    return re.sub("=2C|=3D", lambda match: _UNESCAPES[match[0]], text)
