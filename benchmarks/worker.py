"""One side of one row, in this process: ``python -m benchmarks.worker ROW SIDE [--quick]``.

Prints a :class:`Result` as JSON.
"""

import json
import sys
from dataclasses import asdict, dataclass

from benchmarks.harness import FULL, QUICK, NotInstalled, Row
from benchmarks.rows import ROWS


@dataclass(frozen=True)
class Result:
    """A figure in the unit of the row, or the name of the package that is missing."""

    figure: float | None = None
    missing: str | None = None


def main(name: str, side: str, *options: str) -> None:
    row: Row = next(row for row in ROWS if row.name == name)
    try:
        result = Result(row.sides[side](QUICK if "--quick" in options else FULL))
    except NotInstalled as error:
        result = Result(missing=str(error))
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main(*sys.argv[1:])
