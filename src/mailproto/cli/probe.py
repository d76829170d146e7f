"""``mailproto probe``: what a mail server offers, and what is wrong with it."""

import asyncio
import json
import ssl
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from mailproto import asyncio as binding
from mailproto.cli.certificates import trusting
from mailproto.cli.display import console, printable, say
from mailproto.cli.failures import Failure, Unusable, reading
from mailproto.cli.probe_advice import advise
from mailproto.cli.probing import Port, Probe
from mailproto.tls import client_context

__all__ = ["run"]

_PORTS: tuple[Port, ...] = (
    Port(25, "smtp", "starttls"),
    Port(465, "smtp", "implicit"),
    Port(587, "smtp", "starttls"),
    Port(110, "pop3", "starttls"),
    Port(995, "pop3", "implicit"),
    Port(143, "imap", "starttls"),
    Port(993, "imap", "implicit"),
)
_SHOWN = 2000  # characters of one row; servers have more to say than anybody reads


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
    ports = _PORTS
    if arguments.port is not None:
        ports = (Port(arguments.port, arguments.protocol, arguments.tls),)
    probes = [Probe(arguments.host, port) for port in ports]
    asyncio.run(_run_all(probes, context, arguments.timeout))
    for probe in probes:
        if arguments.json:
            print(json.dumps(_facts(probe)))
        else:
            _show(probe)
    return 0 if any(probe.spoke for probe in probes) else 1


async def _run_all(probes: list[Probe], context: ssl.SSLContext, seconds: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        for probe in probes:
            tasks.create_task(probe.run(binding, context, seconds))


def _facts(probe: Probe) -> dict[str, Any]:
    """Return everything as JSON has it."""
    tls, certificate = probe.tls, probe.certificate
    return {
        "host": probe.host,
        "port": probe.port.number,
        "protocol": probe.port.protocol,
        "tls_mode": probe.port.tls,
        "spoke": probe.spoke,
        "greeting": probe.greeting,
        "offers": {
            when: {
                "capabilities": offers.capabilities,
                "mechanisms": offers.mechanisms,
                "starttls": offers.starttls,
                "passwords": offers.passwords,
                "open": offers.open,
            }
            for when, offers in probe.offers.items()
        },
        "tls": tls
        and {
            "version": tls.version,
            "cipher": tls.cipher,
            "trusted": tls.peer_certificate is not None,
        },
        "certificate": certificate
        and {
            "subject": certificate.subject,
            "names": certificate.names,
            "begins": certificate.begins.isoformat(),
            "ends": certificate.ends.isoformat(),
        },
        "problem": probe.problem,
        "advice": advise(probe),
    }


def _show(probe: Probe) -> None:
    """Print everything for people."""
    to, port = console(), probe.port
    say(to, f"{port.protocol.upper()} port {port.number} ({port.tls})", "bold")
    for name, text in _rows(probe):
        if text:
            cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
            say(to, Text.assemble((f"  {name:<21} ", "dim"), printable(cut)))


def _rows(probe: Probe) -> Iterator[tuple[str, str]]:
    yield "greeting", probe.greeting.replace("\n", " / ")
    for when, offers in probe.offers.items():
        yield f"capabilities ({when})", " ".join(offers.capabilities)
        yield f"mechanisms ({when})", " ".join(offers.mechanisms)
    if probe.tls is not None:
        trusted = "trusted" if probe.tls.peer_certificate is not None else "NOT TRUSTED"
        yield "TLS", f"{probe.tls.version} {probe.tls.cipher}, certificate {trusted}"
    if probe.certificate is not None:
        facts = probe.certificate
        yield "subject", facts.subject
        yield "names", ", ".join(facts.names)
        yield "valid", f"{facts.begins:%Y-%m-%d} to {facts.ends:%Y-%m-%d}"
    yield "problem", probe.problem
    for text in advise(probe):
        yield "advice", text
