"""What follows a positive response, on its way in and on its way out (RFC 1939 3)."""

from collections.abc import Iterator, Sequence
from typing import Any

from mailproto._buffer import ReceiveBuffer
from mailproto._dots import BLOCK, DotStuffer, DotUnstuffer
from mailproto.errors import LimitExceeded, LocalProtocolError
from mailproto.limits import Pop3Limits
from mailproto.pop3.listings import ListingReader, encode_entries
from mailproto.pop3.responses import (
    CapabilityLines,
    EndOfListing,
    EndOfMessage,
    MessageData,
)

__all__ = ["IncomingContent", "OutgoingContent"]


class IncomingContent:
    """Takes the lines behind one response off the buffer and makes events of them.

    ``kind`` is the class of the events. Lines of CAPA are collected in ``offered`` instead.
    """

    __slots__ = ("_dots", "_limit", "_listing", "_size", "offered")

    def __init__(
        self, kind: type[Any], limits: Pop3Limits, *, strict: bool, line_end: bytes
    ) -> None:
        self._dots = DotUnstuffer(strict=False, line_end=line_end)
        self._listing = None if kind is MessageData else ListingReader(kind, limits, strict=strict)
        self._limit = limits.message_size
        self._size = 0
        self.offered: list[str] = []

    @property
    def finished(self) -> bool:
        """Whether the terminating line has come."""
        return self._dots.finished

    def take(self, buffer: ReceiveBuffer) -> bytes:
        """Take text for :meth:`read`; ``b""`` if it is over or needs more bytes."""
        return self._dots.take(buffer)

    def read(self, text: bytes) -> Iterator[Any]:
        """Yield the events that ``text`` makes.

        Raises :class:`LimitExceeded` after all that came before, and
        :class:`ResponseSyntaxError` if strict.
        """
        if self._listing is None:
            yield from self._read_message(text)
            return
        for event in self._listing.feed(text):
            if isinstance(event, CapabilityLines):
                self.offered += event.lines
            else:
                yield event

    def end(self) -> EndOfMessage | EndOfListing:
        """Return the event for the terminating line."""
        return EndOfMessage() if self._listing is None else EndOfListing()

    def _read_message(self, text: bytes) -> Iterator[MessageData]:
        self._size += len(text)
        excess = 0 if self._limit is None else self._size - self._limit
        if excess < len(text):
            yield MessageData(text[:-excess] if excess > 0 else text)
        if self._limit is not None and excess > 0:
            raise LimitExceeded("message_size", self._limit)


class OutgoingContent:
    """Makes the lines behind one response of what is sent.

    ``kind`` is the class of what has to be sent, until the end of message or listing.
    """

    __slots__ = ("_end", "_kind", "_stuffer", "finished")

    def __init__(self, kind: type[Any]) -> None:
        self._kind = kind
        self._end = EndOfMessage if kind is MessageData else EndOfListing
        self._stuffer = DotStuffer(normalize=False) if kind is MessageData else None
        self.finished = False

    def encode(self, item: Any) -> Sequence[bytes]:
        """Return what goes over the wire. Raises :class:`LocalProtocolError`."""
        if type(item) is self._end:
            self.finished = True
            return (b".\r\n" if self._stuffer is None else self._stuffer.finish(),)
        if type(item) is not self._kind:
            due = f"{self._kind.__name__} or {self._end.__name__}"
            raise LocalProtocolError(f"{due} has to follow now, not {type(item).__name__}")
        if self._stuffer is None:
            return (encode_entries(item),)
        data = item.data
        if len(data) <= BLOCK:
            return (self._stuffer.feed(data),)
        blocks = range(0, len(data), BLOCK)
        return [self._stuffer.feed(data[at : at + BLOCK]) for at in blocks]
