"""Bytes to commands and replies, and back; knows nothing of state.

Each function takes or makes one complete unit: a command line with its CRLF, or all lines of a
reply. A new command is a row in ``command_rows``.
"""

import re
from base64 import b64encode

from mailproto.errors import Defect, LocalProtocolError, RemoteProtocolError
from mailproto.smtp import commands as c
from mailproto.smtp.command_rows import (
    COMMANDS,
    NAME,
    SYNTAX_UNKNOWN,
    CommandSyntaxError,
    Context,
    decode_base64,
)
from mailproto.smtp.commands import Command
from mailproto.smtp.replies import EnhancedCode, Reply
from mailproto.smtp.usual import usual_command, usual_reply

__all__ = [
    "CommandSyntaxError",
    "ReplySyntaxError",
    "encode_command",
    "encode_reply",
    "parse_auth_response",
    "parse_command",
    "parse_reply",
]


class ReplySyntaxError(RemoteProtocolError):
    """A reply is malformed."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINE = re.compile(r"([^ ]+)(?: +(.*))?")
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?")
_REPLY_TEXT = re.compile(r"[\t\x20-\x7e\u0080-\U0010ffff]*")
_BARE_LF = "line ends in bare LF"
_PARSERS = {cls.verb: row.parse for cls, row in COMMANDS.items()}


def parse_command(line: bytes, *, strict: bool = False) -> Command:
    """Parse one command line with its line end; a verb nobody knows gives UnknownCommand.

    What was tolerated is in the command's ``defects``; ``strict`` tolerates nothing.
    Raises :class:`CommandSyntaxError`, which holds the reply to give. Source: RFC 5321 4.1.
    """
    return usual_command(line) or parse_any_command(line, strict)


def parse_any_command(line: bytes, strict: bool) -> Command:
    """Parse a command line, usual or not."""
    context = Context(strict, [])
    try:
        command = _parse_line(line, context)
    except CommandSyntaxError as error:
        error.framing_lost = is_bdat(line)
        raise
    if context.defects:
        command.defects = tuple(context.defects)  # type: ignore[misc]  # not yet handed out
    return command


def is_bdat(line: bytes) -> bool:
    """Whether octets that are no commands follow ``line``, however malformed it is."""
    return line[:4].upper() == b"BDAT"


def _parse_line(line: bytes, context: Context) -> Command:
    text = _decode_line(line, context)
    found = _LINE.fullmatch(text)
    if found is None:
        raise CommandSyntaxError(500, SYNTAX_UNKNOWN, "no command")
    if not found[1].isascii():  # upper() makes ASCII of some other letters
        raise CommandSyntaxError(500, SYNTAX_UNKNOWN, "no such command")
    verb, argument = found[1].upper(), found[2] or ""
    if argument.endswith(" "):
        argument = argument.rstrip(" ")
        context.tolerate("trailing space", verb, "RFC 5321 4.1.1")
    parse = _PARSERS.get(verb)
    return parse(argument, context) if parse else c.UnknownCommand(verb, argument)


def parse_auth_response(line: bytes) -> c.AuthResponse:
    """Parse a client's line within an AUTH exchange (RFC 4954 4).

    Raises :class:`CommandSyntaxError`.
    """
    text = line.rstrip(b"\r\n")
    if text == b"*":
        return c.AuthResponse(None)
    try:
        return c.AuthResponse(decode_base64(text.decode("ascii")))
    except UnicodeDecodeError:
        raise CommandSyntaxError(501, SYNTAX_UNKNOWN, "not base64") from None


def encode_command(command: Command, *, smtputf8: bool = False) -> bytes:
    """Encode a command as one line.

    ``smtputf8`` says that the transaction uses SMTPUTF8, which lets RCPT carry UTF-8.
    Raises :class:`LocalProtocolError` if a part can not be sent. Source: RFC 5321 4.1.
    """
    if isinstance(command, c.AuthResponse):
        return b"*\r\n" if command.data is None else b64encode(command.data) + b"\r\n"
    if isinstance(command, c.UnknownCommand):
        verb, rest = command.name, f" {command.argument}" if command.argument else ""
        if not NAME.fullmatch(verb) or verb.upper() in _PARSERS:
            raise LocalProtocolError(f"{verb!r} can not be the verb of an UnknownCommand")
    else:
        verb = command.verb
        try:
            rest = COMMANDS[type(command)].write(command, Context(True, [], smtputf8))
        except ValueError as error:
            raise LocalProtocolError(f"{verb}: {error}") from None
    text = verb + rest
    if rest.startswith("  ") or rest.endswith(" "):
        raise LocalProtocolError(f"{verb}: an argument is empty or begins or ends with a space")
    if _CONTROL.search(text):
        raise LocalProtocolError(f"{verb}: control characters (CR, LF, NUL ...) can not be sent")
    try:
        return text.encode() + b"\r\n"
    except UnicodeEncodeError:
        raise LocalProtocolError(f"{verb}: not Unicode text") from None


def parse_reply(data: bytes, *, strict: bool = False) -> Reply:
    """Parse a complete reply, all its lines.

    Where codes differ between lines the last one counts (with a defect).
    Raises :class:`ReplySyntaxError`. Source: RFC 5321 4.2.
    """
    return usual_reply(data) or parse_any_reply(data, strict)


def parse_any_reply(data: bytes, strict: bool) -> Reply:
    """Parse a reply, usual or not."""
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise ReplySyntaxError("empty reply")
    code = b""
    category = lines[-1][:1].decode("latin-1")
    texts: list[str] = []
    enhanced: EnhancedCode | None = None
    defects: list[Defect] = []
    final = len(lines) - 1
    for number, line in enumerate(lines):
        if line.endswith(b"\r"):
            line = line[:-1]
        else:
            defects.append(Defect(_BARE_LF, line[:80], section="RFC 5321 2.3.8"))
        found = _REPLY_LINE.fullmatch(line)
        if found is None or (found[2] == b"-") != (number != final):
            raise ReplySyntaxError(f"not a line of a reply: {line[:80]!r}")
        if code and found[1] != code:
            defects.append(Defect("codes differ", line[:80], section="RFC 5321 4.2.1"))
        code = found[1]
        text = (found[3] or b"").decode("utf-8", "surrogateescape")
        line_enhanced, rest = EnhancedCode.split(text, category)
        if number == 0:
            enhanced = line_enhanced
        texts.append(rest if line_enhanced == enhanced else text)
    if defects and strict:
        raise ReplySyntaxError(f"{defects[0].what}: {defects[0].where!r}")
    return Reply(int(code), "\n".join(texts), enhanced, defects=tuple(defects))


def encode_reply(reply: Reply, *, smtputf8: bool = False) -> bytes:
    """Encode a reply, the enhanced code in front of each line.

    Text outside ASCII is only allowed with ``smtputf8`` (RFC 6531 3.7.4.2).
    Raises :class:`LocalProtocolError`. Source: RFC 5321 4.2, RFC 2034 4.
    """
    if not 200 <= reply.code <= 599:
        raise LocalProtocolError(f"{reply.code} is not a reply code")
    if reply.enhanced is not None and not reply.enhanced.fits(reply.code):
        raise LocalProtocolError(f"{reply.enhanced} does not fit {reply.code}")
    lines = reply.text.split("\n")
    prefix = f"{reply.enhanced} " if reply.enhanced is not None else ""
    for line in lines:
        if not _REPLY_TEXT.fullmatch(line):
            raise LocalProtocolError("control characters (CR, NUL ...) can not be sent in a reply")
    code = reply.code
    text = "".join([f"{code}-{prefix}{line}\r\n" for line in lines[:-1]])
    text += f"{code} {prefix}{lines[-1]}\r\n"
    if not smtputf8 and not text.isascii():
        raise LocalProtocolError("text outside ASCII needs a command that used SMTPUTF8")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise LocalProtocolError("the text of the reply is not Unicode text") from None


def _decode_line(line: bytes, context: Context) -> str:
    if line.endswith(b"\r\n"):
        raw = line[:-2]
    else:
        raw = line.removesuffix(b"\n")
        if context.strict:
            raise CommandSyntaxError(500, SYNTAX_UNKNOWN, _BARE_LF)
        context.defects.append(
            Defect(_BARE_LF, line.partition(b" ")[0][:80], section="RFC 5321 2.3.8")
        )
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise CommandSyntaxError(500, SYNTAX_UNKNOWN, "neither ASCII nor UTF-8") from None
    if _CONTROL.search(text):
        raise CommandSyntaxError(500, SYNTAX_UNKNOWN, "control characters in the command")
    return text
