"""The tests of stores run on both libraries."""

from ..libraries import library, pytest_pyfunc_call

__all__ = ["library", "pytest_pyfunc_call"]
