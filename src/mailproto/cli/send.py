"""``mailproto send``: .eml files through any mail server, over one connection."""

import asyncio
import re
import shutil
import ssl
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from rich.text import Text

from mailproto import asyncio as binding
from mailproto._value import evolve, value
from mailproto.cli.arguments import STDIN
from mailproto.cli.connecting import connection_options, started
from mailproto.cli.display import (
    console,
    count,
    explain_at_length,
    printable,
    progress_bar,
    say,
    show_failure,
    size,
)
from mailproto.cli.failures import (
    COMMON_ADVICE,
    EXPECTED,
    Advice,
    Failure,
    Unusable,
    explain,
    reading,
)
from mailproto.cli.password import find_password
from mailproto.clients import DeliveryFailed, SendResult, SmtpClient
from mailproto.errors import (
    AuthenticationFailed,
    ConnectionLost,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.tls import TlsMode

__all__ = ["run"]

_SPOOL = 16 * 1024 * 1024  # octets of standard input that are kept in memory
_NO_ENVELOPE = re.compile(r"\b(sender|recipients)=")
_ENVELOPE_ADVICE = "--from and --to give the envelope where the header does not."
_ADVICE: Advice = {
    **COMMON_ADVICE,
    ssl.SSLError: (
        "Does this port start in clear text (25, 587)? Then use --tls starttls; "
        "--tls implicit is for port 465."
    ),
    ConnectionRefusedError: (
        "Is the server running, and is --port right? Usual ports are 587 (submission), "
        "465 (submission over TLS) and 25 (relay)."
    ),
    AuthenticationFailed: (
        "Nothing was sent. Check --user and the password. Without TLS, a password is sent only "
        "with --allow-plaintext."
    ),
    TLSRequired: (
        "Nothing was sent. Use --tls implicit if the port expects TLS at once (465), or "
        "--tls none if an unencrypted connection will do, as on your own machine."
    ),
    ConnectionLost: "What is not listed as accepted was not delivered: send it again.",
    RemoteProtocolError: (
        "Is it a mail server? For LMTP use --lmtp; --trace shows the conversation."
    ),
}


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
            show_failure(_explain(error, server))
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
    options = connection_options(arguments)
    tls = TlsMode[arguments.tls.upper()] if arguments.tls else None
    host = arguments.host
    if arguments.lmtp:
        port = arguments.port or 24
        return lambda: binding.connect_lmtp(
            host, port, tls=tls or TlsMode.NONE, **options
        ), f"{host}:{port}"
    port = arguments.port or (465 if tls is TlsMode.IMPLICIT else 587)
    password = find_password(arguments.user, arguments.password_file) if arguments.user else None
    return lambda: binding.connect_smtp(
        host,
        port,
        tls=tls,
        user=arguments.user,
        password=password,
        allow_plaintext=arguments.allow_plaintext,
        **options,
    ), f"{host}:{port}"


def _meter(show: Callable[[int], object], before: int) -> Callable[[int], object]:
    return lambda sent: show(before + sent)


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
        sizes = [letter.size for letter in self._letters]
        async with started(connect(), self._arguments) as client:
            with progress_bar(self._console, "Sending", sizes) as show:
                done = 0
                for letter in self._letters:
                    await self._send(client, letter, _meter(show, done))
                    done += letter.size
                    show(done)
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
            self._tell_unsent(letter, _explain(error, self._server))
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
        text = f"{count(len(self._letters), 'message')}; recipients: {', '.join(parts)}"
        if self._unsent:
            text += f"; {count(self._unsent, 'message')} not sent"
        good = not self._refused and not self._unsent
        say(self._console, f"{text}.", "green" if good else "bold red")


def _explain(error: BaseException, server: str) -> Failure:
    failure = explain(error, server, _ADVICE)
    return evolve(failure, advice=_ENVELOPE_ADVICE) if _NO_ENVELOPE.search(str(error)) else failure
