"""Peers that want to break something. Each test names where the trick comes from.

"Q" numbers are those of our list of quirks; CVEs are of other programs.
"""

import itertools
import tracemalloc
from typing import Any

import pytest

from mailproto import sasl
from mailproto._buffer import ReceiveBuffer
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.smtp import (
    DEFAULT_EXTENSIONS,
    Auth,
    Bdat,
    ClientConnection,
    CommandSyntaxError,
    Data,
    Ehlo,
    EndOfMessage,
    Etrn,
    Expn,
    Extensions,
    Helo,
    Help,
    InvalidCommand,
    Mail,
    MessageData,
    Noop,
    OriginalRecipient,
    Parameter,
    Rcpt,
    Reply,
    ReplySyntaxError,
    Rset,
    ServerConnection,
    SmtpLimits,
    StartTls,
    State,
    UnknownCommand,
    UnsolicitedReply,
    UpgradeToTls,
    Vrfy,
    Xclient,
    Xforward,
    encode_command,
    encode_reply,
    parse_command,
    parse_reply,
)
from mailproto.testing import Cut, bytewise, whole

from .drive import ALL_EXTENSIONS
from .scenes import EHLO, MAIL, RCPT, codes, connected, greeted, heard, talk, talk_to_the_end

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
IN_DATA = EHLO + MAIL + RCPT + b"DATA\r\n"

# --- SMTP smuggling: CVE-2023-51764, -51765, -51766, CVE-2024-27305; RFC 5321 4.1.1.4 ---

ENDS = [b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\n\r\n", b"\r\0\n", b"\0\r\n", b" \r\n", b""]
line_ends = pytest.mark.parametrize(("before", "after"), list(itertools.product(ENDS, ENDS)))
EVIL = b"MAIL FROM:<evil@client.example>\r\nRCPT TO:<victim@mx.example>\r\nDATA\r\nevil"


def _is_bare(text: bytes) -> bool:
    return text.count(b"\r\n") != text.count(b"\r") or text.count(b"\r\n") != text.count(b"\n")


@cuts
@pytest.mark.parametrize("keep", [False, True])
@line_ends
def test_only_crlf_dot_crlf_ends_a_message(
    before: bytes, after: bytes, keep: bool, cut: Cut
) -> None:
    text = b"hello" + before + b"." + after + EVIL
    if b"\r\n.\r\n" in text:
        return  # the true end; everything else is text
    server = greeted(keep_bare_line_ends=keep, hello=IN_DATA)
    events, output = talk(server, text + b"\r\n.\r\nNOOP\r\n", cut)
    assert [type(event) for event in events] == [MessageData, EndOfMessage, Noop]
    data, end = events[:2]
    assert isinstance(data, MessageData)
    assert isinstance(end, EndOfMessage)
    refused = _is_bare(text) and not keep
    assert codes(output) == [550 if refused else 250, 250]
    if refused:
        assert data.data.startswith(b"hello")
        assert b"evil" not in data.data
    else:
        assert data.data == (b"\r\n" + text + b"\r\n").replace(b"\r\n.", b"\r\n")[2:]


@line_ends
def test_a_client_never_smuggles(before: bytes, after: bytes) -> None:
    """Line ends first, dots then: in any pieces there is one terminator, at the end."""
    text = b"hello" + before + b"." + after + EVIL
    for at in range(len(b"hello") - 1, len(text) - len(EVIL) + 2):
        client = connected("PIPELINING")
        for item in (Mail(""), Rcpt("b@mx.example"), Data()):
            client.send(item)
        heard(client, b"250 a\r\n250 b\r\n354 c\r\n")
        client.data_to_send()
        client.send(MessageData(text[:at]))
        client.send(MessageData(text[at:]))
        client.send(EndOfMessage())
        written = client.data_to_send()
        assert not _is_bare(written)
        assert written.find(b"\r\n.\r\n") == len(written) - 5


@pytest.mark.parametrize("text", [b".", b".\r\n", b"..", b"\n.\n", b"\r.\r", b"", b".\r"])
def test_a_body_of_dots_arrives_as_it_was(text: bytes) -> None:
    client = connected()
    for item, reply in ((Mail(""), "250"), (Rcpt("b@mx.example"), "250"), (Data(), "354")):
        client.send(item)
        heard(client, f"{reply} ok\r\n".encode())
    client.data_to_send()
    client.send(MessageData(text))
    client.send(EndOfMessage())
    events, _ = talk(greeted(hello=IN_DATA), client.data_to_send())
    normal = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    normal += b"" if normal.endswith(b"\r\n") or not normal else b"\r\n"
    assert b"".join(e.data for e in events if isinstance(e, MessageData)) == normal
    assert isinstance(events[-1], EndOfMessage)


@cuts
@pytest.mark.parametrize("line", [b"NOOP\rRSET\r\n", b"NOOP\r\r\n", b"NOOP\0\r\n", b"NO\tOP\r\n"])
def test_control_characters_in_commands(line: bytes, cut: Cut) -> None:
    """RFC 5321 2.3.8: CR and LF only as CRLF."""
    events, output = talk(greeted(hello=EHLO), line + b"NOOP\r\n", cut)
    assert [type(event) for event in events] == [InvalidCommand, Noop]
    assert codes(output) == [500, 250]


# --- STARTTLS injection: CVE-2011-0411, CVE-2021-38371, CVE-2024-34083; RFC 3207 4.2, 6 ---

CLIENT_HELLO = b"\x16\x03\x01\x00\x05\x01\x00\x00\n\x01"


@pytest.mark.parametrize("behind", [b"NOOP\r\n", b"\r\n", b"R", b"\0", EHLO + MAIL])
def test_commands_injected_behind_starttls(behind: bytes) -> None:
    """However it is cut: no such command is served, before or after the handshake."""
    data = b"STARTTLS\r\n" + behind
    for at in range(len(data)):
        server = greeted(DEFAULT_EXTENSIONS.with_lines("STARTTLS"), hello=EHLO)
        server.receive_data(data[:at])
        events = []
        if (event := server.next_event()) is not None:
            events.append(event)
            server.send(Reply(220, "go"))
        server.receive_data(data[at:])
        if not events:
            event = server.next_event()
            assert event == StartTls()
            server.send(Reply(220, "go"))
        assert server.next_event() == UpgradeToTls()
        with pytest.raises(RemoteProtocolError, match="STARTTLS"):
            server.next_event() if at % 2 else server.tls_established()
        assert server.state is State.ERROR
        assert not server.tls
        assert codes(server.data_to_send()) == [220]  # nothing in clear behind it
        with pytest.raises(RemoteProtocolError):
            server.next_event()


@pytest.mark.parametrize("behind", [b"250 injected\r\n", b"250-x\r\n", b"\n", b"5", CLIENT_HELLO])
def test_replies_injected_behind_220(behind: bytes) -> None:
    data = b"220 go\r\n" + behind
    for at in range(len(data)):
        client = connected("STARTTLS", "PIPELINING")
        client.send(StartTls())
        client.receive_data(data[:at])
        events: list[Any] = []
        while (event := client.next_event() if at < 8 else None) is not None:
            events.append(event)
        client.receive_data(data[at:])
        while not any(isinstance(event, UpgradeToTls) for event in events):
            events.append(client.next_event())
        with pytest.raises(RemoteProtocolError, match="plain bytes"):
            client.next_event() if at % 2 else client.tls_established()
        assert client.state is State.ERROR
        assert not client.tls
        with pytest.raises(LocalProtocolError):
            client.send(Ehlo("client.example"))


def test_nothing_is_pipelined_behind_starttls() -> None:
    """RFC 3207 4: STARTTLS has to be the last command in a group."""
    client = connected("STARTTLS", "PIPELINING")
    client.send(StartTls())
    with pytest.raises(LocalProtocolError):
        client.send(Ehlo("client.example"))


def test_what_was_learned_in_clear_is_forgotten() -> None:
    """RFC 3207 4.2; CVE-2016-0772 and its kin begin with what is believed from before."""
    client = connected("STARTTLS", "AUTH PLAIN", "SIZE 1")
    client.send(StartTls())
    heard(client, b"220 go\r\n")
    client.tls_established()
    assert len(client.extensions) == 0
    with pytest.raises(LocalProtocolError):
        client.authenticate(sasl.Plain("ann", "secret"))


# --- injection of lines: Q 3.1; CVE-2025-15366 and many like it ---

BAD = ["a\rb", "a\nb", "a\r\nRSET", "a\0b", "a\x7fb", "a\x1bb"]


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize(
    "make",
    [
        Ehlo,
        Helo,
        Mail,
        lambda bad: Mail(f"{bad}@x.example"),
        lambda bad: Mail(f'"{bad}"@x.example'),
        lambda bad: Mail("", envid=bad),
        lambda bad: Mail("", auth=bad),
        lambda bad: Mail("", body=bad),
        lambda bad: Mail("", extra=(Parameter("X", bad),)),
        lambda bad: Mail("", extra=(Parameter(bad),)),
        lambda bad: Mail("a@x.example", source_route=bad),
        Rcpt,
        lambda bad: Rcpt("a@x.example", notify=(bad,)),
        lambda bad: Rcpt("a@x.example", orcpt=OriginalRecipient("rfc822", bad)),
        lambda bad: Rcpt("a@x.example", orcpt=OriginalRecipient(bad, "a")),
        Vrfy,
        Expn,
        Help,
        Noop,
        Etrn,
        Auth,
        lambda bad: Xclient((("NAME", bad),)),
        lambda bad: Xforward(((bad, "x"),)),
        UnknownCommand,
        lambda bad: UnknownCommand("X", bad),
    ],
)
def test_no_line_is_injected_by_an_argument(make: Any, bad: str) -> None:
    with pytest.raises(LocalProtocolError):
        encode_command(make(bad))


@pytest.mark.parametrize(
    "bad", ["a\rb", "a\r\nb", "a\0b", "a\x1bb", "a\x7fb", "a\udcff\rb"], ids=repr
)
def test_no_line_is_injected_by_a_reply(bad: str) -> None:
    with pytest.raises(LocalProtocolError):
        encode_reply(Reply(250, bad))


@pytest.mark.parametrize(
    "line",
    [
        b"MAIL FROM:<> ENVID=a+0D+0Ab",
        b"MAIL FROM:<> ENVID=+00",
        b"MAIL FROM:<> AUTH=a+0Ab",
        b"RCPT TO:<b@mx.example> ORCPT=rfc822;a+0D+0Ab",
        b"RCPT TO:<b@mx.example> ORCPT=utf-8;a\\x{0D}b",
        b"RCPT TO:<b@mx.example> ORCPT=utf-8;a\\x{D800}b",
        b"XCLIENT LOGIN=a+0D+0Ab",
        b"XFORWARD HELO=+7F",
    ],
)
def test_xtext_hides_no_control_characters(line: bytes) -> None:
    """Q 3.1: what was decoded ends in a log or in somebody else's command."""
    hello = EHLO + (MAIL if line.startswith(b"RCPT") else b"")
    events, output = talk(greeted(ALL_EXTENSIONS, hello=hello), line + b"\r\n")
    assert isinstance(events[0], InvalidCommand)
    assert codes(output) == [501]


# --- early talkers ---


def test_who_talks_before_the_greeting_is_not_served_before_it() -> None:
    """RFC 5321 4.3.1: the client waits for the greeting."""
    server = ServerConnection()
    server.receive_data(EHLO + MAIL)
    for _ in range(2):
        with pytest.raises(LocalProtocolError):
            server.next_event()
    assert server.data_to_send() == b""


def test_a_server_that_answers_before_it_is_asked() -> None:
    """CVE-2026-42246: a success that came before the command."""
    client = ClientConnection()
    client.receive_data(b"220 hi\r\n250-mx\r\n250 AUTH PLAIN\r\n235 you are in\r\n")
    client.next_event()
    with pytest.raises(LocalProtocolError):
        client.send(Ehlo("client.example"))
    with pytest.raises(RemoteProtocolError, match="nothing asked"):
        client.next_event()
    assert len(client.extensions) == 0


# --- other protocols on our port ---


@cuts
@pytest.mark.parametrize("verb", [b"GET", b"post", b"CONNECT", b"OPTIONS", b"PRI"])
def test_http_is_cut_off(verb: bytes, cut: Cut) -> None:
    """Q 46; a browser made to speak to us, with commands in the body of its request."""
    request = verb + b" / HTTP/1.1\r\nHost: mx.example\r\n\r\n" + EHLO + MAIL
    error, output = talk_to_the_end(greeted(), request, cut)
    assert isinstance(error, CommandSyntaxError)
    assert codes(output) == [421]


@cuts
@pytest.mark.parametrize("hello", [CLIENT_HELLO, b"\x16\x03\x03" + b"x" * 20_000, b"\x16\x03\n"])
def test_tls_on_a_clear_port(hello: bytes, cut: Cut) -> None:
    """Q 1, "plain-vs-TLS mismatch"; a LF may be anywhere in it."""
    error, output = talk_to_the_end(greeted(), hello, cut)
    assert "TLS" in str(error)
    assert output == b""


@cuts
@pytest.mark.parametrize("record", [b"\x15\x03\x01\x00\x02\x02\n", CLIENT_HELLO, b"\x15\x03"])
def test_server_speaks_tls(record: bytes, cut: Cut) -> None:
    """An alert about what we are may well end in a LF: unexpected_message is 10."""
    with pytest.raises(RemoteProtocolError, match="implicit TLS"):
        heard(ClientConnection(), record, cut)


# --- BDAT whose size is not one: octets must not become commands (RFC 3030 2) ---

NO_SIZE = [b"-1", b"+1", b"1.5", b"0x10", b"", b"1" * 21, b"5 LASTX", b"LAST", b"5LAST", b"5\0"]
NO_SIZE += ["５".encode(), b"5\xff", b"5\tLAST", b"1e3", b"5,5", b"5 LAST LAST", b"5" + b" " * 9000]


@cuts
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("argument", NO_SIZE, ids=lambda a: repr(a[:12]))
def test_bdat_without_a_size(argument: bytes, strict: bool, cut: Cut) -> None:
    server = greeted(strict=strict, hello=EHLO + MAIL + RCPT)
    data = b"bdat " + argument + b"\r\nRSET\r\n"
    error, output = talk_to_the_end(server, data, cut)
    assert len(codes(output)) == 1
    assert codes(output)[0] in (500, 501)
    assert server.state is State.ERROR
    assert error is not None


def test_bdat_with_a_bare_lf_in_strict_mode() -> None:
    """The line is refused, and with it the knowledge where commands begin again."""
    server = greeted(strict=True, hello=EHLO + MAIL + RCPT)
    talk_to_the_end(server, b"BDAT 6\nRSET\r\n")


@cuts
@pytest.mark.parametrize("size", [b"99999999999999999999", b"18446744073709551616", b"4294967296"])
@pytest.mark.parametrize("hello", [b"", EHLO + MAIL + RCPT])
def test_huge_bdat(size: bytes, hello: bytes, cut: Cut) -> None:
    """Q 3.4: nothing is allocated for a declared size, and it is not waited for."""
    error, output = talk_to_the_end(greeted(hello=hello), b"BDAT " + size + b"\r\n", cut)
    assert isinstance(error, LimitExceeded)
    assert codes(output) == [552]


def test_huge_bdat_without_a_limit() -> None:
    server = greeted(limits=SmtpLimits(message_size=None), hello=EHLO + MAIL + RCPT)
    talk(server, b"BDAT 99999999999999999999\r\n")
    for _ in range(10):
        events, _ = talk(server, b"x" * 1000)
        assert events == [MessageData(b"x" * 1000)]
        assert len(server._buffer) == 0


@cuts
def test_many_empty_chunks(cut: Cut) -> None:
    server = greeted(hello=EHLO + MAIL + RCPT)
    _, output = talk(server, b"BDAT 0\r\n" * 500 + b"BDAT 000 LAST\r\n", cut)
    assert codes(output) == [250] * 501


# --- memory and work (Q 3.4, 3.5) ---


class CountingBuffer(ReceiveBuffer):
    """Counts the bytes that are looked at or copied."""

    __slots__ = ("work",)

    def __init__(self) -> None:
        super().__init__()
        self.work = 0

    def take_line(self, limit: int) -> bytes | None:
        self.work += max(0, min(len(self), limit) - self._scanned)
        line = super().take_line(limit)
        if line is not None:  # what is behind the line was not looked at
            self.work -= max(0, min(len(self), limit - len(line)))
        return line

    def take(self, count: int) -> bytes:
        taken = super().take(count)
        self.work += len(taken)
        return taken

    def peek(self, count: int) -> bytes:
        peeked = super().peek(count)
        self.work += len(peeked)
        return peeked


MESSAGES = (MAIL + RCPT + b"DATA\r\n.\r\n") * 1000
LONG_LINES = b"x" * 7000 + b"\r\n"


@cuts
@pytest.mark.parametrize(
    "data",
    [
        MESSAGES,
        (MAIL + RCPT + b"DATA\r\nhi\r\n.\r\n") * 1000,
        MAIL + RCPT + b"DATA\r\n" + b".\r" * 10_000 + b"\r\n.\r\n",
        MAIL + RCPT + b"DATA\r\n" + b"\r\n.." * 10_000 + b"\r\n.\r\n",
        MAIL + RCPT + b"BDAT 1\r\nx" * 2000,
        LONG_LINES * 3,
        b"x" * 30_000 + b"\r\n",
    ],
)
def test_work_is_linear(data: bytes, cut: Cut) -> None:
    server = greeted(hello=EHLO, limits=SmtpLimits(errors=1000))
    server._buffer = buffer = CountingBuffer()
    talk(server, data, cut)
    assert len(buffer) == 0
    messages = data.count(b"DATA")  # each costs a look ahead of constant length
    assert buffer.work < 4 * len(data) + 8192 * messages


@pytest.mark.parametrize("size", [1, 100, 8192])
@pytest.mark.parametrize("hello", [b"", EHLO, b"AUTH"])
def test_endless_line(size: int, hello: bytes) -> None:
    server = greeted(DEFAULT_EXTENSIONS.with_lines("AUTH PLAIN"), hello=EHLO)
    if hello == b"AUTH":
        server.receive_data(b"AUTH PLAIN\r\n")
        server.next_event()
        server.send(Reply(334))
    for _ in range(200_000 // size):
        server.receive_data(b"A" * size)
        assert server.next_event() is None
        assert len(server._buffer) <= 16384 + size
    events, _ = talk(server, b"\r\nNOOP\r\n")
    assert [type(event) for event in events] == [InvalidCommand, Noop]
    assert isinstance(events[0], InvalidCommand)
    assert len(events[0].line) <= 80


@pytest.mark.parametrize("size", [1, 100, 8192])
def test_endless_reply_line(size: int) -> None:
    client = connected()
    for _ in range(8191 // size):
        assert heard(client, b"2" * size) == []
    with pytest.raises(LimitExceeded):
        heard(client, b"2" * size)
    client.receive_data(b"2" * 100)
    assert len(client._buffer) == 0


@pytest.mark.parametrize("body", [b"x" * 65536, b"..\r\n" * 20_000, b"\r\n" * 30_000])
@pytest.mark.parametrize("by_bdat", [False, True])
def test_endless_body_in_constant_memory(body: bytes, by_bdat: bool) -> None:
    server = greeted(limits=SmtpLimits(message_size=None), hello=EHLO + MAIL + RCPT)
    talk(server, b"BDAT 99999999999\r\n" if by_bdat else b"DATA\r\n")
    tracemalloc.start()
    try:
        for _ in range(100):
            server.receive_data(body)
            while isinstance(server.next_event(), MessageData):
                pass
            assert len(server._buffer) <= len(b"\r\n.\r")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000 < 100 * len(body)


def test_flood_of_errors_is_cut_off() -> None:
    """Q 1 (django PR1752, "DoSed by my own server")."""
    server = greeted()
    error, output = talk_to_the_end(server, b"\r\n" * 100_000)
    assert isinstance(error, LimitExceeded)
    assert codes(output) == [500] * 20 + [421]
    assert len(server._buffer) == 0


def test_reply_of_100_000_lines() -> None:
    client = connected()
    client.send(Noop())
    with pytest.raises(LimitExceeded):
        heard(client, b"250-x\r\n" * 100_000 + b"250 x\r\n")
    assert len(client._lines) < 1024


def test_flood_of_replies() -> None:
    """One event at a time: what is not read does not pile up as objects."""
    client = connected()
    client.receive_data(b"450 busy\r\n" * 10_000)
    for _ in range(10_000):
        assert client.next_event() == UnsolicitedReply(Reply(450, "busy"))
        assert len(client._events) == 0
    assert client.next_event() is None


def test_endless_challenges() -> None:
    client = connected("AUTH PLAIN", tls=True)
    client.authenticate(sasl.Plain("ann", "secret"))
    with pytest.raises(RemoteProtocolError, match="cancelled"):
        heard(client, b"334 \r\n" * 1000)
    assert client.data_to_send().count(b"\r\n") == 2


def test_many_words_offered() -> None:
    """Work that grows with the square of the words would take minutes here."""
    lines = [f"AUTH {' '.join(f'M{i}-{j}' for j in range(900))}" for i in range(200)]
    assert len(Extensions(lines).auth) == 180_000
    assert len(Extensions([f"X{i}" for i in range(50_000)])) == 50_000
    assert len(Extensions(["?"] * 50_000).defects) == 50_000


# --- grammar: 8 KiB of what makes regular expressions go back (Q 3.5, 3.6) ---

PREFIXES = [
    *(
        "MAIL FROM:<",
        "MAIL FROM:<@",
        'MAIL FROM:<"',
        "MAIL FROM:<a@",
        "MAIL FROM:<a@[IPv6:",
        "MAIL FROM:",
    ),
    *("MAIL FROM:<> ENVID=", "MAIL FROM:<> SOLICIT=", "MAIL FROM:<> MTRK=", "MAIL FROM:<> BY="),
    *("MAIL FROM:<> HOLDUNTIL=", "MAIL FROM:<> SIZE=", "RCPT TO:<a@b> ORCPT=utf-8;"),
    *("RCPT TO:<a@b> RRVS=", "RCPT TO:<a@b> NOTIFY=", "RCPT TO:<a@b> ", "EHLO ", "EHLO ["),
    *("AUTH PLAIN ", "AUTH ", "ETRN ", "BURL ", "XCLIENT NAME=", "VRFY ", "BDAT ", ""),
]
PIECES = [
    *("a", "a.", "-", "a-", "@a", "@a,", "@a:", "@a.b,", '"', '""', "\\", '"a"', '"\\', "<", ">"),
    *(" ", "a ", "[", "[a", "a@", "0", "+", "+41", "=", "a=b ", ";", ",", "a,", "SUCCESS,", "é"),
    *("_", "1.", "{", "\\x{41}", "\\x{110000}", ":", "T", "0-", "\u2028", "\x85"),
]


def _refusal(line: bytes, strict: bool) -> Reply | None:
    try:
        parse_command(line, strict=strict)
    except CommandSyntaxError as error:
        return error.reply
    return None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_commands_of_8_kib(prefix: str) -> None:
    for piece, suffix in itertools.product(PIECES, ("", ">", "!", '"', '">', "@b>")):
        line = prefix + piece * (8192 // len(piece)) + suffix
        for strict in (False, True):
            reply = _refusal(line.encode() + b"\r\n", strict)
            assert reply is None or len(encode_reply(reply)) <= 512


@pytest.mark.parametrize("prefix", ["", "250", "250 ", "250-", "250 2.", "250 2.1.1"])
def test_replies_of_8_kib(prefix: str) -> None:
    for piece, suffix in itertools.product(PIECES, ("", "\r\n250", "\r\n250 x")):
        text = prefix + piece * (8192 // len(piece)) + suffix + "\r\n"
        for strict in (False, True):
            try:
                reply = parse_reply(text.encode(), strict=strict)
            except ReplySyntaxError:
                continue
            Extensions(reply.lines)


def test_deep_source_route() -> None:
    """RFC 5321 appendix C: accepted and ignored, however deep."""
    route = ",".join(f"@h{i}.example" for i in range(500))
    events, output = talk(greeted(hello=EHLO + MAIL), f"RCPT TO:<{route}:b@x.example>\r\n".encode())
    assert events == [Rcpt("b@x.example", source_route=route)]
    assert codes(output) == [250]


@pytest.mark.parametrize(
    "parameters",
    [
        b" X" * 3000,
        b"".join(b" X%d=%s" % (i, b"y" * 20) for i in range(200)),
        b" SIZE=" + b"9" * 4000,
        b" ENVID=" + b"+2B" * 2000,
        b" =",
        b" X==y",
        b" X=",
        b" BODY=8BITMIME SMTPUTF8=1",
    ],
    ids=lambda p: repr(p[:12]),
)
def test_huge_and_odd_parameters(parameters: bytes) -> None:
    events, output = talk(greeted(hello=EHLO), b"MAIL FROM:<>" + parameters + b"\r\nNOOP\r\n")
    assert isinstance(events[0], InvalidCommand)
    assert codes(output)[0] in (501, 555)
    assert codes(output)[1] == 250


# --- a client that goes on as if it had been welcomed (Q 45, Q 51) ---


def test_client_that_ignores_replies() -> None:
    """Its message is not served as commands for long."""
    body = b"".join(b"Line %d of a letter\r\n" % i for i in range(100))
    error, output = talk_to_the_end(greeted(hello=EHLO), b"DATA\r\n" + body)
    assert isinstance(error, LimitExceeded)
    assert codes(output)[-1] == 421


def test_rset_within_the_body_is_text() -> None:
    events, output = talk(greeted(hello=IN_DATA), b"RSET\r\nQUIT\r\n.\r\nRSET\r\n")
    assert events == [MessageData(b"RSET\r\nQUIT\r\n"), EndOfMessage(), Rset()]
    assert codes(output) == [250, 250]


def test_octets_of_bdat_are_no_terminator_and_no_command() -> None:
    octets = b"\r\n.\r\nQUIT\r\n"
    data = b"BDAT %d LAST\r\n%sNOOP\r\n" % (len(octets), octets)
    events, _ = talk(greeted(hello=EHLO + MAIL + RCPT), data)
    assert events[0] == Bdat(len(octets), last=True)
    assert events[1:] == [MessageData(octets), EndOfMessage(), Noop()]
