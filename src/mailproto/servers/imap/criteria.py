"""What SEARCH looks for, as tests of one message: cheap ones first (RFC 9051 6.4.4).

A test answers True, False, or None if it needs more of the message than is known yet. So a query
is tried on what the store knows of a message, then with the header fields that it names, and with
the text only where nothing else decided.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from mailproto.imap import (
    ANSWERED,
    DELETED,
    DRAFT,
    FLAGGED,
    SEEN,
    Envelope,
    Query,
    SearchAnd,
    SearchFuzzy,
    SearchKey,
    SearchNot,
    SearchOr,
    SequenceSet,
)
from mailproto.message import (
    THREAD_FIELDS,
    Field,
    envelope_of_fields,
    fields,
    header_contains,
    sent_date,
)
from mailproto.servers.imap.thread_id import thread_id
from mailproto.servers.imap.view import View
from mailproto.stores import MessageInfo

__all__ = [
    "KEYS",
    "Criteria",
    "Facts",
    "Key",
    "Needle",
    "Situation",
    "Test",
    "UnknownKey",
    "needle",
    "of_header",
    "of_info",
    "ready",
]


class UnknownKey(Exception):
    """A search key that is not served; its name."""


class Needle:
    """Text that is looked for in messages; ``whole``: in their headers too (TEXT, not BODY)."""

    __slots__ = ("text", "whole")

    def __init__(self, text: str, *, whole: bool) -> None:
        self.text = text
        self.whole = whole


class Facts:
    """What is known of one message so far."""

    __slots__ = ("_envelope", "_fields", "found", "header", "info")

    def __init__(self, info: MessageInfo) -> None:
        self.info = info
        self.header: bytes | None = None
        """The fields of the header that are needed, None if it was not read yet."""
        self.found: Collection[Needle] | None = None
        """The needles found in the text, None if it was not searched yet."""
        self._fields: Sequence[Field] | None = None
        self._envelope: Envelope | None = None

    @property
    def fields(self) -> Sequence[Field]:
        """The fields of the header, which must have been read."""
        if self._fields is None:
            assert self.header is not None
            self._fields = tuple(fields(self.header))
        return self._fields

    @property
    def envelope(self) -> Envelope:
        """What the header tells, which must have been read."""
        if self._envelope is None:
            self._envelope = envelope_of_fields(self.fields)
        return self._envelope


Test: TypeAlias = Callable[[Facts], "bool | None"]


class Situation:
    """What a query means depends on: who asks, and when."""

    __slots__ = ("fields", "labels", "needles", "now", "view")

    def __init__(
        self,
        view: View,
        now: datetime | None = None,
        labels: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.view = view
        self.labels = labels or {}
        """The email ids that each of Gmail's labels has; labels are in lower case."""
        self.now = now or datetime.now(UTC)
        self.needles: list[Needle] = []
        """The texts that are looked for."""
        self.fields: set[str] = set()
        """The header fields that are looked at, by their names in lower case."""


Key: TypeAlias = Callable[..., Test]
"""Makes a test of the situation and the arguments of a key."""


class Criteria:
    """A query made ready for one session.

    Raises :class:`UnknownKey`, and :class:`NoSuchMessage` if the query names a sequence number
    that is not there.
    """

    def __init__(
        self, query: Query, situation: Situation, keys: Mapping[str, Key] | None = None
    ) -> None:
        self.test = ready(query, situation, KEYS if keys is None else keys)
        self.needles = tuple(situation.needles)
        self.fields = frozenset(situation.fields)
        self.modseq = any(
            isinstance(part, SearchKey) and part.name == "MODSEQ" for part in query.walk()
        )
        """Whether the query asks for mod-sequences, so that the answer tells one."""
        self.within = _within(query, situation.view)
        """The UIDs to which the query itself is confined; None if it names none."""


_NUMBERS = frozenset({"SEQUENCE-SET", "UID"})


def ready(query: Query, situation: Situation, keys: Mapping[str, Key]) -> Test:
    """Turn a query into a test, parts before the whole, without recursion."""
    made: list[Test] = []
    for part in reversed(list(query.walk())):
        if isinstance(part, SearchKey):
            key = keys.get(part.name)
            if key is None:
                raise UnknownKey(part.name)
            made.append(key(situation, *part.arguments))
        elif isinstance(part, SearchNot):
            made.append(_negation(made.pop()))
        elif isinstance(part, SearchAnd | SearchOr):
            count = len(part.queries)
            parts = made[-count:][::-1]
            del made[-count:]
            made.append(_each(parts) if isinstance(part, SearchAnd) else _any(parts))
        else:
            assert isinstance(part, SearchFuzzy)  # what matches exactly matches nearly
    return made.pop()


def _within(query: Query, view: View) -> Sequence[int] | None:
    for part in query.queries if isinstance(query, SearchAnd) else (query,):
        if isinstance(part, SearchKey) and part.name in _NUMBERS:
            return view.resolve(part.arguments[0], uid=part.name == "UID")
    return None


def _negation(test: Test) -> Test:
    def negated(facts: Facts) -> bool | None:
        found = test(facts)
        return None if found is None else not found

    return negated


def _each(tests: list[Test]) -> Test:
    def each(facts: Facts) -> bool | None:
        all_found: bool | None = True
        for test in tests:
            found = test(facts)
            if found is False:
                return False
            if found is None:
                all_found = None
        return all_found

    return each


def _any(tests: list[Test]) -> Test:
    def some(facts: Facts) -> bool | None:
        none_found: bool | None = False
        for test in tests:
            found = test(facts)
            if found:
                return True
            if found is None:
                none_found = None
        return none_found

    return some


# --- keys that need what the store knows ---


def of_info(test: Callable[..., bool]) -> Key:
    """A key whose test takes the :class:`MessageInfo` and the key's arguments."""
    return lambda situation, *arguments: lambda facts: test(facts.info, *arguments)


def _has(flag: str) -> Key:
    return lambda situation: lambda facts: flag in facts.info.flags


def _has_not(flag: str) -> Key:
    return lambda situation: lambda facts: flag not in facts.info.flags


def _has_keyword(info: MessageInfo, keyword: str) -> bool:
    if keyword in info.flags:
        return True
    wanted = keyword.lower()
    return any(flag.lower() == wanted for flag in info.flags)


def _recent(situation: Situation) -> Test:
    recent = situation.view.recent
    return lambda facts: facts.info.uid in recent


def _old(situation: Situation) -> Test:
    recent = situation.view.recent
    return lambda facts: facts.info.uid not in recent


def _new(situation: Situation) -> Test:
    recent = situation.view.recent
    return lambda facts: facts.info.uid in recent and SEEN not in facts.info.flags


def _numbers(uid: bool) -> Key:
    def key(situation: Situation, numbers: SequenceSet) -> Test:
        uids = frozenset(situation.view.resolve(numbers, uid=uid))
        return lambda facts: facts.info.uid in uids

    return key


def _received(info: MessageInfo) -> date:
    return info.internal_date.date()


def _saved(info: MessageInfo) -> date:
    return (info.save_date or info.internal_date).date()


def _age(situation: Situation, info: MessageInfo) -> float:
    return (situation.now - info.internal_date).total_seconds()


def _older(situation: Situation, seconds: int) -> Test:
    return lambda facts: _age(situation, facts.info) >= seconds


def _younger(situation: Situation, seconds: int) -> Test:
    return lambda facts: _age(situation, facts.info) < seconds


# --- keys that need the header ---


def of_header(test: Callable[..., bool], names: Iterable[str]) -> Key:
    """A key whose test takes :class:`Facts` with these header fields, and the key's arguments."""

    def key(situation: Situation, *arguments: Any) -> Test:
        situation.fields.update(names)
        return lambda facts: None if facts.header is None else test(facts, *arguments)

    return key


def _in_field(facts: Facts, name: str, text: str) -> bool:
    assert facts.header is not None
    return header_contains(facts.header, text, name)


def _in_thread(facts: Facts, identifier: str) -> bool:
    assert facts.header is not None
    return thread_id(facts.info, facts.header) == identifier


def _in_named(name: str) -> Key:
    return lambda situation, text: _in_any(situation, name, text)


def _in_any(situation: Situation, name: str, text: str) -> Test:
    return of_header(_in_field, (name.lower(),))(situation, name, text)


def _sent(compare: Callable[[date, date], bool]) -> Key:
    def test(facts: Facts, day: date) -> bool:
        sent = sent_date(facts.envelope)
        return sent is not None and compare(sent.date(), day)

    return of_header(test, ("date",))


# --- keys that need the text ---


def needle(whole: bool) -> Key:
    """A key that looks for text in messages."""

    def key(situation: Situation, text: str) -> Test:
        wanted = Needle(text, whole=whole)
        situation.needles.append(wanted)
        return lambda facts: None if facts.found is None else wanted in facts.found

    return key


def _flags() -> Iterator[tuple[str, Key]]:
    for flag in (ANSWERED, DELETED, DRAFT, FLAGGED, SEEN):
        name = flag[1:].upper()
        yield name, _has(flag)
        yield f"UN{name}", _has_not(flag)


KEYS: Mapping[str, Key] = {
    "ALL": of_info(lambda info: True),
    **dict(_flags()),
    "KEYWORD": of_info(_has_keyword),
    "UNKEYWORD": of_info(lambda info, keyword: not _has_keyword(info, keyword)),
    "RECENT": _recent,
    "OLD": _old,
    "NEW": _new,
    "SEQUENCE-SET": _numbers(uid=False),
    "UID": _numbers(uid=True),
    "UIDAFTER": of_info(lambda info, uid: info.uid > uid),
    "UIDBEFORE": of_info(lambda info, uid: info.uid < uid),
    "LARGER": of_info(lambda info, size: info.size > size),
    "SMALLER": of_info(lambda info, size: info.size < size),
    "BEFORE": of_info(lambda info, day: _received(info) < day),
    "ON": of_info(lambda info, day: _received(info) == day),
    "SINCE": of_info(lambda info, day: _received(info) >= day),
    "SAVEDBEFORE": of_info(lambda info, day: _saved(info) < day),
    "SAVEDON": of_info(lambda info, day: _saved(info) == day),
    "SAVEDSINCE": of_info(lambda info, day: _saved(info) >= day),
    "SAVEDATESUPPORTED": of_info(lambda info: info.save_date is not None),
    "OLDER": _older,
    "YOUNGER": _younger,
    "MODSEQ": of_info(lambda info, least, entry, kind: info.modseq >= least),
    "EMAILID": of_info(lambda info, identifier: info.email_id == identifier),
    "THREADID": of_header(_in_thread, THREAD_FIELDS),
    "HEADER": _in_any,
    **{name: _in_named(name) for name in ("BCC", "CC", "FROM", "SUBJECT", "TO")},
    "SENTBEFORE": _sent(lambda sent, day: sent < day),
    "SENTON": _sent(lambda sent, day: sent == day),
    "SENTSINCE": _sent(lambda sent, day: sent >= day),
    "BODY": needle(whole=False),
    "TEXT": needle(whole=True),
}
