"""The writers of the grammar's terminals: values to fragments (RFC 9051 9).

A command or response is a list of fragments, ``bytes | Literal``, so that whoever sends it can
wait at a literal, or stream it. The form of a string is chosen here and nowhere else: atom,
quoted or literal. NUL, CR and LF never leave inside an argument.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from mailproto.errors import LocalProtocolError
from mailproto.imap.dates import format_date_time
from mailproto.imap.mailbox_name import encode_mailbox
from mailproto.imap.numbers import MAX_NUMBER, MAX_NUMBER64, number_or_atom
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.values import GenericValue, Literal

__all__ = ["Fragment", "Writer", "join_fragments", "octets"]

Fragment: TypeAlias = bytes | Literal

_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\%*\]]+')
_ASTRING = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\%*]+')
_TAG = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\%*+]+')
_PATTERN = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){"\\%*\]]+')
_GENERIC_ATOM = re.compile(rb'(?:[^\x00-\x20\x7f-\xff(){"\[\]]++|\[[^\]\r\n"{\x00\x7f-\xff]*\])++')
_QUOTABLE = re.compile(rb"[^\x00\r\n\x80-\xff]*")
_QUOTABLE_UTF8 = re.compile(rb"[^\x00\r\n]*")
_LINE = re.compile(rb"[^\x00\r\n]*")
_MOST_REMEMBERED = 16  # flags of one list
_LONGEST_QUOTED = 1024


def octets(text: str) -> bytes:
    """The octets of text, as ``text_of`` decoded it; raises :class:`LocalProtocolError`."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise LocalProtocolError(f"not Unicode text: {text[:40]!r}") from None


class Writer:
    """Gathers the fragments of one command or response.

    ``utf8`` says that the peer takes UTF-8 in quoted strings and mailbox names. Every method
    raises :class:`LocalProtocolError` for what can not be sent.
    """

    __slots__ = ("_fragments", "_text", "utf8")

    def __init__(self, *, utf8: bool = False) -> None:
        self.utf8 = utf8
        self._text: list[bytes] = []
        self._fragments: list[Fragment] = []

    def fragments(self) -> list[Fragment]:
        """Everything written so far; adjacent bytes are joined."""
        if self._text:
            self._fragments.append(b"".join(self._text))
            self._text.clear()
        return self._fragments

    # --- punctuation and words ---

    def raw(self, data: bytes) -> None:
        """Bytes as they are: punctuation and words of the grammar, never an argument."""
        self._text.append(data)

    def space(self) -> None:
        """One space."""
        self._text.append(b" ")

    def end(self) -> None:
        """CRLF."""
        self._text.append(b"\r\n")

    def atom(self, text: str) -> None:
        """An atom."""
        self._word(_ATOM, text, "an atom")

    def tag(self, text: str) -> None:
        """A command's tag."""
        self._word(_TAG, text, "a tag")

    def flag(self, text: str) -> None:
        """A flag or mailbox attribute."""
        self._word(_FLAG, text, "a flag")

    def flags(self, flags: Iterable[str]) -> None:
        """Flags in parentheses."""
        given = tuple(flags)
        write = _flags if len(given) > _MOST_REMEMBERED else _remembered_flags
        self._text.append(write(given))

    def permanent_flags(self, flags: Iterable[str]) -> None:
        r"""Flags in parentheses, with ``\*`` among them."""
        self.listed(flags, lambda flag: self.raw(b"\\*") if flag == "\\*" else self.flag(flag))

    def _word(self, pattern: re.Pattern[bytes], text: str, what: str) -> None:
        raw = octets(text)
        if pattern.fullmatch(raw) is None:
            raise LocalProtocolError(f"not {what}: {text[:40]!r}")
        self._text.append(raw)

    def line(self, text: str) -> None:
        """Text up to the end of the line (RFC 9051 9 ``text``)."""
        raw = octets(text)
        if _LINE.fullmatch(raw) is None:
            raise LocalProtocolError("text can not hold NUL, CR or LF")
        if not (self.utf8 or raw.isascii()):
            raise LocalProtocolError("text outside ASCII needs UTF-8 to be enabled")
        self._text.append(raw)

    def number(self, number: int, maximum: int = MAX_NUMBER, least: int = 0) -> None:
        """A number."""
        if not least <= number <= maximum:
            raise LocalProtocolError(f"{number} is not within {least} and {maximum}")
        self._text.append(b"%d" % number)

    def nz_number(self, number: int) -> None:
        """A number from 1 to 4,294,967,295."""
        self.number(number, least=1)

    def number64(self, number: int) -> None:
        """A number of 63 bits."""
        self.number(number, MAX_NUMBER64)

    def sequence_set(self, numbers: SequenceSet) -> None:
        """A sequence set that is not empty, in its own order."""
        if not numbers:
            raise LocalProtocolError("a sequence set can not be empty")
        self._text.append(str(numbers).encode())

    def date_time(self, moment: datetime) -> None:
        """A date-time with its quotes."""
        try:
            self._text.append(b'"%b"' % format_date_time(moment))
        except ValueError as error:
            raise LocalProtocolError(str(error)) from None

    # --- strings ---

    def string(self, data: bytes) -> None:
        """A string that may have several lines: quoted if possible, else a literal."""
        quotable = _QUOTABLE_UTF8 if self.utf8 and _is_utf8(data) else _QUOTABLE
        if len(data) <= _LONGEST_QUOTED and quotable.fullmatch(data):
            self._text.append(b'"%b"' % data.replace(b"\\", b"\\\\").replace(b'"', b'\\"'))
        else:
            self.literal(Literal(len(data), data))

    def nstring(self, data: bytes | None) -> None:
        """A string or NIL."""
        if data is None:
            self._text.append(b"NIL")
        else:
            self.string(data)

    def astring(self, data: bytes) -> None:
        """An argument of one line: an atom if possible, else a string."""
        if b"\r" in data or b"\n" in data:
            raise LocalProtocolError("an argument can not hold CR or LF")
        if _ASTRING.fullmatch(data) and data.upper() != b"NIL":
            self._text.append(data)
        else:
            self.string(data)

    def text(self, text: str) -> None:
        """Text as a string."""
        self.string(octets(text))

    def ntext(self, text: str | None) -> None:
        """Text as a string, or NIL."""
        self.nstring(None if text is None else octets(text))

    def atext(self, text: str) -> None:
        """Text as an argument of one line."""
        self.astring(octets(text))

    def content(self, data: bytes | Literal | None, *, binary: bool = False) -> None:
        """The content of a message: a literal, or NIL; a literal8 if ``binary`` needs one."""
        if isinstance(data, Literal):
            self.literal(data)
        elif data is None:
            self._text.append(b"NIL")
        elif not binary and b"\0" in data:
            raise LocalProtocolError("content with NUL can only be sent as BINARY")
        else:
            self.literal(Literal(len(data), data, binary=b"\0" in data))

    def literal(self, literal: Literal) -> None:
        """A literal, as a fragment of its own."""
        if literal.data is not None and len(literal.data) != literal.size:
            raise LocalProtocolError("the size of a literal is not that of its data")
        if not 0 <= literal.size <= MAX_NUMBER64:
            raise LocalProtocolError(f"a literal can not have {literal.size} octets")
        if literal.data is not None and not literal.binary and b"\0" in literal.data:
            raise LocalProtocolError("a literal can not hold NUL unless it is binary")
        self.fragments().append(literal)

    def mailbox(self, name: str) -> None:
        """The name of a mailbox."""
        self.astring(self._mailbox(name))

    def mailbox_string(self, name: str) -> None:
        """What names of mailboxes begin with, which is never an atom (RFC 2342 6)."""
        self.string(self._mailbox(name))

    def list_mailbox(self, pattern: str) -> None:
        """The name of a mailbox in which ``*`` and ``%`` mean something."""
        raw = self._mailbox(pattern)
        if _PATTERN.fullmatch(raw) and raw.upper() != b"NIL":
            self._text.append(raw)
        else:
            self.astring(raw)

    def _mailbox(self, name: str) -> bytes:
        try:
            return encode_mailbox(name, utf8=self.utf8)
        except ValueError as error:
            raise LocalProtocolError(str(error)) from None

    # --- lists, and anything ---

    def listed(self, items: Iterable[object], write: Callable[..., None]) -> None:
        """Items in parentheses."""
        mark = b"("
        for item in items:
            self._text.append(mark)
            write(item)
            mark = b" "
        self._text.append(b"()" if mark == b"(" else b")")

    def generic(self, item: GenericValue) -> None:
        """A generic value; never recursive."""
        stack: list[GenericValue | _Mark] = [item]
        while stack:
            item = stack.pop()
            if isinstance(item, _Mark):
                self._text.append(item)
            elif item is None:
                self._text.append(b"NIL")
            elif isinstance(item, int):
                self.number64(item)
            elif isinstance(item, bytes):
                self.string(item)
            elif isinstance(item, Literal):
                self.literal(item)
            elif isinstance(item, str):
                if item.upper() == "NIL" or (item.isdecimal() and _is_number(item)):
                    raise LocalProtocolError(f"{item!r} as an atom means something else")
                self._word(_GENERIC_ATOM, item, "an atom")
            else:
                parts: list[GenericValue | _Mark] = [_Mark(b"(")]
                for at, part in enumerate(item):
                    parts += [_Mark(b" "), part] if at else [part]
                stack += [_Mark(b")"), *reversed(parts)]


def _flags(flags: tuple[str, ...]) -> bytes:
    writer = Writer()
    writer.listed(flags, writer.flag)
    return b"".join(writer._text)


_remembered_flags = lru_cache(maxsize=1024)(_flags)  # the same few lists come again and again


def _is_number(text: str) -> bool:
    return isinstance(number_or_atom(octets(text)), int)


class _Mark(bytes):
    """Punctuation among generic values."""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def join_fragments(fragments: Iterable[Fragment]) -> bytes:
    """All fragments as a server sends them, whose literals never wait.

    Raises :class:`LocalProtocolError` for a literal whose octets are not there.
    """
    parts = []
    for fragment in fragments:
        if isinstance(fragment, Literal):
            if fragment.data is None:
                raise LocalProtocolError("the octets of a literal are to be streamed")
            parts += [fragment.head(), fragment.data]
        else:
            parts.append(fragment)
    return b"".join(parts)
