"""What becomes of each recipient, whatever the server refuses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mailproto.clients import DeliveryFailed
from mailproto.errors import CommandFailed, ConnectionLost, LocalProtocolError

from ..libraries import Library
from .peers import Part, Stop, clear, conversation, scripted

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"
ANN, BEN, CY = "ann@a.example", "ben@b.example", "cy@a.example"
ONE_BY_ONE = b"250-mx.example\n250 8BITMIME"
CHUNKING = b"250-mx.example\n250-PIPELINING\n250 CHUNKING"
BOTH_WAYS = pytest.mark.parametrize(
    "ehlo", [b"250-mx.example\n250 PIPELINING", ONE_BY_ONE], ids=["pipelining", "one by one"]
)


@BOTH_WAYS
async def test_all_accepted(library: Library, ehlo: bytes) -> None:
    async with conversation(library, EHLO=ehlo, end=b"250 2.0.0 queued") as (server, client):
        result = await client.send(MESSAGE, ANN, [BEN, CY])
        assert result.sender == ANN
        assert result.accepted == (BEN, CY)
        assert result.refused == {}
        assert [str(r.reply) for r in result.recipients] == ["250 2.0.0 queued"] * 2
    assert server.messages == [MESSAGE]
    assert server.verbs == ["EHLO", "MAIL", "RCPT", "RCPT", "DATA", "QUIT"]


@BOTH_WAYS
async def test_some_refused(library: Library, ehlo: bytes) -> None:
    replies = [b"550 5.1.1 no such user", b"250 ok"]
    async with conversation(library, EHLO=ehlo, RCPT=replies) as (server, client):
        result = await client.send(MESSAGE, ANN, [BEN, CY])
        assert result.accepted == (CY,)
        assert str(result.refused[BEN]) == "550 5.1.1 no such user"
        assert client.usable
    assert server.messages == [MESSAGE]


@BOTH_WAYS
@pytest.mark.parametrize("data", [b"354 go on", b"503 no valid recipients"])
async def test_all_refused_though_354(library: Library, ehlo: bytes, data: bytes) -> None:
    """RFC 2920 3.1: an empty message ends a DATA that was granted for nobody."""
    answers: dict[str, Any] = {"RCPT": b"550 no", "DATA": data, "end": b"554 nobody"}
    async with conversation(library, EHLO=ehlo, **answers) as (server, client):
        with pytest.raises(DeliveryFailed) as caught:
            await client.send(MESSAGE, ANN, [BEN, CY])
        assert list(caught.value.result.refused) == [BEN, CY]
        assert caught.value.reply.code == 550
        assert (await client.noop()).code == 250
    assert MESSAGE not in server.messages
    assert server.verbs[-3:] == ["RSET", "NOOP", "QUIT"] or server.verbs[-2:] == ["NOOP", "QUIT"]


@BOTH_WAYS
async def test_sender_refused(library: Library, ehlo: bytes) -> None:
    answers: dict[str, Any] = {
        "MAIL": [b"550 5.7.1 not you", b"250 ok"],
        "RCPT": [b"503 no MAIL", b"250 ok"] if b"PIPELINING" in ehlo else b"250 ok",
        "DATA": [b"503 no MAIL", b"354 ok"] if b"PIPELINING" in ehlo else b"354 ok",
    }
    async with conversation(library, EHLO=ehlo, **answers) as (server, client):
        with pytest.raises(DeliveryFailed, match="not you") as caught:
            await client.send(MESSAGE, ANN, BEN)
        assert caught.value.reply.code == 550
        result = await client.send(MESSAGE, CY, BEN)
        assert result.accepted == (BEN,)
    assert server.messages == [MESSAGE]


@BOTH_WAYS
@pytest.mark.parametrize("point", ["DATA", "end"])
async def test_message_refused(library: Library, ehlo: bytes, point: str) -> None:
    answers: dict[str, Any] = {point: b"554 5.6.0 I do not like it", "RCPT": [b"250 ok", b"550 no"]}
    async with conversation(library, EHLO=ehlo, **answers) as (_, client):
        with pytest.raises(DeliveryFailed) as caught:
            await client.send(MESSAGE, ANN, [BEN, CY])
        assert {r: reply.code for r, reply in caught.value.result.refused.items()} == {
            BEN: 554,
            CY: 550,
        }
        assert (await client.noop()).code == 250


@pytest.mark.parametrize("point", [0, 1, 5, 20])
async def test_chunk_refused(library: Library, point: int) -> None:
    """RFC 3030 2: the rest is not sent, and RSET follows."""
    replies = [b"250 ok"] * point + [b"452 4.3.1 the disk is full", b"503 no"]
    async with conversation(library, EHLO=CHUNKING, BDAT=replies) as (server, client):
        with pytest.raises(DeliveryFailed, match="the disk is full"):
            await client.send(MESSAGE * 100_000, ANN, [BEN, CY], chunking=True)
        assert client.usable
    assert server.messages == []
    assert server.verbs[-2:] == ["RSET", "QUIT"]


async def test_last_chunk_refused(library: Library) -> None:
    async with conversation(library, EHLO=CHUNKING, BDAT=[b"250 ok", b"554 no"]) as (_, client):
        with pytest.raises(DeliveryFailed, match="554 no"):
            await client.send(MESSAGE, ANN, [BEN, CY], chunking=True)
        assert (await client.noop()).code == 250


async def test_chunks(library: Library) -> None:
    async with conversation(library, EHLO=CHUNKING) as (server, client):
        await client.send(b"a\nb\rc\r\nd", ANN, BEN, chunking=True)
    assert server.messages == [b"a\r\nb\r\nc\r\nd"]


async def test_chunks_that_are_not_offered(library: Library) -> None:
    async with conversation(library) as (server, client):
        with pytest.raises(LocalProtocolError, match="CHUNKING"):
            await client.send(MESSAGE, ANN, BEN, chunking=True)
        await client.send(MESSAGE, ANN, BEN)
    assert server.verbs == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


async def test_progress_in_chunks(library: Library) -> None:
    sent: list[int] = []
    async with conversation(library, EHLO=CHUNKING) as (_, client):
        await client.send(MESSAGE * 10_000, ANN, BEN, chunking=True, progress=sent.append)
    assert sent == sorted(sent)
    assert sent[-1] == len(MESSAGE) * 10_000


async def test_binary(library: Library) -> None:
    ehlo = CHUNKING.replace(b"PIPELINING", b"BINARYMIME")
    body = b"Subject: x\r\n\r\n" + bytes(range(256))
    async with conversation(library, EHLO=ehlo) as (server, client):
        await client.send(body, ANN, BEN, binary=True)
    assert server.messages == [body]
    assert b"BODY=BINARYMIME" in server.commands[1]


async def test_lmtp(library: Library) -> None:
    """RFC 2033 4.2: a reply for each accepted recipient, in their order."""
    replies: list[Part] = [b"250 ok", b"550 no such user", b"250 ok"]
    end = b"250 2.1.5 for ann\r\n452 4.2.2 cy's mailbox is full"
    async with (
        scripted(library, RCPT=replies, end=end) as server,
        library.binding.connect_lmtp("127.0.0.1", server.port) as client,
    ):
        result = await client.send(MESSAGE, ANN, [ANN, BEN, CY])
        assert [(r.recipient, r.reply.code) for r in result.recipients] == [
            (ANN, 250),
            (BEN, 550),
            (CY, 452),
        ]
    assert server.verbs[0] == "LHLO"


# --- several transactions ---


def transactions(commands: list[bytes]) -> list[list[str]]:
    """Return the recipients of each transaction."""
    found: list[list[str]] = []
    for command in commands:
        if command.startswith(b"MAIL"):
            found.append([])
        if command.startswith(b"RCPT"):
            found[-1].append(command.decode().partition("<")[2].partition(">")[0])
    return found


@BOTH_WAYS
async def test_rcptmax(library: Library, ehlo: bytes) -> None:
    """RFC 9422 4.2."""
    ehlo = ehlo.replace(b"250-mx.example\n", b"250-mx.example\n250-LIMITS RCPTMAX=2\n")
    people = [f"{n}@example.org" for n in range(5)]
    async with conversation(library, EHLO=ehlo) as (server, client):
        result = await client.send(MESSAGE, ANN, people)
        assert result.accepted == tuple(people)
    assert transactions(server.commands) == [people[:2], people[2:4], people[4:]]
    assert server.messages == [MESSAGE] * 3


async def test_rcptdomainmax(library: Library) -> None:
    """RFC 9422 4.3."""
    ehlo = b"250-mx.example\n250-PIPELINING\n250 LIMITS RCPTDOMAINMAX=1"
    async with conversation(library, EHLO=ehlo) as (server, client):
        result = await client.send(MESSAGE, ANN, [ANN, BEN, CY])
        assert result.accepted == (ANN, BEN, CY)
    assert transactions(server.commands) == [[ANN, CY], [BEN]]


@BOTH_WAYS
async def test_too_many_recipients(library: Library, ehlo: bytes) -> None:
    """RFC 5321 4.5.3.1.10: 452 to RCPT means: the others next time."""
    replies = [b"250 ok", b"452 4.5.3 too many", b"452 4.5.3 too many", b"250 ok"]
    async with conversation(library, EHLO=ehlo, RCPT=replies) as (server, client):
        result = await client.send(MESSAGE, ANN, [ANN, BEN, CY])
        assert result.accepted == (ANN, BEN, CY)
    assert transactions(server.commands) == [[ANN, BEN, CY], [BEN, CY]]
    assert server.messages == [MESSAGE] * 2


async def test_full_mailbox_is_not_too_many(library: Library) -> None:
    async with conversation(library, RCPT=[b"250 ok", b"452 4.2.2 full"]) as (server, client):
        result = await client.send(MESSAGE, ANN, [ANN, BEN])
        assert result.refused[BEN].code == 452
    assert len(transactions(server.commands)) == 1


async def test_too_many_for_ever(library: Library) -> None:
    """A server that takes nobody is not asked without end."""
    async with conversation(library, RCPT=b"452 4.5.3 too many") as (server, client):
        with pytest.raises(DeliveryFailed):
            await client.send(MESSAGE, ANN, [ANN, BEN])
    assert len(transactions(server.commands)) == 1


async def test_message_refused_with_452(library: Library) -> None:
    """4.3.1 for the message is no reason to send it again and again."""
    async with conversation(library, end=b"452 4.3.1 disk full") as (server, client):
        with pytest.raises(DeliveryFailed):
            await client.send(MESSAGE, ANN, [ANN, BEN])
    assert len(transactions(server.commands)) == 1


async def pieces() -> AsyncIterator[bytes]:
    yield MESSAGE


async def test_iterator_can_not_be_sent_twice(library: Library) -> None:
    replies = [b"250 ok", b"452 4.5.3 too many"]
    async with conversation(library, RCPT=replies) as (server, client):
        result = await client.send(pieces(), ANN, [ANN, BEN])
        assert result.accepted == (ANN,)
        assert "can not be sent twice" in result.refused[BEN].text
    assert server.messages == [MESSAGE]


@pytest.mark.parametrize("stop", [Stop.CLOSE, Stop.STALL])
async def test_lost_in_the_second_transaction(library: Library, stop: Stop) -> None:
    """That the first recipients have the message must not be forgotten with the connection."""
    ehlo = b"250-mx.example\n250-PIPELINING\n250 LIMITS RCPTMAX=1"
    answers: dict[str, Any] = {"EHLO": ehlo, "end": [b"250 ok", stop]}
    async with (
        scripted(library, **answers) as server,
        clear(library, server.port, timeout=0.05) as client,
    ):
        result = await client.send(MESSAGE, ANN, [ANN, BEN, CY])
        assert result.accepted == (ANN,)
        assert {reply.code for reply in result.refused.values()} == {451}
        assert list(result.refused) == [BEN, CY]
        assert not client.usable
        with pytest.raises(ConnectionLost):
            await client.noop()


async def test_mailmax_ends_it(library: Library) -> None:
    """RFC 9422 4.1: no more transactions in this session."""
    ehlo = b"250-mx.example\n250-PIPELINING\n250 LIMITS RCPTMAX=1 MAILMAX=1"
    async with conversation(library, EHLO=ehlo) as (_, client):
        result = await client.send(MESSAGE, ANN, [ANN, BEN])
        assert result.accepted == (ANN,)
        assert "not confirmed" in result.refused[BEN].text
        with pytest.raises(LocalProtocolError, match="MAILMAX"):
            await client.send(MESSAGE, ANN, BEN)
        assert (await client.noop()).code == 250


# --- by hand ---


async def test_by_hand(library: Library) -> None:
    async with conversation(library, RCPT=[b"550 no", b"250 ok"]) as (server, client):
        assert (await client.mail(ANN)).code == 250
        assert (await client.rcpt(BEN)).code == 550
        assert (await client.rcpt(CY)).code == 250
        assert [reply.code for reply in await client.data(MESSAGE)] == [250]
        assert (await client.vrfy("ann")).code == 250
        assert (await client.expn("list")).code == 250
        assert (await client.help()).code == 250
        assert (await client.help("MAIL")).code == 250
        assert (await client.rset()).code == 250
        await client.ehlo()
    assert server.messages == [MESSAGE]


async def test_data_refused_by_hand(library: Library) -> None:
    async with conversation(library, DATA=[b"451 4.3.0 later", b"354 ok"]) as (_, client):
        await client.mail(ANN)
        await client.rcpt(BEN)
        with pytest.raises(CommandFailed, match="later"):
            await client.data(MESSAGE)
        await client.send(MESSAGE, ANN, BEN)


async def test_unfinished_transaction_is_reset(library: Library) -> None:
    """What was left behind by hand does not get into the next message."""
    async with conversation(library) as (server, client):
        await client.mail(ANN)
        await client.rcpt(BEN)
        await client.send(MESSAGE, CY, CY)
    assert server.verbs[1:5] == ["MAIL", "RCPT", "RSET", "MAIL"]


@pytest.mark.parametrize(
    ("sender", "recipients"),
    [
        ("a b@example.org", [BEN]),
        (ANN, ["b\r\nRCPT TO:<x@example.org>"]),
        (ANN, [BEN, "nobody"]),
        (ANN, [BEN, "<c@example.org>"]),
        (ANN, [BEN, ""]),
        (ANN, []),
    ],
)
async def test_envelope_that_can_not_be_sent(
    library: Library, sender: str, recipients: list[str]
) -> None:
    """The message is not sent, and the client stays usable."""
    async with conversation(library) as (server, client):
        with pytest.raises(LocalProtocolError):
            await client.send(MESSAGE, sender, recipients)
        assert client.usable
        assert (await client.send(MESSAGE, ANN, BEN)).accepted == (BEN,)
    assert server.messages == [MESSAGE]
    assert not any(b"x@example.org" in command for command in server.commands)
