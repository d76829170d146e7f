"""The SMTP and LMTP client: what applications use."""

import ssl
from collections.abc import Sequence

from mailproto.clients.content import MessageSource
from mailproto.clients.session import login_refused
from mailproto.clients.smtp.delivery import DeliveryCommands
from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    LocalProtocolError,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.sasl import DEFAULT_ORDER, ClientMechanism, Credentials, SaslError, choose
from mailproto.smtp import (
    Command,
    Data,
    Expn,
    Help,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Reply,
    Rset,
    StartTls,
    UpgradeToTls,
    Vrfy,
)

__all__ = ["SmtpClient"]

_QUIT_TIMEOUT = 10.0


class SmtpClient(DeliveryCommands):
    """A connected SMTP or LMTP client; get one from ``connect_smtp`` or ``connect_lmtp``.

    Several tasks may use it: a message is sent as one piece. If a call is cancelled or times
    out half way, the client can not be used any more (and says so): replies could no longer be
    told apart. All methods may raise :class:`ConnectionLost`, :class:`RemoteProtocolError`,
    ``TimeoutError`` and, for what the protocol forbids, :class:`LocalProtocolError`.
    """

    # --- one command at a time ---

    async def command(self, command: Command) -> Reply:
        """Send any command but DATA, BDAT, AUTH and STARTTLS, and return its reply."""
        async with self.exchange():
            return await self._command(command)

    async def ehlo(self) -> Reply:
        """Say EHLO (LHLO to LMTP, HELO if the server knows no EHLO) and learn the extensions.

        Raises :class:`CommandFailed`.
        """
        async with self.exchange():
            return await self._hello()

    async def noop(self) -> Reply:
        """Say NOOP: is the server still there?"""
        return await self.command(Noop())

    async def rset(self) -> Reply:
        """Say RSET: drop the transaction."""
        return await self.command(Rset())

    async def vrfy(self, argument: str, *, smtputf8: bool = False) -> Reply:
        """Ask whether a user or mailbox exists; most servers answer 252."""
        return await self.command(Vrfy(argument, smtputf8))

    async def expn(self, argument: str, *, smtputf8: bool = False) -> Reply:
        """Ask for the members of a list."""
        return await self.command(Expn(argument, smtputf8))

    async def help(self, topic: str | None = None) -> Reply:
        """Ask for help."""
        return await self.command(Help(topic))

    async def mail(self, mail: Mail | str) -> Reply:
        """Begin a transaction by hand; :meth:`send` does it all."""
        return await self.command(Mail(mail) if isinstance(mail, str) else mail)

    async def rcpt(self, rcpt: Rcpt | str) -> Reply:
        """Name a recipient by hand."""
        return await self.command(Rcpt(rcpt) if isinstance(rcpt, str) else rcpt)

    async def data(self, message: MessageSource) -> tuple[Reply, ...]:
        """Send a body after :meth:`mail` and :meth:`rcpt`, through DATA.

        Returns the reply to the message: one, in LMTP one for each accepted recipient.
        Raises :class:`CommandFailed` if the server does not want the body.
        """
        content = await self._open(message, utf8=False)
        async with self.exchange():
            reply = await self._command(Data())
            if not reply.is_intermediate:
                raise CommandFailed(f"DATA was refused: {reply}", reply)
            return tuple(await self._send_body(content, None))

    # --- TLS, login and the end ---

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Say STARTTLS, do the handshake, say EHLO again.

        Raises :class:`TLSRequired` if the server refuses, ``ssl.SSLError`` if the handshake
        fails.
        """
        async with self.exchange():
            if "STARTTLS" not in self.extensions:
                raise TLSRequired(
                    "the server does not offer STARTTLS: try tls=TlsMode.IMPLICIT (port 465), or "
                    "tls=TlsMode.NONE if clear text will do"
                )
            reply = await self._command(StartTls())
            if not reply.is_positive:
                raise TLSRequired(f"the server refused STARTTLS: {reply}")
            event = await self.next_event()
            assert isinstance(event, UpgradeToTls)
            tls = await self.upgrade(context, server_hostname)
            self._connection.tls_established(tls.channel_bindings)
            await self._hello()

    async def authenticate(
        self, mechanism: ClientMechanism, *, allow_plaintext: bool = False
    ) -> None:
        """Authenticate with this mechanism. Raises :class:`AuthenticationFailed`."""
        async with self.exchange():
            self._connection.authenticate(mechanism, allow_plaintext=allow_plaintext)
            event = await self._next_reply()
        if event.error is not None:
            raise AuthenticationFailed(f"{mechanism.name}: {event.error}", event.reply)
        if not event.reply.is_positive:
            raise login_refused(mechanism.name, event.reply, mechanism.error)

    async def login(
        self,
        credentials: Credentials,
        *,
        mechanisms: Sequence[str] = DEFAULT_ORDER,
        allow_plaintext: bool = False,
    ) -> None:
        """Authenticate with the first of ``mechanisms`` that fits server and credentials.

        A refusal is final: no weaker mechanism is tried. Raises
        :class:`AuthenticationFailed`.
        """
        try:
            mechanism = choose(
                self.extensions.auth,
                credentials,
                allowed=mechanisms,
                channel_bindings=self._connection.channel_bindings,
                secure=self._connection.tls,
                allow_plaintext=allow_plaintext,
            )
        except SaslError as error:
            raise AuthenticationFailed(str(error), None) from None
        await self.authenticate(mechanism, allow_plaintext=allow_plaintext)

    async def quit(self) -> None:
        """Say QUIT and close. Never raises for what the server does."""
        try:
            if self.usable and not self._connection.sending_body:
                async with self._runtime.deadline(_QUIT_TIMEOUT):
                    await self.command(Quit())
        except (ConnectionLost, RemoteProtocolError, LocalProtocolError, TimeoutError):
            pass
        finally:
            await self.aclose()
