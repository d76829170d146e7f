"""``mailproto serve``: takes every message, shows it, and lets it be read by POP3 and IMAP."""

import asyncio
import logging
import os
import secrets
import signal
import socket
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from mailproto import asyncio as binding
from mailproto.cli import certificates
from mailproto.cli.certificates import ServerTls
from mailproto.cli.display import show_log
from mailproto.cli.failures import Failure, Unusable, reading
from mailproto.cli.reports import JsonReport, Ready, Received, Report, Reporter
from mailproto.limits import ImapLimits, SmtpLimits
from mailproto.sasl import PasswordAuthenticator, SaslError
from mailproto.servers import Admission, Server, SmtpEnvelope, StoreInbox
from mailproto.stores import Mailbox, MailStore, MemoryStore, MessageInfo, StoreError
from mailproto.stores.maildir import MaildirMailbox, MaildirStore

__all__ = ["run"]

_HEAD = 16 * 1024
_GRACE = 10.0  # seconds for what is under way when the server is told to stop
_ADMISSION = Admission(grace=_GRACE)
_LONG_LIVES = Admission(grace=_GRACE, total_time=None)  # as readers by IMAP have


def run(arguments: Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM. Raises :class:`Unusable` if that can not begin."""
    if arguments.lmtp and arguments.require_auth:
        raise Unusable(Failure("--lmtp knows no log-in.", "Leave out --require-auth."))
    if arguments.lmtp and arguments.tls_port is not None:
        raise Unusable(Failure("--lmtp knows no TLS from the start.", "Leave out --tls-port."))
    if arguments.key and not arguments.cert:
        raise Unusable(Failure("--key needs --cert.", "Give the certificate too."))
    report = JsonReport() if arguments.json else Report()
    show_log(logging.INFO)
    with TemporaryDirectory(prefix="mailproto-") as directory:
        asyncio.run(_serve(arguments, report, Path(directory)))
    return 0


_Listeners = dict[str, tuple[Callable[..., Any], int]]


async def _serve(arguments: Namespace, report: Reporter, directory: Path) -> None:
    tls = _tls(arguments, directory)
    users = arguments.users or [("demo", secrets.token_urlsafe(9))]
    options = {"authenticator": _authenticator(users), "tls_certificate": tls.certificate}
    store = await _store(arguments, [name for name, _ in users])
    delivery = _lmtp if arguments.lmtp else _smtp
    listeners = {
        **delivery(arguments, _inbox(store, users, report), options),
        **_reading(arguments, store, options),
    }
    async with AsyncExitStack() as stack:
        stop = asyncio.Event()
        stack.enter_context(_on_stop_signal(stop.set))
        servers: dict[str, Server] = {}
        for kind, (serve, port) in listeners.items():
            try:
                servers[kind] = await stack.enter_async_context(
                    serve(
                        host=arguments.host,
                        port=port,
                        tls_context=tls.context,
                    )
                )
            except OSError as error:
                raise Unusable(_no_port(error, arguments.host, port)) from None
        report.ready(
            Ready(
                ports={kind: server.addresses[0] for kind, server in servers.items()},
                ca=tls.ca,
                maildir=arguments.maildir,
                user=users[0][0],
                password=None if arguments.users else users[0][1],
            )
        )
        await stop.wait()
        report.stopping(sum(server.connections for server in servers.values()))
        await asyncio.gather(*(server.drain() for server in servers.values()))
    report.stopped()


def _authenticator(users: list[tuple[str, str]]) -> PasswordAuthenticator:
    try:
        return PasswordAuthenticator(dict(users))
    except SaslError as error:
        raise Unusable(Failure(f"--user: {error}.", "Choose another name or password.")) from None


def _lmtp(arguments: Namespace, inbox: StoreInbox, _: dict[str, Any]) -> _Listeners:
    serve = partial(binding.serve_lmtp, inbox, limits=_limits(arguments), admission=_ADMISSION)
    return {"lmtp": (serve, arguments.port)}


def _smtp(arguments: Namespace, inbox: StoreInbox, options: dict[str, Any]) -> _Listeners:
    serve = partial(
        binding.serve_smtp,
        inbox,
        require_auth=arguments.require_auth,
        limits=_limits(arguments),
        admission=_ADMISSION,
        **options,
    )
    return _both("smtp", serve, arguments.port, arguments.tls_port or 0)


def _reading(arguments: Namespace, store: MailStore, options: dict[str, Any]) -> _Listeners:
    pop3 = partial(binding.serve_pop3, store, admission=_ADMISSION, **options)
    imap = partial(
        binding.serve_imap,
        store,
        limits=ImapLimits(message_size=arguments.max_size),
        admission=_LONG_LIVES,
        **options,
    )
    return {
        **_both("pop3", pop3, arguments.pop3_port, arguments.pop3s_port),
        **_both("imap", imap, arguments.imap_port, arguments.imaps_port),
    }


def _both(kind: str, serve: Callable[..., Any], clear: int, encrypted: int) -> _Listeners:
    """Listen for clear text, where TLS can be started, and for TLS from the start."""
    return {kind: (serve, clear), f"{kind}s": (partial(serve, implicit_tls=True), encrypted)}


def _limits(arguments: Namespace) -> SmtpLimits:
    return SmtpLimits(message_size=arguments.max_size)


async def _store(arguments: Namespace, users: list[str]) -> MailStore:
    """Return where the mail is kept: a Maildir, in it one for each of several users, or memory."""
    maildir: Path | None = arguments.maildir
    limit = {} if arguments.capacity is None else {"capacity": arguments.capacity}
    if maildir is None:
        return MemoryStore(**limit)
    only = maildir if len(users) == 1 else None
    directory = maildir if only is None else lambda user: only
    store = MaildirStore(directory, binding.RUNTIME, **limit)
    for user in users:
        with reading(maildir):
            try:
                await store.account(user)
            except StoreError as error:
                if isinstance(error.__cause__, OSError):
                    raise error.__cause__ from None
                raise Unusable(Failure(f"--user: {error}.", "Choose another name.")) from None
    return store


def _inbox(store: MailStore, users: list[tuple[str, str]], report: Reporter) -> StoreInbox:
    """Return what delivers into the store."""
    names = [name for name, _ in users]

    def account(forward_path: str) -> str:
        """Every recipient has one: the user of that name, else the first."""
        local_part = forward_path.rpartition("@")[0]
        return next((name for name in names if name in (forward_path, local_part)), names[0])

    async def tell(envelope: SmtpEnvelope, mailbox: Mailbox, info: MessageInfo) -> None:
        report.message(
            Received(
                envelope.sender,
                envelope.recipients,
                info.size,
                b"".join([piece async for piece in mailbox.read(info.uid, 0, _HEAD)]),
                envelope.session.peer,
                envelope.session.user,
                await mailbox.path(info.uid) if isinstance(mailbox, MaildirMailbox) else None,
            )
        )

    return StoreInbox(store, account, on_message=tell)


def _tls(arguments: Namespace, directory: Path) -> ServerTls:
    if arguments.cert is None:
        names = ("localhost", "127.0.0.1", "::1", socket.gethostname(), arguments.host)
        return certificates.throw_away(names, directory)
    with reading(arguments.cert):
        return certificates.from_files(arguments.cert, arguments.key)


def _no_port(error: OSError, host: str, port: int) -> Failure:
    return Failure(
        f"Port {port} on {host} can not be used: {_reason(error)}.",
        "Choose another port (0 takes a free one) or another --host.",
    )


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)  # asyncio writes a sentence around it


@contextmanager
def _on_stop_signal(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on the first SIGINT or SIGTERM; a second one does what it always does."""
    loop = asyncio.get_running_loop()
    previous: dict[signal.Signals, Any] = {}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def handle(number: int, frame: FrameType | None) -> None:
        restore()
        loop.call_soon_threadsafe(stop)

    for number in (signal.SIGINT, signal.SIGTERM):
        previous[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        restore()
