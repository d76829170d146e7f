"""Address lists as ENVELOPE tells them (RFC 5322 3.4, RFC 9051 7.5.2).

Whatever stands in a field gives a list of addresses. A mailbox or host that an address lacks is an
empty string, not NIL, since a NIL host marks a group.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import TypeAlias

from mailproto.imap.envelope import Address
from mailproto.message.lexer import Kind, Token, tokens

__all__ = ["parse_addresses"]

_Words: TypeAlias = list[str | None]
"""Words in order; None is white space between them."""


_ATOMS = r'[^ \t\r\n"\[\]<>@,;:()\\]++'  # with the dots between them
_PLAIN = re.compile(
    rf'(?:(?:(?:"([^"\\]*+)"|({_ATOMS}(?: {_ATOMS})*+)) ?+)?+<({_ATOMS})@({_ATOMS})>'
    rf"|({_ATOMS})@({_ATOMS}))(?:, ?+|\Z)"
)


class _In(Enum):
    """Where in an address the next word belongs."""

    PHRASE = auto()
    """A name, or a local part without angle brackets: the next token tells."""
    ROUTE = auto()
    LOCAL = auto()
    DOMAIN = auto()
    REST = auto()
    """Nothing that follows belongs to the address."""


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Parse the value of From, To and their like, unfolded; groups as RFC 9051 7.5.2 says.

    Quoting and comments are removed; a comment is the name of an address that has no other. Empty
    members of the list are left out.
    """
    found = _plain_addresses(text)
    return _Reader().read(tokens(text)) if found is None else found


def _plain_addresses(text: str) -> tuple[Address, ...] | None:
    """Parse a list of addresses as most are, ``Name <local@domain>``; None if one is not."""
    addresses = []
    at = 0
    while at < len(text):
        found = _PLAIN.match(text, at)
        if found is None:
            return None
        quoted, name, local, domain, bare_local, bare_domain = found.groups("")
        address = Address(
            quoted.strip(" ") or name or None, None, local or bare_local, domain or bare_domain
        )
        addresses.append(address)
        at = found.end()
    return tuple(addresses)


class _Reader:
    """Reads one list, token by token."""

    def __init__(self) -> None:
        self._found: list[Address] = []
        self._in_group = False
        self._begin()

    def _begin(self) -> None:
        self._words: dict[_In, _Words] = {part: [] for part in _In}
        self._comment: str | None = None
        self._enter(_In.PHRASE)
        self._in_angle = False

    def _enter(self, part: _In) -> None:
        self._part = part

    def read(self, given: Iterable[Token]) -> tuple[Address, ...]:
        for token in given:
            if token.kind is Kind.COMMENT:
                self._comment = token.text
            elif token.kind is Kind.SPACE:
                self._space()
            elif token.kind is Kind.SPECIAL and token.text in _SPECIALS:
                _SPECIALS[token.text](self)
            else:
                self._word(token.text)
        self._semicolon()
        return tuple(self._found)

    # --- tokens ---

    def _space(self) -> None:
        words = self._words[self._part]
        if words and words[-1] is not None:
            words.append(None)

    def _word(self, text: str) -> None:
        words = self._words[self._part]
        if self._part is _In.DOMAIN and words[-1:] == [None] and "." not in (text, words[-2]):
            self._enter(_In.REST)  # two words are no domain
        else:
            words.append(text)

    def _less(self) -> None:
        if self._part is _In.PHRASE:
            self._in_angle = True
            self._enter(_In.LOCAL)
        elif self._part is _In.DOMAIN:
            self._enter(_In.REST)

    def _greater(self) -> None:
        if self._in_angle:
            self._enter(_In.REST)

    def _at(self) -> None:
        if self._part is _In.PHRASE:
            phrase = self._words[_In.PHRASE]
            start = _start_of_local(phrase)
            self._words[_In.LOCAL] = phrase[start:]
            del phrase[start:]
            self._enter(_In.DOMAIN)
        elif self._part is _In.LOCAL and not self._words[_In.LOCAL]:
            self._words[_In.ROUTE] = ["@"]
            self._enter(_In.ROUTE)
        elif self._part is _In.LOCAL:
            self._enter(_In.DOMAIN)
        elif self._part is _In.ROUTE:
            self._word("@")
        else:
            self._enter(_In.REST)

    def _comma(self) -> None:
        if self._part is _In.ROUTE:
            self._word(",")
        else:
            self._end_address()

    def _colon(self) -> None:
        if self._part is _In.ROUTE:
            self._enter(_In.LOCAL)
        elif self._part is _In.PHRASE and not self._in_group:
            self._found.append(Address(mailbox=_phrase(self._words[_In.PHRASE])))
            self._in_group = True
            self._begin()

    def _semicolon(self) -> None:
        self._end_address()
        if self._in_group:
            self._found.append(Address())
            self._in_group = False

    # --- what they make ---

    def _end_address(self) -> None:
        name = _phrase(self._words[_In.PHRASE])
        route, local, domain = (
            "".join(filter(None, self._words[part])) for part in (_In.ROUTE, _In.LOCAL, _In.DOMAIN)
        )
        if self._part is _In.PHRASE and " " not in name:  # one word is a local part, two are a name
            name, local = "", name
        if name or route or local or domain:
            address = Address(name or self._comment or None, route or None, local, domain)
            self._found.append(address)
        self._begin()


_SPECIALS: dict[str, Callable[[_Reader], None]] = {
    "<": _Reader._less,
    ">": _Reader._greater,
    "@": _Reader._at,
    ",": _Reader._comma,
    ":": _Reader._colon,
    ";": _Reader._semicolon,
}


def _phrase(words: Sequence[str | None]) -> str:
    return "".join(" " if word is None else word for word in words).strip(" ")


def _start_of_local(words: Sequence[str | None]) -> int:
    """Where in the words before an ``@`` the local part begins; white space may be round dots."""
    at = len(words)
    while at and words[at - 1] is None:
        at -= 1
    while at:
        if words[at - 1] is None and "." not in (words[at - 2], words[at]):
            break
        at -= 1
    return at
