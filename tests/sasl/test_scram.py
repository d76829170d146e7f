"""SCRAM: keys against an independent computation, and every way a message can be wrong."""

import base64
import hashlib
import hmac

import pytest

from mailproto import sasl
from mailproto.errors import LocalProtocolError

HASHES = {"SHA-1": hashlib.sha1, "SHA-256": hashlib.sha256, "SHA-512": hashlib.sha512}
CLIENTS = {"SHA-1": sasl.ScramSha1, "SHA-256": sasl.ScramSha256, "SHA-512": sasl.ScramSha512}


def slow_hi(hash_name: str, text: bytes, salt: bytes, iterations: int) -> bytes:
    """Hi() as RFC 5802 section 2.2 writes it down."""
    make = HASHES[hash_name]
    last = hmac.new(text, salt + b"\0\0\0\1", make).digest()
    total = int.from_bytes(last)
    for _ in range(iterations - 1):
        last = hmac.new(text, last, make).digest()
        total ^= int.from_bytes(last)
    return total.to_bytes(make().digest_size)


@pytest.mark.parametrize("hash_name", HASHES)
@pytest.mark.parametrize(("password", "prepared"), [("pencil", "pencil"), ("½", "1\u20442")])
def test_keys(hash_name: str, password: str, prepared: str) -> None:
    make = HASHES[hash_name]
    salted = slow_hi(hash_name, prepared.encode(), b"salt", 7)
    client_key = hmac.new(salted, b"Client Key", make).digest()
    keys = sasl.ScramKeys.derive(password, hash_name, b"salt", 7)
    assert keys.salt == b"salt"
    assert keys.iterations == 7
    assert keys.stored_key == make(client_key).digest()
    assert keys.server_key == hmac.new(salted, b"Server Key", make).digest()


@pytest.mark.parametrize("hash_name", HASHES)
def test_signatures(hash_name: str) -> None:
    """Proof and signature of both sides against an independent computation."""
    make = HASHES[hash_name]
    client = CLIENTS[hash_name]("user", "pencil", nonce="cn")
    server = sasl.ScramServer(hash_name, nonce="sn")
    server.step(client.initial_response())
    server_first = server.answer(sasl.ScramKeys.derive("pencil", hash_name, b"salt", 4096))
    encoded_salt = base64.b64encode(b"salt")
    assert server_first == sasl.Challenge(b"r=cnsn,s=%b,i=4096" % encoded_salt)

    salted = hashlib.pbkdf2_hmac(make().name, b"pencil", b"salt", 4096)
    message = b"n=user,r=cn," + server_first.data + b",c=biws,r=cnsn"
    client_key = hmac.new(salted, b"Client Key", make).digest()
    signature = hmac.new(make(client_key).digest(), message, make).digest()
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    final = client.step(server_first.data)
    assert final == b"c=biws,r=cnsn,p=" + base64.b64encode(proof)

    server_key = hmac.new(salted, b"Server Key", make).digest()
    verifier = hmac.new(server_key, message, make).digest()
    assert server.step(final) == sasl.Challenge(b"v=" + base64.b64encode(verifier))


def test_keys_verify_passwords() -> None:
    keys = sasl.ScramKeys.derive("½", "SHA-256", iterations=5)
    assert keys.verify("1\u20442", "SHA-256")
    assert not keys.verify("1/2", "SHA-256")
    assert not keys.verify("\0", "SHA-256")
    assert not keys.verify("½", "SHA-1")


def test_salts_are_random() -> None:
    first, second = (sasl.ScramKeys.derive("x", "SHA-1", iterations=1) for _ in range(2))
    assert first.salt != second.salt
    assert len(first.salt) == 16


@pytest.mark.parametrize("arguments", [("SHA-3",), ("SHA-1", b""), ("SHA-1", b"salt", 0)], ids=repr)
def test_wrong_arguments(arguments: tuple[str]) -> None:
    with pytest.raises(LocalProtocolError):
        sasl.ScramKeys.derive("x", *arguments)


def test_wrong_hash_names() -> None:
    with pytest.raises(LocalProtocolError):
        sasl.ScramKeys.fake("ann", "MD5")
    with pytest.raises(LocalProtocolError):
        sasl.ScramServer("MD5")


@pytest.mark.parametrize("password", ["", "\u00ad", "\0", "\u0221", "\ud800", "x" * 1025])
def test_unpermitted_passwords(password: str) -> None:
    with pytest.raises(sasl.SaslError):
        sasl.ScramKeys.derive(password, "SHA-256", iterations=1)
    with pytest.raises(sasl.SaslError):
        sasl.ScramSha256("ann", password)


@pytest.mark.parametrize("iterations", [2**31, 2**70])
def test_absurd_iteration_counts_are_refused(iterations: int) -> None:
    with pytest.raises(sasl.SaslError):
        sasl.ScramKeys.derive("x", "SHA-256", iterations=iterations)


def test_platform_without_the_hash_function(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> bytes:
        raise ValueError("disabled by policy")

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", refuse)
    with pytest.raises(sasl.SaslError, match="policy"):
        sasl.ScramKeys.derive("x", "SHA-1")


# Unknown users


def server_first(user: str, keys: sasl.ScramKeys | None, hash_name: str = "SHA-256") -> bytes:
    server = sasl.ScramServer(hash_name, nonce="sn")
    server.step(b"n,,n=%b,r=cn" % user.encode())
    step = server.answer(keys)
    assert isinstance(step, sasl.Challenge)
    return step.data


def test_unknown_user_has_a_salt_of_its_own() -> None:
    eve = server_first("eve", None)
    assert eve == server_first("eve", None)
    assert eve != server_first("mallory", None)
    assert eve != server_first("eve", None, "SHA-512")
    real = server_first("ann", sasl.ScramKeys.derive("x", "SHA-256"))
    assert len(eve) == len(real)


def test_fake_keys_can_outlive_the_process() -> None:
    first, second = (sasl.ScramKeys.fake("eve", "SHA-256", 9, b"secret") for _ in range(2))
    assert first == second
    assert first.iterations == 9
    assert first != sasl.ScramKeys.fake("eve", "SHA-256", 9)
    assert first != sasl.ScramKeys.fake("eve", "SHA-256", 9, b"other")


@pytest.mark.parametrize("keys", [None, sasl.ScramKeys.derive("right", "SHA-256")])
def test_unknown_user_fails_at_the_end(keys: sasl.ScramKeys | None) -> None:
    client = sasl.ScramSha256("eve", "wrong")
    server = sasl.ScramServer("SHA-256")
    server.step(client.initial_response())
    step = server.answer(keys)
    assert isinstance(step, sasl.Challenge)
    final = client.step(step.data)
    assert server.step(final) == sasl.Rejected("the credentials were refused")


# What a server may not say

GOOD_FIRST = b"r=cnsn,s=c2FsdA==,i=4096"


def client_at_first() -> sasl.ScramSha256:
    client = sasl.ScramSha256("user", "pencil", nonce="cn")
    assert client.initial_response() == b"n,,n=user,r=cn"
    return client


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b",",
        b"r=cnsn",
        b"r=cnsn,s=c2FsdA==",
        b"r=cnsn,i=4096,s=c2FsdA==",
        b"s=c2FsdA==,r=cnsn,i=4096",
        b"R=cnsn,s=c2FsdA==,i=4096",
        b"m=ext,r=cnsn,s=c2FsdA==,i=4096",
        b"r=cnsn,s=c2FsdA==,i=4096,m=ext",
        b"r=cnsn,s=c2FsdA==,i=4096,r=cnsn",  # known attributes are no extensions
        b"r=cnsn,s=c2FsdA==,i=4096,",
        b"r=cnsn,s=c2FsdA==,i=4096,x",
        b"r=cnsn,s=c2FsdA==,i=4096,x=",
        b"r=cnsn,s=c2FsdA==,i=4096,x=\0",
        b"r=cnsn,s=c2FsdA==,i=4096,x=\xff",
        "r=cnsn,s=c2FsdA==,i=4096,é=1".encode(),
        b"r=cn,s=c2FsdA==,i=4096",  # the server added nothing
        b"r=sncn,s=c2FsdA==,i=4096",
        b"r=CNsn,s=c2FsdA==,i=4096",
        b"r=cn sn,s=c2FsdA==,i=4096",
        "r=cné,s=c2FsdA==,i=4096".encode(),
        b"r=cnsn,s=,i=4096",
        b"r=cnsn,s=====,i=4096",
        b"r=cnsn,s=c2FsdA,i=4096",
        b"r=cnsn,s=c2FsdB==,i=4096",  # not canonical
        b"r=cnsn,s=c2Fs dA==,i=4096",
        b"r=cnsn,s=c2Fs\ndA==,i=4096",
        "r=cnsn,s=c2Fsdé==,i=4096".encode(),
        b"r=cnsn,s=c2FsdA==,i=0",
        b"r=cnsn,s=c2FsdA==,i=-4096",
        b"r=cnsn,s=c2FsdA==,i=+4096",
        b"r=cnsn,s=c2FsdA==,i=04096",
        b"r=cnsn,s=c2FsdA==,i=4_096",
        b"r=cnsn,s=c2FsdA==,i=4096.0",
        b"r=cnsn,s=c2FsdA==,i=",
        "r=cnsn,s=c2FsdA==,i=\u0664\u0660\u0669\u0666".encode(),  # Arabic digits
        b"r=cnsn,s=c2FsdA==,i=4095",
        b"r=cnsn,s=c2FsdA==,i=2000001",
        b"r=cnsn,s=c2FsdA==,i=" + b"9" * 10_000,
        GOOD_FIRST + b",x=" + b"y" * sasl.MAX_MESSAGE_SIZE,
        b"e=other-error",
    ],
)
def test_malformed_server_first(message: bytes) -> None:
    client = client_at_first()
    with pytest.raises(sasl.SaslError):
        client.step(message)
    assert not client.complete


def test_optional_extensions_are_ignored() -> None:
    final = client_at_first().step(GOOD_FIRST + b",x=1,Y=\xc3\xa9=")
    assert final.startswith(b"c=biws,r=cnsn,p=")


def test_iteration_bounds_are_arguments() -> None:
    few = sasl.ScramSha256("user", "pencil", nonce="cn", min_iterations=1)
    assert few.step(b"r=cnsn,s=c2FsdA==,i=1").startswith(b"c=biws")
    capped = sasl.ScramSha256("user", "pencil", nonce="cn", max_iterations=4096)
    with pytest.raises(sasl.SaslError, match="between 4096 and 4096"):
        capped.step(b"r=cnsn,s=c2FsdA==,i=4097")


def verifier() -> bytes:
    server = sasl.ScramServer("SHA-256", nonce="sn")
    server.step(b"n,,n=user,r=cn")
    server.answer(sasl.ScramKeys.derive("pencil", "SHA-256", b"salt"))
    step = server.step(client_at_first().step(GOOD_FIRST))
    assert isinstance(step, sasl.Challenge)
    return step.data


def test_server_final() -> None:
    for message in (verifier(), verifier() + b",x=extension"):
        client = client_at_first()
        client.step(GOOD_FIRST)
        assert not client.complete
        assert client.step(message) == b""
        assert client.complete
        with pytest.raises(sasl.SaslError, match="another challenge"):
            client.step(b"")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"v=",
        b"v=AAAA",
        b"v=" + base64.b64encode(bytes(32)),
        b"v=?",
        b"x=1",
        b"m=1,v=AAAA",
        b"e=",
        b"e=invalid-proof",
        b"e=invalid-proof,m=1",
        b"e=a,v=AAAA",
        b"e=\x1b[2J\xe2\x80\xae",
        b"\xff",
    ],
)
def test_wrong_server_final(message: bytes) -> None:
    client = client_at_first()
    client.step(GOOD_FIRST)
    with pytest.raises(sasl.SaslError) as caught:
        client.step(message)
    assert str(caught.value).isprintable()
    assert str(caught.value).isascii()
    assert not client.complete
    with pytest.raises(sasl.SaslError):  # a second try does not help
        client.step(verifier())
    assert not client.complete


def test_server_error_is_named() -> None:
    client = client_at_first()
    client.step(GOOD_FIRST)
    with pytest.raises(sasl.SaslError, match="channel-bindings-dont-match"):
        client.step(b"e=channel-bindings-dont-match")


def test_nonces_are_fresh() -> None:
    assert (
        sasl.ScramSha1("a", "b").initial_response() != sasl.ScramSha1("a", "b").initial_response()
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"nonce": ""},
        {"nonce": "a,b"},
        {"nonce": "a b"},
        {"nonce": "é"},
        {"user": ""},
        {"user": "\0"},
        {"user": "x" * 1025},
        {"user": "\u00ad"},
        {"user": "\ufdfa" * 300},  # short enough, but too long after normalisation
        {"authzid": "\n"},
    ],
)
def test_client_refuses_what_it_cannot_send(arguments: dict[str, str]) -> None:
    user = arguments.get("user", "ann")
    with pytest.raises(sasl.SaslError):
        sasl.ScramSha256(
            user, "x", arguments.get("authzid", ""), nonce=arguments.get("nonce", "cn")
        )


def test_plus_client_needs_a_binding() -> None:
    with pytest.raises(sasl.SaslError, match="channel binding"):
        sasl.ScramSha256Plus("ann", "x")
    with pytest.raises(sasl.SaslError, match="channel binding type"):
        sasl.ScramSha256Plus("ann", "x", channel_binding=sasl.ChannelBinding("a,b", b""))


def test_names_are_query_strings() -> None:
    """Unassigned code points are allowed in names, not in passwords (RFC 5802 2.2 and 5.1)."""
    client = sasl.ScramSha256("\U0001f98a", "x", "\u0221", nonce="cn")
    first = "n,a=\u0221,n=\U0001f98a,r=cn".encode()
    assert client.initial_response() == first
    assert sasl.ScramServer("SHA-256").step(first) == sasl.LookupScramKeys(
        "\U0001f98a", "SHA-256", "\u0221"
    )


@pytest.mark.parametrize("message", [GOOD_FIRST + b",m=1", b"m=1," + GOOD_FIRST])
def test_mandatory_extensions_are_named(message: bytes) -> None:
    with pytest.raises(sasl.SaslError, match="mandatory"):
        client_at_first().step(message)


# What a client may not say


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"n",
        b"n,",
        b"n,,",
        b"x,,n=user,r=cn",
        b"N,,n=user,r=cn",
        b"F,n,,n=user,r=cn",
        b",,n=user,r=cn",
        b"n=user,r=cn",
        b"n,n=user,r=cn",
        b"n,b=ann,n=user,r=cn",
        b"n,a=,n=user,r=cn",
        b"n,a=x=y,n=user,r=cn",
        b"n,a=\0,n=user,r=cn",
        b"n,a=\x07,n=user,r=cn",
        b"p=,,n=user,r=cn",
        b"p=tls_unique,,n=user,r=cn",
        b"p=tls-unique,,n=user,r=cn",  # -PLUS was not chosen
        b"n,,n=,r=cn",
        b"n,,n=user",
        b"n,,r=cn,n=user",
        b"n,,n=user,r=",
        b"n,,n=user,r=c n",
        "n,,n=user,r=é".encode(),
        b"n,,m=ext,n=user,r=cn",
        b"n,,n=user,r=cn,m=ext",
        b"n,,n=user,r=cn,n=root",
        b"n,,n=user,r=cn,x",
        b"n,,n=us=er,r=cn",
        b"n,,n=user=2c,r=cn",
        b"n,,n=user=,r=cn",
        b"n,,n=us\0er,r=cn",
        b"n,,n=us\ner,r=cn",
        b"n,,n=\xff,r=cn",
        b"n,,n=\xc2\xad,r=cn",  # nothing is left of it
        b"n,,n=" + b"u" * 1025 + b",r=cn",
        b"n,,n=user,r=" + b"n" * sasl.MAX_MESSAGE_SIZE,
    ],
)
def test_malformed_client_first(message: bytes) -> None:
    assert isinstance(sasl.ScramServer("SHA-256").step(message), sasl.Rejected)


def test_client_first_is_understood() -> None:
    server = sasl.ScramServer("SHA-256")
    assert server.step(None) == sasl.Challenge(b"")
    assert server.step(b"y,a=b=2Coss,n==3Dann,r=cn,x=1,Y=z") == sasl.LookupScramKeys(
        "=ann", "SHA-256", "b,oss"
    )


def good_final() -> bytes:
    return client_at_first().step(GOOD_FIRST)


def server_at_final() -> sasl.ScramServer:
    server = sasl.ScramServer("SHA-256", nonce="sn")
    server.step(b"n,,n=user,r=cn")
    server.answer(sasl.ScramKeys.derive("pencil", "SHA-256", b"salt"))
    return server


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"c=biws", b"c=eSws"),  # y,,
        (b"c=biws", b"c=biwsAAAA"),  # binding data without binding
        (b"c=biws", b"c=biw"),
        (b"c=biws", b"c="),
        (b"c=biws,", b""),
        (b"r=cnsn", b"r=cn"),
        (b"r=cnsn", b"r=cnsnx"),
        (b"r=cnsn,", b""),
        (b"r=cnsn", b"r=cnsn,m=1"),
        (b"r=cnsn", b"r=cnsn,p=AAAA"),
        (b",p=", b",p=AAAA"),
        (b",p=", b",x="),
        (b",p=", b",p= "),
        (b"c=biws,r=cnsn", b"r=cnsn,c=biws"),
        (b"c=biws", b"c=biws\0"),
        (b"c=biws", b"c=biws\xff"),
    ],
)
def test_malformed_client_final(old: bytes, new: bytes) -> None:
    assert old in good_final()
    step = server_at_final().step(good_final().replace(old, new))
    assert isinstance(step, sasl.Rejected)
    assert step.reason != "the credentials were refused"


@pytest.mark.parametrize("message", [b"", b"p=AAAA", good_final() + b",x=1"])
def test_more_malformed_client_finals(message: bytes) -> None:
    assert isinstance(server_at_final().step(message), sasl.Rejected)


def test_extension_of_client_final_is_signed() -> None:
    tampered = good_final().replace(b",p=", b",x=1,p=")
    assert server_at_final().step(tampered) == sasl.Rejected("the credentials were refused")


def test_client_must_answer_the_signature_with_nothing() -> None:
    server = server_at_final()
    assert isinstance(server.step(good_final()), sasl.Challenge)
    assert isinstance(server.step(b"x"), sasl.Rejected)
