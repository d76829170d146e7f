"""Whole messages: as many transactions as it takes, and a result for each recipient."""

from collections.abc import Callable, Iterable
from contextlib import aclosing
from pathlib import Path

from mailproto._dots import CrlfNormalizer
from mailproto.clients.content import Content, MessageSource, envelope_of, open_content
from mailproto.clients.smtp.envelope import adapt_addresses, declare, given_envelope, next_group
from mailproto.clients.smtp.results import DeliveryFailed, RecipientResult, SendResult
from mailproto.clients.smtp.session import SmtpSession
from mailproto.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from mailproto.smtp import (
    Bdat,
    Command,
    Data,
    EndOfMessage,
    Mail,
    MessageData,
    Rcpt,
    Reply,
    Rset,
    State,
)

__all__ = ["DeliveryCommands"]

_CHUNKS_IN_FLIGHT = 8
_CANNOT_REPEAT = Reply(452, "not tried: the message was an iterator and can not be sent twice")

Progress = Callable[[int], object]


class DeliveryCommands(SmtpSession):
    """A client that sends messages."""

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
        mail, rcpts = given_envelope(sender, recipients)
        content: Content | None = None
        if mail is None or rcpts is None:
            if not hasattr(message, "get_all"):
                content = await self._open(message, utf8=False)
            named_sender, named_recipients = envelope_of(content or message)  # type: ignore[arg-type]
            if content is not None and rcpts is None:
                content.drop_bcc()
            mail = mail or Mail(named_sender)
            rcpts = rcpts or [Rcpt(recipient) for recipient in named_recipients]
        mail, rcpts, utf8 = adapt_addresses(self.extensions, mail, rcpts)
        content = content or await self._open(message, utf8=utf8)
        if smtputf8 is None:
            smtputf8 = utf8 or content.utf8_headers
        mail = declare(self.extensions, mail, content, smtputf8=smtputf8, binary=binary)
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
            group = next_group(self.extensions.limits, todo, rcpts)
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
