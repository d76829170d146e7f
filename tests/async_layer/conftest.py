"""What the tests of the async layer share."""

import gc
import ssl
from collections.abc import Iterator

import pytest
import trustme

from ..libraries import library, pytest_pyfunc_call

__all__ = [
    "authority",
    "certificate",
    "client_context",
    "library",
    "no_leaks",
    "pytest_pyfunc_call",
    "server_context",
]


@pytest.fixture(autouse=True, scope="module")
def no_leaks() -> Iterator[None]:
    """What was left open shows itself (as an unraisable ResourceWarning) where it was left."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority for the tests."""
    return trustme.CA()


@pytest.fixture(scope="session")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    """The server's certificate, for localhost."""
    return authority.issue_cert("localhost")


@pytest.fixture(scope="session")
def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """What the server runs TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="session")
def client_context(authority: trustme.CA) -> ssl.SSLContext:
    """What a client trusts that server with."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
