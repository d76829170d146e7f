"""What a server offers in its reply to EHLO or LHLO (RFC 5321 4.1.1.1), as typed rows."""

import re
from collections.abc import Iterable, Iterator

from mailproto._value import value
from mailproto.errors import Defect

__all__ = ["DEFAULT_EXTENSIONS", "Extensions", "FutureRelease", "PeerLimits"]

_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_LINE = re.compile(r"[!-~]+(?: [!-~]+)*")


@value
class PeerLimits:
    """LIMITS (RFC 9422 4): None where the server names no limit."""

    mailmax: int | None = None
    """Transactions in one session."""
    rcptmax: int | None = None
    """RCPT commands in one transaction."""
    rcptdomainmax: int | None = None
    """Different recipient domains in one transaction."""


@value
class FutureRelease:
    """FUTURERELEASE (RFC 4865 4): the longest interval in seconds and the latest date."""

    max_interval: int
    max_date_time: str


class Extensions:
    """The EHLO keywords of a server with their parameters, in order; never changed.

    Made from lines such as ``"SIZE 1000"``. Unknown keywords are kept like any other.
    ``keyword in extensions`` and ``extensions["SIZE"]`` (a tuple of strings) serve all of them,
    properties the well-known ones.
    """

    __slots__ = ("_parameters", "defects")

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._parameters: dict[str, tuple[str, ...]] = {}
        defects: list[Defect] = []
        for line in lines:
            words = line.split()
            if words and words[0].upper().startswith("AUTH="):  # before RFC 2554, still seen
                words[:1] = ["AUTH", words[0][5:]]
                defects.append(_defect("AUTH= instead of AUTH", line, "RFC 4954 3"))
            if not words or not _KEYWORD.fullmatch(words[0]):
                defects.append(_defect("not an EHLO keyword", line, "RFC 5321 4.1.1.1"))
                continue
            keyword = words[0].upper()
            before = self._parameters.get(keyword, ())
            new = tuple(word for word in words[1:] if word and word not in before)
            self._parameters[keyword] = before + new
        self.defects = tuple(defects)
        """What was odd in the lines."""

    def __contains__(self, keyword: str) -> bool:
        return keyword in self._parameters

    def __getitem__(self, keyword: str) -> tuple[str, ...]:
        return self._parameters[keyword]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Extensions) and self._parameters == other._parameters

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Extensions({list(self.lines)!r})"

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the reply, without code."""
        return tuple(" ".join((k, *words)) for k, words in self._parameters.items())

    def with_lines(self, *lines: str) -> "Extensions":
        """Return a copy with more lines; a keyword given again is replaced."""
        new = Extensions(lines)
        return Extensions([*self.without(*new).lines, *new.lines])

    def without(self, *keywords: str) -> "Extensions":
        """Return a copy that lacks ``keywords``."""
        return Extensions(
            " ".join((k, *words)) for k, words in self._parameters.items() if k not in keywords
        )

    @property
    def size(self) -> int | None:
        """SIZE: the greatest message in octets; None if unknown or unlimited (RFC 1870)."""
        return _number(self._first("SIZE")) or None

    @property
    def auth(self) -> tuple[str, ...]:
        """AUTH: the mechanisms in upper case (RFC 4954 3)."""
        return tuple(name.upper() for name in self._parameters.get("AUTH", ()))

    @property
    def limits(self) -> PeerLimits:
        """LIMITS (RFC 9422)."""
        found: dict[str, int | None] = {}
        for word in self._parameters.get("LIMITS", ()):
            name, _, raw = word.partition("=")
            if name.upper() in ("MAILMAX", "RCPTMAX", "RCPTDOMAINMAX"):
                found[name.lower()] = _number(raw) or None
        return PeerLimits(**found)

    @property
    def deliver_by(self) -> int | None:
        """DELIVERBY: the least time in seconds, None if not told (RFC 2852 2)."""
        return _number((self._first("DELIVERBY") or "").partition(",")[0])

    @property
    def mt_priority(self) -> str | None:
        """MT-PRIORITY: the name of the policy, None if not told (RFC 6710 3)."""
        return self._first("MT-PRIORITY")

    @property
    def future_release(self) -> FutureRelease | None:
        """FUTURERELEASE, None if absent or malformed (RFC 4865 4)."""
        words = self._parameters.get("FUTURERELEASE", ())
        interval = _number(words[0]) if len(words) == 2 else None
        return None if interval is None else FutureRelease(interval, words[1])

    @property
    def no_soliciting(self) -> tuple[str, ...]:
        """NO-SOLICITING: the classes that are not accepted (RFC 3865 2.1)."""
        return tuple(w for w in (self._first("NO-SOLICITING") or "").split(",") if w)

    @property
    def burl(self) -> tuple[str, ...]:
        """BURL: its options, such as ``imap`` (RFC 4468 3)."""
        return self._parameters.get("BURL", ())

    @property
    def xclient(self) -> tuple[str, ...]:
        """XCLIENT: the attributes that may be overridden (Postfix)."""
        return self._parameters.get("XCLIENT", ())

    @property
    def xforward(self) -> tuple[str, ...]:
        """XFORWARD: the attributes that may be told (Postfix)."""
        return self._parameters.get("XFORWARD", ())

    def _first(self, keyword: str) -> str | None:
        words = self._parameters.get(keyword)
        return words[0] if words else None


def check_lines(lines: Iterable[str]) -> None:
    """Check that a server may send ``lines``; raises ValueError (RFC 5321 4.1.1.1)."""
    for line in lines:
        if not _LINE.fullmatch(line):
            raise ValueError(f"{line!r} is not an EHLO line")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 20 else None


def _defect(what: str, line: str, section: str) -> Defect:
    return Defect(what, line.encode("utf-8", "surrogateescape")[:80], section=section)


DEFAULT_EXTENSIONS = Extensions(
    ("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "ENHANCEDSTATUSCODES")
)
"""What the server core does by itself, whatever the handler behind it."""
