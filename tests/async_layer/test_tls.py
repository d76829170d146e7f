"""TLS as clients and servers start it, what goes wrong with it, and logins that depend on it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme

from mailproto.clients import SmtpClient
from mailproto.errors import (
    AuthenticationFailed,
    ConnectionLost,
    LocalProtocolError,
    MailProtocolError,
    RemoteProtocolError,
    TLSRequired,
)
from mailproto.sasl import PasswordAuthenticator
from mailproto.smtp import TraceLine
from mailproto.tls import TlsMode

from ..libraries import Library
from .peers import Peer, Stop, clear, connect, listening, scripted
from .test_server import ANN, BEN, MESSAGE, Recorder, serving

VERSIONS = pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"]
)
OFFERS = b"250-mx.example\n250 STARTTLS"


def at_most(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    context.maximum_version = version
    return context


@pytest.fixture
def own_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's context that a test may change."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def secure(library: Library, port: int, context: ssl.SSLContext, **options: Any) -> Any:
    """Connect our client with TLS."""
    options = {"server_hostname": "localhost", "tls": TlsMode.STARTTLS, **options}
    return library.binding.connect_smtp("127.0.0.1", port, tls_context=context, **options)


# --- the modes ---


@VERSIONS
@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.OPPORTUNISTIC, TlsMode.IMPLICIT])
async def test_tls(
    library: Library,
    mode: TlsMode,
    version: ssl.TLSVersion,
    own_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
) -> None:
    handler = Recorder()
    implicit = mode is TlsMode.IMPLICIT
    async with (
        library.binding.serve_smtp(
            handler, tls_context=at_most(own_context, version), implicit_tls=implicit
        ) as server,
        secure(library, server.port, client_context, tls=mode) as client,
    ):
        assert client.tls is not None
        assert client.tls.version == version.name.replace("_", ".")
        assert client.core.tls
        assert "STARTTLS" not in client.extensions
        await client.send(MESSAGE * 50_000, ANN, BEN)
    assert handler.messages == [(ANN, (BEN,), MESSAGE * 50_000)]


async def test_established(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    handler = Recorder()
    async with library.binding.serve_smtp(
        handler, tls_context=server_context, implicit_tls=True
    ) as server:
        stream = await library.runtime.connect_tcp("127.0.0.1", server.port)
        await stream.start_tls(client_context, server_side=False, server_hostname="localhost")
        async with library.binding.connect_smtp(stream=stream, tls=TlsMode.ESTABLISHED) as client:
            assert client.core.tls
            await client.send(MESSAGE, ANN, BEN)
    assert len(handler.messages) == 1


async def test_none(library: Library, server_context: ssl.SSLContext) -> None:
    async with (
        library.binding.serve_smtp(Recorder(), tls_context=server_context) as server,
        clear(library, server.port) as client,
    ):
        assert client.tls is None
        assert "STARTTLS" in client.extensions


async def test_starttls_is_the_default_and_required(library: Library) -> None:
    """Stripping attack: CVE-2016-0772 and the like."""
    async with scripted(library) as server:
        with pytest.raises(TLSRequired, match="does not offer STARTTLS"):
            async with library.binding.connect_smtp("127.0.0.1", server.port):
                pass
        await server.over.wait()
    assert server.verbs == ["EHLO"]


@pytest.mark.parametrize("reply", [b"454 4.7.0 TLS is out of order", b"500 what?"])
async def test_starttls_refused(
    library: Library, reply: bytes, client_context: ssl.SSLContext
) -> None:
    async with scripted(library, EHLO=OFFERS, STARTTLS=reply) as server:
        with pytest.raises(TLSRequired, match="refused STARTTLS"):
            async with secure(library, server.port, client_context):
                pass
        mode = TlsMode.OPPORTUNISTIC
        async with secure(library, server.port, client_context, tls=mode) as client:
            assert client.tls is None
            await client.send(MESSAGE, ANN, BEN)
    assert server.messages == [MESSAGE]


async def test_opportunistic_without_offer(library: Library) -> None:
    async with (
        scripted(library) as server,
        clear(library, server.port, tls=TlsMode.OPPORTUNISTIC) as client,
    ):
        await client.send(MESSAGE, ANN, BEN)
    assert "STARTTLS" not in server.verbs


# --- injection ---


async def test_bytes_after_the_consent(library: Library, client_context: ssl.SSLContext) -> None:
    """CVE-2021-38371 and the like: replies put before the handshake must not count."""
    injected = b"220 go ahead\r\n250-evil.example\r\n250 AUTH PLAIN"
    async with scripted(library, EHLO=OFFERS, STARTTLS=injected) as server:
        with pytest.raises(RemoteProtocolError, match="before the TLS handshake"):
            async with secure(library, server.port, client_context):
                pass


@pytest.mark.parametrize("late", [b"250 evil\r\n", b"250-half a li"])
async def test_bytes_between_consent_and_handshake(
    library: Library, late: bytes, client_context: ssl.SSLContext
) -> None:
    """They come in a packet of their own: the adapter, not the core, has to find them."""

    async def serve(peer: Peer) -> None:
        await peer.say(b"220 hi")
        await peer.line()
        await peer.say(b"250-mx.example", b"250 STARTTLS")
        await peer.line()
        await peer.say(b"220 go ahead")
        await peer.stream.send_all(late)
        await peer.rest()

    async with listening(library, serve) as port:
        with pytest.raises((RemoteProtocolError, ssl.SSLError)):
            async with secure(library, port, client_context):
                pass


@pytest.mark.parametrize("late", [b"NOOP\r\n", b"EHLO evil.example\r\nMAIL FROM:<x@y>\r\n", b"Q"])
async def test_client_injects(
    library: Library, late: bytes, server_context: ssl.SSLContext
) -> None:
    """CVE-2011-0411: commands in the packet of STARTTLS are not run under TLS."""
    async with serving(library, Recorder(), tls_context=server_context) as peer:
        await peer.ask(b"EHLO me.example")
        await peer.stream.send_all(b"STARTTLS\r\n" + late)
        assert b"250" not in await peer.rest()


async def test_client_injects_after_the_consent(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """A clear packet where the handshake is due: the session ends, and others go on."""
    async with library.binding.serve_smtp(Recorder(), tls_context=server_context) as server:
        async with connect(library, server.port) as peer:
            await peer.reply()
            await peer.ask(b"EHLO me.example")
            await peer.ask(b"STARTTLS")
            await peer.stream.send_all(b"MAIL FROM:<x@y>\r\n")
            assert b"250" not in await peer.rest()
        async with secure(library, server.port, client_context) as client:
            await client.send(MESSAGE, ANN, BEN)


async def test_all_is_forgotten(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """RFC 3207 4.2: the server forgets EHLO too."""
    async with serving(library, Recorder(), tls_context=server_context) as peer:
        await peer.ask(b"EHLO me.example")
        await peer.ask(b"STARTTLS")
        await peer.stream.start_tls(client_context, server_side=False, server_hostname="localhost")
        assert (await peer.ask(b"MAIL FROM:<a@b>")).startswith(b"503")
        await peer.say(b"EHLO me.example")
        offered = b""
        while (line := await peer.line())[3:4] == b"-":
            offered += line
        assert b"STARTTLS" not in offered + line
        assert (await peer.ask(b"STARTTLS"))[:1] == b"5"


# --- what goes wrong ---


@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.OPPORTUNISTIC, TlsMode.IMPLICIT])
@pytest.mark.parametrize("wrong", ["name", "authority"])
async def test_wrong_certificate(
    library: Library,
    mode: TlsMode,
    wrong: str,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
) -> None:
    handler = Recorder()
    name = "other.example" if wrong == "name" else "localhost"
    context = client_context if wrong == "name" else ssl.create_default_context()
    implicit = mode is TlsMode.IMPLICIT
    async with library.binding.serve_smtp(
        handler, tls_context=server_context, implicit_tls=implicit
    ) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            async with secure(library, server.port, context, tls=mode, server_hostname=name):
                pass
        async with secure(library, server.port, client_context, tls=mode) as client:
            await client.noop()


async def test_no_common_version(
    library: Library, own_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    own_context.minimum_version = ssl.TLSVersion.TLSv1_3
    old = ssl.create_default_context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with library.binding.serve_smtp(Recorder(), tls_context=own_context) as server:
        # asyncio's server closes without the alert that says why.
        with pytest.raises((ssl.SSLError, ConnectionLost)):
            async with secure(library, server.port, old):
                pass
        async with secure(library, server.port, client_context) as client:
            await client.noop()


async def test_tls_server_on_a_clear_port(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """We wait for a greeting, it for a handshake: a timeout says what may be wrong."""
    async with library.binding.serve_smtp(
        Recorder(), tls_context=server_context, implicit_tls=True
    ) as server:
        with pytest.raises((TimeoutError, MailProtocolError)):
            async with secure(library, server.port, client_context, timeout=0.1):
                pass


async def test_tls_records_instead_of_a_greeting(
    library: Library, client_context: ssl.SSLContext
) -> None:
    alert = b"\x15\x03\x01\x00\x02\x02\x28"

    async def serve(peer: Peer) -> None:
        await peer.stream.send_all(alert)

    async with listening(library, serve) as port:
        with pytest.raises(RemoteProtocolError, match="implicit TLS"):
            async with secure(library, port, client_context):
                pass


async def test_clear_server_on_a_tls_port(library: Library, client_context: ssl.SSLContext) -> None:
    async with scripted(library, greeting=(b"220 mx.example ESMTP", Stop.STALL)) as server:
        with pytest.raises(ssl.SSLError) as raised:
            async with secure(library, server.port, client_context, tls=TlsMode.IMPLICIT):
                pass
        assert "tls=TlsMode.STARTTLS" in raised.value.__notes__[0]


async def test_handshake_on_a_clear_port(library: Library, client_context: ssl.SSLContext) -> None:
    async with library.binding.serve_smtp(Recorder()) as server:
        with pytest.raises((ssl.SSLError, ConnectionLost)):
            async with secure(library, server.port, client_context, tls=TlsMode.IMPLICIT):
                pass
        async with clear(library, server.port) as client:
            await client.noop()


@pytest.mark.parametrize("stop", [Stop.CLOSE, Stop.RESET])
@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT])
async def test_server_goes_instead_of_the_handshake(
    library: Library, mode: TlsMode, stop: Stop, client_context: ssl.SSLContext
) -> None:
    answers: dict[str, Any] = {"EHLO": OFFERS, "STARTTLS": (b"220 go ahead", stop)}
    if mode is TlsMode.IMPLICIT:
        answers = {"greeting": stop}
    async with scripted(library, **answers) as server:
        with pytest.raises(ConnectionLost):
            async with secure(library, server.port, client_context, tls=mode):
                pass


async def test_handshake_stalls(library: Library, client_context: ssl.SSLContext) -> None:
    answers: dict[str, Any] = {"EHLO": OFFERS, "STARTTLS": (b"220 go ahead", Stop.STALL)}
    async with scripted(library, **answers) as server:
        with pytest.raises(TimeoutError, match="handshake took too long"):
            async with secure(library, server.port, client_context, timeout=0.1):
                pass


@pytest.mark.parametrize("implicit", [True, False])
async def test_client_stalls_in_the_handshake(
    library: Library, implicit: bool, server_context: ssl.SSLContext
) -> None:
    async with (
        library.binding.serve_smtp(
            Recorder(), tls_context=server_context, implicit_tls=implicit, timeout=0.1
        ) as server,
        connect(library, server.port) as peer,
    ):
        if not implicit:
            await peer.reply()
            await peer.ask(b"EHLO me.example")
            await peer.ask(b"STARTTLS")
        assert await peer.rest() == b""


async def test_no_name_to_verify(library: Library, client_context: ssl.SSLContext) -> None:
    """A stream was passed, and nobody said whose certificate to expect."""
    async with scripted(library, EHLO=OFFERS, STARTTLS=b"220 go ahead") as server:
        stream = await library.runtime.connect_tcp("127.0.0.1", server.port)
        with pytest.raises(LocalProtocolError, match="server_hostname"):
            async with library.binding.connect_smtp(stream=stream, tls_context=client_context):
                pass


async def test_implicit_tls_needs_a_context(library: Library) -> None:
    with pytest.raises(ValueError, match="tls_context"):
        library.binding.serve_smtp(Recorder(), implicit_tls=True)


async def test_each_side_says_goodbye(
    library: Library, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """RFC 8446 6.1: close_notify before the connection is closed, both ways."""
    ends: list[bytes] = []

    async def proxy(peer: Peer) -> None:
        """Do TLS by hand as the server, over ssl.MemoryBIO, to see how it ends."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = server_context.wrap_bio(incoming, outgoing, server_side=True)
        await _drive(peer, tls.do_handshake, incoming, outgoing)
        tls.write(b"220 mx.example ESMTP\r\n")
        await _drive(peer, lambda: tls.read(1000), incoming, outgoing)  # EHLO
        tls.write(b"250 mx.example\r\n")
        await _drive(peer, lambda: tls.read(1000), incoming, outgoing)  # QUIT
        tls.write(b"221 bye\r\n")
        await peer.stream.send_all(outgoing.read())
        ends.append(await _drive(peer, lambda: tls.read(1000), incoming, outgoing))

    async with (
        listening(library, proxy) as port,
        secure(library, port, client_context, tls=TlsMode.IMPLICIT),
    ):
        pass
    assert ends == [b""]


async def _drive(peer: Peer, step: Any, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> Any:
    while True:
        try:
            return step()
        except ssl.SSLWantReadError:
            await peer.stream.send_all(outgoing.read())
            data = await peer.stream.receive_some()
            if data:
                incoming.write(data)
            else:
                incoming.write_eof()
        except ssl.SSLEOFError:
            return b"cut off"
        except ssl.SSLZeroReturnError:
            return b""
        finally:
            if outgoing.pending:
                await peer.stream.send_all(outgoing.read())


# --- logins ---


def passwords(*mechanisms: str) -> PasswordAuthenticator:
    names = mechanisms or None
    return PasswordAuthenticator(
        {"ann": "secret"}, tokens={"bob": "tok"}, mechanisms=names, iterations=4096
    )


@asynccontextmanager
async def login(
    library: Library,
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    *,
    serve: dict[str, Any],
    **options: Any,
) -> AsyncIterator[tuple[SmtpClient, list[str]]]:
    """Log in over TLS; yields the client and the mechanisms that were tried."""
    tried: list[str] = []

    def trace(line: TraceLine) -> None:
        if line.text.startswith("AUTH "):
            tried.append(line.text.split()[1])

    server_context, client_context = contexts
    options = {"user": "ann", "password": "secret", "trace": trace, **options}
    async with (
        library.binding.serve_smtp(
            Recorder(), tls_context=server_context, auth_failure_delay=0.0, **serve
        ) as server,
        secure(library, server.port, client_context, **options) as client,
    ):
        yield client, tried


@pytest.fixture
def contexts(
    own_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's, which a test may change, and the client's."""
    return own_context, client_context


Contexts = tuple[ssl.SSLContext, ssl.SSLContext]
PLUS = "SCRAM-SHA-512-PLUS"


@VERSIONS
@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT])
async def test_channel_binding(
    library: Library,
    contexts: Contexts,
    version: ssl.TLSVersion,
    mode: TlsMode,
    certificate: trustme.LeafCert,
) -> None:
    """RFC 5929, RFC 9266: what both ends can tell of the connection."""
    at_most(contexts[0], version)
    serve = {
        "authenticator": passwords(),
        "tls_certificate": certificate.cert_chain_pems[0].bytes(),
        "implicit_tls": mode is TlsMode.IMPLICIT,
    }
    async with login(library, contexts, serve=serve, tls=mode) as (client, tried):
        assert tried == [PLUS]
        assert client.tls is not None
        types = [binding.type for binding in client.tls.channel_bindings]
        if version is ssl.TLSVersion.TLSv1_2 and "tls-exporter" not in types:
            assert types == ["tls-unique", "tls-server-end-point"]
        assert types[-1] == "tls-server-end-point"
        assert client.core.authenticated


@VERSIONS
async def test_without_the_server_certificate(
    library: Library, contexts: Contexts, version: ssl.TLSVersion
) -> None:
    """On TLS 1.3 Python's server can bind to nothing then: -PLUS is not offered, nor needed."""
    at_most(contexts[0], version)
    serve = {"authenticator": passwords()}
    async with login(library, contexts, serve=serve) as (client, tried):
        old = version is ssl.TLSVersion.TLSv1_2 or "tls-exporter" in ssl.CHANNEL_BINDING_TYPES
        assert tried == [PLUS if old else "SCRAM-SHA-512"]
        assert client.core.authenticated


async def test_client_certificate_is_not_the_servers(
    library: Library, contexts: Contexts, authority: trustme.CA
) -> None:
    """tls-server-end-point is about the server's certificate, on both sides."""
    server, client = contexts[0], ssl.create_default_context()
    authority.configure_trust(server)
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(client)
    authority.issue_cert("client.example").configure_cert(client)
    serve = {"authenticator": passwords()}
    async with login(library, (server, client), serve=serve) as (used, _):
        assert used.core.authenticated


async def test_another_end_point(
    library: Library, contexts: Contexts, authority: trustme.CA
) -> None:
    """A man in the middle has another certificate: the login fails, and nothing weaker is tried."""
    at_most(contexts[0], ssl.TLSVersion.TLSv1_3)
    other = authority.issue_cert("localhost")
    serve = {"authenticator": passwords(), "tls_certificate": other.cert_chain_pems[0].bytes()}
    with pytest.raises(AuthenticationFailed):
        async with login(library, contexts, serve=serve):
            pass


@pytest.mark.parametrize(
    "mechanism",
    ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"],
)
async def test_mechanisms(library: Library, contexts: Contexts, mechanism: str) -> None:
    serve = {"authenticator": passwords(mechanism)}
    options = {"mechanisms": [mechanism]}
    async with login(library, contexts, serve=serve, **options) as (client, tried):
        assert tried == [mechanism]
        assert client.core.authenticated


@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
async def test_token(library: Library, contexts: Contexts, mechanism: str) -> None:
    serve = {"authenticator": passwords(mechanism, "PLAIN")}
    options = {"user": "bob", "password": None, "token": "tok"}
    async with login(library, contexts, serve=serve, **options) as (client, tried):
        assert tried == [mechanism]
        assert client.core.authenticated


@pytest.mark.parametrize("options", [{"password": "wrong"}, {"user": "nobody"}])
async def test_refusal_is_final(
    library: Library, contexts: Contexts, options: dict[str, Any]
) -> None:
    """quirks 3.8: no weaker mechanism after a refusal."""
    tried: list[str] = []
    options = {"trace": lambda line: tried.append(line.text), **options}
    serve = {"authenticator": passwords("SCRAM-SHA-256", "PLAIN", "LOGIN")}
    with pytest.raises(AuthenticationFailed) as caught:
        async with login(library, contexts, serve=serve, **options):
            pass
    assert caught.value.reply.code == 535
    assert [text.split()[1] for text in tried if text.startswith("AUTH ")] in (
        ["SCRAM-SHA-256"],
        ["SCRAM-SHA-256-PLUS"],
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
async def test_no_password_in_the_clear(library: Library, mechanism: str) -> None:
    answers: dict[str, Any] = {"EHLO": b"250-mx.example\n250 AUTH " + mechanism.encode()}
    options: dict[str, Any] = {"user": "ann", "password": "secret"}
    async with scripted(library, **answers) as server:
        with pytest.raises(AuthenticationFailed, match="TLS"):
            async with clear(library, server.port, **options):
                pass
        await server.over.wait()
        assert server.verbs == ["EHLO"]
    serve: dict[str, Any] = {"authenticator": passwords(mechanism), "allow_plaintext": True}
    async with (
        library.binding.serve_smtp(Recorder(), **serve) as ours,
        clear(library, ours.port, allow_plaintext=True, **options) as client,
    ):
        assert client.core.authenticated


async def test_scram_in_the_clear(library: Library) -> None:
    async with (
        library.binding.serve_smtp(Recorder(), authenticator=passwords()) as server,
        clear(library, server.port, user="ann", password="secret") as client,
    ):
        assert client.core.authenticated


async def test_nothing_fits(library: Library) -> None:
    async with scripted(library, EHLO=b"250-mx.example\n250 AUTH GSSAPI NTLM") as server:
        with pytest.raises(AuthenticationFailed, match="GSSAPI"):
            async with clear(library, server.port, user="ann", password="secret"):
                pass
