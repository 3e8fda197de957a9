"""What was measured, as rows with a ratio and its goal: printed as a table and kept as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

NOW, BEFORE = "now", "before"
CLICKHOUSE, MONGODB = "mcp-clickhouse", "mongodb-mcp"

COLUMNS = (BEFORE, NOW, CLICKHOUSE, MONGODB)


@dataclass(frozen=True)
class Figure:
    """One thing that was measured of several programs, by turns."""

    name: str
    unit: str
    values: Mapping[str, float]
    """By column; medians where something was repeated."""
    of: str = BEFORE
    """The column that `now` is compared with."""
    goal: float | None = None
    """The largest ratio that is well."""

    @property
    def ratio(self) -> float | None:
        """`now` as a part of that column; None where one of the two is missing."""
        now, other = self.values.get(NOW), self.values.get(self.of)
        return now / other if now is not None and other else None

    @property
    def verdict(self) -> str:
        """`met` or `missed`; empty without a goal."""
        if self.goal is None or self.ratio is None:
            return ""
        return "met" if self.ratio <= self.goal else "missed"


def limit(name: str, unit: str, value: float, at_most: float) -> Figure:
    """A figure whose goal is a number and no other program."""
    return Figure(name, unit, {NOW: value, "the goal": at_most}, "the goal", 1.0)


def table(figures: Sequence[Figure]) -> str:
    """In Markdown."""
    lines = [
        f"| what | unit | {' | '.join(COLUMNS)} | ratio | goal | |",
        f"|---|---|{'---|' * len(COLUMNS)}---|---|---|",
    ]
    for figure in figures:
        cells = [_number(figure.values.get(column)) for column in COLUMNS]
        lines.append(
            f"| {figure.name} | {figure.unit} | {' | '.join(cells)} | {_ratio(figure)} "
            f"| {_goal(figure)} | {figure.verdict} |"
        )
    return "\n".join(lines)


def _ratio(figure: Figure) -> str:
    if figure.ratio is None or figure.of == "the goal":
        return ""
    return f"{figure.ratio:.3f} of {figure.of}" if figure.of != BEFORE else f"{figure.ratio:.2f}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    return _number(figure.values["the goal"]) if figure.of == "the goal" else f"{figure.goal:g}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def write(file: Path, figures: Sequence[Figure]) -> None:
    """Keep them to be compared with another time's."""
    kept = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def changes(earlier: Path, figures: Sequence[Figure]) -> str:
    """What of these has another ratio than in a file of an earlier time, by a tenth or more."""
    was = {one["name"]: one["ratio"] for one in json.loads(earlier.read_text(encoding="utf-8"))}
    lines = [
        f"{figure.name}: {was[figure.name]:.3g} -> {figure.ratio:.3g}"
        for figure in figures
        if figure.ratio is not None
        and was.get(figure.name)
        and not 0.9 < figure.ratio / was[figure.name] < 1.1
    ]
    return "\n".join(lines) or "No ratio changed by a tenth."
