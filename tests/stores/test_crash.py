"""MaildirStore is killed at any point: what it acknowledged is there, and nothing else."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mailproto.stores import FlagChange, StoreError
from mailproto.stores.maildir import MaildirStore
from mailproto.stores.rules import changed_flags

from ..libraries import LIBRARIES, Library
from .crash import FOLDERS, Job, Operation
from .kinds import content

TOP = Path(__file__).parent.parent.parent

Message = tuple[str, frozenset[str]]  # identity and flags
Mailboxes = dict[str, dict[int, Message]]  # by folder and uid
Shared = dict[str, str]  # the rights of bob, by folder


class Worker:
    """The process of ``crash.py``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.stores.crash import main; main()"],
            cwd=TOP,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, job: Job) -> list[tuple[Operation, list[Any] | None]]:
        """Do a job; return the operations with what came of them, None for one in flight."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        done: list[tuple[Operation, list[Any] | None]] = []
        for line in self._process.stdout:
            word, _, what = line.partition(" ")
            value = json.loads(what)
            if word == "begin":
                value["messages"] = tuple((name, tuple(f)) for name, f in value["messages"])
                done.append((Operation(**value), None))
            elif word == "done":
                done[-1] = (done[-1][0], value)
            else:
                assert value == -9, "the worker failed by itself"
                return done
        raise AssertionError("the worker is gone")

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    started.close()


@pytest.fixture
def directory() -> Iterator[Path]:
    """An empty directory, in memory if there is such a thing: a disk would be asked a lot."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name) / "mail"


async def observe(library: Library, directory: Path) -> Mailboxes:
    """What a new process finds."""
    account = await MaildirStore(directory, library.runtime).account("ann")
    found: Mailboxes = {folder: {} for folder in FOLDERS}
    for folder in FOLDERS:
        try:
            mailbox = await account.mailbox(folder)
        except StoreError:
            continue
        for info in await mailbox.messages():
            octets = await content(mailbox, info.uid)
            head, _, text = octets.partition(b"\r\n\r\n")
            assert text == b"text\r\n" * 100
            assert info.size == len(octets)
            found[folder][info.uid] = head.removeprefix(b"Subject: ").decode(), info.flags
    return found


async def observe_rights(library: Library, directory: Path) -> Shared:
    """What bob may do, in the eyes of a new process; bob's name is noted if that is anything."""
    store = MaildirStore(directory, library.runtime)
    acls = await (await store.account("ann")).acls()
    if acls:
        assert await store.sharing("bob") == {"ann"}
    return {folder: "".join(sorted(acl["bob"])) for folder, acl in acls.items()}


def check_rights(shared: Shared, flight: Operation | None, found: Shared) -> None:
    """Rights are those that were given last, or those that were about to be."""
    for folder in FOLDERS:
        possible = [shared.get(folder, "")]
        if flight is not None and (flight.kind, flight.folder) == ("share", folder):
            possible.append(flight.target)
        assert found.get(folder, "") in possible, (folder, possible)


def flagged(message: Message, operation: Operation) -> Message:
    identity, before = message
    return identity, changed_flags(before, FlagChange[operation.change], operation.flags)


def apply(model: Mailboxes, operation: Operation, result: list[Any]) -> None:
    """What an operation that was acknowledged does."""
    box = model[operation.folder]
    if operation.kind == "append":
        for uid, (identity, flags) in zip(result, operation.messages, strict=True):
            box[uid] = identity, frozenset(flags)
    elif operation.kind == "flags":
        for uid in operation.uids:
            box[uid] = flagged(box[uid], operation)
    elif operation.kind == "expunge":
        for uid in operation.uids:
            del box[uid]
    elif operation.kind in ("copy", "move"):
        for uid, new in result:
            model[operation.target][new] = box[uid]
            if operation.kind == "move":
                del box[uid]


def check(model: Mailboxes, flight: Operation | None, found: Mailboxes) -> None:
    """Everything that was acknowledged is there; the rest is what was in flight."""
    new: Counter[tuple[str, Message]] = Counter()
    for folder, messages in found.items():
        for uid, message in messages.items():
            if uid not in model[folder]:
                new[folder, message] += 1
    moved: Counter[tuple[str, Message]] = Counter()
    for folder, messages in model.items():
        for uid, message in messages.items():
            now = found[folder].get(uid)
            if now == message:
                continue
            assert flight is not None, (folder, uid, message, now)
            assert (flight.folder, uid in flight.uids) == (folder, True), (flight, uid, now)
            if flight.kind == "flags":
                assert now == flagged(message, flight)
            else:
                assert now is None
                assert flight.kind in ("move", "expunge")
                if flight.kind == "move":
                    moved[flight.target, message] += 1
    assert not moved - new, (flight, "lost")
    allowed: Counter[tuple[str, Message]] = Counter()
    if flight is not None and flight.kind == "append":
        allowed.update((flight.folder, (name, frozenset(f))) for name, f in flight.messages)
    elif flight is not None and flight.kind in ("copy", "move"):
        box = model[flight.folder]
        allowed.update((flight.target, box[uid]) for uid in flight.uids)
    assert not new - allowed, (flight, "appeared")


def crash(worker: Worker, directory: Path, jobs: list[Job]) -> tuple[int, int]:
    """Do jobs on one Maildir and check it after each; return how many operations there were."""
    model: Mailboxes = {folder: {} for folder in FOLDERS}
    shared: Shared = {}
    acknowledged = interrupted = 0
    for job in jobs:
        flight = None
        for operation, result in worker.run(job):
            if result is None:
                flight = operation
                interrupted += 1
            else:
                apply(model, operation, result)
                if operation.kind == "share":
                    shared[operation.folder] = operation.target
                acknowledged += 1
        library = next(each for each in LIBRARIES if each.name == job.library)
        seen: list[tuple[Mailboxes, Shared]] = []

        async def look(
            library: Library = library, seen: list[tuple[Mailboxes, Shared]] = seen
        ) -> None:
            found = await observe(library, directory)
            seen.append((found, await observe_rights(library, directory)))

        library.run(look)
        try:
            check(model, flight, seen[0][0])
            check_rights(shared, flight, seen[0][1])
        except AssertionError as error:
            raise AssertionError(f"{job}: {error}") from error
        model, shared = seen[0]
    return acknowledged, interrupted


def jobs(directory: Path, kind: str, count: int, seed: int) -> list[Job]:
    chance = random.Random(seed)
    made = []
    for number in range(count):
        library = LIBRARIES[number % 2].name
        if kind == "kill":
            job = Job(str(directory), library, seed + number, seconds=chance.uniform(0.01, 0.15))
        else:
            calls = chance.randint(1, 60)
            job = Job(str(directory), library, seed + number, None, calls, kind == "power cut")
        made.append(job)
    return made


KINDS = pytest.mark.parametrize("kind", ["kill", "call", "power cut"])


@KINDS
def test_crashes(worker: Worker, directory: Path, kind: str) -> None:
    acknowledged, interrupted = crash(worker, directory, jobs(directory, kind, 15, 1))
    assert acknowledged
    assert interrupted


@pytest.mark.thorough
@KINDS
@pytest.mark.parametrize("seed", [1000, 2000, 3000, 4000])
def test_hundreds_of_crashes(worker: Worker, directory: Path, kind: str, seed: int) -> None:
    crash(worker, directory, jobs(directory, kind, 100, seed))
