"""``mailproto demo``: a server and a client talk, and what arrives is compared with what left."""

import asyncio
import logging
import secrets
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.text import Text

from mailproto import asyncio as binding
from mailproto.cli import certificates
from mailproto.cli.conversation import Conversation
from mailproto.cli.demo_imap import Listener, move_one, read_all
from mailproto.cli.display import console, printable, say, show_failure, show_log, size
from mailproto.cli.failures import EXPECTED, explain, reading
from mailproto.cli.imap_narrator import ImapNarrator
from mailproto.cli.pop3_narrator import Pop3Narrator
from mailproto.cli.smtp_narrator import HANDSHAKE, SmtpNarrator
from mailproto.cli.transfers import Transfer, digest_of, digest_of_file
from mailproto.clients import ImapClient, SmtpClient
from mailproto.limits import SmtpLimits
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server, SmtpEnvelope, StoreInbox
from mailproto.smtp import TraceLine
from mailproto.stores import Mailbox, MemoryStore, MessageInfo
from mailproto.tls import TlsMode

__all__ = ["run"]

_SAMPLES = Path(__file__).with_name("samples")
_HOST = "localhost"
_USER = "demo"
_SENDER = "ann@example.org"
_RECIPIENTS = ("ben@example.com", "zoe@example.com")
_MECHANISMS = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")
_ROOM = 1024 * 1024  # of the store, beside what the files need
_SMALLEST_LIMIT = 64 * 1024 * 1024


def run(arguments: Namespace) -> int:
    """Send, show and compare; 0 if everything arrived intact, else 1.

    Raises :class:`~mailproto.cli.failures.Unusable` if a file can not be read.
    """
    files = arguments.files or sorted(_SAMPLES.glob("*.eml"))
    show_log(logging.WARNING)
    with TemporaryDirectory(prefix="mailproto-") as directory:
        demo = _Demo(console(), Path(directory), files, corrupt=arguments.corrupt)
        try:
            asyncio.run(demo.run())
        except EXPECTED as error:
            show_failure(explain(error, "the server of the demo"))
            return 1
    return demo.judge()


class _Demo:
    """One server with two ports, and a session with each."""

    def __init__(
        self, to: Console, directory: Path, files: Sequence[Path], *, corrupt: bool
    ) -> None:
        self._console = to
        self._files = files
        self._corrupt = corrupt
        self._sizes = []
        for path in files:
            with reading(path), path.open("rb") as file:
                self._sizes.append(file.seek(0, 2))
        self._password = secrets.token_urlsafe(12)
        self._tls = certificates.throw_away((_HOST, "127.0.0.1"), directory)
        self._arrived: list[tuple[int, str]] = []  # sizes and digests
        self._store = MemoryStore(capacity=4 * sum(self._sizes) + _ROOM)
        self._inbox = StoreInbox(self._store, lambda _: _USER, on_message=self._note_arrival)
        self._transfers: list[Transfer] = []
        self._told: set[str] = set()

    async def run(self) -> None:
        """Hold all sessions. Raises what a client raises."""
        async with AsyncExitStack() as stack:
            ports = {
                kind: (await stack.enter_async_context(server)).port
                for kind, server in self._servers().items()
            }
            self._introduce(ports)
            await self._starttls_session(ports["smtp"])
            await self._implicit_session(ports["smtps"])
            await self._pop3_session(ports["pop3"])
            await self._imap_sessions(ports["imap"], ports["imaps"])

    def _servers(self) -> dict[str, AbstractAsyncContextManager[Server]]:
        authenticator = PasswordAuthenticator(
            {_USER: self._password}, mechanisms=("SCRAM-SHA-256", "PLAIN")
        )
        tls: dict[str, Any] = {
            "hostname": _HOST,
            "tls_context": self._tls.context,
            "tls_certificate": self._tls.certificate,
        }
        smtp = partial(
            binding.serve_smtp,
            self._inbox,
            authenticator=authenticator,
            require_tls=True,
            require_auth=True,
            limits=SmtpLimits(message_size=max(_SMALLEST_LIMIT, 2 * max(self._sizes) + 2)),
            **tls,
        )
        imap = partial(binding.serve_imap, self._store, authenticator, **tls)
        return {
            "smtp": smtp(),
            "smtps": smtp(implicit_tls=True),
            "pop3": binding.serve_pop3(self._store, authenticator, **tls),
            "imap": imap(),
            "imaps": imap(implicit_tls=True),
        }

    async def _note_arrival(
        self, envelope: SmtpEnvelope, mailbox: Mailbox, info: MessageInfo
    ) -> None:
        self._arrived.append((info.size, await digest_of(mailbox.read(info.uid))))

    def _introduce(self, ports: dict[str, int]) -> None:
        to = self._console
        say(to, "A mail server and a client talk on this machine, over real sockets.", "bold")
        say(
            to,
            "The server takes STARTTLS on port {smtp} and TLS from the start on {smtps}.".format(
                **ports
            ),
        )
        say(
            to,
            "What it has taken can be read by POP3 on port {pop3}, by IMAP on {imap}.".format(
                **ports
            ),
        )
        text = Text("C: the client", "cyan")
        say(to, text.append(", ", "default").append("S: the server", "green"))

    async def _starttls_session(self, port: int) -> None:
        count = len(self._files)
        self._title(f"1. {count} message{'' if count == 1 else 's'} by STARTTLS, SCRAM and DATA")
        conversation = Conversation(self._console, SmtpNarrator(self._told))
        async with self._connect(port, TlsMode.STARTTLS, conversation) as client:
            for path in self._files:
                conversation.note(f"message {printable(path.name)}")
                await self._send(client, path)

    async def _implicit_session(self, port: int) -> None:
        self._title("2. The first message again, by TLS from the start and BDAT")
        conversation = Conversation(self._console, SmtpNarrator(self._told))
        conversation.note(HANDSHAKE)
        async with self._connect(port, TlsMode.IMPLICIT, conversation) as client:
            await self._send(client, self._files[0], chunking=True)

    async def _pop3_session(self, port: int) -> None:
        self._title("3. All of them by POP3, with STLS and SCRAM; the one sent twice is deleted")
        conversation = Conversation(self._console, Pop3Narrator(self._told))
        paths = [*self._files, self._files[0]]
        connect = binding.connect_pop3(
            _HOST, port, tls=TlsMode.STARTTLS, trace=conversation, **self._login()
        )
        async with connect as maildrop:
            for entry, path in zip(await maildrop.list_messages(), paths, strict=True):
                conversation.note(f"message {printable(path.name)}")
                async with maildrop.stream(entry.number) as pieces:
                    arrived = await digest_of(pieces)
                sent = digest_of_file(path, ends_line=True)
                self._transfers.append(Transfer(path.name, "POP3", entry.size, sent, arrived))
            await maildrop.delete(len(paths))

    async def _imap_sessions(self, clear: int, encrypted: int) -> None:
        self._title("4. The others by IMAP, with STARTTLS and SCRAM")
        conversation = Conversation(self._console, ImapNarrator(self._told))
        async with self._connect_imap(clear, TlsMode.STARTTLS, conversation) as box:
            self._transfers += await read_all(box, conversation, self._files)
            self._title("5. Flags, search and move, and another client (c, s) that listens (IDLE)")
            names = {"C": "c", "S": "s"}
            listener = Listener(Conversation(self._console, ImapNarrator(self._told), names))
            async with self._connect_imap(encrypted, TlsMode.IMPLICIT, listener) as other:
                self._transfers.append(await move_one(box, other, listener, self._files[-1]))

    def _connect_imap(
        self, port: int, tls: TlsMode, trace: Callable[[TraceLine], None]
    ) -> AbstractAsyncContextManager[ImapClient]:
        return binding.connect_imap(_HOST, port, tls=tls, trace=trace, **self._login())

    def _connect(
        self, port: int, tls: TlsMode, conversation: Conversation
    ) -> AbstractAsyncContextManager[SmtpClient]:
        return binding.connect_smtp(_HOST, port, tls=tls, trace=conversation, **self._login())

    def _login(self) -> dict[str, Any]:
        assert self._tls.ca is not None
        return {
            "tls_context": certificates.trusting(self._tls.ca),
            "user": _USER,
            "password": self._password,
            "mechanisms": _MECHANISMS,
        }

    async def _send(self, client: SmtpClient, path: Path, *, chunking: bool = False) -> None:
        damage = self._corrupt and not self._transfers
        source = _damaged(path) if damage else path
        await client.send(source, _SENDER, _RECIPIENTS, chunking=chunking)
        size_on_arrival, arrived = self._arrived[len(self._transfers)]
        way = "implicit TLS, BDAT" if chunking else "STARTTLS, DATA"
        sent = digest_of_file(path, ends_line=not chunking)
        self._transfers.append(Transfer(path.name, way, size_on_arrival, sent, arrived))

    def _title(self, text: str) -> None:
        say(self._console)
        self._console.rule(Text(text, "bold"), align="left", style="dim")

    def judge(self) -> int:
        """Show the digests of what was sent and what arrived; return the exit status."""
        self._title("6. What arrived, by SHA-256 (line ends are CRLF on the way)")
        for transfer in self._transfers:
            self._show(transfer)
        damaged = sum(not transfer.intact for transfer in self._transfers)
        count = len(self._transfers)
        say(self._console)
        if damaged:
            say(self._console, f"{damaged} of {count} transfers did damage.", "bold red")
            return 1
        say(self._console, f"All {count} transfers kept every byte.", "bold green")
        return 0

    def _show(self, transfer: Transfer) -> None:
        verdict = ("intact ", "green") if transfer.intact else ("DAMAGED", "bold red")
        say(
            self._console,
            Text.assemble(
                verdict,
                f"  {printable(transfer.name)}",
                (f"  {size(transfer.size)}  {transfer.way}", "dim"),
            ),
        )
        if transfer.intact:
            say(self._console, f"         {transfer.arrived}", "dim")
        else:
            say(self._console, f"  sent   {transfer.sent}")
            say(self._console, f"  got    {transfer.arrived}", "red")


def _damaged(path: Path) -> bytes:
    data = path.read_bytes()
    middle = len(data) // 2
    return data[:middle] + b"?" + data[middle:]
