"""``serve_smtp`` and ``serve_lmtp``: an SMTP or LMTP server in one call."""

import ssl
from contextlib import AbstractAsyncContextManager

from mailproto._value import evolve
from mailproto.limits import SmtpLimits
from mailproto.sasl import Authenticator
from mailproto.servers.listener import Admission, Server, own_name, serve
from mailproto.servers.smtp import SmtpService, SmtpSession
from mailproto.servers.smtp_handler import SmtpHandler
from mailproto.smtp import Trace
from mailproto.stream import Runtime
from mailproto.tls import certificate_in_der

__all__ = ["serve_lmtp", "serve_smtp"]

_FULL = b"421 4.3.2 Too many connections, try again later\r\n"


def serve_smtp(
    runtime: Runtime,
    handler: SmtpHandler,
    host: str | None = "127.0.0.1",
    port: int = 0,
    *,
    hostname: str | None = None,
    tls_context: ssl.SSLContext | None = None,
    tls_certificate: bytes | None = None,
    implicit_tls: bool = False,
    authenticator: Authenticator | None = None,
    require_tls: bool = False,
    require_auth: bool = False,
    allow_plaintext: bool = False,
    proxy_protocol: bool = False,
    strict: bool = False,
    limits: SmtpLimits | None = None,
    admission: Admission | None = None,
    timeout: float | None = None,
    auth_failure_delay: float = 1.0,
    trace: Trace | None = None,
) -> AbstractAsyncContextManager[Server]:
    """Serve SMTP as ``async with serve_smtp(handler, ...) as server:`` until the block is left.

    ``host`` None listens on all addresses; ``port`` 0 takes a free one (``server.port``).
    ``hostname`` is who we say we are, by default the machine's name. ``tls_context`` offers
    STARTTLS, or TLS from the start with ``implicit_tls``; with ``tls_certificate`` (the
    server's own, DER or PEM) SCRAM-...-PLUS can be offered too. ``authenticator`` offers AUTH;
    passwords in clear text only with ``allow_plaintext``. ``require_tls`` and ``require_auth``
    refuse MAIL without. ``proxy_protocol`` awaits a PROXY header: only behind a trusted proxy,
    where ``admission.per_peer`` means nothing.
    ``strict`` refuses what is tolerated otherwise. ``timeout`` is how many seconds to wait for
    the client, by default as RFC 5321 4.5.3.2 says; ``auth_failure_delay`` how many to wait
    after a wrong password. ``trace`` gets every line, secrets redacted. A message may be as
    long as ``limits.message_size``.

    On leaving, idle clients get 421, and transactions have ``admission.grace`` seconds to end.
    Raises ``OSError`` if the port can not be had.
    """
    if implicit_tls and tls_context is None:
        raise ValueError("implicit_tls needs a tls_context")
    service = SmtpService(
        runtime,
        handler,
        hostname or own_name(),
        limits or SmtpLimits(),
        offers={},
        tls_context=tls_context,
        tls_certificate=certificate_in_der(tls_certificate),
        implicit_tls=implicit_tls,
        authenticator=authenticator,
        require_tls=require_tls,
        require_auth=require_auth,
        allow_plaintext=allow_plaintext,
        proxy_protocol=proxy_protocol,
        strict=strict,
        timeout=timeout,
        auth_failure_delay=auth_failure_delay,
        trace=trace,
    )
    return _serve(service, host, port, admission)


def serve_lmtp(
    runtime: Runtime,
    handler: SmtpHandler,
    host: str | None = "127.0.0.1",
    port: int = 0,
    *,
    hostname: str | None = None,
    tls_context: ssl.SSLContext | None = None,
    strict: bool = False,
    limits: SmtpLimits | None = None,
    admission: Admission | None = None,
    timeout: float | None = None,
    trace: Trace | None = None,
) -> AbstractAsyncContextManager[Server]:
    """Serve LMTP (RFC 2033), where each recipient of a message has its own reply.

    The arguments are those of ``serve_smtp``. LMTP is for a trusted network, never port 25.
    """
    service = SmtpService(
        runtime,
        handler,
        hostname or own_name(),
        limits or SmtpLimits(),
        offers={},
        lmtp=True,
        tls_context=tls_context,
        strict=strict,
        timeout=timeout,
        trace=trace,
    )
    return _serve(service, host, port, admission)


def _serve(
    service: SmtpService, host: str | None, port: int, admission: Admission | None
) -> AbstractAsyncContextManager[Server]:
    admission = admission or Admission()
    if service.proxy_protocol:  # all connections come from the proxy
        admission = evolve(admission, per_peer=admission.connections)
    return serve(
        service.runtime,
        lambda stream: SmtpSession(stream, service),
        host,
        port,
        admission,
        b"" if service.implicit_tls else _FULL,
    )
