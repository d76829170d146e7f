"""Hypothesis strategies: any cut of bytes, broken bytes, and valid values of each protocol.

:mod:`mailproto.testing.strategies.smtp` and ``.pop3`` have the values and sessions of SMTP and
POP3. Hypothesis has to be installed for this package.
"""

from mailproto.testing.strategies.wire import chunkings, mutated

__all__ = ["chunkings", "mutated"]
