"""What holds for every command, for every search, and for any bytes."""

import re
from contextlib import suppress
from random import Random

import pytest
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


# Patterns that take a common production whole; each has a general way behind it.
_SHORT_WAYS = (
    "command_shapes._PLAIN_FETCH",
    "command_shapes._PLAIN_STORE",
    "item_shape._LIST",
    "query_shape._PLAIN",
    "scanner._PLAIN_ASTRING",
    "shapes._PLAIN_KEYWORDS",
)
_MARKS = [bytes([octet]) for octet in b' ()[]{}"\\%*\r\n\0\x7f\xff$,:.<>-+aFU19']


def _changed(wire: bytes, random: Random) -> bytes:
    """The wire with an octet more or less, or a piece of another one within."""
    at = random.randrange(len(wire) - 1)
    other = random.choice(_WIRES)
    begin = random.randrange(len(other))
    piece = random.choice((random.choice(_MARKS), b"", other[begin : begin + 7]))
    return wire[:at] + piece + wire[at + random.randrange(2) :]


def _outcome(wire: bytes, *, strict: bool) -> object:
    try:
        tag, command = parse_command(wire, strict=strict)
    except CommandSyntaxError as error:
        return str(error), error.tag
    return tag, command, command.defects


def test_short_ways_lead_where_the_general_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(7)
    wires = [_changed(random.choice(_WIRES), random) for _ in range(6000)]
    wires += [
        b"a UID FETCH 1 B\r\nODY[]<0.5>\r\n",
        b"a FETCH 1 (UID FL[AGS) (PARTIAL] 1:5)\r\n",
        b"a FETCH 1 (X-FOO X-BAR[1) 2] X-BAZ (1))\r\n",
    ]
    short = [(_outcome(wire, strict=False), _outcome(wire, strict=True)) for wire in wires]
    for name in _SHORT_WAYS:
        monkeypatch.setattr(f"mailproto.imap.{name}", re.compile(rb"(?!)"))
    for wire, outcomes in zip(wires, short, strict=True):
        assert outcomes == (_outcome(wire, strict=False), _outcome(wire, strict=True)), wire
