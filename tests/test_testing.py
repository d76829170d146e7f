"""The package for testers: Pair, chunking and the strategies themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto import sasl
from mailproto.errors import LocalProtocolError
from mailproto.smtp import (
    Auth,
    ClientConnection,
    ConnectionClosed,
    Data,
    Ehlo,
    EndOfMessage,
    Extensions,
    Greeting,
    Lhlo,
    Mail,
    MessageData,
    Noop,
    Quit,
    Rcpt,
    Reply,
    ReplyReceived,
    Rset,
    ServerConnection,
    ServerEvent,
    StartTls,
    State,
)
from mailproto.testing import Cut, Pair, bytewise, default_serve, merged, whole
from mailproto.testing.strategies import chunkings, mutated

HELLO = Ehlo("c.example")
ENVELOPE = (Mail("a@b.example"), Rcpt("c@d.example"), Rcpt("e@f.example"))
MESSAGE = (Data(), MessageData(b"Subject: x\n\n"), MessageData(b".dot\n"), EndOfMessage())


class TestPair:
    @pytest.mark.parametrize("cut", [whole, bytewise])
    def test_a_session(self, cut: Cut) -> None:
        pair = Pair(cut=cut)
        assert pair.client_events == [Greeting(Reply(220, "ready"))]
        events = pair.send(HELLO, *ENVELOPE, *MESSAGE, Quit())
        assert [e.reply.code for e in events if isinstance(e, ReplyReceived)] == [
            *(250, 250, 250, 250, 354, 250, 221)
        ]
        assert events[-1] == ConnectionClosed()
        assert merged(pair.server_events) == [
            *(HELLO, *ENVELOPE, Data()),
            *(MessageData(b"Subject: x\r\n\r\n.dot\r\n"), EndOfMessage(), Quit()),
            ConnectionClosed(),
        ]
        assert pair.client_bytes.startswith(b"EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n")
        assert pair.client_bytes.endswith(b"\r\n..dot\r\n.\r\nQUIT\r\n")
        assert pair.server_bytes.startswith(b"220 ready\r\n250-localhost\r\n")
        assert [reply.code for reply in pair.replies] == [*(220, 250, 250, 250, 250, 354, 250, 221)]

    def test_serving(self) -> None:
        def serve(server: ServerConnection, event: ServerEvent) -> Reply:
            refused = isinstance(event, Rcpt) and event.forward_path.startswith("e")
            return Reply(550, "no") if refused else default_serve(server, event)

        pair = Pair(serve=serve)
        pair.send(HELLO, *ENVELOPE)
        assert pair.client.envelope.accepted == ["c@d.example"]

    def test_lmtp_asks_for_each_reply(self) -> None:
        replies = iter((Reply(250, "for c"), Reply(452, "for e")))

        def serve(server: ServerConnection, event: ServerEvent) -> Reply:
            ends = isinstance(event, EndOfMessage)
            return next(replies) if ends else server.default_reply(event)

        pair = Pair(ClientConnection(lmtp=True), ServerConnection(lmtp=True), serve=serve)
        events = pair.send(Lhlo("c.example"), *ENVELOPE, *MESSAGE)
        assert [
            (e.recipient, e.reply.text)
            for e in events
            if isinstance(e, ReplyReceived) and e.recipient
        ] == [("c@d.example", "for c"), ("e@f.example", "for e")]

    def test_a_reply_can_wait(self) -> None:
        pair = Pair(serve=lambda server, event: None)
        assert pair.send(HELLO) == []
        assert pair.server.reply_owed
        pair.reply(Reply(250, "s.example"))
        pair.run()
        assert pair.client_events[-1] == ReplyReceived(HELLO, Reply(250, "s.example"))

    def test_greeting_by_hand(self) -> None:
        pair = Pair(greeting=None)
        with pytest.raises(LocalProtocolError, match="greeting"):
            pair.send(HELLO)
        pair.reply(Reply(554, "closed"))
        pair.run()
        assert pair.client_events == [Greeting(Reply(554, "closed"))]

    def test_starttls(self) -> None:
        server = ServerConnection(extensions=Extensions(["STARTTLS"]))
        pair = Pair(server=server)
        pair.send(HELLO, StartTls())
        assert pair.client.tls
        assert pair.server.tls
        assert pair.client.state is pair.server.state is State.INITIAL
        pair.send(HELLO)
        assert "STARTTLS" not in pair.client.extensions

    def test_authentication(self) -> None:
        def serve(server: ServerConnection, event: ServerEvent) -> Reply | None:
            match event:
                case Auth():
                    server.authenticate(sasl.PlainServer())
                case sasl.CheckPassword():
                    server.answer(event.password == "secret")
                case _:
                    return server.default_reply(event)
            return None

        server = ServerConnection(extensions=Extensions(["AUTH PLAIN"]))
        pair = Pair(server=server, serve=serve)
        pair.send(HELLO)
        pair.client.authenticate(sasl.Plain("ann", "secret"), allow_plaintext=True)
        pair.run()
        assert pair.client.authenticated
        assert pair.server.user == "ann"

    def test_ends(self) -> None:
        pair = Pair()
        pair.send(HELLO)
        pair.client_eof()
        assert pair.server_events[-1] == ConnectionClosed()
        pair = Pair(serve=lambda server, event: None)
        pair.send(HELLO)
        pair.server_eof()
        assert pair.client_events[-1] == ConnectionClosed(clean=False, unanswered=(HELLO,))

    def test_421_ends_both(self) -> None:
        pair = Pair(serve=lambda server, event: Reply(421, "going"))
        events = pair.send(HELLO)
        assert events == [
            ReplyReceived(HELLO, Reply(421, "going")),
            ConnectionClosed(reply=Reply(421, "going")),
        ]

    def test_what_the_client_may_not_send_is_told(self) -> None:
        pair = Pair()
        with pytest.raises(LocalProtocolError):
            pair.send(Mail("a@b.example"))
        assert pair.client_bytes == b""
        assert len(pair.send(HELLO, Noop(), Rset())) == 3


class TestChunks:
    def test_whole_and_bytewise(self) -> None:
        assert list(whole(b"abc")) == [b"abc"]
        assert list(whole(b"")) == []
        assert list(bytewise(b"abc")) == [b"a", b"b", b"c"]
        assert list(bytewise(b"")) == []

    def test_merged(self) -> None:
        a, b, ab = MessageData(b"a"), MessageData(b"b"), MessageData(b"ab")
        assert merged([]) == []
        assert merged([a, b]) == [ab]
        assert merged([Noop(), a, b, Noop(), a]) == [Noop(), ab, Noop(), a]

    @given(st.binary(max_size=50).flatmap(lambda d: st.tuples(st.just(d), chunkings(d))))
    def test_chunkings(self, drawn: tuple[bytes, list[bytes]]) -> None:
        data, chunks = drawn
        assert b"".join(chunks) == data
        assert all(chunks)

    @given(mutated(st.just(b"BDAT 5 LAST\r\nabcde\r\n"), most=8))
    def test_mutated(self, data: bytes) -> None:
        assert isinstance(data, bytes)
