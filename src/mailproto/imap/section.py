"""What of a message a FETCH names: sections and parts of them (RFC 9051 6.4.5, RFC 3516)."""

import re
from typing import Literal

from mailproto._value import evolve, field, value

__all__ = ["Section", "SectionItem", "SectionText"]

SectionItem = Literal["BODY", "BINARY", "BINARY.SIZE", "BODYPARTSTRUCTURE", "AVAILABLECONVERSIONS"]
SectionText = Literal["HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"]

_ITEM = re.compile(
    r"(?P<item>BODY|BINARY(?:\.SIZE)?|BODYPARTSTRUCTURE|AVAILABLECONVERSIONS)(?P<peek>\.PEEK)?"
    r"\[(?P<part>[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9})*)?"
    r"(?:(?(part)\.)(?P<text>HEADER(?:\.FIELDS(?:\.NOT)?)?|TEXT|MIME)"
    r"(?: \((?P<fields>[^()]*)\))?)?\]"
    r"(?:<(?P<origin>[0-9]{1,19})(?:\.(?P<length>[0-9]{1,19}))?>)?",
    re.IGNORECASE,
)


@value
class Section:
    """``BODY[1.HEADER]<0.1024>`` and its like, in a FETCH command and as a key of its response.

    ``part`` is the part number, empty for the whole message. ``origin`` is the offset of the
    first octet, ``length`` how many are wanted (commands only). ``peek`` leaves the flag
    ``\\Seen`` alone (commands only).
    """

    part: tuple[int, ...] = ()
    text: SectionText | None = None
    fields: tuple[str, ...] = ()
    """Names of header fields, with HEADER.FIELDS and HEADER.FIELDS.NOT; parsed in upper case."""
    item: SectionItem = field(default="BODY", kw_only=True)
    origin: int | None = field(default=None, kw_only=True)
    length: int | None = field(default=None, kw_only=True)
    peek: bool = field(default=False, kw_only=True)

    @classmethod
    def parse(cls, text: str) -> "Section":
        """Make a section of a string such as ``"BODY.PEEK[HEADER.FIELDS (FROM TO)]<0.100>"``.

        Names of fields are separated by spaces and not quoted here.
        Raises :class:`ValueError`.
        """
        found = _ITEM.fullmatch(text)
        if found is None or (found["fields"] is None) == (
            "FIELDS" in (found["text"] or "").upper()
        ):
            raise ValueError(f"not a section: {text[:80]!r}")
        item, kind = found["item"].upper(), (found["text"] or "").upper() or None
        numbers = tuple(map(int, found["part"].split("."))) if found["part"] else ()
        return cls(
            numbers,
            kind,  # type: ignore[arg-type]  # the pattern allows nothing else
            tuple((found["fields"] or "").upper().split()),
            item=item,  # type: ignore[arg-type]  # likewise
            origin=int(found["origin"]) if found["origin"] else None,
            length=int(found["length"]) if found["length"] else None,
            peek=found["peek"] is not None,
        )

    @property
    def key(self) -> "Section":
        """The section as a response names it: no ``peek`` and ``length``, fields in upper case."""
        names = tuple(name.upper() for name in self.fields)
        return evolve(self, peek=False, length=None, fields=names)

    def __str__(self) -> str:
        """The wire form; names of fields that are no atoms are not quoted."""
        partial = "" if self.origin is None else f"<{self.origin}>"
        if self.length is not None:
            partial = f"<{self.origin or 0}.{self.length}>"
        inner = ".".join([*map(str, self.part), *([self.text] if self.text else [])])
        fields = f" ({' '.join(self.fields)})" if self.fields else ""
        return f"{self.item}{'.PEEK' if self.peek else ''}[{inner}{fields}]{partial}"
