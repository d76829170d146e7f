"""What is recognised as usual means the same on the general way."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailproto.smtp import Data, EnhancedCode, Mail, Rcpt, Reply
from mailproto.smtp.codec import CommandSyntaxError, parse_any_command, parse_any_reply
from mailproto.smtp.commands import Command
from mailproto.smtp.usual import usual_command, usual_reply
from mailproto.testing.strategies import mutated
from mailproto.testing.strategies import smtp as values

PLAIN = st.sampled_from(("a", "ann.b+c", "!#$%&'*/=?^_`{|}~-", "0", ".a", "a..b", '"a"', "é", ""))
HOSTS = st.sampled_from(
    ("b.example", "b", "b-1.c--d", "-b", "b-", "b..c", "b_c", "[192.0.2.1]", "")
)
MAILBOXES = st.builds("{}@{}".format, PLAIN, HOSTS)
PARAMETERS = st.lists(
    st.sampled_from((" SIZE=1", " size=07", " SIZE=", f" SIZE={10**20}", " BODY=8BITMIME"))
    | st.sampled_from((" Body=7bit", " BODY=BINARYMIME", " RET=FULL", " ", " SIZE")),
    max_size=2,
).map("".join)
PATHS = st.builds(
    "{}<{}>{}\r\n".format,
    st.sampled_from(("MAIL FROM:", "mail from:", "RCPT TO:", "Rcpt To:", "RCPT FROM:", "MAIL TO:")),
    MAILBOXES | values.mailboxes() | st.just(""),
    PARAMETERS,
).map(str.encode)
COMMANDS = PATHS | st.sampled_from(
    (b"DATA\r\n", b"quit\r\n", b"Rset\r\n", b"noop\r\n", b"noop a\r\n")
)

TEXTS = st.sampled_from(
    ("", "ok", "2.1.5", "2.1.5 ok", "2.1.05 ok", "5.1.1 no", "\t ~", "a\0b", "é")
)
REPLIES = st.lists(
    st.tuples(
        st.sampled_from(("250", "550", "354", "250", "200")),
        st.sampled_from(("", "2.1.5 ", "3.0.0 ")),
        TEXTS,
    ),
    min_size=1,
    max_size=4,
).map(
    lambda lines: "".join(
        f"{code}{' ' if n == len(lines) else '-'}{enhanced}{text}\r\n"
        for n, (code, enhanced, text) in enumerate(lines, 1)
    ).encode()
)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"DATA\r\n", Data()),
        (b"MAIL FROM:<ann.b@b-1.example>\r\n", Mail("ann.b@b-1.example")),
        (b"mail FROM:<>\r\n", Mail("")),
        (b"MAIL FROM:<a@b> size=7 Body=7bit\r\n", Mail("a@b", size=7, body="7BIT")),
        (b"RCPT TO:<a@b.example>\r\n", Rcpt("a@b.example")),
    ],
)
def test_usual_commands(line: bytes, command: Command) -> None:
    assert usual_command(line) == command


def test_usual_reply() -> None:
    data = b"250-2.1.5 one\r\n250-2.1.5 \r\n250 2.1.5 three\r\n"
    assert usual_reply(data) == Reply(250, "one\n\nthree", EnhancedCode(2, 1, 5))


@given(COMMANDS | mutated(COMMANDS), st.booleans())
@example(f"MAIL FROM:<a@b> SIZE={10**19}\r\n".encode(), False)
def test_commands(line: bytes, strict: bool) -> None:
    if (usual := usual_command(line)) is not None:
        general = parse_any_command(line, strict)
        assert (usual, usual.defects) == (general, general.defects)


@given(REPLIES | mutated(REPLIES), st.booleans())
@example(b"250 2.1.5\r\n", False)
@example(b"354 3.0.0 go ahead\r\n", False)
def test_replies(data: bytes, strict: bool) -> None:
    if (usual := usual_reply(data)) is not None:
        general = parse_any_reply(data, strict)
        assert (usual, usual.defects) == (general, general.defects)


def test_no_size_is_too_long() -> None:
    assert usual_command(f"MAIL FROM:<a@b> SIZE={10**20}\r\n".encode()) is None


def test_no_domain_is_too_long() -> None:
    line = b"RCPT TO:<a@%b>\r\n" % (b"b" * 256)
    assert usual_command(line) is None
    with pytest.raises(CommandSyntaxError, match="255"):
        parse_any_command(line, strict=False)
