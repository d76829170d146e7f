"""Every call of ImapClient: what a server answers to it, and what comes of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailproto.clients import ImapClient, NewMessage, SyncState
from mailproto.imap import SequenceSet

from .imap_script import CAPABILITIES

__all__ = ["CALLS", "LARGE", "Call", "cuts"]

LARGE = b"x" * 99_998 + b"\r\n"  # more than is held in memory
_BODY = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%b)\r\nTAG OK done\r\n"
_SMALL = b"Subject: x\r\n\r\nbody\r\n"
_FLAGS = b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n* 2 FETCH (UID 4 FLAGS ())\r\nTAG OK done\r\n"
_MODSEQ = (
    b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n"
    b"* OK [HIGHESTMODSEQ 20] ok\r\n"
)


@dataclass(frozen=True)
class Call:
    """``call`` is made where ``answers`` are given; its ``result`` is None if that is not told."""

    call: Callable[[ImapClient], Awaitable[Any]]
    answers: Mapping[str, bytes | list[bytes]] = field(default_factory=dict)
    result: Any = None
    more: bytes = b""
    """Capabilities beside the usual ones."""
    less: bytes = b""
    """Capabilities that are not there."""
    selects: bool = True
    """Whether INBOX is selected before."""

    @property
    def script(self) -> dict[str, Any]:
        """The answers of the server."""
        words = [word for word in CAPABILITIES.split() if word not in self.less.split()]
        return {"caps": b" ".join([*words, *self.more.split()]), **self.answers}


async def _stream(client: ImapClient) -> bytes:
    async with client.stream(1) as pieces:
        return b"".join([piece async for piece in pieces])


async def _idle(client: ImapClient) -> list[int]:
    heard = []
    async with client.idle() as updates:
        async for news in updates:
            heard.append(getattr(news, "count", 0))
            if len(heard) == 1:
                break
    return heard


async def _pieces() -> AsyncIterator[bytes]:
    yield LARGE
    yield LARGE


async def _bodies(client: ImapClient) -> list[Any]:
    return [message.content() async for message in client.fetch("1", ["BODY.PEEK[]"])]


async def _uids(client: ImapClient) -> list[int | None]:
    return [message.uid async for message in client.fetch("1:*", ["FLAGS"])]


_KNOWN = SyncState("INBOX", 7, SequenceSet.parse("1:4"), 10)
_PLAIN = SyncState(
    "INBOX", 7, SequenceSet.parse("1:2"), None, ((("x",), SequenceSet.parse("1:2")),)
)


async def _sync(client: ImapClient, known: SyncState | str) -> tuple[Any, ...]:
    changes = await client.sync(known)
    new, changed = ([m.uid for m in found] for found in (changes.new, changes.changed))
    return changes.used, new, changed, str(changes.vanished)


CALLS: dict[str, Call] = {
    "noop": Call(lambda c: c.noop(), {"NOOP": b"* 4 EXISTS\r\nTAG OK done\r\n"}),
    "id": Call(
        lambda c: c.id(), {"ID": b'* ID ("name" "x")\r\nTAG OK done\r\n'}, {"name": "x"}, b"ID"
    ),
    "select": Call(lambda c: c.select(), selects=False),
    "examine": Call(lambda c: c.select("other", read_only=True)),
    "status": Call(
        lambda c: c.status("other"),
        {"STATUS": b"* STATUS other (MESSAGES 1)\r\nTAG OK done\r\n"},
        {"MESSAGES": 1},
    ),
    "list": Call(
        lambda c: c.list(status=["MESSAGES"]),
        {
            "LIST": b'* LIST () "/" a\r\n* LIST (\\Noselect) "/" b\r\nTAG OK done\r\n',
            "STATUS": b"* STATUS a (MESSAGES 1)\r\nTAG OK done\r\n",
        },
    ),
    "list with status": Call(
        lambda c: c.list(status=["MESSAGES"]),
        {"LIST": b'* LIST () "/" a\r\n* STATUS a (MESSAGES 1)\r\nTAG OK done\r\n'},
        more=b"LIST-EXTENDED LIST-STATUS",
    ),
    "lsub": Call(
        lambda c: c.list(subscribed=True), {"LSUB": b'* LSUB () "/" a\r\nTAG OK done\r\n'}
    ),
    "special use": Call(
        lambda c: c.special_use(r"\Sent"),
        {"XLIST": b'* XLIST (\\Sent) "/" Sent\r\nTAG OK done\r\n'},
        "Sent",
        b"XLIST",
    ),
    "namespace": Call(
        lambda c: c.namespace(), {"LIST": b'* LIST (\\Noselect) "/" ""\r\nTAG OK done\r\n'}
    ),
    "create": Call(lambda c: c.create("a")),
    "delete": Call(lambda c: c.delete("a")),
    "rename": Call(lambda c: c.rename("a", "b")),
    "subscribe": Call(lambda c: c.subscribe("a")),
    "close": Call(lambda c: c.close()),
    "unselect": Call(lambda c: c.unselect(), less=b"UNSELECT"),
    "fetch": Call(_uids, {"UID FETCH": _FLAGS}, [1, 4]),
    "fetch small": Call(_bodies, {"UID FETCH": _BODY % (len(_SMALL), _SMALL)}, [_SMALL]),
    "fetch large": Call(_bodies, {"UID FETCH": _BODY % (len(LARGE), LARGE)}, [LARGE]),
    "stream small": Call(_stream, {"UID FETCH": _BODY % (len(_SMALL), _SMALL)}, _SMALL),
    "stream large": Call(_stream, {"UID FETCH": _BODY % (len(LARGE), LARGE)}, LARGE),
    "search": Call(lambda c: c.search(), {"UID SEARCH": b"* SEARCH 1 4\r\nTAG OK done\r\n"}),
    "search extended": Call(
        lambda c: c.search(),
        {"UID SEARCH": b'* ESEARCH (tag "TAG") UID ALL 1,4\r\nTAG OK done\r\n'},
        more=b"ESEARCH",
    ),
    "sort": Call(
        lambda c: c.sort(["DATE"]),
        {"UID SORT": b"* SORT 4 1\r\nTAG OK done\r\n"},
        (4, 1),
        b"SORT",
    ),
    "thread": Call(
        lambda c: c.thread(),
        {"UID THREAD": b"* THREAD (1)(4)\r\nTAG OK done\r\n"},
        more=b"THREAD=REFERENCES",
    ),
    "add flags": Call(lambda c: c.add_flags("1:4", "x")),
    "store": Call(lambda c: c.store("1:4", "FLAGS", ["x"], silent=False), {"UID STORE": _FLAGS}),
    "copy": Call(lambda c: c.copy("1", "other"), {"UID COPY": b"TAG OK [COPYUID 5 1 9] done\r\n"}),
    "move": Call(
        lambda c: c.move("1", "other"),
        {"UID MOVE": b"* OK [COPYUID 5 1 9] ok\r\n* 1 EXPUNGE\r\nTAG OK done\r\n"},
    ),
    "move by copy": Call(
        lambda c: c.move("1", "other"),
        {
            "UID SEARCH": b"* SEARCH 1\r\nTAG OK done\r\n",
            "UID COPY": b"TAG OK [COPYUID 5 1 9] done\r\n",
            "UID EXPUNGE": b"* 1 EXPUNGE\r\nTAG OK done\r\n",
        },
        less=b"MOVE",
    ),
    "expunge": Call(lambda c: c.expunge(), {"EXPUNGE": b"* 1 EXPUNGE\r\nTAG OK done\r\n"}),
    "uid expunge": Call(
        lambda c: c.expunge("1"), {"UID EXPUNGE": b"* 1 EXPUNGE\r\nTAG OK done\r\n"}
    ),
    "append": Call(lambda c: c.append("a", _SMALL), {"APPEND": b"TAG OK [APPENDUID 5 9] done\r\n"}),
    "append, asking": Call(lambda c: c.append("a", _SMALL), less=b"LITERAL+"),
    "append large": Call(lambda c: c.append("a", LARGE)),
    "append large, asking": Call(lambda c: c.append("a", _pieces()), less=b"LITERAL+"),
    "append two": Call(
        lambda c: c.append_many("a", [NewMessage(LARGE), NewMessage(_SMALL)]), more=b"MULTIAPPEND"
    ),
    "append two, asking": Call(
        lambda c: c.append_many("a", [NewMessage(LARGE), NewMessage(LARGE)]),
        more=b"MULTIAPPEND",
        less=b"LITERAL+",
    ),
    "append one by one": Call(
        lambda c: c.append_many("a", [NewMessage(_SMALL), NewMessage(_SMALL)])
    ),
    "sync": Call(
        lambda c: _sync(c, "INBOX"), {"UID FETCH": _FLAGS}, ("FETCH", [1, 4], [], ""), selects=False
    ),
    "sync, comparing": Call(
        lambda c: _sync(c, _PLAIN),
        {"UID FETCH": _FLAGS},
        ("FETCH", [4], [1], "2"),
        selects=False,
    ),
    "sync, CONDSTORE": Call(
        lambda c: _sync(c, _KNOWN),
        {
            "SELECT": _MODSEQ + b"TAG OK done\r\n",
            "UID FETCH": b"* 2 FETCH (UID 4 FLAGS () MODSEQ (15))\r\nTAG OK done\r\n",
            "UID SEARCH": b"* SEARCH 1 4 5\r\nTAG OK done\r\n",
        },
        ("CONDSTORE", [], [4], "2:3"),
        b"CONDSTORE",
        selects=False,
    ),
    "sync, QRESYNC": Call(
        lambda c: _sync(c, _KNOWN),
        {
            "ENABLE": b"* ENABLED QRESYNC\r\nTAG OK done\r\n",
            "SELECT": _MODSEQ
            + b"* VANISHED (EARLIER) 2:3\r\n* 2 FETCH (UID 4 FLAGS () MODSEQ (15))\r\n"
            + b"TAG OK done\r\n",
            "UID FETCH": b"* 3 FETCH (UID 5 FLAGS () MODSEQ (16))\r\nTAG OK done\r\n",
        },
        ("QRESYNC", [5], [4], "2:3"),
        b"QRESYNC ENABLE",
        selects=False,
    ),
    "idle": Call(_idle, {}, [4]),
    "enable": Call(
        lambda c: c.enable("CONDSTORE"),
        {"ENABLE": b"* ENABLED CONDSTORE\r\nTAG OK done\r\n"},
        ("CONDSTORE",),
        b"ENABLE CONDSTORE",
        selects=False,
    ),
    "unauthenticate": Call(lambda c: c.unauthenticate(), more=b"UNAUTHENTICATE", selects=False),
    "metadata": Call(
        lambda c: c.get_metadata("a", "/private/x"),
        {"GETMETADATA": b"* METADATA a (/private/x {3}\r\nabc)\r\nTAG OK done\r\n"},
        {"/private/x": b"abc"},
        b"METADATA",
    ),
    "quota": Call(
        lambda c: c.quota(),
        {"GETQUOTAROOT": b'* QUOTAROOT INBOX ""\r\n* QUOTA "" (STORAGE 1 9)\r\nTAG OK done\r\n'},
        more=b"QUOTA",
    ),
    "acl": Call(
        lambda c: c.acl("a"),
        {"GETACL": b"* ACL a ann lr\r\nTAG OK done\r\n"},
        {"ann": "lr"},
        b"ACL",
    ),
    "rights": Call(
        lambda c: c.my_rights("a"),
        {"MYRIGHTS": b"* MYRIGHTS a lr\r\nTAG OK done\r\n"},
        "lr",
        b"ACL",
    ),
}


def cuts(said: bytes) -> list[int]:
    """Where to cut what was said: at the beginning of each line, within it, and before its LF."""
    points = []
    at = 0
    while at < len(said):
        end = said.index(b"\n", at) + 1
        points += [at, (at + end) // 2, end - 1]
        at = end
    return points
