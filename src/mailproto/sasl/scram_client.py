"""SCRAM-SHA-1, -SHA-256, -SHA-512 and their -PLUS forms, the client's side (RFC 5802, 7677)."""

import hmac
import re
from typing import ClassVar, Final

from mailproto.sasl._interface import ChannelBinding, SaslError
from mailproto.sasl._script import ScriptedMechanism
from mailproto.sasl._text import encode, escape_saslname, prepare
from mailproto.sasl.scram import (
    DEFAULT_ITERATIONS,
    binding_input,
    check_binding_type,
    check_nonce,
    decode_base64,
    digest,
    encode_base64,
    mac,
    new_nonce,
    parse_attributes,
    salted_password,
    xor,
)

__all__ = [
    "MAX_ITERATIONS",
    "ScramClient",
    "ScramSha1",
    "ScramSha1Plus",
    "ScramSha256",
    "ScramSha256Plus",
    "ScramSha512",
    "ScramSha512Plus",
]

MAX_ITERATIONS: Final = 2_000_000
"""The highest iteration count obeyed by default: about a second of work, and above what
password storage guides ask for (1.3 million for SHA-1). A hostile server would ask for more."""

_POSITIVE_NUMBER: Final = re.compile("[1-9][0-9]{0,9}")


class ScramClient(ScriptedMechanism):
    """The client's side of one SCRAM exchange; its subclasses are the mechanisms.

    ``channel_binding`` is what the client could bind to: a -PLUS mechanism needs it, the
    others tell the server that they could have used it (flag "y") unless ``plus_offered``,
    so that the server detects an attacker who removed -PLUS from its list (RFC 5802 6).
    A server that asks for less than ``min_iterations`` or more than ``max_iterations`` is
    refused. ``nonce`` is for tests.

    Raises SaslError if SASLprep does not permit the password as a stored string or the names
    as query strings (RFC 5802 2.2 and 5.1).
    """

    plaintext = False
    hash_name: ClassVar[str]
    plus: ClassVar[bool] = False

    def __init__(
        self,
        user: str,
        password: str,
        authzid: str = "",
        *,
        channel_binding: ChannelBinding | None = None,
        plus_offered: bool = False,
        min_iterations: int = DEFAULT_ITERATIONS,
        max_iterations: int = MAX_ITERATIONS,
        nonce: str | None = None,
    ) -> None:
        self._password = prepare(password, "password", stored=True)
        self._iterations = range(min_iterations, max_iterations + 1)
        self._nonce = check_nonce(new_nonce() if nonce is None else nonce)
        self._binding = channel_binding if self.plus else None
        flag = "y" if channel_binding and not plus_offered else "n"
        if self.plus:
            if channel_binding is None:
                raise SaslError("a -PLUS mechanism needs a channel binding")
            flag = f"p={check_binding_type(channel_binding.type)}"
        acting_as = _saslname("a", authzid, "authorization identity") if authzid else ""
        self._gs2_header = f"{flag},{acting_as},".encode()
        name = _saslname("n", user, "user name")
        self._client_first_bare = f"{name},r={self._nonce}".encode()
        self._server_signature = b""
        super().__init__(
            self._gs2_header + self._client_first_bare,
            self._answer_server_first,
            self._answer_server_final,
        )

    def _answer_server_first(self, server_first: bytes) -> bytes:
        nonce, salt_text, count_text = parse_attributes(server_first, "rsi")
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise SaslError("the server's nonce does not extend ours")
        check_nonce(nonce)
        salt = decode_base64(salt_text, "salt")
        iterations = self._check_iterations(count_text)

        salted = salted_password(self.hash_name, self._password, salt, iterations)
        client_key = mac(self.hash_name, salted, b"Client Key")
        server_key = mac(self.hash_name, salted, b"Server Key")
        without_proof = b"c=%b,r=%b" % (
            binding_input(self._gs2_header, self._binding),
            nonce.encode(),
        )
        auth_message = b",".join((self._client_first_bare, server_first, without_proof))
        client_signature = mac(self.hash_name, digest(self.hash_name, client_key), auth_message)
        self._server_signature = mac(self.hash_name, server_key, auth_message)
        return without_proof + b",p=" + encode_base64(xor(client_key, client_signature))

    def _check_iterations(self, text: str) -> int:
        if not _POSITIVE_NUMBER.fullmatch(text) or int(text) not in self._iterations:
            raise SaslError(
                "the server's SCRAM iteration count is not between"
                f" {self._iterations.start} and {self._iterations.stop - 1}"
            )
        return int(text)

    def _answer_server_final(self, server_final: bytes) -> bytes:
        if server_final.startswith(b"e="):
            (error,) = parse_attributes(server_final, "e")
            raise SaslError(f"the server ended SCRAM: {error[:64]!a}")
        (verifier,) = parse_attributes(server_final, "v")
        signature = decode_base64(verifier, "server signature")
        if not hmac.compare_digest(signature, self._server_signature):
            raise SaslError("the server's SCRAM signature is wrong: it does not know the password")
        return b""


def _saslname(attribute: str, text: str, what: str) -> str:
    prepared = prepare(text, what)
    encode(prepared, what)
    return f"{attribute}={escape_saslname(prepared)}"


class ScramSha1(ScramClient):
    """SCRAM-SHA-1 (RFC 5802)."""

    name = "SCRAM-SHA-1"
    hash_name = "SHA-1"


class ScramSha256(ScramClient):
    """SCRAM-SHA-256 (RFC 7677)."""

    name = "SCRAM-SHA-256"
    hash_name = "SHA-256"


class ScramSha512(ScramClient):
    """SCRAM-SHA-512, registered in the SCRAM family of RFC 7677 section 5.2."""

    name = "SCRAM-SHA-512"
    hash_name = "SHA-512"


class ScramSha1Plus(ScramSha1):
    """SCRAM-SHA-1-PLUS: with channel binding (RFC 5802 6)."""

    name = "SCRAM-SHA-1-PLUS"
    plus = True


class ScramSha256Plus(ScramSha256):
    """SCRAM-SHA-256-PLUS: with channel binding (RFC 7677)."""

    name = "SCRAM-SHA-256-PLUS"
    plus = True


class ScramSha512Plus(ScramSha512):
    """SCRAM-SHA-512-PLUS: with channel binding."""

    name = "SCRAM-SHA-512-PLUS"
    plus = True
