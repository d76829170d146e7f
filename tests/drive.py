"""Running one core against bytes, and writing down all that it did."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pytest

from mailproto.errors import LimitExceeded, RemoteProtocolError
from mailproto.testing import merged
from mailproto.testing.core_pair import Core


class Outcome(NamedTuple):
    """All that can be seen of a core from outside."""

    events: list[object]
    """Adjacent pieces of a message or listing joined."""
    output: bytes
    error: tuple[type[Exception], str] | None
    limit: str
    """Name of the limit that was exceeded."""


def drive(
    core: Core,
    chunks: Iterable[bytes],
    closed: type[Any],
    answer: Callable[[Any], object] = lambda event: None,
    *,
    eof: bool = True,
) -> Outcome:
    """Feed ``chunks`` to a core and give each event to ``answer``, up to one that is ``closed``."""
    events: list[object] = []
    output = b""
    shown, limit = None, ""
    try:
        for chunk in chunks:
            core.receive_data(chunk)
            _read_all(core, events, closed, answer)
            output += core.data_to_send()
        if eof:
            core.receive_eof()
            _read_all(core, events, closed, answer)
    except RemoteProtocolError as error:
        with pytest.raises(type(error)):  # the last that a core says, and it says it again
            core.next_event()
        shown = type(error), str(error)
        limit = error.name if isinstance(error, LimitExceeded) else ""
    return Outcome(merged(events), output + core.data_to_send(), shown, limit)


def _read_all(
    core: Core, events: list[object], closed: type[Any], answer: Callable[[Any], object]
) -> None:
    if events and isinstance(events[-1], closed):
        return
    while (event := core.next_event()) is not None:
        events.append(event)
        if isinstance(event, closed):
            return
        answer(event)
