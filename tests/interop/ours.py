"""mailproto's side in tests with real peers: our clients and our servers, on either library."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from mailproto.clients import SmtpClient
from mailproto.servers import (
    MessageAborted,
    MessageBody,
    MessageReplies,
    Server,
    SmtpEnvelope,
    SmtpHandler,
    SmtpSession,
)
from mailproto.smtp import EnhancedCode, Rcpt, Reply
from mailproto.stream import Runtime
from mailproto.tls import TlsMode

from ..libraries import Library
from .peers import HOST, Delivery
from .programs import CLIENT_NAME

HELLO = b"Subject: hello\r\n\r\n.\r\nhello\r\n"
NOBODY = "who@example.test"
UNKNOWN = Reply(550, "No such user here", EnhancedCode(5, 1, 1))
LATER = Reply(451, "Try again", EnhancedCode(4, 3, 0))


def smtp(library: Library, port: int, **options: Any) -> AbstractAsyncContextManager[SmtpClient]:
    """Connect to a server on loopback, in clear text unless told otherwise."""
    settings: dict[str, Any] = {"tls": TlsMode.NONE, "local_hostname": CLIENT_NAME, **options}
    client: AbstractAsyncContextManager[SmtpClient]
    client = library.binding.connect_smtp(HOST, port, **settings)
    return client


def lmtp(library: Library, **where: Any) -> AbstractAsyncContextManager[SmtpClient]:
    """Connect to an LMTP server."""
    client: AbstractAsyncContextManager[SmtpClient]
    client = library.binding.connect_lmtp(local_hostname=CLIENT_NAME, **where)
    return client


@dataclass(frozen=True)
class Mail:
    """A message as our server accepted it."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    user: str | None
    tls: str | None
    peer: str

    @property
    def relayed(self) -> bytes:
        """What the sender of a message gave to the server that relayed it."""
        return Delivery.from_file(self.data.replace(b"\r\n", b"\n")).message


class Inbox(SmtpHandler):
    """Keeps what comes, and gives the replies that a test wants.

    `rcpt_replies` and `message_replies` are for recipients by name, each used up from its front;
    everyone else is accepted. `aborted` counts messages that never became complete. `closed`
    happens when the first session is over.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        rcpt_replies: Mapping[str, Sequence[Reply]] | None = None,
        message_replies: Mapping[str, Sequence[Reply]] | None = None,
    ) -> None:
        self.mails: list[Mail] = []
        self.aborted = 0
        self.closed = runtime.event()
        self._rcpt_replies = {who: list(them) for who, them in (rcpt_replies or {}).items()}
        self._message_replies = {who: list(them) for who, them in (message_replies or {}).items()}

    async def rcpt(self, session: SmtpSession, command: Rcpt) -> Reply | None:
        return _next_reply(self._rcpt_replies, command.forward_path)

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        try:
            data = await body.read()
        except MessageAborted:
            self.aborted += 1
            raise
        refusals = {
            who: reply
            for who in envelope.recipients
            if (reply := _next_reply(self._message_replies, who)) is not None
        }
        accepted = tuple(who for who in envelope.recipients if who not in refusals)
        if accepted:
            session = envelope.session
            tls = session.tls.version if session.tls else None
            self.mails.append(
                Mail(envelope.sender, accepted, data, session.user, tls, session.peer)
            )
        return refusals

    async def disconnect(self, session: SmtpSession) -> None:
        self.closed.set()


def _next_reply(replies: dict[str, list[Reply]], who: str) -> Reply | None:
    left = replies.get(who)
    return left.pop(0) if left else None


def serve(
    library: Library, handler: SmtpHandler, *, lmtp: bool = False, **options: Any
) -> AbstractAsyncContextManager[Server]:
    """Run our server on loopback."""
    start = library.binding.serve_lmtp if lmtp else library.binding.serve_smtp
    server: AbstractAsyncContextManager[Server]
    server = start(handler, HOST, hostname="mx.example.test", **options)
    return server
