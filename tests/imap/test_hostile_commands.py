"""What a malicious client sends, and what a careless caller asks for: a defined outcome."""

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from mailproto._value import evolve
from mailproto.errors import LimitExceeded, LocalProtocolError
from mailproto.imap import commands as c
from mailproto.imap.framing import LiteralStart, command_framer
from mailproto.imap.parse_command import (
    CommandSyntaxError,
    encode_command,
    parse_command,
    parse_command_unit,
)
from mailproto.imap.search import Query, Search, SearchAnd, SearchKey, SearchNot, SearchOr
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.values import Literal
from mailproto.limits import ImapLimits
from tests.imap.vectors_commands import COMMANDS

_DEEP = 100_000


@pytest.mark.parametrize(
    "wire",
    [
        b"a SEARCH " + b"(" * _DEEP + b"\r\n",
        b"a SEARCH " + b"(" * _DEEP + b"ALL" + b")" * _DEEP + b"\r\n",
        b"a SEARCH " + b"NOT " * _DEEP + b"ALL\r\n",
        b"a SEARCH " + b"FUZZY " * _DEEP + b"ALL\r\n",
        b"a SEARCH " + b"OR NOT " * _DEEP + b"ALL\r\n",
        b"a SEARCH " + b"OR (" * _DEEP + b"ALL\r\n",
        b"a SEARCH " + b"OR " * _DEEP + b"ALL\r\n",
        b"a SEARCH " + b"OR ALL " * _DEEP + b"\r\n",
        b"a SEARCH RETURN (X " + b"(" * _DEEP + b")" * _DEEP + b") ALL\r\n",
        b"a SORT " + b"(" * _DEEP + b"\r\n",
        b"a FETCH 1 " + b"(" * _DEEP + b"\r\n",
        b"a FETCH 1 (X " + b"(" * _DEEP + b")" * _DEEP + b")\r\n",
        b"a FETCH 1 (ANNOTATION " + b"(" * _DEEP + b"\r\n",
        b"a LIST " + b"(" * _DEEP + b"\r\n",
        b'a LIST "" ' + b"(" * _DEEP + b"\r\n",
        b'a LIST "" x RETURN (X ' + b"(" * _DEEP + b")" * _DEEP + b")\r\n",
        b"a SELECT x (X " + b"(" * _DEEP + b")" * _DEEP + b")\r\n",
        b"a APPEND x " + b"(" * _DEEP + b"\r\n",
        b"a APPEND x X " + b"(" * _DEEP + b")" * _DEEP + b" {0}\r\n\r\n",
        b"a NOTIFY SET " + b"(" * _DEEP + b"\r\n",
        b"a ESEARCH IN " + b"(" * _DEEP + b"\r\n",
        b"a XFOO " + b"(" * _DEEP + b")" * _DEEP + b"\r\n",
    ],
    ids=lambda wire: repr(wire[:24]),
)
def test_nesting(wire: bytes) -> None:
    """Linear, without recursion, and without values that nobody could compare or print."""
    with pytest.raises(CommandSyntaxError) as caught:
        parse_command(wire)
    assert caught.value.tag == "a"
    assert len(str(caught.value)) < 200


def test_nesting_up_to_the_limit() -> None:
    limit = ImapLimits().nesting
    wire = b"a SEARCH " + b"NOT " * limit + b"ALL\r\n"
    found = parse_command(wire)
    assert b"".join(encode_command(*found)) == wire
    assert repr(found)
    with pytest.raises(CommandSyntaxError, match="within one another"):
        parse_command(b"a SEARCH " + b"NOT " * (limit + 1) + b"ALL\r\n")
    with pytest.raises(CommandSyntaxError):
        parse_command_unit(b"a SEARCH NOT NOT ALL\r\n", nesting=1)


def test_writing_any_depth() -> None:
    query: Query = Search.seen
    for _ in range(5000):
        query = Search.all_of(SearchNot(query), Search.draft)
    wire = b"".join(encode_command("a", c.SearchCommand(query)))
    assert wire.count(b"NOT") == wire.count(b"DRAFT") == 5000


def test_a_long_chain_of_alternatives_is_flat() -> None:
    _, command = parse_command(b"a SEARCH " + b"OR SEEN " * _DEEP + b"DRAFT\r\n")
    assert isinstance(command, c.SearchCommand)
    assert isinstance(command.query, SearchOr)
    assert len(command.query.queries) == _DEEP + 1


@pytest.mark.parametrize(
    "arguments",
    [
        b"LOGIN {-1}\r\n a",
        b"LOGIN {}\r\n a",
        b"LOGIN {5}\r\nab c",
        b"LOGIN {4294967296}\r\na b",
        b"LOGIN {99999999999999999999}\r\na b",
        b"LOGIN {" + b"9" * 5000 + b"}\r\na b",
        b"FETCH 4294967296 FLAGS",
        b"FETCH 1:4294967296 FLAGS",
        b"FETCH 0 FLAGS",
        b"FETCH " + b"9" * 5000 + b" FLAGS",
        b"FETCH 1,,2 FLAGS",
        b"FETCH 1 BODY[0]",
        b"FETCH 1 BODY[" + b"9" * 5000 + b"]",
        b"FETCH 1 BODY[]<0.0>",
        b"FETCH 1 BODY[]<" + b"9" * 5000 + b">",
        b"FETCH 1 (FLAGS) (CHANGEDSINCE 9223372036854775808)",
        b"FETCH 1 (FLAGS) (PARTIAL 1:-5)",
        b"FETCH 1 (FLAGS) (PARTIAL 0:5)",
        b"FETCH 1 (FLAGS) (PARTIAL 1:4294967296)",
        b"SEARCH LARGER 9223372036854775808",
        b"SEARCH OLDER 0",
        b"SEARCH OLDER -1",
        b"SEARCH SINCE 1-Foo-2000",
        b"SEARCH SINCE 0-Jan-2000",
        b"SEARCH SINCE 1-Jan-0000",
        b"SEARCH X-GM-MSGID 18446744073709551616",
        b"SEARCH MODSEQ 9223372036854775808",
        b"SEARCH CHARSET UTF-8",
        b"SEARCH KEYWORD \xd9\xa3",
        b"SETQUOTA x (STORAGE 9223372036854775808)",
        b"UIDBATCHES 0",
        b"UIDBATCHES 10 1:4294967296",
        b"SELECT a\0b",
        b"SELECT \xff\0",
        b'SELECT "a\0b"',
        b"SELECT a (QRESYNC (0 1))",
        b"APPEND x (\\Seen) {9223372036854775808}\r\n",
    ],
    ids=lambda arguments: repr(arguments[:40]),
)
def test_numbers_and_octets(arguments: bytes) -> None:
    with pytest.raises(CommandSyntaxError) as caught:
        parse_command(b"a " + arguments + b"\r\n")
    assert caught.value.tag == "a"


@pytest.mark.parametrize("mark", [b"\r", b"\n", b"\0"])
@pytest.mark.parametrize(
    "arguments",
    [
        b"CREATE %b",
        b"RENAME x %b",
        b"SUBSCRIBE %b",
        b"STATUS %b (MESSAGES)",
        b"LIST %b *",
        b'LIST "" %b',
        b'LSUB "" %b',
        b"APPEND %b {1}\r\nx",
        b"COPY 1 %b",
        b"LISTRIGHTS x %b",
        b"GETQUOTAROOT %b",
        b"GETQUOTA %b",
        b"GETMETADATA x %b",
        b"SETMETADATA x (%b {1}\r\nx)",
        b"NOTIFY SET STATUS (MAILBOXES %b (MessageNew MessageExpunge))",
        b"FETCH 1 BODY[HEADER.FIELDS (%b)]",
        b"SEARCH HEADER %b x",
        b"SEARCH CHARSET %b ALL",
        b"STORE 1 X-GM-LABELS (%b)",
        b"LOGIN %b x",
    ],
)
def test_arguments_that_no_response_could_repeat(arguments: bytes, mark: bytes) -> None:
    for literal in (b"{3}\r\na%bb", b"~{3}\r\na%bb"):
        with pytest.raises(CommandSyntaxError) as caught:
            parse_command(b"a " + arguments % (literal % mark) + b"\r\n")
        assert caught.value.tag == "a"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (b"SEARCH SINCE bogus", 'SEARCH: expected a date at octet 15, found "bogus"'),
        (b"FETCH 1", "FETCH: expected a space at octet 9, found the end of the line"),
        (
            b'FETCH 1 \xff"\t\\',
            r'FETCH: expected a keyword at octet 10, found "\xff"\x09\"',
        ),
        (
            b"SELECT {1}\r\n\n",
            "SELECT: expected an argument without CR, LF and NUL at octet 14, found",
        ),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(arguments: bytes, text: str) -> None:
    with pytest.raises(CommandSyntaxError) as caught:
        parse_command(b"a " + arguments + b"\r\n")
    assert str(caught.value).startswith(text)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


def test_text_may_have_lines() -> None:
    _, command = parse_command(b"a SEARCH HEADER x {3}\r\na\nb\r\n")
    assert isinstance(command, c.SearchCommand)
    assert command.query == Search.header("x", "a\nb")
    _, identity = parse_command(b"a ID ({1}\r\n\n {1}\r\n\r)\r\n")
    assert identity == c.Id({"\n": "\r"})
    _, annotation = parse_command(b"a SETMETADATA x (/private/a {2}\r\n\r\n)\r\n")
    assert annotation == c.SetMetadata("x", {"/private/a": b"\r\n"})


def test_ranges_are_not_expanded() -> None:
    _, command = parse_command(b"a FETCH 1:4294967295 FLAGS\r\n")
    assert command == c.Fetch(SequenceSet(((1, 4294967295),)), ("FLAGS",))


def test_codecs_that_a_peer_should_not_reach() -> None:
    for charset in (b"rot13", b"base64", b"unicode_escape", b"idna", b"punycode", b"utf-7"):
        _, command = parse_command(b'a SEARCH CHARSET %b TEXT "\\\\x41+AEE-"\r\n' % charset)
        assert isinstance(command, c.SearchCommand)
        assert command.query == Search.text("\\x41+AEE-")


def test_unbounded_lines() -> None:
    framer = command_framer(ImapLimits(command_line=1000))
    framer.receive(b"a SEARCH " + b"NOT " * 1000)
    with pytest.raises(LimitExceeded, match="command_line"):
        framer.next_frame()


# --- nothing gets out of an argument ---

_HOSTILE = (
    "x\r\nb LOGOUT\r\n",
    "x\nb LOGOUT\n",
    "x\rb",
    "x\0b",
    "\udc0d\udc0a",
    "\ud800",
    '"',
    "\\",
)


def _variants(item: Any, text: str) -> Iterator[Any]:
    """The same value with each of its strings, at any depth, replaced by ``text`` in turn."""
    if isinstance(item, str):
        yield text
    elif isinstance(item, tuple):
        for at, part in enumerate(item):
            for variant in _variants(part, text):
                yield (*item[:at], variant, *item[at + 1 :])
    elif isinstance(item, dict):
        for key, part in item.items():
            rest = {name: other for name, other in item.items() if name != key}
            yield {**rest, text: part}
            for variant in _variants(part, text):
                yield {**rest, key: variant}
    elif attrs.has(type(item)):
        for attribute in attrs.fields(type(item)):
            for variant in _variants(getattr(item, attribute.name), text):
                yield evolve(item, **{attribute.name: variant})


@pytest.mark.parametrize("text", _HOSTILE, ids=repr)
@pytest.mark.parametrize("utf8", [False, True])
def test_injection(text: str, utf8: bool) -> None:
    """Whatever a string holds: the command is refused, or it is one command and no other."""
    tried = 0
    for vector in COMMANDS:
        for command in _variants(vector.command, text):
            tried += 1
            try:
                wire = b"".join(encode_command("a", command, utf8=utf8))
            except LocalProtocolError:
                continue
            framer = command_framer(ImapLimits())
            framer.receive(wire)
            while isinstance(frame := framer.next_frame(), LiteralStart):
                framer.accept(stream=False)
            assert frame == wire
            tag, found = parse_command(wire, strict=True, utf8=utf8)
            assert (tag, type(found)) == ("a", type(command))
    assert tried > 1000


@pytest.mark.parametrize(
    "command",
    [
        c.Login("a\r\nb", "c"),
        c.Login("a", "b\0"),
        c.Select("a", ("CONDSTORE", "X Y")),
        c.Select("a", (c.Option("CONDSTORE", 5),)),
        c.Select("a", ("QRESYNC",)),
        c.Select("a", (c.Option("X", "atom"),)),
        c.Select("a", (c.Option("X", None),)),
        c.Create("a", ("USE",)),
        c.List("", ()),
        c.List("", ("a",), returns=("STATUS",)),
        c.Status("a", ()),
        c.Append("a", ()),
        c.Append("a", (c.AppendMessage(b"\0"),)),
        c.Append("a", (c.AppendMessage(()),)),
        c.Append("a", (c.AppendMessage(Literal(3, b"ab")),)),
        c.Append("a", (c.AppendMessage((c.CatenateUrl("x"),), utf8=True),)),
        c.Append("a", (c.AppendMessage(b"", extensions=(c.Option("UTF8", ()),)),)),
        c.Append("a", (c.AppendMessage("text"),)),  # type: ignore[arg-type]
        c.Fetch(SequenceSet(), ("FLAGS",)),
        c.Fetch(SequenceSet.of(1), ()),
        c.Fetch(SequenceSet.of(1), ("X[\r\n]",)),
        c.Fetch(SequenceSet.of(1), ("BODY[]",)),
        c.Fetch(SequenceSet.of(1), ("FLAGS",), (c.Option("PARTIAL", (1, -1)),)),
        c.Store(SequenceSet.of(1), "FOO", ()),
        c.Store(SequenceSet.of(1), "ANNOTATION", (), silent=True),
        c.Store(SequenceSet.of(1), "+FLAGS", ("a b",)),
        c.SearchCommand(SearchKey("FOO")),
        c.SearchCommand(SearchKey("FROM")),
        c.SearchCommand(SearchAnd(())),
        c.SearchCommand(SearchOr((Search.seen,))),
        c.SearchCommand(Query()),
        c.SearchCommand(Search.modseq(1, "/flags/é")),
        c.SearchCommand(SearchKey("MODSEQ", (1, "/flags/a", "foo"))),
        c.SearchCommand(SearchKey("ANNOTATION", ("/a", "size", "x"))),
        c.Sort((), Search.seen),
        c.Sort((c.SortKey("REVERSE"),), Search.seen),
        c.Sort((c.SortKey("ANNOTATION"),), Search.seen),
        c.Sort((c.SortKey("ANNOTATION", annotation=("/a", "size")),), Search.seen),
        c.ESearch(Search.seen, sources=()),
        c.ESearch(Search.seen, scope=("X",)),
        c.Notify((), True),
        c.Notify(None, True),
        c.Notify((c.EventGroup(c.MailboxFilter("SUBTREE"), None),)),
        c.ResetKey(None, ("INTERNAL",)),
        c.GetMetadata("a", ("/b",), (c.Option("DEPTH", "2"),)),
        c.CancelUpdate(("a\r\n",)),
        c.UnknownCommand("NOOP"),
        c.UnknownCommand("UID"),
        c.UnknownCommand("x"),
        c.AuthResponse(b""),
    ],
    ids=repr,
)
def test_what_can_not_be_sent(command: c.Command) -> None:
    with pytest.raises(LocalProtocolError):
        encode_command("a", command)
