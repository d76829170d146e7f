"""Tasks and cancellation, alike on both libraries."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Protocol

import trio

from ..libraries import Library

__all__ = ["Tasks", "cancellable", "checkpoint", "tasks"]

AsyncFunction = Callable[..., Coroutine[Any, Any, Any]]


class Tasks(Protocol):
    """Tasks side by side; the block that made them waits for them."""

    def start(self, function: AsyncFunction, *args: Any) -> None:
        """Start ``function(*args)`` as a task."""


def tasks(library: Library) -> AbstractAsyncContextManager[Tasks]:
    """Run tasks side by side until all have ended."""
    return _OPEN[library.name]()


async def cancellable(library: Library, function: Callable[[Callable[[], object]], Any]) -> bool:
    """Run ``await function(cancel)``, which may call ``cancel``; return whether it ended so."""
    if library.name == "trio":
        with trio.CancelScope() as scope:
            await function(scope.cancel)
        return scope.cancelled_caught

    async def main() -> None:
        await function(task.cancel)

    task = asyncio.create_task(main())
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return task.cancelled()


async def checkpoint(library: Library) -> None:
    """Let the other tasks have a turn."""
    await library.runtime.sleep(0)


class _AsyncioTasks:
    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group

    def start(self, function: AsyncFunction, *args: Any) -> None:
        self._group.create_task(function(*args))


class _TrioTasks:
    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery

    def start(self, function: AsyncFunction, *args: Any) -> None:
        self._nursery.start_soon(partial(function, *args))


@asynccontextmanager
async def _open_asyncio() -> AsyncIterator[Tasks]:
    async with asyncio.TaskGroup() as group:
        yield _AsyncioTasks(group)


@asynccontextmanager
async def _open_trio() -> AsyncIterator[Tasks]:
    async with trio.open_nursery() as nursery:
        yield _TrioTasks(nursery)


_OPEN: dict[str, Callable[[], AbstractAsyncContextManager[Tasks]]] = {
    "asyncio": _open_asyncio,
    "trio": _open_trio,
}
