"""What goes over the wire and what it means: one table for readers and writers.

Where an RFC has an example it is used, and its section cited; the others follow its grammar.
"""

from typing import Any, NamedTuple

from mailproto.pop3 import (
    Apop,
    Auth,
    AuthResponse,
    Capa,
    Challenge,
    Command,
    Dele,
    Lang,
    Language,
    List,
    MaildropStatus,
    Noop,
    Pass,
    Quit,
    Response,
    ResponseCode,
    Retr,
    Rset,
    ScanListing,
    Stat,
    Stls,
    Top,
    Uidl,
    UniqueId,
    UnknownCommand,
    User,
    Utf8,
)


class CommandVector(NamedTuple):
    source: str
    line: str
    command: Command
    canonical: bool = True
    """Whether writing the command gives this very line; if not, reading it notes a defect."""

    @property
    def wire(self) -> bytes:
        return self.line.encode() + b"\r\n"


class ResponseVector(NamedTuple):
    source: str
    line: str
    response: Response | Challenge
    canonical: bool = True

    @property
    def wire(self) -> bytes:
        return self.line.encode("utf-8", "surrogateescape") + b"\r\n"


class EntryVector(NamedTuple):
    text: str
    entry: MaildropStatus | ScanListing | UniqueId | Language
    canonical: bool = True


COMMANDS = (
    CommandVector("RFC 1939 4", "QUIT", Quit()),
    CommandVector("RFC 1939 5", "STAT", Stat()),
    CommandVector("RFC 1939 5", "LIST", List()),
    CommandVector("RFC 1939 5", "LIST 2", List(2)),
    CommandVector("RFC 1939 5", "RETR 1", Retr(1)),
    CommandVector("RFC 1939 5", "DELE 1", Dele(1)),
    CommandVector("RFC 1939 5", "NOOP", Noop()),
    CommandVector("RFC 1939 5", "RSET", Rset()),
    CommandVector("RFC 1939 7", "TOP 1 10", Top(1, 10)),
    CommandVector("RFC 1939 7", "TOP 100 3", Top(100, 3)),
    CommandVector("RFC 1939 7", "TOP 1 0", Top(1, 0)),
    CommandVector("RFC 1939 7", "UIDL", Uidl()),
    CommandVector("RFC 1939 7", "UIDL 2", Uidl(2)),
    CommandVector("RFC 1939 7", "USER frated", User("frated")),
    CommandVector("RFC 1939 7", "PASS secret", Pass("secret")),
    CommandVector("RFC 1939 7", "PASS two words ", Pass("two words ")),
    CommandVector("RFC 1939 7", "PASS  x", Pass(" x")),
    CommandVector(
        "RFC 1939 7",
        "APOP mrose c4c9334bac560ecc979e58001b3e22fb",
        Apop("mrose", "c4c9334bac560ecc979e58001b3e22fb"),
    ),
    CommandVector("RFC 2449 5", "CAPA", Capa()),
    CommandVector("RFC 2595 4", "STLS", Stls()),
    CommandVector(
        "RFC 5034 6", "AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=", Auth("PLAIN", b"test\0test\0test")
    ),
    CommandVector("RFC 5034 6", "AUTH PLAIN", Auth("PLAIN")),
    CommandVector("RFC 5034 4", "AUTH EXTERNAL =", Auth("EXTERNAL", b"")),
    CommandVector("RFC 6856 2.1", "UTF8", Utf8()),
    CommandVector("RFC 6856 2.2", "USER käthe", User("käthe")),
    CommandVector("RFC 6856 3.3", "LANG", Lang()),
    CommandVector("RFC 6856 3.3", "LANG es", Lang("es")),
    CommandVector("RFC 6856 3.3", "LANG en-boont", Lang("en-boont")),
    CommandVector("RFC 6856 3.3", "LANG *", Lang("*")),
    CommandVector("grammar", "XTND XMIT file", UnknownCommand("XTND", "XMIT file")),
    CommandVector("grammar", "XFOO", UnknownCommand("XFOO")),
    CommandVector("largest number", "RETR 9999999999", Retr(9999999999)),
    # tolerated
    CommandVector("case", "retr 1", Retr(1), False),
    CommandVector("case", "auth plain", Auth("PLAIN"), False),
    CommandVector("case", "xfoo Bar", UnknownCommand("XFOO", "Bar"), False),
    CommandVector("spaces", "RETR  1", Retr(1), False),
    CommandVector("spaces", "RETR 1 ", Retr(1), False),
    CommandVector("spaces", "LIST ", List(), False),
    CommandVector("spaces", "NOOP ", Noop(), False),
    CommandVector("spaces", "TOP  1   10 ", Top(1, 10), False),
    CommandVector("spaces", "USER  ann ", User("ann"), False),
    CommandVector("spaces", "USER two words", User("two words"), False),
    CommandVector("spaces", "APOP two words  " + "Ab" * 16, Apop("two words", "ab" * 16), False),
    CommandVector("spaces", "AUTH  PLAIN  AA== ", Auth("PLAIN", b"\0"), False),
    CommandVector("spaces", "LANG  de ", Lang("de"), False),
    CommandVector("zeros", "DELE 007", Dele(7), False),
    CommandVector("zeros", "LIST 01", List(1), False),
    CommandVector("zeros", "TOP 01 05", Top(1, 5), False),
    CommandVector("length", "PASS " + "x" * 250, Pass("x" * 250), False),
)
# What reading notes no defect for, though it is written differently.
SILENT = {"case"}

AUTH_RESPONSES = (
    CommandVector("RFC 5034 6", "dGVzdAB0ZXN0AHRlc3Q=", AuthResponse(b"test\0test\0test")),
    CommandVector("RFC 5034 6", "", AuthResponse(b"")),
    CommandVector("RFC 5034 4", "*", AuthResponse(None)),
)

MALFORMED_COMMANDS = (
    *(b"\r\n", b" \r\n", b" STAT\r\n", b"\0\r\n", b"STAT\0\r\n", b"ST\rAT\r\n", b"\xff\r\n"),
    *(b"RETR\r\n", b"RETR \r\n", b"RETR 0\r\n", b"RETR -1\r\n", b"RETR +1\r\n", b"RETR x\r\n"),
    *(b"RETR 1 2\r\n", b"RETR 1.0\r\n", b"RETR 12345678901\r\n", b"RETR 1\x00\r\n"),
    *(b"RETR 1\xc2\xb2\r\n", b"RETR \xd9\xa1\r\n", b"RETR\t1\r\n", b"RETR 00\r\n"),
    *(b"LIST 0\r\n", b"LIST 1 2\r\n", b"LIST x\r\n", b"UIDL 0\r\n", b"DELE\r\n", b"DELE 0\r\n"),
    *(b"DELE 99999999999999999999999999\r\n", b"STAT x\r\n", b"NOOP x\r\n", b"QUIT now\r\n"),
    *(b"TOP 1\r\n", b"TOP 1 -1\r\n", b"TOP 0 1\r\n", b"TOP 1 1 1\r\n", b"TOP 1 " + b"9" * 21),
    *(b"USER\r\n", b"USER \r\n", b"PASS\r\n", b"PASS \r\n", b"APOP x\r\n", b"APOP x abc\r\n"),
    *(b"APOP x " + b"g" * 32 + b"\r\n", b"APOP " + b"a" * 32 + b"\r\n"),
    *(b"AUTH\r\n", b"AUTH \r\n", b"AUTH PL%IN\r\n", b"AUTH PLAIN AAA\r\n", b"AUTH X =AAA\r\n"),
    *(b"AUTH PLAIN AAA=BBB=\r\n", b"AUTH PLAIN *\r\n", b"AUTH " + b"X" * 21 + b"\r\n"),
    *(b"CAPA x\r\n", b"STLS now\r\n", b"UTF8 USER\r\n", b"LANG en_US\r\n", b"LANG -\r\n"),
)

RESPONSES = (
    ResponseVector("RFC 1939 4", "+OK POP3 server ready", Response(True, "POP3 server ready")),
    ResponseVector("RFC 1939 5", "+OK 2 320", Response(True, "2 320")),
    ResponseVector("RFC 1939 5", "+OK", Response(True)),
    ResponseVector(
        "RFC 1939 5",
        "-ERR no such message, only 2 messages in maildrop",
        Response(False, "no such message, only 2 messages in maildrop"),
    ),
    ResponseVector(
        "RFC 1939 7",
        "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>",
        Response(True, "POP3 server ready <1896.697170952@dbc.mtview.ca.us>"),
    ),
    ResponseVector(
        "RFC 2449 8",
        "-ERR [IN-USE] Do you have another POP session running?",
        Response(False, "Do you have another POP session running?", ResponseCode.IN_USE),
    ),
    ResponseVector(
        "RFC 3206 4", "-ERR [SYS/TEMP] later", Response(False, "later", ResponseCode.SYS_TEMP)
    ),
    ResponseVector("RFC 3206 5", "-ERR [AUTH]", Response(False, "", ResponseCode.AUTH)),
    ResponseVector(
        "RFC 2449 8", "-ERR [X/Y/Z] no", Response(False, "no", ResponseCode(("X", "Y", "Z")))
    ),
    ResponseVector(
        "RFC 6856 5", "-ERR [UTF8] try UTF8", Response(False, "try UTF8", ResponseCode.UTF8)
    ),
    ResponseVector("RFC 6856 3.3", "+OK es Idioma español", Response(True, "es Idioma español")),
    ResponseVector("RFC 5034 6", "+ ", Challenge(b"")),
    ResponseVector(
        "RFC 5034 6",
        "+ cnNwYXV0aD0wYjk3MTQ2MmNlZjVlOGY5MzBkYjlhMzNiMDJmYzlhMA==",
        Challenge(b"rspauth=0b971462cef5e8f930db9a33b02fc9a0"),
    ),
    ResponseVector("spaces", "+OK  two ", Response(True, " two ")),
    ResponseVector("bytes", "-ERR caf\udce9", Response(False, "caf\udce9")),
    ResponseVector("length", "+OK " + "x" * 506, Response(True, "x" * 506)),
    # understood, but written differently
    ResponseVector("silent", "+OK ", Response(True), False),
    ResponseVector("silent", "+OK[X]hi", Response(True, "hi", ResponseCode(("X",))), False),
    ResponseVector("silent", "-ERR [in-use] x", Response(False, "x", ResponseCode.IN_USE), False),
    ResponseVector("silent", "-ERR [not a code] x", Response(False, "[not a code] x"), False),
    ResponseVector("silent", "-ERR [/] x", Response(False, "[/] x"), False),
    ResponseVector("silent", "-ERR [", Response(False, "["), False),
    ResponseVector("silent", "+OK a\tb", Response(True, "a\tb"), False),
    ResponseVector("tolerated", "+ok hi", Response(True, "hi"), False),
    ResponseVector("tolerated", "-err hi", Response(False, "hi"), False),
    ResponseVector("tolerated", "+OKhi", Response(True, "hi"), False),
    ResponseVector("tolerated", "+OK\thi", Response(True, "hi"), False),
    ResponseVector("tolerated", "+", Challenge(b""), False),
)

MALFORMED_RESPONSES = (
    *(b"\r\n", b"OK\r\n", b"+ OK\r\n", b"-ER x\r\n", b"* OK\r\n", b"220 hi\r\n", b" +OK\r\n"),
    *(b"+ \xff\r\n", b"+ AAA\r\n", b"+ AAA=BBB=\r\n", b"+X\r\n", b"\0+OK\r\n", b".\r\n"),
)

ENTRIES = (
    EntryVector("2 320", MaildropStatus(2, 320)),
    EntryVector("0 0", MaildropStatus(0, 0)),
    EntryVector("1 120", ScanListing(1, 120)),
    EntryVector("1 0", ScanListing(1, 0)),
    EntryVector("9999999999 " + "9" * 20, ScanListing(9999999999, 10**20 - 1)),
    EntryVector("1 whqtswO00WBw418f9t5JxYwZ", UniqueId(1, "whqtswO00WBw418f9t5JxYwZ")),
    EntryVector("2 QhdPYR:00WBw1Ph7x7", UniqueId(2, "QhdPYR:00WBw1Ph7x7")),
    EntryVector(
        "en-boont English Boontling dialect", Language("en-boont", "English Boontling dialect")
    ),
    EntryVector("de", Language("de")),
    EntryVector('sv Kommandot "LANG" lyckades', Language("sv", 'Kommandot "LANG" lyckades')),
)
# RFC 1939 makes no requirement on what follows the size.
WITH_MORE = (
    EntryVector("2 320 and more", MaildropStatus(2, 320)),
    EntryVector("1 120 and more", ScanListing(1, 120)),
)
ODD_ENTRIES = (
    EntryVector(" 2  320 ", MaildropStatus(2, 320)),
    EntryVector("1\t120", ScanListing(1, 120)),
    EntryVector("01 120", ScanListing(1, 120)),
    EntryVector("0 120", ScanListing(0, 120)),
    EntryVector(" 1 120", ScanListing(1, 120)),
    EntryVector("1 " + "x" * 71, UniqueId(1, "x" * 71)),
    EntryVector("1  two words ", UniqueId(1, "two words")),
    EntryVector("1 é", UniqueId(1, "é")),
    EntryVector(" de  Deutsch", Language("de", "Deutsch")),
    EntryVector("de_DE Deutsch", Language("de_DE", "Deutsch")),
)
BROKEN_ENTRIES: tuple[tuple[type[Any], str], ...] = (
    *((MaildropStatus, text) for text in ("", "2", "two 320", "-1 2", "2 -1", "1" * 21 + " 1")),
    *((ScanListing, text) for text in ("", "1", "x 1", "1 x", "-1 5", "1 " + "1" * 21)),
    *((UniqueId, text) for text in ("", "1", "1 ", "x y", "-1 a", "11111111111 a")),
    *((Language, text) for text in ("", " ")),
)
