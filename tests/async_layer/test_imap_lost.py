"""ImapClient against servers that hang up, say nonsense or never end: nothing is believed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any

import pytest

from mailproto.clients import ImapClient
from mailproto.errors import ConnectionLost

from ..libraries import Library
from .imap_calls import CALLS, Call, cuts
from .imap_script import CAPABILITIES, Script, connect, scripted
from .peers import Stop

SHORT = 0.03

# --- hanging up ---

by_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@asynccontextmanager
async def before(library: Library, script: Script, call: Call) -> AsyncIterator[ImapClient]:
    """A client that is about to make the call."""
    script.stop_after(None)
    async with connect(library, script.port) as client:
        if call.selects:
            await client.select()
        yield client


async def rehearse(library: Library, script: Script, call: Call) -> bytes:
    """Make the call, and return all that the server says to it."""
    async with before(library, script, call) as client:
        script.stop_after(None)
        result = await call.call(client)
        said = script.said
        await client.noop()
    if call.result is not None:
        assert result == call.result
    assert script.verbs[-2:] == ["NOOP", "LOGOUT"]
    return said


@by_call
async def test_server_hangs_up(library: Library, call: Call) -> None:
    """Wherever in its answers that happens, the call has no result."""
    async with scripted(library, call.script) as script:
        points = cuts(await rehearse(library, script, call))
        for octets, stop in zip(points, cycle((Stop.CLOSE, Stop.RESET)), strict=False):
            async with before(library, script, call) as client:
                script.stop_after(octets, stop)
                with pytest.raises(ConnectionLost):
                    await call.call(client)
                assert not client.usable
                with pytest.raises(ConnectionLost):
                    await client.noop()


@by_call
async def test_server_says_bye(library: Library, call: Call) -> None:
    """Everybody hears why."""
    bye = b"* BYE [UNAVAILABLE] going down\r\n"
    async with scripted(library, call.script) as script:
        said = await rehearse(library, script, call)
        for octets in cuts(said)[::3]:
            if said[octets : octets + 1] not in (b"*", b"+", b"A"):
                continue  # within a response
            async with before(library, script, call) as client:
                script.stop_after(octets, last_word=bye)
                with pytest.raises(ConnectionLost, match="going down") as caught:
                    await call.call(client)
                assert caught.value.reply.code.name == "UNAVAILABLE"
                assert not client.usable


@by_call
async def test_server_stalls(library: Library, call: Call) -> None:
    async with scripted(library, call.script) as script:
        said = await rehearse(library, script, call)
        script.stop_after(None)
        async with connect(library, script.port, timeout=SHORT) as client:
            if call.selects:
                await client.select()
            script.stop_after(len(said) - 1, Stop.STALL)
            with pytest.raises(TimeoutError, match="no response from the server within"):
                await call.call(client)
            await client.aclose()


# --- hanging up at the beginning ---

LOGIN = {
    "greeting": b"* OK [CAPABILITY CAPS] hello\r\n",
    "AUTHENTICATE": b"TAG OK done\r\n",
    "caps": CAPABILITIES + b" AUTH=PLAIN SASL-IR",
}
BEGINNINGS: dict[str, dict[str, Any]] = {
    "PREAUTH": {},
    "without capabilities": {"greeting": b"* PREAUTH hello\r\n"},
    "login": LOGIN,
    "login, asking": {
        **LOGIN,
        "caps": b"IMAP4rev1 AUTH=PLAIN",
        "AUTHENTICATE": b"+ \r\n",
    },
    "LOGIN": {**LOGIN, "caps": b"IMAP4rev1"},
    "LOGIN that tells capabilities": {
        **LOGIN,
        "caps": b"IMAP4rev1",
        "LOGIN": b"TAG OK [CAPABILITY CAPS] done\r\n",
    },
}


async def begin(library: Library, port: int, **options: Any) -> None:
    async with connect(library, port, user="ann", password="secret", **options):
        pass


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
async def test_server_hangs_up_at_the_beginning(
    library: Library, beginning: dict[str, Any]
) -> None:
    async with scripted(library, beginning) as script:
        await begin(library, script.port)
        said = script.said.partition(b"* BYE")[0]
        for octets, stop in zip(cuts(said), cycle((Stop.CLOSE, Stop.RESET)), strict=False):
            script.stop_after(octets, stop)
            with pytest.raises(ConnectionLost):
                await begin(library, script.port)
