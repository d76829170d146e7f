"""The AUTH exchange of a client, with challenges as servers are known to send them."""

from mailproto.errors import Defect
from mailproto.pop3.codec import ResponseSyntaxError
from mailproto.pop3.responses import Response
from mailproto.sasl import ClientExchange, ClientMechanism, SaslError, decode_base64

__all__ = ["Exchange"]


class Exchange(ClientExchange):
    """One AUTH (RFC 5034 4); what was odd in it is noted on the response that ends it.

    Where ``strict``, that raises :class:`ResponseSyntaxError` instead.
    """

    __slots__ = ("_defects", "_strict")

    def __init__(self, mechanism: ClientMechanism, *, strict: bool) -> None:
        super().__init__(mechanism)
        self._strict = strict
        self._defects: list[Defect] = []

    @staticmethod
    def is_challenge_line(line: bytes) -> bool:
        """Whether a line is a challenge, with or without the space that belongs behind ``+``."""
        return line.startswith(b"+") and line[:3].upper() != b"+OK"

    def respond_to_line(self, line: bytes) -> bytes:
        """Return what answers a line that is a challenge; raises as :meth:`respond` does."""
        if not line.startswith(b"+ "):
            self._note("no space after +", line[:80])
        return self.respond(line[1:].decode("latin-1").strip(" \r\n"))

    def is_challenge(self, response: Response) -> bool:
        """Whether ``+OK`` stands where ``+`` is due, as some servers have it."""
        if not response.ok or self.complete or self.error is not None or response.code is not None:
            return False
        try:
            decode_base64(response.text)
        except SaslError:
            return False
        self._note("+OK instead of a challenge", response.text.encode()[:80])
        return True

    def end(self, response: Response) -> None:
        """Take note of the response that ends it.

        Raises :class:`RemoteProtocolError` if it reports a success that can not be true.
        """
        if response.ok:
            self.succeed()
        response.defects = (*response.defects, *self._defects)  # type: ignore[misc]  # not handed out

    def _note(self, what: str, where: bytes) -> None:
        defect = Defect(what, where, section="RFC 5034 4")
        if self._strict:
            raise ResponseSyntaxError(f"{defect.what} ({defect.section})")
        self._defects.append(defect)
