"""Mailboxes that users share: ImapClient and serve_imap over both stores."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from mailproto.clients import ImapClient
from mailproto.servers import Server
from mailproto.stores import MailStore, MemoryStore
from mailproto.stores.acl import ALL_RIGHTS, write_rights
from mailproto.stores.maildir import MaildirStore

from ..libraries import Library
from .imap_peer import HOST, USERS, serve
from .sharing_script import BOX, STEPS, share

EVERY = frozenset(write_rights(ALL_RIGHTS))
NO_NAMES: list[str] = []


def client(library: Library, server: Server, user: str) -> AbstractAsyncContextManager[ImapClient]:
    made: AbstractAsyncContextManager[ImapClient]
    made = library.binding.connect_imap(
        HOST, server.port, user=user, password=USERS[user], tls="none", allow_plaintext=True
    )
    return made


@pytest.fixture(params=["memory", "maildir"])
def store(request: pytest.FixtureRequest, library: Library, tmp_path: Path) -> MailStore:
    stores: dict[str, Callable[[], MailStore]] = {
        "memory": MemoryStore,
        "maildir": lambda: MaildirStore(tmp_path / "mail", library.runtime),
    }
    return stores[request.param]()


def flags(*of: str) -> list[frozenset[str]]:
    """Flags of messages by their first letters; T is \\Deleted."""
    letters = {"S": "\\Seen", "T": "\\Deleted", "F": "\\Flagged", "A": "\\Answered"}
    return [frozenset(letters[letter] for letter in each) for each in of]


async def test_two_users_share_a_mailbox(library: Library, store: MailStore) -> None:
    async with (
        serve(library, store) as server,
        client(library, server, "ann") as ann,
        client(library, server, "bob") as bob,
    ):
        space = await bob.namespace()
        assert space.other_users is not None
        assert space.other_users[0].prefix == "user/"
        seen = await share(ann, bob)
    hidden, refused = "refused NONEXISTENT", "refused NOPERM"
    assert seen["rights of the owner"] == EVERY
    assert seen["first ACL"] == {"ann": EVERY}
    assert seen["hidden: rights"] == seen["hidden: select"] == hidden
    assert seen["nothing there: select"] == hidden
    assert seen["hidden: list"] == NO_NAMES
    assert seen["ACL"] == {
        "ann": EVERY,
        "bob": {*"lrted"},
        "-bob": {*"ed"},
        "carol and co": {*"lw"},
    }
    assert seen["rights less negative ones"] == {*"lrtd"}
    assert seen["ACL after deletion"] == {"ann": EVERY, "bob": {*"lrted"}}
    assert seen["unknown right"] == "refused"
    assert seen["rights that can be granted"] == EVERY
    for rights in STEPS:
        told = write_rights(frozenset(rights))
        assert seen[f"{rights}: rights"] == frozenset(told)
        assert seen[f"{rights}: list"] == [BOX]
        reads = rights != "l"
        assert seen[f"{rights}: status"] == ({"MESSAGES": 4} if reads else refused)
        for act in ("ACL", "change the ACL", "create", "delete", "rename"):
            assert seen[f"{rights}: {act}"] == refused
    assert seen["l: select"] == seen["l: status"] == seen["lr: append"] == refused
    assert seen["lr: select"] == (True, frozenset())
    assert seen["lrs: select"] == (False, {"\\Seen"})
    assert seen["lrtp: select"] == (False, {"\\Deleted"})
    assert seen["lrw: select"] == (False, {"\\Answered", "\\Flagged", "\\Draft", "\\*"})
    assert seen["lrip: select"] == seen["lre: select"] == (False, frozenset())
    assert seen["s: add"] == flags("STF", "TF", "TF", "TF")
    assert seen["s: set"] == flags("TF", "TF", "TF", "TF")
    assert seen["w: set"] == flags("TF", "TA", "TF", "TF")
    assert seen["w: expunge"] == seen["w: move"] == refused
    assert seen["w: copy"] is True
    assert seen["w: closed"] == flags("TF", "TA", "TF", "TF")
    assert seen["st: appended"] == flags("TF", "TA", "TF", "TF", "S")
    assert seen["st: copied"] == flags("TF", "TA", "TF", "TF", "S", "ST")
    assert seen["te: expunged"] == flags("S")
    assert seen["inherited"] == {"ann": EVERY, "bob": {*"lrkc"}}
    assert seen["k: list"] == [BOX, f"{BOX}/New"]
    assert seen["k: rename"] == refused
    assert seen["kx: list"] == [BOX, f"{BOX}/Newer"]
    assert seen["kept"] == {"ann": EVERY, "bob": {*"lrxpc"}}
    assert seen["x: list"] == [BOX]
    assert seen["a: rights"] == {"a"}
    assert seen["a: ACL"] == {"ann": EVERY, "bob": {*"lra"}}
    assert seen["gone"] == hidden
    assert seen["gone: list"] == NO_NAMES
