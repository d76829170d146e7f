"""A client core and a server core that talk in every order that the protocol leaves open.

Hypothesis chooses what the client sends, how far bytes travel, when the server answers, what
it refuses, and where the connection breaks.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from mailproto import sasl
from mailproto.errors import LocalProtocolError
from mailproto.smtp import (
    Auth,
    AuthResponse,
    Bdat,
    Burl,
    ClientConnection,
    Command,
    ConnectionClosed,
    Data,
    Ehlo,
    EndOfChunk,
    EndOfMessage,
    Etrn,
    Expn,
    Greeting,
    Helo,
    Help,
    InvalidCommand,
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
    SmtpLimits,
    StartTls,
    State,
    UnknownCommand,
    UnsolicitedReply,
    UpgradeToTls,
    Vrfy,
    Xclient,
    Xforward,
    encode_command,
)
from mailproto.testing import Pair

from .drive import ALL_EXTENSIONS

PATIENT = SmtpLimits(
    message_size=None, errors=10**6, commands_before_auth=10**6, auth_failures=10**6, recipients=4
)
PATHS = ("a@b.example", "c@d.example", "c@d.example", "postmaster")
OTHERS: tuple[Command, ...] = (
    *(Rset(), Noop(), Noop("x"), Vrfy("ann"), Expn("list"), Help(), Etrn("a.example")),
    *(UnknownCommand("XFOO", "bar"), Helo("h.example"), Xforward((("NAME", "n"),))),
    *(Xclient((("NAME", "n"),)), Burl("imap://x/y"), Burl("imap://x/y", True), StartTls()),
)
MECHANISMS: tuple[type[Any], ...] = (sasl.Plain, sasl.Login, sasl.CramMd5)
# What a server says instead of the ordinary reply, by kind of event.
POSITIVE = {
    Expn: Reply(250, "ann"),
    Etrn: Reply(250, "OK"),
    Burl: Reply(250, "OK"),
    Xclient: Reply(220, "again"),
    Xforward: Reply(250, "OK"),
    UnknownCommand: Reply(250, "OK"),
    AuthResponse: Reply(235, "welcome"),
}

bodies = st.lists(
    st.sampled_from((b"a", b".", b"\r", b"\n", b"\r\n", b"\r\n.\r\n", b"\xff", b"\0")), max_size=6
).map(b"".join)
verdicts = st.sampled_from(("accept", "accept", "accept", "refuse", "try later"))


class Sent:
    """Something that the client sent and that gets a reply, with the octets that follow it."""

    def __init__(self, command: Command | EndOfMessage, mechanism: Any = None) -> None:
        self.command = command
        self.mechanism = mechanism
        self.body = b""


class Answer(NamedTuple):
    command: Command | EndOfMessage
    code: int
    text: str
    recipient: str | None


class Conversation(RuleBasedStateMachine):
    """Both cores, the bytes on their way, and what a bystander knows of the session."""

    @initialize(lmtp=st.booleans(), pipelining=st.booleans())
    def begin(self, lmtp: bool, pipelining: bool) -> None:
        self.connect(lmtp, pipelining)

    def connect(self, lmtp: bool, pipelining: bool) -> None:
        offered = ALL_EXTENSIONS.with_lines("AUTH PLAIN LOGIN CRAM-MD5 EXTERNAL")
        if not pipelining:
            offered = offered.without("PIPELINING")
        self.client = ClientConnection(lmtp=lmtp, limits=PATIENT)
        self.server = ServerConnection("s.example", offered, lmtp=lmtp, limits=PATIENT)
        self.hello: Command = Lhlo("c.example") if lmtp else Ehlo("c.example")
        self.to_server = bytearray()
        self.to_client = bytearray()
        self.sent: list[Sent] = []
        self.served = 0
        """How many of ``sent`` the server has seen."""
        self.answering: tuple[Sent, ServerEvent] | None = None
        self.answers: list[Answer] = []
        self.heard = 0
        """How many of ``answers`` the client has heard."""
        self.exchange: Sent | None = None
        self.chunk: Sent | None = None
        self.received = self.expected = b""
        """The body as the server got it, and as the client sent it."""
        self.accepted: list[str] = []
        self.body_of_data = b""
        self.over = False
        self.server.send(Reply(220, "ready"))
        self.collect()
        self.settle_all()
        self.client_sends(self.hello)
        self.settle_all()

    # --- the client ---

    def client_sends(self, item: Command | EndOfMessage, mechanism: Any = None) -> bool:
        """Send it if the core lets us; if not, nothing may have changed."""
        before = (self.client.state, self.client.in_flight, bytes(self.to_server))
        try:
            if mechanism is not None:
                self.client.authenticate(mechanism, allow_plaintext=True)
            else:
                self.client.send(item)
        except LocalProtocolError:
            self.collect()
            assert (self.client.state, self.client.in_flight, bytes(self.to_server)) == before
            return False
        self.sent.append(Sent(item, mechanism))
        self.collect()
        return True

    def collect(self) -> None:
        """Put what the cores want to send on the wires."""
        self.to_server += self.client.data_to_send()
        self.to_client += self.server.data_to_send()

    @precondition(lambda self: not self.over)
    @rule(command=st.sampled_from(OTHERS))
    def other_command(self, command: Command) -> None:
        self.client_sends(command)

    @precondition(lambda self: not self.over)
    @rule()
    def hello_again(self) -> None:
        self.client_sends(self.hello)

    @precondition(lambda self: not self.over)
    @rule(
        body=st.sampled_from((None, "8BITMIME", "BINARYMIME")),
        recipients=st.lists(st.sampled_from(PATHS), max_size=5),
        then=st.sampled_from(("data", "chunks", "nothing")),
        waits=st.booleans(),
        chunks=st.lists(bodies, min_size=1, max_size=3),
    )
    def transaction(
        self, body: Any, recipients: list[str], then: str, waits: bool, chunks: Sequence[bytes]
    ) -> None:
        """A group of commands, at once or as the core lets them go."""
        commands = [Mail("s@x.example", body=body), *map(Rcpt, recipients)]
        for command in [*commands, Data()] if then == "data" else commands:
            if waits and not self.client.may_pipeline():
                self.settle([])
            self.client_sends(command)
        if waits and not self.client.may_pipeline():
            self.settle([])
        if then == "chunks":
            for number, chunk in enumerate(chunks, 1):
                self.send_chunk(chunk, number == len(chunks))

    @precondition(lambda self: not self.over)
    @rule(
        recipients=st.lists(st.sampled_from(PATHS), min_size=1, max_size=3),
        verdicts=st.lists(verdicts, max_size=8),
        body=bodies,
    )
    def message(self, recipients: list[str], verdicts: list[str], body: bytes) -> None:
        """A whole message through DATA; its last replies are still to come in the end."""
        self.settle_all()
        for command in (Mail("s@x.example"), *map(Rcpt, recipients), Data()):
            if not self.client.may_pipeline():
                self.settle(verdicts)
            self.client_sends(command)
        self.settle(verdicts)
        if self.client.sending_body:
            self.send_body([body], True)

    @precondition(lambda self: not self.over)
    @rule(recipient=st.sampled_from(PATHS))
    def rcpt(self, recipient: str) -> None:
        self.client_sends(Rcpt(recipient))

    @precondition(lambda self: not self.over)
    @rule()
    def data(self) -> None:
        self.client_sends(Data())

    @precondition(lambda self: not self.over)
    @rule(chunk=bodies, last=st.booleans())
    def send_chunk(self, chunk: bytes, last: bool) -> None:
        if self.client_sends(Bdat(len(chunk), last)):
            self.sent[-1].body = chunk
            for piece in (chunk[:1], chunk[1:]):
                if piece:
                    self.client.send(MessageData(piece))
            self.collect()

    @precondition(lambda self: not self.over and self.client.sending_body)
    @rule(pieces=st.lists(bodies, max_size=3), end=st.booleans())
    def send_body(self, pieces: list[bytes], end: bool) -> None:
        for piece in pieces:
            self.client.send(MessageData(piece))
            self.body_of_data += piece
        self.collect()
        if end:
            assert self.client_sends(EndOfMessage())
            self.sent[-1].body = normalised(self.body_of_data)
            self.body_of_data = b""

    @precondition(lambda self: not self.over)
    @rule(mechanism=st.sampled_from(MECHANISMS), password=st.sampled_from(("secret", "wrong")))
    def authenticate(self, mechanism: type[Any], password: str) -> None:
        made = mechanism("ann", password)
        command = Auth(made.name, made.initial_response())
        self.client_sends(command, mechanism("ann", password))

    @precondition(lambda self: not self.over)
    @rule(response=st.sampled_from((None, b"", b"=")))
    def authenticate_by_hand(self, response: bytes | None) -> None:
        if self.client.state is State.AUTHENTICATING:
            self.client_sends(AuthResponse(response))
        else:
            self.client_sends(Auth("EXTERNAL", response))

    # --- the wires ---

    @precondition(lambda self: not self.over and self.to_server)
    @rule(count=st.integers(1, 60))
    def bytes_to_server(self, count: int) -> None:
        chunk = bytes(self.to_server[:count])
        del self.to_server[:count]
        self.server.receive_data(chunk)
        self.run_server()

    @precondition(lambda self: not self.over and self.to_client)
    @rule(count=st.integers(1, 60))
    def bytes_to_client(self, count: int) -> None:
        chunk = bytes(self.to_client[:count])
        del self.to_client[:count]
        self.client.receive_data(chunk)
        self.run_client()

    # --- the server ---

    def run_server(self) -> None:
        """Look at the server's events until it owes a reply or needs more bytes."""
        while self.answering is None and not self.over:
            event = self.server.next_event()
            self.collect()  # a SASL mechanism answers without an event
            if event is None or isinstance(event, ConnectionClosed):
                return
            self.note(event)

    def note(self, event: ServerEvent) -> None:
        """Compare an event with what the client sent; remember whom its reply goes to."""
        match event:
            case UpgradeToTls():
                pass  # the handshake takes place when the client is there too
            case MessageData():
                self.received += event.data
            case sasl.CheckPassword():
                self.server.answer(event.password == "secret")
            case sasl.LookupPassword():
                self.server.answer("secret")
            case EndOfChunk() | EndOfMessage():
                sent, self.chunk = self.chunk or self.next_sent(), None
                if isinstance(sent.command, EndOfMessage):
                    self.expected = sent.body
                assert event.refusal is None
                assert self.received == self.expected
                self.answering = (sent, event)
            case _:
                self.note_command(event)
        self.collect()

    def note_command(self, event: ServerEvent) -> None:
        if self.exchange is not None:
            self.answering = (self.exchange, event)
            self.exchange = None
            return
        sent = self.next_sent()
        if isinstance(event, InvalidCommand):
            assert isinstance(sent.command, Command)
            assert encode_command(sent.command).startswith(event.line[:4])
        else:
            assert event == sent.command
        if isinstance(event, Bdat):
            self.chunk = sent
            self.expected += sent.body
        elif isinstance(event, Auth) and sent.mechanism is not None:
            mechanism = sasl.server_mechanism(event.mechanism)
            assert mechanism is not None
            self.exchange = sent
            self.server.authenticate(mechanism)
        else:
            self.answering = (sent, event)

    def next_sent(self) -> Sent:
        self.served += 1
        return self.sent[self.served - 1]

    @precondition(lambda self: not self.over and self.answering is not None)
    @rule(verdict=verdicts)
    def answer(self, verdict: str) -> None:
        assert self.answering is not None
        sent, event = self.answering
        self.answering = None
        reply = self.choose(event, verdict)
        recipient = None
        if self.server.lmtp and (
            isinstance(event, EndOfMessage) or (isinstance(event, Burl) and event.last)
        ):
            recipient = self.accepted[0]
            self.accepted = self.accepted[1:]
        self.server.send(reply)
        self.answers.append(Answer(sent.command, reply.code, reply.text, recipient))
        self.collect()
        if self.server.reply_owed:
            self.answering = (sent, event)
            return
        if isinstance(event, Mail) and reply.is_positive:
            self.accepted = []
            self.received = self.expected = b""
        elif isinstance(event, Rcpt) and reply.is_positive:
            self.accepted.append(event.forward_path)
        self.run_server()

    def choose(self, event: ServerEvent, verdict: str) -> Reply:
        if isinstance(event, InvalidCommand | sasl.Authenticated | sasl.Rejected):
            return self.server.default_reply(event)
        if verdict == "refuse":
            return Reply(550, f"no, for the {len(self.answers)}th time")
        if verdict == "try later":
            return Reply(450, f"later, for the {len(self.answers)}th time")
        if isinstance(event, Auth | AuthResponse):
            return Reply(334, "") if len(self.answers) % 2 else Reply(235, "welcome")
        return POSITIVE.get(type(event)) or self.server.default_reply(event)

    # --- the client hears ---

    def run_client(self) -> list[Any]:
        """Compare what the client hears with what the server said; returns the other events."""
        others: list[Any] = []
        while (event := self.client.next_event()) is not None:
            match event:
                case ReplyReceived() if event.reply.code != 421:
                    heard = Answer(
                        event.command, event.reply.code, event.reply.text, event.recipient
                    )
                    assert heard == self.answers[self.heard]
                    self.heard += 1
                case UpgradeToTls():
                    self.client.tls_established()
                    self.server.tls_established()
                case Greeting():
                    pass
                case ConnectionClosed():
                    return [*others, event]
                case _:
                    others.append(event)
        self.collect()
        return others

    # --- all at rest ---

    @precondition(lambda self: not self.over)
    @rule()
    def settle_all(self) -> None:
        """Let everything arrive and be answered; then both sides have to agree."""
        self.settle([])
        assert self.client.in_flight == ()
        assert self.heard == len(self.answers)
        assert self.served == len(self.sent)
        assert self.client.state is self.server.state
        assert self.client.tls is self.server.tls
        if self.client.state is not State.AUTHENTICATING:
            assert self.client.authenticated is (self.server.user is not None)

    @precondition(lambda self: not self.over)
    @rule(verdicts=st.lists(verdicts, min_size=1, max_size=8))
    def settle(self, verdicts: list[str]) -> None:
        """Let everything arrive and be answered, with ``verdicts`` as long as there are any."""
        while self.to_server or self.to_client or self.answering is not None:
            if self.answering is not None:
                self.answer(verdicts.pop(0) if verdicts else "accept")
            self.move_all()

    def move_all(self) -> None:
        to_server, to_client = bytes(self.to_server), bytes(self.to_client)
        self.to_server.clear()
        self.to_client.clear()
        self.server.receive_data(to_server)
        self.run_server()
        self.client.receive_data(to_client)
        assert self.run_client() == []

    # --- the end ---

    @property
    def may_end(self) -> bool:
        """Whether something has happened, so that an end is interesting."""
        return not self.over and len(self.sent) > 5

    @precondition(lambda self: self.may_end)
    @rule()
    def quit(self) -> None:
        if not self.client_sends(Quit()):
            return
        while self.client.state is not State.CLOSED:
            if self.answering is not None:
                self.answer("accept")
            self.server.receive_data(bytes(self.to_server))
            self.to_server.clear()
            self.run_server()
            self.client.receive_data(bytes(self.to_client))
            self.to_client.clear()
            self.run_client()
        assert self.client.next_event() == ConnectionClosed()
        assert self.server.next_event() == ConnectionClosed()
        self.over = True

    @precondition(lambda self: self.may_end)
    @rule(arrived=st.booleans())
    def client_vanishes(self, arrived: bool) -> None:
        """The server gets what was on its way, or half of it, and then the end."""
        data = bytes(self.to_server)
        self.server.receive_data(data if arrived else data[: len(data) // 2])
        self.server.receive_eof()
        while True:
            if self.answering is not None:
                self.answer("accept")
            self.run_server()
            if self.answering is None:
                break
        assert isinstance(self.server.next_event(), ConnectionClosed)
        assert self.server.state is State.CLOSED
        self.over = True

    @precondition(lambda self: self.may_end)
    @rule(arrived=st.booleans(), says_421=st.booleans())
    def server_vanishes(self, arrived: bool, says_421: bool) -> None:
        """The client gets what was on its way, or half of it, perhaps a 421, and then the end."""
        if says_421 and (self.answering is not None or self.server.state is not State.TLS):
            self.server.send(Reply(421, "going down"))
            self.collect()
        data = bytes(self.to_client)
        whole = arrived or not data
        self.client.receive_data(data if whole else data[: len(data) // 2])
        in_flight = len(self.client.in_flight)
        self.client.receive_eof()
        *others, closed = self.run_client()
        assert isinstance(closed, ConnectionClosed)
        assert self.client.state is State.CLOSED
        assert closed.unanswered == self.client.in_flight
        assert len(closed.unanswered) <= in_flight
        if whole and says_421:
            assert closed.reply is None or closed.reply.code == 421
            assert all(
                isinstance(event, ReplyReceived | UnsolicitedReply) and event.reply.code == 421
                for event in others
            )
        self.over = True

    @precondition(lambda self: self.over)
    @rule(lmtp=st.booleans(), pipelining=st.booleans())
    def connect_again(self, lmtp: bool, pipelining: bool) -> None:
        self.connect(lmtp, pipelining)

    # --- always ---

    @invariant()
    def nothing_is_heard_before_it_is_said(self) -> None:
        if hasattr(self, "server"):
            assert self.heard <= len(self.answers)
            assert self.served <= len(self.sent)

    def teardown(self) -> None:
        if hasattr(self, "server") and not self.over:
            self.settle_all()


def normalised(text: bytes) -> bytes:
    """Return ``text`` as DATA carries it: CRLF at each line's end, the last one included."""
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return text if not text or text.endswith(b"\r\n") else text + b"\r\n"


TestConversation = Conversation.TestCase
# Many short runs find more than a few long ones.
TestConversation.settings = settings(max_examples=3 * settings().max_examples)


class TestFound:
    """What the machine found, once more without chance."""

    def test_xclient_makes_the_client_forget(self) -> None:
        pair = Pair(server=ServerConnection(extensions=ALL_EXTENSIONS), serve=serve_all)
        pair.send(Ehlo("c.example"), Auth("EXTERNAL", b""))
        assert pair.client.authenticated
        pair.send(Xclient((("NAME", "n"),)))
        assert not pair.client.authenticated
        assert not len(pair.client.extensions)
        assert pair.client.state is pair.server.state is State.INITIAL

    def test_burl_last_ends_a_message_over_lmtp(self) -> None:
        pair = Pair(
            ClientConnection(lmtp=True),
            ServerConnection(extensions=ALL_EXTENSIONS, lmtp=True),
            serve=serve_all,
        )
        pair.send(Lhlo("c.example"), Mail("s@x.example"), Rcpt(PATHS[0]), Rcpt(PATHS[1]))
        events = pair.send(Burl("imap://x/y", True))
        assert [e.recipient for e in events if isinstance(e, ReplyReceived)] == list(PATHS[:2])
        assert not pair.client.in_flight

    def test_a_chunk_refused_over_lmtp_leaves_one_reply_for_the_last(self) -> None:
        def serve(server: ServerConnection, event: ServerEvent) -> Reply:
            return Reply(452, "full") if type(event) is EndOfChunk else serve_all(server, event)

        pair = Pair(
            ClientConnection(lmtp=True),
            ServerConnection(extensions=ALL_EXTENSIONS, lmtp=True),
            serve=serve,
        )
        pair.send(Lhlo("c.example"), Mail("s@x.example"), Rcpt(PATHS[0]), Rcpt(PATHS[1]))
        for item in (Bdat(1), MessageData(b"x"), Bdat(1, True), MessageData(b"y")):
            pair.client.send(item)
        pair.run()
        heard = [e for e in pair.client_events if isinstance(e, ReplyReceived)][-2:]
        assert [(e.command, e.reply.code, e.recipient) for e in heard] == [
            (Bdat(1), 452, None),
            (Bdat(1, True), 503, None),
        ]
        assert not pair.client.in_flight

    def test_bdat_without_recipients_leaves_the_transaction_open(self) -> None:
        def serve(server: ServerConnection, event: ServerEvent) -> Reply:
            return Reply(550, "no") if event == Rcpt(PATHS[0]) else serve_all(server, event)

        pair = Pair(server=ServerConnection(extensions=ALL_EXTENSIONS), serve=serve)
        pair.send(Ehlo("c.example"))
        for item in (Mail("s@x.example"), Rcpt(PATHS[0]), Bdat(1, True), MessageData(b"x")):
            pair.client.send(item)
        pair.run()
        assert pair.client.state is pair.server.state is State.MAIL
        pair.send(Rcpt(PATHS[1]), Bdat(1, True), MessageData(b"x"))
        assert pair.replies[-1].is_positive


def serve_all(server: ServerConnection, event: ServerEvent) -> Reply:
    """Accept whatever can be accepted."""
    if isinstance(event, Auth):
        return Reply(235, "welcome")
    return POSITIVE.get(type(event)) or server.default_reply(event)
