"""Valid values of POP3: what :func:`mailproto.pop3.encode_command` and its kin accept.

Each strategy draws values that come back equal when they are encoded and parsed again.
"""

import string
from typing import Any

from hypothesis import strategies as st

from mailproto._foreign import HTTP_VERBS
from mailproto.pop3 import (
    Apop,
    Auth,
    AuthResponse,
    Capa,
    Capabilities,
    Command,
    Dele,
    Lang,
    Language,
    Languages,
    List,
    Noop,
    Pass,
    Quit,
    Response,
    ResponseCode,
    Retr,
    Rset,
    ScanListings,
    Stat,
    Stls,
    Top,
    Uidl,
    UniqueIds,
    UnknownCommand,
    User,
    Utf8,
    encode_command,
    encode_entries,
    encode_response,
)

__all__ = [
    "COMMANDS",
    "answers",
    "capabilities",
    "commands",
    "languages",
    "messages",
    "response_codes",
    "responses",
    "scan_listings",
    "sessions",
    "unique_ids",
]

_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_LET_DIG = string.ascii_letters + string.digits
_BEYOND = st.characters(codec="utf-8", min_codepoint=0x80)
_VERBS = frozenset(cls.verb for cls in Command.__subclasses__())

# --- commands ---

_numbers = st.integers(1, 9_999_999_999)
_names = st.text(st.sampled_from(_VISIBLE) | _BEYOND, min_size=1, max_size=20)
_texts = st.text(st.sampled_from(_VISIBLE + " ") | _BEYOND, min_size=1, max_size=30)
_mechanisms = st.text(
    st.sampled_from(string.ascii_uppercase + string.digits + "-_"), min_size=1, max_size=20
)
_tags = st.lists(
    st.text(st.sampled_from(_LET_DIG), min_size=1, max_size=8), min_size=1, max_size=4
).map("-".join)
_unknown_verbs = (
    st.text(st.sampled_from(_VISIBLE), min_size=1, max_size=8)
    .map(str.upper)
    .filter(lambda verb: verb not in _VERBS | HTTP_VERBS)  # a server hangs up on HTTP
)

COMMANDS: dict[type[Command], st.SearchStrategy[Command]] = {
    User: st.builds(User, _names),
    Pass: st.builds(Pass, _texts),
    Apop: st.builds(
        Apop, _names, st.text(st.sampled_from("0123456789abcdef"), min_size=32, max_size=32)
    ),
    Auth: st.builds(Auth, _mechanisms, st.none() | st.binary(max_size=40)),
    AuthResponse: st.builds(AuthResponse, st.none() | st.binary(max_size=40)),
    Lang: st.builds(Lang, st.none() | st.just("*") | _tags),
    List: st.builds(List, st.none() | _numbers),
    Uidl: st.builds(Uidl, st.none() | _numbers),
    Retr: st.builds(Retr, _numbers),
    Top: st.builds(Top, _numbers, st.integers(0, 10**20 - 1)),
    Dele: st.builds(Dele, _numbers),
    UnknownCommand: st.builds(UnknownCommand, _unknown_verbs, st.just("") | _texts),
    **{cls: st.just(cls()) for cls in (Capa, Stls, Utf8, Stat, Noop, Rset, Quit)},
}
"""For each class of command its values."""


def commands() -> st.SearchStrategy[Command]:
    """Draw commands of any class."""
    return st.one_of(*COMMANDS.values())


# --- responses and what follows them ---


def response_codes() -> st.SearchStrategy[ResponseCode]:
    """Draw response codes, those of the RFCs among them."""
    known = st.sampled_from((ResponseCode.IN_USE, ResponseCode.SYS_TEMP, ResponseCode.AUTH))
    level = st.text(
        st.sampled_from([c for c in _VISIBLE if c not in "/]"]), min_size=1, max_size=8
    ).map(str.upper)
    return known | st.lists(level, min_size=1, max_size=3).map(tuple).map(ResponseCode)


def responses() -> st.SearchStrategy[Response]:
    """Draw responses; their text may be outside ASCII."""
    plain = _texts.filter(lambda text: not text.startswith("[")) | st.just("")
    without = st.builds(Response, st.booleans(), plain)
    return without | st.builds(Response, st.booleans(), st.just("") | _texts, response_codes())


def capabilities() -> st.SearchStrategy[Capabilities]:
    """Draw capabilities, those that the RFCs name among them."""
    known = st.sampled_from(
        ("TOP", "USER", "UIDL", "STLS", "PIPELINING", "RESP-CODES", "SASL PLAIN", "EXPIRE NEVER")
    )
    first = st.sampled_from([c for c in _VISIBLE if c != "."])
    words = st.lists(st.text(st.sampled_from(_VISIBLE), min_size=1, max_size=6), max_size=3)
    tag = st.text(first, min_size=1, max_size=8)
    lines = st.lists(known | st.builds(lambda t, w: " ".join((t, *w)), tag, words), max_size=5)
    return lines.map(Capabilities)


def scan_listings() -> st.SearchStrategy[ScanListings]:
    """Draw batches of scan listings."""
    pairs = st.lists(st.tuples(_numbers, st.integers(0, 10**20 - 1)), min_size=1, max_size=6)
    return pairs.map(lambda drawn: ScanListings(*map(tuple, zip(*drawn, strict=True))))


def unique_ids() -> st.SearchStrategy[UniqueIds]:
    """Draw batches of unique-id listings."""
    ids = st.text(st.sampled_from(_VISIBLE), min_size=1, max_size=70)
    pairs = st.lists(st.tuples(_numbers, ids), min_size=1, max_size=6)
    return pairs.map(lambda drawn: UniqueIds(*map(tuple, zip(*drawn, strict=True))))


def languages() -> st.SearchStrategy[Languages]:
    """Draw batches of language listings."""
    listing = st.builds(Language, _tags, st.just("") | _texts)
    return st.lists(listing, min_size=1, max_size=4).map(tuple).map(Languages)


def messages() -> st.SearchStrategy[bytes]:
    """Draw what may be stored as a message: with dots, bare CR and LF, and no line end."""
    pieces = (b"\r", b"\n", b"\r\n", b".", b"..", b".\r\n", b"a", b"Subject: x", b"\0\xff")
    return st.lists(st.sampled_from(pieces), max_size=12).map(b"".join)


# --- sessions ---


def sessions() -> st.SearchStrategy[bytes]:
    """Draw what a client says, most of it after a login and in order."""
    login = st.sampled_from(
        (
            b"USER ann\r\nPASS secret\r\n",
            b"USER ann\r\nPASS wrong\r\n",
            b"AUTH PLAIN AGFubgBzZWNyZXQ=\r\n",
            b"AUTH PLAIN\r\nAGFubgBzZWNyZXQ=\r\n",
            b"AUTH LOGIN\r\nYW5u\r\n*\r\n",
            b"CAPA\r\nUTF8\r\n",
            b"",
        )
    )
    known = [cls for cls in COMMANDS if cls not in (AuthResponse, Stls)]
    lines = st.lists(st.one_of(*(COMMANDS[cls] for cls in known)).map(encode_command), max_size=8)
    end = st.sampled_from((b"", b"QUIT\r\n"))
    return st.tuples(login, lines.map(b"".join), end).map(b"".join)


def _message(data: bytes) -> bytes:
    text = data if not data or data.endswith(b"\r\n") else data + b"\r\n"
    return (b"\r\n" + text).replace(b"\n.", b"\n..")[2:] + b".\r\n"


_CONTENTS: dict[type[Any], st.SearchStrategy[bytes]] = {
    Retr: messages().map(_message),
    List: scan_listings().map(lambda batch: encode_entries(batch) + b".\r\n"),
    Uidl: unique_ids().map(lambda batch: encode_entries(batch) + b".\r\n"),
    Lang: languages().map(lambda batch: encode_entries(batch) + b".\r\n"),
    Capa: capabilities().map(lambda c: "".join(f"{x}\r\n" for x in c.lines).encode() + b".\r\n"),
    Noop: st.just(b""),
}


def answers(command: Command) -> st.SearchStrategy[bytes]:
    """Draw complete answers of a server to ``command``, without argument if it has the choice."""
    refused = responses().filter(lambda response: not response.ok)
    accepted = responses().filter(lambda response: response.ok)
    content = _CONTENTS[type(command)]
    return refused.map(_line) | st.tuples(accepted.map(_line), content).map(b"".join)


def _line(response: Response) -> bytes:
    return encode_response(response, utf8=True)
