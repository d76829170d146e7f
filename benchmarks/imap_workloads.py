"""The generated work of IMAP: responses and commands, the same bytes for every side."""

from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from benchmarks.workloads import Stream, text

_NAMES = ("Ann", "Bob", "Carol", "Dave", "Eve", "Frank", "Grace", "Heidi", "Ivan", "Judy")
_FLAGS = (r"\Seen", r"\Answered", r"\Flagged", "$Forwarded", "NonJunk")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FOLDERS = (
    *("Entw&APw-rfe", "R&AOk-ponses", "&ZeVnLIqe-"),
    *("Archive", "Invoices", "Projects", "Lists", "Travel", "Old", "Work"),
)

FIRST_UID = 1001
"""The UID of message 1; the others follow without gaps."""


def _stream(count: int, response: Callable[[int, Random], str], seed: int = 1) -> Stream:
    random = Random(seed)
    lines = "".join(f"* {response(number, random)}\r\n" for number in range(1, count + 1))
    return Stream(lines.encode(), count)


def _address(random: Random) -> str:
    name = random.choice(_NAMES)
    family = random.choice(_NAMES)
    host = f"mx{random.randrange(40)}.example.org"
    return f'("{name} {family}" NIL "{name.lower()}{random.randrange(1000)}" "{host}")'


def _flags(random: Random) -> str:
    return " ".join(random.sample(_FLAGS, random.randrange(4)))


def _date(random: Random) -> str:
    month = random.choice(_MONTHS)
    return f'"{random.randrange(1, 29):2}-{month}-2024 12:{random.randrange(60):02}:07 +0200"'


def _string(content: str, random: Random) -> str:
    """Quoted, or one time in ten a literal."""
    return f"{{{len(content)}}}\r\n{content}" if random.random() < 0.1 else f'"{content}"'


def _envelope(number: int, random: Random) -> str:
    sender = f"({_address(random)})"
    to = "".join(_address(random) for _ in range(random.randrange(1, 6)))
    cc = "".join(_address(random) for _ in range(random.randrange(1, 6)))
    subject = _string(f"Re: minutes of meeting {number}, second part", random)
    return (
        f'("Tue, 12 Mar 2024 12:00:{number % 60:02} +0200" {subject} {sender} {sender} {sender} '
        f'({to}) ({cc}) NIL "<{number - 1}.thread@mx.example.org>" "<{number}.id@mx.example.org>")'
    )


def _structure(number: int, random: Random) -> str:
    part = '"charset" "utf-8") NIL NIL "quoted-printable"'
    size = random.randrange(500, 9000)
    return (
        f'((("text" "plain" ({part} {size} {size // 60} NIL NIL NIL NIL)'
        f'("text" "html" ({part} {size * 3} {size // 20} NIL NIL NIL NIL)'
        f' "alternative" ("boundary" "=_{number}_a") NIL NIL NIL)'
        f'("application" "pdf" ("name" "report{number}.pdf") NIL NIL "base64" {size * 40} NIL '
        f'("attachment" ("filename" "report{number}.pdf")) NIL NIL)'
        f' "mixed" ("boundary" "=_{number}_b") NIL NIL NIL)'
    )


def _metadata(number: int, random: Random) -> str:
    return (
        f"{number} FETCH (UID {FIRST_UID - 1 + number} FLAGS ({_flags(random)}) "
        f"INTERNALDATE {_date(random)} RFC822.SIZE {random.randrange(2000, 900000)} "
        f"ENVELOPE {_envelope(number, random)} BODYSTRUCTURE {_structure(number, random)})"
    )


@cache
def metadata(count: int) -> Stream:
    """FETCH (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE), about 1.2 KB each."""
    return _stream(count, _metadata)


@cache
def flags(count: int) -> Stream:
    """FETCH (UID FLAGS)."""
    return _stream(
        count,
        lambda number, random: (
            f"{number} FETCH (UID {FIRST_UID - 1 + number} FLAGS ({_flags(random)}))"
        ),
    )


@cache
def search(count: int) -> Stream:
    """One SEARCH response with so many numbers."""
    return Stream(f"* SEARCH {' '.join(map(str, range(7, 7 + 3 * count, 3)))}\r\n".encode(), count)


@cache
def esearch(count: int) -> Stream:
    """The same numbers as ranges of ESEARCH."""
    ranges = ",".join(str(number) for number in range(7, 7 + 3 * count, 3))
    return Stream(f'* ESEARCH (TAG "a1") UID ALL {ranges}\r\n'.encode(), count)


@cache
def mailboxes(count: int) -> Stream:
    """LIST responses, 30 % of the names with a part in modified UTF-7."""
    return _stream(
        count,
        lambda number, random: (
            rf'LIST (\HasNoChildren) "/" "Mail/{random.choice(_FOLDERS)}/{number}"'
        ),
    )


@cache
def bodies(count: int, size: int) -> Stream:
    """FETCH (UID BODY[]) with bodies of about ``size`` bytes."""
    made = [text(size, seed=seed).decode() for seed in range(min(count, 20))]

    def response(number: int, random: Random) -> str:
        body = made[number % len(made)]
        return f"{number} FETCH (UID {FIRST_UID - 1 + number} BODY[] {{{len(body)}}}\r\n{body})"

    return _stream(count, response)


# --- what a client sends -------------------------------------------------------------------------

_HEADER = (
    "BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority References "
    "In-Reply-To Content-Type Reply-To)]"
)
_COMMANDS: Sequence[tuple[int, str]] = (
    (1, "NOOP"),
    (3, "UID FETCH {first}:{last} (UID FLAGS)"),
    (3, "FETCH {first} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"),
    (2, f"UID FETCH {{first}},{{last}} (UID RFC822.SIZE FLAGS {_HEADER})"),
    (2, "UID FETCH {first} BODY.PEEK[]"),
    (3, r"UID STORE {first} +FLAGS.SILENT (\Seen $Forwarded)"),
    (2, 'UID SEARCH UNSEEN SINCE 1-Jan-2024 OR FROM "ann" SUBJECT "minutes of meeting"'),
    (1, "UID COPY {first}:{last} {mailbox}"),
    (1, 'LIST "" "*"'),
    (2, 'STATUS "Archive/2024" (MESSAGES UIDNEXT UNSEEN)'),
    (1, "CREATE {mailbox}"),
    (1, "SUBSCRIBE {mailbox}"),
    (1, r'APPEND Drafts (\Draft) "12-Mar-2024 12:00:00 +0200" {message}'),
)
"""How often each command comes, and its form. All sides know these; twisted takes a literal only
as the last argument."""


@cache
def commands(count: int, plus: str) -> Stream:
    """So many commands in an open mailbox, one in five with a literal.

    ``plus`` is ``+`` for literals that do not wait, else empty.
    """
    random = Random(4)
    weights, forms = zip(*_COMMANDS, strict=True)
    message = _literal(text(400).decode(), plus)
    made = []
    for number, form in enumerate(random.choices(forms, weights, k=count)):
        first = random.randrange(1, 5000)
        mailbox = _literal(f"Projects/{random.choice(_NAMES)} {number}", plus)
        filled = form.format(first=first, last=first + 20, mailbox=mailbox, message=message)
        made.append(f"a{number} {filled}\r\n")
    return Stream("".join(made).encode(), count)


@cache
def append(size: int) -> Stream:
    """APPEND of a message of about ``size`` bytes."""
    return Stream(f"a APPEND Drafts {_literal(text(size).decode(), '')}\r\n".encode())


def _literal(content: str, plus: str) -> str:
    return f"{{{len(content)}{plus}}}\r\n{content}"
