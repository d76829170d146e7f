"""The sessions of the RFCs, run against both cores."""

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.smtp import (
    Bdat,
    ClientConnection,
    Data,
    EndOfMessage,
    InvalidCommand,
    MessageData,
    Rcpt,
    Reply,
    ReplyReceived,
    ServerConnection,
    State,
)
from mailproto.testing import Transcript, TranscriptMismatch, merged

from .drive import NO_LIMITS
from .rfc_sessions import SESSIONS

# The server core refuses DATA by itself where no recipient was accepted, so it never says 354.
CLIENT_ONLY = {"RFC 2920 4, DATA accepted all the same"}


def transcript(name: str) -> Transcript:
    letters = {"client": "S", "server": "R"} if name.startswith("RFC 3030") else {}
    return Transcript(SESSIONS[name], **letters)


def new_client(name: str) -> ClientConnection:
    return ClientConnection(lmtp=name.startswith("RFC 2033"))


def new_server(name: str) -> ServerConnection:
    return ServerConnection(lmtp=name.startswith("RFC 2033"), limits=NO_LIMITS)


@pytest.mark.parametrize("name", SESSIONS)
def test_client(name: str) -> None:
    client = new_client(name)
    session = transcript(name)
    events = session.run_client(client)
    said = [line.text for line in session.lines if line.sender == "S"]
    codes = [text[:3] for text in said if text[3:4] != "-"]
    assert codes[1:] == [
        str(event.reply.code) for event in events if isinstance(event, ReplyReceived)
    ]
    assert not client.in_flight


@pytest.mark.parametrize("name", [name for name in SESSIONS if name not in CLIENT_ONLY])
def test_server(name: str) -> None:
    server = new_server(name)
    events = transcript(name).run_server(server)
    invalid = [event for event in events if isinstance(event, InvalidCommand)]
    assert bool(invalid) is (name == "RFC 2920 4, all recipients refused")
    if "QUIT" in SESSIONS[name]:
        assert server.state is State.CLOSED


def test_server_says_no_354_without_recipients() -> None:
    (name,) = CLIENT_ONLY
    with pytest.raises(LocalProtocolError, match="354 is no answer"):
        transcript(name).run_server(new_server(name))


def test_body_of_data() -> None:
    name = "RFC 5321 D.1"
    events = merged(transcript(name).run_server(new_server(name)))
    # The line "...etc." of the example has a dot too few for what it means.
    assert MessageData(b"Blah blah blah...\r\n..etc. etc. etc.\r\n") in events
    assert events[-2] == EndOfMessage()


def test_body_of_bdat() -> None:
    name = "RFC 3030 4.1"
    events = merged(transcript(name).run_server(new_server(name)))
    body = (
        b"To: Susan@random.com\r\nFrom: Sam@random.com\r\n"
        b"Subject: This is a bodyless test message\r\n"
    )
    assert events[3:6] == [Bdat(86, True), MessageData(body), EndOfMessage()]


def test_lmtp_recipients() -> None:
    name = "RFC 2033 4.5"
    events = transcript(name).run_client(new_client(name))
    last = [e for e in events if isinstance(e, ReplyReceived) and e.command == EndOfMessage()]
    assert [(e.recipient, e.reply.code) for e in last] == [
        ("pat@foo.edu", 250),
        ("green@foo.edu", 452),
    ]


def test_pipelined_replies_have_their_commands() -> None:
    name = "RFC 2920 4, all recipients refused"
    events = transcript(name).run_client(new_client(name))
    refused = [e for e in events if isinstance(e, ReplyReceived) and e.reply.is_permanent]
    assert [event.command for event in refused] == [
        Rcpt("nsb@thumper.bellcore.com"),
        Rcpt("galvin@tis.com"),
        Data(),
    ]


class TestTranscripts:
    """The runner itself."""

    SESSION = "S: 220 ready\nC: HELO a.example\nS: 250 b.example\nC: NOOP\nS: 250 OK\n"

    def test_what_is_no_line(self) -> None:
        for text in ("X: what", "no colon", "R: 250 OK"):
            with pytest.raises(ValueError, match="not a line of a transcript"):
                Transcript(text)

    def test_a_reply_too_few(self) -> None:
        session = Transcript(self.SESSION + "C: NOOP")
        with pytest.raises(TranscriptMismatch, match="nothing is said to Noop"):
            session.run_server(ServerConnection())

    def test_a_reply_too_many(self) -> None:
        session = Transcript(self.SESSION + "S: 250 more")
        with pytest.raises(TranscriptMismatch, match="expected"):
            session.run_server(ServerConnection())

    def test_a_line_that_is_no_reply_answers_nothing(self) -> None:
        session = Transcript(self.SESSION + "C: RSET\nS: hello\nS: 250-x\n")
        with pytest.raises(TranscriptMismatch, match="nothing is said to Rset"):
            session.run_server(ServerConnection())

    def test_a_line_that_the_client_writes_differently(self) -> None:
        session = Transcript(
            "S: 220 ready\nC: EHLO a.example\nS: 250 b.example\nC: MAIL FROM:<a@b.example>\n"
            "S: 250 OK\nC: RCPT TO:<c@d.example>\nS: 250 OK\nC: DATA\nS: 354 go on\nC: .x"
        )
        with pytest.raises(TranscriptMismatch, match="written"):
            session.run_client(ClientConnection())

    def test_any_letters(self) -> None:
        session = Transcript(self.SESSION.replace("S:", "R:"), server="R")
        events = session.run_client(ClientConnection())
        assert isinstance(events[-1], ReplyReceived)
        assert events[-1].reply == Reply(250, "OK")
