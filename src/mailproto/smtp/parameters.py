"""The parameters of MAIL and RCPT as rows: one row per keyword, for both directions.

To add an extension's parameter, add a field to the command and a row here.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mailproto._value import value
from mailproto.smtp.commands import DeliverBy, Mtrk, OriginalRecipient, Parameter, Rrvs

__all__ = [
    "MAIL_PARAMETERS",
    "RCPT_PARAMETERS",
    "ParameterRow",
    "decode_parameters",
    "decode_xtext",
    "encode_parameters",
    "encode_xtext",
]


@value
class ParameterRow:
    """How one parameter is read and written."""

    field: str
    """The command's attribute."""
    extension: str
    """The EHLO keyword that has to be offered."""
    decode: Callable[[str | None], Any]
    """Raw value (None: no ``=``) to attribute; raises ValueError."""
    encode: Callable[[Any], str | None]
    """Attribute to raw value, None for a keyword alone; raises ValueError."""


_XTEXT = re.compile(r"(?:[!-*,-<>-~\u0080-\U0010ffff]|\+[0-9A-F]{2})*")
_HEXCHAR = re.compile(rb"\+([0-9A-F]{2})")
_EMBEDDED = re.compile(r"\\x\{([0-9A-F]{2,6})\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_VALUE = re.compile(r"[!-~\u0080-\U0010ffff]+")
_NUMBER = re.compile(r"[0-9]+")
_BY = re.compile(r"([+-]?[0-9]{1,9});([NR])(T?)", re.IGNORECASE | re.ASCII)
_PRIORITY = re.compile(r"-?[1-9]|0")
_MTRK = re.compile(r"([A-Za-z0-9+/]+={0,2})(?::([0-9]{1,9}))?")
_ORCPT = re.compile(r"([A-Za-z0-9.-]+);(.+)")
_SOLICIT = re.compile(r"[A-Za-z][A-Za-z0-9.:_-]*(?:,[A-Za-z][A-Za-z0-9.:_-]*)*")
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_RRVS = re.compile(r"([^;]+)(?:;([CR]))?", re.IGNORECASE | re.ASCII)
_NOTIFY = ("SUCCESS", "FAILURE", "DELAY")
_NOTIFY_LIST = re.compile(r"[A-Za-z,]+")


def encode_xtext(text: str) -> str:
    """Encode ``text`` as xtext (RFC 3461 4); UTF-8 passes through (RFC 6533 3).

    Raises ValueError if it holds control characters.
    """
    if _CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    return re.sub(r"[+= ]", lambda found: f"+{ord(found[0]):02X}", text)


def decode_xtext(text: str) -> str:
    """Decode xtext (RFC 3461 4).

    Octets outside ASCII are UTF-8. Raises ValueError if it is malformed or hides a control
    character, such as a CR.
    """
    if not _XTEXT.fullmatch(text):
        raise ValueError("not xtext")
    decoded = text
    if "+" in text:
        octets = _HEXCHAR.sub(lambda found: bytes((int(found[1], 16),)), text.encode())
        try:
            decoded = octets.decode()
        except UnicodeDecodeError:
            raise ValueError("xtext that is not UTF-8") from None
    if _CONTROL.search(decoded):
        raise ValueError("control characters in xtext")
    return decoded


def _flag(raw: str | None) -> bool:
    if raw is not None:
        raise ValueError("takes no value")
    return True


def _match(pattern: re.Pattern[str], raw: str | None) -> re.Match[str]:
    found = pattern.fullmatch(raw or "")
    if found is None:
        raise ValueError("malformed value")
    return found


def _number(digits: int, least: int = 0) -> Callable[[str | None], int]:
    def decode(raw: str | None) -> int:
        text = _match(_NUMBER, raw)[0]
        if len(text) > digits or int(text) < least:
            raise ValueError("number out of range")
        return int(text)

    return decode


def _choice(*choices: str) -> Callable[[str | None], str]:
    def decode(raw: str | None) -> str:
        if raw is None or not raw.isascii() or raw.upper() not in choices:
            raise ValueError(f"not one of {', '.join(choices)}")
        return raw.upper()

    return decode


def _xtext(raw: str | None) -> str:
    if not raw:
        raise ValueError("needs a value")
    return decode_xtext(raw)


def _decode_auth(raw: str | None) -> str:
    return "<>" if raw == "<>" else _xtext(raw)


def _encode_auth(mailbox: str) -> str:
    return "<>" if mailbox == "<>" else encode_xtext(mailbox)


def _decode_by(raw: str | None) -> DeliverBy:
    found = _match(_BY, raw)
    by = DeliverBy(int(found[1]), found[2].upper(), bool(found[3]))  # type: ignore[arg-type]
    if by.mode == "R" and by.seconds <= 0:
        raise ValueError("mode R needs a positive time")
    return by


def _encode_by(by: DeliverBy) -> str:
    return f"{by.seconds};{by.mode}{'T' if by.trace else ''}"


def _decode_date(raw: str | None) -> datetime:
    return datetime.fromisoformat(_match(_DATE_TIME, raw)[0].upper())


def _encode_date(date: datetime) -> str:
    if date.tzinfo is None:
        raise ValueError("the date needs a time zone")
    try:
        return date.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError("the date is out of range") from None


def _decode_solicit(raw: str | None) -> tuple[str, ...]:
    return tuple(_match(_SOLICIT, raw)[0].split(","))


def _decode_mtrk(raw: str | None) -> Mtrk:
    found = _match(_MTRK, raw)
    return Mtrk(found[1], int(found[2]) if found[2] else None)


def _encode_mtrk(mtrk: Mtrk) -> str:
    return mtrk.certifier if mtrk.timeout is None else f"{mtrk.certifier}:{mtrk.timeout}"


def _decode_notify(raw: str | None) -> tuple[str, ...]:
    words = tuple(_match(_NOTIFY_LIST, raw)[0].upper().split(","))
    if words != ("NEVER",) and not (set(words) <= set(_NOTIFY) and len(set(words)) == len(words)):
        raise ValueError("not NEVER or a list of SUCCESS, FAILURE, DELAY")
    return words


def _decode_orcpt(raw: str | None) -> OriginalRecipient:
    found = _match(_ORCPT, raw)
    address_type, address = found[1], decode_xtext(found[2])
    if address_type.lower() == "utf-8":
        address = _EMBEDDED.sub(lambda char: _character(int(char[1], 16)), address)
    return OriginalRecipient(address_type, address)


def _character(code: int) -> str:
    if code < 0x20 or code == 0x7F or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        raise ValueError("no such character")
    return chr(code)


def _encode_orcpt(orcpt: OriginalRecipient) -> str:
    address = orcpt.address
    if orcpt.address_type.lower() == "utf-8":
        # utf-8-addr-xtext, which also passes where SMTPUTF8 does not (RFC 6533 3).
        address = re.sub(r"[^!-\[\]-~]|[+=]", lambda c: f"\\x{{{ord(c[0]):02X}}}", address)
        return f"{orcpt.address_type};{address}"
    return f"{orcpt.address_type};{encode_xtext(address)}"


def _decode_rrvs(raw: str | None) -> Rrvs:
    found = _match(_RRVS, raw)
    return Rrvs(_decode_date(found[1]), (found[2] or "").upper() or None)  # type: ignore[arg-type]


def _encode_rrvs(rrvs: Rrvs) -> str:
    return _encode_date(rrvs.since) + (f";{rrvs.action}" if rrvs.action else "")


def _no_value(_: Any) -> None:
    return None


MAIL_PARAMETERS: dict[str, ParameterRow] = {
    "SIZE": ParameterRow("size", "SIZE", _number(20), str),
    "BODY": ParameterRow("body", "8BITMIME", _choice("7BIT", "8BITMIME", "BINARYMIME"), str),
    "SMTPUTF8": ParameterRow("smtputf8", "SMTPUTF8", _flag, _no_value),
    "AUTH": ParameterRow("auth", "AUTH", _decode_auth, _encode_auth),
    "RET": ParameterRow("ret", "DSN", _choice("FULL", "HDRS"), str),
    "ENVID": ParameterRow("envid", "DSN", _xtext, encode_xtext),
    "REQUIRETLS": ParameterRow("requiretls", "REQUIRETLS", _flag, _no_value),
    "BY": ParameterRow("by", "DELIVERBY", _decode_by, _encode_by),
    "MT-PRIORITY": ParameterRow(
        "mt_priority", "MT-PRIORITY", lambda raw: int(_match(_PRIORITY, raw)[0]), str
    ),
    "HOLDFOR": ParameterRow("holdfor", "FUTURERELEASE", _number(9, 1), str),
    "HOLDUNTIL": ParameterRow("holduntil", "FUTURERELEASE", _decode_date, _encode_date),
    "SOLICIT": ParameterRow("solicit", "NO-SOLICITING", _decode_solicit, ",".join),
    "MTRK": ParameterRow("mtrk", "MTRK", _decode_mtrk, _encode_mtrk),
    "CONPERM": ParameterRow("conperm", "CONPERM", _flag, _no_value),
}

RCPT_PARAMETERS: dict[str, ParameterRow] = {
    "NOTIFY": ParameterRow("notify", "DSN", _decode_notify, ",".join),
    "ORCPT": ParameterRow("orcpt", "DSN", _decode_orcpt, _encode_orcpt),
    "RRVS": ParameterRow("rrvs", "RRVS", _decode_rrvs, _encode_rrvs),
    "CONNEG": ParameterRow("conneg", "CONNEG", _flag, _no_value),
}


def decode_parameters(text: str, rows: dict[str, ParameterRow]) -> dict[str, Any]:
    """Decode ``KEYWORD=value KEYWORD ...`` to the fields of a command.

    Raises ValueError with a message for the peer. Source: RFC 5321 4.1.2.
    """
    fields: dict[str, Any] = {}
    extra: list[Parameter] = []
    seen: set[str] = set()
    for word in text.split(" "):
        keyword, equals, raw = word.partition("=")
        if not word:
            continue
        if not _KEYWORD.fullmatch(keyword) or (equals and not _VALUE.fullmatch(raw)):
            raise ValueError(f"malformed parameter {keyword[:40]}")
        name = keyword.upper()
        if name in seen:
            raise ValueError(f"parameter {name[:40]} given twice")
        seen.add(name)
        row = rows.get(name)
        if row is None:
            extra.append(Parameter(name, raw if equals else None))
            continue
        try:
            fields[row.field] = row.decode(raw if equals else None)
        except ValueError as error:
            raise ValueError(f"parameter {name}: {error}") from None
    if "holdfor" in fields and "holduntil" in fields:  # RFC 4865 4.2
        raise ValueError("both HOLDFOR and HOLDUNTIL")
    if extra:
        fields["extra"] = tuple(extra)
    return fields


def encode_parameters(command: Any, rows: dict[str, ParameterRow]) -> str:
    """Encode the parameters of ``command``, each with a space before it.

    Every one is decoded again before it goes out, so nothing malformed can be sent.
    Raises ValueError.
    """
    words = []
    for keyword, row in rows.items():
        attribute = getattr(command, row.field)
        if attribute is None or attribute is False:
            continue
        raw = row.encode(attribute)
        words.append(keyword if raw is None else f"{keyword}={raw}")
    words += [p.keyword if p.value is None else f"{p.keyword}={p.value}" for p in command.extra]
    if not words:
        return ""
    text = " ".join(words)
    decode_parameters(text, rows)
    if len(text.split(" ")) != len(words) or not all(words):
        raise ValueError("a parameter is empty or holds a space")
    return " " + text


def required_extensions(command: Any, rows: dict[str, ParameterRow]) -> list[tuple[str, str]]:
    """List (parameter keyword, EHLO keyword it needs) for each parameter of ``command``."""
    needed = [
        (keyword, row.extension)
        for keyword, row in rows.items()
        if getattr(command, row.field) not in (None, False)
    ]
    if getattr(command, "body", None) == "BINARYMIME":  # BODY belongs to two extensions
        needed = [(k, "BINARYMIME" if k == "BODY" else e) for k, e in needed]
    needed += [(parameter.keyword, parameter.keyword) for parameter in command.extra]
    return needed
