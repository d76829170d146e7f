"""Explains a POP3 conversation, line by line; each thing once."""

import re
from collections import deque

from mailproto.cli.conversation import Remark
from mailproto.cli.smtp_narrator import HANDSHAKE
from mailproto.smtp import TraceLine

__all__ = ["Pop3Narrator"]

_COMMANDS = {
    "CAPA": "what can you do?",
    "STLS": "let us encrypt from here on",
    "AUTH": "log in: SCRAM proves that I know the password, never sends it",
    "LIST": "which messages are there, and how long are they?",
    "UIDL": "and which are they? no need to wait (PIPELINING)",
    "RETR": "let me have this one",
    "DELE": "delete it when I go",
    "QUIT": "that was all: delete what I marked",
}
_ANSWERS = {
    "": "ready",
    "CAPA": "this (its list is not shown)",
    "STLS": "yes",
    "AUTH": "you are in, and nobody else meanwhile",
    "LIST": "these",
    "UIDL": "under these names, the same for ever",
    "RETR": "here it comes",
    "DELE": "marked",
    "QUIT": "done, goodbye",
}
_BODY = re.compile(r"\[\d+ octets of the message\]")


class Pop3Narrator:
    """Remarks on the lines of one connection; remembers which command an answer is for.

    ``told`` are remarks that need not be made again; it grows.
    """

    def __init__(self, told: set[str]) -> None:
        self._unanswered = deque([""])
        self._told = told

    def __call__(self, line: TraceLine) -> Remark:
        """Return what to remark on the next line."""
        if _BODY.fullmatch(line.text):
            return self._remark("dots undoubled; a lone dot ended it")
        return self._client(line.text) if line.sender == "C" else self._server(line.text)

    def _client(self, text: str) -> Remark:
        if self._unanswered and self._unanswered[0] == "AUTH":
            return self._remark("the proof; secrets are not shown")
        verb = text.partition(" ")[0].upper()
        self._unanswered.append(verb)
        return self._remark(_COMMANDS.get(verb, ""))

    def _server(self, text: str) -> Remark:
        if text.startswith("+ "):
            return self._remark("a question, different each time")
        if not text.startswith(("+OK", "-ERR")):
            return Remark()
        command = self._unanswered.popleft() if self._unanswered else ""
        if text.startswith("-ERR"):
            return Remark("no")
        remark = self._remark(_ANSWERS.get(command, ""))
        return Remark(remark.beside, HANDSHAKE) if command == "STLS" else remark

    def _remark(self, beside: str) -> Remark:
        if beside in self._told:
            return Remark()
        self._told.add(beside)
        return Remark(beside)
