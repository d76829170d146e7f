"""Messages in the selected mailbox: fetch, search, flags, copy, move, expunge (RFC 9051 6.4)."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

from mailproto._value import field, value
from mailproto.clients.imap.fetched import Fetched
from mailproto.clients.imap.numbers import Numbers, fetch_items, in_lines, sequence_set
from mailproto.clients.imap.session import Answer, ImapSession
from mailproto.errors import CommandFailed, LocalProtocolError, RemoteProtocolError
from mailproto.imap import (
    Condition,
    ContentStart,
    Copy,
    CopyUid,
    ESearchResponse,
    Expunge,
    Fetch,
    FetchItem,
    Literal,
    MessageData,
    MessageOctets,
    Modified,
    Move,
    Option,
    Options,
    Query,
    Search,
    SearchCommand,
    SearchResponse,
    Section,
    SequenceSet,
    Sort,
    SortKey,
    SortResponse,
    Store,
    Thread,
    ThreadCommand,
    ThreadResponse,
    UidExpunge,
)

__all__ = ["MessageCommands", "MoveResult", "SearchResult", "StoreResult"]

_DELETED = r"\Deleted"


@value
class SearchResult:
    """What a search found.

    ``numbers`` are UIDs, or sequence numbers where those were asked for; ``modseq`` is the
    highest mod-sequence of them, if the search was about that. ``used`` is ESEARCH or SEARCH,
    empty if the server told nothing, which some take for finding nothing.
    """

    numbers: SequenceSet
    modseq: int | None = None
    used: str = field(default="SEARCH", eq=False)


@value
class StoreResult:
    """What came of changing flags.

    ``left_alone`` are the messages that ``unchanged_since`` protected; ``messages`` are the
    FETCH responses, if the server sent any.
    """

    left_alone: SequenceSet
    messages: tuple[MessageData, ...] = ()


@value
class MoveResult:
    """What came of a move.

    ``copied`` tells the new UIDs, if the server does. ``used`` says how: MOVE, or SEARCH, COPY,
    STORE and UID EXPUNGE, or without the last one: then the originals are still there, marked.
    """

    copied: CopyUid | None
    used: tuple[str, ...]


class MessageCommands(ImapSession):
    """The part of :class:`ImapClient` that is about the messages of the selected mailbox.

    Numbers are UIDs, unless ``uid=False``. For an empty set nothing is sent, for one that is too
    long for a line (RFC 7162 4) several commands are.
    """

    def fetch(
        self,
        numbers: Numbers,
        items: Sequence[FetchItem] = ("UID", "FLAGS"),
        *,
        uid: bool = True,
        changed_since: int | None = None,
        vanished: bool = False,
        partial: tuple[int, int] | None = None,
    ) -> Fetched:
        r"""Iterate over messages: ``async for message in client.fetch("1:*", ["ENVELOPE"])``.

        Items are such as ``FLAGS``, ``ENVELOPE``, ``BODYSTRUCTURE``, ``RFC822.SIZE``,
        ``BODY.PEEK[HEADER]`` and Gmail's ``X-GM-LABELS``; without PEEK content sets ``\Seen``.
        ``changed_since`` a mod-sequence (CONDSTORE), with ``vanished`` also what is gone
        (QRESYNC); ``partial`` a range of the result (RFC 9394). A message may have items that were
        not asked for. Raises as ``run`` does.
        Source: RFC 9051 6.4.5.
        """
        modifiers: list[str | Option] = []
        if changed_since is not None:
            modifiers.append(Option("CHANGEDSINCE", changed_since))
        if vanished:
            modifiers.append("VANISHED")
        if partial is not None:
            modifiers.append(Option("PARTIAL", partial))
        wanted = sequence_set(numbers)
        sets = in_lines(wanted) if partial is None else [wanted] * bool(wanted)
        asked = fetch_items(items)
        return Fetched(self, [Fetch(each, asked, tuple(modifiers), uid=uid) for each in sets])

    @asynccontextmanager
    async def stream(
        self, number: int, section: str | Section = "BODY.PEEK[]", *, uid: bool = True
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Fetch content in constant memory: ``async with client.stream(uid) as pieces: ...``.

        Raises :class:`CommandFailed` as ``run`` does, and if there is no such message or
        section (the server says nothing then, or NIL). It may be left early.
        """
        async with aclosing(self._pieces(number, section, uid=uid)) as pieces:
            yield pieces

    async def _pieces(
        self, number: int, section: str | Section, *, uid: bool
    ) -> AsyncGenerator[bytes, None]:
        command = Fetch(sequence_set(number), fetch_items([section]), uid=uid)
        call = await self.launch(command, in_pieces=True)
        begun = ended = 0  # what comes in pieces is known by its response, which comes behind it
        found = False
        async for item in self.items(call):
            begun += isinstance(item, ContentStart)
            if isinstance(item, MessageOctets):
                yield item.data
            elif isinstance(item, MessageData):
                for content in item.items.values():
                    ended += isinstance(content, Literal)
                    if isinstance(content, bytes):
                        found = True
                        yield content
        completion = self.completion(call)
        if not (found or ended) or ended < begun:
            raise CommandFailed(f"the server has no {section} of message {number}", completion)

    # --- search ---

    async def search(self, query: Query = Search.all, *, uid: bool = True) -> SearchResult:
        """Find messages, by ESEARCH where the server has it (RFC 4731, RFC 9051 6.4.4).

        ``Search.unseen & Search.from_("ann")`` makes a query; Gmail's own search is
        ``Search.gm_raw("has:attachment")``.
        """
        returns = ("ALL",) if self.offers("ESEARCH", "IMAP4rev2") else None
        answer = await self.run(SearchCommand(query, returns=returns, uid=uid))
        for extended in answer.of(ESearchResponse):
            return SearchResult(extended.all or SequenceSet(), extended.modseq, "ESEARCH")
        told = answer.of(SearchResponse)
        numbers = [number for r in told for number in r.numbers]
        modseq = next((r.modseq for r in told), None)
        used = "SEARCH" if told else ""
        return SearchResult(SequenceSet.from_numbers(numbers), modseq, used)

    async def _search_surely(self, query: Query = Search.all) -> SequenceSet:
        """Return UIDs, where it would do harm to take no answer for none.

        Raises :class:`RemoteProtocolError` if there is no answer but OK.
        """
        found = await self.search(query)
        if not found.used:
            raise RemoteProtocolError("the server says nothing of what a search found")
        return found.numbers

    async def sort(
        self, criteria: Sequence[str | SortKey], query: Query = Search.all, *, uid: bool = True
    ) -> tuple[int, ...]:
        """Find messages, and return them in order (RFC 5256).

        Criteria are such as ``"SUBJECT"``, ``"DATE"`` and ``SortKey("ARRIVAL", reverse=True)``.
        """
        keys = tuple([SortKey(key) if isinstance(key, str) else key for key in criteria])
        answer = await self.run(Sort(keys, query, uid=uid))
        for extended in answer.of(ESearchResponse):  # which it does not ask for, but some send
            return self._in_order(extended.all or SequenceSet())
        return tuple(number for r in answer.of(SortResponse) for number in r.numbers)

    def _in_order(self, found: SequenceSet) -> tuple[int, ...]:
        if self.mailbox is not None and len(found) > self.mailbox.exists:
            raise RemoteProtocolError(
                f"the server found {len(found)} messages, more than there are"
            )
        return tuple(found)

    async def thread(
        self, algorithm: str = "REFERENCES", query: Query = Search.all, *, uid: bool = True
    ) -> tuple[Thread, ...]:
        """Find messages, and return them as threads (RFC 5256)."""
        answer = await self.run(ThreadCommand(algorithm, query, uid=uid))
        return tuple(thread for r in answer.of(ThreadResponse) for thread in r.threads)

    # --- flags ---

    async def add_flags(
        self, numbers: Numbers, *flags: str, unchanged_since: int | None = None, uid: bool = True
    ) -> StoreResult:
        """Add flags; where ``unchanged_since`` a mod-sequence, if it is given (CONDSTORE)."""
        return await self.store(numbers, "+FLAGS", flags, unchanged_since=unchanged_since, uid=uid)

    async def remove_flags(
        self, numbers: Numbers, *flags: str, unchanged_since: int | None = None, uid: bool = True
    ) -> StoreResult:
        """Take flags away; ``unchanged_since`` as with :meth:`add_flags`."""
        return await self.store(numbers, "-FLAGS", flags, unchanged_since=unchanged_since, uid=uid)

    async def set_flags(
        self, numbers: Numbers, *flags: str, unchanged_since: int | None = None, uid: bool = True
    ) -> StoreResult:
        """Set flags, and take all others away; ``unchanged_since`` as with :meth:`add_flags`."""
        return await self.store(numbers, "FLAGS", flags, unchanged_since=unchanged_since, uid=uid)

    async def add_labels(self, numbers: Numbers, *labels: str, uid: bool = True) -> StoreResult:
        """Add Gmail's labels (X-GM-EXT-1)."""
        return await self.store(numbers, "+X-GM-LABELS", labels, uid=uid)

    async def remove_labels(self, numbers: Numbers, *labels: str, uid: bool = True) -> StoreResult:
        """Take Gmail's labels away (X-GM-EXT-1)."""
        return await self.store(numbers, "-X-GM-LABELS", labels, uid=uid)

    async def store(
        self,
        numbers: Numbers,
        item: str,
        values: Sequence[str],
        *,
        silent: bool = True,
        unchanged_since: int | None = None,
        uid: bool = True,
    ) -> StoreResult:
        """STORE an item such as ``+FLAGS``; the methods above say it in other words.

        Unless ``silent`` the server tells the new flags. Source: RFC 9051 6.4.6, RFC 7162 3.1.3.
        """
        modifiers: Options = ()
        if unchanged_since is not None:
            modifiers = (Option("UNCHANGEDSINCE", unchanged_since),)
        left_alone, messages = SequenceSet(), []
        for wanted in in_lines(sequence_set(numbers)):
            command = Store(
                wanted, item, tuple(values), silent=silent, modifiers=modifiers, uid=uid
            )
            try:
                answer = await self.run(command)
            except CommandFailed as error:
                code = error.reply.code
                if unchanged_since is None or not isinstance(code, Modified):
                    raise
            else:
                code = answer.code
                messages += answer.of(MessageData)
            if isinstance(code, Modified):
                left_alone |= code.numbers
        return StoreResult(left_alone, tuple(messages))

    # --- copy, move, expunge ---

    async def copy(self, numbers: Numbers, mailbox: str, *, uid: bool = True) -> CopyUid | None:
        """Copy messages, and return their new UIDs if the server tells them (UIDPLUS)."""
        sets = in_lines(sequence_set(numbers))
        return _copied([await self.run(Copy(wanted, mailbox, uid=uid)) for wanted in sets])

    async def move(self, numbers: Numbers, mailbox: str) -> MoveResult:
        r"""Move messages with these UIDs.

        Without MOVE (RFC 6851) they are copied, marked as ``\Deleted`` and expunged, as far as
        :meth:`expunge` can do that without touching others.
        """
        wanted = sequence_set(numbers)
        if not wanted:
            return MoveResult(None, ())
        if self.offers("MOVE", "IMAP4rev2"):
            moves = [Move(each, mailbox, uid=True) for each in in_lines(wanted)]
            return MoveResult(_copied([await self.run(move) for move in moves]), ("MOVE",))
        # What * stands for may change on the way, and nothing may go that was not copied.
        asked = Search.saved_result if wanted.saved else Search.uid(wanted)
        wanted = await self._search_surely(asked)
        if not wanted:
            return MoveResult(None, ("SEARCH",))
        copied = await self.copy(wanted, mailbox)
        await self.add_flags(wanted, _DELETED)
        used: tuple[str, ...] = ("SEARCH", "COPY", "STORE")
        if self.offers("UIDPLUS", "IMAP4rev2"):
            await self.expunge(wanted)
            used += ("UID EXPUNGE",)
        return MoveResult(copied, used)

    async def expunge(self, numbers: Numbers | None = None) -> None:
        r"""Remove what is marked as ``\Deleted``; with UIDs, only what is among them.

        Raises :class:`LocalProtocolError` if UIDs are given and the server has no UIDPLUS:
        it could only remove more than that.
        """
        if numbers is None:
            await self.run(Expunge())
        elif not (wanted := sequence_set(numbers)):
            pass
        elif self.offers("UIDPLUS", "IMAP4rev2"):
            for each in in_lines(wanted):
                await self.run(UidExpunge(each))
        else:
            raise LocalProtocolError(
                "the server can not expunge single messages (UIDPLUS): expunge() removes all "
                r"that are marked as \Deleted"
            )


def _copied(answers: Sequence[Answer]) -> CopyUid | None:
    """Where messages went: MOVE tells it before the EXPUNGE responses (RFC 6851 4.3)."""
    conditions = [c for answer in answers for c in (*answer.of(Condition), answer.completion)]
    codes = [c.code for c in conditions if isinstance(c.code, CopyUid)]
    if len(codes) < 2:
        return codes[0] if codes else None
    source = [pair for code in codes for pair in code.source.ranges]
    destination = [pair for code in codes for pair in code.destination.ranges]
    return CopyUid(
        codes[0].uid_validity, SequenceSet(tuple(source)), SequenceSet(tuple(destination))
    )
