"""The login of a server core: a mechanism runs it, and what it asks becomes events."""

import abc
from collections.abc import Sequence
from typing import TypeAlias

from mailproto.errors import LocalProtocolError
from mailproto.sasl._interface import (
    QUERIES,
    Answer,
    Authenticated,
    Challenge,
    ChannelBinding,
    Query,
    Rejected,
    ServerMechanism,
    ServerStep,
)

__all__ = ["LoginEvent", "ServerLogin"]

LoginEvent: TypeAlias = Query | Authenticated | Rejected
"""What of a login comes as an event, which is owed an answer."""


class ServerLogin(abc.ABC):
    """What the server cores of SMTP, POP3 and IMAP have in common of who logs in, and how."""

    __slots__ = ("channel_bindings", "mechanism", "user")

    def __init__(self) -> None:
        self.user: str | None = None
        """Who has authenticated (who is acted for, if that is another); None for nobody."""
        self.channel_bindings: Sequence[ChannelBinding] = ()
        """What ``tls_established`` was given."""
        self.mechanism: ServerMechanism | None = None
        """What runs the exchange under way, if that is left to this connection."""

    def answer(self, result: Answer) -> None:
        """Answer the query that was the last event; ``result`` is as the query's class says.

        Instead of an answer the login may be refused, as it ordinarily is if nobody can be
        asked. Raises :class:`LocalProtocolError` if the last event was no query.
        """
        if self.mechanism is None or not isinstance(self._unanswered, QUERIES):
            raise LocalProtocolError("no mechanism asked anything")
        self._advance(self.mechanism.answer(result))

    def _begin_login(self, mechanism: ServerMechanism, response: bytes | None) -> None:
        """Let ``mechanism`` begin, with the initial response or None."""
        self.mechanism = mechanism
        self._advance(mechanism.step(response))

    def _advance(self, step: ServerStep) -> None:
        """Do what the mechanism wants next."""
        if isinstance(step, Challenge):
            self._challenge(step)
            return
        if isinstance(step, (Authenticated, Rejected)):
            self.mechanism = None
            self.user = (step.authzid or step.user) if isinstance(step, Authenticated) else None
        self._hand_out(step)

    @property
    @abc.abstractmethod
    def _unanswered(self) -> object:
        """The event that is owed an answer, None if there is none."""

    @abc.abstractmethod
    def _challenge(self, challenge: Challenge) -> None:
        """Send a challenge and await the response to it."""

    @abc.abstractmethod
    def _hand_out(self, event: LoginEvent) -> None:
        """Make ``event`` the next one; the exchange is over if ``mechanism`` is None."""
