"""What went over the wire, line by line, fit for a log: secrets are redacted in the core."""

import re
from collections.abc import Callable
from typing import Literal

from mailproto._value import value

__all__ = ["Trace", "TraceLine", "Tracer"]

Party = Literal["C", "S"]

_INITIAL_RESPONSE = re.compile(r"(?i)^(AUTH\s+\S+\s+)\S.*$")
_REDACTED = "[redacted]"


@value
class TraceLine:
    """One line of a conversation: who said it ("C" client, "S" server) and its text."""

    sender: Party
    text: str


Trace = Callable[[TraceLine], None]


class Tracer:
    """Turns what a core sends and receives into trace lines."""

    __slots__ = ("_body", "_me", "_peer", "_trace")

    def __init__(self, trace: Trace, me: Party, peer: Party) -> None:
        self._trace = trace
        self._me = me
        self._peer = peer
        self._body = 0

    def sent(self, data: bytes, *, secret: bool = False) -> None:
        """Note complete lines that we send."""
        self._lines(self._me, data, secret)

    def received(self, data: bytes, *, secret: bool = False) -> None:
        """Note complete lines that the peer sent."""
        self._lines(self._peer, data, secret)

    def body(self, size: int) -> None:
        """Note octets of a message, which are shown as a count only."""
        self._body += size

    def _lines(self, sender: Party, data: bytes, secret: bool) -> None:
        if self._body:
            self._trace(TraceLine("C", f"[{self._body} octets of the message]"))
            self._body = 0
        for line in data.decode("utf-8", "backslashreplace").splitlines():
            shown = _REDACTED if secret else _INITIAL_RESPONSE.sub(rf"\1{_REDACTED}", line)
            self._trace(TraceLine(sender, shown))
