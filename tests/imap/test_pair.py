"""Both cores through one another: what one side sends is what the other one gets."""

import tracemalloc
from typing import Any

import pytest

from mailproto import imap, sasl
from mailproto.imap import (
    Append,
    AppendMessage,
    ClientConnection,
    CommandCompleted,
    ConnectionClosed,
    ContentDue,
    ContentStart,
    EndOfContent,
    Fetch,
    FetchResponse,
    Literal,
    MessageOctets,
    No,
    Ok,
    Section,
    SequenceSet,
    ServerConnection,
    State,
    TaggedCommand,
)
from mailproto.limits import ImapLimits
from mailproto.testing import Cut, ImapPair, Mailboxes, bytewise, merged, whole
from tests.imap.server_scenes import EVERYTHING

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
MESSAGES = (b"Subject: one\r\n\r\nhello\r\n", b"", b"x" * 100_000)
ALL = SequenceSet.parse("1:*")
BODY = Section.parse("BODY[]")
MIB = 1024 * 1024


def pair(cut: Cut = whole, **options: Any) -> ImapPair:
    """Two cores over TLS, logged in."""
    limits = ImapLimits(inline_literal=100, message_size=None)
    made = ImapPair(
        ClientConnection(tls=True, limits=limits),
        ServerConnection(EVERYTHING, tls=True, limits=limits),
        mailboxes=Mailboxes(MESSAGES),
        cut=cut,
        **options,
    )
    made.send(imap.Login("ann", "secret"))
    return made


def completions(events: list[Any]) -> list[imap.Condition]:
    return [event.response for event in events if isinstance(event, CommandCompleted)]


@cuts
def test_a_session(cut: Cut) -> None:
    made = pair(cut)
    assert made.client.state is made.server.state is State.AUTHENTICATED
    assert made.client.capabilities == made.server.offered
    events = made.send(imap.Select("INBOX"))
    assert imap.ExistsResponse(3) in events
    events = made.send(imap.SearchCommand(imap.Search.all), imap.Status("INBOX", ("MESSAGES",)))
    assert imap.SearchResponse((1, 2, 3)) in events
    assert imap.StatusResponse("INBOX", {"MESSAGES": 3}) in events
    events = merged(made.send(Fetch(ALL, ("FLAGS", BODY))))
    assert events[0] == FetchResponse(1, {"FLAGS": (), BODY: MESSAGES[0]})
    assert events[1] == FetchResponse(2, {"FLAGS": (), BODY: b""})
    assert events[2:5] == [
        ContentStart(3, BODY, 100_000),
        MessageOctets(MESSAGES[2]),
        EndOfContent(),
    ]
    assert events[5] == FetchResponse(3, {"FLAGS": (), BODY: Literal(100_000)})
    two = SequenceSet.parse("2")
    made.send(imap.Store(two, "+FLAGS", (r"\Deleted",)), imap.Expunge())
    assert imap.ExpungeResponse(2) in made.client_events
    assert len(made.mailboxes.boxes["INBOX"]) == 2
    events = made.send(imap.Close(), imap.Logout())
    assert [type(it) for it in completions(events)] == [Ok, Ok]
    assert isinstance(made.client_events[-1], ConnectionClosed)
    assert isinstance(made.server_events[-1], ConnectionClosed)
    assert made.client_events[-1].clean


@cuts
def test_append(cut: Cut) -> None:
    made = pair(cut)
    messages = (AppendMessage(b"small", (r"\Seen",)), AppendMessage(b"y" * 10_000))
    [*_, completed] = made.send(Append("INBOX", messages))
    assert completions([completed]) == [Ok("appended", tag="A2")]
    stored = made.mailboxes.boxes["INBOX"][3:]
    assert [message.content for message in stored] == [b"small", b"y" * 10_000]
    assert [message.flags for message in stored] == [{r"\Seen"}, set()]


@cuts
def test_append_refused(cut: Cut) -> None:
    """The octets are never sent where the literal waits; the next command is not lost."""
    made = pair(cut)
    made.client.capabilities = imap.Capabilities(["IMAP4rev1"])
    before = len(made.client_bytes)
    events = made.send(Append("nowhere", (AppendMessage(b"x" * 5000),)), imap.Noop())
    assert [type(it) for it in completions(events)] == [No, Ok]
    assert b"xxx" not in made.client_bytes[before:]


@cuts
def test_append_refused_that_does_not_wait(cut: Cut) -> None:
    made = pair(cut)
    before = len(made.client_bytes)
    events = made.send(Append("nowhere", (AppendMessage(b"x" * 5000),)), imap.Noop())
    assert [type(it) for it in completions(events)] == [No, Ok]
    assert b"x" * 5000 in made.client_bytes[before:]


@cuts
def test_tls_then_login_then_compress(cut: Cut) -> None:
    made = ImapPair(cut=cut)
    made.send(imap.StartTls())
    assert made.client.tls
    assert made.server.tls
    made.send(imap.Capability())
    made.client.authenticate(sasl.Plain("ann", "secret"))
    made.run()
    assert made.server.user == "ann"
    made.send(imap.Compress())
    events = made.send(imap.Select("INBOX"), imap.Noop())
    assert [type(it) for it in completions(events)] == [Ok, Ok]
    assert b"NOOP" not in made.client_bytes[-30:]
    events = made.send(imap.Unauthenticate())
    assert made.client.state is made.server.state is State.NOT_AUTHENTICATED
    events = made.send(imap.Noop())
    assert [type(it) for it in completions(events)] == [Ok]


@cuts
def test_idle(cut: Cut) -> None:
    made = pair(cut)
    made.send(imap.Select("INBOX"))
    made.send(imap.Idle())
    assert made.client.idling
    assert made.server.idling
    made.server.send(imap.ExistsResponse(4))
    made.server.send(imap.ExpungeResponse(2))
    made.run()
    assert made.client_events[-2:] == [imap.ExistsResponse(4), imap.ExpungeResponse(2)]
    events = made.send(imap.Done())
    assert [type(it) for it in completions(events)] == [Ok]


def test_a_greeting_of_ones_own() -> None:
    made = ImapPair(greeting=False)
    made.server.send(imap.Preauth("hello"))
    made.run()
    assert made.client.state is State.AUTHENTICATED
    events = made.send(imap.Append("nowhere", (AppendMessage(b"x"),)))
    assert isinstance(completions(events)[0], No)


@cuts
def test_mailboxes(cut: Cut) -> None:
    made = pair(cut)
    events = made.send(
        imap.List("", ("*",)),
        imap.Status("nowhere", ("MESSAGES",)),
        imap.Examine("INBOX"),
        imap.Fetch(SequenceSet.parse("2:3"), ("FLAGS",), uid=True),
        imap.Store(ALL, "FLAGS", (r"\Deleted",), silent=True),
        imap.Store(ALL, "-FLAGS", (r"\Deleted",)),
        imap.Unselect(),
        imap.Select("nowhere"),
        imap.Rename("x", "y"),
    )
    kinds = [type(it) for it in completions(events)]
    assert kinds == [Ok, No, Ok, Ok, Ok, Ok, Ok, No, No]
    assert imap.ListResponse((), "/", "INBOX") in events
    assert FetchResponse(2, {"UID": 2, "FLAGS": ()}) in events
    assert made.server.state is State.AUTHENTICATED


@pytest.mark.parametrize("mechanism", [sasl.Plain, sasl.CramMd5])
@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_authenticate(mechanism: Any, password: str) -> None:
    offered = imap.Capabilities(["IMAP4rev1", "AUTH=PLAIN", "AUTH=CRAM-MD5"])
    made = ImapPair(ClientConnection(tls=True), ServerConnection(offered, tls=True))
    made.client.authenticate(mechanism("ann", password))
    made.run()
    right = password == "secret"
    assert type(completions(made.client_events)[0]) is (Ok if right else No)
    assert made.server.user == ("ann" if right else None)


@pytest.mark.slow
class TestHuge:
    """1 GiB through both cores, of which no more than a piece is in memory."""

    SIZE = 1024 * MIB
    PIECE = b"x" * 65536

    def move(self, made: ImapPair) -> int:
        """Move bytes once in both directions; count the octets of content that arrive."""
        made.server.receive_data(made.client.data_to_send())
        made.client.receive_data(made.server.data_to_send())
        count = 0
        for core in (made.server, made.client):
            while isinstance(event := core.next_event(), MessageOctets):
                count += len(event.data)
        return count

    def test_append(self) -> None:
        made = pair()
        made.client.send(Append("INBOX", (AppendMessage(Literal(self.SIZE)),)))
        assert isinstance(made.client.next_event(), ContentDue)
        made.server.receive_data(made.client.data_to_send())
        offer = made.server.next_event()
        assert isinstance(offer, imap.LiteralOffered)
        made.server.accept_literal()
        count = 0
        tracemalloc.start()
        for _ in range(self.SIZE // len(self.PIECE)):
            made.client.send(MessageOctets(self.PIECE))
            count += self.move(made)
        assert tracemalloc.get_traced_memory()[1] < MIB
        tracemalloc.stop()
        assert count == self.SIZE
        event = made.server.next_event()
        assert isinstance(event, TaggedCommand)
        made.server.send(Ok("appended", tag=event.tag))
        made.client.receive_data(made.server.data_to_send())
        assert isinstance(made.client.next_event(), CommandCompleted)

    def test_fetch(self) -> None:
        made = pair()
        made.send(imap.Select("INBOX"))
        made.client.send(Fetch(ALL, (BODY,)))
        made.server.receive_data(made.client.data_to_send())
        event = made.server.next_event()
        assert isinstance(event, TaggedCommand)
        made.server.send(FetchResponse(1, {BODY: Literal(self.SIZE)}))
        made.client.receive_data(made.server.data_to_send())
        assert isinstance(made.client.next_event(), ContentStart)
        count = 0
        tracemalloc.start()
        for _ in range(self.SIZE // len(self.PIECE)):
            made.server.send(MessageOctets(self.PIECE))
            made.client.receive_data(made.server.data_to_send())
            while isinstance(found := made.client.next_event(), MessageOctets):
                count += len(found.data)
        assert tracemalloc.get_traced_memory()[1] < MIB
        tracemalloc.stop()
        assert count == self.SIZE
