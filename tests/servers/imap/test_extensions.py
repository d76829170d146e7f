"""Extensions of IMAP on the wire, after the examples of their RFCs."""

import re
from typing import Any

import pytest

from mailproto.stores import MemoryMailbox, MemoryStore

from .puppet import Puppet, service, settle


class Session:
    """One session over a store of its own, whose INBOX can be filled."""

    def __init__(self, *messages: bytes, **options: Any) -> None:
        self.store = MemoryStore()
        self.account = settle(self.store.account("ann"))
        self.inbox: MemoryMailbox = self.account.inbox
        for message in messages:
            self.inbox.add(message)
        self.service = service(self.store, **options)
        self.puppet = Puppet(self.service)
        self._tags = 0

    def other(self) -> "Session":
        """Another session over the same store."""
        other = object.__new__(Session)
        other.__dict__.update(self.__dict__)
        other.puppet = Puppet(self.service)
        return other

    def ask(self, command: str) -> list[str]:
        """Return all responses, without ``* `` and tag."""
        self._tags += 1
        tag = f"A{self._tags} "
        raw = self.puppet.send((tag + command).encode("latin-1") + b"\r\n")
        texts = [response.decode("latin-1").removesuffix("\r\n") for response in raw]
        return [text.removeprefix("* ").removeprefix(tag) for text in texts]

    def ok(self, command: str) -> list[str]:
        """Return the untagged responses to a command that has to succeed."""
        *untagged, tagged = self.ask(command)
        assert tagged.startswith("OK"), (command, untagged, tagged)
        return untagged

    @property
    def validity(self) -> int:
        return settle(self.inbox.state()).uid_validity

    @property
    def modseq(self) -> int:
        return settle(self.inbox.state()).highest_modseq


def selected(*messages: bytes, **options: Any) -> Session:
    session = Session(*messages, **options)
    session.ok("SELECT INBOX")
    return session


def subject(text: str, sender: str = "a@x.org", date: str = "", more: str = "") -> bytes:
    when = f"Date: {date}\r\n" if date else ""
    return f"Subject: {text}\r\nFrom: {sender}\r\n{when}{more}\r\nbody\r\n".encode()


# --- ESEARCH, SEARCHRES, PARTIAL: RFC 4731, RFC 5182, RFC 9394 ---


def test_esearch_returns_what_is_asked_for() -> None:
    session = selected(*[b"x"] * 6)
    session.ok(r"STORE 2,3,5 +FLAGS.SILENT (\Flagged)")
    for returns, found in (
        ("MIN MAX", "MIN 2 MAX 5"),
        ("ALL COUNT", "ALL 2:3,5 COUNT 3"),
        ("", "ALL 2:3,5"),
        ("COUNT", "COUNT 3"),
        ("PARTIAL 2:9", "PARTIAL (2:9 3,5)"),
        ("PARTIAL -1:-2", "PARTIAL (-1:-2 3,5)"),
        ("PARTIAL 7:9 COUNT", "COUNT 3 PARTIAL (7:9 NIL)"),
    ):
        (told,) = session.ok(f"UID SEARCH RETURN ({returns}) FLAGGED")
        assert re.fullmatch(r'ESEARCH \(TAG "A\d+"\) UID (.*)', told)[1] == found  # type: ignore[index]
    (told,) = session.ok("SEARCH RETURN (MIN MAX ALL) ANSWERED")
    assert re.fullmatch(r'ESEARCH \(TAG "A\d+"\)', told)
    assert session.ask("SEARCH RETURN (ALL PARTIAL 1:2) ALL")[-1].startswith("BAD")


def test_results_are_saved() -> None:
    session = selected(*[b"x"] * 6)
    session.ok(r"STORE 2,3,5 +FLAGS.SILENT (\Flagged)")
    assert session.ok("SEARCH RETURN (SAVE) FLAGGED") == []
    assert session.ok("UID FETCH $ UID") == [f"{n} FETCH (UID {n})" for n in (2, 3, 5)]
    assert session.ok("SEARCH $ 3:6") == ["SEARCH 3 5"]
    settle(session.inbox.expunge([3]))
    session.ok("NOOP")
    assert session.ok("FETCH $ UID") == ["2 FETCH (UID 2)", "4 FETCH (UID 5)"]
    session.ok("SEARCH RETURN (SAVE MIN) FLAGGED")
    assert session.ok("FETCH $ UID") == ["2 FETCH (UID 2)"]
    session.ok("SEARCH RETURN (SAVE MIN MAX) FLAGGED")
    assert len(session.ok("FETCH $ UID")) == 2
    session.ok("SEARCH RETURN (SAVE COUNT MIN) FLAGGED")
    assert len(session.ok("FETCH $ UID")) == 2
    session.ok("SEARCH RETURN (SAVE) ANSWERED")
    assert session.ok("FETCH $ UID") == []
    session.ok("SELECT INBOX")
    assert session.ok("FETCH $ UID") == []


@pytest.mark.parametrize("command", ["SEARCH RETURN (SAVE)", "SORT RETURN (SAVE) (SUBJECT)"])
@pytest.mark.parametrize(
    ("rest", "refusal"),
    [
        ("X-BAD ALL", "NO [BADCHARSET"),
        ("UTF-8 " + "BODY x " * 101, "NO [LIMIT]"),
        ("UTF-8 FILTER x", "BAD"),
        ("UTF-8", "BAD"),
    ],
)
def test_what_a_search_saves_that_fails(command: str, rest: str, refusal: str) -> None:
    """RFC 5182 2.1: NO means that nothing was found, BAD changes nothing."""
    session = selected(b"x", b"y")
    session.ok("SEARCH RETURN (SAVE) 1")
    charset = "" if command.startswith("SORT") else "CHARSET "
    assert session.ask(f"{command} {charset}{rest}")[-1].startswith(refusal)
    assert session.ok("SEARCH $") == ["SEARCH" if refusal.startswith("NO") else "SEARCH 1"]
    assert session.ask("SEARCH CHARSET X-BAD ALL")[-1].startswith("NO")
    session.ok("SEARCH RETURN (SAVE) 2")
    assert session.ask("SEARCH RETURN (COUNT) CHARSET X-BAD ALL")[-1].startswith("NO")
    assert session.ok("SEARCH $") == ["SEARCH 2"]


def test_rev2_answers_with_esearch() -> None:
    session = Session(b"x")
    assert session.ok("ENABLE IMAP4rev2") == ["ENABLED IMAP4rev2"]
    told = session.ok("SELECT INBOX")
    assert not any("RECENT" in line or "UNSEEN" in line for line in told)
    assert r'LIST (\HasNoChildren) "/" INBOX' in told
    (told_found,) = session.ok("SEARCH ALL")
    assert re.fullmatch(r'ESEARCH \(TAG "A\d+"\) ALL 1', told_found)
    assert session.ok("FETCH 1 FLAGS") == ["1 FETCH (FLAGS ())"]


# --- CONDSTORE and QRESYNC: RFC 7162 ---


def test_condstore() -> None:
    session = selected(*[b"x"] * 3)
    start = session.modseq
    _, *told = session.ok("FETCH 1:3 MODSEQ")
    assert told == [f"{n} FETCH (MODSEQ ({start - 3 + n}))" for n in (1, 2, 3)]
    session.ok(r"STORE 2 +FLAGS.SILENT (\Seen)")
    assert session.ok(f"FETCH 1:* (UID) (CHANGEDSINCE {start})") == [
        f"2 FETCH (UID 2 MODSEQ ({start + 1}))"
    ]
    *untagged, tagged = session.ask(rf"STORE 1:2 (UNCHANGEDSINCE {start}) +FLAGS.SILENT (\Flagged)")
    assert untagged == [f"1 FETCH (MODSEQ ({start + 2}))"]
    assert tagged == "OK [MODIFIED 2] Some messages have changed"
    assert session.ok(f"SEARCH MODSEQ {start + 1}") == [f"SEARCH 1 2 (MODSEQ {start + 2})"]
    (told_found,) = session.ok(f"SEARCH RETURN (MAX) MODSEQ {start + 1}")
    assert told_found.endswith(f"MAX 2 MODSEQ {start + 1}")


def test_others_changes_carry_their_modseq() -> None:
    session = selected(b"x")
    other = session.other()
    other.ok("SELECT INBOX (CONDSTORE)")
    session.ok(r"STORE 1 +FLAGS (\Seen)")
    assert other.ok("NOOP") == [rf"1 FETCH (FLAGS (\Seen) MODSEQ ({session.modseq}))"]
    session.ok("NOOP")


def test_qresync_tells_what_was_missed() -> None:
    session = selected(*[b"x"] * 6)
    validity, start = session.validity, session.modseq
    session.ok(r"STORE 2,5 +FLAGS.SILENT (\Deleted)")
    session.ok(r"STORE 3 +FLAGS.SILENT (\Seen)")
    session.ok("EXPUNGE")
    session.inbox.add(b"y")
    other = session.other()
    assert other.ask(f"SELECT INBOX (QRESYNC ({validity} {start}))")[-1].startswith("BAD")
    assert other.ok("ENABLE QRESYNC") == ["ENABLED QRESYNC"]
    told = other.ok(f"SELECT INBOX (QRESYNC ({validity} {start}))")
    assert told[-3:] == [
        "VANISHED (EARLIER) 2,5",
        rf"2 FETCH (UID 3 FLAGS (\Seen) MODSEQ ({start + 3}))",
        f"5 FETCH (UID 7 FLAGS (\\Recent) MODSEQ ({session.modseq}))",
    ]
    told = other.ok(f"SELECT INBOX (QRESYNC ({validity} {start} 1:3))")
    assert told[-2:] == [
        "VANISHED (EARLIER) 2",
        rf"2 FETCH (UID 3 FLAGS (\Seen) MODSEQ ({start + 3}))",
    ]
    told = other.ok(f"SELECT INBOX (QRESYNC ({validity + 1} {start}))")
    assert not any("VANISHED" in line or "FETCH" in line for line in told)
    assert other.ok(f"UID FETCH 1:6 (FLAGS) (CHANGEDSINCE {start} VANISHED)") == [
        "VANISHED (EARLIER) 2,5",
        rf"2 FETCH (UID 3 FLAGS (\Seen) MODSEQ ({start + 3}))",
    ]
    assert other.ask(f"FETCH 1:3 FLAGS (CHANGEDSINCE {start} VANISHED)")[-1].startswith("BAD")


def test_qresync_with_expunges_that_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    session = selected(*[b"x"] * 9)
    settle(session.inbox.expunge([2, 4, 7]))

    async def forgotten(since: int) -> None:
        return None

    monkeypatch.setattr(session.inbox, "expunged", forgotten)
    other = session.other()
    other.ok("ENABLE QRESYNC")
    told = other.ok(f"SELECT INBOX (QRESYNC ({session.validity} 1 1:20))")
    assert "VANISHED (EARLIER) 2,4,7" in told
    told = other.ok(f"SELECT INBOX (QRESYNC ({session.validity} 1 1:20 (1,3 1,5)))")
    assert "VANISHED (EARLIER) 7" in told
    told = other.ok(f"SELECT INBOX (QRESYNC ({session.validity} 1 1:20 (1,4 1,5)))")
    assert "VANISHED (EARLIER) 2,4,7" in told


def test_vanished_in_place_of_expunge() -> None:
    session = Session(*[b"x"] * 4)
    session.ok("ENABLE QRESYNC")
    session.ok("SELECT INBOX")
    session.ok(r"STORE 1,3 +FLAGS.SILENT (\Deleted)")
    *untagged, tagged = session.ask("EXPUNGE")
    assert untagged == ["VANISHED 1,3"]
    assert tagged == f"OK [HIGHESTMODSEQ {session.modseq}] 2 messages are gone"
    session.ok("CREATE Other")
    *untagged, tagged = session.ask("MOVE 1 Other")
    assert untagged[1:] == ["VANISHED 2"]
    assert tagged.startswith("OK [HIGHESTMODSEQ")


# --- SORT and THREAD: RFC 5256, RFC 5957 ---


def test_sort() -> None:
    session = selected(
        subject("Re: banana", "Zoe <m@x.org>", "Thu, 2 Jan 2020 00:00:00 +0000"),
        subject("apple", "Bea <z@x.org>", "Wed, 1 Jan 2020 00:00:00 +0000"),
        subject("Banana", "Abe <a@x.org>", "Wed, 1 Jan 2020 23:00:00 -0900"),
    )
    for criteria, found in (
        ("SUBJECT", "2 1 3"),
        ("SUBJECT REVERSE DATE", "2 3 1"),
        ("REVERSE SUBJECT", "1 3 2"),
        ("FROM", "3 1 2"),
        ("DISPLAYFROM", "3 2 1"),
        ("DATE", "2 1 3"),
        ("SIZE", "2 3 1"),
        ("ARRIVAL", "1 2 3"),
    ):
        assert session.ok(f"SORT ({criteria}) UTF-8 ALL") == [f"SORT {found}"], criteria
    assert session.ok("UID SORT (SUBJECT) US-ASCII 2:3") == ["SORT 2 3"]
    session.ok("ENABLE IMAP4rev2")  # which is about SEARCH alone (RFC 9051 6.4.4)
    assert session.ok("SORT (SUBJECT) UTF-8 ALL") == ["SORT 2 1 3"]
    assert session.ok("UID SORT (SUBJECT) US-ASCII 2:3") == ["SORT 2 3"]
    # MIN and MAX are the ends of the order, as Dovecot has it too (RFC 5267 3.1).
    (told,) = session.ok("SORT RETURN (ALL COUNT MIN) (SUBJECT) UTF-8 ALL")
    assert told.endswith("MIN 2 ALL 2,1,3 COUNT 3")
    (told,) = session.ok("SORT RETURN (MIN MAX) (REVERSE SUBJECT) UTF-8 ALL")
    assert told.endswith("MIN 1 MAX 2")
    (told,) = session.ok("SORT RETURN (PARTIAL 1:2) (REVERSE SUBJECT) UTF-8 ALL")
    assert told.endswith("PARTIAL (1:2 1,3)")


def test_thread() -> None:
    session = selected(
        subject("one", date="Wed, 1 Jan 2020 00:00:00 +0000", more="Message-ID: <1@x>\r\n"),
        subject("Re: one", date="Wed, 1 Jan 2020 01:00:00 +0000", more="References: <1@x>\r\n"),
        subject("two", date="Wed, 1 Jan 2020 02:00:00 +0000"),
        subject("Re: one", date="Wed, 1 Jan 2020 03:00:00 +0000"),
    )
    assert session.ok("THREAD REFERENCES UTF-8 ALL") == ["THREAD (1 (2)(4))(3)"]
    assert session.ok("THREAD ORDEREDSUBJECT UTF-8 ALL") == ["THREAD (1 (2)(4))(3)"]
    assert session.ok("UID THREAD REFERENCES UTF-8 2:3") == ["THREAD (2)(3)"]


# --- appending: RFC 3502, RFC 4469, RFC 8508, RFC 4315 ---


def test_catenate() -> None:
    session = selected(MIXED)
    command = (
        r"APPEND INBOX (\Seen) CATENATE (TEXT {14+}" + "\r\nSubject: x\r\n\r\n"
        f' URL "/INBOX;UIDVALIDITY={session.validity}/;UID=1/;SECTION=1" TEXT {{5+}}\r\n-end-'
        f' URL "/;UID=1/;SECTION=HEADER")'
    )
    session.ok(command)
    (told,) = session.ok("FETCH 2 (FLAGS BODY.PEEK[])")
    size = 22 + len(HEADER)
    assert told.endswith(f"{{{size}}}\r\nSubject: x\r\n\r\nabc-end-{HEADER.decode()})")
    refused = session.ask('APPEND INBOX CATENATE (URL "/INBOX/;UID=99")')
    assert refused[-1].startswith("NO [BADURL /INBOX/;UID=99]")
    refused = session.ask('APPEND INBOX CATENATE (URL "imap://other/INBOX/;UID=1")')
    assert refused[-1].startswith("NO [BADURL")
    assert len(settle(session.inbox.messages())) == 2


HEADER = b"Subject: m\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
MIXED = HEADER + b"--x\r\n\r\nabc\r\n--x--\r\n"


def test_replace() -> None:
    session = selected(b"old", b"other")
    *untagged, tagged = session.ask("REPLACE 1 INBOX {3+}\r\nnew")
    assert untagged == [
        f"OK [APPENDUID {session.validity} 3] Stored",
        "1 EXPUNGE",
        "2 EXISTS",
        "2 RECENT",
    ]
    assert tagged.startswith("OK")
    assert session.ask("UID REPLACE 1 INBOX {3+}\r\nnew")[-1].startswith("NO [NONEXISTENT]")
    assert [info.uid for info in settle(session.inbox.messages())] == [2, 3]


def test_an_empty_message_cancels() -> None:
    session = selected()
    assert session.ask("APPEND INBOX {0+}\r\n")[-1].startswith("NO")
    assert session.ok("NOOP") == []


# --- LIST-EXTENDED, LIST-STATUS, SPECIAL-USE: RFC 5258, RFC 5819, RFC 6154 ---


def listed(session: Session, command: str) -> set[str]:
    return {line.removeprefix("LIST ") for line in session.ok(command)}


def test_list_extended() -> None:
    session = Session()
    for name in ("Foo", "Foo/Bar", "Foo/Baz", "Moo"):
        session.ok(f"CREATE {name}")
    for name in ("Foo/Baz", "Gone/Peach"):
        session.ok(f"SUBSCRIBE {name}")
    assert listed(session, 'LIST (SUBSCRIBED) "" "*"') == {
        r'(\HasNoChildren \Subscribed) "/" Foo/Baz',
        r'(\NonExistent \Noselect \HasNoChildren \Subscribed) "/" Gone/Peach',
    }
    assert listed(session, 'LIST (SUBSCRIBED) "" "%"') == set()
    assert listed(session, 'LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"') == {
        r'(\HasChildren) "/" Foo (CHILDINFO ("SUBSCRIBED"))',
        r'(\NonExistent \Noselect \HasNoChildren) "/" Gone (CHILDINFO ("SUBSCRIBED"))',
    }
    assert listed(session, 'LIST "" ("INBOX" "M%") RETURN (CHILDREN SUBSCRIBED)') == {
        r'(\HasNoChildren) "/" INBOX',
        r'(\HasNoChildren) "/" Moo',
    }
    assert session.ask('LIST (RECURSIVEMATCH) "" "*"')[-1].startswith("BAD")
    told = session.ok('LIST "" "Foo*" RETURN (STATUS (MESSAGES UIDNEXT))')
    assert told == [
        r'LIST (\HasChildren) "/" Foo',
        "STATUS Foo (MESSAGES 0 UIDNEXT 1)",
        r'LIST (\HasNoChildren) "/" Foo/Bar',
        "STATUS Foo/Bar (MESSAGES 0 UIDNEXT 1)",
        r'LIST (\HasNoChildren) "/" Foo/Baz',
        "STATUS Foo/Baz (MESSAGES 0 UIDNEXT 1)",
    ]


def test_special_use() -> None:
    session = Session()
    session.ok(r"CREATE Sent (USE (\Sent))")
    assert session.ask(r"CREATE Other (USE (\Everything))")[-1].startswith("NO [USEATTR]")
    assert session.ok('LIST (SPECIAL-USE) "" "*"') == [r'LIST (\Sent \HasNoChildren) "/" Sent']


# --- settings: RFC 5464, RFC 9208, RFC 4314, RFC 2971 ---


def test_metadata() -> None:
    session = Session()
    session.ok('SETMETADATA INBOX (/private/Comment "mine" /shared/a/b {3+}\r\nx\r\n)')
    assert session.ok("GETMETADATA INBOX (/private/comment /private/b)") == [
        'METADATA INBOX (/private/comment "mine" /private/b NIL)'
    ]
    assert session.ok("GETMETADATA (DEPTH 1) INBOX (/shared /private)") == [
        'METADATA INBOX (/private/comment "mine")'
    ]
    (told,) = session.ok("GETMETADATA (DEPTH infinity) INBOX (/shared)")
    assert told == "METADATA INBOX (/shared/a/b {3}\r\nx\r\n)"
    *untagged, tagged = session.ask("GETMETADATA (MAXSIZE 3) INBOX /private/comment")
    assert untagged == []
    assert tagged == "OK [METADATA LONGENTRIES 4] GETMETADATA completed"
    session.ok("SETMETADATA INBOX (/private/comment NIL)")
    assert session.ok("GETMETADATA INBOX /private/comment") == [
        "METADATA INBOX (/private/comment NIL)"
    ]
    assert session.ask('SETMETADATA INBOX (/other/x "1")')[-1].startswith("NO")
    assert session.ask("GETMETADATA nowhere /private/x")[-1].startswith("NO [NONEXISTENT]")
    session.ok('SETMETADATA "" (/shared/admin "x@y")')
    assert session.ok('GETMETADATA "" /shared/admin') == ['METADATA "" (/shared/admin "x@y")']


@pytest.mark.parametrize(
    "value", ['"garbage ) ("', r'"\\Noselect"', r'"\\Sent \\Bogus"', "{2+}\r\n\\\xff"]
)
def test_special_uses_that_are_none_are_refused(value: str) -> None:
    """RFC 6154 4: as for CREATE."""
    session = Session()
    session.ok("CREATE W")
    told = session.ask(f"SETMETADATA W (/shared/x {{1+}}\r\ny /private/SpecialUse {value})")
    assert told == ["NO [USEATTR] Mailboxes have no such use here"]
    assert session.ok('LIST "" W') == [r'LIST (\HasNoChildren) "/" W']
    assert session.ok("GETMETADATA W /shared/x") == ["METADATA W (/shared/x NIL)"]


def test_special_uses_are_set_as_metadata() -> None:
    session = Session()
    session.ok("CREATE W")
    session.ok(r"CREATE I (USE (\important))")
    assert session.ok('LIST "" I') == [r'LIST (\Important \HasNoChildren) "/" I']  # RFC 8457 3
    session.ok(r'SETMETADATA W (/private/specialuse "\\junk \\Sent")')
    assert session.ok('LIST "" W') == [r'LIST (\Junk \Sent \HasNoChildren) "/" W']
    session.ok("SETMETADATA W (/private/specialuse NIL)")
    assert session.ok('LIST "" W') == [r'LIST (\HasNoChildren) "/" W']


def test_quota_id_namespace() -> None:
    session = Session(b"x" * 3000)
    assert session.ok("GETQUOTAROOT INBOX")[0] == 'QUOTAROOT INBOX ""'
    assert re.match(r'QUOTA "" \(', session.ok('GETQUOTA ""')[0])
    assert session.ask("GETQUOTA other")[-1].startswith("NO [NONEXISTENT]")
    assert session.ok("ID NIL") == ['ID ("name" "mailproto")']
    assert session.ok("NAMESPACE") == ['NAMESPACE (("" "/")) NIL NIL']


# --- BINARY, PREVIEW, OBJECTID, SAVEDATE, UTF8=ACCEPT, UIDONLY, INPROGRESS ---


def test_an_unknown_encoding_is_refused() -> None:
    session = selected(b"Content-Transfer-Encoding: x-odd\r\n\r\nabc")
    assert session.ask("FETCH 1 BINARY.PEEK[1]")[-1].startswith("NO [UNKNOWN-CTE]")


def test_uid_only() -> None:
    session = Session(b"x", b"y")
    session.ok("ENABLE UIDONLY")
    assert not any("UNSEEN" in line for line in session.ok("SELECT INBOX"))
    assert session.ask("FETCH 1 FLAGS")[-1].startswith("BAD [UIDREQUIRED]")
    assert session.ask("UID SEARCH 1:2")[-1].startswith("BAD [UIDREQUIRED]")
    assert session.ok("UID SEARCH UID 1:2") == ["SEARCH 1 2"]
    assert session.ok("UID FETCH 2 (FLAGS UID)") == [r"2 UIDFETCH (FLAGS (\Recent))"]
    assert session.ok(r"UID STORE 1 +FLAGS (\Deleted)") == [
        r"1 UIDFETCH (FLAGS (\Deleted \Recent))"
    ]
    assert session.ok("EXPUNGE") == ["VANISHED 1"]


def test_utf8() -> None:
    session = Session()
    session.ok("ENABLE UTF8=ACCEPT")
    assert session.ask("CREATE \xc3\xa9")[-1].startswith("OK")
    assert r'LIST (\HasNoChildren) "/" "' + "\xc3\xa9" + '"' in session.ok('LIST "" "*"')
    session.ok("APPEND INBOX UTF8 (~{18+}\r\nSubject: \xc3\xa9\r\n\r\nx\r\n)")


def test_unauthenticate() -> None:
    session = selected()
    session.ok("UNAUTHENTICATE")
    assert session.ask("SELECT INBOX")[-1].startswith("BAD")
    session.ok("LOGIN ann secret")
    session.ok("SELECT INBOX")


def test_multiappend() -> None:
    session = selected()
    session.ok("CREATE Other")
    date = '"17-Jul-1996 02:44:25 -0700"'
    *untagged, tagged = session.ask(
        r"APPEND Other (\Seen) {3+}" + f"\r\none (foo) {date} {{3+}}\r\ntwo {{5+}}\r\nthree"
    )
    assert untagged == []
    other = settle(session.account.mailbox("Other"))
    validity = settle(other.state()).uid_validity
    assert tagged == f"OK [APPENDUID {validity} 1:3] APPEND completed"
    session.ok("SELECT Other")
    told = session.ok("FETCH 1:3 (FLAGS RFC822.SIZE)")
    assert told == [
        r"1 FETCH (FLAGS (\Seen \Recent) RFC822.SIZE 3)",
        r"2 FETCH (FLAGS (foo \Recent) RFC822.SIZE 3)",
        r"3 FETCH (FLAGS (\Recent) RFC822.SIZE 5)",
    ]
    assert session.ok("FETCH 2 INTERNALDATE") == [f"2 FETCH (INTERNALDATE {date})"]


def test_multiappend_is_all_or_nothing() -> None:
    session = selected()
    assert session.ask("APPEND INBOX {3+}\r\none {3+}\r\ntwo junk")[-1].startswith("BAD")
    assert session.ask("APPEND INBOX {3+}\r\none {0+}\r\n")[-1].startswith("NO")
    assert session.ok("NOOP") == []
    session.ok(
        "APPEND INBOX CATENATE (TEXT {3+}\r\none TEXT {3+}\r\ntwo) (foo) {3+}\r\nabc (bar) CATENATE"
        " (TEXT {1+}\r\nx)"
    )
    assert session.ok("FETCH 1:* (FLAGS RFC822.SIZE)") == [
        r"1 FETCH (FLAGS (\Recent) RFC822.SIZE 6)",
        r"2 FETCH (FLAGS (foo \Recent) RFC822.SIZE 3)",
        r"3 FETCH (FLAGS (bar \Recent) RFC822.SIZE 1)",
    ]


def test_what_would_take_too_much_memory_is_streamed_or_refused() -> None:
    session = selected(b"X: " + b"y" * 60_000 + b"\r\n\r\n" + b"z" * 60_000)
    items = " ".join(f"BODY.PEEK[TEXT]<{origin}.60000>" for origin in range(100))
    (told,) = session.ok(f"FETCH 1 ({items})")
    assert told.count("z") == sum(60_000 - origin for origin in range(100))
    fields = " ".join(f"BODY.PEEK[HEADER.FIELDS (X Y{n})]" for n in range(300))
    assert session.ask(f"FETCH 1 ({fields})")[-1].startswith("NO [LIMIT]")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ('LIST "" (' + " ".join(["a"] * 101) + ")", "NO [LIMIT]"),
        ("GETMETADATA INBOX (" + " ".join(["/private/a"] * 101) + ")", "NO [METADATA TOOMANY]"),
        ("SORT (" + " ".join(["DATE"] * 21) + ") UTF-8 ALL", "NO [LIMIT]"),
        ("FETCH 1 (" + " ".join(f"BODY[{n}]" for n in range(1, 1002)) + ")", "NO [LIMIT]"),
        ("NOTIFY SET " + " ".join(["(PERSONAL NONE)"] * 101), "NO [NOTIFICATIONOVERFLOW]"),
        (f"NOTIFY SET (MAILBOXES ({' '.join(['a'] * 1001)}) NONE)", "NO [NOTIFICATIONOVERFLOW]"),
    ],
    ids=lambda text: text[:12],
)
def test_what_multiplies_has_a_limit(command: str, answer: str) -> None:
    session = selected(b"x")
    assert session.ask(command)[-1].startswith(answer)


def test_queries_have_a_limit() -> None:
    session = selected(b"x")
    texts = " ".join(f"BODY {n}" for n in range(101))
    assert session.ask(f"SEARCH {texts}")[-1].startswith("NO [LIMIT]")
    assert session.ask(f"SEARCH {'SEEN ' * 10_001}ALL")[-1].startswith("NO [LIMIT]")


@pytest.mark.parametrize(
    "modifiers", ["BOGUS", "BOGUS 1", "PARTIAL 1:1 BOGUS (x)", "UNCHANGEDSINCE 1"]
)
def test_modifiers_that_nobody_knows(modifiers: str) -> None:
    """RFC 4466 2.4."""
    session = selected(b"x")
    assert session.ask(f"FETCH 1 (FLAGS) ({modifiers})")[0].startswith("BAD")


def test_a_silent_store_does_not_hide_what_others_did() -> None:
    session = selected(b"x")
    other = session.other()
    other.ok("SELECT INBOX")
    session.ok("FETCH 1 FLAGS")
    other.ok(r"STORE 1 +FLAGS (\Seen)")
    assert session.ok(r"STORE 1 +FLAGS.SILENT (\Flagged)") == [
        r"1 FETCH (FLAGS (\Flagged \Seen \Recent))"
    ]
    assert session.ok(r"STORE 1 +FLAGS.SILENT (\Answered)") == []
    assert session.ok("NOOP") == []


def test_parts_are_told_from_further_messages() -> None:
    session = Session()
    session.ok("ENABLE UTF8=ACCEPT")
    session.ok("SELECT INBOX")
    session.ok(
        "APPEND INBOX CATENATE (UTF8 (~{1+}\r\na) UTF8 (~{1+}\r\nb) TEXT {1+}\r\nc"
        " UTF8 (~{1+}\r\nd)) (x) UTF8 (~{2+}\r\nef)"
        " CATENATE (TEXT {1+}\r\ng TEXT {1+}\r\nh) {1+}\r\ni"
    )
    told = session.ok("FETCH 1:* (FLAGS BODY.PEEK[])")
    assert [line.rpartition("\n")[2] for line in told] == ["abcd)", "ef)", "gh)", "i)"]
    assert told[1].startswith(r"2 FETCH (FLAGS (x \Recent) ")


def test_a_url_that_no_response_code_can_repeat() -> None:
    session = selected()
    assert session.ask('APPEND INBOX CATENATE (URL "")')[-1].startswith("NO [CANNOT]")
    assert session.ask('APPEND INBOX CATENATE (URL "a ]")')[-1].startswith("NO [CANNOT]")


def test_what_waits_for_a_client_is_bounded() -> None:
    session = selected(*[b"\r\n" + b"z" * 60_000] * 100)
    (told, *_) = session.ok("FETCH 1:100 BODY.PEEK[]")
    assert told.count("z") == 60_000
    large = " ".join(f"BODY.PEEK[]<{n}.60000>" for n in range(10))
    session.ok(f"FETCH 1:100 ({large})")
    assert session.puppet.largest < 2_000_000


def test_object_ids() -> None:
    session = selected(
        subject("one", more="Message-ID: <1@x>\r\n"),
        subject("Re: one", more="Message-ID: <2@x>\r\nReferences: <1@x>\r\n"),
        subject("re: two", more="In-Reply-To: <2@x>\r\n"),
        b"no header",
        b"X: \xff\r\nReferences: <\xff@x>\r\n\r\n",
    )
    told = session.ok("FETCH 1:5 (EMAILID THREADID)")
    pattern = r"\d FETCH \(EMAILID \((M[0-9a-f]+)\) THREADID \((T[0-9a-f]+)\)\)"
    found = [re.fullmatch(pattern, line) for line in told]
    emails, threads = zip(*[match.groups() for match in found if match], strict=True)
    assert len(set(emails)) == 5
    assert threads[0] == threads[1]
    assert len(set(threads)) == 4
    assert session.ok(f"SEARCH THREADID {threads[0]}") == ["SEARCH 1 2"]
    assert session.ok(f"SEARCH EMAILID {emails[3]}") == ["SEARCH 4"]
    assert session.ok("STATUS INBOX (MAILBOXID)")[0].startswith("STATUS INBOX (MAILBOXID (F")
