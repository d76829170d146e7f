"""Running a client mechanism against a server mechanism, without any protocol around them."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from mailproto import sasl

Outcome: TypeAlias = sasl.Authenticated | sasl.Rejected
Talk: TypeAlias = Callable[
    [sasl.ClientMechanism, sasl.ServerMechanism | None, sasl.Authenticator], Outcome
]


def _result(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that waits for nothing; no I/O library is needed for it."""
    with pytest.raises(StopIteration) as stop:
        coroutine.send(None)
    return stop.value.value


def _talk(
    client: sasl.ClientMechanism,
    server: sasl.ServerMechanism | None,
    authenticator: sasl.Authenticator,
) -> Outcome:
    assert server is not None
    assert not client.complete
    step = server.step(client.initial_response())
    for _ in range(10):
        match step:
            case sasl.Authenticated() | sasl.Rejected():
                return step
            case sasl.Challenge(data):
                step = server.step(client.step(data))
            case query:
                step = server.answer(_result(authenticator.answer(query)))
    raise AssertionError("the exchange does not end")


@pytest.fixture
def talk() -> Talk:
    """Run an exchange; returns how the server ended it. SaslError of the client gets through."""
    return _talk


@pytest.fixture
def result() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    return _result
