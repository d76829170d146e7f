"""A client core and a server core that talk in every order that the protocol leaves open.

Hypothesis chooses what the client sends, how far bytes travel, when the server answers, what
it refuses, and where the connection breaks.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailproto import sasl
from mailproto.errors import LocalProtocolError
from mailproto.pop3 import (
    Apop,
    Auth,
    AuthResponse,
    Capa,
    Challenge,
    ClientConnection,
    Command,
    ConnectionClosed,
    Dele,
    EndOfListing,
    EndOfMessage,
    Greeting,
    InvalidCommand,
    Lang,
    List,
    MessageData,
    Noop,
    Pass,
    Pop3Limits,
    Quit,
    Response,
    ResponseReceived,
    Retr,
    Rset,
    ScanListings,
    ServerConnection,
    Stat,
    State,
    Stls,
    Top,
    Uidl,
    UniqueIds,
    UnknownCommand,
    UpgradeToTls,
    User,
    Utf8,
    apop_digest,
    encode_command,
)
from mailproto.testing import Drop, merged
from mailproto.testing.strategies.pop3 import messages

from .drive import EVERYTHING

PATIENT = Pop3Limits(errors=10**6, commands_before_auth=10**6, auth_failures=10**6)
NUMBERS = st.integers(1, 4)
OTHERS = st.one_of(
    st.sampled_from((Capa(), Stat(), List(), Uidl(), Noop(), Rset(), Lang(), Lang("de"), Utf8())),
    st.sampled_from((UnknownCommand("XFOO", "bar"), User("ann"), Pass("secret"), Pass("wrong"))),
    st.builds(Retr, NUMBERS),
    st.builds(Top, NUMBERS, st.integers(0, 3)),
    st.builds(Dele, NUMBERS),
    st.builds(List, NUMBERS),
    st.builds(Uidl, NUMBERS),
)
MECHANISMS: tuple[type[Any], ...] = (sasl.Plain, sasl.Login, sasl.CramMd5)
REFUSED = Response(False, "refused by chance")


class Conversation(RuleBasedStateMachine):
    """Both cores, the bytes on their way, and what a bystander knows of the session."""

    @initialize(
        pipelining=st.booleans(), tls=st.booleans(), stored=st.lists(messages(), max_size=3)
    )
    def begin(self, pipelining: bool, tls: bool, stored: list[bytes]) -> None:
        self.connect(pipelining, tls, stored)

    @precondition(lambda self: self.over)
    @rule(pipelining=st.booleans(), tls=st.booleans(), stored=st.lists(messages(), max_size=3))
    def begin_again(self, pipelining: bool, tls: bool, stored: list[bytes]) -> None:
        self.connect(pipelining, tls, stored)

    def connect(self, pipelining: bool, tls: bool, stored: list[bytes]) -> None:
        offered = EVERYTHING if pipelining else EVERYTHING.without("PIPELINING")
        self.client = ClientConnection(tls=tls, limits=PATIENT, strict=True)
        self.server = ServerConnection(offered, tls=tls, limits=PATIENT, strict=True)
        self.drop = Drop(stored)
        self.to_server = bytearray()
        self.to_client = bytearray()
        self.sent: list[Command] = []
        self.seen = 0
        """How many of ``sent`` the server has seen."""
        self.expected: list[Any] = []
        """What the client has to hear, in order: the events of all answers."""
        self.heard: list[Any] = []
        self.waiting: Any = None
        """The event of the server that is not answered yet."""
        self.over = False
        self.server.send(Response(True, "ready <1.2@pop.example>"))
        self.collect()
        self.settle()

    # --- the client ---

    def client_sends(self, command: Command, mechanism: Any = None) -> None:
        """Send it if the core lets us; if not, nothing may have changed."""
        before = (self.client.state, self.client.in_flight, bytes(self.to_server))
        try:
            if mechanism is None:
                self.client.send(command)
            else:
                self.client.authenticate(mechanism)
        except LocalProtocolError:
            self.collect()
            assert (self.client.state, self.client.in_flight, bytes(self.to_server)) == before
            return
        self.sent.append(self.client.in_flight[-1])
        self.collect()

    def collect(self) -> None:
        """Put what the cores want to send on the wires."""
        self.to_server += self.client.data_to_send()
        self.to_client += self.server.data_to_send()

    @precondition(lambda self: not self.over)
    @rule(commands=st.lists(OTHERS, min_size=1, max_size=4))
    def say(self, commands: list[Command]) -> None:
        for command in commands:
            self.client_sends(command)

    @precondition(lambda self: not self.over)
    @rule(password=st.sampled_from(("secret", "wrong")))
    def log_in(self, password: str) -> None:
        self.client_sends(User("ann"))
        self.client_sends(Pass(password))

    @precondition(lambda self: not self.over)
    @rule(commands=st.lists(OTHERS, min_size=1, max_size=6))
    def open_the_maildrop(self, commands: list[Command]) -> None:
        """Log in, learn what is offered, and say much at once."""
        self.settle()
        if self.client.state is State.AUTHORIZATION:
            for command in (User("ann"), Pass("secret")):
                self.client_sends(command)
                self.settle()
        self.client_sends(Capa())
        self.settle()
        self.say(commands)

    @precondition(lambda self: not self.over and self.client.timestamp is not None)
    @rule(password=st.sampled_from(("secret", "wrong")))
    def apop(self, password: str) -> None:
        assert self.client.timestamp is not None
        self.client_sends(Apop("ann", apop_digest(self.client.timestamp, password)))

    @precondition(lambda self: not self.over)
    @rule(mechanism=st.sampled_from(MECHANISMS), password=st.sampled_from(("secret", "wrong")))
    def authenticate(self, mechanism: type[Any], password: str) -> None:
        self.client_sends(Auth(mechanism.name), mechanism("ann", password))

    @precondition(lambda self: not self.over)
    @rule(response=st.sampled_from((None, b"", b"x")))
    def authenticate_by_hand(self, response: bytes | None) -> None:
        if self.client.state is State.AUTHENTICATING:
            self.client_sends(AuthResponse(response))
        else:
            self.client_sends(Auth("SCRAM-SHA-256"))

    @precondition(lambda self: not self.over)
    @rule()
    def start_tls(self) -> None:
        self.client_sends(Stls())

    # --- the wires ---

    @precondition(lambda self: not self.over and self.to_server)
    @rule(count=st.integers(1, 40))
    def bytes_to_server(self, count: int) -> None:
        chunk = bytes(self.to_server[:count])
        del self.to_server[:count]
        self.server.receive_data(chunk)
        self.run_server()

    @precondition(lambda self: not self.over and self.to_client)
    @rule(count=st.integers(1, 40))
    def bytes_to_client(self, count: int) -> None:
        chunk = bytes(self.to_client[:count])
        del self.to_client[:count]
        self.client.receive_data(chunk)
        self.run_client()

    # --- the server ---

    def run_server(self) -> None:
        """Look at the server's events until it owes an answer or needs more bytes."""
        while self.waiting is None and (event := self.server.next_event()) is not None:
            match event:
                case ConnectionClosed() | UpgradeToTls():
                    return  # the handshake takes place when the client is there too
                case sasl.CheckPassword():
                    self.server.answer(event.password == "secret")
                case sasl.LookupPassword():
                    self.server.answer("secret")
                case sasl.Authenticated() | sasl.Rejected():
                    self.waiting = event
                case _:
                    self.note_command(event)
            self.collect()

    def note_command(self, event: Any) -> None:
        sent = self.sent[self.seen]
        self.seen += 1
        if isinstance(event, InvalidCommand):
            assert encode_command(sent).startswith(event.line[:4])
        else:
            assert event == sent
        by_hand = isinstance(event, Auth) and event.mechanism == "SCRAM-SHA-256"
        if isinstance(event, Pass | Apop):
            self.server.authenticate()
        elif isinstance(event, Auth) and not by_hand:
            self.server.authenticate(sasl.server_mechanism(event.mechanism))
        else:
            self.waiting = event

    @precondition(lambda self: not self.over and self.waiting is not None)
    @rule(verdict=st.sampled_from(("accept", "accept", "accept", "refuse")))
    def answer(self, verdict: str) -> None:
        event, self.waiting = self.waiting, None
        command = self.sent[self.seen - 1]
        if isinstance(event, Auth | AuthResponse):
            self.answer_by_hand(event, verdict)
        elif verdict == "refuse":
            self.server.send(REFUSED)
            self.expect(command, False)
        else:
            before = set(self.drop.deleted)
            self.drop.serve(self.server, event)
            self.expect_served(command, event, before)
        self.collect()
        self.run_server()

    def answer_by_hand(self, event: Auth | AuthResponse, verdict: str) -> None:
        if verdict == "accept" and isinstance(event, Auth):
            self.server.send(Challenge(b"go on"))
            self.expected.append(Challenge(b"go on"))
            return
        self.server.send(Response(verdict == "accept"))
        self.expect(event, verdict == "accept")

    def expect(self, command: Command, ok: bool) -> None:
        self.expected.append((command, ok))

    def expect_served(self, command: Command, event: Any, deleted: set[int]) -> None:
        live = [n for n in range(1, len(self.drop.messages) + 1) if n not in deleted]
        number = getattr(command, "number", None)
        ok = self.server.default_reply(event).ok
        if type(event) in (Retr, Top, Dele, List, Uidl):
            ok = number is None or number in live
        self.expect(command, ok)
        if not ok:
            return
        match event:
            case Retr():
                message = self.drop.messages[event.number - 1]
                self.expected += [MessageData(on_the_wire(message)), EndOfMessage()]
            case Top():
                self.expected.append(EndOfMessage())
            case List(number=None):
                sizes = tuple(map(self.drop.size, live))
                self.expected += [ScanListings(tuple(live), sizes), EndOfListing()]
            case Uidl(number=None):
                ids = tuple(map(self.drop.unique_id, live))
                self.expected += [UniqueIds(tuple(live), ids), EndOfListing()]
            case Capa():
                self.expected.append(EndOfListing())

    # --- the client hears ---

    def run_client(self) -> None:
        while (event := self.client.next_event()) is not None:
            match event:
                case ResponseReceived():
                    self.heard.append((event.command, event.response.ok))
                case UpgradeToTls():
                    self.client.tls_established()
                    self.server.tls_established()
                case Greeting():
                    pass
                case ConnectionClosed():
                    break
                case _:
                    self.heard.append(event)
        self.collect()

    # --- all at rest ---

    @precondition(lambda self: not self.over)
    @rule()
    def settle(self) -> None:
        """Let everything arrive and be answered; then both sides have to agree."""
        while self.to_server or self.to_client or self.waiting is not None:
            if self.waiting is not None:
                self.answer("accept")
            self.move_all()
        assert self.client.in_flight == ()
        assert self.comparable(self.heard) == self.comparable(self.expected)
        assert self.seen == len(self.sent)
        assert self.client.state is self.server.state
        assert self.client.tls is self.server.tls
        assert self.client.utf8 is self.server.utf8
        assert self.client.authenticated is (self.server.user is not None)
        self.heard, self.expected = [], []

    def move_all(self) -> None:
        to_server, to_client = bytes(self.to_server), bytes(self.to_client)
        self.to_server.clear()
        self.to_client.clear()
        self.server.receive_data(to_server)
        self.run_server()
        self.client.receive_data(to_client)
        self.run_client()

    def comparable(self, events: list[Any]) -> list[Any]:
        """Without empty pieces, and without the text of TOP, which is the drop's affair."""
        result: list[Any] = []
        top = False
        for event in merged(events):
            if isinstance(event, tuple):
                top = isinstance(event[0], Top)
            empty = event in (MessageData(b""), ScanListings((), ()), UniqueIds((), ()))
            if not empty and not (top and isinstance(event, MessageData)):
                result.append(event)
        return result

    @precondition(lambda self: not self.over)
    @rule(patience=st.integers(0, 3), politely=st.booleans())
    def end(self, patience: int, politely: bool) -> None:
        if patience:
            return  # else no session becomes long
        if politely:
            self.quit()
        else:
            self.lose_the_connection()

    def quit(self) -> None:
        self.settle()
        if self.client.state is State.AUTHENTICATING:
            return
        was_open = self.client.state is State.TRANSACTION
        self.client_sends(Quit())
        self.settle()
        assert self.server.state is State.CLOSED
        assert self.drop.removed == (frozenset(self.drop.deleted) if was_open else None)
        self.over = True

    def lose_the_connection(self) -> None:
        """What is on the way is lost; nothing is deleted, and the client knows what is open."""
        self.client.receive_eof()
        open_commands = self.client.in_flight
        event = self.client.next_event()
        while event is not None and not isinstance(event, ConnectionClosed):
            event = self.client.next_event()
        assert event is not None
        assert event.unanswered == open_commands
        assert event.clean is not bool(open_commands)
        self.server.receive_eof()
        assert self.drop.removed is None
        self.over = True

    @invariant()
    def nothing_is_deleted_before_quit(self) -> None:
        if hasattr(self, "drop") and self.server.state is not State.CLOSED:
            assert self.drop.removed is None


def on_the_wire(message: bytes) -> bytes:
    """What a client that goes by CRLF gets of a stored message."""
    text = message if not message or message.endswith(b"\r\n") else message + b"\r\n"
    return text.replace(b"\r\n", b"\0CRLF").replace(b"\n.", b"\n..").replace(b"\0CRLF", b"\r\n")


TestConversation = Conversation.TestCase
