"""Sessions of IMAP commands written down in files, with what is answered differently on purpose.

Each line of a script is a command. ``B:`` in front of it says that the second session gives it, and
any other letter one more; they log in as Ann. What ``0:`` says comes before a login.

- ``<<text>>`` is a literal, non-synchronizing, with Python's escapes and CRLF for ``\\n``;
  ``<name.eml>`` one with the content of that file.
- ``a | b`` are two commands, sent at once.
- ``mark NAME`` keeps the highest mod-sequence that was told so far, and ``{NAME}`` is that number;
  ``{validity}`` is the last UIDVALIDITY that was told.
- ``hear NAME`` waits until a response of that name comes unasked, as while idling.
- ``use NAME`` stands for the lines of another script.
- ``# text`` says why the answers to the command before differ, and names the RFC; then come, as in
  a patch, lines ``- fact`` of what only Dovecot tells and ``+ fact`` of what only we do.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["FOLDER", "Step", "encode", "read_script"]

FOLDER = Path(__file__).parent / "imap_scripts"

_SESSION = re.compile(r"([A-Z0-9]): ")
_CONTENT = re.compile(r"(?:<<(?P<text>.*?)>>|<(?P<file>[a-z0-9-]+\.eml)>)")
_MARK = re.compile(r"\{([a-z]+)\}")


@dataclass
class Step:
    """A command of a session, and the facts of the answer that are not the same."""

    place: str
    session: str
    command: str
    reason: str = ""
    theirs: Counter[str] = field(default_factory=Counter)
    ours: Counter[str] = field(default_factory=Counter)


def read_script(name: str) -> list[Step]:
    """Return the commands of a script, in order."""
    steps: list[Step] = []
    reason: list[str] = []
    for place, line in _lines(name):
        sign, _, rest = line.partition(" ")
        if sign == "#":
            reason.append(rest)
        elif sign in ("-", "+"):
            step = steps[-1]
            (step.theirs if sign == "-" else step.ours)[rest] += 1
            step.reason = step.reason or " ".join(reason)
        else:
            reason = []
            found = _SESSION.match(line)
            session = found[1] if found else "A"
            steps.append(Step(place, session, _SESSION.sub("", line, count=1)))
    return steps


def _lines(name: str) -> Iterator[tuple[str, str]]:
    file = FOLDER / f"{name}.txt"
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if line.startswith("use "):
            yield from _lines(line.removeprefix("use "))
        elif line:
            yield f"{file.name}:{number}", line


def encode(command: str, marks: Mapping[str, int]) -> bytes:
    """Return a command as it is sent, without a tag and the end of the line."""
    command = _MARK.sub(lambda found: str(marks[found[1]]), command)
    sent = b""
    at = 0
    for found in _CONTENT.finditer(command):
        content = _content(found)
        sent += command[at : found.start()].encode() + b"{%d+}\r\n" % len(content) + content
        at = found.end()
    return sent + command[at:].encode()


def _content(found: re.Match[str]) -> bytes:
    if found["file"]:
        data = (FOLDER / found["file"]).read_bytes()
    else:
        data = found["text"].encode("latin-1").decode("unicode_escape").encode("latin-1")
    return data.replace(b"\n", b"\r\n")
