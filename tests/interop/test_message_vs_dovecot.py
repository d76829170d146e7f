"""Stored messages, good and nasty: what we tell of them against what Dovecot tells.

Dovecot stores line ends as LF and shows CRLF, so all messages here have CRLF; NUL it changes.
"""

import random
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from mailproto import imap
from mailproto._value import evolve
from mailproto.imap.fetch import FetchResponse
from mailproto.imap.parse_response import parse_response
from mailproto.imap.responses import SearchResponse, ThreadResponse
from mailproto.imap.section import Section
from mailproto.message import (
    Entity,
    ThreadMessage,
    base_subject,
    body_contains,
    body_structure,
    casemap,
    header_contains,
    message_ids,
    parse_structure,
    read_section,
    references,
    sent_date,
    text_contains,
    thread_by_references,
)

from .dovecot import Dovecot
from .messages import SAMPLES
from .peers import ANN, HOST

_LITERAL = re.compile(rb"\{([0-9]+)\}\r\n\Z")


class Session:
    """A blocking IMAP session with an empty INBOX."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=30)
        self._reader = self._socket.makefile("rb")
        self._unit()
        self.do(b'LOGIN %b "%b"' % (ANN.name.encode(), ANN.password.encode()))
        self.do(b"SELECT INBOX")

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._socket.close()

    def _unit(self) -> bytes:
        unit = b""
        while True:
            line = self._reader.readline()
            assert line, "Dovecot has closed the connection"
            unit += line
            literal = _LITERAL.search(line)
            if literal is None:
                return unit
            unit += self._reader.read(int(literal[1]))

    def do(self, command: bytes) -> list[bytes]:
        """Send a command; return the untagged responses to it."""
        self._socket.sendall(b"a " + command + b"\r\n")
        units = []
        while not (unit := self._unit()).startswith(b"a "):
            units.append(unit)
        assert unit.startswith(b"a OK"), (command, unit)
        return units

    def append(self, data: bytes) -> None:
        self.do(b"APPEND INBOX {%d+}\r\n" % len(data) + data)

    def fetch(self, number: int, items: str) -> FetchResponse:
        (unit,) = (
            it for it in self.do(b"FETCH %d (%b)" % (number, items.encode())) if b"FETCH" in it
        )
        response = parse_response(unit)
        assert isinstance(response, FetchResponse)
        return response


@pytest.fixture
def session(dovecot: Dovecot) -> Iterator[Session]:
    with Session(dovecot.imap_port) as session:
        yield session


# --- what is the same, said differently ---


def _told(address: imap.Address) -> imap.Address:
    """Dovecot has words for what an address lacks."""
    lacking = {"MISSING_MAILBOX": "", "MISSING_DOMAIN": ""}
    mailbox, host = (
        lacking.get(part, part) if part else part for part in (address.mailbox, address.host)
    )
    return evolve(address, mailbox=mailbox, host=host)


def _told_envelope(envelope: imap.Envelope) -> imap.Envelope:
    lists = {
        name: tuple(map(_told, getattr(envelope, name)))
        for name in ("from_", "sender", "reply_to", "to", "cc", "bcc")
    }
    subject = envelope.subject and " ".join(envelope.subject.split())
    return evolve(envelope, subject=subject, **lists)


def _ends_loosely(part: imap.BodyStructure) -> bool:
    """Whether a part ends with a multipart, or with a message that is cut off in its header.

    Dovecot counts to it the line end before the boundary that follows.
    """
    if isinstance(part, imap.Multipart):
        return True
    while isinstance(part, imap.MessagePart):
        part = part.body
        if isinstance(part, imap.Multipart) or (isinstance(part, imap.BodyPart) and not part.size):
            return True
    return False


def _told_structure(structure: imap.BodyStructure) -> imap.BodyStructure:
    """Dovecot writes 7bit in lower case."""
    if isinstance(structure, imap.Multipart):
        return evolve(structure, parts=tuple(map(_told_structure, structure.parts)))
    assert isinstance(structure, imap.BodyPart)
    structure = evolve(structure, encoding=structure.encoding.lower())
    if _ends_loosely(structure):
        structure = evolve(structure, size=0, lines=0)
    if isinstance(structure, imap.MessagePart):
        body, envelope = _told_structure(structure.body), _told_envelope(structure.envelope)
        structure = evolve(structure, body=body, envelope=envelope)
    return structure


def _sections(data: bytes, root: Entity) -> dict[str, bool]:
    """All sections of a message that there are, and whether they end loosely."""
    names = dict.fromkeys(["BODY[]", "BODY[HEADER]", "BODY[TEXT]"], False)
    if root.header.of(data).endswith(b"\n\r\n"):  # or else Dovecot adds the empty line
        names["BODY[HEADER.FIELDS (FROM SUBJECT)]"] = False
        names["BODY[HEADER.FIELDS.NOT (FROM SUBJECT)]"] = False
    for number, part in body_structure(root).walk():
        place = ".".join(map(str, number))
        if place:
            loose = _ends_loosely(part)
            names[f"BODY[{place}.MIME]"] = False
            names.setdefault(f"BODY[{place}]", loose)
            if isinstance(part, imap.MessagePart):
                names[f"BODY[{place}.HEADER]"] = False
                names[f"BODY[{place}.TEXT]"] = loose
            elif isinstance(part, imap.BodyPart):
                names[f"BINARY[{place}]"] = False
    return names


def _differences(session: Session, number: int, data: bytes) -> Iterator[tuple[str, Any, Any]]:
    """Yield what differs: what it is, theirs, ours."""
    root = parse_structure(data)
    names = _sections(data, root)
    peeks = " ".join(name.replace("[", ".PEEK[") for name in names)
    theirs = session.fetch(number, f"ENVELOPE BODYSTRUCTURE {peeks}")
    assert theirs.envelope is not None
    assert root.envelope is not None
    assert theirs.body_structure is not None
    pairs: dict[str, tuple[object, object]] = {
        "ENVELOPE": (_told_envelope(theirs.envelope), _told_envelope(root.envelope)),
        "BODYSTRUCTURE": (
            _told_structure(theirs.body_structure),
            _told_structure(body_structure(root)),
        ),
    }
    for name, loose in names.items():
        one, other = theirs.content(name), read_section(data, root, Section.parse(name))
        assert isinstance(one, bytes)
        assert other is not None
        if loose and one == other + b"\r\n":
            continue
        pairs[name] = one, other
    for name, pair in pairs.items():
        if pair[0] != pair[1]:
            yield name, *pair


def compare(session: Session, messages: list[bytes]) -> None:
    for data in messages:
        session.append(data)
    session.do(b"NOOP")
    for number, data in enumerate(messages, start=1):
        found = [
            f"{name}\n  Dovecot: {one!r}\n  ours:    {other!r}"
            for name, one, other in _differences(session, number, data)
        ]
        if found:
            pytest.fail("\n".join([repr(data), *found]), pytrace=False)


# --- messages ---

MIXED = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
ALTERNATIVE = b"--b\r\nContent-Type: multipart/alternative; boundary=%b\r\n\r\n"
RFC822 = b"Content-Type: message/rfc822\r\n\r\n"

STRUCTURES = [
    b"Subject: x\r\n\r\nbody\r\n",
    b"Subject: x\r\n\r\nbody",
    b"\r\nbody\r\n",
    b"Subject: x\r\nno field\r\nTo: x@y\r\n\r\nbody\r\n",
    MIXED + b"--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\nlines\r\n--b--\r\n",
    MIXED + b"preamble\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n",
    MIXED + b"--b \t\r\n\r\none\r\n--b-- \r\n",
    MIXED + b"--b\r\n\r\n--b\r\n\r\n\r\n--b--",
    MIXED + b"--b\r\n\r\n- -b\r\n-\r\n--\r\n--a\r\n x--b\r\n --b\r\n--b--",
    MIXED + b"--b\r\nContent-Type: a/b\r\n--b\r\n\r\ntwo\r\n--b--",
    MIXED + b"text\r\n--b x\r\n--b\r\n\r\none\r\n--b--",
    MIXED + b"--b\r\n\r\none\r\n--bar\r\n\r\ntwo\r\n--b--",
    MIXED + b"--b\r\n\r\none\r\n",
    MIXED + b"--b\r\n\r\none",
    MIXED + b"--b\r\n\r\none\r\n--b",
    MIXED + b"--b\r\n\r\none\r\n--b\r\n",
    MIXED + b"--b\r\n\r\none\r\n--",
    MIXED + b"--b\r\n\r\none\r\n-",
    MIXED + b"--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--",
    MIXED + b"--b\r\n\r\none\r--b\rtwo\r\n--b--",
    MIXED + ALTERNATIVE % b"bc" + b"--bc\r\n\r\n1\r\n--bc--\r\n--b\r\n\r\n3\r\n--b--",
    MIXED + ALTERNATIVE % b"bc" + b"--bc\r\n\r\n1\r\n--bc--\r\n--bc\r\n\r\n2",
    MIXED + ALTERNATIVE % b"c" + b"--c\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--\r\n--c\r\n\r\n3",
    MIXED + ALTERNATIVE % b"c" + b"--c\r\nX: y\r\n--b\r\n\r\n2\r\n--b--",
    RFC822 + b"Subject: x\r\n\r\nbody\r\n",
    RFC822 + RFC822 + b"Subject: x\r\n\r\nbody\r\n",
    MIXED + b"--b\r\n" + RFC822 + b"Subject: y\r\n\r\nbody\r\n--b--\r\n",
    MIXED + b"--b\r\n" + RFC822 + MIXED.replace(b"=b", b"=c") + b"--c\r\n\r\n1\r\n--c--\r\n--b--",
    MIXED.replace(b"mixed", b"digest")
    + b"--b\r\n\r\nSubject: x\r\n\r\n1\r\n--b\r\nContent-Type: text/plain\r\n\r\n2\r\n--b--\r\n",
    MIXED + b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nw6k=\r\n--b--\r\n",
    MIXED + b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nc=C3=A9 =\r\nx \r\ny",
]  # fmt: skip

CONTENTS = [
    b"Content-Type: TEXT/Html; CHARSET=utf-8; x=y (c); z=\"a\\\"b\" ; q = r; w=",
    b"Content-Type: (c) image (d) / (e) png (f); a(g)=(h)b",
    b"Content-Type: image/png\r\nContent-Type: text/html",
    b"Content-Type: image/png; name=\"a;b=c\"",
    b"Content-Type: image/png\r\nContent-ID:  <a@b>\r\n"
    b"Content-Description: =?utf-8?q?x?=  y\r\n z\r\n"
    b"Content-Transfer-Encoding: Base64 (c)\r\nContent-MD5: abc==\r\n"
    b"Content-Disposition: ATTACHMENT; filename=x.png; size=12\r\n"
    b"Content-Language: de, en (x), fr\r\nContent-Location: http://x/\r\n y",
    b"Content-Type: text/plain\r\nContent-Language: de\r\n"
    b"Content-ID:\r\nContent-Description: ",
    b"Content-Type: text/plain\r\nContent-Disposition: inline",
]  # fmt: skip

ADDRESSES = [
    *(b"", b"user", b"Ann <ann@x.org>", b'"Ann \\"B\\" C" <ann@x.org>', b"ann@x.org (Ann B)"),
    *(b"Ann (c) B <ann@x.org> (d)", b'"a b"@x.org', b"<@r1,@r2:u@x>", b"<@r1:u@x>", b"a@"),
    *(b"g: a@b, C <c@d>;", b"undisclosed-recipients:;", b"g: a@b", b"a@b, c@d", b"Ann B", b"@b"),
    *(b"a@b c@d", b"a@b>", b"a@b@c", b"a@[1.2.3.4]", b"=?utf-8?q?x=2C?= y <a@b>", b"Ann <>"),
    *("Jörg <j@x>".encode(), b"J\xf6rg <j@x>", b"Ann <a@b> Bob <c@d>", b"a..b@c", b".a@c"),
    *(b'"" <a@b>', b"Ann, B <a@b>", b'A "B"  C <a@b>', b"A\r\n B <a@b>", b"a@b (x (y) z)"),
    *(b"a@b (x\\)y)", b"a%b@c", b'"A\\B" <a@b>', b"Ann<a@b>", b"a@b <c@d>"),
    *(b"g: a@b;, h: c@d;", b'"a@b" <c@d>', b"a@(c)b", b"a(c)@b", b":", b"<user>"),
]

FIELDS = [
    b"Subject:   a  b\r\n\t c  \r\nDate: Mon,  1 Jan 2024\r\n 10:00:00 +0000 (x)\r\n"
    b"Message-ID:  <a@b>  <c@d>\r\nIn-Reply-To: foo\r\n <x@y>",
    b"Subject:\r\nFrom:\r\nTo:  \r\nDate:\r\nMessage-ID:\r\nIn-Reply-To: ",
    b"From: a@b\r\nSender: \r\nReply-To: c@d",
    b"From: a@b\r\nFrom: c@d\r\nTo: e@f\r\nTo: g@h",
    b"Subject: =?utf-8?q?x?= \xc3\xa9",
    b" Subject: x\r\nTo : a@b\r\nS p: x",
]


def test_samples(session: Session) -> None:
    compare(session, [sample.data for sample in SAMPLES])


def test_structures(session: Session) -> None:
    compare(session, STRUCTURES)


def test_contents(session: Session) -> None:
    compare(session, [header + b"\r\n\r\neA==\r\n" for header in CONTENTS])


def test_addresses(session: Session) -> None:
    compare(session, [b"To: " + addresses + b"\r\n\r\nx\r\n" for addresses in ADDRESSES])


def test_fields(session: Session) -> None:
    compare(session, [fields + b"\r\n\r\nx\r\n" for fields in FIELDS])


LINES = [
    *(b"", b"--b", b"--b--", b"--c", b"--c--", b"--bc", b"--bc--", b"text", b"-", b"--", b"- --b"),
    *(b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: multipart/x; boundary=bc"),
    *(b"Content-Type: multipart/digest; boundary=c", b"Content-Type: message/rfc822"),
    *(b"Content-Type: text/html; charset=x", b"From: a@b", b"Subject: x", b"a: b"),
]


def _random_message(numbers: random.Random) -> bytes:
    lines = [b"Content-Type: multipart/mixed; boundary=b", b"", b"--b"]
    lines += numbers.choices(LINES, [12, 6, *[2] * (len(LINES) - 2)], k=numbers.randint(1, 40))
    return b"\r\n".join([*lines, b""])


def _has_no_empty_multipart(root: Entity) -> bool:
    """Dovecot makes up an empty part where no boundary is found, we take all of it for one."""
    return not any(
        entity.is_multipart and entity.children[0].body == entity.body for entity in root.walk()
    )


def test_random_lines(session: Session) -> None:
    numbers = random.Random(9051)
    messages = [_random_message(numbers) for _ in range(400)]
    compare(session, [it for it in messages if _has_no_empty_multipart(parse_structure(it))])


# --- search and sort ---

MAILS = [
    b"Subject: =?utf-8?q?=C3=A4u=C3=9Feres?=\r\nFrom: =?utf-8?q?J=C3=B6rg?= <j@x>\r\n\r\n"
    b"plain text\r\n",
    b"Subject: folded\r\n subject\r\nTo: <ann@x>\r\n\r\nother\r\n",
    b"Subject: x\r\nX-Empty:\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 and so=\r\nft\r\n",
    MIXED + b"preamble\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nPHA+w6TDtjwvcD4=\r\n"
    b"--b\r\nContent-Type: application/pdf\r\n\r\nhidden text\r\n--b--\r\n",
    MIXED + b"--b\r\n" + RFC822 + b"Subject: inner\r\n\r\ndeep\r\n--b--\r\n",
]  # fmt: skip
NEEDLES = [
    *("PLAIN", "plain text", "CAFÉ", "and soft", "äö", "deep", "inner", "hidden", "other"),
    *("äussere", "ÄUSSERES", "äu\u00dfere", "folded subject", "jörg", "ann@x", "nowhere"),
]


@pytest.mark.parametrize("key", ["SUBJECT", "FROM", "TO", "BODY", "TEXT", "HEADER X-Empty"])
def test_search(session: Session, key: str) -> None:
    for data in MAILS:
        session.append(data)
    session.do(b"NOOP")
    for needle in [*NEEDLES, *([""] if " " in key else [])]:
        if (key, needle) == ("BODY", "inner"):  # Dovecot finds no header of a message within
            continue
        raw = needle.encode()
        command = b"SEARCH CHARSET UTF-8 %b {%d+}\r\n%b" % (key.encode(), len(raw), raw)
        (unit,) = (it for it in session.do(command) if it.startswith(b"* SEARCH"))
        theirs = parse_response(unit)
        assert isinstance(theirs, SearchResponse)
        ours = [number for number, data in enumerate(MAILS, start=1) if _matches(data, key, needle)]
        assert (needle, ours) == (needle, list(theirs.numbers))


def _matches(data: bytes, key: str, needle: str) -> bool:
    root = parse_structure(data)
    if key == "BODY":
        return body_contains(data, root, needle)
    if key == "TEXT":
        return text_contains(data, root, needle)
    return header_contains(root.header.of(data), needle, key.split()[-1])


def test_sort_by_subject(session: Session) -> None:
    numbers = random.Random(5256)
    pieces = [
        b"re:",
        b"Fwd: ",
        b"[x] ",
        b"[fwd:",
        b"]",
        b" ",
        b"(fwd)",
        b"a",
        b"B",
        b"re [y] :",
        b"[",
    ]
    subjects = [b"".join(numbers.choices(pieces, k=numbers.randint(1, 8))) for _ in range(200)]
    for subject in subjects:
        session.append(b"Subject: " + subject + b"\r\n\r\n")
    session.do(b"NOOP")
    (unit,) = (it for it in session.do(b"SORT (SUBJECT) UTF-8 ALL") if it.startswith(b"* SORT"))
    bases = [casemap(base_subject(subject.decode()).base) for subject in subjects]
    theirs = [(bases[int(number) - 1], int(number)) for number in unit.split()[2:]]
    assert theirs == sorted(theirs)


# --- threads ---


def _random_answer(numbers: random.Random) -> bytes:
    subject = numbers.choice([b"", b"s", b"Re: s", b"[x] Re: s", b"t", b"t (fwd)", b"[fwd: t]"])
    names = [b"<%d@x>" % name for name in numbers.choices(range(40), k=numbers.randint(1, 5))]
    day = numbers.randint(1, 28)
    header = b"Date: %d Jan 2024 10:00:00 +0000\r\nSubject: %b\r\n" % (day, subject)
    return header + b"Message-ID: %b\r\nReferences: %b\r\n\r\n" % (names[0], b" ".join(names[1:]))


def _thread_message(number: int, data: bytes) -> ThreadMessage:
    envelope = parse_structure(data).envelope
    assert envelope is not None
    sent = sent_date(envelope)
    assert sent is not None
    (name,) = message_ids(envelope.message_id or "")
    return ThreadMessage(number, sent, base_subject(envelope.subject), name, references(data))


@pytest.mark.parametrize("seed", range(5))
def test_threads(session: Session, seed: int) -> None:
    numbers = random.Random(seed)
    messages = [_random_answer(numbers) for _ in range(60)]
    for data in messages:
        session.append(data)
    session.do(b"NOOP")
    (unit,) = (
        it for it in session.do(b"THREAD REFERENCES UTF-8 ALL") if it.startswith(b"* THREAD")
    )
    theirs = parse_response(unit)
    assert isinstance(theirs, ThreadResponse)
    ours = thread_by_references(map(_thread_message, range(1, 61), messages))
    assert ours == theirs.threads
