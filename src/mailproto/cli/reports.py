"""How ``mailproto serve`` tells what happens: to people, or to programs."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import strftime
from typing import Protocol

from rich.table import Table
from rich.text import Text

from mailproto import __version__
from mailproto._value import field, value
from mailproto.cli.display import console, printable, say, size, subject

__all__ = ["JsonReport", "Ready", "Received", "Report", "Reporter"]


@value
class Ready:
    """What people and programs have to know to use the server."""

    ports: dict[str, tuple[str, int]]
    """By kind: "smtp", "lmtp", "pop3", "imap"; with "s" behind it, TLS is from the start."""
    ca: Path | None
    maildir: Path | None
    user: str
    password: str | None = field(repr=False)
    """Only if it was made up."""


@value
class Received:
    """A message that came: ``size`` in octets, the first of which are ``head``.

    ``peer`` is the client's IP address, ``user`` who it logged in as (None: nobody), ``file``
    where the message is (None: in memory).
    """

    sender: str
    recipients: tuple[str, ...]
    size: int
    head: bytes = field(repr=False)
    peer: str
    user: str | None
    file: Path | None


class Reporter(Protocol):
    """Tells what happens."""

    def ready(self, ready: Ready) -> None:
        """Tell what is needed to send something here."""

    def message(self, message: Received) -> None:
        """Tell who sent what to whom."""

    def stopping(self, connections: int) -> None:
        """Tell that nothing new is accepted, and how many connections are still open."""

    def stopped(self) -> None:
        """Tell the end."""


_KINDS = {
    "smtp": "SMTP (STARTTLS)",
    "smtps": "SMTP over TLS",
    "lmtp": "LMTP (STARTTLS)",
    "pop3": "POP3 (STLS)",
    "pop3s": "POP3 over TLS",
    "imap": "IMAP (STARTTLS)",
    "imaps": "IMAP over TLS",
}


class Report:
    """Tells people."""

    def __init__(self) -> None:
        self._console = console()
        self._received = 0

    def ready(self, ready: Ready) -> None:
        """See :class:`Reporter`."""
        to = self._console
        say(to, f"mailproto {__version__} takes mail; Ctrl-C ends it.", "bold")
        facts = {_KINDS[kind]: f"{host} port {port}" for kind, (host, port) in ready.ports.items()}
        if ready.password is not None:
            facts["Log-in"] = f"user {ready.user}, password {ready.password}"
        else:
            facts["Log-in"] = "as --user says"
        if ready.ca is not None:
            facts["CA to trust"] = str(ready.ca)
        facts["Messages go to"] = str(ready.maildir) if ready.maildir else "memory, until it ends"
        for name, fact in facts.items():
            say(to, Text.assemble((f"  {name:<17}", "dim"), printable(fact)))
        say(to)
        say(to, "Try in another terminal:", "dim")
        for suggestion in _suggestions(ready):
            say(to, suggestion, "cyan")
        say(to)

    def message(self, message: Received) -> None:
        """See :class:`Reporter`."""
        self._received += 1
        said_by = f", logged in as {message.user}" if message.user is not None else ""
        say(
            self._console,
            Text.assemble(
                (strftime("%H:%M:%S  "), "dim"),
                (subject(message.head), "bold"),
                (f"  {size(message.size)}", "dim"),
            ),
        )
        rows = Table.grid(padding=(0, 1))
        for name, text in (
            ("from", f"{message.sender or '<>'} ({message.peer or 'local'}{said_by})"),
            ("to", ", ".join(message.recipients)),
        ):
            rows.add_row(Text(f"          {name:<4}", "dim"), Text(printable(text)))
        if message.file is not None:
            rows.add_row(
                Text("          file", "dim"), Text(printable(message.file.name), overflow="fold")
            )
        self._console.print(rows)

    def stopping(self, connections: int) -> None:
        """See :class:`Reporter`."""
        if connections:
            say(self._console, f"Waiting for {connections} connection(s); Ctrl-C stops at once.")

    def stopped(self) -> None:
        """See :class:`Reporter`."""
        count = self._received
        say(self._console, f"Stopped; {count} message{'' if count == 1 else 's'} came.", "bold")


def _suggestions(ready: Ready) -> Iterator[str]:
    """How to send something to the server, and how to read it."""
    trust = f" \\\n      --ca {ready.ca}" if ready.ca is not None else ""
    kind, (host, port) = next(iter(ready.ports.items()))
    rest = " --lmtp" if kind == "lmtp" else f" --user {ready.user}{trust}"
    yield f"  mailproto send letter.eml --host {host} --port {port}{rest}"
    if "imap" in ready.ports:
        host, port = ready.ports["imap"]
        server = f"[{host}]" if ":" in host else host
        yield f"  mailproto fetch imap://{ready.user}@{server}:{port} --maildir copy{trust}"


class JsonReport:
    """Tells programs: one JSON object per line."""

    def _print(self, event: str, **facts: object) -> None:
        print(json.dumps({"event": event, **facts}), flush=True)

    def ready(self, ready: Ready) -> None:
        """See :class:`Reporter`."""
        self._print(
            "ready",
            **{kind: {"host": host, "port": port} for kind, (host, port) in ready.ports.items()},
            user=ready.user,
            password=ready.password,
            ca=_text(ready.ca),
            maildir=_text(ready.maildir),
        )

    def message(self, message: Received) -> None:
        """See :class:`Reporter`."""
        self._print(
            "message",
            sender=message.sender,
            recipients=message.recipients,
            size=message.size,
            subject=subject(message.head),
            peer=message.peer,
            user=message.user,
            file=_text(message.file),
        )

    def stopping(self, connections: int) -> None:
        """See :class:`Reporter`."""
        self._print("stopping", connections=connections)

    def stopped(self) -> None:
        """See :class:`Reporter`."""
        self._print("stopped")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
