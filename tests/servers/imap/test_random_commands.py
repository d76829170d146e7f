"""Any command at all, to a session that has messages: each gets one answer, none breaks it."""

import logging

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from mailproto._value import evolve
from mailproto.errors import LocalProtocolError
from mailproto.imap import (
    Authenticate,
    Command,
    Compress,
    Idle,
    Login,
    Logout,
    SequenceSet,
    StartTls,
    Unauthenticate,
    encode_command,
)
from mailproto.stores import MemoryStore
from tests.imap.command_strategies import BY_CLASS
from tests.imap.vectors_commands import COMMANDS, CommandVector

from .puppet import Puppet, service, settle

MESSAGE = (
    b"Subject: hi\r\nFrom: Bob <bob@x.org>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\n\r\nHello\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: y\r\n\r\nz\r\n--x--\r\n"
)
# What begins a dialogue, or ends the session: these have tests of their own.
DIALOGUES = (Authenticate, Compress, Idle, Login, Logout, StartTls, Unauthenticate)
EXAMPLES = [vector for vector in COMMANDS if not isinstance(vector.command, DIALOGUES)]
NUMBERS = [SequenceSet.parse(text) for text in ("1", "1:3", "2:*", "3,1", "4:9", "$")]
NAMES = ["INBOX", "Sent", "nowhere"]


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """Any command, often about messages and mailboxes that are there."""
    kind = draw(st.sampled_from([kind for kind in BY_CLASS if not issubclass(kind, DIALOGUES)]))
    command: Command = draw(BY_CLASS[kind])
    for name, values in (("numbers", NUMBERS), ("uids", NUMBERS), ("mailbox", NAMES)):
        if hasattr(command, name) and draw(st.booleans()):
            command = evolve(command, **{name: draw(st.sampled_from(values))})
    return command


def session(enable: str) -> Puppet:
    store = MemoryStore()
    account = settle(store.account("ann"))
    for number in range(3):
        account.inbox.add(MESSAGE, (r"\Seen",) if number else ())
    puppet = Puppet(service(store))
    if enable:
        puppet.command(f"ENABLE {enable}")
    puppet.command("CREATE Sent")
    puppet.command("SELECT INBOX")
    return puppet


def answered(puppet: Puppet, wire: bytes, tag: bytes) -> bytes:
    """Send a command; return its tagged answer, which is the only one."""
    responses = puppet.send(wire)
    tagged = [response for response in responses if response.startswith(tag + b" ")]
    assert len(tagged) == 1, (wire, responses)
    assert b"SERVERBUG" not in tagged[0], wire
    return tagged[0]


@pytest.mark.parametrize("vector", EXAMPLES, ids=lambda vector: vector.source)
@pytest.mark.parametrize("enable", ["", "QRESYNC"])
def test_the_examples_of_the_rfcs(
    caplog: pytest.LogCaptureFixture, vector: CommandVector, enable: str
) -> None:
    puppet = session(enable)
    tag = vector.wire.partition(b" ")[0]
    answered(puppet, vector.wire, tag)
    answered(puppet, b"last NOOP\r\n", b"last")
    puppet.close()
    assert not caplog.records


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(commands(), min_size=1, max_size=6),
    st.sampled_from(["", "QRESYNC", "IMAP4rev2", "UIDONLY"]),
)
def test_random_commands(
    caplog: pytest.LogCaptureFixture, several: list[Command], enable: str
) -> None:
    caplog.set_level(logging.ERROR)
    puppet = session(enable)
    for number, command in enumerate(several):
        tag = f"R{number}"
        try:
            wire = b"".join(encode_command(tag, command))
        except LocalProtocolError:
            continue
        if b"}\r\n" in wire:
            wire = wire.replace(b"}\r\n", b"+}\r\n").replace(b"++}", b"+}")
        answered(puppet, wire, tag.encode())
    answered(puppet, b"last NOOP\r\n", b"last")
    puppet.close()
    assert not caplog.records
