"""What real servers do against the RFCs, as a client core meets it (rows of the catalogue)."""

from datetime import date

import pytest

from mailproto import imap
from mailproto.errors import RemoteProtocolError
from mailproto.imap import ClientConnection, Condition, Response, Search, State
from mailproto.limits import ImapLimits
from mailproto.sasl import Login
from mailproto.testing import Cut, bytewise, whole

from .client_scenes import GREETING, connected, heard, selected
from .vectors_quirks import QUIRKS, Quirk

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
each_quirk = pytest.mark.parametrize("quirk", QUIRKS, ids=lambda q: f"{q.row}-{q.wire[:50]!r}")


@cuts
@each_quirk
def test_tolerated_and_recorded(quirk: Quirk, cut: Cut) -> None:
    client = selected()
    event, exists = heard(client, quirk.wire + b"* 3 EXISTS\r\n", cut)
    response = event.response if isinstance(event, imap.UnsolicitedResponse) else event
    assert response == quirk.response
    assert isinstance(response, Response)
    assert len(response.defects) == quirk.defects
    assert exists == imap.ExistsResponse(3)


@each_quirk
def test_refused_if_strict(quirk: Quirk) -> None:
    client = selected(strict=True)
    with pytest.raises(RemoteProtocolError):
        heard(client, quirk.wire + b"* 3 EXISTS\r\n")
    assert client.state is State.ERROR


@cuts
@pytest.mark.parametrize("line", [b"A1 OK\r\n", b"A1 OK \r\n", b"A1 OK [CLOSED]\r\n", b"A1 OK x\n"])
def test_1_2_13_completions(line: bytes, cut: Cut) -> None:
    client = connected()
    client.send(imap.Noop())
    (completed,) = heard(client, line, cut)
    assert completed.command == imap.Noop()


def test_6_codes_without_status_are_learnt_from() -> None:
    client = selected()
    (code,) = heard(client, b"[CAPABILITY IMAP4rev1 X-NEW]\r\n")
    assert len(code.defects) >= 1
    assert client.capabilities == imap.Capabilities(["IMAP4rev1", "X-NEW"])


def test_10_brackets_in_a_greeting_are_no_code() -> None:
    client = connected(b"* OK Coremail System IMap Server Ready(163com[8db7CAPABILITY X])\r\n")
    assert client.capabilities is None


@cuts
@pytest.mark.parametrize("line", [b"Server Unavailable. 15\r\n", b"\r\n", b"* :\r\n"])
def test_11_lines_that_are_not_imap(line: bytes, cut: Cut) -> None:
    client = selected()
    invalid, exists = heard(client, line + b"* 3 EXISTS\r\n", cut)
    assert invalid == imap.InvalidResponse(line)
    assert exists == imap.ExistsResponse(3)


def test_11_greetings_that_are_not_imap() -> None:
    with pytest.raises(RemoteProtocolError):
        heard(ClientConnection(), b"421 Server is busy\r\n")


def test_12_nul_in_front_of_the_greeting() -> None:
    (greeting,) = heard(ClientConnection(), b"\0\0* OK hi\r\n")
    assert len(greeting.response.defects) == 1
    with pytest.raises(RemoteProtocolError):
        heard(ClientConnection(strict=True), b"\0\0* OK hi\r\n")


@cuts
def test_13_bare_lf_behind_lines_and_literals(cut: Cut) -> None:
    client = selected(limits=ImapLimits(inline_literal=3))
    data = b"* 3 EXISTS\n* 1 FETCH (BODY[HEADER] {2}\nhi BODY[] {5}\nhello)\n"
    exists, start, octets, _, fetch = heard(client, data, cut)
    assert exists == imap.ExistsResponse(3)
    assert (start.size, octets.data) == (5, b"hello")
    assert fetch.items[imap.Section.parse("BODY[HEADER]")] == b"hi"


def test_14_a_continuation_without_space() -> None:
    client = selected()
    client.send(imap.Append("a", (imap.AppendMessage(b"hi"),)))
    client.data_to_send()
    heard(client, b"+\r\n")
    assert client.data_to_send() == b"hi\r\n"


def test_15_bye_without_end() -> None:
    client = selected()
    events = heard(client, b"* BYE Too many errors\r\n" * 1000)
    assert len(events) == 2


@pytest.mark.parametrize("word", ["BAD", "NO"])
def test_16_17_the_words_of_a_refusal_are_kept(word: str) -> None:
    """A login that worked and did not; a throttle with its delay in words."""
    client = connected()
    client.send(imap.Select("INBOX"))
    text = "Request is throttled. Suggested Backoff Time: 92415 milliseconds"
    (refused,) = heard(client, f"A1 {word} {text}\r\n".encode())
    assert refused.response.text == text
    assert isinstance(refused.response, Condition)
    assert client.state is State.AUTHENTICATED


def test_18_19_id_after_the_login_and_its_refusal() -> None:
    client = connected(b"* PREAUTH [CAPABILITY IMAP4rev1 ID] x\r\n")
    client.send(imap.Id({"name": "mailproto"}))
    assert client.data_to_send() == b'A1 ID ("name" "mailproto")\r\n'
    (refused,) = heard(client, b"A1 BAD invalid command\r\n")
    assert isinstance(refused.response, imap.Bad)
    client.send(imap.Id())
    assert client.data_to_send() == b"A2 ID NIL\r\n"


@cuts
def test_36_a_line_end_too_many_behind_a_literal(cut: Cut) -> None:
    client = selected(limits=ImapLimits(inline_literal=3))
    data = b"* 1 FETCH (BODY[] {5}\r\nhello\r\n)\r\n* 3 EXISTS\r\n"
    _, octets, _, fetch, exists = heard(client, data, cut)
    assert octets == imap.MessageOctets(b"hello")
    assert len(fetch.defects) == 1
    assert exists == imap.ExistsResponse(3)


def test_37_search_for_esearch() -> None:
    client = selected()
    client.send(imap.SearchCommand(Search.unseen, returns=("ALL",)))
    found, _ = heard(client, b"* SEARCH 1 2\r\nA2 OK\r\n")
    assert found == imap.SearchResponse((1, 2))


def test_38_enable_without_enabled() -> None:
    """What was switched on is for the caller to believe."""
    client = connected()
    client.send(imap.Enable(("CONDSTORE",)))
    heard(client, b"A1 OK\r\n")
    assert client.enabled == frozenset()
    client.enabled = frozenset({"CONDSTORE"})


def test_40_sets_ascend() -> None:
    client = selected()
    client.send(imap.Fetch(imap.SequenceSet.parse("5:1,9,8"), ("UID",)))
    assert client.data_to_send() == b"A2 FETCH 1:5,8:9 (UID)\r\n"


@pytest.mark.parametrize("prompts", [(b"VXNlciBOYW1lAA==", b"UGFzc3dvcmQA"), (b"", b"")])
def test_43_prompts_of_login(prompts: tuple[bytes, bytes]) -> None:
    client = connected(GREETING, tls=True)
    client.authenticate(Login("ann", "secret"))
    for prompt in prompts:
        heard(client, b"+ " + prompt + b"\r\n")
    assert client.data_to_send() == b"A1 AUTHENTICATE LOGIN\r\nYW5u\r\nc2VjcmV0\r\n"


def test_44_charset_only_where_it_is_needed() -> None:
    client = selected()
    client.send(imap.SearchCommand(Search.since(date(2020, 1, 2)) & Search.subject("x")))
    assert b"CHARSET" not in client.data_to_send()
    heard(client, b"A2 OK\r\n")
    client.send(imap.SearchCommand(Search.subject("\xe9")))
    assert client.data_to_send() == b"A3 SEARCH CHARSET UTF-8 SUBJECT {2}\r\n"
    heard(client, b"+\r\nA3 NO [BADCHARSET (US-ASCII)] x\r\n")
    client.data_to_send()
    client.enabled = frozenset({"UTF8=ACCEPT"})
    client.send(imap.SearchCommand(Search.subject("\xe9")))
    assert b"CHARSET" not in client.data_to_send()


def test_53_capabilities_change() -> None:
    client = connected(GREETING, allow_plaintext=True)
    client.send(imap.Login("a", "b"))
    heard(client, b"A1 OK [CAPABILITY IMAP4rev1 MOVE] in\r\n")
    assert client.capabilities == imap.Capabilities(["IMAP4rev1", "MOVE"])


@cuts
def test_54_legal_but_often_missed(cut: Cut) -> None:
    client = selected()
    data = (
        b"* LIST (\\NonExistent) NIL {5}\r\na\r\nb\xff\r\n"
        b"* STATUS {1}\r\nx (MESSAGES 1)\r\n"
        b"* 1 FETCH (BODY[1] {1}\r\na BODY[2] {1}\r\nb THREADID NIL)\r\n"
        b"* OK [CAPABILITY IMAP4rev1 X] x\r\n"
    )
    listed, status, fetch, _ = heard(client, data, cut)
    assert listed.delimiter is None
    assert status.mailbox == "x"
    assert fetch.items[imap.Section.parse("BODY[2]")] == b"b"
    assert fetch.items["THREADID"] is None
    assert client.capabilities is not None
    assert "X" in client.capabilities
