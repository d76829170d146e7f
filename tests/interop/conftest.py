"""Fixtures of the real peers; a failed test shows what its peers logged."""

from collections.abc import Generator, Iterator

import pytest

from ..libraries import library, pytest_pyfunc_call
from .dovecot import Dovecot
from .peers import ACCOUNTS, Certificates, Peer
from .postfix import Postfix

__all__ = ["library", "pytest_pyfunc_call"]

_LOG_LINES = 60


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A throw-away authority, and certificates for 127.0.0.1 and for the user ann."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def postfix(certificates: Certificates) -> Iterator[Postfix]:
    """A running Postfix, the same for the whole session."""
    with Postfix(certificates) as peer:
        yield peer


@pytest.fixture(scope="session")
def dovecot(certificates: Certificates) -> Iterator[Dovecot]:
    """A running Dovecot, the same for the whole session."""
    with Dovecot(certificates) as peer:
        yield peer


@pytest.fixture(autouse=True)
def _empty_mailboxes(request: pytest.FixtureRequest) -> None:
    """Let each test begin with empty mailboxes in the peers that it uses."""
    for name in {"postfix", "dovecot"} & set(request.fixturenames):
        for account in ACCOUNTS:
            request.getfixturevalue(name).maildir(account).clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the end of each peer's log to the report of a failed test that used it."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for peer in item.funcargs.values():
            if isinstance(peer, Peer):
                lines = peer.log().splitlines()[-_LOG_LINES:]
                report.sections.append((f"log of {peer.name}", "\n".join(lines)))
    return report
