"""Where a server's credentials come from: the interface, and one over a mapping."""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from mailproto.sasl._interface import (
    Answer,
    CheckAnonymous,
    CheckExternal,
    CheckPassword,
    CheckToken,
    LookupPassword,
    LookupScramKeys,
    Query,
    Verdict,
)
from mailproto.sasl._text import prepare
from mailproto.sasl.scram import DEFAULT_ITERATIONS, ScramKeys

__all__ = ["Authenticator", "PasswordAuthenticator"]


class Authenticator:
    """Answers the queries of server mechanisms; subclass it and override what you can serve.

    ``mechanisms`` are the SASL names to offer, strongest first, without the -PLUS forms
    (those follow from the connection). Every method refuses by default. Names and passwords
    come prepared with SASLprep, as query strings. A :data:`Verdict` is a bool, or a str to
    accept under another name than the client gave.
    """

    mechanisms: tuple[str, ...] = ()

    async def answer(self, query: Query, *, certificate: bytes | None = None) -> Answer:
        """The answer to ``query``, from the method that serves it.

        ``certificate`` is the verified TLS certificate of the client in DER, if it has one.
        """
        return await _ANSWERS[type(query)](self, query, certificate)

    async def authorize(self, user: str, authzid: str) -> bool:
        """May ``user``, who wants to act as ``authzid`` (not empty), do so? As itself, it may.

        Asked before the password or keys are looked at (RFC 4422 2).
        """
        return user == authzid

    async def check_password(self, user: str, password: str, authzid: str) -> Verdict:
        """Is this the password of ``user`` (PLAIN, LOGIN)?

        ``authzid`` is empty or was allowed by :meth:`authorize`. Compare in constant time.
        """
        return False

    async def get_password(self, user: str) -> str | None:
        """The clear password of ``user``, or None (CRAM-MD5)."""
        return None

    async def scram_keys(self, user: str, hash_name: str) -> ScramKeys | None:
        """The stored keys of ``user`` for "SHA-1", "SHA-256" or "SHA-512", or None (SCRAM)."""
        return None

    async def check_token(self, user: str, token: str) -> Verdict:
        """Does the bearer of ``token`` get access as ``user`` (OAUTHBEARER, XOAUTH2)?

        ``user`` is empty if the client named none: then answer with the token's identity.
        """
        return False

    async def check_external(self, authzid: str, certificate: bytes | None) -> Verdict:
        """Does the owner of ``certificate`` get access as ``authzid`` (EXTERNAL)?

        ``authzid`` is empty if the client named none: then answer with its identity.
        """
        return False

    async def check_anonymous(self, trace: str) -> Verdict:
        """Does anybody get access, who says ``trace`` about itself (ANONYMOUS)?"""
        return False


_Answerer = Callable[[Authenticator, Any, bytes | None], Awaitable[Answer]]


async def _password(store: Authenticator, query: CheckPassword, _: bytes | None) -> Verdict:
    if query.authzid and not await store.authorize(query.user, query.authzid):
        return False
    return await store.check_password(query.user, query.password, query.authzid)


async def _clear_password(
    store: Authenticator, query: LookupPassword, _: bytes | None
) -> str | None:
    return await store.get_password(query.user)


async def _keys(store: Authenticator, query: LookupScramKeys, _: bytes | None) -> ScramKeys | None:
    if query.authzid and not await store.authorize(query.user, query.authzid):
        return None
    return await store.scram_keys(query.user, query.hash_name)


async def _token(store: Authenticator, query: CheckToken, _: bytes | None) -> Verdict:
    return await store.check_token(query.user, query.token)


async def _external(
    store: Authenticator, query: CheckExternal, certificate: bytes | None
) -> Verdict:
    return await store.check_external(query.authzid, certificate)


async def _anonymous(store: Authenticator, query: CheckAnonymous, _: bytes | None) -> Verdict:
    return await store.check_anonymous(query.trace)


_ANSWERS: Final[dict[type[Query], _Answerer]] = {
    CheckPassword: _password,
    LookupPassword: _clear_password,
    LookupScramKeys: _keys,
    CheckToken: _token,
    CheckExternal: _external,
    CheckAnonymous: _anonymous,
}

_PASSWORD_MECHANISMS: Final = ("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN")
_TOKEN_MECHANISMS: Final = ("OAUTHBEARER", "XOAUTH2")


class PasswordAuthenticator(Authenticator):
    """Users in memory: ``passwords`` and OAuth ``tokens`` by user name, copied at the start.

    SCRAM keys are derived from the passwords when first needed, with a salt per process, and
    kept. ``mechanisms`` restricts or extends what is offered (CRAM-MD5 works but has to be
    asked for). Raises SaslError if SASLprep does not permit a name or password.
    """

    def __init__(
        self,
        passwords: Mapping[str, str],
        *,
        tokens: Mapping[str, str] | None = None,
        mechanisms: Sequence[str] | None = None,
        iterations: int = DEFAULT_ITERATIONS,
    ) -> None:
        self._passwords = {
            prepare(user, "user name", stored=True): password
            for user, password in passwords.items()
        }
        self._prepared = {
            user: prepare(password, "password", stored=True)
            for user, password in self._passwords.items()
        }
        self._tokens = {
            prepare(user, "user name", stored=True): token for user, token in (tokens or {}).items()
        }
        self._iterations = iterations
        self._keys: dict[tuple[str, str], ScramKeys] = {}
        default = (
            *(_TOKEN_MECHANISMS if self._tokens else ()),
            *(_PASSWORD_MECHANISMS if self._passwords else ()),
        )
        self.mechanisms = default if mechanisms is None else tuple(mechanisms)

    async def check_password(self, user: str, password: str, authzid: str) -> bool:
        """Compare with the stored password; a missing one is compared as well."""
        return _same(self._prepared.get(user), password)

    async def get_password(self, user: str) -> str | None:
        """The password as it was given (CRAM-MD5 knows no preparation), or None."""
        return self._passwords.get(user)

    async def scram_keys(self, user: str, hash_name: str) -> ScramKeys:
        """The keys of the stored password, or fake ones with the same iteration count."""
        if user not in self._passwords:
            return ScramKeys.fake(user, hash_name, self._iterations)
        key = user, hash_name
        if key not in self._keys:
            self._keys[key] = ScramKeys.derive(
                self._passwords[user], hash_name, iterations=self._iterations
            )
        return self._keys[key]

    async def check_token(self, user: str, token: str) -> Verdict:
        """Compare with the stored token, or find the user whose token it is."""
        if user:
            return _same(self._tokens.get(user), token)
        owners = [owner for owner, stored in self._tokens.items() if _same(stored, token)]
        return owners[0] if owners else False


_COMPARISON_KEY: Final = secrets.token_bytes(32)


def _same(stored: str | None, given: str) -> bool:
    """Compare secrets; the time taken tells neither a length nor whether one is stored."""
    return hmac.compare_digest(_blur(stored or ""), _blur(given)) and stored is not None


def _blur(secret: str) -> bytes:
    return hmac.digest(_COMPARISON_KEY, secret.encode(errors="surrogatepass"), "sha256")
