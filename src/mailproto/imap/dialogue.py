"""Lines that go back and forth within a command: IDLE and AUTHENTICATE, on the client's side."""

from mailproto.errors import LocalProtocolError
from mailproto.imap.commands import Authenticate, AuthResponse, Command, Done, Idle
from mailproto.imap.events import IdleStarted
from mailproto.imap.parse_command import encode_line
from mailproto.imap.responses import Continuation
from mailproto.imap.sender import Sender
from mailproto.sasl import ClientExchange, SaslError

__all__ = ["DIALOGUES", "Dialogue"]

DIALOGUES: frozenset[type] = frozenset((Authenticate, Idle))
"""The commands that ``+`` goes on with."""


class Dialogue:
    """An IDLE (RFC 9051 6.3.13) or an AUTHENTICATE (RFC 9051 6.2.2) with its ``tag``.

    ``awaited`` says that the server's ``+`` is due. ``exchange`` answers it; without one the
    caller does.
    """

    __slots__ = ("_command", "_exchange", "_our_turn", "_sender", "awaited", "tag")

    def __init__(
        self, tag: str, command: Command, sender: Sender, exchange: ClientExchange | None
    ) -> None:
        self.tag = tag
        self.awaited = True
        self._command = command
        self._sender = sender
        self._exchange = exchange
        self._our_turn = False

    @property
    def idling(self) -> bool:
        """Whether the server consented to IDLE and DONE was not said."""
        return self._our_turn and isinstance(self._command, Idle)

    def go_on(self, response: Continuation) -> IdleStarted | Continuation | None:
        """Take the ``+`` that was due; return what the caller has to know of it.

        Raises :class:`RemoteProtocolError` for a challenge to an exchange that was cancelled.
        """
        if self._exchange is not None:
            line = self._exchange.respond(response.text.strip())
            self._sender.write(line, secret=self._exchange.error is None)
            return None
        self.awaited, self._our_turn = False, True
        return IdleStarted(self.tag) if self.idling else response

    def say(self, line: Done | AuthResponse) -> str:
        """Say what the caller has to say; return the tag. Raises :class:`LocalProtocolError`."""
        ends = isinstance(line, Done)
        if not self._our_turn or ends != self.idling:
            raise LocalProtocolError(f"the server waits for no {type(line).__name__}")
        self._our_turn, self.awaited = False, not ends
        self._sender.write(encode_line(line), secret=not ends)
        return self.tag

    def end(self, *, succeeded: bool) -> SaslError | None:
        """Note the completion; return why we cancelled the exchange, if we did.

        Raises :class:`RemoteProtocolError` for a success that can not be true.
        """
        if self._exchange is None:
            return None
        if succeeded:
            self._exchange.succeed()
        return self._exchange.error
