"""How things look: consoles, and making what others wrote fit to be shown."""

import logging
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.text import Text

from mailproto.cli.failures import Failure

__all__ = [
    "console",
    "count",
    "explain_at_length",
    "printable",
    "progress_bar",
    "say",
    "show_failure",
    "show_log",
    "size",
    "subject",
]

_SUBJECT = re.compile(rb"^Subject:((?:[^\r\n]|\r?\n[ \t]){0,1000})", re.IGNORECASE | re.MULTILINE)
_LINE_END = re.compile(r"\r?\n")
_ENCODED = "=?"
_BAR_FROM = 1024 * 1024  # octets from which one message is worth a progress bar


def console(*, stderr: bool = False) -> Console:
    """Return a console that takes text literally."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def printable(text: str) -> str:
    """Write what could steer a terminal (controls, direction marks) as escapes."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def say(to: Console, text: str | Text = "", style: str = "") -> None:
    """Print a line, never broken: names of files and commands stay whole."""
    to.print(Text(text, style) if isinstance(text, str) else text, soft_wrap=True)


def explain_at_length(to: Console, text: str | Text) -> None:
    """Print sentences: broken between words on a terminal, else in one line."""
    to.print(Text(text) if isinstance(text, str) else text, soft_wrap=not to.is_terminal)


def size(octets: int) -> str:
    """Write a number of octets for people, such as "12.3 kB"."""
    return decimal(octets)


def count(number: int, noun: str) -> str:
    """Write how many there are, such as "1 message"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


@contextmanager
def progress_bar(
    to: Console, doing: str, sizes: Collection[int]
) -> Iterator[Callable[[int], object]]:
    """Show a bar while messages of these sizes (octets) pass, on a terminal, if it is worth it.

    Call what it gives with the octets that are done.
    """
    total = sum(sizes)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(),
        console=to,
        transient=True,
        expand=True,
        disable=not (to.is_terminal and (len(sizes) > 1 or total >= _BAR_FROM)),
    ) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda done: bar.update(task, completed=done)


def subject(head: bytes) -> str:
    """Return the decoded Subject of a message that begins with ``head``, fit to be shown."""
    header = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    found = _SUBJECT.search(header)
    text = _LINE_END.sub("", found[1].decode("utf-8", "replace")).strip() if found else ""
    if _ENCODED in text:
        with suppress(HeaderParseError, LookupError, ValueError):  # else as it stands
            text = str(make_header(decode_header(text)))
    return printable(text) or "(no subject)"


def show_failure(failure: Failure) -> None:
    """Print what went wrong and what to do next, on standard error."""
    to = console(stderr=True)
    explain_at_length(to, Text.assemble(("Error: ", "bold red"), printable(failure.text)))
    if failure.advice:
        explain_at_length(to, failure.advice)


class _LogHandler(logging.Handler):
    """Shows log records in one line each: no traceback."""

    def __init__(self) -> None:
        super().__init__()
        self._console = console(stderr=True)

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {record.exc_info[1]}"
        say(self._console, printable(text), "yellow" if record.levelno > logging.INFO else "dim")


def show_log(level: int) -> None:
    """Show what the library logs, from this level on, on standard error."""
    log = logging.getLogger("mailproto")
    log.setLevel(level)
    log.addHandler(_LogHandler())
