"""Which mechanism a client uses: the first allowed one that is offered and can be served."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from mailproto._value import value
from mailproto.errors import LocalProtocolError
from mailproto.sasl._interface import ChannelBinding, ClientMechanism, Credentials, SaslError
from mailproto.sasl.anonymous import Anonymous
from mailproto.sasl.cram_md5 import CramMd5
from mailproto.sasl.external import External
from mailproto.sasl.login import Login
from mailproto.sasl.oauth import OAuthBearer, XOAuth2
from mailproto.sasl.plain import Plain
from mailproto.sasl.scram_client import (
    ScramSha1,
    ScramSha1Plus,
    ScramSha256,
    ScramSha256Plus,
    ScramSha512,
    ScramSha512Plus,
)

__all__ = ["DEFAULT_ORDER", "choose"]

DEFAULT_ORDER: Final = (
    "OAUTHBEARER",
    "XOAUTH2",
    "SCRAM-SHA-512-PLUS",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-512",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1",
    "CRAM-MD5",
    "PLAIN",
    "LOGIN",
)
"""Strongest first. The OAuth ones need a token. EXTERNAL and ANONYMOUS are only used when
asked for, as they ignore what user and password say."""

_NAME: Final = re.compile("[A-Z0-9_-]{1,20}")  # RFC 4422 3.1
_SCRAM_PLUS: Final = re.compile("SCRAM-.*-PLUS")


@value
class _Situation:
    """What a mechanism is made from."""

    credentials: Credentials
    channel_bindings: Sequence[ChannelBinding]
    plus_offered: bool
    host: str | None
    port: int | None


def _password(credentials: Credentials) -> str:
    if credentials.password is None:
        raise SaslError("needs a password")
    return credentials.password


def _token(credentials: Credentials) -> str:
    if credentials.token is None:
        raise SaslError("needs a token")
    return credentials.token


def _no_authzid(credentials: Credentials) -> None:
    if credentials.authzid not in ("", credentials.user):
        raise SaslError("cannot carry an authorization identity")


def _plain(given: _Situation) -> ClientMechanism:
    login = given.credentials
    return Plain(login.user, _password(login), login.authzid)


def _login(given: _Situation) -> ClientMechanism:
    _no_authzid(given.credentials)
    return Login(given.credentials.user, _password(given.credentials))


def _cram_md5(given: _Situation) -> ClientMechanism:
    _no_authzid(given.credentials)
    return CramMd5(given.credentials.user, _password(given.credentials))


def _xoauth2(given: _Situation) -> ClientMechanism:
    _no_authzid(given.credentials)
    return XOAuth2(given.credentials.user, _token(given.credentials))


def _oauthbearer(given: _Situation) -> ClientMechanism:
    login = given.credentials
    return OAuthBearer(login.authzid or login.user, _token(login), given.host, given.port)


def _external(given: _Situation) -> ClientMechanism:
    return External(given.credentials.authzid)


def _anonymous(given: _Situation) -> ClientMechanism:
    return Anonymous(given.credentials.user)


def _scram(mechanism: type[ScramSha1 | ScramSha256 | ScramSha512]) -> "_Factory":
    def make(given: _Situation) -> ClientMechanism:
        login = given.credentials
        return mechanism(
            login.user,
            _password(login),
            login.authzid,
            channel_binding=next(iter(given.channel_bindings), None),
            plus_offered=given.plus_offered,
        )

    return make


_Factory = Callable[[_Situation], ClientMechanism]

_FACTORIES: Final[dict[str, _Factory]] = {
    "OAUTHBEARER": _oauthbearer,
    "XOAUTH2": _xoauth2,
    "SCRAM-SHA-512-PLUS": _scram(ScramSha512Plus),
    "SCRAM-SHA-256-PLUS": _scram(ScramSha256Plus),
    "SCRAM-SHA-1-PLUS": _scram(ScramSha1Plus),
    "SCRAM-SHA-512": _scram(ScramSha512),
    "SCRAM-SHA-256": _scram(ScramSha256),
    "SCRAM-SHA-1": _scram(ScramSha1),
    "CRAM-MD5": _cram_md5,
    "PLAIN": _plain,
    "LOGIN": _login,
    "EXTERNAL": _external,
    "ANONYMOUS": _anonymous,
}


def choose(
    offered: Iterable[str],
    credentials: Credentials,
    *,
    allowed: Sequence[str] = DEFAULT_ORDER,
    channel_bindings: Sequence[ChannelBinding] = (),
    secure: bool,
    allow_plaintext: bool = False,
    host: str | None = None,
    port: int | None = None,
) -> ClientMechanism:
    """The first mechanism of ``allowed`` that is offered and that the credentials can serve.

    ``offered`` are the names that the server announced. ``channel_bindings`` are those that
    the connection has, the preferred one first. ``secure`` says whether the connection is
    encrypted; without that, mechanisms that show a password or token are skipped unless
    ``allow_plaintext``. ``host`` and ``port`` are what the client connected to, for
    OAUTHBEARER. What ANONYMOUS sends is ``credentials.user``.

    If the server refuses the result, do not choose again without it: trying a weaker one
    then plays into an attacker's hands.

    Raises SaslError if nothing fits, saying what was offered, allowed and to be done; raises
    LocalProtocolError if ``allowed`` names a mechanism that does not exist here.
    """
    unknown = [name for name in allowed if name not in _FACTORIES]
    if unknown:
        raise LocalProtocolError(
            f"not a mechanism: {', '.join(unknown)}; there are {', '.join(_FACTORIES)}"
        )
    names = {name.upper() for name in offered}
    situation = _Situation(
        credentials, channel_bindings, any(map(_SCRAM_PLUS.fullmatch, names)), host, port
    )
    obstacles: list[str] = []
    for name in filter(names.__contains__, allowed):
        try:
            mechanism = _FACTORIES[name](situation)
        except SaslError as error:
            obstacles.append(f"{name}: {error}")
            continue
        if not mechanism.plaintext or secure or allow_plaintext:
            return mechanism
        obstacles.append(f"{name} shows its secret to eavesdroppers: use TLS (or allow_plaintext)")
    raise SaslError(_explain(names, allowed, obstacles))


def _explain(names: set[str], allowed: Sequence[str], obstacles: Sequence[str]) -> str:
    printable = sorted(filter(_NAME.fullmatch, names))
    advice = obstacles or ["allow one that is offered; some servers offer more once TLS is on"]
    return (
        "no SASL mechanism is usable;"
        f" offered: {', '.join(printable) or 'none'}; allowed: {', '.join(allowed) or 'none'};"
        f" {'; '.join(advice)}"
    )
