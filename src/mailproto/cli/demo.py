"""``mailproto demo``: a server and a client talk, and what arrives is compared with what left."""

import asyncio
import logging
import secrets
from argparse import Namespace
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from mailproto import asyncio as binding
from mailproto._dots import BLOCK, CrlfNormalizer
from mailproto._value import value
from mailproto.cli import certificates
from mailproto.cli.conversation import Conversation
from mailproto.cli.display import console, printable, say, show_failure, show_log, size
from mailproto.cli.failures import EXPECTED, explain, reading
from mailproto.cli.pop3_narrator import Pop3Narrator
from mailproto.cli.smtp_narrator import HANDSHAKE, SmtpNarrator
from mailproto.clients import SmtpClient
from mailproto.limits import SmtpLimits
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import SmtpEnvelope, StoreInbox
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


@value
class _Delivery:
    """What left, how, and what arrived: digests, and the size on arrival."""

    name: str
    way: str
    size: int
    sent: str
    arrived: str

    @property
    def intact(self) -> bool:
        """Whether each byte arrived."""
        return self.sent == self.arrived


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
        self._deliveries: list[_Delivery] = []
        self._told: set[str] = set()

    async def run(self) -> None:
        """Hold both sessions. Raises what a client raises."""
        authenticator = PasswordAuthenticator(
            {_USER: self._password}, mechanisms=("SCRAM-SHA-256", "PLAIN")
        )
        limits = SmtpLimits(message_size=max(_SMALLEST_LIMIT, 2 * max(self._sizes) + 2))
        async with AsyncExitStack() as stack:
            ports = []
            for implicit_tls in (False, True):
                server = await stack.enter_async_context(
                    binding.serve_smtp(
                        self._inbox,
                        hostname=_HOST,
                        implicit_tls=implicit_tls,
                        authenticator=authenticator,
                        require_tls=True,
                        require_auth=True,
                        limits=limits,
                        tls_context=self._tls.context,
                        tls_certificate=self._tls.certificate,
                    )
                )
                ports.append(server.port)
            pop3 = await stack.enter_async_context(
                binding.serve_pop3(
                    self._store,
                    authenticator,
                    hostname=_HOST,
                    tls_context=self._tls.context,
                    tls_certificate=self._tls.certificate,
                )
            )
            self._introduce(ports[0], ports[1], pop3.port)
            await self._starttls_session(ports[0])
            await self._implicit_session(ports[1])
            await self._pop3_session(pop3.port)

    async def _note_arrival(
        self, envelope: SmtpEnvelope, mailbox: Mailbox, info: MessageInfo
    ) -> None:
        digest = sha256()
        async for piece in mailbox.read(info.uid):
            digest.update(piece)
        self._arrived.append((info.size, digest.hexdigest()))

    def _introduce(self, clear: int, encrypted: int, pop3: int) -> None:
        to = self._console
        say(to, "A mail server and a client talk on this machine, over real sockets.", "bold")
        say(to, f"The server takes STARTTLS on port {clear} and TLS from the start on {encrypted}.")
        say(to, f"What it has taken can be read by POP3 on port {pop3}.")
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
        self._title("3. All of them read back by POP3, with STLS and SCRAM, and deleted")
        conversation = Conversation(self._console, Pop3Narrator(self._told))
        assert self._tls.ca is not None
        paths = [*self._files, self._files[0]]
        connect = binding.connect_pop3(
            _HOST,
            port,
            tls=TlsMode.STARTTLS,
            tls_context=certificates.trusting(self._tls.ca),
            user=_USER,
            password=self._password,
            mechanisms=_MECHANISMS,
            trace=conversation,
        )
        async with connect as maildrop:
            for entry, path in zip(await maildrop.list_messages(), paths, strict=True):
                conversation.note(f"message {printable(path.name)}")
                digest = sha256()
                async with maildrop.stream(entry.number) as pieces:
                    async for piece in pieces:
                        digest.update(piece)
                await maildrop.delete(entry.number)
                sent = _digest(path, ends_line=True)
                self._deliveries.append(
                    _Delivery(path.name, "POP3", entry.size, sent, digest.hexdigest())
                )

    def _connect(
        self, port: int, tls: TlsMode, conversation: Conversation
    ) -> AbstractAsyncContextManager[SmtpClient]:
        assert self._tls.ca is not None
        return binding.connect_smtp(
            _HOST,
            port,
            tls=tls,
            tls_context=certificates.trusting(self._tls.ca),
            user=_USER,
            password=self._password,
            mechanisms=_MECHANISMS,
            trace=conversation,
        )

    async def _send(self, client: SmtpClient, path: Path, *, chunking: bool = False) -> None:
        damage = self._corrupt and not self._deliveries
        source = _damaged(path) if damage else path
        await client.send(source, _SENDER, _RECIPIENTS, chunking=chunking)
        size_on_arrival, arrived = self._arrived[len(self._deliveries)]
        way = "implicit TLS, BDAT" if chunking else "STARTTLS, DATA"
        sent = _digest(path, ends_line=not chunking)
        self._deliveries.append(_Delivery(path.name, way, size_on_arrival, sent, arrived))

    def _title(self, text: str) -> None:
        say(self._console)
        self._console.rule(Text(text, "bold"), align="left", style="dim")

    def judge(self) -> int:
        """Show the digests of what was sent and what arrived; return the exit status."""
        self._title("4. What arrived, by SHA-256 (line ends are CRLF on the way)")
        for delivery in self._deliveries:
            self._show(delivery)
        damaged = sum(not delivery.intact for delivery in self._deliveries)
        count = len(self._deliveries)
        say(self._console)
        if damaged:
            say(self._console, f"{damaged} of {count} transfers did damage.", "bold red")
            return 1
        say(self._console, f"All {count} transfers kept every byte.", "bold green")
        return 0

    def _show(self, delivery: _Delivery) -> None:
        verdict = ("intact ", "green") if delivery.intact else ("DAMAGED", "bold red")
        say(
            self._console,
            Text.assemble(
                verdict,
                f"  {printable(delivery.name)}",
                (f"  {size(delivery.size)}  {delivery.way}", "dim"),
            ),
        )
        if delivery.intact:
            say(self._console, f"         {delivery.arrived}", "dim")
        else:
            say(self._console, f"  sent   {delivery.sent}")
            say(self._console, f"  got    {delivery.arrived}", "red")


def _damaged(path: Path) -> bytes:
    data = path.read_bytes()
    middle = len(data) // 2
    return data[:middle] + b"?" + data[middle:]


def _digest(path: Path, *, ends_line: bool) -> str:
    """Return the digest of a file as SMTP carries it: CRLF line ends, at its end too by DATA."""
    normalizer = CrlfNormalizer()
    digest = sha256()
    last = b"\r\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            data = normalizer.feed(block)
            digest.update(data)
            last = (last + data)[-2:]
    if ends_line and last != b"\r\n":
        digest.update(b"\r\n")
    return digest.hexdigest()
