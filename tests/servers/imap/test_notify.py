"""NOTIFY: what a session is told between commands, and of other mailboxes (RFC 5465)."""

from collections.abc import AsyncIterator

import pytest

from mailproto.stores import FlagChange, MemoryMailbox, StoreError

from .puppet import settle
from .test_extensions import Session, selected


def told(session: Session) -> list[str]:
    """What the session says unasked."""
    return [raw.decode().removesuffix("\r\n").removeprefix("* ") for raw in session.puppet.told()]


def test_the_selected_mailbox() -> None:
    session = selected(b"Subject: 1\r\n\r\n", b"2")
    session.ok("NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge FlagChange))")
    settle(session.inbox.change_flags([1], FlagChange.ADD, [r"\Seen"]))
    assert told(session) == [r"1 FETCH (UID 1 FLAGS (\Seen \Recent))"]  # RFC 5465 5.1
    session.inbox.add(b"3")
    assert told(session) == ["3 EXISTS", "3 RECENT", r"3 FETCH (UID 3 FLAGS (\Recent))"]
    settle(session.inbox.expunge([1]))
    assert told(session) == ["1 EXPUNGE"]
    session.ok("NOTIFY NONE")
    session.inbox.add(b"4")
    settle(session.inbox.expunge([2]))
    assert told(session) == []
    assert session.ok("NOOP") == []
    session.ok(r"UID STORE 3 +FLAGS.SILENT (\Deleted)")
    assert session.ok("EXPUNGE") == ["2 EXPUNGE", "1 EXPUNGE"]


def test_expunges_are_delayed() -> None:
    session = selected(b"1", b"2")
    session.ok("NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge))")
    settle(session.inbox.expunge([1]))
    session.inbox.add(b"3")
    settle(session.inbox.change_flags([2], FlagChange.ADD, ["x"]))
    assert told(session) == ["3 EXISTS", "3 RECENT"]
    assert session.ok("FETCH 2 UID") == ["2 FETCH (UID 2)"]
    assert session.ok("NOOP") == ["1 EXPUNGE"]


def test_other_mailboxes() -> None:
    session = Session()
    for name in ("Lists", "Lists/a", "Other"):
        session.ok(f"CREATE {name}")
    validity = {
        name: settle(settle(session.account.mailbox(name)).state()).uid_validity
        for name in ("Lists", "Lists/a")
    }
    assert session.ok("NOTIFY SET STATUS (SUBTREE Lists (MessageNew MessageExpunge))") == [
        f"STATUS {name} (MESSAGES 0 UIDNEXT 1 UIDVALIDITY {validity[name]})"
        for name in ("Lists", "Lists/a")
    ]
    other = session.other()
    other.ok("APPEND Lists/a {1+}\r\nx")
    other.ok("APPEND Other {1+}\r\nx")
    assert told(session) == ["STATUS Lists/a (MESSAGES 1 UIDNEXT 2)"]
    other.ok("SELECT Lists/a")
    other.ok(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    assert told(session) == []
    other.ok("EXPUNGE")
    assert told(session) == ["STATUS Lists/a (MESSAGES 0 UIDNEXT 2)"]
    session.ok("SELECT Lists/a")
    other.ok("APPEND Lists/a {1+}\r\nx")
    assert told(session) == []  # SELECTED was not asked for


def test_flags_in_other_mailboxes() -> None:
    session = Session()
    session.ok("ENABLE CONDSTORE")
    session.ok("CREATE Other")
    session.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge FlagChange))")
    other = session.other()
    other.ok("APPEND Other {1+}\r\nx")
    assert len(told(session)) == 1
    other.ok("SELECT Other")
    other.ok(r"STORE 1 +FLAGS.SILENT (\Seen)")
    (line,) = told(session)
    assert "HIGHESTMODSEQ" in line
    assert "UIDVALIDITY" in line


def test_names_subscriptions_and_metadata() -> None:
    session = Session()
    session.ok(
        "NOTIFY SET (PERSONAL (MailboxName SubscriptionChange MailboxMetadataChange))"
        " (SUBSCRIBED (ServerMetadataChange))"
    )
    other = session.other()
    other.ok("CREATE New")
    assert told(session) == [r'LIST (\HasNoChildren) "/" New']
    other.ok("SUBSCRIBE New")
    assert told(session) == [r'LIST (\HasNoChildren \Subscribed) "/" New']
    other.ok('SETMETADATA New (/private/comment "x")')
    assert told(session) == ["METADATA New /private/comment"]
    other.ok('SETMETADATA "" (/private/comment "x")')
    assert told(session) == ['METADATA "" /private/comment']
    other.ok("RENAME New Newer")
    assert told(session) == [r'LIST (\HasNoChildren) "/" Newer (OLDNAME (New))']
    other.ok("DELETE Newer")
    assert told(session) == [r'LIST (\NonExistent \Noselect \HasNoChildren) "/" Newer']


@pytest.mark.parametrize(
    ("groups", "answer"),
    [
        ("(SELECTED (MessageNew))", "BAD"),
        ("(SELECTED (MessageNew MessageExpunge FlagChange MailboxName))", "BAD"),
        ("(SELECTED (FlagChange))", "BAD"),
        ("(SELECTED NONE) (SELECTED-DELAYED NONE)", "BAD"),
        ("(PERSONAL (Frobnicated))", "NO [BADEVENT (MessageNew "),
        ("(PERSONAL (AnnotationChange MessageNew MessageExpunge))", "NO [BADEVENT ("),
        ("(SELECTED (MessageNew (FROBNICATE) MessageExpunge))", "BAD"),
        ("(MAILBOXES nowhere (MessageNew MessageExpunge))", "OK"),
    ],
)
def test_what_can_be_asked_for(groups: str, answer: str) -> None:
    session = selected()
    assert session.ask(f"NOTIFY SET {groups}")[-1].startswith(answer)
    assert session.ok("NOOP") == []


def test_idle_tells_what_was_chosen() -> None:
    session = selected(b"1")
    session.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge))")
    session.puppet.send(b"i IDLE\r\n")
    settle(session.inbox.change_flags([1], FlagChange.ADD, ["x"]))
    session.inbox.add(b"2")
    assert told(session) == ["2 EXISTS", "2 RECENT"]
    session.puppet.send(b"DONE\r\n")


@pytest.mark.parametrize("more", ["", " MailboxName"])
def test_messages_of_a_mailbox_that_is_new(more: str) -> None:
    """RFC 5465 5.2: the mailboxes that are meant are not only those of the moment."""
    session = Session()
    session.ok(f"NOTIFY SET (PERSONAL (MessageNew MessageExpunge{more}))")
    other = session.other()
    other.ok("CREATE New")
    assert len(told(session)) == bool(more)
    other.ok("APPEND New {1+}\r\nx")
    assert told(session) == ["STATUS New (MESSAGES 1 UIDNEXT 2)"]
    mailbox = settle(session.account.create("Filled"))
    settle(mailbox.append(_pieces(b"x")))
    validity = settle(mailbox.state()).uid_validity
    status = f"STATUS Filled (MESSAGES 1 UIDNEXT 2 UIDVALIDITY {validity})"
    assert told(session)[bool(more) :] == [status]
    other.ok("RENAME Filled Full")
    assert len(told(session)) == bool(more)  # the messages are no news
    other.ok("APPEND Full {1+}\r\nx")
    assert told(session) == ["STATUS Full (MESSAGES 2 UIDNEXT 3)"]


@pytest.mark.parametrize(
    ("command", "also_told"),
    [
        (r"CREATE inbox/new/ (USE (\Sent))", 2),
        ("DELETE a", 1),
        ("RENAME a b", 1),
        ("SUBSCRIBE a", 1),
        ("UNSUBSCRIBE INBOX", 1),
        ('SETMETADATA a (/private/comment "x")', 1),
        ('SETMETADATA "" (/private/comment "x")', 1),
        ("APPEND a {1+}\r\nx {1+}\r\ny", 1),
        ("COPY 1:2 a", 1),
    ],
)
def test_who_changes_something_is_not_told_of_it(command: str, also_told: int) -> None:
    """RFC 5465 5; the others are."""
    session = selected(b"x", b"y")
    other = session.other()
    session.ok("CREATE a")
    session.ok("SUBSCRIBE INBOX")
    for each in (session, other):
        each.ok("SELECT INBOX")
        each.ok(
            "NOTIFY SET (PERSONAL (MessageNew MessageExpunge MailboxName SubscriptionChange"
            " MailboxMetadataChange ServerMetadataChange))"
        )
    assert session.ok(command) == told(session) == []
    assert len(told(other)) == also_told
    assert session.ok("NOOP") == []
    other.ok("CREATE later")
    assert len(told(session)) == 1


def test_what_others_did_meanwhile_is_told() -> None:
    session = Session()
    session.ok("CREATE a")
    session.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge MailboxName))")
    box = settle(session.account.mailbox("a"))
    settle(box.append(_pieces(b"x")))
    assert session.ok("APPEND a {1+}\r\nx") == ["STATUS a (MESSAGES 1 UIDNEXT 2)"]
    assert session.ok("NOOP") == []
    settle(session.account.create("b"))
    assert session.ok("CREATE c") == [r'LIST (\HasNoChildren) "/" b']
    session.ok("DELETE c")
    settle(session.account.create("c"))
    assert told(session) == [r'LIST (\HasNoChildren) "/" c']


def test_what_the_client_puts_into_its_mailbox_is_not_fetched() -> None:
    """RFC 5465 5.2."""
    session = selected(b"x")
    session.ok("NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge))")
    assert session.ok("APPEND INBOX {1+}\r\nx") == ["2 EXISTS", "2 RECENT"]
    assert session.ok("COPY 1:2 INBOX") == ["4 EXISTS", "4 RECENT"]
    session.inbox.add(b"y")
    assert told(session) == ["5 EXISTS", "5 RECENT", "5 FETCH (UID 5)"]


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def test_nothing_is_watched_behind_the_session() -> None:
    session = selected()
    session.ok("NOTIFY SET (PERSONAL (MailboxName))")
    session.ok("UNAUTHENTICATE")
    session.other().ok("CREATE Other")
    assert told(session) == []


def test_news_that_can_not_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    session = selected()
    session.ok(
        "NOTIFY SET (SELECTED (MessageNew (ENVELOPE) MessageExpunge)) (PERSONAL (MailboxName))"
    )

    async def broken(*args: object) -> None:
        raise StoreError("UNAVAILABLE", "out of order")

    monkeypatch.setattr(session.inbox, "find", broken)
    monkeypatch.setattr(session.account, "subscriptions", broken)
    session.inbox.add(b"x")
    assert told(session) == ["1 EXISTS", "1 RECENT"]
    monkeypatch.undo()
    session.inbox.add(b"y")
    assert len(told(session)) == 3


@pytest.mark.parametrize("error", [RuntimeError("a bug"), OSError("the disk")])
@pytest.mark.parametrize(
    "before",
    [
        "NOOP",
        "IDLE",
        "NOTIFY SET (SELECTED (MessageNew MessageExpunge))",
        "NOTIFY SET (PERSONAL (MessageNew MessageExpunge MailboxName))",
    ],
)
def test_news_that_can_not_be_told_end_the_session_with_bye(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, before: str, error: Exception
) -> None:
    session = selected(b"x")
    session.ask(before)
    caplog.clear()

    async def state(self: object) -> None:
        raise error

    monkeypatch.setattr(MemoryMailbox, "state", state)
    session.inbox.add(b"y")
    said = told(session) or session.ask("NOOP")
    assert said == ["BYE [SERVERBUG] This failed, closing"]
    assert [(record.levelname, bool(record.exc_info)) for record in caplog.records][:1] == [
        ("ERROR", True)
    ]
