"""What an error means to somebody at a terminal, and what to do about it."""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
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

__all__ = ["COMMON_ADVICE", "EXPECTED", "Advice", "Failure", "Unusable", "explain", "reading"]


@value
class Failure:
    """What went wrong, and what to do next ("" if nothing comes to mind)."""

    text: str
    advice: str = ""


EXPECTED = (OSError, MailProtocolError)
"""What a connection may raise (``ssl.SSLError`` and ``TimeoutError`` are ``OSError``)."""


Advice = Mapping[type[BaseException], str]
"""What to do next, by kind of error as in ``COMMON_ADVICE``; a command has its own words."""


def explain(error: BaseException, server: str, advice: Advice | None = None) -> Failure:
    """Explain what happened between us and ``server`` ("host:port").

    The advice is ``COMMON_ADVICE`` unless the command has its own.
    """
    kind = next(kind for kind in _TEXTS if isinstance(error, kind))
    detail = _DETAILS.get(kind, _message)(error)
    advised = (COMMON_ADVICE if advice is None else advice).get(kind, "")
    return Failure(_TEXTS[kind].format(server=server, detail=detail), advised)


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


_FOR_PROGRAMMERS = re.compile(": (add it, or )?give .*")
_DETAILS: dict[type[BaseException], Any] = {
    ssl.SSLCertVerificationError: lambda error: error.verify_message.rstrip("."),
    ssl.SSLError: lambda error: (error.reason or str(error)).replace("_", " ").lower(),
    socket.gaierror: lambda error: error.strerror,
    TimeoutError: lambda error: str(error) or "no answer",
    LocalProtocolError: lambda error: _FOR_PROGRAMMERS.sub("", _message(error)),
}

# The first kind that fits counts, so subclasses stand before their bases.
_TEXTS: dict[type[BaseException], str] = {
    ssl.SSLCertVerificationError: "The certificate of {server} is not trusted: {detail}.",
    ssl.SSLError: "No TLS with {server}: {detail}.",
    socket.gaierror: "The host of {server} can not be found: {detail}.",
    ConnectionRefusedError: "Nothing listens on {server}.",
    TimeoutError: "{server} takes too long: {detail}.",
    OSError: "No connection to {server}: {detail}.",
    AuthenticationFailed: "{server} did not let you in: {detail}.",
    CommandFailed: "{server} refused: {detail}.",
    TLSRequired: "{server} offers no STARTTLS, or refused it.",
    ConnectionLost: "The connection to {server} was lost: {detail}.",
    RemoteProtocolError: "{server} does not follow the protocol: {detail}.",
    LocalProtocolError: "This can not be sent to {server}: {detail}.",
}

COMMON_ADVICE: Advice = {
    ssl.SSLCertVerificationError: (
        "Nothing was sent. If this is your own server, name the CA that signed its certificate "
        "with --ca FILE; if the host name does not match, use the name in the certificate."
    ),
    socket.gaierror: "Check the spelling of the host and your network.",
    TimeoutError: (
        "Does this port expect TLS at once? Then use --tls implicit. Is a firewall in between? "
        "--timeout SECONDS waits longer."
    ),
    OSError: "Check host and port, and that the server is running.",
}
