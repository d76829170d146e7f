"""The server core: what is answered when, and what may be answered."""

from base64 import b64encode
from typing import Any

import pytest

from mailproto import sasl
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.smtp import (
    DEFAULT_EXTENSIONS,
    Auth,
    AuthResponse,
    Bdat,
    Burl,
    ConnectionClosed,
    Data,
    Ehlo,
    EndOfChunk,
    EndOfMessage,
    EnhancedCode,
    Etrn,
    Expn,
    Helo,
    Help,
    InvalidCommand,
    Lhlo,
    Mail,
    MessageData,
    Noop,
    ProxyHeader,
    Quit,
    Rcpt,
    Reply,
    Rset,
    ServerConnection,
    ServerEvent,
    SmtpLimits,
    StartTls,
    State,
    UnknownCommand,
    UpgradeToTls,
    Vrfy,
    Xclient,
    Xforward,
)
from mailproto.testing import Cut, bytewise, whole

from .drive import ALL_EXTENSIONS
from .scenes import EHLO, LHLO, MAIL, RCPT, codes, greeted, talk, talk_to_the_end

cuts = pytest.mark.parametrize("cut", [whole, bytewise])

# --- order of commands: every state and every command (RFC 5321 4.1.4) ---

REACH = {
    State.INITIAL: b"",
    State.READY: EHLO,
    State.MAIL: EHLO + MAIL,
    State.RCPT: EHLO + MAIL + RCPT,
    State.CHUNKING: EHLO + MAIL + RCPT + b"BDAT 1\r\nx",
}

#                    INITIAL READY MAIL RCPT CHUNKING REFUSED
ORDER: dict[bytes, tuple[int, ...]] = {
    b"EHLO c.example": (250, 250, 250, 250, 250, 503),
    b"HELO c.example": (250, 250, 250, 250, 250, 503),
    b"LHLO c.example": (500, 500, 500, 500, 500, 500),
    b"MAIL FROM:<>": (503, 250, 503, 503, 503, 503),
    b"RCPT TO:<b@x.example>": (503, 503, 250, 250, 503, 503),
    b"DATA": (503, 503, 554, 354, 503, 503),
    b"BDAT 1": (503, 503, 554, 250, 250, 503),
    b"BURL imap://x/": (503, 503, 554, 502, 502, 503),
    b"RSET": (250, 250, 250, 250, 250, 503),
    b"VRFY b": (252, 252, 252, 252, 252, 503),
    b"EXPN b": (502, 502, 502, 502, 502, 503),
    b"HELP": (214, 214, 214, 214, 214, 503),
    b"NOOP": (250, 250, 250, 250, 250, 503),
    b"QUIT": (221, 221, 221, 221, 221, 221),
    b"STARTTLS": (503, 220, 503, 503, 503, 503),
    b"AUTH PLAIN": (503, 504, 503, 503, 503, 503),
    b"ETRN x.example": (503, 502, 503, 503, 503, 503),
    b"XCLIENT NAME=x": (503, 550, 503, 503, 503, 503),
    b"XFORWARD NAME=x": (503, 550, 503, 503, 503, 503),
    b"XYZZY": (500, 500, 500, 500, 500, 503),
}


def _in_state(state: State) -> ServerConnection:
    server = ServerConnection("mx.example", ALL_EXTENSIONS)
    server.send(Reply(554 if state is State.REFUSED else 220, "mx.example"))
    talk(server, REACH.get(state, b""))
    assert server.state is state
    return server


@pytest.mark.parametrize("line", ORDER, ids=bytes.decode)
@pytest.mark.parametrize("column", range(6), ids=[*(s.name for s in REACH), "REFUSED"])
def test_order(line: bytes, column: int) -> None:
    state = [*REACH, State.REFUSED][column]
    server = _in_state(state)
    octets = b"x" if line.startswith(b"BDAT") else b""
    events, output = talk(server, line + b"\r\n" + octets)
    code = ORDER[line][column]
    assert codes(output) == [code]
    if code in (503, 554) or (code == 500 and line != b"XYZZY"):
        assert isinstance(events[0], InvalidCommand)
        assert server.state is state
    else:
        assert not isinstance(events[0], InvalidCommand)


@pytest.mark.parametrize(
    ("line", "code"),
    [(b"LHLO c.example", 250), (b"EHLO c.example", 500), (b"HELO c.example", 500)],
)
def test_lmtp_starts_with_lhlo(line: bytes, code: int) -> None:
    """RFC 2033 4.1."""
    assert codes(talk(greeted(lmtp=True), line + b"\r\n")[1]) == [code]


@pytest.mark.parametrize("state", [State.MAIL, State.RCPT, State.CHUNKING])
@pytest.mark.parametrize("line", [b"RSET\r\n", b"EHLO c.example\r\n", b"HELO c.example\r\n"])
def test_a_transaction_is_dropped(state: State, line: bytes) -> None:
    """RFC 5321 4.1.1.5 and 4.1.4: EHLO and HELO do what RSET does."""
    server = _in_state(state)
    talk(server, line)
    assert server.transaction is None
    assert codes(talk(server, MAIL + RCPT)[1]) == [250, 250]


def test_rset_before_hello_says_nothing_about_hello() -> None:
    assert codes(talk(greeted(), b"RSET\r\n" + MAIL)[1]) == [250, 503]


def test_nothing_is_served_before_the_greeting() -> None:
    server = ServerConnection()
    server.receive_data(EHLO)
    with pytest.raises(LocalProtocolError, match="the greeting"):
        server.next_event()
    server.send(Reply(220))
    assert server.next_event() == Ehlo("client.example")


@pytest.mark.parametrize(
    ("code", "state"), [(554, State.REFUSED), (521, State.CLOSED), (421, State.CLOSED)]
)
def test_greeting_that_refuses(code: int, state: State) -> None:
    """RFC 5321 3.1: after 554 QUIT is waited for; RFC 7504 4: after 521 it need not be."""
    server = ServerConnection()
    server.send(Reply(code, "no"))
    assert server.state is state
    assert isinstance(server.next_event(), ConnectionClosed | None)


# --- hello ---


def test_ehlo_lists_what_is_offered() -> None:
    server = greeted(DEFAULT_EXTENSIONS.with_lines("SIZE 1000", "STARTTLS"))
    assert talk(server, EHLO)[1].splitlines() == [
        b"250-mx.example",
        b"250-PIPELINING",
        b"250-8BITMIME",
        b"250-SMTPUTF8",
        b"250-CHUNKING",
        b"250-BINARYMIME",
        b"250-ENHANCEDSTATUSCODES",
        b"250-SIZE 1000",
        b"250 STARTTLS",
    ]


def test_helo_lists_nothing_and_takes_the_extensions_away() -> None:
    server = greeted(ALL_EXTENSIONS, hello=EHLO)
    _, output = talk(server, b"HELO c.example\r\nMAIL FROM:<> SIZE=1\r\nSTARTTLS\r\nNOOP\r\n")
    assert output.startswith(b"250 mx.example\r\n")
    assert codes(output) == [250, 555, 502, 250]
    assert output.endswith(b"\r\n250 OK\r\n")  # without an enhanced code


def test_hello_may_be_refused() -> None:
    server = greeted()
    server.receive_data(EHLO)
    server.next_event()
    server.send(Reply(550, "go away"))
    assert server.state is State.INITIAL
    assert not server.esmtp


@pytest.mark.parametrize("line", ["SIZE\t1", "é", "-X", ""])
def test_ehlo_lines_are_checked(line: str) -> None:
    server = greeted()
    server.receive_data(EHLO)
    server.next_event()
    with pytest.raises(LocalProtocolError):
        server.send(Reply(250, f"mx.example\n{line}"))
    assert server.data_to_send() == b""
    server.send(Reply(250, "mx.example\nSIZE 1"))


# --- enhanced codes (RFC 2034) ---


def test_enhanced_codes_only_where_advertised_and_after_ehlo() -> None:
    noop = b"NOOP\r\n"
    assert talk(greeted(), noop)[1] == b"250 OK\r\n"
    assert talk(greeted(hello=EHLO), noop)[1] == b"250 2.0.0 OK\r\n"
    plain = DEFAULT_EXTENSIONS.without("ENHANCEDSTATUSCODES")
    assert talk(greeted(plain, hello=EHLO), noop)[1] == b"250 OK\r\n"


@pytest.mark.parametrize(
    ("reply", "written"),
    [
        (Reply(250, "fine"), b"250 2.0.0 fine\r\n"),
        (Reply(250, "a\nb", EnhancedCode(2, 1, 5)), b"250-2.1.5 a\r\n250 2.1.5 b\r\n"),
        (Reply(452, "full"), b"452 4.3.1 full\r\n"),
        (Reply(499, "odd"), b"499 4.0.0 odd\r\n"),
        (Reply(550, "no"), b"550 5.0.0 no\r\n"),
    ],
)
def test_enhanced_code_is_added(reply: Reply, written: bytes) -> None:
    server = greeted(hello=EHLO)
    server.receive_data(b"NOOP\r\n")
    server.next_event()
    server.send(reply)
    assert server.data_to_send() == written


def test_no_enhanced_code_for_hello_greeting_and_354() -> None:
    server = ServerConnection()
    server.send(Reply(220, "hi", EnhancedCode(2, 0, 0)))
    server.receive_data(EHLO + EHLO)
    for _ in range(2):
        server.next_event()
        server.send(Reply(250, "mx\nENHANCEDSTATUSCODES", EnhancedCode(2, 0, 0)))
    assert server.data_to_send() == b"220 hi\r\n" + b"250-mx\r\n250 ENHANCEDSTATUSCODES\r\n" * 2
    assert b"\r\n354 Go" in talk(server, MAIL + RCPT + b"DATA\r\n")[1]


def test_unasked_421_has_an_enhanced_code() -> None:
    server = greeted(hello=EHLO)
    server.send(Reply(421, "shutting down"))
    assert server.data_to_send() == b"421 4.3.2 shutting down\r\n"


# --- transactions ---


def test_one_message() -> None:
    server = greeted(hello=EHLO)
    events, output = talk(server, MAIL + RCPT + b"DATA\r\n..dot\r\n.\r\nQUIT\r\n")
    assert events == [
        Mail("a@client.example"),
        Rcpt("b@mx.example"),
        Data(),
        MessageData(b".dot\r\n"),
        EndOfMessage(),
        Quit(),
    ]
    assert codes(output) == [250, 250, 354, 250, 221]
    assert server.next_event() == ConnectionClosed()


@cuts
def test_pipelined_group(cut: Cut) -> None:
    """RFC 2920 3.2: the replies come in order, refusals leave the others alone."""
    server = greeted(hello=EHLO)
    group = MAIL + b"RCPT TO:<>\r\n" + RCPT + b"RCPT TO:<nobody>\r\nDATA\r\nhi\r\n.\r\n" + MAIL
    events, output = talk(server, group, cut)
    assert codes(output) == [250, 501, 250, 553, 354, 250, 250]
    assert [type(event) for event in events] == [
        Mail,
        InvalidCommand,
        Rcpt,
        InvalidCommand,
        Data,
        MessageData,
        EndOfMessage,
        Mail,
    ]


def test_the_next_event_waits_for_the_reply() -> None:
    server = greeted(hello=EHLO)
    server.receive_data(MAIL + RCPT)
    server.next_event()
    with pytest.raises(LocalProtocolError, match="MAIL"):
        server.next_event()
    server.send(Reply(250))
    assert server.next_event() == Rcpt("b@mx.example")


def test_refused_mail_leaves_no_transaction() -> None:
    server = greeted(hello=EHLO)
    server.receive_data(MAIL)
    server.next_event()
    server.send(Reply(550))
    assert server.transaction is None
    assert codes(talk(server, RCPT)[1]) == [550, 503]


def test_refused_recipients_only() -> None:
    server = greeted(hello=EHLO + MAIL)
    server.receive_data(RCPT)
    server.next_event()
    server.send(Reply(550, "nobody here"))
    assert codes(talk(server, b"DATA\r\n")[1]) == [550, 554]


def test_refused_data_keeps_the_transaction() -> None:
    server = greeted(hello=EHLO + MAIL + RCPT)
    server.receive_data(b"DATA\r\n")
    server.next_event()
    server.send(Reply(451, "later"))
    assert server.state is State.RCPT
    assert codes(talk(server, b"DATA\r\n")[1]) == [451, 354]


def test_refused_message_ends_the_transaction() -> None:
    server = greeted(hello=EHLO + MAIL + RCPT + b"DATA\r\n")
    server.receive_data(b".\r\n")
    assert server.next_event() == EndOfMessage()
    server.send(Reply(554, "spam"))
    assert server.state is State.READY
    assert server.transaction is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"MAIL FROM:<> SIZE=1001", 552),
        (b"MAIL FROM:<> SIZE=1000", 250),
        (b"MAIL FROM:<> RET=FULL", 555),
        (b"MAIL FROM:<> XYZ=1", 555),
        (b"MAIL FROM:<> BODY=8BITMIME XYZ=>", 555),
        (b"MAIL FROM:<> AUTH=<>", 555),
        (b"MAIL FROM:<> BODY=BINARYMIME", 250),
        (b"MAIL FROM:<> BODY=7BIT BODY=7BIT", 501),
        (b"MAIL FROM:<> BODY=9BIT", 501),
        ("MAIL FROM:<ä@x.example>".encode(), 553),
        ("MAIL FROM:<ä@x.example> SMTPUTF8".encode(), 250),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_mail_parameters(line: bytes, code: int) -> None:
    extensions = DEFAULT_EXTENSIONS.with_lines("SIZE 1000")
    server = greeted(extensions, limits=SmtpLimits(message_size=1000), hello=EHLO)
    assert codes(talk(server, line + b"\r\n")[1]) == [code]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"RCPT TO:<b@x.example> NOTIFY=NEVER", 555),
        (b"RCPT TO:<b@x.example> XYZ=>", 555),
        ("RCPT TO:<ä@x.example>".encode(), 553),
        (b"RCPT TO:<Postmaster>", 250),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_rcpt_parameters(line: bytes, code: int) -> None:
    assert codes(talk(greeted(hello=EHLO + MAIL), line + b"\r\n")[1]) == [code]


def test_utf8_recipient_of_a_utf8_message() -> None:
    server = greeted(hello=EHLO + b"MAIL FROM:<> SMTPUTF8\r\n")
    events, output = talk(server, "RCPT TO:<ä@x.example>\r\n".encode())
    assert events == [Rcpt("ä@x.example")]
    assert codes(output) == [250]


def test_replies_in_utf8_only_within_such_a_transaction() -> None:
    """RFC 6531 3.7.4.2."""
    server = greeted(hello=EHLO + b"MAIL FROM:<> SMTPUTF8\r\n")
    server.receive_data(RCPT)
    server.next_event()
    server.send(Reply(250, "schön"))
    assert server.data_to_send() == "250 2.0.0 schön\r\n".encode()
    talk(server, b"RSET\r\n")
    server.receive_data(b"NOOP\r\n")
    server.next_event()
    with pytest.raises(LocalProtocolError, match="SMTPUTF8"):
        server.send(Reply(250, "schön"))


@pytest.mark.parametrize("line", ["MAIL FROM:<ü@@x>", "MAIL FROM:<a@x.example> ü=1", "EHLO"])
def test_refusals_can_always_be_sent(line: str) -> None:
    """They quote the peer, who may have said anything."""
    events, output = talk(greeted(hello=EHLO), line.encode() + b"\r\n")
    assert isinstance(events[0], InvalidCommand)
    assert output.isascii()


# --- BDAT (RFC 3030) ---


@cuts
def test_bdat(cut: Cut) -> None:
    server = greeted(hello=EHLO + MAIL + RCPT)
    events, output = talk(server, b"BDAT 4\r\n.\r\nxBDAT 0\r\nBDAT 2 LAST\r\n\n\r" + MAIL, cut)
    assert events == [
        Bdat(4),
        MessageData(b".\r\nx"),
        EndOfChunk(),
        Bdat(0),
        EndOfChunk(),
        Bdat(2, last=True),
        MessageData(b"\n\r"),
        EndOfMessage(),
        Mail("a@client.example"),
    ]
    assert codes(output) == [250, 250, 250, 250]


@cuts
def test_bdat_0_last(cut: Cut) -> None:
    server = greeted(hello=EHLO + MAIL + RCPT)
    events, output = talk(server, b"BDAT 0 LAST\r\nNOOP\r\n", cut)
    assert events == [Bdat(0, last=True), EndOfMessage(), Noop()]
    assert codes(output) == [250, 250]


@cuts
@pytest.mark.parametrize(
    ("before", "code"), [(b"", 503), (EHLO, 503), (EHLO + MAIL, 554), (b"HELO c.example\r\n", 502)]
)
def test_octets_of_a_refused_bdat_are_no_commands(cut: Cut, before: bytes, code: int) -> None:
    """RFC 3030 2: "the receiver-SMTP MUST accept and discard the associated message data"."""
    server = greeted(hello=before)
    events, output = talk(server, b"BDAT 14 LAST\r\nMAIL FROM:<>\r\nNOOP\r\n", cut)
    assert [type(event) for event in events] == [InvalidCommand, Noop]
    assert codes(output)[-2:] == [code, 250]


def test_a_refused_chunk_ends_the_transaction() -> None:
    """RFC 3030 2: pipelined chunks behind it are accepted and discarded."""
    server = greeted(hello=EHLO + MAIL + RCPT)
    server.receive_data(b"BDAT 2\r\nhiBDAT 6 LAST\r\nNOOP\r\n" + MAIL)
    assert [server.next_event() for _ in range(3)] == [Bdat(2), MessageData(b"hi"), EndOfChunk()]
    server.send(Reply(451, "disk full"))
    events, output = talk(server, b"")
    assert events == []
    server.receive_data(b"")
    event = server.next_event()
    assert isinstance(event, InvalidCommand)
    server.send(event.reply)
    assert server.next_event() == Mail("a@client.example")
    assert codes(output + server.data_to_send()) == [451, 503]


def test_data_can_not_follow_bdat_and_binary_needs_bdat() -> None:
    server = greeted(hello=EHLO + b"MAIL FROM:<> BODY=BINARYMIME\r\n" + RCPT)
    assert codes(talk(server, b"DATA\r\nBDAT 1\r\nxDATA\r\n")[1]) == [503, 250, 503]


def test_reset_between_chunks() -> None:
    server = greeted(hello=EHLO + MAIL + RCPT)
    events, output = talk(server, b"BDAT 1\r\nxRSET\r\n" + MAIL + RCPT + b"BDAT 1 LAST\r\ny")
    assert MessageData(b"y") in events
    assert codes(output) == [250, 250, 250, 250, 250]


def test_burl_last_ends_the_message() -> None:
    """RFC 4468 3.2."""
    server = greeted(ALL_EXTENSIONS, hello=EHLO + MAIL + RCPT)
    server.receive_data(b"BURL imap://x/1\r\nBURL imap://x/2 LAST\r\n")
    assert server.next_event() == Burl("imap://x/1")
    server.send(Reply(250))
    assert server.transaction is not None
    assert server.next_event() == Burl("imap://x/2", last=True)
    server.send(Reply(250))
    assert server.transaction is None
    assert codes(talk(server, MAIL)[1])[-1] == 250


# --- LMTP (RFC 2033 4.2) ---

TWICE = LHLO + MAIL + RCPT + RCPT


@pytest.mark.parametrize("body", [b"DATA\r\nhi\r\n.\r\n", b"BDAT 2 LAST\r\nhi", b"BDAT 0 LAST\r\n"])
def test_lmtp_answers_for_each_recipient(body: bytes) -> None:
    """One reply for each accepted RCPT, the same recipient twice included."""
    server = greeted(lmtp=True, hello=TWICE)
    server.receive_data(body + b"NOOP\r\n")
    while not isinstance(event := server.next_event(), EndOfMessage):
        if server.reply_owed:
            server.send(server.default_reply(event))  # type: ignore[arg-type]
    server.send(Reply(250, "first"))
    with pytest.raises(LocalProtocolError):
        server.next_event()
    server.send(Reply(552, "second is full"))
    assert server.next_event() == Noop()
    assert codes(server.data_to_send())[-2:] == [250, 552]


def test_lmtp_one_reply_for_a_chunk_and_a_refused_bdat() -> None:
    server = greeted(lmtp=True, hello=TWICE)
    assert codes(talk(server, b"BDAT 1\r\nxDATA\r\nBDAT 1 LAST\r\nx")[1]) == [250, 503, 250, 250]


def test_lmtp_refusal_is_said_to_each() -> None:
    server = greeted(lmtp=True, hello=TWICE)
    assert codes(talk(server, b"DATA\r\na\nb\r\n.\r\n")[1]) == [354, 550, 550]


def test_lmtp_421_ends_the_replies() -> None:
    server = greeted(lmtp=True, hello=TWICE + b"DATA\r\n")
    server.receive_data(b".\r\n")
    server.next_event()
    server.send(Reply(421))
    assert not server.reply_owed
    assert server.next_event() == ConnectionClosed()


def test_lmtp_burl() -> None:
    server = greeted(ALL_EXTENSIONS, lmtp=True, hello=TWICE)
    server.receive_data(b"BURL imap://x/ LAST\r\n")
    server.next_event()
    server.send(Reply(250))
    server.send(Reply(250))
    assert not server.reply_owed
    assert server.state is State.READY


# --- AUTH (RFC 4954) ---

OFFERS_AUTH = DEFAULT_EXTENSIONS.with_lines("AUTH PLAIN LOGIN SCRAM-SHA-256")
PLAIN = b64encode(b"\0ann\0secret")


def _until(server: ServerConnection, data: bytes, kind: type[Any]) -> Any:
    server.receive_data(data)
    event = server.next_event()
    assert isinstance(event, kind)
    return event


def _authenticating(name: str = "PLAIN", response: bytes = b"") -> ServerConnection:
    server = greeted(OFFERS_AUTH, hello=EHLO)
    line = b" ".join(part for part in (b"AUTH", name.encode(), response) if part)
    _until(server, line + b"\r\n", Auth)
    mechanism = sasl.server_mechanism(name)
    assert mechanism is not None
    server.authenticate(mechanism)
    return server


def test_auth_by_mechanism_with_initial_response() -> None:
    server = _authenticating("PLAIN", PLAIN)
    assert server.next_event() == sasl.CheckPassword("ann", "secret")
    server.answer(True)
    outcome = server.next_event()
    assert outcome == sasl.Authenticated("ann")
    server.send(server.default_reply(sasl.Authenticated("ann")))
    assert server.user == "ann"
    assert server.data_to_send() == b"235 2.7.0 Authenticated\r\n"
    assert codes(talk(server, b"AUTH PLAIN\r\n" + MAIL)[1]) == [503, 250]


@cuts
def test_auth_by_mechanism_with_challenges(cut: Cut) -> None:
    server = _authenticating("LOGIN")
    assert server.data_to_send().startswith(b"334 ")
    for text in (b"ann", b"secret"):
        for chunk in cut(b64encode(text) + b"\r\n"):
            server.receive_data(chunk)
            event = server.next_event()
    assert event == sasl.CheckPassword("ann", "secret")
    server.answer("ann of example")
    assert server.next_event() == sasl.Authenticated("ann of example")
    server.send(Reply(235))
    assert server.user == "ann of example"


def test_auth_refused() -> None:
    server = _authenticating("PLAIN", PLAIN)
    server.next_event()
    server.answer(False)
    event = server.next_event()
    assert isinstance(event, sasl.Rejected)
    with pytest.raises(LocalProtocolError):
        server.send(Reply(235, "come in all the same"))
    server.send(server.default_reply(event))
    assert server.user is None
    assert codes(server.data_to_send()) == [535]
    assert server.state is State.READY


def test_authenticated_user_may_still_be_refused() -> None:
    server = _authenticating("PLAIN", PLAIN)
    server.next_event()
    server.answer(True)
    server.next_event()
    server.send(Reply(454, "not now"))
    assert server.user is None
    assert codes(talk(server, b"AUTH PLAIN\r\n")[1]) == [454, 504]


def test_a_query_has_to_be_answered_first() -> None:
    server = _authenticating("PLAIN", PLAIN)
    server.receive_data(MAIL)
    query = server.next_event()
    with pytest.raises(LocalProtocolError, match="CheckPassword"):
        server.next_event()
    with pytest.raises(LocalProtocolError):
        server.send(Reply(235))
    assert isinstance(query, sasl.CheckPassword)
    server.send(server.default_reply(query))  # nobody can be asked: 454
    assert server.next_event() == Mail("a@client.example")
    assert codes(server.data_to_send()) == [454]


def test_a_refused_mechanism_is_over() -> None:
    server = _authenticating("PLAIN", PLAIN)
    server.next_event()
    server.send(Reply(454))
    _until(server, b"AUTH PLAIN\r\n", Auth)
    server.send(Reply(334))
    assert _until(server, PLAIN + b"\r\n", AuthResponse) == AuthResponse(b"\0ann\0secret")


def test_mechanism_needs_auth_and_answer_needs_a_query() -> None:
    server = greeted(OFFERS_AUTH, hello=EHLO)
    _until(server, b"NOOP\r\n", Noop)
    mechanism = sasl.server_mechanism("PLAIN")
    assert mechanism is not None
    with pytest.raises(LocalProtocolError):
        server.authenticate(mechanism)
    with pytest.raises(LocalProtocolError):
        server.answer(True)
    _until(_authenticating(), b"*\r\n", InvalidCommand)
    waiting = _authenticating()
    with pytest.raises(LocalProtocolError):
        waiting.answer(True)


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"*\r\n", b"501 5.7.0"),
        (b"????\r\n", b"501 5.5.2"),
        (b"=AAA\r\n", b"501 5.5.2"),
        (b"\xff\r\n", b"501 5.5.2"),
        (b"A" * 16384 + b"\r\n", b"500 5.5.6"),
    ],
    ids=["cancel", "alphabet", "padding", "8-bit", "too long"],
)
@pytest.mark.parametrize("by_hand", [False, True])
@cuts
def test_auth_fails(line: bytes, reply: bytes, by_hand: bool, cut: Cut) -> None:
    """RFC 4954 4."""
    if by_hand:
        server = greeted(OFFERS_AUTH, hello=EHLO)
        _until(server, b"AUTH PLAIN\r\n", Auth)
        server.send(Reply(334))
    else:
        server = _authenticating()
    server.data_to_send()
    events, output = talk(server, line + b"NOOP\r\n", cut)
    assert output.startswith(reply)
    assert codes(output)[1:] == [250]
    assert isinstance(events[0], AuthResponse if by_hand and line == b"*\r\n" else InvalidCommand)
    assert server.state is State.READY


def test_auth_by_hand() -> None:
    server = greeted(OFFERS_AUTH, hello=EHLO)
    assert _until(server, b"auth plain =\r\n", Auth) == Auth("PLAIN", b"")
    server.send(Reply(334, "Zm9v"))
    assert server.state is State.AUTHENTICATING
    assert _until(server, b"YmFy\r\n", AuthResponse) == AuthResponse(b"bar")
    server.send(Reply(334))
    assert _until(server, b"\r\n", AuthResponse) == AuthResponse(b"")
    server.send(Reply(235))
    assert server.user == ""
    assert server.data_to_send() == b"334 Zm9v\r\n334 \r\n235 2.0.0 \r\n"


def test_auth_by_hand_refused_at_once() -> None:
    server = greeted(OFFERS_AUTH, hello=EHLO)
    _until(server, b"AUTH PLAIN\r\n", Auth)
    server.send(Reply(535))
    assert server.state is State.READY
    assert server.user is None


def test_mechanism_that_is_not_offered() -> None:
    """RFC 4954 4: 504."""
    assert b"504 5.5.4" in talk(greeted(OFFERS_AUTH, hello=EHLO), b"AUTH EXTERNAL\r\n")[1]


def test_a_challenge_may_follow_an_answer() -> None:
    server = _authenticating("SCRAM-SHA-256", b64encode(b"n,,n=ann,r=abcdefgh"))
    assert server.next_event() == sasl.LookupScramKeys("ann", "SHA-256")
    server.answer(sasl.ScramKeys.derive("secret", "SHA-256"))
    assert server.state is State.AUTHENTICATING
    assert codes(server.data_to_send()) == [334]
    with pytest.raises(LocalProtocolError):
        server.answer(None)
    assert server.next_event() is None


# --- STARTTLS (RFC 3207) ---

OFFERS_TLS = DEFAULT_EXTENSIONS.with_lines("STARTTLS")


def test_starttls() -> None:
    server = greeted(OFFERS_TLS.with_lines("AUTH PLAIN"), hello=EHLO)
    events, output = talk(server, b"STARTTLS\r\n")
    assert events == [StartTls(), UpgradeToTls()]
    assert codes(output) == [220]
    assert server.next_event() is None
    binding = sasl.ChannelBinding("tls-exporter", b"x")
    server.tls_established([binding])
    assert server.tls
    assert server.channel_bindings == [binding]
    assert (server.state, server.esmtp, server.user) == (State.INITIAL, False, None)
    _, output = talk(server, MAIL + EHLO + b"STARTTLS\r\n")
    assert b"STARTTLS" not in output
    assert codes(output) == [503, 250, 502]


def test_starttls_without_reading_the_event() -> None:
    server = greeted(OFFERS_TLS, hello=EHLO)
    _until(server, b"STARTTLS\r\n", StartTls)
    server.send(Reply(220))
    server.tls_established()
    assert server.next_event() is None


def test_starttls_refused() -> None:
    server = greeted(OFFERS_TLS, hello=EHLO)
    _until(server, b"STARTTLS\r\n", StartTls)
    server.send(Reply(454, "no entropy"))
    assert server.state is State.READY
    with pytest.raises(LocalProtocolError):
        server.tls_established()


def test_starttls_takes_no_argument() -> None:
    """RFC 3207 4."""
    assert codes(talk(greeted(OFFERS_TLS, hello=EHLO), b"STARTTLS now\r\n")[1]) == [501]


def test_nothing_is_said_between_220_and_the_handshake() -> None:
    server = greeted(OFFERS_TLS, hello=EHLO)
    talk(server, b"STARTTLS\r\n")
    with pytest.raises(LocalProtocolError):
        server.send(Reply(421))
    assert server.data_to_send() == b""


# --- XCLIENT, XFORWARD, ETRN ---


def test_xclient_starts_the_session_again() -> None:
    server = greeted(ALL_EXTENSIONS, hello=EHLO)
    event = _until(server, b"XCLIENT ADDR=192.0.2.1 LOGIN=a+2Bb\r\n", Xclient)
    assert event == Xclient((("ADDR", "192.0.2.1"), ("LOGIN", "a+b")))
    server.send(Reply(220, "mx.example"))
    assert (server.state, server.esmtp, server.user) == (State.INITIAL, False, None)


@pytest.mark.parametrize(
    "command", [Xforward((("NAME", "x"),)), Etrn("@x.example")], ids=lambda c: c.verb
)
def test_served_extensions(command: Any) -> None:
    lines = {Xforward: b"XFORWARD NAME=x\r\n", Etrn: b"ETRN @x.example\r\n"}
    server = greeted(ALL_EXTENSIONS, hello=EHLO)
    assert _until(server, lines[type(command)], type(command)) == command
    server.send(Reply(250))
    assert server.state is State.READY


@pytest.mark.parametrize(
    "line",
    [
        b"XCLIENT NAME=x",
        b"XFORWARD NAME=x",
        b"ETRN x",
        b"BURL imap://x/ LAST",
        b"STARTTLS",
        b"AUTH X",
    ],
)
def test_not_offered(line: bytes) -> None:
    events, output = talk(greeted(hello=EHLO), line + b"\r\n")
    assert isinstance(events[0], InvalidCommand)
    assert codes(output) == [502]


# --- replies that may not be sent ---


def _asked(data: bytes) -> ServerConnection:
    server = greeted(ALL_EXTENSIONS, hello=EHLO)
    *lines, last = data.splitlines(keepends=True)
    talk(server, b"".join(lines))
    server.receive_data(last)
    while not server.reply_owed:
        server.next_event()
    return server


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"NOOP\r\n", Reply(354)),
        (b"NOOP\r\n", Reply(334)),
        (b"NOOP\r\n", Reply(199)),
        (b"NOOP\r\n", Reply(600)),
        (b"NOOP\r\n", Reply(250, "a\rb")),
        (b"NOOP\r\n", Reply(250, "a\r\nb")),
        (b"NOOP\r\n", Reply(250, "a\0b")),
        (b"NOOP\r\n", Reply(250, "ä")),
        (b"NOOP\r\n", Reply(250, "", EnhancedCode(5, 0, 0))),
        (MAIL + RCPT + b"DATA\r\n", Reply(250)),
        (MAIL + RCPT + b"DATA\r\n", Reply(334)),
        (MAIL + RCPT + b"BDAT 0\r\n", Reply(354)),
        (b"AUTH PLAIN\r\n", Reply(354)),
        (b"DATA x\r\n", Reply(250)),
        (b"MAIL FROM:<a b>\r\n", Reply(250)),
        (RCPT, Reply(250)),
    ],
)
def test_reply_that_does_not_fit(data: bytes, reply: Reply) -> None:
    server = _asked(data)
    before = (server.state, server.transaction, server.reply_owed)
    with pytest.raises(LocalProtocolError):
        server.send(reply)
    assert server.data_to_send() == b""
    assert (server.state, server.transaction, server.reply_owed) == before
    server.send(Reply(451))
    assert server.data_to_send().startswith(b"451")


def test_message_that_must_be_refused() -> None:
    server = greeted(hello=EHLO + MAIL + RCPT + b"DATA\r\n")
    server.receive_data(b"a\rb\r\n.\r\n")
    while not isinstance(event := server.next_event(), EndOfMessage):
        pass
    for reply in (Reply(250), server.default_reply(EndOfMessage())):
        with pytest.raises(LocalProtocolError, match="refused"):
            server.send(reply)
    assert event.refusal is not None
    server.send(event.refusal)


def test_no_reply_is_owed() -> None:
    server = greeted(hello=EHLO)
    with pytest.raises(LocalProtocolError, match="no reply is owed"):
        server.send(Reply(250))
    server.send(Reply(421))
    with pytest.raises(LocalProtocolError):
        server.send(Reply(421))


@pytest.mark.parametrize(
    "data", [b"", EHLO, EHLO + MAIL, EHLO + MAIL + RCPT + b"DATA\r\nhalf", EHLO + b"BDAT 9\r\nx"]
)
def test_421_at_any_time(data: bytes) -> None:
    server = greeted(hello=data)
    server.send(Reply(421, "shutting down"))
    assert codes(server.data_to_send())[-1] == 421
    assert server.state is State.CLOSED
    assert server.next_event() == ConnectionClosed()
    server.receive_data(b"NOOP\r\n" * 1000)
    assert len(server._buffer) == 0
    assert server.next_event() == ConnectionClosed()


def test_421_as_the_reply() -> None:
    server = greeted(hello=EHLO)
    server.receive_data(MAIL + RCPT)
    server.next_event()
    server.send(Reply(421))
    assert server.next_event() == ConnectionClosed()


# --- end of file ---


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        (b"", True),
        (EHLO, True),
        (EHLO + MAIL, True),
        (EHLO + b"NOO", False),
        (EHLO + b"x" * 9000, False),
        (EHLO + MAIL + RCPT + b"DATA\r\n", False),
        (EHLO + MAIL + RCPT + b"DATA\r\nhi\r\n.\r", False),
        (EHLO + MAIL + RCPT + b"BDAT 3\r\nhi", False),
        (EHLO + MAIL + RCPT + b"BDAT 2\r\nhi", False),
        (EHLO + b"BDAT 3\r\nhi", False),
        (EHLO + b"STARTTLS\r\n", False),
        (EHLO + b"QUIT\r\n", True),
    ],
)
@cuts
def test_end_of_file(data: bytes, clean: bool, cut: Cut) -> None:
    server = greeted(ALL_EXTENSIONS)
    talk(server, data, cut)
    server.receive_eof()
    assert server.next_event() == ConnectionClosed(clean)
    assert server.state is State.CLOSED
    assert isinstance(server.next_event(), ConnectionClosed)


def test_end_of_file_within_auth() -> None:
    server = _authenticating("LOGIN")
    server.receive_eof()
    assert server.next_event() == ConnectionClosed(clean=False)


def test_end_of_file_waits_for_the_reply() -> None:
    server = greeted(hello=EHLO)
    server.receive_data(b"NOOP\r\n")
    server.receive_eof()
    assert server.next_event() == Noop()
    server.send(Reply(250))
    assert server.next_event() == ConnectionClosed()


# --- what else may be asked ---

EVERY_EVENT: list[tuple[ServerEvent, int]] = [
    (Ehlo("x"), 250),
    (Helo("x"), 250),
    (Lhlo("x"), 250),
    (Mail(""), 250),
    (Rcpt("a@b"), 250),
    (Data(), 354),
    (Burl("imap://x/"), 502),
    (Rset(), 250),
    (Vrfy("x"), 252),
    (Expn("x"), 502),
    (Help(), 214),
    (Noop(), 250),
    (Quit(), 221),
    (StartTls(), 220),
    (Auth("X"), 504),
    (AuthResponse(None), 501),
    (Etrn("x"), 502),
    (Xclient((("NAME", "x"),)), 550),
    (Xforward((("NAME", "x"),)), 550),
    (UnknownCommand("X"), 500),
    (EndOfMessage(), 250),
    (EndOfMessage(Reply(550)), 550),
    (EndOfChunk(), 250),
    (EndOfChunk(Reply(552)), 552),
    (InvalidCommand(b"", Reply(503)), 503),
    (ProxyHeader(), 220),
    (sasl.CheckPassword("a", "b"), 454),
    (sasl.LookupPassword("a"), 454),
    (sasl.LookupScramKeys("a", "SHA-1"), 454),
    (sasl.CheckToken("a", "b"), 454),
    (sasl.CheckExternal("a"), 454),
    (sasl.CheckAnonymous("a"), 454),
    (sasl.Authenticated("a"), 235),
    (sasl.Rejected("a"), 535),
]


@pytest.mark.parametrize(("event", "code"), EVERY_EVENT, ids=lambda v: type(v).__name__)
def test_default_reply(event: ServerEvent, code: int) -> None:
    assert ServerConnection().default_reply(event).code == code


@pytest.mark.parametrize("event", [Bdat(1), MessageData(b""), UpgradeToTls(), ConnectionClosed()])
def test_no_default_reply_where_none_is_owed(event: ServerEvent) -> None:
    with pytest.raises(LocalProtocolError):
        ServerConnection().default_reply(event)


def test_timeout() -> None:
    """RFC 5321 4.5.3.2.7: at least five minutes between commands."""
    server = greeted(hello=EHLO + MAIL + RCPT)
    assert server.timeout == 300
    talk(server, b"DATA\r\n")
    assert server.timeout == 180


def test_what_is_offered_may_change() -> None:
    server = greeted(hello=EHLO)
    server.extensions = DEFAULT_EXTENSIONS.with_lines("ETRN")
    events, _ = talk(server, b"ETRN x\r\n")
    assert events == [Etrn("x")]


@pytest.mark.parametrize("strict", [False, True])
def test_strict_refuses_what_is_else_noted(strict: bool) -> None:
    server = greeted(strict=strict, hello=EHLO)
    events, output = talk(server, b"MAIL FROM: <a@b.example>\r\nRSET\r\nNOOP\n")
    assert codes(output) == ([501, 250, 500] if strict else [250, 250, 250])
    noted = [event for event in events if getattr(event, "defects", ())]
    assert len(noted) == (0 if strict else 2)


def test_after_an_error_the_same_error_comes_again() -> None:
    server = greeted(limits=SmtpLimits(errors=0))
    error, _ = talk_to_the_end(server, b"NOOP\r\n")
    assert isinstance(error, LimitExceeded)
    for _ in range(2):
        with pytest.raises(RemoteProtocolError) as caught:
            server.next_event()
        assert caught.value is error
    server.receive_data(b"x" * 100)
    assert server.state is State.ERROR
    with pytest.raises(LocalProtocolError):
        server.send(Reply(421))
