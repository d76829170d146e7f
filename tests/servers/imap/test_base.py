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
    for command in (r"STORE 1 +FLAGS (\Seen \Nonsense)", "APPEND INBOX (\\Nonsense) {1+}\r\nx"):
        assert session.ask(command)[-1].startswith("NO [CANNOT]")  # RFC 9051 9 ``flag-extension``
    assert session.ok("FETCH 1:* FLAGS") == [r"1 FETCH (FLAGS (\Recent))"]


def test_a_keyword_keeps_its_case() -> None:
    session = selected(b"x", b"y")
    session.ok("STORE 1 +FLAGS.SILENT (Todo)")
    assert session.ok("STORE 2 +FLAGS (TODO)") == [r"2 FETCH (FLAGS (Todo \Recent))"]
    assert session.ok("STORE 1 -FLAGS (todo)") == [r"1 FETCH (FLAGS (\Recent))"]
    assert session.ok("SEARCH KEYWORD tODO") == ["SEARCH 2"]
