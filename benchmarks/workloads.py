"""The generated work: seeded text, SMTP sessions and replies, the same bytes for every side."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from string import ascii_letters, digits

CHUNK = 65536
"""Bytes fed at once, unless a row says otherwise: what a socket read gives at best."""

MB = 1_000_000
_ALPHABET = ascii_letters + digits + "      .,;:-"


@dataclass(frozen=True)
class Stream:
    """What a peer sends over one connection, and how much of it counts."""

    data: bytes
    units: int = 1
    """Messages or replies in ``data``."""

    def chunks(self, size: int = CHUNK) -> Sequence[bytes]:
        """``data`` cut every ``size`` bytes."""
        return [self.data[at : at + size] for at in range(0, len(self.data), size)]


@cache
def text(size: int, line_end: bytes = b"\r\n", seed: int = 1) -> bytes:
    """About ``size`` bytes of lines, 67 bytes each on average, 1 % of them with a leading dot.

    The lines are the same, and as many, whatever the line end.
    """
    random = Random(seed)
    lines = ["".join(random.choices(_ALPHABET, k=random.randrange(1, 130))) for _ in range(2000)]
    lines = [f".{line}" if at % 100 == 0 else line for at, line in enumerate(lines)]
    average = sum(map(len, lines)) / len(lines) + 2
    ended = [line.encode() + line_end for line in lines]
    return b"".join(random.choices(ended, k=round(size / average)))


def _dot_stuffed(body: bytes) -> bytes:
    """``body`` as it follows DATA (RFC 5321 4.5.2)."""
    return (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def _envelope(number: int, recipients: int) -> bytes:
    lines = [f"MAIL FROM:<sender{number}@example.org>"]
    lines += [f"RCPT TO:<recipient{number}.{at}@example.com>" for at in range(recipients)]
    return "".join(f"{line}\r\n" for line in lines).encode()


_EHLO = b"EHLO client.example.org\r\n"


@cache
def transactions(count: int) -> Stream:
    """EHLO once, then MAIL, three RCPT and DATA of 4 KB, pipelined throughout."""
    bodies = [_dot_stuffed(text(4096, seed=seed)) for seed in range(50)]
    parts = [_EHLO]
    for number in range(count):
        parts += [_envelope(number, 3), b"DATA\r\n", bodies[number % len(bodies)]]
    return Stream(b"".join(parts), count)


@cache
def data_message(size: int) -> Stream:
    """One message of ``size`` bytes through DATA."""
    parts = [_EHLO, _envelope(1, 1), b"DATA\r\n", _dot_stuffed(text(size))]
    return Stream(b"".join(parts))


@cache
def bdat_message(size: int) -> Stream:
    """One message of ``size`` bytes through a single BDAT."""
    body = text(size)
    parts = [_EHLO, _envelope(1, 1), b"BDAT %d LAST\r\n" % len(body), body]
    return Stream(b"".join(parts))


@cache
def http_request(size: int) -> Stream:
    """The body of :func:`bdat_message` as that of an HTTP request."""
    body = text(size)
    head = b"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: %d\r\n\r\n" % len(body)
    return Stream(head + body)


@cache
def replies(count: int) -> Sequence[bytes]:
    """Replies of code 250, one in five of two to six lines, half with an enhanced code."""
    random = Random(2)
    made = []
    for _ in range(count):
        lines = random.randrange(2, 7) if random.random() < 0.2 else 1
        enhanced = random.choice(["", "2.1.5 "])
        made.append(
            "".join(
                f"250{' ' if line == lines else '-'}{enhanced}"
                f"<recipient{random.randrange(10**6)}@example.com> is welcome here\r\n"
                for line in range(1, lines + 1)
            ).encode()
        )
    return made


@cache
def long_reply(lines: int) -> Stream:
    """One reply of so many lines."""
    line = "250-mailing-list member <recipient@example.com>\r\n"
    return Stream((line * (lines - 1) + "250 end of list\r\n").encode())


@cache
def maildrop(count: int) -> Sequence[tuple[int, str]]:
    """Size and unique-id of so many messages."""
    random = Random(3)
    return [
        (random.randrange(500, 200_000), f"{random.getrandbits(128):032x}") for _ in range(count)
    ]


@cache
def scan_listing(count: int) -> Stream:
    """The answer to LIST (RFC 1939 5)."""
    lines = [f"{number} {size}\r\n" for number, (size, _) in enumerate(maildrop(count), 1)]
    return Stream(f"+OK {count} messages\r\n{''.join(lines)}.\r\n".encode(), count)


@cache
def unique_id_listing(count: int) -> Stream:
    """The answer to UIDL (RFC 1939 7)."""
    lines = [f"{number} {uid}\r\n" for number, (_, uid) in enumerate(maildrop(count), 1)]
    return Stream(f"+OK\r\n{''.join(lines)}.\r\n".encode(), count)


@cache
def retrieved_message(size: int) -> Stream:
    """The answer to RETR, with a message of ``size`` bytes."""
    return Stream(b"+OK message follows\r\n" + _dot_stuffed(text(size)))


@cache
def pop3_commands(count: int, messages: int) -> Stream:
    """So many commands that one line answers, about a maildrop of so many messages."""
    forms = ("STAT", "LIST {}", "UIDL {}", "DELE {}", "NOOP")
    lines = [forms[at % len(forms)].format(at % messages + 1) for at in range(count)]
    return Stream("".join(f"{line}\r\n" for line in lines).encode(), count)
