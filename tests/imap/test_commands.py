"""The codec of commands: the vector table in both directions, literals, lines without a tag."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.imap.append_shape import is_message
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.command_shapes import ROWS
from mailproto.imap.commands import (
    Append,
    AppendMessage,
    Authenticate,
    AuthResponse,
    Command,
    Done,
    Fetch,
    Login,
    Noop,
    SearchCommand,
    Sort,
    SortKey,
    UnknownCommand,
)
from mailproto.imap.framing import LiteralStart, Unit, command_framer
from mailproto.imap.parse_command import (
    CommandSyntaxError,
    command_fragments,
    encode_command,
    encode_line,
    parse_auth_response,
    parse_command,
    parse_command_unit,
    parse_done,
)
from mailproto.imap.responses import Bad
from mailproto.imap.search import Search, SearchAnd, SearchKey, SearchOr
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.values import Literal
from mailproto.limits import ImapLimits
from mailproto.testing.chunking import bytewise, whole
from tests.imap.vectors_commands import COMMANDS, CommandVector

each_command = pytest.mark.parametrize(
    "vector", COMMANDS, ids=[f"{at}-{vector.source}" for at, vector in enumerate(COMMANDS)]
)


@each_command
def test_reading(vector: CommandVector) -> None:
    tag, command = parse_command(vector.wire, utf8=vector.utf8)
    assert (tag, command) == (vector.tag, vector.command)
    assert type(command) is type(vector.command)
    assert len(command.defects) == vector.defects


@each_command
def test_reading_strictly(vector: CommandVector) -> None:
    if vector.defects:
        with pytest.raises(CommandSyntaxError) as caught:
            parse_command(vector.wire, strict=True, utf8=vector.utf8)
        assert caught.value.tag == vector.tag
    else:
        _, command = parse_command(vector.wire, strict=True, utf8=vector.utf8)
        assert command == vector.command


@each_command
def test_writing(vector: CommandVector) -> None:
    wire = b"".join(encode_command(vector.tag, vector.command, utf8=vector.utf8))
    assert (wire == vector.wire) == (vector.canonical and not vector.defects)
    expected = vector.command if vector.sent is None else vector.sent
    assert parse_command(wire, strict=True, utf8=vector.utf8) == (vector.tag, expected)


def test_each_command_has_a_vector() -> None:
    assert {type(vector.command) for vector in COMMANDS} == {*ROWS, UnknownCommand}


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_all_in_one_stream(cut: Callable[[bytes], Iterable[bytes]]) -> None:
    """Each command is followed by the next one, and the framer finds where it ends."""
    framer = command_framer(ImapLimits())
    found = []
    for chunk in cut(b"".join(vector.wire for vector in COMMANDS)):
        framer.receive(chunk)
        while (frame := framer.next_frame()) is not None:
            if isinstance(frame, LiteralStart):
                framer.accept(stream=False)
            else:
                found.append(frame)
    assert found == [vector.wire for vector in COMMANDS]


@each_command
def test_cut_off(vector: CommandVector) -> None:
    """A command that ends too early is an error, or a shorter one, but nothing else."""
    for end in range(0, len(vector.wire) - 2, 3):
        with suppress(CommandSyntaxError):
            parse_command(vector.wire[:end] + b"\r\n", utf8=vector.utf8)


# --- errors ---


@pytest.mark.parametrize(
    ("wire", "tag"),
    [
        (b"a1 FETCH x FLAGS\r\n", "a1"),
        (b"a1\r\n", "a1"),
        (b"a1 \r\n", "a1"),
        (b"a1 (\r\n", "a1"),
        (b"a1 NOOP x\r\n", "a1"),
        (b"a1 UID NOOP\r\n", "a1"),
        (b"a1 UID\r\n", "a1"),
        (b"a1 SEARCH FOO\r\n", "a1"),
        (b"a1 SEARCH CHARSET KOI8-R TEXT {1}\r\n\xff SINCE 31-Feb-2000\r\n", "a1"),
        (b"a1 SEARCH CHARSET UTF-8\r\n", "a1"),
        (b"a1 SEARCH CHARSET EUC-JP TEXT {1}\r\n\xff\r\n", "a1"),
        (b"a1 APPEND x\r\n", "a1"),
        (b"a1 APPEND x hello\r\n", "a1"),
        (b"a1 APPEND x CATENATE (TEXT hello)\r\n", "a1"),
        (b"a1 APPEND x CATENATE (FOO {1}\r\nx)\r\n", "a1"),
        (b"a1 APPEND x CATENATE ()\r\n", "a1"),
        (b"a1 APPEND x UTF8 ()\r\n", "a1"),
        (b"a1 SEARCH ()\r\n", "a1"),
        (b"a1 ESEARCH IN () ALL\r\n", "a1"),
        (b'a1 APPEND x "31-Feb-2000 00:00:00 +0000" {1}\r\nx\r\n', "a1"),
        (b"a1 APPEND x {5}\r\nab\r\n", "a1"),
        (b"a1 STORE 1 FOO (a)\r\n", "a1"),
        (b"a1 FETCH 1 ()\r\n", "a1"),
        (b"a1 FETCH 0 FLAGS\r\n", "a1"),
        (b"a1 AUTHENTICATE PLAIN A\r\n", "a1"),
        (b"a1 AUTHENTICATE PLAIN ====\r\n", "a1"),
        (b"+a NOOP\r\n", None),
        (b"\r\n", None),
        (b" NOOP\r\n", None),
        (b"", None),
        (b"\x00\xff\r\n", None),
        (b"a1 NOOP", "a1"),
    ],
    ids=repr,
)
def test_the_tag_is_recovered(wire: bytes, tag: str | None) -> None:
    with pytest.raises(CommandSyntaxError) as caught:
        parse_command(wire)
    assert caught.value.tag == tag
    assert caught.value.data == wire
    assert caught.value.response == Bad(str(caught.value), tag=tag)


@pytest.mark.parametrize(
    "wire",
    [
        b"a LOGIN ann se(cret\r\n",
        b"a LOGIN ann secret more\r\n",
        b"a AUTHENTICATE PLAIN secret!\r\n",
    ],
    ids=repr,
)
def test_no_password_in_messages(wire: bytes) -> None:
    with pytest.raises(CommandSyntaxError) as caught:
        parse_command(wire)
    assert "se" not in str(caught.value)


def test_no_password_in_repr() -> None:
    for command in (
        Login("ann", "secret"),
        Authenticate("PLAIN", b"secret"),
        AuthResponse(b"secret"),
    ):
        assert "secret" not in repr(command)


# --- literals ---

_LITERALS = Append("x", (AppendMessage(b"ab"), AppendMessage(Literal(1, b"\0", binary=True))))


@pytest.mark.parametrize(
    ("capabilities", "pieces"),
    [
        ((), [b"a APPEND x {2}\r\n", b"ab ~{1}\r\n", b"\0\r\n"]),
        (("LITERAL+",), [b"a APPEND x {2+}\r\nab ~{1+}\r\n\0\r\n"]),
        (("literal-",), [b"a APPEND x {2+}\r\nab ~{1+}\r\n\0\r\n"]),
        (("IMAP4rev2",), [b"a APPEND x {2+}\r\nab ~{1}\r\n", b"\0\r\n"]),
    ],
)
def test_who_waits(capabilities: tuple[str, ...], pieces: list[bytes]) -> None:
    found = encode_command("a", _LITERALS, capabilities=Capabilities(capabilities))
    assert found == pieces
    assert parse_command(b"".join(found)) == ("a", _LITERALS)


@pytest.mark.parametrize(("size", "count"), [(4096, 1), (4097, 2)])
def test_literal_minus(size: int, count: int) -> None:
    command = Append("x", (AppendMessage(b"x" * size),))
    assert len(encode_command("a", command, capabilities=Capabilities(["LITERAL-"]))) == count
    assert len(encode_command("a", command, capabilities=Capabilities(["LITERAL+"]))) == 1


def test_streamed_literals() -> None:
    command = Append("x", (AppendMessage(Literal(7)), AppendMessage(Literal(9, binary=True))))
    assert command_fragments("a", command) == [
        b"a APPEND x ",
        Literal(7),
        b" ",
        Literal(9, binary=True),
        b"\r\n",
    ]
    with pytest.raises(LocalProtocolError):
        encode_command("a", command)
    head = b"a APPEND x {7}\r\n"
    found = parse_command_unit(
        head + b" ~{9+}\r\n\r\n", frozenset((len(head), len(head) + len(b" ~{9+}\r\n")))
    )
    assert found == ("a", command)


_MESSAGE_LITERALS = {
    b"a APPEND x {1}\r\nm\r\n": [True],
    b"a append {1}\r\nx {1}\r\nm\r\n": [False, True],
    b'a APPEND "x y" (\\Seen) {1+}\r\nm (\\Seen) " 7-Feb-1994 22:43:04 -0800" ~{1+}\r\nm'
    b" {1+}\r\nm\r\n": [True, True, True],
    b"a APPEND x UTF8 (~{1}\r\nm)\r\n": [True],
    b"a APPEND x CATENATE (TEXT {1}\r\nm URL {1}\r\nu TEXT {1}\r\nm UTF8 (~{1}\r\nm))\r\n": [
        *(True, False, True, True)
    ],
    b"a APPEND x ANNOTATION (/c (value.priv {1}\r\nv)) {1}\r\nm\r\n": [False, True],
    b"a UID REPLACE 5 x {1}\r\nm\r\n": [True],
    b"a REPLACE * {1}\r\nx (a) {1}\r\nm\r\n": [False, True],
    # IMAPClient puts two spaces before the second message.
    b"a APPEND x {1+}\r\nm  {1+}\r\nm\r\n": [True, True],
    b"a APPEND  x  (a)  {1}\r\nm\r\n": [True],
    b"a LOGIN {1}\r\nx {1}\r\ny\r\n": [False, False],
    b"a SETMETADATA x (/c {1}\r\nv)\r\n": [False],
    b"a UID APPEND x {1}\r\nm\r\n": [False],
}


@pytest.mark.parametrize("wire", _MESSAGE_LITERALS, ids=repr)
def test_which_literals_can_be_streamed(wire: bytes) -> None:
    framer, found = command_framer(ImapLimits()), []
    framer.receive(wire)
    while isinstance(frame := framer.next_frame(), LiteralStart):
        found.append(is_message(frame.opening, frame.line, first=frame.first))
        framer.accept(stream=False)
    assert found == _MESSAGE_LITERALS[wire]


_GOOD = [wire for wire in _MESSAGE_LITERALS if b" UID APPEND" not in wire]


@pytest.mark.parametrize("wire", _GOOD, ids=repr)
def test_streaming_gives_the_same_command(wire: bytes) -> None:
    """But for the octets, which are not there."""
    framer = command_framer(ImapLimits())
    framer.receive(wire)
    sizes = 0
    while (frame := framer.next_frame()) is not None:
        if isinstance(frame, LiteralStart):
            streamed = is_message(frame.opening, frame.line, first=frame.first)
            sizes += streamed
            framer.accept(stream=streamed)
        elif isinstance(frame, Unit):
            tag, command = parse_command_unit(frame.data, frame.streamed)
            fragments = command_fragments(tag, command)
            assert sum(isinstance(f, Literal) and f.data is None for f in fragments) == sizes
        elif isinstance(frame, bytes):
            assert not sizes
            parse_command(frame)


def test_only_messages_are_streamed() -> None:
    with pytest.raises(CommandSyntaxError):
        parse_command_unit(b"a SELECT {7}\r\n\r\n", frozenset((14,)))


# --- searches ---


def test_operators() -> None:
    day = date(1994, 2, 1)
    query = Search.unseen & (Search.from_("ann") | Search.since(day)) & ~Search.deleted
    assert query == SearchAnd(
        (
            SearchKey("UNSEEN"),
            SearchOr((SearchKey("FROM", ("ann",)), SearchKey("SINCE", (day,)))),
            ~SearchKey("DELETED"),
        )
    )
    assert encode_command("a", SearchCommand(query)) == [
        b"a SEARCH UNSEEN OR FROM ann SINCE 1-Feb-1994 NOT DELETED\r\n"
    ]
    assert [type(part).__name__ for part in query.walk()] == [
        *("SearchAnd", "SearchKey", "SearchOr", "SearchKey", "SearchKey", "SearchNot", "SearchKey")
    ]


def test_nothing_combined() -> None:
    assert encode_command("a", SearchCommand(Search.all_of())) == [b"a SEARCH ALL\r\n"]
    assert encode_command("a", SearchCommand(Search.any_of())) == [b"a SEARCH NOT ALL\r\n"]
    assert Search.any_of(Search.seen) == Search.all_of(Search.seen) == Search.seen


def test_many_alternatives() -> None:
    """A balanced tree on the wire; any tree on the wire is one flat query."""
    query = Search.any_of(*(Search.uid(str(number)) for number in range(1, 2001)))
    wire = b"".join(encode_command("a", SearchCommand(query)))
    assert wire.startswith(b"a SEARCH " + b"OR " * 11 + b"UID 1 UID 2 ")
    assert parse_command(wire) == ("a", SearchCommand(query))
    chain = b"a SEARCH " + b"".join(b"OR UID %d " % number for number in range(1, 2000))
    assert parse_command(chain + b"UID 2000\r\n") == ("a", SearchCommand(query))


@pytest.mark.parametrize(
    ("command", "utf8", "wire"),
    [
        (SearchCommand(Search.text("a")), False, b"a SEARCH TEXT a\r\n"),
        (
            SearchCommand(Search.text("é")),
            False,
            "a SEARCH CHARSET UTF-8 TEXT {2}\r\né\r\n".encode(),
        ),
        (SearchCommand(Search.text("é")), True, 'a SEARCH TEXT "é"\r\n'.encode()),
        (
            SearchCommand(Search.text("é"), charset="ISO-8859-1"),
            False,
            b"a SEARCH CHARSET ISO-8859-1 TEXT {1}\r\n\xe9\r\n",
        ),
        (Sort((SortKey("DATE"),), Search.all), False, b"a SORT (DATE) US-ASCII ALL\r\n"),
        (
            Sort((SortKey("DATE"),), Search.text("é")),
            False,
            "a SORT (DATE) UTF-8 TEXT {2}\r\né\r\n".encode(),
        ),
    ],
    ids=repr,
)
def test_the_charset_is_chosen(command: Command, utf8: bool, wire: bytes) -> None:
    assert b"".join(encode_command("a", command, utf8=utf8)) == wire
    assert parse_command(wire, utf8=utf8) == ("a", command)


def test_unknown_charset() -> None:
    """It is told to the server, which answers BADCHARSET; the octets are not lost."""
    wire = b"a SEARCH CHARSET X-FOO TEXT {2}\r\n\xff\xfe\r\n"
    _, command = parse_command(wire)
    assert isinstance(command, SearchCommand)
    assert command.charset == "X-FOO"
    assert b"".join(encode_command("a", command)) == wire


@pytest.mark.parametrize("charset", ["US-ASCII", "KOI8-R"])
def test_text_that_the_charset_has_not(charset: str) -> None:
    with pytest.raises(LocalProtocolError):
        encode_command("a", SearchCommand(Search.text("é"), charset=charset))


def test_numbers_are_sent_in_ascending_order() -> None:
    command = Fetch(SequenceSet.parse("9,3,*:7,4"), ("FLAGS",))
    assert encode_command("a", command) == [b"a FETCH 3:4,7:* (FLAGS)\r\n"]


# --- lines without a tag ---


@pytest.mark.parametrize("line", [b"DONE\r\n", b"done\r\n", b"DONE \r\n", b"DONE\n"])
def test_done(line: bytes) -> None:
    assert parse_done(line) == Done()
    assert encode_line(Done()) == b"DONE\r\n"


def test_not_done() -> None:
    with pytest.raises(CommandSyntaxError) as caught:
        parse_done(b"a IDLE\r\n")
    assert caught.value.tag == "a"
    with pytest.raises(LocalProtocolError):
        encode_command("a", Done())


@pytest.mark.parametrize(
    ("line", "data"), [(b"*\r\n", None), (b"\r\n", b""), (b"dGVzdA==\r\n", b"test")]
)
def test_auth_response(line: bytes, data: bytes | None) -> None:
    assert parse_auth_response(line) == AuthResponse(data)
    assert encode_line(AuthResponse(data)) == line


@pytest.mark.parametrize(
    "line", [b"a\r\n", b"**\r\n", b"=\r\n", b"dGVzdA=\r\n", b"dG Vz\r\n", b"*"]
)
def test_not_base64(line: bytes) -> None:
    with pytest.raises(CommandSyntaxError):
        parse_auth_response(line)


def test_tags() -> None:
    assert encode_command("A]1", Noop()) == [b"A]1 NOOP\r\n"]
    for tag in ("", "a b", "a+", "é", "a\r\n", "(", "a\0"):
        with pytest.raises(LocalProtocolError):
            encode_command(tag, Noop())
