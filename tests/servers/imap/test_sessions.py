"""Several sessions on one mailbox, compared with what their clients believe (RFC 3501 5.2, 7.4.1).

A client knows nothing but the responses: it counts messages by EXISTS and EXPUNGE, and learns UIDs
and flags from FETCH. Whatever the sessions do, each number has to mean what its client believes,
and behind a NOOP the client has to know everything.
"""

from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mailproto.imap import (
    Code,
    Condition,
    ESearchResponse,
    ExistsResponse,
    ExpungeResponse,
    FetchResponse,
    HighestModSeq,
    Ok,
    Response,
    SearchResponse,
    SequenceSet,
    UidFetchResponse,
    UidValidity,
    VanishedResponse,
)
from mailproto.stores import MemoryMailbox, MemoryStore

from .puppet import Puppet, service, settle

C = TypeVar("C", bound=Code)

_FLAGS = (r"\Seen", r"\Deleted", r"\Flagged", "$Todo")
_NO_EXPUNGE = ("FETCH", "STORE", "SEARCH")
_STYLES: tuple[tuple[str, ...], ...] = (
    (),
    ("ENABLE CONDSTORE",),
    ("ENABLE QRESYNC",),
    ("ENABLE IMAP4rev2",),
    ("ENABLE UIDONLY",),
    ("ENABLE UIDONLY QRESYNC",),
)


class Client:
    """A session, and what its client has learned from responses alone."""

    def __init__(self, served: Any, style: tuple[str, ...]) -> None:
        self.puppet = Puppet(served)
        self.style = style
        self.uid_only = any("UIDONLY" in command for command in style)
        for command in style:
            self.puppet.command(command)
        self.uids: list[int | None] = []
        self.flags: dict[int, frozenset[str]] = {}
        self.modseq = 0  # where the client stands for sure
        self.highest = 0  # of the mod-sequences with flags
        self.idling = False
        self.select("SELECT INBOX")

    def select(self, command: str) -> None:
        self.uids = []
        self.flags = {}
        self.modseq = self.highest = 0
        self.do(command)
        if not self.uid_only:
            self.do("FETCH 1:* (UID FLAGS)")

    def do(self, command: str) -> list[Response]:
        """Send a command that has to succeed; learn from its responses and return them."""
        if self.idling:
            self.done()
        responses = self.puppet.command(command)
        completion = responses[-1]
        assert isinstance(completion, Ok), (command, responses)
        may_expunge = not command.startswith(_NO_EXPUNGE)
        self.take(responses, may_expunge=may_expunge)
        return responses

    def take(self, responses: list[Response], *, may_expunge: bool) -> None:
        """Learn from the answer to a command."""
        for response in responses:
            self.learn(response, may_expunge=may_expunge)
        stated = codes(responses, HighestModSeq)  # it counts, even if it is lower: RFC 7162 6
        self.modseq = stated[-1].modseq if stated else max(self.modseq, self.highest)

    def idle(self) -> None:
        for response in self.puppet.command("IDLE"):
            self.learn(response, may_expunge=True)
        self.idling = True

    def done(self) -> None:
        self.hear()
        self.idling = False
        *told, completion = self.puppet.send(b"DONE\r\n")
        assert b" OK " in completion
        assert not told

    def hear(self) -> None:
        """Learn what is told in IDLE; nothing is told without it."""
        heard = self.puppet.heard()
        assert self.idling or not heard
        for response in heard:
            self.learn(response, may_expunge=True)

    def learn(self, response: Response, *, may_expunge: bool) -> None:
        if isinstance(response, ExistsResponse):
            assert response.count >= len(self.uids)
            self.uids += [None] * (response.count - len(self.uids))
        elif isinstance(response, ExpungeResponse):
            assert may_expunge
            assert not self.uid_only
            self._forget(self.uids.pop(response.number - 1))
        elif isinstance(response, VanishedResponse) and not response.earlier:
            assert may_expunge
            self._vanish(response.uids)
        elif isinstance(response, FetchResponse):
            assert not self.uid_only
            uid = self.uids[response.number - 1]
            assert response.uid is None or uid in (None, response.uid)
            uid = self.uids[response.number - 1] = response.uid or uid
            if uid is not None:
                self._note(uid, response.flags)
            self.highest = max(self.highest, response.modseq or 0)
        elif isinstance(response, UidFetchResponse):
            self._note(response.number, response.flags)
            self.highest = max(self.highest, response.modseq or 0)

    def _vanish(self, uids: SequenceSet) -> None:
        gone = set(uids)
        unknown = len(gone - {uid for uid in self.uids if uid is not None})
        self.uids = [uid for uid in self.uids if uid not in gone]
        if unknown:  # messages that the client knows by their number only: which, is not told
            self.uids = [None] * (len(self.uids) - unknown)
        for uid in gone:
            self._forget(uid)

    def _note(self, uid: int, flags: tuple[str, ...] | None) -> None:
        if flags is not None:
            self.flags[uid] = frozenset(flags) - {r"\Recent"}

    def _forget(self, uid: int | None) -> None:
        if uid is not None:
            self.flags.pop(uid, None)


def codes(responses: list[Response], kind: type[C]) -> list[C]:
    """The response codes of a kind."""
    found = [response.code for response in responses if isinstance(response, Condition)]
    return [code for code in found if isinstance(code, kind)]


class Sessions(RuleBasedStateMachine):
    """What sessions and other programs may do to one mailbox."""

    @initialize(
        styles=st.lists(st.sampled_from(_STYLES), min_size=2, max_size=3),
        messages=st.integers(0, 4),
    )
    def begin(self, styles: list[tuple[str, ...]], messages: int) -> None:
        store = MemoryStore()
        self.inbox: MemoryMailbox = settle(store.account("ann")).inbox
        for _ in range(messages):
            self.inbox.add(b"x")
        self.served = service(store)
        self.kept: dict[int | None, frozenset[str]] = {}
        self.kept_modseq: HighestModSeq | None = None
        self.clients = [Client(self.served, style) for style in styles]
        self.clients[0].do("CREATE Other")

    def client(self, data: st.DataObject) -> Client:
        return data.draw(st.sampled_from(self.clients))

    def numbers(self, data: st.DataObject, client: Client, *, uid: bool) -> str:
        if uid:
            return str(data.draw(st.sampled_from(["1:*", "*", "2", "1,3", "2:3", "4:9"])))
        first, last = data.draw(st.tuples(*[st.integers(1, len(client.uids))] * 2))
        return f"{first}:{last}"

    def addressed(self, data: st.DataObject, client: Client) -> tuple[str, str] | None:
        """The prefix of a command and its numbers, None if there is no message to name."""
        uid = client.uid_only or data.draw(st.booleans())
        if not uid and not client.uids:
            return None
        return ("UID " if uid else ""), self.numbers(data, client, uid=uid)

    @rule(data=st.data())
    def append(self, data: st.DataObject) -> None:
        self.client(data).do("APPEND INBOX {1+}\r\nx")

    @rule()
    def deliver(self) -> None:
        self.inbox.add(b"y")

    @rule(data=st.data(), flags=st.sets(st.sampled_from(_FLAGS)), silent=st.booleans())
    def store(self, data: st.DataObject, flags: set[str], silent: bool) -> None:
        client = self.client(data)
        item = data.draw(st.sampled_from(["FLAGS", "+FLAGS", "-FLAGS"]))
        if (named := self.addressed(data, client)) is None:
            return
        before = dict(client.flags)
        prefix, numbers = named
        dot = ".SILENT" if silent else ""
        responses = self.store_or_gone(
            client, f"{prefix}STORE {numbers} {item}{dot} ({' '.join(sorted(flags))})"
        )
        if silent and responses is not None:
            self.expect(client, before, prefix, numbers, item, frozenset(flags))

    def store_or_gone(self, client: Client, command: str) -> list[Response] | None:
        """STORE may be refused in part: then there are messages that are gone."""
        if client.idling:
            client.done()
        responses = client.puppet.command(command)
        client.take(responses, may_expunge=command.startswith("UID"))
        completion = responses[-1]
        assert isinstance(completion, Ok) or completion.code.name == "EXPUNGEISSUED"  # type: ignore[attr-defined]
        return responses

    def expect(
        self,
        client: Client,
        before: dict[int, frozenset[str]],
        prefix: str,
        numbers: str,
        item: str,
        flags: frozenset[str],
    ) -> None:
        """Behind a silent STORE the client computes the flags itself, unless it was told them."""
        named = SequenceSet.parse(numbers)
        unknown = client.uid_only or None in client.uids
        if prefix and "*" in numbers and unknown:  # which that is
            client.flags.clear()
            return
        last = max((uid for uid in client.uids if uid is not None), default=0)
        places = {uid: number for number, uid in enumerate(client.uids, 1) if uid is not None}
        for uid, known in before.items():
            if client.flags.get(uid) != known or not (prefix or uid in places):
                continue
            if prefix:
                hit = named.contains(uid, last)
            else:
                hit = named.contains(places[uid], len(client.uids))
            if hit:
                client.flags[uid] = {
                    "FLAGS": flags,
                    "+FLAGS": known | flags,
                    "-FLAGS": known - flags,
                }[item]

    @rule(data=st.data())
    def fetch(self, data: st.DataObject) -> None:
        client = self.client(data)
        if (named := self.addressed(data, client)) is not None:
            client.do(f"{named[0]}FETCH {named[1]} (UID FLAGS)")

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        client = self.client(data)
        if (named := self.addressed(data, client)) is not None:
            client.do(f"{named[0]}FETCH {named[1]} (BINARY.SIZE[] BODY.PEEK[HEADER.FIELDS (x)])")

    @rule(data=st.data())
    def search(self, data: st.DataObject) -> None:
        client = self.client(data)
        uid = client.uid_only or data.draw(st.booleans())
        told = client.do(f"{'UID ' if uid else ''}SEARCH DELETED")
        found: set[int] = set()
        for response in told:
            if isinstance(response, SearchResponse):
                found |= set(response.numbers)
            elif isinstance(response, ESearchResponse) and response.all:
                found |= set(response.all)
        deleted = {i.uid for i in settle(self.inbox.messages()) if r"\Deleted" in i.flags}
        known = found if uid else {client.uids[number - 1] for number in found}
        assert known - {None} <= deleted

    @rule(data=st.data())
    def expunge(self, data: st.DataObject) -> None:
        client = self.client(data)
        command = data.draw(st.sampled_from(["EXPUNGE", "UID EXPUNGE 1:*", "UID EXPUNGE 2:3"]))
        client.do(command)

    @rule(data=st.data(), uid=st.integers(1, 6))
    def other_program_expunges(self, data: st.DataObject, uid: int) -> None:
        settle(self.inbox.expunge([uid]))

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        client = self.client(data)
        client.do(f"UID MOVE {self.numbers(data, client, uid=True)} Other")

    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        client = self.client(data)
        client.do(f"UID COPY {self.numbers(data, client, uid=True)} INBOX")

    @rule(data=st.data())
    def idle(self, data: st.DataObject) -> None:
        client = self.client(data)
        if not client.idling:
            client.idle()

    @rule(data=st.data())
    def select_again(self, data: st.DataObject) -> None:
        client = self.client(data)
        if client.idling:
            client.done()
        client.select(data.draw(st.sampled_from(["SELECT INBOX", "EXAMINE INBOX"])))
        client.select("SELECT INBOX")

    @rule()
    def go_offline(self) -> None:
        """A client keeps what it knows, and where the mailbox stood."""
        puppet = Puppet(self.served)
        puppet.command("ENABLE QRESYNC")
        state = puppet.command("SELECT INBOX")
        self.kept = {
            response.uid: frozenset(response.flags or ()) - {r"\Recent"}
            for response in puppet.command("FETCH 1:* (UID FLAGS)")
            if isinstance(response, FetchResponse)
        }
        (self.kept_modseq,) = codes(state, HighestModSeq)
        (self.kept_validity,) = codes(state, UidValidity)
        puppet.close()

    @rule(sequence_match=st.booleans())
    def come_back(self, sequence_match: bool) -> None:
        """It learns all that it has missed by QRESYNC."""
        if self.kept_modseq is None:
            return
        uids = sorted(uid for uid in self.kept if uid is not None)
        match = ""
        if sequence_match and uids:
            numbers = ",".join(str(number) for number in range(1, len(uids) + 1))
            match = f" {uids[0]}:{uids[-1]} ({numbers} {','.join(map(str, uids))})"
        puppet = Puppet(self.served)
        puppet.command("ENABLE QRESYNC")
        known = f"{self.kept_validity.uid_validity} {self.kept_modseq.modseq}{match}"
        told = puppet.command(f"SELECT INBOX (QRESYNC ({known}))")
        for response in told:
            if isinstance(response, VanishedResponse):
                assert response.earlier
                for uid in response.uids:
                    self.kept.pop(uid, None)
            elif isinstance(response, FetchResponse):
                self.kept[response.uid] = frozenset(response.flags or ()) - {r"\Recent"}
        there = {info.uid: info.flags for info in settle(self.inbox.messages())}
        if match:  # what is new was not asked for
            there = {uid: flags for uid, flags in there.items() if uid <= uids[-1]}
        assert self.kept == there
        puppet.close()
        self.go_offline()

    @rule(data=st.data())
    def lose_the_connection(self, data: st.DataObject) -> None:
        """What a client has learned so far, and where it stands by that, is enough to go on."""
        client = self.client(data)
        if "QRESYNC" not in " ".join(client.style) or client.idling:
            return
        puppet = Puppet(self.served)
        puppet.command("ENABLE QRESYNC")
        validity = settle(self.inbox.state()).uid_validity
        known = dict(client.flags)
        for response in puppet.command(f"SELECT INBOX (QRESYNC ({validity} {client.modseq}))"):
            if isinstance(response, VanishedResponse):
                known = {uid: known[uid] for uid in known.keys() - set(response.uids)}
            elif isinstance(response, FetchResponse) and response.uid in known:
                known[response.uid] = frozenset(response.flags or ()) - {r"\Recent"}
        there = {info.uid: info.flags for info in settle(self.inbox.messages())}
        assert known == {uid: there.get(uid) for uid in known}
        puppet.close()

    @rule(data=st.data())
    def noop(self, data: st.DataObject) -> None:
        """Behind it the client knows everything."""
        client = self.client(data)
        client.do("NOOP")
        self.compare(client)

    def compare(self, client: Client) -> None:
        infos = settle(self.inbox.messages())
        assert len(client.uids) == len(infos)
        for known, info in zip(client.uids, infos, strict=True):
            assert known in (None, info.uid)
            if info.uid in client.flags:
                assert client.flags[info.uid] == info.flags
        assert set(client.flags) <= {info.uid for info in infos}

    @invariant()
    def idling_clients_know_everything(self) -> None:
        for client in getattr(self, "clients", ()):
            client.hear()
            if client.idling:
                self.compare(client)

    def teardown(self) -> None:
        for client in getattr(self, "clients", ()):
            client.puppet.close()


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
