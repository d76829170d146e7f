"""Content-Transfer-Encodings undone, in pieces (RFC 2045 6); for BINARY, search and preview."""

import abc
import binascii
import re

from mailproto.errors import MailProtocolError

__all__ = ["TransferDecoder", "UnknownEncoding", "decode_transfer", "transfer_decoder"]


class UnknownEncoding(MailProtocolError):
    """No one knows how to undo this encoding: NO [UNKNOWN-CTE] (RFC 9051 7.1)."""

    def __init__(self, encoding: str) -> None:
        super().__init__(f"the content transfer encoding is not known: {encoding[:80]!r}")
        self.encoding = encoding


class TransferDecoder(abc.ABC):
    """Decodes a body that comes in pieces; however it is cut, the joined output is the same."""

    @abc.abstractmethod
    def feed(self, data: bytes) -> bytes:
        """Take octets of the body, return what they decode to so far."""

    @abc.abstractmethod
    def finish(self) -> bytes:
        """Return the rest, when the body has ended."""


class _Identity(TransferDecoder):
    """7bit, 8bit and binary."""

    def feed(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b""


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))


class _Base64(TransferDecoder):
    """Skips what is not of the alphabet; the first ``=`` is the end (RFC 2045 6.8)."""

    def __init__(self) -> None:
        self._rest = b""  # less than four digits
        self._ended = False

    def feed(self, data: bytes) -> bytes:
        if self._ended:
            return b""
        digits, end, _ = (self._rest + data.translate(None, _NOT_BASE64)).partition(b"=")
        whole = len(digits) // 4 * 4
        self._rest = digits[whole:]
        decoded = binascii.a2b_base64(digits[:whole])
        if end:
            decoded += self.finish()
            self._ended = True
        return decoded

    def finish(self) -> bytes:
        rest, self._rest = self._rest, b""
        return binascii.a2b_base64(rest + b"==") if len(rest) > 1 else b""


# A soft line break, an octet, or white space at the end of a line. A longer run of white space is
# no accident of transport: it stays, and so nothing has to be held back for long.
_LONGEST_RUN = 998
_QUOTED = re.compile(
    rb"=(?:([0-9A-Fa-f]{2})|[ \t]{0,%d}+\r?\n)|(?<![ \t])[ \t]{1,%d}+(?=\r?\n)"
    % (_LONGEST_RUN, _LONGEST_RUN)
)
_HALF_OCTET = re.compile(rb"=[0-9A-Fa-f]")


def _unquote(data: bytes) -> bytes:
    return _QUOTED.sub(lambda found: binascii.unhexlify(found[1] or b""), data)


class _QuotedPrintable(TransferDecoder):
    """Leaves what is no encoding as it is (RFC 2045 6.7)."""

    def __init__(self) -> None:
        self._rest = b""  # what the next octets may change the meaning of
        self._in_run = False  # of white space that is too long to be dropped

    def feed(self, data: bytes) -> bytes:
        data = self._rest + data
        run = b""
        if self._in_run:
            after = data.lstrip(b" \t")
            run, data = data[: len(data) - len(after)], after
            self._in_run = not data
        end = self._decided(data)
        self._rest = data[end:]
        return run + _unquote(data[:end])

    def finish(self) -> bytes:
        return _unquote(self._rest + b"\n")[:-1]

    def _decided(self, data: bytes) -> int:
        """How much of ``data`` means the same whatever follows."""
        if _HALF_OCTET.fullmatch(data, len(data) - 2):
            return len(data) - 2
        line = data.removesuffix(b"\r")
        start = len(line.rstrip(b" \t"))
        if len(line) - start > _LONGEST_RUN:
            self._in_run = line == data
            return len(line)
        return start - 1 if data[start - 1 : start] == b"=" else start


_DECODERS: dict[str, type[TransferDecoder]] = {
    "7bit": _Identity,
    "8bit": _Identity,
    "binary": _Identity,
    "base64": _Base64,
    "quoted-printable": _QuotedPrintable,
}


def transfer_decoder(encoding: str) -> TransferDecoder:
    """Return a decoder for a body with this encoding. Raises :class:`UnknownEncoding`."""
    decoder = _DECODERS.get(encoding.lower())
    if decoder is None:
        raise UnknownEncoding(encoding)
    return decoder()


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """Decode a whole body. Raises :class:`UnknownEncoding`."""
    decoder = transfer_decoder(encoding)
    return decoder.feed(data) + decoder.finish()
