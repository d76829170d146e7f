"""An IMAP client played by hand: it sends lines and reads whole responses."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server
from mailproto.stores import MailStore
from mailproto.stream import Stream

from ..libraries import Library
from .peers import Peer

__all__ = ["HOST", "USERS", "ImapPeer", "connected", "logged_in", "serve"]

HOST = "127.0.0.1"
USERS = {"ann": "secret", "bob": "hidden"}
_LITERAL = re.compile(rb"\{([0-9]+)\}\Z")


class ImapPeer:
    """Commands get tags of their own; responses are returned without their CRLF."""

    def __init__(self, stream: Stream) -> None:
        self.raw = Peer(stream)
        self._tags = 0

    async def response(self) -> bytes:
        """Return the next response, its literals included."""
        read = await self.raw.take(b"\r\n")
        while found := _LITERAL.search(read):
            octets = await self.raw.take_octets(int(found[1]))
            read += b"\r\n" + octets + await self.raw.take(b"\r\n")
        return read

    async def begin(self, command: str | bytes) -> bytes:
        """Send a command, or its beginning; return the tag."""
        self._tags += 1
        tag = b"A%d" % self._tags
        await self.raw.say(tag + b" " + (command.encode() if isinstance(command, str) else command))
        return tag

    async def answer(self, tag: bytes) -> list[bytes]:
        """Return the untagged responses, and the tagged one last, without ``* `` and tag."""
        answers: list[bytes] = []
        while True:
            response = await self.response()
            if response.startswith(tag + b" "):
                return [*answers, response.removeprefix(tag + b" ")]
            answers.append(response.removeprefix(b"* "))

    async def ask(self, command: str | bytes, *literals: bytes) -> list[bytes]:
        """Send a command, wait at each synchronizing literal, and return the answer."""
        tag = await self.begin(command)
        for literal in literals:
            line = await self.response()
            if not line.startswith(b"+"):
                return [line.removeprefix(tag + b" ")]
            await self.raw.stream.send_all(literal)
        return await self.answer(tag)

    async def ok(self, command: str | bytes, *literals: bytes) -> list[bytes]:
        """Return the untagged responses to a command that has to succeed."""
        *untagged, tagged = await self.ask(command, *literals)
        assert tagged.startswith(b"OK"), (command, untagged, tagged)
        return untagged


def serve(
    library: Library, store: MailStore, **options: Any
) -> AbstractAsyncContextManager[Server]:
    options = {"allow_plaintext": True, "auth_failure_delay": 0, "hostname": "mx"} | options
    served: AbstractAsyncContextManager[Server] = library.binding.serve_imap(
        store, options.pop("authenticator", PasswordAuthenticator(USERS)), **options
    )
    return served


@asynccontextmanager
async def connected(library: Library, server: Server) -> AsyncIterator[ImapPeer]:
    """A connection that has read the greeting."""
    stream = await library.runtime.connect_tcp(HOST, server.port)
    try:
        peer = ImapPeer(stream)
        await peer.response()
        yield peer
    finally:
        await stream.aclose()


@asynccontextmanager
async def logged_in(
    library: Library, server: Server, *commands: str, user: str = "ann"
) -> AsyncIterator[ImapPeer]:
    """A session of a user in which some commands have succeeded."""
    async with connected(library, server) as peer:
        await peer.ok(f"LOGIN {user} {USERS[user]}")
        for command in commands:
            await peer.ok(command)
        yield peer
