"""``mailproto probe``: what a mail server offers, and what is wrong with it."""

import asyncio
import json
import ssl
from argparse import Namespace
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from rich.text import Text

from mailproto import asyncio as binding
from mailproto._value import value
from mailproto.cli.certificate_facts import CertificateFacts, read_certificate
from mailproto.cli.certificates import trusting
from mailproto.cli.display import console, printable, say
from mailproto.cli.failures import EXPECTED, Failure, Unusable, explain, reading
from mailproto.errors import TLSRequired
from mailproto.tls import TlsInfo, TlsMode, client_context

__all__ = ["run"]

_SOON = 14  # days
_MODERN = {"TLSv1.2", "TLSv1.3"}
_PASSWORDS = {"PLAIN", "LOGIN"}


@value
class _Protocol:
    """How to connect, and how to read what the server offers."""

    connect: Any
    capabilities: Callable[[Any], tuple[str, ...]]
    mechanisms: Callable[[Any], tuple[str, ...]]
    greeting: Callable[[Any], str] = str


def _sasl(client: Any) -> tuple[str, ...]:
    return client.capabilities.sasl if client.capabilities is not None else ()


_PROTOCOLS = {
    "smtp": _Protocol(
        binding.connect_smtp, lambda c: tuple(c.extensions), lambda c: c.extensions.auth
    ),
    "pop3": _Protocol(binding.connect_pop3, lambda c: tuple(c.capabilities or ()), _sasl),
    "imap": _Protocol(
        binding.connect_imap,
        lambda c: tuple(c.capabilities),
        lambda c: c.capabilities.auth,
        lambda greeting: greeting.text,
    ),
}
_PORTS = (
    (25, "smtp", "starttls"),
    (465, "smtp", "implicit"),
    (587, "smtp", "starttls"),
    (110, "pop3", "starttls"),
    (995, "pop3", "implicit"),
    (143, "imap", "starttls"),
    (993, "imap", "implicit"),
)


class _Probe:
    """One port, and what is learnt of it."""

    def __init__(self, host: str, port: int, protocol: str, tls: str) -> None:
        self.host, self.port, self.protocol, self.tls_mode = host, port, protocol, tls
        self.spoke = False
        self.greeting = ""
        self.offers: dict[str, dict[str, tuple[str, ...]]] = {}
        self.tls: TlsInfo | None = None
        self.certificate: CertificateFacts | None = None
        self.problem = ""
        """Why the first attempt failed: the certificate is not trusted, say."""
        self.advice: list[str] = []

    async def run(self, context: ssl.SSLContext, seconds: float) -> None:
        """Learn all there is within ``seconds``; raises nothing that a server can cause."""
        try:
            async with asyncio.timeout(seconds):
                try:
                    await self._talk(context)
                except ssl.SSLError as error:
                    self._note(error)
                    await self._talk(_lenient())
        except TLSRequired:
            self.advice.append("It offers no STARTTLS: all goes in clear text.")
        except EXPECTED as error:
            if not self.problem:
                self._note(error)
        self._advise()

    def _note(self, error: BaseException) -> None:
        self.problem = explain(error, f"{self.host}:{self.port}").text

    async def _talk(self, context: ssl.SSLContext) -> None:
        mode = TlsMode.IMPLICIT if self.tls_mode == "implicit" else TlsMode.NONE
        connect = _PROTOCOLS[self.protocol].connect
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                connect(self.host, self.port, tls=mode, tls_context=context)
            )
            self.spoke = True
            self.greeting = _PROTOCOLS[self.protocol].greeting(client.greeting)
            self._learn(client)
            if self.tls_mode == "starttls":
                await client.start_tls(context, self.host)
                self._learn(client)

    def _learn(self, client: Any) -> None:
        protocol = _PROTOCOLS[self.protocol]
        self.tls = client.tls
        self.offers["clear" if client.tls is None else "tls"] = {
            "capabilities": protocol.capabilities(client),
            "mechanisms": protocol.mechanisms(client),
        }
        if client.tls is not None and client.tls.shown_certificate is not None:
            try:
                self.certificate = read_certificate(client.tls.shown_certificate)
            except ValueError as error:
                self.problem = self.problem or f"The certificate can not be read: {error}."

    def _advise(self) -> None:
        clear = self.offers.get("clear", {}).get("mechanisms", ())
        if _PASSWORDS.intersection(clear):
            self.advice.append("It takes passwords in clear text: offer them only with TLS.")
        if self.tls is not None and self.tls.version not in _MODERN:
            self.advice.append(f"{self.tls.version} is too old: TLS 1.2 is the least.")
        if self.certificate is not None:
            days = self.certificate.days_left()
            if days < 0:
                self.advice.append("The certificate has expired: renew it.")
            elif days < _SOON:
                self.advice.append(f"The certificate expires in {days:.0f} days: renew it.")

    def facts(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        certificate = self.certificate
        return {
            "host": self.host,
            "port": self.port,
            "protocol": self.protocol,
            "tls_mode": self.tls_mode,
            "spoke": self.spoke,
            "greeting": self.greeting,
            "offers": self.offers,
            "tls": self.tls
            and {
                "version": self.tls.version,
                "cipher": self.tls.cipher,
                "trusted": self.tls.peer_certificate is not None,
            },
            "certificate": certificate
            and {
                "subject": certificate.subject,
                "names": certificate.names,
                "begins": certificate.begins.isoformat(),
                "ends": certificate.ends.isoformat(),
            },
            "problem": self.problem,
            "advice": self.advice,
        }


def run(arguments: Namespace) -> int:
    """Probe the ports; 0 if one of them spoke its protocol, else 1.

    Raises :class:`Unusable` if that can not begin.
    """
    if (arguments.port is None) != (arguments.protocol is None):
        raise Unusable(Failure("--port and --protocol belong together.", "Give both or none."))
    context = client_context()
    if arguments.ca is not None:
        with reading(arguments.ca):
            context = trusting(arguments.ca)
    ports: tuple[tuple[int, str, str], ...] = _PORTS
    if arguments.port is not None:
        ports = ((arguments.port, arguments.protocol, arguments.tls),)
    probes = [_Probe(arguments.host, *port) for port in ports]
    asyncio.run(_run_all(probes, context, arguments.timeout))
    for probe in probes:
        if arguments.json:
            print(json.dumps(probe.facts()))
        else:
            _show(probe)
    return 0 if any(probe.spoke for probe in probes) else 1


async def _run_all(probes: list[_Probe], context: ssl.SSLContext, seconds: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        for probe in probes:
            tasks.create_task(probe.run(context, seconds))


def _lenient() -> ssl.SSLContext:
    """Return a context that checks nothing: to look at a server, never to log in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _show(probe: _Probe) -> None:
    to = console()
    say(to, f"{probe.protocol.upper()} port {probe.port} ({probe.tls_mode})", "bold")
    rows = [("greeting", probe.greeting)]
    for when, offers in probe.offers.items():
        rows += [(f"{name} ({when})", " ".join(words)) for name, words in offers.items()]
    if probe.tls is not None:
        trusted = "trusted" if probe.tls.peer_certificate is not None else "NOT TRUSTED"
        rows.append(("TLS", f"{probe.tls.version} {probe.tls.cipher}, certificate {trusted}"))
    if probe.certificate is not None:
        facts = probe.certificate
        rows += [
            ("subject", facts.subject),
            ("names", ", ".join(facts.names)),
            ("valid", f"{facts.begins:%Y-%m-%d} to {facts.ends:%Y-%m-%d}"),
        ]
    rows += [("problem", probe.problem), *(("advice", text) for text in probe.advice)]
    for name, text in rows:
        if text:
            say(to, Text.assemble((f"  {name:<21} ", "dim"), printable(text)))
