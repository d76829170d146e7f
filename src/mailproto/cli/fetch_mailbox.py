"""Mirrors one mailbox of an IMAP server into a folder."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import cached_property

from rich.console import Console

from mailproto.cli.display import printable, progress_bar
from mailproto.cli.fetch_contents import receive_contents
from mailproto.cli.fetch_tally import FetchTally
from mailproto.cli.folder import Folder, Incoming, message_name, writing
from mailproto.cli.mail_url import MailUrl
from mailproto.cli.stored_files import StoredFiles
from mailproto.clients import Changes, ImapClient, SyncState
from mailproto.errors import CommandFailed, LocalProtocolError
from mailproto.imap import Condition, MessageData

__all__ = ["MailboxFetching"]

_TOGETHER = 100  # messages that are asked for in one command
_DELETED = r"\Deleted"


class MailboxFetching:
    """Fetches what a folder lacks, follows flags, and deletes there or here if it may.

    A message is known by server, user, mailbox, UIDVALIDITY and UID. ``refuse`` is told of
    messages that the server does not hand out: with the mailbox, the UID and why.
    """

    def __init__(
        self,
        imap: ImapClient,
        url: MailUrl,
        mailbox: str,
        folder: Folder,
        tally: FetchTally,
        console: Console,
        refuse: Callable[[str, int, CommandFailed], object],
    ) -> None:
        self._imap = imap
        self._identity = (url.host, url.port, url.user, mailbox)
        self._mailbox = mailbox
        self._folder = folder
        self._record = folder.record
        self._key = message_name(*self._identity)
        self._tally = tally
        self._console = console
        self._refuse = refuse
        self._doubles: dict[str, list[str]] = {}

    async def run(self, *, delete: bool, prune: bool) -> None:
        """Do it. Raises as ``ImapClient.sync`` does, and :class:`NotStored`."""
        known = self._known_state()
        changes = await self._imap.sync(known or self._mailbox, read_only=not delete)
        names = {uid: self._name(changes.state.uid_validity, uid) for uid in changes.state.uids}
        wanted = [uid for uid, name in names.items() if not self._folder.holds(name)]
        gone = self._gone(known, changes)
        if changes.reset:
            with writing():
                candidates = gone | set(self._record.vanished(self._key))
                self._doubles = self._files.digests(candidates)
        self._tally.here += len(names) - len(wanted)
        fetched = await self._fetch_all(wanted, names)
        missed = set(wanted) - fetched
        self._mark(names, set(wanted), changes)
        if not (changes.reset and missed):  # else what was known still helps to know these
            self._settle(known, changes.state, gone)
            if prune:
                self._prune(set(names.values()))
        if delete:
            await self._delete({uid: name for uid, name in names.items() if uid not in missed})

    # --- what is known ---

    def _known_state(self) -> SyncState | None:
        with writing():
            text = self._record.state(self._key)
        try:
            return SyncState.from_json(text) if text is not None else None
        except LocalProtocolError:
            return None

    def _name(self, uid_validity: int, uid: int) -> str:
        return message_name(*self._identity, uid_validity, uid)

    def _gone(self, known: SyncState | None, changes: Changes) -> set[str]:
        """Return the names of messages that the server has no more, as far as their UIDs tell."""
        if known is None:
            return set()
        uids = known.uids if changes.reset else changes.vanished
        return {self._name(known.uid_validity, uid) for uid in uids}

    @cached_property
    def _files(self) -> StoredFiles:
        return self._folder.files()

    # --- what is new ---

    async def _fetch_all(self, wanted: Sequence[int], names: dict[int, str]) -> set[int]:
        """Store messages and return the UIDs of those that are safe."""
        sizes = await self._sizes(wanted)
        uids = list(sizes)
        safe: set[int] = set()
        with progress_bar(self._console, printable(self._mailbox), sizes.values()) as show:
            meter = _Meter(show, sizes)
            for start in range(0, len(uids), _TOGETHER):
                batch = uids[start : start + _TOGETHER]
                with suppress(CommandFailed):  # because of one of them
                    await self._fetch(batch, names, safe, meter, dated=True)
                for uid in batch:
                    if uid not in safe:
                        await self._fetch_again(uid, names, safe, meter)
        return safe

    async def _fetch(
        self,
        uids: Sequence[int],
        names: dict[int, str],
        safe: set[int],
        meter: "_Meter",
        *,
        dated: bool,
    ) -> Condition:
        asked = frozenset(uids)

        def keep(message: Incoming, data: MessageData) -> None:
            if data.uid in asked and data.uid not in safe:
                self._keep(message, names[data.uid], data)
                safe.add(data.uid)
                meter.end(data.uid)

        return await receive_contents(
            self._imap, uids, self._folder.incoming, meter.show, keep, dated=dated
        )

    async def _fetch_again(
        self, uid: int, names: dict[int, str], safe: set[int], meter: "_Meter"
    ) -> None:
        """Fetch one that did not come with the others: for its date, or it is told why."""
        try:
            completion = await self._fetch([uid], names, safe, meter, dated=False)
            if uid not in safe:
                raise CommandFailed("it is not there any more", completion)
        except CommandFailed as error:
            self._refuse(self._mailbox, uid, error)
            meter.end(uid)

    async def _sizes(self, wanted: Sequence[int]) -> dict[int, int]:
        """Ask for sizes in octets; who is gone meanwhile is left out."""
        sizes: dict[int, int] = {}
        asked = set(wanted)
        try:
            async for data in self._imap.fetch(wanted, ("UID", "RFC822.SIZE")):
                if data.uid in asked:
                    sizes[data.uid] = data.size or 0
        except CommandFailed:  # because of one of them: that shows when they are fetched
            sizes = dict.fromkeys(wanted, 0) | sizes
        return sizes

    def _keep(self, message: Incoming, name: str, data: MessageData) -> None:
        flags = data.flags or ()
        if self._is_double(message.digest, name, flags):
            self._tally.here += 1
        else:
            self._folder.keep(message, name, flags, data.internal_date)
            self._tally.fetched += 1
            self._tally.octets += message.size

    def _is_double(self, digest: str, name: str, flags: Sequence[str]) -> bool:
        """Whether the message is here under an old UID; then it gets its new name, and flags."""
        with writing():
            while former_names := self._doubles.get(digest):
                former = former_names.pop()
                if self._files.rename(former, name):
                    self._files.mark(name, flags)
                    self._files.sync()
                    self._record.rename(former, name)
                    return True
        return False

    # --- what changed ---

    def _mark(self, names: dict[int, str], fetched: Collection[int], changes: Changes) -> None:
        """Give messages that were here the flags that they have on the server by now."""
        here = [message for message in changes.new if message.uid not in fetched]
        changed = [*changes.changed, *here]
        if not (changed and self._folder.keeps_flags):
            return
        with writing():
            for message in changed:
                if message.uid in names and message.flags is not None:
                    self._tally.marked += self._files.mark(names[message.uid], message.flags)
            self._files.sync()

    def _settle(self, known: SyncState | None, state: SyncState, gone: set[str]) -> None:
        """Remember how far it went, unless that is what was known, or nothing."""
        if state != known and (known or state.uids):
            with writing():
                self._record.settle(self._key, state.to_json(), gone)

    def _prune(self, there: set[str]) -> None:
        """Remove what is gone, but for what was moved here and what came back."""
        with writing():
            vanished = set(self._record.vanished(self._key)) - there
            removable = [name for name in vanished if not self._record.is_moved(name)]
            if removable:
                self._tally.pruned += sum(map(self._files.remove, removable))
                self._files.sync()
                self._record.forget_vanished(self._key)

    async def _delete(self, safe: dict[int, str]) -> None:
        with writing():
            self._record.move(safe.values())
        await self._imap.add_flags(safe, _DELETED)
        await self._imap.expunge(safe)
        self._tally.deleted += len(safe)


class _Meter:
    """Shows how far it is in the octets that the server told: never back, nor beyond the end."""

    def __init__(self, show: Callable[[int], object], sizes: dict[int, int]) -> None:
        self._show = show
        self._sizes = sizes
        self._total = sum(sizes.values())
        self._done = 0
        self._shown = 0

    def show(self, octets: int) -> None:
        """So many octets of the message that is coming are here."""
        self._shown = max(self._shown, min(self._done + octets, self._total))
        self._show(self._shown)

    def end(self, uid: int) -> None:
        """This message is here, or will never be."""
        self._done += self._sizes[uid]
        self.show(0)
