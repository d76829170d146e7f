"""Shows a conversation line by line as it happens, with remarks beside it."""

from collections.abc import Callable, Mapping

from rich.console import Console
from rich.text import Text

from mailproto._value import evolve, value
from mailproto.cli.display import printable, say
from mailproto.smtp import TraceLine

__all__ = ["Conversation", "Narrator", "Remark"]

_MARGIN = 0.4  # of the width, for remarks
_STYLES = {"C": "cyan", "S": "green"}


@value
class Remark:
    """What to say about a line: ``beside`` it, and what happens ``after`` it off the record.

    ``shown`` is what to show of a line that is long; None: all of it.
    """

    beside: str = ""
    after: str = ""
    shown: str | None = None


Narrator = Callable[[TraceLine], Remark]
"""Knows one protocol; is shown each line of one connection in order."""


class Conversation:
    """A trace that prints: give it to ``connect_smtp`` or ``serve_smtp`` as ``trace``.

    What ``narrator`` remarks stands beside the lines; without one they have all the room.
    ``names`` are those of client and server, for a conversation beside another one.
    """

    def __init__(
        self,
        console: Console,
        narrator: Narrator | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self._console = console
        self._narrator = narrator
        self._names = names or {}

    def __call__(self, line: TraceLine) -> None:
        """Print a line."""
        remark = self._narrator(line) if self._narrator else Remark()
        self._row(line if remark.shown is None else evolve(line, text=remark.shown), remark.beside)
        if remark.after:
            self.note(remark.after)

    def note(self, text: str) -> None:
        """Print what happens without being a line."""
        self._console.print(Text(f"   -- {text} --", "yellow"))

    def _row(self, line: TraceLine, beside: str) -> None:
        style = _STYLES[line.sender]
        name = self._names.get(line.sender, line.sender)
        room = self._console.width - len("C: ")
        margin = int(room * _MARGIN) if self._narrator else 0
        width = max(room - margin - 1, 1)
        said = Text(printable(line.text), style).wrap(self._console, width, overflow="fold")
        remarks = Text(beside, "dim").wrap(self._console, max(margin, 1))
        for number in range(max(len(said), len(remarks))):
            row = Text("   " if number else f"{name}: ", f"bold {style}")
            if number < len(said):
                row.append_text(said[number])
            if number < len(remarks) and remarks[number]:
                row.pad_right(max(room - margin + 3 - row.cell_len, 0))
                row.append_text(remarks[number])
            row.rstrip()
            say(self._console, row)
