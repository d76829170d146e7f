"""What a server sends and what it means: one table for the reader and the writer.

It holds every example of the RFCs that is not abridged, in the order of the RFCs, and rows for
what they have no example of.
"""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from mailproto.imap.body import BodyPart, Disposition, MessagePart, Multipart
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.codes import (
    AnnotateCode,
    Annotations,
    AppendUid,
    BadCharset,
    BadEvent,
    BadUrl,
    CapabilityCode,
    CopyUid,
    HighestModSeq,
    InProgress,
    MailboxId,
    MaxConvertMessages,
    MaxConvertParts,
    MessageLimit,
    MetadataCode,
    Modified,
    NoUpdate,
    PermanentFlags,
    Referral,
    ResponseCode,
    UidNext,
    UidValidity,
    UndefinedFilter,
    Unseen,
    UrlMech,
)
from mailproto.imap.envelope import Address, Envelope
from mailproto.imap.fetch import (
    AnnotationEntry,
    ConversionError,
    ConvertedResponse,
    FetchResponse,
    UidFetchResponse,
)
from mailproto.imap.responses import (
    AclResponse,
    Bad,
    Bye,
    CapabilityResponse,
    ComparatorResponse,
    Continuation,
    ConversionResponse,
    EnabledResponse,
    ESearchResponse,
    ExistsResponse,
    ExpungeResponse,
    FlagsResponse,
    GenUrlAuthResponse,
    IdResponse,
    JmapAccessResponse,
    LanguageResponse,
    ListResponse,
    ListRightsResponse,
    LsubResponse,
    MetadataResponse,
    MyRightsResponse,
    Namespace,
    NamespaceResponse,
    No,
    Ok,
    PartialResult,
    Preauth,
    QuotaResource,
    QuotaResponse,
    QuotaRootResponse,
    RecentResponse,
    Response,
    SearchResponse,
    SortResponse,
    StatusResponse,
    ThreadResponse,
    UidBatchesResponse,
    UnknownResponse,
    UrlData,
    UrlFetchResponse,
    VanishedResponse,
    XlistResponse,
)
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.threads import Thread


class ResponseVector(NamedTuple):
    source: str
    text: str
    """Without the CRLF at its end."""
    response: Response
    canonical: bool = True
    """Whether writing the response gives these very bytes."""
    utf8: bool = False

    @property
    def wire(self) -> bytes:
        return self.text.encode() + b"\r\n"


V = ResponseVector
S = SequenceSet.parse


def C(names: str) -> Capabilities:
    return Capabilities(names.split())


def at(
    year: int, month: int, day: int, hour: int, minute: int, second: int, zone: float
) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone(timedelta(hours=zone)))


RESPONSES = [
    # RFC 2177
    V("RFC 2177 3", "* FLAGS (Deleted Seen)", FlagsResponse(("Deleted", "Seen"))),
    V("RFC 2177 3", "* 3 EXISTS", ExistsResponse(3)),
    V("RFC 2177 3", "* 0 RECENT", RecentResponse(0)),
    V("RFC 2177 3", "A001 OK SELECT completed", Ok("SELECT completed", tag="A001")),
    V("RFC 2177 3", "+ idling", Continuation("idling")),
    V("RFC 2177 3", "* 4 EXISTS", ExistsResponse(4)),
    V("RFC 2177 3", "A002 OK IDLE terminated", Ok("IDLE terminated", tag="A002")),
    V("RFC 2177 3", "A003 OK FETCH completed", Ok("FETCH completed", tag="A003")),
    V("RFC 2177 3", "* 2 EXPUNGE", ExpungeResponse(2)),
    V("RFC 2177 3", "* 3 EXPUNGE", ExpungeResponse(3)),
    V("RFC 2177 3", "* 2 EXISTS", ExistsResponse(2)),
    V("RFC 2177 3", "A004 OK IDLE terminated", Ok("IDLE terminated", tag="A004")),
    V("RFC 2177 3", "A005 OK FETCH completed", Ok("FETCH completed", tag="A005")),
    # RFC 2193
    V(
        "RFC 2193 4.1",
        "A001 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/SHARED/FOO] Remote mailbox. Try SERVER2.",
        No(
            "Remote mailbox. Try SERVER2.",
            Referral(("IMAP://user;AUTH=*@SERVER2/SHARED/FOO",)),
            "A001",
        ),
    ),
    V("RFC 2193 4.1", "* OK IMAP4rev1 server ready", Ok("IMAP4rev1 server ready")),
    V("RFC 2193 4.1", "B001 OK user is authenticated", Ok("user is authenticated", tag="B001")),
    V("RFC 2193 4.1", "B002 OK DELETE completed", Ok("DELETE completed", tag="B002")),
    V(
        "RFC 2193 4.1",
        "A001 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/REMOTE IMAP://user;"
        "AUTH=*@SERVER3/REMOTE] Remote mailbox. Try SERVER2 or SERVER3.",
        No(
            "Remote mailbox. Try SERVER2 or SERVER3.",
            Referral(("IMAP://user;AUTH=*@SERVER2/REMOTE", "IMAP://user;AUTH=*@SERVER3/REMOTE")),
            "A001",
        ),
    ),
    V("RFC 2193 4.1", "* 12 EXISTS", ExistsResponse(12)),
    V("RFC 2193 4.1", "* 1 RECENT", RecentResponse(1)),
    V(
        "RFC 2193 4.1",
        "* OK [UNSEEN 10] Message 10 is first unseen",
        Ok("Message 10 is first unseen", Unseen(10)),
    ),
    V(
        "RFC 2193 4.1",
        "* FLAGS (Answered Flagged Deleted Seen Draft)",
        FlagsResponse(("Answered", "Flagged", "Deleted", "Seen", "Draft")),
    ),
    V(
        "RFC 2193 4.1",
        "B002 OK [READ-WRITE] Selected completed",
        Ok("Selected completed", ResponseCode("READ-WRITE"), "B002"),
    ),
    V("RFC 2193 4.1", "B003 OK FETCH Completed", Ok("FETCH Completed", tag="B003")),
    V("RFC 2193 4.1", "* BYE IMAP4rev1 server logging out", Bye("IMAP4rev1 server logging out")),
    V("RFC 2193 4.1", "B004 OK LOGOUT Completed", Ok("LOGOUT Completed", tag="B004")),
    V("RFC 2193 4.1", "* 16 EXISTS", ExistsResponse(16)),
    V("RFC 2193 4.1", "* 2 RECENT", RecentResponse(2)),
    V(
        "RFC 2193 4.1",
        "A002 OK [READ-WRITE] Selected completed",
        Ok("Selected completed", ResponseCode("READ-WRITE"), "A002"),
    ),
    V(
        "RFC 2193 4.2",
        "A001 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/SHARED/FOO] Mailbox should be "
        "created on remote server",
        No(
            "Mailbox should be created on remote server",
            Referral(("IMAP://user;AUTH=*@SERVER2/SHARED/FOO",)),
            "A001",
        ),
    ),
    V("RFC 2193 4.2", "A001 OK CREATE succeeded", Ok("CREATE succeeded", tag="A001")),
    V(
        "RFC 2193 4.2",
        "A002 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/SHARED/FOO] Remote mailbox.  Try SERVER2",
        No(
            "Remote mailbox.  Try SERVER2",
            Referral(("IMAP://user;AUTH=*@SERVER2/SHARED/FOO",)),
            "A002",
        ),
    ),
    V(
        "RFC 2193 4.3",
        "A001 NO [REFERRAL IMAP://user;AUTH=*@SERVER1/FOO IMAP://user;AUTH=*@SERVER2/"
        "BAR] Unable to rename mailbox across servers",
        No(
            "Unable to rename mailbox across servers",
            Referral(("IMAP://user;AUTH=*@SERVER1/FOO", "IMAP://user;AUTH=*@SERVER2/BAR")),
            "A001",
        ),
    ),
    V(
        "RFC 2193 4.3",
        "A001 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/FOO IMAP://user;AUTH=*@SERVER2/"
        "BAR] Unable to rename mailbox located on SERVER2",
        No(
            "Unable to rename mailbox located on SERVER2",
            Referral(("IMAP://user;AUTH=*@SERVER2/FOO", "IMAP://user;AUTH=*@SERVER2/BAR")),
            "A001",
        ),
    ),
    V(
        "RFC 2193 4.4",
        "A001 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/SHARED/STUFF] Unable to copy "
        "message(s) to SERVER2.",
        No(
            "Unable to copy message(s) to SERVER2.",
            Referral(("IMAP://user;AUTH=*@SERVER2/SHARED/STUFF",)),
            "A001",
        ),
    ),
    # RFC 2221
    V(
        "RFC 2221 4.1",
        "A001 NO [REFERRAL IMAP://MIKE@SERVER2/] Specified user is invalid on this "
        "server. Try SERVER2.",
        No(
            "Specified user is invalid on this server. Try SERVER2.",
            Referral(("IMAP://MIKE@SERVER2/",)),
            "A001",
        ),
    ),
    V(
        "RFC 2221 4.1",
        "A001 OK [REFERRAL IMAP://MATTHEW@SERVER2/] Specified user's personal "
        "mailboxes located on Server2, but public mailboxes are available.",
        Ok(
            "Specified user's personal mailboxes located on "
            "Server2, but public mailboxes are available.",
            Referral(("IMAP://MATTHEW@SERVER2/",)),
            "A001",
        ),
    ),
    V(
        "RFC 2221 4.1",
        "A001 NO [REFERRAL IMAP://user;AUTH=GSSAPI@SERVER2/] Specified user is invalid "
        "on this server. Try SERVER2.",
        No(
            "Specified user is invalid on this server. Try SERVER2.",
            Referral(("IMAP://user;AUTH=GSSAPI@SERVER2/",)),
            "A001",
        ),
    ),
    V(
        "RFC 2221 4.2",
        "* BYE [REFERRAL IMAP://user;AUTH=*@SERVER2/] Server not accepting "
        "connections.  Try SERVER2",
        Bye(
            "Server not accepting connections.  Try SERVER2",
            Referral(("IMAP://user;AUTH=*@SERVER2/",)),
        ),
    ),
    # RFC 2342
    V("RFC 2342 5", '* NAMESPACE (("" "/")) NIL NIL', NamespaceResponse((Namespace("", "/"),))),
    V(
        "RFC 2342 5",
        "A001 OK NAMESPACE command completed",
        Ok("NAMESPACE command completed", tag="A001"),
    ),
    V(
        "RFC 2342 5",
        '* NAMESPACE NIL NIL (("" "."))',
        NamespaceResponse(shared=(Namespace("", "."),)),
    ),
    V(
        "RFC 2342 5",
        '* NAMESPACE (("" "/")) NIL (("Public Folders/" "/"))',
        NamespaceResponse((Namespace("", "/"),), shared=(Namespace("Public Folders/", "/"),)),
    ),
    V(
        "RFC 2342 5",
        '* NAMESPACE (("" "/")) (("~" "/")) (("#shared/" "/") ("#public/" "/")("#ftp/" '
        '"/")("#news." "."))',
        NamespaceResponse(
            (Namespace("", "/"),),
            (Namespace("~", "/"),),
            (
                Namespace("#shared/", "/"),
                Namespace("#public/", "/"),
                Namespace("#ftp/", "/"),
                Namespace("#news.", "."),
            ),
        ),
        canonical=False,
    ),
    V("RFC 2342 5", "A002 OK CREATE command completed", Ok("CREATE command completed", tag="A002")),
    V(
        "RFC 2342 5",
        '* NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) NIL NIL',
        NamespaceResponse(
            (Namespace("", "/"), Namespace("#mh/", "/", (("X-PARAM", ("FLAG1", "FLAG2")),)))
        ),
    ),
    V("RFC 2342 5", "A003 OK CREATE command completed", Ok("CREATE command completed", tag="A003")),
    V("RFC 2342 5", "A004 OK CREATE command completed", Ok("CREATE command completed", tag="A004")),
    V(
        "RFC 2342 5",
        '* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL',
        NamespaceResponse((Namespace("", "/"),), (Namespace("Other Users/", "/"),)),
    ),
    V("RFC 2342 5", '* LIST () "/" "Other Users/Mike"', ListResponse((), "/", "Other Users/Mike")),
    V(
        "RFC 2342 5",
        '* LIST () "/" "Other Users/Karen"',
        ListResponse((), "/", "Other Users/Karen"),
    ),
    V(
        "RFC 2342 5",
        '* LIST () "/" "Other Users/Matthew"',
        ListResponse((), "/", "Other Users/Matthew"),
    ),
    V("RFC 2342 5", '* LIST () "/" "Other Users/Tesa"', ListResponse((), "/", "Other Users/Tesa")),
    V("RFC 2342 5", "A002 OK LIST command completed", Ok("LIST command completed", tag="A002")),
    V(
        "RFC 2342 5",
        '* NAMESPACE (("" "/")) (("#Users/" "/")) NIL',
        NamespaceResponse((Namespace("", "/"),), (Namespace("#Users/", "/"),)),
    ),
    V(
        "RFC 2342 5",
        "A002 NO The requested item could not be found.",
        No("The requested item could not be found.", tag="A002"),
    ),
    V(
        "RFC 2342 5",
        '* LIST () "/" "#Users/Mike/INBOX"',
        ListResponse((), "/", "#Users/Mike/INBOX"),
        canonical=False,
    ),
    V(
        "RFC 2342 5",
        '* LIST () "/" "#Users/Mike/Foo"',
        ListResponse((), "/", "#Users/Mike/Foo"),
        canonical=False,
    ),
    V("RFC 2342 5", "A003 OK LIST command completed.", Ok("LIST command completed.", tag="A003")),
    V(
        "RFC 2342 5",
        '* NAMESPACE (("" "/")) (("~" "/")) NIL',
        NamespaceResponse((Namespace("", "/"),), (Namespace("~", "/"),)),
    ),
    V(
        "RFC 2342 5",
        '* LIST () "/" "~mark/INBOX"',
        ListResponse((), "/", "~mark/INBOX"),
        canonical=False,
    ),
    V(
        "RFC 2342 5",
        '* LIST () "/" "~mark/foo"',
        ListResponse((), "/", "~mark/foo"),
        canonical=False,
    ),
    # RFC 2971
    V("RFC 2971 3.1", "* ID NIL", IdResponse()),
    V("RFC 2971 3.1", "a023 OK ID completed", Ok("ID completed", tag="a023")),
    V(
        "RFC 2971 3.2",
        '* ID ("name" "Cyrus" "version" "1.5" "os" "sunos" "os-version" "5.5" '
        '"support-url" "mailto:cyrus-bugs+@andrew.cmu.edu")',
        IdResponse(
            {
                "name": "Cyrus",
                "version": "1.5",
                "os": "sunos",
                "os-version": "5.5",
                "support-url": "mailto:cyrus-bugs+@andrew.cmu.edu",
            }
        ),
    ),
    V("RFC 2971 3.2", "a042 OK ID command completed", Ok("ID command completed", tag="a042")),
    # RFC 3348
    V(
        "RFC 3348 3",
        '* LIST (\\HasNoChildren) "/" INBOX',
        ListResponse(("\\HasNoChildren",), "/", "INBOX"),
    ),
    V(
        "RFC 3348 3",
        '* LIST (\\HasChildren) "/" ITEM_1',
        ListResponse(("\\HasChildren",), "/", "ITEM_1"),
    ),
    V(
        "RFC 3348 3",
        '* LIST (\\HasNoChildren) "/" ITEM_1/ITEM_1A',
        ListResponse(("\\HasNoChildren",), "/", "ITEM_1/ITEM_1A"),
    ),
    V(
        "RFC 3348 3",
        '* LIST (\\HasChildren) "/" ITEM_2',
        ListResponse(("\\HasChildren",), "/", "ITEM_2"),
    ),
    V("RFC 3348 3", "A001 OK LIST Completed", Ok("LIST Completed", tag="A001")),
    # RFC 3501
    V(
        "RFC 3501 6.1.1",
        "* CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI",
        CapabilityResponse(C("IMAP4rev1 STARTTLS AUTH=GSSAPI")),
    ),
    V("RFC 3501 6.1.1", "abcd OK CAPABILITY completed", Ok("CAPABILITY completed", tag="abcd")),
    V("RFC 3501 6.1.1", "efgh OK STARTLS completed", Ok("STARTLS completed", tag="efgh")),
    V(
        "RFC 3501 6.1.1",
        "* CAPABILITY IMAP4rev1 AUTH=GSSAPI AUTH=PLAIN",
        CapabilityResponse(C("IMAP4rev1 AUTH=GSSAPI AUTH=PLAIN")),
    ),
    V("RFC 3501 6.1.1", "ijkl OK CAPABILITY completed", Ok("CAPABILITY completed", tag="ijkl")),
    V("RFC 3501 6.1.2", "a002 OK NOOP completed . . .", Ok("NOOP completed . . .", tag="a002")),
    V("RFC 3501 6.1.2", "* 22 EXPUNGE", ExpungeResponse(22)),
    V("RFC 3501 6.1.2", "* 23 EXISTS", ExistsResponse(23)),
    V("RFC 3501 6.1.2", "* 3 RECENT", RecentResponse(3)),
    V(
        "RFC 3501 6.1.2",
        "* 14 FETCH (FLAGS (\\Seen \\Deleted))",
        FetchResponse(14, {"FLAGS": ("\\Seen", "\\Deleted")}),
    ),
    V("RFC 3501 6.1.2", "a047 OK NOOP completed", Ok("NOOP completed", tag="a047")),
    V("RFC 3501 6.1.3", "* BYE IMAP4rev1 Server logging out", Bye("IMAP4rev1 Server logging out")),
    V("RFC 3501 6.1.3", "A023 OK LOGOUT completed", Ok("LOGOUT completed", tag="A023")),
    V(
        "RFC 3501 6.2.1",
        "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED",
        CapabilityResponse(C("IMAP4rev1 STARTTLS LOGINDISABLED")),
    ),
    V("RFC 3501 6.2.1", "a001 OK CAPABILITY completed", Ok("CAPABILITY completed", tag="a001")),
    V(
        "RFC 3501 6.2.1",
        "a002 OK Begin TLS negotiation now",
        Ok("Begin TLS negotiation now", tag="a002"),
    ),
    V(
        "RFC 3501 6.2.1",
        "* CAPABILITY IMAP4rev1 AUTH=PLAIN",
        CapabilityResponse(C("IMAP4rev1 AUTH=PLAIN")),
    ),
    V("RFC 3501 6.2.1", "a003 OK CAPABILITY completed", Ok("CAPABILITY completed", tag="a003")),
    V("RFC 3501 6.2.1", "a004 OK LOGIN completed", Ok("LOGIN completed", tag="a004")),
    V("RFC 3501 6.2.2", "* OK IMAP4rev1 Server", Ok("IMAP4rev1 Server")),
    V(
        "RFC 3501 6.2.2",
        "+ YGgGCSqGSIb3EgECAgIAb1kwV6ADAgEFoQMCAQ+iSzBJoAMC "
        "AQGiQgRAtHTEuOP2BXb9sBYFR4SJlDZxmg39IxmRBOhXRKdDA0 "
        "uHTCOT9Bq3OsUTXUlk0CsFLoa8j+gvGDlgHuqzWHPSQg==",
        Continuation(
            "YGgGCSqGSIb3EgECAgIAb1kwV6ADAgEFoQMCAQ+iSzBJoAMC "
            "AQGiQgRAtHTEuOP2BXb9sBYFR4SJlDZxmg39IxmRBOhXRKdDA0 "
            "uHTCOT9Bq3OsUTXUlk0CsFLoa8j+gvGDlgHuqzWHPSQg=="
        ),
    ),
    V(
        "RFC 3501 6.2.2",
        "+ YDMGCSqGSIb3EgECAgIBAAD/////6jcyG4GE3KkTzBeBiVHe ceP2CWY0SR0fAQAgAAQEBAQ=",
        Continuation("YDMGCSqGSIb3EgECAgIBAAD/////6jcyG4GE3KkTzBeBiVHe ceP2CWY0SR0fAQAgAAQEBAQ="),
    ),
    V(
        "RFC 3501 6.2.2",
        "A001 OK GSSAPI authentication successful",
        Ok("GSSAPI authentication successful", tag="A001"),
    ),
    V("RFC 3501 6.2.3", "a001 OK LOGIN completed", Ok("LOGIN completed", tag="a001")),
    V("RFC 3501 6.3.1", "* 172 EXISTS", ExistsResponse(172)),
    V(
        "RFC 3501 6.3.1",
        "* OK [UNSEEN 12] Message 12 is first unseen",
        Ok("Message 12 is first unseen", Unseen(12)),
    ),
    V(
        "RFC 3501 6.3.1",
        "* OK [UIDVALIDITY 3857529045] UIDs valid",
        Ok("UIDs valid", UidValidity(3857529045)),
    ),
    V(
        "RFC 3501 6.3.1",
        "* OK [UIDNEXT 4392] Predicted next UID",
        Ok("Predicted next UID", UidNext(4392)),
    ),
    V(
        "RFC 3501 6.3.1",
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
        FlagsResponse(("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")),
    ),
    V(
        "RFC 3501 6.3.1",
        "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited",
        Ok("Limited", PermanentFlags(("\\Deleted", "\\Seen", "\\*"))),
    ),
    V(
        "RFC 3501 6.3.1",
        "A142 OK [READ-WRITE] SELECT completed",
        Ok("SELECT completed", ResponseCode("READ-WRITE"), "A142"),
    ),
    V("RFC 3501 6.3.2", "* 17 EXISTS", ExistsResponse(17)),
    V(
        "RFC 3501 6.3.2",
        "* OK [UNSEEN 8] Message 8 is first unseen",
        Ok("Message 8 is first unseen", Unseen(8)),
    ),
    V(
        "RFC 3501 6.3.2",
        "* OK [PERMANENTFLAGS ()] No permanent flags permitted",
        Ok("No permanent flags permitted", PermanentFlags(())),
    ),
    V(
        "RFC 3501 6.3.2",
        "A932 OK [READ-ONLY] EXAMINE completed",
        Ok("EXAMINE completed", ResponseCode("READ-ONLY"), "A932"),
    ),
    V("RFC 3501 6.3.3", "A003 OK CREATE completed", Ok("CREATE completed", tag="A003")),
    V("RFC 3501 6.3.3", "A004 OK CREATE completed", Ok("CREATE completed", tag="A004")),
    V("RFC 3501 6.3.4", '* LIST () "/" blurdybloop', ListResponse((), "/", "blurdybloop")),
    V("RFC 3501 6.3.4", '* LIST (\\Noselect) "/" foo', ListResponse(("\\Noselect",), "/", "foo")),
    V("RFC 3501 6.3.4", '* LIST () "/" foo/bar', ListResponse((), "/", "foo/bar")),
    V("RFC 3501 6.3.4", "A682 OK LIST completed", Ok("LIST completed", tag="A682")),
    V("RFC 3501 6.3.4", "A683 OK DELETE completed", Ok("DELETE completed", tag="A683")),
    V(
        "RFC 3501 6.3.4",
        'A684 NO Name "foo" has inferior hierarchical names',
        No('Name "foo" has inferior hierarchical names', tag="A684"),
    ),
    V("RFC 3501 6.3.4", "A685 OK DELETE Completed", Ok("DELETE Completed", tag="A685")),
    V("RFC 3501 6.3.4", "A686 OK LIST completed", Ok("LIST completed", tag="A686")),
    V("RFC 3501 6.3.4", "A687 OK DELETE Completed", Ok("DELETE Completed", tag="A687")),
    V("RFC 3501 6.3.4", '* LIST () "." blurdybloop', ListResponse((), ".", "blurdybloop")),
    V("RFC 3501 6.3.4", '* LIST () "." foo', ListResponse((), ".", "foo")),
    V("RFC 3501 6.3.4", '* LIST () "." foo.bar', ListResponse((), ".", "foo.bar")),
    V("RFC 3501 6.3.4", "A82 OK LIST completed", Ok("LIST completed", tag="A82")),
    V("RFC 3501 6.3.4", "A83 OK DELETE completed", Ok("DELETE completed", tag="A83")),
    V("RFC 3501 6.3.4", "A84 OK DELETE Completed", Ok("DELETE Completed", tag="A84")),
    V("RFC 3501 6.3.4", "A85 OK LIST completed", Ok("LIST completed", tag="A85")),
    V("RFC 3501 6.3.4", '* LIST (\\Noselect) "." foo', ListResponse(("\\Noselect",), ".", "foo")),
    V("RFC 3501 6.3.4", "A86 OK LIST completed", Ok("LIST completed", tag="A86")),
    V("RFC 3501 6.3.5", "A683 OK RENAME completed", Ok("RENAME completed", tag="A683")),
    V("RFC 3501 6.3.5", "A684 OK RENAME Completed", Ok("RENAME Completed", tag="A684")),
    V("RFC 3501 6.3.5", '* LIST () "/" sarasoop', ListResponse((), "/", "sarasoop")),
    V(
        "RFC 3501 6.3.5",
        '* LIST (\\Noselect) "/" zowie',
        ListResponse(("\\Noselect",), "/", "zowie"),
    ),
    V("RFC 3501 6.3.5", '* LIST () "/" zowie/bar', ListResponse((), "/", "zowie/bar")),
    V("RFC 3501 6.3.5", "A685 OK LIST completed", Ok("LIST completed", tag="A685")),
    V("RFC 3501 6.3.5", '* LIST () "." INBOX', ListResponse((), ".", "INBOX")),
    V("RFC 3501 6.3.5", '* LIST () "." INBOX.bar', ListResponse((), ".", "INBOX.bar")),
    V("RFC 3501 6.3.5", "Z432 OK LIST completed", Ok("LIST completed", tag="Z432")),
    V("RFC 3501 6.3.5", "Z433 OK RENAME completed", Ok("RENAME completed", tag="Z433")),
    V("RFC 3501 6.3.5", '* LIST () "." old-mail', ListResponse((), ".", "old-mail")),
    V("RFC 3501 6.3.5", "Z434 OK LIST completed", Ok("LIST completed", tag="Z434")),
    V("RFC 3501 6.3.6", "A002 OK SUBSCRIBE completed", Ok("SUBSCRIBE completed", tag="A002")),
    V("RFC 3501 6.3.7", "A002 OK UNSUBSCRIBE completed", Ok("UNSUBSCRIBE completed", tag="A002")),
    V("RFC 3501 6.3.8", '* LIST (\\Noselect) "/" ""', ListResponse(("\\Noselect",), "/", "")),
    V("RFC 3501 6.3.8", "A101 OK LIST Completed", Ok("LIST Completed", tag="A101")),
    V(
        "RFC 3501 6.3.8",
        '* LIST (\\Noselect) "." #news.',
        ListResponse(("\\Noselect",), ".", "#news."),
    ),
    V("RFC 3501 6.3.8", "A102 OK LIST Completed", Ok("LIST Completed", tag="A102")),
    V("RFC 3501 6.3.8", '* LIST (\\Noselect) "/" /', ListResponse(("\\Noselect",), "/", "/")),
    V("RFC 3501 6.3.8", "A103 OK LIST Completed", Ok("LIST Completed", tag="A103")),
    V(
        "RFC 3501 6.3.8",
        '* LIST (\\Noselect) "/" ~/Mail/foo',
        ListResponse(("\\Noselect",), "/", "~/Mail/foo"),
    ),
    V("RFC 3501 6.3.8", '* LIST () "/" ~/Mail/meetings', ListResponse((), "/", "~/Mail/meetings")),
    V("RFC 3501 6.3.8", "A202 OK LIST completed", Ok("LIST completed", tag="A202")),
    V(
        "RFC 3501 6.3.9",
        '* LSUB () "." #news.comp.mail.mime',
        LsubResponse((), ".", "#news.comp.mail.mime"),
    ),
    V(
        "RFC 3501 6.3.9",
        '* LSUB () "." #news.comp.mail.misc',
        LsubResponse((), ".", "#news.comp.mail.misc"),
    ),
    V("RFC 3501 6.3.9", "A002 OK LSUB completed", Ok("LSUB completed", tag="A002")),
    V(
        "RFC 3501 6.3.9",
        '* LSUB (\\NoSelect) "." #news.comp.mail',
        LsubResponse(("\\Noselect",), ".", "#news.comp.mail"),
        canonical=False,
    ),
    V("RFC 3501 6.3.9", "A003 OK LSUB completed", Ok("LSUB completed", tag="A003")),
    V(
        "RFC 3501 6.3.10",
        "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)",
        StatusResponse("blurdybloop", {"MESSAGES": 231, "UIDNEXT": 44292}),
    ),
    V("RFC 3501 6.3.10", "A042 OK STATUS completed", Ok("STATUS completed", tag="A042")),
    V("RFC 3501 6.3.11", "+ Ready for literal data", Continuation("Ready for literal data")),
    V("RFC 3501 6.3.11", "A003 OK APPEND completed", Ok("APPEND completed", tag="A003")),
    V("RFC 3501 6.4.1", "FXXZ OK CHECK Completed", Ok("CHECK Completed", tag="FXXZ")),
    V("RFC 3501 6.4.2", "A341 OK CLOSE completed", Ok("CLOSE completed", tag="A341")),
    V("RFC 3501 6.4.3", "* 5 EXPUNGE", ExpungeResponse(5)),
    V("RFC 3501 6.4.3", "* 8 EXPUNGE", ExpungeResponse(8)),
    V("RFC 3501 6.4.3", "A202 OK EXPUNGE completed", Ok("EXPUNGE completed", tag="A202")),
    V("RFC 3501 6.4.4", "* SEARCH 2 84 882", SearchResponse((2, 84, 882))),
    V("RFC 3501 6.4.4", "A282 OK SEARCH completed", Ok("SEARCH completed", tag="A282")),
    V("RFC 3501 6.4.4", "* SEARCH", SearchResponse()),
    V("RFC 3501 6.4.4", "A283 OK SEARCH completed", Ok("SEARCH completed", tag="A283")),
    V("RFC 3501 6.4.4", "* SEARCH 43", SearchResponse((43,))),
    V("RFC 3501 6.4.4", "A284 OK SEARCH completed", Ok("SEARCH completed", tag="A284")),
    V("RFC 3501 6.4.5", "A654 OK FETCH completed", Ok("FETCH completed", tag="A654")),
    V(
        "RFC 3501 6.4.6",
        "* 2 FETCH (FLAGS (\\Deleted \\Seen))",
        FetchResponse(2, {"FLAGS": ("\\Deleted", "\\Seen")}),
    ),
    V(
        "RFC 3501 6.4.6",
        "* 3 FETCH (FLAGS (\\Deleted))",
        FetchResponse(3, {"FLAGS": ("\\Deleted",)}),
    ),
    V(
        "RFC 3501 6.4.6",
        "* 4 FETCH (FLAGS (\\Deleted \\Flagged \\Seen))",
        FetchResponse(4, {"FLAGS": ("\\Deleted", "\\Flagged", "\\Seen")}),
    ),
    V("RFC 3501 6.4.6", "A003 OK STORE completed", Ok("STORE completed", tag="A003")),
    V("RFC 3501 6.4.7", "A003 OK COPY completed", Ok("COPY completed", tag="A003")),
    V(
        "RFC 3501 6.4.8",
        "* 23 FETCH (FLAGS (\\Seen) UID 4827313)",
        FetchResponse(23, {"FLAGS": ("\\Seen",), "UID": 4827313}),
    ),
    V(
        "RFC 3501 6.4.8",
        "* 24 FETCH (FLAGS (\\Seen) UID 4827943)",
        FetchResponse(24, {"FLAGS": ("\\Seen",), "UID": 4827943}),
    ),
    V(
        "RFC 3501 6.4.8",
        "* 25 FETCH (FLAGS (\\Seen) UID 4828442)",
        FetchResponse(25, {"FLAGS": ("\\Seen",), "UID": 4828442}),
    ),
    V("RFC 3501 6.4.8", "A999 OK UID FETCH completed", Ok("UID FETCH completed", tag="A999")),
    V(
        "RFC 3501 6.5.1",
        "* CAPABILITY IMAP4rev1 XPIG-LATIN",
        CapabilityResponse(C("IMAP4rev1 XPIG-LATIN")),
    ),
    V("RFC 3501 6.5.1", "a441 OK CAPABILITY completed", Ok("CAPABILITY completed", tag="a441")),
    V(
        "RFC 3501 6.5.1",
        "* XPIG-LATIN ow-nay eaking-spay ig-pay atin-lay",
        UnknownResponse("XPIG-LATIN", ("ow-nay", "eaking-spay", "ig-pay", "atin-lay")),
    ),
    V(
        "RFC 3501 6.5.1",
        "A442 OK XPIG-LATIN ompleted-cay",
        Ok("XPIG-LATIN ompleted-cay", tag="A442"),
    ),
    V(
        "RFC 3501 7.1.1",
        "* OK [ALERT] System shutdown in 10 minutes",
        Ok("System shutdown in 10 minutes", ResponseCode("ALERT")),
    ),
    V("RFC 3501 7.1.1", "A001 OK LOGIN Completed", Ok("LOGIN Completed", tag="A001")),
    V(
        "RFC 3501 7.1.2",
        "* NO Disk is 98% full, please delete unnecessary data",
        No("Disk is 98% full, please delete unnecessary data"),
    ),
    V("RFC 3501 7.1.2", "A222 OK COPY completed", Ok("COPY completed", tag="A222")),
    V(
        "RFC 3501 7.1.2",
        "* NO Disk is 99% full, please delete unnecessary data",
        No("Disk is 99% full, please delete unnecessary data"),
    ),
    V(
        "RFC 3501 7.1.2",
        "A223 NO COPY failed: disk is full",
        No("COPY failed: disk is full", tag="A223"),
    ),
    V("RFC 3501 7.1.3", "* BAD Command line too long", Bad("Command line too long")),
    V("RFC 3501 7.1.3", "* BAD Empty command line", Bad("Empty command line")),
    V(
        "RFC 3501 7.1.3",
        "* BAD Disk crash, attempting salvage to a new disk!",
        Bad("Disk crash, attempting salvage to a new disk!"),
    ),
    V(
        "RFC 3501 7.1.3",
        "* OK Salvage successful, no data lost",
        Ok("Salvage successful, no data lost"),
    ),
    V("RFC 3501 7.1.3", "A443 OK Expunge completed", Ok("Expunge completed", tag="A443")),
    V(
        "RFC 3501 7.1.4",
        "* PREAUTH IMAP4rev1 server logged in as Smith",
        Preauth("IMAP4rev1 server logged in as Smith"),
    ),
    V(
        "RFC 3501 7.1.5",
        "* BYE Autologout; idle for too long",
        Bye("Autologout; idle for too long"),
    ),
    V(
        "RFC 3501 7.2.1",
        "* CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI XPIG-LATIN",
        CapabilityResponse(C("IMAP4rev1 STARTTLS AUTH=GSSAPI XPIG-LATIN")),
    ),
    V("RFC 3501 7.2.5", "* SEARCH 2 3 6", SearchResponse((2, 3, 6))),
    V("RFC 3501 7.3.2", "* 5 RECENT", RecentResponse(5)),
    V("RFC 3501 7.4.1", "* 44 EXPUNGE", ExpungeResponse(44)),
    V(
        "RFC 3501 7.4.2",
        "* 23 FETCH (FLAGS (\\Seen) RFC822.SIZE 44827)",
        FetchResponse(23, {"FLAGS": ("\\Seen",), "RFC822.SIZE": 44827}),
    ),
    V(
        "RFC 3501 7.5",
        "+ Ready for additional command text",
        Continuation("Ready for additional command text"),
    ),
    V("RFC 3501 7.5", "A001 OK LOGIN completed", Ok("LOGIN completed", tag="A001")),
    V(
        "RFC 3501 7.5",
        'A044 BAD No such command as "BLURDYBLOOP"',
        Bad('No such command as "BLURDYBLOOP"', tag="A044"),
    ),
    V("RFC 3501 8", "* OK IMAP4rev1 Service Ready", Ok("IMAP4rev1 Service Ready")),
    V("RFC 3501 8", "* 18 EXISTS", ExistsResponse(18)),
    V(
        "RFC 3501 8",
        "* OK [UNSEEN 17] Message 17 is the first unseen message",
        Ok("Message 17 is the first unseen message", Unseen(17)),
    ),
    V(
        "RFC 3501 8",
        "a002 OK [READ-WRITE] SELECT completed",
        Ok("SELECT completed", ResponseCode("READ-WRITE"), "a002"),
    ),
    V("RFC 3501 8", "a003 OK FETCH completed", Ok("FETCH completed", tag="a003")),
    V(
        "RFC 3501 8",
        "* 12 FETCH (BODY[HEADER] {342}\r\nDate: Wed, 17 Jul 1996 02:23:25 -0700 "
        "(PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\nSubject: IMAP4rev1 WG "
        "mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\ncc: "
        "minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\nMessage-Id: "
        "<B27397-0100000@cac.washington.edu>\r\nMIME-Version: 1.0\r\nContent-Type: "
        "TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n)",
        FetchResponse(
            12,
            {
                Section(text="HEADER"): b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: "
                b"Terry Gray <gray@cac.washington.edu>\r\nSubject: "
                b"IMAP4rev1 WG mtg summary and minutes\r\nTo: "
                b"imap@cac.washington.edu\r\ncc: "
                b"minutes@CNRI.Reston.VA.US, John Klensin "
                b"<KLENSIN@MIT.EDU>\r\nMessage-Id: "
                b"<B27397-0100000@cac.washington.edu>\r\nMIME-Version: "
                b"1.0\r\nContent-Type: TEXT/PLAIN; "
                b"CHARSET=US-ASCII\r\n\r\n"
            },
        ),
    ),
    V("RFC 3501 8", "a004 OK FETCH completed", Ok("FETCH completed", tag="a004")),
    V(
        "RFC 3501 8",
        "* 12 FETCH (FLAGS (\\Seen \\Deleted))",
        FetchResponse(12, {"FLAGS": ("\\Seen", "\\Deleted")}),
    ),
    V("RFC 3501 8", "a005 OK +FLAGS completed", Ok("+FLAGS completed", tag="a005")),
    V(
        "RFC 3501 8",
        "* BYE IMAP4rev1 server terminating connection",
        Bye("IMAP4rev1 server terminating connection"),
    ),
    V("RFC 3501 8", "a006 OK LOGOUT completed", Ok("LOGOUT completed", tag="a006")),
    # RFC 3502
    V(
        "RFC 3502 6.3.11",
        "A004 NO [TRYCREATE] No such mailbox as bogusname",
        No("No such mailbox as bogusname", ResponseCode("TRYCREATE"), "A004"),
    ),
    V(
        "RFC 3502 6.3.11",
        "A005 NO APPEND failed: Disk quota exceeded",
        No("APPEND failed: Disk quota exceeded", tag="A005"),
    ),
    # RFC 3691
    V("RFC 3691 2", "A341 OK Unselect completed", Ok("Unselect completed", tag="A341")),
    # RFC 4314
    V("RFC 4314 2.1.1", "A001 OK Setacl complete", Ok("Setacl complete", tag="A001")),
    V(
        "RFC 4314 2.1.1",
        "* ACL INBOX Fred rwipslxcetda David lrswideta",
        AclResponse("INBOX", (("Fred", "rwipslxcetda"), ("David", "lrswideta"))),
    ),
    V("RFC 4314 2.1.1", "A002 OK Getacl complete", Ok("Getacl complete", tag="A002")),
    V(
        "RFC 4314 2.1.1",
        "* ACL INBOX Fred rwipslxcetda Byron lrswikcdeta",
        AclResponse("INBOX", (("Fred", "rwipslxcetda"), ("Byron", "lrswikcdeta"))),
    ),
    V(
        "RFC 4314 2.1.1",
        '* LISTRIGHTS archive/imap anyone "" lr s w i p k x t c d',
        ListRightsResponse(
            "archive/imap", "anyone", "", ("lr", "s", "w", "i", "p", "k", "x", "t", "c", "d")
        ),
    ),
    V(
        "RFC 4314 2.1.1",
        '* LISTRIGHTS archive/imap anyone "" lr s w i p k xte c d',
        ListRightsResponse(
            "archive/imap", "anyone", "", ("lr", "s", "w", "i", "p", "k", "xte", "c", "d")
        ),
    ),
    V(
        "RFC 4314 2.1.1",
        '* LISTRIGHTS archive/imap anyone "" lr s w i p k c x te d',
        ListRightsResponse(
            "archive/imap", "anyone", "", ("lr", "s", "w", "i", "p", "k", "c", "x", "te", "d")
        ),
    ),
    V(
        "RFC 4314 2.1.1",
        '* LISTRIGHTS archive/imap anyone "" lr swted i p k x c',
        ListRightsResponse("archive/imap", "anyone", "", ("lr", "swted", "i", "p", "k", "x", "c")),
    ),
    V(
        "RFC 4314 3.1",
        "* ACL INBOX/Drafts Fred rwipslxetad Chris lrswi",
        AclResponse("INBOX/Drafts", (("Fred", "rwipslxetad"), ("Chris", "lrswi"))),
    ),
    V("RFC 4314 3.1", "A001 OK Getacl complete", Ok("Getacl complete", tag="A001")),
    V("RFC 4314 3.1", "A002 OK Setacl complete", Ok("Setacl complete", tag="A002")),
    V(
        "RFC 4314 3.1",
        "* ACL INBOX/Drafts Fred rwipslxetad Chris lrswicdakxet",
        AclResponse("INBOX/Drafts", (("Fred", "rwipslxetad"), ("Chris", "lrswicdakxet"))),
    ),
    V("RFC 4314 3.1", "A003 OK Getacl complete", Ok("Getacl complete", tag="A003")),
    V(
        "RFC 4314 3.1",
        "A035 BAD Uppercase rights are not allowed",
        Bad("Uppercase rights are not allowed", tag="A035"),
    ),
    V(
        "RFC 4314 3.1",
        "A036 BAD The q right is not supported",
        Bad("The q right is not supported", tag="A036"),
    ),
    V(
        "RFC 4314 3.2",
        "* ACL INBOX Fred rwipslxetad -Fred wetd $team w",
        AclResponse("INBOX", (("Fred", "rwipslxetad"), ("-Fred", "wetd"), ("$team", "w"))),
    ),
    V("RFC 4314 3.2", "B001 OK Getacl complete", Ok("Getacl complete", tag="B001")),
    V("RFC 4314 3.2", "B002 OK Deleteacl complete", Ok("Deleteacl complete", tag="B002")),
    V(
        "RFC 4314 3.2",
        "* ACL INBOX -Fred wetd $team w",
        AclResponse("INBOX", (("-Fred", "wetd"), ("$team", "w"))),
    ),
    V("RFC 4314 3.2", "B003 OK Getacl complete", Ok("Getacl complete", tag="B003")),
    V(
        "RFC 4314 3.3",
        "* ACL INBOX Fred rwipsldexta",
        AclResponse("INBOX", (("Fred", "rwipsldexta"),)),
    ),
    V(
        "RFC 4314 3.4",
        "* LISTRIGHTS ~/Mail/saved smith la r swicdkxte",
        ListRightsResponse("~/Mail/saved", "smith", "la", ("r", "swicdkxte")),
    ),
    V("RFC 4314 3.4", "a001 OK Listrights completed", Ok("Listrights completed", tag="a001")),
    V(
        "RFC 4314 3.4",
        '* LISTRIGHTS archive.imap anyone "" l r s w i p k x t e c d a 0 1 2 3 4 5 6 7 8 9',
        ListRightsResponse(
            "archive.imap",
            "anyone",
            "",
            (
                "l",
                "r",
                "s",
                "w",
                "i",
                "p",
                "k",
                "x",
                "t",
                "e",
                "c",
                "d",
                "a",
                "0",
                "1",
                "2",
                "3",
                "4",
                "5",
                "6",
                "7",
                "8",
                "9",
            ),
        ),
    ),
    V("RFC 4314 3.5", "* MYRIGHTS INBOX rwiptsldaex", MyRightsResponse("INBOX", "rwiptsldaex")),
    V("RFC 4314 3.5", "A003 OK Myrights complete", Ok("Myrights complete", tag="A003")),
    V(
        "RFC 4314 4",
        '* LIST (\\NoInferiors) "/" "A/B"',
        ListResponse(("\\Noinferiors",), "/", "A/B"),
        canonical=False,
    ),
    V("RFC 4314 4", '* LIST () "/" "C"', ListResponse((), "/", "C"), canonical=False),
    V(
        "RFC 4314 4",
        '* LIST (\\NoInferiors) "/" "C/D"',
        ListResponse(("\\Noinferiors",), "/", "C/D"),
        canonical=False,
    ),
    V("RFC 4314 4", "A777 OK LIST completed", Ok("LIST completed", tag="A777")),
    V("RFC 4314 4", "* MYRIGHTS TargetMailbox rwis", MyRightsResponse("TargetMailbox", "rwis")),
    V("RFC 4314 4", "A004 OK Fetch Completed", Ok("Fetch Completed", tag="A004")),
    V("RFC 4314 4", "A005 OK Copy completed", Ok("Copy completed", tag="A005")),
    V("RFC 4314 4", "* 77 FETCH (FLAGS (\\Draft))", FetchResponse(77, {"FLAGS": ("\\Draft",)})),
    V(
        "RFC 4314 4",
        "* 78 FETCH (FLAGS (\\Answered))",
        FetchResponse(78, {"FLAGS": ("\\Answered",)}),
    ),
    V(
        "RFC 4314 4",
        "* 79 FETCH (FLAGS ($Forwarded \\Seen))",
        FetchResponse(79, {"FLAGS": ("$Forwarded", "\\Seen")}),
    ),
    V("RFC 4314 4", "A007 OK Fetch Completed", Ok("Fetch Completed", tag="A007")),
    V("RFC 4314 4", "* MYRIGHTS TargetMailbox rsti", MyRightsResponse("TargetMailbox", "rsti")),
    V("RFC 4314 4", "* 77 FETCH (FLAGS (\\Deleted))", FetchResponse(77, {"FLAGS": ("\\Deleted",)})),
    V("RFC 4314 4", "* 78 FETCH (FLAGS ())", FetchResponse(78, {"FLAGS": ()})),
    V("RFC 4314 4", "* 79 FETCH (FLAGS (\\Seen))", FetchResponse(79, {"FLAGS": ("\\Seen",)})),
    V(
        "RFC 4314 5.1.1",
        "* CAPABILITY IMAP4REV1 STARTTLS LITERAL+ ACL RIGHTS=texk",
        CapabilityResponse(C("IMAP4REV1 STARTTLS LITERAL+ ACL RIGHTS=texk")),
    ),
    V("RFC 4314 5.1.1", "1 OK completed", Ok("completed", tag="1")),
    V(
        "RFC 4314 5.1.1",
        "* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\*)] L",
        Ok("L", PermanentFlags(("\\Seen", "\\Answered", "\\Flagged", "\\*"))),
    ),
    V("RFC 4314 5.1.1", "* MYRIGHTS INBOX lrwis", MyRightsResponse("INBOX", "lrwis")),
    V("RFC 4314 5.1.1", "A143 OK completed", Ok("completed", tag="A143")),
    # RFC 4315
    V("RFC 4315 2.1", "A003 OK UID EXPUNGE completed", Ok("UID EXPUNGE completed", tag="A003")),
    V(
        "RFC 4315 3",
        "A003 OK [APPENDUID 38505 3955] APPEND completed",
        Ok("APPEND completed", AppendUid(38505, S("3955")), "A003"),
    ),
    V(
        "RFC 4315 3",
        "A004 OK [COPYUID 38505 304,319:320 3956:3958] Done",
        Ok("Done", CopyUid(38505, S("304,319:320"), S("3956:3958")), "A004"),
    ),
    V(
        "RFC 4315 3",
        "A005 OK No matching messages, so nothing copied",
        Ok("No matching messages, so nothing copied", tag="A005"),
    ),
    V("RFC 4315 3", "A006 OK Done", Ok("Done", tag="A006")),
    V("RFC 4315 3", "* 1 EXISTS", ExistsResponse(1)),
    V(
        "RFC 4315 3",
        "* OK [UNSEEN 1] Message 1 is first unseen",
        Ok("Message 1 is first unseen", Unseen(1)),
    ),
    V(
        "RFC 4315 3",
        "* OK [UIDVALIDITY 3857529045] Validity session-only",
        Ok("Validity session-only", UidValidity(3857529045)),
    ),
    V("RFC 4315 3", "* OK [UIDNEXT 2] Predicted next UID", Ok("Predicted next UID", UidNext(2))),
    V(
        "RFC 4315 3",
        "* NO [UIDNOTSTICKY] Non-persistent UIDs",
        No("Non-persistent UIDs", ResponseCode("UIDNOTSTICKY")),
    ),
    V(
        "RFC 4315 3",
        "* OK [PERMANENTFLAGS (\\Deleted \\Seen)] Limited",
        Ok("Limited", PermanentFlags(("\\Deleted", "\\Seen"))),
    ),
    V(
        "RFC 4315 3",
        "A007 OK [READ-WRITE] SELECT completed",
        Ok("SELECT completed", ResponseCode("READ-WRITE"), "A007"),
    ),
    # RFC 4466
    V("RFC 4466 2.1", "a OK SELECT complete", Ok("SELECT complete", tag="a")),
    V("RFC 4466 2.1", "a OK EXAMINE complete", Ok("EXAMINE complete", tag="a")),
    V(
        "RFC 4466 2.1",
        "a BAD Unknown parameter in SELECT command",
        Bad("Unknown parameter in SELECT command", tag="a"),
    ),
    V(
        "RFC 4466 2.6.2",
        "* ESEARCH UID COUNT 5 ALL 4:19,21,28",
        ESearchResponse(None, True, (("COUNT", 5), ("ALL", S("4:19,21,28")))),
    ),
    V(
        "RFC 4466 2.6.2",
        '* ESEARCH (TAG "a567") UID COUNT 5 ALL 4:19,21,28',
        ESearchResponse("a567", True, (("COUNT", 5), ("ALL", S("4:19,21,28")))),
    ),
    V(
        "RFC 4466 2.6.2",
        "* ESEARCH COUNT 5 ALL 1:17,21",
        ESearchResponse(None, False, (("COUNT", 5), ("ALL", S("1:17,21")))),
    ),
    # RFC 4467
    V("RFC 4467 7", "a31 OK All keys removed", Ok("All keys removed", tag="a31")),
    V("RFC 4467 7", "a32 OK [URLMECH INTERNAL] mechs", Ok("mechs", UrlMech(("INTERNAL",)), "a32")),
    V(
        "RFC 4467 7",
        "a33 OK [URLMECH INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==] done",
        Ok("done", UrlMech(("INTERNAL", "XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==")), "a33"),
    ),
    V(
        "RFC 4467 7",
        "a775 BAD missing access identifier in supplied URL",
        Bad("missing access identifier in supplied URL", tag="a775"),
    ),
    V(
        "RFC 4467 7",
        "a776 BAD missing owner username in supplied URL",
        Bad("missing owner username in supplied URL", tag="a776"),
    ),
    V(
        "RFC 4467 7",
        '* GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1.2 ;'
        'urlauth=submit+fred:internal:91354a473744909de610943775f92038"',
        GenUrlAuthResponse(
            (
                "imap://joe@example.com/INBOX/;uid=20/;section=1.2 ;"
                "urlauth=submit+fred:internal"
                ":91354a473744909de610943775f92038",
            )
        ),
    ),
    V("RFC 4467 7", "a777 OK GENURLAUTH completed", Ok("GENURLAUTH completed", tag="a777")),
    V(
        "RFC 4467 7",
        "* OK [CAPABILITY IMAP4REV1 URLAUTH] example.com IMAP server",
        Ok("example.com IMAP server", CapabilityCode(C("IMAP4REV1 URLAUTH"))),
    ),
    V("RFC 4467 7", "a001 OK submitserver logged in", Ok("submitserver logged in", tag="a001")),
    V(
        "RFC 4467 7",
        '* URLFETCH "imap://joe@example.com/INBOX/;uid=20/;section=1.2 ;'
        'urlauth=submit+fred:internal :91354a473744909de610943775f92038" {28}\r\nSi '
        "vis pacem, para bellum.\r\n",
        UrlFetchResponse(
            (
                UrlData(
                    "imap://joe@example.com/INBOX/;uid=20/;section=1.2 ;"
                    "urlauth=submit+fred:internal "
                    ":91354a473744909de610943775f92038",
                    b"Si vis pacem, para bellum.\r\n",
                ),
            )
        ),
    ),
    V("RFC 4467 7", "a002 OK URLFETCH completed", Ok("URLFETCH completed", tag="a002")),
    # RFC 4469
    V(
        "RFC 4469 8",
        "A003 OK catenate append completed",
        Ok("catenate append completed", tag="A003"),
    ),
    V(
        "RFC 4469 8",
        "A003 OK [APPENDUID 385759045 45] append Completed",
        Ok("append Completed", AppendUid(385759045, S("45")), "A003"),
    ),
    V("RFC 4469 8", "A004 OK STORE completed", Ok("STORE completed", tag="A004")),
    V("RFC 4469 8", "A003 OK append Completed", Ok("append Completed", tag="A003")),
    # RFC 4731
    V(
        "RFC 4731 3.1",
        '* ESEARCH (TAG "A282") MIN 2 COUNT 3',
        ESearchResponse("A282", False, (("MIN", 2), ("COUNT", 3))),
    ),
    V(
        "RFC 4731 3.1",
        '* ESEARCH (TAG "A283") ALL 2,10:11',
        ESearchResponse("A283", False, (("ALL", S("2,10:11")),)),
    ),
    V(
        "RFC 4731 3.1",
        '* ESEARCH (TAG "A284") MIN 4',
        ESearchResponse("A284", False, (("MIN", 4),)),
    ),
    V(
        "RFC 4731 3.1",
        '* ESEARCH (TAG "A285") UID MIN 7 MAX 3800',
        ESearchResponse("A285", True, (("MIN", 7), ("MAX", 3800))),
    ),
    V("RFC 4731 3.1", "A285 OK SEARCH completed", Ok("SEARCH completed", tag="A285")),
    V(
        "RFC 4731 3.1",
        '* ESEARCH (TAG "A286") COUNT 15',
        ESearchResponse("A286", False, (("COUNT", 15),)),
    ),
    V("RFC 4731 3.1", "A286 OK SEARCH completed", Ok("SEARCH completed", tag="A286")),
    V(
        "RFC 4731 3.2",
        '* ESEARCH (TAG "a1") MIN 2 MODSEQ 917162488',
        ESearchResponse("a1", False, (("MIN", 2), ("MODSEQ", 917162488))),
    ),
    V("RFC 4731 3.2", "a1 OK Search complete", Ok("Search complete", tag="a1")),
    V(
        "RFC 4731 3.2",
        '* ESEARCH (TAG "a2") MAX 23 MODSEQ 907162321',
        ESearchResponse("a2", False, (("MAX", 23), ("MODSEQ", 907162321))),
    ),
    V("RFC 4731 3.2", "a2 OK Search complete", Ok("Search complete", tag="a2")),
    V(
        "RFC 4731 3.2",
        '* ESEARCH (TAG "a3") MIN 2 MAX 23 MODSEQ 917162488',
        ESearchResponse("a3", False, (("MIN", 2), ("MAX", 23), ("MODSEQ", 917162488))),
    ),
    V("RFC 4731 3.2", "a3 OK Search complete", Ok("Search complete", tag="a3")),
    V(
        "RFC 4731 3.2",
        '* ESEARCH (TAG "a4") MIN 2 COUNT 10 MODSEQ 917162500',
        ESearchResponse("a4", False, (("MIN", 2), ("COUNT", 10), ("MODSEQ", 917162500))),
    ),
    V("RFC 4731 3.2", "a4 OK Search complete", Ok("Search complete", tag="a4")),
    # RFC 4959
    V(
        "RFC 4959 4",
        "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN",
        CapabilityResponse(C("IMAP4rev1 SASL-IR AUTH=PLAIN")),
    ),
    V("RFC 4959 4", "C01 OK Completed", Ok("Completed", tag="C01")),
    V("RFC 4959 4", "A01 OK Success (tls protection)", Ok("Success (tls protection)", tag="A01")),
    V(
        "RFC 4959 4",
        "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=EXTERNAL",
        CapabilityResponse(C("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=EXTERNAL")),
    ),
    # RFC 4978
    V("RFC 4978 3", "a OK TLS active", Ok("TLS active", tag="a")),
    V("RFC 4978 3", "b OK Logged in as arnt", Ok("Logged in as arnt", tag="b")),
    V("RFC 4978 3", "d OK DEFLATE active", Ok("DEFLATE active", tag="d")),
    V(
        "RFC 4978 3",
        "c NO [COMPRESSIONACTIVE] DEFLATE active via TLS",
        No("DEFLATE active via TLS", ResponseCode("COMPRESSIONACTIVE"), "c"),
    ),
    # RFC 5161
    V(
        "RFC 5161 3.1",
        "* CAPABILITY IMAP4rev1 ID LITERAL+ ENABLE X-GOOD-IDEA",
        CapabilityResponse(C("IMAP4rev1 ID LITERAL+ ENABLE X-GOOD-IDEA")),
    ),
    V("RFC 5161 3.1", "t1 OK foo", Ok("foo", tag="t1")),
    V("RFC 5161 3.1", "* ENABLED X-GOOD-IDEA", EnabledResponse(("X-GOOD-IDEA",))),
    V("RFC 5161 3.1", "t2 OK foo", Ok("foo", tag="t2")),
    V("RFC 5161 3.1", "t3 OK foo again", Ok("foo again", tag="t3")),
    V("RFC 5161 3.1", "* ENABLED CONDSTORE", EnabledResponse(("CONDSTORE",))),
    V("RFC 5161 3.1", "a1 OK Conditional Store enabled", Ok("Conditional Store enabled", tag="a1")),
    # RFC 5182
    V(
        "RFC 5182 2.2",
        "A282 OK SEARCH completed, result saved",
        Ok("SEARCH completed, result saved", tag="A282"),
    ),
    V("RFC 5182 2.2", "A283 OK completed", Ok("completed", tag="A283")),
    V("RFC 5182 2.2", "A300 OK SEARCH completed", Ok("SEARCH completed", tag="A300")),
    V("RFC 5182 2.2", "* SEARCH 17 900 901", SearchResponse((17, 900, 901))),
    V("RFC 5182 2.2", "A301 OK completed", Ok("completed", tag="A301")),
    V("RFC 5182 2.2", "P282 OK SEARCH completed", Ok("SEARCH completed", tag="P282")),
    V(
        "RFC 5182 2.2",
        "* SEARCH 882 1102 3003 3005 3006",
        SearchResponse((882, 1102, 3003, 3005, 3006)),
    ),
    V("RFC 5182 2.2", "P283 OK completed", Ok("completed", tag="P283")),
    V("RFC 5182 2.2", "B282 OK SEARCH completed", Ok("SEARCH completed", tag="B282")),
    V("RFC 5182 2.2", "E282 OK SEARCH completed", Ok("SEARCH completed", tag="E282")),
    V(
        "RFC 5182 2.2",
        "E283 OK COPY completed, nothing copied",
        Ok("COPY completed, nothing copied", tag="E283"),
    ),
    V("RFC 5182 2.3", "F282 OK SEARCH completed", Ok("SEARCH completed", tag="F282")),
    V("RFC 5182 2.3", "F283 OK COPY completed", Ok("COPY completed", tag="F283")),
    V("RFC 5182 2.3", "F284 OK STORE completed", Ok("STORE completed", tag="F284")),
    V(
        "RFC 5182 2.3",
        '* ESEARCH (TAG "G283") ALL 3:15,27,29:103',
        ESearchResponse("G283", False, (("ALL", S("3:15,27,29:103")),)),
    ),
    V("RFC 5182 2.3", "G283 OK SEARCH completed", Ok("SEARCH completed", tag="G283")),
    V("RFC 5182 2.3", "G282 OK SEARCH completed", Ok("SEARCH completed", tag="G282")),
    V("RFC 5182 2.3", "H282 OK SEARCH completed", Ok("SEARCH completed", tag="H282")),
    V("RFC 5182 2.3", "H283 OK SEARCH completed", Ok("SEARCH completed", tag="H283")),
    V(
        "RFC 5182 2.4",
        '* ESEARCH (TAG "C283") ALL 2,10:15,21',
        ESearchResponse("C283", False, (("ALL", S("2,10:15,21")),)),
    ),
    V("RFC 5182 2.4", "C282 OK SEARCH completed", Ok("SEARCH completed", tag="C282")),
    V("RFC 5182 2.4", "C283 OK SEARCH completed", Ok("SEARCH completed", tag="C283")),
    V(
        "RFC 5182 2.4",
        '* ESEARCH (TAG "C284") MIN 2',
        ESearchResponse("C284", False, (("MIN", 2),)),
    ),
    V("RFC 5182 2.4", "C284 OK SEARCH completed", Ok("SEARCH completed", tag="C284")),
    V(
        "RFC 5182 2.4",
        '* ESEARCH (TAG "C285") MIN 2 MAX 21',
        ESearchResponse("C285", False, (("MIN", 2), ("MAX", 21))),
    ),
    V("RFC 5182 2.4", "C285 OK SEARCH completed", Ok("SEARCH completed", tag="C285")),
    V(
        "RFC 5182 2.4",
        '* ESEARCH (TAG "C286") MIN 2 MAX 21 COUNT 8',
        ESearchResponse("C286", False, (("MIN", 2), ("MAX", 21), ("COUNT", 8))),
    ),
    V("RFC 5182 2.4", "C286 OK SEARCH completed", Ok("SEARCH completed", tag="C286")),
    V(
        "RFC 5182 2.4",
        '* ESEARCH (TAG "C286") MIN 2 ALL 2,10:15,21',
        ESearchResponse("C286", False, (("MIN", 2), ("ALL", S("2,10:15,21")))),
    ),
    # RFC 5255
    V(
        "RFC 5255 3.2",
        "A002 NO Unsupported language MUL",
        No("Unsupported language MUL", tag="A002"),
    ),
    V(
        "RFC 5255 3.2",
        "* LANGUAGE (EN DE IT i-default)",
        LanguageResponse(("EN", "DE", "IT", "i-default")),
    ),
    V(
        "RFC 5255 3.2",
        "A003 OK Supported languages have been enumerated",
        Ok("Supported languages have been enumerated", tag="A003"),
    ),
    V(
        "RFC 5255 3.2",
        "B001 NO Server is unable to enumerate supported languages",
        No("Server is unable to enumerate supported languages", tag="B001"),
    ),
    V("RFC 5255 3.2", "* LANGUAGE (DE)", LanguageResponse(("DE",))),
    V(
        "RFC 5255 3.2",
        '* NAMESPACE (("" "/")) (("Other Users/" "/" "TRANSLATION" ("Andere '
        'Ben&APw-tzer/"))) (("Public Folders/" "/" "TRANSLATION" ("Gemeinsame '
        'Postf&AM8-cher/")))',
        NamespaceResponse(
            (Namespace("", "/"),),
            (Namespace("Other Users/", "/", (("TRANSLATION", ("Andere Ben&APw-tzer/",)),)),),
            (
                Namespace(
                    "Public Folders/", "/", (("TRANSLATION", ("Gemeinsame Postf&AM8-cher/",)),)
                ),
            ),
        ),
    ),
    V(
        "RFC 5255 3.2",
        "C001 OK Sprachwechsel durch LANGUAGE-Befehl ausgefuehrt",
        Ok("Sprachwechsel durch LANGUAGE-Befehl ausgefuehrt", tag="C001"),
    ),
    V(
        "RFC 5255 3.2",
        "D001 NO Diese Sprache ist nicht unterstuetzt",
        No("Diese Sprache ist nicht unterstuetzt", tag="D001"),
    ),
    V("RFC 5255 3.2", "* LANGUAGE (DE-IT)", LanguageResponse(("DE-IT",))),
    V(
        "RFC 5255 3.2",
        "D002 OK Sprachwechsel durch LANGUAGE-Befehl ausgefuehrt",
        Ok("Sprachwechsel durch LANGUAGE-Befehl ausgefuehrt", tag="D002"),
    ),
    V(
        "RFC 5255 3.2",
        "D003 OK Sprachwechsel durch LANGUAGE-Befehl ausgefuehrt",
        Ok("Sprachwechsel durch LANGUAGE-Befehl ausgefuehrt", tag="D003"),
    ),
    V("RFC 5255 3.2", "* LANGUAGE (EN)", LanguageResponse(("EN",))),
    V("RFC 5255 3.2", "E001 OK Now speaking English", Ok("Now speaking English", tag="E001")),
    V(
        "RFC 5255 3.4",
        "A001 OK LANGUAGE-Befehl ausgefuehrt",
        Ok("LANGUAGE-Befehl ausgefuehrt", tag="A001"),
    ),
    V("RFC 5255 4.7", "* COMPARATOR i;basic", ComparatorResponse("i;basic")),
    V(
        "RFC 5255 4.7",
        "A001 OK Will use i;basic for collation",
        Ok("Will use i;basic for collation", tag="A001"),
    ),
    # RFC 5256
    V("RFC 5256 3", "* SORT 2 84 882", SortResponse((2, 84, 882))),
    V("RFC 5256 3", "A282 OK SORT completed", Ok("SORT completed", tag="A282")),
    V("RFC 5256 3", "* SORT 5 3 4 1 2", SortResponse((5, 3, 4, 1, 2))),
    V("RFC 5256 3", "A283 OK SORT completed", Ok("SORT completed", tag="A283")),
    V("RFC 5256 3", "* SORT", SortResponse()),
    V("RFC 5256 3", "A284 OK SORT completed", Ok("SORT completed", tag="A284")),
    V(
        "RFC 5256 3",
        "* THREAD (166)(167)(168)(169)(172)(170)(171) (173)(174 "
        "(175)(176)(178)(181)(180))(179)(177 "
        "(183)(182)(188)(184)(185)(186)(187)(189))(190) (191)(192)(193)(194 195)(196 "
        "(197)(198))(199) (200 202)(201)(203)(204)(205)(206 207)(208)",
        ThreadResponse(
            (
                Thread((166,)),
                Thread((167,)),
                Thread((168,)),
                Thread((169,)),
                Thread((172,)),
                Thread((170,)),
                Thread((171,)),
                Thread((173,)),
                Thread(
                    (174,),
                    (
                        Thread((175,)),
                        Thread((176,)),
                        Thread((178,)),
                        Thread((181,)),
                        Thread((180,)),
                    ),
                ),
                Thread((179,)),
                Thread(
                    (177,),
                    (
                        Thread((183,)),
                        Thread((182,)),
                        Thread((188,)),
                        Thread((184,)),
                        Thread((185,)),
                        Thread((186,)),
                        Thread((187,)),
                        Thread((189,)),
                    ),
                ),
                Thread((190,)),
                Thread((191,)),
                Thread((192,)),
                Thread((193,)),
                Thread((194, 195)),
                Thread((196,), (Thread((197,)), Thread((198,)))),
                Thread((199,)),
                Thread((200, 202)),
                Thread((201,)),
                Thread((203,)),
                Thread((204,)),
                Thread((205,)),
                Thread((206, 207)),
                Thread((208,)),
            )
        ),
        canonical=False,
    ),
    V("RFC 5256 3", "A283 OK THREAD completed", Ok("THREAD completed", tag="A283")),
    V("RFC 5256 3", "* THREAD", ThreadResponse()),
    V("RFC 5256 3", "A284 OK THREAD completed", Ok("THREAD completed", tag="A284")),
    V(
        "RFC 5256 3",
        "* THREAD (166)(167)(168)(169)(172)((170)(179)) "
        "(171)(173)((174)(175)(176)(178)(181)(180)) ((177)(183)(182)(188 "
        "(184)(189))(185 186)(187)) (190)(191)(192)(193)((194)(195 196))(197 198) "
        "(199)(200 202)(201)(203)(204)(205 206 207)(208)",
        ThreadResponse(
            (
                Thread((166,)),
                Thread((167,)),
                Thread((168,)),
                Thread((169,)),
                Thread((172,)),
                Thread(branches=(Thread((170,)), Thread((179,)))),
                Thread((171,)),
                Thread((173,)),
                Thread(
                    branches=(
                        Thread((174,)),
                        Thread((175,)),
                        Thread((176,)),
                        Thread((178,)),
                        Thread((181,)),
                        Thread((180,)),
                    )
                ),
                Thread(
                    branches=(
                        Thread((177,)),
                        Thread((183,)),
                        Thread((182,)),
                        Thread((188,), (Thread((184,)), Thread((189,)))),
                        Thread((185, 186)),
                        Thread((187,)),
                    )
                ),
                Thread((190,)),
                Thread((191,)),
                Thread((192,)),
                Thread((193,)),
                Thread(branches=(Thread((194,)), Thread((195, 196)))),
                Thread((197, 198)),
                Thread((199,)),
                Thread((200, 202)),
                Thread((201,)),
                Thread((203,)),
                Thread((204,)),
                Thread((205, 206, 207)),
                Thread((208,)),
            )
        ),
        canonical=False,
    ),
    V("RFC 5256 3", "A285 OK THREAD completed", Ok("THREAD completed", tag="A285")),
    V("RFC 5256 4", "* SORT 2 3 6", SortResponse((2, 3, 6))),
    V(
        "RFC 5256 4",
        "* THREAD (2)(3 6 (4 23)(44 7 96))",
        ThreadResponse((Thread((2,)), Thread((3, 6), (Thread((4, 23)), Thread((44, 7, 96)))))),
    ),
    V(
        "RFC 5256 4",
        "* THREAD ((3)(5))",
        ThreadResponse((Thread(branches=(Thread((3,)), Thread((5,)))),)),
    ),
    # RFC 5257
    V(
        "RFC 5257 4.2",
        "* FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen)",
        FlagsResponse(("\\Answered", "\\Flagged", "\\Draft", "\\Deleted", "\\Seen")),
    ),
    V("RFC 5257 4.2", "* 10268 EXISTS", ExistsResponse(10268)),
    V(
        "RFC 5257 4.2",
        "a OK [READ-WRITE] Completed",
        Ok("Completed", ResponseCode("READ-WRITE"), "a"),
    ),
    V(
        "RFC 5257 4.3",
        '* 1 FETCH (ANNOTATION (/comment (value.priv "My comment" value.shared "Group note")))',
        FetchResponse(
            1,
            {
                "ANNOTATION": (
                    AnnotationEntry(
                        "/comment", (("value.priv", b"My comment"), ("value.shared", b"Group note"))
                    ),
                )
            },
        ),
    ),
    V("RFC 5257 4.3", "a OK Fetch complete", Ok("Fetch complete", tag="a")),
    V(
        "RFC 5257 4.3",
        '* 12 FETCH (UID 1123 ANNOTATION (/comment (value.priv "My comment" size.priv '
        '"10") /altsubject (value.priv "Rhinoceroses!" size.priv "13") /vendor/foobar/'
        'label.priv (value.priv "label43" size.priv "7") /vendor/foobar/personality '
        '(value.priv "Tallulah Bankhead" size.priv "17")))',
        FetchResponse(
            12,
            {
                "UID": 1123,
                "ANNOTATION": (
                    AnnotationEntry(
                        "/comment", (("value.priv", b"My comment"), ("size.priv", b"10"))
                    ),
                    AnnotationEntry(
                        "/altsubject", (("value.priv", b"Rhinoceroses!"), ("size.priv", b"13"))
                    ),
                    AnnotationEntry(
                        "/vendor/foobar/label.priv",
                        (("value.priv", b"label43"), ("size.priv", b"7")),
                    ),
                    AnnotationEntry(
                        "/vendor/foobar/personality",
                        (("value.priv", b"Tallulah Bankhead"), ("size.priv", b"17")),
                    ),
                ),
            },
        ),
    ),
    V(
        "RFC 5257 4.3",
        '* 1 FETCH (ANNOTATION (/comment (value.shared "Patch Mangler") /altsubject '
        '(value.shared "Patches?  We don\'t need no steenkin patches!")))',
        FetchResponse(
            1,
            {
                "ANNOTATION": (
                    AnnotationEntry("/comment", (("value.shared", b"Patch Mangler"),)),
                    AnnotationEntry(
                        "/altsubject",
                        (("value.shared", b"Patches?  We don't need no steenkin patches!"),),
                    ),
                )
            },
        ),
    ),
    V(
        "RFC 5257 4.3",
        '* 1 FETCH (ANNOTATION (/comment (value.priv "What a chowder-head") /'
        'altsubject (value.priv "How to crush beer cans")))',
        FetchResponse(
            1,
            {
                "ANNOTATION": (
                    AnnotationEntry("/comment", (("value.priv", b"What a chowder-head"),)),
                    AnnotationEntry("/altsubject", (("value.priv", b"How to crush beer cans"),)),
                )
            },
        ),
    ),
    V(
        "RFC 5257 4.4",
        '* 1 FETCH (ANNOTATION (/comment (value.priv "My comment" value.shared NIL)))',
        FetchResponse(
            1,
            {
                "ANNOTATION": (
                    AnnotationEntry(
                        "/comment", (("value.priv", b"My comment"), ("value.shared", None))
                    ),
                )
            },
        ),
    ),
    V(
        "RFC 5257 4.4",
        '* 1 FETCH (ANNOTATION (/comment (value.priv "My comment" value.shared NIL) /'
        'altsubject (value.priv "My subject" value.shared NIL)))',
        FetchResponse(
            1,
            {
                "ANNOTATION": (
                    AnnotationEntry(
                        "/comment", (("value.priv", b"My comment"), ("value.shared", None))
                    ),
                    AnnotationEntry(
                        "/altsubject", (("value.priv", b"My subject"), ("value.shared", None))
                    ),
                )
            },
        ),
    ),
    V(
        "RFC 5257 4.4",
        '* 1 FETCH (ANNOTATION (/comment (value.priv "My comment" value.shared NIL '
        'size.priv "10" size.shared "0")))',
        FetchResponse(
            1,
            {
                "ANNOTATION": (
                    AnnotationEntry(
                        "/comment",
                        (
                            ("value.priv", b"My comment"),
                            ("value.shared", None),
                            ("size.priv", b"10"),
                            ("size.shared", b"0"),
                        ),
                    ),
                )
            },
        ),
    ),
    V("RFC 5257 4.4", "a OK STORE complete", Ok("STORE complete", tag="a")),
    V("RFC 5257 4.5", "a OK Store complete", Ok("Store complete", tag="a")),
    V("RFC 5257 4.7", "a OK APPEND completed", Ok("APPEND completed", tag="a")),
    V(
        "RFC 5257 4.8",
        "* SEARCH 2 3 5 7 11 13 17 19 23",
        SearchResponse((2, 3, 5, 7, 11, 13, 17, 19, 23)),
    ),
    V("RFC 5257 4.8", "a OK Search complete", Ok("Search complete", tag="a")),
    V("RFC 5257 4.8", "* SEARCH 1 2 3 5 8 13 21 34", SearchResponse((1, 2, 3, 5, 8, 13, 21, 34))),
    V(
        "RFC 5257 4.9",
        "* SORT 2 3 4 5 1 11 10 6 7 9 8",
        SortResponse((2, 3, 4, 5, 1, 11, 10, 6, 7, 9, 8)),
    ),
    V("RFC 5257 4.9", "a OK Sort complete", Ok("Sort complete", tag="a")),
    # RFC 5258
    V(
        "RFC 5258 3.3",
        '* LIST (\\Subscribed \\NonExistent) "/" "Fruit/Peach"',
        ListResponse(("\\Subscribed", "\\NonExistent"), "/", "Fruit/Peach"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Marked \\NoInferiors) "/" "inbox"',
        ListResponse(("\\Marked", "\\Noinferiors"), "/", "INBOX"),
        canonical=False,
    ),
    V("RFC 5258 5", '* LIST () "/" "Fruit"', ListResponse((), "/", "Fruit"), canonical=False),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Fruit/Apple"',
        ListResponse((), "/", "Fruit/Apple"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Fruit/Banana"',
        ListResponse((), "/", "Fruit/Banana"),
        canonical=False,
    ),
    V("RFC 5258 5", '* LIST () "/" "Tofu"', ListResponse((), "/", "Tofu"), canonical=False),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Vegetable"',
        ListResponse((), "/", "Vegetable"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Vegetable/Broccoli"',
        ListResponse((), "/", "Vegetable/Broccoli"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Vegetable/Corn"',
        ListResponse((), "/", "Vegetable/Corn"),
        canonical=False,
    ),
    V("RFC 5258 5", "A01 OK done", Ok("done", tag="A01")),
    V(
        "RFC 5258 5",
        '* LIST (\\Marked \\NoInferiors \\Subscribed) "/" "inbox"',
        ListResponse(("\\Marked", "\\Noinferiors", "\\Subscribed"), "/", "INBOX"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "Fruit/Banana"',
        ListResponse(("\\Subscribed",), "/", "Fruit/Banana"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "Vegetable"',
        ListResponse(("\\Subscribed",), "/", "Vegetable"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "Vegetable/Broccoli"',
        ListResponse(("\\Subscribed",), "/", "Vegetable/Broccoli"),
        canonical=False,
    ),
    V("RFC 5258 5", "A02 OK done", Ok("done", tag="A02")),
    V(
        "RFC 5258 5",
        '* LIST (\\HasChildren) "/" "Fruit"',
        ListResponse(("\\HasChildren",), "/", "Fruit"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\HasNoChildren) "/" "Tofu"',
        ListResponse(("\\HasNoChildren",), "/", "Tofu"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\HasChildren) "/" "Vegetable"',
        ListResponse(("\\HasChildren",), "/", "Vegetable"),
        canonical=False,
    ),
    V("RFC 5258 5", "A03 OK done", Ok("done", tag="A03")),
    V(
        "RFC 5258 5",
        '* LIST (\\Remote) "/" "Bread"',
        ListResponse(("\\Remote",), "/", "Bread"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\HasChildren \\Remote) "/" "Meat"',
        ListResponse(("\\HasChildren", "\\Remote"), "/", "Meat"),
        canonical=False,
    ),
    V("RFC 5258 5", "A04 OK done", Ok("done", tag="A04")),
    V(
        "RFC 5258 5",
        '* LIST (\\Remote \\Subscribed) "/" "Bread"',
        ListResponse(("\\Remote", "\\Subscribed"), "/", "Bread"),
        canonical=False,
    ),
    V("RFC 5258 5", "A05 OK done", Ok("done", tag="A05")),
    V(
        "RFC 5258 5",
        '* LIST (\\Remote) "/" "Meat"',
        ListResponse(("\\Remote",), "/", "Meat"),
        canonical=False,
    ),
    V("RFC 5258 5", "A06 OK done", Ok("done", tag="A06")),
    V("RFC 5258 5", '* LIST () "/" "INBOX"', ListResponse((), "/", "INBOX"), canonical=False),
    V(
        "RFC 5258 5",
        '* LIST (\\NoInferiors) "/" "Drafts"',
        ListResponse(("\\Noinferiors",), "/", "Drafts"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Sent/March2004"',
        ListResponse((), "/", "Sent/March2004"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Marked) "/" "Sent/December2003"',
        ListResponse(("\\Marked",), "/", "Sent/December2003"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Sent/August2004"',
        ListResponse((), "/", "Sent/August2004"),
        canonical=False,
    ),
    V("RFC 5258 5", "BBB OK done", Ok("done", tag="BBB")),
    V("RFC 5258 5", '* LIST () "/" "Foo"', ListResponse((), "/", "Foo"), canonical=False),
    V("RFC 5258 5", '* LIST () "/" "Foo/Bar"', ListResponse((), "/", "Foo/Bar"), canonical=False),
    V("RFC 5258 5", '* LIST () "/" "Foo/Baz"', ListResponse((), "/", "Foo/Baz"), canonical=False),
    V("RFC 5258 5", '* LIST () "/" "Moo"', ListResponse((), "/", "Moo"), canonical=False),
    V("RFC 5258 5", "C01 OK done", Ok("done", tag="C01")),
    V(
        "RFC 5258 5",
        '* LIST (\\HasChildren) "/" "Foo"',
        ListResponse(("\\HasChildren",), "/", "Foo"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\HasNoChildren) "/" "Moo"',
        ListResponse(("\\HasNoChildren",), "/", "Moo"),
        canonical=False,
    ),
    V("RFC 5258 5", "CA3 OK done", Ok("done", tag="CA3")),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "Foo/Baz"',
        ListResponse(("\\Subscribed",), "/", "Foo/Baz"),
        canonical=False,
    ),
    V("RFC 5258 5", "C02 OK done", Ok("done", tag="C02")),
    V(
        "RFC 5258 5",
        '* LIST () "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse((), "/", "Foo", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V("RFC 5258 5", "C04 OK done", Ok("done", tag="C04")),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse(("\\Subscribed",), "/", "Foo", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed \\HasChildren) "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse(("\\Subscribed", "\\HasChildren"), "/", "Foo", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\NonExistent) "/" "Foo" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse(("\\NonExistent",), "/", "Foo", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\HasChildren \\Subscribed) "/" "Foo"',
        ListResponse(("\\HasChildren", "\\Subscribed"), "/", "Foo"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\HasNoChildren \\Subscribed) "/" "Moo"',
        ListResponse(("\\HasNoChildren", "\\Subscribed"), "/", "Moo"),
        canonical=False,
    ),
    V("RFC 5258 5", '* LIST () "/" "foo2"', ListResponse((), "/", "foo2"), canonical=False),
    V(
        "RFC 5258 5",
        '* LIST () "/" "foo2/bar1"',
        ListResponse((), "/", "foo2/bar1"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "foo2/bar2"',
        ListResponse((), "/", "foo2/bar2"),
        canonical=False,
    ),
    V("RFC 5258 5", '* LIST () "/" "baz2"', ListResponse((), "/", "baz2"), canonical=False),
    V(
        "RFC 5258 5",
        '* LIST () "/" "baz2/bar2"',
        ListResponse((), "/", "baz2/bar2"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "baz2/bar22"',
        ListResponse((), "/", "baz2/bar22"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "baz2/bar222"',
        ListResponse((), "/", "baz2/bar222"),
        canonical=False,
    ),
    V("RFC 5258 5", '* LIST () "/" "eps2"', ListResponse((), "/", "eps2"), canonical=False),
    V(
        "RFC 5258 5",
        '* LIST () "/" "eps2/mamba"',
        ListResponse((), "/", "eps2/mamba"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST () "/" "qux2/bar2"',
        ListResponse((), "/", "qux2/bar2"),
        canonical=False,
    ),
    V("RFC 5258 5", "D01 OK done", Ok("done", tag="D01")),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "foo2/bar1"',
        ListResponse(("\\Subscribed",), "/", "foo2/bar1"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "foo2/bar2"',
        ListResponse(("\\Subscribed",), "/", "foo2/bar2"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "baz2/bar2"',
        ListResponse(("\\Subscribed",), "/", "baz2/bar2"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "baz2/bar22"',
        ListResponse(("\\Subscribed",), "/", "baz2/bar22"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "baz2/bar222"',
        ListResponse(("\\Subscribed",), "/", "baz2/bar222"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "eps2"',
        ListResponse(("\\Subscribed",), "/", "eps2"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "eps2/mamba"',
        ListResponse(("\\Subscribed",), "/", "eps2/mamba"),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "qux2/bar2"',
        ListResponse(("\\Subscribed",), "/", "qux2/bar2"),
        canonical=False,
    ),
    V("RFC 5258 5", "D02 OK done", Ok("done", tag="D02")),
    V(
        "RFC 5258 5",
        '* LIST () "/" "foo2" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse((), "/", "foo2", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed) "/" "eps2" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse(("\\Subscribed",), "/", "eps2", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V("RFC 5258 5", "D03 OK done", Ok("done", tag="D03")),
    V(
        "RFC 5258 5",
        '* LIST () "/" "baz2" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse((), "/", "baz2", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\NonExistent) "/" "qux2" ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse(("\\NonExistent",), "/", "qux2", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V("RFC 5258 5", '* LIST () "/" foo', ListResponse((), "/", "foo")),
    V("RFC 5258 5", "a1 OK done", Ok("done", tag="a1")),
    V(
        "RFC 5258 5",
        '* LIST (\\Subscribed \\NonExistent) "/" foo/bar',
        ListResponse(("\\Subscribed", "\\NonExistent"), "/", "foo/bar"),
    ),
    V("RFC 5258 5", "a2 OK done", Ok("done", tag="a2")),
    V(
        "RFC 5258 5",
        '* LIST (\\HasNoChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))',
        ListResponse(("\\HasNoChildren",), "/", "foo", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V("RFC 5258 5", "a3 OK done", Ok("done", tag="a3")),
    V("RFC 5258 5", '* LIST () "/" music/rock', ListResponse((), "/", "music/rock")),
    V(
        "RFC 5258 5",
        '* LIST (\\Remote) "/" also/jazz',
        ListResponse(("\\Remote",), "/", "also/jazz"),
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\NonExistent \\HasChildren) "/" music',
        ListResponse(("\\NonExistent", "\\HasChildren"), "/", "music"),
    ),
    V(
        "RFC 5258 5",
        '* LIST (\\NonExistent \\HasChildren) "/" also',
        ListResponse(("\\NonExistent", "\\HasChildren"), "/", "also"),
    ),
    V("RFC 5258 5", "a3.1 OK done", Ok("done", tag="a3.1")),
    # RFC 5259
    V("RFC 5259 3.1", "a000 OK CAPABILITY completed", Ok("CAPABILITY completed", tag="a000")),
    V(
        "RFC 5259 5.1",
        '* CONVERSION "image/gif" "image/jpeg" ("pix-y" "pix-x" "image-interleave")',
        ConversionResponse("image/gif", "image/jpeg", ("pix-y", "pix-x", "image-interleave")),
        canonical=False,
    ),
    V("RFC 5259 5.1", "a OK CONVERSIONS completed", Ok("CONVERSIONS completed", tag="a")),
    V(
        "RFC 5259 5.1",
        '* CONVERSION "image/gif" "image/png" ([...])',
        ConversionResponse("image/gif", "image/png", ("[...]",)),
    ),
    V("RFC 5259 5.1", "b OK CONVERSIONS completed", Ok("CONVERSIONS completed", tag="b")),
    V(
        "RFC 5259 5.1",
        '* CONVERSION "image/png" "image/jpeg" (...)',
        ConversionResponse("image/png", "image/jpeg", ("...",)),
    ),
    V("RFC 5259 5.1", "c OK CONVERSIONS completed", Ok("CONVERSIONS completed", tag="c")),
    V("RFC 5259 6", "a001 OK CONVERT COMPLETED", Ok("CONVERT COMPLETED", tag="a001")),
    V(
        "RFC 5259 6",
        '* 2 CONVERTED (tag "b001") (BINARY[3] (ERROR "Source text has non us-ascii" '
        'BADPARAMETERS "text/html" "text/plain" ("charset" "us-ascii")))',
        ConvertedResponse(
            2,
            {
                Section((3,), item="BINARY"): ConversionError(
                    "Source text has non us-ascii",
                    "BADPARAMETERS",
                    (b"text/html", b"text/plain", (b"charset", b"us-ascii")),
                )
            },
            tag="b001",
        ),
        canonical=False,
    ),
    V("RFC 5259 6", "b001 NO All conversions failed", No("All conversions failed", tag="b001")),
    V("RFC 5259 6", "b001 OK CONVERT COMPLETED", Ok("CONVERT COMPLETED", tag="b001")),
    V(
        "RFC 5259 6",
        '* 2 CONVERTED (TAG "c000") (BINARY.SIZE[4] 3135)',
        ConvertedResponse(2, {Section((4,), item="BINARY.SIZE"): 3135}, tag="c000"),
    ),
    V("RFC 5259 6", "c000 OK CONVERT COMPLETED", Ok("CONVERT COMPLETED", tag="c000")),
    V("RFC 5259 6", "c001 OK CONVERT COMPLETED", Ok("CONVERT COMPLETED", tag="c001")),
    V(
        "RFC 5259 6",
        "* 2 FETCH (BODY[HEADER] {158}\r\nDate: Mon, 20 Apr 2007 20:05:43 +0200\r\n"
        "From: Peter <peter@siroe.example.com>\r\nTo: Alexey "
        "<alexey@siroe.example.com>\r\nSubject: =?KOI8-R?Q?why encode this?=\r\n\r\n)",
        FetchResponse(
            2,
            {
                Section(text="HEADER"): b"Date: Mon, 20 Apr 2007 20:05:43 +0200\r\nFrom: Peter "
                b"<peter@siroe.example.com>\r\nTo: Alexey "
                b"<alexey@siroe.example.com>\r\nSubject: "
                b"=?KOI8-R?Q?why encode this?=\r\n\r\n"
            },
        ),
    ),
    V(
        "RFC 5259 6",
        '* 2 CONVERTED (TAG "d002") (BODY[HEADER] {157}\r\nDate: Mon, 20 Apr 2007 '
        "20:05:43 +0200\r\nFrom: Peter <peter@siroe.example.com>\r\nTo: Alexey "
        "<alexey@siroe.example.com>\r\nSubject: =?UTF-8?Q?why encode this?=\r\n\r\n)",
        ConvertedResponse(
            2,
            {
                Section(text="HEADER"): b"Date: Mon, 20 Apr 2007 20:05:43 +0200\r\nFrom: Peter "
                b"<peter@siroe.example.com>\r\nTo: Alexey "
                b"<alexey@siroe.example.com>\r\nSubject: =?UTF-8?Q?why "
                b"encode this?=\r\n\r\n"
            },
            tag="d002",
        ),
    ),
    V("RFC 5259 7", "e001 OK UID CONVERT COMPLETED", Ok("UID CONVERT COMPLETED", tag="e001")),
    V("RFC 5259 8.2", "e002 OK CONVERT COMPLETED", Ok("CONVERT COMPLETED", tag="e002")),
    V("RFC 5259 8.4", "f001 OK CONVERT COMPLETED", Ok("CONVERT COMPLETED", tag="f001")),
    V(
        "RFC 5259 8.5",
        "g001 NO [MAXCONVERTPARTS 1] You can only request 1 body part at any given time",
        No("You can only request 1 body part at any given time", MaxConvertParts(1), "g001"),
    ),
    V(
        "RFC 5259 9",
        '* 2 CONVERTED (tag "b002") (BODYPARTSTRUCTURE[3] (ERROR "Source text has non '
        'us-ascii" BADPARAMETERS "text/html" "text/plain" ("charset" "us-ascii")))',
        ConvertedResponse(
            2,
            {
                Section((3,), item="BODYPARTSTRUCTURE"): ConversionError(
                    "Source text has non us-ascii",
                    "BADPARAMETERS",
                    (b"text/html", b"text/plain", (b"charset", b"us-ascii")),
                )
            },
            tag="b002",
        ),
        canonical=False,
    ),
    V("RFC 5259 9", "b002 NO All conversions failed", No("All conversions failed", tag="b002")),
    V("RFC 5259 9", "b002 OK Some conversions failed", Ok("Some conversions failed", tag="b002")),
    V(
        "RFC 5259 9",
        "b002 NO [TEMPFAIL] All conversions failed",
        No("All conversions failed", ResponseCode("TEMPFAIL"), "b002"),
    ),
    V(
        "RFC 5259 9",
        '* 2 CONVERTED (tag "b003") (BINARY[3] (ERROR "CHARSET must be specified for '
        'text conversions" MISSINGPARAMETERS (CHARSET)))',
        ConvertedResponse(
            2,
            {
                Section((3,), item="BINARY"): ConversionError(
                    "CHARSET must be specified for text conversions",
                    "MISSINGPARAMETERS",
                    (("CHARSET",),),
                )
            },
            tag="b003",
        ),
        canonical=False,
    ),
    V("RFC 5259 9", "b003 NO All conversions failed", No("All conversions failed", tag="b003")),
    V(
        "RFC 5259 9",
        '* 2 CONVERTED (tag "b005") (BINARY[3] (ERROR "UNKNOWN-CHARACTER-REPLACEMENT '
        'limited to 4 bytes" BADPARAMETERS (UNKNOWN-CHARACTER-REPLACEMENT '
        '"<badchar>")))',
        ConvertedResponse(
            2,
            {
                Section((3,), item="BINARY"): ConversionError(
                    "UNKNOWN-CHARACTER-REPLACEMENT limited to 4 bytes",
                    "BADPARAMETERS",
                    (("UNKNOWN-CHARACTER-REPLACEMENT", b"<badchar>"),),
                )
            },
            tag="b005",
        ),
        canonical=False,
    ),
    V("RFC 5259 9", "b005 NO All conversions failed", No("All conversions failed", tag="b005")),
    # RFC 5267
    V("RFC 5267 3.3", "E01 OK Sort completed", Ok("Sort completed", tag="E01")),
    V(
        "RFC 5267 4.2",
        '* ESEARCH (TAG "A01") COUNT 23765',
        ESearchResponse("A01", False, (("COUNT", 23765),)),
    ),
    V("RFC 5267 4.2", "A01 OK Search completed.", Ok("Search completed.", tag="A01")),
    V(
        "RFC 5267 4.3",
        '* ESEARCH (TAG "B01") COUNT 74',
        ESearchResponse("B01", False, (("COUNT", 74),)),
    ),
    V(
        "RFC 5267 4.3",
        "B01 OK Search completed, will notify.",
        Ok("Search completed, will notify.", tag="B01"),
    ),
    V("RFC 5267 4.3", "B01 BAD Tag reuse", Bad("Tag reuse", tag="B01")),
    V(
        "RFC 5267 4.3.1",
        '* ESEARCH (TAG "B02") COUNT 74',
        ESearchResponse("B02", False, (("COUNT", 74),)),
    ),
    V(
        "RFC 5267 4.3.1",
        '* NO [NOUPDATE "B02"] Too many contexts',
        No("Too many contexts", NoUpdate("B02")),
    ),
    V(
        "RFC 5267 4.3.1",
        "B02 OK Search completed, will not notify.",
        Ok("Search completed, will not notify.", tag="B02"),
    ),
    V(
        "RFC 5267 4.3.3",
        "* 23762 FETCH (FLAGS (\\Deleted \\Seen))",
        FetchResponse(23762, {"FLAGS": ("\\Deleted", "\\Seen")}),
    ),
    V(
        "RFC 5267 4.3.3",
        "* 23763 FETCH (FLAGS ($Junk \\Seen))",
        FetchResponse(23763, {"FLAGS": ("$Junk", "\\Seen")}),
    ),
    V(
        "RFC 5267 4.3.3",
        '* ESEARCH (TAG "B01") UID ADDTO (0 32768:32769)',
        ESearchResponse("B01", True, (("ADDTO", ((0, S("32768:32769")),)),)),
    ),
    V(
        "RFC 5267 4.3.3",
        '* ESEARCH (TAG "C01") UID ADDTO (1 2733 1 2732 1 2731)',
        ESearchResponse(
            "C01", True, (("ADDTO", ((1, S("2733")), (1, S("2732")), (1, S("2731")))),)
        ),
    ),
    V(
        "RFC 5267 4.3.3",
        '* ESEARCH (TAG "C01") UID ADDTO (1 2733) ADDTO (1 2731:2732)',
        ESearchResponse(
            "C01", True, (("ADDTO", ((1, S("2733")),)), ("ADDTO", ((1, S("2731:2732")),)))
        ),
    ),
    V(
        "RFC 5267 4.3.3",
        '* ESEARCH (TAG "C01") UID ADDTO (1 2731:2733)',
        ESearchResponse("C01", True, (("ADDTO", ((1, S("2731:2733")),)),)),
    ),
    V(
        "RFC 5267 4.3.4",
        '* ESEARCH (TAG "B01") UID REMOVEFROM (0 32768)',
        ESearchResponse("B01", True, (("REMOVEFROM", ((0, S("32768")),)),)),
    ),
    V("RFC 5267 4.3.4", "* 23762 EXPUNGE", ExpungeResponse(23762)),
    V("RFC 5267 4.3.4", "B03 OK Nothing done.", Ok("Nothing done.", tag="B03")),
    V("RFC 5267 4.3.5", "B04 OK No further updates.", Ok("No further updates.", tag="B04")),
    V("RFC 5267 4.4", "A02 OK Completed.", Ok("Completed.", tag="A02")),
    V("RFC 5267 4.4", "A03 OK Completed.", Ok("Completed.", tag="A03")),
    V(
        "RFC 5267 4.4",
        '* ESEARCH (TAG "A04") UID PARTIAL (24000:24500 NIL)',
        ESearchResponse("A04", True, (("PARTIAL", PartialResult((24000, 24500))),)),
    ),
    V("RFC 5267 4.4", "A04 OK Completed.", Ok("Completed.", tag="A04")),
    # RFC 5464
    V(
        "RFC 5464 4.2",
        '* METADATA "" (/shared/comment "Shared comment")',
        MetadataResponse("", {"/shared/comment": b"Shared comment"}),
    ),
    V("RFC 5464 4.2", "a OK GETMETADATA complete", Ok("GETMETADATA complete", tag="a")),
    V(
        "RFC 5464 4.2",
        '* METADATA "INBOX" (/private/comment "My own comment")',
        MetadataResponse("INBOX", {"/private/comment": b"My own comment"}),
        canonical=False,
    ),
    V(
        "RFC 5464 4.2",
        '* METADATA "INBOX" (/shared/comment "Shared comment" /private/comment "My own comment")',
        MetadataResponse(
            "INBOX", {"/shared/comment": b"Shared comment", "/private/comment": b"My own comment"}
        ),
        canonical=False,
    ),
    V(
        "RFC 5464 4.2.1",
        "a OK [METADATA LONGENTRIES 2199] GETMETADATA complete",
        Ok("GETMETADATA complete", MetadataCode("LONGENTRIES", 2199), "a"),
    ),
    V(
        "RFC 5464 4.2.2",
        '* METADATA "INBOX" (/private/filters/values/small "SMALLER 5000" /private/'
        'filters/values/boss "FROM \\"boss@example.com\\"")',
        MetadataResponse(
            "INBOX",
            {
                "/private/filters/values/small": b"SMALLER 5000",
                "/private/filters/values/boss": b'FROM "boss@example.com"',
            },
        ),
        canonical=False,
    ),
    V("RFC 5464 4.3", "+ ready for data", Continuation("ready for data")),
    V("RFC 5464 4.3", "a OK SETMETADATA complete", Ok("SETMETADATA complete", tag="a")),
    V(
        "RFC 5464 4.3",
        "a NO [METADATA TOOMANY] SETMETADATA failed",
        No("SETMETADATA failed", MetadataCode("TOOMANY"), "a"),
    ),
    V(
        "RFC 5464 4.4.1",
        '* METADATA "" (/shared/comment "My comment")',
        MetadataResponse("", {"/shared/comment": b"My comment"}),
    ),
    V(
        "RFC 5464 4.4.1",
        '* METADATA "INBOX" (/private/comment "My comment" /shared/comment "Its sunny outside!")',
        MetadataResponse(
            "INBOX", {"/private/comment": b"My comment", "/shared/comment": b"Its sunny outside!"}
        ),
        canonical=False,
    ),
    V(
        "RFC 5464 4.4.1",
        '* METADATA "INBOX" (/private/comment "My comment")',
        MetadataResponse("INBOX", {"/private/comment": b"My comment"}),
        canonical=False,
    ),
    V(
        "RFC 5464 4.4.1",
        '* METADATA "INBOX" (/shared/comment "Its sunny outside!")',
        MetadataResponse("INBOX", {"/shared/comment": b"Its sunny outside!"}),
        canonical=False,
    ),
    V(
        "RFC 5464 4.4.2",
        '* METADATA "" /shared/comment',
        MetadataResponse("", None, ("/shared/comment",)),
    ),
    V("RFC 5464 4.4.2", "a OK NOOP complete", Ok("NOOP complete", tag="a")),
    V(
        "RFC 5464 4.4.2",
        '* METADATA "INBOX" /shared/comment /private/comment',
        MetadataResponse("INBOX", None, ("/shared/comment", "/private/comment")),
        canonical=False,
    ),
    # RFC 5465
    V("RFC 5465 3.1", "a OK Password matched", Ok("Password matched", tag="a")),
    V(
        "RFC 5465 3.1",
        "* STATUS Lists/Lemonade (UIDVALIDITY 4 UIDNEXT 9999 MESSAGES 500)",
        StatusResponse("Lists/Lemonade", {"UIDVALIDITY": 4, "UIDNEXT": 9999, "MESSAGES": 500}),
    ),
    V(
        "RFC 5465 3.1",
        "* STATUS Lists/Im2000 (UIDVALIDITY 901 UIDNEXT 1 MESSAGES 0)",
        StatusResponse("Lists/Im2000", {"UIDVALIDITY": 901, "UIDNEXT": 1, "MESSAGES": 0}),
    ),
    V("RFC 5465 3.1", "b OK done", Ok("done", tag="b")),
    V(
        "RFC 5465 3.1",
        "c OK INBOX selected (Time passes.  A new message is delivered to mailbox Lists/Lemonade.)",
        Ok(
            "INBOX selected (Time passes.  A new message is delivered to mailbox Lists/Lemonade.)",
            tag="c",
        ),
    ),
    V(
        "RFC 5465 3.1",
        "* STATUS misc (UIDVALIDITY 1 UIDNEXT 999)",
        StatusResponse("misc", {"UIDVALIDITY": 1, "UIDNEXT": 999}),
    ),
    V("RFC 5465 3.1", "e OK done", Ok("done", tag="e")),
    V(
        "RFC 5465 5.1",
        "* 99 FETCH (UID 9999 FLAGS ($Junk))",
        FetchResponse(99, {"UID": 9999, "FLAGS": ("$Junk",)}),
    ),
    V("RFC 5465 5.2", "* 444 EXISTS", ExistsResponse(444)),
    V("RFC 5465 5.2", "* 444 FETCH (UID 9999)", FetchResponse(444, {"UID": 9999})),
    V(
        "RFC 5465 5.2",
        "* STATUS Lists/Lemonade (UIDNEXT 10002 MESSAGES 503)",
        StatusResponse("Lists/Lemonade", {"UIDNEXT": 10002, "MESSAGES": 503}),
    ),
    V("RFC 5465 5.3", "* 444 EXPUNGE", ExpungeResponse(444)),
    V("RFC 5465 5.3", "* VANISHED 5444", VanishedResponse(False, S("5444"))),
    V(
        "RFC 5465 5.3",
        "* STATUS misc (UIDNEXT 999 MESSAGES 554)",
        StatusResponse("misc", {"UIDNEXT": 999, "MESSAGES": 554}),
    ),
    V(
        "RFC 5465 5.4",
        '* LIST () "/" "NewMailbox"',
        ListResponse((), "/", "NewMailbox"),
        canonical=False,
    ),
    V(
        "RFC 5465 5.4",
        '* LIST (\\NonExistent) "." "INBOX.DeletedMailbox"',
        ListResponse(("\\NonExistent",), ".", "INBOX.DeletedMailbox"),
        canonical=False,
    ),
    V(
        "RFC 5465 5.4",
        '* LIST () "/" "NewMailbox" ("OLDNAME" ("OldMailbox"))',
        ListResponse((), "/", "NewMailbox", old_name="OldMailbox"),
        canonical=False,
    ),
    V(
        "RFC 5465 5.5",
        '* LIST (\\Subscribed) "/" "SubscribedMailbox"',
        ListResponse(("\\Subscribed",), "/", "SubscribedMailbox"),
        canonical=False,
    ),
    V(
        "RFC 5465 5.6",
        '* METADATA "INBOX" /shared/comment',
        MetadataResponse("INBOX", None, ("/shared/comment",)),
        canonical=False,
    ),
    V(
        "RFC 5465 5.8",
        "* OK [NOTIFICATIONOVERFLOW] ...A comment can go here...",
        Ok("...A comment can go here...", ResponseCode("NOTIFICATIONOVERFLOW")),
    ),
    V("RFC 5465 7", "* EXISTS 93", UnknownResponse("EXISTS", (93,))),
    V(
        "RFC 5465 7",
        "* 93 FETCH (UID 127001 BODY[HEADER.FIELDS (FROM TO SUBJECT)] {76}\r\nSubject: "
        "Re: good morning\r\nFrom: myboss@example.org\r\nTo: bob@example.org\r\n\r\n)",
        FetchResponse(
            93,
            {
                "UID": 127001,
                Section(
                    text="HEADER.FIELDS", fields=("FROM", "TO", "SUBJECT")
                ): b"Subject: Re: good morning\r\nFrom: "
                b"myboss@example.org\r\nTo: bob@example.org\r\n\r\n",
            },
        ),
    ),
    V(
        "RFC 5465 7",
        '* ESEARCH (TAG "a00") ADDTO (0 93)',
        ESearchResponse("a00", False, (("ADDTO", ((0, S("93")),)),)),
    ),
    # RFC 5466
    V("RFC 5466 3.2", "a007 OK SETMETADATA complete", Ok("SETMETADATA complete", tag="a007")),
    # RFC 5530
    V(
        "RFC 5530 3",
        "a NO [UNAVAILABLE] User's backend down for maintenance",
        No("User's backend down for maintenance", ResponseCode("UNAVAILABLE"), "a"),
    ),
    V(
        "RFC 5530 3",
        "b NO [AUTHENTICATIONFAILED] Authentication failed",
        No("Authentication failed", ResponseCode("AUTHENTICATIONFAILED"), "b"),
    ),
    V(
        "RFC 5530 3",
        "c1 NO [AUTHORIZATIONFAILED] No such authorization-ID",
        No("No such authorization-ID", ResponseCode("AUTHORIZATIONFAILED"), "c1"),
    ),
    V(
        "RFC 5530 3",
        "c2 NO [AUTHORIZATIONFAILED] Authenticator is not an admin",
        No("Authenticator is not an admin", ResponseCode("AUTHORIZATIONFAILED"), "c2"),
    ),
    V(
        "RFC 5530 3",
        "d NO [EXPIRED] That password isn't valid any more",
        No("That password isn't valid any more", ResponseCode("EXPIRED"), "d"),
    ),
    V(
        "RFC 5530 3",
        "d NO [PRIVACYREQUIRED] Connection offers no privacy",
        No("Connection offers no privacy", ResponseCode("PRIVACYREQUIRED"), "d"),
    ),
    V(
        "RFC 5530 3",
        "f NO [NOPERM] Access denied",
        No("Access denied", ResponseCode("NOPERM"), "f"),
    ),
    V(
        "RFC 5530 3",
        "g NO [INUSE] Mailbox in use",
        No("Mailbox in use", ResponseCode("INUSE"), "g"),
    ),
    V("RFC 5530 3", "* SEARCH 1 2 3 5 8 13 21 42", SearchResponse((1, 2, 3, 5, 8, 13, 21, 42))),
    V(
        "RFC 5530 3",
        "h OK [EXPUNGEISSUED] Search completed",
        Ok("Search completed", ResponseCode("EXPUNGEISSUED"), "h"),
    ),
    V(
        "RFC 5530 3",
        "i NO [CORRUPTION] Cannot open mailbox",
        No("Cannot open mailbox", ResponseCode("CORRUPTION"), "i"),
    ),
    V(
        "RFC 5530 3",
        "j NO [SERVERBUG] This should not happen",
        No("This should not happen", ResponseCode("SERVERBUG"), "j"),
    ),
    V("RFC 5530 3", "k1 OK [READ-ONLY] Done", Ok("Done", ResponseCode("READ-ONLY"), "k1")),
    V("RFC 5530 3", "k2 OK [CLIENTBUG] Done", Ok("Done", ResponseCode("CLIENTBUG"), "k2")),
    V(
        "RFC 5530 3",
        "l NO [CANNOT] Adjacent slashes are not supported",
        No("Adjacent slashes are not supported", ResponseCode("CANNOT"), "l"),
    ),
    V(
        "RFC 5530 3",
        "m NO [LIMIT] At most 32 flags in one mailbox supported",
        No("At most 32 flags in one mailbox supported", ResponseCode("LIMIT"), "m"),
    ),
    V("RFC 5530 3", "n1 NO [OVERQUOTA] Sorry", No("Sorry", ResponseCode("OVERQUOTA"), "n1")),
    V(
        "RFC 5530 3",
        "n2 OK [OVERQUOTA] You are now over your soft quota",
        Ok("You are now over your soft quota", ResponseCode("OVERQUOTA"), "n2"),
    ),
    V(
        "RFC 5530 3",
        'o NO [ALREADYEXISTS] Mailbox "that" already exists',
        No('Mailbox "that" already exists', ResponseCode("ALREADYEXISTS"), "o"),
    ),
    V(
        "RFC 5530 3",
        "p NO [NONEXISTENT] No such mailbox",
        No("No such mailbox", ResponseCode("NONEXISTENT"), "p"),
    ),
    # RFC 5819
    V(
        "RFC 5819 3",
        '* STATUS "INBOX" (MESSAGES 17 UNSEEN 16)',
        StatusResponse("INBOX", {"MESSAGES": 17, "UNSEEN": 16}),
        canonical=False,
    ),
    V("RFC 5819 3", '* LIST () "." "foo"', ListResponse((), ".", "foo"), canonical=False),
    V(
        "RFC 5819 3",
        '* STATUS "foo" (MESSAGES 30 UNSEEN 29)',
        StatusResponse("foo", {"MESSAGES": 30, "UNSEEN": 29}),
        canonical=False,
    ),
    V(
        "RFC 5819 3",
        '* LIST (\\NoSelect) "." "bar"',
        ListResponse(("\\Noselect",), ".", "bar"),
        canonical=False,
    ),
    V("RFC 5819 3", "A01 OK List completed.", Ok("List completed.", tag="A01")),
    V(
        "RFC 5819 3",
        '* STATUS "INBOX" (MESSAGES 17)',
        StatusResponse("INBOX", {"MESSAGES": 17}),
        canonical=False,
    ),
    V(
        "RFC 5819 3",
        '* LIST () "." "foo" (CHILDINFO ("SUBSCRIBED"))',
        ListResponse((), ".", "foo", child_info=("SUBSCRIBED",)),
        canonical=False,
    ),
    V("RFC 5819 3", "A02 OK List completed.", Ok("List completed.", tag="A02")),
    # RFC 6154
    V(
        "RFC 6154 5.1",
        '* LIST (\\Marked \\HasNoChildren) "/" Inbox',
        ListResponse(("\\Marked", "\\HasNoChildren"), "/", "INBOX"),
        canonical=False,
    ),
    V(
        "RFC 6154 5.1",
        '* LIST (\\HasNoChildren) "/" ToDo',
        ListResponse(("\\HasNoChildren",), "/", "ToDo"),
    ),
    V(
        "RFC 6154 5.1",
        '* LIST (\\HasChildren) "/" Projects',
        ListResponse(("\\HasChildren",), "/", "Projects"),
    ),
    V(
        "RFC 6154 5.1",
        '* LIST (\\Sent \\HasNoChildren) "/" SentMail',
        ListResponse(("\\Sent", "\\HasNoChildren"), "/", "SentMail"),
    ),
    V(
        "RFC 6154 5.1",
        '* LIST (\\Marked \\Drafts \\HasNoChildren) "/" MyDrafts',
        ListResponse(("\\Marked", "\\Drafts", "\\HasNoChildren"), "/", "MyDrafts"),
    ),
    V(
        "RFC 6154 5.1",
        '* LIST (\\Trash \\HasNoChildren) "/" Trash',
        ListResponse(("\\Trash", "\\HasNoChildren"), "/", "Trash"),
    ),
    V("RFC 6154 5.1", "t1 OK done", Ok("done", tag="t1")),
    V(
        "RFC 6154 5.2",
        "* CAPABILITY IMAP4rev1 SPECIAL-USE",
        CapabilityResponse(C("IMAP4rev1 SPECIAL-USE")),
    ),
    V(
        "RFC 6154 5.2",
        '* LIST (\\Marked) "/" Inbox',
        ListResponse(("\\Marked",), "/", "INBOX"),
        canonical=False,
    ),
    V("RFC 6154 5.2", '* LIST () "/" ToDo', ListResponse((), "/", "ToDo")),
    V("RFC 6154 5.2", '* LIST () "/" Projects', ListResponse((), "/", "Projects")),
    V("RFC 6154 5.2", '* LIST (\\Sent) "/" SentMail', ListResponse(("\\Sent",), "/", "SentMail")),
    V(
        "RFC 6154 5.2",
        '* LIST (\\Marked \\Drafts) "/" MyDrafts',
        ListResponse(("\\Marked", "\\Drafts"), "/", "MyDrafts"),
    ),
    V("RFC 6154 5.2", '* LIST (\\Trash) "/" Trash', ListResponse(("\\Trash",), "/", "Trash")),
    V("RFC 6154 5.2", "t2 OK done", Ok("done", tag="t2")),
    V("RFC 6154 5.2", "t3 OK done", Ok("done", tag="t3")),
    V(
        "RFC 6154 5.3",
        "* CAPABILITY IMAP4rev1 CREATE-SPECIAL-USE",
        CapabilityResponse(C("IMAP4rev1 CREATE-SPECIAL-USE")),
    ),
    V("RFC 6154 5.3", "t2 OK MySpecial created", Ok("MySpecial created", tag="t2")),
    V(
        "RFC 6154 5.3",
        "t3 NO [USEATTR] \\All not supported",
        No("\\All not supported", ResponseCode("USEATTR"), "t3"),
    ),
    V(
        "RFC 6154 5.4",
        '* LIST (\\Drafts) "/" MyDrafts',
        ListResponse(("\\Drafts",), "/", "MyDrafts"),
    ),
    V("RFC 6154 5.4", '* LIST () "/" SavedDrafts', ListResponse((), "/", "SavedDrafts")),
    V(
        "RFC 6154 5.4",
        '* METADATA "MyDrafts" (/private/specialuse "\\\\Drafts")',
        MetadataResponse("MyDrafts", {"/private/specialuse": b"\\Drafts"}),
        canonical=False,
    ),
    V(
        "RFC 6154 5.4",
        '* METADATA "MyDrafts" (/private/specialuse NIL)',
        MetadataResponse("MyDrafts", {"/private/specialuse": None}),
        canonical=False,
    ),
    V("RFC 6154 5.4", "t3 OK SETMETADATA complete", Ok("SETMETADATA complete", tag="t3")),
    V("RFC 6154 5.4", "t4 OK SETMETADATA complete", Ok("SETMETADATA complete", tag="t4")),
    V("RFC 6154 5.4", '* LIST () "/" SentMail', ListResponse((), "/", "SentMail")),
    V("RFC 6154 5.4", '* LIST () "/" MyDrafts', ListResponse((), "/", "MyDrafts")),
    V(
        "RFC 6154 5.4",
        '* LIST (\\Drafts) "/" SavedDrafts',
        ListResponse(("\\Drafts",), "/", "SavedDrafts"),
    ),
    V("RFC 6154 5.4", "t5 OK done", Ok("done", tag="t5")),
    # RFC 6203
    V("RFC 6203 3", "* SEARCH 1 5 10", SearchResponse((1, 5, 10))),
    V("RFC 6203 3", "A1 OK Search completed.", Ok("Search completed.", tag="A1")),
    V("RFC 6203 3", "* SEARCH 1 4", SearchResponse((1, 4))),
    V("RFC 6203 3", "A2 OK Search completed.", Ok("Search completed.", tag="A2")),
    V(
        "RFC 6203 4",
        '* ESEARCH (TAG "B1") ALL 1,5,10 RELEVANCY (4 99 42)',
        ESearchResponse("B1", False, (("ALL", S("1,5,10")), ("RELEVANCY", (4, 99, 42)))),
    ),
    V("RFC 6203 4", "B1 OK Search completed.", Ok("Search completed.", tag="B1")),
    V("RFC 6203 6", "* SORT 5 10 1", SortResponse((5, 10, 1))),
    V("RFC 6203 6", "C1 OK Sort completed.", Ok("Sort completed.", tag="C1")),
    V(
        "RFC 6203 6",
        '* ESEARCH (TAG "C2") ALL 5,10,1 RELEVANCY (99 42 4)',
        ESearchResponse("C2", False, (("ALL", S("5,10,1")), ("RELEVANCY", (99, 42, 4)))),
    ),
    V("RFC 6203 6", "C2 OK Sort completed.", Ok("Sort completed.", tag="C2")),
    V(
        "RFC 6203 6",
        '* ESEARCH (TAG "C3") PARTIAL (1:10 42,9,34,13,15,4,2,7,23,82)',
        ESearchResponse(
            "C3", False, (("PARTIAL", PartialResult((1, 10), S("42,9,34,13,15,4,2,7,23,82"))),)
        ),
    ),
    V("RFC 6203 6", "C3 OK Sort completed.", Ok("Sort completed.", tag="C3")),
    # RFC 6851
    V("RFC 6851 3", "a OK Done", Ok("Done", tag="a")),
    # RFC 7162
    V(
        "RFC 7162 3.1.2.2",
        "* OK [NOMODSEQ] Sorry, this mailbox format doesn't support modsequences",
        Ok("Sorry, this mailbox format doesn't support modsequences", ResponseCode("NOMODSEQ")),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 1 FETCH (UID 4 MODSEQ (12121231000))",
        FetchResponse(1, {"UID": 4, "MODSEQ": 12121231000}),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 2 FETCH (UID 6 MODSEQ (12121230852))",
        FetchResponse(2, {"UID": 6, "MODSEQ": 12121230852}),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 4 FETCH (UID 8 MODSEQ (12121230956))",
        FetchResponse(4, {"UID": 8, "MODSEQ": 12121230956}),
    ),
    V(
        "RFC 7162 3.1.3",
        "a103 OK Conditional Store completed",
        Ok("Conditional Store completed", tag="a103"),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 50 FETCH (MODSEQ (12111230047))",
        FetchResponse(50, {"MODSEQ": 12111230047}),
    ),
    V(
        "RFC 7162 3.1.3",
        "a104 OK Store (conditional) completed",
        Ok("Store (conditional) completed", tag="a104"),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 50 FETCH (MODSEQ (12111230048))",
        FetchResponse(50, {"MODSEQ": 12111230048}),
    ),
    V(
        "RFC 7162 3.1.3",
        "c101 OK Store (conditional) completed",
        Ok("Store (conditional) completed", tag="c101"),
    ),
    V("RFC 7162 3.1.3", "* 5 FETCH (MODSEQ (320162350))", FetchResponse(5, {"MODSEQ": 320162350})),
    V(
        "RFC 7162 3.1.3",
        "d105 OK [MODIFIED 7,9] Conditional STORE failed",
        Ok("Conditional STORE failed", Modified(S("7,9")), "d105"),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 7 FETCH (MODSEQ (320162342) FLAGS (\\Seen \\Deleted))",
        FetchResponse(7, {"MODSEQ": 320162342, "FLAGS": ("\\Seen", "\\Deleted")}),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 9 FETCH (MODSEQ (320162349) FLAGS (\\Answered))",
        FetchResponse(9, {"MODSEQ": 320162349, "FLAGS": ("\\Answered",)}),
    ),
    V(
        "RFC 7162 3.1.3",
        "a102 OK [MODIFIED 12] Conditional STORE failed",
        Ok("Conditional STORE failed", Modified(S("12")), "a102"),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 100 FETCH (MODSEQ (303181230852))",
        FetchResponse(100, {"MODSEQ": 303181230852}),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 150 FETCH (MODSEQ (303181230852))",
        FetchResponse(150, {"MODSEQ": 303181230852}),
    ),
    V(
        "RFC 7162 3.1.3",
        "a106 OK [MODIFIED 101] Conditional STORE failed",
        Ok("Conditional STORE failed", Modified(S("101")), "a106"),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 101 FETCH (MODSEQ (303011130956) FLAGS ($Processed))",
        FetchResponse(101, {"MODSEQ": 303011130956, "FLAGS": ("$Processed",)}),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 101 FETCH (MODSEQ (303011130956) FLAGS (\\Deleted \\Answered))",
        FetchResponse(101, {"MODSEQ": 303011130956, "FLAGS": ("\\Deleted", "\\Answered")}),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 101 FETCH (MODSEQ (303181230852))",
        FetchResponse(101, {"MODSEQ": 303181230852}),
    ),
    V(
        "RFC 7162 3.1.3",
        "b108 OK Conditional Store completed",
        Ok("Conditional Store completed", tag="b108"),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 102 FETCH (MODSEQ (303181230852))",
        FetchResponse(102, {"MODSEQ": 303181230852}),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 101 FETCH (MODSEQ (303011130956) FLAGS ($Processed \\Deleted \\Answered))",
        FetchResponse(
            101, {"MODSEQ": 303011130956, "FLAGS": ("$Processed", "\\Deleted", "\\Answered")}
        ),
    ),
    V(
        "RFC 7162 3.1.3",
        "a106 OK Conditional STORE completed",
        Ok("Conditional STORE completed", tag="a106"),
    ),
    V(
        "RFC 7162 3.1.3",
        "* 1 FETCH (MODSEQ (320172342) FLAGS (\\SEEN))",
        FetchResponse(1, {"MODSEQ": 320172342, "FLAGS": ("\\Seen",)}),
        canonical=False,
    ),
    V(
        "RFC 7162 3.1.3",
        "* 3 FETCH (MODSEQ (320172342) FLAGS (\\SEEN))",
        FetchResponse(3, {"MODSEQ": 320172342, "FLAGS": ("\\Seen",)}),
        canonical=False,
    ),
    V(
        "RFC 7162 3.1.3",
        "B001 NO [MODIFIED 2] Some of the messages no longer exist.",
        No("Some of the messages no longer exist.", Modified(S("2")), "B001"),
    ),
    V("RFC 7162 3.1.3", "* 4 EXPUNGE", ExpungeResponse(4)),
    V(
        "RFC 7162 3.1.3",
        "* 2 FETCH (MODSEQ (320172340) FLAGS (\\Deleted \\Answered))",
        FetchResponse(2, {"MODSEQ": 320172340, "FLAGS": ("\\Deleted", "\\Answered")}),
    ),
    V("RFC 7162 3.1.3", "B002 OK NOOP Completed.", Ok("NOOP Completed.", tag="B002")),
    V(
        "RFC 7162 3.1.3",
        "* 2 FETCH (MODSEQ (320180050) FLAGS (\\SEEN \\Flagged))",
        FetchResponse(2, {"MODSEQ": 320180050, "FLAGS": ("\\Seen", "\\Flagged")}),
        canonical=False,
    ),
    V(
        "RFC 7162 3.1.3",
        "b003 OK Conditional Store completed",
        Ok("Conditional Store completed", tag="b003"),
    ),
    V(
        "RFC 7162 3.1.4.1",
        "* 1 FETCH (UID 4 MODSEQ (65402) FLAGS (\\Seen))",
        FetchResponse(1, {"UID": 4, "MODSEQ": 65402, "FLAGS": ("\\Seen",)}),
    ),
    V(
        "RFC 7162 3.1.4.1",
        "* 2 FETCH (UID 6 MODSEQ (75403) FLAGS (\\Deleted))",
        FetchResponse(2, {"UID": 6, "MODSEQ": 75403, "FLAGS": ("\\Deleted",)}),
    ),
    V(
        "RFC 7162 3.1.4.1",
        "* 4 FETCH (UID 8 MODSEQ (29738) FLAGS ($NoJunk $AutoJunk $MDNSent))",
        FetchResponse(
            4, {"UID": 8, "MODSEQ": 29738, "FLAGS": ("$NoJunk", "$AutoJunk", "$MDNSent")}
        ),
    ),
    V("RFC 7162 3.1.4.1", "s100 OK FETCH completed", Ok("FETCH completed", tag="s100")),
    V(
        "RFC 7162 3.1.4.2",
        "* 1 FETCH (MODSEQ (624140003))",
        FetchResponse(1, {"MODSEQ": 624140003}),
    ),
    V(
        "RFC 7162 3.1.4.2",
        "* 2 FETCH (MODSEQ (624140007))",
        FetchResponse(2, {"MODSEQ": 624140007}),
    ),
    V(
        "RFC 7162 3.1.4.2",
        "* 3 FETCH (MODSEQ (624140005))",
        FetchResponse(3, {"MODSEQ": 624140005}),
    ),
    V(
        "RFC 7162 3.1.4.2",
        "* OK [PERMANENTFLAGS (\\Answered \\Deleted \\Seen \\*)] Limited",
        Ok("Limited", PermanentFlags(("\\Answered", "\\Deleted", "\\Seen", "\\*"))),
    ),
    V(
        "RFC 7162 3.1.4.2",
        "* 7 FETCH (MODSEQ (2121231000))",
        FetchResponse(7, {"MODSEQ": 2121231000}),
    ),
    V("RFC 7162 3.1.4.2", "A160 OK Store completed", Ok("Store completed", tag="A160")),
    V(
        "RFC 7162 3.1.4.2",
        "* 7 FETCH (FLAGS (\\Deleted \\Answered) MODSEQ (12121231000))",
        FetchResponse(7, {"FLAGS": ("\\Deleted", "\\Answered"), "MODSEQ": 12121231000}),
    ),
    V("RFC 7162 3.1.4.2", "C180 OK Noop completed", Ok("Noop completed", tag="C180")),
    V("RFC 7162 3.1.4.2", "D210 OK Noop completed", Ok("Noop completed", tag="D210")),
    V(
        "RFC 7162 3.1.4.2",
        "* 7 FETCH (MODSEQ (12121231777))",
        FetchResponse(7, {"MODSEQ": 12121231777}),
    ),
    V("RFC 7162 3.1.4.2", "A240 OK Store completed", Ok("Store completed", tag="A240")),
    V(
        "RFC 7162 3.1.4.2",
        "* 7 FETCH (FLAGS (\\Deleted \\Answered \\Seen) MODSEQ (12121231777))",
        FetchResponse(7, {"FLAGS": ("\\Deleted", "\\Answered", "\\Seen"), "MODSEQ": 12121231777}),
    ),
    V("RFC 7162 3.1.4.2", "C270 OK Noop completed", Ok("Noop completed", tag="C270")),
    V("RFC 7162 3.1.4.2", "D300 OK Noop completed", Ok("Noop completed", tag="D300")),
    V(
        "RFC 7162 3.1.4.2",
        "* 7 FETCH (MODSEQ (12121245160))",
        FetchResponse(7, {"MODSEQ": 12121245160}),
    ),
    V("RFC 7162 3.1.4.2", "A330 OK Store completed", Ok("Store completed", tag="A330")),
    V(
        "RFC 7162 3.1.4.2",
        "* 7 FETCH (FLAGS (\\Deleted) MODSEQ (12121245160))",
        FetchResponse(7, {"FLAGS": ("\\Deleted",), "MODSEQ": 12121245160}),
    ),
    V("RFC 7162 3.1.4.2", "C360 OK Noop completed", Ok("Noop completed", tag="C360")),
    V("RFC 7162 3.1.4.2", "D390 OK Noop completed", Ok("Noop completed", tag="D390")),
    V(
        "RFC 7162 3.1.5",
        "* SEARCH 2 5 6 7 11 12 18 19 20 23 (MODSEQ 917162500)",
        SearchResponse((2, 5, 6, 7, 11, 12, 18, 19, 20, 23), 917162500),
    ),
    V(
        "RFC 7162 3.1.5",
        "t OK Search complete, nothing found",
        Ok("Search complete, nothing found", tag="t"),
    ),
    V(
        "RFC 7162 3.1.7",
        "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 HIGHESTMODSEQ 7011231777)",
        StatusResponse(
            "blurdybloop", {"MESSAGES": 231, "UIDNEXT": 44292, "HIGHESTMODSEQ": 7011231777}
        ),
    ),
    V(
        "RFC 7162 3.1.8",
        "A142 OK [READ-WRITE] SELECT completed, CONDSTORE is now enabled",
        Ok("SELECT completed, CONDSTORE is now enabled", ResponseCode("READ-WRITE"), "A142"),
    ),
    V(
        "RFC 7162 3.1.10",
        '* ESEARCH (TAG "a") ALL 1:3,5 MODSEQ 1236',
        ESearchResponse("a", False, (("ALL", S("1:3,5")), ("MODSEQ", 1236))),
    ),
    V(
        "RFC 7162 3.1.10",
        "a OK Extended SEARCH completed",
        Ok("Extended SEARCH completed", tag="a"),
    ),
    V(
        "RFC 7162 3.1.10",
        '* ESEARCH (TAG "a") ALL 5,3,2,1 MODSEQ 1236',
        ESearchResponse("a", False, (("ALL", S("5,3,2,1")), ("MODSEQ", 1236))),
    ),
    V("RFC 7162 3.1.10", "a OK Extended SORT completed", Ok("Extended SORT completed", tag="a")),
    V("RFC 7162 3.2.5", "* 464 EXISTS", ExistsResponse(464)),
    V(
        "RFC 7162 3.2.5",
        "* OK [UIDVALIDITY 3857529045] UIDVALIDITY",
        Ok("UIDVALIDITY", UidValidity(3857529045)),
    ),
    V(
        "RFC 7162 3.2.5",
        "* OK [UIDNEXT 550] Predicted next UID",
        Ok("Predicted next UID", UidNext(550)),
    ),
    V(
        "RFC 7162 3.2.5",
        "* OK [HIGHESTMODSEQ 90060128194045007] Highest mailbox",
        Ok("Highest mailbox", HighestModSeq(90060128194045007)),
    ),
    V(
        "RFC 7162 3.2.5",
        "A02 OK [READ-WRITE] Sorry, UIDVALIDITY mismatch",
        Ok("Sorry, UIDVALIDITY mismatch", ResponseCode("READ-WRITE"), "A02"),
    ),
    V("RFC 7162 3.2.5.1", "* 100 EXISTS", ExistsResponse(100)),
    V("RFC 7162 3.2.5.1", "* 11 RECENT", RecentResponse(11)),
    V(
        "RFC 7162 3.2.5.1",
        "* OK [UIDVALIDITY 67890007] UIDVALIDITY",
        Ok("UIDVALIDITY", UidValidity(67890007)),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* OK [UIDNEXT 600] Predicted next UID",
        Ok("Predicted next UID", UidNext(600)),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* OK [HIGHESTMODSEQ 90060115205545359] Highest mailbox mod-sequence",
        Ok("Highest mailbox mod-sequence", HighestModSeq(90060115205545359)),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* OK [UNSEEN 7] There are some unseen messages in the mailbox",
        Ok("There are some unseen messages in the mailbox", Unseen(7)),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen \\*)] Permanent flags",
        Ok(
            "Permanent flags",
            PermanentFlags(("\\Answered", "\\Flagged", "\\Draft", "\\Deleted", "\\Seen", "\\*")),
        ),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* VANISHED (EARLIER) 41,43:116,118,120:211,214:540",
        VanishedResponse(True, S("41,43:116,118,120:211,214:540")),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* 49 FETCH (UID 117 FLAGS (\\Seen \\Answered) MODSEQ (90060115194045001))",
        FetchResponse(
            49, {"UID": 117, "FLAGS": ("\\Seen", "\\Answered"), "MODSEQ": 90060115194045001}
        ),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* 50 FETCH (UID 119 FLAGS (\\Draft $MDNSent) MODSEQ (90060115194045308))",
        FetchResponse(
            50, {"UID": 119, "FLAGS": ("\\Draft", "$MDNSent"), "MODSEQ": 90060115194045308}
        ),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "* 51 FETCH (UID 541 FLAGS (\\Seen $Forwarded) MODSEQ (90060115194045001))",
        FetchResponse(
            51, {"UID": 541, "FLAGS": ("\\Seen", "$Forwarded"), "MODSEQ": 90060115194045001}
        ),
    ),
    V(
        "RFC 7162 3.2.5.1",
        "A03 OK [READ-WRITE] mailbox selected",
        Ok("mailbox selected", ResponseCode("READ-WRITE"), "A03"),
    ),
    V("RFC 7162 3.2.5.2", "* 10003 EXISTS", ExistsResponse(10003)),
    V("RFC 7162 3.2.5.2", "* 4 RECENT", RecentResponse(4)),
    V(
        "RFC 7162 3.2.5.2",
        "* OK [UIDNEXT 30013] Predicted next UID",
        Ok("Predicted next UID", UidNext(30013)),
    ),
    V(
        "RFC 7162 3.2.5.2",
        "* 1 FETCH (UID 3 FLAGS (\\Seen \\Answered $Important) MODSEQ (90060115194045001))",
        FetchResponse(
            1,
            {
                "UID": 3,
                "FLAGS": ("\\Seen", "\\Answered", "$Important"),
                "MODSEQ": 90060115194045001,
            },
        ),
    ),
    V(
        "RFC 7162 3.2.5.2",
        "* 9889 FETCH (UID 29667 FLAGS (\\Seen \\Answered) MODSEQ (90060115194045027))",
        FetchResponse(
            9889, {"UID": 29667, "FLAGS": ("\\Seen", "\\Answered"), "MODSEQ": 90060115194045027}
        ),
    ),
    V(
        "RFC 7162 3.2.5.2",
        "* 9890 FETCH (UID 29670 FLAGS (\\Draft $MDNSent) MODSEQ (90060115194045028))",
        FetchResponse(
            9890, {"UID": 29670, "FLAGS": ("\\Draft", "$MDNSent"), "MODSEQ": 90060115194045028}
        ),
    ),
    V(
        "RFC 7162 3.2.5.2",
        "* 9999 FETCH (UID 29997 FLAGS (\\Seen $Forwarded) MODSEQ (90060115194045031))",
        FetchResponse(
            9999, {"UID": 29997, "FLAGS": ("\\Seen", "$Forwarded"), "MODSEQ": 90060115194045031}
        ),
    ),
    V(
        "RFC 7162 3.2.5.2",
        "A04 OK [READ-WRITE] mailbox selected",
        Ok("mailbox selected", ResponseCode("READ-WRITE"), "A04"),
    ),
    V(
        "RFC 7162 3.2.5.2",
        "* OK [HIGHESTMODSEQ 90060115205545359] Highest mailbox mod- sequence",
        Ok("Highest mailbox mod- sequence", HighestModSeq(90060115205545359)),
    ),
    V(
        "RFC 7162 3.2.5.2",
        "B04 OK [READ-WRITE] mailbox selected",
        Ok("mailbox selected", ResponseCode("READ-WRITE"), "B04"),
    ),
    V(
        "RFC 7162 3.2.6",
        "* 1 FETCH (UID 404 MODSEQ (65402) FLAGS (\\Seen))",
        FetchResponse(1, {"UID": 404, "MODSEQ": 65402, "FLAGS": ("\\Seen",)}),
    ),
    V(
        "RFC 7162 3.2.6",
        "* 2 FETCH (UID 406 MODSEQ (75403) FLAGS (\\Deleted))",
        FetchResponse(2, {"UID": 406, "MODSEQ": 75403, "FLAGS": ("\\Deleted",)}),
    ),
    V(
        "RFC 7162 3.2.6",
        "* 4 FETCH (UID 408 MODSEQ (29738) FLAGS ($NoJunk $AutoJunk $MDNSent))",
        FetchResponse(
            4, {"UID": 408, "MODSEQ": 29738, "FLAGS": ("$NoJunk", "$AutoJunk", "$MDNSent")}
        ),
    ),
    V(
        "RFC 7162 3.2.6",
        "* SEARCH 404 406 407 408 410 412",
        SearchResponse((404, 406, 407, 408, 410, 412)),
    ),
    V("RFC 7162 3.2.6", "s101 OK search completed", Ok("search completed", tag="s101")),
    V(
        "RFC 7162 3.2.6",
        "* VANISHED (EARLIER) 300:310,405,411",
        VanishedResponse(True, S("300:310,405,411")),
    ),
    V(
        "RFC 7162 3.2.7",
        "A202 OK [HIGHESTMODSEQ 20010715194045319] expunged",
        Ok("expunged", HighestModSeq(20010715194045319), "A202"),
    ),
    V(
        "RFC 7162 3.2.7",
        "* VANISHED 405,407,410,425",
        VanishedResponse(False, S("405,407,410,425")),
    ),
    V(
        "RFC 7162 3.2.7",
        "B202 OK [HIGHESTMODSEQ 20010715194045319] expunged",
        Ok("expunged", HighestModSeq(20010715194045319), "B202"),
    ),
    V("RFC 7162 3.2.8", "A202 OK done", Ok("done", tag="A202")),
    V(
        "RFC 7162 3.2.9",
        ". OK [HIGHESTMODSEQ 20010715194045319] Ok",
        Ok("Ok", HighestModSeq(20010715194045319), "."),
    ),
    V(
        "RFC 7162 3.2.10.2",
        "* VANISHED 505,507,510,625",
        VanishedResponse(False, S("505,507,510,625")),
    ),
    V("RFC 7162 3.2.10.2", "* VANISHED 504,508", VanishedResponse(False, S("504,508"))),
    V("RFC 7162 3.2.10.2", "A210 OK EXPUNGE completed", Ok("EXPUNGE completed", tag="A210")),
    V("RFC 7162 3.2.10.2", "* VANISHED 1", VanishedResponse(False, S("1"))),
    V("RFC 7162 3.2.10.2", "* VANISHED 3", VanishedResponse(False, S("3"))),
    V("RFC 7162 3.2.10.2", "* VANISHED 5", VanishedResponse(False, S("5"))),
    V("RFC 7162 6", "* 1 FETCH (UID 6 MODSEQ (103))", FetchResponse(1, {"UID": 6, "MODSEQ": 103})),
    V("RFC 7162 6", "* 2 FETCH (UID 7 MODSEQ (101))", FetchResponse(2, {"UID": 7, "MODSEQ": 101})),
    V(
        "RFC 7162 6",
        "* OK [HIGHESTMODSEQ 99] VANISHED reply with MODSEQ 100 is delayed",
        Ok("VANISHED reply with MODSEQ 100 is delayed", HighestModSeq(99)),
    ),
    V("RFC 7162 6", "A150 OK [MODIFIED 3] done", Ok("done", Modified(S("3")), "A150")),
    V("RFC 7162 6", "* 3 FETCH (UID 8 MODSEQ (104))", FetchResponse(3, {"UID": 8, "MODSEQ": 104})),
    V(
        "RFC 7162 6",
        "A151 OK [HIGHESTMODSEQ 99] Still delaying VANISHED",
        Ok("Still delaying VANISHED", HighestModSeq(99), "A151"),
    ),
    V("RFC 7162 6", "* VANISHED 8", VanishedResponse(False, S("8"))),
    V("RFC 7162 6", "A153 OK [HIGHESTMODSEQ 104] done", Ok("done", HighestModSeq(104), "A153")),
    V(
        "RFC 7162 6",
        "* OK [UIDNEXT 201] Predicted next UID",
        Ok("Predicted next UID", UidNext(201)),
    ),
    V(
        "RFC 7162 6",
        "* OK [HIGHESTMODSEQ 20010715194045007] Highest mailbox mod-sequence",
        Ok("Highest mailbox mod-sequence", HighestModSeq(20010715194045007)),
    ),
    V(
        "RFC 7162 6",
        "* VANISHED (EARLIER) 1:5,7:8,10:15",
        VanishedResponse(True, S("1:5,7:8,10:15")),
    ),
    V(
        "RFC 7162 6",
        "* 2 FETCH (UID 6 MODSEQ (20010715205008000) FLAGS (\\Deleted))",
        FetchResponse(2, {"UID": 6, "MODSEQ": 20010715205008000, "FLAGS": ("\\Deleted",)}),
    ),
    # RFC 7377
    V(
        "RFC 7377 3",
        '* ESEARCH (TAG "tag1" MAILBOX "folder2/banana" UIDVALIDITY 503)',
        ESearchResponse("tag1", False, mailbox="folder2/banana", uid_validity=503),
        canonical=False,
    ),
    V(
        "RFC 7377 3",
        '* ESEARCH (TAG "tag1" MAILBOX "folder2/peach" UIDVALIDITY 3) UID',
        ESearchResponse("tag1", True, mailbox="folder2/peach", uid_validity=3),
        canonical=False,
    ),
    V("RFC 7377 3", "tag1 OK done", Ok("done", tag="tag1")),
    V("RFC 7377 3", "tag2 OK done", Ok("done", tag="tag2")),
    # RFC 7889
    V(
        "RFC 7889 2",
        "* CAPABILITY IMAP4rev1 ID APPENDLIMIT=257890",
        CapabilityResponse(C("IMAP4rev1 ID APPENDLIMIT=257890")),
    ),
    V(
        "RFC 7889 2",
        "* CAPABILITY IMAP4rev1 ID APPENDLIMIT",
        CapabilityResponse(C("IMAP4rev1 ID APPENDLIMIT")),
    ),
    V(
        "RFC 7889 3.1",
        "* STATUS INBOX (APPENDLIMIT 257890)",
        StatusResponse("INBOX", {"APPENDLIMIT": 257890}),
    ),
    V("RFC 7889 3.1", "t1 OK STATUS completed", Ok("STATUS completed", tag="t1")),
    V(
        "RFC 7889 3.2",
        '* STATUS "INBOX" (APPENDLIMIT 257890)',
        StatusResponse("INBOX", {"APPENDLIMIT": 257890}),
        canonical=False,
    ),
    V("RFC 7889 3.2", "t1 OK List completed.", Ok("List completed.", tag="t1")),
    # RFC 8438
    V(
        "RFC 8438 3",
        "* STATUS frop (MESSAGES 8 SIZE 44421 UIDNEXT 242344)",
        StatusResponse("frop", {"MESSAGES": 8, "SIZE": 44421, "UIDNEXT": 242344}),
    ),
    V("RFC 8438 3", "A01 OK STATUS completed", Ok("STATUS completed", tag="A01")),
    V("RFC 8438 3", "* 8 EXISTS", ExistsResponse(8)),
    V("RFC 8438 3", "* OK [UNSEEN 7] First unseen.", Ok("First unseen.", Unseen(7))),
    V(
        "RFC 8438 3",
        "* OK [UIDVALIDITY 1364851417] UIDs valid",
        Ok("UIDs valid", UidValidity(1364851417)),
    ),
    V(
        "RFC 8438 3",
        "* OK [UIDNEXT 242344] Predicted next UID",
        Ok("Predicted next UID", UidNext(242344)),
    ),
    V("RFC 8438 3", "* OK [HIGHESTMODSEQ 3914] Highest", Ok("Highest", HighestModSeq(3914))),
    V(
        "RFC 8438 3",
        "A02 OK [READ-WRITE] Select completed.",
        Ok("Select completed.", ResponseCode("READ-WRITE"), "A02"),
    ),
    V("RFC 8438 3", "* 1 FETCH (RFC822.SIZE 3224)", FetchResponse(1, {"RFC822.SIZE": 3224})),
    V("RFC 8438 3", "* 2 FETCH (RFC822.SIZE 1222)", FetchResponse(2, {"RFC822.SIZE": 1222})),
    V("RFC 8438 3", "* 3 FETCH (RFC822.SIZE 444)", FetchResponse(3, {"RFC822.SIZE": 444})),
    V("RFC 8438 3", "* 4 FETCH (RFC822.SIZE 4516)", FetchResponse(4, {"RFC822.SIZE": 4516})),
    V("RFC 8438 3", "* 5 FETCH (RFC822.SIZE 544)", FetchResponse(5, {"RFC822.SIZE": 544})),
    V("RFC 8438 3", "* 6 FETCH (RFC822.SIZE 922)", FetchResponse(6, {"RFC822.SIZE": 922})),
    V("RFC 8438 3", "* 7 FETCH (RFC822.SIZE 31126)", FetchResponse(7, {"RFC822.SIZE": 31126})),
    V("RFC 8438 3", "* 8 FETCH (RFC822.SIZE 2423)", FetchResponse(8, {"RFC822.SIZE": 2423})),
    V("RFC 8438 3", "A03 OK Fetch completed.", Ok("Fetch completed.", tag="A03")),
    V("RFC 8438 3", '* LIST () "." "INBOX"', ListResponse((), ".", "INBOX"), canonical=False),
    V(
        "RFC 8438 3",
        '* STATUS "INBOX" (MESSAGES 17 SIZE 16234)',
        StatusResponse("INBOX", {"MESSAGES": 17, "SIZE": 16234}),
        canonical=False,
    ),
    V("RFC 8438 3", '* LIST () "." "frop"', ListResponse((), ".", "frop"), canonical=False),
    V(
        "RFC 8438 3",
        '* STATUS "frop" (MESSAGES 8 SIZE 44421)',
        StatusResponse("frop", {"MESSAGES": 8, "SIZE": 44421}),
        canonical=False,
    ),
    V("RFC 8438 3", "A04 OK List completed.", Ok("List completed.", tag="A04")),
    # RFC 8440
    V(
        "RFC 8440 4",
        '* MYRIGHTS "INBOX" lrswipkxtecda',
        MyRightsResponse("INBOX", "lrswipkxtecda"),
        canonical=False,
    ),
    V("RFC 8440 4", '* MYRIGHTS "foo" lrs', MyRightsResponse("foo", "lrs"), canonical=False),
    V(
        "RFC 8440 4",
        '* LIST (\\NonExistent) "." "bar"',
        ListResponse(("\\NonExistent",), ".", "bar"),
        canonical=False,
    ),
    V(
        "RFC 8440 4",
        '* LIST (\\Subscribed) "." "INBOX"',
        ListResponse(("\\Subscribed",), ".", "INBOX"),
        canonical=False,
    ),
    # RFC 8457
    V(
        "RFC 8457 3.2.1",
        '* LIST (\\HasNoChildren \\Important) "/" "Important Messages"',
        ListResponse(("\\HasNoChildren", "\\Important"), "/", "Important Messages"),
    ),
    V(
        "RFC 8457 3.2.1",
        '* LIST (\\HasNoChildren) "/" "Imported Wine"',
        ListResponse(("\\HasNoChildren",), "/", "Imported Wine"),
    ),
    V("RFC 8457 3.2.1", "t1 OK Success", Ok("Success", tag="t1")),
    V("RFC 8457 3.2.2", "t1 OK Mailbox created", Ok("Mailbox created", tag="t1")),
    V(
        "RFC 8457 3.2.2",
        "t1 NO [USEATTR] An \\Important mailbox already exists",
        No("An \\Important mailbox already exists", ResponseCode("USEATTR"), "t1"),
    ),
    V(
        "RFC 8457 3.2.2",
        "t1 NO [USEATTR] Mailbox not created; unsupported use \\Important",
        No("Mailbox not created; unsupported use \\Important", ResponseCode("USEATTR"), "t1"),
    ),
    # RFC 8474
    V(
        "RFC 8474 4.1",
        "3 OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] Completed",
        Ok("Completed", MailboxId("F2212ea87-6097-4256-9d51-71338625"), "3"),
    ),
    V(
        "RFC 8474 4.1",
        "4 OK [MAILBOXID (F6352ae03-b7f5-463c-896f-d8b48ee3)] Completed",
        Ok("Completed", MailboxId("F6352ae03-b7f5-463c-896f-d8b48ee3"), "4"),
    ),
    V("RFC 8474 4.1", "5 NO Mailbox already exists", No("Mailbox already exists", tag="5")),
    V(
        "RFC 8474 4.2",
        "* OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] Ok",
        Ok("Ok", MailboxId("F2212ea87-6097-4256-9d51-71338625")),
    ),
    V(
        "RFC 8474 4.2",
        "27 OK [READ-WRITE] Completed",
        Ok("Completed", ResponseCode("READ-WRITE"), "27"),
    ),
    V(
        "RFC 8474 4.3",
        "* STATUS foo (MAILBOXID (F2212ea87-6097-4256-9d51-71338625))",
        StatusResponse("foo", {"MAILBOXID": "F2212ea87-6097-4256-9d51-71338625"}),
    ),
    V("RFC 8474 4.3", "6 OK Completed", Ok("Completed", tag="6")),
    V(
        "RFC 8474 4.3",
        "* STATUS bar (MAILBOXID (F6352ae03-b7f5-463c-896f-d8b48ee3))",
        StatusResponse("bar", {"MAILBOXID": "F6352ae03-b7f5-463c-896f-d8b48ee3"}),
    ),
    V("RFC 8474 4.3", "7 OK Completed", Ok("Completed", tag="7")),
    V("RFC 8474 4.3", "* OK rename foo renamed", Ok("rename foo renamed")),
    V("RFC 8474 4.3", "8 OK Completed", Ok("Completed", tag="8")),
    V(
        "RFC 8474 4.3",
        "* STATUS renamed (MAILBOXID (F2212ea87-6097-4256-9d51-71338625))",
        StatusResponse("renamed", {"MAILBOXID": "F2212ea87-6097-4256-9d51-71338625"}),
    ),
    V("RFC 8474 4.3", "9 OK Completed", Ok("Completed", tag="9")),
    V("RFC 8474 4.3", "10 OK Completed", Ok("Completed", tag="10")),
    V(
        "RFC 8474 4.3",
        '* LIST (\\HasNoChildren) "." INBOX',
        ListResponse(("\\HasNoChildren",), ".", "INBOX"),
    ),
    V(
        "RFC 8474 4.3",
        "* STATUS INBOX (MAILBOXID (Ff8e3ead4-9389-4aff-adb1-d8d89efd8cbf))",
        StatusResponse("INBOX", {"MAILBOXID": "Ff8e3ead4-9389-4aff-adb1-d8d89efd8cbf"}),
    ),
    V(
        "RFC 8474 4.3",
        '* LIST (\\HasNoChildren) "." bar',
        ListResponse(("\\HasNoChildren",), ".", "bar"),
    ),
    V(
        "RFC 8474 4.3",
        '* LIST (\\HasNoChildren) "." renamed',
        ListResponse(("\\HasNoChildren",), ".", "renamed"),
    ),
    V(
        "RFC 8474 4.3",
        "11 OK Completed (0.001 secs 3 calls)",
        Ok("Completed (0.001 secs 3 calls)", tag="11"),
    ),
    V(
        "RFC 8474 5.3",
        "5 OK [APPENDUID 1521475658 1] Completed",
        Ok("Completed", AppendUid(1521475658, S("1")), "5"),
    ),
    V(
        "RFC 8474 5.3",
        "11 OK [APPENDUID 1521475658 2] Completed",
        Ok("Completed", AppendUid(1521475658, S("2")), "11"),
    ),
    V(
        "RFC 8474 5.3",
        "17 OK [APPENDUID 1521475658 3] Completed",
        Ok("Completed", AppendUid(1521475658, S("3")), "17"),
    ),
    V(
        "RFC 8474 5.3",
        "* 1 FETCH (EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9))",
        FetchResponse(1, {"EMAILID": "M6d99ac3275bb4e", "THREADID": "T64b478a75b7ea9"}),
    ),
    V(
        "RFC 8474 5.3",
        "* 2 FETCH (EMAILID (M288836c4c7a762) THREADID (T64b478a75b7ea9))",
        FetchResponse(2, {"EMAILID": "M288836c4c7a762", "THREADID": "T64b478a75b7ea9"}),
    ),
    V(
        "RFC 8474 5.3",
        "* 3 FETCH (EMAILID (M5fdc09b49ea703) THREADID (T11863d02dd95b5))",
        FetchResponse(3, {"EMAILID": "M5fdc09b49ea703", "THREADID": "T11863d02dd95b5"}),
    ),
    V("RFC 8474 5.3", "22 OK Completed (0.000 sec)", Ok("Completed (0.000 sec)", tag="22")),
    V(
        "RFC 8474 5.3",
        "* OK [COPYUID 1521475659 2 1] Completed",
        Ok("Completed", CopyUid(1521475659, S("2"), S("1"))),
    ),
    V("RFC 8474 5.3", "23 OK Completed", Ok("Completed", tag="23")),
    V(
        "RFC 8474 5.3",
        "* 2 FETCH (EMAILID (M5fdc09b49ea703) THREADID (T11863d02dd95b5))",
        FetchResponse(2, {"EMAILID": "M5fdc09b49ea703", "THREADID": "T11863d02dd95b5"}),
    ),
    V("RFC 8474 5.3", "24 OK Completed (0.000 sec)", Ok("Completed (0.000 sec)", tag="24")),
    V(
        "RFC 8474 5.3",
        "25 OK [READ-WRITE] Completed",
        Ok("Completed", ResponseCode("READ-WRITE"), "25"),
    ),
    V(
        "RFC 8474 5.3",
        "* 1 FETCH (EMAILID (M288836c4c7a762) THREADID (T64b478a75b7ea9))",
        FetchResponse(1, {"EMAILID": "M288836c4c7a762", "THREADID": "T64b478a75b7ea9"}),
    ),
    V("RFC 8474 5.3", "26 OK Completed (0.000 sec)", Ok("Completed (0.000 sec)", tag="26")),
    V(
        "RFC 8474 5.3",
        "* 1 FETCH (EMAILID (M00000001) THREADID NIL)",
        FetchResponse(1, {"EMAILID": "M00000001", "THREADID": None}),
    ),
    V(
        "RFC 8474 5.3",
        "* 2 FETCH (EMAILID (M00000002) THREADID NIL)",
        FetchResponse(2, {"EMAILID": "M00000002", "THREADID": None}),
    ),
    V("RFC 8474 6", "* SEARCH 1", SearchResponse((1,))),
    V(
        "RFC 8474 6",
        "27 OK Completed (1 msgs in 0.000 secs)",
        Ok("Completed (1 msgs in 0.000 secs)", tag="27"),
    ),
    V("RFC 8474 6", "* SEARCH 1 2", SearchResponse((1, 2))),
    V(
        "RFC 8474 6",
        "28 OK Completed (2 msgs in 0.000 secs)",
        Ok("Completed (2 msgs in 0.000 secs)", tag="28"),
    ),
    # RFC 8508
    V(
        "RFC 8508 3.2",
        "* OK [APPENDUID 1 2000] Replacement Message ready",
        Ok("Replacement Message ready", AppendUid(1, S("2000"))),
    ),
    V("RFC 8508 3.2", "* 5 EXISTS", ExistsResponse(5)),
    V("RFC 8508 3.2", "A003 OK Replace completed", Ok("Replace completed", tag="A003")),
    V(
        "RFC 8508 3.3",
        "* OK [APPENDUID 1 2001] Replacement Message ready",
        Ok("Replacement Message ready", AppendUid(1, S("2001"))),
    ),
    V("RFC 8508 3.3", "A004 OK Replace completed", Ok("Replace completed", tag="A004")),
    V(
        "RFC 8508 4.2",
        "A010 OK [APPENDUID 1 3002] APPEND complete",
        Ok("APPEND complete", AppendUid(1, S("3002")), "A010"),
    ),
    V(
        "RFC 8508 4.2",
        "* OK [APPENDUID 1 3003] Replacement Message ready",
        Ok("Replacement Message ready", AppendUid(1, S("3003"))),
    ),
    V("RFC 8508 4.2", "A011 OK REPLACE completed", Ok("REPLACE completed", tag="A011")),
    # RFC 8514
    V(
        "RFC 8514 4.2",
        '* 998 FETCH (SAVEDATE "01-Jan-2015 18:50:53 +0100")',
        FetchResponse(998, {"SAVEDATE": at(2015, 1, 1, 18, 50, 53, 1)}),
        canonical=False,
    ),
    V("RFC 8514 4.2", "A101 OK Fetch completed.", Ok("Fetch completed.", tag="A101")),
    V("RFC 8514 4.3", "* SEARCH 993 994", SearchResponse((993, 994))),
    V("RFC 8514 4.3", "A102 OK Search completed.", Ok("Search completed.", tag="A102")),
    V(
        "RFC 8514 4.3",
        "* SEARCH 993 994 995 996 997 998 999 1000 1001",
        SearchResponse((993, 994, 995, 996, 997, 998, 999, 1000, 1001)),
    ),
    V("RFC 8514 4.3", "A103 OK Search completed.", Ok("Search completed.", tag="A103")),
    # RFC 8970
    V(
        "RFC 8970 3.2",
        '* 1 FETCH (PREVIEW "Preview text!")',
        FetchResponse(1, {"PREVIEW": "Preview text!"}),
    ),
    V("RFC 8970 3.2", "A1 OK FETCH complete.", Ok("FETCH complete.", tag="A1")),
    V("RFC 8970 5", "* CAPABILITY IMAP4rev1 PREVIEW", CapabilityResponse(C("IMAP4rev1 PREVIEW"))),
    V(
        "RFC 8970 5",
        "A1 OK Capability command completed.",
        Ok("Capability command completed.", tag="A1"),
    ),
    V(
        "RFC 8970 5",
        "* 1 FETCH (RFC822.SIZE 5647 PREVIEW {200}\r\nLorem ipsum dolor sit amet, "
        "consectetur adipiscing elit.\r\nCurabitur aliquam turpis et ante dictum, et "
        "pulvinar dui congue.\r\nMaecenas hendrerit, lorem non imperdiet pellentesque, "
        "nulla\r\nligula nullam\r\n)",
        FetchResponse(
            1,
            {
                "RFC822.SIZE": 5647,
                "PREVIEW": "Lorem ipsum dolor sit amet, consectetur adipiscing "
                "elit.\r\nCurabitur aliquam turpis et ante dictum, et "
                "pulvinar dui congue.\r\nMaecenas hendrerit, lorem non "
                "imperdiet pellentesque, nulla\r\nligula nullam\r\n",
            },
        ),
    ),
    V("RFC 8970 5", "A2 OK FETCH complete.", Ok("FETCH complete.", tag="A2")),
    V("RFC 8970 5", "B1 OK FETCH completed.", Ok("FETCH completed.", tag="B1")),
    V(
        "RFC 8970 5",
        "* 3 FETCH (PREVIEW {30}\r\nMessage data from message 3.\r\n)",
        FetchResponse(3, {"PREVIEW": "Message data from message 3.\r\n"}),
    ),
    V(
        "RFC 8970 5",
        '* 4 FETCH (PREVIEW "Message 4 preview")',
        FetchResponse(4, {"PREVIEW": "Message 4 preview"}),
    ),
    V("RFC 8970 5", "B2 OK Fetch completed.", Ok("Fetch completed.", tag="B2")),
    V(
        "RFC 8970 5",
        "* CAPABILITY IMAP4rev1 PREVIEW SEARCHRES",
        CapabilityResponse(C("IMAP4rev1 PREVIEW SEARCHRES")),
    ),
    V(
        "RFC 8970 5",
        "C1 OK Capability command completed.",
        Ok("Capability command completed.", tag="C1"),
    ),
    V("RFC 8970 5", "C2 OK SEARCH completed.", Ok("SEARCH completed.", tag="C2")),
    V(
        "RFC 8970 5",
        '* 5 FETCH (UID 13 PREVIEW "Preview!")',
        FetchResponse(5, {"UID": 13, "PREVIEW": "Preview!"}),
    ),
    V(
        "RFC 8970 5",
        "* 9 FETCH (UID 23 PREVIEW NIL)",
        FetchResponse(9, {"UID": 23, "PREVIEW": None}),
    ),
    V("RFC 8970 5", "C3 OK FETCH completed.", Ok("FETCH completed.", tag="C3")),
    V(
        "RFC 8970 5",
        '* 9 FETCH (UID 23 PREVIEW "Another preview!")',
        FetchResponse(9, {"UID": 23, "PREVIEW": "Another preview!"}),
    ),
    V("RFC 8970 5", "C4 OK FETCH completed.", Ok("FETCH completed.", tag="C4")),
    # RFC 9051
    V(
        "RFC 9051 6.1.1",
        "* CAPABILITY IMAP4rev2 STARTTLS AUTH=GSSAPI LOGINDISABLED",
        CapabilityResponse(C("IMAP4rev2 STARTTLS AUTH=GSSAPI LOGINDISABLED")),
    ),
    V("RFC 9051 6.1.1", "efgh OK STARTTLS completed", Ok("STARTTLS completed", tag="efgh")),
    V(
        "RFC 9051 6.1.1",
        "* CAPABILITY IMAP4rev2 AUTH=GSSAPI AUTH=PLAIN",
        CapabilityResponse(C("IMAP4rev2 AUTH=GSSAPI AUTH=PLAIN")),
    ),
    V(
        "RFC 9051 6.1.2",
        "* 14 FETCH (UID 1305 FLAGS (\\Seen \\Deleted))",
        FetchResponse(14, {"UID": 1305, "FLAGS": ("\\Seen", "\\Deleted")}),
    ),
    V("RFC 9051 6.1.3", "* BYE IMAP4rev2 Server logging out", Bye("IMAP4rev2 Server logging out")),
    V(
        "RFC 9051 2",
        "* CAPABILITY IMAP4rev2 STARTTLS LOGINDISABLED",
        CapabilityResponse(C("IMAP4rev2 STARTTLS LOGINDISABLED")),
    ),
    V(
        "RFC 9051 2",
        "* CAPABILITY IMAP4rev2 AUTH=PLAIN",
        CapabilityResponse(C("IMAP4rev2 AUTH=PLAIN")),
    ),
    V("RFC 9051 2", "a004 OK Success (tls protection)", Ok("Success (tls protection)", tag="a004")),
    V(
        "RFC 9051 6.2.2",
        "* OK [CAPABILITY IMAP4rev2 STARTTLS AUTH=GSSAPI] Capabilities",
        Ok("Capabilities", CapabilityCode(C("IMAP4rev2 STARTTLS AUTH=GSSAPI"))),
    ),
    V(
        "RFC 9051 6.2.2",
        "* OK [CAPABILITY IMAP4rev2 STARTTLS AUTH=GSSAPI LOGINDISABLED] Server ready",
        Ok("Server ready", CapabilityCode(C("IMAP4rev2 STARTTLS AUTH=GSSAPI LOGINDISABLED"))),
    ),
    V("RFC 9051 6.2.2", "A01 OK STARTTLS completed", Ok("STARTTLS completed", tag="A01")),
    V("RFC 9051 6.2.2", "A02 OK CAPABILITY completed", Ok("CAPABILITY completed", tag="A02")),
    V(
        "RFC 9051 6.2.2",
        "A03 OK Success (tls protection)",
        Ok("Success (tls protection)", tag="A03"),
    ),
    V(
        "RFC 9051 6.2.2",
        "* CAPABILITY IMAP4rev2 AUTH=PLAIN AUTH=EXTERNAL",
        CapabilityResponse(C("IMAP4rev2 AUTH=PLAIN AUTH=EXTERNAL")),
    ),
    V(
        "RFC 9051 6.3.1",
        "* CAPABILITY IMAP4rev2 ID LITERAL+ X-GOOD-IDEA",
        CapabilityResponse(C("IMAP4rev2 ID LITERAL+ X-GOOD-IDEA")),
    ),
    V("RFC 9051 6.3.2", '* LIST () "/" INBOX', ListResponse((), "/", "INBOX")),
    V(
        "RFC 9051 6.3.2",
        "* OK [CLOSED] Previous mailbox is now closed",
        Ok("Previous mailbox is now closed", ResponseCode("CLOSED")),
    ),
    V(
        "RFC 9051 6.3.2",
        "* OK [UIDNEXT 102] Predicted next UID",
        Ok("Predicted next UID", UidNext(102)),
    ),
    V("RFC 9051 6.3.2", '* LIST () "/" Drafts', ListResponse((), "/", "Drafts")),
    V(
        "RFC 9051 6.3.2",
        "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\Answered \\Flagged \\Draft \\*)] "
        "System flags and keywords allowed",
        Ok(
            "System flags and keywords allowed",
            PermanentFlags(("\\Deleted", "\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\*")),
        ),
    ),
    V(
        "RFC 9051 6.3.2",
        "A143 OK [READ-WRITE] SELECT completed",
        Ok("SELECT completed", ResponseCode("READ-WRITE"), "A143"),
    ),
    V(
        "RFC 9051 6.3.4",
        '* LIST () "/" "Normalized" ("OLDNAME" ("NonNormalized"))',
        ListResponse((), "/", "Normalized", old_name="NonNormalized"),
        canonical=False,
    ),
    V("RFC 9051 6.3.4", "A005 OK CREATE completed", Ok("CREATE completed", tag="A005")),
    V(
        "RFC 9051 6.3.9.8",
        '* LIST (\\Remote \\HasNoChildren) "/" "Bread"',
        ListResponse(("\\Remote", "\\HasNoChildren"), "/", "Bread"),
        canonical=False,
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Archive) "/" Archives',
        ListResponse(("\\NonExistent", "\\Archive"), "/", "Archives"),
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Drafts) "/" Drafts',
        ListResponse(("\\NonExistent", "\\Drafts"), "/", "Drafts"),
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Junk) "/" Junk',
        ListResponse(("\\NonExistent", "\\Junk"), "/", "Junk"),
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Sent) "/" "Sent Mail"',
        ListResponse(("\\NonExistent", "\\Sent"), "/", "Sent Mail"),
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Trash) "/" "Deleted Items"',
        ListResponse(("\\NonExistent", "\\Trash"), "/", "Deleted Items"),
    ),
    V("RFC 9051 6.3.10", "A002 OK LIST Completed", Ok("LIST Completed", tag="A002")),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Archive) "/" "#mh/Archives"',
        ListResponse(("\\NonExistent", "\\Archive"), "/", "#mh/Archives"),
        canonical=False,
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Drafts) "/" "#mh/Drafts"',
        ListResponse(("\\NonExistent", "\\Drafts"), "/", "#mh/Drafts"),
        canonical=False,
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Junk) "/" "#mh/Junk"',
        ListResponse(("\\NonExistent", "\\Junk"), "/", "#mh/Junk"),
        canonical=False,
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Sent) "/" "#mh/Sent Mail"',
        ListResponse(("\\NonExistent", "\\Sent"), "/", "#mh/Sent Mail"),
    ),
    V(
        "RFC 9051 6.3.10",
        '* LIST (\\NonExistent \\Trash) "/" "#mh/Deleted Items"',
        ListResponse(("\\NonExistent", "\\Trash"), "/", "#mh/Deleted Items"),
    ),
    V("RFC 9051 6.3.10", "A003 OK LIST Completed", Ok("LIST Completed", tag="A003")),
    V(
        "RFC 9051 6.3.10",
        "A005 OK CREATE command completed",
        Ok("CREATE command completed", tag="A005"),
    ),
    V(
        "RFC 9051 6.3.10",
        "A006 OK CREATE command completed",
        Ok("CREATE command completed", tag="A006"),
    ),
    V("RFC 9051 6.3.12", '* LIST () "." funny', ListResponse((), ".", "funny")),
    V(
        "RFC 9051 6.3.13",
        "* FLAGS (\\Deleted \\Seen \\Flagged)",
        FlagsResponse(("\\Deleted", "\\Seen", "\\Flagged")),
    ),
    V(
        "RFC 9051 6.3.13",
        "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\Flagged)] Limited",
        Ok("Limited", PermanentFlags(("\\Deleted", "\\Seen", "\\Flagged"))),
    ),
    V(
        "RFC 9051 6.3.13",
        "A001 OK [READ-WRITE] SELECT completed",
        Ok("SELECT completed", ResponseCode("READ-WRITE"), "A001"),
    ),
    V("RFC 9051 6.4.2", "A342 OK Unselect completed", Ok("Unselect completed", tag="A342")),
    V("RFC 9051 6.4.4", '* ESEARCH (TAG "A284")', ESearchResponse("A284", False)),
    V("RFC 9051 6.4.4", "+ Ready for literal text", Continuation("Ready for literal text")),
    V(
        "RFC 9051 6.4.4",
        '* ESEARCH (TAG "A285") ALL 43',
        ESearchResponse("A285", False, (("ALL", S("43")),)),
    ),
    V(
        "RFC 9051 6.4.4.4",
        '* ESEARCH (TAG "A301") UID ALL 17,900,901',
        ESearchResponse("A301", True, (("ALL", S("17,900,901")),)),
    ),
    V(
        "RFC 9051 6.4.4.4",
        '* ESEARCH (TAG "P283") ALL 882,1102,3003,3005:3006',
        ESearchResponse("P283", False, (("ALL", S("882,1102,3003,3005:3006")),)),
    ),
    V(
        "RFC 9051 6.4.7",
        "A003 OK [COPYUID 38505 304,319:320 3956:3958] COPY completed",
        Ok("COPY completed", CopyUid(38505, S("304,319:320"), S("3956:3958")), "A003"),
    ),
    V(
        "RFC 9051 6.5",
        "* CAPABILITY IMAP4rev2 XPIG-LATIN",
        CapabilityResponse(C("IMAP4rev2 XPIG-LATIN")),
    ),
    V(
        "RFC 9051 7.1",
        'o356 NO [ALREADYEXISTS] Mailbox "that" already exists',
        No('Mailbox "that" already exists', ResponseCode("ALREADYEXISTS"), "o356"),
    ),
    V(
        "RFC 9051 7.1",
        '* ESEARCH (TAG "h") ALL 1:3,5,8,13,21,42',
        ESearchResponse("h", False, (("ALL", S("1:3,5,8,13,21,42")),)),
    ),
    V(
        "RFC 9051 7.1",
        'o356 NO [HASCHILDREN] Mailbox "Notes" has children',
        No('Mailbox "Notes" has children', ResponseCode("HASCHILDREN"), "o356"),
    ),
    V("RFC 9051 7.1.1", "* OK IMAP4rev2 server ready", Ok("IMAP4rev2 server ready")),
    V(
        "RFC 9051 7.1.4",
        "* PREAUTH IMAP4rev2 server logged in as Smith",
        Preauth("IMAP4rev2 server logged in as Smith"),
    ),
    V("RFC 9051 7.2.1", "* ENABLED CONDSTORE QRESYNC", EnabledResponse(("CONDSTORE", "QRESYNC"))),
    V(
        "RFC 9051 7.2.2",
        "* CAPABILITY STARTTLS AUTH=GSSAPI IMAP4rev2 LOGINDISABLED XPIG-LATIN",
        CapabilityResponse(C("STARTTLS AUTH=GSSAPI IMAP4rev2 LOGINDISABLED XPIG-LATIN")),
    ),
    V(
        "RFC 9051 7.3.1",
        '* LIST (\\Marked) ":" Tables (tablecloth (("edge" "lacy") ("color" "red")) Sample "text")',
        ListResponse(
            ("\\Marked",),
            ":",
            "Tables",
            extended=(
                ("TABLECLOTH", ((b"edge", b"lacy"), (b"color", b"red"))),
                ("SAMPLE", b"text"),
            ),
        ),
        canonical=False,
    ),
    V(
        "RFC 9051 7.3.1",
        '* LIST () ":" Tables:new (tablecloth ("edge" "lacy") Sample ("text" "more text"))',
        ListResponse(
            (),
            ":",
            "Tables:new",
            extended=(("TABLECLOTH", (b"edge", b"lacy")), ("SAMPLE", (b"text", b"more text"))),
        ),
        canonical=False,
    ),
    V(
        "RFC 9051 7.3.4",
        "* ESEARCH UID COUNT 17 ALL 4:18,21,28",
        ESearchResponse(None, True, (("COUNT", 17), ("ALL", S("4:18,21,28")))),
    ),
    V(
        "RFC 9051 7.3.4",
        '* ESEARCH (TAG "a567") UID COUNT 17 ALL 4:18,21,28',
        ESearchResponse("a567", True, (("COUNT", 17), ("ALL", S("4:18,21,28")))),
    ),
    V(
        "RFC 9051 7.3.4",
        "* ESEARCH COUNT 18 ALL 1:17,21",
        ESearchResponse(None, False, (("COUNT", 18), ("ALL", S("1:17,21")))),
    ),
    V(
        "RFC 9051 7.5.2",
        "* 23 FETCH (FLAGS (\\Seen) RFC822.SIZE 44827 UID 447)",
        FetchResponse(23, {"FLAGS": ("\\Seen",), "RFC822.SIZE": 44827, "UID": 447}),
    ),
    V(
        "RFC 9051 8",
        "* OK [CAPABILITY STARTTLS AUTH=SCRAM-SHA-256 LOGINDISABLED IMAP4rev2] "
        "IMAP4rev2 Service Ready",
        Ok(
            "IMAP4rev2 Service Ready",
            CapabilityCode(C("STARTTLS AUTH=SCRAM-SHA-256 LOGINDISABLED IMAP4rev2")),
        ),
    ),
    V(
        "RFC 9051 8",
        "a000 OK Proceed with TLS negotiation <TLS negotiation>",
        Ok("Proceed with TLS negotiation <TLS negotiation>", tag="a000"),
    ),
    V(
        "RFC 9051 8",
        "+ cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE "
        "5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=",
        Continuation(
            "cj1yT3ByTkdmd0ViZVJXZ2JORWtx"
            "TyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE "
            "5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY="
        ),
    ),
    V(
        "RFC 9051 8",
        "+ dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0 PQ==",
        Continuation("dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0 PQ=="),
    ),
    V(
        "RFC 9051 8",
        "A001 OK SCRAM-SHA-256 authentication successful",
        Ok("SCRAM-SHA-256 authentication successful", tag="A001"),
    ),
    V("RFC 9051 8", "* ENABLED IMAP4rev2", EnabledResponse(("IMAP4rev2",))),
    V(
        "RFC 9051 8",
        "babc OK Some capabilities enabled",
        Ok("Some capabilities enabled", tag="babc"),
    ),
    V(
        "RFC 9051 8",
        '* LIST () "/" INBOX ("OLDNAME" ("inbox"))',
        ListResponse((), "/", "INBOX", old_name="INBOX"),
        canonical=False,
    ),
    V(
        "RFC 9051 8",
        "* 12 FETCH (BODY[HEADER] {342}\r\nDate: Wed, 17 Jul 1996 02:23:25 -0700 "
        "(PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\nSubject: IMAP4rev2 WG "
        "mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\ncc: "
        "minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\nMessage-Id: "
        "<B27397-0100000@cac.washington.edu>\r\nMIME-Version: 1.0\r\nContent-Type: "
        "TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n)",
        FetchResponse(
            12,
            {
                Section(text="HEADER"): b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: "
                b"Terry Gray <gray@cac.washington.edu>\r\nSubject: "
                b"IMAP4rev2 WG mtg summary and minutes\r\nTo: "
                b"imap@cac.washington.edu\r\ncc: "
                b"minutes@CNRI.Reston.VA.US, John Klensin "
                b"<KLENSIN@MIT.EDU>\r\nMessage-Id: "
                b"<B27397-0100000@cac.washington.edu>\r\nMIME-Version: "
                b"1.0\r\nContent-Type: TEXT/PLAIN; "
                b"CHARSET=US-ASCII\r\n\r\n"
            },
        ),
    ),
    V(
        "RFC 9051 8",
        "* BYE IMAP4rev2 server terminating connection",
        Bye("IMAP4rev2 server terminating connection"),
    ),
    # RFC 9208
    V(
        "RFC 9208 4.1.1",
        '* QUOTA "!partition/sda4" (STORAGE 104 10923847)',
        QuotaResponse("!partition/sda4", (QuotaResource("STORAGE", 104, 10923847),)),
        canonical=False,
    ),
    V("RFC 9208 4.1.1", "G0001 OK Getquota complete", Ok("Getquota complete", tag="G0001")),
    V(
        "RFC 9208 4.1.2",
        '* QUOTAROOT INBOX "#user/alice" "!partition/sda4"',
        QuotaRootResponse("INBOX", ("#user/alice", "!partition/sda4")),
        canonical=False,
    ),
    V(
        "RFC 9208 4.1.2",
        '* QUOTA "#user/alice" (MESSAGE 42 1000)',
        QuotaResponse("#user/alice", (QuotaResource("MESSAGE", 42, 1000),)),
        canonical=False,
    ),
    V("RFC 9208 4.1.2", "G0002 OK Getquotaroot complete", Ok("Getquotaroot complete", tag="G0002")),
    V(
        "RFC 9208 4.1.3",
        '* QUOTA "#user/alice" (STORAGE 54 111 MESSAGE 42 1000)',
        QuotaResponse(
            "#user/alice", (QuotaResource("STORAGE", 54, 111), QuotaResource("MESSAGE", 42, 1000))
        ),
        canonical=False,
    ),
    V("RFC 9208 4.1.3", "S0000 OK Getquota completed", Ok("Getquota completed", tag="S0000")),
    V(
        "RFC 9208 4.1.3",
        '* QUOTA "#user/alice" (STORAGE 58 512)',
        QuotaResponse("#user/alice", (QuotaResource("STORAGE", 58, 512),)),
        canonical=False,
    ),
    V("RFC 9208 4.1.3", "S0001 OK Rounded quota", Ok("Rounded quota", tag="S0001")),
    V(
        "RFC 9208 4.1.3",
        "S0002 NO Cannot change system limit",
        No("Cannot change system limit", tag="S0002"),
    ),
    V(
        "RFC 9208 4.1.4",
        "* STATUS INBOX (MESSAGES 12 DELETED 4 DELETED-STORAGE 8)",
        StatusResponse("INBOX", {"MESSAGES": 12, "DELETED": 4, "DELETED-STORAGE": 8}),
    ),
    V("RFC 9208 4.1.4", "S0003 OK Status complete.", Ok("Status complete.", tag="S0003")),
    V(
        "RFC 9208 4.2.1",
        '* QUOTA "" (STORAGE 10 512)',
        QuotaResponse("", (QuotaResource("STORAGE", 10, 512),)),
    ),
    V("RFC 9208 4.2.2", '* QUOTAROOT INBOX ""', QuotaRootResponse("INBOX", ("",))),
    V("RFC 9208 4.2.2", "* QUOTAROOT comp.mail.mime", QuotaRootResponse("comp.mail.mime")),
    V(
        "RFC 9208 4.3.1",
        "A003 NO [OVERQUOTA] APPEND Failed",
        No("APPEND Failed", ResponseCode("OVERQUOTA"), "A003"),
    ),
    V(
        "RFC 9208 4.3.1",
        "* NO [OVERQUOTA] Soft quota has been exceeded",
        No("Soft quota has been exceeded", ResponseCode("OVERQUOTA")),
    ),
    V(
        "RFC 9208 4.3.1",
        "A004 OK [COPYUID 38505 304,319:320 3956:3958] COPY command completed",
        Ok("COPY command completed", CopyUid(38505, S("304,319:320"), S("3956:3958")), "A004"),
    ),
    # RFC 9394
    V("RFC 9394 3.1", "A01 OK Completed.", Ok("Completed.", tag="A01")),
    V(
        "RFC 9394 3.3",
        "* 12888 FETCH (FLAGS (\\Seen) UID 25996)",
        FetchResponse(12888, {"FLAGS": ("\\Seen",), "UID": 25996}),
    ),
    V(
        "RFC 9394 3.3",
        "* 12889 FETCH (FLAGS (\\Flagged \\Answered) UID 25997)",
        FetchResponse(12889, {"FLAGS": ("\\Flagged", "\\Answered"), "UID": 25997}),
    ),
    V(
        "RFC 9394 3.3",
        "* 12890 FETCH (FLAGS () UID 26600)",
        FetchResponse(12890, {"FLAGS": (), "UID": 26600}),
    ),
    V("RFC 9394 3.3", "10 OK FETCH completed", Ok("FETCH completed", tag="10")),
    V(
        "RFC 9394 3.3",
        "* 12591 FETCH (FLAGS (\\Seen) UID 25900)",
        FetchResponse(12591, {"FLAGS": ("\\Seen",), "UID": 25900}),
    ),
    V(
        "RFC 9394 3.3",
        "* 12592 FETCH (FLAGS (\\Flagged) UID 25902)",
        FetchResponse(12592, {"FLAGS": ("\\Flagged",), "UID": 25902}),
    ),
    V(
        "RFC 9394 3.3",
        "* 12593 FETCH (FLAGS (\\Answered) UID 26310)",
        FetchResponse(12593, {"FLAGS": ("\\Answered",), "UID": 26310}),
    ),
    V(
        "RFC 9394 3.3",
        "* 12594 FETCH (FLAGS () UID 26311)",
        FetchResponse(12594, {"FLAGS": (), "UID": 26311}),
    ),
    V(
        "RFC 9394 3.3",
        "* 12595 FETCH (FLAGS (\\Answered) UID 26498)",
        FetchResponse(12595, {"FLAGS": ("\\Answered",), "UID": 26498}),
    ),
    V("RFC 9394 3.3", "11 OK FETCH completed", Ok("FETCH completed", tag="11")),
    V(
        "RFC 9394 3.4",
        "* 12888 FETCH (FLAGS (\\Flagged \\Answered) MODSEQ (98306) UID 25997)",
        FetchResponse(12888, {"FLAGS": ("\\Flagged", "\\Answered"), "MODSEQ": 98306, "UID": 25997}),
    ),
    V(
        "RFC 9394 3.4",
        "* 12890 FETCH (FLAGS () MODSEQ (98312) UID 26600)",
        FetchResponse(12890, {"FLAGS": (), "MODSEQ": 98312, "UID": 26600}),
    ),
    V("RFC 9394 3.4", "101 OK FETCH completed", Ok("FETCH completed", tag="101")),
    # RFC 9585
    V(
        "RFC 9585 4",
        '* OK [INPROGRESS ("A001" 454 1000)] Processed 45% of the items [14 seconds later]',
        Ok("Processed 45% of the items [14 seconds later]", InProgress("A001", 454, 1000)),
    ),
    V(
        "RFC 9585 4",
        '* OK [INPROGRESS ("A001" 999 1000)] Processed 99% of the items [5 seconds later]',
        Ok("Processed 99% of the items [5 seconds later]", InProgress("A001", 999, 1000)),
    ),
    V("RFC 9585 4", "* SEARCH 447 735", SearchResponse((447, 735))),
    V(
        "RFC 9585 4",
        "A001 OK Search completed (23.387 + 0.004 + 0.017 secs).",
        Ok("Search completed (23.387 + 0.004 + 0.017 secs).", tag="A001"),
    ),
    V(
        "RFC 9585 4",
        '* OK [INPROGRESS ("A003" 175 2001)] Still working on this... [14 seconds later]',
        Ok("Still working on this... [14 seconds later]", InProgress("A003", 175, 2001)),
    ),
    V(
        "RFC 9585 4",
        '* OK [INPROGRESS ("A003" 440 2001)] Still working on this... [13 seconds later]',
        Ok("Still working on this... [13 seconds later]", InProgress("A003", 440, 2001)),
    ),
    V(
        "RFC 9585 4",
        '* OK [INPROGRESS ("A003" 987 2001)] Still working on this... [14 seconds later]',
        Ok("Still working on this... [14 seconds later]", InProgress("A003", 987, 2001)),
    ),
    V(
        "RFC 9585 4",
        '* OK [INPROGRESS ("A003" 1388 2001)] Still working on this... [14 seconds later]',
        Ok("Still working on this... [14 seconds later]", InProgress("A003", 1388, 2001)),
    ),
    V(
        "RFC 9585 4",
        '* OK [INPROGRESS ("A003" 1876 2001)] Still working on this... [9 seconds later]',
        Ok("Still working on this... [9 seconds later]", InProgress("A003", 1876, 2001)),
    ),
    V("RFC 9585 4", "A003 OK Copy completed", Ok("Copy completed", tag="A003")),
    # RFC 9586
    V(
        "RFC 9586 3",
        "07 BAD [UIDREQUIRED] Message numbers are not allowed once UIDONLY is enabled",
        Bad(
            "Message numbers are not allowed once UIDONLY is enabled",
            ResponseCode("UIDREQUIRED"),
            "07",
        ),
    ),
    V("RFC 9586 3.1", "* ENABLED UIDONLY", EnabledResponse(("UIDONLY",))),
    V("RFC 9586 3.1", "01 OK ENABLE completed", Ok("ENABLE completed", tag="01")),
    V(
        "RFC 9586 3.3",
        "* 25996 UIDFETCH (FLAGS (\\Seen))",
        UidFetchResponse(25996, {"FLAGS": ("\\Seen",)}),
    ),
    V(
        "RFC 9586 3.3",
        "* 25997 UIDFETCH (FLAGS (\\Flagged \\Answered))",
        UidFetchResponse(25997, {"FLAGS": ("\\Flagged", "\\Answered")}),
    ),
    V("RFC 9586 3.3", "* 26600 UIDFETCH (FLAGS ())", UidFetchResponse(26600, {"FLAGS": ()})),
    V(
        "RFC 9586 3.3",
        "* 25900 UIDFETCH (FLAGS (\\Seen) UID 25900)",
        UidFetchResponse(25900, {"FLAGS": ("\\Seen",), "UID": 25900}),
    ),
    V(
        "RFC 9586 3.3",
        "* 25902 UIDFETCH (FLAGS (\\Flagged) UID 25902)",
        UidFetchResponse(25902, {"FLAGS": ("\\Flagged",), "UID": 25902}),
    ),
    V(
        "RFC 9586 3.3",
        "* 26310 UIDFETCH (FLAGS (\\Answered) UID 26310)",
        UidFetchResponse(26310, {"FLAGS": ("\\Answered",), "UID": 26310}),
    ),
    V(
        "RFC 9586 3.3",
        "* 26311 UIDFETCH (FLAGS () UID 26311)",
        UidFetchResponse(26311, {"FLAGS": (), "UID": 26311}),
    ),
    V(
        "RFC 9586 3.3",
        "* 26498 UIDFETCH (FLAGS (\\Answered) UID 26498)",
        UidFetchResponse(26498, {"FLAGS": ("\\Answered",), "UID": 26498}),
    ),
    V("RFC 9586 3.4", "12 OK expunged", Ok("expunged", tag="12")),
    V(
        "RFC 9586 3.6",
        "* OK [COPYUID 1685977201 597 2] UID MOVE",
        Ok("UID MOVE", CopyUid(1685977201, S("597"), S("2"))),
    ),
    V("RFC 9586 3.6", "* VANISHED 597", VanishedResponse(False, S("597"))),
    V("RFC 9586 3.6", "15 OK UID MOVE Completed", Ok("UID MOVE Completed", tag="15")),
    # RFC 9590
    V(
        "RFC 9590 4",
        "* CAPABILITY IMAP4rev1 IMAP4rev2 LIST-EXTENDED LIST-METADATA METADATA",
        CapabilityResponse(C("IMAP4rev1 IMAP4rev2 LIST-EXTENDED LIST-METADATA METADATA")),
    ),
    V("RFC 9590 4", "A00 OK Completed.", Ok("Completed.", tag="A00")),
    V(
        "RFC 9590 4",
        '* METADATA INBOX ("/shared/vendor/cmu/cyrus-imapd/color" "#b71c1c")',
        MetadataResponse("INBOX", {"/shared/vendor/cmu/cyrus-imapd/color": b"#b71c1c"}),
        canonical=False,
    ),
    V(
        "RFC 9590 4",
        '* METADATA "foo" ("/shared/vendor/cmu/cyrus-imapd/color" NIL)',
        MetadataResponse("foo", {"/shared/vendor/cmu/cyrus-imapd/color": None}),
        canonical=False,
    ),
    # RFC 9698
    V(
        "RFC 9698 5",
        "* OK [CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER SASL-IR] example1",
        Ok("example1", CapabilityCode(C("IMAP4rev1 AUTH=OAUTHBEARER SASL-IR"))),
    ),
    V(
        "RFC 9698 5",
        "1 OK [CAPABILITY IMAP4rev1 JMAPACCESS] done",
        Ok("done", CapabilityCode(C("IMAP4rev1 JMAPACCESS")), "1"),
    ),
    V(
        "RFC 9698 5",
        '* JMAPACCESS "https://example.com/.well-known/jmap"',
        JmapAccessResponse("https://example.com/.well-known/jmap"),
    ),
    V("RFC 9698 5", "1b OK done", Ok("done", tag="1b")),
    V(
        "RFC 9698 5",
        "* OK [CAPABILITY IMAP4rev2] example2",
        Ok("example2", CapabilityCode(C("IMAP4rev2"))),
    ),
    V(
        "RFC 9698 5",
        "* OK [CAPABILITY IMAP4rev2 JMAPACCESS] done",
        Ok("done", CapabilityCode(C("IMAP4rev2 JMAPACCESS"))),
    ),
    V("RFC 9698 5", "2 OK done", Ok("done", tag="2")),
    V("RFC 9698 5", "2b OK done", Ok("done", tag="2b")),
    V(
        "RFC 9698 5",
        "* OK [CAPABILITY IMAP4rev1 IMAP4rev2] example3",
        Ok("example3", CapabilityCode(C("IMAP4rev1 IMAP4rev2"))),
    ),
    V("RFC 9698 5", "3 OK done", Ok("done", tag="3")),
    V(
        "RFC 9698 5",
        "* OK [CAPABILITY IMAP4rev2 AUTH=GSS] example4",
        Ok("example4", CapabilityCode(C("IMAP4rev2 AUTH=GSS"))),
    ),
    V("RFC 9698 5", "4 NO done", No("done", tag="4")),
    # RFC 9738
    V(
        "RFC 9738 3.1",
        "* 14589 FETCH (FLAGS (\\Seen) UID 25000)",
        FetchResponse(14589, {"FLAGS": ("\\Seen",), "UID": 25000}),
    ),
    V(
        "RFC 9738 3.1",
        "* 14588 FETCH (FLAGS (\\Answered) UID 24998)",
        FetchResponse(14588, {"FLAGS": ("\\Answered",), "UID": 24998}),
    ),
    V(
        "RFC 9738 3.1",
        "* 13590 FETCH (FLAGS () UID 23221)",
        FetchResponse(13590, {"FLAGS": (), "UID": 23221}),
    ),
    V(
        "RFC 9738 3.1",
        "03 OK [MESSAGELIMIT 1000 23221] FETCH completed with 1000 partial results",
        Ok("FETCH completed with 1000 partial results", MessageLimit(1000, 23221), "03"),
    ),
    V(
        "RFC 9738 3.1",
        "04 OK [MESSAGELIMIT 1000 23221] SEARCH completed with 1000 partial results",
        Ok("SEARCH completed with 1000 partial results", MessageLimit(1000, 23221), "04"),
    ),
    V(
        "RFC 9738 3.1",
        "05 NO [MESSAGELIMIT 1000 20001] Too many messages to copy, try a smaller subset",
        No("Too many messages to copy, try a smaller subset", MessageLimit(1000, 20001), "05"),
    ),
    V(
        "RFC 9738 3.1",
        "* OK [COPYUID 1397597919 20001:21000 22363:23362] Some messages were not moved",
        Ok("Some messages were not moved", CopyUid(1397597919, S("20001:21000"), S("22363:23362"))),
    ),
    V("RFC 9738 3.1", "* 12336 EXPUNGE", ExpungeResponse(12336)),
    V("RFC 9738 3.1", "* 12335 EXPUNGE", ExpungeResponse(12335)),
    V("RFC 9738 3.1", "* 11337 EXPUNGE", ExpungeResponse(11337)),
    V(
        "RFC 9738 3.1",
        "06 OK [MESSAGELIMIT 1000 20001] MOVE completed for the last 1000 messages",
        Ok("MOVE completed for the last 1000 messages", MessageLimit(1000, 20001), "06"),
    ),
    V(
        "RFC 9738 3.1",
        "* 11215 FETCH (FLAGS (\\Seen \\Deleted) UID 20000)",
        FetchResponse(11215, {"FLAGS": ("\\Seen", "\\Deleted"), "UID": 20000}),
    ),
    V(
        "RFC 9738 3.1",
        "* 11214 FETCH (FLAGS (\\Seen \\Answered \\Deleted) UID 19998)",
        FetchResponse(11214, {"FLAGS": ("\\Seen", "\\Answered", "\\Deleted"), "UID": 19998}),
    ),
    V(
        "RFC 9738 3.1",
        "* 10216 FETCH (FLAGS (\\Seen) UID 19578)",
        FetchResponse(10216, {"FLAGS": ("\\Seen",), "UID": 19578}),
    ),
    V(
        "RFC 9738 3.1",
        "07 OK [MESSAGELIMIT 1000 19578] STORE completed for the last 1000 messages",
        Ok("STORE completed for the last 1000 messages", MessageLimit(1000, 19578), "07"),
    ),
    V("RFC 9738 3.1", "* 4306 EXPUNGE", ExpungeResponse(4306)),
    V("RFC 9738 3.1", "* 4305 EXPUNGE", ExpungeResponse(4305)),
    V("RFC 9738 3.1", "* 3307 EXPUNGE", ExpungeResponse(3307)),
    V(
        "RFC 9738 3.1",
        "08 OK [MESSAGELIMIT 1000 11627] UID EXPUNGE completed for the last 1000 messages",
        Ok("UID EXPUNGE completed for the last 1000 messages", MessageLimit(1000, 11627), "08"),
    ),
    V("RFC 9738 3.1", "* 112 EXPUNGE", ExpungeResponse(112)),
    V("RFC 9738 3.1", "09 OK EXPUNGE completed", Ok("EXPUNGE completed", tag="09")),
    V(
        "RFC 9738 3.1",
        "10 NO [MESSAGELIMIT 1000] FETCH exceeds the maximum 1000- message limit",
        No("FETCH exceeds the maximum 1000- message limit", MessageLimit(1000), "10"),
    ),
    V(
        "RFC 9738 3.1",
        "* 12367 FETCH (FLAGS (\\Seen \\Deleted) UID 23007)",
        FetchResponse(12367, {"FLAGS": ("\\Seen", "\\Deleted"), "UID": 23007}),
    ),
    V(
        "RFC 9738 3.1",
        "* 12366 FETCH (FLAGS (\\Seen \\Answered \\Deleted) UID 23114)",
        FetchResponse(12366, {"FLAGS": ("\\Seen", "\\Answered", "\\Deleted"), "UID": 23114}),
    ),
    V(
        "RFC 9738 3.1",
        "* 13366 FETCH (FLAGS (\\Seen) UID 24598)",
        FetchResponse(13366, {"FLAGS": ("\\Seen",), "UID": 24598}),
    ),
    V(
        "RFC 9738 3.1",
        "10 OK [MESSAGELIMIT 1000 23007] FETCH exceeds the maximum 1000-message limit",
        Ok("FETCH exceeds the maximum 1000-message limit", MessageLimit(1000, 23007), "10"),
    ),
    V(
        "RFC 9738 3.1",
        "* NO [MESSAGELIMIT 1000 23221] FETCH completed with 1000 partial results",
        No("FETCH completed with 1000 partial results", MessageLimit(1000, 23221)),
    ),
    V(
        "RFC 9738 3.1",
        "11 OK [EXPUNGEISSUED] Some messages were also expunged",
        Ok("Some messages were also expunged", ResponseCode("EXPUNGEISSUED"), "11"),
    ),
    V("RFC 9738 3.2", "12 OK SEARCH completed", Ok("SEARCH completed", tag="12")),
    V(
        "RFC 9738 3.4",
        "D0004 OK [MESSAGELIMIT 1000 1179] SEARCH completed with 1000 partial results saved",
        Ok("SEARCH completed with 1000 partial results saved", MessageLimit(1000, 1179), "D0004"),
    ),
    # RFC 5524
    V("RFC 5524 4", "A001 OK URLFETCH completed", Ok("URLFETCH completed", tag="A001")),
    V(
        "RFC 5524 4",
        '* URLFETCH "imap://joe@example.com/INBOX/;uid=20/; section=200;'
        'urlauth=anonymous:internal: 88066d37e2e5410e1a6486350a8836ee" NIL',
        UrlFetchResponse(
            (
                UrlData(
                    "imap://joe@example.com/INBOX/;uid=20/; section=200;"
                    "urlauth=anonymous:internal: "
                    "88066d37e2e5410e1a6486350a8836ee"
                ),
            )
        ),
    ),
    # RFC 10022
    V("RFC 10022 3.1.1", "* 6823 EXISTS", ExistsResponse(6823)),
    V(
        "RFC 10022 3.1.1",
        "* OK [UIDNEXT 215296] Predicted next UID",
        Ok("Predicted next UID", UidNext(215296)),
    ),
    V(
        "RFC 10022 3.1.1",
        '* UIDBATCHES (TAG "A143") 215295:99696,99695:20351,20350:7830,7829:1',
        UidBatchesResponse("A143", S("215295:99696,99695:20351,20350:7830,7829:1")),
    ),
    V("RFC 10022 3.1.1", "A143 OK UIDBATCHES Completed", Ok("UIDBATCHES Completed", tag="A143")),
    V(
        "RFC 10022 3.1.3.2",
        "A302 NO [TOOFEW] Minimum batch size is 500",
        No("Minimum batch size is 500", ResponseCode("TOOFEW"), "A302"),
    ),
    V(
        "RFC 10022 3.1.4",
        '* UIDBATCHES (TAG "A302") 163886:99703,99696:20358,20351:7841,7830:1',
        UidBatchesResponse("A302", S("163886:99703,99696:20358,20351:7841,7830:1")),
    ),
    V("RFC 10022 3.1.4", "A302 OK UIDBATCHES Completed", Ok("UIDBATCHES Completed", tag="A302")),
    V(
        "RFC 10022 3.1.5",
        "A302 BAD [CLIENTBUG] Invalid batch range",
        Bad("Invalid batch range", ResponseCode("CLIENTBUG"), "A302"),
    ),
    V(
        "RFC 10022 3.1.5",
        "A302 NO [TOOMANY] Too many messages",
        No("Too many messages", ResponseCode("TOOMANY"), "A302"),
    ),
    V("RFC 10022 3.1.6", '* UIDBATCHES (TAG "A302")', UidBatchesResponse("A302")),
    V(
        "RFC 10022 3.1.7",
        "A302 NO [TOOMANY] Too many messages in mailbox",
        No("Too many messages in mailbox", ResponseCode("TOOMANY"), "A302"),
    ),
    # examples that the RFCs break over pages or mistype, mended
    V(
        "RFC 3501 8",
        '* 12 FETCH (FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 '
        'ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" '
        '(("Terry Gray" NIL "gray" "cac.washington.edu")) '
        '(("Terry Gray" NIL "gray" "cac.washington.edu")) '
        '(("Terry Gray" NIL "gray" "cac.washington.edu")) '
        '((NIL NIL "imap" "cac.washington.edu")) '
        '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL '
        '"<B27397-0100000@cac.washington.edu>") '
        'BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))',
        FetchResponse(
            12,
            {
                "FLAGS": ("\\Seen",),
                "INTERNALDATE": at(1996, 7, 17, 2, 44, 25, -7),
                "RFC822.SIZE": 4286,
                "ENVELOPE": Envelope(
                    "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
                    "IMAP4rev1 WG mtg summary and minutes",
                    (Address("Terry Gray", None, "gray", "cac.washington.edu"),),
                    (Address("Terry Gray", None, "gray", "cac.washington.edu"),),
                    (Address("Terry Gray", None, "gray", "cac.washington.edu"),),
                    (Address(None, None, "imap", "cac.washington.edu"),),
                    (
                        Address(None, None, "minutes", "CNRI.Reston.VA.US"),
                        Address("John Klensin", None, "KLENSIN", "MIT.EDU"),
                    ),
                    message_id="<B27397-0100000@cac.washington.edu>",
                ),
                "BODY": BodyPart(
                    "PLAIN", (("CHARSET", "US-ASCII"),), type="TEXT", size=3028, lines=92
                ),
            },
        ),
    ),
    V(
        "RFC 9051 7.5.2",
        '* 1 FETCH (BODY (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)'
        '("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") '
        '"<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED"))',
        FetchResponse(
            1,
            {
                "BODY": Multipart(
                    "MIXED",
                    parts=(
                        BodyPart(
                            "PLAIN", (("CHARSET", "US-ASCII"),), type="TEXT", size=1152, lines=23
                        ),
                        BodyPart(
                            "PLAIN",
                            (("CHARSET", "US-ASCII"), ("NAME", "cc.diff")),
                            type="TEXT",
                            id="<960723163407.20117h@cac.washington.edu>",
                            description="Compiler diff",
                            encoding="BASE64",
                            size=4554,
                            lines=73,
                        ),
                    ),
                )
            },
        ),
    ),
    V(
        "RFC 7377 3",
        '* ESEARCH (TAG "tag2" MAILBOX folder2/salmon UIDVALIDITY 1111111) UID ALL 50003,50006',
        ESearchResponse(
            "tag2",
            True,
            (("ALL", S("50003,50006")),),
            mailbox="folder2/salmon",
            uid_validity=1111111,
        ),
    ),
    V(
        "RFC 5259 8.4",
        '* 2 CONVERTED (TAG "f001") (AVAILABLECONVERSIONS[2] '
        '(("IMAGE/JPEG" "application/PostScript")))',
        ConvertedResponse(
            2,
            {
                Section((2,), item="AVAILABLECONVERSIONS"): (
                    "IMAGE/JPEG",
                    "application/PostScript",
                )
            },
            tag="f001",
        ),
    ),
    V(
        "RFC 5524 4",
        '* URLFETCH imap://joe@example.com/INBOX/;uid=20 (BODYPARTSTRUCTURE ("IMAGE" "PNG" NIL NIL '
        'NIL "BINARY" 4)) (BINARY ~{4}\r\na\0\r\n)',
        UrlFetchResponse(
            (
                UrlData(
                    "imap://joe@example.com/INBOX/;uid=20",
                    parts=(
                        (
                            "BODYPARTSTRUCTURE",
                            BodyPart("PNG", type="IMAGE", encoding="BINARY", size=4),
                        ),
                        ("BINARY", b"a\0\r\n"),
                    ),
                ),
            )
        ),
    ),
    # what the RFCs have no example of
    V(
        "RFC 9051 7.5.2",
        '* 3 FETCH (BODYSTRUCTURE (("message" "rfc822" NIL NIL "fwd" "7bit" 300 '
        "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
        '(("text" "plain" NIL NIL NIL "7bit" 2 1 "md5" ("inline" NIL) ("en" "de") "loc" '
        '(1 ("x") NIL)) "alternative" ("boundary" "a\\"b\\\\") ("attachment" ("filename" "x")) '
        "NIL NIL) 12 NIL NIL NIL NIL) "
        '"mixed" NIL NIL NIL NIL))',
        FetchResponse(
            3,
            {
                "BODYSTRUCTURE": Multipart(
                    "mixed",
                    parts=(
                        MessagePart(
                            "rfc822",
                            type="message",
                            description="fwd",
                            encoding="7bit",
                            size=300,
                            lines=12,
                            envelope=Envelope(),
                            body=Multipart(
                                "alternative",
                                (("boundary", 'a"b\\'),),
                                disposition=Disposition("attachment", (("filename", "x"),)),
                                parts=(
                                    BodyPart(
                                        "plain",
                                        type="text",
                                        encoding="7bit",
                                        size=2,
                                        lines=1,
                                        md5="md5",
                                        disposition=Disposition("inline"),
                                        languages=("en", "de"),
                                        location="loc",
                                        extension=((1, (b"x",), None),),
                                    ),
                                ),
                            ),
                        ),
                    ),
                )
            },
        ),
    ),
    V(
        "RFC 9051 7.5.2",
        "* 1 FETCH (BODY[1.2.HEADER.FIELDS (FROM {3}\r\nA B)]<7> NIL BODY[2.MIME] {0}\r\n)",
        FetchResponse(
            1,
            {
                Section((1, 2), "HEADER.FIELDS", ("FROM", "A B"), origin=7): None,
                Section((2,), "MIME"): b"",
            },
        ),
        canonical=False,
    ),
    V(
        "RFC 3501 7.4.2",
        "* 1 FETCH (RFC822 NIL RFC822.HEADER {2}\r\n\r\n RFC822.TEXT {1}\r\nx)",
        FetchResponse(1, {"RFC822": None, "RFC822.HEADER": b"\r\n", "RFC822.TEXT": b"x"}),
    ),
    V(
        "RFC 3516 4.2",
        "* 2 FETCH (BINARY[1]<5> ~{3}\r\na\0b BINARY.SIZE[1] 9223372036854775807)",
        FetchResponse(
            2,
            {
                Section((1,), item="BINARY", origin=5): b"a\0b",
                Section((1,), item="BINARY.SIZE"): 2**63 - 1,
            },
        ),
    ),
    V(
        "X-GM-EXT-1",
        "* 1 FETCH (X-GM-THRID 1266894439832287888 X-GM-MSGID 18446744073709551615 "
        'X-GM-LABELS (\\Inbox \\Sent Important "Muy Importante" &AOk-))',
        FetchResponse(
            1,
            {
                "X-GM-THRID": 1266894439832287888,
                "X-GM-MSGID": 2**64 - 1,
                "X-GM-LABELS": ("\\Inbox", "\\Sent", "Important", "Muy Importante", "é"),
            },
        ),
    ),
    V(
        "RFC 8474 5, RFC 8514 4, RFC 8970 3",
        "* 3 FETCH (EMAILID (M6d99ac3275bb4e) THREADID NIL SAVEDATE NIL PREVIEW NIL)",
        FetchResponse(
            3, {"EMAILID": "M6d99ac3275bb4e", "THREADID": None, "SAVEDATE": None, "PREVIEW": None}
        ),
    ),
    V(
        "RFC 9051 9",
        '* 3 FETCH (X-NEW (1 "two" three NIL) X-OTHER[1.2]<3> 5 X.Y BODY[1])',
        FetchResponse(
            3, {"X-NEW": (1, b"two", "three", None), "X-OTHER[1.2]<3>": 5, "X.Y": "BODY[1]"}
        ),
    ),
    V("RFC 9051 7.5.2", "* 3 FETCH ()", FetchResponse(3, {})),
    V(
        "RFC 9586 3.3",
        "* 25900 UIDFETCH (FLAGS ($X) MODSEQ (0))",
        UidFetchResponse(25900, {"FLAGS": ("$X",), "MODSEQ": 0}),
    ),
    V(
        "XLIST",
        '* XLIST (\\HasNoChildren \\Inbox) "/" INBOX',
        XlistResponse(("\\HasNoChildren", "\\Inbox"), "/", "INBOX"),
    ),
    V(
        "RFC 9051 7.3.1",
        "* LIST () NIL {3}\r\n\u00e5b",
        ListResponse((), None, "\u00e5b"),
        canonical=False,
        utf8=True,
    ),
    V(
        "RFC 3501 5.1.3",
        '* LIST () "\\\\" "~peter/&U,BTFw- \\\\&-"',
        ListResponse((), "\\", "~peter/\u53f0\u5317 \\&"),
    ),
    V(
        "RFC 5258 4",
        '* LIST () NIL x (CHILDINFO ("SUBSCRIBED") OLDNAME (y) vendor.x-y (1:3 (z)))',
        ListResponse(
            (),
            None,
            "x",
            child_info=("SUBSCRIBED",),
            old_name="y",
            extended=(("VENDOR.X-Y", ("1:3", ("z",))),),
        ),
        canonical=False,
    ),
    V(
        "RFC 9051 7.3.3",
        "* STATUS NIL2 (MESSAGES 1 RECENT 0 UIDNEXT 4 UIDVALIDITY 5 UNSEEN 0 DELETED 1 "
        "SIZE 99999999999 DELETED-STORAGE 7 HIGHESTMODSEQ 8 APPENDLIMIT NIL MAILBOXID (F1) "
        "X-NEW (1 2))",
        StatusResponse(
            "NIL2",
            {
                "MESSAGES": 1,
                "RECENT": 0,
                "UIDNEXT": 4,
                "UIDVALIDITY": 5,
                "UNSEEN": 0,
                "DELETED": 1,
                "SIZE": 99999999999,
                "DELETED-STORAGE": 7,
                "HIGHESTMODSEQ": 8,
                "APPENDLIMIT": None,
                "MAILBOXID": "F1",
                "X-NEW": (1, 2),
            },
        ),
    ),
    V("RFC 9051 9", '* STATUS "NIL" (MESSAGES 0)', StatusResponse("NIL", {"MESSAGES": 0})),
    V(
        "RFC 9051 9",
        '* 5 XFOO (a "b" {2}\r\n\r\n) ()',
        UnknownResponse("XFOO", (("a", b"b", b"\r\n"), ()), number=5),
    ),
    V("RFC 2971 3.2", "* ID ()", IdResponse({})),
    V(
        "RFC 5464 4.4",
        '* METADATA "" (/private/x ~{2}\r\n\0a)',
        MetadataResponse("", {"/private/x": b"\0a"}),
    ),
    V(
        "RFC 5255 4.8",
        "* COMPARATOR i;unicode-casemap (i;octet)",
        ComparatorResponse("i;unicode-casemap", ("i;octet",)),
    ),
    V("RFC 5255 3.3", "* LANGUAGE (EN DE i-default)", LanguageResponse(("EN", "DE", "i-default"))),
    V("RFC 9051 7.1", "* OK [BADCHARSET] no", Ok("no", BadCharset())),
    V("RFC 9051 7.1", '* OK [BADCHARSET (UTF-8 "a b")] no', Ok("no", BadCharset(("UTF-8", "a b")))),
    V("RFC 4315 3", "a OK [APPENDUID 1 5:7] x", Ok("x", AppendUid(1, S("5:7")), "a")),
    V(
        "RFC 4469 4.1",
        "a NO [BADURL /INBOX;UID=1/;SECTION=5] x",
        No("x", BadUrl("/INBOX;UID=1/;SECTION=5"), "a"),
    ),
    V("RFC 5257 4.4", "a NO [ANNOTATE TOOBIG] x", No("x", AnnotateCode("TOOBIG"), "a")),
    V("RFC 5257 4.1", "* OK [ANNOTATIONS 20480 NOPRIVATE] x", Ok("x", Annotations(20480, True))),
    V("RFC 5257 4.1", "* OK [ANNOTATIONS READ-ONLY] x", Ok("x", Annotations("READ-ONLY"))),
    V("RFC 5259 9.2", "a NO [MAXCONVERTMESSAGES 1] x", No("x", MaxConvertMessages(1), "a")),
    V(
        "RFC 5464 4.3",
        "a NO [METADATA MAXSIZE 1024] x",
        No("x", MetadataCode("MAXSIZE", 1024), "a"),
    ),
    V("RFC 5464 4.3", "a NO [METADATA TOOMANY] x", No("x", MetadataCode("TOOMANY"), "a")),
    V(
        "RFC 5465 3.1",
        "a NO [BADEVENT (FlagChange MessageNew)] x",
        No("x", BadEvent(("FlagChange", "MessageNew")), "a"),
    ),
    V(
        "RFC 5466 3.1",
        "a NO [UNDEFINED-FILTER on-the-road] x",
        No("x", UndefinedFilter("on-the-road"), "a"),
    ),
    V("RFC 9585 4", "* OK [INPROGRESS] x", Ok("x", InProgress())),
    V("RFC 9585 4", "* OK [INPROGRESS (NIL NIL NIL)] x", Ok("x", InProgress()), canonical=False),
    V("RFC 9738 3.1", "a NO [MESSAGELIMIT 1000] x", No("x", MessageLimit(1000), "a")),
    V(
        "RFC 2193 4",
        "a NO [REFERRAL imap://a/x imap://b/y] x",
        No("x", Referral(("imap://a/x", "imap://b/y")), "a"),
    ),
    V(
        "RFC 9051 7.1",
        "* OK [X-NEW some thing (] x]",
        Ok("x]", ResponseCode("X-NEW", "some thing (")),
    ),
    V("RFC 9051 7.1", "* OK ", Ok("")),
    V("RFC 9051 7.1", "* BYE bye", Bye("bye")),
    V("RFC 9051 7.6", "+ ", Continuation()),
    V("RFC 9051 6.2.2", "+ dGVzdA==", Continuation("dGVzdA==")),
    V("RFC 9051 7.6", "+ [ALERT] go on", Continuation("go on", ResponseCode("ALERT"))),
]
