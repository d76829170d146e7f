"""A process that works on a Maildir until it is killed, and tells what it was acknowledged.

Started as ``python -m``-like script with the top of the tests in ``sys.path``; it reads jobs from
standard input (:class:`Job` as JSON, one a line), forks for each, and writes what the fork does:

    begin {operation}       before an operation
    done {what came of it}  once the store has acknowledged it
    end                     the fork is gone

A job ends by a kill after some time, or at one of the system calls that change the disk. Then,
with ``power_cut``, what was not synced is undone first: the data of files, and names in
directories, each by itself, as the worst of file systems may do it.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FOLDERS = ("INBOX", "Other")
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "$Forwarded", "Work", "Home")


@dataclass(frozen=True)
class Job:
    """What to do: where, with which chances, and when it ends (seconds, or a number of calls)."""

    directory: str
    library: str
    seed: int
    seconds: float | None = None
    calls: int | None = None
    power_cut: bool = False


@dataclass(frozen=True)
class Operation:
    """``kind`` names the method; ``messages`` are (identity, flags) of what is appended.

    To "share" is to give a user rights, which are in ``target``.
    """

    kind: str
    folder: str
    uids: tuple[int, ...] = ()
    target: str = ""
    change: str = ""
    flags: tuple[str, ...] = ()
    messages: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Calls:
    """Counts the calls that change the disk, ends the process at one of them."""

    def __init__(self, job: Job) -> None:
        self._left = job.calls
        self._root = Path(job.directory)
        self._power_cut = job.power_cut
        self._synced: set[int] = set()  # inodes of files whose data last
        self._undo: list[tuple[int, Callable[[], None]]] = []  # by the inode of the directory
        self._stash = self._root.parent / f"stash-{job.seed}"
        self._stashed = 0

    def install(self) -> None:
        """Put this in front of the calls."""
        if self._power_cut:
            self._stash.mkdir(exist_ok=True)
            self._synced |= {path.stat().st_ino for path in self._files()}
        for name in ("rename", "replace", "link", "unlink", "fsync", "utime"):
            setattr(os, name, self._counted(getattr(os, name), getattr(self, f"_{name}", None)))

    def _counted(self, call: Callable[..., Any], before: Callable[..., None] | None) -> Any:
        def counted(*args: Any, **kwargs: Any) -> Any:
            if self._left is not None:
                self._left -= 1
                if self._left < 0:
                    self._end()
            if self._power_cut and before is not None:
                before(*args)
            return call(*args, **kwargs)

        return counted

    def _end(self) -> None:
        self._left = None
        if self._power_cut:
            self._power_cut = False
            for _, undo in reversed(self._undo):
                undo()
            for path in self._files():
                if path.stat().st_ino not in self._synced:
                    os.truncate(path, 0)
                if path.suffix == ".lock":  # until there is power again, it is an old one
                    _UTIME(path, (1, 1))
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(10)

    def _files(self) -> list[Path]:
        """What the store writes, without the index, which does its own syncing."""
        found = (path for path in self._root.rglob("*") if path.is_file())
        return [path for path in found if "sqlite" not in path.name]

    def _keep(self, path: Any) -> Path:
        """Give a file a name to which it can be brought back from."""
        self._stashed += 1
        kept = self._stash / str(self._stashed)
        _LINK(path, kept)
        return kept

    def _gone(self, path: Any) -> None:
        """A name goes; until its directory is synced it can come back."""
        if os.path.isdir(path):
            return
        kept = self._keep(path)
        self._undo.append((_inode(path), lambda: _back(kept, path)))

    def _come(self, path: Any) -> None:
        """A name comes (or means another file); until then it can be as before."""
        if os.path.isdir(os.path.dirname(path)):
            kept = self._keep(path) if os.path.isfile(path) else None
            self._undo.append((_inode(path), lambda: _back(kept, path)))

    def _rename(self, source: Any, target: Any) -> None:
        if os.path.isfile(source):
            self._come(target)
            self._gone(source)

    _replace = _rename

    def _link(self, source: Any, target: Any) -> None:
        self._come(target)

    def _unlink(self, path: Any) -> None:
        if os.path.isfile(path):
            self._gone(path)

    def _fsync(self, descriptor: int) -> None:
        inode = os.fstat(descriptor).st_ino
        self._synced.add(inode)
        self._undo = [entry for entry in self._undo if entry[0] != inode]


_LINK = os.link
_UNLINK = os.unlink
_UTIME = os.utime


def _inode(path: Any) -> int:
    return os.stat(os.path.dirname(path)).st_ino


def _back(kept: Path | None, path: Any) -> None:
    if os.path.lexists(path):
        _UNLINK(path)
    if kept is not None:
        _LINK(kept, path)


async def _octets(identity: str) -> AsyncIterator[bytes]:
    yield b"Subject: " + identity.encode() + b"\r\n\r\n"
    yield b"text\r\n" * 100


def _becoming(acl: dict[str, frozenset[str]]) -> Callable[[Any], dict[str, frozenset[str]]]:
    return lambda _: acl


async def work(job: Job, runtime: Any, tell: Callable[[str, object], None]) -> None:
    """Do one thing after another, for ever."""
    from mailproto.stores import FlagChange
    from mailproto.stores.maildir import MaildirStore

    chance = random.Random(job.seed)
    account = await MaildirStore(job.directory, runtime).account("ann")
    boxes = {"INBOX": await account.mailbox("INBOX")}
    names = {info.name for info in await account.mailboxes()}
    boxes["Other"] = await (account.mailbox if "Other" in names else account.create)("Other")
    for number in range(10**9):
        folder, target = chance.sample(FOLDERS, 2)
        box = boxes[folder]
        there = [info.uid for info in await box.messages()]
        kinds = ["append", "flags", "flags", "move", "copy", "expunge", "share"]
        kind = "append" if len(there) < 5 else chance.choice(kinds)
        uids = tuple(chance.sample(there, min(len(there), chance.randint(1, 4))))
        flags = tuple(chance.sample(FLAGS, chance.randint(0, 3)))
        if kind == "append":
            messages = tuple(
                (f"{job.seed}-{number}-{each}", tuple(chance.sample(FLAGS, chance.randint(0, 2))))
                for each in range(chance.randint(1, 3))
            )
            tell("begin", asdict(Operation(kind, folder, messages=messages)))
            uploads = [await box.upload(_octets(name), flags) for name, flags in messages]
            tell("done", [info.uid for info in await box.commit(uploads)])
        elif kind == "flags":
            change = chance.choice(list(FlagChange))
            tell("begin", asdict(Operation(kind, folder, uids, "", change.name, flags)))
            tell("done", list(await box.change_flags(uids, change, flags)))
        elif kind == "share":
            rights = "".join(sorted(chance.sample("lrswite", chance.randint(0, 7))))
            tell("begin", asdict(Operation(kind, folder, target=rights)))
            given = {"bob": frozenset(rights)} if rights else {}
            await box.change_acl(_becoming(given))
            tell("done", [])
        elif kind == "expunge":
            tell("begin", asdict(Operation(kind, folder, uids)))
            await box.expunge(uids)
            tell("done", [])
        else:
            tell("begin", asdict(Operation(kind, folder, uids, target)))
            tell("done", list(await getattr(box, kind)(uids, boxes[target])))


def tell(word: str, what: object = None) -> None:
    """Write a line, in one piece."""
    os.write(1, f"{word} {json.dumps(what)}\n".encode())


def _run(job: Job) -> None:
    from tests.libraries import LIBRARIES

    library = next(each for each in LIBRARIES if each.name == job.library)
    Calls(job).install()
    library.run(lambda: work(job, library.runtime, tell))


def main() -> None:
    """Serve jobs."""
    import mailproto.stores.maildir  # noqa: F401 - so that forks have it
    import tests.libraries  # noqa: F401

    for line in sys.stdin:
        job = Job(**json.loads(line))
        child = os.fork()
        if child == 0:
            try:
                _run(job)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        if job.seconds is not None:
            time.sleep(job.seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        tell("end", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
