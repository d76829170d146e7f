"""Draw the state diagrams in this folder from the tables that the cores run on.

``python docs/draw_states.py`` writes them; a test checks that they are up to date.
"""

from collections import defaultdict
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import mailproto.imap.states
import mailproto.pop3.states
import mailproto.smtp.states

HEADER = """# The states of {protocol}

Drawn by `python docs/draw_states.py` from `TRANSITIONS` in `{module}`; do not edit.
An arrow is a command whose answer is positive. {note}

```mermaid
stateDiagram-v2
"""

SMTP_NOTE = """A refused command leaves the state as it is, but for a
refused message, which ends the transaction. AUTH passes through AUTHENTICATING while challenges
go back and forth, BDAT through CHUNK while its octets do; after STARTTLS and the handshake the
session is INITIAL again. BDAT with LAST goes on to the end of the message by itself."""

POP3_NOTE = """A refused command leaves the state as it is. AUTH
passes through AUTHENTICATING while challenges go back and forth; PASS, APOP and AUTH go on to
TRANSACTION once the authenticator has agreed; after STLS and the handshake the session is in
AUTHORIZATION again. QUIT enters UPDATE at once, and its answer closes the session."""


IMAP_NOTE = """The greeting is OK, PREAUTH or BYE. A
refused command leaves the state as it is, but for SELECT and EXAMINE: after NO no mailbox is
selected. After STARTTLS and the handshake the session is NOT_AUTHENTICATED again. BYE ends it in
any state."""


def diagram(transitions: dict[type[Any], dict[Any, Any]], first: Enum) -> str:
    """Return the arrows of a transition table as a Mermaid state diagram."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for command, moves in transitions.items():
        name = command_name_of(command)
        for before, after in moves.items():
            arrows[before.name, after.name].append(name)
    lines = [f"    [*] --> {first.name}"]
    lines += [
        f"    {before} --> {after}: {listed(names)}" for (before, after), names in arrows.items()
    ]
    return "\n".join(lines)


def command_name_of(command: type[Any]) -> str:
    """Return the word for what moves a session: of a command or a greeting, or of its class."""
    if command is type(None):
        return "greeting"
    words = (getattr(command, attribute, "") for attribute in ("verb", "name"))
    return next((word for word in words if word and isinstance(word, str)), command.__name__)


def listed(names: list[str]) -> str:
    """Return names in lines of eight."""
    lines = (names[at : at + 8] for at in range(0, len(names), 8))
    return ",<br>".join(", ".join(line) for line in lines)


def page(protocol: str, tables: Any, note: str) -> str:
    """Return the page about one protocol."""
    first = tables.State.GREETING
    greetings = {greeting: {first: state} for greeting, state in _greetings(tables).items()}
    module = tables.__name__.replace(".", "/") + ".py"
    header = HEADER.format(protocol=protocol, module=module, note=note)
    return f"{header}{diagram({**greetings, **tables.TRANSITIONS}, first)}\n```\n"


def _greetings(tables: Any) -> dict[type[Any], Enum]:
    """Return what the greetings of IMAP lead to; for the others TRANSITIONS says it."""
    return getattr(tables, "GREETINGS", {})


PAGES: dict[str, Callable[[], str]] = {
    "imap-states.md": lambda: page("IMAP", mailproto.imap.states, IMAP_NOTE),
    "smtp-states.md": lambda: page("SMTP and LMTP", mailproto.smtp.states, SMTP_NOTE),
    "pop3-states.md": lambda: page("POP3", mailproto.pop3.states, POP3_NOTE),
}

if __name__ == "__main__":
    for name, draw in PAGES.items():
        Path(__file__).with_name(name).write_text(draw())
