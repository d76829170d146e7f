"""The table of vectors, read and written, by the codec alone and through the cores."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from mailproto.errors import LocalProtocolError
from mailproto.smtp import (
    Auth,
    Bdat,
    ClientConnection,
    Command,
    CommandSyntaxError,
    Data,
    Ehlo,
    EnhancedCode,
    Greeting,
    Helo,
    InvalidCommand,
    InvalidReply,
    Lhlo,
    Mail,
    Noop,
    Parameter,
    Quit,
    Rcpt,
    Reply,
    ReplyReceived,
    ReplySyntaxError,
    Rset,
    ServerConnection,
    SmtpLimits,
    StartTls,
    UnknownCommand,
    Vrfy,
    Xclient,
    encode_command,
    encode_reply,
    parse_auth_response,
    parse_command,
    parse_reply,
)
from mailproto.smtp.commands import Burl
from mailproto.testing import Cut, bytewise, whole

from .drive import ALL_EXTENSIONS, NO_LIMITS
from .vectors import (
    AUTH_RESPONSES,
    COMMANDS,
    MALFORMED_BDAT,
    MALFORMED_COMMANDS,
    MALFORMED_REPLIES,
    REPLIES,
    CommandVector,
    Malformed,
    ReplyVector,
)

commands = pytest.mark.parametrize("vector", COMMANDS, ids=lambda v: v.line[:60])
replies = pytest.mark.parametrize("vector", REPLIES, ids=lambda v: v.lines[:60])
malformed = pytest.mark.parametrize("vector", MALFORMED_COMMANDS, ids=lambda v: repr(v.wire[:60]))
broken_bdats = pytest.mark.parametrize("vector", MALFORMED_BDAT, ids=lambda v: repr(v.wire[:60]))
broken_replies = pytest.mark.parametrize("wire", MALFORMED_REPLIES)
cuts = pytest.mark.parametrize("cut", [whole, bytewise])

# What brings a server to where a command is allowed.
PRELUDES: dict[type[Command], bytes] = {
    Rcpt: b"EHLO c.example\r\nMAIL FROM:<> SMTPUTF8\r\n",
    **dict.fromkeys(
        (Data, Bdat, Burl), b"EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n"
    ),
    **dict.fromkeys((Ehlo, Helo, Lhlo), b""),
}
# After these the next octets are no command.
_BEFORE_OTHER_OCTETS = (StartTls, Data, Bdat, Auth, Quit)


def fields(cls: type[Any]) -> tuple["attrs.Attribute[Any]", ...]:
    found: tuple[attrs.Attribute[Any], ...] = attrs.fields(cls)
    return found


def new_server(command: type[Command], cut: Cut) -> ServerConnection:
    server = ServerConnection("s.example", ALL_EXTENSIONS, limits=NO_LIMITS, lmtp=command is Lhlo)
    server.send(Reply(220))
    for chunk in cut(PRELUDES.get(command, b"EHLO c.example\r\n")):
        server.receive_data(chunk)
        while (event := server.next_event()) is not None:
            server.send(server.default_reply(event))
    return server


class TestCommands:
    @commands
    def test_read(self, vector: CommandVector) -> None:
        assert parse_command(vector.wire) == vector.command

    @commands
    def test_written(self, vector: CommandVector) -> None:
        written = encode_command(vector.command, smtputf8=True)
        assert (written == vector.wire) is vector.canonical
        assert parse_command(written, strict=True) == vector.command

    @commands
    def test_what_is_canonical_has_no_defects(self, vector: CommandVector) -> None:
        if vector.canonical:
            assert not parse_command(vector.wire).defects

    @commands
    @cuts
    def test_through_the_server_core(self, vector: CommandVector, cut: Cut) -> None:
        server = new_server(type(vector.command), cut)
        chunks = list(cut(vector.wire))
        for chunk in chunks[:-1]:
            server.receive_data(chunk)
            assert server.next_event() is None
        server.receive_data(chunks[-1])
        assert server.next_event() == vector.command

    @commands
    def test_with_trailing_data(self, vector: CommandVector) -> None:
        if isinstance(vector.command, _BEFORE_OTHER_OCTETS):
            return
        server = new_server(type(vector.command), whole)
        server.receive_data(vector.wire + b"NOOP trailing\r\nNOO")
        event = server.next_event()
        assert event == vector.command
        server.send(server.default_reply(event))
        assert server.next_event() == Noop("trailing")
        server.send(Reply(250))
        assert server.next_event() is None
        server.receive_data(b"P\r\n")
        assert server.next_event() == Noop()

    @commands
    def test_bare_lf_is_tolerated_and_told(self, vector: CommandVector) -> None:
        line = vector.line.encode() + b"\n"
        assert "bare LF" in parse_command(line).defects[0].what
        with pytest.raises(CommandSyntaxError, match="bare LF"):
            parse_command(line, strict=True)

    @pytest.mark.parametrize("name", ["not a domain", "bücher.example", "[1.2.3]", "a_b", "-"])
    def test_hellos_of_any_kind_are_tolerated_and_told(self, name: str) -> None:
        line = f"EHLO {name}\r\n".encode()
        command = parse_command(line)
        assert command == Ehlo(name)
        assert command.defects[0].section == "RFC 5321 4.1.1.1"
        with pytest.raises(CommandSyntaxError):
            parse_command(line, strict=True)

    @pytest.mark.parametrize("vector", AUTH_RESPONSES, ids=lambda v: v.line)
    def test_auth_responses(self, vector: CommandVector) -> None:
        assert parse_auth_response(vector.wire) == vector.command
        assert encode_command(vector.command) == vector.wire

    def test_every_command_and_every_field_has_a_vector(self) -> None:
        told = {
            (type(vector.command), field.name)
            for vector in COMMANDS + AUTH_RESPONSES
            for field in fields(type(vector.command))
            if getattr(vector.command, field.name) != field.default
        }
        wanted = {
            (cls, field.name)
            for cls in Command.__subclasses__()
            for field in fields(cls)
            if field.eq
        }
        assert wanted - told == set()
        assert {type(vector.command) for vector in COMMANDS + AUTH_RESPONSES} == set(
            Command.__subclasses__()
        )


class TestMalformedCommands:
    @malformed
    def test_refused_by_the_codec(self, vector: Malformed) -> None:
        with pytest.raises(CommandSyntaxError) as caught:
            parse_command(vector.wire)
        assert caught.value.reply.code == vector.code
        assert not caught.value.framing_lost

    @malformed
    @cuts
    def test_answered_by_the_server_core(self, vector: Malformed, cut: Cut) -> None:
        command = Rcpt if vector.wire.startswith(b"RCPT") else Noop
        server = new_server(command, cut)
        server.data_to_send()
        for chunk in cut(vector.wire + b"NOOP\r\n"):
            server.receive_data(chunk)
        event = server.next_event()
        assert isinstance(event, InvalidCommand)
        assert event.line[:5] == vector.wire[:5]
        server.send(server.default_reply(event))
        assert server.data_to_send().startswith(b"%d 5." % vector.code)
        assert server.next_event() == Noop()

    @broken_bdats
    def test_broken_bdat_loses_the_framing(self, vector: Malformed) -> None:
        with pytest.raises(CommandSyntaxError) as caught:
            parse_command(vector.wire)
        assert caught.value.framing_lost
        server = new_server(Bdat, whole)
        server.data_to_send()
        server.receive_data(vector.wire + b"NOOP\r\n")
        with pytest.raises(CommandSyntaxError):
            server.next_event()
        assert server.data_to_send().startswith(b"%d 5.5.4 " % vector.code)


class TestReplies:
    @replies
    def test_read(self, vector: ReplyVector) -> None:
        reply = parse_reply(vector.wire)
        assert reply == vector.reply
        assert parse_reply(vector.wire, strict=True) == vector.reply
        assert reply.lines == tuple(vector.reply.text.split("\n"))

    @replies
    def test_written(self, vector: ReplyVector) -> None:
        written = encode_reply(vector.reply, smtputf8=True)
        assert (written == vector.wire) is vector.canonical
        assert parse_reply(written, strict=True) == vector.reply

    @replies
    @cuts
    def test_through_the_client_core(self, vector: ReplyVector, cut: Cut) -> None:
        client = ClientConnection()
        client.receive_data(b"220 ready\r\n")
        assert client.next_event() == Greeting(Reply(220, "ready"))
        client.send(Ehlo("c.example"))
        client.receive_data(b"250-s.example\r\n250 PIPELINING\r\n")
        client.next_event()
        client.send(Rset())
        client.send(Quit())
        *first, last = cut(vector.wire)
        for chunk in first:
            client.receive_data(chunk)
            assert client.next_event() is None
        client.receive_data(last + b"221 trailing\r\n")
        assert client.next_event() == ReplyReceived(Rset(), vector.reply)
        assert client.next_event() == ReplyReceived(Quit(), Reply(221, "trailing"))

    @broken_replies
    def test_malformed(self, wire: bytes) -> None:
        with pytest.raises(ReplySyntaxError):
            parse_reply(wire)
        client = ClientConnection()
        client.receive_data(wire + b"220 ready\r\n")
        assert client.next_event() == InvalidReply(wire)
        assert client.next_event() == Greeting(Reply(220, "ready"))
        strict = ClientConnection(strict=True)
        strict.receive_data(wire)
        with pytest.raises(ReplySyntaxError):
            strict.next_event()

    def test_incomplete(self) -> None:
        for wire in (
            b"",
            b"250-a\r\n",
            b"250-a\r\n\x80\r\n",
            b"250 a\r\n250 b\r\n",
            b"250 a\r\n250-b\r\n",
        ):
            with pytest.raises(ReplySyntaxError):
                parse_reply(wire)

    def test_codes_that_differ(self) -> None:
        reply = parse_reply(b"250-a\r\n550 b\r\n")
        assert reply == Reply(550, "a\nb")
        assert reply.defects[0].section == "RFC 5321 4.2.1"
        with pytest.raises(ReplySyntaxError, match="codes differ"):
            parse_reply(b"250-a\r\n550 b\r\n", strict=True)

    def test_bytes_that_are_not_utf8_survive(self) -> None:
        reply = parse_reply(b"250 caf\xe9\r\n")
        assert encode_reply(reply, smtputf8=True) == b"250 caf\xe9\r\n"

    def test_only_the_first_lines_code_is_taken_off(self) -> None:
        assert parse_reply(b"250-a\r\n250 2.1.0 b\r\n") == Reply(250, "a\n2.1.0 b")
        assert parse_reply(b"250-2.1.0 a\r\n250 2.1.5 b\r\n") == Reply(
            250, "a\n2.1.5 b", EnhancedCode(2, 1, 0)
        )

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(199),
            Reply(600),
            Reply(-250),
            Reply(250, "a\rb"),
            Reply(250, "a\0b"),
            Reply(250, "ä"),
            Reply(250, "a", EnhancedCode(5, 0, 0)),
            Reply(354, "a", EnhancedCode(2, 0, 0)),
            Reply(250, "a", EnhancedCode(2, 1000, 0)),
            Reply(250, "a", EnhancedCode(2, 0, -1)),
        ],
        ids=str,
    )
    def test_what_can_not_be_sent(self, reply: Reply) -> None:
        with pytest.raises(LocalProtocolError):
            encode_reply(reply)

    def test_an_empty_parameter(self) -> None:
        mail = Mail("ann@example.org", extra=(Parameter(""), Parameter("X")))
        with pytest.raises(LocalProtocolError, match="empty"):
            encode_command(mail)

    def test_surrogates_that_stand_for_no_octet(self) -> None:
        with pytest.raises(LocalProtocolError, match="not Unicode"):
            encode_reply(Reply(250, "\ud800"), smtputf8=True)

    @pytest.mark.parametrize("code", [200, 299, 300, 399, 400, 499, 500, 599])
    def test_classes(self, code: int) -> None:
        reply = Reply(code)
        classes = (reply.is_positive, reply.is_intermediate, reply.is_transient, reply.is_permanent)
        assert classes == tuple(code // 100 == digit for digit in (2, 3, 4, 5))

    def test_shown(self) -> None:
        assert str(Reply(550, "a\nb", EnhancedCode(5, 1, 1))) == "550 5.1.1 a / b"
        assert str(Reply(250)) == "250"


class TestWriter:
    """What the writer refuses, although the value can be made."""

    @pytest.mark.parametrize(
        "command",
        [
            Ehlo("not a domain"),
            Ehlo(""),
            Ehlo("bücher.example"),
            Ehlo("[1.2.3.4.5]"),
            Mail("no-at-sign"),
            Mail("a@b.example> SIZE=1"),
            Mail("<a@b.example>"),
            Mail("jörg@b.example"),
            Mail("@a.example:u@b.example"),
            Mail("u@b.example", source_route="a.example"),
            Mail("", source_route="@a.example"),
            Mail("a@b.example", size=-1),
            Mail("a@b.example", size=10**20),
            Mail("a@b.example", holdfor=1, holduntil=datetime(2030, 1, 1, tzinfo=UTC)),
            Mail("a@b.example", holduntil=datetime(2030, 1, 1)),
            Mail(
                "a@b.example", holduntil=datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
            ),
            Mail("a@b.example", mt_priority=10),
            Mail("a@b.example", envid=""),
            Rcpt(""),
            Rcpt("jörg@b.example"),
            Bdat(-1),
            Bdat(10**20),
            Burl("imap://a b"),
            Burl("imap://a LAST"),
            Burl(""),
            Auth("PLAIN AAAA"),
            Auth(""),
            Auth("A/B"),
            Vrfy(""),
            Vrfy("jörg"),
            Vrfy("a SMTPUTF8"),
            Vrfy(" a"),
            Noop(""),
            Noop(" a"),
            Noop("a "),
            Xclient(()),
            Xclient((("A B", "c"),)),
            Xclient((("NAME x", "c"),)),
            UnknownCommand(""),
            UnknownCommand("X Y"),
            UnknownCommand("XFOO", " a"),
            UnknownCommand("XFOO", "a "),
            UnknownCommand("DATA"),
            UnknownCommand("starttls"),
            UnknownCommand("É"),
        ],
        ids=repr,
    )
    def test_refused(self, command: Command) -> None:
        with pytest.raises(LocalProtocolError):
            encode_command(command)

    def test_the_reason_is_told(self) -> None:
        with pytest.raises(LocalProtocolError, match="SMTPUTF8"):
            encode_command(Mail("jörg@b.example"))

    def test_smtputf8_of_the_transaction(self) -> None:
        wire = "RCPT TO:<jörg@b.example>\r\n".encode()
        assert encode_command(Rcpt("jörg@b.example"), smtputf8=True) == wire


def test_secrets_do_not_show() -> None:
    assert "secret" not in repr(Auth("PLAIN", b"\0ann\0secret"))
    assert "secret" not in repr(parse_auth_response(b"AHNlY3JldABzZWNyZXQ=\r\n"))


def test_a_line_is_as_long_as_the_limit_says() -> None:
    server = ServerConnection(limits=SmtpLimits(command_line=20))
    server.send(Reply(220))
    server.receive_data(b"NOOP " + 13 * b"x" + b"\r\n" + b"NOOP " + 14 * b"x" + b"\r\nNOOP\r\n")
    assert server.next_event() == Noop(13 * "x")
    server.send(Reply(250))
    event = server.next_event()
    assert isinstance(event, InvalidCommand)
    assert event.reply.code == 500
    server.send(event.reply)
    assert server.next_event() == Noop()
