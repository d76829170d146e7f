"""PLAIN: user name and password in clear (RFC 4616)."""

from mailproto.sasl._exchange import Exchange, ExchangeMechanism, outcome
from mailproto.sasl._interface import Challenge, CheckPassword, SaslError
from mailproto.sasl._script import ScriptedMechanism
from mailproto.sasl._text import decode, encode, prepare

__all__ = ["Plain", "PlainServer"]


class Plain(ScriptedMechanism):
    """The client's side. Name and password are sent as given (the server prepares them).

    Raises SaslError if one of them is empty, too long or contains NUL.
    """

    name = "PLAIN"
    plaintext = True

    def __init__(self, user: str, password: str, authzid: str = "") -> None:
        acting_as = encode(authzid, "authorization identity") if authzid else b""
        parts = (acting_as, encode(user, "user name"), encode(password, "password"))
        super().__init__(b"\0".join(parts))


class PlainServer(ExchangeMechanism):
    """The server's side; asks :class:`CheckPassword`."""

    name = "PLAIN"
    plaintext = True

    def _exchange(self, response: bytes | None) -> Exchange:
        if response is None:
            response = yield Challenge(b"")
        parts = decode(response, "PLAIN message").split("\0")
        if len(parts) != 3:
            raise SaslError("a PLAIN message has three parts with NUL between them")
        authzid = prepare(parts[0], "authorization identity") if parts[0] else ""
        user = prepare(parts[1], "user name")
        password = prepare(parts[2], "password")
        return outcome((yield CheckPassword(user, password, authzid)), user, authzid)
