"""What went over the wire, line by line, fit for a log: secrets are redacted in the core."""

import re
from collections.abc import Callable
from typing import Literal

from mailproto._value import value

__all__ = ["Party", "Trace", "TraceLine", "Tracer", "redact"]

Party = Literal["C", "S"]

_SECRET = re.compile(
    r"(\s*(?:AUTH\s+[\w-]+|PASS|APOP\s+\S+))(?![\w-])\s*\S.*", re.DOTALL | re.IGNORECASE
)
# A SASL challenge: with what SCRAM says in it a password can be guessed at leisure.
_CHALLENGE = re.compile(r"(334[ -]|\+ )[A-Za-z0-9+/]{16,}={0,2}\s*")
# What could forge a line of a log or play with a terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_REDACTED = "[redacted]"


@value
class TraceLine:
    r"""One line of a conversation: who said it ("C" client, "S" server) and its text.

    The text has no line end, and control characters in it are escaped as ``\x1b``.
    """

    sender: Party
    text: str


Trace = Callable[[TraceLine], None]


def redact(line: str) -> str:
    """Return a line of SMTP or POP3 without the secret that it holds, if it holds one."""
    found = _SECRET.match(line)
    if found:
        return f"{found[1]} {_REDACTED}"
    found = _CHALLENGE.fullmatch(line)
    return f"{found[1]}[challenge]" if found else line


class Tracer:
    """Turns what a core sends and receives into trace lines."""

    __slots__ = ("_body", "_me", "_peer", "_sender", "_trace")

    def __init__(self, trace: Trace, me: Party, peer: Party) -> None:
        self._trace = trace
        self._me = me
        self._peer = peer
        self._sender = me  # of the body
        self._body = 0

    def sent(self, data: bytes, *, secret: bool = False) -> None:
        """Note complete lines that we send."""
        self._lines(self._me, data, secret)

    def received(self, data: bytes, *, secret: bool = False) -> None:
        """Note complete lines that the peer sent."""
        self._lines(self._peer, data, secret)

    def body_sent(self, size: int) -> None:
        """Note octets of a message that we send, which are shown as a count only."""
        self._sender = self._me
        self._body += size

    def body_received(self, size: int) -> None:
        """Note octets of a message that the peer sent."""
        self._sender = self._peer
        self._body += size

    def _lines(self, sender: Party, data: bytes, secret: bool) -> None:
        if self._body:
            self._trace(TraceLine(self._sender, f"[{self._body} octets of the message]"))
            self._body = 0
        for line in data.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n"):
            text = _REDACTED if secret else redact(line.removesuffix("\r"))
            self._trace(TraceLine(sender, _UNPRINTABLE.sub(_escape, text)))


def _escape(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"
