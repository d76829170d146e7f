"""What holds for all values and all bytes: round trips, chunking, errors, injection."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.smtp import (
    AuthResponse,
    ClientConnection,
    Command,
    CommandSyntaxError,
    Data,
    Ehlo,
    EndOfMessage,
    EnhancedCode,
    Extensions,
    InvalidAddress,
    InvalidCommand,
    Lhlo,
    Mail,
    MessageData,
    Path,
    Rcpt,
    Reply,
    ReplySyntaxError,
    Rset,
    ServerConnection,
    SmtpLimits,
    check_domain,
    encode_command,
    encode_reply,
    parse_auth_response,
    parse_command,
    parse_path,
    parse_reply,
)
from mailproto.testing import Pair, bytewise, merged
from mailproto.testing.strategies import chunkings, mutated
from mailproto.testing.strategies import smtp as values
from mailproto.testing.strategies.smtp_sessions import sessions

from .drive import ALL_EXTENSIONS, SMALL, WITHOUT_TLS, listen, serve
from .vectors import AUTH_RESPONSES, COMMANDS, REPLIES

Place = tuple[str | int, ...]


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, str | bytes]]:
    """Yield every str and bytes in ``value``, however deep, with the way to it."""
    if isinstance(value, str | bytes):
        yield place, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, index))
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.eq:
                yield from leaves(getattr(value, field.name), (*place, field.name))


def replaced(value: Any, place: Place, new: str | bytes) -> Any:
    """Return ``value`` with ``new`` at ``place``."""
    if not place:
        return new
    first, *rest = place
    if isinstance(first, int):
        item = replaced(value[first], tuple(rest), new)
        return (*value[:first], item, *value[first + 1 :])
    return attrs.evolve(value, **{first: replaced(getattr(value, first), tuple(rest), new)})


CONTROLS = [chr(code) for code in (*range(0x20), 0x7F)]

vector_lines = st.sampled_from([vector.wire for vector in COMMANDS])
vector_replies = st.sampled_from([vector.wire for vector in REPLIES])
# Commands that can hold text.
WITH_TEXT = sorted(
    {type(v.command) for v in COMMANDS if any(isinstance(t, str) for _, t in leaves(v.command))},
    key=lambda cls: cls.__name__,
)
any_text = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=30)


def parse(command: Command, line: bytes) -> Command:
    if isinstance(command, AuthResponse):
        return parse_auth_response(line)
    return parse_command(line, strict=True)


class TestRoundTrips:
    @pytest.mark.parametrize("cls", values.COMMANDS, ids=lambda cls: cls.__name__)
    @given(data=st.data())
    def test_commands(self, cls: type[Command], data: st.DataObject) -> None:
        command = data.draw(values.COMMANDS[cls])
        line = encode_command(command, smtputf8=True)
        assert line.endswith(b"\r\n")
        assert line.count(b"\n") == line.count(b"\r") == 1
        read = parse(command, line)
        assert read == command
        assert not read.defects

    def test_there_is_a_strategy_for_every_command(self) -> None:
        assert set(values.COMMANDS) == set(Command.__subclasses__())

    @given(values.replies(utf8=True))
    def test_replies(self, reply: Reply) -> None:
        read = parse_reply(encode_reply(reply, smtputf8=True), strict=True)
        assert read == reply
        assert not read.defects

    @given(values.paths(utf8=True))
    def test_paths(self, path: Path) -> None:
        text = f"{path.source_route}:{path}" if path.source_route else str(path)
        assert parse_path(text, strict=True) == (path, ())

    @given(values.extensions())
    def test_extensions(self, extensions: Extensions) -> None:
        assert Extensions(extensions.lines) == extensions
        assert not Extensions(extensions.lines).defects

    @given(st.binary(max_size=40) | mutated(vector_lines))
    def test_commands_from_bytes(self, line: bytes) -> None:
        try:
            command = parse_command(line)
            again = encode_command(command, smtputf8=True)
        except (CommandSyntaxError, LocalProtocolError):
            return
        assert parse_command(again) == command

    @given(st.binary(max_size=40) | mutated(vector_replies))
    def test_replies_from_bytes(self, data: bytes) -> None:
        try:
            reply = parse_reply(data)
            again = encode_reply(reply, smtputf8=True)
        except (ReplySyntaxError, LocalProtocolError):
            return
        assert parse_reply(again) == reply

    @pytest.mark.parametrize("cls", WITH_TEXT, ids=lambda cls: cls.__name__)
    @given(data=st.data())
    def test_what_is_written_is_read_as_it_was_meant(
        self, cls: type[Command], data: st.DataObject
    ) -> None:
        """Whatever a caller puts into a field: it is refused, or it means the same at the peer."""
        command = data.draw(values.COMMANDS[cls])
        texts = [(place, text) for place, text in leaves(command) if isinstance(text, str)]
        if not texts:
            return
        place, old = data.draw(st.sampled_from(texts))
        new = data.draw(any_text | st.sampled_from([f"{old} ", f" {old}", f"{old} LAST", old * 2]))
        changed = replaced(command, place, new)
        try:
            line = encode_command(changed, smtputf8=True)
        except LocalProtocolError:
            return
        assert folded(parse(changed, line)) == folded(changed)


def folded(command: Command) -> Command:
    """Put what is compared without regard to case in upper case."""
    changes: dict[str, Any] = {}
    for name in ("mechanism", "name", "body", "ret"):
        if isinstance(text := getattr(command, name, None), str):
            changes[name] = text.upper()
    if getattr(command, "notify", None):
        changes["notify"] = tuple(word.upper() for word in command.notify)  # type: ignore[attr-defined]
    if getattr(command, "attributes", None):
        pairs = command.attributes  # type: ignore[attr-defined]
        changes["attributes"] = tuple((name.upper(), value) for name, value in pairs)
    if getattr(command, "extra", None):
        changes["extra"] = tuple(
            attrs.evolve(parameter, keyword=parameter.keyword.upper())
            for parameter in command.extra  # type: ignore[attr-defined]
        )
    for name, fields in (("by", ("mode",)), ("rrvs", ("action",))):
        if (nested := getattr(command, name, None)) is not None:
            upper = {f: (getattr(nested, f) or "").upper() for f in fields}
            changes[name] = attrs.evolve(nested, **upper)
    return attrs.evolve(command, **changes)  # type: ignore[misc]


# --- injection ---

# The vectors have every field of every command (test_codec checks it), so a new one is covered.
TEXT_PLACES = [
    pytest.param(
        vector.command, place, text, id=f"{type(vector.command).__name__}-{place}-{text!r}"
    )
    for vector in COMMANDS + AUTH_RESPONSES
    for place, text in leaves(vector.command)
    if isinstance(text, str)
]
BYTES_PLACES = [
    pytest.param(vector.command, place, id=f"{type(vector.command).__name__}-{place}-{data!r}")
    for vector in COMMANDS + AUTH_RESPONSES
    for place, data in leaves(vector.command)
    if isinstance(data, bytes)
]


def with_controls(text: str) -> Iterator[str]:
    for control in [*CONTROLS, "\r\n", "\r\nRSET\r\n", "\n.\n"]:
        for at in {0, len(text) // 2, len(text)}:
            yield text[:at] + control + text[at:]


class TestInjection:
    @pytest.mark.parametrize(("command", "place", "text"), TEXT_PLACES)
    def test_text_of_commands(self, command: Command, place: Place, text: str) -> None:
        encode_command(command, smtputf8=True)  # without the injection it is accepted
        for evil in with_controls(text):
            with pytest.raises(LocalProtocolError):
                encode_command(replaced(command, place, evil), smtputf8=True)

    @pytest.mark.parametrize(("command", "place", "text"), TEXT_PLACES)
    def test_surrogates_in_commands(self, command: Command, place: Place, text: str) -> None:
        for evil in (text + "\ud800", text + "\udc8d\udc8a"):
            with pytest.raises(LocalProtocolError):
                encode_command(replaced(command, place, evil), smtputf8=True)

    @pytest.mark.parametrize(("command", "place"), BYTES_PLACES)
    def test_bytes_of_commands_are_base64(self, command: Command, place: Place) -> None:
        for octets in (b"\r\nRSET\r\n", b"\0", bytes(range(256)), b"*"):
            evil = replaced(command, place, octets)
            line = encode_command(evil)
            assert line[:-2].isascii()
            assert line[:-2].decode().isprintable()
            assert parse(evil, line) == evil

    @pytest.mark.parametrize("reply", [v.reply for v in REPLIES], ids=str)
    def test_replies(self, reply: Reply) -> None:
        for evil in with_controls(reply.text):
            changed = attrs.evolve(reply, text=evil)  # type: ignore[misc]
            if set(evil) & set(CONTROLS) <= {"\t", "\n"}:
                # LF is how lines of a reply are separated: each gets the code in front.
                lines = encode_reply(changed, smtputf8=True).split(b"\r\n")
                assert len(lines) == evil.count("\n") + 2
                assert {line[:3] for line in lines[:-1]} == {b"%d" % reply.code}
            else:
                with pytest.raises(LocalProtocolError):
                    encode_reply(changed, smtputf8=True)

    @pytest.mark.parametrize("evil", ["8BITMIME\rX", "SIZE 1\0", "X\tY", "É", " X", ""])
    def test_extensions_that_a_server_may_not_offer(self, evil: str) -> None:
        server = ServerConnection()
        server.send(Reply(220))
        server.receive_data(b"EHLO c.example\r\n")
        server.next_event()
        server.data_to_send()
        with pytest.raises(LocalProtocolError):
            server.send(Reply(250, f"s.example\n{evil}\nHELP"))
        assert server.data_to_send() == b""
        assert server.reply_owed

    @given(st.binary(max_size=200), st.data())
    def test_a_body_can_not_end_early(self, body: bytes, data: st.DataObject) -> None:
        """However the body is cut when it is sent, the server takes nothing of it for a command."""
        pair = Pair()
        envelope = (Ehlo("c.example"), Mail("a@b.example"), Rcpt("c@d.example"))
        pair.send(*envelope)
        pair.send(parse_command(b"DATA\r\n"))
        pair.server_events.clear()
        pair.send(*(MessageData(piece) for piece in data.draw(chunkings(body))), EndOfMessage())
        sent = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        if sent and not sent.endswith(b"\r\n"):
            sent += b"\r\n"
        got = merged(pair.server_events)
        assert got == ([MessageData(sent)] if sent else []) + [EndOfMessage()]
        assert not pair.client.in_flight


# --- chunking ---


def servers(limits: SmtpLimits | None = None, **options: Any) -> Callable[[], ServerConnection]:
    return lambda: ServerConnection("s.example", WITHOUT_TLS, limits=limits, **options)


SERVERS = {
    "smtp": servers(),
    "lmtp": servers(lmtp=True),
    "strict": servers(strict=True),
    "small limits": servers(SMALL),
    "small limits, bare line ends": servers(SMALL, keep_bare_line_ends=True),
    "proxy": servers(proxy_protocol=True),
}
every_server = pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)

auth_lines = st.sampled_from(
    (b"AUTH PLAIN\r\n", b"AUTH PLAIN =\r\n", b"AUTH EXTERNAL AAAA\r\n", b"AAAA\r\n", b"*\r\n")
)
noise = st.lists(auth_lines | vector_lines, max_size=6).map(b"".join)
headers = st.sampled_from(
    (
        b"",
        b"\x16\x03",  # TLS on a clear-text port
        b"\x16\x03\x01\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12),
    )
)
valid_sessions = sessions() | sessions(lmtp=True)
byte_sessions = st.one_of(
    valid_sessions,
    mutated(valid_sessions),
    st.tuples(headers, mutated(valid_sessions), noise).map(b"".join),
    st.tuples(headers, mutated(noise)).map(b"".join),
)


class TestServerChunking:
    @every_server
    @given(session=byte_sessions, data=st.data())
    def test_same_events_output_and_limits(
        self, server: Callable[[], ServerConnection], session: bytes, data: st.DataObject
    ) -> None:
        whole = serve([session], server())
        assert serve(bytewise(session), server()) == whole
        assert serve(data.draw(chunkings(session)), server()) == whole

    @given(sessions(), st.data())
    def test_valid_sessions_are_served(self, session: bytes, data: st.DataObject) -> None:
        outcome = serve(data.draw(chunkings(session)), ServerConnection())
        assert outcome.error is None
        assert not [event for event in outcome.events if isinstance(event, InvalidCommand)]
        codes = {line[:1] for line in outcome.output.splitlines()}
        assert codes <= {b"2", b"3"}

    @given(st.binary(min_size=1, max_size=20), st.data())
    def test_nothing_passes_between_starttls_and_the_handshake(
        self, injected: bytes, data: st.DataObject
    ) -> None:
        """CVE-2011-0411: there the moment of arrival counts, so the replies may differ."""
        session = b"EHLO c.example\r\nSTARTTLS\r\n" + injected
        server = ServerConnection(extensions=ALL_EXTENSIONS)
        server.send(Reply(220))
        with pytest.raises(RemoteProtocolError):  # noqa: PT012
            for chunk in data.draw(chunkings(session)):
                server.receive_data(chunk)
                while (event := server.next_event()) is not None:
                    if server.reply_owed:
                        server.send(server.default_reply(event))
            server.tls_established()


def new_client(limits: SmtpLimits | None = None, **options: Any) -> ClientConnection:
    """A client with three commands in flight."""
    client = ClientConnection(limits=limits, **options)
    client.receive_data(b"220 ready\r\n")
    assert client.next_event()
    client.send(Lhlo("c.example") if client.lmtp else Ehlo("c.example"))
    client.receive_data(b"250-s.example\r\n250 PIPELINING\r\n")
    assert client.next_event()
    for command in (Mail("a@b.example"), Rcpt("c@d.example"), Data()):
        client.send(command)
    return client


CLIENTS: dict[str, Callable[[], ClientConnection]] = {
    "before the greeting": ClientConnection,
    "strict, before the greeting": lambda: ClientConnection(strict=True),
    "smtp": new_client,
    "lmtp": lambda: new_client(lmtp=True),
    "strict": lambda: new_client(strict=True),
    "small limits": lambda: new_client(SMALL),
}
every_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
reply_bytes = values.replies(utf8=True).map(lambda reply: encode_reply(reply, smtputf8=True))
reply_sessions = st.lists(reply_bytes | vector_replies, max_size=6).map(b"".join)
server_bytes = reply_sessions | mutated(reply_sessions) | st.binary(max_size=60)


class TestClientChunking:
    @every_client
    @given(said=server_bytes, data=st.data())
    def test_same_events_output_and_limits(
        self, client: Callable[[], ClientConnection], said: bytes, data: st.DataObject
    ) -> None:
        whole = listen([said], client())
        assert listen(bytewise(said), client()) == whole
        assert listen(data.draw(chunkings(said)), client()) == whole


# --- only documented exceptions ---


class TestErrors:
    @given(st.binary(max_size=60) | mutated(vector_lines, most=6), st.booleans())
    def test_command_codec(self, line: bytes, strict: bool) -> None:
        try:
            command = parse_command(line, strict=strict)
        except CommandSyntaxError as error:
            reply = error.reply
        else:
            assert not (strict and command.defects)
            assert repr(command).startswith(type(command).__name__)
            return
        assert reply.is_permanent
        assert reply.enhanced
        assert encode_reply(reply, smtputf8=True)

    @given(st.binary(max_size=60))
    def test_auth_response_codec(self, line: bytes) -> None:
        with contextlib.suppress(CommandSyntaxError):
            parse_auth_response(line)

    @given(st.binary(max_size=60) | mutated(vector_replies, most=6), st.booleans())
    def test_reply_codec(self, data: bytes, strict: bool) -> None:
        try:
            reply = parse_reply(data, strict=strict)
        except ReplySyntaxError:
            return
        assert 200 <= reply.code < 600
        Extensions(reply.lines)
        str(reply)

    @given(any_text | values.mailboxes(utf8=True), st.booleans())
    def test_addresses(self, text: str, strict: bool) -> None:
        try:
            path, defects = parse_path(text, strict=strict)
        except InvalidAddress:
            pass
        else:
            assert not (strict and defects)
            assert str(path) is not None
        with contextlib.suppress(InvalidAddress):
            check_domain(text)

    @given(st.lists(st.binary(max_size=20).map(lambda b: b.decode(errors="surrogateescape"))))
    def test_extensions(self, lines: list[str]) -> None:
        extensions = Extensions(lines)
        for name in ("size", "auth", "limits", "deliver_by", "mt_priority", "future_release"):
            getattr(extensions, name)
        for name in ("no_soliciting", "burl", "xclient", "xforward"):
            getattr(extensions, name)

    @every_server
    @given(session=st.binary(max_size=100) | mutated(byte_sessions, most=8))
    def test_server_core(self, server: Callable[[], ServerConnection], session: bytes) -> None:
        core = server()
        outcome = serve([session], core)  # lets everything but RemoteProtocolError through
        if outcome.error is not None:
            with pytest.raises(outcome.error[0]) as again:
                core.next_event()
            assert str(again.value) == outcome.error[1]
            with pytest.raises(LocalProtocolError):
                core.send(Reply(250))
            with pytest.raises(LocalProtocolError):
                core.send(Reply(421))
            core.receive_data(b"NOOP\r\n")
            assert core.data_to_send() == b""
        for line in outcome.output.splitlines(keepends=True):
            parse_reply(line.replace(b"-", b" ", 1) if line[3:4] == b"-" else line)

    @every_client
    @given(said=st.binary(max_size=100) | mutated(server_bytes, most=8))
    def test_client_core(self, client: Callable[[], ClientConnection], said: bytes) -> None:
        core = client()
        outcome = listen([said], core)
        if outcome.error is not None:
            with pytest.raises(outcome.error[0]):
                list(iter(core.next_event, None))
        with pytest.raises(LocalProtocolError):
            core.send(Rset())

    @given(st.integers(-1000, 1000), any_text, st.integers(-9, 9), st.integers(-1000, 2000))
    def test_reply_writer(self, code: int, text: str, category: int, number: int) -> None:
        for enhanced in (EnhancedCode(category, number, 0), EnhancedCode(category, 0, number)):
            with contextlib.suppress(LocalProtocolError):
                reply = parse_reply(encode_reply(Reply(code, text, enhanced), smtputf8=True))
                assert (reply.code, reply.enhanced) == (code, enhanced)
