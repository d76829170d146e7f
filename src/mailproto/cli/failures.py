"""What an error means to somebody at a terminal, and what to do about it."""

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mailproto._value import value
from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    LocalProtocolError,
    MailProtocolError,
    RemoteProtocolError,
    TLSRequired,
)

__all__ = ["EXPECTED", "Failure", "Unusable", "explain", "reading"]


@value
class Failure:
    """What went wrong, and what to do next ("" if nothing comes to mind)."""

    text: str
    advice: str = ""


EXPECTED = (OSError, MailProtocolError)
"""What a connection may raise (``ssl.SSLError`` and ``TimeoutError`` are ``OSError``)."""


def explain(error: BaseException, server: str) -> Failure:
    """Explain what happened between us and ``server`` ("host:port")."""
    kind = next(kind for kind in _EXPLANATIONS if isinstance(error, kind))
    text, advice = _EXPLANATIONS[kind]
    if _NO_ENVELOPE.search(str(error)):
        advice = "--from and --to give the envelope where the header does not."
    detail = _DETAILS.get(kind, _message)(error)
    return Failure(text.format(server=server, detail=detail), advice)


class Unusable(Exception):
    """What was asked for can not be begun; ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


@contextmanager
def reading(path: object) -> Iterator[None]:
    """Turn an ``OSError`` about ``path`` into :class:`Unusable`."""
    try:
        yield
    except ssl.SSLError:
        raise Unusable(
            Failure(
                f"{path} holds no usable certificate.",
                "A PEM file is wanted; for a server with its key, or with the one of --key.",
            )
        ) from None
    except OSError as error:
        raise Unusable(
            Failure(f"{path}: {error.strerror or error}.", "Check the name and the permissions.")
        ) from None


def _message(error: Any) -> str:
    return str(error).rstrip(".") or type(error).__name__


_NO_ENVELOPE = re.compile(r"\b(sender|recipients)=")
_FOR_PROGRAMMERS = re.compile(": (add it, or )?give .*")
_DETAILS: dict[type[BaseException], Any] = {
    ssl.SSLCertVerificationError: lambda error: error.verify_message.rstrip("."),
    ssl.SSLError: lambda error: (error.reason or str(error)).replace("_", " ").lower(),
    socket.gaierror: lambda error: error.strerror,
    TimeoutError: lambda error: str(error) or "no answer",
    LocalProtocolError: lambda error: _FOR_PROGRAMMERS.sub("", _message(error)),
}

# The first kind that fits counts, so subclasses stand before their bases.
_EXPLANATIONS: dict[type[BaseException], tuple[str, str]] = {
    ssl.SSLCertVerificationError: (
        "The certificate of {server} is not trusted: {detail}.",
        "Nothing was sent. If this is your own server, name the CA that signed its certificate "
        "with --ca FILE; if the host name does not match, use the name in the certificate.",
    ),
    ssl.SSLError: (
        "No TLS with {server}: {detail}.",
        "Does this port start in clear text (25, 587)? Then use --tls starttls; "
        "--tls implicit is for port 465.",
    ),
    socket.gaierror: (
        "The host of {server} can not be found: {detail}.",
        "Check the spelling of --host and your network.",
    ),
    ConnectionRefusedError: (
        "Nothing listens on {server}.",
        "Is the server running, and is --port right? Usual ports are 587 (submission), "
        "465 (submission over TLS) and 25 (relay).",
    ),
    TimeoutError: (
        "{server} takes too long: {detail}.",
        "Does this port expect TLS at once? Then use --tls implicit. Is a firewall in between? "
        "--timeout SECONDS waits longer.",
    ),
    OSError: (
        "No connection to {server}: {detail}.",
        "Check --host and --port, and that the server is running.",
    ),
    AuthenticationFailed: (
        "{server} did not let you in: {detail}.",
        "Nothing was sent. Check --user and the password. Without TLS, a password is sent only "
        "with --allow-plaintext.",
    ),
    CommandFailed: ("{server} refused: {detail}.", ""),
    TLSRequired: (
        "{server} offers no STARTTLS, or refused it.",
        "Nothing was sent. Use --tls implicit if the port expects TLS at once (465), or "
        "--tls none if an unencrypted connection will do, as on your own machine.",
    ),
    ConnectionLost: (
        "The connection to {server} was lost: {detail}.",
        "What is not listed as accepted was not delivered: send it again.",
    ),
    RemoteProtocolError: (
        "{server} does not follow the protocol: {detail}.",
        "Is it a mail server? For LMTP use --lmtp; --trace shows the conversation.",
    ),
    LocalProtocolError: ("This can not be sent to {server}: {detail}.", ""),
}
