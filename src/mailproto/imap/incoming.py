"""What comes from the peer: framed, and inflated where COMPRESS is on (RFC 4978)."""

from mailproto.imap.framing import Frame, Framer
from mailproto.imap.wire import Wire

__all__ = ["Incoming"]


class Incoming:
    """A framer, and the wire that inflates the octets for it.

    ``position`` is how many octets it was given until now: so what came before a command is
    told from its answer. Octets that are not inflated yet count as still to come.
    """

    __slots__ = ("_wire", "framer", "position")

    def __init__(self, framer: Framer, wire: Wire) -> None:
        self.framer = framer
        self.position = 0
        self._wire = wire

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer."""
        self._give(self._wire.receive(data))

    def next_frame(self) -> Frame | None:
        """Return the next frame, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` as the framer and the wire do.
        """
        while (frame := self.framer.next_frame()) is None and self.fill():
            pass
        return frame

    def fill(self) -> bool:
        """Inflate some octets for the framer; False if there are none.

        Raises :class:`RemoteProtocolError` as the wire does.
        """
        piece = self._wire.more()
        if not piece:
            return False
        self._give(piece)
        return True

    def began(self, size: int) -> int:
        """Where the last frame began, which had ``size`` octets."""
        return self.position - len(self.framer) - size

    def compress(self) -> None:
        """Compress what is sent, inflate all that was not handed out yet, and what comes."""
        self._wire.compress(self.framer.take_rest())

    def decompress(self) -> None:
        """Send and take octets as they are again (RFC 8437 4.1)."""
        self._give(self._wire.decompress())

    def _give(self, data: bytes) -> None:
        if data:
            self.framer.receive(data)
            self.position += len(data)
