"""Which messages of the selected mailbox match a query, with as little reading as it takes."""

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from time import monotonic

from mailproto.imap import InProgress, Ok
from mailproto.servers.imap.content import BEGINNING, Content
from mailproto.servers.imap.criteria import Criteria, Facts
from mailproto.servers.imap.session import ImapSession
from mailproto.stores import MessageInfo, StoreError

__all__ = ["matches"]

_TURN = 0.02  # seconds of searching before other sessions have their turn
_PROGRESS = 10.0  # seconds between words to a client that waits


class _Pace:
    """Lets other sessions have a turn, and tells a client that waits how far the search is."""

    def __init__(self, session: ImapSession, tag: str, total: int) -> None:
        self._session = session
        self._tag = tag
        self._total = total
        self._told = monotonic()
        self._rest = self._told + _TURN
        self.done = 0
        """How many of the messages are done with."""

    async def step(self) -> None:
        """To be called after each message that was tried."""
        if monotonic() >= self._rest:
            await self._pause()

    async def _pause(self) -> None:
        session = self._session
        await session.service.runtime.sleep(0)
        now = monotonic()
        self._rest = now + _TURN
        if now - self._told > _PROGRESS:
            progress = InProgress(self._tag, self.done, self._total)
            await session.send(Ok("Still searching", progress))
            await session.flush()
            self._told = now


async def matches(
    session: ImapSession, tag: str, criteria: Criteria, fields: Collection[str] = ()
) -> AsyncGenerator[Facts, None]:
    """Yield what is known of the messages that match, with some header fields, in no order.

    All are tried on what the store knows of them; then those of which that says too little on the
    header fields that the query names, which a store may remember; then on their text.
    """
    selected = session.chosen()
    mailbox, within = selected.mailbox, criteria.within
    infos = await (mailbox.messages() if within is None else mailbox.find(within))
    last = selected.view.last_uid
    pace = _Pace(session, tag, len(infos))
    names = criteria.fields.union(fields)
    headers: dict[int, MessageInfo] = {}
    texts: dict[int, MessageInfo] = {}
    for info in infos:
        if info.uid > last:
            continue  # the client was not told of it yet
        facts = Facts(info)
        found = criteria.test(facts)
        if found is None and not criteria.fields:
            texts[info.uid] = info
        elif found is None or (found and fields):
            headers[info.uid] = info
        else:
            if found:
                yield facts
            pace.done += 1
        await pace.step()
    if headers:
        async with aclosing(mailbox.headers([*headers], names)) as read:
            async for uid, header in read:
                facts = Facts(headers[uid])
                facts.header = header
                found = criteria.test(facts)
                if found is None:
                    texts[uid] = headers[uid]
                else:
                    if found:
                        yield facts
                    pace.done += 1
                await pace.step()
    if texts:
        async with aclosing(mailbox.beginnings(sorted(texts), BEGINNING)) as read:
            async for uid, beginning in read:
                content = session.content(texts[uid], beginning=beginning)
                known = await _with_text(content, criteria, header=bool(names))
                if known is not None:
                    yield known
                pace.done += 1
                await pace.step()


async def _with_text(content: Content, criteria: Criteria, *, header: bool) -> Facts | None:
    """Try a message with all that it has; None if it does not match, or has gone in between.

    ``header``: it is looked at.
    """
    facts = Facts(content.info)
    try:
        if header:
            facts.header = await content.header()
        if criteria.test(facts) is None:
            facts.found = [each for each in criteria.needles if await content.contains(each)]
    except StoreError as error:
        if error.code != "NONEXISTENT":
            raise
        return None
    return facts if criteria.test(facts) else None
