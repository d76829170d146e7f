"""Short ways to bring a core into a situation and to see what it does there."""

from typing import Any

from mailproto.errors import RemoteProtocolError
from mailproto.smtp import (
    Bdat,
    ClientConnection,
    ConnectionClosed,
    Ehlo,
    Helo,
    Lhlo,
    MessageData,
    Reply,
    ServerConnection,
    UpgradeToTls,
)
from mailproto.testing import Cut, merged, whole

EHLO = b"EHLO client.example\r\n"
LHLO = b"LHLO client.example\r\n"
MAIL = b"MAIL FROM:<a@client.example>\r\n"
RCPT = b"RCPT TO:<b@mx.example>\r\n"
OFFER = ("PIPELINING", "CHUNKING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE", "DSN")


def greeted(*args: Any, hello: bytes = b"", **options: Any) -> ServerConnection:
    """A server core that has greeted and been told ``hello``; its output is forgotten."""
    server = ServerConnection("mx.example", *args, **options)
    server.send(Reply(220, "mx.example"))
    talk(server, hello)
    return server


def talk(server: ServerConnection, data: bytes, cut: Cut = whole) -> tuple[list[object], bytes]:
    """Feed ``data``, give the ordinary answers; return the events and what was written."""
    events: list[object] = []
    for chunk in cut(data):
        server.receive_data(chunk)
        while not isinstance(event := server.next_event(), ConnectionClosed | None):
            events.append(event)
            if not isinstance(event, (MessageData, Bdat, UpgradeToTls)):
                while server.reply_owed:
                    server.send(server.default_reply(event))
    return merged(events), server.data_to_send()


def talk_to_the_end(
    server: ServerConnection, data: bytes, cut: Cut = whole
) -> tuple[RemoteProtocolError, bytes]:
    """Feed ``data``, which has to break the session; return the error and what was written."""
    try:
        events, _ = talk(server, data, cut)
    except RemoteProtocolError as error:
        return error, server.data_to_send()
    raise AssertionError(f"the session goes on: {events}")


def codes(output: bytes) -> list[int]:
    """The codes of the replies in ``output``."""
    return [int(line[:3]) for line in output.splitlines() if line[3:4] == b" "]


def connected(
    *offer: str, hello: bool = True, greeting: bytes = b"220 mx.example\r\n", **options: Any
) -> ClientConnection:
    """A client core that was greeted and, if ``hello``, was offered ``offer``."""
    client = ClientConnection(**options)
    heard(client, greeting)
    if hello:
        client.send(Lhlo("client.example") if client.lmtp else Ehlo("client.example"))
        lines = ("mx.example", *offer)
        heard(client, reply_lines(250, lines))
        client.data_to_send()
    return client


def connected_without_extensions() -> ClientConnection:
    """A client core of a server that knows HELO only."""
    client = connected(hello=False)
    client.send(Ehlo("client.example"))
    heard(client, b"502 what\r\n")
    client.send(Helo("client.example"))
    heard(client, b"250 mx.example\r\n")
    client.data_to_send()
    return client


def reply_lines(code: int, lines: tuple[str, ...]) -> bytes:
    *first, last = lines
    return "".join([f"{code}-{line}\r\n" for line in first] + [f"{code} {last}\r\n"]).encode()


def heard(client: ClientConnection, data: bytes, cut: Cut = whole) -> list[Any]:
    """Feed ``data``; return the events."""
    events: list[Any] = []
    for chunk in cut(data):
        client.receive_data(chunk)
        while (event := client.next_event()) is not None:
            events.append(event)
            if isinstance(event, ConnectionClosed):
                return events
    return events
