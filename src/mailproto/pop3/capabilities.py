"""What a server offers in its answer to CAPA (RFC 2449 5 and 6), as typed rows."""

import re

from mailproto._keywords import KeywordLines, number
from mailproto._value import value
from mailproto.sasl import server_mechanism

__all__ = ["DEFAULT_CAPABILITIES", "Capabilities", "Expire", "LoginDelay"]


@value
class LoginDelay:
    """LOGIN-DELAY: seconds between logins; ``per_user``: less perhaps, after the login."""

    seconds: int
    per_user: bool = False


@value
class Expire:
    """EXPIRE: days that a message is kept, None for ever; ``per_user`` as in LoginDelay."""

    days: int | None
    per_user: bool = False


class Capabilities(KeywordLines):
    """The capabilities of a server with their parameters, in order; never changed.

    Made from lines such as ``"SASL PLAIN"``. Unknown ones are kept like any other.
    ``"TOP" in capabilities`` and ``capabilities["SASL"]`` (a tuple of strings) serve all of
    them, properties those whose parameters mean something.
    """

    __slots__ = ()

    _keyword = re.compile(r"[!-\-/-~]+")
    _section = "RFC 2449 3"

    @property
    def sasl(self) -> tuple[str, ...]:
        """SASL: the mechanisms in upper case (RFC 5034 3)."""
        return tuple(name.upper() for name in self._parameters.get("SASL", ()))

    @property
    def login_delay(self) -> LoginDelay | None:
        """LOGIN-DELAY, None if absent or malformed (RFC 2449 6.5)."""
        seconds = number(self._first("LOGIN-DELAY"))
        return None if seconds is None else LoginDelay(seconds, self._per_user("LOGIN-DELAY"))

    @property
    def expire(self) -> Expire | None:
        """EXPIRE, None if absent or malformed (RFC 2449 6.7)."""
        first = self._first("EXPIRE") or ""
        days = number(first)
        if days is None and first.upper() != "NEVER":
            return None
        return Expire(days, self._per_user("EXPIRE"))

    @property
    def implementation(self) -> str | None:
        """IMPLEMENTATION: what the server calls itself; decide nothing by it (RFC 2449 6.9)."""
        return " ".join(self["IMPLEMENTATION"]) if "IMPLEMENTATION" in self else None

    @property
    def utf8_user(self) -> bool:
        """UTF8 USER: names and passwords may be UTF-8 (RFC 6856 2.2)."""
        return "USER" in map(str.upper, self._parameters.get("UTF8", ()))

    def without_plaintext(self) -> "Capabilities":
        """Return a copy that offers no way to show a password or token to listeners."""
        safe = [name for name in self.sasl if not _is_plaintext(name)]
        rest = self.without("USER", "SASL")
        return rest.with_lines(" ".join(("SASL", *safe))) if safe else rest

    def _per_user(self, keyword: str) -> bool:
        return "USER" in map(str.upper, self._parameters[keyword][1:])


def _is_plaintext(name: str) -> bool:
    mechanism = server_mechanism(name)
    return mechanism is not None and mechanism.plaintext


DEFAULT_CAPABILITIES = Capabilities(
    ("TOP", "UIDL", "USER", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "UTF8 USER")
)
"""What the server core can do by itself; add SASL and STLS for what your embedding can."""
