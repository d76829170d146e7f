"""Reads and writes ENVELOPE (RFC 9051 9 ``envelope``).

An envelope without literals and without anything odd is taken by one regular expression, its
address lists, which repeat from message to message, by a cache. The general reader behind it
knows what real servers send.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mailproto.imap.envelope import Address, Envelope
from mailproto.imap.quoting import PLAIN_QUOTED, UTF8_QUOTED, quoted_text, text_of, unescape
from mailproto.imap.scanner import Scanner
from mailproto.imap.shapes import Shape
from mailproto.imap.write import Writer

__all__ = ["ENVELOPE"]

_SECTION = "RFC 9051 7.5.2"
_LONGEST_REMEMBERED = 256


def _address_pattern(quoted: bytes, *, groups: bool) -> bytes:
    inner = b"(" + quoted[1:-1] + b")" if groups else quoted[1:-1]
    return rb"\(" + rb" ".join([b'(?:"' + inner + b'"|NIL)'] * 4) + rb"\)"


def _envelope_pattern(quoted: bytes) -> re.Pattern[bytes]:
    text = b'(?:"(' + quoted[1:-1] + b')"|NIL)'
    addresses = rb"(?:NIL|\(((?:" + _address_pattern(quoted, groups=False) + rb")++)\))"
    return re.compile(rb"\(" + b" ".join([text, text, *[addresses] * 6, text, text]) + rb"\)")


_ENVELOPE = {False: _envelope_pattern(PLAIN_QUOTED), True: _envelope_pattern(UTF8_QUOTED)}
_ADDRESS = re.compile(_address_pattern(UTF8_QUOTED, groups=True).decode())


def _read(scanner: Scanner) -> Envelope:
    found = _ENVELOPE[scanner.utf8].match(scanner.data, scanner.pos)
    if found is None:
        return _read_any(scanner)
    scanner.pos = found.end()
    date, subject, from_, sender, reply_to, to, cc, bcc, in_reply_to, message_id = found.groups()
    return Envelope(
        None if date is None else quoted_text(date),
        None if subject is None else quoted_text(subject),
        () if from_ is None else _addresses(from_),
        () if sender is None else _addresses(sender),
        () if reply_to is None else _addresses(reply_to),
        () if to is None else _addresses(to),
        () if cc is None else _addresses(cc),
        () if bcc is None else _addresses(bcc),
        None if in_reply_to is None else quoted_text(in_reply_to),
        None if message_id is None else quoted_text(message_id),
    )


def _addresses(raw: bytes) -> tuple[Address, ...]:
    return _remembered(raw) if len(raw) < _LONGEST_REMEMBERED else _split(raw)


def _split(raw: bytes) -> tuple[Address, ...]:
    text = text_of(raw)
    found = [parts.groups() for parts in _ADDRESS.finditer(text)]
    if "\\" in text:
        found = [tuple([part and unescape(part) for part in parts]) for parts in found]
    return tuple([Address(*parts) for parts in found])


_remembered = lru_cache(maxsize=1024)(_split)


# --- the general reader ---


def _read_any(scanner: Scanner) -> Envelope:
    wrapped = scanner.at(b"((")
    if wrapped:
        scanner.tolerate("parentheses around the envelope", _SECTION)
        scanner.pos += 1
    found: list[Any] = []
    if scanner.open():
        for read in _READERS:
            if found and not scanner.more():
                break
            found.append(read(scanner))
        if len(found) == len(_READERS):
            _skip_rest(scanner, "more than ten fields in an envelope")
        scanner.close()
    if len(found) < len(_READERS):
        scanner.tolerate("less than ten fields in an envelope", _SECTION)
    if wrapped:
        scanner.close()
    return Envelope(*found)


def _read_list(scanner: Scanner) -> tuple[Address, ...]:
    if scanner.nil():
        return ()
    if not scanner.open():
        scanner.tolerate("empty list of addresses", _SECTION)
        return ()
    addresses = []
    while True:
        if scanner.nil():
            scanner.tolerate("NIL in place of an address", _SECTION)
        else:
            addresses.append(_read_address(scanner))
        if scanner.at(b"("):
            continue
        if not scanner.more():
            break
        scanner.tolerate("space between addresses", _SECTION)
    scanner.close()
    return tuple(addresses)


def _read_address(scanner: Scanner) -> Address:
    parts: list[str | None] = []
    if scanner.open():
        parts.append(scanner.ntext())
        while len(parts) < 4 and scanner.more():
            parts.append(scanner.ntext())
        if len(parts) == 4:
            _skip_rest(scanner, "more than four parts in an address")
        scanner.close()
    if len(parts) < 4:
        scanner.tolerate("less than four parts in an address", _SECTION)
    return Address(*parts)


def _skip_rest(scanner: Scanner, what: str) -> None:
    while scanner.more():
        scanner.tolerate(what, _SECTION)
        scanner.generic()


_READERS: tuple[Callable[[Scanner], Any], ...] = (
    *(Scanner.ntext, Scanner.ntext),
    *([_read_list] * 6),
    *(Scanner.ntext, Scanner.ntext),
)


# --- writing ---


def _write(writer: Writer, envelope: Envelope) -> None:
    writer.raw(b"(")
    writer.ntext(envelope.date)
    writer.space()
    writer.ntext(envelope.subject)
    for addresses in (
        *(envelope.from_, envelope.sender, envelope.reply_to),
        *(envelope.to, envelope.cc, envelope.bcc),
    ):
        writer.space()
        _write_list(writer, addresses)
    writer.space()
    writer.ntext(envelope.in_reply_to)
    writer.space()
    writer.ntext(envelope.message_id)
    writer.raw(b")")


def _write_list(writer: Writer, addresses: tuple[Address, ...]) -> None:
    if not addresses:
        writer.raw(b"NIL")
        return
    writer.raw(b"(")
    for address in addresses:
        writer.listed((address.name, address.route, address.mailbox, address.host), writer.ntext)
    writer.raw(b")")


ENVELOPE: Shape[Envelope] = Shape(_read, _write)
