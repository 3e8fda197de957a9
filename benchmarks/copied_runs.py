"""A large SQLite store, made of the runs of a small one: copied within the file, moved in time.

To record five million one after the other takes hours. Rows, indexes, roll-ups and the index of
words are those that recording would have made; the file is written without a log, so that a copy
that is broken off is to be deleted.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.seed import BATCH, NEWEST, SPAN
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.stores.sqlite.changes import INSERT_SEARCH
from genesis_mcp.stores.sqlite.rows import searched, to_ms
from genesis_mcp.stores.sqlite.schema import COUNTERS, HOUR_MS, IDS_PER_MS, STANDINGS

MOVED = {
    "id": f"id - moved * {IDS_PER_MS}",
    "timestamp": "timestamp - moved",
    # The first twelve digits of an id are its time.
    "run_id": "substr(printf('%012x', timestamp - moved), 1, 8) || '-'"
    " || substr(printf('%012x', timestamp - moved), 9) || substr(run_id, 14)",
}
"""What a copy has of its own; `moved` is how many milliseconds it is earlier."""

CACHE_KIB = 400_000


def copy_runs(small: Path, large: Path, size: int) -> None:
    """Fill a store that is empty with `size` runs: all of the small one, as often as it takes."""
    source = SQLiteStore(small)
    copies = size // source.describe(NEWEST).runs
    apart = SPAN // size // timedelta(milliseconds=1)
    moves = [apart * number for number in reversed(range(copies))]  # in the order of ids
    with closing(sqlite3.connect(large, isolation_level=None)) as target:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KIB}"):
            target.execute(f"PRAGMA {pragma}")
        target.execute("ATTACH ? AS small", (str(small),))
        target.execute("CREATE TEMP TABLE moves (moved INTEGER)")
        target.executemany("INSERT INTO moves VALUES (?)", [(moved,) for moved in moves])
        indexes = target.execute(
            "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND tbl_name = 'runs'"
            " AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            target.execute(f"DROP INDEX main.{name}")
        target.execute("BEGIN")
        for table in ("runs", "texts"):
            _copy_rows(target, table)
        _roll_up(target, copies)
        target.executemany(INSERT_SEARCH, _words(source, moves))
        target.execute("COMMIT")
        for _, sql in indexes:
            target.execute(sql)
        target.execute("DETACH small")
        target.execute("PRAGMA journal_mode = WAL")
    source.close()


def _copy_rows(target: sqlite3.Connection, table: str) -> None:
    names = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]  # not generated ones
    values = ", ".join(MOVED.get(name, name) for name in names)
    target.execute(
        f"INSERT INTO main.{table} ({', '.join(names)})"
        f" SELECT {values} FROM small.{table} CROSS JOIN moves ORDER BY small.{table}.id"
    )


def _roll_up(target: sqlite3.Connection, copies: int) -> None:
    """The newest copy of each run is where the run is, so that labels differ in their counts."""
    standings = {counter: standing for standing, counter in reversed(STANDINGS.items())}
    sums = ", ".join(
        f"sum(kind = '{standings[counter][0]}' AND failed = {standings[counter][1]})"
        for counter in COUNTERS
    )
    target.execute(
        f"INSERT INTO hours (hour, {', '.join(COUNTERS)})"
        f" SELECT timestamp / {HOUR_MS}, {sums} FROM main.runs GROUP BY timestamp / {HOUR_MS}"
    )
    times = ", ".join(f"{counter} * {copies}" for counter in COUNTERS)
    target.execute(
        f"INSERT INTO main.labels (field, value, {', '.join(COUNTERS)}, newest)"
        f" SELECT field, value, {times}, newest FROM small.labels"
    )


def _words(source: SQLiteStore, moves: list[int]) -> Iterator[tuple[object, ...]]:
    """What the word search gets of each failure and its copies, in the order of ids."""
    query = RunQuery(failed=True, oldest_first=True, limit=BATCH)
    while (page := source.find(query)).runs:
        found = {run.run_id: run for run in source.fetch([run.run_id for run in page.runs])}
        for run_id in (run.run_id for run in page.runs):
            row, run_ms = searched(found[run_id]), to_ms(found[run_id].timestamp)
            yield from (((run_ms - moved) * IDS_PER_MS, *row) for moved in moves)
        if page.next is None:
            return
        query = RunQuery(failed=True, oldest_first=True, limit=BATCH, after=page.next)
