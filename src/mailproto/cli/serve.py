"""``mailproto serve``: a server that takes every message and shows it."""

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
from mailproto.cli.reports import JsonReport, Ready, Report, Reporter
from mailproto.limits import SmtpLimits
from mailproto.sasl import PasswordAuthenticator, SaslError
from mailproto.servers import Admission, Server, SmtpEnvelope, SmtpHandler, StoreInbox
from mailproto.servers.inbox import ReceivedMessage
from mailproto.stores import Mailbox, MailStore, MemoryStore, MessageInfo, StoreError
from mailproto.stores.maildir import MaildirMailbox, MaildirStore

__all__ = ["run"]

_HEAD = 16 * 1024
_GRACE = 10.0  # seconds for what is under way when the server is told to stop


def run(arguments: Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM. Raises :class:`Unusable` if that can not begin."""
    if arguments.lmtp and (arguments.users or arguments.require_auth):
        raise Unusable(Failure("--lmtp knows no log-in.", "Leave out --user and --require-auth."))
    if arguments.lmtp and arguments.tls_port is not None:
        raise Unusable(Failure("--lmtp knows no TLS from the start.", "Leave out --tls-port."))
    if arguments.key and not arguments.cert:
        raise Unusable(Failure("--key needs --cert.", "Give the certificate too."))
    report = JsonReport() if arguments.json else Report()
    show_log(logging.INFO)
    with TemporaryDirectory(prefix="mailproto-") as directory:
        asyncio.run(_serve(arguments, report, Path(directory)))
    return 0


async def _serve(arguments: Namespace, report: Reporter, directory: Path) -> None:
    tls = _tls(arguments, directory)
    users = arguments.users or [("demo", secrets.token_urlsafe(9))]
    store = await _store(arguments.maildir, [name for name, _ in users])
    handler = _handler(store, users, report)
    if arguments.lmtp:
        listeners = _lmtp(arguments, handler)
    else:
        authenticator = _authenticator(users)
        listeners = _smtp(arguments, handler, tls, authenticator)
        listeners |= _pop3(arguments, store, tls, authenticator)
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
                        admission=Admission(grace=_GRACE),
                    )
                )
            except OSError as error:
                raise Unusable(_no_port(error, arguments.host, port)) from None
        report.ready(
            Ready(
                ports={kind: server.addresses[0] for kind, server in servers.items()},
                ca=tls.ca,
                maildir=arguments.maildir,
                user=None if arguments.lmtp else users[0][0],
                password=None if arguments.lmtp or arguments.users else users[0][1],
            )
        )
        await stop.wait()
        report.stopping(sum(server.connections for server in servers.values()))
        await asyncio.gather(*(server.drain() for server in servers.values()))
    report.stopped()


_Listeners = dict[str, tuple[Callable[..., Any], int]]


def _limits(arguments: Namespace) -> SmtpLimits:
    return SmtpLimits(message_size=arguments.max_size)


def _lmtp(arguments: Namespace, handler: SmtpHandler) -> _Listeners:
    serve = partial(binding.serve_lmtp, handler, limits=_limits(arguments))
    return {"lmtp": (serve, arguments.port)}


def _authenticator(users: list[tuple[str, str]]) -> PasswordAuthenticator:
    try:
        return PasswordAuthenticator(dict(users))
    except SaslError as error:
        raise Unusable(Failure(f"--user: {error}.", "Choose another name or password.")) from None


def _smtp(
    arguments: Namespace, handler: SmtpHandler, tls: ServerTls, authenticator: PasswordAuthenticator
) -> _Listeners:
    serve = partial(
        binding.serve_smtp,
        handler,
        tls_certificate=tls.certificate,
        authenticator=authenticator,
        require_auth=arguments.require_auth,
        limits=_limits(arguments),
    )
    return {
        "smtp": (serve, arguments.port),
        "smtps": (partial(serve, implicit_tls=True), arguments.tls_port or 0),
    }


def _pop3(
    arguments: Namespace, store: MailStore, tls: ServerTls, authenticator: PasswordAuthenticator
) -> _Listeners:
    serve = partial(binding.serve_pop3, store, authenticator, tls_certificate=tls.certificate)
    return {
        "pop3": (serve, arguments.pop3_port),
        "pop3s": (partial(serve, implicit_tls=True), arguments.pop3s_port),
    }


async def _store(maildir: Path | None, users: list[str]) -> MailStore:
    """Return where the mail is kept: a Maildir, in it one for each of several users, or memory."""
    if maildir is None:
        return MemoryStore()
    only = maildir if len(users) == 1 else None
    store = MaildirStore(maildir if only is None else lambda user: only, binding.RUNTIME)
    for user in users:
        with reading(maildir):
            try:
                await store.account(user)
            except StoreError as error:
                if isinstance(error.__cause__, OSError):
                    raise error.__cause__ from None
                raise Unusable(Failure(f"--user: {error}.", "Choose another name.")) from None
    return store


def _handler(store: MailStore, users: list[tuple[str, str]], report: Reporter) -> SmtpHandler:
    """Return what delivers into the store."""
    names = [name for name, _ in users]

    def account(forward_path: str) -> str:
        """Every recipient has one: the user of that name, else the first."""
        local_part = forward_path.rpartition("@")[0]
        return next((name for name in names if name in (forward_path, local_part)), names[0])

    async def tell(envelope: SmtpEnvelope, mailbox: Mailbox, info: MessageInfo) -> None:
        session = envelope.session
        content: bytes | Path
        if isinstance(mailbox, MaildirMailbox):
            head = await _octets(mailbox, info.uid, _HEAD)
            content = await mailbox.path(info.uid)
        else:
            content = await _octets(mailbox, info.uid)
            head = content[:_HEAD]
        report.message(
            ReceivedMessage(
                envelope.sender,
                envelope.recipients,
                info.size,
                head,
                content,
                session.peer,
                session.user,
            )
        )

    return StoreInbox(store, account, on_message=tell)


async def _octets(mailbox: Mailbox, uid: int, length: int | None = None) -> bytes:
    return b"".join([piece async for piece in mailbox.read(uid, 0, length)])


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
