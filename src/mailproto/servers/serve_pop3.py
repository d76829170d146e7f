"""``serve_pop3``: a POP3 server in one call."""

import ssl
from contextlib import AbstractAsyncContextManager

from mailproto._trace import Trace
from mailproto.limits import Pop3Limits
from mailproto.sasl import Authenticator
from mailproto.servers.listener import Admission, Server, own_name, serve
from mailproto.servers.pop3 import Pop3Service, Pop3Session
from mailproto.stores import MailStore
from mailproto.stream import Runtime
from mailproto.tls import certificate_in_der

__all__ = ["serve_pop3"]

_FULL = b"-ERR [SYS/TEMP] Too many connections, try again later\r\n"


def serve_pop3(
    runtime: Runtime,
    store: MailStore,
    authenticator: Authenticator,
    host: str | None = "127.0.0.1",
    port: int = 0,
    *,
    hostname: str | None = None,
    tls_context: ssl.SSLContext | None = None,
    tls_certificate: bytes | None = None,
    implicit_tls: bool = False,
    allow_plaintext: bool = False,
    apop: bool = False,
    strict: bool = False,
    limits: Pop3Limits | None = None,
    admission: Admission | None = None,
    timeout: float | None = None,
    auth_failure_delay: float = 1.0,
    trace: Trace | None = None,
) -> AbstractAsyncContextManager[Server]:
    """Serve POP3 as ``async with serve_pop3(store, authenticator) as server:``.

    Each session holds the exclusive lock of the user's INBOX in ``store``; what it deletes
    goes at QUIT, and only then (RFC 1939 6). ``authenticator`` checks who logs in; without TLS
    no password is taken readable, unless ``allow_plaintext``. ``apop`` offers APOP too, for
    which the authenticator has to know clear passwords. ``timeout`` is how many seconds to
    wait for the client, 10 minutes by default (RFC 1939 3). The other arguments are those of
    ``serve_smtp``.

    On leaving, clients are told to go, and nothing is deleted; what is being sent has
    ``admission.grace`` seconds to arrive. Raises ``OSError`` if the port can not be had.
    """
    if implicit_tls and tls_context is None:
        raise ValueError("implicit_tls needs a tls_context")
    service = Pop3Service(
        runtime,
        store,
        hostname or own_name(),
        limits or Pop3Limits(),
        offers={},
        apop=apop,
        tls_context=tls_context,
        tls_certificate=certificate_in_der(tls_certificate),
        implicit_tls=implicit_tls,
        authenticator=authenticator,
        allow_plaintext=allow_plaintext,
        strict=strict,
        timeout=timeout,
        auth_failure_delay=auth_failure_delay,
        trace=trace,
    )
    return serve(
        runtime,
        lambda stream: Pop3Session(stream, service),
        host,
        port,
        admission or Admission(),
        b"" if implicit_tls else _FULL,
    )
