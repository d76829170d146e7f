"""The sessions that the RFCs print, through both cores at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from mailproto import sasl
from mailproto.pop3 import (
    Apop,
    Capa,
    Capabilities,
    ClientConnection,
    Dele,
    EndOfListing,
    EndOfMessage,
    Lang,
    List,
    MaildropStatus,
    MessageData,
    Pass,
    Quit,
    Response,
    ResponseReceived,
    Retr,
    ScanListings,
    ServerConnection,
    ServerEvent,
    Stat,
    State,
    Stls,
    Top,
    Uidl,
    User,
    apop_digest,
    encode_command,
    parse_command,
)
from mailproto.testing import Cut, Drop, Pop3Pair, bytewise, whole

from .drive import EVERYTHING, MESSAGES

cuts = pytest.mark.parametrize("cut", [whole, bytewise])

# What the server says is its own affair, so only the client's lines are compared.
RFC_1939_10 = """
    S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
    C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
    S: +OK mrose's maildrop has 2 messages (320 octets)
    C: STAT
    S: +OK 2 320
    C: LIST
    S: +OK 2 messages (320 octets)
    S: 1 120
    S: 2 200
    S: .
    C: RETR 1
    S: +OK 120 octets
    S: <the POP3 server sends message 1>
    S: .
    C: DELE 1
    S: +OK message 1 deleted
    C: RETR 2
    S: +OK 200 octets
    S: <the POP3 server sends message 2>
    S: .
    C: DELE 2
    S: +OK message 2 deleted
    C: QUIT
    S: +OK dewey POP3 server signing off (maildrop empty)
"""
RFC_2449_AND_5034 = """
    S: +OK pop.example.com BlurdyBlurp POP3 server ready
    C: CAPA
    S: +OK List of capabilities follows
    S: SASL PLAIN DIGEST-MD5 GSSAPI ANONYMOUS
    S: IMPLEMENTATION BlurdyBlurp POP3 server
    S: .
    C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=
    S: +OK Maildrop locked and ready
    C: UIDL
    S: +OK
    S: 1 whqtswO00WBw418f9t5JxYwZ
    S: 2 QhdPYR:00WBw1Ph7x7
    S: .
    C: UIDL 2
    S: +OK 2 QhdPYR:00WBw1Ph7x7
    C: UIDL 3
    S: -ERR no such message, only 2 messages in maildrop
    C: TOP 100 3
    S: -ERR no such message
    C: LANG MUL
    S: -ERR invalid language MUL
    C: LANG
    S: +OK Language listing follows:
    S: en English
    S: en-boont English Boontling dialect
    S: de Deutsch
    S: .
    C: LANG es
    S: +OK es Idioma cambiado
    C: QUIT
    S: +OK
"""
SESSIONS = pytest.mark.parametrize("text", [RFC_1939_10, RFC_2449_AND_5034], ids=["1939", "2449"])


def spoken(text: str) -> Iterator[tuple[str, bytes]]:
    """Who says what: a line of the client, or all lines of the server up to the next."""
    said: list[bytes] = []
    for line in text.strip().splitlines():
        who, _, words = line.strip().partition(": ")
        if who == "C":
            yield "S", b"".join(said)
            said = []
            yield "C", words.encode() + b"\r\n"
        else:
            said.append(words.encode() + b"\r\n")
    yield "S", b"".join(said)


class TestClientHearsIt:
    @cuts
    @SESSIONS
    def test_answers(self, cut: Cut, text: str) -> None:
        client = ClientConnection(tls=True, strict=True)
        answered = 0
        for who, data in spoken(text):
            if who == "S":
                for chunk in cut(data):
                    client.receive_data(chunk)
                    while (event := client.next_event()) is not None:
                        answered += isinstance(event, ResponseReceived)
                        if client.state is State.CLOSED:
                            break
                assert client.in_flight == ()
            else:
                client.send(parse_command(data))
                assert client.data_to_send() == data
        assert answered == text.count("C: ")
        assert client.state is State.CLOSED


class TestServerHearsIt:
    @cuts
    def test_rfc_1939(self, cut: Cut) -> None:
        drop = Drop((b"x" * 118 + b"\r\n", b"y" * 198 + b"\r\n"), passwords={"mrose": "tanstaaf"})
        server = ServerConnection()
        server.send(Response(True, "POP3 server ready <1896.697170952@dbc.mtview.ca.us>"))
        events: list[ServerEvent] = []
        for who, data in spoken(RFC_1939_10):
            for chunk in cut(data) if who == "C" else ():
                server.receive_data(chunk)
                while server.state is not State.CLOSED and (event := server.next_event()):
                    events.append(event)
                    drop.serve(server, event)
        output = server.data_to_send()
        assert drop.removed == frozenset({1, 2})
        assert b"\r\n+OK 2 320\r\n" in output
        assert b"\r\n1 120\r\n2 200\r\n.\r\n" in output
        assert [encode_command(e) for e in events if isinstance(e, Retr)] == [
            b"RETR 1\r\n",
            b"RETR 2\r\n",
        ]


class TestBothCores:
    def pair(self, cut: Cut = whole, **options: Any) -> Pop3Pair:
        return Pop3Pair(
            ClientConnection(**options),
            ServerConnection(EVERYTHING, **options),
            drop=Drop(MESSAGES),
            cut=cut,
        )

    @cuts
    def test_stls_then_everything_pipelined(self, cut: Cut) -> None:
        pair = self.pair(cut)
        pair.send(Capa(), Stls(), Capa(), User("ann"), Pass("secret"), Capa())
        assert pair.client.tls
        assert pair.server.tls
        assert pair.client.authenticated
        events = pair.send(Stat(), List(), Uidl(), Retr(1), Top(2, 0), Dele(1), Stat(), Quit())
        values = [event.value for event in events if isinstance(event, ResponseReceived)]
        assert values[0] == MaildropStatus(4, sum(map(len, MESSAGES)))
        assert values[6] == MaildropStatus(3, sum(map(len, MESSAGES[1:])))
        assert pair.drop.removed == frozenset({1})
        assert pair.client.state is State.CLOSED

    @cuts
    def test_apop(self, cut: Cut) -> None:
        pair = self.pair(cut)
        assert pair.client.timestamp is not None
        [event] = pair.send(Apop("ann", apop_digest(pair.client.timestamp, "secret")))
        assert event.response.ok

    @cuts
    @pytest.mark.parametrize(
        "mechanism", [sasl.Plain, sasl.Login, sasl.CramMd5], ids=lambda it: it.name
    )
    @pytest.mark.parametrize("password", ["secret", "wrong"])
    def test_sasl(self, cut: Cut, mechanism: Any, password: str) -> None:
        pair = self.pair(cut, tls=True)
        pair.send(Capa())
        pair.client.authenticate(mechanism("ann", password))
        pair.run()
        assert pair.client.authenticated is (password == "secret")
        assert (pair.server.user == "ann") is (password == "secret")

    @cuts
    def test_scram(self, cut: Cut) -> None:
        pair = self.pair(cut, tls=True)
        keys = sasl.ScramKeys.derive("secret", "SHA-256", iterations=4096)

        class WithKeys(Drop):
            def serve(self, server: ServerConnection, event: ServerEvent) -> None:
                if isinstance(event, sasl.LookupScramKeys):
                    server.answer(keys)
                else:
                    super().serve(server, event)

        pair.drop = WithKeys(MESSAGES)
        pair.send(Capa())
        pair.client.authenticate(sasl.ScramSha256("ann", "secret"))
        pair.run()
        assert pair.client.authenticated
        assert pair.server.user == "ann"

    def test_large_listing(self) -> None:
        count = 100_000
        pair = self.pair(tls=True)
        pair.drop = Drop([b"x"] * count)
        pair.send(User("ann"), Pass("secret"))
        [_, *batches, end] = pair.send(List())
        assert end == EndOfListing()
        numbers = [n for batch in batches if isinstance(batch, ScanListings) for n in batch.numbers]
        assert numbers == list(range(1, count + 1))

    def test_languages(self) -> None:
        pair = self.pair(tls=True)
        [event] = pair.send(Lang())
        assert not event.response.ok

    def test_empty_message(self) -> None:
        pair = self.pair(tls=True)
        pair.send(User("ann"), Pass("secret"))
        assert pair.send(Retr(3))[1:] == [EndOfMessage()]
        assert pair.send(Retr(2))[1] == MessageData(MESSAGES[1] + b"\r\n")

    def test_capabilities_as_offered(self) -> None:
        pair = self.pair(tls=True)
        pair.send(Capa())
        assert pair.client.capabilities == pair.server.offered
        assert isinstance(pair.client.capabilities, Capabilities)
