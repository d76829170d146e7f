"""The IMAP client: what applications use."""

from collections.abc import Sequence

from mailproto.clients.imap.administration import AdministrationCommands
from mailproto.clients.imap.appending import AppendCommands
from mailproto.clients.imap.calls import Call
from mailproto.clients.imap.idle import IdleCommands
from mailproto.clients.imap.sync import SyncCommands
from mailproto.clients.session import login_refused
from mailproto.errors import AuthenticationFailed, LocalProtocolError
from mailproto.imap import Authenticate, Condition, Login, Ok, Unauthenticate
from mailproto.sasl import DEFAULT_ORDER, ClientMechanism, Credentials, SaslError, choose

__all__ = ["ImapClient"]


class ImapClient(SyncCommands, AppendCommands, AdministrationCommands, IdleCommands):
    """A connected IMAP client; get one from ``connect_imap``.

    Several tasks may use it at the same time, and any call may be cancelled: the others go on.
    All methods may raise :class:`CommandFailed` (NO or BAD), :class:`ConnectionLost`,
    :class:`RemoteProtocolError`, ``TimeoutError``, and for what the protocol forbids or the
    server does not offer :class:`LocalProtocolError`. What has no method of its own goes
    through :meth:`run`: any command of :mod:`mailproto.imap`.
    """

    async def login(
        self, credentials: Credentials, *, mechanisms: Sequence[str] = DEFAULT_ORDER
    ) -> None:
        """Authenticate by the best way that fits server and credentials.

        That is the first of ``mechanisms`` that the server offers, else LOGIN; passwords go
        readable over TLS only, unless plaintext was allowed. A refusal is final.
        Raises :class:`AuthenticationFailed`.
        """
        connection = self._connection
        try:
            mechanism = choose(
                self.capabilities.auth if self.capabilities is not None else (),
                credentials,
                allowed=mechanisms,
                channel_bindings=connection.channel_bindings,
                secure=connection.tls,
                allow_plaintext=connection.allow_plaintext,
            )
        except SaslError as error:
            await self._login(credentials, error)
        else:
            await self.authenticate(mechanism)

    async def authenticate(self, mechanism: ClientMechanism) -> None:
        """Authenticate with this mechanism. Raises :class:`AuthenticationFailed`."""
        call = await self.launch(
            Authenticate(mechanism.name), send=lambda: self._connection.authenticate(mechanism)
        )
        response = await self._completed(call)
        assert call.completed is not None
        if call.completed.error is not None:
            raise AuthenticationFailed(f"{mechanism.name}: {call.completed.error}", response)
        if not isinstance(response, Ok):
            raise login_refused(mechanism.name, response, mechanism.error)
        await self.learn_capabilities()

    async def unauthenticate(self) -> None:
        """Go back to before the login, on the same connection (RFC 8437)."""
        await self.run(Unauthenticate())
        await self.learn_capabilities()

    async def _login(self, credentials: Credentials, error: SaslError) -> None:
        if credentials.password is None:
            raise AuthenticationFailed(str(error), None) from None
        try:
            call = await self.launch(Login(credentials.user, credentials.password))
        except LocalProtocolError as local:
            raise AuthenticationFailed(str(local), None) from None
        response = await self._completed(call)
        if not isinstance(response, Ok):
            raise login_refused("LOGIN", response)
        await self.learn_capabilities()

    async def _completed(self, call: Call) -> Condition:
        """Wait for the completion of a login, which nothing else answers."""
        async for _ in self.items(call):
            pass
        assert call.completed is not None
        response: Condition = call.completed.response
        return response
