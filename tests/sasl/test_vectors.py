"""The examples of the specifications, byte for byte, from both sides."""

import base64
import json
from typing import NamedTuple

import pytest

from mailproto import sasl


class ScramVector(NamedTuple):
    source: str
    client: type[sasl.ScramClient]
    server_nonce: str
    client_nonce: str
    salt: str
    messages: tuple[bytes, bytes, bytes, bytes]


SCRAM = [
    ScramVector(
        "RFC 5802 section 5",
        sasl.ScramSha1,
        "3rfcNHYJY1ZVvWVs7j",
        "fyko+d2lbbFgONRv9qkxdawL",
        "QSXCR+Q6sek8bf92",
        (
            b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
            b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        ),
    ),
    ScramVector(
        "RFC 7677 section 3",
        sasl.ScramSha256,
        "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "rOprNGfwEbeRWgbNEkqO",
        "W22ZaJ0SNY7soEsUEjb6gQ==",
        (
            b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
            b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        ),
    ),
]
scram_vectors = pytest.mark.parametrize("vector", SCRAM, ids=[row.source for row in SCRAM])


@scram_vectors
def test_scram_client(vector: ScramVector) -> None:
    client = vector.client("user", "pencil", nonce=vector.client_nonce)
    first, server_first, final, server_final = vector.messages
    assert client.initial_response() == first
    assert client.step(server_first) == final
    assert not client.complete
    assert client.step(server_final) == b""
    assert client.complete


@scram_vectors
def test_scram_server(vector: ScramVector) -> None:
    hash_name = vector.client.hash_name
    server = sasl.ScramServer(hash_name, nonce=vector.server_nonce)
    first, server_first, final, server_final = vector.messages
    assert server.step(first) == sasl.LookupScramKeys("user", hash_name)
    keys = sasl.ScramKeys.derive("pencil", hash_name, base64.b64decode(vector.salt), 4096)
    assert server.answer(keys) == sasl.Challenge(server_first)
    assert server.step(final) == sasl.Challenge(server_final)
    assert server.step(b"") == sasl.Authenticated("user")


CRAM_CHALLENGE = b"<1896.697170952@postoffice.reston.mci.net>"  # RFC 2195 section 2
CRAM_RESPONSE = b"tim b913a602c7eda7a495b4e6e7334d3890"


def test_cram_md5_client() -> None:
    client = sasl.CramMd5("tim", "tanstaaftanstaaf")
    assert client.initial_response() is None
    assert client.step(CRAM_CHALLENGE) == CRAM_RESPONSE
    assert client.complete


def test_cram_md5_server() -> None:
    server = sasl.CramMd5Server(challenge=CRAM_CHALLENGE)
    assert server.step(None) == sasl.Challenge(CRAM_CHALLENGE)
    assert server.step(CRAM_RESPONSE) == sasl.LookupPassword("tim")
    assert server.answer("tanstaaftanstaaf") == sasl.Authenticated("tim")


PLAIN = [  # RFC 4616 section 4
    (b"\0tim\0tanstaaftanstaaf", ("tim", "tanstaaftanstaaf", "")),
    (b"Ursel\0Kurt\0xipj3plmq", ("Kurt", "xipj3plmq", "Ursel")),
]


@pytest.mark.parametrize(("message", "fields"), PLAIN)
def test_plain(message: bytes, fields: tuple[str, str, str]) -> None:
    client = sasl.Plain(*fields)
    assert client.initial_response() == message
    assert client.complete
    assert sasl.PlainServer().step(message) == sasl.CheckPassword(*fields)


def test_login() -> None:
    """draft-murchison-sasl-login-00 section 2.3; the prompts there end with a NUL."""
    client = sasl.Login("tim", "tanstaaftanstaaf")
    assert client.initial_response() is None
    assert client.step(base64.b64decode("VXNlciBOYW1lAA==")) == b"tim"
    assert not client.complete
    assert client.step(b"Password\0") == b"tanstaaftanstaaf"
    assert client.complete


OAUTH_TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
OAUTHBEARER = [  # RFC 7628 section 4.1: IMAP, SMTP
    (
        "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVy"
        "IHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB",
        143,
    ),
    (
        "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVy"
        "IHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB",
        587,
    ),
]


@pytest.mark.parametrize(("encoded", "port"), OAUTHBEARER)
def test_oauthbearer(encoded: str, port: int) -> None:
    message = base64.b64decode(encoded)
    fields = ("user@example.com", OAUTH_TOKEN, "server.example.com", port)
    client = sasl.OAuthBearer(*fields)
    assert client.initial_response() == message
    assert client.complete
    assert sasl.OAuthBearerServer().step(message) == sasl.CheckToken(*fields)


def test_oauthbearer_failed() -> None:
    """RFC 7628 section 4.3: an empty auth value asks for the scope, and fails."""
    message = b"n,a=user@example.com,\1host=server.example.com\1port=143\1auth=\1\1"
    server = sasl.OAuthBearerServer()
    step = server.step(message)
    assert isinstance(step, sasl.Challenge)
    assert json.loads(step.data)["status"] == "invalid_token"
    client = sasl.OAuthBearer("user@example.com", "expired")
    client.initial_response()
    assert client.step(step.data) == b"\1"
    assert not client.complete
    assert client.error == step.data.decode()
    assert isinstance(server.step(b"\1"), sasl.Rejected)


def test_xoauth2() -> None:
    """Google's documentation of XOAUTH2, success and error response."""
    message = base64.b64decode(
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52"
        "YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
    )
    token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
    client = sasl.XOAuth2("someuser@example.com", token)
    assert client.initial_response() == message
    assert client.complete
    assert sasl.XOAuth2Server().step(message) == sasl.CheckToken("someuser@example.com", token)

    challenge = base64.b64decode(
        "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9t"
        "YWlsLmdvb2dsZS5jb20vIn0K"
    )
    assert client.step(challenge) == b""
    assert not client.complete
    assert client.error is not None
    assert json.loads(client.error)["scope"] == "https://mail.google.com/"


def test_anonymous() -> None:
    """RFC 4505 section 4."""
    message = base64.b64decode("c2lyaGM=")
    assert sasl.Anonymous("sirhc").initial_response() == message
    server = sasl.AnonymousServer()
    assert server.step(None) == sasl.Challenge(b"")
    assert server.step(message) == sasl.CheckAnonymous("sirhc")
    assert server.answer(True) == sasl.Authenticated("anonymous")
