"""Commands that can be sent, drawn at random: each class, each search key, each option."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from mailproto.imap import commands as c
from mailproto.imap.fetch import AnnotationEntry
from mailproto.imap.search import Query, Search, SearchFuzzy, SearchKey, SearchNot
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import STAR, SequenceSet
from mailproto.imap.values import Literal
from tests.imap.strategies import (
    Some,
    atoms,
    contents,
    date_times,
    flag_lists,
    generic,
    keywords,
    lines,
    mailboxes,
    nul_free,
    numbers64,
    nz_numbers,
    optional,
    tuples,
)

tags = st.text("aZ09.-_]", min_size=1, max_size=6)
ends = st.one_of(nz_numbers, st.just(STAR))
sets = st.one_of(
    st.lists(st.tuples(ends, ends), min_size=1, max_size=3).map(
        lambda pairs: SequenceSet.of(*pairs)
    ),
    st.just(SequenceSet(saved=True)),
)
names = keywords.map(lambda name: f"X-{name}")
unknown_arguments: st.SearchStrategy[Any] = st.one_of(
    numbers64, st.lists(generic, max_size=2).map(tuple), st.sampled_from(["1:9", "*", "$"])
)
unknown_options = st.one_of(names, st.builds(c.Option, names, unknown_arguments))


def options(*known: Some, least: int = 0) -> Some:
    return tuples(st.one_of(*known, unknown_options), least)


def argument(name: str, values: Some) -> Some:
    return values.map(lambda value: c.Option(name, value))


ranges = st.tuples(nz_numbers, nz_numbers)
partials = st.one_of(ranges, ranges.map(lambda pair: (-pair[0], -pair[1])))
sections = st.builds(
    Section,
    tuples(nz_numbers, 1),
    st.sampled_from([None, "HEADER", "TEXT", "MIME"]),
    origin=optional(numbers64),
    peek=st.booleans(),
) | st.builds(
    Section,
    tuples(nz_numbers),
    st.sampled_from(["HEADER.FIELDS", "HEADER.FIELDS.NOT"]),
    tuples(lines.map(str.upper).filter(lambda line: line.upper() == line), 1),
)
items = st.one_of(
    st.sampled_from(["UID", "FLAGS", "ENVELOPE", "BODY", "RFC822.SIZE", "PREVIEW", "X-GM-MSGID"]),
    st.just("X-FOO[1 2]<0.3>"),
    sections,
    argument("PREVIEW", tuples(keywords, 1)),
    argument("ANNOTATION", st.tuples(tuples(lines, 1), tuples(lines, 1))),
    st.builds(c.Option, names, unknown_arguments),
)
item_lists = tuples(items, 1)
annotations = tuples(
    st.builds(AnnotationEntry, lines, tuples(st.tuples(lines, optional(nul_free)), 1)), 1
)

# --- searches ---

days = st.dates(date(1, 1, 1), date(9999, 12, 31))
_NO_ARGUMENTS = (
    *("ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN"),
    *("UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN", "SAVEDATESUPPORTED"),
)
keys: st.SearchStrategy[Query] = st.one_of(
    st.sampled_from([SearchKey(name) for name in _NO_ARGUMENTS]),
    st.builds(Search.from_, lines),
    st.builds(Search.gm_raw, lines),
    st.sampled_from(["BCC", "BODY", "CC", "SUBJECT", "TEXT", "TO"]).flatmap(
        lambda name: st.builds(SearchKey, st.just(name), st.tuples(lines))
    ),
    st.builds(Search.header, lines, lines),
    st.sampled_from(["BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE"]).flatmap(
        lambda name: st.builds(SearchKey, st.just(name), st.tuples(days))
    ),
    st.sampled_from(["SAVEDBEFORE", "SAVEDON", "SAVEDSINCE"]).flatmap(
        lambda name: st.builds(SearchKey, st.just(name), st.tuples(days))
    ),
    st.builds(Search.keyword, atoms.filter(lambda atom: "]" not in atom)),
    st.builds(Search.unkeyword, st.just("$Junk")),
    st.builds(Search.larger, numbers64),
    st.builds(Search.smaller, numbers64),
    st.builds(Search.older, nz_numbers),
    st.builds(Search.younger, nz_numbers),
    st.builds(Search.numbers, sets),
    st.builds(Search.uid, sets),
    st.builds(Search.uid_after, nz_numbers),
    st.builds(Search.uid_before, nz_numbers),
    st.builds(Search.email_id, st.just("M1-_")),
    st.builds(Search.thread_id, st.just("T1")),
    st.builds(Search.filter, st.just("on-the-road")),
    st.builds(Search.modseq, numbers64),
    st.builds(
        Search.modseq,
        numbers64,
        st.sampled_from([r"/flags/\seen", "/flags/a"]),
        st.sampled_from(["priv", "shared", "all"]),
    ),
    st.builds(
        Search.annotation,
        lines,
        st.sampled_from(["value", "value.priv", "value.shared"]),
        optional(lines),
    ),
    st.builds(Search.gm_labels, st.sampled_from([r"\Important", "foo bar", "é"])),
    st.builds(Search.gm_msgid, st.integers(0, 2**64 - 1)),
    st.builds(Search.gm_thrid, st.integers(0, 2**64 - 1)),
)
queries: st.SearchStrategy[Query] = st.recursive(
    keys,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: Search.all_of(*parts)),
        st.lists(inner, min_size=2, max_size=5).map(lambda parts: Search.any_of(*parts)),
        st.builds(SearchNot, inner),
        st.builds(SearchFuzzy, inner),
    ),
    max_leaves=8,
)
returns = optional(
    options(
        st.sampled_from(["ALL", "COUNT", "MAX", "MIN", "SAVE", "CONTEXT", "RELEVANCY", "UPDATE"]),
        argument("UPDATE", item_lists),
        argument("PARTIAL", partials),
    )
)
searching: dict[str, Some] = {"returns": returns, "uid": st.booleans()}

# --- messages ---

literals = st.one_of(nul_free, contents.map(lambda data: Literal(len(data), data, binary=True)))
parts = st.one_of(
    st.builds(c.CatenateUrl, lines),
    st.builds(c.CatenateText, literals),
    st.builds(c.CatenateText, contents, st.just(True)),
)
_about: list[Some] = [optional(flag_lists), optional(date_times)]
extensions = tuples(
    st.one_of(argument("ANNOTATION", annotations), st.builds(c.Option, names, generic)), most=2
)
messages = st.one_of(
    st.builds(c.AppendMessage, literals, *_about, extensions=extensions),
    st.builds(c.AppendMessage, contents, *_about, utf8=st.just(True)),
    st.builds(c.AppendMessage, tuples(parts, 1), *_about, extensions=extensions),
)

# --- commands ---

parameters = options(
    st.sampled_from(["CONDSTORE", "ANNOTATE"]),
    argument(
        "QRESYNC",
        st.builds(
            c.QResync, nz_numbers, numbers64, optional(sets), optional(st.tuples(sets, sets))
        ),
    ),
)
filters = st.one_of(
    st.builds(
        c.MailboxFilter,
        st.sampled_from(["SELECTED", "SELECTED-DELAYED", "INBOXES", "PERSONAL", "SUBSCRIBED"]),
    ),
    st.builds(
        c.MailboxFilter,
        st.sampled_from(["MAILBOXES", "SUBTREE", "SUBTREE-ONE"]),
        tuples(mailboxes, 1),
    ),
)
events = options(
    st.sampled_from(["MessageNew", "MessageExpunge", "FlagChange", "MailboxName"]),
    argument("MessageNew", item_lists),
    least=1,
)
sort_keys = st.one_of(
    st.builds(c.SortKey, st.sampled_from(["DATE", "SUBJECT", "RELEVANCY"]), st.booleans()),
    st.builds(
        c.SortKey,
        st.just("ANNOTATION"),
        st.booleans(),
        st.tuples(lines, st.sampled_from(["value.priv", "value.shared"])),
    ),
)
_uid: dict[str, Some] = {"uid": st.booleans()}

BY_CLASS: dict[type[c.Command], Some] = {
    **{
        cls: st.just(cls())
        for cls in (
            *(c.Capability, c.Noop, c.Logout, c.StartTls, c.Unauthenticate, c.NamespaceCommand),
            *(c.Idle, c.GetJmapAccess, c.Check, c.Close, c.Unselect, c.Expunge),
        )
    },
    **{
        cls: st.builds(cls, mailboxes)
        for cls in (c.Delete, c.Subscribe, c.Unsubscribe, c.GetQuotaRoot, c.GetAcl, c.MyRights)
    },
    **{
        cls: st.builds(cls, mailboxes, mailboxes)
        for cls in (c.Rename, c.Lsub, c.Xlist, c.Rlist, c.Rlsub)
    },
    c.Id: st.builds(c.Id, optional(st.dictionaries(lines, optional(lines), max_size=3))),
    c.Compress: st.builds(c.Compress),
    c.Language: st.builds(c.Language, tuples(lines)),
    c.Authenticate: st.builds(c.Authenticate, keywords, optional(contents)),
    c.Login: st.builds(c.Login, lines, lines),
    c.Enable: st.builds(c.Enable, tuples(keywords, 1)),
    c.Select: st.builds(c.Select, mailboxes, parameters),
    c.Examine: st.builds(c.Examine, mailboxes, parameters),
    c.Create: st.builds(c.Create, mailboxes, options(argument("USE", flag_lists))),
    c.List: st.builds(
        c.List,
        mailboxes,
        tuples(mailboxes, 1),
        selection=optional(options(st.sampled_from(["SUBSCRIBED", "REMOTE", "SPECIAL-USE"]))),
        returns=optional(
            options(
                st.sampled_from(["CHILDREN", "MYRIGHTS"]),
                argument("STATUS", tuples(keywords, 1)),
                argument("METADATA", tuples(lines, 1)),
            )
        ),
    ),
    c.Status: st.builds(c.Status, mailboxes, tuples(keywords, 1)),
    c.Append: st.builds(c.Append, mailboxes, tuples(messages, 1)),
    c.UidExpunge: st.builds(c.UidExpunge, sets),
    c.SearchCommand: st.builds(c.SearchCommand, queries, **searching),
    c.Sort: st.builds(c.Sort, tuples(sort_keys, 1), queries, **searching),
    c.ThreadCommand: st.builds(c.ThreadCommand, keywords, queries, **_uid),
    c.ESearch: st.builds(c.ESearch, queries, **searching)
    | st.builds(c.ESearch, queries, sources=tuples(filters, 1), scope=options(), **searching),
    c.Fetch: st.builds(
        c.Fetch,
        sets,
        st.one_of(item_lists, st.sampled_from([("ALL",), ("FAST",), ("FULL",)])),
        options(
            st.just("VANISHED"),
            argument("CHANGEDSINCE", numbers64),
            argument("PARTIAL", partials),
        ),
        **_uid,
    ),
    c.Store: st.builds(
        c.Store,
        sets,
        st.sampled_from(["FLAGS", "+FLAGS", "-FLAGS", "X-GM-LABELS", "+X-GM-LABELS"]),
        flag_lists,
        silent=st.booleans(),
        modifiers=options(argument("UNCHANGEDSINCE", numbers64)),
        **_uid,
    )
    | st.builds(c.Store, sets, st.just("ANNOTATION"), annotations, **_uid),
    c.Copy: st.builds(c.Copy, sets, mailboxes, **_uid),
    c.Move: st.builds(c.Move, sets, mailboxes, **_uid),
    c.Replace: st.builds(c.Replace, ends, mailboxes, messages, **_uid),
    c.UidBatches: st.builds(c.UidBatches, nz_numbers, optional(ranges)),
    c.CancelUpdate: st.builds(c.CancelUpdate, tuples(lines, 1)),
    c.GetQuota: st.builds(c.GetQuota, lines),
    c.SetQuota: st.builds(c.SetQuota, lines, tuples(st.tuples(keywords, numbers64))),
    c.SetAcl: st.builds(c.SetAcl, mailboxes, lines, lines),
    c.DeleteAcl: st.builds(c.DeleteAcl, mailboxes, lines),
    c.ListRights: st.builds(c.ListRights, mailboxes, lines),
    c.GetMetadata: st.builds(
        c.GetMetadata,
        mailboxes,
        tuples(lines, 1),
        options(
            argument("MAXSIZE", nz_numbers),
            argument("DEPTH", st.sampled_from(["0", "1", "infinity"])),
        ),
    ),
    c.SetMetadata: st.builds(
        c.SetMetadata,
        mailboxes,
        st.dictionaries(lines, optional(contents), min_size=1, max_size=3),
    ),
    c.Comparator: st.builds(c.Comparator, tuples(lines)),
    c.Notify: st.builds(c.Notify, st.none())
    | st.builds(
        c.Notify, tuples(st.builds(c.EventGroup, filters, optional(events)), 1), st.booleans()
    ),
    c.Convert: st.builds(
        c.Convert,
        sets,
        st.builds(c.Conversion, optional(lines), tuples(st.tuples(lines, lines))),
        item_lists,
        **_uid,
    ),
    c.Conversions: st.builds(c.Conversions, lines, lines),
    c.GenUrlAuth: st.builds(c.GenUrlAuth, tuples(st.tuples(lines, keywords), 1)),
    c.ResetKey: st.builds(c.ResetKey) | st.builds(c.ResetKey, mailboxes, tuples(keywords)),
    c.UrlFetch: st.builds(
        c.UrlFetch, tuples(st.builds(c.UrlRequest, lines, optional(tuples(keywords))), 1)
    ),
    c.UnknownCommand: st.builds(c.UnknownCommand, names, tuples(generic), **_uid),
}
commands: st.SearchStrategy[c.Command] = st.sampled_from(list(BY_CLASS)).flatmap(
    lambda cls: BY_CLASS[cls]
)
