"""Nasty but legal messages, as the bytes that a receiver must end up with.

Every line ends in CRLF, no line is longer than 998 octets (RFC 5322 section 2.1.1), and no CR or LF
stands alone. What makes each one nasty is its name.
"""

from dataclasses import dataclass

HEADER = (
    b"From: Ann <ann@example.test>\r\n"
    b"To: Bob <bob@example.test>\r\n"
    b"Subject: interop\r\n"
    b"Date: Mon, 01 Jan 2024 12:00:00 +0000\r\n"
    b"Message-ID: <interop@example.test>\r\n"
)

HEADER_8BIT = HEADER + (
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n"
)


@dataclass(frozen=True)
class Sample:
    """A message to send: its name (the id of a parametrized test) and its bytes."""

    name: str
    data: bytes

    def __str__(self) -> str:
        return self.name

    @property
    def eight_bit(self) -> bool:
        """True if a peer must offer 8BITMIME (RFC 6152)."""
        return not self.data.isascii()

    @property
    def smtputf8(self) -> bool:
        """True if a peer must offer SMTPUTF8: a header field is not ASCII (RFC 6531)."""
        return not self.data.partition(b"\r\n\r\n")[0].isascii()

    @property
    def delivered(self) -> bytes:
        """What arrives after DATA, which can only carry whole lines (RFC 5321 section 4.1.1.4)."""
        return self.data if self.data.endswith(b"\r\n") else self.data + b"\r\n"


def _body(*lines: bytes, header: bytes = HEADER) -> bytes:
    return header + b"\r\n" + b"".join(line + b"\r\n" for line in lines)


def _dots_at_buffer_edges() -> bytes:
    """CRLF, two dots and CRLF so placed that common chunk sizes cut between any two of the six."""
    data = HEADER + b"\r\n"
    for size in (1024, 4096, 8192, 16384, 65536):
        for shift in range(-1, 4):
            edge = (len(data) // size + 1) * size - shift
            while edge - len(data) < 100:
                edge += size
            while len(data) < edge - 82:
                data += b"x" * 78 + b"\r\n"
            data += b"y" * (edge - len(data) - 2) + b"\r\n" + b"..\r\n"
    return data


SAMPLES = (
    Sample("plain", _body(b"Hello.")),
    Sample("dots", _body(b".", b"..", b"...", b".dot", b"..dots", b"end.", b". ", b".\t")),
    Sample("dot_first", b".Dot-First: a field name may begin with a dot\r\n" + _body(b".")),
    Sample("dots_at_buffer_edges", _dots_at_buffer_edges()),
    Sample(
        "from_line",
        _body(b"From here on", b">From there", b"", b"From ann Mon Jan  1 12:00:00 2024", b"From "),
    ),
    Sample("blanks", _body(b"\ttab", b"trailing blank ", b"trailing tab\t", b" ", b"\t", b" \t ")),
    Sample("long_line", _body(b"short", b"0123456789" * 90, b"short")),
    Sample("longest_line", _body(b"." + b"x" * 997, b"y" * 998)),
    Sample(
        "utf8_body",
        _body("Grüße, žluťoučký kůň, 日本語, 🐎".encode(), b"\xe2\x80\xa8", header=HEADER_8BIT),
    ),
    Sample(
        "every_octet",
        _body(bytes(octet for octet in range(1, 256) if octet not in b"\r\n"), header=HEADER_8BIT),
    ),
    Sample(
        "utf8_header",
        "Comments: žluťoučký kůň\r\n".encode() + _body("日本語".encode(), header=HEADER_8BIT),
    ),
    Sample(
        "protocol_lines",
        _body(
            b"* OK ready",
            b"+",
            b"+ go ahead",
            b"+OK",
            b"-ERR no",
            b")",
            b".",
            b"a1 OK done",
            b"* BYE",
            b"{5}",
            b"{5+}",
            b"250 2.0.0 Ok",
            b"354 go",
            b"221 bye",
            b"RSET",
            b"QUIT",
            b"BDAT 0 LAST",
            b"MAIL FROM:<>",
        ),
    ),
    Sample("folded_header", b"Comments: a\r\n\tb\r\n  c \r\n (.\r\n .)\r\n" + _body(b"x")),
    Sample("mime_boundaries", _body(b"--b", b"", b"--b--", b"--", b"-- ", b"----")),
    Sample("empty_first_lines", _body(b"", b"", b"x")),
    Sample("empty_last_lines", _body(b"x", b"", b"", b"")),
    Sample("only_empty_lines", _body(b"", b"", b"")),
    Sample("no_final_newline", _body(b"x") + b"end"),
    Sample("no_final_newline_after_dot", _body(b"x") + b"."),
    Sample("header_only", HEADER + b"\r\n"),
    Sample("header_without_empty_line", HEADER),
)
