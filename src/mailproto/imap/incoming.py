"""What comes from the peer: framed, and inflated where COMPRESS is on (RFC 4978)."""

from mailproto._deflate import Inflater
from mailproto.imap.framing import Frame, Framer

__all__ = ["Incoming"]


class Incoming:
    """A framer, and what inflates the octets for it.

    ``position`` is how many octets it was given until now, ``began`` where the last frame
    began: so what came before a command is told from its answer. Octets that are not inflated
    yet count as still to come.
    """

    __slots__ = ("_inflater", "began", "framer", "position")

    def __init__(self, framer: Framer) -> None:
        self.framer = framer
        self.began = 0
        self.position = 0
        self._inflater: Inflater | None = None

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer."""
        if self._inflater is None:
            self._give(data)
        else:
            self._inflater.receive(data)

    def next_frame(self) -> Frame | None:
        """Return the next frame, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` as the framer and the inflater do.
        """
        framer = self.framer
        while True:
            self.began = self.position - len(framer)
            frame = framer.next_frame()
            if frame is not None or self._inflater is None:
                return frame
            piece = self._inflater.take()
            if not piece:
                return None
            self._give(piece)

    def inflate(self) -> None:
        """Inflate all that was not handed out yet, and what comes."""
        rest = self.framer.take_rest()
        self.position -= len(rest)
        self._inflater = Inflater(rest)

    def end_inflating(self) -> None:
        """Take what comes as it is again (RFC 8437 4.1)."""
        if self._inflater is not None:
            rest, self._inflater = self._inflater.rest(), None
            self._give(rest)

    def clear(self) -> None:
        """Forget what was not handed out."""
        self.framer.take_rest()
        self._inflater = None

    def _give(self, data: bytes) -> None:
        self.framer.receive(data)
        self.position += len(data)
