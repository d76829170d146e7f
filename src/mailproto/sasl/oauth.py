"""OAuth 2.0 bearer tokens: OAUTHBEARER (RFC 7628) and Google's older XOAUTH2."""

import abc
import json
import re
from typing import ClassVar, Final

from mailproto.sasl._exchange import REFUSED, Exchange, ExchangeMechanism, outcome
from mailproto.sasl._interface import (
    Authenticated,
    Challenge,
    CheckToken,
    SaslError,
)
from mailproto.sasl._script import ScriptedMechanism
from mailproto.sasl._text import (
    SASLNAME,
    decode,
    encode,
    escape_saslname,
    prepare,
    unescape_saslname,
)

__all__ = ["OAuthBearer", "OAuthBearerServer", "XOAuth2", "XOAuth2Server"]

_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_XOAUTH2: Final = re.compile(
    r"user=(?P<user>[^\x01]*)\x01auth=(?i:bearer) (?P<token>[\x21-\x7e]*)\x01\x01"
)
_OAUTHBEARER: Final = re.compile(
    rf"[ny],(?:a=(?P<user>{SASLNAME}))?,\x01"
    r"(?P<pairs>(?:[A-Za-z]+=[\t\r\n\x20-\x7e]*\x01)*)\x01"
)
_BEARER: Final = re.compile(r"(?i:bearer) +(?P<token>[\x21-\x7e]*)")
_PORT: Final = re.compile("[1-9][0-9]{0,4}")
_PORTS: Final = range(1, 65_536)
_HOST: Final = re.compile(r"[\x21-\x7e]+")


class _OAuthClient(ScriptedMechanism):
    """One message with a token.

    If the server challenges it, ``error`` becomes the text of that challenge (JSON, from the
    server, unverified), and a dummy response lets the server go on to its refusal.
    """

    plaintext = True
    dummy: ClassVar[bytes]

    def __init__(self, message: bytes) -> None:
        super().__init__(message, self._remember)

    @property
    def complete(self) -> bool:
        return self._started and self.error is None

    def _remember(self, challenge: bytes) -> bytes:
        self.error = challenge.decode(errors="replace")
        return self.dummy


class XOAuth2(_OAuthClient):
    """The client's side of XOAUTH2: ``user=NAME^Aauth=Bearer TOKEN^A^A``.

    ``error`` is the server's error message after it refused the token, else None.
    Raises SaslError if the name or token cannot be sent.
    """

    name = "XOAUTH2"
    dummy = b""

    def __init__(self, user: str, token: str) -> None:
        name = encode(user, "user name", forbidden="\0\1")
        super().__init__(b"user=%b\1auth=Bearer %b\1\1" % (name, _encode_token(token)))


class OAuthBearer(_OAuthClient):
    """The client's side of OAUTHBEARER (RFC 7628 3.1).

    ``user`` may be empty if the token says it all; ``host`` and ``port`` are those that the
    client connected to. ``error`` is the server's error message after it refused the token,
    else None. Raises SaslError if something cannot be sent.
    """

    name = "OAUTHBEARER"
    dummy = b"\1"

    def __init__(
        self, user: str, token: str, host: str | None = None, port: int | None = None
    ) -> None:
        name = encode(user, "user name", forbidden="\0\1").decode() if user else ""
        if host is not None and not _HOST.fullmatch(host):
            raise SaslError("the host name cannot be sent in OAUTHBEARER")
        if port is not None and port not in _PORTS:
            raise SaslError("the port number cannot be sent in OAUTHBEARER")
        pairs = {"host": host, "port": port, "auth": f"Bearer {_encode_token(token).decode()}"}
        acting_as = f"a={escape_saslname(name)}" if name else ""
        body = "".join(f"{key}={text}\1" for key, text in pairs.items() if text is not None)
        super().__init__(f"n,{acting_as},\1{body}\1".encode())


def _encode_token(token: str) -> bytes:
    if not _TOKEN.fullmatch(token):
        raise SaslError("a token must be printable ASCII without spaces")
    return token.encode()


class _OAuthServer(ExchangeMechanism):
    """A token is checked; a refused one is answered with an error in JSON (RFC 7628 3.2.2)."""

    plaintext = True
    error: ClassVar[dict[str, str]]

    def _exchange(self, response: bytes | None) -> Exchange:
        if response is None:
            response = yield Challenge(b"")
        query = self._parse(decode(response, f"{self.name} message"))
        # An empty token asks what tokens are wanted (RFC 7628 4.3).
        verdict = (yield query) if query.token else False
        result = outcome(verdict, query.user)
        if isinstance(result, Authenticated):
            return result
        yield Challenge(json.dumps(self.error).encode())
        return REFUSED

    @abc.abstractmethod
    def _parse(self, message: str) -> CheckToken:
        """The query in the client's message; raises SaslError."""


class XOAuth2Server(_OAuthServer):
    """The server's side of XOAUTH2; asks :class:`CheckToken`."""

    name = "XOAUTH2"
    error: ClassVar = {"status": "401", "schemes": "bearer"}

    def _parse(self, message: str) -> CheckToken:
        match = _XOAUTH2.fullmatch(message)
        if not match:
            raise SaslError("the XOAUTH2 message is malformed")
        return CheckToken(prepare(match["user"], "user name"), match["token"])


class OAuthBearerServer(_OAuthServer):
    """The server's side of OAUTHBEARER; asks :class:`CheckToken`."""

    name = "OAUTHBEARER"
    error: ClassVar = {"status": "invalid_token", "schemes": "bearer"}

    def _parse(self, message: str) -> CheckToken:
        match = _OAUTHBEARER.fullmatch(message)
        if not match:
            raise SaslError("the OAUTHBEARER message is malformed")
        pairs = [pair.partition("=")[::2] for pair in match["pairs"].split("\1")[:-1]]
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise SaslError("an OAUTHBEARER key occurs twice")
        bearer = _BEARER.fullmatch(fields.get("auth", ""))
        port = fields.get("port")
        if fields.get("auth") != "" and not bearer:
            raise SaslError("OAUTHBEARER needs an auth value with a bearer token")
        if port is not None and not (_PORT.fullmatch(port) and int(port) in _PORTS):
            raise SaslError("the OAUTHBEARER port is not a port number")
        return CheckToken(
            prepare(unescape_saslname(match["user"]), "user name") if match["user"] else "",
            bearer["token"] if bearer else "",
            fields.get("host"),
            int(port) if port else None,
        )
