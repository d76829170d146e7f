"""STLS and logins."""

import ssl
from collections.abc import Sequence

from mailproto.clients.pop3.session import Pop3Session
from mailproto.clients.session import login_refused
from mailproto.errors import AuthenticationFailed, LocalProtocolError, TLSRequired
from mailproto.pop3 import (
    Apop,
    Capabilities,
    Pass,
    ResponseReceived,
    Stls,
    UpgradeToTls,
    User,
    apop_digest,
)
from mailproto.sasl import DEFAULT_ORDER, ClientMechanism, Credentials, SaslError, choose

__all__ = ["LoginCommands"]


class LoginCommands(Pop3Session):
    """A client that starts TLS and says who it is."""

    async def capa(self) -> Capabilities | None:
        """Ask what the server offers (RFC 2449 5); None if it does not know CAPA."""
        async with self.exchange():
            return await self._capa()

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Say STLS, do the handshake, ask CAPA again (RFC 2595 4).

        Raises :class:`TLSRequired` if the server refuses, ``ssl.SSLError``.
        """
        async with self.exchange():
            try:
                event = await self._command(Stls())
            except LocalProtocolError as error:
                raise TLSRequired(
                    f"{error}: try tls=TlsMode.IMPLICIT (port 995), or tls=TlsMode.NONE if "
                    "clear text will do"
                ) from None
            if not event.response.ok:
                raise TLSRequired(f"the server refused STLS: {event.response}")
            upgrade = await self.next_event()
            assert isinstance(upgrade, UpgradeToTls)
            tls = await self.upgrade(context, server_hostname)
            self._connection.tls_established(tls.channel_bindings)
            await self._capa()

    async def authenticate(self, mechanism: ClientMechanism) -> None:
        """Authenticate with this mechanism. Raises :class:`AuthenticationFailed`."""
        async with self.exchange():
            self._hear_unasked()
            self._connection.authenticate(mechanism)
            event = await self._next_answer()
        if event.error is not None:
            raise AuthenticationFailed(f"{mechanism.name}: {event.error}", event.response)
        _checked_login(mechanism.name, event, mechanism.error)

    async def login(
        self, credentials: Credentials, *, mechanisms: Sequence[str] = DEFAULT_ORDER
    ) -> None:
        """Authenticate by the best way that fits server and credentials.

        That is the first of ``mechanisms`` that the server offers; else APOP, if its greeting
        allows it; else USER and PASS, over TLS only unless plaintext was allowed. A refusal is
        final. Raises :class:`AuthenticationFailed`.
        """
        connection = self._connection
        offered = connection.capabilities.sasl if connection.capabilities is not None else ()
        allow = connection.allow_plaintext
        try:
            mechanism = choose(
                offered,
                credentials,
                allowed=mechanisms,
                channel_bindings=connection.channel_bindings,
                secure=connection.tls,
                allow_plaintext=allow,
            )
        except SaslError as error:
            await self._login_without_sasl(credentials, error)
        else:
            if mechanism.plaintext and not connection.tls and self._can_apop(credentials):
                await self.apop(credentials)
            else:
                await self.authenticate(mechanism)
        await self.capa()

    async def apop(self, credentials: Credentials) -> None:
        """Prove the password by a digest (RFC 1939 7, APOP). Raises :class:`AuthenticationFailed`.

        That is also raised if the greeting has no timestamp, or there is no password.
        """
        timestamp = self._connection.timestamp
        if timestamp is None or credentials.password is None:
            raise AuthenticationFailed(
                "APOP needs a greeting with a timestamp, and a password", None
            )
        try:
            digest = apop_digest(timestamp, credentials.password)
        except SaslError as error:
            raise AuthenticationFailed(f"APOP: {error}", None) from None
        _checked_login("APOP", await self.command(Apop(credentials.user, digest)))

    def _can_apop(self, credentials: Credentials) -> bool:
        return self._connection.timestamp is not None and credentials.password is not None

    async def _login_without_sasl(self, credentials: Credentials, error: SaslError) -> None:
        if credentials.password is None:
            raise AuthenticationFailed(str(error), None) from None
        if self._can_apop(credentials):
            await self.apop(credentials)
            return
        async with self.exchange():
            try:
                event = await self._command(User(credentials.user))
                if event.response.ok:
                    event = await self._command(Pass(credentials.password))
            except LocalProtocolError as local:
                raise AuthenticationFailed(str(local), None) from None
        _checked_login("USER", event)


def _checked_login(name: str, event: ResponseReceived, error: str | None = None) -> None:
    if not event.response.ok:
        raise login_refused(name, event.response, error)
