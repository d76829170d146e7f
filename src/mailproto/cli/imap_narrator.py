"""Explains an IMAP conversation, line by line; each thing once."""

import re

from mailproto.cli.conversation import Remark
from mailproto.cli.smtp_narrator import HANDSHAKE
from mailproto.smtp import TraceLine

__all__ = ["ImapNarrator"]

_COMMANDS = {
    "CAPABILITY": "what can you do?",
    "STARTTLS": "let us encrypt from here on",
    "AUTHENTICATE": "log in: SCRAM proves that I know the password, never sends it",
    "response": "the proof; secrets are not shown",
    "SELECT": "open this mailbox (CONDSTORE: count changes)",
    "EXAMINE": "open it, but let me change nothing",
    "FETCH": "tell me this of messages, by their UIDs",
    "FETCH BODY": "let me have this one (PEEK: it stays unseen)",
    "STORE": "mark it, and save yourself the answer",
    "SEARCH": "which messages are marked?",
    "CREATE": "make a mailbox",
    "MOVE": "move them there",
    "IDLE": "I listen: tell me what happens",
    "DONE": "I have heard enough",
    "LOGOUT": "that was all",
}
_COMPLETIONS = {
    "STARTTLS": "yes",
    "AUTHENTICATE": "you are in, and others may be too",
    "LOGOUT": "goodbye",
}
_CONTINUATIONS = {
    "AUTHENTICATE": "a question, different each time",
    "IDLE": "I shall",
}
# By the word or the response code that tells what it is about.
_UNTAGGED = {
    "CAPABILITY": "ready; my extensions (not all are shown)",
    "FLAGS": "marks that messages can have",
    "PERMANENTFLAGS": r"marks that stay; \* is any word",
    "EXISTS": "so many messages are here",
    "RECENT": "so many are new to everybody",
    "UNSEEN": "here the unread ones begin",
    "UIDVALIDITY": "as long as this is the same, so are UIDs",
    "UIDNEXT": "the UID of the next message",
    "HIGHESTMODSEQ": "so many changes so far: ask for later ones",
    "MAILBOXID": "its name of names, which outlasts renaming",
    "FETCH": "so it is",
    "FETCH BODY": "here it comes: so many octets, as they are",
    "FETCH MODSEQ": "this change has a number",
    "ESEARCH": "these (UIDs)",
    "COPYUID": "there they have these UIDs",
    "EXPUNGE": "it has left: all behind it move up",
    "BYE": "",
}
_COMMAND = re.compile(r"(\S+) (?:UID )?([A-Z]+)(.*)")
_TAGGED = re.compile(r"([^\s*]\S*) (OK|NO|BAD)\b")
_ABOUT = re.compile(r"\* (?:\d+ )?(?:OK \[)?([A-Z]+)(.*)")
_CAPABILITIES = re.compile(r"((?:CAPABILITY )(?:\S+ ){2})[^\]]*")


class ImapNarrator:
    """Remarks on the lines of one connection; remembers which command a tag is of.

    ``told`` are remarks that need not be made again; it grows.
    """

    def __init__(self, told: set[str]) -> None:
        self._unanswered: dict[str, str] = {}
        self._told = told

    def __call__(self, line: TraceLine) -> Remark:
        """Return what to remark on the next line."""
        return self._client(line.text) if line.sender == "C" else self._server(line.text)

    @property
    def _latest(self) -> str:
        return next(reversed(self._unanswered.values()), "")

    def _client(self, text: str) -> Remark:
        found = _COMMAND.fullmatch(text)
        if found is None:
            return self._remark(_COMMANDS["DONE" if self._latest == "IDLE" else "response"])
        tag, verb, rest = found.groups()
        self._unanswered[tag] = verb
        return self._remark(_COMMANDS.get(_kind(verb, rest), ""))

    def _server(self, text: str) -> Remark:
        shown = _CAPABILITIES.sub(r"\1...", text)
        if text.startswith("+ "):
            return self._remark(_CONTINUATIONS.get(self._latest, ""))
        tagged = _TAGGED.match(text)
        if tagged is None:
            about = _ABOUT.fullmatch(text)
            kind = _kind(about[1], about[2]) if about else ""
            return self._remark(_UNTAGGED.get(kind, ""), shown=shown)
        verb = self._unanswered.pop(tagged[1], "")
        if tagged[2] != "OK":
            return Remark("no")
        after = HANDSHAKE if verb == "STARTTLS" else ""
        return self._remark(_COMPLETIONS.get(verb, ""), after, shown)

    def _remark(self, beside: str, after: str = "", shown: str | None = None) -> Remark:
        if beside in self._told:
            beside = ""
        self._told.add(beside)
        return Remark(beside, after, shown)


def _kind(word: str, rest: str) -> str:
    """Tell what a FETCH is about: content, a change, or what else is known."""
    if word != "FETCH":
        return word
    detail = next((detail for detail in ("BODY", "MODSEQ") if detail in rest), "")
    return f"{word} {detail}".rstrip()
