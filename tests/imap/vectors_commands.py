"""What a client sends and what it means: one table for the reader and the writer.

It holds every example of the RFCs that is not abridged, once for each form whatever its tag, in
the order of the RFCs, and rows for what they have no example of.
"""

from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from mailproto.imap.commands import (
    Append,
    AppendMessage,
    Authenticate,
    CancelUpdate,
    Capability,
    CatenateText,
    CatenateUrl,
    Check,
    Close,
    Command,
    Comparator,
    Compress,
    Conversion,
    Conversions,
    Convert,
    Copy,
    Create,
    Delete,
    DeleteAcl,
    Enable,
    ESearch,
    EventGroup,
    Examine,
    Expunge,
    Fetch,
    GenUrlAuth,
    GetAcl,
    GetJmapAccess,
    GetMetadata,
    GetQuota,
    GetQuotaRoot,
    Id,
    Idle,
    Language,
    List,
    ListRights,
    Login,
    Logout,
    Lsub,
    MailboxFilter,
    Move,
    MyRights,
    NamespaceCommand,
    Noop,
    Notify,
    Option,
    QResync,
    Rename,
    Replace,
    ResetKey,
    Rlist,
    Rlsub,
    SearchCommand,
    Select,
    SetAcl,
    SetMetadata,
    SetQuota,
    Sort,
    SortKey,
    StartTls,
    Status,
    Store,
    Subscribe,
    ThreadCommand,
    UidBatches,
    UidExpunge,
    Unauthenticate,
    UnknownCommand,
    Unselect,
    Unsubscribe,
    UrlFetch,
    UrlRequest,
    Xlist,
)
from mailproto.imap.fetch import AnnotationEntry
from mailproto.imap.search import Search
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import STAR, SequenceSet
from mailproto.imap.values import Literal

_set = SequenceSet.parse


class CommandVector(NamedTuple):
    """``wire`` means ``command``, with so many ``defects``.

    ``canonical`` says that the writer gives the same bytes; ``sent`` is what the receiver of
    these gets if that is not ``command`` (numbers are sent in ascending order).
    """

    source: str
    wire: bytes
    tag: str
    command: Command
    canonical: bool = True
    sent: Command | None = None
    defects: int = 0
    utf8: bool = False


_JOE = (
    b"Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r\n"
    b"From: Fred Foobar <foobar@Blurdybloop.COM>\r\n"
    b"Subject: afternoon meeting\r\n"
    b"To: mooch@owatagu.siam.edu\r\n"
    b"Message-Id: <B27397-0100000@Blurdybloop.COM>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
    b"\r\n"
    b"Hello Joe, do you think we can meet at 3:30 tomorrow?\r\n"
    b"\r\n"
)
_REPLY = (
    b"Date: Mon, 7 Feb 1994 22:43:04 -0800 (PST)\r\n"
    b"From: Joe Mooch <mooch@OWaTaGu.example.net>\r\n"
    b"Subject: Re: afternoon meeting\r\n"
    b"To: foobar@blurdybloop.example.com\r\n"
    b"Message-Id: <a0434793874930@OWaTaGu.example.net>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
    b"\r\n"
    b"3:30 is fine with me.\r\n"
    b"\r\n"
)
_BOUNDARY = b"\r\n--------------030308070208000400050907\r\n"
_DRAFTS = "/Drafts;UIDVALIDITY=385759045/;UID=20/;section="
_WEST = timezone(timedelta(hours=-8))


def _append(head: bytes, message: bytes, tail: bytes = b"") -> bytes:
    return head + b"{%d}\r\n" % len(message) + message + tail


COMMANDS = [
    CommandVector("3501 6.1.1", b"abcd CAPABILITY\r\n", "abcd", Capability()),
    CommandVector("3501 6.1.1", b"efgh STARTTLS\r\n", "efgh", StartTls()),
    CommandVector("3501 6.1.2", b"a002 NOOP\r\n", "a002", Noop()),
    CommandVector("3501 6.1.3", b"A023 LOGOUT\r\n", "A023", Logout()),
    CommandVector("3501 6.2.1", b"a004 LOGIN joe password\r\n", "a004", Login("joe", "password")),
    CommandVector("3501 6.2.2", b"A001 AUTHENTICATE GSSAPI\r\n", "A001", Authenticate("GSSAPI")),
    CommandVector("3501 6.2.3", b"a001 LOGIN SMITH SESAME\r\n", "a001", Login("SMITH", "SESAME")),
    CommandVector("3501 6.3.1", b"A142 SELECT INBOX\r\n", "A142", Select("INBOX")),
    CommandVector("3501 6.3.2", b"A932 EXAMINE blurdybloop\r\n", "A932", Examine("blurdybloop")),
    CommandVector("3501 6.3.3", b"A003 CREATE owatagusiam/\r\n", "A003", Create("owatagusiam/")),
    CommandVector(
        "3501 6.3.3",
        b"A004 CREATE owatagusiam/blurdybloop\r\n",
        "A004",
        Create("owatagusiam/blurdybloop"),
    ),
    CommandVector("3501 6.3.4", b'A682 LIST "" *\r\n', "A682", List("", ("*",))),
    CommandVector("3501 6.3.4", b"A683 DELETE blurdybloop\r\n", "A683", Delete("blurdybloop")),
    CommandVector("3501 6.3.4", b"A684 DELETE foo\r\n", "A684", Delete("foo")),
    CommandVector("3501 6.3.4", b"A685 DELETE foo/bar\r\n", "A685", Delete("foo/bar")),
    CommandVector("3501 6.3.4", b'A86 LIST "" %\r\n', "A86", List("", ("%",))),
    CommandVector(
        "3501 6.3.5",
        b"A683 RENAME blurdybloop sarasoop\r\n",
        "A683",
        Rename("blurdybloop", "sarasoop"),
    ),
    CommandVector("3501 6.3.5", b"A684 RENAME foo zowie\r\n", "A684", Rename("foo", "zowie")),
    CommandVector(
        "3501 6.3.5", b"Z433 RENAME INBOX old-mail\r\n", "Z433", Rename("INBOX", "old-mail")
    ),
    CommandVector(
        "3501 6.3.6",
        b"A002 SUBSCRIBE #news.comp.mail.mime\r\n",
        "A002",
        Subscribe("#news.comp.mail.mime"),
    ),
    CommandVector(
        "3501 6.3.7",
        b"A002 UNSUBSCRIBE #news.comp.mail.mime\r\n",
        "A002",
        Unsubscribe("#news.comp.mail.mime"),
    ),
    CommandVector("3501 6.3.8", b'A101 LIST "" ""\r\n', "A101", List("", ("",))),
    CommandVector(
        "3501 6.3.8",
        b'A102 LIST #news.comp.mail.misc ""\r\n',
        "A102",
        List("#news.comp.mail.misc", ("",)),
    ),
    CommandVector(
        "3501 6.3.8", b'A103 LIST /usr/staff/jones ""\r\n', "A103", List("/usr/staff/jones", ("",))
    ),
    CommandVector("3501 6.3.8", b"A202 LIST ~/Mail/ %\r\n", "A202", List("~/Mail/", ("%",))),
    CommandVector(
        "3501 6.3.9",
        b'A002 LSUB "#news." "comp.mail.*"\r\n',
        "A002",
        Lsub("#news.", "comp.mail.*"),
        canonical=False,
    ),
    CommandVector(
        "3501 6.3.9",
        b'A003 LSUB "#news." "comp.%"\r\n',
        "A003",
        Lsub("#news.", "comp.%"),
        canonical=False,
    ),
    CommandVector(
        "3501 6.3.10",
        b"A042 STATUS blurdybloop (UIDNEXT MESSAGES)\r\n",
        "A042",
        Status("blurdybloop", ("UIDNEXT", "MESSAGES")),
    ),
    CommandVector("3501 6.4.1", b"FXXZ CHECK\r\n", "FXXZ", Check()),
    CommandVector("3501 6.4.2", b"A341 CLOSE\r\n", "A341", Close()),
    CommandVector("3501 6.4.3", b"A202 EXPUNGE\r\n", "A202", Expunge()),
    CommandVector(
        "3501 6.4.4",
        b'A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"\r\n',
        "A282",
        SearchCommand(Search.flagged & Search.since(date(1994, 2, 1)) & ~Search.from_("Smith")),
        canonical=False,
    ),
    CommandVector(
        "3501 6.4.4",
        b'A283 SEARCH TEXT "string not in mailbox"\r\n',
        "A283",
        SearchCommand(Search.text("string not in mailbox")),
    ),
    CommandVector(
        "3501 6.4.5",
        b"A654 FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])\r\n",
        "A654",
        Fetch(_set("2:4"), ("FLAGS", Section.parse("BODY[HEADER.FIELDS (DATE FROM)]"))),
    ),
    CommandVector(
        "3501 6.4.6",
        b"A003 STORE 2:4 +FLAGS (\\Deleted)\r\n",
        "A003",
        Store(_set("2:4"), "+FLAGS", (r"\Deleted",)),
    ),
    CommandVector("3501 6.4.7", b"A003 COPY 2:4 MEETING\r\n", "A003", Copy(_set("2:4"), "MEETING")),
    CommandVector(
        "3501 6.4.8",
        b"A999 UID FETCH 4827313:4828442 FLAGS\r\n",
        "A999",
        Fetch(_set("4827313:4828442"), ("FLAGS",), uid=True),
        canonical=False,
    ),
    CommandVector("3501 6.5.1", b"A442 XPIG-LATIN\r\n", "A442", UnknownCommand("XPIG-LATIN")),
    CommandVector(
        "3501 7.1.1", b"A001 LOGIN fred blurdybloop\r\n", "A001", Login("fred", "blurdybloop")
    ),
    CommandVector(
        "3501 7.1.2", b"A222 COPY 1:2 owatagusiam\r\n", "A222", Copy(_set("1:2"), "owatagusiam")
    ),
    CommandVector(
        "3501 7.1.2", b"A223 COPY 3:200 blurdybloop\r\n", "A223", Copy(_set("3:200"), "blurdybloop")
    ),
    CommandVector(
        "9051 6.2.1",
        b"a004 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=\r\n",
        "a004",
        Authenticate("PLAIN", b"test\x00test\x00test"),
    ),
    CommandVector("9051 6.2.2", b"A01 AUTHENTICATE PLAIN\r\n", "A01", Authenticate("PLAIN")),
    CommandVector(
        "9051 6.2.2", b"A01 AUTHENTICATE EXTERNAL =\r\n", "A01", Authenticate("EXTERNAL", b"")
    ),
    CommandVector(
        "9051 6.3.1",
        b"t2 ENABLE CONDSTORE X-GOOD-IDEA\r\n",
        "t2",
        Enable(("CONDSTORE", "X-GOOD-IDEA")),
    ),
    CommandVector("9051 6.3.1", b"a1 ENABLE CONDSTORE\r\n", "a1", Enable(("CONDSTORE",))),
    CommandVector("9051 6.3.2", b"A143 SELECT Drafts\r\n", "A143", Select("Drafts")),
    CommandVector("9051 6.3.4", b"A005 CREATE NonNormalized\r\n", "A005", Create("NonNormalized")),
    CommandVector("9051 6.3.6", b"1001 RENAME X Y\r\n", "1001", Rename("X", "Y")),
    CommandVector(
        "4466 2.3",
        b"a RENAME X Y (NEW 1 OLD)\r\n",
        "a",
        Rename("X", "Y", (Option("NEW", 1), "OLD")),
    ),
    CommandVector("9051 6.3.6", b"1002 SUBSCRIBE Y\r\n", "1002", Subscribe("Y")),
    CommandVector("9051 6.3.6", b"1003 UNSUBSCRIBE X\r\n", "1003", Unsubscribe("X")),
    CommandVector("9051 6.3.9.8", b'A01 LIST "" "*"\r\n', "A01", List("", ("*",)), canonical=False),
    CommandVector(
        "9051 6.3.9.8",
        b'A02 LIST (SUBSCRIBED) "" "*"\r\n',
        "A02",
        List("", ("*",), selection=("SUBSCRIBED",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'A03 LIST () "" "%" RETURN (CHILDREN)\r\n',
        "A03",
        List("", ("%",), selection=(), returns=("CHILDREN",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'A04 LIST (REMOTE) "" "%" RETURN (CHILDREN)\r\n',
        "A04",
        List("", ("%",), selection=("REMOTE",), returns=("CHILDREN",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'A05 LIST (REMOTE SUBSCRIBED) "" "*"\r\n',
        "A05",
        List("", ("*",), selection=("REMOTE", "SUBSCRIBED")),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'A06 LIST (REMOTE) "" "*" RETURN (SUBSCRIBED)\r\n',
        "A06",
        List("", ("*",), selection=("REMOTE",), returns=("SUBSCRIBED",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'CA3 LIST "" "%" RETURN (CHILDREN)\r\n',
        "CA3",
        List("", ("%",), returns=("CHILDREN",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"\r\n',
        "C04",
        List("", ("%",), selection=("SUBSCRIBED", "RECURSIVEMATCH")),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (CHILDREN)\r\n',
        "C04",
        List("", ("%",), selection=("SUBSCRIBED", "RECURSIVEMATCH"), returns=("CHILDREN",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'D03 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"\r\n',
        "D03",
        List("", ("*2",), selection=("RECURSIVEMATCH", "SUBSCRIBED")),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'D03 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*"\r\n',
        "D03",
        List("", ("*",), selection=("RECURSIVEMATCH", "SUBSCRIBED")),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8", b'a1 LIST "" ("foo")\r\n', "a1", List("", ("foo",)), canonical=False
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'a2 LIST (SUBSCRIBED) "" "foo/*"\r\n',
        "a2",
        List("", ("foo/*",), selection=("SUBSCRIBED",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'a3 LIST (SUBSCRIBED RECURSIVEMATCH) "" foo RETURN (CHILDREN)\r\n',
        "a3",
        List("", ("foo",), selection=("SUBSCRIBED", "RECURSIVEMATCH"), returns=("CHILDREN",)),
    ),
    CommandVector(
        "9051 6.3.9.8", b'a1 LIST (REMOTE) "" *\r\n', "a1", List("", ("*",), selection=("REMOTE",))
    ),
    CommandVector("9051 6.3.9.8", b'a2 LIST () "" %\r\n', "a2", List("", ("%",), selection=())),
    CommandVector(
        "9051 6.3.9.8", b'a3 LIST (REMOTE) "" %\r\n', "a3", List("", ("%",), selection=("REMOTE",))
    ),
    CommandVector(
        "9051 6.3.9.8", b'a3.1 LIST "" (% music/rock)\r\n', "a3.1", List("", ("%", "music/rock"))
    ),
    CommandVector(
        "9051 6.3.9.8",
        b'A01 LIST "" % RETURN (STATUS (MESSAGES UNSEEN))\r\n',
        "A01",
        List("", ("%",), returns=(Option("STATUS", ("MESSAGES", "UNSEEN")),)),
    ),
    CommandVector(
        "9051 6.3.9.8",
        (b'A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (STATUS (MESSAGES))\r\n'),
        "A02",
        List(
            "",
            ("%",),
            selection=("SUBSCRIBED", "RECURSIVEMATCH"),
            returns=(Option("STATUS", ("MESSAGES",)),),
        ),
    ),
    CommandVector("9051 6.3.10", b"A001 NAMESPACE\r\n", "A001", NamespaceCommand()),
    CommandVector(
        "9051 6.3.10", b'A002 CREATE "INBOX.Sent Mail"\r\n', "A002", Create("INBOX.Sent Mail")
    ),
    CommandVector(
        "9051 6.3.10",
        b'A002 LIST (SPECIAL-USE) "" "*"\r\n',
        "A002",
        List("", ("*",), selection=("SPECIAL-USE",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.10",
        b'A003 LIST (SPECIAL-USE) "#mh/" "*"\r\n',
        "A003",
        List("#mh/", ("*",), selection=("SPECIAL-USE",)),
        canonical=False,
    ),
    CommandVector("9051 6.3.10", b'A004 CREATE "Sent Mail"\r\n', "A004", Create("Sent Mail")),
    CommandVector("9051 6.3.10", b'A005 CREATE "Delete Items"\r\n', "A005", Create("Delete Items")),
    CommandVector(
        "9051 6.3.10", b'A006 CREATE "#mh/Deleted Items"\r\n', "A006", Create("#mh/Deleted Items")
    ),
    CommandVector(
        "9051 6.3.10", b'A002 LIST "" "Other Users/%"\r\n', "A002", List("", ("Other Users/%",))
    ),
    CommandVector(
        "9051 6.3.10",
        b'A002 LIST "" "#Users/%"\r\n',
        "A002",
        List("", ("#Users/%",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.10",
        b'A003 LIST "" "#Users/Mike/%"\r\n',
        "A003",
        List("", ("#Users/Mike/%",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.10",
        b'A002 LIST "" "~mark/%"\r\n',
        "A002",
        List("", ("~mark/%",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.3.12", b"A004 COPY 2:4 meeting\r\n", "A004", Copy(_set("2:4"), "meeting")
    ),
    CommandVector(
        "9051 6.3.12",
        b"A005 UID COPY 305:310 meeting\r\n",
        "A005",
        Copy(_set("305:310"), "meeting", uid=True),
    ),
    CommandVector("9051 6.3.12", b"A006 COPY 2 funny\r\n", "A006", Copy(_set("2"), "funny")),
    CommandVector("9051 6.3.12", b"A007 SELECT funny\r\n", "A007", Select("funny")),
    CommandVector("9051 6.3.13", b"A002 IDLE\r\n", "A002", Idle()),
    CommandVector("9051 6.3.13", b"A003 FETCH 4 ALL\r\n", "A003", Fetch(_set("4"), ("ALL",))),
    CommandVector("9051 6.3.13", b"A005 FETCH 3 ALL\r\n", "A005", Fetch(_set("3"), ("ALL",))),
    CommandVector("9051 6.4.2", b"A342 UNSELECT\r\n", "A342", Unselect()),
    CommandVector(
        "9051 6.4.4",
        (b'A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"\r\n'),
        "A282",
        SearchCommand(
            Search.flagged & Search.since(date(1994, 2, 1)) & ~Search.from_("Smith"),
            returns=("MIN", "COUNT"),
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4",
        b'A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"\r\n',
        "A283",
        SearchCommand(
            Search.flagged & Search.since(date(1994, 2, 1)) & ~Search.from_("Smith"), returns=()
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4",
        b"A284 SEARCH RETURN (MIN) UNSEEN\r\n",
        "A284",
        SearchCommand(Search.unseen, returns=("MIN",)),
    ),
    CommandVector(
        "9051 6.4.4",
        b"A285 UID SEARCH RETURN (MIN MAX) 1:5000\r\n",
        "A285",
        SearchCommand(Search.numbers("1:5000"), returns=("MIN", "MAX"), uid=True),
    ),
    CommandVector(
        "9051 6.4.4",
        b"A286 SEARCH RETURN (COUNT) DELETED\r\n",
        "A286",
        SearchCommand(Search.deleted, returns=("COUNT",)),
    ),
    CommandVector(
        "9051 6.4.4.4",
        (b'A282 SEARCH RETURN (SAVE) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"\r\n'),
        "A282",
        SearchCommand(
            Search.flagged & Search.since(date(1994, 2, 1)) & ~Search.from_("Smith"),
            returns=("SAVE",),
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b"A283 FETCH $ (UID INTERNALDATE FLAGS BODY.PEEK[HEADER])\r\n",
        "A283",
        Fetch(_set("$"), ("UID", "INTERNALDATE", "FLAGS", Section.parse("BODY.PEEK[HEADER]"))),
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'A300 SEARCH RETURN (SAVE) SINCE 1-Jan-2004 NOT FROM "Smith"\r\n',
        "A300",
        SearchCommand(Search.since(date(2004, 1, 1)) & ~Search.from_("Smith"), returns=("SAVE",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b"A301 UID SEARCH UID $ SMALLER 4096\r\n",
        "A301",
        SearchCommand(Search.uid("$") & Search.smaller(4096), uid=True),
    ),
    CommandVector(
        "9051 6.4.4.4",
        b"A301 UID SEARCH $ SMALLER 4096\r\n",
        "A301",
        SearchCommand(Search.saved_result & Search.smaller(4096), uid=True),
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'P282 SEARCH RETURN (SAVE) SINCE 1-Feb-1994 NOT FROM "Smith"\r\n',
        "P282",
        SearchCommand(Search.since(date(1994, 2, 1)) & ~Search.from_("Smith"), returns=("SAVE",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'E282 SEARCH RETURN (SAVE) SINCE 28-Oct-2006 NOT FROM "Eric"\r\n',
        "E282",
        SearchCommand(Search.since(date(2006, 10, 28)) & ~Search.from_("Eric"), returns=("SAVE",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'E283 COPY $ "Other Messages"\r\n',
        "E283",
        Copy(_set("$"), "Other Messages"),
    ),
    CommandVector(
        "9051 6.4.4.4",
        b"F282 SEARCH RETURN (SAVE) KEYWORD $Junk\r\n",
        "F282",
        SearchCommand(Search.keyword("$Junk"), returns=("SAVE",)),
    ),
    CommandVector(
        "9051 6.4.4.4", b'F283 COPY $ "Junk"\r\n', "F283", Copy(_set("$"), "Junk"), canonical=False
    ),
    CommandVector(
        "9051 6.4.4.4",
        b"F284 STORE $ +FLAGS.Silent (\\Deleted)\r\n",
        "F284",
        Store(_set("$"), "+FLAGS", (r"\Deleted",), silent=True),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'G283 SEARCH RETURN (ALL) SINCE 28-Oct-2006 FROM "Eric"\r\n',
        "G283",
        SearchCommand(Search.since(date(2006, 10, 28)) & Search.from_("Eric"), returns=("ALL",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'H283 SEARCH RETURN (SAVE) SINCE 28-Oct-2006 FROM "Eric"\r\n',
        "H283",
        SearchCommand(Search.since(date(2006, 10, 28)) & Search.from_("Eric"), returns=("SAVE",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'C282 SEARCH RETURN (ALL) SINCE 12-Feb-2006 NOT FROM "Smith"\r\n',
        "C282",
        SearchCommand(Search.since(date(2006, 2, 12)) & ~Search.from_("Smith"), returns=("ALL",)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'C283 SEARCH RETURN (ALL SAVE) SINCE 12-Feb-2006 NOT FROM "Smith"\r\n',
        "C283",
        SearchCommand(
            Search.since(date(2006, 2, 12)) & ~Search.from_("Smith"), returns=("ALL", "SAVE")
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        b'C284 SEARCH RETURN (SAVE MIN) SINCE 12-Feb-2006 NOT FROM "Smith"\r\n',
        "C284",
        SearchCommand(
            Search.since(date(2006, 2, 12)) & ~Search.from_("Smith"), returns=("SAVE", "MIN")
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        (b'C285 SEARCH RETURN (MAX SAVE MIN) SINCE 12-Feb-2006 NOT FROM "Smith"\r\n'),
        "C285",
        SearchCommand(
            Search.since(date(2006, 2, 12)) & ~Search.from_("Smith"), returns=("MAX", "SAVE", "MIN")
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        (b'C286 SEARCH RETURN (MAX SAVE MIN COUNT) SINCE 12-Feb-2006 NOT FROM "Smith"\r\n'),
        "C286",
        SearchCommand(
            Search.since(date(2006, 2, 12)) & ~Search.from_("Smith"),
            returns=("MAX", "SAVE", "MIN", "COUNT"),
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4",
        (b'C286 SEARCH RETURN (ALL SAVE MIN) SINCE 12-Feb-2006 NOT FROM "Smith"\r\n'),
        "C286",
        SearchCommand(
            Search.since(date(2006, 2, 12)) & ~Search.from_("Smith"), returns=("ALL", "SAVE", "MIN")
        ),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.8", b"a UID MOVE 42:69 foo\r\n", "a", Move(_set("42:69"), "foo", uid=True)
    ),
    CommandVector(
        "9051 6.4.9", b"A003 UID EXPUNGE 3000:3002\r\n", "A003", UidExpunge(_set("3000:3002"))
    ),
    CommandVector("9051 7.1", b"o356 RENAME this that\r\n", "o356", Rename("this", "that")),
    CommandVector(
        "9051 7.1", b'b LOGIN "fred" "foo"\r\n', "b", Login("fred", "foo"), canonical=False
    ),
    CommandVector("9051 7.1", b'l create "///////"\r\n', "l", Create("///////"), canonical=False),
    CommandVector(
        "9051 7.1",
        b'k1 select "/archive/projects/experiment-iv"\r\n',
        "k1",
        Select("/archive/projects/experiment-iv"),
        canonical=False,
    ),
    CommandVector(
        "9051 7.1",
        b'k2 status "/archive/projects/experiment-iv" (messages)\r\n',
        "k2",
        Status("/archive/projects/experiment-iv", ("MESSAGES",)),
        canonical=False,
    ),
    CommandVector(
        "9051 7.1", b'e login "fred" "foo"\r\n', "e", Login("fred", "foo"), canonical=False
    ),
    CommandVector(
        "9051 7.1",
        b"h search from maria@example.com\r\n",
        "h",
        SearchCommand(Search.from_("maria@example.com")),
        canonical=False,
    ),
    CommandVector("9051 7.1", b"m356 DELETE Notes\r\n", "m356", Delete("Notes")),
    CommandVector(
        "9051 7.1",
        b'g delete "/archive/projects/experiment-iv"\r\n',
        "g",
        Delete("/archive/projects/experiment-iv"),
        canonical=False,
    ),
    CommandVector(
        "9051 7.1",
        b"m STORE 42 FLAGS f1 f2 f3 f4 f5 ... f250\r\n",
        "m",
        Store(_set("42"), "FLAGS", ("f1", "f2", "f3", "f4", "f5", "...", "f250")),
        canonical=False,
    ),
    CommandVector(
        "9051 7.1",
        b"n1 uid copy 1:* oldmail\r\n",
        "n1",
        Copy(_set("1:*"), "oldmail", uid=True),
        canonical=False,
    ),
    CommandVector("9051 7.1", b"d select inbox\r\n", "d", Select("INBOX"), canonical=False),
    CommandVector("9051 8", b"a000 starttls\r\n", "a000", StartTls(), canonical=False),
    CommandVector(
        "9051 8",
        (b"A001 AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\r\n"),
        "A001",
        Authenticate("SCRAM-SHA-256", b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"),
    ),
    CommandVector("9051 8", b"babc ENABLE IMAP4rev2\r\n", "babc", Enable(("IMAP4rev2",))),
    CommandVector(
        "9051 8", b"a003 fetch 12 full\r\n", "a003", Fetch(_set("12"), ("FULL",)), canonical=False
    ),
    CommandVector(
        "9051 8",
        b"a004 fetch 12 body[header]\r\n",
        "a004",
        Fetch(_set("12"), (Section.parse("BODY[HEADER]"),)),
        canonical=False,
    ),
    CommandVector(
        "9051 8",
        b"a005 store 12 +flags \\deleted\r\n",
        "a005",
        Store(_set("12"), "+FLAGS", (r"\Deleted",)),
        canonical=False,
    ),
    CommandVector("9051 8", b"a006 logout\r\n", "a006", Logout(), canonical=False),
    CommandVector(
        "2193 4.1", b'A001 DELETE "SHARED/FOO"\r\n', "A001", Delete("SHARED/FOO"), canonical=False
    ),
    CommandVector(
        "2193 4.1", b"B001 AUTHENTICATE KERBEROS_V4\r\n", "B001", Authenticate("KERBEROS_V4")
    ),
    CommandVector("2193 4.1", b"A001 SELECT REMOTE\r\n", "A001", Select("REMOTE")),
    CommandVector(
        "2193 4.1",
        b"B003 FETCH 10:12 RFC822\r\n",
        "B003",
        Fetch(_set("10:12"), ("RFC822",)),
        canonical=False,
    ),
    CommandVector(
        "2193 4.2", b'A001 CREATE "SHARED/FOO"\r\n', "A001", Create("SHARED/FOO"), canonical=False
    ),
    CommandVector(
        "2193 4.2", b'A002 SELECT "SHARED/FOO"\r\n', "A002", Select("SHARED/FOO"), canonical=False
    ),
    CommandVector("2193 4.3", b"A001 RENAME FOO BAR\r\n", "A001", Rename("FOO", "BAR")),
    CommandVector(
        "2193 4.4",
        b'A001 COPY 1 "SHARED/STUFF"\r\n',
        "A001",
        Copy(_set("1"), "SHARED/STUFF"),
        canonical=False,
    ),
    CommandVector("2221 4.1", b"A001 LOGIN MIKE PASSWORD\r\n", "A001", Login("MIKE", "PASSWORD")),
    CommandVector(
        "2221 4.1", b"A001 LOGIN MATTHEW PASSWORD\r\n", "A001", Login("MATTHEW", "PASSWORD")
    ),
    CommandVector(
        "2971 3.1",
        (b'a023 ID ("name" "sodr" "version" "19.34" "vendor" "Pink Floyd Music Limited")\r\n'),
        "a023",
        Id({"name": "sodr", "version": "19.34", "vendor": "Pink Floyd Music Limited"}),
    ),
    CommandVector("2971 3.2", b"a042 ID NIL\r\n", "a042", Id()),
    CommandVector(
        "4314 2.1.1",
        b"A001 SeTacl INBOX/Drafts David lrswida\r\n",
        "A001",
        SetAcl("INBOX/Drafts", "David", "lrswida"),
        canonical=False,
    ),
    CommandVector(
        "4314 2.1.1",
        b"A002 getacl INBOX/Drafts\r\n",
        "A002",
        GetAcl("INBOX/Drafts"),
        canonical=False,
    ),
    CommandVector(
        "4314 2.1.1",
        b"A003 Setacl INBOX/Drafts Byron lrswikda\r\n",
        "A003",
        SetAcl("INBOX/Drafts", "Byron", "lrswikda"),
        canonical=False,
    ),
    CommandVector(
        "4314 2.1.1",
        b"A002 getAcl INBOX/Drafts\r\n",
        "A002",
        GetAcl("INBOX/Drafts"),
        canonical=False,
    ),
    CommandVector("4314 3.1", b"A001 GETACL INBOX/Drafts\r\n", "A001", GetAcl("INBOX/Drafts")),
    CommandVector(
        "4314 3.1",
        b"A002 SETACL INBOX/Drafts Chris +cda\r\n",
        "A002",
        SetAcl("INBOX/Drafts", "Chris", "+cda"),
    ),
    CommandVector(
        "4314 3.1",
        b"A035 SETACL INBOX/Drafts John lrQswicda\r\n",
        "A035",
        SetAcl("INBOX/Drafts", "John", "lrQswicda"),
    ),
    CommandVector(
        "4314 3.1",
        b"A036 SETACL INBOX/Drafts John lrqswicda\r\n",
        "A036",
        SetAcl("INBOX/Drafts", "John", "lrqswicda"),
    ),
    CommandVector("4314 3.2", b"B001 getacl INBOX\r\n", "B001", GetAcl("INBOX"), canonical=False),
    CommandVector(
        "4314 3.2",
        b"B002 DeleteAcl INBOX Fred\r\n",
        "B002",
        DeleteAcl("INBOX", "Fred"),
        canonical=False,
    ),
    CommandVector("4314 3.2", b"B003 GETACL INBOX\r\n", "B003", GetAcl("INBOX")),
    CommandVector(
        "4314 3.4",
        b"a001 LISTRIGHTS ~/Mail/saved smith\r\n",
        "a001",
        ListRights("~/Mail/saved", "smith"),
    ),
    CommandVector(
        "4314 3.4",
        b"a005 listrights archive/imap anyone\r\n",
        "a005",
        ListRights("archive/imap", "anyone"),
        canonical=False,
    ),
    CommandVector("4314 3.5", b"A003 MYRIGHTS INBOX\r\n", "A003", MyRights("INBOX")),
    CommandVector("4314 4", b"A003 MYRIGHTS TargetMailbox\r\n", "A003", MyRights("TargetMailbox")),
    CommandVector("4314 4", b"A004 FETCH 1:3 (FLAGS)\r\n", "A004", Fetch(_set("1:3"), ("FLAGS",))),
    CommandVector(
        "4314 4", b"A005 COPY 1:3 TargetMailbox\r\n", "A005", Copy(_set("1:3"), "TargetMailbox")
    ),
    CommandVector(
        "4314 4", b"A007 FETCH 77:79 (FLAGS)\r\n", "A007", Fetch(_set("77:79"), ("FLAGS",))
    ),
    CommandVector("4314 5.1.1", b"1 capability\r\n", "1", Capability(), canonical=False),
    CommandVector("4467 7", b"a31 RESETKEY\r\n", "a31", ResetKey()),
    CommandVector("4467 7", b"a32 RESETKEY INBOX\r\n", "a32", ResetKey("INBOX")),
    CommandVector(
        "4467 7", b"a33 RESETKEY INBOX XSAMPLE\r\n", "a33", ResetKey("INBOX", ("XSAMPLE",))
    ),
    CommandVector(
        "4467 7",
        (b'a775 GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1.2" INTERNAL\r\n'),
        "a775",
        GenUrlAuth((("imap://joe@example.com/INBOX/;uid=20/;section=1.2", "INTERNAL"),)),
        canonical=False,
    ),
    CommandVector(
        "4467 7",
        (
            b'a776 GENURLAUTH "imap://example.com/Shared/;uid=20/;section=1.2;urla'
            b'uth=submit+fred" INTERNAL\r\n'
        ),
        "a776",
        GenUrlAuth(
            (("imap://example.com/Shared/;uid=20/;section=1.2;urlauth=submit+fred", "INTERNAL"),)
        ),
        canonical=False,
    ),
    CommandVector(
        "4467 7",
        (
            b'a777 GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;u'
            b'rlauth=submit+fred" INTERNAL\r\n'
        ),
        "a777",
        GenUrlAuth(
            (
                (
                    ("imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred"),
                    "INTERNAL",
                ),
            )
        ),
        canonical=False,
    ),
    CommandVector(
        "4467 7", b"a001 LOGIN submitserver secret\r\n", "a001", Login("submitserver", "secret")
    ),
    CommandVector(
        "4467 7",
        (
            b'a002 URLFETCH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;url'
            b'auth=submit+fred:internal:91354a473744909de610943775f92038"\r\n'
        ),
        "a002",
        UrlFetch(
            (
                UrlRequest(
                    (
                        "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fre"
                        "d:internal:91354a473744909de610943775f92038"
                    )
                ),
            )
        ),
        canonical=False,
    ),
    CommandVector(
        "4731 3.2",
        b'a1 SEARCH RETURN (MIN) MODSEQ "/flags/\\\\draft" all 620162338\r\n',
        "a1",
        SearchCommand(Search.modseq(620162338, r"/flags/\draft", "all"), returns=("MIN",)),
    ),
    CommandVector(
        "4731 3.2",
        b'a2 SEARCH RETURN (MAX) MODSEQ "/flags/\\\\draft" all 620162338\r\n',
        "a2",
        SearchCommand(Search.modseq(620162338, r"/flags/\draft", "all"), returns=("MAX",)),
    ),
    CommandVector(
        "4731 3.2",
        b'a3 SEARCH RETURN (MIN MAX) MODSEQ "/flags/\\\\draft" all 620162338\r\n',
        "a3",
        SearchCommand(Search.modseq(620162338, r"/flags/\draft", "all"), returns=("MIN", "MAX")),
    ),
    CommandVector(
        "4731 3.2",
        b'a4 SEARCH RETURN (MIN COUNT) MODSEQ "/flags/\\\\draft" all 620162338\r\n',
        "a4",
        SearchCommand(Search.modseq(620162338, r"/flags/\draft", "all"), returns=("MIN", "COUNT")),
    ),
    CommandVector("4978 3", b"b login arnt tnra\r\n", "b", Login("arnt", "tnra"), canonical=False),
    CommandVector("4978 3", b"c compress deflate\r\n", "c", Compress(), canonical=False),
    CommandVector(
        "5032 4",
        b"a1 SEARCH UNSEEN YOUNGER 259200\r\n",
        "a1",
        SearchCommand(Search.unseen & Search.younger(259200)),
    ),
    CommandVector(
        "5182 2",
        b"A283 FETCH $ (UID INTERNALDATE FLAGS RFC822.HEADER)\r\n",
        "A283",
        Fetch(_set("$"), ("UID", "INTERNALDATE", "FLAGS", "RFC822.HEADER")),
    ),
    CommandVector("5255 3.2", b"A001 LOGIN KAREN PASSWORD\r\n", "A001", Login("KAREN", "PASSWORD")),
    CommandVector("5255 3.2", b"A002 LANGUAGE MUL\r\n", "A002", Language(("MUL",))),
    CommandVector("5255 3.2", b"A003 LANGUAGE\r\n", "A003", Language()),
    CommandVector("5255 3.2", b"C001 LANGUAGE DE\r\n", "C001", Language(("DE",))),
    CommandVector("5255 3.2", b"D001 LANGUAGE FR\r\n", "D001", Language(("FR",))),
    CommandVector("5255 3.2", b"D002 LANGUAGE DE-IT\r\n", "D002", Language(("DE-IT",))),
    CommandVector(
        "5255 3.2", b'D003 LANGUAGE "default"\r\n', "D003", Language(("default",)), canonical=False
    ),
    CommandVector(
        "5255 3.2", b"E001 LANGUAGE FR-CA EN-CA\r\n", "E001", Language(("FR-CA", "EN-CA"))
    ),
    CommandVector(
        "5255 4.7", b'A001 COMPARATOR "cz;*" i;basic\r\n', "A001", Comparator(("cz;*", "i;basic"))
    ),
    CommandVector(
        "5256 3",
        b"A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994\r\n",
        "A282",
        Sort((SortKey("SUBJECT"),), Search.since(date(1994, 2, 1)), charset="UTF-8"),
    ),
    CommandVector(
        "5256 3",
        b"A283 SORT (SUBJECT REVERSE DATE) UTF-8 ALL\r\n",
        "A283",
        Sort((SortKey("SUBJECT"), SortKey("DATE", True)), Search.all, charset="UTF-8"),
    ),
    CommandVector(
        "5256 3",
        b'A284 SORT (SUBJECT) US-ASCII TEXT "not in mailbox"\r\n',
        "A284",
        Sort((SortKey("SUBJECT"),), Search.text("not in mailbox")),
    ),
    CommandVector(
        "5256 3",
        b"A283 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000\r\n",
        "A283",
        ThreadCommand("ORDEREDSUBJECT", Search.since(date(2000, 3, 5)), charset="UTF-8"),
        canonical=False,
    ),
    CommandVector(
        "5256 3",
        b'A284 THREAD ORDEREDSUBJECT US-ASCII TEXT "gewp"\r\n',
        "A284",
        ThreadCommand("ORDEREDSUBJECT", Search.text("gewp")),
        canonical=False,
    ),
    CommandVector(
        "5256 3",
        b"A285 THREAD REFERENCES UTF-8 SINCE 5-MAR-2000\r\n",
        "A285",
        ThreadCommand("REFERENCES", Search.since(date(2000, 3, 5)), charset="UTF-8"),
        canonical=False,
    ),
    CommandVector(
        "5257 4.2", b"a SELECT INBOX (ANNOTATE)\r\n", "a", Select("INBOX", ("ANNOTATE",))
    ),
    CommandVector(
        "5257 4.3",
        b"a FETCH 1 (ANNOTATION (/comment value))\r\n",
        "a",
        Fetch(_set("1"), (Option("ANNOTATION", (("/comment",), ("value",))),)),
    ),
    CommandVector(
        "5257 4.3",
        b"a UID FETCH 1123 (UID ANNOTATION (/* (value.priv size.priv)))\r\n",
        "a",
        Fetch(
            _set("1123"),
            ("UID", Option("ANNOTATION", (("/*",), ("value.priv", "size.priv")))),
            uid=True,
        ),
        canonical=False,
    ),
    CommandVector(
        "5257 4.3",
        b"a FETCH 1 (ANNOTATION (/% value.shared))\r\n",
        "a",
        Fetch(_set("1"), (Option("ANNOTATION", (("/%",), ("value.shared",))),)),
        canonical=False,
    ),
    CommandVector(
        "5257 4.3",
        b"a FETCH 1 (ANNOTATION ((/comment /altsubject) value.priv))\r\n",
        "a",
        Fetch(_set("1"), (Option("ANNOTATION", (("/comment", "/altsubject"), ("value.priv",))),)),
    ),
    CommandVector(
        "5257 4.4",
        b"a FETCH 1 (ANNOTATION ((/comment /altsubject) value))\r\n",
        "a",
        Fetch(_set("1"), (Option("ANNOTATION", (("/comment", "/altsubject"), ("value",))),)),
    ),
    CommandVector(
        "5257 4.4",
        b"a FETCH 1 (ANNOTATION (/comment (value size)))\r\n",
        "a",
        Fetch(_set("1"), (Option("ANNOTATION", (("/comment",), ("value", "size"))),)),
    ),
    CommandVector(
        "5257 4.4", b"a STORE 1 +FLAGS (\\Seen)\r\n", "a", Store(_set("1"), "+FLAGS", (r"\Seen",))
    ),
    CommandVector(
        "5257 4.5",
        b'a STORE 1 ANNOTATION (/comment (value.priv "My new comment"))\r\n',
        "a",
        Store(
            _set("1"),
            "ANNOTATION",
            (AnnotationEntry("/comment", (("value.priv", b"My new comment"),)),),
        ),
    ),
    CommandVector(
        "5257 4.5",
        b"a STORE 1 ANNOTATION (/comment (value.shared NIL))\r\n",
        "a",
        Store(_set("1"), "ANNOTATION", (AnnotationEntry("/comment", (("value.shared", None),)),)),
    ),
    CommandVector(
        "5257 4.5",
        (
            b'a STORE 1 ANNOTATION (/comment (value.priv "Get tix Tuesday") /altsu'
            b'bject (value.priv "Wots On"))\r\n'
        ),
        "a",
        Store(
            _set("1"),
            "ANNOTATION",
            (
                AnnotationEntry("/comment", (("value.priv", b"Get tix Tuesday"),)),
                AnnotationEntry("/altsubject", (("value.priv", b"Wots On"),)),
            ),
        ),
    ),
    CommandVector(
        "5257 4.5",
        (
            b'a STORE 1 ANNOTATION (/comment (value.priv "My new comment" value.sh'
            b'ared "foo\'s bar"))\r\n'
        ),
        "a",
        Store(
            _set("1"),
            "ANNOTATION",
            (
                AnnotationEntry(
                    "/comment", (("value.priv", b"My new comment"), ("value.shared", b"foo's bar"))
                ),
            ),
        ),
    ),
    CommandVector(
        "5257 4.8",
        b'a SEARCH ANNOTATION /comment value "IMAP4"\r\n',
        "a",
        SearchCommand(Search.annotation("/comment", "value", "IMAP4")),
    ),
    CommandVector(
        "5257 4.8",
        b'a SEARCH ANNOTATION * value.priv "IMAP4"\r\n',
        "a",
        SearchCommand(Search.annotation("*", "value.priv", "IMAP4")),
        canonical=False,
    ),
    CommandVector(
        "5257 4.9",
        b"a SORT (ANNOTATION /altsubject value.shared) UTF-8 ALL\r\n",
        "a",
        Sort(
            (SortKey("ANNOTATION", annotation=("/altsubject", "value.shared")),),
            Search.all,
            charset="UTF-8",
        ),
    ),
    CommandVector(
        "5258 5",
        b'BBB LIST "" ("INBOX" "Drafts" "Sent/%")\r\n',
        "BBB",
        List("", ("INBOX", "Drafts", "Sent/%")),
        canonical=False,
    ),
    CommandVector(
        "5258 5",
        b'a1 LIST "" ("foo" "foo/*")\r\n',
        "a1",
        List("", ("foo", "foo/*")),
        canonical=False,
    ),
    CommandVector(
        "5259 5.1",
        b'a CONVERSIONS "image/gif" "image/jpeg"\r\n',
        "a",
        Conversions("image/gif", "image/jpeg"),
    ),
    CommandVector(
        "5259 5.1", b'b CONVERSIONS "image/gif" "*"\r\n', "b", Conversions("image/gif", "*")
    ),
    CommandVector(
        "5259 5.1", b'c CONVERSIONS "*" "image/jpeg"\r\n', "c", Conversions("*", "image/jpeg")
    ),
    CommandVector(
        "5259 5.1", b'd CONVERSIONS "image/*" "text/*"\r\n', "d", Conversions("image/*", "text/*")
    ),
    CommandVector(
        "5259 6",
        b'a001 CONVERT 2 ("APPLICATION/PDF") BINARY[3]\r\n',
        "a001",
        Convert(_set("2"), Conversion("APPLICATION/PDF"), (Section.parse("BINARY[3]"),)),
    ),
    CommandVector(
        "5259 6",
        b'b001 CONVERT 2 ("text/plain" ("charset" "us-ascii")) BINARY[3]\r\n',
        "b001",
        Convert(
            _set("2"),
            Conversion("text/plain", (("charset", "us-ascii"),)),
            (Section.parse("BINARY[3]"),),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 6",
        (
            b'b001 CONVERT 2 ("text/plain" ("charset" "us-ascii" "unknown-characte'
            b'r-replacement" "?")) BINARY[3]\r\n'
        ),
        "b001",
        Convert(
            _set("2"),
            Conversion(
                "text/plain", (("charset", "us-ascii"), ("unknown-character-replacement", "?"))
            ),
            (Section.parse("BINARY[3]"),),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 6",
        (b'c000 CONVERT 2 ("TEXT/PLAIN" ("CHARSET" "us-ascii")) BINARY.SIZE[4]\r\n'),
        "c000",
        Convert(
            _set("2"),
            Conversion("TEXT/PLAIN", (("CHARSET", "us-ascii"),)),
            (Section.parse("BINARY.SIZE[4]"),),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 6",
        (b'c001 CONVERT 2 ("TEXT/PLAIN" ("CHARSET" "us-ascii")) BINARY[4]<2001.1000>\r\n'),
        "c001",
        Convert(
            _set("2"),
            Conversion("TEXT/PLAIN", (("CHARSET", "us-ascii"),)),
            (Section.parse("BINARY[4]<2001.1000>"),),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 6",
        b"D001 FETCH 2 BODY[HEADER]\r\n",
        "D001",
        Fetch(_set("2"), (Section.parse("BODY[HEADER]"),)),
        canonical=False,
    ),
    CommandVector(
        "5259 6",
        b'D002 CONVERT 2 (NIL ("CHARSET" "utf-8")) BODY[HEADER]\r\n',
        "D002",
        Convert(
            _set("2"), Conversion(None, (("CHARSET", "utf-8"),)), (Section.parse("BODY[HEADER]"),)
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 6",
        b"D011 FETCH 3 BODY[1.MIME]\r\n",
        "D011",
        Fetch(_set("3"), (Section.parse("BODY[1.MIME]"),)),
        canonical=False,
    ),
    CommandVector(
        "5259 6",
        b"D012 CONVERT 3 (NIL) BODY[1.MIME]\r\n",
        "D012",
        Convert(_set("3"), Conversion(None), (Section.parse("BODY[1.MIME]"),)),
    ),
    CommandVector(
        "5259 7",
        (b'e001 UID CONVERT 100 ("IMAGE/JPEG" ("PIX-X" "128" "PIX-Y" "96")) BINARY[2]\r\n'),
        "e001",
        Convert(
            _set("100"),
            Conversion("IMAGE/JPEG", (("PIX-X", "128"), ("PIX-Y", "96"))),
            (Section.parse("BINARY[2]"),),
            uid=True,
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 8.2",
        (b'e002 CONVERT 2 (NIL ("PIX-X" "128" "PIX-Y" "96")) (BINARY[2] BODYPARTSTRUCTURE[2])\r\n'),
        "e002",
        Convert(
            _set("2"),
            Conversion(None, (("PIX-X", "128"), ("PIX-Y", "96"))),
            (Section.parse("BINARY[2]"), Section.parse("BODYPARTSTRUCTURE[2]")),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 8.4",
        b"f001 CONVERT 2 (NIL) (AVAILABLECONVERSIONS[2])\r\n",
        "f001",
        Convert(_set("2"), Conversion(None), (Section.parse("AVAILABLECONVERSIONS[2]"),)),
        canonical=False,
    ),
    CommandVector(
        "5259 8.5",
        b'g001 CONVERT 1:* ("text/plain" ("charset" "us-ascii")) BINARY[3]\r\n',
        "g001",
        Convert(
            _set("1:*"),
            Conversion("text/plain", (("charset", "us-ascii"),)),
            (Section.parse("BINARY[3]"),),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 8.5",
        (b'h001 CONVERT 1 ("text/plain" ("charset" "us-ascii")) (BINARY[1] BINARY[2])\r\n'),
        "h001",
        Convert(
            _set("1"),
            Conversion("text/plain", (("charset", "us-ascii"),)),
            (Section.parse("BINARY[1]"), Section.parse("BINARY[2]")),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 9",
        (
            b'b002 CONVERT 2 ("text/plain" ("charset" "us-ascii")) (BINARY[3] BODY'
            b"PARTSTRUCTURE[3])\r\n"
        ),
        "b002",
        Convert(
            _set("2"),
            Conversion("text/plain", (("charset", "us-ascii"),)),
            (Section.parse("BINARY[3]"), Section.parse("BODYPARTSTRUCTURE[3]")),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 9",
        (
            b'b002 CONVERT 2 ("text/plain" ("charset" "us-ascii")) (BINARY[3] BODY'
            b"PARTSTRUCTURE[3] BINARY[4] BODYPARTSTRUCTURE[4])\r\n"
        ),
        "b002",
        Convert(
            _set("2"),
            Conversion("text/plain", (("charset", "us-ascii"),)),
            (
                Section.parse("BINARY[3]"),
                Section.parse("BODYPARTSTRUCTURE[3]"),
                Section.parse("BINARY[4]"),
                Section.parse("BODYPARTSTRUCTURE[4]"),
            ),
        ),
        canonical=False,
    ),
    CommandVector(
        "5259 9",
        b'b003 CONVERT 2 ("TEXT/PLAIN") BINARY[3]\r\n',
        "b003",
        Convert(_set("2"), Conversion("TEXT/PLAIN"), (Section.parse("BINARY[3]"),)),
    ),
    CommandVector(
        "5259 9",
        (
            b'b005 CONVERT 2 ("TEXT/PLAIN" (CHARSET "US-ASCII" UNKNOWN-CHARACTER-R'
            b'EPLACEMENT "<badchar>")) BINARY[3]\r\n'
        ),
        "b005",
        Convert(
            _set("2"),
            Conversion(
                "TEXT/PLAIN",
                (("CHARSET", "US-ASCII"), ("UNKNOWN-CHARACTER-REPLACEMENT", "<badchar>")),
            ),
            (Section.parse("BINARY[3]"),),
        ),
        canonical=False,
    ),
    CommandVector(
        "5267 3.3",
        (b"E01 UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED UNKEYWORD $Junk\r\n"),
        "E01",
        Sort(
            (SortKey("DATE", True),),
            Search.undeleted & Search.unkeyword("$Junk"),
            returns=(),
            charset="UTF-8",
            uid=True,
        ),
    ),
    CommandVector(
        "5267 4.2",
        b"A01 SEARCH RETURN (CONTEXT COUNT) UNDELETED UNKEYWORD $Junk\r\n",
        "A01",
        SearchCommand(Search.undeleted & Search.unkeyword("$Junk"), returns=("CONTEXT", "COUNT")),
    ),
    CommandVector(
        "5267 4.3",
        b"B01 UID SEARCH RETURN (UPDATE COUNT) DELETED KEYWORD $Junk\r\n",
        "B01",
        SearchCommand(
            Search.deleted & Search.keyword("$Junk"), returns=("UPDATE", "COUNT"), uid=True
        ),
    ),
    CommandVector("5267 4.3.5", b'B04 CANCELUPDATE "B01"\r\n', "B04", CancelUpdate(("B01",))),
    CommandVector(
        "5267 4.4",
        (b"A02 UID SEARCH RETURN (PARTIAL 23500:24000) UNDELETED UNKEYWORD $Junk\r\n"),
        "A02",
        SearchCommand(
            Search.undeleted & Search.unkeyword("$Junk"),
            returns=(Option("PARTIAL", (23500, 24000)),),
            uid=True,
        ),
    ),
    CommandVector(
        "5267 4.4",
        b"A03 UID SEARCH RETURN (PARTIAL 1:500) UNDELETED UNKEYWORD $Junk\r\n",
        "A03",
        SearchCommand(
            Search.undeleted & Search.unkeyword("$Junk"),
            returns=(Option("PARTIAL", (1, 500)),),
            uid=True,
        ),
    ),
    CommandVector(
        "5267 4.4",
        (b"A04 UID SEARCH RETURN (PARTIAL 24000:24500) UNDELETED UNKEYWORD $Junk\r\n"),
        "A04",
        SearchCommand(
            Search.undeleted & Search.unkeyword("$Junk"),
            returns=(Option("PARTIAL", (24000, 24500)),),
            uid=True,
        ),
    ),
    CommandVector(
        "5464 4.2",
        b'a GETMETADATA "" /shared/comment\r\n',
        "a",
        GetMetadata("", ("/shared/comment",)),
    ),
    CommandVector(
        "5464 4.2",
        b'a GETMETADATA "INBOX" /private/comment\r\n',
        "a",
        GetMetadata("INBOX", ("/private/comment",)),
        canonical=False,
    ),
    CommandVector(
        "5464 4.2",
        b'a GETMETADATA "INBOX" (/shared/comment /private/comment)\r\n',
        "a",
        GetMetadata("INBOX", ("/shared/comment", "/private/comment")),
        canonical=False,
    ),
    CommandVector(
        "5464 4.2.1",
        (b'a GETMETADATA "INBOX" (MAXSIZE 1024) (/shared/comment /private/comment)\r\n'),
        "a",
        GetMetadata("INBOX", ("/shared/comment", "/private/comment"), (Option("MAXSIZE", 1024),)),
        defects=1,
    ),
    CommandVector(
        "5464 4.2.2",
        b'a GETMETADATA "INBOX" (DEPTH 1) (/private/filters/values)\r\n',
        "a",
        GetMetadata("INBOX", ("/private/filters/values",), (Option("DEPTH", "1"),)),
        defects=1,
    ),
    CommandVector(
        "5464 4.3",
        b"a SETMETADATA INBOX (/private/comment NIL)\r\n",
        "a",
        SetMetadata("INBOX", {"/private/comment": None}),
    ),
    CommandVector(
        "5464 4.3",
        (
            b'a SETMETADATA INBOX (/private/comment "My new comment" /shared/comme'
            b'nt "This one is for you!")\r\n'
        ),
        "a",
        SetMetadata(
            "INBOX",
            {"/private/comment": b"My new comment", "/shared/comment": b"This one is for you!"},
        ),
    ),
    CommandVector(
        "5464 4.3",
        b'a SETMETADATA INBOX (/private/comment "My new comment")\r\n',
        "a",
        SetMetadata("INBOX", {"/private/comment": b"My new comment"}),
    ),
    CommandVector(
        "5464 4.4.1",
        b'a GETMETADATA "INBOX" /private/comment /shared/comment\r\n',
        "a",
        GetMetadata("INBOX", ("/private/comment", "/shared/comment")),
        defects=1,
    ),
    CommandVector(
        "5465 3.1", b"a login bob alice\r\n", "a", Login("bob", "alice"), canonical=False
    ),
    CommandVector(
        "5465 3.1",
        (
            b"b notify set status (selected MessageNew (uid body.peek[header.field"
            b"s (from to subject)]) MessageExpunge) (subtree Lists MessageNew)\r\n"
        ),
        "b",
        Notify(
            (
                EventGroup(
                    MailboxFilter("SELECTED"),
                    (
                        Option(
                            "MessageNew",
                            ("UID", Section.parse("BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT)]")),
                        ),
                        "MessageExpunge",
                    ),
                ),
                EventGroup(MailboxFilter("SUBTREE", ("Lists",)), ("MessageNew",)),
            ),
            True,
        ),
        defects=2,
    ),
    CommandVector(
        "5465 3.1",
        b"d STATUS misc (UIDVALIDITY UIDNEXT MESSAGES)\r\n",
        "d",
        Status("misc", ("UIDVALIDITY", "UIDNEXT", "MESSAGES")),
    ),
    CommandVector(
        "5465 3.1",
        (
            b"e notify set (selected MessageNew (uid body.peek[header.fields (from"
            b" to subject)]) MessageExpunge) (subtree Lists MessageNew) (mailboxes"
            b" misc MessageNew)\r\n"
        ),
        "e",
        Notify(
            (
                EventGroup(
                    MailboxFilter("SELECTED"),
                    (
                        Option(
                            "MessageNew",
                            ("UID", Section.parse("BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT)]")),
                        ),
                        "MessageExpunge",
                    ),
                ),
                EventGroup(MailboxFilter("SUBTREE", ("Lists",)), ("MessageNew",)),
                EventGroup(MailboxFilter("MAILBOXES", ("misc",)), ("MessageNew",)),
            )
        ),
        defects=3,
    ),
    CommandVector(
        "5465 6",
        (
            b"a notify set (mailboxes INBOX (Messagenew messageExpunge)) (personal"
            b" (SubscriptionChange))\r\n"
        ),
        "a",
        Notify(
            (
                EventGroup(
                    MailboxFilter("MAILBOXES", ("INBOX",)), ("MessageNew", "MessageExpunge")
                ),
                EventGroup(MailboxFilter("PERSONAL"), ("SubscriptionChange",)),
            )
        ),
        canonical=False,
    ),
    CommandVector(
        "5465 6",
        (
            b"a notify set (selected (Messagenew (uid flags) messageExpunge)) (per"
            b"sonal (MessageNew FlagChange MessageExpunge))\r\n"
        ),
        "a",
        Notify(
            (
                EventGroup(
                    MailboxFilter("SELECTED"),
                    (Option("MessageNew", ("UID", "FLAGS")), "MessageExpunge"),
                ),
                EventGroup(
                    MailboxFilter("PERSONAL"), ("MessageNew", "FlagChange", "MessageExpunge")
                ),
            )
        ),
        canonical=False,
    ),
    CommandVector(
        "5465 7",
        (
            b"a00 SEARCH RETURN (COUNT UPDATE (UID BODY[HEADER.FIELDS (TO FROM SUB"
            b'JECT)])) FROM "boss"\r\n'
        ),
        "a00",
        SearchCommand(
            Search.from_("boss"),
            returns=(
                "COUNT",
                Option("UPDATE", ("UID", Section.parse("BODY[HEADER.FIELDS (TO FROM SUBJECT)]"))),
            ),
        ),
        canonical=False,
    ),
    CommandVector(
        "5466 3.1",
        b'a SEARCH UID 300:900 FILTER on-the-road SINCE "3-Dec-2002"\r\n',
        "a",
        SearchCommand(
            Search.uid("300:900") & Search.filter("on-the-road") & Search.since(date(2002, 12, 3))
        ),
        canonical=False,
    ),
    CommandVector(
        "5466 3.1",
        b'a SEARCH UID 300:900 OR SMALLER 5000 FROM "boss@example.com"\r\n',
        "a",
        SearchCommand(
            Search.uid("300:900") & (Search.smaller(5000) | Search.from_("boss@example.com"))
        ),
        canonical=False,
    ),
    CommandVector(
        "5466 3.2",
        (
            b'a007 SETMETADATA "" ("/private/filters/values/on-the-road" "OR SMALL'
            b'ER 5000 FROM \\"boss@example.com\\"")\r\n'
        ),
        "a007",
        SetMetadata(
            "", {"/private/filters/values/on-the-road": b'OR SMALLER 5000 FROM "boss@example.com"'}
        ),
        canonical=False,
    ),
    CommandVector(
        "5530 3",
        b"h search from fred@example.com\r\n",
        "h",
        SearchCommand(Search.from_("fred@example.com")),
        canonical=False,
    ),
    CommandVector("6154 5.1", b't1 LIST "" "%"\r\n', "t1", List("", ("%",)), canonical=False),
    CommandVector(
        "6154 5.2",
        b't2 LIST "" "%" RETURN (SPECIAL-USE)\r\n',
        "t2",
        List("", ("%",), returns=("SPECIAL-USE",)),
        canonical=False,
    ),
    CommandVector(
        "6154 5.3",
        b"t2 CREATE MySpecial (USE (\\Drafts \\Sent))\r\n",
        "t2",
        Create("MySpecial", (Option("USE", (r"\Drafts", r"\Sent")),)),
    ),
    CommandVector(
        "6154 5.3",
        b"t3 CREATE Everything (USE (\\All))\r\n",
        "t3",
        Create("Everything", (Option("USE", (r"\All",)),)),
    ),
    CommandVector(
        "6154 5.4",
        b't2 GETMETADATA "MyDrafts" /private/specialuse\r\n',
        "t2",
        GetMetadata("MyDrafts", ("/private/specialuse",)),
        canonical=False,
    ),
    CommandVector(
        "6154 5.4",
        b't3 SETMETADATA "SavedDrafts" (/private/specialuse "\\\\Drafts")\r\n',
        "t3",
        SetMetadata("SavedDrafts", {"/private/specialuse": b"\\Drafts"}),
        canonical=False,
    ),
    CommandVector(
        "6154 5.4",
        b't4 SETMETADATA "SentMail" (/private/specialuse NIL)\r\n',
        "t4",
        SetMetadata("SentMail", {"/private/specialuse": None}),
        canonical=False,
    ),
    CommandVector(
        "6203 3",
        b'A1 SEARCH FUZZY (SUBJECT "IMAP break")\r\n',
        "A1",
        SearchCommand(Search.fuzzy(Search.subject("IMAP break"))),
        canonical=False,
    ),
    CommandVector(
        "6203 3",
        b"A2 SEARCH FUZZY SUBJECT work FROM user@example.com\r\n",
        "A2",
        SearchCommand(Search.fuzzy(Search.subject("work")) & Search.from_("user@example.com")),
    ),
    CommandVector(
        "6203 4",
        b'B1 SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT "Helo"\r\n',
        "B1",
        SearchCommand(Search.fuzzy(Search.text("Helo")), returns=("RELEVANCY", "ALL")),
        canonical=False,
    ),
    CommandVector(
        "6203 6",
        b'C1 SORT (RELEVANCY) UTF-8 FUZZY SUBJECT "Helo"\r\n',
        "C1",
        Sort((SortKey("RELEVANCY"),), Search.fuzzy(Search.subject("Helo")), charset="UTF-8"),
        canonical=False,
    ),
    CommandVector(
        "6203 6",
        b'C2 SORT RETURN (RELEVANCY ALL) (RELEVANCY) UTF-8 FUZZY TEXT "Helo"\r\n',
        "C2",
        Sort(
            (SortKey("RELEVANCY"),),
            Search.fuzzy(Search.text("Helo")),
            returns=("RELEVANCY", "ALL"),
            charset="UTF-8",
        ),
        canonical=False,
    ),
    CommandVector(
        "6203 6",
        b'C3 SORT RETURN (PARTIAL 1:10) (RELEVANCY) UTF-8 FUZZY TEXT "World"\r\n',
        "C3",
        Sort(
            (SortKey("RELEVANCY"),),
            Search.fuzzy(Search.text("World")),
            returns=(Option("PARTIAL", (1, 10)),),
            charset="UTF-8",
        ),
        canonical=False,
    ),
    CommandVector(
        "7162 3.1.3",
        (b"a103 UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)\r\n"),
        "a103",
        Store(
            _set("6,4,8"),
            "+FLAGS",
            (r"\Deleted",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 12121230045),),
            uid=True,
        ),
        canonical=False,
        sent=Store(
            _set("4,6,8"),
            "+FLAGS",
            (r"\Deleted",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 12121230045),),
            uid=True,
        ),
    ),
    CommandVector(
        "7162 3.1.3",
        (b"a104 STORE * (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted $Processed)\r\n"),
        "a104",
        Store(
            _set("*"),
            "+FLAGS",
            (r"\Deleted", "$Processed"),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 12121230045),),
        ),
    ),
    CommandVector(
        "7162 3.1.3",
        (b"c101 STORE 50 (UNCHANGEDSINCE 12121230045) -FLAGS.SILENT (\\Deleted)\r\n"),
        "c101",
        Store(
            _set("50"),
            "-FLAGS",
            (r"\Deleted",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 12121230045),),
        ),
    ),
    CommandVector(
        "7162 3.1.3",
        (b"d105 STORE 7,5,9 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)\r\n"),
        "d105",
        Store(
            _set("7,5,9"),
            "+FLAGS",
            (r"\Deleted",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 320162338),),
        ),
        canonical=False,
        sent=Store(
            _set("5,7,9"),
            "+FLAGS",
            (r"\Deleted",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 320162338),),
        ),
    ),
    CommandVector(
        "7162 3.1.3",
        b"a102 STORE 12 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)\r\n",
        "a102",
        Store(
            _set("12"),
            "+FLAGS",
            ("$MDNSent",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 0),),
        ),
    ),
    CommandVector(
        "7162 3.1.3",
        (b"a106 STORE 100:150 (UNCHANGEDSINCE 212030000000) +FLAGS.SILENT ($Processed)\r\n"),
        "a106",
        Store(
            _set("100:150"),
            "+FLAGS",
            ("$Processed",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 212030000000),),
        ),
    ),
    CommandVector(
        "7162 3.1.3",
        (b"b108 STORE 101 (UNCHANGEDSINCE 303011130956) +FLAGS.SILENT ($Processed)\r\n"),
        "b108",
        Store(
            _set("101"),
            "+FLAGS",
            ("$Processed",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 303011130956),),
        ),
    ),
    CommandVector(
        "7162 3.1.3",
        b"B001 STORE 1:7 (UNCHANGEDSINCE 320172338) +FLAGS (\\SEEN)\r\n",
        "B001",
        Store(_set("1:7"), "+FLAGS", (r"\Seen",), modifiers=(Option("UNCHANGEDSINCE", 320172338),)),
        canonical=False,
    ),
    CommandVector(
        "7162 3.1.3",
        b"b003 STORE 2 (UNCHANGEDSINCE 320172340) +FLAGS (\\Seen)\r\n",
        "b003",
        Store(_set("2"), "+FLAGS", (r"\Seen",), modifiers=(Option("UNCHANGEDSINCE", 320172340),)),
    ),
    CommandVector(
        "7162 3.1.4.1",
        b"s100 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)\r\n",
        "s100",
        Fetch(_set("1:*"), ("FLAGS",), (Option("CHANGEDSINCE", 12345),), uid=True),
    ),
    CommandVector(
        "7162 3.1.4.2", b"a FETCH 1:3 (MODSEQ)\r\n", "a", Fetch(_set("1:3"), ("MODSEQ",))
    ),
    CommandVector(
        "7162 3.1.4.2",
        b"A160 STORE 7 +FLAGS.SILENT (\\Deleted)\r\n",
        "A160",
        Store(_set("7"), "+FLAGS", (r"\Deleted",), silent=True),
    ),
    CommandVector(
        "7162 3.1.4.2",
        b"A240 STORE 7 +FLAGS.SILENT (\\Seen)\r\n",
        "A240",
        Store(_set("7"), "+FLAGS", (r"\Seen",), silent=True),
    ),
    CommandVector(
        "7162 3.1.4.2",
        b"A330 STORE 7 -FLAGS.SILENT (\\Answered \\Seen)\r\n",
        "A330",
        Store(_set("7"), "-FLAGS", (r"\Answered", r"\Seen"), silent=True),
    ),
    CommandVector(
        "7162 3.1.5",
        b'a SEARCH MODSEQ "/flags/\\\\draft" all 620162338\r\n',
        "a",
        SearchCommand(Search.modseq(620162338, r"/flags/\draft", "all")),
    ),
    CommandVector(
        "7162 3.1.5",
        b"t SEARCH OR NOT MODSEQ 720162338 LARGER 50000\r\n",
        "t",
        SearchCommand(~Search.modseq(720162338) | Search.larger(50000)),
    ),
    CommandVector(
        "7162 3.1.7",
        b"A042 STATUS blurdybloop (UIDNEXT MESSAGES HIGHESTMODSEQ)\r\n",
        "A042",
        Status("blurdybloop", ("UIDNEXT", "MESSAGES", "HIGHESTMODSEQ")),
    ),
    CommandVector(
        "7162 3.1.8", b"A142 SELECT INBOX (CONDSTORE)\r\n", "A142", Select("INBOX", ("CONDSTORE",))
    ),
    CommandVector(
        "7162 3.1.10",
        b"a SEARCH RETURN (ALL) MODSEQ 1234\r\n",
        "a",
        SearchCommand(Search.modseq(1234), returns=("ALL",)),
    ),
    CommandVector(
        "7162 3.1.10",
        b"a SORT RETURN (ALL) (DATE) UTF-8 MODSEQ 1234\r\n",
        "a",
        Sort((SortKey("DATE"),), Search.modseq(1234), returns=("ALL",), charset="UTF-8"),
    ),
    CommandVector(
        "7162 3.2.5",
        (b"A02 SELECT INBOX (QRESYNC (67890007 20050715194045000 41,43:211,214:541))\r\n"),
        "A02",
        Select(
            "INBOX",
            (Option("QRESYNC", QResync(67890007, 20050715194045000, _set("41,43:211,214:541"))),),
        ),
    ),
    CommandVector(
        "7162 3.2.5.1",
        (b"A03 SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))\r\n"),
        "A03",
        Select(
            "INBOX",
            (Option("QRESYNC", QResync(67890007, 90060115194045000, _set("41:211,214:541"))),),
        ),
    ),
    CommandVector(
        "7162 3.2.5.2",
        b"A04 SELECT INBOX (QRESYNC (67890007 90060115194045000 1:29997))\r\n",
        "A04",
        Select(
            "INBOX", (Option("QRESYNC", QResync(67890007, 90060115194045000, _set("1:29997"))),)
        ),
    ),
    CommandVector(
        "7162 3.2.5.2",
        (
            b"B04 SELECT INBOX (QRESYNC (67890007 90060115194045000 1:29997 (5000,"
            b"7500,9000,9990:9999 15000,22500,27000,29970,29973,29976,29979,29982,"
            b"29985,29988,29991,29994,29997)))\r\n"
        ),
        "B04",
        Select(
            "INBOX",
            (
                Option(
                    "QRESYNC",
                    QResync(
                        67890007,
                        90060115194045000,
                        _set("1:29997"),
                        (
                            _set("5000,7500,9000,9990:9999"),
                            _set(
                                "15000,22500,27000,29970,29973,29976,29979,29982,29985,29988,29991,29994,29997"
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    CommandVector(
        "7162 3.2.6",
        b"s100 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345)\r\n",
        "s100",
        Fetch(_set("300:500"), ("FLAGS",), (Option("CHANGEDSINCE", 12345),), uid=True),
    ),
    CommandVector(
        "7162 3.2.6",
        b"s101 UID SEARCH 300:500\r\n",
        "s101",
        SearchCommand(Search.numbers("300:500"), uid=True),
    ),
    CommandVector(
        "7162 3.2.6",
        b"s100 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)\r\n",
        "s100",
        Fetch(_set("300:500"), ("FLAGS",), (Option("CHANGEDSINCE", 12345), "VANISHED"), uid=True),
    ),
    CommandVector(
        "7162 6",
        b"A150 STORE 1:2 (UNCHANGEDSINCE 96) +FLAGS.SILENT \\Seen\r\n",
        "A150",
        Store(
            _set("1:2"),
            "+FLAGS",
            (r"\Seen",),
            silent=True,
            modifiers=(Option("UNCHANGEDSINCE", 96),),
        ),
        canonical=False,
    ),
    CommandVector(
        "7162 6",
        b"A151 STORE 3 +FLAGS.SILENT \\Seen\r\n",
        "A151",
        Store(_set("3"), "+FLAGS", (r"\Seen",), silent=True),
        canonical=False,
    ),
    CommandVector(
        "7162 6",
        b"A142 SELECT INBOX (QRESYNC (3857529045 20010715194032001 1:198))\r\n",
        "A142",
        Select(
            "INBOX", (Option("QRESYNC", QResync(3857529045, 20010715194032001, _set("1:198"))),)
        ),
    ),
    CommandVector(
        "7377 2",
        b'tag1 UID ESEARCH FROM "frobozz" 1:100\r\n',
        "tag1",
        ESearch(Search.from_("frobozz") & Search.numbers("1:100"), uid=True),
        canonical=False,
    ),
    CommandVector(
        "7377 2",
        b'tag1 UID ESEARCH FROM "frobozz" 101:200\r\n',
        "tag1",
        ESearch(Search.from_("frobozz") & Search.numbers("101:200"), uid=True),
        canonical=False,
    ),
    CommandVector(
        "7377 3",
        b'tag1 ESEARCH IN (mailboxes "folder1" subtree "folder2") unseen\r\n',
        "tag1",
        ESearch(
            Search.unseen,
            sources=(
                MailboxFilter("MAILBOXES", ("folder1",)),
                MailboxFilter("SUBTREE", ("folder2",)),
            ),
        ),
        canonical=False,
    ),
    CommandVector(
        "7628 4.1",
        (
            b"t1 AUTHENTICATE OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2Vy"
            b"dmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52"
            b"YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB\r\n"
        ),
        "t1",
        Authenticate(
            "OAUTHBEARER",
            (
                b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer v"
                b"F9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"
            ),
        ),
    ),
    CommandVector(
        "7628 4.2",
        (
            b"t1 AUTHENTICATE OAUTH10A bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9ZXhhbXB"
            b"sZS5jb20BcG9ydD0xNDMBYXV0aD1PQXV0aCByZWFsbT0iRXhhbXBsZSIsb2F1dGhfY29"
            b"uc3VtZXJfa2V5PSI5ZGpkajgyaDQ4ZGpzOWQyIixvYXV0aF90b2tlbj0ia2trOWQ3ZGg"
            b"zazM5c2p2NyIsb2F1dGhfc2lnbmF0dXJlX21ldGhvZD0iSE1BQy1TSEExIixvYXV0aF9"
            b"0aW1lc3RhbXA9IjEzNzEzMTIwMSIsb2F1dGhfbm9uY2U9IjdkOGYzZTRhIixvYXV0aF9"
            b"zaWduYXR1cmU9IlRtOTBJR0VnY21WaGJDQnphV2R1WVhSMWNtVSUzRCIBAQ==\r\n"
        ),
        "t1",
        Authenticate(
            "OAUTH10A",
            (
                b'n,a=user@example.com,\x01host=example.com\x01port=143\x01auth=OAuth realm="Ex'
                b'ample",oauth_consumer_key="9djdj82h48djs9d2",oauth_token="kkk9d7dh3k'
                b'39sjv7",oauth_signature_method="HMAC-SHA1",oauth_timestamp="13713120'
                b'1",oauth_nonce="7d8f3e4a",oauth_signature="Tm90IGEgcmVhbCBzaWduYXR1c'
                b'mU%3D"\x01\x01'
            ),
        ),
    ),
    CommandVector(
        "7628 4.3",
        (
            b"t1 AUTHENTICATE OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2Vy"
            b"dmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=\r\n"
        ),
        "t1",
        Authenticate(
            "OAUTHBEARER",
            b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=\x01\x01",
        ),
    ),
    CommandVector(
        "7889 3.1", b"t1 STATUS INBOX (APPENDLIMIT)\r\n", "t1", Status("INBOX", ("APPENDLIMIT",))
    ),
    CommandVector(
        "7889 3.2",
        b't1 LIST "" % RETURN (STATUS (APPENDLIMIT))\r\n',
        "t1",
        List("", ("%",), returns=(Option("STATUS", ("APPENDLIMIT",)),)),
    ),
    CommandVector(
        "8438 3",
        b"A01 STATUS frop (MESSAGES SIZE UIDNEXT)\r\n",
        "A01",
        Status("frop", ("MESSAGES", "SIZE", "UIDNEXT")),
    ),
    CommandVector("8438 3", b'A02 SELECT "frop"\r\n', "A02", Select("frop"), canonical=False),
    CommandVector(
        "8438 3", b"A03 FETCH 1:* (RFC822.SIZE)\r\n", "A03", Fetch(_set("1:*"), ("RFC822.SIZE",))
    ),
    CommandVector(
        "8438 3",
        b'A04 LIST "" % RETURN (STATUS (MESSAGES SIZE))\r\n',
        "A04",
        List("", ("%",), returns=(Option("STATUS", ("MESSAGES", "SIZE")),)),
    ),
    CommandVector(
        "8440 4",
        b'A01 LIST "" % RETURN (MYRIGHTS)\r\n',
        "A01",
        List("", ("%",), returns=("MYRIGHTS",)),
    ),
    CommandVector(
        "8440 4",
        b'A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (MYRIGHTS)\r\n',
        "A02",
        List("", ("%",), selection=("SUBSCRIBED", "RECURSIVEMATCH"), returns=("MYRIGHTS",)),
    ),
    CommandVector(
        "8457 3.2.1", b't1 LIST "" "Imp*"\r\n', "t1", List("", ("Imp*",)), canonical=False
    ),
    CommandVector(
        "8457 3.2.2",
        b't1 CREATE "Important Messages" (USE (\\Important))\r\n',
        "t1",
        Create("Important Messages", (Option("USE", (r"\Important",)),)),
    ),
    CommandVector("8474 4.1", b"3 create foo\r\n", "3", Create("foo"), canonical=False),
    CommandVector("8474 4.1", b"4 create bar\r\n", "4", Create("bar"), canonical=False),
    CommandVector("8474 4.2", b'27 select "foo"\r\n', "27", Select("foo"), canonical=False),
    CommandVector(
        "8474 4.3",
        b"6 status foo (mailboxid)\r\n",
        "6",
        Status("foo", ("MAILBOXID",)),
        canonical=False,
    ),
    CommandVector(
        "8474 4.3",
        b"7 status bar (mailboxid)\r\n",
        "7",
        Status("bar", ("MAILBOXID",)),
        canonical=False,
    ),
    CommandVector(
        "8474 4.3", b"8 rename foo renamed\r\n", "8", Rename("foo", "renamed"), canonical=False
    ),
    CommandVector(
        "8474 4.3",
        b"9 status renamed (mailboxid)\r\n",
        "9",
        Status("renamed", ("MAILBOXID",)),
        canonical=False,
    ),
    CommandVector(
        "8474 4.3",
        b'11 list "" "*" return (status (mailboxid))\r\n',
        "11",
        List("", ("*",), returns=(Option("STATUS", ("MAILBOXID",)),)),
        canonical=False,
    ),
    CommandVector(
        "8474 5.3",
        b"22 fetch 1:* (emailid threadid)\r\n",
        "22",
        Fetch(_set("1:*"), ("EMAILID", "THREADID")),
        canonical=False,
    ),
    CommandVector("8474 5.3", b"23 move 2 foo\r\n", "23", Move(_set("2"), "foo"), canonical=False),
    CommandVector(
        "8474 6",
        b"27 search emailid M6d99ac3275bb4e\r\n",
        "27",
        SearchCommand(Search.email_id("M6d99ac3275bb4e")),
        canonical=False,
    ),
    CommandVector(
        "8474 6",
        b"28 search threadid T64b478a75b7ea9\r\n",
        "28",
        SearchCommand(Search.thread_id("T64b478a75b7ea9")),
        canonical=False,
    ),
    CommandVector(
        "8514 4.2", b"A101 FETCH 998 (SAVEDATE)\r\n", "A101", Fetch(_set("998"), ("SAVEDATE",))
    ),
    CommandVector(
        "8514 4.3",
        b"A102 SEARCH SAVEDON 28-Dec-2014\r\n",
        "A102",
        SearchCommand(Search.saved_on(date(2014, 12, 28))),
    ),
    CommandVector(
        "8514 4.3",
        b"A103 SEARCH SAVEDSINCE 28-Dec-2014\r\n",
        "A103",
        SearchCommand(Search.saved_since(date(2014, 12, 28))),
    ),
    CommandVector("8970 3.2", b"A1 FETCH 1 (PREVIEW)\r\n", "A1", Fetch(_set("1"), ("PREVIEW",))),
    CommandVector(
        "8970 5",
        b"A2 FETCH 1 (RFC822.SIZE PREVIEW)\r\n",
        "A2",
        Fetch(_set("1"), ("RFC822.SIZE", "PREVIEW")),
    ),
    CommandVector(
        "8970 5",
        b"B1 FETCH 1:4 (ENVELOPE PREVIEW (LAZY))\r\n",
        "B1",
        Fetch(_set("1:4"), ("ENVELOPE", Option("PREVIEW", ("LAZY",)))),
    ),
    CommandVector("8970 5", b"B2 FETCH 3:4 (PREVIEW)\r\n", "B2", Fetch(_set("3:4"), ("PREVIEW",))),
    CommandVector(
        "8970 5",
        b'C2 SEARCH RETURN (SAVE) FROM "FOO"\r\n',
        "C2",
        SearchCommand(Search.from_("FOO"), returns=("SAVE",)),
        canonical=False,
    ),
    CommandVector(
        "8970 5",
        b"C3 FETCH $ (UID PREVIEW (LAZY))\r\n",
        "C3",
        Fetch(_set("$"), ("UID", Option("PREVIEW", ("LAZY",)))),
    ),
    CommandVector(
        "8970 5", b"C4 UID FETCH 23 (PREVIEW)\r\n", "C4", Fetch(_set("23"), ("PREVIEW",), uid=True)
    ),
    CommandVector(
        "9208 4.1.1",
        b'G0001 GETQUOTA "!partition/sda4"\r\n',
        "G0001",
        GetQuota("!partition/sda4"),
        canonical=False,
    ),
    CommandVector("9208 4.1.2", b"G0002 GETQUOTAROOT INBOX\r\n", "G0002", GetQuotaRoot("INBOX")),
    CommandVector(
        "9208 4.1.3",
        b'S0000 GETQUOTA "#user/alice"\r\n',
        "S0000",
        GetQuota("#user/alice"),
        canonical=False,
    ),
    CommandVector(
        "9208 4.1.3",
        b'S0001 SETQUOTA "#user/alice" (STORAGE 510)\r\n',
        "S0001",
        SetQuota("#user/alice", (("STORAGE", 510),)),
        canonical=False,
    ),
    CommandVector(
        "9208 4.1.3",
        b'S0002 SETQUOTA "!partition/sda4" (STORAGE 99999999)\r\n',
        "S0002",
        SetQuota("!partition/sda4", (("STORAGE", 99999999),)),
        canonical=False,
    ),
    CommandVector(
        "9208 4.1.4",
        b"S0003 STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)\r\n",
        "S0003",
        Status("INBOX", ("MESSAGES", "DELETED", "DELETED-STORAGE")),
    ),
    CommandVector(
        "9394 3.1",
        b"A01 UID SEARCH RETURN (PARTIAL -1:-100) UNDELETED UNKEYWORD $Junk\r\n",
        "A01",
        SearchCommand(
            Search.undeleted & Search.unkeyword("$Junk"),
            returns=(Option("PARTIAL", (-1, -100)),),
            uid=True,
        ),
    ),
    CommandVector(
        "9394 3.3",
        b"10 UID FETCH 25900:26600 (UID FLAGS) (PARTIAL -1:-3)\r\n",
        "10",
        Fetch(_set("25900:26600"), ("UID", "FLAGS"), (Option("PARTIAL", (-1, -3)),), uid=True),
    ),
    CommandVector(
        "9394 3.3",
        b"11 UID FETCH 25900:26600 (UID FLAGS) (PARTIAL 1:5)\r\n",
        "11",
        Fetch(_set("25900:26600"), ("UID", "FLAGS"), (Option("PARTIAL", (1, 5)),), uid=True),
    ),
    CommandVector(
        "9394 3.4",
        (b"101 UID FETCH 25900:26600 (UID FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 98305)\r\n"),
        "101",
        Fetch(
            _set("25900:26600"),
            ("UID", "FLAGS"),
            (Option("PARTIAL", (-1, -30)), Option("CHANGEDSINCE", 98305)),
            uid=True,
        ),
    ),
    CommandVector(
        "9586 3",
        b"07 FETCH 10000:14589 (UID FLAGS)\r\n",
        "07",
        Fetch(_set("10000:14589"), ("UID", "FLAGS")),
    ),
    CommandVector("9586 3.1", b"01 ENABLE UIDONLY\r\n", "01", Enable(("UIDONLY",))),
    CommandVector(
        "9586 3.3",
        b"10 UID FETCH 25900:26600 (FLAGS)\r\n",
        "10",
        Fetch(_set("25900:26600"), ("FLAGS",), uid=True),
    ),
    CommandVector(
        "9586 3.3",
        b"11 UID FETCH 25900:26600 (UID FLAGS)\r\n",
        "11",
        Fetch(_set("25900:26600"), ("UID", "FLAGS"), uid=True),
    ),
    CommandVector(
        "9586 3.6",
        b'15 UID move 597 "Archives/2023/2023-05"\r\n',
        "15",
        Move(_set("597"), "Archives/2023/2023-05", uid=True),
        canonical=False,
    ),
    CommandVector(
        "9590 4",
        (b'A01 LIST "" % RETURN (METADATA ("/shared/vendor/cmu/cyrus-imapd/color"))\r\n'),
        "A01",
        List("", ("%",), returns=(Option("METADATA", ("/shared/vendor/cmu/cyrus-imapd/color",)),)),
        canonical=False,
    ),
    CommandVector(
        "9590 4",
        (
            b'A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (METADATA ("/shared'
            b'/vendor/cmu/cyrus-imapd/color"))\r\n'
        ),
        "A02",
        List(
            "",
            ("%",),
            selection=("SUBSCRIBED", "RECURSIVEMATCH"),
            returns=(Option("METADATA", ("/shared/vendor/cmu/cyrus-imapd/color",)),),
        ),
        canonical=False,
    ),
    CommandVector("9698 5", b"1b GETJMAPACCESS\r\n", "1b", GetJmapAccess()),
    CommandVector(
        "9698 5",
        b'2 LOGIN "arnt" "trondheim"\r\n',
        "2",
        Login("arnt", "trondheim"),
        canonical=False,
    ),
    CommandVector(
        "9698 5", b'4 LOGIN "arnt" "oslo"\r\n', "4", Login("arnt", "oslo"), canonical=False
    ),
    CommandVector(
        "9738 3.1",
        b"04 UID SEARCH UID 22000:25000 UNDELETED\r\n",
        "04",
        SearchCommand(Search.uid("22000:25000") & Search.undeleted, uid=True),
    ),
    CommandVector(
        "9738 3.1",
        b'05 UID COPY 18000:21000 "Trash"\r\n',
        "05",
        Copy(_set("18000:21000"), "Trash", uid=True),
        canonical=False,
    ),
    CommandVector(
        "9738 3.1",
        b'06 UID MOVE 18000:21000 "Archive/2021/2021-12"\r\n',
        "06",
        Move(_set("18000:21000"), "Archive/2021/2021-12", uid=True),
        canonical=False,
    ),
    CommandVector(
        "9738 3.1",
        b"07 UID STORE 18000:20000 +FLAGS (\\Seen)\r\n",
        "07",
        Store(_set("18000:20000"), "+FLAGS", (r"\Seen",), uid=True),
    ),
    CommandVector(
        "9738 3.1", b"08 UID EXPUNGE 11000:13000\r\n", "08", UidExpunge(_set("11000:13000"))
    ),
    CommandVector(
        "9738 3.1",
        b"10 UID FETCH 22000:25000 (UID FLAGS MODSEQ) (PARTIAL -1:-1500)\r\n",
        "10",
        Fetch(
            _set("22000:25000"),
            ("UID", "FLAGS", "MODSEQ"),
            (Option("PARTIAL", (-1, -1500)),),
            uid=True,
        ),
    ),
    CommandVector(
        "9738 3.1",
        b"10 UID FETCH 22000:25000 (UID FLAGS MODSEQ)\r\n",
        "10",
        Fetch(_set("22000:25000"), ("UID", "FLAGS", "MODSEQ"), uid=True),
    ),
    CommandVector(
        "9738 3.2",
        b"12 UID SEARCH UIDAFTER 25000 UNDELETED\r\n",
        "12",
        SearchCommand(Search.uid_after(25000) & Search.undeleted, uid=True),
    ),
    CommandVector(
        "9738 3.4",
        (
            b'D0004 UID SEARCH RETURN (SAVE) SINCE 1-Jan-2004 NOT FROM "Smith" UID'
            b" 22000:25000 UNDELETED\r\n"
        ),
        "D0004",
        SearchCommand(
            Search.since(date(2004, 1, 1))
            & ~Search.from_("Smith")
            & Search.uid("22000:25000")
            & Search.undeleted,
            returns=("SAVE",),
            uid=True,
        ),
        canonical=False,
    ),
    CommandVector(
        "2180 4.4.1", b"A001 COPY 2,4,6,8 FRED\r\n", "A001", Copy(_set("2,4,6,8"), "FRED")
    ),
    CommandVector("3503 5", b"a100 select INBOX\r\n", "a100", Select("INBOX"), canonical=False),
    CommandVector(
        "3503 5",
        b"a200 STORE 4 +FLAGS ($MDNSent)\r\n",
        "a200",
        Store(_set("4"), "+FLAGS", ("$MDNSent",)),
    ),
    CommandVector(
        "3503 5",
        b"a300 FETCH 1:* FLAGS\r\n",
        "a300",
        Fetch(_set("1:*"), ("FLAGS",)),
        canonical=False,
    ),
    CommandVector(
        "4549 4.2.2.1",
        b'A001 UID COPY 567,414 "Interesting Messages"\r\n',
        "A001",
        Copy(_set("567,414"), "Interesting Messages", uid=True),
        canonical=False,
        sent=Copy(_set("414,567"), "Interesting Messages", uid=True),
    ),
    CommandVector(
        "4549 4.2.2.1",
        b'C035 UID COPY 123 "Interesting Messages"\r\n',
        "C035",
        Copy(_set("123"), "Interesting Messages", uid=True),
    ),
    CommandVector(
        "4549 4.2.2.1",
        b'C036 SELECT "Interesting Messages"\r\n',
        "C036",
        Select("Interesting Messages"),
    ),
    CommandVector(
        "4549 4.2.2.1",
        (
            b'C037 UID SEARCH ON 31-May-2002 HEADER "Message-Id" "20040903110856.2'
            b'2a127cd@chardonnay"\r\n'
        ),
        "C037",
        SearchCommand(
            Search.on(date(2002, 5, 31))
            & Search.header("Message-Id", "20040903110856.22a127cd@chardonnay"),
            uid=True,
        ),
        canonical=False,
    ),
    CommandVector(
        "4549 4.2.2.2",
        b"A003 UID FETCH 123 (BODY.PEEK[] INTERNALDATE FLAGS)\r\n",
        "A003",
        Fetch(_set("123"), (Section.parse("BODY.PEEK[]"), "INTERNALDATE", "FLAGS"), uid=True),
    ),
    CommandVector(
        "4549 4.2.3",
        b"A001 UID STORE 15 +FLAGS.SILENT (\\Deleted)\r\n",
        "A001",
        Store(_set("15"), "+FLAGS", (r"\Deleted",), silent=True, uid=True),
    ),
    CommandVector(
        "4549 4.2.3",
        b"A002 UID STORE 15 -FLAGS.SILENT ($Highest)\r\n",
        "A002",
        Store(_set("15"), "-FLAGS", ("$Highest",), silent=True, uid=True),
    ),
    CommandVector(
        "4549 4.2.3",
        b"A001 UID STORE 15 +FLAGS.SILENT ($Personal)\r\n",
        "A001",
        Store(_set("15"), "+FLAGS", ("$Personal",), silent=True, uid=True),
    ),
    CommandVector(
        "4549 4.2.3",
        b"A002 UID STORE 15 -FLAGS.SILENT ($Work $Spam)\r\n",
        "A002",
        Store(_set("15"), "-FLAGS", ("$Work", "$Spam"), silent=True, uid=True),
    ),
    CommandVector(
        "4549 4.2.3",
        b"A003 UID STORE 15 -FLAGS.SILENT ($Personal $Work $Spam)\r\n",
        "A003",
        Store(_set("15"), "-FLAGS", ("$Personal", "$Work", "$Spam"), silent=True, uid=True),
    ),
    CommandVector(
        "4549 4.2.4", b"A001 UID EXPUNGE 7,27,65\r\n", "A001", UidExpunge(_set("7,27,65"))
    ),
    CommandVector(
        "4549 4.2.4",
        b"B001 UID SEARCH DELETED\r\n",
        "B001",
        SearchCommand(Search.deleted, uid=True),
    ),
    CommandVector(
        "4549 4.2.4",
        b"A002 UID STORE 34 -FLAGS.SILENT (\\Deleted)\r\n",
        "A002",
        Store(_set("34"), "-FLAGS", (r"\Deleted",), silent=True, uid=True),
    ),
    CommandVector(
        "4549 4.2.4",
        b"A004 UID STORE 34 +FLAGS.SILENT (\\Deleted)\r\n",
        "A004",
        Store(_set("34"), "+FLAGS", (r"\Deleted",), silent=True, uid=True),
    ),
    CommandVector(
        "4549 4.3.1",
        (b"A011 UID fetch 131:* (FLAGS BODYSTRUCTURE INTERNALDATE RFC822.SIZE)\r\n"),
        "A011",
        Fetch(_set("131:*"), ("FLAGS", "BODYSTRUCTURE", "INTERNALDATE", "RFC822.SIZE"), uid=True),
        canonical=False,
    ),
    CommandVector(
        "4549 4.3.3",
        b"A011 UID fetch 11 (BODYSTRUCTURE)\r\n",
        "A011",
        Fetch(_set("11"), ("BODYSTRUCTURE",), uid=True),
        canonical=False,
    ),
    CommandVector(
        "4549 4.3.3",
        (
            b"A012 UID fetch 11 (BODY[HEADER] BODY[1.MIME] BODY[1.1.MIME] BODY[1.2"
            b".MIME] BODY[2.MIME] BODY[3.MIME] BODY[4.MIME] BODY[5.MIME] BODY[6.MI"
            b"ME] BODY[7.MIME] BODY[8.MIME] BODY[9.MIME] BODY[10.MIME] BODY[11.MIM"
            b"E] BODY[12.MIME] BODY[13.MIME] BODY[14.MIME] BODY[15.MIME] BODY[16.M"
            b"IME] BODY[17.MIME] BODY[18.MIME] BODY[19.MIME] BODY[20.MIME] BODY[21"
            b".MIME])\r\n"
        ),
        "A012",
        Fetch(
            _set("11"),
            (
                Section.parse("BODY[HEADER]"),
                Section.parse("BODY[1.MIME]"),
                Section.parse("BODY[1.1.MIME]"),
                Section.parse("BODY[1.2.MIME]"),
                Section.parse("BODY[2.MIME]"),
                Section.parse("BODY[3.MIME]"),
                Section.parse("BODY[4.MIME]"),
                Section.parse("BODY[5.MIME]"),
                Section.parse("BODY[6.MIME]"),
                Section.parse("BODY[7.MIME]"),
                Section.parse("BODY[8.MIME]"),
                Section.parse("BODY[9.MIME]"),
                Section.parse("BODY[10.MIME]"),
                Section.parse("BODY[11.MIME]"),
                Section.parse("BODY[12.MIME]"),
                Section.parse("BODY[13.MIME]"),
                Section.parse("BODY[14.MIME]"),
                Section.parse("BODY[15.MIME]"),
                Section.parse("BODY[16.MIME]"),
                Section.parse("BODY[17.MIME]"),
                Section.parse("BODY[18.MIME]"),
                Section.parse("BODY[19.MIME]"),
                Section.parse("BODY[20.MIME]"),
                Section.parse("BODY[21.MIME]"),
            ),
            uid=True,
        ),
        canonical=False,
    ),
    CommandVector(
        "4549 4.3.3",
        b"A013 UID fetch 11 (BODY[1.1] BODY[1.2])\r\n",
        "A013",
        Fetch(_set("11"), (Section.parse("BODY[1.1]"), Section.parse("BODY[1.2]")), uid=True),
        canonical=False,
    ),
    CommandVector(
        "4549 4.3.3",
        (
            b"A014 UID fetch 11 (BODY[3] BODY[4] BODY[5] BODY[6] BODY[7] BODY[8] B"
            b"ODY[9] BODY[10] BODY[11] BODY[13] BODY[14] BODY[15] BODY[16] BODY[21"
            b"])\r\n"
        ),
        "A014",
        Fetch(
            _set("11"),
            (
                Section.parse("BODY[3]"),
                Section.parse("BODY[4]"),
                Section.parse("BODY[5]"),
                Section.parse("BODY[6]"),
                Section.parse("BODY[7]"),
                Section.parse("BODY[8]"),
                Section.parse("BODY[9]"),
                Section.parse("BODY[10]"),
                Section.parse("BODY[11]"),
                Section.parse("BODY[13]"),
                Section.parse("BODY[14]"),
                Section.parse("BODY[15]"),
                Section.parse("BODY[16]"),
                Section.parse("BODY[21]"),
            ),
            uid=True,
        ),
        canonical=False,
    ),
    CommandVector("4549 5", b"A001 SELECT Old-Mail\r\n", "A001", Select("Old-Mail")),
    CommandVector(
        "4549 5", b"A002 UID COPY 111 ToDo\r\n", "A002", Copy(_set("111"), "ToDo", uid=True)
    ),
    CommandVector("4549 5", b"A016 DELETE Old-Mail\r\n", "A016", Delete("Old-Mail")),
    CommandVector(
        "4549 5.3",
        b"2 authenticate DIGEST-MD5\r\n",
        "2",
        Authenticate("DIGEST-MD5"),
        canonical=False,
    ),
    CommandVector(
        "4549 6.1",
        b"A143 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 20010715194032001)\r\n",
        "A143",
        Fetch(_set("1:*"), ("FLAGS",), (Option("CHANGEDSINCE", 20010715194032001),), uid=True),
    ),
    CommandVector(
        "4549 6.1",
        b"A143 UID SEARCH MODSEQ 20010715194032001 UID 1:20\r\n",
        "A143",
        SearchCommand(Search.modseq(20010715194032001) & Search.uid("1:20"), uid=True),
    ),
    CommandVector(
        "4549 6.1",
        b"A144 UID SEARCH 1:20\r\n",
        "A144",
        SearchCommand(Search.numbers("1:20"), uid=True),
    ),
    CommandVector(
        "5524 4",
        (
            b'A001 URLFETCH  ("imap://joe@example.com/INBOX/;uid=20/;section=1.2;u'
            b'rlauth=anonymous:internal:91354a473744909de610943775f92038" BINARY)\r'
            b"\n"
        ),
        "A001",
        UrlFetch(
            (
                UrlRequest(
                    (
                        "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=anonymous:"
                        "internal:91354a473744909de610943775f92038"
                    ),
                    ("BINARY",),
                ),
            )
        ),
        defects=1,
    ),
    CommandVector(
        "5524 4",
        (
            b'A001 URLFETCH  ("imap://joe@example.com/INBOX/;uid=20/;section=1.3;u'
            b'rlauth=anonymous:internal:ae354a473744909de610943775f92038" BINARY B'
            b"ODYPARTSTRUCTURE)\r\n"
        ),
        "A001",
        UrlFetch(
            (
                UrlRequest(
                    (
                        "imap://joe@example.com/INBOX/;uid=20/;section=1.3;urlauth=anonymous:"
                        "internal:ae354a473744909de610943775f92038"
                    ),
                    ("BINARY", "BODYPARTSTRUCTURE"),
                ),
            )
        ),
        defects=1,
    ),
    CommandVector(
        "5524 4",
        (
            b'A001 URLFETCH  ("imap://joe@example.com/INBOX/;uid=20/;section=1.3;u'
            b'rlauth=anonymous:internal:ae354a473744909de610943775f92038" BODYPART'
            b"STRUCTURE)\r\n"
        ),
        "A001",
        UrlFetch(
            (
                UrlRequest(
                    (
                        "imap://joe@example.com/INBOX/;uid=20/;section=1.3;urlauth=anonymous:"
                        "internal:ae354a473744909de610943775f92038"
                    ),
                    ("BODYPARTSTRUCTURE",),
                ),
            )
        ),
        defects=1,
    ),
    CommandVector(
        "5524 4",
        (
            b'A001 URLFETCH  ("imap://joe@example.com/INBOX/;uid=20/;section=1.3;u'
            b'rlauth=anonymous:internal:ae354a473744909de610943775f92038" BODYPART'
            b"STRUCTURE BODY)\r\n"
        ),
        "A001",
        UrlFetch(
            (
                UrlRequest(
                    (
                        "imap://joe@example.com/INBOX/;uid=20/;section=1.3;urlauth=anonymous:"
                        "internal:ae354a473744909de610943775f92038"
                    ),
                    ("BODYPARTSTRUCTURE", "BODY"),
                ),
            )
        ),
        defects=1,
    ),
    CommandVector(
        "5524 4",
        (
            b'A001 URLFETCH ("imap://joe@example.com/INBOX/;uid=20/;section=1.4;ur'
            b'lauth=anonymous:internal:87ecbd02095b815e699503fc20d869c8" BODYPARTS'
            b"TRUCTURE BINARY)\r\n"
        ),
        "A001",
        UrlFetch(
            (
                UrlRequest(
                    (
                        "imap://joe@example.com/INBOX/;uid=20/;section=1.4;urlauth=anonymous:"
                        "internal:87ecbd02095b815e699503fc20d869c8"
                    ),
                    ("BODYPARTSTRUCTURE", "BINARY"),
                ),
            )
        ),
        canonical=False,
    ),
    CommandVector(
        "5524 4",
        (
            b'A001 URLFETCH ("imap://joe@example.com/INBOX/;uid=20/;section=200;ur'
            b'lauth=anonymous:internal:88066d37e2e5410e1a6486350a8836ee" BODYPARTS'
            b"TRUCTURE BODY)\r\n"
        ),
        "A001",
        UrlFetch(
            (
                UrlRequest(
                    (
                        "imap://joe@example.com/INBOX/;uid=20/;section=200;urlauth=anonymous:"
                        "internal:88066d37e2e5410e1a6486350a8836ee"
                    ),
                    ("BODYPARTSTRUCTURE", "BODY"),
                ),
            )
        ),
        canonical=False,
    ),
    CommandVector("10022 3.1.1", b"A143 UIDBATCHES 2000\r\n", "A143", UidBatches(2000)),
    CommandVector(
        "10022 3.1.5", b"A302 UIDBATCHES 2000 10:20\r\n", "A302", UidBatches(2000, (10, 20))
    ),
    CommandVector("10022 3.1.5", b"A302 UIDBATCHES 2000 1:5\r\n", "A302", UidBatches(2000, (1, 5))),
    CommandVector("10022 3.1.5", b"A302 UIDBATCHES 2000 4:1\r\n", "A302", UidBatches(2000, (4, 1))),
    CommandVector(
        "10022 3.1.5", b"A302 UIDBATCHES 2000 1:100\r\n", "A302", UidBatches(2000, (1, 100))
    ),
    CommandVector("10022 3.1.6", b"A302 UIDBATCHES 2000 6:8\r\n", "A302", UidBatches(2000, (6, 8))),
    # literals
    CommandVector(
        "3501 6.3.11",
        _append(b"A003 APPEND saved-messages (\\Seen) ", _JOE, b"\r\n"),
        "A003",
        Append("saved-messages", (AppendMessage(_JOE, (r"\Seen",)),)),
    ),
    CommandVector(
        "3502 6.3.11",
        _append(b"A003 APPEND saved-messages (\\Seen) ", _JOE)
        + _append(b' (\\Seen) " 7-Feb-1994 22:43:04 -0800" ', _REPLY, b"\r\n"),
        "A003",
        Append(
            "saved-messages",
            (
                AppendMessage(_JOE, (r"\Seen",)),
                AppendMessage(_REPLY, (r"\Seen",), datetime(1994, 2, 7, 22, 43, 4, 0, _WEST)),
            ),
        ),
    ),
    CommandVector(
        "9051 6.3.12, with LITERAL-",
        b"A003 APPEND saved-messages (\\Seen) {%d+}\r\n%b\r\n" % (len(_JOE), _JOE),
        "A003",
        Append("saved-messages", (AppendMessage(_JOE, (r"\Seen",)),)),
        canonical=False,
    ),
    CommandVector(
        "3501 6.4.4",
        b"A284 SEARCH CHARSET UTF-8 TEXT {6}\r\nXXXXXX\r\n",
        "A284",
        SearchCommand(Search.text("XXXXXX"), charset="UTF-8"),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4",
        "A285 SEARCH CHARSET UTF-8 TEXT {12}\r\nотпуск\r\n".encode(),
        "A285",
        SearchCommand(Search.text("отпуск")),
    ),
    CommandVector(
        "9051 6.4.4.4 example 3",
        "P283 SEARCH CHARSET UTF-8 (OR $ 1,3000:3021) TEXT {8+}\r\nмать\r\n".encode(),
        "P283",
        SearchCommand((Search.saved_result | Search.numbers("1,3000:3021")) & Search.text("мать")),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.4.4 example 4",
        b"B283 SEARCH RETURN (SAVE) CHARSET KOI8-R (OR $ 1,3000:3021) TEXT {4}\r\n"
        b"\xcd\xc1\xd4\xd8\r\n",
        "B283",
        SearchCommand(
            (Search.saved_result | Search.numbers("1,3000:3021")) & Search.text("мать"),
            returns=("SAVE",),
            charset="KOI8-R",
        ),
        canonical=False,
    ),
    CommandVector(
        "7888 3",
        b"A001 LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man\r\n",
        "A001",
        Login("FRED FOOBAR", "fat man"),
        canonical=False,
    ),
    CommandVector(
        "9051 7.6",
        b"A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man\r\n",
        "A001",
        Login("FRED FOOBAR", "fat man"),
        canonical=False,
    ),
    CommandVector(
        "4469 A example 1",
        b"A003 APPEND Drafts (\\Seen \\Draft $MDNSent) CATENATE "
        b'(URL "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER" '
        b"TEXT {42}\r\n" + _BOUNDARY + b' URL "/Drafts;UIDVALIDITY=385759045/;UID=20/;'
        b'section=1.MIME" URL "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1" '
        b"TEXT {42}\r\n" + _BOUNDARY + b' URL "/Drafts;UIDVALIDITY=385759045/;UID=30" '
        b"TEXT {44}\r\n" + _BOUNDARY[:-2] + b"--\r\n)\r\n",
        "A003",
        Append(
            "Drafts",
            (
                AppendMessage(
                    (
                        CatenateUrl(_DRAFTS + "HEADER"),
                        CatenateText(_BOUNDARY),
                        CatenateUrl(_DRAFTS + "1.MIME"),
                        CatenateUrl(_DRAFTS + "1"),
                        CatenateText(_BOUNDARY),
                        CatenateUrl("/Drafts;UIDVALIDITY=385759045/;UID=30"),
                        CatenateText(_BOUNDARY[:-2] + b"--\r\n"),
                    ),
                    (r"\Seen", r"\Draft", "$MDNSent"),
                ),
            ),
        ),
        canonical=False,
    ),
    CommandVector(
        "5257 4.7",
        b"a APPEND drafts ANNOTATION (/comment (value.priv "
        b'"Don\'t send until I say so")) {21}\r\nMIME-Version: 1.0\r\n\r\n\r\n',
        "a",
        Append(
            "drafts",
            (
                AppendMessage(
                    b"MIME-Version: 1.0\r\n\r\n",
                    extensions=(
                        Option(
                            "ANNOTATION",
                            (
                                AnnotationEntry(
                                    "/comment", (("value.priv", b"Don't send until I say so"),)
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    CommandVector(
        "5464 4.3",
        b"a SETMETADATA INBOX (/private/comment {33}\r\nMy new comment across\r\ntwo lines.)\r\n",
        "a",
        SetMetadata("INBOX", {"/private/comment": b"My new comment across\r\ntwo lines."}),
    ),
    CommandVector(
        "5464 5, a value with NUL",
        b"a SETMETADATA INBOX (/private/comment ~{3}\r\na\0b)\r\n",
        "a",
        SetMetadata("INBOX", {"/private/comment": b"a\0b"}),
    ),
    CommandVector(
        "8508 3.2",
        _append(b"A003 REPLACE 4 Drafts (\\Seen \\Draft) ", _JOE, b"\r\n"),
        "A003",
        Replace(4, "Drafts", AppendMessage(_JOE, (r"\Seen", r"\Draft"))),
    ),
    CommandVector(
        "8508 3.3",
        _append(b"A004 UID REPLACE 2000 Drafts (\\Seen \\Draft) ", _JOE, b"\r\n"),
        "A004",
        Replace(2000, "Drafts", AppendMessage(_JOE, (r"\Seen", r"\Draft")), uid=True),
    ),
    CommandVector(
        "8508 3.2, the last message",
        b"a REPLACE * Drafts {0}\r\n\r\n",
        "a",
        Replace(STAR, "Drafts", AppendMessage(b"")),
    ),
    CommandVector(
        "8508 4.2",
        b"A011 UID REPLACE 3002 Drafts CATENATE (TEXT {71}\r\n"
        b"To: Mitzy <miss.mitzy@example.org>\r\nSubject: My view of the fireworks\r\n"
        b' URL "/Drafts/;UID=3002")\r\n',
        "A011",
        Replace(
            3002,
            "Drafts",
            AppendMessage(
                (
                    CatenateText(
                        b"To: Mitzy <miss.mitzy@example.org>\r\n"
                        b"Subject: My view of the fireworks\r\n"
                    ),
                    CatenateUrl("/Drafts/;UID=3002"),
                )
            ),
            uid=True,
        ),
        canonical=False,
    ),
    CommandVector(
        "9755 4",
        b"a APPEND x UTF8 (~{5}\r\na\xc3\xa9\r\n)\r\n",
        "a",
        Append("x", (AppendMessage(b"a\xc3\xa9\r\n", utf8=True),)),
    ),
    CommandVector(
        "9755 4, with CATENATE",
        b"a APPEND x CATENATE (UTF8 (~{2}\r\n\xc3\xa9) URL /x)\r\n",
        "a",
        Append("x", (AppendMessage((CatenateText(b"\xc3\xa9", utf8=True), CatenateUrl("/x"))),)),
    ),
    CommandVector(
        "3516 4.4",
        b"a APPEND x ~{3}\r\na\0b\r\n",
        "a",
        Append("x", (AppendMessage(Literal(3, b"a\0b", binary=True)),)),
    ),
    CommandVector(
        "9755 4, no literal8",
        b"a APPEND x UTF8 ({2}\r\n\xc3\xa9)\r\n",
        "a",
        Append("x", (AppendMessage(b"\xc3\xa9", utf8=True),)),
        defects=1,
    ),
    # what the RFCs have no example of
    CommandVector("5738, unknown parameter", b"a SELECT x (UTF8)\r\n", "a", Select("x", ("UTF8",))),
    CommandVector(
        "4466 2.1",
        b"a SELECT x (CONDSTORE X-FOO (1 a (b)) X-BAR 7:9)\r\n",
        "a",
        Select("x", ("CONDSTORE", Option("X-FOO", (1, "a", ("b",))), Option("X-BAR", "7:9"))),
    ),
    CommandVector(
        "7162 3.2.5, without UIDs",
        b"a EXAMINE x (QRESYNC (1 2 (3,6 4,8)))\r\n",
        "a",
        Examine("x", (Option("QRESYNC", QResync(1, 2, None, (_set("3,6"), _set("4,8")))),)),
    ),
    CommandVector("3501 5.1.3", b"a SELECT &AOk-\r\n", "a", Select("é")),
    CommandVector("9755 3", 'a SELECT "é"\r\n'.encode(), "a", Select("é"), utf8=True),
    CommandVector(
        "9755 3, no charset",
        'a SEARCH SUBJECT "é"\r\n'.encode(),
        "a",
        SearchCommand(Search.subject("é")),
        utf8=True,
    ),
    CommandVector(
        "5256 5",
        "a UID THREAD REFS UTF-8 SUBJECT {2}\r\né\r\n".encode(),
        "a",
        ThreadCommand("REFS", Search.subject("é"), uid=True),
    ),
    CommandVector("2193 5", b'a RLIST "" %\r\n', "a", Rlist("", "%")),
    CommandVector("2193 5", b'a RLSUB "" *\r\n', "a", Rlsub("", "*")),
    CommandVector("XLIST", b'a XLIST "" *\r\n', "a", Xlist("", "*")),
    CommandVector(
        "X-GM-EXT-1",
        b'a UID SEARCH X-GM-RAW "has:attachment in:unread" X-GM-MSGID 1278455344230334865 '
        b"X-GM-THRID 1266894439832287888 X-GM-LABELS \\Important X-GM-LABELS foo\r\n",
        "a",
        SearchCommand(
            Search.gm_raw("has:attachment in:unread")
            & Search.gm_msgid(1278455344230334865)
            & Search.gm_thrid(1266894439832287888)
            & Search.gm_labels(r"\Important")
            & Search.gm_labels("foo"),
            uid=True,
        ),
    ),
    CommandVector(
        "X-GM-EXT-1",
        b"a STORE 1 +X-GM-LABELS.SILENT (\\Inbox foo)\r\n",
        "a",
        Store(_set("1"), "+X-GM-LABELS", (r"\Inbox", "foo"), silent=True),
    ),
    CommandVector(
        "8970 3.1",
        b"a FETCH 1 PREVIEW (LAZY) (CHANGEDSINCE 5)\r\n",
        "a",
        Fetch(_set("1"), (Option("PREVIEW", ("LAZY",)),), (Option("CHANGEDSINCE", 5),)),
        canonical=False,
    ),
    CommandVector(
        "8970 3.1",
        b"a FETCH 1 PREVIEW (CHANGEDSINCE 5)\r\n",
        "a",
        Fetch(_set("1"), ("PREVIEW",), (Option("CHANGEDSINCE", 5),)),
        canonical=False,
    ),
    CommandVector(
        "5257 4.3",
        b"a FETCH 1 ANNOTATION (/comment value)\r\n",
        "a",
        Fetch(_set("1"), (Option("ANNOTATION", (("/comment",), ("value",))),)),
        canonical=False,
    ),
    CommandVector(
        "9051 6.4.5, unknown items",
        b"a FETCH 1 (X-FOO X-BAR[1 2]<0.5> X-BAZ (1 a))\r\n",
        "a",
        Fetch(_set("1"), ("X-FOO", "X-BAR[1 2]<0.5>", Option("X-BAZ", (1, "a")))),
    ),
    CommandVector("5465 8", b"a NOTIFY NONE\r\n", "a", Notify(None)),
    CommandVector(
        "5465 8",
        b"a NOTIFY SET STATUS (SUBTREE (a b) NONE) (INBOXES (MailboxName X-FOO))\r\n",
        "a",
        Notify(
            (
                EventGroup(MailboxFilter("SUBTREE", ("a", "b")), None),
                EventGroup(MailboxFilter("INBOXES"), ("MailboxName", "X-FOO")),
            ),
            status=True,
        ),
    ),
    CommandVector(
        "7377 4",
        b"a UID ESEARCH IN (SUBTREE-ONE x SELECTED (X-Y 5)) RETURN (MIN) ALL\r\n",
        "a",
        ESearch(
            Search.all,
            sources=(MailboxFilter("SUBTREE-ONE", ("x",)), MailboxFilter("SELECTED")),
            scope=(Option("X-Y", 5),),
            returns=("MIN",),
            uid=True,
        ),
    ),
    CommandVector(
        "5464 4.2.2",
        b"a GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX (/a /b)\r\n",
        "a",
        GetMetadata("INBOX", ("/a", "/b"), (Option("MAXSIZE", 1024), Option("DEPTH", "infinity"))),
    ),
    CommandVector(
        "4314 3.4", b"a LISTRIGHTS ~/Mail/saved smith\r\n", "a", ListRights("~/Mail/saved", "smith")
    ),
    CommandVector("5255 4.7", b"a COMPARATOR\r\n", "a", Comparator()),
    CommandVector("8437 2", b"a UNAUTHENTICATE\r\n", "a", Unauthenticate()),
    CommandVector("3501 6.4.1", b"FXXZ CHECK\r\n", "FXXZ", Check()),
    CommandVector("2971 3.1", b'a ID ("name" NIL)\r\n', "a", Id({"name": None})),
    CommandVector(
        "5524 3.1", b"a URLFETCH (imap://x)\r\n", "a", UrlFetch((UrlRequest("imap://x", ()),))
    ),
    CommandVector(
        "9738 3.2", b"a SEARCH UIDBEFORE 5\r\n", "a", SearchCommand(Search.uid_before(5))
    ),
    CommandVector(
        "8514 4.3",
        b"a SEARCH SAVEDBEFORE 1-Jan-2020 SAVEDATESUPPORTED\r\n",
        "a",
        SearchCommand(Search.saved_before(date(2020, 1, 1)) & Search.save_date_supported),
    ),
    CommandVector(
        "9051 6.4.4, one key within another",
        b"a SEARCH OR OR SEEN DRAFT OR NEW (OLD NOT (TO a CC b)) NOT OR 1 2\r\n",
        "a",
        SearchCommand(
            (
                Search.seen
                | Search.draft
                | Search.new
                | (Search.old & ~(Search.to("a") & Search.cc("b")))
            )
            & ~(Search.numbers("1") | Search.numbers("2"))
        ),
    ),
    CommandVector(
        "9051 9, unknown",
        b'a UID XFOO (a "b" NIL) 5 ~{1}\r\nx {1}\r\n\n\r\n',
        "a",
        UnknownCommand(
            "XFOO", (("a", b"b", None), 5, Literal(1, b"x", binary=True), b"\n"), uid=True
        ),
    ),
    CommandVector("3501 9, space at the end", b"a NOOP \r\n", "a", Noop(), defects=1),
    CommandVector(
        "3501 9, spaces",
        b"a  UID  FETCH  1  (FLAGS )\r\n",
        "a",
        Fetch(_set("1"), ("FLAGS",), uid=True),
        defects=4,
    ),
    CommandVector(
        "3501 6.3.10", b"a STATUS x (UNSEEN) \r\n", "a", Status("x", ("UNSEEN",)), defects=1
    ),
]
