"""The mailbox that a session has selected, and what the session tells of it unasked."""

from collections.abc import Iterable
from functools import lru_cache

from mailproto._value import value
from mailproto.imap import (
    RECENT,
    ExistsResponse,
    ExpungeResponse,
    FetchItems,
    FetchResponse,
    FlagsResponse,
    HighestModSeq,
    Ok,
    PermanentFlags,
    RecentResponse,
    Response,
    SequenceSet,
    UidFetchResponse,
    VanishedResponse,
)
from mailproto.servers.imap.view import View
from mailproto.stores import Mailbox, MessageInfo
from mailproto.stores.acl import WRITING_RIGHTS, right_to_change
from mailproto.stores.rules import SYSTEM_FLAGS

__all__ = ["Interest", "Selected", "Style"]

_ANY_KEYWORD = r"\*"


@lru_cache(maxsize=1024)
def _in_order(flags: frozenset[str]) -> tuple[str, ...]:
    """The same few sets of flags come again and again."""
    return tuple(sorted(flags))


@value
class Style:
    """How the client wants to be told; this depends on what it has enabled."""

    recent: bool = True
    r"""Tell ``\\Recent`` (IMAP4rev1)."""
    modseq: bool = False
    """Tell mod-sequences (CONDSTORE)."""
    vanished: bool = False
    """Tell UIDs of expunged messages, and UIDs with all flags (QRESYNC)."""
    uid_only: bool = False
    """Never tell sequence numbers (UIDONLY, RFC 9586)."""


@value
class Interest:
    """What of the selected mailbox the client wants to hear of unasked (RFC 5465 5)."""

    arrivals: bool = True
    expunges: bool = True
    flags: bool = True
    uids: bool = False
    """Changed flags come with UIDs (RFC 5465 5.1)."""


class Selected:
    """One mailbox as one session sees it."""

    __slots__ = ("_met", "_rights", "keywords", "mailbox", "read_only", "uid_validity", "view")

    def __init__(
        self,
        mailbox: Mailbox,
        view: View,
        uid_validity: int,
        keywords: Iterable[str],
        *,
        read_only: bool,
    ) -> None:
        self.mailbox = mailbox
        self.view = view
        self.uid_validity = uid_validity
        self.keywords = frozenset(keywords)
        """The keywords that the client was told of."""
        self._met: frozenset[str] = frozenset()
        self.read_only = read_only or mailbox.rights.isdisjoint(WRITING_RIGHTS)
        self._rights = mailbox.rights  # from which the client's idea of the flags comes

    async def refresh(self) -> bool:
        """Learn what has changed; return whether anything has. Raises :class:`StoreError`.

        The mailbox may change between the questions. Then something is learned twice, but
        nothing is missed, since the state is asked first.
        """
        state = await self.mailbox.state()
        view = self.view
        if state.highest_modseq == view.modseq:
            return False
        changed = await self.mailbox.messages(view.modseq)
        self.meet(info for info in changed if info.uid > view.last_uid)
        gone = await self.mailbox.expunged(view.modseq)
        if gone is None:
            present = {info.uid for info in await self.mailbox.messages()}
            gone = [uid for uid in view.uids if uid not in present]
        view.learn(changed, gone, state.highest_modseq)
        return True

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that messages may have here, for FLAGS."""
        return (*SYSTEM_FLAGS, *sorted(self.keywords))

    @property
    def highest_modseq(self) -> Response:
        """HIGHESTMODSEQ: up to where the client knows all (RFC 7162 3.1.2.1, 3.2)."""
        return Ok("The highest", HighestModSeq(max(self.view.settled, 1)))

    def keeps(self, flag: str) -> bool:
        """Whether a change of a flag by this session would be kept."""
        return not self.read_only and right_to_change(flag) in self.mailbox.rights

    @property
    def permanent_flags(self) -> tuple[str, ...]:
        """The flags that this session may change, for PERMANENTFLAGS."""
        return tuple(filter(self.keeps, (*self.flags, _ANY_KEYWORD)))

    def news(self, style: Style, interest: Interest) -> list[Response]:
        """Take what the client is to be told now: what it wants to hear of and may be told."""
        view = self.view
        told: list[Response] = []
        if self.mailbox.rights != self._rights:
            self._rights = self.mailbox.rights
            told.append(FlagsResponse(self.flags))
            told.append(Ok("Rights have changed", PermanentFlags(self.permanent_flags)))
        if interest.expunges:
            uids, numbers = view.take_gone()
            if style.vanished or style.uid_only:
                if uids:
                    told.append(VanishedResponse(False, SequenceSet.from_numbers(uids)))
            else:
                told += map(ExpungeResponse, numbers)
        if interest.arrivals and (count := view.take_count()) is not None:
            told.append(ExistsResponse(count))
            if style.recent:
                told.append(RecentResponse(len(view.recent)))
            told += self.new_keywords()
        if interest.flags:
            changed = view.take_changed()
            self.meet(info for _, info in changed)
            told += self.new_keywords()
            told += [
                self.fetched(number, info, style, uid=interest.uids) for number, info in changed
            ]
        view.settle()
        return told

    def meet(self, infos: Iterable[MessageInfo]) -> None:
        """Note the keywords of messages of which the client hears next."""
        self._met |= {flag for info in infos for flag in info.flags if flag[:1] != "\\"}

    def new_keywords(self) -> list[Response]:
        """Return what tells the client of keywords that are new to it (RFC 9051 7.3.5)."""
        if self._met <= self.keywords:
            return []
        self.keywords |= self._met
        return [FlagsResponse(self.flags)]

    def flags_of(self, info: MessageInfo, style: Style) -> tuple[str, ...]:
        """The flags of a message as this session tells them."""
        flags = _in_order(info.flags)
        return (*flags, RECENT) if style.recent and info.uid in self.view.recent else flags

    def fetched(
        self, number: int, info: MessageInfo, style: Style, *, uid: bool = False, flags: bool = True
    ) -> Response:
        """Tell the flags of a message, and that the client knows them now.

        ``uid`` adds the UID; without ``flags`` the mod-sequence alone is told.
        """
        items: FetchItems = {}
        if (uid or style.vanished) and not style.uid_only:
            items["UID"] = info.uid
        if flags:
            items["FLAGS"] = self.flags_of(info, style)
        if style.modseq:
            items["MODSEQ"] = info.modseq
        self.view.tell(info)
        if style.uid_only:
            return UidFetchResponse(info.uid, items)
        return FetchResponse(number, items)
