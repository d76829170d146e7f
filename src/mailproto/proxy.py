"""The header of the PROXY protocol, versions 1 and 2 (HAProxy), for servers behind a proxy.

Read it only where every peer is a trusted proxy: whoever sends it can claim any address.
"""

import re
import struct
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from mailproto._buffer import LineTooLong, ReceiveBuffer
from mailproto._value import value
from mailproto.errors import LimitExceeded, RemoteProtocolError

__all__ = ["ProxyHeader", "parse_proxy_header"]

MAX_HEADER = 2048
"""Octets of a version 2 header that are accepted."""
V1_MAX_HEADER = 107
"""Octets of a version 1 header, by its definition."""

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_V1 = re.compile(
    rb"PROXY (?:UNKNOWN(?: [!-~ ]*)?|"
    rb"(?P<family>TCP[46]) (?P<source>[0-9A-Fa-f:.]+) (?P<destination>[0-9A-Fa-f:.]+) "
    rb"(?P<source_port>[0-9]{1,5}) (?P<destination_port>[0-9]{1,5}))\r\n"
)
_V2_FAMILIES = {1: (IPv4Address, 4), 2: (IPv6Address, 16)}


@value
class ProxyHeader:
    """Who is behind the proxy: (address, port) pairs, None if it does not say.

    It does not say for its own health checks (LOCAL) and unknown protocols.
    """

    source: tuple[str, int] | None = None
    destination: tuple[str, int] | None = None


def parse_proxy_header(buffer: ReceiveBuffer) -> ProxyHeader | None:
    """Take a header off ``buffer``; None if it is not complete.

    Raises :class:`RemoteProtocolError` if it is malformed, :class:`LimitExceeded` if too long.
    """
    start = bytes(buffer.peek(16))
    if start.startswith(_SIGNATURE):
        return _parse_v2(buffer, start)
    if _SIGNATURE.startswith(start):
        return None
    if not b"PROXY ".startswith(start[:6]):
        raise RemoteProtocolError("the connection does not start with a PROXY header")
    try:
        line = buffer.take_line(V1_MAX_HEADER)
    except LineTooLong:
        raise LimitExceeded("V1_MAX_HEADER", V1_MAX_HEADER) from None
    return None if line is None else _parse_v1(line)


def _parse_v1(line: bytes) -> ProxyHeader:
    found = _V1.fullmatch(line)
    if found is None:
        raise RemoteProtocolError("malformed PROXY header, version 1")
    if found["family"] is None:
        return ProxyHeader()
    address = IPv4Address if found["family"] == b"TCP4" else IPv6Address
    ports = int(found["source_port"]), int(found["destination_port"])
    try:
        source = str(address(found["source"].decode()))
        destination = str(address(found["destination"].decode()))
    except AddressValueError:
        raise RemoteProtocolError("malformed address in the PROXY header") from None
    if max(ports) > 65535:
        raise RemoteProtocolError("malformed port in the PROXY header")
    return ProxyHeader((source, ports[0]), (destination, ports[1]))


def _parse_v2(buffer: ReceiveBuffer, start: bytes) -> ProxyHeader | None:
    if len(start) < 16:
        return None
    version_command, family, length = struct.unpack_from("!BBH", start, 12)
    if version_command >> 4 != 2 or version_command & 15 > 1:
        raise RemoteProtocolError("unknown version or command in the PROXY header")
    if 16 + length > MAX_HEADER:
        raise LimitExceeded("MAX_HEADER", MAX_HEADER)
    if len(buffer) < 16 + length:
        return None
    body = buffer.take(16 + length)[16:]
    address, size = _V2_FAMILIES.get(family >> 4, (None, 0))
    if address is None or version_command & 15 == 0:
        return ProxyHeader()
    if length < 2 * size + 4:
        raise RemoteProtocolError("the PROXY header is too short for its addresses")
    source_port, destination_port = struct.unpack_from("!HH", body, 2 * size)
    return ProxyHeader(
        (str(address(body[:size])), source_port),
        (str(address(body[size : 2 * size])), destination_port),
    )
