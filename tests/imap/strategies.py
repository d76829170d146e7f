"""Responses that can be sent, drawn at random: each class, each code, each item."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from mailproto._value import evolve
from mailproto.imap import codes as c
from mailproto.imap import fetch as f
from mailproto.imap import responses as r
from mailproto.imap.body import BodyPart, BodyStructure, Disposition, MessagePart, Multipart
from mailproto.imap.capabilities import Capabilities
from mailproto.imap.code_shapes import PLAIN_CODES
from mailproto.imap.envelope import Address, Envelope
from mailproto.imap.section import Section
from mailproto.imap.sequence_set import SequenceSet
from mailproto.imap.threads import Thread
from mailproto.imap.values import GenericValue

Some = st.SearchStrategy[Any]

# --- terminals ---

numbers = st.one_of(st.integers(0, 9), st.integers(0, 2**32 - 1))
nz_numbers = numbers.map(lambda number: number or 1)
numbers64 = st.one_of(st.integers(0, 9), st.integers(0, 2**63 - 1))
atoms = st.text("abzAZ09.-_$/'&+=;~`|^<>@!?,:[", min_size=1, max_size=8)
keywords = st.text("ABCXYZ-", min_size=1, max_size=8).filter(lambda name: name[0] != "-")
flags = st.one_of(
    st.sampled_from(["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent"]),
    atoms,
    atoms.map(lambda atom: f"\\x{atom}"),
)
flag_lists = st.lists(flags, max_size=4).map(tuple)
chars = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(st.text('aZ0 "\\(){}%*]~&\r\n\té', max_size=8), st.text(chars, max_size=8))
lines = st.one_of(
    st.text('aZ0 "\\(){}%*]~&\té', max_size=8),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=8),
)
plain_lines = st.text('aZ0 "\\(){}%*]~&\t', max_size=12).filter(lambda text: text[:1] != "[")
mailboxes = lines.map(lambda name: "INBOX" if name.upper() == "INBOX" else name)
contents = st.binary(max_size=20)
nul_free = contents.map(lambda data: data.replace(b"\0", b""))
date_times = st.builds(
    lambda moment, minutes: moment.replace(
        microsecond=0, tzinfo=timezone(timedelta(minutes=minutes))
    ),
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),
    st.integers(-1439, 1439),
)


def optional(values: Some) -> Some:
    return st.one_of(st.none(), values)


def tuples(values: Some, least: int = 0, most: int = 3) -> Some:
    return st.lists(values, min_size=least, max_size=most).map(tuple)


uid_sets = tuples(st.tuples(nz_numbers, nz_numbers), 1).map(SequenceSet)
generic: st.SearchStrategy[GenericValue] = st.recursive(
    st.one_of(
        st.none(),
        numbers64,
        nul_free,
        st.sampled_from(["a", "x.y", "1:3,5", "\\Seen", "BODY[HEADER (a)]<1>", "0123", "+"]),
    ),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)

# --- messages ---

addresses = st.builds(Address, *[optional(texts)] * 4)
address_lists = tuples(addresses)
envelopes = st.builds(
    Envelope,
    *[optional(texts)] * 2,
    *[address_lists] * 6,
    *[optional(texts)] * 2,
)
parameters = tuples(st.tuples(texts, texts), most=2)
extended: dict[str, Some] = {
    "parameters": parameters,
    "disposition": optional(st.builds(Disposition, texts, parameters)),
    "languages": tuples(texts, most=2),
    "location": optional(texts),
    "extension": tuples(generic, most=2),
}
fields: dict[str, Some] = {
    "id": optional(texts),
    "description": optional(texts),
    "encoding": texts,
    "size": numbers64,
}
_OTHER_TYPES = st.sampled_from(["application", "IMAGE", "x-y"])
basic_parts = st.builds(
    BodyPart, texts, type=_OTHER_TYPES, md5=optional(texts), **fields, **extended
)
text_parts = st.builds(
    BodyPart,
    texts,
    type=st.sampled_from(["text", "TEXT"]),
    lines=numbers64,
    md5=optional(texts),
    **fields,
    **extended,
)


def _larger_parts(inner: Some) -> Some:
    return st.one_of(
        st.builds(Multipart, texts, parts=tuples(inner, 1), **extended),
        st.builds(
            MessagePart,
            st.sampled_from(["rfc822", "GLOBAL"]),
            type=st.sampled_from(["message", "MESSAGE"]),
            lines=numbers64,
            md5=optional(texts),
            envelope=envelopes,
            body=inner,
            **fields,
            **extended,
        ),
    )


body_structures: st.SearchStrategy[BodyStructure] = st.recursive(
    st.one_of(basic_parts, text_parts), _larger_parts, max_leaves=4
)


def _without_extension(part: BodyStructure) -> BodyStructure:
    """What BODY tells of a part."""
    plain: dict[str, Any] = {"disposition": None, "languages": (), "location": None}
    plain["extension"] = ()
    if isinstance(part, Multipart):
        children = tuple(_without_extension(child) for child in part.parts)
        return evolve(part, parts=children, parameters=(), **plain)
    if isinstance(part, MessagePart):
        return evolve(part, md5=None, body=_without_extension(part.body), **plain)
    return evolve(part, md5=None, **plain)


part_numbers = tuples(nz_numbers, 1)
body_sections = st.one_of(
    st.builds(
        Section,
        tuples(nz_numbers),
        st.sampled_from([None, "HEADER", "TEXT"]),
        origin=optional(numbers64),
    ),
    st.builds(
        Section,
        tuples(nz_numbers),
        st.sampled_from(["HEADER.FIELDS", "HEADER.FIELDS.NOT"]),
        tuples(st.text("AZ09-:]( ", min_size=1, max_size=4), 1),
    ),
    st.builds(Section, part_numbers, st.just("MIME")),
)
binary_sections = st.builds(
    Section, tuples(nz_numbers), item=st.just("BINARY"), origin=optional(numbers64)
)
size_sections = st.builds(Section, tuples(nz_numbers), item=st.just("BINARY.SIZE"))
annotations = st.one_of(
    tuples(st.builds(f.AnnotationEntry, lines), 1),
    tuples(
        st.builds(f.AnnotationEntry, lines, tuples(st.tuples(lines, optional(nul_free)), 1)),
        1,
    ),
)

_ITEMS: dict[str, Some] = {
    "UID": nz_numbers,
    "FLAGS": flag_lists,
    "INTERNALDATE": date_times,
    "RFC822.SIZE": numbers64,
    "ENVELOPE": envelopes,
    "BODY": body_structures.map(_without_extension),
    "BODYSTRUCTURE": body_structures,
    "RFC822": optional(nul_free),
    "RFC822.HEADER": optional(nul_free),
    "RFC822.TEXT": optional(nul_free),
    "MODSEQ": numbers64,
    "EMAILID": atoms,
    "THREADID": optional(atoms),
    "SAVEDATE": optional(date_times),
    "PREVIEW": optional(texts),
    "ANNOTATION": annotations,
    "X-GM-MSGID": st.integers(0, 2**64 - 1),
    "X-GM-THRID": st.integers(0, 2**64 - 1),
    "X-GM-LABELS": tuples(mailboxes.filter(lambda name: name[:1] not in ("", "\\"))),
    "X-UNKNOWN": generic,
}
_pairs = st.one_of(
    *[st.tuples(st.just(name), values) for name, values in _ITEMS.items()],
    st.tuples(body_sections, optional(nul_free)),
    st.tuples(binary_sections, optional(contents)),
    st.tuples(size_sections, numbers64),
)
fetch_items: st.SearchStrategy[f.FetchItems] = st.lists(_pairs, max_size=4).map(dict)
_errors = st.builds(f.ConversionError, texts, keywords, tuples(generic, most=2))
converted_items: st.SearchStrategy[f.FetchItems] = st.lists(
    st.one_of(
        st.tuples(st.just("UID"), nz_numbers),
        st.tuples(binary_sections, st.one_of(optional(contents), _errors)),
        st.tuples(size_sections, st.one_of(numbers64, _errors)),
        st.tuples(
            st.builds(Section, part_numbers, item=st.just("AVAILABLECONVERSIONS")),
            st.one_of(tuples(texts), _errors),
        ),
        st.tuples(
            st.builds(Section, part_numbers, item=st.just("BODYPARTSTRUCTURE")),
            st.one_of(body_structures.map(_without_extension), _errors),
        ),
    ),
    max_size=3,
).map(dict)

# --- codes ---

capabilities = st.lists(atoms, max_size=4).map(Capabilities).filter(lambda c: "+" not in c)
urls = st.text("imap:/;=.*@", min_size=1, max_size=10)
codes = st.one_of(
    st.sampled_from(sorted(PLAIN_CODES)).map(c.ResponseCode),
    st.builds(
        c.ResponseCode, keywords.map("X-{}".format), optional(st.text('az ([{"', min_size=1))
    ),
    st.builds(c.BadCharset, tuples(lines)),
    st.builds(c.CapabilityCode, capabilities),
    st.builds(c.PermanentFlags, tuples(st.one_of(flags, st.just("\\*")))),
    st.builds(c.UidNext, nz_numbers),
    st.builds(c.UidValidity, nz_numbers),
    st.builds(c.Unseen, nz_numbers),
    st.builds(c.AppendUid, nz_numbers, uid_sets),
    st.builds(c.CopyUid, nz_numbers, uid_sets, uid_sets),
    st.builds(c.BadUrl, urls),
    st.builds(c.HighestModSeq, numbers64),
    st.builds(c.Modified, uid_sets),
    st.builds(c.UrlMech, tuples(atoms, 1)),
    st.builds(c.AnnotateCode, st.sampled_from(["TOOBIG", "TOOMANY"])),
    st.builds(
        c.Annotations,
        st.one_of(nz_numbers, st.sampled_from(["NONE", "READ-ONLY"])),
        st.booleans(),
    ),
    st.builds(c.MaxConvertMessages, nz_numbers),
    st.builds(c.MaxConvertParts, nz_numbers),
    st.builds(c.NoUpdate, texts),
    st.builds(c.MetadataCode, keywords, optional(numbers64)),
    st.builds(c.BadEvent, tuples(atoms, 1)),
    st.builds(c.UndefinedFilter, atoms),
    st.builds(c.MailboxId, atoms),
    st.builds(c.InProgress, optional(texts), numbers64, optional(nz_numbers)),
    st.builds(c.MessageLimit, nz_numbers, optional(nz_numbers)),
    st.builds(c.Referral, tuples(urls, 1)),
)

# --- responses ---


def _condition(make: Callable[..., r.Condition], tags: Some) -> Some:
    """A status response; text that begins with ``[`` needs a code before it."""
    return st.builds(make, plain_lines, optional(codes), tags)


threads = st.recursive(
    st.builds(Thread, tuples(nz_numbers, 1)),
    lambda inner: st.one_of(
        st.builds(Thread, tuples(nz_numbers), tuples(inner, 2)),
    ),
    max_leaves=6,
)
delimiters = optional(st.sampled_from(["/", ".", "\\", '"', "^"]))
namespaces = optional(
    tuples(
        st.builds(
            r.Namespace,
            mailboxes,
            delimiters,
            tuples(st.tuples(texts, tuples(texts, 1)), most=2),
        ),
        1,
    )
)
listings: dict[str, Some] = {
    "attributes": flag_lists,
    "delimiter": delimiters,
    "mailbox": mailboxes,
    "child_info": optional(tuples(texts)),
    "old_name": optional(mailboxes),
    "extended": tuples(st.tuples(keywords.map("X-{}".format), generic), most=2),
}
status_items = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["MESSAGES", "RECENT", "UNSEEN", "DELETED"]), numbers),
        st.tuples(st.sampled_from(["UIDNEXT", "UIDVALIDITY"]), nz_numbers),
        st.tuples(st.sampled_from(["SIZE", "DELETED-STORAGE", "HIGHESTMODSEQ"]), numbers64),
        st.tuples(st.just("APPENDLIMIT"), optional(numbers64)),
        st.tuples(st.just("MAILBOXID"), atoms),
        st.tuples(st.just("X-UNKNOWN"), generic),
    ),
    max_size=4,
).map(dict)
_updates = tuples(st.tuples(numbers, uid_sets), 1)
search_results = tuples(
    st.one_of(
        st.tuples(st.sampled_from(["MIN", "MAX"]), nz_numbers),
        st.tuples(st.just("COUNT"), numbers),
        st.tuples(st.just("MODSEQ"), numbers64),
        st.tuples(st.just("ALL"), uid_sets),
        st.tuples(st.sampled_from(["ADDTO", "REMOVEFROM"]), _updates),
        st.tuples(
            st.just("PARTIAL"),
            st.builds(
                r.PartialResult,
                st.one_of(
                    st.tuples(nz_numbers, nz_numbers),
                    st.tuples(nz_numbers, nz_numbers).map(lambda p: (-p[0], -p[1])),
                ),
                optional(uid_sets),
            ),
        ),
        st.tuples(st.just("RELEVANCY"), tuples(numbers)),
        st.tuples(st.just("X-UNKNOWN"), generic),
    )
)
url_parts = st.one_of(
    st.tuples(st.sampled_from(["BODY", "BINARY"]), optional(contents)),
    st.tuples(st.just("BODYPARTSTRUCTURE"), body_structures.map(_without_extension)),
)

responses: st.SearchStrategy[r.Response] = st.one_of(
    *[
        _condition(make, optional(atoms.filter(lambda tag: "+" not in tag)))
        for make in (r.Ok, r.No)
    ],
    _condition(r.Bad, st.none()),
    *[_condition(make, st.none()) for make in (r.Bye, r.Preauth)],
    st.builds(r.Continuation, plain_lines, optional(codes)),
    st.builds(r.Continuation.of_challenge, contents),
    st.builds(r.CapabilityResponse, capabilities),
    st.builds(r.EnabledResponse, tuples(atoms)),
    *[st.builds(make, **listings) for make in (r.ListResponse, r.LsubResponse, r.XlistResponse)],
    st.builds(r.NamespaceResponse, namespaces, namespaces, namespaces),
    st.builds(r.StatusResponse, mailboxes, status_items),
    st.builds(r.FlagsResponse, flag_lists),
    st.builds(r.ExistsResponse, numbers),
    st.builds(r.RecentResponse, numbers),
    st.builds(r.ExpungeResponse, nz_numbers),
    *[
        st.builds(make, tuples(nz_numbers), optional(numbers64))
        for make in (r.SearchResponse, r.SortResponse)
    ],
    st.builds(r.ThreadResponse, tuples(threads)),
    st.builds(
        r.ESearchResponse,
        optional(texts),
        st.booleans(),
        search_results,
        mailbox=optional(mailboxes),
        uid_validity=optional(nz_numbers),
    ),
    st.builds(r.VanishedResponse, st.booleans(), uid_sets),
    st.builds(r.UidBatchesResponse, texts, optional(uid_sets)),
    st.builds(r.IdResponse, optional(st.dictionaries(texts, optional(texts), max_size=3))),
    st.builds(
        r.QuotaResponse, lines, tuples(st.builds(r.QuotaResource, atoms, numbers64, numbers64))
    ),
    st.builds(r.QuotaRootResponse, mailboxes, tuples(lines)),
    st.builds(r.AclResponse, mailboxes, tuples(st.tuples(lines, lines))),
    st.builds(r.ListRightsResponse, mailboxes, lines, lines, tuples(lines)),
    st.builds(r.MyRightsResponse, mailboxes, lines),
    st.builds(
        r.MetadataResponse,
        mailboxes,
        st.dictionaries(lines, optional(contents), min_size=1, max_size=3),
    ),
    st.builds(r.MetadataResponse, mailboxes, st.none(), tuples(lines, 1)),
    st.builds(r.LanguageResponse, tuples(lines, 1)),
    st.builds(r.ComparatorResponse, lines, optional(tuples(lines, 1))),
    st.builds(r.ConversionResponse, texts, texts, optional(tuples(lines, 1))),
    st.builds(r.GenUrlAuthResponse, tuples(lines, 1)),
    st.builds(
        r.UrlFetchResponse,
        tuples(
            st.one_of(
                st.builds(r.UrlData, lines, optional(contents)),
                st.builds(r.UrlData, lines, st.none(), tuples(url_parts, 1)),
            ),
            1,
        ),
    ),
    st.builds(r.JmapAccessResponse, texts),
    st.builds(f.FetchResponse, nz_numbers, fetch_items),
    st.builds(f.UidFetchResponse, nz_numbers, fetch_items),
    st.builds(f.ConvertedResponse, nz_numbers, converted_items, tag=texts),
    st.builds(
        r.UnknownResponse,
        keywords.map("X-{}".format),
        tuples(generic),
        number=optional(numbers),
    ),
)
