"""An SMTP handler that delivers into a mail store, so that SMTP and POP3 serve the same mail."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from mailproto.servers.smtp import SmtpSession
from mailproto.servers.smtp_handler import MessageBody, MessageReplies, SmtpEnvelope, SmtpHandler
from mailproto.smtp import EnhancedCode, Rcpt, Reply
from mailproto.stores import Mailbox, MailStore, MessageInfo, StoreError

__all__ = ["StoreInbox"]

_log = logging.getLogger("mailproto.servers")

_UNKNOWN = Reply(550, "No such mailbox here", EnhancedCode(5, 1, 1))
_UNAVAILABLE = Reply(451, "The mailbox is out of order", EnhancedCode(4, 3, 0))

# By the code of a StoreError (RFC 5530).
_REPLIES = {
    "NONEXISTENT": _UNKNOWN,
    "OVERQUOTA": Reply(452, "The mailbox is full", EnhancedCode(4, 2, 2)),
}


class StoreInbox(SmtpHandler):
    """Appends each message, octet for octet, to the INBOX of every recipient's account.

    ``accounts`` is a mapping or a function from forward-path to the user whose account it is
    (None: nobody's, refused with 550); several addresses of one user get one copy. The store
    decides how much it holds: OVERQUOTA is answered with 452, its other errors with 451. A
    message is in all of the accounts or in none. ``on_message`` is awaited with each message
    once it is stored: the envelope, and where it is for the first recipient; its exceptions
    are logged.
    """

    def __init__(
        self,
        store: MailStore,
        accounts: Mapping[str, str] | Callable[[str], str | None],
        *,
        on_message: Callable[[SmtpEnvelope, Mailbox, MessageInfo], Awaitable[object]] | None = None,
    ) -> None:
        self._store = store
        self._on_message = on_message
        self._account_of = accounts.get if isinstance(accounts, Mapping) else accounts

    async def rcpt(self, session: SmtpSession, command: Rcpt) -> Reply | None:
        """Refuse a recipient who has no account."""
        try:
            await self._inbox(self._account_of(command.forward_path))
        except StoreError as error:
            return _REPLIES.get(error.code, _UNAVAILABLE)
        return None

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        """Store the message as it comes in."""
        try:
            users = dict.fromkeys(map(self._account_of, envelope.recipients))
            first, *others = [await self._inbox(user) for user in users]
            info = await first.append(body)
            await _copy(first, info.uid, others)
        except StoreError as error:
            return _REPLIES.get(error.code, _UNAVAILABLE)
        if self._on_message is not None:
            try:
                await self._on_message(envelope, first, info)
            except Exception:  # the message is stored: a refusal now would have it sent twice
                _log.exception("%s: on_message failed", envelope.session.peer)
        return None

    async def _inbox(self, user: str | None) -> Mailbox:
        if user is None:
            raise StoreError("NONEXISTENT", "nobody has that address")
        return await (await self._store.account(user)).mailbox("INBOX")


async def _copy(first: Mailbox, uid: int, others: list[Mailbox]) -> None:
    """Copy a message to the other mailboxes; if one fails, it is taken out of all."""
    placed = [(first, uid)]
    try:
        for other in others:
            pairs = await first.copy([uid], other)
            if not pairs:
                raise StoreError("UNAVAILABLE", "the message was removed while it was delivered")
            placed += [(other, new) for _, new in pairs]
    except BaseException:
        for mailbox, number in placed:
            await mailbox.expunge([number])
        raise
