"""What changed in a mailbox since last time, whatever the server can tell (RFC 7162, RFC 4549)."""

import json
from collections.abc import Iterable
from typing import Any

from mailproto._value import field, value
from mailproto.clients.imap.mailbox import SelectedMailbox
from mailproto.clients.imap.mailboxes import MailboxCommands
from mailproto.clients.imap.messages import MessageCommands
from mailproto.clients.imap.numbers import one_line
from mailproto.clients.imap.session import Answer
from mailproto.errors import LocalProtocolError
from mailproto.imap import (
    Examine,
    MessageData,
    Option,
    QResync,
    Select,
    SequenceSet,
    VanishedResponse,
)

__all__ = ["Changes", "SyncCommands", "SyncState"]

_FLAGS = ("UID", "FLAGS")


@value
class SyncState:
    """What is known of a mailbox; keep it, and give it to the next ``sync``.

    ``modseq`` is None if the server has no mod-sequences; then ``flags`` are the flags of all
    messages: pairs of flags and the UIDs that have just these.
    """

    mailbox: str
    uid_validity: int
    uids: SequenceSet
    modseq: int | None = None
    flags: tuple[tuple[tuple[str, ...], SequenceSet], ...] = ()

    def to_json(self) -> str:
        """Write it as text."""
        return json.dumps(
            {
                "mailbox": self.mailbox,
                "uid_validity": self.uid_validity,
                "uids": str(self.uids),
                "modseq": self.modseq,
                "flags": [[list(flags), str(uids)] for flags, uids in self.flags],
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "SyncState":
        """Read what :meth:`to_json` wrote. Raises :class:`LocalProtocolError`."""
        try:
            read: dict[str, Any] = json.loads(text)
            return cls(
                str(read["mailbox"]),
                int(read["uid_validity"]),
                _parse(read["uids"]),
                None if read["modseq"] is None else int(read["modseq"]),
                tuple((tuple(map(str, flags)), _parse(uids)) for flags, uids in read["flags"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LocalProtocolError(f"no state of a mailbox: {error}") from None


@value
class Changes:
    """What ``sync`` found.

    ``new`` and ``changed`` are FETCH responses with UID and FLAGS. ``reset`` says that UIDs
    mean something else now (UIDVALIDITY changed): all that is known of the mailbox is void,
    and all messages are new. ``used`` is QRESYNC, CONDSTORE, or FETCH where all flags had to be
    compared.
    """

    state: SyncState
    new: tuple[MessageData, ...]
    changed: tuple[MessageData, ...]
    vanished: SequenceSet
    reset: bool = False
    used: str = field(default="FETCH", eq=False)


class SyncCommands(MailboxCommands, MessageCommands):
    """The part of :class:`ImapClient` that catches up."""

    async def sync(self, since: SyncState | str, *, read_only: bool = False) -> Changes:
        """Select a mailbox, and return what changed since an earlier state.

        A name instead of a state means that nothing is known: all messages are new. What
        changes meanwhile is told now or the next time. Source: RFC 7162 3.2.5, 3.1.4.1.
        """
        known = None if isinstance(since, str) else since
        name = since if isinstance(since, str) else since.mailbox
        answer, asked = await self._select(name, known, read_only=read_only)
        mailbox = self.mailbox
        assert mailbox is not None
        if mailbox.uid_validity is None:
            raise LocalProtocolError(f"{name} has no lasting UIDs (no UIDVALIDITY)")
        if known is None or known.uid_validity != mailbox.uid_validity:
            messages = await self._flags(mailbox)
            state = _state(mailbox, _uids(messages), messages)
            return Changes(state, messages, (), SequenceSet(), known is not None)
        if known.modseq is None or mailbox.highest_modseq is None:
            # What was known by mod-sequence alone has no flags to compare, and counts as changed.
            return self._compare(mailbox, known, await self._flags(mailbox))
        if asked:
            vanished = SequenceSet()
            for response in answer.of(VanishedResponse):
                vanished |= response.uids
            messages = (*answer.of(MessageData), *await self._arrived(mailbox, known))
            return _changes(mailbox, known, messages, vanished & known.uids, "QRESYNC")
        messages = await self._flags(mailbox, known.modseq)
        there = await self._search_surely() if mailbox.exists else SequenceSet()
        return _changes(mailbox, known, messages, known.uids - there, "CONDSTORE")

    async def _select(
        self, name: str, known: SyncState | None, *, read_only: bool
    ) -> tuple[Answer, bool]:
        """Select, and say whether what changed was asked for too."""
        asked = self.offers("QRESYNC") and known is not None and known.modseq is not None
        parameters: tuple[str | Option, ...] = ()
        if asked and "QRESYNC" not in self._connection.enabled:
            if self.mailbox is not None:
                await self.unselect()  # RFC 5161 3.1 asks for that
            await self.enable("QRESYNC")
            asked = "QRESYNC" in self._connection.enabled  # some servers say OK and do not
        if asked:
            assert known is not None
            assert known.modseq is not None
            resync = QResync(known.uid_validity, known.modseq, one_line(known.uids) or None)
            parameters = (Option("QRESYNC", resync),)
        elif self.offers("CONDSTORE", "QRESYNC"):
            parameters = ("CONDSTORE",)
        return await self.run((Examine if read_only else Select)(name, parameters)), asked

    async def _flags(
        self, mailbox: SelectedMailbox, since: int | None = None
    ) -> tuple[MessageData, ...]:
        if not mailbox.exists:
            return ()
        return tuple(await self.fetch("1:*", _FLAGS, changed_since=since).all())

    async def _arrived(self, mailbox: SelectedMailbox, known: SyncState) -> tuple[MessageData, ...]:
        """Fetch what QRESYNC leaves out, as it tells of known UIDs only (RFC 7162 3.2.5.2)."""
        last = known.uids.ranges[-1][1] if known.uids else 0
        if not mailbox.exists or mailbox.uid_next == last + 1:
            return ()
        arrived = await self.fetch(f"{last + 1}:*", _FLAGS).all()
        return tuple([m for m in arrived if m.uid is not None and m.uid > last])

    def _compare(
        self, mailbox: SelectedMailbox, known: SyncState, messages: tuple[MessageData, ...]
    ) -> Changes:
        """Compare the flags of all messages with those that are known."""
        before = {uid: set(flags) for flags, uids in known.flags for uid in uids}
        there = _uids(messages)
        new, old = _parted(known, messages)
        changed = tuple(m for m in old if _lasting(m) != before.get(m.uid or 0))
        return Changes(_state(mailbox, there, messages), new, changed, known.uids - there)


def _changes(
    mailbox: SelectedMailbox,
    known: SyncState,
    messages: tuple[MessageData, ...],
    vanished: SequenceSet,
    used: str,
) -> Changes:
    new, changed = _parted(known, messages)
    uids = (known.uids - vanished) | _uids(new)
    return Changes(_state(mailbox, uids, ()), new, changed, vanished, used=used)


def _parted(
    known: SyncState, messages: tuple[MessageData, ...]
) -> tuple[tuple[MessageData, ...], tuple[MessageData, ...]]:
    """Part messages that have UIDs into new ones and known ones."""
    fresh = frozenset(_uids(messages) - known.uids)
    new = tuple(m for m in messages if m.uid in fresh)
    return new, tuple(m for m in messages if m.uid is not None and m.uid not in fresh)


def _state(
    mailbox: SelectedMailbox, uids: SequenceSet, messages: Iterable[MessageData]
) -> SyncState:
    assert mailbox.uid_validity is not None
    modseq = mailbox.highest_modseq
    by_flags: dict[tuple[str, ...], list[int]] = {}
    if modseq is None:
        for message in messages:
            if message.uid is not None:
                by_flags.setdefault(tuple(sorted(_lasting(message))), []).append(message.uid)
    flags = tuple((flags, SequenceSet.from_numbers(uids)) for flags, uids in by_flags.items())
    return SyncState(mailbox.name, mailbox.uid_validity, uids, modseq, flags)


def _lasting(message: MessageData) -> set[str]:
    r"""The flags that are the same in every session (not ``\Recent``)."""
    return set(message.flags or ()) - {r"\Recent"}


def _uids(messages: Iterable[MessageData]) -> SequenceSet:
    return SequenceSet.from_numbers([m.uid for m in messages if m.uid is not None])


def _parse(text: str) -> SequenceSet:
    return SequenceSet.parse(text) if text else SequenceSet()
