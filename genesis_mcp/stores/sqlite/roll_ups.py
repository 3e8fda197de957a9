"""What a batch of new runs adds to the roll-ups of the SQLite store: summed up, one row a value."""

# ruff: noqa: S608 - only constants of this module and of the schema are put into the SQL

from collections.abc import Iterable, Iterator

from genesis_mcp.runs.model import Run
from genesis_mcp.stores.sqlite.files import Connection
from genesis_mcp.stores.sqlite.rows import to_ms
from genesis_mcp.stores.sqlite.schema import COUNTERS, HOUR_MS, LABEL_INDEXES, STANDINGS

_PLACES = {standing: COUNTERS.index(counter) for standing, counter in STANDINGS.items()}
_OWN_LABELS = [field for field in LABEL_INDEXES if field != "signature_group"]
_NONE = [0] * len(COUNTERS)
_ADD = ", ".join(f"{counter} = {counter} + excluded.{counter}" for counter in COUNTERS)
_VALUES = ", ".join("?" * len(COUNTERS))

ADD_HOUR = f"INSERT INTO hours VALUES (?, {_VALUES}) ON CONFLICT (hour) DO UPDATE SET {_ADD}"
ADD_LABEL = (
    f"INSERT INTO labels (field, value, {', '.join(COUNTERS)}, newest) VALUES (?, ?, {_VALUES}, ?)"
    f" ON CONFLICT (field, value) DO UPDATE SET {_ADD}, newest = max(newest, excluded.newest)"
)


class RollUps:
    """The sums of one batch."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._hours: dict[int, list[int]] = {}
        self._labels: dict[tuple[str, str], list[int]] = {}
        for run in runs:
            self._add(run)

    def _add(self, run: Run) -> None:
        place, timestamp = _PLACES.get((run.kind, run.failed)), to_ms(run.timestamp)
        if place is None:  # a kind that the table refuses
            return
        if run.kind != "suite":
            self._hours.setdefault(timestamp // HOUR_MS, _NONE.copy())[place] += 1
        for label in _labels(run):
            counts = self._labels.get(label)
            if counts is None:
                counts = self._labels[label] = [*_NONE, timestamp]
            counts[place] += 1
            counts[-1] = max(counts[-1], timestamp)

    def write(self, connection: Connection) -> None:
        """Add them to what the file has, in the transaction that adds the runs."""
        connection.executemany(ADD_HOUR, [(hour, *counts) for hour, counts in self._hours.items()])
        connection.executemany(
            ADD_LABEL, [(*label, *counts) for label, counts in sorted(self._labels.items())]
        )


def _labels(run: Run) -> Iterator[tuple[str, str]]:
    """Where a run counts: a suite, whose tests count as well, for its own spec alone."""
    if run.kind != "suite" and run.signature is not None:
        yield "signature_group", run.signature.group
    for field in _OWN_LABELS if run.kind != "suite" else ("spec_id",):
        value = getattr(run, field)
        if value is not None:
            yield field, value
