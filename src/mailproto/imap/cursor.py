"""A position in the bytes of one complete unit, and the readers of marks, words and numbers.

Whether a deviation is tolerated is decided where it is met, by a call of ``tolerate``, never in
general: so numbers, names and framing stay strict.
"""

import re
from typing import NoReturn

from mailproto.errors import Defect
from mailproto.imap.numbers import MAX_NUMBER, MAX_NUMBER64, SMALL_RANGE, small_range
from mailproto.imap.sequence_set import SequenceSet

__all__ = ["Cursor", "GrammarError"]

_MOST_DEFECTS = 100
_MOST_SHOWN = 24  # octets


class GrammarError(ValueError):
    """The unit is not what the grammar asks for at this place."""


_SPACE = re.compile(rb" +")
_CLOSE = re.compile(rb"((?: |\r?\n)*)\)")
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\%*\]]+')
_TAG = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\%*+]+')
_NUMBER = re.compile(rb"[0-9]+(?![^ )\]\r\n])")
_SMALL_NUMBER = re.compile(rb"[0-9]{1,9}(?=[ )])")
_ODD_NUMBER = re.compile(rb"(?:NIL|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)(?![^ )\]\r\n])", re.I)
_SMALL_RANGE = re.compile(SMALL_RANGE)
_SEQUENCE_SET = re.compile(rb"\$|[0-9*][0-9*:,]*")
_END = re.compile(rb"( *)(\r?\n)\Z")
_AFTER = (b" ", b")", b"]", b"\r", b"\n")
_UNIT_END = re.compile(rb" *\r?\n\Z")


class Cursor:
    """A position in one unit, which ends with a line end; else GrammarError is raised.

    ``streamed`` are the offsets at which the octets of a literal are missing, because they were
    streamed. ``defects`` gathers what was tolerated; ``strict`` tolerates nothing. ``utf8``
    says that UTF-8 is allowed in quoted strings and mailbox names (RFC 9755, IMAP4rev2).
    """

    __slots__ = ("closers", "data", "defects", "nesting", "pos", "streamed", "strict", "utf8")

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


def _shown(octets: bytes) -> str:
    """Octets up to the end of their line, as a message in ASCII shows them."""
    line = octets.partition(b"\n")[0].rstrip(b"\r").decode("latin-1")
    text = "".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in line)
    return f'"{text}"' if text else "the end of the line"
