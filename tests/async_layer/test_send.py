"""What can be sent, what becomes of it on the wire, and whom the header names."""

import email.policy
from collections.abc import AsyncGenerator, AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage, Message
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mailproto.errors import ConnectionLost, LocalProtocolError
from mailproto.smtp import Mail, Rcpt
from mailproto.tls import TlsMode

from ..libraries import Library
from .peers import Peer, clear, conversation, listening, scripted

ANN, BEN, CY = "ann@a.example", "ben@b.example", "cy@c.example"
ALL = b"250-mx.example\n250-8BITMIME\n250-SMTPUTF8\n250-SIZE 100000\n250-DSN\n250 CHUNKING"
NOTHING = b"250 mx.example"
SIMPLE = b"From: ann@a.example\nTo: ben@b.example\n\n.dot\n"
ON_THE_WIRE = SIMPLE.replace(b"\n", b"\r\n")


async def pieces(data: bytes, size: int = 3) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def parsed(data: bytes, *, old: bool = False) -> Message:
    policy: Any = email.policy.compat32 if old else email.policy.default
    return message_from_bytes(data, policy=policy)


# --- what a message can be ---


@pytest.mark.parametrize(
    ("offers", "chunking"),
    [(ALL, False), (ALL, True), (NOTHING, False)],
    ids=["DATA", "BDAT", "DATA, nothing offered"],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(
    "kind", ["bytes", "bytearray", "memoryview", "str", "path", "file", "handle", "iterator"]
)
async def test_every_kind(
    library: Library, tmp_path: Path, kind: str, end: bytes, chunking: bool, offers: bytes
) -> None:
    data = SIMPLE.replace(b"\n", end)
    path = tmp_path / "message.eml"
    path.write_bytes(data)
    with path.open("rb") as handle:
        source: Any = {
            "bytes": data,
            "bytearray": bytearray(data),
            "memoryview": memoryview(data),
            "str": data.decode(),
            "path": path,
            "file": BytesIO(data),
            "handle": handle,
            "iterator": pieces(data),
        }[kind]
        async with conversation(library, EHLO=offers) as (server, client):
            result = await client.send(source, ANN, BEN, chunking=chunking)
    assert result.accepted == (BEN,)
    assert server.messages == [ON_THE_WIRE]
    size = b" SIZE=%d" % len(ON_THE_WIRE) if offers is ALL and kind != "iterator" else b""
    eight = b" BODY=8BITMIME" if offers is ALL and kind == "iterator" else b""
    assert server.commands[1] == b"MAIL FROM:<ann@a.example>" + size + eight


async def test_file_is_sent_from_where_it_stands(library: Library) -> None:
    file = BytesIO(b"an mbox line\n" + SIMPLE)
    file.readline()
    async with conversation(library) as (server, client):
        await client.send(file)
    assert server.messages == [ON_THE_WIRE]


@pytest.mark.parametrize("source", [None, 5, ["list"], object()])
async def test_no_message(library: Library, source: Any) -> None:
    async with conversation(library) as (server, client):
        with pytest.raises(LocalProtocolError, match="is no message"):
            await client.send(source, ANN, BEN)
        with pytest.raises(LocalProtocolError):
            await client.send(source)
        assert client.usable
    assert server.verbs == ["EHLO", "QUIT"]


async def test_missing_file(library: Library, tmp_path: Path) -> None:
    async with conversation(library) as (_, client):
        with pytest.raises(FileNotFoundError):
            await client.send(tmp_path / "missing.eml", ANN, BEN)
        assert client.usable


@pytest.mark.parametrize("size", [65535, 65536, 65537, 2 * 1024 * 1024 + 1])
async def test_large_file(library: Library, tmp_path: Path, size: int) -> None:
    """Line ends and dots at every border of the blocks that it is read in."""
    line = b".\r\n\n..x\r"
    data = b"From: a@b\nTo: c@d\n\n" + (line * (size // len(line) + 1))[:size]
    path = tmp_path / "large.eml"
    path.write_bytes(data)
    expected = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if not expected.endswith(b"\r\n"):
        expected += b"\r\n"
    sizes: list[int] = []
    ehlo = ALL.replace(b"100000", b"100000000")
    async with conversation(library, EHLO=ehlo) as (server, client):
        await client.send(path, progress=sizes.append)
    assert server.messages == [expected]
    assert sizes == sorted(sizes)
    assert sizes[-1] - len(data) in (0, 2)  # the last line end of the header
    told = int(server.commands[1].split(b"SIZE=")[1].split()[0])
    assert len(expected) - told in (0, 1, 2)


async def test_too_large(library: Library) -> None:
    """RFC 1870 6.1 (2): what is known to be too large is not sent."""
    async with conversation(library, EHLO=ALL) as (server, client):
        with pytest.raises(LocalProtocolError, match="100000"):
            await client.send(b"x" * 200_000, ANN, BEN)
        with pytest.raises(LocalProtocolError, match="100000"):
            await client.send(pieces(b"x" * 200_000, 1000), ANN, BEN)
        assert not client.usable  # half of it has been sent
    assert server.messages == []


# --- an iterator that fails ---


class Trouble(Exception):
    pass


async def troubled(closed: list[str]) -> AsyncGenerator[bytes]:
    try:
        yield b"Subject: x\r\n\r\nhello\r\n"
        raise Trouble
    finally:
        closed.append("closed")


@pytest.mark.parametrize("chunking", [False, True])
async def test_iterator_raises(library: Library, chunking: bool) -> None:
    """The message must never look complete."""
    closed: list[str] = []
    async with scripted(library, EHLO=ALL) as server:
        async with clear(library, server.port) as client:
            with pytest.raises(Trouble):
                await client.send(troubled(closed), ANN, BEN, chunking=chunking)
            with pytest.raises(ConnectionLost, match="Trouble"):
                await client.noop()
        await server.over.wait()
    assert server.messages == []
    assert b"BDAT 0 LAST" not in server.commands
    assert closed == ["closed"]


async def test_progress_raises(library: Library) -> None:
    def progress(sent: int) -> None:
        raise Trouble

    async with scripted(library) as server:
        async with clear(library, server.port) as client:
            with pytest.raises(Trouble):
                await client.send(SIMPLE, progress=progress)
            assert not client.usable
        await server.over.wait()
    assert server.messages == []


async def endless(closed: list[str]) -> AsyncGenerator[bytes]:
    try:
        while True:
            yield b"0123456789abcde\n" * 1000
    finally:
        closed.append("closed")


async def test_iterator_is_closed_when_the_server_goes(library: Library) -> None:
    async def serve(peer: Peer) -> None:
        await peer.say(b"220 hi")
        await peer.line()
        await peer.say(NOTHING)
        for reply in (b"250 ok", b"250 ok", b"354 go"):
            await peer.line()
            await peer.say(reply)
        await peer.take_octets(1000)

    closed: list[str] = []
    async with listening(library, serve) as port, clear(library, port) as client:
        with pytest.raises(ConnectionLost):
            await client.send(endless(closed), ANN, BEN)
    assert closed == ["closed"]


# --- the envelope that the header gives ---


@pytest.mark.parametrize("old", [False, True], ids=["EmailMessage", "Message"])
@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize(
    ("header", "sender", "recipients"),
    [
        ("From: a@x\nTo: b@x\nCc: c@x, d@x\nBcc: e@x", "a@x", ["b@x", "c@x", "d@x", "e@x"]),
        ("From: a@x, z@x\nSender: s@x\nTo: b@x", "s@x", ["b@x"]),
        ("From: a@x, z@x\nTo: b@x", "a@x", ["b@x"]),
        ("From: a@x\nTo: Friends: b@x, C <c@x>;, d@x", "a@x", ["b@x", "c@x", "d@x"]),
        ("From: a@x\nTo: b@x, B <b@x>\nCc: b@x", "a@x", ["b@x"]),
        ('From: "a, b" <a@x>\nTo: "Doe, J@evil" <b@x>', "a@x", ["b@x"]),
        # Encoded words are decoded for display only; what they say names nobody.
        (
            "From: a@x\nTo: =?utf-8?q?evil=40y=2C_bad=40y?= <b@x>",
            "a@x",
            ["b@x"],
        ),
        (
            "From: =?utf-8?q?root=40y?= <a@x>\nTo: =?utf-8?b?PGV2aWxAeT4s?= <b@x>",
            "a@x",
            ["b@x"],
        ),
        ("From: a@x\nTo: b@x (evil@y, bad@y)", "a@x", ["b@x"]),
        ("From: a@x\nTo: undisclosed-recipients:;\nBcc: b@x", "a@x", ["b@x"]),
        ("From: a@x\nTo:\n b@x,\n\tc@x", "a@x", ["b@x", "c@x"]),
        ("From: a@x\nto: b@x\nCC: c@x", "a@x", ["b@x", "c@x"]),
        ('From: a@x\nTo: "b c"@x', "a@x", ['"b c"@x']),
        (
            "Resent-Date: Mon, 1 Jan 2024 00:00:00 +0000\nResent-From: r@x\nResent-To: s@x\n"
            "Resent-Bcc: t@x\nFrom: a@x\nTo: b@x\nBcc: c@x",
            "r@x",
            ["s@x", "t@x"],
        ),
        (
            "Resent-Date: Mon, 1 Jan 2024 00:00:00 +0000\nResent-From: r@x\nResent-Sender: q@x\n"
            "Resent-To: s@x\nFrom: a@x\nTo: b@x",
            "q@x",
            ["s@x"],
        ),
    ],
)
async def test_envelope_of_the_header(
    library: Library,
    header: str,
    sender: str,
    recipients: list[str],
    as_bytes: bool,
    old: bool,
) -> None:
    data = f"{header}\nSubject: x\n\nBcc: in the body\n".encode()
    message: Any = data if as_bytes else parsed(data, old=old)
    async with conversation(library) as (server, client):
        result = await client.send(message)
        assert result.sender == sender
        assert list(result.accepted) == recipients
    sent = parsed(server.messages[0])
    assert sent["Subject"] == "x"
    assert sent["Bcc"] is sent["Resent-Bcc"] is None
    assert sent.get_payload() == "Bcc: in the body\r\n"
    if not as_bytes:
        assert ("Bcc" in message) == ("\nBcc:" in header)  # the caller's message is left alone


@pytest.mark.parametrize(
    "header",
    [
        "From: a@x\nBcc: secret@x\nTo: b@x",
        "From: a@x\nBcc: secret@x,\n secret@y,\n\tsecret@z\nTo: b@x",
        "From: a@x\nBCC:secret@x\nTo: b@x",
        "Bcc: secret@x\nFrom: a@x\nTo: b@x",
        "From: a@x\nTo: b@x\nBcc: secret@x",
        "From: a@x\nTo: b@x\nBcc:\n secret@x",
        "From: a@x\nBcc: secret@x\nBcc: secret@y\nTo: b@x",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("body", ["{0}Bcc: body{0}", ""])
async def test_bcc_is_taken_out(
    library: Library, tmp_path: Path, header: str, end: str, body: str
) -> None:
    """RFC 5322 3.6.3; with every line end that the sender would make CRLF."""
    data = (header + "\n").replace("\n", end) + body.format(end)
    path = tmp_path / "message.eml"
    path.write_bytes(data.encode())
    async with conversation(library) as (server, client):
        await client.send(data.encode())
        result = await client.send(path)
        assert "secret@x" in result.accepted
    assert server.messages[0] == server.messages[1]
    assert b"secret" not in server.messages[0]
    assert b"To: b@x\r\n" in server.messages[0]
    assert (b"Bcc: body\r\n" in server.messages[0]) == bool(body)


async def test_header_too_long_to_look_for_bcc(library: Library) -> None:
    """A Bcc beyond what is looked through must not slip out."""
    data = b"From: a@x\nTo: b@x\nX: " + b"x" * 1024 * 1024 + b"\nBcc: secret@x\n\nhi\n"
    async with conversation(library, EHLO=NOTHING) as (server, client):
        with pytest.raises(LocalProtocolError, match="too long"):
            await client.send(BytesIO(data))
        await client.send(BytesIO(data), ANN, BEN)
    assert server.messages == [data.replace(b"\n", b"\r\n")]


async def test_given_envelope_is_taken(library: Library) -> None:
    """And then the header of bytes is left as it is."""
    data = b"From: a@x\r\nTo: b@x\r\nBcc: c@x\r\n\r\n"
    async with conversation(library, EHLO=ALL) as (server, client):
        mail = Mail("", envid="e+1", ret="HDRS")
        result = await client.send(data, mail, [Rcpt(BEN, notify=("FAILURE",)), CY])
        assert result.sender == ""
        assert result.accepted == (BEN, CY)
        assert (await client.send(data, ANN)).accepted == ("b@x", "c@x")
        assert (await client.send(data, recipients=BEN)).sender == "a@x"
    assert server.messages[0] == data
    assert server.commands[1] == b"MAIL FROM:<> SIZE=%d RET=HDRS ENVID=e+2B1" % len(data)
    assert server.commands[2] == b"RCPT TO:<ben@b.example> NOTIFY=FAILURE"


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"To: b@x\n\nhi", "no From"),
        (b"From: a@x\n\nhi", "no To"),
        (b"From: a@x\nTo: nobody:;\n\nhi", "no To"),
        (b"", "no From"),
        (b"\n\nFrom: a@x\n", "no From"),
        (b"From: a@x\nTo: not an address\n\n", None),
        (b"From: a@x\nTo: b@x@y\n\n", None),
        (b"From: <>\nTo: b@x\n\n", None),
        (b"From: a@x\nTo: =?utf-8?q?b=0d=0aRCPT_TO:<evil@y>?=@x\n\n", None),
        (b"From: a@x\nTo: b\x00@x\n\n", None),
    ],
)
@pytest.mark.parametrize("old", [False, True])
async def test_header_names_nobody(
    library: Library, data: bytes, match: str | None, old: bool
) -> None:
    async with conversation(library) as (server, client):
        for message in (data, parsed(data, old=old)):
            with pytest.raises(LocalProtocolError, match=match):
                await client.send(message)
        assert client.usable
    assert server.messages == []
    assert not any(b"evil" in command for command in server.commands)


async def test_iterator_names_nobody(library: Library) -> None:
    async with conversation(library) as (_, client):
        with pytest.raises(LocalProtocolError, match="give sender and recipients"):
            await client.send(pieces(SIMPLE))


# --- characters ---


def text_message(to: str = BEN, subject: str = "x", body: str = "caf\u00e9\n") -> EmailMessage:
    message = EmailMessage()
    message["From"] = ANN
    message["To"] = to
    message["Subject"] = subject
    message.set_content(body, cte="8bit")
    return message


async def test_body_in_8bit(library: Library) -> None:
    async with conversation(library, EHLO=ALL) as (server, client):
        await client.send(text_message())
    assert b"BODY=8BITMIME" in server.commands[1]
    assert b"SMTPUTF8" not in server.commands[1]
    assert "caf\u00e9\r\n".encode() in server.messages[0]


async def test_body_is_encoded_anew(library: Library) -> None:
    """RFC 6152 3: no 8-bit octets without 8BITMIME."""
    async with conversation(library, EHLO=NOTHING) as (server, client):
        await client.send(text_message())
    assert server.commands[1] == b"MAIL FROM:<ann@a.example>"
    assert server.messages[0].isascii()
    sent = message_from_bytes(server.messages[0], policy=email.policy.default)
    assert sent.get_content() == "caf\u00e9\r\n".replace("\r", "")


@pytest.mark.parametrize("kind", ["bytes", "file"])
async def test_8bit_that_can_not_be_encoded(library: Library, kind: str) -> None:
    data = "Subject: x\n\ncaf\u00e9\n".encode()
    source = data if kind == "bytes" else BytesIO(data)
    async with conversation(library, EHLO=NOTHING) as (server, client):
        with pytest.raises(LocalProtocolError, match="8BITMIME"):
            await client.send(source, ANN, BEN)
        assert client.usable
    assert server.messages == []


async def test_header_in_encoded_words(library: Library) -> None:
    """A name needs no SMTPUTF8, even where it is offered."""
    for offers in (ALL, NOTHING):
        async with conversation(library, EHLO=offers) as (server, client):
            await client.send(text_message(to=f'"Caf\u00e9, x@y" <{BEN}>', subject="\u00fc"))
        assert b"SMTPUTF8" not in server.commands[1]
        assert server.commands[2] == b"RCPT TO:<ben@b.example>"
        head = server.messages[0].split(b"\r\n\r\n")[0]
        assert head.isascii()


async def test_utf8_header_of_bytes(library: Library) -> None:
    """RFC 6532: raw UTF-8 in a header needs SMTPUTF8."""
    data = "From: a@x\nTo: b@x\nSubject: \u00fc\n\nhi\n".encode()
    async with conversation(library, EHLO=ALL) as (server, client):
        await client.send(data)
    assert server.commands[1].endswith(b" BODY=8BITMIME SMTPUTF8")
    ehlo = b"250-mx.example\n250 8BITMIME"
    async with conversation(library, EHLO=ehlo) as (server, client):
        with pytest.raises(LocalProtocolError, match="SMTPUTF8"):
            await client.send(data)
        assert client.usable
    assert server.messages == []


async def test_utf8_address(library: Library) -> None:
    """RFC 6531."""
    message = text_message(to="Zo\u00eb <zo\u00eb@b\u00fccher.example>")
    async with conversation(library, EHLO=ALL) as (server, client):
        result = await client.send(message)
        assert result.accepted == ("zo\u00eb@b\u00fccher.example",)
    assert server.commands[1].endswith(b"SMTPUTF8")
    assert server.commands[2] == "RCPT TO:<zo\u00eb@b\u00fccher.example>".encode()
    assert "<zo\u00eb@b\u00fccher.example>".encode() in server.messages[0]
    async with conversation(library, EHLO=NOTHING) as (server, client):
        with pytest.raises(LocalProtocolError, match="SMTPUTF8"):
            await client.send(message)
        assert client.usable


@pytest.mark.parametrize(
    ("domain", "ascii_domain"),
    [
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("B\u00dcCHER.example", "xn--bcher-kva.example"),
        ("\u4f8b\u3048.\u30c6\u30b9\u30c8", "xn--r8jz45g.xn--zckzah"),
    ],
)
async def test_domain_in_a_labels(library: Library, domain: str, ascii_domain: str) -> None:
    """RFC 5891: a domain alone needs no SMTPUTF8."""
    async with conversation(library, EHLO=NOTHING) as (server, client):
        await client.send(SIMPLE, f"a@{domain}", f"b@{domain}")
    assert server.commands[1] == f"MAIL FROM:<a@{ascii_domain}>".encode()
    assert server.commands[2] == f"RCPT TO:<b@{ascii_domain}>".encode()


@pytest.mark.parametrize(
    "domain",
    [
        "stra\u00dfe.example",  # IDNA 2003 would deliver to strasse.example
        "\u03c6\u03b1\u03c2.example",
        "a\u200db.example",
        "b\u00fccher..example",
        "\u00fc" * 70 + ".example",
    ],
)
async def test_domain_that_has_no_certain_a_label(library: Library, domain: str) -> None:
    async with conversation(library, EHLO=NOTHING) as (server, client):
        with pytest.raises(LocalProtocolError):
            await client.send(SIMPLE, ANN, f"b@{domain}")
        assert client.usable
    assert server.messages == []


# --- one call ---


async def test_send_in_one_call(library: Library) -> None:
    async with scripted(library) as server:
        result = await library.binding.send(
            SIMPLE, host="127.0.0.1", port=server.port, tls=TlsMode.NONE
        )
    assert result.accepted == (BEN,)
    assert server.messages == [ON_THE_WIRE]
    assert server.verbs[-1] == "QUIT"
