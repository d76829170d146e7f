"""Fetches what is new in a POP3 maildrop."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from mailproto import asyncio as binding
from mailproto._value import evolve
from mailproto.cli.connecting import started
from mailproto.cli.display import console, count, progress_bar, say, show_failure
from mailproto.cli.failures import EXPECTED, GOES_ON, POP3_ADVICE, Failure, explain
from mailproto.cli.fetch_login import demanded_mechanism
from mailproto.cli.fetching import Fetching
from mailproto.cli.folder import message_name
from mailproto.cli.mail_url import APOP
from mailproto.clients import MaildropEntry, Pop3Client
from mailproto.errors import CommandFailed
from mailproto.pop3 import ResponseCode

__all__ = ["Pop3Fetching"]

_ADVICE_BY_CODE = {
    ResponseCode.IN_USE: "Another program reads this maildrop: try again once it is done.",
    ResponseCode.LOGIN_DELAY: "You have logged in a short while ago: try again in some minutes.",
    ResponseCode.SYS_TEMP: "Try again later.",
    ResponseCode.SYS_PERM: "Only those who run the server can mend this.",
}


class Pop3Fetching(Fetching):
    """One session: lists the maildrop, fetches what ``folder`` lacks, deletes if it may.

    A message is known by its unique-id. If the server tells none, or the same one for several
    messages, it is known by its content, which has to be downloaded to see it.
    """

    async def run(self) -> int:
        """Fetch; returns the exit status. Raises ``EXPECTED`` and :class:`NotStored`."""
        tally = self._tally
        async with started(self._connected(), self._arguments) as maildrop:
            self._begun = True
            entries = await maildrop.list_messages()
            names = self._names(entries)
            safe = [entry.number for entry in entries if self._is_here(names[entry.number])]
            here = set(safe)
            wanted = [entry for entry in entries if entry.number not in here]
            safe += await self._fetch_all(maildrop, wanted, names)
            if self._arguments.delete:
                await maildrop.delete(*safe)
                tally.deleted = len(safe)
            await _quit(maildrop, tally.deleted)
        tally.here = len(entries) - tally.fetched - tally.refused
        tally.show(self._console, deleting=self._arguments.delete)
        return 0 if tally.complete else 1

    def explain(self, error: BaseException) -> Failure:
        """Explain what :meth:`run` raised."""
        failure = explain(error, self._url.server, POP3_ADVICE)
        advice = GOES_ON if self._begun else failure.advice
        code = getattr(getattr(error, "reply", None), "code", None)
        for known, better in _ADVICE_BY_CODE.items():
            if code is not None and code.within(known):
                advice = better
        return evolve(failure, advice=advice)

    # --- the beginning of the session ---

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Pop3Client]:
        url = self._url
        async with binding.connect_pop3(
            url.host,
            url.port,
            tls=url.tls,
            allow_plaintext=self._arguments.allow_plaintext,
            **self._options,
        ) as maildrop:
            if maildrop.capabilities is not None and "UTF8" in maildrop.capabilities:
                with suppress(CommandFailed):  # messages come as they are, or as good as it gets
                    await maildrop.enable_utf8()
            await self._login(maildrop)
            yield maildrop

    async def _login(self, maildrop: Pop3Client) -> None:
        """Log in as the URL says, and no other way (RFC 2384 4); else the best way."""
        mechanism = self._url.mechanism
        if mechanism is None:
            await maildrop.login(self._credentials)
        elif mechanism == APOP:
            await maildrop.apop(self._credentials)
        else:
            offered = maildrop.capabilities.sasl if maildrop.capabilities is not None else ()
            await maildrop.authenticate(
                demanded_mechanism(mechanism, offered, self._credentials, maildrop.core)
            )

    # --- what is new ---

    def _names(self, entries: Sequence[MaildropEntry]) -> dict[int, str | None]:
        """Return the names of messages by number: None if only the content tells."""
        times = Counter(entry.unique_id for entry in entries)
        names = {
            entry.number: self._name(entry.unique_id)
            if entry.unique_id is not None and times[entry.unique_id] == 1
            else None
            for entry in entries
        }
        unknown = sum(name is None for name in names.values())
        if unknown:
            which = "any message" if unknown == len(names) else count(unknown, "message")
            say(
                console(stderr=True),
                f"The server has no unique-id for {which}, or the same for several: these are "
                "downloaded every time, and kept if their content is new.",
                "yellow",
            )
        return names

    def _name(self, *identity: str) -> str:
        url = self._url
        return message_name(url.host, url.port, url.user, *identity)

    def _is_here(self, name: str | None) -> bool:
        return name is not None and self._folder.holds(name)

    async def _fetch_all(
        self,
        maildrop: Pop3Client,
        wanted: Sequence[MaildropEntry],
        names: dict[int, str | None],
    ) -> list[int]:
        """Store messages and return the numbers of those that are safe; the rest was refused."""
        safe = []
        done = 0
        with progress_bar(self._console, "Fetching", [entry.size for entry in wanted]) as show:
            for entry in wanted:
                try:
                    await self._fetch(
                        maildrop, entry, names[entry.number], _meter(show, done, entry)
                    )
                except CommandFailed as error:
                    self._tally.refused += 1
                    failure = self.explain(error)
                    show_failure(evolve(failure, text=f"Message {entry.number}: {failure.text}"))
                else:
                    safe.append(entry.number)
                done += entry.size
                show(done)
        return safe

    async def _fetch(
        self,
        maildrop: Pop3Client,
        entry: MaildropEntry,
        name: str | None,
        show: Callable[[int], object],
    ) -> None:
        with self._folder.incoming() as message:
            async with maildrop.stream(entry.number) as pieces:
                async for piece in pieces:
                    message.write(piece)
                    show(message.size)
            name = name or self._name(entry.unique_id or "", message.digest)
            if not self._folder.holds(name):
                self._folder.keep(message, name)
                self._tally.fetched += 1
                self._tally.octets += message.size


def _meter(
    show: Callable[[int], object], before: int, entry: MaildropEntry
) -> Callable[[int], object]:
    return lambda octets: show(before + min(octets, entry.size))  # servers only guess the size


async def _quit(maildrop: Pop3Client, deleting: int) -> None:
    """End the session; how matters only if the server has to delete."""
    try:
        await maildrop.quit()
    except EXPECTED:
        if deleting:
            raise
