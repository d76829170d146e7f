"""The client core in scenes: login, pipelining, multi-line answers, AUTH, STLS, the end."""

from typing import Any

import pytest

from mailproto import sasl
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.pop3 import (
    Apop,
    Auth,
    AuthResponse,
    Capa,
    Capabilities,
    Challenge,
    ClientConnection,
    ConnectionClosed,
    Dele,
    EndOfListing,
    EndOfMessage,
    Greeting,
    InvalidResponse,
    Lang,
    Language,
    Languages,
    List,
    MaildropStatus,
    MessageData,
    Noop,
    Pass,
    Pop3Limits,
    Quit,
    Response,
    ResponseCode,
    ResponseReceived,
    ResponseSyntaxError,
    Retr,
    ScanListing,
    ScanListings,
    Stat,
    State,
    Stls,
    Top,
    Uidl,
    UniqueId,
    UniqueIds,
    UnknownCommand,
    UnsolicitedResponse,
    UpgradeToTls,
    User,
    Utf8,
    apop_digest,
)
from mailproto.testing import bytewise, merged, whole

from .drive import SMALL, connected, listen, logged_in

cuts = pytest.mark.parametrize("cut", [whole, bytewise])


def hear(client: ClientConnection, data: bytes) -> list[Any]:
    client.receive_data(data)
    events: list[Any] = []
    while (event := client.next_event()) is not None:
        events.append(event)
        if isinstance(event, ConnectionClosed):
            break
    return merged(events)


def hear_eof(client: ClientConnection) -> list[Any]:
    client.receive_eof()
    return hear(client, b"")


class TestGreeting:
    @cuts
    def test_with_timestamp(self, cut: Any) -> None:
        client = ClientConnection()
        for chunk in cut(b"+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us> hi\r\n"):
            client.receive_data(chunk)
        event = client.next_event()
        assert isinstance(event, Greeting)
        assert client.timestamp == "<1896.697170952@dbc.mtview.ca.us>"
        assert client.state is State.AUTHORIZATION
        # RFC 1939 7
        digest = apop_digest(client.timestamp, "tanstaaf")
        assert digest == "c4c9334bac560ecc979e58001b3e22fb"
        client.send(Apop("mrose", digest))
        assert client.data_to_send() == b"APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"

    @pytest.mark.parametrize(
        "text", ["", "<>", "<x>", "<a@b", "<a b@c>", "a@b", "<\x01@b>", "<é@b>", "<a@@b>"]
    )
    def test_no_timestamp_that_is_no_message_id(self, text: str) -> None:
        client = connected(f"+OK hi {text}\r\n".encode())
        assert client.timestamp is None
        with pytest.raises(LocalProtocolError):
            client.send(Apop("ann", "0" * 32))

    def test_refused(self) -> None:
        client = ClientConnection()
        response = Response(False, "later", ResponseCode.SYS_TEMP)
        assert hear(client, b"-ERR [SYS/TEMP] later\r\n")[0] == Greeting(response)
        assert client.state is State.CLOSED
        with pytest.raises(LocalProtocolError):
            client.send(Quit())

    def test_nothing_before_it(self) -> None:
        with pytest.raises(LocalProtocolError):
            ClientConnection().send(Capa())

    @pytest.mark.parametrize("data", [b"\x16\x03\x01\x02", b"\x15\x03\x03\x00", b"\x15\x03\n"])
    def test_tls_on_the_port(self, data: bytes) -> None:
        client = ClientConnection()
        client.receive_data(data)
        with pytest.raises(RemoteProtocolError, match="TLS"):
            client.next_event()

    def test_a_challenge_is_no_greeting(self) -> None:
        client = ClientConnection()
        client.receive_data(b"+ hi\r\n")
        assert isinstance(client.next_event(), InvalidResponse)

    def test_challenge_in_base64_is_no_greeting_either(self) -> None:
        client = ClientConnection()
        client.receive_data(b"+ AAAA\r\n")
        with pytest.raises(RemoteProtocolError):
            client.next_event()


class TestLogin:
    def test_user_and_pass(self) -> None:
        client = connected()
        client.send(User("ann"))
        assert hear(client, b"+OK\r\n") == [ResponseReceived(User("ann"), Response(True))]
        client.send(Pass("secret"))
        assert client.data_to_send() == b"USER ann\r\nPASS secret\r\n"
        assert not client.authenticated
        hear(client, b"+OK\r\n")
        assert client.authenticated
        assert client.state is State.TRANSACTION

    def test_refused(self) -> None:
        client = connected()
        client.send(User("ann"))
        hear(client, b"+OK\r\n")
        client.send(Pass("wrong"))
        event = hear(client, b"-ERR [AUTH] no\r\n")[0]
        assert event.response.code == ResponseCode.AUTH
        assert client.state is State.AUTHORIZATION
        with pytest.raises(LocalProtocolError):
            client.send(Stat())
        with pytest.raises(LocalProtocolError):
            client.send(Pass("again"))
        client.send(User("ann"))

    def test_plaintext_needs_tls(self) -> None:
        client = ClientConnection()
        hear(client, b"+OK\r\n")
        client.send(User("ann"))
        hear(client, b"+OK\r\n")
        with pytest.raises(LocalProtocolError, match="TLS"):
            client.send(Pass("secret"))
        with pytest.raises(LocalProtocolError, match="TLS"):
            client.authenticate(sasl.Plain("ann", "secret"))
        client.allow_plaintext = True
        client.user_sent = True
        client.send(Pass("secret"))

    def test_capabilities_are_forgotten(self) -> None:
        client = connected(capabilities="PIPELINING,TOP")
        assert client.capabilities == Capabilities(("PIPELINING", "TOP"))
        client.send(User("ann"))
        client.send(Pass("secret"))
        client.send(Capa())
        hear(client, b"+OK\r\n+OK\r\n")
        assert client.capabilities is None
        assert not client.may_pipeline()
        hear(client, b"+OK\r\nUIDL\r\n.\r\n")
        assert client.capabilities == Capabilities(("UIDL",))

    def test_utf8_names_need_an_offer(self) -> None:
        client = connected(capabilities="UTF8")
        with pytest.raises(LocalProtocolError, match="UTF8 USER"):
            client.send(User("käthe"))
        client = connected(capabilities="UTF8 USER")
        client.send(User("käthe"))
        hear(client, b"+OK\r\n")
        client.send(Pass("wörd"))
        assert client.data_to_send() == "USER käthe\r\nPASS wörd\r\n".encode()

    def test_utf8_mode(self) -> None:
        client = connected(capabilities="UTF8,STLS")
        client.send(Utf8())
        assert not client.utf8
        hear(client, b"+OK\r\n")
        assert client.utf8
        client.tls = False
        with pytest.raises(LocalProtocolError, match="UTF8"):
            client.send(Stls())


class TestCapabilities:
    def test_typed(self) -> None:
        client = connected(
            capabilities="TOP,USER,SASL CRAM-MD5 KERBEROS_V4,RESP-CODES,LOGIN-DELAY 900,"
            "PIPELINING,EXPIRE 60 USER,UIDL,IMPLEMENTATION Shlemazle-Plotz-v302 x,X-NEW 1,UTF8 USER"
        )
        offered = client.capabilities
        assert offered is not None
        assert offered.sasl == ("CRAM-MD5", "KERBEROS_V4")
        assert offered.login_delay is not None
        assert (offered.login_delay.seconds, offered.login_delay.per_user) == (900, False)
        assert offered.expire is not None
        assert (offered.expire.days, offered.expire.per_user) == (60, True)
        assert offered.implementation == "Shlemazle-Plotz-v302 x"
        assert offered["X-NEW"] == ("1",)
        assert offered.utf8_user

    def test_absent_or_odd(self) -> None:
        offered = Capabilities(("EXPIRE NEVER", "LOGIN-DELAY soon", ". x"))
        assert offered.expire is not None
        assert offered.expire.days is None
        assert offered.login_delay is None
        assert Capabilities().expire is None
        assert Capabilities(("EXPIRE x",)).expire is None
        assert Capabilities().implementation is None
        assert not Capabilities().utf8_user
        assert len(offered.defects) == 1

    def test_refused(self) -> None:
        client = connected()
        client.send(Capa())
        hear(client, b"-ERR what\r\n")
        assert client.capabilities is None
        client.send(User("ann"))

    def test_only_what_is_offered(self) -> None:
        client = connected(capabilities="TOP")
        client.tls = False
        for command in (Stls(), Utf8(), Lang()):
            with pytest.raises(LocalProtocolError, match="does not offer"):
                client.send(command)

    def test_what_is_older_than_capa_may_be_tried(self) -> None:
        client = connected(capabilities="IMPLEMENTATION x")
        client.send(User("ann"))
        client = logged_in(Uidl(1))
        client = logged_in(Top(1, 0))

    def test_everything_may_be_tried_while_nothing_is_known(self) -> None:
        client = ClientConnection()
        hear(client, b"+OK\r\n")
        client.send(Stls())


class TestSingleLines:
    @pytest.mark.parametrize(
        ("command", "answer", "value"),
        [
            (Stat(), b"+OK 2 320\r\n", MaildropStatus(2, 320)),
            (Stat(), b"+OK 2 320 more\r\n", MaildropStatus(2, 320)),
            (List(2), b"+OK 2 200\r\n", ScanListing(2, 200)),
            (Uidl(2), b"+OK 2 QhdPYR:00WBw1Ph7x7\r\n", UniqueId(2, "QhdPYR:00WBw1Ph7x7")),
            (Lang("es"), b"+OK es Idioma cambiado\r\n", Language("es", "Idioma cambiado")),
            (Noop(), b"+OK 2 3\r\n", None),
            (Dele(1), b"+OK\r\n", None),
            (Stat(), b"-ERR 2 320\r\n", None),
        ],
    )
    def test_value(self, command: Any, answer: bytes, value: Any) -> None:
        client = logged_in(command)
        [event] = hear(client, answer)
        assert event.command == command
        assert event.value == value
        assert not event.response.defects
        assert client.in_flight == ()

    def test_odd_value(self) -> None:
        [event] = hear(logged_in(Stat()), b"+OK  2  320\r\n")
        assert event.value == MaildropStatus(2, 320)
        assert event.response.defects

    def test_broken_value(self) -> None:
        [event] = hear(logged_in(Stat()), b"+OK two\r\n")
        assert event.value is None
        assert event.response.defects

    @pytest.mark.parametrize("answer", [b"+OK  2  320\r\n", b"+OK two\r\n", b"hi\r\n", b"+OK\n"])
    def test_strict(self, answer: bytes) -> None:
        client = logged_in(Stat(), strict=True)
        client.receive_data(answer)
        with pytest.raises(ResponseSyntaxError):
            client.next_event()
        with pytest.raises(ResponseSyntaxError):
            client.next_event()


class TestListings:
    @cuts
    def test_list(self, cut: Any) -> None:
        client = logged_in(List())
        outcome = listen(cut(b"+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n"), client)
        assert outcome.events[1:3] == [ScanListings((1, 2), (120, 200)), EndOfListing()]
        batch = outcome.events[1]
        assert isinstance(batch, ScanListings)
        assert batch.entries == (ScanListing(1, 120), ScanListing(2, 200))

    @cuts
    def test_uidl(self, cut: Any) -> None:
        data = b"+OK\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n2 QhdPYR:00WBw1Ph7x7\r\n.\r\n"
        outcome = listen(cut(data), logged_in(Uidl()))
        batch = UniqueIds((1, 2), ("whqtswO00WBw418f9t5JxYwZ", "QhdPYR:00WBw1Ph7x7"))
        assert outcome.events[1:3] == [batch, EndOfListing()]
        assert batch.entries[1] == UniqueId(2, "QhdPYR:00WBw1Ph7x7")

    @cuts
    def test_lang(self, cut: Any) -> None:
        data = "+OK Language listing follows:\r\nen English\r\nes Español\r\nsv\r\n.\r\n".encode()
        outcome = listen(cut(data), logged_in(Lang()))
        listing = (Language("en", "English"), Language("es", "Español"), Language("sv"))
        assert outcome.events[1:3] == [Languages(listing), EndOfListing()]

    @pytest.mark.parametrize("command", [List(), Uidl(), Lang(), Capa()])
    def test_empty(self, command: Any) -> None:
        events = hear(logged_in(command), b"+OK\r\n.\r\n")
        assert [type(event) for event in events] == [ResponseReceived, EndOfListing]

    @cuts
    def test_odd_lines(self, cut: Any) -> None:
        data = b"+OK\r\n1 120 and more\r\n 2  200\r\n03 7\n4 8\r\n.\r\n"
        outcome = listen(cut(data), logged_in(List()))
        assert outcome.events[1] == ScanListings((1, 2, 3, 4), (120, 200, 7, 8))
        assert outcome.error is None

    def test_odd_lines_are_noted(self) -> None:
        [_, batch, _] = hear(logged_in(List()), b"+OK\r\n 1 120\r\n 2 7\r\n3 4\n5 6\r\n.\r\n")
        assert [defect.what for defect in batch.defects] == [
            "entry in an odd form",
            "line ends in bare LF",
        ]

    @cuts
    def test_broken_lines(self, cut: Any) -> None:
        data = b"+OK\r\n1 120\r\nwhat?\r\n..\r\n2 200\r\n.\r\n"
        outcome = listen(cut(data), logged_in(List()))
        assert outcome.events[1:] == [
            ScanListings((1,), (120,)),
            InvalidResponse(b"what?"),
            InvalidResponse(b"."),
            ScanListings((2,), (200,)),
            EndOfListing(),
            ConnectionClosed(),
        ]

    @cuts
    @pytest.mark.parametrize("line", [b" 1 120\r\n", b"1 120\n", b"x\r\n"])
    def test_strict(self, cut: Any, line: bytes) -> None:
        data = b"+OK\r\n9 9\r\n" + line + b".\r\n"
        outcome = listen(cut(data), logged_in(List(), strict=True))
        assert outcome.events[1:] == [ScanListings((9,), (9,))]
        assert outcome.error is not None

    @cuts
    def test_too_many_broken_lines(self, cut: Any) -> None:
        client = logged_in(List(), limits=Pop3Limits(errors=2))
        outcome = listen(cut(b"+OK\r\nx\r\ny\r\nz\r\n1 1\r\n"), client)
        assert outcome.limit == "errors"
        assert outcome.events[1:] == [InvalidResponse(c) for c in (b"x", b"y", b"z")]

    @cuts
    def test_too_many_lines(self, cut: Any) -> None:
        data = b"+OK\r\n" + b"".join(b"%d 1\r\n" % n for n in range(1, 9)) + b".\r\n"
        outcome = listen(cut(data), logged_in(List(), limits=SMALL))
        assert outcome.limit == "listing_lines"
        assert outcome.events[1:] == [ScanListings((1, 2, 3), (1, 1, 1))]

    @cuts
    @pytest.mark.parametrize("end", [b"", b"\r\n.\r\n"])
    @pytest.mark.parametrize(("size", "fits"), [(28, True), (29, False)])
    def test_long_lines(self, cut: Any, end: bytes, size: int, fits: bool) -> None:
        data = b"+OK\r\n1 1\r\n" + b"2 " + b"x" * (size - 2) + (end if fits else b"y" + end)
        outcome = listen(cut(data), logged_in(Uidl(), limits=SMALL))
        assert (outcome.limit == "response_line") is not fits
        assert isinstance(outcome.events[1], UniqueIds)
        assert outcome.events[1].numbers[0] == 1

    @cuts
    def test_long_lines_of_several_octets_each(self, cut: Any) -> None:
        data = b"+OK\r\n1 1\r\n2 " + "é".encode() * 15 + b"\r\n.\r\n"
        outcome = listen(cut(data), logged_in(Uidl(), limits=SMALL))
        assert outcome.limit == "response_line"

    @cuts
    def test_one_line_too_many_that_is_too_long(self, cut: Any) -> None:
        """Whole or byte by byte: the same limit is named."""
        data = b"+OK\r\n1 1\r\n2 2\r\n3 3\r\n4 " + b"x" * 40 + b"\r\n.\r\n"
        outcome = listen(cut(data), logged_in(Uidl(), limits=SMALL))
        assert outcome.limit == "response_line"
        assert outcome.events[1:] == [UniqueIds((1, 2, 3), ("1", "2", "3"))]

    @cuts
    def test_too_many_capabilities(self, cut: Any) -> None:
        outcome = listen(cut(b"+OK\r\nA\r\nB\r\nC\r\nD\r\n.\r\n"), logged_in(Capa(), limits=SMALL))
        assert outcome.limit == "capability_lines"

    def test_many(self) -> None:
        count = 100_000
        client = logged_in(List())
        client.receive_data(
            b"+OK\r\n" + b"".join(b"%d 1\r\n" % n for n in range(1, count + 1)) + b".\r\n"
        )
        batches = 0
        seen: list[int] = []
        while (event := client.next_event()) is not None:
            if isinstance(event, ScanListings):
                seen += event.numbers
                batches += 1
        assert seen == list(range(1, count + 1))
        assert batches > 5  # in pieces, none of which is large


class TestMessages:
    @cuts
    @pytest.mark.parametrize("command", [Retr(1), Top(1, 5)])
    def test_stuffed(self, cut: Any, command: Any) -> None:
        data = b"+OK\r\nSubject: x\r\n\r\n..\r\n..a\r\n.b\r\n\n.\n\r.\r\r\n.\r\n"
        outcome = listen(cut(data), logged_in(command))
        assert outcome.events[1:] == [
            MessageData(b"Subject: x\r\n\r\n.\r\n.a\r\nb\r\n\n.\n\r.\r\r\n"),
            EndOfMessage(),
            ConnectionClosed(),
        ]

    @cuts
    def test_empty(self, cut: Any) -> None:
        outcome = listen(cut(b"+OK\r\n.\r\n"), logged_in(Retr(1)))
        assert outcome.events[1:] == [EndOfMessage(), ConnectionClosed()]

    @cuts
    def test_a_bare_lf_does_not_end_it(self, cut: Any) -> None:
        data = b"+OK\r\na\n.\n+OK forged\r\n.\r\n"
        outcome = listen(cut(data), logged_in(Retr(1)))
        assert outcome.events[1] == MessageData(b"a\n.\n+OK forged\r\n")

    @cuts
    def test_a_server_that_knows_no_crlf(self, cut: Any) -> None:
        client = ClientConnection(tls=True)
        hear(client, b"+OK hi\n")
        for command in (User("a"), Pass("b"), Retr(1)):
            client.send(command)
            if not isinstance(command, Retr):
                hear(client, b"+OK\n")
        outcome = listen(cut(b"+OK\na\n..b\n\r\n.\r\n.\n"), client)
        assert outcome.events[1:3] == [MessageData(b"a\n.b\n\r\n\r\n"), EndOfMessage()]

    @cuts
    @pytest.mark.parametrize(("size", "fits"), [(18, True), (19, False)])
    def test_too_long(self, cut: Any, size: int, fits: bool) -> None:
        data = b"+OK\r\n" + b"x" * size + b"\r\n.\r\n"
        outcome = listen(cut(data), logged_in(Retr(1), limits=SMALL))
        assert (outcome.limit == "message_size") is not fits
        assert outcome.events[1] == MessageData((b"x" * size + b"\r\n")[:20])

    def test_no_limit(self) -> None:
        client = logged_in(Retr(1), limits=Pop3Limits(message_size=None))
        assert len(hear(client, b"+OK\r\n" + b"x" * 100_000 + b"\r\n.\r\n")[1].data) == 100_002

    def test_unknown_multi_line_command(self) -> None:
        command = UnknownCommand("XTND", "x", multi_line=True)
        events = hear(logged_in(command), b"+OK\r\nanything\r\n.\r\n")
        assert events[1:] == [MessageData(b"anything\r\n"), EndOfMessage()]

    def test_err_has_no_message(self) -> None:
        client = logged_in(Retr(1))
        assert len(hear(client, b"-ERR\r\n")) == 1
        assert client.in_flight == ()

    def test_err_within_a_message_is_text(self) -> None:
        events = hear(logged_in(Retr(1)), b"+OK\r\n-ERR gone\r\n.\r\n")
        assert events[1] == MessageData(b"-ERR gone\r\n")

    @cuts
    def test_cut_off(self, cut: Any) -> None:
        outcome = listen(cut(b"+OK\r\nhalf a mess"), logged_in(Retr(1)))
        assert outcome.events[1:] == [
            MessageData(b"half a mess"),
            ConnectionClosed(False, (Retr(1),)),
        ]


class TestPipelining:
    def test_everything_at_once(self) -> None:
        client = connected(capabilities="PIPELINING,USER")
        sent = [User("ann"), Pass("secret"), Stat(), List(), Uidl(), Retr(1), Dele(1), Quit()]
        for command in sent:
            client.send(command)
        assert client.in_flight == tuple(sent)
        events = hear(
            client,
            b"+OK\r\n+OK\r\n+OK 1 5\r\n+OK\r\n1 5\r\n.\r\n+OK\r\n1 u\r\n.\r\n"
            b"+OK\r\nhi\r\n.\r\n+OK\r\n+OK bye\r\n",
        )
        answered = [e.command for e in events if isinstance(e, ResponseReceived)]
        assert answered == sent
        assert events[-1] == ConnectionClosed()

    def test_one_at_a_time_without_it(self) -> None:
        client = logged_in(Noop())
        with pytest.raises(LocalProtocolError, match="wait for the response to NOOP"):
            client.send(Noop())

    @pytest.mark.parametrize("command", [Auth("PLAIN"), Quit()])
    def test_ends_of_groups(self, command: Any) -> None:
        client = connected(capabilities="PIPELINING,SASL PLAIN,STLS")
        client.send(command)
        with pytest.raises(LocalProtocolError):
            client.send(Capa())

    def test_stls_goes_alone(self) -> None:
        client = connected(capabilities="PIPELINING,STLS")
        client.tls = False
        client.send(Capa())
        with pytest.raises(LocalProtocolError, match="before STLS"):
            client.send(Stls())

    def test_limit(self) -> None:
        client = connected(capabilities="PIPELINING", limits=SMALL)
        for _ in range(3):
            client.send(Capa())
        with pytest.raises(LocalProtocolError, match="in flight"):
            client.send(Capa())

    def test_the_next_command_may_go_out_within_an_answer(self) -> None:
        client = connected(capabilities="PIPELINING")
        client.send(User("a"))
        client.send(Pass("b"))
        client.send(Capa())
        hear(client, b"+OK\r\n+OK\r\n+OK\r\nPIPELINING\r\n.\r\n")
        client.send(Retr(1))
        hear(client, b"+OK\r\nfirst ha")
        client.send(Retr(2))
        assert client.in_flight == (Retr(1), Retr(2))
        events = hear(client, b"lf\r\n.\r\n+OK\r\nsecond\r\n.\r\n")
        assert [e for e in events if isinstance(e, MessageData)] == [
            MessageData(b"lf\r\n"),
            MessageData(b"second\r\n"),
        ]


class Steps(sasl.ClientMechanism):
    """Answers so many challenges with what they say, and is complete after them."""

    name = "STEPS"
    plaintext = False

    def __init__(self, steps: int, first: bytes | None = None) -> None:
        self.steps = steps
        self.first = first

    @property
    def complete(self) -> bool:
        return self.steps == 0

    def initial_response(self) -> bytes | None:
        return self.first

    def step(self, challenge: bytes) -> bytes:
        if challenge == b"bad":
            raise sasl.SaslError("bad challenge")
        self.steps -= 1
        return challenge


class TestAuth:
    def test_initial_response(self) -> None:
        client = connected(capabilities="SASL PLAIN")
        client.authenticate(sasl.Plain("test", "test", "test"))
        assert client.data_to_send() == b"AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=\r\n"
        [event] = hear(client, b"+OK Maildrop locked and ready\r\n")
        assert event.command == Auth("PLAIN", b"test\0test\0test")
        assert client.state is State.TRANSACTION
        assert client.authenticated
        assert client.capabilities is None

    def test_empty_initial_response(self) -> None:
        client = connected(capabilities="SASL EXTERNAL")
        client.authenticate(sasl.External())
        assert client.data_to_send() == b"AUTH EXTERNAL =\r\n"

    @pytest.mark.parametrize("capabilities", ["", "TOP"])
    def test_no_initial_response_without_sasl(self, capabilities: str) -> None:
        client = connected(capabilities=capabilities)
        with pytest.raises(LocalProtocolError):
            client.send(Auth("PLAIN", b"x"))
        client.authenticate(sasl.Plain("u", "p"))
        assert client.data_to_send() == b"AUTH PLAIN\r\n"
        assert hear(client, b"+ \r\n") == []
        assert client.data_to_send() == b"AHUAcA==\r\n"
        [event] = hear(client, b"+OK\r\n")
        assert event.response.ok

    def test_long_initial_response_waits(self) -> None:
        client = connected(capabilities="SASL PLAIN")
        client.authenticate(sasl.Plain("u", "p" * 200))
        assert client.data_to_send() == b"AUTH PLAIN\r\n"
        hear(client, b"+ \r\n")
        assert len(client.data_to_send()) > 255

    def test_longest_initial_response(self) -> None:
        client = connected(capabilities="SASL STEPS")
        client.authenticate(Steps(0, b"x" * 180))
        assert len(client.data_to_send()) == len("AUTH STEPS \r\n") + 240
        client = connected(capabilities="SASL STEPS")
        client.authenticate(Steps(0, b"x" * 183))
        assert client.data_to_send() == b"AUTH STEPS\r\n"

    def test_not_offered(self) -> None:
        with pytest.raises(LocalProtocolError, match="CRAM-MD5"):
            connected(capabilities="SASL CRAM-MD5").authenticate(sasl.Plain("u", "p"))
        with pytest.raises(LocalProtocolError, match="nothing"):
            connected(capabilities="SASL").authenticate(sasl.Plain("u", "p"))

    @cuts
    def test_challenges(self, cut: Any) -> None:
        client = connected(capabilities="SASL STEPS")
        client.authenticate(Steps(2))
        client.data_to_send()
        outcome = listen(cut(b"+ YWJj\r\n+ \r\n+OK hi\r\n"), client)
        assert outcome.output == b"YWJj\r\n\r\n"
        assert outcome.events[0] == ResponseReceived(Auth("STEPS"), Response(True, "hi"))

    @pytest.mark.parametrize("challenge", [b"+ YmFk\r\n", b"+ !\r\n", b"+ \xff\r\n", b"+ A\r\n"])
    def test_cancelled(self, challenge: bytes) -> None:
        client = connected(capabilities="SASL STEPS")
        client.authenticate(Steps(2))
        client.data_to_send()
        assert hear(client, challenge) == []
        assert client.data_to_send() == b"*\r\n"
        [event] = hear(client, b"-ERR cancelled\r\n")
        assert isinstance(event.error, sasl.SaslError)
        assert client.state is State.AUTHORIZATION
        client.send(Quit())

    @pytest.mark.parametrize("answer", [b"+ YWJj\r\n", b"+OK\r\n", b"+OK hi there\r\n"])
    def test_cancelled_in_vain(self, answer: bytes) -> None:
        client = connected(capabilities="SASL STEPS")
        client.authenticate(Steps(2))
        hear(client, b"+ YmFk\r\n")
        client.receive_data(answer)
        with pytest.raises(RemoteProtocolError):
            client.next_event()

    def test_a_challenge_where_the_first_response_was_due(self) -> None:
        client = connected()
        client.authenticate(sasl.Plain("u", "p"))
        client.data_to_send()
        hear(client, b"+ YWJj\r\n")
        assert client.data_to_send() == b"*\r\n"

    def test_success_too_early(self) -> None:
        client = connected(capabilities="SASL SCRAM-SHA-256")
        client.authenticate(sasl.ScramSha256("u", "p"))
        client.receive_data(b"+OK welcome, whoever you are\r\n")
        with pytest.raises(RemoteProtocolError, match="did not prove"):
            client.next_event()

    def test_ok_for_a_challenge(self) -> None:
        """Quirk 52: +OK where + is due."""
        client = connected()
        client.authenticate(sasl.Login("u", "p"))
        client.data_to_send()
        hear(client, b"+OK\r\n")
        hear(client, b"+OK UGFzc3dvcmQ6\r\n")
        assert client.data_to_send() == b"dQ==\r\ncA==\r\n"
        [event] = hear(client, b"+OK\r\n")
        assert client.authenticated
        assert [d.what for d in event.response.defects] == ["+OK instead of a challenge"] * 2

    def test_ok_for_a_challenge_proves_nothing(self) -> None:
        client = connected(capabilities="SASL SCRAM-SHA-256")
        client.authenticate(sasl.ScramSha256("u", "p"))
        client.data_to_send()
        hear(client, b"+OK\r\n")
        assert client.data_to_send() == b"*\r\n"
        assert not client.authenticated

    @pytest.mark.parametrize("answer", [b"+OK\r\n", b"+\r\n", b"+YWJj\r\n"])
    def test_strict(self, answer: bytes) -> None:
        client = connected(capabilities="SASL STEPS", strict=True)
        client.authenticate(Steps(2))
        client.receive_data(answer)
        with pytest.raises(RemoteProtocolError):
            client.next_event()

    def test_no_space_behind_plus(self) -> None:
        client = connected(capabilities="SASL STEPS")
        client.authenticate(Steps(1))
        client.data_to_send()
        hear(client, b"+\r\n")
        assert client.data_to_send() == b"\r\n"
        [event] = hear(client, b"+OK\r\n")
        assert event.response.defects[0].what == "no space after +"

    def test_refused_at_once(self) -> None:
        client = connected(capabilities="SASL STEPS")
        client.authenticate(Steps(2))
        [event] = hear(client, b"-ERR [AUTH] no\r\n")
        assert event.error is None
        assert client.state is State.AUTHORIZATION
        client.authenticate(Steps(2))

    def test_behind_other_commands(self) -> None:
        """What answers those is not taken for the server's part of the exchange."""
        client = connected(capabilities="SASL STEPS,PIPELINING,USER")
        client.send(User("ann"))
        client.authenticate(Steps(1))
        client.data_to_send()
        assert hear(client, b"+OK\r\n") == [ResponseReceived(User("ann"), Response(True))]
        assert client.data_to_send() == b""
        hear(client, b"+ YWJj\r\n")
        assert client.data_to_send() == b"YWJj\r\n"
        [event] = hear(client, b"+OK\r\n")
        assert event.command == Auth("STEPS")
        assert client.authenticated

    def test_a_challenge_to_the_command_before_it(self) -> None:
        client = connected(capabilities="SASL STEPS,PIPELINING,USER")
        client.send(User("ann"))
        client.authenticate(Steps(1))
        client.receive_data(b"+ YWJj\r\n")
        with pytest.raises(RemoteProtocolError, match="a challenge to USER"):
            client.next_event()

    def test_by_hand(self) -> None:
        client = connected(capabilities="SASL PLAIN")
        with pytest.raises(LocalProtocolError):
            client.send(AuthResponse(b"x"))
        client.send(Auth("PLAIN"))
        assert hear(client, b"+ \r\n") == [Challenge(b"")]
        assert client.state is State.AUTHENTICATING
        with pytest.raises(LocalProtocolError):
            client.send(Capa())
        client.send(AuthResponse(b"x"))
        assert hear(client, b"+ YQ==\r\n") == [Challenge(b"a")]
        client.send(AuthResponse(None))
        assert client.data_to_send() == b"AUTH PLAIN\r\neA==\r\n*\r\n"
        hear(client, b"-ERR no\r\n")
        client.send(Auth("PLAIN"))
        hear(client, b"+ \r\n")
        client.send(AuthResponse(b"x"))
        hear(client, b"+OK\r\n")
        assert client.authenticated

    def test_long_challenges(self) -> None:
        client = connected(capabilities="SASL STEPS", limits=SMALL)
        client.authenticate(Steps(2))
        client.receive_data(b"+ " + b"A" * 28)
        with pytest.raises(LimitExceeded) as caught:
            client.next_event()
        assert caught.value.name == "auth_line"

    def test_a_challenge_to_another_command(self) -> None:
        client = connected()
        client.send(Capa())
        client.receive_data(b"+ \r\n")
        with pytest.raises(RemoteProtocolError, match="a challenge to CAPA"):
            client.next_event()


class TestStls:
    def start(self, answer: bytes = b"+OK Begin TLS negotiation\r\n") -> tuple[Any, list[Any]]:
        client = ClientConnection()
        hear(client, b"+OK <a@b>\r\n")
        client.send(Capa())
        hear(client, b"+OK\r\nSTLS\r\nPIPELINING\r\n.\r\n")
        client.send(Stls())
        client.data_to_send()
        client.receive_data(answer)
        return client, [client.next_event(), client.next_event()]

    def test_upgrade(self) -> None:
        client, events = self.start()
        assert events[1] == UpgradeToTls()
        assert client.state is State.TLS
        with pytest.raises(LocalProtocolError):
            client.send(Capa())
        client.tls_established([sasl.ChannelBinding("tls-exporter", b"x")])
        assert client.tls
        assert client.capabilities is None
        assert client.timestamp is None
        assert client.channel_bindings[0].data == b"x"
        with pytest.raises(LocalProtocolError, match="TLS already"):
            client.send(Stls())

    def test_refused(self) -> None:
        client, events = self.start(b"-ERR no\r\n")
        assert events[1] is None
        assert client.state is State.AUTHORIZATION
        with pytest.raises(LocalProtocolError):
            client.tls_established()

    def test_injected_at_once(self) -> None:
        client = ClientConnection()
        hear(client, b"+OK\r\n")
        client.send(Stls())
        client.receive_data(b"+OK\r\n+OK injected\r\n")
        assert isinstance(client.next_event(), ResponseReceived)
        for _ in range(2):
            with pytest.raises(RemoteProtocolError, match="CVE-2021-38371"):
                client.next_event()

    def test_consent_before_the_command(self) -> None:
        """CVE-2026-42246: what came before the command is no answer to it."""
        client = ClientConnection()
        hear(client, b"+OK\r\n")
        client.receive_data(b"+OK Begin TLS\r\n")
        with pytest.raises(LocalProtocolError):
            client.send(Stls())
        assert client.data_to_send() == b""
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            client.next_event()

    @pytest.mark.parametrize("line", [b"+OK Begin TLS\r\n", b"+ \r\n"])
    def test_consent_in_part_before_the_command(self, line: bytes) -> None:
        client = ClientConnection()
        hear(client, b"+OK\r\n")
        client.receive_data(line[:2])
        client.send(Stls())
        client.receive_data(line[2:])
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            client.next_event()

    def test_junk_in_part_before_the_command(self) -> None:
        client = logged_in()
        client.receive_data(b"wh")
        client.send(Noop())
        events = hear(client, b"at?\r\n+OK\r\n")
        assert events == [InvalidResponse(b"what?"), ResponseReceived(Noop(), Response(True))]

    def test_farewell_in_part_before_the_command(self) -> None:
        client = logged_in()
        client.receive_data(b"-ERR ")
        client.send(Noop())
        events = hear(client, b"idle\r\n+OK\r\n")
        assert events == [
            UnsolicitedResponse(Response(False, "idle")),
            ResponseReceived(Noop(), Response(True)),
        ]

    def test_injected_later(self) -> None:
        client, _ = self.start()
        client.receive_data(b"+")
        with pytest.raises(RemoteProtocolError, match="CVE-2021-38371"):
            client.tls_established()

    def test_injected_before_the_next_event(self) -> None:
        client, _ = self.start()
        client.receive_data(b"+")
        with pytest.raises(RemoteProtocolError, match="CVE-2021-38371"):
            client.next_event()


class TestEnd:
    def test_quit(self) -> None:
        client = logged_in(Quit())
        assert hear(client, b"+OK bye\r\n") == [
            ResponseReceived(Quit(), Response(True, "bye")),
            ConnectionClosed(),
        ]
        assert client.state is State.CLOSED

    def test_quit_refused_is_over_too(self) -> None:
        client = logged_in(Quit())
        events = hear(client, b"-ERR some deleted messages not removed\r\n")
        assert not events[0].response.ok
        assert events[1] == ConnectionClosed()

    def test_eof_instead_of_an_answer_to_quit(self) -> None:
        assert hear_eof(logged_in(Quit())) == [ConnectionClosed(True, (Quit(),))]

    def test_eof_with_commands_in_flight(self) -> None:
        client = logged_in(Noop())
        events = hear(client, b"+O")
        assert events == []
        assert hear_eof(client) == [ConnectionClosed(False, (Noop(),))]

    def test_farewell(self) -> None:
        client = logged_in()
        response = Response(False, "idle for too long", ResponseCode.SYS_TEMP)
        events = hear(client, b"-ERR [SYS/TEMP] idle for too long\r\n")
        assert events == [UnsolicitedResponse(response)]
        assert client.said_goodbye
        assert hear_eof(client) == [ConnectionClosed(True, (), response)]

    @pytest.mark.parametrize("line", [b"+OK\r\n", b"+ \r\n"])
    def test_an_answer_that_nothing_asked_for(self, line: bytes) -> None:
        client = logged_in()
        client.receive_data(line)
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            client.next_event()
        assert client.state is State.ERROR
        client.receive_data(b"+OK\r\n")
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            client.next_event()
        with pytest.raises(LocalProtocolError):
            client.send(Noop())

    def test_junk_answers_nothing(self) -> None:
        client = logged_in(Noop())
        assert hear(client, b"what?\r\n+OK\r\n") == [
            InvalidResponse(b"what?"),
            ResponseReceived(Noop(), Response(True)),
        ]

    def test_too_much_junk(self) -> None:
        outcome = listen([b"x\r\n" * 9], logged_in(Noop(), limits=SMALL))
        assert outcome.limit == "errors"
        assert outcome.events == [InvalidResponse(b"x")] * 4

    @cuts
    @pytest.mark.parametrize(("size", "fits"), [(28, True), (29, False)])
    def test_long_lines(self, cut: Any, size: int, fits: bool) -> None:
        client = logged_in(Noop(), limits=SMALL)
        outcome = listen(cut(b"+OK " + b"x" * (size - 4) + b"\r\n"), client)
        assert (outcome.limit == "") is fits

    def test_timeout(self) -> None:
        assert ClientConnection().timeout == 300

    def test_out_of_order(self) -> None:
        client = logged_in()
        for command in (User("x"), Stls(), Utf8(), Auth("PLAIN"), Apop("x", "0" * 32)):
            with pytest.raises(LocalProtocolError):
                client.send(command)


class TestTrace:
    def test_secrets_are_redacted(self) -> None:
        from mailproto.pop3 import TraceLine

        lines: list[TraceLine] = []
        client = ClientConnection(tls=True, trace=lines.append)
        hear(client, b"+OK <a@b>\r\n")
        client.send(User("ann"))
        hear(client, b"+OK\r\n")
        client.send(Pass("secret"))
        hear(client, b"-ERR\r\n")
        client.send(Apop("ann", "5ec7e7" + "0" * 26))
        hear(client, b"-ERR\r\n")
        client.authenticate(sasl.Plain("ann", "secret"))
        hear(client, b"+ \r\n+OK\r\n")
        client.send(Retr(1))
        hear(client, b"+OK\r\nsecret\r\n.\r\n")
        client.send(Quit())
        text = [f"{line.sender}: {line.text}" for line in lines]
        assert text == [
            "S: +OK <a@b>",
            "C: USER ann",
            "S: +OK",
            "C: PASS [redacted]",
            "S: -ERR",
            "C: APOP ann [redacted]",
            "S: -ERR",
            "C: AUTH PLAIN",
            "S: + ",
            "C: [redacted]",
            "S: +OK",
            "C: RETR 1",
            "S: +OK",
            "S: [8 octets of the message]",
            "C: QUIT",
        ]

    def test_values_do_not_show_secrets(self) -> None:
        assert "secret" not in repr([Pass("secret"), Auth("PLAIN", b"secret")])
        assert "secret" not in repr([AuthResponse(b"secret"), Apop("ann", "secret")])
