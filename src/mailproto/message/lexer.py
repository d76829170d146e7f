"""What structured fields of a header are made of: words, quoted strings, comments (RFC 5322 3.2).

Nothing is refused: a quoted string, literal or comment that does not end goes on to the end of the
field. Comments within one another are counted, not followed.
"""

import re
from collections.abc import Iterator
from enum import Enum

from mailproto._value import value

__all__ = ["Kind", "Token", "tokens", "unquoted", "without_comments"]


class Kind(Enum):
    """What a token is."""

    ATOM = "atom"
    QUOTED = "quoted string"
    LITERAL = "domain literal"
    COMMENT = "comment"
    SPACE = "white space"
    SPECIAL = "special"


@value
class Token:
    """One token; of quoted strings and comments the text is what they say, unescaped."""

    kind: Kind
    text: str


_TOKEN = re.compile(
    r"(?P<SPACE>[ \t\r\n]++)"
    r'|(?P<QUOTED>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<LITERAL>\[(?:[^\[\]\\]|\\.)*+\]?)"
    r'|(?P<ATOM>[^ \t\r\n"\[\]<>@,;:.()\\]++)'
    r"|(?P<SPECIAL>.)",
    re.DOTALL,
)
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*+"?|\(', re.DOTALL)


def tokens(text: str) -> Iterator[Token]:
    """Cut the value of a structured field into tokens."""
    at = 0
    while found := _TOKEN.match(text, at):
        raw, at = found.group(), found.end()
        if raw == "(":
            end = _end_of_comment(text, at)
            inner = text[at : end - 1] if text[end - 1] == ")" else text[at:end]
            yield Token(Kind.COMMENT, _QUOTED_PAIR.sub(r"\1", inner))
            at = end
            continue
        kind = Kind[found.lastgroup or ""]
        yield Token(kind, unquoted(raw) if kind is Kind.QUOTED else raw)


def unquoted(raw: str) -> str:
    """Return what a quoted string says; its end may be missing."""
    inner = raw[1:-1] if len(raw) > 1 and raw.endswith('"') else raw[1:]
    return _QUOTED_PAIR.sub(r"\1", inner)


def without_comments(text: str) -> str:
    """Return the value of a structured field with a space for each of its comments."""
    if "(" not in text:
        return text
    kept: list[str] = []
    at = 0
    while found := _QUOTED_OR_COMMENT.search(text, at):
        if found.group() == "(":
            kept += (text[at : found.start()], " ")
            at = _end_of_comment(text, found.end())
        else:
            kept.append(text[at : found.end()])
            at = found.end()
    return "".join([*kept, text[at:]])


def _end_of_comment(text: str, at: int) -> int:
    """Where the comment ends whose opening parenthesis is just before ``at``."""
    depth = 1
    for found in _IN_COMMENT.finditer(text, at):
        mark = found.group()
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
            if not depth:
                return found.end()
    return len(text)
