"""The choice of a mechanism."""

import pytest

from mailproto import sasl
from mailproto.errors import LocalProtocolError

PASSWORD = sasl.Credentials("ann", "x")
TOKEN = sasl.Credentials("ann", token="t")
BOTH = sasl.Credentials("ann", "x", "t")
BINDING = sasl.ChannelBinding("tls-exporter", b"exported")
EVERYTHING = (*sasl.DEFAULT_ORDER, "EXTERNAL", "ANONYMOUS", "GSSAPI", "DIGEST-MD5")


@pytest.mark.parametrize(
    ("credentials", "offered", "name"),
    [
        (PASSWORD, "PLAIN LOGIN", "PLAIN"),
        (PASSWORD, "LOGIN", "LOGIN"),
        (PASSWORD, "login plain", "PLAIN"),
        (PASSWORD, "LOGIN PLAIN CRAM-MD5", "CRAM-MD5"),
        (PASSWORD, "PLAIN SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-256"),
        (PASSWORD, " ".join(EVERYTHING), "SCRAM-SHA-512"),
        (TOKEN, " ".join(EVERYTHING), "OAUTHBEARER"),
        (TOKEN, "PLAIN XOAUTH2", "XOAUTH2"),
        (BOTH, "PLAIN XOAUTH2", "XOAUTH2"),
        (BOTH, "PLAIN SCRAM-SHA-1", "SCRAM-SHA-1"),
        (sasl.Credentials("ann", "x", authzid="bob"), "CRAM-MD5 LOGIN PLAIN", "PLAIN"),
        (sasl.Credentials("ann", "x", authzid="ann"), "LOGIN", "LOGIN"),
        (sasl.Credentials("ann", "fox \U0001f98a"), "SCRAM-SHA-256 PLAIN", "PLAIN"),
    ],
)
def test_best_first(credentials: sasl.Credentials, offered: str, name: str) -> None:
    assert sasl.choose(offered.split(), credentials, secure=True).name == name


@pytest.mark.parametrize(
    ("offered", "name"),
    [
        (EVERYTHING, "SCRAM-SHA-512-PLUS"),
        (("SCRAM-SHA-512", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), "SCRAM-SHA-1-PLUS"),
        (("SCRAM-SHA-512", "PLAIN"), "SCRAM-SHA-512"),
    ],
)
def test_channel_binding_first(offered: tuple[str, ...], name: str) -> None:
    client = sasl.choose(offered, PASSWORD, secure=True, channel_bindings=[BINDING])
    assert client.name == name


@pytest.mark.parametrize(
    ("bindings", "offered", "allowed", "header"),
    [
        ([], ["SCRAM-SHA-1"], sasl.DEFAULT_ORDER, b"n,,"),
        ([], ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], sasl.DEFAULT_ORDER, b"n,,"),
        ([BINDING], ["SCRAM-SHA-1"], sasl.DEFAULT_ORDER, b"y,,"),
        ([BINDING], ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], ["SCRAM-SHA-1"], b"n,,"),
        (
            [sasl.ChannelBinding("tls-unique", b""), BINDING],
            ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"],
            sasl.DEFAULT_ORDER,
            b"p=tls-unique,,",
        ),
    ],
)
def test_gs2_flag(
    bindings: list[sasl.ChannelBinding], offered: list[str], allowed: list[str], header: bytes
) -> None:
    """RFC 5802 section 6."""
    client = sasl.choose(offered, PASSWORD, allowed=allowed, secure=True, channel_bindings=bindings)
    first = client.initial_response()
    assert first is not None
    assert first.startswith(header + b"n=ann,r=")


@pytest.mark.parametrize("name", ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"])
def test_plaintext_needs_tls(name: str) -> None:
    with pytest.raises(sasl.SaslError, match="use TLS"):
        sasl.choose([name], BOTH, secure=False)
    assert sasl.choose([name], BOTH, secure=False, allow_plaintext=True).plaintext


@pytest.mark.parametrize("name", [name for name in sasl.DEFAULT_ORDER if name[0] in "SC"])
def test_others_do_not(name: str) -> None:
    client = sasl.choose([name], PASSWORD, secure=False, channel_bindings=[BINDING])
    assert not client.plaintext


def test_the_callers_order_counts() -> None:
    allowed = ["LOGIN", "PLAIN"]
    assert sasl.choose(EVERYTHING, PASSWORD, allowed=allowed, secure=True).name == "LOGIN"


def test_external_and_anonymous_when_asked_for() -> None:
    with pytest.raises(sasl.SaslError):
        sasl.choose(["EXTERNAL", "ANONYMOUS"], sasl.Credentials("ann"), secure=True)
    external = sasl.choose(
        EVERYTHING, sasl.Credentials("", authzid="bob"), allowed=["EXTERNAL"], secure=True
    )
    assert external.initial_response() == b"bob"
    anonymous = sasl.choose(
        EVERYTHING, sasl.Credentials("ann@example.org"), allowed=["ANONYMOUS"], secure=False
    )
    assert anonymous.initial_response() == b"ann@example.org"


def test_details_reach_the_mechanism() -> None:
    client = sasl.choose(
        ["OAUTHBEARER"],
        sasl.Credentials("ann", token="t", authzid="bob"),
        secure=True,
        host="mx.example",
        port=587,
    )
    assert client.initial_response() == (b"n,a=bob,\1host=mx.example\1port=587\1auth=Bearer t\1\1")
    plain = sasl.choose(["PLAIN"], sasl.Credentials("ann", "x", authzid="bob"), secure=True)
    assert plain.initial_response() == b"bob\0ann\0x"
    scram = sasl.choose(["SCRAM-SHA-1"], sasl.Credentials("ann", "x", authzid="bob"), secure=True)
    assert (scram.initial_response() or b"").startswith(b"n,a=bob,n=ann,r=")


@pytest.mark.parametrize(
    ("offered", "credentials", "words"),
    [
        ([], PASSWORD, ["offered: none", "allowed: OAUTHBEARER, XOAUTH2", "TLS"]),
        (["GSSAPI"], PASSWORD, ["offered: GSSAPI;", "allow one"]),
        (["PLAIN"], TOKEN, ["offered: PLAIN;", "PLAIN: needs a password"]),
        (["XOAUTH2"], PASSWORD, ["XOAUTH2: needs a token"]),
        (["SCRAM-SHA-1-PLUS"], PASSWORD, ["needs a channel binding"]),
        (
            ["LOGIN", "CRAM-MD5", "XOAUTH2"],
            sasl.Credentials("ann", "x", "t", authzid="bob"),
            ["authorization identity"],
        ),
        (["X\x1b[2J", "PLA IN", "Ä"], PASSWORD, ["offered: none"]),
    ],
)
def test_the_error_says_what_to_do(
    offered: list[str], credentials: sasl.Credentials, words: list[str]
) -> None:
    with pytest.raises(sasl.SaslError) as caught:
        sasl.choose(offered, credentials, secure=True)
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).isprintable()


def test_nothing_allowed() -> None:
    with pytest.raises(sasl.SaslError, match="allowed: none"):
        sasl.choose(["PLAIN"], PASSWORD, allowed=[], secure=True)


def test_misspelt_mechanism() -> None:
    with pytest.raises(LocalProtocolError, match="SCRAM-SHA256"):
        sasl.choose(["PLAIN"], PASSWORD, allowed=["SCRAM-SHA256", "PLAIN"], secure=True)
