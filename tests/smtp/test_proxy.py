"""The PROXY protocol in front of a session (HAProxy, doc/proxy-protocol.txt)."""

import struct
from ipaddress import ip_address

import pytest

from mailproto._buffer import ReceiveBuffer
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.proxy import MAX_HEADER, V1_MAX_HEADER, ProxyHeader, parse_proxy_header
from mailproto.smtp import ConnectionClosed, Ehlo, Reply, ServerConnection, State
from mailproto.testing import Cut, bytewise, whole

from .scenes import codes

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v2(body: bytes, *, command: int = 0x21, family: int = 0x11, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return SIGNATURE + struct.pack("!BBH", command, family, size) + body


def addresses(source: str, destination: str, *ports: int) -> bytes:
    packed = ip_address(source).packed + ip_address(destination).packed
    return packed + struct.pack("!HH", *ports)


V4 = addresses("192.0.2.1", "198.51.100.2", 56324, 25)
V6 = addresses("2001:db8::1", "2001:db8::2", 56324, 25)
HEADER4 = ProxyHeader(("192.0.2.1", 56324), ("198.51.100.2", 25))
HEADER6 = ProxyHeader(("2001:db8::1", 56324), ("2001:db8::2", 25))
LONGEST = b"PROXY UNKNOWN " + b"f" * (V1_MAX_HEADER - 16) + b"\r\n"

GOOD: dict[bytes, ProxyHeader] = {
    b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n": HEADER4,
    b"PROXY TCP6 2001:db8::1 2001:DB8:0::2 56324 25\r\n": HEADER6,
    b"PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n": ProxyHeader(
        ("0.0.0.0", 0), ("255.255.255.255", 65535)
    ),
    b"PROXY UNKNOWN\r\n": ProxyHeader(),
    b"PROXY UNKNOWN ffff::1 whatever 1 2\r\n": ProxyHeader(),
    LONGEST: ProxyHeader(),
    v2(V4): HEADER4,
    v2(V4, family=0x12): HEADER4,
    v2(V6, family=0x21): HEADER6,
    v2(V4 + b"\x04\0\x03abc"): HEADER4,
    v2(b"", command=0x20, family=0): ProxyHeader(),
    v2(V4, command=0x20): ProxyHeader(),
    v2(b"", family=0): ProxyHeader(),
    v2(b"\0" * 216, family=0x31): ProxyHeader(),
    v2(V4 + b"\0" * (MAX_HEADER - 16 - len(V4))): HEADER4,
}

BAD = [
    b"EHLO client.example\r\n",
    b"\x16\x03\x01",
    b"proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n",
    b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\n",
    b"PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n",
    b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 25 \r\n",
    b"PROXY TCP4  192.0.2.1 198.51.100.2 56324 25\r\n",
    b"PROXY TCP4 192.0.2.256 198.51.100.2 56324 25\r\n",
    b"PROXY TCP4 192.0.2.01 198.51.100.2 56324 25\r\n",
    b"PROXY TCP4 2001:db8::1 2001:db8::2 56324 25\r\n",
    b"PROXY TCP6 192.0.2.1 198.51.100.2 56324 25\r\n",
    b"PROXY TCP6 2001:db8::1%eth0 2001:db8::2 56324 25\r\n",
    b"PROXY TCP4 192.0.2.1 198.51.100.2 65536 25\r\n",
    b"PROXY TCP4 192.0.2.1 198.51.100.2 -1 25\r\n",
    b"PROXY TCP4 192.0.2.1 198.51.100.2 123456 25\r\n",
    b"PROXY UDP4 192.0.2.1 198.51.100.2 56324 25\r\n",
    b"PROXY UNKNOWN \xff\r\n",
    b"PROXY \r\n",
    b"\r\n\r\n\0\r\nQUIT\r\n",
    v2(V4, command=0x11),
    v2(V4, command=0x22),
    v2(V4[:-1]),
    v2(V6[:-1], family=0x21),
    v2(V4, family=0x21),
]

TOO_LONG = {
    b"PROXY UNKNOWN " + b"f" * V1_MAX_HEADER: "V1_MAX_HEADER",
    LONGEST.replace(b"\r\n", b"f\r\n"): "V1_MAX_HEADER",
    v2(b"", length=MAX_HEADER - 15): "MAX_HEADER",
    v2(b"", length=65535): "MAX_HEADER",
}


def _served(cut: Cut, data: bytes) -> ServerConnection:
    server = ServerConnection("mx.example", proxy_protocol=True)
    for chunk in cut(data):
        server.receive_data(chunk)
        if (event := server.next_event()) is not None:
            assert isinstance(event, ProxyHeader)
            break
    return server


@cuts
@pytest.mark.parametrize("data", GOOD, ids=lambda d: repr(d[:50]))
def test_header(data: bytes, cut: Cut) -> None:
    buffer = ReceiveBuffer()
    found = None
    for chunk in cut(data):
        assert found is None
        buffer += chunk
        found = parse_proxy_header(buffer)
    assert found == GOOD[data]
    assert len(buffer) == 0


@cuts
@pytest.mark.parametrize("data", BAD, ids=lambda d: repr(d[:60]))
def test_no_header(data: bytes, cut: Cut) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        _served(cut, data)
    assert not isinstance(caught.value, LimitExceeded)


@cuts
@pytest.mark.parametrize("data", TOO_LONG, ids=lambda d: repr(d[:40]))
def test_too_long_header(data: bytes, cut: Cut) -> None:
    with pytest.raises(LimitExceeded) as caught:
        _served(cut, data)
    assert caught.value.name == TOO_LONG[data]


@pytest.mark.parametrize("data", [b"NOOP\r\n", next(iter(TOO_LONG))])
def test_a_wrong_header_gets_no_answer(data: bytes) -> None:
    """Who speaks to us is not known: neither greeting nor farewell."""
    server = ServerConnection(proxy_protocol=True)
    server.receive_data(data)
    for _ in range(2):
        with pytest.raises(RemoteProtocolError):
            server.next_event()
    assert server.data_to_send() == b""
    assert server.state is State.ERROR


@pytest.mark.parametrize("header", [next(iter(GOOD)), v2(V4)])
def test_session_behind_a_header(header: bytes) -> None:
    """The header, the greeting, then what an early talker said with it."""
    server = ServerConnection("mx.example", proxy_protocol=True)
    with pytest.raises(LocalProtocolError):
        server.send(Reply(220, "too early"))
    server.receive_data(header + b"EHLO client.example\r\n")
    event = server.next_event()
    assert event == HEADER4
    with pytest.raises(LocalProtocolError, match="the greeting"):
        server.next_event()
    server.send(server.default_reply(HEADER4))
    assert server.next_event() == Ehlo("client.example")
    assert codes(server.data_to_send()) == [220]


def test_a_second_header_is_no_header() -> None:
    server = _served(whole, v2(V4))
    server.send(Reply(220))
    server.receive_data(b"PROXY TCP4 192.0.2.9 198.51.100.2 1 2\r\n")
    event = server.next_event()
    assert event is not None
    assert server.default_reply(event).code == 500


@pytest.mark.parametrize(("data", "clean"), [(b"", True), (b"PROX", False), (SIGNATURE, False)])
def test_end_of_file(data: bytes, clean: bool) -> None:
    server = ServerConnection(proxy_protocol=True)
    server.receive_data(data)
    server.receive_eof()
    assert server.next_event() == ConnectionClosed(clean)
