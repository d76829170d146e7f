"""The SMTP and LMTP client: what applications use."""

import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any
from unicodedata import normalize

from mailproto._dots import CrlfNormalizer
from mailproto._value import evolve, value
from mailproto.clients.content import Content, MessageSource, envelope_of, open_content
from mailproto.clients.session import ClientSession, hung_up
from mailproto.errors import (
    AuthenticationFailed,
    CommandFailed,
    ConnectionLost,
    LocalProtocolError,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.sasl import DEFAULT_ORDER, ClientMechanism, Credentials, SaslError, choose
from mailproto.smtp import (
    Bdat,
    ClientConnection,
    Command,
    ConnectionClosed,
    Data,
    Ehlo,
    EndOfMessage,
    Expn,
    Extensions,
    Greeting,
    Helo,
    Help,
    Lhlo,
    Mail,
    MessageData,
    Noop,
    Quit,
    Rcpt,
    Reply,
    ReplyReceived,
    Rset,
    StartTls,
    State,
    UnsolicitedReply,
    UpgradeToTls,
    Vrfy,
)
from mailproto.smtp.states import command_name
from mailproto.stream import Runtime, Stream

__all__ = ["DeliveryFailed", "RecipientResult", "SendResult", "SmtpClient"]

_IN_FLIGHT = 100  # commands sent before their replies are read: both ends' buffers are finite
_CHUNKS_IN_FLIGHT = 8
_QUIT_TIMEOUT = 10.0
Progress = Callable[[int], object]


@value
class RecipientResult:
    """What became of one recipient: the server's last word on it."""

    recipient: str
    reply: Reply

    @property
    def accepted(self) -> bool:
        """Whether the server took responsibility for the message to this recipient."""
        return self.reply.is_positive


@value
class SendResult:
    """What became of a message, recipient by recipient, in the order given."""

    sender: str
    recipients: tuple[RecipientResult, ...]

    @property
    def accepted(self) -> tuple[str, ...]:
        """The recipients that the server took the message for."""
        return tuple(r.recipient for r in self.recipients if r.accepted)

    @property
    def refused(self) -> dict[str, Reply]:
        """The others, and why."""
        return {r.recipient: r.reply for r in self.recipients if not r.accepted}


class DeliveryFailed(CommandFailed):
    """The server took the message for no recipient at all; ``result`` tells each one's reply."""

    def __init__(self, result: SendResult) -> None:
        first = result.recipients[0]
        super().__init__(
            f"no recipient was accepted: {first.recipient}: {first.reply}", first.reply
        )
        self.result = result


class SmtpClient(ClientSession):
    """A connected SMTP or LMTP client; get one from ``connect_smtp`` or ``connect_lmtp``.

    Several tasks may use it: a message is sent as one piece. If a call is cancelled or times
    out half way, the client can not be used any more (and says so): replies could no longer be
    told apart. All methods may raise :class:`ConnectionLost`, :class:`RemoteProtocolError`,
    ``TimeoutError`` and, for what the protocol forbids, :class:`LocalProtocolError`.
    """

    def __init__(
        self,
        stream: Stream,
        runtime: Runtime,
        connection: ClientConnection,
        *,
        local_hostname: str,
        timeout: float | None = None,
    ) -> None:
        super().__init__(stream, runtime, timeout=timeout)
        self._connection = connection
        self._local_hostname = local_hostname
        self.greeting: Reply | None = None
        """What the server said first."""

    # --- what is known of the server ---

    @property
    def extensions(self) -> Extensions:
        """What the server offers now."""
        return self._connection.extensions

    @property
    def core(self) -> ClientConnection:
        """The core; look, but do not send."""
        return self._connection

    @property
    def usable(self) -> bool:
        """Whether another command can be sent; False too once the server said 421."""
        return (
            not self._unusable
            and not self._connection.said_goodbye
            and self._connection.state not in (State.CLOSED, State.ERROR)
        )

    @property
    def half_done(self) -> bool:
        """See :class:`ClientSession`."""
        return bool(self._connection.in_flight) or self._connection.sending_body

    def refusal_in(self, event: Any) -> ConnectionLost | None:
        """See :class:`ClientSession`."""
        if isinstance(event, (ReplyReceived, UnsolicitedReply)) and event.reply.code >= 400:
            return ConnectionLost(f"the server hung up: {event.reply}", event.reply)
        return None

    # --- one command at a time ---

    async def command(self, command: Command) -> Reply:
        """Send any command but DATA, BDAT, AUTH and STARTTLS, and return its reply."""
        async with self.exchange():
            return await self._command(command)

    async def ehlo(self) -> Reply:
        """Say EHLO (LHLO to LMTP, HELO if the server knows no EHLO) and learn the extensions.

        Raises :class:`CommandFailed`.
        """
        async with self.exchange():
            return await self._hello()

    async def noop(self) -> Reply:
        """Say NOOP: is the server still there?"""
        return await self.command(Noop())

    async def rset(self) -> Reply:
        """Say RSET: drop the transaction."""
        return await self.command(Rset())

    async def vrfy(self, argument: str, *, smtputf8: bool = False) -> Reply:
        """Ask whether a user or mailbox exists; most servers answer 252."""
        return await self.command(Vrfy(argument, smtputf8))

    async def expn(self, argument: str, *, smtputf8: bool = False) -> Reply:
        """Ask for the members of a list."""
        return await self.command(Expn(argument, smtputf8))

    async def help(self, topic: str | None = None) -> Reply:
        """Ask for help."""
        return await self.command(Help(topic))

    async def mail(self, mail: Mail | str) -> Reply:
        """Begin a transaction by hand; :meth:`send` does it all."""
        return await self.command(Mail(mail) if isinstance(mail, str) else mail)

    async def rcpt(self, rcpt: Rcpt | str) -> Reply:
        """Name a recipient by hand."""
        return await self.command(Rcpt(rcpt) if isinstance(rcpt, str) else rcpt)

    async def data(self, message: MessageSource) -> tuple[Reply, ...]:
        """Send a body after :meth:`mail` and :meth:`rcpt`, through DATA.

        Returns the reply to the message: one, in LMTP one for each accepted recipient.
        Raises :class:`CommandFailed` if the server does not want the body.
        """
        eight_bit = "8BITMIME" in self.extensions
        content = await open_content(message, self._runtime, utf8=False, eight_bit=eight_bit)
        async with self.exchange():
            reply = await self._command(Data())
            if not reply.is_intermediate:
                raise CommandFailed(f"DATA was refused: {reply}", reply)
            return tuple(await self._send_body(content, None))

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Say STARTTLS, do the handshake, say EHLO again.

        Raises :class:`TLSRequired` if the server refuses, ``ssl.SSLError`` if the handshake
        fails.
        """
        async with self.exchange():
            if "STARTTLS" not in self.extensions:
                raise TLSRequired(
                    "the server does not offer STARTTLS: try tls=TlsMode.IMPLICIT (port 465), or "
                    "tls=TlsMode.NONE if clear text will do"
                )
            reply = await self._command(StartTls())
            if not reply.is_positive:
                raise TLSRequired(f"the server refused STARTTLS: {reply}")
            event = await self.next_event()
            assert isinstance(event, UpgradeToTls)
            tls = await self.upgrade(context, server_hostname)
            self._connection.tls_established(tls.channel_bindings)
            await self._hello()

    async def authenticate(
        self, mechanism: ClientMechanism, *, allow_plaintext: bool = False
    ) -> None:
        """Authenticate with this mechanism. Raises :class:`AuthenticationFailed`."""
        async with self.exchange():
            self._connection.authenticate(mechanism, allow_plaintext=allow_plaintext)
            event = await self._next_reply()
        if event.error is not None:
            raise AuthenticationFailed(f"{mechanism.name}: {event.error}", event.reply)
        if not event.reply.is_positive:
            raise AuthenticationFailed(f"{mechanism.name} was refused: {event.reply}", event.reply)

    async def login(
        self,
        credentials: Credentials,
        *,
        mechanisms: Sequence[str] = DEFAULT_ORDER,
        allow_plaintext: bool = False,
    ) -> None:
        """Authenticate with the first of ``mechanisms`` that fits server and credentials.

        A refusal is final: no weaker mechanism is tried. Raises
        :class:`AuthenticationFailed`.
        """
        try:
            mechanism = choose(
                self.extensions.auth,
                credentials,
                allowed=mechanisms,
                channel_bindings=self._connection.channel_bindings,
                secure=self._connection.tls,
                allow_plaintext=allow_plaintext,
            )
        except SaslError as error:
            raise AuthenticationFailed(str(error), None) from None
        await self.authenticate(mechanism, allow_plaintext=allow_plaintext)

    async def quit(self) -> None:
        """Say QUIT and close. Never raises for what the server does."""
        try:
            if self.usable and not self._connection.sending_body:
                async with self._runtime.deadline(_QUIT_TIMEOUT):
                    await self.command(Quit())
        except (ConnectionLost, RemoteProtocolError, LocalProtocolError, TimeoutError):
            pass
        finally:
            await self.aclose()

    # --- whole messages ---

    async def send(
        self,
        message: MessageSource,
        sender: str | Mail | None = None,
        recipients: str | Rcpt | Iterable[str | Rcpt] | None = None,
        *,
        smtputf8: bool | None = None,
        chunking: bool | None = None,
        binary: bool = False,
        progress: Progress | None = None,
    ) -> SendResult:
        """Send a message and return what became of each recipient.

        ``sender`` and ``recipients`` are the envelope: addresses, or :class:`Mail` and
        :class:`Rcpt` values with parameters such as NOTIFY. Without them the header names them,
        and Bcc is taken out. SIZE, 8BITMIME and SMTPUTF8 are declared as the content needs
        (``smtputf8`` overrides). ``chunking`` sends through BDAT; ``binary`` too, with line ends
        left alone (BINARYMIME). ``progress`` is called with the octets sent so far.

        More recipients than the server takes at once go in several transactions. Raises
        :class:`DeliveryFailed` if no recipient was accepted, :class:`LocalProtocolError` if the
        message or an address can not be sent to this server.
        """
        if isinstance(message, Path):
            file = await self._runtime.in_thread(lambda: message.open("rb"))
            with file:
                return await self.send(
                    file,
                    sender,
                    recipients,
                    smtputf8=smtputf8,
                    chunking=chunking,
                    binary=binary,
                    progress=progress,
                )
        mail, rcpts = _given_envelope(sender, recipients)
        content: Content | None = None
        if mail is None or rcpts is None:
            if not hasattr(message, "get_all"):
                content = await self._open(message, utf8=False)
            named_sender, named_recipients = envelope_of(content or message)  # type: ignore[arg-type]
            if content is not None and rcpts is None:
                content.drop_bcc()
            mail = mail or Mail(named_sender)
            rcpts = rcpts or [Rcpt(recipient) for recipient in named_recipients]
        mail, rcpts, utf8 = self._adapt_addresses(mail, rcpts)
        content = content or await self._open(message, utf8=utf8)
        if smtputf8 is None:
            smtputf8 = utf8 or content.utf8_headers
        mail = self._declare(mail, content, smtputf8, binary)
        by_bdat = binary or bool(chunking)
        if by_bdat and "CHUNKING" not in self.extensions:
            raise LocalProtocolError("BDAT needs CHUNKING, which the server does not offer")
        async with self.exchange():
            replies = await self._send_all(mail, rcpts, content, by_bdat, binary, progress)
        result = SendResult(
            mail.reverse_path,
            tuple(
                RecipientResult(rcpt.forward_path, reply)
                for rcpt, reply in zip(rcpts, replies, strict=True)
            ),
        )
        if not result.accepted:
            raise DeliveryFailed(result)
        return result

    async def _open(self, message: MessageSource, *, utf8: bool) -> Content:
        eight_bit = "8BITMIME" in self.extensions
        return await open_content(message, self._runtime, utf8=utf8, eight_bit=eight_bit)

    def _adapt_addresses(self, mail: Mail, rcpts: list[Rcpt]) -> tuple[Mail, list[Rcpt], bool]:
        """Decide about SMTPUTF8 for the envelope; without it, domains become A-labels."""
        paths = [mail.reverse_path, *(rcpt.forward_path for rcpt in rcpts)]
        if all(path.isascii() for path in paths):
            return mail, rcpts, False
        if "SMTPUTF8" in self.extensions:
            return mail, rcpts, True
        return (
            evolve(mail, reverse_path=_to_ascii(mail.reverse_path)),
            [evolve(rcpt, forward_path=_to_ascii(rcpt.forward_path)) for rcpt in rcpts],
            False,
        )

    def _declare(self, mail: Mail, content: Content, smtputf8: bool, binary: bool) -> Mail:
        """Add the parameters that tell what the message is."""
        offered = self.extensions
        found: dict[str, Any] = {}
        if mail.size is None and content.size is not None and "SIZE" in offered:
            found["size"] = content.size
        if binary:
            found["body"] = "BINARYMIME"
        elif mail.body is None and content.eight_bit is not False and "8BITMIME" in offered:
            found["body"] = "8BITMIME"
        elif content.eight_bit and "8BITMIME" not in offered:
            raise LocalProtocolError(
                "the message has 8-bit octets, and the server does not offer 8BITMIME: give an "
                "EmailMessage, which is then re-encoded"
            )
        if smtputf8 and not mail.smtputf8:
            if "SMTPUTF8" not in offered:
                raise LocalProtocolError(
                    "the header or an address is in UTF-8, and the server does not offer SMTPUTF8: "
                    "give an EmailMessage, whose header is then encoded, or smtputf8=False"
                )
            found["smtputf8"] = True
        return evolve(mail, **found) if found else mail

    async def _send_all(
        self,
        mail: Mail,
        rcpts: list[Rcpt],
        content: Content,
        by_bdat: bool,
        binary: bool,
        progress: Progress | None,
    ) -> list[Reply]:
        """Send to all recipients, in as many transactions as it takes; a reply for each."""
        replies: dict[int, Reply] = {}
        todo = list(range(len(rcpts)))
        while todo:
            group = self._next_group(todo, rcpts)
            if replies and not content.repeatable:
                replies |= dict.fromkeys(todo, _CANNOT_REPEAT)
                break
            try:
                got = await self._transaction(
                    mail, [rcpts[i] for i in group], content, by_bdat, binary, progress
                )
            except (LocalProtocolError, RemoteProtocolError, ConnectionLost, TimeoutError) as error:
                if not replies:
                    raise
                self.note(error)
                replies |= dict.fromkeys(todo, Reply(451, f"not confirmed: {error}"))
                break
            before = len(replies)
            replies.update(zip(group, got, strict=True))
            # RFC 5321 4.5.3.1.10: "too many recipients" means: the rest in another transaction.
            if any(reply.is_positive for reply in got):
                for i in group:
                    if replies[i].code == 452 and str(replies[i].enhanced) in ("None", "4.5.3"):
                        del replies[i]
            if len(replies) == before:
                replies.update(zip(group, got, strict=True))
            todo = [i for i in todo if i not in replies]
        return [replies[i] for i in range(len(rcpts))]

    def _next_group(self, todo: list[int], rcpts: list[Rcpt]) -> list[int]:
        """Return the recipients of the next transaction, within the server's LIMITS."""
        limits = self.extensions.limits
        group: list[int] = []
        domains: set[str] = set()
        for i in todo[: limits.rcptmax]:
            domain = rcpts[i].forward_path.rpartition("@")[2].lower()
            if limits.rcptdomainmax is None or len(domains | {domain}) <= limits.rcptdomainmax:
                domains.add(domain)
                group.append(i)
        return group

    async def _transaction(
        self,
        mail: Mail,
        rcpts: list[Rcpt],
        content: Content,
        by_bdat: bool,
        binary: bool,
        progress: Progress | None,
    ) -> list[Reply]:
        """Run one transaction; return the last word on each recipient."""
        connection = self._connection
        if connection.state is not State.READY:
            await self._command(Rset())
        data: list[Command] = [] if by_bdat else [Data()]
        if "PIPELINING" in self.extensions:
            mail_reply, *replies = await self._batch([mail, *rcpts, *data])
        else:
            mail_reply = await self._command(mail)
            replies = await self._batch(rcpts) if mail_reply.is_positive else []
            if any(reply.is_positive for reply in replies):
                replies += await self._batch(data)
        if not mail_reply.is_positive:
            replies[: len(rcpts)] = [mail_reply] * len(rcpts)
        accepted = [i for i in range(len(rcpts)) if replies[i].is_positive]
        last_words: list[Reply] = replies[len(rcpts) :] * len(accepted)
        if by_bdat and accepted:
            last_words = await self._send_chunks(content, binary, progress)
        elif connection.sending_body and accepted:
            last_words = await self._send_body(content, progress)
        elif connection.sending_body:  # 354 although nobody is there: RFC 2920 3.1
            connection.send(EndOfMessage())
            await self._collect()
        if connection.state is not State.READY and self.usable:
            await self._command(Rset())
        if len(last_words) == 1:
            last_words *= len(accepted)
        for i, reply in zip(accepted, last_words, strict=True):
            replies[i] = reply
        return replies[: len(rcpts)]

    async def _send_body(self, content: Content, progress: Progress | None) -> list[Reply]:
        """Send a body through DATA; return the replies to it."""
        sent = 0
        async with aclosing(content.chunks()) as chunks:
            async for chunk in chunks:
                self._connection.send(MessageData(chunk))
                await self.flush()
                sent += len(chunk)
                if progress is not None:
                    progress(sent)
        self._connection.send(EndOfMessage())
        return await self._collect()

    async def _send_chunks(
        self, content: Content, binary: bool, progress: Progress | None
    ) -> list[Reply]:
        """Send a body through BDAT; return the replies to the last one, or to one refused."""
        connection = self._connection
        prepare = (lambda chunk: chunk) if binary else CrlfNormalizer().feed
        sent = 0
        async with aclosing(content.chunks()) as chunks:
            async for chunk in chunks:
                data = prepare(chunk)
                while (
                    len(connection.in_flight) >= _CHUNKS_IN_FLIGHT or not connection.may_pipeline()
                ):
                    reply = (await self._next_reply()).reply
                    if not reply.is_positive:
                        return await self._give_up_chunks(reply)
                connection.send(Bdat(len(data)))
                connection.send(MessageData(data))
                await self.flush()
                sent += len(chunk)
                if progress is not None:
                    progress(sent)
        for reply in await self._collect():
            if not reply.is_positive:
                return await self._give_up_chunks(reply)
        connection.send(Bdat(0, last=True))
        return await self._collect()

    async def _give_up_chunks(self, reply: Reply) -> list[Reply]:
        """Forget a message of which a chunk was refused; RFC 3030 2 wants a RSET."""
        await self._collect()
        if self.usable:
            await self._command(Rset())
        return [reply]

    # --- replies ---

    async def _command(self, command: Command) -> Reply:
        return (await self._batch([command]))[0]

    async def _batch(self, commands: Sequence[Command]) -> list[Reply]:
        """Send commands, as many at once as the server allows, and return their replies."""
        connection = self._connection
        self._hear_unasked()
        replies: list[Reply] = []
        for command in commands:
            while not connection.may_pipeline() or len(connection.in_flight) >= _IN_FLIGHT:
                replies.append((await self._next_reply()).reply)
            try:
                connection.send(command)
            except LocalProtocolError:
                await self._collect()
                raise
        return replies + await self._collect()

    def _hear_unasked(self) -> None:
        """Raise what the server said unasked, lest it is taken for the reply to what we say."""
        while not self._connection.in_flight and (event := self._connection.next_event()):
            if isinstance(event, UnsolicitedReply):
                raise ConnectionLost(f"the server hung up, saying {event.reply}", event.reply)
            if isinstance(event, ConnectionClosed):
                raise _lost(event)

    async def _collect(self) -> list[Reply]:
        """Return the replies that are outstanding."""
        replies = []
        while self._connection.in_flight:
            replies.append((await self._next_reply()).reply)
        return replies

    async def _next_reply(self) -> ReplyReceived:
        while True:
            event = await self.next_event()
            if isinstance(event, ReplyReceived):
                return event
            if isinstance(event, ConnectionClosed):
                raise _lost(event)

    # --- the beginning of a session ---

    @property
    def offers_tls(self) -> bool:
        """Whether the server offers STARTTLS."""
        return "STARTTLS" in self.extensions

    async def greet(self) -> None:
        """See :class:`ClientSession`."""
        event = await self.next_event()
        if isinstance(event, ConnectionClosed):
            raise _lost(event)
        if not isinstance(event, Greeting):
            raise RemoteProtocolError(f"no SMTP server: it says {event}")
        self.greeting = event.reply
        if not event.reply.is_positive:
            raise CommandFailed(f"the server refuses to talk: {event.reply}", event.reply)
        await self._hello()

    async def _hello(self) -> Reply:
        hello = Lhlo if self._connection.lmtp else Ehlo
        reply = await self._command(hello(self._local_hostname))
        if reply.is_permanent and hello is Ehlo:
            reply = await self._command(Helo(self._local_hostname))
        if not reply.is_positive:
            raise CommandFailed(f"the server refuses to talk: {reply}", reply)
        return reply


def _lost(event: ConnectionClosed) -> ConnectionLost:
    return hung_up([command_name(command) for command in event.unanswered], event.reply)


def _given_envelope(
    sender: str | Mail | None, recipients: str | Rcpt | Iterable[str | Rcpt] | None
) -> tuple[Mail | None, list[Rcpt] | None]:
    mail = Mail(sender) if isinstance(sender, str) else sender
    if recipients is None:
        return mail, None
    if isinstance(recipients, (str, Rcpt)):
        recipients = [recipients]
    rcpts = [Rcpt(r) if isinstance(r, str) else r for r in recipients]
    if not rcpts:
        raise LocalProtocolError("the list of recipients is empty")
    return mail, rcpts


def _to_ascii(path: str) -> str:
    """Write the domain of ``path`` as A-labels, if that is all that SMTPUTF8 is needed for."""
    local, at, domain = path.rpartition("@")
    if path.isascii():
        return path
    if not local.isascii():
        raise LocalProtocolError(
            f"{path!r} can only be sent with SMTPUTF8, which the server does not offer"
        )
    try:
        encoded = domain.encode("idna")
        if encoded.decode("idna") != normalize("NFC", domain).lower():
            # Python's IDNA 2003 makes another domain of it than IDNA 2008 (RFC 5894 7.2).
            raise LocalProtocolError(f"the domain of {path!r} is ambiguous: give it in A-labels")
    except UnicodeError as error:
        raise LocalProtocolError(f"{path!r} has no domain name: {error}") from None
    return f"{local}{at}{encoded.decode('ascii')}"


_CANNOT_REPEAT = Reply(452, "not tried: the message was an iterator and can not be sent twice")
