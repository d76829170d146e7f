import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..libraries import library, pytest_pyfunc_call
from .command import Serving

__all__ = ["library", "pytest_pyfunc_call"]


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Let SIGINT reach the commands, also where the tests are a job that ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """``mailproto serve`` with a Maildir and one user."""
    with Serving("--maildir", str(tmp_path / "Maildir"), "--user", "ann:open sesame") as server:
        yield server


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.eml"
    path.write_bytes(
        b"From: ann@example.org\r\nTo: ben@example.com\r\nSubject: Hi\r\n\r\n.\r\n.dot\r\n"
    )
    return path
