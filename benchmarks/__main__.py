"""Runs every side of every row in a process of its own and prints the table.

It judges nothing: the exit status is 0 unless a side crashed or could not be measured.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import Row
from benchmarks.rows import ROWS
from benchmarks.table import Figures, is_ours, measure, render

_CRASHED = "crashed"


def main() -> int:
    options = _options()
    results: list[tuple[Row, Figures]] = []
    for row in _chosen(options.only):
        figures: dict[str, float | str] = {}
        for side in row.sides:
            print(f"{row.name}: {side} ...", file=sys.stderr, flush=True)
            figures[side] = _measure(row, side, options.quick)
        results.append((row, figures))
    if options.quick:
        print("Quick run: the work is cut down, the ratios mean little.\n")
    print(render(results))
    if options.json:
        options.json.write_text(json.dumps(_report(results, options.quick), indent=2) + "\n")
    return int(any(_CRASHED in figures.values() for _, figures in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        metavar="C1,C2",
        help="only rows whose name begins with one of these: "
        + ", ".join(dict.fromkeys(row.name.split()[0] for row in ROWS)),
    )
    parser.add_argument("--quick", action="store_true", help="little work, to see that all runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    return parser.parse_args()


def _chosen(only: str | None) -> Sequence[Row]:
    if only is None:
        return ROWS
    return [row for row in ROWS if row.name.startswith(tuple(only.split(",")))]


def _measure(row: Row, side: str, quick: bool) -> float | str:
    command = [sys.executable, "-m", "benchmarks.worker", row.name, side]
    done = subprocess.run(
        command + ["--quick"] * quick,
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        return _CRASHED
    result = json.loads(done.stdout)
    if result["missing"]:
        return "not installed"
    figure: float = result["figure"]
    return figure


def _report(results: Sequence[tuple[Row, Figures]], quick: bool) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "quick": quick,
        "rows": [
            {
                "name": row.name,
                "what": row.what,
                "unit": row.unit,
                "better": row.better,
                "figures": figures,
                "targets": [
                    {
                        "side": side,
                        "peer": target.peer,
                        "must": target.must,
                        "aim": target.aim,
                        "reached": measure(figures, side, target),
                    }
                    for target in row.targets
                    for side in figures
                    if is_ours(side)
                ],
            }
            for row, figures in results
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
