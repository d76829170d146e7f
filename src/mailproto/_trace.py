"""What went over the wire, line by line, fit for a log: secrets are redacted in the core."""

import re
from collections.abc import Callable, Collection
from typing import Literal

from mailproto._value import value

__all__ = ["Party", "Trace", "TraceLine", "Tracer", "redact", "redact_imap"]

Party = Literal["C", "S"]

_SECRET = re.compile(
    r"(\s*(?:AUTH\s+[\w-]+|PASS|APOP\s+\S+))(?![\w-])\s*\S.*", re.DOTALL | re.IGNORECASE
)
_IMAP_SECRET = re.compile(
    r"(\s*(?:\S+\s+)?(?:LOGIN|AUTHENTICATE(?>(?:\s+[\w-]+(?!\S))?)))(?![\w-])\s*\S.*",
    re.DOTALL | re.IGNORECASE,
)
# The announcement of a literal of IMAP.
_LITERAL = re.compile(rb"\{([0-9]{1,18})\+?\}(\r?\n)")
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
    return _redact(line, _SECRET)


def redact_imap(line: str) -> str:
    """The same of IMAP: what follows LOGIN, or the mechanism of AUTHENTICATE."""
    return _redact(line, _IMAP_SECRET)


def _redact(line: str, secret: re.Pattern[str]) -> str:
    found = secret.match(line)
    if found:
        return f"{found[1]} {_REDACTED}"
    found = _CHALLENGE.fullmatch(line)
    return f"{found[1]}[challenge]" if found else line


class Tracer:
    """Turns what a core sends and receives into trace lines, which ``redact`` has to pass."""

    __slots__ = ("_body", "_me", "_peer", "_redact", "_sender", "_trace")

    def __init__(
        self, trace: Trace, me: Party, peer: Party, redact: Callable[[str], str] = redact
    ) -> None:
        self._trace = trace
        self._redact = redact
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

    def unit_sent(self, unit: bytes, *, secret: bool = False) -> None:
        """Note a command or response of IMAP that we send, or a part of one, as one line.

        Octets of literals within it are left out.
        """
        self._line(self._me, _without_literals(unit), secret)

    def unit_received(
        self, unit: bytes, streamed: Collection[int] = (), *, secret: bool = False
    ) -> None:
        """Note a command or response of IMAP that the peer sent, or a part of one.

        ``streamed`` are the offsets at which the octets of a literal are missing already.
        """
        self._line(self._peer, _without_literals(unit, streamed), secret)

    def _lines(self, sender: Party, data: bytes, secret: bool) -> None:
        for line in data.removesuffix(b"\n").split(b"\n"):
            self._line(sender, line, secret)

    def _line(self, sender: Party, data: bytes, secret: bool) -> None:
        if self._body:
            self._trace(TraceLine(self._sender, f"[{self._body} octets of the message]"))
            self._body = 0
        text = data.decode("utf-8", "backslashreplace").removesuffix("\n").removesuffix("\r")
        shown = _REDACTED if secret else self._redact(text)
        self._trace(TraceLine(sender, _UNPRINTABLE.sub(_escape, shown)))


def _without_literals(unit: bytes, streamed: Collection[int] = ()) -> bytes:
    """A unit with the announcements of its literals only, and without their line ends."""
    parts, at = [], 0
    while found := _LITERAL.search(unit, at):
        parts.append(unit[at : found.start(2)])
        at = found.end() + (0 if found.end() in streamed else int(found[1]))
    return b"".join((*parts, unit[at:]))


def _escape(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"
