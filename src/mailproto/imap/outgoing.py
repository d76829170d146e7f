"""What a server has to write, in order."""

from collections.abc import Iterator
from typing import Any

from mailproto._trace import Tracer
from mailproto.errors import LocalProtocolError
from mailproto.imap.events import MessageOctets
from mailproto.imap.parse_response import plain_completion, response_fragments
from mailproto.imap.responses import Condition, Response
from mailproto.imap.wire import Wire
from mailproto.imap.write import Fragment

__all__ = ["Outgoing"]


class Outgoing:
    """Responses on their way to the wire.

    ``owed`` are the octets of a literal that the last response promised: they come next.
    """

    __slots__ = ("_out", "_rest", "_trace", "owed")

    def __init__(self, wire: Wire, trace: Tracer | None) -> None:
        self._out = wire.out
        self._trace = trace
        self._rest: Iterator[Fragment] | None = None  # of the last response
        self.owed = 0

    def write(self, line: bytes) -> None:
        """Write a line, or several."""
        self._out.append(line)
        if self._trace:
            self._trace.unit_sent(line)

    def respond(self, response: Response, *, utf8: bool) -> None:
        """Write a response. Raises :class:`LocalProtocolError`, with nothing written."""
        line = plain_completion(response) if isinstance(response, Condition) else None
        if line is not None:
            self._out.append(line)
            if self._trace:
                self._trace.unit_sent(line)
            return
        fragments = response_fragments(response, utf8=utf8)
        if len(fragments) == 1 and isinstance(fragments[0], bytes):
            self.write(fragments[0])
        else:
            self._rest = iter(fragments)
            self.write(b"".join(self._advance(self._rest)))

    def content(self, item: Any) -> None:
        """Write octets that are owed. Raises :class:`LocalProtocolError` for anything else."""
        if not isinstance(item, MessageOctets) or len(item.data) > self.owed:
            raise LocalProtocolError(f"{self.owed} octets of a literal are owed first")
        self.owed -= len(item.data)
        self._out.append(item.data)
        if self._trace:
            self._trace.body_sent(len(item.data))
        if not self.owed and self._rest is not None:
            self.write(b"".join(self._advance(self._rest)))

    def _advance(self, fragments: Iterator[Fragment]) -> Iterator[bytes]:
        """Yield what comes before the next octets that are owed, or all."""
        for fragment in fragments:
            if isinstance(fragment, bytes):
                yield fragment
                continue
            yield fragment.head()
            if fragment.data is not None:
                yield fragment.data
            elif fragment.size:
                self.owed = fragment.size
                return
