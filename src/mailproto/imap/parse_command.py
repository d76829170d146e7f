"""One complete command, bytes to value and back (RFC 9051 6, 9 ``command``)."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Any, cast

import attrs

from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.command_shapes import ROWS
from mailproto.imap.commands import Authenticate, AuthResponse, Command, Done, Login, UnknownCommand
from mailproto.imap.cursor import GrammarError
from mailproto.imap.responses import Bad
from mailproto.imap.scanner import CommandScanner, Scanner
from mailproto.imap.shapes import Shape
from mailproto.imap.values import Literal
from mailproto.imap.write import Fragment, Writer
from mailproto.limits import ImapLimits

__all__ = [
    "LINE",
    "CommandSyntaxError",
    "command_fragments",
    "encode_command",
    "encode_line",
    "parse_auth_response",
    "parse_command",
    "parse_command_unit",
    "parse_done",
    "recover_tag",
    "waits_not",
]


class CommandSyntaxError(RemoteProtocolError):
    """A command is malformed; ``response`` is what a server should answer.

    ``tag`` is that of the command, None if it could not be told; ``data`` are its bytes, which
    may hold a password.
    """

    def __init__(self, message: str, data: bytes, tag: str | None) -> None:
        super().__init__(message)
        self.data = data
        self.tag = tag
        self.response = Bad(message, tag=tag)


_TAG_CHARS = rb'[^\x00-\x20\x7f-\xff(){"\\%*+]+'
_HEAD = re.compile(
    rb"(" + _TAG_CHARS + rb")( +)((?:(?i:UID)( +))?([A-Za-z][A-Za-z0-9._-]*))(?=[ \r\n])"
)
LINE = re.compile(_HEAD.pattern + rb"[^\r\n]*+(?<!\})\r\n")
"""A command in one line, which announces no literal."""

_TAG = re.compile(rb"(" + _TAG_CHARS + rb")(?=[ \r\n])")
_KEYWORD = re.compile(r"[A-Z][A-Z0-9._-]*")
_DONE = re.compile(rb"DONE *\r?\n", re.IGNORECASE)
_AUTH_LINE = re.compile(rb"(?:(\*)|([A-Za-z0-9+/]*={0,2}))\r?\n")

_NESTING = ImapLimits().nesting
_LITERAL_MINUS = 4096
_NO_CAPABILITIES = Capabilities()
_SECRET = (Login.name.encode(), Authenticate.name.encode())


def _has_uid(cls: type[Command]) -> bool:
    return any(attribute.name == "uid" for attribute in attrs.fields(cast(Any, cls)))


_BY_NAME: dict[bytes, tuple[Shape[Any], bool]] = {
    **{cls.name.encode(): (shape, False) for cls, shape in ROWS.items()},
    **{f"UID {cls.name}".encode(): (shape, True) for cls, shape in ROWS.items() if _has_uid(cls)},
}


# --- reading ---


def parse_command(unit: bytes, *, strict: bool = False, utf8: bool = False) -> tuple[str, Command]:
    """Parse one complete command with its literals and its CRLF: return its tag and its value.

    ``utf8`` says that UTF-8 was agreed on (IMAP4rev2 or UTF8=ACCEPT). What was tolerated is in
    the command's ``defects``; ``strict`` tolerates nothing. A command that nobody knows is an
    :class:`UnknownCommand`. Raises :class:`CommandSyntaxError`. Source: RFC 9051 6.
    """
    return parse_command_unit(unit, strict=strict, utf8=utf8)


def parse_command_unit(
    data: bytes,
    streamed: frozenset[int] = frozenset(),
    strict: bool = False,
    utf8: bool = False,
    nesting: int = _NESTING,
    head: re.Match[bytes] | None = None,
) -> tuple[str, Command]:
    """As ``parse_command``, for a unit of the framer.

    ``streamed`` are the offsets at which the octets of literals are missing; each of these
    gives a :class:`~mailproto.imap.values.Literal` without data. ``nesting`` limits how deep
    search keys and unknown arguments may be. ``head`` is the match of ``LINE``, if there is one.
    """
    if head is None and (head := _HEAD.match(data)) is None:
        raise _no_command(data)
    raw_tag, space, name, uid_space, keyword = head.groups()
    tag = raw_tag.decode("ascii")
    try:
        scanner = CommandScanner(data, head.end(5) - head.start(), strict, utf8, nesting, streamed)
        if len(space) > 1 or (uid_space is not None and len(uid_space) > 1):
            scanner.tolerate("more than one space", "RFC 9051 9")
            name = b"UID " + keyword if uid_space else keyword
        found = _BY_NAME.get(name) or _BY_NAME.get(name.upper())
        if found is None:
            command: Command = _read_unknown(scanner, keyword, uid=uid_space is not None)
        else:
            shape, uid = found
            command = shape.read(scanner)
            if uid:
                command.uid = True  # type: ignore[attr-defined]  # its class has the field
        scanner.end()
    except GrammarError as error:
        word = keyword.decode("ascii").upper()
        text = f"{word} is malformed" if word.encode() in _SECRET else f"{word}: {error}"
        raise CommandSyntaxError(text, data, tag) from None
    if scanner.defects:
        command.defects = tuple(scanner.defects)  # type: ignore[misc]  # not yet handed out
    return tag, command


def recover_tag(data: bytes) -> str | None:
    """Return the tag that ``data`` begins with, if it does, however malformed the rest is."""
    found = _TAG.match(data)
    return None if found is None else found[1].decode("ascii")


def _no_command(data: bytes) -> CommandSyntaxError:
    tag = recover_tag(data)
    if not data.endswith(b"\n"):
        return CommandSyntaxError("a command ends with CRLF", data, tag)
    if tag is None:
        return CommandSyntaxError("a command begins with a tag", data, None)
    return CommandSyntaxError("no name of a command behind the tag", data, tag)


def _read_unknown(scanner: Scanner, keyword: bytes, *, uid: bool) -> UnknownCommand:
    if keyword.upper() == b"UID" or keyword.upper() in _BY_NAME:
        scanner.fail("a command that goes with UID")
    arguments = []
    while scanner.more():
        arguments.append(scanner.generic())
    return UnknownCommand(keyword.decode("ascii").upper(), tuple(arguments), uid=uid)


def parse_done(line: bytes) -> Done:
    """Parse the line that ends IDLE (RFC 9051 6.3.13). Raises :class:`CommandSyntaxError`."""
    if _DONE.fullmatch(line) is None:
        raise CommandSyntaxError("IDLE ends with DONE", line, recover_tag(line))
    return Done()


def parse_auth_response(line: bytes) -> AuthResponse:
    """Parse a client's line within an AUTHENTICATE exchange (RFC 9051 6.2.2).

    Raises :class:`CommandSyntaxError`, whose tag is not known here.
    """
    found = _AUTH_LINE.fullmatch(line)
    try:
        if found is not None:
            return AuthResponse(None if found[1] else b64decode(found[2], validate=True))
    except Base64Error:
        pass
    raise CommandSyntaxError("not base64", line, None)


# --- writing ---


def encode_command(
    tag: str,
    command: Command,
    *,
    utf8: bool = False,
    capabilities: Capabilities = _NO_CAPABILITIES,
) -> list[bytes]:
    """Encode a command in pieces: behind each but the last the server has to say ``+``.

    ``utf8`` says that UTF-8 was agreed on. ``capabilities`` are the server's: they tell which
    literals need not wait (RFC 7888). Raises :class:`LocalProtocolError` if a part can not be
    sent, or if the octets of a literal are not there.
    """
    pieces: list[list[bytes]] = [[]]
    for fragment in command_fragments(tag, command, utf8=utf8):
        if isinstance(fragment, bytes):
            pieces[-1].append(fragment)
        elif fragment.data is None:
            raise LocalProtocolError("the octets of a literal are to be streamed")
        else:
            plus = waits_not(fragment, capabilities)
            pieces[-1].append(fragment.head(plus=plus))
            if not plus:
                pieces.append([])
            pieces[-1].append(fragment.data)
    return [b"".join(parts) for parts in pieces]


def command_fragments(tag: str, command: Command, *, utf8: bool = False) -> list[Fragment]:
    """Encode a command as fragments, its literals apart; they may lack their octets.

    Raises :class:`LocalProtocolError`.
    """
    writer = Writer(utf8=utf8)
    writer.tag(tag)
    writer.space()
    shape = ROWS.get(type(command))
    if isinstance(command, UnknownCommand):
        _write_unknown(writer, command)
    elif shape is None:
        raise LocalProtocolError(f"{type(command).__name__} has no tag")
    else:
        writer.raw(f"{'UID ' if getattr(command, 'uid', False) else ''}{command.name}".encode())
        shape.write(writer, command)
    writer.end()
    return writer.fragments()


def _write_unknown(writer: Writer, command: UnknownCommand) -> None:
    name = command.keyword
    if not _KEYWORD.fullmatch(name) or name == "UID" or name.encode() in _BY_NAME:
        raise LocalProtocolError(f"{name!r} can not be an unknown command")
    writer.raw(f"{'UID ' if command.uid else ''}{name}".encode())
    for argument in command.arguments:
        writer.space()
        writer.generic(argument)


def waits_not(literal: Literal, capabilities: Capabilities) -> bool:
    """Whether the literal may be sent at once, without waiting for ``+`` (RFC 7888 3, 5)."""
    if "LITERAL+" in capabilities:
        return True
    if literal.size > _LITERAL_MINUS:
        return False
    return "LITERAL-" in capabilities or ("IMAP4REV2" in capabilities and not literal.binary)


def encode_line(line: Done | AuthResponse) -> bytes:
    """Encode what a client sends outside of commands: DONE, or a line of a SASL exchange."""
    if isinstance(line, Done):
        return b"DONE\r\n"
    return b"*\r\n" if line.data is None else b64encode(line.data) + b"\r\n"
