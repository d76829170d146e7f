"""The table that a run prints."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.harness import Row, Target

Figures = Mapping[str, float | str]
"""For each side its figure in the unit of the row, or why there is none."""

_HEAD = ("row", "what", "unit", "peers", "mailproto", "ratio", "must", "aim", "reached")


def render(results: Sequence[tuple[Row, Figures]]) -> str:
    """The table as text, a line for each target and each of mailproto's own sides."""
    lines: list[tuple[str, ...]] = [_HEAD]
    for row, figures in results:
        cells = list(_cells(row, figures))
        lines += cells[:1]
        lines += [("", "", "", "", *more[4:]) for more in cells[1:]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    made = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([made[0], "-" * len(made[0]), *made[1:]])


def is_ours(side: str) -> bool:
    """Whether a side is mailproto's own."""
    return side.startswith("mailproto")


def _cells(row: Row, figures: Figures) -> Iterator[tuple[str, ...]]:
    peers = ", ".join(f"{name} {_shown(it)}" for name, it in figures.items() if not is_ours(name))
    for name, figure in figures.items():
        if not is_ours(name):
            continue
        label = name.removeprefix("mailproto").strip()
        ours = f"{_shown(figure)} {label}".strip()
        for target in row.targets or (None,):
            yield (row.name, row.what, row.unit, peers, ours, *_verdict(row, figures, name, target))


def _verdict(
    row: Row, figures: Figures, name: str, target: Target | None
) -> tuple[str, str, str, str]:
    if target is None:
        return "", "", "", ""
    sign = "<=" if row.better == "less" else ">="
    of = "" if target.peer is None else f"x {target.peer}"
    must = f"{sign} {target.must:g}{of}"
    aim = "" if target.aim is None else f"{sign} {target.aim:g}{of}"
    reached = measure(figures, name, target)
    if reached is None:
        return "", must, aim, "?"
    ratio = "" if target.peer is None else f"{_shown(reached)}x"
    return ratio, must, aim, _mark(row, target, reached)


def measure(figures: Figures, name: str, target: Target) -> float | None:
    """What is held against ``target``: the ratio to its peer, or the figure; None if missing."""
    ours = figures[name]
    base = 1.0 if target.peer is None else figures.get(target.peer)
    if isinstance(ours, str) or base is None or isinstance(base, str):
        return None
    return ours / base


def _mark(row: Row, target: Target, reached: float) -> str:
    def holds(bound: float) -> bool:
        return reached <= bound if row.better == "less" else reached >= bound

    if not holds(target.must):
        return "NOT reached"
    if target.aim is None:
        return "must"
    return "aim" if holds(target.aim) else "must, not aim"


def _shown(figure: float | str) -> str:
    return (
        figure if isinstance(figure, str) else f"{figure:.3g}" if figure < 1000 else f"{figure:.0f}"
    )
