"""Rights on the wire (RFC 4314): what each command takes, and what is told of mailboxes."""

import re

import pytest

from mailproto.servers.imap.service import ImapService
from mailproto.stores import MemoryMailbox, MemoryStore
from mailproto.stores.acl import ALL_RIGHTS
from mailproto.stores.sharing import SharingStore

from .puppet import Puppet, service, settle

BOX = "user/ann/Work"
EVERY = "lrswipkxteacd"
ALL = "".join(sorted(ALL_RIGHTS))


class Session:
    """A session that is asked in text."""

    def __init__(self, served: ImapService, user: str) -> None:
        self._puppet = Puppet(served, user)
        self._tags = 0

    def ask(self, command: str) -> list[str]:
        """Return all responses, without ``* `` and tag."""
        self._tags += 1
        tag = f"{self._tags} "
        raw = self._puppet.send((tag + command).encode() + b"\r\n")
        texts = [response.decode().removesuffix("\r\n") for response in raw]
        return [text.removeprefix("* ").removeprefix(tag) for text in texts]

    def ok(self, command: str) -> list[str]:
        """Return the untagged responses to a command that has to succeed."""
        *untagged, tagged = self.ask(command)
        assert tagged.startswith("OK"), (command, untagged, tagged)
        return untagged

    def no(self, command: str) -> str:
        """Return why a command is refused, which has to be."""
        *untagged, tagged = self.ask(command)
        assert tagged.startswith(("NO", "BAD")), (command, untagged, tagged)
        return tagged

    def told(self) -> list[str]:
        """Return what is said unasked."""
        return [raw.decode().removeprefix("* ").strip() for raw in self._puppet.told()]


class House:
    """A server on which bob has rights to a mailbox of ann's, with three messages."""

    def __init__(self, rights: str = "") -> None:
        self.store = MemoryStore()
        served = service(SharingStore(self.store))
        self.ann, self.bob = Session(served, "ann"), Session(served, "bob")
        self.carol = Session(served, "carol")
        self.ann.ok("CREATE Work")
        account = settle(self.store.account("ann"))
        mailbox = settle(account.mailbox("Work"))
        assert isinstance(mailbox, MemoryMailbox)
        self.work = mailbox
        for number in range(3):
            self.work.add(b"Subject: %d\r\n\r\n" % number)
        if rights:
            self.grant(rights)

    def grant(self, rights: str, who: str = "bob", box: str = "Work") -> None:
        self.ann.ok(f'SETACL {box} {who} "{rights}"')

    def selected(self) -> "House":
        self.bob.ok(f"SELECT {BOX}")
        return self

    def flags(self) -> list[set[str]]:
        return [set(info.flags) for info in settle(self.work.messages())]


# --- the commands of RFC 4314 ---


def test_the_examples_of_the_rfc() -> None:
    ann = House().ann
    ann.ok("SETACL Work Chris lrswi")
    assert ann.ok("GETACL Work") == [f"ACL Work ann {EVERY} Chris lrswi"]
    ann.ok("SETACL Work Chris +cda")
    assert ann.ok("GETACL Work") == [f"ACL Work ann {EVERY} Chris lrswikxteacd"]
    assert ann.no("SETACL Work John lrQswicda").startswith("BAD")
    assert ann.no("SETACL Work John lrqswicda").startswith("BAD")
    ann.ok("SETACL Work -Fred wetd")
    ann.ok("SETACL Work Chris -lrswicdax")
    assert ann.ok("GETACL Work") == [f'ACL Work ann {EVERY} -Fred wted Chris ""']
    ann.ok("DELETEACL Work Chris")
    ann.ok("DELETEACL Work nobody")
    ann.ok("SETACL Work nobody -lr")
    ann.ok("SETACL Work nobody +")
    assert ann.ok("GETACL Work") == [f"ACL Work ann {EVERY} -Fred wted"]
    assert ann.ok("MYRIGHTS Work") == [f"MYRIGHTS Work {EVERY}"]
    assert ann.ok("LISTRIGHTS Work ann") == [f"LISTRIGHTS Work ann {EVERY}"]
    each = " ".join(EVERY)
    assert ann.ok("LISTRIGHTS Work anyone") == [f'LISTRIGHTS Work anyone "" {each}']
    assert ann.ok("LISTRIGHTS Work -ann") == ['LISTRIGHTS Work -ann ""']


@pytest.mark.parametrize(
    "command",
    [
        "SETACL Work ann lr",
        "SETACL Work ann -a",
        "SETACL Work -ann l",
        "DELETEACL Work ann",
        "DELETEACL Work -ann",
    ],
)
def test_the_owner_can_not_be_locked_out(command: str) -> None:
    house = House(ALL)
    assert house.ann.no(command).startswith("NO [CANNOT]")
    assert house.bob.no(command.replace("Work", BOX)).startswith("NO [CANNOT]")
    assert house.ann.ok("MYRIGHTS Work") == [f"MYRIGHTS Work {EVERY}"]


@pytest.mark.parametrize(
    "identifier",
    ['""', "-", '"a\u200bb\x7f"', '"\u0000"', '"\u06271"', '"\ue000"', '"\u00ad"', '"-\u00ad"'],
)
@pytest.mark.parametrize(
    "command", ["SETACL Work {} lr", "DELETEACL Work {}", "LISTRIGHTS Work {}"]
)
def test_identifiers_are_prepared(command: str, identifier: str) -> None:
    ann = House().ann
    assert ann.no(command.format(identifier)).startswith("BAD")
    assert ann.ok("GETACL Work") == [f"ACL Work ann {EVERY}"]


def test_identifiers_of_all_kinds() -> None:
    ann = House().ann
    ann.ok('SETACL Work "a b" l')
    ann.ok('SETACL Work "\\"q\\\\" r')
    ann.ok('SETACL Work "\u2168" s')
    ann.ok("SETACL Work {5+}\r\njörg l")
    assert ann.ok("LISTRIGHTS Work {3+}\r\n\u2168")[0].startswith("LISTRIGHTS Work {3}\r\n\u2168 ")
    assert ann.ok("GETACL Work")[0].endswith(' IX s "a b" l {5}\r\njörg l')
    ann.ok("DELETEACL Work {5+}\r\njörg")
    assert ann.ok("GETACL Work") == [f'ACL Work ann {EVERY} "\\"q\\\\" r IX s "a b" l']


def test_an_acl_has_a_limit() -> None:
    house = House()
    house.work.entries = {f"user{number}": ALL_RIGHTS for number in range(2000)}
    assert house.ann.no("SETACL Work bob l").startswith("NO [LIMIT]")
    assert len(house.ann.ok("GETACL Work")[0]) > 20_000
    assert house.bob.ok('LIST "" *') == ['LIST (\\HasNoChildren) "/" INBOX']


def test_acl_commands_take_the_right() -> None:
    house = House()
    texts = set()
    for rights in ("", "lrswipkxte", "rswipkxte"):
        house.grant(rights)
        for command in ("GETACL {}", "SETACL {} carol l", "DELETEACL {} bob", "LISTRIGHTS {} bob"):
            code = "NOPERM" if "l" in rights else "NONEXISTENT"
            texts.add(house.bob.no(command.format(BOX)))
            assert f"NO [{code}]" in house.bob.no(command.format(BOX))
    assert len(texts) == 2
    house.grant("a")
    house.bob.ok(f"SETACL {BOX} carol lr")
    assert house.bob.ok(f"GETACL {BOX}") == [f"ACL {BOX} ann {EVERY} bob a carol lr"]
    assert house.carol.ok(f"MYRIGHTS {BOX}") == [f"MYRIGHTS {BOX} lr"]


@pytest.mark.parametrize("right", "lrikxa")
def test_rights_are_told_to_who_has_any(right: str) -> None:
    house = House(right)
    more = {"k": "c", "x": "c"}.get(right, "")
    assert house.bob.ok(f"MYRIGHTS {BOX}") == [f"MYRIGHTS {BOX} {right}{more}"]
    house.grant("swtep")
    assert house.bob.no(f"MYRIGHTS {BOX}").startswith("NO [NONEXISTENT]")


def test_who_does_not_share_says_so() -> None:
    class Alone(MemoryStore):
        shares = False

    ann = Session(service(Alone()), "ann")
    assert ann.ok("LISTRIGHTS INBOX bob") == ['LISTRIGHTS INBOX bob ""']
    assert ann.ok("NAMESPACE") == ['NAMESPACE (("" "/")) NIL NIL']
    assert ann.ok("GETACL INBOX") == [f"ACL INBOX ann {EVERY}"]


# --- what a user does not see ---

ASKING = [
    "SELECT {}",
    "EXAMINE {}",
    "STATUS {} (MESSAGES)",
    "GETACL {}",
    "MYRIGHTS {}",
    "LISTRIGHTS {} bob",
    "SETACL {} bob l",
    "DELETEACL {} bob",
    "DELETE {}",
    "RENAME {0} {0}2",
    "RENAME {} New",
    "CREATE {}/x",
    "APPEND {} {{1+}}\r\nx",
    "COPY 1 {}",
    "MOVE 1 {}",
    "GETMETADATA {} /shared/comment",
    'SETMETADATA {} (/shared/comment "x")',
    "GETQUOTAROOT {}",
    "SUBSCRIBE {}",
    "LIST {} %",
    'LIST "" {}',
]


@pytest.mark.parametrize("command", ASKING)
def test_what_is_hidden_is_as_if_it_did_not_exist(command: str) -> None:
    house = House("swtep")
    house.ann.ok("CREATE Shown")
    house.grant("lr", box="Shown")
    house.bob.ok("APPEND INBOX {1+}\r\nx")
    answers = []
    for name in (BOX, "user/ann/Wrok", "user/dave/Work"):
        house.bob.ok("SELECT INBOX")
        answers.append([text.replace(name, "") for text in house.bob.ask(command.format(name))])
    assert answers[0] == answers[1] == answers[2]


def test_listing() -> None:
    house = House("lr")
    house.ann.ok("CREATE Work/Secret")
    house.ann.ok("DELETEACL Work/Secret bob")
    house.ann.ok("CREATE Far/Below")
    house.grant("l", box="Far/Below")
    listed = house.bob.ok('LIST "" *')
    assert listed == [
        'LIST (\\HasNoChildren) "/" INBOX',
        'LIST (\\NonExistent \\Noselect \\HasChildren) "/" user',
        'LIST (\\NonExistent \\Noselect \\HasChildren) "/" user/ann',
        'LIST (\\NonExistent \\Noselect \\HasChildren) "/" user/ann/Far',
        'LIST (\\HasNoChildren) "/" user/ann/Far/Below',
        'LIST (\\HasNoChildren) "/" user/ann/Work',
    ]
    assert house.bob.ok("LIST user/ann/ %") == listed[3:4] + listed[5:]
    assert house.bob.ok("NAMESPACE") == ['NAMESPACE (("" "/")) (("user/" "/")) NIL']
    assert house.bob.ok('LIST user/x ""') == ['LIST (\\Noselect) "/" user/']
    house.bob.ok(f"SUBSCRIBE {BOX}")
    assert house.bob.ok('LSUB "" *') == [f'LSUB (\\HasNoChildren) "/" {BOX}']
    house.grant("")
    assert house.bob.ok('LSUB "" *') == [f'LSUB (\\Noselect) "/" {BOX}']


def test_listing_with_rights() -> None:
    house = House("lrc")
    assert house.bob.ok('LIST "" (INBOX user/ann/%) RETURN (MYRIGHTS STATUS (MESSAGES))') == [
        'LIST (\\HasNoChildren) "/" INBOX',
        "STATUS INBOX (MESSAGES 0)",
        f"MYRIGHTS INBOX {EVERY}",
        f'LIST (\\HasNoChildren) "/" {BOX}',
        f"STATUS {BOX} (MESSAGES 3)",
        f"MYRIGHTS {BOX} lrkxc",
    ]
    house.grant("l")
    assert house.bob.ok('LIST "" user/ann/% RETURN (MYRIGHTS STATUS (MESSAGES))') == [
        f'LIST (\\HasNoChildren) "/" {BOX}',
        f"MYRIGHTS {BOX} l",
    ]


def test_own_mailboxes_below_the_prefix_are_not_reached() -> None:
    store = MemoryStore()
    settle(settle(store.account("ann")).create("user/own"))
    ann = Session(service(SharingStore(store)), "ann")
    assert ann.ok('LIST "" *') == ['LIST (\\HasNoChildren) "/" INBOX']
    assert ann.no("SELECT user/own").startswith("NO [NONEXISTENT]")
    assert ann.no("CREATE user/other").startswith("NO [NOPERM]")


# --- commands in the selected state ---


@pytest.mark.parametrize(
    ("rights", "access", "permanent"),
    [
        ("lr", "READ-ONLY", ""),
        ("lrpkxa", "READ-ONLY", ""),
        ("lri", "READ-WRITE", ""),
        ("lre", "READ-WRITE", ""),
        ("rs", "READ-WRITE", r"\Seen"),
        ("lrt", "READ-WRITE", r"\Deleted"),
        ("lrw", "READ-WRITE", r"\Answered \Flagged \Draft Key \*"),
        (ALL, "READ-WRITE", r"\Answered \Flagged \Deleted \Seen \Draft Key \*"),
    ],
)
def test_selecting_tells_what_can_be_changed(rights: str, access: str, permanent: str) -> None:
    house = House(rights)
    house.ann.ok("SELECT Work")
    house.ann.ok("STORE 1 +FLAGS Key")
    told = house.bob.ask(f"SELECT {BOX}")
    assert told[-1].startswith(f"OK [{access}]")
    (flags,) = (t for t in told if "PERMANENTFLAGS" in t)
    assert f"PERMANENTFLAGS ({permanent})" in flags
    told = house.bob.ask(f"EXAMINE {BOX}")
    assert "PERMANENTFLAGS ()" in "".join(told)
    assert told[-1].startswith("OK [READ-ONLY]")


def test_storing_needs_the_right_for_one_flag_at_least() -> None:
    house = House("lrs").selected()
    assert house.bob.no(r"STORE 1 +FLAGS (\Deleted Key)").startswith("NO [NOPERM]")
    assert house.bob.ok(r"STORE 1 +FLAGS (\Deleted \Seen)") == [r"1 FETCH (FLAGS (\Seen \Recent))"]
    assert house.flags()[0] == {r"\Seen"}
    house.ann.ok("SELECT Work")
    house.ann.ok(r"STORE 2 FLAGS (\Seen \Flagged)")
    house.bob.ok("NOOP")
    told = house.bob.ok(r"STORE 2 FLAGS.SILENT (\Deleted)")
    assert house.flags()[1] == {r"\Flagged"}
    assert [re.sub(r" \\Recent", "", t) for t in told] == [r"2 FETCH (FLAGS (\Flagged))"]


def test_reading_sets_seen_only_with_the_right() -> None:
    house = House("lrwtei").selected()
    assert house.bob.ok("FETCH 1 BODY[]") == ["1 FETCH (BODY[] {14}\r\nSubject: 0\r\n\r\n)"]
    assert house.flags()[0] == set()
    house.grant("lrs")
    house.bob.ok("NOOP")
    assert r"\Seen" in house.bob.ok("FETCH 1 BODY[]")[0]
    assert house.flags()[0] == {r"\Seen"}


@pytest.mark.parametrize("named", ["", "1"])
def test_expunging_needs_the_right(named: str) -> None:
    house = House("lrtw").selected()
    command = f"UID EXPUNGE {named}" if named else "EXPUNGE"
    assert house.bob.no(command).startswith("NO [NOPERM]")
    house.bob.ok(r"STORE 1 +FLAGS (\Deleted)")
    assert house.bob.no(command).startswith("NO [NOPERM]")
    house.bob.ok("CLOSE")  # RFC 4314 4: no error, and nothing expunged
    assert len(house.flags()) == 3
    house.selected().grant("lre")
    assert house.bob.ok(command)[-1] == "1 EXPUNGE"
    house.ann.ok("SELECT Work")
    house.ann.ok(r"STORE 1 +FLAGS (\Deleted)")
    house.bob.ok("CLOSE")
    assert len(house.flags()) == 1


def test_moving_and_replacing_need_the_rights() -> None:
    for rights in ("lrt", "lre", "lrs"):
        house = House(rights).selected()
        assert house.bob.no("MOVE 1 INBOX").startswith("NO [NOPERM]")
        assert house.bob.no("REPLACE 1 INBOX {1+}\r\nx").startswith("NO [NOPERM]")
    assert house.bob.ok("STATUS INBOX (MESSAGES)") == ["STATUS INBOX (MESSAGES 0)"]
    house.grant("lrte")
    house.bob.ok("MOVE 1 INBOX")
    house.bob.ok("REPLACE 1 INBOX {1+}\r\nx")
    assert len(house.flags()) == 1
    assert house.bob.no(f"REPLACE 1 {BOX} {{1+}}\r\nx").startswith("NO [NOPERM]")
    house.bob.ok("SELECT INBOX")
    assert house.bob.no(f"MOVE 1 {BOX}").startswith("NO [NOPERM]")
    assert house.bob.no(f"COPY 1 {BOX}").startswith("NO [NOPERM]")
    house.grant("lri")
    house.bob.ok(f"MOVE 1 {BOX}")
    house.bob.ok(f"COPY 1 {BOX}")
    assert len(house.flags()) == 3


def test_who_may_only_insert_learns_no_uids() -> None:
    house = House("i")
    assert house.bob.ask(f"APPEND {BOX} (\\Seen) {{1+}}\r\nx") == ["OK APPEND completed"]
    house.bob.ok("APPEND INBOX {1+}\r\nx")
    house.bob.ok("SELECT INBOX")
    assert house.bob.ask(f"COPY 1 {BOX}") == ["OK COPY completed"]
    assert house.flags() == [set()] * 5
    assert house.bob.no(f"SELECT {BOX}").startswith("NO [NONEXISTENT]")
    house.grant("lri")
    house.bob.ok("SELECT INBOX")
    assert "COPYUID" in house.bob.ask(f"COPY 1 {BOX}")[0]
    assert "APPENDUID" in house.bob.ask(f"APPEND {BOX} {{1+}}\r\nx")[0]


def test_what_may_not_be_inserted_is_not_even_sent() -> None:
    house = House("lr")
    assert house.bob.ask(f"APPEND {BOX} {{1000}}")[-1].startswith("NO [NOPERM]")
    house.grant("r")
    assert house.bob.ask(f"APPEND {BOX} {{1000}}")[-1].startswith("NO [NONEXISTENT]")
    house.grant("i")
    assert house.bob.ask(f"APPEND {BOX} {{1}}")[-1].startswith("+")


def test_a_part_of_what_may_be_read_can_be_catenated() -> None:
    house = House("lr")
    append = f'APPEND INBOX CATENATE (URL "/{BOX};UIDVALIDITY={{}}/;UID=1")'
    validity = settle(house.work.state()).uid_validity
    house.bob.ok(append.format(validity))
    house.grant("lswipkxtea")
    assert "BADURL" in house.bob.no(append.format(validity))


# --- mailboxes ---


def test_making_and_removing_mailboxes() -> None:
    house = House("lr")
    assert house.bob.no(f"CREATE {BOX}/New").startswith("NO [NOPERM]")
    assert house.bob.no(f"DELETE {BOX}").startswith("NO [NOPERM]")
    assert house.bob.no(f"RENAME {BOX} user/ann/Play").startswith("NO [NOPERM]")
    house.grant("lrkx")
    house.bob.ok(f"CREATE {BOX}/New")
    assert house.ann.ok("GETACL Work/New") == [f"ACL Work/New ann {EVERY} bob lrkxc"]
    assert house.bob.no(f"CREATE {BOX}/Sent (USE (\\Sent))").startswith("NO [CANNOT]")
    assert house.bob.no(f"RENAME {BOX} user/ann/Play").startswith("NO [NOPERM]")
    house.bob.ok(f"RENAME {BOX}/New {BOX}/Newer")
    assert house.bob.no(f"RENAME {BOX}/Newer Mine").startswith("NO [CANNOT]")
    assert house.bob.no(f"RENAME INBOX {BOX}/In").startswith("NO [CANNOT]")
    house.bob.ok(f"DELETE {BOX}/Newer")
    house.bob.ok(f"DELETE {BOX}")
    assert house.ann.ok('LIST "" *') == ['LIST (\\HasNoChildren) "/" INBOX']


def test_quota_is_that_of_the_user() -> None:
    house = House("lr")
    assert house.bob.ok(f"GETQUOTAROOT {BOX}") == [f"QUOTAROOT {BOX}"]
    assert house.bob.ok("GETQUOTAROOT INBOX")[0] == 'QUOTAROOT INBOX ""'


# --- several sessions ---


def test_two_users_see_each_others_changes() -> None:
    house = House("lrswite").selected()
    house.ann.ok("SELECT Work")
    house.bob.ok(r"STORE 1 +FLAGS (\Flagged)")
    assert house.ann.ok("NOOP") == [r"1 FETCH (FLAGS (\Flagged \Recent))"]
    house.ann.ok("APPEND Work {1+}\r\nx")
    assert house.bob.ok("NOOP") == ["4 EXISTS", "4 RECENT"]
    house.bob.ok(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    house.bob.ok("EXPUNGE")
    assert "1 EXPUNGE" in house.ann.ok("NOOP")


def test_a_change_of_rights_counts_at_once() -> None:
    house = House("lrs").selected()
    house.grant("lrt")
    assert house.bob.ask("NOOP") == [
        r"FLAGS (\Answered \Flagged \Deleted \Seen \Draft)",
        r"OK [PERMANENTFLAGS (\Deleted)] Rights have changed",
        "OK NOOP completed",
    ]
    assert house.bob.no(r"STORE 1 +FLAGS (\Seen)").startswith("NO [NOPERM]")
    house.bob.ok(r"STORE 1 +FLAGS (\Deleted)")
    assert house.bob.ask("NOOP") == ["OK NOOP completed"]


@pytest.mark.parametrize(
    ("rights", "why"), [("l", "may not be read any more"), ("", "was deleted")]
)
@pytest.mark.parametrize(
    "command", ["NOOP", "FETCH 1 BODY[]", "SEARCH TEXT x", "CLOSE", "COPY 1 INBOX"]
)
def test_who_may_not_read_any_more_has_to_go(rights: str, why: str, command: str) -> None:
    house = House("lrswite").selected()
    house.grant(rights)
    told = house.bob.ask(command)
    assert told[-1] == f"BYE The selected mailbox {why}"
    assert not any("Subject" in text for text in told)


def test_who_idles_hears_of_changes() -> None:
    house = House("lr").selected()
    house.bob.ask("IDLE")
    house.ann.ok("APPEND Work {1+}\r\nx")
    assert "4 EXISTS" in house.bob.told()
    house.grant("l")
    assert house.bob.told() == ["BYE The selected mailbox may not be read any more"]


def test_who_is_notified_hears_of_mailboxes_that_come_and_go() -> None:
    house = House("l")
    house.bob.ok(
        "NOTIFY SET (SUBTREE user/ann (MessageNew MessageExpunge MailboxName)) "
        "(PERSONAL (MessageNew MessageExpunge))"
    )
    house.ann.ok("APPEND Work {1+}\r\nx")
    assert not house.bob.told()
    house.grant("lr")
    listed, status = house.bob.told()
    assert listed == f'LIST (\\HasNoChildren) "/" {BOX}'
    assert status.startswith(f"STATUS {BOX} (MESSAGES 4 UIDNEXT 5 UIDVALIDITY ")
    house.ann.ok("APPEND Work {1+}\r\nx")
    (status,) = house.bob.told()
    assert status.startswith(f"STATUS {BOX} (MESSAGES 5")
    house.grant("")
    assert house.bob.told() == [f'LIST (\\NonExistent \\Noselect \\HasNoChildren) "/" {BOX}']
    house.ann.ok("APPEND Work {1+}\r\nx")
    assert not house.bob.told()


def test_personal_mailboxes_are_the_users_own() -> None:
    house = House("lr")
    house.bob.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
    house.ann.ok("APPEND Work {1+}\r\nx")
    assert not house.bob.told()


@pytest.mark.parametrize("name", ["user", "user/", "user//", "user/ann", "user/ann/", "user//Work"])
@pytest.mark.parametrize("command", ["SELECT {}", "DELETE {}", "GETACL {}"])
def test_odd_names(command: str, name: str) -> None:
    assert House(ALL).bob.no(command.format(name)).startswith("NO [NONEXISTENT]")
