"""What goes over the wire and what it means: one table for readers and writers.

Where an RFC has an example it is used, and its section cited; the others follow its grammar.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from mailproto.smtp import (
    Auth,
    AuthResponse,
    Bdat,
    Burl,
    Command,
    Data,
    DeliverBy,
    Ehlo,
    EnhancedCode,
    Etrn,
    Expn,
    Helo,
    Help,
    Lhlo,
    Mail,
    Mtrk,
    Noop,
    OriginalRecipient,
    Parameter,
    Quit,
    Rcpt,
    Reply,
    Rrvs,
    Rset,
    StartTls,
    UnknownCommand,
    Vrfy,
    Xclient,
    Xforward,
)


class CommandVector(NamedTuple):
    source: str
    line: str
    command: Command
    canonical: bool = True
    """Whether writing the command gives this very line."""

    @property
    def wire(self) -> bytes:
        return self.line.encode() + b"\r\n"


class ReplyVector(NamedTuple):
    source: str
    lines: str
    reply: Reply
    canonical: bool = True

    @property
    def wire(self) -> bytes:
        return self.lines.replace("\n", "\r\n").encode() + b"\r\n"


class Malformed(NamedTuple):
    source: str
    wire: bytes
    code: int
    """Of the reply that it gets."""


V, R, M = CommandVector, ReplyVector, Malformed
E = EnhancedCode

COMMANDS = [
    # RFC 5321
    V("RFC 5321 D.1", "EHLO bar.com", Ehlo("bar.com")),
    V("RFC 5321 4.1.3", "EHLO [192.0.2.1]", Ehlo("[192.0.2.1]")),
    V("RFC 5321 4.1.3", "EHLO [IPv6:2001:db8::1]", Ehlo("[IPv6:2001:db8::1]")),
    V("RFC 5321 4.1.3", "EHLO [x400:anything!]", Ehlo("[x400:anything!]")),
    V("RFC 5321 2.4", "ehlo bar.com", Ehlo("bar.com"), canonical=False),
    V("RFC 5321 4.1.1", "EHLO  bar.com ", Ehlo("bar.com"), canonical=False),
    V("RFC 2920 4", "HELO dbc.mtview.ca.us", Helo("dbc.mtview.ca.us")),
    V("RFC 5321 D.1", "MAIL FROM:<Smith@bar.com>", Mail("Smith@bar.com")),
    V("RFC 5321 4.5.5", "MAIL FROM:<>", Mail("")),
    V("RFC 5321 2.4", "mail from:<Smith@bar.com>", Mail("Smith@bar.com"), canonical=False),
    V("RFC 5321 4.1.1.2", "MAIL FROM: <a@b.example>", Mail("a@b.example"), canonical=False),
    V("RFC 5321 4.1.2", "MAIL FROM:a@b.example", Mail("a@b.example"), canonical=False),
    V("RFC 5321 D.1", "RCPT TO:<Jones@foo.com>", Rcpt("Jones@foo.com")),
    V("RFC 5321 4.1.1.3", "RCPT TO:<Postmaster>", Rcpt("Postmaster")),
    V("RFC 5321 4.1.2", 'RCPT TO:<"Joe \\"X\\" <x> Doe"@b.c>', Rcpt('"Joe \\"X\\" <x> Doe"@b.c')),
    V("RFC 5321 4.1.2", 'RCPT TO:<""@b.example>', Rcpt('""@b.example')),
    V("RFC 5321 4.1.3", "RCPT TO:<a@[192.0.2.1]>", Rcpt("a@[192.0.2.1]")),
    V("RFC 5321 4.1.3", "RCPT TO:<a@[IPv6:::1]>", Rcpt("a@[IPv6:::1]")),
    V("RFC 5321 4.1.3", 'RCPT TO:<a@[tag:<">]>', Rcpt('a@[tag:<">]')),
    V(
        "RFC 5321 C",
        "RCPT TO:<@hosta.int,@jkl.org:userc@d.bar.org>",
        Rcpt("userc@d.bar.org", source_route="@hosta.int,@jkl.org"),
    ),
    V(
        "RFC 5321 C",
        "MAIL FROM:<@a.example:u@b.example>",
        Mail("u@b.example", source_route="@a.example"),
    ),
    V(
        "RFC 5321 4.1.2",
        "MAIL FROM:<a@b.example> XYZ=a-1 XQ",
        Mail("a@b.example", extra=(Parameter("XYZ", "a-1"), Parameter("XQ"))),
    ),
    V(
        "RFC 5321 4.1.2",
        "RCPT TO:<a@b.example> XYZ=a=b",
        Rcpt("a@b.example", extra=(Parameter("XYZ", "a=b"),)),
    ),
    V("RFC 5321 D.1", "DATA", Data()),
    V("RFC 5321 D.2", "RSET", Rset()),
    V("RFC 5321 D.1", "QUIT", Quit()),
    V("RFC 5321 D.4", "VRFY Crispin", Vrfy("Crispin")),
    V("RFC 5321 3.5.1", "VRFY Sam Q. Smith", Vrfy("Sam Q. Smith")),
    V("RFC 5321 3.5", "EXPN Example-People", Expn("Example-People")),
    V("RFC 5321 4.1.1.8", "HELP", Help()),
    V("RFC 5321 4.1.1.8", "HELP MAIL", Help("MAIL")),
    V("RFC 5321 4.1.1.9", "NOOP", Noop()),
    V("RFC 5321 4.1.1.9", "NOOP are you there", Noop("are you there")),
    V("RFC 5321 4.1.5", "XFOO", UnknownCommand("XFOO")),
    V("RFC 5321 4.1.5", "XFOO bar  baz", UnknownCommand("XFOO", "bar  baz")),
    V("RFC 5321 F.1", "TURN", UnknownCommand("TURN")),
    # LMTP and the other commands of extensions
    V("RFC 2033 4.5", "LHLO foo.edu", Lhlo("foo.edu")),
    V("RFC 3030 4.1", "BDAT 86 LAST", Bdat(86, True)),
    V("RFC 3030 4.2", "BDAT 100000", Bdat(100000)),
    V("RFC 3030 4.2", "BDAT 0 LAST", Bdat(0, True)),
    V("RFC 3030 2", "bdat 5 last", Bdat(5, True), canonical=False),
    V(
        "RFC 4468 3.4",
        "BURL imap://harry@gryffindor.example.com/outbox",
        Burl("imap://harry@gryffindor.example.com/outbox"),
    ),
    V("RFC 4468 3.1", "BURL imap://h@g.example/o LAST", Burl("imap://h@g.example/o", True)),
    V("RFC 3207 5", "STARTTLS", StartTls()),
    V("RFC 4954 4.1", "AUTH PLAIN", Auth("PLAIN")),
    V("RFC 4954 4.1", "AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=", Auth("PLAIN", b"test\0test\x001234")),
    V("RFC 4954 4.1", "AUTH EXTERNAL =", Auth("EXTERNAL", b"")),
    V("RFC 4954 4.1", "AUTH CRAM-MD5", Auth("CRAM-MD5")),
    V("RFC 4954 4", "auth plain AGEAYg==", Auth("PLAIN", b"\0a\0b"), canonical=False),
    V("RFC 1985 6", "ETRN innosoft.com", Etrn("innosoft.com")),
    V("RFC 1985 5.1", "ETRN @innosoft.com", Etrn("@innosoft.com")),
    V("RFC 1985 5.1", "ETRN #queue", Etrn("#queue")),
    V("RFC 6531 3.7.4.2", "VRFY jörg SMTPUTF8", Vrfy("jörg", True)),
    V("RFC 6531 3.7.4.2", "EXPN líst SMTPUTF8", Expn("líst", True)),
    V(
        "Postfix XCLIENT",
        "XCLIENT NAME=spike.example ADDR=192.168.0.1",
        Xclient((("NAME", "spike.example"), ("ADDR", "192.168.0.1"))),
    ),
    V("Postfix XCLIENT", "XCLIENT NAME=[UNAVAILABLE]", Xclient((("NAME", "[UNAVAILABLE]"),))),
    V("Postfix XCLIENT", "XCLIENT LOGIN=a+20b+2Bc", Xclient((("LOGIN", "a b+c"),))),
    V("Postfix XCLIENT", "xclient name=a", Xclient((("NAME", "a"),)), canonical=False),
    V(
        "Postfix XFORWARD",
        "XFORWARD NAME=spike.example ADDR=192.168.0.1 PROTO=ESMTP",
        Xforward((("NAME", "spike.example"), ("ADDR", "192.168.0.1"), ("PROTO", "ESMTP"))),
    ),
    # parameters of MAIL
    V(
        "RFC 1870 8",
        "MAIL FROM:<ned@thor.innosoft.com> SIZE=500000",
        Mail("ned@thor.innosoft.com", size=500000),
    ),
    V(
        "RFC 6152 4",
        "MAIL FROM:<ned@ymir.claremont.edu> BODY=8BITMIME",
        Mail("ned@ymir.claremont.edu", body="8BITMIME"),
    ),
    V("RFC 6152 2", "MAIL FROM:<a@b.example> body=7bit", Mail("a@b.example", body="7BIT"), False),
    V(
        "RFC 3030 4.2",
        "MAIL FROM:<ned@ymir.claremont.edu> BODY=BINARYMIME",
        Mail("ned@ymir.claremont.edu", body="BINARYMIME"),
    ),
    V("RFC 6531 3.4", "MAIL FROM:<pelé@é.example> SMTPUTF8", Mail("pelé@é.example", smtputf8=True)),
    V(
        "RFC 4954 5.1",
        "MAIL FROM:<e=mc2@example.com> AUTH=e+3Dmc2@example.com",
        Mail("e=mc2@example.com", auth="e=mc2@example.com"),
    ),
    V(
        "RFC 4954 5.1",
        "MAIL FROM:<john+@example.org> AUTH=<>",
        Mail("john+@example.org", auth="<>"),
    ),
    V(
        "RFC 3461 10.1",
        "MAIL FROM:<Alice@Example.ORG> RET=HDRS ENVID=QQ314159",
        Mail("Alice@Example.ORG", ret="HDRS", envid="QQ314159"),
    ),
    V(
        "RFC 3461 4",
        "MAIL FROM:<a@b.example> RET=FULL ENVID=a+20b+2Bc+3Dd",
        Mail("a@b.example", ret="FULL", envid="a b+c=d"),
    ),
    V(
        "RFC 8689 A.1",
        "MAIL FROM:<roger@example.org> REQUIRETLS",
        Mail("roger@example.org", requiretls=True),
    ),
    V(
        "RFC 2852 5",
        "MAIL FROM:<eljefe@bigbiz.com> BY=120;R",
        Mail("eljefe@bigbiz.com", by=DeliverBy(120, "R")),
    ),
    V(
        "RFC 2852 4",
        "MAIL FROM:<a@b.example> BY=-5;NT",
        Mail("a@b.example", by=DeliverBy(-5, "N", True)),
    ),
    V(
        "RFC 6710 11",
        "MAIL FROM:<eljefe@example.com> ENVID=QQ314159 BY=125;R MT-PRIORITY=3",
        Mail("eljefe@example.com", by=DeliverBy(125, "R"), envid="QQ314159", mt_priority=3),
    ),
    V("RFC 6710 4", "MAIL FROM:<a@b.example> MT-PRIORITY=-9", Mail("a@b.example", mt_priority=-9)),
    V("RFC 4865 4.1", "MAIL FROM:<a@b.example> HOLDFOR=86400", Mail("a@b.example", holdfor=86400)),
    V(
        "RFC 4865 4.1",
        "MAIL FROM:<a@b.example> HOLDUNTIL=2007-02-28T12:00:00Z",
        Mail("a@b.example", holduntil=datetime(2007, 2, 28, 12, tzinfo=UTC)),
    ),
    V(
        "RFC 4865 4.1, RFC 3339 5.6",
        "MAIL FROM:<a@b.example> HOLDUNTIL=2007-02-28t13:00:00.5+01:00",
        Mail("a@b.example", holduntil=datetime(2007, 2, 28, 12, 0, 0, 500_000, UTC)),
        canonical=False,
    ),
    V(
        "RFC 3865 2.7",
        "MAIL FROM:<save@example.com> SOLICIT=org.example:ADV:ADLT",
        Mail("save@example.com", solicit=("org.example:ADV:ADLT",)),
    ),
    V(
        "RFC 3865 2.2",
        "MAIL FROM:<a@b.example> SOLICIT=net.example:ADV,org.example:ADV",
        Mail("a@b.example", solicit=("net.example:ADV", "org.example:ADV")),
    ),
    V(
        "RFC 3885 3.1",
        "MAIL FROM:<a@b.example> MTRK=YWJjZA==:86400",
        Mail("a@b.example", mtrk=Mtrk("YWJjZA==", 86400)),
    ),
    V("RFC 3885 3.1", "MAIL FROM:<a@b.example> MTRK=YWJj", Mail("a@b.example", mtrk=Mtrk("YWJj"))),
    V(
        "RFC 4141 6",
        "MAIL FROM:<May@some.example.com> CONPERM",
        Mail("May@some.example.com", conperm=True),
    ),
    V(
        "RFC 5321 4.1.1",
        "MAIL FROM:<a@b.example>  SIZE=1  BODY=7BIT ",
        Mail("a@b.example", size=1, body="7BIT"),
        canonical=False,
    ),
    # parameters of RCPT
    V(
        "RFC 3461 10.1",
        "RCPT TO:<Dana@Ivory.EDU> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Dana@Ivory.EDU",
        Rcpt(
            "Dana@Ivory.EDU",
            notify=("SUCCESS", "FAILURE"),
            orcpt=OriginalRecipient("rfc822", "Dana@Ivory.EDU"),
        ),
    ),
    V(
        "RFC 3461 10.1",
        "RCPT TO:<Fred@Bombs.AF.MIL> NOTIFY=NEVER",
        Rcpt("Fred@Bombs.AF.MIL", notify=("NEVER",)),
    ),
    V(
        "RFC 6533 3",
        r"RCPT TO:<a@b.example> ORCPT=utf-8;j\x{F6}rg\x{2B}x@\x{1F600}.example",
        Rcpt("a@b.example", orcpt=OriginalRecipient("utf-8", "jörg+x@\U0001f600.example")),
    ),
    V(
        "RFC 7293 6",
        "RCPT TO:<receiver@example.com> RRVS=2014-04-03T23:01:00Z",
        Rcpt("receiver@example.com", rrvs=Rrvs(datetime(2014, 4, 3, 23, 1, tzinfo=UTC))),
    ),
    V(
        "RFC 7293 3.1",
        "RCPT TO:<receiver@example.com> RRVS=2014-04-03T23:01:00Z;R",
        Rcpt("receiver@example.com", rrvs=Rrvs(datetime(2014, 4, 3, 23, 1, tzinfo=UTC), "R")),
    ),
    V("RFC 4141 6", "RCPT TO:<June@ifax1.jp> CONNEG", Rcpt("June@ifax1.jp", conneg=True)),
    V("RFC 6531 3.3", "RCPT TO:<ü@ñ.example>", Rcpt("ü@ñ.example")),
]

AUTH_RESPONSES = [
    V("RFC 4954 4.1", "dGVzdAB0ZXN0ADEyMzQ=", AuthResponse(b"test\0test\x001234")),
    V("RFC 4954 4", "*", AuthResponse(None)),
    V("RFC 4954 4", "", AuthResponse(b"")),
]

REPLIES = [
    R("RFC 5321 4.2", "250 OK", Reply(250, "OK")),
    R("RFC 5321 4.2", "250 ", Reply(250)),
    R("RFC 5321 4.2", "250", Reply(250), canonical=False),
    R(
        "RFC 5321 4.2.1",
        "250-First line\n250-Second line\n250 last",
        Reply(250, "First line\nSecond line\nlast"),
    ),
    R("RFC 5321 4.2.1", "250-First line\n250-\n250 ", Reply(250, "First line\n\n")),
    R("RFC 5321 4.2.1", "250-First line\n250", Reply(250, "First line\n"), canonical=False),
    R("RFC 5321 3.1", "554 No SMTP service here", Reply(554, "No SMTP service here")),
    R(
        "RFC 5321 3.4",
        "251 User not local; will forward to <a@b.c>",
        Reply(251, "User not local; will forward to <a@b.c>"),
    ),
    R(
        "RFC 5321 3.4",
        "551 User not local; please try <a@b.c>",
        Reply(551, "User not local; please try <a@b.c>"),
    ),
    R(
        "RFC 5321 3.5",
        "250-Jon Postel <Postel@isi.edu>\n250 Sam Q. Smith <SQSmith@specific.generic.com>",
        Reply(250, "Jon Postel <Postel@isi.edu>\nSam Q. Smith <SQSmith@specific.generic.com>"),
    ),
    R(
        "RFC 5321 D.1",
        "354 Start mail input; end with <CRLF>.<CRLF>",
        Reply(354, "Start mail input; end with <CRLF>.<CRLF>"),
    ),
    R(
        "RFC 5321 4.2.3",
        "421 foo.com Service not available, closing",
        Reply(421, "foo.com Service not available, closing"),
    ),
    R("RFC 5321 4.2", "250 with\ttab", Reply(250, "with\ttab")),
    R("RFC 7504 3", "521 Server does not accept mail", Reply(521, "Server does not accept mail")),
    R("RFC 7504 4", "556 Domain does not accept mail", Reply(556, "Domain does not accept mail")),
    R(
        "RFC 1985 6",
        "253 OK, 14 pending messages for node mysoft.com started",
        Reply(253, "OK, 14 pending messages for node mysoft.com started"),
    ),
    R(
        "RFC 1985 6",
        "459 Node foo.bar not allowed: Unable to resolve name.",
        Reply(459, "Node foo.bar not allowed: Unable to resolve name."),
    ),
    R(
        "RFC 2034 5",
        "250 2.1.0 Originator <ned@ymir.claremont.edu> ok",
        Reply(250, "Originator <ned@ymir.claremont.edu> ok", E(2, 1, 0)),
    ),
    R(
        "RFC 2034 5",
        '550 5.1.1 Mailbox "nosuchuser" does not exist',
        Reply(550, 'Mailbox "nosuchuser" does not exist', E(5, 1, 1)),
    ),
    R(
        "RFC 2034 5",
        "551-5.7.1 Forwarding to remote hosts disabled\n"
        "551 5.7.1 Select another host to act as your forwarder",
        Reply(
            551,
            "Forwarding to remote hosts disabled\nSelect another host to act as your forwarder",
            E(5, 7, 1),
        ),
    ),
    R("RFC 2034 4", "250 5.1.0 not the code's class", Reply(250, "5.1.0 not the code's class")),
    R("RFC 3463 2", "450 4.123.999 ", Reply(450, "", E(4, 123, 999))),
    R(
        "RFC 2033 4.5",
        "452 <green@foo.edu> is temporarily over quota",
        Reply(452, "<green@foo.edu> is temporarily over quota"),
    ),
    R(
        "RFC 4954 4.1",
        "235 2.7.0 Authentication successful",
        Reply(235, "Authentication successful", E(2, 7, 0)),
    ),
    R("RFC 4954 4.1", "334 ", Reply(334)),
    R(
        "RFC 4954 4.1",
        "334 PDQxOTI5NDIzNDEuMTI4Mjg0NzJAc291cmNlZm91ci5hbmRyZXcuY211LmVkdT4=",
        Reply(334, "PDQxOTI5NDIzNDEuMTI4Mjg0NzJAc291cmNlZm91ci5hbmRyZXcuY211LmVkdT4="),
    ),
    R(
        "RFC 4468 3.4",
        "554 5.7.0 IMAP URL authorization failed",
        Reply(554, "IMAP URL authorization failed", E(5, 7, 0)),
    ),
    R("RFC 6531 3.7.4.2", "252 jörg@example.com", Reply(252, "jörg@example.com")),
    R("RFC 5321 4.2", "599 any code of these classes", Reply(599, "any code of these classes")),
]

MALFORMED_COMMANDS = [
    M("RFC 5321 4.2.4", b"\r\n", 500),
    M("RFC 5321 4.2.4", b"   \r\n", 500),
    M("RFC 5321 4.1.1", b" NOOP\r\n", 500),
    M("RFC 5321 2.4", b"NOOP \xff\r\n", 500),
    M("RFC 5321 2.4", b"\xc5\xbftarttls\r\n", 500),  # upper() makes STARTTLS of it
    M("RFC 5321 2.4", b"MA\xc4\xb1L FROM:<a@b.example>\r\n", 500),  # and MAIL of this
    M("RFC 5321 2.3.8", b"NOOP a\rb\r\n", 500),
    M("RFC 5321 4.1.2", b"NOOP a\0b\r\n", 500),
    M("RFC 5321 4.1.2", b"NOOP\ta\r\n", 500),
    M("RFC 5321 4.1.2", b"NOOP \x7f\r\n", 500),
    M("RFC 5321 4.1.1.1", b"EHLO\r\n", 501),
    M("RFC 5321 4.1.1.1", b"HELO\r\n", 501),
    M("RFC 2033 4.1", b"LHLO\r\n", 501),
    M("RFC 5321 4.1.1.2", b"MAIL\r\n", 501),
    M("RFC 5321 4.1.1.2", b"MAIL FROM\r\n", 501),
    M("RFC 5321 4.1.1.2", b"MAIL FROM:\r\n", 501),
    M("RFC 5321 4.1.1.2", b"MAIL TO:<a@b.example>\r\n", 501),
    M("RFC 5321 4.1.1.2", b"MAIL FROM:<a@b.example\r\n", 501),
    M("RFC 5321 4.1.1.2", b"MAIL FROM:<a@b.example>>\r\n", 501),
    M("RFC 5321 4.1.1.2", b"MAIL FROM:<a@b.example>SIZE=1\r\n", 501),
    M("RFC 5321 4.1.2", b'MAIL FROM:<"a@b.example>\r\n', 501),
    M("RFC 5321 4.1.2", b"MAIL FROM:<a@b.example@c.example>\r\n", 553),
    M("RFC 5321 4.1.2", b"MAIL FROM:<a>\r\n", 553),
    M("RFC 5321 4.1.2", b"MAIL FROM:<@b.example>\r\n", 553),
    M("RFC 5321 4.1.2", b"MAIL FROM:<a@>\r\n", 553),
    M("RFC 5321 4.1.3", b"RCPT TO:<a@[1.2.3]>\r\n", 553),
    M("RFC 5321 4.1.3", b"RCPT TO:<a@[IPv6:1::2::3]>\r\n", 553),
    M("RFC 5321 4.1.3", b"RCPT TO:<a@[IPv6:fe80::1%eth0]>\r\n", 553),
    M("RFC 5321 4.5.3.1.2", b"RCPT TO:<a@" + 64 * b"abc." + b"example>\r\n", 553),
    M("RFC 5321 4.1.1.3", b"RCPT TO:<>\r\n", 501),
    M("RFC 5321 4.1.1.4", b"DATA now\r\n", 501),
    M("RFC 5321 4.1.1.5", b"RSET x\r\n", 501),
    M("RFC 5321 4.1.1.10", b"QUIT x\r\n", 501),
    M("RFC 5321 4.1.1.6", b"VRFY\r\n", 501),
    M("RFC 5321 4.1.1.7", b"EXPN\r\n", 501),
    M("RFC 6531 3.7.4.2", b"VRFY \xc5\xbfmtputf8 SMTPUTF8 \0\r\n", 500),
    M("RFC 5321 4.1.2", b"MAIL FROM:<a@b.example> =x\r\n", 501),
    M("RFC 5321 4.1.2", b"MAIL FROM:<a@b.example> X=\r\n", 501),
    M("RFC 5321 4.1.2", b"MAIL FROM:<a@b.example> -X=1\r\n", 501),
    M("RFC 5321 4.1.2", b"MAIL FROM:<a@b.example> SIZE=1 size=2\r\n", 501),
    M("RFC 1870 4", b"MAIL FROM:<a@b.example> SIZE\r\n", 501),
    M("RFC 1870 4", b"MAIL FROM:<a@b.example> SIZE=-1\r\n", 501),
    M("RFC 1870 4", b"MAIL FROM:<a@b.example> SIZE=" + 21 * b"9" + b"\r\n", 501),
    M("RFC 1870 4", "MAIL FROM:<a@b.example> SIZE=٣\r\n".encode(), 501),
    M("RFC 6152 2", b"MAIL FROM:<a@b.example> BODY=9BIT\r\n", 501),
    M("RFC 6152 2", "MAIL FROM:<a@b.example> BODY=7Bıt\r\n".encode(), 501),
    M("RFC 6531 3.4", b"MAIL FROM:<a@b.example> SMTPUTF8=yes\r\n", 501),
    M("RFC 4954 5", b"MAIL FROM:<a@b.example> AUTH\r\n", 501),
    M("RFC 4954 5", b"MAIL FROM:<a@b.example> AUTH=a+3d\r\n", 501),
    M("RFC 3461 4", b"MAIL FROM:<a@b.example> ENVID=+0D+0ARSET\r\n", 501),
    M("RFC 3461 4", b"MAIL FROM:<a@b.example> ENVID=+FF\r\n", 501),
    M("RFC 3461 4.3", b"MAIL FROM:<a@b.example> RET=ALL\r\n", 501),
    M("RFC 8689 2", b"MAIL FROM:<a@b.example> REQUIRETLS=1\r\n", 501),
    M("RFC 2852 4", b"MAIL FROM:<a@b.example> BY=10\r\n", 501),
    M("RFC 2852 4", b"MAIL FROM:<a@b.example> BY=0;R\r\n", 501),
    M("RFC 6710 4", b"MAIL FROM:<a@b.example> MT-PRIORITY=10\r\n", 501),
    M("RFC 6710 4", b"MAIL FROM:<a@b.example> MT-PRIORITY=-0\r\n", 501),
    M("RFC 4865 4.1", b"MAIL FROM:<a@b.example> HOLDFOR=0\r\n", 501),
    M("RFC 4865 4.1", b"MAIL FROM:<a@b.example> HOLDUNTIL=tomorrow\r\n", 501),
    M("RFC 4865 4.1", b"MAIL FROM:<a@b.example> HOLDUNTIL=2007-02-30T12:00:00Z\r\n", 501),
    M("RFC 4865 4.1", b"MAIL FROM:<a@b.example> HOLDUNTIL=2007-02-28T12:00:00\r\n", 501),
    M(
        "RFC 4865 4.2",
        b"MAIL FROM:<a@b.example> HOLDFOR=1 HOLDUNTIL=2007-02-28T12:00:00Z\r\n",
        501,
    ),
    M("RFC 3865 2.2", b"MAIL FROM:<a@b.example> SOLICIT=1x\r\n", 501),
    M("RFC 3885 3.1", b"MAIL FROM:<a@b.example> MTRK=:5\r\n", 501),
    M("RFC 4141 3", b"MAIL FROM:<a@b.example> CONPERM=1\r\n", 501),
    M("RFC 3461 4.1", b"RCPT TO:<a@b.example> NOTIFY=NEVER,SUCCESS\r\n", 501),
    M("RFC 3461 4.1", b"RCPT TO:<a@b.example> NOTIFY=SUCCESS,SUCCESS\r\n", 501),
    M("RFC 3461 4.1", "RCPT TO:<a@b.example> NOTIFY=ſUCCESS\r\n".encode(), 501),
    M("RFC 3461 4.2", b"RCPT TO:<a@b.example> ORCPT=a@b.example\r\n", 501),
    M("RFC 6533 3", b"RCPT TO:<a@b.example> ORCPT=utf-8;\\x{D800}@b\r\n", 501),
    M("RFC 6533 3", b"RCPT TO:<a@b.example> ORCPT=utf-8;\\x{0A}@b\r\n", 501),
    M("RFC 7293 3.1", b"RCPT TO:<a@b.example> RRVS=2014-04-03T23:01:00Z;X\r\n", 501),
    M("RFC 4141 4", b"RCPT TO:<a@b.example> CONNEG=1\r\n", 501),
    M("RFC 3207 4", b"STARTTLS now\r\n", 501),
    M("RFC 4954 4", b"AUTH\r\n", 501),
    M("RFC 4954 4", b"AUTH PLAIN not-base64\r\n", 501),
    M("RFC 4954 4", b"AUTH PLAIN AAA\r\n", 501),
    M("RFC 4954 4", b"AUTH PLAIN AA== AA==\r\n", 501),
    M("RFC 4954 4", b"AUTH A/B\r\n", 501),
    M("RFC 1985 5.1", b"ETRN\r\n", 501),
    M("RFC 1985 5.1", b"ETRN a b\r\n", 501),
    M("RFC 4468 3.1", b"BURL\r\n", 501),
    M("RFC 4468 3.1", b"BURL imap://a b\r\n", 501),
    M("Postfix XCLIENT", b"XCLIENT\r\n", 501),
    M("Postfix XCLIENT", b"XCLIENT NAME\r\n", 501),
    M("Postfix XCLIENT", b"XCLIENT NAME=a+0Ab\r\n", 501),
    M("Postfix XFORWARD", b"XFORWARD =a\r\n", 501),
]

# After these nobody knows where the next command begins.
MALFORMED_BDAT = [
    M("RFC 3030 2", b"BDAT\r\n", 501),
    M("RFC 3030 2", b"BDAT x\r\n", 501),
    M("RFC 3030 2", b"BDAT -1\r\n", 501),
    M("RFC 3030 2", b"BDAT 5 LAST LAST\r\n", 501),
    M("RFC 3030 2", b"BDAT 5 FIRST\r\n", 501),
    M("RFC 3030 2", "BDAT 5 LAſT\r\n".encode(), 501),
    M("RFC 3030 2", b"BDAT " + 21 * b"9" + b"\r\n", 501),
]

MALFORMED_REPLIES = [
    b"\r\n",
    b"25\r\n",
    b"2500 OK\r\n",
    b"250_OK\r\n",
    b"150 no such class\r\n",
    b"650 no such class\r\n",
    b"OK 250\r\n",
    b"+OK POP3\r\n",
    b"* OK IMAP\r\n",
    b"HTTP/1.1 400 Bad Request\r\n",
]
