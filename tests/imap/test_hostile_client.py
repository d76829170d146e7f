"""A server that means harm: a defined outcome, in bounded memory, however the bytes are cut."""

import tracemalloc
import zlib
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from mailproto import imap
from mailproto.errors import LimitExceeded, RemoteProtocolError
from mailproto.imap import ClientConnection, State
from mailproto.limits import ImapLimits
from mailproto.sasl import Plain
from mailproto.testing import Cut, bytewise, whole

from .client_scenes import GREETING, appending, connected, heard, selected

MIB = 1024 * 1024


def thirds(data: bytes) -> tuple[bytes, ...]:
    third = len(data) // 3 + 1
    return data[:third], data[third : 2 * third], data[2 * third :]


cuts = pytest.mark.parametrize("cut", [whole, bytewise, thirds])


def peak(run: Callable[[], object]) -> int:
    """The most memory that ``run`` holds at a time, in octets."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- literals ---


@cuts
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"* 1 FETCH (BODY[] {99999999999999999999}\r\n", "body"),
        (b"* 1 FETCH (BODY[] {" + b"9" * 4000 + b"}\r\n", "body"),
        (b"* 1 FETCH (BODY[] {17179869185}\r\n", "body"),
        (b'* LIST () "/" {4294967296}\r\n', "literal"),
        (b"* 1 FETCH (ENVELOPE ({4294967296}\r\n", "literal"),
        (b"* X {16777217}\r\n", "literal"),
        (b"* 1 FETCH (X (" + b"{65536}\r\n" + b"x" * 65536 + b" {16000000}\r\n", "response"),
    ],
)
def test_literals_that_are_too_large(data: bytes, name: str, cut: Cut) -> None:
    client = selected(limits=ImapLimits(response=16_050_000))
    with pytest.raises(LimitExceeded) as caught:
        heard(client, data, cut)
    assert caught.value.name == name
    assert client.state is State.ERROR
    with pytest.raises(LimitExceeded):
        client.next_event()


@pytest.mark.parametrize("size", [4294967295, 4294967296, 2**33])
def test_a_size_alone_takes_no_memory(size: int) -> None:
    client = selected()

    def run() -> None:
        (start,) = heard(client, b"* 1 FETCH (BODY[] {%d}\r\n" % size)
        assert start.size == size

    assert peak(run) < MIB


@cuts
@pytest.mark.parametrize(
    "line",
    [
        b"* 1 FETCH (BODY[] {-1}\r\n",
        b"* 1 FETCH (BODY[] {}\r\n",
        b"* 1 FETCH (BODY[] {+5}\r\n",
        b"* 1 FETCH (BODY[] {0x5}\r\n",
        b"* 1 FETCH (BODY[] { 5 }\r\n",
        b"* 1 FETCH (BODY[] {1 000}\r\n",
        b"* 1 FETCH (BODY[] {5\r\n",
    ],
)
def test_what_is_no_literal(line: bytes, cut: Cut) -> None:
    client = selected()
    invalid, exists = heard(client, line + b"* 3 EXISTS\r\n", cut)
    assert invalid == imap.InvalidResponse(line)
    assert exists == imap.ExistsResponse(3)


# --- lines, numbers, octets ---


@cuts
@pytest.mark.parametrize("more", [0, 1])
def test_lines_without_end(more: int, cut: Cut) -> None:
    client = selected(b"* PREAUTH hi\r\n", limits=ImapLimits(response_line=100))
    line = b"* OK " + b"x" * (93 + more) + b"\r\n"
    if more:
        with pytest.raises(LimitExceeded, match="response_line=100"):
            heard(client, line, cut)
    else:
        assert len(heard(client, line, cut)) == 1


@cuts
def test_a_greeting_without_end(cut: Cut) -> None:
    client = ClientConnection(limits=ImapLimits(response_line=100))
    with pytest.raises(LimitExceeded):
        heard(client, b"x" * 101, cut)


def test_ranges_are_not_expanded() -> None:
    client = selected()
    data = (
        b"* VANISHED 1:4294967295\r\n"
        b'* ESEARCH (TAG "A1") UID ALL 1:4294967295\r\n'
        b"* OK [COPYUID 1 1:4294967295 1:4294967295] x\r\n"
    )
    assert peak(lambda: heard(client, data)) < MIB


@cuts
@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\r\n",
        b"*\r\n",
        b"\r\n",
        b"* \r\n",
        b"* 4294967296 EXISTS\r\n",
        b"\0\r\n",
        b"+\0\r\n",
    ],
)
def test_odd_octets(line: bytes, cut: Cut) -> None:
    client = selected()
    *odd, exists = heard(client, line + b"* 3 EXISTS\r\n", cut)
    assert all(isinstance(it, imap.InvalidResponse | imap.UnsolicitedResponse) for it in odd)
    assert exists == imap.ExistsResponse(3)


@pytest.mark.parametrize(
    "line",
    [
        b"* X " + b"(" * 100_000 + b"\r\n",
        b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 100_000 + b"\r\n",
        b"* THREAD " + b"(" * 100_000 + b")" * 100_000 + b"\r\n",
        b"* OK [X " + b"[" * 100_000 + b"\r\n",
        b"A2 OK [X " + b"(" * 100_000 + b"\r\n",
    ],
)
def test_nesting(line: bytes) -> None:
    client = selected()
    client.send(imap.Noop())
    (event,) = heard(client, line)
    if isinstance(event, imap.InvalidResponse):
        assert len(event.data) == 1000


# --- what nobody asked for ---


@cuts
@pytest.mark.parametrize(
    "line", [b"+ go\r\n", b"B7 OK done\r\n", b"* 1 FETCH (((\r\n", b"A1 WHAT\r\n"]
)
def test_floods_end(line: bytes, cut: Cut) -> None:
    client = selected(limits=ImapLimits(errors=3))
    assert len(heard(client, line * 3, cut)) == 3
    with pytest.raises(LimitExceeded, match="errors=3"):
        heard(client, line * 3, cut)


def test_the_last_of_a_flood_is_an_event_still() -> None:
    client = selected(limits=ImapLimits(errors=0))
    client.receive_data(b"+ go\r\n")
    assert isinstance(client.next_event(), imap.UnsolicitedResponse)
    with pytest.raises(LimitExceeded):
        client.next_event()


def test_strict_clients_take_nothing_unasked() -> None:
    client = selected(strict=True)
    with pytest.raises(RemoteProtocolError, match="nothing asked for"):
        heard(client, b"+ go\r\n")


def test_what_is_not_asked_for_takes_no_room() -> None:
    """Events are made when they are taken."""
    client = selected()
    data = b"* 3 EXISTS\r\n" * 100_000

    def run() -> None:
        client.receive_data(data)
        assert len(list(islice(iter(client.next_event, None), 10))) == 10

    assert peak(run) < 2 * len(data)


# --- BYE in the middle ---


def idling() -> ClientConnection:
    client = connected()
    client.send(imap.Idle())
    heard(client, b"+ idling\r\n")
    return client


def authenticating() -> ClientConnection:
    client = connected(GREETING, tls=True)
    client.authenticate(Plain("u", "p"))
    return client


def starting_tls() -> ClientConnection:
    client = connected(GREETING)
    client.send(imap.StartTls())
    return client


def uploading() -> ClientConnection:
    client = appending()
    heard(client, b"+ go\r\n")
    return client


@cuts
@pytest.mark.parametrize("make", [idling, authenticating, starting_tls, appending, uploading])
def test_bye_in_the_middle(make: Callable[[], ClientConnection], cut: Cut) -> None:
    client = make()
    waiting = tuple(client.in_flight.items())
    assert len(waiting) == 1
    bye, closed = heard(client, b"* BYE [UNAVAILABLE] going down\r\n", cut)
    assert closed == imap.ConnectionClosed(False, waiting, bye)
    assert not client.idling
    client.receive_eof()
    assert client.next_event() == closed


@cuts
def test_bye_within_content_is_content(cut: Cut) -> None:
    client = selected(limits=ImapLimits(inline_literal=3))
    data = b"* BYE x\r\n"
    _, octets, _, _ = heard(client, b"* 1 FETCH (BODY[] {9}\r\n" + data + b")\r\n", cut)
    assert octets == imap.MessageOctets(data)


# --- deflate bombs ---


def compressed(**options: Any) -> ClientConnection:
    client = selected(**options)
    client.send(imap.Compress())
    client.data_to_send()
    heard(client, b"A2 OK go\r\n")
    return client


def bomb(head: bytes, octet: bytes, size: int) -> bytes:
    return zlib.compress(head + octet * (size // len(octet)), level=9, wbits=-15)


def test_a_bomb_in_one_line_meets_the_limit() -> None:
    client = compressed(limits=ImapLimits(response_line=MIB))
    data = bomb(b"* OK ", b"x", 256 * MIB)

    def run() -> None:
        with pytest.raises(LimitExceeded, match="response_line"):
            heard(client, data)

    assert peak(run) < 5 * MIB


def test_a_bomb_of_responses_is_inflated_as_it_is_read() -> None:
    client = compressed()
    client.receive_data(bomb(b"", b"* 3 EXISTS\r\n", 64 * MIB))

    def run() -> None:
        for _ in range(10_000):
            assert client.next_event() == imap.ExistsResponse(3)

    assert peak(run) < MIB


def test_a_bomb_of_content_streams() -> None:
    client = compressed()
    size = 64 * MIB
    client.receive_data(bomb(b"* 1 FETCH (BODY[] {%d}\r\n" % size, b"\0", size))
    total = 0

    def run() -> None:
        nonlocal total
        assert isinstance(client.next_event(), imap.ContentStart)
        while isinstance(event := client.next_event(), imap.MessageOctets):
            total += len(event.data)
        assert isinstance(event, imap.EndOfContent)

    assert peak(run) < MIB
    assert total == size


@cuts
def test_what_can_not_be_inflated(cut: Cut) -> None:
    client = compressed()
    with pytest.raises(RemoteProtocolError, match="not deflate"):
        heard(client, b"\x07\x07\x07\x07", cut)
    assert client.state is State.ERROR


@cuts
def test_octets_behind_the_end_of_the_stream(cut: Cut) -> None:
    client = compressed()
    with pytest.raises(RemoteProtocolError, match="behind the end"):
        heard(client, zlib.compress(b"* 3 EXISTS\r\n", wbits=-15) + b"* 4 EXISTS\r\n", cut)
