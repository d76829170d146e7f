"""How a figure is measured: CPU time and memory of one job in a process of its own."""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from statistics import median
from time import process_time
from typing import Any, Literal

Job = Callable[[], None]
Prepare = Callable[[], Job]
"""Makes a job ready, which costs nothing; running the job is what is measured."""


@dataclass(frozen=True)
class Scale:
    """How large the work is."""

    runs: int
    divisor: int

    def size(self, full: int) -> int:
        """``full``, cut down in a quick run."""
        return max(full // self.divisor, 1)


FULL = Scale(runs=5, divisor=1)
QUICK = Scale(runs=2, divisor=200)

Side = Callable[[Scale], float]
"""One party's measurement of a row, in the unit of the row."""


@dataclass(frozen=True)
class Target:
    """What mailproto has to reach: a ratio to the named peer, or a figure if there is none."""

    peer: str | None
    must: float
    aim: float | None = None


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    what: str
    unit: str
    sides: dict[str, Side]
    targets: tuple[Target, ...] = ()
    better: Literal["less", "more"] = "less"


class WrongResult(Exception):
    """A side did not do the work that it was given."""


class NotInstalled(Exception):
    """A package that a side needs is missing; its name is the text."""


def peer(module: str) -> Any:
    """Import a module of a peer; raises :class:`NotInstalled`.

    Peers come untyped, so that mypy says the same whether or not they are there.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise NotInstalled(module.partition(".")[0]) from None


def require(found: object, expected: object) -> None:
    """Raise :class:`WrongResult` unless both are equal."""
    if found != expected:
        raise WrongResult(f"got {found!r}, expected {expected!r}")


def cpu_seconds(prepare: Prepare, scale: Scale) -> float:
    """The median CPU time of ``scale.runs`` runs, in seconds."""
    return median(_timed(prepare()) for _ in range(scale.runs))


def _timed(job: Job) -> float:
    gc.collect()
    start = process_time()
    job()
    return process_time() - start


def peak_memory(prepare: Prepare) -> int:
    """The greatest sum of bytes that Python allocated within the job (tracemalloc)."""
    job = prepare()
    gc.collect()
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
