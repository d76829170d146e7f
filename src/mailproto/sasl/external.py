"""EXTERNAL: credentials established outside SASL, such as a TLS certificate (RFC 4422 A)."""

from mailproto.sasl._exchange import Exchange, ExchangeMechanism, outcome
from mailproto.sasl._interface import Challenge, CheckExternal
from mailproto.sasl._script import ScriptedMechanism
from mailproto.sasl._text import decode, encode, prepare

__all__ = ["External", "ExternalServer"]


class External(ScriptedMechanism):
    """The client's side; an empty ``authzid`` leaves the identity to the server.

    Raises SaslError if ``authzid`` is too long or contains NUL.
    """

    name = "EXTERNAL"
    plaintext = False

    def __init__(self, authzid: str = "") -> None:
        super().__init__(encode(authzid, "authorization identity") if authzid else b"")


class ExternalServer(ExchangeMechanism):
    """The server's side; asks :class:`CheckExternal`."""

    name = "EXTERNAL"
    plaintext = False

    def _exchange(self, response: bytes | None) -> Exchange:
        if response is None:
            response = yield Challenge(b"")
        text = decode(response, "authorization identity")
        authzid = prepare(text, "authorization identity") if text else ""
        return outcome((yield CheckExternal(authzid)), authzid, authzid)
