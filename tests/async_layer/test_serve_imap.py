"""serve_imap over MemoryStore: the base protocol, on the wire, on both libraries."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from mailproto._value import evolve
from mailproto.stores import MemoryMailbox, MemoryStore, MessageInfo

from ..libraries import Library
from .imap_peer import connected, logged_in, serve

PLAIN = b"Subject: hi\r\nFrom: Bob <bob@x.org>\r\nTo: ann@y.org\r\n\r\nHello\r\n"
MIXED = (
    b"Subject: two\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nabc\r\n"
    b"--x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"AAEC\r\n--x--\r\n"
)
DATE = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)


async def filled(store: MemoryStore, *messages: bytes) -> MemoryMailbox:
    inbox = (await store.account("ann")).inbox
    for message in messages:
        inbox.add(message, (), DATE)
    return inbox


async def flags(mailbox: MemoryMailbox) -> list[set[str]]:
    return [set(info.flags) for info in await mailbox.messages()]


async def test_greeting_login_and_logout(library: Library) -> None:
    async with serve(library, MemoryStore()) as server, connected(library, server) as peer:
        assert (await peer.ask("SELECT INBOX"))[-1].startswith(b"BAD")
        assert (await peer.ask("LOGIN ann wrong"))[-1].startswith(b"NO [AUTHENTICATIONFAILED]")
        told = (await peer.ask("LOGIN ann secret"))[-1]
        assert told.startswith(b"OK [CAPABILITY IMAP4rev1 IMAP4rev2 ")
        assert b"AUTH=" not in told
        assert (await peer.ask("LOGIN ann secret"))[-1].startswith(b"BAD")
        assert await peer.ask("LOGOUT") == [b"BYE Logging out", b"OK LOGOUT completed"]
        with pytest.raises(EOFError):
            await peer.response()


async def test_authenticate_with_an_initial_response(library: Library) -> None:
    async with serve(library, MemoryStore()) as server, connected(library, server) as peer:
        assert (await peer.ask("AUTHENTICATE PLAIN AGFubgBzZWNyZXQ="))[-1].startswith(b"OK")
        assert await peer.ok("NOOP") == []


async def test_a_message_is_recent_once_among_servers_that_share_a_store(library: Library) -> None:
    store = MemoryStore()
    await filled(store, PLAIN)
    async with serve(library, store) as server, serve(library, store) as other:
        async with logged_in(library, server) as peer:
            assert b"1 RECENT" in await peer.ask("SELECT inbox")
        async with logged_in(library, other) as peer:
            assert b"0 RECENT" in await peer.ask("SELECT inbox")


async def test_select_tells_all(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, PLAIN, MIXED)
    state = await inbox.state()
    async with serve(library, store) as server, logged_in(library, server) as peer:
        *untagged, tagged = await peer.ask("SELECT inbox")
        assert tagged == b"OK [READ-WRITE] SELECT completed"
        assert untagged[:4] == [
            rb"FLAGS (\Answered \Flagged \Deleted \Seen \Draft)",
            b"2 EXISTS",
            b"2 RECENT",
            b"OK [UNSEEN 1] Message 1 is the first unseen one",
        ]
        codes = [found[1] for line in untagged if (found := re.match(rb"OK \[([^]]+)\]", line))]
        assert codes[1:] == [
            rb"PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)",
            b"UIDVALIDITY %d" % state.uid_validity,
            b"UIDNEXT 3",
            b"HIGHESTMODSEQ %d" % state.highest_modseq,
            b"MAILBOXID (%s)" % inbox.mailbox_id.encode(),
        ]
        *untagged, tagged = await peer.ask("EXAMINE INBOX")
        assert tagged.startswith(b"OK [READ-ONLY]")
        assert untagged[0].startswith(b"OK [CLOSED]")
        assert b"0 RECENT" in untagged
        assert (await peer.ask(r"STORE 1 +FLAGS (\Seen)"))[-1].startswith(b"NO [READ-ONLY]")
        assert (await peer.ask("SELECT nowhere"))[-1].startswith(b"NO [NONEXISTENT]")
        assert (await peer.ask("FETCH 1 FLAGS"))[-1].startswith(b"BAD")


async def test_fetch_items(library: Library) -> None:
    store = MemoryStore()
    await filled(store, PLAIN, MIXED)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        (told,) = await peer.ok("FETCH 1 FULL")
        assert told == (
            rb'1 FETCH (FLAGS (\Recent) INTERNALDATE " 3-Feb-2020 04:05:06 +0000" RFC822.SIZE 60 '
            rb'ENVELOPE (NIL "hi" (("Bob" NIL "bob" "x.org")) (("Bob" NIL "bob" "x.org")) '
            rb'(("Bob" NIL "bob" "x.org")) ((NIL NIL "ann" "y.org")) NIL NIL NIL NIL) '
            rb'BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 7 1))'
        )
        (told,) = await peer.ok("UID FETCH 2 (BODY.PEEK[1] BODY.PEEK[2.MIME] BODY.PEEK[3])")
        mime = MIXED[MIXED.index(b"Content-Type: app") : MIXED.index(b"AAEC")]
        assert told == (
            b"2 FETCH (UID 2 BODY[1] {3}\r\nabc BODY[2.MIME] {%d}\r\n%b BODY[3] NIL)"
            % (len(mime), mime)
        )
        (told,) = await peer.ok("FETCH 2 (BINARY.PEEK[2] BINARY.SIZE[2])")
        assert told == b"2 FETCH (BINARY[2] ~{3}\r\n\0\1\2 BINARY.SIZE[2] 3)"
        (told,) = await peer.ok(
            "FETCH 1 (BODY.PEEK[]<6.4> BODY.PEEK[TEXT]<5.100> BODY.PEEK[]<99.1>)"
        )
        assert (
            told == b"1 FETCH (BODY[]<6> {4}\r\nt: h BODY[TEXT]<5> {2}\r\n\r\n BODY[]<99> {0}\r\n)"
        )
        (told,) = await peer.ok("FETCH 1 BODY.PEEK[HEADER.FIELDS (to SUBJECT)]")
        fields = b"Subject: hi\r\nTo: ann@y.org\r\n\r\n"
        assert told == (
            b"1 FETCH (BODY[HEADER.FIELDS (TO SUBJECT)] {%d}\r\n%b)" % (len(fields), fields)
        )
        assert (await peer.ask("FETCH 3 FLAGS"))[-1].startswith(b"BAD")
        assert await peer.ok("UID FETCH 3:9 FLAGS") == []
        assert await peer.ok("UID FETCH 9:* UID") == [b"2 FETCH (UID 2)"]


async def test_fetching_a_body_marks_it_as_seen(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, PLAIN, PLAIN)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        (told,) = await peer.ok("FETCH 1 BODY[TEXT]")
        assert told == b"1 FETCH (BODY[TEXT] {7}\r\nHello\r\n FLAGS (\\Seen \\Recent))"
        assert await peer.ok("FETCH 1 BODY[TEXT]") == [b"1 FETCH (BODY[TEXT] {7}\r\nHello\r\n)"]
        await peer.ok("FETCH 2 (BODY.PEEK[] RFC822.HEADER)")
        assert await flags(inbox) == [{r"\Seen"}, set()]
        await peer.ok("EXAMINE INBOX")
        await peer.ok("FETCH 2 BODY[]")
        assert await flags(inbox) == [{r"\Seen"}, set()]


async def test_store(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, PLAIN, PLAIN)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        assert await peer.ok(r"STORE 1:2 +FLAGS (\Seen $Todo)") == [
            rb"FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Todo)",
            rb"1 FETCH (FLAGS ($Todo \Seen \Recent))",
            rb"2 FETCH (FLAGS ($Todo \Seen \Recent))",
        ]
        assert await peer.ok(r"UID STORE 2 -FLAGS.SILENT (\seen)") == []
        assert await peer.ok(r"STORE 1 FLAGS ()") == [rb"1 FETCH (FLAGS (\Recent))"]
        assert await flags(inbox) == [set(), {"$Todo"}]
        assert await peer.ok("NOOP") == []


async def test_append_and_what_it_says(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        *untagged, tagged = await peer.ask(
            rb'APPEND INBOX (\Seen foo) "17-Jul-1996 02:44:25 -0700" {%d}' % len(PLAIN),
            PLAIN + b"\r\n",
        )
        validity = (await inbox.state()).uid_validity
        assert untagged == [
            b"1 EXISTS",
            b"1 RECENT",
            rb"FLAGS (\Answered \Flagged \Deleted \Seen \Draft foo)",
        ]
        assert tagged == b"OK [APPENDUID %d 1] APPEND completed" % validity
        (told,) = await peer.ok("FETCH 1 (FLAGS INTERNALDATE RFC822)")
        assert told == (
            rb'1 FETCH (FLAGS (\Seen foo \Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700" '
            b"RFC822 {%d}\r\n%b)" % (len(PLAIN), PLAIN)
        )
        refused = await peer.ask("APPEND nowhere {5}", b"12345\r\n")
        assert refused[-1].startswith(b"NO [TRYCREATE]")
        assert (await peer.ask(b"APPEND INBOX {5+}\r\n12345"))[0] == b"2 EXISTS"


async def test_a_message_too_large_for_the_store(library: Library) -> None:
    store = MemoryStore(capacity=100_000)
    inbox = await filled(store)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        told = await peer.ask("APPEND INBOX {200000}", b"x" * 200_000 + b"\r\n")
        assert told[-1].startswith(b"NO [OVERQUOTA]")
        assert await peer.ok("NOOP") == []
        assert await inbox.messages() == []


async def test_copy_move_and_expunge(library: Library) -> None:
    store = MemoryStore()
    await filled(store, PLAIN, MIXED, PLAIN, PLAIN)
    async with serve(library, store) as server, logged_in(library, server) as peer:
        await peer.ok("CREATE Archive")
        await peer.ok("SELECT INBOX")
        told = await peer.ask("COPY 2,4 Archive")
        assert re.match(rb"OK \[COPYUID [0-9]+ 2,4 1:2\]", told[-1])
        assert (await peer.ask("COPY 2 nowhere"))[-1].startswith(b"NO [TRYCREATE]")
        *untagged, tagged = await peer.ask("UID MOVE 1,3 Archive")
        assert re.match(rb"OK \[COPYUID [0-9]+ 1,3 3:4\]", untagged[0])
        assert untagged[1:] == [b"3 EXPUNGE", b"1 EXPUNGE"]
        assert tagged == b"OK MOVE completed"
        assert await peer.ok(r"STORE 1:2 +FLAGS.SILENT (\Deleted)") == []
        assert await peer.ok("UID EXPUNGE 1:2") == [b"1 EXPUNGE"]
        assert await peer.ok("EXPUNGE") == [b"1 EXPUNGE"]
        assert await peer.ok("STATUS Archive (MESSAGES UIDNEXT UNSEEN SIZE)") == [
            b"STATUS Archive (MESSAGES 4 UIDNEXT 5 UNSEEN 4 SIZE %d)"
            % (len(MIXED) + 3 * len(PLAIN))
        ]


async def test_close_expunges_and_unselect_does_not(library: Library) -> None:
    store = MemoryStore()
    inbox = await filled(store, PLAIN, PLAIN)
    async with serve(library, store) as server, logged_in(library, server) as peer:
        await peer.ok("SELECT INBOX")
        await peer.ok(r"STORE 1 +FLAGS (\Deleted)")
        assert await peer.ok("UNSELECT") == []
        assert len(await inbox.messages()) == 2
        await peer.ok("EXAMINE INBOX")
        assert await peer.ok("CLOSE") == []
        assert len(await inbox.messages()) == 2
        await peer.ok("SELECT INBOX")
        assert await peer.ok("CLOSE") == []
        assert [info.uid for info in await inbox.messages()] == [2]
        assert (await peer.ask("CLOSE"))[-1].startswith(b"BAD")


async def test_mailboxes(library: Library) -> None:
    async with serve(library, MemoryStore()) as server, logged_in(library, server) as peer:
        assert re.match(rb"OK \[MAILBOXID \([^)]+\)\]", (await peer.ask("CREATE a/b"))[-1])
        assert (await peer.ask("CREATE a/b"))[-1].startswith(b"NO [ALREADYEXISTS]")
        assert (await peer.ask("CREATE inbox"))[-1].startswith(b"NO [ALREADYEXISTS]")
        assert await peer.ok('LIST "" "*"') == [
            rb'LIST (\HasNoChildren) "/" INBOX',
            rb'LIST (\NonExistent \Noselect \HasChildren) "/" a',
            rb'LIST (\HasNoChildren) "/" a/b',
        ]
        await peer.ok("RENAME a/b c&AOk-")
        await peer.ok("SUBSCRIBE c&AOk-")
        assert await peer.ok('LSUB "" "*"') == [rb'LSUB (\HasNoChildren) "/" c&AOk-']
        await peer.ok("DELETE c&AOk-")
        assert (await peer.ask("DELETE c&AOk-"))[-1].startswith(b"NO [NONEXISTENT]")
        assert (await peer.ask("DELETE INBOX"))[-1].startswith(b"NO [CANNOT]")
        assert await peer.ok('LIST "" ""') == [rb'LIST (\Noselect) "/" ""']


async def test_search(library: Library) -> None:
    store = MemoryStore()
    await filled(store, PLAIN, MIXED, PLAIN)
    async with serve(library, store) as server, logged_in(library, server, "SELECT INBOX") as peer:
        await peer.ok(r"STORE 1 +FLAGS.SILENT (\Seen $Junk)")
        for query, found in (
            ("ALL", b" 1 2 3"),
            ("SEEN", b" 1"),
            ("NOT SEEN", b" 2 3"),
            ("KEYWORD $junk", b" 1"),
            ("UNKEYWORD $junk 3", b" 3"),
            ("OR SUBJECT two SEEN", b" 1 2"),
            ('FROM "bob@x"', b" 1 3"),
            ('HEADER to ""', b" 1 3"),
            ("BODY hello UNSEEN", b" 3"),
            ("BODY subject", b""),
            ("TEXT subject", b" 1 2 3"),
            ("TEXT abc", b" 2"),
            ("LARGER 100", b" 2"),
            ("SMALLER 61", b" 1 3"),
            ("ON 3-Feb-2020", b" 1 2 3"),
            ("BEFORE 3-Feb-2020", b""),
            ("SINCE 3-Feb-2020 UID 2:9", b" 2 3"),
            ("SENTSINCE 1-Jan-1970", b""),
            ("YOUNGER 10", b""),
            ("OLDER 10", b" 1 2 3"),
            ("2:*", b" 2 3"),
            ("NEW", b" 2 3"),
            ("SAVEDSINCE 1-Jan-2021", b" 1 2 3"),
        ):
            assert await peer.ok(f"SEARCH {query}") == [b"SEARCH" + found], query
        assert (await peer.ask("SEARCH CHARSET x-nope ALL"))[-1].startswith(b"NO [BADCHARSET")
        assert (await peer.ask("SEARCH 4"))[-1].startswith(b"BAD")


async def test_an_unknown_command_and_a_malformed_one(library: Library) -> None:
    async with serve(library, MemoryStore()) as server, logged_in(library, server) as peer:
        assert (await peer.ask("FROBNICATE"))[-1].startswith(b"BAD")
        assert (await peer.ask("SELECT"))[-1].startswith(b"BAD")
        assert (await peer.ask("CHECK"))[-1].startswith(b"BAD")
        assert await peer.ok("NOOP") == []


async def test_users_share_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids mean something within one account only, so what is remembered is kept by user."""
    store = MemoryStore()
    for user, message in (("ann", PLAIN), ("bob", MIXED)):
        (await store.account(user)).inbox.add(message)
    find = MemoryMailbox.find

    async def same_id(self: MemoryMailbox, uids: Sequence[int]) -> Sequence[MessageInfo]:
        return [evolve(info, email_id="M1") for info in await find(self, uids)]

    monkeypatch.setattr(MemoryMailbox, "find", same_id)
    async with serve(library, store) as server:
        for user, subtype in (("ann", b'"plain"'), ("bob", b'"mixed"')):
            async with logged_in(library, server, "SELECT INBOX", user=user) as peer:
                (told,) = await peer.ok("FETCH 1 BODYSTRUCTURE")
                assert subtype in told
