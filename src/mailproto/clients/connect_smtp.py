"""``connect_smtp``, ``connect_lmtp`` and ``send``: from a host name to a session, in one call."""

import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from mailproto.clients.content import MessageSource
from mailproto.clients.session import CONNECT_TIMEOUT, connect_tcp, held_open
from mailproto.clients.smtp import SendResult, SmtpClient
from mailproto.errors import LocalProtocolError
from mailproto.limits import SmtpLimits
from mailproto.sasl import DEFAULT_ORDER, Credentials
from mailproto.smtp import ClientConnection, InvalidAddress, Mail, Rcpt, Trace, check_domain
from mailproto.stream import Runtime, Stream
from mailproto.tls import TlsMode

__all__ = ["connect_lmtp", "connect_smtp", "send"]

SUBMISSION = 587
SUBMISSIONS = 465


@asynccontextmanager
async def connect_smtp(
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
    local_hostname: str | None = None,
    timeout: float | None = None,
    limits: SmtpLimits | None = None,
    strict: bool = False,
    trace: Trace | None = None,
) -> AsyncIterator[SmtpClient]:
    """Connect as ``async with connect_smtp(host, ...) as client:``; QUIT at the end.

    Either ``host`` and ``port`` (587 unless given, 465 with ``TlsMode.IMPLICIT``) or a
    connected ``stream``. ``tls`` is IMPLICIT on port 465, else STARTTLS, which fails if the
    server does not offer it. ``tls_context`` defaults to one that verifies certificates
    against ``server_hostname`` (``host`` unless given). With ``user`` and ``password`` or an
    OAuth ``token`` it logs in, by the first of ``mechanisms`` that the server offers;
    passwords go over clear text only with ``allow_plaintext``. ``local_hostname`` is how we
    introduce ourselves. ``timeout`` is how many seconds any single wait may take, by default
    what RFC 5321 4.5.3.2 says (minutes). ``trace`` gets every line, secrets redacted.

    Raises ``OSError``, ``ssl.SSLError``, ``TimeoutError``,
    :class:`~mailproto.errors.TLSRequired`, :class:`~mailproto.errors.AuthenticationFailed`,
    :class:`~mailproto.errors.CommandFailed`, :class:`~mailproto.errors.ConnectionLost`,
    :class:`~mailproto.errors.RemoteProtocolError`.
    """
    if tls is None:
        tls = TlsMode.IMPLICIT if port == SUBMISSIONS else TlsMode.STARTTLS
    if stream is None:
        port = port or (SUBMISSIONS if tls is TlsMode.IMPLICIT else SUBMISSION)
        stream = await connect_tcp(runtime, host, port, timeout)
    connection = ClientConnection(
        limits=limits,
        strict=strict,
        tls=tls in (TlsMode.IMPLICIT, TlsMode.ESTABLISHED),
        trace=trace,
    )
    client = SmtpClient(
        stream,
        runtime,
        connection,
        local_hostname=local_hostname or own_hostname(),
        timeout=timeout,
    )

    async def begin() -> None:
        await client.begin(tls, tls_context, server_hostname or host)
        if user is not None:
            await client.login(
                Credentials(user, password, token),
                mechanisms=mechanisms,
                allow_plaintext=allow_plaintext,
            )

    async with held_open(client, begin):
        yield client


@asynccontextmanager
async def connect_lmtp(
    runtime: Runtime,
    host: str | None = None,
    port: int = 24,
    *,
    path: str | None = None,
    stream: Stream | None = None,
    tls: TlsMode = TlsMode.NONE,
    tls_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
    local_hostname: str | None = None,
    timeout: float | None = None,
    limits: SmtpLimits | None = None,
    strict: bool = False,
    trace: Trace | None = None,
) -> AsyncIterator[SmtpClient]:
    """Connect to an LMTP server (RFC 2033): by ``host``, ``path`` (a Unix socket) or ``stream``.

    The other arguments are those of ``connect_smtp``; LMTP is usually spoken in clear text.
    """
    if stream is None:
        if path is not None:
            async with runtime.deadline(timeout or CONNECT_TIMEOUT):
                stream = await runtime.connect_unix(path)
        elif host is not None:
            stream = await connect_tcp(runtime, host, port, timeout)
        else:
            raise LocalProtocolError("give a host, the path of a Unix socket, or a stream")
    connection = ClientConnection(
        limits=limits,
        lmtp=True,
        strict=strict,
        tls=tls in (TlsMode.IMPLICIT, TlsMode.ESTABLISHED),
        trace=trace,
    )
    client = SmtpClient(
        stream,
        runtime,
        connection,
        local_hostname=local_hostname or own_hostname(),
        timeout=timeout,
    )
    begin = partial(client.begin, tls, tls_context, server_hostname or host)
    async with held_open(client, begin):
        yield client


async def send(
    runtime: Runtime,
    message: MessageSource,
    sender: str | Mail | None = None,
    recipients: str | Rcpt | Iterable[str | Rcpt] | None = None,
    *,
    host: str,
    port: int | None = None,
    tls: TlsMode | None = None,
    tls_context: ssl.SSLContext | None = None,
    user: str | None = None,
    password: str | None = None,
    token: str | None = None,
    allow_plaintext: bool = False,
    timeout: float | None = None,
) -> SendResult:
    """Connect, send one message, say goodbye: ``connect_smtp`` and ``SmtpClient.send`` in one."""
    async with connect_smtp(
        runtime,
        host,
        port,
        tls=tls,
        tls_context=tls_context,
        user=user,
        password=password,
        token=token,
        allow_plaintext=allow_plaintext,
        timeout=timeout,
    ) as client:
        return await client.send(message, sender, recipients)


def own_hostname() -> str:
    """Return how to introduce ourselves: the machine's full name, else an address literal.

    RFC 5321 4.1.4. Asks no name server.
    """
    name = socket.gethostname()
    try:
        check_domain(name)
    except InvalidAddress:
        return "[127.0.0.1]"
    return name if "." in name else "[127.0.0.1]"
