"""What the tests of the async layer share."""

import gc
from collections.abc import Iterator

import pytest

from ..libraries import library, pytest_pyfunc_call

__all__ = ["library", "no_leaks", "pytest_pyfunc_call"]


@pytest.fixture(autouse=True, scope="module")
def no_leaks() -> Iterator[None]:
    """What was left open shows itself (as an unraisable ResourceWarning) where it was left."""
    yield
    gc.collect()
