"""X-GM-EXT-1: serve_imap as Gmail."""

import re

import pytest

from mailproto.imap import Query, Search
from mailproto.servers.imap.gmail_query import parse_raw
from mailproto.stores import MemoryStore
from mailproto.stores.acl import ALL_RIGHTS

from ..libraries import Library
from .imap_peer import logged_in, serve

FIRST = b"Subject: one\r\nFrom: bob@x.org\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"
REPLY = b"Subject: Re: one\r\nReferences: <1@x>\r\nMessage-ID: <2@x>\r\n\r\nHi\r\n"


async def test_labels(library: Library) -> None:
    store = MemoryStore()
    account = await store.account("ann")
    account.inbox.add(FIRST)
    account.inbox.add(REPLY)
    async with serve(library, store, gmail=True) as server, logged_in(library, server) as peer:
        await peer.ok(r"CREATE [Gmail]/Sent (USE (\Sent))")
        assert b" X-GM-EXT-1" in (await peer.ok("CAPABILITY"))[0]
        await peer.ok("SELECT INBOX")
        assert await peer.ok(r'STORE 1 +X-GM-LABELS (work \Sent "two words")') == [
            rb'1 FETCH (X-GM-LABELS (\Sent "two words" work))'
        ]
        assert await peer.ok(r"UID STORE 1:2 +X-GM-LABELS.SILENT (\Starred)") == [
            rb"1 FETCH (FLAGS (\Flagged \Recent))",
            rb"2 FETCH (FLAGS (\Flagged \Recent))",
        ]
        assert await peer.ok("STORE 1 -X-GM-LABELS (work)") == [
            rb'1 FETCH (X-GM-LABELS (\Sent "two words" \Starred))'
        ]
        assert await peer.ok("FETCH 2 X-GM-LABELS") == [rb"2 FETCH (X-GM-LABELS (\Starred))"]
        assert await peer.ok(r"SEARCH X-GM-LABELS \Sent") == [b"SEARCH 1"]
        assert await peer.ok(r"SEARCH X-GM-LABELS \Inbox") == [b"SEARCH 1 2"]
        assert await peer.ok('SEARCH X-GM-LABELS "TWO words"') == [b"SEARCH 1"]
        assert await peer.ok("SEARCH X-GM-LABELS work") == [b"SEARCH"]
        assert (await peer.ok("STORE 1 X-GM-LABELS (other)"))[-1] == rb"1 FETCH (FLAGS (\Recent))"
        assert await peer.ok("FETCH 1 X-GM-LABELS") == [rb"1 FETCH (X-GM-LABELS (other))"]
        assert (await peer.ask(r"STORE 1 +X-GM-LABELS (\Trash)"))[-1].startswith(b"NO [CANNOT]")
        await peer.ok(r"STORE 1 +FLAGS.SILENT (\Seen)")


async def test_numbers(library: Library) -> None:
    store = MemoryStore()
    account = await store.account("ann")
    for message in (FIRST, REPLY, b"Subject: other\r\n\r\n"):
        account.inbox.add(message)
    async with (
        serve(library, store, gmail=True) as server,
        logged_in(library, server, "CREATE Copies", "SELECT INBOX") as peer,
    ):
        told = await peer.ok("FETCH 1:3 (X-GM-MSGID X-GM-THRID)")
        pattern = rb"\d FETCH \(X-GM-MSGID (\d+) X-GM-THRID (\d+)\)"
        numbers = [found.groups() for line in told if (found := re.fullmatch(pattern, line))]
        messages, threads = zip(*numbers, strict=True)
        assert len(set(messages)) == 3
        assert threads[0] == threads[1] != threads[2]
        assert await peer.ok(b"SEARCH X-GM-MSGID " + messages[1]) == [b"SEARCH 2"]
        assert await peer.ok(b"SEARCH X-GM-THRID " + threads[0]) == [b"SEARCH 1 2"]
        assert await peer.ok('SEARCH X-GM-RAW "subject:one -in:copies from:bob"') == [b"SEARCH 1"]
        await peer.ok("COPY 1 Copies")
        assert await peer.ok('SEARCH X-GM-RAW "subject:one -in:copies"') == [b"SEARCH 2"]
        await peer.ok("SELECT Copies")
        (told_copy,) = await peer.ok("FETCH 1 (X-GM-MSGID X-GM-LABELS)")
        assert told_copy == rb"1 FETCH (X-GM-MSGID %b X-GM-LABELS (\Inbox))" % messages[0]


async def test_without_gmail(library: Library) -> None:
    async with (
        serve(library, MemoryStore()) as server,
        logged_in(library, server, "SELECT INBOX") as peer,
    ):
        assert (await peer.ask("SEARCH X-GM-RAW x"))[-1].startswith(b"BAD")
        assert (await peer.ask("UID FETCH 1 X-GM-LABELS"))[-1].startswith(b"BAD")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Search.all),
        ("hello", Search.text("hello")),
        ('"two words" x', Search.text("two words") & Search.text("x")),
        ("from:ann OR to:ann", Search.from_("ann") | Search.to("ann")),
        (
            "a OR b OR c d",
            (Search.text("a") | Search.text("b") | Search.text("c")) & Search.text("d"),
        ),
        ("-is:unread", ~Search.unseen),
        ("in:anywhere label:x", Search.all & Search.gm_labels("x")),
        ("larger:2M", Search.larger(2 * 1024 * 1024)),
        ("newer_than:2d", Search.younger(2 * 86400)),
        ("after:2020/99/01", Search.text("after:2020/99/01")),
        ("odd:thing", Search.text("odd:thing")),
        ("OR x", Search.text("OR") & Search.text("x")),
        ("is:odd", Search.text("is:odd")),
    ],
)
def test_raw_queries(text: str, query: Query) -> None:
    assert parse_raw(text) == query


def test_what_means_nothing_here_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert parse_raw("bogus:xx one is:odd") == (
        Search.text("bogus:xx") & Search.text("one") & Search.text("is:odd")
    )
    assert [record.args for record in caplog.records] == [("bogus:xx",), ("is:odd",)]


async def test_nothing_is_shared(library: Library) -> None:
    """The mailboxes of others would be labels, and STORE would change them."""
    store = MemoryStore()
    inbox = (await store.account("bob")).inbox
    await inbox.change_acl(lambda acl: {"ann": ALL_RIGHTS})
    for gmail in (True, False):
        async with (
            serve(library, store, gmail=gmail, other_users="Others") as server,
            logged_in(library, server) as peer,
        ):
            listed = await peer.ok('LIST "" *')
            assert any(b"Others/bob/INBOX" in line for line in listed) is not gmail
            space = b"NIL" if gmail else b'(("Others/" "/"))'
            assert await peer.ok("NAMESPACE") == [b'NAMESPACE (("" "/")) %b NIL' % space]
