"""Raw deflate in both directions of a connection (RFC 1951, RFC 4978 3).

A few octets of deflate may stand for millions. They are inflated piece by piece as the core asks
for them: so its limits stop what has no end, and what is not asked for takes no room.
"""

import zlib
from contextlib import suppress

from mailproto._buffer import ReceiveBuffer
from mailproto.errors import RemoteProtocolError

__all__ = ["Deflater", "Inflater"]

_INPUT = 4096  # zlib hands back what it did not use: a copy each time
_PIECE = 64 * 1024


class Inflater:
    """What the peer sends from its consent to COMPRESS on; ``received`` has come already."""

    __slots__ = ("_broken", "_buffer", "_full", "_stream")

    def __init__(self, received: bytes = b"") -> None:
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self._buffer = ReceiveBuffer()
        self._buffer += received
        self._full = False  # zlib may hold back what did not fit into the last piece
        self._broken: RemoteProtocolError | None = None

    def receive(self, data: bytes) -> None:
        """Take compressed octets, cut anywhere."""
        self._buffer += data

    def take(self) -> bytes:
        """Return the next inflated octets, 64 KiB at most; ``b""`` if more has to come.

        Raises :class:`RemoteProtocolError` for what is not deflate, and for what comes behind
        the end of the stream.
        """
        stream = self._stream
        while True:
            if self._broken is not None:
                raise self._broken
            if stream.eof and (stream.unused_data or len(self._buffer)):
                raise RemoteProtocolError("octets behind the end of what is deflated (RFC 4978 3)")
            data = stream.unconsumed_tail or self._buffer.take(_INPUT)
            if not (data or self._full):
                return b""
            before = stream.copy() if len(data) > 1 else stream
            try:
                piece = stream.decompress(data, _PIECE)
            except zlib.error as error:
                self._broken = RemoteProtocolError(f"not deflate (RFC 4978 3): {error}")
                piece = _salvage(before, data)
            self._full = len(piece) == _PIECE
            if piece:
                return piece

    def rest(self) -> bytes:
        """Return what was received behind the end of the stream, and forget it."""
        return self._stream.unused_data + self._buffer.take_all()


def _salvage(stream: "zlib._Decompress", data: bytes) -> bytes:
    """Inflate what comes before the broken octet, for zlib drops it: cuts must not matter."""
    pieces = []
    with suppress(zlib.error):
        for at in range(len(data)):
            pieces.append(stream.decompress(data[at : at + 1], _PIECE))
    return b"".join(pieces)


class Deflater:
    """What we send from our own or the peer's consent to COMPRESS on."""

    __slots__ = ("_stream",)

    def __init__(self) -> None:
        self._stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def deflate(self, data: bytes) -> bytes:
        """Compress ``data`` so that the peer can inflate all of it; nothing stays nothing."""
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH) if data else b""
