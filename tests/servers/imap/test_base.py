"""The base commands where servers differ, and what the RFCs say of them."""

import pytest

from .test_extensions import selected


@pytest.mark.parametrize("command", [r"STORE 1 +FLAGS (\Recent)", r"STORE 1 FLAGS \Recent"])
def test_recent_is_no_flag_to_be_set(command: str) -> None:
    session = selected(b"x")
    assert session.ask(command)[-1].startswith("BAD")  # RFC 3501 9 ``flag``
    literal = "{1+}\r\nx"
    assert session.ask(rf"APPEND INBOX (\Recent) {literal}")[-1].startswith("BAD")
    assert session.ok("FETCH 1:* FLAGS") == [r"1 FETCH (FLAGS (\Recent))"]


def test_no_system_flag_is_made_up() -> None:
    session = selected(b"x")
    for command in (
        r"STORE 1 +FLAGS (\Seen \Nonsense)",
        r"STORE 1 -FLAGS (\Nonsense)",
        "APPEND INBOX (\\Nonsense) {1+}\r\nx",
    ):
        assert session.ask(command)[-1].startswith("NO [CANNOT]")  # RFC 9051 9 ``flag-extension``
    assert session.ok("FETCH 1:* FLAGS") == [r"1 FETCH (FLAGS (\Recent))"]


def test_a_keyword_keeps_its_case() -> None:
    session = selected(b"x", b"y")
    session.ok("STORE 1 +FLAGS.SILENT (Todo)")
    assert session.ok("STORE 2 +FLAGS (TODO)") == [r"2 FETCH (FLAGS (Todo \Recent))"]
    assert session.ok("STORE 1 -FLAGS (todo)") == [r"1 FETCH (FLAGS (\Recent))"]
    assert session.ok("SEARCH KEYWORD tODO") == ["SEARCH 2"]


@pytest.mark.parametrize(
    "command",
    [
        "ENABLE CONDSTORE",
        "ENABLE qresync",
        "FETCH 1 MODSEQ",
        "FETCH 1 UID (CHANGEDSINCE 1)",
        "STORE 1 (UNCHANGEDSINCE 9) FLAGS (x)",
        "SEARCH MODSEQ 1",
        "STATUS a (HIGHESTMODSEQ)",
    ],
)
def test_where_the_mailbox_stands_when_mod_sequences_are_asked_for(command: str) -> None:
    session = selected(b"x")
    session.ok("CREATE a")
    modseq = session.modseq
    first, again = session.ok(command), session.ok(command)
    assert f"OK [HIGHESTMODSEQ {modseq}] The highest" in first  # RFC 7162 3.1
    assert not any("[HIGHESTMODSEQ" in told for told in again)


def test_selecting_with_condstore_does_not_tell_of_the_mailbox_before() -> None:
    session = selected(b"x")
    session.ok("CREATE a")
    told = session.ok("SELECT a (CONDSTORE)")
    assert told[0].startswith("OK [CLOSED]")
    assert sum("[HIGHESTMODSEQ" in each for each in told) == 1


def test_what_is_told_early_is_not_taken_for_all() -> None:
    """RFC 7162 6: VANISHED is delayed while the flags of later changes are told."""
    session = selected(b"1", b"2", b"3")
    session.ok("ENABLE QRESYNC")
    known = session.modseq
    other = session.other()
    other.ok("SELECT INBOX")
    other.ok(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    other.ok("EXPUNGE")
    told = session.ok("STORE 3 +FLAGS (x)")
    assert told[-1] == f"OK [HIGHESTMODSEQ {known}] The highest"
    assert session.ok("NOOP") == ["VANISHED 1"]
    last = session.modseq
    other.ok(r"STORE 1 +FLAGS.SILENT (\Deleted)")
    session.ok("STORE 2 +FLAGS.SILENT (y)")
    assert session.ask("EXPUNGE")[-1].startswith(f"OK [HIGHESTMODSEQ {last + 3}]")


def test_deleting_the_selected_mailbox_leaves_none_selected() -> None:
    session = selected()
    session.ok("CREATE a")
    session.ok("SELECT a")
    other = session.other()
    other.ok("SELECT a")
    assert session.ok("DELETE a") == ["OK [CLOSED] The selected mailbox was deleted"]
    assert session.ask("FETCH 1 FLAGS")[-1].startswith("BAD")
    assert session.ok("NOOP") == []
    session.ok("SELECT INBOX")
    assert other.ask("NOOP")[-1].startswith("BYE")


def test_deleting_another_mailbox_leaves_the_selected_one() -> None:
    session = selected(b"x")
    session.ok("CREATE a")
    assert session.ok("DELETE a") == []
    assert session.ask("DELETE a")[-1].startswith("NO [NONEXISTENT]")
    assert session.ask("DELETE inbox")[-1].startswith("NO [CANNOT]")
    assert session.ok("FETCH 1 UID") == ["1 FETCH (UID 1)"]


def test_a_url_without_a_mailbox_is_of_the_selected_one() -> None:
    session = selected(b"Subject: 1\r\n\r\nbody")
    for url in (";UID=1", "/;UID=1", "/INBOX/;UID=1"):  # RFC 4469 3
        session.ok(f'APPEND INBOX CATENATE (URL "{url}/;SECTION=TEXT")')
    assert len(session.ok("FETCH 2:4 BODY.PEEK[]")) == 3
    session.ok("UNSELECT")
    assert session.ask('APPEND INBOX CATENATE (URL ";UID=1")')[-1].startswith("NO [BADURL ;UID=1]")


def test_a_star_is_no_known_uid() -> None:
    session = selected(b"x")
    session.ok("ENABLE QRESYNC")
    known = f"SELECT INBOX (QRESYNC ({session.validity} {session.modseq}"
    assert session.ask(f"{known} 1:*))")[-1].startswith("BAD")  # RFC 7162 7
    session.ok(f"{known} 1:9))")


def test_keywords_of_messages_that_arrive_are_told_before_they_are_used() -> None:
    session = selected(b"x")
    flags = r"\Answered \Flagged \Deleted \Seen \Draft"
    session.inbox.add(b"y", ["New", "Todo"])  # RFC 9051 7.3.5
    assert session.ok("NOOP") == ["2 EXISTS", "2 RECENT", f"FLAGS ({flags} New Todo)"]
    session.inbox.add(b"z", ["Todo"])
    assert session.ok("NOOP") == ["3 EXISTS", "3 RECENT"]
    assert session.ok("STORE 1 +FLAGS.SILENT (Own)") == [f"FLAGS ({flags} New Own Todo)"]
