"""Sessions of SMTP: what a client that knows the rules says, as one string of bytes."""

from hypothesis import strategies as st

from mailproto.smtp import Bdat, Ehlo, Help, Lhlo, Mail, Noop, Rcpt, Rset, Vrfy, encode_command
from mailproto.testing.strategies.smtp import COMMANDS, mailboxes, messages

__all__ = ["sessions"]


@st.composite
def sessions(draw: st.DrawFn, *, lmtp: bool = False) -> bytes:
    """Draw a session that a server answers with positive replies only.

    It has to offer ``DEFAULT_EXTENSIONS``. ``lmtp`` begins with LHLO. There are several
    transactions through DATA and BDAT, with other commands between and within them.
    """
    hello = Lhlo if lmtp else Ehlo
    session = encode_command(draw(COMMANDS[hello]))
    for _ in range(draw(st.integers(0, 3))):
        session += draw(_others())
        session += draw(_transactions())
    return session + draw(st.sampled_from((b"QUIT\r\n", b"")))


def _others() -> st.SearchStrategy[bytes]:
    """Draw commands that change nothing, several or none."""
    other = st.one_of(COMMANDS[Noop], COMMANDS[Vrfy], COMMANDS[Help])
    return st.lists(other.map(encode_command), max_size=2).map(b"".join)


@st.composite
def _transactions(draw: st.DrawFn) -> bytes:
    wide = draw(st.booleans())
    mailbox = mailboxes(utf8=wide)
    mail = Mail(draw(mailbox), smtputf8=wide, body=draw(st.sampled_from((None, "8BITMIME"))))
    said = encode_command(mail)
    for path in draw(st.lists(mailbox, min_size=1, max_size=3)):
        said += encode_command(Rcpt(path), smtputf8=wide) + draw(_others())
    body = draw(st.sampled_from((_data, _chunks, _nothing)))
    return said + draw(body())


@st.composite
def _data(draw: st.DrawFn) -> bytes:
    lines = draw(messages()).splitlines(keepends=True)
    stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"DATA\r\n" + b"".join(stuffed) + b".\r\n"


@st.composite
def _chunks(draw: st.DrawFn) -> bytes:
    chunks = draw(st.lists(st.binary(max_size=20), min_size=1, max_size=3))
    said = (
        encode_command(Bdat(len(chunk), number == len(chunks))) + chunk
        for number, chunk in enumerate(chunks, 1)
    )
    return b"".join(said)


def _nothing() -> st.SearchStrategy[bytes]:
    return st.just(encode_command(Rset()))
