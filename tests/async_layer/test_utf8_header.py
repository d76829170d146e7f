"""Messages whose header holds UTF-8, or an older charset (RFC 6532), given as bytes."""

import pytest

from mailproto.errors import LocalProtocolError
from mailproto.servers import MessageBody, MessageReplies, SmtpEnvelope, SmtpHandler
from mailproto.smtp import Mail
from mailproto.tls import TlsMode

from ..libraries import Library
from .peers import scripted

UTF8 = "From: zoë@example.org\r\nTo: Bén <ben@exämple.org>\r\nSubject: ü\r\n\r\nHi\r\n".encode()
LATIN_1 = "From: zoe@example.org\r\nTo: ben@example.org\r\nSubject: ü\r\n\r\nHi\r\n".encode(
    "latin-1"
)


class Envelopes(SmtpHandler):
    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.recipients: list[tuple[str, ...]] = []

    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        self.mails.append(envelope.mail)
        self.recipients.append(envelope.recipients)
        return None


async def test_the_header_names_the_envelope(library: Library) -> None:
    handler = Envelopes()
    async with library.binding.serve_smtp(handler) as server:
        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        async with connect as client:
            await client.send(UTF8)
    assert [(mail.reverse_path, mail.smtputf8) for mail in handler.mails] == [
        ("zoë@example.org", True)
    ]
    assert handler.recipients == [("ben@exämple.org",)]


async def test_an_older_charset_is_no_smtputf8(library: Library) -> None:
    handler = Envelopes()
    async with library.binding.serve_smtp(handler) as server:
        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        async with connect as client:
            await client.send(LATIN_1)
    assert [(mail.body, mail.smtputf8) for mail in handler.mails] == [("8BITMIME", False)]


async def test_without_smtputf8_it_is_refused_unless_insisted_on(library: Library) -> None:
    ehlo = b"250-x\r\n250 8BITMIME\r\n"
    async with scripted(library, EHLO=ehlo) as server:
        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        async with connect as client:
            with pytest.raises(LocalProtocolError, match="smtputf8=False"):
                await client.send(UTF8, "ann@example.org", "ben@example.org")
            await client.send(UTF8, "ann@example.org", "ben@example.org", smtputf8=False)
