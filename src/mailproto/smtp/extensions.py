"""What a server offers in its reply to EHLO or LHLO (RFC 5321 4.1.1.1), as typed rows."""

import re
from collections.abc import Iterable

from mailproto._keywords import KeywordLines, defect, number
from mailproto._value import value
from mailproto.errors import Defect

__all__ = ["DEFAULT_EXTENSIONS", "Extensions", "FutureRelease", "PeerLimits"]


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


class Extensions(KeywordLines):
    """The EHLO keywords of a server with their parameters, in order; never changed.

    Made from lines such as ``"SIZE 1000"``. Unknown keywords are kept like any other.
    ``keyword in extensions`` and ``extensions["SIZE"]`` (a tuple of strings) serve all of them,
    properties the well-known ones.
    """

    __slots__ = ("enhanced_status_codes",)

    _keyword = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
    _section = "RFC 5321 4.1.1.1"

    def __init__(self, lines: Iterable[str] = ()) -> None:
        super().__init__(lines)
        self.enhanced_status_codes = "ENHANCEDSTATUSCODES" in self
        """ENHANCEDSTATUSCODES (RFC 2034); each reply of a server depends on it."""

    def _mend(self, words: list[str], line: str) -> Iterable[Defect]:
        if not words[0].upper().startswith("AUTH="):
            return ()
        words[:1] = ["AUTH", words[0][5:]]  # before RFC 2554, still seen
        return (defect("AUTH= instead of AUTH", line, "RFC 4954 3"),)

    @property
    def size(self) -> int | None:
        """SIZE: the greatest message in octets; None if unknown or unlimited (RFC 1870)."""
        return number(self._first("SIZE")) or None

    @property
    def auth(self) -> tuple[str, ...]:
        """AUTH: the mechanisms in upper case (RFC 4954 3)."""
        return tuple(dict.fromkeys(name.upper() for name in self._parameters.get("AUTH", ())))

    @property
    def limits(self) -> PeerLimits:
        """LIMITS (RFC 9422)."""
        found: dict[str, int | None] = {}
        for word in self._parameters.get("LIMITS", ()):
            name, _, raw = word.partition("=")
            if name.upper() in ("MAILMAX", "RCPTMAX", "RCPTDOMAINMAX"):
                found[name.lower()] = number(raw) or None
        return PeerLimits(**found)

    @property
    def deliver_by(self) -> int | None:
        """DELIVERBY: the least time in seconds, None if not told (RFC 2852 2)."""
        return number((self._first("DELIVERBY") or "").partition(",")[0])

    @property
    def mt_priority(self) -> str | None:
        """MT-PRIORITY: the name of the policy, None if not told (RFC 6710 3)."""
        return self._first("MT-PRIORITY")

    @property
    def future_release(self) -> FutureRelease | None:
        """FUTURERELEASE, None if absent or malformed (RFC 4865 4)."""
        words = self._parameters.get("FUTURERELEASE", ())
        interval = number(words[0]) if len(words) == 2 else None
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


DEFAULT_EXTENSIONS = Extensions(
    ("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "ENHANCEDSTATUSCODES")
)
"""What the server core does by itself, whatever the handler behind it."""
