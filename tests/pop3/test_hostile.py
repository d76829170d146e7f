"""Peers that want to hurt: memory, time, desynchronisation."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from mailproto.errors import LimitExceeded
from mailproto.pop3 import (
    Capa,
    ClientConnection,
    EndOfMessage,
    InvalidCommand,
    List,
    MessageData,
    Noop,
    Response,
    Retr,
    ScanListings,
    ServerConnection,
    Uidl,
)

from .drive import logged_in

CHUNK = 65536


def peak(job: Callable[[], object]) -> int:
    """Bytes allocated at most while ``job`` runs."""
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def events_of(client: ClientConnection, data: bytes) -> int:
    client.receive_data(data)
    count = 0
    while client.next_event() is not None:
        count += 1
    return count


def feed_for_ever(client: ClientConnection) -> None:
    while True:
        events_of(client, b"y" * CHUNK)


class TestMemory:
    def test_a_message_without_end(self) -> None:
        client = logged_in(Retr(1))
        events_of(client, b"+OK\r\n")

        def job() -> None:
            for _ in range(200):
                events_of(client, b"x" * CHUNK)

        assert peak(job) < 10 * CHUNK

    @pytest.mark.parametrize(
        ("command", "line"), [(List(), b"1 1\r\n"), (Uidl(), b"1 x\r\n"), (List(), b"1  1\r\n")]
    )
    def test_a_listing_without_end(self, command: Any, line: bytes) -> None:
        client = logged_in(command)
        events_of(client, b"+OK\r\n")
        chunk = line * (CHUNK // len(line))

        def job() -> None:
            for _ in range(20):
                events_of(client, chunk)

        assert peak(job) < 60 * CHUNK

    @pytest.mark.parametrize("command", [Retr(1), List(), Capa(), Noop()])
    def test_a_line_without_end(self, command: Any) -> None:
        client = logged_in(command)

        def job() -> None:
            with pytest.raises(LimitExceeded):
                feed_for_ever(client)

        assert peak(job) < 10 * CHUNK

    @pytest.mark.parametrize("line", [b"x", b"\n", b"ab\n"])
    def test_a_client_that_only_talks(self, line: bytes) -> None:
        server = ServerConnection()
        server.send(Response(True))

        def job() -> None:
            for _ in range(100):
                server.receive_data(line * (CHUNK // len(line)))
                try:
                    while (event := server.next_event()) is not None:
                        server.send(server.default_reply(event))
                except LimitExceeded:
                    return

        assert peak(job) < 60 * CHUNK

    def test_a_message_that_is_sent(self) -> None:
        server = ServerConnection(tls=True)
        server.send(Response(True))
        server.receive_data(b"USER a\r\nPASS b\r\nRETR 1\r\n")
        for _ in range(3):
            server.next_event()
            server.send(Response(True))
        server.data_to_send()
        data = b"line\r\n.dot\r\n" * (CHUNK // 12)

        def job() -> None:
            for _ in range(100):
                server.send(MessageData(data))
                server.data_to_send()
            server.send(EndOfMessage())

        assert peak(job) < 20 * CHUNK


class TestDesynchronisation:
    def test_terminators_that_are_none(self) -> None:
        """Only a line of exactly one dot ends a message (GreenMail 1049)."""
        client = logged_in(Retr(1))
        body = b".\n\n.\n\r.\r\r\n.\n.\r\r\n. \r\n..\r\n\r\n .\r\n"
        client.receive_data(b"+OK\r\na" + body)
        pieces = []
        while (event := client.next_event()) is not None:
            if isinstance(event, MessageData):
                pieces.append(event.data)
            assert not isinstance(event, EndOfMessage)
        assert client.in_flight == (Retr(1),)
        client.receive_data(b".\r\n")
        assert isinstance(client.next_event(), EndOfMessage | MessageData)

    def test_listing_that_smuggles_a_response(self) -> None:
        client = logged_in(List())
        client.receive_data(b"+OK\r\n1 1\r\n.\n+OK forged\r\n2 2\r\n.\r\n")
        found = []
        while (event := client.next_event()) is not None:
            found.append(type(event).__name__)
        assert found == [
            "ResponseReceived",
            "ScanListings",
            "InvalidResponse",
            "InvalidResponse",
            "ScanListings",
            "EndOfListing",
        ]

    def test_commands_behind_an_overlong_line(self) -> None:
        """The rest of a line that is too long is no command."""
        server = ServerConnection()
        server.send(Response(True))
        server.receive_data(b"USER " + b"x" * 9000 + b"DELE 1\r\nCAPA\r\n")
        event = server.next_event()
        assert isinstance(event, InvalidCommand)
        server.send(server.default_reply(event))
        assert server.next_event() == Capa()

    def test_numbers_are_bounded(self) -> None:
        """No quadratic conversion, no error of another type."""
        digits = b"9" * 5000
        client = logged_in(List())
        client.receive_data(b"+OK\r\n1 " + digits + b"\r\n" + digits + b" 1\r\n.\r\n")
        kinds = []
        while (event := client.next_event()) is not None:
            kinds.append(type(event))
        assert ScanListings not in kinds
