"""The commands of SMTP and how their arguments are written: a row for each.

Source: RFC 5321 4.1 and the RFCs of the extensions.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, TypeVar

from mailproto import sasl
from mailproto._value import value
from mailproto.errors import Defect, RemoteProtocolError
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

__all__ = ["COMMANDS", "NAME", "SYNTAX_UNKNOWN", "CommandSyntaxError", "Context", "decode_base64"]


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


C = TypeVar("C", bound=Command)


@value
class Row:
    """One command: ``parse`` makes it of its argument, ``write`` makes its argument."""

    parse: Callable[[str, "Context"], Command]
    write: Callable[[Any, "Context"], str]


@value
class Context:
    """How one command is parsed or written.

    ``strict`` tolerates nothing; ``defects`` gathers what was tolerated; ``smtputf8`` lets
    UTF-8 be sent.
    """

    strict: bool
    defects: list[Defect]
    smtputf8: bool = False

    def tolerate(self, what: str, where: str, section: str) -> None:
        """Note a deviation, or refuse it if strict."""
        if self.strict:
            raise _bad_argument(f"{what} ({section})")
        self.defects.append(Defect(what, where.encode()[:80], section=section))


_PATH = re.compile(
    r'(?P<word>FROM|TO):(?P<space> *)(?:<(?P<path>(?:[^"<>\\\[ ]|"(?:[^"\\]|\\.)*"|'
    r"\[[!-Z^-~]*\])*)>|(?P<bare>[^<> ]+))(?: +(?P<parameters>.*))?",
    re.IGNORECASE | re.ASCII,
)
_BDAT = re.compile(r"([0-9]{1,20})(?: +(LAST))?", re.IGNORECASE | re.ASCII)
_BURL = re.compile(r"([!-~]+)(?: +(LAST))?", re.IGNORECASE | re.ASCII)
_AUTH = re.compile(r"([A-Za-z0-9_-]{1,20})(?: +([A-Za-z0-9+/]*={0,2}))?")
NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
"""A verb, or the name of an attribute."""

_URL = re.compile(r"[!-~]+")
_STRING = re.compile(r"[^\x00-\x1f\x7f]+")
_ETRN = re.compile(r"[@#]?[A-Za-z0-9._-]+|\[[!-Z^-~]+\]")

_MAX_TEXT = 400  # a line of a reply has at most 512 octets (RFC 5321 4.5.3.1.5)
SYNTAX_UNKNOWN = EnhancedCode(5, 5, 2)
"""The enhanced code for a line that is no command (RFC 3463 3.6)."""

_SYNTAX_ARGUMENT = EnhancedCode(5, 5, 4)


def _bad_argument(text: str) -> CommandSyntaxError:
    return CommandSyntaxError(501, _SYNTAX_ARGUMENT, text)


def decode_base64(text: str) -> bytes:
    """Decode base64 as RFC 4954 4 has it, ``=`` being the empty string.

    Raises :class:`CommandSyntaxError`.
    """
    try:
        return b"" if text == "=" else sasl.decode_base64(text)
    except sasl.SaslError as error:
        raise CommandSyntaxError(501, SYNTAX_UNKNOWN, str(error)) from None  # RFC 4954 4


# --- arguments, one pair of functions for each shape ---


def _domain_row(cls: type[Any]) -> Row:
    def parse(argument: str, context: Context) -> Command:
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

    def write(command: Any, context: Context) -> str:
        check_domain(command.domain)
        if not command.domain.isascii():
            raise ValueError("give the domain as A-labels (xn--...)")
        return f" {command.domain}"

    return Row(parse, write)


def _bare_row(cls: type[Any]) -> Row:
    def parse(argument: str, context: Context) -> Command:
        if argument:
            raise _bad_argument(f"{cls.verb} takes no argument")
        command: Command = cls()
        return command

    return Row(parse, lambda command, context: "")


def _optional_text_row(cls: type[Any], attribute: str) -> Row:
    def write(command: Any, context: Context) -> str:
        text = getattr(command, attribute)
        return "" if text is None else f" {text}"

    return Row(lambda argument, context: cls(argument or None), write)


def _lookup_row(cls: type[Any]) -> Row:
    def parse(argument: str, context: Context) -> Command:
        text, space, last = argument.rpartition(" ")
        smtputf8 = bool(space) and last.isascii() and last.upper() == "SMTPUTF8"
        text = text.rstrip(" ") if smtputf8 else argument
        if not text:
            raise _bad_argument(f"{cls.verb} needs a user or mailbox")
        command: Command = cls(text, smtputf8)
        return command

    def write(command: Any, context: Context) -> str:
        if not command.argument.isascii() and not command.smtputf8:
            raise ValueError("a non-ASCII argument needs smtputf8=True")
        if command.argument != command.argument.strip(" "):
            raise ValueError("the argument begins or ends with a space")
        if not command.smtputf8 and command.argument.upper().endswith(" SMTPUTF8"):
            raise ValueError("the argument would be read as smtputf8=True")
        return f" {command.argument}{' SMTPUTF8' if command.smtputf8 else ''}"

    return Row(parse, write)


def _path_row(
    cls: type[Any], word: str, attribute: str, rows: dict[str, ParameterRow], null: bool
) -> Row:
    def parse(argument: str, context: Context) -> Command:
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

    def write(command: Any, context: Context) -> str:
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

    return Row(parse, write)


def _parse_bdat(argument: str, context: Context) -> Command:
    found = _BDAT.fullmatch(argument)
    if found is None:
        raise _bad_argument("write BDAT size [LAST]")
    return c.Bdat(int(found[1]), bool(found[2]))


def _write_bdat(command: c.Bdat, context: Context) -> str:
    if not 0 <= command.size < 10**20:
        raise ValueError("the size is out of range")
    return f" {command.size}{' LAST' if command.last else ''}"


def _parse_burl(argument: str, context: Context) -> Command:
    found = _BURL.fullmatch(argument)
    if found is None:
        raise _bad_argument("write BURL url [LAST]")
    return c.Burl(found[1], bool(found[2]))


def _write_burl(command: c.Burl, context: Context) -> str:
    if not _URL.fullmatch(command.url):
        raise ValueError("not a URL")
    return f" {command.url}{' LAST' if command.last else ''}"


def _parse_auth(argument: str, context: Context) -> Command:
    found = _AUTH.fullmatch(argument)
    if found is None:
        raise _bad_argument("write AUTH mechanism [initial-response in base64]")
    return c.Auth(found[1].upper(), None if found[2] is None else decode_base64(found[2]))


def _write_auth(command: c.Auth, context: Context) -> str:
    if not NAME.fullmatch(command.mechanism):
        raise ValueError("not a SASL mechanism name")
    if command.initial_response is None:
        return f" {command.mechanism}"
    return f" {command.mechanism} {b64encode(command.initial_response).decode() or '='}"


def _parse_etrn(argument: str, context: Context) -> Command:
    if not _ETRN.fullmatch(argument):
        raise _bad_argument("write ETRN node")
    return c.Etrn(argument)


def _write_etrn(command: c.Etrn, context: Context) -> str:
    if not _ETRN.fullmatch(command.node):
        raise ValueError("not a node name")
    return f" {command.node}"


def _attributes_row(cls: type[Any]) -> Row:
    def parse(argument: str, context: Context) -> Command:
        pairs = []
        for word in filter(None, argument.split(" ")):
            name, equals, raw = word.partition("=")
            if not equals or not NAME.fullmatch(name):
                raise _bad_argument(f"write {cls.verb} NAME=value ...")
            try:
                pairs.append((name.upper(), decode_xtext(raw)))
            except ValueError as error:
                raise _bad_argument(f"{name}: {error}") from None
        if not pairs:
            raise _bad_argument(f"{cls.verb} needs an attribute")
        command: Command = cls(tuple(pairs))
        return command

    def write(command: Any, context: Context) -> str:
        if not command.attributes:
            raise ValueError("no attribute")
        for name, _ in command.attributes:
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not an attribute name")
        return "".join(f" {name}={encode_xtext(raw)}" for name, raw in command.attributes)

    return Row(parse, write)


COMMANDS: dict[type[Command], Row] = {
    c.Ehlo: _domain_row(c.Ehlo),
    c.Helo: _domain_row(c.Helo),
    c.Lhlo: _domain_row(c.Lhlo),
    c.Mail: _path_row(c.Mail, "FROM", "reverse_path", MAIL_PARAMETERS, null=True),
    c.Rcpt: _path_row(c.Rcpt, "TO", "forward_path", RCPT_PARAMETERS, null=False),
    c.Data: _bare_row(c.Data),
    c.Bdat: Row(_parse_bdat, _write_bdat),
    c.Burl: Row(_parse_burl, _write_burl),
    c.Rset: _bare_row(c.Rset),
    c.Vrfy: _lookup_row(c.Vrfy),
    c.Expn: _lookup_row(c.Expn),
    c.Help: _optional_text_row(c.Help, "topic"),
    c.Noop: _optional_text_row(c.Noop, "argument"),
    c.Quit: _bare_row(c.Quit),
    c.StartTls: _bare_row(c.StartTls),
    c.Auth: Row(_parse_auth, _write_auth),
    c.Etrn: Row(_parse_etrn, _write_etrn),
    c.Xclient: _attributes_row(c.Xclient),
    c.Xforward: _attributes_row(c.Xforward),
}
