"""Valid values of SMTP: what :func:`mailproto.smtp.encode_command` and its kin accept.

Each strategy draws values that come back equal when they are encoded and parsed again.
``utf8`` lets them hold what only SMTPUTF8 can carry.
"""

import string
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

from hypothesis import strategies as st

from mailproto.smtp import (
    Auth,
    AuthResponse,
    Bdat,
    Burl,
    Command,
    Data,
    DeliverBy,
    Ehlo,
    EnhancedCode,
    Etrn,
    Expn,
    Extensions,
    Helo,
    Help,
    Lhlo,
    Mail,
    Mtrk,
    Noop,
    OriginalRecipient,
    Parameter,
    Path,
    Quit,
    Rcpt,
    Reply,
    Rrvs,
    Rset,
    StartTls,
    UnknownCommand,
    Vrfy,
    Xclient,
    Xforward,
)
from mailproto.smtp.parameters import MAIL_PARAMETERS, RCPT_PARAMETERS

__all__ = [
    "COMMANDS",
    "address_literals",
    "commands",
    "domains",
    "enhanced_codes",
    "extensions",
    "hosts",
    "local_parts",
    "mailboxes",
    "mails",
    "messages",
    "paths",
    "rcpts",
    "replies",
    "texts",
]

T = TypeVar("T")

_LET_DIG = string.ascii_letters + string.digits
_ATEXT = _LET_DIG + "!#$%&'*+/=?^_`{|}~-"
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_BEYOND = st.characters(codec="utf-8", min_codepoint=0x80)
_VERBS = frozenset(cls.verb for cls in Command.__subclasses__())


def _chars(ascii_chars: str, utf8: bool) -> st.SearchStrategy[str]:
    plain = st.sampled_from(ascii_chars)
    return plain | _BEYOND if utf8 else plain


def _words(chars: str, *, utf8: bool = False, most: int = 12) -> st.SearchStrategy[str]:
    return st.text(_chars(chars, utf8), min_size=1, max_size=most)


def _or_none(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | strategy


# --- addresses ---


def texts(*, utf8: bool = False) -> st.SearchStrategy[str]:
    """Draw printable text that neither begins nor ends with a space."""
    return _words(_VISIBLE + " ", utf8=utf8, most=30).map(lambda s: s.strip(" ")).filter(bool)


def domains(*, utf8: bool = False) -> st.SearchStrategy[str]:
    """Draw domain names (RFC 5321 4.1.2; with ``utf8`` RFC 6531 3.3)."""
    let_dig = _chars(_LET_DIG, utf8)
    middle = st.text(_chars(_LET_DIG + "-", utf8), max_size=6)
    label = let_dig | st.tuples(let_dig, middle, let_dig).map("".join)
    return st.lists(label, min_size=1, max_size=4).map(".".join)


def address_literals() -> st.SearchStrategy[str]:
    """Draw address literals in brackets: IPv4, IPv6 and general ones (RFC 5321 4.1.3)."""
    dcontent = _VISIBLE.translate({ord(c): None for c in "[\\]"})
    tag = _words(_LET_DIG).filter(lambda t: t.lower() != "ipv6")
    return st.one_of(
        st.ip_addresses(v=4).map(lambda a: f"[{a}]"),
        st.ip_addresses(v=6).map(lambda a: f"[IPv6:{a}]"),
        st.tuples(tag, _words(dcontent)).map(lambda t: f"[{t[0]}:{t[1]}]"),
    )


def hosts(*, utf8: bool = False) -> st.SearchStrategy[str]:
    """Draw domains and address literals."""
    return domains(utf8=utf8) | address_literals()


def local_parts(*, utf8: bool = False) -> st.SearchStrategy[str]:
    """Draw local parts as they stand in an address: dot-strings and quoted strings."""
    dot_string = st.lists(_words(_ATEXT, utf8=utf8, most=6), min_size=1, max_size=3).map(".".join)
    plain = _chars(_VISIBLE.translate({ord('"'): None, ord("\\"): None}) + " ", utf8)
    pair = st.sampled_from(_VISIBLE + " ").map(lambda c: "\\" + c)
    quoted = st.lists(plain | pair, max_size=8).map(lambda parts: f'"{"".join(parts)}"')
    return dot_string | quoted


def mailboxes(*, utf8: bool = False) -> st.SearchStrategy[str]:
    """Draw mailboxes, ``local-part@host``."""
    return st.tuples(local_parts(utf8=utf8), hosts(utf8=utf8)).map("@".join)


def paths(*, utf8: bool = False) -> st.SearchStrategy[Path]:
    """Draw paths taken apart, with the null path and source routes among them."""
    local = st.text(_chars(_VISIBLE + " ", utf8), max_size=8)
    plain = st.builds(Path, local, hosts(utf8=utf8), _routes(utf8))
    return plain | st.just(Path("", ""))


def _routes(utf8: bool) -> st.SearchStrategy[str]:
    hops = st.lists(domains(utf8=utf8), min_size=1, max_size=2)
    return st.just("") | hops.map(lambda names: ",".join(f"@{name}" for name in names))


# --- commands ---


def _dates() -> st.SearchStrategy[datetime]:
    zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
    return st.datetimes(
        min_value=datetime(1, 1, 2),
        max_value=datetime(9999, 12, 30),
        timezones=st.just(UTC) | zones,
    )


def _base64() -> st.SearchStrategy[str]:
    return st.binary(min_size=1, max_size=9).map(lambda data: b64encode(data).decode())


def _deliver_bys() -> st.SearchStrategy[DeliverBy]:
    most = 999_999_999
    flag = st.booleans()
    return st.builds(DeliverBy, st.integers(-most, most), st.just("N"), flag) | st.builds(
        DeliverBy, st.integers(1, most), st.just("R"), flag
    )


def _notifies() -> st.SearchStrategy[tuple[str, ...]]:
    some = st.permutations(("SUCCESS", "FAILURE", "DELAY"))
    return st.just(("NEVER",)) | st.tuples(some, st.integers(1, 3)).map(
        lambda t: tuple(t[0][: t[1]])
    )


def _original_recipients(utf8: bool) -> st.SearchStrategy[OriginalRecipient]:
    international = st.builds(
        OriginalRecipient, st.just("utf-8"), texts(utf8=True).filter(_visible)
    )
    plain = st.builds(OriginalRecipient, st.sampled_from(("rfc822", "x400")), texts(utf8=utf8))
    return plain | international


def _visible(text: str) -> bool:
    return all(ord(char) >= 0x20 and ord(char) != 0x7F for char in text)


def _extras(known: dict[str, Any], utf8: bool) -> st.SearchStrategy[tuple[Parameter, ...]]:
    keyword = st.tuples(
        st.sampled_from(string.ascii_uppercase + string.digits),
        st.text(st.sampled_from(string.ascii_uppercase + string.digits + "-"), max_size=8),
    ).map("".join)
    parameter = st.builds(
        Parameter, keyword.filter(lambda k: k not in known), _or_none(_words(_VISIBLE, utf8=utf8))
    )
    return st.lists(parameter, max_size=2, unique_by=lambda p: p.keyword).map(tuple)


@st.composite
def mails(draw: st.DrawFn, *, utf8: bool = True) -> Mail:
    """Draw MAIL with any parameters; with ``utf8`` also ones with SMTPUTF8."""
    wide = utf8 and draw(st.booleans())
    fields: dict[str, st.SearchStrategy[Any]] = {
        "size": st.integers(0, 10**20 - 1),
        "body": st.sampled_from(("7BIT", "8BITMIME", "BINARYMIME")),
        "auth": st.just("<>") | mailboxes(utf8=wide),
        "ret": st.sampled_from(("FULL", "HDRS")),
        "envid": texts(utf8=wide),
        "requiretls": st.just(True),
        "by": _deliver_bys(),
        "mt_priority": st.integers(-9, 9),
        "solicit": st.lists(
            st.tuples(
                st.sampled_from(string.ascii_letters), st.text(_LET_DIG + ".:_-", max_size=8)
            ).map("".join),
            min_size=1,
            max_size=3,
        ).map(tuple),
        "mtrk": st.builds(Mtrk, _base64(), _or_none(st.integers(0, 999_999_999))),
        "conperm": st.just(True),
        "extra": _extras(MAIL_PARAMETERS, wide),
        draw(st.sampled_from(("holdfor", "holduntil"))): st.none(),
    }
    if "holdfor" in fields:
        fields["holdfor"] = st.integers(1, 999_999_999)
    else:
        fields["holduntil"] = _dates()
    chosen = draw(st.sets(st.sampled_from(sorted(fields)), max_size=5))
    path = draw(st.just("") | st.just("postmaster") | mailboxes(utf8=wide))
    route = draw(_routes(wide)) if "@" in path else ""
    values = {name: draw(fields[name]) for name in sorted(chosen)}
    return Mail(path, smtputf8=wide, source_route=route, **values)


@st.composite
def rcpts(draw: st.DrawFn, *, utf8: bool = False) -> Rcpt:
    """Draw RCPT with any parameters; ``utf8`` for a transaction with SMTPUTF8."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "notify": _notifies(),
        "orcpt": _original_recipients(utf8),
        "rrvs": st.builds(Rrvs, _dates(), st.sampled_from((None, "C", "R"))),
        "conneg": st.just(True),
        "extra": _extras(RCPT_PARAMETERS, utf8),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(fields))))
    path = draw(st.just("Postmaster") | mailboxes(utf8=utf8))
    route = draw(_routes(utf8)) if "@" in path else ""
    values = {name: draw(fields[name]) for name in sorted(chosen)}
    return Rcpt(path, source_route=route, **values)


@st.composite
def _lookups(draw: st.DrawFn, cls: type[T]) -> T:
    smtputf8 = draw(st.booleans())
    argument = texts(utf8=smtputf8).filter(lambda a: not a.upper().endswith("SMTPUTF8"))
    return cls(draw(argument), smtputf8)  # type: ignore[call-arg]


def _attributes() -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    name = st.sampled_from(("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE", "LOGIN"))
    value = st.text(_chars(_VISIBLE + " ", True), max_size=10)
    return st.lists(st.tuples(name, value), min_size=1, max_size=4).map(tuple)


def _mechanisms() -> st.SearchStrategy[str]:
    return st.text(string.ascii_uppercase + string.digits + "-_", min_size=1, max_size=20)


def _nodes() -> st.SearchStrategy[str]:
    option = st.sampled_from(("", "@", "#"))
    return st.tuples(option, domains()).map("".join) | address_literals()


def _unknown_verbs() -> st.SearchStrategy[str]:
    """Draw verbs of private use, which begin with X (RFC 5321 4.1.5)."""
    rest = st.text(string.ascii_uppercase + string.digits, max_size=8)
    return rest.map(lambda verb: "X" + verb).filter(lambda verb: verb not in _VERBS)


COMMANDS: dict[type[Command], st.SearchStrategy[Any]] = {
    Ehlo: st.builds(Ehlo, hosts()),
    Helo: st.builds(Helo, hosts()),
    Lhlo: st.builds(Lhlo, hosts()),
    Mail: mails(),
    Rcpt: rcpts() | rcpts(utf8=True),
    Data: st.just(Data()),
    Bdat: st.builds(Bdat, st.integers(0, 10**20 - 1), st.booleans()),
    Burl: st.builds(Burl, _words(_VISIBLE, most=30), st.booleans()),
    Rset: st.just(Rset()),
    Vrfy: _lookups(Vrfy),
    Expn: _lookups(Expn),
    Help: st.builds(Help, _or_none(texts(utf8=True))),
    Noop: st.builds(Noop, _or_none(texts(utf8=True))),
    Quit: st.just(Quit()),
    StartTls: st.just(StartTls()),
    Auth: st.builds(Auth, _mechanisms(), _or_none(st.binary(max_size=40))),
    AuthResponse: st.builds(AuthResponse, _or_none(st.binary(max_size=40))),
    Etrn: st.builds(Etrn, _nodes()),
    Xclient: st.builds(Xclient, _attributes()),
    Xforward: st.builds(Xforward, _attributes()),
    UnknownCommand: st.builds(UnknownCommand, _unknown_verbs(), st.just("") | texts(utf8=True)),
}
"""For each command class the strategy of its valid values."""


def commands() -> st.SearchStrategy[Command]:
    """Draw any command. :class:`AuthResponse` is left out: it is a line within AUTH only."""
    return st.one_of(*(each for cls, each in COMMANDS.items() if cls is not AuthResponse))


# --- replies, extensions, messages ---


def enhanced_codes(category: int) -> st.SearchStrategy[EnhancedCode]:
    """Draw enhanced status codes whose class is ``category`` (2, 4 or 5)."""
    number = st.integers(0, 999)
    return st.builds(EnhancedCode, st.just(category), number, number)


@st.composite
def replies(draw: st.DrawFn, *, utf8: bool = False) -> Reply:
    """Draw replies of one or more lines, with or without enhanced status code."""
    code = draw(st.integers(200, 599))
    category = code // 100
    enhanced = None if category == 3 else draw(_or_none(enhanced_codes(category)))
    line = st.text(_chars(_VISIBLE + " \t", utf8), max_size=30)
    if enhanced is None:  # else it would be taken for the code
        line = line.filter(lambda text: EnhancedCode.split(text, str(category))[0] is None)
    return Reply(code, "\n".join(draw(st.lists(line, min_size=1, max_size=4))), enhanced)


def extensions() -> st.SearchStrategy[Extensions]:
    """Draw what a server may offer: well-known and unknown keywords with parameters."""
    known = st.sampled_from(
        (
            *("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "STARTTLS", "DSN"),
            *("ENHANCEDSTATUSCODES", "SIZE", "SIZE 1000", "SIZE 0", "AUTH PLAIN LOGIN", "ETRN"),
            *("REQUIRETLS", "DELIVERBY 240", "MT-PRIORITY STANAG4406", "RRVS", "BURL imap"),
            *("FUTURERELEASE 86400 2030-01-01T00:00:00Z", "NO-SOLICITING org.example:ADV:ADLT"),
            *("LIMITS MAILMAX=2 RCPTMAX=3", "MTRK", "CONPERM", "CONNEG", "XCLIENT NAME ADDR"),
        )
    )
    keyword = _words(string.ascii_uppercase)
    unknown = st.lists(_words(_VISIBLE), max_size=2).flatmap(
        lambda words: keyword.map(lambda first: " ".join((first, *words)))
    )
    return st.lists(known | unknown, max_size=8).map(Extensions)


def messages(*, eight_bit: bool = True) -> st.SearchStrategy[bytes]:
    """Draw messages whose lines all end in CRLF, dots and empty lines among them."""
    byte = st.integers(1, 255 if eight_bit else 127).filter(lambda b: b not in b"\r\n")
    line = st.sampled_from((b"", b".", b"..", b".x", b"From x")) | st.lists(byte, max_size=20).map(
        bytes
    )
    return st.lists(line, max_size=8).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
