"""The readers of the grammar's terminals over one complete unit (RFC 9051 9).

A :class:`Scanner` is a position in the bytes of a unit. Each reader takes what it is named after
and moves the position behind it. There are no token objects: a reader is one regular expression,
whose ``lastindex`` says which alternative was found. Literals stand in the unit itself.

Whether a deviation is tolerated is decided where it is met, by a call of ``tolerate``, never in
general: so numbers, names and framing stay strict.
"""

import re
from collections.abc import Callable
from typing import ClassVar, NoReturn, TypeVar

from mailproto.errors import Defect
from mailproto.imap.flags import canonical_flag, flags_of
from mailproto.imap.mailbox_name import decode_mailbox
from mailproto.imap.quoting import text_of, unquote
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.values import GenericValue, Literal

__all__ = [
    "MAX_NUMBER",
    "MAX_NUMBER64",
    "SMALL_RANGE",
    "CommandScanner",
    "GrammarError",
    "Scanner",
    "number_or_atom",
    "small_range",
]

T = TypeVar("T")

MAX_NUMBER = 2**32 - 1
MAX_NUMBER64 = 2**63 - 1
_MOST_DEFECTS = 100
_MOST_SHOWN = 24  # octets


class GrammarError(ValueError):
    """The unit is not what the grammar asks for at this place."""


_SPACE = re.compile(rb" +")
_CLOSE = re.compile(rb"((?: |\r?\n)*)\)")
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
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\%*\]]+')
_TAG = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\%*+]+')
_NUMBER = re.compile(rb"[0-9]+(?![^ )\]\r\n])")
_SMALL_NUMBER = re.compile(rb"[0-9]{1,9}(?=[ )])")
_ODD_NUMBER = re.compile(rb"(?:NIL|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)(?![^ )\]\r\n])", re.I)
SMALL_RANGE = rb"([1-9][0-9]{0,8})(?::([1-9][0-9]{0,8}))?(?=[ )\r\n])"
"""One number or range that is within bounds, for patterns of a whole production."""

_SMALL_RANGE = re.compile(SMALL_RANGE)
_SEQUENCE_SET = re.compile(rb"\$|[0-9*][0-9*:,]*")
_FLAG_LIST = re.compile(rb'\(([^()"{\r\n]*)\)')
_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){"\\%*\]]+')
_RAW_QUOTED = re.compile(rb'"((?:[^"\r\n\\]|\\[^\r\n]|"(?![ )\]\r]))*+)"(?=[ )\]\r])')
_END = re.compile(rb"( *)(\r?\n)\Z")
_STRING_END = b" )]\r\n"
_AFTER = (b" ", b")", b"]", b"\r", b"\n")
_UNIT_END = re.compile(rb" *\r?\n\Z")

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


class Scanner:
    """A position in one unit, which ends with a line end; else GrammarError is raised.

    ``streamed`` are the offsets at which the octets of a literal are missing, because they were
    streamed. ``defects`` gathers what was tolerated; ``strict`` tolerates nothing. ``utf8``
    says that UTF-8 is allowed in quoted strings and mailbox names (RFC 9755, IMAP4rev2).
    """

    __slots__ = ("closers", "data", "defects", "nesting", "pos", "streamed", "strict", "utf8")

    one_line: ClassVar = False
    """Whether CR, LF and NUL are refused in arguments that a literal can smuggle them into."""

    def __init__(
        self,
        data: bytes,
        pos: int = 0,
        strict: bool = False,
        utf8: bool = False,
        nesting: int = 100,
        streamed: frozenset[int] = frozenset(),
    ) -> None:
        if not data.endswith(b"\n"):
            raise GrammarError("the unit has no line end")
        self.data = data
        self.pos = pos
        self.strict = strict
        self.utf8 = utf8
        self.nesting = nesting
        self.streamed = streamed
        self.defects: list[Defect] = []
        self.closers = b")\r\n"

    # --- errors and deviations ---

    def fail(self, expected: str) -> NoReturn:
        """Raise :class:`GrammarError`."""
        found = _shown(self.data[self.pos : self.pos + _MOST_SHOWN])
        raise GrammarError(f"expected {expected} at octet {self.pos}, found {found}")

    def tolerate(self, what: str, section: str) -> None:
        """Note a deviation at the position; raises :class:`GrammarError` if strict.

        Of very many in one unit only the first are noted.
        """
        where = self.data[max(self.pos - 20, 0) : self.pos + 20]
        if self.strict:
            raise GrammarError(f"{what} at octet {self.pos}: {_shown(where)} ({section})")
        if len(self.defects) < _MOST_DEFECTS:
            self.defects.append(Defect(what, where, section=section))

    # --- punctuation ---

    def at(self, mark: bytes) -> bool:
        """Whether ``mark`` comes next; the position stays."""
        return self.data.startswith(mark, self.pos)

    def skip(self, mark: bytes) -> bool:
        """Move behind ``mark`` if it comes next."""
        if self.data.startswith(mark, self.pos):
            self.pos += len(mark)
            return True
        return False

    def skip_word(self, word: bytes) -> bool:
        """Move behind ``word``, given in upper case, if it comes next in any case."""
        end = self.pos + len(word)
        if self.data[self.pos : end].upper() != word or self.data[end : end + 1] not in _AFTER:
            return False
        self.pos = end
        return True

    def nil(self) -> bool:
        """Move behind NIL if it comes next."""
        return self.skip_word(b"NIL")

    def expect(self, mark: bytes) -> None:
        """Move behind ``mark``; it has to come next."""
        if not self.skip(mark):
            self.fail(repr(mark.decode()))

    def space(self) -> None:
        """One space; more are tolerated, and so is a line end behind a literal."""
        pos = self.pos
        data = self.data
        if data[pos : pos + 1] == b" ":
            self.pos = pos + 1
            if data[pos + 1 : pos + 2] == b" ":
                self.tolerate("more than one space", "RFC 9051 4")
                self.pos = _SPACE.match(data, pos).end()  # type: ignore[union-attr]
            return
        self.skip_line_end()
        if self.pos != pos:
            self.skip(b" ")
            return
        self.fail("a space")

    def skip_line_end(self) -> None:
        """Tolerate a line end within the unit, where a literal was counted too short."""
        for mark in (b"\r\n", b"\n"):
            if self.at(mark) and self.pos + len(mark) < len(self.data):
                self.tolerate("line end within a list", "RFC 9051 4.3")
                self.pos += len(mark)
                return

    def more(self) -> bool:
        """Whether an item follows: takes the space before it.

        Spaces before ``)`` or the end of the unit are tolerated, or before what else
        ``closers`` holds.
        """
        data, pos = self.data, self.pos
        if data[pos : pos + 1] != b" ":
            if data[pos : pos + 3] == b"\r\n":  # the end
                return False
            if data[pos : pos + 1] in (b"\r", b"\n"):
                self.skip_line_end()
                self.skip(b" ")
                return self.pos != pos and not self.at(b")")
            return False
        end = pos + 1
        if data[end] == 0x20 or data[end] in self.closers:
            end = _SPACE.match(data, pos).end()  # type: ignore[union-attr]
            if data[end] in self.closers:
                self.tolerate("a space too many", "RFC 9051 4")
                self.pos = end
                return False
        self.space()
        return True

    def open(self) -> bool:
        """Take ``(``; a space behind it is tolerated. Return whether the list has items."""
        self.expect(b"(")
        if self.at(b" "):
            self.tolerate("a space behind (", "RFC 9051 4.4")
            self.pos = _SPACE.match(self.data, self.pos).end()  # type: ignore[union-attr]
        return not self.skip(b")")

    def close(self) -> None:
        """Take ``)``; what is tolerated before it are spaces and the end of a line."""
        if self.skip(b")"):
            return
        found = _CLOSE.match(self.data, self.pos)
        if found is None:
            self.fail("')'")
        self.tolerate("space before )", "RFC 9051 4.4")
        self.pos = found.end()

    def end(self) -> None:
        """The CRLF at the end of the unit; spaces before it and LF alone are tolerated."""
        data, pos = self.data, self.pos
        if data[pos:] == b"\r\n":
            self.pos = len(data)
            return
        found = _END.match(data, pos)
        if found is None:
            self.fail("the end of the line")
        if found[1]:
            self.tolerate("space before the end of the line", "RFC 9051 9")
        if found[2] == b"\n":
            self.tolerate("LF without CR", "RFC 9051 2.2")
        self.pos = len(data)

    @property
    def at_end(self) -> bool:
        """Whether nothing but the line end is left."""
        return _UNIT_END.match(self.data, self.pos) is not None

    # --- words ---

    def match(self, pattern: re.Pattern[bytes], expected: str) -> re.Match[bytes]:
        """Take what ``pattern`` finds here, or fail."""
        found = pattern.match(self.data, self.pos)
        if found is None:
            self.fail(expected)
        self.pos = found.end()
        return found

    def atom(self) -> str:
        """An atom, with its case."""
        return self.match(_ATOM, "an atom")[0].decode("ascii")

    def tag(self) -> str:
        """A command's tag."""
        return self.match(_TAG, "a tag")[0].decode("ascii")

    def keyword(self) -> str:
        """An atom in upper case: the name of something."""
        return self.match(_ATOM, "a keyword")[0].decode("ascii").upper()

    def number(self, maximum: int = MAX_NUMBER) -> int:
        """A number from 0 to ``maximum``."""
        found = _NUMBER.match(self.data, self.pos)
        if found is None:
            self.fail("a number")
        digits = found[0]
        if len(digits) > 20:
            digits = digits.lstrip(b"0") or b"0"
        if len(digits) > 20 or (number := int(digits)) > maximum:
            self.fail(f"a number up to {maximum}")
        self.pos = found.end()
        return number

    def nz_number(self, maximum: int = MAX_NUMBER) -> int:
        """A number from 1 to ``maximum``."""
        if self.at(b"0"):
            self.fail("a number that is not 0")
        return self.number(maximum)

    def number64(self) -> int:
        """A number of 63 bits."""
        return self.number(MAX_NUMBER64)

    def lenient_number(self) -> int:
        """A number in a response; 0 for what is none but looks like one, and for NIL.

        Numbers that should have 32 bits may have 63.
        """
        found = _SMALL_NUMBER.match(self.data, self.pos)
        if found is not None:
            self.pos = found.end()
            return int(found[0])
        if _NUMBER.match(self.data, self.pos):
            start, number = self.pos, self.number(MAX_NUMBER64)
            if number > MAX_NUMBER:
                self.pos, end = start, self.pos
                self.tolerate("a number above 32 bits", "RFC 9051 9")
                self.pos = end
            return number
        return self._odd_number()

    def lenient_number64(self) -> int:
        """A number of 63 bits in a response, as ``lenient_number``."""
        if (found := _SMALL_NUMBER.match(self.data, self.pos)) is not None:
            self.pos = found.end()
            return int(found[0])
        if _NUMBER.match(self.data, self.pos):
            return self.number(MAX_NUMBER64)
        return self._odd_number()

    def lenient_nz_number(self) -> int:
        """A number in a response that should not be 0."""
        number = self.lenient_number()
        if not number:
            self.tolerate("a number that is 0", "RFC 9051 9")
        return number

    def _odd_number(self) -> int:
        found = _ODD_NUMBER.match(self.data, self.pos)
        if found is None:
            self.fail("a number")
        self.tolerate("not a number", "RFC 9051 9")
        self.pos = found.end()
        return 0

    def sequence_set(self) -> SequenceSet:
        """A sequence set."""
        found = _SMALL_RANGE.match(self.data, self.pos)
        if found is not None:  # in range, nothing is left to check
            self.pos = found.end()
            return small_range(found[1], found[2])
        found = _SEQUENCE_SET.match(self.data, self.pos)
        if found is None:
            self.fail("a sequence set")
        try:
            numbers = SequenceSet.parse(found[0].decode("ascii"))
        except ValueError:
            self.fail("a sequence set")
        self.pos = found.end()
        return numbers

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


def _shown(octets: bytes) -> str:
    """Octets up to the end of their line, as a message in ASCII shows them."""
    line = octets.partition(b"\n")[0].rstrip(b"\r").decode("latin-1")
    text = "".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in line)
    return f'"{text}"' if text else "the end of the line"


class CommandScanner(Scanner):
    """As :class:`Scanner`, over a command: what no response could repeat is no argument."""

    __slots__ = ()

    one_line: ClassVar = True


def small_range(first: bytes, last: bytes | None) -> SequenceSet:
    """The set of what ``SMALL_RANGE`` found."""
    low = int(first)
    return SequenceSet(((low, low if last is None else int(last)),))


def number_or_atom(digits: bytes) -> int | str:
    """A number of 63 bits without leading zeros, else the digits as an atom."""
    if len(digits) <= 19 and (digits[:1] != b"0" or len(digits) == 1):
        number = int(digits)
        if number <= MAX_NUMBER64:
            return number
    return digits.decode("ascii")
