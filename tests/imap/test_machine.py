"""A client core and a server core that talk in every order that the protocol leaves open.

Hypothesis chooses what the client sends, how far bytes travel, which command the server answers
next and how, which literals it refuses, what is cancelled, and where the connection breaks.
"""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailproto import imap, sasl
from mailproto.errors import LocalProtocolError
from mailproto.imap import (
    Append,
    AppendMessage,
    Authenticate,
    AuthResponse,
    Bad,
    Capabilities,
    ClientConnection,
    Command,
    CommandCompleted,
    ConnectionClosed,
    ContentDue,
    ContentStart,
    Continuation,
    Done,
    EndOfContent,
    Fetch,
    FetchResponse,
    Idle,
    Literal,
    LiteralOffered,
    MessageOctets,
    No,
    Ok,
    Section,
    SequenceSet,
    ServerConnection,
    State,
    TaggedCommand,
    UpgradeToTls,
)
from mailproto.limits import ImapLimits
from mailproto.testing import Mailboxes
from tests.imap.server_scenes import EVERYTHING

PATIENT = ImapLimits(
    errors=10**6, commands_before_auth=10**6, auth_failures=10**6, inline_literal=5
)
ALL = SequenceSet.parse("1:*")
BODY = Section.parse("BODY.PEEK[]")
BY_HAND = "X-HAND"
KEYS = sasl.ScramKeys.derive("secret", "SHA-256", b"salt", 4096)
STORED = (b"one", b"", b"three" * 100)
OFFERED = [name for name in EVERYTHING if name not in ("LITERAL+", "IMAP4rev2")]
LITERALS = st.sampled_from(("LITERAL+", "LITERAL-", ""))
CONTENTS = st.one_of(
    st.binary(max_size=12).map(lambda it: it.replace(b"\0", b"")),
    st.just(b"a3 LOGOUT\r\n" * 3),
    st.just(b"x" * 5000),
)
ORDINARY = st.sampled_from(
    (
        imap.Noop(),
        imap.Capability(),
        imap.List("", ("*",)),
        imap.Status("INBOX", ("MESSAGES",)),
        imap.Enable(("UTF8=ACCEPT",)),
        imap.Enable(("CONDSTORE",)),
        imap.Select("INBOX"),
        imap.Select("nowhere"),
        imap.Close(),
        imap.Unselect(),
        imap.Create("a b\xe4"),
        imap.UnknownCommand("XFOO", ("bar",)),
        imap.Compress(),
        imap.Idle(),
        imap.Id({"name": "two\r\nlines"}),
    )
)
IN_MAILBOX = st.sampled_from(
    (
        Fetch(ALL, ("FLAGS",)),
        Fetch(ALL, (BODY, "FLAGS"), uid=True),
        imap.SearchCommand(imap.Search.all),
        imap.SearchCommand(imap.Search.subject("\xe4"), uid=True),
        imap.Store(SequenceSet.parse("1"), "+FLAGS", (r"\Deleted",)),
        imap.Store(ALL, "-FLAGS", (r"\Deleted",), uid=True),
        imap.Expunge(),
        imap.Noop(),
    )
)


class Recorder(ServerConnection):
    """A server core that remembers how it completed each command."""

    completions: dict[str, type]

    def send(self, item: imap.Response | MessageOctets) -> None:
        super().send(item)
        if isinstance(item, imap.Condition) and item.tag is not None:
            assert item.tag not in self.completions
            self.completions[item.tag] = type(item)


class Conversation(RuleBasedStateMachine):
    """Both cores, the bytes on their way, and what a bystander knows of the session."""

    @initialize(literals=LITERALS, tls=st.booleans())
    def begin(self, literals: str, tls: bool) -> None:
        self.connect(literals, tls)

    @precondition(lambda self: self.over)
    @rule(literals=LITERALS, tls=st.booleans())
    def begin_again(self, literals: str, tls: bool) -> None:
        self.connect(literals, tls)

    def connect(self, literals: str, tls: bool) -> None:
        offered = Capabilities([*OFFERED, literals] if literals else OFFERED)
        self.client = ClientConnection(tls=tls, limits=PATIENT, strict=True)
        self.server = Recorder(offered, tls=tls, limits=PATIENT, strict=True)
        self.server.completions = {}
        self.boxes = Mailboxes(STORED)
        self.to_server = bytearray()
        self.to_client = bytearray()
        self.sent: dict[str, Command] = {}
        self.heard: dict[str, type] = {}
        self.contents: dict[str, list[bytes]] = {}
        """The messages that the client appends, by tag."""
        self.streaming: dict[str, Iterator[bytes]] = {}
        self.due = b""
        """Octets of a literal that the client has to send."""
        self.open: dict[str, TaggedCommand] = {}
        """Commands that the server has not answered."""
        self.owed: Any = None
        """What the server has to answer before anything else."""
        self.received: list[bytes] = []
        """The messages of an APPEND that arrived, the last one as far as it has."""
        self.clients_turn = False
        """Whether an exchange goes on when the client says something."""
        self.done = False
        self.body = b""
        self.over = False
        self.server.send(self.server.default_response(None))
        self.collect()
        self.settle()

    # --- the client ---

    def client_sends(self, item: Any) -> str | None:
        """Send it if the core lets us and return its tag; if not, nothing may have changed."""
        before = self.visible()
        try:
            if isinstance(item, sasl.ClientMechanism):
                tag = self.client.authenticate(item)
            else:
                tag = self.client.send(item)
        except LocalProtocolError:
            assert self.visible() == before
            return None
        self.sent[tag] = self.client.in_flight[tag]
        self.collect()
        return tag

    def visible(self) -> tuple[Any, ...]:
        """What can be seen of the client."""
        self.collect()
        client = self.client
        return (client.state, client.in_flight, client.content_due, bytes(self.to_server))

    def collect(self) -> None:
        """Put what the cores want to send on the wires."""
        self.to_server += self.client.data_to_send()
        self.to_client += self.server.data_to_send()

    @precondition(lambda self: not self.over)
    @rule(commands=st.lists(ORDINARY | IN_MAILBOX, min_size=1, max_size=4))
    def say(self, commands: list[Command]) -> None:
        for command in commands:
            self.client_sends(command)

    @precondition(lambda self: not self.over)
    @rule(commands=st.lists(IN_MAILBOX, min_size=1, max_size=5))
    def open_a_mailbox(self, commands: list[Command]) -> None:
        """Log in, select, and say much at once."""
        for command in (
            imap.StartTls(),
            imap.Capability(),
            imap.Login("ann", "secret"),
            imap.Select("INBOX"),
        ):
            self.settle()
            self.client_sends(command)
        self.settle()
        self.say(commands)

    @precondition(lambda self: not self.over)
    @rule(
        contents=st.lists(CONTENTS, min_size=1, max_size=3),
        streamed=st.booleans(),
    )
    def append(self, contents: list[bytes], streamed: bool) -> None:
        literals = [Literal(len(it), None if streamed else it) for it in contents]
        tag = self.client_sends(Append("INBOX", tuple(map(AppendMessage, literals))))
        if tag is not None:
            self.contents[tag] = contents
            self.streaming[tag] = iter([it for it in contents if it])
            self.run_client()

    @precondition(lambda self: not self.over and self.due)
    @rule(count=st.integers(1, 4000))
    def send_content(self, count: int) -> None:
        piece, self.due = self.due[:count], self.due[count:]
        assert self.client.send(MessageOctets(piece)) in self.contents
        assert self.client.content_due == len(self.due) or not self.due
        self.collect()
        self.run_client()

    @precondition(lambda self: not self.over)
    @rule(password=st.sampled_from(("secret", "wrong")))
    def log_in(self, password: str) -> None:
        self.client_sends(imap.Login("ann", password))

    @precondition(lambda self: not self.over)
    @rule(
        mechanism=st.sampled_from((sasl.Plain, sasl.ScramSha256)),
        password=st.sampled_from(("secret", "wrong")),
    )
    def authenticate(self, mechanism: Any, password: str) -> None:
        self.client_sends(mechanism("ann", password))

    @precondition(lambda self: not self.over)
    @rule(response=st.sampled_from((None, None, b"", b"x")))
    def authenticate_by_hand(self, response: bytes | None) -> None:
        """Begin an exchange, go on with it, or cancel it."""
        if self.client_sends(AuthResponse(response)) is None:
            self.client_sends(Authenticate(BY_HAND))

    @precondition(lambda self: not self.over)
    @rule(command=st.sampled_from((imap.StartTls(), imap.Unauthenticate(), Done(), Done())))
    def change(self, command: Command) -> None:
        self.client_sends(command)

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
        """Look at the server's events until it owes an answer or needs more bytes."""
        while self.owed is None and (event := self.server.next_event()) is not None:
            match event:
                case ConnectionClosed() | UpgradeToTls():
                    break  # the handshake takes place when the client is there too
                case MessageOctets(data):
                    self.received[-1] += data
                case EndOfContent():
                    pass
                case TaggedCommand():
                    self.begin_command(event)
                case Done():
                    assert not event.defects
                    self.clients_turn, self.done = False, True
                case _:
                    self.clients_turn = False
                    self.owed = event
        self.collect()

    def begin_command(self, event: TaggedCommand) -> None:
        command, sent = event.command, self.sent[event.tag]
        assert type(command) is type(sent)
        assert isinstance(command, Append | Authenticate) or command == sent
        self.open[event.tag] = event
        if isinstance(command, Append):
            assert self.received == self.contents[event.tag]
            self.received = []
        if self.has_mechanism(command):
            mechanism = getattr(command, "mechanism", "")
            self.server.authenticate(sasl.server_mechanism(mechanism))

    def has_mechanism(self, command: Command) -> bool:
        if isinstance(command, Authenticate):
            return command.mechanism != BY_HAND
        return isinstance(command, imap.Login)

    @precondition(lambda self: not self.over and (self.owed is not None or self.open))
    @rule(
        verdict=st.sampled_from(("accept", "accept", "accept", "refuse")), which=st.integers(0, 9)
    )
    def answer(self, verdict: str, which: int) -> None:
        if self.owed is not None:
            event, self.owed = self.owed, None
            self.answer_owed(event, verdict)
        elif self.open:
            events = [*self.open.values()]
            self.answer_command(events[which % len(events)], verdict)
        self.collect()
        self.run_server()

    def answer_owed(self, event: Any, verdict: str) -> None:
        match event:
            case sasl.CheckPassword():
                self.server.answer(event.password == "secret")
            case sasl.LookupScramKeys():
                self.server.answer(KEYS)
            case LiteralOffered(tag) if verdict == "refuse":
                self.received = []
                self.complete(No("refused by chance", tag=tag))
            case LiteralOffered():
                self.received.append(b"")
                self.server.accept_literal()
            case AuthResponse():
                tag = next(iter(self.open))
                self.complete(Ok("in", tag=tag) if event.data else Bad("cancelled", tag=tag))
            case _:
                self.complete(self.server.default_response(event))

    def answer_command(self, event: TaggedCommand, verdict: str) -> None:
        tag, command = event.tag, event.command
        in_dialogue = isinstance(command, Idle | Authenticate)
        if self.has_mechanism(command) or (in_dialogue and self.clients_turn):
            return  # it is not the server's turn
        if in_dialogue and self.done:
            self.done = False
            self.complete(Ok("done", tag=tag))
        elif verdict == "refuse" and not isinstance(command, imap.Unauthenticate):
            if isinstance(command, imap.Select):
                self.boxes.selected = None
            self.complete(No("refused by chance", tag=tag))
        elif in_dialogue:
            self.server.send(Continuation("Z28="))
            self.clients_turn = True
        elif isinstance(command, Append):
            self.complete(Ok("appended", tag=tag))
        elif self.server.may_expunge or not isinstance(command, imap.Expunge):
            self.boxes.serve(self.server, event)
            del self.open[tag]

    def complete(self, response: Any) -> None:
        self.server.send(response)
        self.open.pop(response.tag, None)

    # --- the client hears ---

    def run_client(self) -> None:
        while (event := self.client.next_event()) is not None:
            match event:
                case CommandCompleted(tag, command, response):
                    assert tag not in self.heard
                    assert command == self.sent[tag]
                    self.heard[tag] = type(response)
                case UpgradeToTls():
                    self.client.tls_established()
                    self.server.tls_established()
                case ContentDue(tag, size):
                    self.due = next(self.streaming[tag])
                    assert size == len(self.due)
                case ContentStart():
                    self.body = b""
                case MessageOctets(data):
                    self.body += data
                case FetchResponse():
                    self.check_content(event)
                case imap.InvalidResponse() | imap.UnsolicitedResponse():
                    raise AssertionError(event)
                case ConnectionClosed():
                    break
                case _:
                    pass
        self.collect()

    def check_content(self, response: FetchResponse) -> None:
        """What arrives of a message is what some message was."""
        content = response.content()
        if content is not None:
            octets = self.body if isinstance(content, Literal) else content
            assert octets in STORED

    # --- all at rest ---

    @precondition(lambda self: not self.over)
    @rule()
    def settle(self) -> None:
        """Let everything arrive and be answered; then both sides have to agree."""
        for _ in range(1000):
            if not (self.to_server or self.to_client or self.owed or self.open or self.due):
                break
            if self.owed is not None:
                self.answer("accept", 0)
            for number in range(len(self.open)):
                self.answer("accept", number)
            if self.due:
                self.send_content(10**6)
            if self.clients_turn and self.client_sends(Done()) is None:
                self.client_sends(AuthResponse(b"x"))
            self.move_all()
        assert not self.client.in_flight
        assert not self.server.in_flight
        assert self.heard == self.server.completions
        assert self.heard.keys() == self.sent.keys()
        assert self.client.state is self.server.state
        assert self.client.tls is self.server.tls
        assert self.client.utf8 is self.server.utf8
        assert self.client.enabled == self.server.enabled
        assert not self.client.idling
        assert not self.server.idling

    def move_all(self) -> None:
        to_server, to_client = bytes(self.to_server), bytes(self.to_client)
        self.to_server.clear()
        self.to_client.clear()
        self.server.receive_data(to_server)
        self.run_server()
        self.client.receive_data(to_client)
        self.run_client()

    @precondition(lambda self: not self.over)
    @rule(patience=st.integers(0, 3), politely=st.booleans())
    def end(self, patience: int, politely: bool) -> None:
        if patience:
            return  # else no session becomes long
        if politely:
            self.log_out()
        else:
            self.lose_the_connection()

    def log_out(self) -> None:
        self.settle()
        assert self.client_sends(imap.Logout()) is not None
        self.settle()
        assert self.server.state is State.LOGOUT
        self.over = True

    def lose_the_connection(self) -> None:
        """What is on the way is lost; both sides know what is open."""
        self.client.receive_eof()
        in_flight = self.client.in_flight
        event = self.client.next_event()
        while event is not None and not isinstance(event, ConnectionClosed):
            event = self.client.next_event()
        assert event is not None
        assert event.unanswered == tuple(in_flight.items())
        self.server.receive_eof()
        self.over = True

    @invariant()
    def nothing_is_completed_twice(self) -> None:
        if hasattr(self, "server") and not self.over:
            assert self.open.keys() == self.server.in_flight.keys()


TestConversation = Conversation.TestCase
