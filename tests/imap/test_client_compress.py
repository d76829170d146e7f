"""COMPRESS on the client's side, and how it ends (RFC 4978, RFC 8437 4.1)."""

import zlib

import pytest

from mailproto import imap
from mailproto._deflate import Deflater, Inflater
from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.testing import Cut, bytewise, whole

from .client_scenes import connected, heard


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_compress(cut: Cut) -> None:
    client = connected()
    client.send(imap.Compress())
    client.data_to_send()
    server, theirs = Deflater(), Inflater()
    completed, exists = heard(client, b"A1 OK\r\n" + server.deflate(b"* 3 EXISTS\r\n* 4 E"), cut)
    assert isinstance(completed, imap.CommandCompleted)
    assert exists == imap.ExistsResponse(3)
    assert client.compressed
    with pytest.raises(LocalProtocolError, match="already"):
        client.send(imap.Compress())
    client.send(imap.Noop())
    theirs.receive(client.data_to_send())
    assert theirs.take() == b"A2 NOOP\r\n"
    assert client.data_to_send() == b""
    exists, completed = heard(client, server.deflate(b"XISTS\r\nA2 OK\r\n"), cut)
    assert exists == imap.ExistsResponse(4)
    with pytest.raises(RemoteProtocolError, match="not deflate"):
        heard(client, b"\xff\xff\xff")


def test_compress_that_is_refused() -> None:
    client = connected()
    client.send(imap.Compress())
    heard(client, b"A1 NO [COMPRESSIONACTIVE] x\r\n* 3 EXISTS\r\n")
    assert not client.compressed
    with pytest.raises(LocalProtocolError, match="LZ77"):
        client.send(imap.Compress("LZ77"))
    client.capabilities = imap.Capabilities(["COMPRESS=LZ77"])
    with pytest.raises(LocalProtocolError, match="but DEFLATE is"):
        client.send(imap.Compress("LZ77"))


@pytest.mark.parametrize("end", [b"", b"\x03\0", b"\x01\0\0\xff\xff"])
@pytest.mark.parametrize("cut", [whole, bytewise])
def test_unauthenticate_ends_compression(cut: Cut, end: bytes) -> None:
    client = connected()
    client.send(imap.Compress())
    client.data_to_send()
    server, theirs = Deflater(), Inflater()
    heard(client, b"A1 OK\r\n")
    client.send(imap.Unauthenticate())
    theirs.receive(client.data_to_send())
    assert theirs.take() == b"A2 UNAUTHENTICATE\r\n"
    (completed,) = heard(client, server.deflate(b"A2 OK out\r\n") + end, cut)
    assert isinstance(completed, imap.CommandCompleted)
    (ok,) = heard(client, b"* OK [CAPABILITY IMAP4rev1]\r\n", cut)
    assert isinstance(ok, imap.Ok)
    assert not client.compressed
    client.send(imap.Noop())
    assert client.data_to_send() == b"A3 NOOP\r\n"


def test_what_follows_the_last_block_is_plain() -> None:
    client = connected()
    client.send(imap.Compress())
    heard(client, b"A1 OK\r\n")
    client.send(imap.Unauthenticate())
    last = zlib.compress(b"A2 OK\r\n", wbits=-15)
    completed, exists = heard(client, last + b"* 3 EXISTS\r\n")
    assert isinstance(completed, imap.CommandCompleted)
    assert exists == imap.ExistsResponse(3)


def test_what_was_sent_before_stays_as_it_was() -> None:
    """Also if the answer comes before it is written."""
    client = connected()
    client.send(imap.Compress())
    heard(client, b"A1 OK\r\n")
    client.send(imap.Unauthenticate())
    heard(client, Deflater().deflate(b"A2 OK\r\n"))
    client.send(imap.Noop())
    plain = b"A1 COMPRESS DEFLATE\r\n"
    sent = client.data_to_send()
    assert sent.startswith(plain)
    assert sent.endswith(b"A3 NOOP\r\n")
    theirs = Inflater(sent.removeprefix(plain).removesuffix(b"A3 NOOP\r\n"))
    assert theirs.take() == b"A2 UNAUTHENTICATE\r\n"
