"""What a message can be given as, and what a client has to know of it before it is sent."""

import copy
import re
from collections.abc import AsyncGenerator, AsyncIterable
from email import policy
from email.message import EmailMessage, Message
from email.parser import Parser
from pathlib import Path
from typing import Any, BinaryIO

from mailproto._dots import BLOCK, CrlfNormalizer
from mailproto.errors import LocalProtocolError
from mailproto.stream import Runtime

__all__ = ["Content", "MessageSource", "envelope_of", "open_content"]

MessageSource = bytes | str | Message | Path | BinaryIO | AsyncIterable[bytes]
"""A message: its bytes or text, an ``EmailMessage``, a file's path or a file opened for
reading bytes, or an asynchronous iterator of pieces. Files and iterators are sent in constant
memory. Line ends may be LF or CRLF."""

_FILE_BLOCK = 4 * BLOCK
_MAX_HEADER = 1024 * 1024
# Where an empty line follows, with any line end that is made CRLF on the way.
_HEADER_END = re.compile(rb"\A(?=[\r\n])|(?>\r\n|\r|\n)(?=[\r\n])")
_BCC = re.compile(
    rb"^(?:Resent-)?Bcc[ \t]*:[^\n]*\n?(?:[ \t][^\n]*\n?)*", re.IGNORECASE | re.MULTILINE
)


class Content:
    """A message ready to be sent.

    ``size`` is its octets with CRLF line ends, None if unknown. ``eight_bit`` says whether it
    holds octets above 127, None if unknown. ``head`` is its header, None if unknown.
    ``repeatable`` says whether it can be sent twice.
    """

    head: bytes | None = None
    size: int | None = None
    eight_bit: bool | None = None
    repeatable = True

    @property
    def utf8_headers(self) -> bool:
        """Whether the header holds UTF-8 beyond ASCII (RFC 6532); not so any older charset."""
        if self.head is None or self.head.isascii():
            return False
        try:
            self.head.decode()
        except UnicodeDecodeError:
            return False
        return True

    def drop_bcc(self) -> None:
        """Take the Bcc fields out of the header (RFC 5322 3.6.3)."""
        raise LocalProtocolError(
            "an iterator's header can not be looked into: give sender and recipients"
        )

    def chunks(self) -> AsyncGenerator[bytes]:
        """Return the message in pieces; close the generator."""
        raise NotImplementedError


class _BytesContent(Content):
    def __init__(self, data: bytes) -> None:
        self.head, self._rest = _split(data)
        self._measure()

    def _measure(self) -> None:
        assert self.head is not None
        data = self.head + self._rest
        self.size = len(data) + _missing_octets(data)
        self.eight_bit = not data.isascii()

    def drop_bcc(self) -> None:
        assert self.head is not None
        self.head = _without_bcc(self.head)
        self._measure()

    async def chunks(self) -> AsyncGenerator[bytes]:
        assert self.head is not None
        if self.head:
            yield self.head
        for at in range(0, len(self._rest), BLOCK):
            yield self._rest[at : at + BLOCK]


class _FileContent(Content):
    """A seekable file from where it stands to its end; read and measured in a thread."""

    def __init__(self, file: BinaryIO, runtime: Runtime) -> None:
        self._file = file
        self._runtime = runtime
        start = file.tell()
        self.head = _split(file.read(_MAX_HEADER))[0]
        self._rest = start + len(self.head)
        octets = missing = 0
        self.eight_bit = False
        file.seek(self._rest)
        before = self.head
        while block := file.read(_FILE_BLOCK):
            octets += len(block)
            missing += _missing_octets(block)
            if before.endswith(b"\r") and block.startswith(b"\n"):
                missing -= 2  # one line end, cut in two
            self.eight_bit = self.eight_bit or not block.isascii()
            before = block
        self._rest_size = octets + missing
        self._measure_head()

    def _measure_head(self) -> None:
        assert self.head is not None
        self.size = self._rest_size + len(self.head) + _missing_octets(self.head)
        self.eight_bit = self.eight_bit or not self.head.isascii()

    def drop_bcc(self) -> None:
        assert self.head is not None
        if len(self.head) == _MAX_HEADER:
            raise LocalProtocolError(
                "the header is too long to look for Bcc: give sender and recipients"
            )
        self.head = _without_bcc(self.head)
        self._measure_head()

    async def chunks(self) -> AsyncGenerator[bytes]:
        assert self.head is not None
        if self.head:
            yield self.head
        file = self._file
        await self._runtime.in_thread(lambda: file.seek(self._rest))
        while block := await self._runtime.in_thread(lambda: file.read(_FILE_BLOCK)):
            yield block


class _StreamContent(Content):
    repeatable = False

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces

    async def chunks(self) -> AsyncGenerator[bytes]:
        pieces = aiter(self._pieces)
        try:
            async for piece in pieces:
                yield piece
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()


async def open_content(
    source: MessageSource,
    runtime: Runtime,
    *,
    utf8: bool,
    eight_bit: bool,
    keep_bcc: bool = False,
) -> Content:
    """Make a message sendable.

    An ``EmailMessage`` is written with UTF-8 in its header if ``utf8``, else with encoded
    words; with 8-bit bodies if ``eight_bit``, else re-encoded; without Bcc unless
    ``keep_bcc``. A path is opened by the caller.
    Raises :class:`LocalProtocolError` if ``source`` is of no known kind, ``OSError``.
    """
    if isinstance(source, Message):
        if not keep_bcc:
            source = _blind(source)
        return _BytesContent(_flatten(source, utf8=utf8, eight_bit=eight_bit))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _BytesContent(bytes(source))
    if isinstance(source, str):
        return _BytesContent(source.encode())
    if isinstance(source, AsyncIterable):
        return _StreamContent(source)
    if hasattr(source, "read"):
        file: Any = source
        return await runtime.in_thread(lambda: _FileContent(file, runtime))
    raise LocalProtocolError(
        f"{type(source).__name__} is no message: give bytes, str, EmailMessage, a path, a file "
        "or an asynchronous iterator of bytes"
    )


def envelope_of(source: Message | Content) -> tuple[str, tuple[str, ...]]:
    """Return sender and recipients as the header names them (RFC 5322 3.6.2, 3.6.3, 3.6.6).

    The sender is Sender or the first From, the recipients are To, Cc and Bcc; if the message
    was resent, the fields of the newest Resent- block. Raises :class:`LocalProtocolError`.
    """
    if isinstance(source, Content):
        if source.head is None:
            raise LocalProtocolError(
                "an iterator's header can not be looked into: give sender and recipients"
            )
        # BytesParser would not take UTF-8 for text (RFC 6532).
        head = source.head.decode("utf-8", "surrogateescape")
        message: Message = Parser(policy=policy.default).parsestr(head, headersonly=True)
    else:
        message = source
    prefix = "Resent-" if "Resent-Date" in message else ""
    try:
        senders = _addresses(message, f"{prefix}Sender") or _addresses(message, f"{prefix}From")
        recipients = [
            address
            for name in ("To", "Cc", "Bcc")
            for address in _addresses(message, f"{prefix}{name}")
        ]
    except Exception as error:  # email's parser raises all sorts of things
        raise LocalProtocolError(f"the header's addresses make no sense: {error}") from error
    if not senders:
        raise LocalProtocolError("the message has no From: add it, or give sender=...")
    if not recipients:
        raise LocalProtocolError("the message has no To, Cc or Bcc: give recipients=...")
    return senders[0], tuple(dict.fromkeys(recipients))


def _addresses(message: Message, name: str) -> list[str]:
    found: list[str] = []
    for header in message.get_all(name, ()):
        # A parsed header knows its addresses; its text, with encoded words decoded, does not.
        if not hasattr(header, "addresses"):
            header = policy.default.header_fetch_parse(name, str(header))
        found += [address.addr_spec for address in header.addresses]
    return [address for address in found if address]


def _blind(message: Message) -> Message:
    message = copy.copy(message)
    del message["Bcc"]
    del message["Resent-Bcc"]
    return message


def _flatten(message: Message, *, utf8: bool, eight_bit: bool) -> bytes:
    cte = "8bit" if eight_bit else "7bit"
    try:
        if isinstance(message, EmailMessage):
            return message.as_bytes(policy=policy.SMTP.clone(utf8=utf8, cte_type=cte))
        return message.as_bytes(policy=message.policy.clone(linesep="\r\n", cte_type=cte))
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"the message can not be written: {error}") from None


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Split a message behind the line end of its last header line."""
    found = _HEADER_END.search(data)
    end = found.end() if found else len(data)
    return data[:end], data[end:]


def _without_bcc(head: bytes) -> bytes:
    return _BCC.sub(b"", CrlfNormalizer().feed(head))


def _missing_octets(data: bytes) -> int:
    """Count the octets that making line ends CRLF adds."""
    return data.count(b"\n") + data.count(b"\r") - 2 * data.count(b"\r\n")
