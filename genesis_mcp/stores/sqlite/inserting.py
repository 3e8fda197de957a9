"""New runs into the SQLite file: a batch at a time, each statement once for all of its rows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.stores.insertion import Arrival, Arrivals, arrivals, specs_to_number
from genesis_mcp.stores.sqlite import changes, queries
from genesis_mcp.stores.sqlite.files import Connection
from genesis_mcp.stores.sqlite.packing import Packed, Packer
from genesis_mcp.stores.sqlite.roll_ups import add_to_roll_ups
from genesis_mcp.stores.sqlite.rows import (
    FACTS,
    WHOLE,
    facts_row,
    run_from_row,
    searched,
    texts_row,
)
from genesis_mcp.stores.sqlite.schema import FIRST_SPILLED_ID, IDS_PER_MS, LAST_ID

LOOKED_UP = 500
"""Ids that one statement looks up: SQLite before 3.32 takes 999 values."""

_TIMESTAMP, _ITERATION, _RECORDED_AT = map(FACTS.index, ("timestamp", "iteration", "recorded_at"))


class Prepared(NamedTuple):
    """A run as it goes into the tables."""

    facts: list[Any]
    texts: list[Packed | None]
    search: list[str] | None
    """None of what did not fail."""


def prepared(runs: Sequence[Run]) -> dict[str, Prepared]:
    """Each run by its id, of an id the first: the work that needs no lock on the file."""
    packer = Packer()
    return {
        run.run_id: Prepared(
            facts_row(run), texts_row(run, packer), searched(run) if run.failed else None
        )
        for run in reversed(runs)
    }


def insert(
    connection: Connection, runs: Sequence[Run], ready: dict[str, Prepared]
) -> list[Inserted]:
    """Add what is new of these runs to the file, in the transaction that is open."""
    new, answers = _arrivals(connection, runs)
    if not new:
        return answers
    rows = _placed(connection, new, ready)
    connection.executemany(changes.INSERT_RUN, [(row_id, *one.facts) for row_id, one in rows])
    connection.executemany(changes.INSERT_TEXTS, [(row_id, *one.texts) for row_id, one in rows])
    add_to_roll_ups(connection, [(one.facts, one.search is not None) for _, one in rows])
    if connection.has_search:
        # In the order of ids: each step back would make FTS5 write out what it gathered.
        searched_rows = [(row_id, *one.search) for row_id, one in rows if one.search is not None]
        connection.executemany(changes.INSERT_SEARCH, sorted(searched_rows))
    return answers


def _placed(
    connection: Connection, new: Sequence[Arrival], ready: dict[str, Prepared]
) -> list[tuple[int, Prepared]]:
    """What goes into the tables, with its id; its iteration and arrival are put into its facts."""
    rows = [ready[one.run.run_id] for one in new]
    places = Places(connection, [row.facts[_TIMESTAMP] for row in rows])
    placed = []
    for one, row in zip(new, rows, strict=True):
        row_id, recorded_at = places.next(row.facts[_TIMESTAMP], one.recorded_at)
        row.facts[_ITERATION], row.facts[_RECORDED_AT] = one.iteration, recorded_at
        placed.append((row_id, row))
    return placed


def _arrivals(connection: Connection, runs: Sequence[Run]) -> Arrivals:
    sql = queries.fetch_sql(WHOLE, connection.version)
    rows = [connection.execute(sql, (run_id,)).fetchone() for run_id in _known(connection, runs)]
    stored = {row[0]: run_from_row(row, None) for row in rows}
    highest = {
        spec_id: row[0]
        for spec_id in specs_to_number(runs, stored)
        for row in connection.execute(changes.HIGHEST_ITERATION, {"spec_id": spec_id})
        if row[0] is not None
    }
    return arrivals(runs, stored, highest)


def _known(connection: Connection, runs: Sequence[Run]) -> list[str]:
    """Those of the ids that are in the file."""
    ids = list({run.run_id: None for run in runs})
    found: list[str] = []
    for start in range(0, len(ids), LOOKED_UP):
        some = ids[start : start + LOOKED_UP]
        found += [row[0] for row in connection.execute(changes.known_sql(len(some)), some)]
    return found


class Places:
    """The ids that new runs get: each the next one of its millisecond.

    `timestamps` are the milliseconds of all of them.
    """

    def __init__(self, connection: Connection, timestamps: Sequence[int]) -> None:
        self._connection = connection
        self._last: dict[int, tuple[int, int]] = {}
        """The last id of each millisecond, and the arrival of its run."""
        self._spilled: tuple[int, int] | None = None
        bounds = min(timestamps) * IDS_PER_MS, (max(timestamps) + 1) * IDS_PER_MS
        self._are_free = connection.execute(changes.LAST_OF_IDS, bounds).fetchone() is None

    def next(self, timestamp: int, arrival: int) -> tuple[int, int]:
        """The id of a run, and its arrival: `arrival`, but later than that of the run before it."""
        last = self._last.get(timestamp)
        if last is None:
            last = self._last[timestamp] = self._last_of(timestamp)
        if last[0] < (timestamp + 1) * IDS_PER_MS - 1:
            place = self._last[timestamp] = _behind(last, arrival)
        else:
            place = self._spilled = _behind(self._spilled or self._last_spilled(last[1]), arrival)
        return place

    def _last_of(self, timestamp: int) -> tuple[int, int]:
        first, end = timestamp * IDS_PER_MS, (timestamp + 1) * IDS_PER_MS
        nothing = first - 1, 0
        return nothing if self._are_free else self._found(first, end) or nothing

    def _last_spilled(self, arrival: int) -> tuple[int, int]:
        return self._found(FIRST_SPILLED_ID, LAST_ID) or (FIRST_SPILLED_ID - 1, arrival)

    def _found(self, first: int, end: int) -> tuple[int, int] | None:
        row = self._connection.execute(changes.LAST_OF_IDS, (first, end)).fetchone()
        return None if row is None else (row[0], row[1])


def _behind(last: tuple[int, int], arrival: int) -> tuple[int, int]:
    return last[0] + 1, max(arrival, last[1] + 1)
