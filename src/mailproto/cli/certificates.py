"""TLS for the command line: certificates from files, throw-away ones, and whom to trust."""

import ssl
from collections.abc import Iterable
from pathlib import Path

from mailproto._value import value

__all__ = ["ServerTls", "from_files", "throw_away", "trusting"]


@value
class ServerTls:
    """What a server needs for TLS, and what its clients need.

    ``certificate`` is the server's own in PEM, for channel binding. ``ca`` is the file that
    makes a client trust it, None if it was not made here.
    """

    context: ssl.SSLContext
    certificate: bytes
    ca: Path | None = None


def from_files(certificate: Path, key: Path | None) -> ServerTls:
    """Load a certificate chain and its key, which may be in the same file.

    Raises ``OSError`` (``ssl.SSLError`` included).
    """
    context = _server_context()
    context.load_cert_chain(certificate, key)
    return ServerTls(context, certificate.read_bytes())


def throw_away(names: Iterable[str], directory: Path) -> ServerTls:
    """Make a CA and a certificate for these host names and addresses.

    The CA's certificate is written to ``directory``; its key, and the server's, are not.
    Raises ``ModuleNotFoundError`` without trustme.
    """
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert(*dict.fromkeys(names))
    context = _server_context()
    leaf.configure_cert(context)
    ca = directory / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    return ServerTls(context, leaf.cert_chain_pems[0].bytes(), ca)


def trusting(ca: Path) -> ssl.SSLContext:
    """Return a client's context that trusts these CA certificates (PEM) and no others.

    Raises ``OSError`` (``ssl.SSLError`` included).
    """
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
