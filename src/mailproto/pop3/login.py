"""APOP as a mechanism of the server: the same kind of query as those of SASL."""

import hmac

from mailproto.pop3.apop import apop_digest
from mailproto.sasl import Authenticated, LookupPassword
from mailproto.sasl._exchange import REFUSED, Exchange, ExchangeMechanism
from mailproto.sasl._text import prepare

__all__ = ["ApopLogin"]


class ApopLogin(ExchangeMechanism):
    """What APOP says about ``timestamp``; asks :class:`~mailproto.sasl.LookupPassword`."""

    name = "APOP"
    plaintext = False

    def __init__(self, name: str, digest: str, timestamp: str) -> None:
        super().__init__()
        self._name = name
        self._digest = digest
        self._timestamp = timestamp

    def _exchange(self, response: bytes | None) -> Exchange:
        user = prepare(self._name, "user name")
        password: str | None = yield LookupPassword(user)
        expected = apop_digest(self._timestamp, password or "")
        matches = hmac.compare_digest(expected, self._digest)
        return Authenticated(user) if password and matches else REFUSED
