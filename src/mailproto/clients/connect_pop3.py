"""``connect_pop3``: from a host name to an open maildrop, in one call."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from mailproto._trace import Trace
from mailproto.clients.pop3 import Pop3Client
from mailproto.clients.session import connect_tcp, held_open
from mailproto.limits import Pop3Limits
from mailproto.pop3 import ClientConnection
from mailproto.sasl import DEFAULT_ORDER, Credentials
from mailproto.stream import Runtime, Stream
from mailproto.tls import TlsMode

__all__ = ["connect_pop3"]

POP3 = 110
POP3S = 995


@asynccontextmanager
async def connect_pop3(
    runtime: Runtime,
    host: str | None = None,
    port: int | None = None,
    *,
    stream: Stream | None = None,
    tls: TlsMode | None = None,
    tls_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
    user: str | None = None,
    password: str | None = None,
    token: str | None = None,
    mechanisms: Sequence[str] = DEFAULT_ORDER,
    allow_plaintext: bool = False,
    timeout: float | None = None,
    limits: Pop3Limits | None = None,
    strict: bool = False,
    trace: Trace | None = None,
) -> AsyncIterator[Pop3Client]:
    """Connect as ``async with connect_pop3(host, user=..., password=...) as maildrop:``.

    The block ends with QUIT, at which deletions happen; if it is left by an exception, the
    connection is closed without QUIT, and nothing is deleted (RFC 1939 6).

    ``port`` is 995 with TLS from the start (the default), 110 otherwise. With ``user`` and
    ``password`` or an OAuth ``token`` it logs in, see :meth:`Pop3Client.login`. The other
    arguments and the exceptions are those of ``connect_smtp``; ``timeout`` is 300 seconds
    unless given.
    """
    if tls is None:
        tls = TlsMode.STARTTLS if port == POP3 else TlsMode.IMPLICIT
    if stream is None:
        port = port or (POP3S if tls is TlsMode.IMPLICIT else POP3)
        stream = await connect_tcp(runtime, host, port, timeout)
    connection = ClientConnection(
        limits=limits,
        strict=strict,
        tls=tls in (TlsMode.IMPLICIT, TlsMode.ESTABLISHED),
        allow_plaintext=allow_plaintext,
        trace=trace,
    )
    client = Pop3Client(stream, runtime, connection, timeout=timeout)

    async def begin() -> None:
        await client.begin(tls, tls_context, server_hostname or host)
        if user is not None:
            await client.login(Credentials(user, password, token), mechanisms=mechanisms)

    async with held_open(client, begin):
        yield client
