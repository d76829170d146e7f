"""The tables of SMTP and LMTP: states, order of commands, pipelining groups, timeouts.

All that both roles know about *when* something is allowed stands here. ``docs/smtp-states.md``
is drawn from ``TRANSITIONS``.
"""

from enum import Enum
from typing import Any

from mailproto.smtp import commands as c

__all__ = [
    "BODY_TIMEOUTS",
    "ENDS_GROUP",
    "GREETING_TIMEOUT",
    "OFFERED_AS",
    "REPLY_TIMEOUTS",
    "SERVER_TIMEOUT",
    "TRANSITIONS",
    "State",
    "command_name",
    "destination",
    "ends_message",
]


class State(Enum):
    """Where a connection stands; the same names in both roles."""

    PROXY = "waits for the header of the PROXY protocol"
    GREETING = "the server has to greet"
    REFUSED = "greeted with a refusal; QUIT comes next"
    INITIAL = "greeted; EHLO, HELO or LHLO comes next"
    READY = "between transactions"
    MAIL = "the reverse-path is known"
    RCPT = "a recipient was accepted"
    DATA = "the body goes through DATA"
    CHUNK = "the octets of one BDAT go through"
    CHUNKING = "between two BDATs of a body"
    AUTHENTICATING = "within an AUTH exchange"
    TLS = "waits for the TLS handshake"
    CLOSED = "over"
    ERROR = "broken; see the exception"

    __hash__ = object.__hash__  # members are singletons; Enum's own is Python code


_GREETED = (State.INITIAL, State.READY, State.MAIL, State.RCPT, State.CHUNKING)
_STAYS = {state: state for state in _GREETED}

# Command (None: the greeting) -> {state in which it is allowed: state after a positive
# reply}; RFC 5321 4.1.4.
TRANSITIONS: dict[type[Any], dict[State, State]] = {
    type(None): {State.GREETING: State.INITIAL},
    c.Ehlo: dict.fromkeys(_GREETED, State.READY),
    c.Helo: dict.fromkeys(_GREETED, State.READY),
    c.Lhlo: dict.fromkeys(_GREETED, State.READY),
    c.Mail: {State.READY: State.MAIL},
    c.Rcpt: {State.MAIL: State.RCPT, State.RCPT: State.RCPT},
    c.Data: {State.RCPT: State.DATA},
    c.Bdat: {State.RCPT: State.CHUNKING, State.CHUNKING: State.CHUNKING},
    c.Burl: {State.RCPT: State.CHUNKING, State.CHUNKING: State.CHUNKING},
    c.EndOfMessage: {State.DATA: State.READY, State.CHUNKING: State.READY},
    c.Rset: {**dict.fromkeys(_GREETED, State.READY), State.INITIAL: State.INITIAL},
    c.Vrfy: _STAYS,
    c.Expn: _STAYS,
    c.Help: _STAYS,
    c.Noop: _STAYS,
    c.Quit: dict.fromkeys((*_GREETED, State.REFUSED), State.CLOSED),
    c.StartTls: {State.READY: State.TLS},
    c.Auth: {State.READY: State.READY},  # not within a transaction, RFC 4954 4
    c.AuthResponse: {State.AUTHENTICATING: State.READY},
    c.Etrn: {State.READY: State.READY},
    c.Xclient: {State.INITIAL: State.INITIAL, State.READY: State.INITIAL},
    c.Xforward: {State.INITIAL: State.INITIAL, State.READY: State.READY},
    c.UnknownCommand: _STAYS,
}

# The EHLO keyword without which a command does not exist.
OFFERED_AS: dict[type[Any], str] = {
    c.Bdat: "CHUNKING",
    c.Burl: "BURL",
    c.StartTls: "STARTTLS",
    c.Auth: "AUTH",
    c.Etrn: "ETRN",
    c.Xclient: "XCLIENT",
    c.Xforward: "XFORWARD",
}

# Commands that end a pipelined group: their reply has to come before anything else is sent.
# RFC 2920 3.1; RFC 3207 4 for STARTTLS, RFC 4954 4 for AUTH.
ENDS_GROUP: frozenset[type[Any]] = frozenset(
    {
        c.Ehlo,
        c.Helo,
        c.Lhlo,
        c.Data,
        c.Vrfy,
        c.Expn,
        c.Help,
        c.Noop,
        c.Quit,
        c.StartTls,
        c.Auth,
        c.AuthResponse,
        c.Etrn,
        c.Xclient,
        c.UnknownCommand,
    }
)

# Seconds that a client waits for a reply, and either side for the rest; RFC 5321 4.5.3.2.
GREETING_TIMEOUT = 300
REPLY_TIMEOUTS: dict[type[Any], int] = {
    **dict.fromkeys(TRANSITIONS, 300),
    c.Data: 120,
    c.Bdat: 600,
    c.Burl: 600,
    c.EndOfMessage: 600,
}
BODY_TIMEOUTS = {State.DATA: 180, State.CHUNK: 180}
SERVER_TIMEOUT = 300

_HAS_LAST = frozenset((c.Bdat, c.Burl))


def destination(command: Any, state: State) -> State:
    """Return the state after the success of ``command``; LAST ends the transaction."""
    kind = type(command)
    if kind in _HAS_LAST and command.last:
        return State.READY
    return TRANSITIONS[kind][state]


def ends_message(command: Any) -> bool:
    """Whether the message is complete with ``command``."""
    return isinstance(command, c.EndOfMessage) or getattr(command, "last", False)


def command_name(command: Any) -> str:
    """Name a command or event as people do, for messages."""
    if isinstance(command, c.UnknownCommand):
        return command.name
    return getattr(command, "verb", "") or type(command).__name__
