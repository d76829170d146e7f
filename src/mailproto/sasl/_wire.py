"""Base64 and the client's challenge loop, as SMTP, POP3 and IMAP have them (RFC 4422 4)."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from mailproto.errors import RemoteProtocolError
from mailproto.sasl._interface import ClientMechanism, SaslError

__all__ = ["ClientExchange", "decode_base64"]


def decode_base64(text: str) -> bytes:
    """Decode base64, nothing but its alphabet allowed. Raises :class:`SaslError`."""
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise SaslError("not base64") from None


class ClientExchange:
    """One authentication of a client: turns the lines of challenges into those of responses.

    ``initial_response`` goes with the command, unless :meth:`withhold` keeps it for the
    server's empty challenge. ``error`` says why the exchange was cancelled, if it was.
    """

    __slots__ = ("_mechanism", "_withheld", "error", "initial_response")

    def __init__(self, mechanism: ClientMechanism) -> None:
        self._mechanism = mechanism
        self._withheld: bytes | None = None
        self.initial_response = mechanism.initial_response()
        self.error: SaslError | None = None

    def withhold(self) -> None:
        """Keep the initial response back: the protocol can not carry it with the command."""
        self._withheld, self.initial_response = self.initial_response, None

    @property
    def complete(self) -> bool:
        """Whether a success that the server reports now may be believed."""
        return self.error is None and self._withheld is None and self._mechanism.complete

    def respond(self, challenge: str) -> bytes:
        """Return the line that answers a challenge in base64, ``*`` if it can not be answered.

        Raises :class:`RemoteProtocolError` for a challenge after our ``*``.
        """
        if self.error is not None:
            raise RemoteProtocolError("the server goes on with a cancelled AUTH")
        try:
            data = decode_base64(challenge)
            if self._withheld is None:
                response = self._mechanism.step(data)
            elif data:
                raise SaslError("a challenge came where the first response was due")
            else:
                response, self._withheld = self._withheld, None
        except SaslError as error:
            self.error = error
            return b"*\r\n"
        return b64encode(response) + b"\r\n"

    def succeed(self) -> None:
        """Take note that the server reports success.

        Raises :class:`RemoteProtocolError` if that can not be true.
        """
        if not self.complete:
            raise RemoteProtocolError(
                f"the server reports success although {self._mechanism.name} is not finished: "
                "it did not prove who it is"
            )
