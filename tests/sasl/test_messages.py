"""Bad messages, bad order of calls, and arbitrary bytes: only documented outcomes."""

import hmac
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailproto import sasl
from mailproto.errors import LocalProtocolError

BINDING = sasl.ChannelBinding("tls-exporter", b"exported")
TOO_LONG = b"x" * (sasl.MAX_MESSAGE_SIZE + 1)
LONG_TEXT = b"x" * (sasl.MAX_TEXT_SIZE + 1)

SERVERS = [
    *(name for name in sasl.DEFAULT_ORDER),
    "EXTERNAL",
    "ANONYMOUS",
]


def server_for(name: str) -> sasl.ServerMechanism:
    server = sasl.server_mechanism(name, channel_bindings=[BINDING])
    assert server is not None
    return server


# One message of the client, malformed

MALFORMED = [
    *(
        ("PLAIN", message)
        for message in (
            b"",
            b"\0",
            b"\0\0",
            b"ann\0x",
            b"\0ann\0",
            b"\0\0x",
            b"\0ann\0x\0",
            b"\0ann\0x\0\0",
            b"\0\xff\0x",
            b"\0ann\0\xed\xa0\x80",
            b"\0a\x07nn\0x",
            b"\0ann\0x\n",
            b"\0\xc2\xad\0x",
            b"\n\0ann\0x",
            b"\0" + LONG_TEXT + b"\0x",
            b"\0ann\0" + LONG_TEXT,
            LONG_TEXT + b"\0ann\0x",
        )
    ),
    *(("LOGIN", message) for message in (b"", b"\xff", b"a\0b", b"a\n", LONG_TEXT)),
    *(
        ("XOAUTH2", message)
        for message in (
            b"",
            b"\1",
            b"user=ann\1\1",
            b"user=ann\1auth=Bearer t\1",
            b"user=ann\1auth=Bearer t\1\1\1",
            b"user=ann\1auth=Basic t\1\1",
            b"user=ann\1auth=Bearer t t\1\1",
            b"user=ann\1auth=Bearer \xc3\xa9\1\1",
            b"user=\1auth=Bearer t\1\1",
            b"user=\xff\1auth=Bearer t\1\1",
            b"user=a\0b\1auth=Bearer t\1\1",
            b"user=" + LONG_TEXT + b"\1auth=Bearer t\1\1",
            b"auth=Bearer t\1user=ann\1\1",
        )
    ),
    *(
        ("OAUTHBEARER", message)
        for message in (
            b"",
            b"\1",
            b"n,,\1",
            b"n,,\1\1",  # no auth
            b"n,,\1auth=Bearer t\1",
            b"n,,auth=Bearer t\1\1",
            b"n,,\1auth=Bearer t\1\1\1",
            b"n,a=,\1auth=Bearer t\1\1",
            b"n,a=x=y,\1auth=Bearer t\1\1",
            b"n,a=\xff,\1auth=Bearer t\1\1",
            b"n,a=" + LONG_TEXT + b",\1auth=Bearer t\1\1",
            b"p=tls-exporter,,\1auth=Bearer t\1\1",
            b"n,,\1auth=Basic t\1\1",
            b"n,,\1auth=Bearert\1\1",
            b"n,,\1auth=Bearer t\1auth=Bearer u\1\1",
            b"n,,\1host=a\1host=b\1auth=Bearer t\1\1",
            b"n,,\1port=0\1auth=Bearer t\1\1",
            b"n,,\1port=0143\1auth=Bearer t\1\1",
            b"n,,\1port=1e3\1auth=Bearer t\1\1",
            b"n,,\1port=65536\1auth=Bearer t\1\1",
            b"n,,\1port=999999\1auth=Bearer t\1\1",
            b"n,,\1port=\1auth=Bearer t\1\1",
            "n,,\1port=\u0661\1auth=Bearer t\1\1".encode(),
            b"n,,\1x1=\1auth=Bearer t\1\1",
            b"n,,\1=x\1auth=Bearer t\1\1",
            b"n,,\1x\1auth=Bearer t\1\1",
            b"n,,\1x=\x02\1auth=Bearer t\1\1",
        )
    ),
    *(("EXTERNAL", message) for message in (b"a\0b", b"\xff", b"a\n", b"\xc2\xad", LONG_TEXT)),
    *(("ANONYMOUS", message) for message in (b"\xff", b"a\n", b"x" * 256, b"@" * 1025)),
    *((name, TOO_LONG) for name in SERVERS),
    ("CRAM-MD5", b"ann 0123456789abcdef0123456789abcdef"),  # has no initial response
]


@pytest.mark.parametrize(("name", "message"), MALFORMED, ids=lambda value: repr(value)[:50])
def test_malformed_initial_response(name: str, message: bytes) -> None:
    server = server_for(name)
    assert isinstance(server.step(message), sasl.Rejected)
    with pytest.raises(LocalProtocolError):
        server.step(b"")
    with pytest.raises(LocalProtocolError):
        server.answer(True)


@pytest.mark.parametrize(("name", "message"), MALFORMED, ids=lambda value: repr(value)[:50])
def test_malformed_later_response(name: str, message: bytes) -> None:
    if name == "CRAM-MD5" and message != TOO_LONG:
        return
    server = server_for(name)
    assert isinstance(server.step(None), sasl.Challenge)
    assert isinstance(server.step(message), sasl.Rejected)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"ann",
        b" " + b"0" * 32,
        b"ann " + b"0" * 31,
        b"ann " + b"0" * 33,
        b"ann " + b"A" * 32,
        b"ann" + b"0" * 32,
        b"ann " + b"0" * 32 + b"\n",
        b"a\nn " + b"0" * 32,
        b"\xff " + b"0" * 32,
        b"ann " + "\u0660".encode() * 32,
        LONG_TEXT + b" " + b"0" * 32,
    ],
)
def test_malformed_cram_md5_response(message: bytes) -> None:
    server = sasl.CramMd5Server()
    server.step(None)
    assert isinstance(server.step(message), sasl.Rejected)


def test_malformed_login_password() -> None:
    for message in (b"", b"\xff", b"a\0", LONG_TEXT, TOO_LONG):
        server = sasl.LoginServer()
        assert server.step(b"ann") == sasl.Challenge(b"Password:")
        assert isinstance(server.step(message), sasl.Rejected)


def test_lenient_where_rfc_7628_is() -> None:
    """Scheme names in any case (section 4), unknown keys ignored (3.1), "y" as GS2 flag."""
    server = sasl.OAuthBearerServer()
    message = b"y,,\1qs=a=b\1Auth=no\1auth=bEaReR t\1\1"
    assert server.step(message) == sasl.CheckToken("", "t")


def test_a_nameless_token_needs_an_identity() -> None:
    server = sasl.OAuthBearerServer()
    server.step(b"n,,\1auth=Bearer t\1\1")
    assert isinstance(server.answer(True), sasl.Challenge)
    server = sasl.OAuthBearerServer()
    server.step(b"n,,\1auth=Bearer t\1\1")
    assert server.answer("ann") == sasl.Authenticated("ann")


@pytest.mark.parametrize("verdict", [False, "", None])
def test_every_falsy_verdict_refuses(verdict: bool | str | None) -> None:
    server = sasl.PlainServer()
    server.step(b"\0ann\0x")
    assert server.answer(verdict) == sasl.Rejected("the credentials were refused")


def test_a_verdict_can_rename_the_user() -> None:
    server = sasl.PlainServer()
    server.step(b"boss\0ann\0x")
    assert server.answer("ann@example.org") == sasl.Authenticated("ann@example.org", "boss")


def test_cram_md5_user_with_spaces() -> None:
    client, server = sasl.CramMd5("ann b c", "x"), sasl.CramMd5Server("mx.example")
    challenge = server.step(None)
    assert isinstance(challenge, sasl.Challenge)
    assert challenge.data.startswith(b"<")
    assert challenge.data.endswith(b"@mx.example>")
    assert challenge != sasl.CramMd5Server("mx.example").step(None)
    assert server.step(client.step(challenge.data)) == sasl.LookupPassword("ann b c")
    assert server.answer("x") == sasl.Authenticated("ann b c")


@pytest.mark.parametrize("stored", [None, ""])
def test_cram_md5_without_a_stored_password(stored: str | None) -> None:
    """An empty stored password must not let in who computes with an empty one."""
    server = sasl.CramMd5Server(challenge=b"<c>")
    server.step(None)
    server.step(b"ann " + hmac.digest(b"", b"<c>", "md5").hex().encode())
    assert server.answer(stored) == sasl.Rejected("the credentials were refused")


def test_cram_md5_under_fips(monkeypatch: pytest.MonkeyPatch) -> None:
    server = sasl.CramMd5Server(challenge=b"<c>")
    server.step(None)
    server.step(b"ann " + b"0" * 32)

    def refuse(*arguments: object) -> bytes:
        raise ValueError("disabled by policy")

    monkeypatch.setattr(hmac, "digest", refuse)
    with pytest.raises(sasl.SaslError, match="MD5"):
        sasl.CramMd5("ann", "x")
    assert isinstance(server.answer("x"), sasl.Rejected)
    chosen = sasl.choose(["CRAM-MD5", "PLAIN"], sasl.Credentials("ann", "x"), secure=True)
    assert chosen.name == "PLAIN"


# The order of calls


@pytest.mark.parametrize("name", SERVERS)
def test_calls_out_of_order(name: str) -> None:
    server = server_for(name)
    with pytest.raises(LocalProtocolError):
        server.answer(True)
    assert isinstance(server.step(None), sasl.Challenge)
    with pytest.raises(LocalProtocolError):
        server.answer(True)
    with pytest.raises(LocalProtocolError):
        server.step(None)
    assert isinstance(server.step(b"\xff"), sasl.Rejected)


def test_no_response_while_a_query_is_open() -> None:
    server = sasl.PlainServer()
    assert isinstance(server.step(b"\0ann\0x"), sasl.CheckPassword)
    with pytest.raises(LocalProtocolError):
        server.step(b"")
    assert server.answer(True) == sasl.Authenticated("ann")
    with pytest.raises(LocalProtocolError):
        server.answer(True)


# What clients refuse to send, and to hear

UNSENDABLE: list[Callable[[], sasl.ClientMechanism]] = [
    lambda: sasl.Plain("", "x"),
    lambda: sasl.Plain("ann", ""),
    lambda: sasl.Plain("a\0b", "x"),
    lambda: sasl.Plain("ann", "x\0"),
    lambda: sasl.Plain("ann", "x", "\0"),
    lambda: sasl.Plain("ann", "\ud800"),
    lambda: sasl.Plain("ann", "x" * 1025),
    lambda: sasl.Login("ann\r", "x"),
    lambda: sasl.Login("ann", "x\n"),
    lambda: sasl.Login("", "x"),
    lambda: sasl.CramMd5("", "x"),
    lambda: sasl.CramMd5("ann", ""),
    lambda: sasl.XOAuth2("", "t"),
    lambda: sasl.XOAuth2("a\1b", "t"),
    lambda: sasl.XOAuth2("ann", ""),
    lambda: sasl.XOAuth2("ann", "t t"),
    lambda: sasl.XOAuth2("ann", "t\1"),
    lambda: sasl.OAuthBearer("ann", "t\r\n"),
    lambda: sasl.OAuthBearer("ann", "é"),
    lambda: sasl.OAuthBearer("ann", "t", host="a\1b"),
    lambda: sasl.OAuthBearer("ann", "t", host=""),
    lambda: sasl.OAuthBearer("ann", "t", port=0),
    lambda: sasl.OAuthBearer("ann", "t", port=65_536),
    lambda: sasl.OAuthBearer("a\0b", "t"),
    lambda: sasl.OAuthBearer("a\1b", "t"),
    lambda: sasl.External("\0"),
    lambda: sasl.External("x" * 1025),
    lambda: sasl.Anonymous("a\n"),
    lambda: sasl.Anonymous("x" * 256),
    lambda: sasl.Anonymous("\U0001f98a" * 250 + "@" * 50),
]


@pytest.mark.parametrize("make", UNSENDABLE)
def test_unsendable(make: Callable[[], sasl.ClientMechanism]) -> None:
    with pytest.raises(sasl.SaslError):
        make()


CLIENTS: list[Callable[[], sasl.ClientMechanism]] = [
    lambda: sasl.Plain("ann", "x"),
    lambda: sasl.Login("ann", "x"),
    lambda: sasl.CramMd5("ann", "x"),
    lambda: sasl.ScramSha1("ann", "x", nonce="cn"),
    lambda: sasl.ScramSha256("ann", "x", nonce="cn"),
    lambda: sasl.ScramSha512Plus("ann", "x", nonce="cn", channel_binding=BINDING),
    lambda: sasl.XOAuth2("ann", "t"),
    lambda: sasl.OAuthBearer("ann", "t"),
    lambda: sasl.External("ann"),
    lambda: sasl.Anonymous("ann"),
]


@pytest.mark.parametrize("make", CLIENTS)
def test_endless_challenges_end(make: Callable[[], sasl.ClientMechanism]) -> None:
    client = make()
    assert not client.complete
    client.initial_response()
    for taken in range(3):
        try:
            client.step(b"")
        except sasl.SaslError:
            return
        assert taken < 2


@pytest.mark.parametrize("make", CLIENTS)
def test_overlong_challenge(make: Callable[[], sasl.ClientMechanism]) -> None:
    client = make()
    client.initial_response()
    with pytest.raises(sasl.SaslError):
        client.step(TOO_LONG)


# Arbitrary bytes

WIRE = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            [
                *(b"n,", b"y,", b"p=tls-exporter,", b",", b"a=ann,", b"n=ann", b"r=cn", b"r=cnsn"),
                *(b"m=1", b"s=c2FsdA==", b"i=4096", b"i=1", b"c=biws", b"p=AAAA", b"v=AAAA"),
                *(b"e=other-error", b"\0", b"\1", b"ann", b"user=ann\1", b"auth=Bearer t\1"),
                *(b"port=1\1", b" ", b"0" * 32, b"\xff", b"\xc3\xa9"),
            ]
        ),
        max_size=10,
    ).map(b"".join),
)
ANSWERS = st.sampled_from([True, False, "bob", ""])
KEYS = sasl.ScramKeys.derive("x", "SHA-1", b"salt", 1)


@settings(deadline=None)
@given(
    name=st.sampled_from(SERVERS),
    first=st.none() | WIRE,
    rest=st.lists(WIRE, max_size=4),
    verdict=ANSWERS,
)
def test_servers_survive_anything(
    name: str, first: bytes | None, rest: list[bytes], verdict: bool | str
) -> None:
    server = server_for(name)
    step = server.step(first)
    for response in rest:
        if isinstance(step, sasl.Challenge):
            step = server.step(response)
        elif isinstance(step, sasl.LookupPassword):
            step = server.answer("x")
        elif isinstance(step, sasl.LookupScramKeys):
            step = server.answer(KEYS)
        elif isinstance(step, sasl.Authenticated | sasl.Rejected):
            break
        else:
            step = server.answer(verdict)
            assert not isinstance(step, sasl.Authenticated) or verdict
    assert isinstance(step, sasl.ServerStep)


@settings(deadline=None)
@given(make=st.sampled_from(CLIENTS), challenges=st.lists(WIRE, max_size=4))
def test_clients_survive_anything(
    make: Callable[[], sasl.ClientMechanism], challenges: list[bytes]
) -> None:
    client = make()
    client.initial_response()
    for challenge in challenges:
        try:
            assert isinstance(client.step(challenge), bytes)
        except sasl.SaslError:
            break
    if isinstance(client, sasl.ScramClient):
        assert not client.complete
