"""What left and what arrived, by SHA-256; line ends are CRLF on the way."""

from collections.abc import AsyncIterable
from hashlib import sha256
from pathlib import Path

from mailproto._dots import BLOCK, CrlfNormalizer
from mailproto._value import value

__all__ = ["Transfer", "digest_of", "digest_of_file"]


@value
class Transfer:
    """What left, how, and what arrived: digests, and the size on arrival."""

    name: str
    way: str
    size: int
    sent: str
    arrived: str

    @property
    def intact(self) -> bool:
        """Whether each byte arrived."""
        return self.sent == self.arrived


async def digest_of(pieces: AsyncIterable[bytes]) -> str:
    """Return the digest of what comes in pieces."""
    digest = sha256()
    async for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def digest_of_file(path: Path, *, ends_line: bool) -> str:
    """Return the digest of a file as SMTP carries it: CRLF line ends, at its end too by DATA."""
    normalizer = CrlfNormalizer()
    digest = sha256()
    last = b"\r\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            data = normalizer.feed(block)
            digest.update(data)
            last = (last + data)[-2:]
    if ends_line and last != b"\r\n":
        digest.update(b"\r\n")
    return digest.hexdigest()
