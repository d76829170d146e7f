"""``serve_imap``: an IMAP server in one call."""

import ssl
from contextlib import AbstractAsyncContextManager
from weakref import WeakKeyDictionary

from mailproto._trace import Trace
from mailproto.limits import ImapLimits
from mailproto.sasl import Authenticator
from mailproto.servers.imap import gmail as labels
from mailproto.servers.imap.content import Structures
from mailproto.servers.imap.criteria import KEYS
from mailproto.servers.imap.fetch import ITEMS
from mailproto.servers.imap.handlers import HANDLERS, UPLOADS, extensions
from mailproto.servers.imap.service import ImapService
from mailproto.servers.imap.session import ImapSession
from mailproto.servers.listener import Admission, Server, own_name, serve
from mailproto.stores import MailStore
from mailproto.stores.sharing import SharingStore
from mailproto.stream import Runtime
from mailproto.tls import certificate_in_der

__all__ = ["serve_imap"]

# Servers that share a store tell a message as recent once among them (RFC 3501 2.3.2).
_RECENT: WeakKeyDictionary[MailStore, dict[tuple[str | None, str, int], int]]
_RECENT = WeakKeyDictionary()

_FULL = b"* BYE [UNAVAILABLE] Too many connections, try again later\r\n"
_LONG_LIVES = Admission(total_time=None)  # clients stay for days


def serve_imap(
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
    strict: bool = False,
    limits: ImapLimits | None = None,
    admission: Admission | None = None,
    timeout: float | None = None,
    auth_failure_delay: float = 1.0,
    identity: dict[str, str | None] | None = None,
    gmail: bool = False,
    other_users: str = "user",
    trace: Trace | None = None,
) -> AbstractAsyncContextManager[Server]:
    """Serve IMAP4rev1 and IMAP4rev2 as ``async with serve_imap(store, authenticator) as server:``.

    Any number of sessions may have the same mailbox; each is told of what the others and other
    users of ``store`` do. ``authenticator`` checks who logs in; without TLS no password is taken
    readable, unless ``allow_plaintext``. ``identity`` is what ID tells of the server (RFC 2971),
    its name by default. ``gmail`` adds Gmail's X-GM-EXT-1, for tests of clients: its labels are
    the mailboxes that hold a copy of a message; then nothing is shared. Otherwise, if ``store``
    shares mailboxes, users find what others share with them below ``other_users``, as in
    ``user/ann/Work``. ``timeout`` is how many seconds to wait for the
    client, 30 minutes by default (RFC 9051 5.4). The other arguments are those of
    ``serve_smtp``; sessions have no ``total_time`` unless ``admission`` says so.

    On leaving, clients that wait or idle are told to go, commands under way have
    ``admission.grace`` seconds to end. Raises ``OSError`` if the port can not be had.
    """
    if implicit_tls and tls_context is None:
        raise ValueError("implicit_tls needs a tls_context")
    limits = limits or ImapLimits()
    service = ImapService(
        runtime,
        SharingStore(store, other_users) if store.shares and not gmail else store,
        hostname or own_name(),
        limits,
        {**HANDLERS, **labels.HANDLERS} if gmail else HANDLERS,
        UPLOADS,
        (*extensions(limits), labels.EXTENSION) if gmail else extensions(limits),
        labels.SEARCH_KEYS if gmail else KEYS,
        {**ITEMS, **labels.ITEMS} if gmail else ITEMS,
        label_members=labels.label_members if gmail else None,
        offers={},
        identity={"name": "mailproto"} if identity is None else identity,
        structures=Structures(),
        recent=_RECENT.setdefault(store, {}),
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
        lambda stream: ImapSession(stream, service),
        host,
        port,
        admission or _LONG_LIVES,
        b"" if implicit_tls else _FULL,
    )
