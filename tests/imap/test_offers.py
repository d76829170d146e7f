"""What a server has to offer: each row of the tables, by a command that needs it."""

from typing import Any

import pytest

from mailproto import imap
from mailproto.errors import LocalProtocolError
from mailproto.imap import Capabilities, Option, Search, Section, SequenceSet, offers
from mailproto.imap.commands import Command
from mailproto.imap.offers import missing

from .client_scenes import selected
from .command_strategies import BY_CLASS

SET = SequenceSet.parse("1")
SAVED = SequenceSet(saved=True)
SINCE = Option("CHANGEDSINCE", 1)


def fetch(*items: Any, modifiers: Any = (), numbers: SequenceSet = SET) -> imap.Fetch:
    return imap.Fetch(numbers, items, modifiers)


def search(key: imap.Query, *returns: Any) -> imap.SearchCommand:
    return imap.SearchCommand(key, returns=returns or None)


def sort(name: str, *returns: Any) -> imap.Sort:
    return imap.Sort((imap.SortKey(name),), Search.all, returns=returns or None)


def append(*messages: Any, **options: Any) -> imap.Append:
    return imap.Append("a", tuple(imap.AppendMessage(m, **options) for m in messages))


def key(name: str) -> imap.SearchKey:
    return imap.SearchKey(name)


NEEDS: list[tuple[Command, str]] = [
    (imap.Append("a", (imap.AppendMessage(b"x"),)), ""),
    (append(b"x", b"y"), "MULTIAPPEND"),
    (append((imap.CatenateUrl("/x"),)), "CATENATE"),
    (append(imap.Literal(1, b"\0", binary=True)), "BINARY"),
    (append(b"x", utf8=True), "UTF8=ACCEPT UTF8=ONLY"),
    (append(b"x", extensions=(Option("ANNOTATION", ()),)), "ANNOTATE-EXPERIMENT-1"),
    (append(b"x", extensions=(Option("X", ()),)), ""),
    (imap.Authenticate("PLAIN"), "AUTH=PLAIN"),
    (imap.Compress(), "COMPRESS=DEFLATE"),
    (imap.Copy(SET, "a"), ""),
    (imap.Copy(SAVED, "a"), "SEARCHRES IMAP4rev2"),
    (imap.Create("a", (Option("USE", ("\\Sent",)),)), "CREATE-SPECIAL-USE"),
    (imap.ESearch(Search.all), "MULTISEARCH"),
    (imap.Examine("a", ("CONDSTORE",)), "CONDSTORE QRESYNC"),
    (fetch("UID", "FLAGS", "X-NEW", Section.parse("BODY[]")), ""),
    (fetch(Section.parse("BINARY[1]")), "BINARY IMAP4rev2"),
    (fetch(Section.parse("BINARY.SIZE[1]")), "BINARY IMAP4rev2"),
    (fetch("MODSEQ"), "CONDSTORE QRESYNC"),
    (fetch("EMAILID"), "OBJECTID"),
    (fetch(Option("PREVIEW", ("LAZY",))), "PREVIEW"),
    (fetch("SAVEDATE"), "SAVEDATE"),
    (fetch("X-GM-LABELS"), "X-GM-EXT-1"),
    (fetch(Option("ANNOTATION", (("/x",), ("value",)))), "ANNOTATE-EXPERIMENT-1"),
    (fetch("UID", modifiers=(SINCE,)), "CONDSTORE QRESYNC"),
    (fetch("UID", modifiers=(Option("PARTIAL", (1, 2)),)), "PARTIAL"),
    (fetch("UID", numbers=SAVED), "SEARCHRES IMAP4rev2"),
    (imap.GetMetadata("", ("/x",)), "METADATA METADATA-SERVER"),
    (imap.GetMetadata("a", ("/x",)), "METADATA"),
    (imap.SetMetadata("a", {"/x": None}), "METADATA"),
    (imap.List("", ("*",)), ""),
    (imap.List("", ("*", "a")), "LIST-EXTENDED IMAP4rev2"),
    (imap.List("", ("*",), returns=()), "LIST-EXTENDED IMAP4rev2"),
    (imap.List("", ("*",), selection=("SUBSCRIBED",)), "LIST-EXTENDED IMAP4rev2"),
    (imap.Login("a", "b"), ""),
    (imap.Replace(1, "a", imap.AppendMessage(b"x")), "REPLACE"),
    (search(Search.unseen), ""),
    (search(Search.all, "ALL"), "ESEARCH IMAP4rev2"),
    (search(Search.all & ~(key("OLDER") | Search.seen)), "WITHIN"),
    (search(key("MODSEQ")), "CONDSTORE QRESYNC"),
    (search(key("FILTER")), "FILTERS"),
    (search(key("UIDAFTER")), "MESSAGELIMIT="),
    (search(imap.SearchFuzzy(Search.seen)), "SEARCH=FUZZY"),
    (search(imap.SearchKey("UID", (SAVED,))), "SEARCHRES IMAP4rev2"),
    (imap.SetQuota("a", ()), "QUOTASET QUOTA"),
    (sort("DATE"), "SORT"),
    (imap.Status("a", ("UIDNEXT", "X-NEW")), ""),
    (imap.Status("a", ("APPENDLIMIT",)), "APPENDLIMIT APPENDLIMIT="),
    (imap.Status("a", ("MESSAGES", "SIZE")), "STATUS=SIZE IMAP4rev2"),
    (imap.Store(SET, "FLAGS", ()), ""),
    (imap.Store(SET, "+X-GM-LABELS", ()), "X-GM-EXT-1"),
    (imap.Store(SET, "FLAGS", (), modifiers=(Option("UNCHANGEDSINCE", 1),)), "CONDSTORE QRESYNC"),
    (imap.ThreadCommand("REFS", Search.all), "THREAD=REFS"),
    (imap.UidExpunge(SET), "UIDPLUS IMAP4rev2"),
    (imap.UrlFetch((imap.UrlRequest("/x"),)), "URLAUTH"),
    (imap.UnknownCommand("XYZ"), ""),
]


@pytest.mark.parametrize(("command", "names"), NEEDS, ids=lambda it: str(it)[:60])
def test_needs(command: Command, names: str) -> None:
    assert missing(command, Capabilities()) == tuple(names.split())
    for name in names.split():
        offered = f"{name}7" if name.endswith("=") else name
        assert missing(command, Capabilities([offered.lower()])) != tuple(names.split())


# What one capability is not enough for.
MORE: list[tuple[Command, str, str]] = [
    (imap.Authenticate("PLAIN", b""), "AUTH=PLAIN", "SASL-IR IMAP4rev2"),
    (search(Search.all, "SAVE"), "ESEARCH", "SEARCHRES IMAP4rev2"),
    (search(Search.all, Option("PARTIAL", (1, 2))), "ESEARCH", "PARTIAL CONTEXT=SEARCH"),
    (search(Search.all, "RELEVANCY"), "ESEARCH", "SEARCH=FUZZY"),
    (sort("DATE", "ALL"), "SORT", "ESORT CONTEXT=SORT"),
    (sort("DATE", "UPDATE"), "SORT ESORT", "CONTEXT=SORT"),
    (sort("DISPLAYFROM"), "SORT", "SORT=DISPLAY"),
    (imap.List("", ("*",), returns=("SPECIAL-USE",)), "LIST-EXTENDED", "SPECIAL-USE"),
    (imap.List("", ("*",), selection=("SPECIAL-USE",)), "LIST-EXTENDED", "SPECIAL-USE"),
    (imap.List("", ("*",), returns=("MYRIGHTS",)), "LIST-EXTENDED", "LIST-MYRIGHTS"),
    (imap.Move(SAVED, "a"), "MOVE", "SEARCHRES IMAP4rev2"),
    (imap.UidExpunge(SAVED), "UIDPLUS", "SEARCHRES IMAP4rev2"),
    (imap.UrlFetch((imap.UrlRequest("/x", ("BODY",)),)), "URLAUTH", "URLAUTH=BINARY"),
    (fetch("UID", modifiers=(SINCE, "VANISHED")), "CONDSTORE", "QRESYNC"),
]


@pytest.mark.parametrize(("command", "offered", "names"), MORE, ids=lambda it: str(it)[:60])
def test_needs_more(command: Command, offered: str, names: str) -> None:
    assert missing(command, Capabilities(offered.split())) == tuple(names.split())


def test_rows_are_about_commands() -> None:
    assert {*offers._COMMANDS, *offers._PARTS} <= set(BY_CLASS)


def test_the_client_says_what_is_missing() -> None:
    client = selected()
    with pytest.raises(LocalProtocolError, match="FETCH: the server does not offer PREVIEW"):
        client.send(fetch("PREVIEW"))
    assert (client.data_to_send(), client.in_flight) == (b"", {})
    client.capabilities = None
    client.send(fetch("PREVIEW"))
