"""The inboxes, through real servers on both libraries."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproto.clients import DeliveryFailed
from mailproto.errors import ConnectionLost
from mailproto.servers.inbox import MaildirInbox, MemoryInbox, ReceivedMessage
from mailproto.tls import TlsMode

from ..libraries import Library

FROM, TO = "ann@example.org", ["ben@example.com", "zoe@example.com"]
MESSAGE = b"Subject: Hi\r\n\r\n.\r\n"


async def deliver(library: Library, inbox: MemoryInbox | MaildirInbox, *messages: bytes) -> None:
    async with library.binding.serve_smtp(inbox) as server:
        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        async with connect as client:
            for message in messages:
                await client.send(message, FROM, TO)


async def test_memory(library: Library) -> None:
    seen: list[ReceivedMessage] = []
    inbox = MemoryInbox(on_message=seen.append)
    await deliver(library, inbox, MESSAGE, b"", b"x" * 20_000 + b"\r\n")
    first, empty, long = inbox.messages
    assert first.read() == first.head == first.content == MESSAGE
    assert (first.sender, list(first.recipients), first.size) == (FROM, TO, len(MESSAGE))
    assert (first.peer, first.user) == ("127.0.0.1", None)
    assert empty.read() == b""
    assert (long.size, len(long.head)) == (20_002, 16 * 1024)
    assert seen == [first, empty, long]
    assert inbox.take() == seen
    assert inbox.messages == ()


async def test_memory_is_bounded(library: Library) -> None:
    """452 once it is full; taking messages out makes room again."""
    inbox = MemoryInbox(capacity=8_000)
    with pytest.raises(DeliveryFailed, match=r"452 4\.3\.1"):
        await deliver(library, inbox, b"x" * 2_000, b"x" * 6_000)
    assert len(inbox.messages) == 1
    inbox.take()
    await deliver(library, inbox, b"x" * 2_000)
    with pytest.raises(DeliveryFailed):
        await deliver(library, inbox, *[b""] * 10)
    assert 1 < len(inbox.messages) < 10
    inbox.take()
    assert inbox._used == 0


async def test_maildir(library: Library, tmp_path: Path) -> None:
    seen: list[ReceivedMessage] = []
    directory = tmp_path / "some" / "where"
    inbox = MaildirInbox(directory, library.runtime, on_message=seen.append)
    big = b"0123456789\r\n" * 250_000
    await deliver(library, inbox, MESSAGE, big, b"")
    assert [message.read() for message in seen] == [MESSAGE, big, b""]
    files = {message.content for message in seen}
    assert files == set((directory / "new").iterdir())
    assert all(":" not in file.name for file in files if isinstance(file, Path))
    assert list((directory / "tmp").iterdir()) == list((directory / "cur").iterdir()) == []


async def test_synced_before_it_is_visible(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = MaildirInbox(tmp_path, library.runtime)
    steps: list[tuple[str, int]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        steps.append(("sync", len(list((tmp_path / "new").iterdir()))))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    await deliver(library, inbox, MESSAGE)
    assert steps[0] == ("sync", 0)  # the file
    assert steps[1:] in ([("sync", 1)], [])  # the directory, where that can be done


async def test_unwritable_maildir(library: Library, tmp_path: Path) -> None:
    inbox = MaildirInbox(tmp_path, library.runtime)
    (tmp_path / "new").rmdir()
    with pytest.raises(DeliveryFailed, match="451"):
        await deliver(library, inbox, MESSAGE)
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("kind", ["memory", "maildir"])
async def test_broken_off(library: Library, tmp_path: Path, kind: str) -> None:
    """Nothing stays of a message that never became complete."""
    inbox: MemoryInbox | MaildirInbox = (
        MemoryInbox() if kind == "memory" else MaildirInbox(tmp_path, library.runtime)
    )
    async with library.binding.serve_smtp(inbox) as server:

        async def half() -> AsyncIterator[bytes]:
            yield b"x" * 2_000_000
            raise ConnectionLost("cable cut")

        connect = library.binding.connect_smtp("127.0.0.1", server.port, tls=TlsMode.NONE)
        with pytest.raises(ConnectionLost, match="cable cut"):
            async with connect as client:
                await client.send(half(), FROM, TO)
    if isinstance(inbox, MemoryInbox):
        assert inbox.messages == ()
        assert inbox._used == 0
    else:
        assert not any(files for _, _, files in os.walk(tmp_path))


async def test_on_message_may_fail(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    """The message is stored: a refusal would have it sent twice."""

    def fail(message: ReceivedMessage) -> None:
        raise RuntimeError("no display")

    inbox = MemoryInbox(on_message=fail)
    await deliver(library, inbox, MESSAGE)
    assert len(inbox.messages) == 1
    assert "on_message failed" in caplog.text
