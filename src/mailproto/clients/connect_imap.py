"""``connect_imap``: from a host name to an open session, in one call."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from mailproto._trace import Trace
from mailproto.clients.imap import ImapClient
from mailproto.clients.session import connect_tcp, held_open
from mailproto.imap import ClientConnection, State
from mailproto.limits import ImapLimits
from mailproto.sasl import DEFAULT_ORDER, Credentials
from mailproto.stream import Runtime, Stream
from mailproto.tls import TlsMode

__all__ = ["connect_imap"]

IMAP = 143
IMAPS = 993


@asynccontextmanager
async def connect_imap(
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
    limits: ImapLimits | None = None,
    strict: bool = False,
    trace: Trace | None = None,
) -> AsyncIterator[ImapClient]:
    """Connect as ``async with connect_imap(host, user=..., password=...) as box:``.

    The block ends with LOGOUT; if it is left by an exception, the connection is closed.

    ``port`` is 993 with TLS from the start (the default), 143 otherwise. With ``user`` and
    ``password`` or an OAuth ``token`` it logs in, see :meth:`ImapClient.login`, unless the
    server says that this is not needed (PREAUTH). The other arguments and the exceptions are
    those of ``connect_smtp``; ``timeout`` is 300 seconds unless given.
    """
    if tls is None:
        tls = TlsMode.STARTTLS if port == IMAP else TlsMode.IMPLICIT
    if stream is None:
        port = port or (IMAPS if tls is TlsMode.IMPLICIT else IMAP)
        stream = await connect_tcp(runtime, host, port, timeout)
    connection = ClientConnection(
        limits=limits,
        strict=strict,
        tls=tls in (TlsMode.IMPLICIT, TlsMode.ESTABLISHED),
        require_tls=tls is TlsMode.STARTTLS,
        allow_plaintext=allow_plaintext,
        trace=trace,
    )
    client = ImapClient(stream, runtime, connection, timeout=timeout)

    async def begin() -> None:
        await client.begin(tls, tls_context, server_hostname or host)
        if user is not None and connection.state is State.NOT_AUTHENTICATED:
            await client.login(Credentials(user, password, token), mechanisms=mechanisms)

    async with held_open(client, begin):
        yield client
