"""What a server refuses, and with which response."""

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any

from mailproto._foreign import HTTP_VERBS
from mailproto.imap import commands as c
from mailproto.imap.charset import is_known_charset
from mailproto.imap.codes import BadCharset, ResponseCode
from mailproto.imap.commands import Command
from mailproto.imap.offers import missing
from mailproto.imap.parse_command import CommandSyntaxError
from mailproto.imap.responses import Bad, Bye, Condition, No
from mailproto.imap.states import TRANSITIONS, State, uses_numbers
from mailproto.imap.values import Literal

if TYPE_CHECKING:
    from mailproto.imap.server import ServerConnection

__all__ = ["FAREWELLS", "TAG_IN_USE", "check_tag", "objection"]

TAG_IN_USE = Bad("The tag is in use")

_LOG_IN = Bad("Log in first")
_SELECT = Bad("Select a mailbox first")
_LOGGED_IN = Bad("Not when logged in")
_NOT_OFFERED = Bad("Not offered")
_PRIVACY = No("Passwords only over TLS", ResponseCode("PRIVACYREQUIRED"))
_NO_MECHANISM = No("No such mechanism")
_UID_REQUIRED = Bad("No message numbers with UIDONLY", ResponseCode("UIDREQUIRED"))
_BAD_CHARSET = No("Unknown charset", BadCharset(("UTF-8", "US-ASCII")))
_TOO_BIG = No("The message is too big", ResponseCode("TOOBIG"))
_CHARSET_CONFLICT = Bad("The charset is UTF-8")

# What is said to a peer that went over a limit, before the connection is closed.
_TOO_LONG = Bye("Too long, closing", ResponseCode("TOOBIG"))
_ENOUGH = Bye("Too many errors or commands, closing")
FAREWELLS: dict[str, Bye] = {
    **dict.fromkeys(
        ("command_line", "command", "command_before_auth", "auth_line", "message_size"), _TOO_LONG
    ),
    **dict.fromkeys(("errors", "commands_before_auth", "auth_failures"), _ENOUGH),
}


def check_tag(tag: str | None, data: bytes) -> None:
    """Raise :class:`CommandSyntaxError` for one of another protocol: then all is over."""
    if tag in HTTP_VERBS:
        raise CommandSyntaxError("No HTTP", data, None)


def objection(server: "ServerConnection", command: Command) -> Condition | None:
    """Return the refusal, without tag, of a command that can not be served now, else None."""
    kind = type(command)
    allowed = TRANSITIONS[kind]
    if server.state not in allowed:
        return _out_of_order(server.state, allowed)
    check = _CHECKS.get(kind)
    if check is not None and (refusal := check(server, command)) is not None:
        return refusal
    if missing(command, server.offered):
        return _NOT_OFFERED
    if "UIDONLY" in server.enabled and uses_numbers(command):
        return _UID_REQUIRED
    return None


def _out_of_order(state: State, allowed: Container[State]) -> Condition:
    if state is State.NOT_AUTHENTICATED:
        return _LOG_IN
    return _SELECT if State.SELECTED in allowed else _LOGGED_IN


def _check_login(server: "ServerConnection", login: Any) -> Condition | None:
    return _PRIVACY if "LOGINDISABLED" in server.offered else None


def _check_authenticate(server: "ServerConnection", command: Any) -> Condition | None:
    mechanism = command.mechanism.upper()
    if mechanism in server.offered.auth:
        return None
    return _PRIVACY if mechanism in server.capabilities.auth else _NO_MECHANISM


def _check_charset(server: "ServerConnection", command: Any) -> Condition | None:
    charset = command.charset
    if charset is None or charset.upper() in ("UTF-8", "US-ASCII"):
        return None
    if "UTF8=ACCEPT" in server.enabled:
        return _CHARSET_CONFLICT  # RFC 9755 3; UTF-8 is no conflict, and Dovecot takes it, too
    return None if is_known_charset(charset) else _BAD_CHARSET


def _check_append(server: "ServerConnection", append: Any) -> Condition | None:
    return _TOO_BIG if any(_is_too_big(server, it) for it in append.messages) else None


def _check_replace(server: "ServerConnection", replace: Any) -> Condition | None:
    return _TOO_BIG if _is_too_big(server, replace.message) else None


def _is_too_big(server: "ServerConnection", message: c.AppendMessage) -> bool:
    """Whether the parts of a message are too big together, each of which was taken."""
    most = server.limits.message_size
    if most is None or not isinstance(message.content, tuple):
        return False
    return sum(_size(part) for part in message.content) > most


def _size(part: c.CatenateText | c.CatenateUrl) -> int:
    if isinstance(part, c.CatenateUrl):
        return 0
    return part.content.size if isinstance(part.content, Literal) else len(part.content)


_CHECKS: dict[type[Any], Callable[["ServerConnection", Any], Condition | None]] = {
    c.Login: _check_login,
    c.Authenticate: _check_authenticate,
    c.Append: _check_append,
    c.Replace: _check_replace,
    **dict.fromkeys((c.SearchCommand, c.Sort, c.ThreadCommand, c.ESearch), _check_charset),
}
