"""The octets of a session on their way: as they are, or deflated behind COMPRESS (RFC 4978)."""

from mailproto._deflate import Deflater, Inflater

__all__ = ["Wire"]

# How a deflate stream ends behind the last octet that it holds: flushed, or with a last block.
# No line of IMAP begins so.
_REMAINDER = b"\x00\x01\x03\xff"


class Wire:
    """What is to be written, in ``out``; and what comes, if it has to be inflated."""

    __slots__ = ("_deflater", "_ending", "_inflater", "_ready", "out")

    def __init__(self) -> None:
        self.out: list[bytes] = []
        self._ready = b""  # what goes out as it is
        self._deflater: Deflater | None = None
        self._inflater: Inflater | None = None
        self._ending = False  # the remainder of what was deflated may come

    @property
    def compressed(self) -> bool:
        """Whether octets are deflated in both directions."""
        return self._inflater is not None

    def take(self) -> bytes:
        """Return the octets to write now, and forget them."""
        data = b"".join(self.out)
        self.out.clear()
        if self._deflater is not None:
            data = self._deflater.deflate(data)
        if self._ready:
            data, self._ready = self._ready + data, b""
        return data

    def receive(self, data: bytes) -> bytes:
        """Take octets from the peer; return those that can be read as they are."""
        if self._inflater is not None:
            self._inflater.receive(data)
            return b""
        if self._ending:
            data = data.lstrip(_REMAINDER)
            self._ending = not data
        return data

    def more(self) -> bytes:
        """Return a piece of what was deflated, ``b""`` if more has to come.

        Raises :class:`~mailproto.errors.RemoteProtocolError` for what can not be inflated.
        """
        return b"" if self._inflater is None else self._inflater.take()

    def compress(self, unread: bytes) -> None:
        """Deflate from here on; ``unread`` came already."""
        self._ready = self.take()
        self._deflater = Deflater()
        self._inflater = Inflater(unread)

    def decompress(self) -> bytes:
        """Deflate no longer (RFC 8437 4.1); return what came behind the peer's last octet."""
        if self._inflater is None:
            return b""
        self._ready = self.take()
        rest = self._inflater.rest()
        self._deflater = self._inflater = None
        self._ending = True
        return self.receive(rest)
