"""Every client mechanism against its server mechanism, through an Authenticator."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailproto import sasl

from .conftest import Talk

EXPORTER = sasl.ChannelBinding("tls-exporter", b"exported")
END_POINT = sasl.ChannelBinding("tls-server-end-point", b"certificate hash")
BINDINGS = [END_POINT, EXPORTER]
PASSWORD_MECHANISMS = [
    name for name in sasl.DEFAULT_ORDER if name not in ("OAUTHBEARER", "XOAUTH2")
]
WITH_AUTHZID = [name for name in PASSWORD_MECHANISMS if name not in ("LOGIN", "CRAM-MD5")]
TOKEN_MECHANISMS = ["OAUTHBEARER", "XOAUTH2"]
SCRAM = ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"]

USERS = sasl.PasswordAuthenticator(
    {"ann": "correct horse", "a=b,c": "x", "Jürgen": "½ naïve"}, tokens={"ann": "ya29.token"}
)


class Deputies(sasl.PasswordAuthenticator):
    async def authorize(self, user: str, authzid: str) -> bool:
        return (user, authzid) == ("ann", "boss")


def client_for(name: str, credentials: sasl.Credentials) -> sasl.ClientMechanism:
    return sasl.choose(
        [name], credentials, allowed=[name], secure=True, channel_bindings=[EXPORTER]
    )


def server_for(name: str) -> sasl.ServerMechanism | None:
    return sasl.server_mechanism(name, channel_bindings=BINDINGS)


@pytest.mark.parametrize("name", PASSWORD_MECHANISMS)
@pytest.mark.parametrize(
    ("user", "password"), [("ann", "correct horse"), ("a=b,c", "x"), ("Jürgen", "½ naïve")]
)
def test_right_password(talk: Talk, name: str, user: str, password: str) -> None:
    client = client_for(name, sasl.Credentials(user, password))
    assert client.name == name
    assert talk(client, server_for(name), USERS) == sasl.Authenticated(user)
    assert client.complete


@pytest.mark.parametrize("name", PASSWORD_MECHANISMS)
def test_wrong_password_and_unknown_user_look_alike(talk: Talk, name: str) -> None:
    wrong = talk(client_for(name, sasl.Credentials("ann", "wrong")), server_for(name), USERS)
    unknown = talk(client_for(name, sasl.Credentials("eve", "wrong")), server_for(name), USERS)
    assert wrong == unknown
    assert isinstance(wrong, sasl.Rejected)
    assert "ann" not in wrong.reason


@pytest.mark.parametrize("name", [name for name in PASSWORD_MECHANISMS if name != "CRAM-MD5"])
def test_equivalent_spellings(talk: Talk, name: str) -> None:
    """SASLprep makes them one: decomposed letters, a soft hyphen, a fraction."""
    credentials = sasl.Credentials("Ju\u0308r\u00adgen", "1\u20442 nai\u0308ve")
    assert talk(client_for(name, credentials), server_for(name), USERS) == sasl.Authenticated(
        "Jürgen"
    )


@pytest.mark.parametrize("name", WITH_AUTHZID)
def test_acting_as_somebody_else(talk: Talk, name: str) -> None:
    store = Deputies({"ann": "x", "bob": "x"})
    ann = sasl.Credentials("ann", "x", authzid="boss")
    assert talk(client_for(name, ann), server_for(name), store) == sasl.Authenticated("ann", "boss")
    bob = sasl.Credentials("bob", "x", authzid="boss")
    assert isinstance(talk(client_for(name, bob), server_for(name), store), sasl.Rejected)


@pytest.mark.parametrize("name", WITH_AUTHZID)
def test_by_default_one_acts_only_as_oneself(talk: Talk, name: str) -> None:
    as_ann = sasl.Credentials("ann", "correct horse", authzid="ann")
    assert talk(client_for(name, as_ann), server_for(name), USERS) == sasl.Authenticated(
        "ann", "ann"
    )
    as_bob = sasl.Credentials("ann", "correct horse", authzid="bob")
    assert isinstance(talk(client_for(name, as_bob), server_for(name), USERS), sasl.Rejected)


@pytest.mark.parametrize("name", TOKEN_MECHANISMS)
def test_tokens(talk: Talk, name: str) -> None:
    right = client_for(name, sasl.Credentials("ann", token="ya29.token"))
    assert talk(right, server_for(name), USERS) == sasl.Authenticated("ann")
    assert right.complete

    for user, token in [("ann", "other"), ("eve", "ya29.token")]:
        client = client_for(name, sasl.Credentials(user, token=token))
        assert isinstance(talk(client, server_for(name), USERS), sasl.Rejected)
        assert isinstance(client, sasl.XOAuth2 | sasl.OAuthBearer)
        assert client.error is not None
        assert not client.complete


def test_token_identifies_its_owner(talk: Talk) -> None:
    server = sasl.OAuthBearerServer
    assert talk(sasl.OAuthBearer("", "ya29.token"), server(), USERS) == sasl.Authenticated("ann")
    assert isinstance(talk(sasl.OAuthBearer("", "other"), server(), USERS), sasl.Rejected)


def test_oauthbearer_names_are_escaped(talk: Talk) -> None:
    store = sasl.PasswordAuthenticator({}, tokens={"a=b,c": "t"})
    client = sasl.OAuthBearer("a=b,c", "t")
    assert talk(client, sasl.OAuthBearerServer(), store) == sasl.Authenticated("a=b,c")


class Open(sasl.Authenticator):
    async def check_external(self, authzid: str, certificate: bytes | None) -> bool | str:
        return authzid == "ann" or (not authzid and "derived")

    async def check_anonymous(self, trace: str) -> bool:
        return trace != "spammer@example.org"


@pytest.mark.parametrize(
    ("authzid", "outcome"),
    [
        ("ann", sasl.Authenticated("ann", "ann")),
        ("", sasl.Authenticated("derived")),
        ("bob", sasl.Rejected("the credentials were refused")),
    ],
)
def test_external(talk: Talk, authzid: str, outcome: sasl.ServerStep) -> None:
    assert talk(sasl.External(authzid), sasl.ExternalServer(), Open()) == outcome


@pytest.mark.parametrize("trace", ["", "sirhc", "ann@example.org", "ü" * 255])
def test_anonymous(talk: Talk, trace: str) -> None:
    client = sasl.Anonymous(trace)
    assert talk(client, sasl.AnonymousServer(), Open()) == sasl.Authenticated("anonymous")


def test_anonymous_can_be_refused(talk: Talk) -> None:
    client = sasl.Anonymous("spammer@example.org")
    assert isinstance(talk(client, sasl.AnonymousServer(), Open()), sasl.Rejected)


@pytest.mark.parametrize(
    "client",
    [
        sasl.Plain("ann", "x"),
        sasl.Login("ann", "x"),
        sasl.CramMd5("ann", "x"),
        sasl.ScramSha256("ann", "x"),
        sasl.XOAuth2("ann", "x"),
        sasl.OAuthBearer("ann", "x"),
        sasl.External("ann"),
        sasl.External(),
        sasl.Anonymous("ann"),
    ],
    ids=lambda client: client.name,
)
def test_an_authenticator_refuses_by_default(talk: Talk, client: sasl.ClientMechanism) -> None:
    outcome = talk(client, sasl.server_mechanism(client.name), sasl.Authenticator())
    assert outcome == sasl.Rejected("the credentials were refused")


# Channel binding (RFC 5802 section 6)

PLUS_CLIENTS = [sasl.ScramSha1Plus, sasl.ScramSha256Plus, sasl.ScramSha512Plus]


@pytest.mark.parametrize("make", PLUS_CLIENTS)
@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding.type)
def test_right_binding(
    talk: Talk, make: type[sasl.ScramClient], binding: sasl.ChannelBinding
) -> None:
    client = make("ann", "correct horse", channel_binding=binding)
    assert talk(client, server_for(client.name), USERS) == sasl.Authenticated("ann")


@pytest.mark.parametrize("make", PLUS_CLIENTS)
def test_wrong_binding_data(talk: Talk, make: type[sasl.ScramClient]) -> None:
    """A man in the middle has another TLS connection to each side."""
    other = sasl.ChannelBinding("tls-exporter", b"other")
    client = make("ann", "correct horse", channel_binding=other)
    outcome = talk(client, server_for(client.name), USERS)
    assert outcome == sasl.Rejected("the channel bindings do not match")


def test_binding_type_that_the_server_lacks(talk: Talk) -> None:
    unique = sasl.ChannelBinding("tls-unique", b"exported")
    client = sasl.ScramSha256Plus("ann", "correct horse", channel_binding=unique)
    outcome = talk(client, server_for(client.name), USERS)
    assert outcome == sasl.Rejected("the client's channel binding type is not available")


@pytest.mark.parametrize("hash_name", ["SHA-1", "SHA-256", "SHA-512"])
def test_downgrade_is_detected(talk: Talk, hash_name: str) -> None:
    """An attacker hid -PLUS from a client that could have used it."""
    name = f"SCRAM-{hash_name}"
    client = sasl.choose(
        [name], sasl.Credentials("ann", "correct horse"), secure=True, channel_bindings=BINDINGS
    )
    first = client.initial_response()
    assert first is not None
    assert first.startswith(b"y,,")
    outcome = talk(client, sasl.server_mechanism(name, plus_offered=True), USERS)
    assert isinstance(outcome, sasl.Rejected)
    assert "downgrade" in outcome.reason


@pytest.mark.parametrize("name", SCRAM)
def test_no_downgrade_without_binding_on_the_server(talk: Talk, name: str) -> None:
    client = client_for(name, sasl.Credentials("ann", "correct horse"))
    outcome = talk(client, sasl.server_mechanism(name), USERS)
    assert outcome == sasl.Authenticated("ann")


@pytest.mark.parametrize("name", SCRAM)
def test_clients_without_binding_are_served_where_plus_is_offered(talk: Talk, name: str) -> None:
    client = sasl.choose([name], sasl.Credentials("ann", "correct horse"), secure=True)
    server = sasl.server_mechanism(name, channel_bindings=BINDINGS, plus_offered=True)
    assert talk(client, server, USERS) == sasl.Authenticated("ann")


def test_flag_and_mechanism_name_must_fit(talk: Talk) -> None:
    bound = sasl.ScramSha256Plus("ann", "correct horse", channel_binding=EXPORTER)
    assert isinstance(talk(bound, sasl.ScramServer("SHA-256"), USERS), sasl.Rejected)
    unbound = sasl.ScramSha256("ann", "correct horse")
    assert isinstance(talk(unbound, server_for("SCRAM-SHA-256-PLUS"), USERS), sasl.Rejected)


# Any name and password

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(user=TEXT, password=TEXT, name=st.sampled_from(PASSWORD_MECHANISMS))
@example(user="=2C,=3D", password="a\u00a0b", name="SCRAM-SHA-256")
@example(user="\u0627b\u0627", password="x", name="PLAIN")
def test_any_text_authenticates_or_is_refused_locally(
    talk: Talk, user: str, password: str, name: str
) -> None:
    make: Callable[[], sasl.ClientMechanism] = lambda: client_for(  # noqa: E731
        name, sasl.Credentials(user, password)
    )
    try:
        store = sasl.PasswordAuthenticator({user: password})
    except sasl.SaslError:
        return  # not a permitted name or password
    assert talk(make(), server_for(name), store) == sasl.Authenticated(
        sasl.saslprep(user, allow_unassigned=True)
    )
