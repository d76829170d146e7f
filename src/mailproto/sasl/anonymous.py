"""ANONYMOUS: access for everybody, with a word about who it is (RFC 4505)."""

from mailproto.sasl._exchange import Exchange, ExchangeMechanism, outcome
from mailproto.sasl._interface import MAX_TEXT_SIZE, Challenge, CheckAnonymous, SaslError
from mailproto.sasl._script import ScriptedMechanism
from mailproto.sasl._text import decode, encode
from mailproto.sasl.saslprep import check_trace

__all__ = ["Anonymous", "AnonymousServer"]

_USER = "anonymous"


class Anonymous(ScriptedMechanism):
    """The client's side; ``trace`` is an e-mail address, an opaque token or empty.

    Raises SaslError if it is not permitted.
    """

    name = "ANONYMOUS"
    plaintext = False

    def __init__(self, trace: str = "") -> None:
        _check(trace)
        super().__init__(encode(trace, "trace information") if trace else b"")


class AnonymousServer(ExchangeMechanism):
    """The server's side; asks :class:`CheckAnonymous`. The user is ``"anonymous"`` if True."""

    name = "ANONYMOUS"
    plaintext = False

    def _exchange(self, response: bytes | None) -> Exchange:
        if response is None:
            response = yield Challenge(b"")
        if len(response) > MAX_TEXT_SIZE:
            raise SaslError("the trace information is too long")
        trace = decode(response, "trace information")
        _check(trace)
        return outcome((yield CheckAnonymous(trace)), _USER)


def _check(trace: str) -> None:
    """RFC 4505 section 2: a token (no "@") has at most 255 characters."""
    if "@" not in trace and len(trace) > 255:
        raise SaslError("the trace information is longer than 255 characters")
    check_trace(trace)
