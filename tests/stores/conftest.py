"""The tests of stores run on both libraries."""

from ..libraries import library, pytest_pyfunc_call
from .kinds import make_store

__all__ = ["library", "make_store", "pytest_pyfunc_call"]
