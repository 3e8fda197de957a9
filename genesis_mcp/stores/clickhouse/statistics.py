"""The figures of a ClickHouse table.

The inner SELECTs have the very form of the projections, which answer them without the rows.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from genesis_mcp.runs.query import LabelStats, SpecStats, StoreStats
from genesis_mcp.runs.times import from_milliseconds
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.clickhouse import queries
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.reading import SEARCHED_DAYS, is_search_bounded
from genesis_mcp.stores.clickhouse.schema import DAY, Table
from genesis_mcp.stores.clickhouse.source import Source, Statement
from genesis_mcp.stores.contract import LABELS_DESCRIBED
from genesis_mcp.stores.figures import day_of, day_stats, spec_stats
from genesis_mcp.stores.side_by_side import side_by_side
from genesis_mcp.text.clean import scrub

# ruff: noqa: S608 - only constants and numbers of ours are put into the SQL

ROWS_COUNTED_MAX = 2_000_000
"""Rows of a table without roll-ups that are all counted: about a second of the engine's time."""

FIGURES_DAYS = 14
"""Days that the figures of a larger one cover; `describe` says so."""

DAY_MS = 86_400_000

_KEPT_DAYS = re.compile(r" TTL .*toIntervalDay\((\d+)\)")

_BY_SPEC = (
    "spec_id, kind, failed, count() AS n, max(timestamp) AS newest FROM {source}"
    " WHERE spec_id != ''{window} GROUP BY spec_id, kind, failed"
)
_SPEC_FIGURES = (
    "SELECT toValidUTF8(spec_id), sumIf(n, kind != 'event'), sumIf(n, kind != 'event' AND failed),"
    " toUnixTimestamp64Milli(max(newest)) AS latest FROM ({inner}) GROUP BY spec_id"
)
_DAY_COUNTS = "sumIf(n, kind = 'run'), sumIf(n, kind = 'run' AND failed), sumIf(n, kind = 'event')"


def specs_statement(source: Source, limit: int) -> Statement:
    """The most recently active specs: id, runs, failed, newest."""
    sql = _SPEC_FIGURES.replace("{inner}", source.select(_BY_SPEC))
    return Statement(f"{sql} ORDER BY latest DESC, spec_id LIMIT {limit}", {})


def spec_statement(source: Source, spec_id: str) -> Statement:
    """The same of one spec."""
    inner = _BY_SPEC.replace("spec_id != ''{window}", "spec_id = {spec_id:String}")
    sql = _SPEC_FIGURES.replace("{inner}", source.select(inner))
    return Statement(sql, {"spec_id": scrub(spec_id)})


def spec_count_statement(source: Source) -> Statement:
    """How many specs there are."""
    inner = source.select("spec_id FROM {source} WHERE spec_id != ''{window} GROUP BY spec_id")
    return Statement(f"SELECT count() FROM ({inner})", {})


def totals_statement(source: Source) -> Statement:
    """Runs, failed runs, events, the oldest and the newest time."""
    inner = source.select(
        "kind, failed, count() AS n, min(timestamp) AS oldest, max(timestamp) AS newest"
        " FROM {source} WHERE 1{window} GROUP BY kind, failed"
    )
    return Statement(
        f"SELECT {_DAY_COUNTS}, toUnixTimestamp64Milli(min(oldest)),"
        f" toUnixTimestamp64Milli(max(newest)) FROM ({inner})",
        {},
    )


def days_statement(source: Source, first_day: int) -> Statement:
    """Days since 1970 from `first_day` on, newest first, with their runs, failures and events."""
    inner = source.select(
        f"{DAY} AS day, kind, failed, count() AS n FROM {{source}}"
        f" WHERE {DAY} >= {{first_day:Int32}}{_no_suite(source)} GROUP BY day, kind, failed"
    )
    return Statement(
        f"SELECT day, {_DAY_COUNTS} FROM ({inner}) GROUP BY day ORDER BY day DESC",
        {"first_day": first_day},
    )


def labels_statement(source: Source, name: str, limit: int) -> Statement:
    """The commonest values of `service` or `sprint_id`, and how many records have them."""
    return Statement(
        source.select(
            f"toValidUTF8({name}), count() AS n FROM {{source}}"
            f" WHERE {name} != ''{_no_suite(source)}{{window}}"
            f" GROUP BY {name} ORDER BY n DESC, {name} LIMIT {limit}"
        ),
        {},
    )


def _no_suite(source: Source) -> str:
    """Where its tests are counted; no table of other writers has one."""
    return " AND kind != 'suite'" if source.table.is_ours else ""


# --- answers ------------------------------------------------------------------------------------


def specs(asking: Asking, limit: int) -> list[SpecStats]:
    """See `RunStore.specs`."""
    return _specs(_bounded(asking), limit)


def _specs(asking: Asking, limit: int) -> list[SpecStats]:
    return [spec_stats(row) for row in asking.rows(specs_statement(asking.source, limit))]


def spec(asking: Asking, spec_id: str) -> SpecStats | None:
    """See `RunStore.spec`."""
    rows = asking.rows(spec_statement(asking.source, spec_id))
    return spec_stats(rows[0]) if rows else None


def describe(
    asking: Asking,
    since: datetime,
    *,
    engine: str,
    size_bytes: Callable[[], int | None],
    is_writable: Callable[[], bool],
) -> StoreStats:
    """See `RunStore.describe`; of a large table without roll-ups, the newest FIGURES_DAYS."""
    asking = _bounded(asking)
    source = asking.source
    tasks: list[Callable[[], Any]] = [
        partial(asking.rows, totals_statement(source)),
        partial(asking.rows, days_statement(source, day_of(since))),
        partial(_specs, asking, LABELS_DESCRIBED),
        partial(asking.rows, spec_count_statement(source)),
        partial(_labels, asking, "service"),
        partial(_labels, asking, "sprint_id"),
        size_bytes,
        is_writable,
    ]
    [totals], days, known, [[spec_count]], services, sprints, size, writable = side_by_side(tasks)
    runs, failed, events, oldest, newest = totals
    is_empty = not runs + events
    return StoreStats(
        engine=engine,
        runs=runs,
        failed=failed,
        events=events,
        oldest=None if is_empty else from_milliseconds(oldest),
        newest=None if is_empty else from_milliseconds(newest),
        days=day_stats(days),
        specs=tuple(known),
        spec_count=spec_count,
        services=services,
        sprints=sprints,
        size_bytes=size,
        writable=writable,
        kept_days=kept_days(source.table),
        notes=_notes(source.table),
    )


def _labels(asking: Asking, name: str) -> tuple[LabelStats, ...]:
    rows = asking.rows(labels_statement(asking.source, name, LABELS_DESCRIBED))
    return tuple(LabelStats(*row) for row in rows)


def _needs_bounds(table: Table) -> bool:
    return not table.projections and table.rows > ROWS_COUNTED_MAX


def _bounded(asking: Asking) -> Asking:
    """Within FIGURES_DAYS of the newest row, where everything would be too much."""
    if not _needs_bounds(asking.source.table):
        return asking
    newest = asking.rows(queries.newest_statement(asking.source))[0][0]
    since = newest - FIGURES_DAYS * DAY_MS
    return asking._replace(source=asking.source._replace(figures_since_ms=since))


def kept_days(table: Table) -> int | None:
    """After how many days the engine deletes a row, if it does."""
    kept = _KEPT_DAYS.search(table.engine)
    return int(kept[1]) if kept else None


def _notes(table: Table) -> tuple[str, ...]:
    kept = kept_days(table)
    notes = []
    if kept is not None:
        notes.append(f"ClickHouse deletes what is older than {plural(kept, 'day')}")
    if _needs_bounds(table):
        notes.append(f"figures are of the newest {FIGURES_DAYS} days: the table has no roll-ups")
    if is_search_bounded(table):
        notes.append(f"a text is searched in {SEARCHED_DAYS} day at a time")
    return tuple(notes)
