"""What a server refuses, and with which response."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto._foreign import HTTP_VERBS
from mailproto.pop3 import commands as c
from mailproto.pop3.answers import DEFAULT_RESPONSES
from mailproto.pop3.codec import CommandSyntaxError
from mailproto.pop3.commands import Command
from mailproto.pop3.responses import Response
from mailproto.pop3.states import OFFERED_AS, TRANSITIONS, State

if TYPE_CHECKING:
    from mailproto.pop3.server import ServerConnection

__all__ = ["ENOUGH", "LINE_TOO_LONG", "objection"]

LINE_TOO_LONG = Response(False, "Line too long")
ENOUGH = Response(False, "Too many errors or commands, closing")

_LOG_IN_FIRST = Response(False, "Log in first")
_LOGGED_IN = Response(False, "Already logged in")
_NOT_OFFERED = Response(False, "Not offered")
_NO_PLAINTEXT = Response(False, "Passwords only over TLS")
_NO_APOP = Response(False, "The greeting had no timestamp")
_USER_FIRST = Response(False, "USER first")
_TLS_ALREADY = Response(False, "Command not permitted when TLS active")
_NO_STLS_AFTER_UTF8 = Response(False, "No STLS after UTF8")  # RFC 6856 2.1
_NOT_ASCII = Response(False, "Not ASCII, which needs UTF8 USER")  # RFC 6856 2.2


def objection(server: "ServerConnection", command: Command) -> Response | None:
    """Return the refusal of a command that can not be served now, None if it can.

    Raises :class:`CommandSyntaxError` if the session is not worth going on.
    """
    kind = type(command)
    if server.state not in TRANSITIONS[kind]:
        return _LOG_IN_FIRST if server.state is State.AUTHORIZATION else _LOGGED_IN
    check = _CHECKS.get(kind)
    response = None if check is None else check(server, command)
    if response is None and kind in OFFERED_AS and OFFERED_AS[kind] not in server.offered:
        return _NOT_OFFERED
    return response


def _check_user(server: "ServerConnection", user: Any) -> Response | None:
    if not server.may_show_passwords and "USER" in server.capabilities:
        return _NO_PLAINTEXT
    return _check_ascii(server, user.name)


def _check_pass(server: "ServerConnection", command: Any) -> Response | None:
    if server.name is None:
        return _USER_FIRST
    return _check_ascii(server, command.password)


def _check_apop(server: "ServerConnection", apop: Any) -> Response | None:
    if server.timestamp is None:
        return _NO_APOP
    return _check_ascii(server, apop.name)


def _check_ascii(server: "ServerConnection", text: str) -> Response | None:
    return None if text.isascii() or server.offered.utf8_user else _NOT_ASCII


def _check_auth(server: "ServerConnection", auth: Any) -> Response | None:
    return None if auth.mechanism in server.offered.sasl else DEFAULT_RESPONSES[c.Auth]


def _check_stls(server: "ServerConnection", stls: Any) -> Response | None:
    if server.tls:
        return _TLS_ALREADY
    return _NO_STLS_AFTER_UTF8 if server.utf8 else None


def _check_unknown(server: "ServerConnection", unknown: Any) -> Response | None:
    if unknown.name in HTTP_VERBS:
        raise CommandSyntaxError("No HTTP")
    return None


_CHECKS: dict[type[Any], Callable[["ServerConnection", Any], Response | None]] = {
    c.User: _check_user,
    c.Pass: _check_pass,
    c.Apop: _check_apop,
    c.Auth: _check_auth,
    c.Stls: _check_stls,
    c.UnknownCommand: _check_unknown,
}
