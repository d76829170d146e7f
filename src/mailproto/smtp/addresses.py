"""Reverse-paths, forward-paths and domains (RFC 5321 4.1.2 and 4.1.3, RFC 6531 3.3)."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from mailproto._value import value
from mailproto.errors import Defect, MailProtocolError

__all__ = ["MAX_DOMAIN", "PLAIN_MAILBOX", "InvalidAddress", "Path", "check_domain", "parse_path"]


class InvalidAddress(MailProtocolError, ValueError):
    """A path or domain breaks the grammar; the message says how."""


@value
class Path:
    """A path taken apart.

    ``local_part`` is unquoted: quoted forms of one mailbox are equal (RFC 5321 4.1.2).
    ``domain`` is a domain or an address literal in brackets; it is empty for the null path
    (then ``local_part`` is empty too) and for ``postmaster`` without domain.
    ``source_route`` is an obsolete route such as ``"@a.example,@b.example"``, to be ignored.
    """

    local_part: str
    domain: str
    source_route: str = ""

    def __str__(self) -> str:
        """The mailbox with as little quoting as possible, without route and angle brackets."""
        local = self.local_part
        if not _DOT_STRING.fullmatch(local) and (local or self.domain):
            local = '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
        return f"{local}@{self.domain}" if self.domain else local

    @property
    def needs_smtputf8(self) -> bool:
        """Whether the path holds characters that only SMTPUTF8 can carry (RFC 6531)."""
        return not (self.local_part.isascii() and self.domain.isascii())


_UTF8 = "\u0080-\ud7ff\ue000-\U0010ffff"  # surrogates are no characters
_ATEXT = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~\-{_UTF8}]"
_DOT_STRING = re.compile(rf"{_ATEXT}++(?:\.{_ATEXT}++)*+")
_QUOTED = rf'"(?:[ !#-\[\]-~{_UTF8}]|\\[ -~])*"'
_LET_DIGS = rf"[A-Za-z0-9{_UTF8}]++"
_DOMAIN = rf"{_LET_DIGS}(?:(?:\.|-++){_LET_DIGS})*+"
PLAIN_MAILBOX = f"{_DOT_STRING.pattern}@{_DOMAIN}".replace(_UTF8, "").encode()
"""A regular expression for mailboxes of the usual kind: ASCII, no quotes, no address literal."""
_LITERAL = r"\[[!-Z^-~]+\]"
_MAILBOX = re.compile(
    rf"(?P<route>@{_DOMAIN}(?:,@{_DOMAIN})*:)?"
    rf"(?P<local>{_DOT_STRING.pattern}|{_QUOTED})@(?P<domain>{_DOMAIN}|{_LITERAL})"
)
# What real peers send all the same: dots anywhere in a local part, underscores and stray
# hyphens in a domain, the dot of the DNS root.
_TOLERATED = re.compile(
    rf"(?P<route>@[\w.\-]+(?:,@[\w.\-]+)*:)?"
    rf"(?P<local>(?:{_ATEXT}|\.)+)@(?P<domain>[\w.\-]+)"
)
_HOST = re.compile(rf"{_DOMAIN}|{_LITERAL}")
_GENERAL_LITERAL = re.compile(r"[A-Za-z0-9\-]*[A-Za-z0-9]:[!-Z^-~]+")
MAX_DOMAIN = 255
"""Characters of a domain (RFC 5321 4.5.3.1.2)."""


@lru_cache(maxsize=256)
def parse_path(text: str, *, strict: bool = False) -> tuple[Path, tuple[Defect, ...]]:
    """Parse what stands between the angle brackets; ``""`` is the null path.

    Returns the path and what was tolerated, which is nothing if ``strict``.
    Raises :class:`InvalidAddress`. Source: RFC 5321 4.1.2, RFC 6531 3.3.
    """
    if not text:
        return Path("", ""), ()
    defects: tuple[Defect, ...] = ()
    found = _MAILBOX.fullmatch(text)
    if found is None:
        if text.lower() == "postmaster":
            return Path(text, ""), ()
        found = None if strict else _TOLERATED.fullmatch(text)
        if found is None:
            raise InvalidAddress(f"{text[:80]!r} is not a mailbox of the form local-part@domain")
        defects = (
            Defect("mailbox breaks the grammar", text.encode()[:80], section="RFC 5321 4.1.2"),
        )
    route, local, domain = found.group("route", "local", "domain")
    _check_host(domain)
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return Path(local, domain, (route or "")[:-1]), defects


def check_domain(text: str) -> None:
    """Check the argument of EHLO, HELO or LHLO: a domain or an address literal.

    Raises :class:`InvalidAddress`. Source: RFC 5321 4.1.1.1.
    """
    if not _HOST.fullmatch(text):
        raise InvalidAddress(f"{text[:80]!r} is neither a domain nor an address literal")
    _check_host(text)


def _check_host(domain: str) -> None:
    if not domain.startswith("["):
        if len(domain) > MAX_DOMAIN:
            raise InvalidAddress(f"the domain has more than {MAX_DOMAIN} characters")
        return
    literal = domain[1:-1]
    try:
        if literal[:5].lower() == "ipv6:":
            if "%" in literal:
                raise InvalidAddress(f"{domain[:80]!r} has a zone")
            IPv6Address(literal[5:])
        elif ":" not in literal:
            IPv4Address(literal)
        elif not _GENERAL_LITERAL.fullmatch(literal):
            raise InvalidAddress(f"{domain[:80]!r} is not an address literal")
    except AddressValueError as error:
        raise InvalidAddress(f"{domain[:80]!r} is not an address literal: {error}") from None
