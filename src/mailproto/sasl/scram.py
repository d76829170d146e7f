"""SCRAM, what both sides share: hash functions, stored keys, message grammar (RFC 5802, 7677)."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import Final, Self

from mailproto._value import field, value
from mailproto.errors import LocalProtocolError
from mailproto.sasl._interface import ChannelBinding, SaslError
from mailproto.sasl._text import decode, prepare

__all__ = [
    "DEFAULT_ITERATIONS",
    "HASHES",
    "ScramKeys",
    "binding_input",
    "check_binding_type",
    "check_nonce",
    "decode_base64",
    "digest",
    "encode_base64",
    "mac",
    "new_nonce",
    "parse_attributes",
    "salted_password",
    "xor",
]

HASHES: Final = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}
"""Hash function names as SCRAM mechanism names spell them, to those of hashlib."""

DEFAULT_ITERATIONS: Final = 4_096
"""What RFC 5802 and 7677 ask for at least; more protects stolen keys, but costs each login."""

_SALT_SIZE: Final = 16
_FAKE_SECRET: Final = secrets.token_bytes(32)
_DEFINED_ATTRIBUTES: Final = frozenset("amnrcsipve")
_NONCE: Final = re.compile(r"[\x21-\x2b\x2d-\x7e]+")
_BINDING_TYPE: Final = re.compile(r"[A-Za-z0-9.-]+")


def digest(hash_name: str, data: bytes) -> bytes:
    """H() of RFC 5802 section 2.2; ``hash_name`` is a key of :data:`HASHES`."""
    return hashlib.new(HASHES[hash_name], data).digest()


def mac(hash_name: str, key: bytes, data: bytes) -> bytes:
    """HMAC() of RFC 5802 section 2.2."""
    return hmac.digest(key, data, HASHES[hash_name])


def xor(left: bytes, right: bytes) -> bytes:
    """Exclusive-or of two strings of the same length."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def salted_password(hash_name: str, password: str, salt: bytes, iterations: int) -> bytes:
    """Hi() of RFC 5802 section 2.2 over a prepared password; raises SaslError.

    It fails where the platform's cryptography policy forbids the hash function or salt, or
    where ``iterations`` is beyond what hashlib can count.
    """
    try:
        return hashlib.pbkdf2_hmac(HASHES[hash_name], password.encode(), salt, iterations)
    except (ValueError, OverflowError) as error:
        raise SaslError(f"this platform refuses PBKDF2 with {hash_name}: {error}") from None


@value
class ScramKeys:
    """What a server stores of a password for SCRAM with one hash function (RFC 5802 3).

    The password cannot be computed from it, nor can a client log in with it.
    """

    salt: bytes
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)

    @classmethod
    def derive(
        cls,
        password: str,
        hash_name: str,
        salt: bytes | None = None,
        iterations: int = DEFAULT_ITERATIONS,
    ) -> Self:
        """Compute the keys of a password; ``hash_name`` is "SHA-1", "SHA-256" or "SHA-512".

        ``salt`` is random by default. Raises SaslError if SASLprep does not permit the
        password as a stored string, LocalProtocolError for wrong arguments.
        """
        _check_hash_name(hash_name)
        if iterations < 1 or salt == b"":
            raise LocalProtocolError("SCRAM keys need a salt and at least one iteration")
        salt = secrets.token_bytes(_SALT_SIZE) if salt is None else salt
        prepared = prepare(password, "password", stored=True)
        salted = salted_password(hash_name, prepared, salt, iterations)
        stored_key = digest(hash_name, mac(hash_name, salted, b"Client Key"))
        return cls(salt, iterations, stored_key, mac(hash_name, salted, b"Server Key"))

    @classmethod
    def fake(
        cls,
        user: str,
        hash_name: str,
        iterations: int = DEFAULT_ITERATIONS,
        secret: bytes = _FAKE_SECRET,
    ) -> Self:
        """Keys that no password fits, to hide that ``user`` does not exist.

        They are the same each time for one name and ``secret``, which is random per process;
        a store that outlives the process passes a secret of its own, and the iteration count
        that its real keys have. Raises LocalProtocolError for an unknown ``hash_name``.
        """
        _check_hash_name(hash_name)
        seed = mac(hash_name, secret, user.encode(errors="surrogatepass"))
        key = mac(hash_name, secret, seed)
        return cls(seed[:_SALT_SIZE], iterations, key, key)

    def verify(self, password: str, hash_name: str) -> bool:
        """Whether these are the keys of ``password``; compared in constant time.

        A password that SASLprep does not permit is just wrong. Raises LocalProtocolError for
        an unknown ``hash_name``.
        """
        try:
            keys = self.derive(password, hash_name, self.salt, self.iterations)
        except SaslError:
            return False
        return hmac.compare_digest(keys.stored_key, self.stored_key)


def _check_hash_name(hash_name: str) -> None:
    if hash_name not in HASHES:
        raise LocalProtocolError(f"SCRAM knows {', '.join(HASHES)}, not {hash_name}")


def parse_attributes(message: bytes, required: str, *, last: str = "") -> list[str]:
    """The values of the attributes that a message must have, in order (RFC 5802 7).

    The letters ``required`` must come first; ``last`` (client-final's proof) must come last
    and its value is the last of the result. What else there is are extensions: ignored, or
    refused if mandatory (``m=``). Raises SaslError.
    """
    attributes = [_parse_attribute(part) for part in decode(message, "SCRAM message").split(",")]
    names = [name for name, _ in attributes]
    if "m" in names:
        raise SaslError("a mandatory SCRAM extension is not supported")
    end = len(names) - len(last)
    extensions = names[len(required) : end]
    if (
        names[: len(required)] != list(required)
        or names[end:] != list(last)
        or not _DEFINED_ATTRIBUTES.isdisjoint(extensions)
    ):
        raise SaslError(f"a SCRAM message must have the attributes {', '.join(required + last)}")
    values = [text for _, text in attributes]
    return values[: len(required)] + values[end:]


def _parse_attribute(part: str) -> tuple[str, str]:
    name, separator, text = part[:1], part[1:2], part[2:]
    if not (name.isascii() and name.isalpha() and separator == "=" and text) or "\0" in text:
        raise SaslError("a SCRAM attribute is malformed")
    return name, text


def encode_base64(data: bytes) -> bytes:
    """Base64 as SCRAM writes it."""
    return base64.b64encode(data)


def decode_base64(text: str, what: str) -> bytes:
    """Decode base64, which must be canonical (RFC 5802 2.1). Raises SaslError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SaslError(f"the {what} is not base64") from None
    if encode_base64(data).decode() != text:
        raise SaslError(f"the {what} is not canonical base64")
    return data


def new_nonce() -> str:
    """A fresh nonce: 24 random bytes as printable text."""
    return secrets.token_urlsafe(24)


def check_nonce(nonce: str) -> str:
    """``nonce``, if it is printable ASCII without comma; else raises SaslError."""
    if not _NONCE.fullmatch(nonce):
        raise SaslError("a SCRAM nonce must be printable ASCII without commas")
    return nonce


def check_binding_type(binding_type: str) -> str:
    """``binding_type``, if it can be written in a GS2 header; else raises SaslError."""
    if not _BINDING_TYPE.fullmatch(binding_type):
        raise SaslError(f"{binding_type!r} is not the name of a channel binding type")
    return binding_type


def binding_input(gs2_header: bytes, binding: ChannelBinding | None) -> bytes:
    """The value of the ``c=`` attribute, base64 included (RFC 5802 5.1)."""
    return encode_base64(gs2_header + (binding.data if binding else b""))
