"""The tables of POP3: states, order of commands, pipelining, what follows a response, timeouts.

All that both roles know about *when* something is allowed stands here. ``docs/pop3-states.md``
is drawn from ``TRANSITIONS``.
"""

from enum import Enum
from typing import Any

from mailproto.pop3 import commands as c
from mailproto.pop3.responses import (
    CapabilityLines,
    Language,
    Languages,
    MaildropStatus,
    MessageData,
    ScanListing,
    ScanListings,
    UniqueId,
    UniqueIds,
)
from mailproto.sasl import Authenticated

__all__ = [
    "CONTENT",
    "ENDS_GROUP",
    "OFFERED_AS",
    "OLDER_THAN_CAPA",
    "SERVER_TIMEOUT",
    "TIMEOUT",
    "TRANSITIONS",
    "VALUES",
    "State",
    "command_name",
    "content_of",
    "value_of",
]


class State(Enum):
    """Where a connection stands; the same names in both roles (RFC 1939 3)."""

    GREETING = "the server has to greet"
    AUTHORIZATION = "the client has to authenticate"
    TRANSACTION = "the maildrop is open"
    UPDATE = "messages marked as deleted are being removed"
    AUTHENTICATING = "within an AUTH exchange"
    TLS = "waits for the TLS handshake"
    CLOSED = "over"
    ERROR = "broken; see the exception"

    __hash__ = object.__hash__  # that of Enum is slow, and the tables are asked all the time


_LOGIN = {State.AUTHORIZATION: State.TRANSACTION}
_AUTHORIZATION = {State.AUTHORIZATION: State.AUTHORIZATION}
_TRANSACTION = {State.TRANSACTION: State.TRANSACTION}
_BOTH = {**_AUTHORIZATION, **_TRANSACTION}

# Command (None: the greeting) -> {state in which it is allowed: state after a positive
# response}; RFC 1939 4 to 7, and the extensions.
TRANSITIONS: dict[type[Any], dict[State, State]] = {
    type(None): {State.GREETING: State.AUTHORIZATION},
    c.User: _AUTHORIZATION,
    c.Pass: _LOGIN,
    c.Apop: _LOGIN,
    c.Auth: _LOGIN,
    c.AuthResponse: {State.AUTHENTICATING: State.TRANSACTION},
    Authenticated: _LOGIN,
    c.Capa: _BOTH,
    c.Stls: {State.AUTHORIZATION: State.TLS},
    c.Utf8: _AUTHORIZATION,
    c.Lang: _BOTH,
    c.Stat: _TRANSACTION,
    c.List: _TRANSACTION,
    c.Uidl: _TRANSACTION,
    c.Retr: _TRANSACTION,
    c.Top: _TRANSACTION,
    c.Dele: _TRANSACTION,
    c.Noop: _TRANSACTION,
    c.Rset: _TRANSACTION,
    # Here the state is entered at once, and either response closes the session.
    c.Quit: {State.AUTHORIZATION: State.CLOSED, State.TRANSACTION: State.UPDATE},
    c.UnknownCommand: _BOTH,
}

# The capability without which a command does not exist.
OFFERED_AS: dict[type[Any], str] = {
    c.User: "USER",
    c.Pass: "USER",
    c.Top: "TOP",
    c.Uidl: "UIDL",
    c.Auth: "SASL",
    c.Stls: "STLS",
    c.Utf8: "UTF8",
    c.Lang: "LANG",
}
# Those that are older than CAPA: a client may try them all the same.
OLDER_THAN_CAPA: frozenset[type[Any]] = frozenset({c.User, c.Pass, c.Top, c.Uidl, c.Auth})

# Commands whose response has to come before anything else is sent; RFC 2595 4, RFC 5034 4.
ENDS_GROUP: frozenset[type[Any]] = frozenset({c.Stls, c.Auth, c.AuthResponse, c.Quit})

# What follows a positive response; with an argument, the second column, its text is the answer.
CONTENT: dict[type[Any], tuple[type[Any], str | None]] = {
    c.Retr: (MessageData, None),
    c.Top: (MessageData, None),
    c.List: (ScanListings, "number"),
    c.Uidl: (UniqueIds, "number"),
    c.Lang: (Languages, "tag"),
    c.Capa: (CapabilityLines, None),
}
VALUES: dict[type[Any], tuple[type[Any], str | None]] = {
    c.Stat: (MaildropStatus, None),
    c.List: (ScanListing, "number"),
    c.Uidl: (UniqueId, "number"),
    c.Lang: (Language, "tag"),
}

# Seconds; RFC 1939 3 wants 10 minutes at least of a server. For a client no RFC names any: it
# waits as long as one of SMTP (RFC 5321 4.5.3.2).
SERVER_TIMEOUT = 600
TIMEOUT = 300


def content_of(command: Any) -> type[Any] | None:
    """Return the class of what follows a positive response to ``command``, None if nothing."""
    if type(command) is c.UnknownCommand:
        return MessageData if command.multi_line else None
    kind, argument = CONTENT.get(type(command), (None, None))
    return kind if argument is None or getattr(command, argument) is None else None


def value_of(command: Any) -> type[Any] | None:
    """Return the class of what the text of a positive response says, None if nothing."""
    kind, argument = VALUES.get(type(command), (None, None))
    return kind if argument is None or getattr(command, argument) is not None else None


def command_name(command: Any) -> str:
    """Name a command or event as people do, for messages."""
    if isinstance(command, c.UnknownCommand):
        return command.name
    return getattr(command, "verb", "") or type(command).__name__
