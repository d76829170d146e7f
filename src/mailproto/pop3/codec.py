"""Bytes to commands and responses, and back; knows nothing of state.

Each function takes or makes one complete line with its CRLF. A new command is a row in
``_COMMANDS``. What a multi-line response holds is read and written in ``listings``.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from mailproto import sasl
from mailproto._value import value
from mailproto.errors import Defect, LocalProtocolError, RemoteProtocolError
from mailproto.pop3 import commands as c
from mailproto.pop3.commands import Command
from mailproto.pop3.responses import Response, ResponseCode
from mailproto.sasl import Challenge

__all__ = [
    "LONGEST_COMMAND",
    "CommandSyntaxError",
    "ResponseSyntaxError",
    "encode_command",
    "encode_response",
    "parse_auth_response",
    "parse_command",
    "parse_command_line",
    "parse_response",
]

LONGEST_COMMAND = 255  # with CRLF, RFC 2449 4
_LONGEST_RESPONSE = 512  # its first line with CRLF, RFC 2449 4


class CommandSyntaxError(RemoteProtocolError):
    """A command line is malformed; ``response`` is what a server should answer."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.response = Response(False, text)


class ResponseSyntaxError(RemoteProtocolError):
    """A line of a response is malformed."""


@value
class _Row:
    """One command: the form of its argument, and what makes one of the other.

    ``exact`` is the form of the RFC and the only one that is written, ``loose`` what is
    understood as well; both have the same groups, which ``make`` takes.
    """

    usage: str
    exact: re.Pattern[str]
    loose: re.Pattern[str]
    make: Callable[[re.Match[str]], Command]
    write: Callable[[Any], str]


def _row(
    usage: str,
    exact: str,
    loose: str,
    make: Callable[[re.Match[str]], Command],
    write: Callable[[Any], str],
) -> _Row:
    return _Row(usage, re.compile(exact), re.compile(loose), make, write)


def _bare_row(cls: type[Any]) -> _Row:
    return _row(cls.verb, "", " *", lambda found: cls(), lambda command: "")


def _number_row(cls: type[Any]) -> _Row:
    return _row(
        f"{cls.verb} message-number, which is 1 or more",
        _NUMBER,
        f" *0*{_NUMBER} *",
        lambda found: cls(int(found[1])),
        lambda command: f"{command.number}",
    )


def _optional_row(cls: type[Any], attribute: str, usage: str, word: str, zeros: str = "") -> _Row:
    convert = int if attribute == "number" else str

    def write(command: Any) -> str:
        argument = getattr(command, attribute)
        return "" if argument is None else f"{argument}" or " "  # which is no form

    return _row(
        usage,
        f"(?:{word})?",
        f" *(?:{zeros}{word})? *",
        lambda found: cls(found[1] and convert(found[1])),
        write,
    )


def _write_auth(auth: c.Auth) -> str:
    if " " in auth.mechanism:
        return ""  # which is no form; else a part would be taken for the initial response
    if auth.initial_response is None:
        return auth.mechanism
    return f"{auth.mechanism} {b64encode(auth.initial_response).decode() or '='}"


_NUMBER = "([1-9][0-9]{0,9})"
_NAME = r"([^\x00-\x20\x7f]+)"
_LOOSE_NAME = r"([^\x00-\x20\x7f](?:.*[^\x00-\x20\x7f])?)"
_INITIAL_RESPONSE = "([A-Za-z0-9+/]+={0,2}|=)"
_MECHANISM = "([A-Za-z0-9_-]{1,20})"
_TAG = r"([A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,20}|\*)"

_COMMANDS: dict[type[Command], _Row] = {
    c.User: _row(
        "USER name",
        _NAME,
        f" *{_LOOSE_NAME} *",
        lambda found: c.User(found[1]),
        lambda user: str(user.name),
    ),
    # The password is all that follows the one space.
    c.Pass: _row(
        "PASS password", "(.+)", "(.+)", lambda found: c.Pass(found[1]), lambda it: str(it.password)
    ),
    c.Apop: _row(
        "APOP name digest",
        f"{_NAME} ([0-9a-f]{{32}})",
        f" *{_LOOSE_NAME} +([0-9A-Fa-f]{{32}}) *",
        lambda found: c.Apop(found[1], found[2].lower()),
        lambda apop: f"{apop.name} {apop.digest}",
    ),
    c.Auth: _row(
        "AUTH mechanism [initial-response in base64]",
        f"{_MECHANISM}(?: {_INITIAL_RESPONSE})?",
        f" *{_MECHANISM}(?: +{_INITIAL_RESPONSE})? *",
        lambda found: c.Auth(
            found[1].upper(), None if found[2] is None else _decode_base64(found[2])
        ),
        _write_auth,
    ),
    c.Capa: _bare_row(c.Capa),
    c.Stls: _bare_row(c.Stls),
    c.Utf8: _bare_row(c.Utf8),
    c.Lang: _optional_row(c.Lang, "tag", "LANG [language]", _TAG),
    c.Stat: _bare_row(c.Stat),
    c.List: _optional_row(c.List, "number", "LIST [message-number]", _NUMBER, "0*"),
    c.Uidl: _optional_row(c.Uidl, "number", "UIDL [message-number]", _NUMBER, "0*"),
    c.Retr: _number_row(c.Retr),
    c.Top: _row(
        "TOP message-number lines",
        f"{_NUMBER} ([0-9]{{1,20}})",
        f" *0*{_NUMBER} +([0-9]{{1,20}}) *",
        lambda found: c.Top(int(found[1]), int(found[2])),
        lambda top: f"{top.number} {top.lines}",
    ),
    c.Dele: _number_row(c.Dele),
    c.Noop: _bare_row(c.Noop),
    c.Rset: _bare_row(c.Rset),
    c.Quit: _bare_row(c.Quit),
}
_BY_VERB = {cls.verb: row for cls, row in _COMMANDS.items()}

# The bulk of what a server gets, read without a second look.
_BARE = {
    f"{verb}\r".encode(): row.make(found)
    for verb, row in _BY_VERB.items()
    if (found := row.exact.fullmatch("")) is not None
}
_NUMBERED = {f"{cls.verb} ".encode(): cls for cls in (c.List, c.Uidl, c.Retr, c.Dele)}
_CR, _ZERO = b"\r0"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VERB = re.compile("[!-~]+")
# RFC 2449 3; a level holds no "/" and no "]".
_LEVEL = r"[!-.0-\\^-~]+"
_CODE = re.compile(rf"\[({_LEVEL}(?:/{_LEVEL})*)\] ?")
_SPECIAL = ("", "[")  # beginnings of text that need a second look
_SHORT = 400
_STATUS = re.compile(r"(\+OK|-ERR)(?: |(?=\[)|\Z)")
_LOOSE_STATUS = re.compile(r"(\+OK|-ERR)\s?", re.IGNORECASE)


# --- commands ---


def parse_command(line: bytes, *, strict: bool = False) -> Command:
    """Parse one command line with its line end; a verb nobody knows gives UnknownCommand.

    What was tolerated is in the command's ``defects``; ``strict`` tolerates nothing.
    Raises :class:`CommandSyntaxError`, which holds the response to give. Source: RFC 2449 3.
    """
    return parse_command_line(line.removesuffix(b"\n"), strict=strict)


def parse_command_line(line: bytes, *, strict: bool) -> Command:
    """Do what :func:`parse_command` does, for a line without its LF."""
    command = _BARE.get(line)
    if command is not None:
        return command
    numbered = _NUMBERED.get(line[:5])
    if numbered is not None:
        number = line[5:-1]
        if number.isdigit() and number[0] != _ZERO and len(number) <= 10 and line[-1] == _CR:
            return numbered(int(number))
    if line[-1:] != b"\r" or len(line) >= LONGEST_COMMAND:
        return _parse_odd_line(line, strict)
    return _parse_text(_decode(line[:-1]), strict)


def _parse_odd_line(line: bytes, strict: bool) -> Command:
    text = _decode(line.removesuffix(b"\r"))
    defects = []
    if not line.endswith(b"\r"):
        defects.append(Defect("line ends in bare LF", line[:80], section="RFC 2449 3"))
    if len(line) >= LONGEST_COMMAND:
        defects.append(Defect("line longer than 255 octets", line[:4], section="RFC 2449 4"))
    return _with_defects(_parse_text(text, strict), defects, strict)


def _with_defects(command: Command, defects: list[Defect], strict: bool) -> Command:
    if strict:
        raise CommandSyntaxError(f"{defects[0].what} ({defects[0].section})")
    command.defects = (*defects, *command.defects)  # type: ignore[misc]  # not yet handed out
    return command


def _decode(line: bytes) -> str:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise CommandSyntaxError("neither ASCII nor UTF-8") from None
    if _CONTROL.search(text):
        raise CommandSyntaxError("control characters in the command")
    return text


def _parse_text(text: str, strict: bool) -> Command:
    verb, space, argument = text.partition(" ")
    row = _BY_VERB.get(verb) or _BY_VERB.get(verb.upper())
    if row is None:
        if not _VERB.fullmatch(verb):
            raise CommandSyntaxError("no command")
        return c.UnknownCommand(verb.upper(), argument)
    found = row.exact.fullmatch(argument)
    if found is not None and (argument or not space):
        return row.make(found)
    found = row.loose.fullmatch(argument)
    if found is None:
        raise CommandSyntaxError(f"Write {row.usage}")
    defect = Defect("argument in an odd form", verb.encode(), section="RFC 1939 9")
    return _with_defects(row.make(found), [defect], strict)


def parse_auth_response(line: bytes) -> c.AuthResponse:
    """Parse a client's line within an AUTH exchange (RFC 5034 4).

    Raises :class:`CommandSyntaxError`.
    """
    text = line.rstrip(b"\r\n")
    return c.AuthResponse(None if text == b"*" else _decode_base64(text.decode("latin-1")))


def encode_command(command: Command) -> bytes:
    """Encode a command as one line.

    Raises :class:`LocalProtocolError` if a part can not be sent. Source: RFC 2449 3.
    """
    if isinstance(command, c.AuthResponse):
        return b"*\r\n" if command.data is None else b64encode(command.data) + b"\r\n"
    if isinstance(command, c.UnknownCommand):
        verb, argument = command.name, command.argument
        if not _VERB.fullmatch(verb) or verb.upper() in _BY_VERB:
            raise LocalProtocolError(f"{verb!r} can not be an unknown verb")
    else:
        verb, row = command.verb, _COMMANDS[type(command)]
        argument = row.write(command)
        if not row.exact.fullmatch(argument):
            raise LocalProtocolError(f"{verb}: can not be sent; the form is {row.usage}")
    if _CONTROL.search(argument):
        raise LocalProtocolError(f"{verb}: control characters (CR, LF, NUL ...) can not be sent")
    try:
        line = f"{verb} {argument}\r\n".encode() if argument else verb.encode() + b"\r\n"
    except UnicodeEncodeError:
        raise LocalProtocolError(f"{verb}: not Unicode text") from None
    if len(line) > LONGEST_COMMAND:
        raise LocalProtocolError(f"{verb}: longer than {LONGEST_COMMAND} octets (RFC 2449 4)")
    return line


def _decode_base64(text: str) -> bytes:
    try:
        return b"" if text == "=" else sasl.decode_base64(text)
    except sasl.SaslError as error:
        raise CommandSyntaxError(str(error)) from None


# --- responses ---


def parse_response(line: bytes, *, strict: bool = False) -> Response | Challenge:
    """Parse the first line of a response, or a challenge of AUTH.

    Raises :class:`ResponseSyntaxError`. Source: RFC 2449 3, RFC 5034 5.
    """
    defects: list[Defect] = []

    def tolerate(what: str, section: str) -> None:
        if strict:
            raise ResponseSyntaxError(f"{what} ({section}): {line[:80]!r}")
        defects.append(Defect(what, line[:80], section=section))

    if not line.endswith(b"\r\n"):
        tolerate("line ends in bare LF", "RFC 2449 3")
    text = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
    status = _STATUS.match(text)
    if status is None:
        if text == "+" or text.startswith("+ "):
            if text == "+":
                tolerate("no space after +", "RFC 5034 4")
            return _parse_challenge(text[2:])
        status = _LOOSE_STATUS.match(text)
        if status is None:
            raise ResponseSyntaxError(f"not a response: {line[:80]!r}")
        tolerate("odd status indicator", "RFC 1939 3")
    rest = text[status.end() :]
    found = _CODE.match(rest)
    code = None
    if found is not None:
        code = ResponseCode(tuple(found[1].upper().split("/")))
        rest = rest[found.end() :]
    return Response(status[1].upper() == "+OK", rest, code, defects=tuple(defects))


def _parse_challenge(text: str) -> Challenge:
    try:
        return Challenge(sasl.decode_base64(text))
    except sasl.SaslError:
        raise ResponseSyntaxError("the challenge is not base64") from None


def encode_response(response: Response | Challenge, *, utf8: bool = False) -> bytes:
    """Encode a response or a challenge as one line.

    Text outside ASCII is only allowed with ``utf8`` (RFC 6856 2.1 and 3.2).
    Raises :class:`LocalProtocolError`. Source: RFC 2449 3, RFC 5034 5.
    """
    if isinstance(response, Challenge):
        return b"+ " + b64encode(response.data) + b"\r\n"
    status = "+OK" if response.ok else "-ERR"
    text = response.text
    simple = text.isascii() and text.isprintable() and response.code is None
    if simple and text[:1] not in _SPECIAL and len(text) < _SHORT:
        return f"{status} {text}\r\n".encode()
    if _CONTROL.search(text):
        raise LocalProtocolError("control characters (CR, LF ...) can not be sent in a response")
    if not utf8 and not text.isascii():
        raise LocalProtocolError("text outside ASCII needs UTF8 or LANG before")
    if response.code is not None:
        text = f"{_write_code(response.code)}{' ' if text else ''}{text}"
    elif text.startswith("["):
        raise LocalProtocolError("text that begins with [ is taken for a response code")
    try:
        line = f"{status}{' ' if text else ''}{text}\r\n".encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise LocalProtocolError("the text of the response is not Unicode text") from None
    if len(line) > _LONGEST_RESPONSE:
        raise LocalProtocolError(f"longer than {_LONGEST_RESPONSE} octets (RFC 2449 4)")
    return line


def _write_code(code: ResponseCode) -> str:
    text = f"[{code}]"
    found = _CODE.fullmatch(text)
    if found is None or tuple(found[1].split("/")) != code.levels:
        raise LocalProtocolError(f"{text} can not be a response code")
    return text
