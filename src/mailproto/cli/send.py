"""``mailproto send``: .eml files through any mail server, over one connection."""

import asyncio
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.text import Text

from mailproto import asyncio as binding
from mailproto._value import value
from mailproto.cli.arguments import STDIN
from mailproto.cli.certificates import trusting
from mailproto.cli.conversation import Conversation
from mailproto.cli.display import console, explain_at_length, printable, say, show_failure, size
from mailproto.cli.failures import EXPECTED, Failure, Unusable, explain, reading
from mailproto.cli.password import find_password
from mailproto.clients import DeliveryFailed, SendResult, SmtpClient
from mailproto.tls import TlsMode

__all__ = ["run"]

_SPOOL = 16 * 1024 * 1024  # octets of standard input that are kept in memory
_BAR_FROM = 1024 * 1024  # octets from which one message is worth a progress bar
_START_TIMEOUT = 60.0  # seconds until connected, encrypted and logged in


@value
class _Letter:
    """A message to be sent: what it is called, where it is, and how many octets it has."""

    name: str
    source: Path | BinaryIO
    size: int


def run(arguments: Namespace) -> int:
    """Send the files; 0 if every recipient of every one was accepted, else 1.

    Raises :class:`Unusable` if that can not begin.
    """
    if arguments.lmtp and arguments.user:
        raise Unusable(Failure("--lmtp knows no log-in.", "Leave out --user."))
    with _letters(arguments.files) as letters:
        connect, server = _connector(arguments)
        try:
            return asyncio.run(_Sending(arguments, letters, server).run(connect))
        except EXPECTED as error:
            show_failure(explain(error, server))
            return 1


@contextmanager
def _letters(files: list[Path]) -> Iterator[list[_Letter]]:
    """Look whether all files can be read, before anything is sent."""
    with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
        letters = []
        for path in files:
            if path == STDIN:
                shutil.copyfileobj(sys.stdin.buffer, spool)
                octets = spool.tell()
                spool.seek(0)
                letters.append(_Letter("standard input", cast(BinaryIO, spool), octets))
            else:
                with reading(path), path.open("rb") as file:
                    letters.append(_Letter(str(path), path, file.seek(0, 2)))
        yield letters


_Connect = Callable[[], AbstractAsyncContextManager[SmtpClient]]


def _connector(arguments: Namespace) -> tuple[_Connect, str]:
    """Return what connects as the arguments say, and the server's name and port."""
    context = None
    if arguments.ca is not None:
        with reading(arguments.ca):
            context = trusting(arguments.ca)
    tls = TlsMode[arguments.tls.upper()] if arguments.tls else None
    trace = Conversation(console(stderr=True)) if arguments.trace else None
    host = arguments.host
    if arguments.lmtp:
        port = arguments.port or 24
        return lambda: binding.connect_lmtp(
            host,
            port,
            tls=tls or TlsMode.NONE,
            tls_context=context,
            timeout=arguments.timeout,
            trace=trace,
        ), f"{host}:{port}"
    port = arguments.port or (465 if tls is TlsMode.IMPLICIT else 587)
    password = find_password(arguments.user, arguments.password_file) if arguments.user else None
    return lambda: binding.connect_smtp(
        host,
        port,
        tls=tls,
        tls_context=context,
        user=arguments.user,
        password=password,
        allow_plaintext=arguments.allow_plaintext,
        timeout=arguments.timeout,
        trace=trace,
    ), f"{host}:{port}"


class _Sending:
    """Sends letters one after the other and tells what became of each."""

    def __init__(self, arguments: Namespace, letters: list[_Letter], server: str) -> None:
        self._arguments = arguments
        self._letters = letters
        self._server = server
        self._console = console()
        self._accepted = 0
        self._refused = 0
        self._unsent = 0

    async def run(self, connect: _Connect) -> int:
        """Send all; returns the exit status. Raises what connecting raises."""
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(self._arguments.timeout or _START_TIMEOUT):
                client = await stack.enter_async_context(connect())
            with self._progress() as (progress, task):
                done = 0
                for letter in self._letters:
                    await self._send(client, letter, _meter(progress, task, done))
                    done += letter.size
                    progress.update(task, completed=done)
        self._summarize()
        return 1 if self._refused or self._unsent else 0

    async def _send(
        self, client: SmtpClient, letter: _Letter, progress: Callable[[int], object]
    ) -> None:
        if not client.usable:
            self._tell_unsent(letter, Failure("The connection ended before it was its turn."))
            return
        arguments = self._arguments
        try:
            result = await client.send(
                letter.source,
                arguments.sender,
                arguments.recipients,
                chunking=arguments.chunking,
                progress=progress,
            )
        except DeliveryFailed as error:
            self._tell(letter, error.result)
        except EXPECTED as error:
            self._tell_unsent(letter, explain(error, self._server))
        else:
            self._tell(letter, result)

    def _tell(self, letter: _Letter, result: SendResult) -> None:
        self._head(letter)
        for outcome in result.recipients:
            word = ("accepted", "green") if outcome.accepted else ("refused ", "bold red")
            say(
                self._console,
                Text.assemble(
                    "  ",
                    word,
                    f"  {printable(outcome.recipient)}  ",
                    (printable(str(outcome.reply)), "dim"),
                ),
            )
        self._accepted += len(result.accepted)
        self._refused += len(result.refused)

    def _tell_unsent(self, letter: _Letter, failure: Failure) -> None:
        self._head(letter)
        why = printable(f"{failure.text} {failure.advice}".rstrip())
        explain_at_length(self._console, Text.assemble("  ", ("not sent", "bold red"), f"  {why}"))
        self._unsent += 1

    def _head(self, letter: _Letter) -> None:
        name = (printable(letter.name), "bold")
        say(self._console, Text.assemble(name, (f"  {size(letter.size)}", "dim")))

    def _summarize(self) -> None:
        parts = [f"{self._accepted} accepted"]
        if self._refused:
            parts.append(f"{self._refused} refused")
        text = f"{_count(len(self._letters), 'message')}; recipients: {', '.join(parts)}"
        if self._unsent:
            text += f"; {_count(self._unsent, 'message')} not sent"
        good = not self._refused and not self._unsent
        say(self._console, f"{text}.", "green" if good else "bold red")

    @contextmanager
    def _progress(self) -> Iterator[tuple[Progress, TaskID]]:
        """Show a bar while there is much to send, on a terminal only."""
        total = sum(letter.size for letter in self._letters)
        worthwhile = len(self._letters) > 1 or total >= _BAR_FROM
        with Progress(
            TextColumn("Sending"),
            BarColumn(bar_width=None),
            DownloadColumn(),
            console=self._console,
            transient=True,
            expand=True,
            disable=not (worthwhile and self._console.is_terminal),
        ) as progress:
            yield progress, progress.add_task("", total=total)


def _meter(progress: Progress, task: TaskID, before: int) -> Callable[[int], object]:
    return lambda sent: progress.update(task, completed=before + sent)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
