"""The floors of the house: who may import whom, read from the sources and never executed."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import mailproto
from mailproto.smtp import Command

ROOT = Path(mailproto.__file__).parent


class Floor(NamedTuple):
    rooms: tuple[str, ...]
    """Modules and packages directly below ``mailproto``; ``_*`` are all private modules."""
    apart: bool = False
    """Whether the rooms may not import one another."""
    libraries: tuple[str, ...] = ()
    """What may be imported besides the standard library and attrs."""


FLOORS = (
    Floor(("_*", "errors", "limits", "proxy")),
    Floor(("sasl",)),
    Floor(("smtp", "pop3", "imap"), apart=True),
    Floor(("message", "routing", "stores", "tls", "stream")),
    Floor(("clients", "servers"), apart=True),
    Floor(("asyncio", "trio"), apart=True, libraries=("trio",)),
    Floor(
        ("testing", "cli"), libraries=("hypothesis", "pytest", "cryptography", "rich", "trustme")
    ),
)
FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor.rooms}
BINDINGS = ("asyncio.py", "trio.py")
# Only the bindings do I/O.
IO_LIBRARIES = {"asyncio", "trio", "anyio", "curio", "select", "selectors", "socketserver"}
# The protocols and what is below know neither sockets nor TLS.
PROTOCOLS = 2
OUTSIDE = {*IO_LIBRARIES, "socket", "ssl", "threading", "subprocess"}

SOURCES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")
sources = pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))


def room(module: str) -> str:
    """The room of ``mailproto.room.rest``, ``_*`` for private modules."""
    name = module.split(".")[1]
    return "_*" if name.startswith("_") else name


def room_of(path: Path) -> str:
    return room(f"mailproto.{path.relative_to(ROOT).parts[0].removesuffix('.py')}")


def imports(path: Path) -> Iterator[str]:
    """Yield the full names of all modules that a source imports, in functions too."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            if node.module == "mailproto":
                yield from (f"mailproto.{alias.name}" for alias in node.names)
            else:
                yield node.module


@sources
def test_only_from_floors_below(path: Path) -> None:
    here = room_of(path)
    assert here in FLOOR_OF, f"{here} stands on no floor: put it on one"
    number = FLOOR_OF[here]
    for module in imports(path):
        if not module.startswith("mailproto."):
            continue
        there = room(module)
        if there == here:
            continue
        assert there in FLOOR_OF, f"{module} stands on no floor"
        assert FLOOR_OF[there] <= number, f"{here} imports {module} from a floor above"
        if FLOORS[number].apart:
            assert FLOOR_OF[there] < number, f"{here} imports its neighbour {module}"


@sources
def test_libraries(path: Path) -> None:
    allowed = {"mailproto", "attrs", *FLOORS[FLOOR_OF[room_of(path)]].libraries}
    found = {module.split(".")[0] for module in imports(path)}
    assert not found - allowed - sys.stdlib_module_names


@sources
def test_only_bindings_do_io(path: Path) -> None:
    found = {module.split(".")[0] for module in imports(path)}
    if path.name not in BINDINGS and FLOOR_OF[room_of(path)] < FLOOR_OF["testing"]:
        assert not found & IO_LIBRARIES
    if FLOOR_OF[room_of(path)] <= PROTOCOLS:
        assert not found & OUTSIDE


@pytest.mark.parametrize("name", BINDINGS)
def test_no_protocol_verb_in_a_binding(name: str) -> None:
    verbs = {cls.verb for cls in Command.__subclasses__() if cls.verb}
    verbs |= {"USER", "PASS", "APOP", "STAT", "LIST", "RETR", "DELE", "UIDL", "CAPA", "STLS"}
    verbs |= {"LOGIN", "SELECT", "FETCH", "STORE", "SEARCH", "APPEND", "IDLE", "LOGOUT"}
    words = set(re.findall(r"\b[A-Z0-9]{3,}\b", (ROOT / name).read_text()))
    assert not words & verbs


@pytest.mark.parametrize("module", ["smtp", "pop3", "imap", "sasl", "errors", "proxy", "testing"])
def test_what_an_import_loads(module: str) -> None:
    """The cores can be used where there is neither an event loop nor TLS."""
    code = f"import sys, mailproto.{module}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert f"mailproto.{module}" in loaded
    assert not loaded & {"asyncio", "trio", "ssl", "socket", "selectors", "hypothesis", "pytest"}
