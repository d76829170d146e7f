"""Authenticators, the registry of server mechanisms, and that secrets stay out of repr."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mailproto import sasl

from .conftest import Talk

Run: TypeAlias = Callable[[Coroutine[Any, Any, Any]], Any]
BINDING = sasl.ChannelBinding("tls-exporter", b"exported")


def test_mechanisms_follow_from_what_is_given() -> None:
    make = sasl.PasswordAuthenticator
    assert make({}).mechanisms == ()
    assert make({}, tokens={"ann": "t"}).mechanisms == ("OAUTHBEARER", "XOAUTH2")
    assert make({"ann": "x"}).mechanisms == (
        *("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"),
    )
    assert make({"ann": "x"}, mechanisms=["CRAM-MD5"]).mechanisms == ("CRAM-MD5",)


def test_keys_are_derived_once(result: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    store = sasl.PasswordAuthenticator({"ann": "x"}, iterations=5000)
    keys = result(store.scram_keys("ann", "SHA-256"))
    assert keys.verify("x", "SHA-256")
    assert keys.iterations == 5000
    assert result(store.scram_keys("ann", "SHA-256")) is keys
    assert result(store.scram_keys("ann", "SHA-1")).verify("x", "SHA-1")


def test_unknown_users_have_the_same_iteration_count(result: Run) -> None:
    store = sasl.PasswordAuthenticator({"ann": "x"}, iterations=5000)
    fake = result(store.scram_keys("eve", "SHA-256"))
    assert fake.iterations == 5000
    assert fake == result(store.scram_keys("eve", "SHA-256"))


@pytest.mark.parametrize(
    ("user", "password", "same"),
    [("ann", "x", True), ("ann", "xx", False), ("ann", "", False), ("eve", "", False)],
)
def test_passwords(result: Run, user: str, password: str, same: bool) -> None:
    store = sasl.PasswordAuthenticator({"ann": "x"})
    assert result(store.check_password(user, password, "")) is same


@pytest.mark.parametrize("user", ["ann", "eve", ""])
@pytest.mark.parametrize("token", ["", "t", "\ud800"])
def test_tokens(result: Run, user: str, token: str) -> None:
    store = sasl.PasswordAuthenticator({}, tokens={"ann": "t"})
    expected = {("ann", "t"): True, ("", "t"): "ann"}
    assert result(store.check_token(user, token)) == expected.get((user, token), False)


@pytest.mark.parametrize(
    "passwords", [{"": "x"}, {"ann": ""}, {"a\0": "x"}, {"ann": "\U0001f98a"}], ids=repr
)
def test_unpermitted_names_and_passwords(passwords: dict[str, str]) -> None:
    with pytest.raises(sasl.SaslError):
        sasl.PasswordAuthenticator(passwords)


class Recorder(sasl.Authenticator):
    """Tells which method was called with what."""

    async def check_password(self, user: str, password: str, authzid: str) -> str:
        return f"check_password {user} {password} {authzid}"

    async def get_password(self, user: str) -> str:
        return f"get_password {user}"

    async def check_token(self, user: str, token: str) -> str:
        return f"check_token {user} {token}"

    async def check_external(self, authzid: str, certificate: bytes | None) -> str:
        return f"check_external {authzid} {certificate!r}"

    async def check_anonymous(self, trace: str) -> str:
        return f"check_anonymous {trace}"


@pytest.mark.parametrize(
    ("query", "called"),
    [
        (sasl.CheckPassword("ann", "x", "ann"), "check_password ann x ann"),
        (sasl.CheckPassword("ann", "x", "bob"), False),
        (sasl.LookupPassword("ann"), "get_password ann"),
        (sasl.LookupScramKeys("ann", "SHA-1"), None),
        (sasl.CheckToken("ann", "t"), "check_token ann t"),
        (sasl.CheckExternal("ann"), "check_external ann b'DER'"),
        (sasl.CheckAnonymous("hi"), "check_anonymous hi"),
    ],
    ids=repr,
)
def test_each_query_has_its_method(result: Run, query: sasl.Query, called: object) -> None:
    assert result(Recorder().answer(query, certificate=b"DER")) == called


# The registry


@pytest.mark.parametrize("name", [*sasl.DEFAULT_ORDER, "EXTERNAL", "ANONYMOUS"])
def test_every_mechanism_has_a_server(name: str) -> None:
    server = sasl.server_mechanism(name.lower(), channel_bindings=[BINDING])
    assert server is not None
    assert server.name == name
    client = sasl.choose(
        [name],
        sasl.Credentials("ann", "x", "t"),
        allowed=[name],
        secure=True,
        channel_bindings=[BINDING],
    )
    assert server.plaintext == client.plaintext


@pytest.mark.parametrize("name", ["", "GSSAPI", "SCRAM-SHA-256-PLUS", "SCRAM-MD5", "PLAIN "])
def test_unknown_mechanisms(name: str) -> None:
    assert sasl.server_mechanism(name) is None


def test_advertised() -> None:
    names = ("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "XOAUTH2", "NONSENSE")
    safe = ("SCRAM-SHA-256", "CRAM-MD5")
    everything = (*safe, "PLAIN", "XOAUTH2")
    assert sasl.advertised(names, secure=False) == safe
    assert sasl.advertised(names, secure=False, allow_plaintext=True) == everything
    assert sasl.advertised(names, secure=True) == everything
    assert sasl.advertised(names, secure=True, channel_bindings=[BINDING]) == (
        "SCRAM-SHA-256-PLUS",
        *everything,
    )


# Secrets

SECRET = "tr0ub4dor"
VALUES = [
    sasl.Credentials("ann", SECRET, SECRET),
    sasl.ChannelBinding("tls-exporter", SECRET.encode()),
    sasl.Challenge(SECRET.encode()),
    sasl.CheckPassword("ann", SECRET),
    sasl.CheckToken("ann", SECRET),
    sasl.ScramKeys(b"salt", 4096, SECRET.encode(), SECRET.encode()),
    sasl.Plain("ann", SECRET),
    sasl.Login("ann", SECRET),
    sasl.CramMd5("ann", SECRET),
    sasl.ScramSha256("ann", SECRET),
    sasl.XOAuth2("ann", SECRET),
    sasl.OAuthBearer("ann", SECRET),
    sasl.PasswordAuthenticator({"ann": SECRET}, tokens={"ann": SECRET}),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_no_secret_in_repr(value: object) -> None:
    assert SECRET not in repr(value)
    assert SECRET not in str(value)


@pytest.mark.parametrize(
    "make",
    [
        lambda secret: sasl.Plain("ann", secret),
        lambda secret: sasl.ScramSha256("ann", secret),
        lambda secret: sasl.XOAuth2("ann", secret),
        lambda secret: sasl.PasswordAuthenticator({"ann": secret}),
    ],
)
def test_no_secret_in_errors(make: Callable[[str], object]) -> None:
    with pytest.raises(sasl.SaslError) as caught:
        make(SECRET + "\0")
    assert SECRET not in str(caught.value)


# The guide


def test_guide(talk: Talk, result: Run) -> None:
    """The code of docs/sasl.md runs, and its database authenticator works."""
    guide = Path(__file__).parents[2] / "docs" / "sasl.md"
    blocks = guide.read_text(encoding="utf-8").split("```python\n")[1:]
    names: dict[str, Any] = {"__name__": "guide"}
    exec("\n".join(block.partition("```")[0] for block in blocks), names)
    for make in (sasl.ScramSha256, sasl.Plain):
        right = result(names["authenticate"](make("ann", "correct horse")))
        assert right == sasl.Authenticated("ann")
        for user, password in (("ann", "wrong"), ("eve", "correct horse")):
            refused = result(names["authenticate"](make(user, password)))
            assert refused == sasl.Rejected("the credentials were refused")
    sha_1 = sasl.ScramSha1("ann", "correct horse"), sasl.ScramServer("SHA-1")
    assert isinstance(talk(*sha_1, names["authenticator"]), sasl.Rejected)
    names["database"].close()
