"""What a client may send to this server: only what fits the session and what it offers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto.errors import LocalProtocolError
from mailproto.pop3 import commands as c
from mailproto.pop3.commands import Command
from mailproto.pop3.states import OFFERED_AS, OLDER_THAN_CAPA, command_name

if TYPE_CHECKING:
    from mailproto.pop3.client import ClientConnection

__all__ = ["check_permitted", "check_plaintext"]


def check_permitted(client: "ClientConnection", command: Command) -> None:
    """Raise :class:`LocalProtocolError` if the server does not offer or allow ``command``.

    As long as nothing is known about the server, everything may be tried.
    """
    kind = type(command)
    offered = client.capabilities
    if offered is not None and kind in _NEEDS and _NEEDS[kind] not in offered:
        raise LocalProtocolError(f"the server does not offer {_NEEDS[kind]}")
    if kind in _CHECKS:
        _CHECKS[kind](client, command)


def check_plaintext(client: "ClientConnection", what: str) -> None:
    """Raise :class:`LocalProtocolError` if ``what`` would show a password to listeners."""
    if not (client.tls or client.allow_plaintext):
        raise LocalProtocolError(
            f"{what} would show the password to every listener: start TLS first, or set "
            "allow_plaintext"
        )


def _check_name(client: "ClientConnection", command: Any) -> None:
    text = command.password if isinstance(command, c.Pass) else command.name
    if not text.isascii() and not (client.capabilities and client.capabilities.utf8_user):
        raise LocalProtocolError(
            f"{command_name(command)}: not ASCII, and the server does not offer UTF8 USER "
            "(RFC 6856 2.2)"
        )


def _check_pass(client: "ClientConnection", command: Any) -> None:
    if not client.user_sent:
        raise LocalProtocolError("PASS belongs behind USER")
    check_plaintext(client, "PASS")
    _check_name(client, command)


def _check_apop(client: "ClientConnection", command: Any) -> None:
    if client.timestamp is None:
        raise LocalProtocolError("the greeting had no timestamp, so there is no APOP")
    _check_name(client, command)


def _check_auth(client: "ClientConnection", command: Any) -> None:
    offered = client.capabilities
    if offered is None or "SASL" not in offered:
        if command.initial_response is not None:
            raise LocalProtocolError("no initial response without SASL in CAPA (RFC 5034 3)")
    elif command.mechanism.upper() not in offered.sasl:
        raise LocalProtocolError(
            f"the server does not offer {command.mechanism}, "
            f"but {' '.join(offered.sasl) or 'nothing'}"
        )


def _check_stls(client: "ClientConnection", command: Any) -> None:
    if client.tls:
        raise LocalProtocolError("the session runs over TLS already")
    if client.utf8:
        raise LocalProtocolError("no STLS after UTF8 (RFC 6856 2.1)")
    if client.in_flight:
        raise LocalProtocolError("read all responses before STLS")


_NEEDS = {kind: name for kind, name in OFFERED_AS.items() if kind not in OLDER_THAN_CAPA}

_CHECKS: dict[type[Any], Callable[["ClientConnection", Any], None]] = {
    c.User: _check_name,
    c.Pass: _check_pass,
    c.Apop: _check_apop,
    c.Auth: _check_auth,
    c.Stls: _check_stls,
}
