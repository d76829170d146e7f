"""asyncio and trio for tests: an ``async def`` test that takes ``library`` runs on each of them.

A ``conftest.py`` switches this on: ``from ..libraries import library, pytest_pyfunc_call``.
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
import trio

import mailproto.asyncio
import mailproto.trio
from mailproto.stream import Runtime

_TIMEOUT = 120.0  # seconds after which a test hangs


@dataclass(frozen=True)
class Library:
    """An I/O library: its name, mailproto's binding to it, and how it runs a coroutine function."""

    name: str
    binding: ModuleType
    start: Callable[[Callable[[], Coroutine[Any, Any, None]]], None]

    @property
    def runtime(self) -> Runtime:
        """The primitives, such as ``in_thread`` for a blocking call beside the event loop."""
        runtime: Runtime = self.binding.RUNTIME
        return runtime

    def run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run ``main`` in an event loop of its own; raises TimeoutError if it hangs."""

        async def limited() -> None:
            async with self.runtime.deadline(_TIMEOUT):
                await main()

        self.start(limited)


LIBRARIES = (
    Library("asyncio", mailproto.asyncio, lambda main: asyncio.run(main())),
    Library("trio", mailproto.trio, trio.run),
)


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.name)
def library(request: pytest.FixtureRequest) -> Library:
    """Each of the two libraries in turn."""
    found: Library = request.param
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine function on its ``library``."""
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(function):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(function).parameters}
    running = pyfuncitem.funcargs["library"]
    assert isinstance(running, Library)
    running.run(lambda: function(**arguments))
    return True
