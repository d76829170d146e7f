"""The readers of the grammar's terminals over one complete unit (RFC 9051 9).

Each reader takes what it is named after and moves the position behind it. There are no token
objects: a reader is one regular expression, whose ``lastindex`` says which alternative was found.
Literals stand in the unit itself.
"""

import re
from collections.abc import Callable
from typing import ClassVar, TypeVar

from mailproto.imap.cursor import Cursor
from mailproto.imap.flags import canonical_flag, flags_of
from mailproto.imap.mailbox_name import decode_mailbox
from mailproto.imap.numbers import number_or_atom
from mailproto.imap.quoting import text_of, unquote
from mailproto.imap.values import GenericValue, Literal

__all__ = ["CommandScanner", "Scanner"]

T = TypeVar("T")

_LITERAL = rb"(~?)\{([0-9]{1,20})\+?\}\r?\n"
_QUOTED = rb'"([^"\\\r\n\x00]*)"|"((?:[^"\\\r\n\x00]++|\\["\\])*+)"'
_STRING = re.compile(_QUOTED + rb"|" + _LITERAL)
_NSTRING = re.compile(_QUOTED + rb"|" + _LITERAL + rb"|(NIL)(?![^ )\]\r\n])", re.IGNORECASE)
_ASTRING_CHARS = rb'[^\x00-\x20\x7f(){"\\%*]+'
_ASTRING = re.compile(_QUOTED + rb"|" + _LITERAL + rb"|(" + _ASTRING_CHARS + rb")")
_PLAIN_ASTRING = re.compile(
    rb'(?:([^\x00-\x20\x7f-\xff(){"\\%*]++)|"([^"\\\x00-\x1f\x7f-\xff]*+)")(?=[ )\]\r\n])'
)
"""The commonest forms, in which nothing is left to check."""

_LIST_MAILBOX = re.compile(_QUOTED + rb"|" + _LITERAL + rb'|([^\x00-\x20\x7f(){"\\]+)')
_NO_LINE = re.compile(rb"[\x00\r\n]")
_FLAG_LIST = re.compile(rb'\(([^()"{\r\n]*)\)')
_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){"\\%*\]]+')
_RAW_QUOTED = re.compile(rb'"((?:[^"\r\n\\]|\\[^\r\n]|"(?![ )\]\r]))*+)"(?=[ )\]\r])')
_STRING_END = b" )]\r\n"

# One item of a generic value. An atom may hold a section in brackets, such as BODY[HEADER].
_GENERIC = re.compile(
    rb" *(?:(\()|(\))|"
    + _QUOTED
    + rb"|"
    + _LITERAL
    + rb"|(NIL)(?![^ )\]\r\n])|([0-9]+)(?![^ )\]\r\n])"
    + rb'|((?:[^\x00-\x20\x7f(){"\[\]]++|\[[^\]\r\n"{]*\])++))',
    re.IGNORECASE,
)
_OPEN, _SHUT, _PLAIN, _ESCAPED, _TILDE, _SIZE, _NIL, _DIGITS, _WORD = range(1, 10)


class Scanner(Cursor):
    """A cursor that reads strings, flags, lists and anything, too."""

    __slots__ = ()

    one_line: ClassVar = False
    """Whether CR, LF and NUL are refused in arguments that a literal can smuggle them into."""

    # --- strings ---

    def string(self) -> bytes:
        """A quoted string or a literal, which was not streamed."""
        return self._in_memory(self._string(_STRING, "a string"))

    def nstring(self) -> bytes | None:
        """A string or NIL."""
        found = self._string(_NSTRING, "a string or NIL")
        return None if found is None else self._in_memory(found)

    def astring(self) -> bytes:
        """An atom (with ``]``) or a string."""
        found = _PLAIN_ASTRING.match(self.data, self.pos)
        if found is not None:
            self.pos = found.end()
            return found[found.lastindex or 0]
        return self._line(self._string(_ASTRING, "an atom or a string"))

    def words(self) -> bytes:
        """As ``astring``, but any text, in one line or several."""
        return self._in_memory(self._string(_ASTRING, "an atom or a string"))

    def list_mailbox(self) -> bytes:
        """An astring that may hold ``*`` and ``%``."""
        return self._line(self._string(_LIST_MAILBOX, "a pattern"))

    def content(self) -> bytes | Literal | None:
        """The content of a message: a string, a literal8 or NIL; a Literal if streamed."""
        return self._string(_NSTRING, "a string or NIL")

    def text(self) -> str:
        """A string as text."""
        return text_of(self.string())

    def ntext(self) -> str | None:
        """A string as text, or NIL."""
        raw = self.nstring()
        return None if raw is None else text_of(raw)

    def atext(self) -> str:
        """An astring as text."""
        return text_of(self.astring())

    def mailbox(self) -> str:
        """The name of a mailbox."""
        return decode_mailbox(self.astring(), utf8=self.utf8)

    def _string(self, pattern: re.Pattern[bytes], expected: str) -> bytes | Literal | None:
        """What the patterns of strings share: quoted, escaped, ``~``, size, NIL or an atom."""
        data = self.data
        found = pattern.match(data, self.pos)
        if found is None:
            return self._odd_string(expected)
        kind = found.lastindex
        if kind == 1 or kind == 2:
            if data[found.end()] not in _STRING_END:
                return self._odd_string(expected)
            raw = found[1] if kind == 1 else unquote(found[2])
        elif kind == 4:
            return self._literal(found.end(), int(found[4]), binary=found[3] == b"~")
        elif pattern is _NSTRING:
            self.pos = found.end()
            return None
        else:
            raw = found[5]
        self._ascii(raw)
        self.pos = found.end()
        return raw

    def _ascii(self, raw: bytes) -> bytes:
        """Tolerate octets above 127 where UTF-8 was not agreed on."""
        if not (self.utf8 or raw.isascii()):
            self.tolerate("octets above 127 outside a literal", "RFC 3501 9")
        return raw

    def _literal(self, start: int, size: int, *, binary: bool) -> bytes | Literal:
        """Take a literal whose octets begin at ``start``, or are streamed."""
        if start in self.streamed:
            self.pos = start
            return Literal(size, binary=binary)
        data, end = self.data, start + size
        if end > len(data):
            self.fail(f"a literal of {size} octets")
        if data[start - 2] != 0x0D:
            self.tolerate("LF without CR", "RFC 9051 4.3")
        raw = data[start:end]
        if not binary and b"\0" in raw:
            self.tolerate("NUL in a literal", "RFC 9051 4.3")
        self.pos = end
        return raw

    def _odd_string(self, expected: str) -> bytes:
        """A quoted string with quotes or backslashes that are not escaped."""
        found = _RAW_QUOTED.match(self.data, self.pos)
        if found is None or b"\0" in found[1]:
            self.fail(expected)
        self.tolerate("quote or backslash that is not escaped", "RFC 9051 4.3")
        self.pos = found.end()
        return unquote(found[1])

    def _line(self, found: bytes | Literal | None) -> bytes:
        raw = self._in_memory(found)
        if self.one_line and _NO_LINE.search(raw):
            self.pos -= len(raw)
            self.fail("an argument without CR, LF and NUL")
        return raw

    def _in_memory(self, found: bytes | Literal | None) -> bytes:
        if not isinstance(found, bytes):
            self.fail("a string that is no message")
        return found

    # --- flags ---

    def flags(self) -> tuple[str, ...]:
        """A list of flags or mailbox attributes in parentheses."""
        found = _FLAG_LIST.match(self.data, self.pos)
        if found is not None:
            try:
                flags = flags_of(found[1])
            except ValueError:
                pass
            else:
                self.pos = found.end()
                return flags
        if self.nil():
            self.tolerate("NIL in place of a list", "RFC 9051 9")
            return ()
        return self.listed(self._odd_flag)

    def permanent_flags(self) -> tuple[str, ...]:
        r"""The same, in which ``\*`` means something (RFC 9051 7.1 PERMANENTFLAGS)."""
        return self.listed(lambda: "\\*" if self.skip(b"\\*") else self._odd_flag())

    def flag(self) -> str:
        """One flag or mailbox attribute."""
        return canonical_flag(self.match(_FLAG, "a flag")[0].decode("ascii"))

    def _odd_flag(self) -> str:
        r"""A flag, or what is none: quoted, with ``]``, or ``\*``."""
        found = _FLAG.match(self.data, self.pos)
        if found is not None and self.data[found.end()] in b" )":
            self.pos = found.end()
            return canonical_flag(found[0].decode("ascii"))
        self.tolerate("not a flag", "RFC 9051 2.3.2")
        return "\\*" if self.skip(b"\\*") else canonical_flag(self.atext())

    # --- lists ---

    def listed(self, read: Callable[[], T]) -> tuple[T, ...]:
        """Items in parentheses, maybe none."""
        if not self.open():
            return ()
        items = [read()]
        while self.more():
            items.append(read())
        self.close()
        return tuple(items)

    # --- anything ---

    def generic(self) -> GenericValue:
        """Whatever comes, as a generic value: never recursive, ``nesting`` lists deep at most."""
        data = self.data
        lists: list[list[GenericValue]] = []
        while True:
            found = self.match(_GENERIC, "a value")
            kind = found.lastindex
            item: GenericValue
            if kind == _OPEN:
                if len(lists) >= self.nesting:
                    self.fail(f"at most {self.nesting} parentheses within one another")
                lists.append([])
                continue
            if kind == _SHUT:
                if not lists:
                    self.pos = found.start()
                    self.fail("a value")
                item = tuple(lists.pop())
            elif kind == _WORD:
                item = text_of(self._ascii(found[_WORD]))
            elif kind == _DIGITS:
                item = number_or_atom(found[_DIGITS])
            elif kind == _PLAIN:
                item = self._ascii(found[_PLAIN])
            elif kind == _NIL:
                item = None
            elif kind == _ESCAPED:
                item = self._ascii(unquote(found[_ESCAPED]))
            else:
                binary = found[_TILDE] == b"~"
                item = self._literal(found.end(), int(found[_SIZE]), binary=binary)
                if binary and isinstance(item, bytes):
                    item = Literal(len(item), item, binary=True)
            if not lists:
                return item
            lists[-1].append(item)
            if data[self.pos : self.pos + 1] in (b"\r", b"\n"):
                self.skip_line_end()


class CommandScanner(Scanner):
    """As :class:`Scanner`, over a command: what no response could repeat is no argument."""

    __slots__ = ()

    one_line: ClassVar = True
