"""The client mechanisms' engine: a first message, then one reply to each challenge in turn."""

from collections.abc import Callable

from mailproto.sasl._interface import ClientMechanism, SaslError
from mailproto.sasl._text import check_size

__all__ = ["ScriptedMechanism"]


class ScriptedMechanism(ClientMechanism):
    """Sends ``first`` (None: the server speaks first), then what ``replies`` make of challenges.

    Complete once all of that has happened; never, if a reply raised.
    """

    def __init__(self, first: bytes | None, *replies: Callable[[bytes], bytes]) -> None:
        self._first = first
        self._replies = iter(replies)
        self._owed = len(replies)
        self._started = False

    @property
    def complete(self) -> bool:
        return self._started and self._owed == 0

    def initial_response(self) -> bytes | None:
        self._started = True
        return self._first

    def step(self, challenge: bytes) -> bytes:
        check_size(challenge)
        reply = next(self._replies, None)
        if reply is None:
            raise SaslError(f"{self.name} is over, but the server sent another challenge")
        response = reply(challenge)
        self._owed -= 1
        return response
