"""Bytes to commands and replies, and back; knows nothing of state.

Each function takes or makes one complete unit: a command line with its CRLF, or all lines of a
reply. A new command is a row in ``_COMMANDS``.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, TypeVar

from mailproto import sasl
from mailproto._value import value
from mailproto.errors import Defect, LocalProtocolError, RemoteProtocolError
from mailproto.smtp import commands as c
from mailproto.smtp.addresses import InvalidAddress, check_domain, parse_path
from mailproto.smtp.commands import Command
from mailproto.smtp.parameters import (
    MAIL_PARAMETERS,
    RCPT_PARAMETERS,
    ParameterRow,
    decode_parameters,
    decode_xtext,
    encode_parameters,
    encode_xtext,
)
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


class CommandSyntaxError(RemoteProtocolError):
    """A command line is malformed; ``reply`` is what a server should answer.

    ``framing_lost`` says that the octets behind the line can not be told from commands: the
    size of a BDAT is not known. ``text`` may quote the peer; what is not ASCII is escaped.
    """

    def __init__(self, code: int, enhanced: EnhancedCode, text: str) -> None:
        text = text.encode("ascii", "backslashreplace").decode()[:_MAX_TEXT]
        super().__init__(text)
        self.reply = Reply(code, text, enhanced)
        self.framing_lost = False


class ReplySyntaxError(RemoteProtocolError):
    """A reply is malformed."""


C = TypeVar("C", bound=Command)
_Defects = list[Defect]


@value
class _Row:
    """One command: ``parse`` makes it of its argument, ``write`` makes its argument."""

    parse: Callable[[str, "_Context"], Command]
    write: Callable[[Any, "_Context"], str]


@value
class _Context:
    strict: bool
    defects: _Defects
    smtputf8: bool = False

    def tolerate(self, what: str, where: str, section: str) -> None:
        """Note a deviation, or refuse it if strict."""
        if self.strict:
            raise _bad_argument(f"{what} ({section})")
        self.defects.append(Defect(what, where.encode()[:80], section=section))


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINE = re.compile(r"([^ ]+)(?: +(.*))?")
_PATH = re.compile(
    r'(?P<word>FROM|TO):(?P<space> *)(?:<(?P<path>(?:[^"<>\\\[ ]|"(?:[^"\\]|\\.)*"|'
    r"\[[!-Z^-~]*\])*)>|(?P<bare>[^<> ]+))(?: +(?P<parameters>.*))?",
    re.IGNORECASE | re.ASCII,
)
_BDAT = re.compile(r"([0-9]{1,20})(?: +(LAST))?", re.IGNORECASE | re.ASCII)
_BURL = re.compile(r"([!-~]+)(?: +(LAST))?", re.IGNORECASE | re.ASCII)
_AUTH = re.compile(r"([A-Za-z0-9_-]{1,20})(?: +([A-Za-z0-9+/]*={0,2}))?")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
_URL = re.compile(r"[!-~]+")
_STRING = re.compile(r"[^\x00-\x1f\x7f]+")
_ETRN = re.compile(r"[@#]?[A-Za-z0-9._-]+|\[[!-Z^-~]+\]")
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?")
_REPLY_TEXT = re.compile(r"[\t\x20-\x7e\u0080-\U0010ffff]*")

_MAX_TEXT = 400  # a line of a reply has at most 512 octets (RFC 5321 4.5.3.1.5)
_BARE_LF = "line ends in bare LF"
_SYNTAX_UNKNOWN = EnhancedCode(5, 5, 2)
_SYNTAX_ARGUMENT = EnhancedCode(5, 5, 4)


def _bad_argument(text: str) -> CommandSyntaxError:
    return CommandSyntaxError(501, _SYNTAX_ARGUMENT, text)


# --- arguments, one pair of functions for each shape ---


def _domain_row(cls: type[Any]) -> _Row:
    def parse(argument: str, context: _Context) -> Command:
        if not argument:
            raise _bad_argument(f"{cls.verb} needs a domain or an address literal")
        try:
            check_domain(argument)
            if not argument.isascii():
                raise InvalidAddress("a domain in UTF-8 is sent as A-labels here")
        except InvalidAddress:
            context.tolerate("argument is no domain", argument, "RFC 5321 4.1.1.1")
        command: Command = cls(argument)
        return command

    def write(command: Any, context: _Context) -> str:
        check_domain(command.domain)
        if not command.domain.isascii():
            raise ValueError("give the domain as A-labels (xn--...)")
        return f" {command.domain}"

    return _Row(parse, write)


def _bare_row(cls: type[Any]) -> _Row:
    def parse(argument: str, context: _Context) -> Command:
        if argument:
            raise _bad_argument(f"{cls.verb} takes no argument")
        command: Command = cls()
        return command

    return _Row(parse, lambda command, context: "")


def _optional_text_row(cls: type[Any], attribute: str) -> _Row:
    def write(command: Any, context: _Context) -> str:
        text = getattr(command, attribute)
        return "" if text is None else f" {text}"

    return _Row(lambda argument, context: cls(argument or None), write)


def _lookup_row(cls: type[Any]) -> _Row:
    def parse(argument: str, context: _Context) -> Command:
        text, space, last = argument.rpartition(" ")
        smtputf8 = bool(space) and last.isascii() and last.upper() == "SMTPUTF8"
        text = text.rstrip(" ") if smtputf8 else argument
        if not text:
            raise _bad_argument(f"{cls.verb} needs a user or mailbox")
        command: Command = cls(text, smtputf8)
        return command

    def write(command: Any, context: _Context) -> str:
        if not command.argument.isascii() and not command.smtputf8:
            raise ValueError("a non-ASCII argument needs smtputf8=True")
        if command.argument != command.argument.strip(" "):
            raise ValueError("the argument begins or ends with a space")
        if not command.smtputf8 and command.argument.upper().endswith(" SMTPUTF8"):
            raise ValueError("the argument would be read as smtputf8=True")
        return f" {command.argument}{' SMTPUTF8' if command.smtputf8 else ''}"

    return _Row(parse, write)


def _path_row(
    cls: type[Any], word: str, attribute: str, rows: dict[str, ParameterRow], null: bool
) -> _Row:
    def parse(argument: str, context: _Context) -> Command:
        found = _PATH.fullmatch(argument)
        if found is None or found["word"].upper() != word:
            raise _bad_argument(f"write {cls.verb} {word}:<address>")
        raw = found["path"]
        if raw is None:
            raw = found["bare"]
            context.tolerate("no angle brackets", argument, "RFC 5321 4.1.2")
        if found["space"]:
            context.tolerate("space before the path", argument, "RFC 5321 4.1.1")
        try:
            path, defects = parse_path(raw, strict=context.strict)
        except InvalidAddress as error:
            raise CommandSyntaxError(
                553 if raw else 501, EnhancedCode(5, 1, 3 if cls is c.Rcpt else 7), str(error)
            ) from None
        context.defects.extend(defects)
        if not raw and not null:
            raise _bad_argument("the null path can not be a recipient")
        if path.source_route:
            raw = raw[len(path.source_route) + 1 :]
        fields: dict[str, Any] = {}
        if found["parameters"]:
            try:
                fields = decode_parameters(found["parameters"], rows)
            except ValueError as error:
                raise _bad_argument(str(error)) from None
        command: Command = cls(**{attribute: raw}, source_route=path.source_route, **fields)
        return command

    def write(command: Any, context: _Context) -> str:
        raw = getattr(command, attribute)
        if not raw and not null:
            raise ValueError("the null path can not be a recipient")
        path, _ = parse_path(raw)
        if path.source_route:
            raise ValueError("give the source route in its own field")
        if command.source_route:
            raw = f"{command.source_route}:{raw}"
            parse_path(raw)
        text = f" {word}:<{raw}>{encode_parameters(command, rows)}"
        if not text.isascii() and not (context.smtputf8 or getattr(command, "smtputf8", False)):
            raise ValueError(
                f"{text[1:80]!r} is not ASCII: it can only be sent with SMTPUTF8, "
                "to a server that offers it"
            )
        return text

    return _Row(parse, write)


def _parse_bdat(argument: str, context: _Context) -> Command:
    found = _BDAT.fullmatch(argument)
    if found is None:
        raise _bad_argument("write BDAT size [LAST]")
    return c.Bdat(int(found[1]), bool(found[2]))


def _write_bdat(command: c.Bdat, context: _Context) -> str:
    if not 0 <= command.size < 10**20:
        raise ValueError("the size is out of range")
    return f" {command.size}{' LAST' if command.last else ''}"


def _parse_burl(argument: str, context: _Context) -> Command:
    found = _BURL.fullmatch(argument)
    if found is None:
        raise _bad_argument("write BURL url [LAST]")
    return c.Burl(found[1], bool(found[2]))


def _write_burl(command: c.Burl, context: _Context) -> str:
    if not _URL.fullmatch(command.url):
        raise ValueError("not a URL")
    return f" {command.url}{' LAST' if command.last else ''}"


def _parse_auth(argument: str, context: _Context) -> Command:
    found = _AUTH.fullmatch(argument)
    if found is None:
        raise _bad_argument("write AUTH mechanism [initial-response in base64]")
    return c.Auth(found[1].upper(), None if found[2] is None else _decode_base64(found[2]))


def _write_auth(command: c.Auth, context: _Context) -> str:
    if not _NAME.fullmatch(command.mechanism):
        raise ValueError("not a SASL mechanism name")
    if command.initial_response is None:
        return f" {command.mechanism}"
    return f" {command.mechanism} {b64encode(command.initial_response).decode() or '='}"


def _parse_etrn(argument: str, context: _Context) -> Command:
    if not _ETRN.fullmatch(argument):
        raise _bad_argument("write ETRN node")
    return c.Etrn(argument)


def _write_etrn(command: c.Etrn, context: _Context) -> str:
    if not _ETRN.fullmatch(command.node):
        raise ValueError("not a node name")
    return f" {command.node}"


def _attributes_row(cls: type[Any]) -> _Row:
    def parse(argument: str, context: _Context) -> Command:
        pairs = []
        for word in filter(None, argument.split(" ")):
            name, equals, raw = word.partition("=")
            if not equals or not _NAME.fullmatch(name):
                raise _bad_argument(f"write {cls.verb} NAME=value ...")
            try:
                pairs.append((name.upper(), decode_xtext(raw)))
            except ValueError as error:
                raise _bad_argument(f"{name}: {error}") from None
        if not pairs:
            raise _bad_argument(f"{cls.verb} needs an attribute")
        command: Command = cls(tuple(pairs))
        return command

    def write(command: Any, context: _Context) -> str:
        if not command.attributes:
            raise ValueError("no attribute")
        for name, _ in command.attributes:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not an attribute name")
        return "".join(f" {name}={encode_xtext(raw)}" for name, raw in command.attributes)

    return _Row(parse, write)


_COMMANDS: dict[type[Command], _Row] = {
    c.Ehlo: _domain_row(c.Ehlo),
    c.Helo: _domain_row(c.Helo),
    c.Lhlo: _domain_row(c.Lhlo),
    c.Mail: _path_row(c.Mail, "FROM", "reverse_path", MAIL_PARAMETERS, null=True),
    c.Rcpt: _path_row(c.Rcpt, "TO", "forward_path", RCPT_PARAMETERS, null=False),
    c.Data: _bare_row(c.Data),
    c.Bdat: _Row(_parse_bdat, _write_bdat),
    c.Burl: _Row(_parse_burl, _write_burl),
    c.Rset: _bare_row(c.Rset),
    c.Vrfy: _lookup_row(c.Vrfy),
    c.Expn: _lookup_row(c.Expn),
    c.Help: _optional_text_row(c.Help, "topic"),
    c.Noop: _optional_text_row(c.Noop, "argument"),
    c.Quit: _bare_row(c.Quit),
    c.StartTls: _bare_row(c.StartTls),
    c.Auth: _Row(_parse_auth, _write_auth),
    c.Etrn: _Row(_parse_etrn, _write_etrn),
    c.Xclient: _attributes_row(c.Xclient),
    c.Xforward: _attributes_row(c.Xforward),
}
_PARSERS = {cls.verb: row.parse for cls, row in _COMMANDS.items()}


# --- the public functions ---


def parse_command(line: bytes, *, strict: bool = False) -> Command:
    """Parse one command line with its line end; a verb nobody knows gives UnknownCommand.

    What was tolerated is in the command's ``defects``; ``strict`` tolerates nothing.
    Raises :class:`CommandSyntaxError`, which holds the reply to give. Source: RFC 5321 4.1.
    """
    return usual_command(line) or parse_any_command(line, strict)


def parse_any_command(line: bytes, strict: bool) -> Command:
    """Parse a command line, usual or not."""
    context = _Context(strict, [])
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


def _parse_line(line: bytes, context: _Context) -> Command:
    text = _decode_line(line, context)
    found = _LINE.fullmatch(text)
    if found is None:
        raise CommandSyntaxError(500, _SYNTAX_UNKNOWN, "no command")
    if not found[1].isascii():  # upper() makes ASCII of some other letters
        raise CommandSyntaxError(500, _SYNTAX_UNKNOWN, "no such command")
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
        return c.AuthResponse(_decode_base64(text.decode("ascii")))
    except UnicodeDecodeError:
        raise CommandSyntaxError(501, _SYNTAX_UNKNOWN, "not base64") from None


def encode_command(command: Command, *, smtputf8: bool = False) -> bytes:
    """Encode a command as one line.

    ``smtputf8`` says that the transaction uses SMTPUTF8, which lets RCPT carry UTF-8.
    Raises :class:`LocalProtocolError` if a part can not be sent. Source: RFC 5321 4.1.
    """
    if isinstance(command, c.AuthResponse):
        return b"*\r\n" if command.data is None else b64encode(command.data) + b"\r\n"
    if isinstance(command, c.UnknownCommand):
        verb, rest = command.name, f" {command.argument}" if command.argument else ""
        if not _NAME.fullmatch(verb) or verb.upper() in _PARSERS:
            raise LocalProtocolError(f"{verb!r} can not be the verb of an UnknownCommand")
    else:
        verb = command.verb
        try:
            rest = _COMMANDS[type(command)].write(command, _Context(True, [], smtputf8))
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
    defects: _Defects = []
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


def _decode_base64(text: str) -> bytes:
    """Decode base64 as RFC 4954 4 has it, ``=`` being the empty string.

    Raises :class:`CommandSyntaxError`.
    """
    try:
        return b"" if text == "=" else sasl.decode_base64(text)
    except sasl.SaslError as error:
        raise CommandSyntaxError(501, _SYNTAX_UNKNOWN, str(error)) from None  # RFC 4954 4


def _decode_line(line: bytes, context: _Context) -> str:
    if line.endswith(b"\r\n"):
        raw = line[:-2]
    else:
        raw = line.removesuffix(b"\n")
        if context.strict:
            raise CommandSyntaxError(500, _SYNTAX_UNKNOWN, _BARE_LF)
        context.defects.append(
            Defect(_BARE_LF, line.partition(b" ")[0][:80], section="RFC 5321 2.3.8")
        )
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise CommandSyntaxError(500, _SYNTAX_UNKNOWN, "neither ASCII nor UTF-8") from None
    if _CONTROL.search(text):
        raise CommandSyntaxError(500, _SYNTAX_UNKNOWN, "control characters in the command")
    return text
