"""What a client sends, as commands: framed and counted, its literals weighed before they come."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from mailproto._foreign import TLS_HANDSHAKE
from mailproto._tally import Tally
from mailproto._trace import Tracer, redact_imap
from mailproto._value import evolve
from mailproto.errors import RemoteProtocolError
from mailproto.imap.append_shape import is_message
from mailproto.imap.commands import Append, Command
from mailproto.imap.events import (
    EndOfContent,
    InvalidCommand,
    LiteralOffered,
    MessageOctets,
    TaggedCommand,
)
from mailproto.imap.framing import LiteralData, LiteralStart, Unit, command_framer
from mailproto.imap.incoming import Incoming
from mailproto.imap.literals import begun_command, check_literal, next_message, opened_by_part
from mailproto.imap.parse_command import LINE, CommandSyntaxError, parse_command_unit, recover_tag
from mailproto.imap.refusals import TAG_IN_USE, check_tag, objection
from mailproto.imap.responses import Condition
from mailproto.imap.states import State
from mailproto.imap.wire import Wire
from mailproto.limits import ImapLimits

if TYPE_CHECKING:
    from mailproto.imap.server import ServerConnection

__all__ = ["Intake", "invalid"]

_Taken: TypeAlias = TaggedCommand | InvalidCommand | LiteralOffered | MessageOctets | EndOfContent

_CRLF = b"\r\n"
_SHOWN = 200
_NOTHING_STREAMED: frozenset[int] = frozenset()
_GO_AHEAD = b"+ Ready for literal data\r\n"
_MORE = b"+ Ready for additional command text\r\n"


def invalid(data: bytes, response: Condition, command: Command | None = None) -> InvalidCommand:
    """The event for bytes that can not be served, which it shows shortened and redacted."""
    shown = redact_imap(data[:_SHOWN].decode("latin-1").rstrip("\r\n"))
    return InvalidCommand(shown.encode("latin-1"), response, command)


class Intake(Tally):
    """The receiving half of a server core; it counts what the client has cost so far."""

    __slots__ = (
        "_begun",
        "_ended",
        "_incoming",
        "_limits",
        "_opened",
        "_strict",
        "_tag",
        "_trace",
    )

    def __init__(
        self, wire: Wire, limits: ImapLimits, *, strict: bool, trace: Tracer | None
    ) -> None:
        super().__init__()
        self._limits = limits
        self._strict = strict
        self._trace = trace
        self._incoming = Incoming(command_framer(limits, whole=LINE), wire)
        self._tag: str | None = None  # of the unit whose literals come
        self._begun: Command | None = None  # it, if they are streamed
        self._opened = 0  # parentheses that are open behind the literal
        self._ended = False  # the literal that was streamed is complete
        self.limit(logged_in=False)

    # --- bytes ---

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer, cut anywhere."""
        self._incoming.receive(data)

    def __len__(self) -> int:
        """Octets received and not yet handed out."""
        return len(self._incoming.framer)

    @property
    def within_command(self) -> bool:
        """Whether a command has begun to come."""
        return len(self) > 0 or self._begun is not None

    def clear(self) -> None:
        """Forget what was not handed out."""
        self._incoming.framer.take_rest()

    def compress(self) -> None:
        """Deflate in both directions from here on (RFC 4978 3)."""
        self._incoming.compress()

    def decompress(self) -> None:
        """Send and take octets as they are again (RFC 8437 4.1)."""
        self._incoming.decompress()

    def read_line(self, *, keep: bool = False) -> bytes | None:
        """Return the next line outside of commands, None if it is not complete.

        ``keep`` leaves it where it is. Raises :class:`LimitExceeded`.
        """
        framer = self._incoming.framer
        read = framer.peek_line if keep else framer.next_line
        while (line := read()) is None and self._incoming.fill():
            pass
        return line

    # --- limits ---

    def limit(self, *, logged_in: bool) -> None:
        """Set the limits of commands for who has logged in, or who has not."""
        limits = self._limits
        line, total = ("command_line", limits.command_line), ("command", limits.command)
        if not logged_in:
            total = ("command_before_auth", limits.command_before_auth)
            line = min(line, total, key=lambda limit: limit[1])
        self._incoming.framer.limit(line=line, total=total)

    def limit_auth_line(self) -> None:
        """Set the limit of lines within an exchange."""
        limit = ("auth_line", self._limits.auth_line)
        self._incoming.framer.limit(line=limit, total=limit)

    def _count(self, server: "ServerConnection", data: bytes, *, secret: bool = False) -> None:
        self.check("errors", self._limits)
        if self._trace:
            self._trace.unit_received(data, secret=secret)
        if server.state is State.NOT_AUTHENTICATED:
            self.check("commands_before_auth", self._limits)
            self.commands_before_auth += 1

    # --- commands ---

    def read(self, server: "ServerConnection") -> _Taken | None:
        """Return the next command, or what comes of it, None if it needs more bytes.

        Raises :class:`RemoteProtocolError` if ``server`` can not go on.
        """
        if self._ended:
            self._ended = False
            return EndOfContent()
        while (frame := self._incoming.next_frame()) is not None:
            if type(frame) is re.Match:
                return self._take_command(server, frame[0], _NOTHING_STREAMED, frame)
            event = _FRAMES[type(frame)](self, server, frame)
            if event is not None:
                return event
        return None

    def check_tls(self) -> None:
        """Raise :class:`RemoteProtocolError` if the first bytes are those of TLS."""
        if not self.commands_before_auth and self._incoming.framer.peek(2) == TLS_HANDSHAKE:
            raise RemoteProtocolError("a TLS handshake on a clear-text port")

    def _take_bytes(self, server: "ServerConnection", data: Any) -> _Taken:
        return self._take_command(server, data, _NOTHING_STREAMED)

    def _take_unit(self, server: "ServerConnection", unit: Any) -> _Taken:
        return self._take_command(server, unit.data, unit.streamed)

    def _take_command(
        self,
        server: "ServerConnection",
        data: bytes,
        streamed: frozenset[int],
        head: re.Match[bytes] | None = None,
    ) -> _Taken:
        begun, self._begun = self._begun, None
        refusal = None
        if self.errors or self._trace or server.state is State.NOT_AUTHENTICATED:
            self._count(server, data[max(streamed, default=0) :])
        try:
            if begun is not None and not self._opened and streamed == {len(data) - len(_CRLF)}:
                tag, command = self._tag or "", begun  # nothing came behind the literal
            else:
                tag, command = parse_command_unit(
                    data, streamed, self._strict, server.utf8, self._limits.nesting, head
                )
                refusal = objection(server, command)
        except CommandSyntaxError as error:
            if server.state is State.NOT_AUTHENTICATED:
                check_tag(error.tag, data)
            return _refused(server, data, error.response, error.tag)
        if refusal is None and tag not in server.in_flight:
            return TaggedCommand(tag, command)
        return _refused(server, data, refusal or TAG_IN_USE, tag, command)

    # --- literals ---

    def _take_literal(self, server: "ServerConnection", literal: Any) -> _Taken | None:
        framer = self._incoming.framer
        if literal.first:
            self._tag = recover_tag(literal.line)
        message = is_message(literal.opening, literal.line, first=literal.first)
        refusal = check_literal(server, literal, framer.room, message=message)
        so_far: bytes = literal.line
        if refusal is None and message and self._begun is not None:
            refusal = self._begin_next_message(server, so_far)
        elif refusal is None and message:
            so_far = framer.begun
            refusal = self._begin_message(server, so_far)
        if refusal is not None:
            self._count(server, literal.line, secret=not literal.first)
            self.refuse()
            return _refused(server, literal.line, refusal, self._tag)
        if message and self._begun is not None:
            if self._trace:
                self._trace.unit_received(so_far)
            return LiteralOffered(self._tag or "", self._begun, literal.size, literal.sync)
        framer.accept(stream=False)
        if literal.sync:
            server.outgoing.write(_MORE)
        return None

    def _begin_message(self, server: "ServerConnection", begun: bytes) -> Condition | None:
        """Parse the command up to its first message; return the refusal if it can not be."""
        try:
            self._begun, self._opened = self._parse_begun(server, begun)
        except CommandSyntaxError as error:
            return error.response
        return objection(server, self._begun)

    def _begin_next_message(self, server: "ServerConnection", line: bytes) -> Condition | None:
        """As ``_begin_message``, for one more message; a further part of one is none."""
        rest = next_message(line, self._opened)
        if rest is None:
            self._opened = opened_by_part(line)
            return None
        try:
            more, self._opened = self._parse_begun(server, b"A APPEND x" + rest)
        except CommandSyntaxError:
            return None
        begun = self._begun
        if not (isinstance(begun, Append) and isinstance(more, Append)):
            return None
        self._begun = evolve(begun, messages=more.messages)
        return objection(server, evolve(begun, messages=(*begun.messages, *more.messages)))

    def _parse_begun(self, server: "ServerConnection", begun: bytes) -> tuple[Command, int]:
        return begun_command(
            begun, strict=self._strict, utf8=server.utf8, nesting=self._limits.nesting
        )

    def accept(self, server: "ServerConnection", offer: LiteralOffered) -> None:
        """Let the literal come that was offered."""
        self._incoming.framer.accept(stream=True)
        if offer.synchronizing:
            server.outgoing.write(_GO_AHEAD)

    def refuse(self) -> None:
        """Forget the command whose literal was announced."""
        self._incoming.framer.refuse()
        self._begun = None

    def _take_octets(self, server: "ServerConnection", piece: Any) -> _Taken | None:
        if self._trace:
            self._trace.body_received(len(piece.data))
        self._ended = piece.last
        return MessageOctets(piece.data) if piece.data else self.read(server)


def _refused(
    server: "ServerConnection",
    data: bytes,
    refusal: Condition,
    tag: str | None,
    command: Command | None = None,
) -> InvalidCommand:
    """Refuse a command; with its tag, unless that would complete another one."""
    if tag in server.in_flight:
        return invalid(data, TAG_IN_USE, command)
    return invalid(data, evolve(refusal, tag=tag), command)


_FRAMES: dict[type[Any], Callable[[Intake, "ServerConnection", Any], _Taken | None]] = {
    bytes: Intake._take_bytes,
    Unit: Intake._take_unit,
    LiteralStart: Intake._take_literal,
    LiteralData: Intake._take_octets,
}
