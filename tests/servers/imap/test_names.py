"""Names of mailboxes, and other arguments that are told again (RFC 9051 5.1, 6.3.4)."""

import pytest

from mailproto.imap import Check, Ok
from mailproto.stores import StoreError

from .test_extensions import Session, selected


@pytest.mark.parametrize(
    "command",
    [
        "CREATE {3+}\r\na\nb",
        "CREATE ~{3+}\r\na\0b",
        "SUBSCRIBE {3+}\r\na\nb",
        "RENAME x {3+}\r\na\nb",
        'SETMETADATA INBOX ({12+}\r\n/private/a\nb "x")',
        "LISTRIGHTS x {3+}\r\na\nb",
        "GETQUOTAROOT {3+}\r\na\nb",
        'LIST {3+}\r\na\nb ""',
        "NOTIFY SET STATUS (mailboxes {3+}\r\na\nb (MessageNew MessageExpunge))",
        "FETCH 1 BODY[HEADER.FIELDS ({3+}\r\na\nb)]",
    ],
)
def test_what_can_not_be_told_again_is_refused(command: str) -> None:
    session = selected(b"x")
    session.ok("CREATE x")
    assert session.ask(command)[0].startswith("BAD ")
    for what in ('LIST "" *', 'LSUB "" *', "GETMETADATA (DEPTH infinity) INBOX (/private)"):
        session.ok(what)


@pytest.mark.parametrize(
    "name", ['"\xc3\xa9"', "&", "a&b", "&AOk", "&AGE-", "&AAo-", "e&AwE-", '"a\x01b"']
)
def test_names_that_are_no_modified_utf7(name: str) -> None:
    session = Session()
    for command in ("CREATE", "RENAME INBOX"):
        assert session.ask(f"{command} {name}")[-1].startswith("NO [CANNOT]")
    assert session.ok('LIST "" *') == [r'LIST (\HasNoChildren) "/" INBOX']


@pytest.mark.parametrize("name", ["\xff", "e\xcc\x81", "a\x01b", "\xc2\x85"])
def test_names_that_are_no_net_unicode(name: str) -> None:
    session = Session()
    session.ok("ENABLE IMAP4rev2")
    for command in ("CREATE", "RENAME INBOX"):
        assert session.ask(f'{command} "{name}"')[-1].startswith("NO [CANNOT]")
    assert session.ok('LIST "" *') == [r'LIST (\HasNoChildren) "/" INBOX']


def test_a_name_is_the_same_in_both_encodings() -> None:
    session = Session()
    session.ok("CREATE &AOk-")
    other = session.other()
    other.ok("ENABLE IMAP4rev2")
    assert other.ask('CREATE "\xc3\xa9"')[-1].startswith("NO [ALREADYEXISTS]")
    assert other.ok('LIST "" "\xc3\xa9"') == ['LIST (\\HasNoChildren) "/" "\xc3\xa9"']


def test_no_controls_are_subscribed_to() -> None:
    session = Session()
    assert session.ask("SUBSCRIBE &AAo-")[-1].startswith("NO [CANNOT]")
    other = session.other()
    other.ok("ENABLE UTF8=ACCEPT")
    assert other.ok('LIST (SUBSCRIBED) "" *') == []


@pytest.mark.parametrize("name", ["inbox/x", "INBOX/x", "InBox/x"])
def test_inbox_in_any_case_above_others(name: str) -> None:
    session = Session()
    session.ok("CREATE inbox/x")
    for pattern in (name, name[:-1] + "*", name[:-1] + "%"):
        assert session.ok(f'LIST "" {pattern}') == [r'LIST (\HasNoChildren) "/" INBOX/x']
    assert session.ok(f"STATUS {name} (MESSAGES)") == ["STATUS INBOX/x (MESSAGES 0)"]
    other = session.other()
    other.ok(f"NOTIFY SET (MAILBOXES {name} (MessageNew MessageExpunge))")
    session.ok(f"APPEND {name} {{1+}}\r\nx")
    assert other.puppet.told() == [b"* STATUS INBOX/x (MESSAGES 1 UIDNEXT 2)\r\n"]
    assert session.ok('LIST "" *') == [
        r'LIST (\HasChildren) "/" INBOX',
        r'LIST (\HasNoChildren) "/" INBOX/x',
    ]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("FETCH 1 [FOO", "BAD No support for [FOO"),
        ("SORT ([FOO) UTF-8 ALL", "BAD No support for [FOO"),
        (r"STORE 1 +FLAGS \Foo", r"NO [CANNOT] The flag \Foo can not be kept"),
        ("STATUS [x (MESSAGES)", "NO [NONEXISTENT] There is no mailbox [x"),
        ("STATUS a&AOkAAQ-b (MESSAGES)", r"NO [NONEXISTENT] There is no mailbox a\xe9\x01b"),
        (f"STATUS {'x' * 5000} (MESSAGES)", f"NO [NONEXISTENT] There is no mailbox {'x' * 380}"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_refused_is_told_in_a_sentence_of_ascii(command: str, text: str) -> None:
    session = selected(b"x")
    assert session.ask(command) == [text]


def test_whatever_a_store_says_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    session = selected(b"x")

    async def broken(*args: object) -> None:
        raise StoreError("UNAVAILABLE", "[the disk]\0\r\nis \xe9 off")

    monkeypatch.setattr(session.account, "mailbox", broken)
    assert session.ask("STATUS x (MESSAGES)") == [r"NO [UNAVAILABLE] The disk]\x00 is \xe9 off"]


def test_an_answer_that_can_not_be_sent_ends_the_session_with_bye(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = selected(b"x")

    async def answer(*args: object) -> Ok:
        return Ok("[no code")

    handlers = session.service.handlers
    session.service.handlers = {**handlers, Check: answer}  # type: ignore[misc]
    assert session.ask("CHECK") == ["BYE [SERVERBUG] This failed, closing"]
    assert any(record.exc_info for record in caplog.records)
