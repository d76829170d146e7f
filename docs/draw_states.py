"""Draw the state diagrams in this folder from the tables that the cores run on.

``python docs/draw_states.py`` writes them; a test checks that they are up to date.
"""

from collections import defaultdict
from enum import Enum
from pathlib import Path
from typing import Any

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


def diagram(transitions: dict[type[Any], dict[Any, Any]], first: Enum) -> str:
    """Return the arrows of a transition table as a Mermaid state diagram."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for command, moves in transitions.items():
        name = "greeting" if command is type(None) else command_name_of(command)
        for before, after in moves.items():
            arrows[before.name, after.name].append(name)
    lines = [f"    [*] --> {first.name}"]
    lines += [
        f"    {before} --> {after}: {', '.join(names)}" for (before, after), names in arrows.items()
    ]
    return "\n".join(lines)


def command_name_of(command: type[Any]) -> str:
    """Return the verb of a command's class, or the name of the class."""
    return getattr(command, "verb", "") or command.__name__


def page(protocol: str, tables: Any, note: str) -> str:
    """Return the page about one protocol."""
    first = next(iter(tables.TRANSITIONS[type(None)]))
    module = tables.__name__.replace(".", "/") + ".py"
    header = HEADER.format(protocol=protocol, module=module, note=note)
    return f"{header}{diagram(tables.TRANSITIONS, first)}\n```\n"


PAGES = {
    "smtp-states.md": lambda: page("SMTP and LMTP", mailproto.smtp.states, SMTP_NOTE),
    "pop3-states.md": lambda: page("POP3", mailproto.pop3.states, POP3_NOTE),
}

if __name__ == "__main__":
    for name, draw in PAGES.items():
        Path(__file__).with_name(name).write_text(draw())
