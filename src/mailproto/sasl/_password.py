"""Logins that a protocol has of its own (USER with PASS, LOGIN), as a mechanism of the server."""

from mailproto.sasl._exchange import Exchange, ExchangeMechanism, outcome
from mailproto.sasl._interface import CheckPassword
from mailproto.sasl._text import prepare

__all__ = ["PasswordLogin"]


class PasswordLogin(ExchangeMechanism):
    """What such a login says, as one query: :class:`~mailproto.sasl.CheckPassword`."""

    name = "password"
    plaintext = True

    def __init__(self, user: str, password: str) -> None:
        super().__init__()
        self._user = user
        self._password = password

    def _exchange(self, response: bytes | None) -> Exchange:
        user = prepare(self._user, "user name")
        password = prepare(self._password, "password")
        return outcome((yield CheckPassword(user, password)), user)
