"""Our SMTP and LMTP client against smtp-sink, which refuses and hangs up wherever it is told to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mailproto.clients import DeliveryFailed
from mailproto.errors import ConnectionLost, LocalProtocolError

from ..libraries import Library
from .ours import HELLO, smtp
from .peers import ANN, BOB
from .programs import SmtpSink

StartSink = Callable[..., SmtpSink]


@pytest.fixture
def start_sink() -> Iterator[StartSink]:
    """Start a sink with these options; it ends with the test."""
    with ExitStack() as running:
        yield lambda *options: running.enter_context(SmtpSink(*options))


@pytest.mark.parametrize("option", ["-e", "-p", "-8", "-E", "-N", "-P"])
async def test_a_server_without_an_extension(
    library: Library, start_sink: StartSink, option: str
) -> None:
    sink = start_sink(option)
    async with smtp(library, sink.port) as client:
        for _ in range(2):
            result = await client.send(HELLO, ANN.address, [BOB.address, ANN.address])
            assert result.accepted == (BOB.address, ANN.address)
        assert [delivery.message for delivery in sink.deliveries()] == [HELLO, HELLO]
        with pytest.raises(LocalProtocolError, match="CHUNKING"):
            await client.send(HELLO, ANN.address, BOB.address, chunking=True)
        assert (await client.mail(ANN.address)).is_positive  # no transaction was left open


@pytest.mark.parametrize("option", ["-f", "-r"])
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
async def test_refusals(library: Library, start_sink: StartSink, command: str, option: str) -> None:
    sink = start_sink(option, command)
    async with smtp(library, sink.port) as client:
        for _ in range(2):
            with pytest.raises(DeliveryFailed) as failed:
                await client.send(HELLO, ANN.address, [BOB.address, ANN.address])
            codes = [reply.code for reply in failed.value.result.refused.values()]
            assert codes == [{"-f": 500, "-r": 450}[option]] * 2
        assert (await client.noop()).code == 250


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_a_server_hangs_up(library: Library, start_sink: StartSink, command: str) -> None:
    sink = start_sink("-q", command)
    with pytest.raises(ConnectionLost) as lost:
        async with smtp(library, sink.port) as client:
            await client.send(HELLO, ANN.address, BOB.address)
    assert lost.value.reply is None


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("MAIL", ConnectionLost),  # and no word on RCPT and DATA, which came with it
        ("RCPT", ConnectionLost),
        ("DATA", DeliveryFailed),
        (".", DeliveryFailed),
    ],
)
async def test_a_server_says_421(
    library: Library,
    start_sink: StartSink,
    command: str,
    error: type[ConnectionLost | DeliveryFailed],
) -> None:
    sink = start_sink("-Q", command)
    async with smtp(library, sink.port) as client:
        with pytest.raises(error, match="421"):
            await client.send(HELLO, ANN.address, BOB.address)
        assert not client.usable
