"""What holds for all values and all bytes: round trips, chunking, errors, injection."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.pop3 import (
    Apop,
    Auth,
    AuthResponse,
    Capa,
    Capabilities,
    ClientConnection,
    Command,
    CommandSyntaxError,
    EndOfListing,
    EndOfMessage,
    InvalidCommand,
    Lang,
    Language,
    Languages,
    List,
    MaildropStatus,
    MessageData,
    Noop,
    Pass,
    Pop3Limits,
    Response,
    ResponseCode,
    ResponseSyntaxError,
    Retr,
    ScanListing,
    ScanListings,
    ServerConnection,
    Uidl,
    UniqueId,
    UniqueIds,
    UnknownCommand,
    User,
    encode_command,
    encode_entries,
    encode_response,
    parse_auth_response,
    parse_command,
    parse_entry,
    parse_response,
)
from mailproto.testing import Drop, Pop3Pair, bytewise, merged, whole
from mailproto.testing.strategies import chunkings, mutated
from mailproto.testing.strategies import pop3 as values

from .drive import EVERYTHING, MESSAGES, SMALL, listen, logged_in, serve
from .vectors import AUTH_RESPONSES, COMMANDS, MALFORMED_COMMANDS, RESPONSES

CONTROLS = [chr(code) for code in (*range(0x20), 0x7F)]
any_text = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=30)
vector_lines = st.sampled_from([v.wire for v in COMMANDS] + list(MALFORMED_COMMANDS))
vector_responses = st.sampled_from([v.wire for v in RESPONSES])


def parse(command: Command, line: bytes) -> Command:
    if isinstance(command, AuthResponse):
        return parse_auth_response(line)
    return parse_command(line, strict=True)


def texts_of(command: Command) -> dict[str, str]:
    """The fields that hold text."""
    fields: Any = attrs.fields(type(command))  # type: ignore[arg-type]
    found = {field.name: getattr(command, field.name) for field in fields}
    return {name: text for name, text in found.items() if isinstance(text, str)}


def changed(command: Command, **fields: Any) -> Command:
    return attrs.evolve(command, **fields)  # type: ignore[misc]


WITH_TEXT = (User, Pass, Apop, Auth, Lang, UnknownCommand)


class TestRoundTrips:
    @pytest.mark.parametrize("cls", values.COMMANDS, ids=lambda cls: cls.__name__)
    @given(data=st.data())
    def test_commands(self, cls: type[Command], data: st.DataObject) -> None:
        command = data.draw(values.COMMANDS[cls])
        line = encode_command(command)
        assert line.endswith(b"\r\n")
        assert line.count(b"\n") == line.count(b"\r") == 1
        read = parse(command, line)
        assert read == command
        assert not read.defects

    def test_there_is_a_strategy_for_every_command(self) -> None:
        names = {cls.__name__ for cls in Command.__subclasses__()}
        assert {cls.__name__ for cls in values.COMMANDS} == names

    @given(values.responses())
    def test_responses(self, response: Response) -> None:
        read = parse_response(encode_response(response, utf8=True), strict=True)
        assert read == response

    @given(values.capabilities())
    def test_capabilities(self, capabilities: Capabilities) -> None:
        assert Capabilities(capabilities.lines) == capabilities
        assert not Capabilities(capabilities.lines).defects

    @pytest.mark.parametrize(
        ("command", "batches"),
        [
            (List(), values.scan_listings()),
            (Uidl(), values.unique_ids()),
            (Lang(), values.languages()),
        ],
        ids=["LIST", "UIDL", "LANG"],
    )
    @given(data=st.data())
    def test_listings(self, command: Command, batches: Any, data: st.DataObject) -> None:
        batch = data.draw(batches)
        stream = b"+OK\r\n" + encode_entries(batch) + b".\r\n"
        outcome = listen(data.draw(chunkings(stream)), logged_in(command, strict=True))
        assert outcome.events[1:3] == [batch, EndOfListing()]

    @given(values.messages(), st.data())
    def test_messages(self, message: bytes, data: st.DataObject) -> None:
        """Through both cores, cut anywhere on both sides: what was stored arrives."""
        drop = Drop((message,))
        pair = Pop3Pair(
            ClientConnection(tls=True), ServerConnection(tls=True), drop=drop, cut=bytewise
        )
        pair.send(User("ann"), Pass("secret"))
        [_, *events] = merged(pair.send(Retr(1), Noop()))
        text = message if not message or message.endswith(b"\r\n") else message + b"\r\n"
        # The dot that is doubled behind a bare LF, for receivers that believe in it.
        text = text.replace(b"\r\n", b"\0CRLF").replace(b"\n.", b"\n..").replace(b"\0CRLF", b"\r\n")
        expected = [MessageData(text)] if text else []
        assert events[:-1] == [*expected, EndOfMessage()]

    @given(values.messages())
    def test_no_receiver_sees_a_false_end(self, message: bytes) -> None:
        """Neither one that splits lines at LF, nor one that splits at CRLF."""
        pair = Pop3Pair(
            ClientConnection(tls=True), ServerConnection(tls=True), drop=Drop((message,))
        )
        pair.send(User("ann"), Pass("secret"))
        before = len(pair.server_bytes)
        pair.send(Retr(1))
        wire = bytes(pair.server_bytes[before:])
        for line_end in (b"\n", b"\r\n"):
            lines = wire.split(line_end)
            ends = [at for at, line in enumerate(lines) if line.rstrip(b"\r") == b"."]
            assert ends == [len(lines) - 2]

    @given(values.messages())
    def test_one_that_splits_at_lf_gets_the_text(self, message: bytes) -> None:
        pair = Pop3Pair(
            ClientConnection(tls=True), ServerConnection(tls=True), drop=Drop((message,))
        )
        pair.send(User("ann"), Pass("secret"))
        before = len(pair.server_bytes)
        pair.send(Retr(1))
        _, *lines = bytes(pair.server_bytes[before:]).split(b"\n")
        text = b"\n".join(line.removeprefix(b".") for line in lines[:-2]) + b"\n"
        if not message:
            assert text == b"\n"
        else:
            assert text == message + (b"" if message.endswith(b"\r\n") else b"\r\n")

    @given(st.binary(max_size=40) | mutated(vector_lines))
    def test_commands_from_bytes(self, line: bytes) -> None:
        try:
            command = parse_command(line)
            again = encode_command(command)
        except (CommandSyntaxError, LocalProtocolError):
            return
        assert parse_command(again, strict=True) == command

    @given(st.binary(max_size=40) | mutated(vector_responses))
    def test_responses_from_bytes(self, data: bytes) -> None:
        try:
            response = parse_response(data)
            again = encode_response(response, utf8=True)
        except (ResponseSyntaxError, LocalProtocolError):
            return
        assert parse_response(again) == response

    @pytest.mark.parametrize("kind", [MaildropStatus, ScanListing, UniqueId, Language])
    @given(text=any_text | st.from_regex(r" ?[0-9]{1,11} {1,2}[0-9a-z]{1,21} ?", fullmatch=True))
    def test_entries_from_text(self, kind: Any, text: str) -> None:
        try:
            entry, defect = parse_entry(kind, text)
        except ResponseSyntaxError:
            return
        if defect is None and kind in (UniqueId, Language):
            assert str(entry) == text

    @pytest.mark.parametrize("cls", WITH_TEXT, ids=lambda cls: cls.__name__)
    @given(data=st.data())
    def test_what_is_written_is_read_as_it_was_meant(
        self, cls: type[Command], data: st.DataObject
    ) -> None:
        """Whatever a caller puts into a field: it is refused, or it means the same at the peer."""
        command = data.draw(values.COMMANDS[cls])
        texts = texts_of(command)
        if not texts:
            return
        name = data.draw(st.sampled_from(sorted(texts)))
        old = texts[name]
        new = data.draw(any_text | st.sampled_from([f"{old} ", f" {old}", f"{old} x", old * 2, ""]))
        evil = changed(command, **{name: new})
        try:
            line = encode_command(evil)
        except LocalProtocolError:
            return
        folded = ("mechanism",) if cls is Auth else ("name",) if cls is UnknownCommand else ()
        upper = {name: texts_of(evil)[name].upper() for name in folded}
        assert parse(evil, line) == changed(evil, **upper)


# --- injection ---

TEXT_PLACES = [
    pytest.param(vector.command, name, text, id=f"{type(vector.command).__name__}-{name}-{text}")
    for vector in COMMANDS
    if vector.canonical
    for name, text in texts_of(vector.command).items()
    if text
]


def with_controls(text: str) -> Iterator[str]:
    for control in [*CONTROLS, "\r\n", "\r\nDELE 1\r\n", "\n.\n"]:
        for at in {0, len(text) // 2, len(text)}:
            yield text[:at] + control + text[at:]


class TestInjection:
    @pytest.mark.parametrize(("command", "name", "text"), TEXT_PLACES)
    def test_text_of_commands(self, command: Command, name: str, text: str) -> None:
        encode_command(command)
        for evil in (*with_controls(text), text + "\ud800", text + "\udc8d\udc8a"):
            with pytest.raises(LocalProtocolError):
                encode_command(changed(command, **{name: evil}))

    @pytest.mark.parametrize("vector", AUTH_RESPONSES[:1] + COMMANDS[20:22], ids=lambda v: v.line)
    def test_bytes_of_commands_are_base64(self, vector: Any) -> None:
        name = "data" if isinstance(vector.command, AuthResponse) else "initial_response"
        for octets in (b"\r\nDELE 1\r\n", b"\0", bytes(range(100)), b"*"):
            evil = changed(vector.command, **{name: octets})
            line = encode_command(evil)
            assert line[:-2].decode("ascii").isprintable()
            assert parse(evil, line) == evil

    @pytest.mark.parametrize("number", ["1\r\nDELE 2", " 1", "1 ", "", "٣"])
    def test_numbers(self, number: Any) -> None:
        for command in (Retr(number), List(number), Uidl(number)):
            with pytest.raises(LocalProtocolError):
                encode_command(command)

    @pytest.mark.parametrize(
        "response", [Response(True, "x"), Response(False, "y", ResponseCode.AUTH)]
    )
    def test_responses(self, response: Response) -> None:
        for evil in with_controls(response.text):
            with pytest.raises(LocalProtocolError):
                encode_response(changed_response(response, text=evil), utf8=True)
        for level in with_controls("SYS"):
            with pytest.raises(LocalProtocolError):
                encode_response(changed_response(response, code=ResponseCode((level,))), utf8=True)

    def test_listings(self) -> None:
        for evil in with_controls("abc"):
            with pytest.raises(LocalProtocolError):
                encode_entries(UniqueIds((1,), (evil,)))
            with pytest.raises(LocalProtocolError):
                encode_entries(Languages((Language("de", evil),)))
            with pytest.raises(LocalProtocolError):
                encode_entries(Languages((Language(evil),)))


def changed_response(response: Response, **fields: Any) -> Response:
    return attrs.evolve(response, **fields)  # type: ignore[misc]


# --- chunking ---


def servers(limits: Pop3Limits | None = None, **options: Any) -> Callable[[], ServerConnection]:
    return lambda: ServerConnection(EVERYTHING.without("STLS"), limits=limits, **options)


SERVERS = {
    "over TLS": servers(tls=True),
    "in clear": servers(),
    "strict": servers(tls=True, strict=True),
    "small limits": servers(SMALL, tls=True),
}
byte_sessions = st.one_of(
    values.sessions(),
    mutated(values.sessions()),
    st.lists(vector_lines, max_size=6).map(b"".join),
    mutated(st.lists(vector_lines, max_size=6).map(b"".join)),
)


class TestServerChunking:
    @pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
    @given(session=byte_sessions, data=st.data())
    def test_same_events_output_and_limits(
        self, server: Callable[[], ServerConnection], session: bytes, data: st.DataObject
    ) -> None:
        expected = serve([session], server())
        assert serve(bytewise(session), server()) == expected
        assert serve(data.draw(chunkings(session)), server()) == expected

    @given(values.sessions(), st.data())
    def test_valid_sessions_are_served(self, session: bytes, data: st.DataObject) -> None:
        server = ServerConnection(EVERYTHING, tls=True, limits=Pop3Limits(auth_failures=100))
        outcome = serve(data.draw(chunkings(session)), server)
        assert outcome.error is None
        for event in outcome.events:
            if isinstance(event, InvalidCommand):  # well formed, but not now
                assert "Write" not in event.response.text

    @pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
    @given(data=st.binary(max_size=200) | byte_sessions)
    def test_only_documented_exceptions(
        self, server: Callable[[], ServerConnection], data: bytes
    ) -> None:
        outcome = serve([data], server())
        assert outcome.error is None or issubclass(outcome.error[0], RemoteProtocolError)
        for line in outcome.output.split(b"\r\n")[:1]:
            assert line.startswith(b"+OK")

    @given(st.lists(st.sampled_from((b"RETR 1\r\n", b"LIST\r\n", b"UIDL\r\n", b"STAT\r\n"))))
    def test_answers_can_be_read(self, lines: list[bytes]) -> None:
        """What the server core writes, the strict client core reads without a defect."""
        pair = Pop3Pair(
            ClientConnection(tls=True, strict=True), ServerConnection(tls=True), drop=Drop(MESSAGES)
        )
        pair.send(User("ann"), Pass("secret"), Capa())
        pair.send(*map(parse_command, lines))
        assert pair.client.in_flight == ()


CLIENTS: dict[str, Callable[..., ClientConnection]] = {
    "plain": lambda *sent: logged_in(*sent),
    "strict": lambda *sent: logged_in(*sent, strict=True),
    "small limits": lambda *sent: logged_in(*sent, limits=SMALL),
}
ASKED = (Retr(1), List(), Uidl(), Lang(), Capa(), Noop())


class TestClientChunking:
    @pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
    @pytest.mark.parametrize("command", ASKED, ids=lambda command: type(command).__name__)
    @given(data=st.data())
    def test_same_events_and_limits(
        self, client: Callable[..., ClientConnection], command: Command, data: st.DataObject
    ) -> None:
        answers = values.answers(command)
        stream = data.draw(st.one_of(answers, mutated(answers), mutated(vector_responses)))
        expected = listen([stream], client(command))
        assert listen(bytewise(stream), client(command)) == expected
        assert listen(data.draw(chunkings(stream)), client(command)) == expected

    @given(st.binary(max_size=200))
    def test_only_documented_exceptions(self, data: bytes) -> None:
        for command in ASKED:
            for client in CLIENTS.values():
                outcome = listen([data], client(command))
                assert outcome.error is None or issubclass(outcome.error[0], RemoteProtocolError)

    @given(st.binary(max_size=100) | mutated(vector_responses))
    def test_before_the_greeting(self, data: bytes) -> None:
        expected = listen(whole(data), ClientConnection())
        assert listen(bytewise(data), ClientConnection()) == expected

    @given(values.scan_listings(), st.data())
    def test_a_column_for_each_entry(self, batch: ScanListings, data: st.DataObject) -> None:
        assert len(batch.entries) == len(batch.numbers)
        assert batch.entries[0] == ScanListing(batch.numbers[0], batch.sizes[0])
