"""Over TLS the client binds SCRAM to the connection, whenever TLS was started (RFC 5802 6)."""

import ssl

import pytest
import trustme

from mailproto.sasl import PasswordAuthenticator
from mailproto.servers import MessageBody, MessageReplies, SmtpEnvelope, SmtpHandler
from mailproto.smtp import TraceLine
from mailproto.stores import MemoryStore
from mailproto.tls import TlsMode

from ..libraries import Library

HOST = "127.0.0.1"
AUTHENTICATOR = PasswordAuthenticator({"ann": "secret"})


class Dropped(SmtpHandler):
    async def message(self, envelope: SmtpEnvelope, body: MessageBody) -> MessageReplies:
        return None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("mode", [TlsMode.IMPLICIT, TlsMode.STARTTLS])
@pytest.mark.parametrize("protocol", ["smtp", "pop3"])
async def test_scram_is_bound_to_the_connection(
    library: Library, protocol: str, mode: TlsMode, version: ssl.TLSVersion
) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert(HOST)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.maximum_version = version
    issued.configure_cert(server_context)
    client_context = ssl.create_default_context()
    authority.configure_trust(client_context)
    said: list[TraceLine] = []
    options = {
        "tls_context": server_context,
        "tls_certificate": issued.cert_chain_pems[0].bytes(),
        "implicit_tls": mode is TlsMode.IMPLICIT,
    }
    binding = library.binding
    if protocol == "smtp":
        served = binding.serve_smtp(Dropped(), authenticator=AUTHENTICATOR, **options)
        connect = binding.connect_smtp
    else:
        served = binding.serve_pop3(MemoryStore(), AUTHENTICATOR, **options)
        connect = binding.connect_pop3
    async with served as server:
        login = {"user": "ann", "password": "secret", "trace": said.append}
        async with connect(
            HOST, server.port, tls=mode, tls_context=client_context, **login
        ) as client:
            assert client.tls.version.replace("v1.", "v1_") == version.name
    assert [line.text.split()[1] for line in said if line.text.startswith("AUTH ")] == [
        "SCRAM-SHA-512-PLUS"
    ]
