"""LOGIN: user name and password in clear, one by one (draft-murchison-sasl-login-00)."""

from mailproto.sasl._exchange import Exchange, ExchangeMechanism, outcome
from mailproto.sasl._interface import Challenge, CheckPassword
from mailproto.sasl._script import ScriptedMechanism
from mailproto.sasl._text import decode, encode, prepare

__all__ = ["Login", "LoginServer"]


class Login(ScriptedMechanism):
    """The client's side. The prompts are ignored, the answers go by position (section 2.1).

    Raises SaslError if one of them is empty, too long or contains NUL, CR or LF.
    """

    name = "LOGIN"
    plaintext = True

    def __init__(self, user: str, password: str) -> None:
        name = encode(user, "user name", forbidden="\0\r\n")
        secret = encode(password, "password", forbidden="\0\r\n")
        super().__init__(None, lambda _: name, lambda _: secret)


class LoginServer(ExchangeMechanism):
    """The server's side; asks :class:`CheckPassword`.

    Takes the user name also as an initial response, as some clients send it. The prompts are
    those that widely deployed clients insist on (section 2.2).
    """

    name = "LOGIN"
    plaintext = True

    def _exchange(self, response: bytes | None) -> Exchange:
        if response is None:
            response = yield Challenge(b"Username:")
        user = prepare(decode(response, "user name"), "user name")
        response = yield Challenge(b"Password:")
        password = prepare(decode(response, "password"), "password")
        return outcome((yield CheckPassword(user, password)), user)
