"""A malicious client against the server core: a defined outcome, however the bytes are cut."""

import re
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproto import imap
from mailproto.errors import LimitExceeded, RemoteProtocolError
from mailproto.imap import Bad, InvalidCommand, No, Ok, ServerConnection, State, TaggedCommand
from mailproto.imap.parse_command import CommandSyntaxError, encode_command
from mailproto.imap.sequence_set import SequenceSet
from mailproto.limits import ImapLimits
from mailproto.testing import Cut, bytewise, whole
from mailproto.testing.strategies import chunkings, mutated
from tests.drive import Outcome
from tests.imap.server_scenes import (
    EVERYTHING,
    SMALL,
    ask,
    connected,
    logged_in,
    said,
    selected,
    serve,
)
from tests.imap.vectors_commands import COMMANDS

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
MIB = 1024 * 1024


# --- issue 4, point 3 ---


@cuts
@pytest.mark.parametrize(
    ("wire", "response"),
    [
        (b"a SEARCH " + b"(" * 60_000 + b"\r\n", "a BAD"),
        (b"a SEARCH " + b"NOT " * 15_000 + b"ALL\r\n", "a BAD"),
        (b"a XFOO " + b"(" * 30_000 + b")" * 30_000 + b"\r\n", "a BAD"),
        (b"a NOOP {4294967296}\r\n", "a BAD [TOOBIG]"),
        (b"a APPEND x {99999999999999999999}\r\n", "a NO [TOOBIG]"),
        (b"a APPEND x {-1}\r\n", "a BAD"),
        (b"a FETCH 1:4294967296 FLAGS\r\n", "a BAD"),
        (b"a FETCH 99999999999999999999 FLAGS\r\n", "a BAD"),
        (b"a NOOP\0\r\n", "a BAD"),
        (b"\0\0\0\r\n", "* BAD"),
        (b"\x80\xff NOOP\r\n", "* BAD"),
        (b"a \xc3\xa4\r\n", "a BAD"),
        (b"+ go on\r\n", "* BAD"),
        (b"* BYE\r\n", "* BAD"),
        (b"DONE\r\n", "DONE BAD"),
        (b"\r\n", "* BAD"),
    ],
    ids=lambda it: repr(it[:30]),
)
def test_refused_and_goes_on(wire: bytes, response: str, cut: Cut) -> None:
    outcome = serve(cut(wire + b"b NOOP\r\n"), selected(), eof=False)
    assert outcome.error is None
    assert outcome.output.decode().startswith(response)
    assert outcome.output.endswith(b"\r\nb OK NOOP completed\r\n")
    assert outcome.output.count(b"\r\n") == 2


@cuts
def test_huge_ranges_are_not_expanded(cut: Cut) -> None:
    outcome = serve(cut(b"a UID FETCH 1:4294967295,1:* FLAGS\r\n"), selected(), eof=False)
    [event] = outcome.events
    assert isinstance(event, TaggedCommand)
    assert isinstance(event.command, imap.Fetch)
    assert event.command.numbers == SequenceSet.parse("1:4294967295,1:*")


@cuts
@pytest.mark.parametrize("start", [connected, logged_in])
def test_unbounded_lines(start: Any, cut: Cut) -> None:
    conn = start()
    outcome = serve(cut(b"a NOOP " + b"x" * 70_000), conn)
    assert outcome.limit in ("command_before_auth", "command_line")
    assert outcome.output.startswith(b"* BYE [TOOBIG]")


def test_a_deflate_bomb() -> None:
    """A line without end costs no more memory than its limit, however it was compressed."""
    conn = logged_in()
    serve([b"a COMPRESS DEFLATE\r\n"], conn, eof=False)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = packer.compress(b"x" * (64 * MIB)) + packer.flush()
    outcome = serve([bomb], conn)
    assert outcome.limit == "command_line"


def test_a_deflate_bomb_of_commands_is_read_as_they_are_served() -> None:
    conn = logged_in(limits=ImapLimits(pipelined_commands=3))
    serve([b"a COMPRESS DEFLATE\r\n"], conn, eof=False)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    wire = b"".join(b"%d NOOP\r\n" % number for number in range(100_000))
    conn.receive_data(packer.compress(wire) + packer.flush(zlib.Z_SYNC_FLUSH))
    for number in range(3):
        assert conn.next_event() == TaggedCommand(str(number), imap.Noop())
    assert conn.next_event() is None
    for number in range(3, 5000):
        conn.send(Ok("done", tag=str(number - 3)))
        assert conn.next_event() == TaggedCommand(str(number), imap.Noop())


class TestSmuggling:
    """What is content for one party must not be a command for another."""

    @cuts
    @pytest.mark.parametrize("end", [b"\n", b"\r", b"\n\r", b"\r\r\n"])
    def test_line_ends(self, cut: Cut, end: bytes) -> None:
        """Only CRLF ends a command: LF within a line is malformed, never a second command."""
        wire = b"a NOOP" + end + b"b LOGOUT\r\nc NOOP\r\n"
        outcome = serve(cut(wire), logged_in(), eof=False)
        commands = [event.command for event in outcome.events if isinstance(event, TaggedCommand)]
        if end == b"\r\r\n":
            assert b"a BAD" in outcome.output
        else:
            assert commands == [imap.Noop()]
            assert outcome.output.startswith(b"a BAD")

    @cuts
    def test_commands_within_literals(self, cut: Cut) -> None:
        inner = b"x LOGOUT\r\ny DELETE inbox\r\n"
        wire = b"a APPEND x {%d+}\r\n%b\r\nb LIST {%d+}\r\n%b *\r\nc NOOP\r\n"
        wire %= (len(inner), inner, len(inner), inner)
        outcome = serve(cut(wire), logged_in(), eof=False)
        tags = [event.tag for event in outcome.events if isinstance(event, TaggedCommand)]
        refused = [event for event in outcome.events if isinstance(event, InvalidCommand)]
        assert tags + [event.response.tag for event in refused] in (
            ["a", "b", "c"],
            ["a", "c", "b"],
        )

    @cuts
    def test_commands_within_refused_literals(self, cut: Cut) -> None:
        """They are swallowed with the rest of the command, its further literals included."""
        inner = b"x LOGOUT\r\n"
        wire = b"a APPEND x {%d+}\r\n%b {%d+}\r\n%b (y LOGOUT)\r\nb NOOP\r\n"
        wire %= (len(inner), inner, len(inner), inner)
        outcome = serve(cut(wire), connected(), eof=False)
        assert outcome.output == b"a BAD Log in first\r\nb OK NOOP completed\r\n"

    @cuts
    @pytest.mark.parametrize("text", [b"{5}", b"{5+}", b"~{5}"])
    def test_what_looks_like_a_literal(self, cut: Cut, text: bytes) -> None:
        """In quotes too it is one, by the rule of framing that all servers follow."""
        wire = b'a LIST "" "x' + text + b"\r\n"
        outcome = serve(cut(wire + b"hello b NOOP\r\n"), logged_in(), eof=False)
        assert not any(isinstance(event, TaggedCommand) for event in outcome.events)

    @cuts
    def test_idle(self, cut: Cut) -> None:
        """What follows DONE is read as a command only when IDLE is completed."""
        conn = logged_in()
        for chunk in cut(b"i IDLE\r\nDONE\r\nb NOOP\r\n"):
            conn.receive_data(chunk)
        assert conn.next_event() == TaggedCommand("i", imap.Idle())
        assert conn.next_event() is None
        conn.send(imap.Continuation())
        assert conn.next_event() == imap.Done()
        assert conn.next_event() is None
        conn.send(Ok("done", tag="i"))
        assert conn.next_event() == TaggedCommand("b", imap.Noop())

    @cuts
    def test_a_response_within_an_exchange(self, cut: Cut) -> None:
        """A line of SASL is never a command, and has no literals."""
        wire = b"a AUTHENTICATE PLAIN\r\nb LOGOUT {3+}\r\nc NOOP\r\n"
        outcome = serve(cut(wire), connected(), eof=False)
        assert outcome.output == b"+ \r\na BAD Not base64\r\nc OK NOOP completed\r\n"


@cuts
@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"a APPEND x", b" {1+}\r\ny"),
        (b"a APPEND x CATENATE (URL u", b" TEXT {1+}\r\ny"),
        (b"a X", b" {1+}\r\ny"),
        (b"", b"i IDLE\r\nn NOOP\r\n"),
        (b"", b"a APPEND x {1+}\r\ny\r\n"),
        (b"", b"a BAD\r\n"),
        (b"", b"a APPEND x {9999999+}\r\n"),
    ],
    ids=repr,
)
def test_what_is_quadratic_takes_minutes_here(head: bytes, piece: bytes, cut: Cut) -> None:
    limits = ImapLimits(errors=10**9, command=10**9)
    count = 20_000 if cut is whole else 3000
    outcome = serve(cut(head + piece * count + b"\r\n"), logged_in(limits=limits), eof=False)
    assert outcome.events


# --- properties ---

WIRES = [vector.wire for vector in COMMANDS]
EXTRAS = [
    b"a IDLE\r\nDONE\r\n",
    b"a IDLE\r\nb NOOP\r\n",
    b"a AUTHENTICATE PLAIN\r\n*\r\n",
    b"a AUTHENTICATE PLAIN\r\nAGFubgBzZWNyZXQ=\r\n",
    b"a AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\r\n",
    b"a AUTHENTICATE X-HAND\r\nAAAA\r\n",
    b"a AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\r\n",
    b"a LOGIN {3+}\r\nann {6+}\r\nsecret\r\n",
    b"a APPEND x (\\Seen) {5}\r\nhello {3+}\r\nabc\r\n",
    b"a APPEND x CATENATE (TEXT {5+}\r\nhello URL u)\r\n",
    b"a ENABLE UTF8=ACCEPT QRESYNC\r\n",
    b"a STARTTLS\r\n",
    b"a COMPRESS DEFLATE\r\n",
    b"a UNAUTHENTICATE\r\n",
    b"a SELECT INBOX\r\n",
    b"a LOGOUT\r\n",
]
sessions = st.lists(st.sampled_from(WIRES + EXTRAS), max_size=6).map(b"".join)
broken = st.one_of(st.binary(max_size=60), mutated(sessions))
STARTS = st.sampled_from((connected, logged_in, selected))
LIMITS = st.sampled_from((None, SMALL))
CHALLENGE = re.compile(rb"\+ [A-Za-z0-9+/=]+\r\n")


@given(sessions | broken, STARTS, LIMITS, st.booleans(), st.data())
def test_cuts_make_no_difference(
    wire: bytes, make: Any, limits: ImapLimits | None, strict: bool, data: st.DataObject
) -> None:
    expected = serve([wire], make(limits=limits, strict=strict))
    for chunks in (bytewise(wire), data.draw(chunkings(wire))):
        outcome = serve(chunks, make(limits=limits, strict=strict))
        assert comparable(outcome, make) == comparable(expected, make)


def comparable(outcome: Outcome, make: Any) -> Outcome:
    """Without what deflate makes, which depends on what is written at once, and without nonces."""
    compressed = any(
        isinstance(event, TaggedCommand) and isinstance(event.command, imap.Compress)
        for event in outcome.events
    )
    output = b"" if compressed else CHALLENGE.sub(b"+ challenge\r\n", outcome.output)
    return outcome._replace(output=output)


@given(broken, STARTS, LIMITS, st.booleans())
def test_only_documented_exceptions(
    wire: bytes, make: Any, limits: ImapLimits | None, strict: bool
) -> None:
    conn = make(limits=limits, strict=strict)
    outcome = serve([wire], conn)
    if outcome.error is None:
        assert isinstance(outcome.events[-1], imap.ConnectionClosed)
    else:
        assert issubclass(outcome.error[0], RemoteProtocolError)
        assert conn.state is State.ERROR
        with pytest.raises(RemoteProtocolError):
            conn.next_event()


@given(broken, STARTS)
def test_each_command_gets_one_completion(wire: bytes, make: Any) -> None:
    """The lines that the server writes are responses, and tagged ones answer commands."""
    outcome = serve([wire], make())
    if any(
        isinstance(event, TaggedCommand) and isinstance(event.command, imap.Compress)
        for event in outcome.events
    ):
        return
    answered = [
        event.tag if isinstance(event, TaggedCommand) else event.response.tag
        for event in outcome.events
        if isinstance(event, TaggedCommand | InvalidCommand)
    ]
    tags = []
    for line in outcome.output.splitlines(keepends=True):
        response = imap.parse_response(line, strict=True, utf8=True)
        if isinstance(response, imap.Condition) and response.tag is not None:
            tags.append(response.tag)
    assert set(tags) <= set(answered)
    assert len(tags) <= len(answered)


@given(st.sampled_from(COMMANDS), st.data())
def test_what_is_sent_is_what_is_read(vector: Any, data: st.DataObject) -> None:
    """A command through the encoder and the core, cut anywhere."""
    pieces = encode_command("a", vector.command, capabilities=EVERYTHING, utf8=False)
    conn = selected(imap.Capabilities([*EVERYTHING]))
    event: Any = None
    for chunk in data.draw(chunkings(b"".join(pieces))):
        conn.receive_data(chunk)
        while (found := conn.next_event()) is not None:
            event = found
            if isinstance(found, imap.LiteralOffered):
                conn.accept_literal()
            elif not isinstance(found, imap.MessageOctets | imap.EndOfContent):
                break
    assert isinstance(event, TaggedCommand | InvalidCommand)
    if isinstance(event, TaggedCommand):
        assert type(event.command) is type(vector.command)
        assert not event.command.defects
        assert b"a NO" in said(conn, No("done", tag="a"))


def test_limit_errors_know_their_names() -> None:
    conn = logged_in(limits=SMALL)
    conn.receive_data(b"x" * 1000)
    with pytest.raises(LimitExceeded) as caught:
        conn.next_event()
    assert (caught.value.name, caught.value.limit) == ("command_line", 200)


def test_syntax_errors_that_end_the_session_say_so() -> None:
    conn = connected()
    conn.receive_data(b"GET / HTTP/1.1\r\n")
    with pytest.raises(CommandSyntaxError):
        conn.next_event()
    assert conn.data_to_send() == b"* BAD No HTTP\r\n"
    assert ask_again(conn) == Bad("No HTTP")


def ask_again(conn: ServerConnection) -> Bad:
    with pytest.raises(CommandSyntaxError) as caught:
        ask(conn, b"a NOOP\r\n")
    return caught.value.response
