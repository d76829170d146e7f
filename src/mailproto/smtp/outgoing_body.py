"""The body of a message as a client sends it: through DATA with dots stuffed, or through BDAT."""

from collections.abc import Sequence

from mailproto._dots import BLOCK, DotStuffer
from mailproto.errors import LocalProtocolError

__all__ = ["OutgoingBody"]


class OutgoingBody:
    """Makes what goes over the wire of the octets of one message after the other."""

    __slots__ = ("_left", "_size", "_stuffer")

    def __init__(self) -> None:
        self._size = 0  # of the message so far
        self._stuffer: DotStuffer | None = None
        self._left = 0  # of the BDAT

    @property
    def under_way(self) -> bool:
        """Whether a body, or one BDAT of it, has been begun and not ended."""
        return self._stuffer is not None or self._left > 0

    def begin_message(self) -> None:
        """Note that MAIL was sent."""
        self._size = 0

    def begin_data(self) -> None:
        """Note that DATA was answered with 354."""
        self._stuffer = DotStuffer()

    def begin_chunk(self, octets: int) -> None:
        """Note that BDAT was sent."""
        self._left = octets
        self._size += octets

    def check_size(self, octets: int, most: int | None) -> None:
        """Check that the message may have ``octets`` more, where the server takes ``most``.

        Raises :class:`LocalProtocolError`.
        """
        if most is not None and self._size + octets > most:
            raise LocalProtocolError(f"the server takes messages of {most} octets at the most")

    def encode(self, data: bytes, most: int | None) -> Sequence[bytes]:
        """Return what goes over the wire for ``data``.

        Raises :class:`LocalProtocolError` if no body is due, or less of it.
        """
        if self._left:
            if len(data) > self._left:
                raise LocalProtocolError(
                    f"{len(data)} octets, but only {self._left} are left of the BDAT"
                )
            self._left -= len(data)
            return (data,)
        stuffer = self._stuffer
        if stuffer is None:
            raise LocalProtocolError("no body is due: wait for the 354 to DATA, or send BDAT")
        self.check_size(len(data), most)
        self._size += len(data)
        if len(data) <= BLOCK:
            return (stuffer.feed(data),)
        return [stuffer.feed(data[at : at + BLOCK]) for at in range(0, len(data), BLOCK)]

    def finish(self) -> bytes:
        """Return what ends the body of DATA."""
        if self._stuffer is None:
            raise LocalProtocolError("no body is due")
        end = self._stuffer.finish()
        self._stuffer = None
        return end
