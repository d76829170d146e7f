"""Replies and enhanced status codes (RFC 5321 4.2, RFC 2034, RFC 3463)."""

import re

from mailproto._value import field, value
from mailproto.errors import Defect

__all__ = ["EnhancedCode", "Reply"]

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?: |$)")


@value
class EnhancedCode:
    """An enhanced mail system status code, such as 5.1.1 (RFC 3463 2)."""

    category: int
    """2 success, 4 persistent transient failure, 5 permanent failure ("class" in the RFC)."""
    subject: int
    detail: int

    def __str__(self) -> str:
        return f"{self.category}.{self.subject}.{self.detail}"

    def fits(self, code: int) -> bool:
        """Whether a reply with this code can have it: class equal, numbers in range (2.)."""
        in_range = 0 <= self.subject <= 999 and 0 <= self.detail <= 999
        return in_range and self.category == code // 100 and self.category in (2, 4, 5)

    @classmethod
    def split(cls, text: str, category: str) -> "tuple[EnhancedCode | None, str]":
        """Take an enhanced code of this category off the front of ``text``; None if none."""
        found = _ENHANCED.match(text)
        if found is None or found[1] != category:
            return None, text
        return cls(int(found[1]), int(found[2]), int(found[3])), text[found.end() :]


@value
class Reply:
    r"""A reply: three digits and text, whose lines are separated by ``"\n"``.

    ``enhanced`` is the enhanced status code that stood in front of the text of each line.
    Text that is not UTF-8 holds surrogate escapes (PEP 383), so that its bytes are not lost.
    """

    code: int
    text: str = ""
    enhanced: EnhancedCode | None = None
    defects: tuple[Defect, ...] = field(default=(), eq=False, kw_only=True)

    @property
    def lines(self) -> tuple[str, ...]:
        """The text, line by line."""
        return tuple(self.text.split("\n"))

    @property
    def is_positive(self) -> bool:
        """2yz: the command was carried out (RFC 5321 4.2.1)."""
        return 200 <= self.code < 300

    @property
    def is_intermediate(self) -> bool:
        """3yz: the server waits for more (a body, a SASL response)."""
        return 300 <= self.code < 400

    @property
    def is_transient(self) -> bool:
        """4yz: refused for now, worth another try."""
        return 400 <= self.code < 500

    @property
    def is_permanent(self) -> bool:
        """5yz: refused for good."""
        return 500 <= self.code < 600

    def __str__(self) -> str:
        enhanced = f" {self.enhanced}" if self.enhanced else ""
        return f"{self.code}{enhanced} {' / '.join(self.lines)}".rstrip()
