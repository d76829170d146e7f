"""The client core against wire bytes (RFC 3501, RFC 9051)."""

import zlib
from typing import Any

import pytest

from mailproto import imap
from mailproto._deflate import Deflater, Inflater
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.imap import ClientConnection, State, commands
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.states import IDLE_TIMEOUT, TIMEOUT, TRANSITIONS
from mailproto.limits import ImapLimits
from mailproto.sasl import Login, Plain, XOAuth2
from mailproto.testing import Cut, bytewise, whole

from .client_scenes import GREETING, PREAUTH, appending, connected, heard, selected


def test_every_command_has_a_row() -> None:
    kinds = {
        k for k in vars(commands).values() if isinstance(k, type) and issubclass(k, imap.Command)
    }
    assert kinds - {imap.Command, imap.Done, imap.AuthResponse} == set(TRANSITIONS)


def test_login_and_logout() -> None:
    conn = connected(GREETING, allow_plaintext=True)
    assert conn.send(imap.Login("ann", "secret")) == "A1"
    assert conn.data_to_send() == b"A1 LOGIN ann secret\r\n"
    (done,) = heard(conn, b"A1 OK [CAPABILITY IMAP4rev2] in\r\n")
    assert isinstance(done, imap.CommandCompleted)
    assert done.command == imap.Login("ann", "secret")
    assert conn.state is State.AUTHENTICATED
    assert conn.capabilities == imap.Capabilities(["IMAP4rev2"])
    conn.send(imap.Logout())
    bye, done, closed = heard(conn, b"* BYE see you\r\nA2 OK bye\r\n")
    assert isinstance(bye, imap.Bye)
    assert isinstance(done, imap.CommandCompleted)
    assert closed == imap.ConnectionClosed(True, (), imap.Bye("see you"))


def test_literal_waits_for_plus_and_holds_back_the_rest() -> None:
    conn = selected()
    conn.send(imap.Append("a", (imap.AppendMessage(b"hello"),)))
    conn.send(imap.Noop())
    assert conn.data_to_send() == b"A2 APPEND a {5}\r\n"
    assert heard(conn, b"+ go\r\n") == []
    assert conn.data_to_send() == b"hello\r\nA3 NOOP\r\n"


@pytest.mark.parametrize("word", ["OK", "NO", "BAD"])
def test_any_completion_releases_the_sender(word: str) -> None:
    conn = selected()
    conn.send(imap.Append("a", (imap.AppendMessage(imap.Literal(5)),)))
    conn.send(imap.Noop())
    conn.data_to_send()
    heard(conn, f"A2 {word} x\r\n".encode())
    assert conn.data_to_send() == b"A3 NOOP\r\n"


def test_content_is_streamed_out() -> None:
    conn = selected()
    conn.send(imap.Append("a", (imap.AppendMessage(imap.Literal(5)),)))
    assert heard(conn, b"+ go\r\n") == [imap.ContentDue("A2", 5)]
    conn.data_to_send()
    with pytest.raises(LocalProtocolError):
        conn.send(imap.MessageOctets(b"too long"))
    conn.send(imap.MessageOctets(b"he"))
    conn.send(imap.MessageOctets(b"llo"))
    assert conn.data_to_send() == b"hello\r\n"


def test_content_is_streamed_in() -> None:
    conn = connected(limits=ImapLimits(inline_literal=3))
    start, *pieces, end, response = heard(conn, b"* 7 FETCH (BODY[] {5}\r\nhello)\r\n")
    assert isinstance(start, imap.ContentStart)
    assert (start.number, start.size) == (7, 5)
    assert pieces == [imap.MessageOctets(b"hello")]
    assert end == imap.EndOfContent()
    assert isinstance(response, imap.FetchResponse)


def test_idle() -> None:
    conn = connected()
    conn.send(imap.Idle())
    with pytest.raises(LocalProtocolError):
        conn.send(imap.Done())
    started, exists = heard(conn, b"+ idling\r\n* 4 EXISTS\r\n")
    assert started == imap.IdleStarted("A1")
    assert isinstance(exists, imap.ExistsResponse)
    with pytest.raises(LocalProtocolError):
        conn.send(imap.Noop())
    assert conn.send(imap.Done()) == "A1"
    assert conn.data_to_send() == b"A1 IDLE\r\nDONE\r\n"
    assert len(heard(conn, b"A1 OK done\r\n")) == 1
    assert not conn.in_flight


def test_authenticate() -> None:
    conn = connected(GREETING, tls=True)
    conn.authenticate(Plain("u", "p"))
    assert conn.data_to_send() == b"A1 AUTHENTICATE PLAIN\r\n"
    heard(conn, b"+ \r\n")
    assert conn.data_to_send() == b"AHUAcA==\r\n"
    heard(conn, b"A1 OK in\r\n")
    assert conn.state is State.AUTHENTICATED
    assert conn.capabilities is None


def test_starttls_forgets_and_refuses_what_is_injected() -> None:
    conn = connected(GREETING)
    conn.send(imap.StartTls())
    assert heard(conn, b"A1 OK go\r\n")[-1] == imap.UpgradeToTls()
    conn.tls_established()
    assert conn.capabilities is None
    assert conn.state is State.NOT_AUTHENTICATED
    conn = connected(GREETING)
    conn.send(imap.StartTls())
    with pytest.raises(RemoteProtocolError, match="plain bytes"):
        heard(conn, b"A1 OK go\r\n* CAPABILITY IMAP4rev1\r\n")
    conn = connected(GREETING)
    conn.send(imap.StartTls())
    heard(conn, b"A1 OK go\r\n")
    with pytest.raises(RemoteProtocolError, match="plain bytes"):
        heard(conn, b"x")


def test_preauth_under_required_tls() -> None:
    conn = ClientConnection(require_tls=True)
    with pytest.raises(RemoteProtocolError, match="PREAUTH"):
        heard(conn, PREAUTH)


@pytest.mark.parametrize("cut", [0, 1, 5, 9])
def test_a_completion_before_its_command_is_fatal(cut: int) -> None:
    forged = b"A1 OK in\r\n"
    conn = connected(GREETING, allow_plaintext=True)
    conn.receive_data(forged[: len(forged) - cut])
    if cut:
        conn.send(imap.Login("a", "b"))
        conn.receive_data(forged[len(forged) - cut :])
    with pytest.raises(RemoteProtocolError):
        heard(conn)


def test_eof_and_bye_name_what_is_pending_once() -> None:
    conn = connected()
    conn.send(imap.Noop())
    _, closed = heard(conn, b"* BYE down\r\nA1 OK\r\n")
    assert closed == imap.ConnectionClosed(False, (("A1", imap.Noop()),), imap.Bye("down"))
    conn = connected()
    conn.send(imap.Noop())
    conn.receive_eof()
    assert heard(conn) == [imap.ConnectionClosed(False, (("A1", imap.Noop()),), None)]


def test_unparsable_and_unasked_are_events_up_to_a_limit() -> None:
    conn = connected(limits=ImapLimits(errors=2))
    invalid, unasked, exists = heard(conn, b"* 1 FETCH (((\r\n+ eh\r\n* 2 EXISTS\r\n")
    assert invalid == imap.InvalidResponse(b"* 1 FETCH (((\r\n")
    assert isinstance(unasked, imap.UnsolicitedResponse)
    assert isinstance(exists, imap.ExistsResponse)
    with pytest.raises(LimitExceeded):
        heard(conn, b"Z9 OK what\r\n")


def test_numbers_wait_for_what_may_expunge() -> None:
    conn = selected()
    by_number = imap.Fetch(SequenceSet.parse("1"), ("FLAGS",))
    conn.send(by_number)
    conn.send(by_number)
    conn.send(imap.Noop())
    with pytest.raises(LocalProtocolError, match=r"5\.5"):
        conn.send(by_number)


# --- literals that wait ---


def test_a_go_ahead_that_came_before_is_none() -> None:
    """Neither whole nor half."""
    for before, behind in ((b"+ go\r\n", b""), (b"+ g", b"o\r\n")):
        client = selected()
        client.receive_data(before)
        client.send(imap.Append("a", (imap.AppendMessage(b"hello"),)))
        (unasked,) = heard(client, behind)
        assert isinstance(unasked, imap.UnsolicitedResponse)
        assert client.data_to_send() == b"A2 APPEND a {5}\r\n"
        heard(client, b"+ go\r\n")
        assert client.data_to_send() == b"hello\r\n"


def test_a_command_that_is_held_back_can_not_be_answered() -> None:
    client = appending()
    client.send(imap.Noop())
    with pytest.raises(RemoteProtocolError, match="answers nothing: A3"):
        heard(client, b"A3 OK done\r\n")


def test_two_literals_that_wait() -> None:
    client = selected()
    client.send(imap.Append("a", (imap.AppendMessage(b"one"), imap.AppendMessage(b"two"))))
    assert client.data_to_send() == b"A2 APPEND a {3}\r\n"
    heard(client, b"+\r\n+\r\n")
    assert client.data_to_send() == b"one {3}\r\ntwo\r\n"


def test_octets_that_were_promised_are_sent_though_the_command_is_refused() -> None:
    client = appending()
    client.send(imap.Noop())
    assert heard(client, b"+ go\r\n") == [imap.ContentDue("A2", 5)]
    client.send(imap.MessageOctets(b"he"))
    (refused,) = heard(client, b"A2 NO full\r\n")
    assert isinstance(refused, imap.CommandCompleted)
    assert client.content_due == 3
    assert client.data_to_send() == b"he"
    assert client.send(imap.MessageOctets(b"llo")) == "A2"
    assert client.content_due == 0
    assert client.data_to_send() == b"llo\r\nA3 NOOP\r\n"
    with pytest.raises(LocalProtocolError, match="no content"):
        client.send(imap.MessageOctets(b"x"))


def test_what_waits_behind_refused_octets_is_dropped() -> None:
    client = selected()
    messages = (imap.AppendMessage(imap.Literal(2)), imap.AppendMessage(imap.Literal(3)))
    client.send(imap.Append("a", messages))
    client.send(imap.Noop())
    heard(client, b"+ go\r\nA2 NO [TOOBIG] x\r\n")
    client.send(imap.MessageOctets(b"hi"))
    assert client.data_to_send() == b"A2 APPEND a {2}\r\nhi {3}\r\nA3 NOOP\r\n"
    assert heard(client) == []


def test_literals_that_need_not_wait() -> None:
    client = connected(b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] x\r\n")
    client.send(imap.Append("a", (imap.AppendMessage(b"hi"),)))
    client.send(imap.Append("a", (imap.AppendMessage(imap.Literal(3)),)))
    assert heard(client) == [imap.ContentDue("A2", 3)]
    client.send(imap.MessageOctets(b"hey"))
    assert client.data_to_send() == b"A1 APPEND a {2+}\r\nhi\r\nA2 APPEND a {3+}\r\nhey\r\n"


def test_an_empty_literal_is_not_due() -> None:
    client = appending(0)
    assert heard(client, b"+ go\r\n") == []
    assert client.data_to_send() == b"\r\n"


# --- completions ---


def test_a_malformed_completion_completes() -> None:
    client = selected()
    client.send(imap.Noop())
    client.send(imap.GetAcl("a"))
    failed, done = heard(client, b"A2 WHAT\r\nA3 OK\r\n")
    assert failed == imap.CommandCompleted("A2", imap.Noop(), imap.Bad("not understood", tag="A2"))
    assert [defect.where for defect in failed.response.defects] == [b"A2 WHAT\r\n"]
    assert isinstance(done.response, imap.Ok)
    assert not client.in_flight


def test_a_malformed_completion_releases_what_waits() -> None:
    client = appending()
    client.send(imap.Noop())
    heard(client, b"A2 WHAT\r\n")
    assert client.data_to_send() == b"A3 NOOP\r\n"


@pytest.mark.parametrize("command", [imap.Login("a", "b"), imap.StartTls()])
def test_a_malformed_completion_of_what_changes_the_session_is_fatal(command: Any) -> None:
    client = connected(GREETING, allow_plaintext=True)
    client.send(command)
    with pytest.raises(RemoteProtocolError):
        heard(client, b"A1 WHAT\r\n")
    assert client.state is State.ERROR
    with pytest.raises(LocalProtocolError, match="can not be used"):
        client.send(imap.Noop())


def test_a_malformed_completion_before_its_command_is_fatal() -> None:
    client = selected()
    client.receive_data(b"A2 WHAT\r\n")
    client.send(imap.Noop())
    with pytest.raises(RemoteProtocolError):
        heard(client)


@pytest.mark.parametrize("strict", [False, True])
def test_tags_of_others(strict: bool) -> None:
    """After the login one is an event: nothing is lost. Before it, it may forge a login."""
    client = selected(strict=strict)
    client.send(imap.Noop())
    if strict:
        with pytest.raises(RemoteProtocolError, match="nothing asked for"):
            heard(client, b"B2 OK done\r\n")
    else:
        other, again, done = heard(client, b"B2 OK done\r\nA1 OK again\r\nA2 OK done\r\n")
        assert other == imap.UnsolicitedResponse(imap.Ok("done", tag="B2"))
        assert again == imap.UnsolicitedResponse(imap.Ok("again", tag="A1"))
        assert isinstance(done, imap.CommandCompleted)
    with pytest.raises(RemoteProtocolError, match="answers nothing"):
        heard(connected(GREETING), b"B2 OK done\r\n")


def test_searches_with_return_overlap() -> None:
    client = selected()
    plain = imap.SearchCommand(imap.Search.unseen, uid=True)
    extended = imap.SearchCommand(imap.Search.unseen, returns=("ALL",), uid=True)
    client.send(extended)
    client.send(extended)
    assert client.may_pipeline(plain) is False
    client = selected()
    client.send(plain)
    assert not client.may_pipeline(plain)
    assert not client.may_pipeline(extended)
    assert client.may_pipeline(imap.Noop())


@pytest.mark.parametrize(
    ("answer", "state"), [(b"BAD", State.SELECTED), (b"NO", State.AUTHENTICATED)]
)
def test_select_that_is_refused_leaves_no_mailbox(answer: bytes, state: State) -> None:
    client = selected()
    client.send(imap.Select("x"))
    heard(client, b"A2 " + answer + b" nothing\r\n")
    assert client.state is state


def test_too_many_commands() -> None:
    client = connected(limits=ImapLimits(pipelined_commands=2))
    client.send(imap.Noop())
    client.send(imap.Noop())
    assert not client.may_pipeline(imap.Noop())
    with pytest.raises(LocalProtocolError, match="commands in flight"):
        client.send(imap.Noop())


# --- capabilities ---


def test_capabilities_that_came_before_the_login_are_forgotten() -> None:
    client = connected(GREETING, allow_plaintext=True)
    client.receive_data(b"* CAPABILITY IMAP4rev1 X-OLD\r\n")
    client.send(imap.Login("a", "b"))
    heard(client, b"A1 OK in\r\n")
    assert client.capabilities is None


def test_capabilities_between_login_and_its_answer_stay() -> None:
    client = connected(GREETING, allow_plaintext=True)
    client.send(imap.Login("a", "b"))
    heard(client, b"* CAPABILITY IMAP4rev2\r\nA1 OK in\r\n")
    assert client.capabilities == imap.Capabilities(["IMAP4rev2"])


def test_enable() -> None:
    client = connected()
    heard(client, b"* ENABLED UIDONLY\r\n")
    assert not client.enabled  # nobody asked for it
    client.send(imap.Enable(("CONDSTORE", "IMAP4rev2")))
    heard(client, b"* ENABLED imap4rev2\r\nA1 OK\r\n")
    assert client.enabled == {"IMAP4REV2"}
    assert client.utf8
    client.send(imap.Unauthenticate())
    heard(client, b"A2 OK\r\n")
    assert not client.enabled
    assert client.capabilities is None
    assert client.state is State.NOT_AUTHENTICATED


# --- AUTHENTICATE ---


def test_authenticate_by_hand() -> None:
    client = connected(GREETING)
    with pytest.raises(LocalProtocolError, match=r"(?i)auth"):
        client.send(imap.AuthResponse(b"x"))
    client.send(imap.Authenticate("LOGIN"))
    challenge = imap.Continuation.of_challenge(b"User")
    assert heard(client, b"+ VXNlcg==\r\n") == [challenge]
    assert client.send(imap.AuthResponse(b"ann")) == "A1"
    with pytest.raises(LocalProtocolError, match=r"(?i)auth"):
        client.send(imap.AuthResponse(b"ann"))
    heard(client, b"+ UGFzcw==\r\n")
    client.send(imap.AuthResponse(None))
    assert client.data_to_send() == b"A1 AUTHENTICATE LOGIN\r\nYW5u\r\n*\r\n"
    (refused,) = heard(client, b"A1 BAD cancelled\r\n")
    assert refused.error is None
    assert client.state is State.NOT_AUTHENTICATED


def test_each_dialogue_has_its_lines() -> None:
    client = connected(GREETING)
    client.send(imap.Authenticate("LOGIN"))
    heard(client, b"+ \r\n")
    with pytest.raises(LocalProtocolError, match="no Done"):
        client.send(imap.Done())
    client = connected()
    client.send(imap.Idle())
    with pytest.raises(LocalProtocolError, match="no Done"):
        client.send(imap.Done())
    heard(client, b"+ idling\r\n")
    with pytest.raises(LocalProtocolError, match="no AuthResponse"):
        client.send(imap.AuthResponse(b"x"))
    assert client.data_to_send() == b"A1 IDLE\r\n"


def test_spaces_around_a_challenge() -> None:
    client = connected(GREETING, tls=True)
    client.authenticate(Login("ann", "secret"))
    heard(client, b"+  VXNlcg== \r\n+ \r\n")
    assert client.data_to_send() == b"A1 AUTHENTICATE LOGIN\r\nYW5u\r\nc2VjcmV0\r\n"


def test_a_second_challenge_before_the_answer_is_unasked() -> None:
    client = connected(GREETING)
    client.send(imap.Authenticate("LOGIN"))
    first, second = heard(client, b"+ VXNlcg==\r\n+ UGFzcw==\r\n")
    assert isinstance(first, imap.Continuation)
    assert isinstance(second, imap.UnsolicitedResponse)


@pytest.mark.parametrize(
    ("offered", "size", "line"),
    [
        (b"AUTH=PLAIN", 5, b"A1 AUTHENTICATE PLAIN\r\n"),
        (b"AUTH=PLAIN SASL-IR", 5, b"A1 AUTHENTICATE PLAIN AHUAcHBwcHA=\r\n"),
        (b"AUTH=PLAIN IMAP4rev2", 5, b"A1 AUTHENTICATE PLAIN AHUAcHBwcHA=\r\n"),
        (b"SASL-IR", 6200, b"A1 AUTHENTICATE XOAUTH2\r\n"),
    ],
)
def test_initial_response(offered: bytes, size: int, line: bytes) -> None:
    offered += b" AUTH=XOAUTH2"
    client = connected(b"* OK [CAPABILITY IMAP4rev1 " + offered + b"] x\r\n", tls=True)
    client.authenticate(Plain("u", "p" * size) if size < 9 else XOAuth2("u", "t" * size))
    assert client.data_to_send() == line


def test_without_capabilities_there_is_no_initial_response() -> None:
    client = connected(b"* OK hi\r\n", tls=True)
    client.authenticate(Plain("u", "p"))
    assert client.data_to_send() == b"A1 AUTHENTICATE PLAIN\r\n"


def test_passwords_stay_off_the_open_wire() -> None:
    client = connected(GREETING)
    with pytest.raises(LocalProtocolError, match="show the password"):
        client.authenticate(Plain("u", "p"))
    with pytest.raises(LocalProtocolError, match="show the password"):
        client.send(imap.Login("u", "p"))
    client = connected(b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] x\r\n", tls=True)
    with pytest.raises(LocalProtocolError, match="LOGINDISABLED"):
        client.send(imap.Login("u", "p"))
    with pytest.raises(LocalProtocolError, match="AUTH=PLAIN"):
        client.authenticate(Plain("u", "p"))
    assert client.data_to_send() == b""


def test_a_cancelled_exchange_tells_why() -> None:
    client = connected(GREETING, tls=True)
    client.authenticate(Plain("u", "p"))
    heard(client, b"+ !!!\r\n")
    assert client.data_to_send() == b"A1 AUTHENTICATE PLAIN\r\n*\r\n"
    (refused,) = heard(client, b"A1 BAD cancelled\r\n")
    assert refused.error is not None


def test_success_without_proof_is_fatal() -> None:
    client = connected(GREETING, tls=True)
    client.authenticate(Plain("u", "p"))
    with pytest.raises(RemoteProtocolError, match="not finished"):
        heard(client, b"A1 OK in\r\n")


# --- IDLE ---


def test_idle_ends_however_the_server_ends_it() -> None:
    client = connected()
    assert client.timeout == TIMEOUT
    client.send(imap.Idle())
    heard(client, b"+ idling\r\n")
    assert client.idling
    assert client.timeout == IDLE_TIMEOUT
    heard(client, b"A1 NO enough\r\n")
    assert not client.idling
    with pytest.raises(LocalProtocolError, match="neither IDLE"):
        client.send(imap.Done())
    client.send(imap.Idle())
    bye, closed = heard(client, b"* BYE timeout\r\n")
    assert isinstance(bye, imap.Bye)
    assert closed == imap.ConnectionClosed(False, (("A2", imap.Idle()),), bye)


def test_a_second_consent_to_idle_is_unasked() -> None:
    client = connected()
    client.send(imap.Idle())
    started, unasked = heard(client, b"+ idling\r\n+ idling\r\n")
    assert isinstance(started, imap.IdleStarted)
    assert isinstance(unasked, imap.UnsolicitedResponse)


# --- COMPRESS ---


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_compress(cut: Cut) -> None:
    client = connected()
    client.send(imap.Compress())
    client.data_to_send()
    server, theirs = Deflater(), Inflater()
    completed, exists = heard(client, b"A1 OK\r\n" + server.deflate(b"* 3 EXISTS\r\n* 4 E"), cut)
    assert isinstance(completed, imap.CommandCompleted)
    assert exists == imap.ExistsResponse(3)
    assert client.compressed
    with pytest.raises(LocalProtocolError, match="already"):
        client.send(imap.Compress())
    client.send(imap.Noop())
    theirs.receive(client.data_to_send())
    assert theirs.take() == b"A2 NOOP\r\n"
    assert client.data_to_send() == b""
    exists, completed = heard(client, server.deflate(b"XISTS\r\nA2 OK\r\n"), cut)
    assert exists == imap.ExistsResponse(4)
    with pytest.raises(RemoteProtocolError, match="not deflate"):
        heard(client, b"\xff\xff\xff")


def test_compress_that_is_refused() -> None:
    client = connected()
    client.send(imap.Compress())
    heard(client, b"A1 NO [COMPRESSIONACTIVE] x\r\n* 3 EXISTS\r\n")
    assert not client.compressed
    with pytest.raises(LocalProtocolError, match="LZ77"):
        client.send(imap.Compress("LZ77"))


@pytest.mark.parametrize("end", [b"", b"\x03\0", b"\x01\0\0\xff\xff"])
@pytest.mark.parametrize("cut", [whole, bytewise])
def test_unauthenticate_ends_compression(cut: Cut, end: bytes) -> None:
    client = connected()
    client.send(imap.Compress())
    client.data_to_send()
    server, theirs = Deflater(), Inflater()
    heard(client, b"A1 OK\r\n")
    client.send(imap.Unauthenticate())
    theirs.receive(client.data_to_send())
    assert theirs.take() == b"A2 UNAUTHENTICATE\r\n"
    (completed,) = heard(client, server.deflate(b"A2 OK out\r\n") + end, cut)
    assert isinstance(completed, imap.CommandCompleted)
    (ok,) = heard(client, b"* OK [CAPABILITY IMAP4rev1]\r\n", cut)
    assert isinstance(ok, imap.Ok)
    assert not client.compressed
    client.send(imap.Noop())
    assert client.data_to_send() == b"A3 NOOP\r\n"


def test_what_follows_the_last_block_is_plain() -> None:
    client = connected()
    client.send(imap.Compress())
    heard(client, b"A1 OK\r\n")
    client.send(imap.Unauthenticate())
    last = zlib.compress(b"A2 OK\r\n", wbits=-15)
    completed, exists = heard(client, last + b"* 3 EXISTS\r\n")
    assert isinstance(completed, imap.CommandCompleted)
    assert exists == imap.ExistsResponse(3)


def test_what_was_sent_before_stays_as_it_was() -> None:
    """Also if the answer comes before it is written."""
    client = connected()
    client.send(imap.Compress())
    heard(client, b"A1 OK\r\n")
    client.send(imap.Unauthenticate())
    heard(client, Deflater().deflate(b"A2 OK\r\n"))
    client.send(imap.Noop())
    plain = b"A1 COMPRESS DEFLATE\r\n"
    sent = client.data_to_send()
    assert sent.startswith(plain)
    assert sent.endswith(b"A3 NOOP\r\n")
    theirs = Inflater(sent.removeprefix(plain).removesuffix(b"A3 NOOP\r\n"))
    assert theirs.take() == b"A2 UNAUTHENTICATE\r\n"


# --- the end ---


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        (b"", True),
        (b"* 3 EXI", False),
        (b"* 7 FETCH (BODY[] {5}\r\n", False),
        (b"* 7 FETCH (BODY[] {5}\r\nhel", False),
        (b"* 7 FETCH (BODY[] {5}\r\nhello", False),
        (b"* 7 FETCH (BODY[] {5}\r\nhello)\r\n", True),
        (b"* 7 FETCH (BODY[] {2}\r\nhi", False),
    ],
)
def test_what_is_cut_off_is_not_clean(data: bytes, clean: bool) -> None:
    client = selected(limits=ImapLimits(inline_literal=3))
    heard(client, data)
    client.receive_eof()
    assert heard(client)[-1] == imap.ConnectionClosed(clean)
    assert client.state is State.LOGOUT


def test_eof_before_the_greeting_and_within_starttls_is_not_clean() -> None:
    client = imap.ClientConnection()
    client.receive_eof()
    assert heard(client) == [imap.ConnectionClosed(False)]
    client = connected(GREETING)
    client.send(imap.StartTls())
    heard(client, b"A1 OK go\r\n")
    client.receive_eof()
    assert heard(client) == [imap.ConnectionClosed(False)]


def test_nothing_is_read_behind_bye() -> None:
    client = selected()
    client.send(imap.Noop())
    bye, closed = heard(client, b"* BYE [UNAVAILABLE] x\r\n* 3 EXISTS\r\n\xff\xff")
    assert closed == imap.ConnectionClosed(False, (("A2", imap.Noop()),), bye)
    client.receive_data(b"A2 OK\r\n")
    assert client.next_event() == closed
    with pytest.raises(LocalProtocolError, match="over"):
        client.send(imap.Noop())


def test_bye_for_logout_and_then_eof_is_clean() -> None:
    client = selected()
    client.send(imap.Logout())
    heard(client, b"* BYE x\r\n")
    client.receive_eof()
    (closed,) = heard(client)
    assert closed.clean
    assert closed.unanswered == (("A2", imap.Logout()),)


def test_a_greeting_that_says_bye() -> None:
    client = imap.ClientConnection()
    greeting, closed = heard(client, b"* BYE [ALERT] full\r\n* 1 EXISTS\r\n")
    assert greeting.response == closed.response
    assert closed.clean


@pytest.mark.parametrize(
    "greeting",
    [b"* 3 EXISTS\r\n", b"A1 OK hi\r\n", b"+ hi\r\n", b"421 Server is busy\r\n", b"* BAD\r\n"],
)
def test_what_is_no_greeting(greeting: bytes) -> None:
    client = imap.ClientConnection()
    with pytest.raises(RemoteProtocolError):
        heard(client, greeting)


@pytest.mark.parametrize("cut", [whole, bytewise])
@pytest.mark.parametrize("record", [b"\x15\x03\x01\0\x02\x02\x46", b"\x16\x03\x03\n\r\n"])
def test_tls_on_the_port(record: bytes, cut: Cut) -> None:
    client = imap.ClientConnection()
    with pytest.raises(RemoteProtocolError, match="speaks TLS"):
        heard(client, record, cut)


# --- TLS ---


def test_tls_established_only_after_starttls() -> None:
    client = connected(GREETING)
    with pytest.raises(LocalProtocolError, match="no TLS"):
        client.tls_established()
    client.send(imap.StartTls())
    client.receive_data(b"A1 OK go\r\n")
    assert isinstance(client.next_event(), imap.CommandCompleted)
    client.tls_established()
    assert client.next_event() is None  # UpgradeToTls is done with
    heard(client, b"* CAPABILITY IMAP4rev1\r\n")
    with pytest.raises(LocalProtocolError, match="STARTTLS"):
        client.send(imap.StartTls())


def test_starttls_over_tls() -> None:
    client = connected(GREETING, tls=True)
    with pytest.raises(LocalProtocolError, match="over TLS"):
        client.send(imap.StartTls())


def test_bytes_before_the_handshake_are_fatal_for_good() -> None:
    client = connected(GREETING)
    client.send(imap.StartTls())
    heard(client, b"A1 OK go\r\n")
    client.receive_data(b"x")
    for _ in range(2):
        with pytest.raises(RemoteProtocolError, match="plain bytes"):
            client.tls_established() if client.state is State.TLS else client.next_event()
    assert not client.tls


def test_before_the_greeting_nothing_is_sent() -> None:
    with pytest.raises(LocalProtocolError, match="greeting"):
        imap.ClientConnection().send(imap.Noop())


@pytest.mark.parametrize(
    ("command", "match"),
    [
        (imap.Noop(), None),
        (imap.Check(), "out of order"),
        (imap.Login("a", "b"), "out of order"),
        (imap.UnknownCommand("XYZ"), None),
        (imap.Idle(), None),
        (imap.NamespaceCommand(), "NAMESPACE or IMAP4rev2"),
    ],
)
def test_order_and_offers(command: Any, match: str | None) -> None:
    client = connected(tls=True)
    if match is None:
        client.send(command)
    else:
        with pytest.raises(LocalProtocolError, match=match):
            client.send(command)
        assert (client.data_to_send(), client.in_flight) == (b"", {})


def test_what_needs_enable() -> None:
    known = imap.Option("QRESYNC", imap.QResync(1, 2))
    vanished = imap.Fetch(
        imap.SequenceSet.parse("1"),
        ("UID",),
        (imap.Option("CHANGEDSINCE", 3), "VANISHED"),
        uid=True,
    )
    client = connected()
    with pytest.raises(LocalProtocolError, match="ENABLE QRESYNC"):
        client.send(imap.Select("a", (known,)))
    client.send(imap.Enable(("QRESYNC", "UIDONLY")))
    heard(client, b"* ENABLED QRESYNC UIDONLY\r\nA1 OK\r\n")
    client.send(imap.Select("a", (known,)))
    heard(client, b"A2 OK\r\n")
    with pytest.raises(LocalProtocolError, match="UIDONLY"):
        client.send(imap.Fetch(imap.SequenceSet.parse("1"), ("UID",)))
    client.send(vanished)
    heard(client, b"A3 OK\r\n")
    with pytest.raises(LocalProtocolError, match="before a mailbox"):
        client.send(imap.Enable(("CONDSTORE",)))


def test_append_limit() -> None:
    client = selected(b"* PREAUTH [CAPABILITY IMAP4rev1 APPENDLIMIT=4 REPLACE CATENATE] x\r\n")
    for content in (b"hello", imap.Literal(5)):
        with pytest.raises(LocalProtocolError, match="4 octets"):
            client.send(imap.Append("a", (imap.AppendMessage(content),)))
        with pytest.raises(LocalProtocolError, match="4 octets"):
            client.send(imap.Replace(1, "a", imap.AppendMessage(content)))
    parts = tuple(imap.CatenateUrl("/x") for _ in range(5))
    client.send(imap.Append("a", (imap.AppendMessage(parts),)))


# --- the trace ---


def test_a_session_in_the_trace() -> None:
    lines: list[imap.TraceLine] = []
    client = connected(
        GREETING, allow_plaintext=True, trace=lines.append, limits=ImapLimits(inline_literal=3)
    )
    client.send(imap.Login('a"n\xe9', "secret\x80"))
    heard(client, b"+ go\r\n+ go\r\nA1 OK in\r\n")
    client.send(imap.Append("a", (imap.AppendMessage(b"hello"),)))
    heard(client, b"+ go\r\nA2 OK\r\n")
    client.send(imap.Append("a", (imap.AppendMessage(imap.Literal(5)),)))
    heard(client, b"+ go\r\n")
    client.send(imap.MessageOctets(b"hello"))
    heard(
        client, b"A3 OK\r\n* 7 FETCH (BODY[] {5}\r\nhello UID 3)\r\n* 1 FETCH (UID 2 FLAGS ())\r\n"
    )
    assert [f"{line.sender}: {line.text}" for line in lines[1:]] == [
        "C: A1 LOGIN [redacted]",
        "S: + go",
        "C: [redacted]",
        "S: + go",
        "S: A1 OK in",
        "C: A2 APPEND a {5}",
        "S: + go",
        "S: A2 OK",
        "C: A3 APPEND a {5}",
        "S: + go",
        "C: [5 octets of the message]",
        "S: A3 OK",
        "S: * 7 FETCH (BODY[] {5} UID 3)",
        "S: * 1 FETCH (UID 2 FLAGS ())",
    ]


@pytest.mark.parametrize("by_hand", [False, True])
def test_nothing_of_a_login_is_traced(by_hand: bool) -> None:
    lines: list[imap.TraceLine] = []
    client = connected(GREETING, tls=True, trace=lines.append)
    if by_hand:
        client.send(imap.Authenticate("PLAIN"))
        heard(client, b"+ \r\n")
        client.send(imap.AuthResponse(b"\0ann\0secret"))
    else:
        client.authenticate(Plain("ann", "secret"))
        heard(client, b"+ \r\n")
    assert [line.text for line in lines[1:]] == ["A1 AUTHENTICATE PLAIN", "+ ", "[redacted]"]
