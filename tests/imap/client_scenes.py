"""A client core in the states that tests begin with, and its events."""

from typing import Any

from mailproto import imap
from mailproto.imap import ClientConnection, ConnectionClosed, Greeting, State
from mailproto.testing import Cut, merged, whole

GREETING = b"* OK [CAPABILITY IMAP4rev1 IDLE STARTTLS AUTH=PLAIN AUTH=LOGIN ENABLE] hi\r\n"
PREAUTH = (
    b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE ENABLE MOVE ESEARCH COMPRESS=DEFLATE MULTIAPPEND "
    b"UNAUTHENTICATE ACL SORT CONDSTORE QRESYNC UIDONLY] hi\r\n"
)


def heard(client: ClientConnection, data: bytes = b"", cut: Cut = whole) -> list[Any]:
    """Feed bytes; return the events, pieces of content joined."""
    events: list[object] = []
    for chunk in cut(data) if data else (b"",):
        client.receive_data(chunk)
        while (event := client.next_event()) is not None:
            events.append(event)
            if isinstance(event, ConnectionClosed):
                break
    return merged(events)


def connected(greeting: bytes = PREAUTH, **options: Any) -> ClientConnection:
    """A client that has been greeted."""
    client = ClientConnection(**options)
    assert isinstance(heard(client, greeting)[0], Greeting)
    return client


def selected(greeting: bytes = PREAUTH, **options: Any) -> ClientConnection:
    """A client with INBOX selected; its next tag is A2."""
    client = connected(greeting, **options)
    client.send(imap.Select("INBOX"))
    heard(client, b"A1 OK done\r\n")
    client.data_to_send()
    assert client.state is State.SELECTED
    return client


def appending(size: int = 5, content: bytes | None = None, **options: Any) -> ClientConnection:
    """A client that has sent an APPEND, A2, whose literal waits."""
    client = selected(**options)
    client.send(imap.Append("a", (imap.AppendMessage(imap.Literal(size, content)),)))
    assert client.data_to_send() == b"A2 APPEND a {%d}\r\n" % size
    return client
