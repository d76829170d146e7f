"""Our IMAP server in tests with real peers, over either store, and what it has stored."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Any

from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import Server
from mailproto.stores import Account, FlagChange, MailStore

from ..libraries import Library
from ..stores.kinds import content, pieces
from .messages import SAMPLES
from .peers import ACCOUNTS, ANN, HOST, Certificates
from .test_pop3_server import ODD

MESSAGES = [sample.data for sample in SAMPLES] + list(ODD.values())
# No tool that keeps a Maildir takes a message whose header does not end.
WHOLE = [message for message in MESSAGES if b"\r\n\r\n" in message]


def serve(
    library: Library, store: MailStore, certificates: Certificates, **options: Any
) -> AbstractAsyncContextManager[Server]:
    """Run our server on loopback; TLS is offered, or spoken from the start."""
    authenticator = PasswordAuthenticator(
        {account.name: account.password for account in ACCOUNTS},
        mechanisms=("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"),
    )
    settings = {"tls_context": certificates.server_context(), "auth_failure_delay": 0.0, **options}
    server: AbstractAsyncContextManager[Server]
    server = library.binding.serve_imap(store, authenticator, HOST, **settings)
    return server


async def account_with(store: MailStore, *messages: bytes) -> Account:
    """Ann's account, whose INBOX has these messages, with UIDs from 1."""
    account = await store.account(ANN.name)
    await deliver(account, *messages)
    return account


async def deliver(account: Account, *messages: bytes, mailbox: str = "INBOX") -> None:
    """Add messages to a mailbox."""
    inbox = await account.mailbox(mailbox)
    for message in messages:
        await inbox.append(pieces(message))


async def contents(account: Account, mailbox: str = "INBOX") -> list[bytes]:
    """The messages of a mailbox."""
    found = await account.mailbox(mailbox)
    return [await content(found, info.uid) for info in await found.messages()]


async def flags(account: Account, mailbox: str = "INBOX") -> dict[int, set[str]]:
    """The flags of the messages of a mailbox, by uid."""
    found = await account.mailbox(mailbox)
    return {info.uid: set(info.flags) for info in await found.messages()}


# What a message has of flags; with \Deleted some programs leave it alone.
_FLAGS = (r"\Answered", r"\Draft", r"\Flagged", r"\Seen", "$Forwarded")


async def change_account(
    account: Account,
    some: Sequence[bytes],
    new: bytes,
    chance: Random,
    form: Callable[[bytes], bytes] = bytes,
) -> None:
    """Remove the first of these messages from the INBOX, flag the others, and add a new one.

    ``form`` makes of a message that is there what ``some`` hold.
    """
    inbox = await account.mailbox("INBOX")
    uids = dict(zip(map(form, await contents(account)), await flags(account), strict=True))
    await inbox.expunge([uids[some[0]]])
    for message in some[1:]:
        await inbox.change_flags([uids[message]], FlagChange.REPLACE, chance.sample(_FLAGS, 2))
    await deliver(account, new)
