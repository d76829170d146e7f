"""Every Python example in README.md and docs/ runs, on asyncio and on trio where it uses one.

The hosts in the examples are example domains; here connections to them go to a server of our
own, which has a certificate for them, and servers listen on a free loopback port.
"""

import ast
import inspect
import re
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trustme

from mailproto.clients import ImapClient, Updates
from mailproto.errors import CommandFailed
from mailproto.imap import Search
from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import MessageBody, MessageReplies, Server, SmtpEnvelope, SmtpHandler
from mailproto.stores import MemoryStore
from mailproto.stream import Listener, PeerStream, Stream
from mailproto.tls import TlsMode

from ..libraries import Library

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
MESSAGE = b"From: ann@example.org\r\nTo: bob@example.net\r\n\r\nHello\r\n"

# The examples of one page may build on one another.
EXAMPLES = [
    pytest.param(EXAMPLE.findall(page.read_text()), id=page.name)
    for page in PAGES
    if EXAMPLE.search(page.read_text())
]


class Inbox(SmtpHandler):
    """Keeps what arrives."""

    extensions = ("DSN",)

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        self.messages.append(await body.read())
        return None


class Certificates:
    """A throw-away authority that the default context trusts."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
        issued = authority.issue_cert("*.example.org", "127.0.0.1")
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(self.server)
        self.certificate = issued.cert_chain_pems[0].bytes()


def for_library(source: str, library: Library) -> str:
    """Return an example as a user of ``library`` would write it."""
    return source.replace("mailproto.asyncio", library.binding.__name__)


@pytest.mark.parametrize("examples", EXAMPLES)
async def test_examples_of_page(
    examples: list[str], library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    certificates = Certificates(tmp_path, monkeypatch)
    runtime = type(library.runtime)
    connect_tcp, listen = runtime.connect_tcp, runtime.listen
    inbox = Inbox()
    served: list[Server] = []

    binding = library.binding
    authenticator = PasswordAuthenticator({"ann": "secret"})
    store = MemoryStore()
    (await store.account("ann")).inbox.add(MESSAGE)
    async with (
        binding.serve_smtp(
            inbox, tls_context=certificates.server, authenticator=authenticator
        ) as smtp,
        binding.serve_pop3(
            store, authenticator, tls_context=certificates.server, implicit_tls=True
        ) as pop3,
        binding.serve_imap(
            store, authenticator, tls_context=certificates.server, implicit_tls=True
        ) as imap,
    ):
        homes = {"smtp.example.org": smtp, "pop.example.org": pop3, "imap.example.org": imap}

        async def connect_home(self: Any, host: str, port: int) -> Stream:
            return await connect_tcp(self, "127.0.0.1", homes[host].port if host in homes else port)

        def listen_free(
            self: Any, serve: Callable[[PeerStream], Coroutine[Any, Any, None]], *_: object
        ) -> AbstractAsyncContextManager[Listener]:
            return listen(self, serve, "127.0.0.1", 0)

        async def try_out(server: Server) -> None:
            """Instead of waiting for ever: does the example's server do its work?"""
            served.append(server)
            tls = TlsMode.STARTTLS if "tls_context" in source else TlsMode.NONE
            user = "ann" if "authenticator" in source else None
            options = {"tls": tls, "user": user, "password": "secret"}
            if "serve_pop3" in source and "serve_smtp" not in source:
                async with binding.connect_pop3("127.0.0.1", server.port, **options) as maildrop:
                    assert b"Hello Ann" in await maildrop.retrieve(1)
                return
            if "serve_imap" in source:
                async with binding.connect_imap("127.0.0.1", server.port, **options) as box:
                    await use(box)
                return
            async with binding.connect_smtp("127.0.0.1", server.port, **options) as client:
                await client.send(MESSAGE, "ann@example.org", "bob@example.org")

        idle = ImapClient.idle

        @asynccontextmanager
        async def idle_with_news(self: ImapClient) -> AsyncIterator[Updates]:
            async with idle(self) as updates:
                (await store.account("ann")).inbox.add(MESSAGE)
                yield updates

        monkeypatch.setattr(ImapClient, "idle", idle_with_news)
        monkeypatch.setattr(runtime, "connect_tcp", connect_home)
        monkeypatch.setattr(runtime, "listen", listen_free)
        monkeypatch.setattr(Server, "wait_closed", try_out)
        file = tmp_path / "message.eml"
        file.write_bytes(MESSAGE)
        message = EmailMessage()
        message["From"], message["To"] = "ann@example.org", "bob@example.net"
        namespace: dict[str, Any] = {
            "__name__": "example",
            "certificate": certificates.certificate,
            "files": [file],
            "message": message,
            "print": lambda *_: None,
            "seen": set(),
            "tls_context": certificates.server,
        }
        for source in examples:
            before = len(inbox.messages), len(served)
            await run(for_library(source, library), namespace)
            sends = re.search(r"\bsend\(", source) and "example.org" in source
            assert not ("connect_smtp" in source and sends) or len(inbox.messages) > before[0]
            assert "wait_closed" not in source or len(served) > before[1]
        if "database" in namespace:
            namespace["database"].close()


async def use(box: ImapClient) -> None:
    """Do with a store what people do."""
    assert (await box.select()).exists == 1
    async for message in box.fetch("1:*", ["ENVELOPE", "BODY.PEEK[]"]):
        assert message.envelope is not None
        assert message.envelope.subject == "Hello Ann"
    await box.create("a")
    await box.create("a/b")
    await box.subscribe("a/b")
    await box.add_flags("1:*", r"\Seen", "$Done")
    await box.copy("1:*", "a/b")
    await box.append("a/b", MESSAGE)
    known = (await box.sync("a/b")).state
    found = await box.search(Search.keyword("$Done"))
    await box.move(found.numbers, "a")
    changes = await box.sync(known)
    assert changes.vanished == found.numbers
    assert not changes.new
    await box.rename("a", "c")
    listed = {mailbox.name: mailbox.status for mailbox in await box.list(status=["MESSAGES"])}
    assert listed == {"INBOX": {"MESSAGES": 1}, "c": {"MESSAGES": 1}, "c/b": {"MESSAGES": 1}}
    await box.set_metadata("c", {"/private/comment": b"x"})
    assert await box.get_metadata("c", "/private/comment") == {"/private/comment": b"x"}
    await box.delete("c/b")
    with pytest.raises(CommandFailed):
        await box.select("c/b")


async def run(source: str, namespace: dict[str, Any]) -> None:
    """Run an example, which may use ``await`` at its top level."""
    code = compile(source, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, namespace)
    if inspect.iscoroutine(result):
        await result


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


def test_both_libraries_have_the_same_names() -> None:
    import mailproto.trio

    def public(module: ModuleType) -> set[str]:
        return {name.lower().replace("asyncio", "").replace("trio", "") for name in module.__all__}

    assert public(mailproto.asyncio) == public(mailproto.trio)


def test_state_diagrams_are_drawn_from_the_tables() -> None:
    namespace: dict[str, Any] = {"__name__": "draw_states"}
    exec((ROOT / "docs" / "draw_states.py").read_text(), namespace)
    for name, draw in namespace["PAGES"].items():
        assert (ROOT / "docs" / name).read_text() == draw(), "run python docs/draw_states.py"
