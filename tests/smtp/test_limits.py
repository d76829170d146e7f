"""Each limit: its value passes, one more does not, and cuts never change the verdict."""

import random
from collections.abc import Iterable

import pytest

from mailproto.errors import LimitExceeded
from mailproto.limits import SmtpLimits
from mailproto.smtp import (
    DEFAULT_EXTENSIONS,
    EndOfChunk,
    EndOfMessage,
    InvalidCommand,
    MessageData,
    Noop,
    Reply,
    ReplyReceived,
)
from mailproto.testing import Cut, bytewise, whole

from .scenes import EHLO, LHLO, MAIL, RCPT, codes, connected, greeted, heard, talk, talk_to_the_end


def _random_cut(seed: int) -> Cut:
    def cut(data: bytes) -> Iterable[bytes]:
        rng = random.Random(seed)
        while data:
            size = rng.choice((1, 2, 3, 7, 20, 500))
            yield data[:size]
            data = data[size:]

    return cut


CUTS = [whole, bytewise, *map(_random_cut, range(6))]
cuts = pytest.mark.parametrize("cut", CUTS, ids=["whole", "bytewise", *map(str, range(6))])
OFFERS = DEFAULT_EXTENSIONS.with_lines("AUTH PLAIN", "SIZE")


def _noop(length: int) -> bytes:
    """A NOOP of ``length`` octets with its line end."""
    return b"NOOP " + b"x" * (length - 7) + b"\r\n"


# --- lines ---


@cuts
@pytest.mark.parametrize("more", [0, 1, 2, 1000])
def test_command_line(more: int, cut: Cut) -> None:
    server = greeted(limits=SmtpLimits(command_line=100))
    events, output = talk(server, _noop(100 + more) + b"NOOP\r\n", cut)
    assert codes(output) == ([500, 250] if more else [250, 250])
    assert isinstance(events[0], InvalidCommand if more else Noop)
    assert events[1] == Noop()


@cuts
def test_the_usual_commands_have_the_limit_too(cut: Cut) -> None:
    server = greeted(hello=EHLO)
    server.limits = SmtpLimits(command_line=20)
    _, output = talk(server, b"MAIL FROM:<a@b.cd>\r\nRSET\r\nMAIL FROM:<a@b.cde>\r\n", cut)
    assert codes(output) == [250, 250, 500]


def test_the_end_of_a_long_line_is_no_command() -> None:
    server = greeted(limits=SmtpLimits(command_line=100))
    server.receive_data(b"x" * 100)
    assert server.next_event() is None
    _, output = talk(server, b"QUIT\r\nNOOP\r\n", whole)
    assert codes(output) == [500, 250]


@cuts
@pytest.mark.parametrize("more", [0, 1])
def test_auth_line(more: int, cut: Cut) -> None:
    server = greeted(OFFERS, limits=SmtpLimits(auth_line=42), hello=EHLO)
    server.receive_data(b"AUTH PLAIN\r\n")
    server.next_event()
    server.data_to_send()
    server.send(Reply(334))
    events, output = talk(server, b"A" * 40 + b"A" * more * 4 + b"\r\nNOOP\r\n", cut)
    assert codes(output) == [334, 500 if more else 501, 250]
    assert isinstance(events[0], InvalidCommand) == bool(more)


@cuts
@pytest.mark.parametrize("more", [0, 1, 1000])
def test_reply_line(more: int, cut: Cut) -> None:
    client = connected(limits=SmtpLimits(reply_line=100))
    client.send(Noop())
    line = b"250 " + b"x" * (94 + more) + b"\r\n"
    if not more:
        assert len(heard(client, line, cut)) == 1
        return
    with pytest.raises(LimitExceeded) as caught:
        heard(client, line, cut)
    assert (caught.value.name, caught.value.limit) == ("reply_line", 100)


@cuts
@pytest.mark.parametrize("more", [0, 1, 1000])
def test_reply_lines(more: int, cut: Cut) -> None:
    client = connected(limits=SmtpLimits(reply_lines=10))
    client.send(Noop())
    reply = b"250-x\r\n" * (9 + more) + b"250 x\r\n"
    if not more:
        [event] = heard(client, reply, cut)
        assert isinstance(event, ReplyReceived)
        assert len(event.reply.lines) == 10
        return
    with pytest.raises(LimitExceeded) as caught:
        heard(client, reply, cut)
    assert caught.value.name == "reply_lines"


# --- counts ---


@cuts
def test_recipients(cut: Cut) -> None:
    """RFC 5321 4.5.3.1.10: 452, and those before stay."""
    server = greeted(limits=SmtpLimits(recipients=2), hello=EHLO + MAIL)
    events, output = talk(server, RCPT * 3 + b"DATA\r\n.\r\n" + MAIL + RCPT, cut)
    assert codes(output) == [250, 250, 452, 354, 250, 250, 250]
    assert isinstance(events[2], InvalidCommand)


@cuts
@pytest.mark.parametrize(
    "lines", [b"XYZZY\r\n", b"\0\r\n", b"x" * 9000 + b"\r\n", RCPT, b"BDAT 1\r\nx"]
)
def test_errors(lines: bytes, cut: Cut) -> None:
    server = greeted(limits=SmtpLimits(errors=3), hello=EHLO)
    _, output = talk(server, lines * 3, cut)
    assert len(codes(output)) == 3
    error, output = talk_to_the_end(server, b"NOOP\r\n", cut)
    assert isinstance(error, LimitExceeded)
    assert error.name == "errors"
    assert codes(output) == [421]


def test_errors_are_forgotten_with_a_message() -> None:
    server = greeted(limits=SmtpLimits(errors=3), hello=EHLO + b"X\r\nX\r\n")
    talk(server, MAIL + RCPT + b"DATA\r\n.\r\nX\r\nX\r\nNOOP\r\n")
    talk_to_the_end(server, b"X\r\nNOOP\r\n")


def test_a_message_refused_for_many_is_one_error() -> None:
    server = greeted(limits=SmtpLimits(errors=2), lmtp=True, hello=LHLO + MAIL + RCPT * 5)
    server.receive_data(b"DATA\r\n.\r\nNOOP\r\n")
    server.next_event()
    server.send(Reply(354))
    assert server.next_event() == EndOfMessage()
    for _ in range(5):
        server.send(Reply(550))
    assert server.next_event() == Noop()


@cuts
def test_commands_before_auth(cut: Cut) -> None:
    server = greeted(limits=SmtpLimits(commands_before_auth=3), hello=EHLO)
    talk(server, b"NOOP\r\n" * 2 + MAIL + RCPT, cut)
    error, output = talk_to_the_end(server, b"NOOP\r\n", cut)
    assert isinstance(error, LimitExceeded)
    assert error.name == "commands_before_auth"
    assert codes(output) == [421]


def test_commands_are_forgotten_with_a_message() -> None:
    server = greeted(limits=SmtpLimits(commands_before_auth=3), hello=EHLO)
    for _ in range(5):
        talk(server, b"NOOP\r\nNOOP\r\n" + MAIL + RCPT + b"DATA\r\n.\r\n")
        talk(server, b"NOOP\r\n")


def test_who_has_authenticated_may_go_on() -> None:
    server = greeted(OFFERS, limits=SmtpLimits(commands_before_auth=3), hello=EHLO)
    server.receive_data(b"AUTH PLAIN\r\n")
    server.next_event()
    server.send(Reply(235))
    talk(server, b"NOOP\r\n" * 10)


@cuts
@pytest.mark.parametrize("failure", [b"*", b"???"])
def test_auth_failures(failure: bytes, cut: Cut) -> None:
    server = greeted(OFFERS, limits=SmtpLimits(auth_failures=2), hello=EHLO)
    for _ in range(2):
        server.receive_data(b"AUTH PLAIN\r\n")
        server.next_event()
        server.send(Reply(334))
        talk(server, failure + b"\r\n", cut)
    error, output = talk_to_the_end(server, b"AUTH PLAIN\r\n", cut)
    assert isinstance(error, LimitExceeded)
    assert error.name == "auth_failures"
    assert codes(output)[-1] == 421


# --- the size of a message ---


def _lines(size: int) -> bytes:
    """Text of ``size`` octets in lines."""
    text = b"0123456789abcd\r\n" * (size // 16)
    return text + b"x" * max(0, size - len(text) - 2) + b"\r\n" * (len(text) != size)


LIMIT = SmtpLimits(message_size=64)


@cuts
@pytest.mark.parametrize("by_bdat", [False, True])
@pytest.mark.parametrize("more", [0, 2, 100, 1080])
def test_message_size(more: int, by_bdat: bool, cut: Cut) -> None:
    """More is read to its end and refused; nothing of it is taken for a command."""
    server = greeted(limits=LIMIT, hello=EHLO + MAIL + RCPT)
    text = _lines(64 + more)
    assert len(text) == 64 + more
    data = b"BDAT %d LAST\r\n%s" % (len(text), text) if by_bdat else b"DATA\r\n" + text + b".\r\n"
    events, output = talk(server, data + b"NOOP\r\n", cut)
    assert events[1:2] == [MessageData(text[:64])]
    assert isinstance(events[2], EndOfMessage)
    assert (events[2].refusal is not None) == bool(more)
    assert codes(output)[-2:] == [552 if more else 250, 250]


@cuts
def test_message_size_is_that_without_stuffing(cut: Cut) -> None:
    server = greeted(limits=LIMIT, hello=EHLO + MAIL + RCPT + b"DATA\r\n")
    events, output = talk(server, b"..\r\n" * 21 + b"\r\n.\r\n", cut)  # 3 * 21 + 2 octets
    assert codes(output) == [552]
    events, output = talk(server, MAIL + RCPT + b"DATA\r\n" + b"..\r\n" * 20 + b".\r\n", cut)
    assert codes(output)[-1] == 250
    assert MessageData(b".\r\n" * 20) in events


@cuts
@pytest.mark.parametrize("bare", [False, True])
def test_message_without_end(bare: bool, cut: Cut) -> None:
    """A refused message is waited for, but not for ever."""
    server = greeted(limits=LIMIT, hello=EHLO + MAIL + RCPT + b"DATA\r\n")
    most = 2 * 64 + 1024
    text = (b"\n" if bare else b"\r\n") + b"x" * most
    events, _ = talk(server, text[:most], cut)
    assert not any(isinstance(event, EndOfMessage) for event in events)
    error, output = talk_to_the_end(server, text[most:] + b"x\r\n.\r\n", cut)
    assert isinstance(error, LimitExceeded)
    assert error.name == "message_size"
    assert codes(output) == [552]


@cuts
@pytest.mark.parametrize("hello", [EHLO + MAIL + RCPT, EHLO, b""])
def test_announced_chunk_that_is_too_long(hello: bytes, cut: Cut) -> None:
    server = greeted(limits=LIMIT, hello=hello)
    most = 2 * 64 + 1024
    events, output = talk(server, b"BDAT %d\r\n" % most + b"x" * most, cut)
    assert len(codes(output)) == 1
    error, output = talk_to_the_end(server, b"BDAT %d\r\n" % (most + 1), cut)
    assert isinstance(error, LimitExceeded)
    assert codes(output) == [552]
    assert events


@cuts
def test_chunks_add_up(cut: Cut) -> None:
    server = greeted(limits=LIMIT, hello=EHLO + MAIL + RCPT)
    events, output = talk(server, (b"BDAT 32\r\n" + b"x" * 32) * 2, cut)
    assert codes(output) == [250, 250]
    events, output = talk(server, b"BDAT 1\r\nxBDAT 5 LAST\r\nNOOP\r", cut)
    assert codes(output) == [552, 503]
    assert isinstance(events[1], EndOfChunk)
    assert not any(isinstance(event, MessageData) for event in events)


@cuts
def test_a_last_chunk_that_is_much_too_long(cut: Cut) -> None:
    server = greeted(limits=LIMIT, hello=EHLO + MAIL + RCPT)
    last = b"BDAT 1152 LAST\r\n" + b"x" * 1152
    _, output = talk(server, b"BDAT 64\r\n" + b"x" * 64 + last + b"NOOP\r\n", cut)
    assert codes(output) == [250, 552, 250]


@cuts
def test_no_limit(cut: Cut) -> None:
    server = greeted(limits=SmtpLimits(message_size=None), hello=EHLO + MAIL + RCPT + b"DATA\r\n")
    _, output = talk(server, b"x" * 9000 + b"\n" + b"x" * 9000 + b"\r\n.\r\n", cut)
    assert codes(output) == [550]
    events, output = talk(server, b"MAIL FROM:<>\r\n" + RCPT + b"BDAT 9000\r\n" + b"x" * 9000, cut)
    assert MessageData(b"x" * 9000) in events
    assert codes(output) == [250, 250, 250]


def test_size_parameter() -> None:
    server = greeted(OFFERS, limits=LIMIT, hello=EHLO)
    data = b"MAIL FROM:<> SIZE=65\r\nMAIL FROM:<> SIZE=64\r\n"
    assert codes(talk(server, data)[1]) == [552, 250]


def test_defaults_let_real_mail_pass() -> None:
    """Caps that are too small are a bug of their own."""
    limits = SmtpLimits()
    assert limits.message_size is not None
    assert limits.message_size >= 50_000_000
    assert limits.command_line >= 512 + 500  # RFC 5321 4.5.3.1.4, RFC 4954 3
    assert limits.auth_line >= 12288 + 2  # RFC 4954 4
    assert limits.reply_line >= 512
    assert limits.recipients >= 100
