"""What holds for every command, for every search, and for any bytes."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from mailproto.imap.capabilities import Capabilities
from mailproto.imap.command_shapes import ROWS
from mailproto.imap.commands import Command, SearchCommand, UnknownCommand
from mailproto.imap.framing import LiteralStart, command_framer
from mailproto.imap.parse_command import (
    CommandSyntaxError,
    encode_command,
    parse_auth_response,
    parse_command,
    parse_done,
)
from mailproto.imap.search import Query
from mailproto.limits import ImapLimits
from mailproto.testing.strategies import chunkings, mutated
from tests.imap.command_strategies import BY_CLASS, commands, queries, tags
from tests.imap.vectors_commands import COMMANDS

_WIRES = [vector.wire for vector in COMMANDS]
_CAPABILITIES = [Capabilities(), Capabilities(["LITERAL-"]), Capabilities(["LITERAL+"])]


def test_each_command_is_drawn() -> None:
    assert set(BY_CLASS) == {*ROWS, UnknownCommand}


@given(tags, commands, st.booleans(), st.sampled_from(_CAPABILITIES))
def test_round_trip(tag: str, command: Command, utf8: bool, capabilities: Capabilities) -> None:
    wire = b"".join(encode_command(tag, command, utf8=utf8, capabilities=capabilities))
    found = parse_command(wire, strict=True, utf8=utf8)
    assert found == (tag, command)
    assert type(found[1]) is type(command)
    assert b"".join(encode_command(*found, utf8=utf8, capabilities=capabilities)) == wire


@given(queries, st.booleans())
def test_round_trip_of_queries(query: Query, utf8: bool) -> None:
    command = SearchCommand(query)
    wire = b"".join(encode_command("a", command, utf8=utf8))
    assert parse_command(wire, strict=True, utf8=utf8) == ("a", command)


@given(commands, commands, st.data())
def test_framed_however_it_is_cut(first: Command, second: Command, data: st.DataObject) -> None:
    wires = [b"".join(encode_command("a", command)) for command in (first, second)]
    framer, found = command_framer(ImapLimits()), []
    for chunk in data.draw(chunkings(b"".join(wires))):
        framer.receive(chunk)
        while (frame := framer.next_frame()) is not None:
            if isinstance(frame, LiteralStart):
                framer.accept(stream=False)
            else:
                found.append(frame)
    assert found == wires


@given(mutated(st.sampled_from(_WIRES)), st.booleans(), st.booleans())
def test_broken_bytes(wire: bytes, strict: bool, utf8: bool) -> None:
    """Nothing but the documented exception."""
    with suppress(CommandSyntaxError):
        parse_command(wire, strict=strict, utf8=utf8)


@given(
    st.sampled_from(sorted(cls.name.encode() for cls in ROWS)),
    st.one_of(
        st.binary(max_size=40),
        st.text('a1:*,$() "\\{}[]<>+~%&=/\r\n\0é', max_size=40).map(str.encode),
    ),
    st.booleans(),
)
def test_any_bytes(name: bytes, junk: bytes, utf8: bool) -> None:
    for wire in (junk, junk + b"\r\n", b"a " + name + b" " + junk + b"\r\n"):
        with suppress(CommandSyntaxError):
            parse_command(wire, utf8=utf8)
        with suppress(CommandSyntaxError):
            parse_done(wire)
        with suppress(CommandSyntaxError):
            parse_auth_response(wire)
