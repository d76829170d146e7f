"""The sessions that RFCs print, as wire bytes through the server core, byte by byte too.

Where the server's text is the core's own affair the core says what the RFCs print.
"""

from collections.abc import Iterator
from itertools import groupby

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.imap import (
    Capabilities,
    Condition,
    ConnectionClosed,
    Continuation,
    LiteralOffered,
    ServerConnection,
    ServerEvent,
    UpgradeToTls,
    parse_response,
)
from mailproto.imap.framing import response_framer
from mailproto.limits import ImapLimits
from mailproto.testing import Cut, bytewise, whole
from tests.imap.server_scenes import EVERYTHING

GREETED = "S: * OK ready\n"
LOGGED_IN = "S: * PREAUTH ready\n"
SELECTED = LOGGED_IN + "C: S SELECT x\nS: S OK done\n"

SESSIONS = {
    "RFC 9051 8": r"""
S: * OK [CAPABILITY STARTTLS AUTH=SCRAM-SHA-256 LOGINDISABLED IMAP4rev2] IMAP4rev2 Service Ready
C: a000 starttls
S: a000 OK Proceed with TLS negotiation
TLS
C: A001 AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=
S: + cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBT
C: Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhG
S: + dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==
C:
S: A001 OK SCRAM-SHA-256 authentication successful
C: babc ENABLE IMAP4rev2
S: * ENABLED IMAP4rev2
S: babc OK Some capabilities enabled
C: a002 select inbox
S: * 18 EXISTS
S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
S: * OK [UIDVALIDITY 3857529045] UIDs valid
S: * LIST () "/" INBOX ("OLDNAME" ("inbox"))
S: a002 OK [READ-WRITE] SELECT completed
C: a003 fetch 12 full
S: * 12 FETCH (FLAGS (\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE
    ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" (("Terry
    Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu"))
    (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu"))
    ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL
    "<B27397-0100000@cac.washington.ed>") BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL
    "7BIT" 3028 92))
S: a003 OK FETCH completed
C: a004 fetch 12 body[header]
S: * 12 FETCH (BODY[HEADER] {342}
S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
S: From: Terry Gray <gray@cac.washington.edu>
S: Subject: IMAP4rev2 WG mtg summary and minutes
S: To: imap@cac.washington.edu
S: cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
S: Message-Id: <B27397-0100000@cac.washington.edu>
S: MIME-Version: 1.0
S: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
S:
S: )
S: a004 OK FETCH completed
C: a005 store 12 +flags \deleted
S: * 12 FETCH (FLAGS (\Seen \Deleted))
S: a005 OK +FLAGS completed
C: a006 logout
S: * BYE IMAP4rev2 server terminating connection
S: a006 OK LOGOUT completed
""",
    "RFC 3501 6.2.1": """
S: * OK ready
C: a001 CAPABILITY
S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED
S: a001 OK CAPABILITY completed
C: a002 STARTTLS
S: a002 OK Begin TLS negotiation now
TLS
C: a003 CAPABILITY
S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
S: a003 OK CAPABILITY completed
C: a004 LOGIN joe password
S: a004 OK LOGIN completed
""",
    "RFC 3501 7.5": GREETED
    + """
C: A001 LOGIN {11}
S: + Ready for additional command text
C: FRED FOOBAR {7}
S: + Ready for additional command text
C: fat man
S: A001 OK LOGIN completed
""",
    "RFC 7888 3": GREETED
    + """
C: A001 LOGIN {11+}
C: FRED FOOBAR {7+}
C: fat man
S: A001 OK LOGIN completed
""",
    "RFC 4959 4": GREETED
    + """
C: C01 CAPABILITY
S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN
S: C01 OK Completed
C: A01 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=
S: A01 OK Success (tls protection)
""",
    "RFC 4959 4, without": GREETED
    + """
C: A01 AUTHENTICATE PLAIN
S: +\x20
C: dGVzdAB0ZXN0AHRlc3Q=
S: A01 OK Success (tls protection)
""",
    "RFC 5161 3.1": LOGGED_IN
    + """
C: t1 CAPABILITY
S: * CAPABILITY IMAP4rev1 ID LITERAL+ ENABLE X-GOOD-IDEA
S: t1 OK foo
C: t2 ENABLE CONDSTORE X-GOOD-IDEA
S: * ENABLED X-GOOD-IDEA
S: t2 OK foo
C: t3 CAPABILITY
S: * CAPABILITY IMAP4rev1 ID LITERAL+ ENABLE X-GOOD-IDEA
S: t3 OK foo again
C: a1 ENABLE CONDSTORE
S: * ENABLED CONDSTORE
S: a1 OK Conditional Store enabled
""",
    "RFC 2177 3": LOGGED_IN
    + r"""
C: A001 SELECT INBOX
S: * FLAGS (\Deleted \Seen)
S: * 3 EXISTS
S: * 0 RECENT
S: * OK [UIDVALIDITY 1]\x20
S: A001 OK SELECT completed
C: A002 IDLE
S: + idling
S: * 4 EXISTS
C: DONE
S: A002 OK IDLE terminated
C: A003 FETCH 4 ALL
S: * 4 FETCH (FLAGS (\Seen))
S: A003 OK FETCH completed
C: A004 IDLE
S: * 2 EXPUNGE
S: * 3 EXISTS
S: + idling
S: * 3 EXPUNGE
S: * 2 EXISTS
S: * 3 EXISTS
C: DONE
S: A004 OK IDLE terminated
C: A005 FETCH 3 ALL
S: * 3 FETCH (FLAGS ())
S: A005 OK FETCH completed
C: A006 IDLE
""".replace(r"\x20", " "),
    "RFC 9051 6.3.12": LOGGED_IN
    + r"""
C: A003 APPEND saved-messages (\Seen) {326}
S: + Ready for literal data
C: Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)
C: From: Fred Foobar <foobar@Blurdybloop.example>
C: Subject: afternoon meeting
C: To: mooch@owatagu.siam.edu.example
C: Message-Id: <B27397-0100000@Blurdybloop.example>
C: MIME-Version: 1.0
C: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
C:
C: Hello Joe, do you think we can meet at 3:30 tomorrow?
C:
S: A003 OK APPEND completed
C: A003 APPEND saved-messages (\Seen) {297+}
C: Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)
C: From: Fred Foobar <foobar@example.com>
C: Subject: afternoon meeting
C: To: mooch@example.com
C: Message-Id: <B27397-0100000@example.com>
C: MIME-Version: 1.0
C: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
C:
C: Hello Joe, do you think we can meet at 3:30 tomorrow?
C:
S: A003 OK [APPENDUID 38505 3955] APPEND completed
""",
    "RFC 3502 6.3.11": LOGGED_IN
    + r"""
C: A003 APPEND saved-messages (\Seen) {329}
S: + Ready for literal data
C: Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)
C: From: Fred Foobar <foobar@Blurdybloop.example.COM>
C: Subject: afternoon meeting
C: To: mooch@owatagu.example.net
C: Message-Id: <B27397-0100000@Blurdybloop.example.COM>
C: MIME-Version: 1.0
C: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
C:
C: Hello Joe, do you think we can meet at 3:30 tomorrow?
C:  (\Seen) " 7-Feb-1994 22:43:04 -0800" {295}
S: + Ready for literal data
C: Date: Mon, 7 Feb 1994 22:43:04 -0800 (PST)
C: From: Joe Mooch <mooch@OWaTaGu.example.net>
C: Subject: Re: afternoon meeting
C: To: foobar@blurdybloop.example.com
C: Message-Id: <a0434793874930@OWaTaGu.example.net>
C: MIME-Version: 1.0
C: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
C:
C: 3:30 is fine with me.
C:
S: A003 OK APPEND completed
C: A004 APPEND bogusname (\Flagged) {1023}
S: A004 NO [TRYCREATE] No such mailbox as bogusname
C: A005 APPEND test (\Flagged) {99}
S: + Ready for literal data
C: Date: Mon, 7 Feb 2000 22:43:04 -0800 (PST)
C: From: Fred Foobar <fred@example.com>
C: Subject: hmm...
C:  {35403}
S: A005 NO APPEND failed: Disk quota exceeded
""",
    "RFC 4469 3": LOGGED_IN
    + r"""
C: A003 APPEND Drafts (\Seen \Draft $MDNSent) CATENATE (URL
    "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER" TEXT {42}
S: + Ready for literal data
C:
C: --------------030308070208000400050907
C:  URL "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME" URL
    "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1" TEXT {42}
S: + Ready for literal data
C:
C: --------------030308070208000400050907
C:  URL "/Drafts;UIDVALIDITY=385759045/;UID=30" TEXT {44}
S: + Ready for literal data
C:
C: --------------030308070208000400050907--
C: )
S: A003 OK catenate append completed
""",
    # The RFC leaves out the line ends of these two commands.
    "RFC 8508 3.3": SELECTED
    + r"""
C: A003 REPLACE 4 Drafts (\Seen \Draft) {312}
S: + Ready for literal data
C: Date: Thu, 1 Jan 2015 00:05:00 -0500 (EST)
C: From: Fritz Schmidt <fritz.ze@example.org>
C: Subject: happy new year !!
C: To: miss.mitzy@example.org
C: Message-Id: <B238822388-0100000@example.org>
C: MIME-Version: 1.0
C: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
C:
C: Just saw the best fireworks show. Wish you were here.
C:
C:
S: * OK [APPENDUID 1 2000] Replacement Message ready
S: * 5 EXISTS
S: * 4 EXPUNGE
S: A003 OK Replace completed
C: A004 UID REPLACE 2000 Drafts (\Seen \Draft) {350}
S: + Ready for literal data
C: Date: Thu, 1 Jan 2015 00:06:00 -0500 (EST)
C: From: Fritz Schmidt <fritz.ze@example.org>
C: Subject: happy new year !!
C: To: miss.mitzy@example.org
C: Message-Id: <B238822389-0100000@example.org>
C: MIME-Version: 1.0
C: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
C:
C: Just saw the best fireworks show. Wish you were here.
C: Hopefully next year you can join us.
C:
C:
S: * OK [APPENDUID 1 2001] Replacement Message ready
S: * 5 EXISTS
S: * 4 EXPUNGE
S: A004 OK Replace completed
""",
    "RFC 9586 3": SELECTED
    + r"""
C: 01 ENABLE UIDONLY
S: * ENABLED UIDONLY
S: 01 OK ENABLE completed
C: 07 FETCH 10000:14589 (UID FLAGS)
S: 07 BAD [UIDREQUIRED] Message numbers are not allowed once UIDONLY is enabled
C: 10 UID FETCH 25900:26600 (FLAGS)
S: * 25996 UIDFETCH (FLAGS (\Seen))
S: * VANISHED 26001
S: 10 OK FETCH completed
""",
}


def blocks(text: str) -> Iterator[tuple[str, bytes]]:
    """What one side says at once, with its name; TLS is the handshake. Long lines are folded."""
    unfolded = text.replace("\n    ", " ").split("\n")
    lines = [line.partition(":") for line in unfolded if line]
    for who, group in groupby(lines, key=lambda line: line[0]):
        yield who, b"".join(said.removeprefix(" ").encode() + b"\r\n" for _, _, said in group)


class Session:
    """A server core, and what its user says as the text goes."""

    def __init__(self, cut: Cut) -> None:
        offered = Capabilities([*EVERYTHING, "X-GOOD-IDEA"])
        self.conn = ServerConnection(offered, allow_plaintext=True)
        self.events: list[ServerEvent] = []
        self._cut = cut

    def run(self, text: str) -> None:
        for who, data in blocks(text):
            if who == "TLS":
                assert isinstance(self.events[-1], UpgradeToTls)
                self.conn.tls_established()
            elif who == "C":
                for chunk in self._cut(data):
                    self.conn.receive_data(chunk)
                    self._read()
            else:
                framer = response_framer(ImapLimits())
                framer.receive(data)
                while isinstance(unit := framer.next_frame(), bytes):
                    self._say(unit)
                assert not len(framer)

    def _say(self, unit: bytes) -> None:
        written = self.conn.data_to_send()
        last = self.events[-1] if self.events else None
        if isinstance(last, LiteralOffered) and unit.startswith(b"+"):
            self.conn.accept_literal()
        elif not written:
            self.conn.send(parse_response(unit, utf8=self.conn.utf8))
        written += self.conn.data_to_send()
        assert written == unit or self._same_data(written, unit)
        self._read()

    def _same_data(self, written: bytes, unit: bytes) -> bool:
        """Data may be quoted otherwise than the RFC has them."""
        read = [parse_response(it, strict=True, utf8=self.conn.utf8) for it in (written, unit)]
        return read[0] == read[1] and not isinstance(read[0], Condition | Continuation)

    def _read(self) -> None:
        while True:
            try:
                event = self.conn.next_event()
            except LocalProtocolError:
                return  # it is the server's turn
            if event is None or isinstance(event, ConnectionClosed):
                return
            self.events.append(event)
            if isinstance(event, LiteralOffered) and not event.synchronizing:
                self.conn.accept_literal()


@pytest.mark.parametrize("cut", [whole, bytewise])
@pytest.mark.parametrize("name", SESSIONS)
def test_session(name: str, cut: Cut) -> None:
    session = Session(cut)
    session.run(SESSIONS[name])
    assert session.conn.data_to_send() == b""
    assert len(session.events) > 0
    assert not any(getattr(event, "defects", ()) for event in session.events)
