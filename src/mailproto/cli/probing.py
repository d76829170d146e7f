"""What can be learnt of a mail server at one of its ports, without logging in."""

import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import ModuleType
from typing import Any

from mailproto._value import value
from mailproto.cli.certificate_facts import CertificateFacts, read_certificate
from mailproto.cli.failures import EXPECTED, explain
from mailproto.imap import Preauth
from mailproto.smtp import TraceLine
from mailproto.tls import TlsInfo, TlsMode

__all__ = ["Offers", "Port", "Probe", "lenient_context"]

_PLAINTEXT = {"PLAIN", "LOGIN"}
_GREETING = 8192  # characters from which on no more lines of a greeting are kept


@value
class Port:
    """Where to look, what is spoken there, and how TLS begins: "implicit", "starttls", "none"."""

    number: int
    protocol: str
    tls: str


@value
class Offers:
    """What a server offers: names of capabilities and of SASL mechanisms, and what they mean.

    ``passwords`` says whether it takes a password that can be read on the way, by SASL (PLAIN,
    LOGIN) or by a command (USER of POP3, LOGIN of IMAP); ``open`` whether it asks for none.
    """

    capabilities: tuple[str, ...]
    mechanisms: tuple[str, ...]
    starttls: bool
    passwords: bool
    open: bool


@value
class _Protocol:
    """How to connect (a name in the bindings), and how to read what a client has learnt."""

    connect: str
    capabilities: Callable[[Any], tuple[str, ...]]
    mechanisms: Callable[[Any], tuple[str, ...]]
    takes_login: Callable[[Any], bool]
    """Whether it takes a password by a command of its own, without SASL."""


_PROTOCOLS = {
    "smtp": _Protocol(
        "connect_smtp",
        lambda client: tuple(client.extensions),
        lambda client: client.extensions.auth,
        lambda client: False,
    ),
    "pop3": _Protocol(
        "connect_pop3",
        lambda client: tuple(client.capabilities or ()),
        lambda client: client.capabilities.sasl if client.capabilities else (),
        # A server without CAPA is one of RFC 1939, whose log-in is USER.
        lambda client: client.capabilities is None or "USER" in client.capabilities,
    ),
    "imap": _Protocol(
        "connect_imap",
        lambda client: tuple(client.capabilities),
        lambda client: client.capabilities.auth,
        lambda client: "LOGINDISABLED" not in client.capabilities,  # RFC 9051 6.2.3
    ),
}


class Probe:
    """One port of a host, and what is learnt of it by :meth:`run`."""

    def __init__(self, host: str, port: Port) -> None:
        self.host = host
        self.port = port
        self.spoke = False
        """Whether it speaks the protocol, be it to refuse us."""
        self.greeting = ""
        """All lines before our first one, controls escaped."""
        self.offers: dict[str, Offers] = {}
        """By "clear" and "tls", as far as either was seen."""
        self.tls: TlsInfo | None = None
        self.certificate: CertificateFacts | None = None
        self.problem = ""
        """What went wrong first: the certificate is not trusted, say."""
        self.verify_code = 0
        """Why the certificate is not trusted, as X509_V_ERR of OpenSSL; 0: it is."""
        self._greeted = False

    async def run(self, binding: ModuleType, context: ssl.SSLContext, seconds: float) -> None:
        """Learn all there is within ``seconds``; raises nothing that a server can cause.

        ``binding`` is :mod:`mailproto.asyncio` or :mod:`mailproto.trio`. If there is no TLS by
        ``context``, it is tried again without checking anything.
        """
        try:
            async with binding.RUNTIME.deadline(seconds):
                try:
                    await self._talk(binding, context)
                except ssl.SSLError as error:
                    self._note(error)
                    await self._talk(binding, lenient_context())
        except EXPECTED as error:
            self._note(error)

    def _note(self, error: BaseException) -> None:
        """Keep the first error, and that the server answered if it did so to refuse."""
        if getattr(error, "reply", None) is not None:
            self.spoke = True
        if not self.problem:
            self.problem = explain(error, f"{self.host}:{self.port.number}").text
        if isinstance(error, ssl.SSLCertVerificationError):
            self.verify_code = error.verify_code

    def _hear(self, line: TraceLine) -> None:
        """Keep the lines of the greeting."""
        self._greeted = self._greeted or line.sender == "C"
        if not self._greeted and len(self.greeting) < _GREETING:
            self.greeting += f"\n{line.text}" if self.greeting else line.text

    async def _talk(self, binding: ModuleType, context: ssl.SSLContext) -> None:
        self.greeting = ""
        self._greeted = False
        connect = getattr(binding, _PROTOCOLS[self.port.protocol].connect)
        mode = TlsMode.IMPLICIT if self.port.tls == "implicit" else TlsMode.NONE
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                connect(
                    self.host, self.port.number, tls=mode, tls_context=context, trace=self._hear
                )
            )
            self.spoke = True
            self._learn(client)
            if self.port.tls == "starttls" and client.offers_tls:
                await client.start_tls(context, self.host)
                self._learn(client)

    def _learn(self, client: Any) -> None:
        protocol = _PROTOCOLS[self.port.protocol]
        mechanisms = protocol.mechanisms(client)
        lets_in = isinstance(client.greeting, Preauth)
        self.offers["clear" if client.tls is None else "tls"] = Offers(
            protocol.capabilities(client),
            mechanisms,
            client.offers_tls,
            not lets_in and (bool(_PLAINTEXT & {*mechanisms}) or protocol.takes_login(client)),
            lets_in,
        )
        self.tls = client.tls
        if client.tls is not None and client.tls.shown_certificate is not None:
            try:
                self.certificate = read_certificate(client.tls.shown_certificate)
            except ValueError as error:
                self.problem = self.problem or f"The certificate can not be read: {error}."


def lenient_context() -> ssl.SSLContext:
    """Return a context that checks nothing: to look at a server, never to log in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
