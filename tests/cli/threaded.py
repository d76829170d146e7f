"""A server of ours in a thread of the tests."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Self, TypeVar

from mailproto.servers import Server

from .command import PATIENCE

__all__ = ["Threaded"]

T = TypeVar("T")


class Threaded:
    """Runs what :meth:`_served` makes while its block lasts; ``port`` is where."""

    def __init__(self) -> None:
        self._began = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.port = 0

    async def _served(self) -> AbstractAsyncContextManager[Server]:
        """Make the server, within its loop."""
        raise NotImplementedError

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        async with await self._served() as server:
            self.port = server.port
            self._began.set()
            await self._end.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._began.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE)

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine gives, run beside the server."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)
