"""What a batch of new runs adds to the roll-ups of the SQLite store: summed up, one row a value."""

# ruff: noqa: S608 - only constants of this module and of the schema are put into the SQL

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from genesis_mcp.stores.sqlite.files import Connection
from genesis_mcp.stores.sqlite.rows import FACTS
from genesis_mcp.stores.sqlite.schema import COUNTERS, HOUR_MS, LABEL_INDEXES, STANDINGS

_COLUMNS = {field: FACTS.index(field) for field in ("kind", "timestamp", *LABEL_INDEXES)}
_PLACES = {standing: COUNTERS.index(counter) for standing, counter in STANDINGS.items()}
_ADD = ", ".join(f"{counter} = {counter} + excluded.{counter}" for counter in COUNTERS)
_VALUES = ", ".join("?" * len(COUNTERS))

ADD_HOUR = f"INSERT INTO hours VALUES (?, {_VALUES}) ON CONFLICT (hour) DO UPDATE SET {_ADD}"
ADD_LABEL = (
    f"INSERT INTO labels (field, value, {', '.join(COUNTERS)}, newest) VALUES (?, ?, {_VALUES}, ?)"
    f" ON CONFLICT (field, value) DO UPDATE SET {_ADD}, newest = max(newest, excluded.newest)"
)

Counted = tuple[Sequence[Any], bool]
"""The values of FACTS of a run, and whether it failed."""


def add_to_roll_ups(connection: Connection, runs: Iterable[Counted]) -> None:
    """Add a batch to what the file has, in the transaction that adds the runs."""
    rows = sorted(runs, key=lambda one: one[0][_COLUMNS["timestamp"]])
    once = [row for row in rows if row[0][_COLUMNS["kind"]] != "suite"]  # its tests are counted
    hours = _sums((facts[_COLUMNS["timestamp"]] // HOUR_MS for facts, _ in once), _standings(once))
    connection.executemany(ADD_HOUR, [(hour, *counts) for hour, counts in hours.items()])
    for field in LABEL_INDEXES:
        counted = rows if field == "spec_id" else once
        values = [facts[_COLUMNS[field]] for facts, _ in counted]
        times = [facts[_COLUMNS["timestamp"]] for facts, _ in counted]
        newest = dict(zip(values, times, strict=True))  # the last of each value
        connection.executemany(
            ADD_LABEL,
            [
                (field, value, *counts, newest[value])
                for value, counts in _sums(values, _standings(counted)).items()
                if value is not None
            ],
        )


def _standings(rows: Iterable[Counted]) -> list[int]:
    """The place of the counter of each run."""
    return [_PLACES[facts[_COLUMNS["kind"]], failed] for facts, failed in rows]


def _sums(values: Iterable[Any], places: Iterable[int]) -> dict[Any, list[int]]:
    """The counters of each value."""
    sums: dict[Any, list[int]] = {}
    for (value, place), number in Counter(zip(values, places, strict=True)).items():
        sums.setdefault(value, [0] * len(COUNTERS))[place] = number
    return sums
