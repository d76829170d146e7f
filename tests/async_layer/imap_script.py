"""An IMAP server that answers by a table, and hangs up where it is told to."""

import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from mailproto.clients import ImapClient
from mailproto.errors import ConnectionLost
from mailproto.tls import TlsMode

from ..libraries import Library
from .imap_peer import HOST
from .peers import Peer, Stop, listening

__all__ = ["CAPABILITIES", "Script", "connect", "scripted"]

CAPABILITIES = b"IMAP4rev1 LITERAL+ UIDPLUS UNSELECT MOVE IDLE"
_LITERAL = re.compile(rb"\{([0-9]+)(\+?)\}\Z")
_GO_ON = {"IDLE": "DONE", "AUTHENTICATE": "=="}
_USUAL: dict[str, bytes | list[bytes]] = {
    "greeting": b"* PREAUTH [CAPABILITY CAPS] hello\r\n",
    "SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n"
    b"TAG OK [READ-WRITE] done\r\n",
    "CAPABILITY": b"* CAPABILITY CAPS\r\nTAG OK done\r\n",
    "+": b"+ go on\r\n",
    "IDLE": b"+ idling\r\n* 4 EXISTS\r\n",
    "LOGOUT": b"* BYE\r\nTAG OK done\r\n",
    "otherwise": b"TAG OK done\r\n",
}


class Script:
    """Answers are by verb (``UID FETCH`` is one): octets in which TAG and CAPS are filled in.

    ``greeting``, ``+`` (the consent to a literal), ``DONE`` and ``==`` (what a client says within
    IDLE and AUTHENTICATE) are verbs too; a list is answers in turn, the last of which repeats.
    Every connection begins anew.
    """

    def __init__(self, library: Library, answers: Mapping[str, bytes | list[bytes]]) -> None:
        self._library = library
        caps = answers.get("caps", CAPABILITIES)
        assert isinstance(caps, bytes)
        self._caps = caps
        self._answers = {**_USUAL, **answers}
        self.port = 0
        self.budget: int | None = None
        """How many more octets are said before ``stop``."""
        self.stop = Stop.CLOSE
        self.last_word = b""
        """What is said before that, if it is."""
        self.said = b""
        self.commands: list[bytes] = []
        self.tls_context: ssl.SSLContext | None = None
        """What STARTTLS is done with; without it, all goes on in clear text."""
        self.over = library.runtime.event()
        """The last connection has ended."""

    @property
    def verbs(self) -> list[str]:
        """The verbs of the commands that came."""
        return [_verb(command) for command in self.commands]

    def stop_after(
        self, octets: int | None, stop: Stop = Stop.CLOSE, last_word: bytes = b""
    ) -> None:
        """Say so many octets from here on (None: all), then a last word, and end it."""
        self.budget, self.stop, self.last_word, self.said = octets, stop, last_word, b""

    async def serve(self, peer: Peer) -> None:
        """Serve one connection."""
        self.over = self._library.runtime.event()
        self.commands = []
        try:
            await _Talk(self, peer).run()
        except (EOFError, ConnectionLost, ssl.SSLError):
            pass  # the client has gone
        finally:
            self.over.set()

    def answer(self, verb: str, tag: bytes, times: int) -> bytes:
        """The answer to a verb that came ``times`` times before."""
        answer = self._answers.get(verb, self._answers["otherwise"])
        if isinstance(answer, list):
            answer = answer[min(times, len(answer) - 1)]
        return answer.replace(b"TAG", tag).replace(b"CAPS", self._caps)


class _Talk:
    """One connection."""

    def __init__(self, script: Script, peer: Peer) -> None:
        self._script = script
        self._peer = peer
        self._tag = b""
        self._times: dict[str, int] = {}

    async def run(self) -> None:
        await self._say("greeting")
        verb = ""
        while verb != "LOGOUT":
            line = await self._peer.line()
            self._tag, _, text = line.partition(b" ")
            while found := _LITERAL.search(text):
                if not found[2]:
                    await self._say("+")
                await self._peer.take_octets(int(found[1]))
                text = text[: found.start()] + await self._peer.line()
            verb = _verb(text)
            self._script.commands.append(text)
            await self._say(verb)
            if verb in _GO_ON and not self._last.startswith(self._tag):
                await self._peer.line()
                await self._say(_GO_ON[verb])
            context = self._script.tls_context
            if verb == "STARTTLS" and context is not None:
                await self._peer.stream.start_tls(context, server_side=True)

    async def _say(self, verb: str) -> None:
        times = self._times[verb] = self._times.get(verb, -1) + 1
        self._last = data = self._script.answer(verb, self._tag, times)
        script = self._script
        if script.budget is None:
            script.said += data
            await self._peer.stream.send_all(data)
            return
        part = data[: script.budget]
        script.budget -= len(part)
        ends = len(part) < len(data)
        if ends:
            part += script.last_word
        if part:
            await self._peer.stream.send_all(part)
        if ends:
            if script.stop is Stop.STALL:
                await self._peer.rest()
            elif script.stop is Stop.RESET:
                await self._peer.reset()
            raise EOFError


def _verb(command: bytes) -> str:
    words = command.decode("latin-1").upper().split(" ")
    return " ".join(words[:2]) if words[0] == "UID" else words[0]


@asynccontextmanager
async def scripted(library: Library, answers: Mapping[str, Any]) -> AsyncIterator[Script]:
    """Run a :class:`Script`."""
    server = Script(library, answers)
    async with listening(library, server.serve) as server.port:
        yield server


def connect(library: Library, port: int, **options: Any) -> AbstractAsyncContextManager[ImapClient]:
    """Connect our client, by default in clear text."""
    options = {"tls": TlsMode.NONE, "allow_plaintext": True} | options
    client: AbstractAsyncContextManager[ImapClient]
    client = library.binding.connect_imap(HOST, port, **options)
    return client
