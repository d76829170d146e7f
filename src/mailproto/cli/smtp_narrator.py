"""Explains an SMTP or LMTP conversation, line by line; each thing once."""

import re
from collections import deque

from mailproto.cli.conversation import Remark
from mailproto.smtp import TraceLine

__all__ = ["HANDSHAKE", "SmtpNarrator"]

HANDSHAKE = "TLS handshake: from here on nobody else can read along"

_COMMANDS = {
    "EHLO": "who I am; what can you do?",
    "EHLO again": "the same over TLS: what was said before no longer counts",
    "LHLO": "who I am; what can you do?",
    "HELO": "who I am, without extensions",
    "STARTTLS": "let us encrypt from here on",
    "AUTH": "log in: SCRAM proves that I know the password, never sends it",
    "response": "the proof; secrets are not shown",
    "MAIL": "a message: its sender, size and kind",
    "RCPT": "for whom; no need to wait for replies (PIPELINING)",
    "DATA": "may I send it?",
    "BDAT": "so many octets follow: no dots to double, no end to mark",
    "BDAT LAST": "that was all of it",
    "body": "dots doubled, then a lone dot",
    "piece": "as they are",
    "RSET": "forget this message",
    "NOOP": "are you there?",
    "QUIT": "that was all",
}

# By command and first digit of the reply; "" is for the greeting.
_REPLIES = {
    ("", "2"): "ready for mail",
    ("EHLO", "2"): "my name; my extensions:",
    ("LHLO", "2"): "my name; my extensions:",
    ("STARTTLS", "2"): "yes",
    ("AUTH", "3"): "a question, different each time",
    ("AUTH", "2"): "you are in",
    ("MAIL", "2"): "the sender is fine",
    ("RCPT", "2"): "the recipient is fine",
    ("DATA", "3"): "yes; a lone dot ends it",
    ("BDAT", "2"): "I have these octets",
    ("BDAT LAST", "2"): "stored: it is in my care now",
    ("message", "2"): "stored: it is in my care now",
    ("QUIT", "2"): "goodbye",
}
_REFUSALS = {"4": "not now; later, perhaps", "5": "no, and not later either"}

_EXTENSIONS = {
    "PIPELINING": "commands may come in batches",
    "8BITMIME": "octets above 127 are welcome",
    "SMTPUTF8": "so are addresses in any script",
    "CHUNKING": "BDAT: messages in pieces",
    "BINARYMIME": "bodies without line ends",
    "ENHANCEDSTATUSCODES": "replies have codes like 5.1.1",
    "SIZE": "the longest message, in octets",
    "STARTTLS": "encryption",
    "AUTH": "ways to log in",
    "AUTH -PLUS": "ways to log in; -PLUS is tied to this very TLS connection",
}

_BODY = re.compile(r"\[\d+ octets of the message\]")


class SmtpNarrator:
    """Remarks on the lines of one connection; remembers which command a reply is for.

    ``told`` are remarks that need not be made again; it grows.
    """

    def __init__(self, told: set[str]) -> None:
        self._unanswered = deque([""])
        self._in_data = False
        self._first_line = True
        self._encrypted = False
        self._told = told

    def __call__(self, line: TraceLine) -> Remark:
        """Return what to remark on the next line."""
        return self._client(line.text) if line.sender == "C" else self._server(line.text)

    def _client(self, text: str) -> Remark:
        if _BODY.fullmatch(text):
            if not self._in_data:
                return self._remark(_COMMANDS["piece"])
            self._in_data = False
            self._unanswered.append("message")
            return self._remark(_COMMANDS["body"])
        verb = text.partition(" ")[0].upper()
        if self._unanswered and self._unanswered[0] == "AUTH":
            return self._remark(_COMMANDS["response"])
        if verb == "BDAT" and text.upper().endswith(" LAST"):
            verb = "BDAT LAST"
        self._unanswered.append(verb)
        if verb == "EHLO" and self._encrypted:
            verb = "EHLO again"
        return self._remark(_COMMANDS.get(verb, ""))

    def _server(self, text: str) -> Remark:
        first, self._first_line = self._first_line, text[3:4] != "-"
        command = self._unanswered[0] if self._unanswered else ""
        code = text[:1]
        if self._first_line and code != "3" and self._unanswered:
            self._unanswered.popleft()
        elif command == "DATA" and code == "3":
            self._unanswered.popleft()
            self._in_data = True
        if not first and command in ("EHLO", "LHLO"):
            return self._extension(text[4:])
        if command == "STARTTLS" and code == "2":
            self._encrypted = True
            return Remark(_REPLIES[command, code], HANDSHAKE)
        if code in _REFUSALS:
            return Remark(_REFUSALS[code])
        return self._remark(_REPLIES.get((command, code), ""))

    def _extension(self, text: str) -> Remark:
        keyword = text.partition(" ")[0].upper()
        return self._remark(_EXTENSIONS.get("AUTH -PLUS" if "-PLUS" in text else keyword, ""))

    def _remark(self, beside: str) -> Remark:
        if beside in self._told:
            return Remark()
        self._told.add(beside)
        return Remark(beside)
