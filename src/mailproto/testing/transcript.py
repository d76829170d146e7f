"""Sessions written as RFCs print them, run against a client core or a server core.

A transcript has one line of the session on each line of text::

    S: 220 foo.com Simple Mail Transfer Service Ready
    C: EHLO bar.com
    S: 250 foo.com greets bar.com

``C & S: <...>`` stands for a TLS handshake, any other line in angle brackets for nothing, and
``<CR><LF>`` at a line's end for the end that it has anyway. Blank lines are skipped.
"""

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Literal

from mailproto._value import value
from mailproto.smtp import (
    Bdat,
    ClientConnection,
    ClientEvent,
    Command,
    ConnectionClosed,
    Ehlo,
    EndOfMessage,
    Extensions,
    Greeting,
    Lhlo,
    MessageData,
    Reply,
    ReplyReceived,
    ReplySyntaxError,
    ServerConnection,
    ServerEvent,
    State,
    UnsolicitedReply,
    parse_auth_response,
    parse_command,
    parse_reply,
)

__all__ = ["Line", "Transcript", "TranscriptMismatch"]


class TranscriptMismatch(AssertionError):
    """A core did something else than the transcript says."""


@value
class Line:
    """One line: who says it ("C", "S") and its text; ``"TLS"`` is the handshake."""

    sender: Literal["C", "S", "TLS"]
    text: str

    @property
    def wire(self) -> bytes:
        """The line as it goes over the wire."""
        return self.text.encode() + b"\r\n"


class Transcript:
    """The lines of a session.

    ``client`` and ``server`` are the letters that ``text`` uses for the two; RFC 3030 has
    "S" (sender) for the client and "R" for the server. Raises ValueError for other lines.
    """

    def __init__(self, text: str, *, client: str = "C", server: str = "S") -> None:
        names: dict[str, Literal["C", "S"]] = {client: "C", server: "S"}
        self.lines: list[Line] = []
        for raw in text.split("\n"):
            if not raw.strip():
                continue
            who, colon, said = raw.strip().partition(":")
            said = said.removeprefix(" ").removesuffix("<CR><LF>")
            if colon and who == f"{client} & {server}":
                if not self.lines or self.lines[-1].sender != "TLS":
                    self.lines.append(Line("TLS", ""))
            elif not colon or who not in names:
                raise ValueError(f"not a line of a transcript: {raw!r}")
            elif not (said.startswith("<") and said.endswith(">")):
                self.lines.append(Line(names[who], said))

    def run_server(self, server: ServerConnection) -> list[ServerEvent]:
        """Say the client's lines to ``server`` and answer its events with the server's replies.

        It offers what the transcript's replies to EHLO say, and may add enhanced status codes
        where they are offered and the transcript has none. Returns the events.
        Raises :class:`TranscriptMismatch` if an event or a reply is missing or differs.
        """
        events: list[ServerEvent] = []
        replies = self._replies()
        unsaid = deque(replies)
        server.send(unsaid.popleft())
        for line in self.lines:
            if line.sender == "C":
                server.receive_data(line.wire)
            elif line.sender == "TLS":
                server.tls_established()
            while (event := server.next_event()) is not None:
                if isinstance(event, ConnectionClosed):
                    break
                events.append(event)
                while server.reply_owed:
                    if not unsaid:
                        raise TranscriptMismatch(f"nothing is said to {event}")
                    reply = unsaid.popleft()
                    if isinstance(event, (Ehlo, Lhlo)):
                        server.extensions = Extensions(reply.lines[1:])
                    server.send(reply)
        written = list(_replies(server.data_to_send().splitlines(keepends=True)))
        if len(written) != len(replies) or not all(map(_agree, written, replies)):
            raise TranscriptMismatch(f"written: {written}\nexpected: {replies}")
        return events

    def run_client(self, client: ClientConnection) -> list[ClientEvent]:
        """Let ``client`` send the client's lines and give it the server's.

        Returns the events. Raises :class:`TranscriptMismatch` if a reply gave no event or what
        the client wrote means something else than the transcript's line.
        """
        events: list[ClientEvent] = []
        sender = _Sender(client)
        for line in self.lines:
            if line.sender == "C":
                sender.say(line)
                continue
            if line.sender == "TLS":
                client.tls_established()
                continue
            client.receive_data(line.wire)
            while (event := client.next_event()) is not None:
                if isinstance(event, ConnectionClosed):
                    break
                events.append(event)
                sender.note(event)
        understood = [e.reply for e in events if isinstance(e, _WITH_REPLY)]
        if understood != self._replies():
            raise TranscriptMismatch(f"understood: {understood}\nexpected: {self._replies()}")
        return events

    def _replies(self) -> list[Reply]:
        return list(_replies(line.wire for line in self.lines if line.sender == "S"))


class _Sender:
    """Says the client's lines through a client core: knows which of them are body."""

    def __init__(self, client: ClientConnection) -> None:
        self._client = client
        self._in_data = False
        self._chunk = 0

    def note(self, event: ClientEvent) -> None:
        """Follow the server: 354 begins the body."""
        if isinstance(event, ReplyReceived) and self._client.state is State.DATA:
            self._in_data = event.reply.code == 354

    def say(self, line: Line) -> None:
        """Send one line and compare what came out of the core."""
        client = self._client
        if self._in_data:
            ends = line.text == "."
            client.send(EndOfMessage() if ends else MessageData(_unstuffed(line)))
            self._in_data = not ends
            _compare(client.data_to_send(), line.wire)
        elif self._chunk:
            client.send(MessageData(line.wire))
            self._chunk -= len(line.wire)
            _compare(client.data_to_send(), line.wire)
        else:
            parse = parse_auth_response if client.state is State.AUTHENTICATING else parse_command
            command: Command = parse(line.wire)
            client.send(command)
            if isinstance(command, Bdat):
                self._chunk = command.size
            written = client.data_to_send()
            if parse(written) != command:
                raise TranscriptMismatch(f"{line.wire!r} came out as {written!r}")


def _unstuffed(line: Line) -> bytes:
    return line.wire.removeprefix(b".")


def _compare(written: bytes, expected: bytes) -> None:
    if written != expected:
        raise TranscriptMismatch(f"written: {written!r}\nexpected: {expected!r}")


def _replies(lines: Iterable[bytes]) -> Iterator[Reply]:
    """Join the lines of each reply and parse them; what is none is left out."""
    data = b""
    for line in lines:
        data += line
        if line[3:4] != b"-":
            with contextlib.suppress(ReplySyntaxError):
                yield parse_reply(data)
            data = b""


def _agree(written: Reply, expected: Reply) -> bool:
    bare = Reply(written.code, written.text)
    return expected in (written, bare)


_WITH_REPLY = (Greeting, ReplyReceived, UnsolicitedReply)
