"""What is asked of the SQLite store, as SQL. Only constants of ours are put into the text.

`kind` and `failed` are written as literals and the index is pinned: left to itself the planner
misses partial indexes and, with two filters, sorts what an index has in order already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from genesis_mcp.runs.model import TEXTS, UINT32_MAX
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.times import TIMESTAMP_END
from genesis_mcp.stores.sqlite.rows import FACTS, label_token, to_ms
from genesis_mcp.stores.sqlite.schema import (
    HOUR_MS,
    IDS_PER_MS,
    LABEL_INDEXES,
    SEARCH_TEXTS,
    STANDINGS,
    TOTAL,
)
from genesis_mcp.text.clean import scrub

# ruff: noqa: S608 - see the module's first line

_FACTS = ", ".join(FACTS)

FAILURE = ("run_id", "timestamp", "spec_id", "signature_group", "signature_version")
"""The columns of a `Failure`. Lists of columns begin with run_id and timestamp, as FACTS does."""

INSERT_RUN = (
    f"INSERT INTO runs (id, {_FACTS}) VALUES ("
    f"(SELECT ifnull(max(id) + 1, :timestamp * {IDS_PER_MS}) FROM runs"
    f" WHERE id >= :timestamp * {IDS_PER_MS} AND id < (:timestamp + 1) * {IDS_PER_MS}), "
    + ", ".join(f":{name}" for name in FACTS)
    + ") ON CONFLICT (run_id) DO NOTHING"
)
INSERT_TEXTS = f"INSERT INTO texts (id, {', '.join(TEXTS)}) VALUES (?, ?, ?, ?, ?)"
INSERT_SEARCH = (
    f"INSERT INTO search (rowid, labels, {', '.join(SEARCH_TEXTS)}) VALUES (?, ?, ?, ?, ?)"
)
DELETE_SEARCH = (
    f"INSERT INTO search (search, rowid, labels, {', '.join(SEARCH_TEXTS)})"
    " VALUES ('delete', ?, ?, ?, ?, ?)"
)

# Events with a higher iteration are passed over one by one: the index does not know the kind.
HIGHEST_ITERATION = (
    "SELECT iteration FROM runs INDEXED BY runs_by_iteration"
    " WHERE spec_id = ? AND iteration IS NOT NULL AND kind = 'run' ORDER BY iteration DESC LIMIT 1"
)
FETCH = f"SELECT {_FACTS}, {', '.join(TEXTS)} FROM runs JOIN texts USING (id) WHERE run_id = ?"
IDS = "SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT ?"
"""A range, because LIKE would scan."""

FETCH_FACTS = f"SELECT {_FACTS} FROM runs WHERE run_id = ?"
TEXTS_OF = f"SELECT {', '.join(SEARCH_TEXTS)} FROM runs JOIN texts USING (id) WHERE run_id = ?"

_SPEC_FIGURES = "value, ok_runs + failed_runs, failed_runs, newest"
SPEC = f"SELECT {_SPEC_FIGURES} FROM labels WHERE field = 'spec_id' AND value = ?"
SPECS = (
    f"SELECT {_SPEC_FIGURES} FROM labels INDEXED BY specs_by_newest WHERE field = 'spec_id'"
    " ORDER BY newest DESC, value LIMIT ?"
)
SPEC_COUNT = "SELECT count(*) FROM labels WHERE field = 'spec_id'"
LABELS = f"SELECT value, {TOTAL} FROM labels WHERE field = ? ORDER BY 2 DESC, value LIMIT ?"

_DAY_FIGURES = (
    "ifnull(sum(ok_runs + failed_runs), 0), ifnull(sum(failed_runs), 0),"
    " ifnull(sum(ok_events + failed_events), 0)"
)
TOTALS = f"SELECT {_DAY_FIGURES} FROM hours"
DAYS = f"SELECT hour / 24, {_DAY_FIGURES} FROM hours WHERE hour >= ? GROUP BY 1 ORDER BY 1 DESC"
SPAN = (
    f"SELECT (SELECT min(id) FROM runs) / {IDS_PER_MS}, (SELECT max(id) FROM runs) / {IDS_PER_MS}"
)

OLDEST_BATCH = (
    "SELECT id, failed, kind, spec_id, sprint_id, task_id, service, signature_group,"
    f" {', '.join(SEARCH_TEXTS)} FROM runs JOIN texts USING (id) WHERE id < ? ORDER BY id LIMIT ?"
)
DELETE_UP_TO = "DELETE FROM runs WHERE id <= ?"

_FILTERS = ("since", "until", *LABEL_INDEXES, "iteration", "text")

_MS_END = to_ms(TIMESTAMP_END)


class Statement(NamedTuple):
    """SQL and the values of its parameters."""

    sql: str
    values: dict[str, Any]


def key(value: str) -> str:
    """A value to look up, as `make_run` would have stored it; SQLite cannot bind a surrogate."""
    return scrub(value)


def bound_ms(moment: datetime) -> int:
    """A bound in milliseconds, within what can be stored."""
    return max(0, min(to_ms(moment), _MS_END))


def labels(query: RunQuery) -> list[str]:
    """The labels that the query asks for."""
    return [name for name in LABEL_INDEXES if getattr(query, name) is not None]


def find_statement(query: RunQuery, label: str | None, columns: Sequence[str] = FACTS) -> Statement:
    """The page and one run more, in order; by the index of one of the query's labels."""
    direction = "ASC" if query.oldest_first else "DESC"
    sql = (
        " UNION ALL ".join(
            f"SELECT {', '.join(columns)} FROM runs {arm}" for arm in _ranges(query, label)
        )
        + f" ORDER BY timestamp {direction}, run_id {direction} LIMIT :limit"
    )
    return Statement(sql, _values(query) | {"limit": query.limit + 1})


def count_statement(query: RunQuery, label: str | None, at_most: int) -> Statement:
    """How many rows match, reading no more than `at_most` entries that do."""
    query = replace(query, after=None)
    arms = " UNION ALL ".join(f"SELECT 1 FROM runs {arm}" for arm in _ranges(query, label))
    return Statement(
        f"SELECT count(*) FROM ({arms} LIMIT :limit)", _values(query) | {"limit": at_most}
    )


def _ranges(query: RunQuery, label: str | None) -> Iterator[str]:
    """One range of one index for each (kind, failed) wanted, each in the order of the page."""
    conditions = _label_conditions(query) + _time_conditions(query)
    if query.spec_id is not None and query.iteration is not None:
        # Few rows: what remains of kind and failed is looked at row by row.
        yield _range("runs_by_iteration", [*conditions, *_standing_conditions(query)])
        return
    index = LABEL_INDEXES[label] if label else "runs_by_standing"
    for kind, failed in standings(query):
        yield _range(index, [f"kind = '{kind}'", f"failed = {failed}", *conditions])


def _range(index: str, conditions: list[str]) -> str:
    return f"INDEXED BY {index} WHERE {' AND '.join(conditions)}"


def standings(query: RunQuery) -> list[tuple[str, int]]:
    """The pairs of (kind, failed) that the query allows."""
    return [
        (kind, failed)
        for kind, failed in STANDINGS
        if query.kind in (None, kind) and query.failed in (None, bool(failed))
    ]


def _label_conditions(query: RunQuery) -> list[str]:
    return [
        f"{name} = :{name}"
        for name in (*LABEL_INDEXES, "iteration")
        if getattr(query, name) is not None
    ]


def _standing_conditions(query: RunQuery) -> list[str]:
    conditions = [] if query.kind is None else ["kind = :kind"]
    return conditions if query.failed is None else [*conditions, "failed = :failed"]


def _time_conditions(query: RunQuery) -> list[str]:
    """At most one lower and one upper bound: of two the planner may search by the wider one."""
    lower = None if query.since is None else "timestamp >= :since"
    upper = None if query.until is None else "timestamp < :until"
    if query.after is not None:
        place = bound_ms(query.after.timestamp)
        if query.oldest_first and (query.since is None or place >= bound_ms(query.since)):
            lower = "(timestamp, run_id) > (:after_timestamp, :after_run_id)"
        if not query.oldest_first and (query.until is None or place < bound_ms(query.until)):
            upper = "(timestamp, run_id) < (:after_timestamp, :after_run_id)"
    return [bound for bound in (lower, upper) if bound]


def _values(query: RunQuery) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": query.kind, "failed": query.failed}
    for name in LABEL_INDEXES:
        value = getattr(query, name)
        values[name] = None if value is None else key(value)
    if query.iteration is not None:
        values["iteration"] = max(-1, min(query.iteration, UINT32_MAX + 1))
    if query.since is not None:
        values["since"] = bound_ms(query.since)
    if query.until is not None:
        values["until"] = bound_ms(query.until)
    if query.after is not None:
        values["after_timestamp"] = bound_ms(query.after.timestamp)
        values["after_run_id"] = key(query.after.run_id)
    return values


# --- roll-ups -----------------------------------------------------------------------------------


def filters(query: RunQuery) -> set[str]:
    """The filters in use, apart from kind and failed, which every roll-up knows."""
    return {name for name in _FILTERS if getattr(query, name) is not None}


def label_count_statement(query: RunQuery, label: str) -> Statement:
    """How many runs of the wanted kinds have the label's value, from the roll-up."""
    return Statement(
        f"SELECT {_counters(query)} FROM labels WHERE field = :field AND value = :value",
        {"field": label, "value": _values(query)[label]},
    )


def hours_count_statement(query: RunQuery, first: int, end: int) -> Statement:
    """The count of whole hours, from the roll-up."""
    return Statement(
        f"SELECT sum({_counters(query)}) FROM hours WHERE hour >= :first AND hour < :end",
        {"first": first, "end": end},
    )


def whole_hours(query: RunQuery) -> tuple[int, int]:
    """The first whole hour in the query's time and the one after the last; maybe crossed."""
    first = 0 if query.since is None else -(-bound_ms(query.since) // HOUR_MS)
    end = _MS_END // HOUR_MS if query.until is None else bound_ms(query.until) // HOUR_MS
    return first, end


def _counters(query: RunQuery) -> str:
    return " + ".join(STANDINGS[standing] for standing in standings(query))


# --- word search --------------------------------------------------------------------------------


def search_statement(query: RunQuery, columns: Sequence[str] = FACTS) -> Statement:
    """All failures with the query's text, by time; within a millisecond in any order."""
    direction = "ASC" if query.oldest_first else "DESC"
    search = _search(query, ", ".join(f"runs.{name}" for name in columns))
    return Statement(f"{search.sql} ORDER BY search.rowid {direction}", search.values)


def search_count_statement(query: RunQuery, at_most: int) -> Statement:
    """How many failures have the query's text, reading no more than `at_most`."""
    search = _search(replace(query, after=None), "1")
    return Statement(
        f"SELECT count(*) FROM ({search.sql} LIMIT :limit)", search.values | {"limit": at_most}
    )


def _search(query: RunQuery, columns: str) -> Statement:
    conditions = [
        "search MATCH :match",
        "search.rowid >= :first AND search.rowid < :end",
        *_label_conditions(query),
        *_standing_conditions(query),
    ]
    # CROSS JOIN: the search is the outer loop, or its order would be lost.
    return Statement(
        f"SELECT {columns} FROM search CROSS JOIN runs ON runs.id = search.rowid"
        f" WHERE {' AND '.join(conditions)}",
        _values(query) | {"match": _match(query)} | _id_range(query),
    )


def _match(query: RunQuery) -> str:
    """The text as one quoted phrase, in which nothing is syntax, and the labels' tokens."""
    quoted = key(query.text or "").replace('"', '""')
    tokens = [
        f'labels : "{label_token(name, key(value))}"'
        for name in ("kind", *LABEL_INDEXES)
        if (value := getattr(query, name)) is not None
    ]
    return " AND ".join([f'{{{" ".join(SEARCH_TEXTS)}}} : "{quoted}"', *tokens])


def _id_range(query: RunQuery) -> dict[str, int]:
    """The time as a range of ids; the millisecond of `after` is in it whole."""
    first = 0 if query.since is None else bound_ms(query.since)
    end = _MS_END if query.until is None else bound_ms(query.until)
    if query.after is not None and query.oldest_first:
        first = max(first, bound_ms(query.after.timestamp))
    elif query.after is not None:
        end = min(end, bound_ms(query.after.timestamp) + 1)
    return {"first": first * IDS_PER_MS, "end": end * IDS_PER_MS}
