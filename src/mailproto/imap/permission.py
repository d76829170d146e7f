"""What a client may send to this server: only what fits the session and what it offers."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mailproto.errors import LocalProtocolError
from mailproto.imap import commands as c
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.commands import Command, Option
from mailproto.imap.offers import missing
from mailproto.imap.states import TRANSITIONS, State, uses_numbers
from mailproto.imap.values import Literal

if TYPE_CHECKING:
    from mailproto.imap.client import ClientConnection

__all__ = ["check_permitted", "check_plaintext", "name_of", "takes_initial_response"]

_WHY = {
    State.GREETING: "wait for the greeting first",
    State.NOT_AUTHENTICATED: "log in first",
    State.AUTHENTICATED: "select a mailbox first",
}
_LONGEST_LINE = 8192  # RFC 7162 4


def check_permitted(client: "ClientConnection", command: Command) -> None:
    """Raise :class:`LocalProtocolError` if a command may not be sent now.

    As long as nothing is known about the server, everything may be tried that fits the state.
    """
    kind = type(command)
    if client.state not in TRANSITIONS.get(kind, ()):
        raise LocalProtocolError(f"{name_of(command)} is out of order: {_why(kind, client.state)}")
    if not client.may_pipeline(command):
        raise LocalProtocolError(
            f"{name_of(command)} has to wait for the commands in flight (RFC 9051 5.5)"
        )
    if client.capabilities is not None and (names := missing(command, client.capabilities)):
        raise LocalProtocolError(
            f"{name_of(command)}: the server does not offer {' or '.join(names)}"
        )
    if "UIDONLY" in client.enabled and uses_numbers(command):
        raise LocalProtocolError("no message numbers with UIDONLY: use UIDs (RFC 9586 3)")
    if kind in _CHECKS:
        _CHECKS[kind](client, command)


def _why(kind: type[Command], state: State) -> str:
    """Why a command is out of order: what has to come before it, or that it is too late."""
    later = State.SELECTED in TRANSITIONS.get(kind, ())
    return _WHY[state] if later and state in _WHY else f"not in this state ({state.value})"


def check_plaintext(client: "ClientConnection", what: str) -> None:
    """Raise :class:`LocalProtocolError` if ``what`` would show a password to listeners."""
    if not (client.tls or client.allow_plaintext):
        raise LocalProtocolError(
            f"{what} would show the password to every listener: start TLS first, or set "
            "allow_plaintext"
        )


def takes_initial_response(
    offered: Capabilities | None, mechanism: str, response: bytes | None
) -> bool:
    """Whether AUTHENTICATE may hold the initial response (RFC 4959 3)."""
    if response is None or offered is None:
        return False
    if "SASL-IR" not in offered and "IMAP4rev2" not in offered:
        return False
    encoded = 4 * -(-len(response) // 3)
    return len(f"A1000000 AUTHENTICATE {mechanism} \r\n") + encoded <= _LONGEST_LINE


def name_of(command: Command) -> str:
    """The word that names a command."""
    return command.keyword if isinstance(command, c.UnknownCommand) else command.name


def _check_login(client: "ClientConnection", command: Any) -> None:
    check_plaintext(client, "LOGIN")
    if client.capabilities is not None and "LOGINDISABLED" in client.capabilities:
        raise LocalProtocolError("the server forbids LOGIN (LOGINDISABLED)")


def _check_starttls(client: "ClientConnection", command: Any) -> None:
    if client.tls:
        raise LocalProtocolError("the session runs over TLS already")


def _check_compress(client: "ClientConnection", command: Any) -> None:
    if command.algorithm != "DEFLATE":
        raise LocalProtocolError(f"{command.algorithm} is not spoken here, but DEFLATE is")
    if client.compressed:
        raise LocalProtocolError("the session is compressed already")


def _check_enable(client: "ClientConnection", command: Any) -> None:
    if client.state is State.SELECTED:
        raise LocalProtocolError("ENABLE belongs before a mailbox is selected (RFC 9051 6.3.1)")


def _check_enabled(client: "ClientConnection", name: str, options: c.Options) -> None:
    named = (option.name if isinstance(option, Option) else option for option in options)
    if name in named and "QRESYNC" not in client.enabled:
        raise LocalProtocolError(f"{name} needs ENABLE QRESYNC first (RFC 7162 3.2.3)")


def _check_select(client: "ClientConnection", command: Any) -> None:
    _check_enabled(client, "QRESYNC", command.parameters)


def _check_fetch(client: "ClientConnection", command: Any) -> None:
    _check_enabled(client, "VANISHED", command.modifiers)


def _check_append(client: "ClientConnection", command: Any) -> None:
    _check_sizes(client, command.messages)


def _check_replace(client: "ClientConnection", command: Any) -> None:
    _check_sizes(client, (command.message,))


def _check_sizes(client: "ClientConnection", messages: Iterable[c.AppendMessage]) -> None:
    offered = client.capabilities
    most = None if offered is None else offered.append_limit
    for message in messages:
        content = message.content
        size = content.size if isinstance(content, Literal) else len(content)
        if most is not None and not isinstance(content, tuple) and size > most:
            raise LocalProtocolError(f"the server takes messages of {most} octets at the most")


_CHECKS: dict[type[Any], Callable[["ClientConnection", Any], None]] = {
    c.Append: _check_append,
    c.Compress: _check_compress,
    c.Enable: _check_enable,
    c.Examine: _check_select,
    c.Fetch: _check_fetch,
    c.Login: _check_login,
    c.Replace: _check_replace,
    c.Select: _check_select,
    c.StartTls: _check_starttls,
}
