"""No argument becomes more than an argument, whatever it holds (CVE-2025-15366 and kin)."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import attrs
import pytest

from mailproto import imap
from mailproto.errors import Defect, LocalProtocolError
from mailproto.imap import Command, commands, parse_command, search
from mailproto.imap.parse_command import command_fragments
from mailproto.imap.states import TRANSITIONS

from .client_scenes import connected, heard
from .vectors_commands import COMMANDS

Place = tuple[int | str, ...]

EVIL = (
    "\0",
    "\r",
    "\n",
    "\r\nA9 DELETE INBOX\r\n",
    " {3}\r\nabc",
    "{99999}",
    '" "',
    "\\",
    ") (",
    "] [",
    " ",
    "\x7f",
    "\ud800",
)


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every str and bytes in ``value``, however deep, with the way to it."""
    if isinstance(value, str | bytes):
        yield place, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*place, f"={key}"))
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from leaves(getattr(value, field.name), (*place, field.name))


def replaced(value: Any, place: Place, new: Any) -> Any:
    """Return ``value`` with ``new`` at ``place``."""
    if not place:
        return new
    first, *rest = place
    if isinstance(value, dict):
        key = str(first)[1:]
        return value | {key: replaced(value[key], tuple(rest), new)}
    if isinstance(value, tuple):
        at = int(first)
        return (*value[:at], replaced(value[at], tuple(rest), new), *value[at + 1 :])
    inner = replaced(getattr(value, str(first)), tuple(rest), new)
    return attrs.evolve(value, **{str(first): inner})


def owners(value: Any) -> Iterator[tuple[type, str]]:
    """Yield the class and the field of everything within ``value`` that holds text."""
    if isinstance(value, tuple):
        for item in value:
            yield from owners(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            inner = getattr(value, field.name)
            if any(True for _ in leaves(inner)):
                yield type(value), field.name
            yield from owners(inner)


def wire_of(command: Command) -> bytes:
    """What a client sends in the end, if the server has it go on with each literal."""
    client = connected(b"* OK hi\r\n", allow_plaintext=True)
    client.state = next(iter(TRANSITIONS[type(command)]))
    client.enabled = frozenset({"QRESYNC"})
    client.send(command)
    wire = b""
    while data := client.data_to_send():
        wire += data
        heard(client, b"+ go\r\n")
    return wire


WITH_TEXT = [
    pytest.param(command, place, id=f"{type(command).__name__}-{place}")
    for command in (vector.sent or vector.command for vector in COMMANDS)
    for place, text in leaves(command)
    if isinstance(text, str) and place[-1] != "charset"
]


def test_each_field_that_holds_text_is_tried() -> None:
    """What is parsed into a command but not sent is left out: defects."""
    kinds: set[Any] = {k for k in vars(commands).values() if isinstance(k, type) and attrs.has(k)}
    kinds -= {imap.Done, imap.AuthResponse, Command, Defect}
    kinds |= {search.SearchKey, imap.AnnotationEntry, imap.Section}
    holds_text = {
        (kind, field.name)
        for kind in kinds
        for field in attrs.fields(kind)
        if "str" in str(field.type) and field.name not in ("charset", "defects")
    }
    assert holds_text <= {owner for vector in COMMANDS for owner in owners(vector.command)}


@pytest.mark.parametrize(("command", "place"), WITH_TEXT)
def test_text_stays_what_it_is(command: Command, place: Place) -> None:
    text = dict(leaves(command))[place]
    for evil, at in product(EVIL, {0, len(text) // 2, len(text)}):
        poisoned = replaced(command, place, text[:at] + evil + text[at:])
        try:
            wire = wire_of(poisoned)
        except LocalProtocolError:
            continue
        fragments = command_fragments("A1", poisoned)
        line = b"".join(part for part in fragments if isinstance(part, bytes))
        assert not re.search(rb"[\0\r\n]", line.removesuffix(b"\r\n"))
        assert parse_command(wire) == ("A1", poisoned)


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_names_in_mappings_stay_what_they_are(evil: str) -> None:
    for command in (imap.Id({f"x{evil}": "y"}), imap.SetMetadata("a", {f"/x{evil}": b"y"})):
        try:
            wire = wire_of(command)
        except LocalProtocolError:
            continue
        assert parse_command(wire) == ("A1", command)
