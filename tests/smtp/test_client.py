"""The client core: what may be sent when, and what is made of the replies."""

from base64 import b64encode
from typing import Any

import pytest

from mailproto import sasl
from mailproto.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from mailproto.smtp import (
    Auth,
    AuthResponse,
    Bdat,
    Burl,
    ClientConnection,
    ConnectionClosed,
    Data,
    Ehlo,
    EndOfMessage,
    Etrn,
    Expn,
    Extensions,
    Greeting,
    Helo,
    Help,
    InvalidReply,
    Lhlo,
    Mail,
    MessageData,
    Noop,
    Quit,
    Rcpt,
    Reply,
    ReplyReceived,
    Rset,
    SmtpLimits,
    StartTls,
    State,
    UnknownCommand,
    UnsolicitedReply,
    UpgradeToTls,
    Vrfy,
    Xclient,
    Xforward,
)
from mailproto.testing import Cut, bytewise, whole

from .scenes import connected, connected_without_extensions, heard

cuts = pytest.mark.parametrize("cut", [whole, bytewise])
OFFER = (
    *("PIPELINING", "CHUNKING", "BINARYMIME", "8BITMIME", "STARTTLS", "ETRN", "BURL"),
    *("AUTH PLAIN LOGIN SCRAM-SHA-256", "XCLIENT NAME", "XFORWARD NAME"),
)
MAIL = Mail("a@client.example")
RCPT = Rcpt("b@mx.example")
OTHER = Rcpt("c@mx.example")


def _in(state: State, offer: tuple[str, ...] = OFFER) -> ClientConnection:
    """A client in ``state``, nothing in flight."""
    if state is State.GREETING:
        return ClientConnection()
    if state is State.REFUSED:
        return connected(greeting=b"554 no\r\n", hello=False)
    client = connected(*offer, hello=state is not State.INITIAL)
    steps: dict[State, tuple[Any, ...]] = {
        State.MAIL: (MAIL,),
        State.RCPT: (MAIL, RCPT),
        State.CHUNKING: (MAIL, RCPT, Bdat(0)),
        State.DATA: (MAIL, RCPT, Data()),
        State.AUTHENTICATING: (Auth("LOGIN"),),
        State.TLS: (StartTls(),),
        State.CLOSED: (Quit(),),
    }
    answers = {Data: b"354 go\r\n", Auth: b"334 \r\n"}
    for command in steps.get(state, ()):
        client.send(command)
        heard(client, answers.get(type(command), b"250 ok\r\n"))
    client.data_to_send()
    assert client.state is state
    return client


# --- order of commands ---

EVERYWHERE = {State.INITIAL, State.READY, State.MAIL, State.RCPT, State.CHUNKING}
ORDER: list[tuple[Any, set[State]]] = [
    (Ehlo("c.example"), EVERYWHERE),
    (Helo("c.example"), EVERYWHERE),
    (MAIL, {State.READY}),
    (RCPT, {State.MAIL, State.RCPT}),
    (Data(), {State.RCPT}),
    (Bdat(1), {State.RCPT, State.CHUNKING}),
    (Burl("imap://x/"), {State.RCPT, State.CHUNKING}),
    (Rset(), EVERYWHERE),
    (Vrfy("b"), EVERYWHERE),
    (Expn("b"), EVERYWHERE),
    (Help(), EVERYWHERE),
    (Noop(), EVERYWHERE),
    (Quit(), EVERYWHERE | {State.REFUSED}),
    (StartTls(), {State.READY}),
    (Auth("PLAIN"), {State.READY}),
    (AuthResponse(b""), {State.AUTHENTICATING}),
    (Etrn("x.example"), {State.READY}),
    (Xclient((("NAME", "x"),)), {State.READY}),
    (Xforward((("NAME", "x"),)), {State.READY}),
    (UnknownCommand("XYZZY"), EVERYWHERE),
    (MessageData(b"x"), {State.DATA}),
    (EndOfMessage(), {State.DATA}),
]
STATES = [s for s in State if s not in (State.PROXY, State.CHUNK, State.ERROR)]


@pytest.mark.parametrize("state", STATES, ids=lambda s: s.name)
@pytest.mark.parametrize(("item", "allowed"), ORDER, ids=lambda v: type(v).__name__)
def test_order(item: Any, allowed: set[State], state: State) -> None:
    client = _in(state)
    before = (client.state, client.in_flight, client.sending_body)
    if state in allowed:
        client.send(item)
        assert client.data_to_send()
        return
    with pytest.raises(LocalProtocolError):
        client.send(item)
    assert client.data_to_send() == b""
    assert (client.state, client.in_flight, client.sending_body) == before


def test_lhlo_is_for_lmtp_and_ehlo_is_not() -> None:
    with pytest.raises(LocalProtocolError, match="LHLO"):
        connected(hello=False).send(Lhlo("c.example"))
    lmtp = connected(hello=False, lmtp=True)
    for hello in (Ehlo("c.example"), Helo("c.example")):
        with pytest.raises(LocalProtocolError):
            lmtp.send(hello)
    lmtp.send(Lhlo("c.example"))


@pytest.mark.parametrize(
    "item",
    [
        Bdat(1),
        Burl("imap://x/"),
        StartTls(),
        Auth("PLAIN"),
        Etrn("x"),
        Xclient((("NAME", "x"),)),
        Xforward((("NAME", "x"),)),
        Mail("", size=1),
        Mail("", body="8BITMIME"),
        Mail("ä@x.example", smtputf8=True),
        Mail("", requiretls=True),
    ],
    ids=lambda item: str(item)[:30],
)
def test_what_is_not_offered_is_not_sent(item: Any) -> None:
    client = _in(State.RCPT if isinstance(item, (Bdat, Burl)) else State.READY, offer=())
    with pytest.raises(LocalProtocolError, match="offer"):
        client.send(item)
    assert client.data_to_send() == b""
    assert client.in_flight == ()


def test_utf8_needs_smtputf8() -> None:
    client = connected("SMTPUTF8")
    with pytest.raises(LocalProtocolError):
        client.send(Mail("ä@x.example"))
    client.send(Mail("ä@x.example", smtputf8=True))
    heard(client, b"250 ok\r\n")
    client.send(Rcpt("ö@x.example"))
    assert client.data_to_send() == (
        "MAIL FROM:<ä@x.example> SMTPUTF8\r\nRCPT TO:<ö@x.example>\r\n".encode()
    )


# --- pipelining (RFC 2920) ---


def test_without_pipelining_each_reply_is_waited_for() -> None:
    client = connected()
    client.send(MAIL)
    assert not client.may_pipeline()
    with pytest.raises(LocalProtocolError, match="wait for the reply to MAIL"):
        client.send(RCPT)
    assert heard(client, b"250 ok\r\n") == [ReplyReceived(MAIL, Reply(250, "ok"))]
    client.send(RCPT)


@cuts
def test_pipelined_group(cut: Cut) -> None:
    client = connected("PIPELINING")
    group = (MAIL, RCPT, OTHER, Data())
    for command in group:
        client.send(command)
    assert client.in_flight == group
    assert client.data_to_send().count(b"\r\n") == 4
    events = heard(client, b"250 a\r\n550-b\r\n550 c\r\n250 d\r\n354 e\r\n", cut)
    assert [event.command for event in events] == list(group)
    assert [event.reply for event in events] == [
        Reply(250, "a"),
        Reply(550, "b\nc"),
        Reply(250, "d"),
        Reply(354, "e"),
    ]
    assert client.envelope.accepted == ["c@mx.example"]
    assert client.state is State.DATA


@pytest.mark.parametrize(
    "last",
    [
        *(Ehlo("x"), Helo("x"), Vrfy("b"), Expn("b"), Help(), Noop(), Quit(), StartTls()),
        *(Auth("PLAIN"), Etrn("x"), Xclient((("NAME", "x"),)), UnknownCommand("XYZZY")),
    ],
    ids=lambda c: type(c).__name__,
)
def test_commands_that_end_a_group(last: Any) -> None:
    client = connected(*OFFER)
    client.send(Rset())
    client.send(last)
    assert not client.may_pipeline()
    with pytest.raises(LocalProtocolError):
        client.send(Rset())


def test_all_recipients_refused_but_354() -> None:
    """RFC 2920 3.1: "the client cannot assume that the DATA command will be rejected"."""
    client = connected("PIPELINING")
    for command in (MAIL, RCPT, Data()):
        client.send(command)
    heard(client, b"250 a\r\n550 b\r\n354 c\r\n")
    assert client.sending_body
    assert client.envelope.accepted == []
    client.send(EndOfMessage())
    assert client.data_to_send().endswith(b"DATA\r\n.\r\n")
    assert heard(client, b"554 no\r\n") == [ReplyReceived(EndOfMessage(), Reply(554, "no"))]
    assert client.state is State.READY
    client.send(MAIL)


def test_mail_refused_and_the_rest_too() -> None:
    client = connected("PIPELINING")
    for command in (MAIL, RCPT, Data()):
        client.send(command)
    heard(client, b"550 a\r\n503 b\r\n503 c\r\n")
    assert client.state is State.READY
    assert not client.sending_body
    client.send(MAIL)


def test_data_refused() -> None:
    client = connected("PIPELINING")
    for command in (MAIL, RCPT, Data()):
        client.send(command)
    heard(client, b"250 a\r\n250 b\r\n451 c\r\n")
    assert client.timeout == 300
    with pytest.raises(LocalProtocolError, match="no body"):
        client.send(MessageData(b"x"))
    with pytest.raises(LocalProtocolError, match="no body"):
        client.send(EndOfMessage())
    client.send(Rset())
    heard(client, b"250 ok\r\n")
    assert client.state is State.READY


def test_too_many_in_flight() -> None:
    client = connected("PIPELINING", limits=SmtpLimits(pipelined_commands=2))
    client.send(Rset())
    client.send(Rset())
    with pytest.raises(LocalProtocolError, match="in flight"):
        client.send(Rset())
    heard(client, b"250 ok\r\n")
    client.send(Rset())


# --- bodies ---


def test_data_is_dot_stuffed_and_ended() -> None:
    client = _in(State.DATA)
    client.send(MessageData(b".a\n"))
    client.send(MessageData(b".b\r\n..c"))
    with pytest.raises(LocalProtocolError, match="body"):
        client.send(Noop())
    client.send(EndOfMessage())
    assert client.data_to_send() == b"..a\r\n..b\r\n...c\r\n.\r\n"
    assert client.in_flight == (EndOfMessage(),)
    heard(client, b"250 ok\r\n")
    assert client.state is State.READY


def test_a_large_piece() -> None:
    client = _in(State.DATA)
    client.send(MessageData(b"." + b"x\n" * 100_000))
    client.send(EndOfMessage())
    assert client.data_to_send() == b".." + b"x\r\n" * 100_000 + b".\r\n"


def test_bdat_takes_exactly_what_it_names() -> None:
    client = _in(State.RCPT)
    client.send(Bdat(3))
    with pytest.raises(LocalProtocolError, match="only 3 are left"):
        client.send(MessageData(b"abcd"))
    client.send(MessageData(b"\n."))
    for early in (Bdat(1), Noop(), EndOfMessage()):
        with pytest.raises(LocalProtocolError):
            client.send(early)
    client.send(MessageData(b"\n"))
    with pytest.raises(LocalProtocolError):
        client.send(MessageData(b"x"))
    client.send(Bdat(0, last=True))
    client.send(MAIL)
    assert (
        client.data_to_send() == b"BDAT 3\r\n\n.\nBDAT 0 LAST\r\nMAIL FROM:<a@client.example>\r\n"
    )
    heard(client, b"250 a\r\n250 b\r\n250 c\r\n")
    assert client.state is State.MAIL


def test_refused_chunk_ends_the_transaction() -> None:
    client = _in(State.RCPT)
    for size in (1, 1):
        client.send(Bdat(size))
        client.send(MessageData(b"x"))
    heard(client, b"552 full\r\n503 what\r\n")
    assert client.state is State.READY


def test_binarymime_needs_bdat() -> None:
    client = connected(*OFFER)
    client.send(Mail("", body="BINARYMIME"))
    client.send(RCPT)
    with pytest.raises(LocalProtocolError, match="BINARYMIME"):
        client.send(Data())
    client.send(Bdat(0, last=True))


def test_burl_last_ends_the_message() -> None:
    client = _in(State.RCPT)
    client.send(Burl("imap://x/", last=True))
    heard(client, b"250 ok\r\n")
    assert client.state is State.READY


# --- LMTP (RFC 2033 4.2) ---


def _lmtp(*rcpts: Rcpt) -> ClientConnection:
    client = connected(*OFFER, lmtp=True)
    client.send(MAIL)
    heard(client, b"250 ok\r\n")
    for rcpt in rcpts:
        client.send(rcpt)
        heard(client, b"250 ok\r\n")
    return client


@pytest.mark.parametrize("by_bdat", [False, True])
def test_lmtp_replies_for_each_recipient(by_bdat: bool) -> None:
    client = _lmtp(RCPT, OTHER, RCPT)
    end: Any = EndOfMessage()
    if by_bdat:
        end = Bdat(0, last=True)
    else:
        client.send(Data())
        heard(client, b"354 go\r\n")
    client.send(end)
    events = heard(client, b"250 a\r\n452 b\r\n250 c\r\n")
    assert events == [
        ReplyReceived(end, Reply(250, "a"), "b@mx.example"),
        ReplyReceived(end, Reply(452, "b"), "c@mx.example"),
        ReplyReceived(end, Reply(250, "c"), "b@mx.example"),
    ]
    assert client.in_flight == ()
    assert client.state is State.READY


def test_lmtp_refused_recipients_get_no_reply() -> None:
    client = connected("PIPELINING", lmtp=True)
    for command in (MAIL, RCPT, OTHER, Data()):
        client.send(command)
    heard(client, b"250 a\r\n550 b\r\n250 c\r\n354 d\r\n")
    client.send(EndOfMessage())
    client.send(Rset())
    events = heard(client, b"250 e\r\n250 f\r\n")
    assert [event.recipient for event in events] == ["c@mx.example", None]


def test_lmtp_without_recipients_one_reply_ends_the_message() -> None:
    client = connected("PIPELINING", lmtp=True)
    for command in (MAIL, RCPT, Data()):
        client.send(command)
    heard(client, b"250 a\r\n550 b\r\n354 c\r\n")
    client.send(EndOfMessage())
    [event] = heard(client, b"503 nobody\r\n")
    assert event == ReplyReceived(EndOfMessage(), Reply(503, "nobody"))
    assert client.in_flight == ()


def test_lmtp_chunks_get_one_reply() -> None:
    client = _lmtp(RCPT, OTHER)
    client.send(Bdat(0))
    assert [event.recipient for event in heard(client, b"250 a\r\n")] == [None]


@cuts
def test_lmtp_next_transaction_pipelined_behind_the_message(cut: Cut) -> None:
    """The replies that follow belong to the message before, not to the new transaction."""
    client = _lmtp(RCPT, OTHER)
    end = Bdat(0, last=True)
    third = Rcpt("d@mx.example")
    for command in (end, MAIL, third, end):
        client.send(command)
    events = heard(client, b"250 1\r\n250 2\r\n250 3\r\n250 4\r\n250 5\r\n", cut)
    assert [(event.command, event.recipient) for event in events] == [
        (end, "b@mx.example"),
        (end, "c@mx.example"),
        (MAIL, None),
        (third, None),
        (end, "d@mx.example"),
    ]
    assert client.in_flight == ()
    assert client.envelope.accepted == ["d@mx.example"]


def test_lmtp_recipients_of_a_dropped_transaction_get_no_reply() -> None:
    client = _lmtp(RCPT, OTHER)
    end = Bdat(0, last=True)
    for command in (Rset(), MAIL, RCPT, end, Rset()):
        client.send(command)
    events = heard(client, b"250 1\r\n250 2\r\n250 3\r\n250 4\r\n250 5\r\n")
    assert [event.command for event in events] == [Rset(), MAIL, RCPT, end, Rset()]


# --- AUTH (RFC 4954) ---

MECHANISMS = {cls.name: cls for cls in (sasl.Plain, sasl.Login, sasl.ScramSha256)}


def _mechanism(name: str, password: str = "secret") -> sasl.ClientMechanism:
    return MECHANISMS[name]("ann", password)


def _authenticating(name: str, **options: Any) -> ClientConnection:
    client = connected(*OFFER, tls=True, **options)
    client.authenticate(_mechanism(name))
    return client


def test_auth_with_initial_response() -> None:
    client = _authenticating("PLAIN")
    written = client.data_to_send()
    assert written == b"AUTH PLAIN " + b64encode(b"\0ann\0secret") + b"\r\n"
    [event] = heard(client, b"235 fine\r\n")
    assert event.reply == Reply(235, "fine")
    assert event.error is None
    assert client.authenticated
    assert client.state is State.READY
    with pytest.raises(LocalProtocolError, match="already authenticated"):
        client.authenticate(_mechanism("PLAIN"))


@cuts
def test_auth_with_challenges(cut: Cut) -> None:
    client = _authenticating("LOGIN")
    assert client.data_to_send() == b"AUTH LOGIN\r\n"
    assert heard(client, b"334 VXNlciBOYW1lAA==\r\n", cut) == []
    assert client.data_to_send() == b64encode(b"ann") + b"\r\n"
    assert heard(client, b"334 \r\n", cut) == []
    assert client.data_to_send() == b64encode(b"secret") + b"\r\n"
    assert len(heard(client, b"235 ok\r\n", cut)) == 1
    assert client.authenticated


@pytest.mark.parametrize("challenge", [b"334 \r\n", b"334\r\n", b"334-\r\n334 \r\n"])
def test_long_initial_response_waits_for_the_challenge(challenge: bytes) -> None:
    """RFC 4954 4: the AUTH line is no longer than other commands; quirk 47: bare ``334``."""
    password = "x" * 400
    client = connected(*OFFER, tls=True)
    client.authenticate(_mechanism("PLAIN", password))
    assert client.data_to_send() == b"AUTH PLAIN\r\n"
    assert heard(client, challenge) == []
    written = client.data_to_send()
    assert written == b64encode(b"\0ann\0" + password.encode()) + b"\r\n"


@pytest.mark.parametrize(
    "challenge", [b"334 ???\r\n", b"334 =\r\n", b"334 AAA=BBB\r\n", b"334 Zm9v\xff\r\n"]
)
def test_challenge_that_is_not_base64_is_cancelled(challenge: bytes) -> None:
    client = _authenticating("LOGIN")
    client.data_to_send()
    assert heard(client, challenge) == []
    assert client.data_to_send() == b"*\r\n"
    [event] = heard(client, b"501 cancelled\r\n")
    assert event.command == Auth("LOGIN")
    assert isinstance(event.error, sasl.SaslError)
    assert not client.authenticated
    assert client.state is State.READY
    client.send(MAIL)


@pytest.mark.parametrize("reply", [b"334 \r\n", b"235 welcome\r\n"])
def test_server_goes_on_with_a_cancelled_auth(reply: bytes) -> None:
    client = _authenticating("LOGIN")
    heard(client, b"334 ???\r\n")
    with pytest.raises(RemoteProtocolError):
        heard(client, reply)
    assert client.state is State.ERROR
    assert not client.authenticated


@pytest.mark.parametrize(
    ("name", "before"),
    [("SCRAM-SHA-256", b""), ("LOGIN", b""), ("LOGIN", b"334 \r\n")],
)
def test_success_before_the_mechanism_is_complete(name: str, before: bytes) -> None:
    """RFC 5802 5: the client has to check the server's signature."""
    client = _authenticating(name)
    heard(client, before)
    with pytest.raises(RemoteProtocolError, match="prove"):
        heard(client, b"235 welcome\r\n")
    assert not client.authenticated
    with pytest.raises(LocalProtocolError):
        client.send(MAIL)


def test_auth_refused() -> None:
    client = _authenticating("PLAIN")
    [event] = heard(client, b"535 no\r\n")
    assert event.reply.code == 535
    assert not client.authenticated
    client.authenticate(_mechanism("LOGIN"))


def test_auth_by_hand() -> None:
    client = connected(*OFFER)
    client.send(Auth("LOGIN"))
    heard(client, b"334 Zm9v\r\n")
    client.send(AuthResponse(b"bar"))
    heard(client, b"334 \r\n")
    client.send(AuthResponse(None))
    assert client.data_to_send() == b"AUTH LOGIN\r\nYmFy\r\n*\r\n"
    heard(client, b"501 cancelled\r\n")
    assert client.state is State.READY
    assert not client.authenticated
    client.send(Auth("PLAIN", b""))
    assert client.data_to_send() == b"AUTH PLAIN =\r\n"
    heard(client, b"235 ok\r\n")
    assert client.authenticated


def test_no_password_without_tls() -> None:
    client = connected(*OFFER)
    with pytest.raises(LocalProtocolError, match="TLS"):
        client.authenticate(_mechanism("PLAIN"))
    assert client.data_to_send() == b""
    client.authenticate(_mechanism("PLAIN"), allow_plaintext=True)
    assert client.data_to_send()


def test_mechanism_that_is_not_offered() -> None:
    client = connected("AUTH CRAM-MD5", tls=True)
    with pytest.raises(LocalProtocolError, match="CRAM-MD5"):
        client.authenticate(_mechanism("PLAIN"))
    assert client.in_flight == ()


def test_response_by_hand_while_a_mechanism_runs() -> None:
    client = _authenticating("LOGIN")
    heard(client, b"334 \r\n")
    with pytest.raises(LocalProtocolError):
        client.send(AuthResponse(b"x"))


# --- STARTTLS (RFC 3207) ---


def test_starttls_forgets_everything() -> None:
    client = connected(*OFFER)
    client.send(Auth("PLAIN", b"x"))
    heard(client, b"235 ok\r\n")
    client.send(StartTls())
    assert heard(client, b"220 go\r\n") == [
        ReplyReceived(StartTls(), Reply(220, "go")),
        UpgradeToTls(),
    ]
    assert client.state is State.TLS
    binding = sasl.ChannelBinding("tls-exporter", b"x")
    client.tls_established([binding])
    assert client.tls
    assert client.channel_bindings == [binding]
    assert client.extensions == Extensions()
    assert not client.authenticated
    with pytest.raises(LocalProtocolError):
        client.send(MAIL)
    client.send(Ehlo("client.example"))
    heard(client, b"250-x\r\n250 STARTTLS\r\n")
    with pytest.raises(LocalProtocolError, match="over TLS already"):
        client.send(StartTls())


def test_starttls_refused() -> None:
    client = connected(*OFFER)
    client.send(StartTls())
    assert len(heard(client, b"454 no\r\n")) == 1
    with pytest.raises(LocalProtocolError):
        client.tls_established()
    client.send(MAIL)


def test_handshake_without_reading_the_event() -> None:
    client = connected(*OFFER)
    client.send(StartTls())
    client.receive_data(b"220 go\r\n")
    client.next_event()
    client.tls_established()
    assert client.next_event() is None


# --- replies that are not what they should be ---


@cuts
@pytest.mark.parametrize(
    "lines", [b"hello?\r\n", b"\r\n", b"99 x\r\n", b"999-x\r\n", b"600 x\r\n", b"2500 x\r\n"]
)
def test_garbage_is_an_event(lines: bytes, cut: Cut) -> None:
    client = connected()
    client.send(Noop())
    assert heard(client, lines + b"250 ok\r\n", cut) == [
        InvalidReply(lines),
        ReplyReceived(Noop(), Reply(250, "ok")),
    ]


def test_garbage_within_a_reply() -> None:
    client = connected()
    client.send(Noop())
    assert heard(client, b"250-a\r\nwhat\r\n250 b\r\n") == [
        InvalidReply(b"what\r\n"),
        ReplyReceived(Noop(), Reply(250, "a\nb")),
    ]


def test_strict_ends_at_garbage() -> None:
    client = connected(strict=True)
    client.send(Noop())
    with pytest.raises(RemoteProtocolError):
        heard(client, b"250 ok\n")


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"220-x\r\n521 no\r\n", Reply(521, "x\nno")),
        (b"220\r\n", Reply(220)),
        (b"220-\r\n220\r\n", Reply(220, "\n")),
        (b"220 x\n", Reply(220, "x")),
    ],
)
def test_tolerated_replies(data: bytes, reply: Reply) -> None:
    """Quirk 47: codes that differ, no space after the code, several lines; bare LF."""
    [event] = heard(ClientConnection(), data)[:1]
    assert event == Greeting(reply)
    tolerated = b"521" in data or not data.endswith(b"\r\n")
    assert bool(event.reply.defects) == tolerated


def test_extensions_as_they_come() -> None:
    """Quirk 48: ``AUTH=`` beside AUTH, leading spaces, lower case."""
    client = connected("AUTH=PLAIN LOGIN", "auth login cram-md5", "  size 1000", "XFOO a", "?!")
    assert client.extensions.auth == ("PLAIN", "LOGIN", "CRAM-MD5")
    assert client.extensions.size == 1000
    assert client.extensions["XFOO"] == ("a",)
    assert len(client.extensions.defects) == 2


def test_server_that_knows_helo_only() -> None:
    client = connected_without_extensions()
    assert client.extensions == Extensions()
    client.send(MAIL)
    heard(client, b"250 ok\r\n")
    assert client.state is State.MAIL


def test_helo_forgets_what_ehlo_offered() -> None:
    client = connected(*OFFER)
    client.send(Helo("x"))
    heard(client, b"250-x\r\n250 SIZE\r\n")
    assert client.extensions == Extensions()


@pytest.mark.parametrize("code", [421, 521, 554])
def test_greeting_that_refuses(code: int) -> None:
    """RFC 5321 3.1: after 554 only QUIT may be said."""
    client = ClientConnection()
    client.receive_data(f"{code} no\r\n".encode())
    assert client.next_event() == Greeting(Reply(code, "no"))
    with pytest.raises(LocalProtocolError):
        client.send(Ehlo("x"))
    if code == 554:
        client.send(Quit())
        heard(client, b"221 bye\r\n")
    assert isinstance(client.next_event(), ConnectionClosed)


@pytest.mark.parametrize("reply", [b"250 ok\r\n", b"220 ok\r\n"])
def test_data_needs_354(reply: bytes) -> None:
    client = connected("PIPELINING")
    for command in (MAIL, RCPT, Data()):
        client.send(command)
    with pytest.raises(RemoteProtocolError, match="354"):
        heard(client, b"250 a\r\n250 b\r\n" + reply)


@cuts
def test_2yz_that_nobody_asked_for(cut: Cut) -> None:
    client = connected()
    with pytest.raises(RemoteProtocolError, match="nothing asked"):
        heard(client, b"250 ok\r\n", cut)
    with pytest.raises(RemoteProtocolError, match="nothing asked"):
        client.next_event()
    client.receive_data(b"250 ok\r\n")
    with pytest.raises(LocalProtocolError):
        client.send(Noop())


def test_421_that_nobody_asked_for_comes_before_the_end() -> None:
    """Quirk 50."""
    client = connected("PIPELINING")
    client.receive_data(b"421 4.4.2 idle too long\r\n")
    client.receive_eof()
    event = client.next_event()
    assert isinstance(event, UnsolicitedReply)
    assert event.reply.code == 421
    assert client.said_goodbye
    assert client.next_event() == ConnectionClosed(reply=event.reply)


@pytest.mark.parametrize("late", [b"", b"4"])
def test_421_before_the_command_does_not_answer_it(late: bytes) -> None:
    """RFC 5321 3.8; a pool that takes an old 421 for the answer to RSET."""
    client = connected()
    line = b"421 timeout\r\n"
    client.receive_data(line[: len(line) - 3 * len(late)])  # a part of it, or all
    client.send(Rset())
    client.receive_data(line[len(line) - 3 * len(late) :] if late else b"")
    event = client.next_event()
    assert event == UnsolicitedReply(Reply(421, "timeout"))
    assert client.in_flight == (Rset(),)
    assert heard(client, b"250 ok\r\n") == [ReplyReceived(Rset(), Reply(250, "ok"))]


@pytest.mark.parametrize("early", [b"250 ok\r\n", b"250"])
def test_success_before_the_command_is_fatal(early: bytes) -> None:
    client = connected()
    client.receive_data(early)
    if early.endswith(b"\n"):
        with pytest.raises(LocalProtocolError):
            client.send(Noop())
    else:
        client.send(Noop())
        client.receive_data(b" ok\r\n")
    with pytest.raises(RemoteProtocolError):
        client.next_event()


def test_success_before_the_end_of_the_message_is_fatal() -> None:
    client = connected("PIPELINING")
    for command in (MAIL, RCPT, Data()):
        client.send(command)
    client.receive_data(b"250 a\r\n250 b\r\n354 c\r\n250 taken already\r\n")
    for _ in range(3):
        client.next_event()
    client.send(MessageData(b"x"))
    client.send(EndOfMessage())
    with pytest.raises(RemoteProtocolError, match="nothing asked"):
        client.next_event()


# --- limits that the server names ---


def test_size_is_obeyed() -> None:
    """RFC 1870 6.1."""
    client = connected("SIZE 10")
    with pytest.raises(LocalProtocolError, match="11 octets"):
        client.send(Mail("", size=11))
    for command, reply in ((Mail("", size=10), b"250 a\r\n"), (RCPT, b"250 b\r\n")):
        client.send(command)
        heard(client, reply)
    client.send(Data())
    heard(client, b"354 c\r\n")
    client.send(MessageData(b"x" * 9))
    with pytest.raises(LocalProtocolError, match="10 octets"):
        client.send(MessageData(b"xx"))
    client.send(MessageData(b"x"))


def test_size_is_obeyed_by_chunks() -> None:
    client = connected("SIZE 10", "CHUNKING", "PIPELINING")
    client.send(MAIL)
    client.send(RCPT)
    client.send(Bdat(6))
    client.send(MessageData(b"x" * 6))
    with pytest.raises(LocalProtocolError, match="10 octets"):
        client.send(Bdat(5))
    client.send(Bdat(4, last=True))


def test_limits_are_obeyed() -> None:
    """RFC 9422 4."""
    client = connected("PIPELINING", "LIMITS MAILMAX=1 RCPTMAX=3 RCPTDOMAINMAX=2")
    client.send(MAIL)
    client.send(Rcpt("a@one.example"))
    client.send(Rcpt("b@ONE.example"))
    client.send(Rset())
    with pytest.raises(LocalProtocolError, match="MAILMAX"):
        client.send(MAIL)
    client = connected("PIPELINING", "LIMITS RCPTMAX=3 RCPTDOMAINMAX=2")
    client.send(MAIL)
    for domain in ("one", "ONE"):
        client.send(Rcpt(f"a@{domain}.example"))
    client.send(Rcpt("a@two.example"))
    with pytest.raises(LocalProtocolError, match="RCPTMAX"):
        client.send(Rcpt("b@two.example"))
    client = connected("PIPELINING", "LIMITS RCPTDOMAINMAX=1")
    client.send(MAIL)
    client.send(RCPT)
    with pytest.raises(LocalProtocolError, match="RCPTDOMAINMAX"):
        client.send(Rcpt("b@two.example"))


def test_endless_garbage() -> None:
    client = connected(limits=SmtpLimits(errors=2))
    with pytest.raises(LimitExceeded) as caught:
        heard(client, b"?\r\n" * 3)
    assert caught.value.name == "errors"


# --- time (RFC 5321 4.5.3.2) ---


def test_timeouts() -> None:
    assert ClientConnection().timeout == 300
    for command, seconds in ((MAIL, 300), (RCPT, 300), (Data(), 120)):
        state = {MAIL: State.READY, RCPT: State.MAIL}.get(command, State.RCPT)
        client = _in(state)
        client.send(command)
        assert client.timeout == seconds
    client = _in(State.DATA)
    assert client.timeout == 180
    client.send(EndOfMessage())
    assert client.timeout == 600
    client = _in(State.RCPT)
    client.send(Bdat(0))
    client.send(Rset())
    assert client.timeout == 600  # that of the oldest


# --- end of file ---


@cuts
def test_end_with_commands_unanswered(cut: Cut) -> None:
    client = connected("PIPELINING")
    client.send(MAIL)
    client.send(RCPT)
    heard(client, b"421 shutting down\r\n25", cut)
    client.receive_eof()
    closed = ConnectionClosed(clean=False, unanswered=(RCPT,), reply=Reply(421, "shutting down"))
    assert client.next_event() == closed
    assert client.next_event() == closed
    assert client.state is State.CLOSED


@pytest.mark.parametrize(
    ("state", "clean"),
    [
        (State.GREETING, False),
        (State.INITIAL, True),
        (State.READY, True),
        (State.RCPT, True),
        (State.DATA, False),
        (State.CHUNKING, False),
        (State.AUTHENTICATING, False),
        (State.TLS, False),
        (State.REFUSED, True),
        (State.CLOSED, True),
    ],
)
def test_end_of_file(state: State, clean: bool) -> None:
    client = _in(state)
    client.receive_eof()
    assert client.next_event() == ConnectionClosed(clean)


@pytest.mark.parametrize("rest", [b"42", b"421-closing\r\n"])
def test_end_within_a_reply(rest: bytes) -> None:
    client = connected()
    heard(client, rest)
    client.receive_eof()
    assert client.next_event() == ConnectionClosed(clean=False)


@pytest.mark.parametrize("answered", [True, False])
def test_end_after_quit_is_clean(answered: bool) -> None:
    """Quirk 50: many servers just close."""
    client = connected()
    client.send(Quit())
    events = heard(client, b"221 bye\r\n") if answered else []
    client.receive_eof()
    closed = events[-1] if answered else client.next_event()
    assert closed == ConnectionClosed(unanswered=() if answered else (Quit(),))


def test_end_within_a_chunk() -> None:
    client = _in(State.RCPT)
    client.send(Bdat(5))
    client.receive_eof()
    assert client.next_event() == ConnectionClosed(clean=False, unanswered=(Bdat(5),))
