"""What the commands that connect to a server share."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from mailproto.cli.certificates import trusting
from mailproto.cli.conversation import Conversation
from mailproto.cli.display import console
from mailproto.cli.failures import reading

__all__ = ["connection_options", "started"]

T = TypeVar("T")

_START_TIMEOUT = 60.0  # seconds until connected, encrypted and logged in


def connection_options(arguments: Namespace) -> dict[str, Any]:
    """Return what ``--ca``, ``--timeout`` and ``--trace`` mean to the functions that connect.

    Raises :class:`Unusable` if the CA can not be read.
    """
    context = None
    if arguments.ca is not None:
        with reading(arguments.ca):
            context = trusting(arguments.ca)
    return {
        "tls_context": context,
        "timeout": arguments.timeout,
        "trace": Conversation(console(stderr=True)) if arguments.trace else None,
    }


@asynccontextmanager
async def started(client: AbstractAsyncContextManager[T], arguments: Namespace) -> AsyncIterator[T]:
    """Enter the client, with ``--timeout`` for all of its beginning. Raises ``TimeoutError``."""
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(arguments.timeout or _START_TIMEOUT):
            entered = await stack.enter_async_context(client)
        yield entered
