"""Mirrors the mailboxes of an IMAP server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from mailproto import asyncio as binding
from mailproto._value import evolve
from mailproto.cli.connecting import started
from mailproto.cli.display import show_failure
from mailproto.cli.failures import (
    GOES_ON,
    IMAP_ADVICE,
    IMAP_ADVICE_BY_CODE,
    Failure,
    Unusable,
    explain,
)
from mailproto.cli.fetch_login import demanded_mechanism
from mailproto.cli.fetch_mailbox import MailboxFetching
from mailproto.cli.fetching import Fetching
from mailproto.cli.layout import NoPlace
from mailproto.clients import ImapClient, ListedMailbox
from mailproto.errors import CommandFailed, LocalProtocolError
from mailproto.imap import State

__all__ = ["ImapFetching"]


class ImapFetching(Fetching):
    """One session: mirrors one mailbox after the other into folders below ``folder``."""

    async def run(self) -> int:
        """Fetch; returns the exit status.

        Raises ``EXPECTED``, :class:`NotStored`, and :class:`Unusable` if the server can not
        delete single messages but has to.
        """
        async with started(self._connected(), self._arguments) as imap:
            if self._arguments.delete and not imap.offers("UIDPLUS", "IMAP4rev2"):
                raise Unusable(
                    Failure(
                        "This server can not delete just what was fetched (it has no UIDPLUS).",
                        "Leave out --delete.",
                    )
                )
            self._begun = True
            mailboxes = await self._mailboxes(imap)
            if self._url.mailbox is not None and not mailboxes:
                show_failure(_no_mailbox(self._url.mailbox))
                return 1
            taken: set[tuple[int, int]] = set()
            for mailbox in mailboxes:
                await self._mirror(imap, mailbox, taken)
        self._tally.show(self._console, deleting=self._arguments.delete)
        return 0 if self._tally.complete else 1

    def explain(self, error: BaseException) -> Failure:
        """Explain what :meth:`run` raised."""
        failure = explain(error, self._url.server, IMAP_ADVICE)
        code = getattr(getattr(error, "reply", None), "code", None)
        better = IMAP_ADVICE_BY_CODE.get(code.name, "") if code is not None else ""
        return evolve(failure, advice=better or (GOES_ON if self._begun else failure.advice))

    # --- the beginning of the session ---

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[ImapClient]:
        url = self._url
        async with binding.connect_imap(
            url.host,
            url.port,
            tls=url.tls,
            allow_plaintext=self._arguments.allow_plaintext,
            **self._options,
        ) as imap:
            if imap.core.state is State.NOT_AUTHENTICATED:
                await self._login(imap)
            if imap.offers("UTF8=ACCEPT", "UTF8=ONLY"):
                with suppress(CommandFailed):  # messages come as they are, or as good as it gets
                    await imap.enable("UTF8=ACCEPT")
            yield imap

    async def _login(self, imap: ImapClient) -> None:
        """Log in as the URL says, and no other way (RFC 5092 3.2); else the best way."""
        mechanism = self._url.mechanism
        if mechanism is None:
            await imap.login(self._credentials)
        else:
            offered = imap.capabilities.auth if imap.capabilities is not None else ()
            await imap.authenticate(
                demanded_mechanism(mechanism, offered, self._credentials, imap.core)
            )

    # --- mailboxes ---

    async def _mailboxes(self, imap: ImapClient) -> list[ListedMailbox]:
        """Return what can be selected, each once; of one in the URL, only that."""
        only = self._url.mailbox
        listed = await imap.list("*" if only is None else only)
        return list(
            {
                each.name: each
                for each in listed  # a name with "*" or "%" is a pattern that fits others, too
                if each.selectable and only in (None, each.name)
            }.values()
        )

    async def _mirror(
        self, imap: ImapClient, mailbox: ListedMailbox, taken: set[tuple[int, int]]
    ) -> None:
        """Mirror one mailbox; ``taken`` are the directories of those before it."""
        name, delimiter = mailbox.name, mailbox.delimiter
        fetching = self._arguments
        try:
            folder = self._folder.below(name.split(delimiter) if delimiter else [name])
            if folder.identity in taken:
                raise NoPlace("another mailbox has the same directory here")
            taken.add(folder.identity)
            await MailboxFetching(
                imap, self._url, name, folder, self._tally, self._console, self._refuse
            ).run(delete=fetching.delete, prune=fetching.prune)
        except NoPlace as error:
            self._refuse_mailbox(Failure(f"{name} can not be kept: {error}."))
        except CommandFailed as error:
            self._refuse_mailbox(_about(name, self.explain(error)))
        except LocalProtocolError as error:
            self._refuse_mailbox(
                Failure(f"{name} can not be mirrored: {error}.", "Nothing of it was deleted.")
            )

    def _refuse_mailbox(self, failure: Failure) -> None:
        self._tally.mailboxes_refused += 1
        show_failure(failure)

    def _refuse(self, mailbox: str, uid: int, error: CommandFailed) -> None:
        self._tally.refused += 1
        show_failure(_about(f"Message {uid} of {mailbox}", self.explain(error)))


def _about(what: str, failure: Failure) -> Failure:
    return evolve(failure, text=f"{what}: {failure.text}")


def _no_mailbox(name: str) -> Failure:
    return Failure(
        f"There is no mailbox {name}.",
        "It is written as on the server, with its separators; special characters in a URL are "
        "percent-encoded. Without a name, all mailboxes are fetched.",
    )
