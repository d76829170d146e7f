"""CRAM-MD5: proof of a shared password that the server stores in clear (RFC 2195)."""

import hmac
import re
import secrets
import time
from typing import Final

from mailproto.sasl._exchange import REFUSED, Exchange, ExchangeMechanism
from mailproto.sasl._interface import (
    Authenticated,
    Challenge,
    LookupPassword,
    SaslError,
)
from mailproto.sasl._script import ScriptedMechanism
from mailproto.sasl._text import decode, encode, prepare

__all__ = ["CramMd5", "CramMd5Server"]

_RESPONSE: Final = re.compile(r"(?P<user>.+) (?P<digest>[0-9a-f]{32})", re.DOTALL)


def _keyed_digest(password: bytes, challenge: bytes) -> str:
    try:
        return hmac.digest(password, challenge, "md5").hex()
    except ValueError:  # a FIPS policy
        raise SaslError("this platform does not allow MD5") from None


class CramMd5(ScriptedMechanism):
    """The client's side.

    Raises SaslError if name or password are empty or too long, or if the platform's
    cryptography policy forbids MD5.
    """

    name = "CRAM-MD5"
    plaintext = False

    def __init__(self, user: str, password: str) -> None:
        super().__init__(None, self._reply)
        self._user = encode(user, "user name")
        self._password = encode(password, "password")
        _keyed_digest(self._password, b"")  # better refused now than halfway

    def _reply(self, challenge: bytes) -> bytes:
        return self._user + b" " + _keyed_digest(self._password, challenge).encode()


class CramMd5Server(ExchangeMechanism):
    """The server's side; asks :class:`LookupPassword`.

    ``hostname`` is the name that the server shows; ``challenge`` is for tests.
    """

    name = "CRAM-MD5"
    plaintext = False

    def __init__(self, hostname: str = "localhost", *, challenge: bytes | None = None) -> None:
        super().__init__()
        self._challenge = challenge or _new_challenge(hostname)

    def _exchange(self, response: bytes | None) -> Exchange:
        if response is not None:
            raise SaslError("CRAM-MD5 has no initial response")
        response = yield Challenge(self._challenge)
        match = _RESPONSE.fullmatch(decode(response, "CRAM-MD5 response"))
        if not match:
            raise SaslError("a CRAM-MD5 response is a name, a space and 32 hexadecimal digits")
        user = prepare(match["user"], "user name")
        password: str | None = yield LookupPassword(user)
        expected = _keyed_digest((password or "").encode(), self._challenge)
        matches = hmac.compare_digest(expected, match["digest"])
        return Authenticated(user) if password and matches else REFUSED


def _new_challenge(hostname: str) -> bytes:
    return f"<{secrets.randbelow(10**20)}.{int(time.time())}@{hostname}>".encode()
