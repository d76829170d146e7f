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

__all__ = [
    "COMMON_ADVICE",
    "EXPECTED",
    "GOES_ON",
    "IMAP_ADVICE",
    "IMAP_ADVICE_BY_CODE",
    "POP3_ADVICE",
    "Advice",
    "Failure",
    "Unusable",
    "explain",
    "reading",
]


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


def _reading_advice(protocol: str, clear: int, encrypted: int) -> Advice:
    """What to do when mail can not be read from the usual ports of a protocol."""
    scheme = protocol.lower()
    return {
        **COMMON_ADVICE,
        ssl.SSLError: (
            f"Does this port start in clear text ({clear})? Then write {scheme}://; "
            f"{scheme}s:// is for port {encrypted}."
        ),
        ConnectionRefusedError: (
            f"Is the server running, and is the port right? Usual ports are {encrypted} "
            f"({scheme}s://) and {clear} ({scheme}://)."
        ),
        TimeoutError: (
            f"Does this port expect TLS at once? Then write {scheme}s://. Is a firewall in "
            "between? --timeout SECONDS waits longer."
        ),
        AuthenticationFailed: (
            "Check the user in the URL and the password; some providers want an OAuth token "
            "(--token-file) instead. Without TLS, a password is sent only with --allow-plaintext."
        ),
        TLSRequired: (
            f"Nothing was sent. Write {scheme}s:// if the port expects TLS at once "
            f"({encrypted}), or use --tls none if an unencrypted connection will do, as on your "
            "own machine."
        ),
        RemoteProtocolError: f"Does it speak {protocol}? --trace shows the conversation.",
    }


GOES_ON = "What was fetched whole is kept: the same command goes on from there."
POP3_ADVICE = _reading_advice("POP3", 110, 995)
IMAP_ADVICE = _reading_advice("IMAP", 143, 993)
IMAP_ADVICE_BY_CODE = {  # RFC 9051 7.1; THROTTLED is Gmail's
    "AUTHORIZATIONFAILED": "This user may not log in here: ask those who run the server.",
    "CONTACTADMIN": "Ask those who run the server.",
    "EXPIRED": "The password is too old: choose a new one, as the server's owner says.",
    "INUSE": "Another program holds it: try again once it is done.",
    "LIMIT": "There are too many connections of this user: close others, or try again later.",
    "PRIVACYREQUIRED": "The server wants TLS: write imaps://, or leave out --tls none.",
    "SERVERBUG": "Only those who run the server can mend this.",
    "THROTTLED": "The server wants less to do: the same command goes on later.",
    "UNAVAILABLE": "Try again later.",
}
"""Better advice where the server says more, by the name of the response code."""
