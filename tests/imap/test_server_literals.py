"""Literals through the server core: taken or refused before they come, streamed both ways."""

import tracemalloc
from typing import Any

import pytest

from mailproto import imap
from mailproto.errors import LocalProtocolError
from mailproto.imap import (
    Append,
    AppendMessage,
    Bad,
    Capabilities,
    ConnectionClosed,
    EndOfContent,
    InvalidCommand,
    Literal,
    LiteralOffered,
    MessageOctets,
    No,
    Ok,
    ResponseCode,
    Section,
    TaggedCommand,
)
from mailproto.imap.sequence_set import STAR
from mailproto.limits import ImapLimits
from mailproto.testing import Cut, bytewise, whole
from tests.imap.server_scenes import (
    EVERYTHING,
    SMALL,
    ask,
    connected,
    logged_in,
    refusal,
    said,
    selected,
    serve,
)

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
TOO_BIG = ResponseCode("TOOBIG")
BODY = Section.parse("BODY[]")
MIB = 1024 * 1024


def without(*names: str) -> Capabilities:
    return Capabilities(name for name in EVERYTHING if name not in names)


class TestOffers:
    def test_what_is_known(self) -> None:
        conn = logged_in()
        event = ask(conn, b'a APPEND "in box" (\\Seen) "17-Jul-1996 02:44:25 -0700" {5}\r\n')
        assert isinstance(event, LiteralOffered)
        assert (event.tag, event.size, event.synchronizing) == ("a", 5, True)
        assert isinstance(event.command, Append)
        assert event.command.mailbox == "in box"
        [message] = event.command.messages
        assert (message.content, message.flags) == (Literal(5), ("\\Seen",))
        assert message.date is not None

    @pytest.mark.parametrize(
        ("wire", "command"),
        [
            (b"APPEND x {5}", Append("x", (AppendMessage(Literal(5)),))),
            (b"APPEND {1+}\r\nx {5}", Append("x", (AppendMessage(Literal(5)),))),
            (b"APPEND x ~{5+}", Append("x", (AppendMessage(Literal(5, binary=True)),))),
            (
                b"APPEND x UTF8 (~{5}",
                Append("x", (AppendMessage(Literal(5, binary=True), utf8=True),)),
            ),
            (
                b"APPEND x CATENATE (URL u TEXT {5}",
                Append(
                    "x",
                    (
                        AppendMessage(
                            (imap.CatenateUrl("u"), imap.CatenateText(Literal(5))),
                        ),
                    ),
                ),
            ),
            (
                b"APPEND x CATENATE (UTF8 (~{5}",
                Append(
                    "x",
                    (AppendMessage((imap.CatenateText(Literal(5, binary=True), utf8=True),)),),
                ),
            ),
            (b"REPLACE 3 x {5}", imap.Replace(3, "x", AppendMessage(Literal(5)))),
            (b"UID REPLACE * x {5}", imap.Replace(STAR, "x", AppendMessage(Literal(5)), uid=True)),
        ],
    )
    @cuts
    def test_forms(self, wire: bytes, command: Any, cut: Cut) -> None:
        conn = selected()
        events = [ask(conn, chunk) for chunk in cut(b"a " + wire + b"\r\n")]
        assert set(events[:-1]) <= {None}
        offer = events[-1]
        assert isinstance(offer, LiteralOffered)
        assert offer.command == command
        conn.accept_literal()
        closing = {"UTF8 (": b")", "CATENATE (U": b"))", "CATENATE (URL": b")"}
        end = next((it for key, it in reversed(closing.items()) if key.encode() in wire), b"")
        outcome = serve(cut(b"hello" + end + b"\r\n"), conn, eof=False)
        assert outcome.events[:2] == [MessageOctets(b"hello"), EndOfContent()]
        assert outcome.events[2] == TaggedCommand("a", command)

    @cuts
    def test_several_messages(self, cut: Cut) -> None:
        wire = b"a APPEND x (\\Seen) {3}\r\nabc {0+}\r\n () {2}\r\nde\r\nb NOOP\r\n"
        outcome = serve(cut(wire), logged_in(), eof=False)
        first, second, third = (
            Append("x", (AppendMessage(Literal(size), flags),))
            for size, flags in ((3, ("\\Seen",)), (0, None), (2, ()))
        )
        assert outcome.events[:8] == [
            LiteralOffered("a", first, 3, True),
            MessageOctets(b"abc"),
            EndOfContent(),
            LiteralOffered("a", second, 0, False),
            EndOfContent(),
            LiteralOffered("a", third, 2, True),
            MessageOctets(b"de"),
            EndOfContent(),
        ]
        go_ahead = b"+ Ready for literal data\r\n"
        assert outcome.output == go_ahead * 2 + b"a OK done\r\nb OK NOOP completed\r\n"
        [*_, last, _] = outcome.events
        assert isinstance(last, TaggedCommand)
        assert isinstance(last.command, Append)
        assert [message.content for message in last.command.messages] == [
            Literal(3),
            Literal(0),
            Literal(2),
        ]

    @cuts
    @pytest.mark.parametrize("plus", [b"", b"+"])
    def test_refused(self, cut: Cut, plus: bytes) -> None:
        conn = logged_in()
        for chunk in cut(b"a APPEND x {3" + plus + b"}\r\n"):
            event = ask(conn, chunk)
        with pytest.raises(LocalProtocolError, match="LiteralOffered"):
            conn.next_event()
        with pytest.raises(LocalProtocolError, match="OK"):
            conn.send(Ok("no", tag="a"))
        with pytest.raises(LocalProtocolError, match="flight"):
            conn.send(No("no", tag="b"))
        assert conn.default_response(event) == No("Not possible here", ResponseCode("CANNOT"), "a")
        refused = No("no such mailbox", ResponseCode("TRYCREATE"), "a")
        assert said(conn, refused) == b"a NO [TRYCREATE] no such mailbox\r\n"
        with pytest.raises(LocalProtocolError, match="offered"):
            conn.accept_literal()
        rest = b"xyz (\\Seen) {4+}\r\nx\r\ny\r\n" if plus else b""
        outcome = serve(cut(rest + b"b NOOP\r\n"), conn, eof=False)
        assert outcome.events == [TaggedCommand("b", imap.Noop())]

    def test_the_second_message_is_refused(self) -> None:
        conn = logged_in()
        ask(conn, b"a APPEND x {3+}\r\nabc {4+}\r\nq NO\r\nb NOOP\r\n")
        conn.accept_literal()
        assert conn.next_event() == MessageOctets(b"abc")
        assert conn.next_event() == EndOfContent()
        assert isinstance(conn.next_event(), LiteralOffered)
        said(conn, No("quota", tag="a"))
        assert conn.next_event() == TaggedCommand("b", imap.Noop())

    def test_what_comes_behind_is_malformed(self) -> None:
        outcome = serve([b"a APPEND x {3+}\r\nabc !\r\nb NOOP\r\n"], logged_in(), eof=False)
        assert isinstance(outcome.events[3], InvalidCommand)
        assert outcome.events[3].response.tag == "a"
        assert outcome.events[4] == TaggedCommand("b", imap.Noop())

    def test_replace_takes_one_message(self) -> None:
        outcome = serve([b"a REPLACE 1 x {3+}\r\nabc {2+}\r\nde\r\n"], selected(), eof=False)
        assert isinstance(outcome.events[-1], InvalidCommand)
        assert outcome.output.startswith(b"a BAD ")

    @pytest.mark.parametrize(
        "wire",
        [
            b"a APPEND x (\\Seen \\) {5}",
            b'a APPEND x "17-Foo-1996 02:44:25 -0700" {5}',
            b"a REPLACE 0 x {5}",
        ],
    )
    def test_malformed_before_it_comes(self, wire: bytes) -> None:
        """Nobody uploads what is refused anyway."""
        response = refusal(selected(), wire + b"\r\n")
        assert (type(response), response.tag) == (Bad, "a")

    @pytest.mark.parametrize("plus", [b"", b"+"])
    def test_before_the_login(self, plus: bytes) -> None:
        conn = connected()
        assert refusal(conn, b"a APPEND x {5" + plus + b"}\r\n") == Bad("Log in first", tag="a")
        rest = b"hello\r\n" if plus else b""
        assert ask(conn, rest + b"b NOOP\r\n") == TaggedCommand("b", imap.Noop())

    def test_not_offered(self) -> None:
        conn = selected(without("REPLACE", "CATENATE"))
        for line in (b"a REPLACE 1 x {5}\r\n", b"a APPEND x CATENATE (TEXT {5}\r\n"):
            assert refusal(conn, line) == Bad("Not offered", tag="a")

    def test_one_more_is_not_offered(self) -> None:
        conn = logged_in(without("MULTIAPPEND"))
        ask(conn, b"a APPEND x {3}\r\n")
        conn.accept_literal()
        assert ask(conn, b"abc") == MessageOctets(b"abc")
        assert conn.next_event() == EndOfContent()
        conn.data_to_send()
        assert refusal(conn, b" {4}\r\n") == Bad("Not offered", tag="a")
        assert isinstance(ask(conn, b"b NOOP\r\n"), TaggedCommand)

    def test_cut_off_within(self) -> None:
        conn = logged_in()
        ask(conn, b"a APPEND x {5+}\r\nhel")
        conn.accept_literal()
        assert conn.next_event() == MessageOctets(b"hel")
        assert conn.next_event() is None
        conn.receive_eof()
        assert conn.next_event() == ConnectionClosed(False)

    def test_other_data_in_between(self) -> None:
        conn = selected()
        ask(conn, b"a APPEND x {5}\r\n")
        written = said(conn, Ok("still here"), imap.ExistsResponse(3))
        assert written == b"* OK still here\r\n* 3 EXISTS\r\n"
        conn.accept_literal()
        assert conn.data_to_send() == b"+ Ready for literal data\r\n"

    def test_nothing_was_offered(self) -> None:
        with pytest.raises(LocalProtocolError, match="offered"):
            logged_in().accept_literal()

    def test_the_plus_never_comes_within_a_response(self) -> None:
        conn = selected()
        ask(conn, b"f UID FETCH 1 BODY[]\r\na LIST {1}\r\n")
        conn.send(imap.FetchResponse(1, {BODY: Literal(4)}))
        with pytest.raises(LocalProtocolError, match="4 octets"):
            conn.next_event()
        said(conn, MessageOctets(b"abcd"))
        assert conn.next_event() is None
        assert conn.data_to_send() == b"+ Ready for additional command text\r\n"


class TestInline:
    @cuts
    def test_taken_by_the_core(self, cut: Cut) -> None:
        outcome = serve(cut(b"a LOGIN {3}\r\nann {6}\r\nsecret\r\n"), connected(), eof=False)
        assert outcome.events[0] == TaggedCommand("a", imap.Login("ann", "secret"))
        assert outcome.output.count(b"+ Ready for additional command text\r\n") == 2

    @cuts
    @pytest.mark.parametrize("plus", [b"", b"+"])
    def test_too_big(self, cut: Cut, plus: bytes) -> None:
        wire = b"a LIST {400" + plus + b"}\r\n" + (b"x" * 400 + b" *\r\n" if plus else b"")
        outcome = serve(cut(wire + b"b NOOP\r\n"), logged_in(limits=SMALL), eof=False)
        assert outcome.output == (
            b"a BAD [TOOBIG] The literal is too long\r\nb OK NOOP completed\r\n"
        )

    def test_the_limit_is_exact(self) -> None:
        line = b"a LIST {%d+}\r\n"
        most = SMALL.command - len(line % 100)
        conn = logged_in(limits=SMALL)
        assert ask(conn, line % most) is None
        conn = logged_in(limits=SMALL)
        assert refusal(conn, line % (most + 1)).code == TOO_BIG

    def test_all_together(self) -> None:
        """Several small ones are no way around the limit of a command."""
        piece = b"{90+}\r\n" + b"x" * 90 + b" "
        assert serve([b"a X " + piece * 4], logged_in(limits=SMALL)).output.count(b"TOOBIG") == 1

    def test_before_the_login(self) -> None:
        conn = connected()
        most = ImapLimits().command_before_auth
        assert refusal(conn, b"a LOGIN {%d}\r\n" % most).code == TOO_BIG
        assert ask(conn, b"a LOGIN {100}\r\n") is None


class TestUnasked:
    def test_literal_plus(self) -> None:
        conn = logged_in(limits=ImapLimits(message_size=None))
        assert isinstance(ask(conn, b"a APPEND x {1000000+}\r\n"), LiteralOffered)

    @pytest.mark.parametrize("offer", ["LITERAL-", "IMAP4rev2"])
    @pytest.mark.parametrize(("size", "taken"), [(4096, True), (4097, False)])
    def test_literal_minus(self, offer: str, size: int, taken: bool) -> None:
        conn = logged_in(Capabilities(["IMAP4rev1", offer]))
        if taken:
            assert isinstance(ask(conn, b"a APPEND x {%d+}\r\n" % size), LiteralOffered)
        else:
            assert refusal(conn, b"a APPEND x {%d+}\r\n" % size).code == TOO_BIG
            assert isinstance(ask(conn, b"x" * size + b"\r\nb NOOP\r\n"), TaggedCommand)

    def test_not_offered(self) -> None:
        conn = logged_in(Capabilities(["IMAP4rev1"]))
        assert refusal(conn, b"a LIST {1+}\r\n").text == "The literal has to wait"
        assert ask(conn, b'x ""\r\nb NOOP\r\n') == TaggedCommand("b", imap.Noop())
        assert ask(conn, b"a LIST {1}\r\n") is None

    @cuts
    def test_too_long_to_be_swallowed(self, cut: Cut) -> None:
        for wire, limit in (
            (b"a APPEND x {801+}\r\n", "message_size"),
            (b"a LIST {%d+}\r\n" % (10**30), "message_size"),
        ):
            outcome = serve(cut(wire), logged_in(limits=SMALL))
            assert (outcome.limit, outcome.output) == (
                limit,
                b"* BYE [TOOBIG] Too long, closing\r\n",
            )
        outcome = serve(cut(b"a LOGIN {121+}\r\n"), connected(limits=SMALL))
        assert outcome.limit == "command_before_auth"

    def test_swallowed_without_being_kept(self) -> None:
        limits = ImapLimits(message_size=None)
        conn = logged_in(Capabilities(["IMAP4rev1"]), limits=limits)
        size = 32 * MIB
        refusal(conn, b"a APPEND x {%d+}\r\n" % size)
        chunk = b"x" * 65536
        tracemalloc.start()
        for _ in range(size // len(chunk)):
            assert ask(conn, chunk) is None
        assert tracemalloc.get_traced_memory()[1] < MIB
        tracemalloc.stop()
        assert isinstance(ask(conn, b"\r\nb NOOP\r\n"), TaggedCommand)


class TestSizes:
    @pytest.mark.parametrize("plus", [b"", b"+"])
    @pytest.mark.parametrize(("size", "taken"), [(400, True), (401, False)])
    def test_of_a_message(self, size: int, taken: bool, plus: bytes) -> None:
        conn = logged_in(limits=SMALL)
        wire = b"a APPEND x {%d%b}\r\n" % (size, plus)
        if taken:
            assert isinstance(ask(conn, wire), LiteralOffered)
        else:
            assert refusal(conn, wire) == No("No more than 400 octets", TOO_BIG, "a")

    def test_of_its_parts_together(self) -> None:
        part = b"TEXT {250+}\r\n" + b"x" * 250
        wire = b"a APPEND x CATENATE (%b)\r\n"
        conn = logged_in(limits=SMALL)
        assert isinstance(serve([wire % part], conn, eof=False).events[-1], TaggedCommand)
        outcome = serve([wire % (b"URL u " + part + b" " + part)], conn, eof=False)
        assert outcome.output == b"a NO [TOOBIG] The message is too big\r\n"
        conn = selected(limits=SMALL)
        outcome = serve([b"a REPLACE 1 x CATENATE (%b %b)\r\n" % (part, part)], conn, eof=False)
        assert b"TOOBIG" in outcome.output

    @pytest.mark.parametrize("size", [b"-1", b"", b" 5", b"5 ", b"+5", b"0x5", b"5.", b"a"])
    def test_no_number(self, size: bytes) -> None:
        """No literal: the line ends, and with it the command."""
        conn = logged_in()
        refusal(conn, b"a APPEND x {" + size + b"}\r\n")
        assert isinstance(ask(conn, b"b NOOP\r\n"), TaggedCommand)

    @pytest.mark.parametrize("size", [4294967296, 10**20 - 1, 10**40])
    def test_absurd(self, size: int) -> None:
        conn = logged_in(limits=ImapLimits(message_size=MIB))
        for line in (b"a APPEND x {%d}\r\n", b"a LIST {%d}\r\n", b"a X {%d}\r\n"):
            assert refusal(conn, line % size).code == TOO_BIG
        assert isinstance(ask(conn, b"b NOOP\r\n"), TaggedCommand)


class TestStreamedOut:
    def test_in_pieces(self) -> None:
        conn = selected()
        ask(conn, b"a UID FETCH 1 (BODY[] UID)\r\n")
        assert not conn.reply_owed
        written = said(conn, imap.FetchResponse(1, {"UID": 7, BODY: Literal(10)}))
        assert conn.reply_owed
        assert written == b"* 1 FETCH (UID 7 BODY[] {10}\r\n"
        for item in (Ok("a", tag="a"), Ok("x"), imap.ExistsResponse(3), MessageOctets(b"x" * 11)):
            with pytest.raises(LocalProtocolError, match="10 octets"):
                conn.send(item)
        assert said(conn, MessageOctets(b"hello"), MessageOctets(b"")) == b"hello"
        assert (
            said(conn, MessageOctets(b"world"), Ok("done", tag="a")) == b"world)\r\na OK done\r\n"
        )

    def test_several(self) -> None:
        conn = selected()
        ask(conn, b"a UID FETCH 1 (BODY[1] BODY[2] BODY[3])\r\n")
        one, two, three, four = (Section.parse(f"BODY[{n}]") for n in range(1, 5))
        items: dict[Any, Any] = {
            one: Literal(2),
            two: Literal(0),
            three: Literal(3, b"a\nb"),
            four: Literal(1),
        }
        conn.send(imap.FetchResponse(1, items))
        written = said(conn, MessageOctets(b"xy"), MessageOctets(b"z"))
        assert written == (
            b"* 1 FETCH (BODY[1] {2}\r\nxy BODY[2] {0}\r\n BODY[3] {3}\r\na\nb "
            b"BODY[4] {1}\r\nz)\r\n"
        )
        assert said(conn, Ok("done", tag="a")) == b"a OK done\r\n"

    def test_empty(self) -> None:
        conn = selected()
        ask(conn, b"a UID FETCH 1 BODY[]\r\n")
        written = said(conn, imap.FetchResponse(1, {BODY: Literal(0)}), Ok("done", tag="a"))
        assert written == b"* 1 FETCH (BODY[] {0}\r\n)\r\na OK done\r\n"

    def test_end_of_file_within(self) -> None:
        conn = selected()
        ask(conn, b"a UID FETCH 1 BODY[]\r\n")
        conn.send(imap.FetchResponse(1, {BODY: Literal(5)}))
        conn.receive_eof()
        with pytest.raises(LocalProtocolError):
            conn.next_event()
        said(conn, MessageOctets(b"hello"), Ok("done", tag="a"))
        assert conn.next_event() == ConnectionClosed(True)


@pytest.mark.slow
class TestHuge:
    SIZE = 1024 * MIB

    def test_append(self) -> None:
        conn = logged_in(limits=ImapLimits(message_size=None))
        assert isinstance(ask(conn, b"a APPEND x {%d}\r\n" % self.SIZE), LiteralOffered)
        conn.accept_literal()
        chunk = b"x" * 65536
        received = 0
        tracemalloc.start()
        for _ in range(self.SIZE // len(chunk)):
            conn.receive_data(chunk)
            while isinstance(event := conn.next_event(), MessageOctets):
                received += len(event.data)
        assert tracemalloc.get_traced_memory()[1] < MIB
        tracemalloc.stop()
        assert received == self.SIZE
        assert isinstance(event, EndOfContent)
        assert isinstance(ask(conn, b"\r\n"), TaggedCommand)

    def test_fetch(self) -> None:
        conn = selected()
        ask(conn, b"a UID FETCH 1 BODY[]\r\n")
        conn.send(imap.FetchResponse(1, {BODY: Literal(self.SIZE)}))
        octets = MessageOctets(b"x" * 65536)
        written = 0
        tracemalloc.start()
        for _ in range(self.SIZE // len(octets.data)):
            written += len(said(conn, octets))
        assert tracemalloc.get_traced_memory()[1] < MIB
        tracemalloc.stop()
        assert said(conn, Ok("done", tag="a")) == b"a OK done\r\n"
        assert written >= self.SIZE
