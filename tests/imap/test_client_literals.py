"""Literals of the client core: they wait, stream, and end with their command (RFC 9051 4.3)."""

import pytest

from mailproto import imap
from mailproto.errors import LocalProtocolError, RemoteProtocolError
from mailproto.limits import ImapLimits

from .client_scenes import appending, connected, heard, selected


def test_literal_waits_for_plus_and_holds_back_the_rest() -> None:
    conn = selected()
    conn.send(imap.Append("a", (imap.AppendMessage(b"hello"),)))
    conn.send(imap.Noop())
    assert conn.data_to_send() == b"A2 APPEND a {5}\r\n"
    assert heard(conn, b"+ go\r\n") == []
    assert conn.data_to_send() == b"hello\r\nA3 NOOP\r\n"


@pytest.mark.parametrize("word", ["OK", "NO", "BAD"])
def test_any_completion_releases_the_sender(word: str) -> None:
    conn = selected()
    conn.send(imap.Append("a", (imap.AppendMessage(imap.Literal(5)),)))
    conn.send(imap.Noop())
    conn.data_to_send()
    heard(conn, f"A2 {word} x\r\n".encode())
    assert conn.data_to_send() == b"A3 NOOP\r\n"


def test_content_is_streamed_out() -> None:
    conn = selected()
    conn.send(imap.Append("a", (imap.AppendMessage(imap.Literal(5)),)))
    assert heard(conn, b"+ go\r\n") == [imap.ContentDue("A2", 5)]
    conn.data_to_send()
    with pytest.raises(LocalProtocolError):
        conn.send(imap.MessageOctets(b"too long"))
    conn.send(imap.MessageOctets(b"he"))
    conn.send(imap.MessageOctets(b"llo"))
    assert conn.data_to_send() == b"hello\r\n"


def test_content_is_streamed_in() -> None:
    conn = connected(limits=ImapLimits(inline_literal=3))
    start, *pieces, end, response = heard(conn, b"* 7 FETCH (BODY[] {5}\r\nhello)\r\n")
    assert isinstance(start, imap.ContentStart)
    assert (start.number, start.size) == (7, 5)
    assert pieces == [imap.MessageOctets(b"hello")]
    assert end == imap.EndOfContent()
    assert isinstance(response, imap.FetchResponse)


def test_a_go_ahead_that_came_before_is_none() -> None:
    """Neither whole nor half."""
    for before, behind in ((b"+ go\r\n", b""), (b"+ g", b"o\r\n")):
        client = selected()
        client.receive_data(before)
        client.send(imap.Append("a", (imap.AppendMessage(b"hello"),)))
        (unasked,) = heard(client, behind)
        assert isinstance(unasked, imap.UnsolicitedResponse)
        assert client.data_to_send() == b"A2 APPEND a {5}\r\n"
        heard(client, b"+ go\r\n")
        assert client.data_to_send() == b"hello\r\n"


def test_a_command_that_is_held_back_can_not_be_answered() -> None:
    client = appending()
    client.send(imap.Noop())
    with pytest.raises(RemoteProtocolError, match="answers nothing: A3"):
        heard(client, b"A3 OK done\r\n")


def test_two_literals_that_wait() -> None:
    client = selected()
    client.send(imap.Append("a", (imap.AppendMessage(b"one"), imap.AppendMessage(b"two"))))
    assert client.data_to_send() == b"A2 APPEND a {3}\r\n"
    heard(client, b"+\r\n+\r\n")
    assert client.data_to_send() == b"one {3}\r\ntwo\r\n"


def test_octets_that_were_promised_are_sent_though_the_command_is_refused() -> None:
    client = appending()
    client.send(imap.Noop())
    assert heard(client, b"+ go\r\n") == [imap.ContentDue("A2", 5)]
    client.send(imap.MessageOctets(b"he"))
    (refused,) = heard(client, b"A2 NO full\r\n")
    assert isinstance(refused, imap.CommandCompleted)
    assert client.content_due == 3
    assert client.data_to_send() == b"he"
    assert client.send(imap.MessageOctets(b"llo")) == "A2"
    assert client.content_due == 0
    assert client.data_to_send() == b"llo\r\nA3 NOOP\r\n"
    with pytest.raises(LocalProtocolError, match="no content"):
        client.send(imap.MessageOctets(b"x"))


def test_what_waits_behind_refused_octets_is_dropped() -> None:
    client = selected()
    messages = (imap.AppendMessage(imap.Literal(2)), imap.AppendMessage(imap.Literal(3)))
    client.send(imap.Append("a", messages))
    client.send(imap.Noop())
    heard(client, b"+ go\r\nA2 NO [TOOBIG] x\r\n")
    client.send(imap.MessageOctets(b"hi"))
    assert client.data_to_send() == b"A2 APPEND a {2}\r\nhi {3}\r\nA3 NOOP\r\n"
    assert heard(client) == []


def test_literals_that_need_not_wait() -> None:
    client = connected(b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] x\r\n")
    client.send(imap.Append("a", (imap.AppendMessage(b"hi"),)))
    client.send(imap.Append("a", (imap.AppendMessage(imap.Literal(3)),)))
    assert heard(client) == [imap.ContentDue("A2", 3)]
    client.send(imap.MessageOctets(b"hey"))
    assert client.data_to_send() == b"A1 APPEND a {2+}\r\nhi\r\nA2 APPEND a {3+}\r\nhey\r\n"


def test_an_empty_literal_is_not_due() -> None:
    client = appending(0)
    assert heard(client, b"+ go\r\n") == []
    assert client.data_to_send() == b"\r\n"


def test_append_limit() -> None:
    client = selected(b"* PREAUTH [CAPABILITY IMAP4rev1 APPENDLIMIT=4 REPLACE CATENATE] x\r\n")
    for content in (b"hello", imap.Literal(5)):
        with pytest.raises(LocalProtocolError, match="4 octets"):
            client.send(imap.Append("a", (imap.AppendMessage(content),)))
        with pytest.raises(LocalProtocolError, match="4 octets"):
            client.send(imap.Replace(1, "a", imap.AppendMessage(content)))
    parts = tuple(imap.CatenateUrl("/x") for _ in range(5))
    client.send(imap.Append("a", (imap.AppendMessage(parts),)))
