"""What a client has cost a server so far."""

from typing import TypeAlias

from mailproto.errors import LimitExceeded
from mailproto.limits import ImapLimits, Pop3Limits, SmtpLimits

__all__ = ["Tally"]

_Limits: TypeAlias = SmtpLimits | Pop3Limits | ImapLimits


class Tally:
    """Counts that have a limit of the same name in the limits of each protocol."""

    __slots__ = ("auth_failures", "commands_before_auth", "errors")

    def __init__(self) -> None:
        self.auth_failures = 0
        self.commands_before_auth = 0
        self.errors = 0

    def check(self, name: str, limits: _Limits) -> None:
        """Raise :class:`LimitExceeded` if one more of ``name`` is too many."""
        most: int = getattr(limits, name)
        if getattr(self, name) >= most:
            raise LimitExceeded(name, most)

    def forgive(self) -> None:
        """Start again: the client did what it is there for."""
        self.commands_before_auth = self.errors = 0
