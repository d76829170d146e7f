"""The server mechanisms' engine: an exchange written down in reading order, run step by step.

A mechanism writes its exchange as a generator, which yields challenges and queries and
receives responses and answers. This class keeps the order of calls, bounds every message and
turns each :class:`SaslError` into :class:`Rejected`.
"""

import abc
from collections.abc import Generator
from typing import Any, Final, TypeAlias

from mailproto.errors import LocalProtocolError
from mailproto.sasl._interface import (
    Answer,
    Authenticated,
    Challenge,
    Query,
    Rejected,
    SaslError,
    ServerMechanism,
    ServerStep,
)
from mailproto.sasl._text import check_size

__all__ = ["REFUSED", "Exchange", "ExchangeMechanism", "outcome"]

Exchange: TypeAlias = Generator[Challenge | Query, Any, Authenticated | Rejected]

REFUSED: Final = Rejected("the credentials were refused")
"""The one outcome for wrong passwords, unknown users and forbidden identities alike."""


def outcome(verdict: Answer, user: str, authzid: str = "") -> Authenticated | Rejected:
    """What a :data:`Verdict` about ``user`` means; True cannot accept a user without name."""
    identity = verdict if isinstance(verdict, str) else user
    return Authenticated(identity, authzid) if verdict and identity else REFUSED


class ExchangeMechanism(ServerMechanism):
    """A server mechanism whose exchange is the generator :meth:`_exchange`."""

    def __init__(self) -> None:
        self._generator: Exchange | None = None
        self._last: ServerStep | None = None

    @abc.abstractmethod
    def _exchange(self, response: bytes | None) -> Exchange:
        """The exchange, given the initial response or None; may raise SaslError anywhere."""

    def step(self, response: bytes | None) -> ServerStep:
        if self._generator is None:
            self._generator = self._exchange(response)
            return self._advance(self._generator, None, response)
        if not isinstance(self._last, Challenge) or response is None:
            raise LocalProtocolError("no response of the client is due")
        return self._advance(self._generator, response, response)

    def answer(self, result: Answer) -> ServerStep:
        if self._generator is None or not isinstance(self._last, Query):
            raise LocalProtocolError("there is no query to answer")
        return self._advance(self._generator, result, None)

    def _advance(self, generator: Exchange, sent: Any, response: bytes | None) -> ServerStep:
        try:
            check_size(response or b"")
            self._last = generator.send(sent)
        except StopIteration as stop:
            self._last = stop.value
        except SaslError as error:
            self._last = Rejected(str(error))
        return self._last
