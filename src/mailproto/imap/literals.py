"""Whether a server takes an announced literal, decided before its octets come (RFC 7888 4)."""

import re
from typing import TYPE_CHECKING

from mailproto.errors import LimitExceeded
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.codes import ResponseCode
from mailproto.imap.commands import Command
from mailproto.imap.framing import LiteralStart
from mailproto.imap.parse_command import CommandSyntaxError, parse_command_unit, waits_not
from mailproto.imap.responses import Bad, Condition, No
from mailproto.imap.values import Literal
from mailproto.limits import ImapLimits

if TYPE_CHECKING:
    from mailproto.imap.server import ServerConnection

__all__ = ["begun_command", "check_literal", "next_message", "opened_by_part"]

_CLOSING = re.compile(rb'"(?:[^"\\]|\\.)*+"|\)')
_UTF8_PART = re.compile(rb"UTF8 \(~?\{[0-9]+\+?\}\r\n\Z", re.IGNORECASE)

_TOO_BIG = ResponseCode("TOOBIG")
_PATIENCE = 2


def check_literal(
    server: "ServerConnection", literal: LiteralStart, room: int, *, message: bool
) -> Condition | None:
    """Return the refusal of a literal, None if it can be taken.

    ``room`` is how many octets it may have if it is no ``message``. One that comes unasked is
    swallowed when it is refused: raises :class:`LimitExceeded` if it is too long for that.
    """
    limits = server.limits
    most = limits.message_size if message else room
    too_big = most is not None and literal.size > most
    unasked = not literal.sync and not _may_come_unasked(literal, server.offered)
    if not (too_big or unasked):
        return None
    if not literal.sync:
        _check_patience(literal.size, limits, logged_in=server.logged_in)
    if message and too_big:
        return No(f"No more than {most} octets", _TOO_BIG)
    return Bad("The literal is too long" if too_big else "The literal has to wait", _TOO_BIG)


def _may_come_unasked(literal: LiteralStart, offered: Capabilities) -> bool:
    announced = Literal(literal.size, binary=literal.binary)
    return waits_not(announced, offered)


def _check_patience(size: int, limits: ImapLimits, *, logged_in: bool) -> None:
    name = "message_size" if logged_in else "command_before_auth"
    most: int | None = getattr(limits, name)
    if most is not None and size > most * _PATIENCE:
        raise LimitExceeded(name, most)


def begun_command(begun: bytes, *, strict: bool, utf8: bool, nesting: int) -> tuple[Command, int]:
    """Parse a command as far as it has come, up to the literal of a message.

    The literal has no data. Parentheses that are open behind it are taken for closed; how many
    is returned too. Raises :class:`CommandSyntaxError`.
    """
    failure: CommandSyntaxError | None = None
    for closing in (b"", b")", b"))"):
        try:
            _, command = parse_command_unit(
                b"%b%b\r\n" % (begun, closing),
                frozenset((len(begun),)),
                strict=strict,
                utf8=utf8,
                nesting=nesting,
            )
            return command, len(closing)
        except CommandSyntaxError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def next_message(line: bytes, opened: int) -> bytes | None:
    """What a line behind the literal of a message says of another message, None for nothing.

    ``opened`` parentheses are closed before that; until then the line is about further parts.
    """
    if not opened:
        return line
    for found in _CLOSING.finditer(line):
        opened -= found[0] == b")"
        if not opened:
            return line[found.end() :]
    return None


def opened_by_part(line: bytes) -> int:
    """How many parentheses are open behind the literal of a further part that a line announces."""
    return 2 if _UTF8_PART.search(line) else 1
