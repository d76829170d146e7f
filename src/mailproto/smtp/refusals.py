"""What a server refuses, and with which reply (RFC 5321 4.1.4, 4.2.4, 4.3.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailproto._foreign import HTTP_VERBS
from mailproto._trace import redact
from mailproto.errors import LimitExceeded
from mailproto.limits import SmtpLimits
from mailproto.smtp import commands as c
from mailproto.smtp.answers import DEFAULT_REPLIES
from mailproto.smtp.codec import CommandSyntaxError, is_bdat, parse_command
from mailproto.smtp.commands import Command
from mailproto.smtp.events import InvalidCommand
from mailproto.smtp.parameters import MAIL_PARAMETERS, RCPT_PARAMETERS, required_extensions
from mailproto.smtp.replies import EnhancedCode, Reply
from mailproto.smtp.states import OFFERED_AS, TRANSITIONS, State

if TYPE_CHECKING:
    from mailproto.smtp.server import ServerConnection

__all__ = ["FAREWELLS", "LINE_TOO_LONG", "TOO_LONG", "invalid", "objection", "parse_or_refuse"]


def _refuse(code: int, text: str, subject: int, detail: int) -> Reply:
    return Reply(code, text, EnhancedCode(code // 100, subject, detail))


LINE_TOO_LONG = _refuse(500, "Line too long", 5, 6)
TOO_LONG = _refuse(552, "The message is longer than I take", 3, 4)  # RFC 1870 6.1
_ENOUGH = _refuse(421, "Too many errors or commands", 7, 0)

_NOT_INITIAL = _refuse(503, "Say EHLO first", 5, 1)
_OUT_OF_ORDER = _refuse(503, "Bad sequence of commands", 5, 1)
_NO_RECIPIENT = _refuse(554, "No valid recipients", 5, 1)
_NOT_OFFERED = _refuse(502, "Not offered", 5, 1)
_WRONG_HELLO = _refuse(500, "Wrong protocol: SMTP starts with EHLO, LMTP with LHLO", 5, 1)
_TOO_MANY_RECIPIENTS = _refuse(452, "Too many recipients, send the rest later", 5, 3)
_NEEDS_SMTPUTF8 = _refuse(553, "A non-ASCII address needs SMTPUTF8", 6, 7)  # RFC 6531 3.5
_BINARY_NEEDS_BDAT = _refuse(503, "BINARYMIME needs BDAT", 5, 1)  # RFC 3030 3
_ALREADY_AUTHENTICATED = _refuse(503, "Already authenticated", 5, 1)  # RFC 4954 4

FAREWELLS = {
    "command_line": LINE_TOO_LONG,
    "message_size": TOO_LONG,
    **dict.fromkeys(("errors", "commands_before_auth", "auth_failures"), _ENOUGH),
}
"""What is said before a session that went over a limit is closed."""

# What everything but the next step is answered with.
_EARLY = {State.INITIAL: _NOT_INITIAL, State.REFUSED: _OUT_OF_ORDER}

_SHOWN = 80
_HELLOS = (c.Ehlo, c.Helo, c.Lhlo)
_PARAMETERS = {c.Mail: MAIL_PARAMETERS, c.Rcpt: RCPT_PARAMETERS}
_NEEDS_RECIPIENT = (c.Data, c.Bdat, c.Burl)


def invalid(line: bytes, reply: Reply) -> InvalidCommand:
    """The event for a line that can not be served, which it shows shortened and redacted."""
    shown = redact(line[:_SHOWN].decode("latin-1"))
    return InvalidCommand(shown.encode("latin-1"), reply)


def parse_or_refuse(line: bytes, limits: SmtpLimits, *, strict: bool) -> Command | Reply:
    """Return the command that a line is (of a too long one: its beginning), or why it is none.

    Raises :class:`CommandSyntaxError` or :class:`LimitExceeded` if what follows can not be
    told from commands.
    """
    if not line.endswith(b"\n"):
        if is_bdat(line):
            raise LimitExceeded("command_line", limits.command_line)
        return LINE_TOO_LONG
    try:
        return parse_command(line, strict=strict)
    except CommandSyntaxError as error:
        if error.framing_lost:
            raise
        return error.reply


def objection(server: "ServerConnection", command: Command, line: bytes) -> Reply | None:
    """Return the refusal of a command that can not be served now, None if it can.

    ``line`` is the command as received. Raises :class:`CommandSyntaxError` or
    :class:`LimitExceeded` if the session had better end.
    """
    kind = type(command)
    if server.state not in TRANSITIONS[kind]:
        return _misplaced(server, command, line)
    check = _CHECKS.get(kind)
    return None if check is None else check(server, command, line)


def _misplaced(server: "ServerConnection", command: Command, line: bytes) -> Reply:
    kind = type(command)
    check = _BASIC_CHECKS.get(kind)
    reply = None if check is None else check(server, command, line)
    if reply is None and server.state is State.MAIL and kind in _NEEDS_RECIPIENT:
        return _NO_RECIPIENT
    return reply or _EARLY.get(server.state, _OUT_OF_ORDER)


def _check_offered(server: "ServerConnection", command: Command, line: bytes) -> Reply | None:
    offered = server.esmtp and OFFERED_AS[type(command)] in server.offered
    return None if offered else _EARLY.get(server.state, _NOT_OFFERED)


def _check_hello(server: "ServerConnection", hello: Command, line: bytes) -> Reply | None:
    return None if isinstance(hello, c.Lhlo) == server.lmtp else _WRONG_HELLO


def _check_mail(server: "ServerConnection", mail: Any, line: bytes) -> Reply | None:
    reply = _check_parameters(server, mail, line)
    if reply is not None:
        return reply
    most = server.limits.message_size
    if mail.size is not None and most is not None and mail.size > most:
        return TOO_LONG
    return None if mail.smtputf8 or mail.reverse_path.isascii() else _NEEDS_SMTPUTF8


def _check_rcpt(server: "ServerConnection", rcpt: Any, line: bytes) -> Reply | None:
    transaction = server.transaction
    assert transaction is not None
    reply = _check_parameters(server, rcpt, line)
    if reply is not None:
        return reply
    if transaction.recipients >= server.limits.recipients:
        return _TOO_MANY_RECIPIENTS
    return None if transaction.smtputf8 or rcpt.forward_path.isascii() else _NEEDS_SMTPUTF8


def _check_parameters(server: "ServerConnection", command: Command, line: bytes) -> Reply | None:
    if line.count(b" ") == 1:
        return None  # the usual case: there are none
    offered: Any = server.extensions if server.esmtp else ()
    for keyword, extension in required_extensions(command, _PARAMETERS[type(command)]):
        if extension not in offered:
            return _refuse(555, f"Parameter {keyword[:40]} is not offered", 5, 4)
    return None


def _check_data(server: "ServerConnection", data: Any, line: bytes) -> Reply | None:
    assert server.transaction is not None
    return _BINARY_NEEDS_BDAT if server.transaction.binary else None


def _check_auth(server: "ServerConnection", auth: Any, line: bytes) -> Reply | None:
    reply = _check_offered(server, auth, line)
    if reply is not None:
        return reply
    server.tally.check("auth_failures", server.limits)
    if server.user is not None:
        return _ALREADY_AUTHENTICATED
    return None if auth.mechanism in server.extensions.auth else DEFAULT_REPLIES[c.Auth]


def _check_unknown(server: "ServerConnection", unknown: Any, line: bytes) -> Reply | None:
    if unknown.name in HTTP_VERBS:
        raise CommandSyntaxError(421, EnhancedCode(4, 7, 0), "No HTTP")
    return None


_Check = Callable[["ServerConnection", Any, bytes], Reply | None]

# What is checked of a command in any state, and what of one that is in order.
_BASIC_CHECKS: dict[type[Any], _Check] = {
    **dict.fromkeys(OFFERED_AS, _check_offered),
    **dict.fromkeys(_HELLOS, _check_hello),
}
_CHECKS: dict[type[Any], _Check] = {
    **_BASIC_CHECKS,
    c.Mail: _check_mail,
    c.Rcpt: _check_rcpt,
    c.Data: _check_data,
    c.Auth: _check_auth,
    c.UnknownCommand: _check_unknown,
}
